// One map of every kind that helpers work on, for tests/tests/helper_args_kernel.rs.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

// Headers of distributions do not know it.
#define BPF_MAP_TYPE_CGRP_STORAGE 32

struct task_struct {
	int pid;
};

struct special {
	struct bpf_spin_lock lock;
	int number;
	struct bpf_timer timer;
	struct task_struct __attribute__((btf_type_tag("kptr"))) *task;
};

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[8]);
};

#define MAP(name, kind, k, v, n)                                                                                       \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_##kind);                                                                     \
		__uint(key_size, k);                                                                                   \
		__uint(value_size, v);                                                                                 \
		__uint(max_entries, n);                                                                                \
	} name SEC(".maps")

#define STORAGE(name, kind)                                                                                            \
	struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_##kind);                                                                     \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                                                  \
		__type(key, int);                                                                                      \
		__type(value, __u64[8]);                                                                               \
	} name SEC(".maps")

MAP(hash, HASH, 8, 64, 4);
MAP(array, ARRAY, 4, 64, 4);
MAP(prog_array, PROG_ARRAY, 4, 4, 4);
MAP(perf_event_array, PERF_EVENT_ARRAY, 4, 4, 4);
MAP(percpu_hash, PERCPU_HASH, 8, 64, 4);
MAP(percpu_array, PERCPU_ARRAY, 4, 64, 4);
MAP(stack_trace, STACK_TRACE, 4, 64, 4);
MAP(cgroup_array, CGROUP_ARRAY, 4, 4, 4);
MAP(lru_hash, LRU_HASH, 8, 64, 4);
MAP(lru_percpu_hash, LRU_PERCPU_HASH, 8, 64, 4);
MAP(devmap, DEVMAP, 4, 4, 4);
MAP(sockmap, SOCKMAP, 4, 4, 4);
MAP(cpumap, CPUMAP, 4, 4, 4);
MAP(xskmap, XSKMAP, 4, 4, 4);
MAP(sockhash, SOCKHASH, 4, 4, 4);
MAP(reuseport_sockarray, REUSEPORT_SOCKARRAY, 4, 4, 4);
MAP(queue, QUEUE, 0, 64, 4);
MAP(stack, STACK, 0, 64, 4);
MAP(devmap_hash, DEVMAP_HASH, 4, 4, 4);
MAP(ringbuf, RINGBUF, 0, 0, 4096);
MAP(bloom_filter, BLOOM_FILTER, 0, 64, 4);
MAP(user_ringbuf, USER_RINGBUF, 0, 0, 4096);
STORAGE(sk_storage, SK_STORAGE);
STORAGE(inode_storage, INODE_STORAGE);
STORAGE(task_storage, TASK_STORAGE);
STORAGE(cgrp_storage, CGRP_STORAGE);

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, 8);
	__uint(value_size, 64);
	__uint(max_entries, 4);
} lpm_trie SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__uint(key_size, sizeof(struct bpf_cgroup_storage_key));
	__uint(value_size, 64);
} cgroup_storage SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
	__uint(key_size, sizeof(struct bpf_cgroup_storage_key));
	__uint(value_size, 64);
} percpu_cgroup_storage SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} array_of_maps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} hash_of_maps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct special);
} special SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_WRONLY_PROG);
	__uint(key_size, 4);
	__uint(value_size, 64);
	__uint(max_entries, 1);
} write_only SEC(".maps");

// Only what is defined is in BTF as a structure.
struct task_struct task;
const char text[64] = "plain";
const char unended[64] = "0123456789012345678901234567890123456789012345678901234567890123";

static long callback(void *first, void *second)
{
	return 0;
}

SEC("socket")
int prog(void *ctx)
{
	return bpf_loop(1, callback, 0, 0);
}

char _license[] SEC("license") = "GPL";
