#= kernel 6.18
# Direct packet access: a pointer may be followed as far as a comparison with the end has shown; comparisons in all
# forms; numbers added to it; metadata; what helpers that change the packet take away.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4

#== access within what was checked
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 13)
1:      r0 = 1
        exit

#== access one byte past what was checked
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 14)
1:      r0 = 1
        exit

#== access across the end of what was checked
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u16 *)(r2 + 13)
1:      r0 = 1
        exit

#== access without a check
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r0 = *(u8 *)(r2 + 0)
        exit

#== access before the packet
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 - 1)
1:      r0 = 1
        exit

#== access on the wrong way of the check
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = 1
        exit
1:      r0 = *(u8 *)(r2 + 0)
        exit

#== end of the packet is not read
#= rejected: R3 invalid mem access 'pkt_end' (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r0 = *(u8 *)(r3 + 0)
        exit

#== byte before the end is not read either
#= rejected: R3 invalid mem access 'pkt_end' (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r0 = *(u8 *)(r3 - 1)
        exit

#== nothing is added to the end of the packet
#= rejected: R3 pointer arithmetic on pkt_end prohibited (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r3 += 8
        r0 = 1
        exit

#== nothing is subtracted from the end of the packet
#= rejected: R3 pointer arithmetic on pkt_end prohibited (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r3 -= 8
        r0 = 1
        exit

#== packet > end, not taken
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== packet > end, taken, shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r0 = 1
        exit
1:      r0 = *(u64 *)(r2 + 0)
        r0 = 1
        exit

#== packet >= end, not taken
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 >= r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== packet >= end, not taken, shows one byte more
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 >= r3 goto 1f
        r0 = *(u8 *)(r2 + 8)
1:      r0 = 1
        exit

#== packet >= end, not taken, shows no two bytes more
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 >= r3 goto 1f
        r0 = *(u8 *)(r2 + 9)
1:      r0 = 1
        exit

#== packet < end, taken
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 < r3 goto 1f
        r0 = 1
        exit
1:      r0 = *(u64 *)(r2 + 0)
        r0 = 1
        exit

#== packet < end, taken, shows one byte more
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 < r3 goto 1f
        r0 = 1
        exit
1:      r0 = *(u8 *)(r2 + 8)
        r0 = 1
        exit

#== packet < end, not taken, shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 < r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== packet <= end, taken
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 <= r3 goto 1f
        r0 = 1
        exit
1:      r0 = *(u64 *)(r2 + 0)
        r0 = 1
        exit

#== packet <= end, taken, shows no byte more
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 <= r3 goto 1f
        r0 = 1
        exit
1:      r0 = *(u8 *)(r2 + 8)
        r0 = 1
        exit

#== packet <= end, not taken, shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 <= r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== end > packet, taken
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 > r4 goto 1f
        r0 = 1
        exit
1:      r0 = *(u64 *)(r2 + 0)
        r0 = 1
        exit

#== end > packet, taken, shows one byte more
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 > r4 goto 1f
        r0 = 1
        exit
1:      r0 = *(u8 *)(r2 + 8)
        r0 = 1
        exit

#== end > packet, not taken, shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 > r4 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== end >= packet, taken
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 >= r4 goto 1f
        r0 = 1
        exit
1:      r0 = *(u64 *)(r2 + 0)
        r0 = 1
        exit

#== end >= packet, not taken, shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 >= r4 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== end < packet, not taken
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 < r4 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== end < packet, taken, shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 < r4 goto 1f
        r0 = 1
        exit
1:      r0 = *(u64 *)(r2 + 0)
        r0 = 1
        exit

#== end <= packet, not taken
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 <= r4 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== end <= packet, not taken, shows one byte more
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 <= r4 goto 1f
        r0 = *(u8 *)(r2 + 8)
1:      r0 = 1
        exit

#== end <= packet, taken, shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r3 <= r4 goto 1f
        r0 = 1
        exit
1:      r0 = *(u64 *)(r2 + 0)
        r0 = 1
        exit

#== packet equal to end shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 == r3 goto 1f
        r0 = 1
        exit
1:      r0 = *(u64 *)(r2 + 0)
        r0 = 1
        exit

#== packet unequal to end shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 != r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== signed comparison with the end shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 s> r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== 32-bit comparison with the end shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if w4 > w3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== packet compared with a number shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > 5000 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== packet compared with the packet shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r2 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== second check shows more
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 4
        if r4 > r3 goto 1f
        r4 += 4
        if r4 > r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== second check of less takes nothing away
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r4 -= 4
        if r4 > r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== check holds for the pointer that was moved
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r0 = *(u64 *)(r4 - 8)
1:      r0 = 1
        exit

#== check holds for a copy on the stack
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        *(u64 *)(r10 - 8) = r2
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r5 = *(u64 *)(r10 - 8)
        r0 = *(u64 *)(r5 + 0)
1:      r0 = 1
        exit

#== data read again after the check has no range
#= rejected: R5 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r5 = *(u32 *)(r1 + 0)
        r0 = *(u64 *)(r5 + 0)
1:      r0 = 1
        exit

#== end read again is as good
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== xdp program writes to the packet
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        *(u64 *)(r2 + 0) = 0
1:      r0 = 1
        exit

#== xdp program may not write past the check
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        *(u64 *)(r2 + 1) = 0
1:      r0 = 1
        exit

#== tc program writes to the packet
#= accepted
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        *(u64 *)(r2 + 0) = 0
1:      r0 = 1
        exit

#== control group program does not write to the packet
#= rejected: cannot write into packet (errno EACCES)
.section cgroup_skb/ingress
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        *(u64 *)(r2 + 0) = 0
1:      r0 = 1
        exit

#== control group program reads the packet
#= accepted
.section cgroup_skb/ingress
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r0 = *(u64 *)(r2 + 0)
1:      r0 = 1
        exit

#== pointer is written to the packet by a privileged program
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        *(u64 *)(r2 + 0) = r10
1:      r0 = 1
        exit

#== packet is not changed atomically
#= rejected: BPF_ATOMIC stores into R2 pkt is not allowed (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r0 = 1
        lock *(u64 *)(r2 + 0) += r0
1:      r0 = 1
        exit

#== packet is not compared and exchanged
#= rejected: BPF_ATOMIC stores into R2 pkt is not allowed (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r0 = 1
        r5 = 2
        r0 = cmpxchg_64(r2 + 0, r0, r5)
1:      r0 = 1
        exit

#== number added, then checked
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r4 = r2
        r4 += r0
        r5 = r4
        r5 += 8
        if r5 > r3 goto 1f
        r0 = *(u64 *)(r4 + 0)
1:      r0 = 1
        exit

#== number added, not checked again
#= rejected: R4 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r4 = r2
        r4 += r0
        r0 = *(u8 *)(r4 + 0)
1:      r0 = 1
        exit

#== number added to the checked pointer within the check
#= rejected: R4 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 &= 7
        r4 = r2
        r4 += r0
        r0 = *(u8 *)(r4 + 0)
1:      r0 = 1
        exit

#== number added twice gives a pointer of its own
#= rejected: R5 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r4 = r2
        r4 += r0
        r5 = r2
        r5 += r0
        r7 = r4
        r7 += 8
        if r7 > r3 goto 1f
        r0 = *(u64 *)(r5 + 0)
1:      r0 = 1
        exit

#== pointer plus number, other way round
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 += r2
        r5 = r0
        r5 += 8
        if r5 > r3 goto 1f
        r0 = *(u64 *)(r0 + 0)
1:      r0 = 1
        exit

#== number times 4 added, as for a header length
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 &= 15
        r0 <<= 2
        r4 = r2
        r4 += r0
        r4 += 14
        r5 = r4
        r5 += 4
        if r5 > r3 goto 1f
        r0 = *(u32 *)(r4 + 0)
1:      r0 = 1
        exit

#== number of 16 bits added
#= rejected: R4 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 = *(u16 *)(r2 + 2)
        r4 = r2
        r4 += r0
        r5 = r4
        r5 += 1
        if r5 > r3 goto 1f
        r0 = *(u8 *)(r4 + 0)
1:      r0 = 1
        exit

#== number of 15 bits added
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 = *(u16 *)(r2 + 2)
        r0 &= 0x7fff
        r4 = r2
        r4 += r0
        r5 = r4
        r5 += 1
        if r5 > r3 goto 1f
        r0 = *(u8 *)(r4 + 0)
1:      r0 = 1
        exit

#== number of 32 bits added is too much
#= rejected: R4 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 = *(u32 *)(r2 + 2)
        r4 = r2
        r4 += r0
        r5 = r4
        r5 += 1
        if r5 > r3 goto 1f
        r0 = *(u8 *)(r4 + 0)
1:      r0 = 1
        exit

#== number of 64 bits added is no pointer any more
#= rejected: math between pkt pointer and register with unbounded min value is not allowed (errno EINVAL)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 = *(u64 *)(r2 + 2)
        r4 = r2
        r4 += r0
1:      r0 = 1
        exit

#== negative number added
#= rejected: R4 min value is negative, either use unsigned index or do a if (index >=0) check. (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 &= 7
        r0 -= 7
        r4 = r2
        r4 += r0
        r5 = r4
        r5 += 8
        if r5 > r3 goto 1f
        r0 = *(u8 *)(r4 + 0)
1:      r0 = 1
        exit

#== number subtracted
#= rejected: R4 min value is negative, either use unsigned index or do a if (index >=0) check. (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 &= 7
        r4 = r2
        r4 += 14
        r4 -= r0
        r0 = *(u8 *)(r4 + 0)
1:      r0 = 1
        exit

#== constant subtracted from a variable pointer
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r4 = r2
        r4 += r0
        r4 += 8
        if r4 > r3 goto 1f
        r4 -= 8
        r0 = *(u64 *)(r4 + 0)
1:      r0 = 1
        exit

#== check of a large constant offset
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 0xffff
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
1:      r0 = 1
        exit

#== check of the offset below the largest
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 0xfffe
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
1:      r0 = 1
        exit

#== check of an offset past the largest shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 0x10000
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
1:      r0 = 1
        exit

#== difference of two packet pointers is a number
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r0 = r3
        r0 -= r2
        exit

#== length by difference shows nothing
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r3
        r4 -= r2
        if r4 < 14 goto 1f
        r0 = *(u8 *)(r2 + 0)
1:      r0 = 1
        exit

#== packet pointers are not added
#= rejected: R2 pointer += pointer prohibited (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r2 += r3
        r0 = 1
        exit

#== packet pointer is not multiplied
#= rejected: R2 pointer arithmetic with *= operator prohibited (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r2 *= 2
        r0 = 1
        exit

#== packet pointer is not masked
#= rejected: R2 bitwise operator &= on pointer prohibited (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r2 &= -4
        r0 = 1
        exit

#== 32-bit addition to a packet pointer
#= rejected: R2 32-bit pointer arithmetic prohibited (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        w2 += 4
        r0 = 1
        exit

#== misaligned packet access where the machine can
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u32 *)(r2 + 1)
1:      r0 = 1
        exit

#== misaligned packet access with strict alignment
#= flags: strict_alignment
#= rejected: misaligned packet access off 2+0+0+1 size 4 (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u32 *)(r2 + 1)
1:      r0 = 1
        exit

#== packet access aligned by two bytes more with strict alignment
#= flags: strict_alignment
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u32 *)(r2 + 2)
1:      r0 = 1
        exit

#== variable packet access with strict alignment
#= flags: strict_alignment
#= rejected: misaligned packet access off 2+(0x0; 0xf)+2+0 size 4 (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 &= 15
        r4 = r2
        r4 += r0
        r4 += 2
        r5 = r4
        r5 += 4
        if r5 > r3 goto 1f
        r0 = *(u32 *)(r4 + 0)
1:      r0 = 1
        exit

#== variable packet access by words with strict alignment
#= flags: strict_alignment
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
        r0 &= 12
        r4 = r2
        r4 += r0
        r4 += 2
        r5 = r4
        r5 += 4
        if r5 > r3 goto 1f
        r0 = *(u32 *)(r4 + 0)
1:      r0 = 1
        exit

#== metadata checked against data
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 8)
        r4 = r3
        r4 += 4
        if r4 > r2 goto 1f
        r0 = *(u32 *)(r3 + 0)
1:      r0 = 1
        exit

#== metadata not checked
#= rejected: R3 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 8)
        r0 = *(u32 *)(r3 + 0)
        exit

#== metadata checked against the end of the packet
#= rejected: R3 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 8)
        r5 = *(u32 *)(r1 + 4)
        r4 = r3
        r4 += 4
        if r4 > r5 goto 1f
        r0 = *(u32 *)(r3 + 0)
1:      r0 = 1
        exit

#== metadata is written by xdp
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 8)
        r4 = r3
        r4 += 4
        if r4 > r2 goto 1f
        *(u32 *)(r3 + 0) = 7
1:      r0 = 1
        exit

#== metadata checked against a moved data pointer
#= rejected: R3 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 8)
        r2 += 8
        r4 = r3
        r4 += 4
        if r4 > r2 goto 1f
        r0 = *(u32 *)(r3 + 0)
1:      r0 = 1
        exit

#== data checked against metadata shows the metadata
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 8)
        r4 = r3
        r4 += 4
        if r2 < r4 goto 1f
        r0 = *(u32 *)(r3 + 0)
1:      r0 = 1
        exit

#== metadata does not show the packet
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 8)
        r4 = r3
        r4 += 4
        if r4 > r2 goto 1f
        r0 = *(u32 *)(r2 + 0)
1:      r0 = 1
        exit

#== variable added to metadata
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 8)
        r6 = r1
        r7 = r3
        r8 = r2
        call bpf_ktime_get_ns
        r0 &= 4
        r7 += r0
        r4 = r7
        r4 += 4
        if r4 > r8 goto 1f
        r0 = *(u32 *)(r7 + 0)
1:      r0 = 1
        exit

#== metadata is aligned as the packet with strict alignment
#= flags: strict_alignment
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 8)
        r4 = r3
        r4 += 8
        if r4 > r2 goto 1f
        r0 = *(u32 *)(r3 + 2)
1:      r0 = 1
        exit

#== metadata is written by tc
#= accepted
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r3 = *(u32 *)(r1 + 140)
        r4 = r3
        r4 += 4
        if r4 > r2 goto 1f
        *(u32 *)(r3 + 0) = 7
1:      r0 = 1
        exit

#== call that changes the packet takes its pointers away
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r7 = r2
        r1 = r6
        r2 = 8
        call bpf_skb_pull_data
        r0 = *(u8 *)(r7 + 0)
1:      r0 = 1
        exit

#== packet is checked anew after a call that changes it
#= accepted
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r2 = 8
        call bpf_skb_pull_data
        r2 = *(u32 *)(r6 + 76)
        r3 = *(u32 *)(r6 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 0)
1:      r0 = 1
        exit

#== call that leaves the packet leaves its pointers
#= accepted
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r7 = r2
        call bpf_ktime_get_ns
        r0 = *(u8 *)(r7 + 0)
1:      r0 = 1
        exit

#== call that changes the packet takes spilled pointers away
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        *(u64 *)(r10 - 8) = r2
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r2 = 8
        call bpf_skb_pull_data
        r7 = *(u64 *)(r10 - 8)
        r0 = *(u8 *)(r7 + 0)
1:      r0 = 1
        exit

#== function that changes the packet takes its pointers away
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r7 = r2
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        call f
        r0 = *(u8 *)(r7 + 0)
1:      r0 = 1
        exit
.text
f:      r2 = 8
        call bpf_skb_pull_data
        r0 = 0
        exit

#== xdp adjust_head takes pointers away
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r7 = r2
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r2 = 0
        call bpf_xdp_adjust_head
        r0 = *(u8 *)(r7 + 0)
1:      r0 = 1
        exit

#== xdp adjust_meta takes pointers away
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r7 = r2
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r2 = -4
        call bpf_xdp_adjust_meta
        r0 = *(u8 *)(r7 + 0)
1:      r0 = 1
        exit

#== helper reads a key of the packet
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r1 = vals ll
        call bpf_map_lookup_elem
1:      r0 = 1
        exit

#== helper may not read a key past the check
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 3
        if r4 > r3 goto 1f
        r1 = vals ll
        call bpf_map_lookup_elem
1:      r0 = 1
        exit

#== helper reads a value of the packet
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 64
        if r4 > r3 goto 1f
        *(u32 *)(r10 - 4) = 0
        r3 = r2
        r2 = r10
        r2 += -4
        r1 = vals ll
        r4 = 0
        call bpf_map_update_elem
1:      r0 = 1
        exit

#== helper reads a buffer of the packet
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r3 = r2
        r1 = 0
        r2 = 0
        r4 = 8
        r5 = 0
        call bpf_csum_diff
1:      r0 = 1
        exit

#== helper that changes the packet may not take a buffer of it
#= rejected: helper access to the packet is not allowed (errno EACCES)
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r4 = r2
        r4 += 8
        if r4 > r3 goto 1f
        r3 = r2
        r2 = 0
        r4 = 8
        r5 = 0
        call bpf_skb_store_bytes
1:      r0 = 1
        exit

#== helper may not write into the packet where it takes no packet
#= rejected: helper access to the packet is not allowed (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 16
        if r4 > r3 goto 1f
        r3 = r2
        r2 = 0
        r4 = 8
        call bpf_xdp_load_bytes
1:      r0 = 1
        exit

#== end of the packet is no buffer
#= rejected: R2 type=pkt_end expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r2 = r3
        r1 = vals ll
        call bpf_map_lookup_elem
1:      r0 = 1
        exit

#== fragmented xdp program reads the packet as others
#= flags: xdp_has_frags
#= accepted
.section xdp
        r2 = *(u32 *)(r1 + 0)
        r3 = *(u32 *)(r1 + 4)
        r4 = r2
        r4 += 14
        if r4 > r3 goto 1f
        r0 = *(u8 *)(r2 + 13)
1:      r0 = 1
        exit
