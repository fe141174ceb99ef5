#= kernel 6.18
# Ways that meet again: which states are alike, so that the second is not followed, and which differences must be kept:
# precise numbers, slots of the stack, pointers and their ids, references, frames.
.license "GPL"
.map vals, hash, key=4, value=64, entries=4
.map arr, array, key=4, value=16, entries=1
.map ring, ringbuf, entries=4096

#== ways that differ in a register not used again
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 2
        goto 2f
1:      r8 = 1
2:      r0 = 0
        exit

#== ways that differ in a number used as an offset of the stack
#= rejected: invalid write to stack R1 off=8 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 8
        goto 2f
1:      r8 = -8
2:      r1 = r10
        r1 += r8
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== ways that differ in a number used as an offset, both right
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = -16
        goto 2f
1:      r8 = -8
2:      r1 = r10
        r1 += r8
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== ways that differ in a number compared later
#= rejected: R9 !read_ok (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 2
        goto 2f
1:      r8 = 1
2:      if r8 == 1 goto 3f
        r0 = *(u64 *)(r9 + 0)
3:      r0 = 0
        exit

#== ways that differ in a number compared later, other way first
#= rejected: R9 !read_ok (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 1
        goto 2f
1:      r8 = 2
2:      if r8 == 1 goto 3f
        r0 = *(u64 *)(r9 + 0)
3:      r0 = 0
        exit

#== ways that differ in a number that is copied, then used
#= rejected: invalid write to stack R1 off=8 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 8
        goto 2f
1:      r8 = -8
2:      r9 = r8
        r1 = r10
        r1 += r9
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== ways that differ in a number that is added, then used
#= rejected: invalid write to stack R1 off=8 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 16
        goto 2f
1:      r8 = 0
2:      r9 = -8
        r9 += r8
        r1 = r10
        r1 += r9
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== ways that differ in a number that is stored, then used
#= rejected: invalid write to stack R1 off=8 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 8
        goto 2f
1:      r8 = -8
2:      *(u64 *)(r10 - 32) = r8
        r9 = *(u64 *)(r10 - 32)
        r1 = r10
        r1 += r9
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== ways that differ in a number on the stack used as an offset
#= rejected: invalid write to stack R1 off=8 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        *(u64 *)(r10 - 32) = -8
        if r7 == 0 goto 1f
        *(u64 *)(r10 - 32) = 8
1:      r9 = *(u64 *)(r10 - 32)
        r1 = r10
        r1 += r9
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit

#== ways that differ in a slot not read again
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        *(u64 *)(r10 - 32) = 0
        if r7 == 0 goto 1f
        *(u64 *)(r10 - 32) = r6
1:      r0 = 0
        exit

#== ways that differ in what a slot holds
#= rejected: R1 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        *(u64 *)(r10 - 32) = 0
        if r7 == 0 goto 1f
        *(u64 *)(r10 - 32) = r6
1:      r1 = *(u64 *)(r10 - 32)
        r0 = *(u32 *)(r1 + 0)
        r0 = 0
        exit

#== ways that differ in what a slot holds, pointer first
#= rejected: R1 invalid mem access 'scalar' (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        *(u64 *)(r10 - 32) = r6
        if r7 == 0 goto 1f
        *(u64 *)(r10 - 32) = 0
1:      r1 = *(u64 *)(r10 - 32)
        r0 = *(u32 *)(r1 + 0)
        r0 = 0
        exit

#== slot written on one way only, unprivileged
#= unprivileged
#= rejected: invalid read from stack R10 off=-8 size=8 (errno EACCES)
.section socket
        r2 = *(u32 *)(r1 + 0)
        if r2 == 0 goto 1f
        *(u64 *)(r10 - 8) = 0
1:      r0 = *(u64 *)(r10 - 8)
        exit

#== slot written on one way only, privileged
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        *(u64 *)(r10 - 8) = 0
1:      r0 = *(u64 *)(r10 - 8)
        exit

#== register set on one way only
#= rejected: R8 !read_ok (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 0
1:      r0 = r8
        exit

#== register set on one way only and not used
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 0
1:      r0 = 0
        exit

#== wide range is followed beside a narrow one
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        call bpf_get_prandom_u32
        if r0 == 0 goto 1f
        r8 = r7
        r8 &= 7
        goto 2f
1:      r8 = r7
        r8 &= 15
2:      r1 = counter ll
        r1 += r8
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit
.data
counter:.zero 16

#== narrow range is followed beside one that is too wide
#= rejected: R1 max value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        call bpf_get_prandom_u32
        if r0 == 0 goto 1f
        r8 = r7
        r8 &= 15
        goto 2f
1:      r8 = r7
        r8 &= 31
2:      r1 = counter ll
        r1 += r8
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit
.data
counter:.zero 16

#== unknown number on one way
#= rejected: math between map_value pointer and register with unbounded min value is not allowed (errno EINVAL)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        call bpf_get_prandom_u32
        if r0 == 0 goto 1f
        r8 = 3
        goto 2f
1:      r8 = r7
2:      r1 = counter ll
        r1 += r8
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit
.data
counter:.zero 16

#== pointer on one way, number on the other, not used
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 3
        goto 2f
1:      r8 = r10
2:      r0 = 0
        exit

#== pointer on one way, number on the other, used as a number
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = r10
        goto 2f
1:      r8 = 3
2:      r8 += 1
        r0 = 0
        exit

#== pointer on one way, number on the other, returned
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = r10
        goto 2f
1:      r8 = 3
2:      r0 = r8
        exit

#== check of a value on one way only
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        if r7 == 0 goto 1f
        if r0 == 0 goto 3f
1:      r1 = *(u64 *)(r0 + 0)
3:      r0 = 0
        exit

#== ids of two values are kept apart
#= rejected: R8 invalid mem access 'map_value_or_null' (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r8 = r0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r9 = r0
        if r7 == 0 goto 1f
        r9 = r8
1:      if r9 == 0 goto 3f
        r1 = *(u64 *)(r8 + 0)
3:      r0 = 0
        exit

#== id of one value on both ways
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        *(u32 *)(r10 - 4) = 0
        r2 = r10
        r2 += -4
        r1 = vals ll
        call bpf_map_lookup_elem
        r8 = r0
        r9 = r0
        if r7 == 0 goto 1f
        r8 = r9
1:      if r9 == 0 goto 3f
        r1 = *(u64 *)(r8 + 0)
3:      r0 = 0
        exit

#== values of two maps on two ways
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        r1 = counter ll
        if r7 == 0 goto 1f
        r1 = small ll
1:      *(u64 *)(r1 + 8) = 0
        r0 = 0
        exit
.data
counter:.zero 16
.bss
small:  .zero 8

#== values of one map at two offsets on two ways
#= rejected: R1 min value is outside of the allowed memory range (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        r1 = counter ll
        if r7 == 0 goto 1f
        r1 += 8
1:      *(u64 *)(r1 + 8) = 0
        r0 = 0
        exit
.data
counter:.zero 16

#== packet checked on one way only
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r5 = *(u32 *)(r1 + 0)
        r4 = r2
        r4 += 8
        if r5 == 7 goto 1f
        if r4 > r3 goto 3f
1:      r0 = *(u8 *)(r2 + 0)
3:      r0 = 0
        exit

#== packet checked to two lengths on two ways
#= rejected: R2 offset is outside of the packet (errno EACCES)
.section tc
        r6 = r1
        r2 = *(u32 *)(r1 + 76)
        r3 = *(u32 *)(r1 + 80)
        r5 = *(u32 *)(r1 + 0)
        r4 = r2
        r4 += 8
        if r5 == 7 goto 1f
        r4 += 8
1:      if r4 > r3 goto 3f
        r0 = *(u8 *)(r2 + 12)
3:      r0 = 0
        exit

#== reference held on one way only
#= rejected: BPF_EXIT instruction in main prog would lead to reference leak (errno EINVAL)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r1 = ring ll
        r2 = 8
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r8 = r0
1:      r0 = 0
        exit

#== reference held and released on one way
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r1 = ring ll
        r2 = 8
        r3 = 0
        call bpf_ringbuf_reserve
        if r0 == 0 goto 1f
        r1 = r0
        r2 = 0
        call bpf_ringbuf_submit
1:      r0 = 0
        exit

#== linked numbers on one way only
#= rejected: math between map_value pointer and register with unbounded min value is not allowed (errno EINVAL)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        call bpf_get_prandom_u32
        r8 = r0
        if r0 == 3 goto 1f
        r8 = r7
1:      if r8 > 7 goto 3f
        r1 = counter ll
        r1 += r7
        *(u8 *)(r1 + 0) = 0
3:      r0 = 0
        exit
.data
counter:.zero 16

#== linked numbers on both ways
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        r8 = r7
        if r6 == 0 goto 1f
        r8 = r7
1:      if r8 > 7 goto 3f
        r1 = counter ll
        r1 += r7
        *(u8 *)(r1 + 0) = 0
3:      r0 = 0
        exit
.data
counter:.zero 16

#== numbers linked to different others
#= rejected: math between map_value pointer and register with unbounded min value is not allowed (errno EINVAL)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        call bpf_get_prandom_u32
        r8 = r0
        r9 = r7
        if r0 == 3 goto 1f
        r9 = r8
1:      if r9 > 7 goto 3f
        r1 = counter ll
        r1 += r7
        *(u8 *)(r1 + 0) = 0
3:      r0 = 0
        exit
.data
counter:.zero 16

#== precise number in a caller
#= rejected: invalid write to stack R1 off=8 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 8
        goto 2f
1:      r8 = -8
2:      call f
        r1 = r10
        r1 += r8
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== precise number passed to a function
#= rejected: invalid write to stack R2 off=8 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r1 = 8
        goto 2f
1:      r1 = -8
2:      call f
        r0 = 0
        exit
.text
f:      r2 = r10
        r2 += r1
        *(u8 *)(r2 + 0) = 0
        r0 = 0
        exit

#== precise number returned by a function
#= rejected: invalid write to stack R1 off=8 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        r1 = r7
        call f
        r1 = r10
        r1 += r0
        *(u8 *)(r1 + 0) = 0
        r0 = 0
        exit
.text
f:      r0 = -8
        if r1 == 0 goto 1f
        r0 = 8
1:      exit

#== precise number in the slot of a caller
#= rejected: invalid write to stack R3 off=16 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        *(u64 *)(r10 - 8) = -16
        if r7 == 0 goto 1f
        *(u64 *)(r10 - 8) = 16
1:      r1 = r10
        r1 += -8
        call f
        r0 = 0
        exit
.text
f:      r2 = *(u64 *)(r1 + 0)
        r3 = r10
        r3 += r2
        *(u8 *)(r3 + 0) = 0
        r0 = 0
        exit

#== precise size of a helper
#= rejected: invalid write to stack R3 off=-16 size=24 (errno EINVAL)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 24
        goto 2f
1:      r8 = 8
2:      r1 = r6
        r2 = 0
        r3 = r10
        r3 += -16
        r4 = r8
        call bpf_skb_load_bytes
        r0 = 0
        exit

#== precise return value of a control group program
#= rejected: At program exit the register R0 has smin=2 smax=2 should have been in [0, 1] (errno EINVAL)
.section cgroup_skb/ingress
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 2
        goto 2f
1:      r8 = 1
2:      r0 = r8
        exit

#== precise index of an array
#= rejected: R0 invalid mem access 'map_value_or_null' (errno EACCES)
.section tc
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 1
        goto 2f
1:      r8 = 0
2:      *(u32 *)(r10 - 4) = r8
        r2 = r10
        r2 += -4
        r1 = arr ll
        call bpf_map_lookup_elem
        *(u64 *)(r0 + 0) = 1
        r0 = 0
        exit

#== number in a loop that matters at its end
#= accepted
.section tc
        r1 = 0
        r2 = 0
1:      r2 += 8
        r1 += 1
        if r1 < 4 goto 1b
        r3 = r10
        r2 = -r2
        r3 += r2
        *(u64 *)(r3 + 0) = 0
        r0 = 0
        exit

#== number in a loop that is too large at its end
#= rejected: invalid write to stack R3 off=-520 size=8 (errno EACCES)
.section tc
        r1 = 0
        r2 = 0
1:      r2 += 8
        r1 += 1
        if r1 < 65 goto 1b
        r2 = -r2
        r3 = r10
        r3 += r2
        *(u64 *)(r3 + 0) = 0
        r0 = 0
        exit

#== loop that swaps two registers
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        r8 = r6
        r9 = r10
        r7 = 3
1:      r1 = r8
        r8 = r9
        r9 = r1
        r7 -= 1
        if r7 != 0 goto 1b
        r0 = *(u32 *)(r9 + 0)
        r0 = 0
        exit

#== loop that swaps two registers an odd number of times too few
#= rejected: invalid read from stack R9 off=0 size=4 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        r8 = r6
        r9 = r10
        r7 = 4
1:      r1 = r8
        r8 = r9
        r9 = r1
        r7 -= 1
        if r7 != 0 goto 1b
        r0 = *(u32 *)(r9 + 0)
        r0 = 0
        exit

#== states are kept at every step when asked
#= flags: test_state_freq
#= rejected: invalid write to stack R1 off=0 size=1 (errno EACCES)
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        if r7 == 0 goto 1f
        r8 = 8
        goto 2f
1:      r8 = -8
2:      r1 = r10
        r1 += r8
        *(u8 *)(r1 - 8) = 0
        r0 = 0
        exit

#== invariants of numbers are tested when asked
#= flags: test_reg_invariants
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        r7 &= 15
        if r7 < 4 goto 1f
        if w7 s> 9 goto 1f
        r7 -= 4
1:      r0 = 0
        exit

#== upper halves are made random when asked
#= flags: test_rnd_hi32
#= accepted
.section tc
        r6 = r1
        call bpf_get_prandom_u32
        r7 = r0
        w7 += 1
        r0 = 0
        exit

#== states are kept at every jump when asked
#= flags: test_state_freq
#= accepted
.section tc
        r6 = *(u32 *)(r1 + 0)
        r0 = 0
        if r6 == 1 goto 1f
        r0 = 1
1:      if r6 == 2 goto 1f
        r0 = 2
1:      if r6 == 3 goto 1f
        r0 = 3
1:      exit

#== states are kept at every round of a loop when asked
#= flags: test_state_freq
#= accepted
.section tc
        r6 = 0
1:      r6 += 1
        if r6 < 20 goto 1b
        r0 = r6
        exit

#== states are kept in functions when asked
#= flags: test_state_freq
#= accepted
.section tc
        r6 = *(u32 *)(r1 + 0)
        r1 = r6
        call f
        r1 = r6
        call f
        exit
.text
f:      r0 = 0
        if r1 > 7 goto 1f
        r0 = r1
        r0 <<= 2
1:      exit

#== an endless loop is found at once when states are kept at every round
#= flags: test_state_freq
#= rejected: infinite loop detected at insn 1 (errno EINVAL)
.section tc
        r6 = 0
1:      r6 += 0
        if r6 < 20 goto 1b
        r0 = r6
        exit

#== stack that is no longer of interest is compared in a loop that was entered again
#= type: xdp
#= accepted
.section xdp
        r6 = r1
        r1 = arr ll
        r2 = r10
        r2 += -0x90
        call bpf_map_lookup_elem
3:      may_goto 5f
        r1 = 0x52
        r2 = f ll
        r3 = r10
        r4 = 0
        call bpf_loop
        r8 = 0
4:      may_goto 1f
        *(u64 *)(r10 - 0x38) = r8
        r1 = r6
        r2 = 14
        r3 = r10
        r3 += -0xa8
        r4 = 18
        call bpf_xdp_load_bytes
        goto 4b
1:      r8 += 1
        if r8 != 3 goto 4b
        goto 3b
5:      exit
.text
f:      r0 = 1
        exit
