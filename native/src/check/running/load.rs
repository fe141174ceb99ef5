//! An object's types, maps and programs given to the kernel, and what its log tells.

use std::io;

use bpfscope_core::{
    isa::{Pc, RawInsn},
    kernel::{InitialValue, KernelVersion, MapDef, ProgType, Program, map_flags, section_attach_type, section_flags},
    object::Records,
};

use super::sys::{self, Fd, MapAttr, ProgSpec, ProgTypes, Refused};
use crate::{
    check::{
        answer,
        report::{Place, Rejected, Verdict},
        subject::Subject,
    },
    error::Error,
};

/// Bytes of log: as much as every kernel takes, and, where that is not enough, as much as newer ones take.
const LOG_SIZES: [usize; 2] = [(1 << 24) - 1, (1 << 30) - 1];
/// `BPF_LOG_STATS`: the log ends with what it cost.
const STATS: u32 = 4;
/// Bytes of an entry that the kernel may read, whatever the definition says.
const ENTRY: usize = 1 << 16;

/// What the kernel says of the selected programs.
pub fn ask(subject: &Subject<'_>, selected: &[usize], log: u8) -> Result<Vec<Verdict>, Error> {
    sys::lift_memory_limit();
    let wrong = |what: String| Error::Usage(what);
    let types = subject.object.kernel_btf(&subject.loaded);
    // Kernels before 4.18 know no types, others not all of them: the program may do without.
    let btf = types.as_ref().and_then(|types| sys::load_btf(&types.bytes).ok());
    let fd = btf.as_ref().map(Fd::number);
    let maps = subject.loaded.maps.iter().map(|def| create(def, fd)).collect::<Result<Vec<Fd>, String>>();
    let maps = maps.map_err(wrong)?;
    for (map, def) in maps.iter().zip(&subject.loaded.maps) {
        fill(map, def).map_err(|e| wrong(format!("the kernel refuses what map `{}` holds: {e}", def.name)))?;
    }
    let ask = |at: &usize| {
        let program = &subject.loaded.programs[*at];
        let records = types.as_ref().and_then(|types| types.programs.get(*at)).zip(fd);
        load(program, &maps, records, log).map_err(wrong).map(|answer| verdict(subject, program, answer, log))
    };
    selected.iter().map(ask).collect()
}

/// What the kernel gave: its log, and whether it refused.
struct Answer {
    log: String,
    refused: Option<io::Error>,
}

fn load(program: &Program, maps: &[Fd], records: Option<(&Records, i32)>, log: u8) -> Result<Answer, String> {
    let insns = with_descriptors(&program.insns, maps);
    let spec = ProgSpec {
        prog_type: program.prog_type as u32,
        insns: &insns,
        license: &program.license,
        // The message is in the log, so that one is always asked for.
        log_level: u32::from(log.max(1)) | STATS,
        log_size: LOG_SIZES[0],
        flags: section_flags(&program.section),
        expected_attach_type: section_attach_type(&program.section),
        types: records.map(|(r, btf)| ProgTypes { btf, funcs: &r.funcs, lines: &r.lines }),
    };
    let mut loaded = sys::load_prog(&spec);
    if loaded.as_ref().is_err_and(|refused| refused.is(libc::ENOSPC)) {
        loaded = sys::load_prog(&ProgSpec { log_size: LOG_SIZES[1], ..spec });
    }
    match loaded {
        Ok(log) => Ok(Answer { log, refused: None }),
        Err(refused) if refused.log.is_empty() && refused.is(libc::EPERM) => Err(not_allowed(Some(program.prog_type))),
        Err(Refused { error, log }) => Ok(Answer { log, refused: Some(error) }),
    }
}

fn verdict(subject: &Subject<'_>, program: &Program, answer: Answer, log: u8) -> Verdict {
    let Answer { log: text, refused } = answer;
    let rejected = refused.map(|error| {
        let (said, message) = match message(&text) {
            "" => (error.to_string(), error.to_string()),
            message => (said(&text), message.to_owned()),
        };
        let place = last_insn(&text).filter(|pc| pc.index() < program.insns.len()).map(|pc| Place::of(program, pc));
        // Where both say the same, ours can say what it means.
        let ours = answer::verify(subject, program, 0).rejected;
        let explanation = ours.filter(|ours| ours.message == message).and_then(|ours| ours.explanation);
        Rejected { text: said, message, place, explanation }
    });
    Verdict {
        rejected,
        insns_processed: number_after(&text, "processed ").unwrap_or(0),
        verification_us: number_after(&text, "verification time ").unwrap_or(0),
        log: if log > 0 { text } else { String::new() },
        ..Verdict::of(program)
    }
}

/// Lines of a log that come after the message.
const AFTER: [&str; 5] = ["processed ", "verification time ", "stack depth ", "cur state:", "old state:"];

/// The message of a rejection: the last line before the counts.
fn message(log: &str) -> &str {
    let is_message = |line: &&str| !line.is_empty() && !AFTER.iter().any(|start| line.starts_with(start));
    log.lines().rev().map(str::trim_end).find(is_message).unwrap_or_default()
}

/// All that the kernel says of a rejection: the lines between the last instruction and the counts.
fn said(log: &str) -> String {
    let is_count = |line: &&str| AFTER[..3].iter().any(|start| line.starts_with(start));
    let lines: Vec<&str> = log.lines().take_while(|line| !is_count(line)).collect();
    let after = lines.iter().rposition(|line| insn_of(line).is_some()).map_or(0, |at| at + 1);
    lines[after..].join("\n")
}

/// The number behind a line's beginning.
fn number_after(log: &str, start: &str) -> Option<u64> {
    let rest = log.lines().rev().find_map(|line| line.strip_prefix(start))?;
    rest.split(' ').next()?.parse().ok()
}

/// The instruction that was rejected: the last one that the log came to (`12: (95) exit`), but for loops, which are found
/// before the instruction is printed.
fn last_insn(log: &str) -> Option<Pc> {
    if let Some(pc) = message(log).strip_prefix("infinite loop detected at insn ") {
        return pc.parse().ok().map(Pc);
    }
    log.lines().rev().find_map(insn_of)
}

fn insn_of(line: &str) -> Option<Pc> {
    let (number, rest) = line.split_once(": ")?;
    if rest.starts_with('(') { number.parse().ok().map(Pc) } else { None }
}

/// The instructions' bytes, with descriptors where the program has the numbers of maps.
fn with_descriptors(insns: &[RawInsn], maps: &[Fd]) -> Vec<[u8; 8]> {
    let mut second = false;
    let filled = insns.iter().map(|insn| {
        let mut insn = *insn;
        let wide = !second && insn.opcode == 0x18;
        // Sources 1 and 2 of a 64-bit load are a map and an address in its value.
        if wide && matches!(insn.src, 1 | 2) {
            insn.imm = usize::try_from(insn.imm).ok().and_then(|at| maps.get(at)).map_or(insn.imm, Fd::number);
        }
        second = wide;
        insn.to_bytes()
    });
    filled.collect()
}

/// Creates a map, with the types of its keys and values where the kernel takes them.
fn create(def: &MapDef, btf: Option<i32>) -> Result<Fd, String> {
    let inner = def.inner.as_deref().map(|inner| create(inner, btf)).transpose()?;
    let mut attr = MapAttr {
        map_type: def.map_type.number(),
        key_size: def.key_size,
        value_size: def.value_size,
        max_entries: def.max_entries,
        map_flags: def.flags,
        inner_map_fd: inner.as_ref().map_or(0, Fd::number) as u32,
        map_name: kernel_name(&def.name),
        map_extra: def.extra,
        ..MapAttr::default()
    };
    let plain = attr;
    if let Some(btf) = btf.filter(|_| def.key_type != 0 || def.value_type != 0) {
        (attr.btf_fd, attr.btf_key_type_id, attr.btf_value_type_id) = (btf as u32, def.key_type, def.value_type);
    }
    // As libbpf does: many types of maps refuse types of keys and values.
    sys::create_map(&attr).or_else(|_| sys::create_map(&plain)).map_err(|error| match error.raw_os_error() {
        Some(libc::EPERM) => not_allowed(None),
        Some(libc::ENOSYS) => "the kernel has no bpf(2): it was built without CONFIG_BPF_SYSCALL".to_owned(),
        _ => format!("the kernel refuses map `{}`, a {}: {error}", def.name, def.map_type),
    })
}

/// Stores the bytes that a map holds from the start, and freezes constant data: the verifier looks into it.
fn fill(map: &Fd, def: &MapDef) -> io::Result<()> {
    let fits = def.key_size as usize <= ENTRY && def.initial.iter().all(|e| e.key.len() == def.key_size as usize);
    for entry in def.initial.iter().filter(|_| fits) {
        if let InitialValue::Bytes(bytes) = &entry.value
            && bytes.len() == def.value_size as usize
        {
            sys::update(map, &entry.key, bytes)?;
        }
    }
    let constant = def.name.starts_with('.') && def.flags & map_flags::RDONLY_PROG != 0;
    if constant { sys::freeze(map) } else { Ok(()) }
}

/// A name as the kernel takes them: 15 characters at most, of few kinds.
fn kernel_name(name: &str) -> [u8; 16] {
    let mut out = [0; 16];
    for (to, from) in out[..15].iter_mut().zip(name.bytes()) {
        *to = if from.is_ascii_alphanumeric() || matches!(from, b'_' | b'.') { from } else { b'_' };
    }
    out
}

/// What somebody needs whom the kernel does not let.
fn not_allowed(prog_type: Option<ProgType>) -> String {
    let more = match prog_type {
        Some(ProgType::Kprobe | ProgType::Tracepoint | ProgType::RawTracepoint) => " and CAP_PERFMON",
        Some(ProgType::SocketFilter) | None => "",
        Some(_) => " and CAP_NET_ADMIN",
    };
    format!(
        "the kernel does not let this user load programs: run as root, or with CAP_BPF{more} (CAP_SYS_ADMIN before {})",
        KernelVersion::new(5, 8)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "0: R1=ctx() R10=fp0\n; return *p; @ x.c:3\n0: (95) exit\nR0 !read_ok\n\
                       verification time 17 usec\nstack depth 0\nprocessed 1 insns (limit 1000000) …\n";

    #[test]
    fn a_log_tells_message_place_and_cost() {
        assert_eq!(message(LOG), "R0 !read_ok");
        assert_eq!(said(LOG), "R0 !read_ok");
        assert_eq!(last_insn(LOG), Some(Pc(0)));
        assert_eq!(number_after(LOG, "processed "), Some(1));
        assert_eq!(number_after(LOG, "verification time "), Some(17));
    }

    #[test]
    fn a_loop_is_at_the_instruction_that_its_message_names() {
        let log = "9: (05) goto pc-2\ninfinite loop detected at insn 8\ncur state: R10=fp0\nold state: R10=fp0\n";
        assert_eq!((message(log), last_insn(log)), ("infinite loop detected at insn 8", Some(Pc(8))));
    }

    #[test]
    fn an_empty_log_tells_nothing() {
        assert_eq!((message(""), last_insn(""), number_after("", "processed ")), ("", None, None));
    }

    #[test]
    fn who_may_not_is_told_the_capability() {
        assert!(not_allowed(Some(ProgType::Xdp)).contains("CAP_BPF and CAP_NET_ADMIN"));
        assert!(not_allowed(Some(ProgType::Kprobe)).contains("CAP_BPF and CAP_PERFMON"));
    }
}
