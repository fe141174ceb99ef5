//! What the writer knows of registers and stack: enough to write programs that mostly pass, not a verifier.

/// What a register holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ty {
    /// Nothing that may be read.
    Unset,
    /// A number, and the largest that it can be; `u64::MAX` when nothing is known.
    Number(u64),
    /// The context.
    Ctx,
    /// The frame pointer plus so much.
    Stack(i16),
    /// A packet pointer: which of [`State::readable`] tells what may be read, and how far it is beyond that one's start.
    Packet { base: u8, off: u16 },
    /// The packet's end.
    PacketEnd,
    /// So many bytes of a map value, a record or a caller's stack, and how far into them.
    Mem { size: u32, off: u32, write: bool, record: bool },
    /// The same, or null.
    MaybeMem { size: u32, write: bool, record: bool },
    /// A map of the pool.
    Map(usize),
    /// A socket that must be released; or null.
    Socket,
    /// See [`Ty::Socket`].
    MaybeSocket,
}

impl Ty {
    /// Whether it is a pointer that memory can be reached through.
    pub fn is_pointer(self) -> bool {
        !matches!(self, Ty::Unset | Ty::Number(_))
    }
}

/// Slots of the stack that are used, of eight bytes each.
pub const SLOTS: usize = 16;

/// Eight bytes of the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Slot {
    /// A bit for each byte that was written.
    pub set: u8,
    /// A pointer that was spilled.
    pub spilled: Option<Ty>,
    /// Whether something lives there that must not be overwritten.
    pub kept: bool,
}

/// Bases of packet pointers that are told apart.
pub const BASES: usize = 4;

/// Registers and stack at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// The registers.
    pub regs: [Ty; 11],
    /// The stack, from the frame pointer down.
    pub stack: [Slot; SLOTS],
    /// Bytes from each base that were compared with the end.
    pub readable: [u16; BASES],
    /// Registers that must stay as they are.
    pub pinned: u16,
}

impl State {
    /// At the start of a function with these arguments.
    pub fn new(args: &[Ty]) -> State {
        let mut regs = [Ty::Unset; 11];
        for (reg, arg) in regs[1..=5].iter_mut().zip(args) {
            *reg = *arg;
        }
        regs[10] = Ty::Stack(0);
        State { regs, stack: [Slot::default(); SLOTS], readable: [0; BASES], pinned: 0 }
    }

    /// What holds on both of two ways here.
    pub fn join(&self, other: &State) -> State {
        let mut out = self.clone();
        for (mine, theirs) in out.regs.iter_mut().zip(other.regs) {
            *mine = match (*mine, theirs) {
                (a, b) if a == b => a,
                (Ty::Number(a), Ty::Number(b)) => Ty::Number(a.max(b)),
                _ => Ty::Unset,
            };
        }
        for (mine, theirs) in out.stack.iter_mut().zip(other.stack) {
            mine.set &= theirs.set;
            if mine.spilled != theirs.spilled {
                *mine = Slot { kept: mine.kept, ..Slot::default() };
            }
        }
        for (mine, theirs) in out.readable.iter_mut().zip(other.readable) {
            *mine = (*mine).min(theirs);
        }
        out
    }

    /// Forgets all but what a loop does not change: pinned registers and the stack's bytes.
    pub fn forget(&mut self) {
        for (at, reg) in self.regs.iter_mut().enumerate().take(10) {
            if self.pinned & (1 << at) == 0 {
                *reg = Ty::Unset;
            } else if matches!(reg, Ty::Number(_)) {
                *reg = Ty::Number(u64::MAX);
            }
        }
        for slot in &mut self.stack {
            if slot.spilled.take().is_some() {
                slot.set = 0;
            }
        }
    }

    /// After a call: arguments are gone.
    pub fn called(&mut self, result: Ty) {
        self.regs[0] = result;
        self.regs[1..=5].fill(Ty::Unset);
    }

    /// After the packet moved: pointers into it are stale.
    pub fn packet_moved(&mut self) {
        let stale = |ty: Ty| matches!(ty, Ty::Packet { .. } | Ty::PacketEnd);
        for reg in &mut self.regs {
            if stale(*reg) {
                *reg = Ty::Unset;
            }
        }
        for slot in &mut self.stack {
            if slot.spilled.is_some_and(stale) {
                *slot = Slot { kept: slot.kept, ..Slot::default() };
            }
        }
    }

    /// Whether bytes of the stack were all written, and hold numbers.
    pub fn is_set(&self, off: i16, size: usize) -> bool {
        (0..size as i16).all(|at| {
            let (slot, bit) = place(off + at);
            self.stack.get(slot).is_some_and(|s| s.set & bit != 0 && s.spilled.is_none())
        })
    }

    /// Notes that bytes of the stack were written with numbers.
    pub fn set(&mut self, off: i16, size: usize) {
        for at in 0..size as i16 {
            let (slot, bit) = place(off + at);
            if let Some(slot) = self.stack.get_mut(slot) {
                if slot.spilled.take().is_some() {
                    slot.set = 0;
                }
                slot.set |= bit;
            }
        }
    }
}

/// The slot of the byte at `off` from the frame pointer, and its bit.
fn place(off: i16) -> (usize, u8) {
    let below = -1 - off;
    ((below / 8).max(0) as usize, 1 << (7 - (below % 8).unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_the_stack_are_known_one_by_one() {
        let mut state = State::new(&[]);
        state.set(-4, 4);
        assert!(state.is_set(-4, 4) && state.is_set(-2, 1));
        assert!(!state.is_set(-8, 8) && !state.is_set(-12, 4));
        state.set(-16, 12);
        assert!(state.is_set(-16, 16));
    }

    #[test]
    fn joining_keeps_what_both_know() {
        let mut a = State::new(&[Ty::Ctx, Ty::Number(3)]);
        let mut b = State::new(&[Ty::Number(0), Ty::Number(9)]);
        a.set(-8, 8);
        b.set(-8, 4);
        let joined = a.join(&b);
        assert_eq!((joined.regs[1], joined.regs[2]), (Ty::Unset, Ty::Number(9)));
        assert!(joined.is_set(-8, 4) && !joined.is_set(-4, 4));
    }
}
