//! What kernels learned, and when: the features that the verifier asks about.
//!
//! One row a feature: since which version, the commit of Linux that brought it where that is known, and in a line what
//! it is. What came with a helper, a map type or a context field stands in their own tables. A long-term kernel may
//! have a feature earlier, by a backport: here a version is its first release.

use super::KernelVersion;

/// What is known of a feature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FeatureRow {
    /// The feature.
    pub feature: Feature,
    /// The kernel that it came in.
    pub since: KernelVersion,
    /// The first digits of the commit of Linux that brought it; empty where that is not known.
    pub commit: &'static str,
    /// What it is, in a line.
    pub doc: &'static str,
}

/// Declares [`Feature`] and its table from the same rows, so that neither can miss one.
macro_rules! features {
    ($($variant:ident, $major:literal . $minor:literal, $commit:literal, $doc:literal;)*) => {
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
                commit: $commit,
                doc: $doc,
            },)*
        ];
    };
}

#[rustfmt::skip]
features! {
    DirectPacketAccess, 4 . 7, "969bf05eb3ce", "Packet bytes through `data` and `data_end`, in traffic control programs (XDP: since there is XDP).";
    DirectPacketWrite, 4 . 9, "36bbef52c7eb", "Writes through `data`, in traffic control programs (XDP: since there is XDP).";
    PacketHelperArgs, 4 . 9, "6841de8b0d03", "Packet pointers as memory arguments of helpers.";
    MapValueOffsets, 4 . 10, "484611357c19", "Arithmetic with pointers to map values, within bounds known by least and most.";
    HelperVariableSize, 4 . 11, "06c1c049721a", "Sizes of memory arguments that are known by their bounds only.";
    BitTracking, 4 . 14, "f1174f77b50c", "Known bits and signed bounds of numbers, and variable offsets of all pointers to memory.";
    LessThanJumps, 4 . 14, "92b31a9af73b", "Jumps if less, `if r1 < r2` and its kin (cpu v2).";
    PacketMeta, 4 . 15, "de8f3a83b0a0", "Metadata before the packet, through `data_meta`.";
    PacketEndFirst, 4 . 15, "fb2a311a31d3", "Bounds checks that name the packet's end first, `data_end > data`.";
    Subprogs, 4 . 16, "cc8b0b92a169", "Calls among functions of the program.";
    OpcodesUpFront, 4 . 16, "5e581dad4fec", "Unknown opcodes are refused wherever they stand, not only where a path comes to them.";
    MapValueHelperArgs, 4 . 18, "d71962f3e627", "Map values as keys and values of helpers on maps.";
    References, 4 . 20, "fd978bf7fd31", "References to sockets, which must be released on every path.";
    CgroupPacketAccess, 4 . 20, "b39b5f411dcf", "Packet bytes through `data` in cgroup skb programs, for the privileged.";
    LineInfo, 5 . 0, "c454a46b5efd", "Source lines in the log, from BTF.";
    FuncInfo, 5 . 0, "838e96904ff3", "Types of functions, from BTF.";
    Jmp32, 5 . 1, "092ed0968bb6", "Conditional jumps on 32 bits (cpu v3).";
    SpinLock, 5 . 1, "d83525ca62cf", "Spin locks in map values.";
    MillionInsns, 5 . 2, "c04c0d2b968a", "Programs of, and paths through, up to a million instructions for the privileged.";
    MapValueLoads, 5 . 2, "d8eca5bbb2be", "64-bit immediates that are addresses in a map's value: global data.";
    StackHelperOffsets, 5 . 2, "2011fccfb61b", "Stack at an offset that is not constant as a memory argument of a helper.";
    BoundedLoops, 5 . 3, "2589726d12a1", "Loops that end, for the privileged.";
    Precision, 5 . 3, "b5dc0163d8fd", "States are compared by the numbers that matter, found by walking back.";
    ConstantSpills, 5 . 3, "f7cf25b2026d", "Constants keep their value when they are spilled to the stack.";
    ReadOnlyMaps, 5 . 5, "a23740ec43ba", "Values of frozen read-only maps are known: constants in `.rodata`.";
    GlobalFunctions, 5 . 6, "51c39bb1d5d1", "Global functions are verified on their own, by their type.";
    Alu32Bounds, 5 . 7, "3f50f132d840", "Bounds of the lower 32 bits, kept apart from those of 64.";
    CapBpf, 5 . 8, "2c78ee898d8f", "`CAP_BPF` in place of root.";
    BoundedSpills, 5 . 9, "5689d49b71ad", "Bounds survive a spill to the stack.";
    TailCallsInSubprogs, 5 . 10, "e411901c0b77", "Tail calls in programs of several functions (x86-64).";
    SubprogsFirst, 5 . 10, "4976b718c355", "Functions and jumps are checked before opcodes and maps.";
    BtfVariables, 5 . 10, "4976b718c355", "64-bit immediates that are the kernel's variables, by BTF id.";
    LinkedScalars, 5 . 10, "75748837b7e5", "What a comparison tells of a number holds for its copies.";
    AtomicFetch, 5 . 12, "5ffa25502b5a", "Atomic and, or, xor, exchange, and the old value as result (cpu v3).";
    StackVariableOffsets, 5 . 12, "01f810ace9ed", "Loads from and stores to the stack at an offset that is not constant, for the privileged.";
    Callbacks, 5 . 13, "69c087ba6225", "Functions of the program as arguments of helpers.";
    Kfuncs, 5 . 13, "e6ac2450d6de", "Calls of kernel functions by BTF id.";
    GlobalMemArgs, 5 . 13, "e5069b9c23b3", "Memory as an argument of global functions.";
    FdArray, 5 . 14, "387544bfa291", "Maps by their index in an array of descriptors.";
    Timers, 5 . 15, "b00628b1c7d5", "Timers in map values, which call functions of the program.";
    NarrowSpills, 5 . 16, "354e8f1970f8", "Numbers of less than 8 bytes survive a spill to the stack.";
    Loop, 5 . 17, "e6f2dd0f8067", "`bpf_loop`: a helper that calls a function a number of times.";
    PacketKfuncs, 5 . 18, "b4c2b9593a1c", "Kernel functions for XDP and traffic control, the first being look-ups of connections.";
    XdpFragments, 5 . 18, "c2f2cdbeffda", "XDP programs for packets of several buffers.";
    Dynptrs, 5 . 19, "97e03f521050", "Pointers to memory whose size is known at run time.";
    Kptrs, 5 . 19, "61df10c7799e", "Kernel pointers in map values.";
    ConnectionMarks, 6 . 1, "864b656f82cc", "Stores to the mark of a connection, in programs for packets.";
    KeysInRecords, 6 . 2, "d1673304097c", "Records and other memory as keys and values of helpers on maps.";
    StorageForSleepers, 6 . 2, "", "Local storage for programs that may sleep.";
    TrustedPointers, 6 . 2, "", "Pointers to kernel structures that the kernel vouches for, told from others.";
    InitAliases, 6 . 3, "", "A structure named `x___init` does not pass for an `x`, though it has one in it.";
    DynptrOverwrites, 6 . 3, "", "A dynptr that need not be given back may be made anew in its place.";
    ImmediateContextStores, 6 . 4, "0d80a619c113", "Stores of immediates to the context.";
    ConstantOnLeft, 6 . 4, "", "Comparisons whose first operand is the constant are decided, too.";
    EqualRanges, 6 . 4, "13fbcee55706", "A number outside of another's range is unequal to it.";
    HalfLinks, 6 . 4, "3be49f79555e", "A 32-bit copy of a number that has no more bits is linked to it.";
    UninitStackReads, 6 . 4, "6715df8d5d24", "Reads of stack that was not written, for the privileged.";
    OpenCodedIterators, 6 . 4, "06accc8779c1", "Iterators, `bpf_iter_num_new` and its kin: loops whose end the kernel knows.";
    TrustedMemory, 6 . 5, "", "Kernel structures that the kernel vouches for are memory that helpers may read.";
    JumpReadsFirst, 6 . 5, "", "A conditional jump's first operand is read before its second is looked at.";
    CpuV4, 6 . 6, "1f9a1ea821ff", "Signed division, sign-extending loads and moves, bswap, gotol (cpu v4).";
    LoopsEnteredInside, 6 . 7, "10e14e9652bf", "Loops that are closed by going on from one instruction to the next.";
    CallbackIterations, 6 . 7, "ab5cfac139ab", "Functions that helpers call back are followed for as often as they may be called.";
    Exceptions, 6 . 7, "f18b03fabaa9", "`bpf_throw`.";
    Imm64Middle, 6 . 8, "3feb263bb516", "Jumps into a 64-bit immediate are refused before any path is explored.";
    ReturnRanges, 6 . 8, "", "What is returned is known by its range, not by its bits alone.";
    UnequalBounds, 6 . 8, "", "A number that is unequal to an end of its range has a smaller range.";
    ConstantBits, 6 . 8, "", "Messages show known bits as a number where all are known.";
    ZeroSpills, 6 . 8, "", "Zeroes on the stack are spilled numbers, which survive stores and loads of a part.";
    LazyGlobals, 6 . 8, "2afae08c9dcb", "Global functions are verified only when something that was verified calls them.";
    RegisterComparisons, 6 . 8, "67420501e868", "Comparisons of two numbers of which neither is constant narrow both.";
    NarrowFills, 6 . 9, "", "The lower bytes of a spilled number keep its bounds, if it fits.";
    SpillLinks, 6 . 9, "", "A spilled number is linked to the register that it came from.";
    MayGoto, 6 . 9, "011832b97b31", "`may_goto`, loops that end when their budget is used up.";
    AddrSpaceCast, 6 . 9, "6082b6c328b5", "Casts between address spaces, for arenas.";
    JitStackRounding, 6 . 9, "", "Frames take multiples of 16 bytes of stack when the JIT is on, of 32 before.";
    KprobeSessions, 6 . 10, "", "Sessions of kprobes, which return 0 or 1.";
    UnknownOperands, 6 . 11, "", "Or, exclusive or, and multiplication of two numbers of which neither is constant.";
    LinkedOffsets, 6 . 11, "98d7ca374ba4", "What a comparison tells of a number holds for its copies plus a constant.";
    ProcessorBound, 6 . 12, "", "What `bpf_get_smp_processor_id` returns is less than the number of processors (not yet in 6.1).";
    QueuesForSleepers, 6 . 12, "", "Queues and stacks for programs that may sleep (not yet in 6.1).";
    VariableWritesEndSpills, 6 . 12, "", "A store at an unknown offset into a spilled number leaves plain bytes (not yet in 6.1).";
    ApartBits, 6 . 12, "", "Numbers with different known bits are unequal (Linux 6.18, carried back to stable 6.12).";
    MapsNotNull, 6 . 12, "5534e58f2e9b", "A pointer to a map is not null (Linux 6.17, carried back to stable 6.12).";
    Fastcall, 6 . 12, "5b5f51bff1b6", "Spills around inlined calls that need none are dropped.";
    UprobeSessions, 6 . 13, "", "Sessions of uprobes, which return 0 or 1.";
    DirectAccessWords, 6 . 13, "", "Messages call what helpers do to the stack reads and writes, not indirect accesses.";
    LeakingExit, 6 . 13, "", "Messages say of leaks that an instruction would lead to them, also for `exit`.";
    PrivateStack, 6 . 13, "a76ab5731e32", "Tracing programs' frames of 64 bytes and more have stacks of their own.";
    MayGotoNext, 6 . 14, "", "`may_goto` to the next instruction.";
    ConstantKeys, 6 . 15, "", "A look-up in an array by a constant that is below its size is never null.";
    LoadAcquire, 6 . 15, "880442305a39", "`load_acquire` and `store_release`, of 1 to 8 bytes.";
    StaticLiveness, 6 . 15, "14c8552db644", "Live registers are computed before paths are explored, and shown in the log.";
    Negation, 6 . 17, "aced132599b3", "Negated numbers are known.";
    SpeculationBarriers, 6 . 17, "", "Where only speculation goes wrong, a barrier is put instead of a refusal.";
    UntrustedLeaves, 6 . 17, "", "Pointers in kernel structures to what is no structure are memory that may be read.";
    VoidCasts, 6 . 17, "", "`bpf_rdonly_cast` to nothing in particular.";
    ArenaSignedLoads, 6 . 18, "", "Sign-extending loads from an arena.";
    ByteSwaps, 6 . 18, "", "Numbers whose bytes are swapped are known.";
    TailCallReturns, 6 . 18, "e3245f899043", "A tail call in a function may return any number to the caller, and move the packet.";
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
    use crate::kernel::VERSIONS;

    #[test]
    fn rows_stand_in_order_of_their_version_and_at_their_number() {
        for (i, row) in FEATURES.iter().enumerate() {
            assert_eq!(row.feature as usize, i);
            assert!(row.doc.ends_with('.'), "{:?}", row.feature);
            assert!(matches!(row.commit.len(), 0 | 12) && row.commit.bytes().all(|b| b.is_ascii_hexdigit()));
        }
        assert!(FEATURES.is_sorted_by_key(|row| row.since));
    }

    #[test]
    fn long_term_kernels_have_what_their_release_brought() {
        use Feature::{
            Alu32Bounds, AtomicFetch, BitTracking, BoundedLoops, CpuV4, DirectPacketAccess, Dynptrs, Jmp32,
            LoadAcquire, Loop, MayGoto, OpenCodedIterators, Subprogs,
        };
        // The newest feature of the list that each of them has.
        let steps = [
            DirectPacketAccess,
            BitTracking,
            Subprogs,
            Jmp32,
            BoundedLoops,
            Alu32Bounds,
            AtomicFetch,
            Loop,
            Dynptrs,
            OpenCodedIterators,
            CpuV4,
            MayGoto,
            LoadAcquire,
        ];
        let newest = [
            None,
            Some(DirectPacketAccess),
            Some(BitTracking),
            Some(Subprogs),
            Some(BoundedLoops),
            Some(Alu32Bounds),
            Some(AtomicFetch),
            Some(Dynptrs),
            Some(CpuV4),
            Some(MayGoto),
            Some(LoadAcquire),
        ];
        for (version, newest) in VERSIONS.into_iter().zip(newest) {
            assert_eq!(steps.into_iter().rfind(|feature| version.has(*feature)), newest, "{version}");
        }
    }

    #[test]
    fn a_kernel_has_what_came_in_or_before_it() {
        assert!(!KernelVersion::new(5, 2).has(Feature::BoundedLoops));
        assert!(KernelVersion::new(5, 3).has(Feature::BoundedLoops));
        assert!(FEATURES.iter().all(|row| KernelVersion::LATEST.has(row.feature)));
    }
}
