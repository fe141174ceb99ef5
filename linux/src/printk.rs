//! What programs print with `bpf_trace_printk`, without tracefs.
//!
//! The kernel hands each line to its tracepoint `bpf_trace_printk` (since Linux 5.9), at which a program of ours copies
//! it into a perf buffer. So nothing must be mounted, nobody else who reads `trace_pipe` misses a line, and nothing is
//! left when the process is killed. The kernel does not tell which program printed a line: they are everybody's.

use bpfscope_core::lab::{Compiled, LabError, Source};
use bpfscope_core::object::LoadOptions;
use bpfscope_core::vm::Output;

use crate::bpf::Link;
use crate::events::{Events, EventsError};
use crate::host::possible_cpus;
use crate::load::{InKernel, LoadError};

const TRACEPOINT: &str = "bpf_trace_printk";

/// Reads the line (at most 400 bytes; its tracepoint's only argument points to it) and sends it.
const PROGRAM: &str = "
.license \"GPL\"
.section raw_tp/bpf_trace_printk
.globl copy_line
copy_line:
        r6 = r1
        r3 = *(u64 *)(r1 + 0)
        r1 = r10
        r1 += -400
        r2 = 400
        call 115                        // bpf_probe_read_kernel_str
        if r0 s< 1 goto out
        if r0 s> 400 goto out
        r5 = r0
        r1 = r6
        r2 = lines ll
        r3 = 0xffffffff ll              // BPF_F_CURRENT_CPU
        r4 = r10
        r4 += -400
        call 25                         // bpf_perf_event_output
out:
        r0 = 0
        exit
";

/// Why lines cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PrintkError {
    /// Our own program is not one.
    #[error(transparent)]
    Program(#[from] LabError),
    /// It cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Its buffer cannot be read.
    #[error(transparent)]
    Events(#[from] EventsError),
    /// The kernel has no such tracepoint.
    #[error("the kernel has no tracepoint {TRACEPOINT}: {0}")]
    Tracepoint(std::io::Error),
}

/// Lines as they are printed, by whatever program.
pub struct Printk {
    events: Events,
    /// Held: the program runs as long as its link.
    _link: Link,
}

impl Printk {
    /// Begins to listen.
    ///
    /// # Errors
    /// It takes CAP_BPF, CAP_PERFMON and Linux 5.9.
    pub fn listen() -> Result<Printk, PrintkError> {
        let text = format!(".map lines, perf_event_array, key=4, value=4, entries={}\n{PROGRAM}", possible_cpus());
        let compiled = Compiled::new(&Source::Asm(text), "printk.s", &LoadOptions::default())?;
        let kernel = InKernel::new(&compiled.object, &compiled.loaded, |_| true)?;
        let events = Events::new(&compiled.loaded, kernel.maps())?;
        let no_tracepoint = |errno| PrintkError::Tracepoint(std::io::Error::from_raw_os_error(errno));
        let prog = kernel.progs.iter().flatten().next().ok_or_else(|| no_tracepoint(libc::ENOENT))?;
        let link = Link::raw_tracepoint(prog, TRACEPOINT).map_err(no_tracepoint)?;
        Ok(Printk { events, _link: link })
    }

    /// Gives the lines that were printed since the last call.
    pub fn read(&mut self, mut each: impl FnMut(String)) {
        self.events.read(|output| {
            if let Output::PerfEvent { data, .. } = output {
                let end = data.iter().position(|b| *b == 0).unwrap_or(data.len());
                each(String::from_utf8_lossy(&data[..end]).trim_end().to_owned());
            }
        });
    }
}
