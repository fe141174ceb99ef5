//! Types that the simulator makes ready for a kernel are taken by the running one, with the programs they belong to.

use bpfscope_core::kernel::{FieldKind, KernelVersion};
use bpfscope_core::object::{LoadOptions, Object};
use bpfscope_linux::bpf::LoadedBtf;
use bpfscope_linux::load::Prepared;
use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::Options;
use bpfscope_tests::agree::source::Subject;
use bpfscope_tests::{clang, kernel};

/// C files of `tests/objects` whose programs need nothing beside themselves.
const WHOLE: [&str; 9] = [
    "buffers.c",
    "core.c",
    "counter.c",
    "globals.c",
    "innermaps.c",
    "kconfig.c",
    "legacy.c",
    "sections.c",
    "subprogs.c",
];

#[test]
fn programs_load_with_the_types_of_their_object() {
    if !kernel::available("types in the kernel") || !clang::available("types in the kernel") {
        return;
    }
    for source in WHOLE {
        let bytes = clang::compile(source, clang::Flags::USUAL);
        let subject = Subject::of_bytes(source, &bytes, None).unwrap();
        let asked = Asked::new(&subject).unwrap_or_else(|why| panic!("{source}: {why}"));
        for (at, program) in subject.loaded.programs.iter().enumerate() {
            let answer = asked.ask(&subject, at, &Options::default(), LogSpec::level(2)).unwrap();
            assert!(answer.is_accepted(), "{source}: {}: {}", program.name, answer.log);
            let line = format!(" @ {source}:");
            assert!(answer.log.contains(&line), "{source}: {}: source lines in the log", program.name);
        }
    }
}

#[test]
fn a_value_with_a_lock_and_an_open_coded_iterator_are_known_by_their_types() {
    if !kernel::available("locks and iterators") || !clang::available("locks and iterators") {
        return;
    }
    const TEXT: &str = r#"
        #define SEC(name) __attribute__((section(name), used))
        #define KSYM __attribute__((weak, section(".ksyms")))
        struct bpf_iter_num { unsigned long long opaque; };
        extern int bpf_iter_num_new(struct bpf_iter_num *, int, int) KSYM;
        extern int *bpf_iter_num_next(struct bpf_iter_num *) KSYM;
        extern void bpf_iter_num_destroy(struct bpf_iter_num *) KSYM;
        struct bpf_spin_lock { unsigned int val; };
        struct value { struct bpf_spin_lock lock; unsigned int sum; };
        struct { int (*type)[2]; int *key; struct value *value; int (*max_entries)[1]; } sums SEC(".maps");
        static void *(*lookup)(void *, const void *) = (void *)1;
        static long (*lock)(struct bpf_spin_lock *) = (void *)93;
        static long (*unlock)(struct bpf_spin_lock *) = (void *)94;
        char LICENSE[] SEC("license") = "GPL";
        SEC("tc") int sum(void *ctx)
        {
            struct bpf_iter_num it;
            int key = 0, sum = 0, *next;
            bpf_iter_num_new(&it, 0, 10);
            while ((next = bpf_iter_num_next(&it)))
                sum += *next;
            bpf_iter_num_destroy(&it);
            struct value *value = lookup(&sums, &key);
            if (!value)
                return 0;
            lock(&value->lock);
            value->sum = sum;
            unlock(&value->lock);
            return 0;
        }
    "#;
    let bytes = clang::compile_text(TEXT, clang::Flags::USUAL);
    let subject = Subject::of_bytes("sum.c", &bytes, None).unwrap();
    let answer = Asked::new(&subject).unwrap().ask(&subject, 0, &Options::default(), LogSpec::level(1)).unwrap();
    assert!(answer.is_accepted(), "{}", answer.log);
}

#[test]
fn special_fields_global_functions_and_kernel_functions_are_known_of_a_loaded_object() {
    if !clang::available("special fields") {
        return;
    }
    const TEXT: &str = r#"
        #define SEC(name) __attribute__((section(name), used))
        struct bpf_spin_lock { unsigned int val; };
        struct bpf_timer { unsigned long long opaque[2]; } __attribute__((aligned(8)));
        struct task_struct { int pid; } whole;
        typedef unsigned long long __u64;
        struct bpf_list_node { __u64 opaque[3]; } __attribute__((aligned(8)));
        struct node { long data; struct bpf_list_node node; } element;
        struct bpf_list_head { unsigned long long opaque[2]; } __attribute__((aligned(8)));
        struct value {
            unsigned int sum;
            struct bpf_spin_lock lock;
            struct { struct bpf_timer timer; __u64 rest[2]; } inner;
            struct task_struct __attribute__((btf_type_tag("kptr"))) *task;
            struct task_struct __attribute__((btf_type_tag("kptr_untrusted"))) *seen;
            struct bpf_list_head list __attribute__((btf_decl_tag("contains:node:node")));
        };
        struct { int (*type)[2]; int *key; struct value *value; int (*max_entries)[1]; } values SEC(".maps");
        struct node *keep;
        extern void bpf_rcu_read_lock(void) __attribute__((section(".ksyms")));
        extern void bpf_rcu_read_unlock(void) __attribute__((weak, section(".ksyms")));
        __attribute__((noinline)) int global(int a) { return a + 1; }
        __attribute__((noinline, visibility("hidden"))) int hidden(int a) { return a + 2; }
        SEC("tc") int prog(void *ctx)
        {
            bpf_rcu_read_lock();
            bpf_rcu_read_unlock();
            return global(1) + hidden(2) + (int)(long)keep;
        }
    "#;
    let bytes = clang::compile_text(TEXT, clang::Flags::USUAL);
    let loaded = Object::parse(&bytes).unwrap().load(&LoadOptions::default()).unwrap();
    let values = loaded.maps.iter().find(|m| m.name == "values").unwrap();
    let found: Vec<_> = values.special.iter().map(|f| (f.kind, f.offset, f.size, f.type_id != 0)).collect();
    let expected = [
        (FieldKind::SpinLock, 4, 4, false),
        (FieldKind::Timer, 8, 16, false),
        (FieldKind::KptrRef, 40, 8, true),
        (FieldKind::KptrUnref, 48, 8, true),
        (FieldKind::ListHead, 56, 16, true),
    ];
    assert_eq!(found, expected);
    let program = &loaded.programs[0];
    let globals: Vec<_> = program.funcs.iter().map(|f| (f.name.as_str(), f.global)).collect();
    assert_eq!(globals, [("prog", true), ("global", true), ("hidden", false)]);
    let kfuncs: Vec<_> = program.kfuncs.iter().map(|k| k.name.as_str()).collect();
    assert_eq!(kfuncs, ["bpf_rcu_read_lock", "bpf_rcu_read_unlock"], "without types of a kernel");
    let calls = program.insns.iter().filter(|i| i.opcode == 0x85 && i.src == 2);
    let names: Vec<_> = calls.map(|i| program.kfunc(i.imm).unwrap()).collect();
    assert_eq!(names, kfuncs);
    let old = LoadOptions { kernel: KernelVersion::new(6, 1), ..LoadOptions::default() };
    let loaded = Object::parse(&bytes).unwrap().load(&old).unwrap();
    assert_eq!(loaded.programs[0].kfuncs.len(), 1, "a weak one that the kernel does not have is left out");
}

#[test]
fn types_by_the_thousand_are_taken_and_bad_ones_say_why() {
    if !kernel::available("many types") || !clang::available("many types") {
        return;
    }
    // Each is a type of its own, told of in a line of the kernel's log.
    let many: String = (0..20_000).map(|i| format!("struct of_number_{i} {{ int field_{i}; }} *all_{i}; ")).collect();
    let text = format!(
        "struct every {{ {many} }};\n__attribute__((section(\"tc\"), used)) int named(void *ctx) {{ struct every *e = ctx; return !e; }}"
    );
    let subject = Subject::of_bytes("many.c", &clang::compile_text(&text, clang::Flags::USUAL), None).unwrap();
    let prepared = Prepared::new(&subject.object, &subject.loaded).unwrap();
    assert_eq!(prepared.types_note(), None);
    assert!(prepared.btf().is_some());

    // Magic and version, the header's length, types of 12 bytes and strings of one; then a pointer to type 77.
    let words: [u32; 9] = [0x0001_eb9f, 24, 0, 12, 12, 1, 0, 2 << 24, 77];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).chain([0]).collect();
    let refused = LoadedBtf::load(&bytes).unwrap_err();
    assert!(refused.log.contains("Invalid type_id"), "{}", refused.log);
}
