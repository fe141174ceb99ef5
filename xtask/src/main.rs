//! bpfscope xtask

fn main() {}
