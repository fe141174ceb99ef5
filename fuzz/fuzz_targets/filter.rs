//! Any text as a filter expression, for every link type, in a file and at a socket: an error that points into the text, or a
//! program that runs and converts; no panic and no hang.
//!
//! The first byte of an input picks what the expression is compiled for, the rest is the text (`fuzz-seeds` writes such
//! inputs from the expressions of `tests/filters`).
#![no_main]

use bpfscope_core::classic::filter::{Frame, Link, compile};
use bpfscope_core::classic::{Meta, Packet};
use libfuzzer_sys::fuzz_target;

const LINKS: [Link; 8] = [
    Link::Ethernet,
    Link::Raw,
    Link::Ipv4,
    Link::Ipv6,
    Link::LinuxSll,
    Link::LinuxSll2,
    Link::Null,
    Link::Loop,
];

fuzz_target!(|input: &[u8]| {
    let [frame, text @ ..] = input else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let link = LINKS[usize::from(frame >> 1) % LINKS.len()];
    let frame = if frame & 1 == 0 { Frame::File(link) } else { Frame::Socket(link) };
    match compile(text, frame) {
        Err(error) => assert!(text.get(error.start..error.end).is_some(), "{error:?}"),
        Ok(program) => {
            let data = text.as_bytes();
            program.run(&Packet { data, len: data.len() as u32, meta: Meta::default() });
            program.convert().expect("an expression asks nothing that has no eBPF");
        }
    }
});
