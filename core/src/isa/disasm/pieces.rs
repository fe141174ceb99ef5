//! Where a section's text has to be cut: at labels, and at relocations that no instruction explains.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::isa::codec::decode;
use crate::isa::insn::{Call, Insn};
use crate::isa::raw::{Pc, RawInsn};
use crate::isa::unit::{Binding, Content, Place, Reloc, Symbol, Target, Unit};

const SLOT: u64 = RawInsn::SIZE as u64;

/// The names of a unit by place, found once.
pub(super) struct Index<'u> {
    pub unit: &'u Unit,
    /// Symbols by place.
    pub symbols: BTreeMap<Place, Vec<&'u Symbol>>,
    /// Relocations by place.
    pub relocs: BTreeMap<Place, Vec<&'u Reloc>>,
    /// Labels made up for the targets of jumps that have no symbol.
    pub labels: BTreeMap<Place, String>,
    /// All names that are taken by symbols and maps.
    pub names: HashSet<&'u str>,
    /// Names that are not those of local symbols: relocations name these as they are.
    outside: HashSet<&'u str>,
    maps: HashSet<&'u str>,
    /// Names of symbols where no instruction begins: only a relocation written out can have them called.
    no_functions: HashSet<&'u str>,
    /// Names of programs that throw and of their exception callbacks, which are global unless said otherwise.
    pub throwing: HashSet<&'u str>,
}

impl<'u> Index<'u> {
    pub fn of(unit: &'u Unit) -> Index<'u> {
        let mut index = Index {
            unit,
            symbols: BTreeMap::new(),
            relocs: BTreeMap::new(),
            labels: BTreeMap::new(),
            names: HashSet::new(),
            outside: HashSet::new(),
            no_functions: HashSet::new(),
            maps: unit.maps.iter().map(|m| m.name.as_str()).collect(),
            throwing: unit.exception_callbacks.iter().flat_map(|(of, callback)| [of.as_str(), callback]).collect(),
        };
        for symbol in &unit.symbols {
            index.names.insert(&symbol.name);
            if symbol.place.is_none() || symbol.binding != Binding::Local {
                index.outside.insert(&symbol.name);
            }
            if let Some(place) = symbol.place {
                let code = matches!(unit.sections.get(place.section).map(|s| &s.content), Some(Content::Code(_)));
                if !code || !place.offset.is_multiple_of(SLOT) {
                    index.no_functions.insert(&symbol.name);
                }
                index.symbols.entry(place).or_default().push(symbol);
            }
        }
        for map in &unit.maps {
            index.names.insert(&map.name);
            index.outside.insert(&map.name);
        }
        for reloc in &unit.relocs {
            index.relocs.entry(reloc.place).or_default().push(reloc);
        }
        index.make_labels();
        index
    }

    /// Gives a label to each place that is jumped to and has no symbol.
    fn make_labels(&mut self) {
        let mut targets = BTreeSet::new();
        for (section, content) in self.unit.sections.iter().enumerate() {
            let Content::Code(slots) = &content.content else {
                continue;
            };
            let mut pc = 0;
            while pc < slots.len() {
                let Ok((insn, len)) = decode(slots, Pc(pc as u32)) else {
                    pc += 1;
                    continue;
                };
                let place = Place { section, offset: pc as u64 * SLOT };
                targets.extend(self.jump_target(&insn, place).filter(|t| !self.symbols.contains_key(t)));
                pc += len as usize;
            }
        }
        let mut number = 0;
        for target in targets {
            let name = loop {
                number += 1;
                let name = format!(".L{number}");
                if !self.names.contains(name.as_str()) {
                    break name;
                }
            };
            self.labels.insert(target, name);
        }
    }

    /// The place in the section that a jump or an unrelocated call goes to.
    pub fn jump_target(&self, insn: &Insn, place: Place) -> Option<Place> {
        let off = match *insn {
            Insn::Jump { off, .. } | Insn::MayGoto { off } => off.into(),
            Insn::Goto { off, .. } => off,
            Insn::Call(Call::Local(off)) if !self.relocs.contains_key(&place) => off,
            _ => return None,
        };
        let offset = i64::from(off).checked_add(1)?.checked_mul(SLOT as i64)?;
        let offset = place.offset.checked_add_signed(offset)?;
        let len = self.unit.sections.get(place.section)?.content.len();
        (offset <= len).then_some(Place { offset, ..place })
    }

    /// What to call a place that is jumped to.
    pub fn label(&self, place: Place) -> Option<String> {
        let symbol = self.symbols.get(&place).and_then(|symbols| symbols.first());
        symbol.map(|s| s.name.clone()).or_else(|| self.labels.get(&place).cloned())
    }

    /// The label of a function that a call reaches without relocation: it must be a local name.
    pub fn local_label(&self, place: Place) -> Option<String> {
        match self.symbols.get(&place) {
            Some(_) => self.local_symbol(place).map(|s| s.name.clone()),
            None => self.labels.get(&place).cloned(),
        }
    }

    /// A local symbol at that place whose name stands for its section and offset.
    fn local_symbol(&self, place: Place) -> Option<&'u Symbol> {
        self.symbols.get(&place)?.iter().find(|s| s.binding == Binding::Local).copied()
    }

    /// The text that gives the same relocation with this addend: a name, maybe with a number added.
    pub fn reference(&self, target: &Target, addend: i64) -> Option<String> {
        let (name, addend) = match target {
            Target::Symbol(name) if self.outside.contains(name.as_str()) => (name, addend),
            Target::Symbol(_) => return None,
            Target::Section(section) => {
                let offset = u64::try_from(addend).ok();
                let local = offset.and_then(|offset| self.local_symbol(Place { section: *section, offset }));
                let name = &self.unit.sections.get(*section)?.name;
                match local {
                    Some(symbol) => (&symbol.name, 0),
                    // A symbol of the section's name would be found in its place.
                    None if self.names.contains(name.as_str()) => return None,
                    None => (name, addend),
                }
            }
        };
        let name = crate::isa::spelling::name(name);
        Some(match addend {
            0 => name,
            1.. => format!("{name} + {addend:#x}"),
            _ => format!("{name} - {:#x}", addend.unsigned_abs()),
        })
    }

    /// The name of what a relocated call calls.
    pub fn callee(&self, target: &Target, imm: i32, section: usize) -> Option<String> {
        match target {
            Target::Symbol(name) if imm == -1 && self.outside.contains(name.as_str()) => {
                let callable = !self.maps.contains(name.as_str()) && !self.no_functions.contains(name.as_str());
                callable.then(|| crate::isa::spelling::name(name))
            }
            Target::Section(other) if *other != section => {
                let offset = u64::try_from(i64::from(imm) + 1).ok()? * SLOT;
                let symbol = self.local_symbol(Place { section: *other, offset })?;
                let is_code = matches!(self.unit.sections.get(*other)?.content, Content::Code(_));
                is_code.then(|| crate::isa::spelling::name(&symbol.name))
            }
            _ => None,
        }
    }
}

/// Places in a section, by offset, at which text must be cut.
pub(super) fn cuts(index: &Index, section: usize) -> Vec<u64> {
    let all = Place { section, offset: 0 }..=Place { section, offset: u64::MAX };
    let mut cuts: Vec<u64> = index.symbols.range(all.clone()).map(|(p, _)| p.offset).collect();
    cuts.extend(index.labels.range(all.clone()).map(|(p, _)| p.offset));
    cuts.extend(index.relocs.range(all).map(|(p, _)| p.offset));
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}
