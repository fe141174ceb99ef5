//! A file system for a kernel to start with, in the format that it reads: cpio with headers in hexadecimal
//! ("newc", Documentation/driver-api/early-userspace/buffer-format.rst).

/// Kinds of files, and what everybody may do with them (`st_mode`).
const FOLDER: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;
const FILE: u32 = 0o100_644;

/// An archive under way.
#[derive(Default)]
pub struct Initramfs {
    bytes: Vec<u8>,
    entries: u32,
}

impl Initramfs {
    /// Adds a folder. Its parent must be there already.
    pub fn folder(&mut self, name: &str) {
        self.entry(name, FOLDER, &[]);
    }

    /// Adds a file.
    pub fn file(&mut self, name: &str, content: &[u8]) {
        self.entry(name, FILE, content);
    }

    /// Adds a file that can be run.
    pub fn program(&mut self, name: &str, content: &[u8]) {
        self.entry(name, PROGRAM, content);
    }

    /// The whole archive.
    pub fn end(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[]);
        self.bytes
    }

    fn entry(&mut self, name: &str, mode: u32, content: &[u8]) {
        self.entries += 1;
        let size = u32::try_from(content.len()).expect("a file of less than 4 GiB");
        let name_size = u32::try_from(name.len()).expect("a short name") + 1;
        // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
        let fields = [self.entries, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0];
        self.bytes.extend(b"070701");
        for field in fields {
            self.bytes.extend(format!("{field:08X}").bytes());
        }
        self.bytes.extend(name.bytes().chain([0]));
        self.pad();
        self.bytes.extend(content);
        self.pad();
    }

    /// Names and contents end at multiples of four bytes.
    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_its_header_name_and_content_each_padded() {
        let mut files = Initramfs::default();
        files.folder("a");
        files.program("a/init", b"12345");
        let bytes = files.end();
        assert!(bytes.starts_with(b"070701" as &[u8]));
        let header = 6 + 13 * 8;
        assert_eq!(&bytes[header..header + 2], b"a\0");
        // 110 bytes of header and 2 of name are a multiple of four.
        let second = &bytes[header + 2..];
        assert!(second.starts_with(b"07070100000002000081ED"));
        assert_eq!(&second[header..header + 7], b"a/init\0");
        assert_eq!(&second[120..128], b"12345\0\0\0");
        assert!(second[128..].starts_with(b"070701") && bytes.len().is_multiple_of(4));
    }
}
