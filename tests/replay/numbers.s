# Numbers read from text, and strings compared.
.license "GPL"
.bss
out:    .zero 64

#== a number and what follows
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 6
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 49, 50, 51, 97, 98, 99

#== a negative number after blanks
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 6
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 32, 9, 45, 52, 50, 32

#== hexadecimal by its prefix
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 5
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 48, 120, 49, 102, 71

#== octal by its prefix
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 4
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 48, 55, 55, 56

#== a base that is said
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 2
        r3 = 16
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 102, 102

#== a prefix of the base that is said
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 4
        r3 = 16
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 48, 120, 102, 102

#== octal that is said
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 3
        r3 = 8
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 55, 55, 57

#== decimal that is said
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 4
        r3 = 10
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 48, 120, 49, 48

#== a base that there is not
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 2
        r3 = 2
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 49, 48

#== a flag that there is not
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 2
        r3 = 32
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 49, 48

#== no digits
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 3
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 97, 98, 99

#== a sign alone
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 1
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 45

#== a plus
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 2
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 43, 53

#== nothing but blanks
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 3
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 32, 32, 32

#== the largest number
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 19
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 57, 50, 50, 51, 51, 55, 50, 48, 51, 54, 56, 53, 52, 55, 55, 53, 56, 48, 55

#== one too large
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 19
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 57, 50, 50, 51, 51, 55, 50, 48, 51, 54, 56, 53, 52, 55, 55, 53, 56, 48, 56

#== the smallest number
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 20
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 45, 57, 50, 50, 51, 51, 55, 50, 48, 51, 54, 56, 53, 52, 55, 55, 53, 56, 48, 56

#== one too small
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 20
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 45, 57, 50, 50, 51, 51, 55, 50, 48, 51, 54, 56, 53, 52, 55, 55, 53, 56, 48, 57

#== a prefix alone
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 2
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 48, 120

#== an unsigned number
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 20
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtoul
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 49, 56, 52, 52, 54, 55, 52, 52, 48, 55, 51, 55, 48, 57, 53, 53, 49, 54, 49, 53

#== an unsigned number too large
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 20
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtoul
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 49, 56, 52, 52, 54, 55, 52, 52, 48, 55, 51, 55, 48, 57, 53, 53, 49, 54, 49, 54

#== an unsigned number with a sign
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 2
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtoul
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 45, 49

#== many digits
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 71
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 49

#== many blanks
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 71
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 49

#== two signs
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 3
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 45, 45, 49

#== an end in the midst
.section tc
        r7 = out ll
        *(u64 *)(r10 - 8) = -1
        r1 = text ll
        r2 = 5
        r3 = 0
        r4 = r10
        r4 += -8
        call bpf_strtol
        *(u64 *)(r7 + 0) = r0
        r1 = *(u64 *)(r10 - 8)
        *(u64 *)(r7 + 8) = r1
        r0 = 0
        exit
.data
text:   .byte 49, 50, 0, 51, 52

#== equal strings
.section xdp
        r7 = out ll
        r1 = text ll
        r2 = 4
        r3 = other ll
        call bpf_strncmp
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
text:   .byte 97, 98, 99, 0
.rodata
other:  .byte 97, 98, 99, 0

#== a string that comes before
.section xdp
        r7 = out ll
        r1 = text ll
        r2 = 4
        r3 = other ll
        call bpf_strncmp
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
text:   .byte 97, 98, 98, 0
.rodata
other:  .byte 97, 98, 99, 0

#== a string that comes after
.section xdp
        r7 = out ll
        r1 = text ll
        r2 = 4
        r3 = other ll
        call bpf_strncmp
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
text:   .byte 97, 98, 100, 0
.rodata
other:  .byte 97, 98, 99, 0

#== strings that are equal as far as is looked
.section xdp
        r7 = out ll
        r1 = text ll
        r2 = 2
        r3 = other ll
        call bpf_strncmp
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
text:   .byte 97, 98, 88, 0
.rodata
other:  .byte 97, 98, 89, 0

#== a shorter string
.section xdp
        r7 = out ll
        r1 = text ll
        r2 = 3
        r3 = other ll
        call bpf_strncmp
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
text:   .byte 97, 98, 0
.rodata
other:  .byte 97, 98, 99, 0

#== high bytes
.section xdp
        r7 = out ll
        r1 = text ll
        r2 = 3
        r3 = other ll
        call bpf_strncmp
        *(u64 *)(r7 + 0) = r0
        r0 = 2
        exit
.data
text:   .byte 97, 195, 191, 0
.rodata
other:  .byte 97, 122, 0
