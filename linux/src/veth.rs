//! Network namespaces with pairs of Ethernet devices in them, and packet sockets on these: what a socket filter really sees.
//!
//! A namespace belongs to the thread that made it, and everything in it is gone when the thread ends. Devices are made by
//! rtnetlink, which speaks the kernel's own protocol: `ip` need not be there.
#![allow(unsafe_code, reason = "packet(7) sockets and unshare(2) have no safe wrapper in std")]

use std::fs;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use rtnetlink::{LinkUnspec, LinkVeth};

use crate::bpf::Prog;
use crate::refusal::{Asked, Refusal};

/// Bytes of the longest frame that goes through.
pub const MAX_FRAME: usize = 65_000;
/// Bytes of an Ethernet header.
const ETH_HLEN: usize = 14;
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

impl Namespace {
    /// Takes this thread into a new one.
    ///
    /// # Errors
    /// It takes capabilities.
    pub fn enter() -> Result<Namespace, NamespaceError> {
        // SAFETY: unshare takes a number; the network namespace of this thread alone changes.
        if unsafe { libc::unshare(libc::CLONE_NEWNET) } < 0 {
            let errno = io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
            return Err(NamespaceError::Refused(Refusal { asked: Asked::Namespace, errno }));
        }
        // No addresses, so that the machine itself says nothing on the devices; there may be no IPv6 at all.
        let _ = fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
        Ok(Namespace { pairs: 0 })
    }

    /// Makes a pair of devices.
    ///
    /// # Errors
    /// The kernel has none, or this user may not.
    pub fn veth(&mut self) -> Result<Veth, NamespaceError> {
        let (near, far) = (format!("near{}", self.pairs), format!("far{}", self.pairs));
        self.pairs += 1;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(make_pair(&near, &far)).map_err(|e| NamespaceError::Device(e.to_string()))?;
        Ok(Veth { near: index(&near)?, far: index(&far)? })
    }
}

async fn make_pair(near: &str, far: &str) -> Result<(), rtnetlink::Error> {
    let mtu = (MAX_FRAME - ETH_HLEN) as u32;
    let (connection, handle, _) =
        rtnetlink::new_connection().map_err(|e| rtnetlink::Error::NamespaceError(e.to_string()))?;
    let connection = tokio::spawn(connection);
    let link = handle.link();
    link.add(LinkVeth::new(near, far).mtu(mtu).build()).execute().await?;
    for device in [near, far] {
        link.set(LinkUnspec::new_with_name(device).mtu(mtu).up().build()).execute().await?;
    }
    connection.abort();
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

/// A packet socket (`AF_PACKET`, `SOCK_RAW`) on one device.
pub struct Socket(OwnedFd);

impl Socket {
    /// A socket on the device of that number.
    ///
    /// # Errors
    /// It takes `CAP_NET_RAW`, and such a device.
    pub fn new(ifindex: i32) -> io::Result<Socket> {
        const ALL: u16 = (libc::ETH_P_ALL as u16).to_be();
        // SAFETY: socket takes numbers; the descriptor is new and ours.
        let fd = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, ALL.into()) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: as above.
        let socket = Socket(unsafe { OwnedFd::from_raw_fd(fd) });
        // SAFETY: all zeroes is a valid sockaddr_ll, and bind reads as many bytes as it has.
        let bound = unsafe {
            let mut address: libc::sockaddr_ll = std::mem::zeroed();
            address.sll_family = libc::AF_PACKET as u16;
            address.sll_protocol = ALL;
            address.sll_ifindex = ifindex;
            libc::bind(fd, (&raw const address).cast(), size_of::<libc::sockaddr_ll>() as u32)
        };
        if bound < 0 {
            return Err(io::Error::last_os_error());
        }
        socket.option(libc::SO_RCVBUFFORCE, 64 << 20)?;
        Ok(socket)
    }

    fn option(&self, name: i32, value: i32) -> io::Result<()> {
        // SAFETY: the value lives until the call returns, and its size is given.
        let set = unsafe {
            let size = size_of::<i32>() as u32;
            libc::setsockopt(self.0.as_raw_fd(), libc::SOL_SOCKET, name, (&raw const value).cast(), size)
        };
        if set < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
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
