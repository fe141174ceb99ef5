#!/usr/bin/env python3
"""Small clients and a server for the recordings, each over ordinary sockets.

    traffic.py ping ADDRESS COUNT [BYTES]     echo requests; waits for each answer
    traffic.py dns SERVER TYPE NAME [tcp]     one DNS query
    traffic.py udp ADDRESS PORT TEXT          one datagram
    traffic.py echo-server ADDRESS PORT       TCP, gives back what it gets
    traffic.py talk ADDRESS PORT PAUSE TEXT...  TCP, sends a text, waits for its echo, pauses
"""

import socket
import struct
import sys
import time

DNS_TYPES = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ping(address, count, size="56"):
    v6 = family_of(address) == socket.AF_INET6
    protocol = socket.getprotobyname("ipv6-icmp" if v6 else "icmp")
    request = 128 if v6 else 8
    with socket.socket(family_of(address), socket.SOCK_RAW, protocol) as s:
        s.settimeout(0.4)
        for sequence in range(1, int(count) + 1):
            body = bytes(range(256)) * (int(size) // 256 + 1)
            message = struct.pack("!BBHHH", request, 0, 0, 7, sequence) + body[: int(size)]
            # The kernel fills in the checksum of ICMPv6, not that of ICMP.
            message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
            s.sendto(message, (address, 0))
            try:
                s.recv(65536)
                time.sleep(0.05)
            except (TimeoutError, OSError):
                pass


def dns(server, kind, name, transport="udp"):
    head = struct.pack("!HHHHHH", int(time.time_ns() // 1000) & 0xFFFF, 0x0100, 1, 0, 0, 0)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = head + labels + b"\0" + struct.pack("!HH", DNS_TYPES[kind], 1)
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    with socket.socket(family_of(server), kind) as s:
        s.settimeout(2)
        s.connect((server, 53))
        s.send(struct.pack("!H", len(query)) + query if transport == "tcp" else query)
        s.recv(4096)


def udp(address, port, text):
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as s:
        s.sendto(text.encode(), (address, int(port)))
        time.sleep(0.05)


def echo_server(address, port):
    with socket.create_server((address, int(port)), family=family_of(address)) as s:
        while True:
            client, _ = s.accept()
            with client:
                while data := client.recv(65536):
                    client.sendall(data)


def talk(address, port, pause, *texts):
    with socket.create_connection((address, int(port)), timeout=30) as s:
        for text in texts:
            s.sendall(text.encode())
            s.recv(65536)
            time.sleep(float(pause))


if __name__ == "__main__":
    commands = {"ping": ping, "dns": dns, "udp": udp, "echo-server": echo_server, "talk": talk}
    commands[sys.argv[1]](*sys.argv[2:])
