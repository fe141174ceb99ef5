//! The verifier's log. Megabytes of it are as quick as a page: only the lines on screen exist.

use std::ops::Range;

use bpfscope_web::lab::view::{LogKind, Look};
use gloo::events::EventListener;
use web_sys::{Element, window};
use yew::prelude::*;

use super::parts::{Emit, count};
use crate::page::log::LogRows;
use crate::page::store::{Msg, Shared};

/// Height of a line in pixels, as in the style sheet.
const LINE: f64 = 19.0;

/// Lines that a scroll area can hold: browsers lay out between 16 and 33 million pixels.
const MOST: u32 = 600_000;

/// Lines drawn beyond the edges.
const BEYOND: u32 = 8;

/// What the log shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Lines that are here.
    pub log: Shared<LogRows>,
    /// Lines there are.
    pub lines: u32,
    /// The line from which on not every path is there.
    pub cut: Option<u32>,
    /// The line of the step that is looked at.
    pub at: Option<u32>,
    /// Where messages go.
    pub emit: Emit,
}

/// What moves the log.
pub enum Move {
    /// The user scrolled.
    Scrolled,
    /// The panel has another size.
    Resized,
}

/// The log.
pub struct Log {
    area: NodeRef,
    top: f64,
    height: f64,
    /// Lines on screen, as told.
    told: Range<u32>,
    /// The line to bring into view once it is drawn.
    reveal: Option<u32>,
    _resize: Option<EventListener>,
}

impl Component for Log {
    type Message = Move;
    type Properties = Props;

    fn create(ctx: &Context<Self>) -> Self {
        Log { area: NodeRef::default(), top: 0.0, height: 0.0, told: 0..0, reveal: ctx.props().at, _resize: None }
    }

    fn update(&mut self, _ctx: &Context<Self>, message: Move) -> bool {
        if let (Move::Scrolled, Some(area)) = (message, self.area.cast::<Element>()) {
            self.top = f64::from(area.scroll_top());
        }
        true
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &Props) -> bool {
        let new = ctx.props();
        if new.at != old.at || new.lines != old.lines {
            self.reveal = new.at;
        }
        true
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if first && let Some(window) = window() {
            let link = ctx.link().clone();
            self._resize = Some(EventListener::new(&window, "resize", move |_| link.send_message(Move::Resized)));
        }
        let Some(area) = self.area.cast::<Element>() else { return };
        let height = f64::from(area.client_height());
        if (height - self.height).abs() > 0.5 {
            self.height = height;
            ctx.link().send_message(Move::Resized);
        }
        if let Some(line) = self.reveal.take().filter(|_| self.height > 0.0) {
            let start = f64::from(line) * LINE;
            if start < self.top || start + LINE > self.top + self.height {
                area.set_scroll_top((start - self.height / 3.0).max(0.0) as i32);
                self.top = f64::from(area.scroll_top());
                ctx.link().send_message(Move::Resized);
            }
        }
        let seen = self.seen(ctx.props());
        if seen != self.told {
            self.told = seen.clone();
            ctx.props().emit.emit(Msg::LookLog(seen));
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let props = ctx.props();
        let lines = props.lines.min(MOST);
        let seen = self.seen(props);
        let top = f64::from(seen.start) * LINE;
        html! {
            <div class="log" ref={self.area.clone()} role="log" aria-live="off" aria-label={format!("Log of {} lines", count(props.lines.into()))}
                tabindex="0" onscroll={ctx.link().callback(|_| Move::Scrolled)}>
                <div class="lines" style={format!("height:{}px", f64::from(lines) * LINE)}>
                    <div class="window" style={format!("transform:translateY({top}px)")}>{ for seen.map(|line| self::line(props, line)) }</div>
                </div>
            </div>
        }
    }
}

impl Log {
    fn seen(&self, props: &Props) -> Range<u32> {
        let first = (self.top / LINE) as u32;
        let last = ((self.top + self.height) / LINE).ceil() as u32;
        let lines = props.lines.min(MOST);
        first.saturating_sub(BEYOND).min(lines)..last.saturating_add(BEYOND).min(lines)
    }
}

fn line(props: &Props, number: u32) -> Html {
    let Some(line) = props.log.get(number) else { return html! { <div key={number} class="line" /> } };
    let kind = match line.kind {
        LogKind::Insn => "insn",
        LogKind::Source => "text",
        LogKind::Path => "path",
        LogKind::Precision => "precision",
        LogKind::Message => "message",
        LogKind::Other => "other",
    };
    let class = classes!(
        "line",
        kind,
        (props.at == Some(number)).then_some("on"),
        (props.cut == Some(number)).then_some("cut"),
    );
    let chosen = matches!(line.kind, LogKind::Insn | LogKind::Path) && props.cut.is_none_or(|cut| number < cut);
    let onclick = chosen.then(|| props.emit.reform(move |_: MouseEvent| Msg::Look(Look::Log(number))));
    // What an instruction changed stands behind it, after a semicolon.
    let parts = line.text.split_once("; ").filter(|(insn, _)| line.kind == LogKind::Insn && !insn.is_empty());
    html! {
        <div key={number} {class} {onclick}>
            if let Some((insn, state)) = parts {
                { insn }<i>{ "; " }{ state }</i>
            } else {
                { &line.text }
            }
        </div>
    }
}
