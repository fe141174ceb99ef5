//! Maps of sockets: there are no sockets that user space could have stored, so that they are empty.

use crate::kernel::{Errno, MapType};

use super::array::{index_of, next_index};
use super::family::{Family, Scope, Store, View};
use super::journal::Edit;

/// A sockmap or a sockhash.
#[derive(Clone, Debug)]
pub(crate) struct Sockets;

impl Family for Sockets {
    fn update(&mut self, _: &mut Scope, _: &[u8], _: Store, _: u64) -> Result<(), Errno> {
        Err(Errno::Eopnotsupp)
    }

    fn delete(&mut self, cx: &mut Scope, _: &[u8]) -> Result<(), Errno> {
        Err(if cx.def.map_type == MapType::Sockmap { Errno::Einval } else { Errno::Enoent })
    }

    fn user_lookup(&self, view: View, _: &[u8]) -> Result<Vec<u8>, Errno> {
        // User space sees the socket's cookie, for which there is no room in four bytes.
        Err(if view.def.value_size == 8 { Errno::Enoent } else { Errno::Enospc })
    }

    fn next_key(&self, view: View, key: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        match view.def.map_type {
            MapType::Sockmap => Ok(next_index(key.filter(|key| index_of(key) < u32::MAX), view.def.max_entries)),
            _ => Ok(None),
        }
    }

    fn count(&self, _: View) -> u64 {
        0
    }

    fn entry_key(&self, _: View, _: u32) -> (Vec<u8>, bool) {
        (Vec::new(), false)
    }

    fn replay(&mut self, _: &mut Scope, _: &Edit, _: bool) {}
}
