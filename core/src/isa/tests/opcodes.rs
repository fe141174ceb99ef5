//! Every opcode: its bytes and its text, both ways, and against LLVM's own disassembler.

use std::collections::HashSet;
use std::process::Command;

use super::{listed_by_llvm, llvm_objdump, slots_of};
use crate::isa::opcode::{ALU_OPS, ATOMIC_OPS, FORMS};
use crate::isa::{Content, Field, Flaw, Insn, Names, Pc, RawInsn, assemble, decode};

/// Where a row's text comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Spelling {
    /// llvm-objdump 19 prints it.
    Llvm,
    /// llvm-objdump 19 prints it with `--mcpu=v4`.
    V4,
    /// LLVM 19 does not know it, or prints something else by the same text.
    Ours,
}
use Spelling::{Llvm, Ours, V4};

#[rustfmt::skip]
const ROWS: &[(&str, &str, Spelling)] = &[
    ("07 01 00 00 05 00 00 00", "r1 += 0x5", Llvm),
    ("0f 21 00 00 00 00 00 00", "r1 += r2", Llvm),
    ("17 01 00 00 05 00 00 00", "r1 -= 0x5", Llvm),
    ("1f 21 00 00 00 00 00 00", "r1 -= r2", Llvm),
    ("27 01 00 00 05 00 00 00", "r1 *= 0x5", Llvm),
    ("2f 21 00 00 00 00 00 00", "r1 *= r2", Llvm),
    ("37 01 00 00 05 00 00 00", "r1 /= 0x5", Llvm),
    ("3f 21 00 00 00 00 00 00", "r1 /= r2", Llvm),
    ("47 01 00 00 05 00 00 00", "r1 |= 0x5", Llvm),
    ("4f 21 00 00 00 00 00 00", "r1 |= r2", Llvm),
    ("57 01 00 00 f0 ff ff ff", "r1 &= -0x10", Llvm),
    ("5f 21 00 00 00 00 00 00", "r1 &= r2", Llvm),
    ("67 01 00 00 05 00 00 00", "r1 <<= 0x5", Llvm),
    ("6f 21 00 00 00 00 00 00", "r1 <<= r2", Llvm),
    ("77 01 00 00 05 00 00 00", "r1 >>= 0x5", Llvm),
    ("7f 21 00 00 00 00 00 00", "r1 >>= r2", Llvm),
    ("97 01 00 00 05 00 00 00", "r1 %= 0x5", Llvm),
    ("9f 21 00 00 00 00 00 00", "r1 %= r2", Llvm),
    ("a7 01 00 00 05 00 00 00", "r1 ^= 0x5", Llvm),
    ("af 21 00 00 00 00 00 00", "r1 ^= r2", Llvm),
    ("b7 01 00 00 05 00 00 00", "r1 = 0x5", Llvm),
    ("bf 21 00 00 00 00 00 00", "r1 = r2", Llvm),
    ("c7 01 00 00 05 00 00 00", "r1 s>>= 0x5", Llvm),
    ("cf 21 00 00 00 00 00 00", "r1 s>>= r2", Llvm),
    ("37 01 01 00 fb ff ff ff", "r1 s/= -0x5", Llvm),
    ("3f 21 01 00 00 00 00 00", "r1 s/= r2", Llvm),
    ("97 01 01 00 fb ff ff ff", "r1 s%= -0x5", Llvm),
    ("9f 21 01 00 00 00 00 00", "r1 s%= r2", Llvm),
    ("87 03 00 00 00 00 00 00", "r3 = -r3", Llvm),
    ("04 01 00 00 05 00 00 00", "w1 += 0x5", Llvm),
    ("0c 21 00 00 00 00 00 00", "w1 += w2", Llvm),
    ("14 01 00 00 05 00 00 00", "w1 -= 0x5", Llvm),
    ("1c 21 00 00 00 00 00 00", "w1 -= w2", Llvm),
    ("24 01 00 00 05 00 00 00", "w1 *= 0x5", Llvm),
    ("2c 21 00 00 00 00 00 00", "w1 *= w2", Llvm),
    ("34 01 00 00 05 00 00 00", "w1 /= 0x5", Llvm),
    ("3c 21 00 00 00 00 00 00", "w1 /= w2", Llvm),
    ("44 01 00 00 05 00 00 00", "w1 |= 0x5", Llvm),
    ("4c 21 00 00 00 00 00 00", "w1 |= w2", Llvm),
    ("54 01 00 00 f0 ff ff ff", "w1 &= -0x10", Llvm),
    ("5c 21 00 00 00 00 00 00", "w1 &= w2", Llvm),
    ("64 01 00 00 05 00 00 00", "w1 <<= 0x5", Llvm),
    ("6c 21 00 00 00 00 00 00", "w1 <<= w2", Llvm),
    ("74 01 00 00 05 00 00 00", "w1 >>= 0x5", Llvm),
    ("7c 21 00 00 00 00 00 00", "w1 >>= w2", Llvm),
    ("94 01 00 00 05 00 00 00", "w1 %= 0x5", Llvm),
    ("9c 21 00 00 00 00 00 00", "w1 %= w2", Llvm),
    ("a4 01 00 00 05 00 00 00", "w1 ^= 0x5", Llvm),
    ("ac 21 00 00 00 00 00 00", "w1 ^= w2", Llvm),
    ("b4 01 00 00 05 00 00 00", "w1 = 0x5", Llvm),
    ("bc 21 00 00 00 00 00 00", "w1 = w2", Llvm),
    ("c4 01 00 00 05 00 00 00", "w1 s>>= 0x5", Llvm),
    ("cc 21 00 00 00 00 00 00", "w1 s>>= w2", Llvm),
    ("34 01 01 00 fb ff ff ff", "w1 s/= -0x5", Llvm),
    ("3c 21 01 00 00 00 00 00", "w1 s/= w2", Llvm),
    ("94 01 01 00 fb ff ff ff", "w1 s%= -0x5", Llvm),
    ("9c 21 01 00 00 00 00 00", "w1 s%= w2", Llvm),
    ("84 03 00 00 00 00 00 00", "w3 = -w3", Llvm),
    ("bc 21 08 00 00 00 00 00", "w1 = (s8)w2", Llvm),
    ("bc 21 10 00 00 00 00 00", "w1 = (s16)w2", Llvm),
    ("bf 21 08 00 00 00 00 00", "r1 = (s8)r2", Llvm),
    ("bf 21 10 00 00 00 00 00", "r1 = (s16)r2", Llvm),
    ("bf 21 20 00 00 00 00 00", "r1 = (s32)r2", Llvm),
    ("bf 21 01 00 01 00 00 00", "r1 = addr_space_cast(r2, 0x0, 0x1)", Llvm),
    ("bf 21 01 00 00 00 01 00", "r1 = addr_space_cast(r2, 0x1, 0x0)", Llvm),
    ("d4 04 00 00 10 00 00 00", "r4 = le16 r4", Llvm),
    ("d4 04 00 00 20 00 00 00", "r4 = le32 r4", Llvm),
    ("d4 04 00 00 40 00 00 00", "r4 = le64 r4", Llvm),
    ("dc 04 00 00 10 00 00 00", "r4 = be16 r4", Llvm),
    ("dc 04 00 00 20 00 00 00", "r4 = be32 r4", Llvm),
    ("dc 04 00 00 40 00 00 00", "r4 = be64 r4", Llvm),
    ("d7 04 00 00 10 00 00 00", "r4 = bswap16 r4", Llvm),
    ("d7 04 00 00 20 00 00 00", "r4 = bswap32 r4", Llvm),
    ("d7 04 00 00 40 00 00 00", "r4 = bswap64 r4", Llvm),
    ("18 01 00 00 34 12 00 00 00 00 00 00 00 00 00 00", "r1 = 0x1234 ll", Llvm),
    ("18 01 00 00 ff ff ff ff 00 00 00 00 ff ff ff 7f", "r1 = 0x7fffffffffffffff ll", Llvm),
    ("18 11 00 00 05 00 00 00 00 00 00 00 00 00 00 00", "ld_pseudo r1, 0x1, 0x5", Llvm),
    ("18 21 00 00 05 00 00 00 00 00 00 00 00 00 00 00", "ld_pseudo r1, 0x2, 0x5", Llvm),
    ("18 31 00 00 05 00 00 00 00 00 00 00 00 00 00 00", "ld_pseudo r1, 0x3, 0x5", Llvm),
    ("18 41 00 00 05 00 00 00 00 00 00 00 00 00 00 00", "ld_pseudo r1, 0x4, 0x5", Llvm),
    ("18 51 00 00 05 00 00 00 00 00 00 00 00 00 00 00", "ld_pseudo r1, 0x5, 0x5", Llvm),
    ("18 61 00 00 05 00 00 00 00 00 00 00 00 00 00 00", "ld_pseudo r1, 0x6, 0x5", Llvm),
    ("61 12 50 00 00 00 00 00", "r2 = *(u32 *)(r1 + 0x50)", Llvm),
    ("62 0a f8 ff 07 00 00 00", "*(u32 *)(r10 - 0x8) = 0x7", Llvm),
    ("63 3a f8 ff 00 00 00 00", "*(u32 *)(r10 - 0x8) = r3", Llvm),
    ("81 12 ff ff 00 00 00 00", "r2 = *(s32 *)(r1 - 0x1)", Llvm),
    ("20 00 00 00 17 00 00 00", "r0 = *(u32 *)skb[0x17]", Llvm),
    ("40 30 00 00 00 00 00 00", "r0 = *(u32 *)skb[r3]", Llvm),
    ("40 30 00 00 f2 ff ff ff", "r0 = *(u32 *)skb[r3 - 0xe]", Ours),
    ("69 12 50 00 00 00 00 00", "r2 = *(u16 *)(r1 + 0x50)", Llvm),
    ("6a 0a f8 ff 07 00 00 00", "*(u16 *)(r10 - 0x8) = 0x7", Llvm),
    ("6b 3a f8 ff 00 00 00 00", "*(u16 *)(r10 - 0x8) = r3", Llvm),
    ("89 12 ff ff 00 00 00 00", "r2 = *(s16 *)(r1 - 0x1)", Llvm),
    ("28 00 00 00 17 00 00 00", "r0 = *(u16 *)skb[0x17]", Llvm),
    ("48 30 00 00 00 00 00 00", "r0 = *(u16 *)skb[r3]", Llvm),
    ("48 30 00 00 f2 ff ff ff", "r0 = *(u16 *)skb[r3 - 0xe]", Ours),
    ("71 12 50 00 00 00 00 00", "r2 = *(u8 *)(r1 + 0x50)", Llvm),
    ("72 0a f8 ff 07 00 00 00", "*(u8 *)(r10 - 0x8) = 0x7", Llvm),
    ("73 3a f8 ff 00 00 00 00", "*(u8 *)(r10 - 0x8) = r3", Llvm),
    ("91 12 ff ff 00 00 00 00", "r2 = *(s8 *)(r1 - 0x1)", Llvm),
    ("30 00 00 00 17 00 00 00", "r0 = *(u8 *)skb[0x17]", Llvm),
    ("50 30 00 00 00 00 00 00", "r0 = *(u8 *)skb[r3]", Llvm),
    ("50 30 00 00 f2 ff ff ff", "r0 = *(u8 *)skb[r3 - 0xe]", Ours),
    ("79 12 50 00 00 00 00 00", "r2 = *(u64 *)(r1 + 0x50)", Llvm),
    ("7a 0a f8 ff 07 00 00 00", "*(u64 *)(r10 - 0x8) = 0x7", Llvm),
    ("7b 3a f8 ff 00 00 00 00", "*(u64 *)(r10 - 0x8) = r3", Llvm),
    ("c3 21 f0 ff 00 00 00 00", "lock *(u32 *)(r1 - 0x10) += r2", Llvm),
    ("c3 21 f0 ff 01 00 00 00", "w2 = atomic_fetch_add((u32 *)(r1 - 0x10), w2)", V4),
    ("c3 21 f0 ff 40 00 00 00", "lock *(u32 *)(r1 - 0x10) |= w2", V4),
    ("c3 21 f0 ff 41 00 00 00", "w2 = atomic_fetch_or((u32 *)(r1 - 0x10), w2)", V4),
    ("c3 21 f0 ff 50 00 00 00", "lock *(u32 *)(r1 - 0x10) &= w2", V4),
    ("c3 21 f0 ff 51 00 00 00", "w2 = atomic_fetch_and((u32 *)(r1 - 0x10), w2)", V4),
    ("c3 21 f0 ff a0 00 00 00", "lock *(u32 *)(r1 - 0x10) ^= w2", V4),
    ("c3 21 f0 ff a1 00 00 00", "w2 = atomic_fetch_xor((u32 *)(r1 - 0x10), w2)", V4),
    ("c3 21 f0 ff e1 00 00 00", "w2 = xchg32_32(r1 - 0x10, w2)", V4),
    ("c3 21 f0 ff f1 00 00 00", "w0 = cmpxchg32_32(r1 - 0x10, w0, w2)", V4),
    ("db 21 f0 ff 00 00 00 00", "lock *(u64 *)(r1 - 0x10) += r2", Llvm),
    ("db 21 f0 ff 01 00 00 00", "r2 = atomic_fetch_add((u64 *)(r1 - 0x10), r2)", Llvm),
    ("db 21 f0 ff 40 00 00 00", "lock *(u64 *)(r1 - 0x10) |= r2", Llvm),
    ("db 21 f0 ff 41 00 00 00", "r2 = atomic_fetch_or((u64 *)(r1 - 0x10), r2)", Llvm),
    ("db 21 f0 ff 50 00 00 00", "lock *(u64 *)(r1 - 0x10) &= r2", Llvm),
    ("db 21 f0 ff 51 00 00 00", "r2 = atomic_fetch_and((u64 *)(r1 - 0x10), r2)", Llvm),
    ("db 21 f0 ff a0 00 00 00", "lock *(u64 *)(r1 - 0x10) ^= r2", Llvm),
    ("db 21 f0 ff a1 00 00 00", "r2 = atomic_fetch_xor((u64 *)(r1 - 0x10), r2)", Llvm),
    ("db 21 f0 ff e1 00 00 00", "r2 = xchg_64(r1 - 0x10, r2)", Llvm),
    ("db 21 f0 ff f1 00 00 00", "r0 = cmpxchg_64(r1 - 0x10, r0, r2)", Llvm),
    ("c3 21 04 00 00 01 00 00", "w1 = load_acquire((u32 *)(r2 + 0x4))", Ours),
    ("c3 21 04 00 10 01 00 00", "store_release((u32 *)(r1 + 0x4), w2)", Ours),
    ("cb 21 04 00 00 01 00 00", "w1 = load_acquire((u16 *)(r2 + 0x4))", Ours),
    ("cb 21 04 00 10 01 00 00", "store_release((u16 *)(r1 + 0x4), w2)", Ours),
    ("d3 21 04 00 00 01 00 00", "w1 = load_acquire((u8 *)(r2 + 0x4))", Ours),
    ("d3 21 04 00 10 01 00 00", "store_release((u8 *)(r1 + 0x4), w2)", Ours),
    ("db 21 04 00 00 01 00 00", "r1 = load_acquire((u64 *)(r2 + 0x4))", Ours),
    ("db 21 04 00 10 01 00 00", "store_release((u64 *)(r1 + 0x4), r2)", Ours),
    ("15 01 03 00 05 00 00 00", "if r1 == 0x5 goto +0x3", Llvm),
    ("1d 21 fe ff 00 00 00 00", "if r1 == r2 goto -0x2", Llvm),
    ("25 01 03 00 05 00 00 00", "if r1 > 0x5 goto +0x3", Llvm),
    ("2d 21 fe ff 00 00 00 00", "if r1 > r2 goto -0x2", Llvm),
    ("35 01 03 00 05 00 00 00", "if r1 >= 0x5 goto +0x3", Llvm),
    ("3d 21 fe ff 00 00 00 00", "if r1 >= r2 goto -0x2", Llvm),
    ("45 01 03 00 05 00 00 00", "if r1 & 0x5 goto +0x3", Llvm),
    ("4d 21 fe ff 00 00 00 00", "if r1 & r2 goto -0x2", Llvm),
    ("55 01 03 00 05 00 00 00", "if r1 != 0x5 goto +0x3", Llvm),
    ("5d 21 fe ff 00 00 00 00", "if r1 != r2 goto -0x2", Llvm),
    ("65 01 03 00 05 00 00 00", "if r1 s> 0x5 goto +0x3", Llvm),
    ("6d 21 fe ff 00 00 00 00", "if r1 s> r2 goto -0x2", Llvm),
    ("75 01 03 00 05 00 00 00", "if r1 s>= 0x5 goto +0x3", Llvm),
    ("7d 21 fe ff 00 00 00 00", "if r1 s>= r2 goto -0x2", Llvm),
    ("a5 01 03 00 05 00 00 00", "if r1 < 0x5 goto +0x3", Llvm),
    ("ad 21 fe ff 00 00 00 00", "if r1 < r2 goto -0x2", Llvm),
    ("b5 01 03 00 05 00 00 00", "if r1 <= 0x5 goto +0x3", Llvm),
    ("bd 21 fe ff 00 00 00 00", "if r1 <= r2 goto -0x2", Llvm),
    ("c5 01 03 00 05 00 00 00", "if r1 s< 0x5 goto +0x3", Llvm),
    ("cd 21 fe ff 00 00 00 00", "if r1 s< r2 goto -0x2", Llvm),
    ("d5 01 03 00 05 00 00 00", "if r1 s<= 0x5 goto +0x3", Llvm),
    ("dd 21 fe ff 00 00 00 00", "if r1 s<= r2 goto -0x2", Llvm),
    ("16 01 03 00 05 00 00 00", "if w1 == 0x5 goto +0x3", Llvm),
    ("1e 21 fe ff 00 00 00 00", "if w1 == w2 goto -0x2", Llvm),
    ("26 01 03 00 05 00 00 00", "if w1 > 0x5 goto +0x3", Llvm),
    ("2e 21 fe ff 00 00 00 00", "if w1 > w2 goto -0x2", Llvm),
    ("36 01 03 00 05 00 00 00", "if w1 >= 0x5 goto +0x3", Llvm),
    ("3e 21 fe ff 00 00 00 00", "if w1 >= w2 goto -0x2", Llvm),
    ("46 01 03 00 05 00 00 00", "if w1 & 0x5 goto +0x3", Llvm),
    ("4e 21 fe ff 00 00 00 00", "if w1 & w2 goto -0x2", Llvm),
    ("56 01 03 00 05 00 00 00", "if w1 != 0x5 goto +0x3", Llvm),
    ("5e 21 fe ff 00 00 00 00", "if w1 != w2 goto -0x2", Llvm),
    ("66 01 03 00 05 00 00 00", "if w1 s> 0x5 goto +0x3", Llvm),
    ("6e 21 fe ff 00 00 00 00", "if w1 s> w2 goto -0x2", Llvm),
    ("76 01 03 00 05 00 00 00", "if w1 s>= 0x5 goto +0x3", Llvm),
    ("7e 21 fe ff 00 00 00 00", "if w1 s>= w2 goto -0x2", Llvm),
    ("a6 01 03 00 05 00 00 00", "if w1 < 0x5 goto +0x3", Llvm),
    ("ae 21 fe ff 00 00 00 00", "if w1 < w2 goto -0x2", Llvm),
    ("b6 01 03 00 05 00 00 00", "if w1 <= 0x5 goto +0x3", Llvm),
    ("be 21 fe ff 00 00 00 00", "if w1 <= w2 goto -0x2", Llvm),
    ("c6 01 03 00 05 00 00 00", "if w1 s< 0x5 goto +0x3", Llvm),
    ("ce 21 fe ff 00 00 00 00", "if w1 s< w2 goto -0x2", Llvm),
    ("d6 01 03 00 05 00 00 00", "if w1 s<= 0x5 goto +0x3", Llvm),
    ("de 21 fe ff 00 00 00 00", "if w1 s<= w2 goto -0x2", Llvm),
    ("05 00 07 00 00 00 00 00", "goto +0x7", Llvm),
    ("06 00 00 00 a0 86 01 00", "gotol +0x186a0", Llvm),
    ("e5 00 02 00 00 00 00 00", "may_goto +0x2", Llvm),
    ("85 00 00 00 01 00 00 00", "call 0x1", Llvm),
    ("85 10 00 00 fd ff ff ff", "call pc-0x3", Ours),
    ("85 20 00 00 4d 00 00 00", "call kfunc(0x4d)", Ours),
    ("85 20 01 00 4d 00 00 00", "call kfunc(0x4d, 0x1)", Ours),
    ("95 00 00 00 00 00 00 00", "exit", Llvm),
];

fn row_slots(hex: &str) -> Vec<RawInsn> {
    let bytes: Vec<u8> = hex.split(' ').map(|b| u8::from_str_radix(b, 16).unwrap()).collect();
    slots_of(&bytes)
}

#[test]
fn each_row_decodes_prints_encodes_and_assembles() {
    for (hex, text, _) in ROWS {
        let slots = row_slots(hex);
        let (insn, len) = decode(&slots, Pc(0)).unwrap_or_else(|e| panic!("{hex}: {e}"));
        assert_eq!((insn.to_string().as_str(), len as usize), (*text, slots.len()), "{hex}");
        assert_eq!(insn.encode().slots(), slots, "{hex}");
        let unit = assemble(text, &Names::NONE).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert_eq!(unit.sections[0].content, Content::Code(slots), "{text}");
    }
}

#[test]
fn the_table_above_holds_every_opcode_and_every_operation() {
    let slots: Vec<RawInsn> = ROWS.iter().map(|(hex, ..)| row_slots(hex)[0]).collect();
    let seen: HashSet<u8> = slots.iter().map(|slot| slot.opcode).collect();
    for (opcode, form) in FORMS.iter().enumerate() {
        assert_eq!(form.is_some(), seen.contains(&(opcode as u8)), "opcode {opcode:#04x}");
    }
    for row in &ALU_OPS {
        let found = slots.iter().any(|s| s.opcode == row.code | 7 && s.off == row.off);
        assert!(found, "{}", row.text);
    }
    for row in &ATOMIC_OPS {
        assert!(slots.iter().any(|s| s.opcode == 0xdb && s.imm == row.imm), "{}", row.text);
    }
}

#[test]
fn each_row_reads_as_llvm_prints_it() {
    let mut source = String::from(".text\n");
    for (hex, ..) in ROWS {
        let bytes: Vec<String> = hex.split(' ').map(|b| format!("0x{b}")).collect();
        source += &format!(".byte {}\n", bytes.join(","));
    }
    let dir = tempdir("opcodes");
    std::fs::write(dir.join("rows.s"), source).unwrap();
    let built = Command::new("llvm-mc-19")
        .args(["--triple=bpfel", "-filetype=obj", "-o"])
        .args([dir.join("rows.o"), dir.join("rows.s")])
        .status();
    if !built.is_ok_and(|status| status.success()) {
        super::skipped(&format!("{} rows of opcodes", ROWS.len()), "no llvm-mc-19");
        return;
    }
    for (flags, kind) in [(&[][..], Llvm), (&["--mcpu=v4"][..], V4)] {
        let listed = listed_by_llvm(&llvm_objdump(&dir.join("rows.o"), flags).unwrap());
        let mut pc = 0;
        for (hex, text, spelling) in ROWS {
            if *spelling == kind {
                assert_eq!(listed[&pc].1, *text, "{hex}");
            }
            pc += row_slots(hex).len() as u32;
        }
    }
}

fn tempdir(name: &str) -> std::path::PathBuf {
    let dir = std::env::temp_dir().join(format!("bpfscope-isa-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn what_is_no_instruction_is_refused_with_the_field_that_is_wrong() {
    use Field::{Dst, Imm, Off, Opcode, Src};
    let reserved = |field, value| Flaw::Reserved { field, value };
    let value = |field, value| Flaw::Value { field, value };
    #[rustfmt::skip]
    let rows = [
        ("ff 00 00 00 00 00 00 00", Flaw::Opcode),                            // 0xff is in no class's table
        ("8d 01 00 00 00 00 00 00", Flaw::Opcode),                            // callx
        ("99 21 00 00 00 00 00 00", Flaw::Opcode),                            // sign-extending load of 8 bytes
        ("38 00 00 00 00 00 00 00", Flaw::Opcode),                            // packet load of 8 bytes
        ("0f 21 00 00 01 00 00 00", reserved(Imm, 1)),                        // r1 += r2
        ("07 21 00 00 01 00 00 00", reserved(Src, 2)),                        // r1 += 1
        ("07 01 01 00 01 00 00 00", value(Off, 1)),                           // only / and % have a signed twin
        ("37 01 02 00 01 00 00 00", value(Off, 2)),
        ("0f b1 00 00 00 00 00 00", Flaw::Register { field: Src, number: 11 }),
        ("07 0f 00 00 00 00 00 00", Flaw::Register { field: Dst, number: 15 }),
        ("bf 21 00 00 01 00 00 00", reserved(Imm, 1)),                        // r1 = r2
        ("bc 21 20 00 00 00 00 00", value(Off, 32)),                          // w1 = (s32)w2
        ("bf 21 40 00 00 00 00 00", value(Off, 64)),
        ("87 01 00 00 01 00 00 00", reserved(Imm, 1)),
        ("dc 01 00 00 08 00 00 00", value(Imm, 8)),
        ("dc 01 01 00 10 00 00 00", reserved(Off, 1)),
        ("61 21 00 00 01 00 00 00", reserved(Imm, 1)),
        ("62 21 00 00 01 00 00 00", reserved(Src, 2)),
        ("db 21 00 00 02 00 00 00", value(Imm, 2)),
        ("d3 21 00 00 00 00 00 00", value(Imm, 0)),                           // atomic add of a byte
        ("30 01 00 00 00 00 00 00", reserved(Dst, 1)),
        ("30 10 00 00 00 00 00 00", reserved(Src, 1)),
        ("1d 21 00 00 01 00 00 00", reserved(Imm, 1)),
        ("05 00 00 00 01 00 00 00", reserved(Imm, 1)),
        ("06 00 01 00 00 00 00 00", reserved(Off, 1)),
        ("e5 10 00 00 00 00 00 00", reserved(Src, 1)),                        // may_goto is the only condition 0xe
        ("85 30 00 00 00 00 00 00", value(Src, 3)),
        ("85 00 01 00 01 00 00 00", reserved(Off, 1)),
        ("95 00 00 00 01 00 00 00", reserved(Imm, 1)),
        ("18 01 00 00 00 00 00 00", Flaw::SecondMissing),
        ("18 71 00 00 00 00 00 00 00 00 00 00 00 00 00 00", value(Src, 7)),
        ("18 01 00 00 00 00 00 00 95 00 00 00 00 00 00 00", Flaw::Second { field: Opcode, value: 0x95 }),
        ("18 01 00 00 00 00 00 00 00 01 00 00 00 00 00 00", Flaw::Second { field: Dst, value: 1 }),
        ("18 01 00 00 00 00 00 00 00 00 01 00 00 00 00 00", Flaw::Second { field: Off, value: 1 }),
        ("18 11 00 00 00 00 00 00 00 00 00 00 01 00 00 00", Flaw::Second { field: Imm, value: 1 }),
    ];
    for (hex, flaw) in rows {
        let slots = row_slots(hex);
        let error = decode(&slots, Pc(0)).expect_err(hex);
        assert_eq!((error.opcode, error.flaw), (slots[0].opcode, flaw), "{hex}");
    }
    assert_eq!(decode(&[], Pc(3)).unwrap_err().flaw, Flaw::End);
}

#[test]
fn an_error_names_the_place_the_opcode_and_the_field() {
    let slots = row_slots("95 00 00 00 00 00 00 00 07 21 00 00 01 00 00 00");
    let error = decode(&slots, Pc(1)).unwrap_err();
    assert_eq!(error.to_string(), "instruction 1: opcode 0x07: reserved field src_reg is 2, not 0");
}

#[test]
fn a_name_takes_the_place_of_the_number_it_stands_for() {
    let rows = [
        ("05 00 07 00 00 00 00 00", "goto out"),
        ("15 01 07 00 00 00 00 00", "if r1 == 0x0 goto out"),
        ("85 00 00 00 01 00 00 00", "call out"),
        ("18 11 00 00 05 00 00 00 00 00 00 00 00 00 00 00", "r1 = out ll"),
        ("b7 01 00 00 01 00 00 00", "r1 = 0x1"),
    ];
    for (hex, text) in rows {
        let (insn, _): (Insn, u32) = decode(&row_slots(hex), Pc(0)).unwrap();
        assert_eq!(insn.text("out"), text);
    }
}
