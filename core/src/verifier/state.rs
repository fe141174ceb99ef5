//! A state of the program: what is known of every frame's registers and stack, and of what the program holds.

use super::reg::RegState;
use super::stack::{SLOT, Slots};
use crate::isa::{Pc, Reg};

/// Registers of a frame.
pub const REGS: usize = 11;
/// Frames at most.
pub const MAX_FRAMES: usize = 8;

/// A range that a return value must be in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetRange {
    /// Least.
    pub min: i32,
    /// Most.
    pub max: i32,
}

/// One function's activation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// `r0` to `r10`.
    pub regs: [RegState; REGS],
    /// The stack; grows as it is used.
    pub stack: Slots,
    /// Slots behind those of a kept state that hold nothing that matters, and were left out.
    pub left_out: u8,
    /// The call that made the frame; `None` for the entry function's.
    pub callsite: Option<Pc>,
    /// Number of the function.
    pub subprog: u32,
    /// 0 for the entry function's frame.
    pub frameno: u32,
    /// Whether a helper calls the function back.
    pub in_callback: bool,
    /// Whether it is called back later (a timer's or a work queue's function).
    pub in_async_callback: bool,
    /// How often this callback was entered on this path without a change that would matter.
    pub callback_depth: u32,
    /// What a callback may return.
    pub callback_ret: RetRange,
    /// How often an asynchronous callback was entered.
    pub async_entry_cnt: u32,
}

impl Frame {
    /// A frame whose registers hold nothing but the frame pointer.
    pub fn new(callsite: Option<Pc>, frameno: u32, subprog: u32) -> Frame {
        let mut regs = [RegState::NOT_INIT; REGS];
        regs[Reg::R10.index()] = RegState::frame_pointer(frameno);
        Frame {
            regs,
            stack: Slots::default(),
            left_out: 0,
            callsite,
            subprog,
            frameno,
            in_callback: false,
            in_async_callback: false,
            callback_depth: 0,
            callback_ret: RetRange { min: 0, max: 0 },
            async_entry_cnt: 0,
        }
    }

    /// The register.
    pub fn reg(&self, reg: Reg) -> &RegState {
        &self.regs[reg.index()]
    }

    /// The register, to be changed.
    pub fn reg_mut(&mut self, reg: Reg) -> &mut RegState {
        &mut self.regs[reg.index()]
    }

    /// Makes room for the byte at `fp + off`, `off` being negative.
    pub fn grow_stack(&mut self, bytes: i32) {
        let slots = (bytes.max(0) as usize).div_ceil(SLOT);
        if slots > self.stack.len() {
            self.stack.resize(slots);
        }
    }
}

/// Kinds of things that a program holds and must give back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefKind {
    /// An object: a socket, a ring buffer record, a kernel object.
    Object,
    /// Interrupts that were disabled.
    Irq,
    /// A `bpf_spin_lock`; `ptr` tells which map value it is in.
    Lock,
    /// A `bpf_res_spin_lock`.
    ResLock,
    /// A `bpf_res_spin_lock` taken with interrupts disabled.
    ResLockIrq,
}

/// Something held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// Kind.
    pub kind: RefKind,
    /// Its id; pointers that depend on it carry it as `ref_obj_id`.
    pub id: u32,
    /// The call that acquired it.
    pub insn: Pc,
    /// For locks: the map (its id + 1) or 0 for an allocated object; with `id` it tells locks apart.
    pub ptr: u32,
}

/// What is held at a point of a path.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Refs {
    /// Everything held, in order.
    pub held: Vec<Held>,
    /// Locks among them.
    pub active_locks: u32,
    /// `bpf_preempt_disable` without its `enable`.
    pub active_preempt_locks: u32,
    /// Whether within `bpf_rcu_read_lock`.
    pub active_rcu_lock: bool,
    /// The last saved interrupt flag; 0 is none.
    pub active_irq_id: u32,
    /// The innermost lock's id and `ptr`.
    pub active_lock: (u32, u32),
}

/// A place in a path's history that precision tracking goes back over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JmpEntry {
    /// The instruction.
    pub pc: Pc,
    /// The one before it on this path.
    pub prev: Pc,
    /// What else must be known of it.
    pub note: JmpNote,
}

/// What going back over an instruction must know that cannot be read off it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct JmpNote {
    /// The stack slot that it spilled to or filled from.
    pub stack: Option<StackAccess>,
    /// Whether its destination register was a pointer to the stack.
    pub dst_stack: bool,
    /// Whether its source register was a pointer to the stack.
    pub src_stack: bool,
    /// Registers and slots of the same id that a comparison refined together.
    pub linked: LinkedRegs,
}

/// A spill or a fill: which frame and slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StackAccess {
    /// Frame number.
    pub frame: u8,
    /// Slot.
    pub slot: u8,
}

/// A register or slot of a frame that is linked to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LinkedReg {
    /// Frame number.
    pub frame: u8,
    /// Register, or slot when `is_reg` is not set.
    pub place: u8,
    /// Which of the two.
    pub is_reg: bool,
}

/// Most registers and slots that one comparison refines together.
pub const MAX_LINKED: usize = 6;

/// Registers and slots that a comparison refined together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LinkedRegs {
    list: [LinkedReg; MAX_LINKED],
    len: u8,
}

impl LinkedRegs {
    /// Adds one; tells whether there was room.
    pub fn push(&mut self, reg: LinkedReg) -> bool {
        let Some(place) = self.list.get_mut(self.len as usize) else { return false };
        *place = reg;
        self.len += 1;
        true
    }

    /// Those in it.
    pub fn as_slice(&self) -> &[LinkedReg] {
        &self.list[..self.len as usize]
    }
}

/// Number of a kept state.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct StateId(pub u32);

/// What is known at a point of a path.
#[derive(Clone, Debug)]
pub struct State {
    /// Frames; the last is the current one.
    pub frames: Vec<Frame>,
    /// What the program holds.
    pub refs: Refs,
    /// The kept state that this one continues.
    pub parent: Option<StateId>,
    /// Paths that start here and are not yet done.
    pub branches: u32,
    /// The instruction that it is about to run.
    pub insn: Pc,
    /// The instruction that the state started at.
    pub first_insn: Pc,
    /// The last instruction that ran.
    pub last_insn: Pc,
    /// Instructions since `first_insn` that going back needs to know.
    pub history: Vec<JmpEntry>,
    /// How deep in the tree of kept states.
    pub dfs_depth: u32,
    /// How often a callback was unrolled on the path.
    pub callback_unroll_depth: u32,
    /// How often `may_goto` was taken on the path.
    pub may_goto_depth: u32,
    /// Whether the processor might run this path speculatively, though the program never does.
    pub speculative: bool,
    /// Whether it may sleep.
    pub in_sleepable: bool,
    /// Whether the state was taken off the lists that pruning looks at; it goes when no path needs it any more.
    pub evicted: bool,
}

impl State {
    /// The start of a function that is verified on its own.
    pub fn new(frame: Frame, start: Pc) -> State {
        State {
            frames: vec![frame],
            refs: Refs::default(),
            parent: None,
            branches: 1,
            insn: start,
            first_insn: start,
            last_insn: start,
            history: Vec::new(),
            dfs_depth: 0,
            callback_unroll_depth: 0,
            may_goto_depth: 0,
            speculative: false,
            in_sleepable: false,
            evicted: false,
        }
    }

    /// Bytes that the state takes, beside `other`, which it may share stacks with.
    pub fn bytes(&self, other: Option<&State>) -> usize {
        let others = |number: usize| other.and_then(|state| state.frames.get(number));
        let frames = self.frames.iter().enumerate().map(|(number, frame)| {
            let shared = others(number).is_some_and(|other| other.stack.is_shared_with(&frame.stack));
            size_of::<Frame>() + if shared { 0 } else { size_of_val(&*frame.stack) }
        });
        size_of::<State>()
            + frames.sum::<usize>()
            + size_of_val(self.refs.held.as_slice())
            + size_of_val(self.history.as_slice())
    }

    /// The current function's frame.
    pub fn frame(&self) -> &Frame {
        // `new` makes one frame, and returning from the last ends the path instead of removing it.
        &self.frames[self.frames.len() - 1]
    }

    /// The current function's frame, to be changed.
    pub fn frame_mut(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// Number of the current frame.
    pub fn frameno(&self) -> u32 {
        self.frames.len() as u32 - 1
    }

    /// Applies `change` to every register and every spilled register of every frame.
    pub fn each_reg(&mut self, mut change: impl FnMut(&mut RegState)) {
        for frame in &mut self.frames {
            for reg in &mut frame.regs {
                change(reg);
            }
            frame.stack.each_spilled(|_, reg| change(reg));
        }
    }
}
