//! Traffic control as kernels before 6.6 have it: a filter of kind `bpf` at the queueing discipline `clsact`, by netlink.
//!
//! Nothing of it goes away with the process that made it. So a filter of ours has a name that says so
//! (`bpfscope:PROGRAM`) and a priority that nobody else uses on the device; it is removed only if it still has our program. While its process lives, that holds an abstract socket by which others know
//! ([`is_held`]). `clsact` goes with the last filter when one of ours brought it, which is in the name, too
//! (`bpfscope+clsact:PROGRAM`), so that whoever cleans up after a killed process knows.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};

use rtnetlink::packet_core::{NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::tc::{TcAttribute, TcBpfFlags, TcFilterBpfOption, TcHandle, TcMessage, TcOption};

use super::Device;
use crate::bpf::Prog;
use crate::netlink::ask;

/// Priorities that are tried, one for each filter; `tc` itself gives numbers from 49152 downwards to filters that name none.
const PRIORITIES: std::ops::Range<u16> = 47_000..47_100;
/// The number of a filter of ours, which is the only one of its priority.
const HANDLE: u32 = 1;
const OURS: &str = "bpfscope:";
const OURS_WITH_CLSACT: &str = "bpfscope+clsact:";
const KIND: &str = "clsact";

/// A filter at a device, of whatever kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Whether it sees packets that go out.
    pub egress: bool,
    /// Its priority.
    pub priority: u16,
    /// Its number among those of one priority.
    pub handle: u32,
    /// The name of a `bpf` filter.
    pub name: String,
    /// The program of a `bpf` filter.
    pub prog: Option<u32>,
}

impl Filter {
    /// The program's name when the filter is one of ours.
    pub fn program(&self) -> Option<&str> {
        self.name.strip_prefix(OURS).or_else(|| self.name.strip_prefix(OURS_WITH_CLSACT))
    }

    fn brought_clsact(&self) -> bool {
        self.name.starts_with(OURS_WITH_CLSACT)
    }

    fn header(&self, device: &Device) -> TcMessage {
        let mut message = TcMessage::with_index(device.index);
        message.header.handle = TcHandle::from(self.handle);
        message.header.parent = parent(self.egress);
        // Priority, and the protocol as it is on the wire: all.
        message.header.info = u32::from(self.priority) << 16 | u32::from((libc::ETH_P_ALL as u16).to_be());
        message.attributes.push(TcAttribute::Kind("bpf".to_owned()));
        message
    }

    fn is_at(&self, other: &Filter) -> bool {
        (self.egress, self.priority, self.handle) == (other.egress, other.priority, other.handle)
    }
}

fn parent(egress: bool) -> TcHandle {
    TcHandle { major: u16::MAX, minor: if egress { TcHandle::MIN_EGRESS } else { TcHandle::MIN_INGRESS } }
}

/// The filters of a device in one direction.
///
/// # Errors
/// The kernel does not answer.
pub fn filters(device: &Device, egress: bool) -> io::Result<Vec<Filter>> {
    if egress && is_ingress_only(device) {
        return Ok(Vec::new());
    }
    let mut question = TcMessage::with_index(device.index);
    question.header.parent = parent(egress);
    let answers = match ask(RouteNetlinkMessage::GetTrafficFilter(question), NLM_F_DUMP) {
        // Without clsact there is no such parent.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => Vec::new(),
        answers => answers?,
    };
    let filter = |message: &RouteNetlinkMessage| {
        let RouteNetlinkMessage::NewTrafficFilter(message) = message else { return None };
        let handle: u32 = message.header.handle.into();
        let priority = (message.header.info >> 16) as u16;
        let options = message.attributes.iter().filter_map(|a| match a {
            TcAttribute::Options(options) => Some(options),
            _ => None,
        });
        let mut filter = Filter { egress, priority, handle, name: String::new(), prog: None };
        for option in options.flatten() {
            match option {
                TcOption::Bpf(TcFilterBpfOption::ProgName(name)) => filter.name.clone_from(name),
                TcOption::Bpf(TcFilterBpfOption::ProgId(id)) => filter.prog = Some(*id),
                _ => {}
            }
        }
        // Each priority is listed by itself, too, without a handle.
        (handle != 0).then_some(filter)
    };
    Ok(answers.iter().filter_map(filter).collect())
}

/// The queueing discipline at a device's place for `clsact`: `clsact` or `ingress`.
fn qdisc(device: &Device) -> io::Result<Option<String>> {
    let question = TcMessage::with_index(device.index);
    let answers = ask(RouteNetlinkMessage::GetQueueDiscipline(question), NLM_F_DUMP)?;
    Ok(answers.iter().find_map(|answer| {
        let RouteNetlinkMessage::NewQueueDiscipline(message) = answer else { return None };
        let here = message.header.index == device.index && message.header.parent == TcHandle::CLSACT;
        message.attributes.iter().filter(|_| here).find_map(|a| match a {
            TcAttribute::Kind(kind) => Some(kind.clone()),
            _ => None,
        })
    }))
}

/// Whether a device has `ingress` where `clsact` would be. That takes filters for egress without a word, and asks them at
/// ingress.
pub(super) fn is_ingress_only(device: &Device) -> bool {
    qdisc(device).is_ok_and(|kind| kind.as_deref() == Some("ingress"))
}

fn qdisc_message(device: &Device) -> TcMessage {
    let mut message = TcMessage::with_index(device.index);
    message.header.parent = TcHandle::CLSACT;
    message.header.handle = TcHandle { major: u16::MAX, minor: 0 };
    message.attributes.push(TcAttribute::Kind(KIND.to_owned()));
    message
}

/// Adds `clsact` when it is not there; tells whether it did.
fn add_qdisc(device: &Device) -> io::Result<bool> {
    let message = RouteNetlinkMessage::NewQueueDiscipline(qdisc_message(device));
    match ask(message, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL) {
        Ok(_) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::EEXIST) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes `clsact` when no filter is left there. Whoever adds one in the instant between loses it.
fn remove_qdisc_if_unused(device: &Device) -> io::Result<()> {
    let unused = filters(device, false)?.is_empty() && filters(device, true)?.is_empty();
    if unused && qdisc(device)?.as_deref() == Some(KIND) {
        ask(RouteNetlinkMessage::DelQueueDiscipline(qdisc_message(device)), NLM_F_ACK)?;
    }
    Ok(())
}

/// The name by which others know that the process lives that a filter is for. Abstract names belong to a network
/// namespace, as devices do, and are free again when the process has ended, however it did.
fn hold(device: &Device, filter: &Filter) -> io::Result<UnixListener> {
    let direction = if filter.egress { "egress" } else { "ingress" };
    let name = format!("bpfscope/{}/{direction}/{}/{}", device.index, filter.priority, filter.handle);
    UnixListener::bind_addr(&SocketAddr::from_abstract_name(name)?)
}

/// Whether the process lives that a filter of ours is for.
pub fn is_held(device: &Device, filter: &Filter) -> bool {
    hold(device, filter).is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

/// Attaches a program as a filter. What it gives is to be held as long as the program is to be attached by this process.
///
/// # Errors
/// What the kernel says; `EADDRINUSE` when there are too many of ours.
pub(super) fn attach(prog: &Prog, name: &str, device: &Device, egress: bool) -> io::Result<(Filter, UnixListener)> {
    let added = add_qdisc(device)?;
    if egress && is_ingress_only(device) {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    let there = [filters(device, false)?, filters(device, true)?].concat();
    // Where one of ours brought clsact, all of ours share in that: the last one takes it away.
    let brought = added || there.iter().any(Filter::brought_clsact);
    let prefix = if brought { OURS_WITH_CLSACT } else { OURS };
    let id = prog.info().map_err(io::Error::from_raw_os_error)?.id;
    let made = make(prog, device, &there, |priority| Filter {
        egress,
        priority,
        handle: HANDLE,
        name: format!("{prefix}{name}"),
        prog: Some(id),
    });
    if made.is_err() && added {
        // The first error is the one to tell.
        let _ = remove_qdisc_if_unused(device);
    }
    made
}

/// Makes the filter at a priority of its own behind those of ours that are there: the kernel asks filters of one priority
/// the newest first, and those of several in the order of their numbers, which so is that of attaching.
fn make(
    prog: &Prog,
    device: &Device,
    there: &[Filter],
    filter: impl Fn(u16) -> Filter,
) -> io::Result<(Filter, UnixListener)> {
    let egress = filter(PRIORITIES.start).egress;
    let used: Vec<u16> = there.iter().filter(|f| f.egress == egress).map(|f| f.priority).collect();
    let last = used.iter().filter(|priority| PRIORITIES.contains(priority)).max();
    let behind = last.map_or(PRIORITIES.start, |last| last + 1);
    let free = |priority: &u16| !used.contains(priority);
    for priority in (behind..PRIORITIES.end).chain(PRIORITIES.start..behind).filter(free) {
        let filter = filter(priority);
        let Ok(held) = hold(device, &filter) else { continue };
        let mut message = filter.header(device);
        let options = [
            TcFilterBpfOption::ProgFd(prog.fd() as u32),
            TcFilterBpfOption::ProgName(filter.name.clone()),
            TcFilterBpfOption::Flags(TcBpfFlags::DirectAction),
        ];
        message.attributes.push(TcAttribute::Options(options.map(TcOption::Bpf).into()));
        match ask(RouteNetlinkMessage::NewTrafficFilter(message), NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL) {
            Ok(_) => return Ok((filter, held)),
            Err(error) if error.raw_os_error() == Some(libc::EEXIST) => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from_raw_os_error(libc::EADDRINUSE))
}

/// Removes a filter of ours, and `clsact` when one of ours brought it and nobody uses it. One that has another program
/// by now is somebody else's.
///
/// # Errors
/// What the kernel says. That the filter or the device is gone is none.
pub fn remove(device: &Device, filter: &Filter) -> io::Result<()> {
    let gone = |error: io::Error| match error.raw_os_error() {
        Some(libc::ENOENT | libc::ENODEV) => Ok(()),
        _ => Err(error),
    };
    let there = match filters(device, filter.egress) {
        Ok(there) => there,
        Err(error) => return gone(error),
    };
    if !there.iter().any(|other| other.is_at(filter) && other.prog == filter.prog && other.name == filter.name) {
        return Ok(());
    }
    ask(RouteNetlinkMessage::DelTrafficFilter(filter.header(device)), NLM_F_ACK).map(|_| ()).or_else(gone)?;
    if filter.brought_clsact() { remove_qdisc_if_unused(device).or_else(gone) } else { Ok(()) }
}
