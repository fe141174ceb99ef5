//! What an editor offers and explains: one line for each form of instruction, from the tables.

use super::opcode::{ALU_OPS, ATOMIC_OPS, JMP_OPS};
use std::sync::OnceLock;

/// A form of instruction or a directive, for completion.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mnemonic {
    /// How it is written, with typical operands.
    pub syntax: String,
    /// One line on what it does.
    pub doc: String,
}

/// Forms that are in no table of operations.
const FORMS: [(&str, &str); 32] = [
    ("r1 = -r1", "negate"),
    ("r1 = (s8)r2", "move the low 8, 16 or 32 bits, sign-extended (cpu v4)"),
    ("r1 = be16 r1", "to or from big-endian, 16, 32 or 64 bits; clears the bits above"),
    ("r1 = le16 r1", "to or from little-endian; clears the bits above"),
    ("r1 = bswap16 r1", "swap bytes, 16, 32 or 64 bits (cpu v4)"),
    ("r1 = 0x1234 ll", "load 64 bits; takes two slots"),
    ("r1 = counts ll", "load the address of a map, a variable or a function"),
    ("r1 = *(u32 *)(r2 + 0)", "load 1, 2, 4 or 8 bytes; the bits above are zero"),
    ("r1 = *(s32 *)(r2 + 0)", "load 1, 2 or 4 bytes, sign-extended (cpu v4)"),
    ("*(u32 *)(r1 + 0) = r2", "store 1, 2, 4 or 8 bytes of a register or a number"),
    ("r0 = *(u16 *)skb[12]", "load from the packet in host order; ends the program with 0 outside the packet"),
    ("r0 = *(u16 *)skb[r1 + 12]", "load from the packet at a register plus a number"),
    ("r1 = load_acquire((u64 *)(r2 + 0))", "load that later accesses do not pass (Linux 6.15)"),
    ("store_release((u64 *)(r1 + 0), r2)", "store that earlier accesses do not pass (Linux 6.15)"),
    ("r1 = addr_space_cast(r2, 0, 1)", "convert a pointer between address spaces (arena, Linux 6.9)"),
    ("goto label", "jump within 32767 slots"),
    ("gotol label", "jump within 2^31 slots (cpu v4)"),
    ("may_goto label", "jump when the loop's budget is used up (Linux 6.9)"),
    ("call bpf_map_lookup_elem", "call a helper: arguments in r1 to r5, result in r0"),
    ("call function", "call a function of this program"),
    ("exit", "return r0"),
    (".section tc", "go on in that section; its name tells where its programs attach"),
    (".map counts, hash, key=4, value=8, entries=256", "declare a map"),
    (".inner outer, array, key=4, value=8, entries=1", "what the maps in a map of maps look like"),
    (".entry jumps, 0, program", "put a program or a map into a map at an index"),
    (".field counts, bpf_spin_lock, 0", "put one of the kernel's own structures into a map's values"),
    (".license \"GPL\"", "declare the licence"),
    (".globl name", "make a function or a variable visible to other objects"),
    (".equ NAME, 1", "give a number a name"),
    (".byte 1", "data: 1 byte (.short 2, .long 4, .quad 8)"),
    (".asciz \"text\"", "data: a string with a zero at its end"),
    (".zero 16", "data: zero bytes"),
];

/// All forms of instructions and the directives, for completion in an editor.
pub fn mnemonics() -> &'static [Mnemonic] {
    static ALL: OnceLock<Vec<Mnemonic>> = OnceLock::new();
    ALL.get_or_init(|| {
        let alu = ALU_OPS.iter().map(|row| (format!("r1 {} r2", row.text), row.doc.to_owned()));
        let jumps =
            JMP_OPS.iter().map(|row| (format!("if r1 {} r2 goto label", row.text), format!("jump if {}", row.doc)));
        let atomics = ATOMIC_OPS.iter().map(|row| {
            let syntax = match row.text {
                "xchg" => "r2 = xchg_64(r1 + 0, r2)".to_owned(),
                "cmpxchg" => "r0 = cmpxchg_64(r1 + 0, r0, r2)".to_owned(),
                text if text.starts_with("atomic") => format!("r2 = {text}((u64 *)(r1 + 0), r2)"),
                text => format!("lock *(u64 *)(r1 + 0) {text} r2"),
            };
            (syntax, row.doc.to_owned())
        });
        let forms = FORMS.iter().map(|(syntax, doc)| ((*syntax).to_owned(), (*doc).to_owned()));
        alu.chain(jumps).chain(atomics).chain(forms).map(|(syntax, doc)| Mnemonic { syntax, doc }).collect()
    })
}
