//! The kernel of a machine beside the simulator: whose word is shown, and what is marked.

use super::*;
use crate::lab::remote::{Answer, Refused};
use crate::lab::view::{AspectView, DifferenceView, LogKind, Look, Verdict, VerdictView};

const MACHINE: &str = "6.18.5 (this machine)";

fn answer(log: &str, rejected: Option<Refused>) -> Answer {
    let (program, log_cut, processed, verification_us) = ("count".to_owned(), None, 31, 12);
    Answer { program, rejected, log: log.to_owned(), log_cut, processed, verification_us }
}

fn refused(message: &str, insn: u32) -> Option<Refused> {
    Some(Refused { text: format!("{message}\nand more"), message: message.to_owned(), insn: Some(insn) })
}

/// The lesson, verified by the simulator, with a machine's kernel to be asked.
fn asked() -> Session {
    let mut session = Session::new();
    session.set_source(Source::Asm(COUNT.into()));
    session.set_machine(Some(MACHINE.into()));
    while session.verify_some(10_000).unwrap().verdict == Verdict::Checking {}
    session
}

fn said(answer: Answer) -> (Session, VerdictView) {
    let mut session = asked();
    session.machine_said(Some(vec![answer]));
    let view = session.verdict().unwrap();
    (session, view)
}

#[test]
fn until_the_kernel_has_spoken_there_is_no_verdict() {
    let mut session = asked();
    assert_eq!(session.verdict().unwrap().verdict, Verdict::Checking);
    session.machine_said(None);
    assert_eq!(session.verdict().unwrap().verdict, Verdict::Stopped);
    session.set_machine(None);
    assert_eq!(session.verdict().unwrap().verdict, Verdict::Accepted);
}

#[test]
fn the_kernels_word_is_shown_and_the_simulators_stands_beside_it() {
    let (session, view) = said(answer("0: (bf) r6 = r1\nprocessed 31 insns\n", None));
    assert_eq!((view.kernel.as_str(), view.verdict), (MACHINE, Verdict::Accepted));
    let beside = view.programs[0].beside.as_ref().unwrap();
    assert_eq!((beside.kernel.as_str(), beside.verdict, beside.differs), ("6.18", Verdict::Accepted, false));
    assert_eq!(session.log(0, 0..9)[1].text, "processed 31 insns");
    assert_eq!(view.programs[0].log_lines, 2);
}

#[test]
fn another_verdict_is_marked_and_has_its_line() {
    let (session, view) = said(answer("5: (2d) if r4 > r3\nno\nand more\n", refused("no", 5)));
    let program = &view.programs[0];
    assert_eq!(view.verdict, Verdict::Rejected);
    assert!(program.beside.as_ref().unwrap().differs);
    let rejection = program.rejection.as_ref().unwrap();
    assert_eq!(rejection.message, "no\nand more");
    assert_eq!(rejection.line.map(|l| COUNT.lines().nth(l as usize - 1).unwrap().contains("if r4 > r3")), Some(true));
    assert_eq!(session.log(0, 1..2)[0].kind, LogKind::Message);
}

#[test]
fn another_source_is_asked_about_anew() {
    let (mut session, _) = said(answer("", None));
    session.set_source(Source::Asm(".section tc\nr0 = 0\nexit".into()));
    assert_eq!(session.verdict().unwrap().verdict, Verdict::Checking);
}

#[test]
fn lines_of_a_log_of_other_steps_belong_to_no_step() {
    let (mut session, _) = said(answer("0: (bf) r6 = r1\n", None));
    assert_eq!(session.look(Look::Start).unwrap().log_line, None);
    assert_eq!(session.look(Look::Log(0)).unwrap().step, 0);
}

#[test]
fn a_packet_that_differs_is_marked_in_its_row_and_when_it_is_looked_at() {
    let mut session = session();
    session.set_machine(Some(MACHINE.into()));
    session.machine_begins();
    let aspects = vec![AspectView { what: "mark".into(), ours: "1".into(), theirs: "2".into() }];
    let difference = DifferenceView { packet: Some(2), run: Some("count at tc-ingress".into()), aspects };
    session.machine_advances((64, 1), vec![difference.clone()]);
    let there = session.progress().there.unwrap();
    assert_eq!((there.running, there.packets, there.different, there.first), (true, 64, 1, Some(2)));
    let rows = session.rows(ListOf::In, 0..4);
    assert_eq!(rows[2].differs.as_deref(), Some("mark: 1 here, 2 there"));
    assert_eq!(rows[1].differs, None);
    assert_eq!(session.select(2, 0).unwrap().difference, Some(difference));
    session.machine_ends(Err("it was stopped".into()));
    let there = session.progress().there.unwrap();
    assert_eq!((there.running, there.error.as_deref()), (false, Some("it was stopped")));
    session.restart();
    assert_eq!(session.progress().there, None);
}
