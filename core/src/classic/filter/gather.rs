//! Tests of one value, brought together.
//!
//! Of `ip[0] = 0x46 or ip[40] = 1 or ip[0] = 0x45` the last test follows the first, so that the byte is loaded once. It is
//! more than speed: a packet too short for the test between may be accepted now. libpcap's optimiser does the same.

use std::collections::{HashMap, HashSet};

use super::graph::{Decision, Graph, Node, Test};
use super::value::{Value, ValueId, Values};

/// How often chains are looked for, at most.
const MAX_PASSES: usize = 8;

/// The end of a decision that the chain goes on at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Yes,
    No,
}

impl Way {
    fn on(self, decision: &Decision) -> Node {
        match self {
            Way::Yes => decision.yes,
            Way::No => decision.no,
        }
    }

    fn out(self, decision: &Decision) -> Node {
        match self {
            Way::Yes => decision.no,
            Way::No => decision.yes,
        }
    }

    fn decision(self, test: Test, on: Node, out: Node) -> Decision {
        match self {
            Way::Yes => Decision { test, yes: on, no: out },
            Way::No => Decision { test, yes: out, no: on },
        }
    }
}

/// The decisions with tests of one value together, where all of them lead out to the same. Gives the first.
pub(super) fn gather(graph: &mut Graph, root: Node, values: &Values) -> Node {
    let mut root = root;
    for _ in 0..MAX_PASSES {
        let before = root;
        for way in [Way::No, Way::Yes] {
            root = pass(graph, root, way, values);
        }
        if root == before {
            break;
        }
    }
    root
}

fn pass(graph: &mut Graph, root: Node, way: Way, values: &Values) -> Node {
    let order = graph.order(root);
    // What is read of scratch memory must stay behind what keeps it there.
    let keeps = |decision: &Decision| matches!(values.get(decision.test.left), Value::Kept(..));
    // For each decision how many lead to it, and what is in A then, if all of them agree.
    let mut into: HashMap<Node, (usize, Option<ValueId>)> = HashMap::new();
    for number in &order {
        let Decision { test, yes, no } = graph.get(*number);
        for end in [yes, no] {
            let entry = into.entry(end).or_insert((0, Some(test.left)));
            entry.0 += 1;
            entry.1 = entry.1.filter(|left| *left == test.left);
        }
    }
    let mut made: HashMap<Node, Node> = HashMap::new();
    let mut inside: HashSet<Node> = HashSet::new();
    let mut chains: HashMap<u32, Vec<u32>> = HashMap::new();
    for &head in &order {
        if inside.contains(&Node::Decide(head)) {
            continue;
        }
        let first = graph.get(head);
        let (mut chain, mut next) = (vec![head], way.on(&first));
        while let Node::Decide(number) = next {
            let decision = graph.get(number);
            if keeps(&first) || keeps(&decision) {
                break;
            }
            if into[&next].0 != 1 || way.out(&decision) != way.out(&first) {
                break;
            }
            inside.insert(next);
            chain.push(number);
            next = way.on(&decision);
        }
        chains.insert(head, chain);
    }
    let now = |made: &HashMap<Node, Node>, node: Node| made.get(&node).copied().unwrap_or(node);
    for &head in order.iter().rev() {
        let Some(chain) = chains.get(&head) else { continue };
        let decisions: Vec<Decision> = chain.iter().map(|number| graph.get(*number)).collect();
        let at_entry = into.get(&Node::Decide(head)).and_then(|entry| entry.1);
        let out = now(&made, way.out(&decisions[0]));
        let mut on = now(&made, way.on(&decisions[decisions.len() - 1]));
        for test in together(&decisions, at_entry).into_iter().rev() {
            on = graph.insert(way.decision(test, on, out));
        }
        made.insert(Node::Decide(head), on);
    }
    now(&made, root)
}

/// The tests of a chain by their values, each value's where its first one is; those of what is in A already come first.
fn together(chain: &[Decision], at_entry: Option<ValueId>) -> Vec<Test> {
    let mut values: Vec<ValueId> = at_entry.into_iter().collect();
    let mut rank: HashMap<ValueId, usize> = values.iter().map(|value| (*value, 0)).collect();
    for Decision { test, .. } in chain {
        rank.entry(test.left).or_insert_with(|| {
            values.push(test.left);
            values.len() - 1
        });
    }
    let mut tests: Vec<Test> = chain.iter().map(|decision| decision.test).collect();
    tests.sort_by_key(|test| rank[&test.left]);
    tests
}
