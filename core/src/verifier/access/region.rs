//! Memory of known size: map values and keys, plain memory.

use super::{Access, At, Value};
use crate::isa::Reg;
use crate::kernel::{InitialValue, MapDef, MapType, map_flags};
use crate::verifier::env::Verifier;
use crate::verifier::finding::{AccessFinding, Check, Outside};
use crate::verifier::reg::{Flags, RegState, RegType};
use crate::verifier::text::type_name;

/// Offsets that a pointer may have, in both directions (the kernel's `BPF_MAX_VAR_OFF`).
pub(crate) const MAX_VAR_OFF: i64 = 1 << 29;

/// Who accesses a map value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// A load or store.
    Direct,
    /// A helper.
    Helper,
}

impl Verifier<'_> {
    /// Checks `size` bytes at a fixed offset of memory of `limit` bytes.
    fn check_bytes(&self, reg: Reg, off: i64, size: i32, limit: u32, zero_ok: bool) -> Result<(), Outside> {
        let size_ok = size > 0 || (size == 0 && zero_ok);
        if off >= 0 && size_ok && off as u64 + size as u64 <= u64::from(limit) {
            return Ok(());
        }
        // The kernel keeps offsets in 32 bits here.
        let off = i64::from(off as i32);
        let state = self.reg(reg);
        Err(match state.ty {
            RegType::MapKey => Outside::MapKey { limit, off, size },
            RegType::MapValue => Outside::MapValue { limit, off, size },
            RegType::Packet | RegType::PacketMeta | RegType::PacketEnd => {
                Outside::Packet { reg, id: state.id, limit, off, size }
            }
            _ => Outside::Memory { limit, off, size },
        })
    }

    /// Checks `size` bytes behind a pointer with a variable offset, in memory of `limit` bytes.
    pub fn check_mem_region(&self, reg: Reg, off: i32, size: i32, limit: u32, zero_ok: bool) -> Check {
        let num = self.reg(reg).num;
        let least = num.smin.wrapping_add(i64::from(off));
        if num.smin < 0 && (num.smin == i64::MIN || least != i64::from(least as i32) || least < 0) {
            return Err(AccessFinding::NegativeMin { reg }.into());
        }
        self.check_bytes(reg, least, size, limit, zero_ok).map_err(|outside| AccessFinding::OutOfRange {
            reg,
            outside,
            end: "min",
        })?;
        if num.umax >= MAX_VAR_OFF as u64 {
            return Err(AccessFinding::Unbounded { reg }.into());
        }
        let most = num.umax as i64 + i64::from(off);
        self.check_bytes(reg, most, size, limit, zero_ok).map_err(|outside| AccessFinding::OutOfRange {
            reg,
            outside,
            end: "max",
        })?;
        Ok(())
    }

    /// Checks `size` bytes behind a packet pointer against what was compared with the packet's end.
    pub fn check_packet_access(&self, reg: Reg, off: i32, size: i32, zero_ok: bool) -> Check {
        let state = self.reg(reg);
        if state.num.smin < 0 {
            return Err(AccessFinding::NegativeMin { reg }.into());
        }
        let Ok(range) = u32::try_from(state.range()) else {
            return Err(AccessFinding::OutsidePacket { reg, outside: None }.into());
        };
        self.check_bytes(reg, i64::from(off), size, range, zero_ok)
            .map_err(|outside| AccessFinding::OutsidePacket { reg, outside: Some(outside) })?;
        Ok(())
    }

    /// Checks that the map lets programs do that.
    pub(super) fn check_map_access_type(&self, reg: Reg, off: i32, size: i32, access: Access) -> Check {
        let Some(map) = self.reg(reg).map() else { return Ok(()) };
        let def = self.map_def(map);
        let (forbidden, name) = match access {
            Access::Write => (map_flags::RDONLY_PROG, "write into"),
            Access::Read => (map_flags::WRONLY_PROG, "read from"),
        };
        if def.prog_flags() & forbidden != 0 {
            let value_size = def.value_size;
            return Err(AccessFinding::MapForbidden { access: name, value_size, off, size }.into());
        }
        Ok(())
    }

    /// Checks `size` bytes of a map value, and that they hold nothing that only helpers may touch.
    pub fn check_map_access(&self, reg: Reg, off: i32, size: i32, zero_ok: bool, source: Source) -> Check {
        let state = *self.reg(reg);
        let Some(map) = state.map() else { return Ok(()) };
        let def = self.map_def(map);
        self.check_mem_region(reg, off, size, def.value_size, zero_ok)?;
        self.check_special_fields(def, &state, off, size, source)
    }

    /// The constants of read-only data are known to the verifier.
    fn constant_in(&self, def: &MapDef, off: i64, size: i32, sign: bool) -> Option<u64> {
        if !def.is_frozen() || def.map_type != MapType::Array || def.max_entries != 1 {
            return None;
        }
        // What was not stored is zero.
        let bytes: &[u8] = match def.initial.first().map(|first| &first.value) {
            Some(InitialValue::Bytes(bytes)) => bytes,
            _ => &[],
        };
        let rest = bytes.get(usize::try_from(off).ok()?..).unwrap_or_default();
        let mut value = [0u8; 8];
        for (to, from) in value.iter_mut().zip(rest.iter().take(size as usize)) {
            *to = *from;
        }
        let value = u64::from_le_bytes(value);
        let unused = 64 - 8 * size as u32;
        Some(if sign { ((value as i64) << unused >> unused) as u64 } else { value })
    }

    pub(super) fn access_map_key(&mut self, reg: &RegState, at: At, value: Value) -> Check {
        if at.access == Access::Write {
            return Err(AccessFinding::MapKeyReadOnly { reg: at.base }.into());
        }
        let key_size = reg.map().map_or(0, |map| self.map_def(map).key_size);
        self.check_mem_region(at.base, at.off, at.size, key_size, false)?;
        self.load_unknown(at, value);
        Ok(())
    }

    pub(super) fn access_map_value(&mut self, reg: &RegState, at: At, value: Value, sign: bool) -> Check {
        self.check_leak(at, value, "map")?;
        self.check_map_access_type(at.base, at.off, at.size, at.access)?;
        self.check_map_access(at.base, at.off, at.size, false, Source::Direct)?;
        let Some(map) = reg.map() else { return Ok(()) };
        if let Some(fixed) = reg.num.constant_value()
            && self.access_kptr(map, i64::from(at.off) + fixed as i64, at, value)?
        {
            return Ok(());
        }
        if let (Access::Read, Value::Reg(dst)) = (at.access, value) {
            let known = reg.num.constant_value().and_then(|fixed| {
                self.constant_in(self.map_def(map), i64::from(at.off).wrapping_add(fixed as i64), at.size, sign)
            });
            self.set_reg(dst, known.map_or(RegState::UNKNOWN, RegState::constant));
        }
        Ok(())
    }

    pub(super) fn access_memory(&mut self, reg: &RegState, at: At, value: Value) -> Check {
        let ty = || type_name(reg.ty, reg.flags);
        let read_only = reg.flags.has(Flags::RDONLY);
        if reg.may_be_null() {
            return Err(AccessFinding::NotMemory { reg: at.base, ty: ty() }.into());
        }
        if at.access == Access::Write && read_only {
            return Err(AccessFinding::ReadOnly { reg: at.base, ty: ty() }.into());
        }
        self.check_leak(at, value, "mem")?;
        // Untrusted memory is read with a guard, wherever it is.
        if !(read_only && reg.flags.has(Flags::UNTRUSTED)) {
            self.check_mem_region(at.base, at.off, at.size, reg.mem_size(), false)?;
        }
        self.load_unknown(at, value);
        Ok(())
    }
}
