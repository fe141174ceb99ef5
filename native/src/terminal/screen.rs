//! The terminal taken and given back.
//!
//! Taken is: raw mode, the alternate screen, a hidden cursor. [`Screen`] gives it back when it is dropped, and a hook
//! does when anything panics, in whatever thread, before the panic's message is printed.

use std::{
    cell::Cell,
    io::{self, BufWriter, Stdout, Write},
    mem::ManuallyDrop,
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
    layout::Rect,
};

use super::events;

/// Bytes of a frame that are written at once.
const FRAME_BYTES: usize = 1 << 16;

/// Whether the terminal is taken.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Held while something is written to the terminal, so that a frame is not cut by the giving back, nor follows it.
static WRITING: Mutex<()> = Mutex::new(());

/// What to do when something panics, beyond the giving back.
static ON_PANIC: Mutex<Option<Box<dyn Fn() + Send>>> = Mutex::new(None);

thread_local! {
    /// Whether it is this thread that holds [`WRITING`]: a panic in there must not wait for itself.
    static WRITES: Cell<bool> = const { Cell::new(false) };
}

/// The terminal, taken.
pub struct Screen {
    /// Never dropped: ratatui would complain on standard error of a terminal that is gone, which panics when that is
    /// gone with it. What there is to restore, [`give_back`] does.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
}

impl Screen {
    /// Takes the terminal. A panic gives it back and calls `on_panic`, in the thread that panics.
    ///
    /// # Errors
    /// There is none, or it does not answer; it is as it was then.
    pub fn open(on_panic: impl Fn() + Send + 'static) -> io::Result<Screen> {
        *ON_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(on_panic));
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                give_back();
                before(info);
                if let Some(on_panic) = ON_PANIC.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
                    on_panic();
                }
            }));
        });
        let backend = CrosstermBackend::new(BufWriter::with_capacity(FRAME_BYTES, io::stdout()));
        let mut screen = Screen { terminal: ManuallyDrop::new(Terminal::new(backend)?) };
        screen.take()?;
        Ok(screen)
    }

    fn take(&mut self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        let taken = enable_raw_mode()
            .and_then(|()| execute!(self.terminal.backend_mut(), EnterAlternateScreen))
            .and_then(|()| self.terminal.hide_cursor())
            .and_then(|()| self.forget());
        if taken.is_err() {
            give_back();
        }
        taken
    }

    /// Draws a frame, unless a panic elsewhere has given the terminal back.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, body: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let _writing = Writing::begin();
        if !TAKEN.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.terminal.draw(body).map(|_| ())
    }

    /// Clears the screen and forgets what was on it, so that the next frame is drawn whole.
    pub fn forget(&mut self) -> io::Result<()> {
        // `Terminal::clear` would ask the terminal where its cursor is: not all answer, and the answer comes as a key.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from(size))
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
