//! `bpfscope asm` and `bpfscope disasm`: text to object and back.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use bpfscope_core::{isa, kernel::names, lab::Source};

use crate::{
    args::{AsmArgs, DisasmArgs},
    error::Error,
    form::{self, STDIN},
};

/// Assembles text, or what a classic filter becomes, to an ELF object.
pub fn assemble(args: &AsmArgs) -> Result<(), Error> {
    let (name, scenario) = form::scenario(&args.source)?;
    match scenario.source {
        Source::Elf(_) => Err(Error::bad(&name, "an ELF object already: assembly text is expected")),
        source => write(&args.output, &source.object(&name).map_err(|e| Error::of(&name, e))?.write()),
    }
}

/// Prints an object as text that assembles to the same bytes of code and data. CO-RE relocations are BTF's, which text
/// does not have, and so are lost with a note.
pub fn disassemble(args: &DisasmArgs) -> Result<(), Error> {
    let (name, scenario) = form::scenario(&args.object)?;
    let object = scenario.source.object(&name).map_err(|e| Error::of(&name, e))?;
    if object.has_core_relocs() {
        eprintln!("{name}: note: its CO-RE relocations are not in the text: field offsets stay those of its own types");
    }
    let listing = isa::disassemble(&object.to_unit(), &names());
    match &args.output {
        Some(path) => write(path, listing.text.as_bytes()),
        None => Ok(io::stdout().lock().write_all(listing.text.as_bytes())?),
    }
}

/// Writes a file, or to standard output when that is asked for.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if path == Path::new(STDIN) {
        return Ok(io::stdout().lock().write_all(bytes)?);
    }
    fs::write(path, bytes).map_err(|error| Error::File { path: path.to_owned(), error })
}
