//! The page: views of what the worker found.

use bpfscope_web::Engine;
use gloo::worker::Spawnable;
use yew::prelude::*;

/// The whole page.
#[component]
fn App() -> Html {
    let answer = use_state(String::new);
    let set = answer.clone();
    use_effect_with((), move |()| {
        let engine =
            Engine::spawner().callback(move |text| set.set(text)).with_loader(true).spawn("./worker_loader.js");
        engine.send("ready".into());
        move || drop(engine)
    });
    let ready = (!answer.is_empty()).then_some("");
    html! { <main data-ready={ready}><h1>{ "bpfscope" }</h1><p>{ &*answer }</p></main> }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
