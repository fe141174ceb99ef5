//! bpfscope benches

fn main() {}
