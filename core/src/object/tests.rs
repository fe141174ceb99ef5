//! Small objects, whole and broken.

use super::elf::{
    Placement, R_BPF_64_32, R_BPF_64_64, Reloc, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, STB_GLOBAL, STT_FUNC, Symbol,
};
use super::write::{Draft, DraftSection};
use super::*;
use crate::isa::assemble;
use crate::kernel::{self, Hook};

/// What is wrong, how it is made so, and what the error says.
type Case<'a, T> = (&'static str, &'a dyn Fn(&mut T), &'static str);

const GOOD: &str = "
.map counts, hash, key=4, value=8, entries=256
.map jumps, prog_array, key=4, value=4, entries=2
.entry jumps, 1, count

.section tc
.globl count
count:
        r1 = counts ll
        r1 = total ll
        call double
        r0 = 0
        exit

.text
double:
        r0 = r1
        exit

.data
total:  .long 7

.section license
        .asciz \"GPL\"
";

fn assembled(text: &str) -> Vec<u8> {
    let unit = assemble(text, &kernel::names()).unwrap_or_else(|e| panic!("{e:?}"));
    Object::from_unit(&unit).unwrap_or_else(|e| panic!("{e}")).write()
}

/// Loads whatever loads, with every way of reading an object.
fn exercise(bytes: &[u8]) {
    let Ok(object) = Object::parse(bytes) else { return };
    let _ = object.load(&LoadOptions { hook: Some(Hook::TcIngress), btf: object.btf(), ..LoadOptions::default() });
    let _ = write_unit(&object.to_unit(), None);
    let _ = Object::link(vec![object.clone(), object]);
}

/// A program of `exit`s in one section, with one function.
fn draft(section: &str, slots: usize) -> Draft {
    let exit = [0x95, 0, 0, 0, 0, 0, 0, 0];
    let code = DraftSection {
        name: section.to_owned(),
        flags: SHF_ALLOC | SHF_EXECINSTR,
        align: 8,
        data: exit.repeat(slots),
        ..DraftSection::default()
    };
    let mut draft = Draft::default();
    draft.sections.push(code);
    draft.symbols.push(symbol("main", Placement::Section(0), 0, slots as u64 * 8));
    draft
}

fn symbol(name: &str, place: Placement, value: u64, size: u64) -> Symbol {
    Symbol { name: name.to_owned(), place, value, size, kind: STT_FUNC, binding: STB_GLOBAL, visibility: 0 }
}

fn error_of(draft: &Draft) -> String {
    let bytes = draft.to_bytes().unwrap_or_else(|e| panic!("{e}"));
    let loaded = Object::parse(&bytes).and_then(|o| o.load(&LoadOptions::default()));
    loaded.err().map_or_else(|| "no error".to_owned(), |e| e.to_string())
}

#[test]
fn files_that_are_no_bpf_objects_are_named() {
    let good = assembled(GOOD);
    let cases: [Case<'_, Vec<u8>>; 7] = [
        ("nothing", &|b| b.clear(), "it starts with nothing"),
        ("a program of Windows", &|b| b[..4].copy_from_slice(b"MZ\x90\0"), "4d 5a 90 00"),
        ("a program of this machine", &|b| b[18] = 62, "x86-64"),
        ("an unknown machine", &|b| b[18..20].copy_from_slice(&[0x39, 0x30]), "machine number 12345"),
        ("big-endian", &|b| (b[5], b[18], b[19]) = (2, 0, 247), "big-endian"),
        ("32 bits", &|b| b[4] = 1, "32-bit"),
        ("cut off", &|b| b.truncate(19), "ends within its header"),
    ];
    for (what, damage, wanted) in cases {
        let mut bytes = good.clone();
        damage(&mut bytes);
        let error = Object::parse(&bytes).expect_err(what).to_string();
        assert!(error.contains(wanted), "{what}: {error}");
    }
    let error = Object::parse(&vec![0; MAX_OBJECT + 1]).expect_err("too large").to_string();
    assert!(error.contains("at most"), "{error}");
}

#[test]
fn every_way_to_cut_or_change_a_byte_is_survived() {
    let good = assembled(GOOD);
    for end in 0..good.len() {
        exercise(&good[..end]);
    }
    for at in 0..good.len() {
        for value in [0, 1, 0x7f, 0xff, good[at] ^ 0x80, good[at].wrapping_add(1)] {
            let mut bytes = good.clone();
            bytes[at] = value;
            exercise(&bytes);
        }
    }
}

#[test]
fn structures_that_do_not_fit_are_told_with_their_place() {
    let with = |change: &dyn Fn(&mut Draft)| {
        let mut draft = draft("tc", 3);
        change(&mut draft);
        error_of(&draft)
    };
    let call = |imm: i32| {
        let mut insn = vec![0x85, 0x10, 0, 0];
        insn.extend(imm.to_le_bytes());
        insn
    };
    let reloc = |offset, kind| Reloc { offset, symbol: 0, kind };
    let cases: [Case<'_, Draft>; 11] = [
        ("symbol outside", &|d| d.symbols[0].value = 100, "`main` of 24 bytes lies at byte 100 of section `tc`"),
        ("reloc outside", &|d| d.sections[0].relocs.push(reloc(20, R_BPF_64_64)), "byte 20: relocation to nowhere"),
        ("reloc off an instruction", &|d| d.sections[0].relocs.push(reloc(4, R_BPF_64_64)), "is not at an instruction"),
        ("reloc of an exit", &|d| d.sections[0].relocs.push(reloc(8, R_BPF_64_64)), "does not fit the opcode 0x95"),
        (
            "half an instruction",
            &|d| (d.sections[0].data.truncate(20), d.symbols[0].size = 0).0,
            "instructions are 8 bytes",
        ),
        ("start in an instruction", &|d| (d.symbols[0].value, d.symbols[0].size) = (4, 8), "function `main` starts"),
        (
            "call into a function",
            &|d| d.sections[0].data[..8].copy_from_slice(&call(1)),
            "instruction 0: calls instruction 2",
        ),
        ("call out of the section", &|d| d.sections[0].data[..8].copy_from_slice(&call(-9)), "calls instruction -8"),
        ("unknown section", &|d| d.sections[0].name = "my_prog".to_owned(), "`my_prog` names no program type"),
        ("type not simulated", &|d| d.sections[0].name = "lsm/x".to_owned(), "is a lsm program"),
        ("no programs", &|d| d.sections.clear(), "no programs"),
    ];
    for (what, change, wanted) in cases {
        if what == "no programs" {
            assert!(error_of(&Draft::default()).contains(wanted), "{what}");
            continue;
        }
        let error = with(change);
        assert!(error.contains(wanted), "{what}: {error}");
    }
}

#[test]
fn a_relocation_without_a_symbol_goes_nowhere() {
    let mut draft = draft("tc", 2);
    draft.sections[0].relocs.push(Reloc { offset: 0, symbol: 0, kind: R_BPF_64_32 });
    let mut bytes = draft.to_bytes().unwrap_or_else(|e| panic!("{e}"));
    let elf = Elf::parse(&bytes).unwrap_or_else(|e| panic!("{e}"));
    let rel = elf.section(".reltc").map(|i| elf.sections[i].range.start).expect("the relocations");
    bytes[rel + 12..rel + 16].copy_from_slice(&77u32.to_le_bytes());
    let error = Object::parse(&bytes).expect_err("no such symbol").to_string();
    assert!(error.contains("section `tc`, byte 0: relocation to nowhere: symbol 77"), "{error}");
}

#[test]
fn names_that_nobody_defines_are_told_at_the_instruction() {
    let mut draft = draft("xdp", 2);
    draft.sections[0].data[8] = 0x85;
    draft.symbols.push(symbol("elsewhere", Placement::Undefined, 0, 0));
    draft.sections[0].relocs.push(Reloc { offset: 8, symbol: 1, kind: R_BPF_64_32 });
    let error = error_of(&draft);
    assert!(error.contains("section `xdp`, instruction 1: `elsewhere` is not defined"), "{error}");
}

#[test]
fn damaged_types_are_told_with_their_offset() {
    let good = assembled(GOOD);
    let elf = Elf::parse(&good).unwrap_or_else(|e| panic!("{e}"));
    let btf = elf.section(".BTF").map(|i| elf.sections[i].range.start).expect("types");
    let cases = [
        (0, 0x00, "byte 0: damaged BTF: the magic number"),
        (2, 9, "byte 2: damaged BTF: version 9"),
        (4, 200, "the strings reach to byte"),
        (24 + 7, 0x1f, "byte 24: damaged BTF: type 1 is of unknown kind 31"),
        (24 + 3, 0x7f, "byte 24: damaged BTF: the name of type 1"),
    ];
    for (at, value, wanted) in cases {
        let mut bytes = good.clone();
        bytes[btf + at] = value;
        let error = Object::parse(&bytes).expect_err(wanted).to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn map_structs_that_are_too_short_are_told_by_name() {
    let mut draft = draft("xdp", 1);
    draft.sections.push(DraftSection {
        name: "maps".to_owned(),
        flags: SHF_ALLOC | SHF_WRITE,
        align: 4,
        data: vec![1; 12],
        ..DraftSection::default()
    });
    draft.symbols.push(symbol("short", Placement::Section(1), 0, 12));
    let error = error_of(&draft);
    assert!(error.contains("map `short`: has a definition of 12 bytes"), "{error}");
}

#[test]
fn a_map_of_four_thousand_million_entries_is_a_definition_like_any_other() {
    let text = ".map m, hash, key=4, value=8, entries=4294967295\n.section xdp\nf:\nr1 = m ll\nr0 = 2\nexit\n";
    let object = Object::parse(&assembled(text)).unwrap_or_else(|e| panic!("{e}"));
    let loaded = object.load(&LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(loaded.maps[0].max_entries, u32::MAX);
}

#[test]
fn one_bad_program_does_not_stop_the_others() {
    let text = ".section xdp\ngood:\nr0 = 2\nexit\n.section tc\nbad:\ncall missing\nexit\n.extern missing\n";
    let object = Object::parse(&assembled(text)).unwrap_or_else(|e| panic!("{e}"));
    let loaded = object.load(&LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(loaded.programs.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["good"]);
    assert!(matches!(&loaded.refused[..], [(name, ObjectError::Undefined { .. })] if name == "bad"));
}

#[test]
fn what_cannot_be_linked_is_named() {
    let parse = |text: &str| Object::parse(&assembled(text)).unwrap_or_else(|e| panic!("{e}"));
    let one = ".section xdp\n.globl f\nf:\nr0 = 2\nexit\n.section license\n.asciz \"GPL\"\n";
    let other = ".section tc\n.globl g\ng:\nr0 = 2\nexit\n.section license\n.asciz \"MIT\"\n";
    let cases = [
        (vec![], "the object has no programs"),
        (vec![one, one], "`f` is defined by more than one"),
        (vec![one, other], "`license` does not fit"),
    ];
    for (texts, wanted) in cases {
        let error = Object::link(texts.into_iter().map(parse).collect()).expect_err(wanted).to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_function_called_from_two_places_is_taken_along_once() {
    let text = ".section xdp\n.globl f\nf:\ncall a\ncall b\ncall a\nexit\n.text\na:\ncall b\nexit\nb:\nr0 = 0\nexit\nunused:\nexit\n";
    let object = Object::parse(&assembled(text)).unwrap_or_else(|e| panic!("{e}"));
    let loaded = object.load(&LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let program = &loaded.programs[0];
    let names: Vec<&str> = program.funcs.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["f", "a", "b"]);
    let calls: Vec<i32> = program.insns.iter().filter(|i| i.opcode == 0x85).map(|i| i.imm).collect();
    assert_eq!(calls, [3, 4, 1, 1]);
}

#[test]
fn a_unit_comes_back_from_the_object_it_was_written_as() {
    let mut unit = assemble(GOOD, &kernel::names()).unwrap_or_else(|e| panic!("{e:?}"));
    let object = Object::from_unit(&unit).unwrap_or_else(|e| panic!("{e}"));
    let mut back = object.to_unit();
    (unit.lines, back.lines) = (Vec::new(), Vec::new());
    unit.sort();
    assert_eq!(back, unit);
}

#[test]
fn fields_of_a_maps_values_are_known_and_come_back() {
    let text = ".map m, hash, key=4, value=24, entries=1\n.field m, bpf_timer, 8\n.field m, bpf_spin_lock, 4\n\
                .section tc\nr1 = m ll\nr0 = 0\nexit\n";
    let unit = assemble(text, &kernel::names()).unwrap_or_else(|e| panic!("{e:?}"));
    let object = Object::from_unit(&unit).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(object.to_unit().maps, unit.maps);
    let loaded = object.load(&LoadOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    let special: Vec<_> = loaded.maps[0].special.iter().map(|f| (f.kind, f.offset, f.size)).collect();
    assert_eq!(special, [(kernel::FieldKind::SpinLock, 4, 4), (kernel::FieldKind::Timer, 8, 16)]);
    assert_ne!(loaded.maps[0].value_type, 0, "the kernel wants the types to find them");
}

#[test]
fn an_exception_callback_is_put_behind_its_program_with_what_it_calls() {
    let text = ".section tc\nfirst: call shared\nexit\n.globl second\nsecond: exit\n\
                .text\nshared: exit\nhelp: exit\ncatch: call help\nexit\n\
                .exception_callback first, catch\n";
    let unit = assemble(text, &kernel::names()).expect("it assembles");
    let object = Object::from_unit(&unit).expect("it is an object");
    assert_eq!(object.to_unit().exception_callbacks, unit.exception_callbacks);
    let loaded = object.load(&LoadOptions::default()).expect("it loads");
    let funcs = |at: usize| {
        let told =
            |f: &kernel::Func| format!("{} {}{}", f.name, f.start, if f.exception_callback { " catches" } else { "" });
        loaded.programs[at].funcs.iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(funcs(0), ["first 0", "shared 2", "catch 3 catches", "help 5"]);
    assert_eq!(funcs(1), ["second 0"]);
    let lines: Vec<u32> = loaded.programs[0].lines.iter().map(|line| line.pc.0).collect();
    assert!([0, 2, 3, 5].iter().all(|start| lines.contains(start)), "{lines:?}");
}
