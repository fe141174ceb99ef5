//! From a source to programs that can run, and to text in which each instruction has its line.

use super::{
    LabError, Origin, Source, classic,
    records::RecordTypes,
    view::{OriginView, PairView},
};
use crate::classic::{Ext, Form};
use crate::{
    isa::{self, AsmError, Pc, Unit},
    kernel::{Program, names},
    object::{self, LoadOptions, Loaded, Object, ObjectError},
    vm::ProgId,
};

/// What a source is made of: the object, its unit, the text that shows it with the line of each instruction, and the
/// classic filter that it was.
type Parts = (Object, Unit, String, Vec<(usize, Pc, u32)>, Option<Origin>);

impl Source {
    /// The object that the source is, or becomes. `name` is the file name that line information gives to text.
    ///
    /// # Errors
    /// As [`Compiled::new`], which loads it, too.
    pub fn object(&self, name: &str) -> Result<Object, LabError> {
        self.parts(name).map(|parts| parts.0)
    }

    fn parts(&self, name: &str) -> Result<Parts, LabError> {
        match self {
            Source::Asm(text) => {
                let unit = isa::assemble(text, &names()).map_err(LabError::Asm)?;
                let object = Object::from_source(&unit, object::Source { file: name, text })?;
                let listed = unit.lines.iter().map(|l| (l.section, l.pc, l.line)).collect();
                Ok((object, unit, text.clone(), listed, None))
            }
            Source::Elf(bytes) => Ok(disassembled(Object::parse(bytes)?, None)),
            Source::Classic(text) => converted(name, classic::of_listing(text)?),
            Source::Filter { expression, link } => converted(name, classic::of_filter(expression, *link)?),
        }
    }
}

/// The parts of a classic filter's program.
fn converted(name: &str, (unit, origin): (Unit, Origin)) -> Result<Parts, LabError> {
    let object = Object::from_source(&unit, object::Source { file: name, text: &origin.text })?;
    Ok(disassembled(object, Some(origin)))
}

/// The parts of an object that its disassembly shows.
fn disassembled(object: Object, origin: Option<Origin>) -> Parts {
    let unit = object.to_unit();
    let listing = isa::disassemble(&unit, &names());
    let lines = (1..).zip(&listing.lines);
    let listed = lines.filter_map(|(line, at)| at.map(|(section, pc)| (section, pc, line))).collect();
    (object, unit, listing.text, listed, origin)
}

/// A source that was assembled or parsed, and loaded.
pub struct Compiled {
    /// The object; assembled text becomes one too.
    pub object: Object,
    /// Its programs and maps, relocated.
    pub loaded: Loaded,
    /// Text that shows the program: the source itself, or the object's disassembly.
    pub text: String,
    /// The classic filter that the program was made of, if it was.
    pub origin: Option<Origin>,
    /// What its records are.
    pub(super) records: RecordTypes,
    is_source: bool,
    /// For each program and slot the line of the text, from 1; 0 for the second slot of an instruction or none.
    lines: Vec<Vec<u32>>,
}

impl Compiled {
    /// Assembles or parses a source, and loads it. `name` is the file name that line information gives to assembly.
    ///
    /// # Errors
    /// [`LabError::Asm`] with every mistake in the text, [`LabError::Object`]; of classic filters [`LabError::Listing`],
    /// [`LabError::Convert`] and [`LabError::Filter`].
    pub fn new(source: &Source, name: &str, options: &LoadOptions<'_>) -> Result<Compiled, LabError> {
        let (object, unit, text, mut listed, origin) = source.parts(name)?;
        listed.sort_unstable();
        let loaded = object.load(options).map_err(|error| match (source, error) {
            (Source::Asm(_), error) if says_no_program(&error) => LabError::Asm(vec![no_program(&unit)]),
            (_, error) => error.into(),
        })?;
        let lines = loaded.programs.iter().map(|p| lines_of(p, &unit, &listed)).collect();
        let records = RecordTypes::of(object.btf(), &loaded.maps);
        Ok(Compiled { object, loaded, text, origin, records, is_source: matches!(source, Source::Asm(_)), lines })
    }

    /// Whether the text is what the user wrote, and not a disassembly.
    pub fn is_source(&self) -> bool {
        self.is_source
    }

    /// The source line, beyond the text, that an instruction came from: `count.c:12  if (n) …`. Assembly has none, it is
    /// the text.
    pub(super) fn source_line(&self, program: ProgId, pc: Pc) -> Option<String> {
        if self.is_source {
            return None;
        }
        let line = self.loaded.programs.get(program.0 as usize)?.line_at(pc)?;
        (!line.file.is_empty()).then(|| format!("{}:{}  {}", line.file, line.line, line.text.trim()))
    }

    /// The line of the text, from 1, that shows an instruction.
    pub fn line(&self, program: ProgId, pc: Pc) -> Option<u32> {
        let line = *self.lines.get(program.0 as usize)?.get(pc.index())?;
        (line > 0).then_some(line)
    }

    /// The classic filter beside the program that it became, if it was one; `source` is what the user wrote.
    pub(super) fn origin_view(&self, source: &str) -> Option<OriginView> {
        let origin = self.origin.as_ref()?;
        let classic = Form::Tcpdump.write(origin.program.insns());
        let text: Vec<&str> = self.text.lines().collect();
        let mut slots = origin.slots.iter();
        let mut from = 0;
        let pairs = classic.lines().zip(origin.program.insns()).map(|(classic, insn)| {
            // tcpdump shows an ancillary load as the offset that it is.
            let classic = match Ext::at(insn.k) {
                Some(ext) => classic.replace(&format!("[{}]", insn.k as i32), &format!("[{}]", ext.name())),
                None => classic.to_owned(),
            };
            let end = slots.next().filter(|slots| !slots.is_empty()).map_or(from, |slots| slots.end);
            let mut lines: Vec<u32> = (from..end).filter_map(|pc| self.line(ProgId(0), Pc(pc))).collect();
            from = end;
            lines.dedup();
            // A label stands on a line before its instruction's.
            let labels =
                |line: &u32| *line > 1 && text.get(*line as usize - 2).is_some_and(|l| l.trim_end().ends_with(':'));
            let lines = lines.into_iter().flat_map(|line| labels(&line).then(|| line - 1).into_iter().chain([line]));
            let shown =
                |line: u32| (line, text.get(line as usize - 1).map_or_else(String::new, |l| l.trim_end().to_owned()));
            PairView { classic: classic.trim_end().to_owned(), lines: lines.map(shown).collect() }
        });
        Some(OriginView { source: source.to_owned(), pairs: pairs.collect() })
    }

    /// Every slot that a line of the text shows, of every program.
    pub fn slots_of(&self, line: u32) -> impl Iterator<Item = (ProgId, Pc)> + '_ {
        (0..).zip(&self.lines).flat_map(move |(program, lines)| {
            let here = (0..).zip(lines).filter(move |(_, l)| **l == line);
            here.map(move |(pc, _)| (ProgId(program), Pc(pc)))
        })
    }
}

/// Whether there are no programs, or none outside `.text`, where functions are.
fn says_no_program(error: &ObjectError) -> bool {
    match error {
        ObjectError::NoPrograms => true,
        ObjectError::UnknownSection { section } => section == ".text",
        _ => false,
    }
}

/// What to do about a text without a program, at its first instruction.
fn no_program(unit: &Unit) -> AsmError {
    let line = unit.lines.iter().map(|l| l.line).min();
    let message = match line {
        Some(_) => "no program: put a section that says where it runs before the code, such as `.section tc`",
        None => "no program: the text has no instructions; a program begins with a section, such as `.section tc`",
    };
    AsmError { line: line.unwrap_or(1), column: 1, length: 1, message: message.to_owned() }
}

/// For each slot of a program the line of the text that shows it.
fn lines_of(program: &Program, unit: &Unit, listed: &[(usize, Pc, u32)]) -> Vec<u32> {
    let mut lines = vec![0; program.insns.len()];
    for func in &program.funcs {
        let Some((section, _)) = unit.section(&func.section) else { continue };
        let first = listed.partition_point(|(s, pc, _)| (*s, *pc) < (section, func.section_start));
        for (_, pc, line) in listed[first..].iter().take_while(|(s, _, _)| *s == section) {
            let slot = func.start.0 + (pc.0 - func.section_start.0);
            if slot >= func.end.0 {
                break;
            }
            if let Some(place) = lines.get_mut(slot as usize) {
                *place = *line;
            }
        }
    }
    lines
}
