//! [`Env`]: the machine around the programs, and what their runs send out of it.
//!
//! The simulated machine booted at the Unix epoch and never slept, its NTP offset is zero, and no time passes during a
//! run: every clock that helpers read is the capture time of the packet. Captures may go back in time; a monotonic
//! clock cannot, so [`Env::set_time`] keeps the latest time seen.

use std::net::IpAddr;
use std::sync::Arc;

use super::{ProgId, Structures};
use crate::kernel::{KernelVersion, MapId};
use crate::net::network::{DEFAULT_MTU, LOOPBACK, LOOPBACK_MTU};
use crate::net::{Device, Interface, Network};

/// What programs can ask of the machine, and the effects they had on it.
#[derive(Clone, Debug)]
pub struct Env {
    time_ns: u64,
    random: Random,
    /// The CPU that runs, below [`cpus`](Self::cpus).
    pub cpu: u32,
    /// CPUs of the machine: copies of each per-CPU value.
    pub cpus: u32,
    /// Which kernel it is.
    pub kernel: KernelVersion,
    /// Its devices and what they lead to. When there are none, every positive number is a device, so that programs can
    /// redirect to any.
    pub network: Arc<Network>,
    /// The types that structures of the kernel are laid out by; without them all that is read of one is zero.
    pub structures: Option<Arc<Structures>>,
    effects: Effects,
}

/// What a run did besides its return value, the packet and the maps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Effects {
    /// In order of time.
    pub outputs: Vec<Output>,
    /// Where the packet goes if the program's return value says so; the last call counts.
    pub redirect: Option<Redirect>,
    /// The devices of a redirection to all of a map.
    pub broadcast: Vec<MapDevice>,
    /// Copies that were sent while the program ran.
    pub clones: Vec<CloneOut>,
    /// Bytes that all of these take.
    bytes: usize,
}

/// Bytes that effects may take until they are taken: a program in a loop must not fill the memory.
const MAX_BYTES: usize = 16 << 20;
/// Bytes that an output takes besides its data.
const OUTPUT_BYTES: usize = 64;

impl Effects {
    /// Accounts for `len` bytes more, unless there is no room.
    pub(crate) fn make_room(&mut self, len: usize) -> bool {
        let bytes = self.bytes + len + OUTPUT_BYTES;
        let fits = bytes <= MAX_BYTES;
        if fits {
            self.bytes = bytes;
        }
        fits
    }

    /// Adds an output, unless there is no room: whoever reads them has lost it then.
    pub(crate) fn push(&mut self, output: Output) -> bool {
        let len = match &output {
            Output::Printk(line) => line.len(),
            Output::PerfEvent { data, .. } | Output::Ringbuf { data, .. } => data.len(),
            Output::Lost { .. } => 0,
        };
        let fits = self.make_room(len);
        if fits {
            self.outputs.push(output);
        }
        fits
    }
}

/// A line or a record that user space would read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// `bpf_trace_printk`: a line of the trace pipe, without its prefix and its line end.
    Printk(String),
    /// `bpf_perf_event_output`.
    PerfEvent {
        /// The perf event array.
        map: MapId,
        /// CPU, the index into the array.
        cpu: u32,
        /// The sample: the program's bytes, then those of the packet that it asked for.
        data: Vec<u8>,
    },
    /// A record of a ring buffer, when it was submitted. It stays in the ring buffer too, as in a kernel where nobody
    /// reads: `MapStore::ringbuf_drain` is the reader.
    Ringbuf {
        /// The ring buffer.
        map: MapId,
        /// The record.
        data: Vec<u8>,
    },
    /// A record for which a ring buffer had no room: the program was refused it, and nobody reads it. Of perf events none
    /// are lost: whoever reads them keeps up, as no replay says how fast a reader would be.
    Lost {
        /// The ring buffer.
        map: MapId,
        /// Bytes that the record would have had.
        len: u64,
    },
}

/// Where `bpf_redirect` and its like send the packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Redirect {
    /// The device; 0 when it is no device that the packet goes to.
    pub ifindex: u32,
    /// `BPF_F_INGRESS` (1) or 0; for a map the helper's flags.
    pub flags: u64,
    /// By which way.
    pub way: RedirectWay,
}

/// How a packet gets to where it is redirected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RedirectWay {
    /// As it is (`bpf_redirect`).
    Plain,
    /// To the receive path of the device's peer, in another namespace (`bpf_redirect_peer`).
    Peer,
    /// With the Ethernet addresses of the neighbour, which is the next hop that the program gave or the one that the
    /// routing table has (`bpf_redirect_neigh`).
    Neighbour(Option<IpAddr>),
    /// To what a map has (`bpf_redirect_map`).
    Map {
        /// The map.
        map: MapId,
        /// The key.
        key: u32,
        /// What the map has there.
        entry: MapTarget,
        /// The program that the entry has, which runs on the packet before it goes on.
        program: Option<ProgId>,
    },
}

/// A device of a map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MapDevice {
    /// Its number.
    pub ifindex: u32,
    /// The program that its entry has.
    pub program: Option<ProgId>,
}

/// What a map for redirection has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MapTarget {
    /// A device, whose number is the redirection's.
    Device,
    /// All devices of the map, which are [`Effects::broadcast`].
    Devices,
    /// A CPU, which makes an skb of the packet and takes it on.
    Cpu,
    /// A socket of user space.
    Socket,
}

/// A copy that `bpf_clone_redirect` sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CloneOut {
    /// The device.
    pub ifindex: u32,
    /// `BPF_F_INGRESS` (1) or 0.
    pub flags: u64,
    /// The frame as it was at that moment.
    pub frame: Vec<u8>,
}

impl Effects {
    /// Records sent to user space, perf events and ring buffer records.
    pub fn events(&self) -> u64 {
        let events = self.outputs.iter().filter(|o| matches!(o, Output::PerfEvent { .. } | Output::Ringbuf { .. }));
        events.count() as u64
    }

    /// Records that ring buffers had no room for, in order: of which map each.
    pub fn lost(&self) -> impl Iterator<Item = MapId> + '_ {
        self.outputs.iter().filter_map(|output| match output {
            Output::Lost { map, .. } => Some(*map),
            _ => None,
        })
    }
}

impl Env {
    /// A machine of `cpus` CPUs (at least 1) whose random numbers follow from `seed`. It runs on CPU 0 at time 0.
    pub fn new(kernel: KernelVersion, cpus: u32, seed: u64) -> Env {
        Env {
            time_ns: 0,
            random: Random(seed),
            cpu: 0,
            cpus: cpus.max(1),
            kernel,
            network: Arc::default(),
            structures: None,
            effects: Effects::default(),
        }
    }

    /// Advances the clock to a packet's capture time, in ns since the epoch; a time that has passed changes nothing.
    pub fn set_time(&mut self, time_ns: u64) {
        self.time_ns = self.time_ns.max(time_ns);
    }

    /// The clock, in ns.
    pub fn time_ns(&self) -> u64 {
        self.time_ns
    }

    /// The next random number: the same sequence for the same seed, on every platform.
    pub fn random_u32(&mut self) -> u32 {
        self.random.next()
    }

    /// The MTU of the device of that number in the namespace that a device is in, or `None` when there is none.
    pub fn mtu_of(&self, here: &Device, ifindex: u32) -> Option<u32> {
        match self.interface(here, ifindex) {
            Some(interface) => Some(interface.mtu),
            None if ifindex == LOOPBACK => Some(LOOPBACK_MTU),
            None => (self.network.interfaces.is_empty() && i32::try_from(ifindex).is_ok_and(|i| i > 0))
                .then_some(DEFAULT_MTU),
        }
    }

    /// The declared interface of that number in the namespace that a device is in.
    pub fn interface(&self, here: &Device, ifindex: u32) -> Option<&Interface> {
        self.network.by_index(self.netns(here), ifindex)
    }

    /// Bytes of a socket as programs see it, at an offset of the region of sockets.
    pub(crate) fn socket_bytes(&self, offset: u32, len: usize) -> Option<Vec<u8>> {
        use super::addr::{SOCKET_SIZE, TCP_SOCK};
        let socket = self.network.sockets.get((offset / SOCKET_SIZE) as usize)?;
        let within = (offset % SOCKET_SIZE) as usize;
        let of = |bytes: &[u8], at: usize| bytes.get(at..at + len).map(<[u8]>::to_vec);
        match within.checked_sub(TCP_SOCK as usize) {
            None => of(&socket.as_bpf_sock(self.network.bound(socket)), within),
            Some(at) => of(&socket.as_bpf_tcp_sock(), at),
        }
    }

    /// The label of the namespace that a device is in.
    pub fn netns(&self, here: &Device) -> &str {
        here.interface.and_then(|at| self.network.interfaces.get(usize::from(at))).map_or("", |i| &i.netns)
    }

    /// What happened since the last call; free when nothing did.
    pub fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    /// What happened since effects were last taken.
    pub fn effects(&self) -> &Effects {
        &self.effects
    }

    /// To add an effect.
    pub(crate) fn effects_mut(&mut self) -> &mut Effects {
        &mut self.effects
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): every seed is good, one add and three multiplications a number.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_goes_back() {
        let mut env = Env::new(KernelVersion::LATEST, 1, 0);
        env.set_time(20);
        env.set_time(10);
        assert_eq!(env.time_ns(), 20);
    }

    #[test]
    fn random_numbers_follow_from_the_seed() {
        let numbers = |seed| {
            let mut env = Env::new(KernelVersion::LATEST, 1, seed);
            [env.random_u32(), env.random_u32(), env.random_u32()]
        };
        assert_eq!(numbers(1), numbers(1));
        assert_ne!(numbers(1), numbers(2));
        // The published first output for seed 0 is 0xe220a8397b1dcdaf.
        assert_eq!(numbers(0)[0], 0xe220_a839);
    }

    #[test]
    fn with_no_interfaces_named_every_positive_number_is_one() {
        let mut env = Env::new(KernelVersion::LATEST, 1, 0);
        let mtus = |env: &Env| [0, 1, 2, 7, u32::MAX].map(|ifindex| env.mtu_of(&Device::LOOPBACK, ifindex));
        assert_eq!(mtus(&env), [None, Some(65536), Some(1500), Some(1500), None]);
        let interfaces = vec![Interface { mtu: 9000, ..Interface::new("eth0", 2) }];
        env.network = Arc::new(Network { interfaces, ..Network::default() });
        assert_eq!(mtus(&env), [None, Some(65536), Some(9000), None, None]);
    }
}
