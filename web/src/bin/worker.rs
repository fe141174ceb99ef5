//! The worker: compiles, replays and seeks, so that the page never blocks.

use bpfscope_web::codec::Packed;
use bpfscope_web::engine::Engine;
use gloo::worker::Registrable;

fn main() {
    Engine::registrar().encoding::<Packed>().register();
}
