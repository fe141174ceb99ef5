//! The kernel of this machine as an engine, where there is one that can be: on Linux. All that is different on other
//! systems is here.

use bpfscope_core::lab::{Attached, MapContents};
use bpfscope_core::net::Network;
use bpfscope_core::object::{Loaded, Object};

use crate::error::Error;

#[cfg(target_os = "linux")]
pub use bpfscope_linux::engine::KernelEngine;

/// Why an object is not in the kernel: it was rejected, which is an answer and no error.
pub struct Rejected(pub String);

impl std::fmt::Display for Rejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the kernel calls itself, such as `6.18.44`.
///
/// # Errors
/// This is not Linux.
pub fn release() -> Result<String, Error> {
    if !cfg!(target_os = "linux") {
        let os = std::env::consts::OS;
        return Err(Error::Usage(format!("the kernel that runs here is to be asked, which takes Linux; this is {os}")));
    }
    let path = "/proc/sys/kernel/osrelease";
    let release = std::fs::read_to_string(path).map_err(|error| Error::File { path: path.into(), error })?;
    Ok(release.trim().to_owned())
}

/// What this machine can do.
pub struct Health {
    /// What the kernel calls itself, where it is Linux.
    pub kernel: Option<String>,
    /// What was looked at.
    pub findings: Vec<Found>,
    /// How many helpers programs of each type may call; empty where it cannot be told.
    pub helpers: Vec<(&'static str, u32)>,
}

/// Something that was looked at.
pub struct Found {
    pub name: &'static str,
    /// `good`, `note` or `lack`.
    pub state: &'static str,
    pub what: String,
    /// What to do about it.
    pub cure: Option<String>,
}

/// Looks at this machine.
#[cfg(target_os = "linux")]
pub fn health() -> Health {
    use bpfscope_linux::doctor::{self, State};
    bpfscope_linux::host::lift_memory_limit();
    let found = |finding: doctor::Finding| Found {
        name: finding.name,
        state: match finding.state {
            State::Good => "good",
            State::Note => "note",
            State::Lack => "lack",
        },
        what: finding.what,
        cure: finding.cure,
    };
    Health {
        kernel: release().ok(),
        findings: doctor::findings().into_iter().map(found).collect(),
        helpers: doctor::helper_counts().into_iter().map(|count| (count.prog_type.name(), count.helpers)).collect(),
    }
}

/// Puts an object into the kernel, with the attached programs, what maps hold at the start, and the
/// interfaces of a network.
///
/// # Errors
/// The kernel cannot be asked. That it rejects a program is the inner error.
#[cfg(target_os = "linux")]
pub fn engine(
    object: &Object,
    loaded: &Loaded,
    attached: &[Attached],
    maps: &[MapContents],
    network: &Network,
) -> Result<Result<KernelEngine, Rejected>, Error> {
    use bpfscope_linux::{engine::SetupError, host, load::LoadError};
    host::lift_memory_limit();
    match KernelEngine::new(object, loaded, attached, maps, network) {
        Ok(engine) => Ok(Ok(engine)),
        Err(SetupError::Load(error @ LoadError::Program { .. })) if error.is_rejection() => {
            Ok(Err(Rejected(error.to_string())))
        }
        Err(error) => Err(Error::Usage(error.to_string())),
    }
}

/// Runs `body` in a thread of its own on one CPU: a socket filter's network namespace is its thread's, and values of
/// per-CPU maps are those of the first CPU, as in the simulator.
#[cfg(target_os = "linux")]
pub fn in_kernel_thread<T: Send>(body: impl FnOnce() -> T + Send) -> T {
    use bpfscope_linux::host::on_cpu;
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| on_cpu(0, body));
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// CPUs that the kernel keeps per-CPU values for.
#[cfg(target_os = "linux")]
pub fn possible_cpus() -> u32 {
    bpfscope_linux::host::possible_cpus()
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::*;

/// Where there is no Linux, there is never such an engine.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use bpfscope_core::{
        kernel::MapId,
        lab::{Contents, Engine},
        net::SkBuff,
        vm::{Effects, Outcome},
    };

    use super::{Attached, Error, Found, Health, Loaded, MapContents, Network, Object, Rejected, release};

    pub enum KernelEngine {}

    impl Engine for KernelEngine {
        type Error = std::convert::Infallible;

        fn packet_comes(&mut self, _: u64) {
            match *self {}
        }

        fn run(&mut self, _: Attached, _: &mut SkBuff) -> Result<Outcome, Self::Error> {
            match *self {}
        }

        fn take_effects(&mut self) -> Effects {
            match *self {}
        }

        fn drain(&mut self, _: MapId) {
            match *self {}
        }
    }

    impl Contents for KernelEngine {
        fn entries(&self, _: MapId) -> Box<dyn Iterator<Item = (Vec<u8>, Vec<u8>)> + '_> {
            match *self {}
        }
    }

    pub fn engine(
        _: &Object,
        _: &Loaded,
        _: &[Attached],
        _: &[MapContents],
        _: &Network,
    ) -> Result<Result<KernelEngine, Rejected>, Error> {
        release().map(|os| Err(Rejected(os)))
    }

    pub fn in_kernel_thread<T: Send>(body: impl FnOnce() -> T + Send) -> T {
        body()
    }

    pub fn possible_cpus() -> u32 {
        1
    }

    pub fn health() -> Health {
        let what = format!("check, replay, step and the like work; this is {}", std::env::consts::OS);
        let cure = "what runs programs in a kernel takes Linux: `--kernel running`, `--engine kernel`, compare, attach";
        let found = Found { name: "kernel", state: "lack", what, cure: Some(cure.to_owned()) };
        Health { kernel: None, findings: vec![found], helpers: Vec::new() }
    }
}
