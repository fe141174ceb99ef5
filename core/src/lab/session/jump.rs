//! Steps as a debugger makes them.

use super::super::Compiled;
use crate::vm::Trace;

/// A step of a debugger, forwards or backwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jump {
    /// To before the first instruction.
    Start,
    /// One instruction back.
    Back,
    /// One instruction on.
    Forward,
    /// To after the last instruction.
    End,
    /// To the next source line (of an object with line information; else one instruction).
    Line,
    /// To the source line before.
    LineBack,
    /// On, over a call of a function of the program.
    Over,
    /// Back, over a call.
    OverBack,
    /// To after the return from this function.
    Out,
    /// To before the call of this function.
    OutBack,
    /// To the next time that a line of the text is reached, around the end if need be.
    ToLine(u32),
}

impl Jump {
    /// The step to go to.
    pub(super) fn target(self, trace: &Trace, compiled: &Compiled) -> usize {
        let (at, end) = (trace.position(), trace.steps());
        let here = (at < end).then(|| trace.location(at));
        let depth = here.map_or(0, |l| l.depth);
        let source = |l: crate::vm::Location| {
            let program = &compiled.loaded.programs[l.prog.0 as usize];
            program.line_at(l.pc).map(|line| (l.prog, line.file.as_str(), line.line))
        };
        let line_here = here.and_then(source);
        let found = match self {
            Jump::Start => Some(0),
            Jump::End => Some(end),
            Jump::Back => Some(at.saturating_sub(1)),
            Jump::Forward => Some(at + 1),
            Jump::Line => trace.find(at, true, |l| line_here.is_none() || source(l) != line_here),
            Jump::LineBack => trace.find(at, false, |l| line_here.is_none() || source(l) != line_here),
            Jump::Over => trace.find(at, true, |l| l.depth <= depth),
            Jump::OverBack => trace.find(at, false, |l| l.depth <= depth),
            Jump::Out => trace.find(at, true, |l| l.depth < depth),
            Jump::OutBack => trace.find(at, false, |l| l.depth < depth),
            Jump::ToLine(line) => {
                let there = |l: crate::vm::Location| compiled.line(l.prog, l.pc) == Some(line);
                let wrapped =
                    || (end > 0 && there(trace.location(0))).then_some(0).or_else(|| trace.find(0, true, there));
                return trace.find(at, true, there).or_else(wrapped).unwrap_or(at);
            }
        };
        let forward = matches!(self, Jump::End | Jump::Forward | Jump::Line | Jump::Over | Jump::Out);
        found.unwrap_or(if forward { end } else { 0 }).min(end)
    }
}
