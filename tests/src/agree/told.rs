//! What one kernel told: its answers to all cases and its facts, as text.
//!
//! ```text
//! kernel 6.1.0-56-cloud-amd64
//! cpus 2
//! file alignment.s
//! same 1f3c9a2b 5e6d7788
//! case 0badcafe a rule in a few words
//!  rejected: R0 !read_ok (errno EACCES)
//! fact helpers xdp: 1-8 10 14
//! end
//! ```
//!
//! A case is known by the file and by its [fingerprint](CaseFile::fingerprint). `same` are those whose answer is the one
//! in the case file, so that what is written out is what differs from that kernel. `not loaded` is said of programs for
//! which a map or the types were refused, and of those that the kernel did not survive: then the text ends with the
//! question.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::path::Path;
use std::{fs, io};

use bpfscope_core::kernel::KernelVersion;

use super::answer::Verdict;
use super::cases::{Case, CaseFile};
use super::{check, facts, source};
use crate::kernel;

/// The answer to a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// That of the case file.
    Same,
    /// Another one.
    Verdict(Verdict),
    /// None: what the program needs was refused, and why.
    NotLoaded(String),
}

/// How it begins when the number of a kernel function is the one that stands in where there is no such function.
const NO_FUNCTION: &str = "kernel btf_id 10000000";
const NOT_LOADED: &str = "not loaded: ";
const SAME: &str = "same";
const CRASHED: &str = "the kernel crashed";

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Same => f.write_str(SAME),
            Reply::Verdict(verdict) => verdict.fmt(f),
            Reply::NotLoaded(why) => write!(f, "{NOT_LOADED}{why}"),
        }
    }
}

impl Reply {
    fn parse(text: &str) -> Option<Reply> {
        match text.strip_prefix(NOT_LOADED) {
            Some(why) => Some(Reply::NotLoaded(why.to_owned())),
            None if text == SAME => Some(Reply::Same),
            None => Verdict::parse(text).map(Reply::Verdict),
        }
    }

    /// What the running kernel says to a case.
    fn of_the_running_kernel(path: &str, file: &CaseFile, case: &Case) -> Reply {
        match check::ask(path, file, case, 1).map(|answer| answer.verdict()) {
            Ok(verdict) if Some(&verdict) == case.answer.as_ref() => Reply::Same,
            Ok(verdict) => Reply::Verdict(verdict),
            Err(why) => Reply::NotLoaded(without_place(path, &why)),
        }
    }

    /// Whether the verifier has said why it refuses the program. It has not where a map was refused, or where a kernel
    /// function is called that the kernel does not have: loaders leave a number there that is none.
    pub fn is_of_the_verifier(&self) -> bool {
        match self {
            Reply::Same => true,
            Reply::Verdict(verdict) => !verdict.rejection().is_some_and(|why| why.starts_with(NO_FUNCTION)),
            Reply::NotLoaded(_) => false,
        }
    }

    /// As a verdict; what cannot be loaded is rejected without a message of the verifier's.
    pub fn verdict(&self, case: &Case) -> Option<Verdict> {
        match self {
            Reply::Same => case.answer.clone(),
            Reply::Verdict(verdict) => Some(verdict.clone()),
            Reply::NotLoaded(_) => {
                Some(Verdict::Rejected { message: String::new(), errno: super::answer::Answer::NO_ERRNO })
            }
        }
    }
}

/// What a kernel told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// Its release, as uname(2) has it.
    pub release: String,
    /// CPUs that it may have.
    pub cpus: u32,
    /// Answers, by file and fingerprint.
    replies: HashMap<(String, u32), Reply>,
    /// See [`facts`].
    pub facts: Vec<String>,
    /// Whether it came to the end.
    pub whole: bool,
}

impl Told {
    /// Asks the running kernel about all cases in a folder that are not known yet, and for its facts. What it tells is
    /// written to `out` as it comes, so that what it told before a crash is known.
    ///
    /// # Errors
    /// A file cannot be read or is not one of cases, or what is told cannot be written.
    pub fn ask_running_kernel(&self, folder: &Path, out: &mut impl io::Write) -> Result<(), String> {
        let mut say = |text: &str| out.write_all(text.as_bytes()).map_err(|e| format!("writing what is told: {e}"));
        say(&format!("kernel {}\ncpus {}\n", source::running_release(), kernel::possible_cpus()))?;
        for (path, file) in check::read_all(folder)? {
            say(&format!("file {}\n", file_name(&path)))?;
            for case in &file.cases {
                say(&format!("case {:08x} {}\n", file.fingerprint(case), case.name))?;
                let known = self.reply(&path, &file, case).cloned();
                let reply = known.unwrap_or_else(|| Reply::of_the_running_kernel(&path, &file, case));
                say(&format!(" {reply}\n"))?;
            }
        }
        for fact in facts::of_the_running_kernel() {
            say(&format!("fact {fact}\n"))?;
        }
        say(END)
    }

    /// The answer to a case, if it was asked as it is now.
    pub fn reply(&self, path: &str, file: &CaseFile, case: &Case) -> Option<&Reply> {
        self.replies.get(&(file_name(path), file.fingerprint(case)))
    }

    /// Reads what [`Told::ask_running_kernel`] and [`Told::write`] write. Where the text ends early, the kernel is taken
    /// to have crashed at the question that it ends with.
    ///
    /// # Errors
    /// `LINE: what is wrong`
    pub fn parse(text: &str) -> Result<Told, String> {
        let mut told = Told::default();
        let mut file = String::new();
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let wrong = || format!("{}: `{line}`", at + 1);
            let print = |digits: &str| u32::from_str_radix(digits, 16).map_err(|_| wrong());
            match line.split_once(' ').unwrap_or((line, "")) {
                ("end", "") => told.whole = true,
                ("kernel", release) => told.release = release.to_owned(),
                ("cpus", number) => told.cpus = number.parse().map_err(|_| wrong())?,
                ("file", name) => name.clone_into(&mut file),
                ("fact", fact) => told.facts.push(fact.to_owned()),
                ("same", prints) => {
                    for digits in prints.split(' ') {
                        told.replies.insert((file.clone(), print(digits)?), Reply::Same);
                    }
                }
                ("case", rest) => {
                    let print = print(rest.split(' ').next().unwrap_or_default())?;
                    let reply = match lines.next() {
                        Some((_, line)) => Reply::parse(line.trim()).ok_or_else(wrong)?,
                        None => Reply::NotLoaded(CRASHED.to_owned()),
                    };
                    told.replies.insert((file.clone(), print), reply);
                }
                _ => return Err(wrong()),
            }
        }
        Ok(told)
    }

    /// As text, in the order of the files; answers to cases that are there no longer are left out.
    pub fn write(&self, files: &[(String, CaseFile)]) -> String {
        let mut text = format!("kernel {}\ncpus {}\n", self.release, self.cpus);
        for (path, file) in files {
            let _ = writeln!(text, "file {}", file_name(path));
            let replies = file.cases.iter().filter_map(|case| Some((case, self.reply(path, file, case)?)));
            let (same, other): (Vec<_>, Vec<_>) = replies.partition(|(_, reply)| **reply == Reply::Same);
            let same: Vec<String> = same.iter().map(|(case, _)| format!("{:08x}", file.fingerprint(case))).collect();
            for prints in same.chunks(12) {
                let _ = writeln!(text, "same {}", prints.join(" "));
            }
            for (case, reply) in other {
                let _ = writeln!(text, "case {:08x} {}", file.fingerprint(case), case.name);
                let _ = writeln!(text, " {reply}");
            }
        }
        for fact in &self.facts {
            let _ = writeln!(text, "fact {fact}");
        }
        text + if self.whole { END } else { "" }
    }
}

/// The last line of all that a kernel told.
const END: &str = "end\n";

/// A file's name without its folder.
pub fn file_name(path: &str) -> String {
    Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A reason in one line, without the place that [`check::ask`] puts around it.
fn without_place(path: &str, why: &str) -> String {
    let why = why.lines().next().unwrap_or_default();
    let why = why.strip_prefix(path).unwrap_or(why).trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    why.split(" (case `").next().unwrap_or(why).trim().to_owned()
}

/// What other kernels told: `linux-VERSION.answers` beside the cases, by version.
///
/// # Errors
/// The folder or a file cannot be read, or a file is not what a kernel tells.
pub fn recorded() -> Result<Vec<(KernelVersion, Told)>, String> {
    let folder = check::folder();
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut all = Vec::new();
    for path in paths.filter(|p| p.extension().is_some_and(|e| e == "answers")) {
        let place = path.display();
        let text = fs::read_to_string(&path).map_err(|e| format!("{place}: {e}"))?;
        let told = Told::parse(&text).map_err(|e| format!("{place}:{e}"))?;
        all.push((told.release.parse().map_err(|e| format!("{place}: {e}"))?, told));
    }
    all.sort_by_key(|(version, _)| *version);
    Ok(all)
}

/// The cases whose verdict is known to differ, by reason.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// Version, `FILE: name of the case`, and why.
    rows: Vec<(KernelVersion, String, String)>,
}

impl Known {
    /// Reads `other-kernels.known`, which stands beside the cases: a line `#= WHY` and then, for each case of which it
    /// is true, a line `VERSION FILE: NAME`.
    ///
    /// # Errors
    /// `FILE:LINE: what is wrong`
    pub fn read() -> Result<Known, String> {
        let path = check::folder().join("other-kernels.known");
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Known::parse(&text).map_err(|e| format!("{}:{e}", path.display()))
    }

    fn parse(text: &str) -> Result<Known, String> {
        let mut known = Known::default();
        let mut why = None;
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            let wrong = |what: String| format!("{}: {what}", at + 1);
            if let Some(reason) = line.strip_prefix("#= ") {
                why = Some(reason.to_owned());
            } else if !line.starts_with('#') {
                let (version, case) = line.split_once(' ').ok_or_else(|| wrong("no case is named".to_owned()))?;
                let version = version.parse().map_err(|e| wrong(format!("{e}")))?;
                let why = why.clone().ok_or_else(|| wrong("no reason stands above".to_owned()))?;
                known.rows.push((version, case.to_owned(), why));
            }
        }
        Ok(known)
    }

    /// Why the verdict of a case, by its place (`FILE: NAME`), differs for that kernel.
    pub fn why(&self, version: KernelVersion, place: &str) -> Option<&str> {
        let row = self.rows.iter().find(|(v, case, _)| *v == version && case == place);
        row.map(|(.., why)| why.as_str())
    }

    /// The cases that are listed for a kernel.
    pub fn of(&self, version: KernelVersion) -> impl Iterator<Item = &str> {
        self.rows.iter().filter(move |(v, ..)| *v == version).map(|(_, case, _)| case.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "#= kernel 6.18\n#== one\n#= accepted\nexit\n#== two\n#= accepted\nr0 = 0\nexit\n#== three\nexit\n";

    #[test]
    fn what_is_told_is_read_as_it_is_written() {
        let file = CaseFile::parse(FILE).unwrap();
        let print = |at: usize| file.fingerprint(&file.cases[at]);
        let text = format!(
            "kernel 6.1.0-9\ncpus 2\nfile a.s\nsame {:08x}\ncase {:08x} two\n rejected: no (errno EINVAL)\nfact helpers xdp: 1-3\nend\n",
            print(0),
            print(1)
        );
        let told = Told::parse(&text).unwrap();
        let reply = |at: usize| told.reply("/x/a.s", &file, &file.cases[at]);
        assert_eq!(reply(0), Some(&Reply::Same));
        assert_eq!(reply(0).and_then(|reply| reply.verdict(&file.cases[0])), Some(Verdict::Accepted));
        assert!(matches!(reply(1), Some(Reply::Verdict(Verdict::Rejected { errno: 22, .. }))));
        assert_eq!(reply(2), None, "was not asked");
        assert_eq!((told.cpus, told.whole), (2, true));
        assert_eq!(told.write(&[("a.s".to_owned(), file.clone())]), text);
        let changed = CaseFile::parse(&FILE.replace("r0 = 0", "r0 = 1")).unwrap();
        assert_eq!(told.reply("a.s", &changed, &changed.cases[1]), None, "was not asked as it is now");
    }

    #[test]
    fn a_question_without_an_answer_is_a_crash() {
        let file = CaseFile::parse(FILE).unwrap();
        let text = format!("kernel 6.12\ncpus 1\nfile a.s\ncase {:08x} one\n", file.fingerprint(&file.cases[0]));
        let told = Told::parse(&text).unwrap();
        let reply = told.reply("a.s", &file, &file.cases[0]);
        assert_eq!(reply, Some(&Reply::NotLoaded(CRASHED.to_owned())));
        assert!(!told.whole);
    }

    #[test]
    fn a_known_difference_has_its_reason() {
        let known =
            Known::parse("# about\n\n#= by a backport\n6.1 a.s: one\n6.12 a.s: one\n#= other\n6.1 a.s: two\n").unwrap();
        let (old, new) = (KernelVersion::new(6, 1), KernelVersion::new(6, 12));
        assert_eq!((known.why(old, "a.s: two"), known.why(new, "a.s: two")), (Some("other"), None));
        assert_eq!(known.of(old).count(), 2);
        assert_eq!(Known::parse("6.1 a.s: one"), Err("1: no reason stands above".to_owned()));
    }
}
