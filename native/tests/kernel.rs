//! The command with the running kernel as its engine. Where bpf(2) is refused these are skipped, and counted.
#![cfg(target_os = "linux")]

mod run;

use std::{
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use bpfscope_core::{
    kernel::{ProgType, helpers},
    lab::Lesson,
};
use bpfscope_tests::kernel::available;
use run::{Run, Scratch, bpfscope, lesson};
use serde_json::{Value, json};

/// Puts a random bit into the packet and returns it: no two runs agree for long.
const RANDOM: &str = r#"
.license "GPL"
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r0 &= 1
        r7 = r0
        r2 = *(u32 *)(r6 + 76)
        r3 = *(u32 *)(r6 + 80)
        r4 = r2
        r4 += 34
        if r4 > r3 goto out
        *(u8 *)(r2 + 22) = r7
out:    r0 = r7
        exit
"#;

/// Reads a byte of the packet without asking whether it is there.
const UNCHECKED: &str = ".section tc\nr0 = *(u32 *)(r1 + 76)\nr0 = *(u8 *)(r0 + 0)\nexit\n";

fn json_of(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr))
}

/// A replay's JSON without what differs from engine to engine by nature.
fn replayed(program: &str, capture: &str, engine: &str) -> Value {
    let run = bpfscope(&["replay", program, capture, "--engine", engine, "--format", "json"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{program} on {engine}");
    let mut summary = json_of(&run);
    (summary["seconds"], summary["insns"]) = (Value::Null, Value::Null);
    for (_, entries) in summary["maps"].as_object_mut().expect("maps") {
        entries.as_array_mut().expect("entries").sort_by_key(Value::to_string);
    }
    summary
}

#[test]
fn lessons_come_to_the_same_in_the_kernel() {
    if !available("replays in the running kernel") {
        return;
    }
    for (program, capture) in [("count-tc.s", "mix.pcap"), ("count-socket.s", "mix.pcap"), ("ttl.s", "http.pcap")] {
        let program = lesson(program);
        assert_eq!(replayed(&program, capture, "kernel"), replayed(&program, capture, "interp"), "{program}");
    }
}

#[test]
fn a_line_a_packet_has_the_frame_as_the_kernel_left_it() {
    if !available("a line for each packet of the running kernel") {
        return;
    }
    let lines = |engine| {
        let run =
            bpfscope(&["replay", &lesson("ttl.s"), "http.pcap", "--engine", engine, "--packets", "--format", "json"]);
        let lines = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let lines = lines.map(|line| json!([line["packet"], line["hook"], line["verdict"], line["ret"], line["out"]]));
        lines.take(84).collect::<Vec<Value>>()
    };
    let kernel = lines("kernel");
    assert_eq!(kernel, lines("interp"));
    assert!(kernel.iter().filter(|line| line[4].is_string()).count() > 70, "frames that were changed");
}

#[test]
fn records_of_ring_and_perf_buffers_are_counted_and_shown() {
    if !available("records of the running kernel") {
        return;
    }
    let scratch = Scratch::new();
    let program = scratch.file(
        "events.s",
        r#"
.license "GPL"
.map ring, ringbuf, entries=4096
.map perf, perf_event_array, key=4, value=4, entries=64
.section tc
        r6 = r1
        r1 = 0x1122334455667788 ll
        *(u64 *)(r10 - 8) = r1
        r1 = ring ll
        r2 = r10
        r2 += -8
        r3 = 8
        r4 = 0
        call bpf_ringbuf_output
        r1 = r6
        r2 = perf ll
        r3 = 0xffffffff ll
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_perf_event_output
        r0 = 0
        exit
"#,
    );
    assert_eq!(replayed(&program, "dns.pcap", "kernel")["events"], 64);
    let text = bpfscope(&["replay", &program, "dns.pcap", "--engine", "kernel", "--packets"]).stdout;
    assert!(text.contains("sends 8877665544332211 through ring"), "{text}");
    let run = bpfscope(&["compare", &program, "dns.pcap"]);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn every_lesson_is_equal_here_and_in_the_kernel() {
    if !available("comparing lessons with the running kernel") {
        return;
    }
    let index = std::fs::read(lesson("index.json")).expect("the index");
    let lessons: Vec<Lesson> = serde_json::from_slice(&index).expect("the index");
    let scratch = Scratch::new();
    for row in lessons {
        // With the interfaces that it has, and in the language that it is written in.
        let text = std::fs::read_to_string(lesson(&row.source)).expect("a lesson");
        let scenario = scratch.file(&format!("{}.json", row.name), row.scenario(text).to_json());
        let run = bpfscope(&["compare", &scenario, "--format", "json"]);
        let got = json_of(&run);
        assert_eq!((run.status, &got["equal"], &got["differences"]), (0, &json!(true), &json!([])), "{}", row.name);
        assert!(got["compared"].as_u64().is_some_and(|n| n > 20 && Some(n) == got["packets"].as_u64()), "{got}");
    }
}

#[test]
fn the_first_difference_is_shown_from_both_sides() {
    if !available("a difference to the running kernel") {
        return;
    }
    let scratch = Scratch::new();
    let program = scratch.file("random.s", RANDOM);
    let run = bpfscope(&["compare", &program, "mix.pcap"]);
    assert_eq!(run.status, 1, "{}{}", run.stdout, run.stderr);
    for part in [
        "tc at tc-ingress",
        "\n  return value\n    simulator  ",
        "TC_ACT_OK",
        "TC_ACT_RECLASSIFY",
        "frame: first at byte 22",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert!(run.stdout.contains("bpf_get_prandom_u32"), "why no two runs agree is said: {}", run.stdout);

    let all = json_of(&bpfscope(&["compare", &program, "mix.pcap", "--all", "--format", "json"]));
    let different = all["different"].as_u64().expect("a count");
    assert!((60..=264).contains(&different), "about half of 324: {different}");
    assert_eq!((&all["compared"], &all["equal"]), (&json!(324), &json!(false)));
    let first = &all["differences"][0];
    assert_eq!((&first["what"], &first["hook"]), (&json!("return"), &json!("tc-ingress")));
}

#[test]
fn maps_that_come_to_differ_are_shown_with_their_key() {
    if !available("a map that differs from the running kernel's") {
        return;
    }
    let scratch = Scratch::new();
    let program = scratch.file(
        "store.s",
        r#"
.license "GPL"
.map seen, hash, key=4, value=8, entries=4
.section tc
        call bpf_get_prandom_u32
        *(u64 *)(r10 - 8) = r0
        r1 = 7
        *(u32 *)(r10 - 12) = r1
        r1 = seen ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_map_update_elem
        r0 = 0
        exit
"#,
    );
    let run = bpfscope(&["compare", &program, "dns.pcap"]);
    assert_eq!(run.status, 1);
    assert!(run.stdout.starts_with("packet 1: ARP") && run.stdout.contains("\n  seen[7]\n"), "{}", run.stdout);
}

#[test]
fn what_the_kernel_rejects_is_no_bad_input() {
    if !available("a rejection by the running kernel") {
        return;
    }
    let scratch = Scratch::new();
    let program = scratch.file("bad.s", UNCHECKED);
    for args in [vec!["compare", &program, "dns.pcap"], vec!["replay", &program, "dns.pcap", "--engine", "kernel"]] {
        let run = bpfscope(&args);
        assert_eq!(run.status, 1, "{args:?}");
        let expected = "program `tc`: the kernel's verifier rejects it: R0 offset is outside of the packet";
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}

#[test]
fn a_verification_that_a_signal_interrupts_is_begun_again() {
    if !available("interrupted verification") {
        return;
    }
    // Takes the kernel some tenths of a second; a stop makes it give up at once, with EAGAIN.
    let scratch = Scratch::new();
    let path = scratch.file("long.s", ".section socket\nr0 = 0\nagain: r0 += 1\nif r0 != 60000 goto again\nexit\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bpfscope"));
    let child = command.args(["check", &path, "--kernel", "running"]).stdout(Stdio::piped()).spawn().unwrap();
    for _ in 0..3 {
        thread::sleep(Duration::from_millis(30));
        for signal in ["-STOP", "-CONT"] {
            // It may have ended.
            let _ = Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        }
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn packets_that_the_kernel_cannot_be_given_are_told_when_the_others_are_done() {
    if !available("packets without MAC header") {
        return;
    }
    let run = bpfscope(&["replay", &lesson("count-tc.s"), "raw-ip.pcap", "--engine", "kernel"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("packets could not be run; the first, packet 1: the kernel's test runs"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("raw-ip.pcap"), "{}", run.stdout);
    // A socket filter sees such packets in a kernel, too.
    let run = bpfscope(&["compare", &lesson("count-socket.s"), "raw-ip.pcap"]);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn what_the_kernel_cannot_be_given_is_not_counted_here_either() {
    if !available("packets that come to no test run") {
        return;
    }
    let run = bpfscope(&["compare", &lesson("count-tc.s"), "raw-ip.pcap", "--all"]);
    assert_eq!(run.status, 2);
    assert_eq!(run.stdout.lines().count(), 1, "maps are the same: {}", run.stdout);
    assert!(run.stdout.contains("0 packets") && run.stdout.contains("nothing to compare"), "{}", run.stdout);
}

#[test]
fn a_large_socket_filter_fits_on_a_socket() {
    if !available("a socket filter of many instructions") {
        return;
    }
    // 160 000 bytes, where a socket has 131 072 for its filter by default.
    let text = format!(".section socket\n{}r0 = 40\nexit\n", "r2 = 0\n".repeat(20_000));
    let scratch = Scratch::new();
    let program = scratch.file("long.s", text);
    let run = bpfscope(&["compare", &program, "dns.pcap"]);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn whoever_may_not_run_programs_is_told_which_capability_is_missing() {
    const NOBODY: u32 = 65534;
    if !available("a replay without capabilities") {
        return;
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_bpfscope"));
    command.args(["replay", "-", "dns.pcap", "--engine", "kernel"]).uid(NOBODY).gid(NOBODY).current_dir("/");
    command.stdin(std::fs::File::open(lesson("count-tc.s")).expect("a lesson"));
    match command.output() {
        Ok(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{stderr}");
            assert!(stderr.contains("missing here: CAP_BPF"), "{stderr}");
        }
        Err(error) => eprintln!("skipped: 1 test: others may not run the command here: {error}"),
    }
}

#[test]
fn doctor_counts_the_helpers_that_this_kernel_lets_each_type_call() {
    if !available("what the doctor finds") {
        return;
    }
    let run = bpfscope(&["doctor", "--format", "json"]);
    let got = json_of(&run);
    let of = |name: &str| {
        let all = got["findings"].as_array().expect("findings");
        all.iter().find(|finding| finding["name"] == name).unwrap_or_else(|| panic!("{name}: {got}"))["state"].clone()
    };
    assert_eq!((of("bpf(2)"), of("capabilities")), (json!("good"), json!("good")), "{got}");
    for prog_type in ProgType::ALL {
        let ours = helpers().iter().filter(|helper| helper.prog_types.contains(prog_type)).count() as u64;
        let counted = got["helpers"][prog_type.name()].as_u64().expect("a count");
        // The table is that of 6.18; other kernels have fewer or more.
        assert!(
            counted == ours || !got["kernel"].as_str().expect("a release").starts_with("6.18"),
            "{prog_type:?}: {got}"
        );
        assert!(counted > 20, "{prog_type:?}: {got}");
    }
    let text = bpfscope(&["doctor"]);
    assert_eq!(text.status, run.status);
    assert!(text.stdout.starts_with("Linux ") && text.stdout.contains("✓ bpf(2)"), "{}", text.stdout);
}
