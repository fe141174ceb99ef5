//! `bpfscope asm` and `bpfscope disasm`: text to object and back.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use bpfscope_core::{
    isa,
    kernel::names,
    lab::{LabError, Source},
    object::{self, Object},
};

use crate::{
    args::{AsmArgs, DisasmArgs},
    error::Error,
    form::{self, STDIN},
};

/// Assembles text to an ELF object.
pub fn assemble(args: &AsmArgs) -> Result<(), Error> {
    let (name, scenario) = form::scenario(&args.source)?;
    match scenario.source {
        Source::Asm(text) => write(&args.output, &to_object(&name, &text)?.write()),
        Source::Elf(_) => Err(Error::bad(&name, "an ELF object already: assembly text is expected")),
    }
}

/// Prints an object as text that assembles to the same bytes of code and data. CO-RE relocations are BTF's, which text
/// does not have, and so are lost with a note.
pub fn disassemble(args: &DisasmArgs) -> Result<(), Error> {
    let (name, scenario) = form::scenario(&args.object)?;
    let object = match scenario.source {
        Source::Elf(bytes) => Object::parse(&bytes).map_err(|e| Error::of(&name, e.into()))?,
        Source::Asm(text) => to_object(&name, &text)?,
    };
    if object.has_core_relocs() {
        eprintln!("{name}: note: its CO-RE relocations are not in the text: field offsets stay those of its own types");
    }
    let listing = isa::disassemble(&object.to_unit(), &names());
    match &args.output {
        Some(path) => write(path, listing.text.as_bytes()),
        None => Ok(io::stdout().lock().write_all(listing.text.as_bytes())?),
    }
}

fn to_object(name: &str, text: &str) -> Result<Object, Error> {
    let unit = isa::assemble(text, &names()).map_err(|e| Error::of(name, LabError::Asm(e)))?;
    Object::from_source(&unit, object::Source { file: name, text }).map_err(|e| Error::of(name, e.into()))
}

/// Writes a file, or to standard output when that is asked for.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if path == Path::new(STDIN) {
        return Ok(io::stdout().lock().write_all(bytes)?);
    }
    fs::write(path, bytes).map_err(|error| Error::File { path: path.to_owned(), error })
}
