//! Types that the simulator makes ready for a kernel are taken by the running one, with the programs they belong to.

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
