//! The command's figures: `bpfscope replay` of a long capture beside a bare loop of pcap-file and rbpf's interpreter,
//! and how much memory it takes.
//!
//! The capture (a million packets, about 600 MB) is made in a directory of its own and removed afterwards. Every
//! measurement is a process of its own, in turns, and its processor time counts: user and system, reading included.
//! The peers are this program again, with `--peer` and `--kernel-peer`: the latter is a bare loop of pcap-file and
//! `BPF_PROG_TEST_RUN`, beside which `--engine kernel` stands. Where bpf(2) is refused these two are left out, and said so.

use std::{
    env,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
    process::{Command, ExitCode},
    time::Duration,
};

use bpfscope_benches::{Scratch, Usage, build_command, peer_program, tcp_segment, usage};
use bpfscope_core::lab::{Compiled, Source};
use bpfscope_core::object::LoadOptions;
use bpfscope_linux::bpf::{Prog, RunBuffers, RunSpec};
use bpfscope_linux::load::InKernel;
use pcap_file::pcap::PcapReader;

const PACKETS: u32 = 1_000_000;
/// Times that each is measured; the median counts.
const SAMPLES: usize = 7;
/// The header parse program, which the peer runs too.
const HEADER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/programs/header.s");
/// The protocol counter in a hash map.
const COUNTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../lessons/count-tc.s");
/// What a replay may take of memory.
const GOAL_KB: i64 = 50_000;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let done = match args.as_slice() {
        [peer, capture] if peer == "--peer" => bare_loop(Path::new(capture)),
        [peer, capture] if peer == "--kernel-peer" => kernel_loop(Path::new(capture)),
        _ => measure(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("replay: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The peer: packets out of pcap-file, each through the header parse program in rbpf's interpreter.
fn bare_loop(capture: &Path) -> io::Result<()> {
    let text = fs::read_to_string(HEADER)?;
    let program = peer_program(&text);
    let vm = rbpf::EbpfVmMbuff::new(Some(&program))?;
    let mut reader = PcapReader::new(File::open(capture)?).map_err(io::Error::other)?;
    let (mut packets, mut sum) = (0u64, 0u64);
    while let Some(packet) = reader.next_packet() {
        let packet = packet.map_err(io::Error::other)?;
        let range = packet.data().as_ptr_range();
        let mut pointers = [0; 16];
        pointers[..8].copy_from_slice(&(range.start as u64).to_le_bytes());
        pointers[8..].copy_from_slice(&(range.end as u64).to_le_bytes());
        sum = sum.wrapping_add(vm.execute_program(packet.data(), &pointers)?);
        packets += 1;
    }
    println!("{packets} packets, {sum:#x}");
    Ok(())
}

/// The kernel's peer: packets out of pcap-file, each through the same program by a test run.
fn kernel_loop(capture: &Path) -> io::Result<()> {
    let prog = in_kernel()?;
    let mut reader = PcapReader::new(File::open(capture)?).map_err(io::Error::other)?;
    let mut buffers = RunBuffers::default();
    let (mut packets, mut sum) = (0u64, 0u64);
    while let Some(packet) = reader.next_packet() {
        let packet = packet.map_err(io::Error::other)?;
        let run = prog.run_into(&RunSpec { data: packet.data(), ..RunSpec::default() }, &mut buffers);
        let (ret, _) = run.map_err(io::Error::from_raw_os_error)?;
        sum = sum.wrapping_add(ret.into());
        packets += 1;
    }
    println!("{packets} packets, {sum:#x}");
    Ok(())
}

/// The header parse program in the kernel.
fn in_kernel() -> io::Result<Prog> {
    let text = fs::read_to_string(HEADER)?;
    let compiled = Compiled::new(&Source::Asm(text), HEADER, &LoadOptions::default()).map_err(io::Error::other)?;
    let kernel = InKernel::new(&compiled.object, &compiled.loaded, |_| true).map_err(io::Error::other)?;
    kernel.progs.into_iter().flatten().next().ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Something that is measured.
struct Row {
    name: &'static str,
    command: Command,
    /// The row that it stands beside.
    peer: usize,
    /// How many times as fast as its peer it must be.
    goal: Option<f64>,
    samples: Vec<Usage>,
}

fn measure() -> io::Result<()> {
    let command = build_command()?;
    let scratch = Scratch::new("replay")?;
    let capture = scratch.path().join("million.pcap");
    let size = write_capture(&capture)?;
    println!("capture: {PACKETS} packets, {} MB", size / 1_000_000);

    let replay = |program: &str, engine: &str| {
        let mut run = Command::new(&command);
        run.arg("replay").arg(program).arg(&capture).args(["--format", "json", "--engine", engine]);
        run
    };
    let this = env::current_exe()?;
    let peer = |how: &str| {
        let mut run = Command::new(&this);
        run.arg(how).arg(&capture);
        run
    };
    let row = |name, command, peer, goal| Row { name, command, peer, goal, samples: Vec::new() };
    let mut rows = vec![
        row("bare loop of pcap-file and rbpf", peer("--peer"), 0, None),
        row("header", replay(HEADER, "interp"), 0, Some(1.5)),
        row("counter", replay(COUNTER, "interp"), 0, Some(1.0)),
    ];
    match in_kernel() {
        Ok(_) => rows.extend([
            row("bare loop of test runs", peer("--kernel-peer"), 3, None),
            row("header in the kernel", replay(HEADER, "kernel"), 3, None),
        ]),
        Err(why) => println!("left out: 2 rows that need the kernel: {why}"),
    }
    for round in 0..=SAMPLES {
        for row in &mut rows {
            let used = usage(&mut row.command)?;
            // The first round only warms the page cache.
            if round > 0 {
                row.samples.push(used);
            }
        }
    }
    report(&rows);
    Ok(())
}

impl Row {
    /// Packets a second of processor time, the median.
    fn rate(&self) -> f64 {
        let mut times: Vec<Duration> = self.samples.iter().map(|s| s.time).collect();
        times.sort_unstable();
        f64::from(PACKETS) / times[times.len() / 2].as_secs_f64()
    }

    fn resident_kb(&self) -> i64 {
        self.samples.iter().map(|s| s.resident_kb).max().unwrap_or(0)
    }
}

fn report(rows: &[Row]) {
    println!("{:32} {:>14} {:>8} {:>10}", "replay", "packets/s", "ratio", "resident");
    for row in rows {
        let (rate, resident) = (row.rate(), row.resident_kb() as f64 / 1e3);
        println!("{:32} {rate:>14.0} {:>8.2} {resident:>7.1} MB", row.name, rate / rows[row.peer].rate());
    }
    for row in rows {
        let Some(goal) = row.goal else { continue };
        let met =
            if row.rate() / rows[row.peer].rate() >= goal && row.resident_kb() <= GOAL_KB { "met" } else { "missed" };
        println!("{} at least {goal:.1} times the bare loop, at most {} MB: {met}", row.name, GOAL_KB / 1000);
    }
}

/// Writes the capture; gives its size in bytes. Sizes and protocols are mixed as on a busy link: many short packets,
/// many full ones, TCP before UDP before the rest.
fn write_capture(path: &Path) -> io::Result<u64> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut size = 24;
    file.write_all(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0])?;
    let mut frame = tcp_segment();
    frame.resize(1514, 0x5a);
    let mut random = 1u32;
    for at in 0..PACKETS {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (kind, spread) = (random >> 24, (random >> 8 & 0xffff) as usize);
        let len = match kind {
            0..=115 => 60 + spread % 40,
            116..=179 => 100 + spread % 900,
            _ => 1300 + spread % 215,
        };
        frame[23] = match kind % 16 {
            0..=10 => 6,
            11..=14 => 17,
            _ => 1,
        };
        frame[16..18].copy_from_slice(&(len as u16 - 14).to_be_bytes());
        frame[26..30].copy_from_slice(&random.to_be_bytes());
        frame[34..36].copy_from_slice(&(spread as u16).to_be_bytes());
        frame[38..40].copy_from_slice(&(len as u16 - 34).to_be_bytes());
        for field in [1_700_000_000 + at / 50_000, at % 50_000 * 20, len as u32, len as u32] {
            file.write_all(&field.to_le_bytes())?;
        }
        file.write_all(&frame[..len])?;
        size += 16 + len as u64;
    }
    file.flush()?;
    Ok(size)
}
