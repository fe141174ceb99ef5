//! The packet that is looked at: its runs, its layers, its bytes.

use std::collections::BTreeMap;
use std::ops::Range;

use bpfscope_web::lab::Cursor;
use bpfscope_web::lab::view::{FieldView, LayerView, PacketView, RunView, StepView};
use yew::prelude::*;

use super::hex::Hex;
use super::parts::{Differences, Emit, Icon, badge, counted, icon, on};
use crate::page::store::{Msg, Shared};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The packet.
    pub packet: Option<Shared<PacketView>>,
    /// The machine at the step that is looked at.
    pub step: Option<Shared<StepView>>,
    /// Where messages go.
    pub emit: Emit,
}

/// The packet that is looked at.
#[component]
pub fn Packet(props: &Props) -> Html {
    let pointed = use_state(|| None::<Range<u32>>);
    let unfolded = use_state(BTreeMap::<String, bool>::new);
    let (Some(packet), Some(step)) = (&props.packet, &props.step) else {
        return html! { <div class="detail" /> };
    };
    let point_byte = {
        let (pointed, step) = (pointed.clone(), step.clone());
        Callback::from(move |byte: Option<u32>| pointed.set(byte.map(|byte| smallest_around(&step.layers, byte))))
    };
    let point = {
        let pointed = pointed.clone();
        Callback::from(move |range: Option<Range<u32>>| pointed.set(range))
    };
    let layers = step.layers.iter().enumerate().map(|(at, layer)| {
        let key = format!("{at} {}", layer.name);
        let open = unfolded.get(&key).copied().unwrap_or(false);
        let toggle = {
            let (unfolded, key) = (unfolded.clone(), key.clone());
            Callback::from(move |_: MouseEvent| {
                let mut next = (*unfolded).clone();
                next.insert(key.clone(), !open);
                unfolded.set(next);
            })
        };
        html! { <Layer {key} layer={layer.clone()} {open} {toggle} pointed={(*pointed).clone()} point={&point} emit={&props.emit} /> }
    });
    let view = Shared::new(step.packet.clone());
    html! {
        <div class="detail">
            <div class="runs" role="group" aria-label="Runs of this packet">
                { for packet.runs.iter().enumerate().map(|(at, run)| pill(packet, at as u32, run, &props.emit)) }
                <small>{ size(packet) }</small>
            </div>
            if let Some(difference) = &packet.difference { <Differences difference={difference.clone()} /> }
            <div class="layers" role="group" aria-label="Layers of the packet" onmouseleave={point.reform(|_: MouseEvent| None)}>{ for layers }</div>
            <Hex bytes={view} pointed={(*pointed).clone()} point={point_byte} />
        </div>
    }
}

fn size(packet: &PacketView) -> String {
    let length = counted(packet.length.into(), "byte");
    if packet.captured == packet.length { length } else { format!("{length}, {} captured", packet.captured) }
}

/// One run: where, what, its verdict. Several can be chosen from.
fn pill(packet: &PacketView, at: u32, run: &RunView, emit: &Emit) -> Html {
    let index = packet.index;
    let on_this = at == packet.run;
    let place =
        run.interface.as_ref().map_or_else(|| run.hook.to_string(), |interface| format!("{interface} {}", run.hook));
    let what = format!("{} at {place}: returned {} after {}", run.program, run.ret, counted(run.insns, "instruction"));
    html! {
        <button type="button" class={classes!("run", on_this.then_some("on"))} aria-pressed={on_this.to_string()}
            title={what} onclick={on(emit, move || Msg::Select(Cursor { packet: index, run: at, step: 0 }))}>
            <code>{ &run.program }</code><span>{ place }</span>{ badge(&run.verdict) }
        </button>
    }
}

/// The smallest field or layer that a byte belongs to, else the byte alone.
fn smallest_around(layers: &[LayerView], byte: u32) -> Range<u32> {
    let fields = layers.iter().flat_map(|layer| layer.fields.iter().map(|field| &field.range));
    let around = fields.filter(|range| range.contains(&byte)).min_by_key(|range| range.len());
    around.cloned().unwrap_or(byte..byte + 1)
}

/// What a layer is shown with.
#[derive(Properties, PartialEq)]
struct LayerProps {
    layer: LayerView,
    open: bool,
    toggle: Callback<MouseEvent>,
    pointed: Option<Range<u32>>,
    point: Callback<Option<Range<u32>>>,
    emit: Emit,
}

/// A layer in a line; under it its fields, or while it is folded those that the run has touched.
#[component]
fn Layer(props: &LayerProps) -> Html {
    let layer = &props.layer;
    let fields =
        layer.fields.iter().filter(|field| props.open || field.read_at.is_some() || field.written_at.is_some());
    let enter = {
        let range = layer.range.clone();
        props.point.reform(move |_: MouseEvent| Some(range.clone()))
    };
    html! {
        <div class="layer">
            <button type="button" class="fold" aria-expanded={props.open.to_string()} onclick={&props.toggle} onmouseenter={enter}>
                { icon(if props.open { Icon::Caret } else { Icon::Closed }) }
                <b>{ &layer.name }</b><em>{ &layer.info }</em>
            </button>
            { for fields.map(|field| self::field(props, field)) }
        </div>
    }
}

fn field(props: &LayerProps, field: &FieldView) -> Html {
    let at = props.pointed.as_ref().is_some_and(|range| *range == field.range);
    let class = classes!(
        "field",
        field.read_at.is_some().then_some("rd"),
        field.written_at.is_some().then_some("wr"),
        at.then_some("at"),
    );
    let range = field.range.clone();
    let enter = props.point.reform(move |_: MouseEvent| Some(range.clone()));
    let range = field.range.clone();
    let focus = props.point.reform(move |_: FocusEvent| Some(range.clone()));
    html! {
        <div {class} onmouseenter={enter} onfocusin={focus}>
            <span class="value">{ &field.name }{ ": " }{ &field.value }</span>
            { touched(props, "read", field.read_at) }
            { touched(props, "written", field.written_at) }
        </div>
    }
}

/// `read at step 11`, which goes there. The step is counted as the footer counts.
fn touched(props: &LayerProps, how: &str, step: Option<u32>) -> Html {
    let Some(step) = step else { return Html::default() };
    html! {
        <button type="button" class="link" title="Go to this step" onclick={on(&props.emit, move || Msg::Seek(step))}>
            { format!("{how} at step {step}") }
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_points_at_its_field() {
        let field = |range: Range<u32>| FieldView {
            name: String::new(),
            value: String::new(),
            range,
            read_at: None,
            written_at: None,
        };
        let layers = [LayerView {
            name: "IPv4".into(),
            info: String::new(),
            range: 14..34,
            fields: vec![field(14..34), field(23..24)],
        }];
        assert_eq!(smallest_around(&layers, 23), 23..24);
        assert_eq!(smallest_around(&layers, 30), 14..34);
        assert_eq!(smallest_around(&layers, 60), 60..61);
    }
}
