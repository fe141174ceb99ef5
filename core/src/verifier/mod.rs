//! The verifier: the kernel's verdict on a program, in the kernel's words, without a kernel.

pub mod finding;
pub mod scalar;
#[allow(dead_code, unused_imports, reason = "the explorer reads most of it")]
pub mod shape;

use crate::kernel::KernelVersion;
use crate::object::Btf;

/// How a program is verified.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Whose rules.
    pub kernel: KernelVersion,
    /// Whether the loader has CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, as root has.
    pub privileged: bool,
    /// 0: no log; 1: the path that failed; 2: every path.
    pub log_level: u8,
    /// Whether misaligned accesses are rejected even where the processor does them (`BPF_F_STRICT_ALIGNMENT`).
    pub strict_alignment: bool,
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
            strict_alignment: false,
            btf: None,
            kernel_btf: None,
        }
    }
}
