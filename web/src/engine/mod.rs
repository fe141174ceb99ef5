//! The worker: a [`Session`] that compiles, replays and seeks, so that the page never blocks.
//!
//! | file | holds |
//! |---|---|
//! | [`mod@self`] | the worker: requests in, replies out, the replay in slices |
//! | [`blob`] | reading a file piece by piece |
//! | [`content`] | telling what a file is from its first bytes |
//! | [`fetch`] | lessons and captures that come with the page |
//! | [`machine`] | the connection to the kernel of the machine that serves the page |
//! | `on_machine` | the session on that kernel |
//! | [`words`] | what the editor offers to write |
//!
//! One session, one request at a time. What takes long is cut into slices of `SLICE_MS`; between two
//! slices the browser delivers the next request, which is how a replay or a verification is cancelled. What cannot be done
//! is refused with a reason and leaves the session as it was.

pub mod blob;
pub mod content;
pub mod fetch;
pub mod machine;
mod on_machine;
pub mod words;

use std::cell::RefCell;
use std::ops::Range;
use std::panic;

use bpfscope_core::kernel::{KernelVersion, VERSIONS};
use gloo::timers::callback::Timeout;
use gloo::worker::{HandlerId, Worker, WorkerScope};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use crate::lab::view::{Language, ListOf, Look, ReplayView, StepView, Verdict};
use crate::lab::{self, ByteSource, CaptureRef, Cursor, Lesson, Scenario, Session, Source};
use crate::protocol::{BundledCapture, BundledLesson, Machine, Opened, Refusal, Reply, Request};
use blob::BlobSource;
use content::Content;
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

    // Opening.

    fn open_lesson(&mut self, scope: &Scope, name: &str) {
        match self.lessons.iter().find(|lesson| lesson.name == name).cloned() {
            Some(lesson) => self.fetch(scope, async move {
                let scenario = fetch::lesson(&lesson).await?;
                with_capture(scenario, Some(lesson.name)).await
            }),
            None => self.refuse(scope, "The lesson", format!("there is none with the name `{name}`")),
        }
    }

    fn open_link(&mut self, scope: &Scope, link: &str) {
        match lab::link::decode(link) {
            Ok(scenario) => self.fetch(scope, with_capture(scenario, None)),
            Err(error) => self.refuse(scope, "The link", error),
        }
    }

    /// Downloads what is to be opened, while requests go on being answered.
    fn fetch(&mut self, scope: &Scope, what: impl Future<Output = Result<Fetched, Refusal>> + 'static) {
        self.openings += 1;
        let (opening, scope) = (self.openings, scope.clone());
        spawn_local(async move { scope.send_message(Message::Fetched(opening, what.await)) });
    }

    fn fetched(&mut self, scope: &Scope, fetched: Fetched) {
        match fetched {
            Fetched::Capture(file, bytes) => {
                let name = file.clone();
                if let Err(why) = self.open_capture(scope, CaptureRef::Bundled(file), Box::new(bytes)) {
                    self.refuse(scope, name, why);
                }
            }
            Fetched::Lists { lessons, captures, link } => {
                self.tell(scope, Reply::Captures(captures));
                let menu = lessons.iter().map(|Lesson { name, title, summary, .. }| BundledLesson {
                    name: name.clone(),
                    title: title.clone(),
                    summary: summary.clone(),
                });
                self.tell(scope, Reply::Lessons(menu.collect()));
                self.lessons = lessons;
                self.open_first(scope, link);
            }
            Fetched::Scenario(scenario, lesson, bytes) => self.open(scope, *scenario, lesson, bytes),
        }
    }

    /// Opens the link that the page was opened with, or else the first lesson.
    fn open_first(&mut self, scope: &Scope, link: Option<String>) {
        match link.as_deref().map(lab::link::decode) {
            Some(Ok(scenario)) => return self.fetch(scope, with_capture(scenario, None)),
            Some(Err(error)) => self.excuse = Some(Refusal { what: "The link".into(), why: error.to_string() }),
            None => {}
        }
        if let Some(first) = self.lessons.first().map(|lesson| lesson.name.clone()) {
            self.open_lesson(scope, &first);
        }
    }

    fn open(
        &mut self,
        scope: &Scope,
        mut scenario: Scenario,
        lesson: Option<String>,
        bytes: Option<Box<dyn ByteSource>>,
    ) {
        if let Some(kernel) = self.machine_version().filter(|_| self.asking.is_some()) {
            scenario.kernel = kernel;
        }
        let what = if scenario.title.is_empty() { "The scenario".to_owned() } else { scenario.title.clone() };
        let cursor = scenario.cursor;
        let missing = match &scenario.capture {
            CaptureRef::File(name) => Some(name.clone()),
            _ => None,
        };
        let opened = self.session.open(scenario, bytes);
        let failed = opened.as_ref().err().map(ToString::to_string);
        let view = opened.unwrap_or_else(|_| self.session.program());
        self.lesson = lesson;
        self.tell_opened(scope);
        self.tell(scope, Reply::Program { view, typed: false });
        self.verify(scope);
        self.replay_from_start(scope, cursor);
        if let Some(excuse) = self.excuse.take() {
            self.tell(scope, Reply::Refused(excuse));
        } else if let Some(why) = failed {
            self.refuse(scope, what, why);
        } else if let Some(name) = missing {
            self.refuse(scope, name, "the link names this capture but does not hold it: drop the file on the page");
        }
    }

    /// Opens a file for what its first bytes say it is.
    fn open_file(&mut self, scope: &Scope, name: String, blob: Blob) {
        let mut source = BlobSource::new(blob);
        let opened = content::of(&mut source).map_err(|e| e.to_string()).and_then(|content| match content {
            Content::Capture => self.open_capture(scope, CaptureRef::File(name.clone()), Box::new(source)),
            Content::Unknown(why) => Err(why),
            _ if source.size() > WHOLE_FILE => Err(content::too_large(source.size(), WHOLE_FILE)),
            _ => source
                .read_all()
                .map_err(|e| e.to_string())
                .and_then(|bytes| self.open_bytes(scope, &name, content, bytes)),
        });
        if let Err(why) = opened {
            self.refuse(scope, name, why);
        }
    }

    fn open_capture(&mut self, scope: &Scope, name: CaptureRef, bytes: Box<dyn ByteSource>) -> Result<(), String> {
        self.session.set_capture(name, bytes).map_err(|e| e.to_string())?;
        self.openings += 1;
        self.tell_opened(scope);
        self.replay_from_start(scope, Cursor::default());
        Ok(())
    }

    fn open_bytes(&mut self, scope: &Scope, name: &str, content: Content, bytes: Vec<u8>) -> Result<(), String> {
        if content == Content::Object {
            return self.open_object(scope, name, bytes);
        }
        let text = String::from_utf8(bytes)
            .map_err(|e| format!("it is no text: byte {} is not UTF-8", e.utf8_error().valid_up_to()))?;
        match content {
            Content::Scenario => {
                let scenario = Scenario::from_json(&text).map_err(|e| e.to_string())?;
                self.fetch(scope, with_capture(scenario, None));
            }
            Content::Link => self.open_link(scope, &text),
            Content::Listing => self.edit(scope, Edit::File(name, Source::Classic(text))),
            _ => self.edit(scope, Edit::File(name, Source::Asm(text))),
        }
        Ok(())
    }

    /// Opens an object. One that cannot be loaded has no text to show, so the program before stays on screen.
    fn open_object(&mut self, scope: &Scope, name: &str, bytes: Vec<u8>) -> Result<(), String> {
        let cursor = self.session.scenario().cursor;
        let view = self.session.set_source(Source::Elf(bytes));
        if view.language != Language::Object || self.session.program() != view {
            let first = view.diagnostics.into_iter().next();
            return Err(first.map_or_else(String::new, |diagnostic| diagnostic.message));
        }
        self.openings += 1;
        self.name_after(scope, name);
        self.tell(scope, Reply::Program { view, typed: false });
        self.verify(scope);
        self.replay_from_start(scope, cursor);
        Ok(())
    }

    /// Names the scenario after the program's file: title and note were about the program before.
    fn name_after(&mut self, scope: &Scope, file: &str) {
        self.session.describe(file.to_owned(), String::new());
        self.tell_opened(scope);
    }

    /// Takes another program, typed or from a file; with complaints the earlier one stays in force.
    fn edit(&mut self, scope: &Scope, edit: Edit<'_>) {
        self.openings += 1;
        let cursor = self.wanted.unwrap_or(self.session.scenario().cursor);
        let (view, file) = match edit {
            Edit::Typed(text) => (self.session.edit(text), None),
            Edit::File(name, source) => (self.session.set_source(source), Some(name)),
        };
        // A program that is in force but cannot run, say for want of a hook, has packets to forget.
        let in_force = view.diagnostics.is_empty() || self.session.progress().error.is_some();
        if let Some(name) = file.filter(|_| in_force) {
            self.name_after(scope, name);
        }
        self.tell(scope, Reply::Program { view, typed: file.is_none() });
        if in_force {
            self.verify(scope);
            self.replay_from_start(scope, cursor);
        }
    }

    /// Writes the program in another language: what it was about is what it has become, or nothing yet.
    fn set_language(&mut self, scope: &Scope, language: Language) {
        let view = self.session.set_language(language);
        self.openings += 1;
        self.lesson = None;
        self.tell_opened(scope);
        self.tell(scope, Reply::Program { view, typed: false });
        self.verify(scope);
        self.replay_from_start(scope, self.session.scenario().cursor);
    }

    fn set_kernel(&mut self, scope: &Scope, version: &str) {
        match version.parse::<KernelVersion>() {
            Ok(kernel) => {
                self.leave_machine();
                self.take_kernel(scope, kernel);
            }
            Err(error) => self.refuse(scope, "The kernel", error),
        }
    }

    /// Verifies and replays by that kernel's rules.
    fn take_kernel(&mut self, scope: &Scope, kernel: KernelVersion) {
        let cursor = self.wanted.unwrap_or(self.session.scenario().cursor);
        let view = self.session.set_kernel(kernel);
        self.openings += 1;
        self.tell_opened(scope);
        // The text is the one that the editor has, and a newer one may be on its way.
        self.tell(scope, Reply::Program { view, typed: true });
        self.verify(scope);
        self.replay_from_start(scope, cursor);
    }

    fn tell_opened(&self, scope: &Scope) {
        let scenario = self.session.scenario();
        self.tell(
            scope,
            Reply::Opened(Opened {
                capture: scenario.capture.name().map(str::to_owned),
                kernel: scenario.kernel.to_string(),
                kernels: kernels(scenario.kernel),
                title: scenario.title,
                note: scenario.note,
                lesson: self.lesson.clone(),
                machine: self.machine.as_ref().map(Machine::name),
                on_machine: self.asking.is_some(),
            }),
        );
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

    // Looking.

    fn rows(&mut self, scope: &Scope, of: ListOf, range: Range<u32>) {
        let end = range.end.min(range.start.saturating_add(ROWS));
        let rows = self.session.rows(of, range.start..end);
        let replayed = match of {
            ListOf::In => self.replay.done,
            _ => self.session.lists().iter().find(|list| list.of == of).map_or(0, |list| list.rows),
        };
        self.tell(scope, Reply::Rows { of, start: range.start, rows, replayed });
    }

    /// Gives what left an interface as a file, named after the capture and the interface.
    fn pcap(&mut self, scope: &Scope, interface: u16) {
        let of = ListOf::Out(interface);
        let list = self.session.lists().into_iter().find(|list| list.of == of).map(|list| list.name);
        let list = list.unwrap_or_default().replace(' ', "-");
        let capture = self.session.scenario().capture.name().unwrap_or("packets").to_owned();
        let stem = capture.rsplit_once('.').map_or(capture.as_str(), |(stem, _)| stem);
        let name = format!("{stem}-{list}.pcap");
        match self.session.pcap(interface) {
            Ok((bytes, others)) => {
                self.tell(scope, Reply::File { name: name.clone(), bytes });
                if others > 0 {
                    self.refuse(scope, name, format!("{others} frames of another link than the first are not in it"));
                }
            }
            Err(error) => self.refuse(scope, name, error),
        }
    }

    fn select(&mut self, scope: &Scope, cursor: Cursor) {
        if self.replay.running && cursor.packet >= self.replay.done {
            self.wanted = Some(cursor);
        } else {
            self.wanted = None;
            self.show(scope, cursor);
        }
    }

    /// Shows the wanted place when the replay has come by, or at its end the nearest place that there is.
    fn show_wanted(&mut self, scope: &Scope, ended: bool) {
        let Some(mut cursor) = self.wanted else { return };
        if cursor.packet >= self.replay.done {
            if !ended {
                return;
            }
            cursor = Cursor { packet: self.replay.done.saturating_sub(1), run: 0, step: 0 };
        }
        self.wanted = None;
        if self.replay.done > 0 {
            self.show(scope, cursor);
        } else {
            self.tell(scope, Reply::Nowhere);
        }
    }

    fn show(&mut self, scope: &Scope, cursor: Cursor) {
        let shown = self.session.select(cursor.packet, cursor.run).or_else(|error| {
            // After an edit the packet may have fewer runs than before.
            if cursor.run == 0 { Err(error) } else { self.session.select(cursor.packet, 0) }
        });
        match shown {
            Ok(packet) => {
                self.tell(scope, Reply::Packet(packet));
                let step = self.session.seek(cursor.step);
                self.tell_step(scope, step);
            }
            Err(error) => self.refuse(scope, format!("Packet {}", u64::from(cursor.packet) + 1), error),
        }
    }

    fn tell_step(&self, scope: &Scope, step: Option<StepView>) {
        self.tell(scope, step.map_or(Reply::Nowhere, |step| Reply::Step(Box::new(step))));
    }

    fn object(&mut self, scope: &Scope) {
        let program = self.session.program();
        let name = program.programs.first().map_or("program", |program| &program.name);
        match self.session.object() {
            Some(bytes) => self.tell(scope, Reply::File { name: format!("{name}.o"), bytes }),
            None => self.refuse(scope, "The object", "there is no program yet"),
        }
    }

    fn share(&mut self, scope: &Scope) {
        let scenario = self.session.scenario();
        let remark = match &scenario.capture {
            CaptureRef::File(name) => {
                Some(format!("The link does not hold the capture: whoever opens it has to drop {name} on the page."))
            }
            _ => None,
        };
        match lab::link::encode(&scenario) {
            Ok(fragment) => self.tell(scope, Reply::Link { fragment, remark }),
            Err(error) => self.refuse(scope, "The link", error),
        }
    }
}

/// The scenario with the capture that it names, downloaded if it is one of ours.
async fn with_capture(scenario: Scenario, lesson: Option<String>) -> Result<Fetched, Refusal> {
    let bytes = match &scenario.capture {
        CaptureRef::Bundled(name) => Some(fetch::capture(name).await?),
        CaptureRef::Inline { bytes, .. } => Some(bytes.clone()),
        CaptureRef::None | CaptureRef::File(_) => None,
    };
    let bytes = bytes.map(|bytes| Box::new(bytes) as Box<dyn ByteSource>);
    Ok(Fetched::Scenario(Box::new(scenario), lesson, bytes))
}

/// Whose rules may apply, the newest first: the usual ones, and the one that does.
fn kernels(chosen: KernelVersion) -> Vec<String> {
    let mut kernels = VERSIONS.to_vec();
    kernels.push(chosen);
    kernels.sort_unstable();
    kernels.dedup();
    kernels.iter().rev().map(ToString::to_string).collect()
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
