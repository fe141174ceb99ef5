//! The simulated map store: what bpf(2) and the map helpers do, without a kernel.
//!
//! A [`MapStore`] owns every map of a machine, by [`MapId`](crate::kernel::MapId). Each family is a file with one type that implements one
//! trait (`family`): it decides where an entry goes and what an error is. What families share is beside it:
//!
//! | file | holds |
//! |---|---|
//! | `family` | the trait, and what a family is given to work on |
//! | `slab` | the bytes of a map's values, by offset: what pointers of programs point into |
//! | `index`, `list` | keys by slot, order of insertion |
//! | `slots` | which slot a new entry gets |
//! | `journal` | every change as a small edit that can be undone and redone |
//! | `check` | what a definition must fulfil, and [`MapError`] |
//! | `heap`, `tree`, `timers` | what programs allocate, and trees of it; timers in values |
//! | `store` | the store itself; its calls by who makes them: `prog_calls`, `user_calls`, `ringbuf_calls` |
//!
//! **Values and addresses.** A look-up gives a [`ValueRef`], an offset in the map's value region, which stays valid for
//! ever: [`value`](MapStore::value) and [`value_mut`](MapStore::value_mut) read and write there. As in the kernel a
//! pointer to an entry that was deleted or replaced afterwards still points at memory of the map, at the old value
//! until the slot is used again; programs rely on the former. [`locate`](MapStore::locate) tells what an offset is.
//!
//! **Time travel.** With [`start_journal`](MapStore::start_journal) every call records its changes;
//! [`revert`](MapStore::revert) undoes them, last first, exactly: slots, free lists and order included.
//!
//! **Memory.** Arrays, queues and ring buffers are charged in full at creation, as in the kernel. Hash-like maps are
//! charged as they grow, preallocated or not: the limit is met by the insertion that is too much, with `ENOMEM`.
//! Only a preallocated one whose values would not even fit a region of 4 GiB is refused at creation.
//!
//! **Order.** Keys of a hash come in order of insertion; the kernel's order is random. Those of a trie come as in the
//! kernel.
//!
//! Maps of types that are not simulated can be created too, and hold nothing (`absent`).
//!
//! **Fields of the kernel's** in values (locks, timers): programs and user space do not store to them, and read zeroes.

mod absent;
mod array;
mod bloom;
mod check;
mod family;
mod group_storage;
mod hash;
mod heap;
mod index;
mod jhash;
mod journal;
mod list;
mod lpm;
mod lru;
mod prog_calls;
mod queue;
mod refs;
mod ringbuf;
mod ringbuf_calls;
mod slab;
mod slots;
mod sockets;
mod storage;
mod store;
mod targets;
#[cfg(test)]
mod tests;
mod timers;
mod tree;
mod user_calls;
mod user_ringbuf;

pub use absent::map_type_runs;
pub use check::{MapError, MapProblem, check};
pub(crate) use heap::ListPlace;
pub(crate) use journal::Edit;
pub use journal::MapChange;
pub use ringbuf::RingbufQuery;
pub use store::{Access, Limits, MapStore, Place, ValueRef};
pub(crate) use targets::Target;
pub(crate) use timers::{FieldPlace, TimerFunc};
pub(crate) use tree::Side;
