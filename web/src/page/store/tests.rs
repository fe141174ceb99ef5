//! The store from the outside: messages in, effects out.

use bpfscope_web::lab::view::{
    DifferenceView, Language, Look, PacketView, ProgramView, ReplayView, ThereView, Verdict,
};
use bpfscope_web::protocol::{Reply, Request};

use super::*;

fn replay(packets: u32, total: Option<u32>) -> ReplayView {
    ReplayView {
        packets,
        total,
        fraction: 1.0,
        finished: true,
        runs: 0,
        insns: 0,
        verdicts: Vec::new(),
        line_hits: Vec::new(),
        error: None,
        there: None,
        lists: Vec::new(),
    }
}

fn packet(index: u32) -> PacketView {
    PacketView { index, length: 60, captured: 60, runs: Vec::new(), run: 0, marks: Vec::new(), difference: None }
}

fn step(step: u32) -> StepView {
    StepView {
        step,
        steps: 10,
        line: None,
        insn: String::new(),
        pc: 0,
        function: String::new(),
        source: None,
        regs: Vec::new(),
        frames: Vec::new(),
        packet: bpfscope_web::lab::view::BytesView {
            bytes: Vec::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            now: Vec::new(),
        },
        layers: Vec::new(),
        maps: Vec::new(),
        output: Vec::new(),
        outcome: None,
    }
}

fn verdict(verdict: Verdict) -> VerdictView {
    VerdictView { kernel: "6.18".into(), verdict, processed: 0, fraction: 1.0, limit: 1_000_000, programs: Vec::new() }
}

fn reply(state: &mut State, reply: Reply) -> Vec<Effect> {
    state.update(Msg::Reply(Box::new(reply)))
}

/// A page that shows step 3 of packet 5 of 20.
fn shown() -> State {
    let mut state = State::new(Theme::Dark);
    reply(&mut state, Reply::Opened(Opened::default()));
    reply(&mut state, Reply::Verdict(Some(Box::new(verdict(Verdict::Accepted)))));
    reply(&mut state, Reply::Progress { view: replay(20, Some(20)), running: false });
    reply(&mut state, Reply::Packet(packet(5)));
    reply(&mut state, Reply::Step(Box::new(step(3))));
    state
}

#[test]
fn a_scenario_is_settled_when_its_place_is_shown() {
    let mut state = State::new(Theme::Dark);
    assert!(!state.settled());
    reply(&mut state, Reply::Opened(Opened::default()));
    assert!(!state.settled());
    reply(&mut state, Reply::Progress { view: replay(20, Some(20)), running: false });
    assert!(!state.settled(), "no packet is shown yet");
    reply(&mut state, Reply::Packet(packet(5)));
    reply(&mut state, Reply::Step(Box::new(step(3))));
    assert!(!state.settled(), "the verifier has not said anything");
    reply(&mut state, Reply::Verdict(Some(Box::new(verdict(Verdict::Checking)))));
    assert!(!state.settled());
    reply(&mut state, Reply::Verdict(Some(Box::new(verdict(Verdict::Rejected)))));
    assert!(state.settled());
}

#[test]
fn while_the_verifier_is_shown_steps_are_its_own() {
    let mut state = shown();
    let opening = Request::Look(Look::Opening(None));
    assert_eq!(state.update(Msg::Do(Command::View)), [Effect::Ask(opening)]);
    for (command, look) in [
        (Command::Jump(Jump::Forward), Look::Forward),
        (Command::NextPacket, Look::NextPath),
        (Command::Visit(true), Look::NextVisit),
    ] {
        assert_eq!(state.update(Msg::Do(command)), [Effect::Ask(Request::Look(look))]);
    }
    assert_eq!(state.update(Msg::RunTo(4)), [Effect::Ask(Request::Look(Look::Line(4)))]);
    state.update(Msg::Do(Command::View));
    assert_eq!(state.update(Msg::Do(Command::Jump(Jump::Back))), [Effect::Ask(Request::Jump(Jump::Back))]);
}

#[test]
fn rows_are_asked_for_again_when_more_packets_differ_on_the_machine() {
    let mut state = shown();
    state.update(Msg::LookList(0..9));
    reply(&mut state, Reply::Rows { of: ListOf::In, start: 0, rows: Vec::new(), replayed: 20 });
    let there = |different| ThereView {
        kernel: "Linux 6.18.5 (this machine)".into(),
        running: false,
        packets: 20,
        different,
        first: Some(5),
        left_out: None,
        end: None,
        error: None,
    };
    let mut progress = |there| {
        let view = ReplayView { there: Some(there), ..replay(20, Some(20)) };
        reply(&mut state, Reply::Progress { view, running: false })
    };
    assert_eq!(progress(there(0)), []);
    assert_eq!(progress(there(1)), [Effect::Ask(Request::Rows(ListOf::In, 0..128))]);
}

#[test]
fn what_differs_is_added_to_the_packet_that_is_looked_at() {
    let mut state = shown();
    let difference = DifferenceView { packet: Some(5), run: None, aspects: Vec::new() };
    reply(&mut state, Reply::Differences(Some(difference.clone())));
    assert_eq!(state.packet.as_ref().and_then(|packet| packet.difference.clone()), Some(difference));
    assert!(state.step.is_some(), "the step stays");
}

#[test]
fn verify_is_stop_while_it_goes_on() {
    let mut state = shown();
    assert_eq!(state.update(Msg::Do(Command::Verify)), [Effect::Ask(Request::Verify)]);
    reply(&mut state, Reply::Verdict(Some(Box::new(verdict(Verdict::Checking)))));
    assert_eq!(state.update(Msg::Do(Command::Verify)), [Effect::Ask(Request::StopVerifying)]);
}

#[test]
fn while_the_timeline_is_dragged_only_the_last_place_is_asked_for() {
    let mut state = shown();
    assert_eq!(state.update(Msg::Seek(4)), [Effect::Ask(Request::Seek(4))]);
    assert_eq!(state.update(Msg::Seek(5)), []);
    assert_eq!(state.update(Msg::Seek(9)), []);
    assert_eq!(reply(&mut state, Reply::Step(Box::new(step(4)))), [Effect::Ask(Request::Seek(9))]);
    assert_eq!(reply(&mut state, Reply::Step(Box::new(step(9)))), []);
}

#[test]
fn every_jump_is_made() {
    let mut state = shown();
    let forward = Command::Jump(Jump::Forward);
    let ask = [Effect::Ask(Request::Jump(Jump::Forward))];
    assert_eq!(state.update(Msg::Do(forward)), ask);
    assert_eq!(state.update(Msg::Do(forward)), ask);
}

#[test]
fn the_neighbours_of_a_packet_end_with_the_capture() {
    let select = |packet| [Effect::Ask(Request::Select { packet, run: 0, step: 0 })];
    let mut state = shown();
    assert_eq!(state.update(Msg::Do(Command::NextPacket)), select(6));
    let mut state = shown();
    assert_eq!(state.update(Msg::Do(Command::PreviousPacket)), select(4));
    let mut state = shown();
    reply(&mut state, Reply::Packet(packet(19)));
    assert_eq!(state.update(Msg::Do(Command::NextPacket)), []);
}

#[test]
fn a_neighbour_is_counted_from_the_packet_that_is_on_its_way() {
    let mut state = shown();
    state.update(Msg::Do(Command::NextPacket));
    state.update(Msg::Do(Command::NextPacket));
    state.update(Msg::Move(10));
    reply(&mut state, Reply::Packet(packet(6)));
    let select = Request::Select { packet: 17, run: 0, step: 0 };
    assert_eq!(reply(&mut state, Reply::Step(Box::new(step(0)))), [Effect::Ask(select)]);
}

#[test]
fn replay_is_cancel_while_it_runs() {
    let mut state = shown();
    assert_eq!(state.update(Msg::Do(Command::Replay)), [Effect::Ask(Request::Replay)]);
    reply(&mut state, Reply::Progress { view: replay(3, Some(20)), running: true });
    assert_eq!(state.update(Msg::Do(Command::Replay)), [Effect::Ask(Request::Cancel)]);
}

#[test]
fn what_is_refused_leaves_everything_as_it_was() {
    let mut state = shown();
    let refusal = Refusal { what: "x.pcap".into(), why: "it is empty".into() };
    reply(&mut state, Reply::Refused(refusal.clone()));
    assert_eq!(state.problem, Some(refusal));
    assert_eq!(state.packet.as_ref().map(|packet| packet.index), Some(5));
    assert_eq!(state.step.as_ref().map(|step| step.step), Some(3));
}

#[test]
fn a_simulator_that_fails_at_once_is_not_started_again_for_ever() {
    let mut state = shown();
    assert_eq!(reply(&mut state, Reply::Crashed("why".into())), [Effect::Restart]);
    assert_eq!(reply(&mut state, Reply::Crashed("why".into())), []);
}

#[test]
fn the_answer_to_an_edit_never_replaces_what_was_typed_since() {
    let program = |text: &str, typed| Reply::Program {
        view: ProgramView {
            text: text.into(),
            language: Language::Assembly,
            origin: None,
            programs: Vec::new(),
            maps: Vec::new(),
            notes: Vec::new(),
            diagnostics: Vec::new(),
            insns: 1,
        },
        typed,
    };
    let mut state = shown();
    reply(&mut state, program("of a lesson", false));
    let version = state.text.version;
    state.update(Msg::Edited("exit ; typed".into()));
    reply(&mut state, program("exit ; typed", true));
    assert_eq!(state.text.version, version);
    reply(&mut state, program("of an object", false));
    assert_eq!(state.text.version, version + 1);
}

#[test]
fn another_list_has_its_own_rows() {
    let mut state = State::new(Theme::Dark);
    let out = ListView { of: ListOf::Out(0), name: "out".into(), rows: 5, left_out: 0 };
    let view = ReplayView { lists: vec![out], ..replay(20, Some(20)) };
    reply(&mut state, Reply::Progress { view, running: false });
    assert_eq!(state.list_rows(), 20);
    state.update(Msg::LookList(0..20));
    let effects = state.update(Msg::List(ListOf::Out(0)));
    assert_eq!(state.list_rows(), 5);
    assert_eq!(effects, [Effect::Ask(Request::Rows(ListOf::Out(0), 0..128))]);
    // What comes late of the list before is none of this one's.
    reply(&mut state, Reply::Rows { of: ListOf::In, start: 0, rows: Vec::new(), replayed: 20 });
    assert!(state.update(Msg::LookList(0..5)).is_empty(), "the answer is awaited");
    // A replay that has no such list shows its packets.
    reply(&mut state, Reply::Progress { view: replay(20, Some(20)), running: false });
    assert_eq!(state.list, ListOf::In);
}
