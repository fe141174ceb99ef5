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

/// Edits that are looked ahead; where texts differ more, the best way so far is taken and the search begins anew, in
/// bounded memory and time.
const MAX_EDITS: usize = 400;

/// How the lines of `old` become those of `new`.
pub fn diff(old: &[&str], new: &[&str]) -> Vec<Edit> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tails = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = tails.take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut edits: Vec<Edit> = (0..head).map(|at| Edit::Same(at, at)).collect();
    let (mut x, mut y) = (0, 0);
    while x < a.len() || y < b.len() {
        let (part, dx, dy) = middle(&a[x..], &b[y..]);
        let (by_x, by_y) = (head + x, head + y);
        edits.extend(part.into_iter().map(|edit| match edit {
            Edit::Same(x, y) => Edit::Same(x + by_x, y + by_y),
            Edit::Gone(x) => Edit::Gone(x + by_x),
            Edit::New(y) => Edit::New(y + by_y),
        }));
        (x, y) = (x + dx, y + dy);
    }
    edits.extend((0..tail).map(|at| Edit::Same(old.len() - tail + at, new.len() - tail + at)));
    edits
}

/// Lines that stayed.
pub fn same(edits: &[Edit]) -> usize {
    edits.iter().filter(|edit| matches!(edit, Edit::Same(..))).count()
}

/// The shortest script of edits and how far into both texts it goes: to their ends unless they differ too much.
fn middle(a: &[&str], b: &[&str]) -> (Vec<Edit>, usize, usize) {
    let most = (a.len() + b.len()).min(MAX_EDITS);
    // `ends[most + k]` is how far into `a` the best path on diagonal k (x - y) has come.
    let mut ends = vec![0usize; 2 * most + 2];
    let mut history: Vec<Vec<usize>> = Vec::new();
    let place = |k: isize| (most as isize + k) as usize;
    for d in 0..=most as isize {
        history.push(ends[place(-d)..=place(d)].to_vec());
        let (mut far_x, mut far_y) = (0, 0);
        for k in (-d..=d).step_by(2) {
            let down = k == -d || (k != d && ends[place(k - 1)] < ends[place(k + 1)]);
            let mut x = match (d, down) {
                (0, _) => 0,
                (_, true) => ends[place(k + 1)],
                (_, false) => ends[place(k - 1)] + 1,
            };
            let mut y = (x as isize - k) as usize;
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            ends[place(k)] = x;
            if x >= a.len() && y >= b.len() {
                return (walk_back(&history, d, a.len(), b.len()), a.len(), b.len());
            }
            // A path beyond an end of one text leads nowhere.
            if x <= a.len() && y <= b.len() && x + y > far_x + far_y {
                (far_x, far_y) = (x, y);
            }
        }
        if d == most as isize && far_x + far_y > 0 {
            return (walk_back(&history, d, far_x, far_y), far_x, far_y);
        }
    }
    let gone = (0..a.len()).map(Edit::Gone);
    (gone.chain((0..b.len()).map(Edit::New)).collect(), a.len(), b.len())
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
    fn long_texts_with_many_differences_are_followed_to_their_ends() {
        let (old, new): (Vec<String>, Vec<String>) =
            (0..5000).map(|n| (n.to_string(), if n % 3 == 0 { format!("{n}!") } else { n.to_string() })).unzip();
        let (a, b): (Vec<&str>, Vec<&str>) =
            (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
        let edits = diff(&a, &b);
        assert_eq!(same(&edits), 3333);
        assert_eq!(replay(&edits, &a, &b), (a.clone(), b.clone()));
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
