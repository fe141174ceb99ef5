//! The kernel and `verifier::scalar` agree on what is known of numbers, as text: every scalar in the kernel's log.
//!
//! Generated programs load numbers of all sizes, calculate with them and branch. A small driver here walks each
//! program as the kernel does (fall through first, the other way later), with our scalars; the log of level 2 is read
//! line by line beside it. `SCALAR_PROGRAMS` and `SCALAR_SEED` make it another or a longer search.

#![cfg(target_os = "linux")]

use std::collections::VecDeque;

use bpfscope_core::isa::{AluOp, Imm64, Insn, JmpOp, RawInsn, Reg, Size, Src, Swap, Width};
use bpfscope_core::verifier::scalar::{
    Scalar, alu, branch_taken, byte_swap, fork, move_sign_extended, negate, refine_reporting, refine_same_reporting,
    write_contradiction, write_ranges, write_snum,
};
use bpfscope_tests::kernel::{Map, MapSpec, Prog, ProgSpec, available};

const SOCKET_FILTER: u32 = 1;
const ARRAY: u32 = 2;
/// The register with the map value's address; the others below 10 hold numbers.
const BASE: usize = 6;
const NUMBERS: [usize; 9] = [0, 1, 2, 3, 4, 5, 7, 8, 9];

/// A small generator of random numbers (splitmix64): the same programs everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn width(&mut self) -> Width {
        self.one_of(&[Width::W32, Width::W64])
    }

    /// Numbers near which things change.
    fn imm(&mut self) -> i32 {
        match self.below(8) {
            0..3 => self.below(12) as i32 - 4,
            3 => (1i64 << self.below(32)) as i32,
            4 => ((1i64 << self.below(32)) - 1) as i32,
            5 => -(1i64 << self.below(32)) as i32,
            6 => self.below(0x2_0000) as i32 - 0x1_0000,
            _ => self.next() as i32,
        }
    }

    /// A number at or beside one of those that describe the set: where questions about it are close.
    fn near(&mut self, scalar: &Scalar) -> u64 {
        let Scalar { var_off, smin, smax, umin, umax, s32_min, s32_max, u32_min, u32_max } = *scalar;
        let edges = [smin as u64, smax as u64, umin, umax, var_off.value, var_off.mask, var_off.max()];
        let low_edges = [s32_min as i64 as u64, s32_max as u64, u32_min.into(), u32_max.into()];
        let edge = if self.chance(60) { self.one_of(&edges) } else { self.one_of(&low_edges) };
        edge.wrapping_add(self.below(3) as u64).wrapping_sub(1)
    }

    fn wide(&mut self) -> u64 {
        match self.below(4) {
            0 => self.imm() as i64 as u64,
            1 => (self.imm() as u32 as u64) << self.below(33),
            2 => (1u64 << self.below(64)).wrapping_add(self.imm() as i64 as u64),
            _ => self.next() >> self.below(64),
        }
    }
}

fn reg(number: usize) -> Reg {
    Reg::new(number as u8).expect("registers here are below 10")
}

const ALU_OPS: [AluOp; 13] = [
    AluOp::Add,
    AluOp::Sub,
    AluOp::Mul,
    AluOp::Div,
    AluOp::Sdiv,
    AluOp::Or,
    AluOp::And,
    AluOp::Lsh,
    AluOp::Rsh,
    AluOp::Mod,
    AluOp::Smod,
    AluOp::Xor,
    AluOp::Arsh,
];
/// What the kernel follows, for most of the steps: the others end in `scalar()`.
const FOLLOWED: [AluOp; 9] =
    [AluOp::Add, AluOp::Sub, AluOp::Mul, AluOp::Or, AluOp::And, AluOp::Lsh, AluOp::Rsh, AluOp::Xor, AluOp::Arsh];
const JMP_OPS: [JmpOp; 11] = [
    JmpOp::Eq,
    JmpOp::Gt,
    JmpOp::Ge,
    JmpOp::Set,
    JmpOp::Ne,
    JmpOp::Sgt,
    JmpOp::Sge,
    JmpOp::Lt,
    JmpOp::Le,
    JmpOp::Slt,
    JmpOp::Sle,
];

/// A program being written: jumps that leave know their landing only at the end.
struct Writer<'a> {
    random: &'a mut Random,
    insns: Vec<Insn>,
    leaving: Vec<usize>,
    /// The registers in use: few meet more often.
    numbers: &'static [usize],
    /// What is known on the way that goes on, so that what is asked is not always answered.
    state: State,
}

fn mov(dst: Reg, imm: i32) -> Insn {
    Insn::Alu { width: Width::W64, op: AluOp::Mov, dst, src: Src::Imm(imm) }
}

impl Writer<'_> {
    fn number(&mut self) -> Reg {
        reg(self.random.one_of(self.numbers))
    }

    fn push(&mut self, insn: Insn) {
        self.insns.push(insn);
        transfer(&mut self.state, &insn);
    }

    /// An immediate that matters to the register.
    fn imm(&mut self, asked: Reg) -> i32 {
        match self.random.chance(50) {
            true => self.random.near(&self.state[asked.index()]) as i32,
            false => self.random.imm(),
        }
    }

    /// A number of any kind into `dst`: loaded, or known.
    fn start(&mut self, dst: Reg) {
        let near = self.number();
        let random = &mut *self.random;
        let off = 8 * random.below(4) as i16;
        let insn = match random.below(12) {
            0 => Insn::LoadImm64 { dst, imm: Imm64::Value(random.wide()) },
            1 | 2 => Insn::LoadImm64 { dst, imm: Imm64::Value(random.near(&self.state[near.index()])) },
            3 => Insn::Alu { width: random.width(), op: AluOp::Mov, dst, src: Src::Imm(random.imm()) },
            4 | 5 => {
                let size = random.one_of(&[Size::B, Size::H, Size::W]);
                Insn::Load { size, sign: true, dst, base: reg(BASE), off }
            }
            _ => {
                let size = random.one_of(&[Size::B, Size::H, Size::W, Size::Dw, Size::Dw, Size::Dw]);
                Insn::Load { size, sign: false, dst, base: reg(BASE), off }
            }
        };
        self.push(insn);
    }

    fn arithmetic(&mut self) {
        let (width, dst, other) = (self.random.width(), self.number(), self.number());
        let op = if self.random.chance(95) { self.random.one_of(&FOLLOWED) } else { self.random.one_of(&ALU_OPS) };
        let src = match op {
            _ if self.random.chance(33) => Src::Reg(other),
            AluOp::Lsh | AluOp::Rsh | AluOp::Arsh => Src::Imm(self.shift(width, dst)),
            AluOp::Div | AluOp::Sdiv | AluOp::Mod | AluOp::Smod => Src::Imm(self.imm(dst).max(1)),
            _ => Src::Imm(self.imm(dst)),
        };
        self.push(Insn::Alu { width, op, dst, src });
    }

    /// A shift, often one that moves the highest bit that can be set to the top or beside it.
    fn shift(&mut self, width: Width, dst: Reg) -> i32 {
        let known = &self.state[dst.index()];
        let (bits, room) = match width {
            Width::W32 => (32, known.u32_max.leading_zeros()),
            Width::W64 => (64, known.umax.leading_zeros()),
        };
        match self.random.below(3) {
            0 => (room as i32 + self.random.below(2) as i32).min(bits - 1),
            1 => self.random.one_of(&[0, 1, 31, bits - 1, bits / 2]),
            _ => self.random.below(bits as usize) as i32,
        }
    }

    /// A move makes a link where both registers live on; so the source is loaded anew.
    fn copy(&mut self) {
        let (dst, src) = (self.number(), self.number());
        let width = self.random.width();
        let from = match width {
            Width::W32 => self.random.one_of(&[Size::B, Size::H]),
            Width::W64 => self.random.one_of(&[Size::B, Size::H, Size::W]),
        };
        let plain = self.random.chance(33);
        self.push(match plain {
            true => Insn::Alu { width, op: AluOp::Mov, dst, src: Src::Reg(src) },
            false => Insn::MovSx { width, from, dst, src },
        });
        if dst != src {
            self.start(src);
        }
    }

    /// A jump, one side of which leaves. Where it is decided, that is the side that is not walked.
    fn branch(&mut self) {
        let (width, op, dst) = (self.random.width(), self.random.one_of(&JMP_OPS), self.number());
        let src = if self.random.chance(40) { Src::Reg(self.number()) } else { Src::Imm(self.imm(dst)) };
        let mut sides = Sides::of(&self.state, width, op, dst, src, |_, _| {});
        let goes_on_taken = sides.decided.unwrap_or(self.random.chance(50));
        if goes_on_taken {
            self.insns.push(Insn::Jump { width, op, dst, src, off: 2 });
            self.leave();
            std::mem::swap(&mut sides.taken, &mut sides.not_taken);
        } else {
            self.leaving.push(self.insns.len());
            self.insns.push(Insn::Jump { width, op, dst, src, off: 0 });
        }
        self.state = sides.not_taken;
    }

    fn leave(&mut self) {
        self.insns.extend([mov(Reg::R0, 0), Insn::Exit]);
    }

    fn step(&mut self) {
        match self.random.below(20) {
            0..8 => self.arithmetic(),
            8..17 => self.branch(),
            17 => self.copy(),
            18 => {
                let (width, dst) = (self.random.width(), self.number());
                self.push(Insn::Neg { width, dst });
            }
            _ if self.random.chance(30) => {
                let swap = self.random.one_of(&[Swap::ToLe, Swap::ToBe, Swap::Bswap]);
                let (bits, dst) = (self.random.one_of(&[16, 32, 64]), self.number());
                self.push(Insn::Endian { swap, bits, dst });
            }
            _ => {
                let dst = self.number();
                self.start(dst);
            }
        }
    }
}

fn slots_before(insns: &[Insn]) -> Vec<usize> {
    let mut pcs = vec![0];
    for insn in insns {
        pcs.push(pcs[pcs.len() - 1] + insn.slots() as usize);
    }
    pcs
}

fn generate(random: &mut Random, map: i32, steps: usize) -> Vec<Insn> {
    let numbers = &NUMBERS[..2 + random.below(NUMBERS.len() - 1)];
    let state = [Scalar::UNKNOWN; 10];
    let mut writer = Writer { random, insns: Vec::new(), leaving: Vec::new(), numbers, state };
    writer.insns.push(Insn::LoadImm64 { dst: reg(BASE), imm: Imm64::MapValue { map, off: 0 } });
    numbers.iter().for_each(|&number| writer.start(reg(number)));
    (0..steps).for_each(|_| writer.step());
    writer.leave();
    let jumps = std::mem::take(&mut writer.leaving);
    let landings: Vec<usize> = jumps
        .iter()
        .map(|_| {
            writer.leave();
            writer.insns.len() - 2
        })
        .collect();
    let mut insns = writer.insns;
    let pcs = slots_before(&insns);
    for (jump, landing) in jumps.into_iter().zip(landings) {
        if let Insn::Jump { off, .. } = &mut insns[jump] {
            *off = (pcs[landing] - pcs[jump] - 1) as i16;
        }
    }
    insns
}

type State = [Scalar; 10];

/// The walk through a program: where it is, and what is left to walk.
struct Walk<'a> {
    insns: &'a [Insn],
    pcs: Vec<usize>,
    pc: usize,
    state: State,
    /// Ways not yet taken: from, to, state.
    rest: Vec<(usize, usize, State)>,
    /// Lines on contradictions that the log has next.
    reports: VecDeque<String>,
}

fn operand(state: &State, src: Src) -> Scalar {
    match src {
        Src::Reg(src) => state[src.index()],
        Src::Imm(imm) => Scalar::constant(imm as i64 as u64),
    }
}

/// What a conditional jump makes of a state.
struct Sides {
    decided: Option<bool>,
    taken: State,
    not_taken: State,
}

impl Sides {
    fn of(
        state: &State,
        width: Width,
        op: JmpOp,
        dst: Reg,
        src: Src,
        mut report: impl FnMut(&'static str, &Scalar),
    ) -> Sides {
        let decided = branch_taken(op, width, &state[dst.index()], &operand(state, src));
        let mut side = |taken: bool| {
            let mut side = *state;
            if decided.is_some() {
                return side;
            }
            if src == Src::Reg(dst) {
                refine_same_reporting(op, width, taken, &mut side[dst.index()], &mut report);
                return side;
            }
            let mut other = operand(state, src);
            refine_reporting(op, width, taken, &mut side[dst.index()], &mut other, &mut report);
            if let Src::Reg(src) = src {
                side[src.index()] = other;
            }
            side
        };
        Sides { decided, taken: side(true), not_taken: side(false) }
    }
}

/// Executes an instruction that is no jump. Gives the state that the kernel keeps for later, before the same
/// instruction, where it looks at two numbers one after the other.
fn transfer(state: &mut State, insn: &Insn) -> Option<State> {
    match *insn {
        Insn::LoadImm64 { dst, imm: Imm64::Value(value) } => state[dst.index()] = Scalar::constant(value),
        Insn::LoadImm64 { .. } | Insn::Exit => {}
        Insn::Load { size, sign: false, dst, .. } => state[dst.index()] = Scalar::unknown_of_size(size.bytes()),
        Insn::Load { size, dst, .. } => {
            state[dst.index()] = Scalar::UNKNOWN;
            state[dst.index()].sign_extend_64(size.bytes());
        }
        Insn::Alu { width, op, dst, src } => {
            let src = operand(state, src);
            if let Some((ones, zeroes)) = fork(op, &state[dst.index()], &src) {
                let mut later = *state;
                later[dst.index()] = zeroes;
                state[dst.index()] = alu(op, width, ones, src);
                return Some(later);
            }
            state[dst.index()] = alu(op, width, state[dst.index()], src);
        }
        Insn::MovSx { width, from, dst, src } => {
            state[dst.index()] = move_sign_extended(width, from.bytes(), state[src.index()]);
        }
        Insn::Neg { width, dst } => state[dst.index()] = negate(width, state[dst.index()]),
        Insn::Endian { swap, bits, dst } => state[dst.index()] = byte_swap(swap, bits, state[dst.index()]),
        other => panic!("not generated: {other:?}"),
    }
    None
}

impl Walk<'_> {
    fn new(insns: &[Insn]) -> Walk<'_> {
        let (rest, reports) = (Vec::new(), VecDeque::new());
        Walk { insns, pcs: slots_before(insns), pc: 0, state: [Scalar::UNKNOWN; 10], rest, reports }
    }

    fn insn(&self) -> Insn {
        self.insns[self.pcs.iter().position(|&pc| pc == self.pc).expect("jumps go to instructions")]
    }

    /// Executes an instruction. Where a jump is not decided, its target is kept for later.
    fn step(&mut self) {
        let insn = self.insn();
        let next = self.pc + insn.slots() as usize;
        let Insn::Jump { width, op, dst, src, off } = insn else {
            let later = transfer(&mut self.state, &insn);
            if let Insn::Alu { dst, .. } | Insn::MovSx { dst, .. } | Insn::Neg { dst, .. } | Insn::Endian { dst, .. } =
                insn
            {
                self.state[dst.index()].settle(|scalar| self.reports.push_back(report("alu", scalar)));
            }
            self.rest.extend(later.map(|later| (self.pc, self.pc, later)));
            self.pc = next;
            return;
        };
        let keep = |role: &'static str, scalar: &Scalar| self.reports.push_back(report(role, scalar));
        let sides = Sides::of(&self.state, width, op, dst, src, keep);
        let target = next + off as usize;
        if sides.decided.is_none() {
            self.rest.push((self.pc, target, sides.taken));
        }
        self.state = sides.not_taken;
        self.pc = if sides.decided == Some(true) { target } else { next };
    }
}

fn report(role: &str, scalar: &Scalar) -> String {
    let mut line = String::new();
    write_contradiction(role, scalar, &mut line);
    line
}

/// A scalar as the log writes it, without id and precision.
fn text(scalar: &Scalar) -> String {
    let mut out = String::new();
    if let Some(value) = scalar.constant_value() {
        write_snum(value, &mut out);
        return out;
    }
    out.push_str("scalar(");
    write_ranges(scalar, &mut "", &mut out);
    out.push(')');
    out
}

/// The registers of a line with their values: `R1=scalar(id=2,umax=5)` is 1 and `scalar(umax=5)`.
fn registers(line: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('R') {
        rest = &rest[at + 1..];
        let Some((number, value)) = rest.split_once('=') else { break };
        let Ok(number) = number.trim_end_matches("_w").parse::<usize>() else { continue };
        let end = match (value.find(' '), value.find('(')) {
            (Some(space), Some(open)) if open < space => closing(value),
            (None, Some(_)) => closing(value),
            (space, _) => space.unwrap_or(value.len()),
        };
        let value = &value[..end];
        rest = &rest[end..];
        let value = value.strip_prefix('P').unwrap_or(value);
        found.push((number, without_id(value)));
    }
    found
}

fn closing(value: &str) -> usize {
    let mut depth = 0;
    for (at, c) in value.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return at + 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    value.len()
}

fn without_id(value: &str) -> String {
    let Some(inner) = value.strip_prefix("scalar(id=") else { return value.to_owned() };
    match inner.split_once(',') {
        Some((_, rest)) => format!("scalar({rest}"),
        None => "scalar()".to_owned(),
    }
}

/// What was compared.
#[derive(Default, Debug)]
struct Tally {
    programs: usize,
    scalars: usize,
    branches: usize,
    contradictions: usize,
    disagreements: Vec<String>,
}

/// Reads the log of a program beside our walk through it. Ends at the first disagreement: what follows from it says
/// nothing.
fn compare(insns: &[Insn], log: &str, tally: &mut Tally) -> Result<(), String> {
    let mut walk = Walk::new(insns);
    let mut before = walk.state;
    for line in log.lines() {
        let where_from = || format!("{line}\nbefore: {}", listing(&before));
        if line.starts_with("mark_precise") {
            continue;
        }
        if line.starts_with("verifier bug") {
            tally.contradictions += 1;
            let ours = walk.reports.pop_front().unwrap_or_default();
            if ours != line {
                return Err(format!("we report {ours}\n  {}", where_from()));
            }
        } else if let Some(from) = line.strip_prefix("from ") {
            let (from, rest) = from.split_once(" to ").ok_or_else(where_from)?;
            let to = rest.split([':', ' ']).next().unwrap_or(rest);
            let (pc, target, state) = walk.rest.pop().ok_or_else(|| format!("no way is left: {line}"))?;
            if (from, to) != (&*pc.to_string(), &*target.to_string()) {
                return Err(format!("we would go from {pc} to {target}: {line}"));
            }
            (walk.pc, walk.state) = (target, state);
        } else if let Some((pc, rest)) = line.split_once(": (") {
            if pc.parse() != Ok(walk.pc) {
                return Err(format!("we are at {}: {}", walk.pc, where_from()));
            }
            before = walk.state;
            walk.step();
            if !rest.contains(';') {
                continue;
            }
        } else if line.split_once(": ").is_none_or(|(pc, _)| pc.parse::<usize>().is_err()) {
            continue;
        }
        // Source registers stand before the comment as `r1`, states after it as `R1=`.
        for (number, theirs) in registers(line) {
            if number >= 10 || number == BASE || theirs.starts_with("ctx") || theirs.starts_with("map_value") {
                continue;
            }
            let ours = text(&walk.state[number]);
            tally.scalars += 1;
            if ours != theirs {
                return Err(format!(
                    "R{number}\n  ours:   {ours}\n  kernel: {theirs}\n  in {line}\n  before: {}",
                    listing(&before)
                ));
            }
        }
    }
    if !walk.reports.is_empty() {
        return Err(format!("reports that the kernel does not have: {:?}", walk.reports));
    }
    if !walk.rest.is_empty() {
        return Err(format!("{} ways are left", walk.rest.len()));
    }
    Ok(())
}

fn listing(state: &State) -> String {
    (0..10).filter(|&r| r != BASE).map(|r| format!("\n    R{r}={}", text(&state[r]))).collect()
}

fn agree_on(insns: &[Insn], tally: &mut Tally) {
    let bytes: Vec<u8> =
        insns.iter().flat_map(|insn| insn.encode().slots().to_vec()).flat_map(RawInsn::to_bytes).collect();
    let spec = ProgSpec { prog_type: SOCKET_FILTER, insns: &bytes, log_level: 2, ..ProgSpec::default() };
    let log = match Prog::load(&spec) {
        Ok(prog) => prog.log,
        Err(refused) => {
            tally.disagreements.push(format!("refused:\n{}", refused.log));
            return;
        }
    };
    tally.programs += 1;
    tally.branches += insns.iter().filter(|insn| matches!(insn, Insn::Jump { .. })).count();
    if let Err(what) = compare(insns, &log, tally) {
        tally.disagreements.push(what);
    }
}

#[test]
fn the_kernel_prints_the_scalars_that_we_compute() {
    if !available("scalars of the verifier") {
        return;
    }
    let spec = MapSpec { map_type: ARRAY, key_size: 4, value_size: 64, max_entries: 1, ..MapSpec::default() };
    let map = Map::create(&spec).expect("an array of one value");
    let from_env = |name: &str, otherwise| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise);
    let mut random = Random(from_env("SCALAR_SEED", 1));
    let mut tally = Tally::default();
    for _ in 0..from_env("SCALAR_PROGRAMS", 2000) {
        let steps = 10 + random.below(50);
        agree_on(&generate(&mut random, map.fd(), steps), &mut tally);
    }
    let Tally { programs, branches, scalars, contradictions, .. } = tally;
    println!("{programs} programs with {branches} branches: {scalars} scalars, {contradictions} contradictions");
    let shown: Vec<_> = tally.disagreements.iter().take(3).map(String::as_str).collect();
    assert!(shown.is_empty(), "{} programs disagree, such as\n{}", tally.disagreements.len(), shown.join("\n----\n"));
    assert!(scalars > 50 * programs, "the log is read: {scalars} scalars in {programs} programs");
}
