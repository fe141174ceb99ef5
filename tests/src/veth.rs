//! A pair of Ethernet devices in a network namespace of their own, and packet sockets on them: what a socket filter
//! really sees.
//!
//! The namespace belongs to the thread that made it, so a [`Veth`] is used inside of [`in_namespace`] and everything in
//! it is gone afterwards.
#![allow(unsafe_code, reason = "packet(7) sockets and unshare(2) have no safe wrapper in std")]

use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::Command;
use std::thread;

use crate::kernel::Prog;

/// Bytes of the longest frame that goes through.
pub const MAX_FRAME: usize = 65_000;
/// How long to wait for a frame that must come, in ms.
const PATIENCE: i32 = 5_000;

/// Runs `body` in a new, empty network namespace; `None` when there cannot be one (no privilege, no `ip`), with the
/// reason on standard error in the form that `cargo xtask test` counts.
pub fn in_namespace<T: Send>(what: &str, body: impl FnOnce(&Veth) -> T + Send) -> Option<T> {
    let inside = || {
        // SAFETY: unshare takes a number; the network namespace of this thread alone changes.
        if unsafe { libc::unshare(libc::CLONE_NEWNET) } < 0 {
            return Err(io::Error::last_os_error().to_string());
        }
        Ok(body(&Veth::new()?))
    };
    let done = thread::scope(|scope| scope.spawn(inside).join());
    match done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
        Ok(value) => Some(value),
        Err(why) => {
            crate::clang::skip(what, &format!("no network namespace: {why}"));
            None
        }
    }
}

/// Two devices, each of which receives what the other sends.
pub struct Veth {
    near: i32,
    far: i32,
}

impl Veth {
    fn new() -> Result<Veth, String> {
        let mtu = (MAX_FRAME - 14).to_string();
        ip(&["link", "add", "near", "mtu", &mtu, "type", "veth", "peer", "name", "far", "mtu", &mtu])?;
        for device in ["near", "far"] {
            // No address, so the machine itself says nothing on it.
            ip(&["link", "set", device, "addrgenmode", "none"])?;
            ip(&["link", "set", device, "up"])?;
        }
        Ok(Veth { near: index("near")?, far: index("far")? })
    }

    /// A socket that sends on one device.
    pub fn sender(&self) -> Socket {
        Socket::new(self.near)
    }

    /// A socket that receives what the other device receives.
    pub fn receiver(&self) -> Socket {
        Socket::new(self.far)
    }
}

fn ip(args: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(args).output().map_err(|e| format!("ip: {e}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
}

fn index(device: &str) -> Result<i32, String> {
    // A namespace's devices are in the /sys that was mounted in it, so ask by name.
    let name = std::ffi::CString::new(device).map_err(|e| e.to_string())?;
    // SAFETY: the name ends with a zero byte and lives until the call returns.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(format!("{device}: {}", io::Error::last_os_error())),
        number => Ok(number as i32),
    }
}

/// A packet socket (`AF_PACKET`, `SOCK_RAW`) on one device.
pub struct Socket(OwnedFd);

impl Socket {
    fn new(ifindex: i32) -> Socket {
        const ALL: u16 = (libc::ETH_P_ALL as u16).to_be();
        // SAFETY: socket takes numbers; the descriptor is new and ours.
        let fd = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, ALL.into()) };
        assert!(fd >= 0, "socket: {}", io::Error::last_os_error());
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
        assert!(bound == 0, "bind: {}", io::Error::last_os_error());
        socket.option(libc::SO_RCVBUFFORCE, 64 << 20);
        socket
    }

    fn option(&self, name: i32, value: i32) {
        // SAFETY: the value lives until the call returns, and its size is given.
        let set = unsafe {
            let size = size_of::<i32>() as u32;
            libc::setsockopt(self.0.as_raw_fd(), libc::SOL_SOCKET, name, (&raw const value).cast(), size)
        };
        assert!(set == 0, "setsockopt {name}: {}", io::Error::last_os_error());
    }

    /// Lets a program decide what the socket receives (`SO_ATTACH_BPF`).
    pub fn attach(&self, filter: &Prog) {
        self.option(libc::SO_ATTACH_BPF, filter.fd());
    }

    /// Sends a frame, its Ethernet header included.
    pub fn send(&self, frame: &[u8]) {
        // SAFETY: the kernel reads as many bytes as the slice has.
        let sent = unsafe { libc::send(self.0.as_raw_fd(), frame.as_ptr().cast(), frame.len(), 0) };
        assert_eq!(sent, frame.len() as isize, "send {} bytes: {}", frame.len(), io::Error::last_os_error());
    }

    /// The next frame, which must come.
    pub fn receive(&self) -> Vec<u8> {
        self.wait(PATIENCE).expect("a frame arrives in time")
    }

    /// The next frame that is there already.
    pub fn try_receive(&self) -> Option<Vec<u8>> {
        self.wait(0)
    }

    fn wait(&self, ms: i32) -> Option<Vec<u8>> {
        let mut poll = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure, as the count says.
        if unsafe { libc::poll(&mut poll, 1, ms) } < 1 {
            return None;
        }
        let mut frame = vec![0u8; MAX_FRAME + 4096];
        // SAFETY: the kernel writes at most as many bytes as the buffer has.
        let len = unsafe { libc::recv(self.0.as_raw_fd(), frame.as_mut_ptr().cast(), frame.len(), libc::MSG_DONTWAIT) };
        assert!(len >= 0, "recv: {}", io::Error::last_os_error());
        frame.truncate(len as usize);
        Some(frame)
    }
}
