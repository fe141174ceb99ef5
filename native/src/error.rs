//! What the command says when it cannot go on, and with which status it ends.

use std::{io, path::PathBuf};

use bpfscope_core::{classic::filter::FilterError, isa::AsmError, lab::LabError};

use crate::form::FILTER;

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
    /// A filter expression that means nothing, with the word that is wrong.
    #[error("{}", pointed(expression, error))]
    Filter {
        /// The expression.
        expression: String,
        /// Which word, and why.
        error: FilterError,
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
            LabError::Listing(error) => Error::bad(&format!("{file}:{}:{}", error.line, error.column), &error.message),
            LabError::Convert { line, error } => Error::bad(&format!("{file}:{line}"), &error.to_string()),
            LabError::Filter { expression, mut error } => {
                if file == FILTER && !expression.contains(char::is_whitespace) {
                    error.message += "; there is no file of that name, either";
                }
                Error::Filter { expression, error }
            }
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

/// A filter expression's mistake, and the line with the word below which there are signs.
fn pointed(expression: &str, error: &FilterError) -> String {
    let (line, column) = error.place(expression);
    let text = expression.lines().nth(line as usize - 1).unwrap_or_default();
    let word = expression.get(error.start..error.end).unwrap_or_default();
    let width = word.lines().next().map_or(1, |word| word.chars().count().max(1));
    let (before, signs) = (" ".repeat(column as usize - 1), "^".repeat(width));
    // A tab in the expression is as wide as any other sign, so that those below are right.
    let text = text.replace('\t', " ");
    format!("filter:{line}:{column}: {}\n  {text}\n  {before}{signs}", error.message)
}

fn mistakes(file: &str, errors: &[AsmError]) -> String {
    let lines = errors.iter().map(|e| format!("{file}:{}:{}: {}", e.line, e.column, e.message));
    lines.collect::<Vec<_>>().join("\n")
}
