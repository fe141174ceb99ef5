//! In a scenario with interfaces the kernel's engine makes them: what programs ask about them has the same answers, and
//! packets come to the same programs with the same bytes.

#![cfg(target_os = "linux")]

use bpfscope_core::kernel::Hook;
use bpfscope_core::lab::{Attachment, Compare, Compiled, Replay, Source};
use bpfscope_core::net::{CaptureReader, Network};
use bpfscope_core::object::LoadOptions;
use bpfscope_core::vm::Config;
use bpfscope_linux::engine::{KernelEngine, SetupError};
use bpfscope_tests::agree::replay::{apart, capture};
use bpfscope_tests::kernel;

/// A host between two networks, of which one is a box behind a pair; `aa:bb:cc:28:77:2a` is whom the capture is sent to.
const NETWORK: &str = r#"{
    "interfaces": [
        {"name": "in0", "index": 10, "mac": "02:00:00:00:00:10", "addresses": ["10.0.0.1/24", "fd00::1/64"]},
        {"name": "out0", "index": 12, "mac": "02:00:00:00:00:12", "mtu": 1400, "addresses": ["10.1.0.1/24", "fd01::1/64"], "peer": "inside"},
        {"name": "inside", "index": 2, "mac": "02:00:00:00:00:77", "peer": "out0", "netns": "box", "addresses": ["10.1.0.2/24"]},
        {"name": "back", "index": 3, "mac": "02:00:00:00:00:78", "netns": "box", "addresses": ["10.9.0.1/24"], "forwarding": false}
    ],
    "routes": [
        {"dst": "10.2.0.0/16", "via": "10.1.0.9", "dev": "out0"},
        {"dst": "10.3.0.0/16", "kind": "blackhole"},
        {"dst": "10.4.0.0/16", "dev": "in0", "table": 7},
        {"dst": "fd02::/32", "via": "fd01::9", "dev": "out0", "metric": 7},
        {"dst": "10.8.0.0/16", "via": "10.9.0.9", "dev": "back"}
    ],
    "neighbours": [
        {"addr": "10.1.0.9", "dev": "out0", "mac": "02:00:00:00:09:01"},
        {"addr": "fd01::9", "dev": "out0", "mac": "02:00:00:00:09:02"},
        {"addr": "10.9.0.9", "dev": "back", "mac": "02:00:00:00:09:03"}
    ],
    "sockets": [
        {"protocol": "tcp", "local": "10.0.0.1:80", "mark": 7, "priority": 3},
        {"protocol": "tcp", "local": "0.0.0.0:81", "dev": "in0"},
        {"protocol": "udp", "local": "10.77.0.1:53"},
        {"protocol": "tcp", "local": "10.1.0.2:80", "netns": "box"}
    ]
}"#;

/// Asks for the route to an IPv4 address (as the program loads it) from an interface; what was found goes to `found` from a
/// word on.
fn route(dst: u32, ifindex: u32, word: u32) -> String {
    let zero: String = (0..8).map(|at| format!("*(u64 *)(r10 - {}) = 0\n", 8 * (at + 1))).collect();
    let found: String = [(8, 0), (56, 8), (48, 16), (40, 24), (32, 32)]
        .iter()
        .map(|(at, to)| format!("r1 = *(u64 *)(r10 - {at})\n*(u64 *)(r7 + {}) = r1\n", 8 * word + 8 + to))
        .collect();
    format!(
        "{zero}*(u8 *)(r10 - 64) = 2\n*(u32 *)(r10 - 56) = {ifindex}\n*(u32 *)(r10 - 48) = 0x6300000a\n*(u32 *)(r10 - 32) = {dst}\n\
         r1 = r6\nr2 = r10\nr2 += -64\nr3 = 64\nr4 = 0\ncall bpf_fib_lookup\n*(u64 *)(r7 + {}) = r0\n{found}",
        8 * word
    )
}

/// Asks for a socket at an IPv4 address and port (as the program loads them); its fields go to `found` from a word on.
fn socket(protocol: &str, dst: u32, port: u16, word: u32) -> String {
    let label = format!("none{word}");
    let fields: String = [0, 4, 8, 12, 16, 20, 24, 44, 72]
        .iter()
        .zip(1..)
        .map(|(field, at)| format!("r1 = *(u32 *)(r8 + {field})\n*(u64 *)(r7 + {}) = r1\n", 8 * (word + at)))
        .collect();
    format!(
        "*(u32 *)(r10 - 16) = 0x6300000a\n*(u32 *)(r10 - 12) = {dst}\n*(u16 *)(r10 - 8) = 0x0900\n*(u16 *)(r10 - 6) = {}\n\
         r1 = r6\nr2 = r10\nr2 += -16\nr3 = 12\nr4 = -1\nr5 = 0\ncall bpf_sk_lookup_{protocol}\nif r0 == 0 goto {label}\nr8 = r0\n\
         *(u64 *)(r7 + {}) = 1\n{fields}r1 = r8\ncall bpf_sk_release\n{label}:\n",
        port.to_be(),
        8 * word
    )
}

/// Reads words of a context into `found` from a word on.
fn fields(fields: &[u32], word: u32) -> String {
    let one =
        |(field, at): (&u32, u32)| format!("r1 = *(u32 *)(r6 + {field})\n*(u64 *)(r7 + {}) = r1\n", 8 * (word + at));
    fields.iter().zip(0..).map(one).collect()
}

const IFINDEX: u32 = 40;
const INGRESS_IFINDEX: u32 = 36;
const PKT_TYPE: u32 = 4;
const VLAN: [u32; 3] = [20, 24, 28];

/// A program that leaves what it finds in `found`.
fn program(section: &str, name: &str, body: &str, end: &str) -> String {
    format!(".section {section}\n.globl {name}\n{name}: r6 = r1\nr7 = found ll\n{body}{end}\nexit\n")
}

/// Programs with their hooks and interfaces.
type Places = Vec<(&'static str, Hook, &'static str)>;

/// Names, texts, and where the programs are.
fn cases() -> Vec<(&'static str, String, Places)> {
    let redirect = |ifindex: u32| format!("r1 = {ifindex}\nr2 = 0\ncall bpf_redirect");
    let mtu = |ifindex: u32, word: u32| {
        format!(
            "*(u32 *)(r10 - 8) = 0\nr1 = r6\nr2 = {ifindex}\nr3 = r10\nr3 += -8\nr4 = 0\nr5 = 0\ncall bpf_check_mtu\n\
             *(u64 *)(r7 + {}) = r0\nr1 = *(u32 *)(r10 - 8)\n*(u64 *)(r7 + {}) = r1\n",
            8 * word,
            8 * word + 8
        )
    };
    let push = "r1 = r6\nr2 = 0x0081\nr3 = 100\ncall bpf_skb_vlan_push\n";
    let clone = |ifindex: u32, word: u32| {
        format!("r1 = r6\nr2 = {ifindex}\nr3 = 0\ncall bpf_clone_redirect\n*(u64 *)(r7 + {}) = r0\n", 8 * word)
    };
    let routes = route(0x0900_010a, 10, 0)
        + &route(0x0100_020a, 10, 6)
        + &route(0x0100_030a, 10, 12)
        + &route(0x0100_040a, 10, 18);
    let seen = [PKT_TYPE, VLAN[0], VLAN[1], VLAN[2], INGRESS_IFINDEX, IFINDEX];
    vec![
        ("routes at tc", program("tc", "ask", &routes, "r0 = 0"), vec![("ask", Hook::TcIngress, "in0")]),
        ("routes at XDP", program("xdp", "ask", &routes, "r0 = 2"), vec![("ask", Hook::Xdp, "in0")]),
        (
            "routes of another namespace",
            program("tc", "go", "", &redirect(12))
                + &program(
                    "tcx/ingress",
                    "ask",
                    &(route(0x0100_080a, 3, 0) + &route(0x0100_080a, 2, 6) + &route(0x0900_010a, 12, 12)),
                    "r0 = 0",
                ),
            vec![("go", Hook::TcIngress, "in0"), ("ask", Hook::TcIngress, "inside")],
        ),
        (
            "MTUs of interfaces, and of one that is not there",
            program("tc", "ask", &(mtu(0, 0) + &mtu(12, 2) + &mtu(99, 4)), "r0 = 0"),
            vec![("ask", Hook::TcIngress, "in0")],
        ),
        (
            "where a packet is, its tag, and a tag that is pushed, from hook to hook",
            program("tc", "go", &(fields(&seen, 0) + push), &redirect(12))
                + &program(
                    "tc/egress",
                    "out",
                    &fields(&[VLAN[0], VLAN[1], VLAN[2], INGRESS_IFINDEX, IFINDEX], 8),
                    "r0 = 0",
                ),
            vec![("go", Hook::TcIngress, "in0"), ("out", Hook::TcEgress, "out0")],
        ),
        (
            "a tag that is popped",
            program("tc", "go", "r1 = r6\ncall bpf_skb_vlan_pop\n", &redirect(12))
                + &program("tc/egress", "out", &fields(&VLAN, 0), "r0 = 0"),
            vec![("go", Hook::TcIngress, "in0"), ("out", Hook::TcEgress, "out0")],
        ),
        (
            "where a packet is at XDP, and tc of where it goes",
            program("xdp", "go", &fields(&[12, 16], 0), &redirect(12))
                + &program("tcx/ingress", "in", &fields(&seen, 4), "r0 = 0"),
            vec![("go", Hook::Xdp, "in0"), ("in", Hook::TcIngress, "inside")],
        ),
        (
            "copies to an interface and to one that is not there",
            program("tc", "go", &(clone(12, 0) + &clone(99, 1)), "r0 = 2"),
            vec![("go", Hook::TcIngress, "in0")],
        ),
        (
            "sockets of either namespace",
            program(
                "tc",
                "go",
                &(socket("tcp", 0x0100_000a, 80, 0)
                    + &socket("tcp", 0x0900_000a, 81, 10)
                    + &socket("udp", 0x0100_4d0a, 53, 20)),
                &redirect(12),
            ) + &program(
                "tcx/ingress",
                "in",
                &(socket("tcp", 0x0200_010a, 80, 30) + &socket("tcp", 0x0100_000a, 80, 40)),
                "r0 = 0",
            ),
            vec![("go", Hook::TcIngress, "in0"), ("in", Hook::TcIngress, "inside")],
        ),
        (
            "where a packet is at a socket",
            program("socket", "tap", &fields(&[PKT_TYPE, IFINDEX], 0), "r0 = *(u32 *)(r6 + 0)"),
            vec![("tap", Hook::Socket, "in0")],
        ),
        (
            "where a packet is for a control group",
            program("cgroup_skb/ingress", "ask", &fields(&[IFINDEX], 0), "r0 = 1"),
            vec![("ask", Hook::CgroupIngress, "in0")],
        ),
    ]
}

/// How many packets are equal; else the first difference.
fn compare(text: &str, attachments: &[(&str, Hook, &str)], network: &Network, name: &str) -> Result<u32, String> {
    let text = format!(".license \"GPL\"\n.bss\nfound: .zero 512\n{text}");
    let made = Compiled::new(&Source::Asm(text), "x.s", &LoadOptions::default()).map_err(|e| e.to_string())?;
    let at = |(program, hook, dev): &(&str, Hook, &str)| Attachment {
        dev: Some((*dev).to_owned()),
        ..Attachment::new(program, *hook)
    };
    let attachments: Vec<_> = attachments.iter().map(at).collect();
    let config = Config { cpus: kernel::possible_cpus(), ..Config::default() };
    let mut ours = Replay::new(&made.loaded, &attachments, &[], config).map_err(|e| e.to_string())?;
    ours.in_network(network).map_err(|e| e.to_string())?;
    let engine =
        KernelEngine::new(&made.object, &made.loaded, ours.attached(), &[], network).map_err(|e| e.to_string())?;
    let mut theirs = Replay::on(engine, &made.loaded, &attachments).map_err(|e| e.to_string())?;
    theirs.in_network(network).map_err(|e| e.to_string())?;
    let mut both = Compare::new(ours, theirs, &made.loaded);
    let bytes = capture(name);
    let mut reader = CaptureReader::new(&bytes[..]).map_err(|e| e.to_string())?;
    while let Some(packet) = reader.next_packet().map_err(|e| e.to_string())? {
        let found = both.packet(&packet).map_err(|e| format!("packet {}: {e}", packet.index + 1))?;
        if let Some(found) = found {
            return Err(format!("{found:?}"));
        }
    }
    match both.end() {
        None => Ok(both.ours().totals().packets),
        Some(found) => Err(format!("at the end: {found:?}")),
    }
}

#[test]
fn programs_find_the_scenarios_interfaces_in_the_kernel() {
    if !kernel::available("interfaces of scenarios in the kernel") {
        return;
    }
    let network: Network = serde_json::from_str(NETWORK).expect("a network");
    let mut wrong = Vec::new();
    let mut packets = 0;
    for (name, text, attachments) in cases() {
        for capture in ["mix.pcap", "vlan.pcap", "ipv6-nd.pcap"] {
            match apart(|| compare(&text, &attachments, &network, capture)) {
                Ok(more) => packets += more,
                Err(how) => wrong.push(format!("{name}, {capture}: {how}")),
            }
        }
    }
    println!("{packets} packets are equal");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_network_that_no_kernel_can_have_says_what_it_is() {
    if !kernel::available("networks that cannot be") {
        return;
    }
    for (interfaces, what) in [
        (r#"{"name": "a name of many letters", "index": 2}"#, "interface `a name of many letters`: "),
        (r#"{"name": "eth0", "index": 2, "mac": "01:00:00:00:00:01"}"#, "interface `eth0`: "),
        (r#"{"name": "eth0", "index": 2, "mtu": 70000}"#, "interface `eth0`: "),
    ] {
        let network: Network =
            serde_json::from_str(&format!(r#"{{"interfaces": [{interfaces}]}}"#)).expect("a network");
        let made = Compiled::new(&Source::Asm(".section tc\nr0 = 0\nexit".into()), "x.s", &LoadOptions::default());
        let made = made.expect("a program");
        let error = apart(|| KernelEngine::new(&made.object, &made.loaded, &[], &[], &network).err());
        let Some(error @ SetupError::Network(_)) = error else { panic!("{interfaces}: {error:?}") };
        assert!(error.to_string().starts_with(what), "{error}");
    }
}
