//! The interpreter: one flat `match` over [`Op`]s, for every engine and observer.
//!
//! Instructions are counted by distance: between two taken jumps, the ops run are consecutive, so a taken
//! jump adds where it is less where the last one led. The budget is looked at there and nowhere else: code
//! without taken jumps ends with the program.
//!
//! Memory: an address is tried as packet first, then by region (`aside`). Frame accesses through `r10`
//! were resolved when the program was decoded.

use super::addr::{self, Addr};
use super::aside::{atomic_op, begin, dropped, finish, legacy_load, load_beside, next_call, store_beside, tail_call};
use super::call::Call;
use super::callback::{Begun, Caller, Next};
use super::decode::{Code, Decoded, Op, atomic};
use super::env::Env;
use super::fault::FaultKind;
use super::frames::{After, Saved};
use super::machine::Outcome;
use super::memory::Memory;
use super::observe::Watch;
use super::{ProgId, alu, context};
use crate::isa::Pc;
use crate::maps::MapStore;
use crate::net::SkBuff;

/// Tail calls in one run (kernel `MAX_TAIL_CALL_CNT`).
const MAX_TAIL_CALLS: u32 = 33;

/// What a run works on.
pub(super) struct Vm<'a> {
    pub programs: &'a [Decoded],
    pub maps: &'a mut MapStore,
    pub env: &'a mut Env,
    pub mem: &'a mut Memory,
    pub budget: u64,
}

/// Where a run begins, and with what in `r1` to `r5`.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub program: ProgId,
    /// The first instruction.
    pub pc: usize,
    pub args: [u64; 5],
}

impl Entry {
    /// A program's own start.
    pub fn main(program: ProgId, r1: u64, r2: u64) -> Entry {
        Entry { program, pc: 0, args: [r1, r2, 0, 0, 0] }
    }
}

/// Why the loop ended.
pub(super) enum Stop {
    Exit,
    Budget,
    Depth,
    Outside,
    Trap(u64),
    Fault(Box<FaultKind>),
    /// An access outside of memory: by what, address, base register's value, bytes.
    Access(&'static str, u64, u64, u32),
}

/// `N` bytes at an offset into the packet, if they are all there.
#[inline(always)]
fn chunk<const N: usize>(packet: &[u8], at: u64) -> Option<&[u8; N]> {
    if at < packet.len() as u64 { packet[at as usize..].first_chunk() } else { None }
}

/// As [`chunk`], to write.
#[inline(always)]
fn chunk_mut<const N: usize>(packet: &mut [u8], at: u64) -> Option<&mut [u8; N]> {
    if at < packet.len() as u64 { packet[at as usize..].first_chunk_mut() } else { None }
}

/// Metadata and packet bytes with the address of the first of them.
#[inline(always)]
fn packet(skb: &mut SkBuff) -> (u64, &mut [u8]) {
    (context::packet_addr(skb.packet.meta()), skb.packet.linear_mut())
}

/// Runs a program, or a function of it that takes no context.
pub(super) fn run<W: Watch>(vm: &mut Vm<'_>, entry: Entry, skb: &mut SkBuff, obs: &mut W) -> Outcome {
    let programs = vm.programs;
    let Some(mut program) = programs.get(entry.program.0 as usize) else {
        return Outcome { ret: 0, insns: 0, fault: None };
    };
    let mut current = entry.program.0;
    let mut regs = [0u64; 16];
    regs[1..6].copy_from_slice(&entry.args);
    regs[10] = Addr::new(addr::STACK, addr::STACK_TOP).0;
    vm.mem.clear(0, if entry.pc == 0 { program.stack } else { addr::STACK_SIZE });

    let mut ops = ops_for::<W>(program);
    let mut pc = entry.pc;
    // `ran + pc` instructions have run: a taken jump moves between the two.
    let mut ran = 0u64.wrapping_sub(pc as u64);
    let budget = vm.budget;

    vm.mem.frames.restart();
    let mut depth = 0;
    let mut deepest = 0;
    // Index of the byte at the frame pointer.
    let mut fp = addr::STACK_SIZE as usize;
    let mut tail_calls = 0;
    // Helpers in between of calls, the innermost last.
    let mut callers: Vec<Caller> = Vec::new();
    let (mut pkt_addr, mut pkt) = packet(skb);
    if W::ACTIVE {
        obs.jump(program.first + pc as u32);
    }

    let stop = loop {
        let Some(op) = ops.get(pc) else { break Stop::Outside };
        let at = pc;
        let d = op.dst as usize;
        let s = op.src as usize;
        let before = if W::ACTIVE { regs[d] } else { 0 };
        pc += 1;

        macro_rules! goto {
            ($target:expr) => {{
                ran = ran.wrapping_add(pc as u64);
                let over = ran >= budget;
                pc = $target as usize;
                ran = ran.wrapping_sub(pc as u64);
                if W::ACTIVE {
                    obs.step(program.first + at as u32, before ^ regs[d]);
                    obs.jump(program.first + pc as u32);
                }
                // The jump has run; what comes after it must not.
                if over {
                    break Stop::Budget;
                }
                if W::ACTIVE {
                    continue;
                }
            }};
        }
        macro_rules! jump {
            ($type:ty, $b:expr, |$x:ident, $y:ident| $holds:expr) => {{
                let ($x, $y) = (regs[d] as $type, $b as $type);
                if $holds {
                    goto!(op.off);
                }
            }};
        }
        // Arithmetic on 64 bits, and on 32 bits with the upper half zeroed.
        macro_rules! alu64 {
            ($b:expr, |$x:ident, $y:ident| $result:expr) => {{
                let ($x, $y) = (regs[d], $b);
                regs[d] = $result;
            }};
        }
        macro_rules! alu32 {
            ($b:expr, |$x:ident, $y:ident| $result:expr) => {{
                let ($x, $y) = (regs[d] as u32, $b as u32);
                regs[d] = u64::from($result);
            }};
        }
        macro_rules! load {
            ($type:ty, |$raw:ident| $extended:expr) => {
                load!($type, d, regs[s], op.off, |$raw| $extended)
            };
            ($type:ty, $to:expr, $base:expr, $off:expr, |$raw:ident| $extended:expr) => {{
                const LEN: usize = size_of::<$type>();
                let base = $base;
                let addr = base.wrapping_add($off as i64 as u64);
                let $raw = match chunk::<LEN>(pkt, addr.wrapping_sub(pkt_addr)) {
                    Some(bytes) => u64::from(<$type>::from_le_bytes(*bytes)),
                    None => {
                        let found = load_beside(vm, skb, program, addr, LEN as u8);
                        (pkt_addr, pkt) = packet(skb);
                        match found {
                            Some(value) => value,
                            None => break Stop::Access("load", addr, base, LEN as u32),
                        }
                    }
                };
                if W::ACTIVE {
                    obs.read(addr, LEN as u32);
                }
                regs[$to] = $extended;
            }};
        }
        // Several instructions in one.
        macro_rules! third {
            () => {
                usize::from(op.aux & 15)
            };
        }
        macro_rules! high {
            () => {
                (op.imm as i64 >> 32) as u64
            };
        }
        macro_rules! fused64 {
            ($n:literal, $a:expr, |$x:ident, $y:ident| $result:expr) => {{
                let ($x, $y) = ($a, regs[third!()]);
                regs[d] = $result;
                pc += $n - 1;
            }};
        }
        macro_rules! fused32 {
            ($n:literal, $a:expr, |$x:ident, $y:ident| $result:expr) => {{
                let ($x, $y) = ($a as u32, regs[third!()] as u32);
                regs[d] = u64::from($result);
                pc += $n - 1;
            }};
        }
        macro_rules! counted {
            ($type:ty, $b:expr, |$x:ident, $y:ident| $holds:expr) => {{
                pc += 1;
                let $x = (regs[d] as $type).wrapping_add(op.imm as i32 as $type);
                regs[d] = u64::from($x);
                let $y = $b as $type;
                if $holds {
                    goto!(op.off);
                }
            }};
        }
        macro_rules! indexed {
            ($type:ty) => {{
                pc += 2;
                let element = regs[s].wrapping_add(regs[third!()]);
                regs[d] = element;
                load!($type, (op.imm & 15) as usize, element, op.off, |raw| raw);
            }};
        }
        macro_rules! load_jump {
            ($type:ty, |$x:ident, $y:ident| $holds:expr) => {{
                load!($type, d, regs[s], op.imm as i32, |raw| raw);
                pc += 1;
                let ($x, $y) = (regs[d], op.imm >> 32);
                if $holds {
                    goto!(op.off);
                }
            }};
        }
        macro_rules! load_stack {
            ($type:ty) => {{
                let index = fp.wrapping_add(op.off as isize as usize);
                if W::ACTIVE {
                    obs.read(regs[10].wrapping_add(op.off as i64 as u64), size_of::<$type>() as u32);
                }
                regs[d] = u64::from(<$type>::from_le_bytes(vm.mem.at(index)));
            }};
        }
        macro_rules! store {
            ($type:ty, $value:expr) => {{
                const LEN: usize = size_of::<$type>();
                let addr = regs[d].wrapping_add(op.off as i64 as u64);
                let new = ($value as $type).to_le_bytes();
                let delta = match chunk_mut::<LEN>(pkt, addr.wrapping_sub(pkt_addr)) {
                    Some(bytes) => Some(put(bytes, new)),
                    None => {
                        let delta = store_beside(vm, skb, program, addr, new, obs);
                        (pkt_addr, pkt) = packet(skb);
                        delta
                    }
                };
                match delta {
                    Some(delta) if W::ACTIVE => obs.write(addr, LEN as u32, delta),
                    Some(_) => {}
                    None => break Stop::Access("store", addr, regs[d], LEN as u32),
                }
            }};
        }
        macro_rules! store_stack {
            ($type:ty, $value:expr) => {{
                let index = fp.wrapping_add(op.off as isize as usize);
                let new = $value as $type;
                if W::ACTIVE {
                    let old = <$type>::from_le_bytes(vm.mem.at(index));
                    let addr = regs[10].wrapping_add(op.off as i64 as u64);
                    obs.write(addr, size_of::<$type>() as u32, u64::from(old ^ new));
                }
                vm.mem.set(index, new.to_le_bytes());
            }};
        }
        // Calls a function: a frame, and what comes after.
        macro_rules! push_frame {
            ($after:expr) => {{
                if vm.mem.frames.are_full(depth) {
                    break Stop::Depth;
                }
                depth += 1;
                let saved = [regs[6], regs[7], regs[8], regs[9]];
                let pc = pc as u32;
                vm.mem.frames.put(depth, Saved { program: current, pc, after: $after, regs: saved });
                if W::ACTIVE {
                    obs.call(program.first + pc, saved);
                }
                if depth > deepest {
                    deepest = depth;
                    vm.mem.clear(depth, addr::STACK_SIZE);
                }
                fp += addr::STACK_SIZE as usize;
                regs[10] = regs[10].wrapping_add(1 << 32);
            }};
        }
        // Calls a function for a helper.
        macro_rules! enter {
            ($func:expr, $args:expr) => {{
                let Some(target) = program.op_at(Pc($func)) else { break Stop::Outside };
                push_frame!(After::Helper);
                let args: [u64; 5] = $args;
                if W::ACTIVE {
                    obs.args(std::array::from_fn(|i| regs[1 + i] ^ args[i]));
                }
                regs[1..6].copy_from_slice(&args);
                goto!(target);
            }};
        }
        // Asks the innermost helper that calls back what is next, and does it.
        macro_rules! go_on {
            ($ret:expr) => {{
                let next = next_call(vm, skb, program, &mut callers, $ret, obs);
                (pkt_addr, pkt) = packet(skb);
                match next {
                    Err(what) => break Stop::Fault(what),
                    Ok((Next::Done(value), _)) => {
                        callers.pop();
                        regs[0] = value;
                    }
                    Ok((Next::Call(args), func)) => enter!(func, args),
                }
            }};
        }
        // Takes the innermost frame off: what it saved.
        macro_rules! pop_frame {
            () => {{
                let saved = vm.mem.frames.take(depth);
                if W::ACTIVE {
                    let r = [regs[6], regs[7], regs[8], regs[9]];
                    obs.ret(std::array::from_fn(|i| r[i] ^ saved.regs[i]));
                }
                depth -= 1;
                fp -= addr::STACK_SIZE as usize;
                regs[10] = regs[10].wrapping_sub(1 << 32);
                regs[6..10].copy_from_slice(&saved.regs);
                saved
            }};
        }
        // Returns from a function; from the main program, ends the run.
        macro_rules! exit {
            () => {{
                if depth == 0 {
                    if W::ACTIVE {
                        obs.step(program.first + at as u32, before ^ regs[d]);
                    }
                    break Stop::Exit;
                }
                let saved = pop_frame!();
                ran = ran.wrapping_add(pc as u64);
                let from = program.first;
                if saved.program != current {
                    current = saved.program;
                    program = &programs[current as usize];
                    ops = ops_for::<W>(program);
                }
                pc = saved.pc as usize;
                ran = ran.wrapping_sub(pc as u64);
                if saved.after == After::Helper {
                    go_on!(Some(regs[0]));
                }
                if W::ACTIVE {
                    obs.step(from + at as u32, before ^ regs[d]);
                    obs.jump(program.first + pc as u32);
                    continue;
                }
            }};
        }

        match op.code {
            Code::Add64I => alu64!(op.imm, |a, b| a.wrapping_add(b)),
            Code::Add64R => alu64!(regs[s], |a, b| a.wrapping_add(b)),
            Code::Add32I => alu32!(op.imm, |a, b| a.wrapping_add(b)),
            Code::Add32R => alu32!(regs[s], |a, b| a.wrapping_add(b)),
            Code::Sub64I => alu64!(op.imm, |a, b| a.wrapping_sub(b)),
            Code::Sub64R => alu64!(regs[s], |a, b| a.wrapping_sub(b)),
            Code::Sub32I => alu32!(op.imm, |a, b| a.wrapping_sub(b)),
            Code::Sub32R => alu32!(regs[s], |a, b| a.wrapping_sub(b)),
            Code::Mul64I => alu64!(op.imm, |a, b| a.wrapping_mul(b)),
            Code::Mul64R => alu64!(regs[s], |a, b| a.wrapping_mul(b)),
            Code::Mul32I => alu32!(op.imm, |a, b| a.wrapping_mul(b)),
            Code::Mul32R => alu32!(regs[s], |a, b| a.wrapping_mul(b)),
            Code::Div64I => alu64!(op.imm, |a, b| alu::div64(a, b)),
            Code::Div64R => alu64!(regs[s], |a, b| alu::div64(a, b)),
            Code::Div32I => alu32!(op.imm, |a, b| alu::div32(a, b)),
            Code::Div32R => alu32!(regs[s], |a, b| alu::div32(a, b)),
            Code::Sdiv64I => alu64!(op.imm, |a, b| alu::sdiv64(a, b)),
            Code::Sdiv64R => alu64!(regs[s], |a, b| alu::sdiv64(a, b)),
            Code::Sdiv32I => alu32!(op.imm, |a, b| alu::sdiv32(a, b)),
            Code::Sdiv32R => alu32!(regs[s], |a, b| alu::sdiv32(a, b)),
            Code::Mod64I => alu64!(op.imm, |a, b| alu::mod64(a, b)),
            Code::Mod64R => alu64!(regs[s], |a, b| alu::mod64(a, b)),
            Code::Mod32I => alu32!(op.imm, |a, b| alu::mod32(a, b)),
            Code::Mod32R => alu32!(regs[s], |a, b| alu::mod32(a, b)),
            Code::Smod64I => alu64!(op.imm, |a, b| alu::smod64(a, b)),
            Code::Smod64R => alu64!(regs[s], |a, b| alu::smod64(a, b)),
            Code::Smod32I => alu32!(op.imm, |a, b| alu::smod32(a, b)),
            Code::Smod32R => alu32!(regs[s], |a, b| alu::smod32(a, b)),
            Code::Or64I => alu64!(op.imm, |a, b| a | b),
            Code::Or64R => alu64!(regs[s], |a, b| a | b),
            Code::Or32I => alu32!(op.imm, |a, b| a | b),
            Code::Or32R => alu32!(regs[s], |a, b| a | b),
            Code::And64I => alu64!(op.imm, |a, b| a & b),
            Code::And64R => alu64!(regs[s], |a, b| a & b),
            Code::And32I => alu32!(op.imm, |a, b| a & b),
            Code::And32R => alu32!(regs[s], |a, b| a & b),
            Code::Xor64I => alu64!(op.imm, |a, b| a ^ b),
            Code::Xor64R => alu64!(regs[s], |a, b| a ^ b),
            Code::Xor32I => alu32!(op.imm, |a, b| a ^ b),
            Code::Xor32R => alu32!(regs[s], |a, b| a ^ b),
            // Shifts use the low 6 or 5 bits of the second operand (RFC 9669 section 4.1).
            Code::Lsh64I => alu64!(op.imm, |a, b| a.wrapping_shl(b as u32)),
            Code::Lsh64R => alu64!(regs[s], |a, b| a.wrapping_shl(b as u32)),
            Code::Lsh32I => alu32!(op.imm, |a, b| a.wrapping_shl(b)),
            Code::Lsh32R => alu32!(regs[s], |a, b| a.wrapping_shl(b)),
            Code::Rsh64I => alu64!(op.imm, |a, b| a.wrapping_shr(b as u32)),
            Code::Rsh64R => alu64!(regs[s], |a, b| a.wrapping_shr(b as u32)),
            Code::Rsh32I => alu32!(op.imm, |a, b| a.wrapping_shr(b)),
            Code::Rsh32R => alu32!(regs[s], |a, b| a.wrapping_shr(b)),
            Code::Arsh64I => alu64!(op.imm, |a, b| (a as i64).wrapping_shr(b as u32) as u64),
            Code::Arsh64R => alu64!(regs[s], |a, b| (a as i64).wrapping_shr(b as u32) as u64),
            Code::Arsh32I => alu32!(op.imm, |a, b| (a as i32).wrapping_shr(b) as u32),
            Code::Arsh32R => alu32!(regs[s], |a, b| (a as i32).wrapping_shr(b) as u32),
            Code::Mov64I | Code::Mov32I => regs[d] = op.imm,
            Code::Mov64R => regs[d] = regs[s],
            Code::Mov32R => regs[d] = u64::from(regs[s] as u32),
            Code::MovSx8To32 => regs[d] = u64::from(regs[s] as i8 as u32),
            Code::MovSx16To32 => regs[d] = u64::from(regs[s] as i16 as u32),
            Code::MovSx8 => regs[d] = regs[s] as i8 as u64,
            Code::MovSx16 => regs[d] = regs[s] as i16 as u64,
            Code::MovSx32 => regs[d] = regs[s] as i32 as u64,
            Code::Neg64 => regs[d] = regs[d].wrapping_neg(),
            Code::Neg32 => regs[d] = u64::from((regs[d] as u32).wrapping_neg()),
            Code::Low16 => regs[d] = u64::from(regs[d] as u16),
            Code::Low32 => regs[d] = u64::from(regs[d] as u32),
            Code::Swap16 => regs[d] = u64::from((regs[d] as u16).swap_bytes()),
            Code::Swap32 => regs[d] = u64::from((regs[d] as u32).swap_bytes()),
            Code::Swap64 => regs[d] = regs[d].swap_bytes(),
            Code::Nop => {}
            Code::CastToUser => {
                let low = regs[s] as u32;
                regs[d] = if low == 0 { 0 } else { op.imm | u64::from(low) };
            }

            Code::LoadB => load!(u8, |raw| raw),
            Code::LoadH => load!(u16, |raw| raw),
            Code::LoadW => load!(u32, |raw| raw),
            Code::LoadDw => load!(u64, |raw| raw),
            Code::LoadSxB => load!(u8, |raw| raw as i8 as u64),
            Code::LoadSxH => load!(u16, |raw| raw as i16 as u64),
            Code::LoadSxW => load!(u32, |raw| raw as i32 as u64),
            Code::LoadStackB => load_stack!(u8),
            Code::LoadStackH => load_stack!(u16),
            Code::LoadStackW => load_stack!(u32),
            Code::LoadStackDw => load_stack!(u64),
            Code::StoreB => store!(u8, regs[s]),
            Code::StoreH => store!(u16, regs[s]),
            Code::StoreW => store!(u32, regs[s]),
            Code::StoreDw => store!(u64, regs[s]),
            Code::StoreIB => store!(u8, op.imm),
            Code::StoreIH => store!(u16, op.imm),
            Code::StoreIW => store!(u32, op.imm),
            Code::StoreIDw => store!(u64, op.imm),
            Code::StoreStackB => store_stack!(u8, regs[s]),
            Code::StoreStackH => store_stack!(u16, regs[s]),
            Code::StoreStackW => store_stack!(u32, regs[s]),
            Code::StoreStackDw => store_stack!(u64, regs[s]),
            Code::StoreStackIB => store_stack!(u8, op.imm),
            Code::StoreStackIH => store_stack!(u16, op.imm),
            Code::StoreStackIW => store_stack!(u32, op.imm),
            Code::StoreStackIDw => store_stack!(u64, op.imm),
            Code::Atomic32 | Code::Atomic64 => {
                let base = regs[(op.imm & 15) as usize];
                let addr = base.wrapping_add(op.off as i64 as u64);
                let len = if op.code == Code::Atomic32 { 4 } else { 8 };
                let old = match atomic_op(vm, skb, op, addr, len, regs[s], regs[0], obs) {
                    Some(old) => old,
                    // Where there is no page, the register stays as it was.
                    None if dropped(program, addr).is_some() => regs[d],
                    None => break Stop::Access("atomic access", addr, base, len),
                };
                (pkt_addr, pkt) = packet(skb);
                // Without fetch, `d` is the base and stays; a 32-bit compare and exchange zeroes r0's upper half.
                if op.aux >= atomic::FETCH {
                    regs[d] = old;
                }
            }
            Code::PacketB | Code::PacketH | Code::PacketW => {
                let len = match op.code {
                    Code::PacketB => 1,
                    Code::PacketH => 2,
                    _ => 4,
                };
                let index = if op.aux == 0 { 0 } else { regs[s] as u32 as i32 };
                let found = legacy_load(skb, op.off.wrapping_add(index), len);
                (pkt_addr, pkt) = packet(skb);
                match found {
                    Some((position, value)) => {
                        if W::ACTIVE {
                            obs.read(context::packet_addr(position), len as u32);
                        }
                        regs[0] = value;
                    }
                    None => {
                        regs[0] = 0;
                        exit!();
                    }
                }
            }

            Code::Jeq64I => jump!(u64, op.imm, |a, b| a == b),
            Code::Jeq64R => jump!(u64, regs[s], |a, b| a == b),
            Code::Jeq32I => jump!(u32, op.imm, |a, b| a == b),
            Code::Jeq32R => jump!(u32, regs[s], |a, b| a == b),
            Code::Jne64I => jump!(u64, op.imm, |a, b| a != b),
            Code::Jne64R => jump!(u64, regs[s], |a, b| a != b),
            Code::Jne32I => jump!(u32, op.imm, |a, b| a != b),
            Code::Jne32R => jump!(u32, regs[s], |a, b| a != b),
            Code::Jgt64I => jump!(u64, op.imm, |a, b| a > b),
            Code::Jgt64R => jump!(u64, regs[s], |a, b| a > b),
            Code::Jgt32I => jump!(u32, op.imm, |a, b| a > b),
            Code::Jgt32R => jump!(u32, regs[s], |a, b| a > b),
            Code::Jge64I => jump!(u64, op.imm, |a, b| a >= b),
            Code::Jge64R => jump!(u64, regs[s], |a, b| a >= b),
            Code::Jge32I => jump!(u32, op.imm, |a, b| a >= b),
            Code::Jge32R => jump!(u32, regs[s], |a, b| a >= b),
            Code::Jlt64I => jump!(u64, op.imm, |a, b| a < b),
            Code::Jlt64R => jump!(u64, regs[s], |a, b| a < b),
            Code::Jlt32I => jump!(u32, op.imm, |a, b| a < b),
            Code::Jlt32R => jump!(u32, regs[s], |a, b| a < b),
            Code::Jle64I => jump!(u64, op.imm, |a, b| a <= b),
            Code::Jle64R => jump!(u64, regs[s], |a, b| a <= b),
            Code::Jle32I => jump!(u32, op.imm, |a, b| a <= b),
            Code::Jle32R => jump!(u32, regs[s], |a, b| a <= b),
            Code::Jset64I => jump!(u64, op.imm, |a, b| a & b != 0),
            Code::Jset64R => jump!(u64, regs[s], |a, b| a & b != 0),
            Code::Jset32I => jump!(u32, op.imm, |a, b| a & b != 0),
            Code::Jset32R => jump!(u32, regs[s], |a, b| a & b != 0),
            Code::Jsgt64I => jump!(i64, op.imm, |a, b| a > b),
            Code::Jsgt64R => jump!(i64, regs[s], |a, b| a > b),
            Code::Jsgt32I => jump!(i32, op.imm, |a, b| a > b),
            Code::Jsgt32R => jump!(i32, regs[s], |a, b| a > b),
            Code::Jsge64I => jump!(i64, op.imm, |a, b| a >= b),
            Code::Jsge64R => jump!(i64, regs[s], |a, b| a >= b),
            Code::Jsge32I => jump!(i32, op.imm, |a, b| a >= b),
            Code::Jsge32R => jump!(i32, regs[s], |a, b| a >= b),
            Code::Jslt64I => jump!(i64, op.imm, |a, b| a < b),
            Code::Jslt64R => jump!(i64, regs[s], |a, b| a < b),
            Code::Jslt32I => jump!(i32, op.imm, |a, b| a < b),
            Code::Jslt32R => jump!(i32, regs[s], |a, b| a < b),
            Code::Jsle64I => jump!(i64, op.imm, |a, b| a <= b),
            Code::Jsle64R => jump!(i64, regs[s], |a, b| a <= b),
            Code::Jsle32I => jump!(i32, op.imm, |a, b| a <= b),
            Code::Jsle32R => jump!(i32, regs[s], |a, b| a <= b),
            Code::Goto => goto!(op.off),
            Code::MayGoto => {
                if !vm.mem.frames.may_go_on(ran.wrapping_add(pc as u64), budget) {
                    goto!(op.off);
                }
            }
            Code::CallLocal => {
                push_frame!(After::Call);
                goto!(op.off);
            }
            Code::CallHelper => {
                let Some(helper) = program.helpers.get(op.imm as usize) else { break Stop::Outside };
                let mut call = Call {
                    prog: &program.info,
                    helper: helper.name,
                    maps: vm.maps,
                    skb,
                    env: vm.env,
                    mem: vm.mem,
                    log: if W::ACTIVE { obs.log() } else { None },
                };
                match (helper.call)(&mut call, [regs[1], regs[2], regs[3], regs[4], regs[5]]) {
                    Ok(value) => regs[0] = value,
                    Err(what) => break Stop::Fault(Box::new(what)),
                }
                if W::ACTIVE {
                    obs.outside(skb, vm.maps, vm.env);
                }
                (pkt_addr, pkt) = packet(skb);
            }
            Code::CallBack => {
                let begun = begin(vm, skb, program, op.imm, [regs[1], regs[2], regs[3], regs[4], regs[5]], obs);
                (pkt_addr, pkt) = packet(skb);
                match begun {
                    Err(what) => break Stop::Fault(what),
                    Ok(Begun::Done(value)) => regs[0] = value,
                    Ok(Begun::Calls(caller)) => {
                        callers.push(caller);
                        go_on!(None);
                    }
                }
            }
            // The functions that were called end, and the exception callback goes on in the place of the main one; without
            // one the program returns the argument.
            Code::Throw => {
                while depth > vm.mem.frames.base() {
                    if pop_frame!().after == After::Helper {
                        callers.pop();
                    }
                }
                match program.exception_callback {
                    Some(target) => {
                        vm.mem.frames.catch();
                        goto!(target);
                    }
                    None => {
                        regs[0] = regs[1];
                        exit!();
                    }
                }
            }
            Code::TailCall => match tail_call(vm, program, regs[1], regs[2], regs[3]) {
                Err(what) => break Stop::Fault(Box::new(what)),
                Ok(Some(next)) if tail_calls < MAX_TAIL_CALLS => {
                    tail_calls += 1;
                    vm.mem.frames.begin(depth);
                    ran = ran.wrapping_add(pc as u64);
                    pc = 0;
                    let from = program.first;
                    current = next;
                    program = &programs[current as usize];
                    ops = ops_for::<W>(program);
                    if W::ACTIVE {
                        obs.step(from + at as u32, before ^ regs[d]);
                        obs.jump(program.first);
                        continue;
                    }
                }
                // No such program, or too many: the call falls through.
                Ok(_) => {}
            },
            Code::Exit => exit!(),
            Code::Trap => break Stop::Trap(op.imm),

            Code::RotateRl => {
                let s = regs[s] as u32;
                let t = s.wrapping_shr(op.off as u32);
                regs[d] = u64::from(t);
                regs[third!()] = u64::from(s.wrapping_shl(op.imm as u32) | t);
                pc += 4;
            }
            Code::RotateLr => {
                let s = regs[s] as u32;
                let t = s.wrapping_shl(op.off as u32);
                regs[d] = u64::from(t);
                regs[third!()] = u64::from(s.wrapping_shr(op.imm as u32) | t);
                pc += 4;
            }
            Code::EndCheck => {
                pc += 2;
                let end = regs[s].wrapping_add(op.imm);
                regs[d] = end;
                if end > regs[third!()] {
                    goto!(op.off);
                }
            }
            Code::IndexedB => indexed!(u8),
            Code::IndexedH => indexed!(u16),
            Code::IndexedW => indexed!(u32),
            Code::IndexedDw => indexed!(u64),
            Code::MovLshOr32 => fused32!(3, regs[s], |a, c| a.wrapping_shl(op.imm as u32) | c),
            Code::MovLshOr64 => fused64!(3, regs[s], |a, c| a.wrapping_shl(op.imm as u32) | c),
            Code::MovLow32 => fused64!(3, regs[s], |a, _c| u64::from(a as u32)),
            Code::Low32Pair => fused64!(2, regs[d], |a, _c| u64::from(a as u32)),
            Code::Sign32Pair => fused64!(2, regs[d], |a, _c| a as i32 as u64),
            Code::MovAdd64I => fused64!(2, regs[s], |a, _c| a.wrapping_add(op.imm)),
            Code::MovLsh64I => fused64!(2, regs[s], |a, _c| a.wrapping_shl(op.imm as u32)),
            Code::MovRsh64I => fused64!(2, regs[s], |a, _c| a.wrapping_shr(op.imm as u32)),
            Code::MovAnd64I => fused64!(2, regs[s], |a, _c| a & op.imm),
            Code::MovAdd64R => fused64!(2, regs[s], |a, c| a.wrapping_add(c)),
            Code::MovAdd32I => fused32!(2, regs[s], |a, _c| a.wrapping_add(op.imm as u32)),
            Code::MovLsh32I => fused32!(2, regs[s], |a, _c| a.wrapping_shl(op.imm as u32)),
            Code::MovRsh32I => fused32!(2, regs[s], |a, _c| a.wrapping_shr(op.imm as u32)),
            Code::MovAnd32I => fused32!(2, regs[s], |a, _c| a & op.imm as u32),
            Code::MovAdd32R => fused32!(2, regs[s], |a, c| a.wrapping_add(c)),
            Code::AddAdd64 => fused64!(2, regs[d].wrapping_add(regs[s]), |a, c| a.wrapping_add(c)),
            Code::AddXor64 => fused64!(2, regs[d].wrapping_add(regs[s]), |a, c| a ^ c),
            Code::SubXor64 => fused64!(2, regs[d].wrapping_sub(regs[s]), |a, c| a ^ c),
            Code::XorAdd64 => fused64!(2, regs[d] ^ regs[s], |a, c| a.wrapping_add(c)),
            Code::XorSub64 => fused64!(2, regs[d] ^ regs[s], |a, c| a.wrapping_sub(c)),
            Code::LshOr64 => fused64!(2, regs[d].wrapping_shl(op.imm as u32), |a, c| a | c),
            Code::MulAdd64 => fused64!(2, regs[d].wrapping_mul(op.imm), |a, c| a.wrapping_add(c)),
            Code::AddAdd32 => fused32!(2, regs[d].wrapping_add(regs[s]), |a, c| a.wrapping_add(c)),
            Code::AddXor32 => fused32!(2, regs[d].wrapping_add(regs[s]), |a, c| a ^ c),
            Code::SubXor32 => fused32!(2, regs[d].wrapping_sub(regs[s]), |a, c| a ^ c),
            Code::XorAdd32 => fused32!(2, regs[d] ^ regs[s], |a, c| a.wrapping_add(c)),
            Code::XorSub32 => fused32!(2, regs[d] ^ regs[s], |a, c| a.wrapping_sub(c)),
            Code::LshOr32 => fused32!(2, (regs[d] as u32).wrapping_shl(op.imm as u32), |a, c| a | c),
            Code::MulAdd32 => fused32!(2, regs[d].wrapping_mul(op.imm), |a, c| a.wrapping_add(c)),
            Code::AddJne64I => counted!(u64, high!(), |a, b| a != b),
            Code::AddJne64R => counted!(u64, regs[s], |a, b| a != b),
            Code::AddJeq64I => counted!(u64, high!(), |a, b| a == b),
            Code::AddJlt64I => counted!(u64, high!(), |a, b| a < b),
            Code::AddJlt64R => counted!(u64, regs[s], |a, b| a < b),
            Code::AddJgt64I => counted!(u64, high!(), |a, b| a > b),
            Code::AddJne32I => counted!(u32, high!(), |a, b| a != b),
            Code::AddJne32R => counted!(u32, regs[s], |a, b| a != b),
            Code::AddJeq32I => counted!(u32, high!(), |a, b| a == b),
            Code::AddJlt32I => counted!(u32, high!(), |a, b| a < b),
            Code::AddJlt32R => counted!(u32, regs[s], |a, b| a < b),
            Code::AddJgt32I => counted!(u32, high!(), |a, b| a > b),
            Code::LoadAdd32R => {
                load!(u32, |raw| u64::from((raw as u32).wrapping_add(regs[third!()] as u32)));
                pc += 1;
            }
            Code::LoadAdd32I => {
                load!(u32, |raw| u64::from((raw as u32).wrapping_add(op.imm as u32)));
                pc += 1;
            }
            Code::LoadAndB => {
                load!(u8, |raw| raw & op.imm);
                pc += 1;
            }
            Code::LoadJeqB => load_jump!(u8, |a, b| a == b),
            Code::LoadJneB => load_jump!(u8, |a, b| a != b),
            Code::LoadJeqH => load_jump!(u16, |a, b| a == b),
            Code::LoadJneH => load_jump!(u16, |a, b| a != b),
            Code::Outside => break Stop::Outside,
        }
        if W::ACTIVE {
            obs.step(program.first + at as u32, before ^ regs[d]);
        }
    };
    let insns = ran.wrapping_add(pc as u64);
    match stop {
        Stop::Exit => Outcome { ret: regs[0], insns, fault: None },
        stop => finish(stop, vm, skb, program, current, pc, insns),
    }
}

/// The ops to run: one for each instruction when somebody watches.
#[inline(always)]
fn ops_for<W: Watch>(program: &Decoded) -> &[Op] {
    if W::ACTIVE { &program.ops } else { &program.fast }
}

/// Puts new bytes in the place of old ones; gives their exclusive or.
#[inline(always)]
pub(super) fn put<const N: usize>(bytes: &mut [u8; N], new: [u8; N]) -> u64 {
    let mut delta = [0; 8];
    for i in 0..N {
        delta[i] = bytes[i] ^ new[i];
    }
    *bytes = new;
    u64::from_le_bytes(delta)
}
