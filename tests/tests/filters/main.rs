//! Filter expressions accept on every capture exactly the packets that `tcpdump -r` accepts.
//!
//! `filters/expressions.txt` has the expressions, `filters/malformed.txt` some that are none, with what each is told here and by
//! tcpdump. Besides, expressions are made at random: `BPFSCOPE_SEED` and `BPFSCOPE_CASES` say from which seed on and how many.
//! The captures are those of `pcaps/` and packets that these do not have (`odd.rs`).
//!
//! `filters/answers.txt` has what tcpdump said to each, for where there is no
//! tcpdump; its first line says which one that was. To ask again:
//! `BPFSCOPE_WRITE=1 cargo test -p bpfscope-tests --test filters`.

mod odd;
mod random;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use bpfscope_core::classic::filter::{self, Frame, Link};
use bpfscope_core::classic::{Meta, Packet};
use bpfscope_core::kernel::{ProgType, Program};
use bpfscope_core::lab::{Compiled, Replay, Source};
use bpfscope_core::net::{CaptureReader, LinkType, SkBuff, write_capture};
use bpfscope_core::object::LoadOptions;
use bpfscope_core::verifier;
use bpfscope_core::vm::{Config, Machine, NoObserver, ProgId};
use bpfscope_tests::expressions;

/// Where tcpdump and this differ, and why.
const KNOWN: &[(&str, &str)] = &[("byte 5 & 1", "libpcap 1.10 compiles it without loading the byte")];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A capture and its packets.
struct Capture {
    path: PathBuf,
    link: Link,
    /// Time, bytes, and how many there were.
    packets: Vec<(u64, Vec<u8>, u32)>,
}

/// Captures, at the end, of packets that `pcaps/` does not have.
const ODD: usize = 4;

/// The captures of `pcaps/`, and packets that they do not have.
fn captures() -> &'static [Capture] {
    static ALL: LazyLock<Vec<Capture>> = LazyLock::new(|| {
        let mut captures = recorded();
        for (link, count) in [(Link::Ethernet, 600), (Link::Raw, 200), (Link::LinuxSll, 200), (Link::LinuxSll2, 200)] {
            captures.push(odd(link, count));
        }
        captures
    });
    &ALL
}

/// Packets that no capture has, written for tcpdump.
fn odd(link: Link, count: usize) -> Capture {
    let packets = odd::packets(link, count);
    let bytes = write_capture(link_type(link), (0..).zip(&packets).map(|(at, packet)| (at * 1000, &packet[..])));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("odd-{}.pcap", link_type(link).number()));
    // Another run of these tests may be reading it.
    let draft = folder.join(format!("odd-{}-{}", link_type(link).number(), std::process::id()));
    fs::write(&draft, &bytes).and_then(|()| fs::rename(&draft, &path)).expect("a capture is written");
    Capture { path, link, packets: read(&bytes).0 }
}

/// The captures of `pcaps/`.
fn recorded() -> Vec<Capture> {
    let mut paths: Vec<_> =
        fs::read_dir(folder("../pcaps")).expect("the captures").map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "pcap" || end == "pcapng"));
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).expect("a capture");
        let (packets, link) = read(&bytes);
        Capture { path, link: classic(link), packets }
    };
    paths.into_iter().map(read).collect()
}

fn read(bytes: &[u8]) -> (Vec<(u64, Vec<u8>, u32)>, LinkType) {
    let mut reader = CaptureReader::new(bytes).expect("a capture");
    let (mut packets, mut link) = (Vec::new(), LinkType::Ethernet);
    while let Some(packet) = reader.next_packet().expect("a packet") {
        link = packet.link;
        packets.push((packet.time_ns, packet.data.to_vec(), packet.orig_len));
    }
    (packets, link)
}

fn classic(link: LinkType) -> Link {
    match link {
        LinkType::Ethernet => Link::Ethernet,
        LinkType::Raw => Link::Raw,
        LinkType::LinuxSll => Link::LinuxSll,
        LinkType::LinuxSll2 => Link::LinuxSll2,
        other => panic!("no capture is of {}", other.name()),
    }
}

/// The packets that are accepted, by number; `None` when the expression is refused.
fn accepted(expression: &str, capture: &Capture) -> Option<Vec<usize>> {
    let program = filter::compile(expression, Frame::File(capture.link)).ok()?;
    let accepts =
        |(_, data, len): &(u64, Vec<u8>, u32)| program.run(&Packet { data, len: *len, meta: Meta::default() }).ret != 0;
    Some((0..).zip(&capture.packets).filter(|(_, packet)| accepts(packet)).map(|(at, _)| at).collect())
}

/// What tcpdump accepts.
fn tcpdump(expression: &str, capture: &Capture) -> Option<Vec<usize>> {
    let out = Command::new("tcpdump").arg("-r").arg(&capture.path).args(["-w", "-", "--", expression]).output();
    let out = out.expect("tcpdump runs");
    let said = String::from_utf8_lossy(&out.stderr);
    if !out.status.success() {
        return said.contains("expression rejects all packets").then(Vec::new);
    }
    let nanos = capture.packets.iter().any(|(time, ..)| time % 1000 != 0);
    let mut left = 0..capture.packets.len();
    let found = read(&out.stdout).0.into_iter().map(|(time, data, _)| {
        // tcpdump writes microseconds unless it is asked for more.
        let same = |at: &usize| {
            let (ours, bytes, _) = &capture.packets[*at];
            *bytes == data && (if nanos { ours / 1000 == time / 1000 } else { *ours == time })
        };
        left.find(same).expect("tcpdump writes packets of the capture, in order")
    });
    Some(found.collect())
}

/// An answer as it is kept: how many packets, and a hash of which.
fn kept(accepted: &Option<Vec<usize>>) -> String {
    let Some(packets) = accepted else { return "error".to_owned() };
    let hash = packets.iter().fold(0x811c_9dc5_u32, |hash, at| (hash ^ *at as u32).wrapping_mul(0x0100_0193));
    format!("{}:{hash:08x}", packets.len())
}

fn is_known(expression: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == expression)
}

fn has_tcpdump() -> bool {
    Command::new("tcpdump").arg("--version").output().is_ok_and(|out| out.status.success())
}

/// The recorded answers: for each expression one a capture.
fn answers() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(folder("filters/answers.txt")).expect("the answers");
    let line = |line: &str| {
        let (expression, answers) = line.split_once('\t').expect("a tab");
        (expression.to_owned(), answers.split(' ').map(str::to_owned).collect())
    };
    text.lines().filter(|line| !line.starts_with("# ")).map(line).collect()
}

#[test]
fn expressions_accept_what_tcpdump_accepted_when_it_was_recorded() {
    if env::var_os("BPFSCOPE_WRITE").is_some() {
        record();
    }
    let (captures, answers) = (captures(), answers());
    let asked: Vec<&str> = answers.iter().map(|(expression, _)| expression.as_str()).collect();
    assert_eq!(asked, expressions(), "the answers are of other expressions: record them again");
    let mut wrong = Vec::new();
    for (expression, theirs) in &answers {
        let ours: Vec<String> = captures.iter().map(|capture| kept(&accepted(expression, capture))).collect();
        if is_known(expression) {
            assert_ne!(ours, *theirs, "`{expression}` differs no more: it is known no more");
        } else if ours != *theirs {
            wrong.push(format!("{expression}\n  ours   {}\n  theirs {}", ours.join(" "), theirs.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), answers.len(), wrong.join("\n"));
}

#[test]
fn expressions_accept_what_tcpdump_accepts() {
    if !has_tcpdump() {
        let _ = writeln!(io::stderr(), "skipped: {} expressions: there is no tcpdump", expressions().len());
        return;
    }
    let mut wrong = Vec::new();
    for capture in captures() {
        for expression in expressions().iter().filter(|expression| !is_known(expression)) {
            let (ours, theirs) = (accepted(expression, capture), tcpdump(expression, capture));
            if ours != theirs {
                let name = capture.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                wrong.push(format!("{name}: {expression}: ours {ours:?}, theirs {theirs:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a mistaken expression is told here: the word, and what is wrong with it.
fn mistake(expression: &str) -> String {
    match filter::compile(expression, Frame::File(Link::Ethernet)) {
        Ok(_) => "nothing".to_owned(),
        Err(error) => format!("[{}] {}", &expression[error.start..error.end], error.message),
    }
}

/// What tcpdump says of it.
fn tcpdump_says(expression: &str) -> String {
    let out = Command::new("tcpdump").args(["-y", "EN10MB", "-d", "--", expression]).output().expect("tcpdump runs");
    match out.status.success() {
        true => "nothing".to_owned(),
        false => String::from_utf8_lossy(&out.stderr).trim().trim_start_matches("tcpdump: ").replace('\n', " "),
    }
}

#[test]
fn malformed_expressions_are_told_at_the_word_that_is_wrong() {
    let path = folder("filters/malformed.txt");
    let text = fs::read_to_string(&path).expect("the expressions");
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let new = |theirs: &dyn Fn(&[&str]) -> String| -> String {
        let line = |row: &Vec<&str>| format!("{}\t{}\t{}\n", row[0], mistake(row[0]), theirs(row));
        rows.iter().map(line).collect()
    };
    if env::var_os("BPFSCOPE_WRITE").is_some() {
        fs::write(&path, new(&|row| tcpdump_says(row[0]))).expect("the answers are written");
        return;
    }
    assert_eq!(new(&|row| row[2].to_owned()), text, "`BPFSCOPE_WRITE=1` writes them anew");
    for row in &rows {
        assert!(row[1] != "nothing" && row[2] != "nothing", "{row:?}");
    }
    if has_tcpdump() {
        // The words are of one version; that it is a mistake is of all.
        assert!(rows.iter().all(|row| tcpdump_says(row[0]) != "nothing"));
    } else {
        let _ = writeln!(io::stderr(), "skipped: {} malformed expressions: there is no tcpdump", rows.len());
    }
}

/// Expressions at random that are compared.
const RANDOM: u64 = 200;

#[test]
fn random_expressions_accept_what_tcpdump_accepts() {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, count) = (number("BPFSCOPE_SEED").unwrap_or(1), number("BPFSCOPE_CASES").unwrap_or(RANDOM));
    if !has_tcpdump() {
        let _ = writeln!(io::stderr(), "skipped: {count} expressions at random: there is no tcpdump");
        return;
    }
    let (mut wrong, mut equal, mut refused, mut some) = (Vec::new(), 0, 0, 0);
    for seed in first..first + count {
        let expression = random::expression(seed);
        // On one capture of each link type, and in turn on one of the others.
        let others = captures().len() - ODD;
        let turn = captures().iter().take(others).skip(seed as usize % others).take(1);
        for capture in captures().iter().skip(others).chain(turn) {
            let (ours, theirs) = (accepted(&expression, capture), tcpdump(&expression, capture));
            if ours == theirs {
                equal += 1;
                refused += usize::from(ours.is_none());
                some += usize::from(ours.is_some_and(|packets| !packets.is_empty()));
            } else {
                let name = capture.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                wrong.push(format!("seed {seed}, {name}: {expression}\n  ours   {ours:?}\n  theirs {theirs:?}"));
            }
        }
    }
    println!("{equal} answers were equal: {some} accept packets, {refused} are refusals");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// A program at a socket, from an expression.
fn at_socket(expression: &str, link: Link) -> Option<Program> {
    let program = filter::compile(expression, Frame::Socket(link)).ok()?;
    let text = bpfscope_core::classic::Form::Tcpdump.write(program.insns());
    let compiled = Compiled::new(&Source::Classic(text), "filter", &LoadOptions::default());
    Some(compiled.unwrap_or_else(|e| panic!("{expression}: {e}")).loaded.programs.remove(0))
}

#[test]
fn a_socket_filter_accepts_what_the_expression_means() {
    let (mut refused, mut ran) = (Vec::new(), 0);
    for capture in captures() {
        for expression in expressions() {
            let Some(ours) = accepted(&expression, capture) else { continue };
            let Some(program) = at_socket(&expression, capture.link) else {
                refused.push(format!("{expression} ({})", capture.link.name()));
                continue;
            };
            let mut machine = Machine::new(&[program], &[], Config::default()).expect("a program");
            let mut skb = SkBuff::default();
            let mut accepted = Vec::new();
            for (at, (_, data, _)) in capture.packets.iter().enumerate() {
                skb.reset(data, link_type(capture.link));
                skb.untag();
                let outcome = machine.run(ProgId(0), &mut skb, &mut NoObserver);
                assert_eq!(outcome.fault, None, "{expression}");
                accepted.extend((outcome.ret != 0).then_some(at));
            }
            assert_eq!(accepted, ours, "{expression} on {}", capture.path.display());
            ran += 1;
        }
    }
    refused.sort();
    refused.dedup();
    println!("{ran} were equal; not asked at a socket: {}", refused.join(", "));
    assert!(refused.len() < 40, "{}", refused.join("\n"));
}

#[test]
fn a_filter_alone_adds_up_to_what_the_machine_adds_up_to() {
    let mut packets = 0;
    for capture in captures() {
        let bytes = fs::read(&capture.path).expect("a capture");
        for expression in expressions() {
            let source = Source::Filter { expression: expression.clone(), link: capture.link };
            let Ok(compiled) = Compiled::new(&source, "filter", &LoadOptions::default()) else { continue };
            let replay = || Replay::new(&compiled.loaded, &[], &[], Config::default()).expect("a program");
            let (mut whole, mut short) = (replay(), replay());
            short.shorten(&compiled);
            let mut visited = 0;
            let mut reader = CaptureReader::new(&bytes[..]).expect("a capture");
            while let Some(packet) = reader.next_packet().expect("a packet") {
                let Ok(()) = whole.next(&packet, |_, _, _| {});
                let Ok(()) = short.tally(&packet, |_, _, _| visited += 1);
                packets += 1;
            }
            assert_eq!(short.totals(), whole.totals(), "{expression} on {}", capture.path.display());
            // On a machine run only those that a socket sees otherwise than they are in the file.
            assert!(visited * 5 <= short.totals().packets * 4 || capture.path.ends_with("vlan.pcap"), "{expression}");
        }
    }
    println!("{packets} packets were counted alike");
}

fn link_type(link: Link) -> LinkType {
    match link {
        Link::Ethernet => LinkType::Ethernet,
        Link::Raw => LinkType::Raw,
        Link::LinuxSll => LinkType::LinuxSll,
        Link::LinuxSll2 => LinkType::LinuxSll2,
        other => panic!("no capture is of {}", other.name()),
    }
}

#[test]
fn what_is_converted_returns_what_the_filter_returns() {
    for capture in captures() {
        for expression in expressions() {
            let Ok(program) = filter::compile(&expression, Frame::File(capture.link)) else { continue };
            let text = bpfscope_core::classic::Form::Tcpdump.write(program.insns());
            let compiled = Compiled::new(&Source::Classic(text), "filter", &LoadOptions::default()).unwrap();
            let mut machine = Machine::new(&compiled.loaded.programs, &[], Config::default()).expect("a program");
            let mut skb = SkBuff::default();
            for (_, data, _) in &capture.packets {
                skb.reset_l3(data, 0);
                let theirs = machine.run(ProgId(0), &mut skb, &mut NoObserver);
                let len = data.len() as u32;
                let ours = program.run(&Packet { data, len, meta: Meta::default() });
                assert_eq!((theirs.ret, theirs.fault), (u64::from(ours.ret), None), "{expression}");
            }
        }
    }
}

#[test]
fn the_verifier_and_the_kernel_accept_every_filter() {
    let mut programs = Vec::new();
    for expression in expressions() {
        for link in [Link::Ethernet, Link::Raw, Link::LinuxSll2] {
            programs.extend(at_socket(&expression, link).map(|program| (expression.clone(), program)));
        }
    }
    for (expression, program) in &programs {
        let verification = verifier::verify(program, &[], &verifier::Options::default());
        assert!(verification.accepted(), "{expression}");
    }
    assert!(programs.len() > 900, "{} programs", programs.len());
    #[cfg(target_os = "linux")]
    if bpfscope_tests::kernel::available(&format!("{} filters in the kernel", programs.len())) {
        use bpfscope_tests::kernel::{Prog, ProgSpec};
        for (expression, program) in &programs {
            let insns: Vec<u8> = program.insns.iter().flat_map(|insn| insn.to_bytes()).collect();
            let prog_type = ProgType::SocketFilter as u32;
            let spec = ProgSpec { prog_type, insns: &insns, log_level: 1, ..ProgSpec::default() };
            // The kernel gives up with EAGAIN when a signal comes while it verifies, as from a job control.
            let loaded =
                (0..5).map(|_| Prog::load(&spec)).find(|l| l.as_ref().err().is_none_or(|e| e.errno != libc::EAGAIN));
            let loaded = loaded.expect("no signal comes five times");
            loaded.unwrap_or_else(|refused| panic!("{expression}: errno {}: {}", refused.errno, refused.log));
        }
    }
}

/// Writes the recorded answers anew.
fn record() {
    let version = Command::new("tcpdump").arg("--version").output().expect("tcpdump runs");
    // Builds differ in which of the two they write to.
    let version = String::from_utf8_lossy(&[version.stdout, version.stderr].concat()).into_owned();
    let version = version.lines().take(2).collect::<Vec<_>>().join(", ");
    let captures = captures();
    let names: Vec<_> = captures.iter().map(|c| c.path.file_name().unwrap_or_default().to_string_lossy()).collect();
    let mut text = format!("# {version}\n# {}\n", names.join(" "));
    for expression in expressions() {
        let answers: Vec<String> = captures.iter().map(|capture| kept(&tcpdump(&expression, capture))).collect();
        writeln!(text, "{expression}\t{}", answers.join(" ")).expect("a string takes everything");
    }
    fs::write(folder("filters/answers.txt"), text).expect("the answers are written");
}
