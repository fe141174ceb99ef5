//! The way of packets between interfaces: on real veth pairs in a network namespace, and in the simulator with the same
//! declared.
//!
//! `in0` receives what is sent on `src0`; what leaves `out0` arrives at `dst0`. Each case attaches programs, sends frames,
//! and looks at what arrives at either far end.

#![cfg(target_os = "linux")]

use std::process::Command;
use std::time::{Duration, Instant};

use bpfscope_core::kernel::Hook;
use bpfscope_core::lab::{Attachment, Compiled, Entry, MapContents, Replay, Source};
use bpfscope_core::net::{LinkType, Network, Packet};
use bpfscope_core::object::LoadOptions;
use bpfscope_core::vm::{Config, NoObserver};
use bpfscope_linux::attach::{Attachment as Held, Device, Manner, attach};
use bpfscope_linux::load::InKernel;
use bpfscope_linux::tap::{Depth, Direction, Tap};
use bpfscope_linux::veth::{Namespace, Socket};
use bpfscope_tests::kernel;

const NETWORK: &str = r#"{
    "interfaces": [
        {"name": "in0", "index": 10, "mac": "02:00:00:00:00:10", "peer": "src0", "addresses": ["10.0.0.1/24", "fd00::1/64"]},
        {"name": "src0", "index": 11, "mac": "02:00:00:00:00:11", "peer": "in0", "forwarding": false},
        {"name": "out0", "index": 12, "mac": "02:00:00:00:00:12", "peer": "dst0", "addresses": ["10.1.0.1/24", "fd01::1/64"]},
        {"name": "dst0", "index": 13, "mac": "02:00:00:00:00:13", "peer": "out0", "forwarding": false}
    ],
    "neighbours": [
        {"addr": "10.1.0.9", "dev": "out0", "mac": "02:00:00:00:09:01"},
        {"addr": "fd01::9", "dev": "out0", "mac": "02:00:00:00:09:02"}
    ]
}"#;

const COMMANDS: &str = "
    link add in0 index 10 address 02:00:00:00:00:10 type veth peer name src0 index 11 address 02:00:00:00:00:11
    link add out0 index 12 address 02:00:00:00:00:12 type veth peer name dst0 index 13 address 02:00:00:00:00:13
    link set in0 up
    link set src0 up
    link set out0 up
    link set dst0 up
    addr add 10.0.0.1/24 dev in0
    addr add 10.1.0.1/24 dev out0
    addr add fd00::1/64 dev in0 nodad
    addr add fd01::1/64 dev out0 nodad
    neigh add 10.1.0.9 dev out0 lladdr 02:00:00:00:09:01
    neigh add fd01::9 dev out0 lladdr 02:00:00:00:09:02
";

/// Programs attached, each with its hook and interface.
struct Case {
    name: &'static str,
    text: &'static str,
    attachments: &'static [(&'static str, Hook, &'static str)],
    /// What the map `ports` holds: keys and devices.
    ports: &'static [(u32, u32)],
}

const CASES: &[Case] = &[
    Case {
        name: "nothing attached but a program that lets all pass",
        text: ".section tc\nidle: r0 = 0\nexit",
        attachments: &[("idle", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "a VLAN tag pushed, and out of the other interface",
        text: ".section tc\ntag: r6 = r1\nr2 = 0x0081\nr3 = 100\ncall bpf_skb_vlan_push\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("tag", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "two tags",
        text: ".section tc\ntag: r6 = r1\nr2 = 0x0081\nr3 = 100\ncall bpf_skb_vlan_push\nr1 = r6\nr2 = 0xa888\nr3 = 7\ncall bpf_skb_vlan_push\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("tag", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "the tag popped, if there is one",
        text: ".section tc\npop: r6 = r1\ncall bpf_skb_vlan_pop\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("pop", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "a copy out, and the packet back where it came from",
        text: ".section tc\nboth: r6 = r1\nr2 = 12\nr3 = 0\ncall bpf_clone_redirect\nr1 = 10\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("both", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "a copy out, the rest dropped",
        text: ".section tc\ncopy: r2 = 12\nr3 = 0\ncall bpf_clone_redirect\nr0 = 2\nexit",
        attachments: &[("copy", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "tc egress of the device that it is redirected to",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\n\
               stamp: r6 = r1\n*(u32 *)(r10 - 4) = 0x0a0b0c0d\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("stamp", Hook::TcEgress, "out0")],
        ports: &[],
    },
    Case {
        name: "tc egress that drops",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\nno: r0 = 2\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("no", Hook::TcEgress, "out0")],
        ports: &[],
    },
    Case {
        name: "to the receive path of another device, and from there out",
        text: ".section tc\ngo: r1 = 12\nr2 = 1\ncall bpf_redirect\nexit\n.section tcx/ingress\n\
               out: r6 = r1\nr7 = *(u32 *)(r1 + 40)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\n\
               r1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("out", Hook::TcIngress, "out0")],
        ports: &[],
    },
    Case {
        name: "the mark goes with the packet",
        text: ".section tc\ngo: r2 = 77\n*(u32 *)(r1 + 8) = r2\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 8)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        ports: &[],
    },
    Case {
        name: "what it says of devices at either hook",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 40)\n*(u32 *)(r10 - 8) = r7\nr7 = *(u32 *)(r1 + 36)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -8\nr4 = 8\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        ports: &[],
    },
    Case {
        name: "to the neighbour that the program names",
        text: ".section tc\ngo: *(u32 *)(r10 - 20) = 2\n*(u32 *)(r10 - 16) = 0x0900010a\n*(u32 *)(r10 - 12) = 0\n*(u64 *)(r10 - 8) = 0\n\
               r1 = 12\nr2 = r10\nr2 += -20\nr3 = 20\nr4 = 0\ncall bpf_redirect_neigh\nexit",
        attachments: &[("go", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "to the neighbour that the routes name",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\nr3 = 0\nr4 = 0\ncall bpf_redirect_neigh\nexit",
        attachments: &[("go", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "redirected without a device, or to none",
        text: ".section tc\nlost: r0 = 7\nexit\n.section tc/egress\nnowhere: r1 = 99\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("lost", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "XDP sends it back",
        text: ".section xdp\nback: r0 = 3\nexit",
        attachments: &[("back", Hook::Xdp, "in0")],
        ports: &[],
    },
    Case {
        name: "XDP drops it",
        text: ".section xdp\nno: r0 = 1\nexit\n.section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("no", Hook::Xdp, "in0"), ("go", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "XDP, and then tc",
        text: ".section xdp\ncut: r2 = -4\ncall bpf_xdp_adjust_tail\nr0 = 2\nexit\n.section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("cut", Hook::Xdp, "in0"), ("go", Hook::TcIngress, "in0")],
        ports: &[],
    },
    Case {
        name: "XDP redirects to a device, past its tc egress",
        text: ".section xdp\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc\nno: r0 = 2\nexit",
        attachments: &[("go", Hook::Xdp, "in0"), ("no", Hook::TcEgress, "out0")],
        ports: &[],
    },
    Case {
        name: "XDP redirects to a map's device",
        text: ".map ports, devmap, key=4, value=4, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 2\nr3 = 1\ncall bpf_redirect_map\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(2, 12)],
    },
    Case {
        name: "XDP finds no device in the map and sends it back",
        text: ".map ports, devmap, key=4, value=4, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 1\nr3 = 3\ncall bpf_redirect_map\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(2, 12)],
    },
    Case {
        name: "XDP redirects to all of a map's devices",
        text: ".map ports, devmap_hash, key=4, value=4, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 0\nr3 = 8\ncall bpf_redirect_map\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(70, 12), (80, 10)],
    },
    Case {
        name: "XDP redirects to all of a map's devices but its own",
        text: ".map ports, devmap, key=4, value=4, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 0\nr3 = 24\ncall bpf_redirect_map\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(0, 10), (3, 12)],
    },
];

/// Frames that are sent: to the interface and past it, with and without tags.
fn frames() -> Vec<Vec<u8>> {
    let to = |mac: u8, types: &[u8], payload: &[u8]| {
        [&[2, 0, 0, 0, 0, mac, 2, 0, 0, 0, 0, 0x11][..], types, payload].concat()
    };
    let mut near = ipv4([10, 1, 0, 9], 64);
    near.resize(100, 0x33);
    vec![
        to(0x10, &[8, 0], &near),
        to(0x77, &[8, 0], &near),
        to(0x10, &[0x81, 0, 0x20, 5, 8, 0], &near),
        to(0x10, &[8, 0], &ipv4([10, 1, 0, 9], 1)),
        to(0x10, &[8, 0], &ipv4([10, 1, 0, 8], 64)),
        to(0x10, &[0x86, 0xdd], &ipv6()),
        to(0x10, &[0x88, 0xb5], &[9; 60]),
    ]
}

fn ipv4(dst: [u8; 4], ttl: u8) -> Vec<u8> {
    let mut header = vec![0x45, 0, 0, 60, 0x12, 0x34, 0x40, 0, ttl, 17, 0, 0, 10, 0, 0, 99];
    header.extend(dst);
    let sum: u32 = header.chunks_exact(2).map(|b| u32::from(u16::from_be_bytes([b[0], b[1]]))).sum();
    let check = !((sum & 0xffff) + (sum >> 16)) as u16;
    header[10..12].copy_from_slice(&check.to_be_bytes());
    header.extend([0x30, 0x39, 0x30, 0x3a, 0, 40, 0, 0]);
    header.resize(60, 0x44);
    header
}

fn ipv6() -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, 20, 17, 64];
    packet.extend("fd00::99".parse::<std::net::Ipv6Addr>().expect("an address").octets());
    packet.extend("fd01::9".parse::<std::net::Ipv6Addr>().expect("an address").octets());
    packet.extend([0x30, 0x39, 0x30, 0x3a, 0, 20, 0, 0]);
    packet.resize(60, 0x55);
    packet
}

/// What arrived at `src0` and at `dst0`.
#[derive(PartialEq, Eq, Debug, Default)]
struct Arrived {
    back: Vec<Vec<u8>>,
    out: Vec<Vec<u8>>,
}

fn compiled(case: &Case) -> Compiled {
    let text = format!(".license \"GPL\"\n{}\n", case.text);
    Compiled::new(&Source::Asm(text), "case.s", &LoadOptions::default())
        .unwrap_or_else(|e| panic!("{}: {e}", case.name))
}

fn contents(case: &Case) -> Vec<MapContents> {
    let entry =
        |(key, value): &(u32, u32)| Entry { key: key.to_le_bytes().to_vec(), value: value.to_le_bytes().to_vec() };
    match case.ports {
        [] => Vec::new(),
        ports => vec![MapContents { name: "ports".into(), entries: ports.iter().map(entry).collect() }],
    }
}

/// In the simulator, frame by frame.
fn simulated(case: &Case, network: &Network) -> Vec<Arrived> {
    let loaded = compiled(case).loaded;
    let at = |(program, hook, dev): &(&str, Hook, &str)| Attachment {
        dev: Some((*dev).to_owned()),
        ..Attachment::new(program, *hook)
    };
    let attachments: Vec<_> = case.attachments.iter().map(at).collect();
    let mut replay = Replay::new(&loaded, &attachments, &contents(case), Config::default()).expect(case.name);
    replay.in_network(network).expect(case.name);
    replay.keep_departures();
    let one = |(frame, index): (&Vec<u8>, u32)| {
        let (link, orig_len) = (LinkType::Ethernet, frame.len() as u32);
        let packet = Packet { index, time_ns: 0, link, orig_len, offset: 0, data: frame };
        replay.packet(&packet, &mut NoObserver, |run, _, _| assert_eq!(run.outcome.fault, None, "{}", case.name));
        let from = |at: u16| {
            let left = replay.departures().iter().filter(move |left| left.interface == Some(at));
            left.map(|left| left.frame.clone()).collect()
        };
        Arrived { back: from(0), out: from(2) }
    };
    frames().iter().zip(0..).map(one).collect()
}

struct Place {
    sender: Socket,
    back: Tap,
    out: Tap,
}

impl Place {
    fn new() -> Option<(Namespace, Place)> {
        let namespace = Namespace::enter().ok()?;
        for (file, value) in [
            ("ipv4/ip_forward", "1"),
            ("ipv4/conf/all/rp_filter", "0"),
            ("ipv6/conf/all/disable_ipv6", "0"),
            ("ipv6/conf/default/disable_ipv6", "0"),
            // No solicitations and no messages about members of groups.
            ("ipv6/conf/default/router_solicitations", "0"),
            ("ipv6/conf/default/addr_gen_mode", "1"),
            ("ipv6/conf/all/forwarding", "1"),
            ("ipv6/conf/default/forwarding", "1"),
        ] {
            std::fs::write(format!("/proc/sys/net/{file}"), value).ok()?;
        }
        for line in COMMANDS.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let done = Command::new("ip").args(line.split(' ')).status().ok()?;
            assert!(done.success(), "ip {line}");
        }
        let device = |name| Device::named(name).expect(name);
        for name in ["in0", "src0", "out0", "dst0"] {
            let until = Instant::now() + Duration::from_secs(5);
            while !device(name).is_up().expect(name) {
                assert!(Instant::now() < until, "{name} does not come up");
            }
        }
        let tap = |name| Tap::open(&device(name), Some(Direction::In), Depth::All).expect(name);
        let place =
            Place { sender: Socket::new(device("src0").index).expect("a sender"), back: tap("src0"), out: tap("dst0") };
        Some((namespace, place))
    }

    /// What arrives of a frame; as much as is expected is waited for.
    fn send(&mut self, frame: &[u8], expected: &Arrived) -> Arrived {
        self.sender.send(frame).expect("sending");
        let mut arrived = Arrived::default();
        let until = Instant::now() + Duration::from_secs(1);
        loop {
            // What the machine itself says (neighbour discovery, groups, errors) is to or from nobody's frame here.
            let ours = |data: &[u8]| data.windows(8).any(|bytes| *bytes == frame[60..68]);
            self.back
                .read(64, |seen| {
                    if ours(seen.data) {
                        arrived.back.push(seen.data.to_vec())
                    }
                })
                .expect("back");
            self.out
                .read(64, |seen| {
                    if ours(seen.data) {
                        arrived.out.push(seen.data.to_vec())
                    }
                })
                .expect("out");
            let all = arrived.back.len() >= expected.back.len() && arrived.out.len() >= expected.out.len();
            if all || Instant::now() > until {
                return arrived;
            }
        }
    }
}

#[test]
fn packets_go_where_the_kernels_go() {
    if !kernel::available("packets between interfaces") {
        return;
    }
    let network: Network = serde_json::from_str(NETWORK).expect("a network");
    let differences = std::thread::spawn(move || {
        let (_namespace, mut place) = Place::new()?;
        let mut differences = Vec::new();
        for case in CASES {
            let expected = simulated(case, &network);
            let Compiled { object, loaded, .. } = compiled(case);
            let kernel = InKernel::new(&object, &loaded, |_| true).unwrap_or_else(|e| panic!("{}: {e}", case.name));
            kernel.store(&loaded, &contents(case)).expect(case.name);
            let held: Vec<Held> = case
                .attachments
                .iter()
                .map(|(name, hook, dev)| {
                    let at = loaded.programs.iter().position(|p| p.name == *name).expect(name);
                    let prog = kernel.progs[at].as_ref().expect(name);
                    let manner = (*hook == Hook::Xdp).then_some(Manner::Generic);
                    attach(prog, name, &Device::named(dev).expect(dev), *hook, manner)
                        .unwrap_or_else(|e| panic!("{}: {e}", case.name))
                })
                .collect();
            for (at, (frame, ours)) in frames().iter().zip(&expected).enumerate() {
                let theirs = place.send(frame, ours);
                if theirs != *ours {
                    differences.push(format!("{}, frame {at}:\n  kernel {theirs:x?}\n  here   {ours:x?}", case.name));
                }
            }
            drop(held);
        }
        Some(differences)
    });
    match differences.join().expect("the thread ends") {
        None => kernel::skipped("packets between interfaces, without `ip` or namespaces"),
        Some(differences) => {
            assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"))
        }
    }
}
