//! The kernel and `verifier::shape` agree on what is refused before any path is explored, in the same words, and on
//! the functions, loops and live registers of what is not.

#![cfg(target_os = "linux")]

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::{MapDef, MapType, ProgType, Program};
use bpfscope_core::verifier::Options;
use bpfscope_core::verifier::shape::{flaws, opening};
use bpfscope_tests::kernel::{Map, MapSpec, Prog, ProgSpec, available};

const fn slot(opcode: u8, dst: u8, src: u8, off: i16, imm: i32) -> RawInsn {
    RawInsn { opcode, dst, src, off, imm }
}

const fn mov(dst: u8, imm: i32) -> RawInsn {
    slot(0xb7, dst, 0, 0, imm)
}

const fn call(src: u8, imm: i32) -> RawInsn {
    slot(0x85, 0, src, 0, imm)
}

const fn goto(off: i16) -> RawInsn {
    slot(0x05, 0, 0, off, 0)
}

const fn jeq(dst: u8, imm: i32, off: i16) -> RawInsn {
    slot(0x15, dst, 0, off, imm)
}

const fn imm64(dst: u8, src: u8, imm: i32) -> RawInsn {
    slot(0x18, dst, src, 0, imm)
}

const fn second(imm: i32) -> RawInsn {
    slot(0, 0, 0, 0, imm)
}

const EXIT: RawInsn = slot(0x95, 0, 0, 0, 0);

/// Programs that stand for a rule each.
fn programs() -> Vec<(&'static str, Vec<RawInsn>)> {
    let deep = |calls: usize| {
        let pair = [call(1, 1), EXIT];
        [pair.repeat(calls), vec![mov(0, 0), EXIT]].concat()
    };
    let many = |functions: usize| {
        let calls: Vec<RawInsn> = (0..functions).map(|i| call(1, (functions - i + i * 2) as i32)).collect();
        [calls, vec![EXIT], [mov(0, 0), EXIT].repeat(functions)].concat()
    };
    vec![
        ("plain", vec![mov(0, 0), EXIT]),
        ("no end", vec![mov(0, 0)]),
        ("a conditional jump at the end", vec![mov(0, 0), jeq(0, 0, -1)]),
        ("goto at the end", vec![mov(0, 0), jeq(0, 0, 1), EXIT, goto(-2)]),
        ("jump behind the end", vec![goto(5), EXIT]),
        ("jump before the start", vec![mov(0, 0), goto(-5), EXIT]),
        ("gotol behind the end", vec![slot(6, 0, 0, 0, i32::MAX), EXIT]),
        ("unreachable", vec![mov(0, 0), EXIT, EXIT]),
        ("unreachable after goto", vec![mov(0, 0), goto(1), mov(0, 1), EXIT]),
        ("loop", vec![mov(0, 0), slot(7, 0, 0, 0, 1), slot(0x55, 0, 0, -2, 10), EXIT]),
        ("loop without an end", vec![mov(0, 0), goto(-1)]),
        ("jump to itself", vec![mov(0, 0), jeq(0, 1, -1), EXIT]),
        (
            "two loops, one in the other",
            vec![
                mov(1, 9),
                mov(2, 9),
                slot(7, 2, 0, 0, -1),
                slot(0x55, 2, 0, -2, 0),
                slot(7, 1, 0, 0, -1),
                slot(0x55, 1, 0, -5, 0),
                mov(0, 0),
                EXIT,
            ],
        ),
        (
            "two loops after each other",
            vec![
                mov(1, 9),
                slot(7, 1, 0, 0, -1),
                slot(0x55, 1, 0, -2, 0),
                mov(2, 9),
                slot(7, 2, 0, 0, -1),
                slot(0x55, 2, 0, -2, 0),
                mov(0, 0),
                EXIT,
            ],
        ),
        ("into an immediate", vec![jeq(1, 0, 1), imm64(0, 0, 1), second(0), EXIT]),
        ("immediate at the end", vec![imm64(0, 0, 1)]),
        ("immediate without its second slot", vec![mov(0, 0), imm64(0, 0, 0), EXIT]),
        ("immediate of source 7", vec![mov(0, 0), imm64(0, 7, 0), second(0), EXIT]),
        ("map with an upper half", vec![mov(0, 0), imm64(0, 1, 0), second(1), EXIT]),
        ("no map", vec![mov(0, 0), imm64(0, 1, 7777), second(0), EXIT]),
        ("a map", vec![mov(0, 0), imm64(1, 1, 0), second(0), EXIT]),
        ("an address in a map", vec![mov(0, 0), imm64(1, 2, 0), second(7), EXIT]),
        ("an address behind a map", vec![mov(0, 0), imm64(1, 2, 0), second(8), EXIT]),
        ("an address far behind", vec![mov(0, 0), imm64(1, 2, 0), second(1 << 29), EXIT]),
        ("an address in an array of two", vec![mov(0, 0), imm64(1, 2, 1), second(0), EXIT]),
        ("an address in a hash", vec![mov(0, 0), imm64(1, 2, 2), second(0), EXIT]),
        ("a map by index", vec![mov(0, 0), imm64(1, 5, 0), second(0), EXIT]),
        ("an address by index", vec![mov(0, 0), imm64(1, 6, 0), second(0), EXIT]),
        ("call", vec![mov(0, 0), call(1, 1), EXIT, mov(0, 1), EXIT]),
        ("call backwards", vec![goto(2), mov(0, 1), EXIT, call(1, -3), EXIT]),
        ("call behind the end", vec![mov(0, 0), call(1, 77), EXIT]),
        ("call before the start", vec![mov(0, 0), call(1, -77), EXIT]),
        ("call that wraps", vec![mov(0, 0), call(1, i32::MAX), EXIT]),
        ("jump to another function", vec![mov(0, 0), call(1, 1), EXIT, goto(-3), EXIT]),
        ("a function without an end", vec![mov(0, 0), call(1, 0), mov(0, 1), EXIT]),
        ("a function nobody calls", vec![mov(0, 0), EXIT, mov(0, 0), EXIT]),
        ("a call of itself", vec![mov(0, 0), call(1, 1), EXIT, call(1, -1), EXIT]),
        ("ten frames", deep(9)),
        ("256 functions", many(255)),
        ("257 functions", many(256)),
        ("a callback", vec![mov(0, 0), imm64(2, 4, 2), second(0), EXIT, mov(0, 1), EXIT]),
        ("a callback with an upper half", vec![mov(0, 0), imm64(2, 4, 2), second(9), EXIT, mov(0, 1), EXIT]),
        ("a callback that is nowhere", vec![mov(0, 0), imm64(2, 4, 99), second(0), EXIT]),
        ("a callback in a second slot", vec![mov(0, 0), imm64(2, 0, 2), slot(0x85, 0, 1, 0, 99), EXIT]),
        ("kernel function without an id", vec![mov(0, 0), call(2, 0), EXIT]),
        ("kernel function of a module", vec![mov(0, 0), slot(0x85, 0, 2, 1, 1), EXIT]),
        ("kernel function of no module", vec![mov(0, 0), slot(0x85, 0, 2, -1, 1), EXIT]),
        ("load with an immediate", vec![mov(0, 0), slot(0x61, 0, 1, 0, 1), EXIT]),
        ("load of no mode", vec![mov(0, 0), slot(0xa1, 0, 1, 0, 0), EXIT]),
        ("unknown opcode", vec![mov(0, 0), slot(0x8d, 0, 0, 0, 0), EXIT]),
        ("unknown opcode that nobody reaches", vec![mov(0, 0), EXIT, slot(0xff, 0, 0, 0, 0), EXIT]),
        ("exit with an offset", vec![mov(0, 0), slot(0x95, 0, 0, 3, 0)]),
        ("may_goto", vec![mov(0, 0), slot(0xe5, 0, 0, 1, 0), goto(-2), EXIT]),
        ("legacy load", vec![slot(0xbf, 6, 1, 0, 0), slot(0x20, 0, 0, 0, 0), EXIT]),
        ("cmpxchg", vec![mov(0, 0), slot(0xdb, 10, 2, -8, 0xf1), EXIT]),
        ("fetch and add", vec![mov(0, 0), slot(0xdb, 10, 2, -8, 1), EXIT]),
        ("load_acquire", vec![mov(0, 0), slot(0xdb, 4, 10, -8, 0x100), EXIT]),
        ("store_release", vec![mov(0, 0), slot(0xdb, 10, 4, -8, 0x110), EXIT]),
        ("registers that there are not", vec![mov(0, 0), slot(0x0f, 12, 13, 0, 0), EXIT]),
    ]
}

/// The maps that programs name by number: an array of one, an array of two, a hash.
fn maps() -> Vec<MapDef> {
    vec![
        MapDef::new("one", MapType::Array, 4, 8, 1),
        MapDef::new("two", MapType::Array, 4, 8, 2),
        MapDef::new("hash", MapType::Hash, 4, 8, 2),
    ]
}

/// What the kernel, or we, say before the first path.
#[derive(PartialEq, Eq, Debug)]
enum Answer {
    /// Functions, loops and live registers.
    Opening(String),
    /// All that is printed, with the message.
    Refused(String),
}

struct Oracle {
    maps: Vec<Map>,
}

impl Oracle {
    fn new() -> Oracle {
        let create = |def: MapDef| {
            let spec = MapSpec {
                map_type: def.map_type.number(),
                key_size: def.key_size,
                value_size: def.value_size,
                max_entries: def.max_entries,
                ..MapSpec::default()
            };
            Map::create(&spec).expect("a small map")
        };
        Oracle { maps: maps().into_iter().map(create).collect() }
    }

    /// The kernel's log, level 2, with our numbers of maps made descriptors.
    fn log(&self, prog_type: ProgType, insns: &[RawInsn]) -> String {
        let mut insns = insns.to_vec();
        let mut at = 0;
        while at < insns.len() {
            let raw = &mut insns[at];
            if raw.opcode == 0x18 {
                at += 1;
                if matches!(raw.src, 1 | 2) {
                    raw.imm = self.maps.get(raw.imm as usize).map_or(raw.imm, Map::fd);
                }
            }
            at += 1;
        }
        let bytes: Vec<u8> = insns.into_iter().flat_map(RawInsn::to_bytes).collect();
        let spec = ProgSpec { prog_type: prog_type as u32, insns: &bytes, log_level: 2, ..ProgSpec::default() };
        Prog::load(&spec).map_or_else(|refused| refused.log, |prog| prog.log)
    }

    fn opening(&self, prog_type: ProgType, insns: &[RawInsn]) -> Answer {
        let log = self.log(prog_type, insns);
        let Some((functions, rest)) = log.split_once("Live regs before insn:\n") else {
            let end = log.find("processed ").unwrap_or(log.len());
            return Answer::Refused(log[..end].to_owned());
        };
        // The table's lines have ten places for registers after the slot's number; ours has no text behind them.
        let table: Vec<String> = rest.lines().map_while(table_line).collect();
        Answer::Opening(format!("{functions}Live regs before insn:\n{}\n", table.join("\n")))
    }
}

fn table_line(line: &str) -> Option<String> {
    let (place, text) = line.split_once(": ")?;
    let regs = text.get(..10).filter(|regs| regs.bytes().all(|b| b == b'.' || b.is_ascii_digit()))?;
    Some(format!("{place}: {regs}"))
}

fn program(prog_type: ProgType, insns: &[RawInsn]) -> Program {
    Program {
        name: String::new(),
        section: String::new(),
        prog_type,
        hook: None,
        insns: insns.to_vec(),
        funcs: Vec::new(),
        lines: Vec::new(),
        license: "GPL".to_owned(),
        maps: Vec::new(),
        kfuncs: Vec::new(),
    }
}

const LEVEL_2: Options<'static> = Options {
    kernel: bpfscope_core::kernel::KernelVersion::LATEST,
    privileged: true,
    log_level: 2,
    log_limit: 1 << 20,
    flags: 0,
    attach_type: None,
    explored: false,
    style: bpfscope_core::verifier::finding::Style::Lines,
    cpus: 1,
    btf: None,
    kernel_btf: None,
};

fn ours(prog_type: ProgType, insns: &[RawInsn]) -> Answer {
    match opening(&program(prog_type, insns), &maps(), &LEVEL_2) {
        Ok(text) => {
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            Answer::Opening(lines.join("\n") + "\n")
        }
        Err((finding, log)) => Answer::Refused(format!("{log}{finding}\n")),
    }
}

#[test]
fn the_shape_of_a_program_is_told_in_the_kernels_words() {
    if !available("the shape of programs") {
        return;
    }
    let oracle = Oracle::new();
    for (rule, insns) in programs() {
        let kernel = oracle.opening(ProgType::SocketFilter, &insns);
        assert_eq!(ours(ProgType::SocketFilter, &insns), kernel, "{rule}");
    }
}

#[test]
fn live_registers_follow_from_the_helpers_that_a_program_may_call() {
    if !available("live registers around helpers") {
        return;
    }
    let oracle = Oracle::new();
    let mut wrong = Vec::new();
    for prog_type in ProgType::ALL {
        for helper in 0..=213 {
            let insns = [call(0, helper), mov(0, 0), EXIT];
            let (ours, kernel) = (ours(prog_type, &insns), oracle.opening(prog_type, &insns));
            if ours != kernel {
                wrong.push(format!("{prog_type:?} {helper}: {ours:?}, the kernel {kernel:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Numbers that follow from a seed (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// Opcodes of jumps, calls, immediates and a few others, which make shapes.
const SHAPING: [u8; 16] =
    [0x05, 0x06, 0x15, 0x16, 0x1d, 0x55, 0x85, 0x95, 0x18, 0xe5, 0xb7, 0xbf, 0x79, 0x7b, 0xdb, 0x20];

/// Changes a few fields of a few slots.
fn mutate(insns: &mut Vec<RawInsn>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(insns.len());
        let length = insns.len() as i32;
        let raw = &mut insns[at];
        let near = random.below(2 * length as usize + 1) as i32 - length;
        match random.below(8) {
            0 => raw.opcode = random.next() as u8,
            1 => raw.opcode = random.of(&SHAPING),
            2 => raw.src = random.of(&[0, 0, 1, 1, 2, 4, 5, 11]),
            3 => raw.dst = random.below(16) as u8,
            4 => raw.off = near as i16,
            5 => raw.imm = near,
            6 => raw.imm = random.of(&[0, 1, 16, 0xf1, 0x100, 12, 181, i32::MIN, i32::MAX]),
            _ => {
                let copy = *raw;
                insns.insert(at, copy);
            }
        }
    }
}

/// What cannot be said without the kernel's own BTF.
const BY_BTF: [&str; 4] = ["btf_id", "kernel BTF", "vmlinux", "kernel function"];

#[test]
fn mutated_programs_have_the_same_shape_in_the_kernel() {
    if !available("the shape of mutated programs") {
        return;
    }
    let oracle = Oracle::new();
    let bases = programs();
    let mut random = Random(0x5eed);
    let (mut opened, mut refused, mut skipped) = (0, 0, 0);
    for round in 0..8_000 {
        let mut insns = bases[random.below(bases.len())].1.clone();
        mutate(&mut insns, &mut random);
        // A path of one instruction is enough: a long one would only take time.
        insns.insert(0, slot(0xbf, 0, 9, 0, 0));
        // A descriptor that is none of ours may be any file of this process.
        for raw in &mut insns {
            if raw.opcode == 0x18 && matches!(raw.src, 1 | 2) && !(0..3).contains(&raw.imm) {
                raw.imm = 7777;
            }
        }
        let kernel = oracle.opening(ProgType::SocketFilter, &insns);
        match &kernel {
            Answer::Refused(log) if BY_BTF.iter().any(|word| log.contains(word)) => {
                skipped += 1;
                continue;
            }
            Answer::Refused(_) => refused += 1,
            Answer::Opening(_) => opened += 1,
        }
        assert_eq!(ours(ProgType::SocketFilter, &insns), kernel, "round {round}: {insns:#?}");
    }
    assert!(opened > 1000 && refused > 2000 && skipped < 800, "{opened} opened, {refused} refused, {skipped} skipped");
}

/// Ways to a slot in question: with every register known, or only `r1` (and `r10`).
fn ways_to_the_slot() -> [Vec<RawInsn>; 2] {
    let mut known = vec![slot(0xbf, 6, 1, 0, 0)];
    known.extend([0, 1, 2, 3, 4, 5, 7, 8, 9].map(|reg| mov(reg, 0)));
    [known, Vec::new()]
}

/// The opcode with each field in turn given values that may or may not be reserved.
fn questions(opcode: u8) -> Vec<RawInsn> {
    let base = slot(opcode, 0, 0, 0, 0);
    let mut slots = vec![base, slot(opcode, 12, 2, 0, 0), slot(opcode, 2, 12, 0, 0), slot(opcode, 10, 2, -8, 64)];
    slots.extend([1, 2, 10, 11, 15].map(|dst| RawInsn { dst, ..base }));
    slots.extend([1, 2, 3, 10, 11].map(|src| RawInsn { src, ..base }));
    slots.extend([1, 2, 8, 16, 32, -1].map(|off| RawInsn { off, ..base }));
    slots.extend([1, 8, 16, 31, 32, 64, 0x10000, 0xe1, 0xf1, 0x100, 0x110, -1].map(|imm| RawInsn { imm, ..base }));
    slots.extend([0, 1, 2, 0x40, 0xe1, 0xf1, 0x101, 0x110].map(|imm| slot(opcode, 10, 2, -8, imm)));
    slots.extend([0, 8, 16, 32, 1].map(|off| slot(opcode, 12, 3, off, 1)));
    slots
}

/// The kernel's last word: the line before the statistics.
fn message(log: &str) -> &str {
    log.lines().rev().find(|line| !line.starts_with("processed ")).unwrap_or_default()
}

/// Messages that are about the instruction alone.
fn is_flaw(message: &str) -> bool {
    let words = [
        "uses reserved fields",
        " is invalid",
        "invalid shift",
        "div by zero",
        "invalid atomic",
        "may_goto imm",
        "addr_space_cast",
        "frame pointer",
        "invalid BPF_",
        "instructions not allowed",
        "invalid kernel",
    ];
    words.iter().any(|word| message.contains(word))
}

#[test]
fn flaws_of_an_instruction_are_found_after_the_reads_before_them() {
    if !available("reserved fields") {
        return;
    }
    let oracle = Oracle::new();
    let mut asked = 0;
    for prog_type in [ProgType::SocketFilter, ProgType::CgroupSkb] {
        for opcode in 0..=255 {
            for raw in questions(opcode) {
                for way in ways_to_the_slot() {
                    let pc = way.len();
                    let after = [slot(0, 0, 0, 0, 0)];
                    let after = if opcode == 0x18 { &after[..] } else { &[] };
                    let insns = [&way[..], &[raw], after, &[mov(0, 0), mov(0, 0), EXIT]].concat();
                    let Ok(flaws) = flaws(&program(prog_type, &insns), &maps(), &LEVEL_2) else { continue };
                    let log = oracle.log(prog_type, &insns);
                    let said = message(&log);
                    if BY_BTF.iter().any(|word| log.contains(word)) {
                        continue;
                    }
                    let flaw = flaws.iter().find(|(at, _)| at.index() == pc);
                    let unread = |reg: &&bpfscope_core::isa::Reg| way.is_empty() && !matches!(reg.index(), 1 | 10);
                    match flaw {
                        Some((_, flaw)) => {
                            let first = flaw.reads.iter().flatten().find(unread);
                            let expected =
                                first.map_or(flaw.finding.to_string(), |r| format!("R{} !read_ok", r.index()));
                            assert_eq!(said, expected, "{raw:?}\n{log}");
                            asked += 1;
                        }
                        None => assert!(!is_flaw(said), "{raw:?}\n{log}"),
                    }
                }
            }
        }
    }
    assert!(asked > 5000, "{asked} asked");
}
