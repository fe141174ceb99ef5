//! The terminal is given back, whatever happens: asked of a real pty, in which this test program runs itself.

use std::{
    env,
    io::{self, Write},
    thread,
    time::Instant,
};

use portable_pty::CommandBuilder;
use ratatui::{Frame, crossterm::event::KeyCode};

use super::{Ending, Event, Flow, View, events::Events, show};

#[path = "../../tests/run/screen.rs"]
#[allow(dead_code, reason = "the tests of the command use the rest")]
mod screen;

use screen::{KEY_Z, Terminal};

/// Set where this program is to show the view.
const SHOWN: &str = "BPFSCOPE_TEST_SHOWS_VIEW";

/// A view that counts, and breaks when it is told to.
struct Counter {
    keys: u32,
    ticks: u32,
    told: u32,
    wakes_at: Option<Instant>,
}

impl View for Counter {
    type Message = u32;

    fn hear(&mut self, event: Event<u32>) -> Flow {
        match event {
            Event::Tick => {
                self.ticks += 1;
                self.wakes_at = None;
            }
            Event::Message(told) => self.told += told,
            Event::Key(key) => match key.code {
                KeyCode::Char('q') => return Flow::Quit,
                KeyCode::Char('p') => panic!("the view breaks"),
                KeyCode::Char('t') => {
                    thread::spawn(|| panic!("a thread breaks"));
                }
                KeyCode::Char('w') => self.wakes_at = Some(Instant::now()),
                _ => self.keys += 1,
            },
        }
        Flow::Stay
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let Counter { keys, ticks, told, .. } = self;
        frame.render_widget(format!("{keys} keys, {ticks} ticks, told {told}"), frame.area());
    }

    fn wakes_at(&self) -> Option<Instant> {
        self.wakes_at
    }
}

/// Shows the view when this program was started for that. A test does this first.
fn shown_here() -> bool {
    if env::var_os(SHOWN).is_none() {
        return false;
    }
    let events = Events::new().expect("signals");
    let outbox = events.outbox();
    thread::spawn(move || (0..1000).all(|_| outbox.send(1)));
    let mut counter = Counter { keys: 0, ticks: 0, told: 0, wakes_at: None };
    let ending = show(&mut counter, &events).expect("a terminal");
    // There may be no terminal any more.
    let _ = writeln!(io::stdout(), "ended by {ending:?}");
    if ending != Ending::Quit {
        ending.follow();
    }
    true
}

/// The test of that name in a terminal of its own, with the view on it.
fn in_terminal(test: &str) -> Terminal {
    open(command(test))
}

fn open(command: CommandBuilder) -> Terminal {
    let terminal = Terminal::open(command, (80, 30));
    terminal.wait_for("0 keys, 0 ticks, told 1000");
    terminal
}

fn command(test: &str) -> CommandBuilder {
    let mut command = CommandBuilder::new(env::current_exe().expect("this program"));
    command.args([&format!("terminal::tests::{test}"), "--exact", "--nocapture"]);
    command.env(SHOWN, "1");
    command.env("RUST_BACKTRACE", "0");
    command
}

#[test]
fn a_view_hears_keys_messages_and_ticks() {
    if shown_here() {
        return;
    }
    let mut terminal = in_terminal("a_view_hears_keys_messages_and_ticks");
    terminal.press("ab");
    terminal.wait_for("2 keys, 0 ticks");
    terminal.press("w");
    terminal.wait_for("2 keys, 1 ticks");
    terminal.press("q");
    assert_eq!(terminal.ended().exit_code(), 0);
    terminal.is_given_back("ended by Quit");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_says_why() {
    if shown_here() {
        return;
    }
    for (key, why) in [("p", "the view breaks"), ("t", "a thread breaks")] {
        let mut terminal = in_terminal("a_panic_gives_the_terminal_back_before_it_says_why");
        terminal.press(key);
        assert_eq!(terminal.ended().exit_code(), 101, "{why}");
        terminal.is_given_back(why);
    }
}

#[test]
fn a_signal_gives_the_terminal_back_and_ends_the_process_as_it_would_have() {
    if shown_here() {
        return;
    }
    for (signal, how) in [("TERM", "Terminated"), ("INT", "Interrupt"), ("QUIT", "Quit"), ("HUP", "Hangup")] {
        let terminal = in_terminal("a_signal_gives_the_terminal_back_and_ends_the_process_as_it_would_have");
        terminal.signal(signal);
        assert!(terminal.ended().signal().is_some_and(|name| name.starts_with(how)), "{signal}");
        terminal.is_given_back("ended by Signal");
    }
}

#[test]
fn a_suspended_view_gives_the_terminal_back_for_the_while() {
    if shown_here() {
        return;
    }
    let mut terminal = in_terminal("a_suspended_view_gives_the_terminal_back_for_the_while");
    terminal.press(KEY_Z);
    terminal.wait_until("the shell's screen", |screen| !screen.alternate_screen());
    terminal.wait_for_stop();
    terminal.signal("CONT");
    terminal.wait_for("0 keys, 0 ticks, told 1000");
    terminal.press("a");
    terminal.wait_for("1 keys");
    terminal.press("q");
    assert_eq!(terminal.ended().exit_code(), 0);
}

#[test]
fn a_terminal_that_is_gone_ends_the_process() {
    if shown_here() {
        return;
    }
    // A process outside of the terminal's session gets no signal when that is gone.
    for gets_signal in [true, false] {
        let mut command = command("a_terminal_that_is_gone_ends_the_process");
        command.set_controlling_tty(gets_signal);
        let status = open(command).hang_up();
        assert!(status.signal().is_some_and(|name| name.starts_with("Hangup")), "{gets_signal}: {status:?}");
    }
}
