#= kernel 6.18
# The stack: 512 bytes below r10, written before they are read; what a slot keeps of the register stored in it;
# variable offsets; helpers that read and write it; frames of callers.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4

#== slot that was written may be read
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 1
        r0 = *(u64 *)(r10 - 8)
        exit

#== whole stack is 512 bytes
#= accepted
.section socket
        *(u64 *)(r10 - 512) = 1
        r0 = 0
        exit

#== store below the stack
#= rejected: invalid write to stack R10 off=-520 size=8 (errno EACCES)
.section socket
        *(u64 *)(r10 - 520) = 1
        r0 = 0
        exit

#== store at the frame pointer
#= rejected: invalid write to stack R10 off=0 size=8 (errno EACCES)
.section socket
        *(u64 *)(r10 + 0) = 1
        r0 = 0
        exit

#== store above the frame pointer
#= rejected: invalid write to stack R10 off=8 size=8 (errno EACCES)
.section socket
        *(u64 *)(r10 + 8) = 1
        r0 = 0
        exit

#== byte store just below the frame pointer
#= accepted
.section socket
        *(u8 *)(r10 - 1) = 1
        r0 = 0
        exit

#== load below the stack
#= rejected: invalid read from stack R10 off=-520 size=8 (errno EACCES)
.section socket
        r0 = *(u64 *)(r10 - 520)
        exit

#== load above the frame pointer
#= rejected: invalid read from stack R10 off=0 size=4 (errno EACCES)
.section socket
        r0 = *(u32 *)(r10 + 0)
        exit

#== slot never written may be read by a privileged program
#= accepted
.section socket
        r0 = *(u64 *)(r10 - 8)
        exit

#== byte beside a written one may be read by a privileged program
#= accepted
.section socket
        *(u8 *)(r10 - 8) = 1
        r0 = *(u16 *)(r10 - 8)
        exit

#== slot never written may not be read by an unprivileged program
#= unprivileged
#= rejected: invalid read from stack R10 off=-8 size=8 (errno EACCES)
.section socket
        r0 = *(u64 *)(r10 - 8)
        exit

#== byte beside a written one may not be read by an unprivileged program
#= unprivileged
#= rejected: invalid read from stack off -8+1 size 2 (errno EACCES)
.section socket
        *(u8 *)(r10 - 8) = 1
        r0 = *(u16 *)(r10 - 8)
        exit

#== written slot may be read by an unprivileged program
#= unprivileged
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 1
        r0 = *(u64 *)(r10 - 8)
        exit

#== misaligned store of 8 bytes
#= rejected: misaligned stack access off 0+0+-12 size 8 (errno EACCES)
.section socket
        *(u64 *)(r10 - 12) = 1
        r0 = 0
        exit

#== misaligned store of 4 bytes
#= rejected: misaligned stack access off 0+0+-6 size 4 (errno EACCES)
.section socket
        *(u32 *)(r10 - 6) = 1
        r0 = 0
        exit

#== misaligned store of 2 bytes
#= rejected: misaligned stack access off 0+0+-3 size 2 (errno EACCES)
.section socket
        *(u16 *)(r10 - 3) = 1
        r0 = 0
        exit

#== misaligned load of 8 bytes
#= rejected: misaligned stack access off 0+0+-12 size 8 (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = 1
        *(u64 *)(r10 - 16) = 1
        r0 = *(u64 *)(r10 - 12)
        exit

#== misaligned load of 4 bytes
#= rejected: misaligned stack access off 0+0+-6 size 4 (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = 1
        r0 = *(u32 *)(r10 - 6)
        exit

#== load through a copy of the frame pointer
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 1
        r2 = r10
        r2 += -8
        r0 = *(u64 *)(r2 + 0)
        exit

#== copy of the frame pointer moved out of the stack
#= rejected: invalid write to stack R2 off=-600 size=8 (errno EACCES)
.section socket
        r2 = r10
        r2 += -600
        *(u64 *)(r2 + 0) = 1
        r0 = 0
        exit

#== copy of the frame pointer moved out and accessed inside
#= accepted
.section socket
        r2 = r10
        r2 += -600
        *(u64 *)(r2 + 592) = 1
        r0 = 0
        exit

#== copy of the frame pointer moved above and accessed inside
#= accepted
.section socket
        r2 = r10
        r2 += 16
        *(u64 *)(r2 - 24) = 1
        r0 = 0
        exit

#== no register may be subtracted from the frame pointer
#= rejected: R2 subtraction from stack pointer prohibited (errno EACCES)
.section socket
        r2 = r10
        r3 = 8
        r2 -= r3
        *(u64 *)(r2 + 0) = 1
        r0 = 0
        exit

#== number may be subtracted from the frame pointer
#= rejected: R2 subtraction from stack pointer prohibited (errno EACCES)
.section socket
        r2 = r10
        r2 -= 8
        *(u64 *)(r2 + 0) = 1
        r0 = 0
        exit

#== frame pointer plus a huge number
#= rejected: math between fp pointer and 1073741824 is not allowed (errno EINVAL)
.section socket
        r2 = r10
        r2 += 0x40000000
        *(u64 *)(r2 + 0) = 1
        r0 = 0
        exit

#== frame pointer minus a huge register
#= rejected: math between fp pointer and 2147483647 is not allowed (errno EINVAL)
.section socket
        r2 = r10
        r3 = 0x7fffffff
        r2 -= r3
        *(u8 *)(r2 + 0) = 1
        r0 = 0
        exit

#== spilled context pointer comes back as one
#= accepted
.section socket
        *(u64 *)(r10 - 8) = r1
        r2 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r2 + 0)
        exit

#== pointer overwritten in its lower byte is a number
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        *(u8 *)(r10 - 8) = 0
        r2 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r2 + 0)
        exit

#== pointer overwritten in its upper byte is a number
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        *(u8 *)(r10 - 1) = 0
        r2 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r2 + 0)
        exit

#== pointer overwritten wholly by a number
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        *(u64 *)(r10 - 8) = 0
        r2 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r2 + 0)
        exit

#== pointer overwritten by a pointer
#= accepted
.section socket
        *(u64 *)(r10 - 8) = r10
        *(u64 *)(r10 - 8) = r1
        r2 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r2 + 0)
        exit

#== half of a spilled pointer may not be read
#= rejected: invalid size of register fill (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        r0 = *(u32 *)(r10 - 8)
        exit

#== upper half of a spilled pointer may not be read
#= rejected: invalid size of register fill (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        r0 = *(u32 *)(r10 - 4)
        exit

#== byte of a spilled pointer may not be read
#= rejected: invalid size of register fill (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        r0 = *(u8 *)(r10 - 5)
        exit

#== half of a pointer may not be stored
#= rejected: invalid size of register spill (errno EACCES)
.section socket
        *(u32 *)(r10 - 8) = r1
        r0 = 0
        exit

#== byte of a pointer may not be stored
#= rejected: invalid size of register spill (errno EACCES)
.section socket
        *(u8 *)(r10 - 8) = r10
        r0 = 0
        exit

#== pointer may not be stored across slots
#= rejected: misaligned stack access off 0+0+-12 size 8 (errno EACCES)
.section socket
        *(u64 *)(r10 - 12) = r1
        r0 = 0
        exit

#== partly overwritten pointer may be overwritten by a privileged program
#= accepted
.section socket
        *(u64 *)(r10 - 8) = r1
        *(u32 *)(r10 - 8) = 7
        r0 = 0
        exit

#== partly overwritten pointer is refused to an unprivileged program
#= unprivileged
#= rejected: attempt to corrupt spilled pointer on stack (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        *(u32 *)(r10 - 8) = 7
        r0 = 0
        exit

#== wholly overwritten pointer is fine for an unprivileged program
#= unprivileged
#= accepted
.section socket
        *(u64 *)(r10 - 8) = r1
        *(u64 *)(r10 - 8) = 7
        r0 = 0
        exit

#== spilled map pointer comes back as one
#= accepted
.section socket
        r1 = vals ll
        *(u64 *)(r10 - 8) = r1
        *(u32 *)(r10 - 12) = 0
        r2 = r10
        r2 += -12
        r1 = *(u64 *)(r10 - 8)
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== null check of a value reaches the spilled copy
#= accepted
.section socket
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        *(u64 *)(r10 - 16) = r0
        if r0 == 0 goto 1f
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r1 + 0) = 1
1:      r0 = 0
        exit

#== spilled value before its null check is no value yet
#= rejected: R1 invalid mem access 'map_value_or_null' (errno EACCES)
.section socket
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        *(u64 *)(r10 - 16) = r0
        r1 = *(u64 *)(r10 - 16)
        *(u64 *)(r1 + 0) = 1
        r0 = 0
        exit

#== constant in a slot is known when read
#= accepted
.section socket
        r6 = r10
        *(u64 *)(r10 - 8) = -16
        r0 = *(u64 *)(r10 - 8)
        r6 += r0
        *(u64 *)(r6 + 0) = 0
        r0 = 0
        exit

#== lower half of a constant in a slot is its lower 32 bits
#= rejected: math between fp pointer and 4294967280 is not allowed (errno EINVAL)
.section socket
        *(u64 *)(r10 - 8) = -16
        r0 = *(u32 *)(r10 - 8)
        r6 = r10
        r6 += r0
        *(u64 *)(r6 + 0) = 0
        r0 = 0
        exit

#== zero bytes in a slot are known
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 0
        r0 = *(u16 *)(r10 - 6)
        r6 = r10
        r6 += r0
        *(u64 *)(r6 - 8) = 0
        r0 = 0
        exit

#== zero byte in a slot is known
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 0
        r0 = *(u8 *)(r10 - 5)
        r6 = r10
        r6 += r0
        *(u64 *)(r6 - 8) = 0
        r0 = 0
        exit

#== number in a slot keeps its bounds
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        *(u64 *)(r10 - 8) = r0
        r1 = *(u64 *)(r10 - 8)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== 32 bits of a number in a slot keep its bounds
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        *(u32 *)(r10 - 8) = r0
        r1 = *(u32 *)(r10 - 8)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== lower 32 bits of a 64-bit number keep its bounds when it fits
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        *(u64 *)(r10 - 8) = r0
        r1 = *(u32 *)(r10 - 8)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== lower 8 bits of a 64-bit number keep its bounds when it fits
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        *(u64 *)(r10 - 8) = r0
        r1 = *(u8 *)(r10 - 8)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== upper bytes of a number in a slot are unknown
#= rejected: invalid unbounded variable-offset write to stack R6 (errno EACCES)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        *(u64 *)(r10 - 8) = r0
        r1 = *(u32 *)(r10 - 4)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== number that does not fit is cut when stored in 8 bits
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 0xf0f
        *(u8 *)(r10 - 8) = r0
        r1 = *(u8 *)(r10 - 8)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== 64 bits over a 32-bit spill are unknown
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        *(u32 *)(r10 - 8) = r0
        r1 = *(u64 *)(r10 - 8)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== 16-bit spill of a small number keeps its bounds
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        *(u16 *)(r10 - 8) = r0
        r1 = *(u16 *)(r10 - 8)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== bytes of two stores together are unknown
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        r0 = 0
        w1 = 1
        *(u32 *)(r10 - 8) = r1
        *(u32 *)(r10 - 4) = r0
        r1 = *(u64 *)(r10 - 8)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== zeroes of two stores together are unknown
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        *(u32 *)(r10 - 8) = 0
        *(u32 *)(r10 - 4) = 0
        r1 = *(u64 *)(r10 - 8)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== variable offset within the stack is written by a privileged program
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        r6 += r0
        *(u8 *)(r6 + 0) = 7
        r0 = 0
        exit

#== variable offset with one byte too many
#= rejected: invalid variable-offset write to stack R6 var_off=(0x0; 0x40) off=-64 size=1 (errno EINVAL)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 64
        r6 += r0
        *(u8 *)(r6 + 0) = 7
        r0 = 0
        exit

#== variable offset below the stack
#= rejected: invalid variable-offset write to stack R6 var_off=(0x0; 0xffffffffffffffff) off=-64 size=1 (errno EACCES)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 511
        r0 -= 511
        r6 += r0
        *(u8 *)(r6 + 0) = 7
        r0 = 0
        exit

#== variable offset without an upper bound
#= rejected: invalid unbounded variable-offset write to stack R6 (errno EACCES)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        if r0 s< 0 goto 1f
        r6 += r0
        *(u8 *)(r6 + 0) = 7
1:      r0 = 0
        exit

#== variable offset without a lower bound
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        if r0 s> 10 goto 1f
        r6 += r0
        *(u8 *)(r6 + 0) = 7
1:      r0 = 0
        exit

#== variable offset of 32 bits unsigned
#= rejected: invalid unbounded variable-offset write to stack R6 (errno EACCES)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        w0 = w0
        r6 += r0
        *(u8 *)(r6 + 0) = 7
        r0 = 0
        exit

#== variable offset is read where all is written
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 8
        r6 += r0
        r0 = *(u64 *)(r6 + 0)
        exit

#== variable offset is read where some byte is not written, privileged
#= accepted
.section socket
        call bpf_ktime_get_ns
        r6 = r10
        r6 += -16
        *(u64 *)(r10 - 16) = 0
        r0 &= 8
        r6 += r0
        r0 = *(u64 *)(r6 + 0)
        exit

#== variable offset write over a spilled pointer by a privileged program
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r1
        r6 = r1
        call bpf_ktime_get_ns
        r7 = r10
        r7 += -16
        r0 &= 8
        r7 += r0
        *(u64 *)(r7 + 0) = 0
        r2 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r2 + 0)
        exit

#== variable offset write of a pointer
#= accepted
.section socket
        r6 = r1
        call bpf_ktime_get_ns
        r7 = r10
        r7 += -16
        r0 &= 8
        r7 += r0
        *(u64 *)(r7 + 0) = r6
        r0 = 0
        exit

#== variable offset read over a spilled pointer
#= accepted
.section socket
        *(u64 *)(r10 - 8) = r1
        *(u64 *)(r10 - 16) = 0
        call bpf_ktime_get_ns
        r7 = r10
        r7 += -16
        r0 &= 8
        r7 += r0
        r0 = *(u64 *)(r7 + 0)
        exit

#== variable offset is refused to an unprivileged program
#= unprivileged
#= rejected: R6 variable stack access prohibited for !root, var_off=(0x0; 0x8) off=-16 (errno EACCES)
.section socket
        r6 = r10
        r6 += -16
        *(u64 *)(r10 - 8) = 0
        *(u64 *)(r10 - 16) = 0
        r0 = *(u32 *)(r1 + 0)
        r0 &= 8
        r6 += r0
        r0 = *(u64 *)(r6 + 0)
        exit

#== variable offset write makes zeroes unknown
#= rejected: invalid variable-offset write to stack R6 var_off=(0x0; 0xff) off=-64 size=1 (errno EINVAL)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        r8 = r6
        r8 += r0
        *(u8 *)(r8 + 0) = 7
        r1 = *(u8 *)(r10 - 64)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== variable offset write of zero keeps zeroes
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        r8 = r6
        r8 += r0
        *(u8 *)(r8 + 0) = 0
        r1 = *(u8 *)(r10 - 64)
        r6 += r1
        *(u8 *)(r6 + 0) = 0
        r0 = 0
        exit

#== variable misaligned offset
#= rejected: misaligned stack access off (0x0; 0xf)+-64+0 size 4 (errno EACCES)
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 15
        r6 += r0
        *(u32 *)(r6 + 0) = 7
        r0 = 0
        exit

#== variable aligned offset
#= accepted
.section socket
        r6 = r10
        r6 += -64
        r7 = 0
        *(u64 *)(r10 - 64) = r7
        *(u64 *)(r10 - 56) = r7
        call bpf_ktime_get_ns
        r0 &= 12
        r6 += r0
        *(u32 *)(r6 + 0) = 7
        r0 = 0
        exit

#== helper reads a key of the stack
#= accepted
.section socket
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may not read a key never written, unprivileged
#= unprivileged
#= rejected: invalid read from stack R2 off=-4 size=4 (errno EACCES)
.section socket
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may read a key never written, privileged
#= accepted
.section socket
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may not read a key partly written, unprivileged
#= unprivileged
#= rejected: invalid read from stack R2 off -4+2 size 4 (errno EACCES)
.section socket
        *(u16 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may not read above the frame pointer
#= rejected: invalid read from stack R2 off=-2 size=4 (errno EINVAL)
.section socket
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -2
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may not read at the frame pointer
#= rejected: invalid read from stack R2 off=0 size=4 (errno EACCES)
.section socket
        r2 = r10
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may not read below the stack
#= rejected: invalid read from stack R2 off=-516 size=4 (errno EACCES)
.section socket
        r2 = r10
        r2 += -516
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may read the lowest bytes of the stack
#= accepted
.section socket
        *(u32 *)(r10 - 512) = 0
        r2 = r10
        r2 += -512
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may read a spilled pointer, privileged
#= accepted
.section socket
        *(u64 *)(r10 - 8) = r10
        r2 = r10
        r2 += -8
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may not read a spilled pointer, unprivileged
#= unprivileged
#= rejected: invalid read from stack R2 off -8+0 size 4 (errno EACCES)
.section socket
        *(u64 *)(r10 - 8) = r10
        r2 = r10
        r2 += -8
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper reads a key at a variable offset
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 0
        call bpf_ktime_get_ns
        r0 &= 4
        r2 = r10
        r2 += -8
        r2 += r0
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may not read a key at a variable offset out of the stack
#= rejected: invalid variable-offset read from stack R2 var_off=(0x0; 0xc) off=-8 size=4 (errno EINVAL)
.section socket
        *(u64 *)(r10 - 8) = 0
        call bpf_ktime_get_ns
        r0 &= 12
        r2 = r10
        r2 += -8
        r2 += r0
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper may not read at an unbounded offset
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section socket
        call bpf_ktime_get_ns
        r2 = r10
        r2 += r0
        r1 = vals ll
        call bpf_map_lookup_elem
        r0 = 0
        exit

#== helper writes to bytes never written
#= accepted
.section socket
        r1 = r1
        r2 = 0
        r3 = r10
        r3 += -16
        r4 = 16
        call bpf_skb_load_bytes
        r0 = *(u64 *)(r10 - 16)
        exit

#== helper writes over a spilled pointer
#= rejected: R2 invalid mem access 'scalar' (errno EACCES)
.section socket
        r6 = r1
        *(u64 *)(r10 - 8) = r1
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r2 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r2 + 0)
        exit

#== helper makes known numbers unknown
#= rejected: math between fp pointer and register with unbounded min value is not allowed (errno EINVAL)
.section socket
        *(u64 *)(r10 - 8) = 0
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_skb_load_bytes
        r0 = *(u64 *)(r10 - 8)
        r6 = r10
        r6 += r0
        *(u8 *)(r6 - 1) = 0
        r0 = 0
        exit

#== helper writes fewer bytes than the slot has
#= accepted
.section socket
        r6 = r1
        *(u64 *)(r10 - 8) = r1
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 4
        call bpf_skb_load_bytes
        r0 = *(u64 *)(r10 - 8)
        exit

#== helper may not write above the frame pointer
#= rejected: invalid write to stack R3 off=-8 size=16 (errno EINVAL)
.section socket
        r2 = 0
        r3 = r10
        r3 += -8
        r4 = 16
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== helper may not write below the stack
#= rejected: invalid write to stack R3 off=-520 size=16 (errno EACCES)
.section socket
        r2 = 0
        r3 = r10
        r3 += -520
        r4 = 16
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== helper may write as many bytes as a bounded register says
#= accepted
.section socket
        r6 = r1
        call bpf_ktime_get_ns
        r4 = r0
        r4 &= 63
        r4 += 1
        r1 = r6
        r2 = 0
        r3 = r10
        r3 += -64
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== helper may not write more bytes than there are
#= rejected: invalid write to stack R3 off=-64 size=128 (errno EINVAL)
.section socket
        r6 = r1
        call bpf_ktime_get_ns
        r4 = r0
        r4 &= 127
        r4 += 1
        r1 = r6
        r2 = 0
        r3 = r10
        r3 += -64
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== functions are refused to an unprivileged program
#= unprivileged
#= rejected: loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN (errno EPERM)
.section socket
        *(u64 *)(r10 - 8) = 1
        call f
        exit
.text
f:      r0 = *(u64 *)(r10 - 8)
        exit

#== function writes to the stack of its caller
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 1
        r1 = r10
        r1 += -8
        call f
        r0 = *(u64 *)(r10 - 8)
        exit
.text
f:      *(u64 *)(r1 + 0) = 2
        r0 = 0
        exit

#== function may not write above the frame of its caller
#= rejected: invalid write to stack R1 off=0 size=8 (errno EACCES)
.section socket
        r1 = r10
        call f
        r0 = 0
        exit
.text
f:      *(u64 *)(r1 + 0) = 2
        r0 = 0
        exit

#== function may not return a pointer to its stack
#= rejected: cannot return stack pointer to the caller (errno EINVAL)
.section socket
        call f
        r0 = 0
        exit
.text
f:      r0 = r10
        exit

#== function may not leave a pointer to its stack with its caller
#= rejected: cannot spill pointers to stack into stack frame of the caller (errno EINVAL)
.section socket
        r1 = r10
        r1 += -8
        call f
        r0 = 0
        exit
.text
f:      *(u64 *)(r1 + 0) = r10
        r0 = 0
        exit

#== function may spill a pointer to the stack of its caller on its own
#= accepted
.section socket
        r1 = r10
        r1 += -8
        call f
        r0 = 0
        exit
.text
f:      *(u64 *)(r10 - 8) = r1
        r2 = *(u64 *)(r10 - 8)
        *(u64 *)(r2 + 0) = 5
        r0 = 0
        exit

#== function may not return even a pointer to the stack of its caller
#= rejected: cannot return stack pointer to the caller (errno EINVAL)
.section socket
        r1 = r10
        r1 += -8
        *(u64 *)(r10 - 8) = 5
        call f
        r0 = *(u64 *)(r0 + 0)
        exit
.text
f:      r0 = r1
        exit

#== function may leave a context pointer with its caller
#= accepted
.section socket
        r2 = r10
        r2 += -8
        call f
        r1 = *(u64 *)(r10 - 8)
        r0 = *(u32 *)(r1 + 0)
        exit
.text
f:      *(u64 *)(r2 + 0) = r1
        r0 = 0
        exit

#== difference of the pointers of two frames is a number
#= accepted
.section socket
        *(u64 *)(r10 - 8) = 1
        r1 = r10
        call f
        r0 = 0
        exit
.text
f:      r1 -= r10
        r0 = 0
        exit

#== variable offset write over a part of a spilled pointer ends all of it
#= accepted
.section tc
        *(u64 *)(r10 - 8) = r1
        r0 = *(u32 *)(r1 + 0)
        r7 = r10
        r7 += -16
        r0 &= 8
        r7 += r0
        *(u16 *)(r7 + 0) = 5
        r2 = *(u64 *)(r10 - 8)
        r2 = *(u8 *)(r10 - 1)
        r0 = 0
        exit

#== variable offset write over a part of a spilled number ends all of it
#= accepted
.section tc
        r3 = *(u32 *)(r1 + 0)
        *(u64 *)(r10 - 8) = r3
        r0 = *(u32 *)(r1 + 0)
        r7 = r10
        r7 += -16
        r0 &= 8
        r7 += r0
        *(u8 *)(r7 + 1) = 5
        r2 = *(u64 *)(r10 - 8)
        r2 = *(u32 *)(r10 - 4)
        r0 = 0
        exit

#== variable offset write over a half that was spilled leaves the other as it was
#= accepted
.section tc
        r3 = *(u32 *)(r1 + 0)
        *(u32 *)(r10 - 8) = r3
        r0 = *(u32 *)(r1 + 0)
        r7 = r10
        r7 += -16
        r0 &= 8
        r7 += r0
        *(u16 *)(r7 + 0) = 5
        r2 = *(u32 *)(r10 - 8)
        r2 = *(u32 *)(r10 - 4)
        r0 = 0
        exit

#== variable offset write of zero keeps a spilled zero
#= rejected: frame pointer is read only (errno EACCES)
.section tc
        r3 = 0
        *(u64 *)(r10 - 8) = r3
        r0 = *(u32 *)(r1 + 0)
        r7 = r10
        r7 += -16
        r0 &= 8
        r7 += r0
        *(u16 *)(r7 + 0) = 0
        r2 = *(u64 *)(r10 - 8)
        r10 += r2
        r0 = 0
        exit

#== variable offset write of zero beside a spilled zero of four bytes
#= accepted
.section tc
        r3 = 0
        *(u32 *)(r10 - 8) = r3
        r0 = *(u32 *)(r1 + 0)
        r7 = r10
        r7 += -16
        r0 &= 8
        r7 += r0
        *(u8 *)(r7 + 7) = 0
        r2 = *(u32 *)(r10 - 8)
        r0 = 0
        exit

#== variable offset write over a part of an iterator ends it
#= rejected: expected an initialized iter_num as arg #0 (errno EINVAL)
.section tc
        r6 = r1
        r1 = r10
        r1 += -8
        r2 = 0
        r3 = 0
        call bpf_iter_num_new
        r0 = *(u32 *)(r6 + 0)
        r7 = r10
        r7 += -16
        r0 &= 8
        r7 += r0
        *(u8 *)(r7 + 0) = 1
        r2 = *(u64 *)(r10 - 8)
        r1 = r10
        r1 += -8
        call bpf_iter_num_destroy
        r0 = 0
        exit
        .extern bpf_iter_num_new
        .extern bpf_iter_num_destroy
