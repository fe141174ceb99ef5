//! The same scenario on the kernel of a machine: what it said of the programs, and how its replay differs.
//!
//! Nobody is asked here: whoever drives the session asks, and brings the answers.

use std::collections::BTreeMap;

use super::super::{
    CaptureRef, Compiled, Scenario,
    remote::Answer,
    view::{AspectView, BesideView, DifferenceView, ProgramVerdict, RejectionView, ThereView, Verdict, VerdictView},
};
use super::{
    Session,
    verdict::{Finished, Log, Verdicts},
};
use crate::{isa::Pc, vm::ProgId};

/// Bytes of the line that a row of the packet list shows of a difference.
const ROW: usize = 120;

/// What a machine's kernel says of the programs of a source.
#[derive(Default)]
pub(super) enum Theirs {
    /// It has yet to say it.
    #[default]
    Awaited,
    /// It will not: it was stopped, or could not be asked.
    Stopped,
    /// Its answers, by program.
    Said(Vec<Option<Said>>),
}

/// What it says of one program.
pub(super) struct Said {
    answer: Answer,
    /// Where the lines of its log are.
    pub log: Log,
}

impl Said {
    /// Its log.
    pub fn text(&self) -> &str {
        &self.answer.log
    }

    /// Its message, as it is in the log.
    pub fn message(&self) -> &str {
        self.answer.rejected.as_ref().map_or("", |rejected| &rejected.text)
    }
}

impl Theirs {
    /// Takes the answers; programs are told apart by their names.
    pub fn of(answers: Vec<Answer>, compiled: &Compiled) -> Theirs {
        let mut answers: BTreeMap<String, Answer> = answers.into_iter().map(|a| (a.program.clone(), a)).collect();
        let said = |answer: Answer| {
            let cut = answer.log_cut.map(|cut| cut as usize);
            Said { log: Log::new(&answer.log, cut), answer }
        };
        Theirs::Said(compiled.loaded.programs.iter().map(|p| answers.remove(&p.name).map(said)).collect())
    }

    /// What is said of a program.
    pub fn said(&self, program: usize) -> Option<&Said> {
        match self {
            Theirs::Said(all) => all.get(program)?.as_ref(),
            Theirs::Awaited | Theirs::Stopped => None,
        }
    }

    fn verdict(&self, program: usize) -> Verdict {
        match (self, self.said(program)) {
            (Theirs::Awaited, _) => Verdict::Checking,
            (_, Some(said)) if said.answer.rejected.is_some() => Verdict::Rejected,
            (_, Some(_)) => Verdict::Accepted,
            (_, None) => Verdict::Stopped,
        }
    }
}

impl Verdicts {
    /// The kernel's verdict, with the simulator's beside it. `machine` is what the kernel is called.
    pub fn on_machine(&self, machine: &str, compiled: &Compiled, scenario: &Scenario) -> VerdictView {
        let ours = self.view(compiled, scenario);
        let programs: Vec<_> =
            (0..).zip(ours.programs).map(|(at, program)| self.program(compiled, at, program)).collect();
        let is = |verdict| programs.iter().any(|p: &ProgramVerdict| p.verdict == verdict);
        let verdict = [Verdict::Checking, Verdict::Rejected, Verdict::Stopped].into_iter().find(|verdict| is(*verdict));
        let programs = programs.into_iter().map(|mut program| {
            if let Some(beside) = &mut program.beside {
                beside.kernel = ours.kernel.clone();
            }
            program
        });
        VerdictView {
            kernel: machine.to_owned(),
            verdict: verdict.unwrap_or(Verdict::Accepted),
            programs: programs.collect(),
            ..ours
        }
    }

    fn program(&self, compiled: &Compiled, at: usize, ours: ProgramVerdict) -> ProgramVerdict {
        let verdict = self.theirs.verdict(at);
        let Some(Said { answer, log }) = self.theirs.said(at) else {
            return ProgramVerdict { verdict, rejection: None, log_lines: 0, log_cut: None, beside: None, ..ours };
        };
        let finished = self.finished(at);
        let message = finished.and_then(Finished::message);
        let told = matches!(ours.verdict, Verdict::Accepted | Verdict::Rejected);
        let their_message = answer.rejected.as_ref().map(|rejected| rejected.message.as_str());
        let differs = told && (ours.verdict != verdict || message.as_deref() != their_message);
        ProgramVerdict {
            verdict,
            processed: answer.processed,
            rejection: rejection(answer, ours.rejection.filter(|_| !differs), compiled, at),
            log_lines: log.lines(),
            log_cut: log.cut(),
            beside: Some(BesideView { kernel: String::new(), verdict: ours.verdict, message, differs }),
            ..ours
        }
    }
}

/// Why the kernel rejected a program; where the simulator says the same, it can say what that means.
fn rejection(answer: &Answer, same: Option<RejectionView>, compiled: &Compiled, at: usize) -> Option<RejectionView> {
    let rejected = answer.rejected.as_ref()?;
    let (id, pc) = (ProgId(at as u32), rejected.insn.map(Pc));
    let (title, explanation) = match same {
        Some(RejectionView { title, explanation, .. }) => (title, explanation),
        None => (
            "The kernel of this machine rejects it".to_owned(),
            "The simulator's verifier does not say so: there is no more to tell than the kernel's own message."
                .to_owned(),
        ),
    };
    Some(RejectionView {
        message: rejected.text.trim_end().to_owned(),
        title,
        explanation,
        line: pc.and_then(|pc| compiled.line(id, pc)),
        source: pc.and_then(|pc| compiled.source_line(id, pc)),
    })
}

/// A replay on a machine's kernel, and how it differs from the simulator's.
#[derive(Default)]
pub(super) struct There {
    running: bool,
    packets: u32,
    different: u32,
    views: BTreeMap<u32, DifferenceView>,
    left_out: Option<(u32, String)>,
    end: Option<DifferenceView>,
    error: Option<String>,
}

impl There {
    /// One that has begun.
    pub fn begun() -> There {
        There { running: true, ..There::default() }
    }

    /// It has come so far, and these more packets differ.
    pub fn advance(&mut self, (done, different): (u32, u32), views: Vec<DifferenceView>) {
        (self.packets, self.different) = (done, different);
        self.views.extend(views.into_iter().filter_map(|view| Some((view.packet?, view))));
    }

    /// These could not be asked about.
    pub fn leave_out(&mut self, left_out: Option<(u32, String)>) {
        self.left_out = left_out;
    }

    /// It is over.
    pub fn end(&mut self, ended: Result<Option<DifferenceView>, String>) {
        self.running = false;
        match ended {
            Ok(end) => self.end = end,
            Err(why) => self.error = Some(why),
        }
    }

    /// What differs on a packet.
    pub fn difference(&self, packet: u32) -> Option<&DifferenceView> {
        self.views.get(&packet)
    }

    /// The same in a line.
    pub fn line(&self, packet: u32) -> Option<String> {
        let DifferenceView { aspects, .. } = self.difference(packet)?;
        let side = |AspectView { what, ours, theirs }: &AspectView| format!("{what}: {ours} here, {theirs} there");
        let mut line = aspects.iter().map(side).collect::<Vec<_>>().join("; ");
        if let Some((cut, _)) = line.char_indices().nth(ROW) {
            line.truncate(cut);
            line.push('…');
        }
        Some(line)
    }

    /// How far it is.
    pub fn view(&self, machine: &str) -> ThereView {
        ThereView {
            kernel: format!("Linux {machine}"),
            running: self.running,
            packets: self.packets,
            different: self.different,
            first: self.views.keys().next().copied(),
            left_out: self.left_out.clone(),
            end: self.end.clone(),
            error: self.error.clone(),
        }
    }
}

impl Session {
    /// Lets the kernel of a machine have the word, by what it is called, or takes it away again. Whoever drives the
    /// session asks it and brings the answers.
    pub fn set_machine(&mut self, machine: Option<String>) {
        self.machine = machine;
        (self.verdicts.theirs, self.there) = (Theirs::Awaited, None);
    }

    /// Takes the verdicts of the machine's kernel; without, there will be none.
    pub fn machine_said(&mut self, answers: Option<Vec<Answer>>) {
        if let Some(compiled) = &self.compiled {
            self.verdicts.theirs = answers.map_or(Theirs::Stopped, |answers| Theirs::of(answers, compiled));
        }
    }

    /// The replay on the machine's kernel has begun.
    pub fn machine_begins(&mut self) {
        self.there = Some(There::begun());
    }

    /// It has done so many packets, of which so many differ; what differs on those since the last call.
    pub fn machine_advances(&mut self, counts: (u32, u32), views: Vec<DifferenceView>) {
        if let Some(there) = &mut self.there {
            there.advance(counts, views);
        }
    }

    /// So many packets it could not be asked about, and why the first of them.
    pub fn machine_leaves_out(&mut self, left_out: Option<(u32, String)>) {
        if let Some(there) = &mut self.there {
            there.leave_out(left_out);
        }
    }

    /// It is over: what differs of the maps at the end, or why it did not come there.
    pub fn machine_ends(&mut self, ended: Result<Option<DifferenceView>, String>) {
        if let Some(there) = &mut self.there {
            there.end(ended);
        }
    }

    /// The scenario as a machine's kernel takes it, with its capture in it unless that is one of those that come with
    /// bpfscope; `None` when the capture has more than `limit` bytes.
    pub fn scenario_to_send(&self, limit: u64) -> Option<Scenario> {
        let mut scenario = self.scenario.clone();
        if let (CaptureRef::File(name), Some(capture)) = (&scenario.capture, &self.capture) {
            scenario.capture = CaptureRef::Inline { name: name.clone(), bytes: capture.bytes(limit)? };
        }
        Some(scenario)
    }
}
