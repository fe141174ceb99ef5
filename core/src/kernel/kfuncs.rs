//! Kernel functions that programs may call by BTF ("kfuncs", Documentation/bpf/kfuncs.rst): the one place that says
//! which exist, who may call them, and what the kernel promises and asks.
//!
//! What an argument is follows, as in the kernel, from its type and from the end of its name: `__sz` is the size of
//! the memory before it, `__k` a constant, `__uninit` memory that is made by the call. The rows are those that a
//! program of a type known here may call on Linux 6.18 for x86-64; each names the kernel that had it first.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{KernelVersion, ProgType, ProgTypes, is_session};

/// A kernel function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kfunc {
    /// Name.
    pub name: &'static str,
    /// What it returns, in C.
    pub ret: &'static str,
    /// Its parameters, in C.
    pub params: &'static str,
    /// What holds of it.
    pub flags: KfuncFlags,
    /// Types of programs that may call it.
    pub prog_types: ProgTypes,
    /// The first kernel that had it.
    pub since: KernelVersion,
}

/// What holds of a kernel function (`KF_*`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct KfuncFlags(u16);

impl KfuncFlags {
    /// Nothing.
    pub const NONE: KfuncFlags = KfuncFlags(0);
    /// What it returns must be given back.
    pub const ACQUIRE: KfuncFlags = KfuncFlags(1 << 0);
    /// It gives back what it is passed.
    pub const RELEASE: KfuncFlags = KfuncFlags(1 << 1);
    /// It may return null.
    pub const RET_NULL: KfuncFlags = KfuncFlags(1 << 2);
    /// Pointers must be ones that the kernel vouches for.
    pub const TRUSTED_ARGS: KfuncFlags = KfuncFlags(1 << 3);
    /// It may sleep.
    pub const SLEEPABLE: KfuncFlags = KfuncFlags(1 << 4);
    /// Pointers must be good within an RCU read section at least.
    pub const RCU: KfuncFlags = KfuncFlags(1 << 5);
    /// It starts an iterator.
    pub const ITER_NEW: KfuncFlags = KfuncFlags(1 << 6);
    /// It asks an iterator for its next element.
    pub const ITER_NEXT: KfuncFlags = KfuncFlags(1 << 7);
    /// It ends an iterator.
    pub const ITER_DESTROY: KfuncFlags = KfuncFlags(1 << 8);
    /// It must be called within an RCU read section.
    pub const RCU_PROTECTED: KfuncFlags = KfuncFlags(1 << 9);

    /// Both sets.
    pub const fn and(self, other: KfuncFlags) -> KfuncFlags {
        KfuncFlags(self.0 | other.0)
    }

    /// Whether any of `other` is set.
    pub const fn has(self, other: KfuncFlags) -> bool {
        self.0 & other.0 != 0
    }
}

/// A parameter of a kernel function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KfuncParam {
    /// Its type in C without `const`, and without the stars: `struct task_struct`, `int`, `void`.
    pub base: &'static str,
    /// How many stars the type has.
    pub stars: u8,
    /// Its name.
    pub name: &'static str,
}

impl KfuncParam {
    /// Whether the name ends so.
    pub fn is_marked(&self, suffix: &str) -> bool {
        self.name.ends_with(suffix)
    }

    /// Whether it is a pointer to that structure.
    pub fn points_to(&self, structure: &str) -> bool {
        self.stars == 1 && self.base.strip_prefix("struct ") == Some(structure)
    }
}

impl Kfunc {
    /// Its parameters, one by one.
    pub fn parameters(&self) -> impl Iterator<Item = KfuncParam> + use<> {
        self.params.split(", ").filter(|text| !text.is_empty()).map(|text| {
            let start = text.rfind([' ', '*']).map_or(0, |at| at + 1);
            let before = text[..start].trim_end();
            let base = before.trim_end_matches('*').trim_end();
            let stars = (before.len() - before.trim_end_matches('*').len()) as u8;
            KfuncParam { base: base.strip_prefix("const ").unwrap_or(base), stars, name: &text[start..] }
        })
    }

    /// Whether a version of the kernel has it.
    pub fn is_in(&self, kernel: KernelVersion) -> bool {
        self.since <= kernel
    }

    /// Whether a program of that type and `expected_attach_type` may call it, in that version of the kernel.
    pub fn is_for(&self, prog_type: ProgType, attach_type: u32, kernel: KernelVersion) -> bool {
        let attached = is_session(attach_type, kernel) || !self.asks_session();
        self.is_in(kernel) && self.prog_types.contains(prog_type) && attached
    }

    /// Whether it asks about the session that the program is of.
    pub fn asks_session(&self) -> bool {
        self.name.starts_with("bpf_session_")
    }

    /// Whether it returns a structure of the kernel, by BTF.
    pub fn gives_structure(&self) -> bool {
        let own = ["bpf_list_node", "bpf_rb_node"];
        match self.ret.strip_prefix("struct ").and_then(|ret| ret.strip_suffix(" *")) {
            Some(structure) => !own.contains(&structure),
            None => matches!(self.name, "bpf_cast_to_kern_ctx" | "bpf_rdonly_cast"),
        }
    }

    /// For functions of an iterator, its name: `num` for `bpf_iter_num_next`.
    pub fn iterator(&self) -> Option<&'static str> {
        let of_iterators = KfuncFlags::ITER_NEW.and(KfuncFlags::ITER_NEXT).and(KfuncFlags::ITER_DESTROY);
        let name = self.name.strip_prefix("bpf_iter_").filter(|_| self.flags.has(of_iterators))?;
        name.rsplit_once('_').map(|(iterator, _)| iterator)
    }
}

/// The kernel function of that name.
pub fn kfunc(name: &str) -> Option<&'static Kfunc> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Kfunc>> = OnceLock::new();
    BY_NAME.get_or_init(|| KFUNCS.iter().map(|row| (row.name, row)).collect()).get(name).copied()
}

/// Every kernel function that is known here, by name.
pub fn kfuncs() -> &'static [Kfunc] {
    KFUNCS
}

const fn k(
    name: &'static str,
    ret: &'static str,
    params: &'static str,
    flags: KfuncFlags,
    prog_types: ProgTypes,
    (major, minor): (u8, u8),
) -> Kfunc {
    Kfunc { name, ret, params, flags, prog_types, since: KernelVersion::new(major, minor) }
}

const NONE: KfuncFlags = KfuncFlags::NONE;
const ACQUIRE: KfuncFlags = KfuncFlags::ACQUIRE;
const RELEASE: KfuncFlags = KfuncFlags::RELEASE;
const RET_NULL: KfuncFlags = KfuncFlags::RET_NULL;
const TRUSTED_ARGS: KfuncFlags = KfuncFlags::TRUSTED_ARGS;
const SLEEPABLE: KfuncFlags = KfuncFlags::SLEEPABLE;
const RCU: KfuncFlags = KfuncFlags::RCU;
const ITER_NEW: KfuncFlags = KfuncFlags::ITER_NEW;
const ITER_NEXT: KfuncFlags = KfuncFlags::ITER_NEXT;
const ITER_DESTROY: KfuncFlags = KfuncFlags::ITER_DESTROY;
const RCU_PROTECTED: KfuncFlags = KfuncFlags::RCU_PROTECTED;

const ALL: ProgTypes = ProgTypes::ALL;
const TC: ProgTypes = ProgTypes::TC;
const XDP: ProgTypes = ProgTypes::XDP;
const CLS: ProgTypes = ProgTypes::of(&[ProgType::SchedCls]);
const CGROUP: ProgTypes = ProgTypes::of(&[ProgType::CgroupSkb]);
/// What is registered for tracing is for tracepoints alone: kprobes have only what everybody has.
const GENERIC: ProgTypes =
    ProgTypes::of(&[ProgType::SchedCls, ProgType::Tracepoint, ProgType::Xdp, ProgType::CgroupSkb]);
const SKB: ProgTypes = ProgTypes::SKB.and(ProgTypes::of(&[ProgType::Tracepoint]));
const TRACEPOINT: ProgTypes = ProgTypes::of(&[ProgType::Tracepoint]);
const SESSION: ProgTypes = ProgTypes::of(&[ProgType::Kprobe]);
/// What the kernel has for its own tests.
const TESTS: ProgTypes = ProgTypes::of(&[ProgType::SchedCls, ProgType::Tracepoint]);
const CT: ProgTypes = ProgTypes::of(&[ProgType::SchedCls, ProgType::Xdp]);
const CRYPTO: ProgTypes = ProgTypes::TC.and(ProgTypes::XDP);

#[rustfmt::skip]
const KFUNCS: &[Kfunc] = &[
    k("__bpf_trap", "void", "", NONE, ALL, (6, 17)),
    k("bpf_arena_alloc_pages", "void *", "void *p__map, void *addr__ign, u32 page_cnt, int node_id, u64 flags", SLEEPABLE, ALL, (6, 9)),
    k("bpf_arena_free_pages", "void", "void *p__map, void *ptr__ign, u32 page_cnt", SLEEPABLE, ALL, (6, 9)),
    k("bpf_arena_reserve_pages", "int", "void *p__map, void *ptr__ign, u32 page_cnt", SLEEPABLE, ALL, (6, 17)),
    k("bpf_cast_to_kern_ctx", "void *", "void *obj", NONE, ALL, (6, 2)),
    k("bpf_cgroup_acquire", "struct cgroup *", "struct cgroup *cgrp", ACQUIRE.and(RCU).and(RET_NULL), GENERIC, (6, 2)),
    k("bpf_cgroup_ancestor", "struct cgroup *", "struct cgroup *cgrp, int level", ACQUIRE.and(RCU).and(RET_NULL), GENERIC, (6, 2)),
    k("bpf_cgroup_from_id", "struct cgroup *", "u64 cgid", ACQUIRE.and(RET_NULL), GENERIC, (6, 4)),
    k("bpf_cgroup_read_xattr", "int", "struct cgroup *cgroup, const char *name__str, struct bpf_dynptr *value_p", RCU, ALL, (6, 17)),
    k("bpf_cgroup_release", "void", "struct cgroup *cgrp", RELEASE, GENERIC, (6, 2)),
    k("bpf_copy_from_user_dynptr", "int", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", SLEEPABLE, ALL, (6, 16)),
    k("bpf_copy_from_user_str", "int", "void *dst, u32 dst__sz, const void *unsafe_ptr__ign, u64 flags", SLEEPABLE, ALL, (6, 12)),
    k("bpf_copy_from_user_str_dynptr", "int", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", SLEEPABLE, ALL, (6, 16)),
    k("bpf_copy_from_user_task_dynptr", "int", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign, struct task_struct *tsk", SLEEPABLE, ALL, (6, 16)),
    k("bpf_copy_from_user_task_str", "int", "void *dst, u32 dst__sz, const void *unsafe_ptr__ign, struct task_struct *tsk, u64 flags", SLEEPABLE, ALL, (6, 14)),
    k("bpf_copy_from_user_task_str_dynptr", "int", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign, struct task_struct *tsk", SLEEPABLE, ALL, (6, 16)),
    k("bpf_cpumask_acquire", "struct bpf_cpumask *", "struct bpf_cpumask *cpumask", ACQUIRE.and(TRUSTED_ARGS), TRACEPOINT, (6, 3)),
    k("bpf_cpumask_and", "bool", "struct bpf_cpumask *dst, const struct cpumask *src1, const struct cpumask *src2", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_any_and_distribute", "u32", "const struct cpumask *src1, const struct cpumask *src2", RCU, TRACEPOINT, (6, 5)),
    k("bpf_cpumask_any_distribute", "u32", "const struct cpumask *cpumask", RCU, TRACEPOINT, (6, 5)),
    k("bpf_cpumask_clear", "void", "struct bpf_cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_clear_cpu", "void", "u32 cpu, struct bpf_cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_copy", "void", "struct bpf_cpumask *dst, const struct cpumask *src", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_create", "struct bpf_cpumask *", "", ACQUIRE.and(RET_NULL), TRACEPOINT, (6, 3)),
    k("bpf_cpumask_empty", "bool", "const struct cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_equal", "bool", "const struct cpumask *src1, const struct cpumask *src2", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_first", "u32", "const struct cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_first_and", "u32", "const struct cpumask *src1, const struct cpumask *src2", RCU, TRACEPOINT, (6, 5)),
    k("bpf_cpumask_first_zero", "u32", "const struct cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_full", "bool", "const struct cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_intersects", "bool", "const struct cpumask *src1, const struct cpumask *src2", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_or", "void", "struct bpf_cpumask *dst, const struct cpumask *src1, const struct cpumask *src2", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_populate", "int", "struct cpumask *cpumask, void *src, size_t src__sz", RCU, TRACEPOINT, (6, 15)),
    k("bpf_cpumask_release", "void", "struct bpf_cpumask *cpumask", RELEASE, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_set_cpu", "void", "u32 cpu, struct bpf_cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_setall", "void", "struct bpf_cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_subset", "bool", "const struct cpumask *src1, const struct cpumask *src2", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_test_and_clear_cpu", "bool", "u32 cpu, struct bpf_cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_test_and_set_cpu", "bool", "u32 cpu, struct bpf_cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_test_cpu", "bool", "u32 cpu, const struct cpumask *cpumask", RCU, TRACEPOINT, (6, 3)),
    k("bpf_cpumask_weight", "u32", "const struct cpumask *cpumask", RCU, TRACEPOINT, (6, 8)),
    k("bpf_cpumask_xor", "void", "struct bpf_cpumask *dst, const struct cpumask *src1, const struct cpumask *src2", RCU, TRACEPOINT, (6, 3)),
    k("bpf_crypto_decrypt", "int", "struct bpf_crypto_ctx *ctx, const struct bpf_dynptr *src, const struct bpf_dynptr *dst, const struct bpf_dynptr *siv__nullable", RCU, CRYPTO, (6, 10)),
    k("bpf_crypto_encrypt", "int", "struct bpf_crypto_ctx *ctx, const struct bpf_dynptr *src, const struct bpf_dynptr *dst, const struct bpf_dynptr *siv__nullable", RCU, CRYPTO, (6, 10)),
    k("bpf_ct_change_status", "int", "struct nf_conn *nfct, u32 status", TRUSTED_ARGS, CT, (6, 0)),
    k("bpf_ct_change_timeout", "int", "struct nf_conn *nfct, u32 timeout", TRUSTED_ARGS, CT, (6, 0)),
    k("bpf_ct_insert_entry", "struct nf_conn *", "struct nf_conn___init *nfct_i", ACQUIRE.and(RET_NULL).and(RELEASE), CT, (6, 0)),
    k("bpf_ct_release", "void", "struct nf_conn *nfct", RELEASE, CT, (5, 18)),
    k("bpf_ct_set_nat_info", "int", "struct nf_conn___init *nfct, union nf_inet_addr *addr, int port, enum nf_nat_manip_type manip", TRUSTED_ARGS, CT, (6, 1)),
    k("bpf_ct_set_status", "int", "const struct nf_conn___init *nfct, u32 status", TRUSTED_ARGS, CT, (6, 0)),
    k("bpf_ct_set_timeout", "void", "struct nf_conn___init *nfct, u32 timeout", TRUSTED_ARGS, CT, (6, 0)),
    k("bpf_dynptr_adjust", "int", "const struct bpf_dynptr *p, u32 start, u32 end", NONE, ALL, (6, 5)),
    k("bpf_dynptr_clone", "int", "const struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit", NONE, ALL, (6, 5)),
    k("bpf_dynptr_copy", "int", "struct bpf_dynptr *dst_ptr, u32 dst_off, struct bpf_dynptr *src_ptr, u32 src_off, u32 size", NONE, ALL, (6, 16)),
    k("bpf_dynptr_from_skb", "int", "struct __sk_buff *s, u64 flags, struct bpf_dynptr *ptr__uninit", TRUSTED_ARGS, SKB, (6, 4)),
    k("bpf_dynptr_from_skb_meta", "int", "struct __sk_buff *skb_, u64 flags, struct bpf_dynptr *ptr__uninit", TRUSTED_ARGS, TC, (6, 18)),
    k("bpf_dynptr_from_xdp", "int", "struct xdp_md *x, u64 flags, struct bpf_dynptr *ptr__uninit", NONE, XDP, (6, 4)),
    k("bpf_dynptr_is_null", "bool", "const struct bpf_dynptr *p", NONE, ALL, (6, 5)),
    k("bpf_dynptr_is_rdonly", "bool", "const struct bpf_dynptr *p", NONE, ALL, (6, 5)),
    k("bpf_dynptr_memset", "int", "struct bpf_dynptr *p, u32 offset, u32 size, u8 val", NONE, ALL, (6, 17)),
    k("bpf_dynptr_size", "__u32", "const struct bpf_dynptr *p", NONE, ALL, (6, 5)),
    k("bpf_dynptr_slice", "void *", "const struct bpf_dynptr *p, u32 offset, void *buffer__opt, u32 buffer__szk", RET_NULL, ALL, (6, 4)),
    k("bpf_dynptr_slice_rdwr", "void *", "const struct bpf_dynptr *p, u32 offset, void *buffer__opt, u32 buffer__szk", RET_NULL, ALL, (6, 4)),
    k("bpf_get_kmem_cache", "struct kmem_cache *", "u64 addr", NONE, ALL, (6, 13)),
    k("bpf_iter_bits_destroy", "void", "struct bpf_iter_bits *it", ITER_DESTROY, ALL, (6, 11)),
    k("bpf_iter_bits_new", "int", "struct bpf_iter_bits *it, const u64 *unsafe_ptr__ign, u32 nr_words", ITER_NEW, ALL, (6, 11)),
    k("bpf_iter_bits_next", "int *", "struct bpf_iter_bits *it", ITER_NEXT.and(RET_NULL), ALL, (6, 11)),
    k("bpf_iter_css_destroy", "void", "struct bpf_iter_css *it", ITER_DESTROY, ALL, (6, 7)),
    k("bpf_iter_css_new", "int", "struct bpf_iter_css *it, struct cgroup_subsys_state *start, unsigned int flags", ITER_NEW.and(TRUSTED_ARGS).and(RCU_PROTECTED), ALL, (6, 7)),
    k("bpf_iter_css_next", "struct cgroup_subsys_state *", "struct bpf_iter_css *it", ITER_NEXT.and(RET_NULL), ALL, (6, 7)),
    k("bpf_iter_css_task_destroy", "void", "struct bpf_iter_css_task *it", ITER_DESTROY, ALL, (6, 7)),
    k("bpf_iter_css_task_new", "int", "struct bpf_iter_css_task *it, struct cgroup_subsys_state *css, unsigned int flags", ITER_NEW.and(TRUSTED_ARGS), ALL, (6, 7)),
    k("bpf_iter_css_task_next", "struct task_struct *", "struct bpf_iter_css_task *it", ITER_NEXT.and(RET_NULL), ALL, (6, 7)),
    k("bpf_iter_dmabuf_destroy", "void", "struct bpf_iter_dmabuf *it", ITER_DESTROY.and(SLEEPABLE), ALL, (6, 16)),
    k("bpf_iter_dmabuf_new", "int", "struct bpf_iter_dmabuf *it", ITER_NEW.and(SLEEPABLE), ALL, (6, 16)),
    k("bpf_iter_dmabuf_next", "struct dma_buf *", "struct bpf_iter_dmabuf *it", ITER_NEXT.and(RET_NULL).and(SLEEPABLE), ALL, (6, 16)),
    k("bpf_iter_kmem_cache_destroy", "void", "struct bpf_iter_kmem_cache *it", ITER_DESTROY.and(SLEEPABLE), ALL, (6, 13)),
    k("bpf_iter_kmem_cache_new", "int", "struct bpf_iter_kmem_cache *it", ITER_NEW.and(SLEEPABLE), ALL, (6, 13)),
    k("bpf_iter_kmem_cache_next", "struct kmem_cache *", "struct bpf_iter_kmem_cache *it", ITER_NEXT.and(RET_NULL).and(SLEEPABLE), ALL, (6, 13)),
    k("bpf_iter_num_destroy", "void", "struct bpf_iter_num *it", ITER_DESTROY, ALL, (6, 4)),
    k("bpf_iter_num_new", "int", "struct bpf_iter_num *it, int start, int end", ITER_NEW, ALL, (6, 4)),
    k("bpf_iter_num_next", "int *", "struct bpf_iter_num *it", ITER_NEXT.and(RET_NULL), ALL, (6, 4)),
    k("bpf_iter_task_destroy", "void", "struct bpf_iter_task *it", ITER_DESTROY, ALL, (6, 7)),
    k("bpf_iter_task_new", "int", "struct bpf_iter_task *it, struct task_struct *task__nullable, unsigned int flags", ITER_NEW.and(TRUSTED_ARGS).and(RCU_PROTECTED), ALL, (6, 7)),
    k("bpf_iter_task_next", "struct task_struct *", "struct bpf_iter_task *it", ITER_NEXT.and(RET_NULL), ALL, (6, 7)),
    k("bpf_iter_task_vma_destroy", "void", "struct bpf_iter_task_vma *it", ITER_DESTROY, ALL, (6, 7)),
    k("bpf_iter_task_vma_new", "int", "struct bpf_iter_task_vma *it, struct task_struct *task, u64 addr", ITER_NEW.and(RCU), ALL, (6, 7)),
    k("bpf_iter_task_vma_next", "struct vm_area_struct *", "struct bpf_iter_task_vma *it", ITER_NEXT.and(RET_NULL), ALL, (6, 7)),
    k("bpf_key_put", "void", "struct bpf_key *bkey", RELEASE, GENERIC, (6, 1)),
    k("bpf_kfunc_call_memb_release", "void", "struct prog_test_member *p", RELEASE, TESTS, (6, 0)),
    k("bpf_kfunc_call_test_release", "void", "struct prog_test_ref_kfunc *p", RELEASE, TESTS, (5, 18)),
    k("bpf_list_back", "struct bpf_list_node *", "struct bpf_list_head *head", RET_NULL, GENERIC, (6, 16)),
    k("bpf_list_front", "struct bpf_list_node *", "struct bpf_list_head *head", RET_NULL, GENERIC, (6, 16)),
    k("bpf_list_pop_back", "struct bpf_list_node *", "struct bpf_list_head *head", ACQUIRE.and(RET_NULL), GENERIC, (6, 2)),
    k("bpf_list_pop_front", "struct bpf_list_node *", "struct bpf_list_head *head", ACQUIRE.and(RET_NULL), GENERIC, (6, 2)),
    k("bpf_list_push_back_impl", "int", "struct bpf_list_head *head, struct bpf_list_node *node, void *meta__ign, u64 off", NONE, GENERIC, (6, 2)),
    k("bpf_list_push_front_impl", "int", "struct bpf_list_head *head, struct bpf_list_node *node, void *meta__ign, u64 off", NONE, GENERIC, (6, 2)),
    k("bpf_local_irq_restore", "void", "unsigned long *flags__irq_flag", NONE, ALL, (6, 14)),
    k("bpf_local_irq_save", "void", "unsigned long *flags__irq_flag", NONE, ALL, (6, 14)),
    k("bpf_lookup_system_key", "struct bpf_key *", "u64 id", ACQUIRE.and(RET_NULL), GENERIC, (6, 1)),
    k("bpf_lookup_user_key", "struct bpf_key *", "s32 serial, u64 flags", ACQUIRE.and(RET_NULL).and(SLEEPABLE), GENERIC, (6, 1)),
    k("bpf_map_sum_elem_count", "s64", "const struct bpf_map *map", TRUSTED_ARGS, ALL, (6, 6)),
    k("bpf_modify_return_test_tp", "int", "int nonce", NONE, ALL, (6, 9)),
    k("bpf_obj_drop_impl", "void", "void *p__alloc, void *meta__ign", RELEASE, GENERIC, (6, 2)),
    k("bpf_obj_new_impl", "void *", "u64 local_type_id__k, void *meta__ign", ACQUIRE.and(RET_NULL), GENERIC, (6, 2)),
    k("bpf_percpu_obj_drop_impl", "void", "void *p__alloc, void *meta__ign", RELEASE, GENERIC, (6, 7)),
    k("bpf_percpu_obj_new_impl", "void *", "u64 local_type_id__k, void *meta__ign", ACQUIRE.and(RET_NULL), GENERIC, (6, 7)),
    k("bpf_preempt_disable", "void", "", NONE, ALL, (6, 10)),
    k("bpf_preempt_enable", "void", "", NONE, ALL, (6, 10)),
    k("bpf_probe_read_kernel_dynptr", "int", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", NONE, ALL, (6, 16)),
    k("bpf_probe_read_kernel_str_dynptr", "int", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", NONE, ALL, (6, 16)),
    k("bpf_probe_read_user_dynptr", "int", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", NONE, ALL, (6, 16)),
    k("bpf_probe_read_user_str_dynptr", "int", "struct bpf_dynptr *dptr, u32 off, u32 size, const void *unsafe_ptr__ign", NONE, ALL, (6, 16)),
    k("bpf_rbtree_add_impl", "int", "struct bpf_rb_root *root, struct bpf_rb_node *node, void *less, void *meta__ign, u64 off", NONE, GENERIC, (6, 3)),
    k("bpf_rbtree_first", "struct bpf_rb_node *", "struct bpf_rb_root *root", RET_NULL, GENERIC, (6, 3)),
    k("bpf_rbtree_left", "struct bpf_rb_node *", "struct bpf_rb_root *root, struct bpf_rb_node *node", RET_NULL, GENERIC, (6, 16)),
    k("bpf_rbtree_remove", "struct bpf_rb_node *", "struct bpf_rb_root *root, struct bpf_rb_node *node", ACQUIRE.and(RET_NULL), GENERIC, (6, 3)),
    k("bpf_rbtree_right", "struct bpf_rb_node *", "struct bpf_rb_root *root, struct bpf_rb_node *node", RET_NULL, GENERIC, (6, 16)),
    k("bpf_rbtree_root", "struct bpf_rb_node *", "struct bpf_rb_root *root", RET_NULL, GENERIC, (6, 16)),
    k("bpf_rcu_read_lock", "void", "", NONE, ALL, (6, 2)),
    k("bpf_rcu_read_unlock", "void", "", NONE, ALL, (6, 2)),
    k("bpf_rdonly_cast", "void *", "const void *obj__ign, u32 btf_id__k", NONE, ALL, (6, 2)),
    k("bpf_refcount_acquire_impl", "void *", "void *p__refcounted_kptr, void *meta__ign", ACQUIRE.and(RCU).and(RET_NULL), GENERIC, (6, 4)),
    k("bpf_res_spin_lock", "int", "struct bpf_res_spin_lock *lock", NONE, ALL, (6, 15)),
    k("bpf_res_spin_lock_irqsave", "int", "struct bpf_res_spin_lock *lock, unsigned long *flags__irq_flag", NONE, ALL, (6, 15)),
    k("bpf_res_spin_unlock", "void", "struct bpf_res_spin_lock *lock", NONE, ALL, (6, 15)),
    k("bpf_res_spin_unlock_irqrestore", "void", "struct bpf_res_spin_lock *lock, unsigned long *flags__irq_flag", NONE, ALL, (6, 15)),
    k("bpf_send_signal_task", "int", "struct task_struct *task, int sig, enum pid_type type, u64 value", TRUSTED_ARGS, GENERIC, (6, 13)),
    k("bpf_session_cookie", "__u64 *", "", NONE, SESSION, (6, 10)),
    k("bpf_session_is_return", "bool", "", NONE, SESSION, (6, 10)),
    k("bpf_sk_assign_tcp_reqsk", "int", "struct __sk_buff *s, struct sock *sk, struct bpf_tcp_req_attrs *attrs, int attrs__sz", TRUSTED_ARGS, CLS, (6, 9)),
    k("bpf_skb_ct_alloc", "struct nf_conn___init *", "struct __sk_buff *skb_ctx, struct bpf_sock_tuple *bpf_tuple, u32 tuple__sz, struct bpf_ct_opts *opts, u32 opts__sz", ACQUIRE.and(RET_NULL), CT, (6, 0)),
    k("bpf_skb_ct_lookup", "struct nf_conn *", "struct __sk_buff *skb_ctx, struct bpf_sock_tuple *bpf_tuple, u32 tuple__sz, struct bpf_ct_opts *opts, u32 opts__sz", ACQUIRE.and(RET_NULL), CT, (5, 18)),
    k("bpf_sock_addr_set_sun_path", "int", "struct bpf_sock_addr_kern *sa_kern, const u8 *sun_path, u32 sun_path__sz", TRUSTED_ARGS, CGROUP, (6, 7)),
    k("bpf_sock_ops_enable_tx_tstamp", "int", "struct bpf_sock_ops_kern *skops, u64 flags", TRUSTED_ARGS, CGROUP, (6, 15)),
    k("bpf_strcasecmp", "int", "const char *s1__ign, const char *s2__ign", NONE, ALL, (6, 18)),
    k("bpf_strchr", "int", "const char *s__ign, char c", NONE, ALL, (6, 17)),
    k("bpf_strchrnul", "int", "const char *s__ign, char c", NONE, ALL, (6, 17)),
    k("bpf_strcmp", "int", "const char *s1__ign, const char *s2__ign", NONE, ALL, (6, 17)),
    k("bpf_strcspn", "int", "const char *s__ign, const char *reject__ign", NONE, ALL, (6, 17)),
    k("bpf_stream_vprintk_impl", "int", "int stream_id, const char *fmt__str, const void *args, u32 len__sz, void *aux__prog", TRUSTED_ARGS, ALL, (6, 17)),
    k("bpf_strlen", "int", "const char *s__ign", NONE, ALL, (6, 17)),
    k("bpf_strnchr", "int", "const char *s__ign, size_t count, char c", NONE, ALL, (6, 17)),
    k("bpf_strnlen", "int", "const char *s__ign, size_t count", NONE, ALL, (6, 17)),
    k("bpf_strnstr", "int", "const char *s1__ign, const char *s2__ign, size_t len", NONE, ALL, (6, 17)),
    k("bpf_strrchr", "int", "const char *s__ign, int c", NONE, ALL, (6, 17)),
    k("bpf_strspn", "int", "const char *s__ign, const char *accept__ign", NONE, ALL, (6, 17)),
    k("bpf_strstr", "int", "const char *s1__ign, const char *s2__ign", NONE, ALL, (6, 17)),
    k("bpf_task_acquire", "struct task_struct *", "struct task_struct *p", ACQUIRE.and(RCU).and(RET_NULL), GENERIC, (6, 2)),
    k("bpf_task_from_pid", "struct task_struct *", "s32 pid", ACQUIRE.and(RET_NULL), GENERIC, (6, 2)),
    k("bpf_task_from_vpid", "struct task_struct *", "s32 vpid", ACQUIRE.and(RET_NULL), GENERIC, (6, 13)),
    k("bpf_task_get_cgroup1", "struct cgroup *", "struct task_struct *task, int hierarchy_id", ACQUIRE.and(RCU).and(RET_NULL), GENERIC, (6, 8)),
    k("bpf_task_release", "void", "struct task_struct *p", RELEASE, GENERIC, (6, 2)),
    k("bpf_task_under_cgroup", "long int", "struct task_struct *task, struct cgroup *ancestor", RCU, GENERIC, (6, 5)),
    k("bpf_task_work_schedule_resume_impl", "int", "struct task_struct *task, struct bpf_task_work *tw, void *map__map, void *callback, void *aux__prog", TRUSTED_ARGS, ALL, (6, 18)),
    k("bpf_task_work_schedule_signal_impl", "int", "struct task_struct *task, struct bpf_task_work *tw, void *map__map, void *callback, void *aux__prog", TRUSTED_ARGS, ALL, (6, 18)),
    k("bpf_throw", "void", "u64 cookie", NONE, GENERIC, (6, 7)),
    k("bpf_wq_init", "int", "struct bpf_wq *wq, void *p__map, unsigned int flags", NONE, ALL, (6, 10)),
    k("bpf_wq_set_callback_impl", "int", "struct bpf_wq *wq, void *callback_fn, unsigned int flags, void *aux__prog", NONE, ALL, (6, 10)),
    k("bpf_wq_start", "int", "struct bpf_wq *wq, unsigned int flags", NONE, ALL, (6, 10)),
    k("bpf_xdp_ct_alloc", "struct nf_conn___init *", "struct xdp_md *xdp_ctx, struct bpf_sock_tuple *bpf_tuple, u32 tuple__sz, struct bpf_ct_opts *opts, u32 opts__sz", ACQUIRE.and(RET_NULL), CT, (6, 0)),
    k("bpf_xdp_ct_lookup", "struct nf_conn *", "struct xdp_md *xdp_ctx, struct bpf_sock_tuple *bpf_tuple, u32 tuple__sz, struct bpf_ct_opts *opts, u32 opts__sz", ACQUIRE.and(RET_NULL), CT, (5, 18)),
    k("bpf_xdp_get_xfrm_state", "struct xfrm_state *", "struct xdp_md *ctx, struct bpf_xfrm_state_opts *opts, u32 opts__sz", ACQUIRE.and(RET_NULL), XDP, (6, 8)),
    k("bpf_xdp_metadata_rx_hash", "int", "const struct xdp_md *ctx, u32 *hash, enum xdp_rss_hash_type *rss_type", TRUSTED_ARGS, ALL, (6, 3)),
    k("bpf_xdp_metadata_rx_timestamp", "int", "const struct xdp_md *ctx, u64 *timestamp", TRUSTED_ARGS, ALL, (6, 3)),
    k("bpf_xdp_metadata_rx_vlan_tag", "int", "const struct xdp_md *ctx, __be16 *vlan_proto, u16 *vlan_tci", TRUSTED_ARGS, ALL, (6, 8)),
    k("bpf_xdp_pull_data", "int", "struct xdp_md *x, u32 len", NONE, XDP, (6, 18)),
    k("bpf_xdp_xfrm_state_release", "void", "struct xfrm_state *x", RELEASE, XDP, (6, 8)),
    k("css_rstat_flush", "void", "struct cgroup_subsys_state *css", SLEEPABLE, TRACEPOINT, (6, 16)),
    k("css_rstat_updated", "void", "struct cgroup_subsys_state *css, int cpu", NONE, TRACEPOINT, (6, 16)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_and_found_by_name() {
        assert!(kfuncs().is_sorted_by_key(|row| row.name));
        for row in kfuncs() {
            assert_eq!(kfunc(row.name), Some(row));
        }
        assert_eq!(kfunc("bpf_iter_num"), None);
    }

    #[test]
    fn a_parameter_is_read_from_its_declaration() {
        let slice = kfunc("bpf_dynptr_slice").expect("is in the table");
        let read: Vec<_> = slice.parameters().map(|p| (p.base, p.stars, p.name)).collect();
        let expected = [
            ("struct bpf_dynptr", 1, "p"),
            ("u32", 0, "offset"),
            ("void", 1, "buffer__opt"),
            ("u32", 0, "buffer__szk"),
        ];
        assert_eq!(read, expected);
        assert_eq!(kfunc("bpf_throw").map(|row| row.parameters().count()), Some(1));
        assert_eq!(kfunc("bpf_rcu_read_lock").map(|row| row.parameters().count()), Some(0));
    }

    #[test]
    fn a_session_is_asked_about_by_its_own_programs() {
        let cookie = kfunc("bpf_session_cookie").expect("is in the table");
        let cases = [
            (ProgType::Kprobe, 56, (6, 10), true),
            (ProgType::Kprobe, 57, (6, 13), true),
            (ProgType::Kprobe, 57, (6, 12), false),
            (ProgType::Kprobe, 56, (6, 9), false),
            (ProgType::Kprobe, 42, (6, 18), false),
            (ProgType::Tracepoint, 56, (6, 18), false),
        ];
        for (prog_type, attach_type, (major, minor), may) in cases {
            let kernel = KernelVersion::new(major, minor);
            assert_eq!(cookie.is_for(prog_type, attach_type, kernel), may, "{prog_type:?} {attach_type} {kernel}");
        }
    }

    #[test]
    fn functions_of_an_iterator_name_it() {
        for (name, iterator) in [
            ("bpf_iter_num_new", Some("num")),
            ("bpf_iter_task_vma_next", Some("task_vma")),
            ("bpf_iter_bits_destroy", Some("bits")),
            ("bpf_throw", None),
        ] {
            assert_eq!(kfunc(name).and_then(Kfunc::iterator), iterator, "{name}");
        }
    }
}
