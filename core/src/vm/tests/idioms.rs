//! Every idiom that is made one operation: it is found, and does what its instructions do.

use super::{run, text_program};
use crate::kernel::{KernelVersion, ProgType};
use crate::maps::{Limits, MapStore};
use crate::vm::ProgId;
use crate::vm::decode::{Code, Decoded};

const IDIOMS: [(&str, Code); 57] = [
    ("w2 = w3; w2 >>= 28; w4 = w3; w4 <<= 4; w4 |= w2", Code::RotateRl),
    ("w2 = w3; w2 <<= 7; w4 = w3; w4 >>= 25; w4 |= w2", Code::RotateLr),
    ("r2 = r3; r2 += 14; if r2 > r4 goto +1; r0 = 9", Code::EndCheck),
    ("r5 = 3; r2 = r1; r2 += r5; r4 = *(u8 *)(r2 + 1)", Code::IndexedB),
    ("r5 = 3; r2 = r1; r2 += r5; r2 = *(u16 *)(r2 + 1)", Code::IndexedH),
    ("r5 = 3; r2 = r1; r2 += r5; r5 = *(u32 *)(r2 - 1)", Code::IndexedW),
    ("r5 = 3; r2 = r1; r2 += r5; r0 = *(u64 *)(r2 + 2)", Code::IndexedDw),
    ("w2 = w3; w2 <<= 9; w2 |= w4", Code::MovLshOr32),
    ("r2 = r3; r2 <<= 40; r2 |= r4", Code::MovLshOr64),
    ("r2 = r3; r2 <<= 32; r2 >>= 32", Code::MovLow32),
    ("r3 <<= 32; r3 >>= 32", Code::Low32Pair),
    ("r3 <<= 32; r3 s>>= 32", Code::Sign32Pair),
    ("r2 = r3; r2 += -7", Code::MovAdd64I),
    ("r2 = r3; r2 <<= 7", Code::MovLsh64I),
    ("r2 = r3; r2 >>= 7", Code::MovRsh64I),
    ("r2 = r3; r2 &= -7", Code::MovAnd64I),
    ("r2 = r3; r2 += r4", Code::MovAdd64R),
    ("w2 = w3; w2 += -7", Code::MovAdd32I),
    ("w2 = w3; w2 <<= 7", Code::MovLsh32I),
    ("w2 = w3; w2 >>= 7", Code::MovRsh32I),
    ("w2 = w3; w2 &= -7", Code::MovAnd32I),
    ("w2 = w3; w2 += w4", Code::MovAdd32R),
    ("r2 += r3; r2 += r4", Code::AddAdd64),
    ("r2 += r3; r2 ^= r4", Code::AddXor64),
    ("r2 -= r3; r2 ^= r4", Code::SubXor64),
    ("r2 ^= r3; r2 += r4", Code::XorAdd64),
    ("r2 ^= r3; r2 -= r4", Code::XorSub64),
    ("r2 <<= 9; r2 |= r4", Code::LshOr64),
    ("r2 *= 31; r2 += r4", Code::MulAdd64),
    ("w2 += w3; w2 += w4", Code::AddAdd32),
    ("w2 += w3; w2 ^= w4", Code::AddXor32),
    ("w2 -= w3; w2 ^= w4", Code::SubXor32),
    ("w2 ^= w3; w2 += w4", Code::XorAdd32),
    ("w2 ^= w3; w2 -= w4", Code::XorSub32),
    ("w2 <<= 9; w2 |= w4", Code::LshOr32),
    ("w2 *= 31; w2 += w4", Code::MulAdd32),
    ("r2 += 1; if r2 != -1 goto +1; r0 = 9", Code::AddJne64I),
    ("r2 += 1; if r2 != r3 goto +1; r0 = 9", Code::AddJne64R),
    ("r2 += -1; if r2 == -2 goto +1; r0 = 9", Code::AddJeq64I),
    ("r2 += 1; if r2 < 16 goto +1; r0 = 9", Code::AddJlt64I),
    ("r2 += 1; if r2 < r3 goto +1; r0 = 9", Code::AddJlt64R),
    ("r2 += 1; if r2 > 16 goto +1; r0 = 9", Code::AddJgt64I),
    ("w2 += 1; if w2 != -1 goto +1; r0 = 9", Code::AddJne32I),
    ("w2 += 1; if w2 != w3 goto +1; r0 = 9", Code::AddJne32R),
    ("w2 += -1; if w2 == -2 goto +1; r0 = 9", Code::AddJeq32I),
    ("w2 += 1; if w2 < 16 goto +1; r0 = 9", Code::AddJlt32I),
    ("w2 += 1; if w2 < w3 goto +1; r0 = 9", Code::AddJlt32R),
    ("w2 += 1; if w2 > -16 goto +1; r0 = 9", Code::AddJgt32I),
    ("w2 = *(u32 *)(r1 + 1); w2 += w3", Code::LoadAdd32R),
    ("w2 = *(u32 *)(r1 + 1); w2 += -3", Code::LoadAdd32I),
    ("w2 = *(u8 *)(r1 + 1); w2 &= 15", Code::LoadAndB),
    ("w2 = *(u8 *)(r1 + 1); if w2 == 2 goto +1; r0 = 9", Code::LoadJeqB),
    ("r2 = *(u8 *)(r1 + 1); if r2 != 2 goto +1; r0 = 9", Code::LoadJneB),
    ("w2 = *(u16 *)(r1 + 1); if w2 == 0x302 goto +1; r0 = 9", Code::LoadJeqH),
    ("r2 = *(u16 *)(r1 + 1); if r2 != 0x302 goto +1; r0 = 9", Code::LoadJneH),
    // What a register shares with another must not be read too late.
    ("r2 = r2; r2 <<= 32; r2 >>= 32", Code::MovLow32),
    ("w2 = w2; w2 <<= 3; w2 |= w3", Code::MovLshOr32),
];

/// Registers with interesting values, and all of them in the result.
fn program(idiom: &str, values: [u64; 3]) -> crate::kernel::Program {
    let [a, b, c] = values;
    let text = format!(
        "r2 = {a:#x} ll\nr3 = {b:#x} ll\nr4 = {c:#x} ll\nr0 = 0\nr5 = 0\n{idiom}
         r0 ^= r2\nr0 *= 31\nr0 ^= r3\nr0 *= 31\nr0 ^= r4\nr0 *= 31\nr0 ^= r5\nexit"
    );
    text_program(ProgType::Xdp, &text)
}

#[test]
fn every_idiom_is_found_and_does_what_its_instructions_do() {
    let memory: Vec<u8> = (1..=16).collect();
    for (idiom, code) in IDIOMS {
        for values in
            [[0, 0, 0], [15, 16, 17], [1, u64::MAX, 0x8000_0000], [u64::MAX - 1, 0x1_8000_0001, 3], [16, 5, 19]]
        {
            let program = program(idiom, values);
            let maps = MapStore::new(Limits::default());
            let decoded = Decoded::new(ProgId(0), 0, &program, &maps, KernelVersion::LATEST).unwrap();
            assert!(decoded.fast.iter().any(|op| op.code == code), "{idiom}");
            assert!(decoded.ops.iter().all(|op| op.code != code), "{idiom}");
            // Compares watched and not.
            let (outcome, _) = run(&program, &memory);
            assert_eq!(outcome.fault, None, "{idiom}");
        }
    }
}

#[test]
fn a_jump_into_an_idiom_runs_the_rest_of_it() {
    let text = "r0 = 0\nr2 = 5\ngoto in\nr2 = r0\nr2 += 1\nin: r2 += 10\nr0 = r2\nexit";
    assert_eq!(run(&text_program(ProgType::Xdp, text), &[]).0.ret, 15);
    let text = "r2 = 5\nr0 = 0\ngoto in\nr0 = r2\nin: r0 += 3\nexit";
    assert_eq!(run(&text_program(ProgType::Xdp, text), &[]).0.ret, 3);
}

#[test]
fn a_fault_in_an_idiom_is_at_its_own_instruction() {
    let text = "r5 = 100\nr2 = r1\nr2 += r5\nr0 = *(u8 *)(r2 + 0)\nexit";
    let (outcome, _) = run(&text_program(ProgType::Xdp, text), &[0; 8]);
    assert_eq!((outcome.fault.unwrap().pc.0, outcome.insns), (3, 3));
    let text = "r0 = *(u8 *)(r1 + 8)\nr0 &= 15\nexit";
    let (outcome, _) = run(&text_program(ProgType::Xdp, text), &[0; 8]);
    assert_eq!((outcome.fault.unwrap().pc.0, outcome.insns), (0, 0));
}
