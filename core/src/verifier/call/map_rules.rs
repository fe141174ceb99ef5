//! Which map goes into which helper, and what a call remembers of its map.

use super::helper::CallMeta;
use super::ids::*;
use crate::isa::Reg;
use crate::kernel::{HelperDef, MapType, ProgType, map_flags};
use crate::verifier::env::{SeenMap, Verifier};
use crate::verifier::finding::{CallFinding, Check};
use crate::verifier::reg::MapRef;

/// Helpers that work on a map of that type; `None` where the type asks nothing and the helper decides.
const fn helpers_of(map_type: MapType) -> Option<&'static [u32]> {
    use MapType::*;
    Some(match map_type {
        ProgArray => &[TAIL_CALL],
        PerfEventArray => PERF_EVENT,
        Ringbuf => RINGBUF,
        UserRingbuf => &[USER_RINGBUF_DRAIN],
        StackTrace => &[GET_STACKID],
        CgroupArray => &[SKB_UNDER_CGROUP, CURRENT_TASK_UNDER_CGROUP],
        CgroupStorage | PercpuCgroupStorage => &[GET_LOCAL_STORAGE],
        Devmap | DevmapHash | Xskmap => &[REDIRECT_MAP, MAP_LOOKUP_ELEM],
        Cpumap => &[REDIRECT_MAP],
        ArrayOfMaps | HashOfMaps => &[MAP_LOOKUP_ELEM],
        Sockmap => &[
            SK_REDIRECT_MAP,
            SOCK_MAP_UPDATE,
            MSG_REDIRECT_MAP,
            SK_SELECT_REUSEPORT,
            MAP_LOOKUP_ELEM,
            MAP_UPDATE_ELEM,
            MAP_DELETE_ELEM,
        ],
        Sockhash => &[
            SK_REDIRECT_HASH,
            SOCK_HASH_UPDATE,
            MSG_REDIRECT_HASH,
            SK_SELECT_REUSEPORT,
            MAP_LOOKUP_ELEM,
            MAP_UPDATE_ELEM,
            MAP_DELETE_ELEM,
        ],
        ReuseportSockarray => &[SK_SELECT_REUSEPORT],
        Queue | Stack => &[MAP_PEEK_ELEM, MAP_POP_ELEM, MAP_PUSH_ELEM],
        SkStorage => &[SK_STORAGE_GET, SK_STORAGE_DELETE, KPTR_XCHG],
        InodeStorage => &[INODE_STORAGE_GET, INODE_STORAGE_DELETE, KPTR_XCHG],
        TaskStorage => &[TASK_STORAGE_GET, TASK_STORAGE_DELETE, KPTR_XCHG],
        CgrpStorage => &[CGRP_STORAGE_GET, CGRP_STORAGE_DELETE, KPTR_XCHG],
        BloomFilter => &[MAP_PEEK_ELEM, MAP_PUSH_ELEM],
        Hash | Array | PercpuHash | PercpuArray | LruHash | LruPercpuHash | LpmTrie | StructOps | Arena => return None,
    })
}

/// Types of maps that a helper works on; `None` where it takes all that their types allow.
const fn maps_of(helper: u32) -> Option<&'static [MapType]> {
    use MapType::*;
    Some(match helper {
        TAIL_CALL => &[ProgArray],
        PERF_EVENT_READ | PERF_EVENT_OUTPUT | PERF_EVENT_READ_VALUE | SKB_OUTPUT | XDP_OUTPUT => &[PerfEventArray],
        RINGBUF_OUTPUT
        | RINGBUF_RESERVE
        | RINGBUF_QUERY
        | RINGBUF_RESERVE_DYNPTR
        | RINGBUF_SUBMIT_DYNPTR
        | RINGBUF_DISCARD_DYNPTR => &[Ringbuf],
        USER_RINGBUF_DRAIN => &[UserRingbuf],
        GET_STACKID => &[StackTrace],
        CURRENT_TASK_UNDER_CGROUP | SKB_UNDER_CGROUP => &[CgroupArray],
        REDIRECT_MAP => &[Devmap, DevmapHash, Cpumap, Xskmap],
        SK_REDIRECT_MAP | MSG_REDIRECT_MAP | SOCK_MAP_UPDATE => &[Sockmap],
        SK_REDIRECT_HASH | MSG_REDIRECT_HASH | SOCK_HASH_UPDATE => &[Sockhash],
        GET_LOCAL_STORAGE => &[CgroupStorage, PercpuCgroupStorage],
        SK_SELECT_REUSEPORT => &[ReuseportSockarray, Sockmap, Sockhash],
        MAP_POP_ELEM => &[Queue, Stack],
        MAP_PEEK_ELEM | MAP_PUSH_ELEM => &[Queue, Stack, BloomFilter],
        MAP_LOOKUP_PERCPU_ELEM => &[PercpuArray, PercpuHash, LruPercpuHash],
        SK_STORAGE_GET | SK_STORAGE_DELETE => &[SkStorage],
        INODE_STORAGE_GET | INODE_STORAGE_DELETE => &[InodeStorage],
        TASK_STORAGE_GET | TASK_STORAGE_DELETE => &[TaskStorage],
        CGRP_STORAGE_GET | CGRP_STORAGE_DELETE => &[CgrpStorage],
        _ => return None,
    })
}

/// Helpers whose calls are rewritten for the map, so that the verifier remembers it.
const REMEMBERED: &[u32] = &[
    TAIL_CALL,
    MAP_LOOKUP_ELEM,
    MAP_UPDATE_ELEM,
    MAP_DELETE_ELEM,
    MAP_PUSH_ELEM,
    MAP_POP_ELEM,
    MAP_PEEK_ELEM,
    FOR_EACH_MAP_ELEM,
    REDIRECT_MAP,
    MAP_LOOKUP_PERCPU_ELEM,
];

/// Helpers that change a map.
const CHANGES: &[u32] = &[MAP_UPDATE_ELEM, MAP_DELETE_ELEM, MAP_PUSH_ELEM, MAP_POP_ELEM];

impl Verifier<'_> {
    /// Checks that the map and the helper go together, seen from both.
    pub(super) fn check_map_func_compatibility(&self, meta: &CallMeta) -> Check {
        let HelperDef { id, name, .. } = *meta.helper;
        let Some(map) = meta.map else { return Ok(()) };
        let map_type = self.map_def(map).map_type;
        let wrong = CallFinding::MapType { map_type, name, id };
        if helpers_of(map_type).is_some_and(|helpers| !helpers.contains(&id)) {
            return Err(wrong.into());
        }
        let sockets = matches!(map_type, MapType::Sockmap | MapType::Sockhash);
        if sockets && matches!(id, MAP_UPDATE_ELEM | MAP_DELETE_ELEM) && !self.may_update_sockmap() {
            return Err(CallFinding::SockmapUpdate { map_type, name, id }.into());
        }
        if maps_of(id).is_some_and(|types| !types.contains(&map_type)) {
            return Err(wrong.into());
        }
        Ok(())
    }

    /// A map's name in messages: what stands for the inner maps of another has none.
    pub(super) fn map_name(&self, map: MapRef) -> String {
        if map.inner { String::new() } else { self.map_def(map).name.clone() }
    }

    /// Whether the map was made with types: of inner maps they are only known for the sake of special fields.
    pub(super) fn has_types(&self, map: MapRef) -> bool {
        let def = self.map_def(map);
        let known = def.value_type != 0 && (!map.inner || !def.special.is_empty());
        known && self.options.btf.is_some()
    }

    /// Whether programs of this type may store sockets.
    fn may_update_sockmap(&self) -> bool {
        use ProgType::*;
        matches!(self.prog_type(), SocketFilter | SchedCls | SchedAct | Xdp)
    }

    /// Remembers the map of a call, and refuses what changes a map that programs only read.
    pub(super) fn record_func_map(&mut self, meta: &CallMeta) -> Check {
        let Some(map) = meta.map.filter(|_| REMEMBERED.contains(&meta.helper.id)) else { return Ok(()) };
        if self.map_def(map).prog_flags() & map_flags::RDONLY_PROG != 0 && CHANGES.contains(&meta.helper.id) {
            return Err(CallFinding::MapReadOnly.into());
        }
        let seen = &mut self.aux[self.insn.index()].map;
        *seen = match *seen {
            SeenMap::Unseen => SeenMap::One(map),
            SeenMap::One(before) if before.map == map.map && before.inner == map.inner => *seen,
            _ => SeenMap::Many,
        };
        Ok(())
    }

    /// A tail call to an index that is known becomes a jump: paths with other indexes are not the same.
    pub(super) fn record_func_key(&mut self, meta: &CallMeta) -> Check {
        if meta.helper.id != TAIL_CALL {
            return Ok(());
        }
        let Some(map) = meta.map.map(|map| self.map_def(map)).filter(|def| def.map_type == MapType::ProgArray) else {
            return Err(CallFinding::TailCallMap.into());
        };
        match self.reg(Reg::R3).constant_value() {
            Some(index) if index < u64::from(map.max_entries) => self.mark_chain_precision(Reg::R3),
            _ => Ok(()),
        }
    }
}
