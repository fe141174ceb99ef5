//! `--write`: the packets that leave, as a capture.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
};

use bpfscope_core::{
    kernel::VerdictClass,
    lab::Run,
    net::{CaptureWriter, LinkType, Packet, Resolution, SkBuff, skbuff::ethertype},
};

use crate::{args::ReplayArgs, error::Error};

/// The capture that is written. Its link type is that of the first packet: Ethernet, or raw IP for everything else,
/// since programs see packets of other links from the network layer on.
pub struct Written {
    path: PathBuf,
    resolution: Resolution,
    writer: Option<CaptureWriter<BufWriter<File>>>,
    link: LinkType,
    /// The packet that goes through now; `None` when it was dropped.
    leaving: Option<Leaving>,
    /// Packets that raw IP cannot hold.
    left_out: u64,
}

/// A packet as a run left it.
struct Leaving {
    frame: Vec<u8>,
    /// Bytes of the frame before a socket filter's trim.
    whole: u32,
    /// EtherType.
    protocol: u16,
}

impl Written {
    /// What the arguments ask for, if they do.
    ///
    /// # Errors
    /// When the file that is read would be written.
    pub fn new(args: &ReplayArgs, resolution: Resolution) -> Result<Option<Written>, Error> {
        let Some(path) = args.write.clone() else { return Ok(None) };
        let inputs = [Some(args.attach.program.as_str()), args.attach.capture.as_deref()];
        let same = |input: &str| matches!((fs::canonicalize(input), fs::canonicalize(&path)), (Ok(a), Ok(b)) if a == b);
        if inputs.into_iter().flatten().any(same) {
            return Err(Error::bad(&path.display().to_string(), "is read, so it cannot be written"));
        }
        let (writer, link) = (None, LinkType::Ethernet);
        Ok(Some(Written { path, resolution, writer, link, leaving: None, left_out: 0 }))
    }

    /// Takes note of how a run left the packet; the last run counts.
    pub fn after(&mut self, run: &Run, skb: &SkBuff) {
        let dropped = run.outcome.fault.is_some() || run.verdict.class == VerdictClass::Drop;
        self.leaving = (!dropped).then(|| {
            let mut frame = skb.frame().into_owned();
            let whole = frame.len() as u32;
            if run.verdict_name() == "TRIM" {
                frame.truncate(run.ret() as usize);
            }
            Leaving { frame, whole, protocol: skb.protocol }
        });
    }

    /// Writes the packet, if it leaves.
    pub fn packet(&mut self, packet: &Packet<'_>) -> Result<(), Error> {
        let Some(Leaving { frame, whole, protocol }) = self.leaving.take() else { return Ok(()) };
        let link = if packet.link == LinkType::Ethernet { LinkType::Ethernet } else { LinkType::Raw };
        if link == LinkType::Raw && !matches!(protocol, ethertype::IP | ethertype::IPV6) {
            self.left_out += 1;
            return Ok(());
        }
        let wrong = |error: &dyn std::fmt::Display| at_packet(&self.path, packet.index, error);
        let mut writer = match self.writer.take() {
            Some(writer) if link == self.link => writer,
            Some(_) => return Err(wrong(&"Ethernet and other links in one capture: pcap holds one link type")),
            None => self.open(link)?,
        };
        let not_captured = packet.orig_len - packet.data.len() as u32;
        let orig_len = whole.saturating_add(not_captured);
        writer.write(packet.time_ns, orig_len, &frame).map_err(|e| wrong(&e))?;
        (self.writer, self.link) = (Some(writer), link);
        Ok(())
    }

    /// Ends the file; one without packets has a header, too.
    pub fn finish(mut self) -> Result<(), Error> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.open(LinkType::Ethernet)?,
        };
        if self.left_out > 0 {
            let (path, n) = (self.path.display(), self.left_out);
            eprintln!("{path}: note: {n} packets without Ethernet header are no IP and were left out");
        }
        writer.finish().map(drop).map_err(|e| Error::bad(&self.path.display().to_string(), &e.to_string()))
    }

    fn open(&self, link: LinkType) -> Result<CaptureWriter<BufWriter<File>>, Error> {
        let file = File::create(&self.path).map_err(|error| Error::File { path: self.path.clone(), error })?;
        CaptureWriter::new(BufWriter::new(file), link, self.resolution)
            .map_err(|e| Error::bad(&self.path.display().to_string(), &e.to_string()))
    }
}

fn at_packet(path: &Path, index: u32, error: &dyn std::fmt::Display) -> Error {
    Error::bad(&path.display().to_string(), &format!("packet {}: {error}", index + 1))
}
