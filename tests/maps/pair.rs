//! A map twice: in the kernel and in the simulator. Every call is made on both, and the answers must be the same.

use std::collections::BTreeMap;

use bpfscope_core::kernel::{MapDef, MapId};
use bpfscope_core::maps::{Limits, MapStore};
use bpfscope_tests::kernel::{Map, MapSpec, Prog, ProgSpec, RunSpec, possible_cpus};

/// A call, by user space or by a program.
#[derive(Clone, Debug)]
pub enum Call {
    Lookup(Vec<u8>),
    Update(Vec<u8>, Vec<u8>, u64),
    Delete(Vec<u8>),
    LookupAndDelete,
    NextKey(Option<Vec<u8>>),
    ProgLookup(Vec<u8>),
    ProgUpdate(Vec<u8>, Vec<u8>, u64),
    ProgDelete(Vec<u8>),
    Push(Vec<u8>, u64),
    Pop,
    Peek,
}

/// What a call answers: bytes (none for calls that give none), or an errno.
pub type Answer = Result<Option<Vec<u8>>, i64>;

/// Keys and values of a map.
pub type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Numbers of the helpers (`enum bpf_func_id`).
const LOOKUP: i32 = 1;
const UPDATE: i32 = 2;
const DELETE: i32 = 3;
const PUSH: i32 = 87;
const POP: i32 = 88;
const PEEK: i32 = 89;

/// Layout of the packet that a program takes its arguments from, and leaves its result in.
const KEY: usize = 0;
const VALUE: usize = 64;
const FLAGS: usize = 128;
const RESULT: usize = 136;
const PACKET: usize = 144;

pub struct Pair {
    pub def: MapDef,
    pub sim: MapStore,
    pub kernel: Map,
    progs: BTreeMap<i32, Prog>,
    pub ordered: bool,
}

pub const ID: MapId = MapId(0);

pub fn spec(def: &MapDef) -> MapSpec {
    MapSpec {
        map_type: def.map_type.number(),
        key_size: def.key_size,
        value_size: def.value_size,
        max_entries: def.max_entries,
        flags: def.flags,
        ..MapSpec::default()
    }
}

pub fn store() -> MapStore {
    MapStore::new(Limits { cpus: possible_cpus(), ..Limits::default() })
}

impl Pair {
    /// Creates both; `ordered` tells whether the kernel's order of keys is its users' business.
    pub fn new(def: &MapDef, ordered: bool) -> Pair {
        let mut sim = store();
        sim.create(def.clone()).unwrap();
        let kernel = Map::create(&spec(def)).unwrap();
        Pair { def: def.clone(), sim, kernel, progs: BTreeMap::new(), ordered }
    }

    /// Makes a call on both.
    pub fn call(&mut self, call: &Call) -> (Answer, Answer) {
        (self.call_kernel(call), self.call_sim(call))
    }

    fn call_kernel(&mut self, call: &Call) -> Answer {
        let number = |errno: i32| i64::from(errno);
        match call {
            Call::Lookup(key) => self.kernel.lookup(key).map(Some).map_err(number),
            Call::Update(key, value, flags) => self.kernel.update(key, value, *flags).map(|()| None).map_err(number),
            Call::Delete(key) => self.kernel.delete(key).map(|()| None).map_err(number),
            Call::LookupAndDelete => self.kernel.lookup_and_delete(&[]).map(Some).map_err(number),
            Call::NextKey(key) => self.kernel.next_key(key.as_deref()).map_err(number),
            Call::ProgLookup(key) => self.run(LOOKUP, key, &[], 0),
            Call::ProgUpdate(key, value, flags) => self.run(UPDATE, key, value, *flags),
            Call::ProgDelete(key) => self.run(DELETE, key, &[], 0),
            Call::Push(value, flags) => self.run(PUSH, &[], value, *flags),
            Call::Pop => self.run(POP, &[], &[], 0),
            Call::Peek => self.run(PEEK, &[], &[], 0),
        }
    }

    fn call_sim(&mut self, call: &Call) -> Answer {
        let sim = &mut self.sim;
        let size = self.def.value_size;
        let answer = match call {
            Call::Lookup(key) => sim.user_lookup(ID, key).map(Some),
            Call::Update(key, value, flags) => sim.user_update(ID, key, value, *flags).map(|()| None),
            Call::Delete(key) => sim.user_delete(ID, key).map(|()| None),
            Call::NextKey(key) => sim.next_key(ID, key.as_deref()),
            Call::ProgLookup(key) => {
                let found = sim.lookup(ID, key, 0);
                found.map(|found| found.map(|at| sim.value(ID, at.offset, size).unwrap().to_vec()))
            }
            Call::ProgUpdate(key, value, flags) => sim.update(ID, key, value, *flags, 0).map(|()| None),
            Call::ProgDelete(key) => sim.delete(ID, key).map(|()| None),
            Call::Push(value, flags) => sim.push(ID, value, *flags).map(|()| None),
            Call::Pop | Call::LookupAndDelete => {
                sim.pop(ID).map(|at| Some(sim.value(ID, at.offset, size).unwrap().to_vec()))
            }
            Call::Peek => sim.peek(ID).map(|at| Some(sim.value(ID, at.offset, size).unwrap().to_vec())),
        };
        answer.map_err(|errno| errno as i64)
    }

    /// Calls a helper from a program in the kernel.
    fn run(&mut self, helper: i32, key: &[u8], value: &[u8], flags: u64) -> Answer {
        let (def, kernel) = (&self.def, &self.kernel);
        let prog = self.progs.entry(helper).or_insert_with(|| load(helper, def, kernel.fd()));
        let mut packet = [0; PACKET];
        packet[KEY..KEY + key.len()].copy_from_slice(key);
        packet[VALUE..VALUE + value.len()].copy_from_slice(value);
        packet[FLAGS..FLAGS + 8].copy_from_slice(&flags.to_le_bytes());
        let out = prog.run(&RunSpec { data: &packet, ..RunSpec::default() }).unwrap();
        assert_eq!(out.ret, 2, "the program saw the whole packet");
        let result = i64::from_le_bytes(out.data[RESULT..RESULT + 8].try_into().unwrap());
        let value = out.data[VALUE..VALUE + def.value_size as usize].to_vec();
        match (helper, result) {
            (LOOKUP, 0) => Ok(None),
            (LOOKUP, _) | (POP | PEEK, 0) => Ok(Some(value)),
            (_, 0) => Ok(None),
            _ => Err(-result),
        }
    }

    /// Contents as user space reads them: keys in the kernel's order, if that can be the same, else sorted.
    pub fn contents(&self) -> (Entries, Entries) {
        let keys = self.kernel.keys(100_000).unwrap();
        let mut kernel: Vec<_> = keys
            .into_iter()
            .map(|key| {
                let value = self.kernel.lookup(&key).unwrap();
                (key, value)
            })
            .collect();
        let mut sim: Vec<_> = self.sim.entries(ID).collect();
        if !self.ordered {
            kernel.sort();
            sim.sort();
        }
        (kernel, sim)
    }
}

pub fn insn(code: u8, dst: u8, src: u8, off: i16, imm: i32) -> [u8; 8] {
    let mut bytes = [code, src << 4 | dst, 0, 0, 0, 0, 0, 0];
    bytes[2..4].copy_from_slice(&off.to_le_bytes());
    bytes[4..8].copy_from_slice(&imm.to_le_bytes());
    bytes
}

/// An XDP program that calls one helper with key, value and flags from the packet.
fn load(helper: i32, def: &MapDef, fd: i32) -> Prog {
    const STACK: i16 = -(PACKET as i16);
    let mut body = Vec::new();
    for word in (0..PACKET as i16).step_by(8) {
        body.push(insn(0x79, 0, 7, word, 0)); // r0 = *(u64 *)(r7 + word)
        body.push(insn(0x7b, 10, 0, STACK + word, 0)); // *(u64 *)(r10 + STACK + word) = r0
    }
    body.push(insn(0x18, 1, 1, 0, fd)); // r1 = map
    body.push(insn(0, 0, 0, 0, 0));
    let keyed = !matches!(helper, PUSH | POP | PEEK);
    let (key_reg, value_reg, flags_reg) = if keyed { (Some(2), 3, 4) } else { (None, 2, 3) };
    let mut pointer = |reg: u8, at: usize| {
        body.push(insn(0xbf, reg, 10, 0, 0)); // reg = r10
        body.push(insn(0x07, reg, 0, 0, i32::from(STACK) + at as i32)); // reg += …
    };
    key_reg.into_iter().for_each(|reg| pointer(reg, KEY));
    pointer(value_reg, VALUE);
    body.push(insn(0x79, flags_reg, 10, STACK + FLAGS as i16, 0));
    body.push(insn(0x85, 0, 0, 0, helper));
    if helper == LOOKUP {
        let copy = 2 * def.value_size as i16;
        body.push(insn(0x15, 0, 0, copy + 1, 0)); // if r0 == 0 goto store
        for byte in 0..def.value_size as i16 {
            body.push(insn(0x71, 1, 0, byte, 0));
            body.push(insn(0x73, 7, 1, VALUE as i16 + byte, 0));
        }
        body.push(insn(0xb7, 0, 0, 0, 1));
    } else if matches!(helper, POP | PEEK) {
        for byte in 0..def.value_size as i16 {
            body.push(insn(0x71, 1, 10, STACK + VALUE as i16 + byte, 0));
            body.push(insn(0x73, 7, 1, VALUE as i16 + byte, 0));
        }
    }
    body.push(insn(0x7b, 7, 0, RESULT as i16, 0)); // *(u64 *)(r7 + RESULT) = r0
    load_xdp(PACKET, body)
}

/// An XDP program that finds `len` bytes of packet at `r7`, then runs `body`, which leaves its result there, and passes.
pub fn load_xdp(len: usize, body: Vec<[u8; 8]>) -> Prog {
    let mut code = vec![
        insn(0x61, 7, 1, 0, 0), // r7 = data
        insn(0x61, 8, 1, 4, 0), // r8 = data_end
        insn(0xbf, 2, 7, 0, 0),
        insn(0x07, 2, 0, 0, len as i32),
        insn(0xb7, 0, 0, 0, 1), // r0 = XDP_DROP
        insn(0x2d, 2, 8, body.len() as i16 + 1, 0),
    ];
    code.extend(body);
    code.push(insn(0xb7, 0, 0, 0, 2)); // r0 = XDP_PASS
    code.push(insn(0x95, 0, 0, 0, 0));
    let spec = ProgSpec { prog_type: 6, insns: &code.concat(), log_level: 1, ..ProgSpec::default() };
    Prog::load(&spec).unwrap_or_else(|refused| panic!("{}", refused.log))
}
