//! What a file is, seen from its content: names and endings are not trusted.

use std::io;

use bpfscope_core::classic::is_listing;

use crate::lab::{ByteSource, link};

/// Bytes that are looked at.
const HEAD: usize = 512;

/// What a file is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// pcap or pcapng.
    Capture,
    /// ELF.
    Object,
    /// A scenario's JSON.
    Scenario,
    /// An address with a scenario in it.
    Link,
    /// A listing of a classic filter.
    Listing,
    /// Assembly, as far as one can tell.
    Text,
    /// None of these, and why.
    Unknown(String),
}

/// The first bytes of each kind of capture: pcap in either byte order with micro- or nanoseconds, pcapng.
const CAPTURES: [[u8; 4]; 5] = [
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0x0a, 0x0d, 0x0d, 0x0a],
];

/// What the source is, from its first bytes.
///
/// # Errors
/// When it cannot be read.
pub fn of(source: &mut impl ByteSource) -> io::Result<Content> {
    let mut head = [0; HEAD];
    let mut len = 0;
    while len < HEAD {
        match source.read_at(len as u64, &mut head[len..])? {
            0 => break,
            count => len += count,
        }
    }
    Ok(of_head(&head[..len]))
}

fn of_head(head: &[u8]) -> Content {
    if head.is_empty() {
        return Content::Unknown("the file is empty".into());
    }
    if CAPTURES.iter().any(|magic| head.starts_with(magic)) {
        return Content::Capture;
    }
    if head.starts_with(b"\x7fELF") {
        return Content::Object;
    }
    // The head may end within a character, which is at most 4 bytes long.
    let text = match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok(),
        Err(_) => None,
    };
    match text.filter(|text| !text.contains('\0')) {
        // Before scenarios: `tcpdump -dd` begins with a brace, too.
        Some(text) if is_listing(text) => Content::Listing,
        Some(text) if text.trim_start().starts_with('{') => Content::Scenario,
        Some(text) if link::is_link(text) => Content::Link,
        Some(_) => Content::Text,
        None => Content::Unknown(unknown(head)),
    }
}

fn unknown(head: &[u8]) -> String {
    let begins: Vec<String> = head.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!(
        "it begins with the bytes {}, which no capture (pcap, pcapng), ELF object, assembly or scenario does",
        begins.join(" ")
    )
}

/// The message for a file that would have to be read whole.
pub fn too_large(size: u64, limit: u64) -> String {
    format!("it has {} MB and is no capture; programs and scenarios may have {} MB", size >> 20, limit >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_seen_from_the_first_bytes() {
        let cases: [(&[u8], Content); 9] = [
            (b"\xd4\xc3\xb2\xa1\x02\0\x04\0", Content::Capture),
            (b"\xa1\xb2\x3c\x4d\0\x02\0\x04", Content::Capture),
            (b"\x0a\x0d\x0d\x0a\0\0\0\0", Content::Capture),
            (b"\x7fELF\x02\x01", Content::Object),
            (b"\n {\"bpfscope\": 1}", Content::Scenario),
            (b"https://bpfscope.example/#1.eNo", Content::Link),
            (b"r0 = 0\nexit\n", Content::Text),
            (b"# a comment ends within a character \xe2\x86", Content::Text),
            (b"; comment\nr0 = 0 # 1.5 is no link", Content::Text),
        ];
        for (head, expected) in cases {
            assert_eq!(of_head(head), expected, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn what_is_unknown_is_named_by_its_first_bytes() {
        let Content::Unknown(why) = of_head(b"\x89PNG\r\n\x1a\n") else { panic!("a picture is nothing of ours") };
        assert!(why.contains("89 50 4e 47"), "{why}");
        assert!(matches!(of_head(b"text \0 then zeroes"), Content::Unknown(_)));
        assert_eq!(of_head(b""), Content::Unknown("the file is empty".into()));
    }
}
