//! Red-black trees of objects (`struct bpf_rb_root`): programs see their shape, so that it is kept as a kernel keeps it.
//!
//! The algorithms are those of Cormen, Leiserson, Rivest and Stein, "Introduction to Algorithms", chapter 13, which give the
//! same trees as Linux's. What is the order of the nodes, the program says when it adds one.

/// No node.
const NIL: u32 = u32::MAX;
/// The address of a node that was removed: nobody's.
const GONE: u64 = u64::MAX;

/// A node, by its address in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Node {
    addr: u64,
    parent: u32,
    /// Left and right.
    children: [u32; 2],
    red: bool,
}

/// A side of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Left = 0,
    Right = 1,
}

impl Side {
    fn other(self) -> Side {
        if self == Side::Left { Side::Right } else { Side::Left }
    }
}

use Side::{Left, Right};

/// A tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// Places of nodes that were removed.
    free: Vec<u32>,
    root: u32,
}

impl Default for Tree {
    fn default() -> Tree {
        Tree { nodes: Vec::new(), free: Vec::new(), root: NIL }
    }
}

impl Tree {
    /// Nodes that it has.
    pub fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    fn place(&self, addr: u64) -> Option<u32> {
        self.nodes.iter().position(|node| node.addr == addr).map(|at| at as u32)
    }

    fn addr(&self, at: u32) -> Option<u64> {
        self.nodes.get(at as usize).map(|node| node.addr)
    }

    fn node(&mut self, at: u32) -> Option<&mut Node> {
        self.nodes.get_mut(at as usize)
    }

    fn parent(&self, at: u32) -> u32 {
        self.nodes.get(at as usize).map_or(NIL, |node| node.parent)
    }

    fn child_of(&self, at: u32, side: Side) -> u32 {
        self.nodes.get(at as usize).map_or(NIL, |node| node.children[side as usize])
    }

    fn is_red(&self, at: u32) -> bool {
        self.nodes.get(at as usize).is_some_and(|node| node.red)
    }

    fn paint(&mut self, at: u32, red: bool) {
        if let Some(node) = self.node(at) {
            node.red = red;
        }
    }

    /// Which child of its parent a node is.
    fn side(&self, at: u32) -> Side {
        if self.child_of(self.parent(at), Left) == at { Left } else { Right }
    }

    /// Makes `child` the child of `parent`, or the root.
    fn link(&mut self, parent: u32, side: Side, child: u32) {
        match self.node(parent) {
            Some(node) => node.children[side as usize] = child,
            None => self.root = child,
        }
        if let Some(node) = self.node(child) {
            node.parent = parent;
        }
    }

    /// Whether it has that node.
    pub fn contains(&self, addr: u64) -> bool {
        self.place(addr).is_some()
    }

    /// The node that has no parent.
    pub fn root(&self) -> Option<u64> {
        self.addr(self.root)
    }

    /// The first node in order.
    pub fn first(&self) -> Option<u64> {
        let mut at = self.root;
        while self.child_of(at, Left) != NIL {
            at = self.child_of(at, Left);
        }
        self.addr(at)
    }

    /// A node's child.
    pub fn child(&self, addr: u64, side: Side) -> Option<u64> {
        self.addr(self.child_of(self.place(addr)?, side))
    }

    /// Turns the tree around a node: its child on the other side takes its place.
    fn rotate(&mut self, at: u32, side: Side) {
        let (up, parent, own) = (self.child_of(at, side.other()), self.parent(at), self.side(at));
        let inner = self.child_of(up, side);
        self.link(at, side.other(), inner);
        self.link(parent, own, up);
        self.link(up, side, at);
    }

    /// Adds a node below another, where that has no child, or as the root.
    pub fn insert(&mut self, below: Option<(u64, Side)>, addr: u64) {
        let new = Node { addr, parent: NIL, children: [NIL; 2], red: true };
        let at = match self.free.pop() {
            Some(at) => {
                self.nodes[at as usize] = new;
                at
            }
            None => {
                self.nodes.push(new);
                self.nodes.len() as u32 - 1
            }
        };
        let (parent, side) = below.map_or((NIL, Left), |(addr, side)| (self.place(addr).unwrap_or(NIL), side));
        self.link(parent, side, at);
        self.settle(at);
        let root = self.root;
        self.paint(root, false);
    }

    /// A red node may have no red parent.
    fn settle(&mut self, mut at: u32) {
        while self.is_red(self.parent(at)) {
            let parent = self.parent(at);
            let (above, side) = (self.parent(parent), self.side(parent));
            let uncle = self.child_of(above, side.other());
            if self.is_red(uncle) {
                self.paint(parent, false);
                self.paint(uncle, false);
                self.paint(above, true);
                at = above;
                continue;
            }
            if self.side(at) != side {
                at = parent;
                self.rotate(at, side);
            }
            let parent = self.parent(at);
            self.paint(parent, false);
            self.paint(above, true);
            self.rotate(above, side.other());
        }
    }

    /// Takes a node out; whether it was there.
    pub fn remove(&mut self, addr: u64) -> bool {
        let Some(at) = self.place(addr) else { return false };
        let (parent, own) = (self.parent(at), self.side(at));
        let [left, right] = [self.child_of(at, Left), self.child_of(at, Right)];
        let (black_gone, lifted, below, side);
        if left == NIL || right == NIL {
            lifted = if left == NIL { right } else { left };
            black_gone = !self.is_red(at);
            self.link(parent, own, lifted);
            (below, side) = (parent, own);
        } else {
            // The next in order takes its place and colour.
            let mut next = right;
            while self.child_of(next, Left) != NIL {
                next = self.child_of(next, Left);
            }
            lifted = self.child_of(next, Right);
            black_gone = !self.is_red(next);
            if next == right {
                (below, side) = (next, Right);
            } else {
                (below, side) = (self.parent(next), Left);
                self.link(below, Left, lifted);
                self.link(next, Right, right);
            }
            self.link(next, Left, left);
            self.link(parent, own, next);
            let red = self.is_red(at);
            self.paint(next, red);
        }
        self.free.push(at);
        if let Some(node) = self.node(at) {
            node.addr = GONE;
        }
        if black_gone {
            self.even_out(lifted, below, side);
        }
        true
    }

    /// The ways through `at`, which is on a side of `parent`, have a black node less than the others.
    fn even_out(&mut self, mut at: u32, mut parent: u32, mut side: Side) {
        while parent != NIL && !self.is_red(at) {
            let mut sibling = self.child_of(parent, side.other());
            if self.is_red(sibling) {
                self.paint(sibling, false);
                self.paint(parent, true);
                self.rotate(parent, side);
                sibling = self.child_of(parent, side.other());
            }
            let [near, far] = [self.child_of(sibling, side), self.child_of(sibling, side.other())];
            if !self.is_red(near) && !self.is_red(far) {
                self.paint(sibling, true);
                at = parent;
                (parent, side) = (self.parent(at), self.side(at));
                continue;
            }
            if !self.is_red(far) {
                self.paint(near, false);
                self.paint(sibling, true);
                self.rotate(sibling, side.other());
                sibling = near;
            }
            let (red, far) = (self.is_red(parent), self.child_of(sibling, side.other()));
            self.paint(sibling, red);
            self.paint(parent, false);
            self.paint(far, false);
            self.rotate(parent, side);
            at = self.root;
            parent = NIL;
        }
        self.paint(at, false);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The addresses in order; what is said of red-black trees holds below a node, whose black height it gives.
    fn walk(tree: &Tree, at: u32, found: &mut Vec<u64>) -> u32 {
        let Some(addr) = tree.addr(at) else { return 1 };
        let [left, right] = [tree.child_of(at, Left), tree.child_of(at, Right)];
        for child in [left, right] {
            assert!(!(tree.is_red(at) && tree.is_red(child)), "two red ones");
            assert!(child == NIL || tree.parent(child) == at);
        }
        let height = walk(tree, left, found);
        found.push(addr);
        assert_eq!(height, walk(tree, right, found), "black heights");
        height + u32::from(!tree.is_red(at))
    }

    fn add(tree: &mut Tree, addr: u64) {
        let (mut at, mut below) = (tree.root(), None);
        while let Some(node) = at {
            let side = if addr < node { Left } else { Right };
            (at, below) = (tree.child(node, side), Some((node, side)));
        }
        tree.insert(below, addr);
    }

    proptest! {
        #[test]
        fn it_is_a_red_black_tree_in_order(steps in prop::collection::vec((0u64..40, any::<bool>()), 0..200)) {
            let (mut tree, mut model) = (Tree::default(), std::collections::BTreeSet::new());
            for (addr, adds) in steps {
                if adds && model.insert(addr) {
                    add(&mut tree, addr);
                } else if !adds {
                    prop_assert_eq!(tree.remove(addr), model.remove(&addr));
                }
                let mut found = Vec::new();
                walk(&tree, tree.root, &mut found);
                prop_assert!(!tree.is_red(tree.root));
                prop_assert_eq!(&found, &model.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!((tree.len(), tree.first()), (model.len(), model.first().copied()));
            }
        }
    }
}
