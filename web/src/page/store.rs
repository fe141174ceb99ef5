//! Everything the page knows, and how each message changes it.
//!
//! [`State::update`] is the only place where state changes. It touches nothing outside: what is to be done
//! in the world, it returns as [`Effect`]s.

mod message;
mod place;
mod reply;
mod shared;
#[cfg(test)]
mod tests;

use std::ops::Range;

use bpfscope_web::lab::view::{
    ListOf, ListView, Look, Numbers, PacketView, ProgramView, ProofView, ReplayView, StepView, VerdictView,
};
use bpfscope_web::lab::{Cursor, Jump};
use bpfscope_web::protocol::{BundledCapture, BundledLesson, Opened, Refusal, Request, Word};

use super::command::Command;
use super::log::LogRows;
use super::rows::Rows;
use super::theme::Theme;

pub use message::{Dialog, Effect, Msg, Panel, Text, Toast, View};
use place::look_for;
pub use shared::Shared;

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
