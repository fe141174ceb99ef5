//! The kernel and `isa::decode` agree on what is an instruction: every opcode, each field with a few values.

#![cfg(target_os = "linux")]

use bpfscope_core::isa::{Pc, RawInsn, decode};
use bpfscope_tests::kernel::{Prog, ProgSpec, available};

/// What the verifier says of slots that are no instruction, whatever the state of the program.
const SHAPE: [&str; 9] = [
    "unknown opcode",
    "uses reserved fields",
    "R11 is invalid",
    "R15 is invalid",
    "invalid bpf_ld_imm64 insn",
    "unrecognized bpf_ld_imm64 insn",
    "invalid atomic operand size",
    "uses invalid atomic opcode",
    "invalid may_goto imm",
];

/// What the kernel says of one instruction in a program that is otherwise in order.
#[derive(PartialEq, Eq, Debug)]
enum Answer {
    Accepted,
    /// It is no instruction.
    Shape,
    /// Something else is wrong: the question is not answered.
    Other,
}

fn slot(opcode: u8, dst: u8, src: u8, off: i16, imm: i32) -> RawInsn {
    RawInsn { opcode, dst, src, off, imm }
}

/// The program around the slots in question: all registers known, stack written, context in r6.
fn program(asked: &[RawInsn]) -> Vec<RawInsn> {
    let mut slots = vec![slot(0xbf, 6, 1, 0, 0)];
    slots.extend((0..6).map(|reg| slot(0xb7, reg, 0, 0, 0)));
    slots.push(slot(0xbf, 3, 10, 0, 0));
    slots.extend((1..=4).map(|i| slot(0x7a, 10, 0, -8 * i, 0)));
    slots.extend(asked);
    slots.extend([slot(0xb7, 0, 0, 0, 0), slot(0xb7, 0, 0, 0, 0), slot(0x95, 0, 0, 0, 0)]);
    slots
}

fn ask(asked: &[RawInsn]) -> Answer {
    let insns: Vec<u8> = program(asked).into_iter().flat_map(RawInsn::to_bytes).collect();
    let spec = ProgSpec { prog_type: 1, insns: &insns, license: "GPL", log_level: 1, ..ProgSpec::default() };
    match Prog::load(&spec) {
        Ok(_) => Answer::Accepted,
        Err(refused) if SHAPE.iter().any(|text| refused.log.contains(text)) => Answer::Shape,
        Err(_) => Answer::Other,
    }
}

#[test]
fn the_kernel_and_the_decoder_agree_on_what_is_an_instruction() {
    if !available("opcodes and reserved fields") {
        return;
    }
    let (mut accepted, mut refused) = (0, 0);
    for opcode in 0..=255 {
        for asked in questions(opcode) {
            // The kernel does not look at the offset of `exit`; the decoder does, to lose nothing.
            if opcode == 0x95 && asked[0].off != 0 {
                continue;
            }
            let decoded = decode(&asked, Pc(0));
            match ask(&asked) {
                Answer::Accepted => {
                    assert!(decoded.is_ok(), "{asked:?}: {decoded:?}");
                    accepted += 1;
                }
                Answer::Shape => {
                    assert!(decoded.is_err(), "{asked:?}: {decoded:?}");
                    refused += 1;
                }
                Answer::Other => {}
            }
        }
    }
    assert!(accepted > 300 && refused > 1000, "{accepted} accepted, {refused} refused");
}

/// The opcode with each field in turn given values that may or may not be reserved.
fn questions(opcode: u8) -> Vec<Vec<RawInsn>> {
    let plain = [(0, 0, 0, 0), (10, 0, -8, 0), (0, 10, -8, 0), (0, 3, -8, 0), (3, 0, -8, 1), (0, 3, -8, 0x100)];
    let mut slots: Vec<RawInsn> = plain.map(|(dst, src, off, imm)| slot(opcode, dst, src, off, imm)).into();
    let base = slot(opcode, 0, 0, 0, 0);
    slots.extend([1, 2, 11, 15].map(|dst| RawInsn { dst, ..base }));
    slots.extend([1, 2, 3, 4, 5, 6, 7, 11].map(|src| RawInsn { src, ..base }));
    slots.extend([1, 2, 8, 16, 32].map(|off| RawInsn { off, ..base }));
    slots.extend([1, 8, 16, 32, 64, 0xe1, 0x100, 0x110].map(|imm| RawInsn { imm, ..base }));
    slots.extend([2, 0x40, 0xe0, 0xe1, 0xf1, 0x101, 0x110].map(|imm| slot(opcode, 10, 2, -8, imm)));
    if opcode != 0x18 {
        return slots.into_iter().map(|slot| vec![slot]).collect();
    }
    let zero = RawInsn::default();
    let seconds = [
        zero,
        RawInsn { imm: 1, ..zero },
        RawInsn { off: 1, ..zero },
        RawInsn { dst: 1, ..zero },
        RawInsn { src: 1, ..zero },
        RawInsn { opcode: 0x95, ..zero },
    ];
    slots.iter().flat_map(|first| seconds.map(|second| vec![*first, second])).collect()
}
