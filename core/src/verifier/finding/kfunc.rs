//! Kernel functions, and what they and some helpers work on: iterators, dynptrs, locks, timers.

use super::R;
use crate::isa::Reg;

/// A call of a kernel function that is not allowed, or not with these arguments; something on the stack or in a map's
/// value that is not what it must be.
#[cfg_attr(test, derive(strum::EnumCount))]
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs, reason = "fields are the values that the message names")]
pub enum KfuncFinding {
    /// Programs of this type may not call the function, or this kernel does not have it.
    #[error("calling kernel function {name} is not allowed")]
    NotAllowed { name: String },
    /// The function is missing in this kernel, and a path comes to its call.
    #[error("invalid kernel function call not eliminated in verifier pass")]
    Missing,
    /// The compiler put a trap here, for something that was never given a value.
    #[error("unexpected __bpf_trap() due to uninitialized variable?")]
    Trap,
    /// The function may sleep, the program not.
    #[error("program must be sleepable to call sleepable kfunc {name}")]
    Sleepable { name: &'static str },
    /// The function may sleep, and the program is where nothing may.
    #[error("kernel func {name} is sleepable within {place}")]
    SleepsIn { name: &'static str, place: &'static str },
    /// The function must be called in an RCU read section.
    #[error("kernel func {name} requires RCU critical section protection")]
    NeedsRcu { name: &'static str },
    /// An RCU read section that was not entered.
    #[error("unmatched rcu read unlock (kernel function {name})")]
    RcuUnlock { name: &'static str },
    /// RCU read sections do not nest before 6.18.
    #[error("nested rcu read lock (kernel function {name})")]
    RcuNested { name: &'static str },
    /// Preemption that was not disabled.
    #[error("unmatched attempt to enable preemption (kernel function {name})")]
    PreemptEnable { name: &'static str },
    /// An argument must be a number.
    #[error("{} is not a scalar", R(*.reg))]
    NotScalar { reg: Reg },
    /// An argument must be a known number.
    #[error("{} must be a known constant", R(*.reg))]
    NotConstant { reg: Reg },
    /// An argument must not be null.
    #[error("Possibly NULL pointer passed to trusted arg{arg}")]
    MayBeNull { arg: usize },
    /// An argument must be the context.
    #[error("arg#{arg} expected pointer to ctx, but got {ty}")]
    NotContext { arg: usize, ty: String },
    /// The program has no context that could be had as a structure.
    #[error("kern ctx type id {id} is not a struct")]
    NoContextType { id: u32 },
    /// The kernel must vouch for the pointer.
    #[error("{} must be referenced or trusted", R(*.reg))]
    NotTrusted { reg: Reg },
    /// The pointer must be good within an RCU read section.
    #[error("{} must be a rcu pointer", R(*.reg))]
    NotRcu { reg: Reg },
    /// The argument must be a map.
    #[error("pointer in {} isn't map pointer", R(*.reg))]
    NoMap { reg: Reg },
    /// A work queue is not in the map that is given with it.
    #[error("workqueue pointer in R1 map_uid={first} doesn't match map pointer in R2 map_uid={second}")]
    OtherMap { first: u32, second: u32 },
    /// Deferred work is not in the map that is given with it.
    #[error("bpf_task_work pointer in R2 map_uid={first} doesn't match map pointer in R3 map_uid={second}")]
    OtherMapWork { first: u32, second: u32 },
    /// The argument must be a kernel structure.
    #[error("arg#{arg} is {ty} expected {expected} or socket")]
    NoStruct { arg: usize, ty: String, expected: String },
    /// The argument is another kernel structure.
    #[error(
        "kernel function {name} args#{arg} expected pointer to STRUCT {expected} but {} has a pointer to STRUCT {is}",
        R(*.reg)
    )]
    OtherStruct { name: &'static str, arg: usize, expected: String, reg: Reg, is: String },
    /// The function takes a kernel structure, and the argument cannot be one.
    #[error("arg#{arg} pointer type {ty} must point to {void}scalar, or struct with scalar")]
    NotMemory { arg: usize, ty: String, void: &'static str },
    /// The function takes no kernel structure here.
    #[error("kernel function {name} args#{arg} pointer type {ty} is not supported")]
    NotSupported { name: &'static str, arg: usize, ty: String },
    /// Memory whose size is the next argument.
    #[error("{why}\narg#{arg} arg#{next} memory, len pair leads to invalid memory access")]
    MemorySize { why: String, arg: usize, next: usize },
    /// A release of what is not held.
    #[error("release kernel function {name} expects refcounted PTR_TO_BTF_ID")]
    NoRelease { name: &'static str },
    /// What is given back was not given out.
    #[error("kfunc {name}#{id} reference has not been acquired before")]
    NotAcquired { name: &'static str, id: i32 },
    /// The argument must be an object of the program's own.
    #[error("arg#{arg} expected pointer to allocated object")]
    NoObject { arg: usize },
    /// An object is given back by another function.
    #[error("arg#{arg} expected for {function}()")]
    OtherDrop { arg: usize, function: &'static str },
    /// An object that the program does not own.
    #[error("allocated object must be referenced")]
    NotOwned,
    /// The argument must be an object of the program's own, or an element of a collection.
    #[error("arg#{arg} is neither owning or non-owning ref")]
    NoReference { arg: usize },
    /// The argument must be a map's value or an object of the program's own.
    #[error("arg#{arg} expected pointer to map value or allocated object")]
    NoCollection { arg: usize },
    /// No list, tree or node is there.
    #[error("{name} not found at offset={off}")]
    NoGraphField { name: &'static str, off: u32 },
    /// The collection's lock is not held, or (`other`) that of another value or object is.
    #[error("{}bpf_spin_lock at off={place} must be held for {name}", other_allocation(*.other))]
    RootUnlocked { other: bool, place: i32, name: &'static str },
    /// The node is not in a tree, or the program's own.
    #[error("{name} can only take non-owning or refcounted bpf_rb_node pointer")]
    NoNode { name: &'static str },
    /// A tree must not be changed while it compares.
    #[error("{name} not allowed in rbtree cb")]
    InTreeCallback { name: &'static str },
    /// A tree's lock stays held while it compares.
    #[error("can't spin_{{lock,unlock}} in rbtree cb")]
    LockInTreeCallback,
    /// The node is of a structure that the collection does not hold.
    #[error(
        "operation on {root} expects arg#1 {node} at offset={place} in struct {owner}, but arg is at offset={off} in \
         struct {is}"
    )]
    OtherElement { root: &'static str, node: &'static str, place: u32, owner: String, off: u32, is: String },
    /// The node is another one of the structure's.
    #[error("arg#1 offset={off}, but expected {node} at offset={place} in struct {owner}")]
    OtherNode { off: u32, node: &'static str, place: u32, owner: String },
    /// The object does not count its references.
    #[error("arg#{arg} doesn't point to a type with bpf_refcount field")]
    NotCounted { arg: usize },
    /// The object has nothing of the kernel's in it.
    #[error("verifier bug: Couldn't find btf_record")]
    NoRecord,
    /// The function cannot be called back.
    #[error("{why}kfunc {name}#{id} failed callback verification")]
    Callback { why: String, name: &'static str, id: i32 },
    /// The argument must be a function of the program.
    #[error("arg{arg} expected pointer to func")]
    NoFunc { arg: usize },
    /// The argument must be a string that nobody writes.
    #[error("arg#{arg} doesn't point to a const string")]
    NoString { arg: usize },
    /// The argument must be in a map's value.
    #[error("arg#{arg} doesn't point to a map value")]
    NoMapValue { arg: usize },
    /// The argument must be a saved interrupt flag, or room for one.
    #[error("arg#{arg} doesn't point to an irq flag on stack")]
    NoIrqFlag { arg: usize },
    /// The argument must be a lock.
    #[error("arg#{arg} doesn't point to map value or allocated object")]
    NoResLock { arg: usize },
    /// Objects need the program's types.
    #[error("bpf_obj_new/bpf_percpu_obj_new requires prog BTF")]
    NewWithoutTypes,
    /// An object must be a structure.
    #[error("bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct")]
    NewNoStruct,
    /// A number that is no type's.
    #[error("local type ID argument must be in range [0, U32_MAX]")]
    NewTypeRange,
    /// A per-CPU object that is too large.
    #[error("bpf_percpu_obj_new type size ({size}) is greater than 512")]
    NewPercpuSize { size: u32 },
    /// A per-CPU object with something else than numbers.
    #[error("bpf_percpu_obj_new type ID argument must be of a struct of scalars")]
    NewPercpuPlain,
    /// A per-CPU object with a lock or the like.
    #[error("bpf_percpu_obj_new type ID argument must not contain special fields")]
    NewPercpuFields,
    /// A type that the kernel does not have.
    #[error("Unknown type ID {id} passed to kfunc bpf_rdonly_cast")]
    CastUnknown { id: i64 },
    /// A cast to something else than a structure.
    #[error("kfunc bpf_rdonly_cast type ID argument must be of a struct{}", if *.void { " or void" } else { "" })]
    CastNoStruct {
        /// Whether it may be void, too.
        void: bool,
    },
    /// The program must not change the packet.
    #[error("the prog does not allow writes to packet data")]
    PacketReadOnly,
    /// Iterators over the tasks of a control group are for few programs.
    #[error("css_task_iter is only allowed in bpf_lsm, bpf_iter and sleepable progs")]
    CssTask,

    /// The argument must be an iterator, or room for one.
    #[error("arg#{arg} expected pointer to an iterator on stack")]
    NoIterator { arg: usize },
    /// An iterator that is not known.
    #[error("expected valid iter pointer as arg #{arg}")]
    BadIterator { arg: usize },
    /// An iterator is there already.
    #[error("expected uninitialized iter_{name} as arg #{arg}")]
    IteratorInitialized { name: &'static str, arg: usize },
    /// No iterator of the kind is there.
    #[error("expected an initialized iter_{name} as arg #{arg}")]
    IteratorExpected { name: &'static str, arg: usize },
    /// The iterator is good in an RCU read section only.
    #[error("expected an RCU CS when using {name}")]
    IteratorRcu { name: &'static str },

    /// The argument must be a dynptr, or room for one.
    #[error("arg#{arg} expected pointer to stack or const struct bpf_dynptr")]
    NoDynptr { arg: usize },
    /// There is no room for a dynptr.
    #[error("Dynptr has to be an uninitialized dynptr")]
    DynptrInitialized,
    /// The dynptr is not the program's to change.
    #[error("cannot pass pointer to const bpf_dynptr, the helper mutates it")]
    DynptrConst,
    /// No dynptr is there.
    #[error("Expected an initialized dynptr as arg #{arg}")]
    DynptrExpected { arg: usize },
    /// A dynptr of another kind.
    #[error("Expected a dynptr of type {kind} as arg #{arg}")]
    DynptrKind { kind: &'static str, arg: usize },
    /// The dynptr must be given back first.
    #[error("cannot overwrite referenced dynptr")]
    DynptrOverwritten,

    /// Where the lock is must be known.
    #[error("{} doesn't have constant offset. {name}_lock has to be at the constant offset", R(*.reg))]
    LockOffset { reg: Reg, name: &'static str },
    /// The value has no lock.
    #[error("{what} '{owner}' has no valid {name}_lock")]
    NoLock { what: &'static str, owner: String, name: &'static str },
    /// The lock is elsewhere in the value.
    #[error("off {off} doesn't point to 'struct {name}_lock' that is at {place}")]
    NotLock { off: i64, name: &'static str, place: u32 },
    /// One at a time.
    #[error("Locking two bpf_spin_locks are not allowed")]
    TwoLocks,
    /// The lock is held.
    #[error("Acquiring the same lock again, AA deadlock detected")]
    SameLock,
    /// No lock is held.
    #[error("{name}_unlock without taking a lock")]
    NotLocked { name: &'static str },
    /// Another lock is held.
    #[error("{name}_unlock of different lock")]
    OtherLock { name: &'static str },
    /// Another lock was taken since.
    #[error("{name}_unlock cannot be out of order")]
    LockOrder { name: &'static str },
    /// The map was made without types.
    #[error("map '{map}' has to have BTF in order to use {what}")]
    NoTypes { map: String, what: String },
    /// Where the field is must be known.
    #[error("{} doesn't have constant offset. {what} has to be at the constant offset", R(*.reg))]
    FieldOffset { reg: Reg, what: &'static str },
    /// The value has no such field.
    #[error("map '{map}' has no valid {what}")]
    NoField { map: String, what: &'static str },
    /// The field is elsewhere in the value.
    #[error("off {off} doesn't point to 'struct {what}' that is at {place}")]
    NotField { off: i64, what: &'static str, place: u32 },

    /// An interrupt flag is there already.
    #[error("expected uninitialized irq flag as arg#{arg}")]
    IrqFlagInitialized { arg: usize },
    /// No interrupt flag is there.
    #[error("expected an initialized irq flag as arg#{arg}")]
    IrqFlagExpected { arg: usize },
    /// Saved by one pair of functions, restored by another.
    #[error("irq flag acquired by {saved} kfuncs cannot be restored with {restored} kfuncs")]
    IrqClass { saved: &'static str, restored: &'static str },
    /// Interrupts are restored in the reverse order.
    #[error("cannot restore irq state out of order, expected id={id} acquired at insn_idx={insn}")]
    IrqOrder { id: u32, insn: u32 },
}

fn other_allocation(other: bool) -> &'static str {
    if other { "held lock and object are not in the same allocation\n" } else { "" }
}
