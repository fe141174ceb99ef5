/* Exceptions: from functions and the functions that these call, static and global, with a callback and without one; what
   the callback gets, calls and returns; programs that functions jump to, which throw. */
#include "../verifier/c/exceptions.h"

int throws_below(struct __sk_buff *skb);
int throws_to_its_callback(struct __sk_buff *skb);

struct {
	UINT(type, BPF_MAP_TYPE_PROG_ARRAY);
	UINT(key_size, 4);
	UINT(value_size, 4);
	UINT(max_entries, 3);
	int (*values[])(struct __sk_buff *);
} steps SEC(".maps") = { .values = { throws_below, throws_to_its_callback } };

long out[16];

SUBPROG long deepest(long cookie)
{
	out[1] = cookie;
	bpf_throw(cookie);
	out[2] = 1;
	return 0;
}

SUBPROG long deep(long cookie)
{
	char room[64];
	long result;

	room[cookie & 63] = cookie;
	asm volatile("" : : "r"(room) : "memory");
	result = deepest(cookie + 1);
	out[3] = 1;
	return result + room[0];
}

GLOBAL int global_below(__u64 length)
{
	if (length & 1)
		bpf_throw(length);
	return 40;
}

GLOBAL int noting(__u64 cookie)
{
	out[4]++;
	out[5] = cookie;
	return cookie + 100;
}

GLOBAL int passing(__u64 cookie)
{
	out[14] = cookie;
	return cookie & 1;
}

SUBPROG long half(long cookie)
{
	out[6] = cookie;
	return cookie >> 1;
}

GLOBAL int calling(__u64 cookie)
{
	char room[128];
	long i, sum = 0;

	for (i = 0; i < 128; i++)
		room[i] = i;
	asm volatile("" : : "r"(room) : "memory");
	for (i = 0; i < 128; i++)
		sum += room[i];
	return half(cookie) + noting(sum);
}

SEC("tc")
int the_cookie_is_the_result(struct __sk_buff *skb)
{
	bpf_throw(skb->len);
	out[0] = 1;
	return 1;
}

SEC("tc")
int thrown_from_below(struct __sk_buff *skb)
{
	out[7] = deep(3);
	return 1;
}

SEC("tc")
int thrown_by_a_global_function(struct __sk_buff *skb)
{
	int result = global_below(skb->len);

	out[8]++;
	return result;
}

SEC("tc") CATCH(noting)
int a_callback_gets_the_cookie(struct __sk_buff *skb)
{
	bpf_throw(skb->len);
	out[0] = 1;
	return 1;
}

SEC("tc") CATCH(noting)
int a_callback_after_frames(struct __sk_buff *skb)
{
	out[7] = deep(skb->len);
	return 1;
}

SEC("tc") CATCH(noting)
int a_callback_after_a_global_function(struct __sk_buff *skb)
{
	int result = global_below(skb->len);

	out[8]++;
	return result;
}

SEC("tc") CATCH(calling)
int a_callback_that_calls(struct __sk_buff *skb)
{
	out[7] = deep(skb->len);
	return 1;
}

SEC("tc") CATCH(noting)
int nothing_is_thrown(struct __sk_buff *skb)
{
	if (!skb->len)
		bpf_throw(1);
	return 7;
}

SEC("xdp") CATCH(calling)
int of_xdp(struct xdp_md *xdp)
{
	if ((xdp->data_end - xdp->data) & 1)
		bpf_throw(1);
	return deep(7);
}

SEC("cgroup_skb/ingress") CATCH(passing)
int of_a_control_group(struct __sk_buff *skb)
{
	return deep(skb->len) != 0;
}

SUBPROG int jump(struct __sk_buff *skb, int slot)
{
	out[9] = slot;
	bpf_tail_call(skb, &steps, slot);
	return 9;
}

/* A program that a function has jumped to returns to that function's caller, whichever way it ends. */
SEC("tc") CATCH(noting)
int a_function_jumps_to_one_that_throws(struct __sk_buff *skb)
{
	int result = jump(skb, 0);

	out[10] = result;
	return result + 1;
}

SEC("tc")
int a_function_jumps_to_one_with_a_callback(struct __sk_buff *skb)
{
	int result = jump(skb, 1);

	out[11] = result;
	return result + 1;
}

SEC("tc") CATCH(noting)
int thrown_behind_a_jump_and_back(struct __sk_buff *skb)
{
	int result = jump(skb, 1);

	out[11] = result;
	deep(result);
	return 1;
}

SEC("tc") CATCH(noting)
int the_main_function_jumps(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &steps, 1);
	bpf_throw(5);
	return 1;
}

SEC("tc")
int throws_below(struct __sk_buff *skb)
{
	out[12]++;
	return deep(20);
}

SEC("tc") CATCH(calling)
int throws_to_its_callback(struct __sk_buff *skb)
{
	out[13]++;
	return deep(30);
}
