//! What the benches share: the programs, and an interpreter of ours and a peer's to run them on.
//!
//! The programs under `programs/` are XDP programs without helpers, as clang writes them. The peer, rbpf, has no
//! `xdp_md`: it finds the packet through a buffer with two 64-bit pointers, so the two loads of `data` and
//! `data_end` are changed for it, and nothing else.

use std::time::Duration;

use bpfscope_core::isa::{Names, RawInsn, Unit, assemble, unit::Content};
use bpfscope_core::kernel::{ProgType, Program};
use bpfscope_core::net::SkBuff;
use bpfscope_core::vm::{Config, Machine, NoObserver, Outcome, ProgId};
use rustix::time::{ClockId, clock_gettime};

/// A program and what it runs on.
pub struct Workload {
    /// Name.
    pub name: &'static str,
    /// Assembly text.
    pub text: &'static str,
    /// The packet.
    pub packet: Vec<u8>,
}

/// The four programs.
pub fn workloads() -> Vec<Workload> {
    let load = |name, text, packet| Workload { name, text, packet };
    vec![
        load("header", include_str!("../programs/header.s"), tcp_segment()),
        load("checksum", include_str!("../programs/checksum.s"), numbers(256)),
        load("jhash", include_str!("../programs/jhash.s"), numbers(256)),
        load("loop", include_str!("../programs/loop.s"), numbers(64)),
    ]
}

/// Instructions that a run may take here: the loop takes a million.
pub const BUDGET: u64 = 10_000_000;

/// Bytes without a pattern.
fn numbers(count: u32) -> Vec<u8> {
    (0..count).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// A TCP segment to port 443 in IPv4 on Ethernet.
pub fn tcp_segment() -> Vec<u8> {
    let mut frame = vec![0; 74];
    frame[..12].copy_from_slice(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]);
    frame[12..14].copy_from_slice(&[8, 0]);
    frame[14..34].copy_from_slice(&[0x45, 0, 0, 60, 0, 1, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2]);
    frame[34..38].copy_from_slice(&[0xc0, 0x01, 0x01, 0xbb]);
    frame[46..48].copy_from_slice(&[0xa0, 0x02]);
    frame
}

/// CPU time of this thread: what else the machine does is not in it.
pub fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Assembles a program's text to its instructions.
///
/// # Panics
/// If the text is wrong: it is part of this crate.
pub fn instructions(text: &str) -> Vec<RawInsn> {
    let unit: Unit = assemble(text, &Names::NONE).expect("the programs of the benches assemble");
    let (_, section) = unit.section("xdp").expect("the programs of the benches are in `xdp`");
    match &section.content {
        Content::Code(insns) => insns.clone(),
        _ => panic!("`xdp` holds code"),
    }
}

/// Instructions as an XDP program.
pub fn xdp_program(insns: Vec<RawInsn>) -> Program {
    Program {
        name: "prog".into(),
        section: "xdp".into(),
        prog_type: ProgType::Xdp,
        hook: None,
        insns,
        funcs: Vec::new(),
        lines: Vec::new(),
        license: "Dual MIT/GPL".into(),
        maps: Vec::new(),
    }
}

/// Our interpreter with one XDP program and one packet.
pub struct Ours {
    /// The machine.
    pub machine: Machine,
    /// The packet.
    pub skb: SkBuff,
}

impl Ours {
    /// Makes a program ready to run on a packet.
    ///
    /// # Errors
    /// An instruction that cannot be decoded.
    pub fn new(insns: Vec<RawInsn>, packet: &[u8]) -> Result<Ours, bpfscope_core::vm::SetupError> {
        let config = Config { budget: BUDGET, ..Config::default() };
        let machine = Machine::new(&[xdp_program(insns)], &[], config)?;
        let mut skb = SkBuff::default();
        skb.reset_ethernet(packet);
        Ok(Ours { machine, skb })
    }

    /// Runs it once.
    pub fn run(&mut self) -> Outcome {
        self.machine.run(ProgId(0), &mut self.skb, &mut NoObserver)
    }
}

/// The program's bytes for rbpf, with 64-bit pointers at 0 and 8 of its buffer.
pub fn peer_program(text: &str) -> Vec<u8> {
    let mut insns = instructions(text);
    for insn in &mut insns {
        // *(u32 *)(r1 + 0) and *(u32 *)(r1 + 4), before r1 is anything but the context.
        if insn.opcode == 0x61 && insn.src == 1 && (insn.off == 0 || insn.off == 4) && insn.imm == 0 {
            insn.opcode = 0x79;
            insn.off *= 2;
        }
    }
    insns.iter().flat_map(|insn| insn.to_bytes()).collect()
}

/// rbpf's interpreter with one program and one packet.
pub struct Peer<'a> {
    vm: rbpf::EbpfVmMbuff<'a>,
    packet: &'a [u8],
    pointers: [u8; 16],
}

impl<'a> Peer<'a> {
    /// Makes a program ready to run on a packet.
    ///
    /// # Panics
    /// If rbpf refuses a program of this crate.
    pub fn new(program: &'a [u8], packet: &'a [u8]) -> Peer<'a> {
        let range = packet.as_ptr_range();
        let mut pointers = [0; 16];
        pointers[..8].copy_from_slice(&(range.start as u64).to_le_bytes());
        pointers[8..].copy_from_slice(&(range.end as u64).to_le_bytes());
        let vm = rbpf::EbpfVmMbuff::new(Some(program)).expect("rbpf takes the programs of the benches");
        Peer { vm, packet, pointers }
    }

    /// Runs it once.
    ///
    /// # Panics
    /// If the program faults.
    pub fn run(&self) -> u64 {
        self.vm.execute_program(self.packet, &self.pointers).expect("the programs of the benches do not fault")
    }
}
