# Text that programs make, compare and read numbers from. (Formats with mistakes in them are the verifier's to refuse.)
.license "GPL"
.bss
out:    .zero 128
.data
hello:  .asciz "hello"
empty:  .asciz ""
ip:     .byte 10, 0, 200, 1, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 1

#== numbers of both signs
.section tc
        *(u64 *)(r10 - 40) = -5
        *(u64 *)(r10 - 32) = 7
        *(u64 *)(r10 - 24) = -1
        *(u64 *)(r10 - 16) = 48879
        *(u64 *)(r10 - 8) = 48879
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -40
        r5 = 40
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%d %i %u %x %X|"

#== long numbers
.section tc
        *(u64 *)(r10 - 32) = -5
        r1 = 9223372036854775808 ll
        *(u64 *)(r10 - 24) = r1
        r1 = 18446744073709551615 ll
        *(u64 *)(r10 - 16) = r1
        *(u64 *)(r10 - 8) = -7
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -32
        r5 = 32
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%ld %lu %llx %lld"

#== widths, zeroes, signs
.section tc
        *(u64 *)(r10 - 40) = -42
        *(u64 *)(r10 - 32) = 42
        *(u64 *)(r10 - 24) = 42
        *(u64 *)(r10 - 16) = 42
        *(u64 *)(r10 - 8) = 42
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -40
        r5 = 40
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%5d|%-5d|%05d|%+d|% d|"

#== characters and per cent signs
.section tc
        *(u64 *)(r10 - 24) = 65
        *(u64 *)(r10 - 16) = 66
        *(u64 *)(r10 - 8) = 67
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -24
        r5 = 24
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%c%c%%%c"

#== strings
.section tc
        r1 = hello ll
        *(u64 *)(r10 - 16) = r1
        r1 = empty ll
        *(u64 *)(r10 - 8) = r1
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -16
        r5 = 16
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%s, %s!"

#== strings with a width
.section tc
        r1 = hello ll
        *(u64 *)(r10 - 16) = r1
        r1 = hello ll
        *(u64 *)(r10 - 8) = r1
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -16
        r5 = 16
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%8s|%-8s|"

#== a string of the kernel and one of user space
.section tc
        r1 = hello ll
        *(u64 *)(r10 - 16) = r1
        *(u64 *)(r10 - 8) = 0
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -16
        r5 = 16
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%pks %pus"

#== a null string
.section tc
        *(u64 *)(r10 - 8) = 0
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%s"

#== addresses of IPv4
.section tc
        r1 = ip ll
        *(u64 *)(r10 - 16) = r1
        r1 = ip ll
        *(u64 *)(r10 - 8) = r1
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -16
        r5 = 16
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%pI4 %pi4"

#== addresses of IPv6
.section tc
        r1 = ip ll
        *(u64 *)(r10 - 16) = r1
        r1 = ip ll
        *(u64 *)(r10 - 8) = r1
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -16
        r5 = 16
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%pI6 %pi6"

#== a pointer as a number
.section tc
        *(u64 *)(r10 - 8) = 4660
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%px"

#== more text than room
.section tc
        *(u64 *)(r10 - 24) = 1234567
        *(u64 *)(r10 - 16) = 1234567
        *(u64 *)(r10 - 8) = 1234567
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 10
        r3 = fmt ll
        r4 = r10
        r4 += -24
        r5 = 24
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%d %d %d"

#== no room
.section tc
        *(u64 *)(r10 - 8) = 1234567
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 0
        r3 = fmt ll
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%d"

#== room for the end alone
.section tc
        *(u64 *)(r10 - 8) = 1234567
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 1
        r3 = fmt ll
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%d"

#== just as much room as needed
.section tc
        *(u64 *)(r10 - 8) = 1234567
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 8
        r3 = fmt ll
        r4 = r10
        r4 += -8
        r5 = 8
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "%d"

#== no conversions
.section tc
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = 0
        r5 = 0
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "plain"

#== blanks that are not all
.section tc
        r7 = out ll
        r1 = r7
        r1 += 8
        r2 = 64
        r3 = fmt ll
        r4 = 0
        r5 = 0
        call bpf_snprintf
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.rodata
fmt:    .asciz "a\tb\n"

