//! Who may ask.
//!
//! A page of another site may send requests to this machine, and may even name itself as this machine by its own name
//! server (DNS rebinding). So a request must name this machine as its host, one that says where it comes from must come
//! from the page itself, and the kernel takes a token that no other site knows.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Serving, page};
use crate::error::Error;

/// Bytes of a token, before they are written as text.
const TOKEN: usize = 16;

/// What a request must know.
pub struct Guard {
    /// Names of this machine, with the port.
    hosts: Vec<String>,
    token: String,
}

impl Guard {
    /// With a new token.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn new(port: u16) -> Result<Guard, Error> {
        let mut bytes = [0; TOKEN];
        getrandom::fill(&mut bytes).map_err(|e| Error::Usage(format!("no random bytes for a token: {e}")))?;
        let names = ["127.0.0.1", "localhost", "[::1]"];
        let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == 80 {
            hosts.extend(names.map(str::to_owned));
        }
        Ok(Guard { hosts, token: bpfscope_core::lab::hex::encode(&bytes) })
    }

    /// The token, to be printed once.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether it is the token; how long that takes tells nothing of it.
    pub fn knows(&self, token: &str) -> bool {
        let differ = self.token.bytes().zip(token.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
        token.len() == self.token.len() && differ == 0
    }

    /// Why a request is refused.
    fn refusal(&self, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
        if !only(headers, header::HOST).is_some_and(|host| self.is_host(host)) {
            return Some((StatusCode::MISDIRECTED_REQUEST, "this is served under the names of this machine alone\n"));
        }
        if headers.contains_key(header::ORIGIN) {
            let origin = only(headers, header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
            if !origin.is_some_and(|host| self.is_host(host)) {
                return Some((StatusCode::FORBIDDEN, "only the page that is served here may ask\n"));
            }
        }
        None
    }

    fn is_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}

/// The value of a header that is there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(HeaderValue::to_str);
    first.and_then(Result::ok).filter(|_| values.next().is_none())
}

/// Refuses what must not be asked, and puts on every answer what the browser is to keep from others.
pub async fn check(State(serving): State<Arc<Serving>>, request: Request, next: Next) -> Response {
    let mut response = match serving.guard.refusal(request.headers()) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    page::protect(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(guard: &Guard, headers: &[(HeaderName, &str)]) -> Option<u16> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        guard.refusal(&map).map(|(status, _)| status.as_u16())
    }

    #[test]
    fn a_request_names_this_machine_once_and_comes_from_the_page() {
        let guard = Guard::new(8080).unwrap();
        let here = (header::HOST, "127.0.0.1:8080");
        let from = |origin| [here.clone(), (header::ORIGIN, origin)];
        assert_eq!(refused(&guard, std::slice::from_ref(&here)), None);
        assert_eq!(refused(&guard, &[(header::HOST, "LOCALHOST:8080")]), None);
        assert_eq!(refused(&guard, &from("http://[::1]:8080")), None);
        for host in ["127.0.0.1", "127.0.0.1:8081", "evil.example:8080", "127.0.0.1:8080.evil.example", ""] {
            assert_eq!(refused(&guard, &[(header::HOST, host)]), Some(421), "{host}");
        }
        assert_eq!(refused(&guard, &[]), Some(421));
        assert_eq!(refused(&guard, &[here.clone(), here.clone()]), Some(421));
        for origin in ["null", "https://127.0.0.1:8080", "http://evil.example:8080", "http://127.0.0.1:9", ""] {
            assert_eq!(refused(&guard, &from(origin)), Some(403), "{origin}");
        }
    }

    #[test]
    fn tokens_are_new_each_time_and_known_only_whole() {
        let (guard, other) = (Guard::new(1).unwrap(), Guard::new(1).unwrap());
        assert_ne!(guard.token(), other.token());
        assert!(guard.knows(guard.token()));
        for wrong in ["", other.token(), &guard.token()[1..], &format!("{}0", guard.token())] {
            assert!(!guard.knows(wrong), "{wrong}");
        }
    }
}
