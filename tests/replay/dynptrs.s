# Dynamic pointers: to memory, to records of ring buffers, to packets; what they are and what they refuse.
.license "GPL"
.map ring, ringbuf, entries=4096
.bss
out:    .zero 256
mem:    .zero 64

#== memory is written and read back
.section tc
        r7 = out ll
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        *(u64 *)(r7 + 0) = r0
        *(u64 *)(r10 - 24) = 0x11223344
        r1 = r10
        r1 += -16
        r2 = 5
        r3 = r10
        r3 += -24
        r4 = 8
        r5 = 0
        call bpf_dynptr_write
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -32
        *(u64 *)(r10 - 32) = 0
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 6
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 16) = r0
        r1 = *(u64 *)(r10 - 32)
        *(u64 *)(r7 + 24) = r1
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 8
        call bpf_dynptr_data
        if r0 == 0 goto no
        r1 = *(u64 *)(r0 + 0)
        *(u64 *)(r7 + 32) = r1
        *(u64 *)(r0 + 0) = 77
no:     r0 = 0
        exit

#== out of range, and with flags
.section tc
        r7 = out ll
        r1 = mem ll
        r2 = 16
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        *(u64 *)(r10 - 24) = 0x11223344
        r1 = r10
        r1 += -16
        r2 = 9
        r3 = r10
        r3 += -24
        r4 = 8
        r5 = 0
        call bpf_dynptr_write
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = r10
        r3 += -24
        r4 = 8
        r5 = 1
        call bpf_dynptr_write
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 17
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 1
        call bpf_dynptr_read
        *(u64 *)(r7 + 24) = r0
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 16
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 32) = r0
        r1 = r10
        r1 += -16
        r2 = 12
        r3 = 8
        call bpf_dynptr_data
        *(u64 *)(r7 + 40) = 1
        if r0 == 0 goto no
        *(u64 *)(r7 + 40) = 2
no:     r1 = *(u64 *)(r10 - 24)
        *(u64 *)(r7 + 48) = r1
        r0 = 0
        exit

#== a flag makes no dynptr, and null refuses all
.section xdp
        r7 = out ll
        r1 = mem ll
        r2 = 16
        r3 = 1
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        *(u64 *)(r7 + 0) = r0
        *(u64 *)(r10 - 24) = 5
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -24
        r4 = 8
        r5 = 0
        call bpf_dynptr_write
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_is_null
        r0 &= 255
        *(u64 *)(r7 + 24) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_is_rdonly
        r0 &= 255
        *(u64 *)(r7 + 32) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_size
        *(u64 *)(r7 + 40) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        call bpf_dynptr_adjust
        *(u64 *)(r7 + 48) = r0
        r1 = r10
        r1 += -16
        r2 = r10
        r2 += -40
        call bpf_dynptr_clone
        *(u64 *)(r7 + 56) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 4
        r4 = 1
        call bpf_dynptr_memset
        *(u64 *)(r7 + 64) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -40
        r4 = 0
        r5 = 0
        call bpf_dynptr_copy
        *(u64 *)(r7 + 72) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        r4 = 0
        call bpf_dynptr_memset
        *(u64 *)(r7 + 80) = r0
        r0 = 2
        exit
        .extern bpf_dynptr_is_null, bpf_dynptr_is_rdonly, bpf_dynptr_size, bpf_dynptr_adjust, bpf_dynptr_clone
        .extern bpf_dynptr_memset, bpf_dynptr_copy

#== size, adjusting, cloning
.section socket
        r7 = out ll
        r1 = mem ll
        r2 = 40
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 32
        call bpf_dynptr_adjust
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_size
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 25
        call bpf_dynptr_adjust
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 7
        call bpf_dynptr_adjust
        *(u64 *)(r7 + 24) = r0
        r1 = r10
        r1 += -16
        r2 = r10
        r2 += -32
        call bpf_dynptr_clone
        *(u64 *)(r7 + 32) = r0
        r1 = r10
        r1 += -32
        r2 = 4
        r3 = 4
        call bpf_dynptr_adjust
        *(u64 *)(r7 + 40) = r0
        r1 = r10
        r1 += -32
        call bpf_dynptr_size
        *(u64 *)(r7 + 48) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_size
        *(u64 *)(r7 + 56) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_is_rdonly
        r0 &= 255
        *(u64 *)(r7 + 64) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_is_null
        r0 &= 255
        *(u64 *)(r7 + 72) = r0
        r1 = r10
        r1 += -16
        r2 = 4
        r3 = 6
        r4 = 0xab
        call bpf_dynptr_memset
        *(u64 *)(r7 + 80) = r0
        r1 = r10
        r1 += -16
        r2 = 20
        r3 = 6
        r4 = 0xcd
        call bpf_dynptr_memset
        *(u64 *)(r7 + 88) = r0
        r0 = 0
        exit
        .extern bpf_dynptr_adjust, bpf_dynptr_size, bpf_dynptr_clone, bpf_dynptr_is_rdonly, bpf_dynptr_is_null
        .extern bpf_dynptr_memset

#== the packet of an skb, read, written and sliced
.section tc
        r6 = r1
        r7 = out ll
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_size
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_is_rdonly
        r0 &= 255
        *(u64 *)(r7 + 16) = r0
        *(u64 *)(r10 - 24) = 0
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 10
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 24) = r0
        r1 = *(u64 *)(r10 - 24)
        *(u64 *)(r7 + 32) = r1
        r1 = r10
        r1 += -16
        r2 = 6
        r3 = r10
        r3 += -24
        r4 = 4
        r5 = 0
        call bpf_dynptr_write
        *(u64 *)(r7 + 40) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -24
        r4 = 4
        r5 = 8
        call bpf_dynptr_write
        *(u64 *)(r7 + 48) = r0
        r1 = r10
        r1 += -16
        r2 = 2
        r3 = r10
        r3 += -48
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r4 = 14
        call bpf_dynptr_slice
        if r0 == 0 goto no
        r1 = *(u64 *)(r0 + 0)
        *(u64 *)(r7 + 56) = r1
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 8
        call bpf_dynptr_data
        if r0 != 0 goto no
        *(u64 *)(r7 + 64) = 1
        r1 = r10
        r1 += -16
        r2 = 100000
        r3 = 0
        r4 = 14
        call bpf_dynptr_slice
        if r0 != 0 goto no
        *(u64 *)(r7 + 72) = 1
no:     r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_size, bpf_dynptr_is_rdonly, bpf_dynptr_slice

#== a slice of the packet is written to
.section tc
        r6 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        *(u64 *)(r10 - 32) = 0
        *(u64 *)(r10 - 24) = 0
        r4 = 14
        call bpf_dynptr_slice_rdwr
        if r0 == 0 goto no
        r1 = 0x0201
        *(u16 *)(r0 + 4) = r1
no:     r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_slice_rdwr

#== adjusting the packet's dynptr, then beyond its ends
.section tc
        r6 = r1
        r7 = out ll
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = r10
        r1 += -16
        r2 = 12
        r3 = 20
        call bpf_dynptr_adjust
        *(u64 *)(r7 + 0) = r0
        *(u64 *)(r10 - 24) = 0
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 8) = r0
        r1 = *(u64 *)(r10 - 24)
        *(u64 *)(r7 + 16) = r1
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 1
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 24) = r0
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_adjust

#== an skb's packet with a flag
.section tc
        r7 = out ll
        r2 = 1
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_is_null
        r0 &= 255
        *(u64 *)(r7 + 8) = r0
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_is_null

#== a socket filter only reads its packet
.section socket
        r6 = r1
        r7 = out ll
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_is_rdonly
        r0 &= 255
        *(u64 *)(r7 + 8) = r0
        *(u64 *)(r10 - 24) = 0
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 6
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 16) = r0
        r1 = *(u64 *)(r10 - 24)
        *(u64 *)(r7 + 24) = r1
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -24
        r4 = 4
        r5 = 0
        call bpf_dynptr_write
        *(u64 *)(r7 + 32) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 4
        r4 = 1
        call bpf_dynptr_memset
        *(u64 *)(r7 + 40) = r0
        r0 = 65535
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_is_rdonly, bpf_dynptr_memset

#== an xdp packet, read and written
.section xdp
        r6 = r1
        r7 = out ll
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_xdp
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_size
        *(u64 *)(r7 + 8) = r0
        *(u64 *)(r10 - 24) = 0
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 10
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 24) = r0
        r1 = *(u64 *)(r10 - 24)
        *(u64 *)(r7 + 32) = r1
        r1 = r10
        r1 += -16
        r2 = 6
        r3 = r10
        r3 += -24
        r4 = 4
        r5 = 0
        call bpf_dynptr_write
        *(u64 *)(r7 + 40) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -24
        r4 = 4
        r5 = 1
        call bpf_dynptr_write
        *(u64 *)(r7 + 48) = r0
        r1 = r10
        r1 += -16
        r2 = 8
        r3 = 5
        r4 = 0x5a
        call bpf_dynptr_memset
        *(u64 *)(r7 + 56) = r0
        r0 = 2
        exit
        .extern bpf_dynptr_from_xdp, bpf_dynptr_size, bpf_dynptr_memset

#== memory is copied to the packet and back
.section tc
        r6 = r1
        r7 = out ll
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb
        r1 = mem ll
        r2 = 64
        r3 = 0
        r4 = r10
        r4 += -32
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -32
        r2 = 3
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 14
        call bpf_dynptr_copy
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = r10
        r3 += -32
        r4 = 9
        r5 = 6
        call bpf_dynptr_copy
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -32
        r2 = 60
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 14
        call bpf_dynptr_copy
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -32
        r2 = 0
        r3 = r10
        r3 += -16
        r4 = 100000
        r5 = 14
        call bpf_dynptr_copy
        *(u64 *)(r7 + 24) = r0
        r1 = r10
        r1 += -32
        r2 = 8
        r3 = r10
        r3 += -32
        r4 = 4
        r5 = 20
        call bpf_dynptr_copy
        *(u64 *)(r7 + 32) = r0
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb, bpf_dynptr_copy

#== metadata of an skb that has none
.section tc
        r7 = out ll
        r2 = 0
        r3 = r10
        r3 += -16
        call bpf_dynptr_from_skb_meta
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        call bpf_dynptr_size
        *(u64 *)(r7 + 8) = r0
        *(u64 *)(r10 - 24) = 7
        r1 = r10
        r1 += -24
        r2 = 8
        r3 = r10
        r3 += -16
        r4 = 0
        r5 = 0
        call bpf_dynptr_read
        *(u64 *)(r7 + 16) = r0
        r0 = 0
        exit
        .extern bpf_dynptr_from_skb_meta, bpf_dynptr_size

#== records through dynptrs
.section tc
        r7 = out ll
        r1 = ring ll
        r2 = 20
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        *(u64 *)(r7 + 0) = r0
        *(u64 *)(r10 - 24) = 0x55667788
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 20
        r4 = 0
        call bpf_dynptr_memset
        r1 = r10
        r1 += -16
        r2 = 3
        r3 = r10
        r3 += -24
        r4 = 8
        r5 = 0
        call bpf_dynptr_write
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -16
        r2 = 12
        r3 = 4
        call bpf_dynptr_data
        if r0 == 0 goto done
        *(u32 *)(r0 + 0) = 9
done:   r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r1 = ring ll
        r2 = 0
        r3 = 0
        r4 = r10
        r4 += -40
        call bpf_ringbuf_reserve_dynptr
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -40
        r2 = 0
        call bpf_ringbuf_discard_dynptr
        r0 = 0
        exit
        .extern bpf_dynptr_memset

#== a record that there is no room for
.section xdp
        r7 = out ll
        r1 = ring ll
        r2 = 5000
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit_dynptr
        r1 = ring ll
        r2 = 16777216
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_discard_dynptr
        r1 = ring ll
        r2 = 8
        r3 = 1
        r4 = r10
        r4 += -16
        call bpf_ringbuf_reserve_dynptr
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_discard_dynptr
        r0 = 2
        exit

#== kernel memory is read through a dynptr
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = 0x61626364
        r1 = mem ll
        r2 = 32
        r3 = 0
        r4 = r10
        r4 += -32
        call bpf_dynptr_from_mem
        r1 = r10
        r1 += -32
        r2 = 4
        r3 = 8
        r4 = r10
        r4 += -8
        call bpf_probe_read_kernel_dynptr
        *(u64 *)(r7 + 0) = r0
        r1 = r10
        r1 += -32
        r2 = 16
        r3 = 8
        r4 = r10
        r4 += -8
        call bpf_probe_read_kernel_str_dynptr
        *(u64 *)(r7 + 8) = r0
        r1 = r10
        r1 += -32
        r2 = 28
        r3 = 8
        r4 = r10
        r4 += -8
        call bpf_probe_read_kernel_dynptr
        *(u64 *)(r7 + 16) = r0
        r1 = r10
        r1 += -32
        r2 = 20
        r3 = 3
        r4 = r10
        r4 += -8
        call bpf_probe_read_kernel_str_dynptr
        *(u64 *)(r7 + 24) = r0
        r1 = r10
        r1 += -32
        r2 = 0
        r3 = 8
        r4 = 0
        call bpf_probe_read_kernel_dynptr
        *(u64 *)(r7 + 32) = r0
        r1 = r10
        r1 += -32
        r2 = 0
        r3 = 8
        r4 = 0
        call bpf_probe_read_user_dynptr
        *(u64 *)(r7 + 40) = r0
        r0 = 0
        exit
        .extern bpf_probe_read_kernel_dynptr, bpf_probe_read_kernel_str_dynptr, bpf_probe_read_user_dynptr
