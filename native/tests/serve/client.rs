//! A server for a test, and requests to it, byte by byte as they are to be.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A `bpfscope serve`, ended with the test.
pub struct Server {
    child: Child,
    /// What it printed.
    pub address: String,
    pub port: u16,
}

impl Server {
    /// Starts one on a free port; nothing, and a word about it, when the command was built without the page.
    pub fn start(args: &[&str]) -> Option<Server> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bpfscope"))
            .args(["serve", "--port", "0"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).unwrap();
        if line.is_empty() {
            let mut why = String::new();
            child.stderr.take().expect("piped").read_to_string(&mut why).unwrap();
            assert!(why.contains("without the page"), "{why}");
            assert_eq!(child.wait().unwrap().code(), Some(2));
            let _ = writeln!(std::io::stderr(), "skipped: a test of `serve`: {}", why.trim());
            return None;
        }
        let address = line.split_whitespace().find(|word| word.starts_with("http://")).expect(&line).to_owned();
        let port = address.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.split('/').next()?.parse().ok());
        Some(Server { child, port: port.expect(&address), address })
    }

    /// The token in its address.
    pub fn token(&self) -> &str {
        self.address.split_once("?token=").expect("with --kernel").1
    }

    /// A connection, which does not wait for ever.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends it a signal; the status with which it ends.
    #[cfg(target_os = "linux")]
    pub fn end(&mut self, signal: i32) -> Option<i32> {
        // SAFETY: plain numbers; the process is a child of ours that was not waited for.
        #[allow(unsafe_code, reason = "kill(2) has no safe wrapper in std")]
        let sent = unsafe { libc::kill(self.child.id() as i32, signal) };
        assert_eq!(sent, 0);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer.
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }
}

pub fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    request(server, "GET", path, headers)
}

/// Asks, on a connection of its own. A `Host` among the headers takes the place of the right one.
pub fn request(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = server.connect();
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if headers.iter().all(|(name, _)| *name != "Host") {
        text += &format!("Host: 127.0.0.1:{}\r\n", server.port);
    }
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    // A server that has heard enough answers while it is still told more.
    let _ = stream.write_all(format!("{text}\r\n").as_bytes());
    let head = head_of(&mut stream);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut body = Vec::new();
    let _ = stream.read_to_end(&mut body);
    Answer { status: status.unwrap_or_else(|| panic!("{method} {path}: {head:?}")), head, body }
}

/// The head of an answer; empty when the connection ends without one.
pub fn head_of(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}
