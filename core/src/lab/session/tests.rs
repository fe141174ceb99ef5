//! A session from the outside, over a lesson and a small capture.

use super::*;
use crate::{
    lab::view::{Language, StepView},
    net::{LinkType, write_capture},
    object::LoadOptions,
};

mod lists;
mod machine;
mod origin;
mod verdict;

const COUNT: &str = include_str!("../../../../lessons/count-tc.s");

fn frame(ethertype: [u8; 2], protocol: u8) -> Vec<u8> {
    let mut frame = vec![0; 60];
    frame[12..14].copy_from_slice(&ethertype);
    frame[14] = 0x45;
    frame[23] = protocol;
    frame
}

/// UDP, UDP, ARP, TCP, a millisecond apart.
fn capture() -> Vec<u8> {
    let (ip, arp) = ([8, 0], [8, 6]);
    let frames = [frame(ip, 17), frame(ip, 17), frame(arp, 0), frame(ip, 6)];
    write_capture(LinkType::Ethernet, (1_000_000..).step_by(1_000_000).zip(frames.iter().map(Vec::as_slice)))
}

fn session() -> Session {
    let mut session = Session::new();
    assert_eq!(session.set_source(Source::Asm(COUNT.into())).diagnostics, []);
    session.set_capture(CaptureRef::File("four.pcap".into()), Box::new(capture())).unwrap();
    while !session.replay_some(2).finished {}
    session
}

fn counts(view: &StepView) -> Vec<(&str, &str, Option<&str>, bool)> {
    let entries = view.maps[0].entries.iter();
    entries.map(|e| (e.key.as_str(), e.value.as_str(), e.before.as_deref(), e.touched)).collect()
}

#[test]
fn a_replay_goes_on_by_as_many_packets_as_it_is_told_to() {
    let mut session = session();
    session.restart();
    let half = session.replay_some(2);
    assert_eq!((half.packets, half.finished, half.total), (2, false, None));
    let all = session.replay_some(100);
    assert_eq!((all.packets, all.finished, all.total, all.runs), (4, true, Some(4), 4));
    assert_eq!(all.verdicts.iter().map(|(b, n)| (b.text.as_str(), *n)).collect::<Vec<_>>(), [("OK", 4)]);
    let line = 1 + COUNT.lines().position(|l| l.contains("first of its kind")).unwrap() as u32;
    assert!(all.line_hits.contains(&(line, 2)), "two protocols were new: {:?}", all.line_hits);
}

#[test]
fn rows_tell_time_and_verdict_and_are_cut_at_the_end() {
    let rows = session().rows(ListOf::In, 2..9);
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[1].at.packet, rows[1].time.as_str(), rows[1].length), (3, "0.0030", 60));
    assert_eq!(rows[1].verdict.as_ref().unwrap().name, "TC_ACT_OK");
}

#[test]
fn a_packet_is_seen_with_the_maps_as_they_were_before_it() {
    let mut session = session();
    let packet = session.select(1, 0).unwrap();
    assert_eq!((packet.index, packet.runs.len(), packet.runs[0].program.as_str()), (1, 1, "count"));
    let start = session.seek(0).unwrap();
    assert_eq!(counts(&start), [("17", "1", None, false)]);
    let end = session.jump(Jump::End).unwrap();
    assert_eq!(counts(&end), [("17", "2", None, true)]);
    assert_eq!(end.outcome.as_deref(), Some("TC_ACT_OK (0)"));
    assert_eq!(session.jump(Jump::Start).unwrap(), start, "there and back is the same state");
}

#[test]
fn the_step_that_counts_shows_the_value_before() {
    let mut session = session();
    session.select(1, 0).unwrap();
    let line = 1 + COUNT.lines().position(|l| l.contains("lock")).unwrap() as u32;
    let at = session.jump(Jump::ToLine(line)).unwrap();
    assert_eq!(at.line, Some(line));
    let after = session.jump(Jump::Forward).unwrap();
    assert_eq!(counts(&after), [("17", "2", Some("1"), true)]);
}

#[test]
fn a_line_is_found_forwards_and_backwards_and_nowhere_else() {
    let mut session = session();
    assert_eq!(session.find_step(&[9], true), None, "no packet is selected");
    session.select(1, 0).unwrap();
    let line = |text: &str| 1 + COUNT.lines().position(|l| l.contains(text)).unwrap() as u32;
    let (lock, protocol) = (line("lock"), line("ip->protocol"));
    let at = session.find_step(&[lock], true).unwrap();
    assert_eq!(session.seek(at).unwrap().line, Some(lock));
    assert_eq!(session.find_step(&[lock], true), None, "it comes once");
    let before = session.find_step(&[lock, protocol], false).unwrap();
    assert_eq!(session.seek(before).unwrap().line, Some(protocol));
    let last = session.jump(Jump::End).unwrap();
    assert_eq!(session.find_step(&[lock], false), Some(at), "from step {}", last.step);
}

#[test]
fn a_source_loaded_by_the_caller_is_the_same_as_one_that_the_session_loads() {
    let mut session = session();
    session.select(3, 0).unwrap();
    let scenario = session.scenario();
    let compiled = Compiled::new(&scenario.source, "count-tc.s", &LoadOptions::default()).unwrap();
    let mut other = Session::new();
    let view = other.open_loaded(scenario, compiled, Some(Box::new(capture()))).unwrap();
    assert_eq!(view, session.program());
    while !other.replay_some(100).finished {}
    assert_eq!(other.select(3, 0).unwrap(), session.select(3, 0).unwrap());
    assert_eq!(other.jump(Jump::End), session.jump(Jump::End));
}

#[test]
fn bytes_that_were_read_are_marked_with_their_step() {
    let mut session = session();
    session.select(0, 0).unwrap();
    let start = session.seek(0).unwrap();
    assert!(start.packet.reads.is_empty() && start.packet.bytes.len() == 60);
    let end = session.jump(Jump::End).unwrap();
    let ranges: Vec<_> = end.packet.reads.iter().map(|(r, _)| r.clone()).collect();
    assert_eq!(ranges, [12..14, 23..24]);
    let (_, step) = end.packet.reads[1].clone();
    let ip = end.layers.iter().find(|l| l.name == "IPv4").unwrap();
    let protocol = ip.fields.iter().find(|f| f.range == (23..24)).unwrap();
    assert_eq!(protocol.read_at, Some(step));
    assert_eq!(session.seek(step + 1).unwrap().packet.now, vec![23..24]);
}

#[test]
fn a_mistake_leaves_the_program_before_in_force() {
    let mut session = session();
    let view = session.set_source(Source::Asm(COUNT.replace("r6 = r1", "r6 = r11")));
    assert_eq!(view.diagnostics.len(), 1, "{:?}", view.diagnostics);
    assert_eq!(view.diagnostics[0].line, 1 + COUNT.lines().position(|l| l.contains("r6 = r1")).unwrap() as u32);
    assert!(view.text.contains("r11") && view.programs[0].name == "count");
    assert_eq!(session.progress().packets, 4, "the replay is still there");
    assert!(session.select(3, 0).is_ok());
}

#[test]
fn a_bad_capture_leaves_the_one_before_in_force() {
    let mut session = session();
    let error = session.set_capture(CaptureRef::File("x".into()), Box::new(b"no capture at all".to_vec()));
    assert!(matches!(error, Err(LabError::Capture(_))));
    assert_eq!(session.rows(ListOf::In, 0..9).len(), 4);
    let mut cut = capture();
    cut.truncate(cut.len() - 1);
    session.set_capture(CaptureRef::File("cut".into()), Box::new(cut)).unwrap();
    let view = session.replay_some(100);
    assert_eq!((view.packets, view.finished), (3, true), "what was read before is kept");
    assert!(view.error.unwrap().contains("packet 4"));
}

#[test]
fn a_program_that_cannot_be_attached_says_why() {
    let mut session = session();
    let view = session.set_source(Source::Asm(".section kprobe/x\nf: r0 = 0\nexit\n".into()));
    assert_eq!(view.diagnostics.len(), 1);
    assert!(view.diagnostics[0].message.contains("sees no packets"), "{:?}", view.diagnostics);
    let view = session.replay_some(1);
    assert!(view.finished && view.packets == 0);
    assert!(matches!(session.select(0, 0), Err(LabError::NoPacket { .. })));
}

#[test]
fn a_scenario_comes_back_with_its_cursor() {
    let mut session = session();
    session.select(3, 0).unwrap();
    session.seek(7).unwrap();
    let scenario = session.scenario();
    assert_eq!(scenario.cursor, Cursor { packet: 3, run: 0, step: 7 });
    let CaptureRef::Inline { bytes, .. } = &scenario.capture else { panic!("small captures are put in") };
    let there = session.seek(7).unwrap();

    let mut other = Session::new();
    other.open(scenario.clone(), Some(Box::new(bytes.clone()))).unwrap();
    while !other.replay_some(100).finished {}
    let cursor = scenario.cursor;
    other.select(cursor.packet, cursor.run).unwrap();
    assert_eq!(other.seek(cursor.step).unwrap(), there);
}

#[test]
fn an_object_is_shown_as_its_disassembly_with_lines() {
    let object = session().object().unwrap();
    let mut session = session();
    let view = session.set_source(Source::Elf(object));
    assert!(view.language == Language::Object && view.text.contains("call bpf_map_lookup_elem"), "{}", view.text);
    while !session.replay_some(100).finished {}
    session.select(0, 0).unwrap();
    let start = session.seek(0).unwrap();
    let line = view.text.lines().nth(start.line.unwrap() as usize - 1).unwrap();
    assert!(line.contains("r6 = r1"), "{line}");
    assert!(start.source.unwrap().starts_with("program.s:"));
}

#[test]
fn packets_far_from_a_checkpoint_are_reached() {
    let frames: Vec<Vec<u8>> = (0..2_000u32).map(|n| frame([8, 0], (n % 7) as u8)).collect();
    let bytes = write_capture(LinkType::Ethernet, (0..).zip(frames.iter().map(Vec::as_slice)));
    let mut session = session();
    session.set_capture(CaptureRef::File("many".into()), Box::new(bytes)).unwrap();
    while !session.replay_some(333).finished {}
    for packet in [1_999, 0, 1_337, 8, 511] {
        session.select(packet, 0).unwrap();
        let view = session.seek(0).unwrap();
        for entry in &view.maps[0].entries {
            assert!(entry.over_time.is_sorted() && entry.over_time.len() > 8, "{:?}", entry.over_time);
            assert!(entry.over_time.last() >= Some(&285), "it leads to the end of the replay");
        }
        let total: u64 = view.maps[0].entries.iter().map(|e| e.value.parse::<u64>().unwrap()).sum();
        assert_eq!(total, u64::from(packet));
    }
}

#[test]
fn an_array_that_was_never_touched_is_followed_too() {
    let mut session = session();
    let source = include_str!("../../../../lessons/count-socket.s");
    assert_eq!(session.set_source(Source::Asm(source.into())).diagnostics, []);
    while !session.replay_some(100).finished {}
    session.select(0, 0).unwrap();
    let line = 1 + source.lines().position(|l| l.contains("if r0 == 0 goto out")).unwrap() as u32;
    let found = session.jump(Jump::ToLine(line)).unwrap();
    assert_eq!(found.regs[0].sym, "my_map[17]+0");
    let end = session.jump(Jump::End).unwrap();
    assert_eq!(counts(&end)[0], ("17", "1", None, true));
    let start = session.jump(Jump::Start).unwrap();
    assert!(counts(&start).iter().all(|(_, value, ..)| *value == "0"));
}
