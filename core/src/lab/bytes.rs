//! Where a capture's bytes are: in memory, or in a file that the front end reads piece by piece.

use std::{
    cell::RefCell,
    io::{self, Read},
    rc::Rc,
};

use crate::net::PacketRef;

/// Bytes that can be read at any place. A front end implements it for its files, so that a large capture is
/// never whole in memory.
pub trait ByteSource {
    /// Bytes in all.
    fn size(&self) -> u64;

    /// Reads into `buf` from `offset` on; gives how many bytes were read, 0 at the end.
    ///
    /// # Errors
    /// Whatever the file gives.
    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
}

impl ByteSource for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let n = buf.len().min(self.len() - start);
        buf[..n].copy_from_slice(&self[start..start + n]);
        Ok(n)
    }
}

/// A source that a stream and random reads share.
#[derive(Clone)]
pub(super) struct Shared(Rc<RefCell<Box<dyn ByteSource>>>);

impl Shared {
    pub fn new(source: Box<dyn ByteSource>) -> Shared {
        Shared(Rc::new(RefCell::new(source)))
    }

    pub fn size(&self) -> u64 {
        self.0.borrow().size()
    }

    /// The stream of all bytes from the start.
    pub fn stream(&self) -> Stream {
        Stream { source: self.clone(), offset: 0 }
    }

    /// Reads a packet's bytes, in place of what is in `buf`.
    pub fn packet(&self, packet: PacketRef, buf: &mut Vec<u8>) -> io::Result<()> {
        buf.resize(packet.len as usize, 0);
        let mut done = 0;
        while done < buf.len() {
            match self.0.borrow_mut().read_at(packet.offset + done as u64, &mut buf[done..])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => done += n,
            }
        }
        Ok(())
    }
}

/// Reads a shared source from start to end.
pub(super) struct Stream {
    source: Shared,
    offset: u64,
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.source.0.borrow_mut().read_at(self.offset, buf)?;
        self.offset += n as u64;
        Ok(n)
    }
}
