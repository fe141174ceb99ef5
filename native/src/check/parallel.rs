//! Work on all cores, results in order.

use std::{
    collections::BTreeMap,
    io,
    num::NonZero,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// Bytes of stack of each thread, as much as the main one has.
const STACK: usize = 8 << 20;

/// Does the jobs 0 to `count` on all cores; `done` gets the results one after another, in order.
pub fn in_order<T: Send>(
    count: usize,
    job: impl Fn(usize) -> T + Sync,
    mut done: impl FnMut(usize, T) -> io::Result<()>,
) -> io::Result<()> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..cores.min(count) {
            let (sender, next, job) = (sender.clone(), &next, &job);
            let work = move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    // Nobody listens any more when printing has failed.
                    if at >= count || sender.send((at, job(at))).is_err() {
                        return;
                    }
                }
            };
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)?;
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut printed = 0;
        for (at, result) in &receiver {
            early.insert(at, result);
            while let Some(result) = early.remove(&printed) {
                if let Err(error) = done(printed, result) {
                    next.store(count, Ordering::Relaxed);
                    return Err(error);
                }
                printed += 1;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        let mut seen = Vec::new();
        let job = |at: usize| (0..(97 - at % 97) * 1000).fold(at, |sum, n| sum ^ (n & 1));
        in_order(200, job, |at, _| {
            seen.push(at);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn when_printing_fails_no_more_is_done() {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        let done = |at, _| if at < 3 { Ok(()) } else { Err(broken()) };
        assert_eq!(in_order(10_000, |at| at, done).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn no_jobs_are_no_work() {
        in_order(0, |at| at, |_, _| unreachable!("there are no results")).unwrap();
    }
}
