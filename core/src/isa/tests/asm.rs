//! What the assembler reads, and what it says of what it cannot read.

use crate::isa::unit::{Binding, Content, MapDef, Place, RelocKind, SymbolKind, Target};
use crate::isa::{AsmError, Insn, MAX_ERRORS, Mnemonic, Names, Pc, RawInsn, Unit, assemble, decode, mnemonics};

const NAMES: Names = Names {
    helpers: &[(1, "bpf_map_lookup_elem"), (2, "bpf_map_update_elem"), (12, "bpf_tail_call")],
    map_types: &[(1, "hash"), (2, "array"), (3, "prog_array"), (12, "array_of_maps")],
    fields: &[("bpf_spin_lock", 4), ("bpf_timer", 16)],
};

fn unit(text: &str) -> Unit {
    let unit = assemble(text, &NAMES).unwrap_or_else(|e| panic!("{text}\n{e:?}"));
    unit.check().unwrap();
    unit
}

fn code(text: &str) -> Vec<RawInsn> {
    match &unit(text).sections[0].content {
        Content::Code(slots) => slots.clone(),
        other => panic!("{other:?}"),
    }
}

fn errors(text: &str) -> Vec<AsmError> {
    assemble(text, &NAMES).expect_err(text)
}

/// The only error, as `line:column+length: message`.
fn error(text: &str) -> String {
    let errors = errors(text);
    let [error] = &errors[..] else { panic!("{text}\n{errors:?}") };
    format!("{}:{}+{}: {}", error.line, error.column, error.length, error.message)
}

#[test]
fn one_instruction_may_be_spelled_in_many_ways() {
    let rows = [
        ("r1 = 0x50", &["r1 = 80", "R1 = 0120", "r1=0b1010000", "r1 = 'P'", "r1 = 81 - 1", "  r1 = 80 // eighty"][..]),
        ("r1 = -0x1", &["r1 = 0xffffffff", "r1 = ~0", "r1 = - 1"]),
        ("r2 = *(u32 *)(r1 + 0x50)", &["r2=*(u32*)(r1+80)", "w2 = *(u32 *)(r1 + 80)", "r2 = * ( u32 * ) ( r1 + 80 )"]),
        ("r2 = *(u8 *)(r1 + 0x0)", &["r2 = *(u8 *)(r1)", "r2 = *(u8 *)(r1 - 0)"]),
        ("*(u8 *)(r10 - 0x8) = r1", &["*(u8 *)(r10 + -8) = w1", "*(u8*)(r10-8)=r1"]),
        ("goto +0x0", &["goto 0", "goto out\nout:", "goto 1f\n1:", "goto pc+0"]),
        ("if r1 s> -0x1 goto -0x1", &["a: if r1 s> -1 goto a", "1: if r1 s>-1 goto 1b", "if r1 s> -1 goto -1"]),
        ("call 0x1", &["call bpf_map_lookup_elem", "CALL 1"]),
        ("r0 = *(u16 *)skb[0xc]", &["r0 = *(u16 *)skb[12]", "r0=*(u16*)skb[0xc]"]),
        ("lock *(u32 *)(r1 + 0x0) += r2", &["lock *(u32 *)(r1 + 0) += w2", "LOCK *(u32*)(r1)+=r2"]),
        ("w1 = w2", &["r1 = w2", "W1=W2"]),
        ("exit", &["EXIT", "exit # done", "exit /* done */", "/* a\nb */ exit", "; done\nexit", "exit ; done with it"]),
        ("r1 = 0x5", &[".equ FIVE, 5\nr1 = FIVE", ".set FIVE, 4 | 1\nr1 = FIVE"]),
    ];
    for (text, spellings) in rows {
        for spelling in spellings {
            assert_eq!(code(spelling), code(text), "{spelling}");
        }
    }
}

#[test]
fn a_semicolon_separates_statements() {
    assert_eq!(code("r0 = 0; r1 = 2; exit").len(), 3);
    assert_eq!(code("r0 = 0 ; drop it\nexit").len(), 2);
    assert_eq!(code("r0 = 0;\nexit;").len(), 2);
}

#[test]
fn inline_assembly_may_be_pasted() {
    let pasted = "
        r1 = 0; \\
        r1 %= 3;\\
        call %[bpf_map_lookup_elem]; \\
        if r0 == 0 goto l0_%=;\t\\
        r0 = 1;
l0_%=:  exit;";
    let plain = "r1 = 0\nr1 %= 3\ncall 1\nif r0 == 0 goto +1\nr0 = 1\nexit";
    assert_eq!(code(pasted), code(plain));
    assert_eq!(code("r1%=3"), code("r1 %= 3"));
}

#[test]
fn the_example_of_the_module_page_is_a_program() {
    let text = "
.map counts, hash, key=4, value=8, entries=256
.license \"GPL\"

.section tc
count:
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = counts ll
        call bpf_map_lookup_elem
        if r0 == 0 goto out
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
out:    r0 = 0
        exit
";
    let unit = unit(text);
    assert_eq!(unit.license(), Some("GPL"));
    let map =
        MapDef { name: "counts".into(), kind: 1, key_size: 4, value_size: 8, max_entries: 256, ..MapDef::default() };
    assert_eq!(unit.maps, [map]);
    let (section, tc) = unit.section("tc").unwrap();
    assert!(tc.flags.exec && tc.align == 8 && tc.content.len() == 11 * 8);
    let count = unit.symbols.iter().find(|s| s.name == "count").unwrap();
    assert_eq!((count.kind, count.binding, count.size), (SymbolKind::Func, Binding::Global, 88));
    assert!(unit.symbols.iter().all(|s| s.name != "out"), "a label that is only jumped to is no symbol");
    let [reloc] = &unit.relocs[..] else { panic!("{:?}", unit.relocs) };
    assert_eq!(reloc.place, Place { section, offset: 24 });
    assert_eq!((reloc.kind, &reloc.target), (RelocKind::Imm64, &Target::Symbol("counts".into())));
    assert_eq!((unit.line_of(section, Pc(0)), unit.line_of(section, Pc(5))), (Some(7), Some(11)));
}

#[test]
fn fields_of_a_map_are_sorted_and_within_its_values() {
    let maps = |fields: &str| assemble(&format!(".map m, hash, key=4, value=24, entries=1\n{fields}"), &NAMES);
    let sorted = maps(".field m, bpf_timer, 8\n.field m, bpf_spin_lock, 4\n").unwrap();
    assert_eq!(sorted.maps[0].fields, [(4, "bpf_spin_lock".to_owned()), (8, "bpf_timer".to_owned())]);
    for (wrong, message) in [
        (".field m, bpf_timer, 9", "16 bytes at 9 are not within a value of 24"),
        (".field m, bpf_timer, 4294967295", "16 bytes at 4294967295 are not within a value of 24"),
        (".field m, bpf_time, 0", "no value has a field `bpf_time`; did you mean `bpf_timer`?"),
        (".field n, bpf_timer, 0", "there is no map `n` before this line"),
    ] {
        let errors = maps(wrong).unwrap_err();
        assert!(errors[0].to_string().contains(message), "{}", errors[0]);
    }
}

#[test]
fn calls_and_addresses_of_local_names_go_by_section_and_of_global_ones_by_name() {
    let unit = unit(
        ".section tc\nmain: call near\ncall far\ncall shared\nr1 = far ll\nr1 = table + 4 ll\nexit\nnear: exit
         .text\nr0 = 0\nfar: exit\n.globl shared\nshared: exit\n.section .rodata\n.zero 8\ntable: .quad shared, table",
    );
    let Content::Code(slots) = &unit.sections[0].content else { panic!() };
    let call = |pc| decode(slots, Pc(pc)).unwrap().0.to_string();
    // In the same section directly, elsewhere as slots minus one, global ones with -1.
    assert_eq!([call(0), call(1), call(2)], ["call pc+0x7", "call pc+0x0", "call pc-0x1"]);
    assert_eq!([call(3), call(5)], ["r1 = 0x8 ll", "r1 = 0xc ll"]);
    let targets: Vec<_> =
        unit.relocs.iter().map(|r| (r.place.section, r.place.offset, r.kind, r.target.clone())).collect();
    let shared = || Target::Symbol("shared".into());
    assert_eq!(
        targets,
        [
            (0, 8, RelocKind::Call, Target::Section(1)),
            (0, 16, RelocKind::Call, shared()),
            (0, 24, RelocKind::Imm64, Target::Section(1)),
            (0, 40, RelocKind::Imm64, Target::Section(2)),
            (2, 8, RelocKind::Abs64, shared()),
            (2, 16, RelocKind::Abs64, Target::Section(2)),
        ]
    );
}

#[test]
fn maps_of_maps_and_initial_entries_are_declared_a_line_each() {
    let unit = unit(
        ".map outer, array_of_maps, key=4, value=4, entries=2\n.inner outer, array, key=4, value=8, entries=1
         .map first, array, key=4, value=8, entries=1, flags=1|0x400, extra=7, numa=2, pin=1
         .entry outer, 1, first\n.map jumps, 3, key=4, value=4, entries=8\n.entry jumps, 0, next\n.section tc\nnext: exit",
    );
    let inner = MapDef { kind: 2, key_size: 4, value_size: 8, max_entries: 1, ..MapDef::default() };
    assert_eq!(unit.maps[0].inner.as_deref(), Some(&inner));
    assert_eq!(unit.maps[0].values, [(1, "first".to_owned())]);
    assert_eq!(
        (unit.maps[1].flags, unit.maps[1].map_extra, unit.maps[1].numa_node, unit.maps[1].pinning),
        (0x401, 7, 2, 1)
    );
    assert_eq!((unit.maps[2].kind, &unit.maps[2].values[..]), (3, &[(0, "next".to_owned())][..]));
}

#[test]
fn data_directives_fill_data_sections() {
    let unit = unit(
        ".data\na: .byte 1, -1\n.short 2\n.p2align 3\nb: .quad -1\n.ascii \"x\\n\\101\\x42\\\"\"\n.asciz \"y\", \"\"\n.zero 2, 7
         .bss\nc: .zero 4096\nd: .skip 8",
    );
    let Content::Data(bytes) = &unit.sections[0].content else { panic!() };
    let mut expected = vec![1, 255, 2, 0, 0, 0, 0, 0];
    expected.extend([255; 8]);
    expected.extend(b"x\nAB\"y\0\0\x07\x07");
    assert_eq!((bytes, unit.sections[0].align), (&expected, 8));
    assert_eq!(unit.sections[1].content, Content::Zero(4104));
    let sizes: Vec<_> = unit.symbols.iter().map(|s| (s.name.as_str(), s.size, s.kind)).collect();
    let object = SymbolKind::Object;
    assert_eq!(sizes, [("a", 8, object), ("b", 18, object), ("c", 4096, object), ("d", 8, object)]);
}

#[test]
fn an_error_says_where_it_is_and_what_was_expected() {
    let rows = [
        ("r1 += foo", "1:7+3: expected a register or a number after `+=`, found `foo`"),
        ("  r1 +=", "1:8+1: expected a register or a number after `+=`, found the end of the line"),
        ("r1 + 2", "1:4+1: expected an assignment (`=`, `+=`, `<<=`, …) after `r1`, found `+`"),
        ("r11 = 2", "1:1+3: there is no register `r11`: they are r0 to r10 and w0 to w10"),
        ("r1 += w2", "1:7+2: both operands must be of one width: expected `r2`"),
        ("w1 = r2", "1:6+2: both operands must be of one width: expected `w2`"),
        ("r1 = 0x100000000", "1:6+11: 4294967296 does not fit in 32 bits: `r1 = 4294967296 ll` loads 64"),
        ("r1 += 0x100000000", "1:7+11: 4294967296 does not fit in the 32 bits of an immediate"),
        (
            "r1 = counts",
            "1:12+1: expected `ll` (the address of a name is 64 bits) after `counts`, found the end of the line",
        ),
        ("r1 = counts ll", "1:6+6: unknown name `counts`"),
        ("loop1: goto loop", "1:13+4: unknown label `loop`; did you mean `loop1`?"),
        (
            "call bpf_map_lookup_elm",
            "1:6+18: unknown function or helper `bpf_map_lookup_elm`; did you mean `bpf_map_lookup_elem`?",
        ),
        ("exitt", "1:1+5: expected an instruction, a label or a directive, found `exitt`; did you mean `exit`?"),
        ("mov32 r0, 5", "1:1+5: LLVM's syntax has no `mov32`: it is written like `w1 = w2`"),
        ("ja +1", "1:1+2: LLVM's syntax has no `ja`: it is written like `goto +3`"),
        ("call %[", "1:6+2: expected a name in brackets, as in `%[name]`"),
        (".globel f", "1:1+7: unknown directive `.globel`; did you mean `.globl`?"),
        (".globl f", "1:8+1: unknown name `f`"),
        (".section tc; f: exit\n.exception_callback f", "2:22+1: expected `,` after `f`, found the end of the line"),
        (".section tc; f: exit\n.exception_callback f, catch", "2:24+5: unknown name `catch`"),
        (".data; d: .byte 1; .section tc; f: exit\n.exception_callback f, d", "2:24+1: `d` is no function"),
        ("exit exit", "1:6+4: expected the end of the line after `exit`, found `exit`"),
        ("r1 = *(u24 *)(r2 + 0)", "1:8+3: expected a size (`u8`, `u16`, `u32` or `u64`) after `(`, found `u24`"),
        ("r1 = *(u32 *)(w2 + 0)", "1:15+2: expected the 64-bit register `r2` here"),
        ("r1 = *(u32 *)(r2 + 0", "1:21+1: expected `)` after `0`, found the end of the line"),
        ("r1 = *(u32 *)(r2 + 32768)", "1:20+5: the offset 32768 does not fit: it must be -32768 to 32767"),
        ("if r1 = 2 goto +1", "1:7+1: expected a comparison (`==`, `!=`, `>`, `s<`, `&`, …) after `r1`, found `=`"),
        ("if r1 == 2 exit", "1:12+4: expected `goto` after `2`, found `exit`"),
        ("goto +32768", "1:6+6: this jump reaches 32767 slots, not 32768"),
        ("goto 1f", "1:6+2: there is no label `1:` after this line in this section"),
        ("r1 = -r2", "1:7+2: expected `r1`, the register that is assigned"),
        (
            "r2 = atomic_fetch_add((u64 *)(r1 + 0), r3)",
            "1:40+2: the operand takes the result: expected `r2` on both sides",
        ),
        ("r1 = cmpxchg_64(r2 + 0, r0, r3)", "1:25+2: cmpxchg compares with `r0`, which takes the result"),
        ("a: exit\na: exit", "2:1+1: `a` is already defined in line 1"),
        (".map m, hsh, key=4", "1:9+3: unknown map type `hsh`; did you mean `hash`?"),
        (
            ".map m, hash, keys=4",
            "1:15+4: unknown key `keys`: expected one of key, value, entries, flags, extra, numa, pin; did you mean `key`?",
        ),
        (".entry m, 0, f", "1:8+1: there is no map `m` before this line"),
        (".data\nexit", "2:1+4: `.data` holds data: expected `.text` or `.section` before instructions"),
        (".data\n.byte 256", "2:7+3: 256 does not fit in 1 bytes"),
        (".bss\n.byte 1", "2:1+5: `.bss` holds zeros only: expected `.zero`"),
        (".text\n.byte 1", "1:1+5: `.text` ends in the middle of an instruction"),
        (".asciz \"a", "1:8+2: this string has no end: expected `\"`"),
        ("r1 = 12ab", "1:6+4: `12ab` is not a number of at most 64 bits"),
        ("r1 = 5 €", "1:8+1: unexpected character '€'"),
        ("/* €", "1:1+2: this comment has no end: expected `*/`"),
        (
            "a: r1 = 5; r2 = ; exit",
            "1:17+1: expected a register, a number, a memory access, or a name followed by `ll` after `=`, found the end of the line",
        ),
        ("callx r1", "1:1+5: no kernel takes `callx`: calls name what they call"),
    ];
    for (text, message) in rows {
        assert_eq!(error(text), message, "{text}");
    }
}

#[test]
fn every_error_of_the_text_is_reported_in_order() {
    let errors = errors("goto nowhere\nr1 +=\nr12 = 1\nexit\n.foo\ncall nothing");
    let lines: Vec<u32> = errors.iter().map(|e| e.line).collect();
    assert_eq!(lines, [1, 2, 3, 5, 6]);
}

#[test]
fn a_jump_too_far_is_an_error_and_gotol_reaches() {
    let filler = "r0 = 0\n".repeat(40_000);
    assert_eq!(
        error(&format!("goto end\n{filler}end: exit")),
        "1:6+3: this label is 40000 slots away, and the jump reaches 32767: `gotol` reaches"
    );
    let slots = code(&format!("gotol end\n{filler}end: exit"));
    assert_eq!(decode(&slots, Pc(0)).unwrap().0, Insn::Goto { off: 40_000, long: true });
}

#[test]
fn hostile_text_ends_soon_and_without_a_panic() {
    let long = 200_000;
    let texts = [
        ";".repeat(long),
        "a:".repeat(long),
        "goto x\n".repeat(long),
        "-".repeat(long),
        format!("r1 = {}1", "-".repeat(long)),
        format!("r1 = {}", "(".repeat(long)),
        format!(".zero {}", u64::MAX),
        ".bss\n.zero 9223372036854775807\n.zero 9223372036854775807".to_owned(),
        "€".repeat(long),
        "\"\\".repeat(long),
        (0..long).map(|i| format!("l{i}: goto k{i}\n")).collect(),
        format!(".size {}, a - b", "x".repeat(long)),
        "/*".repeat(long),
        "'".repeat(long),
        ".balign 1073741824\n.byte 1\n".repeat(100),
        "exit; ".repeat(long),
    ];
    for text in texts {
        let started = std::time::Instant::now();
        let errors = assemble(&text, &NAMES).err().unwrap_or_default();
        assert!(errors.len() <= MAX_ERRORS);

        let seconds = started.elapsed().as_secs();
        assert!(seconds < 20, "{} … took {seconds} s", &text.chars().take(20).collect::<String>());
    }
}

#[test]
fn what_an_editor_offers_assembles() {
    assert!(mnemonics().len() > 60);
    for Mnemonic { syntax, doc } in mnemonics() {
        assert!(!doc.is_empty(), "{syntax}");
        // What the examples refer to; a declaration of a map may be the example itself.
        let maps = [".map counts, hash, value=8", ".map outer, 12", ".map jumps, 3"];
        let maps: Vec<&str> = maps.into_iter().filter(|map| !syntax.starts_with(&map[..9])).collect();
        let data = if syntax.starts_with(".byte") || syntax.starts_with(".asciz") { ".data\n" } else { "" };
        let around = ".data\nname: .byte 1\n.text\nprogram: exit\nfunction: exit\nlabel: exit\n";
        unit(&format!("{}\n{around}{data}{syntax}\n", maps.join("\n")));
    }
}
