//! Everything the page knows, and how each message changes it.
//!
//! [`State::update`] is the only place where state changes. It touches nothing outside: what is to be done
//! in the world, it returns as [`Effect`]s.

use std::ops::{Deref, Range};
use std::rc::Rc;

use bpfscope_web::codec::BlobRef;
use bpfscope_web::lab::view::{PacketView, ProgramView, ReplayView, StepView};
use bpfscope_web::lab::{Jump, Lesson};
use bpfscope_web::protocol::{BundledCapture, Opened, Refusal, Reply, Request, Word};

use super::command::Command;
use super::rows::Rows;
use super::theme::Theme;

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
    Look(Range<u32>),
    /// A packet and one of its runs were chosen.
    Select(u32, u32),
    /// The packet so many rows further on was chosen.
    Move(i64),
    /// A step was chosen.
    Seek(u32),
    /// A line of the text was chosen.
    RunTo(u32),
    /// A place in the text was chosen.
    GoTo(u32, u32),
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

/// How numbers are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Numbers {
    /// Hexadecimal.
    Hex,
    /// Signed decimal.
    Dec,
    /// In words where it is an address.
    Sym,
}

impl Numbers {
    /// All, in the order of the switch.
    pub const ALL: [(Numbers, &'static str); 3] = [(Numbers::Hex, "hex"), (Numbers::Dec, "dec"), (Numbers::Sym, "sym")];

    fn next(self) -> Numbers {
        match self {
            Numbers::Hex => Numbers::Dec,
            Numbers::Dec => Numbers::Sym,
            Numbers::Sym => Numbers::Hex,
        }
    }
}

/// The panels, of which a narrow screen shows one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Panel {
    /// The program.
    Code,
    /// The packets.
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
    pub lessons: Shared<Vec<Lesson>>,
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
    /// Rows of the packet list.
    pub rows: Shared<Rows>,
    /// The packet that is looked at.
    pub packet: Option<Shared<PacketView>>,
    /// The machine at the step that is looked at.
    pub step: Option<Shared<StepView>>,
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
            rows: Shared::default(),
            packet: None,
            step: None,
            numbers: Numbers::Sym,
            map: None,
            panel: Panel::Code,
            dialog: None,
            toasts: Vec::new(),
            problem: None,
            playing: false,
            focus: (0, None),
            seen: 0..0,
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

    /// Whether the scenario is loaded and replayed, and its place shown, or that was refused.
    pub fn settled(&self) -> bool {
        let replayed = self.replay.as_ref().is_some_and(|replay| replay.packets == 0 || self.step.is_some());
        !self.running && (replayed || self.problem.is_some())
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
            Msg::Look(seen) => {
                self.seen = seen;
                self.look()
            }
            Msg::Select(packet, run) => self.show(Request::Select { packet, run, step: 0 }),
            Msg::Move(by) => self.neighbour(by),
            Msg::Seek(step) => self.show(Request::Seek(step)),
            Msg::RunTo(line) => self.show(Request::Jump(Jump::ToLine(line))),
            Msg::GoTo(line, column) => self.focus_editor(Some((line, column))),
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
            Reply::Rows { start, rows, replayed } => {
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
            Reply::Step(step) => {
                self.step = Some(Shared::new(*step));
                self.worked = true;
                self.answered()
            }
            Reply::Nowhere => self.answered(),
            Reply::Link { fragment, remark } => {
                let mut effects = remark.map(|remark| self.note(remark)).unwrap_or_default();
                self.link = Some(fragment.clone());
                effects.push(Effect::Copy(fragment));
                effects
            }
            Reply::Object { name, bytes } => vec![Effect::Save(name, bytes)],
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
        self.replay = None;
        self.running = true;
        self.map = None;
        let mut rows = (*self.rows).clone();
        rows.clear();
        self.rows = Shared::new(rows);
        self.play(false)
    }

    fn program(&mut self, program: ProgramView, typed: bool) -> Vec<Effect> {
        if !typed {
            self.text = Text { version: self.text.version + 1, text: program.text.as_str().into() };
        }
        self.program = Some(Shared::new(program));
        Vec::new()
    }

    fn progress(&mut self, view: ReplayView, running: bool) -> Vec<Effect> {
        let mut rows = (*self.rows).clone();
        rows.progress(view.packets);
        self.rows = Shared::new(rows);
        self.running = running;
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
        if self.packet.is_none() && !matches!(request, Request::Select { .. }) {
            return Vec::new();
        }
        if let Request::Select { packet, .. } = request {
            self.bound_for = Some(packet);
        }
        if self.asked && !matches!(request, Request::Jump(_)) {
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
        self.playing = playing && self.step.is_some();
        let at_end = self.step.as_ref().is_some_and(|step| step.step >= step.steps);
        let mut effects = vec![Effect::Play(self.playing)];
        if self.playing && at_end {
            effects.extend(self.show(Request::Seek(0)));
        }
        effects
    }

    fn tick(&mut self) -> Vec<Effect> {
        match &self.step {
            Some(step) if self.playing && step.step < step.steps => {
                if self.asked {
                    Vec::new()
                } else {
                    self.show(Request::Jump(Jump::Forward))
                }
            }
            _ => self.play(false),
        }
    }

    fn look(&mut self) -> Vec<Effect> {
        let seen = self.seen.start..self.seen.end.min(self.packets());
        let mut rows = (*self.rows).clone();
        let missing = rows.look(seen);
        if missing.is_empty() {
            return Vec::new();
        }
        self.rows = Shared::new(rows);
        missing.into_iter().map(|range| Effect::Ask(Request::Rows(range))).collect()
    }

    fn note(&mut self, text: impl Into<String>) -> Vec<Effect> {
        self.toasts_made += 1;
        let id = self.toasts_made;
        self.toasts.push(Toast { id, text: text.into() });
        vec![Effect::Expire(id)]
    }
}

fn set<T>(place: &mut T, value: T) -> Vec<Effect> {
    *place = value;
    Vec::new()
}

#[cfg(test)]
mod tests {
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
        }
    }

    fn packet(index: u32) -> PacketView {
        PacketView { index, length: 60, captured: 60, runs: Vec::new(), run: 0, marks: Vec::new() }
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

    fn reply(state: &mut State, reply: Reply) -> Vec<Effect> {
        state.update(Msg::Reply(Box::new(reply)))
    }

    /// A page that shows step 3 of packet 5 of 20.
    fn shown() -> State {
        let mut state = State::new(Theme::Dark);
        reply(&mut state, Reply::Opened(Opened::default()));
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
        assert!(state.settled());
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
                from_object: false,
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
}
