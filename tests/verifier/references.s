#= kernel 6.18
# What must be given back: sockets that were looked up, records of ring buffers. Each is released once, on every way,
# and is not used afterwards.
.license "GPL"
.map ring, ringbuf, entries=4096
.map vals, hash, key=4, value=64, entries=4
.map progs, prog_array, key=4, value=4, entries=4

#== socket is released
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is not released
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
1:      r0 = 0
        exit

#== socket is released without a check
#= rejected: R1 type=sock_or_null expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_ (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r1 = r0
        call bpf_sk_release
        r0 = 0
        exit

#== socket is released twice
#= rejected: R1 type=scalar expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_ (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call bpf_sk_release
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is used after its release
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call bpf_sk_release
        r0 = *(u32 *)(r7 + 4)
1:      r0 = 0
        exit

#== copy of a socket is used after its release
#= rejected: R8 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = r7
        r1 = r7
        call bpf_sk_release
        r0 = *(u32 *)(r8 + 4)
1:      r0 = 0
        exit

#== spilled socket is used after its release
#= rejected: R1 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        *(u64 *)(r10 - 8) = r7
        r1 = r7
        call bpf_sk_release
        r1 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r1 + 4)
1:      r0 = 0
        exit

#== socket is released on one way only
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r0 = *(u32 *)(r6 + 0)
        if r0 == 0 goto 1f
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is released on the way where it is null
#= rejected: R1 type=scalar expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_ (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 != 0 goto 1f
        r1 = r0
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket or null is dropped
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r0 = 0
        exit

#== null needs no release
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is overwritten before its release
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r7 = 0
1:      r0 = 0
        exit

#== socket is released through a copy
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r7 = 0
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is released through a spilled copy
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        *(u64 *)(r10 - 8) = r7
        r7 = 0
        r1 = *(u64 *)(r10 - 8)
        call bpf_sk_release
1:      r0 = 0
        exit

#== two sockets, one released
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        *(u64 *)(r10 - 8) = r7
        r1 = r6
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_udp
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== two sockets, both released
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r6
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_udp
        r8 = r0
        r1 = r7
        call bpf_sk_release
        if r8 == 0 goto 1f
        r1 = r8
        call bpf_sk_release
1:      r0 = 0
        exit

#== udp socket is released
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_udp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== tcp socket without a reference check is released
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_skc_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== moved socket is not released
#= rejected: R1 pointer arithmetic on sock prohibited (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r1 += 4
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket of the context is not released
#= rejected: R1 must be referenced when passed to release function (errno EINVAL)
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_sk_release
1:      r0 = 0
        exit

#== full socket of the context is not released
#= rejected: R1 must be referenced when passed to release function (errno EINVAL)
.section tc
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_sk_fullsock
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_sk_release
1:      r0 = 0
        exit

#== number is not released
#= rejected: R1 type=scalar expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_ (errno EACCES)
.section tc
        r1 = 0
        call bpf_sk_release
        r0 = 0
        exit

#== stack is not released
#= rejected: R1 type=fp expected=sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_ (errno EACCES)
.section tc
        r1 = r10
        call bpf_sk_release
        r0 = 0
        exit

#== socket is stored into a value by a privileged program
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 2f
        *(u64 *)(r0 + 0) = r7
2:      r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== function releases the socket of its caller
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call f
1:      r0 = 0
        exit
.text
f:      call bpf_sk_release
        r0 = 0
        exit

#== function looks up a socket for its caller
#= accepted
.section tc
        call f
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_sk_release
1:      r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        exit

#== function looks up a socket that its caller drops
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        call f
        r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        exit

#== caller uses a socket that the function released
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call f
        r0 = *(u32 *)(r7 + 4)
1:      r0 = 0
        exit
.text
f:      call bpf_sk_release
        r0 = 0
        exit

#== tail call with a socket held
#= rejected: tail_call would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r6
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== tail call after the release
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call bpf_sk_release
        r1 = r6
        r2 = progs ll
        r3 = 0
        call bpf_tail_call
1:      r0 = 0
        exit

#== packet load with a socket held
#= rejected: BPF_LD_[ABS|IND] would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r0 = *(u8 *)skb[0]
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== packet load after the release
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call bpf_sk_release
        r0 = *(u8 *)skb[0]
1:      r0 = 0
        exit

#== loop that takes sockets and does not release them
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r8 = 4
2:      r1 = r6
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r8 -= 1
        if r8 != 0 goto 2b
        r0 = 0
        exit

#== loop that takes and releases a socket
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r8 = 4
2:      r1 = r6
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 3f
        r1 = r0
        call bpf_sk_release
3:      r8 -= 1
        if r8 != 0 goto 2b
        r0 = 0
        exit

#== number added to a socket that may be null
#= rejected: R0 pointer arithmetic on sock_or_null prohibited, null-check it first (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r0 += 4
        r0 = 0
        exit

#== number added to a socket
#= rejected: R7 pointer arithmetic on sock prohibited (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r7 += 4
1:      r0 = 0
        exit

#== socket is compared with zero twice
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        if r7 == 0 goto 1f
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is checked by its copy
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r7 = r0
        r8 = r0
        if r7 == 0 goto 1f
        r1 = r8
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is checked and released in r1
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r1 = r0
        if r1 != 0 goto 1f
        r0 = 0
        exit
1:      call bpf_sk_release
        r0 = 0
        exit

#== field of a socket is read
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u32 *)(r7 + 4)
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== field of a socket is not written
#= rejected: R7 cannot write into sock (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        *(u32 *)(r7 + 4) = 0
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== field of a socket is not read across its end
#= rejected: R7 invalid sock access off=4 size=8 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u64 *)(r7 + 4)
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is not read past its end
#= rejected: R7 invalid sock access off=80 size=4 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u32 *)(r7 + 80)
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is not read before its start
#= rejected: R7 invalid sock access off=-4 size=4 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u32 *)(r7 - 4)
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== byte of the family of a socket is read
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u8 *)(r7 + 4)
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== byte of the priority of a socket is not read
#= rejected: R7 invalid sock access off=20 size=1 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u8 *)(r7 + 20)
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== destination port of a socket in half a word
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u16 *)(r7 + 48)
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== padding of a socket is not read
#= rejected: R7 invalid sock access off=50 size=2 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u16 *)(r7 + 50)
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== misaligned field of a socket
#= rejected: R7 invalid sock access off=5 size=2 (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u16 *)(r7 + 5)
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket or null is not read
#= rejected: R0 invalid mem access 'sock_or_null' (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r1 = *(u32 *)(r0 + 4)
        r0 = 0
        exit

#== socket that may be null is no memory to change atomically
#= rejected: R0 invalid mem access 'sock_or_null' (errno EACCES)
.section tc
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r8 = 1
        lock *(u32 *)(r0 + 4) += w8
        r0 = 0
        exit

#== socket is not changed atomically
#= rejected: BPF_ATOMIC stores into R7 sock is not allowed (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r8 = 1
        lock *(u32 *)(r7 + 4) += w8
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket of the context is checked
#= accepted
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        r0 = *(u32 *)(r1 + 4)
1:      r0 = 0
        exit

#== socket of the context is not checked
#= rejected: R1 invalid mem access 'sock_common_or_null' (errno EACCES)
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        r0 = *(u32 *)(r1 + 4)
        r0 = 0
        exit

#== common socket has fewer fields
#= rejected: R1 invalid sock_common access off=16 size=4 (errno EACCES)
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        r0 = *(u32 *)(r1 + 16)
1:      r0 = 0
        exit

#== common socket is read by its family
#= accepted
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        r0 = *(u32 *)(r1 + 24)
1:      r0 = 0
        exit

#== full socket has more fields
#= accepted
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_sk_fullsock
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 16)
1:      r0 = 0
        exit

#== full socket is not checked
#= rejected: R0 invalid mem access 'sock_or_null' (errno EACCES)
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_sk_fullsock
        r0 = *(u32 *)(r0 + 16)
        r0 = 0
        exit
1:      r0 = 0
        exit

#== full socket of a socket that may be null
#= rejected: R1 type=sock_common_or_null expected=sock_common, sock, tcp_sock, xdp_sock (errno EACCES)
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        call bpf_sk_fullsock
        r0 = 0
        exit

#== tcp socket is read
#= accepted
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_tcp_sock
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 0)
1:      r0 = 0
        exit

#== tcp socket is read in 8 bytes where it has them
#= accepted
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_tcp_sock
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 80)
1:      r0 = 0
        exit

#== tcp socket is not read in 8 bytes where it has 4
#= rejected: R0 invalid tcp_sock access off=48 size=8 (errno EACCES)
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_tcp_sock
        if r0 == 0 goto 1f
        r0 = *(u64 *)(r0 + 48)
1:      r0 = 0
        exit

#== tcp socket is not read past its end
#= rejected: R0 invalid tcp_sock access off=200 size=4 (errno EACCES)
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_tcp_sock
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 200)
1:      r0 = 0
        exit

#== tcp socket is not written
#= rejected: R0 cannot write into tcp_sock (errno EACCES)
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_tcp_sock
        if r0 == 0 goto 1f
        *(u32 *)(r0 + 0) = 1
1:      r0 = 0
        exit

#== tcp socket of a released socket is gone
#= rejected: R8 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call bpf_tcp_sock
        r8 = r0
        r1 = r7
        call bpf_sk_release
        if r8 == 0 goto 1f
        r0 = *(u32 *)(r8 + 0)
1:      r0 = 0
        exit

#== tcp socket of a held socket
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        call bpf_tcp_sock
        if r0 == 0 goto 2f
        r0 = *(u32 *)(r0 + 0)
2:      r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== listener of a socket
#= accepted
.section tc
        r6 = r1
        r1 = *(u64 *)(r1 + 168)
        if r1 == 0 goto 1f
        call bpf_get_listener_sock
        if r0 == 0 goto 1f
        r0 = *(u32 *)(r0 + 4)
1:      r0 = 0
        exit

#== context where a common socket is needed
#= rejected: R1 type=ctx expected=sock_common, sock, tcp_sock, xdp_sock (errno EACCES)
.section tc
        call bpf_sk_fullsock
        r0 = 0
        exit

#== socket tuple is memory with a size
#= rejected: invalid read from stack R2 off=-8 size=12 (errno EINVAL)
.section tc
        r2 = r10
        r2 += -8
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        r0 = 0
        exit

#== socket is looked up from xdp
#= accepted
.section xdp
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 36
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r1 = r0
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is assigned to the packet
#= accepted
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r6
        r2 = r7
        r3 = 0
        call bpf_sk_assign
        r1 = r7
        call bpf_sk_release
1:      r0 = 0
        exit

#== socket is assigned to the packet and leaks
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        *(u64 *)(r10 - 48) = 0
        *(u64 *)(r10 - 40) = 0
        r2 = r10
        r2 += -48
        r3 = 12
        r4 = -1
        r5 = 0
        call bpf_sk_lookup_tcp
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r6
        r2 = r7
        r3 = 0
        call bpf_sk_assign
1:      r0 = 0
        exit

#== record is written and submitted
#= accepted
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        *(u64 *)(r7 + 8) = 1
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is discarded
#= accepted
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r2 = 0
        call bpf_ringbuf_discard
1:      r0 = 0
        exit

#== record is neither submitted nor discarded
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
1:      r0 = 0
        exit

#== record is not checked
#= rejected: R0 invalid mem access 'ringbuf_mem_or_null' (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        *(u64 *)(r0 + 0) = 1
        r0 = 0
        exit

#== record is submitted without a check
#= rejected: R1 type=ringbuf_mem_or_null expected=ringbuf_mem (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        r1 = r0
        r2 = 0
        call bpf_ringbuf_submit
        r0 = 0
        exit

#== record is written past its end
#= rejected: R7 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        *(u64 *)(r7 + 16) = 1
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is written before its start
#= rejected: R7 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        *(u64 *)(r7 - 8) = 1
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is read
#= accepted
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r8 = *(u64 *)(r7 + 0)
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is written after its submission
#= rejected: R7 invalid mem access 'scalar' (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
        *(u64 *)(r7 + 8) = 1
1:      r0 = 0
        exit

#== record is submitted twice
#= rejected: R1 type=scalar expected=ringbuf_mem (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is submitted and discarded
#= rejected: R1 type=scalar expected=ringbuf_mem (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
        r1 = r7
        r2 = 0
        call bpf_ringbuf_discard
1:      r0 = 0
        exit

#== record is submitted from its middle
#= rejected: R1 must have zero offset when passed to release func or trusted arg to kfunc (errno EINVAL)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r1 += 8
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is accessed at a variable offset
#= accepted
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 15
        r8 = r7
        r8 += r0
        *(u8 *)(r8 + 0) = 1
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is accessed at a variable offset past its end
#= rejected: R8 max value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 31
        r8 = r7
        r8 += r0
        *(u8 *)(r8 + 0) = 1
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== pointer moved at a variable offset is not submitted
#= rejected: variable ringbuf_mem access var_off=(0x0; 0xf) disallowed (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 15
        r1 = r7
        r1 += r0
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record of a size that is not known
#= rejected: R2 is not a known constant' (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r2 = r0
        r2 &= 15
        r1 = ring ll
        r3 = 0
        call bpf_ringbuf_reserve
        r0 = 0
        exit

#== record larger than the buffer is for the run to see
#= accepted
.section tc
        r1 = ring ll
        r2 = 8192
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is memory for helpers
#= accepted
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r2 = 16
        call bpf_trace_printk
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is memory for helpers within its size
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r1 = r7
        r2 = 17
        call bpf_trace_printk
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is a value for a map of its size
#= accepted
.section tc
        r1 = ring ll
        r2 = 64
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        *(u32 *)(r10 - 4) = 0
        r1 = vals ll
        r2 = r10
        r2 += -4
        r3 = r7
        r4 = 0
        call bpf_map_update_elem
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== stack is not submitted
#= rejected: R1 type=fp expected=ringbuf_mem (errno EACCES)
.section tc
        r1 = r10
        r1 += -16
        r2 = 0
        call bpf_ringbuf_submit
        r0 = 0
        exit

#== value of a map is not submitted
#= rejected: R1 type=map_value expected=ringbuf_mem (errno EACCES)
.section tc
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== pointer is stored into a record by a privileged program
#= accepted
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        *(u64 *)(r7 + 0) = r10
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== record is changed atomically
#= accepted
.section tc
        r1 = ring ll
        r2 = 16
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r7 = r0
        r8 = 1
        lock *(u64 *)(r7 + 0) += r8
        r1 = r7
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit
