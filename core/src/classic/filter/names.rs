//! Names that stand for numbers: offsets and flags, ports, protocols.

/// Names that are numbers wherever they stand (pcap-filter(7)).
const NUMBERS: &[(&str, u32)] = &[
    ("icmptype", 0),
    ("icmpcode", 1),
    ("icmp-echoreply", 0),
    ("icmp-unreach", 3),
    ("icmp-sourcequench", 4),
    ("icmp-redirect", 5),
    ("icmp-echo", 8),
    ("icmp-routeradvert", 9),
    ("icmp-routersolicit", 10),
    ("icmp-timxceed", 11),
    ("icmp-paramprob", 12),
    ("icmp-tstamp", 13),
    ("icmp-tstampreply", 14),
    ("icmp-ireq", 15),
    ("icmp-ireqreply", 16),
    ("icmp-maskreq", 17),
    ("icmp-maskreply", 18),
    ("icmp6type", 0),
    ("icmp6code", 1),
    ("icmp6-destinationunreach", 1),
    ("icmp6-packettoobig", 2),
    ("icmp6-timeexceeded", 3),
    ("icmp6-parameterproblem", 4),
    ("icmp6-echo", 128),
    ("icmp6-echoreply", 129),
    ("icmp6-multicastlistenerquery", 130),
    ("icmp6-multicastlistenerreportv1", 131),
    ("icmp6-multicastlistenerdone", 132),
    ("icmp6-routersolicit", 133),
    ("icmp6-routeradvert", 134),
    ("icmp6-neighborsolicit", 135),
    ("icmp6-neighboradvert", 136),
    ("icmp6-redirect", 137),
    ("icmp6-routerrenum", 138),
    ("icmp6-nodeinformationquery", 139),
    ("icmp6-nodeinformationresponse", 140),
    ("icmp6-ineighbordiscoverysolicit", 141),
    ("icmp6-ineighbordiscoveryadvert", 142),
    ("icmp6-multicastlistenerreportv2", 143),
    ("icmp6-homeagentdiscoveryrequest", 144),
    ("icmp6-homeagentdiscoveryreply", 145),
    ("icmp6-mobileprefixsolicit", 146),
    ("icmp6-mobileprefixadvert", 147),
    ("icmp6-certpathsolicit", 148),
    ("icmp6-certpathadvert", 149),
    ("icmp6-multicastrouteradvert", 151),
    ("icmp6-multicastroutersolicit", 152),
    ("icmp6-multicastroutertermination", 153),
    ("tcpflags", 13),
    ("tcp-fin", 0x01),
    ("tcp-syn", 0x02),
    ("tcp-rst", 0x04),
    ("tcp-push", 0x08),
    ("tcp-ack", 0x10),
    ("tcp-urg", 0x20),
    ("tcp-ece", 0x40),
    ("tcp-cwr", 0x80),
];

/// The number that a name stands for anywhere.
pub(super) fn number(name: &str) -> Option<u32> {
    NUMBERS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// Which transports a port's name is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Transport {
    /// TCP only.
    Tcp,
    /// UDP only.
    Udp,
    /// Any.
    Any,
}

/// Ports by name, of those that systems name in `/etc/services`.
const PORTS: &[(&str, u16, Transport)] = &{
    use Transport::{Any, Tcp, Udp};
    [
        ("amqp", 5672, Tcp),
        ("auth", 113, Tcp),
        ("bgp", 179, Tcp),
        ("bootpc", 68, Udp),
        ("bootps", 67, Udp),
        ("chargen", 19, Any),
        ("daytime", 13, Any),
        ("dhcpv6-client", 546, Udp),
        ("dhcpv6-server", 547, Udp),
        ("discard", 9, Any),
        ("domain", 53, Any),
        ("echo", 7, Any),
        ("finger", 79, Tcp),
        ("ftp", 21, Tcp),
        ("ftp-data", 20, Tcp),
        ("git", 9418, Tcp),
        ("gopher", 70, Tcp),
        ("http", 80, Tcp),
        ("http-alt", 8080, Tcp),
        ("https", 443, Any),
        ("imap2", 143, Tcp),
        ("imaps", 993, Tcp),
        ("ipp", 631, Tcp),
        ("isakmp", 500, Udp),
        ("kerberos", 88, Any),
        ("l2tp", 1701, Udp),
        ("ldap", 389, Any),
        ("ldaps", 636, Any),
        ("mdns", 5353, Udp),
        ("microsoft-ds", 445, Tcp),
        ("mysql", 3306, Tcp),
        ("netbios-dgm", 138, Udp),
        ("netbios-ns", 137, Udp),
        ("netbios-ssn", 139, Tcp),
        ("nfs", 2049, Any),
        ("nntp", 119, Tcp),
        ("ntp", 123, Udp),
        ("openvpn", 1194, Any),
        ("pop3", 110, Tcp),
        ("pop3s", 995, Tcp),
        ("postgresql", 5432, Tcp),
        ("printer", 515, Tcp),
        ("radius", 1812, Any),
        ("radius-acct", 1813, Any),
        ("redis", 6379, Tcp),
        ("route", 520, Udp),
        ("rsync", 873, Tcp),
        ("sip", 5060, Any),
        ("sip-tls", 5061, Any),
        ("smtp", 25, Tcp),
        ("snmp", 161, Any),
        ("snmp-trap", 162, Any),
        ("socks", 1080, Tcp),
        ("ssh", 22, Tcp),
        ("submission", 587, Tcp),
        ("submissions", 465, Tcp),
        ("sunrpc", 111, Any),
        ("syslog", 514, Any),
        ("tacacs", 49, Any),
        ("telnet", 23, Tcp),
        ("tftp", 69, Udp),
        ("time", 37, Any),
        ("whois", 43, Tcp),
        ("www", 80, Tcp),
        ("x11", 6000, Tcp),
        ("xmpp-client", 5222, Tcp),
        ("xmpp-server", 5269, Tcp),
    ]
};

/// A port by its name.
pub(super) fn port(name: &str) -> Option<(u16, Transport)> {
    PORTS.iter().find(|(known, ..)| *known == name).map(|&(_, port, transport)| (port, transport))
}

/// IP protocols by name, as in `ip proto \tcp`.
const IP_PROTOCOLS: &[(&str, u32)] = &[
    ("ip", 0),
    ("icmp", 1),
    ("igmp", 2),
    ("ipencap", 4),
    ("tcp", 6),
    ("egp", 8),
    ("udp", 17),
    ("ipv6", 41),
    ("ipv6-route", 43),
    ("ipv6-frag", 44),
    ("rsvp", 46),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("ipv6-icmp", 58),
    ("ipv6-nonxt", 59),
    ("ipv6-opts", 60),
    ("eigrp", 88),
    ("ospf", 89),
    ("pim", 103),
    ("ipcomp", 108),
    ("vrrp", 112),
    ("l2tp", 115),
    ("sctp", 132),
    ("udplite", 136),
];

/// An IP protocol by its name.
pub(super) fn ip_protocol(name: &str) -> Option<u32> {
    IP_PROTOCOLS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// EtherTypes and 802.2 service access points by name, as in `ether proto \ip`.
const LINK_PROTOCOLS: &[(&str, u32)] = &[
    ("aarp", 0x80f3),
    ("arp", 0x0806),
    ("atalk", 0x809b),
    ("decnet", 0x6003),
    ("ip", 0x0800),
    ("ip6", 0x86dd),
    ("lat", 0x6004),
    ("loopback", 0x9000),
    ("mopdl", 0x6001),
    ("moprc", 0x6002),
    ("rarp", 0x8035),
    ("sca", 0x6007),
    ("iso", 0xfe),
    ("stp", 0x42),
    ("ipx", 0xe0),
    ("netbeui", 0xf0),
];

/// An EtherType or 802.2 service access point by its name.
pub(super) fn link_protocol(name: &str) -> Option<u32> {
    LINK_PROTOCOLS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// ISO protocols by name, as in `iso proto \esis`.
const ISO_PROTOCOLS: &[(&str, u32)] = &[("clnp", 0x81), ("esis", 0x82), ("isis", 0x83)];

/// An ISO protocol by its name.
pub(super) fn iso_protocol(name: &str) -> Option<u32> {
    ISO_PROTOCOLS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// Types of 802.2 frames by name: bits of the control field, and which they are.
const LLC_TYPES: &[(&str, u32, u32)] = &[
    ("i", 0x01, 0x00),
    ("s", 0x03, 0x01),
    ("u", 0x03, 0x03),
    ("rr", 0x0f, 0x01),
    ("rnr", 0x0f, 0x05),
    ("rej", 0x0f, 0x09),
    ("ui", 0xef, 0x03),
    ("ua", 0xef, 0x63),
    ("disc", 0xef, 0x43),
    ("sabme", 0xef, 0x6f),
    ("test", 0xef, 0xe3),
    ("xid", 0xef, 0xaf),
    ("frmr", 0xef, 0x87),
];

/// A type of 802.2 frames: the mask of its control field, and what is left of it.
pub(super) fn llc_type(name: &str) -> Option<(u32, u32)> {
    LLC_TYPES.iter().find(|(known, ..)| *known == name).map(|&(_, mask, bits)| (mask, bits))
}

/// A DECnet address, area and node, where it is no IPv4 network too: `1.1000`.
pub(super) fn decnet(text: &str) -> Option<u32> {
    let (area, node) = text.split_once('.')?;
    let (area, node): (u32, u32) = (area.parse().ok()?, node.parse().ok()?);
    Some(area << 10 | node & 0x3ff)
}
