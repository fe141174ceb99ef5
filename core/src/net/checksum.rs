//! Internet checksums (RFC 1071, RFC 1624): the ones' complement sum, folded and inverted.
//!
//! Sums are taken over the bytes as a little-endian machine loads them, as the kernel does on x86: a checksum is then
//! stored with `to_le_bytes`. Ones' complement sums do not care, as long as one order is used throughout.

/// The 32-bit ones' complement sum of `bytes`, added to `sum` (`csum_partial`). An odd last byte counts as if a zero followed.
///
/// Two sums of the same bytes may differ as numbers and still be the same once folded.
pub fn partial(bytes: &[u8], sum: u32) -> u32 {
    let (words, rest) = bytes.as_chunks::<4>();
    let mut total = sum as u64;
    for word in words {
        total += u32::from_le_bytes(*word) as u64;
    }
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    total += u32::from_le_bytes(last) as u64;
    // At most 2^32 words fit an address space, so two folds bring any total into 32 bits.
    fold64(total)
}

/// A 64-bit sum as a 32-bit one, carries added back in.
const fn fold64(total: u64) -> u32 {
    let total = (total & 0xffff_ffff) + (total >> 32);
    ((total & 0xffff_ffff) + (total >> 32)) as u32
}

/// Ones' complement addition (`csum_add`).
pub const fn add(a: u32, b: u32) -> u32 {
    let (sum, carry) = a.overflowing_add(b);
    sum.wrapping_add(carry as u32)
}

/// Ones' complement subtraction (`csum_sub`).
pub const fn sub(a: u32, b: u32) -> u32 {
    add(a, !b)
}

/// The 16-bit checksum of a sum: carries added, inverted (`csum_fold`).
pub const fn fold(sum: u32) -> u16 {
    let sum = (sum & 0xffff) + (sum >> 16);
    !((sum & 0xffff) + (sum >> 16)) as u16
}

/// The sum that a stored checksum stands for (`csum_unfold`, inverted).
pub const fn unfold(check: u16) -> u32 {
    !(check as u32)
}

/// A checksum after the data under it changed by `diff` (`csum_replace_by_diff`).
pub const fn replace_by_diff(check: u16, diff: u32) -> u16 {
    fold(add(diff, unfold(check)))
}

/// A checksum after a 32-bit word under it changed (`csum_replace4`).
pub const fn replace4(check: u16, from: u32, to: u32) -> u16 {
    fold(add(sub(unfold(check), from), to))
}

/// A checksum after a 16-bit word under it changed (`csum_replace2`, RFC 1624 eqn. 3).
pub const fn replace2(check: u16, from: u16, to: u16) -> u16 {
    let sum = add16(add16(!check, !from), to);
    !sum
}

const fn add16(a: u16, b: u16) -> u16 {
    let (sum, carry) = a.overflowing_add(b);
    sum.wrapping_add(carry as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_its_checksum_sums_to_zero() {
        // An IPv4 header as sent by a host: its checksum field is 0xb1e6.
        let header = [
            0x45, 0x00, 0x00, 0x3c, 0x1c, 0x46, 0x40, 0x00, 0x40, 0x06, 0xb1, 0xe6, 0xac, 0x10, 0x0a, 0x63, 0xac, 0x10,
            0x0a, 0x0c,
        ];
        assert_eq!(fold(partial(&header, 0)), 0);
        let mut blank = header;
        blank[10..12].fill(0);
        assert_eq!(fold(partial(&blank, 0)).to_le_bytes(), header[10..12]);
    }

    #[test]
    fn replacing_a_word_gives_the_checksum_of_the_new_bytes() {
        let old = [1u8, 2, 3, 4, 5, 6, 7, 8];
        let mut new = old;
        new[4..].copy_from_slice(&[0xfe, 0xff, 9, 0x80]);
        let check = fold(partial(&old, 0));
        let word = |b: &[u8; 8]| u32::from_le_bytes([b[4], b[5], b[6], b[7]]);
        assert_eq!(replace4(check, word(&old), word(&new)), fold(partial(&new, 0)));
        new[6..].copy_from_slice(&old[6..]);
        let half = |b: &[u8; 8]| u16::from_le_bytes([b[4], b[5]]);
        assert_eq!(replace2(check, half(&old), half(&new)), fold(partial(&new, 0)));
    }

    #[test]
    fn an_odd_byte_counts_as_if_a_zero_followed() {
        assert_eq!(partial(&[1, 2, 3, 4, 5], 0), partial(&[1, 2, 3, 4, 5, 0, 0, 0], 0));
    }
}
