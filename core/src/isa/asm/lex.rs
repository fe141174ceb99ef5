//! Text to tokens, statement by statement.
//!
//! Comments are `//`, `#`, `/* */`, and `;` at the start of a line (as objdump prints source lines). Elsewhere
//! `;` separates statements, as LLVM has it (`r0 = 0; exit`), unless what follows cannot begin one: then it is
//! taken for a comment, as many assemblers have it (`r0 = 0 ; drop the packet`).
//!
//! What inline assembly in C has beyond that is taken too, since people paste it: `%[name]` for the name, labels
//! with `%=`, and `\` at the end of a line.

use std::borrow::Cow;

use super::{AsmError, MAX_ERRORS, Span};
use crate::isa::spelling::{in_name, register, starts_name};

/// A token and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Token<'t> {
    pub kind: Kind<'t>,
    pub span: Span,
    pub text: &'t str,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Kind<'t> {
    /// A name, a keyword or a register.
    Name(&'t str),
    /// A string in quotes, escapes replaced.
    Quoted(Cow<'t, [u8]>),
    /// A number without sign.
    Number(u64),
    /// `1b`, `2f`: the nearest numbered label before or after.
    Near(u32, bool),
    /// An operator or a bracket.
    Punct(&'static str),
    /// What is no token; its error is reported.
    Bad,
    /// End of a statement.
    End,
}

/// How many characters after a `;` are looked at.
const LOOK_AHEAD: usize = 160;

/// Operators, the longest first. Those with `s` are signed.
const PUNCTS: [&str; 43] = [
    "s>>=", "<<=", ">>=", "s/=", "s%=", "s>=", "s<=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "==", "!=", "<=",
    ">=", "s>", "s<", "<<", ">>", "=", "<", ">", "+", "-", "*", "/", "%", "|", "&", "^", "~", "!", "(", ")", "[", "]",
    ",", ":", "@",
];

struct Lexer<'t, 'e> {
    text: &'t str,
    at: usize,
    line: u32,
    /// The column of the byte `counted`: characters are counted once, as spans are asked for.
    column: u32,
    counted: usize,
    /// Whether the line has no token yet.
    blank: bool,
    tokens: Vec<Token<'t>>,
    errors: &'e mut Vec<AsmError>,
}

/// Splits text into tokens; each statement ends with [`Kind::End`].
pub(super) fn lex<'t>(text: &'t str, errors: &mut Vec<AsmError>) -> Vec<Token<'t>> {
    let mut lexer = Lexer { text, at: 0, line: 1, column: 1, counted: 0, blank: true, tokens: Vec::new(), errors };
    while lexer.at < text.len() && lexer.errors.len() < MAX_ERRORS {
        lexer.step();
    }
    lexer.end(0);
    lexer.tokens
}

impl<'t> Lexer<'t, '_> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The span of the next `len` bytes. Columns count characters; each is counted once.
    fn span(&mut self, len: usize) -> Span {
        self.column += self.text[self.counted..self.at].chars().count() as u32;
        self.counted = self.at;
        let length = self.text[self.at..self.at + len].chars().count() as u32;
        Span { line: self.line, column: self.column, length: length.max(1) }
    }

    fn push(&mut self, kind: Kind<'t>, len: usize) {
        let span = self.span(len);
        let text = &self.text[self.at..self.at + len];
        self.tokens.push(Token { kind, span, text });
        self.at += len;
        self.blank = false;
    }

    fn end(&mut self, len: usize) {
        if self.tokens.last().is_some_and(|t| t.kind != Kind::End) {
            self.push(Kind::End, len);
        } else {
            self.at += len;
        }
    }

    fn newline(&mut self) {
        self.end(1);
        self.line += 1;
        self.column = 1;
        self.counted = self.at;
        self.blank = true;
    }

    fn error(&mut self, len: usize, message: String) {
        let span = self.span(len);
        self.errors.push(AsmError::new(span, message));
        self.push(Kind::Bad, len);
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return };
        match c {
            '\n' => self.newline(),
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '#' => self.skip_line(),
            ';' => self.semicolon(),
            '"' => self.string(),
            '\'' => self.character(),
            _ if rest.starts_with("//") => self.skip_line(),
            _ if rest.starts_with("/*") => self.block_comment(),
            // The end of a line of a C string that goes on.
            '\\' if rest[1..].trim_start_matches([' ', '\t', '\r']).starts_with('\n') => self.at += 1,
            _ if rest.starts_with("%[") => self.operand(),
            c if c.is_ascii_digit() => self.number(),
            c => {
                if let Some(punct) = punct(rest) {
                    self.push(Kind::Punct(punct), punct.len());
                } else if starts_name(c) {
                    self.word();
                } else {
                    self.error(c.len_utf8(), format!("unexpected character {c:?}"));
                }
            }
        }
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    fn semicolon(&mut self) {
        // What decides stands within the first characters; looking further would make long lines slow.
        let ahead: String = self.rest().chars().skip(1).take(LOOK_AHEAD).take_while(|&c| c != '\n').collect();
        if self.blank || !starts_statement(ahead.trim_start()) {
            self.skip_line();
        } else {
            self.end(1);
        }
    }

    fn block_comment(&mut self) {
        let rest = self.rest();
        let Some(end) = rest[2..].find("*/") else {
            self.error(2, "this comment has no end: expected `*/`".to_owned());
            self.at = self.text.len();
            return;
        };
        let comment = &rest[..end + 4];
        for (offset, _) in comment.match_indices('\n') {
            self.line += 1;
            self.column = 1;
            self.counted = self.at + offset + 1;
        }
        self.at += comment.len();
    }

    fn word(&mut self) {
        let rest = self.rest();
        let name = |from: usize| rest[from..].find(|c| !in_name(c)).map_or(rest.len(), |len| from + len);
        let mut len = name(0);
        // `l0_%=` of inline assembly is a label of its own in each place; here there is one place.
        while register(&rest[..len]).is_none() && rest[len..].starts_with("%=") {
            len = name(len + 2);
        }
        let starts = self.tokens.last().is_none_or(|t| t.kind == Kind::End || t.kind == Kind::Punct(":"));
        self.push(Kind::Name(&rest[..len]), len);
        if starts && rest[..len].eq_ignore_ascii_case(".section") {
            self.section_name();
        }
    }

    /// An operand of inline assembly by its name: `call %[bpf_ktime_get_ns]`, which is mostly the name meant.
    fn operand(&mut self) {
        let rest = self.rest();
        let end = rest[2..].find(|c| !in_name(c)).map(|len| len + 2);
        match end.filter(|&end| end > 2 && rest[end..].starts_with(']')) {
            Some(end) => self.push(Kind::Name(&rest[2..end]), end + 1),
            None => self.error(2, "expected a name in brackets, as in `%[name]`".to_owned()),
        }
    }

    /// A section's name may hold what would be operators elsewhere: `kprobe/do_sys_open+0x8`, `?tc`.
    fn section_name(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let rest = self.rest();
        let len = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"')).unwrap_or(rest.len());
        if len > 0 {
            self.push(Kind::Name(&rest[..len]), len);
        }
    }

    fn number(&mut self) {
        let rest = self.rest();
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let word = &rest[..len];
        let near = word.strip_suffix(['b', 'f']).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        if let Some(number) = near.and_then(|digits| digits.parse().ok()) {
            return self.push(Kind::Near(number, word.ends_with('f')), len);
        }
        match number(word) {
            Some(value) => self.push(Kind::Number(value), len),
            None => self.error(len, format!("`{word}` is not a number of at most 64 bits")),
        }
    }

    fn character(&mut self) {
        let mut chars = self.rest()[1..].chars();
        let (value, len) = match (chars.next(), chars.next()) {
            (Some('\\'), Some(c)) => (escape(c), 2),
            (Some(c), _) if c != '\n' => (Some(u64::from(c)), c.len_utf8()),
            _ => (None, 0),
        };
        let closed = self.rest().get(1 + len..).is_some_and(|rest| rest.starts_with('\''));
        match value {
            Some(value) if closed => self.push(Kind::Number(value), len + 2),
            _ => self.error(1, "expected a character in single quotes, as in `'a'`".to_owned()),
        }
    }

    fn string(&mut self) {
        let bytes = self.rest().as_bytes();
        let mut value = Vec::new();
        let mut at = 1;
        while let Some(&b) = bytes.get(at) {
            match b {
                b'"' => return self.push(Kind::Quoted(Cow::Owned(value)), at + 1),
                b'\n' => break,
                b'\\' => at += escaped(&bytes[at..], &mut value),
                _ => {
                    value.push(b);
                    at += 1;
                }
            }
        }
        let line = self.rest().lines().next().map_or(1, str::len);
        self.error(line.max(1), "this string has no end: expected `\"`".to_owned());
    }
}

/// The operator that `rest` begins with. `s` belongs to a signed one only directly before it.
fn punct(rest: &str) -> Option<&'static str> {
    PUNCTS.into_iter().find(|punct| rest.starts_with(punct))
}

fn number(word: &str) -> Option<u64> {
    let lower = word.to_ascii_lowercase();
    let (digits, radix) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16),
        [b'0', b'b', ..] => (&lower[2..], 2),
        [b'0', _, ..] => (&lower[1..], 8),
        _ => (&lower[..], 10),
    };
    u64::from_str_radix(digits, radix).ok()
}

fn escape(c: char) -> Option<u64> {
    Some(match c {
        'n' => 10,
        't' => 9,
        'r' => 13,
        'b' => 8,
        'f' => 12,
        '0' => 0,
        '\\' | '\'' | '"' => c.into(),
        _ => return None,
    })
}

/// Reads an escape of a string (`\n`, `\012`, `\x0a`) into `value`; the number of bytes read, at least 1.
fn escaped(bytes: &[u8], value: &mut Vec<u8>) -> usize {
    let digits = |from: usize, most: usize, radix: u32| {
        let digits = bytes[from.min(bytes.len())..].iter().take(most);
        digits.take_while(|b| char::from(**b).is_digit(radix)).count()
    };
    let octal = digits(1, 3, 8);
    let (from, len, radix) = match bytes.get(1) {
        Some(b'x' | b'X') => (2, digits(2, 2, 16), 16),
        _ => (1, octal, 8),
    };
    let text = std::str::from_utf8(&bytes[from.min(bytes.len())..][..len]).unwrap_or("");
    if let Ok(code) = u32::from_str_radix(text, radix) {
        value.push(code as u8);
        return from + len;
    }
    match bytes.get(1) {
        None | Some(b'\n') => 1,
        Some(&b) => {
            value.push(escape(char::from(b)).map_or(b, |code| code as u8));
            2
        }
    }
}

/// Whether what follows a `;` can be a statement.
fn starts_statement(rest: &str) -> bool {
    let Some(first) = rest.chars().next() else {
        return true;
    };
    if rest.starts_with("*(") || rest.starts_with("* (") || first == '"' {
        return true;
    }
    let word = &rest[..rest.find(|c| !in_name(c)).unwrap_or(rest.len())];
    let after = rest[word.len()..].trim_start();
    match word.to_ascii_lowercase().as_str() {
        "exit" => after.is_empty() || after.starts_with([';', '#', '/']),
        "if" => after.split(|c| !in_name(c)).next().is_some_and(|word| register(word).is_some()),
        "goto" | "gotol" | "may_goto" | "call" | "callx" => {
            let target = after.strip_prefix(['+', '-']).unwrap_or(after);
            let end = target.find(|c| !in_name(c)).unwrap_or(target.len());
            let then = target[end..].trim_start();
            end > 0 && (then.is_empty() || then.starts_with([';', '#', '/', '+', '-', '(']))
        }
        "lock" => after.starts_with('*'),
        "ld_pseudo" | "store_release" => true,
        _ if register(word).is_some() => punct(after).is_some_and(|p| p.ends_with('=')),
        _ => word.starts_with('.') && word.len() > 1 || !word.is_empty() && after.starts_with(':'),
    }
}
