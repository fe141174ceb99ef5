//! Files of cases: many small programs in assembly, each with the kernel's recorded answer.
//!
//! ```text
//! #= kernel 6.18
//! .license "GPL"
//! .section socket
//!
//! #== r0 must be set before exit
//! #= rejected: R0 !read_ok (errno EACCES)
//!         exit
//!
//! #== an unprivileged program may not return a pointer
//! #= unprivileged
//!         r0 = r10
//!         exit
//! ```
//!
//! The first line names the kernel that gave the answers. What comes before the first `#==` is put before every case.
//! A case's lines of `#=` are options (see [`Options`]) and, once `agree record` has asked the kernel, its answer.
//! All that begins with `#` is a comment to the assembler, so a file without any case is plain assembly.

use std::fmt::Write as _;
use std::ops::Range;

use bpfscope_core::kernel::{LOAD_FLAGS, ProgType};

use super::answer::Verdict;

/// How a program is loaded, other than its text says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// `unprivileged`: by a user without capabilities.
    pub unprivileged: bool,
    /// `type: NAME`: as another type than the section says.
    pub prog_type: Option<ProgType>,
    /// `license: TEXT`; `none` for an empty one.
    pub license: Option<String>,
    /// `flags: NAME, …`
    pub flags: u32,
    /// `no btf`: without types, functions and source lines.
    pub no_btf: bool,
    /// `attach: NUMBER`: the expected attach type, when it is not what the section stands for.
    pub attach: Option<u32>,
    /// `left out: REASON`: why it is not compared on packets.
    pub left_out: Option<String>,
}

impl Options {
    /// Takes one line, without its `#=`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&mut self, line: &str) -> Result<(), String> {
        let (name, value) = line.split_once(':').map_or((line, ""), |(name, value)| (name.trim(), value.trim()));
        match name {
            "unprivileged" => self.unprivileged = true,
            "no btf" => self.no_btf = true,
            "type" => {
                let found = ProgType::ALL.into_iter().find(|t| t.name() == value);
                self.prog_type = Some(found.ok_or_else(|| format!("no program type `{value}` is known"))?);
            }
            "license" => self.license = Some(if value == "none" { String::new() } else { value.to_owned() }),
            "left out" => self.left_out = Some(value.to_owned()),
            "attach" => self.attach = Some(value.parse().map_err(|_| format!("`{value}` is not a number"))?),
            "flags" => {
                for name in value.split([',', ' ']).filter(|name| !name.is_empty()) {
                    let bit = LOAD_FLAGS.iter().find(|flag| flag.name == name).map(|flag| flag.bit);
                    self.flags |= bit.ok_or_else(|| format!("no flag `{name}` is known"))?;
                }
            }
            _ => return Err(format!("neither an option nor an answer: `{line}`")),
        }
        Ok(())
    }
}

/// One case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// The rule in a few words; unique in the file.
    pub name: String,
    /// How it is loaded.
    pub options: Options,
    /// The recorded answer.
    pub answer: Option<Verdict>,
    /// Its lines, from the one with its name, counted from 0.
    lines: Range<usize>,
}

impl Case {
    /// The line of its name, from 1.
    pub fn line(&self) -> usize {
        self.lines.start + 1
    }
}

/// A file of cases.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseFile {
    /// Lines of the file.
    lines: Vec<String>,
    /// The kernel that gave the answers.
    pub kernel: Option<String>,
    /// The cases, in the order of the file. A file without any is one case without a name.
    pub cases: Vec<Case>,
}

const NAME: &str = "#== ";
const NOTE: &str = "#= ";
const KERNEL: &str = "#= kernel ";

impl CaseFile {
    /// Reads a file's text.
    ///
    /// # Errors
    /// `LINE: what is wrong`
    pub fn parse(text: &str) -> Result<CaseFile, String> {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let kernel = lines.first().and_then(|l| l.strip_prefix(KERNEL)).map(|v| v.trim().to_owned());
        let starts: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].starts_with(NAME)).collect();
        let mut cases = Vec::new();
        let no_case = starts.is_empty().then_some(0..lines.len());
        let ends = starts.iter().copied().skip(1).chain([lines.len()]);
        for range in starts.iter().copied().zip(ends).map(|(from, to)| from..to).chain(no_case) {
            let case = read_case(&lines, range)?;
            if cases.iter().any(|c: &Case| c.name == case.name) {
                return Err(format!("{}: a second case `{}`", case.line(), case.name));
            }
            cases.push(case);
        }
        Ok(CaseFile { lines, kernel, cases })
    }

    /// Whether the file has cases, and is not plain assembly.
    pub fn has_cases(&self) -> bool {
        self.cases.iter().any(|c| !c.name.is_empty())
    }

    /// The assembly of a case: the whole file, with the lines of all other cases left empty, so that line numbers
    /// are the file's.
    pub fn text(&self, case: &Case) -> String {
        let prelude = self.cases.first().map_or(0, |first| first.lines.start);
        let mut text = String::new();
        for (at, line) in self.lines.iter().enumerate().take(case.lines.end) {
            if at < prelude || case.lines.contains(&at) {
                text += line;
            }
            text.push('\n');
        }
        text
    }

    /// A number for all that an answer depends on, the recorded one included: when it is another, a case must be asked
    /// anew.
    pub fn fingerprint(&self, case: &Case) -> u32 {
        let text = self.text(case);
        let counts = |line: &&str| !line.is_empty() && (!line.starts_with('#') || line.starts_with("#="));
        let lines = text.lines().map(str::trim).filter(counts);
        // FNV-1a, for it is the same everywhere and always.
        let bytes = lines.flat_map(|line| line.bytes().chain([b'\n']));
        bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    /// Notes the kernel's answer to a case by its place in [`CaseFile::cases`].
    pub fn record(&mut self, case: usize, kernel: &str, answer: Verdict) {
        self.kernel = Some(kernel.to_owned());
        if let Some(case) = self.cases.get_mut(case) {
            case.answer = Some(answer);
        }
    }

    /// The file's text with the answers as they are now.
    pub fn write(&self) -> String {
        let mut text = String::new();
        if let Some(kernel) = &self.kernel {
            let _ = writeln!(text, "{KERNEL}{kernel}");
        }
        let named = self.cases.iter().filter(|c| !c.name.is_empty());
        let answered: Vec<(usize, &Verdict)> =
            named.filter_map(|c| Some((self.last_note(c), c.answer.as_ref()?))).collect();
        for (at, line) in self.lines.iter().enumerate() {
            let note = line.strip_prefix(NOTE).map(str::trim);
            let is_old = note.is_some_and(|n| Verdict::parse(n).is_some()) || (at == 0 && line.starts_with(KERNEL));
            if !is_old {
                text += line;
                text.push('\n');
            }
            if let Some((_, answer)) = answered.iter().find(|(last, _)| *last == at) {
                let _ = writeln!(text, "{NOTE}{answer}");
            }
        }
        text
    }

    /// The last of a case's lines with notes; that of its name when there are none.
    fn last_note(&self, case: &Case) -> usize {
        let notes = case.lines.clone().skip(1).take_while(|&at| self.lines[at].starts_with(NOTE));
        notes.last().unwrap_or(case.lines.start)
    }
}

fn read_case(lines: &[String], range: Range<usize>) -> Result<Case, String> {
    let name = lines.get(range.start).and_then(|l| l.strip_prefix(NAME)).unwrap_or_default().trim().to_owned();
    let mut case = Case { name, options: Options::default(), answer: None, lines: range.clone() };
    for at in range {
        let Some(note) = lines[at].strip_prefix(NOTE).map(str::trim) else { continue };
        if at == 0 && lines[at].starts_with(KERNEL) {
            continue;
        }
        match Verdict::parse(note) {
            Some(answer) => case.answer = Some(answer),
            None => case.options.read(note).map_err(|what| format!("{}: {what}", at + 1))?,
        }
    }
    Ok(case)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "#= kernel 6.12
.license \"GPL\"
.section socket

#== one
#= unprivileged
#= flags: strict_alignment, sleepable
#= rejected: R0 !read_ok (errno EACCES)
        exit

#== two
        r0 = 0
        exit
";

    #[test]
    fn a_file_is_a_prelude_and_cases() {
        let file = CaseFile::parse(FILE).unwrap();
        assert_eq!(file.kernel.as_deref(), Some("6.12"));
        let names: Vec<&str> = file.cases.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["one", "two"]);
        let one = &file.cases[0];
        assert_eq!((one.options.unprivileged, one.options.flags), (true, 0x11));
        assert_eq!(one.answer.as_ref().and_then(Verdict::rejection), Some("R0 !read_ok"));
        let text = file.text(&file.cases[1]);
        assert_eq!(text.lines().nth(11), Some("        r0 = 0"), "lines keep their numbers");
        assert!(!text.contains("one") && text.contains(".license"));
    }

    #[test]
    fn a_fingerprint_changes_with_what_an_answer_depends_on() {
        let print = |text: &str, at| {
            let file = CaseFile::parse(text).unwrap();
            file.fingerprint(&file.cases[at])
        };
        let (one, two) = (print(FILE, 0), print(FILE, 1));
        assert_ne!(one, two);
        let other_case = FILE.replace("r0 = 0", "r0 = 1");
        assert_eq!((print(&other_case, 0), print(&other_case, 1) == two), (one, false));
        assert_ne!(print(&FILE.replace(".section socket", ".section xdp"), 0), one);
        assert_ne!(print(&FILE.replace("R0 !read_ok", "no"), 0), one);
        assert_eq!(print(&FILE.replace("#== two", "# why\n\n#== two"), 0), one, "lines may move");
    }

    #[test]
    fn an_answer_replaces_the_one_before() {
        let mut file = CaseFile::parse(FILE).unwrap();
        file.record(0, "6.18", Verdict::Accepted);
        file.record(1, "6.18", Verdict::Rejected { message: "no".to_owned(), errno: 22 });
        let text = file.write();
        assert!(text.starts_with("#= kernel 6.18\n.license"));
        assert!(text.contains("sleepable\n#= accepted\n        exit"));
        assert!(text.contains("#== two\n#= rejected: no (errno EINVAL)\n        r0 = 0"));
        assert_eq!(CaseFile::parse(&text).unwrap().write(), text, "writing again changes nothing");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let cases = [
            ("#== a\n#= unpriviledged\n", "2: neither an option nor an answer: `unpriviledged`"),
            ("#== a\n#== a\n", "2: a second case `a`"),
            ("\n#== a\n#= type: lsm\n", "3: no program type `lsm` is known"),
            ("#== a\n#= flags: slow\n", "2: no flag `slow` is known"),
        ];
        for (text, expected) in cases {
            assert_eq!(CaseFile::parse(text).unwrap_err(), expected);
        }
    }

    #[test]
    fn plain_assembly_is_one_case_without_a_name() {
        let file = CaseFile::parse(".section xdp\n#= unprivileged\nexit\n").unwrap();
        assert!(!file.has_cases() && file.cases[0].options.unprivileged);
        assert_eq!(file.text(&file.cases[0]).lines().count(), 3);
    }
}
