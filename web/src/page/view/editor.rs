//! The editor: CodeMirror, which is JavaScript, as one component. See `static/editor/editor.js`.

use std::cell::RefCell;
use std::rc::Rc;

use bpfscope_web::lab::view::{Diagnostic, ProgramView, ProofView, RejectionView, ReplayView, VerdictView};
use bpfscope_web::protocol::Word;
use gloo::timers::callback::Timeout;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::code::Rejections;
use super::parts::{Emit, count};
use crate::page::store::{Msg, Shared, Text};

/// How long after the last key the program is taken, in milliseconds.
const PAUSE_MS: u32 = 250;

#[wasm_bindgen]
extern "C" {
    /// What `bpfscopeEditor.create` gives.
    #[derive(Clone)]
    type Js;

    #[wasm_bindgen(js_namespace = bpfscopeEditor)]
    fn create(parent: &HtmlElement, options: &Object) -> Js;

    #[wasm_bindgen(method, js_name = setText)]
    fn set_text(this: &Js, text: &str, is_plain: bool);

    #[wasm_bindgen(method, js_name = setDiagnostics)]
    fn set_diagnostics(this: &Js, list: &Array);

    #[wasm_bindgen(method, js_name = setCurrentLine)]
    fn set_current_line(this: &Js, line: Option<u32>);

    #[wasm_bindgen(method, js_name = setCounts)]
    fn set_counts(this: &Js, list: &Array);

    #[wasm_bindgen(method, js_name = setMarks)]
    fn set_marks(this: &Js, list: &Array);

    #[wasm_bindgen(method, js_name = goTo)]
    fn go_to(this: &Js, line: u32, column: u32);

    #[wasm_bindgen(method)]
    fn focus(this: &Js);

    #[wasm_bindgen(method)]
    fn destroy(this: &Js);
}

/// What the editor shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The text; another version of it replaces what the editor holds.
    pub text: Text,
    /// Whether the text is no assembly: lines are not instructions then.
    pub plain: bool,
    /// The program of that text, for its complaints and its maps.
    pub program: Option<Shared<ProgramView>>,
    /// How often each line ran.
    pub replay: Option<Shared<ReplayView>>,
    /// The line that runs next, or that the verifier is at.
    pub line: Option<u32>,
    /// What the verifier has to say of lines.
    pub marks: Marks,
    /// What may be written.
    pub words: Shared<Vec<Word>>,
    /// Counts up when the editor is to be focused, and where.
    pub focus: (u32, Option<(u32, u32)>),
    /// Where messages go.
    pub emit: Emit,
}

/// What the verifier has to say of lines.
#[derive(Clone, PartialEq)]
pub struct Marks {
    /// Lines that are why it rejects.
    pub rejections: Rejections,
    /// The path that is looked at.
    pub proof: Option<Shared<ProofView>>,
    /// How often it came by each line, to be shown instead of how often each line ran.
    pub verdict: Option<Shared<VerdictView>>,
}

impl Marks {
    /// Lines with the classes of their marks.
    pub fn lines(&self) -> impl Iterator<Item = (u32, &'static str)> {
        let rejected = self.rejections.iter().filter_map(|rejection| Some((rejection.line?, "cm-rejected")));
        let path = self.proof.iter().flat_map(|proof| &proof.lines).map(|line| (*line, "cm-path"));
        rejected.chain(path)
    }

    /// How often the verifier came by each line, or else how often each ran.
    pub fn counts(&self, replay: Option<&ReplayView>) -> Vec<(u32, u64)> {
        match &self.verdict {
            Some(verdict) => {
                let visits = verdict.programs.iter().flat_map(|program| &program.line_visits);
                visits.map(|&(line, visits)| (line, u64::from(visits))).collect()
            }
            None => replay.map(|replay| replay.line_hits.clone()).unwrap_or_default(),
        }
    }
}

/// The editor. The component's own state is what JavaScript holds: the text that is being typed.
pub struct Editor {
    place: NodeRef,
    js: Option<Js>,
    /// Runs out when the user pauses. Another text cancels it.
    pause: Rc<RefCell<Option<Timeout>>>,
    /// What completions are made of, shared with the callback that JavaScript holds.
    words: Rc<RefCell<Vec<Word>>>,
    _callbacks: Option<Callbacks>,
}

/// What JavaScript may call, as long as this lives.
struct Callbacks {
    _change: Closure<dyn Fn(String)>,
    _line: Closure<dyn Fn(u32)>,
    _complete: Closure<dyn Fn(String, String) -> Array>,
}

impl Component for Editor {
    type Message = ();
    type Properties = Props;

    fn create(_ctx: &Context<Self>) -> Self {
        Editor { place: NodeRef::default(), js: None, pause: Rc::default(), words: Rc::default(), _callbacks: None }
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        html! { <div class="editor" ref={self.place.clone()} /> }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first {
            self.mount(ctx);
            self.show(ctx.props(), None);
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &Props) -> bool {
        self.show(ctx.props(), Some(old));
        false
    }

    fn destroy(&mut self, _ctx: &Context<Self>) {
        if let Some(js) = &self.js {
            js.destroy();
        }
    }
}

impl Editor {
    fn mount(&mut self, ctx: &Context<Self>) {
        let Some(place) = self.place.cast::<HtmlElement>() else { return };
        let (pause, emit) = (self.pause.clone(), ctx.props().emit.clone());
        let change = Closure::<dyn Fn(String)>::new(move |text: String| {
            let emit = emit.clone();
            *pause.borrow_mut() = Some(Timeout::new(PAUSE_MS, move || emit.emit(Msg::Edited(text))));
        });
        let emit = ctx.props().emit.clone();
        let line = Closure::<dyn Fn(u32)>::new(move |line| emit.emit(Msg::RunTo(line)));
        let words = self.words.clone();
        let complete = Closure::<dyn Fn(String, String) -> Array>::new(move |word: String, before: String| {
            completions(&words.borrow(), &word, &before).map(completion).collect()
        });
        let options = object([
            ("onChange", change.as_ref().clone()),
            ("onLineClick", line.as_ref().clone()),
            ("complete", complete.as_ref().clone()),
            ("label", "Program, as assembly".into()),
        ]);
        self.js = Some(create(&place, &options));
        self._callbacks = Some(Callbacks { _change: change, _line: line, _complete: complete });
    }

    /// Tells JavaScript what is new.
    fn show(&self, new: &Props, old: Option<&Props>) {
        let Some(js) = &self.js else { return };
        let replaced = old.is_none_or(|old| old.text.version != new.text.version || old.plain != new.plain);
        if replaced {
            self.pause.borrow_mut().take();
            js.set_text(&new.text.text, new.plain);
        }
        let marked = old.is_none_or(|old| old.marks != new.marks);
        if replaced || marked || old.is_none_or(|old| old.program != new.program) {
            let complaints =
                new.program.iter().flat_map(|program| &program.diagnostics).filter(|complaint| complaint.line > 0);
            let wrong = new.program.as_ref().is_some_and(|program| !program.diagnostics.is_empty());
            // A text that is no program is not the one that the verifier speaks of.
            let rejections = new.marks.rejections.iter().filter(|_| !wrong && !new.plain).filter_map(rejection);
            js.set_diagnostics(&complaints.map(diagnostic).chain(rejections).collect());
            let marks = new.marks.lines().filter(|_| !wrong && !new.plain);
            js.set_marks(&marks.map(|(line, class)| Array::of2(&line.into(), &class.into())).collect());
        }
        if replaced || marked || old.is_none_or(|old| old.replay != new.replay) {
            let counts = new.marks.counts(new.replay.as_deref()).into_iter().filter(|_| !new.plain);
            js.set_counts(&counts.map(|(line, number)| Array::of2(&line.into(), &count(number).into())).collect());
        }
        if replaced || old.is_none_or(|old| old.line != new.line) {
            js.set_current_line(new.line.filter(|_| !new.plain));
        }
        if old.is_none_or(|old| old.words != new.words || old.program != new.program) {
            let maps = new.program.iter().flat_map(|program| &program.maps);
            let maps = maps.map(|map| Word { label: map.name.clone(), detail: map.kind.clone(), info: String::new() });
            *self.words.borrow_mut() = maps.chain(new.words.iter().cloned()).collect();
        }
        if old.is_some_and(|old| old.focus.0 != new.focus.0) {
            match new.focus.1 {
                Some((line, column)) if line > 0 => js.go_to(line, column),
                _ => js.focus(),
            }
        }
    }
}

/// The words that may stand where `word` is typed.
fn completions<'a>(words: &'a [Word], word: &str, before: &str) -> impl Iterator<Item = &'a Word> {
    let (word, in_comment) = (word.to_ascii_lowercase(), (before.contains('#') || before.contains("//")));
    words.iter().filter(move |candidate| !in_comment && candidate.label.to_ascii_lowercase().contains(&word))
}

fn completion(word: &Word) -> JsValue {
    let mut fields = vec![("label", word.label.as_str().into()), ("detail", word.detail.as_str().into())];
    if !word.info.is_empty() {
        fields.push(("info", word.info.as_str().into()));
    }
    object(fields).into()
}

fn diagnostic(complaint: &Diagnostic) -> JsValue {
    object([
        ("line", complaint.line.into()),
        ("col", complaint.column.into()),
        ("len", complaint.length.into()),
        ("message", complaint.message.as_str().into()),
    ])
    .into()
}

/// A rejection concerns a whole line.
fn rejection(rejection: &RejectionView) -> Option<JsValue> {
    let message = format!("{}\n\n{}", rejection.message, rejection.title);
    Some(object([("line", rejection.line?.into()), ("message", message.into())]).into())
}

fn object(fields: impl IntoIterator<Item = (&'static str, JsValue)>) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh object cannot fail.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_hold_what_is_typed_and_keep_out_of_comments() {
        let word = |label: &str| Word { label: label.into(), detail: String::new(), info: String::new() };
        let words = [word("bpf_map_lookup_elem"), word("bpf_redirect"), word("counts")];
        let labels =
            |typed, before| completions(&words, typed, before).map(|word| word.label.as_str()).collect::<Vec<_>>();
        assert_eq!(labels("LOOK", "call "), ["bpf_map_lookup_elem"]);
        assert_eq!(labels("bpf", "call "), ["bpf_map_lookup_elem", "bpf_redirect"]);
        assert!(labels("bpf", "// see ").is_empty());
    }
}
