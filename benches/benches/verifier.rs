//! The verifier's figures: beside the running kernel's, time for each processed instruction on the same programs in the
//! same run; and its memory for the largest programs.
//!
//! The programs are those of `tests/verifier`: the C programs as clang makes them, and the cases that are accepted after
//! 10 to 100 000 processed instructions. The kernel's time is what its log says (`verification time`), the least of some
//! loads; ours is the least of as many runs, without a log.
//!
//! They are left as objects in `target/tmp/verifier`, with a list, for `tests/page/bench.mjs` to verify in the browser.
//! Memory is what a process that verifies one program has resident at most: this program again, with `--verify`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs, io};

use bpfscope_benches::{Keep, Verified, large};
use bpfscope_core::verifier::{self, Verification};
use bpfscope_tests::agree::ask::{Asked, LogSpec};
use bpfscope_tests::agree::cases::{CaseFile, Options};
use bpfscope_tests::agree::compiled;
use bpfscope_tests::agree::source::{Subject, running_kernel_types};
use bpfscope_tests::{clang, kernel};

/// Runs of which the fastest counts.
const RUNS: usize = 7;
/// Processed instructions of the programs that are measured.
const MEASURED: std::ops::RangeInclusive<u64> = 10..=100_000;
/// Cases are many and small: those with fewer instructions than this are left out.
const LEAST_OF_A_CASE: u64 = 100;
/// Of the programs of the corpus so many, the largest, have their memory measured.
const LARGEST: usize = 3;
/// What the largest may take, in kB.
const GOAL_KB: i64 = 200_000;
/// Where the programs are left.
const FOLDER: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/verifier");

/// One program's figures.
struct Row {
    name: String,
    processed: u64,
    ours_processed: u64,
    kernel_ns: f64,
    ours_ns: f64,
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let done = match args.as_slice() {
        [verify, keep, program, file] if verify == "--verify" => once(keep, program, Path::new(file)),
        _ => measure(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("verifier: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Verifies one program, and prints what that took: the most that was resident, in kB.
fn once(keep: &str, program: &str, file: &Path) -> io::Result<()> {
    let object = fs::read(file)?;
    let verified = program.parse().ok().and_then(|program| Verified::new(&object, program));
    let (Some(keep), Some(verified)) = (Keep::named(keep), verified) else {
        return Err(io::Error::other(format!("{}: there is no program {program}", file.display())));
    };
    std::hint::black_box(verified.verify(keep));
    let status = fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown");
    println!("{}", most.trim_end_matches("kB").trim());
    Ok(())
}

fn measure() -> io::Result<()> {
    if !clang::available("programs to verify") {
        return Ok(());
    }
    let subjects = subjects();
    if kernel::available("the verifier's speed beside the kernel's") {
        beside_the_kernel(&subjects);
    }
    let left = leave(&subjects)?;
    memory(&left)
}

fn beside_the_kernel(subjects: &[(String, Subject)]) {
    let mut rows: Vec<Row> = subjects.iter().flat_map(|(name, subject)| compare(name, subject)).collect();
    rows.sort_by_key(|row| row.processed);
    println!("{:<44} {:>9} {:>9} {:>10} {:>10} {:>7}", "program", "kernel's", "ours", "kernel ns", "our ns", "ratio");
    for row in &rows {
        let Row { name, processed, ours_processed, kernel_ns, ours_ns } = row;
        let (kernel, ours) = (kernel_ns / *processed as f64, ours_ns / *ours_processed as f64);
        println!("{name:<44} {processed:>9} {ours_processed:>9} {kernel:>10.0} {ours:>10.0} {:>7.2}", ours / kernel);
    }
    let ratio = |row: &Row| (row.ours_ns / row.ours_processed as f64) / (row.kernel_ns / row.processed as f64);
    let mean = (rows.iter().map(|row| ratio(row).ln()).sum::<f64>() / rows.len().max(1) as f64).exp();
    let worst = rows.iter().map(ratio).fold(0.0, f64::max);
    let most = rows.iter().map(|row| row.ours_processed as f64 / row.processed as f64).fold(0.0, f64::max);
    println!(
        "verifier: {} programs, time a processed instruction {mean:.2} of the kernel's (geometric mean), {worst:.2} at worst",
        rows.len()
    );
    println!("verifier: processed instructions at most {most:.3} times the kernel's");
}

/// A program that was left in [`FOLDER`].
struct Left {
    name: String,
    file: PathBuf,
    program: usize,
    processed: u32,
}

/// Leaves the programs as objects, with a list of them: file, program, name. Those that need more than their object
/// (the kernel's types, a licence or type that the case gives) stay behind.
fn leave(subjects: &[(String, Subject)]) -> io::Result<Vec<Left>> {
    let folder = Path::new(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let (mut left, mut behind) = (Vec::new(), 0);
    for (number, (name, subject)) in subjects.iter().enumerate() {
        let bytes = subject.object.write();
        let file = folder.join(format!("{number}.o"));
        for (at, program) in subject.loaded.programs.iter().enumerate() {
            let expected = ours(subject, at);
            if !is_measured(name, &expected) {
                continue;
            }
            let carried = Verified::new(&bytes, at).map(|verified| verified.verify(Keep::Verdict));
            match carried.filter(|v| v.accepted() && v.stats == expected.stats) {
                Some(_) => left.push(Left {
                    name: row_name(name, &program.name),
                    file: file.clone(),
                    program: at,
                    processed: expected.stats.insns_processed,
                }),
                None => behind += 1,
            }
        }
        fs::write(&file, bytes)?;
    }
    let list = left.iter().map(|Left { name, file, program, .. }| format!("{}\t{program}\t{name}\n", file.display()));
    fs::write(folder.join("programs.tsv"), list.collect::<String>())?;
    println!("verifier: {} programs left for the browser, {behind} need more than their object", left.len());
    Ok(left)
}

/// Prints what the largest programs take, and whether that is within [`GOAL_KB`].
fn memory(left: &[Left]) -> io::Result<()> {
    let mut programs: Vec<&Left> = left.iter().collect();
    programs.sort_by_key(|left| std::cmp::Reverse(left.processed));
    let mut programs: Vec<_> =
        programs.iter().take(LARGEST).map(|left| (left.name.clone(), left.file.clone(), left.program)).collect();
    let mut list = String::new();
    for (name, bytes) in large() {
        let file = Path::new(FOLDER).join(format!("{}.o", name.replace(' ', "-")));
        fs::write(&file, bytes)?;
        list += &format!("{}\t0\t{name}\n", file.display());
        programs.push((name.to_owned(), file, 0));
    }
    fs::write(Path::new(FOLDER).join("large.tsv"), list)?;
    println!(
        "{:<44} {:>9} {:>10} {:>10} {:>10}   resident at most",
        "program", "processed", "verdict", "log", "everything"
    );
    let mut most = 0;
    for (name, file, program) in programs {
        let mut resident = [0_i64; Keep::ALL.len()];
        for ((keep, _), resident) in Keep::ALL.iter().zip(&mut resident) {
            let mut command = Command::new(env::current_exe()?);
            command.arg("--verify").arg(keep).arg(program.to_string()).arg(&file);
            let output = command.output()?;
            // By its own account: `wait4` gives the most that it had as a copy of this process, too.
            let told = String::from_utf8_lossy(&output.stdout);
            *resident = told.trim().parse().map_err(|_| io::Error::other(format!("{command:?} told {told:?}")))?;
        }
        let verified = Verified::new(&fs::read(&file)?, program);
        let processed = verified.map_or(0, |verified| verified.verify(Keep::Verdict).stats.insns_processed);
        let [verdict, log, everything] = resident.map(|kb| format!("{:.1} MB", kb as f64 / 1e3));
        println!("{name:<44} {processed:>9} {verdict:>10} {log:>10} {everything:>10}");
        most = resident.into_iter().fold(most, i64::max);
    }
    let met = if most <= GOAL_KB { "met" } else { "missed" };
    println!("verifier: at most {} MB for the largest: {met}", GOAL_KB / 1000);
    Ok(())
}

/// The programs, each with its name.
fn subjects() -> Vec<(String, Subject)> {
    let mut subjects = Vec::new();
    for path in compiled::files() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let object = clang::try_compile(&path, clang::Flags::USUAL);
        subjects
            .extend(object.ok().and_then(|bytes| Some((name.clone(), Subject::of_bytes(&name, &bytes, None).ok()?))));
    }
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/verifier");
    let files = fs::read_dir(cases).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "s")).collect();
    files.sort();
    for path in files {
        let file = fs::read_to_string(&path).ok().and_then(|text| CaseFile::parse(&text).ok());
        for case in file.iter().flat_map(|file| &file.cases) {
            let plain = !case.options.unprivileged && case.options.flags == 0 && !case.options.no_btf;
            let subject = file.as_ref().filter(|_| plain).and_then(|f| Subject::of_case("case.s", f, case).ok());
            subjects.extend(subject.map(|subject| (case.name.clone(), subject)));
        }
    }
    subjects
}

/// The figures of each program of the object that both accept.
fn compare(name: &str, subject: &Subject) -> Vec<Row> {
    let Ok(asked) = Asked::new(subject) else { return Vec::new() };
    let rows = subject.loaded.programs.iter().enumerate().filter_map(|(at, program)| {
        let (ours, ours_ns) = fastest(|| ours(subject, at));
        if !is_measured(name, &ours) {
            return None;
        }
        let (processed, kernel_ns) = kernels(&asked, subject, at)?;
        let ours_processed = ours.stats.insns_processed.into();
        Some(Row { name: row_name(name, &program.name), processed, ours_processed, kernel_ns, ours_ns })
    });
    rows.collect()
}

fn row_name(subject: &str, program: &str) -> String {
    let short: String = subject.chars().take(30).collect();
    format!("{short} {program}")
}

/// Whether a program is one of those that are measured.
fn is_measured(subject: &str, answer: &Verification) -> bool {
    let least = if subject.ends_with(".c") { *MEASURED.start() } else { LEAST_OF_A_CASE };
    answer.accepted() && (least..=*MEASURED.end()).contains(&answer.stats.insns_processed.into())
}

fn ours(subject: &Subject, at: usize) -> Verification {
    let options = verifier::Options {
        btf: subject.object.btf(),
        kernel_btf: running_kernel_types(),
        ..verifier::Options::default()
    };
    verifier::verify(&subject.loaded.programs[at], &subject.loaded.maps, &options)
}

/// Processed instructions and nanoseconds, by the kernel's own statistics; nothing when it rejects the program.
fn kernels(asked: &Asked, subject: &Subject, at: usize) -> Option<(u64, f64)> {
    let mut best: Option<(u64, f64)> = None;
    for _ in 0..RUNS {
        let answer = asked.ask(subject, at, &Options::default(), LogSpec::level(4)).ok()?;
        let line = answer.log.lines().find_map(|line| line.strip_prefix("verification time "))?;
        let usec: f64 = line.split(' ').next()?.parse().ok()?;
        let processed = answer.processed.filter(|_| answer.is_accepted())?;
        if best.is_none_or(|(_, ns)| usec * 1000.0 < ns) {
            best = Some((processed, usec * 1000.0));
        }
    }
    best
}

/// What the work gives, and the nanoseconds of its fastest run.
fn fastest<T>(mut work: impl FnMut() -> T) -> (T, f64) {
    let mut once = || {
        let start = Instant::now();
        let result = work();
        (result, start.elapsed().as_nanos() as f64)
    };
    let mut best = once();
    for _ in 1..RUNS {
        let next = once();
        if next.1 < best.1 {
            best = next;
        }
    }
    best
}
