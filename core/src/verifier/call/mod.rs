//! Calls: of helpers, of functions of the program, of kernel functions.
//!
//! [`Verifier::check_call`] is the one way in. A helper is checked by its row in [`crate::kernel::helpers`]: first who
//! may call it, then its arguments in order, then what it does to the state, then its result.
//!
//! | file | holds |
//! |---|---|
//! | `helper` | calls of helpers, step by step; helpers with rules of their own |
//! | `spec` | what each kind of argument asks of a register |
//! | `args` | the checks of arguments |
//! | `map_rules` | which map goes into which helper |
//! | `ret` | what is left in `r0` |
//! | `refs` | what a program holds and must give back |
//! | `kernel_types`, `kptr` | structures of the kernel, and pointers to them in map values |
//! | `subprog` | calls of the program's own functions, and returns |
//! | `global` | functions that are verified on their own, and signatures |
//! | `callback` | functions of the program that helpers call |
//! | `kfunc`, `kfunc_args` | calls of kernel functions |
//! | `graph` | lists and trees of objects, and counted references |
//! | `iter`, `dynptr` | iterators and dynptrs, which live on the stack |
//! | `lock`, `timer` | locks and sections; timers and the like in map values |
//! | `text_format` | strings and formats that the verifier reads |

mod args;
mod callback;
mod dynptr;
mod global;
mod graph;
mod helper;
mod ids;
mod iter;
mod kernel_types;
mod kfunc;
mod kfunc_args;
mod kptr;
mod lock;
mod map_rules;
mod refs;
mod ret;
mod spec;
mod subprog;
mod text_format;
mod timer;

pub(crate) use callback::NOT_INLINE;
pub(crate) use global::Signature;
pub(crate) use helper::changes_packet;
pub(crate) use ids::{LOOP, TAIL_CALL};
pub(crate) use iter::iter_name;
pub(crate) use kernel_types::stand_in_name;
pub(crate) use kfunc::MISSING;
pub(super) use refs::EXIT;

use super::env::Verifier;
use super::explore::Next;
use super::finding::{CallFinding, Check};
use crate::isa::{Call, Reg};

impl Verifier<'_> {
    /// Checks a call; tells where the path goes on.
    pub fn check_call(&mut self, call: Call) -> Check<Next> {
        if self.cur.refs.active_locks > 0 {
            let allowed = match call {
                Call::Helper(id) => u32::try_from(id) == Ok(ids::SPIN_UNLOCK),
                Call::Kfunc { id, fd } => fd == 0 && self.kfunc_spin_allowed(id),
                Call::Local(_) => true,
            };
            if !allowed {
                return Err(CallFinding::LockHeld.into());
            }
        }
        let next = match call {
            Call::Helper(id) => self.check_helper_call(id),
            Call::Local(off) => self.check_func_call(off),
            Call::Kfunc { id, fd } => self.check_kfunc_call(id, fd),
        }?;
        self.scratch_reg(Reg::R0);
        Ok(next)
    }
}
