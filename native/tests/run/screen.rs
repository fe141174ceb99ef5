//! A terminal of a test's own: a pty with a program in it, and what that has drawn.
//!
//! Nothing sleeps: a test waits until the screen shows what it expects, or fails with the screen after [`PATIENCE`].

use std::{
    io::{PipeReader, PipeWriter, Read, Write, pipe},
    num::NonZero,
    os::fd::{AsRawFd, RawFd},
    process::Command,
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

pub const RIGHT: &str = "\x1b[C";
pub const LEFT: &str = "\x1b[D";
pub const UP: &str = "\x1b[A";
pub const DOWN: &str = "\x1b[B";
pub const HOME: &str = "\x1b[H";
pub const END: &str = "\x1b[F";
pub const TAB: &str = "\t";
pub const BACK_TAB: &str = "\x1b[Z";
pub const ENTER: &str = "\r";
pub const KEY_C: &str = "\x03";
pub const KEY_Z: &str = "\x1a";

/// A terminal with a program in it.
pub struct Terminal {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    pid: u32,
    /// While it is there, what the program writes is read.
    reads: PipeWriter,
    /// How the terminal was set before.
    settings: String,
}

/// What a terminal has seen of its program.
struct Seen {
    screen: vt100::Parser,
    raw: Vec<u8>,
    status: Option<ExitStatus>,
}

impl Terminal {
    /// Starts a program in a terminal of so many columns and rows.
    pub fn open(mut command: CommandBuilder, (cols, rows): (u16, u16)) -> Terminal {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).expect("a pty");
        let settings = settings(&*pty.master);
        if command.get_env("TERM").is_none_or(|term| term != "dumb") {
            command.env("TERM", "xterm-256color");
        }
        let mut child = pty.slave.spawn_command(command).expect("the program starts");
        let pid = child.process_id().expect("a process");
        let screen = vt100::Parser::new(at_least_one(rows), at_least_one(cols), 0);
        let seen = Arc::new((Mutex::new(Seen { screen, raw: Vec::new(), status: None }), Condvar::new()));
        let mut output = pty.master.try_clone_reader().expect("the terminal's output");
        let (stop, reads) = pipe().expect("a pipe");
        let fd = pty.master.as_raw_fd().expect("the terminal's end");
        let drawn = Arc::clone(&seen);
        let reading = thread::spawn(move || {
            let mut buffer = [0; 4096];
            // At the end of the program Linux gives an error, others nothing.
            while is_readable(fd, &stop)
                && let Ok(n @ 1..) = output.read(&mut buffer)
            {
                let mut seen = drawn.0.lock().expect("no test panics with it");
                seen.screen.process(&buffer[..n]);
                seen.raw.extend_from_slice(&buffer[..n]);
                drawn.1.notify_all();
            }
        });
        let ended = Arc::clone(&seen);
        thread::spawn(move || {
            let status = child.wait().expect("the program ends");
            // What it wrote last belongs to the screen at its end; a child of its own may still hold the terminal.
            drop(pty.slave);
            let _ = reading.join();
            ended.0.lock().expect("no test panics with it").status = Some(status);
            ended.1.notify_all();
        });
        let keys = pty.master.take_writer().expect("the terminal's input");
        Terminal { seen, keys, master: pty.master, pid, reads, settings }
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("the terminal takes keys");
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, (cols, rows): (u16, u16)) {
        self.seen().screen.screen_mut().set_size(at_least_one(rows), at_least_one(cols));
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("another size");
    }

    /// Sends the program a signal, by its name.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.pid.to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// Waits until the screen has that text, blanks in a row counted as one.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| squeezed(&screen.contents()).contains(text));
    }

    /// Waits until the screen has that text no more.
    pub fn wait_for_none(&self, text: &str) {
        self.wait_until(&format!("no {text}"), |screen| !squeezed(&screen.contents()).contains(text));
    }

    /// Waits until the screen is as it should be.
    pub fn wait_until(&self, what: &str, there: impl Fn(&vt100::Screen) -> bool) {
        let seen = self.wait(|seen| there(seen.screen.screen()) || seen.status.is_some());
        let (text, status) = (seen.screen.screen().contents(), &seen.status);
        assert!(there(seen.screen.screen()), "no `{what}`, status {status:?}, on the screen:\n{text}");
    }

    fn wait(&self, there: impl Fn(&Seen) -> bool) -> MutexGuard<'_, Seen> {
        let until = Instant::now() + PATIENCE;
        let mut seen = self.seen();
        while !there(&seen) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            seen = self.seen.1.wait_timeout(seen, left).expect("no test panics with it").0;
        }
        seen
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().expect("no test panics with it")
    }

    /// The screen's text.
    pub fn text(&self) -> String {
        self.seen().screen.screen().contents()
    }

    /// Every byte that the program wrote.
    pub fn raw(&self) -> Vec<u8> {
        self.seen().raw.clone()
    }

    /// Asks something of the screen.
    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen().screen.screen())
    }

    /// Waits for the program's end.
    pub fn ended(&self) -> ExitStatus {
        let seen = self.wait(|seen| seen.status.is_some());
        let text = seen.screen.screen().contents();
        seen.status.clone().unwrap_or_else(|| panic!("it does not end; on the screen:\n{text}"))
    }

    /// Waits until the program is stopped, as by Ctrl-Z.
    pub fn wait_for_stop(&self) {
        // SAFETY: all zeros are a `siginfo_t`, and the pointer to it lives through the call.
        let (stopped, info) = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            let how = libc::WSTOPPED | libc::WEXITED | libc::WNOWAIT;
            (libc::waitid(libc::P_PID, self.pid, &mut info, how), info)
        };
        assert_eq!((stopped, info.si_code), (0, libc::CLD_STOPPED), "it stops and does not end");
    }

    /// Takes the terminal away, and waits for the program's end.
    pub fn hang_up(self) -> ExitStatus {
        let Terminal { seen, keys, master, reads, .. } = self;
        drop((keys, master, reads));
        let until = Instant::now() + PATIENCE;
        let mut here = seen.0.lock().expect("no test panics with it");
        while here.status.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it does not end without a terminal");
            here = seen.1.wait_timeout(here, left).expect("no test panics with it").0;
        }
        here.status.clone().expect("just seen")
    }

    /// Whether the terminal, after the program's end, is as it was before, with nothing on it but this text.
    pub fn is_given_back(&self, text: &str) {
        self.look(|screen| {
            let contents = screen.contents();
            assert!(!screen.alternate_screen() && !screen.hide_cursor(), "the screen is as before");
            assert!(contents.contains(text), "`{text}` is on it:\n{contents}");
            assert!(!contents.contains('━'), "nothing of the view is left:\n{contents}");
        });
        assert_eq!(settings(&*self.master), self.settings, "keys are echoed line by line again");
    }
}

/// Waits until there is something to read, or no more to be read.
fn is_readable(fd: RawFd, stop: &PipeReader) -> bool {
    let on = |fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    let mut both = [on(fd), on(stop.as_raw_fd())];
    // SAFETY: the pointer is to so many `pollfd`s, which live through the call.
    while unsafe { libc::poll(both.as_mut_ptr(), 2, -1) } < 0 {}
    both[1].revents == 0
}

fn at_least_one(size: u16) -> NonZero<u16> {
    NonZero::new(size).unwrap_or(NonZero::<u16>::MIN)
}

fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("a terminal's settings"))
}

/// A text with one blank where there are several.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
