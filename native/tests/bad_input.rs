//! Bad input of every kind: exit status 2, nothing on standard output, and one message with its place.

mod run;

use run::{Scratch, bpfscope, bpfscope_with, lesson};

/// The count lesson, assembled, as bytes.
fn object(scratch: &Scratch) -> Vec<u8> {
    let path = scratch.path("good.o");
    assert_eq!(bpfscope(&["asm", &lesson("count-tc.s"), "-o", &path]).status, 0);
    std::fs::read(path).expect("an object")
}

/// An object with a byte changed.
fn with(object: &[u8], changes: &[(usize, u8)]) -> Vec<u8> {
    let mut object = object.to_vec();
    for (at, byte) in changes {
        object[*at] = *byte;
    }
    object
}

/// The object's first relocation of a program, which points to a symbol that there is not.
fn relocation_to_nowhere(object: &[u8]) -> Vec<u8> {
    let u = |at: usize, len: usize| {
        object[at..at + len].iter().rev().fold(0usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let (headers, count) = (u(0x28, 8), u(0x3c, 2));
    let relocations = (0..count).map(|i| headers + i * 64).find(|at| u(at + 4, 4) == 9).expect("SHT_REL");
    let symbol = u(relocations + 0x18, 8) + 12;
    with(object, &[(symbol, 0xff), (symbol + 1, 0xff)])
}

/// Fails unless the command refuses these arguments with these words, at that place.
fn refused(args: &[&str], place: &str, words: &[&str]) {
    let run = bpfscope(args);
    let context = format!("{args:?}: {run:?}");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{context}");
    assert!(run.stderr.starts_with(&format!("{place}: ")), "{context}");
    assert!(words.iter().all(|word| run.stderr.contains(word)), "{context}");
    assert_eq!(run.stderr.lines().count(), 1, "{context}");
}

#[test]
fn captures() {
    let (scratch, good) = (Scratch::new(), std::fs::read(run::pcap("http.pcap")).expect("a capture"));
    let wifi = [&good[..20], &[105, 0, 0, 0], &good[24..]].concat();
    let cases: &[(&[u8], &str)] = &[
        (b"", "the capture is empty"),
        (b"nothing like a capture", "not a capture: it starts with 6e 6f 74 68"),
        (&good[..20], "the capture ends inside its header: 20 bytes of 24"),
        (b"\x1f\x8b\x08\0 and so on, and so on", "the capture is compressed with gzip"),
        (&wifi, "link type 105 (IEEE 802.11) is not supported"),
    ];
    for (bytes, words) in cases {
        let capture = scratch.file("bad.pcap", bytes);
        refused(&["replay", &lesson("count-tc.s"), &capture], &capture, &[words]);
        refused(&["step", &lesson("count-tc.s"), &capture], &capture, &[words]);
        refused(&["link", &lesson("count-tc.s"), &capture], &capture, &[words]);
    }
    refused(&["replay", &lesson("count-tc.s"), "none.pcap"], "none.pcap", &["no such file", "http.pcap"]);
    let missing = scratch.path("none.pcap");
    refused(&["replay", &lesson("count-tc.s"), &missing], &missing, &["No such file"]);
    refused(&["step", &lesson("count-tc.s"), "dns.pcap", "--packet", "33"], "dns.pcap", &["no packet 33", "has 32"]);
}

#[test]
fn objects() {
    let scratch = Scratch::new();
    let good = object(&scratch);
    let cases: [(Vec<u8>, &[&str]); 6] = [
        (with(&good, &[(18, 62), (19, 0)]), &["x86-64", "not for BPF"]),
        (with(&good, &[(5, 2), (18, 0), (19, 247)]), &["big-endian"]),
        (with(&good, &[(4, 1)]), &["32-bit"]),
        (relocation_to_nowhere(&good), &["section `tc`, byte ", "relocation to nowhere"]),
        (good[..100].to_vec(), &["damaged ELF file"]),
        (vec![0, 1, 2, 3], &["neither an ELF object nor text"]),
    ];
    for (bytes, words) in cases {
        let program = scratch.file("bad.o", bytes);
        refused(&["replay", &program, "dns.pcap"], &program, words);
        if !words[0].contains("section") {
            refused(&["disasm", &program], &program, words);
        }
    }
}

#[test]
fn assembly() {
    let scratch = Scratch::new();
    let cases: &[(&str, &str, &[&str])] = &[
        (".section tc\nf: r0 = 1 +\nexit\n", ":2:", &["expected a number"]),
        (".section tc\nf: goto nowhere\nexit\n", ":2:", &["unknown label `nowhere`"]),
        (".section tc\nf: exot\n", ":2:", &["found `exot`; did you mean `exit`?"]),
        ("r0 = 0\nexit\n", ":1:", &["no program", "such as `.section tc`"]),
        ("\n\nmain: r0 = 0\nexit\n", ":3:", &["no program"]),
        ("", ":1:", &["no program"]),
        (".section tc\nf: .byte 0xff,0,0,0,0,0,0,0\nexit\n", "", &["opcode 0xff"]),
        (
            ".map m, hash, key=4, value=4, entries=4294967295\n.section tc\nf: r1 = m ll\nr0 = 0\nexit\n",
            "",
            &["map `m`", "4294967295 entries"],
        ),
        (
            ".map m, array, key=4, value=4096, entries=4000000000\n.section tc\nf: r1 = m ll\nr0 = 0\nexit\n",
            "",
            &["map `m`"],
        ),
    ];
    for (text, line, words) in cases {
        let program = scratch.file("bad.s", text);
        let run = bpfscope(&["replay", &program, "dns.pcap"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{text}: {run:?}");
        assert!(run.stderr.starts_with(&format!("{program}{line}")), "{text}: {run:?}");
        assert!(words.iter().all(|word| run.stderr.contains(word)), "{text}: {run:?}");
    }
    let all = scratch.file("all.s", ".section tc\nf: exot\ngoto nowhere\n");
    let run = bpfscope(&["asm", &all, "-o", &scratch.path("never.o")]);
    assert_eq!((run.status, run.stderr.lines().count()), (2, 2), "every mistake has its line: {run:?}");
    assert!(!std::path::Path::new(&scratch.path("never.o")).exists());
}

#[test]
fn languages_that_are_not_read() {
    let scratch = Scratch::new();
    let cases = [
        ("#include <linux/bpf.h>\nint f(void) { return 0; }\n", "1", "C source: compile it first"),
        ("(000) ldh      [y]\n(001) ret      #262144\n", "1:1", "`[y]` is no operand"),
        ("{ 0x28, 0, 0, 0x0000000c },\n", "1:1", "the last instruction must be `ret`"),
        ("ldh [12]\njeq #1, a, b\na: ret #0\n", "2:12", "there is no label `b`"),
        ("ld poff\nret a\n", "1", "`ld poff` has no eBPF: the kernel's flow dissector"),
    ];
    for (text, place, words) in cases {
        let program = scratch.file("program", text);
        refused(&["replay", &program, "dns.pcap"], &format!("{program}:{place}"), &[words]);
        refused(&["asm", &program, "-o", &scratch.path("never.o")], &format!("{program}:{place}"), &[words]);
    }
}

#[test]
fn a_filter_expression_is_pointed_at_where_it_is_wrong() {
    for (args, start, below) in [
        (
            &["replay", "tcp prot 80", "dns.pcap"][..],
            "filter:1:5: `and` or `or` is expected",
            "  tcp prot 80\n      ^^^^\n",
        ),
        (
            &["replay", "frobnicate", "dns.pcap"],
            "filter:1:1: `frobnicate` is no word of the language",
            "\n  ^^^^^^^^^^\n",
        ),
        (&["replay", "inbound", "dns.pcap"], "filter:1:1: a capture of Ethernet packets does not say", "\n  ^^^^^^^\n"),
        (&["replay", "tcp and", "dns.pcap"], "filter:1:8: the expression ends", "  tcp and\n         ^\n"),
    ] {
        let run = bpfscope(args);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.starts_with(start) && run.stderr.ends_with(below), "{run:?}");
    }
    refused(&["replay", "no-such-file.o", "dns.pcap"], "no-such-file.o", &["No such file"]);
}

#[test]
fn links_and_scenarios() {
    let scratch = Scratch::new();
    let link = bpfscope(&["link", &lesson("count-tc.s"), "dns.pcap"]).stdout;
    let (cut, later) = (&link.trim()[..link.len() / 2], link.trim().replacen("#1.", "#7.", 1));
    refused(&["replay", cut], "link", &["the link is damaged"]);
    refused(&["link", &later], "link", &["version 7"]);
    let scenario = scratch.file("scenario.json", "{\"bpfscope\": 1,\n \"source\": 5}");
    refused(&["replay", &scenario], &format!("{scenario}:2"), &["not a scenario"]);
    let scenario = scratch
        .file("scenario.json", "{\"bpfscope\": 1, \"source\": {\"asm\": \"\"}, \"capture\": {\"bundled\": \"x\"}}");
    assert_eq!(bpfscope(&["replay", &scenario]).status, 2);
}

#[test]
fn options_that_do_not_fit() {
    let scratch = Scratch::new();
    let program = lesson("count-tc.s");
    let two = scratch.file("two.s", ".section tc\none: r0 = 0\nexit\n.section xdp\ntwo: r0 = 2\nexit\n");
    let cases: &[(&[&str], &str)] = &[
        (&[&program, "dns.pcap", "--hook", "xdp"], "`count` is a sched_cls program, which cannot run at xdp"),
        (&[&program, "dns.pcap", "--program", "none"], "there is no program `none`; there is `count`"),
        (&[&two, "dns.pcap", "--program", "two", "--hook", "tc-egress"], "`two` is a xdp program, which cannot run at"),
        (&[&two, "dns.pcap", "--hook", "socket"], "which program? Name one with --program: there is `one`, `two`"),
        (&[&program], "which capture?"),
        (&[&program, "dns.pcap", "--hook", "nowhere"], "possible values: socket, tc-ingress, tc-egress, xdp"),
        (&[&program, "dns.pcap", "--kernel", "latest"], "is not a kernel version"),
        (&["-", "-"], "standard input can be the program or the capture, not both"),
    ];
    for (args, words) in cases {
        let run = bpfscope(&[&["replay"], *args].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{args:?}: {run:?}");
        assert!(run.stderr.contains(words), "{args:?}: {run:?}");
    }
    for (args, words) in
        [(["--packet", "0"], "packets are counted from 1"), (["--run", "2"], "packet 1 has 1 run, no run 2")]
    {
        let run = bpfscope(&[&["step", &program, "dns.pcap"], args.as_slice()].concat());
        assert_eq!((run.status, run.stderr.trim()), (2, words));
    }
}

#[test]
fn contents_of_maps() {
    let (scratch, program) = (Scratch::new(), lesson("count-tc.s"));
    let twice = r#"{"counts": [{"key": "01000000", "value": "0000000000000000"}, {"key": "01000000", "value": "0100000000000000"}]}"#;
    let cases = [
        ("{\n\"counts\": 5}", ":2", "not maps' contents"),
        (r#"{"counts": [], "counts": []}"#, ":1", "map `counts` stands here twice"),
        (r#"{"counts": [{"key": "0g", "value": ""}]}"#, ":1", "`0g` is not hexadecimal"),
        (twice, "", "map `counts` has key 01000000 twice"),
        (r#"{"count": []}"#, "", "there is no map `count`; there is `counts`"),
        (r#"{"counts": [{"key": "01", "value": ""}]}"#, "", "map `counts`: the key 01 has 1 bytes, the map's have 4"),
        (r#"{"counts": [{"key": "01000000", "value": "05"}]}"#, "", "the value 05 has 1 bytes, the map's have 8"),
    ];
    for (json, line, words) in cases {
        let maps = scratch.file("maps.json", json);
        refused(&["replay", &program, "dns.pcap", "--maps", &maps], &format!("{maps}{line}"), &[words]);
    }
}

#[test]
fn output_that_nobody_reads_is_no_error() {
    // A reader that goes away early, as `head` does.
    let script =
        format!("{} replay {} mix.pcap --packets | head -1", env!("CARGO_BIN_EXE_bpfscope"), lesson("count-tc.s"));
    let output = std::process::Command::new("bash").args(["-o", "pipefail", "-c", &script]).output();
    let output = output.expect("bash runs");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert_eq!(bpfscope_with(&["replay", "-", "dns.pcap"], "").status, 2);
}
