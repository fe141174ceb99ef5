//! The verifier at work on the programs of a session, and what it found, as a screen shows it.

use std::ops::Range;

use super::super::{
    Compiled, Scenario,
    view::{
        BranchView, KnownView, LogKind, LogLine, Look, PathEnd, ProgramVerdict, ProofView, ProvenView, RejectionView,
        Verdict, VerdictView,
    },
};
use super::machine::Theirs;
use crate::{
    isa::{self, Insn, Pc},
    kernel::{Limits, Program},
    verifier::{
        self, Ending, Explored, Options, Proven, ProvenAt, Rejection, ShownFrame, Verification, Verifying,
        finding::Style, scalar::Scalar,
    },
    vm::{ProgId, Trace},
};

/// Bytes of the verifier's log that a session keeps with every path.
pub const SESSION_LOG: usize = 4 << 20;
/// Ends of paths that a view carries at most.
const ENDS: usize = 2000;
/// Bytes of a stack slot, each a letter in the log.
const SLOT_BYTES: usize = 8;
/// Numbers from this on are written in hexadecimal.
const HEX_FROM: u64 = 1 << 16;

/// The verifications of a source's programs.
pub(super) struct Verdicts {
    finished: Vec<Finished>,
    /// The one that goes on, of the program after those.
    underway: Option<Verifying>,
    stopped: bool,
    /// The program and the step that are looked at.
    at: (usize, u32),
    /// What a machine's kernel says, when that is asked.
    pub theirs: Theirs,
}

/// A program's verification, ready to be looked at.
pub(super) struct Finished {
    verification: Verification,
    explored: Explored,
    log: Log,
    /// By instruction.
    proven: Vec<Option<ProvenAt>>,
    /// Steps at which paths begin.
    paths: Vec<u32>,
    view: ProgramVerdict,
}

/// What was proved at an instruction.
pub(super) struct ProvenHere {
    at: ProvenAt,
    /// Whether it is what holds on the path of the run at hand, not on all paths.
    on_path: bool,
}

/// Where the lines of a log are, and which step each is about.
pub(super) struct Log {
    /// Where each line begins, and where the last ends.
    starts: Vec<usize>,
    /// The line of each step, as far as the log has every path.
    steps: Vec<u32>,
    cut: Option<u32>,
}

impl Verdicts {
    pub fn new() -> Verdicts {
        Verdicts { finished: Vec::new(), underway: None, stopped: false, at: (0, 0), theirs: Theirs::Awaited }
    }

    /// Goes on by about so many instructions.
    pub fn advance(&mut self, compiled: &Compiled, scenario: &Scenario, insns: u32) {
        let options = options(compiled, scenario);
        let maps = &compiled.loaded.maps;
        let mut left = insns.max(1);
        while left > 0 && !self.stopped {
            let Some(program) = compiled.loaded.programs.get(self.finished.len()) else { return };
            let verifying = self.underway.get_or_insert_with(|| Verifying::new(program, maps, &options));
            let before = verifying.processed();
            let answer = verifying.advance(program, maps, &options, left);
            // A program that is rejected for its shape has cost something, too.
            left = left.saturating_sub((verifying.processed() - before).max(100));
            if let Some(answer) = answer {
                self.underway = None;
                let id = ProgId(self.finished.len() as u32);
                self.finished.push(Finished::new(answer, compiled, id, program));
            }
        }
    }

    pub fn stop(&mut self, compiled: &Compiled) {
        self.stopped |= self.finished.len() < compiled.loaded.programs.len();
        self.underway = None;
    }

    pub fn view(&self, compiled: &Compiled, scenario: &Scenario) -> VerdictView {
        let programs = compiled.loaded.programs.iter().enumerate().map(|(at, program)| match self.finished.get(at) {
            Some(finished) => finished.view.clone(),
            None => self.unfinished(at, program),
        });
        let programs: Vec<_> = programs.collect();
        let is = |verdict| programs.iter().any(|p| p.verdict == verdict);
        let verdict = [Verdict::Checking, Verdict::Rejected, Verdict::Stopped].into_iter().find(|verdict| is(*verdict));
        let limit = Limits::of(scenario.kernel, true).processed;
        let underway = self.underway.as_ref().map_or(0.0, |v| v.processed() as f32 / limit as f32);
        VerdictView {
            kernel: scenario.kernel.to_string(),
            verdict: verdict.unwrap_or(Verdict::Accepted),
            processed: programs.iter().map(|p| p.processed).sum(),
            fraction: (self.finished.len() as f32 + underway) / programs.len().max(1) as f32,
            limit,
            programs,
        }
    }

    fn unfinished(&self, at: usize, program: &Program) -> ProgramVerdict {
        let underway = self.underway.as_ref().filter(|_| at == self.finished.len());
        ProgramVerdict {
            name: program.name.clone(),
            verdict: if self.stopped { Verdict::Stopped } else { Verdict::Checking },
            processed: underway.map_or(0, Verifying::processed),
            paths: 0,
            pruned: 0,
            rejection: None,
            log_lines: 0,
            log_cut: None,
            steps: 0,
            left_out: 0,
            ends: Vec::new(),
            line_visits: Vec::new(),
            beside: None,
        }
    }

    /// The steps that a run took, up to where the verifier left its path out. `None` before its program is verified.
    pub fn walk(&self, trace: &Trace) -> Option<Vec<u32>> {
        let entry = trace.location(0).prog;
        let explored = &self.finished.get(entry.0 as usize)?.explored;
        let places = (0..trace.steps()).map(|step| trace.location(step));
        Some(explored.follow(places.take_while(|at| at.prog == entry).map(|at| at.pc)))
    }

    /// What was proved at an instruction: at one visit of it, where it is known which, else at all of them.
    pub fn proven(&self, program: ProgId, pc: Pc, visit: Option<u32>) -> Option<ProvenHere> {
        let finished = self.finished.get(program.0 as usize)?;
        if let Some(at) = visit.and_then(|step| finished.explored.proven_at(step)) {
            return Some(ProvenHere { at, on_path: true });
        }
        let at = finished.proven.get(pc.index())?.clone()?;
        Some(ProvenHere { at, on_path: false })
    }

    /// The verification of a program, when it is done.
    pub fn finished(&self, program: usize) -> Option<&Finished> {
        self.finished.get(program)
    }

    /// Lines of a program's log: the kernel's, when that has said something.
    pub fn log(&self, program: u32, lines: Range<u32>) -> Vec<LogLine> {
        let program = program as usize;
        let (log, text, message) = match (self.theirs.said(program), self.finished.get(program)) {
            (Some(said), _) => (&said.log, said.text(), said.message()),
            (None, Some(finished)) => {
                let message = finished.view.rejection.as_ref().map_or("", |rejection| &rejection.message);
                (&finished.log, finished.verification.log.as_str(), message)
            }
            (None, None) => return Vec::new(),
        };
        let line = |line| {
            let text = log.line(text, line);
            LogLine { kind: kind_of(text, message), text: text.to_owned() }
        };
        (lines.start..lines.end.min(log.lines())).map(line).collect()
    }

    /// The log that is shown of a program, if its lines are those of the simulator's steps.
    fn shown_log<'a>(&'a self, program: usize, finished: &'a Finished) -> Option<&'a Log> {
        match self.theirs.said(program) {
            None => Some(&finished.log),
            Some(said) => (said.log.steps.len() == finished.log.steps.len()).then_some(&said.log),
        }
    }

    /// Moves among the steps of the verification; `None` when nothing was explored.
    pub fn look(&mut self, compiled: &Compiled, look: Look) -> Option<ProofView> {
        self.at = self.target(compiled, look)?;
        let (program, step) = self.at;
        let finished = self.finished.get(program)?;
        let log_line = self.shown_log(program, finished).and_then(|log| log.steps.get(step as usize).copied());
        Some(ProofView { log_line, ..finished.proof(compiled, ProgId(program as u32), step)? })
    }

    /// The program and the step that a move goes to.
    fn target(&self, compiled: &Compiled, look: Look) -> Option<(usize, u32)> {
        let (program, at) = self.at;
        match look {
            Look::Program(program) => return self.opening(compiled, program as usize, None),
            Look::Opening(line) => {
                let rejected = self.finished.iter().position(|f| f.verification.rejection.is_some());
                let shown = line.and_then(|line| compiled.slots_of(line).next()).map(|(p, _)| p.0 as usize);
                return self.opening(compiled, rejected.or(shown).unwrap_or(program), line);
            }
            Look::Line(line) => return self.on_line(compiled, program, at, line),
            _ => {}
        }
        let finished = self.finished.get(program)?;
        let explored = &finished.explored;
        let last = (explored.len() as u32).checked_sub(1)?;
        let at = at.min(last);
        let step = match look {
            Look::Step(step) => step,
            Look::Start => 0,
            Look::End => last,
            Look::Forward => at + 1,
            Look::Back => at.saturating_sub(1),
            Look::NextVisit => around(explored.visits_of(explored.visit(at)?.pc), at),
            Look::VisitBefore => around_back(explored.visits_of(explored.visit(at)?.pc), at),
            Look::NextPath => finished.paths.iter().copied().find(|start| *start > at).unwrap_or(last),
            Look::PathBefore => finished.paths.iter().copied().rfind(|start| *start < at).unwrap_or(0),
            Look::Log(line) => self.shown_log(program, finished).map_or(at, |log| log.step_of(line)),
            Look::Program(_) | Look::Opening(_) | Look::Line(_) => at,
        };
        Some((program, step.min(last)))
    }

    /// Where to begin in a program: where it was rejected, else a visit of the line, else at the start.
    fn opening(&self, compiled: &Compiled, program: usize, line: Option<u32>) -> Option<(usize, u32)> {
        let explored = &self.finished.get(program)?.explored;
        explored.visit(0)?;
        let rejected = (0..explored.len() as u32).rev().take(1).find(|step| {
            let ending = explored.visit(*step).map(|v| v.ending);
            ending == Some(Ending::Rejected)
        });
        if let Some(step) = rejected {
            return Some((program, step));
        }
        let on_line = line.and_then(|line| self.on_line(compiled, program, u32::MAX, line));
        Some(on_line.filter(|(p, _)| *p == program).unwrap_or((program, 0)))
    }

    /// The visit of a line of the text that comes after a step, of this program if it has the line.
    fn on_line(&self, compiled: &Compiled, program: usize, at: u32, line: u32) -> Option<(usize, u32)> {
        let slots: Vec<_> = compiled.slots_of(line).collect();
        let of = |program: usize| {
            let explored = &self.finished.get(program)?.explored;
            let here = |pc: Pc| slots.contains(&(ProgId(program as u32), pc));
            let mut visits = (0..explored.len() as u32).filter(|s| explored.visit(*s).is_some_and(|v| here(v.pc)));
            let first = visits.next()?;
            let after = std::iter::once(first).chain(visits).find(|step| *step > at);
            Some((program, after.unwrap_or(first)))
        };
        of(program).or_else(|| (0..self.finished.len()).find_map(of))
    }
}

impl ProvenHere {
    /// What was proved of a register, beside its value, in short.
    pub fn view(&self, reg: usize, value: u64) -> Option<ProvenView> {
        let times = match (self.on_path, self.at.visits) {
            (true, _) => "on the path of this run".to_owned(),
            (false, 1) => "the one time that a path came here".to_owned(),
            (false, visits) => format!("all {visits} times that a path came here"),
        };
        let (text, note) = match self.at.regs.get(reg)? {
            Proven::Nothing => return None,
            // These two are what the value itself says.
            Proven::Pointer { name, .. } if name == "ctx" || name == "fp" => return None,
            Proven::Number(numbers) if !numbers.contains(value) => (
                "any".to_owned(),
                "The verifier left this path out: a state that was explored before covers it, whatever this value is."
                    .to_owned(),
            ),
            Proven::Number(numbers) => {
                let text = match numbers.constant_value() {
                    Some(_) => "always".to_owned(),
                    None => range(numbers).map_or_else(|| "any".to_owned(), |(a, b)| format!("∈ [{a}, {b}]")),
                };
                let mut known = String::new();
                verifier::scalar::write_ranges(numbers, &mut "", &mut known);
                let known = if known.is_empty() { "any number".to_owned() } else { known };
                (text, format!("The verifier knew this, {times}: {known}."))
            }
            Proven::Pointer { name, bytes } => {
                let text = match bytes {
                    Some(0) => format!("{name}, no bytes proven"),
                    Some(1) => format!("{name}, 1 byte proven"),
                    Some(bytes) => format!("{name}, {bytes} bytes proven"),
                    None => name.clone(),
                };
                (text, format!("The verifier knew this type, {times}."))
            }
        };
        Some(ProvenView { text, note })
    }
}

impl Finished {
    fn new(mut verification: Verification, compiled: &Compiled, id: ProgId, program: &Program) -> Finished {
        let explored = verification.explored.take().unwrap_or_default();
        let log = Log::new(&verification.log, verification.log_cut);
        let begins = |step: &u32| explored.visit(*step).is_some_and(|v| v.before.is_none_or(|b| b + 1 != *step));
        let paths = (0..explored.len() as u32).filter(begins).collect();
        let proven = explored.proven(program.insns.len());
        let rejection = verification.rejection.as_ref();
        let (paths_ended, pruned, ends) = ends(&explored);
        let view = ProgramVerdict {
            name: program.name.clone(),
            verdict: if rejection.is_some() { Verdict::Rejected } else { Verdict::Accepted },
            processed: verification.stats.insns_processed,
            paths: paths_ended,
            pruned,
            rejection: rejection.map(|rejection| told(rejection, compiled, id, program)),
            log_lines: log.lines(),
            log_cut: log.cut,
            steps: explored.len() as u32,
            left_out: explored.left_out(),
            ends,
            line_visits: line_visits(&proven, compiled, id),
            beside: None,
        };
        Finished { verification, explored, log, proven, paths, view }
    }

    /// The line of the message that names the rule, when the program is rejected.
    pub fn message(&self) -> Option<String> {
        self.verification.rejection.as_ref().map(Rejection::message)
    }

    /// What was known at a step; its line in the log is the caller's to fill in.
    fn proof(&self, compiled: &Compiled, id: ProgId, step: u32) -> Option<ProofView> {
        let program = compiled.loaded.programs.get(id.0 as usize)?;
        let visit = self.explored.visit(step)?;
        let (mut visits, mut here) = (0, 0);
        for other in self.explored.visits_of(visit.pc) {
            here += u32::from(other < step);
            visits += 1;
        }
        let show = |step| self.explored.show(step, &compiled.loaded.maps, compiled.object.accepted_btf(None), None);
        let (frames, before) = (show(step), visit.before.map(show).unwrap_or_default());
        let path = self.explored.path_to(step);
        let (branches, branches_left_out) = self.branches(compiled, id, program, &path);
        let function = |subprog: u32| {
            program.funcs.get(subprog as usize).map_or_else(|| program.name.clone(), |func| func.name.clone())
        };
        Some(ProofView {
            program: id.0,
            step,
            steps: self.explored.len() as u32,
            insn: verifier::instruction(program, visit.pc),
            line: compiled.line(id, visit.pc),
            source: compiled.source_line(id, visit.pc),
            function: frames.last().map_or_else(|| program.name.clone(), |frame| function(frame.subprog)),
            log_line: None,
            visit: here,
            visits,
            path: self.paths.partition_point(|start| *start <= step).saturating_sub(1) as u32,
            end: path_end(visit.ending),
            regs: frames.last().map(|frame| registers(frame, before.last())).unwrap_or_default(),
            frames: (0..frames.len())
                .rev()
                .map(|n| (function(frames[n].subprog), slots(&frames, &before, n)))
                .collect(),
            lines: self.lines_of(compiled, id, &path),
            branches,
            branches_left_out,
        })
    }

    /// The lines of the text that a path came through.
    fn lines_of(&self, compiled: &Compiled, id: ProgId, path: &[u32]) -> Vec<u32> {
        let pc = |step: &u32| self.explored.visit(*step).map(|v| v.pc);
        let mut lines: Vec<_> = path.iter().filter_map(pc).filter_map(|pc| compiled.line(id, pc)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// The branches of a path, the last of them, and how many came before.
    fn branches(&self, compiled: &Compiled, id: ProgId, program: &Program, path: &[u32]) -> (Vec<BranchView>, u32) {
        let pc = |step: u32| self.explored.visit(step).map(|v| v.pc);
        let mut branches: Vec<_> = path
            .windows(2)
            .filter_map(|pair| {
                let (here, next) = (pc(pair[0])?, pc(pair[1])?);
                let (insn, slots) = isa::decode(&program.insns, here).ok()?;
                matches!(insn, Insn::Jump { .. }).then_some((pair[0], here, next.0 != here.0 + slots))
            })
            .collect();
        let left_out = branches.len().saturating_sub(ProofView::BRANCHES);
        branches.drain(..left_out);
        let view = |(step, pc, taken)| BranchView {
            step,
            insn: verifier::instruction(program, pc),
            line: compiled.line(id, pc),
            taken,
        };
        (branches.into_iter().map(view).collect(), left_out as u32)
    }
}

impl Log {
    /// The lines of a text; from the byte `cut` on it has not every path.
    pub fn new(text: &str, cut: Option<usize>) -> Log {
        let mut log = Log { starts: Vec::new(), steps: Vec::new(), cut: None };
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let number = log.starts.len() as u32;
            if log.cut.is_none() && cut.is_some_and(|cut| at >= cut) {
                log.cut = Some(number);
            }
            if log.cut.is_none() && is_step(line.trim_end()) {
                log.steps.push(number);
            }
            log.starts.push(at);
            at += line.len();
        }
        log.starts.push(at);
        log
    }

    /// The line from which on not every path is there.
    pub fn cut(&self) -> Option<u32> {
        self.cut
    }

    /// How many lines there are.
    pub fn lines(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    fn line<'a>(&self, text: &'a str, line: u32) -> &'a str {
        let line = line as usize;
        let range = self.starts.get(line).zip(self.starts.get(line + 1));
        range.and_then(|(start, end)| text.get(*start..*end)).unwrap_or_default().trim_end_matches('\n')
    }

    /// The step that a line is about: the last that begins at it or before it.
    fn step_of(&self, line: u32) -> u32 {
        self.steps.partition_point(|start| *start <= line).saturating_sub(1) as u32
    }
}

/// How the programs of a session are verified.
fn options<'a>(compiled: &'a Compiled, scenario: &Scenario) -> Options<'a> {
    Options {
        kernel: scenario.kernel,
        log_level: 2,
        log_limit: SESSION_LOG,
        explored: true,
        cpus: scenario.cpus,
        btf: compiled.object.accepted_btf(None),
        ..Options::default()
    }
}

fn told(rejection: &Rejection, compiled: &Compiled, id: ProgId, program: &Program) -> RejectionView {
    let explanation = verifier::explain(rejection, program);
    RejectionView {
        message: Style::Lines.print(rejection).trim_end().to_owned(),
        title: explanation.title.to_owned(),
        explanation: explanation.text,
        line: rejection.pc.and_then(|pc| compiled.line(id, pc)),
        source: rejection.pc.and_then(|pc| compiled.source_line(id, pc)),
    }
}

/// How many paths ended, how many of them pruned, and where, thinned out to [`ENDS`].
fn ends(explored: &Explored) -> (u32, u32, Vec<(u32, PathEnd)>) {
    let all: Vec<_> =
        (0..explored.len() as u32).filter_map(|step| Some((step, path_end(explored.visit(step)?.ending)?))).collect();
    let pruned = all.iter().filter(|(_, end)| *end == PathEnd::Pruned).count() as u32;
    let mut ends: Vec<_> = all.iter().copied().step_by(all.len().div_ceil(ENDS).max(1)).collect();
    // The last end is where a rejected program is rejected.
    ends.extend(all.last().filter(|last| ends.last() != Some(last)));
    (all.len() as u32, pruned, ends)
}

/// How often paths came to each line of the text.
fn line_visits(proven: &[Option<ProvenAt>], compiled: &Compiled, id: ProgId) -> Vec<(u32, u32)> {
    let mut lines = std::collections::BTreeMap::new();
    for (pc, at) in (0..).map(Pc).zip(proven) {
        if let (Some(at), Some(line)) = (at, compiled.line(id, pc)) {
            *lines.entry(line).or_insert(0) += at.visits;
        }
    }
    lines.into_iter().collect()
}

fn path_end(ending: Ending) -> Option<PathEnd> {
    match ending {
        Ending::None => None,
        Ending::Pruned => Some(PathEnd::Pruned),
        Ending::Exit => Some(PathEnd::Exit),
        Ending::Rejected => Some(PathEnd::Rejected),
    }
}

/// The first of `steps` after `at`, or the first of all.
fn around(steps: impl Iterator<Item = u32>, at: u32) -> u32 {
    let mut first = None;
    for step in steps {
        if step > at {
            return step;
        }
        first = first.or(Some(step));
    }
    first.unwrap_or(at)
}

/// The last of `steps` before `at`, or the last of all.
fn around_back(steps: impl Iterator<Item = u32>, at: u32) -> u32 {
    let (mut before, mut last) = (None, at);
    for step in steps {
        if step < at {
            before = Some(step);
        }
        last = step;
    }
    before.unwrap_or(last)
}

/// What is known of the registers of a frame, and what the step before had not.
fn registers(frame: &ShownFrame, before: Option<&ShownFrame>) -> Vec<KnownView> {
    let known = frame.regs.iter().map(|(number, shown)| {
        let old = before.and_then(|frame| frame.regs.iter().find(|(other, _)| other == number));
        KnownView {
            name: format!("r{number}"),
            text: shown.text.clone(),
            gloss: if shown.is_scalar && !shown.range.is_constant() {
                range(&shown.range).map(|(from, to)| format!("{from} … {to}"))
            } else {
                None
            },
            changed: before.is_some() && old.is_none_or(|(_, old)| old.text != shown.text),
        }
    });
    known.collect()
}

/// What is known of the stack of a frame.
fn slots(frames: &[ShownFrame], before: &[ShownFrame], number: usize) -> Vec<KnownView> {
    let slots = frames.get(number).map(|frame| frame.slots.as_slice()).unwrap_or_default();
    let old = before.get(number).map(|frame| frame.slots.as_slice()).unwrap_or_default();
    let known = slots.iter().map(|(offset, text)| KnownView {
        name: format!("fp{offset}"),
        text: text.clone(),
        gloss: bytes_of_slot(text),
        changed: !before.is_empty() && !old.contains(&(*offset, text.clone())),
    });
    known.collect()
}

/// What the log's letters for the bytes of a slot say, `mmmm????`. `None` for a slot that is known as a whole.
fn bytes_of_slot(text: &str) -> Option<String> {
    let kinds = [('m', "of any value"), ('0', "zero"), ('?', "never written")];
    let count = |letter| text.chars().filter(|c| *c == letter).count();
    let counts = kinds.map(|(letter, words)| (count(letter), words));
    if text.len() != SLOT_BYTES || counts.iter().map(|(count, _)| count).sum::<usize>() != SLOT_BYTES {
        return None;
    }
    let said = counts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| match count {
        1 => format!("1 byte {words}"),
        count => format!("{count} bytes {words}"),
    });
    Some(said.collect::<Vec<_>>().join(", "))
}

/// The least and the greatest, unsigned unless the signed range says more. `None` for any number.
fn range(numbers: &Scalar) -> Option<(String, String)> {
    let unsigned = numbers.umax.wrapping_sub(numbers.umin);
    let signed = numbers.smax.wrapping_sub(numbers.smin) as u64;
    match () {
        () if unsigned == u64::MAX && signed == u64::MAX => None,
        () if unsigned <= signed => Some((number(false, numbers.umin), number(false, numbers.umax))),
        () => Some((
            number(numbers.smin < 0, numbers.smin.unsigned_abs()),
            number(numbers.smax < 0, numbers.smax.unsigned_abs()),
        )),
    }
}

fn number(negative: bool, size: u64) -> String {
    let sign = if negative { "-" } else { "" };
    if size >= HEX_FROM { format!("{sign}{size:#x}") } else { format!("{sign}{size}") }
}

/// Whether a line of the log is of one step: an instruction, or the end of a path before its instruction.
fn is_step(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < line.len() {
        let opcode = rest.strip_prefix(": (").and_then(|rest| rest.get(..2));
        return rest == ": safe" || opcode.is_some_and(|opcode| opcode.bytes().all(|b| b.is_ascii_hexdigit()));
    }
    line.starts_with("from ") && line.ends_with(": safe")
}

fn kind_of(line: &str, message: &str) -> LogKind {
    match () {
        () if message.lines().any(|m| m == line) => LogKind::Message,
        () if line.starts_with("from ") || line.ends_with(": safe") => LogKind::Path,
        () if is_step(line) => LogKind::Insn,
        () if line.starts_with("; ") => LogKind::Source,
        () if line.starts_with("mark_precise") => LogKind::Precision,
        () => LogKind::Other,
    }
}
