//! The verifier on any instructions: it neither panics nor hangs.
//!
//! The first byte of an input picks the program type, the second the kernel and whether the loader is privileged, the
//! rest are instructions, eight bytes each (`fuzz-seeds` writes such inputs from the cases of `tests/verifier`).
#![no_main]

use bpfscope_core::isa::{Pc, RawInsn};
use bpfscope_core::kernel::{FieldKind, Func, MapDef, MapId, MapType, ProgType, Program, SpecialField, VERSIONS};
use bpfscope_core::verifier::{Options, Verifying};
use libfuzzer_sys::fuzz_target;

/// Instructions that are explored of one input.
const BUDGET: u32 = 8_000;

fuzz_target!(|input: &[u8]| {
    let [first, second, slots @ ..] = input else { return };
    let maps = maps();
    let program = program(ProgType::ALL[usize::from(*first) % ProgType::ALL.len()], slots, maps.len());
    let options = Options {
        kernel: VERSIONS[usize::from(second >> 1) % VERSIONS.len()],
        privileged: second & 1 == 0,
        log_level: 2,
        explored: true,
        ..Options::default()
    };
    Verifying::new(&program, &maps, &options).advance(&program, &maps, &options, BUDGET);
});

fn program(prog_type: ProgType, slots: &[u8], maps: usize) -> Program {
    let insns: Vec<RawInsn> = slots.as_chunks().0.iter().map(|slot| RawInsn::from_bytes(*slot)).collect();
    let end = Pc(insns.len() as u32);
    let main = Func {
        name: "main".to_owned(),
        start: Pc(0),
        end,
        section: String::new(),
        section_start: Pc(0),
        type_id: 0,
        global: true,
        exception_callback: false,
    };
    Program {
        name: "main".to_owned(),
        section: String::new(),
        prog_type,
        hook: None,
        insns,
        funcs: vec![main],
        lines: Vec::new(),
        license: "GPL".to_owned(),
        maps: (0..maps as u32).map(MapId).collect(),
        kfuncs: Vec::new(),
    }
}

/// A map of each sort that the verifier tells apart.
fn maps() -> Vec<MapDef> {
    let mut locked = MapDef::new("locked", MapType::Array, 4, 32, 4);
    let field = |kind, offset, size| SpecialField { kind, offset, size, type_id: 0, node: 0 };
    locked.special = vec![field(FieldKind::SpinLock, 0, 4), field(FieldKind::Timer, 16, 16)];
    let mut outer = MapDef::new("outer", MapType::ArrayOfMaps, 4, 4, 4);
    outer.inner = Some(Box::new(MapDef::new("inner", MapType::Array, 4, 8, 4)));
    vec![
        MapDef::new("array", MapType::Array, 4, 64, 1),
        MapDef::new("hash", MapType::Hash, 4, 8, 16),
        MapDef::new("programs", MapType::ProgArray, 4, 4, 4),
        MapDef::new("records", MapType::Ringbuf, 0, 0, 4096),
        MapDef::new("queue", MapType::Queue, 0, 8, 4),
        MapDef::new("devices", MapType::Devmap, 4, 4, 4),
        locked,
        outer,
    ]
}
