//! Everything the page knows, and how each message changes it.
//!
//! [`State::update`] is the only place where state changes. It touches nothing outside: what is to be done
//! in the world, it returns as [`Effect`]s.

use std::ops::{Deref, Range};
use std::rc::Rc;

use bpfscope_web::codec::BlobRef;
use bpfscope_web::lab::view::{
    Language, ListOf, ListView, Look, Numbers, PacketView, ProgramView, ProofView, ReplayView, StepView, Verdict,
    VerdictView,
};
use bpfscope_web::lab::{Cursor, Jump};
use bpfscope_web::protocol::{BundledCapture, BundledLesson, Opened, Refusal, Reply, Request, Word};

use super::command::Command;
use super::log::LogRows;
use super::rows::Rows;
use super::theme::Theme;

#[cfg(test)]
mod tests;

/// A value that views share; two are the same when they are the very same one, so comparing costs nothing.
pub struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    /// A new value.
    pub fn new(value: T) -> Self {
        Shared(Rc::new(value))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Shared::new(T::default())
    }
}

/// What happened.
#[derive(Clone)]
pub enum Msg {
    /// The worker told something.
    Reply(Box<Reply>),
    /// A button or a key.
    Do(Command),
    /// The program's text was edited, some moments ago.
    Edited(String),
    /// A file was dropped or picked.
    File(String, BlobRef),
    /// A lesson was chosen.
    Lesson(String),
    /// A capture that comes with the page was chosen.
    Capture(String),
    /// The address's fragment changed.
    Link(String),
    /// These rows of the packet list are on screen.
    LookList(Range<u32>),
    /// A packet was chosen, and a place in it.
    Select(Cursor),
    /// Another list was chosen.
    List(ListOf),
    /// What left an interface is to be saved.
    Pcap(u16),
    /// Another language for the program was chosen.
    Language(Language),
    /// The packet so many rows further on was chosen.
    Move(i64),
    /// A step was chosen.
    Seek(u32),
    /// A line of the text was chosen.
    RunTo(u32),
    /// A place in the text was chosen.
    GoTo(u32, u32),
    /// Packets or the verifier.
    View(View),
    /// Another kernel's rules were chosen.
    Kernel(String),
    /// The kernel of the machine that serves the page was chosen.
    Machine,
    /// A step of the verification was chosen.
    Look(Look),
    /// These lines of the verifier's log are on screen.
    LookLog(Range<u32>),
    /// How numbers are written.
    Numbers(Numbers),
    /// Which map is shown.
    Map(usize),
    /// Which panel a narrow screen shows.
    Panel(Panel),
    /// Time for the next step of playing.
    Tick,
    /// Whether the clipboard took the link.
    Copied(bool),
    /// A note has been there long enough, or was closed.
    Dismiss(u32),
    /// The message at the top was closed.
    DismissProblem,
    /// A dialog was closed.
    CloseDialog,
}

/// What is to be done in the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the worker.
    Ask(Request),
    /// Start another worker: the old one is gone.
    Restart,
    /// Colour the page, and remember it.
    Theme(Theme),
    /// Put a link to this fragment into the clipboard and the address.
    Copy(String),
    /// Save a file.
    Save(String, Vec<u8>),
    /// Let the user pick a file.
    Pick,
    /// Start or stop playing.
    Play(bool),
    /// Dismiss a note after a while.
    Expire(u32),
}

/// What the middle of the screen shows, and what steps are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum View {
    /// The packets, and the run of one of them.
    Packets,
    /// The verifier, and a path that it follows.
    Verifier,
}

/// The panels, of which a narrow screen shows one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Panel {
    /// The program.
    Code,
    /// The packets, or the verifier.
    Packets,
    /// Registers, stack, maps, output.
    Machine,
}

/// What lies over the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dialog {
    /// The list of shortcuts.
    Help,
    /// A link to copy by hand, as a fragment.
    Link(String),
}

/// A note that goes by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Toast {
    /// Its number.
    pub id: u32,
    /// What it says.
    pub text: String,
}

/// The program's text as the editor must show it; another `version` replaces what the editor holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text {
    /// Counts the replacements.
    pub version: u32,
    /// The text.
    pub text: Rc<str>,
}

/// Everything the page knows.
pub struct State {
    /// The theme.
    pub theme: Theme,
    /// The lessons there are.
    pub lessons: Shared<Vec<BundledLesson>>,
    /// The captures that come with the page.
    pub captures: Shared<Vec<BundledCapture>>,
    /// What may be written in a program.
    pub words: Shared<Vec<Word>>,
    /// What is open.
    pub opened: Shared<Opened>,
    /// The program, with its complaints.
    pub program: Option<Shared<ProgramView>>,
    /// What the editor must show.
    pub text: Text,
    /// How far the replay is.
    pub replay: Option<Shared<ReplayView>>,
    /// Whether the replay goes on.
    pub running: bool,
    /// Which list is shown.
    pub list: ListOf,
    /// Rows of it.
    pub rows: Shared<Rows>,
    /// The packet that is looked at.
    pub packet: Option<Shared<PacketView>>,
    /// The machine at the step that is looked at.
    pub step: Option<Shared<StepView>>,
    /// What the verifier says of the program.
    pub verdict: Option<Shared<VerdictView>>,
    /// Whether it has yet to say it.
    pub checking: bool,
    /// The step of the verification that is looked at.
    pub proof: Option<Shared<ProofView>>,
    /// Lines of the verifier's log.
    pub log: Shared<LogRows>,
    /// Packets or the verifier.
    pub view: View,
    /// How numbers are written.
    pub numbers: Numbers,
    /// Which map the user wants to see; without a wish the one that changes.
    pub map: Option<usize>,
    /// Which panel a narrow screen shows.
    pub panel: Panel,
    /// What lies over the page.
    pub dialog: Option<Dialog>,
    /// Notes that go by themselves.
    pub toasts: Vec<Toast>,
    /// What went wrong last, until it is closed or something else works.
    pub problem: Option<Refusal>,
    /// Whether steps go by themselves.
    pub playing: bool,
    /// Counts up when the editor is to be focused, and at which line and column.
    pub focus: (u32, Option<(u32, u32)>),
    /// Rows on screen.
    seen: Range<u32>,
    /// Lines of the log on screen.
    seen_log: Range<u32>,
    /// Where the user wants to be while the worker is busy showing another place: dragging the timeline
    /// asks for more steps than can be shown.
    queued: Option<Request>,
    /// Whether the worker has yet to answer a request of that kind.
    asked: bool,
    /// The packet that was asked for, until it is shown.
    bound_for: Option<u32>,
    toasts_made: u32,
    /// The link made last.
    link: Option<String>,
    /// Whether anything was ever shown by this worker; one that fails before is not started again.
    worked: bool,
}

impl State {
    /// Nothing known yet.
    pub fn new(theme: Theme) -> State {
        State {
            theme,
            lessons: Shared::default(),
            captures: Shared::default(),
            words: Shared::default(),
            opened: Shared::default(),
            program: None,
            text: Text::default(),
            replay: None,
            running: false,
            list: ListOf::In,
            rows: Shared::default(),
            packet: None,
            step: None,
            verdict: None,
            checking: true,
            proof: None,
            log: Shared::default(),
            view: View::Packets,
            numbers: Numbers::Sym,
            map: None,
            panel: Panel::Code,
            dialog: None,
            toasts: Vec::new(),
            problem: None,
            playing: false,
            focus: (0, None),
            seen: 0..0,
            seen_log: 0..0,
            queued: None,
            asked: false,
            bound_for: None,
            toasts_made: 0,
            link: None,
            worked: false,
        }
    }

    /// Packets in the list: all of the capture when that is known, else those replayed.
    pub fn packets(&self) -> u32 {
        self.replay.as_ref().map_or(0, |replay| replay.total.unwrap_or(0).max(replay.packets))
    }

    /// Rows of the list that is shown.
    pub fn list_rows(&self) -> u32 {
        match self.list {
            ListOf::In => self.packets(),
            list => self.lists().find(|view| view.of == list).map_or(0, |view| view.rows),
        }
    }

    fn lists(&self) -> impl Iterator<Item = &ListView> {
        self.replay.iter().flat_map(|replay| &replay.lists)
    }

    /// Whether the scenario is loaded, verified and replayed, and its place shown, or that was refused.
    pub fn settled(&self) -> bool {
        let replayed = self.replay.as_ref().is_some_and(|replay| replay.packets == 0 || self.step.is_some());
        !self.running && !self.checking && (replayed || self.problem.is_some())
    }

    /// Changes the state; returns what is to be done in the world.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Reply(reply) => self.reply(*reply),
            Msg::Do(command) => self.command(command),
            Msg::Edited(text) => vec![Effect::Ask(Request::Edit(text))],
            Msg::File(name, blob) => vec![Effect::Ask(Request::File { name, blob })],
            Msg::Lesson(name) => vec![Effect::Ask(Request::Lesson(name))],
            Msg::Capture(file) => vec![Effect::Ask(Request::Capture(file))],
            Msg::Link(link) => vec![Effect::Ask(Request::Link(link))],
            Msg::LookList(seen) => {
                self.seen = seen;
                self.look()
            }
            Msg::Select(Cursor { packet, run, step }) => self.show(Request::Select { packet, run, step }),
            Msg::List(list) => {
                self.list = list;
                self.forget_rows();
                self.look()
            }
            Msg::Pcap(interface) => vec![Effect::Ask(Request::Pcap(interface))],
            Msg::Language(language) => {
                let mut effects = self.focus_editor(None);
                effects.push(Effect::Ask(Request::Language(language)));
                effects
            }
            Msg::Move(by) => self.neighbour(by),
            Msg::Seek(step) => self.show(Request::Seek(step)),
            Msg::RunTo(line) if self.view == View::Verifier => self.show(Request::Look(Look::Line(line))),
            Msg::RunTo(line) => self.show(Request::Jump(Jump::ToLine(line))),
            Msg::GoTo(line, column) => self.focus_editor(Some((line, column))),
            Msg::View(view) => self.turn_to(view),
            Msg::Kernel(kernel) => vec![Effect::Ask(Request::Kernel(kernel))],
            Msg::Machine => vec![Effect::Ask(Request::Machine)],
            Msg::Look(look) => self.show(Request::Look(look)),
            Msg::LookLog(seen) => {
                self.seen_log = seen;
                self.look_log()
            }
            Msg::Numbers(numbers) => set(&mut self.numbers, numbers),
            Msg::Map(map) => set(&mut self.map, Some(map)),
            Msg::Panel(panel) => set(&mut self.panel, panel),
            Msg::Tick => self.tick(),
            Msg::Copied(true) => self.note("Link copied. It holds the program, the capture and this very step."),
            Msg::Copied(false) => set(&mut self.dialog, self.link.clone().map(Dialog::Link)),
            Msg::Dismiss(id) => {
                self.toasts.retain(|toast| toast.id != id);
                Vec::new()
            }
            Msg::DismissProblem => set(&mut self.problem, None),
            Msg::CloseDialog => set(&mut self.dialog, None),
        }
    }

    fn command(&mut self, command: Command) -> Vec<Effect> {
        if self.view == View::Verifier
            && let Some(look) = look_for(command)
        {
            let mut effects = self.play(false);
            effects.extend(self.show(Request::Look(look)));
            return effects;
        }
        match command {
            Command::Jump(jump) => {
                let mut effects = self.play(false);
                effects.extend(self.show(Request::Jump(jump)));
                effects
            }
            Command::Play => self.play(!self.playing),
            Command::NextPacket => self.neighbour(1),
            Command::PreviousPacket => self.neighbour(-1),
            Command::NextRun => self.next_run(),
            Command::Replay if self.running => vec![Effect::Ask(Request::Cancel)],
            Command::Replay => vec![Effect::Ask(Request::Replay)],
            Command::View => self.turn_to(if self.view == View::Packets { View::Verifier } else { View::Packets }),
            Command::Visit(_) | Command::Path(_) => self.turn_to(View::Verifier),
            Command::Verify if self.checking => vec![Effect::Ask(Request::StopVerifying)],
            Command::Verify => vec![Effect::Ask(Request::Verify)],
            Command::Share => vec![Effect::Ask(Request::Share)],
            Command::Download => vec![Effect::Ask(Request::Object)],
            Command::Open => vec![Effect::Pick],
            Command::Edit => self.focus_editor(None),
            Command::Numbers => {
                self.numbers = self.numbers.next();
                Vec::new()
            }
            Command::Theme => {
                self.theme = self.theme.other();
                vec![Effect::Theme(self.theme)]
            }
            Command::Help => set(&mut self.dialog, Some(Dialog::Help)),
        }
    }

    fn focus_editor(&mut self, place: Option<(u32, u32)>) -> Vec<Effect> {
        self.panel = Panel::Code;
        self.focus = (self.focus.0 + 1, place);
        Vec::new()
    }

    fn reply(&mut self, reply: Reply) -> Vec<Effect> {
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

    fn opened(&mut self, opened: Opened) -> Vec<Effect> {
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

    fn forget_rows(&mut self) {
        let mut rows = (*self.rows).clone();
        rows.clear();
        self.rows = Shared::new(rows);
    }

    fn program(&mut self, program: ProgramView, typed: bool) -> Vec<Effect> {
        if !typed {
            let text = program.origin.as_ref().map_or(&program.text, |origin| &origin.source);
            self.text = Text { version: self.text.version + 1, text: text.as_str().into() };
        }
        self.program = Some(Shared::new(program));
        Vec::new()
    }

    fn verdict(&mut self, verdict: Option<VerdictView>) -> Vec<Effect> {
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

    /// Shows packets or the verifier. The verifier begins where the program was rejected, or at the line that is shown.
    fn turn_to(&mut self, view: View) -> Vec<Effect> {
        self.panel = Panel::Packets;
        if view == self.view {
            return Vec::new();
        }
        self.view = view;
        let mut effects = self.play(false);
        if view == View::Verifier && !self.checking {
            let line = self.step.as_ref().and_then(|step| step.line);
            effects.extend(self.show(Request::Look(Look::Opening(line))));
            effects.extend(self.look_log());
        }
        effects
    }

    fn forget_log(&mut self, program: u32) {
        let mut log = (*self.log).clone();
        log.clear(program);
        self.log = Shared::new(log);
    }

    fn look_log(&mut self) -> Vec<Effect> {
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

    fn progress(&mut self, view: ReplayView, running: bool) -> Vec<Effect> {
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

    fn crashed(&mut self, why: String) -> Vec<Effect> {
        self.problem = Some(Refusal { what: "The simulator stopped by a mistake of its own".into(), why });
        self.running = false;
        self.asked = false;
        self.queued = None;
        self.bound_for = None;
        if std::mem::take(&mut self.worked) { vec![Effect::Restart] } else { Vec::new() }
    }

    /// Asks the worker to show another place; while it has not answered, only the last wish is kept, save
    /// that jumps go from the place before and so are all made.
    fn show(&mut self, request: Request) -> Vec<Effect> {
        if self.packet.is_none() && !matches!(request, Request::Select { .. } | Request::Look(_)) {
            return Vec::new();
        }
        if let Request::Select { packet, .. } = request {
            self.bound_for = Some(packet);
        }
        let from_here = match request {
            Request::Jump(_) => true,
            Request::Look(look) => !matches!(look, Look::Step(_)),
            _ => false,
        };
        if self.asked && !from_here {
            self.queued = Some(request);
            return Vec::new();
        }
        self.asked = true;
        vec![Effect::Ask(request)]
    }

    fn answered(&mut self) -> Vec<Effect> {
        self.asked = false;
        self.bound_for = None;
        self.queued.take().map(|request| self.show(request)).unwrap_or_default()
    }

    fn neighbour(&mut self, by: i64) -> Vec<Effect> {
        let Some(here) = self.bound_for.or(self.packet.as_ref().map(|packet| packet.index)) else { return Vec::new() };
        let last = i64::from(self.packets()) - 1;
        let there = (i64::from(here) + by).clamp(0, last.max(0)) as u32;
        if there == here { Vec::new() } else { self.show(Request::Select { packet: there, run: 0, step: 0 }) }
    }

    fn next_run(&mut self) -> Vec<Effect> {
        let Some(packet) = &self.packet else { return Vec::new() };
        let runs = packet.runs.len() as u32;
        if runs < 2 {
            return Vec::new();
        }
        let (packet, run) = (packet.index, (packet.run + 1) % runs);
        self.show(Request::Select { packet, run, step: 0 })
    }

    fn play(&mut self, playing: bool) -> Vec<Effect> {
        if playing == self.playing {
            return Vec::new();
        }
        let at_end = self.at_end();
        self.playing = playing && at_end.is_some();
        let mut effects = vec![Effect::Play(self.playing)];
        if self.playing && at_end == Some(true) {
            effects.extend(self.show(match self.view {
                View::Packets => Request::Seek(0),
                View::Verifier => Request::Look(Look::Start),
            }));
        }
        effects
    }

    /// Whether the last step is shown; nothing where there are no steps.
    fn at_end(&self) -> Option<bool> {
        match self.view {
            View::Packets => self.step.as_ref().map(|step| step.step >= step.steps),
            View::Verifier => self.proof.as_ref().map(|proof| proof.step + 1 >= proof.steps),
        }
    }

    fn tick(&mut self) -> Vec<Effect> {
        match (self.at_end(), self.view) {
            (Some(false), _) if self.playing && self.asked => Vec::new(),
            (Some(false), View::Packets) if self.playing => self.show(Request::Jump(Jump::Forward)),
            (Some(false), View::Verifier) if self.playing => self.show(Request::Look(Look::Forward)),
            _ => self.play(false),
        }
    }

    fn look(&mut self) -> Vec<Effect> {
        let seen = self.seen.start..self.seen.end.min(self.list_rows());
        let mut rows = (*self.rows).clone();
        let missing = rows.look(seen);
        if missing.is_empty() {
            return Vec::new();
        }
        self.rows = Shared::new(rows);
        missing.into_iter().map(|range| Effect::Ask(Request::Rows(self.list, range))).collect()
    }

    fn note(&mut self, text: impl Into<String>) -> Vec<Effect> {
        self.toasts_made += 1;
        let id = self.toasts_made;
        self.toasts.push(Toast { id, text: text.into() });
        vec![Effect::Expire(id)]
    }
}

/// What a command means among the steps of the verifier, where it means another thing there.
fn look_for(command: Command) -> Option<Look> {
    Some(match command {
        Command::Jump(Jump::Forward) => Look::Forward,
        Command::Jump(Jump::Back) => Look::Back,
        Command::Jump(Jump::Start) => Look::Start,
        Command::Jump(Jump::End) => Look::End,
        Command::Jump(Jump::Line) | Command::Visit(true) => Look::NextVisit,
        Command::Jump(Jump::LineBack) | Command::Visit(false) => Look::VisitBefore,
        Command::Jump(_) | Command::Path(true) | Command::NextPacket => Look::NextPath,
        Command::Path(false) | Command::PreviousPacket => Look::PathBefore,
        _ => return None,
    })
}

fn set<T>(place: &mut T, value: T) -> Vec<Effect> {
    *place = value;
    Vec::new()
}
