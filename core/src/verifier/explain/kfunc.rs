//! Kernel functions, and what they and some helpers work on: iterators, dynptrs, locks, timers.

use super::call::argument;
use super::{Told, told};
use crate::verifier::finding::{KfuncFinding, R};

const RELEASE: &str = "Release only what an acquiring function returned, once, and do not use it afterwards.";
const OBJECT: &str = "Objects come from `bpf_obj_new` and go back with `bpf_obj_drop`, or into a collection.";
const GRAPH: &str = "Declare the list or tree beside its `struct bpf_spin_lock`, with `__contains(TYPE, NODE)`; take the \
                     lock first, pass `&object->NODE`, and use what is in the collection only until the lock is given \
                     back.";
const ITERATOR: &str = "Declare the iterator on the stack, begin with `bpf_iter_…_new`, call `…_next` until it returns \
                        null, and end with `…_destroy` on every path; `bpf_for_each` does all of it.";
const DYNPTR: &str = "Declare `struct bpf_dynptr` on the stack and pass its address; make it once, and give a record of a \
                      ring buffer back before its dynptr is made anew.";
const LOCK: &str = "Keep the lock at a fixed place of the map's value (`struct bpf_spin_lock lock;`), take one at a time, \
                    and release the same one on every path.";
const FIELD: &str = "Declare the field in the map's value with its own type (`struct bpf_timer`, `struct bpf_wq`, …), \
                     compile with `-g`, and pass its address as it is.";
const IRQ: &str = "Keep the flag on the stack; restore what was saved with the function of the same pair, the last saved \
                   first.";

pub(super) fn explain(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    match finding {
        F::NotAllowed { .. } | F::Missing | F::Trap | F::Callback { .. } => call(finding),
        F::Sleepable { .. } | F::SleepsIn { .. } | F::NeedsRcu { .. } | F::RcuUnlock { .. } | F::RcuNested { .. } => {
            region(finding)
        }
        F::PreemptEnable { .. } | F::CssTask | F::PacketReadOnly => region(finding),
        F::NoRelease { .. } | F::NotAcquired { .. } | F::OtherDrop { .. } | F::NotOwned => release(finding),
        F::NewWithoutTypes | F::NewNoStruct | F::NewTypeRange | F::NewPercpuSize { .. } => object(finding),
        F::NewPercpuPlain | F::NewPercpuFields | F::NotCounted { .. } | F::NoRecord => object(finding),
        F::NoGraphField { .. } | F::RootUnlocked { .. } | F::NoNode { .. } | F::InTreeCallback { .. } => graph(finding),
        F::LockInTreeCallback | F::OtherElement { .. } | F::OtherNode { .. } => graph(finding),
        F::CastUnknown { .. } | F::CastNoStruct { .. } => object(finding),
        F::NoIterator { .. } | F::BadIterator { .. } | F::IteratorInitialized { .. } => iterator(finding),
        F::IteratorExpected { .. } | F::IteratorRcu { .. } => iterator(finding),
        F::NoDynptr { .. } | F::DynptrInitialized | F::DynptrConst | F::DynptrExpected { .. } => dynptr(finding),
        F::DynptrKind { .. } | F::DynptrOverwritten => dynptr(finding),
        F::LockOffset { .. } | F::NoLock { .. } | F::NotLock { .. } | F::TwoLocks | F::SameLock => lock(finding),
        F::NotLocked { .. } | F::OtherLock { .. } | F::LockOrder { .. } => lock(finding),
        F::NoTypes { .. } | F::FieldOffset { .. } | F::NoField { .. } | F::NotField { .. } => field(finding),
        F::OtherMap { .. } | F::OtherMapWork { .. } => field(finding),
        F::IrqFlagInitialized { .. } | F::IrqFlagExpected { .. } | F::IrqClass { .. } | F::IrqOrder { .. } => {
            irq(finding)
        }
        F::MayBeNull { arg } => told(
            "null-check",
            "A pointer that may be null is used without a check",
            format!("Argument {arg} may be null, and the function takes no null there."),
            "Check it first, `if (!p) return 0;`, on every path that leads to the call.",
        ),
        F::NotConstant { reg } => told(
            "constant-argument",
            "An argument must be a constant",
            format!("{} must be a constant here, and may have several values.", R(*reg)),
            "Pass a constant; call in each branch when there are several.",
        ),
        F::MemorySize { why, arg, next } => told(
            "size-bounds",
            "A size has no usable bounds",
            format!("Argument {arg} is memory, argument {next} its size, and they do not fit: {}.", first_line(why)),
            "Bound the size right before the call, and pass memory that is that large.",
        ),
        F::NotScalar { reg } => argument(format!("{} must be a number here.", R(*reg))),
        F::NotContext { arg, ty } => argument(format!("Argument {arg} must be the context, and is `{ty}`.")),
        F::NoContextType { id } => {
            argument(format!("The context of this type of program is not known as a structure (type {id})."))
        }
        F::NotTrusted { reg } => argument(format!("The kernel does not vouch for the pointer in {}.", R(*reg))),
        F::NotRcu { reg } => argument(format!("{} must be good within an RCU read section.", R(*reg))),
        F::NoMap { reg } => argument(format!("{} must be a map.", R(*reg))),
        F::NoStruct { arg, ty, expected } => {
            argument(format!("Argument {arg} is `{ty}`, and must be `{expected}` or a socket."))
        }
        F::OtherStruct { name, arg, expected, reg, is } => argument(format!(
            "Argument {arg} of `{name}` must point to `{expected}`, and {} points to `{is}`.",
            R(*reg)
        )),
        F::NotMemory { arg, ty, void } => {
            argument(format!("Argument {arg} is `{ty}`, and must point to {void}numbers or a structure of numbers."))
        }
        F::NotSupported { name, arg, ty } => {
            argument(format!("Argument {arg} of `{name}` is `{ty}`, and a pointer to a structure is passed."))
        }
        F::NoObject { arg } => argument(format!("Argument {arg} must be an object of the program's own.")),
        F::NoReference { arg } => {
            argument(format!("Argument {arg} must be an object of the program's own, or an element of a collection."))
        }
        F::NoCollection { arg } | F::NoResLock { arg } => {
            argument(format!("Argument {arg} must be in a map's value or in an object of the program's own."))
        }
        F::NoFunc { arg } => argument(format!("Argument {arg} must be a function of the program.")),
        F::NoString { arg } => argument(format!("Argument {arg} must be a constant string.")),
        F::NoMapValue { arg } => argument(format!("Argument {arg} must be in a map's value.")),
        F::NoIrqFlag { arg } => argument(format!("Argument {arg} must be a saved interrupt flag on the stack.")),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Functions that cannot be called at all.
fn call(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let unknown = |what: String| {
        told(
            "kfunc-unknown",
            "A kernel function that cannot be called here",
            what,
            "Look up which programs may call it and since which kernel; declare it `extern … __ksym` and, when it need \
             not be there, `__weak`, and ask with `bpf_ksym_exists`.",
        )
    };
    match finding {
        F::NotAllowed { name } => {
            unknown(format!("`{name}` is not for this type of program, or this kernel does not have it."))
        }
        F::Missing => unknown("The function is missing in this kernel, and a path comes to its call.".to_owned()),
        F::Callback { why, name, id } => {
            let why = if why.is_empty() { "where the tree is cannot be told" } else { first_line(why) };
            unknown(format!("The function that `{name}` (number {id}) would call back cannot be followed: {why}."))
        }
        _ => told(
            "compiler-trap",
            "The compiler put a trap here",
            "What comes here depends on something that has no value, so that the compiler stopped.",
            "Give every variable a value before it is used; compiler warnings tell where (`-Wuninitialized`).",
        ),
    }
}

/// Functions called in the wrong kind of section or program.
fn region(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let sleeping = |what: String| {
        let cure = "Call it before or after, or load the program as a sleepable one (sections in `.s`).";
        told("sleeping-call", "A call that may sleep where nothing may", what, cure)
    };
    let unbalanced = |what: String| {
        let cure = "Enter a section once and leave it once on every path.";
        told("region-balance", "A section is not entered and left in pairs", what, cure)
    };
    match finding {
        F::Sleepable { name } => {
            sleeping(format!("`{name}` may sleep, and the program is not loaded as one that may."))
        }
        F::SleepsIn { name, place } => sleeping(format!("`{name}` may sleep, and this is within {place}.")),
        F::NeedsRcu { name } => told(
            "rcu-section",
            "A call outside of an RCU read section",
            format!("`{name}` is only safe between `bpf_rcu_read_lock` and `bpf_rcu_read_unlock`."),
            "Put the call and the use of its result into such a section.",
        ),
        F::RcuUnlock { name } => unbalanced(format!("`{name}` leaves an RCU read section that was not entered.")),
        F::RcuNested { name } => unbalanced(format!("`{name}` enters an RCU read section within another.")),
        F::PreemptEnable { name } => unbalanced(format!("`{name}` without `bpf_preempt_disable` before.")),
        F::PacketReadOnly => told(
            "packet-read-only",
            "Packet data is written by a program that may only read it",
            "The function gives a slice of the packet for writing, and the program may not write packets.",
            "Use `bpf_dynptr_slice`, or a program that may change packets.",
        ),
        _ => told(
            "kfunc-not-here",
            "A kernel function that this program may not use",
            "Iterators over the tasks of a control group are for LSM, iterator and sleepable programs.",
            "Use a type of program that may, or do without it.",
        ),
    }
}

/// What is given back.
fn release(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let what = match finding {
        F::NoRelease { name } => format!("`{name}` gives back something that has to be given back, and this is not."),
        F::NotAcquired { name, id } => {
            format!("`{name}` (number {id}) gives back what was not acquired on this path, or was given back already.")
        }
        F::OtherDrop { arg, function } => format!("Argument {arg} is given back with `{function}`."),
        _ => "The object belongs to a collection or to nobody, and not to the program.".to_owned(),
    };
    told("release-unowned", "Something is given back that is not held", what, RELEASE)
}

/// Objects of the program's own, and casts.
fn object(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let new = |what: String| told("object-type", "An object of a type that cannot be had", what, OBJECT);
    let cast = |what: String| {
        let cure = "Take the type's number with `bpf_core_type_id_kernel(struct …)`.";
        told("cast-type", "A cast to a type that cannot be had", what, cure)
    };
    match finding {
        F::NewWithoutTypes => new("The object has no types of its own: compile with `-g`.".to_owned()),
        F::NewNoStruct => new("The type is not a structure.".to_owned()),
        F::NewTypeRange => new("The number given is no type's.".to_owned()),
        F::NewPercpuSize { size } => new(format!("A per-CPU object may have 512 bytes, and this has {size}.")),
        F::NewPercpuPlain => new("A per-CPU object is of numbers alone, and this has something else.".to_owned()),
        F::NewPercpuFields => new("A per-CPU object has no locks, nodes or kernel pointers, and this has.".to_owned()),
        F::NotCounted { arg } => new(format!("Argument {arg} has no `struct bpf_refcount` that would be counted.")),
        F::NoRecord => new("The object has no `struct bpf_refcount` that would be counted.".to_owned()),
        F::CastUnknown { id } => cast(format!("The kernel has no type {id}.")),
        _ => cast("The type is not a structure.".to_owned()),
    }
}

/// Lists and trees of objects.
fn graph(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let what = match finding {
        F::NoGraphField { name, off } => format!("There is no `{name}` at offset {off}."),
        F::RootUnlocked { other: true, place, name } => {
            format!("A lock is held, but not the one at offset {place} beside this very `{name}`.")
        }
        F::RootUnlocked { place, name, .. } => {
            format!("The lock at offset {place} beside the `{name}` must be held, and no lock is.")
        }
        F::NoNode { name } => format!("`{name}` takes a node that is in the tree, or of an object that is counted."),
        F::InTreeCallback { name } => format!("`{name}` would change the tree while it compares its elements."),
        F::LockInTreeCallback => "The tree's lock is held while it compares its elements, and must stay so.".to_owned(),
        F::OtherElement { root, node, place, owner, off, is } => format!(
            "The `{root}` holds `struct {owner}`, by the `{node}` at offset {place}; this is offset {off} of `struct {is}`."
        ),
        F::OtherNode { off, node, place, owner } => format!(
            "The collection holds `struct {owner}` by the `{node}` at offset {place}, and the one at {off} is passed."
        ),
        _ => String::new(),
    };
    told("collection", "A list or tree is not used as it must be", what, GRAPH)
}

fn iterator(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let what = match finding {
        F::NoIterator { arg } => format!("Argument {arg} must be the address of an iterator on the stack."),
        F::BadIterator { arg } => format!("Argument {arg} is an iterator of no kind that is known."),
        F::IteratorInitialized { name, arg } => {
            format!("Argument {arg}: there is a `{name}` iterator in this place that was not ended.")
        }
        F::IteratorExpected { name, arg } => {
            format!("Argument {arg}: there is no `{name}` iterator in this place, or it was ended already.")
        }
        F::IteratorRcu { name } => format!("`{name}` iterators are only good within an RCU read section."),
        _ => String::new(),
    };
    told("iterator", "An iterator is not used as it must be", what, ITERATOR)
}

fn dynptr(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let what = match finding {
        F::NoDynptr { arg } => format!("Argument {arg} must be the address of a dynptr on the stack."),
        F::DynptrInitialized => "There is a dynptr, or part of one, where a new one is to be made.".to_owned(),
        F::DynptrConst => "The dynptr was only lent, and the helper would change it.".to_owned(),
        F::DynptrExpected { arg } => format!("Argument {arg}: there is no dynptr in this place, or it is void by now."),
        F::DynptrKind { kind, arg } => format!("Argument {arg} must be a dynptr of the kind {kind}."),
        _ => "The dynptr holds a record that has to be given back before its place is overwritten.".to_owned(),
    };
    told("dynptr", "A dynptr is not used as it must be", what, DYNPTR)
}

fn lock(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let what = match finding {
        F::LockOffset { reg, name } => format!("The offset of the `{name}_lock` in {} is not a constant.", R(*reg)),
        F::NoLock { what, owner, name } => format!("The {what} `{owner}` has no `{name}_lock`."),
        F::NotLock { off, name, place } => format!("The `{name}_lock` is at offset {place}, and {off} is passed."),
        F::TwoLocks => "A lock is held already.".to_owned(),
        F::SameLock => "This very lock is held already, and nobody else could release it.".to_owned(),
        F::NotLocked { name } => format!("`{name}_unlock`, and no lock is held on this path."),
        F::OtherLock { name } => format!("`{name}_unlock` of a lock that is not the one that is held."),
        F::LockOrder { name } => format!("`{name}_unlock` of a lock after which another was taken."),
        _ => String::new(),
    };
    told("lock", "A lock is not used as it must be", what, LOCK)
}

fn field(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let what = match finding {
        F::NoTypes { map, what } => {
            format!("The map `{map}` was made without types, so that no {what} is known in it.")
        }
        F::FieldOffset { reg, what } => format!("The offset of the {what} in {} is not a constant.", R(*reg)),
        F::NoField { map, what } => format!("The values of the map `{map}` have no {what}."),
        F::NotField { off, what, place } => format!("The {what} is at offset {place}, and {off} is passed."),
        F::OtherMap { first, second } | F::OtherMapWork { first, second } => {
            format!(
                "The field is in a value of one look-up ({first}), and the map that is passed is another ({second})."
            )
        }
        _ => String::new(),
    };
    told("map-field", "A field of a map's value is not where it must be", what, FIELD)
}

fn irq(finding: &KfuncFinding) -> Told {
    use KfuncFinding as F;
    let what = match finding {
        F::IrqFlagInitialized { arg } => format!("Argument {arg}: there is a saved flag that was not restored."),
        F::IrqFlagExpected { arg } => format!("Argument {arg}: there is no saved flag in this place."),
        F::IrqClass { saved, restored } => {
            format!("The flag was saved by {saved} functions, and {restored} restore it.")
        }
        F::IrqOrder { id, insn } => format!("The flag that instruction {insn} saved (id {id}) must be restored first."),
        _ => String::new(),
    };
    told("irq-flag", "Interrupts are not restored as they were saved", what, IRQ)
}
