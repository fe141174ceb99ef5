//! What the kernel keeps for programs, and lets them use in an order of its own: locks and timers in map values, dynptrs.

use bpfscope_core::kernel::{FieldKind, ProgType};

use super::super::code::{self, mov, mov_reg};
use super::calls::{LOOKUP, SCRATCH, release_slots};
use super::state::Ty;
use super::{Wanted, Writer};

const SPIN_LOCK: u32 = 93;
const SPIN_UNLOCK: u32 = 94;
const TIMER_INIT: u32 = 169;
const TIMER_SET_CALLBACK: u32 = 170;
const TIMER_START: u32 = 171;
const TIMER_CANCEL: u32 = 172;
const DYNPTR_FROM_MEM: u32 = 197;
const RESERVE_DYNPTR: u32 = 198;
const SUBMIT_DYNPTR: u32 = 199;
const DISCARD_DYNPTR: u32 = 200;
const DYNPTR_READ: u32 = 201;
const DYNPTR_WRITE: u32 = 202;
const DYNPTR_DATA: u32 = 203;

impl Writer<'_> {
    /// Looks a value up in the map with such a field, and goes on with a pointer to it in a register that calls leave
    /// alone: register, map, and the field's place, before which there are numbers.
    fn value_with(&mut self, kind: FieldKind) -> Option<(u8, usize, u32)> {
        use ProgType::{Kprobe, RawTracepoint, SocketFilter, Tracepoint};
        let refused = match self.prog_type {
            Kprobe | Tracepoint | RawTracepoint => true,
            SocketFilter => kind == FieldKind::SpinLock,
            _ => false,
        };
        if refused && !self.rng.chance(5) {
            return None;
        }
        let map = self.pool.maps().iter().position(|def| def.field(kind).is_some())?;
        let place = self.pool.maps()[map].field(kind)?.offset;
        let holder = self.saved()?;
        let key = SCRATCH - 8;
        self.emit(code::store_imm(8, 10, key, 0));
        self.emit_wide(1, 1, map as i64);
        self.point_at_stack(2, key);
        self.emit(code::call(LOOKUP));
        self.state.called(Ty::Unset);
        self.emit(code::insn(code::JMP | code::JNE, 0, 0, 2, 0));
        self.emit(mov(0, 0));
        self.emit(code::exit());
        self.emit(mov_reg(holder, 0));
        self.set(holder, Ty::Mem { size: place, off: 0, write: true, record: false });
        Some((holder, map, place))
    }

    fn field_argument(&mut self, reg: u8, value: u8, place: u32) {
        self.emit(mov_reg(reg, value));
        let off = if self.slip() { self.rng.range(0, 24) as i32 } else { place as i32 };
        self.emit(code::add(reg, off));
    }

    /// A value changed under its lock, with all that one can forget there.
    pub(super) fn locked(&mut self) {
        if self.current > 0 {
            return self.arithmetic();
        }
        let Some((value, _, place)) = self.value_with(FieldKind::SpinLock) else { return self.arithmetic() };
        let before = self.state.pinned;
        self.state.pinned |= 1 << value;
        if !self.slip() {
            self.field_argument(1, value, place);
            self.emit(code::call(SPIN_LOCK));
            self.state.called(Ty::Unset);
        }
        self.block_without_end();
        self.memory();
        match self.rng.below(60) {
            0 => self.helper(),
            1 => self.call(),
            2 => {
                self.field_argument(1, value, place);
                self.emit(code::call(SPIN_LOCK));
                self.state.called(Ty::Unset);
            }
            3 => return self.leave(None),
            4..20 => self.branch_without_end(),
            _ => {}
        }
        if !self.slip() {
            self.field_argument(1, value, place);
            self.emit(code::call(SPIN_UNLOCK));
            self.state.called(Ty::Unset);
        }
        self.state.pinned = before;
    }

    /// A timer that is set up, given a function, started.
    pub(super) fn timer(&mut self) {
        if self.current > 0 || self.funcs.len() >= 4 {
            return self.arithmetic();
        }
        let Some((value, map, place)) = self.value_with(FieldKind::Timer) else { return self.arithmetic() };
        let before = self.state.pinned;
        self.state.pinned |= 1 << value;
        let steps = self.rng.one([0b111, 0b111, 0b111, 0b011, 0b110, 0b001, 0b1111]);
        if steps & 1 != 0 {
            self.field_argument(1, value, place);
            let other = self.rng.below(self.pool.maps().len());
            let given = if self.slip() { other } else { map };
            self.emit_wide(2, 1, given as i64);
            let clock = self.rng.one([0, 1, 7]);
            self.emit(mov(3, clock));
            self.emit(code::call(TIMER_INIT));
            self.state.called(Ty::Number(u64::MAX));
        }
        if steps & 2 != 0 {
            let number = self.funcs.len();
            let memory = |size, write| Ty::Mem { size, off: 0, write, record: false };
            let args = vec![Ty::Map(map), memory(4, false), memory(place, true)];
            self.funcs.push(Wanted { args, uses: Vec::new(), returns: Some(0) });
            self.field_argument(1, value, place);
            let here = self.insns.len();
            self.funcs[number].uses.push(here);
            self.emit_wide(2, 4, 0);
            self.emit(code::call(TIMER_SET_CALLBACK));
            self.state.called(Ty::Number(u64::MAX));
        }
        if steps & 4 != 0 {
            self.field_argument(1, value, place);
            let after = self.rng.range(0, 1 << 30) as i32;
            self.emit(mov(2, after));
            self.emit(mov(3, 0));
            self.emit(code::call(TIMER_START));
            self.state.called(Ty::Number(u64::MAX));
        }
        if steps & 8 != 0 {
            self.field_argument(1, value, place);
            self.emit(code::call(TIMER_CANCEL));
            self.state.called(Ty::Number(u64::MAX));
        }
        self.state.pinned = before;
        self.memory();
    }

    /// A dynptr: to a map's value, to a record, to the packet.
    pub(super) fn dynptr(&mut self) {
        let from_packet = match self.prog_type {
            ProgType::Xdp => self.kfunc("bpf_dynptr_from_xdp"),
            ProgType::SchedCls | ProgType::SchedAct | ProgType::SocketFilter | ProgType::CgroupSkb => {
                self.kfunc("bpf_dynptr_from_skb")
            }
            _ => None,
        };
        let from_packet = from_packet.filter(|_| self.ty(6) == Ty::Ctx && self.rng.chance(50));
        let value = self.find(|ty| matches!(ty, Ty::Mem { off: 0, write: true, record: false, size: 8.. }));
        let value = value.filter(|reg| *reg < 10 && self.rng.chance(50));
        let Some(slot) = self.keep_slots(2) else { return self.arithmetic() };
        let mut record = false;
        match (from_packet, value) {
            (Some(kfunc), _) => {
                self.emit(mov_reg(1, 6));
                self.emit(mov(2, 0));
                self.point_at_stack(3, slot);
                self.emit(code::insn(code::CALL, 0, 2, 0, kfunc as i32));
            }
            (None, Some(value)) => {
                self.emit(mov_reg(1, value));
                self.emit(mov(2, 8));
                self.emit(mov(3, 0));
                self.point_at_stack(4, slot);
                self.emit(code::call(DYNPTR_FROM_MEM));
            }
            (None, None) => {
                let Some(&map) = self.pool.maps_of(&[bpfscope_core::kernel::MapType::Ringbuf]).first() else { return };
                record = true;
                let size = self.number();
                self.emit(mov_reg(2, size));
                self.emit_wide(1, 1, map as i64);
                self.emit(mov(3, 0));
                self.point_at_stack(4, slot);
                self.emit(code::call(RESERVE_DYNPTR));
            }
        }
        self.state.called(Ty::Number(u64::MAX));
        for _ in 0..self.rng.below(4) {
            self.use_dynptr(slot);
        }
        if record && !self.slip() {
            self.point_at_stack(1, slot);
            self.emit(mov(2, 0));
            let end = self.rng.one([SUBMIT_DYNPTR, DISCARD_DYNPTR]);
            self.emit(code::call(end));
            self.state.called(Ty::Unset);
        }
        release_slots(&mut self.state, slot, 2);
    }

    fn use_dynptr(&mut self, slot: i16) {
        let (off, size) = (self.rng.range(0, 20) as i32, self.rng.one([1, 2, 4, 8, 14]));
        let buffer = SCRATCH - 16;
        self.emit(code::store_imm(8, 10, buffer, 0));
        self.emit(code::store_imm(8, 10, buffer + 8, 0));
        match self.rng.below(6) {
            0 => {
                self.point_at_stack(1, buffer);
                self.emit(mov(2, size));
                self.point_at_stack(3, slot);
                self.emit(mov(4, off));
                self.emit(mov(5, 0));
                self.emit(code::call(DYNPTR_READ));
                self.state.called(Ty::Number(u64::MAX));
            }
            1 => {
                self.point_at_stack(1, slot);
                self.emit(mov(2, off));
                self.point_at_stack(3, buffer);
                self.emit(mov(4, size));
                self.emit(mov(5, 0));
                self.emit(code::call(DYNPTR_WRITE));
                self.state.packet_moved();
                self.state.called(Ty::Number(u64::MAX));
            }
            2 => {
                self.point_at_stack(1, slot);
                self.emit(mov(2, off));
                self.emit(mov(3, size));
                self.emit(code::call(DYNPTR_DATA));
                self.state.called(Ty::MaybeMem { size: size as u32, write: true, record: false });
                self.unless_null(0, |writer| writer.memory());
                self.state.called(Ty::Unset);
            }
            3 | 4 => {
                let write = self.rng.chance(40);
                let name = if write { "bpf_dynptr_slice_rdwr" } else { "bpf_dynptr_slice" };
                let Some(kfunc) = self.kfunc(name) else { return };
                self.point_at_stack(1, slot);
                self.emit(mov(2, off));
                if self.rng.chance(70) {
                    self.point_at_stack(3, buffer);
                } else {
                    self.emit(mov(3, 0));
                }
                self.emit(mov(4, size));
                self.emit(code::insn(code::CALL, 0, 2, 0, kfunc as i32));
                self.state.called(Ty::MaybeMem { size: size as u32, write, record: false });
                self.unless_null(0, |writer| writer.memory());
                self.state.called(Ty::Unset);
            }
            _ => {
                let name = self.rng.one(["bpf_dynptr_size", "bpf_dynptr_is_null", "bpf_dynptr_is_rdonly"]);
                let Some(kfunc) = self.kfunc(name) else { return };
                self.point_at_stack(1, slot);
                self.emit(code::insn(code::CALL, 0, 2, 0, kfunc as i32));
                self.state.called(Ty::Number(0xffff_ffff));
            }
        }
    }
}
