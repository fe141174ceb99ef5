//! Look-ups in tables of the host that hold nothing here: connections, states of IPsec, attributes of control groups. What
//! is asked for is looked at as a kernel does, and the error says that there is none.

use super::super::call::Call;
use super::super::dynptr::Dynptr;
use super::super::fault::FaultKind;
use super::{Ret, status};
use crate::kernel::Errno;

const NULL: Ret = Ok(0);
/// The packet's own network namespace (`BPF_F_CURRENT_NETNS`).
const OWN_NAMESPACE: i32 = -1;

fn int(call: &mut Call<'_>, at: u64) -> Result<i32, FaultKind> {
    let bytes = call.read(at, 4)?;
    Ok(bytes.first_chunk().map_or(0, |bytes| i32::from_le_bytes(*bytes)))
}

/// Null, and why in a field.
fn none(call: &mut Call<'_>, error_at: u64, error: Errno) -> Ret {
    call.write(error_at, &(-(error as i32)).to_le_bytes())?;
    NULL
}

/// Where in `struct bpf_ct_opts` fields are: the namespace first.
mod ct_opts {
    pub const ERROR: u64 = 4;
    pub const PROTOCOL: u64 = 8;
    pub const ZONE: u64 = 10;
    pub const RESERVED: u64 = 13;
    /// Bytes of it, and of what it was before Linux 6.10.
    pub const SIZE: u32 = 16;
    pub const SIZE_BEFORE: u32 = 12;
}

/// A connection by its addresses and ports.
pub(super) fn connection(call: &mut Call<'_>, [ctx, _, tuple_size, opts, size]: [u64; 5]) -> Ret {
    call.ctx(ctx, 1)?;
    let error = wrong_connection(call, tuple_size as u32, opts, size as u32)?;
    none(call, opts + ct_opts::ERROR, error.unwrap_or(Errno::Enoent))
}

/// What is wrong with what is asked.
fn wrong_connection(call: &mut Call<'_>, tuple: u32, opts: u64, size: u32) -> Result<Option<Errno>, FaultKind> {
    const IPV4_TUPLE: u32 = 12;
    const IPV6_TUPLE: u32 = 36;
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    let extra = match size {
        ct_opts::SIZE => call.read(opts + ct_opts::RESERVED, 3)?.iter().any(|byte| *byte != 0),
        // Where a zone is now, there had to be zeroes.
        ct_opts::SIZE_BEFORE => call.read(opts + ct_opts::ZONE, 2)?.iter().any(|byte| *byte != 0),
        _ => return Ok(Some(Errno::Einval)),
    };
    let namespace = int(call, opts)?;
    if extra || namespace < OWN_NAMESPACE {
        return Ok(Some(Errno::Einval));
    }
    let protocol = call.read(opts + ct_opts::PROTOCOL, 1)?[0];
    Ok(match (protocol, tuple) {
        (TCP | UDP, IPV4_TUPLE | IPV6_TUPLE) if namespace == OWN_NAMESPACE => None,
        (TCP | UDP, IPV4_TUPLE | IPV6_TUPLE) => Some(Errno::Enonet),
        (TCP | UDP, _) => Some(Errno::Eafnosupport),
        _ => Some(Errno::Eproto),
    })
}

/// A state of IPsec by its numbers; the error is the first field of `struct bpf_xfrm_state_opts`.
pub(super) fn xfrm_state(call: &mut Call<'_>, [ctx, opts, size, ..]: [u64; 5]) -> Ret {
    const SIZE: u32 = 36;
    const NAMESPACE: u64 = 4;
    call.ctx(ctx, 1)?;
    let size = size as u32;
    if size < 4 {
        return NULL;
    }
    if size != SIZE {
        return none(call, opts, Errno::Einval);
    }
    let error = match int(call, opts + NAMESPACE)? {
        OWN_NAMESPACE => Errno::Enoent,
        ..OWN_NAMESPACE => Errno::Einval,
        _ => Errno::Enonet,
    };
    none(call, opts, error)
}

/// An attribute of a control group, of which only those of users may be read.
pub(super) fn attribute(call: &mut Call<'_>, [_, name, value, ..]: [u64; 5]) -> Ret {
    for (at, byte) in (0..).zip(b"user.") {
        if call.read(name.wrapping_add(at), 1)?[0] != *byte {
            return status(Err(Errno::Eperm));
        }
    }
    let room = Dynptr::load(call, value)?.filter(|value| !value.read_only);
    status(Err(if room.is_some() { Errno::Enodata } else { Errno::Einval }))
}
