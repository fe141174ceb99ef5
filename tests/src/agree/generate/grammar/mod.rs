//! A grammar of programs: blocks of actions, each of which is a few instructions that make sense where they stand.
//!
//! The writer knows roughly what registers hold ([`state`]), so that most of what it writes is accepted; now and then
//! it slips on purpose. What it writes depends on the random numbers alone.

mod actions;
mod calls;
mod flow;
mod kept;
mod state;

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::ProgType;
use bpfscope_core::object::Kind;

use super::code::{self, mov, mov_reg};
use super::pool::{Pool, Pools, Sample};
use super::rng::Rng;
use crate::agree::source;
use state::{State, Ty};

/// Program types, each as often as it stands here, with sections that stand for an attach type.
const TYPES: [(ProgType, &str); 13] = [
    (ProgType::SchedCls, "tc"),
    (ProgType::SchedCls, "tc"),
    (ProgType::SchedCls, "tc"),
    (ProgType::SchedAct, "action"),
    (ProgType::Xdp, "xdp"),
    (ProgType::Xdp, "xdp"),
    (ProgType::Xdp, "xdp"),
    (ProgType::SocketFilter, "socket"),
    (ProgType::CgroupSkb, "cgroup_skb/ingress"),
    (ProgType::CgroupSkb, "cgroup_skb/egress"),
    (ProgType::Kprobe, "kprobe"),
    (ProgType::Tracepoint, "tp"),
    (ProgType::RawTracepoint, "raw_tp"),
];

/// Those that users without capabilities may load.
const UNPRIVILEGED: [(ProgType, &str); 3] = [
    (ProgType::SocketFilter, "socket"),
    (ProgType::SocketFilter, "socket"),
    (ProgType::CgroupSkb, "cgroup_skb/ingress"),
];

/// A function to be written after those that call it.
struct Wanted {
    args: Vec<Ty>,
    /// Calls and addresses of it, to be filled in.
    uses: Vec<usize>,
    /// The range that its result must lie in.
    returns: Option<u64>,
}

struct Writer<'a> {
    rng: Rng,
    pool: &'a Pool,
    prog_type: ProgType,
    insns: Vec<RawInsn>,
    state: State,
    /// Blocks around this place.
    depth: u32,
    /// Instructions that may still be written, about.
    left: i64,
    /// Functions, in the order of their use.
    funcs: Vec<Wanted>,
    /// The function that is being written: 0 is the main one.
    current: usize,
    /// Mistakes on purpose, in a thousand operands.
    slips: usize,
    /// Whether it is a program of a user with capabilities.
    privileged: bool,
}

/// Writes a program.
pub fn write(mut rng: Rng, pools: &Pools) -> Sample {
    let privileged = rng.chance(90);
    let (prog_type, section) = if privileged { rng.one(TYPES) } else { rng.one(UNPRIVILEGED) };
    let left = rng.one([6, 12, 25, 25, 50, 50, 100, 200]);
    let slips = rng.one([0, 0, 0, 0, 2, 5, 10]);
    let mut writer = Writer {
        rng,
        pool: &pools.pools[0],
        prog_type,
        insns: Vec::new(),
        state: State::new(&[Ty::Ctx]),
        depth: 0,
        left,
        funcs: Vec::new(),
        current: 0,
        slips,
        privileged,
    };
    let starts = writer.whole(section);
    let funcs = starts.iter().enumerate().map(|(at, start)| {
        let type_id = pools.func_types.get(at.min(1)).copied().unwrap_or(0);
        [*start as u32, type_id]
    });
    let funcs = if privileged { funcs.collect() } else { Vec::new() };
    let license = if writer.rng.chance(98) { "GPL" } else { "" };
    Sample {
        pool: 0,
        prog_type,
        section: section.to_owned(),
        flags: if writer.rng.chance(3) { 1 } else { 0 },
        license: license.to_owned(),
        unprivileged: !privileged,
        funcs,
        insns: writer.insns,
    }
}

impl Writer<'_> {
    /// Writes the main function and all that it calls; where each starts.
    fn whole(&mut self, section: &str) -> Vec<usize> {
        let mut starts = vec![0];
        if self.rng.chance(90) {
            self.emit(mov_reg(6, 1));
            self.state.regs[6] = Ty::Ctx;
            self.state.pinned |= 1 << 6;
        }
        self.block();
        let returns = match (self.prog_type, section) {
            (ProgType::CgroupSkb, "cgroup_skb/egress") => Some(3),
            (ProgType::CgroupSkb, _) => Some(1),
            _ => None,
        };
        self.leave(returns);
        while self.current < self.funcs.len() {
            let start = self.insns.len();
            starts.push(start);
            let wanted = &self.funcs[self.current];
            self.state = State::new(&wanted.args);
            let returns = wanted.returns;
            self.current += 1;
            self.left = self.left.max(10);
            self.keep_context();
            if self.rng.chance(12) {
                self.tail_call();
            }
            self.block();
            self.leave(returns);
            for at in self.funcs[self.current - 1].uses.clone() {
                self.insns[at] = code::with_target(self.insns[at], at, start as i64);
            }
        }
        starts
    }

    /// A function that got the context keeps it where calls leave it alone.
    fn keep_context(&mut self) {
        let found = (1..=5).find(|&reg| self.state.regs[reg as usize] == Ty::Ctx);
        if let Some(reg) = found {
            self.emit(mov_reg(6, reg));
            self.state.regs[6] = Ty::Ctx;
            self.state.pinned |= 1 << 6;
        }
    }

    /// The end of a function.
    fn leave(&mut self, returns: Option<u64>) {
        let most = returns.unwrap_or(u64::MAX);
        let fits = |ty: Ty| matches!(ty, Ty::Number(max) if max <= most);
        if !fits(self.state.regs[0]) || self.rng.chance(60) {
            let value = match returns {
                Some(most) => self.rng.range(0, most as i64) as i32,
                None => self.rng.range(-1, 4) as i32,
            };
            match self.find(fits).filter(|_| self.rng.chance(40)) {
                Some(reg) => self.emit(mov_reg(0, reg)),
                None => self.emit(mov(0, value)),
            }
        }
        self.emit(code::exit());
        self.state.regs[0] = Ty::Unset;
    }

    /// The number of a kernel function, for those who may call it.
    fn kfunc(&self, name: &str) -> Option<u32> {
        let found = source::running_kernel_types()?.by_name(name, Kind::Func);
        found.filter(|_| self.privileged).map(|ty| ty.id())
    }

    fn emit(&mut self, insn: RawInsn) {
        self.insns.push(insn);
        self.left -= 1;
    }

    fn emit_wide(&mut self, dst: u8, src: u8, value: i64) {
        for insn in code::wide(dst, src, value) {
            self.emit(insn);
        }
    }

    /// Whether to make a mistake here.
    fn slip(&mut self) -> bool {
        self.slips > 0 && self.rng.below(1000) < self.slips
    }

    /// A register that holds what is asked for.
    fn find(&mut self, fits: impl Fn(Ty) -> bool) -> Option<u8> {
        if self.slip() {
            return Some(self.rng.below(11) as u8);
        }
        let found: Vec<u8> = (0..=10).filter(|&reg| fits(self.state.regs[reg as usize])).collect();
        self.rng.pick(&found).copied()
    }

    /// A register that may be written: rather one of the lower ones, which calls overwrite anyway.
    fn free(&mut self) -> u8 {
        if self.slip() {
            return self.rng.below(11) as u8;
        }
        let free: Vec<u8> = (0..10).filter(|reg| self.state.pinned & (1 << reg) == 0).collect();
        let unset: Vec<u8> = free.iter().copied().filter(|&reg| self.state.regs[reg as usize] == Ty::Unset).collect();
        let from = if unset.is_empty() || self.rng.chance(40) { &free } else { &unset };
        self.rng.pick(from).copied().unwrap_or(0)
    }

    /// A register that calls leave alone, and that nobody else has pinned.
    fn saved(&mut self) -> Option<u8> {
        let free: Vec<u8> = (6..10).filter(|reg| self.state.pinned & (1 << reg) == 0).collect();
        self.rng.pick(&free).copied()
    }

    fn set(&mut self, reg: u8, ty: Ty) {
        if reg < 10 {
            self.state.regs[reg as usize] = ty;
        }
    }

    fn ty(&self, reg: u8) -> Ty {
        self.state.regs[reg.min(10) as usize]
    }

    /// A register with a number, made if there is none.
    fn number(&mut self) -> u8 {
        let found = self.find(|ty| matches!(ty, Ty::Number(_)));
        match found.filter(|_| self.rng.chance(85)) {
            Some(reg) => reg,
            None => {
                let reg = self.free();
                self.some_number(reg);
                reg
            }
        }
    }

    /// Puts a number into a register: a constant, or something of the context that nobody knows.
    fn some_number(&mut self, reg: u8) {
        let ctx = self.find(|ty| ty == Ty::Ctx);
        match ctx.filter(|_| self.rng.chance(60)) {
            Some(ctx) => self.load_context(ctx, reg),
            None => {
                let value = self.rng.interesting() as i32;
                self.emit(mov(reg, value));
                self.set(reg, Ty::Number(value as i64 as u64));
            }
        }
    }

    /// A register with a number that is at most `most`.
    fn bounded(&mut self, most: u64) -> u8 {
        let found = self.find(|ty| matches!(ty, Ty::Number(max) if max <= most));
        if let Some(reg) = found.filter(|_| self.rng.chance(50)) {
            return reg;
        }
        let reg = self.free();
        self.some_number(reg);
        self.bound(reg, most);
        reg
    }

    /// Makes a number smaller: by a mask, a shift or a remainder.
    fn bound(&mut self, reg: u8, most: u64) {
        let most = most.max(1);
        let bits = 64 - most.leading_zeros();
        let mask = (1u64 << (bits - 1)) - 1;
        let mask = if most & (most + 1) == 0 { most } else { mask };
        let class = if self.rng.chance(70) { code::ALU64 } else { code::ALU };
        match self.rng.below(4) {
            0 if class == code::ALU64 && bits < 64 => {
                self.emit(code::insn(code::ALU64 | 0x70, reg, 0, 0, 65 - bits as i32));
                self.set(reg, Ty::Number((1u64 << (bits - 1)) - 1));
            }
            1 => {
                self.emit(code::insn(class | 0x90, reg, 0, 0, most.min(0x7fff_ffff) as i32));
                self.set(reg, Ty::Number(most - 1));
            }
            _ => {
                self.emit(code::insn(class | code::AND, reg, 0, 0, mask as i32));
                self.set(reg, Ty::Number(mask));
            }
        }
    }
}
