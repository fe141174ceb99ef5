//! Storage of a control group that programs are attached to: in the kernel by links to a real group, and in a replay.
//!
//! A process of the group sends datagrams on the loopback device of a network namespace. What it sends goes out and comes in
//! again, to a socket of the same group: both programs see as many packets as a replay takes through them.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use bpfscope_core::kernel::{Hook, MapId};
use bpfscope_core::lab::{Attachment, Compiled, Contents, Replay, Source};
use bpfscope_core::net::{LinkType, Packet};
use bpfscope_core::object::LoadOptions;
use bpfscope_core::vm::{Config, NoObserver};
use bpfscope_linux::bpf::{AttachType, Link};
use bpfscope_linux::load::InKernel;
use bpfscope_linux::veth::Namespace;
use bpfscope_tests::kernel::{self, possible_cpus};

/// Counts datagrams, by attachment, for both directions, and by CPU.
const PROGRAMS: &str = "
    .license \"GPL\"
    .map by_way, cgroup_storage, key=16, value=8, entries=0
    .map by_cpu, percpu_cgroup_storage, key=8, value=8, entries=0
    .section cgroup_skb/egress
    out:
        r6 = r1
        r1 = by_way ll
        r2 = 0
        call bpf_get_local_storage
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
        r1 = by_cpu ll
        r2 = 0
        call bpf_get_local_storage
        r1 = *(u64 *)(r0 + 0)
        r1 += 1
        *(u64 *)(r0 + 0) = r1
        r0 = 1
        exit
    .section cgroup_skb/ingress
    in:
        r1 = by_way ll
        r2 = 0
        call bpf_get_local_storage
        r1 = 100
        lock *(u64 *)(r0 + 0) += r1
        r0 = 1
        exit
";
/// Datagrams that are sent.
const DATAGRAMS: u64 = 5;

/// A control group of version 2, gone at the end.
struct Group(PathBuf);

impl Group {
    fn new() -> Option<Group> {
        let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
        let root =
            mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>()).find(|m| m.get(2) == Some(&"cgroup2"))?;
        let path = Path::new(root[1]).join(format!("bpfscope-{}", std::process::id()));
        fs::create_dir(&path).ok()?;
        Some(Group(path))
    }

    /// Its number, which is that of its directory.
    fn id(&self) -> u64 {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(&self.0).map_or(0, |dir| dir.ino())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// What the maps hold: key without the group's number, and the sum of the values.
fn sums(entries: impl Iterator<Item = (Vec<u8>, Vec<u8>)>, group: u64) -> Vec<(Vec<u8>, u64)> {
    let sum = |value: Vec<u8>| value.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).sum();
    let mut all: Vec<_> = entries
        .map(|(key, value)| {
            assert_eq!(key[..8], group.to_le_bytes());
            (key[8..].to_vec(), sum(value))
        })
        .collect();
    all.sort();
    all
}

/// A datagram as a frame.
fn datagram() -> Vec<u8> {
    let ip = [0x45, 0, 0, 30, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1];
    let udp = [0x80, 0, 0x14, 0xe9, 0, 10, 0, 0, b'x', b'\n'];
    [&[0; 12][..], &[8, 0], &ip, &udp].concat()
}

#[test]
fn storage_of_an_attached_program_lasts_and_is_one_for_each_way() {
    if !kernel::available("storage of control groups") {
        return;
    }
    let Some(group) = Group::new() else {
        return kernel::skipped("storage of control groups, without one of version 2");
    };
    let compiled = Compiled::new(&Source::Asm(PROGRAMS.into()), "groups.s", &LoadOptions::default()).expect("programs");
    let loaded = &compiled.loaded;

    let theirs = std::thread::scope(|scope| {
        let real = scope.spawn(|| {
            let _namespace = Namespace::enter().ok()?;
            Command::new("ip").args(["link", "set", "lo", "up"]).status().ok().filter(|done| done.success())?;
            let kernel = InKernel::new(&compiled.object, loaded, |_| true).expect("the kernel takes the programs");
            let dir = File::open(&group.0).ok()?;
            let links: Vec<Link> = [AttachType::CgroupEgress, AttachType::CgroupIngress]
                .into_iter()
                .zip(&kernel.progs)
                .map(|(way, prog)| Link::to_group(prog.as_ref().expect("a program"), &dir, way).expect("a link"))
                .collect();
            // The socket that receives is the group's too; its backlog holds the datagrams until it ends.
            let script = format!(
                "echo $$ > {}/cgroup.procs && exec python3 -c '
import socket
to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
to.bind((\"127.0.0.1\", 5353))
by = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range({DATAGRAMS}):
    by.sendto(b\"x\\n\", (\"127.0.0.1\", 5353))
    to.recv(10)
'",
                group.0.display()
            );
            Command::new("sh").args(["-c", &script]).status().ok().filter(|done| done.success())?;
            let maps = kernel.maps();
            let read = |at: usize| {
                let keys = maps[at].keys(10).expect("keys");
                let values: Vec<_> = keys.iter().map(|key| maps[at].lookup(key).expect("a value")).collect();
                sums(keys.into_iter().zip(values), group.id())
            };
            let found = [read(0), read(1)];
            drop(links);
            Some(found)
        });
        real.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let Some(theirs) = theirs else {
        return kernel::skipped("storage of control groups, without `ip`, python3 or namespaces");
    };

    let config = Config { cpus: possible_cpus(), ..Config::default() };
    let attachments = [Attachment::new("out", Hook::CgroupEgress), Attachment::new("in", Hook::CgroupIngress)];
    let mut replay = Replay::new(loaded, &attachments, &[], config).expect("a replay");
    let data = datagram();
    for index in 0..DATAGRAMS as u32 {
        let orig_len = data.len() as u32;
        let packet = Packet { index, time_ns: 0, link: LinkType::Ethernet, orig_len, offset: 0, data: &data };
        replay.packet(&packet, &mut NoObserver, |run, _, _| assert_eq!(run.outcome.fault, None));
    }
    let ours = [0, 1].map(|at| sums(replay.engine().entries(MapId(at)), 1));
    assert_eq!(ours, theirs);
    assert_eq!(theirs[1], [(Vec::new(), DATAGRAMS)]);
}
