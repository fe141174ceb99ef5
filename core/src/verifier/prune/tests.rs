//! Rules of comparing states and of going back, on states made by hand.

use super::equal::{Compare, Exact};
use super::ids::Ids;
use crate::verifier::reg::{Flags, Of, RegState, RegType};
use crate::verifier::scalar::{Scalar, Tnum};
use crate::verifier::stack::{SLOT, SlotType, StackSlot};

#[test]
fn an_id_stands_for_one_id_and_no_two_for_the_same() {
    let mut ids = Ids::default();
    ids.reset();
    assert!(ids.check(0, 0));
    assert!(!ids.check(0, 1) && !ids.check(1, 0));
    assert!(ids.check(1, 7) && ids.check(1, 7));
    assert!(!ids.check(1, 8), "the kept state's id stands for another already");
    assert!(!ids.check(2, 7), "the path's id is stood for already");
    assert!(ids.check(2, 8));
    ids.reset();
    assert!(ids.check(1, 8));
}

#[test]
fn a_number_without_an_id_is_as_good_as_one_with_its_own() {
    let mut ids = Ids::default();
    ids.reset();
    assert!(ids.check_scalar(0, 5));
    assert!(ids.check_scalar(3, 0));
    assert!(ids.check_scalar(0, 0));
    assert!(!ids.check_scalar(4, 5), "5 stands for a number that nothing else is linked to");
}

fn number(bits: u64) -> RegState {
    let mut num = Scalar::with_bits(Tnum { value: 0, mask: bits });
    num.sync();
    RegState { num, ..RegState::UNKNOWN }
}

fn precise(reg: RegState) -> RegState {
    RegState { precise: true, ..reg }
}

fn packet(range: i32, off: i32) -> RegState {
    RegState { off, ..RegState::pointer(RegType::Packet, Flags::NONE, Of::Packet(range)) }
}

fn value(flags: Flags, off: i32) -> RegState {
    RegState { off, ..RegState::pointer(RegType::Mem, flags, Of::Mem(64)) }
}

fn safe(old: &RegState, cur: &RegState, exact: Exact) -> bool {
    let mut ids = Ids::default();
    ids.reset();
    Compare { aux: &[], ids: &mut ids, exact, privileged: true, alu_limits: false }.reg(old, cur)
}

#[test]
fn registers_are_as_safe_as_those_of_the_same_kind_that_know_less() {
    use Exact::{Not, RangeWithin, Same};
    let ctx = RegState::pointer(RegType::Ctx, Flags::NONE, Of::Nothing);
    let table: [(&str, RegState, RegState, [bool; 3]); 12] = [
        ("anything, where nothing was used", RegState::NOT_INIT, number(7), [true, false, false]),
        ("imprecise number", number(1), number(7), [true, false, false]),
        ("smaller range", precise(number(7)), number(3), [true, true, false]),
        ("larger range", precise(number(3)), number(7), [false, false, false]),
        ("same range", precise(number(7)), number(7), [true, true, true]),
        ("number for a pointer", ctx, number(7), [false, false, false]),
        ("pointer for a number", number(7), ctx, [false, false, false]),
        ("more of the packet", packet(8, 0), packet(14, 0), [true, true, false]),
        ("less of the packet", packet(8, 0), packet(4, 0), [false, false, false]),
        ("packet further on", packet(8, 0), packet(8, 2), [false, false, false]),
        ("memory further on", value(Flags::NONE, 0), value(Flags::NONE, 8), [false, false, false]),
        ("null checked", value(Flags::NULL, 0), value(Flags::NONE, 0), [false, false, false]),
    ];
    for (rule, old, cur, expected) in table {
        assert_eq!([Not, RangeWithin, Same].map(|exact| safe(&old, &cur, exact)), expected, "{rule}");
    }
}

fn slot(ty: SlotType, spilled: RegState) -> StackSlot {
    StackSlot { types: [ty; SLOT], spilled }
}

#[test]
fn stack_slots_are_as_safe_as_those_that_know_less() {
    let mut halves = slot(SlotType::Misc, RegState::NOT_INIT);
    halves.types[4..].fill(SlotType::Zero);
    let misc = slot(SlotType::Misc, RegState::NOT_INIT);
    let zero = slot(SlotType::Zero, RegState::NOT_INIT);
    let spill = |reg| slot(SlotType::Spill, reg);
    let ctx = spill(RegState::pointer(RegType::Ctx, Flags::NONE, Of::Nothing));
    let table: [(&str, StackSlot, Option<StackSlot>, bool); 10] = [
        ("never written", StackSlot::INVALID, None, true),
        ("anything, also what was never written", misc, None, true),
        ("zero for anything", misc, Some(zero), true),
        ("anything for zero", zero, Some(misc), false),
        ("zeroes and anything for zeroes and anything", halves, Some(halves), true),
        ("nothing for zero", zero, None, false),
        ("any number for a precise one", spill(precise(number(7))), Some(misc), false),
        ("a smaller number for a precise one", spill(precise(number(7))), Some(spill(number(3))), true),
        ("a pointer for the same", ctx, Some(ctx), true),
        ("a number for a pointer", ctx, Some(spill(number(7))), false),
    ];
    for (rule, old, cur, expected) in table {
        let mut ids = Ids::default();
        ids.reset();
        let mut compare = Compare { aux: &[], ids: &mut ids, exact: Exact::Not, privileged: true, alu_limits: false };
        assert_eq!(compare.slot(&old, cur.as_ref()), expected, "{rule}");
    }
}
