//! Random programs return the same in the interpreter and in the running kernel (`BPF_PROG_TEST_RUN`), and legacy packet
//! loads find the same bytes.

#![cfg(target_os = "linux")]

use bpfscope_core::isa::{AluOp, AtomicOp, Imm64, Insn, JmpOp, PacketMode, RawInsn, Reg, Size, Src, Swap, Width};
use bpfscope_core::kernel::{ProgType, Program};
use bpfscope_core::net::SkBuff;
use bpfscope_core::vm::{Config, Machine, NoObserver, ProgId};
use bpfscope_tests::kernel::{Prog, ProgSpec, RunSpec, available};

/// Programs that are compared.
const PROGRAMS: u64 = 2000;
/// Registers that hold numbers; `r1` holds the context until it is overwritten, `r9` the packet.
const NUMBERS: [u8; 8] = [0, 2, 3, 4, 5, 6, 7, 8];
/// Bytes of stack that programs work on.
const STACK: i16 = 32;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn number(&mut self) -> u64 {
        let any = self.next();
        match self.below(4) {
            0 => self.of(&[0, 1, 2, 31, 32, 63, 0x7fff_ffff, 0x8000_0000, 1 << 32, 1 << 63, u64::MAX]),
            1 => any & 0xff,
            2 => any & 0xffff_ffff,
            _ => any,
        }
    }

    fn reg(&mut self) -> Reg {
        reg(self.of(&NUMBERS))
    }

    fn width(&mut self) -> Width {
        self.of(&[Width::W32, Width::W64])
    }

    fn size(&mut self) -> Size {
        self.of(&[Size::B, Size::H, Size::W, Size::Dw])
    }

    fn alu(&mut self) -> Insn {
        use AluOp::*;
        let op = self.of(&[Add, Sub, Mul, Div, Sdiv, Or, And, Lsh, Rsh, Mod, Smod, Xor, Mov, Arsh]);
        let width = self.width();
        let imm = self.number() as i32;
        let src = match (self.below(2), op) {
            (0, _) => Src::Reg(self.reg()),
            // What the verifier refuses with an immediate: division by zero, shifts by more than the width.
            (_, Lsh | Rsh | Arsh) => Src::Imm(imm & 31),
            (_, Div | Sdiv | Mod | Smod) => Src::Imm(if imm == 0 { 1 } else { imm }),
            _ => Src::Imm(imm),
        };
        Insn::Alu { width, op, dst: self.reg(), src }
    }

    fn other(&mut self) -> Insn {
        let (dst, src, width) = (self.reg(), self.reg(), self.width());
        match self.below(3) {
            0 => {
                let from = self.of(&[Size::B, Size::H, Size::W]);
                let width = if from == Size::W { Width::W64 } else { width };
                Insn::MovSx { width, from, dst, src }
            }
            1 => Insn::Neg { width, dst },
            _ => {
                let swap = self.of(&[Swap::ToLe, Swap::ToBe, Swap::Bswap]);
                Insn::Endian { swap, bits: self.of(&[16, 32, 64]), dst }
            }
        }
    }

    fn memory(&mut self) -> Insn {
        let size = self.size();
        let slots = STACK as usize / size.bytes() as usize;
        let off = -(((self.below(slots) + 1) * size.bytes() as usize) as i16);
        let (base, dst) = (reg(10), self.reg());
        let sign = size != Size::Dw && self.below(2) == 0;
        match self.below(5) {
            0 => Insn::Load { size, sign, dst, base, off },
            1 => Insn::Store { size, base, off, src: Src::Reg(dst) },
            2 => Insn::LoadAcquire { size, dst, base, off },
            3 => Insn::StoreRelease { size, base, off, src: dst },
            _ => {
                let size = if size.bytes() < 8 { Size::W } else { Size::Dw };
                let fetch = self.below(2) == 0;
                let op = self.of(&[
                    AtomicOp::Add { fetch },
                    AtomicOp::Or { fetch },
                    AtomicOp::And { fetch },
                    AtomicOp::Xor { fetch },
                    AtomicOp::Xchg,
                    AtomicOp::Cmpxchg,
                ]);
                Insn::Atomic { size, op, base, off: off & -(size.bytes() as i16), src: dst }
            }
        }
    }

    fn jump(&mut self, room: usize) -> Insn {
        use JmpOp::*;
        let op = self.of(&[Eq, Gt, Ge, Set, Ne, Sgt, Sge, Lt, Le, Slt, Sle]);
        let src = if self.below(2) == 0 { Src::Reg(self.reg()) } else { Src::Imm(self.number() as i32) };
        Insn::Jump { width: self.width(), op, dst: self.reg(), src, off: self.below(room.min(6) + 1) as i16 }
    }

    fn program(&mut self) -> Vec<RawInsn> {
        let mut insns = Vec::new();
        for number in NUMBERS {
            insns.push(Insn::LoadImm64 { dst: reg(number), imm: Imm64::Value(self.number()) });
        }
        for slot in 1..=STACK / 8 {
            insns.push(Insn::Store { size: Size::Dw, base: reg(10), off: -8 * slot, src: Src::Reg(self.reg()) });
        }
        let body = 40;
        for left in (0..body).rev() {
            insns.push(match self.below(6) {
                0..3 => self.alu(),
                3 => self.other(),
                4 => self.memory(),
                _ => self.jump(left),
            });
        }
        // Everything goes into the return value, which has 32 bits.
        let fold = |insns: &mut Vec<Insn>, src| {
            insns.push(Insn::Alu { width: Width::W64, op: AluOp::Mul, dst: reg(0), src: Src::Imm(0x0100_0193) });
            insns.push(Insn::Alu { width: Width::W64, op: AluOp::Xor, dst: reg(0), src: Src::Reg(src) });
        };
        for number in &NUMBERS[1..] {
            fold(&mut insns, reg(*number));
        }
        for slot in 1..=STACK / 8 {
            insns.push(Insn::Load { size: Size::Dw, sign: false, dst: reg(2), base: reg(10), off: -8 * slot });
            fold(&mut insns, reg(2));
        }
        insns.push(Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: reg(2), src: Src::Reg(reg(0)) });
        insns.push(Insn::Alu { width: Width::W64, op: AluOp::Rsh, dst: reg(2), src: Src::Imm(32) });
        insns.push(Insn::Alu { width: Width::W64, op: AluOp::Xor, dst: reg(0), src: Src::Reg(reg(2)) });
        insns.push(Insn::Exit);
        insns.iter().flat_map(|insn| insn.encode().slots().to_vec()).collect()
    }
}

fn reg(number: u8) -> Reg {
    Reg::new(number).unwrap()
}

/// What a program returns here, on a packet as a test run presents it.
fn simulated(prog_type: ProgType, insns: &[RawInsn], packet: &[u8]) -> u32 {
    let program = Program {
        name: "random".into(),
        section: String::new(),
        prog_type,
        hook: None,
        insns: insns.to_vec(),
        funcs: Vec::new(),
        lines: Vec::new(),
        license: "GPL".into(),
        maps: Vec::new(),
        kfuncs: Vec::new(),
    };
    let mut machine = Machine::new(&[program], &[], Config::default()).unwrap();
    let mut skb = SkBuff::default();
    skb.reset_ethernet(packet);
    if prog_type == ProgType::SocketFilter {
        skb.pull_mac_header();
    }
    let outcome = machine.run(ProgId(0), &mut skb, &mut NoObserver);
    assert_eq!(outcome.fault, None);
    assert_eq!(machine.record(ProgId(0), &mut skb).outcome(), &outcome, "recorded or not");
    outcome.ret as u32
}

#[test]
fn random_programs_return_what_they_return_in_the_kernel() {
    if !available("random programs") {
        return;
    }
    let packet = [0u8; 64];
    let mut compared = 0;
    for seed in 0..PROGRAMS {
        let insns = Random(seed).program();
        let bytes: Vec<u8> = insns.iter().flat_map(|insn| insn.to_bytes()).collect();
        let spec = ProgSpec { prog_type: ProgType::SchedCls as u32, insns: &bytes, ..ProgSpec::default() };
        let prog = match Prog::load(&spec) {
            Ok(prog) => prog,
            Err(refused) => panic!("seed {seed}: errno {}", refused.errno),
        };
        let real = prog.run(&RunSpec { data: &packet, repeat: 1, ..RunSpec::default() }).expect("the kernel runs it");
        assert_eq!(simulated(ProgType::SchedCls, &insns, &packet), real.ret, "seed {seed}");
        compared += 1;
    }
    assert_eq!(compared, PROGRAMS);
}

#[test]
fn legacy_loads_find_what_they_find_in_the_kernel() {
    if !available("legacy packet loads") {
        return;
    }
    const LEN: u8 = 64;
    const NET_OFF: i32 = -0x10_0000;
    const LL_OFF: i32 = -0x20_0000;
    let mut packet: Vec<u8> = (1..=LEN).collect();
    packet[12..14].copy_from_slice(&[8, 0]);
    for prog_type in [ProgType::SocketFilter, ProgType::SchedCls] {
        for from in [0, NET_OFF, LL_OFF] {
            for offset in [-2, -1, 0, 1, 12, 13, 14, 46, 47, 48, 49, 50, 60, 61, 62, 63, 64].map(|by| from + by) {
                for size in [Size::B, Size::H, Size::W] {
                    let ctx = Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: reg(6), src: Src::Reg(reg(1)) };
                    let load = Insn::LoadPacket { size, mode: PacketMode::Abs, imm: offset };
                    let insns: Vec<RawInsn> =
                        [ctx, load, Insn::Exit].iter().flat_map(|insn| insn.encode().slots().to_vec()).collect();
                    let bytes: Vec<u8> = insns.iter().flat_map(|insn| insn.to_bytes()).collect();
                    let spec = ProgSpec { prog_type: prog_type as u32, insns: &bytes, ..ProgSpec::default() };
                    let prog = Prog::load(&spec).expect("the kernel takes it");
                    let real = prog.run(&RunSpec { data: &packet, ..RunSpec::default() }).expect("the kernel runs it");
                    let found = simulated(prog_type, &insns, &packet);
                    assert_eq!(found, real.ret, "{} loads {size:?} at {offset:#x}", prog_type.name());
                }
            }
        }
    }
}
