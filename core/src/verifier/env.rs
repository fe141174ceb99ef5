//! The verification of one program while it is under way: what every part of it works on.

use super::Options;
use super::call::Signature;
use super::explored::Explored;
use super::log::Log;
use super::prune::Kept;
use super::reg::{MapRef, RegState, RegType};
use super::sanitize::Masking;
use super::shape::Shape;
use super::state::{Frame, State};
use crate::isa::{Pc, Reg};
use crate::kernel::{Feature, Limits, MapDef, ProgType, Program, section_attach_type, section_flags};

/// A branch to be taken later.
#[derive(Debug)]
pub struct Pending {
    /// What is known there.
    pub state: State,
    /// The instruction to go on at.
    pub pc: Pc,
    /// The branch.
    pub prev: Pc,
    /// Where the log was.
    pub log_position: usize,
    /// The branch as a step of [`Explored`].
    pub step: Option<u32>,
    /// Bytes that the state took when it was put here.
    pub bytes: usize,
}

/// Which map the calls of an instruction were seen with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SeenMap {
    /// Not reached yet.
    #[default]
    Unseen,
    /// Always this one.
    One(MapRef),
    /// Several.
    Many,
}

/// What exploring learnt of an instruction, over all paths.
#[derive(Clone, Copy, Debug, Default)]
pub struct InsnAux {
    /// Type of the pointer that a load or store went through.
    pub access: Option<RegState>,
    /// Map of a helper call.
    pub map: SeenMap,
    /// Whether any path came here.
    pub seen: bool,
    /// Whether the processor is kept from running this instruction speculatively, or from using its result.
    pub nospec: bool,
    pub nospec_result: bool,
    /// How pointer arithmetic here is masked for the unprivileged.
    pub masking: Option<Masking>,
    /// Function called back by the call here, when it was always the same with the same flags.
    pub loop_inline: Option<u32>,
}

/// What exploring learnt of a function.
#[derive(Clone, Debug, Default)]
pub struct SubprogAux {
    /// Bytes of stack that it uses.
    pub stack_depth: u32,
    /// Whether it is global: verified on its own, and trusted by its signature when it is called.
    pub global: bool,
    /// What its types say that it gets, once they were asked.
    pub signature: Option<Signature>,
    /// Whether it was called with something else than its types say.
    pub unreliable: bool,
    /// Whether it was verified on its own.
    pub verified: bool,
    /// Whether a global function is called by something that was verified.
    pub called: bool,
    /// Whether it is called back.
    pub is_cb: bool,
    /// Whether it is called back asynchronously.
    pub is_async_cb: bool,
}

/// Counts, as the last line of the log has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Instructions that were checked, each as often as a path reached it.
    pub insns_processed: u32,
    /// States kept at one instruction, at most.
    pub max_states_per_insn: u32,
    /// States kept altogether.
    pub total_states: u32,
    /// States kept at one time, at most.
    pub peak_states: u32,
}

/// A verification under way.
pub(crate) struct Verifier<'a> {
    pub program: &'a Program,
    pub maps: &'a [MapDef],
    pub options: &'a Options<'a>,
    /// How much this kernel explores.
    pub limits: Limits,
    pub shape: Shape,
    pub log: Log,
    /// The state of the path that is being followed.
    pub cur: State,
    /// The instruction being checked.
    pub insn: Pc,
    /// The one before it on this path.
    pub prev_insn: Pc,
    pub pending: Vec<Pending>,
    pub kept: Kept,
    /// By instruction.
    pub aux: Vec<InsnAux>,
    /// By function.
    pub subprogs: Vec<SubprogAux>,
    pub stats: Stats,
    /// The last id given out.
    last_id: u32,
    /// Registers and slots that the instruction touched, which the log shows after it.
    pub scratched_regs: u16,
    pub scratched_slots: u64,
    /// Where the log stood after the last instruction's text, and how long that text is.
    pub log_after_insn: Option<(usize, usize)>,
    /// The last source line that was printed.
    pub last_line: Option<Pc>,
    /// Whether a path has just begun, so that the log shows its whole state.
    pub print_state: bool,
    /// Whether states must be equal to the number to be taken for one: masks depend on them.
    pub explore_alu_limits: bool,
    /// What was explored, when that is asked for.
    pub explored: Option<Explored>,
    /// The last step of this path, and whether the path has just begun.
    pub last_step: Option<u32>,
    pub new_path: bool,
    /// Whether functions are being verified on their own, and which.
    pub verifying: u32,
    /// Whether the first function was begun.
    pub begun: bool,
}

impl<'a> Verifier<'a> {
    pub fn new(program: &'a Program, maps: &'a [MapDef], options: &'a Options<'a>, shape: Shape, log: Log) -> Self {
        let insns = shape.insns.len();
        let subprogs = vec![SubprogAux::default(); shape.subprogs.len()];
        Verifier {
            program,
            maps,
            options,
            limits: Limits::of(options.kernel, options.privileged),
            log,
            cur: State::new(Frame::new(None, 0, 0), Pc(0)),
            insn: Pc(0),
            prev_insn: Pc(0),
            pending: Vec::new(),
            kept: Kept::new(insns),
            aux: vec![InsnAux::default(); insns],
            subprogs,
            shape,
            stats: Stats::default(),
            last_id: 0,
            scratched_regs: 0,
            scratched_slots: 0,
            log_after_insn: None,
            last_line: None,
            print_state: false,
            explore_alu_limits: false,
            explored: options.explored.then(Explored::default),
            last_step: None,
            new_path: true,
            verifying: 0,
            begun: false,
        }
    }

    /// The same verification with its program, maps and options at another place.
    pub fn at<'b>(self, program: &'b Program, maps: &'b [MapDef], options: &'b Options<'b>) -> Verifier<'b> {
        let Verifier { shape, log, cur, insn, prev_insn, pending, kept, aux, subprogs, stats, last_id, .. } = self;
        Verifier {
            program,
            maps,
            options,
            limits: self.limits,
            shape,
            log,
            cur,
            insn,
            prev_insn,
            pending,
            kept,
            aux,
            subprogs,
            stats,
            last_id,
            scratched_regs: self.scratched_regs,
            scratched_slots: self.scratched_slots,
            log_after_insn: self.log_after_insn,
            last_line: self.last_line,
            print_state: self.print_state,
            explore_alu_limits: self.explore_alu_limits,
            explored: self.explored,
            last_step: self.last_step,
            new_path: self.new_path,
            verifying: self.verifying,
            begun: self.begun,
        }
    }

    /// An id that nothing has yet.
    pub fn new_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// The current frame.
    pub fn frame(&self) -> &Frame {
        self.cur.frame()
    }

    /// A register of the current frame.
    pub fn reg(&self, reg: Reg) -> &RegState {
        self.cur.frame().reg(reg)
    }

    /// A register of the current frame, to be changed.
    pub fn reg_mut(&mut self, reg: Reg) -> &mut RegState {
        self.cur.frame_mut().reg_mut(reg)
    }

    /// Writes a register of the current frame, and has the log show it.
    pub fn set_reg(&mut self, reg: Reg, mut state: RegState) {
        self.scratch_reg(reg);
        // For the unprivileged the verdict is taken to depend on every number.
        state.precise |= !self.options.privileged && state.is_scalar();
        *self.reg_mut(reg) = state;
    }

    /// Has the log show the register after this instruction.
    pub fn scratch_reg(&mut self, reg: Reg) {
        self.scratched_regs |= 1 << reg.index();
    }

    /// Has the log show the stack slot after this instruction.
    pub fn scratch_slot(&mut self, slot: usize) {
        if slot < 64 {
            self.scratched_slots |= 1 << slot;
        }
    }

    /// Has the log show everything.
    pub fn scratch_all(&mut self) {
        self.scratched_regs = !0;
        self.scratched_slots = !0;
    }

    pub fn prog_type(&self) -> ProgType {
        self.program.prog_type
    }

    /// The definition of a map that a register knows.
    pub fn map_def(&self, map: MapRef) -> &'a MapDef {
        let def = &self.maps[map.map.index()];
        if map.inner { def.inner.as_deref().unwrap_or(def) } else { def }
    }

    /// Whether the kernel has the feature.
    pub fn has(&self, feature: Feature) -> bool {
        self.options.kernel.has(feature)
    }

    /// Whether the program is loaded with that flag, by its section or by the options.
    pub fn has_flag(&self, flag: u32) -> bool {
        (self.options.flags | section_flags(&self.program.section)) & flag != 0
    }

    /// The expected attach type (`enum bpf_attach_type`).
    pub fn attach_type(&self) -> u32 {
        self.options.attach_type.unwrap_or_else(|| section_attach_type(&self.program.section))
    }

    /// Whether pointers may be given away as numbers (CAP_PERFMON).
    pub fn allow_ptr_leaks(&self) -> bool {
        self.options.privileged
    }

    /// Whether the register holds something that the unprivileged must not learn.
    pub fn is_pointer_value(&self, reg: Reg) -> bool {
        !self.allow_ptr_leaks() && self.reg(reg).ty != RegType::Scalar
    }
}
