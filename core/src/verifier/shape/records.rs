//! What the object's types tell of a program: records of its functions and of its source lines, which the kernel takes
//! only if they are in order.
//!
//! They come from `.BTF.ext`, with slots for offsets. A program without the type of each function is loaded without any
//! of them ([`Asked::types`]).

use super::{Asked, Found, Subprog};
use crate::kernel::{Feature, Line};
use crate::object::{Btf, Kind};
use crate::verifier::finding::ShapeFinding;

impl<'a> Asked<'a> {
    /// The types that come with the program, if its functions' records do.
    pub(super) fn types(&self) -> Option<&'a Btf> {
        let known = !self.funcs.is_empty() && self.funcs.iter().all(|func| func.type_id != 0);
        self.btf.filter(|_| known && self.privileged && self.has(Feature::FuncInfo))
    }
}

/// Records of functions, before the program is looked at: each behind the one before, and of a function's type.
pub(super) fn check_order(asked: &Asked<'_>) -> Result<(), Found> {
    let Some(btf) = asked.types() else { return Ok(()) };
    let fail = |finding| Err((finding, None));
    let mut before = None;
    for func in asked.funcs {
        let off = func.start.0;
        match before.replace(off) {
            None if off != 0 => return fail(ShapeFinding::FirstFuncRecord { off }),
            Some(before) if off <= before => return fail(ShapeFinding::FuncRecordOrder { off, before }),
            _ => {}
        }
        if btf.ty(func.type_id).is_none_or(|ty| ty.kind() != Kind::Func) {
            return fail(ShapeFinding::FuncRecordType { id: func.type_id });
        }
    }
    Ok(())
}

/// Whether there are as many records as functions.
pub(super) fn check_count(asked: &Asked<'_>, subprogs: &[Subprog]) -> Result<(), Found> {
    match asked.types() {
        Some(_) if asked.funcs.len() != subprogs.len() => Err((ShapeFinding::FuncRecordCount, None)),
        _ => Ok(()),
    }
}

/// Records of source lines: each behind the one before and at an instruction, and one where a function begins.
pub(super) fn check_lines(asked: &Asked<'_>, subprogs: &[Subprog]) -> Result<(), Found> {
    let fail = |finding| Err((finding, None));
    if asked.types().is_none() || asked.lines.is_empty() {
        return Ok(());
    }
    let mut before = 0;
    let mut begun = 0;
    for (number, line) in asked.lines.iter().enumerate() {
        let Line { pc, .. } = *line;
        let (off, len) = (pc.0, asked.raw.len());
        if number > 0 && off <= before || off as usize >= len {
            return fail(ShapeFinding::LineRecord { number, off, before, len });
        }
        if asked.raw[off as usize].opcode == 0 {
            return fail(ShapeFinding::LineRecordCode { number });
        }
        match subprogs.get(begun) {
            Some(subprog) if subprog.start == pc => begun += 1,
            Some(subprog) if subprog.start < pc => return fail(ShapeFinding::NoLineRecord { func: begun }),
            _ => {}
        }
        before = off;
    }
    match subprogs.len() - begun {
        0 => Ok(()),
        count => fail(ShapeFinding::NoLineRecords { count, from: begun }),
    }
}
