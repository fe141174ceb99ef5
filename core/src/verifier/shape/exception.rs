//! The function that goes on when the program has thrown: a tag on the main function names it, and it is a function of
//! the program whether or not anything calls it.

use super::Asked;
use crate::isa::RawInsn;
use crate::kernel::Feature;
use crate::object::{ExceptionTag, Kind, exception_callback};
use crate::verifier::finding::ExceptionFinding;

/// `BTF_FUNC_EXTERN`: such functions are no part of what the kernel is given.
const EXTERN: u32 = 2;

impl Asked<'_> {
    /// Where the exception callback starts, if the types tell of one.
    pub(super) fn exception_callback(&self) -> Result<Option<u32>, ExceptionFinding> {
        let Some(btf) = self.types().filter(|_| self.has(Feature::Exceptions)) else { return Ok(None) };
        let name = match self.funcs.first().and_then(|main| exception_callback(btf, main.type_id)) {
            None => return Ok(None),
            Some(ExceptionTag::Several) => return Err(ExceptionFinding::SeveralTags),
            Some(ExceptionTag::One(name)) => name,
        };
        let found = btf.by_name(name, Kind::Func).filter(|t| t.linkage() != EXTERN);
        let Some(found) = found else { return Err(ExceptionFinding::NotFound { name: name.into() }) };
        let part = self.funcs.iter().rfind(|func| func.type_id == found.id());
        let global = part.map_or(found.linkage() != 0, |func| func.global);
        match part {
            _ if !global => Err(ExceptionFinding::Static { name: name.into() }),
            None => Err(ExceptionFinding::NotInProgram),
            Some(func) if func.start.0 == 0 => Err(ExceptionFinding::Main),
            Some(func) => Ok(Some(func.start.0)),
        }
    }

    /// Whether the instruction throws.
    pub(super) fn throws(&self, raw: &RawInsn) -> bool {
        raw.opcode == super::slots::CALL
            && raw.src == super::slots::CALL_KFUNC
            && self.kfuncs.iter().any(|kfunc| kfunc.imm == raw.imm && kfunc.name == "bpf_throw")
    }
}
