//! A view that has the whole terminal: set-up and restore, one queue of events, one palette, and the loop.
//!
//! | file | holds |
//! |---|---|
//! | [`mod@self`] | [`View`], and [`show`], the loop that shows one |
//! | [`screen`] | the terminal taken and given back: at the end, by a panic, while suspended |
//! | [`events`] | keys, signals, a lost terminal and the view's own messages, in one queue |
//! | [`palette`] | every colour, by what it means |
//! | [`parts`] | pieces that views share: frames, dialogs, scrolling, text that fits |
//!
//! A view is a value that hears events and draws itself; it does no work of its own, so that a key never waits.
//! What takes long runs in a thread that tells the view through an [`Outbox`](events::Outbox):
//!
//! ```ignore
//! let events = Events::new()?;
//! let outbox = events.outbox();
//! thread::spawn(move || while outbox.send(measure()) {});
//! terminal::show(&mut watch, &events)?.follow();
//! ```
//!
//! The terminal is given back however the view ends: it quits, the process is told to end (SIGINT, SIGTERM, SIGHUP,
//! SIGQUIT), the terminal is gone, something panics. [`show`] returns to its caller, so that that can clean up, but for
//! a panic of its own thread; [`Ending::follow`] then ends the process as the signal would have. Ctrl-C quits, Ctrl-Z
//! suspends, Ctrl-L draws anew: views need not know.

pub mod events;
pub mod palette;
pub mod parts;
mod screen;

#[cfg(test)]
mod tests;

use std::{
    env,
    fs::File,
    io::{self, IsTerminal},
    process,
    time::{Duration, Instant},
};

use ratatui::{
    Frame,
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
};

use self::{
    events::{Events, Heard},
    screen::Screen,
};

/// Time between two frames at least: what comes meanwhile is heard, and drawn together.
const FRAME: Duration = Duration::from_millis(16);

/// Exit status of a process that panicked, as Rust has it.
const PANICKED: i32 = 101;

/// Something that fills the terminal.
pub trait View {
    /// What its threads tell it.
    type Message: Send + 'static;

    /// Takes note of an event.
    fn hear(&mut self, event: Event<Self::Message>) -> Flow;

    /// Draws everything, in whatever size the terminal has.
    fn draw(&mut self, frame: &mut Frame<'_>);

    /// When it wants to hear [`Event::Tick`], if at all. It is asked again after every event.
    fn wakes_at(&self) -> Option<Instant> {
        None
    }
}

/// What a view hears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event<M> {
    /// A key was pressed.
    Key(KeyEvent),
    /// A thread told something.
    Message(M),
    /// The time has come that the view waited for.
    Tick,
}

/// Whether a view stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// It does.
    Stay,
    /// The user is done with it.
    Quit,
}

/// Why a view is no longer shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Ending {
    /// The user left it.
    Quit,
    /// The process was told to end, by this signal.
    Signal(i32),
    /// The terminal is gone.
    Lost,
    /// One of the view's threads panicked, and said so.
    Broken,
}

impl Ending {
    /// Ends the process as the signal would have done that the view caught; returns when the user quit.
    pub fn follow(self) {
        match self {
            Ending::Quit => {}
            Ending::Signal(signal) => events::die_of(signal),
            Ending::Lost => events::die_of_hangup(),
            Ending::Broken => process::exit(PANICKED),
        }
    }
}

/// Whether a full-screen view can be shown: standard output is a terminal that can move its cursor, and keys can be read.
pub fn is_there() -> bool {
    // When standard input is something else, keys come from the terminal of the session.
    let has_keys = || !cfg!(unix) || io::stdin().is_terminal() || File::open("/dev/tty").is_ok();
    io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb") && has_keys()
}

/// Shows a view until it ends. The terminal is as before when this returns. As long as the queue lives, no signal ends the
/// process: whoever has to clean up first drops it last.
///
/// # Errors
/// The terminal cannot be taken. One that is lost later is an [`Ending`].
pub fn show<V: View>(view: &mut V, events: &Events<V::Message>) -> io::Result<Ending> {
    let mut screen = Screen::open(events.on_panic())?;
    events.listen_to_terminal();
    loop {
        if screen.draw(|frame| view.draw(frame)).is_err() {
            return Ok(Ending::Lost);
        }
        let next_frame = Instant::now() + FRAME;
        let mut heard = events.next(view.wakes_at());
        loop {
            match hear(view, &mut screen, heard) {
                Ok(None) => {}
                Ok(Some(ending)) => return Ok(ending),
                Err(_) => return Ok(Ending::Lost),
            }
            heard = events.next(Some(next_frame));
            if heard.is_none() {
                break;
            }
        }
    }
}

/// Takes care of what concerns the terminal; the view hears the rest, and of nothing that its time has come.
fn hear<V: View>(view: &mut V, screen: &mut Screen, heard: Option<Heard<V::Message>>) -> io::Result<Option<Ending>> {
    let Some(heard) = heard else { return Ok((view.hear(Event::Tick) == Flow::Quit).then_some(Ending::Quit)) };
    let event = match heard {
        Heard::Key(key) if is_control(key, 'c') => return Ok(Some(Ending::Quit)),
        Heard::Key(key) if is_control(key, 'l') => return screen.forget().map(|()| None),
        Heard::Key(key) if is_control(key, 'z') => return screen.suspend().map(|()| None),
        Heard::Suspend => return screen.suspend().map(|()| None),
        Heard::Resized => return Ok(None),
        Heard::Signal(signal) => return Ok(Some(Ending::Signal(signal))),
        Heard::Lost => return Ok(Some(Ending::Lost)),
        Heard::Broken => return Ok(Some(Ending::Broken)),
        Heard::Key(key) => Event::Key(key),
        Heard::Message(message) => Event::Message(message),
    };
    Ok((view.hear(event) == Flow::Quit).then_some(Ending::Quit))
}

fn is_control(key: KeyEvent, letter: char) -> bool {
    key.modifiers == KeyModifiers::CONTROL && key.code == KeyCode::Char(letter)
}
