//! Links: a whole scenario in the part of an address after `#`, which no server ever sees.
//!
//! The form is `#1.` and then, in base64url without padding, the scenario's JSON packed by zlib (RFC 1950:
//! deflate with a checksum, so that a damaged link is noticed). The number before the point is the link's
//! version. Today's links must open for ever: the tests keep some.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use miniz_oxide::{deflate::compress_to_vec_zlib, inflate::TINFLStatus, inflate::decompress_to_vec_zlib_with_limit};

use super::{LabError, Scenario};

/// The version of links that are written.
pub const VERSION: u32 = 1;

/// Bytes that a link may unpack to at most.
pub const MAX_UNPACKED: usize = 16 << 20;

/// Compression effort, of 10: links are made rarely and should be short.
const LEVEL: u8 = 9;

/// The fragment of a link to the scenario, `#1.…`.
///
/// # Errors
/// [`LabError::LinkTooLarge`] when the scenario is larger than what [`decode`] would open.
pub fn encode(scenario: &Scenario) -> Result<String, LabError> {
    let json = serde_json::to_vec(scenario).expect("a scenario has only string keys and finite numbers");
    if json.len() > MAX_UNPACKED {
        return Err(LabError::LinkTooLarge { limit: MAX_UNPACKED });
    }
    Ok(format!("#{VERSION}.{}", URL_SAFE_NO_PAD.encode(compress_to_vec_zlib(&json, LEVEL))))
}

/// The scenario of a link: a whole address, or its fragment with or without the `#`.
///
/// # Errors
/// [`LabError::LaterVersion`], [`LabError::LinkTooLarge`], or [`LabError::LinkDamaged`] with what is wrong.
pub fn decode(link: &str) -> Result<Scenario, LabError> {
    let damaged = |why: &str| LabError::LinkDamaged { why: why.to_owned() };
    let fragment = link.rsplit('#').next().unwrap_or_default().trim();
    let (version, payload) = fragment.split_once('.').ok_or_else(|| damaged("it does not begin with a version"))?;
    let version: u32 = version.parse().map_err(|_| damaged("it does not begin with a version"))?;
    if version > VERSION {
        return Err(LabError::LaterVersion { what: "link", found: version, known: VERSION });
    }
    let packed = URL_SAFE_NO_PAD
        .decode(payload.trim_end_matches('='))
        .map_err(|_| damaged("it holds characters that no link has, or its end is missing"))?;
    let json = decompress_to_vec_zlib_with_limit(&packed, MAX_UNPACKED).map_err(|e| match e.status {
        TINFLStatus::HasMoreOutput => LabError::LinkTooLarge { limit: MAX_UNPACKED },
        _ => damaged("its content is incomplete or was changed"),
    })?;
    let text = std::str::from_utf8(&json).map_err(|_| damaged("its content is no text"))?;
    Scenario::from_json(text)
}

/// Whether a text looks like a link, so that it should be opened by [`decode`].
pub fn is_link(text: &str) -> bool {
    let text = text.trim();
    if text.contains(char::is_whitespace) {
        return false;
    }
    let Some((_, fragment)) = text.rsplit_once('#') else { return false };
    fragment
        .split_once('.')
        .is_some_and(|(version, _)| !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernel::Hook,
        lab::{Attachment, CaptureRef, Cursor, Entry, MapContents, Source},
    };

    fn scenario() -> Scenario {
        Scenario {
            title: "Drop everything".into(),
            note: "What is left? `Nothing`.".into(),
            capture: CaptureRef::Inline { name: "one.pcap".into(), bytes: vec![0xd4, 0xc3, 0xb2, 0xa1] },
            attachments: vec![Attachment::new("drop", Hook::Xdp)],
            maps: vec![MapContents {
                name: "m".into(),
                entries: vec![Entry { key: vec![1], value: vec![0xff; 8], program: None }],
            }],
            seed: 7,
            cpus: 2,
            cursor: Cursor { packet: 41, run: 1, step: 10 },
            ..Scenario::new(Source::Asm(".section xdp\ndrop: r0 = 1\nexit\n".into()))
        }
    }

    #[test]
    fn a_link_opens_the_scenario_that_it_was_made_of() {
        let link = encode(&scenario()).unwrap();
        assert!(link.starts_with("#1.") && is_link(&link));
        assert_eq!(decode(&link).unwrap(), scenario());
        assert_eq!(decode(&format!("https://play.example/x/?y#1.{}", &link[3..])).unwrap(), scenario());
        assert_eq!(decode(&link[1..]).unwrap(), scenario());
    }

    #[test]
    fn objects_and_each_kind_of_capture_survive() {
        for capture in
            [CaptureRef::None, CaptureRef::Bundled("mix.pcap".into()), CaptureRef::File("my own.pcapng".into())]
        {
            let scenario = Scenario { capture, ..Scenario::new(Source::Elf(vec![0x7f, b'E', b'L', b'F', 0])) };
            assert_eq!(decode(&encode(&scenario).unwrap()).unwrap(), scenario);
        }
    }

    /// Links made by released versions: they must open for ever, so these lines may be added to but not changed.
    #[test]
    fn golden_links_open() {
        let golden = include_str!("golden_links.txt").lines().filter(|l| !l.starts_with("//"));
        let mut opened = 0;
        for line in golden {
            let (title, link) = line.split_once(' ').expect("a title and a link");
            assert_eq!(decode(link).unwrap().title.replace(' ', "-"), title);
            opened += 1;
        }
        assert!(opened >= 2, "the file of golden links is there");
    }

    #[test]
    fn golden_link_holds_all_that_it_held() {
        let line = include_str!("golden_links.txt").lines().find(|l| l.starts_with("Drop-everything ")).unwrap();
        assert_eq!(decode(line.split_once(' ').unwrap().1).unwrap(), scenario());
    }

    #[test]
    fn a_cut_or_changed_link_is_damaged() {
        let link = encode(&scenario()).unwrap();
        for end in 0..link.len() {
            assert!(matches!(decode(&link[..end]), Err(LabError::LinkDamaged { .. })), "cut at {end}");
        }
        let mut damaged = 0;
        for at in 3..link.len() {
            let mut bytes = link.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            match decode(&changed) {
                Err(LabError::LinkDamaged { .. }) => damaged += 1,
                Err(other) => panic!("{other}"),
                // The last character may hold bits that are no part of any byte.
                Ok(same) => assert_eq!((same, at), (scenario(), link.len() - 1)),
            }
        }
        assert!(damaged > link.len() / 2);
        for text in ["", "#", "no link", "#1.", "#x.y", "#1.ö"] {
            assert!(matches!(decode(text), Err(LabError::LinkDamaged { .. })), "{text}");
            assert_eq!(is_link(text), text.starts_with("#1."), "{text}");
        }
    }

    #[test]
    fn a_later_version_is_refused_by_its_number() {
        let link = encode(&scenario()).unwrap().replacen("#1.", "#2.", 1);
        let error = decode(&link).unwrap_err().to_string();
        assert_eq!(error, "this link is of version 2; this bpfscope knows up to 1: a newer one is needed");
        let json = scenario().to_json().replace("\"bpfscope\": 1", "\"bpfscope\": 9");
        let error = Scenario::from_json(&json).unwrap_err().to_string();
        assert_eq!(error, "this scenario is of version 9; this bpfscope knows up to 1: a newer one is needed");
    }

    #[test]
    fn a_link_that_unpacks_to_more_than_the_limit_is_refused() {
        let bomb = compress_to_vec_zlib(&vec![b' '; MAX_UNPACKED + 1], 9);
        let link = format!("#1.{}", URL_SAFE_NO_PAD.encode(bomb));
        assert!(link.len() < 40_000, "it looks harmless");
        assert_eq!(decode(&link).unwrap_err().to_string(), "the link holds more than 16 MB");
        let large = Scenario::new(Source::Asm("x".repeat(MAX_UNPACKED)));
        assert!(matches!(encode(&large), Err(LabError::LinkTooLarge { .. })));
    }

    #[test]
    fn a_scenario_file_says_where_it_is_wrong() {
        let error = Scenario::from_json("{\n  \"bpfscope\": 1,\n  \"source\": 5\n}").unwrap_err().to_string();
        assert!(error.contains("line 3"), "{error}");
        let minimal = Scenario::from_json(r#"{"bpfscope":1,"source":{"asm":"exit"},"unknown":0}"#).unwrap();
        assert_eq!(minimal, Scenario::new(Source::Asm("exit".into())));
    }
}
