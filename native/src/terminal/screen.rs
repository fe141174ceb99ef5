//! The terminal taken and given back.
//!
//! Taken is: raw mode, the alternate screen, a hidden cursor. [`Screen`] gives it back when it is dropped, and a hook
//! does when anything panics, in whatever thread, before the panic's message is printed.

use std::{
    cell::Cell,
    io::{self, BufWriter, Stdout, Write},
    panic,
    sync::{
        Mutex, MutexGuard, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use ratatui::{
    Frame, Terminal,
    backend::CrosstermBackend,
    crossterm::{
        cursor::Show,
        execute,
        terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
    },
};

use super::events;

/// Bytes of a frame that are written at once.
const FRAME_BYTES: usize = 1 << 16;

/// Whether the terminal is taken.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Held while something is written to the terminal, so that a frame is not cut by the giving back, nor follows it.
static WRITING: Mutex<()> = Mutex::new(());

thread_local! {
    /// Whether it is this thread that holds [`WRITING`]: a panic in there must not wait for itself.
    static WRITES: Cell<bool> = const { Cell::new(false) };
}

/// The terminal, taken.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// There is none, or it does not answer; it is as it was then.
    pub fn open() -> io::Result<Screen> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                give_back();
                before(info);
            }));
        });
        let backend = CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, io::stdout()));
        let mut screen = Screen { terminal: Terminal::new(backend)? };
        screen.take()?;
        Ok(screen)
    }

    fn take(&mut self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        let taken = enable_raw_mode()
            .and_then(|()| execute!(self.terminal.backend_mut(), EnterAlternateScreen))
            .and_then(|()| self.terminal.hide_cursor())
            .and_then(|()| self.terminal.clear());
        if taken.is_err() {
            give_back();
        }
        taken
    }

    /// Draws a frame.
    ///
    /// # Errors
    /// The terminal is gone, or was given back by a panic elsewhere.
    pub fn draw(&mut self, body: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let _writing = Writing::begin();
        if !TAKEN.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.terminal.draw(body).map(|_| ())
    }

    /// Forgets what is on the screen, so that the next frame is drawn whole.
    pub fn forget(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }

    /// Gives the terminal back, stops the process as Ctrl-Z does, and takes the terminal again when it goes on.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        events::stop();
        self.take()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back, once. What cannot be restored any more is left: there is nobody to tell.
fn give_back() {
    let _writing = Writing::begin();
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(out, LeaveAlternateScreen, Show);
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}

/// [`WRITING`], held, unless this thread holds it already.
struct Writing(Option<MutexGuard<'static, ()>>);

impl Writing {
    fn begin() -> Writing {
        if WRITES.replace(true) {
            return Writing(None);
        }
        Writing(Some(WRITING.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.0.is_some() {
            WRITES.set(false);
        }
    }
}
