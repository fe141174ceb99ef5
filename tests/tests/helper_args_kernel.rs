//! Every helper, every argument: whatever a register may hold is tried in each place while the other arguments are
//! valid, and the verifier says what the running kernel says.
//!
//! This proves the table of helpers row by row (`kernel::helpers`), and the rules that the verifier has for it.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;

use bpfscope_core::isa::{Pc, RawInsn};
use bpfscope_core::kernel::{ArgType, Func, HelperDef, MapType, ProgType, helpers};
use bpfscope_core::object::Kind;
use bpfscope_tests::agree::answer::Answer;
use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::Options;
use bpfscope_tests::agree::compare::{self, Outcome};
use bpfscope_tests::agree::ours;
use bpfscope_tests::agree::source::{Subject, running_kernel, running_kernel_types};
use bpfscope_tests::clang::{self, Flags};
use bpfscope_tests::kernel;

const fn slot(opcode: u8, dst: u8, src: u8, off: i16, imm: i32) -> RawInsn {
    RawInsn { opcode, dst, src, off, imm }
}

/// What a register may hold when it is given to a helper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Value {
    Number(i32),
    /// Any 32-bit number.
    Random32,
    /// Any 64-bit number.
    Random64,
    /// A random number of those bits, and so much more.
    Bits(i32, i32),
    Ctx(i32),
    /// Stack there; -128 to -64 are initialised.
    Stack(i32),
    /// Initialised stack with a variable offset of up to so many bytes.
    StackUpTo(i32),
    Map(&'static str),
    /// In the value of an array.
    InMap(&'static str, i32),
    /// The same with a variable offset of up to so many bytes.
    MapValueUpTo(&'static str, i32),
    /// From a look-up in a hash, not compared with null.
    MapValueOrNull,
    /// Of a packet of which so many bytes are known to be there.
    Packet(i16),
    PacketEnd,
    PacketMeta,
    /// The packet's socket.
    SockOrNull,
    SockCommon,
    FullSock,
    TcpSock,
    /// From a look-up, to be released.
    FoundSock,
    FoundSockOrNull,
    /// A ring buffer's record of 8 bytes, to be submitted.
    Record,
    RecordOrNull,
    Callback,
    /// The current task.
    Task,
    /// A pointer from a field of the current task.
    TaskField,
    /// A dynptr to a map value, and to a ring buffer's record.
    Dynptr,
    DynptrRecord,
}

/// What is tried in each place.
const TRIED: &[Value] = &[
    Value::Number(0),
    Value::Number(1),
    Value::Number(8),
    Value::Number(64),
    Value::Number(65),
    Value::Number(1 << 29),
    Value::Number(-1),
    Value::Random32,
    Value::Random64,
    Value::Bits(7, 0),
    Value::Bits(7, 1),
    Value::Bits(63, 8),
    Value::Ctx(0),
    Value::Ctx(4),
    Value::Ctx(-4),
    Value::Stack(-128),
    Value::Stack(-124),
    Value::Stack(-123),
    Value::Stack(-72),
    Value::Stack(-68),
    Value::Stack(-320),
    Value::Stack(-4),
    Value::Stack(0),
    Value::Stack(-600),
    Value::StackUpTo(7),
    Value::StackUpTo(63),
    Value::Map("hash"),
    Value::InMap("array", 0),
    Value::InMap("array", 1),
    Value::InMap("array", 60),
    Value::InMap("array", 64),
    Value::InMap("special", 0),
    Value::InMap("special", 8),
    Value::InMap("special", 24),
    Value::InMap("special", 26),
    Value::InMap("write_only", 0),
    Value::InMap(".rodata", 0),
    Value::InMap(".rodata", 64),
    Value::MapValueUpTo("array", 7),
    Value::MapValueUpTo("array", 63),
    Value::MapValueUpTo(".rodata", 7),
    Value::MapValueOrNull,
    Value::Packet(0),
    Value::Packet(64),
    Value::PacketEnd,
    Value::PacketMeta,
    Value::SockOrNull,
    Value::SockCommon,
    Value::FullSock,
    Value::TcpSock,
    Value::FoundSock,
    Value::FoundSockOrNull,
    Value::Record,
    Value::RecordOrNull,
    Value::Callback,
    Value::Task,
    Value::TaskField,
    Value::Dynptr,
    Value::DynptrRecord,
];

/// Types that have rules of their own; the others share them (see the first test below).
const TYPES: [ProgType; 6] = [
    ProgType::SocketFilter,
    ProgType::SchedCls,
    ProgType::Xdp,
    ProgType::CgroupSkb,
    ProgType::Kprobe,
    ProgType::RawTracepoint,
];

const R0: u8 = 0;
const R1: u8 = 1;
const R2: u8 = 2;
const R3: u8 = 3;
const R4: u8 = 4;
const R5: u8 = 5;
/// Holds the context throughout.
const CTX: u8 = 6;
const R7: u8 = 7;
const R8: u8 = 8;
const FP: u8 = 10;
/// Where a key or a tuple of addresses is on the stack.
const ZEROES: i32 = -128;

/// A program in the making.
struct Text<'a> {
    world: &'a World,
    prog_type: ProgType,
    insns: Vec<RawInsn>,
    /// Immediates that are to be distances to the callback.
    callbacks: Vec<usize>,
    /// Whether something cannot be had in this type of program.
    impossible: bool,
}

impl<'a> Text<'a> {
    fn new(world: &'a World, prog_type: ProgType) -> Text<'a> {
        let mut text = Text { world, prog_type, insns: Vec::new(), callbacks: Vec::new(), impossible: false };
        text.mov(CTX, R1);
        for off in (-128..-64).step_by(8) {
            text.push(slot(0x7a, FP, 0, off, 0));
        }
        text
    }

    fn push(&mut self, insn: RawInsn) {
        self.insns.push(insn);
    }

    fn set(&mut self, dst: u8, imm: i32) {
        self.push(slot(0xb7, dst, 0, 0, imm));
    }

    fn mov(&mut self, dst: u8, src: u8) {
        self.push(slot(0xbf, dst, src, 0, 0));
    }

    fn add(&mut self, dst: u8, imm: i32) {
        if imm != 0 {
            self.push(slot(0x07, dst, 0, 0, imm));
        }
    }

    fn call(&mut self, name: &str) {
        let id = helpers().iter().find(|h| h.name == name).map_or(0, |h| h.id);
        self.push(slot(0x85, 0, 0, 0, id as i32));
    }

    fn wide(&mut self, dst: u8, src: u8, low: i32, high: i32) {
        self.push(slot(0x18, dst, src, 0, low));
        self.push(slot(0, 0, 0, 0, high));
    }

    fn map(&mut self, dst: u8, name: &str) {
        let map = self.world.map(name);
        self.wide(dst, 1, map, 0);
    }

    fn stack(&mut self, dst: u8, off: i32) {
        self.mov(dst, FP);
        self.add(dst, off);
    }

    /// Ends the program here if `r0` is null.
    fn not_null(&mut self) {
        self.push(slot(0x55, R0, 0, 2, 0));
        self.end();
    }

    fn end(&mut self) {
        self.set(R0, 0);
        self.push(slot(0x95, 0, 0, 0, 0));
    }

    /// Loads from the context into `r0`.
    fn context(&mut self, wide: bool, dst: u8, off: i16) {
        self.push(slot(if wide { 0x79 } else { 0x61 }, dst, CTX, off, 0));
    }

    /// Offsets of `data`, `data_end` and `data_meta` in the context.
    fn packet_fields(&self) -> Option<[i16; 3]> {
        match self.prog_type {
            ProgType::SchedCls | ProgType::SchedAct => Some([76, 80, 140]),
            ProgType::CgroupSkb => Some([76, 80, -1]),
            ProgType::Xdp => Some([0, 4, 8]),
            _ => None,
        }
    }

    /// Leaves the packet's socket in `r0`.
    fn own_sock(&mut self) {
        match self.prog_type {
            ProgType::SchedCls | ProgType::SchedAct | ProgType::CgroupSkb => self.context(true, R0, 168),
            _ => self.impossible = true,
        }
    }

    fn find_sock(&mut self) {
        if matches!(self.prog_type, ProgType::SocketFilter | ProgType::Kprobe | ProgType::RawTracepoint) {
            self.impossible = true;
        }
        self.mov(R1, CTX);
        self.stack(R2, ZEROES);
        self.set(R3, 12);
        self.set(R4, 0);
        self.set(R5, 0);
        self.call("bpf_sk_lookup_tcp");
    }

    /// Leaves the value in `r0`.
    fn value(&mut self, value: Value) {
        match value {
            Value::Number(number) => self.set(R0, number),
            Value::Random32 => self.call("bpf_get_prandom_u32"),
            Value::Random64 => self.call("bpf_ktime_get_ns"),
            Value::Bits(mask, more) => {
                self.call("bpf_get_prandom_u32");
                self.push(slot(0x57, R0, 0, 0, mask));
                self.add(R0, more);
            }
            Value::Ctx(off) => {
                self.mov(R0, CTX);
                self.add(R0, off);
            }
            Value::Stack(off) => self.stack(R0, off),
            Value::StackUpTo(mask) => {
                self.value(Value::Bits(mask, 0));
                self.mov(R7, R0);
                self.stack(R0, ZEROES);
                self.push(slot(0x0f, R0, R7, 0, 0));
            }
            Value::Map(name) => self.map(R0, name),
            Value::InMap(name, off) => {
                let map = self.world.map(name);
                self.wide(R0, 2, map, 0);
                self.add(R0, off);
            }
            Value::MapValueUpTo(name, mask) => {
                self.value(Value::Bits(mask, 0));
                self.mov(R7, R0);
                self.value(Value::InMap(name, 0));
                self.push(slot(0x0f, R0, R7, 0, 0));
            }
            Value::MapValueOrNull => {
                self.map(R1, "hash");
                self.stack(R2, ZEROES);
                self.call("bpf_map_lookup_elem");
            }
            Value::Packet(_) | Value::PacketEnd | Value::PacketMeta => self.packet(value),
            Value::SockOrNull => self.own_sock(),
            Value::SockCommon => {
                self.own_sock();
                self.not_null();
            }
            Value::FullSock | Value::TcpSock => {
                self.value(Value::SockCommon);
                self.mov(R1, R0);
                self.call(if value == Value::FullSock { "bpf_sk_fullsock" } else { "bpf_tcp_sock" });
                self.not_null();
            }
            Value::FoundSockOrNull => self.find_sock(),
            Value::FoundSock => {
                self.find_sock();
                self.not_null();
            }
            Value::RecordOrNull | Value::Record => {
                self.map(R1, "ringbuf");
                self.set(R2, 8);
                self.set(R3, 0);
                self.call("bpf_ringbuf_reserve");
                if value == Value::Record {
                    self.not_null();
                }
            }
            Value::Callback => {
                self.callbacks.push(self.insns.len());
                self.wide(R0, 4, 0, 0);
            }
            Value::Task => self.call("bpf_get_current_task_btf"),
            Value::TaskField => {
                self.call("bpf_get_current_task_btf");
                self.push(slot(0x79, R0, R0, self.world.last_wakee, 0));
            }
            Value::Dynptr => {
                self.value(Value::InMap("array", 0));
                self.mov(R1, R0);
                self.set(R2, 64);
                self.set(R3, 0);
                self.stack(R4, -400);
                self.call("bpf_dynptr_from_mem");
                self.stack(R0, -400);
            }
            Value::DynptrRecord => {
                self.map(R1, "ringbuf");
                self.set(R2, 8);
                self.set(R3, 0);
                self.stack(R4, -432);
                self.call("bpf_ringbuf_reserve_dynptr");
                self.stack(R0, -432);
            }
        }
    }

    fn packet(&mut self, value: Value) {
        let Some([start, end, meta]) = self.packet_fields() else {
            self.impossible = true;
            return;
        };
        match value {
            Value::Packet(0) => self.context(false, R0, start),
            Value::Packet(bytes) => {
                self.context(false, R0, start);
                self.context(false, R7, end);
                self.mov(R8, R0);
                self.add(R8, i32::from(bytes));
                self.push(slot(0xbd, R8, R7, 2, 0));
                self.end();
            }
            Value::PacketEnd => self.context(false, R0, end),
            _ if meta < 0 => self.impossible = true,
            _ => self.context(false, R0, meta),
        }
    }

    /// A call with these arguments, and the rest of the program.
    fn finish(mut self, helper: &HelperDef, values: &[Value]) -> Option<(Vec<RawInsn>, usize)> {
        // What must be given back is taken last, so that nothing is held where the program ends early.
        let held =
            |v: &Value| matches!(v, Value::FoundSock | Value::FoundSockOrNull | Value::Record | Value::RecordOrNull);
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by_key(|&i| held(&values[i]));
        let place = |i: usize| -8 * (i as i16 + 1);
        for i in order {
            self.value(values[i]);
            self.push(slot(0x7b, FP, R0, place(i), 0));
        }
        for i in 0..values.len() {
            self.push(slot(0x79, i as u8 + 1, FP, place(i), 0));
        }
        self.push(slot(0x85, 0, 0, 0, helper.id as i32));
        self.end();
        let end = self.insns.len();
        for &at in &self.callbacks {
            self.insns[at].imm = end as i32 - at as i32 - 1;
        }
        if !self.callbacks.is_empty() {
            self.end();
        }
        (!self.impossible).then_some((self.insns, end))
    }
}

/// Maps, and what of the kernel's types is used.
struct World {
    subject: Subject,
    asked: Asked,
    last_wakee: i16,
    /// Types of the main function and of the callback, as the kernel numbers them and as the object does.
    types: [[u32; 2]; 2],
}

impl World {
    /// `None`, having said so, where there is no kernel of the table's version or no compiler.
    fn new(what: &str) -> Option<World> {
        if !kernel::available(what) || !clang::available(what) {
            return None;
        }
        if running_kernel() != "6.18" {
            clang::skip(what, "the table is of Linux 6.18");
            return None;
        }
        let bytes = clang::compile("arguments.c", Flags::USUAL);
        let subject = Subject::of_bytes("arguments.o", &bytes, None).unwrap();
        let asked = Asked::new(&subject).unwrap();
        let types = running_kernel_types().expect("the kernel has types");
        let task = types.by_name("task_struct", Kind::Struct).expect("tasks");
        let field = task.members().find(|m| m.name == "last_wakee").expect("a task woke another");
        let [main, callback] = asked.functions(0) else { panic!("the object has two functions") };
        let kernel = [main[1], callback[1]];
        let [main, callback] = &*subject.loaded.programs[0].funcs else { panic!("the object has two functions") };
        let own = [main.type_id, callback.type_id];
        Some(World { last_wakee: (field.bit_offset / 8) as i16, types: [kernel, own], subject, asked })
    }

    fn map(&self, name: &str) -> i32 {
        let at = self.subject.loaded.maps.iter().position(|m| m.name == name);
        at.unwrap_or_else(|| panic!("no map {name}")) as i32
    }

    /// What both say of a program; `None` when it is the same.
    fn differ(
        &mut self,
        prog_type: ProgType,
        insns: Vec<RawInsn>,
        main: usize,
        options: &Options,
    ) -> Option<Difference> {
        let program = &mut self.subject.loaded.programs[0];
        program.prog_type = prog_type;
        program.section.clear();
        program.license = options.license.clone().unwrap_or_else(|| "GPL".to_owned());
        program.funcs.clear();
        program.lines.clear();
        let starts = if main < insns.len() { vec![0, main] } else { vec![0] };
        let [theirs, own] = self.types;
        for (i, &start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).map_or(insns.len(), |next| *next);
            program.funcs.push(Func {
                name: format!("f{start}"),
                start: Pc(start as u32),
                end: Pc(end as u32),
                section: String::new(),
                section_start: Pc(0),
                type_id: own[i],
                global: false,
                exception_callback: false,
            });
        }
        let functions: Vec<[u32; 2]> = starts.iter().zip(theirs).map(|(&start, ty)| [start as u32, ty]).collect();
        self.asked.set_functions(0, &functions);
        program.insns = insns;
        let theirs = self.asked.ask(&self.subject, 0, options, LogSpec { level: 2, size: 1 << 20 }).unwrap();
        let ours = ours::verify(&self.subject, 0, options, 2).expect("there is a program");
        let log = first_difference(&theirs.log, &ours.log);
        let theirs = verdict(&theirs);
        let ours = ours.errno.map(|_| ours.message);
        match Outcome::of(theirs.as_deref(), ours.as_deref()) {
            Outcome::BothAccept | Outcome::BothReject => log,
            _ => Some((theirs, ours)),
        }
    }
}

/// The kernel's message; `None` for a program that its verifier accepts.
fn verdict(answer: &Answer) -> Option<String> {
    let is_insn = |m: &str| m.split_once(": (").is_some_and(|(pc, _)| pc.bytes().all(|b| b.is_ascii_digit()));
    match &*answer.message {
        // A map of programs takes those of one type, which the verifier does not know of.
        message if message.starts_with("(0) live stack") => None,
        // Nothing is said after the instruction.
        message if is_insn(message) || message.starts_with("mark_precise") => Some(String::new()),
        message => answer.errno.map(|_| message.to_owned()),
    }
}

/// The first lines that differ of what two logs say of the paths.
fn first_difference(theirs: &str, ours: &str) -> Option<Difference> {
    let path = |log: &str| -> Vec<String> {
        // The kernel does not end every message's line.
        let lines = compare::comparable(&log.replace("callprocessed ", "call\nprocessed "));
        lines.into_iter().skip_while(|l| !l.starts_with("0: R1=ctx")).take_while(|l| !l.starts_with('(')).collect()
    };
    let (theirs, ours) = (path(theirs), path(ours));
    let at = (0..theirs.len().max(ours.len())).find(|&i| theirs.get(i) != ours.get(i))?;
    let line = |lines: &[String]| Some(format!("log: {}", lines.get(at).map_or("", |l| l)));
    Some((line(&theirs), line(&ours)))
}

/// What the kernel says and what we say.
type Difference = (Option<String>, Option<String>);

/// Differences by what was said, with the programs that show them.
#[derive(Default)]
struct Differences {
    programs: usize,
    found: BTreeMap<Difference, Vec<String>>,
}

impl Differences {
    fn add(&mut self, what: impl FnOnce() -> String, difference: Option<Difference>) {
        self.programs += 1;
        if let Some(difference) = difference {
            self.found.entry(difference).or_default().push(what());
        }
    }

    /// # Panics
    /// When there are any.
    fn end(self) {
        assert!(self.programs > 0, "no program was tried");
        let count: usize = self.found.values().map(Vec::len).sum();
        let mut text = format!("{count} of {} programs differ\n", self.programs);
        for ((theirs, ours), programs) in &self.found {
            let says = |m: &Option<String>| m.clone().unwrap_or_else(|| "accepted".to_owned());
            text += &format!("  kernel: {}\n  ours:   {}\n", says(theirs), says(ours));
            for program in programs.iter().take(4) {
                text += &format!("      {program}\n");
            }
            if programs.len() > 4 {
                text += &format!("      and {} more\n", programs.len() - 4);
            }
        }
        assert!(count == 0, "{text}");
    }
}

/// A map that goes into the helper.
fn fitting_map(helper: &HelperDef) -> &'static str {
    match helper.name {
        "bpf_tail_call" => "prog_array",
        "bpf_perf_event_read" | "bpf_perf_event_output" | "bpf_perf_event_read_value" => "perf_event_array",
        "bpf_get_stackid" => "stack_trace",
        "bpf_skb_under_cgroup" | "bpf_current_task_under_cgroup" => "cgroup_array",
        "bpf_redirect_map" => "devmap",
        "bpf_get_local_storage" => "cgroup_storage",
        "bpf_map_push_elem" | "bpf_map_pop_elem" | "bpf_map_peek_elem" => "queue",
        "bpf_sk_storage_get" | "bpf_sk_storage_delete" => "sk_storage",
        "bpf_task_storage_get" | "bpf_task_storage_delete" => "task_storage",
        "bpf_cgrp_storage_get" | "bpf_cgrp_storage_delete" => "cgrp_storage",
        "bpf_map_lookup_percpu_elem" => "percpu_hash",
        "bpf_timer_init" => "special",
        "bpf_user_ringbuf_drain" => "user_ringbuf",
        name if name.starts_with("bpf_ringbuf") => "ringbuf",
        _ => "hash",
    }
}

/// Something that the argument takes.
fn valid(helper: &HelperDef, arg: ArgType) -> Value {
    match arg {
        ArgType::Scalar => Value::Number(0),
        ArgType::MapPtr => Value::Map(fitting_map(helper)),
        ArgType::Ctx | ArgType::CtxOrNull => Value::Ctx(0),
        ArgType::MapKey
        | ArgType::MapValue
        | ArgType::MapValueOrNull
        | ArgType::MapValueOut
        | ArgType::Mem
        | ArgType::MemOrNull
        | ArgType::MemOut
        | ArgType::MemOutOrNull
        | ArgType::MemRw
        | ArgType::MemRwOrNull
        | ArgType::FixedMem(_)
        | ArgType::FixedMemRw(_)
        | ArgType::StackOrNull
        | ArgType::LongOut => Value::Stack(ZEROES),
        ArgType::Size | ArgType::SizeOrZero | ArgType::AllocSize => Value::Number(8),
        ArgType::ConstStr => Value::InMap(".rodata", 0),
        ArgType::Record => Value::Record,
        ArgType::Func => Value::Callback,
        ArgType::SpinLock => Value::InMap("special", 0),
        ArgType::Timer => Value::InMap("special", 8),
        ArgType::Socket | ArgType::SockCommon | ArgType::SocketRelease => Value::FoundSock,
        ArgType::Dynptr => Value::Dynptr,
        ArgType::DynptrRecord => Value::DynptrRecord,
        ArgType::DynptrOut | ArgType::DynptrRecordOut => Value::Stack(-480),
        ArgType::Kernel(_) | ArgType::KernelOrNull(_) | ArgType::PercpuKernel => Value::Task,
        ArgType::KptrSlot => Value::InMap("special", 24),
        ArgType::KptrOrNull => Value::Number(0),
    }
}

fn plain(values: &[RawInsn]) -> Vec<RawInsn> {
    [values, &[slot(0xb7, 0, 0, 0, 0), slot(0x95, 0, 0, 0, 0)]].concat()
}

#[test]
fn who_may_call_a_helper() {
    let Some(mut world) = World::new("who may call helpers") else { return };
    let mut differences = Differences::default();
    let with = |license: &str, unprivileged| Options {
        license: Some(license.to_owned()),
        unprivileged,
        no_btf: true,
        ..Options::default()
    };
    let mut ask = |prog_type: ProgType, options: &Options| {
        for id in [-1, i32::MIN, i32::MAX].into_iter().chain(0..=220) {
            let insns = plain(&[slot(0x85, 0, 0, 0, id)]);
            let end = insns.len();
            let who = if options.unprivileged { "nobody" } else { "root" };
            let what = || format!("#{id} by {} of {who}, licence {:?}", prog_type.name(), options.license);
            let difference = world.differ(prog_type, insns, end, options);
            differences.add(what, difference);
        }
    };
    for prog_type in ProgType::ALL {
        ask(prog_type, &with("GPL", false));
        ask(prog_type, &with("MIT", false));
    }
    for prog_type in [ProgType::SocketFilter, ProgType::CgroupSkb] {
        ask(prog_type, &with("GPL", true));
    }
    differences.end();
}

#[test]
fn whatever_is_given_to_a_helper() {
    let Some(mut world) = World::new("arguments of helpers") else { return };
    let options = Options::default();
    let mut differences = Differences::default();
    let one = std::env::var("HELPER").ok();
    for helper in helpers() {
        if one.as_ref().is_some_and(|one| helper.name != one) {
            continue;
        }
        for prog_type in TYPES.into_iter().filter(|t| helper.prog_types.contains(*t)) {
            let good: Vec<Value> = helper.args_for(prog_type).iter().map(|&arg| valid(helper, arg)).collect();
            let places = (0..good.len()).flat_map(|at| TRIED.iter().map(move |&value| Some((at, value))));
            for change in std::iter::once(None).chain(places) {
                let mut values = good.clone();
                if let Some((at, value)) = change {
                    values[at] = value;
                }
                let Some((insns, end)) = Text::new(&world, prog_type).finish(helper, &values) else { continue };
                let what = || format!("{} by {}: {values:?}", helper.name, prog_type.name());
                let difference = world.differ(prog_type, insns, end, &options);
                differences.add(what, difference);
            }
        }
    }
    differences.end();
}

#[test]
fn whatever_map_is_given_to_a_helper() {
    let Some(mut world) = World::new("maps of helpers") else { return };
    let options = Options::default();
    let mut differences = Differences::default();
    let names: Vec<(&'static str, MapType)> =
        world.subject.loaded.maps.iter().map(|m| (&*Box::leak(m.name.clone().into_boxed_str()), m.map_type)).collect();
    for helper in helpers().iter().filter(|h| h.args.contains(&ArgType::MapPtr)) {
        for prog_type in TYPES.into_iter().filter(|t| helper.prog_types.contains(*t)) {
            for &(name, map_type) in &names {
                let fit = |&arg: &ArgType| if arg == ArgType::MapPtr { Value::Map(name) } else { valid(helper, arg) };
                let values: Vec<Value> = helper.args.iter().map(fit).collect();
                let Some((insns, end)) = Text::new(&world, prog_type).finish(helper, &values) else { continue };
                let what = || format!("{} by {} with {map_type}: {values:?}", helper.name, prog_type.name());
                let difference = world.differ(prog_type, insns, end, &options);
                differences.add(what, difference);
            }
        }
    }
    differences.end();
}
