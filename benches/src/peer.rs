//! The peer, rbpf, and the clock that both are measured with.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::instructions;

/// CPU time of this thread: what else the machine does is not in it.
pub fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
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
