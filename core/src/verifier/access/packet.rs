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

/// Fields of a socket structure that are read alike (`struct bpf_sock`, `struct bpf_tcp_sock`, `linux/bpf.h`).
struct SocketFields {
    /// First byte.
    start: i32,
    /// One past the last byte.
    end: i32,
    /// Bytes of a whole access, and whether a smaller part may be read.
    size: i32,
    narrow: bool,
}

impl SocketFields {
    fn permits(&self, off: i32, size: i32) -> bool {
        let sized = size == self.size || (self.narrow && size > 0 && size < self.size && size & (size - 1) == 0);
        off >= self.start && off + size <= self.end && off % size == 0 && sized
    }
}

const fn fields(start: i32, end: i32, size: i32, narrow: bool) -> SocketFields {
    SocketFields { start, end, size, narrow }
}

/// `bound_dev_if`, `family`, `type`, `protocol`, `mark`, `priority`, then addresses, ports, `state`, and the queue mapping.
const SOCK: &[SocketFields] = &[
    fields(0, 24, 4, true),
    fields(24, 28, 4, true),
    fields(28, 44, 4, true),
    fields(44, 48, 4, true),
    fields(48, 80, 4, true),
];
/// The same for every kind of socket: `type`, `protocol`, `mark` and `priority` are not there.
const SOCK_COMMON: &[SocketFields] = &[fields(0, 8, 4, true), fields(24, 80, 4, true)];
/// Counters of 4 bytes, then `bytes_received` and `bytes_acked`, then counters again.
const TCP_SOCK: &[SocketFields] = &[fields(0, 68, 4, false), fields(72, 88, 8, false), fields(88, 108, 4, false)];
/// `queue_id`.
const XDP_SOCK: &[SocketFields] = &[fields(0, 4, 4, false)];
