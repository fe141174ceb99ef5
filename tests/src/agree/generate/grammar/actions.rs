//! Actions without calls: arithmetic, loads and stores.

use bpfscope_core::kernel::{CtxKind, ProgType, context_fields};

use super::super::code::{self, mov_reg};
use super::Writer;
use super::state::{BASES, SLOTS, Slot, Ty};

impl Writer<'_> {
    /// An operation on a number, of either width, with a constant or another number.
    pub(super) fn arithmetic(&mut self) {
        let dst = self.number();
        if dst < 10 && self.state.pinned & (1 << dst) != 0 {
            return;
        }
        let class = if self.rng.chance(60) { code::ALU64 } else { code::ALU };
        match self.rng.below(20) {
            0 => self.emit(code::insn(class | 0x80, dst, 0, 0, 0)),
            1 => {
                let bits = self.rng.one([16, 32, 64]);
                let opcode = self.rng.one([0xd4, 0xdc, 0xd7]);
                self.emit(code::insn(opcode, dst, 0, 0, bits));
            }
            2 => {
                let src = self.number();
                let from = if class == code::ALU64 { self.rng.one([8, 16, 32]) } else { self.rng.one([8, 16]) };
                self.emit(code::insn(class | code::MOV | code::X, dst, src, from, 0));
            }
            3 => {
                // Signed division and remainder.
                let op = self.rng.one([0x30, 0x90]);
                let imm = self.rng.range(1, 9) as i32;
                self.emit(code::insn(class | op, dst, 0, 1, imm));
            }
            4..=6 => {
                let src = self.number();
                let op = self.rng.one(code::ALU_OPS);
                self.emit(code::insn(class | op | code::X, dst, src, 0, 0));
            }
            7 => {
                self.emit(code::insn(code::ALU | code::MOV | code::X, dst, dst, 0, 0));
                self.set(dst, Ty::Number(0xffff_ffff));
                return;
            }
            8..=11 => {
                let most = self.rng.one([1, 3, 7, 8, 15, 31, 63, 255, 4095]);
                return self.bound(dst, most);
            }
            _ => {
                let op = self.rng.one(code::ALU_OPS);
                let imm = match op {
                    0x60 | 0x70 | 0xc0 => self.rng.range(0, if class == code::ALU64 { 63 } else { 31 }) as i32,
                    0x30 | 0x90 => self.rng.range(1, 64) as i32,
                    _ => self.rng.interesting() as i32,
                };
                self.emit(code::insn(class | op, dst, 0, 0, imm));
            }
        }
        self.set(dst, Ty::Number(u64::MAX));
    }

    /// A constant, of up to 64 bits.
    pub(super) fn constant(&mut self) {
        let dst = self.free();
        let value = self.rng.interesting();
        if self.rng.chance(30) {
            self.emit_wide(dst, 0, value);
            self.set(dst, Ty::Number(value as u64));
        } else {
            let class = if self.rng.chance(70) { code::ALU64 } else { code::ALU };
            self.emit(code::insn(class | code::MOV, dst, 0, 0, value as i32));
            let value = if class == code::ALU64 { value as i32 as i64 as u64 } else { u64::from(value as u32) };
            self.set(dst, Ty::Number(value));
        }
    }

    /// A register copied: numbers get linked, pointers share what is known of them.
    pub(super) fn copy(&mut self) {
        let Some(src) = self.find(|ty| ty != Ty::Unset) else { return };
        let dst = self.free();
        let ty = self.ty(src);
        if matches!(ty, Ty::Number(_)) && self.rng.chance(25) {
            self.emit(code::insn(code::ALU | code::MOV | code::X, dst, src, 0, 0));
            return self.set(dst, Ty::Number(0xffff_ffff));
        }
        // A second name for something that is to be released would outlive it.
        if matches!(ty, Ty::Socket | Ty::MaybeSocket | Ty::Mem { record: true, .. } | Ty::MaybeMem { record: true, .. })
        {
            return;
        }
        self.emit(mov_reg(dst, src));
        self.set(dst, ty);
    }

    /// A number out of the context.
    pub(super) fn read_context(&mut self) {
        let Some(ctx) = self.find(|ty| ty == Ty::Ctx) else { return self.arithmetic() };
        let dst = self.free();
        self.load_context(ctx, dst);
    }

    /// Loads a field of the context into a register.
    pub(super) fn load_context(&mut self, ctx: u8, dst: u8) {
        let prog_type = self.prog_type;
        let fields = context_fields(prog_type);
        if fields.is_empty() {
            // Registers, a record, arguments: memory as far as the verifier is concerned.
            let words = if prog_type == ProgType::Kprobe { 21 } else { 8 };
            let off = self.rng.below(words) as i16 * 8;
            self.emit(code::load(8, dst, ctx, off));
            return self.set(dst, Ty::Number(u64::MAX));
        }
        let numbers: Vec<_> =
            fields.iter().filter(|f| f.kind == CtxKind::Scalar && f.read.contains(prog_type)).collect();
        let Some(field) = self.rng.pick(&numbers).copied() else { return };
        let mut size = if field.size >= 8 && field.size < 16 { 8 } else { field.size.min(4) as u8 };
        let mut off = field.offset as i16;
        if self.rng.chance(10) {
            size = self.rng.one([1, 2, 4]);
            off += self.rng.range(0, 3) as i16 / i16::from(size) * i16::from(size);
            if !field.permits(prog_type, off as u32, size, false) {
                (size, off) = (if field.size == 8 { 8 } else { field.size.min(4) as u8 }, field.offset as i16);
            }
        }
        self.emit(code::load(size, dst, ctx, off));
        let max = if size >= 8 { u64::MAX } else { (1u64 << (u32::from(size) * 8)) - 1 };
        self.set(dst, Ty::Number(max));
    }

    /// A number into the context.
    pub(super) fn write_context(&mut self) {
        let prog_type = self.prog_type;
        let fields = context_fields(prog_type);
        let writable: Vec<_> = fields.iter().filter(|f| f.write.contains(prog_type)).collect();
        let Some(ctx) = self.find(|ty| ty == Ty::Ctx) else { return };
        let Some(field) = self.rng.pick(&writable).copied() else { return };
        let src = self.number();
        let size = if field.size == 8 { 8 } else { 4 };
        let off = field.offset as i16 + if field.size == 20 { self.rng.range(0, 4) as i16 * 4 } else { 0 };
        if self.rng.chance(70) {
            self.emit(code::store(size, ctx, off, src));
        } else {
            let imm = self.rng.interesting() as i32;
            self.emit(code::store_imm(size, ctx, off, imm));
        }
    }

    /// An offset of the stack for an access of so many bytes, aligned mostly, that overwrites nothing kept.
    fn stack_place(&mut self, size: i16) -> i16 {
        for _ in 0..8 {
            let align = if self.rng.below(1000) < 994 { size } else { 1 };
            let places = (SLOTS as i16 * 8 - size) / align;
            let off = -size - self.rng.range(0, i64::from(places).min(12)) as i16 * align;
            let kept = (0..size).any(|at| self.state.stack[((-1 - off - at) / 8) as usize].kept);
            if !kept {
                return off;
            }
        }
        -(SLOTS as i16) * 8
    }

    /// A number or a pointer onto the stack.
    pub(super) fn store_stack(&mut self) {
        let size = self.rng.one([1u8, 2, 4, 4, 8, 8, 8, 8]);
        if self.rng.chance(25) {
            let off = self.stack_place(i16::from(size));
            let imm = self.rng.interesting() as i32;
            self.emit(code::store_imm(size, 10, off, imm));
            return self.state.set(off, usize::from(size));
        }
        let pointer = self.rng.chance(30);
        let fits = |ty: Ty| match ty {
            Ty::Socket | Ty::MaybeSocket | Ty::MaybeMem { .. } | Ty::Mem { record: true, .. } => false,
            ty => ty.is_pointer() == pointer && ty != Ty::Unset,
        };
        let Some(src) = self.find(fits) else { return self.constant() };
        if !pointer {
            let off = self.stack_place(i16::from(size));
            self.emit(code::store(size, 10, off, src));
            return self.state.set(off, usize::from(size));
        }
        let off = self.stack_place(8) & !7;
        let slot = ((-off) / 8 - 1) as usize;
        if self.state.stack[slot].kept {
            return;
        }
        self.emit(code::store(8, 10, off, src));
        self.state.stack[slot] = Slot { set: 0xff, spilled: Some(self.ty(src)), kept: false };
    }

    /// A number or a pointer from the stack.
    pub(super) fn load_stack(&mut self) {
        let spilled: Vec<usize> = (0..SLOTS).filter(|&at| self.state.stack[at].spilled.is_some()).collect();
        if let Some(&slot) = self.rng.pick(&spilled)
            && self.rng.chance(50)
        {
            let ty = self.state.stack[slot].spilled.unwrap_or(Ty::Unset);
            let dst = self.free();
            self.emit(code::load(8, dst, 10, -8 * (slot as i16 + 1)));
            return self.set(dst, ty);
        }
        let size = self.rng.one([1u8, 2, 4, 8, 8]);
        for _ in 0..6 {
            let off = self.stack_place(i16::from(size));
            if self.state.is_set(off, usize::from(size)) {
                return self.load_number(size, 10, off);
            }
        }
        self.constant();
    }

    /// Loads and stores in a map value, a record or a caller's stack.
    pub(super) fn memory(&mut self) {
        let Some(reg) = self.find(|ty| matches!(ty, Ty::Mem { .. })) else { return self.lookup() };
        let Ty::Mem { size, off, write, .. } = self.ty(reg) else { return };
        let left = size.saturating_sub(off);
        let bytes = self.rng.one([1u8, 1, 2, 4, 4, 8]).min(left.next_power_of_two().min(8) as u8);
        if left == 0 || u32::from(bytes) > left {
            return;
        }
        let room = (left - u32::from(bytes)) / u32::from(bytes);
        let at = (self.rng.below(room as usize + 1) as i16) * i16::from(bytes);
        if write && self.rng.chance(50) {
            if self.rng.chance(40) {
                let imm = self.rng.interesting() as i32;
                return self.emit(code::store_imm(bytes, reg, at, imm));
            }
            let src = self.number();
            return self.emit(code::store(bytes, reg, at, src));
        }
        self.load_number(bytes, reg, at);
    }

    /// A load of a number, sometimes with its sign.
    fn load_number(&mut self, bytes: u8, from: u8, off: i16) {
        let dst = self.free();
        let signed = bytes < 8 && self.rng.chance(10);
        let insn = code::load(bytes, dst, from, off);
        let opcode = if signed { insn.opcode ^ 0xe0 } else { insn.opcode };
        self.emit(code::insn(opcode, dst, from, off, 0));
        let max = if bytes == 8 || signed { u64::MAX } else { (1u64 << (u32::from(bytes) * 8)) - 1 };
        self.set(dst, Ty::Number(max));
    }

    /// A pointer moved by a constant or by a number with a bound.
    pub(super) fn pointer_arithmetic(&mut self) {
        let fits = |ty: Ty| matches!(ty, Ty::Mem { record: false, .. } | Ty::Stack(_) | Ty::Packet { .. });
        let Some(src) = self.find(fits) else { return self.lookup() };
        let ty = self.ty(src);
        let dst = self.free();
        let constant = self.rng.chance(45);
        match ty {
            Ty::Mem { size, off, write, record } => {
                let most = u64::from(size.saturating_sub(off + 1));
                if constant {
                    let by = self.rng.below(most as usize + 1) as i32;
                    self.emit(mov_reg(dst, src));
                    self.emit(code::add(dst, by));
                    return self.set(dst, Ty::Mem { size, off: off + by as u32, write, record });
                }
                let by = self.bounded(most.min(32));
                if by == dst || self.ty(src) != ty {
                    return;
                }
                let Ty::Number(max) = self.ty(by) else { return };
                self.emit(mov_reg(dst, src));
                self.emit(code::insn(code::ALU64 | code::ADD | code::X, dst, by, 0, 0));
                self.set(dst, Ty::Mem { size, off: off + max.min(u64::from(size)) as u32, write, record });
            }
            Ty::Stack(off) => {
                self.emit(mov_reg(dst, src));
                if constant {
                    let by = -8 * self.rng.range(0, 4) as i16;
                    self.emit(code::add(dst, by.into()));
                    return self.set(dst, Ty::Stack(off.saturating_add(by)));
                }
                // A variable offset: one access through it, and it is forgotten.
                let by = self.bounded(15);
                if by == dst || !matches!(self.ty(by), Ty::Number(_)) {
                    return self.set(dst, Ty::Stack(off));
                }
                self.emit(code::insn(code::ALU64 | code::ADD | code::X, dst, by, 0, 0));
                let bytes = self.rng.one([1u8, 1, 1, 1, 1, 4, 8]);
                let value = self.number();
                if self.rng.chance(60) && value != dst {
                    self.emit(code::store(bytes, dst, -40, value));
                } else {
                    let to = self.free();
                    self.emit(code::load(bytes, to, dst, -40));
                    self.set(to, Ty::Unset);
                }
                if dst < 10 {
                    self.set(dst, Ty::Unset);
                }
            }
            Ty::Packet { base, off } => {
                self.emit(mov_reg(dst, src));
                if constant {
                    let by = self.rng.range(0, 14) as u16;
                    self.emit(code::add(dst, by.into()));
                    return self.set(dst, Ty::Packet { base, off: off + by });
                }
                let by = self.bounded(255);
                if by == dst || !matches!(self.ty(by), Ty::Number(_)) {
                    return self.set(dst, Ty::Packet { base, off });
                }
                self.emit(code::insn(code::ALU64 | code::ADD | code::X, dst, by, 0, 0));
                let base = 1 + self.rng.below(BASES - 1) as u8;
                self.state.readable[usize::from(base)] = 0;
                self.set(dst, Ty::Packet { base, off: 0 });
            }
            _ => {}
        }
    }

    /// The packet: pointers to it, a comparison with its end, loads and stores.
    pub(super) fn packet(&mut self) {
        let fields = context_fields(self.prog_type);
        let find = |kind| fields.iter().find(|f| f.kind == kind && f.read.contains(self.prog_type)).map(|f| f.offset);
        let (start, end) = (find(CtxKind::PacketStart), find(CtxKind::PacketEnd));
        let (Some(start), Some(end)) = (start, end) else { return self.memory() };
        let readable = self.state.readable;
        let checked = self.find(|ty| matches!(ty, Ty::Packet { base, off } if readable[usize::from(base)] > off));
        match checked {
            Some(reg) if self.rng.chance(65) => self.packet_access(reg),
            _ => self.packet_check(start as i16, end as i16),
        }
    }

    fn packet_access(&mut self, reg: u8) {
        let Ty::Packet { base, off } = self.ty(reg) else { return };
        let left = self.state.readable[usize::from(base)].saturating_sub(off);
        let bytes = self.rng.one([1u8, 1, 2, 4, 8]);
        if u16::from(bytes) > left {
            return;
        }
        let at = self.rng.below(usize::from(left - u16::from(bytes)) + 1) as i16;
        let writable = !matches!(self.prog_type, ProgType::CgroupSkb | ProgType::SocketFilter);
        if writable && self.rng.chance(35) {
            let src = self.number();
            return self.emit(code::store(bytes, reg, at, src));
        }
        self.load_number(bytes, reg, at);
    }

    /// `data + n > data_end`, in one of the ways that compilers write it, and what holds if not.
    fn packet_check(&mut self, start: i16, end: i16) {
        let Some(ctx) = self.find(|ty| ty == Ty::Ctx) else { return };
        let existing = self.find(|ty| matches!(ty, Ty::Packet { .. })).filter(|_| self.rng.chance(60));
        let data = match existing {
            Some(reg) => reg,
            None => {
                let reg = self.free();
                if reg == ctx {
                    return;
                }
                self.emit(code::load(4, reg, ctx, start));
                self.set(reg, Ty::Packet { base: 0, off: 0 });
                self.state.readable[0] = 0;
                self.forget_packets_but(reg);
                reg
            }
        };
        let Ty::Packet { base, off } = self.ty(data) else { return };
        let (sum, limit) = (self.free(), self.free());
        if sum == limit || sum == data || limit == data || sum == ctx || limit == ctx || sum >= 10 || limit >= 10 {
            return;
        }
        let bytes = self.rng.one([1, 2, 8, 14, 14, 20, 34, 42, 54, 64, 128]);
        self.emit(code::load(4, limit, ctx, end));
        self.set(limit, Ty::PacketEnd);
        self.emit(mov_reg(sum, data));
        self.emit(code::add(sum, bytes.into()));
        self.set(sum, Ty::Packet { base, off: off + bytes });
        let at = self.insns.len();
        // The packet is long enough where the jump is not taken.
        let (opcode, dst, src) = match self.rng.below(4) {
            0 => (0x20, sum, limit),
            1 => (0xa0, limit, sum),
            2 => (0x30, sum, limit),
            _ => (0xb0, limit, sum),
        };
        self.emit(code::insn(code::JMP | opcode | code::X, dst, src, 0, 0));
        let short = self.state.clone();
        let known = &mut self.state.readable[usize::from(base)];
        *known = (*known).max(off + bytes);
        if self.rng.chance(55) {
            // As a parser does: what is too short is left alone.
            let over = self.insns.len();
            self.emit(code::insn(code::JA, 0, 0, 0, 0));
            self.insns[at] = code::with_target(self.insns[at], at, over as i64 + 1);
            self.emit(code::mov(0, 1));
            self.emit(code::exit());
            let here = self.insns.len() as i64;
            self.insns[over] = code::with_target(self.insns[over], over, here);
            return;
        }
        self.packet_access(data);
        self.block();
        self.state = self.state.join(&short);
        let here = self.insns.len() as i64;
        self.insns[at] = code::with_target(self.insns[at], at, here);
    }

    /// A pointer loaded anew has nothing in common with those before.
    fn forget_packets_but(&mut self, keep: u8) {
        for reg in 0..10u8 {
            if reg != keep && matches!(self.ty(reg), Ty::Packet { base: 0, .. }) {
                self.set(reg, Ty::Unset);
            }
        }
        for slot in &mut self.state.stack {
            if matches!(slot.spilled, Some(Ty::Packet { base: 0, .. })) {
                *slot = Slot { kept: slot.kept, ..Slot::default() };
            }
        }
    }

    /// Eight bytes of memory or of the stack that were written.
    fn written(&mut self) -> (u8, i16) {
        let memory = self.find(|ty| matches!(ty, Ty::Mem { size, off: 0, write: true, .. } if size >= 8));
        match memory.filter(|_| self.rng.chance(60)) {
            Some(reg) => (reg, 0),
            None => {
                let off = self.stack_place(8) & !7;
                if !self.state.is_set(off, 8) {
                    self.emit(code::store_imm(8, 10, off, 7));
                    self.state.set(off, 8);
                }
                (10, off)
            }
        }
    }

    /// A load that later accesses do not pass, or a store that earlier ones do not.
    pub(super) fn ordered(&mut self) {
        const ACQUIRE: i32 = 0x100;
        const RELEASE: i32 = 0x110;
        let bytes = self.rng.one([1u8, 2, 4, 8]);
        let (base, off) = self.written();
        let opcode = 0xc3 | code::size_bits(bytes);
        if self.rng.chance(50) {
            let dst = self.free();
            self.emit(code::insn(opcode, dst, base, off, ACQUIRE));
            return self.set(dst, Ty::Number(u64::MAX));
        }
        let src = self.number();
        self.emit(code::insn(opcode, base, src, off, RELEASE));
    }

    /// An atomic operation on the stack or in memory.
    pub(super) fn atomic(&mut self) {
        let bytes = self.rng.one([4u8, 8]);
        let (dst, off) = self.written();
        let src = self.number();
        let op = self.rng.one([0x00, 0x40, 0x50, 0xa0, 0x01, 0x41, 0x51, 0xa1, 0xe1, 0xf1]);
        if op == 0xf1 && !matches!(self.ty(0), Ty::Number(_)) {
            return;
        }
        self.emit(code::insn(0xc3 | code::size_bits(bytes), dst, src, off, op));
        if op == 0xf1 {
            self.set(0, Ty::Number(u64::MAX));
        } else if op & 1 != 0 {
            self.set(src, Ty::Number(u64::MAX));
        }
    }

    /// Loads of packet bytes as classic BPF has them.
    pub(super) fn legacy_load(&mut self) {
        let skb = !matches!(
            self.prog_type,
            ProgType::Xdp | ProgType::CgroupSkb | ProgType::Kprobe | ProgType::Tracepoint | ProgType::RawTracepoint
        );
        if !skb || self.ty(6) != Ty::Ctx {
            return self.arithmetic();
        }
        let size = self.rng.one([0x00, 0x08, 0x10]);
        if self.rng.chance(60) {
            let off = self.rng.range(0, 60) as i32;
            self.emit(code::insn(0x20 | size, 0, 0, 0, off));
        } else {
            let src = self.number();
            self.emit(code::insn(0x40 | size, 0, src, 0, 4));
        }
        self.state.called(Ty::Number(0xffff_ffff));
    }

    /// Pointers compared with each other or with a number, which tells nothing but is allowed.
    pub(super) fn compare_pointers(&mut self) {
        let Some(left) = self.find(Ty::is_pointer) else { return };
        let right = self.find(Ty::is_pointer).unwrap_or(10);
        let at = self.insns.len();
        let op = self.rng.one([code::JEQ, code::JNE]);
        if self.rng.chance(50) {
            self.emit(code::insn(code::JMP | op, left, 0, 0, 0));
        } else {
            self.emit(code::insn(code::JMP | op | code::X, left, right, 0, 0));
        }
        let before = self.state.clone();
        self.arithmetic();
        self.state = self.state.join(&before);
        let here = self.insns.len() as i64;
        self.insns[at] = code::with_target(self.insns[at], at, here);
    }
}
