//! What a program holds: acquiring, giving back, and what may not be held where.

use crate::isa::{Pc, Reg};
use crate::kernel::Feature;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{CallFinding, Check};
use crate::verifier::reg::{Flags, RegState, RegType};
use crate::verifier::state::{Held, RefKind};

/// How messages name the end of the program.
pub(in crate::verifier) const EXIT: &str = "BPF_EXIT instruction in main prog";

/// Registers that a call leaves without a value.
const CALLER_SAVED: [Reg; 6] = [Reg::R0, Reg::R1, Reg::R2, Reg::R3, Reg::R4, Reg::R5];

impl Verifier<'_> {
    /// Takes hold of something that the instruction gives; the id that pointers to it carry.
    pub fn acquire_reference(&mut self, insn: Pc) -> u32 {
        let id = self.new_id();
        self.cur.refs.held.push(Held { kind: RefKind::Object, id, insn, ptr: 0 });
        id
    }

    /// Gives back what has that id, and leaves pointers to it as they are; tells whether it was held.
    pub fn release_reference_nomark(&mut self, id: u32) -> bool {
        let held = &mut self.cur.refs.held;
        let Some(at) = held.iter().position(|h| h.kind == RefKind::Object && h.id == id) else { return false };
        held.remove(at);
        true
    }

    /// Gives back what has that id: every pointer to it becomes useless. Tells whether it was held.
    pub fn release_reference(&mut self, id: u32) -> bool {
        if !self.release_reference_nomark(id) {
            return false;
        }
        self.invalidate(|reg| reg.ref_obj_id == id);
        true
    }

    /// Makes registers, spilled ones too, useless as pointers: any number, or to the unprivileged nothing at all.
    pub fn invalidate(&mut self, mut which: impl FnMut(&RegState) -> bool) {
        let useless = if self.allow_ptr_leaks() { RegState::UNKNOWN } else { RegState::NOT_INIT };
        self.cur.each_reg(|reg| {
            if which(reg) {
                *reg = useless;
            }
        });
    }

    /// After packet data may have moved, pointers to it are stale.
    pub fn clear_all_pkt_pointers(&mut self) {
        self.invalidate(|reg| match reg.ty {
            RegType::Packet | RegType::PacketMeta | RegType::PacketEnd => true,
            RegType::Mem => reg.flags.has(Flags::DYNPTR_PACKET),
            _ => false,
        });
    }

    /// `r0` to `r5` hold nothing after a call.
    pub fn clear_caller_saved_regs(&mut self) {
        for reg in CALLER_SAVED {
            self.set_reg(reg, RegState::NOT_INIT);
        }
    }

    /// Requires that nothing is held: at the end of the program, before a tail call. A function that returns to
    /// another of the program may hold what it likes.
    ///
    /// # Errors
    /// What is held; `place` is how messages name the instruction.
    pub fn check_resource_leak(&self, exception: bool, check_lock: bool, place: &'static str) -> Check {
        let refs = &self.cur.refs;
        let inside = |held: bool, what: &'static str| -> Check {
            if check_lock && held { Err(CallFinding::Inside { place, what }.into()) } else { Ok(()) }
        };
        inside(refs.active_locks > 0, "bpf_spin_lock")?;
        if exception || self.cur.frameno() == 0 {
            let objects = refs.held.iter().filter(|h| h.kind == RefKind::Object);
            let held: Vec<(u32, Pc)> = objects.map(|h| (h.id, h.insn)).collect();
            if !held.is_empty() {
                let told = place != EXIT || self.has(Feature::LeakingExit);
                return Err(CallFinding::Leaks { held, place: told.then_some(place) }.into());
            }
        }
        inside(refs.active_irq_id != 0, "bpf_local_irq_save")?;
        inside(refs.active_rcu_lock, "bpf_rcu_read_lock")?;
        inside(refs.active_preempt_locks > 0, "bpf_preempt_disable")
    }
}
