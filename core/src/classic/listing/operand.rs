//! Operands and mnemonics, which `tcpdump -d` and `bpf_asm` share.

use super::print::ALU_NAMES;
use crate::classic::{Cond, Ext, Op, Source};
use crate::isa::Size;

/// An operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operand {
    /// Nothing.
    None,
    /// `#5`.
    Imm(u32),
    /// `[5]`.
    Abs(u32),
    /// `[x + 5]`.
    Ind(u32),
    /// `M[5]`.
    Mem(u32),
    /// `4*([5]&0xf)`.
    HeaderLen(u32),
    /// `#pktlen`, `len`.
    Len,
    /// `x`, `%x`.
    X,
    /// `a`, `%a`.
    A,
    /// `vlan_tci`.
    Ext(Ext),
}

/// Every mnemonic but those of arithmetic, which is in [`ALU_NAMES`].
const MNEMONICS: [&str; 24] = [
    "ld", "ldi", "ldh", "ldb", "ldx", "ldxi", "ldxb", "st", "stx", "jmp", "ja", "jeq", "jne", "jneq", "jlt", "jle",
    "jgt", "jge", "jset", "neg", "tax", "txa", "ret", "unimp",
];

/// Whether a word is a mnemonic of classic BPF.
pub(super) fn is_mnemonic(word: &str) -> bool {
    MNEMONICS.contains(&word) || ALU_NAMES.iter().any(|(_, name)| *name == word)
}

/// A condition by its mnemonic, and whether it is the opposite that is meant.
pub(super) fn condition(mnemonic: &str) -> Option<(Cond, bool)> {
    Some(match mnemonic {
        "jeq" => (Cond::Eq, false),
        "jne" | "jneq" => (Cond::Eq, true),
        "jgt" => (Cond::Gt, false),
        "jle" => (Cond::Gt, true),
        "jge" => (Cond::Ge, false),
        "jlt" => (Cond::Ge, true),
        "jset" => (Cond::Set, false),
        _ => return None,
    })
}

/// A number as C writes it, or in binary, between -2^31 and 2^32.
pub(super) fn number(text: &str) -> Option<u32> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&digits[2..], 16),
        [b'0', b'b' | b'B', ..] => (&digits[2..], 2),
        [b'0', _, ..] => (&digits[1..], 8),
        _ => (digits, 10),
    };
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let value = i64::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    (-(1 << 31)..1 << 32).contains(&value).then_some(value as u32)
}

impl Operand {
    /// Reads an operand. White space does not count within one.
    pub(super) fn read(text: &str) -> Option<Operand> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let inside = |open: &str, close: &str| text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
        if let Some(address) = inside("4*([", "]&0xf)").or_else(|| inside("4*([", "]&15)")) {
            return number(address).map(Operand::HeaderLen);
        }
        if let Some(word) = inside("M[", "]").or_else(|| inside("m[", "]")) {
            return number(word).map(Operand::Mem);
        }
        if let Some(address) = inside("[", "]") {
            let indexed = address.strip_prefix("%x").or_else(|| address.strip_prefix('x'));
            return match indexed {
                Some("") => Some(Operand::Ind(0)),
                Some(rest) => number(rest.strip_prefix('+').unwrap_or(rest)).map(Operand::Ind),
                None => number(address).map(Operand::Abs),
            };
        }
        match text.as_str() {
            "" => return Some(Operand::None),
            "x" | "%x" => return Some(Operand::X),
            "a" | "%a" => return Some(Operand::A),
            _ => {}
        }
        let name = text.strip_prefix('#').unwrap_or(&text);
        match name {
            "len" | "pktlen" => Some(Operand::Len),
            "vlan_tag" => Some(Operand::Ext(Ext::VlanTag)),
            "vlan_pr" => Some(Operand::Ext(Ext::VlanTagPresent)),
            name => match Ext::by_name(name) {
                Some(ext) => Some(Operand::Ext(ext)),
                None if text.starts_with('#') => number(name).map(Operand::Imm),
                None => None,
            },
        }
    }
}

/// What a mnemonic with an operand means, of those that do not jump; `None` when they do not go together.
pub(super) fn op(mnemonic: &str, operand: Operand) -> Option<Op> {
    use Operand::*;
    if let Some((op, _)) = ALU_NAMES.iter().find(|(_, name)| *name == mnemonic) {
        return match operand {
            Imm(k) => Some(Op::Alu(*op, Source::K(k))),
            X => Some(Op::Alu(*op, Source::X)),
            _ => Option::None,
        };
    }
    Some(match (mnemonic, operand) {
        ("ld" | "ldi", Imm(k)) => Op::LoadImm(k),
        ("ld", Len) => Op::LoadLen,
        ("ld", Mem(k)) => Op::LoadMem(k),
        ("ld", Ext(ext)) => Op::LoadExt(ext),
        ("ld", Abs(k)) => Op::LoadAbs(Size::W, k),
        ("ldh", Abs(k)) => Op::LoadAbs(Size::H, k),
        ("ldb", Abs(k)) => Op::LoadAbs(Size::B, k),
        ("ld", Ind(k)) => Op::LoadInd(Size::W, k),
        ("ldh", Ind(k)) => Op::LoadInd(Size::H, k),
        ("ldb", Ind(k)) => Op::LoadInd(Size::B, k),
        ("ldx" | "ldxi", Imm(k)) => Op::LoadXImm(k),
        ("ldx", Len) => Op::LoadXLen,
        ("ldx", Mem(k)) => Op::LoadXMem(k),
        ("ldx" | "ldxb", HeaderLen(k)) => Op::LoadXHeaderLen(k),
        ("st", Mem(k)) => Op::Store(k),
        ("stx", Mem(k)) => Op::StoreX(k),
        ("neg", None) => Op::Neg,
        ("tax", None) => Op::Tax,
        ("txa", None) => Op::Txa,
        ("ret", Imm(k)) => Op::Return(k),
        ("ret", A | None) => Op::ReturnA,
        _ => return Option::None,
    })
}
