//! Arguments of kernel functions: what a parameter is follows from its type, from the end of its name, and from what
//! the register holds; then the register is held to it.

use super::dynptr::DynptrArg;
use super::global::context_types;
use super::kfunc::{KfuncCall, irq_use, lock_use};
use super::spec::Spec;
use super::subprog::ARGS;
use crate::isa::Reg;
use crate::kernel::{ArgType, Feature, FieldKind, KfuncFlags, KfuncParam};
use crate::object::{Btf, Kind, Type};
use crate::verifier::access::Access;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{Check, KfuncFinding};
use crate::verifier::reg::{DynptrKind, Flags, MapRef, Of, RegState, RegType};
use crate::verifier::text::type_name;

/// What an argument is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    Null,
    Ctx,
    Object,
    Counted,
    Dynptr,
    Iter,
    Root(FieldKind),
    Node(FieldKind),
    ConstStr,
    Map,
    Field(FieldKind),
    IrqFlag,
    ResLock,
    Struct,
    Callback,
    Mem,
    MemSize,
}

/// Structures and unions of numbers alone, which memory of the program may stand for, and their sizes: for when the
/// kernel's types are not at hand.
const PLAIN: [(&str, u32); 7] = [
    ("struct bpf_sock_tuple", 36),
    ("struct bpf_ct_opts", 16),
    ("struct bpf_xfrm_state_opts", 36),
    ("struct bpf_tcp_req_attrs", 20),
    ("struct xdp_md", 24),
    ("struct prog_test_member", 8),
    ("union nf_inet_addr", 16),
];

/// Functions that take no pointers but those that the kernel vouches for: what is given back was given out.
const VOUCHED: KfuncFlags = KfuncFlags::TRUSTED_ARGS.and(KfuncFlags::RCU).and(KfuncFlags::RELEASE);

/// Structures within structures that are walked.
const MAX_NESTING: usize = 4;

/// Bytes of a number's type.
pub(super) fn number_size(base: &str) -> Option<u32> {
    Some(match base {
        "bool" | "char" | "u8" | "s8" | "__u8" | "unsigned char" => 1,
        "u16" | "s16" | "__be16" | "__u16" | "short int" => 2,
        "int" | "u32" | "s32" | "__u32" | "unsigned int" | "__be32" => 4,
        "u64" | "s64" | "__u64" | "unsigned long" | "long int" | "size_t" => 8,
        _ if base.starts_with("enum ") => 4,
        _ => return None,
    })
}

impl Verifier<'_> {
    /// Checks the arguments, in order.
    pub(super) fn check_kfunc_args(&mut self, call: &mut KfuncCall) -> Check {
        let params: Vec<KfuncParam> = call.kfunc.parameters().collect();
        let mut at = 0;
        while let Some(&param) = params.get(at) {
            call.arg = at;
            let size = params.get(at + 1).copied();
            let skipped = self.check_kfunc_arg(param, size, call)?;
            at += if skipped { 2 } else { 1 };
        }
        if call.kfunc.flags.has(KfuncFlags::RELEASE) && call.release.is_none() {
            return Err(KfuncFinding::NoRelease { name: call.kfunc.name }.into());
        }
        Ok(())
    }

    /// Checks one; tells whether the next, its size, is done with too.
    fn check_kfunc_arg(&mut self, param: KfuncParam, next: Option<KfuncParam>, call: &mut KfuncCall) -> Check<bool> {
        if param.is_marked("__ign") || param.is_marked("__prog") {
            return Ok(false);
        }
        let regno = ARGS[call.arg.min(4)];
        let reg = *self.reg(regno);
        if param.stars == 0 {
            return self.check_kfunc_number(param, regno, call).map(|()| false);
        }
        let flags = call.kfunc.flags;
        let vouched = flags.has(VOUCHED);
        if vouched && (reg.is_zero() || reg.may_be_null()) && !param.is_marked("__nullable") {
            return Err(KfuncFinding::MayBeNull { arg: call.arg }.into());
        }
        if reg.ref_obj_id != 0 {
            call.ref_obj_id = reg.ref_obj_id;
            if flags.has(KfuncFlags::RELEASE) {
                call.release = Some(regno);
            }
        }
        let class = self.classify(param, next, &reg, call)?;
        match class {
            Class::Null => return Ok(false),
            Class::Map => self.check_kfunc_map(regno, call)?,
            _ => {}
        }
        if matches!(class, Class::Map | Class::Struct | Class::Object) {
            self.check_trust(regno, &reg, flags)?;
        }
        let mut spec = Spec::new(if class == Class::Dynptr { ArgType::Dynptr } else { ArgType::Scalar });
        spec.release = flags.has(KfuncFlags::RELEASE) && reg.ref_obj_id != 0;
        self.check_func_arg_reg_off(&reg, regno, &spec)?;
        self.check_class(class, param, next, regno, call)?;
        Ok(class == Class::MemSize)
    }

    fn check_kfunc_number(&mut self, param: KfuncParam, regno: Reg, call: &mut KfuncCall) -> Check {
        let reg = *self.reg(regno);
        if !reg.is_scalar() {
            return Err(KfuncFinding::NotScalar { reg: regno }.into());
        }
        if param.is_marked("__k") {
            let Some(value) = reg.constant_value() else { return Err(KfuncFinding::NotConstant { reg: regno }.into()) };
            self.mark_chain_precision(regno)?;
            call.constant = Some(value);
        }
        Ok(())
    }

    fn classify(&self, param: KfuncParam, next: Option<KfuncParam>, reg: &RegState, call: &KfuncCall) -> Check<Class> {
        let structure = param.base.strip_prefix("struct ");
        let sized = next.is_some_and(|size| self.is_size(size, call.arg + 1));
        if call.kfunc.name == "bpf_cast_to_kern_ctx"
            || structure.is_some_and(|name| context_types(self.prog_type()).contains(&name))
        {
            return Ok(Class::Ctx);
        }
        if param.is_marked("__nullable") && reg.is_zero() && !sized {
            return Ok(Class::Null);
        }
        let by_name = [
            ("__alloc", Class::Object),
            ("__refcounted_kptr", Class::Counted),
            ("__str", Class::ConstStr),
            ("__map", Class::Map),
            ("__irq_flag", Class::IrqFlag),
        ];
        if let Some((_, class)) = by_name.iter().find(|(mark, _)| param.is_marked(mark)) {
            return Ok(*class);
        }
        let by_type = match structure {
            Some("bpf_dynptr") => Some(Class::Dynptr),
            Some("bpf_list_head") => Some(Class::Root(FieldKind::ListHead)),
            Some("bpf_rb_root") => Some(Class::Root(FieldKind::RbRoot)),
            Some("bpf_list_node") => Some(Class::Node(FieldKind::ListNode)),
            Some("bpf_rb_node") => Some(Class::Node(FieldKind::RbNode)),
            Some("bpf_wq") => Some(Class::Field(FieldKind::Workqueue)),
            Some("bpf_task_work") => Some(Class::Field(FieldKind::TaskWork)),
            Some("bpf_res_spin_lock") => Some(Class::ResLock),
            Some(name) if call.arg == 0 && name.starts_with("bpf_iter_") => Some(Class::Iter),
            _ => None,
        };
        if let Some(class) = by_type {
            return Ok(class);
        }
        if reg.ty == RegType::BtfId || kernel_name(reg.ty).is_some() {
            return if structure.is_some() { Ok(Class::Struct) } else { Err(self.no_structure(param, call)) };
        }
        if param.base == "void" && (param.name.contains("callback") || param.name == "less") {
            return Ok(Class::Callback);
        }
        let plain = number_size(param.base).is_some()
            || self.plain_size(param.base).is_some()
            || (sized && param.base == "void");
        if !plain {
            return Err(self.not_memory(param, sized, call));
        }
        Ok(if sized { Class::MemSize } else { Class::Mem })
    }

    fn not_memory(&self, param: KfuncParam, sized: bool, call: &KfuncCall) -> Box<crate::verifier::finding::Finding> {
        let ty = match param.base.split_once(' ') {
            Some((kind, name)) => format!("{} {name}", kind.to_uppercase()),
            None if param.base == "void" => "UNKNOWN ".to_owned(),
            None => param.base.to_owned(),
        };
        KfuncFinding::NotMemory { arg: call.arg, ty, void: if sized { "void, " } else { "" } }.into()
    }

    /// A pointer to a structure goes into no parameter that points to something else.
    fn no_structure(&self, param: KfuncParam, call: &KfuncCall) -> Box<crate::verifier::finding::Finding> {
        let (name, arg) = (call.kfunc.name, call.arg);
        let number = self.options.kernel_btf.filter(|_| number_size(param.base).is_some()).and_then(|btf| {
            let named = btf.by_name(param.base, Kind::Typedef).or_else(|| btf.by_name(param.base, Kind::Int))?;
            Some(btf.resolve(named.id())?.name())
        });
        let ty = match (param.name, param.base, number) {
            ("less", ..) => "FUNC_PROTO ".to_owned(),
            (_, "void", _) => "UNKNOWN ".to_owned(),
            (.., Some(number)) => format!("INT {number}"),
            (_, base, None) => format!("INT {base}"),
        };
        KfuncFinding::NotSupported { name, arg, ty }.into()
    }

    /// Whether a parameter is the size of the memory before it.
    fn is_size(&self, param: KfuncParam, arg: usize) -> bool {
        let marked = param.is_marked("__sz") || param.is_marked("__szk");
        marked && ARGS.get(arg).is_some_and(|reg| self.reg(*reg).is_scalar())
    }

    /// Bytes of a structure or union of numbers alone, by its type in C.
    fn plain_size(&self, base: &str) -> Option<u32> {
        let Some(btf) = self.options.kernel_btf else {
            return PLAIN.iter().find(|(plain, _)| *plain == base).map(|(_, size)| *size);
        };
        let ty = match base.split_once(' ')? {
            ("struct", name) => btf.by_name(name, Kind::Struct)?,
            ("union", name) => btf.by_name(name, Kind::Union)?,
            _ => return None,
        };
        is_plain(btf, ty, 0).then(|| ty.size())
    }

    fn check_kfunc_map(&mut self, regno: Reg, call: &mut KfuncCall) -> Check {
        let Some(map) = self.reg(regno).map() else { return Err(KfuncFinding::NoMap { reg: regno }.into()) };
        if let Some(first) = call.map
            && (first.map, first.inner, first.uid) != (map.map, map.inner, map.uid)
        {
            let MapRef { uid: second, .. } = map;
            let first = first.uid;
            let work = self.map_def(map).field(FieldKind::TaskWork).is_some();
            return Err(if work {
                KfuncFinding::OtherMapWork { first, second }.into()
            } else {
                KfuncFinding::OtherMap { first, second }.into()
            });
        }
        call.map = Some(map);
        Ok(())
    }

    /// Pointers that the kernel must vouch for.
    fn check_trust(&self, regno: Reg, reg: &RegState, flags: KfuncFlags) -> Check {
        if !flags.has(VOUCHED) || is_trusted(reg) {
            return Ok(());
        }
        if !flags.has(KfuncFlags::RCU) {
            return Err(KfuncFinding::NotTrusted { reg: regno }.into());
        }
        if reg.flags.has(Flags::RCU) { Ok(()) } else { Err(KfuncFinding::NotRcu { reg: regno }.into()) }
    }

    /// Holds the register to what the argument is.
    fn check_class(
        &mut self,
        class: Class,
        param: KfuncParam,
        next: Option<KfuncParam>,
        regno: Reg,
        call: &mut KfuncCall,
    ) -> Check {
        let reg = *self.reg(regno);
        let arg = call.arg;
        match class {
            Class::Null => Ok(()),
            Class::Ctx => {
                if !reg.is(RegType::Ctx) {
                    return Err(KfuncFinding::NotContext { arg, ty: type_name(reg.ty, reg.flags) }.into());
                }
                Ok(())
            }
            Class::Object => self.check_object(&reg, call),
            Class::Counted => self.check_counted(&reg, call),
            Class::Dynptr => self.check_kfunc_dynptr(param, regno, call),
            Class::Iter => {
                if call.kfunc.name == "bpf_iter_css_task_new" && !self.in_sleepable() {
                    return Err(KfuncFinding::CssTask.into());
                }
                self.check_iter_arg(regno, call)
            }
            Class::Root(kind) => self.check_graph_root(regno, kind, call),
            Class::Node(kind) => self.check_graph_node(regno, kind, call),
            Class::ConstStr => {
                if !reg.is(RegType::MapValue) {
                    return Err(KfuncFinding::NoString { arg }.into());
                }
                self.check_const_str(regno).map(|_| ())
            }
            Class::Field(kind) => {
                if !reg.is(RegType::MapValue) {
                    return Err(KfuncFinding::NoMapValue { arg }.into());
                }
                call.map = Some(self.map_field(regno, kind)?);
                Ok(())
            }
            Class::IrqFlag => {
                if !reg.is(RegType::Stack) {
                    return Err(KfuncFinding::NoIrqFlag { arg }.into());
                }
                match irq_use(call.kfunc.name) {
                    Some((save, class)) => self.process_irq_flag(regno, save, class),
                    None => Ok(()),
                }
            }
            Class::ResLock => {
                let object = reg.ty == RegType::BtfId && reg.flags == Flags::ALLOC;
                if !reg.is(RegType::MapValue) && !object {
                    return Err(KfuncFinding::NoResLock { arg }.into());
                }
                match lock_use(call.kfunc.name) {
                    Some(with) => self.process_lock(regno, with),
                    None => Ok(()),
                }
            }
            Class::Struct | Class::Map => self.check_kfunc_struct(class, param, regno, call),
            Class::Callback => {
                let Of::Func(subprog) = reg.of else { return Err(KfuncFinding::NoFunc { arg }.into()) };
                call.subprog = subprog as usize;
                Ok(())
            }
            Class::Mem => {
                let size = number_size(param.base).or_else(|| self.plain_size(param.base)).unwrap_or(0);
                self.check_mem_reg(regno, size)
            }
            Class::MemSize => self.check_kfunc_memory(param, next, regno, call),
        }
    }

    fn check_object(&self, reg: &RegState, call: &mut KfuncCall) -> Check {
        let arg = call.arg;
        let percpu = Flags::ALLOC.and(Flags::PERCPU);
        match (reg.ty, reg.flags) {
            (RegType::BtfId, flags) if flags == Flags::ALLOC => {
                if call.kfunc.name != "bpf_obj_drop_impl" {
                    return Err(KfuncFinding::OtherDrop { arg, function: "bpf_obj_drop_impl" }.into());
                }
            }
            (RegType::BtfId, flags) if flags == percpu => {
                if call.kfunc.name != "bpf_percpu_obj_drop_impl" {
                    return Err(KfuncFinding::OtherDrop { arg, function: "bpf_percpu_obj_drop_impl" }.into());
                }
            }
            _ => return Err(KfuncFinding::NoObject { arg }.into()),
        }
        if reg.ref_obj_id == 0 {
            return Err(KfuncFinding::NotOwned.into());
        }
        call.object = reg.of;
        Ok(())
    }

    fn check_kfunc_dynptr(&mut self, param: KfuncParam, regno: Reg, call: &mut KfuncCall) -> Check {
        let reg = *self.reg(regno);
        let uninit = param.is_marked("__uninit");
        let mut arg = DynptrArg { uninit, read_only: reg.ty == RegType::ConstDynptr, kind: None, clone_of: 0 };
        match call.kfunc.name {
            "bpf_dynptr_from_skb" => arg.kind = Some(DynptrKind::Skb),
            "bpf_dynptr_from_xdp" => arg.kind = Some(DynptrKind::Xdp),
            "bpf_dynptr_from_skb_meta" => arg.kind = Some(DynptrKind::SkbMeta),
            "bpf_dynptr_clone" if uninit => {
                if let Some((_, kind, reference)) = call.dynptr {
                    (arg.kind, arg.clone_of) = (Some(kind), reference);
                }
            }
            _ => {}
        }
        self.check_dynptr_arg(regno, arg)?;
        if !uninit && let Some(kind) = self.dynptr_kind(regno) {
            call.dynptr = Some((self.dynptr_id(regno), kind, self.dynptr_ref_obj_id(regno)));
        }
        Ok(())
    }

    /// A kernel structure, or what has one behind it: a socket, a map.
    fn check_kfunc_struct(&mut self, class: Class, param: KfuncParam, regno: Reg, call: &KfuncCall) -> Check {
        let reg = *self.reg(regno);
        let arg = call.arg;
        let trusted = Flags::ALLOC.and(Flags::TRUSTED).and(Flags::NON_OWN);
        let unsafe_flags = !reg.flags.without(trusted).is_empty() && !reg.flags.has(Flags::RCU);
        if (reg.ty != RegType::BtfId || unsafe_flags) && kernel_name(reg.ty).is_none() {
            let kept = if reg.flags.has(Flags::TRUSTED) { Flags::TRUSTED } else { Flags::NONE };
            let (ty, expected) = (type_name(reg.ty, reg.flags), type_name(reg.ty, kept));
            return Err(KfuncFinding::NoStruct { arg, ty, expected }.into());
        }
        let expected = if class == Class::Map { "bpf_map" } else { param.base.strip_prefix("struct ").unwrap_or("") };
        let same = match kernel_name(reg.ty) {
            Some(is) => is == expected || (is == "tcp_sock" && matches!(expected, "sock" | "sock_common")),
            None => {
                let released = call.kfunc.flags.has(KfuncFlags::RELEASE) && reg.ref_obj_id != 0;
                let strict = released || self.is_init_alias(&reg, expected);
                self.btf_struct_is(&reg, expected, strict) || self.is_projection(&reg, expected)
            }
        };
        if same {
            return Ok(());
        }
        let is = kernel_name(reg.ty).map_or_else(|| self.printer().btf_type_name(&reg), str::to_owned);
        let expected = expected.to_owned();
        Err(KfuncFinding::OtherStruct { name: call.kfunc.name, arg, expected, reg: regno, is }.into())
    }

    /// Whether of the names of the two structures one is the other's with `___init` behind it: what is not yet all there.
    fn is_init_alias(&self, reg: &RegState, expected: &str) -> bool {
        let is = self.printer().btf_type_name(reg);
        let alias = |long: &str, short: &str| long.strip_suffix("___init") == Some(short);
        self.has(Feature::InitAliases) && (alias(&is, expected) || alias(expected, &is))
    }

    /// A function that takes the context as programs see it takes what the kernel has for it.
    fn is_projection(&self, reg: &RegState, expected: &str) -> bool {
        let is = self.printer().btf_type_name(reg);
        matches!((expected, is.as_str()), ("__sk_buff", "sk_buff") | ("xdp_md", "xdp_buff"))
    }

    fn check_kfunc_memory(
        &mut self,
        param: KfuncParam,
        next: Option<KfuncParam>,
        regno: Reg,
        call: &mut KfuncCall,
    ) -> Check {
        let (arg, size) = (call.arg, ARGS[(call.arg + 1).min(4)]);
        if !(self.reg(regno).is_zero() && param.is_marked("__opt")) {
            self.check_kfunc_mem_size(regno, size).map_err(|why| KfuncFinding::MemorySize {
                why: why.to_string(),
                arg,
                next: arg + 1,
            })?;
        }
        if next.is_some_and(|p| p.is_marked("__szk")) {
            let Some(value) = self.reg(size).constant_value() else {
                return Err(KfuncFinding::NotConstant { reg: size }.into());
            };
            call.constant = Some(value);
        }
        Ok(())
    }

    fn check_kfunc_mem_size(&mut self, memory: Reg, size: Reg) -> Check {
        let saved = *self.reg(memory);
        if saved.may_be_null() {
            let mut known = saved;
            self.mark_not_null(&mut known);
            *self.reg_mut(memory) = known;
        }
        let result = self
            .check_mem_size_reg(size, Access::Read, true, None)
            .and_then(|()| self.check_mem_size_reg(size, Access::Write, true, None));
        if saved.may_be_null() {
            *self.reg_mut(memory) = saved;
        }
        result
    }
}

/// Whether the kernel vouches for a pointer.
fn is_trusted(reg: &RegState) -> bool {
    let trusted = Flags::ALLOC.and(Flags::TRUSTED).and(Flags::NON_OWN);
    let safe = reg.flags.without(trusted).is_empty();
    reg.ref_obj_id != 0 || (safe && (reg.flags.any(trusted) || kernel_name(reg.ty).is_some()))
}

/// The kernel's structure behind a type that is not a BTF pointer.
fn kernel_name(ty: RegType) -> Option<&'static str> {
    match ty {
        RegType::Socket => Some("sock"),
        RegType::SockCommon => Some("sock_common"),
        RegType::TcpSock => Some("tcp_sock"),
        RegType::MapPtr => Some("bpf_map"),
        _ => None,
    }
}

/// Whether a structure has nothing but numbers, arrays of them, and such structures.
pub(super) fn is_plain(btf: &Btf, ty: Type<'_>, depth: usize) -> bool {
    depth < MAX_NESTING
        && ty.members().all(|member| {
            let mut id = member.type_id;
            while let Some(array) = btf.resolve(id).and_then(|t| t.array()) {
                id = array.element;
            }
            btf.resolve(id).is_some_and(|t| match t.kind() {
                Kind::Int | Kind::Enum | Kind::Enum64 => true,
                Kind::Struct | Kind::Union => is_plain(btf, t, depth + 1),
                _ => false,
            })
        })
}
