/* Mistakes with exceptions and their callbacks, one a program. Above each stands what the kernel says. */
#include "exceptions.h"

struct {
	UINT(type, BPF_MAP_TYPE_PROG_ARRAY);
	UINT(key_size, 4);
	UINT(value_size, 4);
	UINT(max_entries, 1);
} steps SEC(".maps");

GLOBAL int handler(__u64 cookie)
{
	return cookie;
}

GLOBAL int other_handler(__u64 cookie)
{
	return cookie + 1;
}

static __attribute__((noinline, used)) int static_handler(__u64 cookie)
{
	return cookie;
}

GLOBAL __attribute__((visibility("hidden"))) int hidden_handler(__u64 cookie)
{
	return cookie;
}

GLOBAL int nothing_handler(void)
{
	return 1;
}

GLOBAL int pair_handler(__u64 cookie, __u64 more)
{
	return cookie + more;
}

GLOBAL int pointer_handler(struct __sk_buff *skb)
{
	return skb->len;
}

GLOBAL void void_handler(__u64 cookie)
{
	asm volatile("");
}

GLOBAL int throwing_handler(__u64 cookie)
{
	if (cookie == 2)
		bpf_throw(3);
	return cookie;
}

SUBPROG int throwing(__u64 cookie)
{
	if (cookie == 2)
		bpf_throw(3);
	return cookie;
}

GLOBAL int passing_handler(__u64 cookie)
{
	return throwing(cookie);
}

GLOBAL int two_handler(__u64 cookie)
{
	return 2;
}

SUBPROG int deep(__u64 cookie)
{
	char room[400];

	FORGET(cookie);
	room[0] = cookie;
	room[399] = cookie;
	asm volatile("" : : "r"(room) : "memory");
	return room[cookie & 255];
}

GLOBAL int deep_handler(__u64 cookie)
{
	char room[200];

	FORGET(cookie);
	room[0] = cookie;
	room[199] = cookie;
	asm volatile("" : : "r"(room) : "memory");
	return deep(cookie) + room[199];
}

/* The tail call is on no path: that there is one is enough. */
SUBPROG int jumping(void)
{
	int result;

	asm volatile("r0 = 1\n\t"
		     "if r0 == 1 goto 1f\n\t"
		     "r2 = %[steps] ll\n\t"
		     "r3 = 0\n\t"
		     "call 12\n"
		     "1: %[result] = r0"
		     : [result] "=r"(result)
		     : [steps] "i"(&steps)
		     : "r0", "r1", "r2", "r3", "r4", "r5");
	return result;
}

GLOBAL int jumping_handler(__u64 cookie)
{
	return jumping();
}

/* multiple exception callback tags for main subprog */
SEC("tc") CATCH(handler) CATCH(other_handler)
int several_tags(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* exception callback 'nobody' could not be found in BTF */
SEC("tc") CATCH(nobody)
int no_such_function(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* exception callback 'static_handler' must have global linkage */
SEC("tc") CATCH(static_handler)
int static_function(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* exception callback 'hidden_handler' must have global linkage */
SEC("tc") CATCH(hidden_handler)
int hidden_function(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* invalid exception callback insn_off in func_info: 0 */
SEC("tc") CATCH(itself)
int itself(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* exception callback type id not found in func_info */
SEC("tc") CATCH(itself)
int another_program(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* exception cb only supports single integer argument */
SEC("tc") CATCH(nothing_handler)
int no_argument(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* exception cb only supports single integer argument */
SEC("tc") CATCH(pair_handler)
int two_arguments(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* exception cb only supports single integer argument */
SEC("tc") CATCH(pointer_handler)
int the_context(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* Global function void_handler() doesn't return scalar. Only those are supported. */
SEC("tc") CATCH(void_handler)
int no_result(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* insn 5 cannot call exception cb directly */
SEC("tc") CATCH(handler)
int a_call(struct __sk_buff *skb)
{
	if (skb->len == 1)
		bpf_throw(1);
	return handler(3);
}

/* bpf_throw kfunc (insn 7) cannot be called from callback subprog 1 */
SEC("tc") CATCH(throwing_handler)
int thrown_again(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* bpf_throw kfunc (insn 9) cannot be called from callback subprog 2 */
SEC("tc") CATCH(passing_handler)
int thrown_again_below(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* bpf_throw kfunc (insn 5) cannot be called from callback subprog 1 */
SEC("tc") CATCH(throwing_handler)
int nothing_thrown(struct __sk_buff *skb)
{
	return skb->len;
}

/* At program exit the register R0 has smin=2 smax=2 should have been in [0, 1] */
SEC("cgroup_skb/ingress") CATCH(two_handler)
int result_out_of_range(struct __sk_buff *skb)
{
	if (skb->len == 1)
		bpf_throw(1);
	return 1;
}

/* At program exit the register R1 has smin=2 smax=2 should have been in [0, 1] */
SEC("cgroup_skb/ingress")
int cookie_out_of_range(struct __sk_buff *skb)
{
	if (skb->len == 1)
		bpf_throw(2);
	return 1;
}

/* combined stack size of 2 calls is 608. Too large */
SEC("tc") CATCH(deep_handler)
int stack_of_the_callback(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}

/* cannot tail call within exception cb */
SEC("tc") CATCH(jumping_handler)
int a_tail_call_below_the_callback(struct __sk_buff *skb)
{
	bpf_throw(1);
	return 0;
}
