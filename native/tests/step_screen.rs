//! `bpfscope step` in a terminal: what the screen shows, and how the terminal is left.
#![cfg(unix)]

use bpfscope_core::net::{LinkType, write_capture};
use portable_pty::CommandBuilder;

mod run;
#[path = "run/screen.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod screen;

use run::{Scratch, lesson};
use screen::{BACK_TAB, DOWN, END, ENTER, HOME, KEY_C, LEFT, RIGHT, TAB, Terminal, UP};

/// A large terminal, in which every panel has its place.
const LARGE: (u16, u16) = (200, 50);
/// The usual one, in which some share one.
const USUAL: (u16, u16) = (80, 24);

fn command(args: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_bpfscope"));
    command.arg("step");
    command.args(args);
    command.env_remove("NO_COLOR");
    command
}

/// The command in a terminal.
fn step(args: &[&str], size: (u16, u16)) -> Terminal {
    Terminal::open(command(args), size)
}

/// The lesson that counts by protocol, at an HTTP request.
fn count(size: (u16, u16)) -> Terminal {
    let terminal = step(&[&lesson("count-tc.s"), "mix.pcap", "--packet", "10"], size);
    terminal.wait_for("step 0 of 20 · packet 10 of 324");
    terminal
}

/// Leaves the view; everything must be as before.
fn quit(mut terminal: Terminal) {
    terminal.press("q");
    assert_eq!(terminal.ended().exit_code(), 0);
    terminal.is_given_back("");
    assert_eq!(terminal.text(), "", "nothing is left on the screen");
}

#[test]
fn it_opens_at_the_packet_with_every_panel_and_leaves_nothing_behind() {
    let terminal = count(LARGE);
    for shown in [
        "Program",
        "9 ▶ r6 = r1",
        "times run · 324 packets",
        "Packets",
        "10 0.0008 10.0.0.7 → 10.0.0.1 HTTP GET /index.html OK",
        "Layers",
        "count at tc-ingress OK 20 instructions",
        "IPv4 10.0.0.7 → 10.0.0.1, ttl 64",
        "Bytes",
        "0000 02 00 00 00 00 01 02 00 00 00 00 07 08 00 45 00",
        "Registers",
        "r1 ctx",
        "r7 –",
        "Stack",
        "nothing written yet",
        "Maps",
        "counts hash · 2 of 256",
        "Output",
        "none so far",
        "OK 324",
        "Linux 6.18 ✓ accepted",
    ] {
        terminal.wait_for(shown);
    }
    quit(terminal);
}

#[test]
fn steps_go_forwards_and_backwards() {
    let mut terminal = count(LARGE);
    terminal.press(RIGHT);
    terminal.wait_for("step 1 of 20");
    terminal.wait_for("r6 •ctx");
    terminal.wait_for("10 ▶ r2 = *(u32 *)(r6 + 76)");
    terminal.press(&RIGHT.repeat(16));
    terminal.wait_for("step 17 of 20");
    terminal.wait_for("• 6 3 → 4");
    terminal.wait_for("r1 1 always");
    terminal.press(LEFT);
    terminal.wait_for("step 16 of 20");
    terminal.wait_for_none("3 → 4");
    terminal.press(END);
    terminal.wait_for("TC_ACT_OK (0)");
    terminal.press(HOME);
    terminal.wait_for("step 0 of 20");
    terminal.wait_for("nothing written yet");
    quit(terminal);
}

#[test]
fn a_number_is_a_step_and_among_packets_a_packet() {
    let mut terminal = count(LARGE);
    terminal.press("17");
    terminal.wait_for("Go to step: 17");
    terminal.press(ENTER);
    terminal.wait_for("step 17 of 20");
    terminal.press(TAB);
    terminal.press("300");
    terminal.wait_for("Go to packet: 300");
    terminal.press(ENTER);
    terminal.wait_for("packet 300 of 324");
    terminal.press("9999");
    terminal.press(ENTER);
    terminal.wait_for("there is no packet 9999; the capture has 324");
    quit(terminal);
}

#[test]
fn packets_and_their_runs_are_gone_through() {
    let mut terminal = count(USUAL);
    terminal.press("n");
    terminal.wait_for("packet 11 of 324");
    terminal.press("pp");
    terminal.wait_for("packet 9 of 324");
    terminal.press(TAB);
    terminal.wait_for("10.0.0.7 → 10.0.0.1 TCP ACK");
    terminal.press(DOWN);
    terminal.wait_for("packet 10 of 324");
    terminal.press("h");
    terminal.wait_for("this packet has one run");
    terminal.press(UP);
    terminal.wait_for("packet 9 of 324");
    quit(terminal);

    let scratch = Scratch::new();
    let both = ".section tc\nshot: r0 = 2\nexit\n.section socket\ntap: r1 = 7\nr0 = -1\nexit\n";
    let mut terminal = step(&[&scratch.file("both.s", both), "dns.pcap"], USUAL);
    terminal.wait_for("▶ tap at socket PASS 3 instructions");
    terminal.press("h");
    terminal.wait_for("▶ shot at tc-ingress SHOT 2 instructions");
    terminal.wait_for("step 0 of 2");
    quit(terminal);
}

#[test]
fn lines_are_run_to_stopped_at_and_found_again() {
    let program = "
        .section xdp
        main:
            r6 = 0
        again:
            r6 += 1
            if r6 < 5 goto again
            r0 = 2
            exit
    ";
    let scratch = Scratch::new();
    let mut terminal = step(&[&scratch.file("loop.s", program), "dns.pcap"], USUAL);
    terminal.wait_for("step 0 of 13");
    terminal.press(DOWN);
    terminal.press(DOWN);
    terminal.press(ENTER);
    terminal.wait_for("step 1 of 13");
    terminal.press("]");
    terminal.wait_for("step 3 of 13");
    terminal.press("b");
    terminal.wait_for("● 6 ▶");
    terminal.press("g");
    terminal.wait_for("step 5 of 13");
    terminal.press("[");
    terminal.wait_for("step 3 of 13");
    terminal.press("ggggg");
    terminal.wait_for("XDP_PASS (2)");
    terminal.press("G");
    terminal.wait_for("step 9 of 13");
    terminal.press("]");
    terminal.wait_for("line 6 does not come again in this run");
    quit(terminal);
}

#[test]
fn panels_that_share_a_place_come_to_the_front_and_can_be_alone() {
    let mut terminal = count(USUAL);
    terminal.press("17\r");
    terminal.wait_for("Maps•");
    terminal.press(BACK_TAB);
    terminal.press(BACK_TAB);
    terminal.wait_for("• 6 3 → 4");
    terminal.press("z");
    terminal.wait_for_none("times run");
    terminal.wait_for("• 6 3 → 4");
    terminal.press("z");
    terminal.wait_for("times run");
    terminal.press("xx");
    terminal.wait_for("dec");
    terminal.press("?");
    terminal.wait_for("Next run of the packet");
    terminal.press("?");
    terminal.wait_for_none("Next run of the packet");
    quit(terminal);
}

#[test]
fn it_plays_by_itself_to_the_end() {
    let mut terminal = count(USUAL);
    terminal.press("17\r ");
    terminal.wait_for("TC_ACT_OK (0)");
    quit(terminal);
}

#[test]
fn the_terminal_may_have_any_size_and_change_it() {
    let mut terminal = count(LARGE);
    terminal.press("17\r");
    terminal.wait_for("step 17 of 20");
    for (size, shown) in [((40, 10), "Program 1/8"), ((12, 1), "28 ▶"), ((120, 40), "Stack Output"), (USUAL, "Maps•")]
    {
        terminal.resize(size);
        terminal.wait_for(shown);
    }
    quit(terminal);

    let mut tiny = step(&[&lesson("count-tc.s"), "mix.pcap", "--packet", "10"], (20, 4));
    tiny.wait_for("step 0 of 20");
    tiny.press(RIGHT);
    tiny.wait_for("step 1 of 20");
    quit(tiny);
}

#[test]
fn a_signal_or_ctrl_c_gives_the_terminal_back() {
    let terminal = count(USUAL);
    terminal.signal("TERM");
    assert!(terminal.ended().signal().is_some_and(|name| name.starts_with("Terminated")));
    terminal.is_given_back("");
    let mut terminal = count(USUAL);
    terminal.press(KEY_C);
    assert_eq!(terminal.ended().exit_code(), 0);
    terminal.is_given_back("");
    let terminal = count(USUAL);
    assert!(terminal.hang_up().signal().is_some(), "nobody is left to look at it");
}

#[test]
fn a_rejected_program_says_why() {
    let program = ".section xdp\nr2 = *(u32 *)(r1 + 0)\nr4 = *(u16 *)(r2 + 12)\nr0 = 2\nexit\n";
    let scratch = Scratch::new();
    let mut terminal = step(&[&scratch.file("no-check.s", program), "dns.pcap"], (120, 40));
    terminal.wait_for("✗ rejected");
    terminal.press("v");
    terminal.wait_for("invalid access to packet, off=12 size=2, R2(id=0,off=12,r=0)");
    terminal.wait_for("without a bounds check line 3");
    quit_dialog(terminal);
}

fn quit_dialog(mut terminal: Terminal) {
    terminal.press("q");
    terminal.wait_for_none("Esc closes");
    quit(terminal);
}

#[test]
fn a_long_replay_and_a_long_run_do_not_hold_it_up() {
    let frames = vec![[0u8; 60]; 50_000];
    let times = (1_000_000..).step_by(1_000_000);
    let capture = write_capture(LinkType::Ethernet, times.zip(frames.iter().map(<[u8; 60]>::as_slice)));
    let scratch = Scratch::new();
    let capture = scratch.file("many.pcap", capture);
    // Half a million instructions a packet: nobody waits for the end of this.
    let endless = ".section xdp\nr1 = 0\nagain: r1 += 1\nif r1 < 250000 goto again\nr0 = 2\nexit\n";
    let endless = scratch.file("endless.s", endless);
    let mut terminal = step(&[&endless, &capture, "--packet", "50000"], USUAL);
    terminal.wait_for("looking for the packet");
    terminal.wait_for("replaying");
    terminal.press("?");
    terminal.wait_for("Next run of the packet");
    terminal.press("?");
    terminal.press("r");
    terminal.wait_for("replay stopped");
    terminal.wait_for("the replay has come to packet");
    terminal.press(LEFT);
    terminal.wait_for("step 0 of 500,003");
    terminal.press(END);
    terminal.wait_for("XDP_PASS (2)");
    terminal.press("r");
    terminal.wait_for("replaying");
    quit(terminal);
}

#[test]
fn a_program_through_a_pipe_leaves_the_keys_to_the_terminal() {
    let mut shell = CommandBuilder::new("sh");
    let line =
        format!("exec {} step - mix.pcap --packet 10 < {}", env!("CARGO_BIN_EXE_bpfscope"), lesson("count-tc.s"));
    shell.args(["-c", &line]);
    let mut terminal = Terminal::open(shell, USUAL);
    terminal.wait_for("standard input");
    terminal.wait_for("step 0 of 20");
    terminal.press(RIGHT);
    terminal.wait_for("step 1 of 20");
    quit(terminal);
}

#[test]
fn what_is_wrong_is_said_before_the_terminal_is_taken() {
    let scratch = Scratch::new();
    let text = scratch.file("text.pcap", "no capture at all");
    let mistake = scratch.file("mistake.s", ".section tc\nr0 = r11\nexit\n");
    for (args, why) in [
        ([&lesson("count-tc.s"), &text], "not a capture"),
        ([&mistake, &text], "mistake.s:2"),
        ([&lesson("count-tc.s"), &"none.pcap".to_owned()], "no such file"),
    ] {
        let terminal = step(&args.map(String::as_str), USUAL);
        assert_eq!(terminal.ended().exit_code(), 2);
        assert!(terminal.text().contains(why), "{why}: {}", terminal.text());
        assert!(!contains(&terminal.raw(), b"\x1b[?1049h"), "{why}");
    }
}

#[test]
fn the_listing_is_what_it_is_in_a_pipe() {
    let args = [&lesson("count-socket.s"), "mix.pcap", "--packet", "3"];
    let listing = run::bpfscope(&[&["step"], args.as_slice()].concat()).stdout;
    assert!(listing.contains("DROP (0) after 12 instructions"));
    let with_print = [args.as_slice(), &["--print"]].concat();
    for (args, term) in [(with_print.as_slice(), "xterm"), (&args, "dumb")] {
        let mut command = command(args);
        command.env("NO_COLOR", "1");
        command.env("TERM", term);
        let terminal = Terminal::open(command, LARGE);
        assert_eq!(terminal.ended().exit_code(), 0);
        assert_eq!(String::from_utf8_lossy(&terminal.raw()).replace("\r\n", "\n"), listing);
    }
    assert_eq!(run::bpfscope(&[&["step"], with_print.as_slice()].concat()).stdout, listing);
}

#[test]
fn colour_is_left_out_when_it_is_not_wanted() {
    for (wanted, value) in [(true, ""), (false, "1")] {
        let mut command = command(&[&lesson("count-tc.s"), "mix.pcap", "--packet", "10"]);
        command.env("NO_COLOR", value);
        let terminal = Terminal::open(command, LARGE);
        terminal.wait_for("✓ accepted");
        let coloured = terminal.look(|screen| {
            let (rows, cols) = screen.size();
            let cells = (0..rows.get()).flat_map(|row| (0..cols.get()).map(move |col| (row, col)));
            cells.filter_map(|(row, col)| screen.cell(row, col)).any(|cell| cell.fgcolor() != vt100::Color::Default)
        });
        assert_eq!(coloured, wanted);
        quit(terminal);
    }
}

#[test]
fn what_a_program_and_a_capture_say_does_not_reach_the_terminal() {
    let program = "# \x1b]0;owned\x07\n.section xdp\nr0 = 2 // \u{9b}31m \x1b[2J\nexit\n";
    let scratch = Scratch::new();
    let terminal = step(&[&scratch.file("hostile.s", program), "dns.pcap"], USUAL);
    terminal.wait_for("owned");
    assert!(!contains(&terminal.raw(), b"\x1b]0;") && !contains(&terminal.raw(), b"\xc2\x9b"));
    quit(terminal);
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
