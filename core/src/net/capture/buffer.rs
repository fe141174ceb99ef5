//! A window over a byte stream: what is read and not yet consumed.

use std::io::{ErrorKind, Read};

/// Bytes asked of the reader at once. Larger leaves the cache; smaller costs in a browser, where each
/// read of a `File` is a call out of wasm.
const CHUNK: usize = 256 * 1024;

/// The window. It grows beyond its first size only for a block that needs it.
#[derive(Debug)]
pub(super) struct Buffer<R> {
    reader: R,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset in the stream of the byte at `start`.
    offset: u64,
}

impl<R: Read> Buffer<R> {
    pub(super) fn new(reader: R) -> Buffer<R> {
        Buffer { reader, bytes: vec![0; CHUNK], start: 0, end: 0, offset: 0 }
    }

    /// What is there, not yet consumed.
    #[inline]
    pub(super) fn window(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// `len` bytes that end `back` bytes before the window: the packet that was just consumed.
    /// They stay until the next [`Buffer::fill`].
    #[inline]
    pub(super) fn consumed(&self, back: usize, len: usize) -> &[u8] {
        let from = self.start - back;
        &self.bytes[from..from + len]
    }

    /// Offset in the stream of the first byte of the window.
    #[inline]
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes read from the reader so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.offset + (self.end - self.start) as u64
    }

    /// Consumes `n` bytes, which the window has.
    #[inline]
    pub(super) fn consume(&mut self, n: usize) {
        debug_assert!(n <= self.end - self.start);
        self.start += n;
        self.offset += n as u64;
    }

    /// Reads until the window has `need` bytes or the stream ends; true if it has them. The caller
    /// bounds `need`.
    pub(super) fn fill(&mut self, need: usize) -> std::io::Result<bool> {
        if self.end - self.start >= need {
            return Ok(true);
        }
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.bytes.len() < need {
            self.bytes.resize(need, 0);
        }
        while self.end < need {
            match self.reader.read(&mut self.bytes[self.end..]) {
                Ok(0) => return Ok(false),
                Ok(n) => self.end += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(true)
    }
}
