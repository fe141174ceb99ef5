//! Objects that clang makes: all of them load, and the instructions are those that libbpf makes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use bpfscope_core::isa::{Names, RawInsn, assemble, disassemble};
use bpfscope_core::kernel::{Hook, InitialValue, KernelVersion, MapDef, Program, ValueFormat};
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

// ---- what libbpf is not asked ----

#[test]
fn initial_values_of_prog_arrays_and_maps_of_maps_come_along() {
    if !clang::available("initial values") {
        return;
    }
    let loaded = load(&compile("tailcall.c", Flags::USUAL), &LoadOptions::default());
    let values: Vec<_> = loaded.maps[0].initial.iter().map(|e| (e.key[0], e.value.clone())).collect();
    let program = |name: &str| InitialValue::Program(name.to_owned());
    assert_eq!(values, [(0, program("ipv4")), (2, program("ipv6"))]);

    let loaded = load(&compile("innermaps.c", Flags::USUAL), &LoadOptions::default());
    let at = |name: &str| loaded.maps.iter().position(|m| m.name == name).expect("a map of the object");
    let sides = &loaded.maps[at("sides")];
    let values: Vec<_> = sides.initial.iter().map(|e| (e.key[0], e.value.clone())).collect();
    let map = |name: &str| InitialValue::Map(bpfscope_core::kernel::MapId(at(name) as u32));
    assert_eq!(values, [(0, map("left")), (2, map("right"))]);
    let inner = loaded.maps[at("by_host")].inner.as_ref().expect("a template");
    assert_eq!((inner.key_size, inner.value_size, inner.max_entries, inner.flags), (2, 4, 16, 1));
}

#[test]
fn values_are_shown_by_their_types() {
    if !clang::available("formats") {
        return;
    }
    let loaded = load(&compile("globals.c", Flags::USUAL), &LoadOptions::default());
    let map = |name: &str| loaded.maps.iter().find(|m| m.name == name).expect("a data section");
    let ValueFormat::Struct(members) = &map(".data").value_format else { panic!("no members") };
    let names: Vec<(&str, u32)> = members.iter().map(|m| (m.name.as_str(), m.size)).collect();
    assert_eq!(names, [("seen", 4), ("total", 8)]);
    let InitialValue::Bytes(data) = &map(".data").initial[0].value else { panic!("no bytes") };
    let at = members[0].offset as usize;
    assert_eq!(data[at..at + 4], [7, 0, 0, 0]);
    assert!(map(".bss").initial.is_empty());

    let loaded = load(&compile("buffers.c", Flags::USUAL), &LoadOptions::default());
    let routes = loaded.maps.iter().find(|m| m.name == "routes").expect("a map");
    let ValueFormat::Struct(key) = &routes.key_format else { panic!("no members") };
    assert_eq!(key[0].format, ValueFormat::Int { signed: false });
    assert!(matches!(key[1].format, ValueFormat::Array { stride: 1, .. }));
}

#[test]
fn source_lines_name_file_line_and_text() {
    if !clang::available("source lines") {
        return;
    }
    let loaded = load(&compile("subprogs.c", Flags::USUAL), &LoadOptions::default());
    let second = program(&loaded, "second");
    let leaf = second.funcs.iter().find(|f| f.name == "leaf").expect("a subprogram");
    let line = second.line_at(leaf.start).expect("a line");
    let text = std::fs::read_to_string(clang::objects().join("subprogs.c")).unwrap_or_else(|e| panic!("{e}"));
    assert!(line.file.ends_with("subprogs.c"));
    assert_eq!(text.lines().nth(line.line as usize - 1), Some(line.text.as_str()));
    let names: Vec<&str> = program(&loaded, "first").funcs.iter().map(|f| f.name.as_str()).collect();
    assert!(!names.contains(&"unused_by_xdp"), "{names:?}: only what is called is taken along");
}

#[test]
fn hooks_follow_from_sections_and_can_be_chosen() {
    if !clang::available("hooks") {
        return;
    }
    let loaded = load(&compile("sections.c", Flags::USUAL), &LoadOptions::default());
    let hooks: Vec<_> = loaded.programs.iter().map(|p| (p.name.as_str(), p.hook)).collect();
    assert!(hooks.contains(&("tcx_out", Some(Hook::TcEgress))), "{hooks:?}");
    assert!(hooks.contains(&("xdp_frags", Some(Hook::Xdp))), "{hooks:?}");

    let odd = "__attribute__((section(\"my_prog\"))) int f(void *ctx) { return 0; }";
    let object = Object::parse(&clang::compile_text(odd, Flags::USUAL)).unwrap_or_else(|e| panic!("{e}"));
    let error = object.load(&LoadOptions::default()).expect_err("no type is known");
    assert!(error.to_string().contains("my_prog"), "{error}");
    let options = LoadOptions { hook: Some(Hook::TcEgress), ..LoadOptions::default() };
    let loaded = object.load(&options).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(loaded.programs[0].hook, Some(Hook::TcEgress));

    let traced = "__attribute__((section(\"fentry/x\"))) int f(void *ctx) { return 0; }";
    let object = Object::parse(&clang::compile_text(traced, Flags::USUAL)).unwrap_or_else(|e| panic!("{e}"));
    let error = object.load(&LoadOptions::default()).expect_err("not simulated");
    assert!(error.to_string().contains("tracing"), "{error}");
}

#[test]
fn old_map_structs_and_tail_call_sections_load() {
    if !clang::available("legacy objects") {
        return;
    }
    let loaded = load(&compile("legacy.c", Flags::USUAL), &LoadOptions::default());
    let maps: Vec<_> = loaded.maps.iter().map(|m| (m.name.as_str(), m.key_size, m.max_entries, m.flags)).collect();
    assert_eq!(maps, [("counts", 4, 256, 0), ("others", 2, 10, 1)]);
    assert!(loaded.notes.iter().any(|n| n.contains("socket1")), "{:?}", loaded.notes);

    let iproute2 = Flags { more: &["-DIPROUTE2"], ..Flags::USUAL };
    let loaded = load(&compile("legacy.c", iproute2), &LoadOptions::default());
    assert_eq!(loaded.maps[0].initial[0].value, InitialValue::Program("target".to_owned()));
    assert_eq!(loaded.maps[0].initial[0].key, [1, 0, 0, 0]);
    assert_eq!(program(&loaded, "target").prog_type, program(&loaded, "entry").prog_type);
}

#[test]
fn configuration_values_come_from_the_chosen_kernel() {
    if !clang::available("configuration values") {
        return;
    }
    let object = compile("kconfig.c", Flags::USUAL);
    let options = LoadOptions { kernel: KernelVersion::new(5, 15), ..LoadOptions::default() };
    let loaded = load(&object, &options);
    let config = loaded.maps.iter().find(|m| m.name == ".kconfig").expect("the map of values");
    let InitialValue::Bytes(bytes) = &config.initial[0].value else { panic!("no bytes") };
    let ValueFormat::Struct(members) = &config.value_format else { panic!("no members") };
    let value = |name: &str| {
        let member = members.iter().find(|m| m.name == name).expect("a value");
        &bytes[member.offset as usize..][..member.size as usize]
    };
    assert_eq!(value("LINUX_KERNEL_VERSION"), 0x050f00_u32.to_le_bytes());
    assert_eq!(value("CONFIG_BPF_SYSCALL"), [1]);
    assert_eq!(value("CONFIG_MISSING_LONG"), [0; 8]);

    let strong = "
        extern int CONFIG_NO_SUCH_OPTION __attribute__((section(\".kconfig\")));
        __attribute__((section(\"xdp\"))) int f(void *ctx) { return CONFIG_NO_SUCH_OPTION; }";
    let object = Object::parse(&clang::compile_text(strong, Flags::USUAL)).unwrap_or_else(|e| panic!("{e}"));
    let error = object.load(&LoadOptions::default()).expect_err("not weak");
    assert!(error.to_string().contains("CONFIG_NO_SUCH_OPTION"), "{error}");
}

#[test]
fn kernel_functions_are_named_at_their_calls() {
    if !clang::available("kernel functions") {
        return;
    }
    let text = "
        #define KSYM __attribute__((section(\".ksyms\")))
        extern int bpf_strong(void *) KSYM;
        extern int bpf_maybe(void *) KSYM __attribute__((weak));
        __attribute__((section(\"xdp\"))) int f(void *ctx) {
            if (bpf_maybe) return bpf_maybe(ctx);
            return *(int *)ctx ? 2 : bpf_strong(ctx);
        }";
    let loaded = load(&clang::compile_text(text, Flags::USUAL), &LoadOptions::default());
    assert!(loaded.notes.iter().any(|n| n.contains("`bpf_strong`") && n.contains("instruction")), "{:?}", loaded.notes);
    let insns = &loaded.programs[0].insns;
    assert!(insns.iter().any(|i| i.opcode == 0x85 && i.src == 2), "a call of a kernel function stays one");
    assert_eq!((insns[0].opcode == 0x18).then_some((insns[0].src, insns[0].imm)), Some((0, 0)), "a weak one is 0");
}

#[test]
fn core_without_kernel_types_uses_the_objects_own_and_says_so() {
    if !clang::available("CO-RE without types") {
        return;
    }
    let loaded = load(&compile("core.c", Flags::USUAL), &LoadOptions::default());
    let note = loaded.notes.iter().find(|n| n.contains("laid out in the object")).expect("a note");
    assert!(note.contains("struct __sk_buff") && note.contains("struct net_device"), "{note}");
}

#[test]
fn what_the_target_lacks_becomes_a_call_that_no_kernel_knows() {
    let text = "
        #define CORE __attribute__((preserve_access_index))
        struct net_device { int ifindex; long no_such_field; } CORE;
        __attribute__((section(\"kprobe/x\"))) int f(struct net_device *d) {
            return d->ifindex ? 0 : d->no_such_field;
        }";
    let ready = clang::available("missing fields");
    let Some(btf) = machine_btf().filter(|_| ready) else { return };
    let options = LoadOptions { btf: Some(btf), ..LoadOptions::default() };
    let loaded = load(&clang::compile_text(text, Flags::USUAL), &options);
    let poisoned = loaded.programs[0].insns.iter().filter(|i| i.opcode == 0x85 && i.imm == 195_896_080);
    assert_eq!(poisoned.count(), 1);
    assert!(loaded.notes.iter().any(|n| n.contains("struct net_device.no_such_field")), "{:?}", loaded.notes);
}

// ---- linking ----

#[test]
fn linked_files_are_what_bpftool_links() {
    if !clang::available("linking") {
        return;
    }
    for flags in Flags::matrix() {
        let files = [compile("link_a.c", flags), compile("link_b.c", flags)];
        let objects = files.iter().map(|b| Object::parse(b).unwrap_or_else(|e| panic!("{e}"))).collect();
        let linked = Object::link(objects).unwrap_or_else(|e| panic!("{e}"));
        let ours = load(&linked.write(), &LoadOptions::default());
        let choose = program(&ours, "check").funcs.iter().filter(|f| f.name == "choose").count();
        assert!(choose <= 1, "the weak definition is gone");
        let Some(theirs) = by_bpftool(&files) else {
            return clang::skip("linking", "no bpftool");
        };
        let case = format!("{} {}", flags.optimise, flags.cpu);
        let theirs = load(&theirs, &LoadOptions::default());
        for wanted in &theirs.programs {
            assert_eq!(program(&ours, &wanted.name).insns, wanted.insns, "{case}: {}", wanted.name);
        }
        // Types are the same under numbers of their own.
        let maps = |loaded: &Loaded| -> Vec<MapDef> {
            loaded.maps.iter().map(|def| MapDef { key_type: 0, value_type: 0, ..def.clone() }).collect()
        };
        assert_eq!(maps(&ours), maps(&theirs), "{case}");
        if bpfscope_tests::kernel::available("loading linked objects")
            && let Some(by_libbpf) = by_libbpf(&linked.write())
        {
            let ours = load(&linked.write(), &LoadOptions { btf: machine_btf(), ..LoadOptions::default() });
            compare(&case, &ours, &by_libbpf);
        }
    }
}

fn by_bpftool(files: &[Vec<u8>]) -> Option<Vec<u8>> {
    let directory = clang::scratch("link");
    let mut command = Command::new("bpftool");
    command.args(["gen", "object"]).arg(directory.join("out.o"));
    for (number, bytes) in files.iter().enumerate() {
        let path = directory.join(format!("in{number}.o"));
        std::fs::write(&path, bytes).unwrap_or_else(|e| panic!("{e}"));
        command.arg(path);
    }
    let output = command.output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = std::fs::read(directory.join("out.o")).ok();
    let _ = std::fs::remove_dir_all(directory);
    bytes
}

// ---- text and back ----

#[test]
fn disassembled_and_assembled_objects_have_the_same_bytes() {
    if !clang::available("round trips") {
        return;
    }
    for source in COMMON.into_iter().chain(["sections.c", "legacy.c", "link_a.c", "link_b.c"]) {
        for flags in Flags::matrix() {
            let case = format!("{source} {} {}", flags.optimise, flags.cpu);
            let object = Object::parse(&compile(source, flags)).unwrap_or_else(|e| panic!("{case}: {e}"));
            let mut unit = object.to_unit();
            unit.check().unwrap_or_else(|e| panic!("{case}: {e}"));
            let listing = disassemble(&unit, &Names::NONE);
            let mut again = assemble(&listing.text, &Names::NONE).unwrap_or_else(|e| panic!("{case}: {e:?}"));
            // Lines are those of the C source on one side and of the listing on the other.
            unit.lines.clear();
            again.lines.clear();
            again.sort();
            assert_eq!(unit, again, "{case}");
            let written = Object::from_unit(&again).unwrap_or_else(|e| panic!("{case}: {e}"));
            let mut back = written.to_unit();
            back.lines.clear();
            assert_eq!(back, unit, "{case}: written as an object");
        }
    }
}

// ---- hostile input ----

#[test]
fn damaged_objects_of_a_compiler_give_errors() {
    if !clang::available("damaged objects") {
        return;
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for source in COMMON.into_iter().chain(["legacy.c", "link_a.c"]) {
        let good = compile(source, Flags::USUAL);
        for _ in 0..ROUNDS {
            let mut bytes = good.clone();
            for _ in 0..1 + random(6) {
                let at = random(bytes.len());
                bytes[at] = [0, 1, 4, 0x7f, 0x80, 0xff, random(256) as u8][random(7)];
            }
            let Ok(object) = Object::parse(&bytes) else { continue };
            let _ = object.load(&LoadOptions { hook: Some(Hook::Xdp), btf: object.btf(), ..LoadOptions::default() });
            let unit = object.to_unit();
            let _ = bpfscope_core::object::write_unit(&unit, None);
            let _ = Object::link(vec![object.clone(), object]);
        }
    }
}

/// Damaged copies of each object; more when `FUZZ_ROUNDS` says so.
const ROUNDS: usize = match option_env!("FUZZ_ROUNDS") {
    Some(text) => match usize::from_str_radix(text, 10) {
        Ok(rounds) => rounds,
        Err(_) => 200,
    },
    None => 200,
};
