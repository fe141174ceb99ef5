//! What is opened: lessons, links, files, captures; and the program as it is edited.

use bpfscope_core::kernel::{KernelVersion, VERSIONS};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::blob::BlobSource;
use super::content::{self, Content};
use super::{Edit, Engine, Fetched, Message, Scope, WHOLE_FILE, fetch};
use crate::lab::view::Language;
use crate::lab::{self, ByteSource, CaptureRef, Cursor, Lesson, Scenario, Source};
use crate::protocol::{BundledLesson, Machine, Opened, Refusal, Reply};

impl Engine {
    pub(super) fn open_lesson(&mut self, scope: &Scope, name: &str) {
        match self.lessons.iter().find(|lesson| lesson.name == name).cloned() {
            Some(lesson) => self.fetch(scope, async move {
                let scenario = fetch::lesson(&lesson).await?;
                with_capture(scenario, Some(lesson.name)).await
            }),
            None => self.refuse(scope, "The lesson", format!("there is none with the name `{name}`")),
        }
    }

    pub(super) fn open_link(&mut self, scope: &Scope, link: &str) {
        match lab::link::decode(link) {
            Ok(scenario) => self.fetch(scope, with_capture(scenario, None)),
            Err(error) => self.refuse(scope, "The link", error),
        }
    }

    /// Downloads what is to be opened, while requests go on being answered.
    pub(super) fn fetch(&mut self, scope: &Scope, what: impl Future<Output = Result<Fetched, Refusal>> + 'static) {
        self.openings += 1;
        let (opening, scope) = (self.openings, scope.clone());
        spawn_local(async move { scope.send_message(Message::Fetched(opening, what.await)) });
    }

    pub(super) fn fetched(&mut self, scope: &Scope, fetched: Fetched) {
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
    pub(super) fn open_file(&mut self, scope: &Scope, name: String, blob: Blob) {
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
    pub(super) fn edit(&mut self, scope: &Scope, edit: Edit<'_>) {
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
    pub(super) fn set_language(&mut self, scope: &Scope, language: Language) {
        let view = self.session.set_language(language);
        self.openings += 1;
        self.lesson = None;
        self.tell_opened(scope);
        self.tell(scope, Reply::Program { view, typed: false });
        self.verify(scope);
        self.replay_from_start(scope, self.session.scenario().cursor);
    }

    pub(super) fn set_kernel(&mut self, scope: &Scope, version: &str) {
        match version.parse::<KernelVersion>() {
            Ok(kernel) => {
                self.leave_machine();
                self.take_kernel(scope, kernel);
            }
            Err(error) => self.refuse(scope, "The kernel", error),
        }
    }

    /// Verifies and replays by that kernel's rules.
    pub(super) fn take_kernel(&mut self, scope: &Scope, kernel: KernelVersion) {
        let cursor = self.wanted.unwrap_or(self.session.scenario().cursor);
        let view = self.session.set_kernel(kernel);
        self.openings += 1;
        self.tell_opened(scope);
        // The text is the one that the editor has, and a newer one may be on its way.
        self.tell(scope, Reply::Program { view, typed: true });
        self.verify(scope);
        self.replay_from_start(scope, cursor);
    }

    pub(super) fn tell_opened(&self, scope: &Scope) {
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
