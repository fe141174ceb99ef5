/* Tracepoints, with their records and raw. */
#include "bpf.h"

struct sys_enter {
	__u64 common;
	long id;
	__u64 args[6];
};

struct {
	UINT(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	TYPE(key, __u32);
	TYPE(value, __u64);
	UINT(max_entries, 512);
} calls SEC(".maps");

struct {
	UINT(type, BPF_MAP_TYPE_LRU_HASH);
	TYPE(key, __u32);
	TYPE(value, __u64);
	UINT(max_entries, 1024);
} switches SEC(".maps");

SEC("tp/raw_syscalls/sys_enter")
int sys_enter(struct sys_enter *ctx)
{
	__u32 id = ctx->id;
	__u64 *count = bpf_map_lookup_elem(&calls, &id);

	if (count && ctx->args[0])
		*count += 1;
	return 0;
}

SEC("raw_tp/sched_switch")
int switched(struct bpf_raw_tracepoint_args *ctx)
{
	void *next = (void *)ctx->args[2];
	__u32 pid = bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_ns(), state = 0, *last;

	if (bpf_probe_read_kernel(&state, sizeof(state), next))
		return 0;
	last = bpf_map_lookup_elem(&switches, &pid);
	if (last && now - *last < 1000)
		return 0;
	bpf_map_update_elem(&switches, &pid, &now, BPF_ANY);
	return 0;
}
