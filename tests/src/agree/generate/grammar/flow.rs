//! Blocks, branches, loops.

use super::super::code::{self, mov};
use super::state::Ty;
use super::{Writer, calls};

/// Blocks within each other at most.
const DEEPEST: u32 = 4;

impl Writer<'_> {
    /// A sequence of actions.
    pub(super) fn block(&mut self) {
        self.depth += 1;
        let most = if self.depth == 1 { 40 } else { 6 };
        let actions = self.rng.range(1, most);
        for _ in 0..actions {
            if self.left <= 0 {
                break;
            }
            self.action();
        }
        self.depth -= 1;
    }

    fn action(&mut self) {
        let action = self.rng.below(106);
        // What takes capabilities: functions, loops, what is made of addresses.
        if !self.privileged && matches!(action, 74..=78 | 80..=81 | 84..=88 | 100..) && !self.slip() {
            return self.load_stack();
        }
        match action {
            0..=17 => self.arithmetic(),
            18..=21 => self.constant(),
            22..=26 => self.copy(),
            27..=31 => self.read_context(),
            32..=33 => self.write_context(),
            34..=40 => self.store_stack(),
            41..=47 => self.load_stack(),
            48..=52 => self.memory(),
            53..=59 => self.packet(),
            60..=66 => self.lookup(),
            67..=71 => self.helper(),
            72..=73 => self.atomic(),
            74..=75 => self.reference(),
            76..=77 => self.call(),
            78 => self.callback(),
            79 => self.legacy_load(),
            80..=81 => self.compare_pointers(),
            82..=83 => self.pointer_arithmetic(),
            84..=86 => self.repeat(),
            87 => self.iterate(),
            88 => self.may_goto(),
            100 => self.locked(),
            101 => self.timer(),
            102..=103 => self.dynptr(),
            104 => self.tail_call(),
            105 => self.ordered(),
            _ => self.branch(),
        }
    }

    /// `if … { … } else { … }`
    pub(super) fn branch(&mut self) {
        if self.depth >= DEEPEST || self.left <= 0 {
            return self.arithmetic();
        }
        let maybe = self.find(|ty| matches!(ty, Ty::MaybeMem { .. } | Ty::MaybeSocket));
        if let Some(reg) = maybe.filter(|_| self.rng.chance(50)) {
            return self.unless_null(reg, |writer| writer.block());
        }
        let (at, refine) = self.condition();
        let mut taken = self.state.clone();
        if let Some((reg, max, when_taken)) = refine {
            let state = if when_taken { &mut taken } else { &mut self.state };
            if let Ty::Number(known) = state.regs[reg as usize] {
                state.regs[reg as usize] = Ty::Number(known.min(max));
            }
        }
        self.block();
        if self.depth > 1 && self.current == 0 && self.rng.chance(4) {
            // An early end.
            self.emit(mov(0, 1));
            self.emit(code::exit());
            self.state = taken;
            return self.land(at);
        }
        if self.rng.chance(40) {
            let over = self.insns.len();
            let wide = self.rng.chance(5);
            self.emit(code::insn(if wide { code::JA32 } else { code::JA }, 0, 0, 0, 0));
            self.land(at);
            let fallen = std::mem::replace(&mut self.state, taken);
            self.block();
            self.state = self.state.join(&fallen);
            self.land(over);
        } else {
            self.state = self.state.join(&taken);
            self.land(at);
        }
    }

    /// A jump over `then` if the register is null.
    pub(super) fn unless_null(&mut self, reg: u8, then: impl FnOnce(&mut Self)) {
        let at = self.insns.len();
        self.emit(code::insn(code::JMP | code::JEQ, reg, 0, 0, 0));
        let mut null = self.state.clone();
        null.regs[reg.min(9) as usize] = Ty::Number(0);
        let known = match self.ty(reg) {
            Ty::MaybeMem { size, write, record } => Ty::Mem { size, off: 0, write, record },
            Ty::MaybeSocket => Ty::Socket,
            other => other,
        };
        self.set(reg, known);
        then(self);
        self.state = self.state.join(&null);
        self.land(at);
    }

    /// Has the jump at that place go to here.
    fn land(&mut self, at: usize) {
        let here = self.insns.len() as i64;
        self.insns[at] = code::with_target(self.insns[at], at, here);
    }

    /// A conditional jump, and what it tells of a register: its largest number, if the jump is taken or if not.
    fn condition(&mut self) -> (usize, Option<(u8, u64, bool)>) {
        let left = self.number();
        let class = if self.rng.chance(65) { code::JMP } else { code::JMP32 };
        let op = self.rng.one(code::JUMPS);
        let at;
        if self.rng.chance(30) {
            let right = self.number();
            at = self.insns.len();
            self.emit(code::insn(class | op | code::X, left, right, 0, 0));
            return (at, None);
        }
        let imm = match self.ty(left) {
            Ty::Number(max) if max < 1 << 20 && self.rng.chance(60) => self.rng.range(0, max as i64 + 1) as i32,
            _ => self.rng.interesting() as i32,
        };
        at = self.insns.len();
        self.emit(code::insn(class | op, left, 0, 0, imm));
        let tells = class == code::JMP && imm >= 0 && left < 10;
        let refine = match op {
            _ if !tells => None,
            code::JGT => Some((left, imm as u64, false)),
            code::JLT if imm > 0 => Some((left, imm as u64 - 1, true)),
            code::JEQ => Some((left, imm as u64, true)),
            code::JNE => Some((left, imm as u64, false)),
            _ => None,
        };
        (at, refine)
    }

    /// A loop with a counter: of a known length mostly.
    fn repeat(&mut self) {
        let Some(counter) = self.saved().filter(|_| self.depth < DEEPEST) else { return self.arithmetic() };
        self.emit(mov(counter, 0));
        self.set(counter, Ty::Number(u64::MAX));
        self.state.pinned |= 1 << counter;
        let limit = self.rng.one([2, 2, 3, 4, 5, 8, 16, 40]);
        let by_register = self.rng.chance(12).then(|| self.bounded(15)).filter(|_| self.rng.chance(50));
        let top = self.insns.len() as i64;
        let before = self.state.clone();
        self.state.forget();
        self.state.regs[counter as usize] = Ty::Number(limit);
        self.block();
        let class = if self.rng.chance(70) { code::ALU64 } else { code::ALU };
        self.emit(code::insn(class | code::ADD, counter, 0, 0, 1));
        let at = self.insns.len();
        let op = self.rng.one([code::JLT, code::JNE, 0xc0]);
        match by_register.filter(|&reg| reg >= 6 && self.state.pinned & (1 << reg) != 0) {
            Some(reg) => self.emit(code::insn(code::JMP | code::JLT | code::X, counter, reg, 0, 0)),
            None => self.emit(code::insn(code::JMP | op, counter, 0, 0, limit as i32)),
        }
        self.insns[at] = code::with_target(self.insns[at], at, top);
        self.state = self.state.join(&before);
        self.state.pinned = before.pinned & !(1 << counter);
        self.set(counter, Ty::Number(limit));
    }

    /// A loop that ends when the kernel has had enough of it.
    fn may_goto(&mut self) {
        if self.depth >= DEEPEST {
            return self.arithmetic();
        }
        let before = self.state.clone();
        self.state.forget();
        let top = self.insns.len();
        self.emit(code::insn(code::MAY_GOTO, 0, 0, 0, 0));
        self.block();
        let back = self.insns.len();
        self.emit(code::insn(code::JA, 0, 0, 0, 0));
        self.insns[back] = code::with_target(self.insns[back], back, top as i64);
        self.land(top);
        self.state = self.state.join(&before);
        self.state.pinned = before.pinned;
    }

    /// An open-coded iterator over numbers.
    fn iterate(&mut self) {
        let numbers = ["bpf_iter_num_new", "bpf_iter_num_next", "bpf_iter_num_destroy"].map(|name| self.kfunc(name));
        let [Some(new), Some(next), Some(destroy)] = numbers else { return self.arithmetic() };
        if self.depth >= DEEPEST {
            return self.arithmetic();
        }
        let Some(slot) = self.keep_slots(1) else { return self.arithmetic() };
        let kfunc = |id: u32| code::insn(code::CALL, 0, 2, 0, id as i32);
        let (from, to) = (self.rng.range(-2, 3) as i32, self.rng.range(1, 20) as i32);
        self.point_at_stack(1, slot);
        self.emit(mov(2, from));
        self.emit(mov(3, to));
        self.emit(kfunc(new));
        self.state.called(Ty::Number(u64::MAX));
        let before = self.state.clone();
        self.state.forget();
        let top = self.insns.len() as i64;
        self.point_at_stack(1, slot);
        self.emit(kfunc(next));
        self.state.called(Ty::MaybeMem { size: 4, write: false, record: false });
        let out = self.insns.len();
        self.emit(code::insn(code::JMP | code::JEQ, 0, 0, 0, 0));
        self.set(0, Ty::Mem { size: 4, off: 0, write: false, record: false });
        self.block();
        let back = self.insns.len();
        self.emit(code::insn(code::JA, 0, 0, 0, 0));
        self.insns[back] = code::with_target(self.insns[back], back, top);
        self.land(out);
        self.state = self.state.join(&before);
        self.state.pinned = before.pinned;
        self.state.called(Ty::Unset);
        if !self.slip() {
            self.point_at_stack(1, slot);
            self.emit(kfunc(destroy));
        }
        self.state.called(Ty::Unset);
        calls::release_slots(&mut self.state, slot, 1);
    }
}
