//! skb helpers of traffic control programs.

use bpfscope_core::kernel::ProgType;

use crate::{agree, call, sequence};

const TC: ProgType = ProgType::SchedCls;

fn calls(helper: &str, args: &[&[&str]]) {
    agree(TC, args.iter().map(|args| call(helper, args)));
}

#[test]
fn skb_store_bytes() {
    calls(
        "skb_store_bytes",
        &[
            &["0", "fp-16", "6", "0"],
            &["14", "fp-24", "8", "0"],
            &["10", "fp-32", "16", "1"],
            &["54", "fp-16", "6", "2"],
            &["54", "fp-16", "7", "3"],
            &["12", "fp-16", "2", "0"],
            &["13", "fp-16", "1", "0"],
            &["14", "fp-16", "1", "0"],
            &["0", "fp-16", "1", "4"],
            &["0", "fp-16", "1", "0x100000000"],
            &["0x7fffffff", "fp-16", "1", "0"],
            &["0x80000000", "fp-16", "1", "0"],
            &["0xffffffff", "fp-16", "1", "0"],
            &["0x100000000", "fp-16", "1", "0"],
            &["1510", "fp-16", "4", "0"],
            &["1511", "fp-16", "4", "0"],
        ],
    );
}

#[test]
fn skb_load_bytes() {
    let load = |offset: &str, len: u32| {
        let (name, body) = call("skb_load_bytes", &[offset, "fp-40", &len.to_string()]);
        let body =
            body + "r1 = *(u64 *)(r10 - 40)\n*(u64 *)(r8 + 8) = r1\nr1 = *(u64 *)(r10 - 32)\n*(u64 *)(r8 + 16) = r1\n";
        (name, body)
    };
    let cases = [
        ("0", 8),
        ("0", 16),
        ("12", 2),
        ("14", 1),
        ("13", 1),
        ("13", 2),
        ("50", 4),
        ("51", 4),
        ("0x7fffffff", 4),
        ("0x80000000", 4),
        ("0xffffffff", 4),
        ("0x100000002", 4),
        ("-2", 4),
    ];
    for prog_type in [TC, ProgType::SchedAct] {
        agree(prog_type, cases.iter().map(|(offset, len)| load(offset, *len)));
    }
}

#[test]
fn skb_load_bytes_relative() {
    let cases = [
        ["0", "4", "0"],
        ["0", "4", "1"],
        ["14", "4", "0"],
        ["40", "8", "0"],
        ["36", "4", "1"],
        ["37", "4", "1"],
        ["0", "4", "2"],
        ["0", "4", "0xffffffff"],
        ["0", "4", "0x100000001"],
        ["0xffff", "1", "0"],
        ["0x10000", "1", "0"],
        ["0x80000000", "1", "0"],
        ["0x100000000", "1", "0"],
    ];
    agree(
        TC,
        cases.iter().map(|[offset, len, start]| {
            let (name, body) = call("skb_load_bytes_relative", &[offset, "fp-40", len, start]);
            (name, body + "r1 = *(u64 *)(r10 - 40)\n*(u64 *)(r8 + 8) = r1\n")
        }),
    );
}

#[test]
fn relative_loads_follow_the_headers() {
    let load: (&str, &[&str]) = ("skb_load_bytes_relative", &["0", "fp-40", "8", "0"]);
    let network: (&str, &[&str]) = ("skb_load_bytes_relative", &["0", "fp-32", "8", "1"]);
    let before: [(&str, &[&str]); 5] = [
        ("skb_vlan_push", &["0x81", "5"]),
        ("skb_vlan_pop", &[]),
        ("skb_change_head", &["14", "0"]),
        ("skb_change_tail", &["40", "0"]),
        ("skb_change_type", &["0"]),
    ];
    let cases = before.iter().flat_map(|first| {
        let twice = format!("{} twice, then loads", first.0);
        let once = sequence(&[*first, load, network]);
        let both = sequence(&[*first, *first, load, network]);
        let read = "r1 = *(u64 *)(r10 - 40)\n*(u64 *)(r8 + 64) = r1\nr1 = *(u64 *)(r10 - 32)\n*(u64 *)(r8 + 72) = r1\n";
        [(format!("{}, then loads", first.0), once + read), (twice, both + read)]
    });
    agree(TC, cases);
}

#[test]
fn skb_vlan_push() {
    calls(
        "skb_vlan_push",
        &[
            &["0x0081", "5"],
            &["0xa888", "0x2005"],
            &["0x0008", "5"],
            &["0", "0"],
            &["0x0081", "0x1fff"],
            &["0x0081", "0xffff1000"],
            &["0x10081", "7"],
        ],
    );
}

#[test]
fn skb_vlan_pop() {
    calls("skb_vlan_pop", &[&[]]);
}

#[test]
fn vlan_tags_in_sequence() {
    let push1: (&str, &[&str]) = ("skb_vlan_push", &["0x0081", "0x0123"]);
    let push2: (&str, &[&str]) = ("skb_vlan_push", &["0xa888", "0xe456"]);
    let pop: (&str, &[&str]) = ("skb_vlan_pop", &[]);
    let store: (&str, &[&str]) = ("skb_store_bytes", &["12", "fp-16", "2", "0"]);
    let head: (&str, &[&str]) = ("skb_change_head", &["14", "0"]);
    let tail: (&str, &[&str]) = ("skb_change_tail", &["17", "0"]);
    let sequences: &[&[(&str, &[&str])]] = &[
        &[push1, push2],
        &[push1, push2, push1],
        &[push1, push2, push1, push2, push1, push2],
        &[push1, pop],
        &[push1, push2, pop],
        &[push1, push2, pop, pop],
        &[push1, push2, pop, pop, pop],
        &[pop, pop],
        &[pop, pop, pop],
        &[pop, pop, pop, pop],
        &[pop, push1],
        &[pop, push1, push2],
        &[pop, pop, push2, push2],
        &[push2, store, push1],
        &[store, pop, pop],
        &[head, push1, push2],
        &[push1, head, push2],
        &[push1, push2, head, pop],
        &[head, pop],
        &[tail, push1, push2],
        &[tail, pop],
    ];
    agree(TC, sequences.iter().map(|s| (s.iter().map(|c| c.0).collect::<Vec<_>>().join(", "), sequence(s))));
}

#[test]
fn skb_change_tail() {
    let lens = ["0", "13", "14", "15", "34", "54", "55", "60", "100", "1514", "4000", "16064", "16065", "0xffffffff"];
    agree(TC, lens.iter().map(|len| call("skb_change_tail", &[len, "0"])));
    calls("skb_change_tail", &[&["60", "1"], &["60", "0x100000000"], &["0x10000003c", "0"]]);
}

#[test]
fn a_tail_that_grows_again_is_zero() {
    let cases: [&[(&str, &[&str])]; 2] = [
        &[("skb_change_tail", &["30", "0"]), ("skb_change_tail", &["60", "0"])],
        &[("skb_change_tail", &["600", "0"]), ("skb_store_bytes", &["596", "fp-16", "4", "0"])],
    ];
    agree(TC, cases.iter().map(|s| ("change_tail, again".to_owned(), sequence(s))));
}

#[test]
fn skb_change_head() {
    let lens = [
        "0",
        "1",
        "14",
        "64",
        "65",
        "300",
        "5000",
        "14549",
        "14550",
        "14551",
        "16004",
        "16010",
        "16050",
        "16051",
        "0x7fffffff",
        "0xffffffff",
    ];
    agree(TC, lens.iter().map(|len| call("skb_change_head", &[len, "0"])));
    calls("skb_change_head", &[&["14", "1"], &["14", "0x100000000"], &["0x10000000e", "0"]]);
    let twice: [(&str, &[&str]); 2] = [("skb_change_head", &["14", "0"]), ("skb_change_head", &["200", "0"])];
    agree(TC, [("change_head twice".to_owned(), sequence(&twice))]);
}

#[test]
fn skb_pull_data() {
    let lens = ["0", "1", "14", "15", "54", "60", "1514", "1515", "0x7fffffff", "0xffffffff", "0x100000001"];
    agree(TC, lens.iter().map(|len| call("skb_pull_data", &[len])));
}

#[test]
fn skb_change_type() {
    agree(
        TC,
        ["0", "1", "2", "3", "4", "7", "0xffffffff", "0x100000000"].iter().map(|t| call("skb_change_type", &[t])),
    );
}

#[test]
fn flow_hashes() {
    let hash = "r1 = *(u32 *)(r9 + 68)\n";
    let word = |n: u32| format!("*(u64 *)(r8 + {}) = r1\n", n * 8);
    let set = |value: &str| sequence(&[("set_hash", &[value]), ("get_hash_recalc", &[])]);
    let invalid = sequence(&[("set_hash", &["7"]), ("set_hash_invalid", &[])]);
    let store = sequence(&[("set_hash", &["7"]), ("skb_store_bytes", &["0", "fp-16", "1", "2"])]);
    let kept = sequence(&[("set_hash", &["7"]), ("skb_vlan_push", &["0x81", "3"]), ("skb_vlan_push", &["0x81", "3"])]);
    // A helper without a result leaves any number in `r0`.
    let invalid = invalid + "r1 = 0\n*(u64 *)(r8 + 8) = r1\n";
    let cases = [set("0x12345678"), set("0"), set("0x1ffffffff"), invalid, store, kept];
    agree(TC, cases.map(|body| ("hashes".to_owned(), body + hash + &word(10))));
}

#[test]
fn skb_ecn_set_ce() {
    let twice = sequence(&[("skb_ecn_set_ce", &[]), ("skb_ecn_set_ce", &[])]);
    let tos = |tos: u8| {
        let body = sequence(&[("skb_store_bytes", &["15", "fp-40", "1", "0"]), ("skb_ecn_set_ce", &[])]);
        body.replace("*(u64 *)(r10 - 40) = 0x55", &format!("*(u64 *)(r10 - 40) = {tos}"))
    };
    let cut = |len: &str| sequence(&[("skb_change_tail", &[len, "0"]), ("skb_ecn_set_ce", &[])]);
    let cases = [twice, tos(0), tos(0x31), tos(0xfe), tos(0x03), cut("33"), cut("34"), cut("53"), cut("54")];
    agree(TC, cases.map(|body| ("ECN".to_owned(), body)));
}

#[test]
fn skb_set_tstamp() {
    let (some, none) = (["1000", "0"], ["0", "0"]);
    let cases = [some, none, ["1000", "1"], ["0", "1"], ["5", "2"], ["0", "2"], ["5", "3"], ["5", "0x100000001"]];
    agree(TC, cases.iter().map(|args| call("skb_set_tstamp", args)));
}

#[test]
fn redirects() {
    let redirect = |ifindex: &str, flags: &str| {
        (
            format!("redirect({ifindex}, {flags})"),
            format!("r1 = {ifindex}\nr2 = {flags} ll\ncall bpf_redirect\n*(u64 *)(r8 + 0) = r0\n"),
        )
    };
    let flags = ["0", "1", "2", "4", "8", "16", "0x100000000", "0x100000001", "-1"];
    agree(TC, flags.iter().map(|flags| redirect("1", flags)));
    agree(ProgType::Xdp, flags.iter().map(|flags| redirect("1", flags)));
    // Device 1 is the loopback device, which takes any frame.
    let clones = [["1", "0"], ["1", "1"], ["1", "2"], ["1", "3"], ["1", "8"], ["1", "0x100000000"]];
    let nowhere = [["987654", "0"], ["987654", "1"], ["0", "0"], ["0", "1"], ["-1", "0"]];
    agree(TC, clones.iter().chain(&nowhere).map(|args| call("clone_redirect", args)));
}
