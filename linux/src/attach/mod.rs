//! Programs at real devices, and how they get away from there again.
//!
//! [`attach`] puts a loaded program at a hook of a [`Device`] and gives an [`Attachment`], which takes it away when it is
//! dropped. Wherever the kernel has a link for it (`bpf_link`), the link is what holds the program, so that even a killed
//! process leaves nothing: tcx since Linux 6.6, XDP since 5.9. A socket filter lives as long as its socket. Only tc before
//! 6.6 has neither ([`clsact`]); for that there is [`detach_all`], for whoever ends without dropping, and names by which
//! what is left is found.
//!
//! What others have attached is never touched: XDP on a device that has a program is refused, at tc hooks ours comes after
//! theirs. [`pin`] keeps an attachment beyond the process.

pub mod clsact;
mod device;
pub mod pin;

pub use device::{Counters, Device};

use std::fmt;
use std::io;
use std::os::unix::net::UnixListener;
use std::sync::{Mutex, PoisonError};

use bpfscope_core::kernel::Hook;

use self::clsact::Filter;
use crate::bpf::{AttachType, Link, Prog};
use crate::refusal::{Asked, Refusal};
use crate::veth::{Received, Socket};

const XDP_FLAGS_SKB_MODE: u32 = 1 << 1;
const XDP_FLAGS_DRV_MODE: u32 = 1 << 2;
/// Bytes that wait in an attached socket at most: nobody reads what its filter lets through.
const SOCKET_BUFFER: i32 = 1 << 12;

/// How a program is attached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// tc by a link, since Linux 6.6.
    Tcx,
    /// tc by a filter at the queueing discipline `clsact`.
    Clsact,
    /// XDP in the device's driver.
    Native,
    /// XDP in the kernel's network stack, on every device.
    Generic,
    /// The filter of a packet socket that is bound to the device.
    Socket,
}

impl Manner {
    /// Those of a hook, the preferred one first.
    pub fn of(hook: Hook) -> &'static [Manner] {
        match hook {
            Hook::Socket => &[Manner::Socket],
            Hook::TcIngress | Hook::TcEgress => &[Manner::Tcx, Manner::Clsact],
            Hook::Xdp => &[Manner::Native, Manner::Generic],
            Hook::CgroupIngress | Hook::CgroupEgress => &[],
        }
    }

    /// Its name on the command line and in results.
    pub fn name(self) -> &'static str {
        match self {
            Manner::Tcx => "tcx",
            Manner::Clsact => "clsact",
            Manner::Native => "native",
            Manner::Generic => "generic",
            Manner::Socket => "socket",
        }
    }
}

impl fmt::Display for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Manner::Tcx => "by a tcx link",
            Manner::Clsact => "by a filter at clsact",
            Manner::Native => "in native mode, by a link",
            Manner::Generic => "in generic mode, by a link",
            Manner::Socket => "to a packet socket",
        })
    }
}

/// Why a program is not attached.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// There is no such device.
    #[error("there is no device `{name}` here; there is {}", have.join(", "))]
    NoDevice {
        /// The name.
        name: String,
        /// Those that there are.
        have: Vec<String>,
    },
    /// Programs of the hook are not attached to devices.
    #[error("attaching at {hook} is not offered: such a program is a control group's and not a device's")]
    NotOffered {
        /// The hook.
        hook: Hook,
    },
    /// The hook has no such manner.
    #[error("at {hook} a program cannot be attached as `{}`", manner.name())]
    Manner {
        /// The hook.
        hook: Hook,
        /// What was asked for.
        manner: Manner,
    },
    /// Only one XDP program may be there, and there is one.
    #[error("{device} has an XDP program already{}: it is left alone", shown(who))]
    Taken {
        /// The device.
        device: String,
        /// The program, as far as it can be told.
        who: Option<String>,
    },
    /// The device has the queueing discipline `ingress`, which has no egress.
    #[error("{device} has the qdisc `ingress`, which somebody else added and which has no egress: it is left alone")]
    IngressOnly {
        /// The device.
        device: String,
    },
    /// The kernel says so.
    #[error("{device}, {hook}: {refusal}")]
    Refused {
        /// The device.
        device: String,
        /// The hook.
        hook: Hook,
        /// What it said.
        refusal: Refusal,
    },
}

fn shown(who: &Option<String>) -> String {
    who.as_ref().map(|who| format!(" ({who})")).unwrap_or_default()
}

/// A program at a device. It is taken away when this is dropped.
pub struct Attachment {
    device: Device,
    hook: Hook,
    manner: Manner,
    /// Why XDP is not in native mode, when that was tried.
    not_native: Option<i32>,
    held: Option<Held>,
}

/// What keeps it there.
enum Held {
    Link(Link),
    Filter(Filter, #[expect(dead_code, reason = "held: others see that this process lives")] UnixListener),
    Socket(Socket),
}

/// Filters that nothing but this process removes, see [`detach_all`].
static FILTERS: Mutex<Vec<(Device, Filter)>> = Mutex::new(Vec::new());

/// Attaches a program, which others know by `name`: in the manner that is wanted, or else the first that works.
///
/// # Errors
/// Somebody else is there, the manner is not one of the hook's, or the kernel refuses.
pub fn attach(
    prog: &Prog,
    name: &str,
    device: &Device,
    hook: Hook,
    wanted: Option<Manner>,
) -> Result<Attachment, AttachError> {
    let manners = Manner::of(hook);
    if manners.is_empty() {
        return Err(AttachError::NotOffered { hook });
    }
    let tried = match &wanted {
        Some(manner) if manners.contains(manner) => std::slice::from_ref(manner),
        Some(manner) => return Err(AttachError::Manner { hook, manner: *manner }),
        None => manners,
    };
    let mut not_native = None;
    let mut last = libc::EINVAL;
    for manner in tried.iter().copied() {
        match hold(prog, name, device, hook, manner) {
            Ok(held) => {
                let device = device.clone();
                return Ok(Attachment { device, hook, manner, not_native, held: Some(held) });
            }
            Err(error) => last = error.raw_os_error().unwrap_or(libc::EIO),
        }
        // Kernels that do not know tcx say that the argument is wrong; drivers say all kinds of things.
        let next = match manner {
            Manner::Tcx => matches!(last, libc::EINVAL | libc::EOPNOTSUPP | libc::ENOSYS),
            Manner::Native => !matches!(last, libc::EBUSY | libc::EEXIST | libc::EPERM | libc::EACCES | libc::ENODEV),
            _ => false,
        };
        if !next {
            break;
        }
        if manner == Manner::Native {
            not_native = Some(last);
        }
    }
    Err(refused(device, hook, last))
}

fn refused(device: &Device, hook: Hook, errno: i32) -> AttachError {
    let name = device.name.clone();
    match (hook, errno) {
        (Hook::Xdp, libc::EBUSY | libc::EEXIST) => AttachError::Taken { device: name, who: device.xdp_program_shown() },
        (Hook::TcEgress, libc::EINVAL) if clsact::is_ingress_only(device) => AttachError::IngressOnly { device: name },
        _ => AttachError::Refused { device: name, hook, refusal: Refusal { asked: Asked::Attach, errno } },
    }
}

fn hold(prog: &Prog, name: &str, device: &Device, hook: Hook, manner: Manner) -> io::Result<Held> {
    let link = |attach_type, flags| {
        Link::create(prog, device.index, attach_type, flags).map(Held::Link).map_err(io::Error::from_raw_os_error)
    };
    let egress = hook == Hook::TcEgress;
    match manner {
        Manner::Tcx => link(if egress { AttachType::TcxEgress } else { AttachType::TcxIngress }, 0),
        Manner::Native => link(AttachType::Xdp, XDP_FLAGS_DRV_MODE),
        Manner::Generic => link(AttachType::Xdp, XDP_FLAGS_SKB_MODE),
        Manner::Clsact => {
            let (filter, listener) = clsact::attach(prog, name, device, egress)?;
            registered().push((device.clone(), filter.clone()));
            Ok(Held::Filter(filter, listener))
        }
        Manner::Socket => {
            let socket = Socket::unbound(SOCKET_BUFFER)?;
            socket.attach(prog)?;
            socket.bind(device.index)?;
            Ok(Held::Socket(socket))
        }
    }
}

fn registered() -> std::sync::MutexGuard<'static, Vec<(Device, Filter)>> {
    FILTERS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Attachment {
    /// How it is attached.
    pub fn manner(&self) -> Manner {
        self.manner
    }

    /// Why XDP is not in native mode: the errno, when the driver refused that.
    pub fn not_native(&self) -> Option<i32> {
        self.not_native
    }

    /// Packets that a socket's filter let through since the last call; `None` where there is no such socket.
    pub fn take_accepted(&self) -> Option<u64> {
        match &self.held {
            Some(Held::Socket(socket)) => socket.take_received().ok().map(|Received { packets, .. }| packets),
            _ => None,
        }
    }

    /// Takes the program away now.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn detach(mut self) -> io::Result<()> {
        self.let_go()
    }

    fn let_go(&mut self) -> io::Result<()> {
        match self.held.take() {
            // Closing the link would do, but the kernel may take its time for it.
            Some(Held::Link(link)) => match link.detach() {
                Ok(()) | Err(libc::EOPNOTSUPP | libc::EINVAL | libc::ENODEV) => Ok(()),
                Err(errno) => Err(io::Error::from_raw_os_error(errno)),
            },
            Some(Held::Filter(filter, _)) => {
                let removed = clsact::remove(&self.device, &filter);
                self.forget(&filter);
                removed
            }
            Some(Held::Socket(_)) | None => Ok(()),
        }
    }

    fn forget(&self, filter: &Filter) {
        registered().retain(|(device, other)| (device, other) != (&self.device, filter));
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        // There is nobody to tell; whoever wants to know calls `detach`.
        let _ = self.let_go();
    }
}

impl fmt::Display for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}", self.hook, self.device.name, self.manner)?;
        match self.not_native {
            Some(errno) => write!(f, " (the driver refuses native mode: {})", io::Error::from_raw_os_error(errno)),
            None => Ok(()),
        }
    }
}

/// Removes the filters of this process that would stay when it ends without dropping its attachments: for the hook of
/// panics, in programs that abort.
pub fn detach_all() {
    for (device, filter) in registered().drain(..) {
        // The process is about to end, there is nobody to tell.
        let _ = clsact::remove(&device, &filter);
    }
}
