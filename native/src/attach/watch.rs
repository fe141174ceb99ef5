//! `attach --watch`: the program at work, in the whole terminal.
//!
//! The view draws what a thread tells it some times a second; that thread has the program, and takes it away when the
//! view is gone, however it went.

use std::{
    collections::{HashMap, VecDeque},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use bpfscope_core::{
    kernel::{Hook, MapDef, MapType, VerdictClass},
    lab::{format_map_value, format_value},
};
use ratatui::{
    Frame,
    buffer::Buffer,
    crossterm::event::{KeyCode, KeyEvent},
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::{
    lines::{Lines, Records, record},
    live::{Live, Start},
    snapshot::{Rates, Snapshot},
};
use crate::{
    args::LiveArgs,
    error::Error,
    input::Input,
    terminal::{
        self, Event, Flow, View,
        events::{Events, Outbox},
        palette::{Palette, Tint},
        parts::{self, Scroll, count, counted, fit, plain, sides, spark},
    },
};

/// Time between two looks at what has come.
const TICK: Duration = Duration::from_millis(50);
/// Time between two snapshots, and how many make up the time that rates are of.
const SHOT: Duration = Duration::from_millis(250);
const SHOTS: usize = 4;
/// Entries of a map that are shown.
const DEPTH: usize = 256;
/// Lines of output that are kept.
const OUTPUT: usize = 500;
/// How long what changed stands out.
const NEWS: Duration = Duration::from_millis(1100);
/// Seconds that the chart has.
const HISTORY: usize = 60;
/// Columns from which panels are beside one another.
const WIDE: u16 = 90;

/// What the thread tells.
pub enum Told {
    Shot(Box<Snapshot>),
    /// It is over: the time is up, or something went wrong.
    Over,
}

/// Runs `attach --watch`.
pub fn run(args: &LiveArgs, input: &Input) -> Result<ExitCode, Error> {
    // Signals are caught before there is anything to clean up.
    let events = Events::new()?;
    let live = match Live::start(args, input)? {
        Start::Live(live) => *live,
        Start::Rejected(why) => {
            eprintln!("{}: {why}", input.name);
            return Ok(ExitCode::from(1));
        }
    };
    let mut lines = Lines::new(false, input);
    lines.place(&live);
    let mut view = Watch::new(&live, input);
    let stop = &AtomicBool::new(false);
    let (ending, last) = thread::scope(|scope| {
        let outbox = events.outbox();
        // However the view ends: the thread must.
        let _stop = StopWhenDropped(stop);
        let worker = scope.spawn(move || work(live, args.duration, &outbox, stop));
        let ending = terminal::show(&mut view, &events);
        stop.store(true, Ordering::Release);
        let last = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (ending, last)
    });
    // A terminal that is lost takes no last words, and is why the process ends.
    let said = last.and_then(|last| Ok(lines.last(&last)?));
    ending?.follow();
    said.map(|()| ExitCode::SUCCESS)
}

struct StopWhenDropped<'a>(&'a AtomicBool);

impl Drop for StopWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Looks at the program until it is time, or nobody listens any more; then takes it away.
fn work(
    mut live: Live<'_>,
    duration: Option<Duration>,
    outbox: &Outbox<Told>,
    stop: &AtomicBool,
) -> Result<Snapshot, Error> {
    let end = duration.and_then(|duration| live.since().checked_add(duration));
    let mut next_shot = live.since();
    let looked = loop {
        let now = Instant::now();
        if stop.load(Ordering::Acquire) || end.is_some_and(|end| now >= end) {
            break Ok(());
        }
        if let Err(error) = live.tick() {
            break Err(error);
        }
        if now >= next_shot {
            match live.snapshot(DEPTH) {
                Ok(shot) => {
                    if !outbox.send(Told::Shot(Box::new(shot))) {
                        break Ok(());
                    }
                }
                Err(error) => break Err(error),
            }
            next_shot = (next_shot + SHOT).max(now);
        }
        thread::sleep(TICK);
    };
    let last = live.end();
    // A view that is gone need not be told.
    let _ = outbox.send(Told::Over);
    looked.and(last)
}

/// What keys go to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Focus {
    Maps,
    Output,
}

/// The view.
struct Watch<'a> {
    input: &'a Input,
    records: Records,
    palette: Palette,
    program: &'a str,
    how: String,
    hook: Hook,
    pinned: bool,
    /// Whether anything can come out of the program beside verdicts and maps.
    has_output: bool,
    now: Snapshot,
    rates: Rates,
    /// Snapshots without contents, the oldest first.
    earlier: VecDeque<Snapshot>,
    history: Vec<u64>,
    next_history: f64,
    /// When entries changed, by map and key.
    changed: HashMap<(usize, Vec<u8>), Instant>,
    output: VecDeque<(Tint, String)>,
    focus: Focus,
    maps_scroll: Scroll,
    output_scroll: Scroll,
}

impl<'a> Watch<'a> {
    fn new(live: &Live<'a>, input: &'a Input) -> Watch<'a> {
        let sends = |def: &MapDef| matches!(def.map_type, MapType::Ringbuf | MapType::PerfEventArray);
        Watch {
            input,
            records: Records::new(input),
            palette: Palette::of_environment(),
            program: live.program_name(),
            how: live.manner().1.to_owned(),
            hook: live.hook(),
            pinned: live.pinned().is_some(),
            has_output: live.prints() || input.compiled.loaded.maps.iter().any(sends),
            now: Snapshot::default(),
            rates: Rates::default(),
            earlier: VecDeque::new(),
            history: Vec::new(),
            next_history: 1.0,
            changed: HashMap::new(),
            output: VecDeque::new(),
            focus: Focus::Maps,
            maps_scroll: Scroll::default(),
            output_scroll: Scroll::default(),
        }
    }

    fn take(&mut self, shot: Snapshot) {
        let time = Instant::now();
        self.changed.retain(|_, at| time.duration_since(*at) < NEWS);
        for (map, held) in shot.maps.iter().enumerate() {
            let Some(before) = self.now.maps.get(map) else { continue };
            let known: HashMap<_, _> = before.entries.iter().map(|(key, value)| (key, value)).collect();
            for (key, _) in held.entries.iter().filter(|(key, value)| known.get(key) != Some(&value)) {
                // Where there were more than are looked at, what is new here may be old.
                if known.contains_key(key) || !before.more {
                    self.changed.insert((map, key.clone()), time);
                }
            }
        }
        for output in &shot.events {
            if let Some((map, data)) = record(output) {
                let name = &self.input.compiled.loaded.maps[map.index()].name;
                self.say(Tint::Text, format!("{name}  {}", self.records.show(map, data)));
            }
        }
        for line in &shot.printed {
            self.say(Tint::Muted, format!("prints  {line}"));
        }
        let first = self.earlier.front().unwrap_or(&self.now);
        self.rates = shot.since(first, self.hook);
        if shot.seconds >= self.next_history {
            self.history.push(self.rates.packets as u64);
            let surplus = self.history.len().saturating_sub(HISTORY);
            self.history.drain(..surplus);
            self.next_history = shot.seconds.floor() + 1.0;
        }
        self.now = shot;
        let light = Snapshot { maps: Vec::new(), events: Vec::new(), printed: Vec::new(), ..self.now.clone() };
        self.earlier.push_back(light);
        if self.earlier.len() > SHOTS {
            self.earlier.pop_front();
        }
    }

    fn say(&mut self, tint: Tint, text: String) {
        self.output.push_back((tint, plain(&text)));
        if self.output.len() > OUTPUT {
            self.output.pop_front();
        }
        self.output_scroll.reveal(self.output.len() - 1);
    }

    fn key(&mut self, key: KeyEvent) -> Flow {
        let scroll = match self.focus {
            Focus::Maps => &mut self.maps_scroll,
            Focus::Output => &mut self.output_scroll,
        };
        match key.code {
            KeyCode::Char('q') | KeyCode::Esc => return Flow::Quit,
            KeyCode::Up | KeyCode::Char('k') => scroll.by(-1),
            KeyCode::Down | KeyCode::Char('j') => scroll.by(1),
            KeyCode::PageUp => scroll.by(-scroll.page()),
            KeyCode::PageDown => scroll.by(scroll.page()),
            KeyCode::Tab | KeyCode::BackTab if self.has_output => {
                self.focus = if self.focus == Focus::Maps { Focus::Output } else { Focus::Maps };
            }
            _ => {}
        }
        Flow::Stay
    }

    fn ink(&self, tint: Tint, text: impl Into<String>) -> Span<'static> {
        self.palette.ink(tint, text.into())
    }

    fn header(&self, width: usize) -> Line<'static> {
        let left = vec![
            self.ink(Tint::Title, self.program.to_owned()),
            self.ink(Tint::Muted, " at "),
            self.ink(Tint::Text, self.how.clone()),
        ];
        sides(left, vec![self.ink(Tint::Muted, format!("{:.0} s", self.now.seconds))], width)
    }

    fn rates(&self) -> Line<'static> {
        let number = |number: f64| self.ink(Tint::Number, count(number.round() as u64));
        let mut line = vec![number(self.rates.packets), self.ink(Tint::Muted, " packets/s  ")];
        if let Some(ns) = self.rates.ns {
            line.extend([number(ns), self.ink(Tint::Muted, " ns each  ")]);
        }
        line.extend([number(self.rates.bytes), self.ink(Tint::Muted, " bytes/s on the device  ")]);
        line.push(self.ink(Tint::Read, spark(&self.history, HISTORY)));
        Line::from(line)
    }

    fn verdicts(&self) -> Vec<Line<'static>> {
        let packets = self.now.runs.unwrap_or(self.now.toward(self.hook).0);
        let mut lines = vec![Line::from(vec![
            self.ink(Tint::Number, format!("{:>13}", count(packets))),
            self.ink(Tint::Muted, "  packets"),
        ])];
        if let Some(passed) = self.now.passed {
            lines.push(Line::from(vec![
                self.ink(Tint::Number, format!("{:>13}", count(passed))),
                self.ink(Tint::Muted, "  were seen to go on after the program"),
            ]));
        }
        let Some(verdicts) = &self.now.verdicts else { return lines };
        for row in verdicts {
            let tint = match row.class {
                _ if row.name == "FAULT" => Tint::Fault,
                VerdictClass::Pass => Tint::Pass,
                VerdictClass::Drop => Tint::Drop,
                VerdictClass::Redirect | VerdictClass::Other => Tint::Redirect,
            };
            let share = row.count as f64 * 100.0 / self.now.sampled.max(1) as f64;
            lines.push(Line::from(vec![
                self.ink(Tint::Number, format!("{:>13}  {share:>5.1} %  ", count(row.count))),
                self.ink(tint, row.name),
            ]));
        }
        let by = format!("{:>13}  by the simulator, of {} sampled", "", count(self.now.sampled));
        lines.push(Line::from(self.ink(Tint::Muted, by)));
        lines
    }

    fn maps(&self, width: usize) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for (at, def) in self.input.compiled.loaded.maps.iter().enumerate() {
            let Some(held) = self.now.maps.get(at) else { continue };
            if matches!(def.map_type, MapType::Ringbuf | MapType::PerfEventArray) || def.name.starts_with(".rodata") {
                continue;
            }
            let array = matches!(def.map_type, MapType::Array | MapType::PercpuArray);
            let what = match (def.map_type, held.more) {
                (MapType::Queue | MapType::Stack, _) => "only to be read by taking from it".to_owned(),
                (_, true) => format!("the first {DEPTH} of up to {}", counted(def.max_entries.into(), "entry")),
                (_, false) if array => counted(def.max_entries.into(), "entry"),
                (_, false) => format!("{} of {}", held.entries.len(), counted(def.max_entries.into(), "entry")),
            };
            lines.push(Line::from(vec![
                self.ink(Tint::Heading, def.name.clone()),
                self.ink(Tint::Muted, format!("  {}, {what}", def.map_type.name())),
            ]));
            let mut shown: Vec<_> =
                held.entries.iter().filter(|(_, value)| !array || value.iter().any(|b| *b != 0)).collect();
            if !array {
                // In the order of numbers, as replay prints them.
                shown.sort_by(|(a, _), (b, _)| a.iter().rev().cmp(b.iter().rev()));
            }
            for (key, value) in shown {
                lines.push(self.entry(at, def, key, value, width));
            }
        }
        if lines.is_empty() {
            lines.push(Line::from(self.ink(Tint::Muted, "no map that can be looked at")));
        }
        lines
    }

    fn entry(&self, map: usize, def: &MapDef, key: &[u8], value: &[u8], width: usize) -> Line<'static> {
        let is_new = self.changed.contains_key(&(map, key.to_vec()));
        // Told without colour, too.
        let (mark, tint) = if is_new { ("*", Tint::Changed) } else { (" ", Tint::Text) };
        let key = format!("{mark} {:>12}  ", plain(&format_value(key, &def.key_format)));
        let value = plain(&format_map_value(def, value));
        let left = width.saturating_sub(key.len());
        Line::from(vec![self.ink(tint, key), self.ink(tint, fit(&value, left))])
    }

    /// A panel with its frame; gives what is within.
    fn panel(&self, title: &str, focused: bool, area: Rect, buffer: &mut Buffer) -> Rect {
        let title = self.ink(if focused { Tint::Title } else { Tint::Heading }, format!(" {title} "));
        let block = parts::frame(focused, self.palette).title_top(title);
        let inner = block.inner(area);
        block.render(area, buffer);
        inner
    }
}

impl View for Watch<'_> {
    type Message = Told;

    fn hear(&mut self, event: Event<Told>) -> Flow {
        match event {
            Event::Key(key) => return self.key(key),
            Event::Message(Told::Shot(shot)) => self.take(*shot),
            Event::Message(Told::Over) => return Flow::Quit,
            Event::Tick => {}
        }
        Flow::Stay
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let buffer = frame.buffer_mut();
        let verdicts = self.verdicts();
        let of_verdicts = Constraint::Length(verdicts.len() as u16 + 2);
        let [header, rates, body, keys] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(1),
            Constraint::Fill(1),
            Constraint::Length(1),
        ])
        .areas(area);
        buffer.set_line(header.x, header.y, &self.header(header.width.into()), header.width);
        buffer.set_line(rates.x, rates.y, &self.rates(), rates.width);
        let (left, output) = match (self.has_output, area.width >= WIDE) {
            (false, _) => (body, None),
            (true, true) => {
                let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(body);
                (left, Some(right))
            }
            (true, false) => {
                let [top, bottom] = Layout::vertical([Constraint::Fill(2), Constraint::Fill(1)]).areas(body);
                (top, Some(bottom))
            }
        };
        let [top, bottom] = Layout::vertical([of_verdicts, Constraint::Fill(1)]).areas(left);
        let inner = self.panel("Verdicts", false, top, buffer);
        parts::lines(buffer, inner, &verdicts, &mut Scroll::default());
        let inner = self.panel("Maps", self.has_output && self.focus == Focus::Maps, bottom, buffer);
        let maps = self.maps(inner.width.into());
        parts::lines(buffer, inner, &maps, &mut self.maps_scroll);
        if let Some(area) = output {
            let lost = if self.now.lost > 0 { format!(", {} lost", count(self.now.lost)) } else { String::new() };
            let title = format!("Output: {} records{lost}", count(self.now.event_count));
            let inner = self.panel(&title, self.focus == Focus::Output, area, buffer);
            let line =
                |(tint, text): &(Tint, String)| Line::from(self.palette.ink(*tint, fit(text, inner.width.into())));
            let shown: Vec<_> = self.output.iter().map(line).collect();
            parts::lines(buffer, inner, &shown, &mut self.output_scroll);
        }
        let tab = if self.has_output { "Tab other panel  " } else { "" };
        let leave = if self.pinned { "q leaves it attached" } else { "q detaches and leaves" };
        let hint = self.ink(Tint::Muted, format!("{leave}  ↑ ↓ scroll  {tab}* changed"));
        buffer.set_line(keys.x, keys.y, &Line::from(hint), keys.width);
    }
}
