//! The running kernel's own verdict: its verifier gets the very instructions that ours would, with types and maps.
//!
//! Each program is let go again at once: nothing is attached and nothing stays.

#[cfg(target_os = "linux")]
mod load;

use bpfscope_core::kernel::KernelVersion;

use super::{
    answer::{Answered, Oracle},
    subject::Subject,
};
use crate::{error::Error, host};

/// The kernel of this machine.
pub struct Running {
    release: String,
    version: KernelVersion,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there is nobody to ask"))]
    log: u8,
}

impl Running {
    /// # Errors
    /// This is not Linux, or a version that cannot be told.
    pub fn new(log: u8) -> Result<Running, Error> {
        let release = host::release()?;
        let version = release.parse().map_err(|e| Error::bad("the kernel's release", &format!("{e}")))?;
        Ok(Running { release, version, log })
    }
}

impl Oracle for Running {
    fn version(&self) -> Option<KernelVersion> {
        Some(self.version)
    }

    fn label(&self) -> Option<String> {
        Some(self.release.clone())
    }

    #[cfg(target_os = "linux")]
    fn ask(&self, subject: &Subject<'_>, selected: &[usize]) -> Result<Answered, Error> {
        load::ask(subject, selected, self.log)
    }

    #[cfg(not(target_os = "linux"))]
    fn ask(&self, _: &Subject<'_>, _: &[usize]) -> Result<Answered, Error> {
        // There is no such oracle to be asked: see `new`.
        Ok(Answered::default())
    }
}
