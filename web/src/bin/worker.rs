//! The worker: compiles, replays and seeks, so that the page never blocks.

use gloo::worker::Registrable;

fn main() {
    bpfscope_web::Engine::registrar().register();
}
