//! The header: what is open, the lessons to choose from, the kernel and its verdict, replay and share.

use bpfscope_web::lab::view::{ProgramView, ReplayView, Verdict, VerdictView};
use bpfscope_web::protocol::{BundledLesson, Opened};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::menu::{Item, Menu};
use super::parts::{CommandButton, Emit, Icon, count, counted, on};
use crate::page::command::Command;
use crate::page::store::{Msg, Shared, View};

/// The value that stands for the kernel of the machine among versions.
const MACHINE: &str = "machine";

/// What the header shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The lessons there are.
    pub lessons: Shared<Vec<BundledLesson>>,
    /// What is open.
    pub opened: Shared<Opened>,
    /// The program.
    pub program: Option<Shared<ProgramView>>,
    /// How far the replay is.
    pub replay: Option<Shared<ReplayView>>,
    /// Whether it goes on.
    pub running: bool,
    /// What the verifier says.
    pub verdict: Option<Shared<VerdictView>>,
    /// Where messages go.
    pub emit: Emit,
}

/// The header.
#[component]
pub fn Header(props: &Props) -> Html {
    let emit = &props.emit;
    html! {
        <header class="header">
            <h1 class="logo">{ "bpf" }<i>{ "scope" }</i></h1>
            { picker(props) }
            { hooks(props.program.as_deref()) }
            <span class="spring" />
            { kernels(&props.opened, "wide", emit) }
            { status(props) }
            <CommandButton class="wide" command={Command::Open} icon={Icon::Open} text="Open…" {emit} />
            <CommandButton class="narrow" command={Command::Open} icon={Icon::Open} {emit} />
            { replay(props) }
            <CommandButton class="primary wide" command={Command::Share} text="Share" {emit} />
            <CommandButton class="primary narrow" command={Command::Share} icon={Icon::Share} {emit} />
            <CommandButton command={Command::Theme} icon={Icon::Theme} {emit} />
            <CommandButton class="wide" command={Command::Help} icon={Icon::Help} {emit} />
        </header>
    }
}

/// Where the programs run.
fn hooks(program: Option<&ProgramView>) -> Html {
    let Some(program) = program else { return Html::default() };
    let runs = program.programs.iter().filter_map(|program| Some((program, program.hook?)));
    runs.take(2)
        .map(|(program, hook)| {
            let hook = hook.to_string();
            html! {
                <span class="hook wide" title={format!("Program {} runs at {hook}", program.name)}>
                    <code>{ &program.name }</code>{ " at " }{ hook }
                </span>
            }
        })
        .collect()
}

/// How the program and the replay are, in a line.
fn status(props: &Props) -> Html {
    let Some(program) = &props.program else { return Html::default() };
    if let Some(first) = program.diagnostics.first() {
        let (line, column) = (first.line, first.column);
        return html! {
            <button type="button" class="chip fault" title="Go to the first" onclick={on(&props.emit, move || Msg::GoTo(line, column))}>
                { "✕ " }{ counted(program.diagnostics.len() as u64, "error") }
            </button>
        };
    }
    let Some(verdict) = &props.verdict else { return Html::default() };
    let paths: u64 = verdict.programs.iter().map(|program| u64::from(program.paths)).sum();
    let (class, mark, word) = match verdict.verdict {
        Verdict::Accepted => ("pass", "✓", "accepted"),
        Verdict::Rejected => ("fault", "✕", "rejected"),
        Verdict::Checking => ("busy", "…", "verifying"),
        Verdict::Stopped => ("", "–", "not verified"),
    };
    let facts = match verdict.verdict {
        Verdict::Accepted => {
            format!("{} · {}", counted(program.insns.into(), "instruction"), counted(paths, "path"))
        }
        Verdict::Rejected => {
            let line = verdict.programs.iter().find_map(|program| program.rejection.as_ref()?.line);
            line.map(|line| format!("line {line}")).unwrap_or_default()
        }
        Verdict::Checking | Verdict::Stopped => count(verdict.processed.into()),
    };
    let said = format!("Linux {}: {word}", verdict.kernel);
    let differs = verdict.programs.iter().filter_map(|program| program.beside.as_ref()).any(|beside| beside.differs);
    let besides = if differs { ". The simulator says something else" } else { "" };
    html! {
        <button type="button" class={classes!("chip", "verdict", class)} role="status" aria-label={said.clone()}
            title={format!("{said}{besides}. Show the verifier (v)")} onclick={on(&props.emit, || Msg::View(View::Verifier))}>
            { mark }<span>{ word }if !facts.is_empty() { <span class="wide">{ " · " }{ facts }</span> }</span>
            if differs { <b class="differs" aria-label="The simulator says something else">{ " ≠" }</b> }
        </button>
    }
}

/// The choice of a kernel.
pub fn kernels(opened: &Opened, class: &'static str, emit: &Emit) -> Html {
    if opened.kernel.is_empty() {
        return Html::default();
    }
    let onchange = emit.reform(|event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        match select.map(|select| select.value()).unwrap_or_default() {
            machine if machine == MACHINE => Msg::Machine,
            kernel => Msg::Kernel(kernel),
        }
    });
    let option = |value: &str, name: &str, selected: bool| {
        html! { <option value={value.to_owned()} {selected}>{ format!("Linux {name}") }</option> }
    };
    let machine = opened.machine.iter().map(|name| option(MACHINE, name, opened.on_machine));
    let ruled = opened.kernels.iter();
    let ruled = ruled.map(|kernel| option(kernel, kernel, !opened.on_machine && *kernel == opened.kernel));
    let options = machine.chain(ruled);
    html! {
        <select {class} aria-label="Kernel" title="Whose rules, limits and helpers apply" {onchange}>{ for options }</select>
    }
}

/// The button that replays, and while it does so cancels, filled as far as the replay has come.
fn replay(props: &Props) -> Html {
    let emit = &props.emit;
    if !props.running {
        return html! {
            <>
                <CommandButton class="wide" command={Command::Replay} name="Replay" icon={Icon::Replay} text="Replay" {emit} />
                <CommandButton class="narrow" command={Command::Replay} name="Replay" icon={Icon::Replay} {emit} />
            </>
        };
    }
    let (fraction, packets) = props.replay.as_ref().map_or((0.0, 0), |replay| (replay.fraction, replay.packets));
    let percent = (fraction * 100.0).clamp(0.0, 100.0);
    html! {
        <>
            <span class="progress" role="progressbar" aria-label="Replay" aria-valuemin="0" aria-valuemax="100"
                aria-valuenow={format!("{percent:.0}")} aria-valuetext={format!("{} packets", count(packets.into()))}
                style={format!("--done:{percent:.1}%")}>
            </span>
            <CommandButton class="cancel" command={Command::Replay} name="Cancel the replay" icon={Icon::Stop} text="Cancel" {emit} />
        </>
    }
}

/// The name of what is open, and under it the lessons.
fn picker(props: &Props) -> Html {
    let title = if props.opened.title.is_empty() { "Untitled" } else { &props.opened.title };
    let items = props.lessons.iter().map(|lesson| {
        let name = lesson.name.clone();
        Item {
            title: lesson.title.clone(),
            summary: lesson.summary.clone(),
            chosen: props.opened.lesson.as_ref() == Some(&name),
            choose: on(&props.emit, move || Msg::Lesson(name.clone())),
        }
    });
    html! { <Menu class="picker" title={title.to_owned()} name="Lessons" hint="Choose a lesson" items={items.collect::<Vec<_>>()} /> }
}
