use super::*;
use crate::{
    lab::{Attachment, Compiled, Source},
    object::LoadOptions,
    vm::{Config, NoObserver},
};

const PAIR: &str = r#"{"interfaces": [
    {"name": "eth0", "index": 2, "mac": "02:00:00:00:00:02"},
    {"name": "veth0", "index": 3, "mac": "02:00:00:00:00:03", "peer": "inside"},
    {"name": "inside", "index": 2, "mac": "02:00:00:00:00:04", "netns": "box", "peer": "veth0"}
]}"#;

/// A replay with programs at hooks of interfaces.
fn replay(text: &str, network: &str, attachments: &[(&str, Hook, &str)]) -> (Compiled, Replay) {
    let text = format!(".license \"GPL\"\n{text}");
    let compiled = Compiled::new(&Source::Asm(text), "test.s", &LoadOptions::default()).unwrap();
    let at = |(program, hook, dev): &(&str, Hook, &str)| Attachment {
        dev: (!dev.is_empty()).then(|| (*dev).to_owned()),
        ..Attachment::new(program, *hook)
    };
    let attachments: Vec<_> = attachments.iter().map(at).collect();
    let mut replay = Replay::new(&compiled.loaded, &attachments, &[], Config::default()).unwrap();
    replay.in_network(&serde_json::from_str(network).unwrap()).unwrap();
    replay.keep_departures();
    (compiled, replay)
}

/// Takes a frame through, and gives the programs that ran with their interfaces.
fn go(compiled: &Compiled, replay: &mut Replay, frame: &[u8]) -> Vec<(String, Option<u16>)> {
    let orig_len = frame.len() as u32;
    let packet = Packet { index: 0, time_ns: 0, link: LinkType::Ethernet, orig_len, offset: 0, data: frame };
    let mut runs = Vec::new();
    replay.packet(&packet, &mut NoObserver, |run, _, _| {
        assert_eq!(run.outcome.fault, None);
        runs.push((compiled.loaded.programs[run.program.0 as usize].name.clone(), run.interface));
    });
    runs
}

fn frame() -> Vec<u8> {
    let header = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 9, 8, 0];
    [&header[..], &[0x45, 0, 0, 46], &[0; 42]].concat()
}

fn left(replay: &Replay) -> Vec<Option<u16>> {
    replay.departures().iter().map(|left| left.interface).collect()
}

fn names(runs: &[(String, Option<u16>)]) -> Vec<&str> {
    runs.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_redirected_packet_meets_tc_egress_of_its_device_and_the_other_end() {
    let text = ".section tc\ngo: r1 = 3\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\nout: r0 = 0\nexit\n\
                .section xdp\nend: r0 = 2\nexit";
    let attachments = [("go", Hook::TcIngress, ""), ("out", Hook::TcEgress, "veth0"), ("end", Hook::Xdp, "inside")];
    let (compiled, mut replay) = replay(text, PAIR, &attachments);
    let runs = go(&compiled, &mut replay, &frame());
    let expected = [("go", 0), ("out", 1), ("end", 2)].map(|(name, at)| (name.to_owned(), Some(at)));
    assert_eq!(runs, expected);
    assert_eq!(left(&replay), [Some(1)]);
}

#[test]
fn a_packet_for_the_peer_does_not_leave() {
    let text = ".section tc\ngo: r1 = 3\nr2 = 0\ncall bpf_redirect_peer\nexit\n.section tcx/ingress\nin: r0 = 0\nexit";
    let (compiled, mut one) = replay(text, PAIR, &[("go", Hook::TcIngress, "eth0"), ("in", Hook::TcIngress, "inside")]);
    assert_eq!(names(&go(&compiled, &mut one, &frame())), ["go", "in"]);
    assert_eq!(left(&one), []);
    // The peer must be in another namespace.
    let network =
        PAIR.replace(", \"netns\": \"box\"", "").replace("\"inside\", \"index\": 2", "\"inside\", \"index\": 4");
    let (compiled, mut other) =
        replay(text, &network, &[("go", Hook::TcIngress, "eth0"), ("in", Hook::TcIngress, "inside")]);
    assert_eq!(names(&go(&compiled, &mut other, &frame())), ["go"]);
}

#[test]
fn a_loop_ends_and_is_named() {
    let text = ".section tc\nthere: r1 = 3\nr2 = 1\ncall bpf_redirect\nexit\n.section tcx/ingress\nback: r1 = 2\nr2 = 1\n\
                call bpf_redirect\nexit";
    let attachments = [("there", Hook::TcIngress, "eth0"), ("back", Hook::TcIngress, "veth0")];
    let (compiled, mut replay) = replay(text, PAIR, &attachments);
    let runs = go(&compiled, &mut replay, &frame());
    assert_eq!(runs.len(), MAX_STOPS);
    let found = replay.redirect_loop().unwrap().to_string();
    assert_eq!(found, "packet 1 goes around without end: eth0 → veth0 → eth0");
}

#[test]
fn what_only_sends_starts_on_its_way_out() {
    let text = ".section tc/egress\nout: r0 = 0\nexit";
    let (compiled, mut replay) = replay(text, PAIR, &[("out", Hook::TcEgress, "eth0")]);
    assert_eq!(names(&go(&compiled, &mut replay, &frame())), ["out"]);
    assert_eq!(left(&replay), [Some(0)]);
}

#[test]
fn every_program_of_a_control_group_is_asked_and_one_denies() {
    let text = ".section cgroup_skb/ingress\nno: r0 = 0\nexit\n.globl yes\nyes: r0 = 1\nexit\n\
                .section cgroup_skb/egress\nlater: r0 = 1\nexit";
    let attachments =
        [("no", Hook::CgroupIngress, ""), ("yes", Hook::CgroupIngress, ""), ("later", Hook::CgroupEgress, "")];
    let (compiled, mut replay) = replay(text, "{}", &attachments);
    assert_eq!(names(&go(&compiled, &mut replay, &frame())), ["no", "yes"]);
    assert_eq!(left(&replay), []);
    // ARP is nobody's there.
    let mut arp = frame();
    arp[13] = 6;
    assert_eq!(names(&go(&compiled, &mut replay, &arp)), [""; 0]);
    assert_eq!(left(&replay), [None]);
}

#[test]
fn a_classifier_that_matches_ends_the_hook_with_its_class() {
    let text = ".section tc\nfirst: r0 = 0\nexit\n.globl second\nsecond: r0 = 0x10007\nexit\n.globl third\nthird: r0 = 2\nexit\n\
                .section tc/egress\nlast: r0 = *(u32 *)(r1 + 44)\nexit";
    let text = format!(".license \"GPL\"\n{text}");
    let compiled = Compiled::new(&Source::Asm(text), "test.s", &LoadOptions::default()).unwrap();
    let classifier = |name| Attachment { classifier: true, ..Attachment::new(name, Hook::TcIngress) };
    let attachments = [
        classifier("first"),
        classifier("second"),
        Attachment::new("third", Hook::TcIngress),
        Attachment::new("last", Hook::TcEgress),
    ];
    let mut replay = Replay::new(&compiled.loaded, &attachments, &[], Config::default()).unwrap();
    let data = &frame();
    let packet = Packet { index: 0, time_ns: 0, link: LinkType::Ethernet, orig_len: 60, offset: 0, data };
    let mut seen = Vec::new();
    replay.packet(&packet, &mut NoObserver, |run, _, _| seen.push((run.verdict.name, run.ret())));
    assert_eq!(seen, [("NO_MATCH", 0), ("MATCH", 0x10007), ("TC_ACT_REDIRECT", 7)]);
    let wrong = Attachment { classifier: true, ..Attachment::new("first", Hook::Xdp) };
    assert!(Replay::new(&compiled.loaded, &[wrong], &[], Config::default()).is_err());
}

#[test]
fn what_cannot_be_attached_says_so() {
    let attachment = Attachment { dev: Some("eth7".into()), ..Attachment::new("go", Hook::TcIngress) };
    let source = Source::Asm(".section tc\ngo: r0 = 0\nexit".into());
    let compiled = Compiled::new(&source, "test.s", &LoadOptions::default()).unwrap();
    let mut replay = Replay::new(&compiled.loaded, &[attachment], &[], Config::default()).unwrap();
    let error = replay.in_network(&serde_json::from_str(PAIR).unwrap()).unwrap_err().to_string();
    assert_eq!(error, "there is no interface `eth7`; there is `eth0`, `veth0`, `inside`");
}

#[test]
fn a_packet_is_given_to_a_socket_at_tc_ingress() {
    let network = PAIR.replacen('{', r#"{"sockets": [{"protocol": "udp", "local": "0.0.0.0:53", "uid": 7}],"#, 1);
    let text = ".section tc\ngive: r6 = r1\n*(u64 *)(r10 - 16) = 0\n*(u32 *)(r10 - 8) = 0\n*(u16 *)(r10 - 6) = 0x3500\n\
                r2 = r10\nr2 += -16\nr3 = 12\nr4 = -1\nr5 = 0\ncall bpf_sk_lookup_udp\nif r0 == 0 goto out\n\
                r7 = r0\nr8 = *(u32 *)(r7 + 44)\nr1 = r6\nr2 = r7\nr3 = 0\ncall bpf_sk_assign\nr9 = r0\nr1 = r7\ncall bpf_sk_release\n\
                r1 = r6\ncall bpf_get_socket_uid\nr0 <<= 8\nr0 += r8\nr0 += r9\nout: exit";
    let (_, mut replay) = replay(text, &network, &[("give", Hook::TcIngress, "eth0")]);
    let data = &frame();
    let packet = Packet { index: 0, time_ns: 0, link: LinkType::Ethernet, orig_len: 60, offset: 0, data };
    let mut answers = Vec::new();
    replay.packet(&packet, &mut NoObserver, |run, _, _| answers.push((run.ret(), run.outcome.fault.clone())));
    assert_eq!(answers, [(7 << 8 | 53, None)]);
}
