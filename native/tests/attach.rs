//! `bpfscope attach` and `bpfscope detach` on real devices: what the program does there is what the simulator says, and
//! nothing is left, however it ends.
#![cfg(target_os = "linux")]

#[path = "run/device.rs"]
mod device;
mod run;
#[path = "run/screen.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod screen;

use bpfscope_core::net::CaptureReader;
use bpfscope_linux::{
    attach::clsact::filters,
    bpf::{AttachType, Link},
    load::InKernel,
};
use device::{Running, Wire, frames};
use portable_pty::CommandBuilder;
use run::{Run, Scratch, bpfscope, lesson, pcap};
use screen::Terminal;
use serde_json::Value;

const NOBODY: u32 = 65534;

/// Drops everything, at every hook.
const DROP: &str = "
        .license \"GPL\"
        .section xdp
        .globl drop_xdp
        drop_xdp: r0 = 1
        exit
        .section tc
        .globl drop_tc
        drop_tc: r0 = 2
        exit
";

/// Ways in which something can be dropped before it arrives: device, hook, mode, program.
const WAYS: [[&str; 4]; 4] = [
    ["far0", "xdp", "native", "drop_xdp"],
    ["far0", "xdp", "generic", "drop_xdp"],
    ["near0", "tc-egress", "tcx", "drop_tc"],
    ["near0", "tc-egress", "clsact", "drop_tc"],
];

fn way<'a>(program: &'a str, [dev, hook, mode, name]: [&'a str; 4], more: &[&'a str]) -> Vec<&'a str> {
    [&[program, "--dev", dev, "--hook", hook, "--mode", mode, "--program", name], more].concat()
}

fn detach(args: &[&str]) -> Run {
    bpfscope(&[&["detach"], args].concat())
}

fn mix() -> Vec<u8> {
    std::fs::read(pcap("mix.pcap")).unwrap()
}

/// What `replay` says of a capture.
fn replayed(program: &str, capture: &str, hook: &str) -> Value {
    let run = bpfscope(&["replay", program, capture, "--hook", hook, "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// A map's entries by key; of per-CPU values the sum of the 64-bit words, since any CPU may have done the work.
fn sums(value: &Value, map: &str) -> Vec<(String, u64)> {
    let sum = |hex: &str| -> u64 {
        let word = |at: usize| u64::from_str_radix(&hex[at..at + 16], 16).unwrap().swap_bytes();
        (0..hex.len()).step_by(16).map(word).fold(0, u64::wrapping_add)
    };
    let entries = value["maps"][map].as_array().unwrap_or_else(|| panic!("no map {map}: {value}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<_> = entries.iter().map(|e| (text(&e["key"]), sum(&text(&e["value"])))).collect();
    all.sort();
    all
}

fn read_back(capture: &str) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(capture).unwrap();
    assert_eq!(bytes[..4], [0x0a, 0x0d, 0x0d, 0x0a], "a pcapng");
    assert!(bytes.windows(4).any(|name| name == b"far0"), "with the device's name");
    let mut reader = CaptureReader::new(bytes.as_slice()).unwrap();
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet().unwrap() {
        frames.push(packet.data.to_vec());
    }
    frames
}

#[test]
fn verdicts_and_maps_are_the_simulators_and_the_record_is_what_was_sent() {
    let Some(wire) = Wire::new("attach at tc-ingress") else { return };
    let scratch = Scratch::new();
    // A capture without VLAN tags: a replay has them in the frame, where a test run has them.
    let sent = frames(&std::fs::read(pcap("http.pcap")).unwrap());
    let program = lesson("count-tc.s");
    let expected = replayed(&program, "http.pcap", "tc-ingress");
    for mode in ["tcx", "clsact"] {
        let record = scratch.path("seen.pcapng");
        let mut running = Running::attach(&[
            &program,
            "--dev",
            "far0",
            "--hook",
            "tc-ingress",
            "--mode",
            mode,
            "--json",
            "--record",
            &record,
        ]);
        wire.send(sent.iter().map(Vec::as_slice));
        running.json_until(|line| line["runs"] == sent.len());
        running.signal(libc::SIGINT);
        let (status, lines, errors) = running.end();
        let last: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
        assert_eq!((status, &last["last"], errors.as_str()), (0, &Value::Bool(true), ""));
        assert_eq!(last["verdicts"], expected["verdicts"], "{mode}");
        for (what, count) in [("sampled", sent.len()), ("recorded", sent.len()), ("missed", 0)] {
            assert_eq!(last[what], count, "{what}");
        }
        assert_eq!(sums(&last, "counts"), sums(&expected, "counts"), "{mode}");
        assert!(last["ns_per_run"].as_f64().unwrap() > 0.0);
        assert_eq!(read_back(&record), sent, "{mode}");
        wire.is_clean();
    }
}

/// Drops frames with a VLAN tag, and counts those and the others.
const TAGS: &str = "
        .license \"GPL\"
        .map counts, array, key=4, value=8, entries=2
        .section tc
        .globl tags
        tags: r6 = *(u32 *)(r1 + 20)
        *(u32 *)(r10 - 4) = r6
        r2 = r10
        r2 += -4
        r1 = counts ll
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
        out: r0 = r6
        r0 <<= 1
        exit
";

#[test]
fn tags_are_where_the_kernel_has_them_and_in_the_record() {
    let Some(wire) = Wire::new("VLAN tags at tc-ingress") else { return };
    let scratch = Scratch::new();
    let sent = frames(&std::fs::read(pcap("vlan.pcap")).unwrap());
    let tagged = sent.iter().filter(|frame| matches!(frame[12..14], [0x81, 0] | [0x88, 0xa8])).count();
    assert!(tagged > 0);
    let (program, record) = (scratch.file("tags.s", TAGS), scratch.path("seen.pcapng"));
    let mut running =
        Running::attach(&[&program, "--dev", "far0", "--hook", "tc-ingress", "--json", "--record", &record]);
    wire.send(sent.iter().map(Vec::as_slice));
    let all = |line: &Value| line["runs"] == sent.len() && line["sampled"] == sent.len();
    let line = running.json_until(all);
    assert_eq!(line["verdicts"]["TC_ACT_SHOT"], tagged);
    assert_eq!(sums(&line, "counts")[1].1, tagged as u64);
    running.signal(libc::SIGINT);
    running.end();
    assert_eq!(read_back(&record), sent);
}

#[test]
fn xdp_counts_what_the_simulator_counts_and_tells_its_mode() {
    let Some(wire) = Wire::new("attach at xdp") else { return };
    let sent = frames(&std::fs::read(pcap("dns.pcap")).unwrap());
    let program = lesson("drop-dns.s");
    let expected = sums(&replayed(&program, "dns.pcap", "xdp"), "verdicts");
    for mode in ["native", "generic"] {
        let mut running = Running::start(&[&program, "--dev", "far0", "--mode", mode, "--json"], None);
        let attached = running.json_until(|line| line["attached"].is_object());
        assert_eq!((&attached["attached"]["mode"], &attached["attached"]["hook"]), (&mode.into(), &"xdp".into()));
        wire.send(sent.iter().map(Vec::as_slice));
        let line = running.json_until(|line| line["runs"] == sent.len());
        assert_eq!(sums(&line, "verdicts"), expected, "{mode}");
        // Key 0 counts those that passed; no tap sees the others, so there is no verdict for them.
        assert_eq!((&line["passed"], &line["verdicts"]), (&Value::from(expected[0].1), &Value::Null), "{mode}");
        running.signal(libc::SIGINT);
        assert_eq!(running.end().0, 0);
        wire.is_clean();
    }
}

#[test]
fn a_socket_filters_verdicts_and_maps_are_the_simulators() {
    let Some(wire) = Wire::new("attach at a socket") else { return };
    let sent = frames(&mix());
    let program = lesson("count-socket.s");
    let expected = replayed(&program, "mix.pcap", "socket");
    let mut running = Running::attach(&[&program, "--dev", "far0", "--json"]);
    wire.send(sent.iter().map(Vec::as_slice));
    let line = running.json_until(|line| line["runs"] == sent.len() && line["sampled"] == sent.len());
    assert_eq!((&line["verdicts"], &line["passed"]), (&expected["verdicts"], &Value::from(0)));
    assert_eq!(sums(&line, "my_map"), sums(&expected, "my_map"));
}

#[test]
fn records_and_printed_lines_come_out() {
    let Some(wire) = Wire::new("records of an attached program") else { return };
    let sent = frames(&std::fs::read(pcap("http.pcap")).unwrap());
    let program = lesson("syn-events.s");
    let expected = replayed(&program, "http.pcap", "tc-ingress");
    let mut running = Running::attach(&[&program, "--dev", "far0", "--hook", "tc-ingress", "--json"]);
    wire.send(sent.iter().map(Vec::as_slice));
    let line = running.json_until(|line| line["events"].as_u64() > Some(0));
    assert_eq!(line["records"][0]["map"], "events");
    assert_eq!(line["records"][0]["data"].as_str().unwrap().len(), 24);
    running.signal(libc::SIGINT);
    let (_, lines, errors) = running.end();
    assert_eq!(serde_json::from_str::<Value>(lines.last().unwrap()).unwrap()["events"], expected["events"]);
    // Where tracing is locked down, it says that it cannot.
    let printed = line["printed"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().starts_with("SYN from"));
    assert!(printed || errors.contains("cannot be read"), "{line} {errors}");
}

#[test]
fn however_it_ends_nothing_is_left() {
    let Some(wire) = Wire::new("the ends of attach") else { return };
    let scratch = Scratch::new();
    let program = scratch.file("drop.s", DROP);
    let is_clsact = |[_, _, mode, _]: [&str; 4]| mode == "clsact";
    for at in WAYS {
        for (signal, status) in [
            (libc::SIGINT, 0),
            (libc::SIGTERM, -libc::SIGTERM),
            (libc::SIGHUP, -libc::SIGHUP),
            (libc::SIGQUIT, -libc::SIGQUIT),
            (libc::SIGKILL, -libc::SIGKILL),
        ] {
            let running = Running::attach(&way(&program, at, &[]));
            assert!(!wire.is_open(), "{at:?}");
            running.signal(signal);
            assert_eq!(running.end().0, status, "{at:?}");
            if is_clsact(at) && signal == libc::SIGKILL {
                assert!(!wire.is_open(), "only this is left");
                let run = detach(&["--dev", "near0"]);
                assert_eq!((run.status, run.stdout.as_str()), (0, "detached drop_tc at tc-egress of near0\n"));
            }
            wire.is_clean();
        }
        let running = Running::attach(&way(&program, at, &["--duration", "50ms"]));
        assert_eq!(running.end().0, 0);
        wire.is_clean();
    }
}

#[test]
fn whoever_reads_no_more_ends_it() {
    let Some(wire) = Wire::new("a closed pipe") else { return };
    let scratch = Scratch::new();
    let program = scratch.file("drop.s", DROP);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bpfscope"));
    command.arg("attach").args(way(&program, WAYS[3], &["--json"])).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    wire.is_clean();
}

#[test]
fn a_pin_keeps_it_until_it_is_detached() {
    let Some(wire) = Wire::new("attach --pin") else { return };
    let scratch = Scratch::new();
    let program = scratch.file("drop.s", &(".map counts.of, array, key=4, value=8, entries=1\n".to_owned() + DROP));
    for at @ [dev, hook, _, name] in WAYS {
        let (status, lines, errors) = Running::start(&way(&program, at, &["--pin"]), None).end();
        assert_eq!(status, 0, "{errors}");
        let path = format!("/sys/fs/bpf/bpfscope/{name}/{dev}/{hook}");
        assert!(lines[0].contains(&format!("pinned in {path}")), "{}", lines[0]);
        assert!(!wire.is_open(), "{at:?}");
        // The file system is this thread's: another test looks for its own.
        let (status, _, errors) = Running::start(&way(&program, at, &["--pin"]), None).end();
        assert_eq!(status, 2);
        assert!(errors.contains("is there already") || errors.contains("has an XDP program already"), "{errors}");
        assert!(std::path::Path::new(&path).join("maps/counts%2eof").exists());
        let unknown = detach(&["someone"]);
        assert_eq!(unknown.status, 2);
        assert!(unknown.stderr.contains(&format!("there is {name} at {hook} of {dev}")), "{}", unknown.stderr);
        let elsewhere = if hook == "xdp" { "tc-egress" } else { "xdp" };
        assert!(detach(&["--hook", elsewhere]).stdout.starts_with("nothing there"));
        assert!(!wire.is_open(), "{at:?}");
        let run = detach(&[name]);
        assert_eq!((run.status, run.stdout), (0, format!("detached {name} at {hook} of {dev}\n")), "{}", run.stderr);
        assert!(!std::path::Path::new("/sys/fs/bpf/bpfscope").exists());
        wire.is_clean();
    }
}

#[test]
fn a_pin_that_is_watched_stays_as_well() {
    let Some(wire) = Wire::new("attach --pin --json") else { return };
    let scratch = Scratch::new();
    let program = scratch.file("drop.s", DROP);
    let mut running = Running::attach(&way(&program, WAYS[2], &["--pin", "--json"]));
    running.json_until(|line| line["seconds"].is_number());
    running.signal(libc::SIGTERM);
    assert_eq!(running.end().0, -libc::SIGTERM);
    assert!(!wire.is_open());
    assert_eq!(detach(&[]).status, 0);
    wire.is_clean();
}

#[test]
fn detach_leaves_alone_what_a_process_holds() {
    let Some(wire) = Wire::new("detach beside attach") else { return };
    let scratch = Scratch::new();
    let program = scratch.file("drop.s", DROP);
    let running = Running::attach(&way(&program, WAYS[3], &[]));
    let run = detach(&["--dev", "near0"]);
    assert_eq!((run.status, run.stdout.starts_with("nothing there")), (0, true), "{}", run.stdout);
    assert_eq!(filters(&wire.near(), true).unwrap().len(), 1);
    running.signal(libc::SIGINT);
    assert_eq!(running.end().0, 0);
    wire.is_clean();
}

#[test]
fn somebody_elses_xdp_program_stays_and_is_named() {
    let Some(wire) = Wire::new("attach beside somebody else's program") else { return };
    let compiled = bpfscope_core::lab::Compiled::new(
        &bpfscope_core::lab::Source::Asm(".section xdp\ntheirs: r0 = 2\nexit".into()),
        "theirs.s",
        &Default::default(),
    )
    .unwrap();
    let kernel = InKernel::new(&compiled.object, &compiled.loaded, |_| true).unwrap();
    let theirs = kernel.progs[0].as_ref().unwrap();
    let link = Link::create(theirs, wire.far().index, AttachType::Xdp, 0).unwrap();
    let (status, _, errors) = Running::start(&[&lesson("drop-dns.s"), "--dev", "far0"], None).end();
    assert_eq!(status, 2);
    assert!(errors.contains("far0 has an XDP program already") && errors.contains("`theirs`"), "{errors}");
    assert_eq!(wire.far().xdp_program().unwrap(), Some(theirs.info().unwrap().id));
    drop(link);
    wire.is_clean();
}

#[test]
fn what_is_wrong_is_told_with_what_there_is() {
    let Some(wire) = Wire::new("mistakes with attach") else { return };
    let scratch = Scratch::new();
    let (count, dns, socket) = (lesson("count-tc.s"), lesson("drop-dns.s"), lesson("count-socket.s"));
    let rejected = scratch.file("loop.s", ".section xdp\nforever: goto forever\n");
    let two = scratch.file("two.s", ".section xdp\n.globl a\na: r0 = 2\nexit\n.globl b\nb: r0 = 2\nexit\n");
    let cases: [(&[&str], i32, &str); 9] = [
        (&[&dns, "--dev", "eth9"], 2, "there is no device `eth9` here; there is"),
        (&[&dns, "--dev", "far0", "--hook", "tc-ingress"], 2, "drop_dns"),
        (&[&count, "--dev", "far0", "--hook", "socket"], 2, "count"),
        (&[&dns, "--dev", "far0", "--mode", "tcx"], 2, "at xdp a program cannot be attached as `tcx`"),
        (&[&socket, "--dev", "far0", "--pin"], 2, "a socket filter cannot be pinned"),
        (&[&rejected, "--dev", "far0"], 1, "rejects it"),
        (&[&two, "--dev", "far0"], 2, "--program (a, b)"),
        (&[&dns, "--dev", "far0", "--duration", "10"], 2, "a number with its unit"),
        (&[&dns, "--dev", "far0", "--watch"], 2, "--watch takes a terminal"),
    ];
    for (args, expected, what) in cases {
        let (status, _, errors) = Running::start(args, None).end();
        assert_eq!((status, errors.contains(what)), (expected, true), "{args:?}: {errors}");
    }
    let (status, _, errors) = Running::start(&[&dns, "--dev", "far0"], Some(NOBODY)).end();
    assert_eq!((status, errors.contains("missing here: CAP_BPF")), (2, true), "{errors}");
    let refused = detach(&["--dev", "eth9"]);
    assert_eq!((refused.status, refused.stderr.contains("there is no device `eth9`")), (2, true), "{}", refused.stderr);
    wire.is_clean();
}

#[test]
fn the_view_shows_packets_maps_and_output_as_they_come() {
    let Some(wire) = Wire::new("attach --watch") else { return };
    let sent = frames(&mix());
    let watch = |lesson_name: &str, more: &[&str]| {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_bpfscope"));
        command.args(["attach", &lesson(lesson_name), "--dev", "far0", "--hook", "tc-ingress", "--watch"]);
        command.args(more);
        Terminal::open(command, (110, 30))
    };
    let mut terminal = watch("count-tc.s", &[]);
    terminal.wait_for("q detaches and leaves");
    terminal.wait_for("count at tc-ingress of far0 by a tcx link");
    terminal.wait_for("0 of 256 entries");
    wire.send(sent.iter().map(Vec::as_slice));
    terminal.wait_for("324 100.0 % TC_ACT_OK");
    terminal.wait_for("by the simulator, of 324 sampled");
    terminal.wait_for("3 of 256 entries");
    // What changed is marked, and a while later is not.
    terminal.wait_for_none("* 17");
    terminal.wait_for("17 75");
    terminal.press("q");
    assert_eq!(terminal.ended().exit_code(), 0);
    terminal.is_given_back("detached from tc-ingress of far0");
    wire.is_clean();

    let terminal = watch("syn-events.s", &[]);
    terminal.wait_for("Output: 0 records");
    terminal.wait_for("no map that can be looked at");
    wire.send(sent.iter().map(Vec::as_slice));
    terminal.wait_for_none("Output: 0 records");
    terminal.wait_for("events 0a");
    terminal.signal("TERM");
    assert_ne!(terminal.ended().exit_code(), 0);
    wire.is_clean();

    let terminal = watch("count-tc.s", &["--mode", "clsact"]);
    terminal.wait_for("by a filter at clsact");
    terminal.hang_up();
    wire.is_clean();

    let terminal = watch("count-tc.s", &["--duration", "100ms"]);
    assert_eq!(terminal.ended().exit_code(), 0);
    wire.is_clean();
}
