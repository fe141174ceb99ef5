//! One program, run in the kernel by `BPF_PROG_TEST_RUN` and here; what comes out must be the same.
//!
//! A case is a few lines of assembly in between of what all have: before it, `r9` is the context and `r8` the value of
//! the map `out`, 32 words for results; after it, what can be read of the context is written to words 20 and following.

use bpfscope_core::isa::{Content, Names, Pc, RawInsn, assemble, unit};
use bpfscope_core::kernel::{Func, MAP_TYPES, MapDef, MapId, MapType, ProgType, Program, context_field_at, helpers};
use bpfscope_core::net::{Interface, LinkType, Network, SkBuff};
use bpfscope_core::vm::{Config, Machine, NoObserver, ProgId};
use bpfscope_tests::kernel::{Map, MapSpec, Prog, ProgSpec, RunSpec};

/// Words of the map `out`.
const WORDS: usize = 32;
/// Bytes of the shortest frame that the kernel must run programs on: an Ethernet header and one more.
const SHORTEST: usize = 15;
/// `BPF_F_RDONLY_PROG`.
const RDONLY_PROG: u32 = 128;

/// A program in both engines.
pub struct Pair {
    name: String,
    maps: Vec<Map>,
    prog: Prog,
    machine: Machine,
    prog_type: ProgType,
}

/// What a run gave.
#[derive(PartialEq, Eq, Debug)]
pub struct Got {
    pub ret: u32,
    pub frame: Vec<u8>,
    pub out: Vec<u64>,
}

/// The fields that every case ends by reading, as far as the program may: offset, size.
const SKB_FIELDS: &[(u32, u8)] = &[
    (0, 4),   // len
    (4, 4),   // pkt_type
    (16, 4),  // protocol
    (20, 4),  // vlan_present
    (24, 4),  // vlan_tci
    (28, 4),  // vlan_proto
    (8, 4),   // mark
    (12, 4),  // queue_mapping
    (44, 4),  // tc_index
    (180, 1), // tstamp_type
    (152, 8), // tstamp
];

/// Whether a program of that type may read the field at an offset.
fn reads(prog_type: ProgType, offset: u32) -> bool {
    context_field_at(prog_type, offset).is_some_and(|field| field.read.contains(prog_type))
}

fn text(prog_type: ProgType, body: &str, maps: &str) -> String {
    let skb = prog_type != ProgType::Xdp;
    let fields: String = (SKB_FIELDS.iter().zip(21..))
        .filter(|((offset, _), _)| skb && reads(prog_type, *offset))
        .map(|((offset, size), word)| {
            format!("r1 = *(u{} *)(r9 + {offset})\n*(u64 *)(r8 + {}) = r1\n", size * 8, word * 8)
        })
        .collect();
    let (start, end, meta) = if skb { (76, 80, 140) } else { (0, 4, 8) };
    let distance = |word: u32, from: u32, to: u32| match reads(prog_type, from) && reads(prog_type, to) {
        true => format!(
            "r1 = *(u32 *)(r9 + {to})\nr2 = *(u32 *)(r9 + {from})\nr1 -= r2\n*(u64 *)(r8 + {}) = r1\n",
            word * 8
        ),
        false => String::new(),
    };
    let (len, meta_len) = (distance(20, start, end), distance(19, meta, start));
    format!(
        ".map out, array, key=4, value={}, entries=1\n{maps}\n.license \"GPL\"\n.section prog\nmain:
        r9 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = out ll
        call bpf_map_lookup_elem
        if r0 == 0 goto null
        r8 = r0
        {body}
        {len}
        {meta_len}
        {fields}
        r0 = {}
        exit
        null: r0 = 99
        exit\n",
        WORDS * 8,
        if prog_type == ProgType::CgroupSkb { 1 } else { 2 },
    )
}

impl Pair {
    /// Assembles a case and loads it into both; `maps` are more `.map` lines.
    pub fn new(name: &str, prog_type: ProgType, body: &str, maps: &str) -> Pair {
        Pair::with_text(name, prog_type, body, maps, &[])
    }

    /// The same with a read-only map `text`, which the body names to have the address of these bytes.
    pub fn with_text(name: &str, prog_type: ProgType, body: &str, maps: &str, bytes: &[u8]) -> Pair {
        let maps = match bytes.len() {
            0 => maps.to_owned(),
            len => format!("{maps}\n.map text, array, key=4, value={len}, entries=1, flags={RDONLY_PROG}"),
        };
        let maps = &maps;
        let constant = bytes;
        let names: Vec<_> = helpers().iter().map(|h| (h.id as i32, h.name)).collect();
        let types: Vec<_> = MAP_TYPES.iter().map(|row| (row.map_type.number(), row.name)).collect();
        let names = Names { helpers: &names, map_types: &types, ..Names::NONE };
        let text = text(prog_type, body, maps);
        let unit = assemble(&text, &names).unwrap_or_else(|e| panic!("{name}: {e:?}\n{text}"));
        let (section, content) = unit.section("prog").expect("a section");
        let Content::Code(insns) = &content.content else { panic!("{name}: no code") };
        let place = |map: &str| unit.maps.iter().position(|m| m.name == map).expect("a map");
        let relocs: Vec<(usize, usize)> = (unit.relocs.iter().filter(|r| r.place.section == section))
            .map(|r| match &r.target {
                unit::Target::Symbol(map) => (r.place.pc().index(), place(map)),
                other => panic!("{name}: {other:?}"),
            })
            .collect();
        let defs: Vec<_> = unit.maps.iter().map(def).collect();
        let maps: Vec<_> = unit.maps.iter().map(kernel_map).collect();
        let text_map = unit.maps.iter().position(|m| m.name == "text");
        if let Some(map) = text_map {
            maps[map].update(&[0; 4], constant, 0).expect("filling `text`");
            maps[map].freeze().expect("freezing `text`");
        }
        let with = |number: &dyn Fn(usize) -> i32| {
            let mut insns = insns.clone();
            for (pc, map) in &relocs {
                let by_value = text_map == Some(*map);
                (insns[*pc].src, insns[*pc].imm) = (if by_value { 2 } else { 1 }, number(*map));
            }
            insns
        };
        let bytes: Vec<u8> = with(&|map| maps[map].fd()).iter().flat_map(|i| i.to_bytes()).collect();
        let spec = ProgSpec { prog_type: prog_type as u32, insns: &bytes, log_level: 1, ..ProgSpec::default() };
        let prog = Prog::load(&spec).unwrap_or_else(|e| panic!("{name}: errno {}: {}\n{text}", e.errno, e.log));
        let program = program(prog_type, with(&|map| map as i32));
        let mut machine = Machine::new(&[program], &defs, Config::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let interfaces = vec![Interface { forwarding: false, ..Interface::new("lo", 1) }];
        machine.env.network = Network { interfaces, ..Network::default() }.into();
        if let Some(map) = text_map {
            machine.maps.user_update(MapId(map as u32), &[0; 4], constant, 0).expect("filling `text`");
        }
        Pair { name: name.to_owned(), maps, prog, machine, prog_type }
    }

    /// The kernel's answer; `None` for a frame that it takes for too short to run a program on.
    pub fn kernel(&self, frame: &[u8], ctx: &[u8]) -> Option<Got> {
        self.maps[0].update(&[0; 4], &[0; WORDS * 8], 0).expect("clearing `out`");
        let run = match self.prog.run(&RunSpec { data: frame, ctx, ..RunSpec::default() }) {
            Err(libc::EINVAL) if frame.len() < SHORTEST => return None,
            run => run.unwrap_or_else(|e| panic!("{}: test run: errno {e}", self.name)),
        };
        // Without a MAC header at its start, a packet gets one of zeroes.
        let frame = if self.at_network() { run.data[14..].to_vec() } else { run.data };
        let got = Got { ret: run.ret, frame, out: words(&self.maps[0].lookup(&[0; 4]).expect("out")) };
        Some(got)
    }

    /// The answer here.
    pub fn ours(&mut self, frame: &[u8], ctx: &[u8]) -> Got {
        let out = MapId(0);
        self.machine.maps.user_update(out, &[0; 4], &[0; WORDS * 8], 0).expect("clearing `out`");
        let mut skb = SkBuff::default();
        skb.reset(frame, LinkType::Ethernet);
        if self.at_network() {
            skb.pull_mac_header();
        }
        set_context(&mut skb, ctx);
        let run = self.machine.run(ProgId(0), &mut skb, &mut NoObserver);
        assert_eq!(run.fault, None, "{}", self.name);
        let out = self.machine.maps.user_lookup(out, &[0; 4]).expect("out");
        Got { ret: run.ret as u32, frame: with_metadata(&skb), out: words(&out) }
    }

    /// Stores an entry in a map of the case (counted from 1) in both, and says what each answers.
    pub fn store(&mut self, map: usize, key: &[u8], value: &[u8], flags: u64) -> (i32, i32) {
        let kernel = self.maps[map].update(key, value, flags).err().unwrap_or(0);
        let ours = self.machine.maps.user_update(MapId(map as u32), key, value, flags);
        (kernel, ours.err().map_or(0, |errno| errno as i32))
    }

    /// Whether a test run starts the packet with its network header.
    fn at_network(&self) -> bool {
        matches!(self.prog_type, ProgType::SocketFilter | ProgType::CgroupSkb)
    }

    /// The machine, to look at what else happened.
    pub fn machine(&mut self) -> &mut Machine {
        &mut self.machine
    }

    /// Says what differs for a frame, or nothing.
    pub fn difference(&mut self, what: &str, frame: &[u8]) -> Option<String> {
        self.difference_with(what, frame, &[])
    }

    /// The same with a context given to the test run (`struct __sk_buff`).
    pub fn difference_with(&mut self, what: &str, frame: &[u8], ctx: &[u8]) -> Option<String> {
        let (kernel, ours) = (self.kernel(frame, ctx)?, self.ours(frame, ctx));
        if kernel == ours {
            return None;
        }
        let mut text = format!("{} on {what}:", self.name);
        if kernel.ret != ours.ret {
            text += &format!(" returns {} in the kernel, {} here;", kernel.ret, ours.ret);
        }
        if kernel.frame != ours.frame {
            text += &format!("\n  kernel {}\n  here   {}", hex(&kernel.frame), hex(&ours.frame));
        }
        for (word, (k, o)) in kernel.out.iter().zip(&ours.out).enumerate().filter(|(_, (k, o))| k != o) {
            text += &format!("\n  out[{word}]: {:#x} ({}) in the kernel, {:#x} ({}) here", k, *k as i64, o, *o as i64);
        }
        Some(text)
    }
}

/// What a test run takes from a `struct __sk_buff`.
fn set_context(skb: &mut SkBuff, ctx: &[u8]) {
    if ctx.is_empty() {
        return;
    }
    let u32_at = |at: usize| u32::from_ne_bytes(ctx[at..at + 4].try_into().expect("four bytes"));
    let u64_at = |at: usize| u64::from_ne_bytes(ctx[at..at + 8].try_into().expect("eight bytes"));
    skb.notes.mark = u32_at(8);
    skb.notes.priority = u32_at(32);
    skb.device.ingress_ifindex = u32_at(36);
    for (at, word) in skb.notes.cb.iter_mut().enumerate() {
        *word = u32_at(48 + at * 4);
    }
    skb.offloads.tstamp = u64_at(152);
    if u32_at(160) != 0 {
        skb.offloads.wire_len = u32_at(160);
    }
    skb.offloads.gso_segs = u32_at(164) as u16;
    skb.offloads.gso_size = u32_at(176) as u16;
    skb.offloads.hwtstamp = u64_at(184);
}

/// What a test run gives back: of an XDP packet the metadata too.
fn with_metadata(skb: &SkBuff) -> Vec<u8> {
    let (from, to) = (skb.packet.meta(), skb.packet.end());
    skb.packet.get(from, (to - from) as usize).expect("the packet").to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(80)];
    format!("{} bytes {}", bytes.len(), shown.iter().map(|b| format!("{b:02x}")).collect::<String>())
}

fn words(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks::<8>().0.iter().map(|w| u64::from_ne_bytes(*w)).collect()
}

fn def(map: &unit::MapDef) -> MapDef {
    let map_type = MapType::from_number(map.kind).expect("a simulated type");
    MapDef { flags: map.flags, ..MapDef::new(&map.name, map_type, map.key_size, map.value_size, map.max_entries) }
}

fn kernel_map(map: &unit::MapDef) -> Map {
    let spec = MapSpec {
        map_type: map.kind,
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        flags: map.flags,
        ..MapSpec::default()
    };
    Map::create(&spec).expect(&map.name)
}

fn program(prog_type: ProgType, insns: Vec<RawInsn>) -> Program {
    let end = Pc(insns.len() as u32);
    let main = Func {
        name: "main".into(),
        start: Pc(0),
        end,
        section: "prog".into(),
        section_start: Pc(0),
        type_id: 0,
        global: false,
        exception_callback: false,
    };
    Program {
        name: "main".into(),
        section: "prog".into(),
        prog_type,
        hook: None,
        insns,
        funcs: vec![main],
        lines: Vec::new(),
        license: "GPL".into(),
        maps: Vec::new(),
        kfuncs: Vec::new(),
    }
}
