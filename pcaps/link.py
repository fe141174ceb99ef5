#!/usr/bin/env python3
"""A network device in user space: a tap or tun device whose packets travel over another device.

    link.py DEVICE NAME tap TAG[,TAG...]     frames get VLAN tags: 8100:10, or 88a8:100,8100:10
    link.py DEVICE NAME tun PEER_MAC         bare IP packets, in frames of EtherType 0x88b5

It stands in for the kernel's VLAN device, which not every kernel has: what goes through NAME is
ordinary traffic of this host's stack, and DEVICE carries it tagged. It runs until it is killed.
"""

import fcntl
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 1, 2, 0x1000
ETH_P_ALL, EXPERIMENTAL = 3, 0x88B5
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6


def open_tun(name, mode):
    tun = open("/dev/net/tun", "r+b", buffering=0)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), mode | IFF_NO_PI))
    return tun


def open_carrier(device):
    carrier = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    carrier.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    carrier.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    carrier.bind((device, ETH_P_ALL))
    return carrier


def receive(carrier):
    """The frame as it was on the wire: the kernel takes the outer tag off before a socket sees it."""
    frame, ancillary, _, _ = carrier.recvmsg(65536, 256)
    for level, kind, data in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", data[:20])
            if status & TP_STATUS_VLAN_VALID:
                tpid = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                return frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


def main(device, name, mode, how):
    if mode == "tap":
        pairs = [tag.split(":") for tag in how.split(",")]
        tags = b"".join(struct.pack("!HH", int(tpid, 16), int(vlan)) for tpid, vlan in pairs)
        # The innermost tag is followed by the frame's own type, never by another tag.
        tagged = (b"\x81\x00", b"\x88\xa8")
        outward = lambda packet: packet[:12] + tags + packet[12:]
        end = 12 + len(tags)
        ours = lambda frame: frame[12:end] == tags and frame[end : end + 2] not in tagged
        inward = lambda frame: frame[:12] + frame[end:]
    else:
        peer = bytes.fromhex(how.replace(":", ""))
        with open(f"/sys/class/net/{device}/address") as address:
            own = bytes.fromhex(address.read().strip().replace(":", ""))
        head = peer + own + struct.pack("!H", EXPERIMENTAL)
        outward = lambda packet: head + packet
        ours = lambda frame: frame[12:14] == struct.pack("!H", EXPERIMENTAL)
        inward = lambda frame: frame[14:]
    tun = open_tun(name, IFF_TAP if mode == "tap" else IFF_TUN)
    carrier = open_carrier(device)
    while True:
        for ready in select.select([tun, carrier], [], [])[0]:
            if ready is tun:
                carrier.send(outward(tun.read(65536)))
            else:
                frame = receive(carrier)
                if ours(frame):
                    try:
                        tun.write(inward(frame))
                    except OSError:
                        pass  # the device is not up yet


if __name__ == "__main__":
    main(*sys.argv[1:])
