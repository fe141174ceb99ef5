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
//! which a map or the types were refused.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

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

const NOT_LOADED: &str = "not loaded: ";

impl Reply {
    fn parse(text: &str) -> Option<Reply> {
        match text.strip_prefix(NOT_LOADED) {
            Some(why) => Some(Reply::NotLoaded(why.to_owned())),
            None => Verdict::parse(text).map(Reply::Verdict),
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
}

impl Told {
    /// Asks the running kernel, all files of cases in a folder. `progress` is told of each.
    ///
    /// # Errors
    /// A file cannot be read or is not one of cases.
    pub fn by_the_running_kernel(folder: &Path, mut progress: impl FnMut(&str)) -> Result<Told, String> {
        let mut told = Told { release: source::running_release(), cpus: kernel::possible_cpus(), ..Told::default() };
        for (path, file) in check::read_all(folder)? {
            progress(&path);
            for case in &file.cases {
                let reply = match check::ask(&path, &file, case, 1).map(|answer| answer.verdict()) {
                    Ok(verdict) if Some(&verdict) == case.answer.as_ref() => Reply::Same,
                    Ok(verdict) => Reply::Verdict(verdict),
                    Err(why) => Reply::NotLoaded(without_place(&path, &why)),
                };
                told.replies.insert((file_name(&path), file.fingerprint(case)), reply);
            }
        }
        progress("facts");
        told.facts = facts::of_the_running_kernel();
        Ok(told)
    }

    /// The answer to a case, if it was asked as it is now.
    pub fn reply(&self, path: &str, file: &CaseFile, case: &Case) -> Option<&Reply> {
        self.replies.get(&(file_name(path), file.fingerprint(case)))
    }

    /// Reads what [`Told::write`] writes, up to its last line.
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
                ("end", "") => return Ok(told),
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
                    let reply = lines.next().and_then(|(_, line)| Reply::parse(line.trim())).ok_or_else(wrong)?;
                    told.replies.insert((file.clone(), print), reply);
                }
                _ => return Err(wrong()),
            }
        }
        Err("the last line, `end`, is missing".to_owned())
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
                let _ = match reply {
                    Reply::Same => Ok(()),
                    Reply::Verdict(verdict) => writeln!(text, " {verdict}"),
                    Reply::NotLoaded(why) => writeln!(text, " {NOT_LOADED}{why}"),
                };
            }
        }
        for fact in &self.facts {
            let _ = writeln!(text, "fact {fact}");
        }
        text + "end\n"
    }
}

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

/// The recorded answers of other kernels: `linux-VERSION.answers` beside the cases, sorted by name.
///
/// # Errors
/// The folder cannot be read.
pub fn recorded_files() -> Result<Vec<PathBuf>, String> {
    let folder = check::folder();
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = paths.filter(|p| p.extension().is_some_and(|e| e == "answers")).collect();
    files.sort();
    Ok(files)
}
