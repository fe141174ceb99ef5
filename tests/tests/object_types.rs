//! Fields that belong to the kernel: which types it refuses for them, with all of an object's types or as a map's values,
//! and which fields it then knows. Each text goes to the running kernel and to ours.

use bpfscope_core::kernel::MapDef;
use bpfscope_core::verifier;
use bpfscope_tests::agree::answer::Answer;
use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::Options;
use bpfscope_tests::agree::ours;
use bpfscope_tests::agree::source::{Subject, running_kernel_types};
use bpfscope_tests::{clang, kernel};

const START: &str = r#"
#include "objects.h"
struct node { struct bpf_list_node node; __u32 value; };
struct leaf { struct bpf_rb_node leaf; __u32 value; };
struct plain { __u64 value; };
struct node used_node; struct leaf used_leaf; struct plain used_plain;
typedef struct bpf_spin_lock lock_t;
#define OTHER_TAG __attribute__((btf_type_tag("other")))
#define USER_POINTER __attribute__((btf_type_tag("uptr")))
#define OBJECT(name) struct name used_##name; \
    SEC("tc") int prog(struct __sk_buff *skb) { struct name *o = bpf_obj_new(struct name); if (o) bpf_obj_drop(o); return 0; }
#define VALUE(of, ...) struct { UINT(type, BPF_MAP_TYPE_##of); TYPE(key, __u32); TYPE(value, struct value); \
    UINT(max_entries, 1); __VA_ARGS__ } values SEC(".maps"); \
    SEC("tc") int prog(struct __sk_buff *skb) { __u32 key = 0; struct value *v = bpf_map_lookup_elem(&values, &key); \
    if (!v) return 0; bpf_spin_lock(&v->lock); v->sum++; bpf_spin_unlock(&v->lock); return 0; }
#define GLOBAL_LOCK(lock) SEC("tc") int prog(struct __sk_buff *skb) { bpf_spin_lock(&lock); bpf_spin_unlock(&lock); \
    return 0; }
"#;

/// Whether the kernel takes the types, and the declarations.
const TEXTS: [(bool, &str); 53] = [
    // Objects.
    (true, "struct a { struct bpf_spin_lock lock; __u32 v; }; OBJECT(a)"),
    (false, "struct a { struct bpf_spin_lock one, two; }; OBJECT(a)"),
    (true, "struct a { struct bpf_refcount one, two; }; OBJECT(a)"),
    (true, "struct a { struct bpf_list_node one, two; }; OBJECT(a)"),
    (false, "struct a { struct bpf_list_node list; struct bpf_rb_node tree; }; OBJECT(a)"),
    (true, "struct a { struct bpf_list_node list; struct bpf_rb_node tree; struct bpf_refcount refs; }; OBJECT(a)"),
    (false, "struct a { struct bpf_list_head head CONTAINS(node, node); }; OBJECT(a)"),
    (true, "struct a { struct bpf_list_head head CONTAINS(node, node); struct bpf_spin_lock lock; }; OBJECT(a)"),
    (false, "struct a { struct bpf_list_head head; struct bpf_spin_lock lock; }; OBJECT(a)"),
    (false, "struct a { struct bpf_list_head head CONTAINS(node, value); struct bpf_spin_lock lock; }; OBJECT(a)"),
    (false, "struct a { struct bpf_list_head head CONTAINS(node, other); struct bpf_spin_lock lock; }; OBJECT(a)"),
    (false, "struct a { struct bpf_list_head head CONTAINS(other, node); struct bpf_spin_lock lock; }; OBJECT(a)"),
    (false, "struct a { struct bpf_list_head head CONTAINS(leaf, leaf); struct bpf_spin_lock lock; }; OBJECT(a)"),
    (false, "struct a { struct bpf_rb_root root CONTAINS(node, node); struct bpf_spin_lock lock; }; OBJECT(a)"),
    (true, "struct a { struct bpf_rb_root root CONTAINS(leaf, leaf); struct bpf_spin_lock lock; }; OBJECT(a)"),
    (true, "struct a { struct bpf_list_head heads[4] CONTAINS(node, node); struct bpf_spin_lock lock; }; OBJECT(a)"),
    (false, "struct a { struct bpf_list_head heads[11] CONTAINS(node, node); struct bpf_spin_lock lock; }; OBJECT(a)"),
    (false, "struct a { struct bpf_list_node nodes[2]; struct bpf_spin_lock lock; }; OBJECT(a)"),
    (true, "struct a { struct bpf_list_node nodes[2]; }; OBJECT(a)"),
    (true, "struct a { struct { struct bpf_spin_lock lock; } in; __u32 v; }; OBJECT(a)"),
    (true, "struct a { lock_t one, two; }; OBJECT(a)"),
    (true, "struct a { struct bpf_spin_lock lock; struct { struct bpf_spin_lock lock; } in; }; OBJECT(a)"),
    (false, "struct a { struct bpf_spin_lock lock; __u32 b : 3, c : 5; }; OBJECT(a)"),
    (true, "struct a { struct bpf_spin_lock lock; __u32 b : 8, c : 8; }; OBJECT(a)"),
    (true, "struct a { struct plain KPTR *p; struct plain KPTR *more[3]; }; OBJECT(a)"),
    (true, "struct a { struct plain KPTR *p[12]; }; OBJECT(a)"),
    (false, "struct a { struct plain KPTR *first; struct plain KPTR *p[12]; }; OBJECT(a)"),
    (true, "struct a { __u32 KPTR *p; }; OBJECT(a)"),
    (false, "struct a { struct plain KPTR KPTR *p; struct bpf_spin_lock lock; }; OBJECT(a)"),
    // Tags that are not the kernel's own.
    (true, "struct a { struct plain OTHER_TAG *p; __u32 v; }; OBJECT(a)"),
    (false, "struct a { struct plain OTHER_TAG *p; struct bpf_spin_lock lock; }; OBJECT(a)"),
    (false, "struct a { struct plain KPTR *first; __u32 OTHER_TAG *p; }; OBJECT(a)"),
    (true, "struct a { struct plain KPTR *first; struct plain *plain; struct plain *const *more; }; OBJECT(a)"),
    (true, "struct a { struct plain USER_POINTER *p; struct bpf_spin_lock lock; }; OBJECT(a)"),
    (true, "struct a { __u32 USER_POINTER *p; struct bpf_spin_lock lock; }; OBJECT(a)"),
    // Elements that hold elements.
    (
        true,
        "struct a { struct bpf_list_node node; struct bpf_spin_lock lock; struct bpf_list_head head CONTAINS(node, node); };\
         OBJECT(a)",
    ),
    (
        false,
        "struct b { struct bpf_list_node node; struct bpf_spin_lock lock; struct bpf_list_head head CONTAINS(node, node); };\
         struct a { struct bpf_list_node node; struct bpf_spin_lock lock; struct bpf_list_head head CONTAINS(b, node); };\
         struct b used_b; OBJECT(a)",
    ),
    (
        true,
        "struct b { struct bpf_list_node node; struct bpf_spin_lock lock; struct bpf_list_head head CONTAINS(node, node); };\
         struct a { struct bpf_spin_lock lock; struct bpf_list_head head CONTAINS(b, node); };\
         struct b used_b; OBJECT(a)",
    ),
    (
        false,
        "struct a { struct bpf_list_node node; struct bpf_spin_lock lock; struct bpf_list_head head CONTAINS(a, node); };\
         OBJECT(a)",
    ),
    // Values of maps: structures with fields are looked at as objects, too.
    (true, "struct value { struct bpf_spin_lock lock; __u32 sum; }; VALUE(HASH)"),
    (true, "struct value { struct bpf_spin_lock lock; __u32 sum; struct bpf_list_node node; }; VALUE(HASH)"),
    (true, "struct value { __u32 sum; struct { struct bpf_spin_lock lock; }; }; VALUE(HASH)"),
    (true, "struct value { __u32 sum; lock_t lock; }; VALUE(HASH)"),
    (true, "struct value { __u32 sum; volatile __u32 v; struct bpf_spin_lock lock; }; VALUE(ARRAY)"),
    (true, "struct value { struct bpf_spin_lock lock; __u32 sum; }; VALUE(LRU_HASH)"),
    (true, "struct value { struct bpf_spin_lock lock; __u32 sum; }; VALUE(PERCPU_ARRAY)"),
    (true, "struct value { struct bpf_spin_lock lock; __u32 sum; }; VALUE(ARRAY, UINT(map_flags, 128);)"),
    (
        true,
        "struct value { __u32 sum; struct { struct bpf_spin_lock lock; }; struct { struct bpf_spin_lock more; }; };\
         VALUE(HASH)",
    ),
    (false, "struct value { struct bpf_spin_lock lock; __u32 sum; __u32 OTHER_TAG *p; }; VALUE(HASH)"),
    (true, "struct value { __u32 sum; struct { struct bpf_spin_lock lock; }; __u32 OTHER_TAG *p; }; VALUE(HASH)"),
    // Global data.
    (true, "PRIVATE(a) struct bpf_spin_lock lock; PRIVATE(a) __u64 v; GLOBAL_LOCK(lock)"),
    (true, "PRIVATE(a) struct bpf_spin_lock lock; PRIVATE(a) struct bpf_spin_lock other; GLOBAL_LOCK(lock)"),
    (true, "PRIVATE(a) struct bpf_spin_lock lock; PRIVATE(a) struct bpf_list_head head; GLOBAL_LOCK(lock)"),
];

/// The same, where it depends on the structures that the kernel has itself.
const OF_KERNEL: [(bool, &str); 3] = [
    (true, "struct task_struct { int pid; } task; struct a { struct task_struct KPTR *p; __u32 v; }; OBJECT(a)"),
    (false, "struct sock { int state; } sock; struct a { struct sock KPTR *p; __u32 v; }; OBJECT(a)"),
    (true, "struct sock { int state; } sock; struct a { struct sock UNTRUSTED_KPTR *p; __u32 v; }; OBJECT(a)"),
];

fn subject(text: &str) -> Subject {
    let headers = format!("-I{}/verifier/c", env!("CARGO_MANIFEST_DIR"));
    let flags = clang::Flags { more: &[&headers], ..clang::Flags::USUAL };
    let bytes = clang::compile_text(&format!("{START}{text}"), flags);
    Subject::of_bytes("types.c", &bytes, None).unwrap_or_else(|why| panic!("{text}: {why}"))
}

fn said(answer: &Answer) -> String {
    if answer.is_accepted() { "accepted".to_owned() } else { answer.message.clone() }
}

#[test]
fn types_whose_fields_do_not_go_together_are_refused() {
    if !clang::available("types of objects") {
        return;
    }
    let wrong = TEXTS
        .iter()
        .filter(|(taken, text)| subject(text).object.accepted_btf(running_kernel_types()).is_some() != *taken);
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn references_to_the_kernels_structures_are_known_by_name_without_its_types() {
    if !clang::available("references to structures") {
        return;
    }
    const TEXT: &str = r#"
        struct task_struct { int pid; } task;
        extern struct task_struct *bpf_task_from_pid(__s32 pid) KSYM;
        extern void bpf_task_release(struct task_struct *task) KSYM;
        struct { UINT(type, BPF_MAP_TYPE_ARRAY); TYPE(key, __u32); UINT(max_entries, 1);
            TYPE(value, struct kept { struct task_struct KPTR *task; }); } keep SEC(".maps");
        SEC("tc") int prog(struct __sk_buff *skb)
        {
            FIND(kept, kept, keep, 0);
            struct task_struct *old = bpf_task_from_pid(1);
            if (!old)
                return 0;
            old = bpf_kptr_xchg(&kept->task, old);
            if (old)
                bpf_task_release(old);
            return 0;
        }
    "#;
    let subject = subject(TEXT);
    let options = verifier::Options { btf: subject.object.accepted_btf(None), ..verifier::Options::default() };
    let verification = verifier::verify(&subject.loaded.programs[0], &subject.loaded.maps, &options);
    assert!(verification.accepted(), "{:?}", verification.rejection);
}

#[test]
fn the_kernel_takes_the_same_types_and_knows_the_same_fields() {
    if !kernel::available("types of objects") || !clang::available("types of objects") {
        return;
    }
    let mut wrong = Vec::new();
    for (taken, text) in TEXTS.into_iter().chain(OF_KERNEL) {
        let subject = subject(text);
        let asked = Asked::new(&subject).unwrap_or_else(|why| panic!("{text}: {why}"));
        let options = Options::default();
        let kernels = said(&asked.ask(&subject, 0, &options, LogSpec::level(1)).unwrap());
        let ours = said(&ours::verify(&subject, 0, &options, 1).unwrap());
        if asked.btf().is_some() != taken || kernels != ours {
            let types = |def: &MapDef| def.value_type != 0;
            let maps: Vec<bool> = subject.loaded.maps.iter().map(types).collect();
            wrong.push(format!("{text}\n    taken: {}, {kernels}; ours: {ours} {maps:?}", asked.btf().is_some()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
