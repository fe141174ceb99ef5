//! Functions: where they start, and that no jump leaves them.

use super::slots::{self, CALL_HELPER, CALL_KFUNC, CALL_LOCAL, is_imm64, jump_off, source};
use super::{Asked, Found, Subprog, target};
use crate::isa::opcode::{self, class, mode};
use crate::isa::{Pc, RawInsn};
use crate::kernel::Feature;
use crate::object::{Btf, Kind, TypeId};
use crate::verifier::finding::ShapeFinding;

/// Number of `bpf_tail_call`.
const TAIL_CALL: i32 = 12;

/// A slot that calls a function of the program, or takes its address. Second slots are not told apart here: the
/// kernel has not looked for them yet.
pub(super) fn names_subprog(asked: &Asked<'_>, raw: &RawInsn) -> bool {
    is_local_call(asked, raw) || is_callback(asked, raw)
}

/// Whether the slot calls a function of the program.
pub(super) fn is_local_call(asked: &Asked<'_>, raw: &RawInsn) -> bool {
    asked.has(Feature::Subprogs) && raw.opcode == slots::CALL && raw.src == CALL_LOCAL
}

/// Whether the slot takes the address of a function of the program.
pub(super) fn is_callback(asked: &Asked<'_>, raw: &RawInsn) -> bool {
    asked.has(Feature::Callbacks) && is_imm64(raw) && raw.src == source::FUNC
}

/// Where the functions start, in order.
pub(super) fn find(asked: &Asked<'_>) -> Result<Vec<u32>, Found> {
    let mut starts = vec![0];
    for (pc, raw) in (0..).zip(asked.raw) {
        let kfunc = asked.has(Feature::Kfuncs) && raw.opcode == slots::CALL && raw.src == CALL_KFUNC;
        if !kfunc && !names_subprog(asked, raw) {
            continue;
        }
        let fail = |finding| (finding, Some(Pc(pc)));
        if !asked.privileged {
            return Err(fail(ShapeFinding::CallRight { root_only: !asked.has(Feature::CapBpf) }));
        }
        if kfunc {
            check_kfunc(asked, raw).map_err(fail)?;
            continue;
        }
        let start = target(pc, raw.imm);
        if start < 0 || start >= asked.len() {
            return Err(fail(ShapeFinding::CallDestination));
        }
        add(asked, &mut starts, start as u32).map_err(fail)?;
    }
    Ok(starts)
}

/// Has a function start there.
pub(super) fn add(asked: &Asked<'_>, starts: &mut Vec<u32>, start: u32) -> Result<(), ShapeFinding> {
    if let Err(place) = starts.binary_search(&start) {
        if starts.len() >= asked.limits().subprogs as usize {
            return Err(ShapeFinding::TooManySubprogs);
        }
        starts.insert(place, start);
    }
    Ok(())
}

/// Whether there is such a kernel function at all; whether this program may call it, paths that come there ask.
fn check_kfunc(asked: &Asked<'_>, raw: &RawInsn) -> Result<(), ShapeFinding> {
    if !asked.gpl {
        return Err(ShapeFinding::KfuncLicense);
    }
    match raw.off {
        ..0 => return Err(ShapeFinding::KfuncOffset),
        0 => {}
        1.. => return Err(ShapeFinding::KfuncFdArray),
    }
    match asked.kfuncs.iter().find(|kfunc| kfunc.imm == raw.imm) {
        // What loaders put where a kernel lacks a weak function; nobody may come there.
        None if raw.imm == 0 => Ok(()),
        None => Err(ShapeFinding::KfuncUnknown { id: raw.imm }),
        Some(kfunc) if kfunc.name.starts_with("bpf_xdp_metadata_") => Err(ShapeFinding::KfuncDevice),
        Some(_) => Ok(()),
    }
}

/// Checks that jumps stay in their function and that functions have an end.
pub(super) fn check(asked: &Asked<'_>, starts: &[u32]) -> Result<Vec<Subprog>, Found> {
    let ends = starts.iter().skip(1).copied().chain([asked.raw.len() as u32]);
    let range = |(&start, end)| Subprog { start: Pc(start), end: Pc(end), ..Subprog::default() };
    let mut subprogs: Vec<Subprog> = starts.iter().zip(ends).map(range).collect();
    // Before there were functions, the graph alone said where jumps may go.
    if asked.has(Feature::Subprogs) {
        for subprog in &mut subprogs {
            check_one(asked, subprog)?;
        }
    }
    Ok(subprogs)
}

fn check_one(asked: &Asked<'_>, subprog: &mut Subprog) -> Result<(), Found> {
    let (start, end) = (subprog.start.0, subprog.end.0);
    // A function's range lies within the program and holds at least its start.
    for (pc, raw) in (start..end).zip(&asked.raw[start as usize..end as usize]) {
        let class = raw.opcode & 7;
        match class {
            class::JMP | class::JMP32 => {}
            class::LD if matches!(raw.opcode & 0xe0, mode::ABS | mode::IND) => subprog.has_ld_abs = true,
            _ => continue,
        }
        if raw.opcode == slots::CALL && raw.src == CALL_HELPER && raw.imm == TAIL_CALL {
            subprog.has_tail_call = true;
        }
        let jumps = matches!(class, class::JMP) || class == class::JMP32 && asked.has(Feature::Jmp32);
        if !jumps || matches!(raw.opcode & 0xf0, opcode::CALL | opcode::EXIT) {
            continue;
        }
        let to = target(pc, jump_off(asked, raw));
        if to < start as i32 || to >= end as i32 {
            return Err((ShapeFinding::JumpOutOfRange { from: pc, to }, Some(Pc(pc))));
        }
    }
    let last = asked.raw[end as usize - 1].opcode;
    let ends = last == slots::EXIT || last == slots::GOTO || last == slots::GOTOL && asked.has(Feature::CpuV4);
    if !ends {
        return Err((ShapeFinding::LastInsn, Some(Pc(end - 1))));
    }
    Ok(())
}

/// Holds functions to their records, if there are any: where they start, and what they return. Legacy packet loads and
/// tail calls can end a function early, with a number as its result: only the main function and those that are known to
/// return a number may have them.
pub(super) fn check_records(asked: &Asked<'_>, subprogs: &[Subprog]) -> Result<(), Found> {
    let types = asked.types();
    for (number, subprog) in subprogs.iter().enumerate() {
        let record = types.and_then(|btf| Some((btf, asked.funcs.get(number)?)));
        if record.is_some_and(|(_, func)| func.start != subprog.start) {
            return Err((ShapeFinding::FuncRecordLayout, None));
        }
        let returns = record.map(|(btf, func)| returns_number(btf, func.type_id));
        if number == 0 || returns == Some(true) || !asked.has(Feature::TailCallsInSubprogs) {
            continue;
        }
        let fail = |finding: fn(bool) -> ShapeFinding, typed| Err((finding(typed), Some(subprog.start)));
        if subprog.has_ld_abs {
            return fail(|typed| ShapeFinding::LdAbsReturn { typed }, returns.is_some());
        }
        if subprog.has_tail_call {
            return fail(|typed| ShapeFinding::TailCallReturn { typed }, returns.is_some());
        }
    }
    Ok(())
}

/// Whether a function of that type returns an integer or an enumeration.
fn returns_number(btf: &Btf, func: TypeId) -> bool {
    let result = || btf.resolve(btf.ty(btf.ty(func)?.target())?.target());
    result().is_some_and(|ty| ty.is_enum() || ty.kind() == Kind::Int && ty.size() <= 8)
}
