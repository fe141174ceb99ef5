//! DNS messages, RFC 1035; also multicast DNS, which has the same format.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Next, Walk, be16, bits, hex, text};

/// Bytes of a DNS header.
pub(super) const HEADER: usize = 12;
/// Most records shown of one message.
const MAX_RECORDS: usize = 64;
/// Longest name, RFC 1035 section 2.3.4.
const MAX_NAME: usize = 255;

/// A question, or a resource record.
struct Entry {
    section: &'static str,
    name: String,
    kind: u16,
    /// `None` in a question.
    data: Option<String>,
    from: usize,
    to: usize,
}

/// A DNS message after `prefix` bytes of length (over TCP, two).
pub(super) fn dns(walk: &mut Walk<'_>, at: usize, prefix: usize) -> Next {
    let bytes = walk.rest(at);
    let message = &bytes[prefix..];
    let word = |at: usize| be16(message, at).unwrap_or(0);
    let flags = word(2);
    let response = flags & 0x8000 != 0;
    let (entries, whole) = entries(message, [word(4), word(6), word(8), word(10)]);
    let line = one_line(&entries, flags);
    walk.what = format!("DNS {line}");
    walk.layer(
        "DNS",
        at..at + bytes.len(),
        || {
            if whole { line.clone() } else { format!("{line}, truncated") }
        },
        |f| {
            if prefix > 0 {
                f.number("length", 0..prefix);
            }
            let (p, operation) = (prefix, flags >> 11 & 0xf);
            f.add("identification", p..p + 2, |b| format!("0x{}", hex(b)));
            let set = [
                (response, "response"),
                (flags & 0x0400 != 0, "authoritative"),
                (flags & 0x0200 != 0, "truncated"),
                (flags & 0x0100 != 0, "recursion desired"),
                (flags & 0x0080 != 0, "recursion available"),
                (flags & 0x0020 != 0, "authentic data"),
                (flags & 0x0010 != 0, "checking disabled"),
            ];
            f.put("flags", p + 2..p + 4, format_args!("{} ({flags:#06x})", bits(&set)));
            f.put(
                "operation",
                p + 2..p + 3,
                if operation == 0 { "query (0)".to_string() } else { operation.to_string() },
            );
            f.put("response code", p + 3..p + 4, code_name(flags & 0xf));
            f.number("questions", p + 4..p + 6);
            f.number("answers", p + 6..p + 8);
            f.number("authorities", p + 8..p + 10);
            f.number("additional", p + 10..p + 12);
            for entry in &entries {
                let value = match &entry.data {
                    Some(data) => format!("{} {} {data}", kind_name(entry.kind), entry.name),
                    None => format!("{} {}", kind_name(entry.kind), entry.name),
                };
                f.put(entry.section, p + entry.from..p + entry.to, value);
            }
        },
    );
    Next::Done
}

/// `A seed.example`, `A seed.example = 10.0.0.1`, `A seed.example: NXDOMAIN`.
fn one_line(entries: &[Entry], flags: u16) -> String {
    let (response, cut, code) = (flags & 0x8000 != 0, flags & 0x0200 != 0, flags & 0xf);
    let first = entries.iter().find(|e| e.section == "question").or(entries.first());
    let mut line = match first {
        Some(entry) => format!("{} {}", kind_name(entry.kind), entry.name),
        None if response => "response".to_string(),
        None => "query".to_string(),
    };
    let answer = first.and_then(|first| {
        let answers = || entries.iter().filter(|e| e.section == "answer");
        answers().find(|e| e.kind == first.kind).or(answers().next())
    });
    match answer.and_then(|e| e.data.as_ref()) {
        Some(data) if response => line.push_str(&format!(" = {data}")),
        _ if response && code != 0 => line.push_str(&format!(": {}", code_name(code))),
        _ if response && cut => line.push_str(": too long, ask over TCP"),
        _ if response => line.push_str(": no answer"),
        _ => {}
    }
    line
}

/// The entries of the four sections with these counts, as far as the message goes; false if it
/// ends, or is not valid, before them.
fn entries(message: &[u8], counts: [u16; 4]) -> (Vec<Entry>, bool) {
    const SECTIONS: [&str; 4] = ["question", "answer", "authority", "additional"];
    let mut entries = Vec::new();
    let mut at = HEADER;
    for (section, count) in SECTIONS.into_iter().zip(counts) {
        for _ in 0..count {
            if entries.len() == MAX_RECORDS {
                return (entries, true);
            }
            let Some(entry) = entry(message, at, section) else {
                return (entries, false);
            };
            at = entry.to;
            entries.push(entry);
        }
    }
    (entries, true)
}

fn entry(message: &[u8], from: usize, section: &'static str) -> Option<Entry> {
    let (name, at) = name(message, from)?;
    let kind = be16(message, at)?;
    be16(message, at + 2)?;
    if section == "question" {
        return Some(Entry { section, name, kind, data: None, from, to: at + 4 });
    }
    let len = usize::from(be16(message, at + 8)?);
    let start = at + 10;
    let content = message.get(start..start + len)?;
    let data = Some(record_data(message, kind, start, content));
    Some(Entry { section, name, kind, data, from, to: start + len })
}

/// The content of a record, for people.
fn record_data(message: &[u8], kind: u16, start: usize, content: &[u8]) -> String {
    let name_at = |at: usize| name(message, at).map_or("?".to_string(), |(name, _)| name);
    match (kind, content) {
        (1, &[a, b, c, d]) => Ipv4Addr::new(a, b, c, d).to_string(),
        (2 | 5 | 12, _) => name_at(start),
        (15, [a, b, ..]) => format!("{} {}", u16::from_be_bytes([*a, *b]), name_at(start + 2)),
        (16, _) => format!("\"{}\"", text(&joined_strings(content))),
        (28, _) => match <[u8; 16]>::try_from(content) {
            Ok(address) => Ipv6Addr::from(address).to_string(),
            Err(_) => hex(content),
        },
        (33, [.., _, _, _, _, _, _]) => {
            format!("{}:{}", name_at(start + 6), be16(content, 4).unwrap_or(0))
        }
        _ => hex(content),
    }
}

/// The strings of a TXT record, each with its length before it, as one.
fn joined_strings(mut content: &[u8]) -> Vec<u8> {
    let mut joined = Vec::new();
    while let Some((&len, rest)) = content.split_first() {
        let (string, after) = rest.split_at(rest.len().min(len.into()));
        joined.extend(string);
        content = after;
    }
    joined
}

/// The name at `from`, and where it ends. Names end in a pointer to an earlier name where they can
/// (RFC 1035 section 4.1.4); a pointer must point backwards, so there is an end to it.
fn name(message: &[u8], from: usize) -> Option<(String, usize)> {
    let mut labels: Vec<String> = Vec::new();
    let mut after = None;
    let mut at = from;
    let mut size = 0;
    loop {
        match *message.get(at)? {
            0 => break,
            len @ 1..=63 => {
                let len = usize::from(len);
                labels.push(label(message.get(at + 1..at + 1 + len)?));
                at += 1 + len;
                size += 1 + len;
                if size > MAX_NAME {
                    return None;
                }
            }
            0xc0..=0xff => {
                let to = usize::from(be16(message, at)? & 0x3fff);
                after.get_or_insert(at + 2);
                if to >= at {
                    return None;
                }
                at = to;
            }
            _ => return None,
        }
    }
    let name = if labels.is_empty() { ".".to_string() } else { labels.join(".") };
    Some((name, after.unwrap_or(at + 1)))
}

fn label(bytes: &[u8]) -> String {
    text(bytes).replace(' ', "\\ ")
}

/// Record types: IANA "Domain Name System (DNS) Parameters".
fn kind_name(kind: u16) -> String {
    let name = match kind {
        1 => "A",
        2 => "NS",
        5 => "CNAME",
        6 => "SOA",
        12 => "PTR",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        41 => "OPT",
        43 => "DS",
        46 => "RRSIG",
        47 => "NSEC",
        48 => "DNSKEY",
        64 => "SVCB",
        65 => "HTTPS",
        255 => "ANY",
        257 => "CAA",
        _ => return format!("TYPE{kind}"),
    };
    name.to_string()
}

fn code_name(code: u16) -> String {
    let name = match code {
        0 => "NOERROR",
        1 => "FORMERR",
        2 => "SERVFAIL",
        3 => "NXDOMAIN",
        4 => "NOTIMP",
        5 => "REFUSED",
        _ => return format!("code {code}"),
    };
    name.to_string()
}
