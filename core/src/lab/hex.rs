//! Bytes as hexadecimal text, as `--format json` and scenario files write them.

/// Two lower-case digits a byte, nothing between.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |d: u8| DIGITS[usize::from(d & 15)] as char;
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]).collect()
}

/// Reads hexadecimal digits in pairs, blanks between them ignored; `None` when it is anything else.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|p| p[0] << 4 | p[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_and_other_text_does_not() {
        assert_eq!(encode(&[0x00, 0xab, 0x1f]), "00ab1f");
        assert_eq!(decode("00 AB\n1f"), Some(vec![0x00, 0xab, 0x1f]));
        assert_eq!(decode(""), Some(vec![]));
        assert_eq!(decode("0"), None);
        assert_eq!(decode("0g"), None);
    }
}
