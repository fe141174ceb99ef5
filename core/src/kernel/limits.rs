//! How much a kernel takes: sizes and counts that programs are refused beyond.

use super::{Feature, KernelVersion};

/// The limits of one kernel, for the privileged or for others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Instructions of a program, in slots.
    pub insns: u32,
    /// Instructions checked along all paths together.
    pub processed: u32,
    /// Branches of a path that wait to be followed.
    pub pending: u32,
    /// States kept at one instruction; `None` when there is no limit.
    pub states: Option<u32>,
    /// Functions of a program.
    pub subprogs: u32,
    /// Frames of a chain of calls.
    pub frames: u32,
    /// Bytes of stack of a chain of calls.
    pub stack: u32,
    /// Maps of a program.
    pub maps: u32,
}

/// How many instructions are checked along all paths together, since which version.
const PROCESSED: [(KernelVersion, u32); 5] = [
    (KernelVersion::new(3, 18), 32_768),
    // Commit 07016151a446.
    (KernelVersion::new(4, 7), 65_536),
    // Commit 3c2ce60bdd3d.
    (KernelVersion::new(4, 12), 98_304),
    // Commit 8e17c1b16277.
    (KernelVersion::new(4, 14), 131_072),
    // Commit c04c0d2b968a.
    (KernelVersion::new(5, 2), 1_000_000),
];

impl Limits {
    /// The limits of that kernel for those with `CAP_BPF` (or root, before), or for others.
    pub fn of(kernel: KernelVersion, privileged: bool) -> Limits {
        let processed = PROCESSED.iter().rev().find(|(since, _)| *since <= kernel).map_or(32_768, |row| row.1);
        let long = privileged && kernel.has(Feature::MillionInsns);
        let only_main = !kernel.has(Feature::Subprogs) || !privileged;
        Limits {
            insns: if long { 1_000_000 } else { 4096 },
            processed,
            // Commit b285fcb760ef.
            pending: if kernel >= KernelVersion::new(5, 3) { 8192 } else { 1024 },
            // Commit ceefbc96fa5c.
            states: (!privileged && kernel >= KernelVersion::new(5, 0)).then_some(64),
            subprogs: if only_main { 1 } else { 256 },
            frames: if only_main { 1 } else { 8 },
            stack: 512,
            maps: 64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_checked_instructions_grew() {
        let at = |major, minor| Limits::of(KernelVersion::new(major, minor), true).processed;
        assert_eq!(
            [at(4, 4), at(4, 6), at(4, 9), at(4, 12), at(4, 14), at(4, 19), at(5, 1), at(5, 2), at(6, 18)],
            [32_768, 32_768, 65_536, 98_304, 131_072, 131_072, 131_072, 1_000_000, 1_000_000]
        );
    }

    #[test]
    fn long_programs_are_for_the_privileged() {
        let insns = |minor, privileged| Limits::of(KernelVersion::new(5, minor), privileged).insns;
        assert_eq!([insns(1, true), insns(2, true), insns(2, false)], [4096, 1_000_000, 4096]);
    }
}
