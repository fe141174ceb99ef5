//! What kernels learned, and when: the features that the verifier asks about.
//!
//! One row a feature: since which version, in a line what it is, and where that is written. What came with a helper,
//! a map type or a context field stands in their own tables.

use super::KernelVersion;

/// What is known of a feature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeatureRow {
    /// The feature.
    pub feature: Feature,
    /// The kernel that it came in.
    pub since: KernelVersion,
    /// What it is, in a line.
    pub doc: &'static str,
}

/// Declares [`Feature`] and its table from the same rows, so that neither can miss one.
macro_rules! features {
    ($($variant:ident, $major:literal . $minor:literal, $doc:literal;)*) => {
        /// Something that kernels before a certain version do not have.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Feature {
            $(#[doc = $doc] $variant,)*
        }

        /// Every feature, in order of the version that it came in.
        pub const FEATURES: &[FeatureRow] = &[
            $(FeatureRow {
                feature: Feature::$variant,
                since: KernelVersion::new($major, $minor),
                doc: $doc,
            },)*
        ];
    };
}

features! {
    LessThanJumps, 4 . 14, "Jumps if less, `if r1 < r2` and its kin (cpu v2).";
    Subprogs, 4 . 16, "Calls among functions of the program.";
    OpcodesUpFront, 4 . 16, "Unknown opcodes are refused wherever they stand, not only where a path comes to them.";
    Jmp32, 5 . 1, "Conditional jumps on 32 bits (cpu v3).";
    MillionInsns, 5 . 2, "Programs of, and paths through, up to a million instructions for the privileged.";
    MapValueLoads, 5 . 2, "64-bit immediates that are addresses in a map's value: global data.";
    BoundedLoops, 5 . 3, "Loops that end, for the privileged.";
    CapBpf, 5 . 8, "`CAP_BPF` in place of root.";
    SubprogsFirst, 5 . 10, "Functions and jumps are checked before opcodes and maps.";
    TailCallsInSubprogs, 5 . 10, "Tail calls in programs of several functions (x86-64).";
    BtfVariables, 5 . 10, "64-bit immediates that are the kernel's variables, by BTF id.";
    AtomicFetch, 5 . 12, "Atomic and, or, xor, exchange, and the old value as result (cpu v3).";
    Callbacks, 5 . 13, "Functions of the program as arguments of helpers.";
    Kfuncs, 5 . 13, "Calls of kernel functions by BTF id.";
    FdArray, 5 . 14, "Maps by their index in an array of descriptors.";
    JumpReadsFirst, 6 . 5, "A conditional jump's first operand is read before its second is looked at.";
    CpuV4, 6 . 6, "Signed division, sign-extending loads and moves, bswap, gotol (cpu v4).";
    Imm64Middle, 6 . 8, "Jumps into a 64-bit immediate are refused before any path is explored.";
    MayGoto, 6 . 9, "`may_goto`, loops that end when their budget is used up.";
    AddrSpaceCast, 6 . 9, "Casts between address spaces, for arenas.";
    JitStackRounding, 6 . 9, "Frames take multiples of 16 bytes of stack when the JIT is on, of 32 before.";
    Fastcall, 6 . 12, "Spills around inlined calls that need none are dropped.";
    PrivateStack, 6 . 13, "Tracing programs' frames of 64 bytes and more have stacks of their own.";
    LoadAcquire, 6 . 15, "`load_acquire` and `store_release`, of 1 to 8 bytes.";
}

impl Feature {
    /// Its row in [`FEATURES`].
    pub const fn row(self) -> &'static FeatureRow {
        &FEATURES[self as usize]
    }
}

impl KernelVersion {
    /// Whether this kernel has the feature.
    pub const fn has(self, feature: Feature) -> bool {
        self.code() >= feature.row().since.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_order_of_their_version_and_at_their_number() {
        for (i, row) in FEATURES.iter().enumerate() {
            assert_eq!(row.feature as usize, i);
            assert!(row.doc.ends_with('.'), "{:?}", row.feature);
        }
        assert!(FEATURES.is_sorted_by_key(|row| row.since));
    }

    #[test]
    fn a_kernel_has_what_came_in_or_before_it() {
        assert!(!KernelVersion::new(5, 2).has(Feature::BoundedLoops));
        assert!(KernelVersion::new(5, 3).has(Feature::BoundedLoops));
        assert!(FEATURES.iter().all(|row| KernelVersion::LATEST.has(row.feature)));
    }
}
