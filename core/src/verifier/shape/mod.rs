//! Stage 1: what the kernel checks of a program before it explores any path.
//!
//! `shape` goes through the kernel's stages in the kernel's order, since the first that finds something gives the
//! message:
//!
//! | stage | file | refuses |
//! |---|---|---|
//! | size | here | too many instructions, none |
//! | functions | `subprog`, `exception` | calls out of the program, jumps out of a function, a function without an end, a callback that is none |
//! | records | `records` | functions and source lines that the types tell otherwise |
//! | slots | `slots` | unknown opcodes, bad 64-bit immediates, unknown maps |
//! | graph | `graph` | unreachable instructions, loops where they are not allowed |
//!
//! What is left is data for the explorer: the instructions decoded, the functions, and for each slot where states
//! are kept and compared, which registers are live (`live`), which loop it is part of (`graph`) and which spills
//! could go away (`fastcall`). `check_stack_depth` is the last word after exploring: whether frames fit.
//!
//! Reserved fields are not all looked at up front: most are found when a path comes to the instruction, after the
//! registers it reads were found to be readable. Such an instruction is a `Slot::Bad` (`flaw`).

mod exception;
mod fastcall;
mod flaw;
mod graph;
mod live;
mod maps;
mod records;
pub(in crate::verifier) mod slots;
mod stack;
mod subprog;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

pub use flaw::Flaw;
pub(crate) use stack::{Frames, check_stack_depth};

use super::finding::ShapeFinding;
use super::{Options, SLEEPABLE};
use crate::isa::{Insn, Pc, RawInsn};
use crate::kernel::{
    Feature, Func, KernelVersion, Kfunc, KfuncRef, LOAD_FLAGS, Limits, Line, LoadFlag, MapDef, MapType, ProgType,
    ProgTypes, Program, kfunc, section_attach_type, section_flags,
};
use crate::object::Btf;

/// A slot of the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Slot {
    /// An instruction, or the first slot of one.
    Insn(Insn),
    /// The second slot of a 64-bit immediate. Kernels before 6.8 let paths come here, and refuse it then
    /// ([`ShapeFinding::LdImm`]).
    Second,
    /// An instruction that is refused when a path comes to it.
    Bad(Flaw),
}

/// A function of the program.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Subprog {
    /// First slot.
    pub start: Pc,
    /// One past its last slot.
    pub end: Pc,
    /// Whether it has tail calls.
    pub has_tail_call: bool,
    /// Whether it has legacy packet loads.
    pub has_ld_abs: bool,
    /// Whether it, or what it calls, may sleep.
    pub might_sleep: bool,
    /// Whether it, or what it calls, may move packet data.
    pub changes_pkt_data: bool,
    /// Its instructions so that, loops aside, each comes after those that it leads to: a range of
    /// [`Shape::postorder`].
    pub postorder: (u32, u32),
    /// Below this offset from the frame pointer there are only spills around calls that would not need them.
    pub fastcall_off: i16,
    /// Whether these spills stay, since the kernel does not inline one of the calls.
    pub keeps_fastcall: bool,
}

/// What is known of a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Aux {
    /// States are compared here.
    pub prune_point: bool,
    /// Coming here is not just going on from the slot before: the path's history notes it.
    pub jmp_point: bool,
    /// A state is always kept here.
    pub force_checkpoint: bool,
    /// The call's helper calls a function of the program back, now.
    pub calls_callback: bool,
    /// A spill or a fill around a call that would not need it.
    pub fastcall_pattern: bool,
    /// Pairs of spill and fill around this call that go away.
    pub fastcall_spills: u8,
    /// Bit `r`: register `r` is live before the instruction. Legacy packet loads make all 16 bits live.
    pub live_regs: u16,
    /// The loop that the instruction is part of: a component of the graph, 0 for none.
    pub scc: u32,
}

/// A program whose shape is in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    /// By slot.
    pub insns: Vec<Slot>,
    /// Functions, in order of their start.
    pub subprogs: Vec<Subprog>,
    /// By slot.
    pub aux: Vec<Aux>,
    /// Slots of instructions, function by function ([`Subprog::postorder`]).
    pub postorder: Vec<u32>,
    /// Components of the graph are numbered from 1 to this.
    pub sccs: u32,
    /// The function that goes on when the program has thrown.
    pub exception_callback: Option<usize>,
}

/// A program whose shape is not in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    /// What is wrong.
    pub finding: ShapeFinding,
    /// Where, when there is a place.
    pub pc: Option<Pc>,
    /// What the kernel prints before.
    pub log: String,
}

/// What a stage finds: the finding and its place.
type Found = (ShapeFinding, Option<Pc>);

/// The program and whose rules hold: what every stage asks.
struct Asked<'a> {
    raw: &'a [RawInsn],
    prog_type: ProgType,
    /// `expected_attach_type`.
    attach_type: u32,
    gpl: bool,
    funcs: &'a [Func],
    lines: &'a [Line],
    kfuncs: &'a [KfuncRef],
    btf: Option<&'a Btf>,
    kernel_btf: Option<&'a Btf>,
    maps: &'a [MapDef],
    kernel: KernelVersion,
    privileged: bool,
    flags: u32,
}

impl<'a> Asked<'a> {
    fn new(program: &'a Program, maps: &'a [MapDef], options: &Options<'a>) -> Asked<'a> {
        Asked {
            raw: &program.insns,
            prog_type: program.prog_type,
            attach_type: options.attach_type.unwrap_or_else(|| section_attach_type(&program.section)),
            gpl: is_gpl(&program.license),
            funcs: &program.funcs,
            lines: &program.lines,
            kfuncs: &program.kfuncs,
            btf: options.btf,
            kernel_btf: options.kernel_btf,
            maps,
            kernel: options.kernel,
            privileged: options.privileged,
            flags: options.flags | section_flags(&program.section),
        }
    }

    fn has(&self, feature: Feature) -> bool {
        self.kernel.has(feature)
    }

    fn is_sleepable(&self) -> bool {
        self.flags & SLEEPABLE != 0
    }

    /// The kernel function that a call is of, as far as the object told, when the program may call it.
    fn kfunc(&self, raw: &RawInsn) -> Option<&'static Kfunc> {
        if raw.opcode != slots::CALL || raw.src != slots::CALL_KFUNC {
            return None;
        }
        let name = self.kfuncs.iter().find(|kfunc| kfunc.imm == raw.imm)?;
        kfunc(&name.name).filter(|kfunc| kfunc.is_for(self.prog_type, self.attach_type, self.kernel))
    }

    fn limits(&self) -> Limits {
        Limits::of(self.kernel, self.privileged)
    }

    fn len(&self) -> i32 {
        // The size was checked: a million at most.
        self.raw.len() as i32
    }

    /// Whether an arena is among the maps that the program refers to.
    fn has_arena(&self) -> bool {
        let map = |raw: &RawInsn| self.maps.get(usize::try_from(raw.imm).ok()?);
        self.raw
            .iter()
            .filter(|raw| slots::is_imm64(raw) && matches!(raw.src, slots::source::MAP | slots::source::MAP_VALUE))
            .any(|raw| map(raw).is_some_and(|map| map.map_type == MapType::Arena))
    }
}

/// Checks the program's shape by the rules of `options.kernel`.
///
/// # Errors
/// The first thing that this kernel would find wrong.
pub(crate) fn shape(program: &Program, maps: &[MapDef], options: &Options<'_>) -> Result<Shape, Failure> {
    let asked = Asked::new(program, maps, options);
    let mut log = String::new();
    check_load(&asked).and_then(|()| checked(&asked, options.log_level > 1, &mut log)).map_err(|(finding, pc)| {
        if options.log_level > 1 {
            graph_lines(program, &finding, &mut log);
        }
        Failure { finding, pc, log }
    })
}

/// What Linux prints at level 2 before it explores the first path: the functions, and the table of live registers
/// without the instructions' text. For those who want to know of a program's shape alone.
///
/// # Errors
/// The finding, and what is printed before it.
pub fn opening(program: &Program, maps: &[MapDef], options: &Options<'_>) -> Result<String, (ShapeFinding, String)> {
    match shape(program, maps, options) {
        Ok(shape) => Ok(shape.opening_text(|_| String::new())),
        Err(failure) => Err((failure.finding, failure.log)),
    }
}

/// Instructions that Linux refuses when a path comes to them, whatever is known there, each with what it is refused
/// for; of a program whose shape is in order otherwise.
///
/// # Errors
/// As [`opening`].
pub fn flaws(
    program: &Program,
    maps: &[MapDef],
    options: &Options<'_>,
) -> Result<Vec<(Pc, Flaw)>, (ShapeFinding, String)> {
    let shape = shape(program, maps, options).map_err(|failure| (failure.finding, failure.log))?;
    let flaw = |(pc, slot)| match slot {
        Slot::Bad(flaw) => Some((Pc(pc), flaw)),
        Slot::Insn(_) | Slot::Second => None,
    };
    Ok((0..).zip(shape.insns).filter_map(flaw).collect())
}

/// The licences that may use what is GPL only, in the words of `MODULE_LICENSE` (`include/linux/license.h`).
pub(crate) fn is_gpl(license: &str) -> bool {
    const COMPATIBLE: [&str; 6] =
        ["GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"];
    COMPATIBLE.contains(&license)
}

/// Program types that those without capabilities may load, where the administrator lets them.
const UNPRIVILEGED: ProgTypes = ProgTypes::of(&[ProgType::SocketFilter, ProgType::CgroupSkb]);

/// What the kernel looks at before the instructions.
fn check_load(asked: &Asked<'_>) -> Result<(), Found> {
    let too_new = LOAD_FLAGS.iter().find(|flag| asked.flags & flag.bit != 0 && flag.since > asked.kernel);
    if let Some(&LoadFlag { bit, since, .. }) = too_new {
        return Err((ShapeFinding::NoFlag { flag: bit, since }, None));
    }
    let limit = asked.limits().insns;
    let count = asked.raw.len();
    if count == 0 || count > limit as usize {
        return Err((ShapeFinding::Size { count, limit }, None));
    }
    if !asked.privileged && !UNPRIVILEGED.contains(asked.prog_type) {
        return Err((ShapeFinding::TypeRight { prog_type: asked.prog_type }, None));
    }
    Ok(())
}

fn checked(asked: &Asked<'_>, verbose: bool, log: &mut String) -> Result<Shape, Found> {
    // Before 5.10 slots came before functions, and before 4.16 there were no functions.
    let functions_first = asked.has(Feature::SubprogsFirst);
    if !functions_first {
        slots::check(asked)?;
    }
    records::check_order(asked)?;
    let mut starts = subprog::find(asked)?;
    let callback = asked.exception_callback().map_err(|finding| (finding.into(), None))?;
    if let Some(callback) = callback {
        subprog::add(asked, &mut starts, callback).map_err(|finding| (finding, None))?;
    }
    if verbose {
        log.push_str(&func_lines(&starts));
    }
    let mut subprogs = subprog::check(asked, &starts)?;
    records::check_count(asked, &subprogs)?;
    subprog::check_records(asked, &subprogs)?;
    records::check_lines(asked, &subprogs)?;
    if functions_first {
        slots::check(asked)?;
    }
    let mut aux = vec![Aux::default(); asked.raw.len()];
    graph::walk(asked, &mut subprogs, &mut aux, callback)?;
    let postorder = graph::postorder(asked, &mut subprogs);
    if asked.is_sleepable() && asked.prog_type != ProgType::Kprobe {
        return Err((ShapeFinding::NotSleepable, None));
    }
    let sccs = graph::components(asked, &mut aux);
    live::compute(asked, &postorder, &mut aux);
    fastcall::mark(asked, &mut subprogs, &mut aux);
    let insns = slots::decode_all(asked, subprogs.len());
    let exception_callback = callback.and_then(|start| starts.binary_search(&start).ok());
    Ok(Shape { insns, subprogs, aux, postorder, sccs, exception_callback })
}

/// The lines that the graph's findings have before them at level 2: the source at each of their instructions.
fn graph_lines(program: &Program, finding: &ShapeFinding, log: &mut String) {
    let places = match *finding {
        ShapeFinding::BackEdge { from, to } => [Some(from), Some(to)],
        _ => [None; 2],
    };
    let mut last = None;
    for pc in places.into_iter().flatten() {
        let Some(line) = program.line_at(Pc(pc)) else { continue };
        if last.replace(line) == Some(line) {
            continue;
        }
        let file = line.file.rsplit('/').next().unwrap_or(&line.file);
        let _ = writeln!(log, "{pc}: ; {} @ {file}:{}", line.text.trim_start(), line.line);
    }
}

/// `func#0 @0` and so on, as level 2 prints them.
fn func_lines(starts: &[u32]) -> String {
    let mut text = String::new();
    for (number, start) in starts.iter().enumerate() {
        let _ = writeln!(text, "func#{number} @{start}");
    }
    text
}

impl Shape {
    /// What level 2 prints before the first path: `func#0 @0` and so on, then the table of live registers, in which
    /// `text` writes the instruction at a slot.
    pub fn opening_text(&self, text: impl FnMut(Pc) -> String) -> String {
        let starts: Vec<u32> = self.subprogs.iter().map(|subprog| subprog.start.0).collect();
        func_lines(&starts) + &self.live_regs_text(text)
    }

    /// The function that starts at a slot.
    pub fn subprog_starting(&self, pc: Pc) -> Option<usize> {
        self.subprogs.binary_search_by_key(&pc, |subprog| subprog.start).ok()
    }
}

/// The slot that an offset from the next instruction leads to. It wraps, as the kernel's does: what comes out is
/// checked against the program's ends before it is used.
fn target(pc: u32, off: i32) -> i32 {
    (pc as i32).wrapping_add(off).wrapping_add(1)
}
