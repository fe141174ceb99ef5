//! `bpfscope serve`: who is answered what, and what nobody can do to it.

#[path = "serve/client.rs"]
mod client;
#[cfg(target_os = "linux")]
#[path = "serve/kernel.rs"]
mod kernel;
#[path = "run/mod.rs"]
mod run;

use std::{
    io::{Read, Write},
    thread,
    time::{Duration, Instant},
};

use client::{Server, get, head_of, request};
use run::bpfscope;

#[test]
fn the_page_is_served_with_what_keeps_it_to_itself() {
    let Some(server) = Server::start(&[]) else { return };
    let page = get(&server, "/", &[]);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.text().contains(r#"<meta name="bpfscope-serve" content="">"#), "{}", page.text());
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-"), "{policy}");
    assert!(!policy.contains("script-src 'self' 'unsafe"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), Some(value));
    }
    assert_eq!(server.address, format!("http://127.0.0.1:{}/", server.port), "without a kernel there is no token");
}

#[test]
fn files_have_their_type_are_packed_for_whoever_takes_that_and_sent_once() {
    let Some(server) = Server::start(&[]) else { return };
    for (path, media, begins) in [
        ("/worker_bg.wasm", "application/wasm", b"\0asm".as_slice()),
        ("/worker.js", "text/javascript; charset=utf-8", b""),
        ("/lessons/index.json", "application/json", b"["),
        ("/lessons/count-tc.s", "text/plain; charset=utf-8", b"#"),
        ("/pcaps/mix.pcap", "application/vnd.tcpdump.pcap", b"\xd4\xc3\xb2\xa1"),
    ] {
        let plain = get(&server, path, &[]);
        assert_eq!((plain.status, plain.header("content-type")), (200, Some(media)), "{path}");
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        assert!(plain.body.starts_with(begins), "{path}");
        let packed = get(&server, path, &[("Accept-Encoding", "gzip, br")]);
        assert!(packed.body.len() <= plain.body.len(), "{path}");
        assert_eq!(packed.header("content-encoding").is_some(), packed.body.len() < plain.body.len(), "{path}");
        let tag = plain.header("etag").unwrap().to_owned();
        let again = get(&server, path, &[("If-None-Match", &tag)]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        let head = request(&server, "HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-length"), plain.header("content-length"), "{path}");
    }
}

#[test]
fn only_names_of_the_page_lead_to_files() {
    let Some(server) = Server::start(&[]) else { return };
    for path in [
        "/Cargo.toml",
        "/../Cargo.toml",
        "/lessons/../../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/lessons",
        "/lessons/",
        "/index.html/",
        "/INDEX.HTML",
        "/index.html%00",
        "/kernel/",
        "/\u{e9}",
    ] {
        let status = get(&server, path, &[]).status;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    assert_eq!(get(&server, "/index.html?v=1", &[]).status, 200);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
        assert_eq!(request(&server, method, "/", &[]).status, 405, "{method}");
    }
}

#[test]
fn who_names_another_host_or_comes_from_another_page_is_refused() {
    let Some(server) = Server::start(&[]) else { return };
    let port = server.port;
    for host in ["evil.example".to_owned(), format!("evil.example:{port}"), "127.0.0.1".into(), "127.0.0.1:1".into()] {
        assert_eq!(get(&server, "/", &[("Host", &host)]).status, 421, "{host}");
    }
    for host in ["localhost", "[::1]", "LocalHost"] {
        assert_eq!(get(&server, "/", &[("Host", &format!("{host}:{port}"))]).status, 200, "{host}");
    }
    for origin in ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"] {
        assert_eq!(get(&server, "/", &[("Origin", origin)]).status, 403, "{origin}");
    }
    assert_eq!(get(&server, "/", &[("Origin", &format!("http://localhost:{port}"))]).status, 200);
}

#[test]
fn a_head_that_is_too_large_or_none_at_all_is_refused() {
    let Some(server) = Server::start(&[]) else { return };
    let long = "x".repeat(40_000);
    assert_eq!(get(&server, "/", &[("X-Long", &long)]).status, 431);
    assert!(matches!(get(&server, &format!("/{long}"), &[]).status, 414 | 431));
    let many: Vec<(String, &str)> = (0..100).map(|n| (format!("X-{n}"), "1")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(get(&server, "/", &many).status, 431);
    for nonsense in ["\r\n\r\n\r\n\r\n", "GET\r\n\r\n", "\0\0\0\0\0\0\0\0\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        let mut stream = server.connect();
        stream.write_all(nonsense.as_bytes()).unwrap();
        let head = head_of(&mut stream);
        assert!(head.is_empty() || head.starts_with("HTTP/1.1 4"), "{nonsense:?}: {head}");
    }
    assert_eq!(get(&server, "/", &[]).status, 200);
}

#[test]
fn a_request_that_comes_byte_by_byte_is_given_up() {
    let Some(server) = Server::start(&[]) else { return };
    let begun = Instant::now();
    let mut stream = server.connect();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut byte = [0];
    let mut request = b"GET / HTTP/1.1\r\nX: ".iter().chain(std::iter::repeat(&b'x'));
    // An answer or an end ends it, whichever comes first.
    while begun.elapsed() < Duration::from_secs(30) {
        if stream.write_all(&[*request.next().unwrap()]).is_err() {
            return;
        }
        match stream.read(&mut byte) {
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            _ => return,
        }
    }
    panic!("it is still there");
}

#[test]
fn a_hundred_clients_are_served_at_once() {
    let Some(server) = Server::start(&[]) else { return };
    let whole = get(&server, "/worker_bg.wasm", &[("Accept-Encoding", "br")]).body.len();
    let begun = Instant::now();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..100)
            .map(|_| scope.spawn(|| get(&server, "/worker_bg.wasm", &[("Accept-Encoding", "br")]).body.len()))
            .collect();
        for client in clients {
            assert_eq!(client.join().unwrap(), whole);
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn connections_that_do_nothing_keep_nobody_out() {
    let Some(server) = Server::start(&[]) else { return };
    let idle: Vec<_> = (0..300).map(|_| server.connect()).collect();
    let begun = Instant::now();
    assert_eq!(get(&server, "/", &[]).status, 200);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    drop(idle);
}

#[test]
fn the_kernel_is_not_offered_unless_asked_for() {
    let Some(server) = Server::start(&[]) else { return };
    assert_eq!(get(&server, "/kernel", &[]).status, 404);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let Some(server) = Server::start(&[]) else { return };
    let run = bpfscope(&["serve", "--port", &server.port.to_string()]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains(&format!("127.0.0.1:{}", server.port)), "{}", run.stderr);
    assert!(run.stderr.contains("--port"), "{}", run.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_it_in_good_order() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let Some(mut server) = Server::start(&[]) else { return };
        let idle = server.connect();
        assert_eq!(get(&server, "/", &[]).status, 200);
        let begun = Instant::now();
        assert_eq!(server.end(signal), Some(0));
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        drop(idle);
    }
}
