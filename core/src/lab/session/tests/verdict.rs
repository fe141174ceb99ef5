//! The verifier through a session: verdict, log, steps, and what it proved of a value.

use super::*;
use crate::lab::view::{Look, PathEnd, ProofView, Verdict, VerdictView};

const LESSONS: [(&str, &str); 4] = [
    ("count-tc", COUNT),
    ("vlan", include_str!("../../../../../lessons/vlan.s")),
    ("tail-calls", include_str!("../../../../../lessons/tail-calls.s")),
    ("checksum", include_str!("../../../../../lessons/checksum.s")),
];

fn verified(text: &str) -> (Session, VerdictView) {
    let mut session = Session::new();
    assert_eq!(session.set_source(Source::Asm(text.into())).diagnostics, []);
    let mut view = session.verify_some(1_000).unwrap();
    while view.verdict == Verdict::Checking {
        view = session.verify_some(1_000).unwrap();
    }
    (session, view)
}

/// The lesson without the comparison that makes its loads safe.
fn unchecked() -> String {
    let line = COUNT.lines().find(|l| l.contains("if r4 > r3 goto out")).unwrap();
    COUNT.replace(line, "")
}

fn line_of(text: &str, part: &str) -> u32 {
    1 + text.lines().position(|l| l.contains(part)).unwrap() as u32
}

#[test]
fn lessons_are_accepted_and_every_step_has_its_line_in_the_log() {
    for (name, text) in LESSONS {
        let (mut session, view) = verified(text);
        assert_eq!(view.verdict, Verdict::Accepted, "{name}: {:?}", view.programs);
        for (number, program) in (0..).zip(&view.programs) {
            session.look(Look::Program(number)).unwrap();
            let mut at = session.look(Look::Start);
            for step in 0..program.steps {
                let proof = at.unwrap();
                assert_eq!((proof.step, proof.steps), (step, program.steps));
                let log = proof.log_line.unwrap_or_else(|| panic!("{name}: step {step} has no line"));
                let line = session.log(number, log..log + 1).remove(0).text;
                let is_here = line.starts_with(&proof.insn) || line.ends_with("safe");
                assert!(is_here, "{name}: step {step} is {} and its line {line}", proof.insn);
                assert_eq!(session.look(Look::Log(log)).unwrap().step, step);
                at = session.look(Look::Forward);
            }
            assert!(session.log(number, program.log_lines - 1..u32::MAX)[0].text.starts_with("processed "));
        }
    }
}

#[test]
fn a_rejection_names_its_line_and_explains_itself() {
    let text = unchecked();
    let (mut session, view) = verified(&text);
    assert_eq!(view.verdict, Verdict::Rejected);
    let rejection = view.programs[0].rejection.as_ref().unwrap();
    assert!(rejection.message.starts_with("invalid access to packet, off=12 size=2"), "{}", rejection.message);
    assert_eq!(rejection.line, Some(line_of(&text, "eth->h_proto")));
    assert!(!rejection.explanation.is_empty());
    let proof = session.look(Look::Opening(None)).unwrap();
    assert_eq!((proof.end, proof.line), (Some(PathEnd::Rejected), rejection.line));
    assert_eq!(view.programs[0].ends.last(), Some(&(proof.step, PathEnd::Rejected)));
}

#[test]
fn visits_of_an_instruction_are_gone_through_in_a_circle() {
    let (mut session, _) = verified(COUNT);
    let exit = line_of(COUNT, "TC_ACT_OK");
    let first = session.look(Look::Line(exit)).unwrap();
    assert!(first.visits >= 2, "{first:?}");
    let others: Vec<ProofView> = (0..first.visits).map(|_| session.look(Look::NextVisit).unwrap()).collect();
    assert_eq!(others.last(), Some(&first));
    assert_eq!(session.look(Look::VisitBefore).unwrap().step, others[others.len() - 2].step);
    let pruned = others.iter().filter(|proof| proof.end == Some(PathEnd::Pruned)).count();
    assert!(pruned > 0, "a path that another covers says so: {others:?}");
}

#[test]
fn a_step_shows_the_path_that_led_to_it() {
    let (mut session, _) = verified(COUNT);
    let first = line_of(COUNT, "the first of its kind");
    let proof = session.look(Look::Line(first)).unwrap();
    assert!(proof.lines.contains(&line_of(COUNT, "r1 = counts ll")));
    assert!(!proof.lines.contains(&line_of(COUNT, "lock ")), "that is on the other side of the branch");
    let branch = proof.branches.last().unwrap();
    assert_eq!((branch.line, branch.taken), (Some(line_of(COUNT, "if r0 == 0 goto first")), true));
    assert!(proof.regs.iter().any(|reg| reg.name == "r10" && reg.text == "fp0"));
}

#[test]
fn a_value_stands_beside_what_was_proved_of_it() {
    let mut session = session();
    assert_eq!(session.verify_some(10_000).unwrap().verdict, Verdict::Accepted);
    session.select(1, 0).unwrap();
    let step = session.jump(Jump::ToLine(line_of(COUNT, "the key"))).unwrap();
    let proven = |step: &StepView, reg: usize| step.regs[reg].proven.as_ref().map(|p| p.text.clone());
    assert_eq!((step.regs[5].sym.as_str(), proven(&step, 5).as_deref()), ("17", Some("∈ [0, 255]")));
    assert_eq!(proven(&step, 2).as_deref(), Some("pkt, 34 bytes proven"));
    let end = session.jump(Jump::End).unwrap();
    assert_eq!(proven(&end, 0), None, "no instruction comes next");
}

#[test]
fn a_slot_of_the_stack_says_what_its_bytes_are() {
    let (mut session, _) = verified(COUNT);
    let proof = session.look(Look::Line(line_of(COUNT, "r1 = counts ll"))).unwrap();
    let slot = &proof.frames[0].1[0];
    assert_eq!((slot.name.as_str(), slot.text.as_str()), ("fp-8", "mmmm????"));
    assert_eq!(slot.gloss.as_deref(), Some("4 bytes of any value, 4 bytes never written"));
}

/// After the branches meet, `r7` is 2 or 3, by the path.
const MEETING: &str = ".section socket\nr6 = r1\nr0 = *(u8 *)skb[23]\nif r0 == 17 goto udp\nr7 = 2\ngoto out\n\
    udp: r7 = 3\nout: r0 = r7\nexit\n";

#[test]
fn of_a_run_whose_path_is_known_is_shown_what_was_proved_on_it() {
    let (mut session, _) = verified(MEETING);
    session.set_capture(CaptureRef::File("four.pcap".into()), Box::new(capture())).unwrap();
    while !session.replay_some(2).finished {}
    for (packet, value) in [(0, "3"), (2, "2")] {
        session.select(packet, 0).unwrap();
        let step = session.jump(Jump::ToLine(line_of(MEETING, "r0 = r7"))).unwrap();
        let proven = step.regs[7].proven.as_ref().unwrap();
        assert_eq!((step.regs[7].dec.as_str(), proven.text.as_str()), (value, "always"));
        assert!(proven.note.contains("on the path of this run"), "{}", proven.note);
    }
}

#[test]
fn of_a_run_whose_path_was_left_out_is_shown_what_was_proved_on_all() {
    let mut session = session();
    assert_eq!(session.verify_some(10_000).unwrap().verdict, Verdict::Accepted);
    let notes = [0, 1, 2, 3].map(|packet| {
        session.select(packet, 0).unwrap();
        let end = session.jump(Jump::End).unwrap().step;
        let step = session.seek(end - 1).unwrap();
        step.regs[0].proven.as_ref().unwrap().note.clone()
    });
    assert!(notes.iter().any(|note| note.contains("on the path of this run")), "{notes:?}");
    assert!(notes.iter().any(|note| note.contains("that a path came here")), "{notes:?}");
}

#[test]
fn a_verification_that_is_stopped_says_so_and_an_edit_begins_another() {
    let text = ".section socket\nr1 = 0\nl: r1 += 1\nif r1 < 100000 goto l\nr0 = 0\nexit\n";
    let mut session = Session::new();
    session.set_source(Source::Asm(text.into()));
    let some = session.verify_some(1_000).unwrap();
    assert_eq!((some.verdict, some.processed), (Verdict::Checking, 1_000));
    assert_eq!(session.stop_verifying().unwrap().verdict, Verdict::Stopped);
    assert_eq!(session.verify_some(1_000).unwrap().verdict, Verdict::Stopped);
    assert_eq!(session.look(Look::Start), None);
    session.set_source(Source::Asm(".section socket\nr0 = 0\nexit\n".into()));
    assert_eq!(session.verify_some(1_000).unwrap().verdict, Verdict::Accepted);
}
