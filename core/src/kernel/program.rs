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
    /// Whether it goes on when the program has thrown (`bpf_throw`), and what it returns is what the program does.
    pub exception_callback: bool,
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
        self.insns.iter().filter(|insn| insn.opcode == CALL).any(|insn| match insn.src {
            0 => helper(insn.imm as u32).is_some_and(|row| {
                let kernel = RetType::is_structure(row.ret);
                kernel || matches!(row.id, CURRENT_TASK | SNPRINTF_BTF)
            }),
            BY_BTF => self.kfunc(insn.imm).and_then(kfunc).is_some_and(Kfunc::gives_structure),
            _ => false,
        })
    }

    /// The function that a slot belongs to.
    pub fn func_at(&self, pc: Pc) -> Option<&Func> {
        let after = self.funcs.partition_point(|f| f.start <= pc);
        self.funcs[..after].last()
    }
}
