//! Types as a kernel takes them (`BPF_BTF_LOAD`), and what `BPF_PROG_LOAD` is told of functions and source lines.
//!
//! Compilers leave some things to the loader, and kernels refuse what no loader has seen to: the places of variables
//! in data sections, names that are defined elsewhere, functions that are hidden. All types keep their numbers, so
//! that [`crate::kernel::MapDef::value_type`] and [`crate::kernel::Func::type_id`] mean the same here.

use std::collections::{HashMap, HashSet};

use super::btf::{Btf, BtfBuilder, Kind, Type};
use super::elf::{STV_DEFAULT, Symbol};
use super::{Loaded, Object};
use crate::kernel::Program;

/// `BTF_FUNC_STATIC`.
const STATIC: u32 = 0;
/// `BTF_FUNC_EXTERN` and `BTF_VAR_GLOBAL_EXTERN`.
const EXTERN: u32 = 2;

/// An object's types and the records of its programs, ready for bpf(2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KernelBtf {
    /// What `BPF_BTF_LOAD` takes.
    pub bytes: Vec<u8>,
    /// For each program of [`Loaded::programs`].
    pub programs: Vec<Records>,
}

/// What `BPF_PROG_LOAD` takes of a program beside its instructions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Records {
    /// `struct bpf_func_info`: first slot and type of each function; none unless all are known.
    pub funcs: Vec<[u32; 2]>,
    /// `struct bpf_line_info`: first slot, file name and text as offsets into the strings, line << 10 | column.
    pub lines: Vec<[u32; 4]>,
}

impl Object {
    /// The object's types as a kernel takes them, with the records of its loaded programs; `None` without BTF.
    pub fn kernel_btf(&self, loaded: &Loaded) -> Option<KernelBtf> {
        let btf = self.btf.as_ref()?;
        let symbols: HashMap<&str, &Symbol> = self.elf.symbols.iter().map(|s| (s.name.as_str(), s)).collect();
        let externs: HashSet<u32> =
            btf.types().filter(|t| t.kind() == Kind::Func && t.linkage() == EXTERN).map(|t| t.id()).collect();
        let mut out = BtfBuilder::new();
        for t in btf.types() {
            match t.kind() {
                Kind::Datasec => self.data_section(btf, t, &symbols, &mut out),
                // Nothing refers to these: the sections that list them are left out as well.
                Kind::Var if t.linkage() == EXTERN => {
                    out.add(Kind::Const, "", 0, false, 0, &[]);
                }
                // Functions of the kernel are called by number; their parameters may lack the names it insists on.
                Kind::Func if t.linkage() == EXTERN => {
                    out.add(Kind::Typedef, t.name(), 0, false, 0, &[]);
                }
                Kind::Func => {
                    // libbpf's `__hidden`: verified with its callers, as if it were static.
                    let hidden = symbols.get(t.name()).is_some_and(|s| s.visibility != STV_DEFAULT);
                    let linkage = if hidden { STATIC } else { t.linkage() };
                    out.add(Kind::Func, t.name(), linkage as usize, false, t.target(), &[]);
                }
                Kind::DeclTag if externs.contains(&t.target()) => {
                    out.add(Kind::Const, "", 0, false, 0, &[]);
                }
                _ => {
                    out.copy(t, |id| id);
                }
            }
        }
        let programs = loaded.programs.iter().map(|program| records(program, &mut out)).collect();
        Some(KernelBtf { bytes: out.finish(), programs })
    }

    /// A data section with its variables in their places; what has none of its own in the file (`.ksyms`, `.kconfig`)
    /// becomes a type that nobody asks for.
    fn data_section(&self, btf: &Btf, t: Type<'_>, symbols: &HashMap<&str, &Symbol>, out: &mut BtfBuilder) {
        let size = self.elf.section(t.name()).and_then(|at| u32::try_from(self.elf.sections[at].size).ok());
        let mut vars: Vec<[u32; 3]> = Vec::new();
        for var in t.vars() {
            let of = btf.ty(var.type_id).filter(|v| v.kind() == Kind::Var);
            let offset = match of.and_then(|v| symbols.get(v.name())) {
                Some(symbol) => u32::try_from(symbol.value).unwrap_or(var.offset),
                None => var.offset,
            };
            vars.push([var.type_id, offset, var.size]);
        }
        vars.sort_by_key(|v| v[1]);
        match size {
            Some(size) if size > 0 && !vars.is_empty() => {
                out.add(Kind::Datasec, t.name(), vars.len(), false, size, vars.as_flattened());
            }
            _ => {
                out.add(Kind::Const, "", 0, false, 0, &[]);
            }
        }
    }
}

/// Functions and lines of a program; names go into the strings.
fn records(program: &Program, out: &mut BtfBuilder) -> Records {
    let funcs: Vec<[u32; 2]> = program.funcs.iter().map(|f| [f.start.0, f.type_id]).collect();
    let known = program.funcs.iter().all(|f| f.type_id != 0);
    let line = |l: &crate::kernel::Line| {
        [l.pc.0, out.string(&l.file), out.string(&l.text), l.line.min(0x3f_ffff) << 10 | l.column.min(0x3ff)]
    };
    Records {
        funcs: if known { funcs } else { Vec::new() },
        // Lines without the functions that they are in are refused.
        lines: if known { program.lines.iter().map(line).collect() } else { Vec::new() },
    }
}
