//! The footer: step buttons, the timeline, and where we are, in the run of a packet or in the verification.

use bpfscope_web::lab::Jump;
use bpfscope_web::lab::view::{Look, MarkKind, PacketView, PathEnd, ProofView, StepView, VerdictView};
use web_sys::Element;
use yew::prelude::*;

use super::parts::{CommandButton, Emit, Icon, count, inline};
use crate::page::command::Command;
use crate::page::store::{Msg, Shared};

/// Marks of one kind drawn at most: more would lie on the same pixels.
const PLACES: u32 = 500;

/// What the footer shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The packet that is looked at.
    pub packet: Option<Shared<PacketView>>,
    /// The machine at the step that is looked at.
    pub step: Option<Shared<StepView>>,
    /// Packets there are.
    pub packets: u32,
    /// Whether steps go by themselves.
    pub playing: bool,
    /// Where messages go.
    pub emit: Emit,
}

/// The footer.
#[component]
pub fn Footer(props: &Props) -> Html {
    let emit = &props.emit;
    let disabled = props.step.is_none();
    let at_start = props.step.as_ref().is_none_or(|step| step.step == 0);
    let at_end = props.step.as_ref().is_none_or(|step| step.step >= step.steps);
    let (at, last) = props.step.as_ref().map_or((0, 0), |step| (step.step, step.steps));
    let jump = |jump, icon, class: &'static str, disabled| {
        html! { <CommandButton command={Command::Jump(jump)} {icon} {class} {disabled} {emit} /> }
    };
    let word = |jump, text: &'static str| {
        html! { <CommandButton command={Command::Jump(jump)} {text} class="word" disabled={disabled || at_end} {emit} /> }
    };
    html! {
        <footer class="footer">
            <div class="steps" role="toolbar" aria-label="Steps">
                { jump(Jump::Start, Icon::Start, "", at_start) }
                { jump(Jump::Back, Icon::Back, "", at_start) }
                { jump(Jump::Forward, Icon::Forward, "primary", at_end) }
                { jump(Jump::End, Icon::End, "", at_end) }
                <CommandButton command={Command::Play} icon={if props.playing { Icon::Pause } else { Icon::Play }} class="play"
                    name={if props.playing { "Pause" } else { "Play" }} {disabled} {emit} />
                <span class="words">
                    { word(Jump::Line, "line") }
                    { word(Jump::Over, "over") }
                    { word(Jump::Out, "out") }
                </span>
            </div>
            <Timeline {at} {last} marks={thinned(props.packet.iter().flat_map(|packet| marks(packet)), last)}
                seek={emit.reform(Msg::Seek)} {emit} />
            <div class="where">
                <span>{ place(props) }</span>
                <span class="next">{ next(props.step.as_deref()) }</span>
            </div>
        </footer>
    }
}

fn place(props: &Props) -> String {
    let (Some(packet), Some(step)) = (&props.packet, &props.step) else { return "no packet".into() };
    format!(
        "step {} of {} · packet {} of {}",
        count(step.step.into()),
        count(step.steps.into()),
        count(u64::from(packet.index) + 1),
        count(props.packets.into())
    )
}

/// What comes next, or at the end what came out.
fn next(step: Option<&StepView>) -> Html {
    let Some(step) = step else { return Html::default() };
    match &step.outcome {
        Some(outcome) => html! { <em>{ inline(outcome) }</em> },
        None => html! { <code title={format!("next, in {} at {}", step.function, step.pc)}>{ &step.insn }</code> },
    }
}

/// The footer while the verifier is shown: the same buttons, among the steps in the order of exploration.
#[derive(Properties, PartialEq)]
pub struct ExplorationProps {
    /// The step of the verification that is looked at.
    pub proof: Option<Shared<ProofView>>,
    /// What the verifier says, for where paths end.
    pub verdict: Option<Shared<VerdictView>>,
    /// Whether steps go by themselves.
    pub playing: bool,
    /// Where messages go.
    pub emit: Emit,
}

/// The footer while the verifier is shown.
#[component]
pub fn Exploration(props: &ExplorationProps) -> Html {
    let emit = &props.emit;
    let proof = props.proof.as_deref();
    let disabled = proof.is_none();
    let at_start = proof.is_none_or(|proof| proof.step == 0);
    let at_end = proof.is_none_or(|proof| proof.step + 1 >= proof.steps);
    let (at, last) = proof.map_or((0, 0), |proof| (proof.step, proof.steps.saturating_sub(1)));
    let ends = proof.and_then(|proof| props.verdict.as_ref()?.programs.get(proof.program as usize)).map(|p| &p.ends);
    let marks = ends.into_iter().flatten().map(|(step, end)| {
        let kind = match end {
            PathEnd::Exit => "output",
            PathEnd::Pruned => "map",
            PathEnd::Rejected => "fault",
        };
        (kind, *step)
    });
    let jump = |jump, icon, class: &'static str, disabled| {
        html! { <CommandButton command={Command::Jump(jump)} {icon} {class} {disabled} {emit} /> }
    };
    let alone = proof.is_none_or(|proof| proof.visits < 2);
    html! {
        <footer class="footer">
            <div class="steps" role="toolbar" aria-label="Steps of the verifier">
                { jump(Jump::Start, Icon::Start, "", at_start) }
                { jump(Jump::Back, Icon::Back, "", at_start) }
                { jump(Jump::Forward, Icon::Forward, "primary", at_end) }
                { jump(Jump::End, Icon::End, "", at_end) }
                <CommandButton command={Command::Play} icon={if props.playing { Icon::Pause } else { Icon::Play }} class="play"
                    name={if props.playing { "Pause" } else { "Play" }} {disabled} {emit} />
                <span class="words">
                    <CommandButton command={Command::Visit(true)} text="visit" class="word" disabled={alone} {emit} />
                    <CommandButton command={Command::Path(true)} text="path" class="word" disabled={at_end} {emit} />
                </span>
            </div>
            <Timeline {at} {last} marks={thinned(marks, last)} seek={emit.reform(|step| Msg::Look(Look::Step(step)))} {emit} />
            <div class="where">
                <span>{ explored(proof, props.verdict.as_deref()) }</span>
                <span class="next">if let Some(proof) = proof { <code>{ &proof.insn }</code> }</span>
            </div>
        </footer>
    }
}

fn explored(proof: Option<&ProofView>, verdict: Option<&VerdictView>) -> String {
    let program = proof.zip(verdict).and_then(|(proof, verdict)| verdict.programs.get(proof.program as usize));
    let (Some(proof), Some(program)) = (proof, program) else { return "nothing explored".into() };
    format!(
        "step {} of {} · path {} of {}",
        count(u64::from(proof.step) + 1),
        count(proof.steps.into()),
        count(u64::from(proof.path) + 1),
        count(program.paths.max(proof.path + 1).into())
    )
}

/// What the timeline shows.
#[derive(Properties, PartialEq)]
struct TimelineProps {
    at: u32,
    last: u32,
    /// Kinds and steps of the marks.
    marks: Vec<(&'static str, u32)>,
    /// A step was chosen.
    seek: Callback<u32>,
    emit: Emit,
}

/// The steps as a line to drag along, with marks where something happens.
#[component]
fn Timeline(props: &TimelineProps) -> Html {
    let track = use_node_ref();
    let dragging = use_mut_ref(|| false);
    let (at, last) = (props.at, props.last);
    let seek = {
        let (track, seek) = (track.clone(), props.seek.clone());
        move |event: &PointerEvent| {
            let Some(track) = track.cast::<Element>() else { return };
            let place = track.get_bounding_client_rect();
            let share = (f64::from(event.client_x()) - place.left()) / place.width().max(1.0);
            seek.emit((share.clamp(0.0, 1.0) * f64::from(last)).round() as u32);
        }
    };
    let onpointerdown = {
        let (seek, track, dragging) = (seek.clone(), track.clone(), dragging.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() == 0 {
                *dragging.borrow_mut() = true;
                if let Some(track) = track.cast::<Element>() {
                    let _ = track.set_pointer_capture(event.pointer_id());
                }
                seek(&event);
            }
        })
    };
    let onpointermove = {
        let dragging = dragging.clone();
        Callback::from(move |event: PointerEvent| {
            if *dragging.borrow() {
                seek(&event);
            }
        })
    };
    let release = Callback::from(move |_: PointerEvent| *dragging.borrow_mut() = false);
    let share = |step: u32| f64::from(step) / f64::from(last.max(1)) * 100.0;
    html! {
        <div class="track" ref={track} role="slider" tabindex="0" aria-label="Step" aria-valuemin="0"
            aria-valuemax={last.to_string()} aria-valuenow={at.to_string()}
            aria-valuetext={format!("step {at} of {last}")}
            {onpointerdown} {onpointermove} onpointerup={release.clone()} onpointercancel={release}
            onkeydown={keys(props)}>
            <i style={format!("width:{:.3}%", share(at))} />
            { for props.marks.iter().map(|(kind, step)| html! { <u class={*kind} style={format!("left:{:.3}%", share(*step))} /> }) }
            <s style={format!("left:{:.3}%", share(at))} />
        </div>
    }
}

/// Page keys move by a tenth; the other keys mean on the timeline what they mean everywhere.
fn keys(props: &TimelineProps) -> Callback<KeyboardEvent> {
    let (emit, seek, at, last) = (props.emit.clone(), props.seek.clone(), props.at, props.last);
    Callback::from(move |event: KeyboardEvent| {
        let tenth = (last / 10).max(1);
        let command = |jump| emit.emit(Msg::Do(Command::Jump(jump)));
        match event.key().as_str() {
            "PageUp" => seek.emit(at.saturating_add(tenth).min(last)),
            "PageDown" => seek.emit(at.saturating_sub(tenth)),
            "ArrowUp" => command(Jump::Forward),
            "ArrowDown" => command(Jump::Back),
            _ => return,
        }
        event.prevent_default();
    })
}

/// The marks of a packet's run.
fn marks(packet: &PacketView) -> impl Iterator<Item = (&'static str, u32)> {
    packet.marks.iter().map(|mark| {
        let kind = match mark.kind {
            MarkKind::Read => "read",
            MarkKind::Write => "write",
            MarkKind::Map => "map",
            MarkKind::Output => "output",
            MarkKind::Fault => "fault",
        };
        (kind, mark.step)
    })
}

/// The marks, at most one of a kind at a place.
fn thinned(marks: impl Iterator<Item = (&'static str, u32)>, last: u32) -> Vec<(&'static str, u32)> {
    let place = |step: u32| u64::from(step) * u64::from(PLACES) / u64::from(last.max(1));
    let mut drawn: Vec<(&'static str, u32)> = Vec::new();
    for (kind, step) in marks {
        let before = drawn.iter().rev().find(|(drawn, _)| *drawn == kind);
        if before.is_none_or(|&(_, before)| place(before) != place(step)) {
            drawn.push((kind, step));
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use bpfscope_web::lab::view::Mark;

    #[test]
    fn marks_on_the_same_pixel_are_drawn_once() {
        let mark = |step, kind| Mark { step, kind };
        let of_run =
            [mark(0, MarkKind::Read), mark(1, MarkKind::Read), mark(1, MarkKind::Map), mark(900_000, MarkKind::Read)];
        let packet = PacketView {
            index: 0,
            length: 0,
            captured: 0,
            runs: Vec::new(),
            run: 0,
            marks: of_run.into(),
            difference: None,
        };
        assert_eq!(thinned(marks(&packet), 1_000_000), [("read", 0), ("map", 1), ("read", 900_000)]);
        assert_eq!(thinned(marks(&packet), 10).len(), 4);
    }
}
