//! A generated program as a case: assembly with its maps, for `agree ask` and `agree diff`, and for `tests/verifier`.

use std::fmt::Write as _;

use bpfscope_core::isa::{Pc, RawInsn, decode};
use bpfscope_core::kernel::{MapDef, helper};

use super::code;
use super::pool::{Pools, Sample};

/// The program's text: a case file with one case.
pub fn text(pools: &Pools, sample: &Sample, title: &str) -> String {
    let maps = pools.pools[sample.pool].maps();
    let mut out = format!("#== {title}\n");
    if sample.flags & 1 != 0 {
        out += "#= flags: strict_alignment\n";
    }
    if sample.unprivileged {
        out += "#= unprivileged\n";
    } else if sample.funcs.is_empty() {
        out += "#= no btf\n";
    }
    let _ = writeln!(out, "#= type: {}", sample.prog_type.name());
    if !sample.license.is_empty() {
        let _ = writeln!(out, ".license \"{}\"", sample.license);
    }
    for (at, def) in maps.iter().enumerate() {
        let used = sample.insns.iter().any(|i| code::is_wide(*i) && matches!(i.src, 1 | 2) && i.imm == at as i32);
        if used && !def.name.starts_with('.') {
            out += &declaration(def);
        }
    }
    let _ = writeln!(out, ".section {}", sample.section);
    body(sample, maps, &mut out);
    out
}

fn declaration(def: &MapDef) -> String {
    let one = |word: &str, name: &str, def: &MapDef| {
        let mut line = format!("{word} {name}, {}", def.map_type);
        for (key, value) in [
            ("key", u64::from(def.key_size)),
            ("value", u64::from(def.value_size)),
            ("entries", u64::from(def.max_entries)),
            ("flags", u64::from(def.flags)),
            ("extra", def.extra),
        ] {
            if value != 0 {
                let _ = write!(line, ", {key}={value}");
            }
        }
        line + "\n"
    };
    let mut text = one(".map", &def.name, def);
    if let Some(inner) = &def.inner {
        text += &one(".inner", &def.name, inner);
    }
    for field in &def.special {
        let _ = writeln!(text, ".field {}, {}, {}", def.name, field.kind.name(), field.offset);
    }
    text
}

fn body(sample: &Sample, maps: &[MapDef], out: &mut String) {
    let starts = code::starts(&sample.insns);
    let mut labels: Vec<i64> = sample
        .insns
        .iter()
        .enumerate()
        .filter(|(at, _)| starts[*at])
        .filter_map(|(at, i)| code::target(*i, at))
        .collect();
    labels.sort_unstable();
    labels.dedup();
    for (at, &insn) in sample.insns.iter().enumerate() {
        if labels.contains(&(at as i64)) {
            let _ = writeln!(out, "l{at}:");
        }
        if !starts[at] {
            continue;
        }
        let next = sample.insns.get(at + 1).copied();
        let line = one(insn, next, at, maps).filter(|_| {
            // Labels must exist.
            code::target(insn, at).is_none_or(|to| (0..sample.insns.len() as i64).contains(&to))
        });
        let _ = match line {
            Some(line) => writeln!(out, "        {line}"),
            None => {
                let bytes = u64::from_le_bytes(insn.to_bytes());
                let more = if code::is_wide(insn) { next.map(|n| u64::from_le_bytes(n.to_bytes())) } else { None };
                let more = more.map_or(String::new(), |n| format!(", {n:#018x}"));
                writeln!(out, "        .quad {bytes:#018x}{more}")
            }
        };
    }
}

/// An instruction with names for maps, helpers and places; `None` when it has no text.
fn one(insn: RawInsn, next: Option<RawInsn>, at: usize, maps: &[MapDef]) -> Option<String> {
    let label = code::target(insn, at).map(|to| format!("l{to}"));
    match (insn.opcode, insn.src) {
        (code::LD_IMM64, 1) => {
            let def = maps.get(insn.imm as usize).filter(|def| !def.name.starts_with('.'))?;
            return Some(format!("r{} = {} ll", insn.dst, def.name));
        }
        (code::LD_IMM64, 4) => return Some(format!("r{} = {} ll", insn.dst, label?)),
        (code::LD_IMM64, 2..) => return None,
        (code::CALL, 1) => return Some(format!("call {}", label?)),
        (code::CALL, 0) => {
            return Some(match helper(insn.imm as u32) {
                Some(def) => format!("call {}", def.name),
                None => format!("call {}", insn.imm),
            });
        }
        _ => {}
    }
    let slots = [Some(insn), next.filter(|_| code::is_wide(insn))];
    let slots: Vec<RawInsn> = slots.into_iter().flatten().collect();
    let (decoded, _) = decode(&slots, Pc(0)).ok()?;
    let text = decoded.to_string();
    match label {
        // `… goto +5` names a distance; a place is easier to follow.
        Some(label) => text.rfind("goto").map(|from| {
            let word_end = text[from..].find(' ').map_or(text.len(), |end| from + end);
            format!("{} {label}", &text[..word_end])
        }),
        None => Some(text),
    }
}
