//! What programs ask of devices.

use bpfscope_core::kernel::ProgType;
use bpfscope_tests::kernel;

use crate::{Pair, agree, agree_on_arguments, call, frames};

const TC: ProgType = ProgType::SchedCls;
const XDP: ProgType = ProgType::Xdp;

/// `bpf_check_mtu` with the arguments at `fp - 128`: flags, device, length, difference.
const CHECK: &str = "r1 = r9\nr2 = *(u32 *)(r10 - 120)\nr3 = r10\nr3 += -116\nr4 = *(u32 *)(r10 - 112)\n\
                     r5 = *(u64 *)(r10 - 128)\ncall bpf_check_mtu\n*(u64 *)(r8 + 0) = r0\n\
                     r1 = *(u32 *)(r10 - 116)\n*(u64 *)(r8 + 8) = r1\n";

fn arguments(flags: u64, ifindex: u32, given: u32, diff: i32) -> Vec<u8> {
    [&flags.to_le_bytes()[..], &ifindex.to_le_bytes(), &given.to_le_bytes(), &diff.to_le_bytes(), &[0; 4]].concat()
}

#[test]
fn check_mtu() {
    let lengths = [
        (0, 0),
        (0, 65_000),
        (0, -4000),
        (0, 65_536),
        (0, i32::MAX),
        (0, i32::MIN),
        (1500, 0),
        (65_536, 0),
        (65_537, 0),
        (65_537, -1),
        (0x7fff_ffff, 0),
        (0xffff_ffff, 0),
    ];
    let mut all = Vec::new();
    for ifindex in [0, 1, 987_654, u32::MAX] {
        for (given, diff) in lengths {
            for flags in [0, 1, 2, 1 << 32] {
                all.push(arguments(flags, ifindex, given, diff));
            }
        }
    }
    for prog_type in [TC, XDP] {
        agree_on_arguments("check_mtu", prog_type, CHECK, &frames::all(), &all);
    }
}

#[test]
fn a_packet_of_segments_fits() {
    if !kernel::available("the MTU of segments") {
        return;
    }
    let mut ctx = vec![0; 192];
    ctx[176..180].copy_from_slice(&1400_u32.to_ne_bytes());
    let mut pair = Pair::new("check_mtu", TC, &(crate::arguments(TC, 24) + CHECK), "");
    for (diff, flags) in [(65_536, 0), (0, 1)] {
        let frame = [frames::all()[0].1.as_slice(), &arguments(flags, 1, 0, diff)].concat();
        assert_eq!(pair.difference_with("segments", &frame, &ctx), None);
    }
}

#[test]
fn no_packet_came_through_ipsec() {
    let read = "r1 = *(u64 *)(r10 - 40)\n*(u64 *)(r8 + 8) = r1\n";
    let cases = [["0", "fp-40", "8", "0"], ["0", "fp-40", "4", "0"], ["1", "fp-40", "8", "1"]];
    agree(
        TC,
        cases.iter().map(|args| {
            let (name, body) = call("skb_get_xfrm_state", args);
            (name, body + read)
        }),
    );
}

/// `bpf_redirect_map` with the arguments at `fp - 128`, flags and key; and whether the key is looked up.
const REDIRECT: &str = "r1 = ports ll\nr2 = *(u32 *)(r10 - 120)\nr3 = *(u64 *)(r10 - 128)\ncall bpf_redirect_map\n\
                        *(u64 *)(r8 + 0) = r0\n";
const LOOK: &str = "r1 = ports ll\nr2 = r10\nr2 += -120\ncall bpf_map_lookup_elem\nif r0 == 0 goto none\n\
                    r1 = *(u32 *)(r0 + 0)\n*(u64 *)(r8 + 8) = r1\nnone:\n";

#[test]
fn maps_for_redirection_hold_and_lead() {
    if !kernel::available("maps for redirection") {
        return;
    }
    for (map_type, size, looks) in [
        ("devmap", 4, true),
        ("devmap", 8, true),
        ("devmap_hash", 4, true),
        ("devmap_hash", 8, true),
        ("cpumap", 4, false),
        ("cpumap", 8, false),
        ("xskmap", 4, false),
    ] {
        let map = format!(".map ports, {map_type}, key=4, value={size}, entries=4");
        let body = crate::arguments(XDP, 24) + REDIRECT + if looks { LOOK } else { "" };
        let mut pair = Pair::new(map_type, XDP, &body, &map);
        let mut differences = Vec::new();
        // 1 is the loopback device, or a queue for one packet; there is no socket to store.
        for (key, target, flags) in [
            (0, 1, 0),
            (1, 1, 1),
            (1, 1, 2),
            (2, 1, 2),
            (2, 0, 0),
            (3, 0, 0),
            (4, 1, 0),
            (0, 1, 3),
            (0, 1, 1),
            (70, 1, 0),
            (71, 1, 1),
            (72, 1, 0),
            (73, 1, 0),
        ] {
            let mut value = vec![0; size];
            value[0] = target;
            let known = map_type != "xskmap" && !(map_type == "cpumap" && key > 0 && key < 4);
            let (theirs, ours) = if known { pair.store(1, &u32::to_le_bytes(key), &value, flags) } else { (0, 0) };
            if theirs != ours {
                differences
                    .push(format!("update of {key} to {target}, flags {flags}: {theirs} in the kernel, {ours} here"));
            }
        }
        for key in [0_u32, 1, 2, 3, 4, 70, 72, u32::MAX] {
            for flags in [0_u64, 1, 2, 3, 4, 8, 9, 16, 24, 25, 32, 1 << 32] {
                let arguments = [&flags.to_le_bytes()[..], &key.to_le_bytes(), &[0; 12]].concat();
                let frame = [frames::all()[0].1.as_slice(), &arguments].concat();
                differences.extend(pair.difference(&format!("{map_type} {key}, flags {flags}"), &frame));
            }
        }
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
