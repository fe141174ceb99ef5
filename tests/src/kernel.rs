//! The running kernel as an oracle.
//!
//! Tests that need the kernel start with [`available`], which says so when bpf(2) is refused:
//! ```no_run
//! if !bpfscope_tests::kernel::available("hash map agreement") { return; }
//! ```

use std::io::{self, Write};

pub use bpfscope_linux::bpf::*;
pub use bpfscope_linux::host::{as_nobody, on_cpu, possible_cpus};

/// Whether bpf(2) works here; when not, says on standard error that `what` is skipped, in the form that
/// `cargo xtask test` counts, and past the test harness, which hides what a passing test prints.
pub fn available(what: &str) -> bool {
    match Map::create(&MapSpec { map_type: 2, key_size: 4, value_size: 4, max_entries: 1, ..MapSpec::default() }) {
        Ok(_) => true,
        Err(errno) => {
            let why = io::Error::from_raw_os_error(errno);
            skipped(&format!("{what}: bpf(2) is refused: {why}"));
            false
        }
    }
}

/// Says that something is skipped, and why.
pub fn skipped(what: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "skipped: {what}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// r0 = 2; exit
    const PASS: &[u8] = &[0xb7, 0, 0, 0, 2, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0];
    const XDP: u32 = 6;

    #[test]
    fn a_map_keeps_what_is_stored() {
        if !available("a map in the kernel") {
            return;
        }
        let spec = MapSpec { map_type: 1, key_size: 4, value_size: 8, max_entries: 2, ..MapSpec::default() };
        let map = Map::create(&spec).unwrap();
        map.update(&[1, 0, 0, 0], &[7; 8], 0).unwrap();
        assert_eq!(map.lookup(&[1, 0, 0, 0]), Ok(vec![7; 8]));
        assert_eq!(map.keys(10), Ok(vec![vec![1, 0, 0, 0]]));
        assert_eq!(map.delete(&[2, 0, 0, 0]), Err(libc::ENOENT));
    }

    #[test]
    fn a_program_loads_and_runs() {
        if !available("a program in the kernel") {
            return;
        }
        let prog = Prog::load(&ProgSpec { prog_type: XDP, insns: PASS, ..ProgSpec::default() }).unwrap();
        let run = prog.run(&RunSpec { data: &[0; 64], ..RunSpec::default() }).unwrap();
        assert_eq!((run.ret, run.data.len()), (2, 64));
    }

    #[test]
    fn a_refused_program_has_the_verifiers_log() {
        if !available("a refusal by the kernel") {
            return;
        }
        let spec = ProgSpec { prog_type: XDP, insns: &PASS[8..], log_level: 1, ..ProgSpec::default() };
        let refused = Prog::load(&spec).unwrap_err();
        assert_eq!(refused.errno, libc::EACCES);
        assert!(refused.log.contains("R0 !read_ok"), "{}", refused.log);
    }
}
