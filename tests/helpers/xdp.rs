//! XDP helpers.

use bpfscope_core::kernel::ProgType;

use crate::{agree, call, sequence};

const XDP: ProgType = ProgType::Xdp;

fn deltas(helper: &str, deltas: &[i64]) {
    agree(XDP, deltas.iter().map(|delta| call(helper, &[&delta.to_string()])));
}

#[test]
fn xdp_adjust_head() {
    deltas(
        "xdp_adjust_head",
        &[
            0,
            1,
            14,
            40,
            46,
            47,
            -1,
            -14,
            -64,
            -216,
            -217,
            -256,
            -257,
            1500,
            1501,
            i32::MAX as i64,
            i32::MIN as i64,
            1 << 32,
            0xffff_fff2,
        ],
    );
}

#[test]
fn xdp_adjust_tail() {
    deltas(
        "xdp_adjust_tail",
        &[
            0,
            1,
            -1,
            -14,
            -46,
            -47,
            -40,
            100,
            2006,
            2007,
            3460,
            3461,
            3466,
            3467,
            3506,
            3507,
            10000,
            i32::MAX as i64,
            i32::MIN as i64,
            1 << 32,
        ],
    );
}

#[test]
fn xdp_adjust_meta() {
    deltas(
        "xdp_adjust_meta",
        &[
            0,
            -4,
            -8,
            -5,
            -32,
            -36,
            -128,
            -252,
            -255,
            -256,
            -216,
            -220,
            4,
            1,
            i32::MIN as i64,
            i32::MAX as i64,
            -212,
            -217,
        ],
    );
}

#[test]
fn adjustments_in_sequence() {
    let head = |delta: &'static str| ("xdp_adjust_head", delta);
    let tail = |delta: &'static str| ("xdp_adjust_tail", delta);
    let meta = |delta: &'static str| ("xdp_adjust_meta", delta);
    let sequences = [
        vec![head("14"), head("-14")],
        vec![head("-20"), head("20")],
        vec![head("-216"), head("-1")],
        vec![head("-100"), meta("-32"), head("-84")],
        vec![meta("-32"), head("-184"), head("-1")],
        vec![meta("-32"), head("-185")],
        vec![meta("-32"), head("10"), meta("4")],
        vec![meta("-16"), meta("16"), meta("4")],
        vec![meta("-16"), tail("20"), head("-14")],
        vec![tail("-20"), tail("20")],
        vec![tail("100"), head("-50"), tail("-40")],
        vec![head("-50"), tail("3000")],
        vec![head("10"), tail("-40")],
        vec![tail("-40"), head("7")],
    ];
    let cases = sequences.iter().map(|adjustments| {
        let name = adjustments.iter().map(|(h, d)| format!("{h} {d}")).collect::<Vec<_>>().join(", ");
        let args: Vec<_> = adjustments.iter().map(|(h, d)| (*h, [*d])).collect();
        (name, sequence(&args.iter().map(|(h, d)| (*h, &d[..])).collect::<Vec<_>>()))
    });
    agree(XDP, cases);
}

#[test]
fn xdp_load_and_store_bytes() {
    let ranges = [
        ("0", "8"),
        ("12", "2"),
        ("13", "1"),
        ("13", "2"),
        ("50", "4"),
        ("51", "4"),
        ("0xffff", "1"),
        ("0x10000", "1"),
        ("0x80000000", "1"),
        ("0xffffffff", "4"),
        ("0x100000000", "4"),
    ];
    agree(XDP, ranges.iter().map(|(offset, len)| call("xdp_store_bytes", &[offset, "fp-16", len])));
    let load = |(offset, len): &(&str, &str)| {
        let (name, body) = call("xdp_load_bytes", &[offset, "fp-40", len]);
        (name, body + "r1 = *(u64 *)(r10 - 40)\n*(u64 *)(r8 + 8) = r1\n")
    };
    agree(XDP, ranges.iter().map(load));
    agree(XDP, [call("xdp_get_buff_len", &[])]);
}
