//! Packets and sockets.

use super::{Access, At, Value};
use crate::kernel::ProgType;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{AccessFinding, Check};
use crate::verifier::reg::{RegState, RegType};
use crate::verifier::text::type_name;

impl Verifier<'_> {
    /// Whether programs of this type may write packets through pointers.
    pub fn may_write_packet(&self) -> bool {
        matches!(self.prog_type(), ProgType::SchedCls | ProgType::SchedAct | ProgType::Xdp)
    }

    pub(super) fn access_packet(&mut self, at: At, value: Value) -> Check {
        if at.access == Access::Write && !self.may_write_packet() {
            return Err(AccessFinding::PacketReadOnly.into());
        }
        self.check_leak(at, value, "packet")?;
        self.check_packet_access(at.base, at.off, at.size, false)?;
        self.load_unknown(at, value);
        Ok(())
    }

    pub(super) fn access_socket(&mut self, reg: &RegState, at: At, value: Value) -> Check {
        let ty = || type_name(reg.ty, reg.flags);
        if at.access == Access::Write {
            return Err(AccessFinding::ReadOnly { reg: at.base, ty: ty() }.into());
        }
        if reg.num.smin < 0 {
            return Err(AccessFinding::NegativeMin { reg: at.base }.into());
        }
        let fields = match reg.ty {
            RegType::SockCommon => SOCK_COMMON,
            RegType::Socket => SOCK,
            RegType::TcpSock => TCP_SOCK,
            _ => XDP_SOCK,
        };
        if !fields.iter().any(|field| field.permits(at.off, at.size)) {
            let (reg, off, size) = (at.base, at.off, at.size);
            return Err(AccessFinding::Socket { reg, ty: ty(), off, size }.into());
        }
        self.load_unknown(at, value);
        Ok(())
    }
}

/// Which part of a field a load may take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All of it.
    Whole,
    /// All of it, or its first bytes.
    Start,
    /// Any part of it.
    Any,
}

/// Fields of a socket's structure (`struct bpf_sock`, `struct bpf_tcp_sock`, `linux/bpf.h`) of one size that are read
/// alike; what may be read was asked of Linux 6.18 byte by byte.
struct SocketFields {
    /// First byte.
    start: i32,
    /// One past the last byte.
    end: i32,
    /// Bytes of a field.
    size: i32,
    part: Part,
}

impl SocketFields {
    fn permits(&self, off: i32, size: i32) -> bool {
        if off < self.start || off + size > self.end || off % size != 0 {
            return false;
        }
        match self.part {
            Part::Whole => size == self.size,
            Part::Start => size <= self.size && off % self.size == 0,
            Part::Any => size <= self.size,
        }
    }
}

const fn fields(start: i32, end: i32, size: i32, part: Part) -> SocketFields {
    SocketFields { start, end, size, part }
}

/// From `bound_dev_if` to `rx_queue_mapping`; `dst_port` has two bytes, which four may be loaded of.
const SOCK: &[SocketFields] = &[
    fields(0, 4, 4, Part::Whole),
    fields(4, 16, 4, Part::Start),
    fields(16, 24, 4, Part::Whole),
    fields(24, 44, 4, Part::Any),
    fields(44, 48, 4, Part::Start),
    fields(48, 50, 2, Part::Any),
    fields(48, 52, 4, Part::Whole),
    fields(52, 72, 4, Part::Any),
    fields(72, 80, 4, Part::Start),
];
/// The same without `type`, `protocol`, `mark` and `priority`, which not every kind of socket has.
const SOCK_COMMON: &[SocketFields] = &[
    fields(0, 4, 4, Part::Whole),
    fields(4, 8, 4, Part::Start),
    fields(24, 44, 4, Part::Any),
    fields(44, 48, 4, Part::Start),
    fields(48, 50, 2, Part::Any),
    fields(48, 52, 4, Part::Whole),
    fields(52, 72, 4, Part::Any),
    fields(72, 80, 4, Part::Start),
];
/// Counters of 4 bytes, then `bytes_received` and `bytes_acked`, then counters again.
const TCP_SOCK: &[SocketFields] =
    &[fields(0, 80, 4, Part::Whole), fields(80, 96, 8, Part::Whole), fields(96, 112, 4, Part::Whole)];
/// `queue_id`.
const XDP_SOCK: &[SocketFields] = &[fields(0, 4, 4, Part::Whole)];
