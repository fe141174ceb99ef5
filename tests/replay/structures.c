/* Structures of the kernel: what a program reads of them through their types, and what it is given to them. The task is
 * another in every kernel: programs look at what must be the same of all. */
#include <linux/bpf.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define KS __attribute__((section(".ksyms")))
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { int pid; int tgid; char comm[16]; struct task_struct *group_leader; };
struct kernfs_node { __u64 id; };
struct cgroup;
struct cgroup_subsys_state { struct cgroup *cgroup; int id; struct cgroup_subsys_state *parent; };
struct cgroup { struct cgroup_subsys_state self; int level; struct kernfs_node *kn; };
struct net_device { int ifindex; };
struct sk_buff {
	unsigned int len, data_len, mark, priority, hash;
	int skb_iif;
	__u16 queue_mapping, protocol, mac_header, network_header;
	unsigned char *head, *data;
	struct net_device *dev;
};
struct xdp_rxq_info { struct net_device *dev; unsigned int queue_index; };
struct bpf_map { enum bpf_map_type map_type; __u32 key_size, value_size, max_entries, map_flags; };
struct bpf_array { struct bpf_map map; __u32 elem_size, index_mask; };
struct xdp_buff { void *data, *data_end, *data_meta; struct xdp_rxq_info *rxq; };
#pragma clang attribute pop
struct pt_regs;
struct bpf_key;
struct kmem_cache;
struct bpf_iter_css { __u64 opaque[3]; };
struct bpf_iter_task { __u64 opaque[3]; };

extern void *bpf_cast_to_kern_ctx(void *ctx) KS;
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) KS;
extern struct task_struct *bpf_task_acquire(struct task_struct *task) KS;
extern void bpf_task_release(struct task_struct *task) KS;
extern struct cgroup *bpf_cgroup_from_id(__u64 id) KS;
extern struct cgroup *bpf_cgroup_acquire(struct cgroup *group) KS;
extern struct cgroup *bpf_cgroup_ancestor(struct cgroup *group, int level) KS;
extern void bpf_cgroup_release(struct cgroup *group) KS;
extern long bpf_task_under_cgroup(struct task_struct *task, struct cgroup *ancestor) KS;
extern struct cgroup *bpf_task_get_cgroup1(struct task_struct *task, int hierarchy) KS;
extern int bpf_send_signal_task(struct task_struct *task, int sig, int type, __u64 value) KS;
extern struct bpf_key *bpf_lookup_system_key(__u64 id) KS;
extern void bpf_key_put(struct bpf_key *key) KS;
extern struct kmem_cache *bpf_get_kmem_cache(__u64 addr) KS;
extern int bpf_modify_return_test_tp(int nonce) KS;
extern int bpf_iter_css_new(struct bpf_iter_css *it, struct cgroup_subsys_state *start, unsigned int flags) KS;
extern struct cgroup_subsys_state *bpf_iter_css_next(struct bpf_iter_css *it) KS;
extern void bpf_iter_css_destroy(struct bpf_iter_css *it) KS;
extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags) KS;
extern struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) KS;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) KS;
extern void bpf_rcu_read_lock(void) KS;
extern void bpf_rcu_read_unlock(void) KS;

/* linux/bpf.h of older systems has no name for it. */
#define CGRP_STORAGE 32

struct kept { long runs; long first; };
struct { __uint(type, CGRP_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); __type(value, struct kept); } groups SEC(".maps");

long out[16];

SEC("tc") int the_task_is_what_helpers_say(struct __sk_buff *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 ids = bpf_get_current_pid_tgid();
	char comm[16];
	int pid = -1;

	out[0] = task->pid == (int)ids;
	out[1] = task->tgid == (int)(ids >> 32);
	bpf_get_current_comm(comm, sizeof(comm));
	out[2] = task->comm[0] == comm[0] && task->comm[3] == comm[3];
	out[3] = (__u64)task == bpf_get_current_task();
	out[4] = task->group_leader->tgid == task->tgid;
	out[5] = bpf_probe_read_kernel(&pid, sizeof(pid), &task->pid);
	out[6] = pid == task->pid;
	return 0;
}

SEC("tc") int a_task_is_acquired_and_released(struct __sk_buff *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf(), *own;

	own = bpf_task_acquire(task);
	if (!own)
		return 1;
	out[0] = own == task;
	out[1] = own->pid == task->pid;
	bpf_task_release(own);
	out[2] = bpf_send_signal_task(task, 0, 7, 0);
	out[3] = bpf_send_signal_task(task, 0, -1, 0);
	return 0;
}

SEC("tc") int stacks_are_refused_with_strange_flags(struct __sk_buff *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 buf[8];

	out[0] = bpf_get_task_stack(task, buf, sizeof(buf), 1 << 12);
	out[1] = buf[0];
	out[2] = bpf_get_task_stack(task, buf, 12, 0);
	out[3] = bpf_get_task_stack(task, buf, sizeof(buf), BPF_F_USER_BUILD_ID);
	out[4] = bpf_get_task_stack(task, buf, 40, BPF_F_USER_BUILD_ID | BPF_F_USER_STACK);
	out[5] = bpf_task_pt_regs(task) != 0;
	return 0;
}

SEC("tc") int the_first_control_group_is_the_root(struct __sk_buff *ctx)
{
	struct cgroup *root = bpf_cgroup_from_id(1), *other;
	struct cgroup_subsys_state *none;

	if (!root)
		return 1;
	out[0] = root->level;
	out[1] = root->kn->id;
	out[2] = root->self.cgroup == root;
	none = root->self.parent;
	out[3] = (__u64)none;
	out[4] = none->id;
	out[13] = (__u64)none->cgroup;
	out[14] = (__u64)none->cgroup->kn;
	other = bpf_cgroup_ancestor(root, 0);
	if (other) {
		out[5] = other == root;
		bpf_cgroup_release(other);
	}
	other = bpf_cgroup_ancestor(root, 1);
	if (other) {
		out[6] = 1;
		bpf_cgroup_release(other);
	}
	other = bpf_cgroup_ancestor(root, -1);
	if (other) {
		out[7] = 1;
		bpf_cgroup_release(other);
	}
	other = bpf_cgroup_acquire(root);
	if (other) {
		out[8] = other == root;
		bpf_cgroup_release(other);
	}
	out[9] = bpf_task_under_cgroup(bpf_get_current_task_btf(), root);
	bpf_cgroup_release(root);
	other = bpf_cgroup_from_id(-1);
	if (other) {
		out[10] = 1;
		bpf_cgroup_release(other);
	}
	other = bpf_cgroup_from_id(0);
	if (other) {
		out[11] = 1;
		bpf_cgroup_release(other);
	}
	other = bpf_task_get_cgroup1(bpf_get_current_task_btf(), 54321);
	if (other) {
		out[12] = 1;
		bpf_cgroup_release(other);
	}
	return 0;
}

SEC("tc") int a_control_group_has_storage(struct __sk_buff *ctx)
{
	struct cgroup *root = bpf_cgroup_from_id(1);
	struct kept first = { .first = 7 }, *kept;

	if (!root)
		return 1;
	kept = bpf_cgrp_storage_get(&groups, root, 0, 0);
	out[0] = kept != 0;
	out[1] = bpf_cgrp_storage_get(&groups, root, 0, 2) != 0;
	kept = bpf_cgrp_storage_get(&groups, root, &first, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (kept) {
		kept->runs++;
		out[2] = kept->runs;
		out[3] = kept->first;
	}
	if ((__u64)out[2] % 3 == 0) {
		out[4] = bpf_cgrp_storage_delete(&groups, root);
		out[5] = bpf_cgrp_storage_delete(&groups, root);
	}
	kept = bpf_cgrp_storage_get(&groups, root, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (kept)
		out[6] = kept->first;
	bpf_cgroup_release(root);
	return 0;
}

SEC("tc") int the_packet_is_an_sk_buff(struct __sk_buff *ctx)
{
	struct sk_buff *skb = bpf_cast_to_kern_ctx(ctx);
	__u8 mac[14] = {};

	ctx->mark = 0x1234;
	out[0] = skb->len;
	out[1] = skb->mark;
	out[2] = skb->protocol;
	out[3] = skb->priority + skb->data_len + skb->queue_mapping + skb->skb_iif;
	out[4] = skb->network_header - skb->mac_header;
	out[5] = skb->data - skb->head == skb->mac_header;
	out[6] = skb->dev->ifindex;
	out[7] = bpf_probe_read_kernel(mac, sizeof(mac), skb->data);
	out[8] = mac[0] | mac[12] << 8 | mac[13] << 16;
	out[9] = (void *)(long)ctx->data == skb->data;
	return 0;
}

SEC("xdp") int the_packet_is_an_xdp_buff(struct xdp_md *ctx)
{
	struct xdp_buff *xdp = bpf_cast_to_kern_ctx(ctx);

	out[0] = xdp->data_end - xdp->data;
	out[1] = xdp->data - xdp->data_meta;
	out[2] = xdp->data == (void *)(long)ctx->data;
	out[3] = xdp->rxq->queue_index;
	out[4] = xdp->rxq->dev->ifindex;
	return 2;
}

SEC("tc") int memory_is_read_as_any_structure(struct __sk_buff *ctx)
{
	struct iphdr header = { .version = 4, .ttl = 64, .saddr = 0x0100007f }, *ip;
	struct sk_buff *nothing;

	ip = bpf_rdonly_cast(&header, bpf_core_type_id_kernel(struct iphdr));
	out[0] = ip->ttl;
	out[1] = ip->saddr;
	nothing = bpf_rdonly_cast(0, bpf_core_type_id_kernel(struct sk_buff));
	out[2] = nothing->len + (__u64)nothing->head;
	nothing = bpf_rdonly_cast((void *)4096, bpf_core_type_id_kernel(struct sk_buff));
	out[3] = nothing->len + nothing->dev->ifindex;
	return 0;
}

SEC("tc") int from_the_root_there_is_no_way_up(struct __sk_buff *ctx)
{
	struct cgroup *root = bpf_cgroup_from_id(1);
	struct cgroup_subsys_state *css;
	struct bpf_iter_css it;

	if (!root)
		return 1;
	bpf_rcu_read_lock();
	out[0] = bpf_iter_css_new(&it, &root->self, 4);
	while ((css = bpf_iter_css_next(&it))) {
		out[1]++;
		out[2] = css->cgroup == root;
	}
	bpf_iter_css_destroy(&it);
	out[3] = bpf_iter_css_new(&it, &root->self, 0);
	out[4] = bpf_iter_css_next(&it) != 0;
	bpf_iter_css_destroy(&it);
	out[5] = bpf_iter_css_new(&it, &root->self, 5);
	bpf_iter_css_destroy(&it);
	bpf_rcu_read_unlock();
	bpf_cgroup_release(root);
	return 0;
}

SEC("tc") int tasks_are_walked_from_the_idle_one(struct __sk_buff *ctx)
{
	struct bpf_iter_task it;
	struct task_struct *task;

	bpf_rcu_read_lock();
	out[0] = bpf_iter_task_new(&it, 0, 0);
	task = bpf_iter_task_next(&it);
	if (task)
		out[1] = task->pid == 0;
	bpf_iter_task_destroy(&it);
	out[2] = bpf_iter_task_new(&it, 0, 2);
	out[3] = bpf_iter_task_next(&it) != 0;
	bpf_iter_task_destroy(&it);
	out[4] = bpf_iter_task_new(&it, 0, 3);
	bpf_iter_task_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}

SEC("tc") int the_kernels_keyrings_are_three(struct __sk_buff *ctx)
{
	struct bpf_key *key;

#define KEYRING(id, at) key = bpf_lookup_system_key(id); if (key) { out[at] = 1; bpf_key_put(key); }
	KEYRING(0, 0)
	KEYRING(1, 1)
	KEYRING(2, 2)
	KEYRING(3, 3)
	KEYRING(-1, 4)
	out[5] = bpf_modify_return_test_tp(41);
	out[6] = bpf_get_kmem_cache(0) != 0;
	out[7] = bpf_get_kmem_cache(4096) != 0;
	return 0;
}

struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 5); __type(key, int); __uint(value_size, 12); } rows SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 100); __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	 __type(key, struct kept); __type(value, __u64); } names SEC(".maps");

SEC("tc") int maps_are_structures(struct __sk_buff *ctx)
{
	struct bpf_array *array = (struct bpf_array *)&rows;
	struct bpf_map *hash = (struct bpf_map *)&names;

	out[0] = array->map.map_type;
	out[1] = array->map.key_size << 16 | array->map.value_size;
	out[2] = array->map.max_entries;
	out[3] = array->elem_size;
	out[4] = array->index_mask;
	out[5] = hash->map_type << 16 | hash->map_flags;
	out[6] = hash->key_size << 16 | hash->value_size;
	out[7] = hash->max_entries;
	return 0;
}

char _license[] SEC("license") = "GPL";
