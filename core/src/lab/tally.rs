//! A capture of which only the totals are asked: a classic filter alone at a socket needs no machine for them.

use super::replay::Visit;
use super::{Compiled, Engine, Replay};
use crate::classic::{self, Counted, Meta};
use crate::kernel::{Hook, verdict};
use crate::net::skbuff::{ETH_HLEN, VLAN_HLEN, ethertype};
use crate::net::{LinkType, Packet};
use crate::vm::Machine;

impl Replay<Machine> {
    /// Lets [`tally`](Self::tally) run the classic filter that the programs were made of, if it is that, alone and in no
    /// network.
    pub fn shorten(&mut self, compiled: &Compiled) {
        let alone = self.attached().len() == 1 && self.attached().iter().all(|at| at.hook == Hook::Socket);
        if alone && !self.way.in_network() {
            self.counted = compiled.origin.as_ref().and_then(|origin| Counted::new(&origin.program));
        }
    }
}

impl<E: Engine> Replay<E> {
    /// Takes the next packet through the hooks as [`next`](Self::next) does, for its part in the [`totals`](Self::totals):
    /// `visit` may not be called for a run that comes to nothing else.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    #[inline]
    pub fn tally(&mut self, packet: &Packet<'_>, visit: impl Visit) -> Result<(), E::Error> {
        let counted = self.counted.as_ref().filter(|_| !self.way.keeps);
        let Some((filter, seen)) = counted.zip(at_socket(packet, &mut self.untagged)) else {
            return self.next(packet, visit);
        };
        let classic::Outcome { ret, insns } = filter.run(&seen);
        let verdict = verdict(Hook::Socket, ret.into(), seen.len);
        self.count_alone(Hook::Socket, verdict, insns);
        Ok(())
    }
}

/// The packet as a socket sees it; `None` for one that is cut short, or that has no protocol of its own. A frame's outer tag is
/// beside it, and the rest in `untagged`.
#[inline(always)]
fn at_socket<'a>(packet: &Packet<'a>, untagged: &'a mut Vec<u8>) -> Option<classic::Packet<'a>> {
    let data = packet.data;
    if packet.orig_len as usize != data.len() {
        return None;
    }
    if packet.link == LinkType::Ethernet {
        let field = |at| Some(u16::from_be_bytes(*data.get(at..)?.first_chunk()?));
        let (outer, mut meta) = (field(12)?, Meta { network: ETH_HLEN as u32, ..Meta::default() });
        let mut data = data;
        meta.protocol = outer;
        if ethertype::is_vlan(outer) {
            (meta.protocol, meta.vlan) = (field(16)?, Some((outer, field(14)?)));
            untagged.clear();
            untagged.extend_from_slice(&data[..12]);
            untagged.extend_from_slice(&data[12 + VLAN_HLEN..]);
            data = untagged;
        }
        // What is below is a length, and a socket's protocol something else.
        return (meta.protocol >= ethertype::MIN).then_some(classic::Packet { data, len: data.len() as u32, meta });
    }
    let l3 = packet.link.l3(data)?;
    let pkt_type = match packet.link {
        LinkType::LinuxSll => data[1] & 7,
        LinkType::LinuxSll2 => data[10] & 7,
        _ => 0,
    };
    let data = &data[l3.offset..];
    let meta = Meta { protocol: l3.protocol, pkt_type, ..Meta::default() };
    Some(classic::Packet { data, len: data.len() as u32, meta })
}
