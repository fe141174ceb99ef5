//! Names that neither the object nor its libraries define: values of the kernel's configuration
//! (`__kconfig`), kernel variables and kernel functions (`__ksym`).
//!
//! libbpf lays the configuration values out in one read-only array, `.kconfig`. The kernel's own
//! configuration is not at hand here, so the values are those of an ordinary x86-64 distribution kernel.

use std::collections::HashMap;

use super::ObjectError;
use super::btf::{Btf, Kind, TypeId};
use super::elf::{Elf, Placement, STB_WEAK, STT_SECTION};
use super::maps::F_RDONLY_PROG;
use crate::kernel::{InitialEntry, InitialValue, KernelVersion, MapDef, MapType, Member, ValueFormat};

/// Configuration of an x86-64 distribution kernel, as far as programs ask for it. Options that are not set
/// are not listed, as in `/proc/config.gz`.
#[rustfmt::skip]
const CONFIG: &[(&str, &str)] = &[
    ("CONFIG_64BIT", "y"),
    ("CONFIG_ARCH_HAS_SYSCALL_WRAPPER", "y"),
    ("CONFIG_BPF", "y"),
    ("CONFIG_BPF_EVENTS", "y"),
    ("CONFIG_BPF_JIT", "y"),
    ("CONFIG_BPF_JIT_ALWAYS_ON", "y"),
    ("CONFIG_BPF_KPROBE_OVERRIDE", "y"),
    ("CONFIG_BPF_LSM", "y"),
    ("CONFIG_BPF_SYSCALL", "y"),
    ("CONFIG_CC_VERSION_TEXT", "\"gcc\""),
    ("CONFIG_CGROUPS", "y"),
    ("CONFIG_CGROUP_BPF", "y"),
    ("CONFIG_CGROUP_NET_CLASSID", "y"),
    ("CONFIG_DEBUG_INFO_BTF", "y"),
    ("CONFIG_DEFAULT_HOSTNAME", "\"(none)\""),
    ("CONFIG_FTRACE", "y"),
    ("CONFIG_FTRACE_SYSCALLS", "y"),
    ("CONFIG_FUNCTION_TRACER", "y"),
    ("CONFIG_GENERIC_CLOCKEVENTS", "y"),
    ("CONFIG_HAVE_EBPF_JIT", "y"),
    ("CONFIG_HZ", "250"),
    ("CONFIG_HZ_250", "y"),
    ("CONFIG_INET", "y"),
    ("CONFIG_IPV6", "y"),
    ("CONFIG_KALLSYMS", "y"),
    ("CONFIG_KPROBES", "y"),
    ("CONFIG_KPROBE_EVENTS", "y"),
    ("CONFIG_MMU", "y"),
    ("CONFIG_NAMESPACES", "y"),
    ("CONFIG_NET", "y"),
    ("CONFIG_NETFILTER", "y"),
    ("CONFIG_NET_ACT_BPF", "m"),
    ("CONFIG_NET_CLS_ACT", "y"),
    ("CONFIG_NET_CLS_BPF", "m"),
    ("CONFIG_NET_NS", "y"),
    ("CONFIG_NF_CONNTRACK", "m"),
    ("CONFIG_NF_CONNTRACK_MARK", "y"),
    ("CONFIG_NR_CPUS", "8192"),
    ("CONFIG_PAGE_SHIFT", "12"),
    ("CONFIG_PERF_EVENTS", "y"),
    ("CONFIG_PGTABLE_LEVELS", "5"),
    ("CONFIG_PREEMPT_NOTIFIERS", "y"),
    ("CONFIG_PREEMPT_VOLUNTARY", "y"),
    ("CONFIG_SECURITY", "y"),
    ("CONFIG_SMP", "y"),
    ("CONFIG_SYSFS", "y"),
    ("CONFIG_TRACEPOINTS", "y"),
    ("CONFIG_TUN", "m"),
    ("CONFIG_UPROBES", "y"),
    ("CONFIG_UPROBE_EVENTS", "y"),
    ("CONFIG_USER_NS", "y"),
    ("CONFIG_VETH", "m"),
    ("CONFIG_VLAN_8021Q", "m"),
    ("CONFIG_X86", "y"),
    ("CONFIG_X86_64", "y"),
    ("CONFIG_XDP_SOCKETS", "y"),
];

/// What an undefined symbol stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Extern {
    /// Bytes of the `.kconfig` array at that offset.
    Config(u32),
    /// A kernel variable.
    Variable {
        weak: bool,
        /// Whether it was declared with a type, other than `void`.
        typed: bool,
    },
    /// A kernel function, with its type in the object's BTF.
    Function { weak: bool, id: TypeId },
}

/// The undefined symbols of an object, and the map of configuration values when it asks for any.
#[derive(Clone, Debug, Default)]
pub(crate) struct Externs {
    pub by_name: HashMap<String, Extern>,
    pub map: Option<MapDef>,
}

/// A configuration value that is asked for.
struct Wanted<'a> {
    name: &'a str,
    type_id: TypeId,
    size: u32,
    align: u32,
    weak: bool,
}

impl Externs {
    /// Finds what each undefined symbol stands for, by the BTF sections `.kconfig` and `.ksyms`.
    pub fn read(elf: &Elf, btf: Option<&Btf>, kernel: KernelVersion) -> Result<Externs, ObjectError> {
        let mut externs = Externs::default();
        let Some(btf) = btf else { return Ok(externs) };
        let undefined = elf.symbols.iter().skip(1).filter(|s| s.place == Placement::Undefined);
        let weak: HashMap<&str, bool> = undefined
            .filter(|s| s.kind != STT_SECTION && !s.name.is_empty())
            .map(|s| (s.name.as_str(), s.binding == STB_WEAK))
            .collect();
        if let Some(ksyms) = btf.by_name(".ksyms", Kind::Datasec) {
            for t in ksyms.vars().filter_map(|v| btf.ty(v.type_id)) {
                let Some(&weak) = weak.get(t.name()) else { continue };
                let meaning = match t.kind() {
                    Kind::Func => Extern::Function { weak, id: t.id() },
                    _ => Extern::Variable { weak, typed: btf.resolve(t.target()).is_some_and(|t| t.id() != 0) },
                };
                externs.by_name.insert(t.name().to_owned(), meaning);
            }
        }
        if let Some(section) = btf.by_name(".kconfig", Kind::Datasec) {
            let mut wanted = Vec::new();
            for t in section.vars().filter_map(|v| btf.ty(v.type_id)) {
                let Some(&weak) = weak.get(t.name()) else { continue };
                let size = btf.size_of(t.target()).filter(|s| *s <= MAX_VALUE);
                let (Some(size), Some(align)) = (size, btf.align_of(t.target())) else {
                    return Err(undefined_config(t.name(), "has a type without a usable size"));
                };
                wanted.push(Wanted { name: t.name(), type_id: t.target(), size, align, weak });
            }
            externs.lay_out(wanted, btf, kernel)?;
        }
        Ok(externs)
    }

    /// Puts the values one after another as libbpf does: large alignments first, then small sizes, then names.
    fn lay_out(&mut self, mut wanted: Vec<Wanted<'_>>, btf: &Btf, kernel: KernelVersion) -> Result<(), ObjectError> {
        wanted.sort_by(|a, b| (b.align, a.size, a.name).cmp(&(a.align, b.size, b.name)));
        wanted.truncate(MAX_VALUES);
        let mut bytes = Vec::new();
        let mut members = Vec::new();
        for value in &wanted {
            bytes.resize(bytes.len().next_multiple_of(value.align as usize), 0);
            let offset = bytes.len() as u32;
            bytes.extend(value_of(value, btf, kernel)?);
            self.by_name.insert(value.name.to_owned(), Extern::Config(offset));
            let format = btf.value_format(value.type_id);
            members.push(Member { name: value.name.to_owned(), offset, size: value.size, format });
        }
        if bytes.is_empty() {
            return Ok(());
        }
        let mut map = MapDef::new(".kconfig", MapType::Array, 4, bytes.len() as u32, 1);
        map.flags = F_RDONLY_PROG | super::maps::F_MMAPABLE;
        map.key_format = ValueFormat::Int { signed: false };
        map.value_format = ValueFormat::Struct(members);
        map.initial = vec![InitialEntry { key: vec![0; 4], value: InitialValue::Bytes(bytes) }];
        self.map = Some(map);
        Ok(())
    }
}

/// Bytes of one value at most (texts), and number of values.
const MAX_VALUE: u32 = 4096;
const MAX_VALUES: usize = 4096;

fn undefined_config(name: &str, what: &str) -> ObjectError {
    ObjectError::Undefined { section: ".kconfig".to_owned(), insn: 0, symbol: name.to_owned(), what: what.to_owned() }
}

/// The bytes of a value: its type says how `y`, a number or a text is written.
fn value_of(wanted: &Wanted<'_>, btf: &Btf, kernel: KernelVersion) -> Result<Vec<u8>, ObjectError> {
    let size = wanted.size as usize;
    let number = |value: u64| {
        let mut bytes = value.to_le_bytes().to_vec();
        bytes.resize(size, 0);
        bytes
    };
    let since = |major, minor| u64::from(kernel >= KernelVersion::new(major, minor));
    // Names that libbpf answers itself: the version, and two features of the kernel.
    match wanted.name {
        "LINUX_KERNEL_VERSION" => return Ok(number(u64::from(kernel.code()))),
        "LINUX_HAS_BPF_COOKIE" => return Ok(number(since(5, 15))),
        "LINUX_HAS_SYSCALL_WRAPPER" => return Ok(number(since(4, 17))),
        _ => {}
    }
    let Some((_, text)) = CONFIG.iter().find(|(name, _)| *name == wanted.name) else {
        if wanted.weak {
            return Ok(vec![0; size]);
        }
        let what = "not a configuration option of the simulated kernel; declare it `__weak` to get 0";
        return Err(undefined_config(wanted.name, what));
    };
    let unlike = || undefined_config(wanted.name, &format!("its value `{text}` does not fit the declared type"));
    let t = btf.resolve(wanted.type_id).ok_or_else(unlike)?;
    let is_char_array = t.array().is_some();
    Ok(match *text {
        "y" | "m" | "n" if t.is_bool() => number(u64::from(*text == "y")),
        "y" | "m" | "n" if t.is_enum() => number(["n", "y", "m"].iter().position(|v| v == text).unwrap_or(0) as u64),
        "y" | "m" | "n" if size == 1 => text.as_bytes().to_vec(),
        _ if is_char_array && text.starts_with('"') => {
            let mut bytes = text.trim_matches('"').as_bytes().to_vec();
            bytes.truncate(size.saturating_sub(1));
            bytes.resize(size, 0);
            bytes
        }
        _ if t.kind() == Kind::Int => number(text.parse().map_err(|_| unlike())?),
        _ => return Err(unlike()),
    })
}

/// How assembly, which has no types, sees a configuration value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum AsmType {
    /// Four bytes.
    Int,
    /// One byte, 0 or 1.
    Bool,
}

/// The type under which assembly asks for a value: numbers as `int`, the rest as `_Bool`.
pub(crate) fn asm_type(name: &str) -> AsmType {
    let value = CONFIG.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
    let is_number = value.is_some_and(|v| v.parse::<u64>().is_ok());
    if is_number || name == "LINUX_KERNEL_VERSION" { AsmType::Int } else { AsmType::Bool }
}
