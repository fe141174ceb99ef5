//! HELPERS.md is what the tables say.
//!
//! `BPFSCOPE_WRITE=1 cargo test -p bpfscope-tests --test helpers_page` writes it anew.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use bpfscope_core::kernel::{HelperDef, Kfunc, MAP_TYPES, ProgType, ProgTypes, Runs, helpers, kfuncs};
use bpfscope_core::maps::map_type_runs;
use bpfscope_core::vm::{helper_runs, kfunc_runs};

/// Types of programs that see packets, with what stands for them in the tables.
const PACKET_TYPES: [(ProgType, &str); 5] = [
    (ProgType::SocketFilter, "socket"),
    (ProgType::SchedCls, "cls"),
    (ProgType::SchedAct, "act"),
    (ProgType::Xdp, "xdp"),
    (ProgType::CgroupSkb, "cgroup"),
];

const HEAD: &str = "# Helpers, kernel functions and map types

What programs for packets may call and use on Linux 6.18, and how it runs in the simulator. Made from the tables of the
code by `BPFSCOPE_WRITE=1 cargo test -p bpfscope-tests --test helpers_page`; a test holds it to them.

- **simulated**: results, errors and effects are the kernel's, held to it by `tests/replay`, `tests/helpers` and `tests/maps`.
- **idle host**: it asks about what there is none of in a simulator (tasks, control groups, other CPUs); the answer is that of
  a machine on which nothing else happens, and stands in the table.
- **never runs**: no kernel loads a program for packets that calls or uses it; `tests/verifier/never.s` has the kernel's words.
- **not simulated**: a call ends the run in a fault that says so, for the reason in the table.

The first three together are the share that has the kernel's answer; it stands before each table.

Types: `socket` socket_filter, `cls` sched_cls, `act` sched_act, `xdp`, `cgroup` cgroup_skb.
";

/// What a kernel answers to one way today and another tomorrow.
const NOT_DETERMINED: &str = "
What is not determined in a kernel is so here:

- LRU maps evict by the kernel's own lists, entry for entry what it evicts where one CPU does all. User space is on CPU 0
  here, and in a kernel on whichever CPU its call is made.
- Entries of hash maps are walked (`bpf_for_each_map_elem`, user space) in the order in which they came; a kernel walks its
  buckets, whose order is another for every map, by a random seed.
- Bloom filters have the seed 0, as with `BPF_F_ZERO_SEED`. Without that flag a kernel's seed is random, and with it which
  values that were never pushed are taken for members.
- Memory that nobody has written (what `bpf_obj_new` and reserved records begin with, and of the stack what a privileged
  program may read all the same) is zero here; in a kernel it is what was there before.
- Addresses are numbers of this simulator: a program that returns one, stores one or reckons with one as with a number gets
  another than in a kernel, and there another each time.
- A loop that `may_goto` alone ends (x86 since 6.15) goes on for a quarter of a second in a kernel; here for half of the
  instructions that the run may still take.
- Timers expire here when the next packet comes after their time; in a kernel on their own, on some CPU, while or between
  packets.
- The receive queue of a connected socket (`rx_queue_mapping`) is -1 here; in a kernel it is the queue of the last packet that
  came by a device with several, and on loopback now and then another number.
- A packet of a kernel's test run has a socket (`skb->sk`) that is closed, with the packet's IP addresses and no ports. Here, as
  on a device, a packet has one when it was given to it.
";

/// The types that may, in short.
fn types(types: ProgTypes) -> String {
    let named: Vec<&str> = PACKET_TYPES.iter().filter(|(t, _)| types.contains(*t)).map(|(_, name)| *name).collect();
    if named.len() == PACKET_TYPES.len() { "all".to_owned() } else { named.join(" ") }
}

fn here(runs: Runs) -> String {
    match runs {
        Runs::Simulated => "simulated".to_owned(),
        Runs::IdleHost(answer) => format!("idle host: {answer}"),
        Runs::Never(reason) => format!("never runs: {reason}"),
        Runs::NotSimulated(reason) => format!("not simulated: {reason}"),
    }
}

/// How many are not left out, rounded down: `96.7 %`.
fn share(rows: &[Runs]) -> String {
    let not = rows.iter().filter(|runs| matches!(runs, Runs::NotSimulated(_))).count();
    let tenths = (rows.len() - not) * 1000 / rows.len().max(1);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// `120: 93 simulated, 20 idle host, 3 never run, 4 not simulated: 96.7 %`
fn counts(rows: &[Runs]) -> String {
    let count = |which: fn(&Runs) -> bool| rows.iter().filter(|runs| which(runs)).count();
    let simulated = count(|runs| matches!(runs, Runs::Simulated));
    let idle = count(|runs| matches!(runs, Runs::IdleHost(_)));
    let never = count(|runs| matches!(runs, Runs::Never(_)));
    let not = count(|runs| matches!(runs, Runs::NotSimulated(_)));
    format!(
        "{}: {simulated} simulated, {idle} idle host, {never} never run, {not} not simulated: {}",
        rows.len(),
        share(rows)
    )
}

/// `149 helpers and 33 map types: 100.0 %; 138 kernel functions: 89.8 %.`
fn shares(helpers: &[Runs], map_types: &[Runs], kfuncs: &[Runs]) -> String {
    let both = [helpers, map_types].concat();
    let (helpers, map_types, others) = (helpers.len(), map_types.len(), kfuncs.len());
    let (both, of_kfuncs) = (share(&both), share(kfuncs));
    format!("**Share: {helpers} helpers and {map_types} map types {both}, {others} kernel functions {of_kfuncs}.**")
}

fn page() -> String {
    let mut text = HEAD.to_owned();
    let for_packets = |t: ProgTypes| PACKET_TYPES.iter().any(|(packet, _)| t.contains(*packet));

    let rows: Vec<&HelperDef> = helpers().iter().filter(|row| for_packets(row.prog_types)).collect();
    let runs: Vec<Runs> = rows.iter().map(|row| helper_runs(row.id)).collect();
    let of_maps: Vec<Runs> = MAP_TYPES.iter().map(|row| map_type_runs(row.map_type)).collect();
    let of_kfuncs = kfuncs().iter().filter(|row| for_packets(row.prog_types)).map(|row| kfunc_runs(row.name));
    let _ = writeln!(text, "\n{}", shares(&runs, &of_maps, &of_kfuncs.collect::<Vec<_>>()));
    let _ = writeln!(text, "\n## Helpers\n\n{}.\n", counts(&runs));
    for (prog_type, name) in PACKET_TYPES {
        let of_type = rows.iter().zip(&runs).filter(|(row, _)| row.prog_types.contains(prog_type));
        let of_type: Vec<Runs> = of_type.map(|(_, runs)| *runs).collect();
        let _ = writeln!(text, "- `{name}` {}", counts(&of_type));
    }
    text += "\n| | helper | types | here |\n|---|---|---|---|\n";
    for (row, runs) in rows.iter().zip(&runs) {
        let _ = writeln!(text, "| {} | `{}` | {} | {} |", row.id, row.name, types(row.prog_types), here(*runs));
    }

    let runs: Vec<Runs> = MAP_TYPES.iter().map(|row| map_type_runs(row.map_type)).collect();
    let _ = writeln!(text, "\n## Map types\n\n{}.\n\n| | type | here |\n|---|---|---|", counts(&runs));
    for (row, runs) in MAP_TYPES.iter().zip(&runs) {
        let _ = writeln!(text, "| {} | `{}` | {} |", row.map_type.number(), row.name, here(*runs));
    }

    text.push_str(NOT_DETERMINED);

    let rows: Vec<&Kfunc> = kfuncs().iter().filter(|row| for_packets(row.prog_types)).collect();
    let runs: Vec<Runs> = rows.iter().map(|row| kfunc_runs(row.name)).collect();
    let _ = writeln!(text, "\n## Kernel functions\n\n{}.\n\n| function | types | here |\n|---|---|---|", counts(&runs));
    for (row, runs) in rows.iter().zip(&runs) {
        let _ = writeln!(text, "| `{}` | {} | {} |", row.name, types(row.prog_types), here(*runs));
    }
    text
}

#[test]
fn the_page_of_helpers_is_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../HELPERS.md");
    let page = page();
    if env::var_os("BPFSCOPE_WRITE").is_some() {
        fs::write(&path, &page).expect("HELPERS.md can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let line = (1..).zip(page.lines().zip(written.lines())).find(|(_, (new, old))| new != old).map(|(line, _)| line);
    assert!(
        page == written,
        "HELPERS.md is stale, from line {line:?} on: BPFSCOPE_WRITE=1 cargo test -p bpfscope-tests --test helpers_page"
    );
}

#[test]
fn nothing_is_left_without_a_reason() {
    let all = helpers().iter().map(|row| (row.name, helper_runs(row.id)));
    let all = all.chain(kfuncs().iter().map(|row| (row.name, kfunc_runs(row.name))));
    for (name, runs) in all.chain(MAP_TYPES.iter().map(|row| (row.name, map_type_runs(row.map_type)))) {
        assert!(!matches!(runs, Runs::NotSimulated("") | Runs::Never("")), "{name}");
    }
}
