//! The full-screen view: what each key does, and what stands around the panels.
//!
//! It holds what was told ([`Facts`]) and what was chosen ([`Choices`]), asks the [`Engine`] for the rest, and never
//! waits for it.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use bpfscope_core::lab::{Cursor, Jump};
use ratatui::{
    Frame,
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
    layout::{Constraint, Layout, Rect},
};

use super::{
    choices::{Choices, Dialog, Prompt},
    command::Command,
    edges,
    engine::{Ask, Engine, Told},
    facts::Facts,
    layout::{Panel, Slot, slots},
    panel::{self, Pen, program::line_of_user},
};
use crate::terminal::{Event, Flow, View, palette::Palette, parts::Scroll};

/// Time between two steps that go by themselves, as on the page.
const PLAY: Duration = Duration::from_millis(220);
/// Digits of a number that is typed at most: those of the largest packet or step.
const DIGITS: usize = 10;

/// The view of `bpfscope step`.
pub struct StepScreen {
    engine: Engine,
    facts: Facts,
    pub(super) choices: Choices,
    palette: Palette,
    /// Rows of the packet list that were asked for, and the packets that were replayed then.
    asked: (Range<u32>, u32),
    /// The terminal's size when it was drawn last.
    area: Rect,
}

impl StepScreen {
    pub fn new(engine: Engine, facts: Facts, palette: Palette) -> StepScreen {
        StepScreen { engine, facts, choices: Choices::new(), palette, asked: (0..0, 0), area: Rect::default() }
    }

    /// Whether the engine has yet to make a move that it was asked for.
    fn waits(&self) -> bool {
        self.facts.answered < self.engine.moves()
    }

    fn told(&mut self, told: Told) {
        let (packet, step) = (matches!(told, Told::Packet(_)), matches!(told, Told::Step { .. }));
        let moved = |view: &Facts| view.step.as_ref().map(|step| step.step);
        let before = moved(&self.facts);
        if let Some(why) = self.facts.take(told) {
            self.choices.note = Some(why);
            self.choices.plays = None;
        }
        if packet {
            self.choices.panels.has_changed(Panel::Packets);
        }
        // The same step may come again, when more is known of it.
        if step && before != moved(&self.facts) {
            self.choices.cursor = None;
            for panel in Panel::ALL.into_iter().filter(|panel| *panel != Panel::Packets) {
                self.choices.panels.has_changed(panel);
            }
        }
        if !self.waits() {
            self.choices.bound_for = None;
        }
    }

    fn key(&mut self, key: KeyEvent) -> Flow {
        self.choices.note = None;
        if self.choices.prompt.is_some() {
            self.type_number(key);
            return Flow::Stay;
        }
        if self.choices.dialog.is_some() {
            self.key_in_dialog(key);
            return Flow::Stay;
        }
        match key.code {
            KeyCode::Esc => {
                (self.choices.panels.zoomed, self.choices.cursor, self.choices.plays) = (false, None, None);
            }
            KeyCode::Char(digit @ '0'..='9') if key.modifiers.is_empty() => {
                let packet = self.choices.panels.focus() == Panel::Packets;
                self.choices.prompt = Some(Prompt { packet, digits: digit.to_string() });
            }
            _ => match Command::of_key(key) {
                Some(Command::Quit) => return Flow::Quit,
                Some(command) => self.command(command),
                None => {}
            },
        }
        Flow::Stay
    }

    fn type_number(&mut self, key: KeyEvent) {
        let Some(prompt) = &mut self.choices.prompt else { return };
        match key.code {
            KeyCode::Char(digit @ '0'..='9') if prompt.digits.len() < DIGITS => prompt.digits.push(digit),
            KeyCode::Backspace => {
                prompt.digits.pop();
            }
            KeyCode::Enter => {
                if let Some(Prompt { packet, digits }) = self.choices.prompt.take()
                    && let Ok(number) = digits.parse::<u64>()
                {
                    self.go_to(packet, u32::try_from(number).unwrap_or(u32::MAX));
                }
            }
            KeyCode::Esc => self.choices.prompt = None,
            _ => {}
        }
        if self.choices.prompt.as_ref().is_some_and(|prompt| prompt.digits.is_empty()) {
            self.choices.prompt = None;
        }
    }

    /// Goes to a packet, counted from 1, or a step.
    fn go_to(&mut self, packet: bool, number: u32) {
        match (packet, number.checked_sub(1)) {
            (true, Some(index)) => self.select(index, 0),
            (true, None) => self.choices.note = Some("packets are counted from 1".to_owned()),
            (false, _) => self.ask(Ask::Seek(number)),
        }
    }

    fn key_in_dialog(&mut self, key: KeyEvent) {
        let Some((_, scroll)) = &mut self.choices.dialog else { return };
        match (key.code, Command::of_key(key)) {
            (_, Some(Command::Rows(rows))) => scroll.by(rows),
            (_, Some(Command::Pages(pages))) => scroll.by(pages * scroll.page()),
            (KeyCode::Esc | KeyCode::Enter, _) | (_, Some(Command::Help | Command::Verdict | Command::Quit)) => {
                self.choices.dialog = None;
            }
            _ => {}
        }
    }

    fn command(&mut self, command: Command) {
        let line = line_of_user(&self.facts, &self.choices);
        match command {
            Command::Jump(Jump::Forward) => self.ask(Ask::By(1)),
            Command::Jump(Jump::Back) => self.ask(Ask::By(-1)),
            Command::Jump(jump) => self.ask(Ask::Jump(jump)),
            Command::Visit(forward) => {
                if let Some(line) = line {
                    self.ask(Ask::Visit { line, forward });
                }
            }
            Command::Enter => self.enter(),
            Command::Break => self.toggle_breakpoint(line),
            Command::Go(forward) => {
                let lines = self.choices.breakpoints.iter().copied().collect();
                self.ask(Ask::Find { lines, forward });
            }
            Command::Play => self.play(),
            Command::Packet(by) => self.neighbour(by),
            Command::NextRun => self.next_run(),
            Command::Replay => self.engine.ask(Ask::Replay),
            Command::Panel(forward) => {
                let next = self.choices.panels.focus().neighbour(forward);
                self.choices.panels.turn_to(next);
            }
            Command::Zoom => {
                self.choices.panels.zoomed ^= true;
                self.choices.panels.have_moved();
            }
            Command::Rows(rows) => self.scroll(rows),
            Command::Pages(pages) => {
                let focus = self.choices.panels.focus();
                let page = self.choices.panels.scroll(focus).page();
                self.scroll(pages * page);
            }
            Command::Numbers => self.choices.numbers = self.choices.numbers.next(),
            Command::Help => self.choices.dialog = Some((Dialog::Help, Scroll::default())),
            Command::Verdict => self.choices.dialog = Some((Dialog::Verdict, Scroll::default())),
            Command::Quit => {}
        }
    }

    /// Asks for a move. Steps that go by themselves stop: somebody else steers.
    fn ask(&mut self, ask: Ask) {
        self.choices.plays = None;
        self.engine.ask(ask);
    }

    fn enter(&mut self) {
        match self.choices.panels.focus() {
            Panel::Layers => self.choices.all_fields ^= true,
            _ => {
                if let Some(line) = self.choices.cursor {
                    self.ask(Ask::Line(line));
                }
            }
        }
    }

    fn toggle_breakpoint(&mut self, line: Option<u32>) {
        let Some(line) = line else { return };
        if !self.choices.breakpoints.remove(&line) {
            self.choices.breakpoints.insert(line);
        }
    }

    fn play(&mut self) {
        let Some(step) = &self.facts.step else { return };
        let playing = self.choices.plays.is_none();
        if playing && step.step >= step.steps {
            self.engine.ask(Ask::Seek(0));
        }
        self.choices.plays = playing.then(|| Instant::now() + PLAY);
    }

    /// The next of the steps that go by themselves.
    fn play_on(&mut self) {
        if self.choices.plays.is_none() {
            return;
        }
        let more = self.facts.step.as_ref().is_some_and(|step| step.step < step.steps);
        self.choices.plays = (more || self.waits()).then(|| Instant::now() + PLAY);
        if more && !self.waits() {
            self.engine.ask(Ask::By(1));
        }
    }

    fn select(&mut self, packet: u32, run: u32) {
        self.choices.bound_for = Some(packet);
        self.choices.panels.has_changed(Panel::Packets);
        self.ask(Ask::Select(Cursor { packet, run, step: 0 }));
    }

    fn neighbour(&mut self, by: i64) {
        let shown = self.facts.packet.as_ref().map(|packet| packet.index);
        let Some(here) = self.choices.bound_for.or(shown) else { return };
        let last = i64::from(self.facts.packets().max(1)) - 1;
        let there = (i64::from(here) + by).clamp(0, last.max(i64::from(here))) as u32;
        if there != here {
            self.select(there, 0);
        }
    }

    fn next_run(&mut self) {
        let Some(packet) = &self.facts.packet else { return };
        match packet.runs.len() as u32 {
            0 | 1 => self.choices.note = Some("this packet has one run".to_owned()),
            runs => self.select(packet.index, (packet.run + 1) % runs),
        }
    }

    /// Goes down in the panel that keys go to: among packets and lines by the one that is looked at, else by the view.
    fn scroll(&mut self, rows: isize) {
        match self.choices.panels.focus() {
            Panel::Packets => self.neighbour(rows as i64),
            Panel::Program => {
                let line = line_of_user(&self.facts, &self.choices).unwrap_or(1);
                let last = (self.facts.text.len() as i64).max(1);
                let there = (i64::from(line) + rows as i64).clamp(1, last) as u32;
                self.choices.cursor = Some(there).filter(|line| self.facts.line() != Some(*line));
                self.choices.panels.has_changed(Panel::Program);
            }
            panel => self.choices.panels.scroll(panel).by(rows),
        }
    }

    /// Asks for the rows of the packet list that are on screen, and again when more of them have their verdict.
    fn ask_for_rows(&mut self) {
        let (seen, replayed) = (self.choices.seen.clone(), self.facts.replayed());
        let (asked, then) = &self.asked;
        let more_verdicts = replayed != *then && *then < seen.end;
        if !seen.is_empty() && (*asked != seen || more_verdicts) {
            self.asked = (seen.clone(), replayed);
            self.engine.ask(Ask::Rows(seen));
        }
    }

    fn slots(&self, area: Rect) -> Vec<Slot> {
        match self.choices.panels.zoomed {
            true => vec![Slot { area, panels: &Panel::ALL }],
            false => slots(area),
        }
    }
}

impl View for StepScreen {
    type Message = Told;

    fn hear(&mut self, event: Event<Told>) -> Flow {
        match event {
            Event::Key(key) => return self.key(without_caps(key)),
            Event::Message(told) => self.told(told),
            Event::Tick => self.play_on(),
        }
        Flow::Stay
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        if std::mem::replace(&mut self.area, area) != area {
            self.choices.panels.have_moved();
        }
        let buffer = frame.buffer_mut();
        let waits = self.waits();
        let slots = |height: [u16; 2]| {
            let [head, body, foot] =
                Layout::vertical([Constraint::Length(height[0]), Constraint::Fill(1), Constraint::Length(height[1])])
                    .areas(area);
            (head, body, foot)
        };
        // What stands around the panels gives way to them.
        let (head, body, foot) = slots(match area.height {
            0..=2 => [0, 0],
            3..=7 => [0, 1],
            8..=11 => [1, 1],
            _ => [1, 2],
        });
        let slots = self.slots(body);
        let mut pen = Pen { facts: &self.facts, choices: &mut self.choices, palette: self.palette };
        for slot in &slots {
            panel::draw(slot, buffer, &mut pen);
        }
        edges::draw_head(buffer, head, &pen);
        edges::draw_foot(buffer, foot, &pen, waits);
        edges::draw_dialog(buffer, body, &mut pen);
        self.ask_for_rows();
    }

    fn wakes_at(&self) -> Option<Instant> {
        self.choices.plays
    }
}

/// A letter as it was meant: some terminals tell of Shift beside the capital letter, some do not.
fn without_caps(mut key: KeyEvent) -> KeyEvent {
    if matches!(key.code, KeyCode::Char(_)) {
        key.modifiers.remove(KeyModifiers::SHIFT);
    }
    key
}
