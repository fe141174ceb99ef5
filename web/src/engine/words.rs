//! What the editor offers to write, from the tables of core.

use bpfscope_core::kernel;

use crate::protocol::Word;

/// Every word that does not depend on the program.
pub fn all() -> Vec<Word> {
    let helpers = kernel::helpers().iter().map(|helper| Word {
        label: helper.name.to_owned(),
        detail: format!("helper {}", helper.id),
        info: helper.doc.to_owned(),
    });
    helpers.collect()
}
