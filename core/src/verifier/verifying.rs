//! A verification in slices, for callers that show how far it is, do other things meanwhile, or stop it.

use super::env::Verifier;
use super::finding::Style;
use super::log::Log;
use super::{Options, Rejection, Stats, Verification, shape};
use crate::kernel::{KernelVersion, MapDef, ProgType, Program};

/// What a verification that waits for its next slice looks at: nothing.
static NOTHING: Program = Program {
    name: String::new(),
    section: String::new(),
    prog_type: ProgType::SocketFilter,
    hook: None,
    insns: Vec::new(),
    funcs: Vec::new(),
    lines: Vec::new(),
    license: String::new(),
    maps: Vec::new(),
    kfuncs: Vec::new(),
};
static NO_OPTIONS: Options<'static> = Options {
    kernel: KernelVersion::LATEST,
    privileged: true,
    log_level: 0,
    log_limit: 0,
    flags: 0,
    attach_type: None,
    explored: false,
    cpus: 1,
    btf: None,
    kernel_btf: None,
    style: Style::Lines,
};

/// A verification under way. It is dropped to stop it.
pub struct Verifying(Stage);

enum Stage {
    /// The program's shape is wrong.
    Misshapen(Box<Verification>),
    Exploring(Box<Verifier<'static>>),
    Done(Stats),
}

impl Verifying {
    /// Looks at the program's shape; [`Verifying::advance`] does the rest.
    pub fn new(program: &Program, maps: &[MapDef], options: &Options<'_>) -> Verifying {
        let mut log = Log::new(options.log_level, options.log_limit);
        Verifying(match shape::shape(program, maps, options) {
            Ok(shape) => {
                let verifier = Verifier::new(program, maps, options, shape, log);
                Stage::Exploring(Box::new(verifier.at(&NOTHING, &[], &NO_OPTIONS)))
            }
            Err(failure) => {
                log.print(format_args!("{}", failure.log));
                let rejection = Rejection { finding: failure.finding.into(), pc: failure.pc, regs: Vec::new() };
                Stage::Misshapen(Box::new(Verification::new(Err(rejection), log, Stats::default(), options.style)))
            }
        })
    }

    /// Goes on by at most `budget` instructions. Program, maps and options are those that it began with. Gives the answer
    /// when there is one, once.
    pub fn advance(
        &mut self,
        program: &Program,
        maps: &[MapDef],
        options: &Options<'_>,
        budget: u32,
    ) -> Option<Verification> {
        match std::mem::replace(&mut self.0, Stage::Done(Stats::default())) {
            Stage::Misshapen(verification) => Some(*verification),
            Stage::Exploring(verifier) => {
                let mut verifier = verifier.at(program, maps, options);
                let verdict = verifier.advance(budget);
                self.0 = Stage::Done(verifier.stats);
                if verdict.is_none() {
                    self.0 = Stage::Exploring(Box::new(verifier.at(&NOTHING, &[], &NO_OPTIONS)));
                    return None;
                }
                let Verifier { explored, log, stats, .. } = verifier;
                Some(Verification { explored, ..Verification::new(verdict?, log, stats, options.style) })
            }
            Stage::Done(stats) => {
                self.0 = Stage::Done(stats);
                None
            }
        }
    }

    /// Instructions processed so far, of at most [`crate::kernel::Limits::processed`].
    pub fn processed(&self) -> u32 {
        match &self.0 {
            Stage::Misshapen(_) => 0,
            Stage::Exploring(verifier) => verifier.stats.insns_processed,
            Stage::Done(stats) => stats.insns_processed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::verify;
    use super::*;
    use crate::isa;
    use crate::kernel::names;
    use crate::object::{LoadOptions, Object, Source};

    fn loaded(text: &str) -> crate::object::Loaded {
        let unit = isa::assemble(text, &names()).unwrap();
        let object = Object::from_source(&unit, Source { file: "test.s", text }).unwrap();
        object.load(&LoadOptions::default()).unwrap()
    }

    const LOOP: &str = ".section socket\nr1 = 0\nl: r1 += 1\nif r1 < 500 goto l\nr0 = 0\nexit\n";

    #[test]
    fn slices_give_what_one_go_gives() {
        let texts = [LOOP, ".section socket\nexit\n", ".section socket\nr0 = 0\n"];
        let options = Options { log_level: 2, explored: true, ..Options::default() };
        for text in texts {
            let loaded = loaded(text);
            let (program, maps) = (&loaded.programs[0], &loaded.maps);
            let whole = verify(program, maps, &options);
            for budget in [1, 7, 1000] {
                let mut verifying = Verifying::new(program, maps, &options);
                let mut slices = 0;
                let answer = loop {
                    let before = verifying.processed();
                    let answer = verifying.advance(program, maps, &options, budget);
                    assert!(verifying.processed() - before <= budget);
                    slices += 1;
                    assert!(slices < 3000, "it does not end");
                    if let Some(answer) = answer {
                        break answer;
                    }
                };
                assert_eq!((&answer.rejection, &answer.log, answer.stats), (&whole.rejection, &whole.log, whole.stats));
                let steps = |v: &Verification| v.explored.as_ref().map(|explored| explored.len());
                assert_eq!(steps(&answer), steps(&whole));
                assert!(verifying.advance(program, maps, &options, budget).is_none(), "the answer comes once");
            }
        }
    }

    /// Every round acquires a socket and releases none, so that each state is larger than the one before.
    const HOARDER: &str = ".section tc\nr6 = r1\nr7 = 0\n*(u64 *)(r10 - 16) = r7\n*(u64 *)(r10 - 8) = r7\n\
        l: r1 = r6\nr2 = r10\nr2 += -16\nr3 = 12\nr4 = -1\nr5 = 0\ncall bpf_sk_lookup_tcp\n\
        r7 += 1\nif r7 != 100000 goto l\nr0 = 0\nexit\n";

    #[test]
    fn what_is_kept_stays_within_a_limit() {
        let loaded = loaded(HOARDER);
        let answer = verify(&loaded.programs[0], &loaded.maps, &Options::default());
        let message = answer.rejection.map(|rejection| rejection.message()).unwrap_or_default();
        assert!(message.starts_with("out of memory: "), "{message}");
        assert!(answer.stats.insns_processed > 10_000);
    }

    #[test]
    fn a_log_that_gets_too_long_goes_on_with_the_path_that_fails() {
        let rejected = LOOP.replace("r0 = 0\nexit", "r0 = r9\nexit");
        let loaded = loaded(&rejected);
        let (program, maps) = (&loaded.programs[0], &loaded.maps);
        let whole = verify(program, maps, &Options { log_level: 2, ..Options::default() });
        assert_eq!(whole.log_cut, None);
        let cut = verify(program, maps, &Options { log_level: 2, log_limit: 2000, ..Options::default() });
        let at = cut.log_cut.unwrap();
        assert!((2000..2200).contains(&at) && whole.log.starts_with(&cut.log[..at]));
        assert!(cut.log.len() < 7000 && whole.log.len() > 20_000, "of the rest the end is kept");
        assert_eq!(cut.rejection, whole.rejection);
        assert!(cut.log.contains("R9 !read_ok"));
    }
}
