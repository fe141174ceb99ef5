//! From what the user named to programs and packets: objects, text, scenarios and links are told by content.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Cursor, Read},
    path::Path,
};

use bpfscope_core::{
    kernel::Hook,
    lab::{self, Attachment, CaptureRef, Compiled, Entry, MapContents, Replay, Scenario, Source, hook_of, link},
    object::{Btf, LoadOptions, MAX_OBJECT, Object},
    vm::Config,
};

use crate::{args::AttachArgs, bundle, error::Error};

/// Where Linux shows its own types.
const KERNEL_BTF: &str = "/sys/kernel/btf/vmlinux";
/// Captures up to this many bytes are put into scenarios.
const INLINE_CAPTURE: u64 = 1 << 20;

/// A program that was asked for, ready to run, with the rest of its scenario.
pub struct Input {
    /// What the user called it, for messages.
    pub name: String,
    pub scenario: Scenario,
    pub compiled: Compiled,
}

/// A capture to be streamed.
pub struct CaptureInput {
    /// What the user called it, for messages.
    pub name: String,
    /// Bytes in all, for a progress bar.
    pub size: u64,
    pub stream: Box<dyn Read>,
}

/// Reads a program of any form, as a scenario.
pub fn scenario(program: &str) -> Result<(String, Scenario), Error> {
    if link::is_link(program) {
        let scenario = link::decode(program).map_err(|e| Error::of("link", e))?;
        return Ok(("link".to_owned(), scenario));
    }
    let bytes = read(Path::new(program), MAX_OBJECT as u64)?;
    if bytes.starts_with(b"\x7fELF") {
        return Ok((program.to_owned(), Scenario::new(Source::Elf(bytes))));
    }
    let text = String::from_utf8(bytes).map_err(|_| unknown(program, "neither an ELF object nor text"))?;
    if link::is_link(&text) {
        return Ok((program.to_owned(), link::decode(&text).map_err(|e| Error::of(program, e))?));
    }
    if text.trim_start().starts_with('{') && text.contains("\"bpfscope\"") {
        return Ok((program.to_owned(), Scenario::from_json(&text).map_err(|e| Error::of(program, e))?));
    }
    if program.ends_with(".c") {
        return Err(unknown(program, "C source: compile it first, with `clang -O2 -g -target bpf -c`"));
    }
    Ok((program.to_owned(), Scenario::new(Source::Asm(text))))
}

impl Input {
    /// Reads and loads the program that the arguments name.
    pub fn new(args: &AttachArgs) -> Result<Input, Error> {
        let (name, mut scenario) = scenario(&args.program)?;
        if let Some(kernel) = args.kernel {
            scenario.kernel = kernel;
        }
        if let Some(path) = &args.maps {
            scenario.maps.extend(map_contents(path)?);
        }
        let btf = target_types(args, &scenario.source, &name)?;
        let options = LoadOptions {
            kernel: scenario.kernel,
            btf: btf.as_ref(),
            hook: args.hook.map(Hook::from),
            ..LoadOptions::default()
        };
        let compiled = Compiled::new(&scenario.source, &name, &options).map_err(|e| Error::of(&name, e))?;
        for note in &compiled.loaded.notes {
            eprintln!("{name}: note: {note}");
        }
        scenario.attachments = attachments(args, scenario.attachments, &compiled)?;
        Ok(Input { name, scenario, compiled })
    }

    /// Sets up maps and programs.
    pub fn replay(&self) -> Result<Replay, Error> {
        let s = &self.scenario;
        let config = Config { seed: s.seed, cpus: s.cpus, kernel: s.kernel, ..Config::default() };
        Replay::new(&self.compiled.loaded, &s.attachments, &s.maps, config).map_err(|e| Error::of(&self.name, e))
    }
}

/// What runs where: the hook or program of the command line before those of the scenario.
fn attachments(args: &AttachArgs, given: Vec<Attachment>, compiled: &Compiled) -> Result<Vec<Attachment>, Error> {
    let programs = &compiled.loaded.programs;
    let (name, hook) = match (&args.name, args.hook.map(Hook::from)) {
        (None, None) => return Ok(given),
        (Some(name), None) => {
            let hook = programs.iter().find(|p| p.name == *name).and_then(hook_of);
            match hook.or_else(|| given.iter().find(|a| a.program == *name).map(|a| a.hook)) {
                Some(hook) => (name.clone(), hook),
                None if programs.iter().any(|p| p.name == *name) => {
                    return Err(Error::Usage(format!("the section of program `{name}` names no hook: add --hook")));
                }
                None => (name.clone(), Hook::Socket), // unknown: the replay says which there are
            }
        }
        (Some(name), Some(hook)) => (name.clone(), hook),
        (None, Some(hook)) => {
            let there: Vec<_> = programs.iter().filter(|p| hook_of(p) == Some(hook)).collect();
            match (there.as_slice(), programs.as_slice()) {
                ([], [only]) => (only.name.clone(), hook),
                ([], _) => {
                    let names: Vec<_> = programs.iter().map(|p| format!("`{}`", p.name)).collect();
                    let names = names.join(", ");
                    return Err(Error::Usage(format!("which program? Name one with --program: there is {names}")));
                }
                (some, _) => {
                    let at = |p: &&bpfscope_core::kernel::Program| Attachment { program: p.name.clone(), hook };
                    return Ok(some.iter().map(at).collect());
                }
            }
        }
    };
    Ok(vec![Attachment { program: name, hook }])
}

/// The types that CO-RE relocations are made against, when there are any.
fn target_types(args: &AttachArgs, source: &Source, name: &str) -> Result<Option<Btf>, Error> {
    let parse = |path: &Path, bytes: Vec<u8>| {
        Btf::parse(&bytes).map_err(|e| Error::of(&path.display().to_string(), lab::LabError::Object(e)))
    };
    if let Some(path) = &args.btf {
        return parse(path, read(path, u64::from(u32::MAX))?).map(Some);
    }
    let Source::Elf(bytes) = source else { return Ok(None) };
    let object = Object::parse(bytes).map_err(|e| Error::of(name, e.into()))?;
    let path = Path::new(KERNEL_BTF);
    match fs::read(path) {
        Ok(bytes) if object.has_core_relocs() => parse(path, bytes).map(Some),
        _ => Ok(None),
    }
}

fn map_contents(path: &Path) -> Result<Vec<MapContents>, Error> {
    let text = read(path, INLINE_CAPTURE << 6)?;
    let maps: BTreeMap<String, Vec<Entry>> = serde_json::from_slice(&text)
        .map_err(|e| Error::of(&path.display().to_string(), lab::LabError::Scenario(e)))?;
    Ok(maps.into_iter().map(|(name, entries)| MapContents { name, entries }).collect())
}

/// Opens the capture that was named, or else the scenario's own.
pub fn capture(named: Option<&str>, scenario: &Scenario) -> Result<CaptureInput, Error> {
    let memory = |name: &str, bytes: Vec<u8>| CaptureInput {
        name: name.to_owned(),
        size: bytes.len() as u64,
        stream: Box::new(Cursor::new(bytes)),
    };
    match (named, &scenario.capture) {
        (Some(named), _) => match bundle::capture(named) {
            Some(bytes) if !Path::new(named).exists() => Ok(memory(named, bytes.to_vec())),
            _ => open(named),
        },
        (None, CaptureRef::Bundled(name)) => match bundle::capture(name) {
            Some(bytes) => Ok(memory(name, bytes.to_vec())),
            None => Err(Error::Usage(format!(
                "no capture `{name}` comes with bpfscope; there is {}",
                bundle::captures().join(", ")
            ))),
        },
        (None, CaptureRef::Inline { name, bytes }) => Ok(memory(name, bytes.clone())),
        (None, CaptureRef::File(name)) => open(name),
        (None, CaptureRef::None) => Err(Error::Usage("which capture? Name a pcap or pcapng file".to_owned())),
    }
}

/// A capture as a scenario holds it: bundled ones by name, small ones whole.
pub fn capture_ref(named: &str) -> Result<CaptureRef, Error> {
    if !Path::new(named).exists() && bundle::capture(named).is_some() {
        return Ok(CaptureRef::Bundled(named.to_owned()));
    }
    let name = Path::new(named).file_name().map_or_else(|| named.to_owned(), |n| n.to_string_lossy().into_owned());
    let bytes = read(Path::new(named), u64::MAX)?;
    if bundle::capture(&name) == Some(bytes.as_slice()) {
        return Ok(CaptureRef::Bundled(name));
    }
    if bytes.len() as u64 > INLINE_CAPTURE {
        eprintln!("{named}: note: too large for a link; whoever opens it has to bring the file");
        return Ok(CaptureRef::File(name));
    }
    Ok(CaptureRef::Inline { name, bytes })
}

fn open(named: &str) -> Result<CaptureInput, Error> {
    let failed = |error| Error::File { path: named.into(), error };
    let file = File::open(named).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    Ok(CaptureInput { name: named.to_owned(), size, stream: Box::new(file) })
}

/// A whole file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let failed = |error| Error::File { path: path.to_owned(), error };
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(unknown(&path.display().to_string(), &format!("larger than {} MB", limit >> 20)));
    }
    Ok(bytes)
}

fn unknown(file: &str, what: &str) -> Error {
    Error::Usage(format!("{file}: {what}"))
}
