//! Relocation: what each function's instructions refer to, and functions put behind their callers.
//!
//! A [`Linker`] makes one program: the main function, then, depth first and each once, those that it calls, then its
//! exception callback in the same way. This is libbpf's order, so that the instructions are the ones that libbpf hands
//! to the kernel. Maps are numbers ([`MapId`]) where libbpf has file descriptors.

use std::collections::HashMap;

use super::ObjectError;
use super::core_relo::{Patch, Patches};
use super::elf::{Placement, Reloc, STT_FUNC, Symbol};
use super::kconfig::Extern;
use super::load::{Budget, Context};
use crate::isa::{Pc, RawInsn};
use crate::kernel::{Func, Kfunc, KfuncRef, MapId, kfunc};

/// Instructions of a program at most, the functions that it calls included (kernel `BPF_COMPLEXITY_LIMIT_INSNS`).
const MAX_INSNS: usize = 1_000_000;

const LD_IMM64: u8 = 0x18;
const CALL: u8 = 0x85;
const PSEUDO_MAP: u8 = 1;
const PSEUDO_MAP_VALUE: u8 = 2;
const PSEUDO_BTF: u8 = 3;
const PSEUDO_FUNC: u8 = 4;
const PSEUDO_CALL: u8 = 1;
const PSEUDO_KFUNC: u8 = 2;
/// What libbpf calls instead of a kernel function that is declared weak and missing.
const POISON_KFUNC: i32 = 2_002_000_000;
/// Numbers of kernel functions that no types are at hand for: above those of any kernel's types.
const STAND_IN: u32 = 1_000_000_000;

/// A program being put together.
pub(crate) struct Linker<'a> {
    context: &'a Context<'a>,
    patches: &'a Patches,
    pub insns: Vec<RawInsn>,
    /// Index into the object's functions, and the slot where each was put.
    pub placed: Vec<(usize, u32)>,
    starts: HashMap<usize, u32>,
    pub maps: Vec<MapId>,
    pub kfuncs: Vec<KfuncRef>,
    pub notes: Vec<String>,
    /// Index of the function that goes on when the program has thrown.
    exception_callback: Option<usize>,
}

/// A function whose calls are being followed.
struct Frame {
    func: usize,
    /// Where it was put.
    base: usize,
    /// The next slot to look at, in the function.
    next: usize,
}

impl<'a> Linker<'a> {
    /// Puts the program together whose main function is `main`.
    pub fn link(
        context: &'a Context<'a>,
        patches: &'a Patches,
        main: usize,
        budget: &mut Budget,
    ) -> Result<Linker<'a>, ObjectError> {
        let mut linker = Linker {
            context,
            patches,
            insns: Vec::new(),
            placed: Vec::new(),
            starts: HashMap::new(),
            maps: Vec::new(),
            kfuncs: Vec::new(),
            notes: Vec::new(),
            exception_callback: None,
        };
        linker.follow(main, main, budget)?;
        let def = &context.object.funcs.list[main];
        let tagged = context.object.func_type(def.section, def.start);
        if let Some(&callback) = context.exceptions.get(&tagged) {
            linker.exception_callback = Some(callback);
            // One that is called is there: the verifier says that it may not be.
            if !linker.starts.contains_key(&callback) {
                linker.follow(callback, main, budget)?;
            }
        }
        Ok(linker)
    }

    /// Appends a function and those that it calls.
    fn follow(&mut self, first: usize, main: usize, budget: &mut Budget) -> Result<(), ObjectError> {
        let mut stack = vec![self.place(first, main, budget)?];
        while let Some(frame) = stack.last_mut() {
            let (func, base, at) = (frame.func, frame.base, frame.next);
            let def = &self.context.object.funcs.list[func];
            if at >= (def.end - def.start) as usize {
                stack.pop();
                continue;
            }
            let insn = self.insns[base + at];
            frame.next += if insn.opcode == LD_IMM64 { 2 } else { 1 };
            if insn.opcode == CALL && insn.src == PSEUDO_KFUNC {
                self.name_kfunc(insn.imm);
            }
            let is_call = insn.opcode == CALL && insn.src == PSEUDO_CALL;
            let is_func = insn.opcode == LD_IMM64 && insn.src == PSEUDO_FUNC;
            if !is_call && !is_func {
                continue;
            }
            let callee = self.callee(func, at as u32, insn)?;
            let target = match self.starts.get(&callee) {
                Some(&start) => start,
                None => {
                    let frame = self.place(callee, main, budget)?;
                    let start = frame.base as u32;
                    stack.push(frame);
                    start
                }
            };
            // Both are below MAX_INSNS.
            self.insns[base + at].imm = target as i32 - (base + at) as i32 - 1;
        }
        Ok(())
    }

    /// The functions as the program has them.
    pub fn funcs(&self) -> Vec<Func> {
        let object = self.context.object;
        let mut funcs: Vec<Func> = self
            .placed
            .iter()
            .map(|&(index, start)| {
                let def = &object.funcs.list[index];
                let type_id = object.func_type(def.section, def.start);
                Func {
                    name: def.name.clone(),
                    start: Pc(start),
                    end: Pc(start + def.end - def.start),
                    section: object.elf.sections[def.section].name.clone(),
                    section_start: Pc(def.start),
                    type_id,
                    global: object.is_global(def, type_id),
                    exception_callback: self.exception_callback == Some(index),
                }
            })
            .collect();
        funcs.sort_by_key(|f| f.start);
        funcs
    }

    /// Appends a function's instructions, relocated but for its calls.
    fn place(&mut self, func: usize, main: usize, budget: &mut Budget) -> Result<Frame, ObjectError> {
        let object = self.context.object;
        let def = &object.funcs.list[func];
        let base = self.insns.len();
        let size = (def.end - def.start) as usize;
        let left = budget.insns.checked_sub(size).filter(|_| base + size <= MAX_INSNS);
        budget.insns = left
            .ok_or_else(|| ObjectError::TooLong { program: object.funcs.list[main].name.clone(), limit: MAX_INSNS })?;
        let bytes = object.elf.data(def.section);
        let code = bytes.get(def.start as usize * 8..def.end as usize * 8).unwrap_or_default();
        self.insns.extend(
            code.chunks_exact(8).map(|b| RawInsn::from_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])),
        );
        self.starts.insert(func, base as u32);
        self.placed.push((func, base as u32));
        self.patch(func, base)?;
        self.relocate(func, base)?;
        Ok(Frame { func, base, next: 0 })
    }

    /// Applies the CO-RE relocations of a function.
    fn patch(&mut self, func: usize, base: usize) -> Result<(), ObjectError> {
        let def = &self.context.object.funcs.list[func];
        let insns = &mut self.insns[base..];
        for (slot, patch) in self.patches.within(def.section, def.start, def.end) {
            let at = (slot - def.start) as usize;
            let note = match patch {
                Err(error) => return Err(error.clone()),
                Ok(patch) => Patch::apply(patch, insns, at),
            };
            match note {
                Ok(Some(note)) => self.notes.push(note),
                Ok(None) => {}
                Err(what) => {
                    let section = self.context.object.elf.sections[def.section].name.clone();
                    let spec = patch.as_ref().map(|p| p.spec.clone()).unwrap_or_default();
                    return Err(ObjectError::CoreRelo { section, insn: slot, spec, what });
                }
            }
        }
        Ok(())
    }

    fn relocate(&mut self, func: usize, base: usize) -> Result<(), ObjectError> {
        let object = self.context.object;
        let def = &object.funcs.list[func];
        let section = &object.elf.sections[def.section];
        let (from, to) = (u64::from(def.start) * 8, u64::from(def.end) * 8);
        let first = section.relocs.partition_point(|r| r.offset < from);
        for reloc in section.relocs[first..].iter().take_while(|r| r.offset < to) {
            let place = RelocPlace { context: self.context, section: def.section, reloc };
            if reloc.offset % 8 != 0 {
                return Err(place.error("is not at an instruction"));
            }
            let at = base + ((reloc.offset - from) / 8) as usize;
            match self.insns[at].opcode {
                LD_IMM64 if at + 1 < self.insns.len() => self.load_imm64(place, at)?,
                CALL => self.call(place, at)?,
                // A relocation whose load CO-RE replaced has nothing left to do.
                opcode => return Err(place.error(&format!("does not fit the opcode {opcode:#04x}"))),
            }
        }
        Ok(())
    }

    /// A 64-bit immediate: a map, a byte of a data section, a function, or an external name.
    fn load_imm64(&mut self, place: RelocPlace<'_>, at: usize) -> Result<(), ObjectError> {
        let object = self.context.object;
        let symbol = place.symbol();
        let section = match symbol.place {
            Placement::Section(section) => section,
            Placement::Undefined => return self.load_extern(place, at),
            Placement::Absolute | Placement::Common => return Err(place.error("is not in a section")),
        };
        if object.elf.sections[section].is_code() {
            // Which function it is, `callee` finds by the relocation.
            self.insns[at].src = PSEUDO_FUNC;
            return Ok(());
        }
        let decl = match object.map_at(section, symbol.value) {
            Some(index) => index,
            None => return Err(place.error("is neither a map nor global data")),
        };
        let id = self.context.map_id(decl).map_err(|what| place.map_error(decl, what))?;
        self.use_map(id);
        let data = object.maps[decl].data;
        if data {
            // The section holds the offset when the symbol is the section itself.
            let off = i64::from(self.insns[at].imm) + symbol.value as i64;
            self.insns[at + 1].imm = i32::try_from(off).map_err(|_| place.error("lies too far in its section"))?;
        }
        self.insns[at].src = if data { PSEUDO_MAP_VALUE } else { PSEUDO_MAP };
        self.insns[at].imm = id.0 as i32;
        Ok(())
    }

    fn load_extern(&mut self, place: RelocPlace<'_>, at: usize) -> Result<(), ObjectError> {
        let name = place.symbol().name.as_str();
        match self.context.externs.by_name.get(name) {
            Some(Extern::Config(offset)) => {
                let Some(id) = self.context.kconfig_map else {
                    return Err(place.undefined("there are no configuration values"));
                };
                self.use_map(id);
                self.insns[at].src = PSEUDO_MAP_VALUE;
                self.insns[at].imm = id.0 as i32;
                self.insns[at + 1].imm = *offset as i32;
            }
            Some(Extern::Variable { weak, typed }) => {
                let known = self.context.target.filter(|_| *typed);
                let id = known.and_then(|btf| btf.by_name(name, super::Kind::Var)).map(|t| t.id());
                match id {
                    Some(id) => self.set_imm64(at, PSEUDO_BTF, u64::from(id)),
                    None if *weak => self.set_imm64(at, 0, 0),
                    None => return Err(place.undefined("a kernel variable, which is not simulated")),
                }
            }
            Some(Extern::Function { weak, .. }) => match self.kernel_function(name) {
                Some(id) => self.set_imm64(at, PSEUDO_BTF, u64::from(id)),
                None if *weak => self.set_imm64(at, 0, 0),
                None => return Err(place.undefined("a kernel function, which is not simulated")),
            },
            None if place.symbol().binding == super::elf::STB_WEAK => self.set_imm64(at, 0, 0),
            None => return Err(place.undefined("link the object that defines it")),
        }
        Ok(())
    }

    fn set_imm64(&mut self, at: usize, src: u8, value: u64) {
        self.insns[at].src = src;
        self.insns[at].imm = value as u32 as i32;
        self.insns[at + 1].imm = (value >> 32) as u32 as i32;
    }

    /// A call: of a function of the object, which is followed later, or of the kernel's.
    fn call(&mut self, place: RelocPlace<'_>, at: usize) -> Result<(), ObjectError> {
        let symbol = place.symbol();
        match symbol.place {
            Placement::Section(_) => {
                self.insns[at].src = PSEUDO_CALL;
                return Ok(());
            }
            Placement::Undefined => {}
            Placement::Absolute | Placement::Common => return Err(place.error("is not a function")),
        }
        let name = symbol.name.as_str();
        let slot = place.slot();
        let section = &self.context.object.elf.sections[place.section].name;
        match self.context.externs.by_name.get(name) {
            Some(Extern::Function { weak, id }) => match self.kernel_function(name) {
                // Without the kernel's types the table says what it has.
                None if *weak && !kfunc(name).is_some_and(|row| self.has(row)) => {
                    self.insns[at] = poison(POISON_KFUNC.wrapping_add(*id as i32));
                    self.notes.push(format!(
                        "section `{section}`, instruction {slot}: weak kernel function `{name}` is taken as missing"
                    ));
                }
                // A number of the object's own types may be another function's in the kernel.
                None if self.context.target.is_some() => {
                    let id = self.stand_in(name);
                    self.call_kfunc(at, slot, section, name, id);
                }
                target => self.call_kfunc(at, slot, section, name, target.unwrap_or(*id)),
            },
            // Assembly declares no types, so that a name is all there is.
            None if symbol.binding != super::elf::STB_WEAK && kfunc(name).is_some() => {
                let id = self.kernel_function(name).unwrap_or_else(|| self.stand_in(name));
                self.call_kfunc(at, slot, section, name, id);
            }
            _ if symbol.binding == super::elf::STB_WEAK => self.insns[at] = poison(POISON_KFUNC),
            _ => return Err(place.undefined("link the object that defines the function")),
        }
        Ok(())
    }

    /// Calls that assembly makes by number have a name in the target's types.
    fn name_kfunc(&mut self, imm: i32) {
        let id = u32::try_from(imm).ok();
        let named = self.context.target.and_then(|btf| btf.ty(id?)).filter(|t| t.kind() == super::Kind::Func);
        if let Some(func) = named
            && !self.kfuncs.iter().any(|k| k.imm == imm)
        {
            self.kfuncs.push(KfuncRef { imm, name: func.name().to_owned(), ..KfuncRef::default() });
        }
    }

    fn has(&self, kfunc: &Kfunc) -> bool {
        self.context.target.is_none() && kfunc.is_in(self.context.kernel)
    }

    fn call_kfunc(&mut self, at: usize, slot: u32, section: &str, name: &str, id: u32) {
        let insn = &mut self.insns[at];
        (insn.src, insn.imm, insn.off) = (PSEUDO_KFUNC, id as i32, 0);
        if !self.kfuncs.iter().any(|k| k.name == name) {
            self.kfuncs.push(KfuncRef { imm: id as i32, name: name.to_owned(), ..KfuncRef::default() });
        }
        if kfunc(name).is_none() {
            self.notes.push(format!(
                "section `{section}`, instruction {slot}: calls kernel function `{name}`, which is not known here"
            ));
        }
    }

    /// A number for a function that the target does not have, the same at every call.
    fn stand_in(&self, name: &str) -> u32 {
        let known = self.kfuncs.iter().find(|k| k.name == name).map(|k| k.imm as u32);
        known.unwrap_or(STAND_IN + self.kfuncs.len() as u32)
    }

    /// A kernel function's number in the target's types.
    fn kernel_function(&self, name: &str) -> Option<u32> {
        self.context.target?.by_name(name, super::Kind::Func).map(|t| t.id())
    }

    fn use_map(&mut self, id: MapId) {
        if !self.maps.contains(&id) {
            self.maps.push(id);
        }
    }

    /// The function that an instruction calls or takes the address of: by its relocation, else by the
    /// distance that the compiler wrote, which is within its section.
    fn callee(&self, func: usize, at: u32, insn: RawInsn) -> Result<usize, ObjectError> {
        let object = self.context.object;
        let def = &object.funcs.list[func];
        let slot = def.start + at;
        let bad = |target: String| ObjectError::BadCall {
            section: object.elf.sections[def.section].name.clone(),
            insn: slot,
            target,
        };
        let reloc = object.elf.sections[def.section].reloc_at(u64::from(slot) * 8);
        let is_call = insn.opcode == CALL;
        let (section, target) = match reloc {
            Some(reloc) => {
                let symbol = &object.elf.symbols[reloc.symbol];
                let section = object.elf.section_of(symbol);
                let section = section.ok_or_else(|| bad(format!("`{}`", symbol.name)))?;
                // Against a section, a call holds the distance from its start, less one.
                let extra = if is_call { (i64::from(insn.imm) + 1) * 8 } else { i64::from(insn.imm) };
                let offset = i64::try_from(symbol.value).ok().and_then(|v| v.checked_add(extra));
                let offset = offset.filter(|o| *o >= 0 && o % 8 == 0);
                (section, offset.map(|o| o / 8))
            }
            None => (def.section, Some(i64::from(slot) + 1 + i64::from(insn.imm))),
        };
        let name = &object.elf.sections[section].name;
        let target = target.ok_or_else(|| bad(format!("between two instructions of section `{name}`")))?;
        u32::try_from(target)
            .ok()
            .and_then(|slot| object.funcs.starting_at(section, slot))
            .ok_or_else(|| bad(format!("instruction {target} of section `{name}`")))
    }
}

/// A call that no kernel knows.
fn poison(imm: i32) -> RawInsn {
    RawInsn { opcode: CALL, imm, ..RawInsn::default() }
}

/// A relocation and where it is, for messages.
#[derive(Clone, Copy)]
struct RelocPlace<'a> {
    context: &'a Context<'a>,
    section: usize,
    reloc: &'a Reloc,
}

impl<'a> RelocPlace<'a> {
    fn symbol(&self) -> &'a Symbol {
        &self.context.object.elf.symbols[self.reloc.symbol]
    }

    fn slot(&self) -> u32 {
        (self.reloc.offset / 8) as u32
    }

    fn section_name(&self) -> String {
        self.context.object.elf.sections[self.section].name.clone()
    }

    fn error(&self, what: &str) -> ObjectError {
        ObjectError::Reloc {
            section: self.section_name(),
            offset: self.reloc.offset,
            symbol: self.context.object.elf.symbol_name(self.reloc.symbol).to_owned(),
            what: what.to_owned(),
        }
    }

    fn undefined(&self, what: &str) -> ObjectError {
        ObjectError::Undefined {
            section: self.section_name(),
            insn: self.slot(),
            symbol: self.symbol().name.clone(),
            what: what.to_owned(),
        }
    }

    fn map_error(&self, decl: usize, what: String) -> ObjectError {
        let object = self.context.object;
        let symbol = self.symbol();
        let program = if symbol.kind == STT_FUNC { symbol.name.clone() } else { self.section_name() };
        ObjectError::ProgMap { program, map: object.maps[decl].def.name.clone(), what }
    }
}
