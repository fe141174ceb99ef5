//! Directives: what begins with a dot.

use super::build::{At, Attributes, Builder, Fixup, Patch, Size, Written, WrittenTarget};
use super::cursor::{Cursor, Near, Read, Reference, Value, shorten};
use super::lex::{Kind, Token};
use super::{AsmError, Span};
use crate::isa::spelling::{Holds, MAP_KEYS};
use crate::isa::unit::{Binding, MapDef, Place, RelocKind, SymbolKind};

type Read1 = fn(&mut Builder, &mut Cursor, Span) -> Read<()>;

/// All directives. Those of one meaning share a function.
const DIRECTIVES: [(&str, Read1); 51] = [
    (".section", section),
    (".text", |b, _, at| named(b, ".text", at)),
    (".data", |b, _, at| named(b, ".data", at)),
    (".rodata", |b, _, at| named(b, ".rodata", at)),
    (".bss", |b, _, at| named(b, ".bss", at)),
    (".license", license),
    (".map", map),
    (".inner", inner),
    (".entry", entry),
    (".field", field),
    (".globl", |b, c, _| each_name(b, c, |a| a.binding = Some(Binding::Global))),
    (".global", |b, c, _| each_name(b, c, |a| a.binding = Some(Binding::Global))),
    (".weak", |b, c, _| each_name(b, c, |a| a.binding = Some(Binding::Weak))),
    (".local", |b, c, _| each_name(b, c, |a| a.binding = Some(Binding::Local))),
    (".hidden", |b, c, _| each_name(b, c, |a| a.hidden = true)),
    (".extern", |b, c, _| each_name(b, c, |a| a.external = true)),
    (".exception_callback", exception_callback),
    (".type", kind),
    (".size", size),
    (".byte", |b, c, at| numbers(b, c, at, 1)),
    (".short", |b, c, at| numbers(b, c, at, 2)),
    (".2byte", |b, c, at| numbers(b, c, at, 2)),
    (".half", |b, c, at| numbers(b, c, at, 2)),
    (".hword", |b, c, at| numbers(b, c, at, 2)),
    (".long", |b, c, at| numbers(b, c, at, 4)),
    (".int", |b, c, at| numbers(b, c, at, 4)),
    (".4byte", |b, c, at| numbers(b, c, at, 4)),
    (".word", |b, c, at| numbers(b, c, at, 4)),
    (".quad", |b, c, at| numbers(b, c, at, 8)),
    (".8byte", |b, c, at| numbers(b, c, at, 8)),
    (".dword", |b, c, at| numbers(b, c, at, 8)),
    (".ascii", |b, c, at| strings(b, c, at, false)),
    (".asciz", |b, c, at| strings(b, c, at, true)),
    (".string", |b, c, at| strings(b, c, at, true)),
    (".zero", zero),
    (".skip", zero),
    (".space", zero),
    (".p2align", |b, c, at| align(b, c, at, true)),
    (".balign", |b, c, at| align(b, c, at, false)),
    (".align", |b, c, at| align(b, c, at, false)),
    (".equ", constant),
    (".set", constant),
    (".reloc", reloc),
    (".file", ignore),
    (".ident", ignore),
    (".addrsig", ignore),
    (".addrsig_sym", ignore),
    (".loc", ignore),
    (".cfi_sections", ignore),
    (".cfi_startproc", ignore),
    (".cfi_endproc", ignore),
];

/// Sections whose contents are passed over: text does not carry type and debug information.
fn is_passed_over(name: &str) -> bool {
    matches!(name, ".BTF" | ".BTF.ext" | ".note.GNU-stack") || name.starts_with(".debug_")
}

/// Reads a directive; `name` is its first token in lower case.
pub(super) fn directive(b: &mut Builder, name: &str, tokens: &[Token]) -> Read<()> {
    let span = tokens[0].span;
    let Some((_, read)) = DIRECTIVES.iter().find(|row| row.0 == name) else {
        if b.skipping {
            return Ok(());
        }
        let hint = b.suggest.text(name, DIRECTIVES.iter().map(|row| row.0));
        return Err(AsmError::new(span, format!("unknown directive `{}`{hint}", shorten(name))));
    };
    let changes_section = matches!(name, ".section" | ".text" | ".data" | ".rodata" | ".bss" | ".license");
    if b.skipping && !changes_section {
        return Ok(());
    }
    let constants = std::mem::take(&mut b.constants);
    let mut c = Cursor::new(tokens, &constants);
    c.next();
    // `.equ` adds to the constants, which the cursor holds: they are merged afterwards.
    let result = read(b, &mut c, span).and_then(|()| c.done());
    let added = std::mem::replace(&mut b.constants, constants);
    b.constants.extend(added);
    result
}

fn ignore(_: &mut Builder, c: &mut Cursor, _: Span) -> Read<()> {
    while c.peek().kind != Kind::End {
        c.next();
    }
    Ok(())
}

fn named(b: &mut Builder, name: &str, span: Span) -> Read<()> {
    b.enter(name, span);
    Ok(())
}

/// `.section NAME[, "flags"[, @type[, entsize]]]`
fn section(b: &mut Builder, c: &mut Cursor, _: Span) -> Read<()> {
    let (name, span) = c.name("a section's name")?;
    if is_passed_over(&name) {
        b.skipping = true;
        return ignore(b, c, span);
    }
    if name == ".maps" {
        return Err(AsmError::new(span, "maps are declared with `.map`, not in `.maps`".to_owned()));
    }
    let known = b.section_index.contains_key(&name);
    let index = b.enter(&name, span);
    if !c.take(",") {
        return Ok(());
    }
    let (text, flags_span) = c.name("flags in quotes, as \"ax\"")?;
    let mut flags = b.sections[index].flags;
    (flags.write, flags.exec, flags.merge, flags.strings) = (false, false, false, false);
    for flag in text.chars() {
        match flag {
            'a' => {}
            'w' => flags.write = true,
            'x' => flags.exec = true,
            'M' => flags.merge = true,
            'S' => flags.strings = true,
            _ => {
                return Err(AsmError::new(flags_span, format!("unknown flag `{flag}`: expected a, w, x, M or S")));
            }
        }
    }
    let mut holds = if flags.exec { Holds::Code } else { Holds::Data };
    if c.take(",") {
        if !c.take("@") && !c.take("%") {
            return Err(c.expected("`@progbits` or `@nobits`"));
        }
        match c.peek().text {
            "progbits" => {}
            "nobits" if !flags.exec => holds = Holds::Zeros,
            _ => return Err(c.expected("`progbits` or `nobits`")),
        }
        c.next();
        if c.take(",") {
            flags.entry_size = c.u32()?.into();
        }
    }
    if known && (b.sections[index].flags, b.sections[index].holds) != (flags, holds) {
        return Err(AsmError::new(flags_span, format!("`{}` began with other flags", shorten(&name))));
    }
    (b.sections[index].flags, b.sections[index].holds) = (flags, holds);
    Ok(())
}

/// `.license "GPL"[, symbol]`
fn license(b: &mut Builder, c: &mut Cursor, span: Span) -> Read<()> {
    let Kind::Quoted(text) = &c.peek().kind else {
        return Err(c.expected("the licence in quotes, as \"GPL\""));
    };
    let mut text = text.to_vec();
    c.next();
    let (symbol, symbol_span) = if c.take(",") { c.name("a symbol's name")? } else { ("_license".to_owned(), span) };
    if b.section_index.contains_key("license") {
        return Err(AsmError::new(span, "the licence is already declared".to_owned()));
    }
    let (current, skipping) = (b.current, b.skipping);
    b.enter("license", span);
    let place = b.here(span);
    text.push(0);
    let result = b.append(&text, span);
    (b.current, b.skipping) = (current, skipping);
    let attributes = b.attributes.entry(symbol.clone()).or_default();
    attributes.binding.get_or_insert(Binding::Global);
    result.and_then(|()| b.define(symbol, place, symbol_span))
}

fn each_name(b: &mut Builder, c: &mut Cursor, set: impl Fn(&mut Attributes)) -> Read<()> {
    loop {
        let (name, span) = c.name("a name")?;
        let attributes = b.attributes.entry(name).or_default();
        attributes.span.get_or_insert(span);
        set(attributes);
        if !c.take(",") {
            return Ok(());
        }
    }
}

/// `.exception_callback prog, handler`
fn exception_callback(b: &mut Builder, c: &mut Cursor, _: Span) -> Read<()> {
    let program = c.name("a program's name")?;
    c.expect(",")?;
    let callback = c.name("a function's name")?;
    for (name, span) in [&program, &callback] {
        let attributes = b.attributes.entry(name.clone()).or_default();
        attributes.span.get_or_insert(*span);
        attributes.binding.get_or_insert(Binding::Global);
    }
    b.exception_callbacks.push([program, callback]);
    Ok(())
}

/// `.type f, @function`
fn kind(b: &mut Builder, c: &mut Cursor, _: Span) -> Read<()> {
    let (name, span) = c.name("a name")?;
    c.expect(",")?;
    if !c.take("@") {
        c.take("%");
    }
    let kind = match c.peek().text {
        "function" | "STT_FUNC" => SymbolKind::Func,
        "object" | "STT_OBJECT" => SymbolKind::Object,
        "notype" | "STT_NOTYPE" => SymbolKind::NoType,
        _ => return Err(c.expected("`@function`, `@object` or `@notype`")),
    };
    c.next();
    let attributes = b.attributes.entry(name).or_default();
    attributes.span.get_or_insert(span);
    attributes.kind = Some(kind);
    Ok(())
}

/// `.size f, 16` or `.size f, end - f`
fn size(b: &mut Builder, c: &mut Cursor, at: Span) -> Read<()> {
    let (name, span) = c.name("a name")?;
    c.expect(",")?;
    let size = if c.at_number() {
        Size::Number(c.bounded(0, i64::MAX.into(), "63 bits")? as u64)
    } else {
        let to = point(b, c, at)?;
        c.expect("-")?;
        Size::Distance { to, from: point(b, c, at)? }
    };
    let attributes = b.attributes.entry(name).or_default();
    attributes.span.get_or_insert(span);
    attributes.size = Some(size);
    Ok(())
}

fn point(b: &mut Builder, c: &mut Cursor, at: Span) -> Read<At> {
    if c.take_word(".") {
        return Ok(At::Here(b.here(at)));
    }
    let (name, span) = c.name("a label, `.` or a number")?;
    Ok(At::Label(Reference { target: Near::Name(name), addend: 0, span }))
}

/// `.byte 1, 2`, `.quad f`
fn numbers(b: &mut Builder, c: &mut Cursor, at: Span, width: usize) -> Read<()> {
    let (low, high) = (-(1i128 << (width * 8 - 1)), (1i128 << (width * 8)) - 1);
    loop {
        let mut bytes = [0; 8];
        match c.value("a number or a name")? {
            Value::Number(value, span) => {
                if !(low..=high).contains(&value) {
                    return Err(AsmError::new(span, format!("{value} does not fit in {width} bytes")));
                }
                bytes = (value as u64).to_le_bytes();
            }
            Value::Name(reference) => {
                let kind = match width {
                    8 => RelocKind::Abs64,
                    4 => RelocKind::Abs32,
                    _ => {
                        return Err(AsmError::new(reference.span, "addresses need `.quad` or `.long`".to_owned()));
                    }
                };
                let place = b.here(at);
                if b.sections[place.section].holds == Holds::Zeros {
                    return Err(AsmError::new(reference.span, "this section holds zeros only".to_owned()));
                }
                b.fixups.push(Fixup { place, what: Patch::Address(kind), reference });
            }
        }
        b.append(&bytes[..width], at)?;
        if !c.take(",") {
            return Ok(());
        }
    }
}

/// `.asciz "a", "b"`
fn strings(b: &mut Builder, c: &mut Cursor, at: Span, zero: bool) -> Read<()> {
    loop {
        let Kind::Quoted(bytes) = &c.peek().kind else {
            return Err(c.expected("a string in quotes"));
        };
        b.append(bytes, at)?;
        if zero {
            b.append(&[0], at)?;
        }
        c.next();
        if !c.take(",") {
            return Ok(());
        }
    }
}

/// `.zero 16[, fill]`
fn zero(b: &mut Builder, c: &mut Cursor, at: Span) -> Read<()> {
    let len = c.bounded(0, i64::MAX.into(), "63 bits")? as u64;
    let fill = if c.take(",") { c.bounded(-128, 255, "a byte")? as u8 } else { 0 };
    b.fill(len, fill, at)
}

/// `.p2align 3`, `.balign 8`: up to 2^30
fn align(b: &mut Builder, c: &mut Cursor, at: Span, power: bool) -> Read<()> {
    let span = c.peek().span;
    let number = c.bounded(0, 1 << 30, "the alignments, up to 2^30")?;
    let align = match number {
        0..=30 if power => 1u64 << number,
        n if !power && n > 0 && n.count_ones() == 1 => n as u64,
        _ => {
            return Err(AsmError::new(span, "expected a power of two, up to 2^30".to_owned()));
        }
    };
    while c.take(",") {
        if c.at_number() {
            c.number()?;
        }
    }
    let place = b.here(at);
    let draft = &mut b.sections[place.section];
    draft.align = Some(draft.align.unwrap_or(1).max(align));
    b.fill(place.offset.next_multiple_of(align) - place.offset, 0, at)
}

/// `.equ NAME, N`
fn constant(b: &mut Builder, c: &mut Cursor, _: Span) -> Read<()> {
    let (name, span) = c.name("a name")?;
    c.expect(",")?;
    let value = c.bounded(i64::MIN.into(), u64::MAX.into(), "64 bits")?;
    b.check_new(&name, span)?;
    b.constants.insert(name, value as i64);
    Ok(())
}

/// `.reloc .[+N], R_BPF_64_64, f` or `…, section(NAME)`
fn reloc(b: &mut Builder, c: &mut Cursor, at: Span) -> Read<()> {
    let here = b.here(at);
    if !c.take_word(".") {
        return Err(c.expected("`.`, the current place"));
    }
    let (ahead, span) = c.signed_rest()?;
    let offset = u64::try_from(i128::from(here.offset) + ahead)
        .map_err(|_| AsmError::new(span, "this place is before the section".to_owned()))?;
    c.expect(",")?;
    let kind = match c.peek().text {
        "R_BPF_64_64" => RelocKind::Imm64,
        "R_BPF_64_32" => RelocKind::Call,
        "R_BPF_64_ABS64" => RelocKind::Abs64,
        "R_BPF_64_ABS32" => RelocKind::Abs32,
        _ => {
            return Err(c.expected("`R_BPF_64_64`, `R_BPF_64_32`, `R_BPF_64_ABS64` or `R_BPF_64_ABS32`"));
        }
    };
    c.next();
    c.expect(",")?;
    let span = c.peek().span;
    let is_section = c.peek().text == "section" && c.peek_at(1).kind == Kind::Punct("(");
    let target = if is_section {
        c.next();
        c.next();
        let (name, _) = c.name("a section's name")?;
        c.expect(")")?;
        WrittenTarget::Section(name)
    } else {
        WrittenTarget::Symbol(c.name("a symbol's name or `section(…)`")?.0)
    };
    b.written.push(Written { place: Place { offset, ..here }, kind, target, span });
    Ok(())
}

/// `.map counts, hash, key=4, value=8, entries=256`
fn map(b: &mut Builder, c: &mut Cursor, _: Span) -> Read<()> {
    let (name, span) = c.name("a map's name")?;
    b.check_new(&name, span)?;
    c.expect(",")?;
    let mut def = map_body(b, c, false)?;
    def.name.clone_from(&name);
    b.map_index.insert(name, b.maps.len());
    b.maps.push(def);
    Ok(())
}

/// `.inner outer, array, key=4, value=8, entries=1`
fn inner(b: &mut Builder, c: &mut Cursor, _: Span) -> Read<()> {
    let (index, span) = map_name(b, c)?;
    c.expect(",")?;
    let def = map_body(b, c, true)?;
    if b.maps[index].inner.replace(Box::new(def)).is_some() {
        return Err(AsmError::new(span, "this map already has its `.inner`".to_owned()));
    }
    Ok(())
}

/// `.entry jumps, 0, next`
fn entry(b: &mut Builder, c: &mut Cursor, _: Span) -> Read<()> {
    let (index, _) = map_name(b, c)?;
    c.expect(",")?;
    let at = c.u32()?;
    c.expect(",")?;
    let (name, span) = c.name("the name of a program or a map")?;
    b.map_entries.push((index, at, name, span));
    Ok(())
}

/// `.field locks, bpf_spin_lock, 0`
fn field(b: &mut Builder, c: &mut Cursor, _: Span) -> Read<()> {
    let (index, _) = map_name(b, c)?;
    c.expect(",")?;
    let (name, span) = c.name("a structure of the kernel's, as `bpf_spin_lock`")?;
    let known = b.names.fields;
    let Some(size) = known.iter().find(|row| row.0 == name).map(|row| row.1) else {
        let hint = b.suggest.text(&name, known.iter().map(|row| row.0));
        return Err(AsmError::new(span, format!("no value has a field `{}`{hint}", shorten(&name))));
    };
    c.expect(",")?;
    let offset = c.u32()?;
    let def = &mut b.maps[index];
    let end = offset.checked_add(size);
    if end.is_none_or(|end| end > def.value_size) {
        let message = format!("{size} bytes at {offset} are not within a value of {}", def.value_size);
        return Err(AsmError::new(span, message));
    }
    let before = def.fields.partition_point(|(other, _)| *other <= offset);
    def.fields.insert(before, (offset, name));
    Ok(())
}

/// The name of a map declared before.
fn map_name(b: &mut Builder, c: &mut Cursor) -> Read<(usize, Span)> {
    let (name, span) = c.name("a map's name")?;
    if let Some(&index) = b.map_index.get(&name) {
        return Ok((index, span));
    }
    let hint = b.suggest.text(&name, b.maps.iter().map(|m| m.name.as_str()));
    Err(AsmError::new(span, format!("there is no map `{}` before this line{hint}", shorten(&name))))
}

/// From the type on: `hash, key=4, value=8, entries=256`.
fn map_body(b: &mut Builder, c: &mut Cursor, named: bool) -> Read<MapDef> {
    let mut def = MapDef { kind: map_type(b, c)?, ..MapDef::default() };
    while c.take(",") {
        let (key, at) = c.name("`key`, `value`, `entries`, `flags`, `extra`, `numa` or `pin`")?;
        c.expect("=")?;
        if key == "name" && named {
            def.name = c.name("a name")?.0;
            continue;
        }
        let field = match key.as_str() {
            "key" => &mut def.key_size,
            "value" => &mut def.value_size,
            "entries" => &mut def.max_entries,
            "flags" => &mut def.flags,
            "numa" => &mut def.numa_node,
            "pin" => &mut def.pinning,
            "extra" => {
                def.map_extra = c.bounded(0, u64::MAX.into(), "64 bits")? as u64;
                continue;
            }
            _ => {
                let hint = b.suggest.text(&key, MAP_KEYS.into_iter());
                let known = MAP_KEYS.join(", ");
                let message = format!("unknown key `{}`: expected one of {known}{hint}", shorten(&key));
                return Err(AsmError::new(at, message));
            }
        };
        *field = c.u32()?;
    }
    Ok(def)
}

fn map_type(b: &mut Builder, c: &mut Cursor) -> Read<u32> {
    if c.at_number() {
        return c.u32();
    }
    let (name, span) = c.name("a map type, as `hash` or `array`")?;
    let types = b.names.map_types;
    if let Some((number, _)) = types.iter().find(|row| row.1.eq_ignore_ascii_case(&name)) {
        return Ok(*number);
    }
    let hint = b.suggest.text(&name, types.iter().map(|row| row.1));
    Err(AsmError::new(span, format!("unknown map type `{}`{hint}", shorten(&name))))
}
