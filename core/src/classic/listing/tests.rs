use proptest::prelude::*;

use super::*;
use crate::classic::{AluOp, Cond, EXTENSIONS, Op, Source};
use crate::isa::Size;

/// `ip and udp`, as each form has it.
const UDP: [(Form, &str); 4] = [
    (
        Form::Tcpdump,
        "(000) ldh      [12]\n(001) jeq      #0x800           jt 2\tjf 5\n(002) ldb      [23]\n\
         (003) jeq      #0x11            jt 4\tjf 5\n(004) ret      #262144\n(005) ret      #0\n",
    ),
    (
        Form::Array,
        "{ 0x28, 0, 0, 0x0000000c },\n{ 0x15, 0, 3, 0x00000800 },\n{ 0x30, 0, 0, 0x00000017 },\n\
         { 0x15, 0, 1, 0x00000011 },\n{ 0x6, 0, 0, 0x00040000 },\n{ 0x6, 0, 0, 0x00000000 },\n",
    ),
    (Form::Numbers, "6\n40 0 0 12\n21 0 3 2048\n48 0 0 23\n21 0 1 17\n6 0 0 262144\n6 0 0 0\n"),
    (
        Form::Asm,
        "\tldh [12]\n\tjeq #0x800, L2, L5\nL2:\tldb [23]\n\tjeq #0x11, L4, L5\nL4:\tret #262144\nL5:\tret #0\n",
    ),
];

fn read(text: &str) -> Vec<Insn> {
    Listing::read(text).unwrap_or_else(|e| panic!("line {}: {e}\n{text}", e.line)).insns
}

#[test]
fn each_form_is_read_and_written() {
    let insns = read(UDP[0].1);
    for (form, text) in UDP {
        assert!(is_listing(text), "{text}");
        let listing = Listing::read(text).unwrap();
        assert_eq!((listing.form, &listing.insns), (form, &insns));
        assert_eq!(form.write(&insns), text);
        assert!(listing.program().is_ok());
    }
    assert_eq!(read("6,40 0 0 12,21 0 3 2048,48 0 0 23,21 0 1 17,6 0 0 262144,6 0 0 0,\n"), insns);
}

#[test]
fn the_line_of_each_instruction_is_kept() {
    let listing = Listing::read("; UDP\n\n  ldh [12]\na:\nb: jne #0x800, drop\n ret #1\ndrop: ret #0\n").unwrap();
    assert_eq!(listing.lines, [3, 5, 6, 7]);
    assert_eq!(Listing::read(UDP[2].1).unwrap().lines, [2, 3, 4, 5, 6, 7]);
}

#[test]
fn the_syntax_of_bpf_asm() {
    let k = |op| Insn::from(op);
    let same = |text: &str, op: Op| assert_eq!(read(&format!("{text}\nret a\nret a\nret a"))[0], k(op), "{text}");
    for (text, op) in [
        ("ld #5", Op::LoadImm(5)),
        ("ldi #0x10", Op::LoadImm(16)),
        ("ld #-1", Op::LoadImm(u32::MAX)),
        ("ld len", Op::LoadLen),
        ("ld #pktlen", Op::LoadLen),
        ("ld M[3]", Op::LoadMem(3)),
        ("ldb [x + 2]", Op::LoadInd(Size::B, 2)),
        ("ldh [%x+2]", Op::LoadInd(Size::H, 2)),
        ("ld [x]", Op::LoadInd(Size::W, 0)),
        ("ldx 4*([14]&0xf)", Op::LoadXHeaderLen(14)),
        ("ldxb 4 * ([14] & 0xf)", Op::LoadXHeaderLen(14)),
        ("ldx len", Op::LoadXLen),
        ("ldxi #5", Op::LoadXImm(5)),
        ("ldx M[1]", Op::LoadXMem(1)),
        ("st M[15]", Op::Store(15)),
        ("stx M[0]", Op::StoreX(0)),
        ("add %x", Op::Alu(AluOp::Add, Source::X)),
        ("and #010", Op::Alu(AluOp::And, Source::K(8))),
        ("xor #0b11", Op::Alu(AluOp::Xor, Source::K(3))),
        ("neg", Op::Neg),
        ("tax ; to X", Op::Tax),
        ("txa /* from X */", Op::Txa),
        ("ret %a", Op::ReturnA),
        ("x: jeq #1, y, z\ny: txa\nz:", Op::JumpIf(Cond::Eq, Source::K(1), 0, 1)),
        ("jle x, y\ntxa\ny:", Op::JumpIf(Cond::Gt, Source::X, 0, 1)),
        ("jlt #1, y\ntxa\ny:", Op::JumpIf(Cond::Ge, Source::K(1), 0, 1)),
        ("jset #1, y\ntxa\ny:", Op::JumpIf(Cond::Set, Source::K(1), 1, 0)),
        ("jmp y\ntxa\ny:", Op::Jump(1)),
    ] {
        same(text, op);
    }
    for (ext, _, name, _) in EXTENSIONS {
        same(&format!("ld {name}"), Op::LoadExt(*ext));
        same(&format!("ld #{name}"), Op::LoadExt(*ext));
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, line, part) in [
        ("ldh [12]\nfoo #1\nret #0", 2, "there is no instruction `foo`"),
        ("ldh #5\nret #0", 1, "`ldh` does not take `#5`"),
        ("ldh\nret #0", 1, "`ldh` needs an operand"),
        ("ldh [y]\nret #0", 1, "`[y]` is no operand"),
        ("jeq #1, up, up\nret #0", 1, "there is no label `up`"),
        ("up: tax\njeq #1, up, up\nret #0", 2, "the jump to `up` does not go forward"),
        ("a: tax\na: ret #0", 2, "label `a` is set twice"),
        ("tax\na b: ret #0", 2, "is no label"),
        ("jne #1, a, a\na: ret #0", 1, "one label"),
        ("jeq foo, a\na: ret #0", 1, "nothing to compare with"),
        ("(000) ret #0\n(002) ret #0", 2, "`(001)` and an instruction are expected"),
        ("(000) jeq #1 jt 0 jf 1\n(001) ret #0", 1, "the jump to 0 does not go forward"),
        ("(000) jeq #1\n(001) ret #0", 1, "`jt` and `jf` are expected"),
        ("{ 6, 0, 0, 0 },\n{ 6, 0, 0 },", 2, "not a row"),
        ("2\n6 0 0 0\n6 0 0", 3, "four numbers"),
        ("3\n6 0 0 0\n6 0 0 1", 1, "3 instructions follow, but there are 2"),
        ("1\n6 0 256 0", 1, "there is no instruction `1`"),
    ] {
        let error = Listing::read(text).unwrap_err();
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.message.contains(part), "{text}: {error}");
    }
    let error = Listing::read("ld M[3]\nret a").unwrap().program().unwrap_err();
    assert_eq!(
        (error.line, error.to_string().as_str()),
        (1, "instruction 0: M[3] is read, but not stored on every way to here")
    );
}

#[test]
fn other_texts_are_no_listings() {
    for text in
        ["", "r0 = 0\nexit", "{", "{ \"bpfscope\": 1 }", "tcp port 80", ".section tc\nr0 = 0", "5: exit", "add = 1"]
    {
        assert!(!is_listing(text), "{text}");
    }
}

fn op() -> impl Strategy<Value = Op> {
    let size = || prop::sample::select(vec![Size::B, Size::H, Size::W]);
    let alu = prop::sample::select(vec![
        AluOp::Add,
        AluOp::Sub,
        AluOp::Mul,
        AluOp::Div,
        AluOp::Or,
        AluOp::And,
        AluOp::Lsh,
        AluOp::Rsh,
        AluOp::Mod,
        AluOp::Xor,
    ]);
    let source = || prop_oneof![any::<u32>().prop_map(Source::K), Just(Source::X)];
    let exts = EXTENSIONS.iter().map(|row| row.0).collect::<Vec<_>>();
    prop_oneof![
        any::<u32>().prop_map(Op::LoadImm),
        Just(Op::LoadLen),
        (0..16u32).prop_map(Op::LoadMem),
        (size(), 0..0x8000_0000u32).prop_map(|(s, k)| Op::LoadAbs(s, k)),
        (size(), any::<u32>()).prop_map(|(s, k)| Op::LoadInd(s, k)),
        prop::sample::select(exts).prop_map(Op::LoadExt),
        any::<u32>().prop_map(Op::LoadXImm),
        Just(Op::LoadXLen),
        (0..16u32).prop_map(Op::LoadXMem),
        (0..100u32).prop_map(Op::LoadXHeaderLen),
        (0..16u32).prop_map(Op::Store),
        (0..16u32).prop_map(Op::StoreX),
        (alu, source()).prop_map(|(o, s)| Op::Alu(o, s)),
        Just(Op::Neg),
        (0..20u32).prop_map(Op::Jump),
        (source(), any::<u8>(), any::<u8>()).prop_map(|(s, t, f)| Op::JumpIf(Cond::Ge, s, t % 20, f % 20)),
        any::<u32>().prop_map(Op::Return),
        Just(Op::ReturnA),
        Just(Op::Tax),
        Just(Op::Txa),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(ops in prop::collection::vec(op(), 1..40)) {
        // Labels need an instruction to stand before.
        let insns: Vec<Insn> = ops.into_iter().chain([Op::Return(0); 20]).map(Insn::from).collect();
        for form in [Form::Tcpdump, Form::Array, Form::Numbers, Form::Asm] {
            let text = form.write(&insns);
            let listing = Listing::read(&text).map_err(|e| TestCaseError::fail(format!("{}: {e}\n{text}", e.line)))?;
            prop_assert_eq!((listing.form, &listing.insns), (form, &insns));
        }
    }

    #[test]
    fn no_text_panics(text in "([(){}\\[\\]0-9,#xXaAjteqlds :;*/+&\n-]|ld |jeq |ret )*") {
        let _ = Listing::read(&text).map(|listing| listing.program());
    }
}
