#= kernel 6.18
# The shape of a program: jumps, reachability, encodings, reserved fields. Most of it is checked before any path is
# followed, so R0 is set only where the answer depends on it.
.license "GPL"
.map counts, hash, key=4, value=8, entries=16

#== smallest program that returns a value
#= accepted
.section socket
        r0 = 0
        exit

#== exit alone leaves r0 unset
#= rejected: R0 !read_ok (errno EACCES)
.section socket
        exit

#== program may not end without exit
#= rejected: last insn is not an exit or jmp (errno EINVAL)
.section socket
        r0 = 0

#== program may not end in a conditional jump
#= rejected: last insn is not an exit or jmp (errno EINVAL)
.section socket
        r0 = 0
        if r0 == 0 goto -2

#== program may end in a jump backwards over exit
#= accepted
.section socket
        goto 1f
2:      r0 = 0
        exit
1:      goto 2b

#== program may end in a long jump
#= accepted
.section socket
        goto 1f
2:      r0 = 0
        exit
1:      gotol 2b

#== program may not end in a call
#= rejected: last insn is not an exit or jmp (errno EINVAL)
.section socket
        r0 = 0
        call bpf_ktime_get_ns

#== jump may not leave the end of the program
#= rejected: jump out of range from insn 1 to 7 (errno EINVAL)
.section socket
        r0 = 0
        goto +5
        exit

#== jump to just behind the last instruction
#= rejected: jump out of range from insn 1 to 3 (errno EINVAL)
.section socket
        r0 = 0
        goto +1
        exit

#== jump may not go before the first instruction
#= rejected: jump out of range from insn 1 to -1 (errno EINVAL)
.section socket
        r0 = 0
        goto -3
        exit

#== conditional jump may not leave the program
#= rejected: jump out of range from insn 1 to 9 (errno EINVAL)
.section socket
        r0 = 0
        if r0 == 1 goto +7
        exit

#== conditional jump backwards may not leave the program
#= rejected: jump out of range from insn 1 to -7 (errno EINVAL)
.section socket
        r0 = 0
        if r0 == 1 goto -9
        exit

#== long jump may not leave the program
#= rejected: jump out of range from insn 1 to 100002 (errno EINVAL)
.section socket
        r0 = 0
        gotol +100000
        exit

#== long jump forwards
#= accepted
.section socket
        r0 = 0
        gotol 1f
1:      exit

#== 32-bit conditional jump may not leave the program
#= rejected: jump out of range from insn 1 to 9 (errno EINVAL)
.section socket
        r0 = 0
        if w0 == 1 goto +7
        exit

#== code after a jump to itself is unreachable
#= rejected: unreachable insn 2 (errno EINVAL)
.section socket
        r0 = 0
1:      goto 1b
        exit

#== jump to itself that nothing reaches
#= rejected: unreachable insn 2 (errno EINVAL)
.section socket
        r0 = 0
        exit
1:      goto 1b

#== unreachable instruction after goto
#= rejected: unreachable insn 2 (errno EINVAL)
.section socket
        r0 = 0
        goto 1f
        r0 = 1
1:      exit

#== unreachable instruction after exit
#= rejected: unreachable insn 2 (errno EINVAL)
.section socket
        r0 = 0
        exit
        r0 = 1
        exit

#== unreachable block that jumps back
#= rejected: unreachable insn 2 (errno EINVAL)
.section socket
        r0 = 0
        exit
1:      r0 = 1
        goto 1b

#== code behind a branch never taken is reachable
#= accepted
.section socket
        r0 = 0
        if r0 == 0 goto 1f
        r0 = 5
1:      exit

#== jump into the second slot of a 64-bit load
#= rejected: jump into the middle of ldimm64 insn 2 (errno EINVAL)
.section socket
        r0 = 0
        if r0 == 0 goto +1
        r1 = 0x1122334455667788 ll
        exit

#== goto into the second slot of a 64-bit load
#= rejected: unreachable insn 2 (errno EINVAL)
.section socket
        r0 = 0
        goto +1
        r1 = 7 ll
        exit

#== jump over a 64-bit load counts both slots
#= accepted
.section socket
        r0 = 0
        if r0 == 0 goto 1f
        r1 = 0x1122334455667788 ll
1:      exit

#== program may not end inside a 64-bit load
#= rejected: last insn is not an exit or jmp (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x18

#== second slot of a 64-bit load must be all zero but its immediate
#= rejected: invalid bpf_ld_imm64 insn (errno EINVAL)
.section socket
        .quad 0x0000000100000018
        .quad 0x0000000000000095
        exit

#== second slot of a 64-bit load with a register
#= rejected: invalid bpf_ld_imm64 insn (errno EINVAL)
.section socket
        .quad 0x0000000100000018
        .quad 0x0000000000000100
        exit

#== second slot of a 64-bit load with an offset
#= rejected: invalid bpf_ld_imm64 insn (errno EINVAL)
.section socket
        .quad 0x0000000100000018
        .quad 0x0000000000010000
        exit

#== second slot alone is no instruction
#= rejected: unknown opcode 00 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0
        exit

#== first slot of a 64-bit load may not have an offset
#= rejected: BPF_LD_IMM64 uses reserved fields (errno EINVAL)
.section socket
        .quad 0x0000000100010018
        .quad 0
        exit

#== kind 7 of a 64-bit load is unknown
#= rejected: unrecognized bpf_ld_imm64 insn (errno EINVAL)
.section socket
        .quad 0x0000000000007118
        .quad 0
        r0 = 0
        exit

#== kind 15 of a 64-bit load is unknown
#= rejected: unrecognized bpf_ld_imm64 insn (errno EINVAL)
.section socket
        .quad 0x000000000000f118
        .quad 0
        r0 = 0
        exit

#== map by descriptor that is no map
#= rejected: fd 2147483647 is not pointing to valid bpf_map (errno EBADF)
.section socket
        .quad 0x7fffffff00001118
        .quad 0
        r0 = 0
        exit

#== map by descriptor with a number in the second slot
#= rejected: unrecognized bpf_ld_imm64 insn (errno EINVAL)
.section socket
        .quad 0x7fffffff00001118
        .quad 0x0000000100000000
        r0 = 0
        exit

#== map by index needs the array of descriptors
#= rejected: fd_idx without fd_array is invalid (errno 71)
.section socket
        ld_pseudo r1, 5, 0
        r0 = 0
        exit

#== map value by index needs the array of descriptors
#= rejected: fd_idx without fd_array is invalid (errno 71)
.section socket
        ld_pseudo r1, 6, 0
        r0 = 0
        exit

#== address of a kernel variable of an unknown type id
#= rejected: ldimm64 insn specifies invalid btf_id 134217727. (errno ENOENT)
.section socket
        ld_pseudo r1, 3, 0x7ffffff
        r0 = 0
        exit

#== address of a kernel variable of type id void
#= rejected: pseudo btf_id 0 in ldimm64 isn't KIND_VAR or KIND_FUNC (errno EINVAL)
.section socket
        ld_pseudo r1, 3, 0
        r0 = 0
        exit

#== address of a kernel variable from a bad descriptor
#= rejected: invalid module BTF object FD specified. (errno EINVAL)
.section socket
        ld_pseudo r1, 3, 0x7fffffff00000001
        r0 = 0
        exit

#== address of a function needs types
#= no btf
#= rejected: missing btf func_info (errno EINVAL)
.section socket
        r1 = f ll
        r0 = 0
        exit
.text
f:      r0 = 0
        exit

#== 32-bit form of LD IMM is unknown
#= no btf
#= rejected: unknown opcode 00 (errno EINVAL)
.section socket
        .quad 0x0000000000000000
        exit

#== 16-bit form of LD IMM
#= rejected: unknown opcode 08 (errno EINVAL)
.section socket
        .quad 0x0000000000000008
        exit

#== LD with mode MEM is unknown
#= rejected: unknown opcode 60 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000060
        exit

#== LD with mode MEMSX is unknown
#= rejected: unknown opcode 80 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000080
        exit

#== LDX with mode IMM is unknown
#= rejected: BPF_LDX uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000001
        exit

#== LDX with mode ABS is unknown
#= rejected: BPF_LDX uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000021
        exit

#== LDX with mode ATOMIC is unknown
#= rejected: BPF_LDX uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000000c1
        exit

#== LDX with 64-bit sign extension is unknown
#= rejected: unknown opcode 99 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000001099
        exit

#== LDX with a number in its reserved immediate
#= rejected: BPF_LDX uses reserved fields (errno EINVAL)
.section socket
        .quad 0x000000010000a061
        r0 = 0
        exit

#== STX with mode IMM is unknown
#= rejected: unknown opcode 03 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000001003
        exit

#== STX with mode ABS is unknown
#= rejected: unknown opcode 23 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000023
        exit

#== STX with a number in its reserved immediate
#= rejected: BPF_STX uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000001fff80a7b
        exit

#== ST with mode ABS is unknown
#= rejected: unknown opcode 22 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000022
        exit

#== ST with a source register
#= rejected: BPF_ST uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000fff81a7a
        exit

#== ST with mode ATOMIC is unknown
#= rejected: unknown opcode c2 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000fff800c2
        exit

#== ALU operation e0 is unknown
#= rejected: unknown opcode e4 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000000e4
        exit

#== ALU operation f0 is unknown
#= rejected: unknown opcode f4 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000000f4
        exit

#== ALU64 operation e0 is unknown
#= rejected: unknown opcode e7 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000000e7
        exit

#== ALU64 operation f0 of a register is unknown
#= rejected: unknown opcode ff (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000010ff
        exit

#== JMP operation e0 jumps as may_goto only with source 0
#= rejected: invalid may_goto imm 0 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000010e5
        exit

#== JMP operation f0 is unknown
#= rejected: unknown opcode f5 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000000f5
        exit

#== JMP32 operation f0 is unknown
#= rejected: unknown opcode f6 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000000f6
        exit

#== JMP32 exit is unknown
#= rejected: unknown opcode 96 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000096
        exit

#== JMP32 call is unknown
#= rejected: unknown opcode 86 (errno EINVAL)
.section socket
        .quad 0x0000000500000086
        exit

#== add of a number with a source register
#= rejected: BPF_ALU uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000100001007
        exit

#== add of a number with an offset
#= rejected: BPF_ALU uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000100010007
        exit

#== add of a register with a number
#= rejected: BPF_ALU uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x000000010000000f
        exit

#== add of a register with an offset
#= rejected: BPF_ALU uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x000000000001000f
        exit

#== division has offset 0 or 1
#= rejected: BPF_ALU uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000100020037
        exit

#== modulo of 32 bits has offset 0 or 1
#= rejected: BPF_ALU uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000100020094
        exit

#== move of a number with a source register
#= rejected: BPF_MOV uses reserved fields (errno EINVAL)
.section socket
        .quad 0x00000000000010b7
        exit

#== move of a number with an offset
#= rejected: BPF_MOV uses reserved fields (errno EINVAL)
.section socket
        .quad 0x00000000000800b7
        exit

#== move of a register with a number
#= rejected: BPF_MOV uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000001000000bf
        exit

#== move with sign extension of 24 bits
#= rejected: BPF_MOV uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000001800bf
        exit

#== 32-bit move with sign extension of 32 bits
#= rejected: BPF_MOV uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000002000bc
        exit

#== address space cast has nothing else in its offset
#= rejected: BPF_MOV uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00010000000200bf
        exit

#== address space cast needs an arena
#= rejected: addr_space_cast insn can only be used in a program that has an associated arena (errno EINVAL)
.section socket
        r0 = 0
        r1 = addr_space_cast(r0, 0, 1)
        exit

#== address space cast the other way needs an arena
#= rejected: addr_space_cast insn can only be used in a program that has an associated arena (errno EINVAL)
.section socket
        r0 = 0
        r1 = addr_space_cast(r0, 1, 0)
        exit

#== address space cast between unknown spaces
#= rejected: addr_space_cast insn can only convert between address space 1 and 0 (errno EINVAL)
.section socket
        r0 = 0
        r1 = addr_space_cast(r0, 2, 3)
        exit

#== address space cast of 32 bits
#= rejected: BPF_MOV uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00010000000100bc
        exit

#== negation with a number
#= rejected: BPF_NEG uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000100000087
        exit

#== negation with the register bit
#= rejected: unknown opcode 8f (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x000000000000008f
        exit

#== negation with an offset
#= rejected: BPF_NEG uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000010087
        exit

#== byte swap of 24 bits
#= rejected: BPF_END uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000018000000d4
        exit

#== byte swap with a source register
#= rejected: BPF_END uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000010000010d4
        exit

#== byte swap with an offset
#= rejected: BPF_END uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000010000100dc
        exit

#== unconditional byte swap with the register bit
#= rejected: unknown opcode df (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000010000000df
        exit

#== unconditional byte swap of 8 bits
#= rejected: BPF_END uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000008000000d7
        exit

#== comparison of a register with a number in its immediate
#= rejected: BPF_JMP/JMP32 uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x000000010000001d
        exit

#== comparison of a number with a source register
#= rejected: BPF_JMP/JMP32 uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000100001015
        exit

#== goto with a number
#= rejected: BPF_JA uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000100000005
        exit

#== goto with a register
#= rejected: BPF_JA uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000105
        exit

#== goto of a register is unknown before indirect jumps
#= rejected: unknown opcode 0d (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x000000000000000d
        exit

#== long jump with an offset
#= rejected: BPF_JA uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000010006
        exit

#== long jump with a register
#= rejected: BPF_JA uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000001006
        exit

#== exit with a number
#= rejected: BPF_EXIT uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000100000095

#== exit with a register
#= rejected: BPF_EXIT uses reserved fields (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000195

#== exit of a register is unknown
#= rejected: unknown opcode 9d (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x000000000000009d
        exit

#== call with an offset
#= rejected: BPF_CALL uses reserved fields (errno EINVAL)
.section socket
        .quad 0x0000000500010085
        exit

#== call with a destination register
#= rejected: BPF_CALL uses reserved fields (errno EINVAL)
.section socket
        .quad 0x0000000500000185
        exit

#== call of kind 3 is unknown
#= rejected: BPF_CALL uses reserved fields (errno EINVAL)
.section socket
        .quad 0x0000000500003085
        exit

#== call through a register is unknown
#= rejected: unknown opcode 8d (errno EINVAL)
.section socket
        .quad 0x000000050000008d
        exit

#== may_goto with a number
#= rejected: invalid may_goto imm 1 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000001000000e5
        exit

#== may_goto with a register
#= rejected: invalid may_goto imm 0 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000001e5
        exit

#== may_goto of a register is unknown
#= rejected: unknown opcode ed (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x00000000000000ed
        exit

#== register 11 does not exist as a source
#= rejected: R11 is invalid (errno EINVAL)
.section socket
        .quad 0x000000000000b0bf
        exit

#== register 11 does not exist as a destination
#= rejected: R11 is invalid (errno EINVAL)
.section socket
        .quad 0x0000000000000bb7
        r0 = 0
        exit

#== register 15 does not exist in a comparison
#= rejected: R15 is invalid (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x000000000000f01d
        exit

#== register 12 does not exist as a base of a load
#= rejected: R12 is invalid (errno EINVAL)
.section socket
        .quad 0x000000000000c061
        exit

#== register 12 does not exist as a base of a store
#= rejected: R12 is invalid (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000000000c7b
        exit

#== frame pointer may not be assigned
#= rejected: frame pointer is read only (errno EACCES)
.section socket
        r10 = 0
        r0 = 0
        exit

#== frame pointer may not be moved
#= rejected: frame pointer is read only (errno EACCES)
.section socket
        r10 += -8
        r0 = 0
        exit

#== frame pointer may not be negated
#= rejected: frame pointer is read only (errno EACCES)
.section socket
        r10 = -r10
        r0 = 0
        exit

#== frame pointer may not be loaded
#= rejected: frame pointer is read only (errno EACCES)
.section socket
        r10 = *(u64 *)(r10 - 8)
        r0 = 0
        exit

#== frame pointer may not take a 64-bit number
#= rejected: frame pointer is read only (errno EACCES)
.section socket
        r10 = 5 ll
        r0 = 0
        exit

#== frame pointer may be read
#= accepted
.section socket
        r1 = r10
        r0 = 0
        exit

#== shift by 64 of 64 bits
#= rejected: invalid shift 64 (errno EINVAL)
.section socket
        r0 = 1
        r0 <<= 64
        exit

#== shift by 63 of 64 bits
#= accepted
.section socket
        r0 = 1
        r0 <<= 63
        exit

#== shift by 32 of 32 bits
#= rejected: invalid shift 32 (errno EINVAL)
.section socket
        r0 = 1
        w0 >>= 32
        exit

#== shift by 31 of 32 bits
#= accepted
.section socket
        r0 = 1
        w0 >>= 31
        exit

#== arithmetic shift by a negative number
#= rejected: invalid shift -1 (errno EINVAL)
.section socket
        r0 = 1
        r0 s>>= -1
        exit

#== division by the number zero
#= rejected: div by zero (errno EINVAL)
.section socket
        r0 = 1
        r0 /= 0
        exit

#== 32-bit division by the number zero
#= rejected: div by zero (errno EINVAL)
.section socket
        r0 = 1
        w0 /= 0
        exit

#== modulo by the number zero
#= rejected: div by zero (errno EINVAL)
.section socket
        r0 = 1
        r0 %= 0
        exit

#== signed division by the number zero
#= rejected: div by zero (errno EINVAL)
.section socket
        r0 = 1
        r0 s/= 0
        exit

#== signed modulo by the number zero
#= rejected: div by zero (errno EINVAL)
.section socket
        r0 = 1
        w0 s%= 0
        exit

#== division by a register that is zero is defined
#= accepted
.section socket
        r0 = 1
        r1 = 0
        r0 /= r1
        exit

#== modulo by a register that is zero is defined
#= accepted
.section socket
        r0 = 1
        r1 = 0
        r0 %= r1
        exit

#== code that a long jump passes over is unreachable
#= rejected: unreachable insn 2 (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x0000000100000006
        exit
        exit

#== long jump of a register is unknown
#= rejected: unknown opcode 0e (errno EINVAL)
.section socket
        r0 = 0
        .quad 0x000000000000000e
        exit
