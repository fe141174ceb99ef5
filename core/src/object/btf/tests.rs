use super::*;
use crate::kernel::ValueFormat;

fn parse(build: &BtfBuilder) -> Btf {
    Btf::parse(&build.finish()).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn a_flavour_begins_with_three_underscores_between_other_characters() {
    let cases = [
        ("task_struct", "task_struct"),
        ("task_struct___old", "task_struct"),
        ("a___b___c", "a___b"),
        ("___x", "___x"),
        ("x___", "x___"),
        ("x____y", "x____y"),
        ("x__y", "x__y"),
        ("é___y", "é"),
        ("", ""),
    ];
    for (name, essential) in cases {
        assert_eq!(essential_name(name), essential, "{name}");
    }
}

#[test]
fn types_are_found_by_name_whatever_their_flavour() {
    let mut build = BtfBuilder::new();
    let int = build.int("int", 4, true);
    let plain = build.add(Kind::Struct, "s", 0, false, 0, &[]);
    let flavour = build.add(Kind::Struct, "s___v2", 0, false, 0, &[]);
    let btf = parse(&build);
    assert_eq!(btf.by_essential_name("s").map(|t| t.id()).collect::<Vec<_>>(), [plain, flavour]);
    assert_eq!(btf.by_name("s___v2", Kind::Struct).map(|t| t.id()), Some(flavour));
    assert_eq!(btf.by_name("int", Kind::Int).map(|t| t.id()), Some(int));
    assert!(btf.by_name("int", Kind::Struct).is_none());
}

#[test]
fn sizes_and_alignments_are_those_of_c() {
    let mut build = BtfBuilder::new();
    let byte = build.int("char", 1, true);
    let long = build.int("long", 8, true);
    let array = build.array(byte, byte, 5);
    let nested = build.array(array, byte, 3);
    let alias = build.add(Kind::Typedef, "t", 0, false, nested, &[]);
    let constant = build.add(Kind::Const, "", 0, false, alias, &[]);
    let pointer = build.ptr(0);
    let names = [build.string("a"), build.string("b")];
    let record = build.add(Kind::Struct, "r", 2, false, 16, &[names[0], byte, 0, names[1], long, 64]);
    let packed = build.add(Kind::Struct, "p", 2, false, 9, &[names[0], byte, 0, names[1], long, 8]);
    let huge = build.array(record, byte, u32::MAX);
    let btf = parse(&build);
    let cases = [
        (byte, Some(1), Some(1)),
        (nested, Some(15), Some(1)),
        (constant, Some(15), Some(1)),
        (pointer, Some(8), Some(8)),
        (record, Some(16), Some(8)),
        (packed, Some(9), Some(1)),
        (huge, None, Some(8)),
        (0, None, None),
        (999, None, None),
    ];
    for (id, size, align) in cases {
        assert_eq!((btf.size_of(id), btf.align_of(id)), (size, align), "type {id}");
    }
}

#[test]
fn enumerations_of_both_widths_keep_their_sign() {
    let mut build = BtfBuilder::new();
    let name = build.string("A");
    let cases = [
        (build.add(Kind::Enum, "e", 1, true, 4, &[name, u32::MAX]), -1i64 as u64),
        (build.add(Kind::Enum, "e", 1, false, 4, &[name, u32::MAX]), 0xffff_ffff),
        (build.add(Kind::Enum64, "e", 1, false, 8, &[name, 2, 1]), 0x1_0000_0002),
    ];
    let btf = parse(&build);
    for (id, value) in cases {
        let found = btf.ty(id).and_then(|t| t.enumerators().next()).map(|e| e.value);
        assert_eq!(found, Some(value), "type {id}");
    }
}

#[test]
fn graphs_without_an_end_end() {
    let mut build = BtfBuilder::new();
    let first = build.next_id();
    build.add(Kind::Typedef, "a", 0, false, first + 1, &[]);
    build.add(Kind::Typedef, "b", 0, false, first, &[]);
    let array = build.next_id();
    build.array(array, first, 3);
    // A struct that holds itself, twice.
    let name = build.string("m");
    let record = build.next_id();
    build.add(Kind::Struct, "s", 2, false, 8, &[name, record, 0, name, record, 0]);
    let btf = parse(&build);
    assert!(btf.resolve(first).is_none());
    assert!(btf.size_of(first).is_none() && btf.size_of(array).is_none());
    assert!(btf.align_of(record).is_none());
    assert_eq!(btf.value_format(first), ValueFormat::Bytes);
    let ValueFormat::Struct(members) = btf.value_format(record) else { panic!("no members") };
    assert!(members.len() <= 2);
}

#[test]
fn damage_is_told_with_its_offset() {
    let mut build = BtfBuilder::new();
    build.int("int", 4, true);
    let good = build.finish();
    let cases: [(&str, usize, u8, &str); 6] = [
        ("other byte order", 0, 0xeb, "byte 0"),
        ("version", 2, 2, "byte 2: damaged BTF: version 2"),
        ("short header", 4, 8, "byte 4: damaged BTF: a header of 8 bytes"),
        ("types too long", 12, 255, "the types reach to byte"),
        ("a kind of the future", 31, 30, "type 1 is of unknown kind 30"),
        ("more members than bytes", 28, 9, "byte"),
    ];
    for (what, at, value, wanted) in cases {
        let mut bytes = good.clone();
        bytes[at] = value;
        if what == "more members than bytes" {
            bytes[31] = Kind::Struct as u8;
        }
        if what == "other byte order" {
            bytes[1] = 0x9f;
        }
        let error = Btf::parse(&bytes).expect_err(what).to_string();
        assert!(error.contains(wanted), "{what}: {error}");
    }
    for end in 0..good.len() {
        assert!(Btf::parse(&good[..end]).is_err(), "cut at {end}");
    }
}
