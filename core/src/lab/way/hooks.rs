//! What a packet is for the programs at a hook, and what it is again after them.

use super::super::{Engine, Replay};
use crate::{
    kernel::Hook,
    net::{LinkType, SkBuff, skbuff::ethertype},
};

impl<E: Engine> Replay<E> {
    /// Makes the packet what programs at a hook see; whether they see it at all.
    pub(super) fn meet(&mut self, hook: Hook) -> bool {
        let is_ip = |skb: &SkBuff| matches!(skb.protocol, ethertype::IP | ethertype::IPV6);
        if hook == Hook::Socket {
            self.lend_to_socket();
            return true;
        }
        if hook.is_cgroup() {
            if let Some(whole) = self.way.lent.take() {
                self.skb = whole;
            }
            // A control group has no sockets of other families.
            if !is_ip(&self.skb) {
                return false;
            }
            if !self.way.pulled {
                self.skb.pull_mac_header();
                self.way.pulled = true;
            }
            self.skb.device.leaving = hook == Hook::CgroupEgress;
            return true;
        }
        self.settle();
        self.skb.device.at_ingress = hook == Hook::TcIngress && self.way.start.is_some();
        if self.way.on_device && hook == Hook::TcIngress {
            self.skb.untag();
        }
        true
    }

    /// Gives the packet what it was without for the programs that saw it last.
    pub(super) fn settle(&mut self) {
        if let Some(whole) = self.way.lent.take() {
            self.skb = whole;
        }
        if std::mem::take(&mut self.way.pulled) {
            self.skb.push_mac_header();
        }
    }

    /// The driver makes an skb of the frame as XDP left it.
    pub(super) fn make_skb(&mut self, link: LinkType) {
        let way = &mut self.way;
        way.scratch.clear();
        way.scratch.extend_from_slice(self.skb.packet.bytes());
        let missing = self.skb.missing;
        match link {
            LinkType::Ethernet => self.skb.reset_ethernet(&way.scratch),
            _ => self.skb.reset_l3(&way.scratch, self.skb.protocol),
        }
        self.skb.missing = missing;
    }

    /// A socket sees a packet with its tag beside it; the packet itself goes on as it was.
    fn lend_to_socket(&mut self) {
        if ethertype::is_vlan(self.skb.protocol) && self.skb.vlan.is_none() {
            self.way.lent = Some(self.skb.clone());
            self.skb.untag();
        }
    }
}
