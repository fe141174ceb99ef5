//! The plugin protocol of the bpf_conformance suite.

use std::io::Write;
use std::process::{Command, Stdio};

/// Runs the plugin: exit status, standard output, standard error.
fn plugin(args: &[&str], program: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_conformance-plugin"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Arguments that it refuses end it before it has read anything.
    if let Err(error) = child.stdin.take().unwrap().write_all(program.as_bytes()) {
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    }
    let out = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

/// r0 = *(u8 *)(r1 + 2); exit
const THIRD_BYTE: &str = "71 10 02 00 00 00 00 00 95 00 00 00 00 00 00 00";

#[test]
fn r0_is_printed_in_hexadecimal() {
    assert_eq!(plugin(&["00 11 ab"], THIRD_BYTE), (0, "ab\n".into(), String::new()));
    assert_eq!(plugin(&["0011ab"], &THIRD_BYTE.replace(' ', "\n")).1, "ab\n");
    // r0 = -1; exit
    assert_eq!(plugin(&[""], "b700 0000 ffff ffff 95 00000000000000").1, "ffffffffffffffff\n");
}

#[test]
fn without_memory_its_length_is_0() {
    // r0 = r2; exit
    for args in [&[][..], &[""], &["--debug"]] {
        assert_eq!(plugin(args, "bf 20 00 00 00 00 00 00 95 00 00 00 00 00 00 00").1, "0\n");
    }
}

#[test]
fn a_local_call_and_a_helper_of_the_suite_work() {
    // r1 = 5; call +1; exit; r0 = r1; r0 += 2; exit
    let local = "b701000005000000 8510000001000000 9500000000000000 bf10000000000000 0700000002000000 9500000000000000";
    assert_eq!(plugin(&[""], local).1, "7\n");
}

#[test]
fn faults_and_bad_input_are_reported() {
    for (args, program, message) in [
        (&["00"][..], THIRD_BYTE, "load of 1 byte at pkt+2: packet ends at 1 (instruction 0)"),
        (
            &[""],
            "85 00 00 00 e7 03 00 00 95 00 00 00 00 00 00 00",
            "call of helper 999: there is no helper of that number (instruction 0)",
        ),
        (&["0g"], THIRD_BYTE, "memory: `0g` is not hexadecimal bytes"),
        (&["0"], THIRD_BYTE, "memory: `0` is not hexadecimal bytes"),
        (&[""], "95 00", "program: 2 bytes are not a whole number of instructions"),
        (&[""], "", "program: 0 bytes are not a whole number of instructions"),
        (&["--what"], "", "unknown option --what"),
    ] {
        assert_eq!(plugin(args, program), (1, String::new(), format!("{message}\n")), "{args:?}");
    }
    assert!(plugin(&["", "--elf"], THIRD_BYTE).2.starts_with("object: "));
}
