#= kernel 6.18
# Arguments of helpers by kind: memory with its size, what may be null, numbers, context, pointers to results; which
# program may call which helper; what a call leaves in the registers.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4

#== memory and a constant size
#= accepted
.section kprobe
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== memory and a size of zero where zero is allowed
#= accepted
.section kprobe
        r1 = r10
        r1 += -16
        r2 = 0
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== memory and a negative size
#= rejected: R2 min value is negative, either use unsigned or 'var &= const' (errno EACCES)
.section kprobe
        r1 = r10
        r1 += -16
        r2 = -1
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== memory and a size too large
#= rejected: invalid write to stack R1 off=-16 size=17 (errno EINVAL)
.section kprobe
        r1 = r10
        r1 += -16
        r2 = 17
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== memory and a huge size
#= rejected: R2 unbounded memory access, use 'var &= const' or 'if (var < const)' (errno EACCES)
.section kprobe
        r1 = r10
        r1 += -16
        r2 = 0x40000000
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== memory and a size unset
#= rejected: R2 !read_ok (errno EACCES)
.section kprobe
        r1 = r10
        r1 += -16
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== memory and a pointer for its size
#= rejected: R2 type=ctx expected=scalar (errno EACCES)
.section kprobe
        r2 = r1
        r1 = r10
        r1 += -16
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== null memory and a size of zero
#= rejected: R1 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section kprobe
        r1 = 0
        r2 = 0
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== null memory and a size
#= rejected: R1 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section kprobe
        r1 = 0
        r2 = 8
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== size without any bound
#= rejected: R2 min value is negative, either use unsigned or 'var &= const' (errno EACCES)
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== size of 32 bits without an upper bound
#= rejected: R2 unbounded memory access, use 'var &= const' or 'if (var < const)' (errno EACCES)
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        w2 = w2
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== size with a mask
#= accepted
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        r2 &= 63
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== size with a mask one too wide
#= rejected: invalid write to stack R1 off=-64 size=127 (errno EINVAL)
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        r2 &= 127
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== size with an unsigned upper bound
#= accepted
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        if r2 > 64 goto 1f
        call bpf_probe_read_kernel
1:      r0 = 0
        exit

#== size with an unsigned upper bound, off by one
#= rejected: invalid write to stack R1 off=-64 size=65 (errno EINVAL)
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        if r2 > 65 goto 1f
        call bpf_probe_read_kernel
1:      r0 = 0
        exit

#== size with a signed upper bound alone
#= rejected: R2 min value is negative, either use unsigned or 'var &= const' (errno EACCES)
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        if r2 s> 64 goto 1f
        call bpf_probe_read_kernel
1:      r0 = 0
        exit

#== size with both signed bounds
#= accepted
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        if r2 s> 64 goto 1f
        if r2 s< 0 goto 1f
        call bpf_probe_read_kernel
1:      r0 = 0
        exit

#== size checked in 32 bits
#= accepted
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        w2 = w2
        if w2 > 64 goto 1f
        call bpf_probe_read_kernel
1:      r0 = 0
        exit

#== size checked in 32 bits only, upper half unknown
#= rejected: R2 min value is negative, either use unsigned or 'var &= const' (errno EACCES)
.section kprobe
        call bpf_ktime_get_ns
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        if w2 > 64 goto 1f
        call bpf_probe_read_kernel
1:      r0 = 0
        exit

#== size with an upper bound after a copy
#= accepted
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        r4 = r2
        if r4 > 64 goto 1f
        call bpf_probe_read_kernel
1:      r0 = 0
        exit

#== memory of a size that may be zero is null on one way
#= rejected: R1 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section kprobe
        call bpf_get_prandom_u32
        r2 = r0
        r1 = r10
        r1 += -64
        r3 = 0
        r2 &= 63
        if r2 != 0 goto 2f
        r1 = 0
2:      call bpf_probe_read_kernel
        r0 = 0
        exit

#== size of zero where zero is not allowed
#= rejected: R2 invalid zero-sized read: u64=[0,0] (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = r10
        r1 += -8
        r2 = 0
        call bpf_trace_printk
        r0 = 0
        exit

#== size that may be zero where zero is not allowed
#= rejected: R2 invalid zero-sized read: u64=[0,7] (errno EACCES)
.section tc
        *(u64 *)(r10 - 8) = 0
        call bpf_get_prandom_u32
        r2 = r0
        r2 &= 7
        r1 = r10
        r1 += -8
        call bpf_trace_printk
        r0 = 0
        exit

#== size that cannot be zero
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        call bpf_get_prandom_u32
        r2 = r0
        r2 &= 7
        r2 += 1
        r1 = r10
        r1 += -8
        call bpf_trace_printk
        r0 = 0
        exit

#== memory never written is read by a helper, unprivileged
#= unprivileged
#= rejected: invalid read from stack R2 off=-4 size=4 (errno EACCES)
.section socket
        r1 = vals ll
        r2 = r10
        r2 += -4
        call bpf_map_delete_elem
        r0 = 0
        exit

#== null where memory is needed
#= rejected: R1 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r1 = 0
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== context where memory is needed
#= rejected: R1 type=ctx expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== map where memory is needed
#= rejected: R1 type=map_ptr expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r1 = vals ll
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== number where memory is needed
#= rejected: R1 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r1 = 4096
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== function where memory is needed
#= rejected: R1 type=func expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r1 = f ll
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== value of a map is memory
#= accepted
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r2 = 64
        call bpf_trace_printk
1:      r0 = 0
        exit

#== value of a map, size too large
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r2 = 65
        call bpf_trace_printk
1:      r0 = 0
        exit

#== value of a map with an offset
#= accepted
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r1 += 60
        r2 = 4
        call bpf_trace_printk
1:      r0 = 0
        exit

#== value of a map with an offset, size too large
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r1 += 60
        r2 = 5
        call bpf_trace_printk
1:      r0 = 0
        exit

#== value of a map with a variable offset and size
#= accepted
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 31
        r7 += r0
        call bpf_get_prandom_u32
        r2 = r0
        r2 &= 15
        r2 += 1
        r1 = r7
        call bpf_trace_printk
1:      r0 = 0
        exit

#== value of a map with a variable offset and a size too large
#= rejected: R1 max value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r7 = r0
        call bpf_get_prandom_u32
        r0 &= 31
        r7 += r0
        call bpf_get_prandom_u32
        r2 = r0
        r2 &= 63
        r2 += 1
        r1 = r7
        call bpf_trace_printk
1:      r0 = 0
        exit

#== value or null where memory is needed
#= rejected: R1 type=map_value_or_null expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r1 = r0
        r2 = 64
        call bpf_trace_printk
        r0 = 0
        exit

#== value or null where memory may be null
#= accepted
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r1 = r0
        r2 = 4
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_csum_diff
        r0 = 0
        exit

#== null and zero where memory may be null
#= accepted
.section tc
        r1 = 0
        r2 = 0
        *(u64 *)(r10 - 8) = 0
        r3 = r10
        r3 += -8
        r4 = 8
        r5 = 0
        call bpf_csum_diff
        r0 = 0
        exit

#== null and a size where memory may be null
#= rejected: R1 type=scalar expected=fp (errno EACCES)
.section tc
        r1 = 0
        r2 = 4
        *(u64 *)(r10 - 8) = 0
        r3 = r10
        r3 += -8
        r4 = 8
        r5 = 0
        call bpf_csum_diff
        r0 = 0
        exit

#== null and a size that may be more than zero
#= rejected: R1 type=scalar expected=fp (errno EACCES)
.section tc
        call bpf_get_prandom_u32
        r2 = r0
        r2 &= 4
        r1 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_csum_diff
        r0 = 0
        exit

#== number that is not null where memory may be null
#= rejected: R1 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r1 = 8
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_csum_diff
        r0 = 0
        exit

#== memory and a size of zero where memory may be null
#= accepted
.section tc
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_csum_diff
        r0 = 0
        exit

#== context argument
#= accepted
.section tc
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== stack where the context is needed
#= rejected: R1 type=fp expected=ctx (errno EACCES)
.section tc
        r1 = r10
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== number where the context is needed
#= rejected: R1 type=scalar expected=ctx (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== value of a map where the context is needed
#= rejected: R1 type=map_value expected=ctx (errno EACCES)
.section tc
        r6 = r1
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r0 == 0 goto 1f
        r1 = r0
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
1:      r0 = 0
        exit

#== context or null: null
#= rejected: R1 type=scalar expected=ctx (errno EACCES)
.section tc
        r1 = 0
        call bpf_get_socket_cookie
        r0 = 0
        exit

#== null where a tracing context or null is taken
#= accepted
.section tc
        r1 = 0
        call bpf_get_netns_cookie
        r0 = 0
        exit

#== stack where a context or null is taken
#= rejected: R1 type=fp expected=ctx (errno EACCES)
.section tc
        r1 = r10
        call bpf_get_netns_cookie
        r0 = 0
        exit

#== pointer where a number is taken, privileged
#= accepted
.section tc
        r2 = r10
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== pointer where a number is taken, unprivileged
#= unprivileged
#= rejected: R2 leaks addr into helper function (errno EACCES)
.section socket
        r2 = r10
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== result of 8 bytes to the stack
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0x3031
        r1 = r10
        r1 += -8
        r2 = 4
        r3 = 0
        r4 = r10
        r4 += -16
        call bpf_strtol
        r0 = *(u64 *)(r10 - 16)
        exit

#== memory of a fixed size to the stack
#= accepted
.section tc
        r2 = r10
        r2 += -28
        r3 = 28
        r4 = 0
        call bpf_skb_get_tunnel_key
        r0 = 0
        exit

#== fixed result of 4 bytes in the middle of a slot
#= accepted
.section tc
        r2 = 0
        r3 = r10
        r3 += -12
        r4 = 0
        r5 = 0
        call bpf_check_mtu
        r0 = 0
        exit

#== fixed result of 4 bytes
#= accepted
.section tc
        r2 = 0
        *(u32 *)(r10 - 4) = 0
        r3 = r10
        r3 += -4
        r4 = 0
        r5 = 0
        call bpf_check_mtu
        r0 = 0
        exit

#== fixed result of 4 bytes, misaligned
#= rejected: misaligned stack access off 0+-6+0 size 4 (errno EACCES)
.section tc
        r2 = 0
        *(u64 *)(r10 - 8) = 0
        r3 = r10
        r3 += -6
        r4 = 0
        r5 = 0
        call bpf_check_mtu
        r0 = 0
        exit

#== fixed result of 4 bytes past the stack
#= rejected: invalid write to stack R3 off=0 size=4 (errno EACCES)
.section tc
        r2 = 0
        r3 = r10
        r3 += 0
        r4 = 0
        r5 = 0
        call bpf_check_mtu
        r0 = 0
        exit

#== fixed result as a number
#= rejected: R3 type=scalar expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_ (errno EACCES)
.section tc
        r2 = 0
        r3 = 0
        r4 = 0
        r5 = 0
        call bpf_check_mtu
        r0 = 0
        exit

#== format in constant data
#= accepted
.section tc
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = fmt ll
        r4 = 0
        r5 = 0
        call bpf_snprintf
        r0 = 0
        exit
.rodata
fmt:    .asciz "hello"

#== format on the stack
#= rejected: R3 type=fp expected=map_value (errno EACCES)
.section tc
        *(u64 *)(r10 - 24) = 0
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = r10
        r3 += -24
        r4 = 0
        r5 = 0
        call bpf_snprintf
        r0 = 0
        exit

#== format in data that may change
#= rejected: R3 does not point to a readonly map' (errno EACCES)
.section tc
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = fmt ll
        r4 = 0
        r5 = 0
        call bpf_snprintf
        r0 = 0
        exit
.data
fmt:    .asciz "hello"

#== format at a variable offset
#= rejected: R3 is not a constant address' (errno EACCES)
.section tc
        call bpf_get_prandom_u32
        r0 &= 1
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = fmt ll
        r3 += r0
        r4 = 0
        r5 = 0
        call bpf_snprintf
        r0 = 0
        exit
.rodata
fmt:    .asciz "hello"

#== format without an end
#= rejected: string is not zero-terminated (errno EINVAL)
.section tc
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = fmt ll
        r4 = 0
        r5 = 0
        call bpf_snprintf
        r0 = 0
        exit
.rodata
fmt:    .ascii "hello"

#== format that takes arguments which are not given
#= rejected: Invalid format string (errno EINVAL)
.section tc
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = fmt ll
        r4 = 0
        r5 = 0
        call bpf_snprintf
        r0 = 0
        exit
.rodata
fmt:    .asciz "%d"

#== format with a conversion that is unknown
#= rejected: Invalid format string (errno EINVAL)
.section tc
        *(u64 *)(r10 - 24) = 0
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = fmt ll
        r4 = r10
        r4 += -24
        r5 = 8
        call bpf_snprintf
        r0 = 0
        exit
.rodata
fmt:    .asciz "%y"

#== arguments of a format are of 8 bytes each
#= rejected: 9: (85) call bpf_snprintf#165 (errno EINVAL)
.section tc
        *(u64 *)(r10 - 24) = 0
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = fmt ll
        r4 = r10
        r4 += -24
        r5 = 7
        call bpf_snprintf
        r0 = 0
        exit
.rodata
fmt:    .asciz "%d"

#== compared string in constant data
#= accepted
.section tc
        r1 = r10
        r1 += -8
        *(u64 *)(r10 - 8) = 0
        r2 = 8
        r3 = text ll
        call bpf_strncmp
        exit
.rodata
text:   .asciz "abc"

#== compared string on the stack
#= rejected: R3 type=fp expected=map_value (errno EACCES)
.section tc
        r1 = r10
        r1 += -8
        *(u64 *)(r10 - 8) = 0
        r2 = 8
        r3 = r10
        r3 += -8
        call bpf_strncmp
        exit

#== number of no helper
#= rejected: program of this type cannot use helper bpf_unspec#0 (errno EINVAL)
.section tc
        call 0
        exit

#== number past the last helper
#= rejected: invalid func unknown#5000 (errno EINVAL)
.section tc
        call 5000
        exit

#== negative number of a helper
#= rejected: invalid func unknown#-1 (errno EINVAL)
.section tc
        call -1
        exit

#== xdp helper from tc
#= rejected: program of this type cannot use helper bpf_xdp_adjust_head#44 (errno EINVAL)
.section tc
        r2 = 0
        call bpf_xdp_adjust_head
        r0 = 0
        exit

#== tc helper from xdp
#= rejected: program of this type cannot use helper bpf_skb_load_bytes#26 (errno EINVAL)
.section xdp
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== tc helper from a socket filter
#= rejected: program of this type cannot use helper bpf_skb_pull_data#39 (errno EINVAL)
.section socket
        r2 = 8
        call bpf_skb_pull_data
        r0 = 0
        exit

#== helper about the current task from xdp
#= accepted
.section xdp
        r1 = r10
        r1 += -16
        r2 = 16
        call bpf_get_current_comm
        r0 = 0
        exit

#== tracing helper from a tracepoint
#= accepted
.section tracepoint
        r1 = r10
        r1 += -16
        r2 = 16
        call bpf_get_current_comm
        r0 = 0
        exit

#== network helper from a kprobe
#= rejected: program of this type cannot use helper bpf_redirect#23 (errno EINVAL)
.section kprobe
        r1 = 1
        r2 = 0
        call bpf_redirect
        r0 = 0
        exit

#== helper only for GPL in another licence
#= license: none
#= rejected: cannot call GPL-restricted function from non-GPL compatible program (errno EINVAL)
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = r10
        r1 += -8
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== helper for all in another licence
#= license: none
#= accepted
.section tc
        call bpf_ktime_get_ns
        r0 = 0
        exit

#== helper only for GPL in a licence compatible with it
#= license: Dual MIT/GPL
#= accepted
.section tc
        *(u64 *)(r10 - 8) = 0
        r1 = r10
        r1 += -8
        r2 = 8
        call bpf_trace_printk
        r0 = 0
        exit

#== kernel is read only by GPL
#= license: Proprietary
#= rejected: cannot call GPL-restricted function from non-GPL compatible program (errno EINVAL)
.section kprobe
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_probe_read_kernel
        r0 = 0
        exit

#== helper that may sleep in a program that may not
#= rejected: helper call might sleep in a non-sleepable prog (errno EINVAL)
.section kprobe
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        r0 = 0
        exit

#== helper that may sleep in a sleepable program
#= accepted
.section uprobe.s
        r1 = r10
        r1 += -16
        r2 = 16
        r3 = 0
        call bpf_copy_from_user
        r0 = 0
        exit

#== network program cannot sleep
#= flags: sleepable
#= rejected: Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be sleepable (errno EINVAL)
.section tc
        r0 = 0
        exit

#== return value of the probed function may not be changed here
#= rejected: program of this type cannot use helper bpf_override_return#58 (errno EINVAL)
.section kprobe
        r2 = 0
        call bpf_override_return
        r0 = 0
        exit

#== write to memory of the user
#= rejected: program of this type cannot use helper bpf_probe_write_user#36 (errno EINVAL)
.section kprobe
        r1 = 0
        r2 = r10
        r2 += -8
        *(u64 *)(r10 - 8) = 0
        r3 = 8
        call bpf_probe_write_user
        r0 = 0
        exit

#== call leaves r6 to r9
#= accepted
.section tc
        r6 = 1
        r9 = 2
        call bpf_ktime_get_ns
        r0 = r6
        r0 += r9
        exit

#== call clobbers r2
#= rejected: R2 !read_ok (errno EACCES)
.section tc
        r2 = 1
        call bpf_ktime_get_ns
        r0 = r2
        exit

#== call clobbers r5
#= rejected: R5 !read_ok (errno EACCES)
.section tc
        r5 = 1
        call bpf_ktime_get_ns
        r0 = r5
        exit

#== call sets r0
#= accepted
.section tc
        call bpf_ktime_get_ns
        exit

#== call without a value sets r0 all the same
#= accepted
.section tc
        r1 = r1
        call bpf_get_hash_recalc
        exit

#== argument that a helper does not take may be unset
#= accepted
.section tc
        call bpf_get_smp_processor_id
        exit

#== context must be in r1 for a helper that takes it
#= rejected: R1 type=scalar expected=ctx (errno EACCES)
.section tc
        r1 = 0
        call bpf_get_hash_recalc
        r0 = 0
        exit

#== result of a helper with a known range
#= accepted
.section kprobe
        r1 = r10
        r1 += -64
        r2 = 64
        r3 = 0
        call bpf_probe_read_kernel_str
        if r0 s< 0 goto 1f
        r1 = r10
        r1 += -64
        r1 += r0
        *(u8 *)(r1 - 1) = 0
1:      r0 = 0
        exit

#== result of a helper not checked to be positive
#= rejected: invalid variable-offset write to stack R1 var_off=(0x0; 0xffffffffffffffff) off=-65 size=1 (errno EACCES)
.section kprobe
        r1 = r10
        r1 += -64
        r2 = 64
        r3 = 0
        call bpf_probe_read_kernel_str
        r1 = r10
        r1 += -64
        r1 += r0
        *(u8 *)(r1 - 1) = 0
        r0 = 0
        exit

#== number of the processor is bounded
#= accepted
.section tc
        call bpf_get_smp_processor_id
        if r0 < 8192 goto 1f
        r0 = *(u64 *)(r9 + 0)
1:      r0 = 0
        exit

#== kernel function of no number
#= rejected: invalid kernel function call not eliminated in verifier pass (errno EINVAL)
.section tc
        call kfunc(0)
        r0 = 0
        exit

#== kernel function of a number that is no function
#= rejected: kernel btf_id 1 is not a function (errno EINVAL)
.section tc
        call kfunc(1)
        r0 = 0
        exit

#== kernel function of a number past all types
#= rejected: kernel btf_id 2147483647 is not a function (errno EINVAL)
.section tc
        call kfunc(0x7fffffff)
        r0 = 0
        exit

#== kernel function of a module without descriptors
#= rejected: failed to find BTF for kernel function (errno 71)
.section tc
        call kfunc(1, 5)
        r0 = 0
        exit

#== kernel function from a program without a GPL licence
#= license: none
#= rejected: cannot call kernel function from non-GPL compatible program (errno EINVAL)
.section tc
        call kfunc(1)
        r0 = 0
        exit

#== flags of a branch snapshot are not looked at
#= type: kprobe
#= accepted
.section kprobe
        r1 = r10
        r1 += -24
        r2 = 24
        call bpf_get_branch_snapshot
        r0 = 0
        exit
