//! What the benches share: the programs, and an interpreter of ours and a peer's to run them on.
//!
//! The programs under `programs/` are XDP programs without helpers, as clang writes them. The peer, rbpf, has no
//! `xdp_md`: it finds the packet through a buffer with two 64-bit pointers, so the two loads of `data` and
//! `data_end` are changed for it, and nothing else.
//!
//! [`twin`] and [`Verified`] build for the browser too, to measure there and here alike; the rest is for this machine.

#[cfg(not(target_family = "wasm"))]
mod command;
#[cfg(not(target_family = "wasm"))]
mod peer;
pub mod twin;
#[cfg(not(target_family = "wasm"))]
mod usage;
mod verified;

#[cfg(not(target_family = "wasm"))]
pub use command::{Scratch, build_command};
#[cfg(not(target_family = "wasm"))]
pub use peer::{Peer, cpu_time, peer_program};
#[cfg(not(target_family = "wasm"))]
pub use usage::{Usage, usage};
pub use verified::{Keep, Verified, large};

use bpfscope_core::isa::{Names, RawInsn, Unit, assemble, unit::Content};
use bpfscope_core::kernel::{ProgType, Program};
use bpfscope_core::net::SkBuff;
use bpfscope_core::vm::{Config, Machine, NoObserver, Outcome, ProgId};

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
        kfuncs: Vec::new(),
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
