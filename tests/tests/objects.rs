//! Objects that clang makes: all of them load, and the instructions are those that libbpf makes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::{Hook, InitialValue, KernelVersion, Program, ValueFormat};
use bpfscope_core::object::{Btf, LoadOptions, Loaded, Object};
use bpfscope_tests::clang::{self, Flags, compile};

/// Programs that libbpf 1.x loads too.
const COMMON: [&str; 8] =
    ["buffers.c", "core.c", "counter.c", "globals.c", "innermaps.c", "kconfig.c", "subprogs.c", "tailcall.c"];

fn load(bytes: &[u8], options: &LoadOptions<'_>) -> Loaded {
    let loaded = Object::parse(bytes).and_then(|object| object.load(options)).unwrap_or_else(|e| panic!("{e}"));
    assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
    loaded
}

fn program<'a>(loaded: &'a Loaded, name: &str) -> &'a Program {
    loaded.programs.iter().find(|p| p.name == name).unwrap_or_else(|| panic!("no program {name}"))
}

/// This machine's kernel types.
fn machine_btf() -> Option<&'static Btf> {
    static BTF: OnceLock<Option<Btf>> = OnceLock::new();
    let read = || {
        let bytes = std::fs::read("/sys/kernel/btf/vmlinux").ok()?;
        Some(Btf::parse(&bytes).unwrap_or_else(|e| panic!("this kernel's types: {e}")))
    };
    BTF.get_or_init(read).as_ref()
}

#[test]
fn every_program_loads_whatever_the_optimisation_and_instruction_set() {
    if !clang::available("loading") {
        return;
    }
    for source in COMMON.into_iter().chain(["sections.c", "legacy.c"]) {
        for flags in Flags::matrix() {
            let loaded = load(&compile(source, flags), &LoadOptions::default());
            for p in &loaded.programs {
                assert!(!p.insns.is_empty() && p.funcs[0].name == p.name, "{source} {flags:?} {}", p.name);
                assert_eq!(p.funcs.last().map(|f| f.end.index()), Some(p.insns.len()), "{source} {flags:?}");
                assert!(p.lines.is_sorted_by(|a, b| a.pc < b.pc) && !p.lines.is_empty(), "{source} {flags:?}");
            }
        }
    }
}

// ---- libbpf as the oracle ----

/// The small C program around libbpf, compiled once.
fn libbpf_insns() -> Option<&'static PathBuf> {
    static TOOL: OnceLock<Option<PathBuf>> = OnceLock::new();
    TOOL.get_or_init(|| {
        let tool = clang::scratch("libbpf").join("libbpf_insns");
        let source = clang::objects().join("libbpf_insns.c");
        let output = Command::new("gcc").arg("-o").arg(&tool).arg(source).args(["-lbpf", "-lelf", "-lz"]).output();
        output.is_ok_and(|o| o.status.success()).then_some(tool)
    })
    .as_ref()
}

/// What libbpf makes of an object, with maps by name.
struct Theirs {
    /// Name, type, sizes of key and value, entries, flags.
    maps: Vec<(String, [u32; 5])>,
    /// Name, type, instructions with map descriptors.
    programs: Vec<(String, u32, Vec<RawInsn>)>,
    names: HashMap<i32, String>,
}

fn by_libbpf(object: &[u8]) -> Option<Theirs> {
    let directory = clang::scratch("object");
    let path = directory.join("object.o");
    std::fs::write(&path, object).unwrap_or_else(|e| panic!("{e}"));
    let output = Command::new(libbpf_insns()?).arg(&path).output().unwrap_or_else(|e| panic!("{e}"));
    let _ = std::fs::remove_dir_all(directory);
    assert!(output.status.success(), "libbpf: {}", String::from_utf8_lossy(&output.stderr));
    let mut theirs = Theirs { maps: Vec::new(), programs: Vec::new(), names: HashMap::new() };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| words[at].parse::<u32>().unwrap_or_else(|e| panic!("{line}: {e}"));
        if words[0] == "map" {
            // libbpf puts part of the file's name before those of global data.
            let name = words[7].trim_start_matches("object").to_owned();
            theirs.names.insert(number(1) as i32, name.clone());
            theirs.maps.push((name, [number(2), number(3), number(4), number(5), number(6)]));
        } else {
            theirs.programs.push((words[2].to_owned(), number(1), insns_of(words[3])));
        }
    }
    Some(theirs)
}

fn insns_of(hex: &str) -> Vec<RawInsn> {
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[i * 2..i * 2 + 2], 16).unwrap_or_else(|e| panic!("{e}")))
        .collect();
    bytes.chunks_exact(8).map(|b| RawInsn::from_bytes(b.try_into().expect("eight bytes"))).collect()
}

/// The slots of map loads, with the map's name.
fn map_loads(insns: &[RawInsn], name: impl Fn(i32) -> String) -> Vec<(usize, String)> {
    let loads = insns.iter().enumerate().filter(|(_, i)| i.opcode == 0x18 && matches!(i.src, 1 | 2));
    loads.map(|(at, i)| (at, name(i.imm))).collect()
}

fn without_maps(insns: &[RawInsn]) -> Vec<RawInsn> {
    let blank = |i: &RawInsn| if i.opcode == 0x18 && matches!(i.src, 1 | 2) { RawInsn { imm: 0, ..*i } } else { *i };
    insns.iter().map(blank).collect()
}

#[test]
fn instructions_and_maps_are_those_that_libbpf_makes() {
    let ready = clang::available("libbpf's instructions") && bpfscope_tests::kernel::available("libbpf's instructions");
    if !ready {
        return;
    }
    if libbpf_insns().is_none() {
        clang::skip("libbpf's instructions", "no gcc or libbpf-dev");
        return;
    }
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel: KernelVersion = kernel.trim().parse().unwrap_or_else(|e| panic!("{e}"));
    for source in COMMON {
        for flags in Flags::matrix() {
            let object = compile(source, flags);
            let Some(theirs) = by_libbpf(&object) else { continue };
            let ours = load(&object, &LoadOptions { kernel, btf: machine_btf(), ..LoadOptions::default() });
            let case = format!("{source} {} {}", flags.optimise, flags.cpu);
            compare(&case, &ours, &theirs);
        }
    }
}

fn compare(case: &str, ours: &Loaded, theirs: &Theirs) {
    let names: Vec<&str> = ours.maps.iter().map(|m| m.name.as_str()).collect();
    let their_names: Vec<&str> = theirs.maps.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, their_names, "{case}");
    for (map, (name, numbers)) in ours.maps.iter().zip(&theirs.maps) {
        // The number of processors is the machine's, and the patch level of the kernel is not known here.
        let per_cpu = map.map_type.name() == "perf_event_array";
        let entries = if per_cpu { numbers[3] } else { map.max_entries };
        let mine = [map.map_type.number(), map.key_size, map.value_size, entries, map.flags];
        assert_eq!(&mine, numbers, "{case}: map {name}");
    }
    for (name, prog_type, insns) in &theirs.programs {
        let program = program(ours, name);
        assert_eq!(program.prog_type as u32, *prog_type, "{case}: {name}");
        let mine = map_loads(&program.insns, |id| names[id as usize].to_owned());
        let wanted = map_loads(insns, |fd| theirs.names[&fd].clone());
        assert_eq!(mine, wanted, "{case}: {name}: maps");
        let (mine, wanted) = (without_maps(&program.insns), without_maps(insns));
        assert_eq!(mine.len(), wanted.len(), "{case}: {name}: length");
        for (at, (mine, wanted)) in mine.iter().zip(&wanted).enumerate() {
            assert_eq!(mine, wanted, "{case}: {name}: instruction {at}");
        }
    }
    assert_eq!(ours.programs.len(), theirs.programs.len(), "{case}");
}
