use std::collections::{HashMap, HashSet};
use std::mem::{Discriminant, discriminant};

use strum::EnumCount;

use super::{Explanation, explain};
use crate::isa::{Pc, RawInsn, Reg};
use crate::kernel::{KernelVersion, Line, MapType, ProgType, Program};
use crate::verifier::Rejection;
use crate::verifier::finding::{
    AccessFinding, AluFinding, CallFinding, ExceptionFinding, Finding, FlowFinding, Group, KfuncFinding, Outside,
    PruneFinding, ShapeFinding, SubprogFinding,
};

const REG: Reg = Reg::R6;

/// A program of one instruction, `r4 = *(u16 *)(r6 + 12)`, with its source line.
fn program() -> Program {
    Program {
        name: "parse".to_owned(),
        section: "xdp".to_owned(),
        prog_type: ProgType::Xdp,
        hook: None,
        insns: vec![RawInsn { opcode: 0x69, dst: 4, src: 6, off: 12, imm: 0 }],
        funcs: Vec::new(),
        lines: vec![Line { pc: Pc(0), file: "parse.c".to_owned(), line: 14, column: 9, text: String::new() }],
        license: "GPL".to_owned(),
        maps: Vec::new(),
        kfuncs: Vec::new(),
    }
}

fn explanation(finding: Finding) -> Explanation {
    let regs = vec![(Reg::R1, "ctx()".to_owned()), (REG, "pkt(r=1311)".to_owned())];
    explain(&Rejection { finding, pc: Some(Pc(0)), regs }, &program())
}

/// Every number of four digits that the kernel's message has, and what stands in single quotes.
fn values(message: &str) -> Vec<String> {
    let words = message.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let number = |w: &&str| w.len() == 4 && w.bytes().all(|b| b.is_ascii_digit());
    words.filter(number).map(str::to_owned).collect()
}

fn check(finding: Finding) {
    let message = finding.to_string();
    let told = explanation(finding);
    let text = &told.text;
    assert!(text.contains("parse.c:14"), "{message}: no source line in: {text}");
    if message.contains("R6") {
        assert!(text.contains("R6"), "{message}: no register in: {text}");
    }
    for value in values(&message) {
        assert!(text.contains(&value), "{message}: no {value} in: {text}");
    }
    assert!(text.ends_with(told.cure) && !told.cure.is_empty(), "{message}: no cure");
    for sentence in [text.as_str(), told.cure] {
        assert!(sentence.ends_with(['.', '`', ')']) && !sentence.contains("  "), "{message}: {sentence}");
    }
    let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(told.rule.chars().all(kebab), "{}", told.rule);
    assert!(!told.title.ends_with('.') && told.title.starts_with(char::is_uppercase), "{}", told.title);
}

/// Checks samples of an area's findings, which must be of all kinds.
fn check_all<F: EnumCount + Clone + Into<Finding>>(samples: &[F]) {
    for sample in samples {
        check(sample.clone().into());
    }
    let kinds: HashSet<Discriminant<F>> = samples.iter().map(discriminant).collect();
    assert_eq!(kinds.len(), F::COUNT, "samples of all kinds");
}

fn access() -> Vec<AccessFinding> {
    use AccessFinding as F;
    let ty = || "map_value_or_null".to_owned();
    let var_off = || "(0x0; 0x1733)".to_owned();
    let packet = Outside::Packet { reg: REG, id: 1, limit: 1301, off: 1302, size: 1303 };
    vec![
        F::Uninitialized { reg: REG },
        F::Uninitialized { reg: Reg::R0 },
        F::Uninitialized { reg: Reg::R3 },
        F::FramePointer,
        F::NotMemory { reg: REG, ty: ty() },
        F::NotMemory { reg: REG, ty: "scalar".to_owned() },
        F::NotMemory { reg: REG, ty: "pkt_end".to_owned() },
        F::NotMemory { reg: REG, ty: "map_ptr".to_owned() },
        F::NotMemory { reg: REG, ty: "func".to_owned() },
        F::ReadOnly { reg: REG, ty: ty() },
        F::NoMemoryArgument { reg: REG, ty: ty() },
        F::Leak { reg: REG, place: "map" },
        F::Misaligned { what: "stack ", var_off: var_off(), off: 1401, insn_off: 1402, size: 1403 },
        F::MisalignedPacket { var_off: var_off(), off: 1401, insn_off: 1402, size: 1403 },
        F::NegativeMin { reg: REG },
        F::Unbounded { reg: REG },
        F::OutOfRange { reg: REG, outside: Outside::MapKey { limit: 1301, off: 1302, size: 1303 }, end: "min" },
        F::OutOfRange { reg: REG, outside: Outside::MapValue { limit: 1301, off: 1302, size: 1303 }, end: "max" },
        F::OutOfRange { reg: REG, outside: Outside::Memory { limit: 1301, off: 1302, size: 1303 }, end: "max" },
        F::OutsidePacket { reg: REG, outside: Some(packet) },
        F::OutsidePacket { reg: REG, outside: None },
        F::PacketReadOnly,
        F::MapForbidden { access: "write into", value_size: 1401, off: 1402, size: 1403 },
        F::MapKeyReadOnly { reg: REG },
        F::SpecialField { field: "bpf_spin_lock" },
        F::KptrIndirect { field: "kptr" },
        F::KptrVariable { field: "kptr" },
        F::KptrMisaligned { field: "kptr", expected: 1401, off: 1402 },
        F::KptrSize { field: "kptr" },
        F::KptrStore,
        F::KptrImm { off: 1401 },
        F::KptrMode,
        F::Context { off: 1401, size: 1402 },
        F::NegativeOffset { reg: REG, ty: ty(), off: -1401 },
        F::ModifiedPointer { reg: REG, ty: ty(), off: 1401 },
        F::VariablePointer { ty: ty(), var_off: var_off() },
        F::Socket { reg: REG, ty: ty(), off: 1401, size: 1402 },
        F::MixedPointers,
        F::StackUnbounded { reg: REG, how: " indirect access to" },
        F::StackBounds { reg: REG, how: " write to", off: -1401, size: 1402 },
        F::StackVariableBounds { reg: REG, how: " read from", var_off: var_off(), off: -1401, size: 1402 },
        F::StackUninitialized { off: -1401, byte: 1402, size: 1403 },
        F::StackArgument { reg: REG, how: " indirect", off: -1401, byte: 1402, size: 1403 },
        F::StackVariableArgument { reg: REG, how: "", var_off: var_off(), byte: 1402, size: 1403 },
        F::ZeroSize,
        F::FillSize,
        F::SpillSize,
        F::SpillToCaller,
        F::CorruptPointer,
        F::StackLeak { off: -1401 },
        F::StackVariableHelper { var_off: var_off(), off: -1401, size: 1402 },
        F::StackVariableUnprivileged { reg: REG, var_off: var_off() },
        F::SpillInRange { insn: 1401, off: -1402 },
        F::UninitializedInRange { insn: 1401, off: -1402 },
        F::DynptrOverwrite { off: -1401 },
        F::ArenaSignedLoad,
        F::ImmediateToContext { reg: REG },
        F::AtomicSize,
        F::AtomicStore { reg: REG, ty: ty() },
        F::AtomicLoad { reg: REG, ty: ty() },
        F::NoPacketLoads,
        F::PacketLoadContext,
        F::Btf { text: "access beyond struct task_struct at off 1401 size 4".to_owned() },
    ]
}

fn alu() -> Vec<AluFinding> {
    use AluFinding as F;
    let ty = || "ctx".to_owned();
    vec![
        F::DivByZero,
        F::Shift { amount: 1401 },
        F::Pointer { reg: REG },
        F::TwoPointers { reg: REG, op: "+=" },
        F::Pointer32 { reg: REG },
        F::MaybeNull { reg: REG, ty: ty() },
        F::PointerType { reg: REG, ty: ty() },
        F::SubtractPointer { reg: REG },
        F::SubtractFromStack { reg: REG },
        F::Bitwise { reg: REG, op: "&=" },
        F::Operator { reg: REG, op: "*=" },
        F::LargeConstant { ty: ty(), value: 1401 },
        F::LargeOffset { ty: ty(), off: 1401 },
        F::UnboundedMin { ty: ty() },
        F::OutOfBounds { ty: ty(), value: 1401 },
        F::ExtendPointer { reg: REG },
        F::PartialCopy { reg: REG },
        F::NoArena,
        F::AddressSpaces,
        F::NoFuncInfo,
        F::CallbackNotStatic,
        F::MaskBounds { reg: REG },
        F::MaskType { reg: REG },
        F::MaskPaths { reg: REG, op: "add" },
        F::MaskLimit { reg: REG, op: "sub" },
        F::StackVariable { reg: REG, var_off: "(0x0; 0x1733)".to_owned(), off: -1401 },
        F::StackRange { reg: REG, off: -1401 },
        F::MapRange {
            reg: REG,
            access: Box::new(AccessFinding::OutOfRange {
                reg: REG,
                outside: Outside::MapValue { limit: 1301, off: 1302, size: 1303 },
                end: "max",
            }),
        },
    ]
}

fn call() -> Vec<CallFinding> {
    use CallFinding as F;
    let ty = || "ctx".to_owned();
    let expected = || "fp, pkt".to_owned();
    let (name, id, map_type) = ("bpf_map_push_elem", 1401, MapType::Hash);
    vec![
        F::UnknownHelper { id: 1401 },
        F::NotForType { name, id, old: true },
        F::NotGpl,
        F::MightSleep,
        F::SleepsIn { name, id, place: "rcu_read_lock region" },
        F::LockHeld,
        F::Leak { reg: REG },
        F::PacketArgument,
        F::Type { reg: REG, ty: ty(), expected: expected() },
        F::Type { reg: REG, ty: "map_value_or_null".to_owned(), expected: expected() },
        F::MayWrite { helper: name, reg: REG, ty: ty() },
        F::MaybeNull { arg: 1401 },
        F::KernelType { reg: REG, is: ty(), expected: expected() },
        F::ReleaseOffset { reg: REG },
        F::NotReferenced { reg: REG },
        F::UnacquiredDynptr { arg: 1401 },
        F::UnownedDynptr,
        F::NotAcquired { name, id },
        F::TwoReferences { reg: REG, first: 1401, second: 1402 },
        F::OtherMap { what: "timer", first: 1401, second: 1402 },
        F::SizeNegative { reg: REG },
        F::SizeZero { reg: REG, min: 0, max: 1401 },
        F::SizeUnbounded { reg: REG },
        F::SizeUnknown { reg: REG },
        F::StringWritable { reg: REG },
        F::StringVariable { reg: REG },
        F::StringMapType,
        F::StringAccess,
        F::StringEnd,
        F::Format,
        F::FormatData,
        F::MapType { map_type, name, id },
        F::SockmapUpdate { map_type, name, id },
        F::MapReadOnly,
        F::SocketMapArgument,
        F::FuncIp { name, id, prog_type: 1402 },
        F::TailCallMap,
        F::TailCallMixed,
        F::LocalStorageFlags,
        F::DynptrMemory { ty: ty() },
        F::NoKernelType { reg: REG },
        F::Leaks { held: vec![(1401, Pc(1402)), (1403, Pc(1404))], place: Some("BPF_EXIT instruction in main prog") },
        F::Leaks { held: vec![(1401, Pc(1402))], place: None },
        F::Inside { place: "BPF_EXIT instruction in main prog", what: "bpf_spin_lock" },
        F::KptrOffset { reg: REG },
        F::NoKptr { reg: REG },
        F::NotKptr { off: 1401 },
        F::KptrUnreferenced { off: 1401 },
        F::KptrType { reg: REG, is: ty(), expected: expected() },
        F::UnknownObject,
        F::KptrNoTypes { map: "map1".to_owned() },
    ]
}

fn flow() -> Vec<FlowFinding> {
    use FlowFinding as F;
    let ty = || "fp".to_owned();
    let when = "At program exit";
    vec![
        F::TooLarge { processed: 1401 },
        F::TooManyJumps { count: 1401 },
        F::TooMuchMemory { megabytes: 1401 },
        F::InvalidIndex { pc: Pc(1401), count: 1402 },
        F::SecondSlot,
        F::PointerComparison { reg: REG },
        F::LeakReturn { reg: REG },
        F::SubprogReturn { reg: REG, ty: ty() },
        F::ReturnNotKnown { when, reg: REG, ty: ty() },
        F::ReturnRange {
            when,
            reg: REG,
            has: " smin=1401 smax=1402".to_owned(),
            expected: "[1403, 1404]".to_owned(),
            min: 1403,
            max: 1404,
        },
    ]
}

fn subprog() -> Vec<SubprogFinding> {
    use SubprogFinding as F;
    let name = || "name1402".to_owned();
    let (arg, kind) = (1401, "STRUCT");
    vec![
        F::TooDeep { frames: 1401 },
        F::GlobalLocked,
        F::GlobalSleeps,
        F::GlobalArguments { number: 1401, name: name() },
        F::ReturnsStack,
        F::CallbackReturn,
        F::CallbackMap,
        F::NoProgram { insn: 7 },
        F::TooManyAsync { count: 1401 },
        F::TooManyArguments { name: name(), count: 1401 },
        F::ReturnType { name: name() },
        F::ArgumentType { arg, kind, name: name() },
        F::ArgumentSize { arg, kind, name: name(), error: -1403 },
        F::UnknownTag { arg },
        F::TagCombination { arg },
        F::TagAlone { arg, tag: "arg:arena" },
        F::TagNoPointer { arg },
        F::NoKernelType { arg, kind, name: name(), several: false },
        F::UntrustedType { arg, kind, name: name() },
        F::ContextType { arg, expected: "__sk_buff" },
        F::ContextName { arg },
        F::NotScalar { reg: REG },
        F::NotTrusted { reg: REG, ty: name() },
        F::OtherStruct { reg: REG, is: name(), expected: name() },
        F::NotContext { arg },
        F::MayBeNull { arg },
        F::NotArena { reg: REG },
        F::TagOnStatic { arg },
    ]
}

fn kfunc() -> Vec<KfuncFinding> {
    use KfuncFinding as F;
    let owned = || "what1402".to_owned();
    let (arg, name, what) = (1401, "bpf_iter_num_new", "bpf_timer");
    vec![
        F::NotAllowed { name: owned() },
        F::Missing,
        F::Trap,
        F::Sleepable { name },
        F::SleepsIn { name, place: "rcu_read_lock region" },
        F::NeedsRcu { name },
        F::RcuUnlock { name },
        F::RcuNested { name },
        F::PreemptEnable { name },
        F::NotScalar { reg: REG },
        F::NotConstant { reg: REG },
        F::MayBeNull { arg },
        F::NotContext { arg, ty: owned() },
        F::NoContextType { id: 1401 },
        F::NotTrusted { reg: REG },
        F::NotRcu { reg: REG },
        F::NoMap { reg: REG },
        F::OtherMap { first: 1401, second: 1402 },
        F::OtherMapWork { first: 1401, second: 1402 },
        F::NoStruct { arg, ty: owned(), expected: owned() },
        F::OtherStruct { name, arg, expected: owned(), reg: REG, is: owned() },
        F::NotMemory { arg, ty: owned(), void: "void, " },
        F::MemorySize { why: "R6 min value is negative".to_owned(), arg, next: 1402 },
        F::NotSupported { name, arg, ty: owned() },
        F::NoRelease { name },
        F::NotAcquired { name, id: 1401 },
        F::NoObject { arg },
        F::OtherDrop { arg, function: "bpf_obj_drop" },
        F::NotOwned,
        F::NoReference { arg },
        F::NoCollection { arg },
        F::NoGraphField { name: "bpf_list_head", off: 1401 },
        F::RootUnlocked { other: false, place: 1401, name: "bpf_list_head" },
        F::RootUnlocked { other: true, place: 1401, name: "bpf_list_head" },
        F::NoNode { name },
        F::InTreeCallback { name },
        F::LockInTreeCallback,
        F::OtherElement {
            root: "bpf_list_head",
            node: "bpf_list_node",
            place: 1401,
            owner: owned(),
            off: 1403,
            is: owned(),
        },
        F::OtherNode { off: 1401, node: "bpf_list_node", place: 1403, owner: owned() },
        F::NotCounted { arg },
        F::NoRecord,
        F::Callback { why: "R6 is what1402\n".to_owned(), name, id: 1401 },
        F::Callback { why: String::new(), name, id: 1401 },
        F::NewPercpuPlain,
        F::NewPercpuFields,
        F::NoFunc { arg },
        F::NoString { arg },
        F::NoMapValue { arg },
        F::NoIrqFlag { arg },
        F::NoResLock { arg },
        F::NewWithoutTypes,
        F::NewNoStruct,
        F::NewTypeRange,
        F::NewPercpuSize { size: 1401 },
        F::CastUnknown { id: 1401 },
        F::CastNoStruct { void: true },
        F::CastNoStruct { void: false },
        F::PacketReadOnly,
        F::CssTask,
        F::NoIterator { arg },
        F::BadIterator { arg },
        F::IteratorInitialized { name: "num", arg },
        F::IteratorExpected { name: "num", arg },
        F::IteratorRcu { name },
        F::NoDynptr { arg },
        F::DynptrInitialized,
        F::DynptrConst,
        F::DynptrExpected { arg },
        F::DynptrKind { kind: "ringbuf", arg },
        F::DynptrOverwritten,
        F::LockOffset { reg: REG, name: "bpf_spin" },
        F::NoLock { what: "map", owner: owned(), name: "bpf_spin" },
        F::NotLock { off: 1401, name: "bpf_spin", place: 1402 },
        F::TwoLocks,
        F::SameLock,
        F::NotLocked { name: "bpf_spin" },
        F::OtherLock { name: "bpf_spin" },
        F::LockOrder { name: "bpf_spin" },
        F::NoTypes { map: owned(), what: what.to_owned() },
        F::FieldOffset { reg: REG, what },
        F::NoField { map: owned(), what },
        F::NotField { off: 1401, what, place: 1402 },
        F::IrqFlagInitialized { arg },
        F::IrqFlagExpected { arg },
        F::IrqClass { saved: "native", restored: "lock" },
        F::IrqOrder { id: 1401, insn: 1402 },
    ]
}

fn prune() -> Vec<PruneFinding> {
    let state = || " R1=ctx() R10=fp0".to_owned();
    vec![
        PruneFinding::InfiniteLoop { pc: Pc(1401), cur: state(), old: state() },
        PruneFinding::Bug { what: "1402 frames".to_owned() },
    ]
}

fn exception() -> Vec<ExceptionFinding> {
    use ExceptionFinding as F;
    let name = || Box::from("name1402");
    vec![
        F::SeveralTags,
        F::NotFound { name: name() },
        F::Static { name: name() },
        F::Main,
        F::NotInProgram,
        F::Arguments,
        F::CalledDirectly { insn: Pc(1401) },
        F::TailCall,
        F::ThrowInCallback { insn: Pc(1401), subprog: 1402 },
    ]
}

fn shape() -> Vec<ShapeFinding> {
    use ShapeFinding as F;
    vec![
        F::Size { count: 1401, limit: 1402 },
        F::TypeRight { prog_type: ProgType::Xdp },
        F::NoMapType { map_type: MapType::Arena },
        F::NoFlag { flag: 1405, since: KernelVersion::new(6, 8) },
        F::CallDestination,
        F::TooManySubprogs,
        F::CallRight { root_only: true },
        F::KfuncLicense,
        F::KfuncOffset,
        F::KfuncFdArray,
        F::KfuncUnknown { id: 1401 },
        F::KfuncDevice,
        F::JumpOutOfRange { from: 1401, to: 1402 },
        F::LastInsn,
        F::FirstFuncRecord { off: 1 },
        F::FuncRecordOrder { off: 2, before: 2 },
        F::FuncRecordType { id: 1 },
        F::FuncRecordCount,
        F::FuncRecordLayout,
        F::Exception(ExceptionFinding::SeveralTags),
        F::LineRecord { number: 1, off: 0, before: 0, len: 9 },
        F::LineRecordCode { number: 2 },
        F::NoLineRecord { func: 1 },
        F::NoLineRecords { count: 1, from: 2 },
        F::LdAbsReturn { typed: true },
        F::TailCallReturn { typed: false },
        F::Reserved(Group::Ldx),
        F::UnknownOpcode { opcode: 0x8d },
        F::Imm64Second,
        F::Imm64Source,
        F::NoFdArray,
        F::NoModule,
        F::NoType { id: 7 },
        F::NoVariable { id: 7 },
        F::NoMap { fd: 1401 },
        F::TooManyMaps,
        F::StructOpsMap,
        F::MapField { who: "socket filter", field: "bpf_spin_lock" },
        F::SleepableMap { storage: true },
        F::SleepableMap { storage: false },
        F::NotSleepable,
        F::SecondCgroupStorage,
        F::SecondArena,
        F::ArenaAddress,
        F::ArenaRight,
        F::MapValueOffset { off: 1401 },
        F::NoDirectValue,
        F::MapValueBounds { size: 1401, off: 1402, entries: false },
        F::BackEdge { from: 1401, to: 1402 },
        F::Unreachable { pc: 1401 },
        F::IntoImm64 { pc: 1401 },
        F::Register { number: 16 },
        F::FramePointer,
        F::DivByZero,
        F::Shift { bits: 1401 },
        F::AtomicSize,
        F::AtomicOpcode { imm: 0x1401 },
        F::MayGoto { imm: 1401 },
        F::MayGotoOff { off: 1403, imm: 1404 },
        F::AddrSpace,
        F::NoArena,
        F::LdPacketType,
        F::LdPacketCalls,
        F::LdImm,
        F::LdMode,
        F::AluOpcode { op: 0xe0 },
        F::JmpOpcode { op: 0xe0 },
        F::Class { class: 6 },
        F::CombinedStack { calls: 1401, size: 1402 },
        F::SubprogStack { subprog: 1401, size: 1402 },
        F::TailCallStack { size: 1401 },
        F::CallDepth { frames: 1401 },
    ]
}

#[test]
fn every_finding_of_an_access_is_explained_with_its_values() {
    check_all(&access());
}

#[test]
fn every_finding_of_arithmetic_is_explained_with_its_values() {
    check_all(&alu());
}

#[test]
fn every_finding_of_a_call_is_explained_with_its_values() {
    check_all(&call());
}

#[test]
fn every_finding_of_the_programs_functions_is_explained_with_its_values() {
    check_all(&subprog());
}

#[test]
fn every_finding_of_a_kernel_function_is_explained_with_its_values() {
    check_all(&kfunc());
}

#[test]
fn every_finding_of_pruning_is_explained_with_its_values() {
    check_all(&prune());
}

#[test]
fn every_finding_of_control_flow_is_explained_with_its_values() {
    check_all(&flow());
}

#[test]
fn every_finding_of_exceptions_is_explained_with_its_values() {
    check_all(&exception());
}

#[test]
fn every_finding_of_shape_is_explained_with_its_values() {
    check_all(&shape());
}

#[test]
fn a_rule_has_one_title() {
    let all = access().into_iter().map(Finding::from);
    let all = all.chain(alu().into_iter().map(Finding::from)).chain(flow().into_iter().map(Finding::from));
    let all = all.chain(shape().into_iter().map(Finding::from)).chain(call().into_iter().map(Finding::from));
    let all = all.chain(prune().into_iter().map(Finding::from)).chain(kfunc().into_iter().map(Finding::from));
    let all = all.chain(subprog().into_iter().map(Finding::from));
    let all = all.chain(exception().into_iter().map(Finding::from));
    let mut rules: HashMap<&str, &str> = HashMap::new();
    for told in all.map(explanation) {
        let title = *rules.entry(told.rule).or_insert(told.title);
        assert_eq!(title, told.title, "rule {}", told.rule);
    }
}

#[test]
fn a_missing_bounds_check_is_told_with_the_bytes_that_it_takes() {
    let outside = Outside::Packet { reg: REG, id: 0, limit: 0, off: 12, size: 2 };
    let told = explanation(AccessFinding::OutsidePacket { reg: REG, outside: Some(outside) }.into());
    assert_eq!(told.rule, "packet-bounds");
    for part in ["R6", "14 bytes must be in the packet", "(r=0)", "`pointer + 14 <= data_end`", "`parse.c:14`"] {
        assert!(told.text.contains(part), "no {part} in: {}", told.text);
    }
}

#[test]
fn what_was_known_of_the_registers_is_told_in_the_words_of_the_log() {
    let told = explanation(AccessFinding::Unbounded { reg: REG }.into());
    let known = "At `parse.c:14` the verifier knew `R6=pkt(r=1311)` (a pointer into the packet).";
    assert!(told.text.contains(known), "{}", told.text);
}

#[test]
fn a_program_without_source_lines_has_its_instruction_named() {
    let finding = AccessFinding::Unbounded { reg: REG }.into();
    let plain = Program { lines: Vec::new(), ..program() };
    let told = explain(&Rejection { finding, pc: Some(Pc(0)), regs: Vec::new() }, &plain);
    assert!(told.text.contains("This is at instruction 0."), "{}", told.text);
}
