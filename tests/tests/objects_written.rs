//! Objects that we write: bpftool (libbpf) and tc load them into the kernel, where root allows.

use std::path::Path;
use std::process::Command;

use bpfscope_core::isa::{Names, assemble};
use bpfscope_core::kernel::Hook;
use bpfscope_core::object::{LoadOptions, Object, Source};
use bpfscope_tests::clang;

const NAMES: Names<'static> = Names {
    helpers: &[(1, "bpf_map_lookup_elem"), (12, "bpf_tail_call"), (93, "bpf_spin_lock"), (94, "bpf_spin_unlock")],
    map_types: &[(1, "hash"), (2, "array"), (3, "prog_array"), (12, "array_of_maps"), (27, "ringbuf")],
    fields: &[("bpf_spin_lock", 4)],
};

/// Map, subprogram in `.text`, global data, and a licence.
const COUNTER: &str = "
.map counts, hash, key=4, value=8, entries=256

.section tc
.globl count
count:
        r6 = r1
        r1 = *(u32 *)(r6 + 0x10)
        *(u32 *)(r10 - 4) = r1
        r2 = r10
        r2 += -4
        r1 = counts ll
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
out:
        r1 = total ll
        r2 = *(u32 *)(r1 + 0)
        r2 += 1
        *(u32 *)(r1 + 0) = r2
        r1 = *(u32 *)(r6 + 0)
        call double
        r0 = 0
        exit

.text
double:
        r0 = r1
        r0 <<= 1
        exit

.data
total:  .long 7

.section license
        .asciz \"GPL\"
";

/// A prog array and a map of maps, both filled in the object.
const FILLED: &str = "
.map inside, array, key=4, value=8, entries=1
.map outside, array_of_maps, key=4, value=4, entries=2
.inner outside, array, key=4, value=8, entries=1
.entry outside, 1, inside
.map jumps, prog_array, key=4, value=4, entries=3
.entry jumps, 2, target

.section tc
.globl entry
entry:
        r2 = jumps ll
        r3 = 2
        call bpf_tail_call
        r1 = outside ll
        r0 = 0
        exit
.globl target
target:
        r0 = 2
        exit

.section license
        .asciz \"GPL\"
";

/// A lock in a map's values.
const LOCKED: &str = "
.map locks, array, key=4, value=12, entries=1
.field locks, bpf_spin_lock, 8

.section tc
.globl locked
locked:
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = locks ll
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r6 = r0
        r1 = r6
        r1 += 8
        call bpf_spin_lock
        *(u64 *)(r6 + 0) = 1
        r1 = r6
        r1 += 8
        call bpf_spin_unlock
out:
        r0 = 0
        exit

.section license
        .asciz \"GPL\"
";

fn object(text: &str) -> Vec<u8> {
    let unit = assemble(text, &NAMES).unwrap_or_else(|e| panic!("{e:?}"));
    let source = Source { file: "program.s", text };
    Object::from_source(&unit, source).unwrap_or_else(|e| panic!("{e}")).write()
}

/// Runs a shell command with `$1` an object's file, in name spaces of its own with a file system of its own for
/// pinned programs at `$2`.
fn apart(bytes: &[u8], command: &str) -> Result<String, String> {
    let directory = clang::scratch("written");
    let (file, pins) = (directory.join("program.o"), directory.join("pins"));
    std::fs::write(&file, bytes).unwrap_or_else(|e| panic!("{e}"));
    std::fs::create_dir(&pins).unwrap_or_else(|e| panic!("{e}"));
    let script = format!("mount -t bpf none \"$2\" && {command}");
    let path = |p: &Path| p.to_string_lossy().into_owned();
    let output = Command::new("unshare")
        .args(["-m", "-n", "sh", "-c", &script, "sh", &path(&file), &path(&pins)])
        .output()
        .unwrap_or_else(|e| panic!("{e}"));
    let _ = std::fs::remove_dir_all(directory);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(text) } else { Err(text) }
}

fn ready(what: &str) -> bool {
    if !bpfscope_tests::kernel::available(what) {
        return false;
    }
    let tools = clang::runs("bpftool", &["version"]) && apart(&[], "true").is_ok();
    if !tools {
        clang::skip(what, "no bpftool, or no name spaces");
    }
    tools
}

#[test]
fn bpftool_loads_what_was_assembled() {
    if !ready("loading assembled objects") {
        return;
    }
    for text in [COUNTER, FILLED, LOCKED] {
        let all = "bpftool prog loadall \"$1\" \"$2/p\" && bpftool -p prog show pinned \"$2/p/$(ls $2/p | head -1)\"";
        let shown = apart(&object(text), all).unwrap_or_else(|e| panic!("{e}"));
        assert!(shown.contains("sched_cls"), "{shown}");
    }
}

#[test]
fn the_kernel_gets_our_instructions_values_and_lines() {
    if !ready("instructions of assembled objects") {
        return;
    }
    let dump = "bpftool prog loadall \"$1\" \"$2/p\" && bpftool prog dump xlated pinned \"$2/p/count\" linum && \
                bpftool prog dump jited pinned \"$2/p/count\" >/dev/null; bpftool map dump name .data 2>&1; true";
    let shown = apart(&object(COUNTER), dump).unwrap_or_else(|e| panic!("{e}"));
    assert!(shown.contains("; r1 = total ll") || shown.contains(";         r1 = total ll"), "{shown}");
    assert!(shown.contains("program.s"), "{shown}");
    assert!(shown.contains("int double(") || shown.contains("double("), "{shown}");
}

#[test]
fn the_kernels_log_shows_the_assembly() {
    if !ready("the kernel's log of assembled objects") {
        return;
    }
    let wrong = ".section xdp\n.globl wrong\nwrong:\n        r0 = r2 // nothing was put there\n        exit\n";
    let log = apart(&object(wrong), "bpftool prog load \"$1\" \"$2/p\"").expect_err("r2 is not readable");
    assert!(log.contains("R2 !read_ok"), "{log}");
    assert!(log.contains("r0 = r2 // nothing was put there"), "{log}");
}

#[test]
fn tc_loads_what_was_assembled() {
    if !ready("loading by tc") || !clang::runs("tc", &["-V"]) {
        return;
    }
    let attach = "ip link add d0 type veth peer name d1 && tc qdisc add dev d0 clsact && \
                  tc filter add dev d0 ingress bpf direct-action obj \"$1\" sec tc && tc filter show dev d0 ingress";
    let shown = apart(&object(COUNTER), attach).unwrap_or_else(|e| panic!("{e}"));
    assert!(shown.contains("direct-action"), "{shown}");
}

#[test]
fn a_written_object_loads_here_with_the_lines_of_its_source() {
    let object = Object::parse(&object(COUNTER)).unwrap_or_else(|e| panic!("{e}"));
    let loaded = object.load(&LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let program = &loaded.programs[0];
    assert_eq!((program.name.as_str(), program.license.as_str()), ("count", "GPL"));
    assert_eq!(program.funcs.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["count", "double"]);
    let line = program.line_at(program.funcs[1].start).expect("a line");
    assert_eq!((line.file.as_str(), line.text.trim()), ("program.s", "r0 = r1"));
    let names: Vec<&str> = loaded.maps.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["counts", ".data"]);
}

#[test]
fn code_without_a_label_is_a_program_named_after_its_section() {
    // (text, names of the programs)
    let cases: [(&str, &[&str]); 6] = [
        (".section xdp\nr0 = 2\nexit", &["xdp"]),
        (".section tc/ingress\nr0 = 0\nexit", &["tc_ingress"]),
        ("r0 = 0\nexit", &["prog"]),
        ("main: r0 = 0\nexit", &["main"]),
        // The function behind it is not the program's beginning.
        (".section tc\ncall f\nexit\nf: r0 = 0\nexit", &["tc"]),
        (".section tc/ingress\nexit\n.section tcx/ingress\ntc_ingress: exit", &["tc_ingress_", "tc_ingress"]),
    ];
    for (text, names) in cases {
        let object = Object::parse(&object(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
        let options = LoadOptions { hook: Some(Hook::TcIngress), ..LoadOptions::default() };
        let loaded = object.load(&options).unwrap_or_else(|e| panic!("{text}: {e}"));
        let found: Vec<&str> = loaded.programs.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(found, names, "{text}");
    }
}
