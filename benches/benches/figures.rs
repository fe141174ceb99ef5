//! The figures of the README: interpreter beside rbpf, the recorder's price, the time of a seek.
//!
//! Every pair is measured in turns in one process, so that what else the machine does meets both; of the samples the
//! fastest counts.

use std::time::Duration;

use bpfscope_benches::{Ours, Peer, Workload, cpu_time, instructions, peer_program, workloads};
use bpfscope_core::vm::{ProgId, Trace};

/// Samples of each measurement.
const SAMPLES: usize = 15;
/// About how long a sample takes.
const SAMPLE: Duration = Duration::from_millis(20);

fn main() {
    println!("{}", machine());
    println!();
    println!(
        "{:10} {:>9} {:>12} {:>12} {:>7} {:>12} {:>9}",
        "program", "insns", "ours ns", "rbpf ns", "ratio", "recorded ns", "recorder"
    );
    let mut ratios = Vec::new();
    for workload in workloads() {
        ratios.push(row(&workload));
    }
    let mean = (ratios.iter().map(|r| r.ln()).sum::<f64>() / ratios.len() as f64).exp();
    println!("{:10} {:>42.2}  (geometric mean)", "", mean);
    println!();
    seeks();
}

/// Measures one program; gives how many times faster than rbpf it runs.
fn row(workload: &Workload) -> f64 {
    let mut ours = Ours::new(instructions(workload.text), &workload.packet).expect("our programs decode");
    let bytes = peer_program(workload.text);
    let peer = Peer::new(&bytes, &workload.packet);
    let outcome = ours.run();
    let theirs = peer.run();
    assert!(outcome.fault.is_none(), "{}: {:?}", workload.name, outcome.fault);
    assert_eq!(outcome.ret as u32, theirs as u32, "{}: the answers differ", workload.name);

    let mut best = [f64::MAX; 3];
    for _ in 0..SAMPLES {
        best[0] = best[0].min(sample(|| ours.run().ret));
        best[1] = best[1].min(sample(|| peer.run()));
        best[2] = best[2].min(sample(|| ours.machine.record(ProgId(0), &mut ours.skb).steps() as u64));
    }
    let [ns, peer_ns, recorded] = best;
    println!(
        "{:10} {:>9} {:>12.1} {:>12.1} {:>7.2} {:>12.1} {:>9.2}",
        workload.name,
        outcome.insns,
        ns,
        peer_ns,
        peer_ns / ns,
        recorded,
        recorded / ns
    );
    peer_ns / ns
}

/// Nanoseconds of CPU time of one call, over about [`SAMPLE`].
fn sample(mut call: impl FnMut() -> u64) -> f64 {
    let start = cpu_time();
    let (mut runs, mut batch) = (0u64, 1);
    loop {
        for _ in 0..batch {
            std::hint::black_box(call());
        }
        runs += batch;
        let spent = cpu_time() - start;
        if spent >= SAMPLE {
            return spent.as_nanos() as f64 / runs as f64;
        }
        if spent < SAMPLE / 50 {
            batch *= 2;
        }
    }
}

/// Measures seeks in a trace of a million steps.
fn seeks() {
    let workload = workloads().pop().expect("there are programs");
    let mut ours = Ours::new(instructions(workload.text), &workload.packet).expect("our programs decode");
    let mut trace = ours.machine.record(ProgId(0), &mut ours.skb);
    let steps = trace.steps();
    let mut longest = Duration::ZERO;
    let mut timed = |trace: &mut Trace, to: usize| {
        let start = cpu_time();
        trace.seek(to);
        longest = longest.max(cpu_time() - start);
    };
    for to in [steps, 0, steps, steps / 2, steps, 0] {
        timed(&mut trace, to);
    }
    let mut at = 1u64;
    for _ in 0..200 {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        timed(&mut trace, (at >> 33) as usize % (steps + 1));
    }
    println!("seek in a trace of {steps} steps: {:.2} ms at most", longest.as_secs_f64() * 1e3);
}

/// The machine and the day.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("", |(_, name)| name);
    let day = std::process::Command::new("date").arg("+%F").output().map(|out| out.stdout).unwrap_or_default();
    format!("{} {} {}", std::env::consts::ARCH, model, String::from_utf8_lossy(&day).trim())
}
