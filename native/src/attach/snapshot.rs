//! What was read of a program that runs on a device, as values; what changes from one to the next is told as rates.

use bpfscope_core::{
    kernel::{Hook, MapId},
    lab::{Contents, VerdictCount},
    vm::Output,
};
use bpfscope_linux::attach::Counters;

/// Everything that was seen since the program was attached.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Seconds since then.
    pub seconds: f64,
    /// Runs of the program, as the kernel counts them; `None` where it does not (before Linux 5.8).
    pub runs: Option<u64>,
    /// Nanoseconds that they took.
    pub run_ns: u64,
    /// What the device counted.
    pub device: Counters,
    /// Packets that were seen to go on after the program, where that can be seen.
    pub passed: Option<u64>,
    /// The simulator's verdicts on the packets that were sampled; `None` where no tap sees them before the program does.
    pub verdicts: Option<Vec<VerdictCount>>,
    /// Packets that the simulator had, those that were recorded, and those that the tap could not keep for either.
    pub sampled: u64,
    pub recorded: Option<u64>,
    pub missed: u64,
    /// By the numbers of maps.
    pub maps: Vec<Held>,
    /// What came since the snapshot before, as far as there was room for it.
    pub events: Vec<Output>,
    /// Lines that were printed since the snapshot before, by whatever program.
    pub printed: Vec<String>,
    /// Events in all, and those that were lost as far as the kernel tells.
    pub event_count: u64,
    pub lost: u64,
}

/// What a map holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Held {
    /// Keys and values, in the kernel's order.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether there are more.
    pub more: bool,
}

/// The maps of a snapshot, as contents to print.
pub struct Maps<'a>(pub &'a [Held]);

impl Contents for Maps<'_> {
    fn entries(&self, map: MapId) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + '_> {
        Box::new(self.0.get(map.index()).map_or_else(Default::default, |held| held.entries.clone()).into_iter())
    }
}

/// How much came in a time.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Rates {
    /// Packets a second: runs of the program, or what the device counted where the kernel does not count runs.
    pub packets: f64,
    /// Bytes a second that the device counted.
    pub bytes: f64,
    /// Nanoseconds of a run.
    pub ns: Option<f64>,
}

impl Snapshot {
    /// What the device counted in the direction of a hook's packets: packets and bytes.
    pub fn toward(&self, hook: Hook) -> (u64, u64) {
        let c = &self.device;
        match hook {
            Hook::Xdp | Hook::TcIngress | Hook::CgroupIngress => (c.rx_packets, c.rx_bytes),
            Hook::TcEgress | Hook::CgroupEgress => (c.tx_packets, c.tx_bytes),
            Hook::Socket => (c.rx_packets + c.tx_packets, c.rx_bytes + c.tx_bytes),
        }
    }

    /// Rates since an earlier snapshot.
    pub fn since(&self, earlier: &Snapshot, hook: Hook) -> Rates {
        let seconds = (self.seconds - earlier.seconds).max(1e-9);
        let (ours, theirs) = (self.toward(hook), earlier.toward(hook));
        let runs = self.runs.map(|runs| runs.saturating_sub(earlier.runs.unwrap_or_default()));
        let run_ns = self.run_ns.saturating_sub(earlier.run_ns);
        Rates {
            packets: runs.unwrap_or(ours.0.saturating_sub(theirs.0)) as f64 / seconds,
            bytes: ours.1.saturating_sub(theirs.1) as f64 / seconds,
            ns: runs.filter(|runs| *runs > 0).map(|runs| run_ns as f64 / runs as f64),
        }
    }
}
