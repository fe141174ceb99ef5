//! The context: which of its bytes a program of this type may read and write, and what they hold.

use super::{Access, At, Value};
use crate::isa::Reg;
use crate::kernel::{CtxKind, Feature, ProgType, context_field_at};
use crate::verifier::env::Verifier;
use crate::verifier::finding::{AccessFinding, Check};
use crate::verifier::reg::{Flags, Of, RegState, RegType};

/// Bytes of x86-64's `struct pt_regs`, a kprobe's context.
const PT_REGS: i32 = 168;
/// Bytes that a tracepoint's context may have (the kernel's `PERF_MAX_TRACE_SIZE`), and its hidden first part.
const TRACE_MAX: i32 = 8192;
const TRACE_HIDDEN: i32 = 8;
/// Bytes of a raw tracepoint's context: twelve arguments of eight bytes.
const RAW_TRACEPOINT: i32 = 96;

/// Fields of a control group's context that take CAP_BPF.
const CGROUP_PACKET: [&str; 2] = ["data", "data_end"];

/// `BPF_XDP_DEVMAP` of `enum bpf_attach_type`: the program runs where a packet leaves, and may ask which device.
const XDP_DEVMAP: u32 = 33;

impl Verifier<'_> {
    pub(super) fn access_context(&mut self, reg: &RegState, at: At, value: Value, sign: bool) -> Check {
        if matches!(value, Value::Imm(_)) && !self.has(Feature::ImmediateContextStores) {
            return Err(AccessFinding::ImmediateToContext { reg: at.base }.into());
        }
        self.check_leak(at, value, "ctx")?;
        self.check_ptr_off_reg(reg, at.base)?;
        let kind = self.context_kind(at, sign);
        let Some(kind) = kind else {
            return Err(AccessFinding::Context { off: at.off, size: at.size }.into());
        };
        if let (Access::Read, Value::Reg(dst)) = (at.access, value) {
            self.load_context(kind, dst);
        }
        Ok(())
    }

    /// What the access of the context gives, if it is allowed.
    fn context_kind(&self, at: At, sign: bool) -> Option<CtxKind> {
        let read_within = |start: i32, limit: i32| {
            let aligned = at.off % at.size == 0;
            let fits = at.off >= start && at.off < limit && at.off + at.size <= limit;
            (at.access == Access::Read && aligned && fits).then_some(CtxKind::Scalar)
        };
        match self.prog_type() {
            ProgType::Kprobe => read_within(0, PT_REGS),
            ProgType::Tracepoint => read_within(TRACE_HIDDEN, TRACE_MAX).or_else(|| before_record(at)),
            ProgType::RawTracepoint => read_within(0, RAW_TRACEPOINT),
            prog_type => {
                let offset = u32::try_from(at.off).ok()?;
                let field = context_field_at(prog_type, offset)?;
                let write = at.access == Access::Write;
                let whole = offset == u32::from(field.offset) && at.size == i32::from(field.size);
                let permitted = field.permits(prog_type, offset, at.size as u8, write)
                    || (field.name == "egress_ifindex" && self.attach_type() == XDP_DEVMAP && !write && whole);
                // Only with CAP_BPF does a control group's program see packets themselves, or set when they leave.
                let needs_right = CGROUP_PACKET.contains(&field.name) || (field.name == "tstamp" && write);
                let right = prog_type != ProgType::CgroupSkb || !needs_right;
                if field.since > self.options.kernel || !permitted || !(right || self.options.privileged) {
                    return None;
                }
                // A pointer is no number that could be sign-extended.
                (field.kind == CtxKind::Scalar || !sign).then_some(field.kind)
            }
        }
    }

    fn load_context(&mut self, kind: CtxKind, dst: Reg) {
        let pointer = |ty, flags, of| RegState::pointer(ty, flags, of);
        let loaded = match kind {
            CtxKind::Scalar => RegState::UNKNOWN,
            CtxKind::PacketStart => pointer(RegType::Packet, Flags::NONE, Of::Packet(0)),
            CtxKind::PacketMeta => pointer(RegType::PacketMeta, Flags::NONE, Of::Packet(0)),
            CtxKind::PacketEnd => pointer(RegType::PacketEnd, Flags::NONE, Of::Nothing),
            CtxKind::FlowKeys => pointer(RegType::FlowKeys, Flags::NONE, Of::Nothing),
            CtxKind::Socket => {
                let id = self.new_id();
                RegState { id, ..pointer(RegType::SockCommon, Flags::NULL, Of::Nothing) }
            }
        };
        self.set_reg(dst, loaded);
    }
}

/// What lies before a tracepoint's record may be read: the kernel compares the signed offset with an unsigned size, so
/// that a negative one is large enough, and then small enough as it is.
fn before_record(at: At) -> Option<CtxKind> {
    let read = at.access == Access::Read && at.off < 0 && at.off % at.size == 0;
    read.then_some(CtxKind::Scalar)
}
