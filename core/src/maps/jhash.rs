//! Bob Jenkins's hash of 2006 ("lookup3", <https://burtleburtle.net/bob/c/lookup3.c>, in the public domain), as the kernel
//! uses it for keys of hashes and values of bloom filters.

/// Where the three words begin.
const START: u32 = 0xdead_beef;

/// Hashes bytes. What has whole words the kernel hashes as words, which comes to the same where bytes are little-endian.
pub(crate) fn hash(bytes: &[u8], seed: u32) -> u32 {
    let start = START.wrapping_add(bytes.len() as u32).wrapping_add(seed);
    let mut words = [start; 3];
    let mut rest = bytes;
    while rest.len() > 12 {
        add(&mut words, &rest[..12]);
        mix(&mut words);
        rest = &rest[12..];
    }
    if !rest.is_empty() {
        add(&mut words, rest);
        finish(&mut words);
    }
    words[2]
}

/// Adds up to twelve bytes, little-endian.
fn add(words: &mut [u32; 3], bytes: &[u8]) {
    for (at, byte) in bytes.iter().enumerate() {
        words[at / 4] = words[at / 4].wrapping_add(u32::from(*byte) << (8 * (at % 4)));
    }
}

fn mix([a, b, c]: &mut [u32; 3]) {
    for (rotate, next) in [(4, 0), (6, 1), (8, 2), (16, 0), (19, 1), (4, 2)] {
        let (x, y, z) = match next {
            0 => (&mut *a, &mut *c, &mut *b),
            1 => (&mut *b, &mut *a, &mut *c),
            _ => (&mut *c, &mut *b, &mut *a),
        };
        *x = x.wrapping_sub(*y) ^ y.rotate_left(rotate);
        *y = y.wrapping_add(*z);
    }
}

fn finish([a, b, c]: &mut [u32; 3]) {
    for (rotate, next) in [(14, 2), (11, 0), (25, 1), (16, 2), (4, 0), (14, 1), (24, 2)] {
        let (x, y) = match next {
            2 => (&mut *c, &*b),
            0 => (&mut *a, &*c),
            _ => (&mut *b, &*a),
        };
        *x = (*x ^ *y).wrapping_sub(y.rotate_left(rotate));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that lookup3.c itself gives for its `hashlittle`.
    #[test]
    fn the_hash_is_its_authors() {
        assert_eq!(hash(b"", 0), 0xdead_beef);
        assert_eq!(hash(b"", 0xdead_beef), 0xbd5b_7dde);
        assert_eq!(hash(b"Four score and seven years ago", 0), 0x1777_0551);
        assert_eq!(hash(b"Four score and seven years ago", 1), 0xcd62_8161);
    }
}
