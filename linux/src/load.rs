//! A loaded object put into the kernel: types, maps and what they hold, then programs, then what refers to programs.

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::{InitialValue, MapDef, section_attach_type, section_flags};
use bpfscope_core::lab::{MapContents, hex};
use bpfscope_core::maps::{self, MapProblem};
use bpfscope_core::object::{Loaded, Object, Records};

use crate::bpf::{LoadedBtf, Map, MapSpec, MapTypes, Prog, ProgSpec, ProgTypes, Refused};
use crate::refusal::{Asked, Refusal};

/// Why an object cannot be had in the kernel.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoadError {
    /// A map is refused.
    #[error("map `{map}`: {}", reason(refusal, problem.as_ref()))]
    Map {
        /// Its name.
        map: String,
        /// What the kernel said.
        refusal: Refusal,
        /// What is wrong with its definition, as far as it is known to be wrong.
        problem: Option<MapProblem>,
    },
    /// An entry that a map is to hold from the start is refused.
    #[error("map `{map}`, key {key}: {refusal}")]
    Entry {
        /// The map's name.
        map: String,
        /// The key, hexadecimal.
        key: String,
        /// What the kernel said.
        refusal: Refusal,
    },
    /// A map is to hold a program that the object does not have.
    #[error("map `{map}` is to hold program `{program}`, which there is not")]
    NoProgram {
        /// The map's name.
        map: String,
        /// The program's name.
        program: String,
    },
    /// The verifier refuses a program.
    #[error("program `{program}`: {}", said(log, refusal))]
    Program {
        /// Its name.
        program: String,
        /// What the kernel said.
        refusal: Refusal,
        /// The verifier's log.
        log: String,
    },
}

impl LoadError {
    /// The errno of the kernel's refusal.
    pub fn errno(&self) -> Option<i32> {
        match self {
            LoadError::Map { refusal, .. } | LoadError::Entry { refusal, .. } | LoadError::Program { refusal, .. } => {
                Some(refusal.errno)
            }
            LoadError::NoProgram { .. } => None,
        }
    }

    /// Whether the verifier has said no, as against a kernel that cannot be asked.
    pub fn is_rejection(&self) -> bool {
        matches!(self, LoadError::Program { log, .. } if !message(log).is_empty())
    }
}

/// Why a map is refused: where its definition tells, that says more than the errno.
fn reason(refusal: &Refusal, problem: Option<&MapProblem>) -> String {
    let Refusal { asked, errno } = refusal;
    match problem.filter(|problem| problem.errno() as i32 == *errno) {
        Some(problem) => {
            format!("the kernel refuses {asked}: {}: {problem}", std::io::Error::from_raw_os_error(*errno))
        }
        None => refusal.to_string(),
    }
}

/// The message of a refused program: the verifier's when there is one.
fn said(log: &str, refusal: &Refusal) -> String {
    match message(log) {
        "" => refusal.to_string(),
        message => format!("the kernel's verifier rejects it: {message}"),
    }
}

/// Lines of a log that come after the message.
pub const AFTER: [&str; 5] = ["processed ", "verification time ", "stack depth ", "cur state:", "old state:"];

/// The message in a verifier's log: the last line before the counts; empty when there is none.
pub fn message(log: &str) -> &str {
    let is_message = |line: &&str| !line.is_empty() && !AFTER.iter().any(|start| line.starts_with(start));
    let line = log.lines().rev().map(str::trim_end).find(is_message).unwrap_or_default();
    without_time(line)
}

/// A line without the first count, which stands behind a message that does not end its line.
pub(crate) fn without_time(line: &str) -> &str {
    let time = line.rsplit_once(AFTER[1]).filter(|(_, time)| {
        time.strip_suffix(" usec").is_some_and(|time| !time.is_empty() && time.bytes().all(|b| b.is_ascii_digit()))
    });
    time.map_or(line, |(message, _)| message)
}

/// Bytes of log: as much as every kernel takes, and, where that is not enough, as much as newer ones take.
const LOG_SIZES: [usize; 2] = [(1 << 24) - 1, (1 << 30) - 1];
/// `BPF_LOG_STATS`: the log ends with what it cost.
const STATS: u32 = 4;

/// An object's types and maps in the kernel, for its programs to refer to.
#[derive(Debug)]
pub struct Prepared {
    /// The maps, by the same numbers as in [`Loaded::maps`].
    pub maps: Vec<Map>,
    /// Why the kernel did not take the types, if it did not: kernels before 4.18 know none, others not all of them.
    types_refused: Option<Refused>,
    types: Option<(LoadedBtf, Vec<Records>)>,
}

impl Prepared {
    /// Loads the types, creates the maps and stores what they hold from the start, as far as it does not take programs.
    ///
    /// # Errors
    /// A map or an entry is refused. That types are refused is no error: programs may do without.
    pub fn new(object: &Object, loaded: &Loaded) -> Result<Prepared, LoadError> {
        let (types, types_refused) = match object.kernel_btf(loaded) {
            None => (None, None),
            Some(types) => match LoadedBtf::load(&types.bytes) {
                Ok(btf) => (Some((btf, types.programs)), None),
                Err(refused) => (None, Some(refused)),
            },
        };
        let fd = types.as_ref().map(|(btf, _)| btf.fd());
        let maps = loaded.maps.iter().map(|def| create(def, fd)).collect::<Result<Vec<Map>, LoadError>>()?;
        for (map, def) in maps.iter().zip(&loaded.maps) {
            fill(map, def, &maps)?;
        }
        Ok(Prepared { maps, types_refused, types })
    }

    /// What is to be said of types that the kernel did not take: its last word on them.
    pub fn types_note(&self) -> Option<String> {
        let Refused { errno, log } = self.types_refused.as_ref()?;
        let said = message(log);
        let why = if said.is_empty() { std::io::Error::from_raw_os_error(*errno).to_string() } else { said.to_owned() };
        Some(format!("the kernel does not take the object's types: {why}; programs are loaded without them"))
    }

    /// The descriptor of the types.
    pub fn btf(&self) -> Option<i32> {
        self.types.as_ref().map(|(btf, _)| btf.fd())
    }

    /// What the kernel is told of a program's functions and lines, by its place in [`Loaded::programs`].
    pub fn records(&self, at: usize) -> Option<&Records> {
        self.types.as_ref().and_then(|(_, programs)| programs.get(at))
    }

    /// The same, to be changed: for a program that is no longer as it was compiled.
    pub fn records_mut(&mut self, at: usize) -> Option<&mut Records> {
        self.types.as_mut().and_then(|(_, programs)| programs.get_mut(at))
    }

    /// What `BPF_PROG_LOAD` takes of a program with these instructions, by its place in [`Loaded::programs`]; flags and
    /// attach type are its section's.
    pub fn spec<'a>(&'a self, loaded: &'a Loaded, at: usize, insns: &'a [u8]) -> ProgSpec<'a> {
        let program = &loaded.programs[at];
        let records = self.btf().zip(self.records(at));
        ProgSpec {
            prog_type: program.prog_type as u32,
            insns,
            license: if program.license.is_empty() { "none" } else { &program.license },
            expected_attach_type: section_attach_type(&program.section),
            flags: section_flags(&program.section),
            name: &program.name,
            types: records.map(|(btf, r)| ProgTypes { btf, funcs: &r.funcs, lines: &r.lines }),
            ..ProgSpec::default()
        }
    }

    /// The instructions' bytes, with descriptors where programs have the numbers of maps.
    pub fn with_descriptors(&self, insns: &[RawInsn]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(insns.len() * RawInsn::SIZE);
        let mut second = false;
        for &insn in insns {
            let mut insn = insn;
            let wide = !second && insn.opcode == 0x18;
            // Sources 1 and 2 of a 64-bit load are a map and an address in its value.
            if wide && matches!(insn.src, 1 | 2) {
                insn.imm = usize::try_from(insn.imm).ok().and_then(|at| self.maps.get(at)).map_or(insn.imm, Map::fd);
            }
            second = wide;
            bytes.extend(insn.to_bytes());
        }
        bytes
    }

    /// Loads a program by its place in [`Loaded::programs`], with a log of this level (1 or 2) that ends with what it cost.
    ///
    /// # Errors
    /// The verifier rejects it, or this user may load none.
    pub fn load(&self, loaded: &Loaded, at: usize, log_level: u32) -> Result<Prog, Refused> {
        let insns = self.with_descriptors(&loaded.programs[at].insns);
        let spec = ProgSpec { log_level: log_level | STATS, log_size: LOG_SIZES[0], ..self.spec(loaded, at, &insns) };
        match Prog::load(&spec) {
            Err(refused) if refused.errno == libc::ENOSPC => Prog::load(&ProgSpec { log_size: LOG_SIZES[1], ..spec }),
            done => done,
        }
    }
}

/// An object whose programs are in the kernel.
#[derive(Debug)]
pub struct InKernel {
    /// Types and maps.
    pub prepared: Prepared,
    /// The programs, by the same numbers as in [`Loaded::programs`]; those that nobody asked for are not there.
    pub progs: Vec<Option<Prog>>,
}

impl InKernel {
    /// Puts types, maps, some of the programs and all those that prog arrays hold into the kernel.
    ///
    /// # Errors
    /// The kernel refuses something.
    pub fn new(object: &Object, loaded: &Loaded, wanted: impl Fn(usize) -> bool) -> Result<InKernel, LoadError> {
        let prepared = Prepared::new(object, loaded)?;
        let entries = loaded.maps.iter().flat_map(|def| &def.initial);
        let jumped_to: Vec<&str> = entries.filter_map(|entry| entry.value.program()).collect();
        let load = |at: usize| {
            let program = &loaded.programs[at];
            if !wanted(at) && !jumped_to.contains(&program.name.as_str()) {
                return Ok(None);
            }
            prepared.load(loaded, at, 1).map(Some).map_err(|Refused { errno, log }| LoadError::Program {
                program: program.name.clone(),
                refusal: Refusal { asked: Asked::LoadProgram(program.prog_type), errno },
                log,
            })
        };
        let progs = (0..loaded.programs.len()).map(load).collect::<Result<Vec<_>, LoadError>>()?;
        let kernel = InKernel { prepared, progs };
        kernel.fill_prog_arrays(loaded)?;
        Ok(kernel)
    }

    /// The maps, by the same numbers as in [`Loaded::maps`].
    pub fn maps(&self) -> &[Map] {
        &self.prepared.maps
    }

    fn fill_prog_arrays(&self, loaded: &Loaded) -> Result<(), LoadError> {
        for (map, def) in self.maps().iter().zip(&loaded.maps) {
            for entry in &def.initial {
                let Some(name) = entry.value.program() else { continue };
                let at = loaded.programs.iter().position(|p| p.name == name);
                let prog = at.and_then(|at| self.progs[at].as_ref());
                let prog =
                    prog.ok_or_else(|| LoadError::NoProgram { map: def.name.clone(), program: name.to_owned() })?;
                store(map, def, &entry.key, &prog.fd().to_ne_bytes())?;
            }
        }
        Ok(())
    }

    /// Stores what a scenario says that maps hold. Values of per-CPU maps may have fewer CPUs than there are here; the
    /// others then have zeroes.
    ///
    /// # Errors
    /// The kernel refuses an entry, or there is no such map.
    pub fn store(&self, loaded: &Loaded, contents: &[MapContents]) -> Result<(), LoadError> {
        for MapContents { name, entries } in contents {
            // A name that is not there is found before: the simulator says so, with those that are.
            let Some(at) = loaded.maps.iter().position(|def| def.name == *name) else { continue };
            let (map, def) = (&self.maps()[at], &loaded.maps[at]);
            for entry in entries {
                let mut value = entry.value.clone();
                if def.map_type.is_percpu() && value.len() < map.value_size() {
                    value.resize(map.value_size(), 0);
                }
                if let Some(name) = &entry.program {
                    let at = loaded.programs.iter().position(|program| program.name == *name);
                    let no_program = || LoadError::NoProgram { map: def.name.clone(), program: name.clone() };
                    let prog = at.and_then(|at| self.progs[at].as_ref()).ok_or_else(no_program)?;
                    value.get_mut(4..8).ok_or_else(no_program)?.copy_from_slice(&prog.fd().to_ne_bytes());
                }
                store(map, def, &entry.key, &value)?;
            }
        }
        Ok(())
    }
}

fn store(map: &Map, def: &MapDef, key: &[u8], value: &[u8]) -> Result<(), LoadError> {
    map.update(key, value, 0).map_err(|errno| LoadError::Entry {
        map: def.name.clone(),
        key: hex::encode(key),
        refusal: Refusal { asked: Asked::StoreEntry, errno },
    })
}

/// Creates a map, with the types of its keys and values where the kernel takes them.
fn create(def: &MapDef, btf: Option<i32>) -> Result<Map, LoadError> {
    let inner = def.inner.as_deref().map(|inner| create(inner, btf)).transpose()?;
    let known = def.key_type != 0 || def.value_type != 0;
    let types = btf.filter(|_| known).map(|btf| MapTypes { btf, key: def.key_type, value: def.value_type });
    let spec = MapSpec {
        map_type: def.map_type.number(),
        key_size: def.key_size,
        value_size: def.value_size,
        max_entries: def.max_entries,
        flags: def.flags,
        inner: inner.as_ref().map(Map::fd),
        name: def.name.clone(),
        extra: def.extra,
        types,
    };
    // As libbpf does: many types of maps refuse types of keys and values.
    let made = Map::create(&spec).or_else(|errno| match types {
        Some(_) => Map::create(&MapSpec { types: None, ..spec }),
        None => Err(errno),
    });
    made.map_err(|errno| LoadError::Map {
        map: def.name.clone(),
        refusal: Refusal { asked: Asked::CreateMap(def.map_type), errno },
        problem: maps::check(def).err(),
    })
}

/// Stores the bytes and maps that a map holds from the start, and freezes constant data as loaders do: the verifier looks
/// into it.
fn fill(map: &Map, def: &MapDef, maps: &[Map]) -> Result<(), LoadError> {
    for entry in &def.initial {
        match &entry.value {
            InitialValue::Bytes(bytes) => store(map, def, &entry.key, bytes)?,
            InitialValue::Map(id) => store(map, def, &entry.key, &maps[id.index()].fd().to_ne_bytes())?,
            InitialValue::Program(_) => {}
        }
    }
    if def.is_frozen() {
        let refused = |errno| LoadError::Map {
            map: def.name.clone(),
            refusal: Refusal { asked: Asked::StoreEntry, errno },
            problem: None,
        };
        map.freeze().map_err(refused)?;
    }
    Ok(())
}
