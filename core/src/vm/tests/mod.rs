//! Tests of the interpreter, its faults and its recorder.

mod exceptions;
mod faults;
mod flow;
mod idioms;
mod random;
mod semantics;
mod travel;

use super::{Config, Machine, NoObserver, Outcome, ProgId};
use crate::isa::{Insn, Names, Unit, assemble, unit::Content};
use crate::kernel::{MapDef, ProgType, Program};
use crate::net::SkBuff;

/// A program of that type from instructions.
fn program(prog_type: ProgType, insns: &[Insn]) -> Program {
    Program {
        name: "main".into(),
        section: String::new(),
        prog_type,
        hook: None,
        insns: insns.iter().flat_map(|insn| insn.encode().slots().to_vec()).collect(),
        funcs: Vec::new(),
        lines: Vec::new(),
        license: "GPL".into(),
        maps: Vec::new(),
        kfuncs: Vec::new(),
    }
}

/// A program of that type from text without maps.
fn text_program(prog_type: ProgType, text: &str) -> Program {
    let names = Names::NONE;
    let unit: Unit = assemble(&format!(".section x\nmain:\n{text}\n"), &names).unwrap();
    let (_, section) = unit.section("x").unwrap();
    let Content::Code(insns) = &section.content else { panic!("no code") };
    Program { insns: insns.clone(), ..program(prog_type, &[]) }
}

fn machine(programs: &[Program], maps: &[MapDef]) -> Machine {
    Machine::new(programs, maps, Config::default()).unwrap()
}

/// Runs a program on plain memory, watched and not; both must agree.
fn run(program: &Program, memory: &[u8]) -> (Outcome, Vec<u8>) {
    let mut machine = machine(std::slice::from_ref(program), &[]);
    let mut plain = memory.to_vec();
    let outcome = machine.run_memory(ProgId(0), &mut plain, &mut NoObserver);
    let mut watched = memory.to_vec();
    let again = machine.run_memory(ProgId(0), &mut watched, &mut super::Hits::default());
    assert_eq!((&outcome, &plain), (&again, &watched), "watched or not");
    (outcome, plain)
}

/// What a text returns, without a fault.
fn returns(text: &str, memory: &[u8]) -> u64 {
    let (outcome, _) = run(&text_program(ProgType::Xdp, text), memory);
    assert_eq!(outcome.fault, None, "{text}");
    outcome.ret
}

fn skb(bytes: &[u8]) -> SkBuff {
    let mut skb = SkBuff::default();
    skb.reset_ethernet(bytes);
    skb
}
