//! bpfscope web

fn main() {}
