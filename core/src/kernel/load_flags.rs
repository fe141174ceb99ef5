//! Flags of `BPF_PROG_LOAD` (`BPF_F_*`): which there are, and since when.

use super::KernelVersion;

/// What is known of a flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoadFlag {
    /// Its name, without `BPF_F_` and in small letters.
    pub name: &'static str,
    /// Its bit.
    pub bit: u32,
    /// The kernel that it came in: those before refuse it.
    pub since: KernelVersion,
}

const fn flag(name: &'static str, bit: u32, major: u8, minor: u8) -> LoadFlag {
    LoadFlag { name, bit: 1 << bit, since: KernelVersion::new(major, minor) }
}

/// Every flag, by its bit.
pub const LOAD_FLAGS: [LoadFlag; 9] = [
    flag("strict_alignment", 0, 4, 12),
    flag("any_alignment", 1, 5, 0),
    flag("test_rnd_hi32", 2, 5, 3),
    flag("test_state_freq", 3, 5, 4),
    flag("sleepable", 4, 5, 10),
    flag("xdp_has_frags", 5, 5, 18),
    flag("xdp_dev_bound_only", 6, 6, 3),
    flag("test_reg_invariants", 7, 6, 8),
    flag("token_fd", 16, 6, 9),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_flags_have_a_bit_or_a_name_in_common() {
        assert!(LOAD_FLAGS.is_sorted_by(|a, b| a.bit < b.bit && a.name != b.name));
        assert!(LOAD_FLAGS.iter().all(|flag| flag.since <= KernelVersion::LATEST));
    }
}
