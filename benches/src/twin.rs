//! What is measured in the browser and on this machine alike: the same tasks, by the same code.
//!
//! Whoever measures brings the clock, since a browser's is not the system's, and wall time is all that both have. A
//! [`Sample`] carries an answer, so that the two sides can be seen to have done the same.

use bpfscope_core::lab::{Attachment, CaptureRef, Compiled, Replay, Scenario, Session, Source};
use bpfscope_core::net::CaptureReader;
use bpfscope_core::object::LoadOptions;
use bpfscope_core::vm::{Config, NoObserver, ProgId};

use crate::{Keep, Ours, Verified, instructions, workloads};

/// The bundled capture that is replayed, and how often it is put behind itself: 9 720 packets, 2 MB.
const CAPTURE: &[u8] = include_bytes!("../../pcaps/mix.pcap");
const COPIES: usize = 30;
/// Bytes of a pcap file before its first packet.
const PCAP_HEADER: usize = 24;
/// The protocol counter in a hash map.
const COUNTER: &str = include_str!("../../lessons/count-tc.s");

/// Short stretches that a sample is made of; the fastest counts.
const STRETCHES: u32 = 8;

/// The names that [`Task::new`] knows.
pub const TASKS: [&str; 7] =
    ["header", "checksum", "jhash", "loop", "loop recorded", "replay header", "replay counter"];

/// One thing to do over and over.
pub struct Task {
    /// Does it so many times; gives something that depends on all the work.
    times: Box<dyn FnMut(u32) -> u64>,
    /// What is counted in one time: 1, or the packets of a replay.
    units: u32,
}

/// What a sample found.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The same wherever it was measured.
    pub answer: u64,
    /// Nanoseconds for a run, for a packet of a replay, or for a verification.
    pub ns: f64,
}

impl Task {
    /// Makes the task of that name ready.
    ///
    /// # Panics
    /// If a program of this repository does not load.
    pub fn new(name: &str) -> Option<Task> {
        let program = |name: &str| workloads().into_iter().find(|w| w.name == name);
        let (replayed, recorded) = (name.strip_prefix("replay "), name.strip_suffix(" recorded"));
        Some(match (replayed, recorded) {
            (Some("counter"), _) => replay(COUNTER),
            (Some(name), _) => replay(program(name)?.text),
            (_, Some(name)) => {
                let mut ours = ready(program(name)?);
                let mut once = move || ours.machine.record(ProgId(0), &mut ours.skb).steps() as u64;
                Task { times: Box::new(move |n| (0..n).fold(0, |_, _| once())), units: 1 }
            }
            _ => {
                let mut ours = ready(program(name)?);
                Task { times: Box::new(move |n| (0..n).fold(0, |_, _| ours.run().ret)), units: 1 }
            }
        })
    }

    /// Verifies a program of an object file over and over; the answer is twice the processed instructions, and 1 when it
    /// is accepted. `None` when the object has no program there.
    pub fn verifying(object: &[u8], program: usize, keep: Keep) -> Option<Task> {
        let verified = Verified::new(object, program)?;
        let once = move || {
            let answer = verified.verify(keep);
            u64::from(answer.stats.insns_processed) << 1 | u64::from(answer.accepted())
        };
        Some(Task { times: Box::new(move |n| (0..n).fold(0, |_, _| once())), units: 1 })
    }

    /// Works for about `ms` milliseconds of the clock `now`, which is in milliseconds too.
    pub fn sample(&mut self, now: impl Fn() -> f64, ms: f64) -> Sample {
        let mut batch = 1u32;
        let mut timed = |batch| {
            let start = now();
            let answer = (self.times)(batch);
            (answer, now() - start)
        };
        let stretch = ms / f64::from(STRETCHES);
        let (mut answer, mut spent) = timed(batch);
        while spent < stretch / 2.0 && batch < 1 << 30 {
            batch *= 2;
            (answer, spent) = timed(batch);
        }
        let (mut best, mut all) = (spent, spent);
        for _ in 1..STRETCHES {
            // What takes longer than all stretches together is not done again.
            if all >= 2.0 * ms {
                break;
            }
            let spent = timed(batch).1;
            best = best.min(spent);
            all += spent;
        }
        Sample { answer, ns: best * 1e6 / (f64::from(batch) * f64::from(self.units)) }
    }
}

fn ready(workload: crate::Workload) -> Ours {
    Ours::new(instructions(workload.text), &workload.packet).expect("the programs of the benches decode")
}

/// The capture, several times over.
fn capture() -> Vec<u8> {
    let (header, packets) = CAPTURE.split_at(PCAP_HEADER);
    [header, &packets.repeat(COPIES)].concat()
}

/// A replay of the capture through a program, with a fresh set of maps each time.
fn replay(text: &str) -> Task {
    let source = Source::Asm(text.to_owned());
    let compiled = Compiled::new(&source, "bench.s", &LoadOptions::default()).expect("the program loads");
    let bytes = capture();
    let once = move || {
        let none: &[Attachment] = &[];
        let mut replay =
            Replay::new(&compiled.loaded, none, &[], Config::default()).expect("the program finds its hook");
        let mut reader = CaptureReader::new(bytes.as_slice()).expect("the bundled capture is one");
        while let Some(packet) = reader.next_packet().expect("the bundled capture is whole") {
            replay.packet(&packet, &mut NoObserver, |_, _, _| {});
        }
        replay.totals().clone()
    };
    let units = once().packets;
    Task { times: Box::new(move |n| (0..n).fold(0, |_, _| once().insns)), units }
}

/// A session that looks at a packet whose run has a million steps, as the page's worker holds it.
pub struct Seeks {
    session: Session,
    steps: u32,
}

/// The names that [`Seeks::new`] knows: one changes registers alone, one memory of every kind.
pub const TRACES: [&str; 2] = ["loop", "stores"];

impl Seeks {
    /// Records the run of that name; the budget of every scenario cuts it after a million steps.
    ///
    /// # Panics
    /// If a program or the capture of this repository do not load.
    pub fn new(name: &str) -> Option<Seeks> {
        let text = match name {
            "loop" => include_str!("../programs/loop.s"),
            "stores" => include_str!("../programs/stores.s"),
            _ => return None,
        };
        let mut scenario = Scenario::new(Source::Asm(text.to_owned()));
        scenario.capture = CaptureRef::Bundled("mix.pcap".to_owned());
        let mut session = Session::new();
        session.open(scenario, Some(Box::new(CAPTURE.to_vec()))).expect("the program and the capture open");
        session.replay_some(1);
        session.select(0, 0).expect("the first packet was replayed");
        let steps = session.seek(u32::MAX).expect("a packet is selected").steps;
        Some(Seeks { session, steps })
    }

    /// Steps of the trace.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Seeks so many times, from end to end and back at first, then at random; gives the milliseconds of each by the
    /// clock `now`. A seek ends with all that a front end shows of the step. Each is done three times from the same
    /// place, of which the fastest counts: the slowest of a thousand would else tell what the machine did beside it.
    ///
    /// # Panics
    /// Never: a packet is selected.
    pub fn sample(&mut self, now: impl Fn() -> f64, count: u32) -> Vec<f64> {
        let steps = self.steps;
        let mut random = 1u64;
        let anywhere = std::iter::repeat_with(|| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((random >> 33) % (u64::from(steps) + 1)) as u32
        });
        let places = [0, steps, 0, steps, steps / 2, steps - 1].into_iter().chain(anywhere);
        let session = &mut self.session;
        let mut seek = |to| {
            let view = session.seek(to).expect("a packet is selected");
            assert_eq!(view.step, to, "the seek ended elsewhere");
        };
        let mut from = steps;
        let mut timed = |to| {
            let fastest = (0..3).map(|_| {
                seek(from);
                let start = now();
                seek(to);
                now() - start
            });
            let spent = fastest.fold(f64::MAX, f64::min);
            from = to;
            spent
        };
        places.take(count as usize).map(&mut timed).collect()
    }
}
