//! Criterion's view of the interpreter: each program on ours and on rbpf's, and recorded.

use bpfscope_benches::{Ours, Peer, instructions, peer_program, workloads};
use bpfscope_core::vm::ProgId;
use criterion::{Criterion, criterion_group, criterion_main};

fn programs(criterion: &mut Criterion) {
    for workload in workloads() {
        let mut group = criterion.benchmark_group(workload.name);
        let mut ours = Ours::new(instructions(workload.text), &workload.packet).expect("our programs decode");
        group.bench_function("bpfscope", |bench| bench.iter(|| ours.run().ret));
        let bytes = peer_program(workload.text);
        let peer = Peer::new(&bytes, &workload.packet);
        group.bench_function("rbpf", |bench| bench.iter(|| peer.run()));
        group.bench_function("recorded", |bench| {
            bench.iter(|| ours.machine.record(ProgId(0), &mut ours.skb).steps());
        });
        group.finish();
    }
}

criterion_group!(benches, programs);
criterion_main!(benches);
