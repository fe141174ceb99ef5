//! `bench-run PROGRAM PACKET MS SAMPLES [--engine E]`: times an XDP program on a packet.
//!
//! PROGRAM is a file of raw 8-byte instructions, PACKET one of the packet's bytes. For each of SAMPLES samples of
//! about MS milliseconds of thread CPU time, one line goes out: `return_value ns_per_run`.

use std::process::ExitCode;
use std::time::Duration;

use bpfscope_benches::{Ours, cpu_time};
use bpfscope_core::isa::RawInsn;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench-run: {why}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut positional = Vec::new();
    let mut engine = "interp".to_owned();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--engine") {
            Some("") => engine = args.next().ok_or("--engine needs a name")?,
            Some(name) => engine = name.trim_start_matches('=').to_owned(),
            None => positional.push(arg),
        }
    }
    let [program, packet, ms, samples] = positional.as_slice() else {
        return Err("usage: bench-run PROGRAM PACKET MS SAMPLES [--engine interp]".into());
    };
    if engine != "interp" {
        return Err(format!("engine `{engine}` is not known here; there is `interp`"));
    }
    let read = |path: &str| std::fs::read(path).map_err(|why| format!("{path}: {why}"));
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("`{text}` is not a number"));
    let (bytes, packet_bytes) = (read(program)?, read(packet)?);
    let (ms, samples) = (number(ms)?, number(samples)?);
    let (slots, rest) = bytes.as_chunks::<{ RawInsn::SIZE }>();
    if !rest.is_empty() {
        return Err(format!("{program}: {} bytes are not a whole number of instructions", bytes.len()));
    }
    let insns = slots.iter().map(|slot| RawInsn::from_bytes(*slot)).collect();
    let mut ours = Ours::new(insns, &packet_bytes).map_err(|why| format!("{program}: {why}"))?;
    for _ in 0..samples {
        let (ret, ns) = sample(&mut ours, &packet_bytes, Duration::from_millis(ms))?;
        println!("{ret} {ns:.2}");
    }
    Ok(())
}

/// Runs for about that much CPU time: the return value, and the time of one run.
///
/// The packet is the same for every run as long as the program leaves it alone.
fn sample(ours: &mut Ours, packet: &[u8], budget: Duration) -> Result<(u64, f64), String> {
    ours.skb.reset_ethernet(packet);
    let start = cpu_time();
    let mut runs = 0u64;
    let mut batch = 1;
    loop {
        let mut ret = 0;
        for _ in 0..batch {
            let outcome = ours.run();
            if let Some(fault) = outcome.fault {
                return Err(fault.to_string());
            }
            ret = outcome.ret;
        }
        runs += batch;
        let spent = cpu_time() - start;
        if spent >= budget {
            return Ok((u64::from(ret as u32), spent.as_nanos() as f64 / runs as f64));
        }
        // The clock is looked at every hundredth of the sample or so.
        if spent < budget / 100 {
            batch *= 2;
        }
    }
}
