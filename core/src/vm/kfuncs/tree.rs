//! Trees of objects, in the order that a function of the program says.

use super::super::call::Call;
use super::super::callback::{Begun, Caller, Next, Work};
use super::super::fault::FaultKind;
use super::objects::{head, release};
use super::{Ret, status};
use crate::kernel::Errno;
use crate::maps::{ListPlace, Side};

/// A node on its way down a tree.
pub(crate) struct Add {
    tree: ListPlace,
    node: u64,
    /// Whom it is compared with.
    with: u64,
}

/// A node that is in a tree already is given up.
pub(super) fn add(call: &mut Call<'_>, [root, node, less, ..]: [u64; 5]) -> Result<Begun, FaultKind> {
    let tree = head(call, root)?;
    if call.maps.in_tree(node) {
        release(call, node)?;
        return status(Err(Errno::Einval)).map(Begun::Done);
    }
    match call.maps.tree_of(tree).and_then(|tree| tree.root()) {
        Some(with) => Caller::begin(call, less, 3, Work::Tree(Add { tree, node, with })),
        None => {
            call.maps.tree_insert(tree, None, node);
            Ok(Begun::Done(0))
        }
    }
}

impl Add {
    /// The function tells whether the node comes before the other; where that way ends, there it goes.
    pub(crate) fn next(&mut self, call: &mut Call<'_>, ret: Option<u64>) -> Next {
        if let Some(before) = ret {
            let side = if before != 0 { Side::Left } else { Side::Right };
            match call.maps.tree_of(self.tree).and_then(|tree| tree.child(self.with, side)) {
                Some(next) => self.with = next,
                None => {
                    call.maps.tree_insert(self.tree, Some((self.with, side)), self.node);
                    return Next::Done(0);
                }
            }
        }
        Next::Call([self.node, self.with, 0, 0, 0])
    }
}

pub(super) fn remove(call: &mut Call<'_>, [root, node, ..]: [u64; 5]) -> Ret {
    let tree = head(call, root)?;
    Ok(if call.maps.tree_remove(tree, node) { node } else { 0 })
}

pub(super) fn first(call: &mut Call<'_>, [root, ..]: [u64; 5]) -> Ret {
    let tree = head(call, root)?;
    Ok(call.maps.tree_of(tree).and_then(|tree| tree.first()).unwrap_or(0))
}

pub(super) fn root(call: &mut Call<'_>, [root, ..]: [u64; 5]) -> Ret {
    let tree = head(call, root)?;
    Ok(call.maps.tree_of(tree).and_then(|tree| tree.root()).unwrap_or(0))
}

pub(super) fn left(call: &mut Call<'_>, [root, node, ..]: [u64; 5]) -> Ret {
    child(call, root, node, Side::Left)
}

pub(super) fn right(call: &mut Call<'_>, [root, node, ..]: [u64; 5]) -> Ret {
    child(call, root, node, Side::Right)
}

/// Of a node that is in another tree there is no child.
fn child(call: &mut Call<'_>, root: u64, node: u64, side: Side) -> Ret {
    let tree = head(call, root)?;
    Ok(call.maps.tree_of(tree).and_then(|tree| tree.child(node, side)).unwrap_or(0))
}
