//! Damaged input of every kind: objects, captures, assembly, scenarios, links, and random instructions.
//!
//! Good input is damaged at random places, by a seeded generator, and taken through everything that a user would do
//! with it: parse, print, load, replay, look at a packet and step through it. Nothing may panic, and no case may take
//! longer than [`PATIENCE`]. A failing case names its number, and is the same every time.
//!
//! `BPFSCOPE_HOSTILE_CASES` says how many cases each kind takes (100 unless told), `BPFSCOPE_HOSTILE_FIRST` with which
//! it begins, and `BPFSCOPE_HOSTILE_OBJECTS` names a directory of more objects to damage.

use std::path::Path;
use std::time::{Duration, Instant};

use bpfscope_core::isa::{assemble, disassemble};
use bpfscope_core::kernel::{Hook, names};
use bpfscope_core::lab::{Attachment, CaptureRef, Jump, Scenario, Session, Source, link};
use bpfscope_core::net::{CaptureIndex, CaptureReader, dissect, summarize};
use bpfscope_core::object::{self, LoadOptions, Object};
use bpfscope_tests::clang::{self, Flags};

/// Longest time that one case may take; programs stop after a million instructions.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 2 });
/// Cases of each kind.
const CASES: u64 = 100;

/// SplitMix64: small, seeded, good enough to choose places.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when there is none.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Says which case was running when it panics, and that it took too long when it did.
struct Case {
    kind: &'static str,
    number: u64,
    start: Instant,
}

impl Drop for Case {
    fn drop(&mut self) {
        let took = self.start.elapsed();
        if std::thread::panicking() {
            eprintln!("{}: case {} (BPFSCOPE_HOSTILE_FIRST={})", self.kind, self.number, self.number);
        } else {
            assert!(took <= PATIENCE, "{}: case {} took {took:?}", self.kind, self.number);
        }
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// Runs the cases of a kind, each with randomness of its own.
fn cases(kind: &'static str, mut case: impl FnMut(&mut Random)) {
    let first = number("BPFSCOPE_HOSTILE_FIRST", 0);
    for number in first..first + number("BPFSCOPE_HOSTILE_CASES", CASES) {
        let _case = Case { kind, number, start: Instant::now() };
        case(&mut Random(number));
    }
}

/// Damages bytes within a range in one to four places.
fn damage(bytes: &mut Vec<u8>, random: &mut Random, within: std::ops::Range<usize>) {
    const ODD: [u64; 14] =
        [0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, u64::MAX];
    for _ in 0..=random.below(4) {
        let at = within.start + random.below(within.len());
        let Some(byte) = bytes.get_mut(at) else { continue };
        match random.below(8) {
            0..3 => *byte ^= 1 << random.below(8),
            3 => *byte = random.next() as u8,
            4 | 5 => {
                let width = 1 << random.below(4);
                let value = random.pick(&ODD).wrapping_add(random.below(3) as u64);
                // Fields are aligned more often than not.
                let at = at & !(width - 1);
                let width = width.min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            }
            6 => {
                // One piece over another.
                let len = (1 + random.below(64)).min(bytes.len() - at);
                let from = random.below(bytes.len() - len + 1);
                bytes.copy_within(from..from + len, at);
            }
            _ if random.below(4) == 0 => bytes.truncate(at),
            _ => *byte = 0,
        }
    }
}

fn lessons() -> Vec<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons");
    files(&directory, "s").into_iter().map(|bytes| String::from_utf8(bytes).expect("lessons are text")).collect()
}

/// The contents of a directory's files with that extension, by name.
fn files(directory: &Path, extension: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(directory).unwrap_or_else(|e| panic!("{}: {e}", directory.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a directory entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).collect()
}

fn captures() -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pcaps");
    ["pcap", "pcapng"].iter().flat_map(|extension| files(&directory, extension)).collect()
}

fn objects() -> Vec<Vec<u8>> {
    let from_text = |text: String| {
        let unit = assemble(&text, &names()).expect("lessons assemble");
        object::write_unit(&unit, Some(object::Source { file: "lesson.s", text: &text })).expect("lessons are objects")
    };
    let mut objects: Vec<Vec<u8>> = lessons().into_iter().map(from_text).collect();
    if clang::available("damaged objects of clang") {
        for source in ["core.c", "counter.c", "globals.c", "innermaps.c", "kconfig.c", "subprogs.c", "tailcall.c"] {
            objects.push(clang::compile(source, Flags { more: &["-gno-column-info"], ..Flags::USUAL }));
        }
    }
    if let Some(more) = std::env::var_os("BPFSCOPE_HOSTILE_OBJECTS") {
        objects.extend(files(Path::new(&more), "o"));
    }
    objects
}

/// Where an object's sections and its table of them are: damage there is what gets past the first checks.
fn places(object: &[u8]) -> Vec<std::ops::Range<usize>> {
    let word = |at: usize, len: usize| {
        let mut bytes = [0; 8];
        bytes[..len].copy_from_slice(&object[at..at + len]);
        u64::from_le_bytes(bytes) as usize
    };
    let (table, entries) = (word(0x28, 8), word(0x3c, 2));
    let section = |at: usize| (word(at + 4, 4), word(at + 0x18, 8), word(at + 0x20, 8));
    let sections = (0..entries).map(|i| section(table + 64 * i));
    // Code, data, tables; of debug information only what BTF is in has neither flags nor meaning here.
    let kept = sections.filter(|(kind, _, len)| *kind != 8 && *len > 0).map(|(_, at, len)| at..at + len);
    kept.chain([0..64, table..table + 64 * entries]).collect()
}

/// Takes a scenario through everything that the page does with one.
fn use_session(scenario: Scenario, capture: Vec<u8>, random: &mut Random) {
    let mut session = Session::new();
    let _ = session.open(scenario, Some(Box::new(capture)));
    session.replay_some(1 + random.below(8) as u32);
    let rows = session.rows(bpfscope_core::lab::view::ListOf::In, 0..8).len() as u32;
    session.program();
    for packet in 0..rows.min(2) {
        if session.select(packet, 0).is_err() {
            continue;
        }
        for jump in
            [Jump::End, Jump::Start, Jump::Forward, Jump::Line, Jump::Over, Jump::Out, Jump::Back, Jump::OutBack]
        {
            session.jump(jump);
        }
        session.seek(random.next() as u32);
        session.seek(random.below(50) as u32);
    }
    session.object();
    let _ = link::encode(&session.scenario()).and_then(|link| link::decode(&link));
}

#[test]
fn damaged_objects_are_told_not_trusted() {
    let (objects, capture) = (objects(), captures().swap_remove(0));
    cases("objects", |random| {
        let mut bytes = random.pick(&objects).clone();
        let places = places(&bytes);
        let within = if random.below(4) == 0 { 0..bytes.len() } else { random.pick(&places).clone() };
        damage(&mut bytes, random, within);
        if let Ok(object) = Object::parse(&bytes) {
            let text = disassemble(&object.to_unit(), &names()).text;
            let _ = assemble(&text, &names()).map(|unit| object::write_unit(&unit, None));
            let _ = object.load(&LoadOptions { btf: object.btf(), ..LoadOptions::default() });
            let _ = Object::link(vec![object.clone(), object]);
        }
        use_session(Scenario::new(Source::Elf(bytes)), capture.clone(), random);
    });
}

#[test]
fn damaged_captures_are_read_up_to_the_damage() {
    let captures = captures();
    let text = lessons().swap_remove(0);
    cases("captures", |random| {
        let mut bytes = random.pick(&captures).clone();
        let len = bytes.len();
        // Headers of the first packets, or anywhere.
        let within = if random.below(2) == 0 { 0..len.min(400) } else { 0..len };
        damage(&mut bytes, random, within);
        if let Ok(mut reader) = CaptureReader::new(bytes.as_slice()) {
            while let Ok(Some(packet)) = reader.next_packet() {
                dissect(packet.link, packet.data);
                summarize(packet.link, packet.data);
            }
        }
        CaptureIndex::read(bytes.as_slice());
        use_session(Scenario::new(Source::Asm(text.clone())), bytes, random);
    });
}

#[test]
fn damaged_text_has_its_errors_told() {
    let (texts, capture) = (lessons(), captures().swap_remove(0));
    const WORDS: [&str; 24] = [
        ".section ",
        ".map ",
        "entries=4294967295",
        ".zero 99999999999",
        "goto -1",
        "call ",
        "lock ",
        " ll",
        "0x",
        "r11",
        "w0 = ",
        "*(u64 *)(",
        ".p2align 60",
        ".reloc ",
        ":",
        ";",
        "\"",
        "/*",
        "#",
        "\\",
        "if r0 ",
        ".equ a, ",
        ".entry ",
        "\u{e9}\u{0}\u{feff}",
    ];
    cases("text", |random| {
        let mut text = random.pick(&texts).clone();
        for _ in 0..=random.below(6) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let at = places[random.below(places.len())];
            match random.below(3) {
                0 => text.insert_str(at, random.pick::<&str>(&WORDS)),
                1 => text.truncate(text.floor_char_boundary(text.len().min(at + 200))),
                _ => {
                    let end = text.floor_char_boundary((at + random.below(12)).min(text.len()));
                    let piece = text[at..end.max(at)].to_owned();
                    if random.below(2) == 0 {
                        text.replace_range(at..end.max(at), "");
                    } else {
                        text.insert_str(*random.pick(&places), &piece);
                    }
                }
            }
            if text.is_empty() {
                break;
            }
        }
        if let Err(errors) = assemble(&text, &names()) {
            let lines = text.split('\n').count() as u32;
            for e in &errors {
                assert!(e.line >= 1 && e.line <= lines && e.column >= 1 && e.length >= 1, "{e}");
            }
        }
        use_session(Scenario::new(Source::Asm(text)), capture.clone(), random);
    });
}

#[test]
fn damaged_scenarios_and_links_are_refused() {
    let captures = captures();
    let good: Vec<Scenario> = lessons()
        .into_iter()
        .map(|text| {
            let capture = CaptureRef::Inline { name: "a.pcap".into(), bytes: captures[0][..2000].to_vec() };
            Scenario { capture, ..Scenario::new(Source::Asm(text)) }
        })
        .collect();
    cases("scenarios", |random| {
        let scenario = random.pick(&good);
        let mut json = scenario.to_json().into_bytes();
        let len = json.len();
        damage(&mut json, random, 0..len);
        let mut text = link::encode(scenario).expect("small enough for a link").into_bytes();
        let len = text.len();
        damage(&mut text, random, 0..len);
        let opened =
            [Scenario::from_json(&String::from_utf8_lossy(&json)), link::decode(&String::from_utf8_lossy(&text))];
        for scenario in opened.into_iter().flatten() {
            let capture = match &scenario.capture {
                CaptureRef::Inline { bytes, .. } => bytes.clone(),
                _ => captures[0].clone(),
            };
            use_session(scenario, capture, random);
        }
    });
}

#[test]
fn random_instructions_run_or_fault() {
    let capture = captures().swap_remove(0);
    cases("instructions", |random| {
        let mut text =
            String::from(".map a, array, key=4, value=8, entries=4\n.map h, hash, key=4, value=8, entries=4\n");
        text += ".section tc\nprog:\n r6 = r1\n r1 = a ll\n r2 = h ll\n";
        let slots = 4 + random.below(60);
        text += &" r0 = 0\n".repeat(slots);
        text += " exit\n";
        let unit = assemble(&text, &names()).expect("only known instructions");
        let mut bytes = object::write_unit(&unit, None).expect("a small object");
        let code = places(&bytes).into_iter().find(|r| bytes[r.start..].starts_with(&[0xbf, 0x16])).expect("the code");
        // From behind the map loads up to the `exit`.
        for at in (code.start + 40..code.end - 8).step_by(8) {
            let insn = random_insn(random, slots as i16);
            bytes[at..at + 8].copy_from_slice(&insn);
        }
        let mut scenario = Scenario::new(Source::Elf(bytes));
        let hook = *random.pick(&Hook::ALL);
        scenario.attachments = vec![Attachment::new("prog", hook)];
        use_session(scenario, capture.clone(), random);
    });
}

/// An instruction that decodes more often than not.
fn random_insn(random: &mut Random, slots: i16) -> [u8; 8] {
    const HELPERS: [i32; 24] =
        [1, 2, 3, 6, 7, 9, 10, 11, 12, 18, 19, 23, 25, 26, 28, 31, 38, 43, 44, 51, 87, 105, 130, 131];
    let opcode = random.next() as u8;
    let regs = (random.below(11) | random.below(11) << 4) as u8;
    let off = if random.below(4) == 0 { random.next() as i16 } else { random.below(2 * slots as usize) as i16 - slots };
    let imm = match (opcode, random.below(4)) {
        (0x85, _) => *random.pick(&HELPERS),
        (_, 0) => random.next() as i32,
        (_, 1) => *random.pick(&[0, 1, -1, 8, 16, 32, 64, i32::MIN, i32::MAX, 0xf1, 0xe1, 0x50]),
        _ => random.below(64) as i32,
    };
    let mut insn = [opcode, regs, 0, 0, 0, 0, 0, 0];
    insn[2..4].copy_from_slice(&off.to_le_bytes());
    insn[4..8].copy_from_slice(&imm.to_le_bytes());
    // Half of them loads, stores and arithmetic that ignore neither field, with offsets that fit the stack.
    if random.below(2) == 0 {
        insn[0] =
            *random.pick(&[0x61, 0x69, 0x71, 0x79, 0x62, 0x63, 0x6b, 0x73, 0x7b, 0x07, 0x0f, 0xb7, 0xbf, 0xdb, 0x85]);
        insn[2..4].copy_from_slice(&(random.below(64) as i16 - 48).to_le_bytes());
        if insn[0] == 0x85 {
            insn[1..4].copy_from_slice(&[0; 3]);
            insn[4..8].copy_from_slice(&random.pick(&HELPERS).to_le_bytes());
        }
    }
    insn
}
