//! The header: what is open, the lessons to choose from, replay and share.

use bpfscope_web::lab::Lesson;
use bpfscope_web::lab::view::{ProgramView, ReplayView};
use bpfscope_web::protocol::Opened;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};
use yew::prelude::*;

use super::parts::{CommandButton, Emit, Icon, count, counted, icon, on};
use crate::page::command::Command;
use crate::page::store::{Msg, Shared};

/// What the header shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The lessons there are.
    pub lessons: Shared<Vec<Lesson>>,
    /// What is open.
    pub opened: Shared<Opened>,
    /// The program.
    pub program: Option<Shared<ProgramView>>,
    /// How far the replay is.
    pub replay: Option<Shared<ReplayView>>,
    /// Whether it goes on.
    pub running: bool,
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
            <Picker lessons={props.lessons.clone()} opened={props.opened.clone()} {emit} />
            { hooks(props.program.as_deref()) }
            <span class="spring" />
            if !props.opened.kernel.is_empty() {
                <span class="chip wide" title="Whose rules, limits and helpers apply">{ format!("Linux {}", props.opened.kernel) }</span>
            }
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
    let packets = props.replay.as_ref().map_or(0, |replay| u64::from(replay.packets));
    let runs = props.replay.as_ref().map_or(0, |replay| replay.runs);
    html! {
        <span class="chip wide" role="status">
            { counted(program.insns.into(), "instruction") }{ " · " }{ counted(packets, "packet") }
            if runs != packets { { " · " }{ counted(runs, "run") } }
        </span>
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

/// What the picker shows.
#[derive(Properties, PartialEq)]
struct PickerProps {
    lessons: Shared<Vec<Lesson>>,
    opened: Shared<Opened>,
    emit: Emit,
}

/// The name of what is open, and under it the lessons.
#[component]
fn Picker(props: &PickerProps) -> Html {
    let open = use_state(|| false);
    let root = use_node_ref();
    let close = {
        let open = open.clone();
        move || open.set(false)
    };
    let onfocusout = {
        let (root, close) = (root.clone(), close.clone());
        Callback::from(move |event: FocusEvent| {
            let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
            let inside = root.get().is_some_and(|root| root.contains(to.as_ref()));
            if !inside {
                close();
            }
        })
    };
    let onkeydown = {
        let (root, close) = (root.clone(), close.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" => close(),
            "ArrowDown" => move_focus(&root, &event, true),
            "ArrowUp" => move_focus(&root, &event, false),
            _ => {}
        })
    };
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let title = if props.opened.title.is_empty() { "Untitled".to_owned() } else { props.opened.title.clone() };
    let entries = props.lessons.iter().map(|lesson| {
        let name = lesson.name.clone();
        let (emit, close) = (props.emit.clone(), close.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            emit.emit(Msg::Lesson(name.clone()));
            close();
        });
        let chosen = props.opened.lesson.as_ref() == Some(&lesson.name);
        html! {
            <li role="none">
                <button type="button" role="menuitemradio" aria-checked={chosen.to_string()} {onclick}>
                    <strong>{ &lesson.title }</strong>
                    <span>{ &lesson.summary }</span>
                </button>
            </li>
        }
    });
    html! {
        <div class="picker" ref={root} {onfocusout} {onkeydown}>
            <button type="button" class="title" aria-haspopup="menu" aria-expanded={open.to_string()} title="Choose an example" onclick={toggle}>
                <span>{ title }</span>{ icon(Icon::Caret) }
            </button>
            if *open {
                <ul class="menu" role="menu" aria-label="Examples">{ for entries }</ul>
            }
        </div>
    }
}

/// Moves the focus to the next or the previous button of a menu.
fn move_focus(root: &NodeRef, event: &KeyboardEvent, down: bool) {
    let Some(root) = root.cast::<HtmlElement>() else { return };
    let Ok(buttons) = root.query_selector_all("button") else { return };
    let buttons: Vec<HtmlElement> = (0..buttons.length()).filter_map(|at| buttons.get(at)?.dyn_into().ok()).collect();
    let active = root.owner_document().and_then(|document| document.active_element());
    let at = buttons.iter().position(|button| Some(button.as_ref()) == active.as_ref()).unwrap_or(0);
    let to = if down { (at + 1).min(buttons.len().saturating_sub(1)) } else { at.saturating_sub(1) };
    if let Some(button) = buttons.get(to) {
        let _ = button.focus();
        event.prevent_default();
    }
}
