# Arenas: memory that a program shares with user space. Pages come from user space, or from programs that may sleep; before,
# loads give zero, and stores have no effect.
.license "GPL"
.map arena, arena, entries=4, flags=0x400, extra=0x10000000000
.bss
out:    .zero 96

#== loads of every size give zero
.section tc
        r7 = out ll
        r1 = arena ll
        r2 = 64
        r2 = addr_space_cast(r2, 0, 1)
        r1 = *(u64 *)(r2 + 0)
        *(u64 *)(r7 + 0) = r1
        r1 = *(u32 *)(r2 + 4)
        *(u64 *)(r7 + 8) = r1
        r1 = *(u16 *)(r2 + 4100)
        *(u64 *)(r7 + 16) = r1
        r1 = *(u8 *)(r2 - 64)
        *(u64 *)(r7 + 24) = r1
        r1 = *(s32 *)(r2 + 8)
        *(u64 *)(r7 + 32) = r1
        r0 = 0
        exit

#== stores have no effect
.section xdp
        r7 = out ll
        r1 = arena ll
        r2 = 4096
        r2 = addr_space_cast(r2, 0, 1)
        *(u64 *)(r2 + 0) = 77
        r3 = 78
        *(u32 *)(r2 + 8) = r3
        *(u8 *)(r2 + 12) = r3
        r1 = *(u64 *)(r2 + 0)
        *(u64 *)(r7 + 0) = r1
        r1 = *(u64 *)(r2 + 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 2
        exit

#== atomic operations have no effect
.section tc
        r7 = out ll
        r1 = arena ll
        r2 = 8
        r2 = addr_space_cast(r2, 0, 1)
        r3 = 1
        lock *(u64 *)(r2 + 0) += r3
        lock *(u32 *)(r2 + 8) |= r3
        r1 = *(u64 *)(r2 + 0)
        *(u64 *)(r7 + 0) = r1
        r1 = *(u64 *)(r2 + 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit

#== casts keep the lower half, and give user space's address
.section tc
        r7 = out ll
        r1 = arena ll
        r1 = 0x10000001238 ll
        r2 = addr_space_cast(r1, 0, 1)
        *(u64 *)(r7 + 0) = r2
        r3 = addr_space_cast(r2, 1, 0)
        *(u64 *)(r7 + 8) = r3
        r1 = 0
        r2 = addr_space_cast(r1, 0, 1)
        *(u64 *)(r7 + 16) = r2
        r3 = addr_space_cast(r2, 1, 0)
        *(u64 *)(r7 + 24) = r3
        r1 = -1
        r2 = addr_space_cast(r1, 0, 1)
        *(u64 *)(r7 + 32) = r2
        r0 = 0
        exit

#== a pointer is moved
.section tc
        r7 = out ll
        r6 = *(u32 *)(r1 + 0)
        r1 = arena ll
        r2 = 4096
        r2 = addr_space_cast(r2, 0, 1)
        r2 += r6
        r1 = *(u64 *)(r2 + 0)
        *(u64 *)(r7 + 0) = r1
        *(u64 *)(r7 + 8) = r2
        r2 += -8192
        r1 = *(u64 *)(r2 + 0)
        *(u64 *)(r7 + 16) = r1
        r0 = 0
        exit

#== atomic operations leave the registers that they would fetch to
.section tc
        r7 = out ll
        r1 = arena ll
        r2 = 8
        r2 = addr_space_cast(r2, 0, 1)
        r3 = 5
        r3 = atomic_fetch_add((u64 *)(r2 + 0), r3)
        *(u64 *)(r7 + 0) = r3
        r3 = 6
        r3 = xchg_64(r2 + 0, r3)
        *(u64 *)(r7 + 8) = r3
        r0 = 7
        r3 = 8
        r0 = cmpxchg_64(r2 + 0, r0, r3)
        *(u64 *)(r7 + 16) = r0
        r0 = 0
        exit
