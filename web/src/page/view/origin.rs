//! A classic filter beside the program that it became.

use std::collections::BTreeMap;

use bpfscope_web::lab::view::{PairView, ProgramView, ReplayView};
use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::prelude::*;

use super::editor::Marks;
use super::parts::{Emit, count, on};
use crate::page::store::{Msg, Shared};

/// What the table shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The program with its origin.
    pub program: Shared<ProgramView>,
    /// How often each line ran.
    pub replay: Option<Shared<ReplayView>>,
    /// The line that runs next, or that the verifier is at.
    pub line: Option<u32>,
    /// What the verifier has to say of lines.
    pub marks: Marks,
    /// Where messages go.
    pub emit: Emit,
}

/// Both programs, each classic instruction beside what it became.
#[component]
pub fn Origin(props: &Props) -> Html {
    let table = use_node_ref();
    use_effect_with((props.line, table.clone()), |(_, table)| bring_into_view(table));
    let Some(origin) = &props.program.origin else { return Html::default() };
    let counts: BTreeMap<u32, u64> = props.marks.counts(props.replay.as_deref()).into_iter().collect();
    let marks: Vec<(u32, &str)> = props.marks.lines().collect();
    let row = |pair: &PairView| pair_row(props, pair, &counts, &marks);
    html! {
        <div class="origin" role="group" aria-label="Classic filter beside its eBPF" tabindex="0" ref={table}>
            <div class="pair head"><span>{ "cBPF" }</span><span>{ "eBPF" }</span></div>
            { for origin.pairs.iter().map(row) }
        </div>
    }
}

fn pair_row(props: &Props, pair: &PairView, counts: &BTreeMap<u32, u64>, marks: &[(u32, &'static str)]) -> Html {
    let now = pair.lines.iter().any(|(line, _)| props.line == Some(*line));
    let dead = pair.lines.is_empty();
    let lines = pair.lines.iter().map(|(line, text)| {
        let line = *line;
        let marked = marks.iter().filter(|(at, _)| *at == line).map(|(_, class)| *class);
        let class = classes!("ebpf", (props.line == Some(line)).then_some("now"), marked.collect::<Classes>());
        // What stands alone on a line, with a colon behind it, is no instruction.
        if text.ends_with(':') {
            return html! { <div class="ebpf label"><code>{ text.trim_start() }</code></div> };
        }
        html! {
            <button type="button" {class} title={format!("Run to line {line}")} onclick={on(&props.emit, move || Msg::RunTo(line))}>
                <code>{ text.trim_start() }</code>
                <small>{ counts.get(&line).map(|times| count(*times)) }</small>
            </button>
        }
    });
    html! {
        <div class={classes!("pair", now.then_some("on"), dead.then_some("dead"))}>
            <code class="classic">{ classic(&pair.classic) }</code>
            <div>
                { for lines }
                if dead { <div class="ebpf label">{ "no way leads here" }</div> }
            </div>
        </div>
    }
}

/// An instruction without the columns of a listing; a jump is not parted from where it goes.
fn classic(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace("jt ", "jt\u{a0}").replace("jf ", "jf\u{a0}")
}

/// Scrolls as far as it takes to see the line that runs next.
fn bring_into_view(table: &NodeRef) {
    let now = table.cast::<Element>().and_then(|table| table.query_selector(".now").ok().flatten());
    if let Some(now) = now {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        now.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
