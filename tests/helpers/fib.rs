//! `bpf_fib_lookup` in a network namespace with routes and neighbours, and here with the same declared.

use std::process::Command;
use std::sync::Arc;

use bpfscope_core::kernel::ProgType;
use bpfscope_core::net::Network;
use bpfscope_linux::veth::Namespace;
use bpfscope_tests::kernel;

use crate::{Pair, agree_on_arguments, arguments, frames};

/// The network as a scenario declares it; `ip` makes the same.
const NETWORK: &str = r#"{
    "interfaces": [
        {"name": "lo", "index": 1, "mtu": 65536, "addresses": ["127.0.0.1/8", "::1/128"]},
        {"name": "in0", "index": 10, "mac": "02:00:00:00:00:10", "addresses": ["10.0.0.1/24", "fd00::1/64"]},
        {"name": "out0", "index": 11, "mac": "02:00:00:00:00:11", "mtu": 1400, "addresses": ["10.1.0.1/24", "fd01::1/64"]},
        {"name": "bare0", "index": 12, "mac": "02:00:00:00:00:12", "forwarding": false}
    ],
    "routes": [
        {"dst": "0.0.0.0/0", "via": "10.1.0.254"},
        {"dst": "10.2.0.0/16", "via": "10.1.0.9", "dev": "out0", "metric": 10},
        {"dst": "10.2.0.0/16", "dev": "in0", "metric": 20},
        {"dst": "10.2.3.0/24", "dev": "in0", "src": "10.0.0.1"},
        {"dst": "10.3.0.0/16", "kind": "blackhole"},
        {"dst": "10.4.0.0/16", "kind": "unreachable"},
        {"dst": "10.5.0.0/16", "kind": "prohibit"},
        {"dst": "10.6.0.0/16", "dev": "out0", "table": 7},
        {"dst": "fd02::/16", "via": "fd01::9", "dev": "out0"},
        {"dst": "fd03::/16", "kind": "blackhole", "metric": 5},
        {"dst": "fd04::/16", "kind": "unreachable"},
        {"dst": "fd05::/16", "kind": "prohibit"}
    ],
    "neighbours": [
        {"addr": "10.1.0.9", "dev": "out0", "mac": "02:00:00:00:09:01"},
        {"addr": "10.0.0.7", "dev": "in0", "mac": "02:00:00:00:09:02"},
        {"addr": "10.2.3.4", "dev": "in0", "mac": "02:00:00:00:09:03"},
        {"addr": "fd01::9", "dev": "out0", "mac": "02:00:00:00:09:04"}
    ]
}"#;

/// What `ip` is told.
const COMMANDS: &str = "
    link set lo up
    link add in0 index 10 address 02:00:00:00:00:10 type veth peer name in0peer
    link add out0 index 11 address 02:00:00:00:00:11 mtu 1400 type veth peer name out0peer
    link add bare0 index 12 address 02:00:00:00:00:12 type veth peer name bare0peer
    addr add 10.0.0.1/24 dev in0
    addr add 10.1.0.1/24 dev out0
    addr add fd00::1/64 dev in0 nodad
    addr add fd01::1/64 dev out0 nodad
    link set in0 up
    link set out0 up
    link set bare0 up
    link set in0peer up
    link set out0peer up
    link set bare0peer up
    route add default via 10.1.0.254
    route add 10.2.0.0/16 via 10.1.0.9 dev out0 metric 10
    route add 10.2.0.0/16 dev in0 metric 20
    route add 10.2.3.0/24 dev in0 src 10.0.0.1
    route add blackhole 10.3.0.0/16
    route add unreachable 10.4.0.0/16
    route add prohibit 10.5.0.0/16
    route add 10.6.0.0/16 dev out0 table 7
    route add fd02::/16 via fd01::9 dev out0
    route add blackhole fd03::/16 metric 5
    route add unreachable fd04::/16
    route add prohibit fd05::/16
    neigh add 10.1.0.9 dev out0 lladdr 02:00:00:00:09:01
    neigh add 10.0.0.7 dev in0 lladdr 02:00:00:00:09:02
    neigh add 10.2.3.4 dev in0 lladdr 02:00:00:00:09:03
    neigh add fd01::9 dev out0 lladdr 02:00:00:00:09:04
";

/// Destinations, each with its family.
const DESTINATIONS: &[&str] = &[
    "10.0.0.7",
    "10.0.0.8",
    "10.0.0.1",
    "10.0.0.255",
    "10.1.0.9",
    "10.2.0.1",
    "10.2.3.4",
    "10.2.3.5",
    "10.3.0.1",
    "10.4.0.1",
    "10.5.0.1",
    "10.6.0.1",
    "8.8.8.8",
    "127.0.0.1",
    "fd00::7",
    "fd00::1",
    "fd01::9",
    "fd02::1",
    "fd03::1",
    "fd04::1",
    "fd05::1",
    "fd06::1",
    "fe80::1",
    "ff02::1",
];

/// The fields that are asked with, besides the destination.
#[derive(Clone, Copy)]
struct With {
    ifindex: u32,
    flags: u32,
    tot_len: u16,
    table: u32,
}

const PLAIN: With = With { ifindex: 10, flags: 0, tot_len: 0, table: 0 };
/// `bpf_fib_lookup` with the parameters at `fp - 128` and the flags behind them; what comes out goes to words from 0 on.
const LOOK_UP: &str = "r1 = r9\nr2 = r10\nr2 += -128\nr3 = 64\nr4 = *(u32 *)(r10 - 64)\ncall bpf_fib_lookup\n";

/// The parameters, and the flags behind them.
fn ask(dst: &str, with: With) -> Vec<u8> {
    let mut params = vec![0_u8; 64];
    match dst.parse().expect("an address") {
        std::net::IpAddr::V4(addr) => {
            params[0] = 2;
            params[16..20].copy_from_slice(&[10, 0, 0, 99]);
            params[32..36].copy_from_slice(&addr.octets());
        }
        std::net::IpAddr::V6(addr) => {
            params[0] = 10;
            params[16..18].copy_from_slice(&[0xfd, 0]);
            params[31] = 0x99;
            params[32..48].copy_from_slice(&addr.octets());
        }
    }
    params[1] = 17;
    params[6..8].copy_from_slice(&with.tot_len.to_le_bytes());
    params[8..12].copy_from_slice(&with.ifindex.to_le_bytes());
    params[48..52].copy_from_slice(&with.table.to_le_bytes());
    params.extend(with.flags.to_le_bytes());
    params
}

fn body() -> String {
    let keep = |i| format!("r1 = *(u64 *)(r10 - {})\n*(u64 *)(r8 + {}) = r1\n", 128 - 8 * i, 8 + 8 * i);
    LOOK_UP.to_owned() + "*(u64 *)(r8 + 0) = r0\n" + &(0..8).map(keep).collect::<String>()
}

fn cases() -> Vec<Vec<u8>> {
    let mut cases = Vec::new();
    for dst in DESTINATIONS {
        for flags in [0, 1, 2, 4, 16, 20, 5, 3, 32] {
            cases.push(ask(dst, With { flags, ..PLAIN }));
        }
        for table in [7, 8, 254, 255] {
            cases.push(ask(dst, With { flags: 1 | 8, table, ..PLAIN }));
        }
        for tot_len in [1400, 1401, 1500, 1501] {
            cases.push(ask(dst, With { tot_len, ..PLAIN }));
        }
        for ifindex in [0, 1, 11, 12, 99, u32::MAX] {
            cases.push(ask(dst, With { ifindex, ..PLAIN }));
            cases.push(ask(dst, With { ifindex, flags: 2, ..PLAIN }));
        }
    }
    cases
}

/// Makes the namespace that this thread is in from now on; whether it could be made.
fn make() -> Option<Namespace> {
    let namespace = Namespace::enter().ok()?;
    for (file, value) in
        [("ipv4/ip_forward", "1"), ("ipv6/conf/all/disable_ipv6", "0"), ("ipv6/conf/default/disable_ipv6", "0")]
    {
        // In a namespace of its own, /proc/sys/net is that of the thread that looks.
        std::fs::write(format!("/proc/sys/net/{file}"), value).ok()?;
    }
    for line in COMMANDS.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let ipv6 = line.contains("fd0") && !line.starts_with("addr") && !line.starts_with("neigh");
        let args = if ipv6 { format!("-6 {line}") } else { line.to_owned() };
        let done = Command::new("ip").args(args.split(' ')).status().ok()?;
        assert!(done.success(), "ip {line}");
        if line.starts_with("link add bare0") {
            std::fs::write("/proc/sys/net/ipv6/conf/all/forwarding", "1").ok()?;
            for family in ["ipv4", "ipv6"] {
                std::fs::write(format!("/proc/sys/net/{family}/conf/bare0/forwarding"), "0").ok()?;
            }
        }
    }
    Some(namespace)
}

#[test]
fn routes_and_neighbours_are_those_of_the_kernel() {
    if !kernel::available("forwarding look-ups") {
        return;
    }
    let network: Network = serde_json::from_str(NETWORK).expect("a network");
    network.check().expect("a network that can be");
    let network = Arc::new(network);
    let answer = std::thread::spawn(move || {
        let _namespace = make()?;
        let mut differences = Vec::new();
        let frames: Vec<_> =
            frames::all().into_iter().filter(|(what, _)| matches!(*what, "IPv4 UDP" | "1514 bytes")).collect();
        for prog_type in [ProgType::SchedCls, ProgType::Xdp] {
            let mut pair = Pair::new("fib_lookup", prog_type, &(arguments(prog_type, 68) + &body()), "");
            pair.machine().env.network = Arc::clone(&network);
            for (what, frame) in &frames {
                for asked in cases() {
                    let frame = [frame.as_slice(), &asked].concat();
                    differences.extend(pair.difference(&format!("{what}, {}, {asked:?}", prog_type.name()), &frame));
                }
            }
        }
        Some(differences)
    });
    match answer.join().expect("the thread ends") {
        None => kernel::skipped("forwarding look-ups, without `ip` or namespaces"),
        Some(differences) => {
            let shown = differences.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
            assert!(differences.is_empty(), "{} differ:\n{shown}", differences.len());
        }
    }
}

#[test]
fn what_cannot_be_asked_is_an_error() {
    let mut all = Vec::new();
    for with in [
        With { flags: 64, ..PLAIN },
        With { flags: u32::MAX, ..PLAIN },
        With { ifindex: 1, ..PLAIN },
        With { ifindex: 0, ..PLAIN },
        With { ifindex: 987_654, ..PLAIN },
    ] {
        all.extend(["10.0.0.7", "fd00::7", "fe80::7"].map(|dst| ask(dst, with)));
    }
    for family in [0, 1, 9, 17] {
        let mut unknown = ask("10.0.0.7", PLAIN);
        unknown[0] = family;
        all.push(unknown);
    }
    let frames = &frames::all()[..2];
    for prog_type in [ProgType::SchedCls, ProgType::Xdp] {
        agree_on_arguments("fib_lookup", prog_type, &body(), frames, &all);
        for size in ["63", "65"] {
            let body = body().replace("r3 = 64", &format!("r3 = {size}"));
            agree_on_arguments("fib_lookup", prog_type, &body, frames, &all[2..3]);
        }
    }
}
