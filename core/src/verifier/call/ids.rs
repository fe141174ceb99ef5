//! Numbers of the helpers that have rules of their own.

macro_rules! ids {
    ($($name:ident = $id:literal,)*) => {
        $(pub(crate) const $name: u32 = $id;)*

        #[cfg(test)]
        const NAMES: &[(&str, u32)] = &[$((stringify!($name), $id),)*];
    };
}

ids! {
    MAP_LOOKUP_ELEM = 1,
    MAP_UPDATE_ELEM = 2,
    MAP_DELETE_ELEM = 3,
    GET_SMP_PROCESSOR_ID = 8,
    TAIL_CALL = 12,
    PERF_EVENT_READ = 22,
    PERF_EVENT_OUTPUT = 25,
    GET_STACKID = 27,
    SKB_UNDER_CGROUP = 33,
    CURRENT_TASK_UNDER_CGROUP = 37,
    PROBE_READ_STR = 45,
    REDIRECT_MAP = 51,
    SK_REDIRECT_MAP = 52,
    SOCK_MAP_UPDATE = 53,
    PERF_EVENT_READ_VALUE = 55,
    MSG_REDIRECT_MAP = 60,
    GET_STACK = 67,
    SOCK_HASH_UPDATE = 70,
    MSG_REDIRECT_HASH = 71,
    SK_REDIRECT_HASH = 72,
    GET_LOCAL_STORAGE = 81,
    SK_SELECT_REUSEPORT = 82,
    SK_LOOKUP_TCP = 84,
    SK_LOOKUP_UDP = 85,
    SK_RELEASE = 86,
    MAP_PUSH_ELEM = 87,
    MAP_POP_ELEM = 88,
    MAP_PEEK_ELEM = 89,
    SPIN_LOCK = 93,
    SPIN_UNLOCK = 94,
    SK_FULLSOCK = 95,
    TCP_SOCK = 96,
    SKC_LOOKUP_TCP = 99,
    SK_STORAGE_GET = 107,
    SK_STORAGE_DELETE = 108,
    SKB_OUTPUT = 111,
    PROBE_READ_USER_STR = 114,
    PROBE_READ_KERNEL_STR = 115,
    XDP_OUTPUT = 121,
    RINGBUF_OUTPUT = 130,
    RINGBUF_RESERVE = 131,
    RINGBUF_QUERY = 134,
    SKC_TO_TCP6_SOCK = 136,
    SKC_TO_TCP_SOCK = 137,
    SKC_TO_TCP_TIMEWAIT_SOCK = 138,
    SKC_TO_TCP_REQUEST_SOCK = 139,
    SKC_TO_UDP6_SOCK = 140,
    GET_TASK_STACK = 141,
    INODE_STORAGE_GET = 145,
    INODE_STORAGE_DELETE = 146,
    PER_CPU_PTR = 153,
    THIS_CPU_PTR = 154,
    TASK_STORAGE_GET = 156,
    TASK_STORAGE_DELETE = 157,
    FOR_EACH_MAP_ELEM = 164,
    SNPRINTF = 165,
    TIMER_SET_CALLBACK = 170,
    GET_FUNC_IP = 173,
    FIND_VMA = 180,
    LOOP = 181,
    KPTR_XCHG = 194,
    MAP_LOOKUP_PERCPU_ELEM = 195,
    SKC_TO_MPTCP_SOCK = 196,
    DYNPTR_FROM_MEM = 197,
    RINGBUF_RESERVE_DYNPTR = 198,
    RINGBUF_SUBMIT_DYNPTR = 199,
    RINGBUF_DISCARD_DYNPTR = 200,
    DYNPTR_WRITE = 202,
    DYNPTR_DATA = 203,
    USER_RINGBUF_DRAIN = 209,
    CGRP_STORAGE_GET = 210,
    CGRP_STORAGE_DELETE = 211,
}

/// Helpers of perf event arrays.
pub(super) const PERF_EVENT: &[u32] =
    &[PERF_EVENT_READ, PERF_EVENT_OUTPUT, SKB_OUTPUT, PERF_EVENT_READ_VALUE, XDP_OUTPUT];

/// Helpers of ring buffers.
pub(super) const RINGBUF: &[u32] = &[
    RINGBUF_OUTPUT,
    RINGBUF_RESERVE,
    RINGBUF_QUERY,
    RINGBUF_RESERVE_DYNPTR,
    RINGBUF_SUBMIT_DYNPTR,
    RINGBUF_DISCARD_DYNPTR,
];

#[cfg(test)]
mod tests {
    use super::NAMES;
    use crate::kernel::helper;

    #[test]
    fn a_number_is_that_of_the_helper_of_its_name() {
        for &(name, id) in NAMES {
            let wanted = format!("bpf_{}", name.to_lowercase());
            assert_eq!(helper(id).map(|h| h.name), Some(wanted.as_str()));
        }
    }
}
