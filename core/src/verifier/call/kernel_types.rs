//! Structures of the kernel that helpers take and give, by name and by the kernel's types.

use crate::object::{Btf, Kind, TypeId};
use crate::verifier::env::Verifier;
use crate::verifier::reg::{Of, RegState};

/// Numbers of [`STAND_INS`]: above those of any kernel's types.
const STAND_IN: TypeId = 1 << 30;

/// Structures that are told apart by name where the kernel's types are not at hand; nothing else is known of them.
const STAND_INS: [&str; 32] = [
    "bpf_cpumask",
    "bpf_crypto_ctx",
    "bpf_key",
    "bpf_raw_tracepoint_args",
    "cgroup",
    "cgroup_subsys_state",
    "dma_buf",
    "file",
    "inode",
    "kmem_cache",
    "linux_binprm",
    "mptcp_sock",
    "nf_conn",
    "nf_conn___init",
    "path",
    "pt_regs",
    "seq_file",
    "sk_buff",
    "sock",
    "sock_common",
    "socket",
    "task_struct",
    "tcp6_sock",
    "tcp_request_sock",
    "tcp_sock",
    "tcp_timewait_sock",
    "udp6_sock",
    "unix_sock",
    "vm_area_struct",
    "xdp_buff",
    "xdp_md",
    "xfrm_state",
];

/// The name of the structure that a number stands for.
pub(crate) fn stand_in_name(id: TypeId) -> Option<&'static str> {
    STAND_INS.get(id.checked_sub(STAND_IN)? as usize).copied()
}

/// Whether a structure of that name is the kernel's, where its types are not at hand.
pub(super) fn is_stand_in(name: &str) -> bool {
    STAND_INS.binary_search(&name).is_ok()
}

/// Structures within structures that are walked.
const MAX_NESTING: usize = 16;

impl Verifier<'_> {
    /// The structure of that name in the kernel's types; its name alone where they are not at hand.
    pub(super) fn kernel_struct(&self, name: &str) -> Of {
        let id = match self.options.kernel_btf {
            Some(btf) => btf.by_name(name, Kind::Struct).map(|t| t.id()),
            None => STAND_INS.binary_search(&name).ok().map(|at| STAND_IN + at as TypeId),
        };
        Of::Btf { id: id.unwrap_or(0), local: false }
    }

    /// The types that a structure is from.
    pub(super) fn btf_of(&self, local: bool) -> Option<&Btf> {
        if local { self.options.btf } else { self.options.kernel_btf }
    }

    /// Bytes of what a pointer points to, unless it is a structure.
    pub(super) fn size_unless_struct(&self, of: Of) -> Option<u32> {
        let Of::Btf { id, local } = of else { return None };
        let btf = self.btf_of(local)?;
        if btf.resolve(id)?.kind() == Kind::Struct { None } else { btf.size_of(id) }
    }

    /// Whether the register points to a kernel structure of that name: the type itself, or, unless `strict`, one that
    /// has such a structure there as a member.
    pub(super) fn btf_struct_is(&self, reg: &RegState, expected: &str, strict: bool) -> bool {
        let Of::Btf { id, local } = reg.of else { return false };
        let Some(btf) = self.btf_of(local) else {
            // A socket of one kind has one of another kind in it, and a program's own set of processors begins with a set;
            // other structures are not known to have any.
            let socket = |name: &str| name.contains("sock");
            let holds = |is: &str| (socket(is) && socket(expected)) || (is, expected) == ("bpf_cpumask", "cpumask");
            return stand_in_name(id).is_none_or(|is| is == expected || !strict && holds(is));
        };
        if local {
            return false;
        }
        has_struct_at(btf, id, reg.off as u32, expected, strict, 0)
    }
}

/// Whether a structure of that name is at `off` of the structure `id`.
pub(super) fn has_struct_at(btf: &Btf, id: TypeId, off: u32, expected: &str, strict: bool, depth: usize) -> bool {
    let Some(ty) = btf.resolve(id).filter(|t| t.kind() == Kind::Struct && depth < MAX_NESTING) else { return false };
    if off == 0 && ty.name() == expected {
        return true;
    }
    if strict {
        return false;
    }
    ty.members().any(|member| {
        let start = member.bit_offset / 8;
        let inner = btf.size_of(member.type_id).unwrap_or(0);
        let within = off >= start && off - start < inner;
        within && has_struct_at(btf, member.type_id, off - start, expected, strict, depth + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_found_by_name_and_by_number() {
        assert!(STAND_INS.is_sorted());
        assert_eq!(stand_in_name(STAND_IN + 21), Some("task_struct"));
        assert_eq!((stand_in_name(0), stand_in_name(u32::MAX)), (None, None));
    }

    #[test]
    fn what_kernel_functions_return_has_a_stand_in() {
        for kfunc in crate::kernel::kfuncs() {
            let Some(name) = kfunc.ret.strip_prefix("struct ").and_then(|ret| ret.strip_suffix(" *")) else { continue };
            let own = matches!(name, "bpf_list_node" | "bpf_rb_node");
            assert!(own || STAND_INS.contains(&name), "{name}");
        }
    }
}
