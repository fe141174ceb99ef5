//! Network devices: by name, what they counted, and which XDP program is there.

use std::io;

use bpfscope_core::net::LinkType;
use rtnetlink::packet_core::{NLM_F_ACK, NLM_F_DUMP};
use rtnetlink::packet_route::RouteNetlinkMessage;
use rtnetlink::packet_route::link::{LinkAttribute, LinkLayerType, LinkMessage, LinkXdp, State};

use super::AttachError;
use crate::bpf::Prog;
use crate::netlink::ask;
use crate::veth::index;

/// A network device of this thread's network namespace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// Its number.
    pub index: i32,
    /// Its name.
    pub name: String,
}

/// What a device has counted since it is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// Packets that came in.
    pub rx_packets: u64,
    /// Their bytes.
    pub rx_bytes: u64,
    /// Packets that went out.
    pub tx_packets: u64,
    /// Their bytes.
    pub tx_bytes: u64,
}

impl Device {
    /// The device of that name.
    ///
    /// # Errors
    /// [`AttachError::NoDevice`], with those that there are.
    pub fn named(name: &str) -> Result<Device, AttachError> {
        match index(name) {
            Ok(index) => Ok(Device { index, name: name.to_owned() }),
            Err(_) => {
                let have = Device::all().unwrap_or_default().into_iter().map(|device| device.name).collect();
                Err(AttachError::NoDevice { name: name.to_owned(), have })
            }
        }
    }

    /// All devices.
    ///
    /// # Errors
    /// The kernel does not answer.
    pub fn all() -> io::Result<Vec<Device>> {
        let links = ask(RouteNetlinkMessage::GetLink(LinkMessage::default()), NLM_F_DUMP)?;
        let device = |link: &LinkMessage| {
            let name = link.attributes.iter().find_map(|a| match a {
                LinkAttribute::IfName(name) => Some(name.clone()),
                _ => None,
            })?;
            Some(Device { index: i32::try_from(link.header.index).ok()?, name })
        };
        Ok(links.iter().filter_map(new_link).filter_map(device).collect())
    }

    fn link(&self) -> io::Result<LinkMessage> {
        let mut question = LinkMessage::default();
        question.header.index = self.index as u32;
        let answer = ask(RouteNetlinkMessage::GetLink(question), NLM_F_ACK)?;
        answer.iter().find_map(new_link).cloned().ok_or_else(|| io::Error::from_raw_os_error(libc::ENODEV))
    }

    /// What it has counted.
    ///
    /// # Errors
    /// It is gone.
    pub fn counters(&self) -> io::Result<Counters> {
        let stats = self.link()?.attributes.into_iter().find_map(|a| match a {
            LinkAttribute::Stats64(s) => Some(Counters {
                rx_packets: s.rx_packets,
                rx_bytes: s.rx_bytes,
                tx_packets: s.tx_packets,
                tx_bytes: s.tx_bytes,
            }),
            _ => None,
        });
        Ok(stats.unwrap_or_default())
    }

    /// Whether it can send: it was set up, and whatever it is connected to is there.
    ///
    /// # Errors
    /// It is gone.
    pub fn is_up(&self) -> io::Result<bool> {
        Ok(self.link()?.attributes.iter().any(|a| matches!(a, LinkAttribute::OperState(State::Up))))
    }

    /// What its packets begin with; `None` for kinds of devices whose packets are not understood here.
    ///
    /// # Errors
    /// It is gone.
    pub fn link_type(&self) -> io::Result<Option<LinkType>> {
        Ok(match self.link()?.header.link_layer_type {
            LinkLayerType::Ether | LinkLayerType::Loopback => Some(LinkType::Ethernet),
            // Tunnels of layer 3.
            LinkLayerType::None | LinkLayerType::Ppp | LinkLayerType::Rawip => Some(LinkType::Raw),
            _ => None,
        })
    }

    /// The number of the XDP program that is there, whoever attached it.
    ///
    /// # Errors
    /// It is gone.
    pub fn xdp_program(&self) -> io::Result<Option<u32>> {
        let xdp = self.link()?.attributes.into_iter().find_map(|a| match a {
            LinkAttribute::Xdp(xdp) => Some(xdp),
            _ => None,
        });
        let number = |xdp: &LinkXdp| match xdp {
            LinkXdp::ProgId(id) | LinkXdp::DrvProgId(id) | LinkXdp::SkbProgId(id) | LinkXdp::HwProgId(id) => Some(*id),
            _ => None,
        };
        Ok(xdp.iter().flatten().find_map(number).filter(|id| *id != 0))
    }

    /// The same for people: `program 17, `drop``; `None` when there is none that can be seen.
    pub(super) fn xdp_program_shown(&self) -> Option<String> {
        let id = self.xdp_program().ok()??;
        let name = Prog::by_id(id).and_then(|prog| prog.info()).map(|info| info.name).unwrap_or_default();
        Some(if name.is_empty() { format!("program {id}") } else { format!("program {id}, `{name}`") })
    }
}

fn new_link(message: &RouteNetlinkMessage) -> Option<&LinkMessage> {
    match message {
        RouteNetlinkMessage::NewLink(link) => Some(link),
        _ => None,
    }
}
