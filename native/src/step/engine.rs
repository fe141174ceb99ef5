//! The thread that has the [`Session`]: it replays, verifies and seeks, so that the screen never waits.
//!
//! The view asks ([`Ask`]) and goes on; the engine tells ([`Told`]) when it knows. A replay and a verification run in
//! slices of [`SLICE`], and between two slices it answers what was asked meanwhile. Of moves that wait for one
//! another, those that a later one makes void are left out: a key that is held down goes as fast as can be shown.

use std::{
    ops::Range,
    sync::mpsc::{self, Receiver, Sender, TryRecvError},
    thread,
    time::{Duration, Instant},
};

use bpfscope_core::lab::{
    Cursor, Jump, LabError, Session,
    view::{ListOf, PacketView, ProgramView, ReplayView, RowView, StepView, Verdict, VerdictView},
};

use crate::{
    error::Error,
    input::{Input, SeekableCapture},
    terminal::events::Outbox,
};

/// How long a slice of a replay or a verification takes, about.
const SLICE: Duration = Duration::from_millis(15);
/// How often the view hears how far they are.
const PROGRESS: Duration = Duration::from_millis(80);
/// Packets, and instructions, of the first slice.
const FIRST: (u32, u32) = (4, 2_000);
/// Packets, and instructions, of a slice at most.
const MOST: (f64, f64) = (65_536.0, 200_000.0);

/// What the view asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Rows of the packet list.
    Rows(Range<u32>),
    /// Look at a packet.
    Select(Cursor),
    /// Go to a step.
    Seek(u32),
    /// So many steps on, or back.
    By(i64),
    /// Go as a debugger does.
    Jump(Jump),
    /// Go to the next time that a line is reached, around the end if need be.
    Line(u32),
    /// Go on to one of these lines, or back; when there is none, to the end, or the start.
    Find { lines: Vec<u32>, forward: bool },
    /// Go to where the line that is looked at comes next, or came before.
    Visit { line: u32, forward: bool },
    /// Stop the replay, or go on with it.
    Replay,
}

impl Ask {
    /// Whether it is about a step of the packet that is looked at.
    fn is_step(&self) -> bool {
        !matches!(self, Ask::Rows(_) | Ask::Select(_) | Ask::Replay)
    }

    fn is_move(&self) -> bool {
        self.is_step() || matches!(self, Ask::Select(_))
    }
}

/// What the engine tells.
#[derive(Clone, Debug)]
pub enum Told {
    /// How far the replay is, and whether it goes on.
    Progress { view: ReplayView, running: bool },
    /// Rows of the packet list, from `start` on.
    Rows { start: u32, rows: Vec<RowView> },
    /// A packet is looked at; the step follows.
    Packet(PacketView),
    /// The machine at a step, and the number of the move that led there.
    Step { view: Box<StepView>, answers: u64 },
    /// What the verifier says so far.
    Verdict(VerdictView),
    /// A move could not be made.
    Refused { why: String, answers: u64 },
}

/// The view's end of the engine.
pub struct Engine {
    asks: Sender<(u64, Ask)>,
    /// Moves asked for.
    moves: u64,
}

impl Engine {
    /// Starts the engine with a place to show as soon as the replay has come by.
    ///
    /// # Errors
    /// The capture is none.
    pub fn start(
        input: Input,
        capture: SeekableCapture,
        capture_name: &str,
        wanted: Cursor,
        outbox: Outbox<Told>,
    ) -> Result<(Engine, ProgramView), Error> {
        let (asks, inbox) = mpsc::channel();
        let (opened, opening) = mpsc::sync_channel(1);
        thread::spawn(move || {
            // A session is made where it works: it is not for two threads.
            let mut session = Session::new();
            let view = session.open_loaded(input.scenario, input.compiled, Some(Box::new(capture)));
            let goes_on = view.is_ok();
            if opened.send(view).is_ok() && goes_on {
                Worker::new(session, wanted, outbox).run(&inbox);
            }
        });
        let view = opening.recv().expect("the thread sends before anything else that could end it");
        let view = view.map_err(|error| Error::of(capture_name, error))?;
        Ok((Engine { asks, moves: 0 }, view))
    }

    /// An engine that nobody runs, and what it was asked, for tests of the view.
    #[cfg(test)]
    pub fn unattended() -> (Engine, Receiver<(u64, Ask)>) {
        let (asks, asked) = mpsc::channel();
        (Engine { asks, moves: 0 }, asked)
    }

    /// Asks for something.
    pub fn ask(&mut self, ask: Ask) {
        self.moves += u64::from(ask.is_move());
        // An engine that is gone has panicked, which the user was told.
        let _ = self.asks.send((self.moves, ask));
    }

    /// The number of the last move that was asked for.
    pub fn moves(&self) -> u64 {
        self.moves
    }
}

/// The engine's own end.
struct Worker {
    session: Session,
    outbox: Outbox<Told>,
    /// The place to show as soon as the replay has come by, and the number of the move that asked for it.
    wanted: Option<(Cursor, u64)>,
    /// The number of the last move that was made.
    answered: u64,
    step: Option<(u32, u32)>,
    replay: Pace,
    verify: Pace,
    /// Packets replayed.
    done: u32,
}

/// How something that takes long goes on.
struct Pace {
    running: bool,
    /// How much is done at once.
    slice: u32,
    told: Option<Instant>,
}

impl Pace {
    fn new(slice: u32) -> Pace {
        Pace { running: true, slice, told: None }
    }

    /// Takes the measure of a slice that did so much since then, at most `most` the next time.
    fn adjust(&mut self, did: u32, since: Instant, most: f64) {
        let share = SLICE.as_secs_f64() / since.elapsed().as_secs_f64().max(1e-6);
        self.slice = (f64::from(did.max(1)) * share).clamp(1.0, most) as u32;
    }

    /// Whether the view should hear of it now.
    fn is_time_to_tell(&mut self) -> bool {
        let time = !self.running || self.told.is_none_or(|told| told.elapsed() >= PROGRESS);
        if time {
            self.told = Some(Instant::now());
        }
        time
    }
}

impl Worker {
    fn new(session: Session, wanted: Cursor, outbox: Outbox<Told>) -> Worker {
        let (replay, verify) = (Pace::new(FIRST.0), Pace::new(FIRST.1));
        Worker { session, outbox, wanted: Some((wanted, 0)), answered: 0, step: None, replay, verify, done: 0 }
    }

    /// Works until the view is gone.
    fn run(mut self, inbox: &Receiver<(u64, Ask)>) {
        loop {
            let busy = self.replay.running || self.verify.running;
            let first = match busy {
                false => inbox.recv().map_err(|_| TryRecvError::Disconnected),
                true => inbox.try_recv(),
            };
            let goes_on = match first {
                Ok(first) => {
                    settled(std::iter::once(first).chain(inbox.try_iter())).into_iter().all(|a| self.answer(a))
                }
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => self.verify_some() && self.replay_some(),
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Answers; `false` when nobody listens any more.
    fn answer(&mut self, (number, ask): (u64, Ask)) -> bool {
        if ask.is_step()
            && let Some((_, wanted)) = &mut self.wanted
        {
            // There is no packet yet to step through; the one that comes answers this, too.
            *wanted = number;
            return true;
        }
        let move_to = match ask {
            Ask::Rows(range) => {
                let rows = self.session.rows(ListOf::In, range.clone());
                return self.outbox.send(Told::Rows { start: range.start, rows });
            }
            Ask::Replay => {
                self.replay.running = !self.replay.running && !self.session.progress().finished;
                return self.tell_progress() && (self.replay.running || self.show_wanted(true));
            }
            Ask::Select(cursor) => {
                self.wanted = Some((cursor, number));
                return self.show_wanted(!self.replay.running);
            }
            Ask::Seek(step) => Ok(self.session.seek(step)),
            Ask::By(steps) => {
                let (at, end) = self.step.unwrap_or_default();
                Ok(self.session.seek((i64::from(at) + steps).clamp(0, i64::from(end)) as u32))
            }
            Ask::Jump(jump) => Ok(self.session.jump(jump)),
            Ask::Line(line) => match self.session.jump(Jump::ToLine(line)) {
                Some(view) if view.line != Some(line) => Err(format!("line {line} is not reached by this run")),
                view => Ok(view),
            },
            Ask::Find { lines, forward } => Ok(match self.session.find_step(&lines, forward) {
                Some(step) => self.session.seek(step),
                None => self.session.jump(if forward { Jump::End } else { Jump::Start }),
            }),
            Ask::Visit { line, forward } => match self.session.find_step(&[line], forward) {
                Some(step) => Ok(self.session.seek(step)),
                None if forward => Err(format!("line {line} does not come again in this run")),
                None => Err(format!("line {line} did not come before in this run")),
            },
        };
        self.answered = number;
        match move_to {
            Ok(view) => self.tell_step(view),
            Err(why) => self.outbox.send(Told::Refused { why, answers: number }),
        }
    }

    fn tell_step(&mut self, view: Option<StepView>) -> bool {
        let answers = self.answered;
        match view {
            Some(view) => {
                self.step = Some((view.step, view.steps));
                self.outbox.send(Told::Step { view: Box::new(view), answers })
            }
            None => self.outbox.send(Told::Refused { why: "there is no packet to step through".to_owned(), answers }),
        }
    }

    /// Shows the wanted place when the replay has come by; when no more packets come, the nearest that there is.
    fn show_wanted(&mut self, ended: bool) -> bool {
        let Some((mut cursor, number)) = self.wanted else { return true };
        let beyond = cursor.packet >= self.done;
        if beyond && !ended {
            return true;
        }
        (self.wanted, self.answered) = (None, number);
        let mut why = None;
        if beyond {
            why = Some(match self.session.progress().finished {
                true => LabError::NoPacket { packet: cursor.packet, packets: self.done }.to_string(),
                false => format!("the replay has come to packet {}", self.done),
            });
            cursor = Cursor { packet: self.done.saturating_sub(1), ..Cursor::default() };
        }
        let shown = match self.session.select(cursor.packet, cursor.run) {
            Err(error @ LabError::NoRun { .. }) if cursor.run > 0 => {
                why = Some(error.to_string());
                cursor = Cursor { run: 0, step: 0, ..cursor };
                self.session.select(cursor.packet, 0)
            }
            shown => shown,
        };
        let told = match shown {
            Ok(packet) => {
                let step = self.session.seek(cursor.step);
                self.outbox.send(Told::Packet(packet)) && self.tell_step(step)
            }
            Err(error) => {
                why = Some(error.to_string());
                true
            }
        };
        told && why.is_none_or(|why| self.outbox.send(Told::Refused { why, answers: number }))
    }

    fn replay_some(&mut self) -> bool {
        if !self.replay.running {
            return true;
        }
        let since = Instant::now();
        let view = self.session.replay_some(self.replay.slice);
        self.replay.adjust(view.packets - self.done, since, MOST.0);
        self.done = view.packets;
        self.replay.running = !view.finished;
        let running = self.replay.running;
        let told = !self.replay.is_time_to_tell() || self.outbox.send(Told::Progress { view, running });
        told && self.show_wanted(!running)
    }

    fn tell_progress(&self) -> bool {
        self.outbox.send(Told::Progress { view: self.session.progress(), running: self.replay.running })
    }

    fn verify_some(&mut self) -> bool {
        if !self.verify.running {
            return true;
        }
        let since = Instant::now();
        let slice = self.verify.slice;
        let verdict = self.session.verify_some(slice);
        self.verify.adjust(slice, since, MOST.1);
        self.verify.running = verdict.as_ref().is_some_and(|v| v.verdict == Verdict::Checking);
        let told = match verdict.filter(|_| self.verify.is_time_to_tell()) {
            Some(verdict) => self.outbox.send(Told::Verdict(verdict)),
            None => true,
        };
        if self.verify.running || self.step.is_none() {
            return told;
        }
        // The step again, now with what was proved of its values.
        let again = self.step.and_then(|(step, _)| self.session.seek(step));
        told && self.tell_step(again)
    }
}

/// What is left to do of what was asked: moves that a later one makes void are left out, and steps in one direction
/// are made together.
fn settled(asked: impl Iterator<Item = (u64, Ask)>) -> Vec<(u64, Ask)> {
    let mut left: Vec<(u64, Ask)> = Vec::new();
    for (number, ask) in asked {
        match (&ask, left.last_mut()) {
            (Ask::By(more), Some((last, Ask::By(steps)))) if more.signum() == steps.signum() => {
                (*last, *steps) = (number, *steps + more);
                continue;
            }
            (Ask::Rows(_), _) => left.retain(|(_, earlier)| !matches!(earlier, Ask::Rows(_))),
            (Ask::Select(_), _) => left.retain(|(_, earlier)| !earlier.is_move()),
            (Ask::Seek(_), _) => left.retain(|(_, earlier)| !earlier.is_step()),
            _ => {}
        }
        left.push((number, ask));
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_that_a_later_one_makes_void_are_left_out() {
        let left = |asks: &[Ask]| {
            let numbered = (1..).zip(asks.iter().cloned());
            settled(numbered).into_iter().map(|(number, ask)| format!("{number} {ask:?}")).collect::<Vec<_>>()
        };
        let packet = |packet| Ask::Select(Cursor { packet, ..Cursor::default() });
        let jump = || Ask::Jump(Jump::Over);
        assert_eq!(left(&[Ask::By(1), Ask::By(1), Ask::By(1)]), ["3 By(3)"]);
        assert_eq!(left(&[Ask::By(-1), Ask::By(1)]), ["1 By(-1)", "2 By(1)"], "the start may be in between");
        assert_eq!(left(&[Ask::By(1), jump(), Ask::By(1)]).len(), 3);
        assert_eq!(left(&[Ask::By(1), jump(), Ask::Seek(9)]), ["3 Seek(9)"]);
        assert_eq!(left(&[Ask::Seek(1), packet(2), packet(3), Ask::By(1)]).len(), 2);
        let rows = [Ask::Rows(0..1), Ask::Replay, Ask::Rows(1..2)];
        assert_eq!(left(&rows), ["2 Replay", "3 Rows(1..2)"]);
    }
}
