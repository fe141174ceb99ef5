//! Programs to verify: an object's, and those that take the verifier to its limit.

use std::fmt::Write;

use bpfscope_core::isa::assemble;
use bpfscope_core::kernel::names;
use bpfscope_core::lab::SESSION_LOG;
use bpfscope_core::object::{LoadOptions, Loaded, Object, Source};
use bpfscope_core::verifier::{self, Verification};

/// What is kept of a verification beside its verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Nothing.
    Verdict,
    /// The log of every path.
    Log,
    /// The log and the explored states, as a session keeps them for a front end with a screen.
    Everything,
}

impl Keep {
    /// All of them, by name.
    pub const ALL: [(&'static str, Keep); 3] =
        [("verdict", Keep::Verdict), ("log", Keep::Log), ("everything", Keep::Everything)];

    /// By its name in [`Keep::ALL`].
    pub fn named(name: &str) -> Option<Keep> {
        Keep::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, keep)| keep)
    }
}

/// A program of an object.
pub struct Verified {
    object: Object,
    loaded: Loaded,
    program: usize,
}

impl Verified {
    /// The program at that place of an object file. `None` when there is none.
    pub fn new(object: &[u8], program: usize) -> Option<Verified> {
        let object = Object::parse(object).ok()?;
        let loaded = object.load(&LoadOptions::default()).ok()?;
        loaded.programs.get(program)?;
        Some(Verified { object, loaded, program })
    }

    /// Verifies it, without the kernel's types.
    pub fn verify(&self, keep: Keep) -> Verification {
        let options = verifier::Options {
            log_level: if keep == Keep::Verdict { 0 } else { 2 },
            log_limit: if keep == Keep::Everything { SESSION_LOG } else { verifier::Options::default().log_limit },
            explored: keep == Keep::Everything,
            btf: self.object.btf(),
            ..verifier::Options::default()
        };
        verifier::verify(&self.loaded.programs[self.program], &self.loaded.maps, &options)
    }
}

/// Programs of up to 1 000 000 processed instructions, each hard in its own way: name and object file.
pub fn large() -> Vec<(&'static str, Vec<u8>)> {
    let object = |(name, text): (&'static str, String)| {
        let unit = assemble(&text, &names()).expect("the programs of the benches assemble");
        let source = Source { file: "large.s", text: &text };
        (name, Object::from_source(&unit, source).expect("and become objects").write())
    };
    [
        ("a counter", counter()),
        ("a full stack", full_stack()),
        ("a changing stack", changing_stack()),
        ("forks", forks()),
    ]
    .map(object)
    .into()
}

const START: &str = ".license \"GPL\"\n.section xdp\n.globl prog\nprog:\n";
/// Slots of a full stack.
const SLOTS: u32 = 64;

/// A loop that does nothing but count.
fn counter() -> String {
    format!("{START}r1 = 0\nagain:\nr1 += 1\nif r1 != 499990 goto again\nr0 = 2\nexit\n")
}

/// The same, with a number in each slot of the stack that is asked for afterwards, so that every state has it.
fn full_stack() -> String {
    let fill = each_slot(|slot| format!("r0 = {slot}\n*(u64 *)(r10 - {}) = r0\n", 8 * slot));
    let sum = each_slot(|slot| format!("r2 = *(u64 *)(r10 - {})\nr0 += r2\n", 8 * slot));
    format!("{START}{fill}r1 = 0\nagain:\nr1 += 1\nif r1 != 490000 goto again\nr0 = 0\n{sum}r0 &= 1\nexit\n")
}

/// A loop that changes every slot of the stack in each round.
fn changing_stack() -> String {
    let fill = each_slot(|slot| format!("*(u64 *)(r10 - {}) = r6\n", 8 * slot));
    let place = |slot| format!("*(u64 *)(r10 - {})", 8 * slot);
    let change = each_slot(|slot| format!("r1 = {}\nr1 += {slot}\n{} = r1\n", place(slot), place(slot)));
    format!("{START}r6 = 0\n{fill}again:\n{change}r6 += 1\nif r6 != 5100 goto again\nr0 = 2\nexit\n")
}

/// Every combination of 15 bits is a path of its own, since each leads to another sum, with a full stack.
fn forks() -> String {
    let fill = each_slot(|slot| format!("*(u64 *)(r10 - {}) = r6\n", 8 * slot));
    let mut text = format!("{START}call bpf_get_prandom_u32\nr6 = r0\n{fill}r9 = 0\n");
    for bit in 0..15 {
        let weight = 1 << bit;
        let _ = write!(text, "if r6 & {weight} goto l{bit}\nr9 += {weight}\nl{bit}:\n");
    }
    // Where the sum decides about an access, it is precise on all the way.
    text + "r9 &= 7\nr9 = -r9\nr2 = r10\nr2 += r9\n*(u8 *)(r2 - 1) = 0\n" + &"r2 = r9\n".repeat(20) + "r0 = 2\nexit\n"
}

fn each_slot(line: impl Fn(u32) -> String) -> String {
    (1..=SLOTS).map(line).collect()
}
