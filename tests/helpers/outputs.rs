//! What programs tell user space, strings and numbers.

use bpfscope_core::kernel::ProgType;
use bpfscope_core::vm::Output;
use bpfscope_tests::kernel;

use crate::Pair;

const TC: ProgType = ProgType::SchedCls;
const FRAME: [u8; 60] = [7; 60];

/// Runs bodies that use a text on one frame; fails with all differences.
fn agree_on_texts(cases: impl IntoIterator<Item = (Vec<u8>, String)>) {
    if !kernel::available("strings") {
        return;
    }
    let mut differences = Vec::new();
    for (text, body) in cases {
        let name = format!("{:?}", String::from_utf8_lossy(&text));
        let mut pair = Pair::with_text(&name, TC, &body, "", &text);
        differences.extend(pair.difference("a frame", &FRAME));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Formats, good and bad; the arguments are those of [`ARGUMENTS`].
const FORMATS: &[&str] = &[
    "",
    "plain",
    "100%%",
    "%d",
    "%i",
    "%u",
    "%x",
    "%X",
    "%ld %ld %ld",
    "%lld %llu %llx",
    "%lu",
    "%lx %lX",
    "%d %d %d",
    "%u %u %u",
    "%5d|%-5d|%05d",
    "%5u|%-5u|%05u",
    "%+d|% d|%+u",
    "%-05d|%0-5d|% 5d",
    "%20x|%-20llx|%020llX",
    "%200d",
    "%c%c%c",
    "%5c|%-5c|%c",
    "%llld",
    "%d %d %d %d",
    "%",
    "tail %",
    "%y",
    "%5.3d",
    "%.3s",
    "%#x",
    "%*d",
    "%hd",
    "%hhx",
    "%zu",
    "%n",
    "%f",
    "%lc",
    "%l",
    "%ll",
    "%5",
    "%0",
    "tab\tand line\n",
    "bell\u{7}",
    "\u{e9}",
    "%d%",
    "%%%d%%",
    "%d,%d.%d",
    "%sx",
    "%pz",
    "%pI5",
    "%pI",
    "%p4",
    "%i%u%x",
];

/// -2, 0x1_0000_0041, 3: as 32 bits -2, 65 and 3.
const ARGUMENTS: &str =
    "r1 = -2\n*(u64 *)(r10 - 64) = r1\nr1 = 0x100000041 ll\n*(u64 *)(r10 - 56) = r1\nr1 = 3\n*(u64 *)(r10 - 48) = r1\n";

fn snprintf(size: u32, args: u32) -> String {
    format!(
        "r1 = r8\nr1 += 8\nr2 = {size}\nr3 = text ll\nr4 = r10\nr4 += -64\nr5 = {args}\ncall bpf_snprintf\n*(u64 *)(r8 + 0) = r0\n"
    )
}

fn terminated(text: &str) -> Vec<u8> {
    [text.as_bytes(), b"\0"].concat()
}

/// Formats of pointers, whose text a kernel makes up: only lengths agree.
const POINTERS: &[&str] = &[
    "%p",
    "%p%",
    "%p%%",
    "%p%d",
    "%p %d",
    "%px",
    "%px%d",
    "%pK",
    "%pKx",
    "%20p|",
    "%-20p|",
    "%020p",
    "%px.",
    "%p.",
    "%s%d",
    "%s%%",
    "%s%",
    "%s.",
    "%pI4%d",
    "%pI6x",
    "%pi4.%pi6",
    "%5pI4|",
    "%pks%d",
    "%pusx",
    "%pu",
    "%pk",
];

/// Whether `bpf_snprintf` takes a format that it knows beforehand: the verifier refuses what `bpf_trace_printk` would.
fn is_valid(text: &str) -> bool {
    let wrong = ["%d %d %d %d", "%", "tail %", "%y", "%5.3d", "%.3s", "%#x", "%*d", "%hd", "%hhx", "%zu", "%n", "%f"];
    let more = ["%lc", "%l", "%ll", "%5", "%0", "bell\u{7}", "%d%", "%sx", "%pz", "%pI5", "%pI", "%p4", "%llld"];
    !wrong.contains(&text) && !more.contains(&text)
}

#[test]
fn snprintf_formats() {
    let good = FORMATS.iter().filter(|text| is_valid(text));
    agree_on_texts(good.clone().map(|text| (terminated(text), ARGUMENTS.to_owned() + &snprintf(140, 24))));
    // Cut short, the text still ends and the whole length is returned.
    agree_on_texts(good.map(|text| (terminated(text), ARGUMENTS.to_owned() + &snprintf(4, 24))));
}

#[test]
fn snprintf_argument_lengths() {
    let lens = [0, 8, 16, 24];
    agree_on_texts(lens.map(|len| (terminated("none"), ARGUMENTS.to_owned() + &snprintf(140, len))));
}

#[test]
fn snprintf_of_memory() {
    let strings = [
        "%s",
        "%s.",
        "<%s>",
        "%10s|",
        "%-10s|",
        "%2s|",
        "%pI4",
        "%pi4",
        "%pI6",
        "%pi6",
        "%pI4 and %pi6",
        "%pks",
        "%pks,%s",
        "%s %pI4 %s",
        "%pI4c",
    ];
    // All three arguments point to "Abc" and zeroes.
    let arguments = "*(u64 *)(r10 - 16) = 0x636241\n*(u64 *)(r10 - 8) = 0\nr1 = r10\nr1 += -16\n*(u64 *)(r10 - 64) = r1\n\
                     *(u64 *)(r10 - 56) = r1\n*(u64 *)(r10 - 48) = r1\n";
    agree_on_texts(strings.map(|text| (terminated(text), arguments.to_owned() + &snprintf(140, 24))));
    // What cannot be read is empty, or all zero.
    let nowhere = "r1 = 8\n*(u64 *)(r10 - 64) = r1\n*(u64 *)(r10 - 56) = r1\n*(u64 *)(r10 - 48) = r1\n";
    agree_on_texts(strings.map(|text| (terminated(text), nowhere.to_owned() + &snprintf(140, 24))));
}

#[test]
fn trace_printk_lengths_and_errors() {
    let print = |text: &[u8]| {
        let body = format!(
            "r1 = text ll\nr2 = {}\nr3 = -2\nr4 = 0x100000041 ll\nr5 = 3\ncall bpf_trace_printk\n*(u64 *)(r8 + 0) = r0\n",
            text.len()
        );
        (text.to_vec(), body)
    };
    let formats = FORMATS.iter().chain(POINTERS);
    let mut cases: Vec<_> = formats.map(|text| print(&terminated(text))).collect();
    // Without an end; with bytes after the end; longer than a line.
    cases.push(print(b"no end"));
    cases.push(print(b"%d\0%y"));
    cases.push(print(&terminated(&"long ".repeat(300))));
    cases.push(print(&terminated("%900d%900d")));
    agree_on_texts(cases);
}

#[test]
fn trace_vprintk_lengths_and_errors() {
    let print = |text: &str, args: u32| {
        let body = format!(
            "r1 = text ll\nr2 = {}\nr3 = r10\nr3 += -64\nr4 = {args}\ncall bpf_trace_vprintk\n*(u64 *)(r8 + 0) = r0\n",
            text.len() + 1
        );
        (terminated(text), ARGUMENTS.to_owned() + &body)
    };
    let cases = FORMATS.iter().map(|text| print(text, 24));
    agree_on_texts(cases.chain([8, 16, 4, 12, 0].map(|len| print("%d", len))));
}

#[test]
fn a_printed_line_is_an_output() {
    if !kernel::available("the machine beside a program of the kernel") {
        return;
    }
    let body = "r1 = text ll\nr2 = 6\nr3 = 7\ncall bpf_trace_printk\n";
    let mut pair = Pair::with_text("printk", TC, body, "", b"n=%d\n\0");
    pair.ours(&FRAME, &[]);
    assert_eq!(pair.machine().env.take_effects().outputs, [Output::Printk("n=7".into())]);
}

#[test]
fn strncmp() {
    let texts: &[(&str, u32)] =
        &[("abc", 3), ("abc", 4), ("abd", 3), ("abb", 3), ("ab", 2), ("", 1), ("abcdef", 3), ("abcdef", 8), ("b", 1)];
    agree_on_texts(texts.iter().map(|(text, len)| {
        // The stack has "abc" and zeroes.
        let body = format!(
            "*(u64 *)(r10 - 16) = 0x636261\nr1 = r10\nr1 += -16\nr2 = {len}\nr3 = text ll\ncall bpf_strncmp\nr0 <<= 32\nr0 s>>= 32\n*(u64 *)(r8 + 0) = r0\n"
        );
        (terminated(text), body)
    }));
}

#[test]
fn numbers_in_text() {
    let texts = [
        "0",
        "7",
        "42",
        "-42",
        "+42",
        " \t\n12",
        "  -12",
        "- 12",
        "0x1f",
        "0X1F",
        "0x",
        "0xg",
        "-0x10",
        "017",
        "018",
        "08",
        "",
        " ",
        "-",
        "x",
        "12abc",
        "12 34",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "00000000000000000000000000000000000000000000000000000000000000000000000000000000001",
        "1f",
        "ffffffffffffffff",
        "1777777777777777777777",
        "\u{b}5",
        "\u{a0}5",
        "--5",
        "0-5",
        "-0",
    ];
    let mut cases = Vec::new();
    for helper in ["strtol", "strtoul"] {
        for flags in ["0", "8", "10", "16", "2", "31", "32", "0x100000000"] {
            for text in texts {
                let bytes = if text.is_empty() { b"\0".to_vec() } else { text.as_bytes().to_vec() };
                let body = format!(
                    "*(u64 *)(r10 - 16) = 0x77\nr1 = text ll\nr2 = {}\nr3 = {flags} ll\nr4 = r10\nr4 += -16\ncall bpf_{helper}\n\
                     *(u64 *)(r8 + 0) = r0\nr1 = *(u64 *)(r10 - 16)\n*(u64 *)(r8 + 8) = r1\n",
                    bytes.len()
                );
                cases.push((bytes, body));
            }
        }
    }
    agree_on_texts(cases);
}

/// Runs a body with more maps on one frame.
fn agree_with_maps(maps: &str, bodies: &[String]) {
    if !kernel::available("helpers of maps") {
        return;
    }
    let mut differences = Vec::new();
    for body in bodies {
        let mut pair = Pair::new(body, TC, body, maps);
        // Twice: what the first run left in the maps counts.
        differences.extend(pair.difference("a frame", &FRAME));
        differences.extend(pair.difference("the same frame again", &FRAME));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// `out[word] = helper(map, args...)`: `fp-8` is an address, the rest numbers.
fn on_map(word: u32, helper: &str, map: &str, args: &[&str]) -> String {
    let mut body = format!("r1 = {map} ll\n");
    for (arg, reg) in args.iter().zip(2..) {
        body += &match arg.strip_prefix("fp") {
            Some(offset) => format!("r{reg} = r10\nr{reg} += {offset}\n"),
            None => format!("r{reg} = {arg} ll\n"),
        };
    }
    body + &format!("call bpf_{helper}\n*(u64 *)(r8 + {}) = r0\n", word * 8)
}

#[test]
fn queues_and_stacks() {
    let maps = ".map q, queue, value=8, entries=2\n.map s, stack, value=8, entries=2";
    let word = |value: u32| format!("*(u64 *)(r10 - 8) = {value}\n");
    let read = |at: u32| format!("r1 = *(u64 *)(r10 - 8)\n*(u64 *)(r8 + {}) = r1\n", at * 8);
    let mut bodies = Vec::new();
    for map in ["q", "s"] {
        for flags in ["0", "2", "1", "3", "4"] {
            let push = |n, value| word(value) + &on_map(n, "map_push_elem", map, &["fp-8", flags]);
            let pop = |n| word(99) + &on_map(n, "map_pop_elem", map, &["fp-8"]) + &read(n + 1);
            let peek = |n| word(99) + &on_map(n, "map_peek_elem", map, &["fp-8"]) + &read(n + 1);
            bodies.push(push(0, 1) + &push(1, 2) + &push(2, 3) + &peek(3) + &pop(5) + &pop(7) + &pop(9) + &peek(11));
            bodies.push(peek(0) + &pop(2) + &push(4, 5) + &pop(5) + &pop(7));
        }
    }
    agree_with_maps(maps, &bodies);
}

#[test]
fn updates_and_deletes() {
    let maps = ".map h, hash, key=4, value=8, entries=2\n.map a, array, key=4, value=8, entries=2";
    let key = |key: u32| format!("*(u32 *)(r10 - 12) = {key}\n*(u64 *)(r10 - 8) = {key}\n");
    let mut bodies = Vec::new();
    for map in ["h", "a"] {
        for flags in ["0", "1", "2", "3", "4", "0x100000000"] {
            let update = |n, k| key(k) + &on_map(n, "map_update_elem", map, &["fp-12", "fp-8", flags]);
            let delete = |n, k| key(k) + &on_map(n, "map_delete_elem", map, &["fp-12"]);
            bodies.push(update(0, 0) + &update(1, 1) + &update(2, 2) + &update(3, 1) + &delete(4, 1) + &delete(5, 1));
        }
    }
    agree_with_maps(maps, &bodies);
}

#[test]
fn ring_buffers() {
    let maps = ".map r, ringbuf, entries=4096";
    let data = "*(u64 *)(r10 - 8) = 7\n*(u64 *)(r10 - 16) = 8\n";
    let query = |word, what: &str| on_map(word, "ringbuf_query", "r", &[what]);
    let queries = |word| query(word, "0") + &query(word + 1, "1") + &query(word + 2, "2") + &query(word + 3, "3");
    let output =
        |word, size: &str, flags: &str| data.to_owned() + &on_map(word, "ringbuf_output", "r", &["fp-16", size, flags]);
    let mut bodies = vec![queries(0) + &query(4, "4") + &query(5, "0x100000000") + &query(6, "-1")];
    for flags in ["0", "1", "2", "3", "4", "0x100000000"] {
        bodies.push(output(0, "16", flags) + &output(1, "1", flags) + &queries(2));
    }
    for size in ["1", "8", "100", "4079", "4080", "4081", "4088", "4096", "0"] {
        let done =
            "if r0 == 0 goto none\nr1 = r0\nr2 = 0\ncall bpf_ringbuf_submit\n*(u64 *)(r8 + 64) = 1\nnone: r1 = 0\n";
        let reserve =
            |flags: &str| format!("r1 = r ll\nr2 = {size}\nr3 = {flags} ll\ncall bpf_ringbuf_reserve\n{done}");
        bodies.push(reserve("0") + &queries(0));
        bodies.push(reserve("0").replace("submit", "discard") + &queries(0));
        bodies.push(reserve("1") + &queries(0));
    }
    agree_with_maps(maps, &bodies);
}

#[test]
fn a_submitted_record_is_an_output() {
    if !kernel::available("the machine beside a program of the kernel") {
        return;
    }
    let body = "r1 = r ll\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve\nif r0 == 0 goto none\n*(u64 *)(r0 + 0) = 5\nr1 = r0\n\
                r2 = 0\ncall bpf_ringbuf_submit\nnone: r1 = 0\n";
    let mut pair = Pair::new("a record", TC, body, ".map r, ringbuf, entries=4096");
    pair.ours(&FRAME, &[]);
    let outputs = pair.machine().env.take_effects().outputs;
    assert!(
        matches!(&outputs[..], [Output::Ringbuf { data, .. }] if data[..] == [5, 0, 0, 0, 0, 0, 0, 0]),
        "{outputs:?}"
    );
}

fn perf_event(flags: &str) -> String {
    format!(
        "*(u64 *)(r10 - 8) = 7\nr1 = r9\nr2 = p ll\nr3 = {flags} ll\nr4 = r10\nr4 += -8\nr5 = 8\ncall bpf_perf_event_output\n\
         *(u64 *)(r8 + 0) = r0\n"
    )
}

#[test]
fn perf_events_that_fail() {
    // Nobody has opened an event in the kernel, so what is sent to a slot in range fails there with ENOENT.
    let flags = ["2", "0xfffffffe", "0x3d00000000", "0xfffff00000000", "0x10000000000000", "0x8000000000000000"];
    agree_with_maps(".map p, perf_event_array, key=4, value=4, entries=2", &flags.map(perf_event));
}

#[test]
fn a_perf_event_has_the_packet_bytes_that_were_asked_for() {
    if !kernel::available("the machine beside a program of the kernel") {
        return;
    }
    let body = perf_event("0x3ffffffff");
    let mut pair = Pair::new("a perf event", TC, &body, ".map p, perf_event_array, key=4, value=4, entries=2");
    assert_eq!(pair.ours(&FRAME, &[]).out[0], 0);
    let outputs = pair.machine().env.take_effects().outputs;
    let expected = [7, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7];
    assert!(matches!(&outputs[..], [Output::PerfEvent { cpu: 0, data, .. }] if data[..] == expected), "{outputs:?}");
}
