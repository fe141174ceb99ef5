//! Calls, tail calls, legacy packet loads, budgets.

use super::{Config, Machine, NoObserver, ProgId, machine, returns, run, skb, text_program};
use crate::isa::Pc;
use crate::kernel::{InitialEntry, InitialValue, MapDef, MapType, ProgType};
use crate::vm::FaultKind;

#[test]
fn a_function_has_its_own_frame_and_keeps_r6_to_r9() {
    let text = "
        r6 = 6; r7 = 7; r8 = 8; r9 = 9
        *(u64 *)(r10 - 8) = 1
        r1 = 5
        call f
        r0 += r6; r0 += r7; r0 += r8; r0 += r9
        r1 = *(u64 *)(r10 - 8)
        r0 += r1
        exit
    f:  r6 = 100; r7 = 100; r8 = 100; r9 = 100
        *(u64 *)(r10 - 8) = 100
        r0 = r1
        exit";
    assert_eq!(returns(text, &[]), 5 + 6 + 7 + 8 + 9 + 1);
}

#[test]
fn a_pointer_into_the_callers_frame_works_in_the_callee() {
    let text = "
        r1 = r10
        r1 += -8
        call f
        r0 = *(u64 *)(r10 - 8)
        exit
    f:  *(u64 *)(r1 + 0) = 42
        r0 = 0
        exit";
    assert_eq!(returns(text, &[]), 42);
}

#[test]
fn eight_frames_are_the_limit() {
    let recursive = |depth: u32| {
        format!(
            "r1 = {depth}
             call f
             exit
         f:  r0 = r1
             if r1 == 0 goto out
             r1 += -1
             call f
        out: exit"
        )
    };
    assert_eq!(returns(&recursive(6), &[]), 0);
    let (outcome, _) = run(&text_program(ProgType::Xdp, &recursive(7)), &[]);
    assert_eq!(outcome.fault.unwrap().what, FaultKind::CallDepth { limit: 8 });
}

#[test]
fn the_budget_ends_a_loop_that_does_not() {
    let program = text_program(ProgType::Xdp, "r0 = 0\nagain: r0 += 1\ngoto again");
    let config = Config { budget: 1000, ..Config::default() };
    let mut machine = Machine::new(&[program], &[], config).unwrap();
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    let fault = outcome.fault.unwrap();
    assert_eq!(fault.what, FaultKind::Budget { budget: 1000 });
    assert_eq!(outcome.insns, 1001);
    assert_eq!(machine.record(ProgId(0), &mut skb(&[0; 64])).steps(), 1001);
}

#[test]
fn a_program_that_ends_soon_after_its_last_jump_is_let_go() {
    let text = "r0 = 0\nagain: r0 += 1\nif r0 != 10 goto again\nexit";
    for (budget, ends) in [(22, true), (21, true), (20, true), (19, false)] {
        // The budget is looked at where a jump is taken: the last of them is instruction 19 of 21.
        let program = text_program(ProgType::Xdp, text);
        let mut machine = Machine::new(&[program], &[], Config { budget, ..Config::default() }).unwrap();
        let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
        assert_eq!(outcome.fault.is_none(), ends, "{budget}");
    }
}

#[test]
fn may_goto_falls_through_while_there_are_iterations_left() {
    let text = "r0 = 0\nagain: may_goto out\nr0 += 1\nif r0 != 100 goto again\nout: exit";
    assert_eq!(returns(text, &[]), 100);
    let endless = text_program(ProgType::Xdp, "r0 = 0\nagain: may_goto out\nr0 += 1\ngoto again\nout: exit");
    let mut machine = Machine::new(&[endless], &[], Config { budget: 1 << 26, ..Config::default() }).unwrap();
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.fault), (8 << 20, None));
    let endless = text_program(ProgType::Xdp, "r0 = 0\nagain: may_goto out\nr0 += 1\ngoto again\nout: exit");
    let mut machine = Machine::new(&[endless], &[], Config { budget: 3000, ..Config::default() }).unwrap();
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.fault), (500, None), "half of the budget is its time");
    let both = "r6 = 0\nagain: may_goto out\nr6 += 1\ngoto again\nout: call f\nr0 += r6\nexit\n\
                f: r0 = 0\nmore: may_goto end\nr0 += 1\ngoto more\nend: exit";
    let mut machine =
        Machine::new(&[text_program(ProgType::Xdp, both)], &[], Config { budget: 3000, ..Config::default() }).unwrap();
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.fault, outcome.ret > 700), (None, true), "a function has a time of its own: {}", outcome.ret);
}

#[test]
fn a_long_jump_goes_where_it_says() {
    assert_eq!(returns("r0 = 1\ngotol out\nr0 = 2\nout: exit", &[]), 1);
}

#[test]
fn a_jump_out_of_the_program_is_a_fault() {
    for text in ["r0 = 0\ngoto +5\nexit", "r0 = 0\ngoto -5\nexit", "goto +1\nr0 = 1 ll\nexit", "r0 = 0"] {
        let (outcome, _) = run(&text_program(ProgType::Xdp, text), &[]);
        assert_eq!(outcome.fault.map(|f| f.what), Some(FaultKind::OutOfProgram), "{text}");
    }
}

fn prog_array(programs: &[(u32, &str)]) -> MapDef {
    let entry = |(index, name): &(u32, &str)| InitialEntry {
        key: index.to_le_bytes().into(),
        value: InitialValue::Program((*name).into()),
    };
    MapDef { initial: programs.iter().map(entry).collect(), ..MapDef::new("jumps", MapType::ProgArray, 4, 4, 8) }
}

/// `r2 = map 0` in front of a tail call.
fn tail_calling(name: &str, index: u32, after: &str) -> crate::kernel::Program {
    let mut program = text_program(ProgType::Xdp, &format!("r2 = 0 ll\nr3 = {index}\ncall 12\n{after}"));
    program.insns[0].src = 1;
    program.name = name.into();
    program
}

#[test]
fn a_tail_call_does_not_come_back() {
    let first = tail_calling("first", 3, "r0 = 1\nexit");
    let mut second = text_program(ProgType::Xdp, "r0 = 2\nexit");
    second.name = "second".into();
    let mut machine = machine(&[first, second], &[prog_array(&[(3, "second")])]);
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.insns, outcome.fault), (2, 5, None));
}

#[test]
fn a_tail_call_that_fails_falls_through() {
    let mut other_type = text_program(ProgType::SchedCls, "r0 = 2\nexit");
    other_type.name = "other".into();
    for index in [0, 3, 100] {
        let first = tail_calling("first", index, "r0 = 1\nexit");
        let mut machine = machine(&[first, other_type.clone()], &[prog_array(&[(3, "other")])]);
        let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
        assert_eq!((outcome.ret, outcome.fault), (1, None), "{index}");
    }
}

#[test]
fn thirty_three_tail_calls_are_the_limit() {
    // The program counts its starts in the packet and calls itself.
    let mut program = tail_calling("main", 0, "r0 = *(u32 *)(r6 + 0)\nr0 = *(u8 *)(r0 + 0)\nexit");
    let head = text_program(
        ProgType::Xdp,
        "r6 = r1\nr3 = *(u32 *)(r1 + 0)\nr4 = *(u8 *)(r3 + 0)\nr4 += 1\n*(u8 *)(r3 + 0) = r4",
    );
    program.insns.splice(0..0, head.insns);
    let mut machine = machine(&[program], &[prog_array(&[(0, "main")])]);
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.fault), (34, None));
}

#[test]
fn a_tail_call_from_a_function_returns_to_its_caller() {
    let mut first =
        text_program(ProgType::Xdp, "r6 = 40\ncall f\nr0 += r6\nexit\nf: r2 = 0 ll\nr3 = 0\ncall 12\nr0 = 1\nexit");
    let at = first.insns.iter().position(|insn| insn.opcode == 0x18).unwrap();
    first.insns[at].src = 1;
    first.name = "first".into();
    let mut second = text_program(ProgType::Xdp, "r6 = 0\nr0 = 2\nexit");
    second.name = "second".into();
    let mut machine = machine(&[first, second], &[prog_array(&[(0, "second")])]);
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.fault), (42, None));
}

#[test]
fn functions_that_call_their_program_on_keep_their_frames() {
    let mut main = text_program(
        ProgType::Xdp,
        "*(u64 *)(r10 - 8) = 1\ncall f\nr1 = *(u64 *)(r10 - 8)\nr0 += r1\nexit\n\
         f: call g\nexit\ng: r2 = 0 ll\nr3 = 0\ncall 12\nr0 = 0\nexit",
    );
    let at = main.insns.iter().position(|insn| insn.opcode == 0x18).unwrap();
    main.insns[at].src = 1;
    main.name = "main".into();
    let mut machine = machine(&[main], &[prog_array(&[(0, "main")])]);
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.fault), (34, None), "frames 0 to 68");
    let trace = machine.record(ProgId(0), &mut skb(&[0; 64]));
    assert_eq!((trace.outcome().ret, trace.outcome().fault.clone()), (34, None));
}

#[test]
fn legacy_loads_read_the_packet_in_network_order() {
    let mut frame = [0u8; 64];
    for (i, byte) in frame.iter_mut().enumerate() {
        *byte = i as u8;
    }
    frame[12..14].copy_from_slice(&[8, 0]);
    for (text, expected) in [
        ("r6 = r1\nr0 = *(u8 *)skb[20]\nexit", 20),
        ("r6 = r1\nr0 = *(u16 *)skb[20]\nexit", 0x1415),
        ("r6 = r1\nr0 = *(u32 *)skb[20]\nexit", 0x1415_1617),
        ("r6 = r1\nr7 = 8\nr0 = *(u16 *)skb[r7 + 20]\nexit", 0x1c1d),
        ("r6 = r1\nr7 = -8\nr0 = *(u8 *)skb[r7 + 20]\nexit", 12 - 4),
        // Relative to the network and the link layer header.
        ("r6 = r1\nr0 = *(u8 *)skb[-0x100000]\nexit", 14),
        ("r6 = r1\nr0 = *(u8 *)skb[-0x0ffffe]\nexit", 16),
        ("r6 = r1\nr0 = *(u8 *)skb[-0x1fffff]\nexit", 1),
        // Out of the packet the program ends with 0.
        ("r6 = r1\nr0 = *(u8 *)skb[64]\nr0 = 9\nexit", 0),
        ("r6 = r1\nr0 = *(u32 *)skb[61]\nr0 = 9\nexit", 0),
        ("r6 = r1\nr0 = *(u8 *)skb[-1]\nr0 = 9\nexit", 0),
        ("r6 = r1\nr0 = *(u8 *)skb[-0x200001]\nr0 = 9\nexit", 0),
    ] {
        let mut machine = machine(&[text_program(ProgType::SocketFilter, text)], &[]);
        let mut packet = skb(&frame);
        let outcome = machine.run(ProgId(0), &mut packet, &mut NoObserver);
        assert_eq!((outcome.ret, outcome.fault), (expected, None), "{text}");
    }
}

#[test]
fn a_legacy_load_finds_the_link_layer_header_before_the_packet() {
    let frame: Vec<u8> = (0..64).collect();
    for (offset, expected) in [("0", 14), ("-0x200000", 0), ("-0x1ffff3", 13), ("-0x1fffce", 50), ("-0x1fffc0", 0)] {
        let text = format!("r6 = r1\nr0 = *(u8 *)skb[{offset}]\nexit");
        let mut machine = machine(&[text_program(ProgType::SocketFilter, &text)], &[]);
        let mut packet = skb(&frame);
        packet.pull_mac_header();
        let outcome = machine.run(ProgId(0), &mut packet, &mut NoObserver);
        assert_eq!((outcome.ret, outcome.fault), (expected, None), "{text}");
    }
}

#[test]
fn a_legacy_load_that_fails_in_a_function_ends_the_function() {
    let text = "r6 = r1\ncall f\nr0 += 5\nexit\nf: r6 = r1\nr0 = *(u8 *)skb[99]\nr0 = 9\nexit";
    let mut machine = machine(&[text_program(ProgType::SocketFilter, text)], &[]);
    let outcome = machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.fault), (5, None));
}

#[test]
fn the_stack_is_zero_at_the_start_of_every_run() {
    let text = "r0 = *(u64 *)(r10 - 8)\nr2 = r10\nr2 += -512\nr1 = *(u64 *)(r2 + 0)\nr0 += r1\n*(u64 *)(r10 - 8) = 7\n*(u64 *)(r2 + 0) = 7\nexit";
    let mut machine = machine(&[text_program(ProgType::Xdp, text)], &[]);
    for _ in 0..2 {
        assert_eq!(machine.run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver).ret, 0);
    }
}

#[test]
fn faults_name_their_slot_behind_wide_immediates() {
    let (outcome, _) = run(&text_program(ProgType::Xdp, "r0 = 1 ll\nr0 = *(u8 *)(r0 + 0)\nexit"), &[]);
    let fault = outcome.fault.unwrap();
    assert_eq!((fault.pc, outcome.insns), (Pc(2), 1));
}
