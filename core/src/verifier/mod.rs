//! The verifier: would this kernel load the program, and if not, why and where.
//!
//! It follows the algorithm of Linux, since its verdict is what is asked for: stage 1 looks at the shape of the program
//! ([`shape`]), stage 2 follows every path and keeps what it knows of registers, stack and resources (`explore`),
//! leaving out paths whose outcome is known from one already followed (`prune`).
//!
//! | file | holds |
//! |---|---|
//! | `scalar` | numbers: known bits and ranges, arithmetic, what a comparison tells |
//! | `reg`, `stack`, `state` | what is known at a point of a path |
//! | `env` | a verification under way |
//! | `shape` | stage 1: instructions, jumps, functions, what is live |
//! | `explore` | stage 2: one instruction after another, branches to take later |
//! | `alu`, `jump`, `access`, `call` | what each kind of instruction asks and does |
//! | `sanitize` | what the unprivileged must not get the processor to do speculatively |
//! | `prune` | states that were seen, precision, loops |
//! | `rewrite` | what is refused once every path is known |
//! | `finding` | reasons for rejection, and the kernel's words for them |
//! | `explain` | what a rejection means, in plain language |
//! | `verifying` | a verification in slices |
//! | `log`, `text`, `insn_text` | the log in the kernel's format |
//!
//! What is found is a value ([`finding::Finding`]); how it is told is another matter. What differs between kernels is
//! data ([`crate::kernel::KernelVersion`]). Not here: running the program, and the types of programs that do not work on packets
//! or observe the kernel, which are refused by name.

mod access;
mod alu;
mod call;
mod env;
mod explain;
mod explore;
mod explored;
pub mod finding;
mod insn_text;
mod jump;
mod leave;
mod log;
mod prune;
mod reg;
mod rewrite;
mod sanitize;
pub mod scalar;
pub mod shape;
mod stack;
mod state;
mod text;
mod verifying;

use crate::isa::{Pc, Reg};
use crate::kernel::{KernelVersion, MapDef, Program};
use crate::object::Btf;
pub use env::Stats;
pub use explain::{Explanation, explain};
pub use explored::{Ending, Explored, Proven, ProvenAt, Shown, ShownFrame, Visit};
use finding::{Finding, Style};
use log::Log;
pub use verifying::Verifying;

/// `BPF_F_STRICT_ALIGNMENT`: misaligned accesses are rejected even where the processor does them.
pub const STRICT_ALIGNMENT: u32 = 1 << 0;
/// `BPF_F_ANY_ALIGNMENT`: misaligned accesses are taken wherever the processor does them, whatever [`STRICT_ALIGNMENT`] says.
pub const ANY_ALIGNMENT: u32 = 1 << 1;
/// `BPF_F_TEST_STATE_FREQ`: states are kept wherever they are compared, as tests of the kernel want it.
pub const TEST_STATE_FREQ: u32 = 1 << 3;
/// `BPF_F_SLEEPABLE`: the program runs where it may wait.
pub const SLEEPABLE: u32 = 1 << 4;

/// How a program is verified.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Whose rules.
    pub kernel: KernelVersion,
    /// Whether the loader has CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, as root has.
    pub privileged: bool,
    /// 0: no log; 1: the path that failed; 2: every path.
    pub log_level: u8,
    /// Bytes of log after which level 2 goes on as level 1, so that a long verification is not all log.
    pub log_limit: usize,
    /// Flags of `BPF_PROG_LOAD` beside those that the section stands for ([`STRICT_ALIGNMENT`], [`SLEEPABLE`]).
    pub flags: u32,
    /// The expected attach type (`enum bpf_attach_type`), when it is not what the section stands for.
    pub attach_type: Option<u32>,
    /// Whether the explored states are kept, for [`Verification::explored`].
    pub explored: bool,
    /// CPUs that the machine may have (`nr_cpu_ids`): what `bpf_get_smp_processor_id` returns is less.
    pub cpus: u32,
    /// How a rejection is printed.
    pub style: Style,
    /// The object's types: signatures of global functions, and names.
    pub btf: Option<&'a Btf>,
    /// The kernel's types.
    pub kernel_btf: Option<&'a Btf>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            kernel: KernelVersion::LATEST,
            privileged: true,
            log_level: 0,
            log_limit: log::MAX_LOG,
            flags: 0,
            attach_type: None,
            explored: false,
            cpus: 1,
            style: Style::default(),
            btf: None,
            kernel_btf: None,
        }
    }
}

/// Why a program was rejected, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rejection {
    /// Why.
    pub finding: Finding,
    /// The instruction, when it is about one.
    pub pc: Option<Pc>,
    /// What was known of the function's registers then, in the log's words; those that hold nothing are left out.
    pub regs: Vec<(Reg, String)>,
}

impl Rejection {
    /// The kernel's message: the last line of what it prints, before the states that show an infinite loop.
    pub fn message(&self) -> String {
        let text = Style::Lines.print(self);
        let is_state = |line: &&str| line.starts_with("cur state:") || line.starts_with("old state:");
        text.lines().rev().find(|line| !is_state(line)).unwrap_or_default().to_owned()
    }
}

/// An instruction as the log has it: `3: (71) r4 = *(u8 *)(r2 +12)`.
pub fn instruction(program: &Program, pc: Pc) -> String {
    format!("{pc}: {}", insn_text::text(program, pc))
}

/// The verifier's answer.
#[derive(Clone, Debug)]
pub struct Verification {
    /// Why the program was rejected; `None` when it is accepted.
    pub rejection: Option<Rejection>,
    /// The log, as the level asked for it.
    pub log: String,
    /// From where on the log has no longer every path, if it grew past its limit.
    pub log_cut: Option<usize>,
    /// How much was looked at.
    pub stats: Stats,
    /// The states that came to each instruction, when they were asked for.
    pub explored: Option<Explored>,
}

impl Verification {
    /// Whether the kernel would load the program.
    pub fn accepted(&self) -> bool {
        self.rejection.is_none()
    }
}

/// Verifies a program. `maps` are those of its object, by [`crate::kernel::MapId`].
pub fn verify(program: &Program, maps: &[MapDef], options: &Options<'_>) -> Verification {
    let mut verifying = Verifying::new(program, maps, options);
    verifying
        .advance(program, maps, options, u32::MAX)
        .expect("the limit of processed instructions is below any budget")
}

impl Verification {
    fn new(verdict: Result<(), Rejection>, mut log: Log, stats: Stats, style: Style) -> Verification {
        if let Err(rejection) = &verdict {
            let text = style.print(rejection);
            // Some things the kernel refuses without a word.
            let end = if text.is_empty() { "" } else { "\n" };
            log.print(format_args!("{text}{end}"));
        }
        log.print(format_args!(
            "processed {} insns (limit 1000000) max_states_per_insn {} total_states {} peak_states {} mark_read 0\n",
            stats.insns_processed, stats.max_states_per_insn, stats.total_states, stats.peak_states
        ));
        let (log, log_cut) = log.finish();
        Verification { rejection: verdict.err(), log, log_cut, stats, explored: None }
    }
}
