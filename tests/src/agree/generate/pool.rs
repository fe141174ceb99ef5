//! What generated programs refer to, made once: maps in the kernel, types of functions, and programs to begin with.

use bpfscope_core::isa::{Pc, RawInsn};
use bpfscope_core::kernel::{
    Func, KfuncRef, MapDef, MapId, MapType, ProgType, Program, section_attach_type, section_flags,
};
use bpfscope_core::object::Kind;

use super::super::answer::{Answer, last_line};
use super::super::ask::{Asked, as_unprivileged};
use super::super::cases::{CaseFile, Options};
use super::super::check;
use super::super::source::{self, Subject};
use super::code;
use crate::kernel::{Prog, ProgSpec, ProgTypes};

/// A program of the generator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sample {
    /// Which of [`Pools::pools`] its maps and types are of.
    pub pool: usize,
    /// What it is loaded as.
    pub prog_type: ProgType,
    /// A section's name, which may stand for an attach type.
    pub section: String,
    /// `BPF_F_*`.
    pub flags: u32,
    /// Licence.
    pub license: String,
    /// Whether a user without capabilities loads it.
    pub unprivileged: bool,
    /// Instructions; maps by number.
    pub insns: Vec<RawInsn>,
    /// First slot and type of each function; empty when the types are not given.
    pub funcs: Vec<[u32; 2]>,
}

/// Maps and types, in the kernel and here.
pub struct Pool {
    /// The object that they come from.
    pub subject: Subject,
    asked: Asked,
}

/// All pools; the first is the grammar's.
pub struct Pools {
    /// The pools.
    pub pools: Vec<Pool>,
    /// Programs to mutate, with the kernel's verdict: the cases of `tests/verifier`.
    pub corpus: Vec<Sample>,
    /// Types of functions in the first pool, for main functions and callbacks.
    pub func_types: Vec<u32>,
    buffer: Vec<u8>,
}

/// Maps of every kind, and functions whose types stand for those of generated programs.
const TEXT: &str = r#"
.license "GPL"
.map hash, hash, key=4, value=8, entries=16
.map array, array, key=4, value=16, entries=4
.map wide, array, key=4, value=64, entries=1
.map percpu, percpu_array, key=4, value=8, entries=4
.map lru, lru_hash, key=8, value=16, entries=16
.map odd, hash, key=13, value=17, entries=8
.map routes, lpm_trie, key=8, value=4, entries=16, flags=1
.map queue, queue, value=4, entries=8
.map seen, bloom_filter, value=4, entries=8
.map events, ringbuf, entries=4096
.map jumps1, prog_array, key=4, value=4, entries=4
.map jumps2, prog_array, key=4, value=4, entries=4
.map jumps3, prog_array, key=4, value=4, entries=4
.map jumps4, prog_array, key=4, value=4, entries=4
.map jumps5, prog_array, key=4, value=4, entries=4
.map jumps6, prog_array, key=4, value=4, entries=4
.map jumps8, prog_array, key=4, value=4, entries=4
.map jumps17, prog_array, key=4, value=4, entries=4
.map perf, perf_event_array, key=4, value=4, entries=4
.map stacks, stack_trace, key=4, value=1016, entries=16
.map ports, devmap, key=4, value=4, entries=4
.map sockets, sockhash, key=4, value=4, entries=4
.map readonly, array, key=4, value=8, entries=2, flags=0x80
.map writeonly, array, key=4, value=8, entries=2, flags=0x100
.map outer, array_of_maps, key=4, value=4, entries=2
.inner outer, array, key=4, value=8, entries=2
.map locks, array, key=4, value=20, entries=2
.field locks, bpf_spin_lock, 16
.map clocks, array, key=4, value=32, entries=2
.field clocks, bpf_timer, 16
.section tc
main:   r1 = f1 ll
        r1 = f2 ll
        r1 = f3 ll
        r1 = table ll
        r1 = counter ll
        call f1
        exit
.text
f1:     exit
f2:     exit
f3:     exit
.rodata
table:  .long 1, 2, 3, 4
format: .asciz "%d %x"
.data
counter: .quad 0, 0
"#;

impl Pool {
    fn new(subject: Subject) -> Result<Pool, String> {
        let asked = Asked::new(&subject)?;
        Ok(Pool { subject, asked })
    }

    /// Its maps.
    pub fn maps(&self) -> &[MapDef] {
        &self.subject.loaded.maps
    }

    /// The prog array of a program type: once a program used one, the kernel keeps it for programs of that type.
    pub fn prog_array(&self, prog_type: ProgType) -> Option<usize> {
        let name = format!("jumps{}", prog_type as u32);
        self.maps().iter().position(|def| def.name == name)
    }

    /// The numbers of the maps that are of one of these types.
    pub fn maps_of(&self, types: &[MapType]) -> Vec<usize> {
        let all = self.maps().iter().enumerate();
        all.filter(|(_, def)| types.contains(&def.map_type)).map(|(at, _)| at).collect()
    }
}

impl Pools {
    /// Makes the pools: one for the grammar, one for each case that assembles.
    ///
    /// # Errors
    /// The kernel refuses a map or the types.
    pub fn new() -> Result<Pools, String> {
        let first = Pool::new(Subject::assemble("pool.s", TEXT, None)?)?;
        let func_types: Vec<u32> = first.subject.loaded.programs[0].funcs.iter().map(|f| f.type_id).collect();
        let mut pools = Pools { pools: vec![first], corpus: Vec::new(), func_types, buffer: vec![0; 1 << 16] };
        for path in check::all_files()? {
            let text = String::from_utf8_lossy(&source::read(&path)?).into_owned();
            let file = CaseFile::parse(&text).map_err(|e| format!("{path}:{e}"))?;
            for case in &file.cases {
                if let Ok(subject) = Subject::of_case(&path, &file, case) {
                    pools.take(subject, &case.options);
                }
            }
        }
        Ok(pools)
    }

    /// Adds an object's first program to the corpus, unless it is long or asks for what the generator does not do.
    fn take(&mut self, subject: Subject, options: &Options) {
        const LONGEST: usize = 400;
        const MOST_PROCESSED: u64 = 3000;
        let program = &subject.loaded.programs[0];
        if program.insns.len() > LONGEST {
            return;
        }
        let known = program.funcs.iter().all(|f| f.type_id != 0) && !options.no_btf && !options.unprivileged;
        let sample = Sample {
            pool: self.pools.len(),
            prog_type: program.prog_type,
            section: program.section.clone(),
            flags: options.flags | section_flags(&program.section),
            license: program.license.clone(),
            unprivileged: options.unprivileged,
            insns: program.insns.clone(),
            funcs: if known { program.funcs.iter().map(|f| [f.start.0, f.type_id]).collect() } else { Vec::new() },
        };
        if let Ok(pool) = Pool::new(subject) {
            self.pools.push(pool);
            // What takes the verifier long would take it long again and again.
            if self.ask(&sample).processed.is_none_or(|processed| processed <= MOST_PROCESSED) {
                self.corpus.push(sample);
            } else {
                self.pools.pop();
            }
        }
    }

    /// What the kernel says, in as little time as can be: its log has messages, and no states.
    pub fn ask(&mut self, sample: &Sample) -> Answer {
        /// `BPF_LOG_STATS`: neither of the two levels, which cost more than the verification.
        const BRIEF: u32 = 4;
        let pool = &self.pools[sample.pool];
        let insns = pool.asked.with_descriptors(&sample.insns);
        let types = pool.asked.btf().filter(|_| !sample.funcs.is_empty());
        let spec = ProgSpec {
            prog_type: sample.prog_type as u32,
            insns: &insns,
            license: if sample.license.is_empty() { "none" } else { &sample.license },
            log_level: BRIEF,
            log_size: 0,
            expected_attach_type: section_attach_type(&sample.section),
            flags: sample.flags,
            name: "",
            types: types.map(|btf| ProgTypes { btf, funcs: &sample.funcs, lines: &[] }),
        };
        let load = |buffer: &mut [u8]| {
            let mut load = || {
                let (done, log) = Prog::try_load(&spec, buffer);
                Answer::new(done.err(), log.into_owned())
            };
            let refused = |why: String| Answer::new(Some(libc::EPERM), why);
            if sample.unprivileged { as_unprivileged(load).unwrap_or_else(refused) } else { load() }
        };
        let mut answer = load(&mut self.buffer);
        if answer.errno.is_some_and(|errno| errno == libc::ENOSPC) {
            // The log did not fit: it is the message that is wanted, whatever its length.
            answer = load(&mut vec![0; 1 << 24]);
        }
        answer
    }

    /// Whether an answer depends on what was asked before: prog arrays and device maps belong to the first program's type.
    pub fn is_of_history(&self, sample: &Sample, answer: &Answer) -> bool {
        let owned = [MapType::ProgArray, MapType::Devmap, MapType::Cpumap, MapType::DevmapHash];
        let maps = self.pools[sample.pool].maps_of(&owned);
        let uses = |insn: &RawInsn| code::is_wide(*insn) && insn.src == 1 && maps.contains(&(insn.imm as usize));
        answer.rejection() == Some("") && sample.insns.iter().any(uses)
    }

    /// The program as our verifier takes it.
    pub fn program(&self, sample: &Sample) -> Program {
        let mut starts: Vec<[u32; 2]> = sample.funcs.clone();
        if starts.is_empty() {
            starts.push([0, 0]);
            for (at, &insn) in sample.insns.iter().enumerate() {
                let called = insn.opcode == code::CALL && insn.src == 1;
                if let Some(to) = code::target(insn, at).filter(|to| called && *to > 0) {
                    starts.push([to as u32, 0]);
                }
            }
            starts.sort_unstable();
            starts.dedup();
        }
        let btf = self.pools[sample.pool].subject.object.btf();
        let name_of = |type_id: u32| (type_id != 0).then(|| Some(btf?.ty(type_id)?.name().to_owned()))?;
        let known = || self.pools[sample.pool].subject.loaded.programs.iter().flat_map(|program| &program.funcs);
        let is_global = |type_id: u32| known().any(|func| func.type_id == type_id && func.global);
        let ends = starts.iter().skip(1).map(|s| s[0]).chain([sample.insns.len() as u32]);
        let funcs = starts.iter().zip(ends).enumerate().map(|(at, (&[start, type_id], end))| Func {
            name: name_of(type_id).unwrap_or_else(|| if at == 0 { "main".to_owned() } else { format!("f{at}") }),
            start: Pc(start),
            end: Pc(end),
            section: sample.section.clone(),
            section_start: Pc(start),
            type_id,
            global: type_id != 0 && is_global(type_id),
            exception_callback: false,
        });
        let kernel = source::running_kernel_types();
        let kfuncs = sample.insns.iter().filter(|i| i.opcode == code::CALL && i.src == 2).filter_map(|insn| {
            let ty = kernel?.ty(insn.imm as u32).filter(|ty| ty.kind() == Kind::Func)?;
            Some(KfuncRef { imm: insn.imm, name: ty.name().to_owned(), ..KfuncRef::default() })
        });
        Program {
            name: "main".to_owned(),
            section: sample.section.clone(),
            prog_type: sample.prog_type,
            hook: None,
            insns: sample.insns.clone(),
            funcs: funcs.collect(),
            lines: Vec::new(),
            license: sample.license.clone(),
            kfuncs: kfuncs.collect(),
            maps: (0..self.pools[sample.pool].maps().len() as u32).map(MapId).collect(),
        }
    }
}

/// The message of a log, with what differs from program to program left out: registers, numbers.
pub fn kind_of_message(message: &str) -> String {
    let mut out = String::new();
    let mut chars = last_line(message).chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            while chars.next_if(char::is_ascii_hexdigit).is_some() || chars.next_if_eq(&'x').is_some() {}
            out.push('N');
        } else {
            out.push(c);
        }
    }
    out.replace("-N", "N")
}
