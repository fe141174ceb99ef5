//! The verifier: its verdict in the kernel's words, the path that is looked at, and the log.

use bpfscope_web::lab::view::{BesideView, BranchView, Look, PathEnd, ProgramVerdict, ProofView, Verdict, VerdictView};
use bpfscope_web::protocol::Opened;
use yew::prelude::*;

use super::code::rejection;
use super::header::kernels;
use super::log::Log;
use super::parts::{CommandButton, Emit, Icon, count, counted, on};
use crate::page::command::Command;
use crate::page::log::LogRows;
use crate::page::store::{Msg, Shared, View};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is open, for the kernels to choose from.
    pub opened: Shared<Opened>,
    /// What the verifier says.
    pub verdict: Option<Shared<VerdictView>>,
    /// The step that is looked at.
    pub proof: Option<Shared<ProofView>>,
    /// Lines of the log.
    pub log: Shared<LogRows>,
    /// Where messages go.
    pub emit: Emit,
}

/// The choice between packets and the verifier.
pub fn tabs(shown: View, emit: &Emit) -> Html {
    let tabs = [(View::Packets, "Packets"), (View::Verifier, "Verifier")].map(|(view, name)| {
        let chosen = view == shown;
        html! {
            <button type="button" role="tab" aria-selected={chosen.to_string()} class={classes!("tab", chosen.then_some("on"))}
                title={Command::View.tooltip()} onclick={on(emit, move || Msg::View(view))}>{ name }</button>
        }
    });
    html! { <div class="tabs" role="tablist" aria-label="What is shown">{ for tabs }</div> }
}

/// The panel of the verifier.
#[component]
pub fn Verifier(props: &Props) -> Html {
    let emit = &props.emit;
    let at = props.proof.as_ref().map_or(props.log.program(), |proof| proof.program);
    let program = props.verdict.as_ref().and_then(|verdict| verdict.programs.get(at as usize));
    html! {
        <section class="panel verifier" aria-label="Verifier">
            <div class="bar">
                { tabs(View::Verifier, emit) }
                { programs(props, at) }
                { kernels(&props.opened, "narrow", emit) }
                { again(props) }
            </div>
            { verdict(props, program) }
            if let Some(proof) = &props.proof { <Path proof={proof.clone()} {emit} /> }
            if let Some(program) = program.filter(|program| program.log_lines > 0) {
                <div class="title-line"><h2>{ "Log" }</h2><small>{ lines(program) }</small></div>
                <Log key={at} log={props.log.clone()} lines={program.log_lines} cut={program.log_cut}
                    at={props.proof.as_ref().and_then(|proof| proof.log_line)} {emit} />
            }
        </section>
    }
}

/// The programs to choose from, when there are several.
fn programs(props: &Props, at: u32) -> Html {
    let programs = props.verdict.as_ref().map(|verdict| verdict.programs.as_slice()).unwrap_or_default();
    if programs.len() < 2 {
        return Html::default();
    }
    let buttons = (0..).zip(programs).map(|(number, program)| {
        let chosen = number == at;
        html! {
            <button type="button" class={classes!("run", chosen.then_some("on"), tone(program.verdict))} aria-pressed={chosen.to_string()}
                onclick={on(&props.emit, move || Msg::Look(Look::Program(number)))}>{ &program.name }</button>
        }
    });
    html! { <div class="programs" role="group" aria-label="Programs">{ for buttons }</div> }
}

fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accepted => "pass",
        Verdict::Rejected => "fault",
        Verdict::Checking | Verdict::Stopped => "",
    }
}

/// The button that stops the verification, or begins another.
fn again(props: &Props) -> Html {
    let emit = &props.emit;
    match props.verdict.as_ref().map(|verdict| verdict.verdict) {
        Some(Verdict::Checking) => html! {
            <CommandButton class="flat again" command={Command::Verify} name="Stop verifying" icon={Icon::Stop} text="Stop" {emit} />
        },
        Some(Verdict::Stopped) => html! {
            <CommandButton class="flat again" command={Command::Verify} name="Verify again" icon={Icon::Replay} text="Verify" {emit} />
        },
        _ => Html::default(),
    }
}

/// The verdict on the program that is looked at.
fn verdict(props: &Props, program: Option<&ProgramVerdict>) -> Html {
    let Some((verdict, program)) = props.verdict.as_ref().zip(program) else {
        return html! { <p class="said quiet">{ "There is no program to verify yet." }</p> };
    };
    if verdict.verdict == Verdict::Checking {
        let percent = (verdict.fraction * 100.0).clamp(0.0, 100.0);
        return html! {
            <div class="said">
                <p>{ "Following every path: " }{ counted(verdict.processed.into(), "instruction") }{ " so far, of at most " }{ count(verdict.limit.into()) }{ " a program." }</p>
                <div class="meter" role="progressbar" aria-label="Verification" aria-valuemin="0" aria-valuemax="100"
                    aria-valuenow={format!("{percent:.0}")} style={format!("--done:{percent:.1}%")} />
            </div>
        };
    }
    let sentence = match program.verdict {
        Verdict::Accepted => {
            html! { <p class="pass"><b>{ "✓ Linux " }{ &verdict.kernel }{ " accepts " }</b><code>{ &program.name }</code></p> }
        }
        Verdict::Rejected => {
            html! { <p class="fault"><b>{ "✕ Linux " }{ &verdict.kernel }{ " rejects " }</b><code>{ &program.name }</code></p> }
        }
        Verdict::Checking | Verdict::Stopped => html! { <p><b>{ "– Not verified: " }</b>{ "it was stopped." }</p> },
    };
    html! {
        <div class={classes!("said", program.rejection.is_some().then_some("rejected"))}>
            { for program.rejection.iter().map(|r| rejection(r, &props.emit)) }
            { sentence }
            { for program.beside.iter().map(beside) }
            <p class="quiet">{ counts(program) }</p>
        </div>
    }
}

/// What the simulator says beside the kernel of the machine.
fn beside(beside: &BesideView) -> Html {
    let who = format!("The simulator, by the rules of Linux {}, ", beside.kernel);
    let says = match beside.verdict {
        Verdict::Accepted => "accepts it",
        Verdict::Rejected => "rejects it",
        Verdict::Checking => "has yet to say",
        Verdict::Stopped => "was stopped before it could say",
    };
    let (class, mark, too) = match (beside.differs, beside.verdict) {
        (true, _) => ("differs", "≠ ", ""),
        (false, Verdict::Accepted | Verdict::Rejected) => ("quiet", "= ", ", too"),
        (false, _) => ("quiet", "", ""),
    };
    html! {
        <>
            <p class={classes!("beside", class)}>{ mark }{ who }{ says }{ too }{ "." }</p>
            if let Some(message) = beside.message.as_ref().filter(|_| beside.differs) { <pre class="message">{ message }</pre> }
        </>
    }
}

fn counts(program: &ProgramVerdict) -> String {
    let processed = format!("{} processed", counted(program.processed.into(), "instruction"));
    let mut text = processed;
    if program.paths > 0 {
        text += &format!(", {}", counted(program.paths.into(), "path"));
    }
    if program.pruned > 0 {
        text += &format!(", {} of them left out from where an earlier state covers them", count(program.pruned.into()));
    }
    if program.left_out > 0 {
        text += &format!("; the last {} are not kept to look at", counted(program.left_out.into(), "step"));
    }
    text
}

fn lines(program: &ProgramVerdict) -> String {
    let all = counted(program.log_lines.into(), "line");
    match program.log_cut {
        Some(cut) => format!("{all}; from {} on only the path that was followed last", count(u64::from(cut) + 1)),
        None => format!("{all}, as the kernel prints them at level 2"),
    }
}

/// What the path is shown with.
#[derive(Properties, PartialEq)]
struct PathProps {
    proof: Shared<ProofView>,
    emit: Emit,
}

/// The visit that is looked at, and the branches that led there.
#[component]
fn Path(props: &PathProps) -> Html {
    let (proof, emit) = (&props.proof, &props.emit);
    let alone = proof.visits < 2;
    let end = proof.end.map(|end| match end {
        PathEnd::Exit => ("output", "the path ends here"),
        PathEnd::Pruned => ("map", "left out from here on: a state that was explored before covers this one"),
        PathEnd::Rejected => ("fault", "rejected here"),
    });
    html! {
        <div class="path">
            <div class="visit">
                <code title={proof.insn.clone()}>{ &proof.insn }</code>
                <span class="turn" role="group" aria-label="Visits of this instruction">
                    <CommandButton command={Command::Visit(false)} icon={Icon::Back} disabled={alone} {emit} />
                    <span>{ format!("visit {} of {}", count(u64::from(proof.visit) + 1), count(proof.visits.into())) }</span>
                    <CommandButton command={Command::Visit(true)} icon={Icon::Forward} disabled={alone} {emit} />
                </span>
            </div>
            if let Some((kind, text)) = end { <p class={classes!("end", kind)}>{ text }</p> }
            if proof.branches.is_empty() {
                <p class="quiet">{ "No branch led here." }</p>
            } else {
                <ol class="branches" aria-label="Branches on the way">
                    if proof.branches_left_out > 0 { <li class="quiet">{ counted(proof.branches_left_out.into(), "branch") }{ " before" }</li> }
                    { for proof.branches.iter().map(|branch| self::branch(branch, emit)) }
                </ol>
            }
        </div>
    }
}

fn branch(branch: &BranchView, emit: &Emit) -> Html {
    let step = branch.step;
    // The log's text of a jump ends in where it goes; which way this path went says the badge.
    let (_, condition) = branch.insn.split_once(") ").unwrap_or(("", &branch.insn));
    let condition = condition.split(" goto ").next().unwrap_or(condition);
    html! {
        <li>
            <button type="button" onclick={on(emit, move || Msg::Look(Look::Step(step)))}>
                <small>{ branch.line.map(|line| line.to_string()) }</small>
                <code>{ condition }</code>
                <em class={if branch.taken { "taken" } else { "passed" }}>{ if branch.taken { "jumps" } else { "goes on" } }</em>
            </button>
        </li>
    }
}
