//! Classic filters and the running kernel: which it attaches to a socket (`SO_ATTACH_FILTER`), and what they return there.
//!
//! A datagram through a pair of sockets is as long as what the receiver's filter keeps of it.

#![cfg(target_os = "linux")]

use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixDatagram;

use bpfscope_core::classic::{AluOp, Cond, EXTENSIONS, Insn, Meta, Op, Packet, Program, Source};
use bpfscope_core::isa::Size;
use bpfscope_core::kernel::{self, ProgType};
use bpfscope_core::net::SkBuff;
use bpfscope_core::vm::{Config, Machine, NoObserver, ProgId};

/// Programs that are compared.
const PROGRAMS: u64 = 4000;
/// Bytes of a datagram.
const LEN: usize = 64;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    fn number(&mut self) -> u32 {
        let any = self.next() as u32;
        match self.below(5) {
            0 => self.of(&[0, 1, 2, 15, 16, 31, 32, 0x7fff_ffff, 0x8000_0000, u32::MAX]),
            1 | 2 => any % LEN as u32,
            3 => any & 0xffff,
            _ => any,
        }
    }

    fn source(&mut self) -> Source {
        if self.below(2) == 0 { Source::X } else { Source::K(self.number()) }
    }

    /// An instruction; `after` are those that follow. Few are wrong.
    fn op(&mut self, after: u64) -> Op {
        use AluOp::*;
        let size = self.of(&[Size::B, Size::H, Size::W]);
        let word = self.of(&[0, 0, 0, 1, 1, 15, 16]);
        // Few jumps lead past the end.
        let room = after.clamp(1, 255) + u64::from(self.below(20) == 0);
        let (near, other) = (self.below(room) as u32, self.below(room) as u8);
        match self.below(24) {
            0 => Op::LoadImm(self.number()),
            1 => Op::LoadLen,
            2 => Op::LoadMem(word),
            3..=5 => Op::LoadAbs(size, self.number()),
            6 | 7 => Op::LoadInd(size, self.number()),
            8 => Op::LoadXImm(self.number()),
            9 => Op::LoadXLen,
            10 => Op::LoadXMem(word),
            11 => Op::LoadXHeaderLen(self.number()),
            12 => Op::Store(word),
            13 => Op::StoreX(word),
            14..=16 => Op::Alu(self.of(&[Add, Sub, Mul, Div, Or, And, Lsh, Rsh, Mod, Xor]), self.source()),
            17 => Op::Neg,
            18 => Op::Jump(near),
            19 | 20 => {
                Op::JumpIf(self.of(&[Cond::Eq, Cond::Gt, Cond::Ge, Cond::Set]), self.source(), near as u8, other)
            }
            21 => self.of(&[Op::Return(5), Op::ReturnA]),
            22 => Op::Tax,
            _ => Op::Txa,
        }
    }

    fn insns(&mut self) -> Vec<Insn> {
        let len = 1 + self.below(12);
        let mut insns: Vec<Insn> = (0..len).map(|at| self.op(len - at).into()).collect();
        if self.below(10) > 0 {
            insns.push(Op::ReturnA.into());
        }
        if self.below(30) == 0 {
            let at = self.below(insns.len() as u64) as usize;
            insns[at].code = self.next() as u16 & self.of(&[0xff, 0x1ff, 0xffff]);
        }
        insns
    }
}

/// `struct sock_fprog`.
#[repr(C)]
struct SockFprog {
    len: u16,
    insns: *const libc::sock_filter,
}

/// Attaches a filter; what the kernel says if it does not.
#[allow(unsafe_code, reason = "setsockopt(2) has no safe wrapper in std")]
fn attach(socket: &UnixDatagram, insns: &[Insn]) -> Result<(), i32> {
    let row = |i: &Insn| libc::sock_filter { code: i.code, jt: i.jt, jf: i.jf, k: i.k };
    let rows: Vec<_> = insns.iter().map(row).collect();
    let program = SockFprog { len: rows.len() as u16, insns: rows.as_ptr() };
    let size = size_of::<SockFprog>() as u32;
    // SAFETY: the kernel reads the program and the rows that it points to, which outlive the call.
    let done = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            (&raw const program).cast(),
            size,
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error().raw_os_error().unwrap_or_default()) }
}

/// How many bytes of a datagram come through.
fn through(pair: &(UnixDatagram, UnixDatagram), data: &[u8]) -> usize {
    pair.0.send(data).expect("it is taken, if not kept");
    let mut buffer = [0; LEN + 1];
    match pair.1.recv(&mut buffer) {
        Ok(len) => len,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
        Err(error) => panic!("{error}"),
    }
}

/// What the converted program returns in the simulator.
fn converted(program: &Program, data: &[u8]) -> Option<u64> {
    let program = kernel::Program {
        name: "filter".into(),
        section: "socket".into(),
        prog_type: ProgType::SocketFilter,
        hook: None,
        insns: program.convert().ok()?.insns,
        funcs: Vec::new(),
        lines: Vec::new(),
        license: String::new(),
        maps: Vec::new(),
        kfuncs: Vec::new(),
    };
    let verification = bpfscope_core::verifier::verify(&program, &[], &Default::default());
    assert!(verification.accepted(), "{}", verification.log);
    let mut machine = Machine::new(&[program], &[], Config::default()).expect("a program");
    let mut skb = SkBuff::default();
    skb.reset_l3(data, 0);
    let outcome = machine.run(ProgId(0), &mut skb, &mut NoObserver);
    assert_eq!(outcome.fault, None);
    Some(outcome.ret)
}

#[test]
fn the_kernel_attaches_what_is_accepted_here_and_runs_it_alike() {
    let pair = UnixDatagram::pair().expect("sockets");
    pair.1.set_nonblocking(true).expect("a socket");
    if let Err(errno) = attach(&pair.1, &[Op::Return(1).into()]) {
        let why = io::Error::from_raw_os_error(errno);
        let _ = writeln!(io::stderr(), "skipped: {PROGRAMS} classic filters in the kernel: {why}");
        return;
    }
    let mut random = Random(1);
    let data: Vec<u8> = (0..LEN).map(|at| if at % 3 == 0 { 0x45 } else { at as u8 }).collect();
    let (mut attached, mut refused, mut kept) = (0, 0, 0);
    for _ in 0..PROGRAMS {
        let insns = random.insns();
        let text = bpfscope_core::classic::Form::Tcpdump.write(&insns);
        let ours = Program::new(insns.clone());
        let theirs = attach(&pair.1, &insns);
        match (ours, theirs) {
            (Err(_), Err(libc::EINVAL)) => refused += 1,
            (Ok(program), Ok(())) => {
                attached += 1;
                let ret = program.run(&Packet { data: &data, len: LEN as u32, meta: Meta::default() }).ret;
                let len = through(&pair, &data);
                assert_eq!((ret as usize).min(LEN), len, "returned {ret}\n{text}");
                assert_eq!(converted(&program, &data), Some(u64::from(ret)), "\n{text}");
                kept += usize::from(len > 0);
            }
            (ours, theirs) => panic!("ours {ours:?}, theirs {theirs:?}\n{text}"),
        }
    }
    println!("{attached} attached, {refused} refused, {kept} kept something");
    assert!(
        attached > 1000 && refused > 500 && kept > 300,
        "{attached} attached, {refused} refused, {kept} kept something"
    );
}

#[test]
fn the_kernel_refuses_what_is_refused_here() {
    let pair = UnixDatagram::pair().expect("sockets");
    let ret = Insn::from(Op::Return(1));
    let ok = attach(&pair.1, &[ret]).is_ok();
    if !ok {
        let _ = writeln!(io::stderr(), "skipped: cases of classic filters in the kernel: filters cannot be attached");
        return;
    }
    let ops = |ops: &[Op]| -> Vec<Insn> { ops.iter().map(|op| Insn::from(*op)).collect() };
    let jump = |yes, no| Op::JumpIf(Cond::Eq, Source::K(0), yes, no);
    let cases: Vec<(Vec<Insn>, bool)> = vec![
        (ops(&[Op::Return(1)]), true),
        (ops(&[Op::LoadImm(1)]), false),
        (ops(&[Op::Jump(0), Op::Return(1)]), true),
        (ops(&[Op::Jump(1), Op::Return(1)]), false),
        (ops(&[Op::Jump(u32::MAX), Op::Return(1)]), false),
        (ops(&[jump(0, 1), Op::Return(1), Op::Return(2)]), true),
        (ops(&[jump(0, 2), Op::Return(1), Op::Return(2)]), false),
        (ops(&[jump(2, 0), Op::Return(1), Op::Return(2)]), false),
        (ops(&[Op::Alu(AluOp::Div, Source::K(0)), Op::Return(1)]), false),
        (ops(&[Op::Alu(AluOp::Mod, Source::K(0)), Op::Return(1)]), false),
        (ops(&[Op::Alu(AluOp::Div, Source::X), Op::Return(1)]), true),
        (ops(&[Op::Alu(AluOp::Lsh, Source::K(31)), Op::Return(1)]), true),
        (ops(&[Op::Alu(AluOp::Lsh, Source::K(32)), Op::Return(1)]), false),
        (ops(&[Op::Alu(AluOp::Rsh, Source::K(32)), Op::Return(1)]), false),
        (ops(&[Op::Store(15), Op::LoadMem(15), Op::Return(1)]), true),
        (ops(&[Op::Store(16), Op::Return(1)]), false),
        (ops(&[Op::LoadMem(0), Op::Return(1)]), false),
        (ops(&[jump(1, 0), Op::Store(0), Op::LoadMem(0), Op::Return(1)]), false),
        (ops(&[jump(0, 1), Op::Store(0), Op::Return(1)]), true),
        (ops(&[jump(2, 0), Op::Store(0), Op::Jump(1), Op::StoreX(0), Op::LoadMem(0), Op::Return(1)]), true),
        (ops(&[Op::LoadAbs(Size::W, 0xffff_f000 + 64), Op::Return(1)]), false),
        (ops(&[Op::LoadAbs(Size::B, 0xffff_f000 + 2), Op::Return(1)]), false),
        (ops(&[Op::LoadAbs(Size::B, 0xffff_efff), Op::Return(1)]), true),
        (vec![Insn { code: 0x20, jt: 9, jf: 9, k: 0xffff_f000 + 60 }, ret], true),
        (vec![Insn { code: 0x30, jt: 0, jf: 0, k: 0xffff_f000 + 40 }, ret], true),
        (vec![Insn { code: 0x0e, jt: 0, jf: 0, k: 0 }], false),
        (vec![Insn { code: 0x106, jt: 0, jf: 0, k: 0 }], false),
        (vec![ret; 4096], true),
        (vec![ret; 4097], false),
        (vec![], false),
    ];
    for (insns, accepted) in &cases {
        assert_eq!(Program::new(insns.clone()).is_ok(), *accepted, "here: {insns:?}");
        assert_eq!(attach(&pair.1, insns).is_ok(), *accepted, "in the kernel: {insns:?}");
    }
    for code in 0..=0x1ff {
        let insns = [Insn { code, jt: 0, jf: 0, k: 1 }, ret];
        // What reads scratch memory reads what nothing stored.
        assert_eq!(Program::new(insns.to_vec()).is_ok(), attach(&pair.1, &insns).is_ok(), "code {code:#x}");
    }
}

/// A jump over many header lengths, which the kernel makes the most instructions of, then some of `op`, then some that
/// become one each.
fn far_jump(op: Op, singles: u32) -> Vec<Insn> {
    const HEADERS: u32 = 1700;
    const OPS: u32 = 8;
    let over = [(Op::LoadXHeaderLen(0), HEADERS), (op, OPS), (Op::LoadImm(1), singles)];
    let mut insns = vec![Insn::from(Op::Store(0)), Op::Jump(HEADERS + OPS + singles).into()];
    insns.extend(over.iter().flat_map(|(op, count)| vec![Insn::from(*op); *count as usize]));
    // Conditional jumps at the end of those over which is jumped have somewhere to go.
    insns.extend(vec![Insn::from(Op::Return(1)); 3]);
    insns
}

#[test]
fn jumps_lead_as_far_as_in_the_kernel() {
    let pair = UnixDatagram::pair().expect("sockets");
    let attached = |insns: &[Insn]| match attach(&pair.1, insns) {
        // It has been converted before memory is asked for that sockets do not have.
        Ok(()) | Err(libc::ENOMEM) => true,
        Err(_) => false,
    };
    if !attached(&[Op::Return(1).into()]) {
        let _ = writeln!(io::stderr(), "skipped: jumps of classic filters in the kernel: filters cannot be attached");
        return;
    }
    if !cfg!(target_arch = "x86_64") {
        let _ = writeln!(io::stderr(), "skipped: jumps of classic filters in the kernel: measured on x86-64 alone");
        return;
    }
    let jump = |cond, source, jt, jf| Op::JumpIf(cond, source, jt, jf);
    let negative = 0xffff_fff0;
    let mut ops =
        vec![Op::LoadImm(1), Op::LoadLen, Op::LoadXLen, Op::LoadMem(0), Op::LoadXMem(0), Op::StoreX(1), Op::Neg];
    ops.extend([Op::Jump(0), Op::Return(1), Op::ReturnA, Op::Tax, Op::Txa, Op::LoadXImm(1)]);
    for k in [0, 1, 0x7fff, 0x8000, 0x7fff_ffff, 0xfff0_0000] {
        ops.extend([Op::LoadAbs(Size::B, k), Op::LoadAbs(Size::H, k), Op::LoadAbs(Size::W, k)]);
        ops.extend([Op::LoadInd(Size::B, k), Op::LoadInd(Size::W, k), Op::LoadXHeaderLen(k)]);
    }
    ops.extend(EXTENSIONS.iter().map(|row| Op::LoadExt(row.0)));
    for op in [AluOp::Add, AluOp::Div, AluOp::Mod] {
        ops.extend([Op::Alu(op, Source::K(3)), Op::Alu(op, Source::X)]);
    }
    for cond in [Cond::Eq, Cond::Gt, Cond::Ge, Cond::Set] {
        for source in [Source::K(1), Source::K(negative), Source::X] {
            ops.extend([(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)].map(|(jt, jf)| jump(cond, source, jt, jf)));
        }
    }
    for op in ops {
        // The greatest number of single instructions that is taken here.
        let (mut most, mut too_many) = (0_u32, 2200);
        while most + 1 < too_many {
            let singles = most.midpoint(too_many);
            match Program::new(far_jump(op, singles)) {
                Ok(_) => most = singles,
                Err(_) => too_many = singles,
            }
        }
        assert!(attached(&far_jump(op, most)) && !attached(&far_jump(op, too_many)), "{op:?}: {most}");
    }
}
