//! What the worker told, and the rows and lines that are still to be asked for.

use bpfscope_web::lab::view::{ListOf, Look, PacketView, ProgramView, ReplayView, Verdict, VerdictView};
use bpfscope_web::protocol::{Opened, Refusal, Reply, Request};

use super::{Effect, Shared, State, Text, View, set};

impl State {
    pub(super) fn reply(&mut self, reply: Reply) -> Vec<Effect> {
        match reply {
            Reply::Lessons(lessons) => set(&mut self.lessons, Shared::new(lessons)),
            Reply::Captures(captures) => set(&mut self.captures, Shared::new(captures)),
            Reply::Words(words) => set(&mut self.words, Shared::new(words)),
            Reply::Opened(opened) => self.opened(opened),
            Reply::Program { view, typed } => self.program(view, typed),
            Reply::Progress { view, running } => self.progress(view, running),
            Reply::Rows { of, .. } if of != self.list => Vec::new(),
            Reply::Rows { start, rows, replayed, .. } => {
                let mut here = (*self.rows).clone();
                here.put(start, rows, replayed);
                self.rows = Shared::new(here);
                self.look()
            }
            Reply::Packet(packet) => {
                self.packet = Some(Shared::new(packet));
                self.step = None;
                Vec::new()
            }
            Reply::Differences(difference) => {
                if let Some(packet) = self.packet.as_deref().filter(|packet| packet.difference != difference) {
                    self.packet = Some(Shared::new(PacketView { difference, ..packet.clone() }));
                }
                Vec::new()
            }
            Reply::Step(step) => {
                self.step = Some(Shared::new(*step));
                self.worked = true;
                self.answered()
            }
            Reply::Nowhere => self.answered(),
            Reply::Verdict(verdict) => self.verdict(verdict.map(|verdict| *verdict)),
            Reply::Proof(proof) => {
                let program = proof.as_ref().map_or(0, |proof| proof.program);
                if program != self.log.program() {
                    self.forget_log(program);
                }
                self.proof = proof.map(|proof| Shared::new(*proof));
                let mut effects = self.answered();
                effects.extend(self.look_log());
                effects
            }
            Reply::Log { program, start, lines } => {
                let mut here = (*self.log).clone();
                here.put(program, start, lines);
                self.log = Shared::new(here);
                Vec::new()
            }
            Reply::Link { fragment, remark } => {
                let mut effects = remark.map(|remark| self.note(remark)).unwrap_or_default();
                self.link = Some(fragment.clone());
                effects.push(Effect::Copy(fragment));
                effects
            }
            Reply::File { name, bytes } => vec![Effect::Save(name, bytes)],
            Reply::Refused(refusal) => {
                self.problem = Some(refusal);
                self.answered()
            }
            Reply::Crashed(why) => self.crashed(why),
        }
    }

    pub(super) fn opened(&mut self, opened: Opened) -> Vec<Effect> {
        self.opened = Shared::new(opened);
        self.problem = None;
        self.packet = None;
        self.step = None;
        self.proof = None;
        self.replay = None;
        self.running = true;
        self.map = None;
        self.forget_rows();
        self.play(false)
    }

    pub(super) fn forget_rows(&mut self) {
        let mut rows = (*self.rows).clone();
        rows.clear();
        self.rows = Shared::new(rows);
    }

    pub(super) fn program(&mut self, program: ProgramView, typed: bool) -> Vec<Effect> {
        if !typed {
            let text = program.origin.as_ref().map_or(&program.text, |origin| &origin.source);
            self.text = Text { version: self.text.version + 1, text: text.as_str().into() };
        }
        self.program = Some(Shared::new(program));
        Vec::new()
    }

    pub(super) fn verdict(&mut self, verdict: Option<VerdictView>) -> Vec<Effect> {
        self.checking = verdict.as_ref().is_some_and(|verdict| verdict.verdict == Verdict::Checking);
        self.verdict = verdict.map(Shared::new);
        // The lines and steps of an earlier program are not those of this one.
        self.forget_log(0);
        let line = self.proof.take().and_then(|proof| proof.line);
        if self.view == View::Packets || self.checking {
            return Vec::new();
        }
        let mut effects = self.show(Request::Look(Look::Opening(line)));
        effects.extend(self.look_log());
        effects
    }

    pub(super) fn forget_log(&mut self, program: u32) {
        let mut log = (*self.log).clone();
        log.clear(program);
        self.log = Shared::new(log);
    }

    pub(super) fn look_log(&mut self) -> Vec<Effect> {
        let program = self.log.program();
        let lines = self.verdict.as_ref().and_then(|verdict| verdict.programs.get(program as usize));
        let seen = self.seen_log.start..self.seen_log.end.min(lines.map_or(0, |program| program.log_lines));
        let mut log = (*self.log).clone();
        let missing = log.look(seen);
        if missing.is_empty() {
            return Vec::new();
        }
        self.log = Shared::new(log);
        missing.into_iter().map(|lines| Effect::Ask(Request::Log { program, lines })).collect()
    }

    pub(super) fn progress(&mut self, view: ReplayView, running: bool) -> Vec<Effect> {
        let mut rows = (*self.rows).clone();
        let different = |view: &ReplayView| view.there.as_ref().map_or(0, |there| there.different);
        if self.replay.as_deref().map_or(0, different) != different(&view) {
            rows.outdate();
        }
        self.running = running;
        // A list that is no longer there has nothing to show.
        if !running && self.list != ListOf::In && !view.lists.iter().any(|list| list.of == self.list) {
            self.list = ListOf::In;
            rows.clear();
        }
        let here = match self.list {
            ListOf::In => view.packets,
            of => view.lists.iter().find(|list| list.of == of).map_or(0, |list| list.rows),
        };
        rows.progress(here);
        self.rows = Shared::new(rows);
        if !running && view.packets == 0 {
            (self.packet, self.step) = (None, None);
        }
        let error = view.error.clone().filter(|_| !running);
        self.replay = Some(Shared::new(view));
        if let Some(why) = error {
            let what = self.opened.capture.clone().unwrap_or_else(|| "The capture".into());
            self.problem = Some(Refusal { what, why });
        }
        self.look()
    }

    pub(super) fn crashed(&mut self, why: String) -> Vec<Effect> {
        self.problem = Some(Refusal { what: "The simulator stopped by a mistake of its own".into(), why });
        self.running = false;
        self.asked = false;
        self.queued = None;
        self.bound_for = None;
        if std::mem::take(&mut self.worked) { vec![Effect::Restart] } else { Vec::new() }
    }

    pub(super) fn look(&mut self) -> Vec<Effect> {
        let seen = self.seen.start..self.seen.end.min(self.list_rows());
        let mut rows = (*self.rows).clone();
        let missing = rows.look(seen);
        if missing.is_empty() {
            return Vec::new();
        }
        self.rows = Shared::new(rows);
        missing.into_iter().map(|range| Effect::Ask(Request::Rows(self.list, range))).collect()
    }
}
