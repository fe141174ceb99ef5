//! [`Compare`]: one scenario on two engines, packet by packet; what differs.
//!
//! Ours is the simulator's machine; theirs is asked the same and may see less: a packet socket shows of a return value only
//! how much was delivered, instructions are not counted, and perf records come filled up. What cannot be seen is not
//! compared.

use std::collections::BTreeMap;

use super::way::Hint;
use super::{Contents, Engine, Replay, Run};
use crate::{
    kernel::{FieldKind, Hook, MapDef, MapId, MapType},
    net::{Packet, SkBuff, skbuff::Notes},
    object::Loaded,
    vm::{Effects, NoObserver, Output, ProgId},
};

/// Maps of up to so many entries are compared after each packet, others at the end alone.
const SMALL_MAP: u32 = 256;
/// Bytes that perf records are filled up to a multiple of, with their length of 4 bytes before them.
const PERF_ALIGNMENT: usize = 8;

/// A scenario on two engines.
pub struct Compare<E> {
    ours: Replay,
    theirs: Replay<E>,
    maps: Vec<MapDef>,
    seen: Seen,
}

/// The runs of one packet on both.
#[derive(Default)]
struct Seen {
    ours: Vec<After>,
    theirs: Vec<After>,
}

/// What one run came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct After {
    /// Return value and verdict.
    pub run: Run,
    /// The packet afterwards: the bytes that the program sees.
    pub frame: Vec<u8>,
    /// Mark, priority, control block and the like.
    pub notes: Notes,
    /// What was sent to user space.
    pub outputs: Vec<Output>,
}

impl After {
    /// What a visitor of a replay is told of a run.
    pub fn new(run: &Run, skb: &SkBuff, effects: &Effects) -> After {
        After {
            run: run.clone(),
            frame: skb.packet.bytes().to_vec(),
            notes: skb.notes,
            outputs: effects.outputs.clone(),
        }
    }

    /// The return value as far as both engines can see it: how much a socket gets is no more than there is.
    pub fn ret(&self) -> i64 {
        match self.run.hook {
            Hook::Socket => self.run.ret().min(self.frame.len() as i64),
            _ => self.run.ret(),
        }
    }
}

/// The first thing that differs, on a packet or at the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Difference {
    /// A run on a packet.
    Run {
        /// Packet, from 0.
        packet: u32,
        /// Where.
        hook: Hook,
        /// Which program.
        program: ProgId,
        /// What differs, at least one.
        aspects: Vec<Aspect>,
    },
    /// One ran more programs on the packet than the other: its way ended earlier.
    Way {
        /// Packet, from 0.
        packet: u32,
        /// How many ran here.
        ours: usize,
        /// How many ran there.
        theirs: usize,
    },
    /// An entry of a map.
    Map {
        /// The packet after which it differs, from 0; `None` at the end.
        packet: Option<u32>,
        /// Which map.
        map: MapId,
        /// Key, as user space has it.
        key: Vec<u8>,
        /// Value here, if there is one.
        ours: Option<Vec<u8>>,
        /// Value there, if there is one.
        theirs: Option<Vec<u8>>,
    },
}

/// What differs of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Aspect {
    /// The run ended in a fault here, which a kernel's never does.
    Fault {
        /// Its text.
        ours: String,
        /// What the program returned there.
        theirs: i64,
    },
    /// The return value, as far as both can see it.
    Return {
        /// Value and verdict here.
        ours: (i64, &'static str),
        /// Value and verdict there.
        theirs: (i64, &'static str),
    },
    /// The packet's bytes.
    Frame {
        /// First byte that differs.
        at: usize,
        /// The packet here.
        ours: Vec<u8>,
        /// The packet there.
        theirs: Vec<u8>,
    },
    /// A field of the context that a program may change.
    Field {
        /// The field's name.
        name: &'static str,
        /// Value here.
        ours: u32,
        /// Value there.
        theirs: u32,
    },
    /// What was sent to user space.
    Outputs {
        /// Records here.
        ours: Vec<Output>,
        /// Records there.
        theirs: Vec<Output>,
    },
}

impl<E: Engine + Contents> Compare<E> {
    /// The same scenario, set up on both.
    pub fn new(mut ours: Replay, theirs: Replay<E>, loaded: &Loaded) -> Compare<E> {
        if !theirs.engine().keeps_group_storage() {
            ours.machine_mut().as_in_test_runs();
        }
        Compare { ours, theirs, maps: loaded.maps.clone(), seen: Seen::default() }
    }

    /// The simulator's replay.
    pub fn ours(&self) -> &Replay {
        &self.ours
    }

    /// The other's.
    pub fn theirs(&self) -> &Replay<E> {
        &self.theirs
    }

    /// Takes a packet through both; the first difference. What the other engine cannot run is not run here either, so that
    /// maps stay the same.
    ///
    /// # Errors
    /// The other engine cannot run a program on it.
    pub fn packet(&mut self, packet: &Packet<'_>) -> Result<Option<Difference>, E::Error> {
        self.theirs.takes(packet)?;
        let Seen { ours, theirs } = &mut self.seen;
        ours.clear();
        theirs.clear();
        // A kernel's test runs do not tell where a packet is redirected to, nor its tag; so far as the runs are the same, it is there.
        let mut hints = Vec::new();
        self.ours.packet(packet, &mut NoObserver, |run, skb, effects| {
            ours.push(After::new(run, skb, effects));
            hints.push(Hint::of(effects, skb));
        });
        self.theirs.hint(&hints);
        self.theirs.next(packet, |run, skb, effects| theirs.push(After::new(run, skb, effects)))?;
        let small = |def: &MapDef| def.max_entries <= SMALL_MAP;
        Ok(self.runs(packet.index).or_else(|| self.contents(Some(packet.index), small)))
    }

    /// What differs after the last packet: any map.
    pub fn end(&self) -> Option<Difference> {
        self.contents(None, |_| true)
    }

    fn runs(&self, packet: u32) -> Option<Difference> {
        let Seen { ours, theirs } = &self.seen;
        for (ours, theirs) in ours.iter().zip(theirs) {
            let aspects = aspects(ours, theirs);
            if !aspects.is_empty() {
                let Run { hook, program, .. } = ours.run;
                return Some(Difference::Run { packet, hook, program, aspects });
            }
        }
        let (ours, theirs) = (ours.len(), theirs.len());
        (ours != theirs).then_some(Difference::Way { packet, ours, theirs })
    }

    fn contents(&self, packet: Option<u32>, which: impl Fn(&MapDef) -> bool) -> Option<Difference> {
        for (map, def) in (0..).map(MapId).zip(&self.maps) {
            if !which(def) {
                continue;
            }
            let Some(ours) = comparable(self.ours.engine(), map, def) else { continue };
            let mut theirs = comparable(self.theirs.engine(), map, def).unwrap_or_default();
            let mut differs = None;
            for (key, value) in &ours {
                let other = theirs.remove(key);
                if other.as_ref() != Some(value) {
                    differs = Some((key.clone(), Some(value.clone()), other));
                    break;
                }
            }
            let more = theirs.pop_first().map(|(key, value)| (key, None, Some(value)));
            if let Some(((key, _), ours, theirs)) = differs.or(more) {
                return Some(Difference::Map { packet, map, key, ours, theirs });
            }
        }
        None
    }
}

/// Entries of a map by key and, where there are no keys, by their order.
pub type Comparable = BTreeMap<(Vec<u8>, usize), Vec<u8>>;

/// What a map holds as far as engines can be compared by it. `None` for maps that are not compared, such as those that
/// hold programs or devices. Lists and trees are left out of the values: of a kernel's come addresses of its own.
pub fn comparable(engine: &impl Contents, map: MapId, def: &MapDef) -> Option<Comparable> {
    if !is_readable(def) {
        return None;
    }
    let numbered = engine.entries(map).enumerate().map(|(at, (key, mut value))| {
        for list in def.special.iter().filter(|field| matches!(field.kind, FieldKind::ListHead | FieldKind::RbRoot)) {
            let start = list.offset as usize;
            value.get_mut(start..start + list.size as usize).unwrap_or_default().fill(0);
        }
        let order = if key.is_empty() { at } else { 0 };
        ((key, order), value)
    });
    Some(numbered.collect())
}

/// Whether both engines can show what a map holds: programs, maps and devices have other numbers in a kernel.
fn is_readable(def: &MapDef) -> bool {
    matches!(
        def.map_type,
        MapType::Hash
            | MapType::Array
            | MapType::PercpuHash
            | MapType::PercpuArray
            | MapType::LruHash
            | MapType::LruPercpuHash
            | MapType::LpmTrie
            | MapType::Queue
            | MapType::Stack
    )
}

fn aspects(ours: &After, theirs: &After) -> Vec<Aspect> {
    let mut aspects = Vec::new();
    match &ours.run.outcome.fault {
        Some(fault) => aspects.push(Aspect::Fault { ours: fault.to_string(), theirs: theirs.run.ret() }),
        None if ours.ret() != theirs.ret() => {
            let of = |after: &After| (after.run.ret(), after.run.verdict_name());
            aspects.push(Aspect::Return { ours: of(ours), theirs: of(theirs) });
        }
        None => {}
    }
    if ours.frame != theirs.frame {
        let same = ours.frame.iter().zip(&theirs.frame).take_while(|(a, b)| a == b).count();
        aspects.push(Aspect::Frame { at: same, ours: ours.frame.clone(), theirs: theirs.frame.clone() });
    }
    if ours.run.hook.is_tc() || ours.run.hook.is_cgroup() {
        let (our, their) = (&ours.notes, &theirs.notes);
        let mut field = |name, ours, theirs| {
            if ours != theirs {
                aspects.push(Aspect::Field { name, ours, theirs });
            }
        };
        field("mark", our.mark, their.mark);
        field("priority", our.priority, their.priority);
        for (name, at) in ["cb[0]", "cb[1]", "cb[2]", "cb[3]", "cb[4]"].into_iter().zip(0..) {
            field(name, our.cb[at], their.cb[at]);
        }
    }
    if !same_outputs(&ours.outputs, &theirs.outputs) {
        aspects.push(Aspect::Outputs { ours: records(&ours.outputs), theirs: records(&theirs.outputs) });
    }
    aspects
}

/// What goes through maps: lines of the trace pipe are everybody's and cannot be told apart, and of what a buffer had no
/// room for a kernel keeps nothing.
fn records(outputs: &[Output]) -> Vec<Output> {
    let goes = |output: &&Output| matches!(output, Output::PerfEvent { .. } | Output::Ringbuf { .. });
    outputs.iter().filter(goes).cloned().collect()
}

fn same_outputs(ours: &[Output], theirs: &[Output]) -> bool {
    let (ours, theirs) = (records(ours), records(theirs));
    let same = |(ours, theirs): (&Output, &Output)| match (ours, theirs) {
        (Output::PerfEvent { map, data, .. }, Output::PerfEvent { map: other, data: filled, .. }) => {
            map == other && filled.starts_with(data) && filled.len() < data.len() + PERF_ALIGNMENT
        }
        (ours, theirs) => ours == theirs,
    };
    // The kernel's come map by map.
    let by_map = |output: &Output| match output {
        Output::PerfEvent { map, .. } | Output::Ringbuf { map, .. } => map.index(),
        Output::Printk(_) | Output::Lost { .. } => 0,
    };
    let sorted = |mut outputs: Vec<Output>| {
        outputs.sort_by_key(by_map);
        outputs
    };
    let (ours, theirs) = (sorted(ours), sorted(theirs));
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::{Compiled, Source},
        net::LinkType,
        object::LoadOptions,
        vm::Config,
    };

    /// Two programs on simulated machines, which stand for two engines.
    fn difference(ours: &str, theirs: &str) -> Option<Difference> {
        let compiled = |text: &str| Compiled::new(&Source::Asm(text.into()), "x.s", &LoadOptions::default()).unwrap();
        let (ours, theirs) = (compiled(ours), compiled(theirs));
        let replay = |c: &Compiled| Replay::new(&c.loaded, &[], &[], Config::default()).unwrap();
        let mut compare = Compare::new(replay(&ours), replay(&theirs), &ours.loaded);
        let data = &[7; 60];
        let packet = Packet { index: 3, time_ns: 0, link: LinkType::Ethernet, orig_len: 60, offset: 0, data };
        let Ok(found) = compare.packet(&packet);
        found.or_else(|| compare.end())
    }

    fn aspects_of(ours: &str, theirs: &str) -> Vec<Aspect> {
        match difference(ours, theirs) {
            Some(Difference::Run { packet: 3, aspects, .. }) => aspects,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_the_same_does_not_differ() {
        let program = ".map m, array, key=4, value=8, entries=2\n.section tc\nr0 = 0\nexit";
        assert_eq!(difference(program, program), None);
    }

    #[test]
    fn return_values_differ_as_the_hook_reads_them() {
        let aspects = aspects_of(".section tc\nr0 = 2\nexit", ".section tc\nr0 = 0\nexit");
        assert_eq!(aspects, [Aspect::Return { ours: (2, "TC_ACT_SHOT"), theirs: (0, "TC_ACT_OK") }]);
    }

    #[test]
    fn a_socket_filter_that_lets_all_pass_is_the_same_whatever_more_it_returns() {
        assert_eq!(difference(".section socket\nr0 = -1\nexit", ".section socket\nr0 = 60\nexit"), None);
        let aspects = aspects_of(".section socket\nr0 = 59\nexit", ".section socket\nr0 = 60\nexit");
        assert_eq!(aspects, [Aspect::Return { ours: (59, "TRIM"), theirs: (60, "PASS") }]);
    }

    #[test]
    fn a_frame_differs_at_its_first_byte_that_does() {
        let write = |at| {
            format!(
                ".section tc\nr2 = *(u32 *)(r1 + 76)\nr3 = *(u32 *)(r1 + 80)\nr0 = r2\nr0 += 20\n\
                 if r0 > r3 goto out\n*(u8 *)(r2 + {at}) = 1\nout: r0 = 0\nexit"
            )
        };
        let aspects = aspects_of(&write(5), &write(9));
        assert!(matches!(&aspects[..], [Aspect::Frame { at: 5, ours, .. }] if ours[5] == 1), "{aspects:?}");
    }

    #[test]
    fn fields_and_maps_differ_by_name_and_key() {
        let mark = |n| format!(".section tc\nr2 = {n}\n*(u32 *)(r1 + 8) = r2\nr0 = 0\nexit");
        let aspects = aspects_of(&mark(1), &mark(2));
        assert_eq!(aspects, [Aspect::Field { name: "mark", ours: 1, theirs: 2 }]);
        let store = |n| {
            format!(
                ".map m, array, key=4, value=8, entries=2\n.section tc\nr2 = 1\n*(u32 *)(r10 - 4) = r2\nr2 = r10\nr2 += -4\n\
                 r1 = m ll\ncall bpf_map_lookup_elem\nif r0 == 0 goto out\nr2 = {n}\n*(u64 *)(r0 + 0) = r2\n\
                 out: r0 = 0\nexit"
            )
        };
        let found = difference(&store(1), &store(2));
        let Some(Difference::Map { packet: Some(3), key, ours, theirs, .. }) = found else { panic!("{found:?}") };
        assert_eq!((key[0], ours.unwrap()[0], theirs.unwrap()[0]), (1, 1, 2));
    }
}
