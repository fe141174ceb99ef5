//! `--write`: the packets that leave, as a capture.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
};

use bpfscope_core::{
    lab::Departure,
    net::{CaptureWriteError, CaptureWriter, LinkType, Network, Packet, PacketDirection, PcapngWriter, Resolution},
};

use crate::{args::ReplayArgs, error::Error};

/// The capture that is written: a pcap, or, by the name's ending, a pcapng with a block for each interface.
///
/// A pcap has one link type, that of the first packet: Ethernet, or raw IP for everything else, since programs see packets
/// of other links from the network layer on.
pub struct Written {
    path: PathBuf,
    resolution: Resolution,
    /// Names of the scenario's interfaces.
    interfaces: Vec<String>,
    writer: Option<Writer>,
    /// Packets that raw IP cannot hold.
    left_out: u64,
}

enum Writer {
    Pcap(CaptureWriter<BufWriter<File>>, LinkType),
    Pcapng {
        file: PcapngWriter<BufWriter<File>>,
        /// Devices in the file: the interface, if the scenario has some, and the link.
        devices: Vec<(Option<u16>, LinkType)>,
    },
}

/// What a frame that left is in a capture.
struct Frame<'a> {
    interface: Option<u16>,
    link: LinkType,
    time_ns: u64,
    orig_len: u32,
    bytes: &'a [u8],
}

impl Written {
    /// What the arguments ask for, if they do.
    ///
    /// # Errors
    /// When the file that is read would be written.
    pub fn new(args: &ReplayArgs, resolution: Resolution, network: &Network) -> Result<Option<Written>, Error> {
        let Some(path) = args.write.clone() else { return Ok(None) };
        let inputs = [Some(args.attach.program.as_str()), args.attach.capture.as_deref()];
        let same = |input: &str| matches!((fs::canonicalize(input), fs::canonicalize(&path)), (Ok(a), Ok(b)) if a == b);
        if inputs.into_iter().flatten().any(same) {
            return Err(Error::bad(&path.display().to_string(), "is read, so it cannot be written"));
        }
        let interfaces = network.interfaces.iter().map(|interface| interface.name.clone()).collect();
        Ok(Some(Written { path, resolution, interfaces, writer: None, left_out: 0 }))
    }

    /// Writes what left of a packet.
    pub fn packet(&mut self, packet: &Packet<'_>, left: &[Departure]) -> Result<(), Error> {
        for departure in left {
            let Some((link, bytes)) = departure.captured(packet.link) else {
                self.left_out += 1;
                continue;
            };
            let (interface, orig_len) = (departure.interface, departure.whole);
            let frame = Frame { interface, link, time_ns: packet.time_ns, orig_len, bytes };
            let mut writer = match self.writer.take() {
                Some(writer) => writer,
                None => self.open(frame.interface, link)?,
            };
            let wrong = |error: &dyn std::fmt::Display| at_packet(&self.path, packet.index, error);
            match &mut writer {
                Writer::Pcap(_, expected) if link != *expected => {
                    return Err(wrong(&"Ethernet and other links in one capture: pcap holds one link type"));
                }
                writer => self.write(writer, &frame).map_err(|e| wrong(&e))?,
            }
            self.writer = Some(writer);
        }
        Ok(())
    }

    fn write(&self, writer: &mut Writer, frame: &Frame<'_>) -> Result<(), CaptureWriteError> {
        let &Frame { interface, link, time_ns, orig_len, bytes } = frame;
        match writer {
            Writer::Pcap(file, _) => file.write(time_ns, orig_len, bytes),
            Writer::Pcapng { file, devices } => {
                let device = match devices.iter().position(|device| *device == (interface, link)) {
                    Some(at) => at as u32,
                    None => {
                        devices.push((interface, link));
                        file.add_device(link, self.name(interface))?
                    }
                };
                file.write_on(device, time_ns, PacketDirection::Outbound, orig_len, bytes)
            }
        }
    }

    fn name(&self, interface: Option<u16>) -> &str {
        interface.and_then(|at| self.interfaces.get(usize::from(at))).map_or("eth0", String::as_str)
    }

    /// Ends the file; one without packets has a header, too.
    pub fn finish(mut self) -> Result<(), Error> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.open((!self.interfaces.is_empty()).then_some(0), LinkType::Ethernet)?,
        };
        if self.left_out > 0 {
            let (path, n) = (self.path.display(), self.left_out);
            eprintln!("{path}: note: {n} packets without Ethernet header are no IP and were left out");
        }
        let finished = match writer {
            Writer::Pcap(file, _) => file.finish().map(drop),
            Writer::Pcapng { file, .. } => file.finish().map(drop),
        };
        finished.map_err(|e| self.failed(&e))
    }

    fn open(&self, interface: Option<u16>, link: LinkType) -> Result<Writer, Error> {
        let file = File::create(&self.path).map_err(|error| Error::File { path: self.path.clone(), error })?;
        let file = BufWriter::new(file);
        if self.path.extension().is_none_or(|ending| ending != "pcapng") {
            let file = CaptureWriter::new(file, link, self.resolution).map_err(|e| self.failed(&e))?;
            return Ok(Writer::Pcap(file, link));
        }
        // Every interface is in the file, in the scenario's order, whether or not anything leaves it.
        let all: Vec<_> = (0..self.interfaces.len() as u16).map(|at| (Some(at), LinkType::Ethernet)).collect();
        let devices = if all.is_empty() { vec![(interface, link)] } else { all };
        let mut file = PcapngWriter::new(file, devices[0].1, self.name(devices[0].0)).map_err(|e| self.failed(&e))?;
        for (interface, link) in &devices[1..] {
            file.add_device(*link, self.name(*interface)).map_err(|e| self.failed(&e))?;
        }
        Ok(Writer::Pcapng { file, devices })
    }

    fn failed(&self, error: &CaptureWriteError) -> Error {
        Error::bad(&self.path.display().to_string(), &error.to_string())
    }
}

fn at_packet(path: &Path, index: u32, error: &dyn std::fmt::Display) -> Error {
    Error::bad(&path.display().to_string(), &format!("packet {}: {error}", index + 1))
}
