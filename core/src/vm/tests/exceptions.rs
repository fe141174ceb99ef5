//! Exceptions: frames that end, and the callback that goes on, step by step.

use super::{Config, Machine, NoObserver, ProgId, skb};
use crate::isa::assemble;
use crate::kernel;
use crate::object::{LoadOptions, Object};

/// Throws two frames deep. Slots: the program 0 to 3, `one` 4 to 6, `two` 7 to 9, then `catch`, if there is one.
const THROWING: &str = "
.extern bpf_throw
.section xdp
prog:   r6 = 1
        call one
        r0 = 7
        exit
.text
one:    r6 = 2
        call two
        exit
two:    r1 = 40
        call bpf_throw
        exit
";
const CATCH: &str = "
        .globl catch
catch:  r0 = r1
        r0 += 2
        exit
.exception_callback prog, catch
";

fn machine(text: &str) -> Machine {
    let unit = assemble(text, &kernel::names()).unwrap_or_else(|e| panic!("{e:?}"));
    let object = Object::from_unit(&unit).unwrap_or_else(|e| panic!("{e}"));
    let loaded = object.load(&LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    Machine::new(&loaded.programs, &loaded.maps, Config::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// Before each step and at the end: the slot, the depth, `r6`.
fn steps(text: &str) -> Vec<(u32, usize, u64)> {
    let mut trace = machine(text).record(ProgId(0), &mut skb(&[0; 64]));
    let mut shown = Vec::new();
    for step in 0..=trace.steps() {
        trace.seek(step);
        let state = trace.state();
        shown.push((trace.location(step).pc.0, state.frames.len(), state.regs[6]));
    }
    for step in (0..trace.steps()).rev() {
        trace.seek(step);
        assert_eq!(trace.state().frames.len(), shown[step].1, "back at step {step}");
        assert_eq!(trace.state().regs[6], shown[step].2, "back at step {step}");
    }
    shown
}

#[test]
fn without_a_callback_the_cookie_is_the_result_and_nothing_more_runs() {
    let outcome = machine(THROWING).run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.insns, outcome.fault), (40, 6, None));
    let shown = steps(THROWING);
    assert_eq!(shown[5], (8, 3, 2), "where it throws");
    assert_eq!((shown.len(), shown[6].1, shown[6].2), (7, 1, 1), "at the end");
}

#[test]
fn a_callback_goes_on_in_the_place_of_the_main_function() {
    let text = format!("{THROWING}{CATCH}");
    let outcome = machine(&text).run(ProgId(0), &mut skb(&[0; 64]), &mut NoObserver);
    assert_eq!((outcome.ret, outcome.insns, outcome.fault), (42, 9, None));
    let shown = steps(&text);
    assert_eq!(shown[5..9], [(8, 3, 2), (10, 1, 1), (11, 1, 1), (12, 1, 1)]);
}
