//! What the interpreter does out of its loop: accesses outside of the packet, atomic operations, legacy packet
//! loads, tail calls, and the words for a fault.

use super::addr::{self, Addr, Region};
use super::call::Call;
use super::callback::{Begun, Caller, Next};
use super::decode::{Decoded, Op, atomic};
use super::exec::{Stop, Vm, put};
use super::fault::{Fault, FaultKind};
use super::machine::Outcome;
use super::observe::Watch;
use super::{ProgId, context, memory, structs};
use crate::isa::Pc;
use crate::net::SkBuff;

/// Offsets from here on are relative to the network header (kernel `SKF_NET_OFF`).
const NET_OFF: i64 = -0x10_0000;
/// Offsets from here on are relative to the link layer's header (kernel `SKF_LL_OFF`).
const LL_OFF: i64 = -0x20_0000;

/// A load from outside of the packet.
#[inline(never)]
pub(super) fn load_beside(vm: &Vm<'_>, skb: &SkBuff, program: &Decoded, addr: u64, len: u8) -> Option<u64> {
    if Addr(addr).region_number() == addr::CTX {
        return context::load(program.info.prog_type, skb, Addr(addr).offset(), len);
    }
    if Addr(addr).region_number() == addr::SOCKET {
        return vm.env.socket_bytes(Addr(addr).offset(), len.into()).map(|bytes| super::observe::word(&bytes));
    }
    let found = memory::read_beside(vm.mem, vm.maps, addr, usize::from(len)).map(super::observe::word);
    found.or_else(|| structs::load(vm.env, vm.maps, skb, program.info.probes, addr, len))
}

/// A store to outside of the packet; gives the exclusive or of old and new bytes.
#[inline(never)]
pub(super) fn store_beside<const N: usize, W: Watch>(
    vm: &mut Vm<'_>,
    skb: &mut SkBuff,
    program: &Decoded,
    addr: u64,
    new: [u8; N],
    obs: &mut W,
) -> Option<u64> {
    if Addr(addr).region_number() == addr::CTX {
        let value = super::observe::word(&new);
        context::store(program.info.prog_type, skb, Addr(addr).offset(), N as u8, value)?;
        if W::ACTIVE {
            obs.outside(skb, vm.maps, vm.env);
        }
        return Some(0);
    }
    match memory::write_beside(vm.mem, vm.maps, addr, N) {
        Some(bytes) => bytes.first_chunk_mut().map(|bytes| put(bytes, new)),
        None => dropped(program, addr),
    }
}

/// What a store to nowhere changes: nothing, through a pointer to a page of an arena that is not there.
#[cold]
pub(super) fn dropped(program: &Decoded, addr: u64) -> Option<u64> {
    (program.info.arena && Addr(addr).region().is_none()).then_some(0)
}

/// An atomic operation of 4 or 8 bytes: gives the old value (RFC 9669 section 5.3).
#[expect(clippy::too_many_arguments, reason = "they are the operands of one instruction")]
#[inline(never)]
pub(super) fn atomic_op<W: Watch>(
    vm: &mut Vm<'_>,
    skb: &mut SkBuff,
    op: &Op,
    addr: u64,
    len: u32,
    src: u64,
    r0: u64,
    obs: &mut W,
) -> Option<u64> {
    let bytes = memory::write(vm.mem, vm.maps, skb, addr, len as usize)?;
    let old = super::observe::word(bytes);
    let mask = if len == 4 { u64::from(u32::MAX) } else { u64::MAX };
    let new = match op.aux {
        atomic::XCHG => src,
        atomic::CMPXCHG if r0 & mask == old => src,
        atomic::CMPXCHG => old,
        aux => match aux & !atomic::FETCH {
            atomic::ADD => old.wrapping_add(src),
            atomic::OR => old | src,
            atomic::AND => old & src,
            _ => old ^ src,
        },
    } & mask;
    bytes.copy_from_slice(&new.to_le_bytes()[..len as usize]);
    if W::ACTIVE {
        obs.read(addr, len);
        obs.write(addr, len, old ^ new);
    }
    Some(old)
}

/// A legacy packet load: position and value in host order, or `None` outside of the packet.
///
/// Negative offsets reach the network and link layer headers, also where the packet begins behind them.
pub(super) fn legacy_load(skb: &SkBuff, off: i32, len: usize) -> Option<(i32, u64)> {
    let off = i64::from(off);
    let position = match off {
        0.. => i64::from(skb.packet.start()) + off,
        NET_OFF..0 => i64::from(skb.network) + off - NET_OFF,
        LL_OFF..NET_OFF if skb.has_mac_header() => i64::from(skb.mac) + off - LL_OFF,
        _ => return None,
    };
    let position = i32::try_from(position).ok()?;
    let bytes = skb.packet.get_with_head(position, len)?;
    Some((position, bytes.iter().fold(0, |value, &byte| value << 8 | u64::from(byte))))
}

/// What a helper sees of the machine.
fn call_of<'a, W: Watch>(
    vm: &'a mut Vm<'_>,
    skb: &'a mut SkBuff,
    program: &'a Decoded,
    helper: &'static str,
    obs: &'a mut W,
) -> Call<'a> {
    let log = if W::ACTIVE { obs.log() } else { None };
    Call { prog: &program.info, helper, maps: vm.maps, skb, env: vm.env, mem: vm.mem, log }
}

/// Begins a helper that calls back.
#[inline(never)]
pub(super) fn begin<W: Watch>(
    vm: &mut Vm<'_>,
    skb: &mut SkBuff,
    program: &Decoded,
    number: u64,
    args: [u64; 5],
    obs: &mut W,
) -> Result<Begun, Box<FaultKind>> {
    let Some(caller) = program.callers.get(number as usize) else { return Err(Box::new(FaultKind::OutOfProgram)) };
    let begun = (caller.call)(&mut call_of(vm, skb, program, caller.name, obs), args)?;
    if W::ACTIVE {
        obs.outside(skb, vm.maps, vm.env);
    }
    Ok(begun)
}

/// Asks the innermost helper what comes next, told what its function returned; the function with it.
#[inline(never)]
pub(super) fn next_call<W: Watch>(
    vm: &mut Vm<'_>,
    skb: &mut SkBuff,
    program: &Decoded,
    callers: &mut [Caller],
    ret: Option<u64>,
    obs: &mut W,
) -> Result<(Next, u32), Box<FaultKind>> {
    let Some(caller) = callers.last_mut() else { return Err(Box::new(FaultKind::OutOfProgram)) };
    let (helper, func) = (caller.helper, caller.func);
    let next = caller.next(&mut call_of(vm, skb, program, helper, obs), ret)?;
    if W::ACTIVE {
        obs.outside(skb, vm.maps, vm.env);
    }
    Ok((next, func))
}

/// The program that a tail call leads to, if its arguments are right and there is one.
pub(super) fn tail_call(
    vm: &Vm<'_>,
    program: &Decoded,
    ctx: u64,
    map: u64,
    index: u64,
) -> Result<Option<u32>, FaultKind> {
    let fail = |arg, expected, value| FaultKind::Argument {
        helper: "bpf_tail_call",
        arg,
        expected,
        found: memory::describe(value, vm.maps),
    };
    if ctx != Addr::new(addr::CTX, 0).0 && ctx != context::packet_addr(0) {
        return Err(fail(1, "the context", ctx));
    }
    let found = match Addr(map).region() {
        Some(Region::Map(id)) if Addr(map).offset() == 0 => vm.maps.program(id, index as u32),
        _ => return Err(fail(2, "a prog array", map)),
    };
    let same_type =
        |next: &u32| vm.programs.get(*next as usize).is_some_and(|next| next.info.prog_type == program.info.prog_type);
    Ok(found.filter(same_type))
}

/// The outcome, with the fault in words.
#[cold]
pub(super) fn finish(
    stop: Stop,
    vm: &Vm<'_>,
    skb: &SkBuff,
    program: &Decoded,
    current: u32,
    pc: usize,
    insns: u64,
) -> Outcome {
    let what = match stop {
        Stop::Budget => FaultKind::Budget { budget: vm.budget },
        Stop::Depth => FaultKind::CallDepth { limit: addr::MAX_FRAMES },
        Stop::Exit | Stop::Outside => FaultKind::OutOfProgram,
        Stop::Fault(what) => *what,
        Stop::Trap(number) => program.traps.get(number as usize).cloned().unwrap_or(FaultKind::OutOfProgram),
        // What a null pointer plus an offset can be.
        Stop::Access(access, addr, 0, len) => memory::null_fault(access, addr, len),
        Stop::Access(access, addr, _, len) => memory::fault(access, addr, len, vm.maps, skb),
    };
    // A budget ends between two instructions, everything else at the one that has just been fetched.
    let at = if matches!(what, FaultKind::Budget { .. }) { pc } else { pc.saturating_sub(1) };
    let insns = if matches!(what, FaultKind::Budget { .. }) { insns } else { insns.saturating_sub(1) };
    let pc = program.pcs.get(at).copied().unwrap_or(Pc(0));
    let function = program.function_at(pc);
    Outcome { ret: 0, insns, fault: Some(Fault { prog: ProgId(current), pc, function, what }) }
}
