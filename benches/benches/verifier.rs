//! The verifier beside the running kernel's: time for each processed instruction, on the same programs in the same run.
//!
//! The programs are those of `tests/verifier`: the C programs as clang makes them, and the cases that are accepted after
//! 10 to 100 000 processed instructions. The kernel's time is what its log says (`verification time`), the least of some
//! loads; ours is the least of as many runs, without a log.

use std::path::Path;
use std::time::Instant;
use std::{fs, process::ExitCode};

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

/// One program's figures.
struct Row {
    name: String,
    processed: u64,
    ours_processed: u64,
    kernel_ns: f64,
    ours_ns: f64,
}

fn main() -> ExitCode {
    if !kernel::available("the verifier's speed beside the kernel's") || !clang::available("programs to verify") {
        return ExitCode::SUCCESS;
    }
    let mut rows: Vec<Row> = subjects().iter().flat_map(|(name, subject)| measure(name, subject)).collect();
    rows.sort_by_key(|row| row.processed);
    println!("{:<44} {:>9} {:>9} {:>10} {:>10} {:>7}", "program", "kernel's", "ours", "kernel ns", "our ns", "ratio");
    for row in &rows {
        let Row { name, processed, ours_processed, kernel_ns, ours_ns } = row;
        let (kernel, ours) = (kernel_ns / *processed as f64, ours_ns / *ours_processed as f64);
        println!("{name:<44} {processed:>9} {ours_processed:>9} {kernel:>10.0} {ours:>10.0} {:>7.2}", ours / kernel);
    }
    let ratio = |row: &Row| (row.ours_ns / row.ours_processed as f64) / (row.kernel_ns / row.processed as f64);
    let mean = (rows.iter().map(|row| ratio(row).ln()).sum::<f64>() / rows.len().max(1) as f64).exp();
    let most = rows.iter().map(|row| row.ours_processed as f64 / row.processed as f64).fold(0.0, f64::max);
    println!(
        "verifier: {} programs, time a processed instruction {mean:.2} of the kernel's (geometric mean)",
        rows.len()
    );
    println!("verifier: processed instructions at most {most:.3} times the kernel's");
    ExitCode::SUCCESS
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
fn measure(name: &str, subject: &Subject) -> Vec<Row> {
    let Ok(asked) = Asked::new(subject) else { return Vec::new() };
    let least = if name.ends_with(".c") { *MEASURED.start() } else { LEAST_OF_A_CASE };
    let rows = subject.loaded.programs.iter().enumerate().filter_map(|(at, program)| {
        let (ours, ours_ns) = fastest(|| ours(subject, at));
        let ours_processed = u64::from(ours.stats.insns_processed);
        if !ours.accepted() || ours_processed < least || ours_processed > *MEASURED.end() {
            return None;
        }
        let (processed, kernel_ns) = kernels(&asked, subject, at)?;
        let short: String = name.chars().take(30).collect();
        Some(Row { name: format!("{short} {}", program.name), processed, ours_processed, kernel_ns, ours_ns })
    });
    rows.collect()
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
