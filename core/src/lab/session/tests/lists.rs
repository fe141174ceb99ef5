//! What came out of a replay: frames by interface, and what programs said.

use super::*;
use crate::lab::view::ListOf;
use crate::net::{CaptureReader, Interface, Network};

/// Tags UDP and lets it pass, drops the rest, and tells of each in a ring buffer and in the trace pipe.
const TELLING: &str = r#"
        .license "GPL"
        .map ring, ringbuf, entries=4096
        .section tc
tells:  r6 = r1
        r2 = *(u32 *)(r6 + 76)
        r3 = *(u32 *)(r6 + 80)
        r4 = r2
        r4 += 34
        if r4 > r3 goto out
        r7 = *(u8 *)(r2 + 23)
        *(u32 *)(r10 - 4) = r7
        r1 = ring ll
        r2 = r10
        r2 += -4
        r3 = 4
        r4 = 0
        call bpf_ringbuf_output
        r1 = fmt ll
        r2 = 4
        r3 = r7
        call bpf_trace_printk
        if r7 != 17 goto out
        r1 = r6
        r2 = 0x81
        r3 = 5
        call bpf_skb_vlan_push
        r0 = 0
        exit
out:    r0 = 2
        exit
        .section .rodata
fmt:    .asciz "p%d"
"#;

fn replayed(scenario: Scenario) -> Session {
    let mut session = Session::new();
    let view = session.open(scenario, Some(Box::new(capture()))).expect("a capture");
    assert_eq!(view.diagnostics, []);
    session.replay_some(u32::MAX);
    session
}

#[test]
fn what_left_is_listed_with_what_became_of_it() {
    let mut session = replayed(Scenario::new(Source::Asm(TELLING.into())));
    let lists: Vec<_> = session.progress().lists.into_iter().map(|list| (list.of, list.name, list.rows)).collect();
    let expected = [(ListOf::Out(0), "out".to_owned(), 2), (ListOf::Events, "events".to_owned(), 8)];
    assert_eq!(lists, expected);
    let rows = session.rows(ListOf::Out(0), 0..9);
    assert_eq!(rows.iter().map(|row| (row.at.packet, row.length)).collect::<Vec<_>>(), [(0, 64), (1, 64)]);
    assert!(rows.iter().all(|row| row.what.contains("VLAN") || row.what.contains("UDP")), "{rows:?}");
}

#[test]
fn a_frame_that_left_as_it_came_is_that_of_the_capture() {
    let mut session = replayed(Scenario::new(Source::Asm(".section tc\nr0 = 0\nexit".into())));
    let (bytes, others) = session.pcap(0).expect("a pcap");
    assert_eq!(others, 0);
    let mut reader = CaptureReader::new(&bytes[..]).expect("a pcap");
    let first = reader.next_packet().expect("a packet").expect("a packet");
    assert_eq!((first.time_ns, first.orig_len, first.data), (1_000_000, 60, &frame([8, 0], 17)[..]));
    let mut more = 0;
    while reader.next_packet().expect("a packet").is_some() {
        more += 1;
    }
    assert_eq!(more, 3);
}

#[test]
fn what_programs_say_is_listed_in_words() {
    let mut session = replayed(Scenario::new(Source::Asm(TELLING.into())));
    let rows = session.rows(ListOf::Events, 0..2);
    let told: Vec<_> =
        rows.iter().map(|row| (row.source.as_str(), row.destination.as_str(), row.what.as_str())).collect();
    assert_eq!(told, [("ringbuf", "ring", "11000000"), ("trace_printk", "", "p17")]);
    assert_eq!(session.rows(ListOf::Events, 7..99).len(), 1);
    // Another program has said nothing yet.
    session.set_source(Source::Asm(".section tc\nr0 = 2\nexit".into()));
    session.replay_some(u32::MAX);
    let lists: Vec<_> = session.lists().into_iter().map(|list| (list.of, list.rows)).collect();
    assert_eq!(lists, [(ListOf::Out(0), 0)]);
}

#[test]
fn each_interface_has_its_own() {
    let interface = |name: &str, index| {
        let json = format!(r#"{{"name": "{name}", "index": {index}, "forwarding": false}}"#);
        serde_json::from_str::<Interface>(&json).expect("an interface")
    };
    let network = Network { interfaces: vec![interface("eth0", 1), interface("eth1", 2)], ..Network::default() };
    let text = ".section tc\nr1 = 2\nr2 = 0\ncall bpf_redirect\nexit";
    let mut session = replayed(Scenario { network, ..Scenario::new(Source::Asm(text.into())) });
    let lists: Vec<_> = session.lists().into_iter().map(|list| (list.name, list.rows)).collect();
    assert_eq!(lists, [("eth0 out".to_owned(), 0), ("eth1 out".to_owned(), 4)]);
    let rows = session.rows(ListOf::In, 0..1);
    assert_eq!(rows[0].verdict.as_ref().map(|badge| badge.text.as_str()), Some("REDIRECT eth1"));
    let packet = session.select(0, 0).expect("a packet");
    assert_eq!(packet.runs[0].interface.as_deref(), Some("eth0"));
}
