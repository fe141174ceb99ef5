//! The view without a terminal: what keys ask of the engine, and what is drawn in every size.

use std::sync::mpsc::Receiver;

use bpfscope_core::lab::{CaptureRef, Cursor, Jump, Session, Source, view::ListOf};
use ratatui::{
    Terminal,
    backend::TestBackend,
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
    style::Color,
};

use super::{
    choices::Dialog,
    engine::{Ask, Engine, Told},
    facts::Facts,
    layout::Panel,
    view::StepScreen,
};
use crate::terminal::{Event, Flow, View, palette::Palette, parts::Scroll};

const COUNT: &str = include_str!("../../../lessons/count-tc.s");
const MIX: &[u8] = include_bytes!("../../../pcaps/mix.pcap");

/// A view of the tenth packet after that many steps, and what it asks of an engine that nobody runs.
fn view(source: &str, step: u32, palette: Palette) -> (StepScreen, Receiver<(u64, Ask)>) {
    let mut session = Session::new();
    let program = session.set_source(Source::Asm(source.to_owned()));
    assert_eq!(program.diagnostics, []);
    session.set_capture(CaptureRef::File("mix.pcap".to_owned()), Box::new(MIX.to_vec())).expect("a capture");
    let (engine, asked) = Engine::unattended();
    let names = ("count-tc.s".to_owned(), "mix.pcap".to_owned());
    let mut view = StepScreen::new(engine, Facts::new(names, &program), palette);
    let replayed = session.replay_some(u32::MAX);
    let packet = session.select(9, 0).expect("a packet");
    let verdict = session.verify_some(u32::MAX).expect("a program");
    let told = [
        Told::Progress { view: replayed, running: false },
        Told::Rows { start: 0, rows: session.rows(ListOf::In, 0..60) },
        Told::Verdict(verdict),
        Told::Packet(packet),
        Told::Step { view: Box::new(session.seek(step).expect("a step")), answers: 0 },
    ];
    for told in told {
        view.hear(Event::Message(told));
    }
    (view, asked)
}

fn press(view: &mut StepScreen, key: KeyCode) -> Flow {
    view.hear(Event::Key(KeyEvent::new(key, KeyModifiers::NONE)))
}

fn type_text(view: &mut StepScreen, text: &str) {
    text.chars().for_each(|c| {
        press(view, KeyCode::Char(c));
    });
}

/// Everything that was asked so far, but for rows of the list.
fn asked(asked: &Receiver<(u64, Ask)>) -> Vec<Ask> {
    asked.try_iter().map(|(_, ask)| ask).filter(|ask| !matches!(ask, Ask::Rows(_))).collect()
}

fn draw(view: &mut StepScreen, (width, height): (u16, u16)) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a buffer");
    terminal.draw(|frame| view.draw(frame)).expect("a buffer");
    terminal
}

fn text(view: &mut StepScreen, size: (u16, u16)) -> String {
    draw(view, size).backend().to_string()
}

#[test]
fn a_key_asks_for_its_move() {
    let (mut view, asks) = view(COUNT, 3, Palette::of_environment());
    let packet = |packet| Ask::Select(Cursor { packet, ..Cursor::default() });
    let line = 1 + COUNT.lines().position(|line| line.contains("r4 = r2")).expect("the line") as u32;
    for (key, ask) in [
        (KeyCode::Right, Ask::By(1)),
        (KeyCode::Left, Ask::By(-1)),
        (KeyCode::Home, Ask::Jump(Jump::Start)),
        (KeyCode::Char('U'), Ask::Jump(Jump::OutBack)),
        (KeyCode::Char(']'), Ask::Visit { line, forward: true }),
        (KeyCode::Char('G'), Ask::Find { lines: vec![], forward: false }),
        (KeyCode::Char('n'), packet(10)),
        (KeyCode::Char('n'), packet(11)),
        (KeyCode::Char('p'), packet(10)),
        (KeyCode::Char('r'), Ask::Replay),
    ] {
        assert_eq!(press(&mut view, key), Flow::Stay);
        assert_eq!(asked(&asks), [ask], "{key:?}");
    }
    assert_eq!(press(&mut view, KeyCode::Char('q')), Flow::Quit);
}

#[test]
fn a_number_goes_to_a_step_or_among_packets_to_a_packet() {
    let (mut view, asks) = view(COUNT, 3, Palette::of_environment());
    type_text(&mut view, "127");
    press(&mut view, KeyCode::Backspace);
    assert!(text(&mut view, (80, 24)).contains("Go to step: 12"));
    press(&mut view, KeyCode::Enter);
    view.choices.panels.turn_to(Panel::Packets);
    type_text(&mut view, "300");
    press(&mut view, KeyCode::Enter);
    let packet = Ask::Select(Cursor { packet: 299, ..Cursor::default() });
    assert_eq!(asked(&asks), [Ask::Seek(12), packet]);
    type_text(&mut view, "4");
    press(&mut view, KeyCode::Esc);
    type_text(&mut view, "0");
    press(&mut view, KeyCode::Enter);
    assert_eq!(asked(&asks), []);
    assert!(text(&mut view, (80, 24)).contains("packets are counted from 1"));
}

#[test]
fn lines_are_run_to_and_stopped_at() {
    let (mut view, asks) = view(COUNT, 0, Palette::of_environment());
    press(&mut view, KeyCode::Down);
    press(&mut view, KeyCode::Down);
    let line = 3 + COUNT.lines().position(|line| line.contains("r6 = r1")).expect("the line") as u32;
    press(&mut view, KeyCode::Enter);
    press(&mut view, KeyCode::Char('b'));
    press(&mut view, KeyCode::Char('g'));
    press(&mut view, KeyCode::Char('b'));
    press(&mut view, KeyCode::Char('g'));
    let found = |lines| Ask::Find { lines, forward: true };
    assert_eq!(asked(&asks), [Ask::Line(line), found(vec![line]), found(vec![])]);
}

#[test]
fn what_changed_is_marked_without_colour_too() {
    let plain = Palette::new(false);
    let (mut view, _asks) = view(COUNT, 17, plain);
    let terminal = draw(&mut view, (120, 40));
    let cells = &terminal.backend().buffer().content;
    assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    let text = terminal.backend().to_string();
    assert!(text.contains("• 6   3 → 4") && text.contains("28 ▶"), "{text}");
    let (mut coloured, _asks) = self::view(COUNT, 17, Palette::new(true));
    assert_eq!(self::text(&mut coloured, (120, 40)), text, "colour changes no text");
}

#[test]
fn every_size_is_drawn_with_whatever_lies_over_it() {
    let (mut view, _asks) = view(COUNT, 17, Palette::new(true));
    for dialog in [None, Some(Dialog::Help), Some(Dialog::Verdict)] {
        view.choices.dialog = dialog.map(|dialog| (dialog, Scroll::default()));
        for width in [1, 2, 3, 6, 11, 18, 29, 63, 64, 80, 112, 165, 240] {
            for height in [1, 2, 3, 4, 6, 8, 12, 18, 25, 40, 70] {
                draw(&mut view, (width, height));
            }
        }
    }
}

#[test]
fn a_small_terminal_shows_one_panel_and_the_next_on_tab() {
    let (mut view, _asks) = view(COUNT, 17, Palette::new(true));
    let first = text(&mut view, (40, 9));
    assert!(first.contains("Program 1/8") && first.contains("goto out") && first.contains("step 17"), "{first}");
    for name in ["Packets", "Layers", "Bytes", "Registers", "Stack", "Maps", "Output", "Program"] {
        press(&mut view, KeyCode::Tab);
        let text = text(&mut view, (40, 9));
        assert!(text.contains(&format!("{name} ")), "{text}");
    }
    for (size, shown) in [((30, 3), "goto out"), ((12, 1), "28 ▶")] {
        assert!(text(&mut view, size).contains(shown), "{size:?}");
    }
}

#[test]
fn a_text_cannot_speak_to_the_terminal() {
    let hostile = COUNT.replace("// one more", "// \u{1b}]0;owned\u{7}\u{9b}31m");
    let (mut view, _asks) = view(&hostile, 17, Palette::new(true));
    let terminal = draw(&mut view, (200, 50));
    let cells = &terminal.backend().buffer().content;
    assert!(cells.iter().all(|cell| !cell.symbol().contains(char::is_control)));
    assert!(terminal.backend().to_string().contains("owned"));
}
