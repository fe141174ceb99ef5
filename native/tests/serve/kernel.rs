//! The kernel over the WebSocket: who may ask, what it answers, and what is refused.

use std::net::TcpStream;

use bpfscope_core::{
    lab::{
        CaptureRef, Scenario, Source,
        remote::{Answer, Ask, PROTOCOL, Tell},
    },
    net::{LinkType, write_capture},
};
use bpfscope_tests::kernel::available;
use tungstenite::{Message, WebSocket, client::IntoClientRequest, http::HeaderValue, protocol::CloseFrame};

use super::client::{Server, get};

/// The lesson that the page begins with.
const LESSON: &str = include_str!("../../../lessons/count-tc.s");
/// Two bits of what the kernel alone knows.
const RANDOM: &str = ".section tc\n.license \"GPL\"\ncall bpf_get_prandom_u32\nr0 &= 1\nr0 <<= 1\nexit\n";

type Socket = WebSocket<TcpStream>;

/// The status of a handshake that is refused, or the socket.
fn handshake(server: &Server, query: &str, origin: Option<&str>) -> Result<Socket, u16> {
    let mut request = format!("ws://127.0.0.1:{}/kernel{query}", server.port).into_client_request().unwrap();
    if let Some(origin) = origin {
        request.headers_mut().insert("Origin", HeaderValue::from_str(origin).unwrap());
    }
    match tungstenite::client(request, server.connect()) {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(response))) => {
            Err(response.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

fn connect(server: &Server) -> Socket {
    let origin = format!("http://127.0.0.1:{}", server.port);
    let mut socket = handshake(server, &format!("?token={}", server.token()), Some(&origin)).unwrap();
    let Tell::Hello { version, release, .. } = next(&mut socket) else { panic!("no hello") };
    assert_eq!(version, PROTOCOL);
    let running = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert!(running.starts_with(&release), "{release}");
    socket
}

/// What is told next, or how the connection ends.
fn tells(socket: &mut Socket) -> Result<Tell, Option<CloseFrame>> {
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => return Ok(serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))),
            Ok(Message::Close(frame)) => return Err(frame),
            Ok(_) => {}
            Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("{error}"),
            Err(_) => return Err(None),
        }
    }
}

fn next(socket: &mut Socket) -> Tell {
    tells(socket).unwrap_or_else(|end| panic!("it has ended: {end:?}"))
}

fn ask(socket: &mut Socket, ask: &Ask) {
    socket.send(Message::text(serde_json::to_string(ask).unwrap())).unwrap();
}

fn scenario(text: &str, capture: CaptureRef) -> Box<Scenario> {
    Box::new(Scenario { capture, ..Scenario::new(Source::Asm(text.into())) })
}

fn verify(socket: &mut Socket, scenario: Box<Scenario>) -> Result<Vec<Answer>, String> {
    ask(socket, &Ask::Verify { job: 5, scenario });
    match next(socket) {
        Tell::Verified { job: 5, answers } => Ok(answers),
        Tell::Ended { job: 5, cancelled: false, why } => Err(why),
        other => panic!("{other:?}"),
    }
}

/// How a replay ends, with the packets that differ.
fn replay(socket: &mut Socket, scenario: Box<Scenario>) -> (Tell, Vec<u32>) {
    ask(socket, &Ask::Replay { job: 6, scenario });
    let mut packets = Vec::new();
    loop {
        match next(socket) {
            Tell::Packets { job: 6, views, .. } => packets.extend(views.iter().filter_map(|view| view.packet)),
            end => return (end, packets),
        }
    }
}

fn mix() -> CaptureRef {
    CaptureRef::Bundled("mix.pcap".into())
}

/// A program that takes long, and packets to take long with.
fn long() -> Box<Scenario> {
    let text = ".section xdp\nr6 = 100000\nagain: r6 += -1\nif r6 != 0 goto again\nr0 = 2\nexit\n";
    let frame = [0; 60];
    let bytes = write_capture(LinkType::Ethernet, (0..50_000).map(|n| (n, frame.as_slice())));
    scenario(text, CaptureRef::Inline { name: "long.pcap".into(), bytes })
}

#[test]
fn only_who_knows_the_token_and_comes_from_the_page_may_ask() {
    let Some(server) = Server::start(&["--kernel"]) else { return };
    let (here, token) = (format!("http://127.0.0.1:{}", server.port), format!("?token={}", server.token()));
    let refused = |query: &str, origin| handshake(&server, query, origin).err();
    assert_eq!(refused("", Some(&here)), Some(403));
    assert_eq!(refused("?token=", Some(&here)), Some(403));
    assert_eq!(refused(&token[..token.len() - 1], Some(&here)), Some(403));
    assert_eq!(refused(&format!("{token}0"), Some(&here)), Some(403));
    assert_eq!(refused(&token, None), Some(403));
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(refused(&token, Some(origin)), Some(403), "{origin}");
    }
    let plain = get(&server, &format!("/kernel{token}"), &[("Origin", &here)]).status;
    assert!((400..500).contains(&plain), "{plain}");
    assert_eq!(get(&server, &format!("/kernel{token}"), &[("Host", "evil.example")]).status, 421);
    assert!(get(&server, "/", &[]).text().contains("name=\"bpfscope-serve\" content=\""));
    connect(&server);
}

#[test]
fn what_is_no_message_is_refused_and_the_connection_closed() {
    let Some(server) = Server::start(&["--kernel"]) else { return };
    let job = |ask: &str| format!(r#"{{"ask":"{ask}","job":1,"scenario":{{"bpfscope":1,"source":{{"asm":"exit"}}}}}}"#);
    let whole = job("verify");
    let mut texts = vec![String::new(), "{}".into(), "null".into(), "[]".into(), job("attach"), "[".repeat(100_000)];
    texts.push(whole.replace("\"job\":1", "\"job\":-1"));
    texts.push(whole.replace("\"job\":1", "\"job\":99999999999"));
    texts.push(whole.replace("\"asm\"", "\"c\""));
    texts.push(whole.replace("\"asm\":\"exit\"", "\"elf\":\"*\""));
    texts.push(whole.replace("\"bpfscope\":1,", ""));
    // Every way to break off.
    texts.extend((1..whole.len()).step_by(7).map(|end| whole[..end].to_owned()));
    for text in texts {
        let mut socket = connect(&server);
        socket.send(Message::text(text.clone())).unwrap();
        assert!(matches!(tells(&mut socket), Ok(Tell::Refused { .. })), "{text:.80}");
        assert_eq!(tells(&mut socket).unwrap_err().map(|frame| u16::from(frame.code)), Some(1008), "{text:.80}");
    }
    let mut socket = connect(&server);
    socket.send(Message::binary(vec![0; 9])).unwrap();
    assert!(matches!(tells(&mut socket), Ok(Tell::Refused { .. })));
}

#[test]
fn a_message_that_is_too_large_ends_the_connection_before_it_is_there() {
    let Some(server) = Server::start(&["--kernel"]) else { return };
    let mut socket = connect(&server);
    let stream = socket.get_mut();
    // A text frame of 2^40 bytes, announced: none of them has to come.
    let head = [0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    std::io::Write::write_all(stream, &head).unwrap();
    assert_eq!(tells(&mut socket).unwrap_err().map(|frame| u16::from(frame.code)), Some(1009));
    connect(&server);
}

#[test]
fn only_so_many_pages_ask_at_once() {
    let Some(server) = Server::start(&["--kernel"]) else { return };
    let mut sockets: Vec<Socket> = (0..8).map(|_| connect(&server)).collect();
    let (here, token) = (format!("http://127.0.0.1:{}", server.port), format!("?token={}", server.token()));
    assert_eq!(handshake(&server, &token, Some(&here)).err(), Some(503));
    let mut last = sockets.pop().unwrap();
    last.close(None).unwrap();
    // The server has left it when it has answered the end.
    while tells(&mut last).is_ok() {}
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while handshake(&server, &token, Some(&here)).is_err() {
        assert!(std::time::Instant::now() < deadline, "its place is not free again");
    }
}

#[test]
fn programs_are_verified_by_the_running_kernel() {
    if !available("verdicts through `serve`") {
        return;
    }
    let Some(server) = Server::start(&["--kernel"]) else { return };
    let mut socket = connect(&server);
    let accepted = verify(&mut socket, scenario(LESSON, CaptureRef::None)).unwrap();
    let [count] = accepted.as_slice() else { panic!("{accepted:?}") };
    assert_eq!((count.program.as_str(), &count.rejected, count.log_cut), ("count", &None, None));
    assert!(count.processed > 20 && count.log.contains("processed "), "{}", count.log);
    let check = LESSON.lines().find(|line| line.contains("if r4 > r3 goto out")).unwrap();
    let rejected = verify(&mut socket, scenario(&LESSON.replace(check, ""), CaptureRef::None)).unwrap();
    let refused = rejected[0].rejected.as_ref().unwrap();
    assert_eq!(refused.message, "R2 offset is outside of the packet");
    assert!(refused.text.starts_with("invalid access to packet, off=12 size=2"), "{}", refused.text);
    assert_eq!(refused.insn, Some(5));
    let wrong = verify(&mut socket, scenario("no program", CaptureRef::None)).unwrap_err();
    assert!(!wrong.is_empty());
    let large = ".map m, array, key=4, value=4096, entries=1000000\n.section tc\nr0 = 0\nexit\n";
    let wrong = verify(&mut socket, scenario(large, CaptureRef::None)).unwrap_err();
    assert!(wrong.starts_with("its maps take "), "{wrong}");
}

#[test]
fn a_capture_is_replayed_and_what_differs_is_told() {
    if !available("replays through `serve`") {
        return;
    }
    let Some(server) = Server::start(&["--kernel"]) else { return };
    let mut socket = connect(&server);
    for lesson in [LESSON, include_str!("../../../lessons/count-socket.s")] {
        let (end, differ) = replay(&mut socket, scenario(lesson, mix()));
        let Tell::Replayed { packets, different, end, verdicts, .. } = end else { panic!("{end:?}") };
        assert_eq!((packets, different, end, differ), (324, 0, None, vec![]));
        assert_eq!(verdicts.iter().map(|(_, count)| count).sum::<u64>(), 324);
    }
    let (end, differ) = replay(&mut socket, scenario(RANDOM, mix()));
    let Tell::Replayed { different, .. } = end else { panic!("{end:?}") };
    // A coin thrown 324 times is not the same coin thrown 324 times.
    assert!(differ.len() > 80 && differ.len() == different as usize, "{}", differ.len());
}

#[test]
fn what_cannot_be_replayed_says_why() {
    if !available("replays through `serve` that cannot be") {
        return;
    }
    let Some(server) = Server::start(&["--kernel"]) else { return };
    let mut socket = connect(&server);
    let bytes = |bytes: &[u8]| CaptureRef::Inline { name: "x.pcap".into(), bytes: bytes.to_vec() };
    for (capture, why) in [
        (CaptureRef::None, "no packets"),
        (CaptureRef::Bundled("../Cargo.toml".into()), "no capture `../Cargo.toml`"),
        (CaptureRef::File("mine.pcap".into()), "not in the message"),
        (bytes(b"no capture"), "capture"),
    ] {
        let (end, _) = replay(&mut socket, scenario(LESSON, capture));
        assert!(
            matches!(&end, Tell::Ended { cancelled: false, why: told, .. } if told.contains(why)),
            "{why}: {end:?}"
        );
    }
}

#[test]
fn a_job_is_cancelled_and_there_is_one_at_a_time() {
    if !available("jobs of `serve`") {
        return;
    }
    let Some(mut server) = Server::start(&["--kernel"]) else { return };
    let mut socket = connect(&server);
    ask(&mut socket, &Ask::Replay { job: 1, scenario: long() });
    assert!(matches!(next(&mut socket), Tell::Packets { job: 1, .. }));
    ask(&mut socket, &Ask::Verify { job: 2, scenario: scenario(LESSON, CaptureRef::None) });
    let until = |socket: &mut Socket, wanted: u32| loop {
        match next(socket) {
            Tell::Packets { .. } => {}
            Tell::Ended { job, cancelled, .. } if job == wanted => return cancelled,
            other => panic!("{other:?}"),
        }
    };
    assert!(!until(&mut socket, 2), "it was refused, not cancelled");
    ask(&mut socket, &Ask::Cancel { job: 7 });
    ask(&mut socket, &Ask::Cancel { job: 1 });
    assert!(until(&mut socket, 1));
    assert!(verify(&mut socket, scenario(LESSON, CaptureRef::None)).is_ok());
    // A job that goes on does not keep the command from ending, nor its client from hearing of it.
    ask(&mut socket, &Ask::Replay { job: 1, scenario: long() });
    assert!(matches!(next(&mut socket), Tell::Packets { .. }));
    let begun = std::time::Instant::now();
    assert_eq!(server.end(libc::SIGTERM), Some(0));
    assert!(begun.elapsed().as_secs() < 8, "{:?}", begun.elapsed());
    let end = loop {
        if let Err(end) = tells(&mut socket) {
            break end;
        }
    };
    assert_eq!(end.map(|frame| u16::from(frame.code)), Some(1001));
}
