//! Room for headers: encapsulation and translation.

use bpfscope_core::kernel::ProgType;
use bpfscope_tests::kernel;

use crate::{Pair, agree, agree_on_arguments, call, frames, sequence};

const TC: ProgType = ProgType::SchedCls;
const IPV4: &str = "0x0008";
const IPV6: &str = "0xdd86";

#[test]
fn skb_change_proto() {
    let protos = [IPV4, IPV6, "0", "0x0081", "0xfffff0008", "0x1dd86"];
    agree(TC, protos.iter().map(|proto| call("skb_change_proto", &[proto, "0"])));
    agree(TC, ["1", "0x100000000"].iter().map(|flags| call("skb_change_proto", &[IPV6, flags])));
    let to4: (&str, &[&str]) = ("skb_change_proto", &[IPV4, "0"]);
    let to6: (&str, &[&str]) = ("skb_change_proto", &[IPV6, "0"]);
    let cut: (&str, &[&str]) = ("skb_change_tail", &["33", "0"]);
    let hash: (&str, &[&str]) = ("set_hash", &["7"]);
    let sequences: [&[(&str, &[&str])]; 6] = [
        &[to6, to4],
        &[to4, to6],
        &[cut, to4],
        &[cut, to6],
        &[to6, to6, to4, to4],
        &[hash, to6, ("get_hash_recalc", &[])],
    ];
    // The hash of a translated packet is computed with a key that is secret.
    let body = |calls: &[_]| sequence(calls).replace("call bpf_get_hash_recalc\n", "r0 = *(u32 *)(r9 + 68)\n");
    agree(TC, sequences.iter().map(|calls| ("change_proto, again".to_owned(), body(calls))));
}

/// `bpf_skb_adjust_room` by the last 24 bytes of the frame: difference, mode, flags.
fn adjust_room(all: &[(i32, u32, u64)]) {
    let body = "r1 = r9\nr2 = *(u32 *)(r10 - 128)\nr3 = *(u32 *)(r10 - 124)\nr4 = *(u64 *)(r10 - 120)\n\
                call bpf_skb_adjust_room\n*(u64 *)(r8 + 0) = r0\n";
    let bytes = |(diff, mode, flags): &(i32, u32, u64)| {
        [&diff.to_le_bytes()[..], &mode.to_le_bytes(), &flags.to_le_bytes(), &[0; 8]].concat()
    };
    let some = ["IPv4 TCP", "IPv6", "VLAN", "ARP", "a header only", "1514 bytes"];
    let frames: Vec<_> = frames::all().into_iter().filter(|(what, _)| some.contains(what)).collect();
    agree_on_arguments("adjust_room", TC, body, &frames, &all.iter().map(bytes).collect::<Vec<_>>());
}

#[test]
fn skb_adjust_room_by_any_length() {
    let diffs = [
        0,
        1,
        -1,
        4,
        -4,
        8,
        20,
        -20,
        21,
        -21,
        -26,
        -27,
        40,
        -40,
        -56,
        -60,
        1000,
        -1460,
        -1461,
        0xfff,
        -0xfff,
        0x1000,
        -0x1000,
        i32::MAX,
        i32::MIN,
    ];
    let modes = [0, 1, 2, u32::MAX];
    adjust_room(&diffs.iter().flat_map(|diff| modes.map(|mode| (*diff, mode, 0))).collect::<Vec<_>>());
}

#[test]
fn skb_adjust_room_with_any_flags() {
    let pairs = (0..9).flat_map(|one| (0..9).map(move |other| 1 << one | 1 << other));
    let bits = pairs.chain([0, 0x1ff]).chain([9, 32, 55].map(|bit| 1 << bit));
    let inner = |len: u64| len << 56;
    let links = [
        inner(14) | 2,
        inner(14) | 0x42,
        inner(14) | 0x44,
        inner(13) | 0x42,
        inner(21) | 2,
        inner(255) | 4,
        inner(20) | 2,
        inner(1),
    ];
    adjust_room(&bits.chain(links).flat_map(|flags| [(20, 1, flags), (-20, 1, flags)]).collect::<Vec<_>>());
}

#[test]
fn rooms_in_sequence() {
    let room = |diff: &'static str, mode: &'static str, flags: &'static str| [diff, mode, flags];
    let all = [
        [room("20", "1", "2"), room("20", "1", "2")],
        [room("40", "1", "4"), room("40", "1", "0")],
        [room("34", "1", "1008806316530991170"), room("-34", "1", "0")],
        [room("20", "1", "4"), room("-40", "1", "0x80")],
        [room("28", "0", "0x12"), room("-28", "0", "0")],
        [room("20", "1", "2"), room("-20", "1", "0x100")],
        [room("0xfff", "1", "0"), room("0xfff", "0", "0")],
        [room("-1", "0", "0"), room("1", "0", "0")],
    ];
    let mut cases = Vec::new();
    for [first, second] in &all {
        let twice: [(&str, &[&str]); 2] = [("skb_adjust_room", first), ("skb_adjust_room", second)];
        cases.push((format!("{first:?}, {second:?}"), sequence(&twice)));
        let load: (&str, &[&str]) = ("skb_load_bytes_relative", &["0", "fp-40", "8", "1"]);
        let read = "r1 = *(u64 *)(r10 - 40)\n*(u64 *)(r8 + 64) = r1\n";
        let then: [(&str, &[&str]); 3] = [("skb_adjust_room", first), load, ("skb_vlan_push", &["0x81", "5"])];
        cases.push((format!("{first:?}, load, push"), sequence(&then) + read));
        let after: [(&str, &[&str]); 3] =
            [("skb_vlan_push", &["0x81", "5"]), ("skb_vlan_push", &["0x81", "6"]), ("skb_adjust_room", first)];
        cases.push((format!("push, push, {first:?}"), sequence(&after)));
        let tail: [(&str, &[&str]); 2] = [("skb_change_tail", &["20", "0"]), ("skb_adjust_room", first)];
        cases.push((format!("short, {first:?}"), sequence(&tail)));
    }
    // Sixteen times as much as there may be.
    let grow: (&str, &[&str]) = ("skb_adjust_room", &["0xfff", "1", "0"]);
    cases.push(("until there is no more".to_owned(), sequence(&[grow; 6])));
    agree(TC, cases);
}

#[test]
fn packets_of_segments_keep_their_room() {
    if !kernel::available("packets of segments") {
        return;
    }
    // A test run takes the size of segments, but not their kind.
    let mut ctx = vec![0; 192];
    ctx[164..168].copy_from_slice(&3_u32.to_ne_bytes());
    ctx[176..180].copy_from_slice(&1400_u32.to_ne_bytes());
    let mut differences = Vec::new();
    for args in
        [["8", "1", "0"], ["8", "1", "1"], ["-8", "1", "0"], ["-8", "1", "2"], ["-8", "1", "1"], ["0xfff", "0", "2"]]
    {
        let (name, body) = call("skb_adjust_room", &args);
        let mut pair = Pair::new(&name, TC, &body, "");
        let (what, frame) = &frames::all()[0];
        differences.extend(pair.difference_with(what, frame, &ctx));
    }
    let (name, body) = call("skb_change_proto", &[IPV6, "0"]);
    let segments =
        body + "r1 = *(u32 *)(r9 + 164)\n*(u64 *)(r8 + 8) = r1\nr1 = *(u32 *)(r9 + 176)\n*(u64 *)(r8 + 16) = r1\n";
    let mut pair = Pair::new(&name, TC, &segments, "");
    differences.extend(pair.difference_with("segments", &frames::all()[0].1, &ctx));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
