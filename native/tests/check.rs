//! `bpfscope check` from outside: verdicts, formats, exit statuses.

mod run;

use std::{io::Write, path::Path, process::Command};

use bpfscope_tests::kernel::available;
use run::{Run, Scratch, bpfscope, bpfscope_with, lesson};
use serde_json::Value;

const GOOD: &str = ".license \"GPL\"\n.section xdp\n.globl pass\npass:\n        r0 = 2\n        exit\n";
/// Its load of the packet is not checked; the load is on line 7.
const BAD: &str = ".license \"GPL\"\n.section xdp\n.globl parse\nparse:\n        r2 = *(u32 *)(r1 + 0x0)\n        \
                   r3 = *(u32 *)(r1 + 0x4)\n        r4 = *(u16 *)(r2 + 0xc)\n        r0 = 2\n        exit\n";
const MESSAGE: &str = "R2 offset is outside of the packet";

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", run.stdout, run.stderr))
}

fn assembled(scratch: &Scratch, name: &str, text: &str) -> String {
    let source = scratch.file(&format!("{name}.s"), text);
    let object = scratch.path(name);
    let run = bpfscope(&["asm", &source, "-o", &object]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    object
}

#[test]
fn an_accepted_program_is_one_line_and_a_summary() {
    let run = bpfscope(&["check", &lesson("count-tc.s")]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].contains("count-tc.s: accepted  count  tc  sched_cls  "), "{}", lines[0]);
    assert_eq!(lines[1..], ["1 program in 1 object: 1 accepted, 0 rejected"]);
}

#[test]
fn a_rejection_begins_with_the_kernels_message_and_shows_line_instruction_and_meaning() {
    let scratch = Scratch::new();
    let file = scratch.file("bad.s", BAD);
    let run = bpfscope(&["check", &file]);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with(&format!("{file}: rejected  parse  xdp  xdp  ")), "{}", lines[0]);
    assert_eq!(lines[1..4], ["", "invalid access to packet, off=12 size=2, R2(id=0,off=12,r=0)", MESSAGE]);
    assert_eq!(lines[4..6], ["", &format!(" --> {file}:7")]);
    assert_eq!(lines[6..8], ["7 | r4 = *(u16 *)(r2 + 0xc)", "  | ^^^^^^^^^^^^^^^^^^^^^^^"]);
    assert_eq!(lines[8], "  = 2: (69) r4 = *(u16 *)(r2 +12)");
    assert!(lines[10].ends_with(" [packet-bounds]"), "{}", lines[10]);
    assert_eq!(lines.last(), Some(&"1 program in 1 object: 0 accepted, 1 rejected"));
    assert!(!run.stdout.contains('\x1b'), "no colour in a pipe");
}

#[test]
fn the_log_is_printed_when_it_is_asked_for() {
    let scratch = Scratch::new();
    let file = scratch.file("bad.s", BAD);
    let run = bpfscope(&["check", &file, "--log", "2"]);
    for line in ["0: R1=ctx() R10=fp0", "processed 3 insns (limit 1000000)"] {
        assert!(run.stdout.contains(line), "no {line} in: {}", run.stdout);
    }
    let run = bpfscope(&["check", &file, "--log", "1", "--format", "json"]);
    assert!(json(&run)["programs"][0]["log"].as_str().unwrap().contains(MESSAGE));
}

#[test]
fn one_object_on_one_kernel_is_one_json_object() {
    let scratch = Scratch::new();
    let object = assembled(&scratch, "bad.o", BAD);
    let run = bpfscope(&["check", &object, "--format", "json", "--kernel", "5.15"]);
    assert_eq!(run.status, 1);
    let got = json(&run);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&got), ["kernel", "object", "programs"]);
    assert_eq!((got["kernel"].as_str(), got["object"].as_str()), (Some("5.15"), Some(object.as_str())));
    let program = &got["programs"][0];
    let mut expected: Vec<&str> =
        "name section type accepted message insn file line insns_processed verification_us".split(' ').collect();
    expected.sort_unstable();
    assert_eq!(keys(program), expected);
    assert_eq!(program["accepted"], false);
    assert_eq!(program["message"], MESSAGE);
    assert_eq!(program["insn"], 2);
    assert_eq!(program["insns_processed"], 3);
    assert!(program["verification_us"].is_u64());
}

#[test]
fn an_accepted_program_has_no_message_and_no_place() {
    let run = bpfscope_with(&["check", "-", "--format", "json"], GOOD);
    assert_eq!(run.status, 0);
    let program = &json(&run)["programs"][0];
    assert_eq!(program["accepted"], true);
    for field in ["message", "insn", "file", "line"] {
        assert!(program[field].is_null(), "{field}");
    }
}

#[test]
fn all_kernels_are_an_array_or_a_table() {
    let scratch = Scratch::new();
    let file = scratch.file("bad.s", BAD);
    let run = bpfscope(&["check", &file, "--kernel", "all", "--format", "json"]);
    assert_eq!(run.status, 1);
    let got = json(&run);
    let kernels: Vec<&str> = got.as_array().unwrap().iter().map(|r| r["kernel"].as_str().unwrap()).collect();
    let known = ["4.4", "4.9", "4.14", "4.19", "5.4", "5.10", "5.15", "6.1", "6.6", "6.12", "6.18"];
    assert_eq!(kernels, known);
    let run = bpfscope(&["check", &file, "--kernel", "all"]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], format!("{file}: parse  xdp  xdp"));
    assert_eq!(lines.len(), 1 + known.len() + 2);
    assert_eq!(lines[known.len()], format!("  6.18  rejected  {MESSAGE}  {file}:7"));
    assert_eq!(lines.last(), Some(&"1 object on 11 kernels: 0 accepted, 11 rejected"));
}

#[test]
fn several_objects_are_reported_in_their_order() {
    let scratch = Scratch::new();
    let files: Vec<String> =
        (0..40).map(|i| scratch.file(&format!("{i}.s"), if i % 3 == 0 { BAD } else { GOOD })).collect();
    let mut args = vec!["check", "--format", "json"];
    args.extend(files.iter().map(String::as_str));
    let run = bpfscope(&args);
    assert_eq!(run.status, 1);
    let got = json(&run);
    let order: Vec<(&str, bool)> = got
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["object"].as_str().unwrap(), r["programs"][0]["accepted"].as_bool().unwrap()))
        .collect();
    let expected: Vec<(&str, bool)> = files.iter().enumerate().map(|(i, f)| (f.as_str(), i % 3 != 0)).collect();
    assert_eq!(order, expected);
}

#[test]
fn an_object_that_cannot_be_loaded_has_an_error_and_the_others_their_verdict() {
    let scratch = Scratch::new();
    let (good, text) = (scratch.file("good.s", GOOD), scratch.file("text.s", "r0 = \n"));
    let missing = scratch.path("missing.o");
    let run = bpfscope(&["check", &text, &missing, &good, "--format", "json"]);
    assert_eq!(run.status, 2);
    let got = json(&run);
    for at in [0, 1] {
        assert!(got[at]["programs"].is_null() && got[at]["error"].is_string(), "{got}");
    }
    assert_eq!(got[2]["programs"][0]["accepted"], true);
    assert!(run.stderr.contains(&format!("{text}:1:")) && run.stderr.contains(&missing), "{}", run.stderr);
}

#[test]
fn what_there_is_is_listed_when_something_else_is_asked_for() {
    let scratch = Scratch::new();
    let file = scratch.file("good.s", GOOD);
    for (args, expected) in [
        (["--program", "nosuch"], "there is no program `nosuch`; there is `pass`"),
        (["--kernel", "3.18"], "there is 4.4, 4.9, 4.14, 4.19, 5.4, 5.10, 5.15, 6.1, 6.6, 6.12, 6.18, running and all"),
        (["--type", "lsm"], "there is socket_filter, kprobe, sched_cls, "),
        (["--log", "3"], "3 is not in 0..=2"),
    ] {
        let run = bpfscope(&["check", &file, args[0], args[1]]);
        assert_eq!(run.status, 2, "{args:?}");
        assert!(run.stderr.contains(expected), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn a_program_of_a_type_that_is_not_known_is_refused_and_the_others_are_checked() {
    let scratch = Scratch::new();
    let both = format!("{GOOD}\n.section lsm/file_open\n.globl guard\nguard:\n        r0 = 0\n        exit\n");
    let object = scratch.file("both.s", &both);
    let run = bpfscope(&["check", &object, "--format", "json"]);
    assert_eq!(run.status, 2);
    let got = json(&run);
    assert_eq!(got["programs"].as_array().map(Vec::len), Some(1));
    let expected = "program `guard` (section `lsm/file_open`): type lsm is not known here";
    assert!(got["refused"][0].as_str().unwrap().starts_with(expected), "{got}");
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    let run = bpfscope(&["check", &object, "--program", "pass"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let run = bpfscope(&["check", &object, "--program", "guard"]);
    assert_eq!(run.status, 2, "{}", run.stdout);
    let only = scratch.file("only.s", ".section lsm/file_open\n.globl guard\nguard:\n        r0 = 0\n        exit\n");
    let run = bpfscope(&["check", &only]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("type lsm is not known here"), "{}", run.stderr);
}

#[test]
fn a_section_that_names_no_type_takes_the_one_that_is_given() {
    let scratch = Scratch::new();
    let file = scratch.file("own.s", ".section mine\n.globl f\nf:\n        r0 = 0\n        exit\n");
    assert_eq!(bpfscope(&["check", &file]).status, 2);
    let run = bpfscope(&["check", &file, "--type", "cgroup_skb"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("accepted  f  mine  cgroup_skb"), "{}", run.stdout);
}

#[test]
fn an_object_without_programs_is_an_error() {
    let scratch = Scratch::new();
    let file = scratch.file("none.s", "; nothing\n");
    let run = bpfscope(&["check", &file]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("no program"), "{}", run.stderr);
}

#[test]
fn rejections_are_annotations_on_github() {
    let scratch = Scratch::new();
    let (good, bad) = (scratch.file("good.s", GOOD), scratch.file("bad.s", BAD));
    let run = bpfscope(&["check", &good, &bad, "--format", "github"]);
    assert_eq!(run.status, 1);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 1, "{}", run.stdout);
    let expected = format!(
        "::error file={bad},line=7,title=Packet data is read or written without a bounds check::parse: invalid access \
         to packet, off=12 size=2, R2(id=0,off=12,r=0)%0A{MESSAGE}%0A%0A"
    );
    assert!(lines[0].starts_with(&expected), "{}", lines[0]);
}

/// The schema of SARIF 2.1.0, which comes with the crate `serde-sarif`.
fn sarif_schema() -> Value {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", "host-tuple", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo knows its packages");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|p| p["name"] == "serde-sarif").expect("it is a dependency of the tests");
    let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
    let schema = manifest.with_file_name("src").join("schema.json");
    let text = std::fs::read(&schema).unwrap_or_else(|e| panic!("{}: {e}", schema.display()));
    let mut schema: Value = serde_json::from_slice(&text).expect("JSON");
    // Its pattern of language codes has a bracket too many, which strict readers of patterns refuse.
    for object in ["run", "toolComponent"] {
        if let Some(language) = schema["definitions"][object]["properties"]["language"].as_object_mut() {
            language.remove("pattern");
        }
    }
    schema
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let scratch = Scratch::new();
    let (good, bad) = (scratch.file("good.s", GOOD), scratch.file("a bad one.s", BAD));
    let object = assembled(&scratch, "bad.o", BAD);
    let text = scratch.file("text.s", "r0 = \n");
    let cases: [(&[&str], usize, i32); 4] = [
        (&[&good], 0, 0),
        (&[&good, &bad, &object], 2, 1),
        (&[&bad, "--kernel", "all"], 11, 1),
        (&[&bad, &text], 1, 2),
    ];
    let schema = jsonschema::validator_for(&sarif_schema()).expect("a schema");
    assert!(!schema.is_valid(&serde_json::json!({ "version": "2.1.0", "runs": [{}] })), "it has something to say");
    for (args, results, status) in cases {
        let run = bpfscope(&[&["check", "--format", "sarif"], args].concat());
        assert_eq!(run.status, status, "{}", run.stderr);
        let got = json(&run);
        let errors: Vec<String> = schema.iter_errors(&got).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_eq!(got["runs"][0]["results"].as_array().map(Vec::len), Some(results), "{args:?}");
    }
}

#[test]
fn a_result_of_sarif_has_its_rule_its_place_and_its_program() {
    let scratch = Scratch::new();
    let bad = scratch.file("a bad one.s", BAD);
    let got = json(&bpfscope(&["check", &bad, "--format", "sarif"]));
    let (run, result) = (&got["runs"][0], &got["runs"][0]["results"][0]);
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "packet-bounds");
    assert!(run["tool"]["driver"]["rules"][0]["help"]["text"].as_str().unwrap().contains("data_end"));
    assert_eq!((&result["ruleId"], &result["ruleIndex"]), (&"packet-bounds".into(), &0.into()));
    let place = &result["locations"][0];
    assert_eq!(place["physicalLocation"]["region"]["startLine"], 7);
    let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert!(uri.starts_with("file:///") && uri.ends_with("/a%20bad%20one.s"), "{uri}");
    assert_eq!(place["logicalLocations"][0]["name"], "parse");
    assert_eq!(result["properties"]["kernel"], "6.18");
}

/// Definitions that no kernel creates, each with why. The first is complete when whoever loads it has set the number.
const IMPOSSIBLE: [(&str, &str); 4] = [
    (".map m, array, key=4, value=8", "max_entries is 0"),
    (".map m, hash, key=4, entries=8", "a value of 0 bytes: hash takes 1 or more"),
    (
        ".map m, ringbuf",
        "a ring buffer of 0 bytes: the size (max_entries) must be a power of two and a multiple of the page size, 4096",
    ),
    (
        ".map m, array_of_maps, key=4, value=4, entries=1",
        "array_of_maps needs the definition of its inner maps (`__array(values, …)`, or inner_map_fd)",
    ),
];

#[test]
fn programs_whose_maps_no_kernel_creates_are_told_why_a_line_each() {
    let scratch = Scratch::new();
    let asks = available("maps that the kernel does not create");
    for (map, why) in IMPOSSIBLE {
        let file = scratch.file("maps.s", format!("{map}\n{GOOD}.section tc\n.globl next\nnext:\nr0 = 0\nexit\n"));
        let run = bpfscope(&["check", &file]);
        let lines = ["pass", "next"].map(|name| format!("{file}: program `{name}`: map `m`: {why}\n"));
        assert_eq!((run.status, run.stderr), (2, lines.concat()), "{map}");
        assert_eq!(run.stdout, "0 programs in 1 object: 0 accepted, 0 rejected, 2 not checked\n");
        if !asks {
            continue;
        }
        let run = bpfscope(&["check", &file, "--kernel", "running", "--format", "json"]);
        let refused = json(&run)["refused"].as_array().map_or(0, Vec::len);
        assert_eq!((run.status, refused), (2, 2), "{map}");
        let lines: Vec<&str> = run.stderr.lines().collect();
        for (line, name) in lines.iter().zip(["pass", "next"]) {
            let start = format!("{file}: program `{name}`: map `m`: the kernel refuses creating a map of type ");
            assert!(
                line.starts_with(&start) && line.ends_with(&format!("Invalid argument (os error 22): {why}")),
                "{line}"
            );
        }
    }
}

#[test]
fn the_running_kernel_says_the_same_as_the_verifier_here() {
    if !available("verdicts of the running kernel") {
        return;
    }
    let scratch = Scratch::new();
    let (good, bad) = (lesson("count-tc.s"), scratch.file("bad.s", BAD));
    for (file, status) in [(&good, 0), (&bad, 1)] {
        let kernel = bpfscope(&["check", file, "--kernel", "running", "--format", "json"]);
        let ours = bpfscope(&["check", file, "--format", "json"]);
        assert_eq!((kernel.status, ours.status), (status, status), "{}", kernel.stderr);
        let (kernel, ours) = (json(&kernel), json(&ours));
        for field in ["name", "section", "type", "accepted", "message", "insn", "line", "insns_processed"] {
            assert_eq!(kernel["programs"][0][field], ours["programs"][0][field], "{file}: {field}");
        }
        assert!(kernel["kernel"].as_str().unwrap().starts_with(|c: char| c.is_ascii_digit()));
    }
    let text = bpfscope(&["check", &bad, "--kernel", "running"]).stdout;
    assert!(text.contains("R2(id=0,off=12,r=0)\nR2 offset is outside of the packet\n"), "{text}");
    assert!(text.contains("[packet-bounds]"), "{text}");
}

#[cfg(unix)]
#[test]
fn whoever_may_not_ask_the_kernel_is_told_which_capability_it_takes() {
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65534;
    if !available("asking the kernel without capabilities") {
        return;
    }
    let scratch = Scratch::new();
    let files = [scratch.file("a.s", GOOD), scratch.file("b.s", BAD)];
    let mut command = Command::new(env!("CARGO_BIN_EXE_bpfscope"));
    command.arg("check").args(&files).args(["--kernel", "running"]).uid(NOBODY).gid(NOBODY).current_dir("/");
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => {
            // Past the test harness, which hides what a passing test prints.
            let _ = writeln!(std::io::stderr(), "skipped: 1 test: others may not run the command here: {error}");
            return;
        }
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("run as root, or with CAP_BPF and CAP_NET_ADMIN"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "it is said once: {stderr}");
}

#[test]
fn what_is_said_of_maps_that_are_not_simulated_is_left_out() {
    let scratch = Scratch::new();
    let file = scratch.file("map.s", format!(".map socks, sockhash, key=4, value=4, entries=8\n{GOOD}"));
    let run = bpfscope(&["check", &file]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}
