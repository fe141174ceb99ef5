//! A network of the kernel, with somebody at the other end of every interface.

use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

use bpfscope_core::kernel::Hook;
use bpfscope_core::lab::Compiled;
use bpfscope_core::net::Network;
use bpfscope_core::object::Object;
use bpfscope_linux::attach::{Attachment, Device, Manner, attach};
use bpfscope_linux::load::InKernel;
use bpfscope_linux::network::{Built, NetworkError};
use bpfscope_linux::tap::{Depth, Direction, Tap};
use bpfscope_linux::veth::{Socket, index};

use super::{Came, Case};

/// How long to wait for a frame that must come.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to look, behind the last frame of a case, for one that must not come; behind others it is seen with the next.
const AFTER: Duration = Duration::from_millis(50);
/// Bytes of a frame by which it is known.
const MARK: std::ops::Range<usize> = 60..68;

/// The interfaces, sockets, and those at the other ends.
pub struct Place {
    network: Network,
    built: Built,
    sender: Socket,
    /// By interface.
    taps: Vec<Option<Tap>>,
    /// UDP sockets by their place in the network.
    sockets: Vec<Option<UdpSocket>>,
}

/// What is attached as long as it lives.
pub enum Attached {
    /// By the library.
    Held(#[expect(dead_code, reason = "it detaches when it is dropped")] Attachment),
    /// As a classifier, by `tc`.
    Classifier {
        /// The namespace's interface.
        dev: String,
        /// `ingress` or `egress`.
        direction: &'static str,
    },
}

impl Drop for Attached {
    fn drop(&mut self) {
        if let Attached::Classifier { dev, direction } = self {
            tc(&["filter", "del", "dev", dev, direction]);
        }
    }
}

fn tc(args: &[&str]) -> bool {
    Command::new("tc").args(args).status().is_ok_and(|status| status.success())
}

impl Place {
    /// Makes it; `None` where that cannot be.
    pub fn new(network: &Network) -> Option<Place> {
        let mut built = match Built::new(network) {
            Err(NetworkError::Namespace(_)) => return None,
            built => built.unwrap_or_else(|e| panic!("{e}")),
        };
        let socket = |at| {
            let socket = UdpSocket::from(built.socket(at)?.try_clone().expect("a descriptor"));
            socket.set_nonblocking(true).expect("a socket");
            Some(socket)
        };
        let sockets = (0..network.sockets.len()).map(socket).collect();
        let mut sender = None;
        let mut taps = Vec::new();
        for at in 0..network.interfaces.len() {
            let other = built.enter_other_end(network, at).expect("the other end");
            let tap = other.map(|number| {
                if at == 0 {
                    sender = Some(Socket::new(number).expect("a sender"));
                }
                let device = Device { index: number, name: String::new() };
                Tap::open(&device, Some(Direction::In), Depth::All).expect("a tap")
            });
            taps.push(tap);
        }
        built.enter(0).expect("the first interface");
        Some(Place { network: network.clone(), built, sender: sender?, taps, sockets })
    }

    /// Takes the thread to the first interface.
    pub fn enter_first(&mut self) {
        self.built.enter(0).expect("the first interface");
    }

    /// Takes programs away again, each in its namespace.
    pub fn detach(&mut self, attached: Vec<(usize, Attached)>) {
        for (interface, attached) in attached {
            self.built.enter(interface).expect("an interface");
            drop(attached);
        }
    }

    /// Attaches a case's programs; each with its interface.
    pub fn attach(
        &mut self,
        case: &Case,
        kernel: &InKernel,
        Compiled { object, loaded, .. }: &Compiled,
    ) -> Vec<(usize, Attached)> {
        let one = |(name, hook, dev): &(&str, Hook, &str)| {
            let at = self.network.interfaces.iter().position(|interface| interface.name == *dev).expect(dev);
            self.built.enter(at).expect(dev);
            let number = loaded.programs.iter().position(|program| program.name == *name).expect(name);
            let prog = kernel.progs[number].as_ref().expect(name);
            if case.classifiers.contains(name) {
                return (at, classify(object, &loaded.programs[number].section, dev, *hook));
            }
            let manner = match hook {
                Hook::TcIngress | Hook::TcEgress if loaded.programs[number].section.starts_with("tcx") => Manner::Tcx,
                Hook::TcIngress | Hook::TcEgress => Manner::Clsact,
                _ => Manner::Generic,
            };
            let device = Device { index: index(dev).expect(dev), name: (*dev).to_owned() };
            let held =
                attach(prog, name, &device, *hook, Some(manner)).unwrap_or_else(|e| panic!("{}: {e}", case.name));
            (at, Attached::Held(held))
        };
        case.attachments.iter().map(one).collect()
    }

    /// What comes of a frame, the last one of a case perhaps; as much as is expected is waited for.
    pub fn send(&mut self, case: &Case, frame: &[u8], expected: &Came, last: bool) -> Came {
        self.sender.send(frame).expect("sending");
        let mut came = Came::of(&self.network);
        let sent = Instant::now();
        // What the machine itself says (neighbour discovery, groups, errors) is to or from nobody's frame here.
        let ours = |data: &[u8]| data.windows(MARK.len()).any(|bytes| *bytes == frame[MARK]);
        loop {
            for ((tap, interface), left) in self.taps.iter_mut().zip(&self.network.interfaces).zip(&mut came.left) {
                let Some(tap) = tap.as_mut() else { continue };
                let watched = case.is_watched(&interface.name);
                let take = |seen: bpfscope_linux::tap::Seen<'_>| {
                    if watched && ours(seen.data) {
                        left.push(seen.data.to_vec());
                    }
                };
                tap.read(64, take).expect("what comes out of an interface");
            }
            for (socket, given) in self.sockets.iter().zip(&mut came.given) {
                let mut bytes = [0; 2048];
                while let Some(Ok(len)) = socket.as_ref().map(|socket| socket.recv(&mut bytes)) {
                    given.push(bytes[..len].to_vec());
                }
            }
            let all = came.is_as_much_as(expected) && (!last || sent.elapsed() > AFTER);
            if all || sent.elapsed() > PATIENCE {
                return came;
            }
        }
    }
}

/// Attaches a classifier without direct action, which the library does not do: by `tc`, from the same object.
fn classify(object: &Object, section: &str, dev: &str, hook: Hook) -> Attached {
    let direction = if hook == Hook::TcIngress { "ingress" } else { "egress" };
    let file = std::env::temp_dir().join(format!("bpfscope-classifier-{}.o", std::process::id()));
    std::fs::write(&file, object.write()).expect("an object file");
    // It may be there already.
    let _ = Command::new("tc").args(["qdisc", "add", "dev", dev, "clsact"]).output();
    let path = file.to_string_lossy();
    let done = tc(&["filter", "add", "dev", dev, direction, "bpf", "object-file", &path, "section", section]);
    std::fs::remove_file(&file).expect("it was there");
    assert!(done, "tc filter add dev {dev} {direction}");
    Attached::Classifier { dev: dev.to_owned(), direction }
}
