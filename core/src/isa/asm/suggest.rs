//! "Did you mean …?": the nearest of the known names.

/// How many comparisons of names one assembly may spend on suggestions.
const BUDGET: usize = 200_000;
/// Names longer than this are not compared.
const LONGEST: usize = 48;

/// Finds the nearest name, within a budget for the whole text.
pub(super) struct Suggest {
    left: usize,
}

impl Default for Suggest {
    fn default() -> Suggest {
        Suggest { left: BUDGET }
    }
}

impl Suggest {
    /// Whether the budget is spent, so that candidates need not be gathered.
    pub fn spent(&self) -> bool {
        self.left == 0
    }

    /// `"; did you mean `loop1`?"`, or nothing when no candidate is near.
    pub fn text<'a>(&mut self, wrong: &str, candidates: impl Iterator<Item = &'a str>) -> String {
        let mut best: Option<(usize, &str)> = None;
        let limit = (wrong.len() / 3).max(1);
        for candidate in candidates {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            if wrong.len() > LONGEST || candidate.len().abs_diff(wrong.len()) > limit || candidate.len() > LONGEST {
                continue;
            }
            let distance = distance(wrong.as_bytes(), candidate.as_bytes());
            if distance <= limit && candidate != wrong && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, candidate));
            }
        }
        best.map_or(String::new(), |(_, name)| format!("; did you mean `{name}`?"))
    }
}

/// Levenshtein's distance, letters of either case being the same.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = usize::from(!x.eq_ignore_ascii_case(y));
            let next = (diagonal + cost).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}
