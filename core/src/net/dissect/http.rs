//! The head of an HTTP/1 message, RFC 9112, if it starts in this segment.

use super::{Next, Walk, text};

const METHODS: [&[u8]; 9] =
    [b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"CONNECT ", b"OPTIONS ", b"TRACE ", b"PATCH "];
/// Longest line that is looked at, in bytes.
const MAX_LINE: usize = 8192;
/// Most header lines shown.
const MAX_HEADERS: usize = 100;

/// Whether the bytes start an HTTP/1 request or response.
pub(super) fn is_http(bytes: &[u8]) -> bool {
    bytes.starts_with(b"HTTP/1.")
        || METHODS.iter().any(|method| bytes.starts_with(method)) && has_version(line(bytes, 0))
}

/// Whether a request line ends in its version, or is cut off before.
fn has_version(line: &[u8]) -> bool {
    let last = line.rsplit(|b| *b == b' ').next().unwrap_or_default();
    last.starts_with(b"HTTP/1.") || last.len() == line.len() || line.len() >= 1000
}

/// The line at `at`, without its end.
fn line(bytes: &[u8], at: usize) -> &[u8] {
    let rest = bytes.get(at..).unwrap_or_default();
    let rest = &rest[..rest.len().min(MAX_LINE)];
    let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end])
}

/// Where the line after the one at `at` starts; `None` if the line has no end.
fn after(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let rest = &rest[..rest.len().min(MAX_LINE)];
    Some(at + rest.iter().position(|b| *b == b'\n')? + 1)
}

/// The request or status line, and each header.
pub(super) fn http(walk: &mut Walk<'_>, at: usize) -> Next {
    let bytes = walk.rest(at);
    let first = line(bytes, 0);
    let words: Vec<&[u8]> = first.splitn(3, |b| *b == b' ').collect();
    let response = bytes.starts_with(b"HTTP/");
    let brief = match (response, &words[..]) {
        (true, [_, code, reason]) => format!("{} {}", text(code), text(reason)),
        (true, [_, code]) => text(code),
        (false, [method, target, ..]) => format!("{} {}", text(method), text(target)),
        _ => text(first),
    };
    walk.what = format!("HTTP {}", brief.trim_end());
    let headers = headers(bytes);
    let head = headers.last().map_or(first.len(), |(_, end)| *end).max(first.len());
    let body = match after(bytes, head) {
        // The empty line that ends the head belongs to it.
        Some(next) if line(bytes, next).is_empty() => after(bytes, next).unwrap_or(next),
        Some(next) => next,
        None => bytes.len(),
    };
    walk.layer(
        "HTTP",
        at..at + body,
        || text(first),
        |f| {
            let names = match response {
                true => ["version", "status", "reason"],
                false => ["method", "target", "version"],
            };
            let mut from = 0;
            for (name, word) in names.into_iter().zip(&words) {
                f.add(name, from..from + word.len(), text);
                from += word.len() + 1;
            }
            for (from, to) in &headers {
                let header = &bytes[*from..*to];
                let colon = header.iter().position(|b| *b == b':').unwrap_or(header.len());
                let value = header.get(colon + 1..).unwrap_or_default().trim_ascii();
                f.add(text(&header[..colon]), *from..*to, |_| text(value));
            }
        },
    );
    Next::Data(at + body)
}

/// Where the header lines start and end.
fn headers(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut next = after(bytes, 0);
    while let Some(at) = next.filter(|_| found.len() < MAX_HEADERS) {
        let header = line(bytes, at);
        if header.is_empty() {
            break;
        }
        found.push((at, at + header.len()));
        next = after(bytes, at);
    }
    found
}
