//! The program of a session: taken, edited, written in another language, and as the editor shows it.

use super::{
    super::{
        Compiled, LabError, Scenario, Source,
        view::{Diagnostic, Language, MapInfo, OriginView, ProgramInfo, ProgramView},
    },
    Session,
    verdict::Verdicts,
};
use crate::{classic::filter::Link, kernel::KernelVersion, object::LoadOptions};

/// File name that line information gives to what the editor holds.
const ASSEMBLY: &str = "program.s";
/// The listing of a filter that accepts every packet.
const EVERY_PACKET: &str = "(000) ret      #262144\n";

impl Session {
    /// Sets the program. With mistakes in it the program before stays in force, and the view lists them.
    pub fn set_source(&mut self, source: Source) -> ProgramView {
        let options = LoadOptions { kernel: self.scenario.kernel, ..LoadOptions::default() };
        match Compiled::new(&source, ASSEMBLY, &options) {
            Ok(compiled) => {
                self.scenario.source = source;
                self.compiled = Some(compiled);
                self.verdicts = Verdicts::new();
                self.restart();
                self.program()
            }
            Err(error) => {
                let mut view = self.program();
                view.diagnostics = diagnostics(&error);
                let language = source.language();
                match source {
                    Source::Asm(text) => (view.text, view.language, view.origin) = (text, language, None),
                    Source::Classic(text) | Source::Filter { expression: text, .. } => {
                        view.language = language;
                        view.origin.get_or_insert_default().source = text;
                    }
                    Source::Elf(_) => {}
                }
                view
            }
        }
    }

    /// Takes another text for the program, in the language that it is written in; a disassembly becomes assembly.
    pub fn edit(&mut self, text: String) -> ProgramView {
        self.set_source(match &self.scenario.source {
            Source::Asm(_) | Source::Elf(_) => Source::Asm(text),
            Source::Classic(_) => Source::Classic(text),
            Source::Filter { link, .. } => Source::Filter { expression: text, link: *link },
        })
    }

    /// Writes the program in another language from now on, and says so in title and note: as assembly what it has become,
    /// as a listing the filter that it is, if it is one. An expression begins with nothing, which accepts every packet; as
    /// long as nothing is written there, the way back leads to the program that was there before.
    pub fn set_language(&mut self, language: Language) -> ProgramView {
        if language == self.scenario.source.language() {
            return self.program();
        }
        let begun = matches!(&self.scenario.source, Source::Filter { expression, .. } if !expression.trim().is_empty());
        let set_aside = self.set_aside.take();
        if let Some(Scenario { title, note, source, attachments, maps, .. }) =
            set_aside.filter(|_| language == Language::Assembly && !begun)
        {
            (self.scenario.title, self.scenario.note) = (title, note);
            (self.scenario.attachments, self.scenario.maps) = (attachments, maps);
            return self.set_source(source);
        }
        if language == Language::Filter {
            self.set_aside = Some(self.scenario.clone());
        }
        let compiled = self.compiled.as_ref();
        let source = match language {
            Language::Object => return self.program(),
            Language::Assembly => Source::Asm(compiled.map_or_else(String::new, |compiled| compiled.text.clone())),
            Language::Filter => Source::Filter { expression: String::new(), link: self.link() },
            Language::Classic => Source::Classic(match compiled.and_then(|compiled| compiled.origin.as_ref()) {
                Some(origin) => origin.text.clone(),
                None => EVERY_PACKET.to_owned(),
            }),
        };
        self.describe(language.name().to_owned(), language.note().to_owned());
        self.scenario.attachments.clear();
        self.scenario.maps.clear();
        self.set_source(source)
    }

    /// What the packets are that a filter expression is asked about.
    pub(super) fn link(&self) -> Link {
        self.capture.as_ref().map_or(Link::default(), |capture| capture.first_link().into())
    }

    /// Sets whose rules apply.
    pub fn set_kernel(&mut self, kernel: KernelVersion) -> ProgramView {
        self.scenario.kernel = kernel;
        self.set_source(self.scenario.source.clone())
    }

    /// The program as the editor shows it.
    pub fn program(&self) -> ProgramView {
        let Some(compiled) = &self.compiled else {
            let (text, origin) = match &self.scenario.source {
                Source::Asm(text) => (text.clone(), None),
                Source::Classic(text) | Source::Filter { expression: text, .. } => {
                    (String::new(), Some(OriginView { source: text.clone(), pairs: Vec::new() }))
                }
                Source::Elf(_) => (String::new(), None),
            };
            return ProgramView {
                text,
                language: self.scenario.source.language(),
                origin,
                programs: Vec::new(),
                maps: Vec::new(),
                notes: Vec::new(),
                diagnostics: Vec::new(),
                insns: 0,
            };
        };
        let attached = self.replay.as_ref().map(|r| r.attached()).unwrap_or_default();
        let programs = (0..).zip(&compiled.loaded.programs).map(|(at, p)| ProgramInfo {
            name: p.name.clone(),
            section: p.section.clone(),
            hook: attached.iter().find(|a| a.program.0 == at).map(|a| a.hook),
            insns: p.insns.len() as u32,
            line: compiled.line(crate::vm::ProgId(at), Default::default()).unwrap_or(1),
        });
        let maps = compiled.loaded.maps.iter().map(|m| MapInfo {
            name: m.name.clone(),
            kind: m.map_type.name().to_owned(),
            key_size: m.key_size,
            value_size: m.value_size,
            max_entries: m.max_entries,
        });
        let trouble = self.trouble.iter().map(|message| whole_source(message.clone()));
        ProgramView {
            text: compiled.text.clone(),
            language: self.scenario.source.language(),
            origin: match &self.scenario.source {
                Source::Classic(text) | Source::Filter { expression: text, .. } => compiled.origin_view(text),
                Source::Asm(_) | Source::Elf(_) => None,
            },
            programs: programs.collect(),
            maps: maps.collect(),
            notes: compiled.loaded.notes.clone(),
            diagnostics: trouble.collect(),
            insns: compiled.loaded.programs.iter().map(|p| p.insns.len() as u32).sum(),
        }
    }
}

fn whole_source(message: String) -> Diagnostic {
    Diagnostic { line: 0, column: 0, length: 0, message }
}

fn diagnostics(error: &LabError) -> Vec<Diagnostic> {
    match error {
        LabError::Asm(errors) => errors.iter().map(Diagnostic::from).collect(),
        LabError::Listing(error) => {
            vec![Diagnostic { line: error.line, column: error.column, length: 1, message: error.message.clone() }]
        }
        LabError::Convert { line, error } => {
            vec![Diagnostic { line: *line, column: 1, length: 1, message: error.to_string() }]
        }
        LabError::Filter { expression, error } => {
            let (line, column) = error.place(expression);
            let length = expression.get(error.start..error.end).map_or(1, |word| word.chars().count().max(1) as u32);
            vec![Diagnostic { line, column, length, message: error.message.clone() }]
        }
        other => vec![whole_source(other.to_string())],
    }
}
