//! The packet list. A million rows are as quick as ten: only those on screen exist.
//!
//! The list scrolls by itself: the scroll area is as high as all rows would be, up to [`MAX_HEIGHT`], which
//! browsers still lay out. With more rows than that a pixel of the scroll bar is more than a pixel of rows:
//! small movements go on by the pixel, and a large one goes to the same share of the list.

use std::ops::Range;

use bpfscope_web::lab::Cursor;
use bpfscope_web::lab::view::{ListOf, PacketView, ReplayView, RowView, ThereView};
use bpfscope_web::protocol::{BundledCapture, Opened};
use gloo::events::EventListener;
use web_sys::{Element, window};
use yew::prelude::*;

use super::menu::{Item, Menu};
use super::parts::{Differences, Emit, Icon, badge, count, counted, icon, on};
use super::verifier::tabs;
use crate::page::rows::Rows;
use crate::page::store::{Msg, Shared, View};

/// Height of a row in pixels, as in the style sheet.
const ROW: f64 = 26.0;

/// Height of the scroll area at most: browsers lay out between 16 and 33 million pixels.
const MAX_HEIGHT: f64 = 10_000_000.0;

/// Rows drawn beyond the edges.
const BEYOND: u32 = 4;

/// What the list shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is open, for the capture's name.
    pub opened: Shared<Opened>,
    /// The captures that come with the page.
    pub captures: Shared<Vec<BundledCapture>>,
    /// Which list.
    pub list: ListOf,
    /// Packets there are.
    pub packets: u32,
    /// Rows there are.
    pub count: u32,
    /// Rows that are here.
    pub rows: Shared<Rows>,
    /// How far the replay is, for the verdicts.
    pub replay: Option<Shared<ReplayView>>,
    /// The packet that is looked at.
    pub packet: Option<Shared<PacketView>>,
    /// Packets or the verifier: the list is hidden behind that.
    pub view: View,
    /// Where messages go.
    pub emit: Emit,
}

/// What moves the list.
pub enum Move {
    /// The user scrolled.
    Scrolled,
    /// The panel has another size.
    Resized,
    /// Another row, by a key.
    Key(KeyboardEvent),
}

/// The packet list.
pub struct List {
    area: NodeRef,
    /// Pixels from the top of the first row to the top of the window, as if all rows were there.
    top: f64,
    /// Height of the window in pixels, without the head.
    height: f64,
    /// Where the scroll bar was.
    bar: f64,
    /// Rows on screen, as told.
    told: Range<u32>,
    /// The row to bring into view once it is drawn.
    reveal: Option<u32>,
    _resize: Option<EventListener>,
}

impl Component for List {
    type Message = Move;
    type Properties = Props;

    fn create(_ctx: &Context<Self>) -> Self {
        List { area: NodeRef::default(), top: 0.0, height: 0.0, bar: 0.0, told: 0..0, reveal: None, _resize: None }
    }

    fn update(&mut self, ctx: &Context<Self>, message: Move) -> bool {
        match message {
            Move::Scrolled => self.scrolled(ctx.props().count),
            Move::Resized => true,
            Move::Key(event) => self.key(ctx, &event),
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &Props) -> bool {
        let new = ctx.props();
        let chosen = new.packet.as_ref().map(|packet| packet.index);
        let is_other = chosen != old.packet.as_ref().map(|packet| packet.index) || new.list != old.list;
        if new.list == ListOf::In && chosen.is_some() && is_other {
            self.reveal = chosen;
        }
        if new.list != old.list && new.list != ListOf::In {
            self.reveal = Some(0);
        }
        if new.count < old.count {
            self.top = self.top.min(self.furthest(new.count));
        }
        true
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first && let Some(window) = window() {
            let link = ctx.link().clone();
            self._resize = Some(EventListener::new(&window, "resize", move |_| link.send_message(Move::Resized)));
        }
        // The layout may have changed with what is around the list: the chosen row stays in view.
        let is_packets = ctx.props().list == ListOf::In;
        let chosen = ctx.props().packet.as_ref().map(|packet| packet.index).filter(|_| is_packets);
        let in_view = chosen.filter(|&row| self.is_in_view(row));
        if self.resized() {
            self.reveal = self.reveal.or(in_view);
            ctx.link().send_message(Move::Resized);
        }
        if let Some(row) = self.reveal.take() {
            self.bring_into_view(row, ctx.props().count);
            ctx.link().send_message(Move::Resized);
        }
        let seen = self.seen(ctx.props().count);
        if seen != self.told {
            self.told = seen.clone();
            ctx.props().emit.emit(Msg::LookList(seen));
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let chosen = props.packet.as_ref().map(|packet| packet.index);
        let seen = self.seen(props.count);
        let shift = f64::from(seen.start) * ROW - self.top;
        let rows = seen.clone().map(|index| row(props, index, chosen));
        let is_packets = props.list == ListOf::In;
        let active = chosen.filter(|index| is_packets && seen.contains(index)).map(|index| format!("packet-{index}"));
        html! {
            <section class="panel list" aria-label="Packets">
                <div class="bar">
                    { tabs(props.view, &props.emit) }
                    { verdicts(props.replay.as_deref()) }
                    { captures(props) }
                </div>
                { lists(props) }
                { for props.replay.iter().filter_map(|replay| replay.there.as_ref()).map(|there| self::there(there, &props.emit)) }
                <div class={classes!("grid", (props.list != ListOf::In).then_some("came-out"))} style={format!("--digits:{}ch", count(props.packets.into()).len().max(3))} role="grid" aria-label="Packets" aria-rowcount={props.count.to_string()} tabindex="0"
                    aria-activedescendant={active} onkeydown={ctx.link().callback(Move::Key)}>
                    <div class="rows" role="rowgroup" ref={self.area.clone()} onscroll={ctx.link().callback(|_| Move::Scrolled)}>
                        { head(props.list) }
                        <div class="spacer" style={format!("height:{}px", self.bar_height(props.count))}>
                            <div class="window" style={format!("transform:translateY({shift}px)")}>{ for rows }</div>
                        </div>
                        if props.count == 0 { <p class="empty">{ empty(props) }</p> }
                    </div>
                </div>
            </section>
        }
    }
}

impl List {
    /// Height of the scroll area.
    fn bar_height(&self, packets: u32) -> f64 {
        (f64::from(packets) * ROW).min(MAX_HEIGHT)
    }

    /// The largest `top`.
    fn furthest(&self, packets: u32) -> f64 {
        (f64::from(packets) * ROW - self.height).max(0.0)
    }

    fn seen(&self, packets: u32) -> Range<u32> {
        let first = (self.top / ROW) as u32;
        let last = ((self.top + self.height) / ROW).ceil() as u32;
        first.saturating_sub(BEYOND)..last.saturating_add(BEYOND).min(packets)
    }

    fn resized(&mut self) -> bool {
        // The head takes a row of it.
        let height = self.area.cast::<Element>().map_or(0.0, |area| (f64::from(area.client_height()) - ROW).max(0.0));
        let changed = (height - self.height).abs() > 0.5;
        self.height = height;
        changed
    }

    fn scrolled(&mut self, packets: u32) -> bool {
        let Some(area) = self.area.cast::<Element>() else { return false };
        let bar = f64::from(area.scroll_top());
        self.top = moved(
            Scroll { bar, was: self.bar, top: self.top },
            self.bar_height(packets) - self.height,
            self.furthest(packets),
            self.height,
        );
        self.bar = bar;
        true
    }

    fn is_in_view(&self, row: u32) -> bool {
        let start = f64::from(row) * ROW;
        start + ROW > self.top && start < self.top + self.height
    }

    fn bring_into_view(&mut self, row: u32, packets: u32) {
        let (start, end) = (f64::from(row) * ROW, f64::from(row + 1) * ROW);
        let far = start < self.top - self.height || end > self.top + 2.0 * self.height;
        let top = match () {
            // Whole rows look calmer than halves.
            () if far => ((start - self.height / 2.0) / ROW).round() * ROW,
            () if start < self.top => start,
            () if end > self.top + self.height => end - self.height,
            () => return,
        };
        self.top = top.clamp(0.0, self.furthest(packets));
        let furthest = self.furthest(packets).max(1.0);
        self.bar = (self.top / furthest * (self.bar_height(packets) - self.height).max(0.0)).round();
        if let Some(area) = self.area.cast::<Element>() {
            area.set_scroll_top(self.bar as i32);
            self.bar = f64::from(area.scroll_top());
        }
    }

    fn key(&mut self, ctx: &Context<Self>, event: &KeyboardEvent) -> bool {
        let props = ctx.props();
        let page = ((self.height / ROW) as i64 - 1).max(1);
        let all = i64::from(props.packets);
        let by = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            "PageDown" => page,
            "PageUp" => -page,
            "Home" => -all,
            "End" => all,
            _ => return false,
        };
        event.prevent_default();
        props.emit.emit(Msg::Move(by));
        false
    }
}

/// A movement of the scroll bar.
struct Scroll {
    bar: f64,
    was: f64,
    top: f64,
}

/// Where the window goes when the bar, which goes as far as `bar_end`, moves; the window goes as far as `end`.
fn moved(scroll: Scroll, bar_end: f64, end: f64, height: f64) -> f64 {
    let Scroll { bar, was, top } = scroll;
    if bar <= 0.0 || bar_end <= 0.0 {
        return 0.0;
    }
    if bar >= bar_end - 1.0 {
        return end;
    }
    if end <= bar_end + 1.0 {
        return bar;
    }
    let small = (bar - was).abs() < 2.0 * height;
    if small { (top + bar - was).clamp(0.0, end) } else { bar / bar_end * end }
}

/// The names of the columns, which stay while the rows scroll.
fn head(list: ListOf) -> Html {
    let names = match list {
        ListOf::In => ["#", "time", "source → destination", "what", "verdict"],
        ListOf::Out(_) => ["#", "time", "source → destination", "what left", "bytes"],
        ListOf::Events => ["#", "time", "how", "what", "bytes"],
    };
    html! { <div class="row head" role="row">{ for names.map(|name| html! { <span role="columnheader">{ name }</span> }) }</div> }
}

/// A row of the list; `looked_at` is the packet that is looked at.
fn row(props: &Props, index: u32, looked_at: Option<u32>) -> Html {
    let here = props.rows.get(index);
    // A row of packets is known before it is here.
    let known = (props.list == ListOf::In).then_some(Cursor { packet: index, ..Cursor::default() });
    let at = here.map(|row| row.at).or(known);
    let emit = props.emit.clone();
    let onclick = Callback::from(move |_: MouseEvent| {
        if let Some(at) = at {
            emit.emit(Msg::Select(at));
        }
    });
    let chosen = at.is_some_and(|at| looked_at == Some(at.packet));
    let number = index + 1;
    let differs = here.is_some_and(|row| row.differs.is_some());
    let cells = match here {
        Some(row) => cells(row, props.list),
        None => html! { <span class="pending" /> },
    };
    html! {
        <div key={index} id={format!("packet-{index}")} class={classes!("row", chosen.then_some("on"), differs.then_some("differs"))} role="row"
            aria-rowindex={number.to_string()} aria-selected={chosen.to_string()} {onclick}>
            <span role="gridcell">{ at.map(|at| count(u64::from(at.packet) + 1)) }</span>
            { cells }
        </div>
    }
}

fn cells(row: &RowView, list: ListOf) -> Html {
    let ends = match row.destination.as_str() {
        "" => row.source.clone(),
        destination => format!("{} → {destination}", row.source),
    };
    if list != ListOf::In {
        return html! {
            <>
                <span role="gridcell">{ &row.time }</span>
                <span role="gridcell" title={ends.clone()}>{ ends }</span>
                <span role="gridcell" title={row.what.clone()}>{ &row.what }</span>
                <span role="gridcell" class="number">{ count(row.length.into()) }</span>
            </>
        };
    }
    html! {
        <>
            <span role="gridcell">{ &row.time }</span>
            <span role="gridcell" title={ends.clone()}>{ ends }</span>
            <span role="gridcell" title={row.what.clone()}>{ &row.what }</span>
            <span role="gridcell">
                { row.verdict.as_ref().map(badge) }
                if let Some(differs) = &row.differs { <b class="differs" title={differs.clone()} aria-label={differs.clone()}>{ "≠" }</b> }
            </span>
        </>
    }
}

/// How many packets came to which verdict.
fn verdicts(replay: Option<&ReplayView>) -> Html {
    let verdicts = replay.map(|replay| replay.verdicts.as_slice()).unwrap_or_default();
    let shown = verdicts.iter().take(4).map(|(verdict, number)| {
        html! { <span class="sum">{ badge(verdict) }<b>{ count(*number) }</b></span> }
    });
    html! { <span class="sums" aria-label="Verdicts">{ for shown }</span> }
}

/// The lists to choose from: what came in, what left each interface, what programs said.
fn lists(props: &Props) -> Html {
    let Some(replay) = &props.replay else { return Html::default() };
    let choice = |of: ListOf, name: &str, rows: u32, left_out: u64| {
        let chosen = of == props.list;
        let more = (left_out > 0).then(|| format!(", {} more were not kept", count(left_out)));
        let title = format!("{}{}", counted(rows.into(), "row"), more.clone().unwrap_or_default());
        html! {
            <button type="button" class={classes!("run", chosen.then_some("on"))} aria-pressed={chosen.to_string()} {title}
                onclick={on(&props.emit, move || Msg::List(of))}>
                { name }<b>{ count(rows.into()) }if more.is_some() { { "+" } }</b>
            </button>
        }
    };
    let save = match props.list {
        ListOf::Out(interface) if props.count > 0 => {
            let title = "Download what left as a pcap";
            html! {
                <button type="button" class="flat save" {title} aria-label={title} onclick={on(&props.emit, move || Msg::Pcap(interface))}>
                    { icon(Icon::Save) }<span>{ "pcap" }</span>
                </button>
            }
        }
        _ => Html::default(),
    };
    html! {
        <div class="lists" role="group" aria-label="What is listed">
            { choice(ListOf::In, "in", props.packets, 0) }
            { for replay.lists.iter().map(|list| choice(list.of, &list.name, list.rows, list.left_out)) }
            { save }
        </div>
    }
}

/// How the replay on the kernel of the machine compares.
fn there(there: &ThereView, emit: &Emit) -> Html {
    let left_out = there.left_out.as_ref().map_or(0, |(packets, _)| *packets);
    let compared = there.packets.saturating_sub(left_out);
    let packets = counted(compared.into(), "packet");
    let differ = there.different > 0 || there.end.is_some();
    let (mark, text) = match (&there.error, there.running) {
        (Some(error), _) => ("–", format!(": {error}, after {packets}")),
        (None, true) => ("…", format!(": {packets} so far, {} differ", count(there.different.into()))),
        (None, false) if compared == 0 => ("–", " was asked about no packet".to_owned()),
        (None, false) if !differ => ("=", format!(" came to the same on {packets}, maps included")),
        (None, false) => ("≠", format!(" differs on {} of {packets}", count(there.different.into()))),
    };
    let class = classes!("there", differ.then_some("differs"));
    html! {
        <div {class} role="status">
            <span>{ mark }{ " " }{ &there.kernel }{ text }</span>
            if let Some(first) = there.first {
                <button type="button" class="link" onclick={on(emit, move || Msg::Select(Cursor { packet: first, ..Cursor::default() }))}>
                    { format!("the first is {}", count(u64::from(first) + 1)) }
                </button>
            }
            if let Some((packets, why)) = &there.left_out {
                <span>{ format!("{} left out ({why})", counted((*packets).into(), "packet")) }</span>
            }
            if let Some(end) = &there.end { <Differences difference={end.clone()} /> }
        </div>
    }
}

/// The capture's name, and under it those that come with the page.
fn captures(props: &Props) -> Html {
    let open = props.opened.capture.clone();
    let items = props.captures.iter().map(|capture| {
        let file = capture.file.clone();
        Item {
            title: capture.title.clone(),
            summary: format!("{} · {} packets", capture.description, count(capture.packets.into())),
            chosen: open.as_ref() == Some(&file),
            choose: on(&props.emit, move || Msg::Capture(file.clone())),
        }
    });
    let title = open.clone().unwrap_or_else(|| "no capture".into());
    html! { <Menu class="captures" {title} name="Captures" hint="Choose a capture" items={items.collect::<Vec<_>>()} /> }
}

fn empty(props: &Props) -> &'static str {
    if props.list != ListOf::In {
        return "Nothing left here.";
    }
    match (&props.opened.capture, &props.replay) {
        (None, _) => "No packets. Drop a capture here: pcap or pcapng.",
        (Some(_), Some(replay)) if replay.finished => "The capture holds no packet that could be read.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIGHT: f64 = 500.0;

    #[test]
    fn a_short_list_scrolls_as_its_bar() {
        let top = moved(Scroll { bar: 130.0, was: 100.0, top: 100.0 }, 2600.0, 2600.0, HEIGHT);
        assert_eq!(top, 130.0);
    }

    #[test]
    fn a_long_list_moves_by_the_pixel_and_jumps_by_the_share() {
        let (bar_end, end) = (1e7, 2.6e7);
        let by = |bar, was, top| moved(Scroll { bar, was, top }, bar_end, end, HEIGHT);
        assert_eq!(by(5_000_100.0, 5_000_000.0, 13_000_000.0), 13_000_100.0);
        assert_eq!(by(5_000_000.0, 0.0, 0.0), 13_000_000.0);
    }

    #[test]
    fn the_ends_of_the_bar_are_the_ends_of_the_list() {
        let (bar_end, end) = (1e7, 2.6e7);
        assert_eq!(moved(Scroll { bar: 0.0, was: 60.0, top: 9_000.0 }, bar_end, end, HEIGHT), 0.0);
        assert_eq!(moved(Scroll { bar: bar_end, was: bar_end - 60.0, top: 2.5e7 }, bar_end, end, HEIGHT), end);
    }
}
