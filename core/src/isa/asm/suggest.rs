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

/// Mnemonics of ubpf's, rbpf's and Intel-like assemblers, and an instruction of that kind in LLVM's syntax.
#[rustfmt::skip]
const OTHER_SYNTAX: [(&[&str], &str); 11] = [
    (&["mov", "mov64"], "r1 = r2"),
    (&["mov32"], "w1 = w2"),
    (&["add", "sub", "mul", "div", "mod", "or", "and", "xor", "lsh", "rsh", "arsh", "neg", "add64", "sub64", "mul64",
       "div64", "mod64", "or64", "and64", "xor64", "lsh64", "rsh64", "arsh64", "neg64"], "r1 += r2"),
    (&["add32", "sub32", "mul32", "div32", "mod32", "or32", "and32", "xor32", "lsh32", "rsh32", "arsh32", "neg32"],
     "w1 += w2"),
    (&["lddw"], "r1 = 5 ll"),
    (&["ldxb", "ldxh", "ldxw", "ldxdw"], "r1 = *(u32 *)(r2 + 4)"),
    (&["stxb", "stxh", "stxw", "stxdw", "stb", "sth", "stw", "stdw"], "*(u32 *)(r1 + 4) = r2"),
    (&["ldabsb", "ldabsh", "ldabsw", "ldindb", "ldindh", "ldindw"], "r0 = *(u32 *)skb[12]"),
    (&["jeq", "jne", "jgt", "jge", "jlt", "jle", "jset", "jsgt", "jsge", "jslt", "jsle", "jeq32", "jne32", "jgt32",
       "jge32", "jlt32", "jle32", "jset32", "jsgt32", "jsge32", "jslt32", "jsle32"], "if r1 == r2 goto +3"),
    (&["le16", "le32", "le64", "be16", "be32", "be64", "swap16", "swap32", "swap64", "bswap16", "bswap32", "bswap64"],
     "r1 = be16 r1"),
    (&["ja", "jmp"], "goto +3"),
];

/// An instruction in LLVM's syntax of the kind that another assembler has under that name.
pub(super) fn of_other_syntax(word: &str) -> Option<&'static str> {
    OTHER_SYNTAX.iter().find(|(words, _)| words.contains(&word)).map(|(_, ours)| *ours)
}
