# A parser in pieces: each protocol has its own program, reached by a tail call.
.license "GPL"
.map   parsers, prog_array, key=4, value=4, entries=3
.entry parsers, 0, ipv4
.entry parsers, 1, ipv6
.map   seen, array, key=4, value=8, entries=3   // 0 IPv4, 1 IPv6, 2 anything else

.section tc
.globl parse
parse:
        r6 = r1
        r2 = *(u32 *)(r6 + 76)
        r3 = *(u32 *)(r6 + 80)
        r4 = r2
        r4 += 14
        if r4 > r3 goto other
        r5 = *(u16 *)(r2 + 12)
        r3 = 0                          // index of the IPv4 parser
        if r5 == 0x8 goto jump
        r3 = 1                          // index of the IPv6 parser
        if r5 != 0xdd86 goto other
jump:
        r1 = r6
        r2 = parsers ll
        call bpf_tail_call              // does not come back, unless the slot is empty
other:
        r1 = 2
        call note
        r0 = 0
        exit

.section "tc"
.globl ipv4
ipv4:
        r1 = 0
        call note
        r0 = 0
        exit

.globl ipv6
ipv6:
        r1 = 1
        call note
        r0 = 0
        exit

.text
note:
        *(u32 *)(r10 - 4) = r1
        r2 = r10
        r2 += -4
        r1 = seen ll
        call bpf_map_lookup_elem
        if r0 == 0 goto gone
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
gone:
        r0 = 0
        exit
