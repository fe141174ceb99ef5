//! Reading one statement: tokens taken in order, with errors that say what was expected after what.

use std::collections::HashMap;

use super::lex::{Kind, Token};
use super::{AsmError, Span};
use crate::isa::insn::{Size, Width};
use crate::isa::opcode::SIZES;
use crate::isa::raw::Reg;
use crate::isa::spelling::register;

pub(super) type Read<T> = Result<T, AsmError>;

/// A reference to a name, with what is added to its address.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Reference {
    pub target: Near,
    pub addend: i64,
    pub span: Span,
}

/// What a reference names.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Near {
    /// A name.
    Name(String),
    /// The nearest label of that number, forward or not.
    Number(u32, bool),
}

/// A number, or a name to be resolved later.
pub(super) enum Value {
    Number(i128, Span),
    Name(Reference),
}

/// The tokens of one statement, ending in [`Kind::End`].
pub(super) struct Cursor<'s, 't> {
    tokens: &'s [Token<'t>],
    at: usize,
    constants: &'s HashMap<String, i64>,
}

impl<'s, 't> Cursor<'s, 't> {
    /// `tokens` ends in [`Kind::End`] and is not empty.
    pub fn new(tokens: &'s [Token<'t>], constants: &'s HashMap<String, i64>) -> Cursor<'s, 't> {
        Cursor { tokens, at: 0, constants }
    }

    pub fn peek(&self) -> &'s Token<'t> {
        self.peek_at(0)
    }

    /// The token `ahead` of the next one; the end of the statement stands for all after it.
    pub fn peek_at(&self, ahead: usize) -> &'s Token<'t> {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    pub fn next(&mut self) -> &'s Token<'t> {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    /// Whether the next token is that operator; takes it.
    pub fn take(&mut self, punct: &str) -> bool {
        let found = matches!(self.peek().kind, Kind::Punct(p) if p == punct);
        if found {
            self.next();
        }
        found
    }

    pub fn expect(&mut self, punct: &str) -> Read<()> {
        if self.take(punct) { Ok(()) } else { Err(self.expected(&format!("`{punct}`"))) }
    }

    /// Whether the next token is that word, in either case; takes it.
    pub fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek().kind, Kind::Name(name) if name.eq_ignore_ascii_case(word));
        if found {
            self.next();
        }
        found
    }

    /// The error that something else was expected here: "expected a register after `+=`, found `foo`".
    pub fn expected(&self, what: &str) -> AsmError {
        let found = self.peek();
        let after = match self.at.checked_sub(1).and_then(|at| self.tokens.get(at)) {
            Some(token) => format!(" after `{}`", shorten(token.text)),
            None => String::new(),
        };
        let found_text = match found.kind {
            Kind::End => "the end of the line".to_owned(),
            _ => format!("`{}`", shorten(found.text)),
        };
        AsmError::new(found.span, format!("expected {what}{after}, found {found_text}"))
    }

    /// Nothing but the end may follow.
    pub fn done(&self) -> Read<()> {
        if self.peek().kind == Kind::End { Ok(()) } else { Err(self.expected("the end of the line")) }
    }

    /// The register that comes next, if one does. Names like `r11` are an error, not something else.
    pub fn try_reg(&mut self) -> Read<Option<(Reg, Width)>> {
        let Kind::Name(name) = self.peek().kind else {
            return Ok(None);
        };
        if let Some((reg, half)) = register(name) {
            self.next();
            return Ok(Some((reg, if half { Width::W32 } else { Width::W64 })));
        }
        let digits = name.strip_prefix(['r', 'R', 'w', 'W']).unwrap_or("");
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            let message = format!("there is no register `{}`: they are r0 to r10 and w0 to w10", shorten(name));
            return Err(AsmError::new(self.peek().span, message));
        }
        Ok(None)
    }

    pub fn reg(&mut self, what: &str) -> Read<(Reg, Width)> {
        self.try_reg()?.ok_or_else(|| self.expected(what))
    }

    /// A register of 64 bits, as addresses need it.
    pub fn reg64(&mut self) -> Read<Reg> {
        let span = self.peek().span;
        match self.reg("a register")? {
            (reg, Width::W64) => Ok(reg),
            (reg, Width::W32) => Err(AsmError::new(span, format!("expected the 64-bit register `{reg}` here"))),
        }
    }

    /// A register as a value of that width. A 32-bit value may be written with either name.
    pub fn value_reg(&mut self, width: Width) -> Read<Reg> {
        if width == Width::W32 { Ok(self.reg("a register")?.0) } else { self.reg64() }
    }

    /// `u8 *)` and what else can stand in a pointer cast; the opening bracket has been taken.
    pub fn pointer(&mut self) -> Read<(Size, bool)> {
        let row = match self.peek().kind {
            Kind::Name(name) => {
                SIZES.iter().find(|row| [row.2, row.3].iter().any(|text| text.eq_ignore_ascii_case(name)))
            }
            _ => None,
        };
        let Some(row) = row else {
            return Err(self.expected("a size (`u8`, `u16`, `u32` or `u64`)"));
        };
        let sign = self.next().text.starts_with(['s', 'S']);
        self.expect("*")?;
        self.expect(")")?;
        Ok((row.1, sign))
    }

    /// `(r1 + 0x50)`: a register and an offset of 16 bits.
    pub fn address(&mut self) -> Read<(Reg, i16)> {
        self.expect("(")?;
        let found = self.offset_reg()?;
        self.expect(")")?;
        Ok(found)
    }

    /// `r1 + 0x50`.
    pub fn offset_reg(&mut self) -> Read<(Reg, i16)> {
        let base = self.reg64()?;
        let (off, span) = self.signed_rest()?;
        let off = i16::try_from(off)
            .map_err(|_| AsmError::new(span, format!("the offset {off} does not fit: it must be -32768 to 32767")))?;
        Ok((base, off))
    }

    /// `+ 5 - 3`, or nothing, which is 0.
    pub fn signed_rest(&mut self) -> Read<(i128, Span)> {
        let (mut sum, mut span) = (0, self.peek().span);
        while matches!(self.peek().kind, Kind::Punct("+" | "-")) {
            let minus = self.next().text == "-";
            let (term, at) = self.term()?;
            span = at;
            sum += if minus { -term } else { term };
        }
        Ok((sum, span))
    }

    /// A number with its signs, or a constant's name.
    fn term(&mut self) -> Read<(i128, Span)> {
        let (mut minus, mut invert) = (false, false);
        let start = self.peek().span;
        loop {
            match self.peek().kind {
                Kind::Punct("-") if !invert => minus = !minus,
                Kind::Punct("+") => {}
                Kind::Punct("~") if !invert => invert = true,
                _ => break,
            }
            self.next();
        }
        let token = self.peek();
        let value = match token.kind {
            Kind::Number(value) => i128::from(value),
            Kind::Name(name) => match self.constants.get(name) {
                Some(&value) => i128::from(value),
                None => return Err(self.expected("a number")),
            },
            _ => return Err(self.expected("a number")),
        };
        self.next();
        let value = if invert { !value } else { value };
        Ok((if minus { -value } else { value }, start.to(token.span)))
    }

    /// Whether a number comes next: a digit, a sign or a constant's name.
    pub fn at_number(&self) -> bool {
        match self.peek().kind {
            Kind::Number(_) | Kind::Punct("-" | "+" | "~") => true,
            Kind::Name(name) => self.constants.contains_key(name),
            _ => false,
        }
    }

    /// A sum of numbers; `|` joins flags.
    pub fn number(&mut self) -> Read<(i128, Span)> {
        let (mut sum, mut span) = self.term()?;
        loop {
            let (rest, at) = self.signed_rest()?;
            sum += rest;
            if !self.take("|") {
                return Ok((sum, span));
            }
            let (other, to) = self.term()?;
            sum |= other;
            span = span.to(at).to(to);
        }
    }

    /// A number within bounds; `what` names them in the error.
    pub fn bounded(&mut self, low: i128, high: i128, what: &str) -> Read<i128> {
        let (value, span) = self.number()?;
        if (low..=high).contains(&value) {
            return Ok(value);
        }
        Err(AsmError::new(span, format!("{value} does not fit in {what}")))
    }

    /// An immediate: 32 bits, signed or not.
    pub fn imm32(&mut self) -> Read<i32> {
        let value = self.bounded(i32::MIN.into(), u32::MAX.into(), "the 32 bits of an immediate")?;
        Ok(value as i32)
    }

    /// An unsigned number of 32 bits.
    pub fn u32(&mut self) -> Read<u32> {
        Ok(self.bounded(0, u32::MAX.into(), "32 bits")? as u32)
    }

    /// A name, bare or in quotes.
    pub fn name(&mut self, what: &str) -> Read<(String, Span)> {
        let token = self.peek();
        let name = match &token.kind {
            Kind::Name(name) => (*name).to_owned(),
            Kind::Quoted(bytes) => String::from_utf8(bytes.to_vec())
                .map_err(|_| AsmError::new(token.span, "a name must be UTF-8".to_owned()))?,
            _ => return Err(self.expected(what)),
        };
        self.next();
        Ok((name, token.span))
    }

    /// A number, or a name with what is added to it.
    pub fn value(&mut self, what: &str) -> Read<Value> {
        if self.at_number() {
            let (value, span) = self.number()?;
            return Ok(Value::Number(value, span));
        }
        if let Kind::Near(number, forward) = self.peek().kind {
            let span = self.next().span;
            return Ok(Value::Name(Reference { target: Near::Number(number, forward), addend: 0, span }));
        }
        let (name, span) = self.name(what)?;
        let (addend, at) = self.signed_rest()?;
        let addend =
            i64::try_from(addend).map_err(|_| AsmError::new(at, format!("{addend} does not fit in 64 bits")))?;
        Ok(Value::Name(Reference { target: Near::Name(name), addend, span }))
    }
}

/// At most the first 40 characters of a token, for messages.
pub(super) fn shorten(text: &str) -> String {
    let text = text.split('\n').next().unwrap_or("");
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    text.chars().take(39).chain(['…']).collect()
}
