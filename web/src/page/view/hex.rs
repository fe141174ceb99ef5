//! The packet's bytes, with what the run did to them.

use std::ops::Range;

use bpfscope_web::lab::view::BytesView;
use yew::prelude::*;

use crate::page::store::Shared;

/// Bytes on a line.
const LINE: usize = 16;

/// Lines drawn until the user asks for all.
const LINES: usize = 128;

const READ: u8 = 1;
const WRITTEN: u8 = 2;
const NOW: u8 = 4;
const POINTED: u8 = 8;

/// What the bytes are shown with.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The bytes.
    pub bytes: Shared<BytesView>,
    /// Bytes that are pointed at, here or in the layers.
    pub pointed: Option<Range<u32>>,
    /// Another byte is pointed at, or none.
    pub point: Callback<Option<u32>>,
}

/// The bytes in hexadecimal and as ASCII.
#[component]
pub fn Hex(props: &Props) -> Html {
    let all = use_state(|| false);
    let bytes = &props.bytes.bytes;
    let marks = marks(&props.bytes, props.pointed.as_ref());
    let lines = bytes.len().div_ceil(LINE);
    let shown = if *all { lines } else { lines.min(LINES) };
    let rows = (0..shown).map(|line| {
        let range = line * LINE..bytes.len().min((line + 1) * LINE);
        html! {
            <Line key={line} start={range.start as u32} bytes={bytes[range.clone()].to_vec()} marks={marks[range].to_vec()} point={&props.point} />
        }
    });
    let more = {
        let all = all.clone();
        Callback::from(move |_: MouseEvent| all.set(true))
    };
    let leave = props.point.reform(|_: MouseEvent| None);
    html! {
        <div class="hex" role="group" aria-label="Bytes of the packet" tabindex="0" onmouseleave={leave}>
            { for rows }
            if shown < lines {
                <button type="button" class="more" onclick={more}>{ format!("show all {} bytes", bytes.len()) }</button>
            }
        </div>
    }
}

fn marks(view: &BytesView, pointed: Option<&Range<u32>>) -> Vec<u8> {
    let mut marks = vec![0; view.bytes.len()];
    let mut mark = |range: &Range<u32>, bit: u8| {
        let end = (range.end as usize).min(marks.len());
        let start = (range.start as usize).min(end);
        marks[start..end].iter_mut().for_each(|mark| *mark |= bit);
    };
    view.reads.iter().for_each(|(range, _)| mark(range, READ));
    view.writes.iter().for_each(|(range, _)| mark(range, WRITTEN));
    view.now.iter().for_each(|range| mark(range, NOW));
    pointed.into_iter().for_each(|range| mark(range, POINTED));
    marks
}

/// What a line is shown with: little enough that only lines that changed are drawn again.
#[derive(Properties, PartialEq)]
struct LineProps {
    start: u32,
    bytes: Vec<u8>,
    marks: Vec<u8>,
    point: Callback<Option<u32>>,
}

#[component]
fn Line(props: &LineProps) -> Html {
    let cell = |at: usize, text: String, gap: bool| {
        let mark = props.marks[at];
        let offset = props.start + at as u32;
        let class = classes!(
            (mark & READ != 0).then_some("rd"),
            (mark & WRITTEN != 0).then_some("wr"),
            (mark & NOW != 0).then_some("now"),
            (mark & POINTED != 0).then_some("at"),
            gap.then_some("gap"),
        );
        html! { <i {class} onmouseenter={props.point.reform(move |_: MouseEvent| Some(offset))}>{ text }</i> }
    };
    let hex = props.bytes.iter().enumerate().map(|(at, byte)| cell(at, format!("{byte:02x}"), at == LINE / 2));
    let ascii = props.bytes.iter().enumerate().map(|(at, byte)| {
        let printable = byte.is_ascii_graphic() || *byte == b' ';
        cell(at, char::from(if printable { *byte } else { b'.' }).to_string(), false)
    });
    html! {
        <div class="line">
            <span class="offset">{ format!("{:04x}", props.start) }</span>
            <span class="bytes">{ for hex }</span>
            <span class="ascii" aria-hidden="true">{ for ascii }</span>
        </div>
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range is what is meant")]
mod tests {
    use super::*;

    #[test]
    fn marks_beyond_the_packet_are_cut() {
        let view = BytesView { bytes: vec![0; 4], reads: vec![(2..9, 1)], writes: vec![(7..8, 2)], now: vec![0..1] };
        assert_eq!(marks(&view, Some(&(1..2))), [NOW, POINTED, READ, READ]);
    }
}
