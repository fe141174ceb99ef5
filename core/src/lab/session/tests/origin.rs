//! Filter expressions and listings as the language of a program.

use super::*;

#[test]
fn an_expression_stands_beside_what_it_became() {
    let mut session = session();
    let view = session.set_language(Language::Filter);
    assert_eq!((view.language, view.diagnostics.as_slice()), (Language::Filter, &[][..]));
    assert_eq!(session.replay_some(u32::MAX).verdicts[0].0.text, "PASS", "nothing asked for is every packet");
    let view = session.edit("udp".into());
    let origin = view.origin.expect("a filter");
    assert_eq!(origin.source, "udp");
    // A socket has a tag beside the frame, where `udp` is not what the frame in a capture says.
    assert_eq!(origin.pairs[0].classic, "(000) ld       [vlan_avail]");
    assert_eq!(origin.pairs[2].classic, "(002) ldh      [12]");
    let shown: Vec<&str> = view.text.lines().collect();
    let lines: Vec<_> = origin.pairs.iter().flat_map(|pair| &pair.lines).collect();
    assert!(lines.iter().all(|(line, text)| shown[*line as usize - 1] == text), "{lines:?}");
    let insns = lines.iter().filter(|(_, text)| !text.ends_with(':')).count();
    assert_eq!(insns as u32, view.insns, "every instruction stands beside one of the filter's");
    let passed =
        session.replay_some(u32::MAX).verdicts.into_iter().map(|(badge, n)| (badge.text, n)).collect::<Vec<_>>();
    assert_eq!(passed, [("PASS".to_owned(), 2), ("DROP".to_owned(), 2)]);
}

#[test]
fn a_mistake_in_an_expression_leaves_the_program_and_says_where() {
    let mut session = session();
    session.set_language(Language::Filter);
    session.edit("udp".into());
    let view = session.edit("udp and prot 5".into());
    assert_eq!(view.diagnostics.len(), 1);
    assert_eq!((view.diagnostics[0].line, view.diagnostics[0].column), (1, 9));
    let origin = view.origin.expect("a filter");
    assert_eq!(origin.source, "udp and prot 5");
    assert!(!origin.pairs.is_empty(), "those of the program in force");
    assert_eq!(session.scenario().source.language(), Language::Filter);
}

#[test]
fn a_program_goes_on_in_another_language() {
    let mut session = session();
    session.set_language(Language::Filter);
    session.edit("icmp or arp".into());
    let listing = session.set_language(Language::Classic);
    assert!(listing.origin.as_ref().is_some_and(|origin| origin.source.contains("(002) ldh      [12]\n")));
    let verdicts = session.replay_some(u32::MAX).verdicts;
    let assembly = session.set_language(Language::Assembly);
    assert_eq!((assembly.language, assembly.origin, assembly.diagnostics), (Language::Assembly, None, Vec::new()));
    assert_eq!(session.replay_some(u32::MAX).verdicts, verdicts);
    // Assembly is no filter: a listing begins with one that accepts everything.
    let listing = session.set_language(Language::Classic);
    assert_eq!(listing.origin.map(|origin| origin.pairs.len()), Some(1));
}

#[test]
fn the_way_back_from_an_expression_that_was_not_begun_is_to_the_program_before() {
    let mut session = session();
    session.describe("Counter".into(), String::new());
    let before = session.program();
    session.set_language(Language::Filter);
    assert_eq!(session.scenario().title, "Filter expression");
    assert_eq!(session.set_language(Language::Assembly), before);
    assert_eq!(session.scenario().title, "Counter");
}

#[test]
fn an_expression_asks_for_the_bytes_of_the_captures_link() {
    let mut session = session();
    session.set_language(Language::Filter);
    session.edit("ip".into());
    let mut ip = [0; 40];
    ip[0] = 0x45;
    let raw = write_capture(LinkType::Raw, [(0, &ip[..])]);
    session.set_capture(CaptureRef::File("raw.pcap".into()), Box::new(raw)).expect("a capture");
    assert_eq!(session.replay_some(u32::MAX).verdicts[0].0.text, "PASS");
}
