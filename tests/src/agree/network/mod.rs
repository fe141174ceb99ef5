//! The way of packets between interfaces: on real veth pairs in network namespaces, and in the simulator with the same
//! declared.
//!
//! Each case attaches programs, sends frames to the first interface, and looks at what leaves the interfaces, at what maps
//! hold at the end, and at which socket a packet was given.
//!
//! | file | what it is about |
//! |---|---|
//! | `cases` | the cases |
//! | `place` | a network of the kernel, with somebody at the other end of every interface |

pub mod cases;
mod place;

use bpfscope_core::kernel::{Hook, MapDef, MapId};
use bpfscope_core::lab::{Attachment, Compiled, Contents, Entry, MapContents, Replay, Source, comparable};
use bpfscope_core::net::{LinkType, Network, Packet};
use bpfscope_core::object::LoadOptions;
use bpfscope_core::vm::{Config, NoObserver};
use bpfscope_linux::engine;
use bpfscope_linux::load::InKernel;

use super::replay::Verdict;
use super::replay::all::Report;
use crate::clang::{self, Flags};
use cases::CASES;
use place::Place;

/// `in0` receives what is sent to it; `out0` leads to neighbours.
pub const NETWORK: &str = r#"{
    "interfaces": [
        {"name": "in0", "index": 10, "mac": "02:00:00:00:00:10", "addresses": ["10.0.0.1/24", "fd00::1/64"]},
        {"name": "out0", "index": 12, "mac": "02:00:00:00:00:12", "addresses": ["10.1.0.1/24", "fd01::1/64"]}
    ],
    "neighbours": [
        {"addr": "10.1.0.9", "dev": "out0", "mac": "02:00:00:00:09:01"},
        {"addr": "fd01::9", "dev": "out0", "mac": "02:00:00:00:09:02"}
    ]
}"#;

/// The same, with a host in a box behind `out0`.
pub const BOX: &str = r#"{
    "interfaces": [
        {"name": "in0", "index": 10, "mac": "02:00:00:00:00:10"},
        {"name": "out0", "index": 12, "mac": "02:00:00:00:00:12", "peer": "inside"},
        {"name": "inside", "index": 2, "mac": "02:00:00:00:00:77", "peer": "out0", "netns": "box"},
        {"name": "back", "index": 3, "mac": "02:00:00:00:00:78", "netns": "box"}
    ]
}"#;

/// A host with a socket that listens.
pub const SOCKETS: &str = r#"{
    "interfaces": [
        {"name": "in0", "index": 10, "mac": "02:00:00:00:00:10", "addresses": ["10.0.0.1/24"], "forwarding": false}
    ],
    "routes": [{"dst": "10.1.0.0/24", "dev": "in0", "kind": "local"}],
    "sockets": [{"protocol": "udp", "local": "10.0.0.1:9999"}]
}"#;

/// Programs attached, and what is around them.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The rule in a few words.
    pub name: &'static str,
    /// The programs, in assembly or in C.
    pub text: &'static str,
    /// Each program with its hook and interface, in the order in which they are attached.
    pub attachments: &'static [(&'static str, Hook, &'static str)],
    /// Names of the programs that are classifiers without direct action.
    pub classifiers: &'static [&'static str],
    /// The network.
    pub network: &'static str,
    /// What the map `ports` holds: keys and devices.
    pub ports: &'static [(u32, u32)],
    /// A program that the entries of `ports` have.
    pub entry: Option<&'static str>,
    /// Interfaces whose departures are compared; all when there are none.
    pub watched: &'static [&'static str],
}

/// A case of nothing.
pub const PLAIN: Case = Case {
    name: "",
    text: "",
    attachments: &[],
    classifiers: &[],
    network: NETWORK,
    ports: &[],
    entry: None,
    watched: &[],
};

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

/// What came of a frame: what left each interface, by its place in the network, and what each socket was given.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Came {
    /// Frames that left.
    pub left: Vec<Vec<Vec<u8>>>,
    /// Datagrams that UDP sockets have.
    pub given: Vec<Vec<Vec<u8>>>,
}

impl Came {
    fn is_as_much_as(&self, other: &Came) -> bool {
        let all = |came: &Came| came.left.iter().chain(&came.given).map(Vec::len).collect::<Vec<_>>();
        all(self).iter().zip(all(other)).all(|(ours, theirs)| *ours >= theirs)
    }
}

/// What maps hold that can be compared.
type Held = Vec<(String, Vec<(Vec<u8>, Vec<u8>)>)>;

fn held(engine: &impl Contents, defs: &[MapDef]) -> Held {
    let one = |(id, def): (u32, &MapDef)| {
        let entries = comparable(engine, MapId(id), def)?;
        Some((def.name.clone(), entries.into_iter().map(|((key, _), value)| (key, value)).collect()))
    };
    (0..).zip(defs).filter_map(one).collect()
}

/// Maps of the kernel, read as an engine's.
struct KernelMaps<'a>(&'a InKernel, &'a [MapDef]);

impl Contents for KernelMaps<'_> {
    fn entries(&self, map: MapId) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + '_> {
        let def = &self.1[map.index()];
        engine::entries(&self.0.maps()[map.index()], def.map_type, def.max_entries)
    }
}

impl Case {
    fn is_c(&self) -> bool {
        self.text.contains("#include")
    }

    fn compiled(&self) -> Compiled {
        let source = match self.is_c() {
            true => Source::Elf(clang::compile_text(self.text, Flags::USUAL)),
            false => Source::Asm(format!(".license \"GPL\"\n{}\n", self.text)),
        };
        Compiled::new(&source, "case", &LoadOptions::default()).unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }

    fn network(&self) -> Network {
        serde_json::from_str(self.network).unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }

    fn contents(&self) -> Vec<MapContents> {
        let entry = |(key, device): &(u32, u32)| {
            let mut value = device.to_le_bytes().to_vec();
            if self.entry.is_some() {
                value.extend([0; 4]);
            }
            let program = self.entry.map(str::to_owned);
            Entry { key: key.to_le_bytes().to_vec(), value, program }
        };
        match self.ports {
            [] => Vec::new(),
            ports => vec![MapContents { name: "ports".into(), entries: ports.iter().map(entry).collect() }],
        }
    }

    fn is_watched(&self, name: &str) -> bool {
        self.watched.is_empty() || self.watched.contains(&name)
    }

    fn attachments(&self) -> Vec<Attachment> {
        let at = |(program, hook, dev): &(&str, Hook, &str)| Attachment {
            dev: Some((*dev).to_owned()),
            classifier: self.classifiers.contains(program),
            ..Attachment::new(program, *hook)
        };
        self.attachments.iter().map(at).collect()
    }

    /// In the simulator, frame by frame, and the maps at the end.
    fn simulated(&self, network: &Network, frames: &[Vec<u8>]) -> (Vec<Came>, Held) {
        let loaded = self.compiled().loaded;
        let replay = Replay::new(&loaded, &self.attachments(), &self.contents(), Config::default());
        let mut replay = replay.unwrap_or_else(|e| panic!("{}: {e}", self.name));
        replay.in_network(network).unwrap_or_else(|e| panic!("{}: {e}", self.name));
        replay.keep_departures();
        let one = |(frame, index): (&Vec<u8>, u32)| {
            let (link, orig_len) = (LinkType::Ethernet, frame.len() as u32);
            let packet = Packet { index, time_ns: 0, link, orig_len, offset: 0, data: frame };
            let mut given = None;
            replay.packet(&packet, &mut NoObserver, |run, skb, _| {
                assert_eq!(run.outcome.fault, None, "{}", self.name);
                given = skb.sk.map(|socket| (socket, skb.packet.bytes().to_vec()));
            });
            let mut came = Came::of(network);
            for left in replay.departures() {
                let at = usize::from(left.interface.unwrap_or(0));
                if self.is_watched(&network.interfaces[at].name) {
                    came.left[at].push(left.frame.clone());
                }
            }
            if let Some((socket, frame)) = given {
                let datagram = &frame[ETH_HLEN + IP_HLEN..];
                let len = usize::from(u16::from_be_bytes([datagram[4], datagram[5]]));
                came.given[usize::from(socket)].push(datagram[UDP_HLEN..len].to_vec());
            }
            came
        };
        let came = frames.iter().zip(0..).map(one).collect();
        (came, held(replay.machine(), &loaded.maps))
    }

    /// On real interfaces.
    fn on_interfaces(&self, place: &mut Place, frames: &[Vec<u8>], expected: &[Came]) -> (Vec<Came>, Held) {
        let compiled = self.compiled();
        let loaded = &compiled.loaded;
        place.enter_first();
        let kernel = InKernel::new(&compiled.object, loaded, |_| true).unwrap_or_else(|e| panic!("{}: {e}", self.name));
        kernel.store(loaded, &self.contents()).unwrap_or_else(|e| panic!("{}: {e}", self.name));
        let attached = place.attach(self, &kernel, &compiled);
        let all = frames.iter().zip(expected).zip(1..);
        let came = all.map(|((frame, ours), count)| place.send(self, frame, ours, count == frames.len())).collect();
        place.detach(attached);
        (came, held(&KernelMaps(&kernel, &loaded.maps), &loaded.maps))
    }
}

const ETH_HLEN: usize = 14;
const IP_HLEN: usize = 20;
const UDP_HLEN: usize = 8;

impl Came {
    fn of(network: &Network) -> Came {
        Came { left: vec![Vec::new(); network.interfaces.len()], given: vec![Vec::new(); network.sockets.len()] }
    }
}

/// Compares the cases whose name has these words; `None` where there are no namespaces.
///
/// Takes the thread into network namespaces: to be called by one of its own.
///
/// # Panics
/// A case cannot be set up.
pub fn compare(wanted: &str) -> Option<Report> {
    let mut report = Report::default();
    let mut place: Option<(&str, Place)> = None;
    let mut cases: Vec<&Case> = CASES.iter().filter(|case| case.name.contains(wanted)).collect();
    // A network is made once for all cases that are in it.
    cases.sort_by_key(|case| case.network);
    for case in cases {
        if case.is_c() && !clang::available("C programs between interfaces") {
            continue;
        }
        let network = case.network();
        if place.as_ref().is_none_or(|(made, _)| *made != case.network) {
            drop(place.take());
            place = Some((case.network, Place::new(&network)?));
        }
        let (_, place) = place.as_mut()?;
        let frames = frames();
        let (came, maps) = case.simulated(&network, &frames);
        let (theirs, their_maps) = case.on_interfaces(place, &frames, &came);
        let differs = came.iter().zip(&theirs).position(|(ours, theirs)| ours != theirs);
        report.add(
            case.name.to_owned(),
            match differs {
                Some(at) => {
                    Verdict::Different(format!("frame {at}:\n  kernel {:x?}\n  here   {:x?}", theirs[at], came[at]))
                }
                None if maps != their_maps => {
                    Verdict::Different(format!("\n  kernel {their_maps:x?}\n  here   {maps:x?}"))
                }
                None => Verdict::Equal(frames.len() as u32),
            },
        );
    }
    Some(report)
}
