//! Everything that a view hears, in one queue: keys, signals, a terminal that is gone, and messages of its threads.
//!
//! Signals are caught from [`Events::new`] on, so that none can end the process between the taking of the terminal
//! and its giving back.

use std::{
    io,
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Instant,
};

use ratatui::crossterm::event::{self, KeyEvent, KeyEventKind};

/// What is in the queue.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "there are no signals"))]
pub(super) enum Heard<M> {
    Key(KeyEvent),
    /// The terminal has another size.
    Resized,
    Message(M),
    /// The process was told to end.
    Signal(i32),
    /// The process was told to stop until further notice.
    Suspend,
    /// The terminal is gone.
    Lost,
    /// Something panicked.
    Broken,
}

/// The queue of a view.
pub struct Events<M> {
    inbox: Receiver<Heard<M>>,
    outbox: Sender<Heard<M>>,
}

/// Where a thread tells its view something. It may be cloned.
pub struct Outbox<M>(Sender<Heard<M>>);

impl<M> Clone for Outbox<M> {
    fn clone(&self) -> Outbox<M> {
        Outbox(self.0.clone())
    }
}

impl<M> Outbox<M> {
    /// Tells the view; `false` when it is gone, and with it every reason to go on. The queue has no bound: what comes
    /// thousands of times a second should be summed up first.
    pub fn send(&self, message: M) -> bool {
        self.0.send(Heard::Message(message)).is_ok()
    }
}

impl<M: Send + 'static> Events<M> {
    /// An empty queue; signals go into it from now on.
    ///
    /// # Errors
    /// The system does not let signals be caught.
    pub fn new() -> io::Result<Events<M>> {
        let (outbox, inbox) = mpsc::channel();
        catch_signals(outbox.clone())?;
        Ok(Events { inbox, outbox })
    }

    /// A place for threads to tell the view.
    pub fn outbox(&self) -> Outbox<M> {
        Outbox(self.outbox.clone())
    }

    /// What to do when something panics: the view hears it, which may wait for ever for a thread that is gone.
    pub(super) fn on_panic(&self) -> impl Fn() + Send + 'static {
        let outbox = self.outbox.clone();
        move || {
            // A view that is gone has nothing to wait for.
            let _ = outbox.send(Heard::Broken);
        }
    }

    /// Begins to listen to the terminal's keys and to its end. The threads end with the process: nothing else can
    /// read keys afterwards.
    pub(super) fn listen_to_terminal(&self) {
        let outbox = self.outbox.clone();
        thread::spawn(move || {
            loop {
                let heard = match event::read() {
                    // Windows tells of keys that are let go, too.
                    Ok(event::Event::Key(key)) if key.kind != KeyEventKind::Release => Heard::Key(key),
                    Ok(event::Event::Resize(..)) => Heard::Resized,
                    Ok(_) => continue,
                    Err(_) => Heard::Lost,
                };
                let last = matches!(heard, Heard::Lost);
                if outbox.send(heard).is_err() || last {
                    return;
                }
            }
        });
        watch_for_hangup(self.outbox.clone());
    }

    /// The next event; `None` when that time has come. Without a time it waits for ever.
    pub(super) fn next(&self, until: Option<Instant>) -> Option<Heard<M>> {
        // This value holds a sender itself, so the queue is never without one.
        let Some(until) = until else { return Some(self.inbox.recv().unwrap_or(Heard::Lost)) };
        // Once it is time, nothing is taken any more: a flood of messages must not keep a frame from being drawn.
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        self.inbox.recv_timeout(left).ok()
    }
}

#[cfg(unix)]
mod system {
    use std::{io, os::fd::AsRawFd, sync::mpsc::Sender, thread};

    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP},
        iterator::Signals,
        low_level::emulate_default_handler,
    };

    use super::Heard;

    pub fn catch_signals<M: Send + 'static>(outbox: Sender<Heard<M>>) -> io::Result<()> {
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP])?;
        thread::spawn(move || {
            for signal in signals.forever() {
                let heard = if signal == SIGTSTP { Heard::Suspend } else { Heard::Signal(signal) };
                if outbox.send(heard).is_err() {
                    // The view is gone, and with it whatever had to be cleaned up first.
                    super::die_of(signal);
                }
            }
        });
        Ok(())
    }

    /// Tells when the terminal hangs up. A process that is not in the terminal's session gets no signal of that, and
    /// reading keys does not tell either.
    pub fn watch_for_hangup<M: Send + 'static>(outbox: Sender<Heard<M>>) {
        thread::spawn(move || {
            let mut terminal = libc::pollfd { fd: io::stdout().as_raw_fd(), events: 0, revents: 0 };
            // SAFETY: the pointer is to one `pollfd`, which lives through the call.
            while unsafe { libc::poll(&mut terminal, 1, -1) } < 0 {
                if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
                    return;
                }
            }
            if terminal.revents & libc::POLLHUP != 0 {
                // A view that is gone has nobody to tell.
                let _ = outbox.send(Heard::Lost);
            }
        });
    }

    /// Ends the process by a signal's default action.
    pub fn die_of(signal: i32) {
        // What fails here leaves the process running: its caller ends it.
        let _ = emulate_default_handler(signal);
    }

    /// Ends the process as a hang-up does.
    pub fn die_of_hangup() {
        die_of(SIGHUP);
    }

    /// Stops the process until it is told to go on.
    pub fn stop() {
        let _ = emulate_default_handler(SIGTSTP);
    }
}

#[cfg(not(unix))]
mod system {
    use std::{io, process, sync::mpsc::Sender};

    use super::Heard;

    /// Here only keys interrupt, and those are read.
    pub fn catch_signals<M: Send + 'static>(_: Sender<Heard<M>>) -> io::Result<()> {
        Ok(())
    }

    /// Reading keys tells.
    pub fn watch_for_hangup<M: Send + 'static>(_: Sender<Heard<M>>) {}

    /// Ends the process; the status is what shells give for a signal.
    pub fn die_of(signal: i32) {
        process::exit(128 + signal);
    }

    /// Ends the process: bad input, there is none any more.
    pub fn die_of_hangup() {
        process::exit(2);
    }

    /// There is no such state here.
    pub fn stop() {}
}

use system::{catch_signals, watch_for_hangup};
pub(super) use system::{die_of, die_of_hangup, stop};
