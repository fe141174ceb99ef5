//! Checksum helpers.

use bpfscope_core::kernel::ProgType;

use crate::{agree, call, sequence};

const TC: ProgType = ProgType::SchedCls;

#[test]
fn l3_csum_replace() {
    let mut cases = Vec::new();
    for offset in ["24", "0", "25", "58", "60", "0xfffe", "0xffff", "0x10000", "0x80000000", "0x100000018"] {
        cases.push(call("l3_csum_replace", &[offset, "0x1234", "0xabcd", "2"]));
    }
    for (from, to) in
        [("0", "0"), ("0xffff", "0"), ("0", "0xffff"), ("0x12345", "0x98765"), ("-1", "1"), ("0x40", "0x3f")]
    {
        for flags in ["0", "2", "4", "1", "3", "6", "0x10", "0x12", "0x100000002"] {
            cases.push(call("l3_csum_replace", &["24", from, to, flags]));
        }
    }
    agree(TC, cases);
}

#[test]
fn l4_csum_replace() {
    let mut cases = Vec::new();
    for offset in ["50", "40", "51", "58", "60", "0xfffe", "0xffff", "0x10000", "0x80000000"] {
        cases.push(call("l4_csum_replace", &[offset, "0x1234", "0xabcd", "2"]));
    }
    for (from, to) in
        [("0", "0"), ("0xffff", "0"), ("0", "0xffff"), ("0x12345", "0x98765"), ("-1", "1"), ("0x40", "0x3f")]
    {
        for base in [0, 2, 4, 3] {
            for flags in [0, 0x10, 0x20, 0x40, 0x60, 0x70, 0x80, 0x90] {
                cases.push(call("l4_csum_replace", &["50", from, to, &(base + flags).to_string()]));
            }
        }
    }
    for flags in ["0x100", "0x8000", "0x100000002"] {
        cases.push(call("l4_csum_replace", &["50", "0", "1", flags]));
    }
    agree(TC, cases);
}

#[test]
fn a_checksum_of_zero_is_none_if_asked() {
    // The checksum at 16 is made 0 or 0xffff first, and then changed by nothing or to the other zero.
    let mut cases = Vec::new();
    for first in [0_u32, 0xffff, 0xfffe, 1] {
        for (from, to) in [("0", "0"), ("0", "0xffff"), ("0xffff", "0"), ("1", "0"), ("0", "1")] {
            for flags in ["0x02", "0x22", "0x62", "0x04", "0x24", "0x64", "0x20", "0x60"] {
                let store: (&str, &[&str]) = ("skb_store_bytes", &["16", "fp-40", "2", "0"]);
                let body = sequence(&[store, ("l4_csum_replace", &["16", from, to, flags])]);
                let body = body.replace("*(u64 *)(r10 - 40) = 0x55", &format!("*(u64 *)(r10 - 40) = {first}"));
                cases.push((format!("zero {first} {from} {to} {flags}"), body));
                let body = sequence(&[store, ("l3_csum_replace", &["16", from, to, flags])]);
                let body = body.replace("*(u64 *)(r10 - 40) = 0x55", &format!("*(u64 *)(r10 - 40) = {first}"));
                cases.push((format!("layer 3 zero {first} {from} {to} {flags}"), body));
            }
        }
    }
    agree(TC, cases);
}

#[test]
fn csum_diff() {
    let buffers = [
        ("fp-16", 4),
        ("fp-16", 8),
        ("fp-24", 16),
        ("fp-32", 8),
        ("fp-40", 24),
        ("fp-24", 4),
        ("fp-16", 2),
        ("fp-16", 0),
    ];
    let seeds = ["0", "1", "0xffff", "0xffffffff", "0x12345678", "0x100000000"];
    let diff = |(from, from_len): (&str, u32), (to, to_len): (&str, u32), seed: &str| {
        let pointer = |reg, at: &str, len| match len {
            0 => format!("r{reg} = 0\n"),
            _ => format!("r{reg} = r10\nr{reg} += {}\n", &at[2..]),
        };
        let body =
            sequence(&[]) + &pointer(1, from, from_len) + &format!("r2 = {from_len}\n") + &pointer(3, to, to_len);
        let body = body + &format!("r4 = {to_len}\nr5 = {seed} ll\ncall bpf_csum_diff\n*(u64 *)(r8 + 0) = r0\n");
        (format!("csum_diff({from}, {from_len}, {to}, {to_len}, {seed})"), body)
    };
    for prog_type in [TC, ProgType::Xdp] {
        for from in buffers {
            for to in buffers {
                agree_on_one(prog_type, seeds.iter().map(|seed| diff(from, to, seed)));
            }
        }
    }
}

/// As [`agree`], on one frame: for what does not look at the packet.
fn agree_on_one(prog_type: ProgType, cases: impl Iterator<Item = (String, String)>) {
    if !bpfscope_tests::kernel::available("checksum differences") {
        return;
    }
    for (name, body) in cases {
        let mut pair = crate::Pair::new(&name, prog_type, &body, "");
        assert_eq!(pair.difference("a frame", &[0; 64]), None);
    }
}

#[test]
fn what_a_device_would_have_summed() {
    let levels = ["0", "1", "2", "3", "4", "0x100000000", "-1"];
    agree(TC, levels.iter().map(|level| call("csum_level", &[level])));
    agree(TC, ["0", "1", "0xffffffff"].iter().map(|csum| call("csum_update", &[csum])));
}
