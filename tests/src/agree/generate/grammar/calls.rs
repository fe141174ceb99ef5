//! Calls: helpers by the table of helpers, map look-ups, things that must be released, functions of the program.

use bpfscope_core::kernel::{ArgType, HelperDef, MapType, RetType, helpers};

use super::super::code::{self, mov, mov_reg};
use super::state::{SLOTS, State, Ty};
use super::{Wanted, Writer};

/// Numbers of helpers that are spelled out here.
pub(super) const LOOKUP: u32 = 1;
const UPDATE: u32 = 2;
const DELETE: u32 = 3;
const TAIL_CALL: u32 = 12;
const SK_LOOKUP_TCP: u32 = 84;
const SK_RELEASE: u32 = 86;
const RESERVE: u32 = 131;
const SUBMIT: u32 = 132;
const DISCARD: u32 = 133;
const FOR_EACH: u32 = 164;
const LOOP: u32 = 181;

/// Types of maps that programs look values up in.
const LOOKED_UP: [MapType; 6] =
    [MapType::Hash, MapType::Array, MapType::PercpuArray, MapType::LruHash, MapType::LpmTrie, MapType::Array];

/// Where arguments in memory are put: below what the actions use.
pub(super) const SCRATCH: i16 = -8 * (SLOTS as i16) - 8;

impl Writer<'_> {
    /// A pointer to the stack in a register.
    pub(super) fn point_at_stack(&mut self, reg: u8, off: i16) {
        self.emit(mov_reg(reg, 10));
        self.emit(code::add(reg, off.into()));
        self.set(reg, Ty::Stack(off));
    }

    /// Takes slots of the stack for something that must not be overwritten; the offset of the lowest.
    pub(super) fn keep_slots(&mut self, count: usize) -> Option<i16> {
        let first = (0..SLOTS - count).rev().find(|&at| self.state.stack[at..at + count].iter().all(|s| !s.kept))?;
        for slot in &mut self.state.stack[first..first + count] {
            slot.kept = true;
            slot.set = 0;
            slot.spilled = None;
        }
        Some(-8 * (first + count) as i16)
    }

    /// Writes numbers to the stack from `off` on.
    fn fill(&mut self, off: i16, size: u32) {
        let mut at = 0;
        while at < size as i16 {
            let imm = self.rng.range(0, 3) as i32;
            self.emit(code::store_imm(8, 10, off + at, imm));
            at += 8;
        }
    }

    /// Maps to look values up in: rarely those that programs may only read, or only write.
    fn plain_maps(&mut self) -> Vec<usize> {
        let all = self.pool.maps_of(&LOOKED_UP);
        let any = self.rng.chance(6);
        let def = |map: usize| &self.pool.maps()[map];
        let plain = |map| def(map).flags & 0x180 == 0 && def(map).special.is_empty();
        all.into_iter().filter(|&map| any || plain(map)).collect()
    }

    /// Looks a value up, compares it with null, and goes on.
    pub(super) fn lookup(&mut self) {
        let maps = self.plain_maps();
        let Some(&map) = self.rng.pick(&maps) else { return };
        let def = &self.pool.maps()[map];
        let (key_size, value_size, flags) = (def.key_size, def.value_size, def.flags);
        let off = SCRATCH - key_size.next_multiple_of(8) as i16;
        self.fill(off, key_size);
        if key_size == 4 && self.rng.chance(40) {
            let key = self.number();
            self.emit(code::store(4, 10, off, key));
        }
        self.emit_wide(1, 1, map as i64);
        self.set(1, Ty::Map(map));
        self.point_at_stack(2, off);
        match self.rng.below(10) {
            0 => {
                self.emit(code::call(DELETE));
                return self.state.called(Ty::Number(u64::MAX));
            }
            1 => {
                let value = off - value_size.next_multiple_of(8) as i16;
                self.fill(value, value_size);
                self.point_at_stack(3, value);
                let flags = self.rng.range(0, 2) as i32;
                self.emit(mov(4, flags));
                self.emit(code::call(UPDATE));
                return self.state.called(Ty::Number(u64::MAX));
            }
            _ => self.emit(code::call(LOOKUP)),
        }
        let write = flags & 0x80 == 0;
        self.state.called(Ty::MaybeMem { size: value_size, write, record: false });
        if flags & 0x100 != 0 {
            return self.set(0, Ty::Unset);
        }
        match self.rng.below(10) {
            0 => {}
            1..=4 => self.unless_null(0, |writer| {
                writer.memory();
                writer.memory();
                writer.block();
            }),
            _ => {
                let kept = self.saved().filter(|_| self.rng.chance(50));
                if let Some(reg) = kept {
                    self.emit(mov_reg(reg, 0));
                    let ty = self.ty(0);
                    self.set(reg, ty);
                }
                // As most programs do: nothing is left to do without it.
                let at = self.insns.len();
                self.emit(code::insn(code::JMP | code::JNE, 0, 0, 2, 0));
                self.emit(mov(0, 0));
                self.emit(code::exit());
                debug_assert_eq!(self.insns[at].off, 2);
                let known = Ty::Mem { size: value_size, off: 0, write, record: false };
                self.set(0, known);
                if let Some(reg) = kept {
                    self.set(reg, known);
                }
                self.memory();
            }
        }
    }

    /// A record or a socket: had, used, given up.
    pub(super) fn reference(&mut self) {
        let Some(holder) = self.saved() else { return };
        let socket = self.rng.chance(40) && self.can_call(SK_LOOKUP_TCP) && self.ty(6) == Ty::Ctx;
        if socket {
            let off = SCRATCH - 16;
            self.fill(off, 12);
            self.emit(mov_reg(1, 6));
            self.point_at_stack(2, off);
            self.emit(mov(3, 12));
            self.emit(mov(4, -1));
            self.emit(mov(5, 0));
            self.emit(code::call(SK_LOOKUP_TCP));
            self.state.called(Ty::MaybeSocket);
        } else {
            let ring = self.pool.maps_of(&[MapType::Ringbuf]);
            let Some(&map) = ring.first() else { return };
            let size = self.rng.one([8, 12, 16, 64]);
            self.emit_wide(1, 1, map as i64);
            self.emit(mov(2, size));
            self.emit(mov(3, 0));
            self.emit(code::call(RESERVE));
            self.state.called(Ty::MaybeMem { size: size as u32, write: true, record: true });
        }
        self.emit(mov_reg(holder, 0));
        let ty = self.ty(0);
        self.set(holder, ty);
        self.set(0, Ty::Unset);
        let before = self.state.pinned;
        self.unless_null(holder, |writer| {
            writer.state.pinned |= 1 << holder;
            if writer.rng.chance(40) {
                writer.memory_if_any();
            }
            if socket && writer.rng.chance(60) {
                let dst = writer.free();
                let off = writer.rng.one([0, 4, 8, 12, 16, 20, 24, 44, 72]);
                writer.emit(code::load(4, dst, holder, off));
                writer.set(dst, Ty::Number(0xffff_ffff));
            }
            if writer.rng.chance(30) {
                writer.block_without_end();
            }
            writer.state.pinned = before;
            if writer.slip() {
                return;
            }
            writer.emit(mov_reg(1, holder));
            if !socket {
                writer.emit(mov(2, 0));
            }
            let release = if socket { SK_RELEASE } else { writer.rng.one([SUBMIT, SUBMIT, DISCARD]) };
            writer.emit(code::call(release));
            writer.state.called(Ty::Unset);
            writer.set(holder, Ty::Unset);
        });
        self.state.pinned = before;
        self.set(holder, Ty::Unset);
    }

    /// A few actions that do not leave the function.
    pub(super) fn block_without_end(&mut self) {
        for _ in 0..self.rng.below(4) {
            match self.rng.below(4) {
                0 => self.store_stack(),
                1 => self.load_stack(),
                2 => self.memory_if_any(),
                _ => self.arithmetic(),
            }
        }
    }

    /// A branch of a few such actions.
    pub(super) fn branch_without_end(&mut self) {
        let left = self.number();
        let op = self.rng.one(code::JUMPS);
        let at = self.insns.len();
        let imm = self.rng.interesting() as i32;
        self.emit(code::insn(code::JMP | op, left, 0, 0, imm));
        let before = self.state.clone();
        self.block_without_end();
        self.state = self.state.join(&before);
        let here = self.insns.len() as i64;
        self.insns[at] = code::with_target(self.insns[at], at, here);
    }

    /// A tail call; what comes after it is for the case that there is no such program.
    pub(super) fn tail_call(&mut self) {
        let Some(map) = self.pool.prog_array(self.prog_type).filter(|_| self.ty(6) == Ty::Ctx) else {
            return self.arithmetic();
        };
        let index = self.bounded(7);
        self.emit(mov_reg(3, index));
        self.emit(mov_reg(1, 6));
        self.emit_wide(2, 1, map as i64);
        self.emit(code::call(TAIL_CALL));
        self.state.packet_moved();
        self.state.called(Ty::Unset);
    }

    fn memory_if_any(&mut self) {
        if self.state.regs.iter().any(|ty| matches!(ty, Ty::Mem { .. })) {
            self.memory();
        }
    }

    fn can_call(&self, id: u32) -> bool {
        bpfscope_core::kernel::helper(id).is_some_and(|h| h.prog_types.contains(self.prog_type))
    }

    /// Some helper of the table, its arguments made by what the table says of them.
    pub(super) fn helper(&mut self) {
        let all = helpers();
        for _ in 0..20 {
            let def = &all[self.rng.below(all.len())];
            // These take maps that the pool has none of, or want a program that may sleep.
            let odd = ["cgroup", "storage", "from_user", "sysctl"].iter().any(|part| def.name.contains(part));
            let allowed = def.prog_types.contains(self.prog_type) && !odd || self.rng.below(1000) < self.slips;
            if allowed && self.try_helper(def) {
                return;
            }
        }
    }

    fn try_helper(&mut self, def: &HelperDef) -> bool {
        use ArgType::*;
        let makes = |arg: &ArgType| {
            matches!(
                arg,
                Scalar
                    | MapPtr
                    | MapKey
                    | MapValue
                    | MapValueOrNull
                    | MapValueOut
                    | Ctx
                    | CtxOrNull
                    | Mem
                    | MemOrNull
                    | MemOut
                    | MemOutOrNull
                    | Size
                    | SizeOrZero
                    | FixedMem(_)
                    | FixedMemRw(_)
                    | LongOut
            )
        };
        let acquires = matches!(def.ret, RetType::RecordOrNull | RetType::SocketOrNull | RetType::SockCommonOrNull);
        let args = def.args_for(self.prog_type);
        let needs_ctx = args.contains(&Ctx);
        if acquires || !args.iter().all(makes) || (needs_ctx && self.find(|ty| ty == Ty::Ctx).is_none()) {
            return false;
        }
        let ctx = self.find(|ty| ty == Ty::Ctx).unwrap_or(6);
        let map = self.map_for(def);
        let map_def = &self.pool.maps()[map];
        let (key_size, value_size) = (map_def.key_size, map_def.value_size);
        let mut place = SCRATCH;
        let mut pointers = [0i16; 5];
        let mut sizes = [0u32; 5];
        // Memory first: filling it must not touch the arguments.
        for (at, arg) in args.iter().enumerate() {
            let size = match arg {
                MapKey => key_size,
                MapValue | MapValueOrNull | MapValueOut => value_size.min(64),
                FixedMem(size) | FixedMemRw(size) => *size,
                LongOut => 8,
                Mem | MemOrNull | MemOut | MemOutOrNull => self.rng.one([4, 8, 12, 16, 32]),
                _ => continue,
            };
            place -= size.next_multiple_of(8) as i16;
            if place < -504 {
                return true;
            }
            (pointers[at], sizes[at]) = (place, size);
            if !matches!(arg, MemOut | MemOutOrNull | MapValueOut | LongOut) || self.rng.chance(30) {
                self.fill(place, size);
            }
        }
        if ctx < 6 {
            // It would be overwritten by the arguments before.
            self.emit(mov_reg(9, ctx));
            if self.state.pinned & (1 << 9) != 0 {
                return true;
            }
            self.set(9, Ty::Ctx);
        }
        let ctx = if ctx < 6 { 9 } else { ctx };
        for (at, arg) in args.iter().enumerate() {
            let reg = at as u8 + 1;
            match arg {
                MapPtr => self.emit_wide(reg, 1, map as i64),
                Ctx => self.emit(mov_reg(reg, ctx)),
                Size | SizeOrZero => {
                    let of = sizes[at.saturating_sub(1)] as i32;
                    let size = if self.rng.chance(80) { of } else { self.rng.range(1, of.max(1).into()) as i32 };
                    self.emit(mov(reg, size));
                }
                Scalar => {
                    let saved = self.find(|ty| matches!(ty, Ty::Number(_))).filter(|reg| (6..10).contains(reg));
                    match saved.filter(|_| self.rng.chance(30)) {
                        Some(from) => self.emit(mov_reg(reg, from)),
                        None => {
                            let imm = self.rng.one([0, 0, 0, 1, 2, 14, 16]);
                            self.emit(mov(reg, imm));
                        }
                    }
                }
                CtxOrNull | MemOrNull | MemOutOrNull | MapValueOrNull if self.rng.chance(30) => self.emit(mov(reg, 0)),
                CtxOrNull => self.emit(mov_reg(reg, ctx)),
                _ => self.point_at_stack(reg, pointers[at]),
            }
        }
        self.emit(code::call(def.id));
        if def.changes_packet {
            self.state.packet_moved();
        }
        let result = match def.ret {
            RetType::Integer => Ty::Number(u64::MAX),
            RetType::MapValueOrNull => Ty::MaybeMem { size: value_size, write: true, record: false },
            _ => Ty::Unset,
        };
        self.state.called(result);
        true
    }

    /// A map that the helper takes.
    fn map_for(&mut self, def: &HelperDef) -> usize {
        use MapType::*;
        let types: &[MapType] = match def.name {
            "bpf_tail_call" => &[ProgArray],
            "bpf_perf_event_output" | "bpf_perf_event_read" | "bpf_perf_event_read_value" | "bpf_skb_output" => {
                &[PerfEventArray]
            }
            "bpf_get_stackid" => &[StackTrace],
            "bpf_redirect_map" => &[Devmap],
            "bpf_map_push_elem" | "bpf_map_peek_elem" => &[Queue, BloomFilter],
            "bpf_map_pop_elem" => &[Queue],
            "bpf_map_lookup_percpu_elem" => &[PercpuArray],
            name if name.contains("ringbuf") => &[Ringbuf],
            name if name.contains("sk_") || name.contains("sock") || name.contains("msg") => &[Sockhash],
            _ => &LOOKED_UP,
        };
        if types == [ProgArray] && !self.slip() {
            return self.pool.prog_array(self.prog_type).unwrap_or(0);
        }
        let maps = match (self.slip(), types == LOOKED_UP) {
            (true, _) => Vec::new(),
            (false, true) => self.plain_maps(),
            (false, false) => self.pool.maps_of(types),
        };
        let any = self.rng.below(self.pool.maps().len());
        self.rng.pick(&maps).copied().unwrap_or(any)
    }

    /// Calls a function of the program, one that is there or a new one.
    pub(super) fn call(&mut self) {
        const MOST: usize = 5;
        // Only functions that are not written yet, and after this one: there is no recursion.
        let at = if self.funcs.len() < MOST && self.rng.chance(70) {
            let args = self.signature();
            self.funcs.push(Wanted { args, uses: Vec::new(), returns: None });
            self.funcs.len() - 1
        } else {
            let candidates: Vec<usize> =
                (self.current..self.funcs.len()).filter(|&at| self.funcs[at].returns.is_none()).collect();
            match self.rng.pick(&candidates) {
                Some(&at) => at,
                None => return,
            }
        };
        let args = self.funcs[at].args.clone();
        let mut place = SCRATCH;
        for arg in &args {
            if let Ty::Mem { size, .. } = arg {
                place -= size.next_multiple_of(8) as i16;
                self.fill(place, *size);
            }
        }
        let mut place = SCRATCH;
        for (number, arg) in args.iter().enumerate() {
            let reg = number as u8 + 1;
            match *arg {
                Ty::Ctx if self.ty(6) == Ty::Ctx => self.emit(mov_reg(reg, 6)),
                Ty::Mem { size, .. } => {
                    place -= size.next_multiple_of(8) as i16;
                    self.point_at_stack(reg, place);
                }
                _ => {
                    let imm = self.rng.range(0, 40) as i32;
                    self.emit(mov(reg, imm));
                }
            }
        }
        let here = self.insns.len();
        self.funcs[at].uses.push(here);
        self.emit(code::insn(code::CALL, 0, 1, 0, 0));
        self.state.packet_moved();
        self.state.called(Ty::Number(u64::MAX));
    }

    fn signature(&mut self) -> Vec<Ty> {
        let has_ctx = self.ty(6) == Ty::Ctx;
        let count = self.rng.below(4);
        let one = |writer: &mut Self| match writer.rng.below(3) {
            0 if has_ctx => Ty::Ctx,
            1 => Ty::Mem { size: writer.rng.one([4, 8, 16]), off: 0, write: true, record: false },
            _ => Ty::Number(u64::MAX),
        };
        (0..count).map(|_| one(self)).collect()
    }

    /// `bpf_loop` or `bpf_for_each_map_elem` with a function of the program.
    pub(super) fn callback(&mut self) {
        if self.current > 0 || self.funcs.len() >= 4 {
            return self.arithmetic();
        }
        let context = Ty::Mem { size: 16, off: 0, write: true, record: false };
        let off = SCRATCH - 16;
        self.fill(off, 16);
        let maps = self.pool.maps_of(&[MapType::Hash, MapType::Array]);
        let map = self.rng.pick(&maps).copied().filter(|_| self.rng.chance(50));
        let at = self.funcs.len();
        let mut wanted = Wanted { args: vec![Ty::Number(u64::MAX), context], uses: Vec::new(), returns: Some(1) };
        let helper = match map {
            Some(map) => {
                let def = &self.pool.maps()[map];
                let memory = |size, write| Ty::Mem { size, off: 0, write, record: false };
                let value = memory(def.value_size, def.flags & 0x80 == 0);
                wanted.args = vec![Ty::Map(map), memory(def.key_size, false), value, context];
                self.emit_wide(1, 1, map as i64);
                FOR_EACH
            }
            None => {
                let count = self.rng.range(1, 100) as i32;
                self.emit(mov(1, count));
                LOOP
            }
        };
        self.funcs.push(wanted);
        let here = self.insns.len();
        self.funcs[at].uses.push(here);
        self.emit_wide(2, 4, 0);
        self.point_at_stack(3, off);
        self.emit(mov(4, 0));
        self.emit(code::call(helper));
        self.state.packet_moved();
        self.state.called(Ty::Number(u64::MAX));
    }
}

/// Gives slots back that [`Writer::keep_slots`] took.
pub(super) fn release_slots(state: &mut State, off: i16, count: usize) {
    let last = (-off / 8) as usize;
    for slot in &mut state.stack[last - count..last] {
        *slot = Default::default();
    }
}
