//! Text broken into lines, for people.

use std::iter;

/// Breaks a text into lines at blanks.
pub fn wrap(text: &str, columns: usize) -> impl Iterator<Item = String> {
    let mut words = text.split(' ').peekable();
    iter::from_fn(move || {
        let mut line = words.next()?.to_owned();
        let mut width = line.chars().count();
        while let Some(word) = words.next_if(|word| width + 1 + word.chars().count() <= columns) {
            line.push(' ');
            line.push_str(word);
            width += 1 + word.chars().count();
        }
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_broken_at_blanks() {
        let lines: Vec<String> = wrap("a few words and averyverylongone", 8).collect();
        assert_eq!(lines, ["a few", "words", "and", "averyverylongone"]);
    }
}
