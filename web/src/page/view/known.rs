//! What the verifier knows before the instruction that is looked at: registers and stack of that visit.

use bpfscope_web::lab::view::{KnownView, ProofView};
use yew::prelude::*;

use crate::page::store::Shared;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The step of the verification.
    pub proof: Option<Shared<ProofView>>,
}

/// The panel of what is known.
#[component]
pub fn Known(props: &Props) -> Html {
    let Some(proof) = &props.proof else {
        return html! { <section class="panel machine" aria-label="Known to the verifier" /> };
    };
    let several = proof.frames.len() > 1;
    let empty = proof.frames.iter().all(|(_, slots)| slots.is_empty());
    html! {
        <section class="panel machine known" aria-label="Known to the verifier" tabindex="0">
            <div class="title-line"><h2>{ "Registers, as the verifier knows them" }</h2></div>
            <div class="regs">{ for proof.regs.iter().map(known) }</div>
            <div class="title-line"><h2>{ "Stack" }</h2></div>
            <div class="stack">
                { for proof.frames.iter().map(|(function, slots)| html! {
                    <>
                        if several { <h3><code>{ function }</code></h3> }
                        { for slots.iter().map(known) }
                    </>
                }) }
                if empty && !several { <p class="quiet">{ "nothing written on this path" }</p> }
            </div>
        </section>
    }
}

fn known(known: &KnownView) -> Html {
    html! {
        <div class={classes!("reg", known.changed.then_some("new"))}>
            <span>{ &known.name }</span><b>{ &known.text }</b>
            if let Some(gloss) = &known.gloss { <em>{ gloss }</em> }
        </div>
    }
}
