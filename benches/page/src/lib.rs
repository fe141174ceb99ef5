//! The tasks of [`twin`] for a script in the browser, timed by the browser's clock.
//!
//! `tests/page/bench.mjs` runs them in turns with `native-figures`, which is the same for this machine.

use bpfscope_benches::{Keep, twin};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the page began.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// A task by its name in [`twin::TASKS`].
#[wasm_bindgen]
pub struct Task(twin::Task);

/// See [`twin::Sample`].
#[wasm_bindgen]
pub struct Sample {
    /// The same wherever it was measured.
    pub answer: u64,
    /// Nanoseconds for a run, for a packet of a replay, or for a verification.
    pub ns: f64,
}

#[wasm_bindgen]
impl Task {
    /// Makes the task of that name ready; an unknown one is a null.
    pub fn named(name: &str) -> Option<Task> {
        twin::Task::new(name).map(Task)
    }

    /// Makes ready to verify a program of an object file; what is kept is named as in [`Keep::ALL`]. An unknown one, or
    /// a program that is not there, is a null.
    pub fn verifying(object: &[u8], program: usize, keep: &str) -> Option<Task> {
        twin::Task::verifying(object, program, Keep::named(keep)?).map(Task)
    }

    /// Works for about that many milliseconds.
    pub fn sample(&mut self, ms: f64) -> Sample {
        let twin::Sample { answer, ns } = self.0.sample(now, ms);
        Sample { answer, ns }
    }
}

/// See [`twin::Seeks`].
#[wasm_bindgen]
pub struct Seeks(twin::Seeks);

#[wasm_bindgen]
impl Seeks {
    /// Records the trace of that name in [`twin::TRACES`]; an unknown one is a null.
    pub fn named(name: &str) -> Option<Seeks> {
        twin::Seeks::new(name).map(Seeks)
    }

    /// Steps of the trace.
    pub fn steps(&self) -> u32 {
        self.0.steps()
    }

    /// Seeks so many times; the milliseconds of each.
    pub fn sample(&mut self, count: u32) -> Vec<f64> {
        self.0.sample(now, count)
    }
}
