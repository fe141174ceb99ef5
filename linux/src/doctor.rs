//! What this machine can do with BPF, found by trying it, and what to do about what it cannot.
//!
//! Nothing is concluded from the kernel's version where it can be asked: distributions carry features back and leave
//! others out. Everything that is made here is gone when the function returns.

use std::fs;
use std::path::Path;

use bpfscope_core::kernel::{MapType, ProgType};
use bpfscope_core::object::Btf;

use crate::bpf::{Map, MapSpec, Prog, ProgSpec};
use crate::refusal::{Asked, CAPABILITIES, Refusal, effective_capabilities};
use crate::veth::Namespace;

/// How something stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It is as it should be.
    Good,
    /// It works, but could be better.
    Note,
    /// It does not work.
    Lack,
}

/// Something that was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What: `bpf(2)`, `BTF`.
    pub name: &'static str,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub what: String,
    /// What to do about it.
    pub cure: Option<String>,
}

impl Finding {
    fn good(name: &'static str, what: impl Into<String>) -> Finding {
        Finding { name, state: State::Good, what: what.into(), cure: None }
    }

    fn with_cure(name: &'static str, state: State, what: impl Into<String>, cure: impl Into<String>) -> Finding {
        Finding { name, state, what: what.into(), cure: Some(cure.into()) }
    }
}

/// How many helpers programs of a type may call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HelperCount {
    /// The type.
    pub prog_type: ProgType,
    /// How many.
    pub helpers: u32,
}

/// Looks at everything that the kernel engine, `attach` and the rest need.
pub fn findings() -> Vec<Finding> {
    vec![
        bpf(),
        capabilities(),
        types(),
        jit(),
        unprivileged(),
        namespaces(),
        file_system("bpffs", "/sys/fs/bpf", "bpf", "pinned programs and maps"),
        file_system("tracefs", "/sys/kernel/tracing", "tracefs", "what bpf_trace_printk writes"),
    ]
}

fn bpf() -> Finding {
    let spec =
        MapSpec { map_type: MapType::Array.number(), key_size: 4, value_size: 4, max_entries: 1, ..MapSpec::default() };
    if let Err(errno) = Map::create(&spec) {
        let refusal = Refusal { asked: Asked::CreateMap(MapType::Array), errno };
        return Finding::with_cure("bpf(2)", State::Lack, "refused", refusal.to_string());
    }
    match load(ProgType::SchedCls, &[]) {
        Ok(()) => Finding::good("bpf(2)", "makes maps and loads programs"),
        Err(errno) => {
            let refusal = Refusal { asked: Asked::LoadProgram(ProgType::SchedCls), errno };
            Finding::with_cure("bpf(2)", State::Lack, "makes maps, but loads no programs", refusal.to_string())
        }
    }
}

/// Loads a program that returns 0 after some instructions.
fn load(prog_type: ProgType, first: &[u8]) -> Result<(), i32> {
    let insns = [first, &[0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]].concat();
    let spec = ProgSpec { prog_type: prog_type as u32, insns: &insns, ..ProgSpec::default() };
    Prog::load(&spec).map(drop).map_err(|refused| refused.errno)
}

fn capabilities() -> Finding {
    let here = effective_capabilities();
    let (have, lack): (Vec<_>, Vec<_>) = CAPABILITIES.iter().partition(|(_, bit)| here & (1 << bit) != 0);
    let names = |list: &[&(&str, u32)]| list.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    if lack.is_empty() {
        return Finding::good("capabilities", names(&have));
    }
    let what = format!("without {}", names(&lack));
    Finding::with_cure("capabilities", State::Lack, what, "run as root, or `setcap` them to the command")
}

fn types() -> Finding {
    const PATH: &str = "/sys/kernel/btf/vmlinux";
    let cure = "CO-RE and kernel functions need a kernel with CONFIG_DEBUG_INFO_BTF; or give types with --btf FILE";
    match fs::read(PATH) {
        Err(error) => Finding::with_cure("BTF", State::Lack, format!("{PATH}: {error}"), cure),
        Ok(bytes) => match Btf::parse(&bytes) {
            Ok(btf) => {
                let megabytes = bytes.len() as f64 / 1e6;
                Finding::good("BTF", format!("{PATH}: {} types, {megabytes:.1} MB", btf.types().count()))
            }
            Err(error) => Finding::with_cure("BTF", State::Lack, format!("{PATH}: {error}"), cure),
        },
    }
}

fn sysctl(name: &str) -> Option<String> {
    Some(fs::read_to_string(Path::new("/proc/sys").join(name)).ok()?.trim().to_owned())
}

fn jit() -> Finding {
    match sysctl("net/core/bpf_jit_enable").as_deref() {
        Some("0") => {
            let cure =
                "programs run in the kernel's interpreter, several times slower: sysctl net.core.bpf_jit_enable=1";
            Finding::with_cure("JIT", State::Note, "off", cure)
        }
        Some("2") => {
            let cure = "every program's machine code goes to the kernel's log: sysctl net.core.bpf_jit_enable=1";
            Finding::with_cure("JIT", State::Note, "on, and it tells", cure)
        }
        Some(_) => Finding::good("JIT", "on"),
        // Kernels that are built to run compiled programs alone need no switch, but have it; containers may not show it.
        None => {
            Finding::with_cure("JIT", State::Note, "cannot be told", "/proc/sys/net/core/bpf_jit_enable is not there")
        }
    }
}

fn unprivileged() -> Finding {
    match sysctl("kernel/unprivileged_bpf_disabled").as_deref() {
        Some("0") => {
            let cure =
                "every user may load socket filters; to allow it to none: sysctl kernel.unprivileged_bpf_disabled=2";
            Finding::with_cure("unprivileged", State::Note, "may load programs", cure)
        }
        Some(_) => Finding::good("unprivileged", "may load no programs"),
        None => Finding::good("unprivileged", "not told by this kernel"),
    }
}

/// In a thread of its own, since that goes into the namespace.
fn namespaces() -> Finding {
    let made = std::thread::spawn(|| Namespace::enter().and_then(|mut namespace| namespace.veth()).map(drop)).join();
    match made {
        Ok(Ok(())) => Finding::good("veth", "pairs of devices in network namespaces can be made, for socket filters"),
        Ok(Err(error)) => {
            let cure = "socket filters cannot run in the kernel without; the module veth may be missing";
            Finding::with_cure("veth", State::Lack, error.to_string(), cure)
        }
        Err(_) => {
            Finding::with_cure("veth", State::Lack, "cannot be tried", "this is a bug of bpfscope: please report it")
        }
    }
}

fn file_system(name: &'static str, path: &str, kind: &str, holds: &str) -> Finding {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    // `bpf /sys/fs/bpf bpf rw,nosuid …`
    let mounted = mounts.lines().find_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, its_kind) = (words.next()?, words.next()?);
        (its_kind == kind).then(|| place.to_owned())
    });
    match mounted {
        Some(place) => Finding::good(name, format!("mounted at {place}")),
        None => {
            let cure = format!("it has {holds}: mount -t {kind} {name} {path}");
            Finding::with_cure(name, State::Note, "not mounted", cure)
        }
    }
}

/// How many helpers programs of each type may call, by loading a program with a call of each and reading what the
/// verifier says. Empty where no programs can be loaded.
pub fn helper_counts() -> Vec<HelperCount> {
    if bpf().state == State::Lack {
        return Vec::new();
    }
    let mut log = vec![0; 1 << 16];
    ProgType::ALL
        .into_iter()
        .map(|prog_type| HelperCount { prog_type, helpers: helpers_of(prog_type, &mut log) })
        .collect()
}

fn helpers_of(prog_type: ProgType, log: &mut [u8]) -> u32 {
    /// More than any kernel has.
    const MOST: u32 = 1000;
    let mut count = 0;
    for id in 1..MOST {
        let [a, b, c, d] = id.to_le_bytes();
        let insns = [0x85, 0, 0, 0, a, b, c, d, 0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];
        let spec = ProgSpec { prog_type: prog_type as u32, insns: &insns, log_level: 1, ..ProgSpec::default() };
        let (done, said) = Prog::try_load(&spec, log);
        if said.contains("invalid func") {
            break;
        }
        let refused = said.contains("cannot use helper") || said.contains("unknown func");
        count += u32::from(done.is_ok() || !refused);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_comes_with_a_cure() {
        for finding in findings() {
            assert_eq!(finding.state == State::Good, finding.cure.is_none(), "{finding:?}");
            assert!(!finding.what.is_empty(), "{finding:?}");
        }
    }
}
