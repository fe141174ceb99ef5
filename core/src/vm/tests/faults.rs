//! What faults say.

use super::{Config, Machine, NoObserver, ProgId, machine, program, skb, text_program};
use crate::isa::{Call, Insn};
use crate::kernel::{KfuncRef, MapDef, MapType, ProgType, Program};

/// The fault of an XDP program over 60 bytes, with map 0 `counts` for `r1 = 0 ll` and its first value for `r2 = 0 ll`.
fn fault(text: &str) -> String {
    let mut program = text_program(ProgType::Xdp, text);
    for i in 0..program.insns.len() {
        let insn = &mut program.insns[i];
        if insn.opcode == 0x18 && insn.imm == 0 {
            insn.src = insn.dst;
        }
    }
    let mut machine = machine(&[program], &[MapDef::new("counts", MapType::Array, 4, 8, 4)]);
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 60]), &mut NoObserver);
    let fault = outcome.fault.expect("a fault");
    assert_eq!(outcome.ret, 0);
    let recorded = machine.record(ProgId(0), &mut skb(&[0; 60]));
    assert_eq!(recorded.outcome().fault.as_ref(), Some(&fault), "recorded or not");
    assert_eq!(recorded.location(recorded.steps()).pc, fault.pc);
    fault.what.to_string()
}

#[test]
fn a_call_of_a_kernel_function_is_named() {
    let call = Insn::Call(Call::Kfunc { id: 65, fd: 0 });
    let mut program = program(ProgType::Xdp, &[call, Insn::Exit]);
    let fault = |program: &Program| {
        let outcome = machine(std::slice::from_ref(program), &[]).run(ProgId(0), &mut skb(&[0; 60]), &mut NoObserver);
        outcome.fault.map(|fault| fault.what.to_string())
    };
    assert_eq!(fault(&program).as_deref(), Some("a call of kernel function 65 cannot be run here"));
    program.kfuncs.push(KfuncRef { imm: 65, name: "bpf_mystery".to_owned(), ..KfuncRef::default() });
    assert_eq!(fault(&program).as_deref(), Some("a call of kernel function bpf_mystery cannot be run here"));
}

#[test]
fn an_access_outside_is_named() {
    let packet = "r2 = *(u32 *)(r1 + 0)\n";
    for (text, message) in [
        (format!("{packet}r0 = *(u32 *)(r2 + 58)"), "load of 4 bytes at pkt+58: packet ends at 60"),
        (format!("{packet}r0 = *(u8 *)(r2 - 1)"), "load of 1 byte at pkt-1: packet starts at 0"),
        (format!("{packet}*(u16 *)(r2 + 60) = 1"), "store of 2 bytes at pkt+60: packet ends at 60"),
        ("*(u64 *)(r10 - 520) = 1".into(), "store of 8 bytes at fp-520: the frame is the 512 bytes below fp"),
        ("r0 = *(u8 *)(r10 + 0)".into(), "load of 1 byte at fp: the frame is the 512 bytes below fp"),
        ("r2 = 17\nr0 = *(u8 *)(r2 + 0)".into(), "load of 1 byte at 0x11: not an address"),
        (
            "r2 = 0\nr0 = *(u64 *)(r2 + 0)".into(),
            "load of 8 bytes at null: null pointer: a look-up that finds nothing returns it",
        ),
        (
            "r2 = 0\n*(u64 *)(r2 + 8) = 1".into(),
            "store of 8 bytes at null+8: null pointer: a look-up that finds nothing returns it",
        ),
        ("r0 = *(u8 *)(r1 + 1)".into(), "load of 1 byte at ctx+1: not a field of the context that can be accessed so"),
        (
            "r1 = 0 ll\nr0 = *(u8 *)(r1 + 0)".into(),
            "load of 1 byte at map counts: a map is not memory: look its values up",
        ),
        ("r2 = 0 ll\nr0 = *(u64 *)(r2 + 4)".into(), "load of 8 bytes at counts[0]+4: a value has 8 bytes"),
        (
            "r2 = 0 ll\nr3 = 1\nlock *(u64 *)(r2 + 8) += r3".into(),
            "atomic access of 8 bytes at counts[?]+8: there is no value",
        ),
    ] {
        assert_eq!(fault(&format!("{text}\nexit")), message, "{text}");
    }
}

#[test]
fn calls_that_cannot_be_made_are_named_when_reached() {
    assert_eq!(fault("call 999\nexit"), "call of helper 999: there is no helper of that number");
    let program = text_program(ProgType::Xdp, "r0 = 3\nexit\ncall 999\nexit");
    let outcome = machine(&[program], &[]).run(ProgId(0), &mut skb(&[0; 60]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.fault), (3, None));
}

#[test]
fn maps_that_are_not_simulated_are_named_when_a_helper_gets_one() {
    let text = "r1 = 0 ll\nif r1 == 0 goto +3\nr2 = r10\nr2 += -4\ncall 1\nexit";
    let mut program = text_program(ProgType::Xdp, text);
    program.insns[0].src = 1;
    let map = MapDef::new("stacks", MapType::StackTrace, 4, 8, 8);
    let outcome = machine(&[program], &[map]).run(ProgId(0), &mut skb(&[0; 60]), &mut NoObserver);
    let fault = outcome.fault.expect("a fault").what.to_string();
    assert_eq!(fault, "call of bpf_map_lookup_elem: map `stacks` is a stack_trace, which is not simulated");
}

#[test]
fn a_program_that_cannot_be_decoded_is_refused_with_its_place() {
    let mut program = text_program(ProgType::Xdp, "r0 = 0\nexit");
    program.insns[1].opcode = 0xff;
    let error = Machine::new(&[program], &[], Config::default()).err().expect("refused");
    assert!(error.to_string().starts_with("program `main`: instruction 1: opcode 0xff"), "{error}");
}

#[test]
fn a_map_that_there_is_not_is_refused_with_its_place() {
    let mut program = text_program(ProgType::Xdp, "r0 = 5 ll\nexit");
    program.insns[0].src = 1;
    let error = Machine::new(&[program], &[], Config::default()).err().expect("refused");
    assert_eq!(error.to_string(), "program `main`, instruction 0: there is no map 5");
}

#[test]
fn a_program_that_there_is_not_runs_nothing() {
    let outcome = machine(&[], &[]).run(ProgId(0), &mut skb(&[0; 60]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.insns, outcome.fault), (0, 0, None));
}
