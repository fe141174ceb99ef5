//! Instructions of clang-built objects, as llvm-objdump prints them.

use std::process::Command;

use super::{listed_line, slots_of};
use crate::isa::{Call, Content, Insn, Names, Pc, assemble, decode};

/// A program that makes clang use most of the instruction set.
const SOURCE: &str = r#"
typedef unsigned long long u64; typedef unsigned int u32; typedef unsigned short u16; typedef unsigned char u8;
static u64 (*helper)(void *, u64) = (void *) 1;
struct ctx { u64 a; u32 b; u16 c; u8 d; long long s; int t; short v; signed char w; };
static __attribute__((noinline)) int inner(struct ctx *c, int n) 
{
#ifdef __BPF_FEATURE_SDIV_SMOD
    if (n > 1)
        return c->t / n + c->s % n;
#endif
    return n ? n & 77 : helper(c, n);
}
__attribute__((section("tc"))) int entry(struct ctx *c)
{
    u64 sum = c->a * 3 + c->b / 7 + (c->c << 3) - c->d;
    long long s = c->s >> 5;
    volatile char buffer[16];
    for (u32 i = 0; i < c->b; i++) {
        buffer[i & 15] = i;
        sum ^= __builtin_bswap32(c->b) | __builtin_bswap64(c->a) & 0x1234567890abcdefULL;
        if (c->t > 5 && (u32)c->t < 77 && c->s <= -3)
            __sync_fetch_and_add(&c->a, sum);
        if (c->v != c->w || s == 9)
            sum += sum % 9;
#if __BPF_CPU_VERSION__ >= 3
        sum += __sync_val_compare_and_swap(&c->a, 1, 2) + __sync_fetch_and_or(&c->a, 4);
#endif
    }
    c->b = 0; c->c = sum; c->d = s; c->a = -1;
    return inner(c, sum) + buffer[c->d & 15] + sum % (c->b + 1) - ~s;
}
"#;

/// Data of every kind, and calls between sections, for clang's own assembly.
const DATA: &str = r#"
static volatile const int limit = 5; int counter = 3; static int hits = 7; int zeros[10]; static const char *texts[] = { "a\tb\"", "c" };
static __attribute__((noinline)) int sub(int a) { hits++; return a * limit + counter++; }
__attribute__((noinline)) int global(int a) { return a == 3 ? zeros[a & 7] : sub(a); }
__attribute__((section("tc"))) int first(int *c) { return sub(*c) + global(*c) + texts[*c & 1][0]; }
__attribute__((section("xdp.frags"))) int second(int *c) { return first(c) + (long)&sub; }
char _license[] __attribute__((section("license"))) = "GPL";
"#;

#[test]
fn clang_s_own_assembly_gives_the_bytes_that_clang_gives() {
    let dir = std::env::temp_dir().join(format!("bpfscope-isa-clang-s-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for (name, source, flags) in [("all", SOURCE, &["-mcpu=v4"][..]), ("data", DATA, &["-fno-addrsig"])] {
        let file = |end: &str| dir.join(format!("{name}.{end}"));
        std::fs::write(file("c"), source).unwrap();
        for (mode, end) in [("-c", "o"), ("-S", "s")] {
            let mut clang = Command::new("clang-19");
            clang.args(["-O2", "-w", "-target", "bpf", mode]).args(flags).arg("-o").args([file(end), file("c")]);
            match clang.status() {
                Ok(status) => assert!(status.success(), "{name}"),
                Err(_) => return super::skipped(name, "no clang-19"),
            }
        }
        let Some(listing) = super::llvm_objdump(&file("o"), &[]) else {
            return super::skipped(name, "no llvm-objdump-19");
        };
        let text = std::fs::read_to_string(file("s")).unwrap();
        let unit = assemble(&text, &Names::NONE).unwrap_or_else(|e| panic!("{text}\n{e:#?}"));
        unit.check().unwrap();
        let mut compared = 0;
        for part in listing.split("Disassembly of section ").skip(1) {
            let name = part.split(":\n").next().unwrap();
            let (_, section) = unit.section(name).unwrap();
            let bytes: Vec<u8> = part.lines().filter_map(listed_line).flat_map(|(_, bytes, _)| bytes).collect();
            assert_eq!(section.content, Content::Code(slots_of(&bytes)), "{name}");
            compared += 1;
        }
        assert!(compared >= 2);
    }
}

#[test]
fn what_clang_makes_reads_as_llvm_prints_it() {
    let dir = std::env::temp_dir().join(format!("bpfscope-isa-clang-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let (source, object) = (dir.join("all.c"), dir.join("all.o"));
    std::fs::write(&source, SOURCE).unwrap();
    for cpu in ["v1", "v2", "v3", "v4"] {
        let built = Command::new("clang-19")
            .args(["-O2", "-g", "-w", "-target", "bpf", &format!("-mcpu={cpu}"), "-c", "-o"])
            .args([&object, &source])
            .status();
        let Ok(built) = built else {
            super::skipped(cpu, "no clang-19");
            continue;
        };
        assert!(built.success(), "cpu {cpu}");
        let Some(listing) = super::llvm_objdump(&object, &[]) else {
            super::skipped(cpu, "no llvm-objdump-19");
            continue;
        };
        for (_, bytes, text) in listing.lines().filter_map(listed_line) {
            let (insn, _) = decode(&slots_of(&bytes), Pc(0)).unwrap_or_else(|e| panic!("{text}: {e}"));
            // LLVM does not tell calls of functions from calls of helpers.
            let ours = match insn {
                Insn::Call(Call::Local(off)) => Insn::Call(Call::Helper(off)).to_string(),
                _ => insn.to_string(),
            };
            // Which name a register has in an access of 32 bits depends on the cpu that objdump assumes.
            if text != "<unknown>" {
                assert_eq!(ours, text, "cpu {cpu}");
            }
            assert_eq!(insn.encode().slots(), slots_of(&bytes), "{text}");
        }
    }
}
