//! A trace in words: one line an instruction, with what it changed.

use super::{Compiled, format_value, hex};
use crate::{
    isa::{self, Call, Imm64, Insn},
    kernel::{MapDef, MapId, Program, ValueFormat, names},
    vm::{Access, AccessKind, Output, Region, State, Trace},
};

/// An instruction that was run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepLine {
    /// Step, from 0.
    pub step: usize,
    /// Program or function.
    pub function: String,
    /// Call depth, 0 in the main function.
    pub depth: u8,
    /// Slot in the program.
    pub pc: u32,
    /// The instruction, with the names of maps and helpers.
    pub insn: String,
    /// What it changed: `r2 = pkt+14`, `reads pkt+12, 2 bytes`, `map counts changes`.
    pub effects: Vec<String>,
    /// Source line that begins here, of an object with line information: `count.c:12  if (n) …`.
    pub source: Option<String>,
}

/// The steps of a trace from its start, each in words. The trace is left at its end.
pub fn annotate<'a>(compiled: &'a Compiled, trace: &'a mut Trace) -> impl Iterator<Item = StepLine> + 'a {
    let mut last_source = None;
    (0..trace.steps()).map(move |step| {
        trace.seek(step);
        let (state, at) = (trace.state(), trace.location(step));
        let program = &compiled.loaded.programs[at.prog.0 as usize];
        let source = compiled.source_line(at.prog, at.pc);
        let begins = source.clone().filter(|_| source != last_source);
        last_source = source;
        let insn = instruction(program, state, &compiled.loaded.maps);
        let sets = isa::decode(&program.insns, at.pc).ok().and_then(|(insn, _)| result_of(&insn));
        trace.seek(step + 1);
        StepLine {
            step,
            function: program.func_at(at.pc).map_or_else(|| program.name.clone(), |f| f.name.clone()),
            depth: at.depth,
            pc: at.pc.0,
            insn,
            effects: effects(compiled, trace, step, sets),
            source: begins,
        }
    })
}

/// The register that an instruction's result goes to, if it has one.
fn result_of(insn: &Insn) -> Option<u8> {
    let reg = match insn {
        Insn::Alu { dst, .. } | Insn::MovSx { dst, .. } | Insn::AddrSpaceCast { dst, .. } | Insn::Neg { dst, .. } => {
            dst
        }
        Insn::Endian { dst, .. } | Insn::LoadImm64 { dst, .. } | Insn::Load { dst, .. } => dst,
        Insn::LoadAcquire { dst, .. } => dst,
        Insn::LoadPacket { .. } | Insn::Call(Call::Helper(_) | Call::Kfunc { .. }) => return Some(0),
        _ => return None,
    };
    Some(reg.index() as u8)
}

/// What a step changed, seen from after it. The register that it sets is told even when it had that value before.
fn effects(compiled: &Compiled, trace: &Trace, step: usize, sets: Option<u8>) -> Vec<String> {
    let (state, changes) = (trace.state(), trace.changes(step));
    let mut words: Vec<String> = Vec::new();
    let set = sets.filter(|set| changes.regs.iter().all(|r| r.reg != *set));
    let set = set.and_then(|reg| Some((reg, *state.regs.get(usize::from(reg))?)));
    let changed = changes.regs.iter().map(|r| (r.reg, r.new));
    words.extend(set.into_iter().chain(changed).map(|(reg, value)| format!("r{reg} = {}", symbol(state, value))));
    words.extend(joined(&changes.accesses).iter().filter_map(|a| access(a, state, &compiled.loaded.maps)));
    words.dedup();
    let name = |id: usize| compiled.loaded.maps.get(id).map_or("?", |m| m.name.as_str());
    words.extend(changes.maps.iter().map(|id| format!("map {} changes", name(id.index()))));
    let outputs = &trace.effects().outputs[state.outputs - changes.outputs..state.outputs];
    words.extend(outputs.iter().map(|output| match output {
        Output::Printk(text) => format!("prints {text:?}"),
        Output::Lost { map, len } => format!("loses a record of {len} bytes: {} is full", name(map.index())),
        Output::PerfEvent { map, data, .. } | Output::Ringbuf { map, data } => {
            format!("sends {} through {}", hex::encode(data), name(map.index()))
        }
    }));
    words
}

/// Accesses one behind the other as one: helpers read strings byte by byte.
fn joined(accesses: &[Access]) -> Vec<Access> {
    let mut joined: Vec<Access> = Vec::new();
    for access in accesses {
        match joined.last_mut() {
            Some(last)
                if (last.kind, last.region) == (access.kind, access.region)
                    && last.offset + i64::from(last.len) == access.offset =>
            {
                last.len += access.len;
            }
            _ => joined.push(*access),
        }
    }
    joined
}

fn access(access: &Access, state: &State, maps: &[MapDef]) -> Option<String> {
    if let Region::MapValue(id) = access.region {
        return map_value(access, state, maps.get(id.index())?, id);
    }
    let verb = match access.kind {
        AccessKind::Read => "reads",
        AccessKind::Write => "writes",
    };
    let place = match access.region {
        Region::Packet => format!("pkt{:+}", access.offset),
        Region::Stack(_) if access.kind == AccessKind::Write => format!("fp{:+}", access.offset),
        Region::Record(id) => format!("{} record", maps.get(id.index())?.name),
        _ => return None,
    };
    let bytes = if access.len == 1 { "byte" } else { "bytes" };
    Some(format!("{verb} {place}, {} {bytes}", access.len))
}

/// The part of a map's value that was touched, and what it holds now: `counts[6] is 3`, `flows[1]+8 is 60`.
fn map_value(access: &Access, state: &State, def: &MapDef, id: MapId) -> Option<String> {
    let offset = u32::try_from(access.offset).ok()?;
    let place = state.maps.locate(id, offset)?;
    let key = match place.key.as_slice() {
        [] => place.slot.to_string(),
        key => format_value(key, &def.key_format),
    };
    let within = if place.within > 0 { format!("+{}", place.within) } else { String::new() };
    let value = format_value(state.maps.value(id, offset, access.len)?, &ValueFormat::Int { signed: false });
    Some(format!("{}[{key}]{within} is {value}", def.name))
}

/// A value in words: an address by its place, anything else as a number.
pub(super) fn symbol(state: &State, value: u64) -> String {
    state.name_of(value).unwrap_or_else(|| (value as i64).to_string())
}

/// The text of the instruction that comes next, with the names of maps and helpers.
pub(super) fn instruction(program: &Program, state: &State, maps: &[MapDef]) -> String {
    let insn = match isa::decode(&program.insns, state.pc) {
        Ok((insn, _)) => insn,
        Err(error) => return error.to_string(),
    };
    let name = match insn {
        Insn::LoadImm64 { imm: Imm64::Map(id) | Imm64::MapValue { map: id, .. }, .. } => {
            maps.get(id as usize).map(|m| m.name.as_str())
        }
        Insn::Call(Call::Helper(number)) => names().helper(number),
        _ => None,
    };
    name.map_or_else(|| insn.to_string(), |name| insn.text(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_one_after_the_other_are_one_access() {
        let access = |kind, region, offset, len| Access { step: 0, kind, region, offset, len };
        let read = |offset, len| access(AccessKind::Read, Region::Packet, offset, len);
        let write = access(AccessKind::Write, Region::Packet, 16, 1);
        let stack = access(AccessKind::Write, Region::Stack(0), 17, 1);
        let all = [read(12, 1), read(13, 1), read(14, 2), write, stack, read(18, 1), read(20, 1)];
        assert_eq!(joined(&all), [read(12, 4), write, stack, read(18, 1), read(20, 1)]);
    }
}
