//! What the statements read so far have built.

use std::collections::{BTreeMap, HashMap};

use super::cursor::{Cursor, Read, Reference, shorten};
use super::lex::{Kind, Token};
use super::suggest::{self, Suggest};
use super::{AsmError, MAX_BYTES, Span, directive, insn};
use crate::isa::Names;
use crate::isa::insn::{Call, Insn};
use crate::isa::raw::{Pc, RawInsn};
use crate::isa::spelling::{Holds, section_defaults};
use crate::isa::unit::{Binding, MapDef, Place, RelocKind, SectionFlags, SectionIndex, SourceLine, SymbolKind};

/// A section in the making.
pub(super) struct Draft {
    pub name: String,
    pub holds: Holds,
    pub flags: SectionFlags,
    /// The alignment asked for, if any.
    pub align: Option<u64>,
    pub bytes: Vec<u8>,
    /// Size of a section of zeros, whose bytes are not kept.
    pub zeros: u64,
    /// Where it was first named.
    pub span: Span,
}

impl Draft {
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64 + self.zeros
    }
}

/// What directives have said of a name.
#[derive(Clone, Default)]
pub(super) struct Attributes {
    pub binding: Option<Binding>,
    pub kind: Option<SymbolKind>,
    pub size: Option<Size>,
    pub hidden: bool,
    pub external: bool,
    pub span: Option<Span>,
}

/// The operand of `.size`.
#[derive(Clone)]
pub(super) enum Size {
    Number(u64),
    /// The distance from one place to another; a name or the current place each.
    Distance {
        from: At,
        to: At,
    },
}

/// A place given by a label or by `.`.
#[derive(Clone)]
pub(super) enum At {
    Label(Reference),
    Here(Place),
}

/// Where a name's value goes.
pub(super) struct Fixup {
    pub place: Place,
    pub what: Patch,
    pub reference: Reference,
}

/// How a name's value is put in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Patch {
    Jump16,
    Jump32,
    Call,
    Address(RelocKind),
}

/// A relocation written out by `.reloc`.
pub(super) struct Written {
    pub place: Place,
    pub kind: RelocKind,
    pub target: WrittenTarget,
    pub span: Span,
}

pub(super) enum WrittenTarget {
    Symbol(String),
    Section(String),
}

/// The unit in the making.
pub(super) struct Builder<'n> {
    pub names: Names<'n>,
    pub sections: Vec<Draft>,
    pub section_index: HashMap<String, SectionIndex>,
    /// The section that statements go to; `None` before the first.
    pub current: Option<SectionIndex>,
    /// Inside a section that is passed over (BTF, DWARF).
    pub skipping: bool,
    pub labels: HashMap<String, (Place, Span)>,
    pub numbered: HashMap<u32, Vec<(Span, Place)>>,
    pub attributes: BTreeMap<String, Attributes>,
    pub constants: HashMap<String, i64>,
    pub fixups: Vec<Fixup>,
    pub written: Vec<Written>,
    pub maps: Vec<MapDef>,
    pub map_index: HashMap<String, usize>,
    pub map_entries: Vec<(usize, u32, String, Span)>,
    pub exception_callbacks: Vec<[(String, Span); 2]>,
    pub lines: Vec<SourceLine>,
    pub errors: Vec<AsmError>,
    pub suggest: Suggest,
    pub total: u64,
}

impl<'n> Builder<'n> {
    pub fn new(names: Names<'n>) -> Builder<'n> {
        Builder {
            names,
            sections: Vec::new(),
            section_index: HashMap::new(),
            current: None,
            skipping: false,
            labels: HashMap::new(),
            numbered: HashMap::new(),
            attributes: BTreeMap::new(),
            constants: HashMap::new(),
            fixups: Vec::new(),
            written: Vec::new(),
            maps: Vec::new(),
            map_index: HashMap::new(),
            map_entries: Vec::new(),
            exception_callbacks: Vec::new(),
            lines: Vec::new(),
            errors: Vec::new(),
            suggest: Suggest::default(),
            total: 0,
        }
    }

    /// Reads a statement: labels, then nothing, a directive or an instruction.
    pub fn statement(&mut self, tokens: &[Token]) {
        let mut rest = tokens;
        while let [label, colon, after @ ..] = rest
            && colon.kind == Kind::Punct(":")
        {
            if let Err(e) = self.label(label) {
                self.errors.push(e);
            }
            rest = after;
        }
        let bad = rest.iter().any(|token| token.kind == Kind::Bad);
        if bad || rest.first().is_none_or(|token| token.kind == Kind::End) {
            return;
        }
        if let Err(e) = self.body(rest) {
            self.errors.push(e);
        }
    }

    fn body(&mut self, tokens: &[Token]) -> Read<()> {
        let first = &tokens[0];
        let directive = match first.kind {
            Kind::Name(name) if name.starts_with('.') => Some(name),
            _ => None,
        };
        if let Some(name) = directive {
            return directive::directive(self, &name.to_ascii_lowercase(), tokens);
        }
        if self.skipping {
            return Ok(());
        }
        // The constants are lent to the cursor while `self` stays whole.
        let constants = std::mem::take(&mut self.constants);
        let mut cursor = Cursor::new(tokens, &constants);
        let parsed = insn::instruction(&mut cursor).and_then(|parsed| {
            if parsed.is_some() {
                cursor.done()?;
            }
            Ok(parsed)
        });
        self.constants = constants;
        match parsed? {
            Some((insn, reference)) => self.emit(insn, reference, first.span),
            None => Err(self.no_statement(first)),
        }
    }

    fn no_statement(&mut self, first: &Token) -> AsmError {
        let found = shorten(first.text);
        let message = match found.to_ascii_lowercase().as_str() {
            "callx" => "no kernel takes `callx`: calls name what they call".to_owned(),
            word if let Some(ours) = suggest::of_other_syntax(word) => {
                format!("LLVM's syntax has no `{found}`: it is written like `{ours}`")
            }
            word => {
                const WORDS: [&str; 9] =
                    ["if", "goto", "gotol", "may_goto", "call", "exit", "lock", "ld_pseudo", "store_release"];
                let hint = self.suggest.text(word, WORDS.into_iter());
                format!("expected an instruction, a label or a directive, found `{found}`{hint}")
            }
        };
        AsmError::new(first.span, message)
    }

    fn label(&mut self, token: &Token) -> Read<()> {
        if self.skipping {
            return Ok(());
        }
        let place = match token.kind {
            Kind::Number(_) | Kind::Name(_) | Kind::Quoted(_) => self.here(token.span),
            _ => {
                return Err(AsmError::new(token.span, "expected a label before `:`".to_owned()));
            }
        };
        if let Kind::Number(number) = token.kind {
            let number = u32::try_from(number)
                .map_err(|_| AsmError::new(token.span, "this label's number is too large".to_owned()))?;
            self.numbered.entry(number).or_default().push((token.span, place));
            return Ok(());
        }
        let constants = HashMap::new();
        let (name, span) = Cursor::new(std::slice::from_ref(token), &constants).name("a label")?;
        self.define(name, place, span)
    }

    /// Gives `name` to a place.
    pub fn define(&mut self, name: String, place: Place, span: Span) -> Read<()> {
        self.check_new(&name, span)?;
        self.labels.insert(name, (place, span));
        Ok(())
    }

    /// An error if the name is taken by a label, a map or a constant.
    pub fn check_new(&self, name: &str, span: Span) -> Read<()> {
        let before = self.labels.get(name).map(|(_, span)| format!(" in line {}", span.line));
        let before = before.or_else(|| self.map_index.contains_key(name).then(|| " as a map".to_owned()));
        let before = before.or_else(|| self.constants.contains_key(name).then(|| " as a number".to_owned()));
        match before {
            Some(place) => Err(AsmError::new(span, format!("`{}` is already defined{place}", shorten(name)))),
            None => Ok(()),
        }
    }

    /// Goes on in the section of that name, made if it is new.
    pub fn enter(&mut self, name: &str, span: Span) -> SectionIndex {
        let index = match self.section_index.get(name) {
            Some(&index) => index,
            None => {
                let (holds, flags) = section_defaults(name);
                let name = name.to_owned();
                self.section_index.insert(name.clone(), self.sections.len());
                let bytes = Vec::new();
                self.sections.push(Draft { name, holds, flags, align: None, bytes, zeros: 0, span });
                self.sections.len() - 1
            }
        };
        self.current = Some(index);
        self.skipping = false;
        index
    }

    /// The current section; `.text` when none was named.
    pub fn section(&mut self, span: Span) -> SectionIndex {
        match self.current {
            Some(index) => index,
            None => self.enter(".text", span),
        }
    }

    pub fn here(&mut self, span: Span) -> Place {
        let section = self.section(span);
        Place { section, offset: self.sections[section].len() }
    }

    /// Appends bytes to the current section.
    pub fn append(&mut self, bytes: &[u8], span: Span) -> Read<()> {
        let section = self.section(span);
        self.count(bytes.len() as u64, span)?;
        let draft = &mut self.sections[section];
        if draft.holds != Holds::Zeros {
            draft.bytes.extend_from_slice(bytes);
        } else if bytes.iter().all(|&b| b == 0) {
            draft.zeros += bytes.len() as u64;
        } else {
            return Err(AsmError::new(span, format!("`{}` holds zeros only: expected `.zero`", draft.name)));
        }
        Ok(())
    }

    /// Appends that many bytes of one value.
    pub fn fill(&mut self, len: u64, value: u8, span: Span) -> Read<()> {
        let section = self.section(span);
        if self.sections[section].holds == Holds::Zeros && value == 0 {
            self.count(len, span)?;
            self.sections[section].zeros += len;
            return Ok(());
        }
        if len > MAX_BYTES - self.total.min(MAX_BYTES) {
            return self.count(len, span);
        }
        self.append(&vec![value; len as usize], span)
    }

    fn count(&mut self, len: u64, span: Span) -> Read<()> {
        self.total = self.total.saturating_add(len);
        if self.total > MAX_BYTES {
            return Err(AsmError::new(span, format!("the sections grow beyond {MAX_BYTES} bytes")));
        }
        Ok(())
    }

    fn emit(&mut self, insn: Insn, reference: Option<Reference>, span: Span) -> Read<()> {
        let place = self.here(span);
        let draft = &self.sections[place.section];
        if draft.holds != Holds::Code {
            let message = format!("`{}` holds data: expected `.text` or `.section` before instructions", draft.name);
            return Err(AsmError::new(span, message));
        }
        if !place.offset.is_multiple_of(RawInsn::SIZE as u64) {
            let message = format!("instructions start at multiples of 8 bytes, not at {}", place.offset);
            return Err(AsmError::new(span, message));
        }
        for slot in insn.encode().slots() {
            self.append(&slot.to_bytes(), span)?;
        }
        let pc: Pc = place.pc();
        self.lines.push(SourceLine { section: place.section, pc, line: span.line });
        if let Some(reference) = reference {
            let what = match insn {
                Insn::Goto { long: true, .. } => Patch::Jump32,
                Insn::Call(Call::Local(_)) => Patch::Call,
                Insn::LoadImm64 { .. } => Patch::Address(RelocKind::Imm64),
                _ => Patch::Jump16,
            };
            self.fixups.push(Fixup { place, what, reference });
        }
        Ok(())
    }
}
