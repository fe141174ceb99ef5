//! Sockets: real ones in a network namespace, and the same declared.

use std::io::Read;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bpfscope_core::kernel::ProgType;
use bpfscope_core::net::Network;
use bpfscope_core::object::{Btf, Kind};
use bpfscope_core::vm::Structures;
use bpfscope_linux::veth::Namespace;
use bpfscope_tests::agree::source::running_kernel_types;
use bpfscope_tests::kernel;

use crate::{Pair, agree_on_arguments, arguments, frames};

const TC: ProgType = ProgType::SchedCls;

/// A look-up with the arguments at `fp - 128`: namespace, flags, and the tuple behind them. The fields of what is found go
/// to words 1 to 10, the receive queue only of one without a connection: a connection's is now and then what the host's own
/// packets left in it. Of one that listens those of TCP go to words 11 to 14.
fn look_up(helper: &str, size: u32) -> String {
    let copy =
        |offset: u32, bits: u32| format!("r1 = *(u{bits} *)(r7 + {offset})\n*(u32 *)(r8 + {}) = r1\n", 8 + offset);
    let fields: String = (0..19).filter(|word| *word != 12).map(|word| copy(4 * word, 32)).collect();
    let queue = copy(76, 32);
    let tcp = "r1 = *(u32 *)(r7 + 72)\nif r1 != 10 goto give\nr1 = r7\ncall bpf_tcp_sock\nif r0 == 0 goto give\n\
               r1 = *(u32 *)(r0 + 0)\n*(u64 *)(r8 + 88) = r1\nr1 = *(u32 *)(r0 + 8)\n*(u64 *)(r8 + 96) = r1\n\
               r1 = *(u32 *)(r0 + 12)\n*(u64 *)(r8 + 104) = r1\nr1 = *(u32 *)(r0 + 28)\n*(u64 *)(r8 + 112) = r1\n";
    format!(
        "r1 = r9\nr2 = r10\nr2 += -112\nr3 = {size}\nr4 = *(u64 *)(r10 - 128)\nr5 = *(u64 *)(r10 - 120)\ncall bpf_{helper}\n\
         if r0 == 0 goto none\nr7 = r0\n*(u64 *)(r8 + 0) = 1\n{fields}\
         r1 = *(u32 *)(r7 + 72)\nif r1 == 1 goto connected\n{queue}connected:\n{port}{assign}{tcp}give: r1 = r7\ncall bpf_sk_release\nnone:\n",
        port = copy(48, 16),
        // A test run is at no hook of a device.
        assign = "r1 = r9\nr2 = r7\nr3 = 0\ncall bpf_sk_assign\n*(u64 *)(r8 + 120) = r0\n",
    )
}

fn asked(netns: i64, flags: u64, src: &str, dst: &str) -> Vec<u8> {
    let (src, dst): (std::net::SocketAddr, std::net::SocketAddr) =
        (src.parse().expect("src"), dst.parse().expect("dst"));
    let bytes = |addr: std::net::SocketAddr| match addr.ip() {
        std::net::IpAddr::V4(addr) => addr.octets().to_vec(),
        std::net::IpAddr::V6(addr) => addr.octets().to_vec(),
    };
    let mut all = [&netns.to_le_bytes()[..], &flags.to_le_bytes(), &bytes(src), &bytes(dst)].concat();
    all.extend(src.port().to_be_bytes());
    all.extend(dst.port().to_be_bytes());
    all.resize(52, 0);
    all
}

/// As [`look_up`], of the part that every kind of socket has.
fn look_up_common(size: u32) -> String {
    let copy = |word: u32| format!("r1 = *(u32 *)(r7 + {})\n*(u32 *)(r8 + {}) = r1\n", 4 * word, 8 + 4 * word);
    let fields: String = [0, 1, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18].into_iter().map(copy).collect();
    format!(
        "r1 = r9\nr2 = r10\nr2 += -112\nr3 = {size}\nr4 = *(u64 *)(r10 - 128)\nr5 = *(u64 *)(r10 - 120)\ncall bpf_skc_lookup_tcp\n\
         if r0 == 0 goto none\nr7 = r0\n*(u64 *)(r8 + 0) = 1\n{fields}r1 = *(u16 *)(r7 + 48)\n*(u32 *)(r8 + 56) = r1\n\
         r1 = r7\ncall bpf_sk_release\nnone:\n"
    )
}

/// What listens where a socket was accepted: of a socket that is found, as [`look_up`] finds it.
fn listener(size: u32) -> String {
    format!(
        "r1 = r9\nr2 = r10\nr2 += -112\nr3 = {size}\nr4 = *(u64 *)(r10 - 128)\nr5 = *(u64 *)(r10 - 120)\ncall bpf_sk_lookup_tcp\n\
         if r0 == 0 goto none\nr7 = r0\n*(u64 *)(r8 + 0) = 1\nr1 = r7\ncall bpf_get_listener_sock\nif r0 == 0 goto give\n\
         r1 = *(u32 *)(r0 + 72)\n*(u64 *)(r8 + 8) = r1\nr1 = *(u32 *)(r0 + 44)\n*(u64 *)(r8 + 16) = r1\n\
         r1 = *(u32 *)(r0 + 24)\n*(u64 *)(r8 + 24) = r1\ngive: r1 = r7\ncall bpf_sk_release\nnone:\n"
    )
}

/// What a host that is not flooded says to cookies for the socket at 127.0.0.1:8080 or, as the first argument says, 8081;
/// behind the argument are an IP header of 40 bytes and a TCP header of 24.
fn cookies(ip_len: u32, th_len: u32) -> String {
    let call = |helper: &str, word: u32| {
        format!(
            "r1 = r7\nr2 = r10\nr2 += -120\nr3 = {ip_len}\nr4 = r10\nr4 += -80\nr5 = {th_len}\ncall bpf_tcp_{helper}_syncookie\n\
             *(u64 *)(r8 + {}) = r0\n",
            8 * word
        )
    };
    format!(
        "*(u64 *)(r10 - 48) = 0\n*(u64 *)(r10 - 40) = 0\n*(u32 *)(r10 - 48) = 0x0100007f\n*(u32 *)(r10 - 44) = 0x0100007f\n\
         *(u16 *)(r10 - 40) = 9\nr1 = *(u16 *)(r10 - 128)\n*(u16 *)(r10 - 38) = r1\n\
         r1 = r9\nr2 = r10\nr2 += -48\nr3 = 12\nr4 = -1\nr5 = 0\ncall bpf_sk_lookup_tcp\nif r0 == 0 goto none\nr7 = r0\n\
         *(u64 *)(r8 + 0) = 1\n{}{}r1 = r7\ncall bpf_sk_release\nnone:\n",
        call("gen", 1),
        call("check", 2)
    )
}

/// Real sockets, and the same declared.
struct Sockets {
    network: Arc<Network>,
    client: String,
    _open: (TcpListener, TcpListener, UdpSocket, TcpStream, TcpStream),
    _namespace: Namespace,
}

/// Opens sockets in a namespace that this thread is in from now on.
fn open() -> Option<Sockets> {
    let namespace = Namespace::enter().ok()?;
    std::fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "0").ok()?;
    std::fs::write("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "0").ok()?;
    Command::new("ip").args(["link", "set", "lo", "up"]).status().ok().filter(|done| done.success())?;
    let listener = TcpListener::bind("127.0.0.1:8080").ok()?;
    let (other, datagrams) = (TcpListener::bind("[::1]:8081").ok()?, UdpSocket::bind("0.0.0.0:5353").ok()?);
    let client = TcpStream::connect("127.0.0.1:8080").ok()?;
    let (accepted, _) = listener.accept().ok()?;
    let address = client.local_addr().ok()?;
    let network: Network = serde_json::from_str(&format!(
        r#"{{"sockets": [
            {{"protocol": "tcp", "local": "127.0.0.1:8080"}},
            {{"protocol": "tcp", "local": "127.0.0.1:8080", "remote": "{address}"}},
            {{"protocol": "tcp", "local": "{address}", "remote": "127.0.0.1:8080"}},
            {{"protocol": "tcp", "local": "[::1]:8081"}},
            {{"protocol": "udp", "local": "0.0.0.0:5353"}}
        ]}}"#
    ))
    .expect("a network");
    Some(Sockets {
        network: Arc::new(network),
        client: address.to_string(),
        _open: (listener, other, datagrams, client, accepted),
        _namespace: namespace,
    })
}

/// Runs what gives differences with real sockets around it; fails with them.
fn agree_on_sockets(what: &str, body: impl FnOnce(&Sockets) -> Vec<String> + Send + 'static) {
    if !kernel::available(what) {
        return;
    }
    let differences = std::thread::spawn(move || open().map(|sockets| body(&sockets)));
    match differences.join().expect("the thread ends") {
        None => kernel::skipped(&format!("{what}, without `ip` or namespaces")),
        Some(differences) => {
            let shown = differences.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
            assert!(differences.is_empty(), "{} differ:\n{shown}", differences.len());
        }
    }
}

#[test]
fn look_ups_find_what_the_kernels_find() {
    agree_on_sockets("sockets", |sockets| {
        let client = sockets.client.as_str();
        let mut differences = Vec::new();
        let bodies = [12, 36, 13].into_iter().flat_map(|size| {
            [
                ("sk_lookup_tcp", size, look_up("sk_lookup_tcp", size)),
                ("sk_lookup_udp", size, look_up("sk_lookup_udp", size)),
                ("skc_lookup_tcp", size, look_up_common(size)),
                ("get_listener_sock", size, listener(size)),
            ]
        });
        for (helper, size, body) in bodies {
            let mut pair = Pair::new(helper, TC, &(arguments(TC, 52) + &body), "");
            pair.machine().env.network = Arc::clone(&sockets.network);
            for (src, dst) in [
                ("127.0.0.1:9", "127.0.0.1:8080"),
                ("127.0.0.1:9", "127.0.0.2:8080"),
                ("127.0.0.1:9", "127.0.0.1:8081"),
                (client, "127.0.0.1:8080"),
                ("127.0.0.1:8080", client),
                ("[::1]:9", "[::1]:8081"),
                ("[::1]:9", "[::2]:8081"),
                ("127.0.0.1:9", "127.0.0.1:5353"),
                ("10.0.0.1:9", "10.0.0.2:5353"),
                ("127.0.0.1:9", "127.0.0.1:5354"),
            ] {
                for (netns, flags) in [(-1, 0), (0, 0), (1 << 40, 0), (-1, 1), (0xffff_ffff, 0), (0x8000_0000, 0)] {
                    let frame = [frames::all()[0].1.as_slice(), &asked(netns, flags, src, dst)].concat();
                    let what = format!("{size} bytes, {src} to {dst}, {netns}, {flags}");
                    differences.extend(pair.difference(&what, &frame));
                }
            }
        }
        differences
    });
}

#[test]
fn a_host_that_is_not_flooded_makes_no_cookies_for_a_listener() {
    agree_on_sockets("cookies for a listener", |sockets| {
        let mut differences = Vec::new();
        for (ip_len, th_len) in [(20, 20), (20, 24), (19, 20), (40, 20), (40, 24)] {
            let body = arguments(TC, 72) + &cookies(ip_len, th_len);
            let mut pair = Pair::new("tcp_gen_syncookie", TC, &body, "");
            pair.machine().env.network = Arc::clone(&sockets.network);
            for port in [8080_u16, 8081, 5353] {
                for version in [4_u8, 6, 5] {
                    for (doff, flags) in
                        [(5_u8, 2_u8), (6, 2), (5, 0x10), (6, 0x10), (5, 0x12), (5, 4), (5, 0x11), (5, 0)]
                    {
                        let mut asked = vec![0; 72];
                        asked[..2].copy_from_slice(&port.to_be_bytes());
                        asked[8] = version << 4 | 5;
                        asked[48 + 12] = doff << 4;
                        asked[48 + 13] = flags;
                        let frame = [frames::all()[0].1.as_slice(), &asked].concat();
                        let what = format!("{ip_len}, {th_len}, {port}, IPv{version}, {doff}, flags {flags}");
                        differences.extend(pair.difference(&what, &frame));
                    }
                }
            }
        }
        differences
    });
}

/// A SYN of IPv4 or IPv6 with options at `fp - 128` (IP header first), a cookie made of it, and whether it is accepted when
/// it comes back: only the kernel's lower half of a cookie is a secret.
fn cookie(family: u32, ip_len: i32, th_len: &str) -> String {
    let tcp = 128 - ip_len;
    format!(
        "r1 = r10\nr1 += -128\nr2 = r10\nr2 += -{tcp}\nr3 = {th_len}\ncall bpf_tcp_raw_gen_syncookie_ipv{family}\n\
         r7 = r0\nif r7 s< 0 goto bad\nr1 = r7\nr1 >>= 32\n*(u64 *)(r8 + 0) = r1\n\
         r7 <<= 32\nr7 >>= 32\nr7 += 1\nr7 = be32 r7\n*(u32 *)(r10 - {ack}) = r7\n\
         r1 = *(u32 *)(r10 - {seq})\nr1 = be32 r1\nr1 += 1\nr1 = be32 r1\n*(u32 *)(r10 - {seq}) = r1\n\
         r1 = r10\nr1 += -128\nr2 = r10\nr2 += -{tcp}\ncall bpf_tcp_raw_check_syncookie_ipv{family}\n*(u64 *)(r8 + 8) = r0\n\
         r1 = *(u8 *)(r10 - {tcp})\nr1 ^= 1\n*(u8 *)(r10 - {tcp}) = r1\n\
         r1 = r10\nr1 += -128\nr2 = r10\nr2 += -{tcp}\ncall bpf_tcp_raw_check_syncookie_ipv{family}\n*(u64 *)(r8 + 16) = r0\ngoto end\n\
         bad: *(u64 *)(r8 + 24) = r7\nend:\n",
        ack = tcp - 8,
        seq = tcp - 4,
    )
}

#[test]
fn cookies_hold_the_segment_size_and_come_back() {
    for (family, ip_len) in [(4, 20), (6, 40)] {
        for th_len in [20_usize, 24, 28] {
            let mut all = Vec::new();
            for doff in [5, 6, 7] {
                for options in [
                    [2, 4, 5, 0xb4, 0, 0, 0, 0],
                    [2, 4, 5, 0x14, 1, 1, 1, 0],
                    [1, 1, 1, 1, 2, 4, 0x22, 0xec],
                    [2, 4, 0, 0, 0, 0, 0, 0],
                    [2, 3, 5, 0xb4, 0, 0, 0, 0],
                    [2, 4, 2, 0x18, 0, 0, 0, 0],
                    [2, 4, 0, 9, 0, 0, 0, 0],
                    [3, 0, 2, 4, 5, 0xb4, 0, 0],
                ] {
                    let mut packet: Vec<u8> = (0..ip_len as u8).map(|i| i * 3 + 1).collect();
                    packet[0] = (family << 4 | 5) as u8;
                    packet.extend([0x30, 0x39, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, doff << 4, 2, 0xff, 0xff, 0, 0, 0, 0]);
                    packet.extend(options);
                    packet.resize(72, 0);
                    all.push(packet);
                }
            }
            let body = cookie(family, ip_len, &th_len.to_string());
            for prog_type in [TC, ProgType::Xdp] {
                agree_on_arguments(&format!("IPv{family}, {th_len}"), prog_type, &body, &frames::all()[..1], &all);
            }
        }
    }
}

/// Fields of a socket's structures that are compared: structure, field, bits.
const FIELDS: [(&str, &str, u32); 14] = [
    ("sock_common", "skc_family", 16),
    ("sock_common", "skc_state", 8),
    ("sock_common", "skc_bound_dev_if", 32),
    ("sock_common", "skc_num", 16),
    ("sock_common", "skc_dport", 16),
    ("sock_common", "skc_daddr", 32),
    ("sock_common", "skc_rcv_saddr", 32),
    ("sock", "sk_protocol", 16),
    ("sock", "sk_type", 16),
    ("sock", "sk_mark", 32),
    ("sock", "sk_priority", 32),
    ("inet_sock", "inet_sport", 16),
    ("tcp_sock", "mss_cache", 32),
    ("tcp_sock", "snd_ssthresh", 32),
];

/// Where a member of a structure is, in bytes, those of structures without a name among them.
fn offset_of(btf: &Btf, id: u32, field: &str) -> Option<u32> {
    btf.resolve(id)?.members().find_map(|member| match member.name {
        "" => offset_of(btf, member.type_id, field).map(|within| member.bit_offset / 8 + within),
        name => (name == field).then_some(member.bit_offset / 8),
    })
}

/// A look-up as in [`look_up`], and the socket as the structure that a helper makes of it: whether it is one, in word 0, and
/// the fields that such a structure has, in the words after.
fn as_structure(btf: &Btf, helper: &str) -> String {
    let fields: String = (FIELDS.iter().zip(1..))
        .filter(|((structure, _, _), _)| match helper {
            "tcp_timewait_sock" => *structure == "sock_common",
            "udp6_sock" => *structure != "tcp_sock",
            _ => true,
        })
        .map(|((structure, field, bits), word)| {
            let id = btf.by_name(structure, Kind::Struct).expect("a structure").id();
            let at = offset_of(btf, id, field).unwrap_or_else(|| panic!("{structure} has no {field}"));
            format!("r1 = *(u{bits} *)(r0 + {at})\n*(u64 *)(r8 + {}) = r1\n", word * 8)
        })
        .collect();
    let fields = if matches!(helper, "tcp_request_sock" | "unix_sock" | "mptcp_sock") { "" } else { &fields };
    format!(
        "r6 = *(u64 *)(r10 - 128)\nr1 = r9\nr2 = r10\nr2 += -112\nr3 = 12\nif r6 == 0 goto small\nr3 = 36\nsmall: r4 = -1\n\
         r5 = 0\ncall bpf_skc_lookup_tcp\nif r0 != 0 goto found\nr1 = r9\nr2 = r10\nr2 += -112\nr3 = 12\nif r6 == 0 goto less\n\
         r3 = 36\nless: r4 = -1\nr5 = 0\ncall bpf_sk_lookup_udp\nif r0 == 0 goto none\nfound: r7 = r0\n*(u64 *)(r8 + 0) = 1\n\
         r1 = r7\ncall bpf_skc_to_{helper}\nif r0 == 0 goto give\n*(u64 *)(r8 + 0) = 2\n{fields}give: r1 = r7\ncall bpf_sk_release\nnone:\n"
    )
}

/// A connection whose end that asked for it is what is left of one: that end.
fn closed_connection(listener: &TcpListener) -> Option<std::net::SocketAddr> {
    let client = TcpStream::connect(listener.local_addr().ok()?).ok()?;
    let (mut accepted, addr) = listener.accept().ok()?;
    drop(client);
    // The server sees that the client is done, and is done too.
    accepted.read_to_end(&mut Vec::new()).ok()?;
    drop(accepted);
    let port = format!("0100007F:{:04X} ", addr.port());
    let until = Instant::now() + Duration::from_secs(5);
    while Instant::now() < until {
        let table = std::fs::read_to_string("/proc/thread-self/net/tcp").ok()?;
        if table
            .lines()
            .any(|line| line.split_once(": ").is_some_and(|(_, l)| l.starts_with(&port) && l.contains(" 06 ")))
        {
            return Some(addr);
        }
        std::thread::yield_now();
    }
    None
}

#[test]
fn sockets_are_structures_with_the_kernels_fields() {
    let Some(btf) = running_kernel_types().filter(|_| kernel::available("sockets as structures")) else { return };
    let differences = std::thread::spawn(move || {
        let _namespace = Namespace::enter().ok()?;
        std::fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "0").ok()?;
        std::fs::write("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "0").ok()?;
        Command::new("ip").args(["link", "set", "lo", "up"]).status().ok().filter(|done| done.success())?;
        let listener = TcpListener::bind("127.0.0.1:8080").ok()?;
        let _other = (TcpListener::bind("[::1]:8081").ok()?, UdpSocket::bind("0.0.0.0:5353").ok()?);
        let _udp6 = UdpSocket::bind("[::1]:5354").ok()?;
        let left = closed_connection(&listener)?;
        let network: Network = serde_json::from_str(&format!(
            r#"{{"sockets": [
                {{"protocol": "tcp", "local": "127.0.0.1:8080"}},
                {{"protocol": "tcp", "local": "[::1]:8081"}},
                {{"protocol": "udp", "local": "0.0.0.0:5353"}},
                {{"protocol": "udp", "local": "[::1]:5354"}},
                {{"protocol": "tcp", "local": "{left}", "remote": "127.0.0.1:8080", "state": "time-wait"}}
            ]}}"#
        ))
        .expect("a network");
        let (network, structures) = (Arc::new(network), Arc::new(Structures::new(Arc::new(btf.clone()))));
        let left = left.to_string();
        let mut differences = Vec::new();
        for helper in
            ["tcp_sock", "tcp6_sock", "tcp_timewait_sock", "tcp_request_sock", "udp6_sock", "unix_sock", "mptcp_sock"]
        {
            let mut pair = Pair::new(helper, TC, &(arguments(TC, 52) + &as_structure(btf, helper)), "");
            pair.machine().env.network = Arc::clone(&network);
            pair.machine().env.structures = Some(Arc::clone(&structures));
            for (is_ipv6, src, dst) in [
                (0, "127.0.0.1:9", "127.0.0.1:8080"),
                (1, "[::1]:9", "[::1]:8081"),
                (0, "10.0.0.1:9", "10.0.0.2:5353"),
                (1, "[::1]:9", "[::1]:5354"),
                (0, "127.0.0.1:8080", left.as_str()),
                (0, "127.0.0.1:9", "127.0.0.1:8079"),
            ] {
                let frame = [frames::all()[0].1.as_slice(), &asked(is_ipv6, 0, src, dst)].concat();
                differences.extend(pair.difference(&format!("{src} to {dst}"), &frame));
            }
        }
        Some(differences)
    });
    match differences.join().expect("the thread ends") {
        None => kernel::skipped("sockets as structures, without `ip` or namespaces"),
        Some(differences) => {
            let shown = differences.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
            assert!(differences.is_empty(), "{} differ:\n{shown}", differences.len());
        }
    }
}
