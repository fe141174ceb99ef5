//! The worker: a [`Session`] that compiles, replays and seeks, so that the page never blocks.
//!
//! | file | holds |
//! |---|---|
//! | [`mod@self`] | the worker: requests in, replies out, the replay in slices |
//! | [`blob`] | reading a file piece by piece |
//! | [`content`] | telling what a file is from its first bytes |
//! | [`fetch`] | lessons and captures that come with the page |
//! | `looking` | what is looked at, and taken away |
//! | [`machine`] | the connection to the kernel of the machine that serves the page |
//! | `on_machine` | the session on that kernel |
//! | `opening` | what is opened, and the program as it is edited |
//! | [`words`] | what the editor offers to write |
//!
//! One session, one request at a time. What takes long is cut into slices of `SLICE_MS`; between two
//! slices the browser delivers the next request, which is how a replay or a verification is cancelled. What cannot be done
//! is refused with a reason and leaves the session as it was.

pub mod blob;
pub mod content;
pub mod fetch;
mod looking;
pub mod machine;
mod on_machine;
mod opening;
pub mod words;

use std::cell::RefCell;
use std::panic;

use gloo::timers::callback::Timeout;
use gloo::worker::{HandlerId, Worker, WorkerScope};

use crate::lab::view::{Look, ReplayView, Verdict};
use crate::lab::{self, ByteSource, Cursor, Lesson, Scenario, Session, Source};
use crate::protocol::{BundledCapture, Machine, Refusal, Reply, Request};
use machine::{Asking, Heard, What};

/// How long a slice of a replay may take, in milliseconds: two frames.
const SLICE_MS: f64 = 30.0;

/// Instructions that the first slice of a verification looks at before the clock is read.
const FIRST_INSNS: u32 = 2_000;

/// Lines of the verifier's log that one request may ask for.
const LOG_LINES: u32 = 4096;

/// How often the page hears of a replay's or a verification's progress, in milliseconds.
const PROGRESS_MS: f64 = 80.0;

/// Files other than captures are read whole, up to this size.
const WHOLE_FILE: u64 = 16 << 20;

/// Rows that one request may ask for.
const ROWS: u32 = 1024;

/// Runs the simulator in the worker.
pub struct Engine {
    session: Session,
    page: Option<HandlerId>,
    replay: Replay,
    verifying: Verifying,
    lessons: Vec<Lesson>,
    /// The lesson that is open.
    lesson: Option<String>,
    /// The place to show as soon as the replay has come by.
    wanted: Option<Cursor>,
    /// Why something else is opened than was asked for, told once that is open.
    excuse: Option<Refusal>,
    /// Counts what was opened, so that a download that comes too late is not taken.
    openings: u32,
    /// The kernel that the server of the page offers.
    machine: Option<Machine>,
    /// The connection to it, while its word counts.
    asking: Option<Asking>,
}

/// The replay that is going on.
#[derive(Default)]
struct Replay {
    running: bool,
    /// Whether the next slice is on its way; there is never more than one.
    scheduled: bool,
    /// Packets done.
    done: u32,
    /// Packets in the next slice.
    slice: u32,
    told: f64,
}

/// The verification that is going on.
#[derive(Default)]
struct Verifying {
    /// Whether the next slice is on its way; there is never more than one.
    scheduled: bool,
    /// Instructions in the next slice.
    slice: u32,
    told: f64,
}

/// Another text for the program.
enum Edit<'a> {
    /// It was typed, in the language that the program is in.
    Typed(String),
    /// It is a file's.
    File(&'a str, Source),
}

/// What the worker tells itself.
pub enum Message {
    /// Time for the next slice of the replay.
    Slice,
    /// Time for the next slice of the verification.
    Verify,
    /// A download has come.
    Fetched(u32, Result<Fetched, Refusal>),
    /// Something has come from the kernel of the machine.
    Heard(Heard),
}

/// What was downloaded.
pub enum Fetched {
    /// What comes with the page.
    Lists {
        /// The lessons.
        lessons: Vec<Lesson>,
        /// The captures.
        captures: Vec<BundledCapture>,
        /// The link to open now, if there is one.
        link: Option<String>,
    },
    /// Another capture for the program that is open.
    Capture(String, Vec<u8>),
    /// A scenario with its capture.
    Scenario(Box<Scenario>, Option<String>, Option<Box<dyn ByteSource>>),
}

type Scope = WorkerScope<Engine>;

impl Worker for Engine {
    type Message = Message;
    type Input = Request;
    type Output = Reply;

    fn create(_scope: &Scope) -> Self {
        Engine {
            session: Session::new(),
            page: None,
            replay: Replay::default(),
            verifying: Verifying::default(),
            lessons: Vec::new(),
            lesson: None,
            wanted: None,
            excuse: None,
            openings: 0,
            machine: None,
            asking: None,
        }
    }

    fn connected(&mut self, scope: &Scope, id: HandlerId) {
        self.page = Some(id);
        tell_of_panics(scope.clone(), id);
    }

    fn update(&mut self, scope: &Scope, message: Message) {
        match message {
            Message::Slice => self.slice(scope),
            Message::Verify => {
                self.verifying.scheduled = false;
                self.verify_slice(scope);
            }
            Message::Heard(heard) => self.heard(scope, heard),
            Message::Fetched(opening, _) if opening != self.openings => {}
            Message::Fetched(_, Ok(fetched)) => self.fetched(scope, fetched),
            Message::Fetched(_, Err(refusal)) => self.tell(scope, Reply::Refused(refusal)),
        }
    }

    fn received(&mut self, scope: &Scope, request: Request, _id: HandlerId) {
        match request {
            Request::Start { link, machine } => {
                self.machine = machine;
                self.tell(scope, Reply::Words(words::all()));
                self.fetch(scope, async move {
                    let (lessons, captures) = (fetch::lessons().await?, fetch::captures().await?);
                    Ok(Fetched::Lists { lessons, captures, link })
                });
            }
            Request::Lesson(name) => self.open_lesson(scope, &name),
            Request::Capture(file) => {
                self.fetch(
                    scope,
                    async move { fetch::capture(&file).await.map(|bytes| Fetched::Capture(file, bytes)) },
                );
            }
            Request::Link(link) => self.open_link(scope, &link),
            Request::File { name, blob } => self.open_file(scope, name, blob.0),
            Request::Edit(text) => self.edit(scope, Edit::Typed(text)),
            Request::Language(language) => self.set_language(scope, language),
            Request::Replay => self.replay_from_start(scope, self.session.scenario().cursor),
            Request::Cancel => self.cancel(scope),
            Request::Rows(of, range) => self.rows(scope, of, range),
            Request::Pcap(interface) => self.pcap(scope, interface),
            Request::Select { packet, run, step } => self.select(scope, Cursor { packet, run, step }),
            Request::Seek(step) => {
                let step = self.session.seek(step);
                self.tell_step(scope, step);
            }
            Request::Jump(jump) => {
                let step = self.session.jump(jump);
                self.tell_step(scope, step);
            }
            Request::Kernel(version) => self.set_kernel(scope, &version),
            Request::Machine => self.set_machine(scope),
            Request::Verify => {
                self.session.verify_again();
                self.verify(scope);
            }
            Request::StopVerifying => {
                self.stop_on_machine(What::Verdict);
                self.session.stop_verifying();
                self.tell_verdict(scope);
            }
            Request::Look(look) => self.look(scope, look),
            Request::Log { program, lines } => {
                let end = lines.end.min(lines.start.saturating_add(LOG_LINES));
                let (start, lines) = (lines.start, self.session.log(program, lines.start..end));
                self.tell(scope, Reply::Log { program, start, lines });
            }
            Request::Share => self.share(scope),
            Request::Object => self.object(scope),
        }
    }
}

impl Engine {
    fn tell(&self, scope: &Scope, reply: Reply) {
        if let Some(page) = self.page {
            scope.respond(page, reply);
        }
    }

    fn refuse(&self, scope: &Scope, what: impl Into<String>, why: impl ToString) {
        self.tell(scope, Reply::Refused(Refusal { what: what.into(), why: why.to_string() }));
    }

    // Replaying.

    fn replay_from_start(&mut self, scope: &Scope, cursor: Cursor) {
        self.session.restart();
        self.wanted = Some(cursor);
        self.replay = Replay { running: true, done: 0, slice: 64, told: 0.0, scheduled: self.replay.scheduled };
        self.want_on_machine(What::Replay);
        self.next_slice(scope);
    }

    /// Lets the browser deliver what has come meanwhile, then the next slice runs.
    fn next_slice(&mut self, scope: &Scope) {
        if !self.replay.scheduled {
            self.replay.scheduled = true;
            let scope = scope.clone();
            Timeout::new(0, move || scope.send_message(Message::Slice)).forget();
        }
    }

    fn slice(&mut self, scope: &Scope) {
        self.replay.scheduled = false;
        if !self.replay.running {
            return;
        }
        let begun = now();
        let mut view = self.session.replay_some(self.replay.slice);
        while !view.finished && now() - begun < SLICE_MS / 2.0 {
            view = self.session.replay_some(self.replay.slice);
        }
        let took = (now() - begun).max(0.1);
        let advanced = f64::from(view.packets.saturating_sub(self.replay.done).max(1));
        self.replay.slice = (advanced * SLICE_MS / 2.0 / took).clamp(1.0, 65_536.0) as u32;
        self.replay.done = view.packets;
        self.replay.running = !view.finished;
        if view.finished {
            self.tell_progress(scope, view);
            self.show_wanted(scope, true);
        } else {
            if now() - self.replay.told >= PROGRESS_MS {
                self.replay.told = now();
                self.tell_progress(scope, view);
            }
            self.show_wanted(scope, false);
            self.next_slice(scope);
        }
    }

    fn tell_progress(&self, scope: &Scope, view: ReplayView) {
        let running = self.replay.running || view.there.as_ref().is_some_and(|there| there.running);
        self.tell(scope, Reply::Progress { view, running });
    }

    fn cancel(&mut self, scope: &Scope) {
        self.stop_on_machine(What::Replay);
        if self.replay.running {
            self.replay.running = false;
            let view = self.session.progress();
            self.tell_progress(scope, view);
            self.show_wanted(scope, true);
        }
    }

    // Verifying.

    /// Tells what the verifier says, at once if it is quick, else slice by slice.
    fn verify(&mut self, scope: &Scope) {
        (self.verifying.slice, self.verifying.told) = (FIRST_INSNS, 0.0);
        self.want_on_machine(What::Verdict);
        self.verify_slice(scope);
    }

    fn verify_slice(&mut self, scope: &Scope) {
        let begun = now();
        let mut verdict = self.session.verify_some(self.verifying.slice);
        let mut spent = f64::from(self.verifying.slice);
        let goes_on = |verdict: &Option<_>| matches!(verdict, Some(v) if is_checking(v));
        while goes_on(&verdict) && now() - begun < SLICE_MS / 2.0 {
            verdict = self.session.verify_some(self.verifying.slice);
            spent += f64::from(self.verifying.slice);
        }
        let took = (now() - begun).max(0.1);
        self.verifying.slice = (spent * SLICE_MS / 4.0 / took).clamp(100.0, 200_000.0) as u32;
        if !goes_on(&verdict) {
            self.tell_verdict(scope);
            self.show_proven(scope);
            return;
        }
        if now() - self.verifying.told >= PROGRESS_MS {
            self.verifying.told = now();
            self.tell_verdict(scope);
        }
        if !self.verifying.scheduled {
            self.verifying.scheduled = true;
            let scope = scope.clone();
            Timeout::new(0, move || scope.send_message(Message::Verify)).forget();
        }
    }

    /// Tells the verdict of whoever has the word.
    fn tell_verdict(&self, scope: &Scope) {
        self.tell(scope, Reply::Verdict(self.session.verdict().map(Box::new)));
    }

    /// Shows the step that is looked at again, now with what was proved of its values.
    fn show_proven(&mut self, scope: &Scope) {
        if !self.replay.running && self.wanted.is_none() {
            let step = self.session.scenario().cursor.step;
            if let Some(step) = self.session.seek(step) {
                self.tell(scope, Reply::Step(Box::new(step)));
            }
        }
    }

    fn look(&mut self, scope: &Scope, look: Look) {
        let proof = self.session.look(look).map(Box::new);
        self.tell(scope, Reply::Proof(proof));
    }
}

fn is_checking(verdict: &lab::view::VerdictView) -> bool {
    verdict.verdict == Verdict::Checking
}

/// Milliseconds on the worker's own clock.
fn now() -> f64 {
    js_sys::Date::now()
}

thread_local! {
    static PAGE: RefCell<Option<(Scope, HandlerId)>> = const { RefCell::new(None) };
}

/// A panic is a mistake of ours, but the page must hear of it rather than wait for ever.
fn tell_of_panics(scope: Scope, id: HandlerId) {
    PAGE.set(Some((scope, id)));
    panic::set_hook(Box::new(|info| {
        if let Some((scope, id)) = PAGE.take() {
            scope.respond(id, Reply::Crashed(info.to_string()));
        }
    }));
}
