//! The end of assembly: names become symbols, distances and relocations.

use std::collections::{HashMap, HashSet};

use super::build::{At, Attributes, Builder, Fixup, Patch, Size, Written, WrittenTarget};
use super::cursor::{Near, Read, Reference, shorten};
use super::{AsmError, MAX_ERRORS, Span};
use crate::isa::raw::RawInsn;
use crate::isa::spelling::{Holds, Starts, default_align, default_binding, is_private};
use crate::isa::unit::{Binding, Content, Place, Reloc, RelocKind, Section, Symbol, SymbolKind, Target, Unit};

const SLOT: u64 = RawInsn::SIZE as u64;

/// What a name turned out to be.
enum Found {
    /// A place in this unit; whether references to it stay relocations against the symbol.
    Label(Place, bool),
    /// A map, or a symbol defined elsewhere.
    Symbol,
    /// A section's start.
    Section(usize),
}

impl Builder<'_> {
    /// The unit, and the errors of the whole text.
    pub fn finish(mut self) -> (Unit, Vec<AsmError>) {
        let bindings = self.bindings();
        let mut relocs = Vec::new();
        for fixup in std::mem::take(&mut self.fixups) {
            if self.errors.len() >= MAX_ERRORS {
                break;
            }
            match self.fix(&fixup, &bindings) {
                Ok(reloc) => relocs.extend(reloc),
                Err(e) => self.errors.push(e),
            }
        }
        for written in std::mem::take(&mut self.written) {
            if self.errors.len() >= MAX_ERRORS {
                break;
            }
            match self.written(&written) {
                Ok(reloc) => relocs.push(reloc),
                Err(e) => self.errors.push(e),
            }
        }
        self.fill_maps();
        let exception_callbacks = self.exception_callbacks(&bindings);
        let symbols = self.symbols(&bindings, &relocs);
        let sections = self.sections();
        let (maps, lines) = (std::mem::take(&mut self.maps), std::mem::take(&mut self.lines));
        let mut unit = Unit { sections, symbols: Vec::new(), relocs, maps, exception_callbacks, lines };
        unit.symbols = self.sized(symbols, &unit);
        unit.sort();
        (unit, self.errors)
    }

    /// Kind and binding of each label that becomes a symbol.
    fn bindings(&self) -> HashMap<String, (SymbolKind, Binding)> {
        let referred = self.fixups.iter().filter(|f| matches!(f.what, Patch::Call | Patch::Address(_)));
        let referred: HashSet<&str> = referred
            .filter(|f| f.reference.addend == 0)
            .filter_map(|f| match &f.reference.target {
                Near::Name(name) => Some(name.as_str()),
                Near::Number(..) => None,
            })
            .collect();
        let nothing = Attributes::default();
        let mut bindings = HashMap::new();
        for (name, (place, _)) in &self.labels {
            let said = self.attributes.get(name).unwrap_or(&nothing);
            let section = &self.sections[place.section];
            let outside = matches!(said.binding, Some(Binding::Global | Binding::Weak));
            let kind = said.kind.or_else(|| match section.holds {
                _ if is_private(name) => None,
                Holds::Data | Holds::Zeros => Some(SymbolKind::Object),
                Holds::Code if outside || place.offset == 0 || referred.contains(name.as_str()) => {
                    Some(SymbolKind::Func)
                }
                Holds::Code => said.size.as_ref().map(|_| SymbolKind::NoType),
            });
            if let Some(kind) = kind {
                let default = default_binding(&section.name, section.holds, kind, place.offset);
                bindings.insert(name.clone(), (kind, said.binding.unwrap_or(default)));
            }
        }
        bindings
    }

    fn find(&mut self, name: &str, span: Span, bindings: &HashMap<String, (SymbolKind, Binding)>) -> Read<Found> {
        if let Some((place, _)) = self.labels.get(name) {
            let outside = bindings.get(name).is_some_and(|(_, binding)| *binding != Binding::Local);
            return Ok(Found::Label(*place, outside));
        }
        let external = self.attributes.get(name).is_some_and(|a| a.external || a.binding.is_some());
        if external || self.map_index.contains_key(name) {
            return Ok(Found::Symbol);
        }
        if let Some(&index) = self.section_index.get(name) {
            return Ok(Found::Section(index));
        }
        Err(self.unknown("name", name, span))
    }

    fn unknown(&mut self, what: &str, name: &str, span: Span) -> AsmError {
        let known = self.labels.keys().chain(self.map_index.keys()).map(String::as_str);
        // Names in a fixed order, so that the same text gives the same message.
        let mut known: Vec<&str> = if self.suggest.spent() { Vec::new() } else { known.collect() };
        known.sort_unstable();
        let hint = self.suggest.text(name, known.into_iter());
        AsmError::new(span, format!("unknown {what} `{}`{hint}", shorten(name)))
    }

    /// The place that a jump's reference means.
    fn place(&mut self, reference: &Reference, at: Place) -> Read<Place> {
        let name = match &reference.target {
            Near::Name(name) => name,
            Near::Number(number, forward) => {
                return self.nearest(*number, *forward, reference.span, at);
            }
        };
        match self.labels.get(name) {
            Some((place, _)) => {
                let offset = place.offset.checked_add_signed(reference.addend);
                let offset = offset
                    .ok_or_else(|| AsmError::new(reference.span, "this place is before the section".to_owned()))?;
                Ok(Place { offset, ..*place })
            }
            None => Err(self.unknown("label", name, reference.span)),
        }
    }

    fn nearest(&self, number: u32, forward: bool, span: Span, at: Place) -> Read<Place> {
        let places = self.numbered.get(&number).map_or(&[][..], Vec::as_slice);
        let next = places.partition_point(|(label, _)| (label.line, label.column) < (span.line, span.column));
        let index = if forward { Some(next) } else { next.checked_sub(1) };
        let found = index.and_then(|index| places.get(index)).map(|(_, place)| *place);
        let direction = if forward { "after" } else { "before" };
        let missing = format!("there is no label `{number}:` {direction} this line in this section");
        found.filter(|place| place.section == at.section).ok_or(AsmError::new(span, missing))
    }

    /// Puts a reference's value into its section, or makes the relocation that does.
    fn fix(&mut self, fixup: &Fixup, bindings: &HashMap<String, (SymbolKind, Binding)>) -> Read<Option<Reloc>> {
        let Fixup { place, what, reference } = fixup;
        match (what, &reference.target) {
            (Patch::Jump16 | Patch::Jump32, _) => {
                let target = self.place(reference, *place)?;
                self.jump(*place, target, *what, reference.span)?;
                Ok(None)
            }
            (Patch::Call, Near::Name(name)) => self.call(*place, name, reference.span, bindings),
            (Patch::Address(kind), Near::Name(name)) => {
                let found = self.find(name, reference.span, bindings)?;
                let (target, addend) = match found {
                    Found::Symbol | Found::Label(_, true) => (Target::Symbol(name.clone()), reference.addend),
                    Found::Label(at, false) => {
                        (Target::Section(at.section), reference.addend.wrapping_add(at.offset as i64))
                    }
                    Found::Section(index) => (Target::Section(index), reference.addend),
                };
                self.put_address(*place, *kind, addend, reference.span)?;
                Ok(Some(Reloc { place: *place, kind: *kind, target }))
            }
            (_, Near::Number(..)) => {
                Err(AsmError::new(reference.span, "numbered labels can only be jumped to".to_owned()))
            }
        }
    }

    fn jump(&mut self, from: Place, to: Place, what: Patch, span: Span) -> Read<()> {
        if from.section != to.section {
            let name = &self.sections[to.section].name;
            return Err(AsmError::new(span, format!("this label is in another section, `{name}`")));
        }
        if !to.offset.is_multiple_of(SLOT) {
            return Err(AsmError::new(span, "this label is in the middle of an instruction".to_owned()));
        }
        let off = (to.offset / SLOT) as i64 - (from.offset / SLOT) as i64 - 1;
        if what == Patch::Jump32 {
            let off = i32::try_from(off).map_err(|_| AsmError::new(span, "this label is too far away".to_owned()))?;
            self.put(from.section, from.offset + 4, &off.to_le_bytes());
            return Ok(());
        }
        let off = i16::try_from(off).map_err(|_| {
            AsmError::new(span, format!("this label is {off} slots away, and the jump reaches 32767: `gotol` reaches"))
        })?;
        self.put(from.section, from.offset + 2, &off.to_le_bytes());
        Ok(())
    }

    /// A call: of a function in this section directly, of others by relocation, of a helper by its number.
    fn call(
        &mut self,
        from: Place,
        name: &str,
        span: Span,
        bindings: &HashMap<String, (SymbolKind, Binding)>,
    ) -> Read<Option<Reloc>> {
        let helper = self.names.helpers.iter().find(|row| row.1 == name).map(|row| row.0);
        let known = self.labels.contains_key(name) || self.attributes.contains_key(name);
        if let (Some(number), false) = (helper, known) {
            self.put(from.section, from.offset + 1, &[0]);
            self.put(from.section, from.offset + 4, &number.to_le_bytes());
            return Ok(None);
        }
        let found = match self.find(name, span, bindings) {
            Ok(Found::Section(_)) | Err(_) => return Err(self.unknown_function(name, span)),
            Ok(found) => found,
        };
        let (target, slots) = match found {
            Found::Label(to, _)
                if self.sections[to.section].holds != Holds::Code || !to.offset.is_multiple_of(SLOT) =>
            {
                return Err(AsmError::new(span, format!("`{}` is data, not a function", shorten(name))));
            }
            Found::Label(to, false) if to.section == from.section => {
                let off = (to.offset / SLOT) as i64 - (from.offset / SLOT) as i64 - 1;
                self.put(from.section, from.offset + 4, &(off as i32).to_le_bytes());
                return Ok(None);
            }
            Found::Label(to, false) => (Target::Section(to.section), (to.offset / SLOT) as i64 - 1),
            _ if self.map_index.contains_key(name) => {
                return Err(AsmError::new(span, format!("`{}` is a map, not a function", shorten(name))));
            }
            _ => (Target::Symbol(name.to_owned()), -1),
        };
        self.put(from.section, from.offset + 4, &(slots as i32).to_le_bytes());
        Ok(Some(Reloc { place: from, kind: RelocKind::Call, target }))
    }

    fn unknown_function(&mut self, name: &str, span: Span) -> AsmError {
        let labels = self.labels.iter().filter(|(_, (place, _))| self.sections[place.section].holds == Holds::Code);
        let mut known: Vec<&str> = Vec::new();
        if !self.suggest.spent() {
            known.extend(labels.map(|(name, _)| name.as_str()));
            known.sort_unstable();
        }
        let helpers = self.names.helpers.iter().map(|row| row.1);
        let hint = self.suggest.text(name, known.into_iter().chain(helpers));
        AsmError::new(span, format!("unknown function or helper `{}`{hint}", shorten(name)))
    }

    /// Puts the addend where the relocation finds it.
    fn put_address(&mut self, place: Place, kind: RelocKind, addend: i64, span: Span) -> Read<()> {
        let bytes = addend.to_le_bytes();
        match kind {
            RelocKind::Imm64 => {
                self.put(place.section, place.offset + 4, &bytes[..4]);
                self.put(place.section, place.offset + 12, &bytes[4..]);
            }
            RelocKind::Abs32 if u32::try_from(addend).is_err() && i32::try_from(addend).is_err() => {
                return Err(AsmError::new(span, format!("{addend} does not fit in 32 bits")));
            }
            RelocKind::Abs32 | RelocKind::Call => self.put(place.section, place.offset, &bytes[..4]),
            RelocKind::Abs64 => self.put(place.section, place.offset, &bytes),
        }
        Ok(())
    }

    /// Overwrites bytes that a statement has appended before.
    fn put(&mut self, section: usize, offset: u64, bytes: &[u8]) {
        let end = offset as usize + bytes.len();
        if let Some(place) = self.sections[section].bytes.get_mut(offset as usize..end) {
            place.copy_from_slice(bytes);
        }
    }

    fn written(&mut self, written: &Written) -> Read<Reloc> {
        let Written { place, kind, span, .. } = written;
        if place.offset >= self.sections[place.section].len() {
            return Err(AsmError::new(*span, "this relocation is behind the end of its section".to_owned()));
        }
        let target = match &written.target {
            WrittenTarget::Section(name) => match self.section_index.get(name) {
                Some(&index) => Target::Section(index),
                None => return Err(self.unknown("section", name, *span)),
            },
            WrittenTarget::Symbol(name) => {
                let known = self.labels.contains_key(name)
                    || self.map_index.contains_key(name)
                    || self.attributes.get(name).is_some_and(|a| a.external || a.binding.is_some());
                if !known {
                    return Err(self.unknown("symbol", name, *span));
                }
                Target::Symbol(name.clone())
            }
        };
        Ok(Reloc { place: *place, kind: *kind, target })
    }

    fn fill_maps(&mut self) {
        for (index, at, name, span) in std::mem::take(&mut self.map_entries) {
            if self.errors.len() >= MAX_ERRORS {
                break;
            }
            let known = self.labels.contains_key(&name)
                || self.map_index.contains_key(&name)
                || self.attributes.get(&name).is_some_and(|a| a.external);
            if known {
                self.maps[index].values.push((at, name));
            } else {
                let error = self.unknown("program or map", &name, span);
                self.errors.push(error);
            }
        }
    }

    /// Programs and their exception callbacks, which must be functions. Names that nothing has are told with all others.
    fn exception_callbacks(&mut self, bindings: &HashMap<String, (SymbolKind, Binding)>) -> Vec<(String, String)> {
        let pairs = std::mem::take(&mut self.exception_callbacks);
        for (name, span) in pairs.iter().flatten() {
            let function = bindings.get(name).is_some_and(|(kind, _)| *kind == SymbolKind::Func);
            let known = self.labels.contains_key(name) || self.map_index.contains_key(name);
            if known && !function && self.errors.len() < MAX_ERRORS {
                self.errors.push(AsmError::new(*span, format!("`{}` is no function", shorten(name))));
            }
        }
        pairs.into_iter().map(|[(program, _), (callback, _)]| (program, callback)).collect()
    }

    fn sections(&mut self) -> Vec<Section> {
        let mut sections = Vec::new();
        for draft in std::mem::take(&mut self.sections) {
            let align = draft.align.unwrap_or(default_align(draft.flags));
            let content = match draft.holds {
                Holds::Zeros => Content::Zero(draft.zeros),
                Holds::Data => Content::Data(draft.bytes),
                Holds::Code => {
                    let (slots, rest) = draft.bytes.as_chunks::<8>();
                    if !rest.is_empty() {
                        let message = format!("`{}` ends in the middle of an instruction", draft.name);
                        self.errors.push(AsmError::new(draft.span, message));
                    }
                    Content::Code(slots.iter().map(|slot| RawInsn::from_bytes(*slot)).collect())
                }
            };
            sections.push(Section { name: draft.name, flags: draft.flags, align, content });
        }
        sections
    }

    /// Symbols without their sizes: the labels that become symbols, and the names defined elsewhere.
    fn symbols(&mut self, bindings: &HashMap<String, (SymbolKind, Binding)>, relocs: &[Reloc]) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        for (name, (place, _)) in &self.labels {
            let hidden = self.attributes.get(name).is_some_and(|a| a.hidden);
            if let Some(&(kind, binding)) = bindings.get(name) {
                symbols.push(Symbol { name: name.clone(), place: Some(*place), size: 0, binding, kind, hidden });
            }
        }
        let used: HashSet<&str> = relocs
            .iter()
            .filter_map(|r| match &r.target {
                Target::Symbol(name) => Some(name.as_str()),
                Target::Section(_) => None,
            })
            .collect();
        let mut lost = Vec::new();
        for (name, said) in &self.attributes {
            if self.labels.contains_key(name) || self.map_index.contains_key(name) {
                continue;
            }
            if !said.external && !used.contains(name.as_str()) {
                lost.extend(said.span.map(|span| (span, name.clone())));
                continue;
            }
            let binding = said.binding.unwrap_or(Binding::Global);
            let kind = said.kind.unwrap_or(SymbolKind::NoType);
            symbols.push(Symbol { name: name.clone(), place: None, size: 0, binding, kind, hidden: said.hidden });
        }
        for (span, name) in lost.into_iter().take(MAX_ERRORS) {
            let error = self.unknown("name", &name, span);
            self.errors.push(error);
        }
        symbols
    }

    /// Gives each symbol its size: the one it was given, or the default of its kind.
    fn sized(&mut self, mut symbols: Vec<Symbol>, unit: &Unit) -> Vec<Symbol> {
        let starts = Starts::of(&symbols);
        for symbol in &mut symbols {
            let said = self.attributes.get(&symbol.name);
            let (size, span) = said.map_or((None, None), |a| (a.size.clone(), a.span));
            symbol.size = match (size, symbol.place) {
                (None, Some(place)) => starts.size(unit, symbol.kind, place),
                (None, None) => 0,
                (Some(size), place) => {
                    let result = self.distance(size).and_then(|size| {
                        let end = place.map_or(u64::MAX, |p| unit.sections[p.section].content.len());
                        let room = end - place.map_or(0, |p| p.offset);
                        let outside = format!("`{}` would end outside its section", shorten(&symbol.name));
                        let span = span.unwrap_or(Span { line: 1, column: 1, length: 1 });
                        if size <= room { Ok(size) } else { Err(AsmError::new(span, outside)) }
                    });
                    result.unwrap_or_else(|e| {
                        self.errors.push(e);
                        0
                    })
                }
            };
        }
        symbols
    }

    fn distance(&mut self, size: Size) -> Read<u64> {
        let (from, to) = match size {
            Size::Number(size) => return Ok(size),
            Size::Distance { from, to } => (from, to),
        };
        let span = match (&from, &to) {
            (At::Label(r), _) | (_, At::Label(r)) => r.span,
            _ => return Ok(0),
        };
        let nowhere = Place { section: usize::MAX, offset: 0 };
        let mut at = |at: At| match at {
            At::Here(place) => Ok(place),
            At::Label(reference) => self.place(&reference, nowhere),
        };
        let (from, to) = (at(from)?, at(to)?);
        let size = to.offset.checked_sub(from.offset).filter(|_| from.section == to.section);
        size.ok_or_else(|| AsmError::new(span, "expected two places of one section, the later first".to_owned()))
    }
}
