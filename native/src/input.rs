//! From what the user named to programs that are loaded and attached, and to a stream of packets.

use std::{
    collections::{BTreeSet, HashSet},
    fmt,
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom},
    path::Path,
};

use bpfscope_core::{
    kernel::{Hook, MapId, helper},
    lab::{
        self, Attachment, ByteSource, CaptureRef, Compiled, Entry, LabError, MapContents, Replay, Scenario, Source,
        hook_of,
    },
    net::{CaptureError, CaptureReader},
    object::{Btf, LoadOptions, Object},
    vm::{Config, ProgId, SetupError},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};

use crate::{
    args::AttachArgs,
    bundle,
    error::Error,
    form::{self, FILTER, STDIN},
    host,
};

/// Where Linux shows its own types.
pub const KERNEL_BTF: &str = "/sys/kernel/btf/vmlinux";
/// Captures up to this many bytes are put into scenarios.
const INLINE_CAPTURE: u64 = 1 << 20;
/// Bytes of a capture that comes through a pipe at most, where it must be kept.
const MAX_PIPED: u64 = 1 << 30;
/// Bytes of a file of maps' contents at most.
const MAX_MAPS: u64 = 64 << 20;
/// Bytes of kernel types at most; those of a kernel are about 6 MB.
const MAX_BTF: u64 = 256 << 20;

/// A program that was asked for, ready to run, with the rest of its scenario.
pub struct Input {
    /// What the user called it, for messages.
    pub name: String,
    pub scenario: Scenario,
    pub compiled: Compiled,
    /// The file that `--maps` named.
    maps: Option<String>,
}

/// A capture to be streamed.
pub struct CaptureInput {
    /// What the user called it, for messages.
    pub name: String,
    /// Bytes in all, for a progress bar.
    pub size: u64,
    bytes: CaptureBytes,
}

/// Where a capture's bytes are.
enum CaptureBytes {
    Memory(Vec<u8>),
    /// One that can be read at any place.
    File(File),
    /// One that can be read once.
    Pipe(Box<dyn Read>),
}

impl CaptureInput {
    /// The capture from its first byte to its last.
    pub fn stream(self) -> Box<dyn Read> {
        match self.bytes {
            CaptureBytes::Memory(bytes) => Box::new(Cursor::new(bytes)),
            CaptureBytes::File(file) => Box::new(file),
            CaptureBytes::Pipe(pipe) => pipe,
        }
    }

    /// The capture as something to look at at any place; what comes through a pipe is read to its end.
    pub fn seekable(self) -> Result<SeekableCapture, Error> {
        match self.bytes {
            CaptureBytes::Memory(bytes) => Ok(SeekableCapture::Memory(bytes)),
            CaptureBytes::File(file) => Ok(SeekableCapture::File(file, self.size)),
            CaptureBytes::Pipe(pipe) => {
                let mut bytes = Vec::new();
                let failed = |error| Error::File { path: (&self.name).into(), error };
                pipe.take(MAX_PIPED + 1).read_to_end(&mut bytes).map_err(failed)?;
                if bytes.len() as u64 > MAX_PIPED {
                    let most = MAX_PIPED >> 20;
                    return Err(Error::bad(&self.name, &format!("more than {most} MB through a pipe: name a file")));
                }
                Ok(SeekableCapture::Memory(bytes))
            }
        }
    }
}

/// A capture whose packets can be read in any order.
pub enum SeekableCapture {
    /// In memory.
    Memory(Vec<u8>),
    /// In a file of that many bytes.
    File(File, u64),
}

impl ByteSource for SeekableCapture {
    fn size(&self) -> u64 {
        match self {
            SeekableCapture::Memory(bytes) => bytes.size(),
            SeekableCapture::File(_, size) => *size,
        }
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            SeekableCapture::Memory(bytes) => bytes.read_at(offset, buf),
            SeekableCapture::File(file, _) => {
                file.seek(SeekFrom::Start(offset))?;
                file.read(buf)
            }
        }
    }
}

impl Input {
    /// Reads and loads the program that the arguments name.
    pub fn new(args: &AttachArgs) -> Result<Input, Error> {
        if args.program == STDIN && args.capture.as_deref() == Some(STDIN) {
            return Err(Error::Usage("standard input can be the program or the capture, not both".to_owned()));
        }
        let (name, mut scenario) = form::scenario(&args.program)?;
        if name == FILTER {
            fit_filter(&mut scenario, args.capture.as_deref())?;
        }
        if let Some(kernel) = args.kernel {
            scenario.kernel = kernel;
        }
        if let Some(path) = &args.maps {
            scenario.maps.extend(map_contents(path)?);
        }
        let compile = |btf: Option<&Btf>| {
            let (kernel, hook) = (scenario.kernel, args.hook.map(Hook::from));
            let options = LoadOptions { kernel, btf, hook, ..LoadOptions::default() };
            Compiled::new(&scenario.source, &name, &options).map_err(|e| Error::of(&name, e))
        };
        let mut types = target_types(args, &scenario.source, &name)?;
        let mut compiled = compile(types.as_ref())?;
        // Kernel functions have the numbers that the kernel's types give them.
        let calls_kernel = compiled.loaded.programs.iter().any(|program| !program.kfuncs.is_empty());
        if types.is_none() && calls_kernel && Path::new(KERNEL_BTF).exists() {
            types = Some(kernel_types(Path::new(KERNEL_BTF))?);
            compiled = compile(types.as_ref())?;
        }
        scenario.attachments = attachments(args, &name, scenario.attachments, &compiled)?;
        let maps = args.maps.as_ref().map(|path| path.display().to_string());
        let input = Input { name, scenario, compiled, maps };
        input.tell_notes(args.name.as_deref());
        Ok(input)
    }

    /// A program's name.
    pub fn program(&self, id: ProgId) -> &str {
        &self.compiled.loaded.programs[id.0 as usize].name
    }

    /// A map's name.
    pub fn map(&self, id: MapId) -> &str {
        &self.compiled.loaded.maps[id.index()].name
    }

    /// What loading had to say, and which programs have no part in this, unless one alone was asked for.
    fn tell_notes(&self, asked_for: Option<&str>) {
        let (name, loaded) = (&self.name, &self.compiled.loaded);
        for note in &loaded.notes {
            eprintln!("{name}: note: {note}");
        }
        if asked_for.is_some() {
            return;
        }
        for (program, error) in &loaded.refused {
            let error = error.to_string();
            match error.starts_with(&format!("program `{program}` ")) {
                true => eprintln!("{name}: note: {error}: it is left out"),
                false => eprintln!("{name}: note: program `{program}` is left out: {error}"),
            }
        }
        if self.scenario.attachments.is_empty() {
            for program in loaded.programs.iter().filter(|p| hook_of(p).is_none()) {
                eprintln!("{name}: note: {}: it does not run", LabError::no_hook(program));
            }
        }
    }

    /// Sets up maps and programs.
    pub fn replay(&self) -> Result<Replay, Error> {
        let s = &self.scenario;
        let config = Config { seed: s.seed, cpus: s.cpus, kernel: s.kernel, ..Config::default() };
        let mut replay =
            Replay::new(&self.compiled.loaded, &s.attachments, &s.maps, config).map_err(|e| self.setup_error(e))?;
        replay.in_network(&s.network).map_err(|e| self.setup_error(e))?;
        replay.shorten(&self.compiled);
        Ok(replay)
    }

    /// Puts maps and programs into the running kernel. That it rejects a program is the inner error.
    pub fn kernel_replay(&self) -> Result<Result<Replay<host::KernelEngine>, host::Rejected>, Error> {
        let (s, Compiled { object, loaded, .. }) = (&self.scenario, &self.compiled);
        // The simulator knows best what is wrong with what was asked for: attachments, contents of maps.
        let attached = self.replay()?.attached().to_vec();
        let engine = host::engine(object, loaded, &attached, &s.maps, &s.network)?;
        let on = |engine| {
            let mut replay = Replay::on(engine, loaded, &s.attachments).map_err(|e| self.setup_error(e))?;
            replay.in_network(&s.network).map_err(|e| self.setup_error(e))?;
            Ok(replay)
        };
        match engine {
            Ok(engine) => on(engine).map(Ok),
            Err(rejected) => Ok(Err(rejected)),
        }
    }

    /// What of the programs that run answers each time as it likes: helpers for time, randomness and the CPU, and `may_goto`,
    /// which a kernel ends when its time is over.
    pub fn unlike_helpers(&self) -> Vec<&'static str> {
        const MAY_GOTO: u8 = 0xe5;
        const NAMES: [&str; 8] = [
            "bpf_ktime_get_ns",
            "bpf_ktime_get_boot_ns",
            "bpf_ktime_get_coarse_ns",
            "bpf_ktime_get_tai_ns",
            "bpf_jiffies64",
            "bpf_get_prandom_u32",
            "bpf_get_smp_processor_id",
            "bpf_get_numa_node_id",
        ];
        let Compiled { loaded, .. } = &self.compiled;
        let attached = &self.scenario.attachments;
        let entries = loaded.maps.iter().flat_map(|map| &map.initial).filter_map(|entry| entry.value.program());
        let given = self.scenario.maps.iter().flat_map(|map| &map.entries).filter_map(|entry| entry.program.as_deref());
        let in_maps: BTreeSet<&str> = entries.chain(given).collect();
        let runs =
            |name: &str| attached.is_empty() || attached.iter().any(|a| a.program == name) || in_maps.contains(name);
        let insns = loaded.programs.iter().filter(|program| runs(&program.name)).flat_map(|program| &program.insns);
        let names: BTreeSet<&str> = insns
            .filter_map(|insn| match (insn.opcode, insn.src) {
                (0x85, 0) => Some(helper(insn.imm as u32)?.name),
                (MAY_GOTO, _) => Some("may_goto"),
                _ => None,
            })
            .collect();
        NAMES.into_iter().chain(["may_goto"]).filter(|name| names.contains(name)).collect()
    }

    /// What keeps a replay from starting, at its place: the file of maps' contents, a line of assembly, or the program.
    fn setup_error(&self, error: LabError) -> Error {
        match &error {
            LabError::UnknownMap { .. } | LabError::EntrySize { .. } | LabError::MapEntry { .. } => {
                Error::of(self.maps.as_deref().unwrap_or(&self.name), error)
            }
            LabError::Setup(SetupError::Decode { prog, error: decode, .. }) if self.compiled.is_source() => {
                match self.compiled.line(*prog, decode.pc) {
                    Some(line) => Error::bad(&format!("{}:{line}", self.name), &error.to_string()),
                    None => Error::of(&self.name, error),
                }
            }
            _ => Error::of(&self.name, error),
        }
    }
}

/// What runs where: the hook or program of the command line before those of the scenario. Whether there is such a
/// program, and whether it can run there, the replay says.
fn attachments(
    args: &AttachArgs,
    file: &str,
    given: Vec<Attachment>,
    compiled: &Compiled,
) -> Result<Vec<Attachment>, Error> {
    let programs = &compiled.loaded.programs;
    let at = Attachment::new;
    match (&args.name, args.hook.map(Hook::from)) {
        (None, None) => Ok(given),
        (Some(name), Some(hook)) => Ok(vec![at(name, hook)]),
        (Some(name), None) => {
            let program = programs.iter().find(|p| p.name == *name);
            let scenario = given.iter().find(|a| a.program == *name).map(|a| a.hook);
            match (program.and_then(hook_of).or(scenario), program) {
                (Some(hook), _) => Ok(vec![at(name, hook)]),
                (None, Some(program)) => Err(Error::of(file, LabError::no_hook(program))),
                (None, None) => Ok(vec![at(name, Hook::Socket)]),
            }
        }
        (None, Some(hook)) => {
            let there: Vec<_> = programs.iter().filter(|p| hook_of(p) == Some(hook)).collect();
            match (there.as_slice(), programs.as_slice()) {
                ([], [only]) => Ok(vec![at(&only.name, hook)]),
                ([], _) => {
                    let names: Vec<_> = programs.iter().map(|p| format!("`{}`", p.name)).collect();
                    let names = names.join(", ");
                    Err(Error::Usage(format!("which program? Name one with --program: there is {names}")))
                }
                (some, _) => Ok(some.iter().map(|p| at(&p.name, hook)).collect()),
            }
        }
    }
}

/// Lets a filter expression from the command line mean packets as those of the capture that is named.
pub fn fit_filter(scenario: &mut Scenario, named: Option<&str>) -> Result<(), Error> {
    // Of a pipe nobody can look at the start and then at all of it.
    let Some(named) = named.filter(|named| *named != STDIN) else { return Ok(()) };
    let opened = capture(Some(named), scenario)?;
    let name = opened.name.clone();
    let wrong = |error: CaptureError| Error::of(&name, error.into());
    let mut reader = CaptureReader::new(opened.stream()).map_err(wrong)?;
    let found = reader.next_packet().map_err(wrong)?.map(|packet| packet.link);
    if let (Source::Filter { link, .. }, Some(found)) = (&mut scenario.source, found) {
        *link = found.into();
    }
    Ok(())
}

/// The types that CO-RE relocations are made against, when there are any.
fn target_types(args: &AttachArgs, source: &Source, name: &str) -> Result<Option<Btf>, Error> {
    if let Some(path) = &args.btf {
        return kernel_types(path).map(Some);
    }
    let Source::Elf(bytes) = source else { return Ok(None) };
    let object = Object::parse(bytes).map_err(|e| Error::of(name, e.into()))?;
    let path = Path::new(KERNEL_BTF);
    if object.has_core_relocs() && path.exists() { kernel_types(path).map(Some) } else { Ok(None) }
}

/// Reads a kernel's types.
pub fn kernel_types(path: &Path) -> Result<Btf, Error> {
    let name = path.display().to_string();
    let bytes = form::read(&name, MAX_BTF)?;
    Btf::parse(&bytes).map_err(|e| Error::of(&name, LabError::Object(e)))
}

/// Reads a file of maps' contents, in the form in which `replay --format json` prints them.
fn map_contents(path: &Path) -> Result<Vec<MapContents>, Error> {
    let name = path.display().to_string();
    let text = form::read(&name, MAX_MAPS)?;
    let wrong = |e: serde_json::Error| Error::bad(&format!("{name}:{}", e.line()), &format!("not maps' contents: {e}"));
    let NoTwins(maps) = serde_json::from_slice(&text).map_err(wrong)?;
    for (map, entries) in &maps {
        let mut keys = HashSet::new();
        if let Some(twin) = entries.iter().find(|e| !e.key.is_empty() && !keys.insert(&e.key)) {
            let key = lab::hex::encode(&twin.key);
            return Err(Error::bad(&name, &format!("map `{map}` has key {key} twice")));
        }
    }
    Ok(maps.into_iter().map(|(name, entries)| MapContents { name, entries }).collect())
}

/// A JSON object of maps, in which a name may stand only once.
struct NoTwins(Vec<(String, Vec<Entry>)>);

impl<'de> Deserialize<'de> for NoTwins {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<NoTwins, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = NoTwins;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of maps, {\"NAME\":[{\"key\":HEX,\"value\":HEX}]}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<NoTwins, A::Error> {
                let mut maps: Vec<(String, Vec<Entry>)> = Vec::new();
                while let Some(name) = members.next_key::<String>()? {
                    if maps.iter().any(|(earlier, _)| *earlier == name) {
                        return Err(A::Error::custom(format!("map `{name}` stands here twice")));
                    }
                    maps.push((name, members.next_value()?));
                }
                Ok(NoTwins(maps))
            }
        }
        d.deserialize_map(Members)
    }
}

/// Opens the capture that was named, or else the scenario's own.
pub fn capture(named: Option<&str>, scenario: &Scenario) -> Result<CaptureInput, Error> {
    let memory = |name: &str, bytes: Vec<u8>| CaptureInput {
        name: name.to_owned(),
        size: bytes.len() as u64,
        bytes: CaptureBytes::Memory(bytes),
    };
    match (named, &scenario.capture) {
        (Some(STDIN), _) => {
            let bytes = CaptureBytes::Pipe(Box::new(io::stdin().lock()));
            Ok(CaptureInput { name: "standard input".to_owned(), size: 0, bytes })
        }
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
    let open = capture(Some(named), &Scenario::new(Source::Asm(String::new())))?;
    let mut bytes = Vec::new();
    let (failed, open_name) = (|error| Error::File { path: named.into(), error }, open.name.clone());
    open.stream().take(INLINE_CAPTURE + 1).read_to_end(&mut bytes).map_err(failed)?;
    CaptureReader::new(bytes.as_slice()).map_err(|e| Error::of(&open_name, e.into()))?;
    let name = Path::new(named).file_name().map_or_else(|| named.to_owned(), |n| n.to_string_lossy().into_owned());
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
    let file = match File::open(named) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named.contains(['/', '\\']) => {
            let come = bundle::captures().join(", ");
            return Err(Error::bad(named, &format!("no such file, and none of those that come with bpfscope: {come}")));
        }
        file => file.map_err(failed)?,
    };
    let meta = file.metadata().map_err(failed)?;
    if meta.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    let bytes = if meta.is_file() { CaptureBytes::File(file) } else { CaptureBytes::Pipe(Box::new(file)) };
    Ok(CaptureInput { name: named.to_owned(), size: meta.len(), bytes })
}
