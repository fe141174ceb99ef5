//! States as the log prints them: `R1=ctx() R2=pkt(r=0) R10=fp0 fp-8=mmmm????`.

use std::fmt::Write;

use super::env::Verifier;
use super::reg::{ADD_CONST, DynptrKind, Flags, IterState, Of, RegState, RegType};
use super::scalar::{write_ranges, write_snum, write_unum};
use super::stack::{SLOT, SlotType, StackSlot};
use super::state::{Frame, State};
use crate::kernel::MapDef;
use crate::object::{Btf, TypeId};

impl RegType {
    /// The kernel's name of the type in logs.
    pub const fn name(self) -> &'static str {
        match self {
            RegType::NotInit => "?",
            RegType::Scalar => "scalar",
            RegType::Ctx => "ctx",
            RegType::MapPtr => "map_ptr",
            RegType::MapValue => "map_value",
            RegType::MapKey => "map_key",
            RegType::Stack => "fp",
            RegType::PacketMeta => "pkt_meta",
            RegType::Packet => "pkt",
            RegType::PacketEnd => "pkt_end",
            RegType::FlowKeys => "flow_keys",
            RegType::Socket => "sock",
            RegType::SockCommon => "sock_common",
            RegType::TcpSock => "tcp_sock",
            RegType::XdpSock => "xdp_sock",
            RegType::BtfId => "ptr_",
            RegType::Mem => "mem",
            RegType::Arena => "arena",
            RegType::Buf => "buf",
            RegType::Func => "func",
            RegType::ConstDynptr => "dynptr_ptr",
        }
    }
}

/// The kernel's name of a type with its flags, such as `rcu_ptr_or_null_`, `rdonly_mem`.
pub fn type_name(ty: RegType, flags: Flags) -> String {
    let prefixes = [
        (Flags::RDONLY, "rdonly_"),
        (Flags::RINGBUF, "ringbuf_"),
        (Flags::USER, "user_"),
        (Flags::PERCPU, "percpu_"),
        (Flags::RCU, "rcu_"),
        (Flags::UNTRUSTED, "untrusted_"),
        (Flags::TRUSTED, "trusted_"),
    ];
    let mut out: String = prefixes.iter().filter(|(flag, _)| flags.has(*flag)).map(|(_, name)| *name).collect();
    out.push_str(ty.name());
    if flags.has(Flags::NULL) {
        // A BTF pointer's name ends in an underscore, before the type's own name.
        out.push_str(if ty == RegType::BtfId { "or_null_" } else { "_or_null" });
    }
    out
}

impl DynptrKind {
    /// The kernel's name in logs.
    pub const fn name(self) -> &'static str {
        match self {
            DynptrKind::Local => "local",
            DynptrKind::Ringbuf => "ringbuf",
            DynptrKind::Skb => "skb",
            DynptrKind::Xdp => "xdp",
            DynptrKind::SkbMeta => "skb_meta",
        }
    }
}

/// Starts an item of a list: a comma before all but the first.
fn item(out: &mut String, sep: &mut &'static str) {
    out.push_str(std::mem::replace(sep, ","));
}

/// What names need: the program's maps and types.
#[derive(Clone, Copy)]
pub(crate) struct Printer<'a> {
    /// The program's maps.
    pub maps: &'a [MapDef],
    /// The object's types.
    pub btf: Option<&'a Btf>,
    /// The kernel's types.
    pub kernel_btf: Option<&'a Btf>,
}

impl Printer<'_> {
    /// The register as the log has it after `R1=`.
    pub fn write_reg(&self, out: &mut String, frameno: u32, reg: &RegState) {
        if reg.is_scalar() {
            if reg.precise {
                out.push('P');
            }
            if let Some(value) = reg.constant_value() {
                return write_snum(value, out);
            }
        }
        out.push_str(&type_name(reg.ty, reg.flags));
        match reg.ty {
            RegType::Arena => return,
            RegType::Stack => {
                if reg.frame() != frameno {
                    let _ = write!(out, "[{}]", reg.frame());
                }
                if reg.num.is_constant() {
                    return write_snum(reg.num.var_off.value.wrapping_add(reg.off as u64), out);
                }
            }
            RegType::BtfId => out.push_str(&self.btf_type_name(reg)),
            _ => {}
        }
        out.push('(');
        self.write_reg_facts(out, reg);
        out.push(')');
    }

    fn write_reg_facts(&self, out: &mut String, reg: &RegState) {
        let mut sep = "";
        if reg.id != 0 {
            item(out, &mut sep);
            let _ = write!(out, "id={}", reg.id & !ADD_CONST);
        }
        if reg.id & ADD_CONST != 0 {
            let _ = write!(out, "{:+}", reg.off);
        }
        if reg.ref_obj_id != 0 {
            item(out, &mut sep);
            let _ = write!(out, "ref_obj_id={}", reg.ref_obj_id);
        }
        if reg.flags.has(Flags::NON_OWN) {
            item(out, &mut sep);
            out.push_str("non_own_ref");
        }
        let of_map = matches!(reg.ty, RegType::MapPtr | RegType::MapValue | RegType::MapKey);
        let map = reg.map().filter(|_| of_map);
        if let Some((map, def)) = map.and_then(|map| Some((map, map.of(self.maps)?))) {
            if !def.name.is_empty() && !map.inner {
                item(out, &mut sep);
                let _ = write!(out, "map={}", kernel_map_name(&def.name));
            }
            item(out, &mut sep);
            let _ = write!(out, "ks={},vs={}", def.key_size, def.value_size);
        }
        if !reg.is_scalar() && reg.off != 0 {
            item(out, &mut sep);
            out.push_str("off=");
            write_snum(reg.off as u64, out);
        }
        if reg.is_packet_pointer() {
            item(out, &mut sep);
            out.push_str("r=");
            // The two values that stand for the packet's end print as the huge numbers that the kernel has there.
            write_unum(reg.range() as u64, out);
        }
        if reg.ty == RegType::Mem {
            item(out, &mut sep);
            out.push_str("sz=");
            write_unum(u64::from(reg.mem_size()), out);
        }
        if let (RegType::ConstDynptr, Of::Dynptr { kind, .. }) = (reg.ty, reg.of) {
            item(out, &mut sep);
            let _ = write!(out, "type={}", kind.name());
        }
        if !reg.num.is_constant() {
            write_ranges(&reg.num, &mut sep, out);
        } else if reg.num.var_off.value != 0 {
            item(out, &mut sep);
            out.push_str("imm=");
            write_snum(reg.num.var_off.value, out);
        }
    }

    /// The name of a kernel structure.
    pub fn kernel_name(&self, id: TypeId) -> Option<&str> {
        match self.kernel_btf {
            Some(btf) => btf.ty(id).map(|t| t.name()),
            None => super::call::stand_in_name(id),
        }
    }

    /// The name of the structure that a BTF pointer points to.
    pub fn btf_type_name(&self, reg: &RegState) -> String {
        let Of::Btf { id, local } = reg.of else { return String::new() };
        let btf = if local { self.btf } else { self.kernel_btf };
        let named = btf.and_then(|b| b.ty(id)).map(|t| t.name());
        named.or_else(|| super::call::stand_in_name(id)).unwrap_or_default().to_owned()
    }

    /// The slots that were written and that `shown` picks: offset from the frame pointer, and what is there.
    pub fn slots(&self, frame: &Frame, shown: impl Fn(usize) -> bool) -> Vec<(i32, String)> {
        let mut out = Vec::new();
        let mut slots = frame.stack.iter().enumerate();
        while let Some((mut i, slot)) = slots.next() {
            if slot.is_invalid() || !shown(i) {
                continue;
            }
            let mut text = String::new();
            match slot.types[SLOT - 1] {
                SlotType::Spill => {
                    text.extend(slot.types.iter().take_while(|t| **t != SlotType::Spill).map(|t| t.letter()));
                    self.write_reg(&mut text, frame.frameno, &slot.spilled);
                }
                SlotType::Dynptr => {
                    let main = slots.next().map_or((i, &slot.spilled), |(next, main)| (next, &main.spilled));
                    i = main.0;
                    write_dynptr(&mut text, main.1);
                }
                SlotType::Iter if slot.spilled.ref_obj_id == 0 => continue,
                SlotType::Iter => write_iter(&mut text, &slot.spilled),
                _ => text.extend(slot.types.iter().map(|t| t.letter())),
            }
            out.push((-((i as i32 + 1) * SLOT as i32), text));
        }
        out
    }
}

impl Verifier<'_> {
    /// What prints registers and stack slots of this program.
    pub fn printer(&self) -> Printer<'_> {
        Printer { maps: self.maps, btf: self.options.btf, kernel_btf: self.options.kernel_btf }
    }

    /// The state as the log has it, from the blank before the first register to the end of the line. Without `all`
    /// only what was touched since the last time.
    pub fn write_state(&self, out: &mut String, state: &State, frameno: usize, all: bool) {
        let (frame, printer) = (&state.frames[frameno], self.printer());
        if frameno > 0 {
            let _ = write!(out, " frame{frameno}:");
        }
        for (i, reg) in frame.regs.iter().enumerate() {
            if reg.ty == RegType::NotInit || !(all || self.scratched_regs & (1 << i) != 0) {
                continue;
            }
            let _ = write!(out, " R{i}=");
            printer.write_reg(out, frameno as u32, reg);
        }
        for (off, text) in printer.slots(frame, |i| all || (i < 64 && self.scratched_slots & (1 << i) != 0)) {
            let _ = write!(out, " fp{off}={text}");
        }
        // The lock of what has no id (one in global data) hides all that is held after it.
        let shown = state.refs.held.first().is_some_and(|h| h.id != 0);
        if shown {
            let mut sep = " refs=";
            for held in state.refs.held.iter().filter(|held| held.id != 0) {
                let _ = write!(out, "{sep}{}", held.id);
                sep = ",";
            }
        }
        if frame.in_callback {
            out.push_str(" cb");
        }
        if frame.in_async_callback {
            out.push_str(" async_cb");
        }
        out.push('\n');
    }
}

fn write_dynptr(out: &mut String, reg: &RegState) {
    let kind = if let Of::Dynptr { kind, .. } = reg.of { kind.name() } else { "" };
    let _ = write!(out, "dynptr_{kind}(");
    let mut sep = "";
    for (name, id) in [("id", reg.id), ("ref_id", reg.ref_obj_id), ("dynptr_id", reg.dynptr_id)] {
        if id != 0 {
            item(out, &mut sep);
            let _ = write!(out, "{name}={id}");
        }
    }
    out.push(')');
}

fn write_iter(out: &mut String, reg: &RegState) {
    let Of::Iter { kind, state, depth } = reg.of else { return };
    let state = if state == IterState::Active { "active" } else { "drained" };
    let name = super::call::iter_name(kind);
    let _ = write!(out, "iter_{name}(ref_id={},state={state},depth={depth})", reg.ref_obj_id);
}

/// A map's name as the kernel keeps it: at most 15 bytes.
fn kernel_map_name(name: &str) -> &str {
    let end = (0..=15.min(name.len())).rev().find(|&i| name.is_char_boundary(i)).unwrap_or(0);
    &name[..end]
}

impl StackSlot {
    /// Whether nothing was ever written here.
    pub fn is_invalid(&self) -> bool {
        self.types == [SlotType::Invalid; SLOT]
    }
}
