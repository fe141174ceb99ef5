//! Programs made up: by a grammar that knows types, and by mutation of programs that are known. Every program goes to
//! both verifiers; where they differ it is made small and written to `target/agree`. A program follows from the seed
//! and its number.

mod askers;
mod code;
mod drive;
mod grammar;
mod mutate;
mod pool;
mod rng;
mod shrink;
mod sound;
mod text;

pub use drive::{Plan, Report, folder, ours, run};
pub use pool::{Pools, Sample, kind_of_message};
pub use sound::Fault;
pub use text::text;

use rng::Rng;

/// Makes the program of a number: of ten, four as the grammar writes them, three of these changed, three cases changed.
pub fn made(pools: &Pools, seed: u64, number: u64) -> Sample {
    let mut rng = Rng::new(seed, number);
    let mut sample = match (number % 10, pools.corpus.is_empty()) {
        (7.., false) => {
            let case = rng.below(pools.corpus.len());
            mutate::mutate(&mut rng, &pools.corpus[case])
        }
        (4.., _) => {
            let written = grammar::write(rng.clone(), pools);
            mutate::mutate(&mut rng, &written)
        }
        _ => grammar::write(rng, pools),
    };
    let maps = pools.pools[sample.pool].maps().len();
    no_descriptors(&mut sample, maps);
    sample
}

/// Descriptors are the asking process' own: a number that stands for none of the maps must not happen to be one.
fn no_descriptors(sample: &mut Sample, maps: usize) {
    /// More than any process may have open.
    const NONE: i32 = 0x4000_0000;
    let starts = code::starts(&sample.insns);
    for at in (0..sample.insns.len()).filter(|&at| starts[at]) {
        let insn = sample.insns[at];
        match (code::is_wide(insn), insn.src) {
            (true, 1 | 2) if usize::try_from(insn.imm).is_ok_and(|imm| imm >= maps) => {
                sample.insns[at].imm |= NONE;
            }
            // A type of a module's, whose descriptor is in the second half.
            (true, 3) => {
                if let Some(second) = sample.insns.get_mut(at + 1).filter(|second| second.imm != 0) {
                    second.imm |= NONE;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use bpfscope_core::isa::RawInsn;

    use super::*;
    use crate::kernel;

    #[test]
    fn a_program_follows_from_the_seed_and_its_number() {
        if !kernel::available("the same programs again") {
            return;
        }
        let pools = Pools::new().unwrap();
        for number in 0..50 {
            assert_eq!(made(&pools, 1, number), made(&pools, 1, number), "{number}");
        }
        assert_ne!(made(&pools, 1, 0).insns, made(&pools, 2, 0).insns);
    }

    #[test]
    fn about_half_of_the_programs_are_accepted_and_the_rest_for_many_reasons() {
        if !kernel::available("generated programs") {
            return;
        }
        let mut pools = Pools::new().unwrap();
        let mut messages = std::collections::HashSet::new();
        let mut accepted = 0;
        for number in 0..2000 {
            let sample = made(&pools, 5, number);
            let answer = pools.ask(&sample);
            accepted += u32::from(answer.is_accepted());
            messages.extend(answer.rejection().map(kind_of_message));
        }
        assert!((600..1500).contains(&accepted), "{accepted} of 2000 accepted");
        assert!(messages.len() >= 60, "{} messages: {messages:#?}", messages.len());
    }

    /// Whether a program uses something.
    type Uses = fn(&Sample) -> bool;

    fn calls(sample: &Sample, helper: i32) -> bool {
        sample.insns.iter().any(|i| i.opcode == code::CALL && i.src == 0 && i.imm == helper)
    }

    #[test]
    fn of_the_programs_that_use_something_about_half_are_accepted() {
        if !kernel::available("programs by what they use") {
            return;
        }
        let things: [(&str, Uses); 12] = [
            ("no capabilities", |s| s.unprivileged),
            ("bpf_spin_lock", |s| calls(s, 93)),
            ("bpf_timer_start", |s| calls(s, 171)),
            ("bpf_loop", |s| calls(s, 181)),
            ("bpf_for_each_map_elem", |s| calls(s, 164)),
            ("a dynptr of memory", |s| calls(s, 197)),
            ("a dynptr of a record", |s| calls(s, 198)),
            ("a kernel function", |s| s.insns.iter().any(|i| i.opcode == code::CALL && i.src == 2)),
            ("may_goto", |s| s.insns.iter().any(|i| i.opcode == code::MAY_GOTO)),
            ("atomic operations", |s| s.insns.iter().any(|i| matches!(i.opcode, 0xc3 | 0xdb) && i.imm < 0x100)),
            ("load_acquire and store_release", |s| {
                s.insns.iter().any(|i| i.opcode & 0xe7 == 0xc3 && matches!(i.imm, 0x100 | 0x110))
            }),
            ("a tail call in a function", |s| {
                let first = s.funcs.get(1).map_or(usize::MAX, |f| f[0] as usize);
                s.insns.iter().skip(first).any(|i| i.opcode == code::CALL && i.src == 0 && i.imm == 12)
            }),
        ];
        let mut pools = Pools::new().unwrap();
        let mut counts = [(0, 0); 12];
        for number in 0..5000 {
            // As the grammar writes it.
            let sample = made(&pools, 6, number * 10);
            let accepted = pools.ask(&sample).is_accepted();
            for ((_, uses), (all, good)) in things.iter().zip(&mut counts) {
                *all += u32::from(uses(&sample));
                *good += u32::from(uses(&sample) && accepted);
            }
        }
        for ((name, _), (all, good)) in things.iter().zip(counts) {
            println!("{name}: {good} of {all}");
            assert!(all >= 40 && (30..=80).contains(&(good * 100 / all.max(1))), "{name}: {good} of {all} accepted");
        }
    }

    #[test]
    fn the_text_of_a_program_assembles_to_it() {
        if !kernel::available("texts of programs") {
            return;
        }
        let pools = Pools::new().unwrap();
        let (mut assembled, mut same) = (0, 0);
        for number in 0..200 {
            let sample = made(&pools, 9, number);
            let written = text(&pools, &sample, "it");
            let file = super::super::cases::CaseFile::parse(&written).unwrap();
            // What is at odds with its own functions has no text.
            let Ok(subject) = super::super::source::Subject::of_case("it", &file, &file.cases[0]) else { continue };
            assembled += 1;
            // Maps that are not used are left out, so that others get their numbers.
            let plain = |insns: &[RawInsn]| -> Vec<RawInsn> {
                insns.iter().map(|i| if code::is_wide(*i) { RawInsn { imm: 0, ..*i } } else { *i }).collect()
            };
            same += u32::from(plain(&subject.loaded.programs[0].insns) == plain(&sample.insns));
        }
        assert!(assembled >= 150 && same * 10 >= assembled * 8, "{same} of {assembled} texts of 200 programs");
    }
}
