/* Look-ups in tables of the host that hold nothing, and lines for whoever loaded the program. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define KS __attribute__((section(".ksyms")))

struct nf_conn;
struct xfrm_state;
struct cgroup;
struct ct_opts { int netns_id, error; __u8 l4proto, dir; __u16 zone; __u8 zone_dir, reserved[3]; };
struct xfrm_opts { int error, netns_id; __u32 mark, daddr[4], spi; __u8 proto; __u16 family; };

extern struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct bpf_sock_tuple *tuple, __u32 size, struct ct_opts *opts, __u32 opts_size) KS;
extern struct nf_conn *bpf_xdp_ct_lookup(struct xdp_md *xdp, struct bpf_sock_tuple *tuple, __u32 size, struct ct_opts *opts, __u32 opts_size) KS;
extern void bpf_ct_release(struct nf_conn *connection) KS;
extern struct xfrm_state *bpf_xdp_get_xfrm_state(struct xdp_md *xdp, struct xfrm_opts *opts, __u32 size) KS;
extern void bpf_xdp_xfrm_state_release(struct xfrm_state *state) KS;
extern struct cgroup *bpf_cgroup_from_id(__u64 id) KS;
extern void bpf_cgroup_release(struct cgroup *group) KS;
extern int bpf_cgroup_read_xattr(struct cgroup *group, const char *name, struct bpf_dynptr *value) KS;
extern int bpf_stream_vprintk_impl(int stream, const char *fmt, const void *args, __u32 size, void *aux) KS;

long out[32];
char value[64];

#define LOOK_UP(at, how, size, opts_size, ...) \
	{ \
		struct ct_opts opts = { __VA_ARGS__ }; \
		struct nf_conn *found = how(ctx, &tuple, size, &opts, opts_size); \
		if (found) { \
			out[at] = 1; \
			bpf_ct_release(found); \
		} else { \
			out[at] = opts.error; \
		} \
	}

#define ASK_ALL(how) \
	LOOK_UP(0, how, sizeof(tuple.ipv4), 16, .netns_id = -1, .l4proto = 6) \
	LOOK_UP(1, how, sizeof(tuple.ipv6), 16, .netns_id = -1, .l4proto = 17) \
	LOOK_UP(2, how, sizeof(tuple.ipv4), 12, .netns_id = -1, .l4proto = 6) \
	LOOK_UP(3, how, sizeof(tuple.ipv4), 12, .netns_id = -1, .l4proto = 6, .zone = 1) \
	LOOK_UP(4, how, sizeof(tuple.ipv4), 16, .netns_id = -1, .l4proto = 6, .reserved = { 1 }) \
	LOOK_UP(5, how, sizeof(tuple.ipv4), 16, .netns_id = -2, .l4proto = 6) \
	LOOK_UP(6, how, sizeof(tuple.ipv4), 16, .netns_id = 77, .l4proto = 6) \
	LOOK_UP(7, how, 20, 16, .netns_id = -1, .l4proto = 6) \
	LOOK_UP(8, how, 20, 16, .netns_id = -1, .l4proto = 1) \
	LOOK_UP(9, how, sizeof(tuple.ipv4), 16, .netns_id = -1, .l4proto = 1) \
	LOOK_UP(10, how, sizeof(tuple.ipv4), 8, .netns_id = -1, .l4proto = 6) \
	LOOK_UP(11, how, sizeof(tuple.ipv4), 16, .netns_id = -1, .l4proto = 6, .zone = 3) \
	LOOK_UP(12, how, sizeof(tuple.ipv4), 16, .netns_id = 77, .l4proto = 1)

SEC("tc") int no_connection_is_found(struct __sk_buff *ctx)
{
	struct bpf_sock_tuple tuple = { .ipv4 = { .saddr = 1, .daddr = 2, .sport = 3, .dport = 4 } };

	ASK_ALL(bpf_skb_ct_lookup)
	return 0;
}

SEC("xdp") int no_connection_is_found_before(struct xdp_md *ctx)
{
	struct bpf_sock_tuple tuple = { .ipv4 = { .saddr = 1, .daddr = 2, .sport = 3, .dport = 4 } };

	ASK_ALL(bpf_xdp_ct_lookup)
	return 2;
}

#define STATE(at, size, ...) \
	{ \
		struct xfrm_opts opts = { __VA_ARGS__ }; \
		struct xfrm_state *found = bpf_xdp_get_xfrm_state(ctx, &opts, size); \
		if (found) { \
			out[at] = 1; \
			bpf_xdp_xfrm_state_release(found); \
		} else { \
			out[at] = opts.error; \
		} \
	}

SEC("xdp") int no_state_of_ipsec_is_found(struct xdp_md *ctx)
{
	STATE(0, 36, .netns_id = -1, .family = 2, .proto = 50)
	STATE(1, 36, .netns_id = -2, .family = 2, .proto = 50)
	STATE(2, 36, .netns_id = 77, .family = 2, .proto = 50)
	STATE(3, 32, .netns_id = -1, .family = 2, .proto = 50)
	STATE(4, 4, .netns_id = -1, .family = 2, .proto = 50)
	STATE(5, 3, .netns_id = -1, .family = 2, .proto = 50)
	return 2;
}

SEC("tc") int the_root_group_has_no_attributes(struct __sk_buff *ctx)
{
	struct cgroup *root = bpf_cgroup_from_id(1);
	struct bpf_dynptr room;

	if (!root)
		return 1;
	bpf_dynptr_from_mem(value, sizeof(value), 0, &room);
	out[0] = bpf_cgroup_read_xattr(root, "user.colour", &room);
	out[1] = bpf_cgroup_read_xattr(root, "security.colour", &room);
	bpf_cgroup_release(root);
	return 0;
}

SEC("tc") int lines_go_to_two_streams(struct __sk_buff *ctx)
{
	__u64 args[2] = { ctx->len, 7 };

	/* A kernel may have no page at hand where it must not wait for one. */
	int one = bpf_stream_vprintk_impl(1, "%d bytes\n", args, 8, 0);
	int two = bpf_stream_vprintk_impl(2, "%d bytes, %d\n", args, 16, 0);

	out[0] = one == 0 || one == -12;
	out[1] = two == 0 || two == -12;
	out[2] = bpf_stream_vprintk_impl(3, "%d bytes\n", args, 8, 0);
	out[3] = bpf_stream_vprintk_impl(0, "%d bytes\n", args, 8, 0);
	out[4] = bpf_stream_vprintk_impl(1, "%d bytes, %d\n", args, 8, 0);
	out[5] = bpf_stream_vprintk_impl(1, "%d bytes\n", args, 7, 0);
	out[6] = bpf_stream_vprintk_impl(1, "%y\n", args, 8, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
