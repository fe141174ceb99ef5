#= kernel 6.18
# Memory that programs share with user space: numbers become pointers by a cast, and are followed anywhere.
.license "GPL"
.map arena, arena, entries=4, flags=0x400, extra=0x10000000000
.map nowhere, arena, entries=4, flags=0x400

#== arena is cast to and read
#= accepted
.section tc
        r1 = arena ll
        r1 = 0
        r2 = addr_space_cast(r1, 0, 1)
        r0 = *(u64 *)(r2 + 0)
        r0 = 0
        exit

#== arena pointer is written
#= accepted
.section tc
        r1 = arena ll
        r1 = 0
        r2 = addr_space_cast(r1, 0, 1)
        *(u64 *)(r2 + 0) = 1
        r0 = 0
        exit

#== arena number is not followed without a cast
#= rejected: R1 invalid mem access 'scalar' (errno EACCES)
.section tc
        r1 = arena ll
        r1 = 0
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== arena pointer cast back is a number
#= rejected: R3 invalid mem access 'scalar' (errno EACCES)
.section tc
        r1 = arena ll
        r1 = 0
        r2 = addr_space_cast(r1, 0, 1)
        r3 = addr_space_cast(r2, 1, 0)
        r0 = *(u64 *)(r3 + 0)
        r0 = 0
        exit

#== arena pointer takes any number
#= accepted
.section tc
        r1 = arena ll
        call bpf_ktime_get_ns
        r2 = addr_space_cast(r0, 0, 1)
        r2 += r0
        r0 = *(u64 *)(r2 + 0)
        r0 = 0
        exit

#== arena pointer is changed atomically
#= accepted
.section tc
        r1 = arena ll
        r1 = 0
        r2 = addr_space_cast(r1, 0, 1)
        r3 = 1
        lock *(u64 *)(r2 + 0) += r3
        r0 = 0
        exit

#== arena pointer is read with its sign
#= accepted
.section tc
        r1 = arena ll
        r1 = 0
        r2 = addr_space_cast(r1, 0, 1)
        r0 = *(s32 *)(r2 + 0)
        r0 = 0
        exit

#== arena pointer is no memory for helpers
#= rejected: R1 type=arena expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r1 = arena ll
        r1 = 0
        r2 = addr_space_cast(r1, 0, 1)
        r1 = r2
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== arena is no map for a look-up
#= rejected: invalid zero-sized read (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r2 = r10
        r2 += -8
        r1 = arena ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== pointer is cast to the arena
#= accepted
.section tc
        r1 = arena ll
        r2 = addr_space_cast(r10, 0, 1)
        r0 = *(u64 *)(r2 - 8)
        r0 = 0
        exit

#== value of a map is cast to the arena
#= accepted
.section tc
        r3 = arena ll
        r1 = mem ll
        r2 = addr_space_cast(r1, 0, 1)
        r0 = 0
        exit
.data
mem:    .zero 8

#== arena without an address
#= rejected: arena's user address must be set via map_extra or mmap() (errno EINVAL)
.section tc
        r1 = nowhere ll
        r0 = 0
        exit

#== two arenas
#= rejected: Only one arena per program (errno EBUSY)
.section tc
        r1 = arena ll
        r1 = nowhere ll
        r0 = 0
        exit

#== arena with a licence that is not GPL
#= license: none
#= accepted
.section tc
        r1 = arena ll
        r0 = 0
        exit

#== arena in an unprivileged program
#= unprivileged
#= rejected: CAP_BPF and CAP_PERFMON are required to use arena (errno EPERM)
.section socket
        r1 = arena ll
        r0 = 0
        exit

#== number plus an arena pointer is one
#= accepted
.section tc
        r9 = arena ll
        r2 = addr_space_cast(r9, 0, 1)
        r3 = 5
        r3 += r2
        r0 = *(u32 *)(r3 + 0)
        r0 = 0
        exit

#== number shifted by an arena pointer becomes one
#= accepted
.section tc
        r9 = arena ll
        r2 = addr_space_cast(r9, 0, 1)
        r3 = 0
        w3 s>>= w2
        *(u64 *)(r3 + 0) = 1
        r0 = 0
        exit

#== difference of a number and an arena pointer is an arena pointer
#= accepted
.section tc
        r9 = arena ll
        r2 = addr_space_cast(r9, 0, 1)
        r3 = 7
        w3 -= w2
        r4 = r3
        r0 = 0
        exit

#== frame pointer plus an arena pointer is an arena pointer
#= accepted
.section tc
        r9 = arena ll
        r2 = addr_space_cast(r9, 0, 1)
        r6 = r10
        r6 += r2
        *(u64 *)(r6 - 600) = 1
        r0 = 0
        exit

#== context minus an arena pointer is an arena pointer
#= accepted
.section tc
        r9 = arena ll
        r2 = addr_space_cast(r9, 0, 1)
        r6 = r1
        r6 -= r2
        r7 = *(u64 *)(r6 + 0)
        r0 = 0
        exit

#== arena pointer plus the frame pointer stays one
#= accepted
.section tc
        r9 = arena ll
        r2 = addr_space_cast(r9, 0, 1)
        r2 += r10
        r6 = *(u8 *)(r2 + 0)
        r0 = 0
        exit

#== unknown number divided by an arena pointer becomes one
#= accepted
.section tc
        r9 = arena ll
        r2 = addr_space_cast(r9, 0, 1)
        r6 = *(u32 *)(r1 + 0)
        r6 /= r2
        r6 *= r2
        if r6 > 5 goto +0
        r0 = 0
        exit
