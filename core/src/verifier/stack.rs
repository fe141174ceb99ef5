//! The stack of one frame: eight-byte slots, each byte of a kind, and what was spilled into the slot.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::reg::RegState;

/// What a byte of the stack holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[allow(missing_docs, reason = "the names are the kernel's own, less their STACK")]
pub enum SlotType {
    #[default]
    Invalid,
    Spill,
    Misc,
    Zero,
    Dynptr,
    Iter,
    IrqFlag,
}

impl SlotType {
    /// The letter that the log has for it.
    pub const fn letter(self) -> char {
        match self {
            SlotType::Invalid => '?',
            SlotType::Spill => 'r',
            SlotType::Misc => 'm',
            SlotType::Zero => '0',
            SlotType::Dynptr => 'd',
            SlotType::Iter => 'i',
            SlotType::IrqFlag => 'f',
        }
    }
}

/// Bytes of a slot.
pub const SLOT: usize = 8;
/// Bytes of stack that a frame may use.
pub const MAX_STACK: i32 = 512;

/// Eight bytes of stack, in order of their distance from the frame pointer: byte `b` of slot `s` is at
/// `fp - 8 * s - 1 - b`. A spilled register's lowest byte (little-endian: the lowest address) is therefore in `types[7]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StackSlot {
    /// What each byte holds.
    pub types: [SlotType; SLOT],
    /// The register that was spilled here, where `types[7]` says so (for dynptrs and iterators: their state).
    pub spilled: RegState,
}

impl StackSlot {
    /// Never written.
    pub const INVALID: StackSlot = StackSlot { types: [SlotType::Invalid; SLOT], spilled: RegState::NOT_INIT };

    /// Whether a register was spilled here, all of it or its lower bytes.
    pub fn is_spilled(&self) -> bool {
        self.types[SLOT - 1] == SlotType::Spill
    }

    /// Whether it is a number that was spilled.
    pub fn is_spilled_scalar(&self) -> bool {
        self.is_spilled() && self.spilled.is_scalar()
    }
}

/// The slots of a frame, slot 0 next to the frame pointer.
///
/// A full stack is several kilobytes, and a verification keeps tens of thousands of states, most of which have the stack
/// of the state before. So copies share their slots until one of them is changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Slots(Arc<Vec<StackSlot>>);

impl Slots {
    /// Makes it that many slots; new ones were never written.
    pub fn resize(&mut self, slots: usize) {
        if slots != self.len() {
            Arc::make_mut(&mut self.0).resize(slots, StackSlot::INVALID);
        }
    }

    /// Applies `change` to every spilled register, told with the number of its slot.
    pub fn each_spilled(&mut self, mut change: impl FnMut(usize, &mut RegState)) {
        for i in 0..self.len() {
            if !self[i].is_spilled() {
                continue;
            }
            let mut spilled = self[i].spilled;
            change(i, &mut spilled);
            if self[i].spilled != spilled {
                self[i].spilled = spilled;
            }
        }
    }

    /// Whether this is the same memory as `other`.
    pub fn is_shared_with(&self, other: &Slots) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Slots {
    type Target = [StackSlot];

    fn deref(&self) -> &[StackSlot] {
        &self.0
    }
}

/// Whoever borrows it so has slots of its own: ask first whether there is something to change.
impl DerefMut for Slots {
    fn deref_mut(&mut self) -> &mut [StackSlot] {
        Arc::make_mut(&mut self.0).as_mut_slice()
    }
}
