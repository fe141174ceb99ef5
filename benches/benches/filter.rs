//! Filter expressions: `bpfscope replay EXPRESSION` of a long capture beside `tcpdump -r` with the same expression.
//!
//! The capture is a million packets, the Ethernet captures of `pcaps/` over and over, made in a directory of its own and
//! removed afterwards. Both commands only count what the expression accepts, tcpdump by `--count`, so that neither prints
//! or writes a packet; first they are asked for their counts, which have to be equal. Every measurement is a process of
//! its own, in turns, and its processor time counts: user and system, starting and reading included.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
    process::{Command, ExitCode},
    time::Duration,
};

use bpfscope_benches::{Scratch, build_command, usage};
use bpfscope_core::net::{CaptureReader, LinkType};

const PACKETS: u32 = 1_000_000;
/// Times that each is measured; the median counts.
const SAMPLES: usize = 7;
/// What is asked: of few bytes and of many, of what is accepted often and never.
const EXPRESSIONS: &[&str] = &[
    "ip",
    "tcp port 80",
    "tcp port 80 and tcp[tcpflags] & tcp-syn != 0",
    "host 10.0.0.1 and not port 53",
    "net fd00::/8 or icmp6",
    "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
    "vlan and ip or udp portrange 4000-5000",
    "ether host 2:0:0:0:0:99 or sctp or ip[8] = 1",
];
const PCAPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../pcaps");

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("filter: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> io::Result<()> {
    let version = match Command::new("tcpdump").arg("--version").output() {
        // Builds differ in which of the two they write to.
        Ok(out) => String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            println!("left out: filter expressions beside tcpdump: there is no tcpdump");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let command = build_command()?;
    let scratch = Scratch::new("filter")?;
    let capture = scratch.path().join("million.pcap");
    let size = write_capture(&capture)?;
    println!("capture: {PACKETS} packets, {} MB; {}", size / 1_000_000, version.lines().next().unwrap_or_default());
    println!("{:78} {:>9} {:>12} {:>12} {:>6}", "filter", "accepted", "ours /s", "tcpdump /s", "ratio");
    let mut slowest = f64::MAX;
    for expression in EXPRESSIONS {
        let mut ours = Command::new(&command);
        ours.arg("replay").arg(expression).arg(&capture).args(["--format", "json"]);
        let mut theirs = Command::new("tcpdump");
        theirs.arg("-r").arg(&capture).args(["--count", "--", expression]);
        let accepted = count(&mut theirs, |out| out.split(' ').next())?;
        let same = count(&mut ours, |out| {
            let after = out.split_once("\"PASS\":").map_or("0", |(_, after)| after);
            after.split([',', '}']).next()
        })?;
        if accepted != same {
            return Err(io::Error::other(format!("`{expression}`: {same} accepted, by tcpdump {accepted}")));
        }
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..SAMPLES {
            times[0].push(usage(&mut ours)?.time);
            times[1].push(usage(theirs.stderr(std::process::Stdio::null()))?.time);
        }
        let [ours, theirs] = times.map(rate);
        println!("{expression:78} {accepted:>9} {ours:>12.0} {theirs:>12.0} {:>6.2}", ours / theirs);
        slowest = slowest.min(ours / theirs);
    }
    println!("at least as fast as tcpdump: {}", if slowest >= 1.0 { "met" } else { "missed" });
    Ok(())
}

/// Packets a second of processor time, the median.
fn rate(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    f64::from(PACKETS) / times[times.len() / 2].as_secs_f64()
}

/// The number in what a command prints.
fn count(command: &mut Command, number: impl Fn(&str) -> Option<&str>) -> io::Result<u64> {
    let out = command.output()?;
    let text = String::from_utf8_lossy(&out.stdout);
    let number = number(&text).and_then(|number| number.trim().parse().ok());
    number.ok_or_else(|| io::Error::other(format!("{command:?}: {text}{}", String::from_utf8_lossy(&out.stderr))))
}

/// Writes the capture; gives its size in bytes.
fn write_capture(path: &Path) -> io::Result<u64> {
    let mut packets = Vec::new();
    let mut names: Vec<_> = fs::read_dir(PCAPS)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    names.retain(|name| name.extension().is_some_and(|end| end == "pcap"));
    names.sort();
    for name in names {
        let bytes = fs::read(name)?;
        let mut reader = CaptureReader::new(bytes.as_slice()).map_err(io::Error::other)?;
        while let Some(packet) = reader.next_packet().map_err(io::Error::other)? {
            if packet.link == LinkType::Ethernet {
                packets.push((packet.orig_len, packet.data.to_vec()));
            }
        }
    }
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0])?;
    let mut size = 24;
    for (at, (len, data)) in (0..PACKETS).zip(packets.iter().cycle()) {
        for field in [1_700_000_000 + at / 50_000, at % 50_000 * 20, data.len() as u32, *len] {
            file.write_all(&field.to_le_bytes())?;
        }
        file.write_all(data)?;
        size += 16 + data.len() as u64;
    }
    file.flush()?;
    Ok(size)
}
