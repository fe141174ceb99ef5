//! Attachments that stay: program, maps and link pinned on the bpf file system, by which they are found again.
//!
//! ```text
//! /sys/fs/bpf/bpfscope/PROGRAM/DEVICE/HOOK/program
//!                                         /link          (not for a filter at clsact, which stays by itself)
//!                                         /maps/MAP
//! ```
//!
//! The file system does not take dots in names: in those they are `%2e`.

use std::ffi::CString;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};

use bpfscope_core::kernel::Hook;

use super::clsact::{self, Filter};
use super::{Attachment, Device, Held};
use crate::bpf::{Link, Map, Prog};

/// Where Linux has the bpf file system.
const BPFFS: &str = "/sys/fs/bpf";
/// The directory in it that is ours.
const OURS: &str = "/sys/fs/bpf/bpfscope";
const PROGRAM: &str = "program";
const LINK: &str = "link";
const MAPS: &str = "maps";
/// `BPF_FS_MAGIC`.
const BPF_FS_MAGIC: u64 = 0xcafe_4a11;
/// Hooks by the names of their directories.
const HOOKS: [Hook; 4] = [Hook::Socket, Hook::TcIngress, Hook::TcEgress, Hook::Xdp];

/// Why an attachment cannot be kept, or not be taken away.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// Sockets are held by their process.
    #[error("a socket filter cannot be pinned: it is attached as long as a process has its socket")]
    Socket,
    /// It is there already.
    #[error("{} is there already: `bpfscope detach` takes it away", path.display())]
    Taken {
        /// The directory.
        path: PathBuf,
    },
    /// The bpf file system is not mounted, and cannot be.
    #[error("{BPFFS}: the bpf file system cannot be mounted: {error}")]
    Mount {
        /// What the system said.
        error: io::Error,
    },
    /// The system says so.
    #[error("{}: {error}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
}

impl PinError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> PinError {
        let path = path.to_owned();
        |error| PinError::File { path, error }
    }
}

/// A name of a map, device or program as one of the file system's.
fn escape(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '.' | '%' | '/' => out += &format!("%{:02x}", c as u32),
            c => out.push(c),
        }
    }
    out
}

fn unescape(name: &str) -> String {
    name.replace("%2e", ".").replace("%2f", "/").replace("%25", "%")
}

/// Mounts the bpf file system when it is not there; tells whether it did.
#[allow(unsafe_code, reason = "statfs(2) and mount(2) have no safe wrapper in std")]
fn mount() -> Result<bool, PinError> {
    let path = CString::new(BPFFS).map_err(|e| PinError::Mount { error: e.into() })?;
    let mut stat = MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: the path ends with a zero byte; the kernel fills the structure, for which all zeroes are valid.
    let there = unsafe { libc::statfs(path.as_ptr(), stat.as_mut_ptr()) == 0 && is_bpffs(&stat.assume_init()) };
    if there {
        return Ok(false);
    }
    let kind = c"bpf".as_ptr();
    // SAFETY: the strings end with zero bytes and live until the call returns.
    match unsafe { libc::mount(kind, path.as_ptr(), kind, 0, std::ptr::null()) } {
        0 => Ok(true),
        _ => Err(PinError::Mount { error: io::Error::last_os_error() }),
    }
}

fn is_bpffs(stat: &libc::statfs) -> bool {
    // The field's type differs between C libraries.
    stat.f_type as u64 & 0xffff_ffff == BPF_FS_MAGIC
}

/// Pins an attachment with its program and maps (by name), so that it stays. Gives the directory, and whether the bpf
/// file system had to be mounted for it.
///
/// # Errors
/// It is there already, or there is no place for it. The program is then taken away.
pub fn keep(
    mut attachment: Attachment,
    program: &str,
    prog: &Prog,
    maps: &[(&str, &Map)],
) -> Result<(PathBuf, bool), PinError> {
    if matches!(attachment.held, Some(Held::Socket(_))) {
        return Err(PinError::Socket);
    }
    let mounted = mount()?;
    let hook = attachment.hook.name();
    let path = Path::new(OURS).join(escape(program)).join(escape(&attachment.device.name)).join(hook);
    if path.exists() {
        return Err(PinError::Taken { path });
    }
    let pinned = fs::create_dir_all(path.join(MAPS)).map_err(PinError::at(&path)).and_then(|()| {
        let at = |name: &str| path.join(name);
        prog.pin(&at(PROGRAM)).map_err(PinError::at(&path))?;
        for (name, map) in maps {
            map.pin(&at(MAPS).join(escape(name))).map_err(PinError::at(&path))?;
        }
        match &attachment.held {
            Some(Held::Link(link)) => link.pin(&at(LINK)).map_err(PinError::at(&path)),
            _ => Ok(()),
        }
    });
    if let Err(error) = pinned {
        // What could not be pinned whole is taken away, and the first error told.
        let _ = remove_files(&path);
        return Err(error);
    }
    if let Some(held) = attachment.held.take() {
        if let Held::Filter(filter, _) = &held {
            attachment.forget(filter);
        }
        // A link's descriptor may be closed: the pin holds it. A filter stays by itself.
        drop(held);
    }
    Ok((path, mounted))
}

/// An attachment that was pinned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pinned {
    /// The program's name.
    pub program: String,
    /// The device's name.
    pub device: String,
    /// The hook.
    pub hook: Hook,
    path: PathBuf,
}

/// Everything that is pinned, in order of names.
///
/// # Errors
/// The file system cannot be read. That it is not there is none.
pub fn pinned() -> Result<Vec<Pinned>, PinError> {
    let mut found = Vec::new();
    for program in entries(Path::new(OURS))? {
        for device in entries(&program)? {
            for path in entries(&device)? {
                let name = |path: &Path| unescape(&path.file_name().unwrap_or_default().to_string_lossy());
                let Some(hook) = HOOKS.into_iter().find(|hook| hook.name() == name(&path)) else { continue };
                found.push(Pinned { program: name(&program), device: name(&device), hook, path });
            }
        }
    }
    Ok(found)
}

/// What is in a directory, in order of names; nothing when there is none.
fn entries(path: &Path) -> Result<Vec<PathBuf>, PinError> {
    let entries = match fs::read_dir(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries.map_err(PinError::at(path))?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<io::Result<Vec<_>>>().map_err(PinError::at(path))?;
    paths.sort();
    Ok(paths)
}

impl Pinned {
    /// The filter at clsact that is pinned here, if it is one and still there.
    fn filter(&self) -> Option<(Device, Filter)> {
        let prog = Prog::open(&self.path.join(PROGRAM)).ok()?.info().ok()?.id;
        let device = Device::named(&self.device).ok()?;
        let filters = clsact::filters(&device, self.hook == Hook::TcEgress).ok()?;
        let filter = filters.into_iter().find(|f| f.program() == Some(&self.program) && f.prog == Some(prog))?;
        Some((device, filter))
    }

    /// Whether this filter at a device is what is pinned here.
    pub fn is(&self, device: &Device, filter: &Filter) -> bool {
        self.filter().is_some_and(|(at, pinned)| at == *device && pinned == *filter)
    }

    /// Takes the program away, and the pins.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(&self) -> Result<(), PinError> {
        let link = self.path.join(LINK);
        if let Ok(link) = Link::open(&link) {
            // One whose device is gone cannot be detached, nor need it be.
            let _ = link.detach();
        } else if let Some((device, filter)) = self.filter() {
            clsact::remove(&device, &filter).map_err(PinError::at(&self.path))?;
        }
        remove_files(&self.path).map_err(PinError::at(&self.path))
    }
}

/// Removes a directory of pins, and those above it that are empty then.
fn remove_files(path: &Path) -> io::Result<()> {
    fs::remove_dir_all(path)?;
    for above in path.ancestors().skip(1).take_while(|above| above.starts_with(OURS)) {
        if fs::remove_dir(above).is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_from_the_file_system() {
        for name in ["counts", ".rodata.str1.1", "eth0.100", "50%", "a/b"] {
            let escaped = escape(name);
            assert!(!escaped.contains(['.', '/']), "{escaped}");
            assert_eq!(unescape(&escaped), name);
        }
    }
}
