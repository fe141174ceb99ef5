//! What the command says when it cannot go on, and with which status it ends.

use std::{io, path::PathBuf};

use bpfscope_core::{isa::AsmError, lab::LabError};

/// Why the command cannot go on. The text is `file:line: what is wrong`, one line a mistake.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Assembly text with mistakes.
    #[error("{}", mistakes(file, errors))]
    Asm {
        /// The file.
        file: String,
        /// All of them.
        errors: Vec<AsmError>,
    },
    /// Something wrong with one of the inputs.
    #[error("{file}: {error}")]
    Input {
        /// The file, or what stands for it.
        file: String,
        /// What is wrong.
        error: LabError,
    },
    /// Something wrong with what was asked for.
    #[error("{0}")]
    Usage(String),
    /// Standard output is gone.
    #[error(transparent)]
    Output(#[from] io::Error),
}

impl Error {
    /// An error of the lab about a file; mistakes in assembly each get their line.
    pub fn of(file: &str, error: LabError) -> Error {
        match error {
            LabError::Asm(errors) => Error::Asm { file: file.to_owned(), errors },
            error => Error::Input { file: file.to_owned(), error },
        }
    }

    /// What is wrong with a file, or with a `file:line`.
    pub fn bad(place: &str, what: &str) -> Error {
        Error::Usage(format!("{place}: {what}"))
    }

    /// Whether whoever read the output has gone: no error worth a word.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Error::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn mistakes(file: &str, errors: &[AsmError]) -> String {
    let lines = errors.iter().map(|e| format!("{file}:{}:{}: {}", e.line, e.column, e.message));
    lines.collect::<Vec<_>>().join("\n")
}
