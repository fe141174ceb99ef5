//! A loaded object put into the running kernel: what a loader does after [`Object::load`], with the bpf(2) calls of
//! [`crate::kernel`].
//!
//! [`Object::load`]: bpfscope_core::object::Object::load

use bpfscope_core::kernel::{InitialValue, MapDef, map_flags};
use bpfscope_core::object::Loaded;

use crate::kernel::{Map, MapSpec, Prog, ProgSpec};

/// Maps and programs of an object in the kernel, by the same numbers as in its [`Loaded`].
pub struct InKernel {
    /// The maps.
    pub maps: Vec<Map>,
    /// The programs.
    pub progs: Vec<Prog>,
}

/// Creates the maps, loads the programs, and stores what maps hold at the start.
///
/// # Panics
/// When the kernel refuses something, with the verifier's log.
pub fn load(loaded: &Loaded) -> InKernel {
    let maps: Vec<Map> = loaded.maps.iter().map(create).collect();
    for (map, def) in maps.iter().zip(&loaded.maps) {
        for entry in &def.initial {
            if let InitialValue::Bytes(bytes) = &entry.value {
                map.update(&entry.key, bytes, 0).unwrap_or_else(|e| panic!("map {}: errno {e}", def.name));
            }
        }
        if def.flags & map_flags::RDONLY_PROG != 0 {
            map.freeze().unwrap_or_else(|e| panic!("map {}: freezing: errno {e}", def.name));
        }
    }
    let progs: Vec<Prog> = loaded
        .programs
        .iter()
        .map(|program| {
            let mut insns = program.insns.clone();
            let mut second = false;
            for insn in &mut insns {
                // Sources 1 and 2 of a 64-bit load are a map and an address in its value.
                if !second && insn.opcode == 0x18 && matches!(insn.src, 1 | 2) {
                    insn.imm = maps[insn.imm as usize].fd();
                }
                second = !second && insn.opcode == 0x18;
            }
            let bytes: Vec<u8> = insns.iter().flat_map(|i| i.to_bytes()).collect();
            let prog_type = program.prog_type as u32;
            let spec =
                ProgSpec { prog_type, insns: &bytes, license: &program.license, log_level: 1, ..ProgSpec::default() };
            Prog::load(&spec).unwrap_or_else(|e| panic!("program {}: errno {}\n{}", program.name, e.errno, e.log))
        })
        .collect();
    for (map, def) in maps.iter().zip(&loaded.maps) {
        for entry in &def.initial {
            let fd = match &entry.value {
                InitialValue::Bytes(_) => continue,
                InitialValue::Map(id) => maps[id.index()].fd(),
                InitialValue::Program(name) => {
                    let at = loaded.programs.iter().position(|p| p.name == *name);
                    progs[at.unwrap_or_else(|| panic!("no program {name}"))].fd()
                }
            };
            map.update(&entry.key, &fd.to_ne_bytes(), 0).unwrap_or_else(|e| panic!("map {}: errno {e}", def.name));
        }
    }
    InKernel { maps, progs }
}

fn create(def: &MapDef) -> Map {
    let inner = def.inner.as_deref().map(create);
    let spec = MapSpec {
        map_type: def.map_type.number(),
        key_size: def.key_size,
        value_size: def.value_size,
        max_entries: def.max_entries,
        flags: def.flags,
        inner: inner.as_ref().map(Map::fd),
        name: def.name.clone(),
        ..MapSpec::default()
    };
    Map::create(&spec).unwrap_or_else(|e| panic!("map {}: errno {e}", def.name))
}
