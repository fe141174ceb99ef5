/* Mistakes with the signatures of global functions, one a program. Above each stands what the kernel says. */
#include "bpf.h"
#include <asm/ptrace.h>

#define TAG(name) __attribute__((btf_decl_tag("arg:" name)))
#define CONTEXT TAG("ctx")
#define STAYS(arg) asm volatile("" : : "r"(arg))

struct bpf_user_pt_regs_t {
	__u64 ip;
};

struct __u64 {
	__u64 value;
};

struct anything {
	__u64 value;
};

struct not_of_the_kernel {
	__u64 value;
};

struct nf_conn {
	__u32 mark;
};

GLOBAL int by_old_structure(struct bpf_user_pt_regs_t *ctx)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int tagged_old_structure(struct bpf_user_pt_regs_t *ctx CONTEXT)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int by_number(struct __u64 *ctx)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int tagged_anything(struct anything *ctx CONTEXT)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int tagged_pointer(void **ctx CONTEXT)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int memory(struct anything *memory)
{
	STAYS(memory);
	return 0;
}

GLOBAL int unknown(struct not_of_the_kernel *it TAG("trusted") TAG("nullable"))
{
	STAYS(it);
	return 0;
}

GLOBAL int ambiguous(struct nf_conn *connection TAG("trusted") TAG("nullable"))
{
	STAYS(connection);
	return 0;
}

/* Caller passes invalid args into func#1 ('by_old_structure') */
SEC("raw_tp/sys_enter")
int old_structure_in_raw_tracepoint(void *ctx)
{
	return by_old_structure(ctx);
}

/* Caller passes invalid args into func#1 ('tagged_old_structure') */
SEC("kprobe/vfs_read")
int tagged_old_structure_in_kprobe(void *ctx)
{
	return tagged_old_structure(ctx);
}

/* Caller passes invalid args into func#1 ('by_number') */
SEC("kprobe/vfs_read")
int number_in_kprobe(void *ctx)
{
	return by_number(ctx);
}

/* Caller passes invalid args into func#1 ('tagged_anything') */
SEC("kprobe/vfs_read")
int anything_in_kprobe(void *ctx)
{
	return tagged_anything(ctx);
}

/* Caller passes invalid args into func#1 ('tagged_pointer') */
SEC("tp/syscalls/sys_enter_getpid")
int pointer_in_tracepoint(void *ctx)
{
	return tagged_pointer(ctx);
}

/* Caller passes invalid args into func#1 ('memory') */
SEC("tp/syscalls/sys_enter_getpid")
int memory_in_tracepoint(void *ctx)
{
	return memory(ctx);
}

/* Caller passes invalid args into func#1 ('memory') */
SEC("tc")
int memory_in_traffic_control(void *ctx)
{
	return memory(ctx);
}

/* Caller passes invalid args into func#1 ('unknown') */
SEC("raw_tp/sys_enter")
int unknown_structure(void *ctx)
{
	return unknown(0);
}

/* Caller passes invalid args into func#1 ('ambiguous') */
SEC("raw_tp/sys_enter")
int ambiguous_structure(void *ctx)
{
	return ambiguous(0);
}
