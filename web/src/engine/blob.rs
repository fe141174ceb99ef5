//! Reading a file of the user's piece by piece, which only a worker may do without waiting for callbacks.

use std::io;

use js_sys::Uint8Array;
use web_sys::{Blob, FileReaderSync};

use crate::lab::ByteSource;

/// Bytes read ahead at a time: a capture is read from front to back.
const CHUNK: u64 = 1 << 20;

/// A file as bytes to read anywhere, two chunks of it in memory: one where the replay is, one where the
/// user looks.
pub struct BlobSource {
    blob: Blob,
    size: u64,
    /// The chunk that was used last comes first.
    chunks: [Chunk; 2],
}

#[derive(Default)]
struct Chunk {
    at: u64,
    bytes: Vec<u8>,
}

impl Chunk {
    /// The bytes from `offset` on, as far as they are in this chunk.
    fn from(&self, offset: u64) -> Option<&[u8]> {
        let start = usize::try_from(offset.checked_sub(self.at)?).ok()?;
        self.bytes.get(start..).filter(|bytes| !bytes.is_empty())
    }
}

impl BlobSource {
    /// The bytes of `blob`, none of them read yet.
    pub fn new(blob: Blob) -> BlobSource {
        let size = blob.size() as u64;
        BlobSource { blob, size, chunks: Default::default() }
    }

    /// All bytes at once.
    ///
    /// # Errors
    /// When the browser cannot read the file, say because it has changed on disk.
    pub fn read_all(&self) -> io::Result<Vec<u8>> {
        self.read_chunk(0, self.size)
    }

    fn read_chunk(&self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let unreadable = |_| io::Error::other("the browser cannot read the file: it has changed or is gone");
        let piece = self.blob.slice_with_f64_and_f64(start as f64, end as f64).map_err(unreadable)?;
        let buffer = FileReaderSync::new().map_err(unreadable)?.read_as_array_buffer(&piece).map_err(unreadable)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }
}

impl ByteSource for BlobSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if offset >= self.size || buf.is_empty() {
            return Ok(0);
        }
        if self.chunks[0].from(offset).is_none() {
            self.chunks.swap(0, 1);
        }
        if self.chunks[0].from(offset).is_none() {
            self.chunks[0] = Chunk { at: offset, bytes: self.read_chunk(offset, self.size.min(offset + CHUNK))? };
        }
        let found = self.chunks[0].from(offset).unwrap_or_default();
        let count = found.len().min(buf.len());
        buf[..count].copy_from_slice(&found[..count]);
        Ok(count)
    }
}
