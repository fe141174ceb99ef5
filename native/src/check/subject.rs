//! From what the user named to programs that can be checked.

use std::{fs, sync::OnceLock};

use bpfscope_core::{
    kernel::{KernelVersion, ProgType, Program},
    lab::{Compiled, Scenario, Source},
    object::{Btf, LoadOptions, Loaded, MAX_OBJECT, Object, ObjectError},
};

use super::{answer::Oracle, report::Checked};
use crate::{
    args::CheckArgs,
    error::Error,
    form::{self, STDIN},
    input::{KERNEL_BTF, kernel_types},
};

/// All that was named on the command line, and what holds for each.
pub struct Subjects<'a> {
    args: &'a CheckArgs,
    named: Vec<Named>,
    /// The kernel's types that were given.
    given: Option<Btf>,
    /// This machine's, read when they are first asked for.
    machine: OnceLock<Option<Btf>>,
}

/// One of those that were named.
pub struct Named {
    /// What to call it in messages.
    pub name: String,
    program: String,
    /// Standard input, which can be read once only.
    read: Option<Vec<u8>>,
}

impl<'a> Subjects<'a> {
    /// Reads what can be read only once.
    ///
    /// # Errors
    /// Standard input is named twice, or the types cannot be read.
    pub fn new(args: &'a CheckArgs) -> Result<Subjects<'a>, Error> {
        if args.programs.iter().filter(|p| *p == STDIN).count() > 1 {
            return Err(Error::Usage("standard input can be one program only".to_owned()));
        }
        let given = args.btf.as_deref().map(kernel_types).transpose()?;
        let named = args.programs.iter().map(|program| Named::new(program)).collect::<Result<_, _>>()?;
        Ok(Subjects { args, named, given, machine: OnceLock::new() })
    }

    /// How many were named.
    pub fn count(&self) -> usize {
        self.named.len()
    }

    /// One of them.
    pub fn named(&self, at: usize) -> &Named {
        &self.named[at]
    }

    /// Reads and loads one of them, for the kernel, or else for its scenario's.
    ///
    /// # Errors
    /// It is no program, or cannot be loaded.
    pub fn open(&self, named: &Named, kernel: Option<KernelVersion>) -> Result<Subject<'_>, Error> {
        let Scenario { source, kernel: own, .. } = named.scenario()?;
        let kernel = kernel.unwrap_or(own);
        let of = |error| Error::of(&named.name, error);
        let object = source.object(&named.name).map_err(of)?;
        let load = |btf| {
            let prog_type = self.args.prog_type;
            let options = LoadOptions { kernel, btf, prog_type, ..LoadOptions::default() };
            object.load(&options).map_err(|error| match (&source, error) {
                (_, error @ ObjectError::ProgType { .. }) => Error::bad(&named.name, &refusal(&error)),
                // It knows at which line to say what is missing.
                (Source::Asm(_), error) => match Compiled::new(&source, &named.name, &options) {
                    Err(error) => of(error),
                    Ok(_) => of(error.into()),
                },
                (_, error) => of(error.into()),
            })
        };
        let mut types = self.given.as_ref();
        if types.is_none() && object.has_core_relocs() {
            types = self.machine_types();
        }
        let mut loaded = load(types)?;
        if types.is_none() && loaded.programs.iter().any(needs_types) {
            types = self.machine_types();
            loaded = load(types)?;
        }
        self.select(&named.name, &mut loaded)?;
        Ok(Subject { object, loaded, kernel, kernel_btf: types, selected: self.args.name.as_deref() })
    }

    /// That there is the program that was asked for.
    fn select(&self, name: &str, loaded: &mut Loaded) -> Result<(), Error> {
        let Some(wanted) = &self.args.name else { return Ok(()) };
        let all = loaded.programs.iter().map(|p| &p.name).chain(loaded.refused.iter().map(|(name, _)| name));
        if all.clone().any(|name| name == wanted) {
            loaded.refused.retain(|(name, _)| name == wanted);
            return Ok(());
        }
        let have: Vec<String> = all.map(|name| format!("`{name}`")).collect();
        Err(Error::bad(name, &format!("there is no program `{wanted}`; there is {}", have.join(", "))))
    }

    fn machine_types(&self) -> Option<&Btf> {
        let read = || fs::read(KERNEL_BTF).ok().and_then(|bytes| Btf::parse(&bytes).ok());
        self.machine.get_or_init(read).as_ref()
    }
}

/// Whether kernel types decide about the program: it calls the kernel's functions, or sees its structures.
pub fn needs_types(program: &Program) -> bool {
    let traces = matches!(program.prog_type, ProgType::Kprobe | ProgType::Tracepoint | ProgType::RawTracepoint);
    traces || !program.kfuncs.is_empty()
}

impl Named {
    fn new(program: &str) -> Result<Named, Error> {
        let read = (program == STDIN).then(|| form::read(STDIN, MAX_OBJECT as u64)).transpose()?;
        Ok(Named { name: form::name(program).to_owned(), program: program.to_owned(), read })
    }

    fn scenario(&self) -> Result<Scenario, Error> {
        match &self.read {
            Some(bytes) => form::from_bytes(&self.name, bytes.clone()),
            None => form::scenario(&self.program).map(|(_, scenario)| scenario),
        }
    }
}

/// An object that can be checked.
pub struct Subject<'a> {
    pub object: Object,
    pub loaded: Loaded,
    /// Whose rules apply.
    pub kernel: KernelVersion,
    pub kernel_btf: Option<&'a Btf>,
    /// The only program that is asked about.
    selected: Option<&'a str>,
}

impl Subject<'_> {
    /// Has every program checked.
    ///
    /// # Errors
    /// The oracle cannot answer.
    pub fn check(&self, oracle: &dyn Oracle) -> Result<Checked, Error> {
        let programs = &self.loaded.programs;
        let selected = (0..programs.len()).filter(|at| self.selected.is_none_or(|name| programs[*at].name == name));
        let answered = oracle.ask(self, &selected.collect::<Vec<usize>>())?;
        let refused = self.loaded.refused.iter().map(|(program, error)| match error {
            ObjectError::ProgType { .. } => refusal(error),
            error => format!("program `{program}`: {error}"),
        });
        // Whether a map could be simulated is nothing to the verifier.
        let notes = self.loaded.notes.iter().filter(|note| !note.ends_with("is not simulated: it holds nothing"));
        let notes = notes.cloned().chain(answered.notes).collect();
        Ok(Checked { programs: answered.verdicts, refused: refused.chain(answered.refused).collect(), notes })
    }
}

/// A program of a type that is not known here, in words that fit a check.
fn refusal(error: &ObjectError) -> String {
    match error {
        ObjectError::ProgType { program, section, prog_type } => {
            let known: Vec<&str> = ProgType::ALL.iter().map(|t| t.name()).collect();
            let known = known.join(", ");
            format!("program `{program}` (section `{section}`): type {prog_type} is not known here; there is {known}")
        }
        error => error.to_string(),
    }
}
