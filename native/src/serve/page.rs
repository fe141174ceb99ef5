//! The page as it was built into the command, as answers to requests.
//!
//! Files are stored compressed, see `build.rs`, and go out as they are to whoever takes brotli, which is every browser. A
//! path is looked up in a table of names, so that none leads out of it.

use std::{io::Read, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::Serving;
use crate::error::Error;

/// A file of the page.
pub struct File {
    path: &'static str,
    media: &'static str,
    /// Names its content.
    tag: &'static str,
    /// Whether `bytes` are compressed.
    brotli: bool,
    bytes: &'static [u8],
}

mod built {
    use super::File;
    include!(concat!(env!("OUT_DIR"), "/page.rs"));
}

/// What `build.rs` does not compress, since the server writes into it.
const INDEX: &str = "index.html";
/// Bytes that are unpacked at a time, for whoever does not take brotli.
const UNPACKED: usize = 1 << 16;

/// The page, ready to be served.
pub struct Page {
    index: Bytes,
    index_tag: String,
}

impl Page {
    /// With the kernel of this machine, by its release, or without one.
    ///
    /// # Errors
    /// The command was built without the page.
    pub fn new(kernel: Option<&str>) -> Result<Page, Error> {
        let Some(index) = built::FILES.iter().find(|file| file.path == INDEX) else {
            let how = "this bpfscope was built without the page: `cargo xtask build` makes one with it";
            return Err(Error::Usage(how.to_owned()));
        };
        // By this the page knows who serves it.
        let kernel = kernel.unwrap_or_default();
        let note = format!("<head>\n    <meta name=\"bpfscope-serve\" content=\"{kernel}\">");
        let html = String::from_utf8_lossy(index.bytes).replacen("<head>", &note, 1);
        Ok(Page { index: html.into_bytes().into(), index_tag: format!("{}{kernel}", index.tag) })
    }
}

/// Answers a request for a file.
pub async fn answer(State(serving): State<Arc<Serving>>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let path = match request.uri().path().trim_start_matches('/') {
        "" => INDEX,
        path if request.uri().path() == format!("/{path}") => path,
        _ => "",
    };
    let Some(file) = built::FILES.iter().find(|file| file.path == path) else {
        return (StatusCode::NOT_FOUND, "there is no such file\n").into_response();
    };
    let Page { index, index_tag } = &serving.page;
    let tag = format!("W/\"{}\"", if file.path == INDEX { index_tag } else { file.tag });
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, value: &str| {
        // Made of letters, digits and punctuation, as tables and releases are.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::ETAG, &tag);
    // Some names stay the same when the page is another: ask each time, which costs next to nothing here.
    put(header::CACHE_CONTROL, "no-cache");
    put(header::VARY, "accept-encoding");
    if is_known(request.headers(), &tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    put(header::CONTENT_TYPE, file.media);
    let body = match (file.path, file.brotli) {
        (INDEX, _) => Body::from(index.clone()),
        (_, false) => Body::from(file.bytes),
        (_, true) if takes_brotli(request.headers()) => {
            put(header::CONTENT_ENCODING, "br");
            Body::from(file.bytes)
        }
        (_, true) => match unpacked(file.bytes) {
            Ok(bytes) => Body::from(bytes),
            Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
    };
    (headers, body).into_response()
}

fn unpacked(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    brotli_decompressor::Decompressor::new(bytes, UNPACKED).read_to_end(&mut out)?;
    Ok(out)
}

/// The elements of a header's list, each with its parameters.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// Whether who asks has the file already.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    list(headers, header::IF_NONE_MATCH)
        .any(|known| known == "*" || known == tag || tag.strip_prefix("W/") == Some(known))
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    list(headers, header::ACCEPT_ENCODING).any(|coding| {
        let (name, parameter) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = parameter.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        name.trim().eq_ignore_ascii_case("br") && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// What keeps the page to itself: scripts of its own alone, requests to this server alone, no frame around it, no other
/// window with a hand on it, and no address of it, which has the token, told to others. Nothing of the page needs the
/// isolation that shared memory takes.
pub fn protect(headers: &mut HeaderMap) {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {}; style-src 'self' 'unsafe-inline'; img-src 'self' \
         data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        built::SCRIPTS
    );
    let rules = [
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in rules {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn brotli_goes_to_whoever_takes_it() {
        for (value, takes) in
            [("gzip, deflate, br, zstd", true), ("BR;q=0.5", true), ("br;q=0", false), ("brotli", false), ("*", false)]
        {
            assert_eq!(takes_brotli(&headers(header::ACCEPT_ENCODING, value)), takes, "{value}");
        }
    }

    #[test]
    fn a_file_is_known_by_its_tag() {
        for (value, known) in [("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false), ("a", false)] {
            assert_eq!(is_known(&headers(header::IF_NONE_MATCH, value), "W/\"a\""), known, "{value}");
        }
    }

    #[test]
    fn what_is_stored_is_packed_and_unpacks() {
        for file in built::FILES.iter().filter(|file| file.brotli) {
            let bytes = unpacked(file.bytes).unwrap();
            assert!(bytes.len() > file.bytes.len(), "{}", file.path);
        }
    }
}
