//! What a test run takes and gives back of a context.

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::{ProgType, context_fields};
use bpfscope_core::net::{Device, SkBuff};

/// Where a field of a type's context is.
fn offset(prog_type: ProgType, name: &str) -> usize {
    context_fields(prog_type).iter().find(|f| f.name == name).map_or(0, |f| f.offset as usize)
}

/// Bytes of a type's context.
fn size(prog_type: ProgType) -> usize {
    context_fields(prog_type).iter().map(|f| (f.offset + f.size) as usize).max().unwrap_or(0)
}

/// Where in `struct __sk_buff` the fields are that a test run takes and gives back.
pub struct Fields {
    size: usize,
    mark: usize,
    priority: usize,
    ingress_ifindex: usize,
    ifindex: usize,
    cb: usize,
}

impl Fields {
    pub fn new() -> Fields {
        let offset = |name| offset(ProgType::SchedCls, name);
        Fields {
            size: size(ProgType::SchedCls),
            mark: offset("mark"),
            priority: offset("priority"),
            ingress_ifindex: offset("ingress_ifindex"),
            ifindex: offset("ifindex"),
            cb: offset("cb"),
        }
    }

    /// Whether instructions may store to one of the fields that programs write: the context is accessed at the field's own
    /// offset alone, so it is enough to look at these.
    pub fn may_be_written(&self, insns: &[RawInsn]) -> bool {
        const FP: u8 = 10;
        let is_store = |insn: &RawInsn| matches!(insn.opcode & 7, 2 | 3);
        let fields = [self.mark..self.mark + 4, self.priority..self.priority + 4, self.cb..self.cb + 20];
        let is_field = |off: i16| usize::try_from(off).is_ok_and(|off| fields.iter().any(|field| field.contains(&off)));
        insns.iter().any(|insn| is_store(insn) && insn.dst != FP && is_field(insn.off))
    }

    /// The context of a packet, which is on a device when the scenario has interfaces.
    pub fn write(&self, skb: &SkBuff, on: Option<Device>, ctx: &mut Vec<u8>) {
        ctx.resize(self.size, 0);
        let mut put = |at: usize, value: u32| ctx[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        put(self.mark, skb.notes.mark);
        put(self.priority, skb.notes.priority);
        if let Some(device) = on {
            put(self.ingress_ifindex, device.ingress_ifindex);
            put(self.ifindex, device.ifindex);
        }
        for (at, word) in skb.notes.cb.iter().enumerate() {
            put(self.cb + 4 * at, *word);
        }
    }

    pub fn read(&self, ctx: &[u8], skb: &mut SkBuff) {
        let get = |at: usize| ctx.get(at..at + 4).map_or(0, |b| u32::from_ne_bytes([b[0], b[1], b[2], b[3]]));
        skb.notes.mark = get(self.mark);
        skb.notes.priority = get(self.priority);
        for at in 0..skb.notes.cb.len() {
            skb.notes.cb[at] = get(self.cb + 4 * at);
        }
    }
}

/// Where in `struct xdp_md` the fields are that a test run takes and gives back.
pub struct XdpFields {
    size: usize,
    data: usize,
    data_end: usize,
    ingress_ifindex: usize,
    rx_queue_index: usize,
}

impl XdpFields {
    pub fn new() -> XdpFields {
        let offset = |name| offset(ProgType::Xdp, name);
        XdpFields {
            size: size(ProgType::Xdp),
            data: offset("data"),
            data_end: offset("data_end"),
            ingress_ifindex: offset("ingress_ifindex"),
            rx_queue_index: offset("rx_queue_index"),
        }
    }

    /// The context of a packet of so many bytes, which came in on a device when the scenario has interfaces.
    pub fn write(&self, len: u32, on: Option<Device>, ctx: &mut Vec<u8>) {
        ctx.resize(self.size, 0);
        let mut put = |at: usize, value: u32| ctx[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        put(self.data_end, len);
        if let Some(device) = on {
            put(self.ingress_ifindex, device.ifindex);
            put(self.rx_queue_index, device.rx_queue_index);
        }
    }

    /// Bytes of metadata before the packet, in what came out with it; 0 when no context did.
    pub fn before(&self, ctx: &[u8]) -> usize {
        ctx.get(self.data..self.data + 4).map_or(0, |b| u32::from_ne_bytes([b[0], b[1], b[2], b[3]]) as usize)
    }
}
