/* Global functions that get the context: what they may call it, by the program's type; and the kernel's structures,
 * whatever is said of a name behind three underscores. */
#include "bpf.h"
#include <asm/ptrace.h>

#define TAG(name) __attribute__((btf_decl_tag("arg:" name)))
#define CONTEXT TAG("ctx")
/* Calls must stay, and what is passed. */
#define STAYS(arg) asm volatile("" : : "r"(arg))

typedef struct pt_regs bpf_user_pt_regs_t;

/* Older programs name a structure after the type. */
struct bpf_user_pt_regs_t {
	__u64 ip;
};

/* The context of tracepoints has no structure of its own, but for one of the type's name. */
struct __u64 {
	__u64 value;
};

struct anything {
	__u64 value;
};

struct nothing {};

struct file___seen {
	int flags;
};

struct mm_struct {
	int count;
};

GLOBAL int by_typedef(bpf_user_pt_regs_t *ctx)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int by_structure(struct pt_regs *ctx)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int by_old_structure(struct bpf_user_pt_regs_t *ctx)
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

GLOBAL int tagged_number(__u64 *ctx CONTEXT)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int tagged_short(__u16 *ctx CONTEXT)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int tagged_void(void *ctx CONTEXT)
{
	STAYS(ctx);
	return 0;
}

GLOBAL int empty_memory(struct nothing *memory)
{
	STAYS(memory);
	return 0;
}

GLOBAL int flavoured(struct file___seen *file TAG("trusted") TAG("nullable"))
{
	STAYS(file);
	return 0;
}

GLOBAL int plain(struct mm_struct *mm TAG("trusted") TAG("nullable"))
{
	STAYS(mm);
	return 0;
}

SEC("kprobe/vfs_read")
int probe(void *ctx)
{
	return by_typedef(ctx) + by_structure(ctx) + by_old_structure(ctx) + tagged_void(ctx);
}

SEC("tp/syscalls/sys_enter_getpid")
int tracepoint(void *ctx)
{
	return by_number(ctx) + tagged_anything(ctx) + tagged_number(ctx) + tagged_short(ctx) + tagged_void(ctx);
}

SEC("raw_tp/sys_enter")
int raw_tracepoint(void *ctx)
{
	return tagged_number(ctx) + tagged_void(ctx);
}

/* Of memory without bytes none is outside of the context. */
SEC("kprobe/vfs_write")
int no_memory(void *ctx)
{
	return empty_memory(ctx);
}

SEC("raw_tp/sys_exit")
int kernel_structures(void *ctx)
{
	return flavoured(0) + plain(0);
}
