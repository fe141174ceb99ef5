//! Ancillary loads (`SKF_AD_*` of `linux/filter.h`): what a filter reads from beside the packet.

/// Where ancillary offsets begin (`SKF_AD_OFF`).
pub(super) const AD_OFF: u32 = -0x1000_i32 as u32;
/// Where offsets relative to the network header begin (`SKF_NET_OFF`).
pub(super) const NET_OFF: i32 = -0x10_0000;
/// Where offsets relative to the link-layer header begin (`SKF_LL_OFF`).
pub(super) const LL_OFF: i32 = -0x20_0000;

/// What an ancillary load takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the table says what each is")]
pub enum Ext {
    Protocol,
    PacketType,
    Ifindex,
    Nlattr,
    NlattrNest,
    Mark,
    Queue,
    HaType,
    RxHash,
    Cpu,
    XorX,
    VlanTag,
    VlanTagPresent,
    PayOffset,
    Random,
    VlanTpid,
}

/// The ancillary loads: offset from `SKF_AD_OFF`, the name that `bpf_asm` has for it, and what A becomes.
pub const EXTENSIONS: &[(Ext, u32, &str, &str)] = &[
    (Ext::Protocol, 0, "proto", "the EtherType that the packet is of"),
    (Ext::PacketType, 4, "type", "PACKET_HOST 0, BROADCAST 1, MULTICAST 2, OTHERHOST 3, OUTGOING 4"),
    (Ext::Ifindex, 8, "ifidx", "index of the device"),
    (Ext::Nlattr, 12, "nla", "where the netlink attribute of type X is, looking from A on; 0 when it is not there"),
    (Ext::NlattrNest, 16, "nlan", "the same within the attribute at A"),
    (Ext::Mark, 20, "mark", "the packet's mark"),
    (Ext::Queue, 24, "queue", "queue of a multiqueue device"),
    (Ext::HaType, 28, "hatype", "the device's hardware type (ARPHRD_*)"),
    (Ext::RxHash, 32, "rxhash", "hash of the flow"),
    (Ext::Cpu, 36, "cpu", "the CPU that the filter runs on"),
    (Ext::XorX, 40, "xor_x", "A ^ X, from before there was an instruction for it"),
    (Ext::VlanTag, 44, "vlan_tci", "the VLAN tag beside the frame"),
    (Ext::VlanTagPresent, 48, "vlan_avail", "1 when there is such a tag"),
    (Ext::PayOffset, 52, "poff", "where the payload begins, behind the transport header"),
    (Ext::Random, 56, "rand", "a random number"),
    (Ext::VlanTpid, 60, "vlan_tpid", "EtherType of the VLAN tag beside the frame"),
];

impl Ext {
    /// The ancillary load at that offset of an absolute load.
    pub fn at(k: u32) -> Option<Ext> {
        EXTENSIONS.iter().find(|row| k == AD_OFF + row.1).map(|row| row.0)
    }

    /// Its offset in an absolute load.
    pub fn offset(self) -> u32 {
        AD_OFF + self.row().1
    }

    /// Its name in `bpf_asm`.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// The one with that name in `bpf_asm`.
    pub fn by_name(name: &str) -> Option<Ext> {
        EXTENSIONS.iter().find(|row| row.2 == name).map(|row| row.0)
    }

    fn row(self) -> &'static (Ext, u32, &'static str, &'static str) {
        &EXTENSIONS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_extension_has_its_row() {
        for (ext, offset, name, _) in EXTENSIONS {
            assert_eq!(ext.row().0, *ext);
            assert_eq!((Ext::at(AD_OFF + offset), Ext::by_name(name)), (Some(*ext), Some(*ext)));
        }
        assert_eq!(Ext::at(AD_OFF + 1), None);
        assert_eq!(Ext::at(AD_OFF + 64), None);
    }
}
