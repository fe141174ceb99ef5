//! Context accesses: loads and stores of `struct __sk_buff` and `struct xdp_md` fields, carried out on the [`SkBuff`].
//!
//! The table in [`crate::kernel::context_fields`] says what exists and what is allowed; here is what a field's value is.
//! Every program starts with `data`, `data_end`, `len` or `protocol`, so these are tried first.

use super::addr::{self, Addr, PACKET, PACKET_BASE};
use crate::kernel::{CtxAccess, ProgType, ProgTypes, context_field_at};
use crate::net::SkBuff;
use crate::net::skbuff::ethertype;

/// `queue_mapping` values from here on are not stored (`NO_QUEUE_MAPPING`).
const NO_QUEUE_MAPPING: u32 = 0xffff;
/// Offsets in `struct __sk_buff` that more than one place names.
const CB: u16 = 48;
const REMOTE_IP4: u16 = 92;
const LOCAL_IP4: u16 = 96;
const REMOTE_IP6: u16 = 100;
const LOCAL_IP6: u16 = 116;
/// Address families of the socket that a cgroup program sees.
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;

/// The address of a packet position, as a program holds it.
#[inline]
pub(crate) fn packet_addr(position: i32) -> u64 {
    Addr::new(PACKET, PACKET_BASE.wrapping_add(position as u32)).0
}

/// The address of a socket, by its place in the network's list.
pub(crate) fn socket_addr(at: u16) -> u64 {
    Addr::new(addr::SOCKET, u32::from(at) * addr::SOCKET_SIZE).0
}

/// Loads `size` bytes at `offset` of the context: the value zero-extended, `None` when the kernel would refuse the
/// program. A 32-bit load of a packet pointer gives the whole 64-bit address.
#[inline]
pub(crate) fn load(prog_type: ProgType, skb: &SkBuff, offset: u32, size: u8) -> Option<u64> {
    const POINTERS: ProgTypes = ProgTypes::TC.and(ProgTypes::of(&[ProgType::CgroupSkb]));
    if size == 4 {
        if prog_type == ProgType::Xdp {
            match offset {
                0 => return Some(packet_addr(skb.packet.start())),
                4 => return Some(packet_addr(skb.packet.end())),
                // Programs of a device's entry in a map have it, and no others.
                20 if skb.device.egress_ifindex != 0 => return xdp_field(skb, 20),
                _ => {}
            }
        } else if ProgTypes::SKB.contains(prog_type) {
            match offset {
                0 => return Some(skb.packet.len() as u64),
                16 => return Some(skb.protocol.to_be() as u64),
                // Numbers that every one of these programs may read.
                4 | 8 | 12 | 20 | 24 | 28 | 32 | 36 | 40 | 44 | 68 => return skb_field(skb, offset as u16),
                76 if POINTERS.contains(prog_type) => return Some(packet_addr(skb.packet.start())),
                80 if POINTERS.contains(prog_type) => return Some(packet_addr(skb.packet.end())),
                _ => {}
            }
        }
    }
    load_any(prog_type, skb, offset, size)
}

fn load_any(prog_type: ProgType, skb: &SkBuff, offset: u32, size: u8) -> Option<u64> {
    let field = context_field_at(prog_type, offset)?;
    if !field.permits(prog_type, offset, size, false) {
        return None;
    }
    let within = offset - field.offset as u32;
    let is_skb = prog_type != ProgType::Xdp;
    let whole = match field.offset {
        // Elements of arrays come whole.
        REMOTE_IP6 | LOCAL_IP6 if is_skb => return Some(sk_address(skb, field.offset, within) as u64),
        CB if is_skb => {
            let mut bytes = [0; 8];
            bytes[..size as usize].copy_from_slice(cb_bytes(skb).get(within as usize..)?.get(..size as usize)?);
            return Some(u64::from_le_bytes(bytes));
        }
        offset if is_skb => skb_field(skb, offset)?,
        offset => xdp_field(skb, offset)?,
    };
    Some(match field.access {
        // A narrow load takes part of the value's little-endian bytes.
        CtxAccess::Narrow(kept) if size < kept => whole >> (8 * within) & (u64::MAX >> (64 - 8 * size as u32)),
        _ => whole,
    })
}

fn xdp_field(skb: &SkBuff, offset: u16) -> Option<u64> {
    Some(match offset {
        0 => packet_addr(skb.packet.start()),   // data
        4 => packet_addr(skb.packet.end()),     // data_end
        8 => packet_addr(skb.packet.meta()),    // data_meta
        12 => skb.device.ifindex as u64,        // ingress_ifindex
        16 => skb.device.rx_queue_index as u64, // rx_queue_index
        20 => skb.device.egress_ifindex as u64, // egress_ifindex
        _ => return None,
    })
}

fn skb_field(skb: &SkBuff, offset: u16) -> Option<u64> {
    Some(match offset {
        0 => skb.packet.len() as u64,                         // len
        4 => skb.pkt_type as u64,                             // pkt_type
        8 => skb.notes.mark as u64,                           // mark
        12 => skb.notes.queue_mapping as u64,                 // queue_mapping
        16 => skb.protocol.to_be() as u64,                    // protocol
        20 => skb.vlan.is_some() as u64,                      // vlan_present
        24 => skb.vlan.map_or(0, |v| v.tci) as u64,           // vlan_tci
        28 => skb.vlan.map_or(0, |v| v.proto.to_be()) as u64, // vlan_proto
        32 => skb.notes.priority as u64,                      // priority
        36 => skb.device.ingress_ifindex as u64,              // ingress_ifindex
        40 => skb.device.ifindex as u64,                      // ifindex
        44 => skb.notes.tc_index as u64,                      // tc_index
        68 => skb.hash.value as u64,                          // hash
        72 => skb.notes.tc_classid as u64,                    // tc_classid
        76 => packet_addr(skb.packet.start()),                // data
        80 => packet_addr(skb.packet.end()),                  // data_end
        140 => packet_addr(skb.packet.meta()),                // data_meta
        84 => skb.device.napi_id as u64,                      // napi_id
        // family
        88 => match skb.protocol {
            ethertype::IP => AF_INET as u64,
            ethertype::IPV6 => AF_INET6 as u64,
            _ => 0,
        },
        92 | 96 => sk_address(skb, offset, 0) as u64, // remote_ip4, local_ip4
        // Packets come without a socket here, and the one of BPF_PROG_TEST_RUN has no ports.
        132 | 136 => 0,                         // remote_port, local_port
        168 => skb.sk.map_or(0, socket_addr),   // sk
        152 => skb.offloads.tstamp,             // tstamp
        180 => skb.offloads.tstamp_type as u64, // tstamp_type
        184 => skb.offloads.hwtstamp,           // hwtstamp
        160 => skb.offloads.wire_len as u64,    // wire_len
        164 => skb.offloads.gso_segs as u64,    // gso_segs
        176 => skb.offloads.gso_size as u64,    // gso_size
        _ => return None,
    })
}

/// A word of the address of the socket that `BPF_PROG_TEST_RUN` gives a cgroup program: the packet's own addresses, its
/// destination as the remote one.
fn sk_address(skb: &SkBuff, offset: u16, word: u32) -> u32 {
    let at = match (offset, skb.protocol) {
        (REMOTE_IP4, ethertype::IP) => 16,
        (LOCAL_IP4, ethertype::IP) => 12,
        (REMOTE_IP6, ethertype::IPV6) => 24 + word,
        (LOCAL_IP6, ethertype::IPV6) => 8 + word,
        _ => return 0,
    };
    let bytes = skb.packet.get(skb.network + at as i32, 4).and_then(|b| b.first_chunk());
    bytes.map_or(0, |b| u32::from_le_bytes(*b))
}

fn cb_bytes(skb: &SkBuff) -> [u8; 20] {
    let mut bytes = [0; 20];
    for (to, word) in bytes.chunks_exact_mut(4).zip(skb.notes.cb) {
        to.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// Stores the low `size` bytes of `value` at `offset` of the context; `None` when the kernel would refuse the program.
pub(crate) fn store(prog_type: ProgType, skb: &mut SkBuff, offset: u32, size: u8, value: u64) -> Option<()> {
    let field = context_field_at(prog_type, offset)?;
    if !field.permits(prog_type, offset, size, true) {
        return None;
    }
    let notes = &mut skb.notes;
    let word = value as u32;
    match field.name {
        "mark" => notes.mark = word,
        "priority" => notes.priority = word,
        "tc_index" => notes.tc_index = word as u16,
        "tc_classid" => notes.tc_classid = word as u16,
        "queue_mapping" if word < NO_QUEUE_MAPPING => notes.queue_mapping = word as u16,
        "queue_mapping" => {}
        "tstamp" => skb.offloads.tstamp = value,
        "cb" => {
            let at = (offset - field.offset as u32) as usize;
            let mut bytes = cb_bytes(skb);
            bytes.get_mut(at..at + size as usize)?.copy_from_slice(&value.to_le_bytes()[..size as usize]);
            for (word, from) in skb.notes.cb.iter_mut().zip(bytes.as_chunks::<4>().0) {
                *word = u32::from_le_bytes(*from);
            }
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::context_fields;

    fn skb() -> SkBuff {
        let mut skb = SkBuff::default();
        let mut frame = [0; 60];
        frame[12] = 8;
        skb.reset_ethernet(&frame);
        skb
    }

    #[test]
    fn every_field_that_may_be_read_has_a_value() {
        for prog_type in ProgType::ALL {
            for field in context_fields(prog_type) {
                let size = if field.size == 8 || field.size == 1 { field.size as u8 } else { 4 };
                let value = load(prog_type, &skb(), field.offset as u32, size);
                assert_eq!(value.is_some(), field.read.contains(prog_type), "{} of {prog_type:?}", field.name);
            }
        }
    }

    #[test]
    fn every_field_that_may_be_written_reads_back() {
        for prog_type in ProgType::ALL {
            for field in context_fields(prog_type) {
                let size = if field.size == 8 { 8 } else { 4 };
                let mut skb = skb();
                let done = store(prog_type, &mut skb, field.offset as u32, size, 0x1234);
                assert_eq!(done.is_some(), field.write.contains(prog_type), "{} of {prog_type:?}", field.name);
                if done.is_some() && field.read.contains(prog_type) {
                    assert_eq!(load(prog_type, &skb, field.offset as u32, size), Some(0x1234), "{}", field.name);
                }
            }
        }
    }

    #[test]
    fn a_narrow_load_takes_part_of_the_little_endian_bytes() {
        let mut skb = skb();
        skb.notes.mark = 0x1122_3344;
        let narrow = |offset: u32, size| load(ProgType::SchedCls, &skb, 8 + offset, size);
        assert_eq!(narrow(0, 1), Some(0x44));
        assert_eq!(narrow(2, 2), Some(0x1122));
        assert_eq!((narrow(1, 2), narrow(0, 8)), (None, None));
    }

    #[test]
    fn packet_pointers_are_whole_addresses() {
        let end = Addr::new(PACKET, PACKET_BASE + 60).0;
        assert_eq!(load(ProgType::Xdp, &skb(), 4, 4), Some(end));
        assert_eq!(load(ProgType::SchedCls, &skb(), 80, 4), Some(end));
        assert_eq!(load(ProgType::SocketFilter, &skb(), 80, 4), None);
        assert_eq!(load(ProgType::Xdp, &skb(), 4, 2), None);
    }
}
