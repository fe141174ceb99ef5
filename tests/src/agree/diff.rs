//! Two texts line by line: what stayed, what went, what came (Myers' algorithm, "An O(ND) Difference Algorithm").

/// What became of a line; numbers count lines of the two texts from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edit {
    /// In both.
    Same(usize, usize),
    /// Only in the first.
    Gone(usize),
    /// Only in the second.
    New(usize),
}

/// Differences that are looked for; texts that differ more are told apart less well, in bounded memory and time.
const MAX_EDITS: usize = 3000;

/// How the lines of `old` become those of `new`.
pub fn diff(old: &[&str], new: &[&str]) -> Vec<Edit> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tails = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = tails.take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut edits: Vec<Edit> = (0..head).map(|at| Edit::Same(at, at)).collect();
    edits.extend(middle(a, b).into_iter().map(|edit| match edit {
        Edit::Same(x, y) => Edit::Same(x + head, y + head),
        Edit::Gone(x) => Edit::Gone(x + head),
        Edit::New(y) => Edit::New(y + head),
    }));
    edits.extend((0..tail).map(|at| Edit::Same(old.len() - tail + at, new.len() - tail + at)));
    edits
}

/// Lines that stayed.
pub fn same(edits: &[Edit]) -> usize {
    edits.iter().filter(|edit| matches!(edit, Edit::Same(..))).count()
}

/// The shortest script of edits; after [`MAX_EDITS`] the rest counts as different.
fn middle(a: &[&str], b: &[&str]) -> Vec<Edit> {
    let most = (a.len() + b.len()).min(MAX_EDITS);
    // `ends[most + k]` is how far into `a` the best path on diagonal k (x - y) has come.
    let mut ends = vec![0usize; 2 * most + 2];
    let mut history: Vec<Vec<usize>> = Vec::new();
    let place = |k: isize| (most as isize + k) as usize;
    for d in 0..=most as isize {
        history.push(ends[place(-d)..=place(d)].to_vec());
        for k in (-d..=d).step_by(2) {
            let down = k == -d || (k != d && ends[place(k - 1)] < ends[place(k + 1)]);
            let mut x = if d == 0 {
                0
            } else if down {
                ends[place(k + 1)]
            } else {
                ends[place(k - 1)] + 1
            };
            let mut y = (x as isize - k) as usize;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            ends[place(k)] = x;
            if x >= a.len() && y >= b.len() {
                return walk_back(&history, d, a.len(), b.len());
            }
        }
    }
    let gone = (0..a.len()).map(Edit::Gone);
    gone.chain((0..b.len()).map(Edit::New)).collect()
}

/// The way that led to the end after `d` edits, from the furthest points of each round before.
fn walk_back(history: &[Vec<usize>], d: isize, mut x: usize, mut y: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    for d in (1..=d).rev() {
        let ends = &history[d as usize];
        let end = |k: isize| ends[(k + d) as usize];
        let k = x as isize - y as isize;
        let down = k == -d || (k != d && end(k - 1) < end(k + 1));
        let before = if down { k + 1 } else { k - 1 };
        let from_x = end(before);
        let from_y = (from_x as isize - before) as usize;
        while x > from_x && y > from_y && !(x == from_x + usize::from(!down) && y == from_y + usize::from(down)) {
            (x, y) = (x - 1, y - 1);
            edits.push(Edit::Same(x, y));
        }
        if down {
            y -= 1;
            edits.push(Edit::New(y));
        } else {
            x -= 1;
            edits.push(Edit::Gone(x));
        }
    }
    while x > 0 && y > 0 {
        (x, y) = (x - 1, y - 1);
        edits.push(Edit::Same(x, y));
    }
    edits.reverse();
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two texts that a script says there were.
    fn replay<'a>(edits: &[Edit], a: &[&'a str], b: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for edit in edits {
            match *edit {
                Edit::Same(x, y) => {
                    assert_eq!(a[x], b[y]);
                    old.push(a[x]);
                    new.push(b[y]);
                }
                Edit::Gone(x) => old.push(a[x]),
                Edit::New(y) => new.push(b[y]),
            }
        }
        (old, new)
    }

    #[test]
    fn what_stays_is_a_longest_common_subsequence() {
        let cases = [
            ("", "", 0),
            ("abc", "abc", 3),
            ("abcabba", "cbabac", 4),
            ("abc", "", 0),
            ("", "xy", 0),
            ("axbxc", "abc", 3),
            ("abc", "axbxc", 3),
            ("xaby", "zabw", 2),
            ("abcdefgh", "hgfedcba", 1),
        ];
        for (old, new, expected) in cases {
            let split = |text: &'static str| -> Vec<&str> { text.split("").filter(|s| !s.is_empty()).collect() };
            let (a, b) = (split(old), split(new));
            let edits = diff(&a, &b);
            assert_eq!(same(&edits), expected, "{old} {new}: {edits:?}");
            assert_eq!(replay(&edits, &a, &b), (a.clone(), b.clone()), "{old} {new}");
        }
    }
}
