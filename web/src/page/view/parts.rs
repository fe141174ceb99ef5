//! What several components use: buttons, icons, badges, numbers, text with `code` in it.

use bpfscope_web::lab::view::{Badge, DifferenceView, Tone};
use yew::prelude::*;

use crate::page::command::Command;
use crate::page::store::Msg;

/// Where components send messages.
pub type Emit = Callback<Msg>;

/// A callback that emits always the same message.
pub fn on<E: 'static>(emit: &Emit, msg: impl Fn() -> Msg + 'static) -> Callback<E> {
    emit.reform(move |_| msg())
}

/// `1024` as `1,024`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 packet`, `2 packets`.
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// The class of a tone.
pub fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Pass => "pass",
        Tone::Drop => "drop",
        Tone::Redirect => "redirect",
        Tone::Warn => "warn",
        Tone::Fault => "fault",
    }
}

/// A verdict as a label.
pub fn badge(badge: &Badge) -> Html {
    html! { <span class={classes!("badge", tone(badge.tone))} title={badge.name.clone()}>{ &badge.text }</span> }
}

/// What the table of a difference is shown with.
#[derive(Properties, PartialEq)]
pub struct DifferencesProps {
    /// The difference.
    pub difference: DifferenceView,
}

/// What differs, side by side.
#[component]
pub fn Differences(props: &DifferencesProps) -> Html {
    let difference = &props.difference;
    let rows = difference.aspects.iter().map(|aspect| {
        html! { <tr><th scope="row">{ &aspect.what }</th><td>{ &aspect.ours }</td><td>{ &aspect.theirs }</td></tr> }
    });
    html! {
        <table class="difference">
            <thead>
                <tr>
                    <th scope="col">{ difference.run.clone().unwrap_or_default() }</th>
                    <th scope="col">{ "simulator" }</th>
                    <th scope="col">{ "this machine" }</th>
                </tr>
            </thead>
            <tbody>{ for rows }</tbody>
        </table>
    }
}

/// Icons, drawn on a 16 by 16 grid in the colour of the text.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what its name says")]
pub enum Icon {
    Start,
    Back,
    Forward,
    End,
    Play,
    Pause,
    Replay,
    Stop,
    Share,
    Open,
    Save,
    Theme,
    Help,
    Close,
    Caret,
    Closed,
}

/// An icon. It is decoration: what it stands for is in the name of its button.
pub fn icon(icon: Icon) -> Html {
    let (path, filled) = match icon {
        Icon::Start => ("M4 3v10M13 3.5v9L6.5 8z", true),
        Icon::Back => ("M11.5 3.5v9L4.5 8z", true),
        Icon::Forward => ("M4.5 3.5v9L11.5 8z", true),
        Icon::End => ("M12 3v10M3 3.5v9L9.5 8z", true),
        Icon::Play => ("M3 4v8L8 8zM8.5 4v8L13.5 8z", true),
        Icon::Pause => ("M4.5 3.5h2v9h-2zM9.5 3.5h2v9h-2z", true),
        Icon::Replay => ("M13 8a5 5 0 1 1-1.6-3.7M13 2v3.2H9.8", false),
        Icon::Stop => ("M4 4h8v8H4z", true),
        Icon::Share => ("M8 9.5V2M5 4.7 8 2l3 2.7M3.5 8v5.5h9V8", false),
        Icon::Open => ("M2 4v9h12V5.5H8L6.5 4z", false),
        Icon::Save => ("M8 2v7.5M5 6.8 8 9.5l3-2.7M3 12.5h10", false),
        Icon::Theme => ("M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11", false),
        Icon::Help => ("M6 6.2a2 2 0 1 1 2.9 1.7c-.6.3-.9.7-.9 1.4M8 11.6v.2M8 1.8a6.2 6.2 0 1 0 .01 0", false),
        Icon::Close => ("M4 4l8 8M12 4l-8 8", false),
        Icon::Caret => ("M4 6l4 4 4-4", false),
        Icon::Closed => ("M6 4l4 4-4 4", false),
    };
    html! {
        <svg class={classes!("icon", filled.then_some("filled"))} viewBox="0 0 16 16" aria-hidden="true">
            <path d={path} />
        </svg>
    }
}

/// A button for a command: its name and shortcut come from the table.
#[derive(Properties, PartialEq)]
pub struct CommandButtonProps {
    /// What it does.
    pub command: Command,
    /// Its icon.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// Its text; without, it is an icon alone.
    #[prop_or_default]
    pub text: Option<AttrValue>,
    /// Another name than the table's.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// Classes.
    #[prop_or_default]
    pub class: Classes,
    /// Whether it does nothing now.
    #[prop_or_default]
    pub disabled: bool,
    /// Where it emits.
    pub emit: Emit,
}

/// A button for a command.
#[component]
pub fn CommandButton(props: &CommandButtonProps) -> Html {
    let command = props.command;
    let info = command.info();
    let name = props.name.clone().unwrap_or(AttrValue::Static(info.name));
    html! {
        <button
            type="button"
            class={classes!(props.class.clone(), props.text.is_none().then_some("bare"))}
            title={command.tooltip()}
            aria-label={name}
            aria-keyshortcuts={info.keys.join(" ")}
            disabled={props.disabled}
            onclick={on(&props.emit, move || Msg::Do(command))}
        >
            { props.icon.map(icon) }
            if let Some(text) = &props.text { <span>{ text }</span> }
        </button>
    }
}

/// Text with `code` in backquotes and `**strong**` words, in paragraphs parted by blank lines.
pub fn rich(text: &str) -> Html {
    text.split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(|paragraph| html! { <p>{ inline(paragraph) }</p> })
        .collect()
}

/// A line with `code` and `**strong**` words.
pub fn inline(text: &str) -> Html {
    pieces(text, "`")
        .map(|(code, piece)| match code {
            true => html! { <code>{ piece }</code> },
            false => pieces(piece, "**")
                .map(|(strong, piece)| {
                    if strong {
                        html! { <strong>{ piece }</strong> }
                    } else {
                        html! { { piece } }
                    }
                })
                .collect(),
        })
        .collect()
}

/// The pieces between marks; whether each stands between an opening and a closing one.
fn pieces<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = (bool, &'a str)> {
    let count = text.matches(mark).count();
    // A mark without its partner is text: it stays with the piece before it.
    let paired = count - count % 2;
    text.splitn(paired + 1, mark)
        .enumerate()
        .map(|(at, piece)| (at % 2 == 1, piece))
        .filter(|(_, piece)| !piece.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        for (number, text) in [(0, "0"), (999, "999"), (1024, "1,024"), (1_000_000, "1,000,000")] {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "packet"), "1 packet");
        assert_eq!(counted(1024, "packet"), "1,024 packets");
    }

    #[test]
    fn marks_come_in_pairs() {
        let of = |text| pieces(text, "`").collect::<Vec<_>>();
        assert_eq!(of("load `r0` here"), [(false, "load "), (true, "r0"), (false, " here")]);
        assert_eq!(of("`r0`"), [(true, "r0")]);
        assert_eq!(of("it`s"), [(false, "it`s")]);
        assert_eq!(of(""), []);
    }
}
