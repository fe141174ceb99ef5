//! Functions that are verified on their own, and the signatures that they are held to.
//!
//! The entry function has its context; what a global function gets is all that its BTF says, so that its callers need
//! not be known. Signatures are read as the kernel reads them (`btf_prepare_func_args`): a pointer to the context's
//! type is the context, one to a dynptr a dynptr, others are memory of their type's size that may be null; tags
//! (`arg:nonnull` and the like) say more.

use crate::kernel::{Feature, ProgType};
use crate::object::{Btf, Kind, Type, TypeId, essential_name};
use crate::verifier::SLEEPABLE;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{Check, ExceptionFinding, SubprogFinding};
use crate::verifier::log::verbose;
use crate::verifier::reg::{DynptrKind, Flags, Of, RegState, RegType};
use crate::verifier::state::{Frame, State};

use super::subprog::ARGS;

/// `-EINVAL`, which the kernel prints for a type without a size.
const EINVAL: i32 = -22;

/// Qualifiers of one type that are gone through: types of objects may go round in circles.
const MAX_QUALIFIERS: usize = 32;

/// What a function gets in a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arg {
    /// The program's context.
    Ctx,
    /// A number.
    Scalar,
    /// A dynptr that it may not change.
    Dynptr,
    /// Memory, null unless said otherwise.
    Mem { size: u32, null: bool },
    /// Memory that is only read, and nobody vouches for.
    Untrusted { size: u32 },
    /// A kernel structure that the kernel vouches for.
    Struct { id: TypeId, null: bool },
    /// A kernel structure that nobody vouches for.
    UntrustedStruct { id: TypeId },
    /// An address in the arena.
    Arena,
}

/// What a function gets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Signature {
    /// In `r1` and on.
    pub args: Vec<Arg>,
}

/// Why a signature says nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum BadSignature {
    /// The kernel does not tell: it is a static function's, which need not have a good one.
    Silent,
    /// It does.
    Told(SubprogFinding),
}

impl Verifier<'_> {
    /// Makes ready to explore the function of that number on its own: 0 is the entry function.
    pub fn begin_function(&mut self, number: u32) -> Check {
        self.verifying = number;
        let mut start = if number == 0 { self.main_state() } else { self.global_state(number as usize)? };
        start.in_sleepable = self.has_flag(SLEEPABLE);
        self.begin(start);
        Ok(())
    }

    /// Notes that every path of the function that is being verified was followed.
    pub fn function_is_safe(&mut self) {
        let subprog = self.verifying as usize;
        if subprog > 0 {
            let name = self.func_name(subprog);
            verbose!(self, "Func#{subprog} ('{name}') is safe for any args that match its prototype\n");
            self.subprogs[subprog].verified = true;
        } else if !self.log.all_paths() {
            // The log of level 1 has nothing to say of what was accepted.
            self.log.rewind(0);
        }
    }

    /// The entry function's start. Its signature is looked at, since what is wrong with it is printed.
    fn main_state(&mut self) -> State {
        for subprog in 0..self.subprogs.len() {
            self.subprogs[subprog].global = self.is_global(subprog);
        }
        // Something may throw, whoever calls that.
        if let Some(callback) = self.shape.exception_callback {
            let callback = &mut self.subprogs[callback];
            (callback.called, callback.is_cb, callback.is_async_cb) = (true, true, true);
        }
        if self.signatures() {
            let signature = self.signature(0);
            if let Err(BadSignature::Told(finding)) = &signature {
                verbose!(self, "{finding}\n");
            }
            if signature.map_or(true, |s| s.args != [Arg::Ctx]) {
                self.subprogs[0].unreliable = true;
            }
        }
        self.entry_state()
    }

    fn global_state(&mut self, subprog: usize) -> Check<State> {
        verbose!(self, "Validating {}() func#{subprog}...\n", self.func_name(subprog));
        let signature = match self.signature(subprog) {
            Ok(signature) => signature,
            Err(BadSignature::Told(finding)) => return Err(finding.into()),
            Err(BadSignature::Silent) => Signature::default(),
        };
        if self.shape.exception_callback == Some(subprog) && signature.args != [Arg::Scalar] {
            return Err(ExceptionFinding::Arguments.into());
        }
        let mut frame = Frame::new(None, 0, subprog as u32);
        for (reg, arg) in ARGS.into_iter().zip(&signature.args) {
            frame.regs[reg.index()] = self.argument(*arg);
        }
        Ok(State::new(frame, self.shape.subprogs[subprog].start))
    }

    /// What a register holds at the start of a function that gets `arg` in it.
    fn argument(&mut self, arg: Arg) -> RegState {
        let null = |yes: bool| if yes { Flags::NULL } else { Flags::NONE };
        match arg {
            Arg::Ctx => RegState::pointer(RegType::Ctx, Flags::NONE, Of::Nothing),
            Arg::Scalar | Arg::Arena => RegState::UNKNOWN,
            Arg::Dynptr => {
                let of = Of::Dynptr { kind: DynptrKind::Local, first: true };
                RegState { id: self.new_id(), ..RegState::pointer(RegType::ConstDynptr, Flags::NONE, of) }
            }
            Arg::Mem { size, null: may } => {
                let id = if may { self.new_id() } else { 0 };
                RegState { id, ..RegState::pointer(RegType::Mem, null(may), Of::Mem(size)) }
            }
            Arg::Untrusted { size } => {
                RegState::pointer(RegType::Mem, Flags::RDONLY.and(Flags::UNTRUSTED), Of::Mem(size))
            }
            Arg::Struct { id, null: may } => {
                let flags = Flags::TRUSTED.and(null(may));
                let of = Of::Btf { id, local: false };
                RegState { id: self.new_id(), ..RegState::pointer(RegType::BtfId, flags, of) }
            }
            Arg::UntrustedStruct { id } => {
                let of = Of::Btf { id, local: false };
                RegState { id: self.new_id(), ..RegState::pointer(RegType::BtfId, Flags::UNTRUSTED, of) }
            }
        }
    }

    /// The next global function that is called by what was verified and is not verified itself: they are gone through
    /// in the order of their numbers, again and again until no new one is called.
    pub fn next_global_function(&self) -> Option<u32> {
        let due = |subprog: &usize| {
            self.is_global(*subprog) && self.subprogs[*subprog].called && !self.subprogs[*subprog].verified
        };
        let after = self.verifying as usize + 1;
        let next = (after..self.subprogs.len()).find(due).or_else(|| (1..self.subprogs.len()).find(due));
        next.map(|subprog| subprog as u32)
    }

    /// Whether the kernel is given types of functions, and looks at them.
    pub(super) fn signatures(&self) -> bool {
        // The unprivileged may not give them.
        let typed = self.options.btf.is_some() && self.program.funcs.iter().all(|f| f.type_id != 0);
        // For kernels without global functions loaders make all static.
        let known = self.options.kernel.has(Feature::GlobalFunctions);
        typed && known && self.options.privileged && !self.program.funcs.is_empty()
    }

    /// Reads a function's signature.
    pub(super) fn read_signature(&self, subprog: usize) -> Result<Signature, BadSignature> {
        let func = self.func(subprog).ok_or(BadSignature::Silent)?;
        let btf = self.options.btf.ok_or(BadSignature::Silent)?;
        let ty = btf.ty(func.type_id).filter(|t| t.kind() == Kind::Func).ok_or(BadSignature::Silent)?;
        let reader = Reader {
            btf,
            kernel: self.options.kernel_btf,
            prog_type: self.prog_type(),
            // What the entry function is does not matter: it is called by the kernel.
            global: func.global,
            ty,
            name: ty.name(),
        };
        reader.signature()
    }
}

/// Tags of a parameter (`btf_decl_tag("arg:…")`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Tags(u8);

impl Tags {
    const CTX: Tags = Tags(1);
    const TRUSTED: Tags = Tags(2);
    const UNTRUSTED: Tags = Tags(4);
    const NONNULL: Tags = Tags(8);
    const NULLABLE: Tags = Tags(16);
    const ARENA: Tags = Tags(32);
    const NAMES: [(&'static str, Tags); 6] = [
        ("ctx", Tags::CTX),
        ("trusted", Tags::TRUSTED),
        ("untrusted", Tags::UNTRUSTED),
        ("nonnull", Tags::NONNULL),
        ("nullable", Tags::NULLABLE),
        ("arena", Tags::ARENA),
    ];

    fn has(self, tag: Tags) -> bool {
        self.0 & tag.0 != 0
    }

    fn without(self, tag: Tags) -> Tags {
        Tags(self.0 & !tag.0)
    }

    fn any(self) -> bool {
        self.0 != 0
    }
}

/// A signature being read.
struct Reader<'a> {
    btf: &'a Btf,
    kernel: Option<&'a Btf>,
    prog_type: ProgType,
    global: bool,
    ty: Type<'a>,
    name: &'a str,
}

impl<'a> Reader<'a> {
    fn signature(&self) -> Result<Signature, BadSignature> {
        let proto = self.btf.ty(self.ty.target()).filter(|t| t.kind() == Kind::FuncProto);
        let proto = proto.ok_or(BadSignature::Silent)?;
        let count = proto.params().count();
        if count > ARGS.len() {
            return self.refuse(SubprogFinding::TooManyArguments { name: self.name.to_owned(), count });
        }
        let returns = self.btf.resolve(proto.target());
        if !returns.is_some_and(is_number) {
            return self.refuse(SubprogFinding::ReturnType { name: self.name.to_owned() });
        }
        let args = proto.params().enumerate().map(|(at, param)| self.arg(at, param.type_id));
        Ok(Signature { args: args.collect::<Result<Vec<Arg>, BadSignature>>()? })
    }

    /// What is wrong with a global function is told; static ones are taken as they are.
    fn refuse<T>(&self, finding: SubprogFinding) -> Result<T, BadSignature> {
        Err(if self.global { BadSignature::Told(finding) } else { BadSignature::Silent })
    }

    fn arg(&self, arg: usize, id: TypeId) -> Result<Arg, BadSignature> {
        let tags = self.tags(arg)?;
        let tell = |finding| Err(BadSignature::Told(finding));
        let ty = self.btf.resolve(id).ok_or(BadSignature::Silent)?;
        if ty.kind() != Kind::Ptr {
            if tags.any() {
                return tell(SubprogFinding::TagNoPointer { arg });
            }
            if is_number(ty) {
                return Ok(Arg::Scalar);
            }
            return self.refuse(SubprogFinding::ArgumentType { arg, kind: kind_name(ty), name: self.name.to_owned() });
        }
        let combination = SubprogFinding::TagCombination { arg };
        if tags.has(Tags::CTX) || self.is_context(ty) {
            if tags.without(Tags::CTX).any() {
                return tell(combination);
            }
            if tags.has(Tags::CTX) {
                self.check_context_tag(arg, ty)?;
            }
            return Ok(Arg::Ctx);
        }
        let target = self.btf.resolve(ty.target()).ok_or(BadSignature::Silent)?;
        if target.kind() == Kind::Struct && target.name() == "bpf_dynptr" {
            return if tags.any() { tell(combination) } else { Ok(Arg::Dynptr) };
        }
        if tags.has(Tags::TRUSTED) {
            if tags.has(Tags::NONNULL) {
                return tell(combination);
            }
            let id = self.kernel_type(arg, target)?;
            return Ok(Arg::Struct { id, null: tags.has(Tags::NULLABLE) });
        }
        if tags.has(Tags::UNTRUSTED) {
            return self.untrusted(arg, target, tags);
        }
        if tags.has(Tags::ARENA) {
            let alone = !tags.without(Tags::ARENA).any();
            return if alone { Ok(Arg::Arena) } else { tell(SubprogFinding::TagAlone { arg, tag: "arena" }) };
        }
        if !self.global {
            return Err(BadSignature::Silent);
        }
        if tags.has(Tags::NULLABLE) {
            return tell(combination);
        }
        match self.btf.size_of(target.id()).filter(|_| target.kind() != Kind::Fwd) {
            Some(size) => Ok(Arg::Mem { size, null: !tags.has(Tags::NONNULL) }),
            None => {
                let (kind, name) = (kind_name(target), target.name().to_owned());
                tell(SubprogFinding::ArgumentSize { arg, kind, name, error: EINVAL })
            }
        }
    }

    fn untrusted(&self, arg: usize, target: Type<'a>, tags: Tags) -> Result<Arg, BadSignature> {
        if tags.without(Tags::UNTRUSTED).any() {
            return Err(BadSignature::Told(SubprogFinding::TagAlone { arg, tag: "untrusted" }));
        }
        if target.kind() == Kind::Void || is_number(target) {
            return Ok(Arg::Untrusted { size: 0 });
        }
        Ok(Arg::UntrustedStruct { id: self.kernel_type(arg, target)? })
    }

    /// The tags of a parameter.
    fn tags(&self, arg: usize) -> Result<Tags, BadSignature> {
        let mut tags = Tags::default();
        let of_arg =
            |t: &Type<'_>| t.kind() == Kind::DeclTag && t.target() == self.ty.id() && t.tail_words(1) == [arg as u32];
        for tag in self.btf.types().filter(of_arg) {
            let Some(name) = tag.name().strip_prefix("arg:") else { continue };
            if !self.global {
                return Err(BadSignature::Told(SubprogFinding::TagOnStatic { arg }));
            }
            let known = Tags::NAMES.iter().find(|(n, _)| *n == name);
            let (_, tag) = known.ok_or(BadSignature::Told(SubprogFinding::UnknownTag { arg }))?;
            tags.0 |= tag.0;
        }
        Ok(tags)
    }

    /// Whether a pointer is to the type of the program's context.
    fn is_context(&self, pointer: Type<'a>) -> bool {
        let target = self.btf.resolve(pointer.target()).filter(|t| t.kind() == Kind::Struct);
        self.is_user_regs(pointer) || target.is_some_and(|t| context_types(self.prog_type).contains(&t.name()))
    }

    /// Whether what is tagged as context is declared as such, or as `void *`.
    fn check_context_tag(&self, arg: usize, pointer: Type<'a>) -> Result<(), BadSignature> {
        let target = self.btf.resolve(pointer.target()).ok_or(BadSignature::Silent)?;
        if target.kind() == Kind::Void || self.is_user_regs(pointer) {
            return Ok(());
        }
        let tell = |finding| Err(BadSignature::Told(finding));
        if target.name().is_empty() {
            return tell(SubprogFinding::ContextName { arg });
        }
        match self.prog_type {
            ProgType::RawTracepoint if target.kind() == Kind::Int && target.size() == 8 => return Ok(()),
            // There is no structure for it, so that any will do.
            ProgType::Tracepoint => return Ok(()),
            _ => {}
        }
        let expected = context_types(self.prog_type)[0];
        if target.kind() == Kind::Struct && target.name() == expected {
            return Ok(());
        }
        tell(SubprogFinding::ContextType { arg, expected })
    }

    /// Whether a pointer is to the registers that a kprobe gets, by the type's other name.
    fn is_user_regs(&self, pointer: Type<'a>) -> bool {
        let mut id = pointer.target();
        for _ in 0..MAX_QUALIFIERS {
            let Some(t) = self.btf.ty(id).filter(|t| t.is_alias() && self.prog_type == ProgType::Kprobe) else {
                return false;
            };
            if t.kind() == Kind::Typedef {
                return t.name() == "bpf_user_pt_regs_t";
            }
            id = t.target();
        }
        false
    }

    /// The structure of the same name among the kernel's types, whatever is behind three underscores in either name;
    /// without them nothing more is known of it.
    fn kernel_type(&self, arg: usize, target: Type<'a>) -> Result<TypeId, BadSignature> {
        let Some(kernel) = self.kernel else { return Ok(0) };
        let named = essential_name(target.name());
        let mut found = kernel.by_essential_name(named).filter(|t| t.kind() == target.kind() && !named.is_empty());
        match (found.next(), found.next()) {
            (Some(t), None) => Ok(t.id()),
            (one, _) => {
                let (kind, name) = (kind_name(target), target.name().to_owned());
                let several = one.is_some();
                Err(BadSignature::Told(SubprogFinding::NoKernelType { arg, kind, name, several }))
            }
        }
    }
}

/// Names of the structures that a program's context is known by, to programs and within the kernel.
pub(super) fn context_types(prog_type: ProgType) -> &'static [&'static str] {
    match prog_type {
        ProgType::SocketFilter | ProgType::SchedCls | ProgType::SchedAct | ProgType::CgroupSkb => {
            &["__sk_buff", "sk_buff"]
        }
        ProgType::Xdp => &["xdp_md", "xdp_buff"],
        ProgType::Kprobe => &["pt_regs", "bpf_user_pt_regs_t"],
        ProgType::RawTracepoint => &["bpf_raw_tracepoint_args"],
        ProgType::Tracepoint => &["__u64"],
    }
}

fn is_number(t: Type<'_>) -> bool {
    t.kind() == Kind::Int || t.is_enum()
}

/// A kind as messages name it.
pub(super) fn kind_name(t: Type<'_>) -> &'static str {
    match t.kind() {
        Kind::Void => "UNKNOWN",
        Kind::Int => "INT",
        Kind::Ptr => "PTR",
        Kind::Array => "ARRAY",
        Kind::Struct => "STRUCT",
        Kind::Union => "UNION",
        Kind::Enum => "ENUM",
        Kind::Fwd => "FWD",
        Kind::Typedef => "TYPEDEF",
        Kind::Volatile => "VOLATILE",
        Kind::Const => "CONST",
        Kind::Restrict => "RESTRICT",
        Kind::Func => "FUNC",
        Kind::FuncProto => "FUNC_PROTO",
        Kind::Var => "VAR",
        Kind::Datasec => "DATASEC",
        Kind::Float => "FLOAT",
        Kind::DeclTag => "DECL_TAG",
        Kind::TypeTag => "TYPE_TAG",
        Kind::Enum64 => "ENUM64",
    }
}
