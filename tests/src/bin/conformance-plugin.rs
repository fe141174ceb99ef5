//! The plugin of the public bpf_conformance suite: `conformance-plugin [MEMORY] [--elf] [--debug]`.
//!
//! MEMORY is hexadecimal, blanks allowed, and may be missing or empty. The program comes on standard input as hexadecimal
//! bytes: instructions, or with `--elf` an object, whose first program counts. `r1` is the memory's address and `r2`
//! its length. `r0` goes to standard output in hexadecimal; a program that faults or cannot be loaded is reported
//! on standard error, with exit status 1.

use std::io::Read;
use std::process::ExitCode;

use bpfscope_core::isa::RawInsn;
use bpfscope_core::kernel::{MapDef, ProgType, Program};
use bpfscope_core::object::{LoadOptions, Object};
use bpfscope_core::vm::{Config, Machine, NoObserver, ProgId};

/// Instructions that a program of the suite may take.
const BUDGET: u64 = 50_000_000;

fn main() -> ExitCode {
    match run() {
        Ok(r0) => {
            println!("{r0:x}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<u64, String> {
    let (mut memory, mut elf, mut debug) = (Vec::new(), false, false);
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "--elf" => elf = true,
            "--debug" => debug = true,
            text if text.starts_with("--") => return Err(format!("unknown option {text}")),
            text => memory = bytes(text).map_err(|why| format!("memory: {why}"))?,
        }
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|why| format!("standard input: {why}"))?;
    let input = bytes(&text).map_err(|why| format!("program: {why}"))?;
    let (program, maps) = if elf { object(&input)? } else { (raw(&input)?, Vec::new()) };
    let config = Config { budget: BUDGET, ..Config::default() };
    let mut machine = Machine::new(&[program], &maps, config).map_err(|why| why.to_string())?;
    let outcome = machine.run_memory(ProgId(0), &mut memory, &mut NoObserver);
    if debug {
        eprintln!("{} instructions", outcome.insns);
    }
    match outcome.fault {
        Some(fault) => Err(fault.to_string()),
        None => Ok(outcome.ret),
    }
}

/// Hexadecimal digits, two a byte; bytes may be apart.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for word in text.split_whitespace() {
        let digits = word.strip_prefix("0x").unwrap_or(word).as_bytes();
        let (pairs, rest) = digits.as_chunks::<2>();
        let byte = |pair: &[u8; 2]| {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
            Some((high? << 4 | low?) as u8)
        };
        match pairs.iter().map(byte).collect::<Option<Vec<u8>>>() {
            Some(more) if rest.is_empty() => bytes.extend(more),
            _ => return Err(format!("`{word}` is not hexadecimal bytes")),
        }
    }
    Ok(bytes)
}

/// A program of raw instructions.
fn raw(input: &[u8]) -> Result<Program, String> {
    let (slots, rest) = input.as_chunks::<{ RawInsn::SIZE }>();
    if slots.is_empty() || !rest.is_empty() {
        return Err(format!("program: {} bytes are not a whole number of instructions", input.len()));
    }
    Ok(Program {
        name: "conformance".into(),
        section: "xdp".into(),
        prog_type: ProgType::Xdp,
        hook: None,
        insns: slots.iter().map(|slot| RawInsn::from_bytes(*slot)).collect(),
        funcs: Vec::new(),
        lines: Vec::new(),
        license: "Dual MIT/GPL".into(),
        maps: Vec::new(),
        kfuncs: Vec::new(),
    })
}

/// The first program of an object, with the object's maps.
fn object(input: &[u8]) -> Result<(Program, Vec<MapDef>), String> {
    let object = Object::parse(input).map_err(|why| format!("object: {why}"))?;
    let options = LoadOptions { prog_type: Some(ProgType::Xdp), ..LoadOptions::default() };
    let loaded = object.load(&options).map_err(|why| format!("object: {why}"))?;
    match (loaded.programs.into_iter().next(), loaded.refused.first()) {
        (Some(program), _) => Ok((program, loaded.maps)),
        (None, Some((name, why))) => Err(format!("object: {name}: {why}")),
        (None, None) => Err("object: there is no program in it".into()),
    }
}
