//! The command as its users meet it: exit statuses, JSON, messages, and what goes in comes out again.

mod run;

use std::path::Path;

use run::{Scratch, bpfscope, bpfscope_with, lesson, pcap};
use serde_json::{Value, json};

/// A line of JSON.
fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))
}

/// The names of an object's members, in order.
fn members(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Packets that a filter accepted in a replay.
fn accepted(program: &str, capture: &str) -> u64 {
    let run = bpfscope(&["replay", program, capture, "--format", "json"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{program}");
    let verdicts = parse(run.stdout.trim())["verdicts"].clone();
    ["PASS", "TRIM"].iter().filter_map(|verdict| verdicts[verdict].as_u64()).sum()
}

#[test]
fn a_filter_expression_is_a_program() {
    for (expression, capture, packets) in [
        ("tcp port 80 and tcp[tcpflags] & tcp-syn != 0", "http.pcap", 10),
        ("vlan 10 and icmp", "vlan.pcap", 6),
        ("tcp", "vlan.pcap", 0),
        ("inbound", "cooked.pcap", 14),
        ("icmp", "raw-ip.pcap", 7),
        ("arp", "arp-icmp.pcap", 7),
    ] {
        assert_eq!(accepted(expression, capture), packets, "{expression}");
    }
    let checked = bpfscope(&["check", "tcp port 80", "vlan and udp"]);
    assert_eq!(checked.status, 0, "{}", checked.stdout);
    let step = bpfscope(&["step", "udp port 53", "dns.pcap", "--packet", "3"]).stdout;
    assert!(step.contains("ldb      [23]") && step.contains("PASS"), "{step}");
}

#[test]
fn a_listing_of_a_classic_filter_is_a_program() {
    let scratch = Scratch::new();
    for text in ["4,40 0 0 12,21 0 1 2054,6 0 0 262144,6 0 0 0", "ldh [12]\njne #0x806, drop\nret #-1\ndrop: ret #0\n"]
    {
        let program = scratch.file("filter", text);
        assert_eq!(accepted(&program, "arp-icmp.pcap"), 7);
        let text = bpfscope(&["disasm", &program]).stdout;
        assert!(text.contains("skb[0xc]"), "{text}");
    }
}

#[test]
fn a_link_holds_a_filter_expression() {
    let link = bpfscope(&["link", "icmp or arp", "raw-ip.pcap"]).stdout;
    let scenario = bpfscope(&["link", link.trim()]).stdout;
    let filter = parse(&scenario)["source"]["filter"].clone();
    assert_eq!(filter, json!({"expression": "icmp or arp", "link": "raw"}));
    assert_eq!(accepted(link.trim(), "raw-ip.pcap"), 7);
}

#[test]
fn replay_prints_one_json_object() {
    let run = bpfscope(&["replay", &lesson("count-tc.s"), "mix.pcap", "--format", "json"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    let [line] = lines.as_slice() else { panic!("{}", run.stdout) };
    let mut summary = parse(line);
    assert_eq!(members(&summary), ["events", "insns", "maps", "packets", "runs", "seconds", "verdicts"]);
    assert!(summary["seconds"].as_f64().is_some_and(|s| s > 0.0));
    let entries = summary["maps"]["counts"].as_array_mut().expect("entries");
    entries.sort_by_key(Value::to_string);
    summary["seconds"] = Value::Null;
    let expected = json!({
        "packets": 324, "runs": 324, "insns": 5538, "seconds": null, "verdicts": {"TC_ACT_OK": 324}, "events": 0,
        "maps": {"counts": [
            {"key": "01000000", "value": "3300000000000000"},
            {"key": "06000000", "value": "6600000000000000"},
            {"key": "11000000", "value": "4b00000000000000"},
        ]},
    });
    assert_eq!(summary, expected);
}

#[test]
fn records_that_a_buffer_has_no_room_for_are_told() {
    let scratch = Scratch::new();
    let text = ".map ring, ringbuf, entries=4096\n.section xdp\nr1 = ring ll\nr2 = 8000\nr3 = 0\n\
                call bpf_ringbuf_reserve\nif r0 == 0 goto full\nr1 = r0\nr2 = 0\ncall bpf_ringbuf_submit\n\
                full: r0 = 2\nexit\n";
    let program = scratch.file("full.s", text);
    let run = bpfscope(&["replay", &program, "dns.pcap", "--packets", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let lines: Vec<Value> = run.stdout.lines().map(parse).collect();
    let (summary, packets) = lines.split_last().expect("a summary");
    assert!(packets.iter().all(|packet| packet["lost"] == 1), "{}", packets[0]);
    assert_eq!(summary["lost"], json!({"ring": packets.len()}));
    let text = bpfscope(&["replay", &program, "dns.pcap", "--packets"]).stdout;
    assert!(text.contains("loses a record of 8000 bytes: ring is full\n"), "{text}");
    assert!(text.contains("records lost: ring was full\n"), "{text}");
}

#[test]
fn packets_are_a_json_line_each_before_the_summary() {
    let run = bpfscope(&["replay", &lesson("ttl.s"), "http.pcap", "--packets", "--format", "json"]);
    assert_eq!(run.status, 0);
    let lines: Vec<Value> = run.stdout.lines().map(parse).collect();
    assert_eq!(lines.len(), 84 + 1);
    let first = &lines[0];
    assert_eq!(members(first), ["fault", "hook", "insns", "out", "packet", "program", "ret", "verdict"]);
    let named = json!([first["packet"], first["hook"], first["program"], first["ret"], first["verdict"]]);
    assert_eq!(named, json!([0, "tc-ingress", "forward", 0, "TC_ACT_OK"]));
    let tcp = lines.iter().find(|line| line["out"].is_string()).expect("a frame that was changed");
    assert!(tcp["out"].as_str().expect("hex").len() > 100);
    assert_eq!(lines[84]["packets"], 84);
}

#[test]
fn the_frame_is_told_only_when_it_is_another_one_whatever_the_link() {
    for capture in ["mix.pcap", "raw-ip.pcap", "cooked.pcap", "vlan.pcap", "two-interfaces.pcapng"] {
        for program in ["count-tc.s", "count-socket.s", "drop-dns.s"] {
            let run = bpfscope(&["replay", &lesson(program), capture, "--packets", "--format", "json"]);
            let changed = run.stdout.lines().map(parse).find(|line| line["out"].is_string());
            assert_eq!((run.status, changed), (0, None), "{program} {capture}");
        }
    }
}

#[test]
fn a_fault_is_a_verdict_with_its_reason_and_place() {
    let scratch = Scratch::new();
    let program = scratch.file("wild.s", ".section tc\nwild:\n  r1 = 0x10 ll\n  r0 = *(u8 *)(r1 + 1)\n  exit\n");
    let run = bpfscope(&["replay", &program, "dns.pcap", "--packets", "--format", "json"]);
    let first = parse(run.stdout.lines().next().expect("a line"));
    assert_eq!((run.status, &first["verdict"], &first["out"]), (0, &json!("FAULT"), &json!(null)));
    assert!(first["fault"].as_str().is_some_and(|f| f.contains("0x11")), "{first}");
    let run = bpfscope(&["replay", &program, "dns.pcap"]);
    assert!(run.stdout.contains("FAULT") && run.stdout.contains(&format!("{program}:4: ")), "{}", run.stdout);
}

#[test]
fn an_endless_loop_ends_in_a_fault() {
    let scratch = Scratch::new();
    let program = scratch.file("loop.s", ".section xdp\nspin: goto spin\n");
    let run = bpfscope(&["replay", &program, "arp-icmp.pcap", "--format", "json"]);
    assert_eq!((run.status, &parse(&run.stdout)["verdicts"]), (0, &json!({"FAULT": 31})));
}

#[test]
fn a_damaged_capture_is_replayed_as_far_as_it_goes() {
    let (scratch, http) = (Scratch::new(), std::fs::read(pcap("http.pcap")).expect("a capture"));
    let cut = scratch.file("cut.pcap", &http[..5000]);
    let run = bpfscope(&["replay", &lesson("count-tc.s"), &cut, "--format", "json"]);
    assert_eq!((run.status, &parse(&run.stdout)["packets"]), (2, &json!(39)));
    let expected = format!("{cut}: packet 40 at byte 4925: the capture ends inside it (75 bytes of 418)\n");
    assert_eq!(run.stderr, expected);

    let mut corrupt = http;
    corrupt[24 + 8..24 + 12].copy_from_slice(&[0xff; 4]);
    let corrupt = scratch.file("corrupt.pcap", &corrupt);
    let run = bpfscope(&["replay", &lesson("count-tc.s"), &corrupt, "--format", "json"]);
    assert_eq!((run.status, &parse(&run.stdout)["packets"]), (2, &json!(0)));
    assert!(run.stderr.starts_with(&format!("{corrupt}: packet 1 at byte 24: ")), "{}", run.stderr);
}

#[test]
fn maps_that_were_printed_can_be_given_back() {
    let (scratch, program) = (Scratch::new(), lesson("count-tc.s"));
    let first = bpfscope(&["replay", &program, "http.pcap", "--format", "json"]);
    let maps = scratch.file("maps.json", parse(&first.stdout)["maps"].to_string());
    let second = bpfscope(&["replay", &program, "http.pcap", "--format", "json", "--maps", &maps]);
    let tcp = |run: &run::Run| {
        let entries = parse(&run.stdout)["maps"]["counts"].clone();
        let tcp = entries.as_array().expect("entries").iter().find(|e| e["key"] == "06000000").cloned();
        u64::from_str_radix(&tcp.expect("TCP")["value"].as_str().expect("hex")[..2], 16).expect("hex")
    };
    assert_eq!(tcp(&second), 2 * tcp(&first));
}

#[test]
fn what_leaves_is_written_as_it_left() {
    let scratch = Scratch::new();
    let out = scratch.path("out.pcap");
    let run = bpfscope(&["replay", &lesson("drop-dns.s"), "dns.pcap", "--write", &out, "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let passed = parse(&run.stdout)["verdicts"]["XDP_PASS"].clone();
    let again = bpfscope(&["replay", &lesson("drop-dns.s"), &out, "--format", "json"]);
    assert_eq!(parse(&again.stdout)["verdicts"], json!({ "XDP_PASS": passed }));

    let program = scratch.file("trim.s", ".section socket\ntrim: r0 = 40\nexit\n");
    assert_eq!(bpfscope(&["replay", &program, "http.pcap", "--write", &out]).status, 0);
    let frames = capture_of(&out);
    assert_eq!(frames.len(), 84);
    assert!(frames.iter().all(|(len, orig)| *len == 40 && orig > len), "{frames:?}");

    // Raw IP stays raw IP.
    assert_eq!(bpfscope(&["replay", &lesson("count-tc.s"), "raw-ip.pcap", "--write", &out]).status, 0);
    assert_eq!(std::fs::read(&out).expect("a capture")[20], 101);

    let copy = scratch.file("copy.pcap", std::fs::read(pcap("dns.pcap")).expect("a capture"));
    let run = bpfscope(&["replay", &lesson("drop-dns.s"), &copy, "--write", &copy]);
    assert_eq!((run.status, run.stderr), (2, format!("{copy}: is read, so it cannot be written\n")));
}

/// Bytes held and bytes on the wire of each packet of a pcap.
fn capture_of(path: &str) -> Vec<(usize, usize)> {
    let bytes = std::fs::read(path).expect("a capture");
    let mut reader = bpfscope_core::net::CaptureReader::new(bytes.as_slice()).expect("a capture");
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet().expect("a packet") {
        frames.push((packet.data.len(), packet.orig_len as usize));
    }
    frames
}

#[test]
fn a_link_holds_program_capture_and_place() {
    let scratch = Scratch::new();
    let program = lesson("count-tc.s");
    let run = bpfscope(&["link", &program, "http.pcap", "--packet", "3", "--step", "5", "--title", "Three"]);
    assert_eq!(run.status, 0);
    let link = run.stdout.trim();
    assert!(link.starts_with("#1."), "{link}");

    let opened = parse(&bpfscope(&["link", link]).stdout);
    assert_eq!(opened["source"]["asm"], std::fs::read_to_string(&program).expect("the lesson"));
    assert_eq!(opened["capture"], json!({"bundled": "http.pcap"}));
    assert_eq!((&opened["title"], &opened["cursor"]), (&json!("Three"), &json!({"packet": 2, "run": 0, "step": 5})));

    // Every form of it replays the same: the link, an address with it, a file with it, and the scenario as a file.
    let direct = bpfscope(&["step", &program, "http.pcap", "--packet", "3"]).stdout;
    let in_file = scratch.file("link.txt", format!("{link}\n"));
    let scenario = scratch.file("scenario.json", opened.to_string());
    for form in [link, &format!("https://bpfscope.example/{link}"), &in_file, &scenario] {
        let run = bpfscope(&["step", form]);
        assert_eq!((run.status, run.stdout.replace("=>", "  ")), (0, direct.clone()), "{form}");
        assert_eq!(run.stdout.matches("=>").count(), 1, "the place is marked");
        assert_eq!(bpfscope(&["replay", form]).status, 0, "{form}");
    }
    assert_eq!(bpfscope(&["link", &scenario]).stdout, run.stdout, "a scenario makes the same link again");

    let own = scratch.file("own.pcap", std::fs::read(pcap("two-interfaces.pcapng")).expect("a capture"));
    let link = bpfscope(&["link", &program, &own, "--base", "https://bpfscope.example/"]).stdout;
    assert!(link.starts_with("https://bpfscope.example/#1."), "{link}");
    std::fs::remove_file(&own).expect("the capture");
    let replayed = bpfscope(&["replay", link.trim(), "--format", "json"]);
    assert_eq!(parse(&replayed.stdout)["packets"], 28, "the capture is in the link");
}

#[test]
fn step_tells_what_each_instruction_did() {
    let run = bpfscope(&["step", &lesson("count-socket.s"), "mix.pcap", "--packet", "3"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let words: Vec<String> = run.stdout.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected = [
        "packet 3: 10.0.0.7 → 10.0.0.53 DNS A seed.example",
        "bpf_prog1 at socket",
        "0 0: r6 = r1 r6 = ctx",
        "1 1: r0 = *(u8 *)skb[0x17] r0 = 17, reads pkt+23, 1 byte",
        "2 2: *(u32 *)(r10 - 0x4) = r0 writes fp-4, 4 bytes",
        "3 3: r2 = r10 r2 = fp",
        "4 4: r2 += -0x4 r2 = fp-4",
        "5 5: r1 = my_map ll r1 = map my_map",
        "6 7: call bpf_map_lookup_elem r0 = my_map[17]+0",
        "7 8: if r0 == 0x0 goto +0x2",
        "8 9: r1 = 0x1 r1 = 1",
        "9 10: lock *(u64 *)(r0 + 0x0) += r1 my_map[17] is 1",
        "10 11: r0 = 0x0 r0 = 0",
        "11 12: exit",
        "DROP (0) after 12 instructions",
    ];
    assert_eq!(words, expected);
}

#[test]
fn text_becomes_an_object_and_the_object_the_same_text() {
    let scratch = Scratch::new();
    for name in ["count-tc.s", "tail-calls.s", "syn-events.s"] {
        let (first, second) = (scratch.path("first.o"), scratch.path("second.o"));
        let run = bpfscope(&["asm", &lesson(name), "-o", &first]);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
        let text = bpfscope(&["disasm", &first]);
        let run = bpfscope_with(&["asm", "-", "-o", &second], &text.stdout);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{name}\n{}", text.stdout);
        assert_eq!(bpfscope(&["disasm", &second]).stdout, text.stdout, "{name}");
        let replayed =
            [first, second].map(|o| parse(&bpfscope(&["replay", &o, "mix.pcap", "--format", "json"]).stdout));
        let known = replayed.map(|r| (r["insns"].clone(), r["verdicts"].clone(), r["maps"].clone()));
        assert_eq!(known[0], known[1], "{name}");
    }
}

#[test]
fn objects_of_clang_survive_disassembly() {
    use bpfscope_tests::clang;
    if !clang::available("disassembly of clang's objects") {
        return;
    }
    let (scratch, mut count) = (Scratch::new(), 0);
    for entry in std::fs::read_dir(clang::objects()).expect("objects") {
        let source = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        // This one is a program for the machine itself.
        if !source.ends_with(".c") || source == "libbpf_insns.c" {
            continue;
        }
        let object = scratch.file("object.o", clang::compile(&source, clang::Flags::USUAL));
        let text = bpfscope(&["disasm", &object]);
        let again = scratch.path("again.o");
        let run = bpfscope_with(&["asm", "-", "-o", &again], &text.stdout);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{source}");
        assert_eq!(bpfscope(&["disasm", &again]).stdout, text.stdout, "{source}");
        count += 1;
    }
    assert!(count >= 8, "{count} objects");
}

#[test]
fn standard_input_can_be_the_program_or_the_capture() {
    let text = std::fs::read_to_string(lesson("count-tc.s")).expect("the lesson");
    let run = bpfscope_with(&["replay", "-", "dns.pcap"], &text);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let capture = std::fs::read(pcap("dns.pcap")).expect("a capture");
    let run = bpfscope_with(&["replay", &lesson("count-tc.s"), "-", "--format", "json"], &capture);
    assert_eq!(parse(&run.stdout)["packets"], 32);
}

#[test]
fn what_is_not_simulated_is_a_note_and_the_rest_runs() {
    let scratch = Scratch::new();
    let text = ".section tc\none: r0 = 0\nexit\n.section fentry/x\ntwo: r0 = 0\nexit\n.section kprobe/y\nthree: r0 = 0\nexit\n";
    let program = scratch.file("mixed.s", text);
    let run = bpfscope(&["replay", &program, "dns.pcap", "--format", "json"]);
    assert_eq!((run.status, &parse(&run.stdout)["runs"]), (0, &json!(32)));
    let notes: Vec<&str> = run.stderr.lines().filter_map(|line| Some(line.split_once(": note: ")?.1)).collect();
    assert!(
        notes[0].starts_with("program `two` ") && notes[0].ends_with("is not simulated: it is left out"),
        "{notes:?}"
    );
    assert_eq!(notes[1..], ["program `three` is a kprobe program, which sees no packets: it does not run"]);
    let run = bpfscope(&["replay", &program, "dns.pcap", "--program", "one"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "of the others nothing was asked");
    let run = bpfscope(&["replay", &program, "dns.pcap", "--program", "three"]);
    assert_eq!(run.stderr, format!("{program}: program `three` is a kprobe program, which sees no packets\n"));
}

#[test]
fn no_colour_goes_into_a_pipe() {
    for args in [["replay", "--packets"].as_slice(), &["step"]] {
        let run = bpfscope(&[args, &[&lesson("drop-dns.s"), "dns.pcap"]].concat());
        assert!(!run.stdout.contains('\x1b') && !run.stdout.is_empty());
    }
    assert!(!bpfscope(&["--help"]).stdout.contains('\x1b'));
}

#[test]
fn each_command_has_help_with_an_example() {
    for command in ["replay", "step", "asm", "disasm", "link"] {
        let run = bpfscope(&[command, "--help"]);
        assert!(run.status == 0 && run.stdout.contains(&format!("bpfscope {command} ")), "{}", run.stdout);
        assert!(run.stdout.contains("Example"), "{command}");
    }
    assert!(Path::new(&lesson("count-tc.s")).exists());
}

#[test]
fn shells_complete_every_subcommand_and_each_has_a_manual_page() {
    let scratch = Scratch::new();
    let directory = scratch.path("man1");
    std::fs::create_dir(&directory).expect("a directory");
    assert_eq!(bpfscope(&["man", &directory]).status, 0);
    let help = bpfscope(&["--help"]).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| line.starts_with("  "));
    let names: Vec<&str> = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    assert!(names.contains(&"check") && names.contains(&"replay"), "{help}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = bpfscope(&["completions", shell]).stdout;
        assert!(names.iter().all(|name| script.contains(name)), "{shell}: {script}");
    }
    for name in names.iter().filter(|name| !name.is_empty() && **name != "help") {
        let page = std::fs::read_to_string(Path::new(&directory).join(format!("bpfscope-{name}.1")));
        assert!(page.unwrap_or_else(|e| panic!("{name}: {e}")).contains(".SH SYNOPSIS"), "{name}");
    }
}
