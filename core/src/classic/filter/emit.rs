//! From decisions to instructions.
//!
//! Decisions are laid out as they depend on one another. What A and X hold on every way to a decision is known, and not
//! loaded again.

use std::collections::HashMap;

use super::SNAPLEN;
use super::graph::{Decision, Graph, Node, Test};
use super::value::{Value, ValueId, Values};
use crate::classic::{Insn, MAX_INSNS, Op, Source};

/// What the registers hold.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Regs {
    a: Option<ValueId>,
    x: Option<ValueId>,
}

/// The instructions of a decision: those before its jump, and what it compares with.
struct Block {
    number: u32,
    decision: Decision,
    ops: Vec<Op>,
    source: Source,
    /// Which ends are further than a conditional jump goes.
    far: [bool; 2],
}

/// The instructions that decide as the graph does from a node on.
pub(super) fn emit(root: Node, graph: &Graph, values: &Values) -> Result<Vec<Insn>, &'static str> {
    if graph.is_full() {
        return Err("the expression is too long for a filter");
    }
    let mut blocks = Vec::new();
    let mut known: HashMap<u32, Regs> = HashMap::new();
    let free = values.cells_from();
    for number in graph.order(root) {
        let decision = graph.get(number);
        let regs = known.remove(&number).unwrap_or_default();
        let mut maker = Maker { values, regs, ops: Vec::new(), stored: 0, free };
        let source = maker.compare(decision.test)?;
        for end in [decision.yes, decision.no] {
            let Node::Decide(next) = end else { continue };
            let regs = known.entry(next).or_insert(maker.regs);
            regs.a = regs.a.filter(|a| maker.regs.a == Some(*a));
            regs.x = regs.x.filter(|x| maker.regs.x == Some(*x));
        }
        blocks.push(Block { number, decision, ops: maker.ops, source, far: [false; 2] });
    }
    layout(root, &mut blocks)
}

/// Computes values into A and X.
struct Maker<'a> {
    values: &'a Values,
    regs: Regs,
    ops: Vec<Op>,
    /// Words of scratch memory in use.
    stored: u32,
    /// Words that may be used.
    free: u32,
}

type Made<T> = Result<T, &'static str>;

impl Maker<'_> {
    /// Computes what a test compares: A, and X or a constant.
    fn compare(&mut self, test: Test) -> Made<Source> {
        match self.values.constant(test.right) {
            Some(k) => self.load_a(test.left).map(|()| Source::K(k)),
            None => self.both(test.left, test.right).map(|()| Source::X),
        }
    }

    fn load_a(&mut self, id: ValueId) -> Made<()> {
        if self.regs.a == Some(id) {
            return Ok(());
        }
        if self.regs.x == Some(id) {
            self.ops.push(Op::Txa);
        } else {
            match self.values.get(id) {
                Value::Const(k) => self.ops.push(Op::LoadImm(k)),
                Value::Len => self.ops.push(Op::LoadLen),
                Value::Abs(size, k) => self.ops.push(Op::LoadAbs(size, k)),
                Value::Ext(ext) => self.ops.push(Op::LoadExt(ext)),
                Value::Ind(size, k, index) => {
                    self.load_x(index)?;
                    self.ops.push(Op::LoadInd(size, k));
                }
                Value::HeaderLen(_) => {
                    self.load_x(id)?;
                    self.ops.push(Op::Txa);
                }
                Value::Alu(op, left, right) => {
                    let source = match self.values.constant(right) {
                        Some(k) => self.load_a(left).map(|()| Source::K(k))?,
                        None => self.both(left, right).map(|()| Source::X)?,
                    };
                    self.ops.push(Op::Alu(op, source));
                }
                Value::Neg(of) => {
                    self.load_a(of)?;
                    self.ops.push(Op::Neg);
                }
                Value::Cell(cell) => self.ops.push(Op::LoadMem(cell.word)),
                Value::Kept(cell, of) => {
                    self.load_a(of)?;
                    self.ops.push(Op::Store(cell.word));
                }
            }
        }
        self.regs.a = Some(id);
        Ok(())
    }

    fn load_x(&mut self, id: ValueId) -> Made<()> {
        if self.regs.x == Some(id) {
            return Ok(());
        }
        match self.values.get(id) {
            Value::Const(k) => self.ops.push(Op::LoadXImm(k)),
            Value::Len => self.ops.push(Op::LoadXLen),
            Value::HeaderLen(k) => self.ops.push(Op::LoadXHeaderLen(k)),
            Value::Cell(cell) => self.ops.push(Op::LoadXMem(cell.word)),
            _ => {
                self.load_a(id)?;
                self.ops.push(Op::Tax);
            }
        }
        self.regs.x = Some(id);
        Ok(())
    }

    /// Computes one value into A and another into X.
    fn both(&mut self, a: ValueId, x: ValueId) -> Made<()> {
        if self.regs == (Regs { a: Some(a), x: Some(x) }) {
            return Ok(());
        }
        if matches!(self.values.get(x), Value::Const(_) | Value::Len | Value::HeaderLen(_) | Value::Cell(_)) {
            self.load_a(a)?;
            return self.load_x(x);
        }
        if !self.needs_x(a) {
            self.load_x(x)?;
            return self.load_a(a);
        }
        self.load_a(x)?;
        let word = self.stored;
        if word == self.free {
            return Err("the arithmetic is nested deeper than a filter's scratch memory reaches");
        }
        self.ops.push(Op::Store(word));
        self.stored += 1;
        self.load_a(a)?;
        self.stored -= 1;
        self.ops.push(Op::LoadXMem(word));
        self.regs.x = Some(x);
        Ok(())
    }

    /// Whether computing a value into A takes X.
    fn needs_x(&self, id: ValueId) -> bool {
        if self.regs.a == Some(id) {
            // It is there, but what is computed into X goes through A.
            return true;
        }
        match self.values.get(id) {
            Value::Ind(..) | Value::HeaderLen(_) => true,
            Value::Alu(_, left, right) => self.values.constant(right).is_none() || self.needs_x(left),
            Value::Neg(of) | Value::Kept(_, of) => self.needs_x(of),
            Value::Const(_) | Value::Len | Value::Abs(..) | Value::Ext(_) | Value::Cell(_) => false,
        }
    }
}

/// Puts blocks one after the other, and the ends behind them.
fn layout(root: Node, blocks: &mut [Block]) -> Made<Vec<Insn>> {
    let ends = [Node::Accept, Node::Reject];
    let used = ends.map(|end| root == end || blocks.iter().any(|b| b.decision.yes == end || b.decision.no == end));
    loop {
        let mut starts: HashMap<Node, usize> = HashMap::new();
        let mut at = 0;
        for block in &*blocks {
            starts.insert(Node::Decide(block.number), at);
            at += block.ops.len() + 1 + block.far.iter().filter(|far| **far).count();
        }
        for (end, _) in ends.iter().zip(used).filter(|(_, used)| *used) {
            starts.insert(*end, at);
            at += 1;
        }
        if at > MAX_INSNS {
            return Err("the expression is too long for a filter, which has 4096 instructions at most");
        }
        let mut insns: Vec<Insn> = Vec::with_capacity(at);
        let mut further = false;
        for block in &mut *blocks {
            insns.extend(block.ops.iter().map(|op| Insn::from(*op)));
            let jump = insns.len();
            let mut behind = jump + 1;
            let mut skips = [0; 2];
            let mut long = Vec::new();
            for (way, end) in [block.decision.yes, block.decision.no].into_iter().enumerate() {
                let target = starts[&end];
                if block.far[way] {
                    skips[way] = (behind - jump - 1) as u8;
                    long.push(Op::Jump((target - behind - 1) as u32));
                    behind += 1;
                    continue;
                }
                match u8::try_from(target - jump - 1) {
                    Ok(skip) => skips[way] = skip,
                    Err(_) => (block.far[way], further) = (true, true),
                }
            }
            insns.push(Op::JumpIf(block.decision.test.cond, block.source, skips[0], skips[1]).into());
            insns.extend(long.into_iter().map(Insn::from));
        }
        if further {
            continue;
        }
        for (end, _) in ends.iter().zip(used).filter(|(_, used)| *used) {
            insns.push(Op::Return(if *end == Node::Accept { SNAPLEN } else { 0 }).into());
        }
        return Ok(insns);
    }
}
