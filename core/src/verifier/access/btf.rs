//! Structures of the kernel and of the program, by their types.

use super::{Access, At, Value};
use crate::kernel::{Feature, MapType, ProgTypes};
use crate::object::{Btf, Kind, TypeId};
use crate::verifier::env::Verifier;
use crate::verifier::finding::{AccessFinding, Check};
use crate::verifier::reg::{Flags, Of, RegState, RegType};

/// Structures within structures that are walked.
const MAX_NESTING: usize = 16;

/// What is at an offset of a structure.
enum Found {
    /// A number, or bytes of something that is read as numbers.
    Scalar,
    /// A pointer to a structure, and what is said of it.
    Pointer(TypeId, Flags),
    /// A pointer to something else, of unknown length.
    Memory,
}

/// Packet programs may set the mark of a connection.
const CONNECTION: [&str; 2] = ["nf_conn", "nf_conn___init"];
const CONNECTION_MARK: &str = "mark";

/// Pointers in trusted structures that RCU keeps: structure and field.
const RCU_FIELDS: [(&str, &str); 4] = [
    ("task_struct", "cpus_ptr"),
    ("task_struct", "cgroups"),
    ("task_struct", "real_parent"),
    ("task_struct", "group_leader"),
];

impl Verifier<'_> {
    /// A load from a structure that BTF describes: what the field holds becomes the register's type.
    pub(super) fn access_btf(&mut self, reg: &RegState, at: At, value: Value) -> Check {
        let refuse = |text: String| -> Check { Err(AccessFinding::Btf { text }.into()) };
        let name = self.printer().btf_type_name(reg);
        if at.off < 0 {
            return refuse(format!("R{} is ptr_{name} invalid negative access: off={}", at.base.index(), at.off));
        }
        if reg.num.constant_value() != Some(0) {
            let var_off = super::tnum_text(reg.num.var_off);
            let off = at.off;
            return refuse(format!(
                "R{} is ptr_{name} invalid variable offset: off={off}, var_off={var_off}",
                at.base.index()
            ));
        }
        if reg.flags.has(Flags::USER) {
            return refuse(format!("R{} is ptr_{name} access user memory: off={}", at.base.index(), at.off));
        }
        if reg.flags.has(Flags::PERCPU) {
            return refuse(format!("R{} is ptr_{name} access percpu memory: off={}", at.base.index(), at.off));
        }
        let own = reg.flags.has(Flags::ALLOC);
        if at.access == Access::Write && (!own || reg.flags.has(Flags::UNTRUSTED)) {
            return self.set_connection(reg, at, &name);
        }
        if own && reg.ref_obj_id == 0 && !reg.flags.any(Flags::NON_OWN.and(Flags::RCU)) {
            return refuse("verifier bug: ref_obj_id for allocated object must be non-zero".to_owned());
        }
        let Of::Btf { id, local } = reg.of else { return Ok(()) };
        let btf = if local { self.options.btf } else { self.options.kernel_btf };
        let Some(btf) = btf else {
            self.load_unknown(at, value);
            return Ok(());
        };
        let (start, end) = (at.off as u32, (at.off as u32).saturating_add(at.size as u32));
        let special = if own { btf.object_fields(id).unwrap_or_default() } else { &[] };
        if let Some(field) = special.iter().find(|f| start < f.offset + f.size && f.offset < end) {
            return refuse(format!("direct access to {} is disallowed", field.kind.name()));
        }
        let mut found = match walk(btf, id, at.off as u32, at.size as u32, 0) {
            // Of what the program keeps in its own objects nobody knows whether it is a pointer.
            Ok(Found::Pointer(..)) if own => Found::Scalar,
            Ok(found) => found,
            Err(text) => return refuse(text),
        };
        if let Found::Pointer(_, flags) = &mut found {
            let trusted = reg.flags.any(Flags::TRUSTED.and(Flags::RCU));
            if reg.flags.has(Flags::UNTRUSTED) {
                *flags = Flags::UNTRUSTED;
            } else if !trusted {
                *flags = flags.without(Flags::RCU);
            }
        }
        if at.access == Access::Read {
            self.load_found(found, local, value);
        }
        Ok(())
    }

    /// A store to a structure of the kernel's: the mark of a connection that the kernel vouches for is all that may be
    /// set.
    fn set_connection(&self, reg: &RegState, at: At, name: &str) -> Check {
        let refuse = |text: String| -> Check { Err(AccessFinding::Btf { text }.into()) };
        let may = self.has(Feature::ConnectionMarks) && ProgTypes::TC.and(ProgTypes::XDP).contains(self.prog_type());
        let btf = self.options.kernel_btf.filter(|_| may && !reg.flags.has(Flags::UNTRUSTED));
        let Some(btf) = btf.filter(|_| CONNECTION.contains(&name)) else {
            return refuse("only read is supported".to_owned());
        };
        let found = btf.by_name(CONNECTION[0], Kind::Struct);
        let mark = found.and_then(|t| t.members().find(|m| m.name == CONNECTION_MARK));
        let mark = mark.map(|m| (m.bit_offset / 8, btf.size_of(m.type_id).unwrap_or(0)));
        let Some((start, size)) = mark.filter(|(start, _)| at.off as u32 == *start) else {
            return refuse(format!("no write support to nf_conn at off {}", at.off));
        };
        if at.size as u32 > size {
            let (off, end) = (at.off, start + size);
            return refuse(format!(
                "write access at off {off} with size {} beyond the member of nf_conn ended at {end}",
                at.size
            ));
        }
        Ok(())
    }

    /// Loads from a map's own structure, by the kernel's types.
    pub(super) fn access_map_pointer(&mut self, reg: &RegState, at: At, value: Value) -> Check {
        let refuse = |text: String| -> Check { Err(AccessFinding::Btf { text }.into()) };
        let Some(map) = reg.map() else { return Ok(()) };
        let name = map_structure(self.map_def(map).map_type);
        if !self.allow_ptr_leaks() {
            return refuse(format!("'struct {name}' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN"));
        }
        if at.off < 0 {
            return refuse(format!("R{} is {name} invalid negative access: off={}", at.base.index(), at.off));
        }
        if at.access == Access::Write {
            return refuse(format!("only read from {name} is supported"));
        }
        let found = self.options.kernel_btf.and_then(|btf| Some((btf, btf.by_name(name, Kind::Struct)?.id())));
        let Some((btf, id)) = found else {
            self.load_unknown(at, value);
            return Ok(());
        };
        match walk(btf, id, at.off as u32, at.size as u32, 0) {
            Ok(found) => self.load_found(found, false, value),
            Err(text) => return refuse(text),
        }
        Ok(())
    }

    fn load_found(&mut self, found: Found, local: bool, value: Value) {
        let Value::Reg(dst) = value else { return };
        let loaded = match found {
            Found::Scalar => RegState::UNKNOWN,
            Found::Pointer(id, flags) => RegState::pointer(RegType::BtfId, flags, Of::Btf { id, local }),
            Found::Memory if self.has(Feature::UntrustedLeaves) => {
                RegState::pointer(RegType::Mem, Flags::RDONLY.and(Flags::UNTRUSTED), Of::Mem(0))
            }
            Found::Memory => RegState::UNKNOWN,
        };
        self.set_reg(dst, loaded);
    }
}

/// The kernel's structure behind a map of that type.
fn map_structure(map_type: MapType) -> &'static str {
    use MapType::*;
    match map_type {
        Hash | PercpuHash | LruHash | LruPercpuHash | HashOfMaps => "bpf_htab",
        Array | PercpuArray | ProgArray | PerfEventArray | CgroupArray | ArrayOfMaps => "bpf_array",
        LpmTrie => "lpm_trie",
        Queue | Stack => "bpf_queue_stack",
        Ringbuf | UserRingbuf => "bpf_ringbuf_map",
        StackTrace => "bpf_stack_map",
        Devmap | DevmapHash => "bpf_dtab",
        Cpumap => "bpf_cpu_map",
        Xskmap => "xsk_map",
        Sockmap => "bpf_stab",
        Sockhash => "bpf_shtab",
        ReuseportSockarray => "reuseport_array",
        CgroupStorage | PercpuCgroupStorage => "bpf_cgroup_storage_map",
        SkStorage | InodeStorage | TaskStorage | CgrpStorage => "bpf_local_storage_map",
        StructOps => "bpf_struct_ops_map",
        BloomFilter => "bpf_bloom_filter",
        Arena => "bpf_arena",
    }
}

/// Finds what `size` bytes at `off` of the structure `id` are.
fn walk(btf: &Btf, id: TypeId, off: u32, size: u32, depth: usize) -> Result<Found, String> {
    let Some(ty) = btf.resolve(id).filter(|_| depth < MAX_NESTING) else { return Ok(Found::Scalar) };
    if !ty.is_composite() {
        return Ok(Found::Scalar);
    }
    if off.checked_add(size).is_none_or(|end| end > ty.size()) {
        let name = if ty.name().is_empty() { "(anon)" } else { ty.name() };
        return Err(format!("access beyond struct {name} at off {off} size {size}"));
    }
    for member in ty.members() {
        let start = member.bit_offset / 8;
        let Some(inner) = btf.resolve(member.type_id) else { continue };
        let length = btf.size_of(member.type_id).unwrap_or(0);
        if off < start || off >= start.saturating_add(length) {
            continue;
        }
        if inner.is_composite() {
            return walk(btf, member.type_id, off - start, size, depth + 1);
        }
        let element = inner.array().map(|array| array.element);
        if let Some(stride) = element.filter(|e| btf.resolve(*e).is_some_and(|e| e.is_composite()))
            && let Some(bytes) = btf.size_of(stride).filter(|bytes| *bytes > 0)
        {
            return walk(btf, stride, (off - start) % bytes, size, depth + 1);
        }
        let (name, owner) = (member.name, if ty.name().is_empty() { "(anon)" } else { ty.name() });
        if inner.kind() == Kind::Ptr {
            if off != start || size != 8 {
                return Err(format!(
                    "cannot access ptr member {name} with moff {start} in struct {owner} with off {off} size {size}"
                ));
            }
            let target = btf.resolve(inner.target()).filter(|t| t.is_composite());
            let flags = if RCU_FIELDS.contains(&(owner, name)) { Flags::RCU } else { Flags::NONE };
            return Ok(target.map_or(Found::Memory, |t| Found::Pointer(t.id(), flags)));
        }
        let end = start.saturating_add(length);
        if member.bit_size == 0 && off + size > end {
            return Err(format!(
                "access beyond the end of member {name} (mend:{end}) in struct {owner} with off {off} size {size}"
            ));
        }
        return Ok(Found::Scalar);
    }
    // Between two members, where there is nothing but what aligns the second.
    let name = if ty.name().is_empty() { "(anon)" } else { ty.name() };
    Err(format!("struct {name} doesn't have field at offset {off}"))
}
