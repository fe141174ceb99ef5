//! The machine at the step that is looked at: registers, stack, maps, output.

use bpfscope_web::lab::view::{EntryView, FrameView, MapView, Numbers, OutputView, RegView, SlotView, StepView};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::parts::{Emit, count, on};
use crate::page::store::{Msg, Shared};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The machine.
    pub step: Option<Shared<StepView>>,
    /// How numbers are written.
    pub numbers: Numbers,
    /// Which map the user wants to see; without a wish the one that changes.
    pub map: Option<usize>,
    /// Where messages go.
    pub emit: Emit,
}

/// The panel of the machine.
#[component]
pub fn Machine(props: &Props) -> Html {
    let Some(step) = &props.step else {
        return html! { <section class="panel machine" aria-label="Machine" /> };
    };
    html! {
        <section class="panel machine" aria-label="Machine" tabindex="0">
            <div class="title-line">
                <h2>{ "Registers" }</h2>
                { numbers(props) }
            </div>
            <div class="regs">{ for step.regs.iter().map(|reg| register(reg, props.numbers)) }</div>
            <div class="title-line"><h2>{ "Stack" }</h2></div>
            { stack(&step.frames, props.numbers) }
            { maps(props, &step.maps) }
            { output(&step.output) }
        </section>
    }
}

/// The switch between hex, dec and sym.
fn numbers(props: &Props) -> Html {
    let choice = Numbers::ALL.iter().map(|&(numbers, name)| {
        let chosen = numbers == props.numbers;
        html! {
            <button type="button" role="radio" aria-checked={chosen.to_string()} class={classes!(chosen.then_some("on"))}
                onclick={on(&props.emit, move || Msg::Numbers(numbers))}>{ name }</button>
        }
    });
    html! { <span class="switch" role="radiogroup" aria-label="How numbers are written" title="How numbers are written (x)">{ for choice }</span> }
}

fn register(reg: &RegView, numbers: Numbers) -> Html {
    let class = classes!("reg", reg.changed.then_some("new"), (!reg.live).then_some("unset"));
    let title = if reg.live {
        format!("{} = {} = {}", reg.name, reg.hex, reg.dec)
    } else {
        "Nothing was written to it yet".into()
    };
    html! {
        <div {class} {title}>
            <span>{ &reg.name }</span><b>{ if reg.live { reg.value(numbers) } else { "–" } }</b>
            if let Some(proven) = reg.proven.as_ref().filter(|_| reg.live) {
                <em class="proven" title={proven.note.clone()}>{ &proven.text }</em>
            }
        </div>
    }
}

fn stack(frames: &[FrameView], numbers: Numbers) -> Html {
    let several = frames.len() > 1;
    let empty = frames.iter().all(|frame| frame.slots.is_empty());
    html! {
        <div class="stack">
            { for frames.iter().map(|frame| html! {
                <>
                    if several { <h3><code>{ &frame.function }</code></h3> }
                    { for frame.slots.iter().map(|slot| self::slot(slot, numbers)) }
                </>
            }) }
            if empty && !several { <p class="quiet">{ "nothing written yet" }</p> }
        </div>
    }
}

fn slot(slot: &SlotView, numbers: Numbers) -> Html {
    // The symbol says more than the digits only where they differ.
    let words = (numbers == Numbers::Sym).then_some(&slot.sym);
    html! {
        <div class={classes!("reg", "slot", slot.changed.then_some("new"))}>
            <span>{ slot.offset }</span><b>{ &slot.hex }</b>
            if let Some(words) = words { <em>{ words }</em> }
        </div>
    }
}

fn maps(props: &Props, maps: &[MapView]) -> Html {
    let at = props.map.unwrap_or_else(|| busiest(maps));
    let Some(map) = maps.get(at) else { return Html::default() };
    let onchange = props.emit.reform(|event: Event| {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        Msg::Map(select.map_or(0, |select| usize::try_from(select.selected_index()).unwrap_or(0)))
    });
    let options = maps.iter().enumerate().map(|(number, map)| {
        html! { <option selected={number == at}>{ &map.name }</option> }
    });
    html! {
        <>
            <div class="title-line">
                <h2>{ "Maps" }</h2>
                if maps.len() > 1 {
                    <select aria-label="Map" {onchange}>{ for options }</select>
                } else {
                    <code>{ &map.name }</code>
                }
                <small>{ format!("{} · {} of {}", map.kind, count(map.used.into()), count(map.max_entries.into())) }</small>
            </div>
            { entries(map) }
        </>
    }
}

/// The map to look at: the one that the last step changed, else one that this run changed, else one that holds
/// anything.
fn busiest(maps: &[MapView]) -> usize {
    let having = |wanted: fn(&EntryView) -> bool| maps.iter().position(|map| map.entries.iter().any(wanted));
    having(|entry| entry.before.is_some()).or(having(|entry| entry.touched)).or(having(|_| true)).unwrap_or(0)
}

fn entries(map: &MapView) -> Html {
    if map.entries.is_empty() {
        // Records of a ring buffer are no entries.
        let why = if map.used == 0 { "no entries yet" } else { "what it holds is shown as output" };
        return html! { <p class="quiet">{ why }</p> };
    }
    let over_time = map.entries.iter().any(|entry| entry.over_time.len() > 1);
    html! {
        <>
            <table class="entries">
                <thead>
                    <tr><th scope="col">{ "key" }</th><th scope="col">{ "value" }</th>if over_time { <th scope="col">{ "over time" }</th> }</tr>
                </thead>
                <tbody>{ for map.entries.iter().map(|entry| self::entry(entry, over_time)) }</tbody>
            </table>
            if (map.used as usize) > map.entries.len() {
                <p class="quiet">{ format!("and {} more", count(u64::from(map.used) - map.entries.len() as u64)) }</p>
            }
        </>
    }
}

fn entry(entry: &EntryView, over_time: bool) -> Html {
    let class = classes!(entry.touched.then_some("on"), entry.before.is_some().then_some("new"));
    html! {
        <tr {class}>
            <td title={entry.key.clone()}>{ &entry.key }</td>
            <td title={entry.value.clone()}>
                if let Some(before) = &entry.before { <del>{ before }</del>{ " → " } }
                { &entry.value }
            </td>
            if over_time { <td>{ sparkline(&entry.over_time) }</td> }
        </tr>
    }
}

/// A value over the replay, as a line with the area under it.
fn sparkline(values: &[u64]) -> Html {
    const WIDTH: f64 = 64.0;
    const HEIGHT: f64 = 16.0;
    let Some(&most) = values.iter().max().filter(|_| values.len() > 1) else { return Html::default() };
    let step = WIDTH / (values.len() - 1) as f64;
    let points = values.iter().enumerate().map(|(at, &value)| {
        let share = if most == 0 { 0.0 } else { value as f64 / most as f64 };
        format!("{:.1},{:.1}", at as f64 * step, 1.0 + (HEIGHT - 2.0) * (1.0 - share))
    });
    let line = points.collect::<Vec<_>>().join(" ");
    html! {
        <svg class="spark" viewBox="0 0 64 16" preserveAspectRatio="none" role="img" aria-label={format!("from {} to {}", count(values[0]), count(values[values.len() - 1]))}>
            <polygon points={format!("0,16 {line} 64,16")} />
            <polyline points={line} />
        </svg>
    }
}

fn output(lines: &[OutputView]) -> Html {
    html! {
        <>
            <div class="title-line"><h2>{ "Output" }</h2><small>{ "trace_printk · events" }</small></div>
            <div class="output" role="log" aria-label="Output">
                { for lines.iter().map(|line| html! {
                    <div class="reg"><span>{ line.map.as_ref().unwrap_or(&line.kind) }</span><b>{ &line.text }</b></div>
                }) }
                if lines.is_empty() { <p class="quiet">{ "none so far" }</p> }
            </div>
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_to_look_at_is_the_one_that_changes() {
        let entry = |touched, before: Option<&str>| EntryView {
            key: String::new(),
            value: String::new(),
            before: before.map(str::to_owned),
            touched,
            over_time: Vec::new(),
        };
        let map = |entries: Vec<EntryView>| MapView {
            name: String::new(),
            kind: String::new(),
            used: entries.len() as u32,
            max_entries: 9,
            entries,
        };
        let still = || map(vec![entry(false, None)]);
        assert_eq!(busiest(&[map(Vec::new()), still()]), 1);
        assert_eq!(busiest(&[still(), map(vec![entry(true, None)])]), 1);
        assert_eq!(busiest(&[map(vec![entry(true, None)]), map(vec![entry(true, Some("1"))])]), 1);
        assert_eq!(busiest(&[]), 0);
    }
}
