//! skb helpers of programs whose packet starts with its network header in a test run.

use bpfscope_core::kernel::ProgType;
use bpfscope_tests::kernel;

use crate::{Pair, agree, call, frames};

/// A load, and what it loaded.
fn load(helper: &str, args: &[&str]) -> (String, String) {
    let (name, body) = call(helper, args);
    (name, body + "r1 = *(u64 *)(r10 - 40)\n*(u64 *)(r8 + 8) = r1\n")
}

#[test]
fn loads_start_at_the_network_header() {
    for prog_type in [ProgType::SocketFilter, ProgType::CgroupSkb] {
        let offsets = ["0", "9", "36", "37", "38", "0x7fffffff", "0xffffffff", "-14"];
        agree(prog_type, offsets.iter().map(|offset| load("skb_load_bytes", &[offset, "fp-40", "4"])));
    }
}

#[test]
fn relative_loads_reach_the_mac_header() {
    for prog_type in [ProgType::SocketFilter, ProgType::CgroupSkb] {
        let mut cases = Vec::new();
        for offset in ["0", "6", "12", "14", "36", "50", "51", "0xffff", "0x10000"] {
            for header in ["0", "1", "2"] {
                cases.push(load("skb_load_bytes_relative", &[offset, "fp-40", "4", header]));
            }
        }
        agree(prog_type, cases);
    }
}

#[test]
fn a_cgroup_program_marks_congestion() {
    if !kernel::available("congestion marks of cgroup programs") {
        return;
    }
    let (name, body) = call("skb_ecn_set_ce", &[]);
    let mut pair = Pair::new(&name, ProgType::CgroupSkb, &body, "");
    // With tags in the frame, which no cgroup gets, a test run looks for them in the wrong place.
    for (what, frame) in frames::all().into_iter().filter(|(_, frame)| frame[12] & 0x80 == 0 || frame[12] == 0x86) {
        assert_eq!(pair.difference(what, &frame), None);
    }
}
