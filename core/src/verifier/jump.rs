//! Conditional jumps: which sides a path goes on to, and what is learnt on each.

use super::env::Verifier;
use super::explore::Next;
use super::finding::{Check, FlowFinding};
use super::reg::{ADD_CONST, ADD_CONST_32, AT_PKT_END, BEYOND_PKT_END, Flags, Of, RegState, RegType};
use super::scalar;
use super::state::{JmpNote, LinkedReg, LinkedRegs, State};
use crate::isa::{AluOp, JmpOp, Pc, Reg, Src, Width};
use crate::kernel::{Feature, FieldKind, KernelVersion, MapDef, MapType, SpecialField};

/// Offsets into a packet that comparisons may tell of.
const MAX_PACKET_OFF: u64 = 0xffff;

impl Verifier<'_> {
    pub fn check_jump(&mut self, width: Width, op: JmpOp, dst: Reg, src: Src, off: i16) -> Check<Next> {
        self.use_reg(dst)?;
        let mut note = JmpNote { dst_stack: self.reg(dst).ty == RegType::Stack, ..JmpNote::default() };
        let src_reg = match src {
            Src::Imm(imm) => RegState::constant(i64::from(imm) as u64),
            Src::Reg(src) => {
                self.use_reg(src)?;
                let packets = is_any_packet(self.reg(dst)) && is_any_packet(self.reg(src));
                if !packets && self.is_pointer_value(src) {
                    return Err(FlowFinding::PointerComparison { reg: src }.into());
                }
                note.src_stack = self.reg(src).ty == RegType::Stack;
                *self.reg(src)
            }
        };
        if note.dst_stack || note.src_stack {
            self.push_jmp_history(note);
        }
        let taken = self.branch_taken(self.reg(dst), &src_reg, op, width);
        let target = self.target(i32::from(off));
        let next = Pc(self.insn.0 + 1);
        if let Some(taken) = taken {
            if self.reg(dst).is_scalar() {
                self.mark_chain_precision(dst)?;
            }
            if let Src::Reg(src) = src
                && self.reg(src).is_scalar()
            {
                self.mark_chain_precision(src)?;
            }
            let (goes, not) = if taken { (target, next) } else { (next, target) };
            self.push_mispredicted(not, dst, src)?;
            self.log_insn_state();
            return Ok(Next::Goto(goes));
        }
        self.fork(width, op, dst, src, target)?;
        self.log_insn_state();
        Ok(Next::Goto(next))
    }

    /// Whether a jump is always taken, never, or depends.
    fn branch_taken(&self, a: &RegState, b: &RegState, op: JmpOp, width: Width) -> Option<bool> {
        if is_any_packet(a) && is_any_packet(b) && width == Width::W64 {
            return packet_branch_taken(a, b, op);
        }
        if a.is_scalar() && b.is_scalar() {
            return self.numbers_branch_taken(a, b, op, width);
        }
        // A pointer that cannot be null differs from 0.
        let (pointer, value, op) = match (constant(width, b), constant(width, a)) {
            (Some(value), _) => (a, value, op),
            (None, Some(value)) => (b, value, turned(op)),
            (None, None) => return None,
        };
        if value != 0 || !is_not_null(self.options.kernel, pointer) {
            return None;
        }
        match op {
            JmpOp::Eq => Some(false),
            JmpOp::Ne => Some(true),
            _ => None,
        }
    }

    /// The same for two numbers: older kernels look at fewer of them, and at less of what is known.
    fn numbers_branch_taken(&self, a: &RegState, b: &RegState, op: JmpOp, width: Width) -> Option<bool> {
        let (first, second) = (constant(width, a).is_some(), constant(width, b).is_some());
        let looks = second || first && self.has(Feature::ConstantOnLeft) || self.has(Feature::RegisterComparisons);
        if !looks {
            return None;
        }
        if matches!(op, JmpOp::Eq | JmpOp::Ne) && !(first && second) {
            let ranges = self.has(Feature::EqualRanges);
            let apart = ranges && scalar::are_apart(width, &a.num, &b.num);
            if !self.has(Feature::ApartBits) {
                return apart.then_some(op == JmpOp::Ne);
            }
        }
        scalar::branch_taken(op, width, &a.num, &b.num)
    }

    /// Leaves the side that jumps for later, and goes on with the one that does not, each with what it has learnt.
    fn fork(&mut self, width: Width, op: JmpOp, dst: Reg, src: Src, target: Pc) -> Check {
        let kernel = self.options.kernel;
        let linked = self.note_linked(dst, src);
        let mut other = self.cur.clone();
        for (taken, state) in [(true, &mut other), (false, &mut self.cur)] {
            if !learns(kernel, width, op, taken, state, dst, src) {
                continue;
            }
            match src {
                Src::Reg(src) => learn(width, op, taken, state, dst, src),
                Src::Imm(imm) => learn_constant(width, op, taken, state, dst, imm),
            }
        }
        if let Src::Reg(src) = src {
            sync_linked(&mut self.cur, src, &linked);
            sync_linked(&mut other, src, &linked);
        }
        sync_linked(&mut self.cur, dst, &linked);
        sync_linked(&mut other, dst, &linked);
        if let Src::Reg(src) = src {
            self.learn_not_null(width, op, dst, src, &mut other);
        }
        let zero = src == Src::Imm(0) && width == Width::W64 && matches!(op, JmpOp::Eq | JmpOp::Ne);
        if zero && self.reg(dst).may_be_null() {
            let mut cur = std::mem::replace(&mut self.cur, State::new(super::state::Frame::new(None, 0, 0), Pc(0)));
            self.mark_ptr_or_null_regs(&mut cur, dst, op == JmpOp::Ne);
            self.mark_ptr_or_null_regs(&mut other, dst, op == JmpOp::Eq);
            self.cur = cur;
        } else if !self.match_packet_pointers(width, op, dst, src, &mut other) && self.is_pointer_value(dst) {
            // Where the processor only guesses, this side ends here, and the other is gone on with.
            self.push_state(other, target)?;
            return Err(FlowFinding::PointerComparison { reg: dst }.into());
        }
        self.push_state(other, target)?;
        Ok(())
    }

    /// Collects what is linked to either operand, and notes it for those who go back over this instruction.
    fn note_linked(&mut self, dst: Reg, src: Src) -> LinkedRegs {
        let mut linked = LinkedRegs::default();
        if let Src::Reg(src) = src {
            let id = self.reg(src).id;
            if self.reg(src).is_scalar() && id != 0 {
                self.collect_linked(id, &mut linked);
            }
        }
        let id = self.reg(dst).id;
        if self.reg(dst).is_scalar() && id != 0 {
            self.collect_linked(id, &mut linked);
        }
        if linked.as_slice().len() > 1 {
            self.push_jmp_history(JmpNote { linked, ..JmpNote::default() });
        }
        linked
    }

    /// Collects registers and spilled numbers with that id, as far as they are still needed. Those for which there is no
    /// room lose it.
    fn collect_linked(&mut self, id: u32, linked: &mut LinkedRegs) {
        let id = id & !ADD_CONST;
        let mut at = self.insn;
        for frame in self.cur.frames.iter_mut().rev() {
            let live = self.shape.aux[at.index()].live_regs;
            let frameno = frame.frameno as u8;
            let regs = frame.regs[..Reg::R10.index()].iter_mut().enumerate().filter(|(i, _)| live & (1 << i) != 0);
            let mut no_room = |place: usize, reg: &RegState, is_reg| {
                reg.is_scalar()
                    && reg.id & !ADD_CONST == id
                    && !linked.push(LinkedReg { frame: frameno, place: place as u8, is_reg })
            };
            for (i, reg) in regs {
                if no_room(i, reg, true) {
                    reg.id = 0;
                }
            }
            for i in 0..frame.stack.len() {
                if frame.stack[i].is_spilled() && no_room(i, &frame.stack[i].spilled, false) {
                    frame.stack[i].spilled.id = 0;
                }
            }
            at = frame.callsite.unwrap_or(at);
        }
    }

    /// A pointer that equals one that is not null is not null either.
    fn learn_not_null(&mut self, width: Width, op: JmpOp, dst: Reg, src: Reg, other: &mut State) {
        let (a, b) = (*self.reg(dst), *self.reg(src));
        let pointers = a.is_pointer() && b.is_pointer() && a.ty != RegType::BtfId && b.ty != RegType::BtfId;
        if width != Width::W64 || !pointers || a.may_be_null() == b.may_be_null() {
            return;
        }
        let nullable = if b.may_be_null() { src } else { dst };
        match op {
            JmpOp::Eq => {
                let mut reg = *other.frame().reg(nullable);
                self.mark_not_null(&mut reg);
                *other.frame_mut().reg_mut(nullable) = reg;
            }
            JmpOp::Ne => {
                let mut reg = *self.reg(nullable);
                self.mark_not_null(&mut reg);
                *self.reg_mut(nullable) = reg;
            }
            _ => {}
        }
    }

    /// After a comparison with null: every copy of the pointer is null, or is not.
    pub fn mark_ptr_or_null_regs(&mut self, state: &mut State, reg: Reg, is_null: bool) {
        let RegState { id, ref_obj_id, .. } = *state.frame().reg(reg);
        if is_null && ref_obj_id != 0 && ref_obj_id == id {
            // Nothing was acquired.
            state.refs.held.retain(|held| held.id != id);
        }
        let mut frames = std::mem::take(&mut state.frames);
        for frame in &mut frames {
            let mark = |reg: &mut RegState| {
                if reg.may_be_null() && reg.id == id {
                    self.mark_ptr_or_null(reg, is_null);
                }
            };
            frame.regs.iter_mut().for_each(mark);
            frame.stack.each_spilled(|_, reg| mark(reg));
        }
        state.frames = frames;
    }

    fn mark_ptr_or_null(&self, reg: &mut RegState, is_null: bool) {
        let own = reg.flags.any(Flags::ALLOC.and(Flags::NON_OWN));
        if reg.num.constant_value() != Some(0) || (reg.off != 0 && !own) {
            return;
        }
        if is_null {
            *reg = RegState { ty: RegType::Scalar, flags: Flags::NONE, of: Of::Nothing, id: 0, ref_obj_id: 0, ..*reg };
            // As with every number of the unprivileged.
            reg.precise |= !self.options.privileged;
            return;
        }
        self.mark_not_null(reg);
        if !self.may_hold_lock(reg) {
            reg.id = 0;
        }
    }

    /// Whether a pointer's id must be kept, since it tells which lock is taken.
    pub fn may_hold_lock(&self, reg: &RegState) -> bool {
        let is_lock = |f: &SpecialField| matches!(f.kind, FieldKind::SpinLock | FieldKind::ResSpinLock);
        self.fields(reg).is_some_and(|fields| fields.iter().any(is_lock))
    }

    /// The pointer is not null: what it is then depends on the map it came from.
    pub fn mark_not_null(&self, reg: &mut RegState) {
        reg.flags = reg.flags.without(Flags::NULL);
        let (RegType::MapValue, Some(mut map)) = (reg.ty, reg.map()) else { return };
        let def = self.map_def(map);
        match def.map_type {
            MapType::ArrayOfMaps | MapType::HashOfMaps => {
                map.inner = true;
                map.uid = if inner_needs_uid(def) { reg.id } else { 0 };
                (reg.ty, reg.of) = (RegType::MapPtr, Of::Map(map));
            }
            MapType::Xskmap => (reg.ty, reg.of) = (RegType::XdpSock, Of::Nothing),
            MapType::Sockmap | MapType::Sockhash => (reg.ty, reg.of) = (RegType::Socket, Of::Nothing),
            _ => {}
        }
    }

    /// Comparisons of packet pointers with the packet's end tell how many bytes there are.
    fn match_packet_pointers(&mut self, width: Width, op: JmpOp, dst: Reg, src: Src, other: &mut State) -> bool {
        let Src::Reg(src) = src else { return false };
        if width != Width::W64 {
            return false;
        }
        let (a, b) = (*self.reg(dst), *self.reg(src));
        let bounds = |pointer: &RegState, end: &RegState| {
            (pointer.is(RegType::Packet) && end.is(RegType::PacketEnd))
                || (pointer.is(RegType::PacketMeta) && is_packet_start(end))
        };
        // Whether the pointer is the left operand, and by which side of the jump it is within the packet.
        let (pointer, reg, left) = if bounds(&a, &b) {
            (a, dst, true)
        } else if bounds(&b, &a) {
            (b, src, false)
        } else {
            return false;
        };
        // `pointer > end` as it is written or turned round: the side that does not jump is within; and whether one
        // byte more is (`pointer >= end` not taken).
        let (within_is_taken, one_more) = match (op, left) {
            (JmpOp::Gt, true) | (JmpOp::Lt, false) => (false, false),
            (JmpOp::Gt, false) | (JmpOp::Lt, true) => (true, true),
            (JmpOp::Ge, true) | (JmpOp::Le, false) => (false, true),
            (JmpOp::Ge, false) | (JmpOp::Le, true) => (true, false),
            _ => return false,
        };
        let (within, beyond) = if within_is_taken { (other, &mut self.cur) } else { (&mut self.cur, other) };
        find_good_packet_pointers(within, &pointer, one_more);
        mark_packet_end(beyond, reg, !one_more);
        true
    }

    /// `may_goto`: jumps now, and goes on later with what a loop may have changed forgotten.
    pub fn check_may_goto(&mut self, off: i16) -> Check<Next> {
        let next = Pc(self.insn.0 + 1);
        let before = self.find_prev_entry(self.cur.parent, self.insn);
        let mut queued = self.cur.clone();
        queued.may_goto_depth += 1;
        if let Some(before) = before {
            self.widen_imprecise_scalars(before, &mut queued);
        }
        self.push_state(queued, next)?;
        Ok(Next::Goto(self.target(i32::from(off))))
    }
}

/// Whether it matters which of the inner maps it is.
fn inner_needs_uid(def: &MapDef) -> bool {
    let inner = def.inner.as_deref();
    inner.is_some_and(|d| d.special.iter().any(|f| matches!(f.kind, FieldKind::Timer | FieldKind::Workqueue)))
}

fn is_any_packet(reg: &RegState) -> bool {
    reg.is_packet_pointer() || reg.ty == RegType::PacketEnd
}

/// The packet's start with nothing added.
fn is_packet_start(reg: &RegState) -> bool {
    reg.is(RegType::Packet) && reg.off == 0 && reg.id == 0 && reg.num.constant_value() == Some(0)
}

/// A number, as far as a jump of that width looks at it, if it is known.
fn constant(width: Width, reg: &RegState) -> Option<u64> {
    match width {
        Width::W64 => reg.constant_value(),
        Width::W32 => reg.is_scalar().then(|| reg.num.subreg_constant_value()).flatten().map(u64::from),
    }
}

/// Whether that kernel learns anything of two numbers from one side of the jump.
fn learns(kernel: KernelVersion, width: Width, op: JmpOp, taken: bool, state: &State, dst: Reg, src: Src) -> bool {
    let unequal = matches!((op, taken), (JmpOp::Ne, true) | (JmpOp::Eq, false));
    if unequal && !kernel.has(Feature::UnequalBounds) {
        return false;
    }
    let Src::Reg(src) = src else { return true };
    let known = |reg| constant(width, state.frame().reg(reg)).is_some();
    let compares = kernel.has(Feature::RegisterComparisons) || known(src) || known(dst);
    // Two that are equal share what is known of them, in all kernels.
    compares || width == Width::W64 && matches!(op, JmpOp::Eq | JmpOp::Ne)
}

/// The condition with its operands exchanged.
fn turned(op: JmpOp) -> JmpOp {
    match op {
        JmpOp::Gt => JmpOp::Lt,
        JmpOp::Ge => JmpOp::Le,
        JmpOp::Lt => JmpOp::Gt,
        JmpOp::Le => JmpOp::Ge,
        JmpOp::Sgt => JmpOp::Slt,
        JmpOp::Sge => JmpOp::Sle,
        JmpOp::Slt => JmpOp::Sgt,
        JmpOp::Sle => JmpOp::Sge,
        JmpOp::Eq | JmpOp::Ne | JmpOp::Set => op,
    }
}

/// Pointers of which that kernel knows that they are not null.
fn is_not_null(kernel: KernelVersion, reg: &RegState) -> bool {
    use RegType::{BtfId, MapKey, MapPtr, MapValue, Mem, SockCommon, Socket, TcpSock};
    if reg.may_be_null() {
        return false;
    }
    match reg.ty {
        Socket | TcpSock | MapValue | MapKey | SockCommon => true,
        MapPtr => kernel.has(Feature::MapsNotNull),
        BtfId => reg.ref_obj_id != 0 || reg.flags.has(Flags::TRUSTED),
        Mem => !reg.flags.has(Flags::UNTRUSTED),
        _ => false,
    }
}

/// A pointer that is known to be at the packet's end or beyond compares with the end accordingly.
fn packet_branch_taken(a: &RegState, b: &RegState, op: JmpOp) -> Option<bool> {
    let (pointer, op) = match (a.ty, b.ty) {
        (_, RegType::PacketEnd) => (a, op),
        (RegType::PacketEnd, _) => (b, turned(op)),
        _ => return None,
    };
    match (op, pointer.range()) {
        (JmpOp::Le | JmpOp::Gt, BEYOND_PKT_END) => Some(op == JmpOp::Gt),
        (JmpOp::Lt | JmpOp::Ge, BEYOND_PKT_END | AT_PKT_END) => Some(op == JmpOp::Ge),
        _ => None,
    }
}

/// What one side of the jump tells of two registers.
fn learn(width: Width, op: JmpOp, taken: bool, state: &mut State, dst: Reg, src: Reg) {
    let frame = state.frame_mut();
    if !frame.reg(dst).is_scalar() || !frame.reg(src).is_scalar() {
        return;
    }
    if dst == src {
        scalar::refine_same(op, width, taken, &mut frame.reg_mut(dst).num);
        return;
    }
    let (mut a, mut b) = (frame.reg(dst).num, frame.reg(src).num);
    scalar::refine(op, width, taken, &mut a, &mut b);
    frame.reg_mut(dst).num = a;
    frame.reg_mut(src).num = b;
}

/// What one side of the jump tells of a register compared with an immediate.
fn learn_constant(width: Width, op: JmpOp, taken: bool, state: &mut State, dst: Reg, imm: i32) {
    let reg = state.frame_mut().reg_mut(dst);
    if reg.is_scalar() {
        let mut constant = scalar::Scalar::constant(i64::from(imm) as u64);
        scalar::refine(op, width, taken, &mut reg.num, &mut constant);
    }
}

/// Gives what is now known of a register to all that is linked to it.
fn sync_linked(state: &mut State, known: Reg, linked: &LinkedRegs) {
    let known_reg = *state.frame().reg(known);
    if !known_reg.is_scalar() || known_reg.id == 0 {
        return;
    }
    let current = state.frameno();
    for link in linked.as_slice() {
        if link.is_reg && u32::from(link.frame) == current && usize::from(link.place) == known.index() {
            continue;
        }
        let frame = &mut state.frames[usize::from(link.frame)];
        let reg = match link.is_reg {
            true => &mut frame.regs[usize::from(link.place)],
            false => &mut frame.stack[usize::from(link.place)].spilled,
        };
        let sums = (reg.id | known_reg.id) & ADD_CONST;
        if !reg.is_scalar() || reg.id & !ADD_CONST != known_reg.id & !ADD_CONST || sums == ADD_CONST {
            // Sums of different widths tell nothing of each other.
            continue;
        }
        if sums == 0 || reg.off == known_reg.off {
            *reg = known_reg;
            continue;
        }
        let delta = i64::from(reg.off) - i64::from(known_reg.off);
        let (id, off) = (reg.id, reg.off);
        *reg = RegState { id, off, ..known_reg };
        let width = if sums == ADD_CONST_32 { Width::W32 } else { Width::W64 };
        reg.num = scalar::alu(AluOp::Add, width, known_reg.num, scalar::Scalar::constant(delta as u64));
    }
}

/// Every packet pointer of the same base now has the range that the comparison has shown.
fn find_good_packet_pointers(state: &mut State, pointer: &RegState, one_more: bool) {
    if pointer.off < 0 || (pointer.off == 0 && one_more) {
        return;
    }
    let most = pointer.num.umax.saturating_add(pointer.off as u64);
    if pointer.num.umax > MAX_PACKET_OFF || most > MAX_PACKET_OFF {
        return;
    }
    let range = pointer.off + i32::from(one_more);
    state.each_reg(|reg| {
        if (reg.ty, reg.flags, reg.id) == (pointer.ty, pointer.flags, pointer.id) {
            reg.of = Of::Packet(reg.range().max(range));
        }
    });
}

/// The pointer is known to be at the packet's end, or beyond it.
fn mark_packet_end(state: &mut State, reg: Reg, beyond: bool) {
    let reg = state.frame_mut().reg_mut(reg);
    if reg.is(RegType::Packet) {
        reg.of = Of::Packet(if beyond { BEYOND_PKT_END } else { AT_PKT_END });
    }
}
