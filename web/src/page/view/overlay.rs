//! What lies over the page: dialogs, notes that go by themselves, the drop target; and the message at the top.

use bpfscope_web::protocol::Refusal;
use web_sys::{HtmlDialogElement, HtmlInputElement, window};
use yew::prelude::*;

use super::parts::{Emit, Icon, icon, inline, on};
use crate::page::command::{COMMANDS, GROUPS, shown};
use crate::page::store::{Dialog, Msg, Toast};

/// What went wrong, until it is closed or something else works.
#[derive(Properties, PartialEq)]
pub struct ProblemProps {
    /// What went wrong.
    pub problem: Refusal,
    /// Where messages go.
    pub emit: Emit,
}

/// What went wrong.
#[component]
pub fn Problem(props: &ProblemProps) -> Html {
    html! {
        <div class="problem" role="alert">
            <p><b>{ &props.problem.what }</b>{ ": " }{ inline(&props.problem.why) }</p>
            <button type="button" class="bare" aria-label="Close this message" title="Close" onclick={on(&props.emit, || Msg::DismissProblem)}>
                { icon(Icon::Close) }
            </button>
        </div>
    }
}

/// Notes that go by themselves.
pub fn toasts(toasts: &[Toast], emit: &Emit) -> Html {
    let toasts = toasts.iter().map(|toast| {
        let id = toast.id;
        html! { <button key={id} type="button" class="toast" title="Close" onclick={on(emit, move || Msg::Dismiss(id))}>{ &toast.text }</button> }
    });
    html! { <div class="toasts" role="status">{ for toasts }</div> }
}

/// What a dialog is shown with.
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// Which.
    pub dialog: Dialog,
    /// Where messages go.
    pub emit: Emit,
}

/// A dialog; the browser keeps the focus in it and closes it by Escape.
#[component]
pub fn Overlay(props: &DialogProps) -> Html {
    let place = use_node_ref();
    use_effect_with(place.clone(), |place| {
        if let Some(dialog) = place.cast::<HtmlDialogElement>() {
            let _ = dialog.show_modal();
        }
    });
    let (title, content) = match &props.dialog {
        Dialog::Help => ("Keyboard shortcuts", shortcuts()),
        Dialog::Link(fragment) => ("Share this link", html! { <Link fragment={fragment.clone()} /> }),
    };
    html! {
        <dialog ref={place} aria-labelledby="dialog-title" onclose={on(&props.emit, || Msg::CloseDialog)}>
            <form method="dialog">
                <h2 id="dialog-title">{ title }</h2>
                <button type="submit" class="bare" aria-label="Close" title="Close (Esc)">{ icon(Icon::Close) }</button>
            </form>
            { content }
        </dialog>
    }
}

fn shortcuts() -> Html {
    let groups = GROUPS.map(|group| {
        let rows = COMMANDS.iter().filter(|info| info.group == group).map(|info| {
            let keys = info.keys.iter().map(|key| html! { <kbd>{ shown(key) }</kbd> });
            html! { <><dt>{ for keys }</dt><dd>{ info.name }</dd></> }
        });
        html! { <section><h3>{ group }</h3><dl>{ for rows }</dl></section> }
    });
    html! {
        <>
            <div class="shortcuts">{ for groups }</div>
            <p class="quiet">{ "None of them fires while you write in the editor. While the verifier is shown, steps are its own, and n and p go from path to path. Files can be dropped anywhere: an ELF object, assembly, a capture, a scenario." }</p>
        </>
    }
}

/// What the link dialog shows.
#[derive(Properties, PartialEq)]
struct LinkProps {
    fragment: String,
}

/// The link, marked, to be copied by hand.
#[component]
fn Link(props: &LinkProps) -> Html {
    let place = use_node_ref();
    use_effect_with(place.clone(), |place| {
        if let Some(field) = place.cast::<HtmlInputElement>() {
            field.select();
        }
    });
    html! {
        <>
            <p>{ "The browser does not let the page write into the clipboard. Copy the link by hand:" }</p>
            <input ref={place} readonly=true aria-label="Link" value={address(&props.fragment)} />
        </>
    }
}

/// This page's address with another fragment.
pub fn address(fragment: &str) -> String {
    let here = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    format!("{}{fragment}", here.split('#').next().unwrap_or_default())
}

/// What is shown while a file hangs over the page.
pub fn drop_target() -> Html {
    html! {
        <div class="dropping" aria-hidden="true">
            <p>{ "Drop it: an ELF object, assembly, a capture or a scenario" }</p>
        </div>
    }
}
