//! What `BPF_PROG_LOAD` takes: a program after relocation, with the facts that let it be explained.

use super::{Hook, Kfunc, MapId, ProgType, RetType, helper, kfunc};
use crate::isa::{Pc, RawInsn};

/// One loadable program: the main function first, then every function that it calls.
///
/// Map loads carry the [`MapId`] as their immediate (see [`crate::isa::Imm64::Map`]).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// Name of the main function.
    pub name: String,
    /// Section of the object that it came from.
    pub section: String,
    /// What it is loaded as.
    pub prog_type: ProgType,
    /// Where it runs, when the section name tells.
    pub hook: Option<Hook>,
    /// Instructions, relocated.
    pub insns: Vec<RawInsn>,
    /// Functions, in order of their start; the first is the main one.
    pub funcs: Vec<Func>,
    /// Source lines, in order of their pc: each holds until the next.
    pub lines: Vec<Line>,
    /// Licence text of the object; GPL-compatible ones may call GPL-only helpers.
    pub license: String,
    /// Maps that the program refers to, each once.
    pub maps: Vec<MapId>,
    /// Kernel functions that the program calls, each once.
    pub kfuncs: Vec<KfuncRef>,
}

/// A function within a [`Program`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Func {
    /// Its symbol.
    pub name: String,
    /// First slot.
    pub start: Pc,
    /// One past its last slot.
    pub end: Pc,
    /// Section of the object that holds its code.
    pub section: String,
    /// Its first slot within that section.
    pub section_start: Pc,
    /// Its type's number in the object's BTF; 0 when BTF does not tell.
    pub type_id: u32,
    /// Whether it is a global function, which kernels since 5.6 verify on its own.
    pub global: bool,
}

/// A kernel function that a program calls.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KfuncRef {
    /// The immediate of the call: the function's number in the kernel's BTF, or a stand-in where no kernel was given.
    pub imm: i32,
    /// Its name.
    pub name: String,
    /// For a function that allocates an object of the program's: structures of the program by their number, with their
    /// sizes in bytes.
    pub objects: Vec<(u32, u32)>,
}

/// A source line (BTF.ext line info, or the assembler's own).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// First slot that belongs to the line.
    pub pc: Pc,
    /// Source file.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1; 0 when unknown.
    pub column: u32,
    /// The line's text, when the object carries it.
    pub text: String,
}

impl Program {
    /// The source line that a slot belongs to.
    pub fn line_at(&self, pc: Pc) -> Option<&Line> {
        let after = self.lines.partition_point(|l| l.pc <= pc);
        self.lines[..after].last()
    }

    /// The name of the kernel function that a call with this immediate is of, as far as the object told.
    pub fn kfunc(&self, imm: i32) -> Option<&str> {
        self.kfuncs.iter().find(|k| k.imm == imm).map(|k| k.name.as_str())
    }

    /// Whether it may have pointers to structures of the kernel, or asks to have them printed.
    pub fn sees_structures(&self) -> bool {
        const CALL: u8 = 0x85;
        const BY_BTF: u8 = 2;
        const CURRENT_TASK: u32 = 35;
        const SNPRINTF_BTF: u32 = 149;
        let mut calls = self.insns.iter().filter(|insn| insn.opcode == CALL);
        calls.any(|insn| match insn.src {
            0 => helper(insn.imm as u32).is_some_and(|row| {
                let kernel = RetType::is_structure(row.ret);
                kernel || matches!(row.id, CURRENT_TASK | SNPRINTF_BTF)
            }),
            BY_BTF => self.kfunc(insn.imm).and_then(kfunc).is_some_and(Kfunc::gives_structure),
            _ => false,
        }) || self.reads_a_map()
    }

    /// Whether it loads through the address of a map itself, as far as that shows from one instruction to the next.
    fn reads_a_map(&self) -> bool {
        const WIDE: u8 = 0x18;
        const MAP: u8 = 1;
        const MOVE: u8 = 0xbf;
        const BY_CALLS: u16 = 0x3f;
        /// A register's bit.
        fn bit(reg: u8) -> u16 {
            1 << (reg & 15)
        }
        // Registers that hold the address of a map.
        let mut maps = 0;
        let mut second = false;
        for insn in &self.insns {
            if std::mem::take(&mut second) {
                continue;
            }
            let (dst, from_map) = (bit(insn.dst), maps & bit(insn.src) != 0);
            let (keeps, gets) = match insn.opcode & 7 {
                0 if insn.opcode == WIDE => {
                    second = true;
                    (!dst, insn.src == MAP)
                }
                0 => (!BY_CALLS, false),
                1 if from_map => return true,
                1 | 4 => (!dst, false),
                7 => (!dst, insn.opcode == MOVE && from_map),
                5 if insn.opcode & 0xf0 == 0x80 => (!BY_CALLS, false),
                _ => (!0, false),
            };
            maps = maps & keeps | if gets { dst } else { 0 };
        }
        false
    }

    /// The function that a slot belongs to.
    pub fn func_at(&self, pc: Pc) -> Option<&Func> {
        let after = self.funcs.partition_point(|f| f.start <= pc);
        self.funcs[..after].last()
    }
}
