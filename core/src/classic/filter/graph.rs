//! The graph of decisions: tests that lead to others, and in the end to accepting or rejecting.
//!
//! A decision is made after those that it leads to, so its number is higher than theirs. In the end equal ones are one. Before,
//! every way is looked at for what is known on it: a test whose answer is known is passed by. That a test is passed by
//! needs that its value was asked for before on every way to there, so that no packet is too short for it now.

use std::collections::HashMap;

use super::value::{Value, ValueId, Values};
use crate::classic::{AluOp, Cond};

/// Decisions that an expression may ask for at most: many times those that a program has room for.
const MAX_ASKED: usize = 1 << 15;
/// Decisions that are ever made at most: each pass makes those that it changes anew.
const MAX_DECISIONS: usize = 1 << 20;
/// Answers that are remembered on a way at most.
const MAX_FACTS: usize = 48;
/// How often the ways are looked at, at most.
const MAX_PASSES: usize = 16;

/// How two values compare.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Test {
    pub cond: Cond,
    pub left: ValueId,
    pub right: ValueId,
}

/// What an expression asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Question {
    /// Yes.
    Always,
    /// No.
    Never,
    /// A comparison.
    Test(Test),
    /// Yes, once a value is kept, see [`Value::Kept`].
    Keep(ValueId),
    /// Yes; but when the comparison holds, the packet is not accepted, whatever is asked beside this.
    Bail(Test),
    /// Are all so? They are asked in this order.
    All(Vec<Question>),
    /// Is one so? They are asked in this order.
    Any(Vec<Question>),
    /// Is it not so?
    Not(Box<Question>),
}

/// An end or a decision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Node {
    /// The packet is not accepted.
    Reject,
    /// It is.
    Accept,
    /// It depends.
    Decide(u32),
}

/// A test and where it leads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Decision {
    pub test: Test,
    /// Where it leads when the test holds.
    pub yes: Node,
    /// Where it leads when it does not.
    pub no: Node,
}

/// Decisions.
#[derive(Default)]
pub(super) struct Graph {
    decisions: Vec<Decision>,
    known: HashMap<Decision, u32>,
    /// Whether what does not matter is asked all the same.
    pub asks_all: bool,
    /// Whether equal decisions are one.
    shares: bool,
}

impl Graph {
    /// The decision of that number.
    pub fn get(&self, number: u32) -> Decision {
        self.decisions[number as usize]
    }

    /// Whether more was asked for than any program can do.
    pub fn is_too_long(&self) -> bool {
        self.decisions.len() > MAX_ASKED
    }

    /// Whether there is no room for more decisions.
    pub fn is_full(&self) -> bool {
        self.decisions.len() > MAX_DECISIONS
    }

    /// The node that decides so.
    pub fn decide(&mut self, decision: Decision) -> Node {
        if decision.yes == decision.no && !self.asks_all {
            return decision.yes;
        }
        self.insert(decision)
    }

    /// The node that decides so, also where it does not matter.
    pub fn insert(&mut self, decision: Decision) -> Node {
        if self.is_full() {
            return decision.yes;
        }
        let number = self.decisions.len() as u32;
        let known = if self.shares { *self.known.entry(decision).or_insert(number) } else { number };
        if known == number {
            self.decisions.push(decision);
        }
        Node::Decide(known)
    }

    /// Makes equal decisions one, from now on and those that are there. Gives the first.
    pub fn share(&mut self, root: Node) -> Node {
        self.shares = true;
        let mut made: HashMap<Node, Node> = HashMap::new();
        for number in self.order(root).into_iter().rev() {
            let Decision { test, yes, no } = self.get(number);
            let now = |node: Node| made.get(&node).copied().unwrap_or(node);
            let node = self.insert(Decision { test, yes: now(yes), no: now(no) });
            made.insert(Node::Decide(number), node);
        }
        made.get(&root).copied().unwrap_or(root)
    }

    /// Asks a question and goes on to `yes` or `no`.
    pub fn ask(&mut self, question: &Question, values: &mut Values, yes: Node, no: Node) -> Node {
        match question {
            Question::Always => yes,
            Question::Never => no,
            Question::Test(test) => self.test(*test, values, yes, no),
            Question::Keep(kept) => {
                // No number is below 0.
                let test = Test { cond: Cond::Ge, left: *kept, right: values.id(Value::Const(0)) };
                self.test(test, values, yes, Node::Reject)
            }
            Question::Bail(test) => self.test(*test, values, Node::Reject, yes),
            Question::Not(inner) => self.ask(inner, values, no, yes),
            Question::All(list) => list.iter().rev().fold(yes, |yes, question| self.ask(question, values, yes, no)),
            Question::Any(list) => list.iter().rev().fold(no, |no, question| self.ask(question, values, yes, no)),
        }
    }

    /// One test, in the form that later ones are compared with: a constant on the right, bits by `jset`.
    pub fn test(&mut self, test: Test, values: &mut Values, yes: Node, no: Node) -> Node {
        let Test { cond, left, right } = test;
        match (values.constant(left), values.constant(right)) {
            (Some(a), Some(b)) => return if cond.holds(a, b) { yes } else { no },
            (Some(_), None) => {
                let swapped = |cond| Test { cond, left: right, right: left };
                return match cond {
                    Cond::Eq | Cond::Set => self.test(swapped(cond), values, yes, no),
                    Cond::Gt => self.test(swapped(Cond::Ge), values, no, yes),
                    Cond::Ge => self.test(swapped(Cond::Gt), values, no, yes),
                };
            }
            (None, Some(k)) if cond == Cond::Eq => {
                if let Value::Alu(AluOp::And, inner, mask) = values.get(left)
                    && let Some(bits) = values.constant(mask)
                {
                    let set = Test { cond: Cond::Set, left: inner, right: mask };
                    if k == 0 {
                        return self.decide(Decision { test: set, yes: no, no: yes });
                    }
                    if k == bits && bits.is_power_of_two() {
                        return self.decide(Decision { test: set, yes, no });
                    }
                }
            }
            _ => {}
        }
        self.decide(Decision { test, yes, no })
    }

    /// The decisions that are left when none is made whose answer is known. Gives the first.
    pub fn simplify(&mut self, root: Node, values: &Values) -> Node {
        let mut root = root;
        for _ in 0..MAX_PASSES {
            let ways = self.shorten(root, values);
            let mut made: HashMap<Node, Node> = HashMap::new();
            let now = |made: &HashMap<Node, Node>, node: Node| made.get(&node).copied().unwrap_or(node);
            let mut changed = false;
            for (number, [yes, no]) in ways.into_iter().rev() {
                let old = self.get(number);
                let new = Decision { test: old.test, yes: now(&made, yes), no: now(&made, no) };
                // The first is asked even if it does not matter, as libpcap leaves its loads where they are.
                let first = Node::Decide(number) == root && matches!(new.yes, Node::Decide(_));
                let node = match new {
                    Decision { yes, no, .. } if yes == no && !first => yes,
                    new if new == old => Node::Decide(number),
                    new => self.insert(new),
                };
                changed |= node != Node::Decide(number);
                made.insert(Node::Decide(number), node);
            }
            root = now(&made, root);
            if !changed || self.is_full() {
                break;
            }
        }
        root
    }

    /// The decisions that something leads to, each before those that it leads to.
    pub fn order(&self, root: Node) -> Vec<u32> {
        let mut seen = std::collections::BTreeSet::new();
        let mut ahead = vec![root];
        while let Some(node) = ahead.pop() {
            if let Node::Decide(number) = node
                && seen.insert(number)
            {
                let Decision { yes, no, .. } = self.get(number);
                ahead.extend([yes, no]);
            }
        }
        seen.into_iter().rev().collect()
    }

    /// For each decision, in order, where it really leads.
    fn shorten(&self, root: Node, values: &Values) -> Vec<(u32, [Node; 2])> {
        // What is known on every way to a decision.
        let mut known: HashMap<u32, Vec<Fact>> = HashMap::new();
        let mut ways = Vec::new();
        for number in self.order(root) {
            // Nothing leads there any more: what led there found a shorter way.
            let facts = match known.remove(&number) {
                Some(facts) => facts,
                None if Node::Decide(number) == root => Vec::new(),
                None => continue,
            };
            let Decision { test, yes, no } = self.get(number);
            let ends = [(yes, true), (no, false)].map(|(mut to, holds)| {
                let mut facts = facts.clone();
                if facts.len() == MAX_FACTS {
                    // Of an answer that something is not equal least follows.
                    let least = facts.iter().position(|fact| fact.test.cond == Cond::Eq && !fact.holds);
                    facts.remove(least.unwrap_or(0));
                }
                facts.push(Fact { test, holds });
                while let Node::Decide(next) = to {
                    let Decision { test, yes, no } = self.get(next);
                    to = match answer(test, &facts, values) {
                        Some(true) => yes,
                        Some(false) => no,
                        None => {
                            match known.get_mut(&next) {
                                Some(others) => others.retain(|fact| facts.contains(fact)),
                                None => _ = known.insert(next, facts),
                            }
                            break;
                        }
                    };
                }
                to
            });
            ways.push((number, ends));
        }
        ways
    }
}

/// The answer to a test that was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Fact {
    test: Test,
    holds: bool,
}

/// The answer that follows from those known, as far as libpcap's optimiser sees it: what it asks all the same, packets can be
/// too short for.
fn answer(test: Test, facts: &[Fact], values: &Values) -> Option<bool> {
    let is_constant = |id| values.constant(id).is_some();
    facts.iter().find_map(|fact| {
        if fact.test == test {
            return Some(fact.holds);
        }
        let same = fact.test.left == test.left && fact.test.cond == Cond::Eq && test.cond == Cond::Eq;
        (same && fact.holds && is_constant(fact.test.right) && is_constant(test.right)).then_some(false)
    })
}
