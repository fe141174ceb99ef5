//! Values that a filter computes, each once: equal ones have one number.
//!
//! Constants are folded as libpcap's optimiser does, for it matters to more than speed: what is not loaded cannot lie
//! outside of the packet.

use std::collections::HashMap;

use crate::classic::{AluOp, Ext, SCRATCH};
use crate::isa::Size;

/// The number of a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct ValueId(u32);

/// A word of scratch memory that an offset is kept in. Every way of the filter stores it once, before it is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Cell {
    /// Which word.
    pub word: u32,
    /// Tells it from others that have the word at other times.
    pub id: u32,
}

/// A value of 32 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Value {
    /// A constant.
    Const(u32),
    /// Bytes of the packet.
    Len,
    /// Bytes at an offset.
    Abs(Size, u32),
    /// Bytes at an offset from another value.
    Ind(Size, u32, ValueId),
    /// Length of the IPv4 header at an offset.
    HeaderLen(u32),
    /// Something beside the packet.
    Ext(Ext),
    /// Arithmetic.
    Alu(AluOp, ValueId, ValueId),
    /// The number below zero.
    Neg(ValueId),
    /// What is in scratch memory.
    Cell(Cell),
    /// Another value, which goes into scratch memory when this is computed.
    Kept(Cell, ValueId),
}

/// All values of a filter.
#[derive(Default)]
pub(super) struct Values {
    list: Vec<Value>,
    known: HashMap<Value, ValueId>,
    /// Whether everything that is asked for is loaded, also where the result does not depend on it.
    pub loads_all: bool,
}

impl Values {
    /// The number of a value.
    pub fn id(&mut self, value: Value) -> ValueId {
        *self.known.entry(value).or_insert_with(|| {
            self.list.push(value);
            ValueId(self.list.len() as u32 - 1)
        })
    }

    /// The value of that number.
    pub fn get(&self, id: ValueId) -> Value {
        self.list[id.0 as usize]
    }

    /// The constant that a value is.
    pub fn constant(&self, id: ValueId) -> Option<u32> {
        match self.get(id) {
            Value::Const(k) => Some(k),
            _ => None,
        }
    }

    /// Arithmetic; `None` for a division by a constant zero.
    pub fn alu(&mut self, op: AluOp, left: ValueId, right: ValueId) -> Option<ValueId> {
        use AluOp::*;
        let shift = matches!(op, Lsh | Rsh);
        if self.loads_all && self.constant(left).is_none() {
            return match self.constant(right) {
                Some(0) if matches!(op, Div | Mod) => None,
                Some(32..) if shift => {
                    let none = self.id(Value::Const(0));
                    Some(self.id(Value::Alu(And, left, none)))
                }
                _ => Some(self.id(Value::Alu(op, left, right))),
            };
        }
        let folded = match (self.constant(left), self.constant(right)) {
            (_, Some(0)) if matches!(op, Div | Mod) => return None,
            (_, Some(32..)) if shift => Value::Const(0),
            (Some(a), Some(b)) => Value::Const(op.apply(a, b)?),
            (_, Some(0)) if matches!(op, And | Mul) => Value::Const(0),
            (_, Some(0)) => return Some(left),
            (_, Some(u32::MAX)) if op == And => return Some(left),
            (_, Some(1)) if matches!(op, Mul | Div) => return Some(left),
            (Some(0), _) if matches!(op, Add | Or | Xor) => return Some(right),
            (Some(0), _) if op != Sub && !self.loads_all => Value::Const(0),
            (None, Some(b)) if op == And => match self.get(left) {
                Value::Alu(And, inner, mask) if self.constant(mask).is_some() => {
                    let mask = self.constant(mask).unwrap_or(u32::MAX) & b;
                    let mask = self.id(Value::Const(mask));
                    return self.alu(And, inner, mask);
                }
                _ => Value::Alu(op, left, right),
            },
            _ => Value::Alu(op, left, right),
        };
        Some(self.id(folded))
    }

    /// The number below zero.
    pub fn neg(&mut self, of: ValueId) -> ValueId {
        match self.constant(of) {
            Some(k) => self.id(Value::Const(k.wrapping_neg())),
            None => self.id(Value::Neg(of)),
        }
    }

    /// The lowest word of scratch memory that something is kept in; those below are free.
    pub fn cells_from(&self) -> u32 {
        let words = self.list.iter().filter_map(|value| match value {
            Value::Cell(cell) | Value::Kept(cell, _) => Some(cell.word),
            _ => None,
        });
        words.min().unwrap_or(SCRATCH)
    }

    /// A number that the value does not exceed.
    pub fn bound(&self, id: ValueId) -> u32 {
        match self.get(id) {
            Value::Const(k) => k,
            Value::Abs(size, _) | Value::Ind(size, ..) => match size {
                Size::B => 0xff,
                Size::H => 0xffff,
                Size::W | Size::Dw => u32::MAX,
            },
            Value::HeaderLen(_) => 60,
            Value::Alu(op, left, right) => match (op, self.constant(right)) {
                (AluOp::And, Some(k)) => k.min(self.bound(left)),
                (AluOp::Rsh, Some(k)) => self.bound(left) >> (k & 31),
                (AluOp::Mod, Some(k)) => k.saturating_sub(1),
                (AluOp::Div, Some(k)) => self.bound(left).checked_div(k).unwrap_or(0),
                (AluOp::Lsh, Some(k)) => self.bound(left).saturating_mul(1 << (k & 31)),
                (AluOp::Mul, _) => self.bound(left).saturating_mul(self.bound(right)),
                (AluOp::Add, _) => self.bound(left).saturating_add(self.bound(right)),
                _ => u32::MAX,
            },
            // An offset in a packet.
            Value::Cell(_) => 0xffff,
            Value::Len | Value::Ext(_) | Value::Neg(_) | Value::Kept(..) => u32::MAX,
        }
    }
}
