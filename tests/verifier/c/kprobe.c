/* Functions of the kernel: arguments, what they point to, how long a call takes, where it came from. */
#include "bpf.h"
#include <asm/ptrace.h>

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __u64);
	TYPE(value, __u64);
	UINT(max_entries, 10240);
} started SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_ARRAY);
	TYPE(key, __u32);
	TYPE(value, __u64);
	UINT(max_entries, 32);
} slots SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	UINT(key_size, 4);
	UINT(value_size, 4);
} events SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_STACK_TRACE);
	UINT(key_size, 4);
	UINT(value_size, 127 * 8);
	UINT(max_entries, 128);
} stacks SEC(".maps");

struct event {
	__u32 pid;
	int stack;
	char comm[16];
	char path[64];
};

SEC("kprobe/vfs_read")
int enter(struct pt_regs *ctx)
{
	__u64 task = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();

	if (ctx->rdx > 4096)
		return 0;
	bpf_map_update_elem(&started, &task, &now, BPF_ANY);
	return 0;
}

INLINE __u32 log2(__u64 value)
{
	__u32 bits = 0;

	for (int i = 0; i < 31; i++) {
		if (!(value >> i))
			break;
		bits = i;
	}
	return bits;
}

SEC("kretprobe/vfs_read")
int leave(struct pt_regs *ctx)
{
	__u64 task = bpf_get_current_pid_tgid();
	__u64 *start = bpf_map_lookup_elem(&started, &task), *count;
	__u32 slot;

	if (!start)
		return 0;
	slot = log2((bpf_ktime_get_ns() - *start) / 1000);
	bpf_map_delete_elem(&started, &task);
	count = bpf_map_lookup_elem(&slots, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

SEC("kprobe/do_sys_openat2")
int opened(struct pt_regs *ctx)
{
	struct event event = {};

	event.pid = bpf_get_current_pid_tgid() >> 32;
	event.stack = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	bpf_get_current_comm(event.comm, sizeof(event.comm));
	if (bpf_probe_read_user_str(event.path, sizeof(event.path), (void *)ctx->rsi) < 0)
		return 0;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return 0;
}
