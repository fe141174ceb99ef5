//! Functions of the program that helpers and kernel functions call back.
//!
//! A callback that runs during the call is a branch: its frame is set up, and its return leads back to the call, which
//! may call it once more; the path goes on behind the call as if it had not been called. A callback that runs later
//! (a timer's) is a path of its own with nothing below it.

use super::graph::Elements;
use super::helper::CallMeta;
use super::subprog::ARGS;
use crate::isa::{Pc, Reg};
use crate::kernel::MapType;
use crate::verifier::env::Verifier;
use crate::verifier::finding::{Check, SubprogFinding};
use crate::verifier::reg::{DynptrKind, Flags, MapRef, Of, RegState, RegType};
use crate::verifier::state::{Frame, RetRange, State};

/// Who calls back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::verifier) enum Callback {
    /// `bpf_for_each_map_elem`.
    MapElem,
    /// `bpf_timer_set_callback`.
    Timer,
    /// `bpf_find_vma`.
    FindVma,
    /// `bpf_loop`.
    Loop,
    /// `bpf_user_ringbuf_drain`.
    UserRingbuf,
    /// `bpf_wq_set_callback`.
    WorkQueue,
    /// `bpf_task_work_schedule_…`.
    TaskWork,
    /// `bpf_rbtree_add`, to compare two elements.
    TreeAdd(Elements),
}

/// [`InsnAux::loop_inline`](crate::verifier::env::InsnAux::loop_inline) of a call that cannot be inlined.
pub(crate) const NOT_INLINE: u32 = u32::MAX;

impl Callback {
    /// Whether it runs later.
    fn is_async(self) -> bool {
        matches!(self, Callback::Timer | Callback::WorkQueue | Callback::TaskWork)
    }

    /// What it may return.
    fn returns(self) -> RetRange {
        match self {
            Callback::Timer | Callback::WorkQueue => RetRange { min: 0, max: 0 },
            Callback::TaskWork => RetRange { min: i32::MIN, max: i32::MAX },
            _ => RetRange { min: 0, max: 1 },
        }
    }
}

impl Verifier<'_> {
    /// Has the function that a helper's argument names called back.
    pub(super) fn push_callback_call(&mut self, callback: Callback, meta: &CallMeta) -> Check {
        self.push_callback(callback, meta.subprog as usize, meta.map)
    }

    /// Has a function called back; `map` is the map among the call's arguments.
    pub(super) fn push_callback(&mut self, callback: Callback, subprog: usize, map: Option<MapRef>) -> Check {
        self.match_arguments(subprog);
        self.subprogs[subprog].is_cb = true;
        let start = self.shape.subprogs[subprog].start;
        if callback.is_async() {
            return self.push_async(callback, subprog, start, map);
        }
        let mut frame = self.new_frame(Some(self.insn), self.cur.frameno() + 1, subprog)?;
        self.set_callback_arguments(callback, &mut frame, map)?;
        frame.in_callback = true;
        self.scratch_all();
        let mut state = self.cur.clone();
        state.callback_unroll_depth += 1;
        state.frame_mut().callback_depth += 1;
        state.frames.push(frame);
        self.push_state(state, start)?;
        self.cur.frame_mut().callback_depth = 0;
        Ok(())
    }

    /// A callback that runs later starts with an empty stack, and nothing held.
    fn push_async(&mut self, callback: Callback, subprog: usize, start: Pc, map: Option<MapRef>) -> Check {
        self.subprogs[subprog].is_async_cb = true;
        let mut frame = Frame::new(None, 0, subprog as u32);
        frame.async_entry_cnt = self.frame().async_entry_cnt + 1;
        self.set_callback_arguments(callback, &mut frame, map)?;
        frame.in_async_callback = true;
        self.scratch_all();
        let count = self.pending.len() + 1;
        if count > self.limits.pending as usize {
            return Err(SubprogFinding::TooManyAsync { count }.into());
        }
        // The kernel takes the program's start for that of such a path.
        let mut state = State::new(frame, Pc(0));
        state.insn = start;
        state.in_sleepable = matches!(callback, Callback::WorkQueue | Callback::TaskWork);
        self.wait(state, start);
        self.check_memory()
    }

    /// What the callback finds in its registers.
    fn set_callback_arguments(&mut self, callback: Callback, frame: &mut Frame, map: Option<MapRef>) -> Check {
        let pointer = |ty| RegState::pointer(ty, Flags::NONE, map.map_or(Of::Nothing, Of::Map));
        let (key, value) = (pointer(RegType::MapKey), pointer(RegType::MapValue));
        let id = if callback == Callback::UserRingbuf { self.new_id() } else { 0 };
        let caller = self.frame();
        let args: Vec<RegState> = match callback {
            Callback::MapElem => {
                if !map.is_some_and(|map| calls_back(self.map_def(map).map_type)) {
                    return Err(SubprogFinding::CallbackMap.into());
                }
                vec![*caller.reg(Reg::R1), key, value, *caller.reg(Reg::R3)]
            }
            Callback::Loop => vec![RegState::UNKNOWN, *caller.reg(Reg::R3)],
            Callback::Timer | Callback::WorkQueue | Callback::TaskWork => {
                vec![pointer(RegType::MapPtr), key, value]
            }
            Callback::UserRingbuf => {
                let of = Of::Dynptr { kind: DynptrKind::Local, first: true };
                let dynptr = RegState { id, ..RegState::pointer(RegType::ConstDynptr, Flags::NONE, of) };
                vec![dynptr, *caller.reg(Reg::R3)]
            }
            Callback::TreeAdd(elements) => {
                let mut element = elements.pointer();
                self.borrow_element(&mut element);
                vec![element, element]
            }
            Callback::FindVma => {
                let vma = RegState::pointer(RegType::BtfId, Flags::NONE, self.kernel_struct("vm_area_struct"));
                vec![*caller.reg(Reg::R1), vma, *caller.reg(Reg::R4)]
            }
        };
        for (reg, state) in ARGS.into_iter().zip(args) {
            frame.regs[reg.index()] = state;
        }
        frame.callback_ret = callback.returns();
        Ok(())
    }

    /// Notes which function `bpf_loop` calls here, and whether always the same without flags: then its loop can be put
    /// in place of the call, and the numbers that say so matter.
    pub(super) fn update_loop_inline_state(&mut self, subprog: u32) -> Check {
        let at = self.insn.index();
        let known = self.aux[at].loop_inline;
        if known == Some(NOT_INLINE) {
            return Ok(());
        }
        let zero = self.reg(Reg::R4).is_zero();
        if zero {
            self.mark_chain_precision(Reg::R4)?;
        }
        let fits = zero && known.is_none_or(|before| before == subprog);
        self.aux[at].loop_inline = Some(if fits { subprog } else { NOT_INLINE });
        Ok(())
    }
}

/// Whether `bpf_for_each_map_elem` goes through maps of that type.
const fn calls_back(map_type: MapType) -> bool {
    use MapType::*;
    matches!(map_type, Hash | PercpuHash | LruHash | LruPercpuHash | Array | PercpuArray)
}
