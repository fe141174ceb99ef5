//! Which part of a line of assembly is what, for colour: `r0 = *(u32 *)(r1 + 0x50)`.

use crate::terminal::palette::Tint;

/// What begins or steers an instruction.
const KEYWORDS: &[&str] = &[
    "if",
    "goto",
    "gotol",
    "may_goto",
    "call",
    "callx",
    "exit",
    "lock",
    "ll",
    "skb",
    "ld_pseudo",
    "load_acquire",
    "store_release",
    "be16",
    "be32",
    "be64",
    "le16",
    "le32",
    "le64",
    "bswap16",
    "bswap32",
    "bswap64",
];
/// Sizes of memory.
const TYPES: &[&str] = &["u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64"];

/// The parts of a line, which together are the line. `in_comment` is whether `/*` was left open before, and after.
pub fn parts<'a>(line: &'a str, in_comment: &mut bool) -> Vec<(Tint, &'a str)> {
    let mut parts: Vec<(Tint, &'a str)> = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (tint, len) = if *in_comment { comment(rest, in_comment) } else { part(rest, in_comment) };
        let (here, after) = rest.split_at(len);
        match parts.last_mut() {
            // Neighbours of one kind are one part.
            Some((last, from)) if *last == tint => {
                let start = line.len() - rest.len() - from.len();
                *from = &line[start..line.len() - after.len()];
            }
            _ => parts.push((tint, here)),
        }
        rest = after;
    }
    parts
}

fn comment(rest: &str, in_comment: &mut bool) -> (Tint, usize) {
    let end = rest.find("*/").map(|at| at + 2);
    *in_comment = end.is_none();
    (Tint::Comment, end.unwrap_or(rest.len()))
}

/// The part at the beginning of `rest`: its kind and its length.
fn part(rest: &str, in_comment: &mut bool) -> (Tint, usize) {
    let first = rest.chars().next().unwrap_or(' ');
    if let Some(inner) = rest.strip_prefix("/*") {
        let (tint, len) = comment(inner, in_comment);
        return (tint, len + 2);
    }
    if first == '#' || rest.starts_with("//") || (first == ';' && !begins_statement(&rest[1..])) {
        return (Tint::Comment, rest.len());
    }
    if first == '"' {
        let end = rest[1..].find('"').map_or(rest.len(), |at| at + 2);
        return (Tint::Number, end);
    }
    if first.is_ascii_digit() {
        let len = word(rest);
        let tint = if rest[len..].starts_with(':') { Tint::Label } else { Tint::Number };
        return (tint, len);
    }
    if first.is_alphabetic() || matches!(first, '_' | '$' | '.') {
        let len = word(rest);
        return (kind(&rest[..len], rest[len..].starts_with(':')), len);
    }
    (Tint::Text, first.len_utf8())
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))).unwrap_or(rest.len())
}

fn kind(word: &str, before_colon: bool) -> Tint {
    if before_colon || word.starts_with('.') {
        Tint::Label
    } else if is_register(word) {
        Tint::Register
    } else if KEYWORDS.contains(&word) || word.starts_with("atomic_") || word.starts_with("cmpxchg") {
        Tint::Keyword
    } else if TYPES.contains(&word) {
        Tint::Muted
    } else {
        Tint::Text
    }
}

fn is_register(word: &str) -> bool {
    let number = word.strip_prefix(['r', 'w']).and_then(|number| number.parse::<u8>().ok());
    number.is_some_and(|number| number <= 10)
}

/// Whether what follows a `;` is another statement on the same line; anything else is a comment, as for the assembler.
fn begins_statement(rest: &str) -> bool {
    let rest = rest.trim_start();
    let (first, after) = rest.split_at(word(rest));
    let after = after.trim_start();
    match first {
        "if" | "lock" => after.starts_with(['r', 'w', '*']),
        "exit" => after.is_empty() || after.starts_with([';', '#', '/']),
        "goto" | "gotol" | "may_goto" | "call" | "callx" => !after.is_empty() && !after.contains(char::is_whitespace),
        "" => rest.starts_with('*'),
        first => (is_register(first) && after.contains('=')) || first.starts_with('.') || after.starts_with(':'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Vec<(Tint, &str)> {
        parts(line, &mut false).into_iter().filter(|(tint, _)| *tint != Tint::Text).collect()
    }

    #[test]
    fn an_instruction_has_its_parts() {
        let parts = told("out: if w4 > 0x22 goto out // too short");
        let expected = [
            (Tint::Label, "out"),
            (Tint::Keyword, "if"),
            (Tint::Register, "w4"),
            (Tint::Number, "0x22"),
            (Tint::Keyword, "goto"),
            (Tint::Comment, "// too short"),
        ];
        assert_eq!(parts, expected);
    }

    #[test]
    fn a_semicolon_begins_a_statement_or_a_comment() {
        assert_eq!(told("r0 = r1; exit").last(), Some(&(Tint::Keyword, "exit")));
        assert_eq!(told("exit ; the end of it").last(), Some(&(Tint::Comment, "; the end of it")));
    }

    #[test]
    fn a_comment_may_go_over_lines() {
        let mut open = false;
        assert_eq!(parts("r0 = 1 /* one", &mut open).last(), Some(&(Tint::Comment, "/* one")));
        assert!(open);
        assert_eq!(parts("two */ exit", &mut open)[0], (Tint::Comment, "two */"));
        assert!(!open);
    }

    #[test]
    fn the_parts_are_the_line_whatever_it_is() {
        for line in ["", "é = \"x", "\u{1b}[31m 1: r1 = *(u8*)skb[0x17]", "/*", "*/", ";", "r99 .x: 0xzz"] {
            let whole: String = parts(line, &mut false).into_iter().map(|(_, text)| text).collect();
            assert_eq!(whole, line);
        }
    }
}
