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
    let Some((_, fragment)) = text.rsplit_once('#') else { return false };
    fragment.split_once('.').is_some_and(|(version, _)| !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()))
}
