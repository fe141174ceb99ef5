/* Queues of the program's own objects: in global data, in a map's values, and one list within another's elements. */
#include "objects.h"

struct packet {
	struct bpf_list_node node;
	__u32 len, mark;
};

PRIVATE(fifo) struct bpf_spin_lock fifo_lock;
PRIVATE(fifo) struct bpf_list_head fifo CONTAINS(packet, node);
PRIVATE(fifo) __u32 fifo_length;

struct flow_queue {
	struct bpf_spin_lock lock;
	struct bpf_list_head packets CONTAINS(packet, node);
	__u32 length;
};

struct {
	UINT(type, BPF_MAP_TYPE_HASH);
	TYPE(key, __u32);
	TYPE(value, struct flow_queue);
	UINT(max_entries, 256);
} flows SEC(".maps");

SEC("tc")
int enqueue(struct __sk_buff *skb)
{
	struct packet *packet = bpf_obj_new(struct packet);

	if (!packet)
		return TC_ACT_SHOT;
	packet->len = skb->len;
	packet->mark = skb->mark;
	bpf_spin_lock(&fifo_lock);
	bpf_list_push_back(&fifo, &packet->node);
	/* Still readable: nobody else may take it off the list while the lock is held. */
	fifo_length += packet->len;
	bpf_spin_unlock(&fifo_lock);
	return TC_ACT_OK;
}

SEC("tc")
int dequeue(struct __sk_buff *skb)
{
	struct bpf_list_node *node;
	struct packet *packet;

	bpf_spin_lock(&fifo_lock);
	node = bpf_list_pop_front(&fifo);
	bpf_spin_unlock(&fifo_lock);
	if (!node)
		return TC_ACT_SHOT;
	packet = container_of(node, struct packet, node);
	skb->mark = packet->mark;
	bpf_obj_drop(packet);
	return TC_ACT_OK;
}

SEC("tc")
int peek(struct __sk_buff *skb)
{
	struct bpf_list_node *first, *last;
	__u32 sum = 0;

	bpf_spin_lock(&fifo_lock);
	first = bpf_list_front(&fifo);
	last = bpf_list_back(&fifo);
	if (first)
		sum += container_of(first, struct packet, node)->len;
	if (last)
		sum += container_of(last, struct packet, node)->len;
	bpf_spin_unlock(&fifo_lock);
	skb->mark = sum;
	return TC_ACT_OK;
}

SEC("xdp")
int by_flow(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;
	struct flow_queue *queue = bpf_map_lookup_elem(&flows, &key);
	struct bpf_list_node *old = 0;
	struct packet *packet;

	if (!queue)
		return XDP_PASS;
	packet = bpf_obj_new(struct packet);
	if (!packet)
		return XDP_DROP;
	packet->len = ctx->data_end - ctx->data;
	bpf_spin_lock(&queue->lock);
	if (queue->length < 16)
		queue->length++;
	else
		old = bpf_list_pop_back(&queue->packets);
	bpf_list_push_front(&queue->packets, &packet->node);
	bpf_spin_unlock(&queue->lock);
	if (old)
		bpf_obj_drop(container_of(old, struct packet, node));
	return XDP_PASS;
}

SEC("tc")
int drain(struct __sk_buff *skb)
{
	__u32 total = 0;

	for (int i = 0; i < 8; i++) {
		struct bpf_list_node *node;
		struct packet *packet;

		bpf_spin_lock(&fifo_lock);
		node = bpf_list_pop_front(&fifo);
		bpf_spin_unlock(&fifo_lock);
		if (!node)
			break;
		packet = container_of(node, struct packet, node);
		total += packet->len;
		bpf_obj_drop(packet);
	}
	skb->mark = total;
	return TC_ACT_OK;
}

/* A list of lists: each batch is an element, and has a lock and packets of its own. */
struct batch {
	struct bpf_spin_lock lock;
	struct bpf_list_head packets CONTAINS(packet, node);
	__u32 length;
	struct packet_count {
		__u64 bytes;
	} count;
};

SEC("tc")
int batch(struct __sk_buff *skb)
{
	struct batch *batch = bpf_obj_new(struct batch);
	struct packet *packet;

	if (!batch)
		return TC_ACT_SHOT;
	packet = bpf_obj_new(struct packet);
	if (!packet) {
		bpf_obj_drop(batch);
		return TC_ACT_SHOT;
	}
	packet->len = skb->len;
	bpf_spin_lock(&batch->lock);
	bpf_list_push_back(&batch->packets, &packet->node);
	batch->length++;
	bpf_spin_unlock(&batch->lock);
	skb->mark = batch->length;
	bpf_obj_drop(batch);
	return TC_ACT_OK;
}

SUBPROG int add_to(struct bpf_list_head *head, struct bpf_spin_lock *lock, __u32 len)
{
	struct packet *packet = bpf_obj_new(struct packet);

	if (!packet)
		return 0;
	packet->len = len;
	bpf_spin_lock(lock);
	bpf_list_push_back(head, &packet->node);
	bpf_spin_unlock(lock);
	return 1;
}

SEC("tc")
int by_subprogram(struct __sk_buff *skb)
{
	__u32 key = skb->hash & 255;
	struct flow_queue *queue = bpf_map_lookup_elem(&flows, &key);
	int added = add_to(&fifo, &fifo_lock, skb->len);

	if (queue)
		added += add_to(&queue->packets, &queue->lock, skb->len);
	return added ? TC_ACT_OK : TC_ACT_SHOT;
}
