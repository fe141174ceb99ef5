//! Instructions of clang-built objects, as llvm-objdump prints them.

use std::process::Command;

use super::{listed_line, slots_of};
use crate::isa::{Call, Insn, Pc, decode};

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

#[test]
fn what_clang_makes_reads_as_llvm_prints_it() {
    let dir = std::env::temp_dir().join(format!("bpfscope-isa-clang-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let (source, object) = (dir.join("all.c"), dir.join("all.o"));
    std::fs::write(&source, SOURCE).unwrap();
    let mut compared = 0;
    for cpu in ["v1", "v2", "v3", "v4"] {
        let built = Command::new("clang-19")
            .args(["-O2", "-g", "-w", "-target", "bpf", &format!("-mcpu={cpu}"), "-c", "-o"])
            .args([&object, &source])
            .status();
        let Ok(built) = built else {
            println!("skipped cpu {cpu}: no clang-19");
            continue;
        };
        assert!(built.success(), "cpu {cpu}");
        let Some(listing) = super::llvm_objdump(&object, &[]) else {
            println!("skipped cpu {cpu}: no llvm-objdump-19");
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
            compared += 1;
        }
    }
    println!("compared {compared} instructions");
}
