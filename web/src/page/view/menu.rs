//! A button with a menu under it: the lessons, the captures.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};
use yew::prelude::*;

use super::parts::{Icon, icon};

/// A row of a menu.
#[derive(Clone, PartialEq)]
pub struct Item {
    /// Its name.
    pub title: String,
    /// What it is, in one line.
    pub summary: String,
    /// Whether it is what is open.
    pub chosen: bool,
    /// What choosing it does.
    pub choose: Callback<()>,
}

/// What a menu is shown with.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the button says.
    pub title: String,
    /// What the menu is called.
    pub name: &'static str,
    /// What the button is for.
    pub hint: &'static str,
    /// The rows.
    pub items: Vec<Item>,
    /// Classes.
    #[prop_or_default]
    pub class: Classes,
}

/// A button with a menu under it.
#[component]
pub fn Menu(props: &Props) -> Html {
    let open = use_state(|| false);
    let root = use_node_ref();
    use_effect_with((*open, root.clone()), |(open, root)| {
        if *open {
            move_focus(root, Toward::Chosen);
        }
    });
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let onfocusout = {
        let (root, open) = (root.clone(), open.clone());
        Callback::from(move |event: FocusEvent| {
            let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
            let inside = to.is_some() && root.get().is_some_and(|root| root.contains(to.as_ref()));
            if !inside {
                open.set(false);
            }
        })
    };
    let onkeydown = {
        let (root, open) = (root.clone(), open.clone());
        Callback::from(move |event: KeyboardEvent| {
            let moved = match event.key().as_str() {
                "Escape" if *open => {
                    open.set(false);
                    move_focus(&root, Toward::Button)
                }
                "ArrowDown" if *open => move_focus(&root, Toward::Next),
                "ArrowUp" if *open => move_focus(&root, Toward::Previous),
                "ArrowDown" => {
                    open.set(true);
                    true
                }
                _ => false,
            };
            if moved {
                event.prevent_default();
            }
        })
    };
    let rows = props.items.iter().map(|item| {
        let (choose, open) = (item.choose.clone(), open.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            choose.emit(());
            open.set(false);
        });
        html! {
            <li role="none">
                <button type="button" role="menuitemradio" aria-checked={item.chosen.to_string()} {onclick}>
                    <strong>{ &item.title }</strong>
                    <span>{ &item.summary }</span>
                </button>
            </li>
        }
    });
    html! {
        <div class={classes!("menu", props.class.clone())} ref={root} {onfocusout} {onkeydown}>
            <button type="button" class="title" aria-haspopup="menu" aria-expanded={open.to_string()} title={props.hint} onclick={toggle}>
                <span>{ &props.title }</span>{ icon(Icon::Caret) }
            </button>
            if *open {
                <ul role="menu" aria-label={props.name}>{ for rows }</ul>
            }
        </div>
    }
}

/// Where the focus goes.
enum Toward {
    /// The row of what is open, else the first.
    Chosen,
    Next,
    Previous,
    /// The button above the menu.
    Button,
}

/// Moves the focus within a menu; whether there was anything to move it to.
fn move_focus(root: &NodeRef, toward: Toward) -> bool {
    let Some(root) = root.cast::<HtmlElement>() else { return false };
    let Ok(found) = root.query_selector_all("button") else { return false };
    let buttons: Vec<HtmlElement> = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect();
    let active = root.owner_document().and_then(|document| document.active_element());
    let at = buttons.iter().position(|button| Some(button.as_ref()) == active.as_ref()).unwrap_or(0);
    let chosen = |button: &HtmlElement| button.get_attribute("aria-checked").as_deref() == Some("true");
    let to = match toward {
        Toward::Chosen => buttons.iter().position(chosen).unwrap_or(1),
        Toward::Next => (at + 1).min(buttons.len().saturating_sub(1)),
        Toward::Previous => at.saturating_sub(1).max(1),
        Toward::Button => 0,
    };
    buttons.get(to).is_some_and(|button| button.focus().is_ok())
}
