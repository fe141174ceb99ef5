//! Helpers agree with the running kernel: return value, frame, metadata and maps, error cases included.
//!
//! Each test is a table of calls; each call is run on every frame of [`frames`] by `BPF_PROG_TEST_RUN` and here.
#![cfg(target_os = "linux")]

mod agree;
mod checksums;
mod context;
mod devices;
mod fib;
mod frames;
mod outputs;
mod room;
mod skb;
mod socket;
mod sockets;
mod table;
mod tunnels;
mod xdp;

use agree::Pair;
use bpfscope_core::kernel::ProgType;
use bpfscope_tests::kernel;

/// Runs each body on every frame; fails with all differences.
fn agree(prog_type: ProgType, bodies: impl IntoIterator<Item = (String, String)>) {
    if !kernel::available("helpers' agreement with the kernel") {
        return;
    }
    let frames = frames::all();
    let (mut runs, mut differences) = (0, Vec::new());
    for (name, body) in bodies {
        let mut pair = Pair::new(&name, prog_type, &body, "");
        for (what, frame) in &frames {
            runs += 1;
            differences.extend(pair.difference(what, frame));
        }
    }
    let shown = differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} of {runs} runs differ:\n{shown}", differences.len());
}

/// Lines that copy the last bytes of the frame to `fp - 128`: one program's arguments, which each frame brings.
fn arguments(prog_type: ProgType, bytes: u32) -> String {
    let (len, load) = match prog_type {
        ProgType::Xdp => ("r1 = r9\ncall bpf_xdp_get_buff_len\nr2 = r0\n", "xdp_load_bytes"),
        _ => ("r2 = *(u32 *)(r9 + 0)\n", "skb_load_bytes"),
    };
    format!("{len}r2 -= {bytes}\nr1 = r9\nr3 = r10\nr3 += -128\nr4 = {bytes}\ncall bpf_{load}\nif r0 != 0 goto null\n")
}

/// Runs a body on every frame with each of the arguments at its end; fails with all differences.
fn agree_on_arguments(name: &str, prog_type: ProgType, body: &str, frames: &[(&str, Vec<u8>)], all: &[Vec<u8>]) {
    if !kernel::available(name) {
        return;
    }
    let mut pair = Pair::new(name, prog_type, &(arguments(prog_type, all[0].len() as u32) + body), "");
    let mut differences = Vec::new();
    for (what, frame) in frames {
        for arguments in all {
            let frame = [frame, arguments.as_slice()].concat();
            differences.extend(pair.difference(&format!("{what} with {arguments:x?}"), &frame));
        }
    }
    let shown = differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} differ:\n{shown}", differences.len());
}

/// A case of one call: arguments `r2` to `r5` as given (`fp-16` is a pointer), `r1` the context, the result in `out[0]`.
fn call(helper: &str, args: &[&str]) -> (String, String) {
    (format!("{helper}({})", args.join(", ")), sequence(&[(helper, args)]))
}

/// The lines of several calls: results in `out[0]`, `out[1]`...
fn sequence(calls: &[(&str, &[&str])]) -> String {
    let mut lines = String::from(
        "*(u64 *)(r10 - 16) = 0x11223344\n*(u64 *)(r10 - 24) = -2\n*(u64 *)(r10 - 32) = 0\n*(u64 *)(r10 - 40) = 0x55\n",
    );
    for (index, (helper, args)) in calls.iter().enumerate() {
        lines += "r1 = r9\n";
        for (arg, reg) in args.iter().zip(2..) {
            lines += &match arg.strip_prefix("fp") {
                Some(offset) => format!("r{reg} = r10\nr{reg} += {offset}\n"),
                None => format!("r{reg} = {arg} ll\n"),
            };
        }
        lines += &format!("call bpf_{helper}\n*(u64 *)(r8 + {}) = r0\n", index * 8);
    }
    lines
}
