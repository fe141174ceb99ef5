//! The program: the editor, and under it what there is to say.

use bpfscope_web::lab::view::{
    Language, ProgramView, ProofView, RejectionView, ReplayView, StepView, Verdict, VerdictView,
};
use bpfscope_web::protocol::{Opened, Word};
use yew::prelude::*;

use super::editor::{Editor, Marks};
use super::menu::{Item, Menu};
use super::origin::Origin;
use super::parts::{CommandButton, Emit, Icon, counted, inline, on, rich};
use crate::page::command::Command;
use crate::page::store::{Msg, Shared, Text, View};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is open, for its note.
    pub opened: Shared<Opened>,
    /// The text that the editor must show.
    pub text: Text,
    /// The program.
    pub program: Option<Shared<ProgramView>>,
    /// How often each line ran.
    pub replay: Option<Shared<ReplayView>>,
    /// The machine, for the line that runs next.
    pub step: Option<Shared<StepView>>,
    /// What the verifier says.
    pub verdict: Option<Shared<VerdictView>>,
    /// The step of the verification that is looked at.
    pub proof: Option<Shared<ProofView>>,
    /// Packets or the verifier.
    pub view: View,
    /// What may be written.
    pub words: Shared<Vec<Word>>,
    /// Counts up when the editor is to be focused, and where.
    pub focus: (u32, Option<(u32, u32)>),
    /// Where messages go.
    pub emit: Emit,
}

/// The panel of the program.
#[component]
pub fn Code(props: &Props) -> Html {
    let verifying = props.view == View::Verifier;
    let line = match props.view {
        View::Packets => props.step.as_ref().and_then(|step| step.line),
        View::Verifier => props.proof.as_ref().and_then(|proof| proof.line),
    };
    let packets = props.replay.as_ref().map_or(0, |replay| u64::from(replay.packets));
    let language = props.program.as_ref().map_or(Language::Assembly, |program| program.language);
    // A classic filter is written in one place and seen beside its program in another.
    let origin = props.program.clone().filter(|program| program.origin.is_some());
    // Assembly is its own source: only an object has another one.
    let source = match props.view {
        View::Packets => props.step.as_ref().and_then(|step| step.source.clone()),
        View::Verifier => props.proof.as_ref().and_then(|proof| proof.source.clone()),
    };
    let source = source.filter(|_| language == Language::Object);
    let marks = Marks {
        rejections: Rejections(props.verdict.clone()),
        proof: props.proof.clone().filter(|_| verifying),
        verdict: props.verdict.clone().filter(|_| verifying),
    };
    html! {
        <section class={classes!("panel", "code", origin.is_some().then_some("classic"))} aria-label="Program">
            <div class="bar">
                { languages(language, &props.emit) }
                <CommandButton class="flat" command={Command::Download} text=".o" icon={Icon::Save} emit={&props.emit} />
                if verifying {
                    <small>{ "times verified" }</small>
                } else {
                    <small>{ "times run · " }{ counted(packets, "packet") }</small>
                }
            </div>
            <Editor text={props.text.clone()} plain={origin.is_some()} program={props.program.clone()} replay={props.replay.clone()} {line}
                marks={marks.clone()} words={props.words.clone()} focus={props.focus} emit={&props.emit} />
            if let Some(program) = origin {
                <Origin {program} replay={props.replay.clone()} {line} {marks} emit={&props.emit} />
            }
            if let Some(source) = source {
                <div class="source"><span>{ "source" }</span><code>{ source }</code></div>
            }
            <Notes opened={props.opened.clone()} program={props.program.clone()} verdict={props.verdict.clone()} view={props.view} emit={&props.emit} />
        </section>
    }
}

/// The language that the program is written in, and under it the others.
fn languages(written: Language, emit: &Emit) -> Html {
    let items = Language::WRITTEN.map(|(language, name, summary)| Item {
        title: name.to_owned(),
        summary: summary.to_owned(),
        chosen: language == written,
        choose: on(emit, move || Msg::Language(language)),
    });
    html! {
        <h2 class="tab languages">
            <Menu title={written.name()} name="Languages" hint="Write the program in another language" items={items.to_vec()} />
        </h2>
    }
}

/// The programs' rejections.
#[derive(Clone, PartialEq)]
pub struct Rejections(Option<Shared<VerdictView>>);

impl Rejections {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &RejectionView> {
        self.0.iter().flat_map(|verdict| &verdict.programs).filter_map(|program| program.rejection.as_ref())
    }
}

/// Why a program was rejected: the kernel's message first, then what it means.
pub fn rejection(rejection: &RejectionView, emit: &Emit) -> Html {
    let go = rejection.line.map(|line| {
        html! {
            <button type="button" class="link" onclick={on(emit, move || Msg::GoTo(line, 0))}>{ format!("line {line}") }</button>
        }
    });
    html! {
        <>
            <pre class="message">{ &rejection.message }</pre>
            <p class="about"><b>{ &rejection.title }</b>{ go }</p>
            { rich(&rejection.explanation) }
        </>
    }
}

/// What the notes are made of.
#[derive(Properties, PartialEq)]
struct NotesProps {
    opened: Shared<Opened>,
    program: Option<Shared<ProgramView>>,
    verdict: Option<Shared<VerdictView>>,
    view: View,
    emit: Emit,
}

/// Complaints first, else why the verifier rejects the program; then what loading had to say, then the lesson's note.
#[component]
fn Notes(props: &NotesProps) -> Html {
    let complaints = props.program.iter().flat_map(|program| &program.diagnostics).map(|complaint| {
        let (line, column) = (complaint.line, complaint.column);
        html! {
            <li>
                <button type="button" onclick={on(&props.emit, move || Msg::GoTo(line, column))}>
                    if line > 0 { <b>{ format!("{line}:{column}") }</b> }
                    <span>{ inline(&complaint.message) }</span>
                </button>
            </li>
        }
    });
    let complaints: Html = complaints.collect();
    let wrong = props.program.as_ref().is_some_and(|program| !program.diagnostics.is_empty());
    let notes = props.program.iter().flat_map(|program| &program.notes).map(|note| html! { <p>{ inline(note) }</p> });
    let notes: Html = notes.collect();
    let loading = props.program.as_ref().is_some_and(|program| !program.notes.is_empty());
    let rejections = Rejections(props.verdict.clone());
    let rejected = props.verdict.as_ref().is_some_and(|verdict| verdict.verdict == Verdict::Rejected) && !wrong;
    html! {
        <>
            // The verifier's own panel says it, too.
            if rejected && props.view == View::Packets {
                <div class="rejected" role="alert">{ for rejections.iter().take(1).map(|r| rejection(r, &props.emit)) }</div>
            }
            if wrong { <ul class="complaints" role="alert">{ complaints }</ul> }
            if loading { <div class="note quiet">{ notes }</div> }
            if !wrong && !rejected && !props.opened.note.trim().is_empty() { <div class="note">{ rich(&props.opened.note) }</div> }
        </>
    }
}
