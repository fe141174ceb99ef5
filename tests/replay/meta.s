# Metadata before a packet, and frames of every length.
.license "GPL"
.bss
out:    .zero 64

#== metadata is not part of the frame
.section xdp
        r6 = r1
        r2 = -8
        call bpf_xdp_adjust_meta
        r7 = out ll
        *(u64 *)(r7 + 0) = r0
        if r0 != 0 goto done
        r1 = *(u32 *)(r6 + 8)
        r2 = *(u32 *)(r6 + 0)
        r3 = r1
        r3 += 4
        if r3 > r2 goto done
        *(u32 *)(r1 + 0) = 42
done:   r0 = 2
        exit

#== metadata that is taken away again, and more than there may be
.section xdp
        r6 = r1
        r7 = out ll
        r2 = -32
        call bpf_xdp_adjust_meta
        *(u64 *)(r7 + 0) = r0
        r1 = r6
        r2 = 28
        call bpf_xdp_adjust_meta
        *(u64 *)(r7 + 8) = r0
        r1 = r6
        r2 = -5
        call bpf_xdp_adjust_meta
        *(u64 *)(r7 + 16) = r0
        r1 = r6
        r2 = -256
        call bpf_xdp_adjust_meta
        *(u64 *)(r7 + 24) = r0
        r0 = 2
        exit

#== a packet that grows at its head over its metadata
.section xdp
        r6 = r1
        r7 = out ll
        r2 = -16
        call bpf_xdp_adjust_meta
        *(u64 *)(r7 + 0) = r0
        r1 = r6
        r2 = -4
        call bpf_xdp_adjust_head
        *(u64 *)(r7 + 8) = r0
        r1 = *(u32 *)(r6 + 0)
        r2 = *(u32 *)(r6 + 8)
        r1 -= r2
        *(u64 *)(r7 + 16) = r1
        r0 = 2
        exit

#== metadata, and a program at tc afterwards
.section xdp
        r2 = -4
        call bpf_xdp_adjust_meta
        r0 = 2
        exit
.section tc
        r7 = out ll
        r2 = *(u32 *)(r1 + 0)
        *(u64 *)(r7 + 0) = r2
        r0 = 0
        exit
