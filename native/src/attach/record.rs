//! `--record`: the packets that are seen, as pcapng.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::PathBuf,
};

use bpfscope_core::net::{CaptureWriteError, LinkType, PacketDirection, PcapngWriter};
use bpfscope_linux::tap::{Direction, Seen};

use crate::{args::LiveArgs, error::Error};

/// Bytes that wait to be written at most.
const BUFFER: usize = 1 << 20;

/// A capture that is written as packets come. It is flushed when it is dropped, too.
pub struct Record {
    path: PathBuf,
    writer: PcapngWriter<BufWriter<File>>,
}

impl Record {
    /// The capture that the arguments ask for, if they do.
    ///
    /// # Errors
    /// The file cannot be written, or is the program.
    pub fn new(args: &LiveArgs, link: LinkType, device: &str) -> Result<Option<Record>, Error> {
        let Some(path) = args.record.clone() else { return Ok(None) };
        let same = |a: &str| matches!((fs::canonicalize(a), fs::canonicalize(&path)), (Ok(a), Ok(b)) if a == b);
        if same(&args.program) {
            return Err(Error::bad(&path.display().to_string(), "is read, so it cannot be written"));
        }
        let file = File::create(&path).map_err(|error| Error::File { path: path.clone(), error })?;
        let writer = PcapngWriter::new(BufWriter::with_capacity(BUFFER, file), link, device);
        let writer = writer.map_err(|e| Error::bad(&path.display().to_string(), &e.to_string()))?;
        Ok(Some(Record { path, writer }))
    }

    /// Appends a packet.
    pub fn packet(&mut self, seen: &Seen<'_>) -> Result<(), Error> {
        let direction = match seen.direction {
            Direction::In => PacketDirection::Inbound,
            Direction::Out => PacketDirection::Outbound,
        };
        let written = self.writer.write(seen.time_ns, direction, seen.orig_len, seen.data);
        written.map_err(|e| self.failed(&e))
    }

    /// Makes the file a whole capture of what came so far.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.writer.flush().map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &CaptureWriteError) -> Error {
        Error::bad(&self.path.display().to_string(), &error.to_string())
    }
}
