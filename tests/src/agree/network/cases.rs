//! Programs between interfaces, and what they are attached to.

use bpfscope_core::kernel::Hook;

use super::{BOX, Case, PLAIN, SOCKETS};

/// Every case.
pub const CASES: &[Case] = &[
    Case {
        name: "nothing attached but a program that lets all pass",
        text: ".section tc\nidle: r0 = 0\nexit",
        attachments: &[("idle", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "a VLAN tag pushed, and out of the other interface",
        text: ".section tc\ntag: r6 = r1\nr2 = 0x0081\nr3 = 100\ncall bpf_skb_vlan_push\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("tag", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "two tags",
        text: ".section tc\ntag: r6 = r1\nr2 = 0x0081\nr3 = 100\ncall bpf_skb_vlan_push\nr1 = r6\nr2 = 0xa888\nr3 = 7\ncall bpf_skb_vlan_push\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("tag", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "the tag popped, if there is one",
        text: ".section tc\npop: r6 = r1\ncall bpf_skb_vlan_pop\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("pop", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "a copy out, and the packet back where it came from",
        text: ".section tc\nboth: r6 = r1\nr2 = 12\nr3 = 0\ncall bpf_clone_redirect\nr1 = 10\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("both", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "a copy out, the rest dropped",
        text: ".section tc\ncopy: r2 = 12\nr3 = 0\ncall bpf_clone_redirect\nr0 = 2\nexit",
        attachments: &[("copy", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "tc egress of the device that it is redirected to",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\n\
               stamp: r6 = r1\n*(u32 *)(r10 - 4) = 0x0a0b0c0d\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("stamp", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "tc egress that drops",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\nno: r0 = 2\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("no", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "to the receive path of another device, and from there out",
        text: ".section tc\ngo: r1 = 12\nr2 = 1\ncall bpf_redirect\nexit\n.section tcx/ingress\n\
               out: r6 = r1\nr7 = *(u32 *)(r1 + 40)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\n\
               r1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("out", Hook::TcIngress, "out0")],
        ..PLAIN
    },
    Case {
        name: "the mark goes with the packet",
        text: ".section tc\ngo: r2 = 77\n*(u32 *)(r1 + 8) = r2\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 8)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "what it says of devices at either hook",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 40)\n*(u32 *)(r10 - 8) = r7\nr7 = *(u32 *)(r1 + 36)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -8\nr4 = 8\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "to the neighbour that the program names",
        text: ".section tc\ngo: *(u32 *)(r10 - 20) = 2\n*(u32 *)(r10 - 16) = 0x0900010a\n*(u32 *)(r10 - 12) = 0\n*(u64 *)(r10 - 8) = 0\n\
               r1 = 12\nr2 = r10\nr2 += -20\nr3 = 20\nr4 = 0\ncall bpf_redirect_neigh\nexit",
        attachments: &[("go", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "to the neighbour that the routes name",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\nr3 = 0\nr4 = 0\ncall bpf_redirect_neigh\nexit",
        attachments: &[("go", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "redirected without a device, or to none",
        text: ".section tc\nlost: r0 = 7\nexit\n.section tc/egress\nnowhere: r1 = 99\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("lost", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "XDP sends it back",
        text: ".section xdp\nback: r0 = 3\nexit",
        attachments: &[("back", Hook::Xdp, "in0")],
        ..PLAIN
    },
    Case {
        name: "XDP drops it",
        text: ".section xdp\nno: r0 = 1\nexit\n.section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("no", Hook::Xdp, "in0"), ("go", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "XDP, and then tc",
        text: ".section xdp\ncut: r2 = -4\ncall bpf_xdp_adjust_tail\nr0 = 2\nexit\n.section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("cut", Hook::Xdp, "in0"), ("go", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "XDP redirects to a device, past its tc egress",
        text: ".section xdp\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc\nno: r0 = 2\nexit",
        attachments: &[("go", Hook::Xdp, "in0"), ("no", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "XDP redirects to a map's device",
        text: ".map ports, devmap, key=4, value=4, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 2\nr3 = 1\ncall bpf_redirect_map\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(2, 12)],
        ..PLAIN
    },
    Case {
        name: "XDP finds no device in the map and sends it back",
        text: ".map ports, devmap, key=4, value=4, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 1\nr3 = 3\ncall bpf_redirect_map\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(2, 12)],
        ..PLAIN
    },
    Case {
        name: "XDP redirects to all of a map's devices",
        text: ".map ports, devmap_hash, key=4, value=4, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 0\nr3 = 8\ncall bpf_redirect_map\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(70, 12), (80, 10)],
        ..PLAIN
    },
    Case {
        name: "XDP redirects to all of a map's devices but its own",
        text: ".map ports, devmap, key=4, value=4, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 0\nr3 = 24\ncall bpf_redirect_map\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(0, 10), (3, 12)],
        ..PLAIN
    },
    Case {
        name: "XDP redirects to a map's device, whose program stamps it",
        text: ".map ports, devmap, key=4, value=8, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 2\nr3 = 1\ncall bpf_redirect_map\nexit\n\
               .section xdp/devmap\nstamp: r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\nr4 = r2\nr4 += 14\nif r4 > r3 goto no\n\
               r5 = *(u32 *)(r1 + 12)\n*(u8 *)(r2 + 0) = r5\nr5 = *(u32 *)(r1 + 20)\n*(u8 *)(r2 + 1) = r5\nno: r0 = 2\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(2, 12)],
        entry: Some("stamp"),
        ..PLAIN
    },
    Case {
        name: "XDP redirects to all of a map's devices, and a program lets IPv6 alone pass",
        text: ".map ports, devmap_hash, key=4, value=8, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 0\nr3 = 8\ncall bpf_redirect_map\nexit\n\
               .section xdp/devmap\nv6: r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\nr4 = r2\nr4 += 14\nr0 = 1\nif r4 > r3 goto no\n\
               r5 = *(u16 *)(r2 + 12)\nif r5 != 0xdd86 goto no\nr5 = *(u32 *)(r1 + 20)\n*(u8 *)(r2 + 1) = r5\nr0 = 2\nno: exit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(70, 12), (80, 10)],
        entry: Some("v6"),
        ..PLAIN
    },
    Case {
        name: "a device's program may not send it elsewhere",
        text: ".map ports, devmap, key=4, value=8, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 2\nr3 = 1\ncall bpf_redirect_map\nexit\n\
               .section xdp/devmap\nback: r1 = 10\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(2, 12)],
        entry: Some("back"),
        ..PLAIN
    },
    Case {
        name: "a device's program may not send it back",
        text: ".map ports, devmap, key=4, value=8, entries=4\n.section xdp\ngo: r1 = ports ll\nr2 = 2\nr3 = 1\ncall bpf_redirect_map\nexit\n\
               .section xdp/devmap\nback: r0 = 3\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(2, 12)],
        entry: Some("back"),
        ..PLAIN
    },
    Case {
        name: "a CPU's program redirects it once more",
        text: ".map ports, cpumap, key=4, value=8, entries=2\n.section xdp\ngo: r1 = ports ll\nr2 = 0\nr3 = 1\ncall bpf_redirect_map\nexit\n\
               .section xdp/cpumap\non: r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\nr4 = r2\nr4 += 14\nif r4 > r3 goto no\n\
               r5 = *(u32 *)(r1 + 12)\n*(u8 *)(r2 + 0) = r5\nno: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("go", Hook::Xdp, "in0")],
        ports: &[(0, 192)],
        entry: Some("on"),
        ..PLAIN
    },
    Case {
        name: "a CPU's program lets it pass, and tc sends it on",
        text: ".map ports, cpumap, key=4, value=8, entries=2\n.section xdp\ngo: r1 = ports ll\nr2 = 0\nr3 = 1\ncall bpf_redirect_map\nexit\n\
               .section xdp/cpumap\non: r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\nr4 = r2\nr4 += 14\nif r4 > r3 goto no\n\
               *(u8 *)(r2 + 1) = 0x77\nno: r0 = 2\nexit\n\
               .section tc\nout: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("go", Hook::Xdp, "in0"), ("out", Hook::TcIngress, "in0")],
        ports: &[(0, 192)],
        entry: Some("on"),
        ..PLAIN
    },
    Case {
        name: "a CPU's program drops it",
        text: ".map ports, cpumap, key=4, value=8, entries=2\n.section xdp\ngo: r1 = ports ll\nr2 = 0\nr3 = 1\ncall bpf_redirect_map\nexit\n\
               .section xdp/cpumap\non: r0 = 1\nexit\n\
               .section tc\nout: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("go", Hook::Xdp, "in0"), ("out", Hook::TcIngress, "in0")],
        ports: &[(0, 192)],
        entry: Some("on"),
        ..PLAIN
    },
    Case {
        name: "to the peer of a device, in its namespace",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect_peer\nexit\n.section tcx/ingress\n\
               out: r6 = r1\nr7 = *(u32 *)(r1 + 40)\n*(u32 *)(r10 - 8) = r7\nr7 = *(u32 *)(r1 + 36)\n*(u16 *)(r10 - 6) = r7\n\
               r7 = *(u32 *)(r1 + 4)\n*(u16 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -8\nr4 = 6\nr5 = 0\ncall bpf_skb_store_bytes\n\
               r1 = 3\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("out", Hook::TcIngress, "inside")],
        network: BOX,
        watched: &["in0", "back"],
        ..PLAIN
    },
    Case {
        name: "to the peer of a device at egress, which cannot be",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tc/egress\npeer: r1 = 12\nr2 = 0\ncall bpf_redirect_peer\nexit\n\
               .section tcx/ingress\nout: r1 = 3\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[
            ("go", Hook::TcIngress, "in0"),
            ("peer", Hook::TcEgress, "out0"),
            ("out", Hook::TcIngress, "inside"),
        ],
        network: BOX,
        watched: &["in0", "back"],
        ..PLAIN
    },
    Case {
        name: "out of a device and in at its peer, whose tc sends it on",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section tcx/ingress\nout: r1 = 3\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("out", Hook::TcIngress, "inside")],
        network: BOX,
        watched: &["in0", "back"],
        ..PLAIN
    },
    Case {
        name: "out of a device and in at its peer, by way of its egress and XDP",
        text: ".section tc\ngo: r1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.section xdp\nx: r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r1 + 4)\n\
               r4 = r2\nr4 += 14\nif r4 > r3 goto no\nr5 = *(u32 *)(r1 + 12)\n*(u8 *)(r2 + 0) = r5\nno: r0 = 2\nexit\n\
               .section tcx/ingress\nout: r1 = 3\nr2 = 0\ncall bpf_redirect\nexit",
        attachments: &[("go", Hook::TcIngress, "in0"), ("x", Hook::Xdp, "inside"), ("out", Hook::TcIngress, "inside")],
        network: BOX,
        watched: &["in0", "back"],
        ..PLAIN
    },
    Case {
        name: "tcx asks the next program as long as none has decided",
        text: ".bss\nseen: .zero 32\n.section tcx/ingress\none: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr0 = -1\nexit\n.globl two\n\
               two: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 8) += r2\nr0 = 3\nexit\n.globl three\n\
               three: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 16) += r2\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n.globl four\n\
               four: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 24) += r2\nr0 = 0\nexit",
        attachments: &[
            ("one", Hook::TcIngress, "in0"),
            ("two", Hook::TcIngress, "in0"),
            ("three", Hook::TcIngress, "in0"),
            ("four", Hook::TcIngress, "in0"),
        ],
        ..PLAIN
    },
    Case {
        name: "a tcx program that is asked for the next alone leaves a decision to it",
        text: ".bss\nseen: .zero 16\n.section tcx/ingress\none: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr0 = -1\nexit\n.globl two\n\
               two: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 8) += r2\nr0 = -1\nexit",
        attachments: &[("one", Hook::TcIngress, "in0"), ("two", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "tcx lets it pass, and the next is not asked",
        text: ".bss\nseen: .zero 16\n.section tcx/ingress\none: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr0 = 0\nexit\n.globl two\n\
               two: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 8) += r2\nr0 = 2\nexit",
        attachments: &[("one", Hook::TcIngress, "in0"), ("two", Hook::TcIngress, "in0")],
        ..PLAIN
    },
    Case {
        name: "a classifier's class is the packet's tc_index",
        text: ".section tc\nclass: r0 = 0x10005\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 44)\n*(u32 *)(r10 - 8) = r7\nr7 = *(u32 *)(r1 + 72)\n*(u32 *)(r10 - 4) = r7\n\
               r2 = 0\nr3 = r10\nr3 += -8\nr4 = 8\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("class", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        classifiers: &["class"],
        ..PLAIN
    },
    Case {
        name: "a classifier that matches nothing, and one that gives its own class",
        text: ".section tc\nnone: r1 = *(u32 *)(r1 + 16)\nr0 = 0\nif r1 == 8 goto end\nr0 = -1\nend: exit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 44)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("none", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        classifiers: &["none"],
        ..PLAIN
    },
    Case {
        name: "forwarded packets have no socket and no control group",
        text: ".map groups, cgroup_array, key=4, value=4, entries=1\n.bss\nout: .zero 56\n.section tc/egress\n\
               ask: r6 = r1\nr7 = out ll\nr2 = groups ll\nr3 = 0\ncall bpf_skb_under_cgroup\n*(u64 *)(r7 + 0) = r0\n\
               r1 = r6\ncall bpf_skb_cgroup_id\n*(u64 *)(r7 + 8) = r0\n\
               r1 = r6\nr2 = 1\ncall bpf_skb_ancestor_cgroup_id\n*(u64 *)(r7 + 16) = r0\n\
               r1 = r6\ncall bpf_skb_cgroup_classid\n*(u64 *)(r7 + 24) = r0\n\
               r1 = r6\ncall bpf_get_socket_cookie\n*(u64 *)(r7 + 32) = r0\n\
               r1 = r6\ncall bpf_get_socket_uid\n*(u64 *)(r7 + 40) = r0\n\
               r1 = r6\ncall bpf_get_cgroup_classid\n*(u64 *)(r7 + 48) = r0\nr0 = 0\nexit",
        attachments: &[("ask", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "a datagram given to a socket that it is not addressed to",
        text: ".bss\nout: .zero 24\n.section tc\ngive: r6 = r1\nr7 = out ll\nr1 = *(u32 *)(r6 + 16)\nif r1 != 8 goto end\n\
               r1 = *(u32 *)(r6 + 4)\nif r1 != 0 goto end\nr1 = *(u32 *)(r6 + 20)\nif r1 != 0 goto end\n\
               *(u32 *)(r10 - 16) = 0x6300000a\n*(u32 *)(r10 - 12) = 0x0100000a\n*(u16 *)(r10 - 8) = 0\n*(u16 *)(r10 - 6) = 0x0f27\n\
               r1 = r6\nr2 = r10\nr2 += -16\nr3 = 12\nr4 = -1\nr5 = 0\ncall bpf_sk_lookup_udp\nif r0 == 0 goto end\nr8 = r0\n\
               r1 = 1\nlock *(u64 *)(r7 + 0) += r1\nr1 = r6\nr2 = r8\nr3 = 0\ncall bpf_sk_assign\n*(u64 *)(r7 + 8) = r0\n\
               r1 = r8\ncall bpf_sk_release\n*(u64 *)(r7 + 16) = r0\nend: r0 = 0\nexit",
        attachments: &[("give", Hook::TcIngress, "in0")],
        network: SOCKETS,
        ..PLAIN
    },
    Case {
        name: "a class that a filter notes is the packet's tc_index",
        text: ".section tc\nnote: r2 = 5\n*(u32 *)(r1 + 72) = r2\nr0 = 0\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 44)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("note", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "a class that a tcx program notes is the packet's tc_index",
        text: ".section tcx/ingress\nnote: r2 = 5\n*(u32 *)(r1 + 72) = r2\nr0 = 0\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 44)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("note", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "a tc_index of a filter that lets it pass is lost",
        text: ".section tc\nnote: r2 = 7\n*(u32 *)(r1 + 44) = r2\nr0 = 0\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 44)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("note", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "a tc_index of a tcx program that decides nothing is kept",
        text: ".section tcx/ingress\nnote: r2 = 7\n*(u32 *)(r1 + 44) = r2\nr0 = -1\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 44)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("note", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "a tc_index of a filter that decides nothing is kept",
        text: ".section tc\nnote: r2 = 7\n*(u32 *)(r1 + 44) = r2\nr0 = -1\nexit\n.section tc/egress\n\
               read: r6 = r1\nr7 = *(u32 *)(r1 + 44)\n*(u32 *)(r10 - 4) = r7\nr2 = 0\nr3 = r10\nr3 += -4\nr4 = 4\nr5 = 0\ncall bpf_skb_store_bytes\nr0 = 0\nexit",
        attachments: &[("note", Hook::TcIngress, "in0"), ("read", Hook::TcEgress, "out0")],
        ..PLAIN
    },
    Case {
        name: "a filter that returns what it may not leaves it to the next",
        text: ".bss\nseen: .zero 32\n.section tc\n.globl one\none: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr0 = 3\nexit\n\
               .globl two\ntwo: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 8) += r2\nr0 = 9\nexit\n\
               .globl three\nthree: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 16) += r2\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n",
        attachments: &[
            ("one", Hook::TcIngress, "in0"),
            ("two", Hook::TcIngress, "in0"),
            ("three", Hook::TcIngress, "in0"),
        ],
        ..PLAIN
    },
    Case {
        name: "a filter that lets it pass decides for all",
        text: ".bss\nseen: .zero 32\n.section tc\n.globl one\none: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr0 = -1\nexit\n\
               .globl two\ntwo: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 8) += r2\nr0 = 0\nexit\n\
               .globl three\nthree: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 16) += r2\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n",
        attachments: &[
            ("one", Hook::TcIngress, "in0"),
            ("two", Hook::TcIngress, "in0"),
            ("three", Hook::TcIngress, "in0"),
        ],
        ..PLAIN
    },
    Case {
        name: "what tcx does not know ends its programs, and the filters are asked",
        text: ".bss\nseen: .zero 32\n.section tc\n.globl filter\nfilter: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n\
               .section tcx/ingress\n.globl one\none: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 8) += r2\nr0 = 3\nexit\n\
               .globl two\ntwo: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 16) += r2\nr0 = 0\nexit\n",
        attachments: &[
            ("filter", Hook::TcIngress, "in0"),
            ("one", Hook::TcIngress, "in0"),
            ("two", Hook::TcIngress, "in0"),
        ],
        ..PLAIN
    },
    Case {
        name: "tcx decides before filters",
        text: ".bss\nseen: .zero 32\n.section tc\n.globl filter\nfilter: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n\
               .section tcx/ingress\n.globl one\none: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 8) += r2\nr0 = -1\nexit\n\
               .globl two\ntwo: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 16) += r2\nr0 = 0\nexit\n",
        attachments: &[
            ("filter", Hook::TcIngress, "in0"),
            ("one", Hook::TcIngress, "in0"),
            ("two", Hook::TcIngress, "in0"),
        ],
        ..PLAIN
    },
    Case {
        name: "tcx that decides nothing leaves it to the filters",
        text: ".bss\nseen: .zero 32\n.section tc\n.globl filter\nfilter: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 0) += r2\nr1 = 12\nr2 = 0\ncall bpf_redirect\nexit\n\
               .section tcx/ingress\n.globl one\none: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 8) += r2\nr0 = -1\nexit\n\
               .globl two\ntwo: r1 = seen ll\nr2 = 1\nlock *(u64 *)(r1 + 16) += r2\nr0 = -1\nexit\n",
        attachments: &[
            ("filter", Hook::TcIngress, "in0"),
            ("one", Hook::TcIngress, "in0"),
            ("two", Hook::TcIngress, "in0"),
        ],
        ..PLAIN
    },
    Case {
        name: "a socket's storage is there for the next packet",
        text: STORAGE,
        attachments: &[("count", Hook::TcIngress, "in0")],
        network: SOCKETS,
        ..PLAIN
    },
];

/// A count of packets in a socket's storage, which the fifth takes away.
const STORAGE: &str = r#"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct { __uint(type, BPF_MAP_TYPE_SK_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); __type(value, long); } kept SEC(".maps");

long out[6];

SEC("tc") int count(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;
	long *kept_value, first = 10;

	tuple.ipv4.daddr = 0x0100000a;
	tuple.ipv4.dport = 0x0f27;
	sk = bpf_sk_lookup_udp(skb, &tuple, sizeof tuple.ipv4, -1, 0);
	if (!sk)
		return 0;
	kept_value = bpf_sk_storage_get(&kept, sk, 0, 0);
	if (!kept_value) {
		out[1]++;
		kept_value = bpf_sk_storage_get(&kept, sk, &first, BPF_SK_STORAGE_GET_F_CREATE);
	}
	if (kept_value) {
		out[0] = ++*kept_value;
		if (*kept_value == 15) {
			out[2] = bpf_sk_storage_delete(&kept, sk);
			out[3] = bpf_sk_storage_delete(&kept, sk);
		}
	}
	out[4] = bpf_sk_storage_get(&kept, sk, 0, 8) == 0;
	bpf_sk_release(sk);
	return 0;
}

char _license[] SEC("license") = "GPL";
"#;
