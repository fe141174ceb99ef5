//! Disassemble, assemble, the same unit: over random slots and random units.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::isa::unit::{
    Binding, Content, MapDef, Place, Reloc, RelocKind, Section, SectionFlags, Symbol, SymbolKind, Target,
};
use crate::isa::{Names, Pc, RawInsn, Unit, assemble, decode, disassemble};

const NAMES: Names = Names {
    helpers: &[(1, "bpf_map_lookup_elem"), (2, "bpf_map_update_elem"), (6, "bpf_trace_printk")],
    map_types: &[(1, "hash"), (2, "array")],
    fields: &[("bpf_spin_lock", 4)],
};

fn slot() -> impl Strategy<Value = RawInsn> {
    // Mostly small fields, so that many slots are instructions and many jumps stay inside.
    let small = prop_oneof![4 => Just(0i32), 4 => -6..7i32, 1 => any::<i32>(), 1 => Just(0x100), 1 => Just(0x10)];
    let off = prop_oneof![4 => Just(0i16), 4 => -8..9i16, 1 => any::<i16>()];
    let reg = || prop_oneof![4 => Just(0u8), 4 => 0..11u8, 1 => 0..16u8];
    let opcode = prop_oneof![1 => any::<u8>(), 1 => Just(0x18), 1 => Just(0x85), 2 => Just(0x00), 2 => Just(0x05)];
    (opcode, reg(), reg(), off, small).prop_map(|(opcode, dst, src, off, imm)| RawInsn { opcode, dst, src, off, imm })
}

/// Names that a reader could take for something else, or that need quotes.
const ODD_NAMES: [&str; 16] = [
    "main",
    "r1",
    "w10",
    "exit",
    "goto",
    "pc",
    "kfunc",
    "section",
    "tc",
    ".text",
    ".L1",
    "a b",
    "x\"y\\",
    "é",
    "1b",
    "bpf_map_lookup_elem",
];

fn unit() -> impl Strategy<Value = Unit> {
    let code = vec(slot(), 0..24).prop_map(Content::Code);
    let data = vec(prop_oneof![2 => Just(0u8), 2 => b'a'..=b'z', 1 => any::<u8>()], 0..80).prop_map(Content::Data);
    let content = prop_oneof![3 => code, 2 => data, 1 => (0..64u64).prop_map(Content::Zero)];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), 0..3u64);
    let section = (content, flags, 0..6u32).prop_map(|(content, (write, merge, strings, entry_size), align)| {
        let exec = matches!(content, Content::Code(_));
        let flags = SectionFlags { write, exec, merge, strings, entry_size };
        Section { name: String::new(), flags, align: 1 << align, content }
    });
    let sections = (vec(section, 1..5), Just(["tc", ".text", "license", ".rodata.str1.1", "kprobe/a+0x8 b"])).prop_map(
        |(mut sections, names)| {
            sections.iter_mut().zip(names).for_each(|(section, name)| section.name = name.to_owned());
            sections
        },
    );
    let symbols = vec((any::<bool>(), any::<(u16, u16)>(), 0..3u8, 0..3u8, any::<bool>()), 0..10);
    let relocs = vec((any::<(u16, u16)>(), 0..4u8, any::<u16>()), 0..8);
    let callbacks = vec(any::<(u8, u8)>(), 0..3);
    let parts = (sections, symbols, relocs, callbacks, 0..3usize, any::<u32>());
    parts.prop_map(|(sections, symbols, relocs, callbacks, maps, number)| {
        let mut unit = Unit { sections, ..Unit::default() };
        unit.maps.extend((0..maps).map(|i| map(i, number)));
        let mut names = ODD_NAMES.into_iter().map(str::to_owned);
        for (external, (section, offset), binding, kind, hidden) in symbols {
            let name = names.next().unwrap_or_default();
            unit.symbols.push(symbol(&unit, name, external, (section, offset), (binding, kind), hidden));
        }
        for ((section, offset), kind, target) in relocs {
            unit.relocs.extend(reloc(&unit, (section, offset), kind, target));
        }
        unit.relocs.dedup_by_key(|r| r.place);
        let is_code = |place: Place| matches!(unit.sections[place.section].content, Content::Code(_));
        let function = |s: &&Symbol| s.place.is_none_or(|place| is_code(place) && s.kind == SymbolKind::Func);
        let functions: Vec<String> = unit.symbols.iter().filter(function).map(|s| s.name.clone()).collect();
        let name = |at: u8| functions.get(usize::from(at) % functions.len().max(1)).cloned();
        unit.exception_callbacks = callbacks.into_iter().filter_map(|(of, by)| Some((name(of)?, name(by)?))).collect();
        unit.sort();
        unit
    })
}

fn map(index: usize, number: u32) -> MapDef {
    let inner = MapDef { name: "in ner".into(), kind: number % 9, key_size: 4, ..MapDef::default() };
    let first = MapDef { kind: number, map_extra: u64::MAX, inner: Some(Box::new(inner)), ..MapDef::default() };
    let second =
        MapDef { kind: 1, flags: number, pinning: 1, values: vec![(number, "map 0".into())], ..MapDef::default() };
    let fields = vec![(number % 8, "bpf_spin_lock".into())];
    let second = MapDef { value_size: 12, fields, ..second };
    MapDef { name: format!("map {index}"), ..if index == 0 { first } else { second } }
}

fn symbol(
    unit: &Unit,
    name: String,
    external: bool,
    (section, offset): (u16, u16),
    (binding, kind): (u8, u8),
    hidden: bool,
) -> Symbol {
    let section = usize::from(section) % unit.sections.len();
    let len = unit.sections[section].content.len();
    let offset = u64::from(offset) % (len + 1);
    // Mostly at the start of instructions.
    let offset = if offset.is_multiple_of(3) { offset } else { offset / 8 * 8 };
    let place = (!external || hidden).then_some(Place { section, offset });
    let binding = [Binding::Local, Binding::Global, Binding::Weak][usize::from(binding)];
    let kind = [SymbolKind::Func, SymbolKind::Object, SymbolKind::NoType][usize::from(kind)];
    let size = if hidden { 0 } else { place.map_or(0, |p| len - p.offset) };
    Symbol { name, place, size, binding, kind, hidden }
}

fn reloc(unit: &Unit, (section, offset): (u16, u16), kind: u8, target: u16) -> Option<Reloc> {
    let section = usize::from(section) % unit.sections.len();
    let len = unit.sections[section].content.len();
    let offset = u64::from(offset).checked_rem(len)?;
    let offset = if offset.is_multiple_of(5) { offset } else { offset / 8 * 8 };
    let kind = [RelocKind::Imm64, RelocKind::Call, RelocKind::Abs64, RelocKind::Abs32][usize::from(kind)];
    let names: Vec<&String> = unit.symbols.iter().map(|s| &s.name).chain(unit.maps.iter().map(|m| &m.name)).collect();
    let target = match usize::from(target) % (names.len() + unit.sections.len()) {
        at if at < names.len() => Target::Symbol(names[at].clone()),
        at => Target::Section(at - names.len()),
    };
    Some(Reloc { place: Place { section, offset }, kind, target })
}

/// Assembles the listing of a unit, and compares.
fn check(unit: &Unit) -> Result<(), TestCaseError> {
    unit.check().unwrap();
    let listing = disassemble(unit, &NAMES);
    prop_assert_eq!(listing.text.lines().count(), listing.lines.len());
    let again = assemble(&listing.text, &NAMES);
    let mut again = again.map_err(|e| TestCaseError::fail(format!("{}\n{e:?}", listing.text)))?;
    again.lines.clear();
    let mut expected = unit.clone();
    expected.lines.clear();
    prop_assert_eq!(&again, &expected, "{}", listing.text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_decodes_encodes_to_the_same_slots(slots in vec(slot(), 1..3)) {
        if let Ok((insn, len)) = decode(&slots, Pc(0)) {
            let encoded = insn.encode();
            prop_assert_eq!(encoded.slots(), &slots[..len as usize]);
            prop_assert_eq!(decode(encoded.slots(), Pc(0)), Ok((insn, len)));
            prop_assert_eq!(insn.slots(), len);
        }
    }

    #[test]
    fn one_instruction_s_text_gives_the_same_slots(slots in vec(slot(), 1..3)) {
        if let Ok((insn, len)) = decode(&slots, Pc(0)) {
            let unit = assemble(&insn.to_string(), &Names::NONE).map_err(|e| TestCaseError::fail(format!("{insn}: {e:?}")))?;
            prop_assert_eq!(&unit.sections[0].content, &Content::Code(slots[..len as usize].to_vec()), "{}", insn);
        }
    }

    #[test]
    fn a_unit_s_text_gives_the_same_unit(unit in unit()) {
        check(&unit)?;
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "[ -~\n€]{0,200}") {
        let _ = assemble(&text, &NAMES);
    }

    #[test]
    fn text_of_tokens_is_read_or_refused_without_a_panic(words in vec(0..WORDS.len(), 0..60)) {
        let text: Vec<&str> = words.into_iter().map(|i| WORDS[i]).collect();
        if let Ok(unit) = assemble(&text.join(" "), &NAMES) {
            prop_assert_eq!(unit.check(), Ok(()));
            let mut unit = unit;
            unit.lines.clear();
            check(&unit)?;
        }
    }
}

const WORDS: [&str; 58] = [
    "\n",
    "\n",
    "\n",
    ";",
    "r1",
    "r10",
    "w2",
    "=",
    "+=",
    "s>>=",
    "-",
    "+",
    "5",
    "0xffffffffffffffff",
    "foo",
    "bar",
    ":",
    "foo:",
    "1:",
    "1b",
    "1f",
    "if",
    "goto",
    "gotol",
    "call",
    "exit",
    "*",
    "(",
    ")",
    "u32",
    "u64",
    "[",
    "]",
    "skb",
    "ll",
    "==",
    "lock",
    ".section",
    "tc",
    ".data",
    ".bss",
    ".quad",
    ".byte",
    ".zero",
    ".globl",
    ".size",
    ".type",
    "@",
    "object",
    ",",
    "\"a\\0\"",
    ".asciz",
    ".map m, hash, key=4",
    ".entry m, 0, foo",
    "atomic_fetch_add",
    "xchg_64",
    "may_goto",
    ".reloc ., R_BPF_64_64, foo",
];

#[test]
fn a_listing_shows_names_where_there_are_any_and_tells_its_lines() {
    let text = "\
.map counts, hash, key=4, value=8, entries=256

.section tc
.globl main
main:
        r1 = counts ll
        call bpf_map_lookup_elem
        if r0 == 0x0 goto .L1
        call sub
        r1 = .rodata + 0x1 ll
.L1:
        exit

.text
sub:
        exit

.rodata
        .asciz \"hi\"

.license \"GPL\"
";
    let unit = assemble(text, &NAMES).unwrap();
    let listing = disassemble(&unit, &NAMES);
    // `sub` starts `.text`, so that it is a function, but local.
    assert_eq!(listing.text, text);
    assert_eq!(listing.lines[5], Some((0, Pc(0))));
    assert_eq!(listing.lines[6], Some((0, Pc(2))));
    assert_eq!((listing.line_of(0, Pc(2)), listing.line_of(1, Pc(0))), (Some(7), Some(16)));
}
