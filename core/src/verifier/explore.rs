//! Stage 2: follows every path, one instruction after another, and takes the other side of each branch later.

use super::env::{Pending, Verifier};
use super::explored::Ending;
use super::finding::{AluFinding, Check, Finding, FlowFinding};
use super::log::verbose;
use super::prune::{BEFORE_ENTRY, Visited};
use super::reg::{Flags, Of, RegState, RegType};
use super::shape::{Frames, Slot, check_stack_depth};
use super::state::{Frame, JmpNote, State};
use super::{Rejection, SLEEPABLE, insn_text};
use crate::isa::{Insn, Pc, Reg, Size};
use crate::kernel::Line;

/// Where a path goes after an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// To that instruction.
    Goto(Pc),
    /// To that instruction in another frame, so that the log shows the whole state again.
    Enter(Pc),
    /// It ends here.
    End,
}

/// Columns of the log before a state that follows an instruction, at least, and what it is rounded up to.
const STATE_COLUMN: usize = 40;
const STATE_STEP: usize = 8;

/// Bytes that kept states and waiting paths may take. Programs that people write take a few megabytes; where a loop
/// acquires and does not release, each state is larger than the one before.
const MAX_BYTES: usize = if cfg!(test) { 16 << 20 } else { 1 << 30 };

impl Verifier<'_> {
    /// Verifies the entry function, then each global function, as far as `budget` more instructions go: `None` when
    /// there is more to do.
    pub fn advance(&mut self, budget: u32) -> Option<Result<(), Rejection>> {
        let done = self.go_on(self.stats.insns_processed.saturating_add(budget));
        if done.is_err() {
            self.note_ending(Ending::Rejected);
        }
        done.map(|done| done.then_some(())).transpose()
    }

    /// Gives whether everything is verified; without, `end` instructions are processed.
    fn go_on(&mut self, end: u32) -> Result<bool, Rejection> {
        if !self.begun {
            self.begun = true;
            if self.log.all_paths() {
                let opening = self.shape.opening_text(|pc| insn_text::text(self.program, pc));
                verbose!(self, "{opening}");
            }
            self.begin_function(0).map_err(|f| self.rejected(*f))?;
        }
        while self.explore(end).map_err(|f| self.rejected(*f))? {
            self.function_is_safe();
            let Some(next) = self.next_global_function() else { return self.check_frames() };
            self.begin_function(next).map_err(|f| self.rejected(*f))?;
        }
        Ok(false)
    }

    /// Holds the frames of all chains of calls to the size of the stack, and what is called back to what it may do.
    fn check_frames(&self) -> Result<bool, Rejection> {
        let frames = Frames {
            stack: (0..).zip(&self.subprogs).map(|(i, s)| self.shape.final_stack(i, s.stack_depth)).collect(),
            callback: self.subprogs.iter().map(|s| s.is_cb).collect(),
            async_callback: self.subprogs.iter().map(|s| s.is_async_cb).collect(),
        };
        let checked = check_stack_depth(&self.shape, &frames, self.program, self.options);
        checked.map_err(|(f, pc)| Rejection { finding: f.into(), pc, regs: Vec::new() })?;
        self.check_rewrites()?;
        Ok(true)
    }

    /// A finding at the instruction at hand, with what is known there.
    fn rejected(&self, finding: Finding) -> Rejection {
        let (frameno, printer) = (self.cur.frameno(), self.printer());
        let known = |reg: Reg| {
            let state = self.reg(reg);
            let mut text = String::new();
            printer.write_reg(&mut text, frameno, state);
            (state.ty != RegType::NotInit).then_some((reg, text))
        };
        let regs = (0..=10).filter_map(Reg::new).filter_map(known).collect();
        Rejection { finding, pc: Some(self.insn), regs }
    }

    /// Makes ready to explore from a start state, which [`Self::begin_function`] has made.
    pub fn begin(&mut self, start: State) {
        self.insn = start.first_insn;
        self.prev_insn = BEFORE_ENTRY;
        self.cur = start;
        self.cur.in_sleepable = self.has_flag(SLEEPABLE);
        self.kept.forget_states();
        self.pending.clear();
        self.last_line = None;
        self.print_state = false;
        self.log_after_insn = None;
        self.scratch_all();
        self.last_step = None;
        self.new_path = true;
    }

    /// Explores until every path is followed, or `end` instructions are processed. Gives whether every path is.
    fn explore(&mut self, end: u32) -> Check<bool> {
        while self.stats.insns_processed < end {
            let next = self.step()?;
            match next {
                Next::Goto(pc) | Next::Enter(pc) => {
                    self.print_state |= matches!(next, Next::Enter(_));
                    self.insn = pc;
                }
                Next::End => {
                    self.scratch_all();
                    self.path_done()?;
                    let Some(pending) = self.pending.pop() else { return Ok(true) };
                    if !self.log.all_paths() {
                        self.log.rewind(pending.log_position);
                    }
                    self.kept.bytes -= pending.bytes;
                    self.cur = pending.state;
                    self.insn = pending.pc;
                    self.prev_insn = pending.prev;
                    self.print_state = true;
                    self.last_step = pending.step;
                    self.new_path = true;
                }
            }
        }
        Ok(false)
    }

    /// Checks the instruction at hand; `prev_insn` is the one before it on the path.
    fn step(&mut self) -> Check<Next> {
        let pc = self.insn;
        if pc.index() >= self.shape.insns.len() {
            return Err(FlowFinding::InvalidIndex { pc, count: self.shape.insns.len() }.into());
        }
        self.stats.insns_processed += 1;
        if self.stats.insns_processed > self.limits.processed {
            return Err(FlowFinding::TooLarge { processed: self.stats.insns_processed }.into());
        }
        self.cur.last_insn = self.prev_insn;
        self.cur.insn = pc;
        self.note_step(pc);
        if self.shape.aux[pc.index()].prune_point && self.is_state_visited(pc)? == Visited::Equal {
            if self.print_state {
                let spec = self.speculation();
                verbose!(self, "\nfrom {} to {pc}{spec}: safe\n", self.prev_insn);
            } else {
                verbose!(self, "{pc}: safe\n");
            }
            self.note_ending(Ending::Pruned);
            return Ok(Next::End);
        }
        if self.shape.aux[pc.index()].jmp_point {
            self.push_jmp_history(JmpNote::default());
        }
        self.log_insn(pc);
        self.aux[pc.index()].seen = true;
        self.prev_insn = pc;
        if self.cur.speculative && self.aux[pc.index()].nospec {
            return Ok(Next::End);
        }
        self.begin_stack_marks(pc);
        let mut next = self.check_insn(pc).or_else(|finding| self.recover(finding))?;
        if self.cur.speculative && self.aux[pc.index()].nospec_result {
            next = Next::End;
        }
        if next == Next::End {
            self.note_ending(Ending::Exit);
        }
        self.commit_stack_marks();
        Ok(next)
    }

    /// Keeps the step for those who look at it afterwards.
    fn note_step(&mut self, pc: Pc) {
        if let Some(explored) = &mut self.explored {
            self.last_step = explored.push(pc, self.last_step, !self.new_path, &self.cur.frames);
            self.new_path = false;
        }
    }

    fn note_ending(&mut self, ending: Ending) {
        if let Some(explored) = &mut self.explored {
            explored.end(self.last_step, ending);
        }
    }

    fn check_insn(&mut self, pc: Pc) -> Check<Next> {
        let after = Pc(pc.0 + 1);
        let insn = match &self.shape.insns[pc.index()] {
            Slot::Insn(insn) => *insn,
            Slot::Bad(flaw) => {
                let flaw = flaw.clone();
                for reg in flaw.reads.into_iter().flatten() {
                    self.use_reg(reg)?;
                }
                if let Some(reg) = flaw.number.filter(|reg| self.is_pointer_value(*reg)) {
                    return Err(AluFinding::Pointer { reg }.into());
                }
                return Err(flaw.finding.into());
            }
            Slot::Second => return Err(FlowFinding::SecondSlot.into()),
        };
        match insn {
            Insn::Alu { .. }
            | Insn::MovSx { .. }
            | Insn::AddrSpaceCast { .. }
            | Insn::Neg { .. }
            | Insn::Endian { .. } => self.check_alu(&insn)?,
            Insn::LoadImm64 { dst, imm } => {
                self.check_load_imm64(dst, imm)?;
                return Ok(Next::Goto(Pc(pc.0 + 2)));
            }
            Insn::Load { size, sign, dst, base, off } => self.check_load(size, sign, dst, base, off)?,
            Insn::Store { size, base, off, src } => self.check_store(size, base, off, src)?,
            Insn::Atomic { .. } | Insn::LoadAcquire { .. } | Insn::StoreRelease { .. } => self.check_atomic(&insn)?,
            Insn::LoadPacket { size, mode, imm } => return self.check_load_packet(size, mode, imm),
            Insn::Jump { width, op, dst, src, off } => return self.check_jump(width, op, dst, src, off),
            Insn::Goto { off, .. } => return Ok(Next::Goto(self.target(off))),
            Insn::MayGoto { off } => return self.check_may_goto(off),
            Insn::Call(call) => return self.check_call(call),
            Insn::Exit => return self.check_exit(),
        }
        Ok(Next::Goto(after))
    }

    /// The target of a jump of the current instruction.
    pub fn target(&self, off: i32) -> Pc {
        // Stage 1 has checked every target, so that this is within the program.
        Pc((i64::from(self.insn.0) + 1 + i64::from(off)) as u32)
    }

    /// Leaves a branch to be taken later: the current state at `pc`.
    ///
    /// # Errors
    /// When too many branches wait.
    pub fn push_branch(&mut self, pc: Pc, speculative: bool) -> Check<&mut State> {
        let mut state = self.cur.clone();
        state.speculative |= speculative;
        self.push_state(state, pc)
    }

    /// Leaves a state to be gone on with later at `pc`, as a branch of the current instruction.
    ///
    /// # Errors
    /// When too many branches wait, or too large ones.
    pub fn push_state(&mut self, state: State, pc: Pc) -> Check<&mut State> {
        if let Some(parent) = state.parent {
            self.add_branch(parent);
        }
        if self.pending.len() + 1 > self.limits.pending as usize {
            return Err(FlowFinding::TooManyJumps { count: self.pending.len() + 1 }.into());
        }
        self.wait(state, pc);
        self.check_memory()?;
        let last = self.pending.len() - 1;
        Ok(&mut self.pending[last].state)
    }

    /// Puts a state where it is found when the path at hand is done.
    pub fn wait(&mut self, state: State, pc: Pc) {
        let bytes = state.bytes(Some(&self.cur));
        self.kept.bytes += bytes;
        let log_position = self.log.position();
        self.pending.push(Pending { state, pc, prev: self.insn, log_position, step: self.last_step, bytes });
    }

    /// Holds what is kept to [`MAX_BYTES`].
    ///
    /// # Errors
    /// When it takes more.
    pub fn check_memory(&self) -> Check {
        if self.kept.bytes <= MAX_BYTES {
            return Ok(());
        }
        Err(FlowFinding::TooMuchMemory { megabytes: MAX_BYTES >> 20 }.into())
    }

    /// Prints the state if it is due, the source line and the instruction.
    fn log_insn(&mut self, pc: Pc) {
        if !self.log.on() {
            self.print_state = false;
            return;
        }
        let frameno = self.cur.frameno() as usize;
        if self.log.all_paths() && self.print_state {
            verbose!(self, "\nfrom {} to {pc}{}:", self.prev_insn, self.speculation());
            self.log_state(frameno, true);
        }
        self.print_state = false;
        if self.scratched_regs != 0 || self.scratched_slots != 0 {
            self.log_insn_state();
        }
        self.log_line(pc);
        let before = self.log.position();
        verbose!(self, "{pc}: ");
        let text = insn_text::text(self.program, pc);
        verbose!(self, "{text}\n");
        let after = self.log.position();
        self.log_after_insn = Some((after, after - before));
    }

    /// Prints what the last instruction changed, behind the instruction if nothing was printed since.
    pub fn log_insn_state(&mut self) {
        if !self.log.on() {
            return;
        }
        match self.log_after_insn {
            Some((end, length)) if end == self.log.position() => {
                self.log.reopen_line();
                // The kernel counts the line's end as a column.
                let from = length;
                let column = STATE_COLUMN.max(from + STATE_STEP / 2).next_multiple_of(STATE_STEP);
                let blanks = column - from - 1;
                verbose!(self, "{:>blanks$};", ' ');
            }
            _ => verbose!(self, "{}:", self.insn),
        }
        self.log_state(self.cur.frameno() as usize, false);
    }

    /// Prints the current state of one frame; without `all` only what was touched.
    pub fn log_state(&mut self, frameno: usize, all: bool) {
        if !self.log.on() {
            return;
        }
        let mut log = std::mem::take(&mut self.log);
        self.write_state(log.text_mut(), &self.cur, frameno, all);
        self.log = log;
        if !all {
            self.scratched_regs = 0;
            self.scratched_slots = 0;
        }
    }

    /// Prints the source line of an instruction, unless it was the last one printed.
    pub fn log_line(&mut self, pc: Pc) {
        if !self.options.privileged || self.options.btf.is_none() {
            // Types come with CAP_BPF, and source lines with the types.
            return;
        }
        let Some(line) = self.program.line_at(pc) else { return };
        // Columns are not told, so that a line is told once however many places of it follow each other.
        let last = self.last_line.and_then(|pc| self.program.line_at(pc));
        if last.is_some_and(|last| last.line == line.line && last.file == line.file) {
            return;
        }
        if line.text.is_empty() && line.line == 0 {
            return;
        }
        let Line { file, line: number, text, .. } = line;
        let file = file.rsplit('/').next().unwrap_or(file);
        verbose!(self, "; {} @ {file}:{number}\n", text.trim_start());
        self.last_line = Some(line.pc);
    }

    fn speculation(&self) -> &'static str {
        if self.cur.speculative { " (speculative execution)" } else { "" }
    }

    /// The frame and registers that the entry function starts with.
    pub fn entry_state(&self) -> State {
        let mut frame = Frame::new(None, 0, 0);
        frame.regs[Reg::R1.index()] = RegState::pointer(RegType::Ctx, Flags::NONE, Of::Nothing);
        State::new(frame, Pc(0))
    }
}

/// Bytes of an access as the checks have them.
pub(crate) fn bytes(size: Size) -> i32 {
    size.bytes() as i32
}
