use proptest::prelude::*;

use super::*;
use crate::classic::{Form, Meta, Packet};

fn listing(expression: &str) -> String {
    let program = compile(expression, Frame::File(Link::Ethernet)).unwrap_or_else(|e| panic!("{expression}: {e}"));
    Form::Tcpdump.write(program.insns())
}

/// The words that an expression's error points at, and what it says.
fn wrong(expression: &str) -> (String, String) {
    let error = compile(expression, Frame::File(Link::Ethernet)).expect_err(expression);
    (expression[error.start..error.end].to_owned(), error.message)
}

#[test]
fn a_mistake_is_told_at_its_word() {
    for (expression, word, part) in [
        ("tcp prot 80", "prot", "`and` or `or` is expected before this"),
        ("frobnicate", "frobnicate", "no word of the language"),
        ("tcp port 80 and", "", "ends where more is expected"),
        ("tcp or 80", "80", "what is it?"),
        ("10.0.0.1", "10.0.0.1", "what is it?"),
        ("(tcp", "", "`)` is expected"),
        ("tcp)", ")", "no `(` that this"),
        ("host tcp", "tcp", "takes a `\\`"),
        ("host 256.1.1.1", "256.1.1.1", "256 is more than 255"),
        ("host www.example.org", "www.example.org", "not looked up"),
        ("net 10.0.0.1/24", "10.0.0.1/24", "bits that are not of the network"),
        ("port 70000", "70000", "the most is 65535"),
        ("port nosuch", "nosuch", "no port `nosuch`"),
        ("udp port http", "http", "is of tcp"),
        ("tcp host 10.0.0.1", "10.0.0.1", "`tcp host`"),
        ("ip[0:3] = 1", "3", "1, 2 or 4 bytes"),
        ("ip[0] / 0 = 1", "/ 0", "division by zero"),
        ("ip[0] << 40 = 1", "<< 40", "more than 31 bits"),
        ("ip[09] = 1", "09", "octal"),
        ("len > 99999999999", "99999999999", "32 bits"),
        ("len-14 > 5", "len-14", "no word of the language"),
        ("vlan 5000", "vlan 5000", "the most is 4095"),
        ("inbound", "inbound", "which way"),
        ("tcp $ udp", "$", "means nothing"),
        ("ether host fe80:::1", "fe80:::1", "no IPv6 address"),
        ("ip proto \\nosuch", "\\nosuch", "no protocol"),
        ("tcp protochain 6", "6", "only `ip` and `ip6`"),
        ("geneve and protochain 6", "6", "no chain is followed"),
        ("geneve 0x1000000", "geneve 0x1000000", "the most is 16777215"),
        ("llc foo", "foo", "no 802.2 type"),
        ("host 1.1000", "1.1000", "up to 255"),
        ("sctp port http", "http", "is of tcp"),
        ("vpi 3", "vpi", "link types that are not compiled for"),
        ("tcp and é", "é", "means nothing"),
        ("less tcp", "tcp", "a number is expected"),
        ("net 1.2.3.4 mask 5", "5", "a mask such as"),
    ] {
        let (found, message) = wrong(expression);
        assert_eq!(found, word, "{expression}: {message}");
        assert!(message.contains(part), "{expression}: {message}");
    }
}

#[test]
fn the_place_of_a_mistake_is_a_line_and_a_column() {
    let error = compile("tcp and\n  blah", Frame::File(Link::Ethernet)).unwrap_err();
    assert_eq!(error.place("tcp and\n  blah"), (2, 3));
}

#[test]
fn what_is_known_is_not_asked_again() {
    assert_eq!(
        listing("tcp port 80"),
        "(000) ldh      [12]\n(001) jeq      #0x86dd          jt 2\tjf 8\n(002) ldb      [20]\n\
         (003) jeq      #0x6             jt 4\tjf 19\n(004) ldh      [54]\n(005) jeq      #0x50            jt 18\tjf 6\n\
         (006) ldh      [56]\n(007) jeq      #0x50            jt 18\tjf 19\n(008) jeq      #0x800           jt 9\tjf 19\n\
         (009) ldb      [23]\n(010) jeq      #0x6             jt 11\tjf 19\n(011) ldh      [20]\n\
         (012) jset     #0x1fff          jt 19\tjf 13\n(013) ldxb     4*([14]&0xf)\n(014) ldh      [x + 14]\n\
         (015) jeq      #0x50            jt 18\tjf 16\n(016) ldh      [x + 16]\n(017) jeq      #0x50            jt 18\tjf 19\n\
         (018) ret      #262144\n(019) ret      #0\n"
    );
    assert_eq!(listing("ip[8] > 10 and udp[0] = 5 and ip[8] > 10").matches("jgt").count(), 1);
    assert_eq!(listing("ip[9] = 6 and ip[9] = 17"), "(000) ret      #0\n");
    assert_eq!(listing(""), "(000) ret      #262144\n");
    assert_eq!(listing("tcp or not tcp"), "(000) ret      #262144\n");
}

#[test]
fn equal_loads_are_one() {
    let text = listing("tcp[13] & 2 != 0 and tcp[13] & 16 = 0 and tcp[0:2] = 80");
    assert_eq!(text.matches("ldxb").count(), 1, "{text}");
    assert_eq!(text.matches("[x + 27]").count(), 1, "{text}");
}

#[test]
fn an_answer_is_not_known_when_its_value_was_not_loaded_on_the_way() {
    // Both ends ask for the same byte; of a packet without it none may be accepted.
    let program = compile("not ether[60] > 255", Frame::File(Link::Ethernet)).unwrap();
    let accepts = |data: &[u8]| program.run(&Packet { data, len: data.len() as u32, meta: Meta::default() }).ret != 0;
    assert!(accepts(&[0; 61]) && !accepts(&[0; 60]));
}

#[test]
fn jumps_longer_than_255_instructions() {
    let list: Vec<String> = (1..=300).map(|port| format!("ip[20:2] = {port}")).collect();
    let program = compile(&list.join(" or "), Frame::File(Link::Ethernet)).unwrap();
    for (port, accepts) in [(1u16, true), (300, true), (301, false), (0, false)] {
        let mut data = [0; 60];
        data[12] = 8;
        data[34..36].copy_from_slice(&port.to_be_bytes());
        let ret = program.run(&Packet { data: &data, len: 60, meta: Meta::default() }).ret;
        assert_eq!(ret != 0, accepts, "port {port}");
    }
    let long: Vec<String> = (0..2000).map(|at| format!("ip[{at}] = 1 or udp[{at}] = 3")).collect();
    let error = compile(&long.join(" or "), Frame::File(Link::Ethernet)).unwrap_err();
    assert!(error.message.contains("too long"), "{error}");
}

#[test]
fn depth_and_length_have_limits() {
    for deep in [
        format!("{}tcp{}", "(".repeat(5000), ")".repeat(5000)),
        format!("{}tcp", "not ".repeat(5000)),
        format!("{}1{} = 1", "(".repeat(5000), ")".repeat(5000)),
        format!("ip[{}0] = 1", "-".repeat(5000)),
        "tcp or udp and ".repeat(2000) + "arp",
        format!("1{} = 1", "+ 1".repeat(5000)),
        format!("1{} = 1", " % 1".repeat(5000)),
        format!("port {}80", "(".repeat(5000)),
        "ip[".repeat(5000),
    ] {
        assert!(compile(&deep, Frame::File(Link::Ethernet)).is_err());
    }
    let (_, message) = wrong(&"tcp ".repeat(20_000));
    assert!(message.contains("longer than 64 KB"), "{message}");
}

/// Words that expressions are made of.
const WORDS: &[&str] = &[
    "tcp",
    "udp",
    "ip",
    "ip6",
    "arp",
    "icmp",
    "icmp6",
    "ether",
    "host",
    "net",
    "port",
    "portrange",
    "src",
    "dst",
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    ":",
    "+",
    "-",
    "*",
    "/",
    "%",
    "&",
    "|",
    "^",
    "<<",
    ">>",
    "=",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "!",
    "len",
    "vlan",
    "mpls",
    "pppoes",
    "less",
    "greater",
    "byte",
    "proto",
    "broadcast",
    "multicast",
    "inbound",
    "ifindex",
    "0",
    "1",
    "2",
    "4",
    "80",
    "10.0.0.1",
    "10.0.0.0/8",
    "fd00::1",
    "fd00::/8",
    "2:0:0:0:0:1",
    "http",
    "\\tcp",
    "tcpflags",
    "mask",
    "255.0.0.0",
    "1-80",
    "4294967295",
    "llc",
    "iso",
    "ipx",
    "protochain",
    "geneve",
    "ui",
    "l1",
    "isis",
    "decnet",
    "10.123",
    "é",
];

/// A comparison of bytes that is well formed.
fn relation() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0..80u32).prop_map(|k| k.to_string()),
        Just("len".to_owned()),
        (
            prop::sample::select(vec!["ip", "tcp", "ether", "udp", "ip6", "icmp6", "arp"]),
            0..70u32,
            prop::sample::select(vec![1, 2, 4])
        )
            .prop_map(|(proto, at, size)| format!("{proto}[{at}:{size}]")),
    ];
    let number = leaf.prop_recursive(4, 16, 2, |inner| {
        let op = prop::sample::select(vec!["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("(-{a})")),
            inner.prop_map(|a| format!("ip[{a}]")),
        ]
    });
    let cond = prop::sample::select(vec!["=", "!=", "<", ">", "<=", ">="]);
    (number.clone(), cond, number).prop_map(|(a, cond, b)| format!("{a} {cond} {b}"))
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        relation(),
        prop::sample::select(vec![
            "tcp",
            "udp",
            "arp",
            "ip6",
            "port 80",
            "host 10.0.0.1",
            "net fd00::/8",
            "vlan",
            "vlan 5",
            "portrange 1-90",
            "ether multicast",
            "icmp",
            "greater 60",
            "ether src 2:0:0:0:0:1",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_words_panic(words in prop::collection::vec(prop::sample::select(WORDS), 0..24)) {
        let text = words.join(" ");
        for link in [Link::Ethernet, Link::Raw, Link::LinuxSll, Link::Null] {
            for frame in [Frame::File(link), Frame::Socket(link)] {
                if let Err(error) = compile(&text, frame) {
                    prop_assert!(text.get(error.start..error.end).is_some(), "{}: {:?}", text, error);
                }
            }
        }
    }

    #[test]
    fn no_text_panics(text in ".{0,60}") {
        let _ = compile(&text, Frame::File(Link::Ethernet));
    }

    #[test]
    fn a_socket_filter_means_what_the_files_filter_means(
        text in expression(),
        mut data in prop::collection::vec(prop::sample::select(vec![0, 1, 2, 6, 8, 17, 64, 69, 80, 255]), 14..100),
        kind in prop::sample::select(vec![[8, 0], [0x86, 0xdd], [0x81, 0], [0x88, 0xa8], [0, 40], [8, 6]]),
        inner in prop::sample::select(vec![[8, 0], [0x86, 0xdd], [0x81, 0]]),
    ) {
        data[12..14].copy_from_slice(&kind);
        if data.len() > 20 {
            data[16..18].copy_from_slice(&inner);
        }
        let Ok(file) = compile(&text, Frame::File(Link::Ethernet)) else { return Ok(()) };
        let ours = file.run(&Packet { data: &data, len: data.len() as u32, meta: Meta::default() });
        let Ok(socket) = compile(&text, Frame::Socket(Link::Ethernet)) else { return Ok(()) };
        let mut meta = Meta { protocol: u16::from_be_bytes(kind), network: 14, ..Meta::default() };
        if (kind == [0x81, 0] || kind == [0x88, 0xa8]) && data.len() >= 18 {
            let tag: Vec<u8> = data.drain(12..16).collect();
            meta.vlan = Some((u16::from_be_bytes([tag[0], tag[1]]), u16::from_be_bytes([tag[2], tag[3]])));
        }
        let theirs = socket.run(&Packet { data: &data, len: data.len() as u32, meta });
        prop_assert_eq!(theirs.ret, ours.ret, "{}\n{}", text, Form::Tcpdump.write(socket.insns()));
    }
}
