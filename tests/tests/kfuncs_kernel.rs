//! Which programs may call which kernel function: the running kernel is asked about every one that its types mark as such.

use std::collections::BTreeSet;
use std::fs;

use bpfscope_core::kernel::{KernelVersion, ProgType, kfunc, kfuncs};
use bpfscope_core::object::{Btf, Kind};
use bpfscope_tests::kernel::{self, Prog, ProgSpec};

/// `BPF_TRACE_KPROBE_SESSION`.
const SESSION: u32 = 56;

/// `call` of the kernel function of that number, `r0 = 0`, `exit`.
fn program(id: u32) -> Vec<u8> {
    let call = [[0x85, 0x20, 0, 0], id.to_le_bytes()].concat();
    [&call[..], &[0xb7, 0, 0, 0, 0, 0, 0, 0], &[0x95, 0, 0, 0, 0, 0, 0, 0]].concat()
}

/// Whether the kernel lets programs of that type call the function at all; what else is wrong with the call is nothing to
/// this.
fn may_call(id: u32, prog_type: ProgType, attach_type: u32) -> bool {
    let spec = ProgSpec {
        prog_type: prog_type as u32,
        insns: &program(id),
        log_level: 1,
        log_size: 1 << 12,
        expected_attach_type: attach_type,
        ..ProgSpec::default()
    };
    Prog::load(&spec).err().is_none_or(|refused| !refused.log.contains("is not allowed"))
}

#[test]
fn programs_may_call_what_the_running_kernel_lets_them_call() {
    if !kernel::available("kernel functions by type") {
        return;
    }
    let Some(btf) = fs::read("/sys/kernel/btf/vmlinux").ok().and_then(|bytes| Btf::parse(&bytes).ok()) else {
        return kernel::skipped("kernel functions by type: the kernel tells no types");
    };
    let marks = btf.types().filter(|t| t.kind() == Kind::DeclTag && t.name() == "bpf_kfunc");
    let functions: BTreeSet<u32> = marks.map(|t| t.target()).collect();
    let mut differences = Vec::new();
    for function in functions.iter().filter_map(|id| btf.ty(*id)) {
        for (prog_type, attach_type) in ProgType::ALL.map(|t| (t, 0)).into_iter().chain([(ProgType::Kprobe, SESSION)]) {
            let row = kfunc(function.name());
            let ours = row.is_some_and(|row| row.is_for(prog_type, attach_type, KernelVersion::LATEST));
            if may_call(function.id(), prog_type, attach_type) != ours {
                let name = function.name();
                differences.push(format!("{name}, {}, {attach_type}: ours {ours}", prog_type.name()));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let names: BTreeSet<&str> = functions.iter().filter_map(|id| btf.ty(*id)).map(|t| t.name()).collect();
    let missing: Vec<&str> = kfuncs().iter().map(|row| row.name).filter(|name| !names.contains(name)).collect();
    assert!(missing.is_empty(), "the running kernel lacks {}", missing.join(", "));
}
