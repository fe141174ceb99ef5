//! `native-figures`: the tasks of [`twin`](bpfscope_benches::twin) on this machine, one at a time as asked.
//!
//! It reads lines from standard input and answers each with one line:
//!
//! | line | answer |
//! |---|---|
//! | `tasks` | the names of the tasks, by `,` |
//! | `traces` | the names of the traces, by `,` |
//! | `verify MS KEEP PROGRAM FILE` | the same of verifying that program of an object file |
//! | `sample MS TASK` | the task's answer and nanoseconds for one run (or packet) |
//! | `seek COUNT TRACE` | the trace's steps, then the milliseconds of each seek |

use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::time::Instant;

use bpfscope_benches::Keep;
use bpfscope_benches::twin::{Seeks, TASKS, TRACES, Task};

fn main() -> ExitCode {
    match answer_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("native-figures: {why}");
            ExitCode::from(2)
        }
    }
}

fn answer_all() -> io::Result<()> {
    let start = Instant::now();
    let now = || start.elapsed().as_secs_f64() * 1e3;
    let mut tasks = HashMap::new();
    let mut traces = HashMap::new();
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let unknown = || io::Error::other(format!("`{line}` is not understood"));
        let mut words = line.splitn(3, ' ');
        match (words.next().unwrap_or(""), words.next(), words.next()) {
            ("tasks", None, None) => writeln!(out, "{}", TASKS.join(","))?,
            ("traces", None, None) => writeln!(out, "{}", TRACES.join(","))?,
            ("sample", Some(ms), Some(name)) => {
                let ms = ms.parse().map_err(|_| unknown())?;
                if !tasks.contains_key(name) {
                    tasks.insert(name.to_owned(), Task::new(name).ok_or_else(unknown)?);
                }
                let Some(task) = tasks.get_mut(name) else { return Err(unknown()) };
                let sample = task.sample(now, ms);
                writeln!(out, "{} {:.3}", sample.answer, sample.ns)?;
            }
            ("verify", Some(ms), Some(what)) => {
                let ms = ms.parse().map_err(|_| unknown())?;
                if !tasks.contains_key(what) {
                    tasks.insert(what.to_owned(), verifying(what)?.ok_or_else(unknown)?);
                }
                let Some(task) = tasks.get_mut(what) else { return Err(unknown()) };
                let sample = task.sample(now, ms);
                writeln!(out, "{} {:.3}", sample.answer, sample.ns)?;
            }
            ("seek", Some(count), Some(name)) => {
                let count = count.parse().map_err(|_| unknown())?;
                if !traces.contains_key(name) {
                    traces.insert(name.to_owned(), Seeks::new(name).ok_or_else(unknown)?);
                }
                let Some(seeks) = traces.get_mut(name) else { return Err(unknown()) };
                let times = seeks.sample(now, count);
                let times: Vec<_> = times.iter().map(|ms| format!("{ms:.4}")).collect();
                writeln!(out, "{} {}", seeks.steps(), times.join(" "))?;
            }
            _ => return Err(unknown()),
        }
        out.flush()?;
    }
    Ok(())
}

/// `KEEP PROGRAM FILE`, made ready.
fn verifying(what: &str) -> io::Result<Option<Task>> {
    let mut words = what.splitn(3, ' ');
    let keep = words.next().and_then(Keep::named);
    let program = words.next().and_then(|program| program.parse().ok());
    let (Some(keep), Some(program), Some(file)) = (keep, program, words.next()) else { return Ok(None) };
    Ok(Task::verifying(&std::fs::read(file)?, program, keep))
}
