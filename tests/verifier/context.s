#= kernel 6.18
# Access to the context by program type: which fields, which sizes, reading and writing, and what a load gives.
.license "GPL"

#== len is read
#= accepted
.section socket
        r0 = *(u32 *)(r1 + 0)
        r0 = 0
        exit

#== first byte of a field is read
#= accepted
.section socket
        r0 = *(u8 *)(r1 + 0)
        r0 = 0
        exit

#== last byte of a field is read
#= accepted
.section socket
        r0 = *(u8 *)(r1 + 3)
        r0 = 0
        exit

#== upper half of a field is read
#= accepted
.section socket
        r0 = *(u16 *)(r1 + 2)
        r0 = 0
        exit

#== halves of two fields are not read at once
#= rejected: invalid bpf_context access off=3 size=2 (errno EACCES)
.section socket
        r0 = *(u16 *)(r1 + 3)
        r0 = 0
        exit

#== two fields are not read at once
#= rejected: invalid bpf_context access off=0 size=8 (errno EACCES)
.section socket
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== misaligned load of the context
#= rejected: invalid bpf_context access off=2 size=4 (errno EACCES)
.section socket
        r0 = *(u32 *)(r1 + 2)
        r0 = 0
        exit

#== load past the end of the context
#= rejected: invalid bpf_context access off=192 size=4 (errno EACCES)
.section socket
        r0 = *(u32 *)(r1 + 192)
        r0 = 0
        exit

#== load before the context
#= rejected: invalid bpf_context access off=-4 size=4 (errno EACCES)
.section socket
        r0 = *(u32 *)(r1 - 4)
        r0 = 0
        exit

#== load far past the context
#= rejected: invalid bpf_context access off=32767 size=1 (errno EACCES)
.section socket
        r0 = *(u8 *)(r1 + 32767)
        r0 = 0
        exit

#== last field is not read across its end
#= rejected: invalid bpf_context access off=188 size=8 (errno EACCES)
.section socket
        r0 = *(u64 *)(r1 + 188)
        r0 = 0
        exit

#== len is not written
#= rejected: invalid bpf_context access off=0 size=4 (errno EACCES)
.section socket
        r0 = 0
        *(u32 *)(r1 + 0) = r0
        r0 = 0
        exit

#== mark is not written by a socket filter
#= rejected: invalid bpf_context access off=8 size=4 (errno EACCES)
.section socket
        r0 = 0
        *(u32 *)(r1 + 8) = r0
        r0 = 0
        exit

#== mark is written by tc
#= accepted
.section tc
        r0 = 0
        *(u32 *)(r1 + 8) = r0
        r0 = 0
        exit

#== mark is written by a control group program
#= accepted
.section cgroup_skb/ingress
        r0 = 0
        *(u32 *)(r1 + 8) = r0
        r0 = 0
        exit

#== byte of mark is not written
#= rejected: invalid bpf_context access off=8 size=1 (errno EACCES)
.section tc
        r0 = 0
        *(u8 *)(r1 + 8) = r0
        r0 = 0
        exit

#== half of mark is not written
#= rejected: invalid bpf_context access off=8 size=2 (errno EACCES)
.section tc
        r0 = 0
        *(u16 *)(r1 + 8) = r0
        r0 = 0
        exit

#== number is written to mark
#= accepted
.section tc
        r0 = 0
        *(u32 *)(r1 + 8) = 7
        r0 = 0
        exit

#== pointer is written to mark by a privileged program
#= accepted
.section tc
        r0 = 0
        *(u32 *)(r1 + 8) = r1
        r0 = 0
        exit

#== pointer is written to cb by a privileged program
#= accepted
.section tc
        r0 = 0
        *(u64 *)(r1 + 48) = r10
        r0 = 0
        exit

#== queue_mapping is written by tc
#= accepted
.section tc
        r0 = 0
        *(u32 *)(r1 + 12) = r0
        r0 = 0
        exit

#== queue_mapping is not written by a control group program
#= rejected: invalid bpf_context access off=12 size=4 (errno EACCES)
.section cgroup_skb/ingress
        r0 = 0
        *(u32 *)(r1 + 12) = r0
        r0 = 0
        exit

#== tc_index is written by tc
#= accepted
.section tc
        r0 = 0
        *(u32 *)(r1 + 44) = r0
        r0 = 0
        exit

#== tc_classid is written by tc
#= accepted
.section tc
        r0 = 0
        *(u32 *)(r1 + 72) = r0
        r0 = 0
        exit

#== tc_classid is not read by a socket filter
#= rejected: invalid bpf_context access off=72 size=4 (errno EACCES)
.section socket
        r0 = *(u32 *)(r1 + 72)
        r0 = 0
        exit

#== tc_classid is not read by a control group program
#= rejected: invalid bpf_context access off=72 size=4 (errno EACCES)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 72)
        r0 = 0
        exit

#== priority is written by a control group program
#= accepted
.section cgroup_skb/ingress
        r0 = 0
        *(u32 *)(r1 + 32) = r0
        r0 = 0
        exit

#== tstamp is written by tc
#= accepted
.section tc
        r0 = 0
        *(u64 *)(r1 + 152) = r0
        r0 = 0
        exit

#== tstamp is read whole
#= accepted
.section tc
        r0 = *(u64 *)(r1 + 152)
        r0 = 0
        exit

#== half of tstamp is not read
#= rejected: invalid bpf_context access off=152 size=4 (errno EACCES)
.section tc
        r0 = *(u32 *)(r1 + 152)
        r0 = 0
        exit

#== tstamp is not read by a socket filter
#= rejected: invalid bpf_context access off=152 size=8 (errno EACCES)
.section socket
        r0 = *(u64 *)(r1 + 152)
        r0 = 0
        exit

#== tstamp_type is read as a byte
#= accepted
.section tc
        r0 = *(u8 *)(r1 + 180)
        r0 = 0
        exit

#== tstamp_type is not read as a word
#= rejected: invalid bpf_context access off=180 size=4 (errno EACCES)
.section tc
        r0 = *(u32 *)(r1 + 180)
        r0 = 0
        exit

#== tstamp_type is not written
#= rejected: invalid bpf_context access off=180 size=1 (errno EACCES)
.section tc
        r0 = 0
        *(u8 *)(r1 + 180) = r0
        r0 = 0
        exit

#== hwtstamp is read by tc
#= accepted
.section tc
        r0 = *(u64 *)(r1 + 184)
        r0 = 0
        exit

#== hwtstamp is not written
#= rejected: invalid bpf_context access off=184 size=8 (errno EACCES)
.section tc
        r0 = 0
        *(u64 *)(r1 + 184) = r0
        r0 = 0
        exit

#== padding after tstamp_type is not read
#= rejected: invalid bpf_context access off=181 size=1 (errno EACCES)
.section tc
        r0 = *(u8 *)(r1 + 181)
        r0 = 0
        exit

#== cb is read bytewise
#= accepted
.section socket
        r0 = *(u8 *)(r1 + 67)
        r0 = 0
        exit

#== cb is read by 8 bytes
#= accepted
.section socket
        r0 = *(u64 *)(r1 + 48)
        r0 = 0
        exit

#== last word of cb has no 8 bytes
#= rejected: invalid bpf_context access off=64 size=8 (errno EACCES)
.section socket
        r0 = *(u64 *)(r1 + 64)
        r0 = 0
        exit

#== cb is written by a socket filter
#= accepted
.section socket
        r0 = 0
        *(u32 *)(r1 + 48) = r0
        r0 = 0
        exit

#== cb is written bytewise
#= accepted
.section socket
        r0 = 0
        *(u8 *)(r1 + 50) = r0
        r0 = 0
        exit

#== cb is not written across its end
#= rejected: invalid bpf_context access off=64 size=8 (errno EACCES)
.section socket
        r0 = 0
        *(u64 *)(r1 + 64) = r0
        r0 = 0
        exit

#== misaligned half of cb is not read
#= rejected: invalid bpf_context access off=49 size=2 (errno EACCES)
.section socket
        r0 = *(u16 *)(r1 + 49)
        r0 = 0
        exit

#== data is not read by a socket filter
#= rejected: invalid bpf_context access off=76 size=4 (errno EACCES)
.section socket
        r0 = *(u32 *)(r1 + 76)
        r0 = 0
        exit

#== data is read by tc
#= accepted
.section tc
        r0 = *(u32 *)(r1 + 76)
        r0 = 0
        exit

#== half of data is not read
#= rejected: invalid bpf_context access off=76 size=2 (errno EACCES)
.section tc
        r0 = *(u16 *)(r1 + 76)
        r0 = 0
        exit

#== data is not read as 8 bytes
#= rejected: invalid bpf_context access off=76 size=8 (errno EACCES)
.section tc
        r0 = *(u64 *)(r1 + 76)
        r0 = 0
        exit

#== data is not written
#= rejected: invalid bpf_context access off=76 size=4 (errno EACCES)
.section tc
        r0 = 0
        *(u32 *)(r1 + 76) = r0
        r0 = 0
        exit

#== data_end is read by a control group program
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 80)
        r0 = 0
        exit

#== data_meta is not read by a control group program
#= rejected: invalid bpf_context access off=140 size=4 (errno EACCES)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 140)
        r0 = 0
        exit

#== data_meta is read by tc
#= accepted
.section tc
        r0 = *(u32 *)(r1 + 140)
        r0 = 0
        exit

#== family is not read by tc
#= rejected: invalid bpf_context access off=88 size=4 (errno EACCES)
.section tc
        r0 = *(u32 *)(r1 + 88)
        r0 = 0
        exit

#== family is read by a control group program
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 88)
        r0 = 0
        exit

#== local_ip6 is read by words
#= accepted
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 120)
        r0 = 0
        exit

#== local_ip4 is read narrow
#= rejected: invalid bpf_context access off=96 size=1 (errno EACCES)
.section cgroup_skb/ingress
        r0 = *(u8 *)(r1 + 96)
        r0 = 0
        exit

#== flow_keys is not read by tc
#= rejected: invalid bpf_context access off=144 size=8 (errno EACCES)
.section tc
        r0 = *(u64 *)(r1 + 144)
        r0 = 0
        exit

#== sk is read as a whole pointer
#= accepted
.section tc
        r0 = *(u64 *)(r1 + 168)
        r0 = 0
        exit

#== half of sk is not read
#= rejected: invalid bpf_context access off=168 size=4 (errno EACCES)
.section tc
        r0 = *(u32 *)(r1 + 168)
        r0 = 0
        exit

#== sk is not written
#= rejected: invalid bpf_context access off=168 size=8 (errno EACCES)
.section tc
        r0 = 0
        *(u64 *)(r1 + 168) = r0
        r0 = 0
        exit

#== wire_len is not read by a control group program
#= rejected: invalid bpf_context access off=160 size=4 (errno EACCES)
.section cgroup_skb/ingress
        r0 = *(u32 *)(r1 + 160)
        r0 = 0
        exit

#== wire_len is read by tc
#= accepted
.section tc
        r0 = *(u32 *)(r1 + 160)
        r0 = 0
        exit

#== gso_size is read by a socket filter
#= accepted
.section socket
        r0 = *(u32 *)(r1 + 176)
        r0 = 0
        exit

#== context of an action is that of a classifier
#= accepted
.section action
        r0 = *(u32 *)(r1 + 76)
        r0 = 0
        exit

#== sign-extending load of a context field
#= accepted
.section socket
        r0 = *(s32 *)(r1 + 0)
        r0 = 0
        exit

#== sign-extending load of a packet pointer
#= rejected: invalid bpf_context access off=76 size=4 (errno EACCES)
.section tc
        r0 = *(s32 *)(r1 + 76)
        r0 = 0
        exit

#== load of a field is as wide as the load
#= accepted
.section socket
        r0 = *(u8 *)(r1 + 0)
        r1 = r10
        r1 += -256
        r1 += r0
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== xdp data is read
#= accepted
.section xdp
        r0 = *(u32 *)(r1 + 0)
        r0 = 0
        exit

#== xdp data is not read as 8 bytes
#= rejected: invalid bpf_context access off=0 size=8 (errno EACCES)
.section xdp
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== half of xdp data is not read
#= rejected: invalid bpf_context access off=0 size=2 (errno EACCES)
.section xdp
        r0 = *(u16 *)(r1 + 0)
        r0 = 0
        exit

#== xdp rx_queue_index is read
#= accepted
.section xdp
        r0 = *(u32 *)(r1 + 16)
        r0 = 0
        exit

#== byte of xdp rx_queue_index is not read
#= rejected: invalid bpf_context access off=16 size=1 (errno EACCES)
.section xdp
        r0 = *(u8 *)(r1 + 16)
        r0 = 0
        exit

#== xdp egress_ifindex is not read by a plain program
#= rejected: invalid bpf_context access off=20 size=4 (errno EACCES)
.section xdp
        r0 = *(u32 *)(r1 + 20)
        r0 = 0
        exit

#== xdp egress_ifindex is read by a program for a device map
#= accepted
.section xdp/devmap
        r0 = *(u32 *)(r1 + 20)
        r0 = 0
        exit

#== xdp context ends after its last field
#= rejected: invalid bpf_context access off=24 size=4 (errno EACCES)
.section xdp
        r0 = *(u32 *)(r1 + 24)
        r0 = 0
        exit

#== misaligned load of the xdp context
#= rejected: invalid bpf_context access off=1 size=4 (errno EACCES)
.section xdp
        r0 = *(u32 *)(r1 + 1)
        r0 = 0
        exit

#== xdp context is not written
#= rejected: invalid bpf_context access off=16 size=4 (errno EACCES)
.section xdp
        r0 = 0
        *(u32 *)(r1 + 16) = r0
        r0 = 0
        exit

#== xdp data is not written
#= rejected: invalid bpf_context access off=0 size=4 (errno EACCES)
.section xdp
        r0 = 0
        *(u32 *)(r1 + 0) = r0
        r0 = 0
        exit

#== kprobe reads a register of pt_regs
#= accepted
.section kprobe
        r0 = *(u64 *)(r1 + 112)
        r0 = 0
        exit

#== kprobe reads the first register
#= accepted
.section kprobe
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== kprobe reads half a register
#= accepted
.section kprobe
        r0 = *(u32 *)(r1 + 4)
        r0 = 0
        exit

#== kprobe misaligned
#= rejected: invalid bpf_context access off=4 size=8 (errno EACCES)
.section kprobe
        r0 = *(u64 *)(r1 + 4)
        r0 = 0
        exit

#== kprobe past the end of pt_regs
#= rejected: invalid bpf_context access off=168 size=8 (errno EACCES)
.section kprobe
        r0 = *(u64 *)(r1 + 168)
        r0 = 0
        exit

#== kprobe last register
#= accepted
.section kprobe
        r0 = *(u64 *)(r1 + 160)
        r0 = 0
        exit

#== kprobe does not write
#= rejected: invalid bpf_context access off=0 size=8 (errno EACCES)
.section kprobe
        r0 = 0
        *(u64 *)(r1 + 0) = r0
        r0 = 0
        exit

#== tracepoint does not read the common fields
#= rejected: invalid bpf_context access off=0 size=8 (errno EACCES)
.section tracepoint
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== tracepoint reads its first field
#= accepted
.section tracepoint
        r0 = *(u64 *)(r1 + 8)
        r0 = 0
        exit

#== tracepoint reads a byte
#= accepted
.section tracepoint
        r0 = *(u8 *)(r1 + 9)
        r0 = 0
        exit

#== tracepoint misaligned
#= rejected: invalid bpf_context access off=9 size=4 (errno EACCES)
.section tracepoint
        r0 = *(u32 *)(r1 + 9)
        r0 = 0
        exit

#== tracepoint reads up to the size of its record
#= accepted
.section tracepoint
        r0 = *(u64 *)(r1 + 2040)
        r0 = 0
        exit

#== tracepoint past the largest record
#= rejected: invalid bpf_context access off=8192 size=8 (errno EACCES)
.section tracepoint
        r0 = *(u64 *)(r1 + 8192)
        r0 = 0
        exit

#== tracepoint does not write
#= rejected: invalid bpf_context access off=8 size=8 (errno EACCES)
.section tracepoint
        r0 = 0
        *(u64 *)(r1 + 8) = r0
        r0 = 0
        exit

#== raw tracepoint reads an argument
#= accepted
.section raw_tracepoint
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== raw tracepoint reads its last argument
#= accepted
.section raw_tracepoint
        r0 = *(u64 *)(r1 + 88)
        r0 = 0
        exit

#== raw tracepoint past its arguments
#= rejected: invalid bpf_context access off=96 size=8 (errno EACCES)
.section raw_tracepoint
        r0 = *(u64 *)(r1 + 96)
        r0 = 0
        exit

#== raw tracepoint reads half an argument
#= accepted
.section raw_tracepoint
        r0 = *(u32 *)(r1 + 0)
        r0 = 0
        exit

#== raw tracepoint misaligned
#= rejected: invalid bpf_context access off=2 size=4 (errno EACCES)
.section raw_tracepoint
        r0 = *(u32 *)(r1 + 2)
        r0 = 0
        exit

#== raw tracepoint does not write
#= rejected: invalid bpf_context access off=0 size=8 (errno EACCES)
.section raw_tracepoint
        r0 = 0
        *(u64 *)(r1 + 0) = r0
        r0 = 0
        exit

#== context pointer plus a constant is read
#= rejected: dereference of modified ctx ptr R1 off=8 disallowed (errno EACCES)
.section socket
        r1 += 8
        r0 = *(u32 *)(r1 + 0)
        r0 = 0
        exit

#== context pointer plus a constant and back
#= rejected: dereference of modified ctx ptr R1 off=8 disallowed (errno EACCES)
.section socket
        r1 += 8
        r0 = *(u32 *)(r1 - 8)
        r0 = 0
        exit

#== context pointer plus a variable
#= rejected: variable ctx access var_off=(0x0; 0x4) disallowed (errno EACCES)
.section socket
        r2 = *(u32 *)(r1 + 0)
        r2 &= 4
        r1 += r2
        r0 = *(u32 *)(r1 + 0)
        r0 = 0
        exit

#== context pointer plus a variable in a kprobe
#= rejected: variable ctx access var_off=(0x0; 0x8) disallowed (errno EACCES)
.section kprobe
        r2 = *(u64 *)(r1 + 0)
        r2 &= 8
        r1 += r2
        r0 = *(u64 *)(r1 + 0)
        r0 = 0
        exit

#== context pointer with a large offset
#= rejected: math between ctx pointer and 805306368 is not allowed (errno EINVAL)
.section socket
        r1 += 0x30000000
        r0 = *(u32 *)(r1 + 0)
        r0 = 0
        exit

#== moved context pointer is no context for a helper
#= rejected: dereference of modified ctx ptr R1 off=4 disallowed (errno EACCES)
.section socket
        r1 += 4
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== context pointer moved and back is one for a helper
#= accepted
.section socket
        r1 += 4
        r1 -= 4
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== context pointer minus a constant
#= rejected: negative offset ctx ptr R1 off=-4 disallowed (errno EACCES)
.section socket
        r1 -= 4
        r0 = *(u32 *)(r1 + 4)
        r0 = 0
        exit

#== context pointer is used after a call
#= accepted
.section socket
        r6 = r1
        call bpf_ktime_get_ns
        r0 = *(u32 *)(r6 + 0)
        r0 = 0
        exit

#== context pointer in r1 is gone after a call
#= rejected: R1 !read_ok (errno EACCES)
.section socket
        call bpf_ktime_get_ns
        r0 = *(u32 *)(r1 + 0)
        r0 = 0
        exit

#== context pointer of two ways is one
#= accepted
.section socket
        r6 = r1
        r2 = *(u32 *)(r1 + 0)
        if r2 > 5 goto 1f
        r6 = r1
1:      r0 = *(u32 *)(r6 + 0)
        r0 = 0
        exit

#== one instruction loads from the context and from the stack
#= rejected: same insn cannot be used with different pointers (errno EINVAL)
.section socket
        *(u64 *)(r10 - 8) = 0
        r6 = r1
        r2 = *(u32 *)(r1 + 0)
        if r2 > 5 goto 1f
        r6 = r10
        r6 += -8
1:      r0 = *(u32 *)(r6 + 0)
        r0 = 0
        exit

#== one instruction stores to the context and to the stack
#= rejected: same insn cannot be used with different pointers (errno EINVAL)
.section socket
        r6 = r1
        r2 = *(u32 *)(r1 + 0)
        if r2 > 5 goto 1f
        r6 = r10
        r6 += -56
1:      *(u32 *)(r6 + 48) = 1
        r0 = 0
        exit

#== one instruction loads from a socket and from the context
#= rejected: same insn cannot be used with different pointers (errno EINVAL)
.section socket
        r6 = r1
        r2 = *(u64 *)(r1 + 168)
        if r2 == 0 goto 1f
        r6 = r2
1:      r0 = *(u32 *)(r6 + 4)
        r0 = 0
        exit

#== what lies before a tracepoint's record is read
#= type: tracepoint
#= accepted
.section tp
        r0 = *(u64 *)(r1 - 8)
        r0 = 0
        exit

#== half of what lies before a tracepoint's record is read
#= type: tracepoint
#= accepted
.section tp
        r0 = *(u32 *)(r1 - 4)
        r0 = 0
        exit

#== before a tracepoint's record, not aligned
#= type: tracepoint
#= rejected: invalid bpf_context access off=-6 size=8 (errno EACCES)
.section tp
        r0 = *(u64 *)(r1 - 6)
        r0 = 0
        exit

#== before a tracepoint's record nothing is written
#= type: tracepoint
#= rejected: invalid bpf_context access off=-8 size=8 (errno EACCES)
.section tp
        *(u64 *)(r1 - 8) = 0
        r0 = 0
        exit

#== the hidden start of a tracepoint's record
#= type: tracepoint
#= rejected: invalid bpf_context access off=4 size=4 (errno EACCES)
.section tp
        r0 = *(u32 *)(r1 + 4)
        r0 = 0
        exit

#== nothing lies before a kprobe's registers
#= type: kprobe
#= rejected: invalid bpf_context access off=-8 size=8 (errno EACCES)
.section kprobe
        r0 = *(u64 *)(r1 - 8)
        r0 = 0
        exit

#== xdp egress_ifindex is not read beyond its end
#= rejected: invalid bpf_context access off=22 size=4 (errno EACCES)
.section xdp/devmap
        r0 = *(u32 *)(r1 + 22)
        exit

#== xdp egress_ifindex is not read in part
#= rejected: invalid bpf_context access off=20 size=2 (errno EACCES)
.section xdp/devmap
        r0 = *(u16 *)(r1 + 20)
        exit
