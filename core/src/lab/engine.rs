//! [`Engine`]: what executes programs. The simulator's [`Machine`] is one; a kernel is another, beyond `core`.
//!
//! A [`Replay`](super::Replay) walks a packet from hook to hook and counts verdicts; its engine has the programs and the
//! maps. So the way of a packet is the same whoever runs the programs, and results can be laid side by side.

use std::convert::Infallible;
use std::sync::Arc;

use super::Attached;
use crate::{
    kernel::MapId,
    net::{Network, SkBuff},
    vm::{Effects, Machine, NoObserver, Outcome},
};

/// Somebody who has loaded the programs and maps of an object, and runs the programs.
pub trait Engine {
    /// Why a program cannot be run, as against a run that ends in a fault.
    type Error;

    /// A packet comes in: the time of its capture in nanoseconds.
    fn packet_comes(&mut self, time_ns: u64);

    /// The network around the programs from now on, as far as the engine knows one.
    fn in_network(&mut self, network: &Arc<Network>) {
        let _ = network;
    }

    /// Whether what programs keep in the storage of their control group lasts: that of a test run ends with it.
    fn keeps_group_storage(&self) -> bool {
        true
    }

    /// Whether the program can be run on such a packet at all, before anything is.
    ///
    /// # Errors
    /// The engine cannot run it on this packet.
    fn takes(&mut self, at: Attached, skb: &SkBuff) -> Result<(), Self::Error> {
        let _ = (at, skb);
        Ok(())
    }

    /// Runs a program on the packet, which is then as the program left it.
    ///
    /// # Errors
    /// The engine cannot run it on this packet.
    fn run(&mut self, at: Attached, skb: &mut SkBuff) -> Result<Outcome, Self::Error>;

    /// What the run did besides; asked for after each.
    fn take_effects(&mut self) -> Effects;

    /// The packet has gone its way, and whoever reads this ring buffer has read it.
    fn drain(&mut self, ring: MapId);
}

impl Engine for Machine {
    type Error = Infallible;

    fn packet_comes(&mut self, time_ns: u64) {
        self.advance(time_ns);
    }

    fn in_network(&mut self, network: &Arc<Network>) {
        self.env.network = Arc::clone(network);
    }

    fn run(&mut self, at: Attached, skb: &mut SkBuff) -> Result<Outcome, Infallible> {
        Ok(Machine::run(self, at.program, skb, &mut NoObserver))
    }

    fn take_effects(&mut self) -> Effects {
        self.env.take_effects()
    }

    fn drain(&mut self, ring: MapId) {
        self.maps.ringbuf_drain(ring);
    }
}

/// What maps hold, as user space reads it.
pub trait Contents {
    /// Entries that a map has, in its own order: keys and values, of per-CPU maps the values of all CPUs one after the
    /// other, each rounded up to 8 bytes. Those of maps that cannot be read are none.
    fn entries(&self, map: MapId) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + '_>;

    /// How many entries a map has.
    fn count(&self, map: MapId) -> u64 {
        self.entries(map).count() as u64
    }
}

impl Contents for Machine {
    fn entries(&self, map: MapId) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + '_> {
        Box::new(self.maps.entries(map))
    }

    fn count(&self, map: MapId) -> u64 {
        self.maps.count(map)
    }
}
