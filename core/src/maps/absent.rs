//! Maps of types that are not simulated: they exist, so that the rest of an object runs, and hold nothing.
//!
//! A program that calls a helper on one ends in a fault that names the type (see `vm::call`); what is here answers
//! user space only.

use crate::kernel::{Errno, MapType, Runs};

use super::family::{Family, Scope, Store, View};
use super::journal::Edit;

/// How maps of a type run here.
pub fn map_type_runs(map_type: MapType) -> Runs {
    use MapType::*;
    match map_type {
        Sockmap | Sockhash => Runs::IdleHost("empty: there are no sockets to store"),
        CgroupArray => Runs::IdleHost("empty: there are no control groups to store"),
        _ if map_type.is_simulated() => Runs::Simulated,
        StackTrace => Runs::Never("programs for packets take no stack traces"),
        ReuseportSockarray => Runs::Never("it is for programs that choose a socket"),
        StructOps => Runs::Never("it is not for programs that see packets"),
        InodeStorage => Runs::Never("programs for packets see no files"),
        Arena => Runs::IdleHost("no page is there: loads give zero, and stores have no effect"),
        _ => Runs::NotSimulated(""),
    }
}

/// A map without anything behind it.
#[derive(Clone, Debug)]
pub(crate) struct Absent;

impl Family for Absent {
    fn update(&mut self, _: &mut Scope, _: &[u8], _: Store, _: u64) -> Result<(), Errno> {
        Err(Errno::Enotsupp)
    }

    fn user_lookup(&self, _: View, _: &[u8]) -> Result<Vec<u8>, Errno> {
        Err(Errno::Enotsupp)
    }

    fn next_key(&self, _: View, _: Option<&[u8]>) -> Result<Option<Vec<u8>>, Errno> {
        Err(Errno::Enotsupp)
    }

    fn count(&self, _: View) -> u64 {
        0
    }

    fn entry_key(&self, _: View, _: u32) -> (Vec<u8>, bool) {
        (Vec::new(), false)
    }

    fn replay(&mut self, _: &mut Scope, _: &Edit, _: bool) {}
}
