//! Tunnel metadata: what is set is read back.

use bpfscope_core::kernel::ProgType;

use crate::{agree, call};

const TC: ProgType = ProgType::SchedCls;
/// Where the key, the options and what is read are on the stack.
const KEY: i32 = -48;
const READ: i32 = -128;

/// Lines that fill 48 bytes at `fp - 48` with a key: words from 0, two of them as given.
fn key(label: u32, tos_ttl_ext: u32) -> String {
    let mut words: Vec<u32> = (0..12).map(|i| 0x0a0b_0c00 + i).collect();
    (words[5], words[6]) = (tos_ttl_ext, label);
    let store = |(i, word): (usize, &u32)| format!("*(u32 *)(r10 - {}) = {word}\n", -KEY - 4 * i as i32);
    words.iter().enumerate().map(store).collect()
}

/// A call with a pointer to the stack, a size and perhaps flags; its result goes to a word.
fn with(helper: &str, at: i32, size: u32, flags: Option<u64>, word: u32) -> String {
    let flags = flags.map_or(String::new(), |flags| format!("r4 = {flags} ll\n"));
    format!("r1 = r9\nr2 = r10\nr2 += {at}\nr3 = {size}\n{flags}call bpf_{helper}\n*(u64 *)(r8 + {}) = r0\n", word * 8)
}

/// Lines that make the bytes at `READ` other than zero.
fn dirty() -> String {
    (0..10).map(|i| format!("*(u64 *)(r10 - {}) = -1\n", -READ - 8 * i)).collect()
}

/// Lines that keep the bytes at `READ` in words from 2 on.
fn keep() -> String {
    (0..10).map(|i| format!("r1 = *(u64 *)(r10 - {})\n*(u64 *)(r8 + {}) = r1\n", -READ - 8 * i, (2 + i) * 8)).collect()
}

#[test]
fn a_key_is_read_back_with_its_ends_exchanged() {
    let mut cases = Vec::new();
    for set in [0, 1, 2, 4, 8, 16, 31] {
        for get in [0, 1, 16, 17] {
            let label = if set & 1 == 0 { 0 } else { 0x12_3456 };
            let body = key(label, 0x0000_4020)
                + &with("skb_set_tunnel_key", KEY, 44, Some(set), 0)
                + &dirty()
                + &with("skb_get_tunnel_key", READ, 44, Some(get), 1)
                + &keep();
            cases.push((format!("set_tunnel_key flags {set}, get {get}"), body));
        }
    }
    agree(TC, cases);
}

#[test]
fn keys_have_the_sizes_that_kernels_had() {
    let mut cases = Vec::new();
    for size in [1, 4, 7, 8, 12, 20, 21, 22, 23, 24, 28, 32, 40, 43, 44, 45, 48] {
        for flags in [0, 1] {
            let set = key(0, 0x4020) + &with("skb_set_tunnel_key", KEY, size, Some(flags), 0);
            let whole = with("skb_get_tunnel_key", READ, 44, Some(flags), 1);
            cases.push((format!("set_tunnel_key of {size}, flags {flags}"), set + &dirty() + &whole + &keep()));
            let set = key(0, 0x4020) + &with("skb_set_tunnel_key", KEY, 44, Some(flags), 0);
            let part = with("skb_get_tunnel_key", READ, size, Some(flags), 1);
            cases.push((format!("get_tunnel_key of {size}, flags {flags}"), set + &dirty() + &part + &keep()));
        }
    }
    agree(TC, cases);
}

#[test]
fn keys_that_cannot_be() {
    let mut cases = Vec::new();
    for (label, ext, flags) in
        [(1, 0x4020, 0), (0, 0x1_4020, 0), (0, 0x1_4020, 1), (0, 0, 32), (0, 0, 1 << 32), (0, 0, 64)]
    {
        let body = key(label, ext)
            + &with("skb_set_tunnel_key", KEY, 44, Some(flags), 0)
            + &dirty()
            + &with("skb_get_tunnel_key", READ, 44, Some(flags & 1), 1)
            + &keep();
        cases.push((format!("label {label}, ext {ext:#x}, flags {flags}"), body));
    }
    for flags in [0, 1, 2, 16, 1 << 32] {
        let none = dirty() + &with("skb_get_tunnel_key", READ, 44, Some(flags), 0) + &keep();
        cases.push((format!("no tunnel, flags {flags}"), none));
        let set = key(0, 0) + &with("skb_set_tunnel_key", KEY, 44, Some(0), 0);
        let get = dirty() + &with("skb_get_tunnel_key", READ, 44, Some(flags), 1) + &keep();
        cases.push((format!("a tunnel, flags {flags}"), set + &get));
    }
    agree(TC, cases);
}

#[test]
fn options_are_read_back() {
    let mut cases = Vec::new();
    let set_key = || key(0, 0) + &with("skb_set_tunnel_key", KEY, 44, Some(0), 0);
    for size in [1, 4, 6, 8, 24, 48] {
        for read in [1, 4, 8, 24, 49, 80] {
            let set = set_key() + &with("skb_set_tunnel_opt", KEY, size, None, 0);
            let get = dirty() + &with("skb_get_tunnel_opt", READ, read, None, 1) + &keep();
            let flags = "r1 = r9\nr2 = r10\nr2 += -128\nr3 = 44\nr4 = 16\ncall bpf_skb_get_tunnel_key\n\
                         r1 = *(u16 *)(r10 - 106)\n*(u64 *)(r8 + 104) = r1\n";
            cases.push((format!("{size} bytes of options, {read} read"), set + &get + flags));
        }
    }
    let long = "r1 = r9\nr2 = r10\nr2 += -512\nr3 = 256\ncall bpf_skb_set_tunnel_opt\n*(u64 *)(r8 + 0) = r0\n";
    let zeroes: String = (0..32).map(|i| format!("*(u64 *)(r10 - {}) = 0\n", 512 - 8 * i)).collect();
    cases.push(("options that are too long".to_owned(), set_key() + &zeroes + long));
    cases.push(("252 bytes of options".to_owned(), set_key() + &zeroes + &long.replace("256", "252")));
    let again = set_key()
        + &with("skb_set_tunnel_opt", KEY, 8, None, 0)
        + &set_key()
        + &dirty()
        + &with("skb_get_tunnel_opt", READ, 8, None, 1)
        + &keep();
    cases.push(("a new key has no options".to_owned(), again));
    let none = key(0, 0)
        + &with("skb_set_tunnel_opt", KEY, 8, None, 0)
        + &dirty()
        + &with("skb_get_tunnel_opt", READ, 8, None, 1)
        + &keep();
    cases.push(("options without a key".to_owned(), none));
    agree(TC, cases);
}

#[test]
fn redirects_by_other_ways() {
    let mut cases = vec![call("get_route_realm", &[])];
    for flags in ["0", "1", "0x100000000"] {
        let peer = format!("r1 = 1\nr2 = {flags} ll\ncall bpf_redirect_peer\n*(u64 *)(r8 + 0) = r0\n");
        cases.push((format!("redirect_peer, flags {flags}"), peer));
        for size in [0, 4, 19, 20, 24] {
            let pointer = if size == 0 { "r2 = 0" } else { "r2 = r10\nr2 += -48" };
            let neigh = format!(
                "{}r1 = 1\n{pointer}\nr3 = {size}\nr4 = {flags} ll\ncall bpf_redirect_neigh\n*(u64 *)(r8 + 0) = r0\n",
                key(0, 0)
            );
            cases.push((format!("redirect_neigh of {size}, flags {flags}"), neigh));
        }
    }
    agree(TC, cases);
}
