//! bpfscope native

fn main() {}
