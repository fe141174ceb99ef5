//! Text to a [`Unit`], statement by statement: `lex` makes tokens, `insn` and `directive` read statements through
//! a `cursor`, `build` holds what they have built, `resolve` turns names into symbols, distances and relocations.
//! Statements are independent of each other, so that every mistake is found. The language is told at [`assemble`].

mod build;
mod cursor;
mod directive;
mod insn;
mod lex;
mod resolve;
mod suggest;

use std::fmt;

use super::Names;
use super::unit::Unit;

/// The longest text that is read, in bytes.
pub const MAX_TEXT: usize = 16 << 20;
/// The most bytes of instructions and data that one unit may have.
pub const MAX_BYTES: u64 = 64 << 20;
/// The most errors that are reported.
pub const MAX_ERRORS: usize = 1000;

/// Where in the text something stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Span {
    line: u32,
    column: u32,
    length: u32,
}

impl Span {
    /// From the start of this to the end of `other`, if that is on the same line.
    fn to(self, other: Span) -> Span {
        if other.line != self.line || other.column < self.column {
            return self;
        }
        Span { length: other.column + other.length - self.column, ..self }
    }
}

/// A mistake in the text.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AsmError {
    /// Line, from 1.
    pub line: u32,
    /// Column of the first wrong character, from 1, in characters.
    pub column: u32,
    /// How many characters are wrong, at least 1.
    pub length: u32,
    /// What is wrong and what was expected.
    pub message: String,
}

impl AsmError {
    fn new(span: Span, message: String) -> AsmError {
        AsmError { line: span.line, column: span.column, length: span.length, message }
    }
}

impl fmt::Display for AsmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for AsmError {}

/// Assembles LLVM's BPF assembly, with maps and licence declared in a line each, into a [`Unit`]; `names` are the
/// helpers and map types that the text may name.
///
/// Instructions are written as LLVM writes them (`r0 = *(u32 *)(r1 + 0x50)`), numbers in decimal, hexadecimal,
/// octal, binary or as `'a'`; `goto` takes a label, `1f`/`1b` for the nearest label `1:`, or `+5`; `call` takes
/// a helper's name or number or a function's name. Several statements of a line are separated by `;`.
/// A whole program:
///
/// ```text
/// .map counts, hash, key=4, value=8, entries=256
/// .license "GPL"
///
/// .section tc
/// count:
///         *(u32 *)(r10 - 4) = 0
///         r2 = r10
///         r2 += -4
///         r1 = counts ll
///         call bpf_map_lookup_elem
///         if r0 == 0 goto out
///         r1 = 1
///         lock *(u64 *)(r0 + 0) += r1
/// out:    r0 = 0
///         exit
/// ```
///
/// # Directives
///
/// | directive | does |
/// |---|---|
/// | `.section NAME[, "flags"[, @progbits[, entsize]]]` | goes on in that section; `.text`, `.data`, `.rodata`, `.bss` are short for theirs |
/// | `.license "GPL"[, symbol]` | the licence (section `license`) |
/// | `.map`, `.inner`, `.entry`, `.field` | maps, below |
/// | `.globl`, `.weak`, `.local`, `.hidden`, `.extern` | binding of the names that follow |
/// | `.exception_callback prog, handler` | when `prog` has thrown (`bpf_throw`), `handler` goes on with the cookie in `r1`; both are `.globl` |
/// | `.type f, @function` (`@object`, `@notype`), `.size f, 16` | what a name is, and its size in bytes |
/// | `.byte`, `.short`, `.long`, `.quad` | numbers of 1, 2, 4, 8 bytes; the last two also take names |
/// | `.ascii`, `.asciz`, `.zero N` | strings, without and with a zero at the end; N zero bytes |
/// | `.p2align N`, `.balign N` | alignment to 2^N or N bytes |
/// | `.equ NAME, N` | a name for a number |
/// | `.reloc ., R_BPF_64_64, f` | a relocation at this place, against the symbol itself or `section(NAME)` |
///
/// Sections `.BTF`, `.BTF.ext` and `.debug_*` and what only they need are passed over.
///
/// # Maps
///
/// ```text
/// .map   counts, percpu_array, key=4, value=8, entries=256
/// .map   cache,  lru_hash, key=8, value=16, entries=1024, flags=2
/// .map   jumps,  prog_array, key=4, value=4, entries=8
/// .entry jumps, 0, next                                   # the program `next` at index 0
/// .map   outer,  array_of_maps, key=4, value=4, entries=2
/// .inner outer,  array, key=4, value=8, entries=1         # what the maps in it look like
/// .entry outer, 0, first                                  # the map `first` at index 0
/// .map   locked, hash, key=4, value=16, entries=64
/// .field locked, bpf_spin_lock, 0                         # the kernel's own structure at the start of each value
/// ```
///
/// The type is the kernel's name in lower case, or its number. Keys are `key`, `value` (bytes), `entries`,
/// `flags`, `extra`, `numa`, `pin` (1: by name); what is left out is 0.
///
/// # Labels
///
/// A label in a code section is a function if it begins the section, is called or taken the address of, or is
/// `.globl`, `.weak` or `.type @function`; else it is only a place to jump to. The function that begins a section
/// other than `.text` is global, as libbpf wants programs to be. A label in a data section is an object. Functions
/// and objects reach to the next one. Labels that begin with `.L` never become symbols, unless given a `.type`.
///
/// Code needs no label to be a program: when an object is made of the unit, code that begins a section without a
/// function gets one, named after the section (`xdp`, `tc_ingress` in `tc/ingress`), or `prog` in `.text`.
///
/// # Errors
/// All mistakes in the text, by place, but no more than [`MAX_ERRORS`].
pub fn assemble(text: &str, names: &Names) -> Result<Unit, Vec<AsmError>> {
    if text.len() > MAX_TEXT {
        let start = Span { line: 1, column: 1, length: 1 };
        return Err(vec![AsmError::new(start, format!("the text is longer than {MAX_TEXT} bytes"))]);
    }
    let mut builder = build::Builder::new(*names);
    let tokens = lex::lex(text, &mut builder.errors);
    for statement in tokens.split_inclusive(|token| token.kind == lex::Kind::End) {
        if builder.errors.len() >= MAX_ERRORS {
            break;
        }
        builder.statement(statement);
    }
    let (unit, mut errors) = builder.finish();
    errors.sort_by_key(|e| (e.line, e.column));
    errors.dedup();
    errors.truncate(MAX_ERRORS);
    if errors.is_empty() { Ok(unit) } else { Err(errors) }
}
