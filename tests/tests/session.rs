//! Time travel is exact: whatever way a session came to a step, what it shows there is the same.

use std::path::Path;

use bpfscope_core::kernel::Hook;
use bpfscope_core::lab::{
    CaptureRef, Jump, Lesson, Scenario, Session, Source,
    view::{ListOf, StepView},
};
use bpfscope_tests::clang::{self, Flags};
use proptest::prelude::*;
use proptest::sample::Index;

/// A program that writes everywhere: stack, packet, map by pointer and by helper, a subprogram's frame; it loops over
/// the first bytes of the packet, so that runs are of many lengths.
const WRITES_EVERYWHERE: &str = "
    .license \"GPL\"
    .map sums, hash, key=4, value=8, entries=8
    .map total, array, key=4, value=8, entries=1
    .section xdp
    main:
        r6 = r1
        r7 = *(u32 *)(r1 + 0)
        r8 = *(u32 *)(r1 + 4)
        r9 = 0
    again:
        r2 = r7
        r2 += 1
        if r2 > r8 goto done
        r1 = *(u8 *)(r7 + 0)
        call mix
        *(u8 *)(r7 + 0) = r0
        r7 += 1
        r9 += 1
        if r9 < 40 goto again
    done:
        *(u32 *)(r10 - 4) = 0
        r1 = total ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        lock *(u64 *)(r0 + 0) += r9
    out:
        call bpf_get_prandom_u32
        r0 &= 1
        r0 += 1
        exit
    mix:
        *(u64 *)(r10 - 8) = r1
        r3 = r1
        r3 &= 15
        *(u32 *)(r10 - 12) = r3
        r1 = sums ll
        r2 = r10
        r2 += -12
        r3 = r10
        r3 += -8
        r4 = 0
        call bpf_map_update_elem
        r0 = *(u64 *)(r10 - 8)
        r0 ^= 0x5a
        exit
";

fn scenarios() -> Vec<Scenario> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let index = std::fs::read(root.join("lessons/index.json")).expect("the index of lessons");
    let lessons: Vec<Lesson> = serde_json::from_slice(&index).expect("the index of lessons");
    let text = |lesson: &Lesson| std::fs::read_to_string(root.join("lessons").join(&lesson.source)).expect("a lesson");
    let mut all: Vec<Scenario> = lessons.iter().map(|lesson| lesson.scenario(text(lesson))).collect();
    let capture = CaptureRef::Bundled("mix.pcap".into());
    all.push(Scenario { capture, ..Scenario::new(Source::Asm(WRITES_EVERYWHERE.into())) });
    all
}

/// A session in which all of the scenario's packets were replayed, and how many there are.
fn replayed(scenario: Scenario) -> (Session, u32) {
    let name = scenario.capture.name().expect("a capture").to_owned();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pcaps").join(name);
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut session = Session::new();
    let view = session.open(scenario, Some(Box::new(bytes))).expect("a scenario");
    assert!(view.diagnostics.is_empty(), "{:?}", view.diagnostics);
    let done = session.replay_some(u32::MAX);
    assert!(done.finished && done.error.is_none());
    (session, done.packets)
}

/// What is shown at every step, going forwards one by one.
fn walk(session: &mut Session) -> Vec<StepView> {
    let first = session.seek(0).expect("a packet is selected");
    let steps = first.steps;
    let mut views = vec![first];
    views.extend((0..steps).map(|_| session.jump(Jump::Forward).expect("a packet is selected")));
    views
}

/// A way to move about in a trace.
#[derive(Clone, Debug)]
enum Move {
    Seek(Index),
    Jump(Jump),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let jump = prop_oneof![
        Just(Jump::Start),
        Just(Jump::Back),
        Just(Jump::Forward),
        Just(Jump::End),
        Just(Jump::Line),
        Just(Jump::LineBack),
        Just(Jump::Over),
        Just(Jump::OverBack),
        Just(Jump::Out),
        Just(Jump::OutBack),
        (1u32..60).prop_map(Jump::ToLine),
    ];
    let one = prop_oneof![any::<Index>().prop_map(Move::Seek), jump.prop_map(Move::Jump)];
    proptest::collection::vec(one, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_step_shows_the_same_whatever_way_it_was_reached(
        scenario in 0usize..9, packet in any::<Index>(), other in any::<Index>(), moves in moves()
    ) {
        let scenarios = scenarios();
        let (mut session, packets) = replayed(scenarios[scenario % scenarios.len()].clone());
        let packet = packet.index(packets as usize) as u32;
        session.select(packet, 0).expect("the packet was replayed");
        let views = walk(&mut session);
        for one in moves {
            let view = match one {
                Move::Seek(to) => session.seek(to.index(views.len()) as u32),
                Move::Jump(jump) => session.jump(jump),
            };
            let view = view.expect("a packet is selected");
            prop_assert_eq!(&view, &views[view.step as usize]);
        }
        prop_assert_eq!(&session.seek(0).expect("a packet is selected"), &views[0], "back at the start");

        // Looking at another packet in between changes nothing.
        session.select(other.index(packets as usize) as u32, 0).expect("the packet was replayed");
        session.jump(Jump::End);
        session.select(packet, 0).expect("the packet was replayed");
        let again = walk(&mut session);
        prop_assert_eq!(again, views);
    }
}

#[test]
fn the_program_that_writes_everywhere_does() {
    let scenario = scenarios().pop().expect("scenarios");
    let (mut session, _) = replayed(scenario);
    let view = session.select(3, 0).expect("the packet was replayed");
    assert_eq!(view.runs[0].hook, Hook::Xdp);
    let views = walk(&mut session);
    let (first, last) = (&views[0], views.last().expect("steps"));
    assert!(views.len() > 500, "{} steps", views.len());
    assert!(views.iter().any(|v| v.frames.len() == 2), "a frame of a function");
    assert_ne!(first.packet.bytes, last.packet.bytes);
    assert_ne!(first.maps, last.maps);
}

#[test]
fn a_record_is_told_field_by_field_where_the_object_says_what_an_event_is() {
    if !clang::available("records of a C program") {
        return;
    }
    let source = Source::Elf(clang::compile("buffers.c", Flags::USUAL));
    let capture = CaptureRef::Bundled("mix.pcap".into());
    let (mut session, packets) = replayed(Scenario { capture, ..Scenario::new(source) });
    let rows = session.rows(ListOf::Events, 0..2);
    let told: Vec<_> =
        rows.iter().map(|row| (row.source.as_str(), row.destination.as_str(), row.what.as_str())).collect();
    let event = "event {len: 42, delta: -1, {word: 0, bytes: [0, 0, 0, 0]}, size: 0}";
    assert_eq!(told, [("ringbuf", "events", event), ("perf", "samples", "2a000000")]);
    assert!(session.lists().iter().any(|list| list.of == ListOf::Events && list.rows == 2 * packets));
}
