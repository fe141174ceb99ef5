#= kernel 6.18
# Connections that the kernel tracks: what of them a program may set, and those that are not yet among the tracked.
# The mark is at 168 in the kernel's `struct nf_conn`, and has four bytes.
.license "GPL"

#== mark of a connection is set
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u32 *)(r7 + 168) = 5
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_release

#== mark of a connection is set to a register
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        r1 = *(u32 *)(r6 + 8)
        *(u32 *)(r7 + 168) = r1
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_release

#== mark of a connection is set by XDP
#= accepted
.section xdp
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_xdp_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u32 *)(r7 + 168) = 5
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_xdp_ct_lookup, bpf_ct_release

#== lower half of a mark is set
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u16 *)(r7 + 168) = 5
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_release

#== number is added to a mark
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        r1 = 1
        lock *(u32 *)(r7 + 168) += r1
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_release

#== upper half of a mark is not set alone
#= rejected: no write support to nf_conn at off 170 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u16 *)(r7 + 170) = 5
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_release

#== what follows a mark is not set with it
#= rejected: write access at off 168 with size 8 beyond the member of nf_conn ended at 172 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u64 *)(r7 + 168) = 5
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_release

#== status of a connection is not set
#= rejected: no write support to nf_conn at off 128 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u32 *)(r7 + 128) = 5
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_release

#== mark of a connection is set by a pointer that was moved
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        r2 = r7
        r2 += 160
        *(u32 *)(r2 + 8) = 5
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_release

#== mark of a new connection is set
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_alloc
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u32 *)(r7 + 168) = 5
        r1 = r7
        call bpf_ct_insert_entry
        if r0 == 0 goto 2f
        r1 = r0
        call bpf_ct_release
2:      r0 = 0
        exit
        .extern bpf_skb_ct_alloc, bpf_ct_insert_entry, bpf_ct_release

#== status of a new connection is not set
#= rejected: no write support to nf_conn at off 128 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_alloc
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u32 *)(r7 + 128) = 5
        r1 = r7
        call bpf_ct_insert_entry
        if r0 == 0 goto 2f
        r1 = r0
        call bpf_ct_release
2:      r0 = 0
        exit
        .extern bpf_skb_ct_alloc, bpf_ct_insert_entry, bpf_ct_release

#== timeout of a connection is changed
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        r1 = r7
        r2 = 10
        call bpf_ct_change_timeout
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_change_timeout, bpf_ct_release

#== timeout of a new connection is not changed
#= rejected: kernel function bpf_ct_change_timeout args#0 expected pointer to STRUCT nf_conn but R1 has a pointer to STRUCT nf_conn___init (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_alloc
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        r1 = r7
        r2 = 10
        call bpf_ct_change_timeout
        r1 = r7
        call bpf_ct_insert_entry
        if r0 == 0 goto 2f
        r1 = r0
        call bpf_ct_release
2:      r0 = 0
        exit
        .extern bpf_skb_ct_alloc, bpf_ct_change_timeout, bpf_ct_insert_entry, bpf_ct_release

#== timeout of a new connection is set
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_alloc
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        r1 = r7
        r2 = 10
        call bpf_ct_set_timeout
        r1 = r7
        call bpf_ct_insert_entry
        if r0 == 0 goto 2f
        r1 = r0
        call bpf_ct_release
2:      r0 = 0
        exit
        .extern bpf_skb_ct_alloc, bpf_ct_set_timeout, bpf_ct_insert_entry, bpf_ct_release

#== timeout of a connection is not set
#= rejected: kernel function bpf_ct_set_timeout args#0 expected pointer to STRUCT nf_conn___init but R1 has a pointer to STRUCT nf_conn (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_lookup
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        r1 = r7
        r2 = 10
        call bpf_ct_set_timeout
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_lookup, bpf_ct_set_timeout, bpf_ct_release

#== new connection is not released as a connection
#= rejected: kernel function bpf_ct_release args#0 expected pointer to STRUCT nf_conn but R1 has a pointer to STRUCT nf_conn___init (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_alloc
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        r1 = r7
        call bpf_ct_release
        r0 = 0
        exit
        .extern bpf_skb_ct_alloc, bpf_ct_release

#== address of a new connection is given
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_alloc
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u64 *)(r10 - 40) = 0
        *(u64 *)(r10 - 48) = 0
        r1 = r7
        r2 = r10
        r2 += -48
        r3 = 80
        r4 = 0
        call bpf_ct_set_nat_info
        r1 = r7
        call bpf_ct_insert_entry
        if r0 == 0 goto 2f
        r1 = r0
        call bpf_ct_release
2:      r0 = 0
        exit
        .extern bpf_skb_ct_alloc, bpf_ct_set_nat_info, bpf_ct_insert_entry, bpf_ct_release

#== address of a new connection is there
#= rejected: invalid read from stack R2 off=-8 size=16 (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        *(u64 *)(r10 - 24) = 0
        *(u64 *)(r10 - 32) = 0
        r2 = r10
        r2 += -16
        r3 = 12
        r4 = r10
        r4 += -32
        r5 = 16
        call bpf_skb_ct_alloc
        if r0 != 0 goto 1f
        exit
1:      r7 = r0
        *(u64 *)(r10 - 40) = 0
        *(u64 *)(r10 - 48) = 0
        r1 = r7
        r2 = r10
        r2 += -8
        r3 = 80
        r4 = 0
        call bpf_ct_set_nat_info
        r1 = r7
        call bpf_ct_insert_entry
        if r0 == 0 goto 2f
        r1 = r0
        call bpf_ct_release
2:      r0 = 0
        exit
        .extern bpf_skb_ct_alloc, bpf_ct_set_nat_info, bpf_ct_insert_entry, bpf_ct_release

#== other structures of the kernel are only read
#= rejected: only read is supported (errno EACCES)
.section tc
        r6 = r1
        call bpf_cast_to_kern_ctx
        *(u32 *)(r0 + 168) = 5
        r0 = 0
        exit
        .extern bpf_cast_to_kern_ctx

#== programs that trace only read
#= rejected: only read is supported (errno EACCES)
.section tp/syscalls/sys_enter_getpid
        call bpf_get_current_task_btf
        *(u32 *)(r0 + 168) = 5
        r0 = 0
        exit
