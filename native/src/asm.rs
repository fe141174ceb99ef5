//! `bpfscope asm` and `bpfscope disasm`: text to object and back.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use bpfscope_core::{
    isa,
    kernel::names,
    lab::LabError,
    object::{MAX_OBJECT, Object, Source},
};

use crate::{
    args::{AsmArgs, DisasmArgs},
    error::Error,
    input,
};

/// Assembles text to an ELF object.
pub fn assemble(args: &AsmArgs) -> Result<(), Error> {
    let name = args.source.display().to_string();
    let bytes = input::read(&args.source, isa::MAX_TEXT as u64)?;
    let text = String::from_utf8(bytes).map_err(|_| Error::Usage(format!("{name}: not text")))?;
    let wrong = |error| Error::of(&name, error);
    let unit = isa::assemble(&text, &names()).map_err(|e| wrong(LabError::Asm(e)))?;
    let object = Object::from_source(&unit, Source { file: &name, text: &text }).map_err(|e| wrong(e.into()))?;
    write(&args.output, &object.write())
}

/// Prints an object as text that assembles to the same bytes.
pub fn disassemble(args: &DisasmArgs) -> Result<(), Error> {
    let name = args.object.display().to_string();
    let bytes = input::read(&args.object, MAX_OBJECT as u64)?;
    let object = Object::parse(&bytes).map_err(|e| Error::of(&name, e.into()))?;
    let listing = isa::disassemble(&object.to_unit(), &names());
    match &args.output {
        Some(path) => write(path, listing.text.as_bytes()),
        None => Ok(io::stdout().lock().write_all(listing.text.as_bytes())?),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    fs::write(path, bytes).map_err(|error| Error::File { path: path.to_owned(), error })
}
