//! A packet tap on a device: what tcpdump would see there.
//!
//! A tap has its copy of a packet that comes in after XDP and before tc, and of one that goes out after tc: where it
//! stands decides what it tells about a program ([`Tap::sees_before`]). Frames are given as they were on the wire: a VLAN
//! tag that the device took off is put back.
#![allow(unsafe_code, reason = "recvmmsg(2) and control messages have no safe wrapper in std")]

use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::AsRawFd as _;

use bpfscope_core::kernel::Hook;

use crate::attach::Device;
use crate::veth::{Received, Socket};

/// Frames that are read by one call.
const BATCH: usize = 32;
/// Bytes of a frame at most; the network stack's own largest, save for what few devices do.
const FRAME: usize = (64 << 10) + 256;
/// 64-bit words for a frame's time and VLAN tag.
const CONTROL: usize = 16;
/// Where a VLAN tag is in a frame: behind the addresses.
const TAG_AT: usize = 12;

/// Which way a packet goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// It came in.
    In,
    /// It goes out.
    Out,
}

/// How much a tap is to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// Nothing: packets are only counted, which costs next to nothing.
    Count,
    /// Whole packets, and as many as a small buffer holds from one reading to the next.
    Sample,
    /// Whole packets, all of them if it can be.
    All,
}

/// A packet that was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen<'a> {
    /// Nanoseconds since 1970.
    pub time_ns: u64,
    /// Which way it goes.
    pub direction: Direction,
    /// Bytes that it had.
    pub orig_len: u32,
    /// The frame, MAC header and VLAN tag included.
    pub data: &'a [u8],
}

/// `struct sock_filter`: an instruction of classic BPF.
#[repr(C)]
struct Classic {
    code: u16,
    jt: u8,
    jf: u8,
    k: u32,
}

/// `struct sock_fprog`.
#[repr(C)]
struct ClassicProgram {
    len: u16,
    insns: *const Classic,
}

/// `struct tpacket_auxdata`.
#[repr(C)]
#[derive(Clone, Copy)]
struct AuxData {
    status: u32,
    len: u32,
    snaplen: u32,
    mac: u16,
    net: u16,
    vlan_tci: u16,
    vlan_tpid: u16,
}

/// A tap on a device.
pub struct Tap {
    socket: Socket,
    /// A frame each, with room in front for a VLAN tag.
    frames: Vec<Vec<u8>>,
    control: Vec<[u64; CONTROL]>,
}

impl Tap {
    /// Begins to look, at packets of one direction or both.
    ///
    /// # Errors
    /// It takes `CAP_NET_RAW` and `CAP_NET_ADMIN`, and the device.
    pub fn open(device: &Device, direction: Option<Direction>, depth: Depth) -> io::Result<Tap> {
        const PACKET_AUXDATA: i32 = 8;
        let (buffer, snap) = match depth {
            Depth::Count => (1 << 12, 1),
            Depth::Sample => (1 << 19, u32::MAX),
            Depth::All => (64 << 20, u32::MAX),
        };
        let socket = Socket::unbound(buffer)?;
        let insns = filter(direction, snap);
        let program = ClassicProgram { len: insns.len() as u16, insns: insns.as_ptr() };
        socket.option_at(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)?;
        socket.option_at(libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, &1_i32)?;
        socket.option_at(libc::SOL_PACKET, PACKET_AUXDATA, &1_i32)?;
        socket.bind(device.index)?;
        let batch = if depth == Depth::Count { 0 } else { BATCH };
        let frames = vec![vec![0; size_of::<u32>() + FRAME]; batch];
        Ok(Tap { socket, frames, control: vec![[0; CONTROL]; batch] })
    }

    /// Whether a tap sees a packet before a program at that hook does: then it sees it whole and as it came. Else it sees
    /// what the program let through, as the program left it.
    pub fn sees_before(hook: Hook) -> bool {
        match hook {
            Hook::TcIngress | Hook::Socket | Hook::CgroupIngress => true,
            Hook::Xdp | Hook::TcEgress | Hook::CgroupEgress => false,
        }
    }

    /// The direction of the packets that a program at that hook sees; a socket's filter sees both.
    pub fn direction(hook: Hook) -> Option<Direction> {
        match hook {
            Hook::Socket => None,
            Hook::TcIngress | Hook::Xdp | Hook::CgroupIngress => Some(Direction::In),
            Hook::TcEgress | Hook::CgroupEgress => Some(Direction::Out),
        }
    }

    /// How many packets there were since the last call, and how many of them could not be kept.
    ///
    /// # Errors
    /// The kernel does not tell.
    pub fn take_received(&self) -> io::Result<Received> {
        self.socket.take_received()
    }

    /// Gives the packets that wait, about `most` of them. Tells how many they were.
    ///
    /// # Errors
    /// The device is gone or down.
    pub fn read(&mut self, most: usize, mut each: impl FnMut(Seen<'_>)) -> io::Result<usize> {
        let mut count = 0;
        while count < most && !self.frames.is_empty() {
            let got = self.batch(&mut each)?;
            count += got;
            if got < BATCH {
                break;
            }
        }
        Ok(count)
    }

    fn batch(&mut self, each: &mut impl FnMut(Seen<'_>)) -> io::Result<usize> {
        // SAFETY: all zeroes are valid for these structures of the C library.
        let mut addresses: [libc::sockaddr_ll; BATCH] = unsafe { zeroed() };
        // SAFETY: as above.
        let mut messages: [libc::mmsghdr; BATCH] = unsafe { zeroed() };
        // SAFETY: as above.
        let mut places: [libc::iovec; BATCH] = unsafe { zeroed() };
        for at in 0..BATCH {
            let frame = &mut self.frames[at][size_of::<u32>()..];
            places[at] = libc::iovec { iov_base: frame.as_mut_ptr().cast(), iov_len: frame.len() };
            let header = &mut messages[at].msg_hdr;
            header.msg_name = (&raw mut addresses[at]).cast();
            header.msg_namelen = size_of::<libc::sockaddr_ll>() as u32;
            header.msg_iov = &raw mut places[at];
            header.msg_iovlen = 1;
            header.msg_control = self.control[at].as_mut_ptr().cast();
            header.msg_controllen = size_of::<[u64; CONTROL]>() as _;
        }
        let flags = libc::MSG_DONTWAIT | libc::MSG_TRUNC;
        // SAFETY: every pointer is to memory above or in `self` that lives until the call returns, with its size beside it.
        let got = unsafe {
            let fd = self.socket.as_raw_fd();
            libc::recvmmsg(fd, messages.as_mut_ptr(), BATCH as u32, flags as _, std::ptr::null_mut())
        };
        if got < 0 {
            let error = io::Error::last_os_error();
            let nothing = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted);
            return if nothing { Ok(0) } else { Err(error) };
        }
        for at in 0..got as usize {
            let (time_ns, tag) = beside(&messages[at].msg_hdr);
            let len = messages[at].msg_len;
            let kept = (len as usize).min(FRAME);
            let frame = &mut self.frames[at];
            let tagged = tag.is_some() && kept >= TAG_AT;
            let start = if let Some((tpid, tci)) = tag.filter(|_| tagged) {
                frame.copy_within(4..4 + TAG_AT, 0);
                frame[TAG_AT..TAG_AT + 2].copy_from_slice(&tpid.to_be_bytes());
                frame[TAG_AT + 2..TAG_AT + 4].copy_from_slice(&tci.to_be_bytes());
                0
            } else {
                4
            };
            let outgoing = addresses[at].sll_pkttype == libc::PACKET_OUTGOING;
            each(Seen {
                time_ns,
                direction: if outgoing { Direction::Out } else { Direction::In },
                orig_len: len + if tagged { 4 } else { 0 },
                data: &frame[start..4 + kept],
            });
        }
        Ok(got as usize)
    }
}

/// Lets packets of that direction through, up to `snap` bytes.
fn filter(direction: Option<Direction>, snap: u32) -> Vec<Classic> {
    // `SKF_AD_OFF + SKF_AD_PKTTYPE`: whom the packet is for, and whether it goes out.
    const PKTTYPE: u32 = (-0x1000_i32 + 4) as u32;
    let insn = |code, jt, jf, k| Classic { code, jt, jf, k };
    let ret = |k| insn(0x06, 0, 0, k);
    let (out, other) = match direction {
        None => (snap, snap),
        Some(Direction::Out) => (snap, 0),
        Some(Direction::In) => (0, snap),
    };
    vec![insn(0x20, 0, 0, PKTTYPE), insn(0x15, 0, 1, libc::PACKET_OUTGOING.into()), ret(out), ret(other)]
}

/// The time of a frame, and the VLAN tag (its type and its control information) that is beside it.
fn beside(header: &libc::msghdr) -> (u64, Option<(u16, u16)>) {
    const PACKET_AUXDATA: i32 = 8;
    const VLAN_VALID: u32 = 1 << 4;
    const VLAN_TPID_VALID: u32 = 1 << 6;
    let (mut time_ns, mut tag) = (0, None);
    // SAFETY: the kernel filled the control buffer of this header; the macros stay within its length.
    unsafe {
        let mut message = libc::CMSG_FIRSTHDR(header);
        while let Some(part) = message.as_ref() {
            let data = libc::CMSG_DATA(message);
            match (part.cmsg_level, part.cmsg_type) {
                (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) => {
                    let time: libc::timespec = data.cast::<libc::timespec>().read_unaligned();
                    time_ns = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
                }
                (libc::SOL_PACKET, PACKET_AUXDATA) => {
                    let aux: AuxData = data.cast::<AuxData>().read_unaligned();
                    let tpid = if aux.status & VLAN_TPID_VALID != 0 { aux.vlan_tpid } else { libc::ETH_P_8021Q as u16 };
                    tag = (aux.status & VLAN_VALID != 0).then_some((tpid, aux.vlan_tci));
                }
                _ => {}
            }
            message = libc::CMSG_NXTHDR(header, message);
        }
    }
    (time_ns, tag)
}
