//! Where the values of one map live: a single run of bytes, and the offsets that programs see.
//!
//! Value number `slot` is at offset `slot << shift` of the map's value region, where `1 << shift` is the value size
//! rounded up to a power of two; so an offset splits into slot and byte without a division. In memory values are
//! only rounded up to 8 bytes. Offsets stay valid for ever: a slot is never moved.

use crate::kernel::Errno;

/// The values of a map.
#[derive(Clone, Debug)]
pub(crate) struct Slab {
    bytes: Vec<u8>,
    /// Bytes of a value.
    size: u32,
    /// Bytes from a value to the next, in memory.
    stride: usize,
    /// Logarithm of the offset from a value to the next.
    shift: u32,
    /// Whether programs may write.
    writable: bool,
}

/// Largest value: offsets within a region have 32 bits.
pub(crate) const MAX_VALUE_SIZE: u32 = 1 << 31;

/// Bytes that a value takes in memory, and in what user space sees of per-CPU maps.
pub(crate) fn stride(value_size: u32) -> usize {
    (value_size as usize).next_multiple_of(8)
}

/// Values of that size that one region can hold.
pub(crate) fn region_slots(value_size: u32) -> u64 {
    (1 << 32) >> shift(value_size)
}

fn shift(value_size: u32) -> u32 {
    value_size.clamp(8, MAX_VALUE_SIZE).next_power_of_two().trailing_zeros()
}

impl Slab {
    pub(crate) fn new(value_size: u32, writable: bool) -> Slab {
        Slab { bytes: Vec::new(), size: value_size, stride: stride(value_size), shift: shift(value_size), writable }
    }

    /// The offset of a value in the region.
    #[inline]
    pub(crate) fn offset(&self, slot: u32) -> u32 {
        slot << self.shift
    }

    /// The value that an offset points into, and the byte within.
    pub(crate) fn split(&self, offset: u32) -> Option<(u32, u32)> {
        let slot = offset >> self.shift;
        let within = offset & ((1 << self.shift) - 1);
        (within < self.size && slot < self.slots()).then_some((slot, within))
    }

    #[inline]
    fn position(&self, offset: u32, len: u32) -> Option<usize> {
        let within = offset & ((1 << self.shift) - 1);
        // No overflow: `within` is below MAX_VALUE_SIZE.
        if len > self.size || within > self.size - len {
            return None;
        }
        Some((offset >> self.shift) as usize * self.stride + within as usize)
    }

    #[inline]
    pub(crate) fn get(&self, offset: u32, len: u32) -> Option<&[u8]> {
        let at = self.position(offset, len)?;
        self.bytes.get(at..)?.get(..len as usize)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, offset: u32, len: u32) -> Option<&mut [u8]> {
        let at = self.position(offset, len)?;
        if !self.writable {
            return None;
        }
        self.bytes.get_mut(at..)?.get_mut(..len as usize)
    }

    /// A whole value.
    pub(crate) fn value(&self, slot: u32) -> &[u8] {
        let at = slot as usize * self.stride;
        &self.bytes[at..at + self.size as usize]
    }

    /// Replaces a whole value.
    pub(crate) fn set(&mut self, slot: u32, value: &[u8]) {
        let at = slot as usize * self.stride;
        self.bytes[at..at + self.size as usize].copy_from_slice(value);
    }

    /// Values that have memory.
    #[inline]
    pub(crate) fn slots(&self) -> u32 {
        (self.bytes.len() / self.stride.max(1)) as u32
    }

    /// Whether a value has memory.
    #[inline]
    pub(crate) fn has(&self, slot: u32) -> bool {
        slot as usize * self.stride < self.bytes.len()
    }

    /// Gives memory, zeroed, to values up to `slots`, or takes it away.
    pub(crate) fn resize(&mut self, slots: usize) -> Result<(), Errno> {
        let len = slots.checked_mul(self.stride).ok_or(Errno::Enomem)?;
        self.bytes.try_reserve(len.saturating_sub(self.bytes.len())).map_err(|_| Errno::Enomem)?;
        self.bytes.resize(len, 0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_stays_within_one_value() {
        let mut slab = Slab::new(12, true);
        slab.resize(2).unwrap();
        let second = slab.offset(1);
        assert_eq!(second, 16);
        for (offset, len, inside) in [
            (0, 12, true),
            (8, 4, true),
            (8, 8, false),
            (12, 1, false),
            (second, 12, true),
            (second + 11, 1, true),
            (second + 12, 1, false),
            (32, 1, false),
            (u32::MAX, 1, false),
            (0, u32::MAX, false),
        ] {
            assert_eq!(slab.get(offset, len).is_some(), inside, "{offset} {len}");
            assert_eq!(slab.get_mut(offset, len).is_some(), inside, "{offset} {len}");
        }
    }

    #[test]
    fn a_read_only_slab_is_not_written() {
        let mut slab = Slab::new(4, false);
        slab.resize(1).unwrap();
        assert!(slab.get(0, 4).is_some());
        assert!(slab.get_mut(0, 4).is_none());
    }

    #[test]
    fn the_largest_value_has_one_place_a_region_half() {
        assert_eq!(region_slots(MAX_VALUE_SIZE), 2);
        assert_eq!(region_slots(1), 1 << 29);
    }
}
