//! Threads that ask, and what is done when the kernel does not come back from a question.
//!
//! A program can make a kernel fault while it verifies it. The thread that asked is gone then, without a word: it holds
//! what it held, and nothing of it is cleaned up. So none is waited for; another goes on in its place, without that
//! program.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::drive::{Plan, Report, compare};
use super::pool::Pools;

/// Programs after which an asker says what became of them.
pub const STEP: u64 = 1000;
/// A kernel that does not answer for so long will not answer any more; the longest programs take it seconds.
const GONE: Duration = Duration::from_secs(120);
/// So many may be lost; then what they left behind, locks for one, is in the way of the others.
const LOST_AT_MOST: usize = 8;

/// What an asker says.
enum Said {
    /// What became of some programs.
    Part(Box<Report>),
    /// It has ended.
    Ended(usize, Result<(), String>),
}

/// Where an asker is.
struct Asker {
    at: Arc<AtomicU64>,
    /// Where it was when somebody looked, and since when.
    seen: (u64, Instant),
    ended: bool,
}

/// All of them, and what they share.
struct Askers {
    plan: Plan,
    next: Arc<AtomicU64>,
    said: mpsc::Sender<Said>,
    all: Vec<Asker>,
}

impl Askers {
    /// One more, which begins with the programs that another was lost at.
    fn start(&mut self, first: Range<u64>, without: Vec<u64>) {
        let at = Arc::new(AtomicU64::new(first.start));
        let number = self.all.len();
        self.all.push(Asker { at: at.clone(), seen: (first.start, Instant::now()), ended: false });
        let (plan, next, said) = (self.plan, self.next.clone(), self.said.clone());
        thread::spawn(move || {
            let result = ask(plan, &next, &at, first, &without, &said);
            // Nobody listens any more when another has failed.
            let _ = said.send(Said::Ended(number, result));
        });
    }

    /// The program at which an asker was lost, if one was.
    fn lost(&mut self) -> Option<u64> {
        self.all.iter_mut().filter(|asker| !asker.ended).find_map(|asker| {
            let at = asker.at.load(Ordering::Relaxed);
            if at != asker.seen.0 {
                asker.seen = (at, Instant::now());
            }
            asker.ended = asker.seen.1.elapsed() > GONE;
            asker.ended.then_some(at)
        })
    }
}

/// Gives all programs of the plan to some askers, and what becomes of them to `part`.
///
/// # Errors
/// The kernel cannot be asked, or has been lost too often.
pub fn ask_all(plan: Plan, askers: u64, mut part: impl FnMut(Report)) -> Result<(), String> {
    let (said, heard) = mpsc::channel();
    let mut all = Askers { plan, next: Arc::new(AtomicU64::new(0)), said, all: Vec::new() };
    let mut lost: Vec<u64> = Vec::new();
    for _ in 0..askers {
        all.start(0..0, Vec::new());
    }
    while all.all.iter().any(|asker| !asker.ended) {
        match heard.recv_timeout(Duration::from_secs(1)) {
            Ok(Said::Part(report)) => part(*report),
            Ok(Said::Ended(number, result)) => {
                all.all[number].ended = true;
                match result {
                    // What a lost one held is missing for the one in its place, which is done without.
                    Err(_) if number as u64 >= askers && all.all.iter().any(|asker| !asker.ended) => {
                        part(Report { left_out: STEP - 1, ..Report::default() });
                    }
                    result => result?,
                }
            }
            Err(_) => {
                let Some(at) = all.lost() else { continue };
                lost.push(at);
                part(Report { lost: vec![at], left_out: 1, ..Report::default() });
                if lost.len() > LOST_AT_MOST {
                    return Err(format!("the kernel did not come back from programs {lost:?} (see dmesg)"));
                }
                let first = at - at % STEP;
                all.start(first..plan.programs.min(first + STEP), lost.clone());
            }
        }
    }
    Ok(())
}

/// One asker: takes the next programs as long as there are some, and says what became of them.
fn ask(
    plan: Plan,
    next: &AtomicU64,
    at: &AtomicU64,
    first: Range<u64>,
    without: &[u64],
    said: &mpsc::Sender<Said>,
) -> Result<(), String> {
    let mut pools = Pools::new()?;
    let mut numbers = first;
    loop {
        if numbers.is_empty() {
            let first = next.fetch_add(STEP, Ordering::Relaxed);
            numbers = first..plan.programs.min(first + STEP);
            if numbers.is_empty() {
                return Ok(());
            }
        }
        let mut report = Report::default();
        for number in numbers.by_ref().filter(|number| !without.contains(number)) {
            at.store(number, Ordering::Relaxed);
            compare(plan, number, &mut pools, &mut report);
        }
        if said.send(Said::Part(Box::new(report))).is_err() {
            return Ok(());
        }
    }
}
