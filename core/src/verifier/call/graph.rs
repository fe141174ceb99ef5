//! Lists and trees of the program's own objects, and counted references to them.
//!
//! An object belongs to the program (an owning reference, `ref_obj_id`) until it goes into a list or tree; what the
//! program still has of it then, or finds in the collection, is good as long as the collection's lock is held
//! (`non_own_ref`). Of an object that counts its references several may be had, and memory stays until RCU readers are
//! through.

use super::callback::Callback;
use super::kfunc::KfuncCall;
use crate::isa::Reg;
use crate::kernel::{FieldKind, SpecialField};
use crate::object::TypeId;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{Check, KfuncFinding};
use crate::verifier::reg::{Flags, Of, RegState, RegType};
use crate::verifier::state::RefKind;

/// Where the lock is when there is none: the kernel's `-EINVAL`.
const NOWHERE: i32 = -22;

/// Functions that put a node into a list or tree.
const ADDS: [&str; 3] = ["bpf_list_push_front_impl", "bpf_list_push_back_impl", "bpf_rbtree_add_impl"];

/// What a collection holds, as its field in a value or an object says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::verifier) struct Elements {
    /// Their structure.
    ty: TypeId,
    /// Where in it the node is.
    node: u32,
}

impl Elements {
    fn of(root: &SpecialField) -> Elements {
        Elements { ty: root.type_id, node: root.node }
    }

    /// A pointer to an element's node.
    pub fn pointer(self) -> RegState {
        let of = Of::Btf { id: self.ty, local: true };
        RegState { off: self.node as i32, ..RegState::pointer(RegType::BtfId, Flags::ALLOC, of) }
    }
}

/// Whether a register is the program's own object, owned or not.
pub(super) fn is_object(reg: &RegState) -> bool {
    reg.ty == RegType::BtfId && reg.flags.has(Flags::ALLOC)
}

/// Whether a register points into a collection.
fn is_borrowed(reg: &RegState) -> bool {
    is_object(reg) && reg.flags.has(Flags::NON_OWN)
}

/// Whether the function works on trees, so that it must hold the lock while it calls back.
fn locks_tree(name: &str) -> bool {
    name.starts_with("bpf_rbtree_")
}

impl<'a> Verifier<'a> {
    /// The kernel's fields of what a register points to: a map's value, or an object of the program's own.
    pub(in crate::verifier) fn fields(&self, reg: &RegState) -> Option<&'a [SpecialField]> {
        match reg.of {
            Of::Map(map) if reg.is(RegType::MapValue) => Some(&self.map_def(map).special),
            Of::Btf { id, local: true } if is_object(reg) => self.options.btf?.object_fields(id),
            _ => None,
        }
    }

    /// The field of that kind: the last of several, as the kernel has it.
    pub(in crate::verifier) fn field(&self, reg: &RegState, kind: FieldKind) -> Option<SpecialField> {
        self.fields(reg)?.iter().rfind(|f| f.kind == kind).copied()
    }

    fn field_at(&self, reg: &RegState, off: u32, kind: FieldKind) -> Option<SpecialField> {
        self.fields(reg)?.iter().find(|f| f.kind == kind && f.offset == off).copied()
    }

    /// A list or tree among the arguments: it must be one, and its lock held.
    pub(super) fn check_graph_root(&self, regno: Reg, kind: FieldKind, call: &mut KfuncCall) -> Check {
        let (reg, arg) = (*self.reg(regno), call.arg);
        let object = reg.ty == RegType::BtfId && reg.flags == Flags::ALLOC;
        if !reg.is(RegType::MapValue) && !object {
            return Err(KfuncFinding::NoCollection { arg }.into());
        }
        if object && reg.ref_obj_id == 0 {
            return Err(KfuncFinding::NotOwned.into());
        }
        let name = kind.name();
        let off = self.graph_offset(&reg, regno, name)?;
        let field = self.field_at(&reg, off, kind).ok_or(KfuncFinding::NoGraphField { name, off })?;
        self.check_root_locked(&reg, name)?;
        call.root = Some(field);
        Ok(())
    }

    fn graph_offset(&self, reg: &RegState, regno: Reg, what: &'static str) -> Check<u32> {
        let variable = reg.num.constant_value();
        let variable = variable.ok_or(KfuncFinding::FieldOffset { reg: regno, what })?;
        Ok((i64::from(reg.off).wrapping_add(variable as i64)) as u32)
    }

    /// The lock that is held must be of the very value or object that the collection is in.
    fn check_root_locked(&self, reg: &RegState, name: &'static str) -> Check {
        let refs = &self.cur.refs;
        let ptr = reg.map().map_or(0, |map| map.map.0 + 1);
        let is_lock = |kind| matches!(kind, RefKind::Lock | RefKind::ResLock | RefKind::ResLockIrq);
        if refs.active_locks > 0 && refs.held.iter().any(|h| is_lock(h.kind) && (h.id, h.ptr) == (reg.id, ptr)) {
            return Ok(());
        }
        let place = self.field(reg, FieldKind::SpinLock).map_or(NOWHERE, |lock| lock.offset as i32);
        let other = refs.active_locks > 0;
        Err(KfuncFinding::RootUnlocked { other, place, name }.into())
    }

    /// A node among the arguments: it must be one of what the collection holds.
    pub(super) fn check_graph_node(&self, regno: Reg, kind: FieldKind, call: &mut KfuncCall) -> Check {
        let (reg, arg) = (*self.reg(regno), call.arg);
        let name = call.kfunc.name;
        if kind == FieldKind::ListNode || ADDS.contains(&name) {
            if reg.ty != RegType::BtfId || reg.flags != Flags::ALLOC {
                return Err(KfuncFinding::NoObject { arg }.into());
            }
            if reg.ref_obj_id == 0 {
                return Err(KfuncFinding::NotOwned.into());
            }
        } else {
            if !is_borrowed(&reg) && reg.ref_obj_id == 0 {
                return Err(KfuncFinding::NoNode { name }.into());
            }
            if self.in_tree_callback() {
                return Err(KfuncFinding::InTreeCallback { name }.into());
            }
        }
        let node = kind.name();
        let off = self.graph_offset(&reg, regno, node)?;
        self.field_at(&reg, off, kind).ok_or(KfuncFinding::NoGraphField { name: node, off })?;
        let (Some(root), Of::Btf { id, .. }) = (call.root, reg.of) else { return Ok(()) };
        let owner = self.local_name(root.type_id);
        if id != root.type_id {
            let (root, place, is) = (root.kind.name(), root.node, self.local_name(id));
            return Err(KfuncFinding::OtherElement { root, node, place, owner, off, is }.into());
        }
        call.object = reg.of;
        if off != root.node {
            return Err(KfuncFinding::OtherNode { off, node, place: root.node, owner }.into());
        }
        Ok(())
    }

    fn local_name(&self, id: TypeId) -> String {
        self.options.btf.and_then(|btf| btf.ty(id)).map(|t| t.name().to_owned()).unwrap_or_default()
    }

    /// An object of which one more reference is wanted: it must count them.
    pub(super) fn check_counted(&self, reg: &RegState, call: &mut KfuncCall) -> Check {
        let arg = call.arg;
        if !is_object(reg) {
            return Err(KfuncFinding::NoReference { arg }.into());
        }
        call.owned = !is_borrowed(reg);
        let Some(fields) = self.fields(reg) else { return Err(KfuncFinding::NoRecord.into()) };
        if !fields.iter().any(|f| f.kind == FieldKind::Refcount) {
            return Err(KfuncFinding::NotCounted { arg }.into());
        }
        call.object = reg.of;
        Ok(())
    }

    /// Whether the function being verified is called back by a tree, which holds its lock meanwhile.
    pub(super) fn in_tree_callback(&self) -> bool {
        let frame = self.frame();
        let Some(site) = frame.callsite.filter(|_| frame.in_callback) else { return false };
        let called = self.program.insns.get(site.index());
        called.and_then(|insn| self.program.kfunc(insn.imm)).is_some_and(locks_tree)
    }

    /// Who calls back for `bpf_rbtree_add`: the comparison of two elements.
    pub(super) fn tree_callback(&self) -> Option<Callback> {
        let root = *self.reg(Reg::R1);
        // As the kernel has it, without the variable part of the offset.
        let field = self.field_at(&root, root.off as u32, FieldKind::RbRoot)?;
        Some(Callback::TreeAdd(Elements::of(&field)))
    }

    /// What was put into a collection is the collection's: the program may still look at it under the lock.
    pub(super) fn give_to_collection(&mut self, call: &KfuncCall) -> Check {
        let kfunc = call.kfunc;
        if !ADDS.contains(&kfunc.name) {
            return Ok(());
        }
        let id = self.reg(Reg::R2).ref_obj_id;
        let counted = self.field(self.reg(Reg::R2), FieldKind::Refcount).is_some();
        self.cur.each_reg(|reg| {
            if reg.ref_obj_id == id {
                reg.ref_obj_id = 0;
                reg.flags = borrowed(reg.flags, counted);
            }
        });
        if self.release_reference(id) {
            return Ok(());
        }
        Err(KfuncFinding::NotAcquired { name: kfunc.name, id: call.id }.into())
    }

    /// A pointer that points into a collection and owns nothing.
    pub(super) fn borrow_element(&self, reg: &mut RegState) {
        reg.flags = borrowed(reg.flags, self.field(reg, FieldKind::Refcount).is_some());
    }

    /// The node that a function finds in, or takes out of, a collection.
    pub(super) fn element_result(&self, call: &KfuncCall) -> Option<RegState> {
        call.root.map(|root| Elements::of(&root).pointer())
    }
}

/// The flags of a pointer into a collection: what is counted stays for as long as RCU readers look at it.
fn borrowed(flags: Flags, counted: bool) -> Flags {
    let rcu = if counted { Flags::RCU } else { Flags::NONE };
    flags.and(Flags::NON_OWN).and(rcu)
}
