//! What the page and its worker share: the messages between them.

use gloo::worker::{HandlerId, Worker, WorkerScope};

/// Runs the simulator in the worker.
pub struct Engine;

impl Worker for Engine {
    type Message = ();
    type Input = String;
    type Output = String;

    fn create(_scope: &WorkerScope<Self>) -> Self {
        Engine
    }

    fn update(&mut self, _scope: &WorkerScope<Self>, _message: ()) {}

    fn received(&mut self, scope: &WorkerScope<Self>, input: String, id: HandlerId) {
        scope.respond(id, format!("worker: {input}"));
    }
}
