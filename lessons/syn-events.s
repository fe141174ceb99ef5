# Tell user space of every new TCP connection: a record in a ring buffer,
# and a line in the trace pipe.
.license "GPL"
.map events, ringbuf, entries=4096

.section tc
.globl syn
syn:
        r6 = r1
        r7 = *(u32 *)(r6 + 76)          // skb->data
        r3 = *(u32 *)(r6 + 80)          // skb->data_end
        r4 = r7
        r4 += 54                        // Ethernet, IPv4, TCP
        if r4 > r3 goto out
        r5 = *(u16 *)(r7 + 12)
        if r5 != 0x8 goto out           // not IPv4
        r5 = *(u8 *)(r7 + 14)
        if r5 != 0x45 goto out          // with options
        r5 = *(u8 *)(r7 + 23)
        if r5 != 6 goto out             // not TCP
        r5 = *(u8 *)(r7 + 47)           // flags
        r5 &= 0x12
        if r5 != 2 goto out             // SYN without ACK

        r1 = events ll
        r2 = 12
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto out             // the ring is full
        r1 = *(u32 *)(r7 + 26)          // source address
        *(u32 *)(r0 + 0) = r1
        r1 = *(u32 *)(r7 + 30)          // destination address
        *(u32 *)(r0 + 4) = r1
        r1 = *(u32 *)(r7 + 34)          // both ports
        *(u32 *)(r0 + 8) = r1
        r1 = r0
        r2 = 0
        call bpf_ringbuf_submit

        r3 = *(u32 *)(r7 + 26)
        r3 = be32 r3
        r4 = *(u16 *)(r7 + 36)
        r4 = be16 r4
        r1 = fmt ll
        r2 = 19
        call bpf_trace_printk
out:
        r0 = 0
        exit

.section .rodata
fmt:
        .asciz "SYN from %x to :%d"
