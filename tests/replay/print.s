# Lines of the trace pipe: what they return. (What they say is tested by the other ways to make text.)
.license "GPL"
.bss
out:    .zero 16

#== a line without values
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 6
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 104, 101, 108, 108, 111, 0

#== a line with three values
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 11
        r3 = 5
        r4 = 255
        r5 = 7
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 100, 32, 37, 120, 32, 37, 108, 108, 117, 0

#== values that are missing
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 12
        r3 = 1
        r4 = 2
        r5 = 3
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 0

#== no end
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 5
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 104, 101, 108, 108, 111

#== an end before the size
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 8
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 104, 105, 0, 109, 111, 114, 101, 0

#== a letter that means nothing
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 3
        r3 = 1
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 113, 0

#== a per cent sign at the end
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 5
        r3 = 1
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 49, 48, 48, 37, 0

#== a per cent sign that is meant
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 6
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 49, 48, 48, 37, 37, 0

#== a float
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 3
        r3 = 1
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 102, 0

#== a precision
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 5
        r3 = 1
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 46, 51, 100, 0

#== a star
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 4
        r3 = 1
        r4 = 2
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 42, 100, 0

#== short and long
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 4
        r3 = 1
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 104, 100, 0

#== bytes that are no text
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 2
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 1, 0

#== tabs and line ends
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 3
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 9, 10, 0

#== a string from an address that is none
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 3
        r3 = 0
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 115, 0

#== a string of user space
.section xdp
        r7 = out ll
        r1 = fmt ll
        r2 = 5
        r3 = 0
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
fmt:    .byte 37, 112, 117, 115, 0

#== an IPv4 address that is not there
.section xdp
        r7 = out ll
        r1 = fmt ll
        r2 = 5
        r3 = 0
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
fmt:    .byte 37, 112, 73, 52, 0

#== something unknown of a pointer
.section xdp
        r7 = out ll
        r1 = fmt ll
        r2 = 4
        r3 = 1
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
fmt:    .byte 37, 112, 122, 0

#== a pointer
.section xdp
        r7 = out ll
        r1 = fmt ll
        r2 = 4
        r3 = 1
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
fmt:    .byte 37, 112, 124, 0

#== letters behind a string
.section xdp
        r7 = out ll
        r1 = fmt ll
        r2 = 4
        r3 = 0
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
fmt:    .byte 37, 115, 120, 0

#== letters behind a number
.section xdp
        r7 = out ll
        r1 = fmt ll
        r2 = 4
        r3 = 4
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
fmt:    .byte 37, 100, 120, 0

#== three longs
.section xdp
        r7 = out ll
        r1 = fmt ll
        r2 = 6
        r3 = 4
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
fmt:    .byte 37, 108, 108, 108, 100, 0

#== a width and zeroes
.section xdp
        r7 = out ll
        r1 = fmt ll
        r2 = 5
        r3 = 48879
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
fmt:    .byte 37, 48, 56, 120, 0

#== a long width
.section action
        r7 = out ll
        r1 = fmt ll
        r2 = 5
        r3 = 1
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 57, 48, 100, 0

#== an unfinished width
.section action
        r7 = out ll
        r1 = fmt ll
        r2 = 3
        r3 = 1
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 53, 0

#== a character
.section action
        r7 = out ll
        r1 = fmt ll
        r2 = 3
        r3 = 65
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 99, 0

#== only the first value is asked for
.section socket
        r7 = out ll
        r1 = fmt ll
        r2 = 3
        r3 = 65
        r4 = 66
        r5 = 67
        call bpf_trace_printk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 100, 0

#== values in an array
.section tc
        r7 = out ll
        *(u64 *)(r10 - 40) = 1
        *(u64 *)(r10 - 32) = 2
        *(u64 *)(r10 - 24) = 3
        *(u64 *)(r10 - 16) = 4
        *(u64 *)(r10 - 8) = 5
        r1 = fmt ll
        r2 = 15
        r3 = r10
        r3 += -40
        r4 = 40
        call bpf_trace_vprintk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 0

#== as many values as there may be
.section tc
        r7 = out ll
        *(u64 *)(r10 - 96) = 0
        *(u64 *)(r10 - 88) = 1
        *(u64 *)(r10 - 80) = 2
        *(u64 *)(r10 - 72) = 3
        *(u64 *)(r10 - 64) = 4
        *(u64 *)(r10 - 56) = 5
        *(u64 *)(r10 - 48) = 6
        *(u64 *)(r10 - 40) = 7
        *(u64 *)(r10 - 32) = 8
        *(u64 *)(r10 - 24) = 9
        *(u64 *)(r10 - 16) = 10
        *(u64 *)(r10 - 8) = 11
        r1 = fmt ll
        r2 = 36
        r3 = r10
        r3 += -96
        r4 = 96
        call bpf_trace_vprintk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 32, 37, 100, 0

#== more values than there may be
.section tc
        r7 = out ll
        *(u64 *)(r10 - 104) = 0
        *(u64 *)(r10 - 96) = 1
        *(u64 *)(r10 - 88) = 2
        *(u64 *)(r10 - 80) = 3
        *(u64 *)(r10 - 72) = 4
        *(u64 *)(r10 - 64) = 5
        *(u64 *)(r10 - 56) = 6
        *(u64 *)(r10 - 48) = 7
        *(u64 *)(r10 - 40) = 8
        *(u64 *)(r10 - 32) = 9
        *(u64 *)(r10 - 24) = 10
        *(u64 *)(r10 - 16) = 11
        *(u64 *)(r10 - 8) = 12
        r1 = fmt ll
        r2 = 3
        r3 = r10
        r3 += -104
        r4 = 104
        call bpf_trace_vprintk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 100, 0

#== bytes that are no whole word
.section tc
        r7 = out ll
        *(u64 *)(r10 - 16) = 1
        *(u64 *)(r10 - 8) = 2
        r1 = fmt ll
        r2 = 3
        r3 = r10
        r3 += -16
        r4 = 12
        call bpf_trace_vprintk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 100, 0

#== fewer values than asked for
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = 1
        r1 = fmt ll
        r2 = 6
        r3 = r10
        r3 += -8
        r4 = 8
        call bpf_trace_vprintk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 37, 100, 32, 37, 100, 0

#== no values
.section tc
        r7 = out ll
        r1 = fmt ll
        r2 = 6
        r3 = 0
        r4 = 0
        call bpf_trace_vprintk
        *(u64 *)(r7 + 0) = r0
        r0 = 0
        exit
.data
fmt:    .byte 112, 108, 97, 105, 110, 0
