//! The root: carries out what the store decides, hears keys, drops and the worker.

use bpfscope_web::codec::{BlobRef, Packed};
use bpfscope_web::engine::Engine;
use bpfscope_web::protocol::{Machine, Reply, Request};
use gloo::events::{EventListener, EventListenerOptions};
use gloo::file::{Blob, ObjectUrl};
use gloo::timers::callback::{Interval, Timeout};
use gloo::worker::{Spawnable, WorkerBridge};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DataTransfer, DragEvent, Element, Event, HtmlAnchorElement, HtmlElement, HtmlInputElement, KeyboardEvent, window,
};
use yew::prelude::*;

use super::command::{Command, key_of};
use super::served;
use super::store::{Effect, Msg, Panel, State, View};
use super::theme::Theme;
use super::view::code::Code;
use super::view::footer::{Exploration, Footer};
use super::view::header::Header;
use super::view::known::Known;
use super::view::list::List;
use super::view::machine::Machine as MachinePanel;
use super::view::overlay::{Overlay, Problem, address, drop_target, toasts};
use super::view::packet::Packet;
use super::view::parts::{Emit, on};
use super::view::verifier::Verifier;

/// Where Trunk puts the script that starts the worker.
const WORKER: &str = "./worker_loader.js";

/// Time between two steps of playing, in milliseconds.
const PLAY_MS: u32 = 220;

/// How long a note stays, in milliseconds.
const NOTE_MS: u32 = 6000;

/// The root.
pub struct App {
    state: State,
    engine: WorkerBridge<Engine>,
    /// The kernel that the server of the page offers.
    machine: Option<Machine>,
    play: Option<Interval>,
    picker: NodeRef,
    /// Whether a file hangs over the page.
    dragging: bool,
    _listeners: Vec<EventListener>,
}

/// What the root hears.
pub enum Heard {
    /// A message for the store.
    Msg(Msg),
    /// A file hangs over the page, or no longer.
    Dragging(bool),
}

impl Component for App {
    type Message = Heard;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let theme = Theme::remembered();
        theme.apply();
        let (engine, machine) = (spawn(ctx), served::machine());
        engine.send(Request::Start { link: fragment(), machine: machine.clone() });
        App {
            state: State::new(theme),
            engine,
            machine,
            play: None,
            picker: NodeRef::default(),
            dragging: false,
            _listeners: listeners(ctx),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, heard: Heard) -> bool {
        match heard {
            Heard::Dragging(dragging) => std::mem::replace(&mut self.dragging, dragging) != dragging,
            Heard::Msg(msg) => {
                for effect in self.state.update(msg) {
                    self.carry_out(ctx, effect);
                }
                true
            }
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let state = &self.state;
        let emit: Emit = ctx.link().callback(Heard::Msg);
        let verifying = state.view == View::Verifier;
        let panel = match state.panel {
            Panel::Code => "show-code",
            Panel::Packets => "show-packets",
            Panel::Machine => "show-machine",
        };
        html! {
            <div class={classes!("page", panel)} data-ready={state.settled().then_some("")}>
                <Header lessons={state.lessons.clone()} opened={state.opened.clone()} program={state.program.clone()}
                    replay={state.replay.clone()} running={state.running} verdict={state.verdict.clone()} emit={&emit} />
                if let Some(problem) = &state.problem { <Problem problem={problem.clone()} emit={&emit} /> }
                { panels(state.panel, state.view, &emit) }
                <main>
                    <Code opened={state.opened.clone()} text={state.text.clone()} program={state.program.clone()}
                        replay={state.replay.clone()} step={state.step.clone()} verdict={state.verdict.clone()} proof={state.proof.clone()}
                        view={state.view} words={state.words.clone()} focus={state.focus} emit={&emit} />
                    <div class={classes!("column", verifying.then_some("verifying"))}>
                        <List opened={state.opened.clone()} captures={state.captures.clone()} list={state.list} packets={state.packets()} count={state.list_rows()}
                            rows={state.rows.clone()} replay={state.replay.clone()} packet={state.packet.clone()} view={state.view} emit={&emit} />
                        <Packet packet={state.packet.clone()} step={state.step.clone()} emit={&emit} />
                        if verifying {
                            <Verifier opened={state.opened.clone()} verdict={state.verdict.clone()} proof={state.proof.clone()} log={state.log.clone()} emit={&emit} />
                        }
                    </div>
                    if verifying {
                        <Known proof={state.proof.clone()} />
                    } else {
                        <MachinePanel step={state.step.clone()} numbers={state.numbers} map={state.map} emit={&emit} />
                    }
                </main>
                if verifying {
                    <Exploration proof={state.proof.clone()} verdict={state.verdict.clone()} playing={state.playing} emit={&emit} />
                } else {
                    <Footer packet={state.packet.clone()} step={state.step.clone()} packets={state.packets()} playing={state.playing} emit={&emit} />
                }
                { self.file_picker(ctx) }
                if let Some(dialog) = &state.dialog { <Overlay dialog={dialog.clone()} emit={&emit} /> }
                { toasts(&state.toasts, &emit) }
                if self.dragging { { drop_target() } }
            </div>
        }
    }
}

impl App {
    fn carry_out(&mut self, ctx: &Context<Self>, effect: Effect) {
        match effect {
            Effect::Ask(request) => self.engine.send(request),
            Effect::Restart => {
                self.engine = spawn(ctx);
                self.engine.send(Request::Start { link: None, machine: self.machine.clone() });
            }
            Effect::Theme(theme) => {
                theme.apply();
                theme.remember();
            }
            Effect::Copy(fragment) => copy(ctx, &fragment),
            Effect::Save(name, bytes) => save(&name, &bytes),
            Effect::Pick => {
                if let Some(input) = self.picker.cast::<HtmlElement>() {
                    input.click();
                }
            }
            Effect::Play(playing) => {
                let link = ctx.link().clone();
                self.play = playing.then(|| Interval::new(PLAY_MS, move || link.send_message(Heard::Msg(Msg::Tick))));
            }
            Effect::Expire(id) => {
                let link = ctx.link().clone();
                Timeout::new(NOTE_MS, move || link.send_message(Heard::Msg(Msg::Dismiss(id)))).forget();
            }
        }
    }

    /// The browser's own file picker, opened by a button.
    fn file_picker(&self, ctx: &Context<Self>) -> Html {
        let onchange = ctx.link().batch_callback(|event: Event| {
            let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
            let file = input.files()?.get(0)?;
            // The same file may be picked again, after it was changed.
            input.set_value("");
            Some(Heard::Msg(Msg::File(file.name(), BlobRef(file.into()))))
        });
        html! { <input ref={self.picker.clone()} type="file" class="hidden" tabindex="-1" aria-label="Open a file" {onchange} /> }
    }
}

/// The tabs of a narrow screen.
fn panels(shown: Panel, view: View, emit: &Emit) -> Html {
    let middle = |of: View| shown == Panel::Packets && view == of;
    let tabs = [
        ("Code", shown == Panel::Code, Msg::Panel(Panel::Code)),
        ("Packets", middle(View::Packets), Msg::View(View::Packets)),
        ("Verifier", middle(View::Verifier), Msg::View(View::Verifier)),
        ("State", shown == Panel::Machine, Msg::Panel(Panel::Machine)),
    ];
    let tabs = tabs.map(|(name, chosen, msg)| {
        html! {
            <button type="button" aria-pressed={chosen.to_string()} class={classes!("tab", chosen.then_some("on"))}
                onclick={on(emit, move || msg.clone())}>{ name }</button>
        }
    });
    html! { <nav class="panels" aria-label="Panels">{ for tabs }</nav> }
}

fn spawn(ctx: &Context<App>) -> WorkerBridge<Engine> {
    let link = ctx.link().clone();
    Engine::spawner()
        .encoding::<Packed>()
        .callback(move |reply: Reply| link.send_message(Heard::Msg(Msg::Reply(Box::new(reply)))))
        .with_loader(true)
        .spawn(WORKER)
}

/// The address's fragment, when it says anything.
fn fragment() -> Option<String> {
    let hash = window()?.location().hash().ok()?;
    (hash.len() > 1).then_some(hash)
}

fn listeners(ctx: &Context<App>) -> Vec<EventListener> {
    let Some(window) = window() else { return Vec::new() };
    let active = EventListenerOptions::enable_prevent_default();
    let hear = |name: &'static str, heard: fn(&Event) -> Option<Heard>| {
        let link = ctx.link().clone();
        EventListener::new_with_options(&window, name, active, move |event| {
            if let Some(heard) = heard(event) {
                link.send_message(heard);
            }
        })
    };
    vec![
        hear("keydown", key),
        hear("hashchange", |_| fragment().map(|link| Heard::Msg(Msg::Link(link)))),
        hear("dragover", |event| {
            let files = transfer(event)?.types().includes(&JsValue::from_str("Files"), 0);
            files.then(|| {
                event.prevent_default();
                Heard::Dragging(true)
            })
        }),
        hear("dragleave", |event| {
            let outside = event.dyn_ref::<DragEvent>()?.related_target().is_none();
            outside.then_some(Heard::Dragging(false))
        }),
        hear("dragend", |_| Some(Heard::Dragging(false))),
        hear("drop", dropped_nothing),
        hear("drop", dropped),
    ]
}

fn transfer(event: &Event) -> Option<DataTransfer> {
    event.dyn_ref::<DragEvent>()?.data_transfer()
}

fn dropped_nothing(_: &Event) -> Option<Heard> {
    Some(Heard::Dragging(false))
}

fn dropped(event: &Event) -> Option<Heard> {
    let file = transfer(event)?.files()?.get(0)?;
    event.prevent_default();
    Some(Heard::Msg(Msg::File(file.name(), BlobRef(file.into()))))
}

/// A shortcut, unless the key is meant for something that is written into, chosen from or pressed.
fn key(event: &Event) -> Option<Heard> {
    let event = event.dyn_ref::<KeyboardEvent>()?;
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if let Some(target) = &target
        // A click on a line number leaves the focus on the editor, but not in its text.
        && target.closest(".cm-content, .cm-panels").ok().flatten().is_some()
    {
        if event.key() == "Escape" && !event.default_prevented() {
            let _ = target.dyn_ref::<HtmlElement>().map(HtmlElement::blur);
        }
        return None;
    }
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    let within = |selector: &str| target.as_ref().and_then(|target| target.closest(selector).ok().flatten()).is_some();
    if within("input, textarea, select, dialog, [role=menu], [contenteditable=true]") {
        return None;
    }
    let command = Command::of_key(&key_of(&event.key(), event.shift_key()))?;
    if command == Command::Play && within("button, summary, a") {
        return None;
    }
    event.prevent_default();
    Some(Heard::Msg(Msg::Do(command)))
}

/// Copies the link, and puts it into the address without making another entry in the history.
fn copy(ctx: &Context<App>, fragment: &str) {
    let Some(window) = window() else { return };
    let address = address(fragment);
    if let Ok(history) = window.history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
    let link = ctx.link().clone();
    // Without a secure context there is no clipboard, whatever the bindings say.
    let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into()).unwrap_or_default();
    if clipboard.is_undefined() {
        link.send_message(Heard::Msg(Msg::Copied(false)));
        return;
    }
    let written = window.navigator().clipboard().write_text(&address);
    spawn_local(async move {
        let copied = JsFuture::from(written).await.is_ok();
        link.send_message(Heard::Msg(Msg::Copied(copied)));
    });
}

/// Lets the browser save a file.
fn save(name: &str, bytes: &[u8]) {
    let url = ObjectUrl::from(Blob::new(bytes));
    let anchor = window().and_then(|window| window.document()).and_then(|document| document.create_element("a").ok());
    if let Some(anchor) = anchor.and_then(|anchor| anchor.dyn_into::<HtmlAnchorElement>().ok()) {
        anchor.set_href(&url);
        anchor.set_download(name);
        anchor.click();
    }
    // The browser reads the bytes after this function has returned.
    Timeout::new(NOTE_MS, move || drop(url)).forget();
}
