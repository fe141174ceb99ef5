//! A program given to the kernel, for its answer.

use std::fs::{self, File};
use std::os::fd::AsRawFd;

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::{InitialValue, MapDef, map_flags, section_attach_type, section_flags};
use bpfscope_core::object::Records;

use super::answer::{Answer, errno_name};
use super::cases::Options;
use super::source::Subject;
use crate::kernel::{LoadedBtf, Map, MapSpec, MapTypes, Prog, ProgSpec, ProgTypes, as_nobody};

/// How much the kernel is to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogSpec {
    /// `log_level`: 1 the path that was rejected, 2 every step, plus 4 for what it cost.
    pub level: u32,
    /// Bytes of the log at most; where it is cut, the kernel refuses with `ENOSPC`.
    pub size: usize,
}

impl LogSpec {
    /// All of it: memory is taken only as the kernel fills it.
    pub const fn level(level: u32) -> LogSpec {
        LogSpec { level, size: (1 << 30) - 1 }
    }
}

/// An object's maps and types in the kernel, for programs to refer to.
pub struct Asked {
    maps: Vec<Map>,
    btf: Option<(LoadedBtf, Vec<Records>)>,
}

impl Asked {
    /// Loads the types and creates the maps.
    ///
    /// # Errors
    /// The kernel refuses a map.
    pub fn new(subject: &Subject) -> Result<Asked, String> {
        // Loaders go on without types that are refused; what ours makes of that shows in the answers.
        let types = subject.object.kernel_btf(&subject.loaded);
        let btf = types.and_then(|types| Some((LoadedBtf::load(&types.bytes).ok()?, types.programs)));
        let fd = btf.as_ref().map(|(btf, _)| btf.fd());
        let maps = subject.loaded.maps.iter().map(|def| create(def, fd)).collect::<Result<Vec<Map>, String>>()?;
        for (map, def) in maps.iter().zip(&subject.loaded.maps) {
            fill(map, def).map_err(|errno| format!("map `{}`: {}", def.name, errno_name(errno)))?;
        }
        Ok(Asked { maps, btf })
    }

    /// Gives a program other functions than its object has, each by its first slot and its type, and no source lines:
    /// for one that is no longer as it was compiled.
    pub fn set_functions(&mut self, at: usize, funcs: &[[u32; 2]]) {
        if let Some(records) = self.btf.as_mut().and_then(|(_, programs)| programs.get_mut(at)) {
            records.funcs = funcs.to_vec();
            records.lines.clear();
        }
    }

    /// The functions of a program as the kernel is told of them: first slot and type.
    pub fn functions(&self, at: usize) -> &[[u32; 2]] {
        self.btf.as_ref().and_then(|(_, programs)| programs.get(at)).map_or(&[], |records| &records.funcs)
    }

    /// The descriptor of the types.
    pub fn btf(&self) -> Option<i32> {
        self.btf.as_ref().map(|(btf, _)| btf.fd())
    }

    /// The instructions' bytes, with descriptors where programs have the numbers of maps.
    pub fn with_descriptors(&self, insns: &[RawInsn]) -> Vec<u8> {
        with_descriptors(insns, &self.maps)
    }

    /// What the kernel says of a program, by its place in [`Loaded::programs`].
    ///
    /// # Errors
    /// It cannot be asked as a user without capabilities.
    ///
    /// [`Loaded::programs`]: bpfscope_core::object::Loaded::programs
    pub fn ask(&self, subject: &Subject, at: usize, options: &Options, log: LogSpec) -> Result<Answer, String> {
        let program = subject.loaded.programs.get(at).ok_or("there is no program")?;
        let insns: Vec<u8> = with_descriptors(&program.insns, &self.maps);
        let records = self.btf.as_ref().and_then(|(btf, programs)| Some((btf.fd(), programs.get(at)?)));
        // Users without capabilities may not give types of functions.
        let records = records.filter(|_| !options.unprivileged && !options.no_btf);
        let load = || {
            let spec = ProgSpec {
                prog_type: program.prog_type as u32,
                insns: &insns,
                license: if program.license.is_empty() { "none" } else { &program.license },
                log_level: log.level,
                log_size: log.size,
                expected_attach_type: options.attach.unwrap_or_else(|| section_attach_type(&program.section)),
                flags: options.flags | section_flags(&program.section),
                types: records.map(|(btf, r)| ProgTypes { btf, funcs: &r.funcs, lines: &r.lines }),
            };
            match Prog::load(&spec) {
                Ok(prog) => Answer::new(None, prog.log),
                Err(refused) => Answer::new(Some(refused.errno), refused.log),
            }
        };
        if options.unprivileged {
            let _allowed = Allowed::new()?;
            as_nobody(load).map_err(|errno| format!("cannot become nobody: {}", errno_name(errno)))
        } else {
            Ok(load())
        }
    }
}

/// The instructions' bytes, with descriptors where [`Program::insns`] has the numbers of maps.
fn with_descriptors(insns: &[RawInsn], maps: &[Map]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(insns.len() * RawInsn::SIZE);
    let mut second = false;
    for &insn in insns {
        let mut insn = insn;
        let wide = !second && insn.opcode == 0x18;
        // Sources 1 and 2 of a 64-bit load are a map and an address in its value.
        if wide && matches!(insn.src, 1 | 2) {
            insn.imm = usize::try_from(insn.imm).ok().and_then(|at| maps.get(at)).map_or(insn.imm, Map::fd);
        }
        second = wide;
        bytes.extend(insn.to_bytes());
    }
    bytes
}

/// Creates a map, with the types of its keys and values where the kernel takes them.
fn create(def: &MapDef, btf: Option<i32>) -> Result<Map, String> {
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
    made.map_err(|errno| format!("map `{}` is refused: {}", def.name, errno_name(errno)))
}

/// Stores the bytes that a map holds from the start, and freezes constant data as loaders do: the verifier looks into it.
fn fill(map: &Map, def: &MapDef) -> Result<(), i32> {
    for entry in &def.initial {
        if let InitialValue::Bytes(bytes) = &entry.value {
            map.update(&entry.key, bytes, 0)?;
        }
    }
    let constant = def.name.starts_with('.') && def.flags & map_flags::RDONLY_PROG != 0;
    if constant { map.freeze() } else { Ok(()) }
}

const SYSCTL: &str = "/proc/sys/kernel/unprivileged_bpf_disabled";

/// While it lives, users without capabilities may load programs; afterwards what was before holds again.
struct Allowed {
    before: String,
    /// Held so that two processes do not undo each other's change.
    _lock: File,
}

impl Allowed {
    fn new() -> Result<Allowed, String> {
        let lock = std::env::temp_dir().join("bpfscope-unprivileged.lock");
        let lock = File::create(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
        lock.lock().map_err(|e| format!("locking descriptor {}: {e}", lock.as_raw_fd()))?;
        let before = fs::read_to_string(SYSCTL).map_err(|e| format!("{SYSCTL}: {e}"))?.trim().to_owned();
        if before != "0" {
            fs::write(SYSCTL, "0").map_err(|e| format!("{SYSCTL} is {before} and cannot be set to 0: {e}"))?;
        }
        Ok(Allowed { before, _lock: lock })
    }
}

impl Drop for Allowed {
    fn drop(&mut self) {
        // What cannot be put back was not changed either.
        let _ = fs::write(SYSCTL, &self.before);
    }
}
