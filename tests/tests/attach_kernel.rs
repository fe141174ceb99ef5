//! Programs on real devices in network namespaces: that they run there, how they get away, and that nobody else's do.

#![cfg(target_os = "linux")]

use bpfscope_core::kernel::Hook;
use bpfscope_core::lab::{Compiled, Source};
use bpfscope_core::object::LoadOptions;
use bpfscope_linux::attach::clsact::{self, filters, is_held};
use bpfscope_linux::attach::{AttachError, Attachment, Device, Manner, attach, detach_all};
use bpfscope_linux::bpf::{AttachType, Link, Prog, enable_stats};
use bpfscope_linux::load::InKernel;
use bpfscope_linux::printk::Printk;
use bpfscope_linux::tap::{Depth, Direction, Tap};
use bpfscope_linux::veth::{Namespace, Socket, Veth};
use bpfscope_tests::clang::skip;
use bpfscope_tests::kernel::available;

/// Drops frames whose last byte is odd.
const DROP_ODD: &str = "
        .license \"GPL\"
        .section xdp
        xdp_odd: r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r0 = 2
        r4 = r2
        r4 += 60
        if r4 > r3 goto out
        r5 = *(u8 *)(r2 + 59)
        r5 &= 1
        r0 -= r5
        out: exit
        .section tc
        tc_odd: r6 = r1
        r7 = 0
        r2 = 59
        r3 = r10
        r3 += -8
        r4 = 1
        call bpf_skb_load_bytes
        if r0 != 0 goto done
        r7 = *(u8 *)(r10 - 8)
        r7 &= 1
        r7 <<= 1
        done: r0 = r7
        exit
        .section socket
        socket_odd: r6 = r1
        r0 = *(u8 *)skb[59]
        r0 &= 1
        r0 ^= 1
        r0 *= 60
        exit
";

/// A place to attach things.
struct Place {
    _namespace: Namespace,
    veth: Veth,
    near: Device,
    far: Device,
    kernel: InKernel,
}

impl Place {
    /// A pair of devices in a namespace of this thread's; `None`, said so, where there can be none.
    fn new(what: &str, mtu: u32) -> Option<Place> {
        if !available(what) {
            return None;
        }
        let made = Namespace::enter().and_then(|mut namespace| Ok((namespace.veth_of_mtu(mtu)?, namespace)));
        let (veth, namespace) = match made {
            Ok(made) => made,
            Err(error) => {
                skip(what, &error.to_string());
                return None;
            }
        };
        let (near, far) = (Device::named("near0").unwrap(), Device::named("far0").unwrap());
        Some(Place { _namespace: namespace, veth, near, far, kernel: load(DROP_ODD) })
    }

    /// The program for a hook.
    fn prog(&self, hook: Hook) -> &Prog {
        let at = match hook {
            Hook::Xdp => 0,
            Hook::TcIngress | Hook::TcEgress => 1,
            Hook::Socket => 2,
            Hook::CgroupIngress | Hook::CgroupEgress => unreachable!("{hook} is no device's"),
        };
        self.kernel.progs[at].as_ref().unwrap()
    }

    /// The device where packets from `near0` meet that hook.
    fn device(&self, hook: Hook) -> &Device {
        if hook == Hook::TcEgress { &self.near } else { &self.far }
    }

    fn attach(&self, hook: Hook, manner: Option<Manner>) -> Result<Attachment, AttachError> {
        attach(self.prog(hook), "odd", self.device(hook), hook, manner)
    }

    /// Which of the frames 0 to 3 arrive at a socket of the far device.
    fn arriving(&self) -> Vec<u8> {
        let (sender, receiver) = (self.veth.sender().unwrap(), self.veth.receiver().unwrap());
        let mut arrived = Vec::new();
        // The last is even: when it is there, the others were decided upon.
        for number in [1, 0, 3, 2] {
            // Where it is dropped on its way out, the sender is told that there was no room.
            let sent = sender.send(&frame(number));
            assert!(sent.is_ok() || sent.is_err_and(|e| e.raw_os_error() == Some(libc::ENOBUFS)));
        }
        while arrived.last() != Some(&2) {
            arrived.push(receiver.receive().unwrap()[59]);
        }
        arrived
    }

    /// Nothing of ours or anybody's is at the devices.
    fn is_clean(&self) -> bool {
        let none = |device: &Device| {
            device.xdp_program().unwrap().is_none()
                && filters(device, false).unwrap().is_empty()
                && filters(device, true).unwrap().is_empty()
        };
        none(&self.near) && none(&self.far) && self.arriving() == [1, 0, 3, 2]
    }
}

fn load(text: &str) -> InKernel {
    let compiled = Compiled::new(&Source::Asm(text.into()), "test.s", &LoadOptions::default()).unwrap();
    InKernel::new(&compiled.object, &compiled.loaded, |_| true).unwrap()
}

fn frame(number: u8) -> Vec<u8> {
    let mut frame = [&[0xff; 6][..], &[2, 0, 0, 0, 0, 1], &[0x88, 0xb5], &[0; 46]].concat();
    frame[59] = number;
    frame
}

/// A tap sees ingress before tc does: what tc drops is seen by what comes after.
fn arrives_past_tc(place: &Place) -> u64 {
    let stats = enable_stats().unwrap();
    let before = place.prog(Hook::TcIngress).info().unwrap().run_cnt;
    place.arriving();
    drop(stats);
    place.prog(Hook::TcIngress).info().unwrap().run_cnt - before
}

#[test]
fn every_manner_runs_the_program_and_leaves_nothing() {
    let Some(place) = Place::new("the manners of attaching", 1500) else { return };
    let manners = [
        (Hook::Xdp, Manner::Native),
        (Hook::Xdp, Manner::Generic),
        (Hook::TcEgress, Manner::Tcx),
        (Hook::TcEgress, Manner::Clsact),
    ];
    for (hook, manner) in manners {
        let attachment = place.attach(hook, Some(manner)).unwrap();
        assert_eq!(attachment.manner(), manner);
        assert_eq!(place.arriving(), [0, 2], "{hook} {manner}");
        attachment.detach().unwrap();
        assert!(place.is_clean(), "{hook} {manner}");
    }
    for manner in [Manner::Tcx, Manner::Clsact] {
        let attachment = place.attach(Hook::TcIngress, Some(manner)).unwrap();
        assert_eq!(arrives_past_tc(&place), 4, "{manner}");
        drop(attachment);
        assert_eq!(arrives_past_tc(&place), 0, "{manner}");
        assert!(place.is_clean(), "{manner}");
    }
    let attachment = place.attach(Hook::Socket, None).unwrap();
    place.arriving();
    assert_eq!(attachment.take_accepted(), Some(2));
    assert_eq!(attachment.take_accepted(), Some(0));
    drop(attachment);
    assert!(place.is_clean());
}

#[test]
fn without_a_wish_the_first_manner_that_works_is_taken() {
    let Some(place) = Place::new("the choice of a manner", 60_000) else { return };
    for hook in [Hook::TcIngress, Hook::TcEgress] {
        assert_eq!(place.attach(hook, None).unwrap().manner(), Manner::Tcx);
    }
    // Frames of this size do not fit a driver's page.
    let attachment = place.attach(Hook::Xdp, None).unwrap();
    assert_eq!((attachment.manner(), attachment.not_native().is_some()), (Manner::Generic, true));
    assert!(attachment.to_string().contains("the driver refuses native mode"), "{attachment}");
    assert!(matches!(place.attach(Hook::Xdp, Some(Manner::Tcx)), Err(AttachError::Manner { .. })));
}

#[test]
fn somebody_elses_xdp_program_is_left_alone() {
    let Some(place) = Place::new("somebody else's XDP program", 1500) else { return };
    let other = load(".section xdp\nother: r0 = 2\nexit");
    let other = other.progs[0].as_ref().unwrap();
    for flags in [1 << 1, 1 << 2] {
        let link = Link::create(other, place.far.index, AttachType::Xdp, flags).unwrap();
        for manner in [None, Some(Manner::Native), Some(Manner::Generic)] {
            let refused = place.attach(Hook::Xdp, manner).err().unwrap().to_string();
            assert!(refused.contains("has an XDP program already") && refused.contains("`other`"), "{refused}");
        }
        assert_eq!(place.far.xdp_program().unwrap(), Some(other.info().unwrap().id));
        drop(link);
    }
}

#[test]
fn clsact_goes_with_the_last_filter_when_we_brought_it() {
    let Some(place) = Place::new("clsact", 1500) else { return };
    let kind = || std::process::Command::new("tc").args(["qdisc", "show", "dev", "far0"]).output();
    let has_clsact = || kind().is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("clsact"));
    let first = place.attach(Hook::TcIngress, Some(Manner::Clsact)).unwrap();
    let second = place.attach(Hook::TcIngress, Some(Manner::Clsact)).unwrap();
    let mut ours = filters(&place.far, false).unwrap();
    ours.sort_by_key(|filter| filter.priority);
    // The kernel asks them in the order of their priorities.
    let names: Vec<_> = ours.iter().map(|filter| (filter.program(), filter.priority)).collect();
    assert_eq!(names, [(Some("odd"), 47_000), (Some("odd"), 47_001)]);
    assert!(ours.iter().all(|filter| is_held(&place.far, filter)));
    drop(first);
    assert_eq!(filters(&place.far, false).unwrap(), ours[1..]);
    drop(second);
    assert!(!has_clsact() && place.is_clean());
}

#[test]
fn somebody_elses_clsact_and_filters_are_left_alone() {
    let Some(place) = Place::new("somebody else's filters", 1500) else { return };
    let tc = |args: &str| std::process::Command::new("tc").args(args.split(' ')).status().is_ok_and(|s| s.success());
    if !tc("qdisc add dev far0 clsact") {
        return skip("somebody else's filters", "no tc");
    }
    // A filter at the very priority that ours would have.
    assert!(tc("filter add dev far0 ingress pref 47000 protocol all u32 match u8 0 0 flowid 1:1"));
    let theirs = filters(&place.far, false).unwrap();
    let attachment = place.attach(Hook::TcIngress, Some(Manner::Clsact)).unwrap();
    let ours: Vec<_> = filters(&place.far, false).unwrap().into_iter().filter(|f| f.program().is_some()).collect();
    assert_eq!(ours.len(), 1);
    assert_ne!(ours[0].priority, 47_000);
    // What has our place and name, but another program, is not ours any more.
    assert!(tc(&format!("filter del dev far0 ingress pref {}", ours[0].priority)));
    clsact::remove(&place.far, &ours[0]).unwrap();
    attachment.detach().unwrap();
    assert_eq!(filters(&place.far, false).unwrap(), theirs);
    assert!(tc("qdisc del dev far0 clsact"), "it is still there");
    assert!(tc("qdisc add dev near0 ingress"));
    let refused = place.attach(Hook::TcEgress, Some(Manner::Clsact)).err().unwrap().to_string();
    assert!(refused.contains("near0 has the qdisc `ingress`"), "{refused}");
}

#[test]
fn who_ends_without_dropping_detaches_all() {
    let Some(place) = Place::new("an end without dropping", 1500) else { return };
    let attachment = place.attach(Hook::TcEgress, Some(Manner::Clsact)).unwrap();
    std::mem::forget(attachment);
    assert_eq!(place.arriving(), [0, 2]);
    detach_all();
    assert!(place.is_clean());
}

#[test]
fn a_device_that_is_not_there_is_told_with_those_that_are() {
    let Some(_place) = Place::new("a wrong device", 1500) else { return };
    let error = Device::named("eth9").unwrap_err().to_string();
    assert!(error.starts_with("there is no device `eth9` here; there is lo"), "{error}");
    assert!(error.contains("near0") && error.contains("far0"), "{error}");
}

#[test]
fn a_tap_sees_direction_and_vlan_tag() {
    let Some(place) = Place::new("a packet tap", 1500) else { return };
    let mut tap = Tap::open(&place.far, None, Depth::All).unwrap();
    let mut incoming = Tap::open(&place.far, Some(Direction::In), Depth::Sample).unwrap();
    let counting = Tap::open(&place.far, Some(Direction::Out), Depth::Count).unwrap();
    let tagged = [&frame(0)[..12], &[0x81, 0, 0x20, 5], &frame(0)[12..]].concat();
    place.veth.sender().unwrap().send(&tagged).unwrap();
    place.veth.sender().unwrap().send(&frame(7)).unwrap();
    Socket::new(place.far.index).unwrap().send(&frame(8)).unwrap();
    let mut seen = Vec::new();
    tap.read(usize::MAX, |packet| seen.push((packet.direction, packet.orig_len, packet.data.to_vec()))).unwrap();
    let expected = [(Direction::In, 64, tagged), (Direction::In, 60, frame(7)), (Direction::Out, 60, frame(8))];
    assert_eq!(seen, expected);
    assert_eq!(incoming.read(usize::MAX, |packet| assert!(packet.time_ns > 0)).unwrap(), 2);
    assert_eq!(counting.take_received().unwrap().packets, 1);
}

#[test]
fn printed_lines_are_read_without_tracefs() {
    if !available("bpf_trace_printk") {
        return;
    }
    let text = r#"
        .license "GPL"
        .section xdp
        speak: r1 = 0x6f6c6c6548 ll
        *(u64 *)(r10 - 8) = r1
        r1 = r10
        r1 += -8
        r2 = 6
        call bpf_trace_printk
        r0 = 2
        exit
    "#;
    let kernel = load(text);
    let mut printk = match Printk::listen() {
        Ok(printk) => printk,
        Err(error) => return skip("bpf_trace_printk", &error.to_string()),
    };
    let spec = bpfscope_linux::bpf::RunSpec { data: &[0; 64], ..Default::default() };
    kernel.progs[0].as_ref().unwrap().run(&spec).unwrap();
    let mut lines = Vec::new();
    printk.read(|line| lines.push(line));
    assert!(lines.contains(&"Hello".to_owned()), "{lines:?}");
}
