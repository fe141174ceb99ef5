//! Words of a filter expression. The longest word counts: `tcp-syn` and `len-14` are one each.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::FilterError;
use super::names;

/// A word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Word {
    /// A number, or a name that stands for one.
    Number(u32),
    /// Two to four numbers with dots between: the address with as many bits as were given.
    Dotted(u32, u32),
    /// An IPv6 address.
    V6([u8; 16]),
    /// A link-layer address.
    Mac([u8; 6]),
    /// A name.
    Name(String),
    /// A word of the language, in its first spelling, or a sign.
    Key(&'static str),
}

/// A word and where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub word: Word,
    pub span: Range<usize>,
}

/// Words of the language. The first of a row is what the others mean, too.
const KEYS: &[&[&str]] = &[
    &["dst"],
    &["src"],
    &["ether", "link", "ppp", "slip", "fddi", "tr", "wlan"],
    &["ip"],
    &["arp"],
    &["rarp"],
    &["ip6"],
    &["tcp"],
    &["udp"],
    &["sctp"],
    &["icmp"],
    &["icmp6"],
    &["igmp"],
    &["igrp"],
    &["pim"],
    &["vrrp"],
    &["carp"],
    &["ah"],
    &["esp"],
    &["atalk"],
    &["aarp"],
    &["decnet"],
    &["lat"],
    &["sca"],
    &["moprc"],
    &["mopdl"],
    &["iso"],
    &["stp"],
    &["ipx"],
    &["netbeui"],
    &["host"],
    &["net"],
    &["mask"],
    &["port"],
    &["portrange"],
    &["proto"],
    &["protochain"],
    &["gateway"],
    &["less"],
    &["greater"],
    &["byte"],
    &["broadcast"],
    &["multicast"],
    &["and", "&&"],
    &["or", "||"],
    &["!", "not"],
    &["len", "length"],
    &["inbound"],
    &["outbound"],
    &["ifindex"],
    &["vlan"],
    &["mpls"],
    &["pppoed"],
    &["pppoes"],
    &["geneve"],
    &["llc"],
    &["clnp"],
    &["esis", "es-is"],
    &["isis", "is-is"],
    &["l1"],
    &["l2"],
    &["iih"],
    &["lsp"],
    &["snp"],
    &["csnp"],
    &["psnp"],
    // Of other link types, or of BSD's firewall.
    &["radio"],
    &["type"],
    &["subtype"],
    &["dir", "direction"],
    &["addr1", "address1"],
    &["addr2", "address2"],
    &["addr3", "address3"],
    &["addr4", "address4"],
    &["ra"],
    &["ta"],
    &["on", "ifname"],
    &["rset", "ruleset"],
    &["rnr", "rulenum"],
    &["srnr", "subrulenum"],
    &["reason"],
    &["action"],
    &["lane"],
    &["vpi"],
    &["vci"],
    &["oam"],
    &["oamf4"],
    &["oamf4ec"],
    &["oamf4sc"],
    &["metac"],
    &["bcc"],
    &["sc"],
    &["ilmic"],
    &["connectmsg"],
    &["metaconnect"],
];

/// Signs, longer ones first.
const SIGNS: &[(&str, &str)] = &[
    ("&&", "and"),
    ("||", "or"),
    ("<<", "<<"),
    (">>", ">>"),
    (">=", ">="),
    ("<=", "<="),
    ("!=", "!="),
    ("==", "="),
    ("=", "="),
    (">", ">"),
    ("<", "<"),
    ("!", "!"),
    ("(", "("),
    (")", ")"),
    ("[", "["),
    ("]", "]"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    ("&", "&"),
    ("|", "|"),
    ("^", "^"),
    (":", ":"),
];

/// Takes an expression apart.
pub(super) fn lex(text: &str) -> Result<Vec<Token>, FilterError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with([' ', '\t', '\n', '\r']) {
            at += 1;
            continue;
        }
        let (word, len) = word(rest).map_err(|(len, message)| FilterError { start: at, end: at + len, message })?;
        tokens.push(Token { word, span: at..at + len });
        at += len;
    }
    Ok(tokens)
}

/// The word that a text begins with, and its bytes; or how many bytes are wrong, and why.
fn word(text: &str) -> Result<(Word, usize), (usize, String)> {
    if let Some((address, len)) = colons(text)? {
        return Ok((address, len));
    }
    if let Some(escaped) = text.strip_prefix('\\') {
        let len = escaped.find([' ', '!', '(', ')', '\n', '\t']).unwrap_or(escaped.len());
        return match len {
            0 => Err((1, "a name is expected after `\\`".to_owned())),
            len => Ok((Word::Name(escaped[..len].to_owned()), len + 1)),
        };
    }
    match name_len(text) {
        0 => {}
        len => return named(&text[..len]).map(|word| (word, len)).map_err(|message| (len, message)),
    }
    if let Some((sign, key)) = SIGNS.iter().find(|(sign, _)| text.starts_with(sign)) {
        return Ok((Word::Key(key), sign.len()));
    }
    let wrong = text.chars().next().unwrap_or_default();
    Err((wrong.len_utf8(), format!("`{wrong}` means nothing in a filter expression")))
}

/// Bytes of the name that a text begins with: letters, digits and `.`, and `-` and `_` within it.
fn name_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_alphanumeric) {
        return 0;
    }
    let end = bytes.iter().position(|b| !b.is_ascii_alphanumeric() && !b"-_.".contains(b)).unwrap_or(bytes.len());
    let last = bytes[..end].iter().rposition(|b| !b"-_".contains(b)).unwrap_or(0);
    last + 1
}

/// What a word of letters, digits and the like is.
fn named(text: &str) -> Result<Word, String> {
    if let Some(row) = KEYS.iter().find(|row| row.contains(&text)) {
        return Ok(Word::Key(row[0]));
    }
    if let Some(number) = names::number(text) {
        return Ok(Word::Number(number));
    }
    if let Some(mac) = mac(text) {
        return Ok(Word::Mac(mac));
    }
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    if let Some(digits) = digits.filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_hexdigit())) {
        let number = u32::from_str_radix(digits, 16);
        return number.map(Word::Number).map_err(|_| format!("{text} does not fit 32 bits"));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let radix = if text.len() > 1 && text.starts_with('0') { 8 } else { 10 };
        if radix == 8 && text.contains(['8', '9']) {
            return Err(format!("{text} begins with 0 and so is octal, but has digits that octal numbers have not"));
        }
        return u32::from_str_radix(text, radix).map(Word::Number).map_err(|_| format!("{text} does not fit 32 bits"));
    }
    dotted(text).unwrap_or_else(|| Ok(Word::Name(text.to_owned())))
}

/// Two to four decimal numbers with dots between.
fn dotted(text: &str) -> Option<Result<Word, String>> {
    let parts: Vec<&str> = text.split('.').collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !(2..=4).contains(&parts.len()) || !parts.iter().all(digits) {
        return None;
    }
    // An area and a node of DECnet's may be more.
    if parts.len() == 2 && parts.iter().any(|part| part.parse::<u8>().is_err()) {
        return None;
    }
    let mut address = 0;
    for part in &parts {
        let Ok(byte) = part.parse::<u8>() else {
            return Some(Err(format!("{text} is no IPv4 address: {part} is more than 255")));
        };
        address = address << 8 | u32::from(byte);
    }
    Some(Ok(Word::Dotted(address, 8 * parts.len() as u32)))
}

/// A link-layer address with other signs than colons: `2-0-0-0-0-1`, `2.0.0.0.0.1`, `0200.0000.0001`, `020000000001`.
fn mac(text: &str) -> Option<[u8; 6]> {
    let sign = if text.contains('-') { '-' } else { '.' };
    let parts: Vec<&str> = text.split(sign).collect();
    let hex = |part: &&str, least: usize, most: usize| {
        (least..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit())
    };
    match parts.len() {
        6 if parts.iter().all(|part| hex(part, 1, 2)) => bytes(parts.iter().copied()),
        3 if parts.iter().all(|part| hex(part, 4, 4)) => bytes(parts.iter().flat_map(|part| [&part[..2], &part[2..]])),
        1 if hex(&text, 12, 12) => bytes((0..6).map(|at| &text[2 * at..2 * at + 2])),
        _ => None,
    }
}

fn bytes<'a>(parts: impl Iterator<Item = &'a str>) -> Option<[u8; 6]> {
    let bytes: Option<Vec<u8>> = parts.map(|part| u8::from_str_radix(part, 16).ok()).collect();
    bytes?.try_into().ok()
}

/// An address with colons in it. What looks like one but is none is an error; what does not is something else.
fn colons(text: &str) -> Result<Option<(Word, usize)>, (usize, String)> {
    let end = text.bytes().position(|b| !b.is_ascii_hexdigit() && b != b':' && b != b'.').unwrap_or(text.len());
    let run = text[..end].trim_end_matches('.');
    // `tcp[0:2]` has a colon that is none of an address.
    let is_address = run.contains("::") || matches!(run.matches(':').count(), 5 | 7) || v4_in_v6(run);
    if !is_address {
        return Ok(None);
    }
    let parts: Vec<&str> = run.split(':').collect();
    if parts.len() == 6 && parts.iter().all(|part| (1..=2).contains(&part.len()) && !part.contains('.')) {
        let mac = bytes(parts.into_iter()).map(|mac| (Word::Mac(mac), run.len()));
        return Ok(mac);
    }
    match run.parse::<Ipv6Addr>() {
        Ok(address) => Ok(Some((Word::V6(address.octets()), run.len()))),
        Err(_) => Err((run.len(), format!("`{run}` is no IPv6 address"))),
    }
}

/// Whether it ends as an IPv6 address does that has an IPv4 address in it.
fn v4_in_v6(run: &str) -> bool {
    run.matches(':').count() == 6 && run.rsplit(':').next().is_some_and(|last| last.parse::<Ipv4Addr>().is_ok())
}
