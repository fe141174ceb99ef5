//! A program's source, whatever it is, as programs and maps.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

use bpfscope_core::isa::{self, Unit};
use bpfscope_core::kernel::{self, ProgType};
use bpfscope_core::object::{Btf, LoadOptions, Loaded, Object, Source};

use super::cases::{Case, CaseFile};
use super::ours::Kernel;
use crate::clang::{self, Flags};

/// An object and what it is once loaded.
pub struct Subject {
    /// The object, which has the types.
    pub object: Object,
    /// Its programs and maps.
    pub loaded: Loaded,
}

impl Subject {
    /// Assembles a case. `file` is the name that its source lines get.
    ///
    /// # Errors
    /// `FILE:LINE:COLUMN: what is wrong`, a line each.
    pub fn of_case(file: &str, cases: &CaseFile, case: &Case) -> Result<Subject, String> {
        Subject::of_case_for(Kernel::running(), file, cases, case)
    }

    /// As [`Subject::of_case`], for a kernel.
    ///
    /// # Errors
    /// As there.
    pub fn of_case_for(kernel: Kernel, file: &str, cases: &CaseFile, case: &Case) -> Result<Subject, String> {
        let mut subject = Subject::assemble_for(kernel, file, &cases.text(case), case.options.prog_type)
            .map_err(|what| if case.name.is_empty() { what } else { format!("{what} (case `{}`)", case.name) })?;
        if let Some(license) = &case.options.license {
            for program in &mut subject.loaded.programs {
                program.license.clone_from(license);
            }
        }
        Ok(subject)
    }

    /// Assembles a text.
    ///
    /// # Errors
    /// As [`Subject::of_case`].
    pub fn assemble(file: &str, text: &str, prog_type: Option<ProgType>) -> Result<Subject, String> {
        Subject::assemble_for(Kernel::running(), file, text, prog_type)
    }

    fn assemble_for(kernel: Kernel, file: &str, text: &str, prog_type: Option<ProgType>) -> Result<Subject, String> {
        let unit: Unit = isa::assemble(text, &kernel::names()).map_err(|errors| {
            let lines: Vec<String> = errors.iter().map(|e| format!("{file}:{e}")).collect();
            lines.join("\n")
        })?;
        let object = Object::from_source(&unit, Source { file, text }).map_err(|e| format!("{file}: {e}"))?;
        Subject::of_object(kernel, file, object, prog_type)
    }

    /// Takes an object file's bytes.
    ///
    /// # Errors
    /// `FILE: what is wrong`
    pub fn of_bytes(file: &str, bytes: &[u8], prog_type: Option<ProgType>) -> Result<Subject, String> {
        let object = Object::parse(bytes).map_err(|e| format!("{file}: {e}"))?;
        Subject::of_object(Kernel::running(), file, object, prog_type)
    }

    fn of_object(kernel: Kernel, file: &str, object: Object, prog_type: Option<ProgType>) -> Result<Subject, String> {
        let options = LoadOptions { prog_type, kernel: kernel.version, btf: kernel.types, ..LoadOptions::default() };
        let loaded = object.load(&options).map_err(|e| format!("{file}: {e}"))?;
        Ok(Subject { object, loaded })
    }
}

/// Reads a file or, as `-`, standard input.
///
/// # Errors
/// `FILE: what is wrong`
pub fn read(path: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if path == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        fs::read(path).map(|content| bytes = content)
    };
    read.map(|()| bytes).map_err(|e| format!("{path}: {e}"))
}

/// Whether these are an object file's bytes.
pub fn is_elf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF")
}

/// Compiles C as most people do.
///
/// # Errors
/// There is no compiler here, or it refuses the file.
pub fn compile(path: &str) -> Result<Vec<u8>, String> {
    let full = Path::new(path).canonicalize().map_err(|e| format!("{path}: {e}"))?;
    clang::try_compile(&full, Flags::USUAL)
}

/// Types of the running kernel, read once.
pub fn running_kernel_types() -> Option<&'static Btf> {
    static TYPES: OnceLock<Option<Btf>> = OnceLock::new();
    let read = || fs::read("/sys/kernel/btf/vmlinux").ok().and_then(|bytes| Btf::parse(&bytes).ok());
    TYPES.get_or_init(read).as_ref()
}

/// The running kernel's release, as uname(2) has it.
pub fn running_release() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned()
}

/// The running kernel as `major.minor`.
pub fn running_kernel() -> String {
    running_release().splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}
