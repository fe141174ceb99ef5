//! Arithmetic, and comparisons of its results.

use super::{MAX_DEPTH, PROTOCOLS, Parsed, Parser};
use crate::classic::filter::lex::Word;
use crate::classic::filter::tree::{Number, Primitive};
use crate::classic::{AluOp, Cond};

/// Signs of arithmetic, with how tightly they bind. `%` and `^` have no rank of their own in libpcap's grammar: what
/// follows them belongs to their right side.
const OPERATORS: &[(&str, AluOp, u8)] = &[
    ("|", AluOp::Or, 1),
    ("&", AluOp::And, 2),
    ("<<", AluOp::Lsh, 3),
    (">>", AluOp::Rsh, 3),
    ("+", AluOp::Add, 4),
    ("-", AluOp::Sub, 4),
    ("*", AluOp::Mul, 5),
    ("/", AluOp::Div, 5),
    ("%", AluOp::Mod, TIGHTEST),
    ("^", AluOp::Xor, TIGHTEST),
];
const TIGHTEST: u8 = 6;
/// Comparisons: the condition, and whether it is its opposite that is meant.
const COMPARISONS: &[(&str, Cond, bool)] = &[
    (">", Cond::Gt, false),
    (">=", Cond::Ge, false),
    ("=", Cond::Eq, false),
    ("<=", Cond::Gt, true),
    ("<", Cond::Ge, true),
    ("!=", Cond::Eq, true),
];

/// Whether it is a sign of arithmetic.
pub(super) fn is_operator(key: &str) -> bool {
    OPERATORS.iter().any(|(sign, ..)| *sign == key)
}

/// Whether it is a comparison.
pub(super) fn is_comparison(key: &str) -> bool {
    COMPARISONS.iter().any(|(sign, ..)| *sign == key)
}

impl Parser<'_> {
    pub(super) fn relation(&mut self) -> Parsed<Primitive> {
        let left = self.arithmetic(0)?;
        let Some(&(_, cond, opposite)) = self.key().and_then(|key| COMPARISONS.iter().find(|(sign, ..)| *sign == key))
        else {
            return Err(self.wrong("a comparison is expected here: `=`, `!=`, `<`, `<=`, `>` or `>=`"));
        };
        self.at += 1;
        Ok(Primitive::Relation(cond, left, self.arithmetic(0)?, opposite))
    }

    /// Arithmetic of operators that bind at least so tightly.
    fn arithmetic(&mut self, least: u8) -> Parsed<Number> {
        self.nested(|parser| {
            let mut left = parser.operand()?;
            let mut steps = 0;
            loop {
                let at = parser.at;
                let known = parser.key().and_then(|key| OPERATORS.iter().find(|(sign, ..)| *sign == key));
                let Some(&(_, op, rank)) = known.filter(|(.., rank)| *rank >= least) else { return Ok(left) };
                steps += 1;
                if steps + parser.depth > MAX_DEPTH {
                    return Err(parser.wrong(format!("more than {MAX_DEPTH} operators in a row")));
                }
                parser.at += 1;
                let right = parser.arithmetic(if rank == TIGHTEST { 0 } else { rank + 1 })?;
                left = Number::Alu(op, Box::new(left), Box::new(right), parser.since(at));
            }
        })
    }

    fn operand(&mut self) -> Parsed<Number> {
        let first = self.at;
        match self.peek() {
            Some(&Word::Number(number)) => {
                self.at += 1;
                Ok(Number::Const(number))
            }
            Some(Word::Key("len")) => {
                self.at += 1;
                Ok(Number::Len)
            }
            Some(Word::Key("-")) => {
                self.at += 1;
                self.arithmetic(TIGHTEST).map(|number| Number::Neg(Box::new(number)))
            }
            Some(Word::Key("(")) => {
                self.at += 1;
                let inside = self.arithmetic(0)?;
                self.expect(")")?;
                Ok(inside)
            }
            Some(Word::Key(key)) if PROTOCOLS.contains(key) => {
                self.at += 1;
                self.expect("[")?;
                let at = self.arithmetic(0)?;
                let mut size = 1;
                if self.take(":") {
                    size = self.number("how many bytes")?;
                    if !matches!(size, 1 | 2 | 4) {
                        self.at -= 1;
                        return Err(self.wrong("1, 2 or 4 bytes can be asked for"));
                    }
                }
                self.expect("]")?;
                Ok(Number::Bytes { proto: key, at: Box::new(at), size, span: self.since(first) })
            }
            Some(_) => Err(self.wrong("a number, `len` or bytes such as `ip[0]` are expected here")),
            None => Err(self.wrong("a number, `len` or bytes such as `ip[0]` are expected at the end")),
        }
    }
}
