//! What kernels know, as tables: the only place where a helper, a context field, a map type or a
//! program type is described.
//!
//! The verifier checks by these rows, the VM dispatches by them, editors complete and explain by them.
//! Adding a helper is one row here and one function in `vm::helpers`. Nothing in this room computes
//! on packets or maps: it is data, and look-ups in it.

mod context;
mod errno;
mod features;
mod helpers;
mod kfuncs;
mod limits;
mod load_flags;
mod map_def;
mod map_type;
mod names;
mod prog_type;
mod program;
mod runs;
mod section;
mod verdict;
mod version;

pub use context::{CtxAccess, CtxField, CtxKind, context_field_at, context_fields};
pub use errno::Errno;
pub use features::{FEATURES, Feature, FeatureRow};
pub use helpers::{ArgType, HelperDef, RetType, helper, helper_by_name, helpers};
pub use kfuncs::{Kfunc, KfuncFlags, KfuncParam, kfunc, kfuncs};
pub use limits::Limits;
pub use load_flags::{LOAD_FLAGS, LoadFlag};
pub(crate) use map_def::KPTR_STRUCTS;
pub use map_def::{FieldKind, InitialEntry, InitialValue, MapDef, MapId, Member, SpecialField, ValueFormat, map_flags};
pub use map_type::{MAP_TYPES, MapType, MapTypeRow};
pub use names::names;
pub use prog_type::{Hook, ProgType, ProgTypes};
pub use program::{Func, KfuncRef, Line, Program};
pub use runs::Runs;
pub use section::{
    SECTIONS, SectionDef, SectionType, is_session, section_attach_type, section_entry_maps, section_flags, section_type,
};
pub use verdict::{Verdict, VerdictClass, classifier_verdict, verdict};
pub use version::{KernelVersion, VERSIONS};
