//! The table of helpers: who may call them, in the running kernel.

use bpfscope_core::kernel::{HelperDef, ProgType, helpers};
use bpfscope_tests::kernel::{self, Prog, ProgSpec};

/// What the verifier says of a program that does nothing but call a helper.
fn log(helper: &HelperDef, prog_type: ProgType, license: &str) -> String {
    let [a, b, c, d] = helper.id.to_le_bytes();
    let insns = [[0x85, 0, 0, 0, a, b, c, d], [0xb7, 0, 0, 0, 0, 0, 0, 0], [0x95, 0, 0, 0, 0, 0, 0, 0]].concat();
    let spec = ProgSpec { prog_type: prog_type as u32, insns: &insns, license, log_level: 1, ..ProgSpec::default() };
    Prog::load(&spec).map_or_else(|refused| refused.log, |prog| prog.log.clone())
}

/// Whether this is the kernel that the table says it is of.
fn is_of_the_table() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    release.starts_with("6.18")
}

#[test]
fn program_types_and_licences_are_the_kernels() {
    if !kernel::available("who may call helpers") || !is_of_the_table() {
        return;
    }
    let mut differences = Vec::new();
    for helper in helpers() {
        for prog_type in ProgType::ALL {
            let refused = |log: &str| log.contains("cannot use helper") || log.contains("unknown func");
            let allowed = !refused(&log(helper, prog_type, "GPL"));
            if allowed != helper.prog_types.contains(prog_type) {
                differences.push(format!("{} by {}: {allowed} in the kernel", helper.name, prog_type.name()));
            }
            let gpl_only = log(helper, prog_type, "Proprietary").contains("GPL");
            if allowed && gpl_only != helper.gpl_only {
                differences.push(format!("{} for GPL programs only: {gpl_only} in the kernel", helper.name));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
