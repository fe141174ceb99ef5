//! Any bytes as an object file, loaded and verified: errors, but no panic and no hang.
#![no_main]

use bpfscope_core::object::{LoadOptions, Object};
use bpfscope_core::verifier::{Options, Verifying};
use libfuzzer_sys::fuzz_target;

/// Instructions that are explored of one program, and programs of one object.
const BUDGET: u32 = 5_000;
const PROGRAMS: usize = 8;

fuzz_target!(|input: &[u8]| {
    let Ok(object) = Object::parse(input) else { return };
    let Ok(loaded) = object.load(&LoadOptions::default()) else { return };
    let options = Options { log_level: 1, btf: object.btf(), ..Options::default() };
    for program in loaded.programs.iter().take(PROGRAMS) {
        Verifying::new(program, &loaded.maps, &options).advance(program, &loaded.maps, &options, BUDGET);
    }
});
