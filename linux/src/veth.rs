//! Network namespaces with pairs of Ethernet devices in them, and packet sockets on these: what a socket filter really sees.
//!
//! A namespace belongs to the thread that made it, and everything in it is gone when the thread ends. Devices are made by
//! rtnetlink, which speaks the kernel's own protocol: `ip` need not be there.
#![allow(unsafe_code, reason = "packet(7) sockets and unshare(2) have no safe wrapper in std")]

use std::fs;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use bpfscope_core::net::Interface;
use bpfscope_core::net::network::MacAddr;
use rtnetlink::packet_core::{NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::link::{InfoData, InfoKind, InfoVeth, LinkAttribute, LinkFlags, LinkInfo, LinkMessage};

use crate::attach::Device;
use crate::bpf::Prog;
use crate::netlink::ask;
use crate::refusal::{Asked, Refusal};

/// Bytes of the longest frame that goes through.
pub const MAX_FRAME: usize = 65_000;
/// Bytes of such a frame behind the Ethernet header.
const LONGEST_MTU: u32 = MAX_FRAME as u32 - 14;
/// The lowest number that a device other than loopback has.
const FIRST: u32 = 2;
/// How long to wait for a frame that must come, in ms.
const PATIENCE: i32 = 5_000;

/// Why there is no namespace with devices.
#[derive(Debug, thiserror::Error)]
pub enum NamespaceError {
    /// The kernel says so.
    #[error(transparent)]
    Refused(Refusal),
    /// A device cannot be made.
    #[error("a pair of veth devices cannot be made: {0}")]
    Device(String),
    /// A socket cannot be had.
    #[error("a packet socket: {0}")]
    Socket(#[from] io::Error),
}

/// An empty network namespace, which this thread is in.
pub struct Namespace {
    pairs: u32,
}

/// Takes this thread into a network namespace that nobody is in.
pub(crate) fn unshare() -> Result<(), NamespaceError> {
    // SAFETY: unshare takes a number; the network namespace of this thread alone changes.
    if unsafe { libc::unshare(libc::CLONE_NEWNET) } < 0 {
        let errno = io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
        return Err(NamespaceError::Refused(Refusal { asked: Asked::Namespace, errno }));
    }
    Ok(())
}

impl Namespace {
    /// Takes this thread into a new one.
    ///
    /// # Errors
    /// It takes capabilities.
    pub fn enter() -> Result<Namespace, NamespaceError> {
        unshare()?;
        // No addresses, so that the machine itself says nothing on the devices; there may be no IPv6 at all.
        let _ = fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
        // A socket takes no filter larger than this; where it is not the namespace's own (before 6.9), it is not there.
        let _ = fs::write("/proc/sys/net/core/optmem_max", i32::MAX.to_string());
        Ok(Namespace { pairs: 0 })
    }

    /// Makes a pair of devices.
    ///
    /// # Errors
    /// The kernel has none, or this user may not.
    pub fn veth(&mut self) -> Result<Veth, NamespaceError> {
        self.veth_of_mtu(LONGEST_MTU)
    }

    /// Makes a pair of devices whose packets have at most `mtu` bytes behind the Ethernet header.
    ///
    /// # Errors
    /// The kernel has none, or this user may not.
    pub fn veth_of_mtu(&mut self, mtu: u32) -> Result<Veth, NamespaceError> {
        self.pair(mtu, LinkMessage::default(), LinkMessage::default())
    }

    /// Makes a pair of devices of which the far one has the number and the Ethernet address of an interface: a socket there
    /// sees of packets what one at the interface would see.
    ///
    /// # Errors
    /// The kernel has none, or this user may not.
    pub fn veth_like(&mut self, interface: &Interface) -> Result<Veth, NamespaceError> {
        let (mut near, mut far) = (LinkMessage::default(), LinkMessage::default());
        // The kernel takes a number for the far one only with one for the near one.
        near.header.index = if interface.ifindex == FIRST { FIRST + 1 } else { FIRST };
        far.header.index = interface.ifindex;
        if interface.mac != MacAddr::default() {
            far.attributes.push(LinkAttribute::Address(interface.mac.0.to_vec()));
        }
        self.pair(LONGEST_MTU, near, far)
    }

    fn pair(&mut self, mtu: u32, mut near_end: LinkMessage, mut far_end: LinkMessage) -> Result<Veth, NamespaceError> {
        let (near, far) = (format!("near{}", self.pairs), format!("far{}", self.pairs));
        self.pairs += 1;
        for (end, name) in [(&mut near_end, &near), (&mut far_end, &far)] {
            end.attributes.extend([LinkAttribute::IfName(name.clone()), LinkAttribute::Mtu(mtu)]);
        }
        make_pair(near_end, far_end).map_err(|e| NamespaceError::Device(e.to_string()))?;
        let veth = Veth { near: index(&near)?, far: index(&far)? };
        set_up(veth.far)?;
        for (index, name) in [(veth.near, near), (veth.far, far)] {
            wait_until_up(&Device { index, name })?;
        }
        Ok(veth)
    }
}

/// Makes a pair of veth devices, of which the near one is up.
pub(crate) fn make_pair(mut near: LinkMessage, far: LinkMessage) -> io::Result<()> {
    near.header.flags = LinkFlags::Up;
    near.header.change_mask = LinkFlags::Up;
    near.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(InfoKind::Veth),
        LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(far))),
    ]));
    ask(RouteNetlinkMessage::NewLink(near), NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL).map(drop)
}

/// Sets a device of this thread's namespace up; the far one of a pair cannot be before the near one is there.
pub(crate) fn set_up(index: i32) -> io::Result<()> {
    let mut device = LinkMessage::default();
    device.header.index = index as u32;
    device.header.flags = LinkFlags::Up;
    device.header.change_mask = LinkFlags::Up;
    ask(RouteNetlinkMessage::SetLink(device), NLM_F_ACK).map(drop)
}

/// The kernel finishes setting up a device in its own time, and drops what is sent before.
pub(crate) fn wait_until_up(device: &Device) -> Result<(), NamespaceError> {
    let until = Instant::now() + Duration::from_millis(PATIENCE as u64);
    while !device.is_up()? {
        if Instant::now() > until {
            return Err(NamespaceError::Device(format!("{} does not come up", device.name)));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// The number of a network device in this thread's namespace.
///
/// # Errors
/// There is none of that name.
pub fn index(device: &str) -> io::Result<i32> {
    // A namespace's devices are in the /sys that was mounted in it, so ask by name.
    let name = std::ffi::CString::new(device)?;
    // SAFETY: the name ends with a zero byte and lives until the call returns.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        number => Ok(number as i32),
    }
}

/// Two devices, each of which receives what the other sends.
pub struct Veth {
    near: i32,
    far: i32,
}

impl Veth {
    /// A socket that sends on one device.
    ///
    /// # Errors
    /// It takes a capability.
    pub fn sender(&self) -> io::Result<Socket> {
        Socket::new(self.near)
    }

    /// A socket that receives what the other device receives.
    ///
    /// # Errors
    /// It takes a capability.
    pub fn receiver(&self) -> io::Result<Socket> {
        Socket::new(self.far)
    }
}

/// What went through a packet socket's filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Received {
    /// Packets, those that were lost among them.
    pub packets: u64,
    /// Packets for which the socket's buffer had no room.
    pub lost: u64,
}

/// A packet socket (`AF_PACKET`, `SOCK_RAW`) on one device.
pub struct Socket(OwnedFd);

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> i32 {
        self.0.as_raw_fd()
    }
}

impl Socket {
    /// A socket on the device of that number.
    ///
    /// # Errors
    /// It takes `CAP_NET_RAW`, and such a device.
    pub fn new(ifindex: i32) -> io::Result<Socket> {
        let socket = Socket::unbound(64 << 20)?;
        socket.bind(ifindex)?;
        Ok(socket)
    }

    /// A socket that receives nothing yet, with a receive buffer of so many bytes, or the fewest that the kernel allows.
    ///
    /// # Errors
    /// It takes `CAP_NET_RAW` and `CAP_NET_ADMIN`.
    pub fn unbound(buffer: i32) -> io::Result<Socket> {
        // Without a protocol: with one it would receive from all devices until it is bound.
        // SAFETY: socket takes numbers; the descriptor is new and ours.
        let fd = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: as above.
        let socket = Socket(unsafe { OwnedFd::from_raw_fd(fd) });
        socket.option(libc::SO_RCVBUFFORCE, buffer)?;
        Ok(socket)
    }

    /// Begins to receive what the device of that number sends and receives.
    ///
    /// # Errors
    /// There is no such device.
    pub fn bind(&self, ifindex: i32) -> io::Result<()> {
        // SAFETY: all zeroes is a valid sockaddr_ll, and bind reads as many bytes as it has.
        let bound = unsafe {
            let mut address: libc::sockaddr_ll = std::mem::zeroed();
            address.sll_family = libc::AF_PACKET as u16;
            address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
            address.sll_ifindex = ifindex;
            libc::bind(self.0.as_raw_fd(), (&raw const address).cast(), size_of::<libc::sockaddr_ll>() as u32)
        };
        if bound < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn option(&self, name: i32, value: i32) -> io::Result<()> {
        self.option_at(libc::SOL_SOCKET, name, &value)
    }

    /// Sets an option (setsockopt(2)) whose value is plain data.
    pub(crate) fn option_at<T>(&self, level: i32, name: i32, value: &T) -> io::Result<()> {
        // SAFETY: the value lives until the call returns, and its size is given.
        let set = unsafe {
            let size = size_of::<T>() as u32;
            libc::setsockopt(self.0.as_raw_fd(), level, name, (&raw const *value).cast(), size)
        };
        if set < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// What went through the socket's filter since the last call (`PACKET_STATISTICS`).
    ///
    /// # Errors
    /// The kernel does not tell.
    pub fn take_received(&self) -> io::Result<Received> {
        const PACKET_STATISTICS: i32 = 6;
        let mut counts = [0_u32; 2];
        let mut size = size_of::<[u32; 2]>() as u32;
        // SAFETY: the kernel writes at most as many bytes as the size says that there are.
        let got = unsafe {
            let counts = counts.as_mut_ptr().cast();
            libc::getsockopt(self.0.as_raw_fd(), libc::SOL_PACKET, PACKET_STATISTICS, counts, &mut size)
        };
        if got < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Received { packets: counts[0].into(), lost: counts[1].into() })
    }

    /// Lets a program decide what the socket receives (`SO_ATTACH_BPF`).
    ///
    /// # Errors
    /// It is no socket filter.
    pub fn attach(&self, filter: &Prog) -> io::Result<()> {
        self.option(libc::SO_ATTACH_BPF, filter.fd())
    }

    /// Sends a frame, its Ethernet header included.
    ///
    /// # Errors
    /// It is shorter than that header, or longer than the device takes.
    pub fn send(&self, frame: &[u8]) -> io::Result<()> {
        // SAFETY: the kernel reads as many bytes as the slice has.
        let sent = unsafe { libc::send(self.0.as_raw_fd(), frame.as_ptr().cast(), frame.len(), 0) };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The next frame, which must come.
    ///
    /// # Errors
    /// It does not.
    pub fn receive(&self) -> io::Result<Vec<u8>> {
        self.wait(PATIENCE)?.ok_or_else(|| io::Error::new(io::ErrorKind::TimedOut, "the frame did not arrive"))
    }

    /// The next frame that is there already.
    ///
    /// # Errors
    /// The device is gone.
    pub fn try_receive(&self) -> io::Result<Option<Vec<u8>>> {
        self.wait(0)
    }

    fn wait(&self, ms: i32) -> io::Result<Option<Vec<u8>>> {
        let mut poll = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure, as the count says.
        if unsafe { libc::poll(&mut poll, 1, ms) } < 1 {
            return Ok(None);
        }
        let mut frame = vec![0u8; MAX_FRAME + 4096];
        // SAFETY: the kernel writes at most as many bytes as the buffer has.
        let len = unsafe { libc::recv(self.0.as_raw_fd(), frame.as_mut_ptr().cast(), frame.len(), libc::MSG_DONTWAIT) };
        if len < 0 {
            return Err(io::Error::last_os_error());
        }
        frame.truncate(len as usize);
        Ok(Some(frame))
    }
}
