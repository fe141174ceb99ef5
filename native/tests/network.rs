//! Networks in scenarios: interfaces, what leaves them, control groups, packets that were cut.

mod run;

use bpfscope_core::net::CaptureReader;
use run::{Scratch, bpfscope};
use serde_json::{Value, json};

/// A line of JSON.
fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))
}

/// Two interfaces of which the first sends all that it receives out of the other, with a VLAN tag.
fn tagging(scratch: &Scratch, network: &str, program: &str) -> String {
    let scenario = json!({
        "bpfscope": 1,
        "source": {"asm": format!(".license \"GPL\"\n{program}")},
        "network": serde_json::from_str::<Value>(network).expect("JSON"),
    });
    scratch.file("scenario.json", scenario.to_string())
}

const TWO: &str = r#"{"interfaces": [{"name": "eth0", "index": 2}, {"name": "eth1", "index": 3}]}"#;

#[test]
fn what_left_is_written_by_interface() {
    let scratch = Scratch::new();
    let program =
        ".section tc\ntag: r2 = 0x0081\nr3 = 100\ncall bpf_skb_vlan_push\nr1 = 3\nr2 = 0\ncall bpf_redirect\nexit\n";
    let scenario = tagging(&scratch, TWO, program);
    for name in ["out.pcap", "out.pcapng"] {
        let out = scratch.path(name);
        let run = bpfscope(&["replay", &scenario, "http.pcap", "--write", &out, "--packets", "--format", "json"]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{name}");
        let first = parse(run.stdout.lines().next().expect("a line"));
        assert_eq!((&first["dev"], &first["verdict"]), (&json!("eth0"), &json!("TC_ACT_REDIRECT")));
        let bytes = std::fs::read(&out).expect("a capture");
        let mut reader = CaptureReader::new(bytes.as_slice()).expect("a capture");
        let mut tagged = 0;
        while let Some(packet) = reader.next_packet().expect("a packet") {
            assert_eq!(packet.data[12..16], [0x81, 0, 0, 100], "{name}");
            tagged += 1;
        }
        assert_eq!(tagged, 84, "{name}");
        let names = |name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
        assert_eq!(names(b"eth0") && names(b"eth1"), name == "out.pcapng", "{name}");
    }
}

#[test]
fn a_redirect_loop_is_an_error_that_names_it() {
    let scratch = Scratch::new();
    let network = r#"{"interfaces": [{"name": "eth0", "index": 2}]}"#;
    let scenario = tagging(&scratch, network, ".section tc\nback: r1 = 2\nr2 = 1\ncall bpf_redirect\nexit\n");
    let run = bpfscope(&["replay", &scenario, "http.pcap"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("packet 1 goes around without end: eth0 → eth0"), "{}", run.stderr);
}

#[test]
fn a_network_that_cannot_be_says_why() {
    let scratch = Scratch::new();
    let network = r#"{"interfaces": [{"name": "eth0", "index": 2}, {"name": "eth0", "index": 3}]}"#;
    let scenario = tagging(&scratch, network, ".section tc\npass: r0 = 0\nexit\n");
    let run = bpfscope(&["replay", &scenario, "http.pcap"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("two interfaces are called `eth0`"), "{}", run.stderr);
}

#[test]
fn a_program_of_a_control_group_sees_ip_from_its_header_on() {
    let scratch = Scratch::new();
    let text = ".section cgroup_skb/egress\nfirst: r2 = 0\nr3 = r10\nr3 += -8\nr4 = 1\ncall bpf_skb_load_bytes\n\
                r0 = *(u8 *)(r10 - 8)\nr0 >>= 6\nr0 &= 1\nexit\n";
    let program = scratch.file("cgroup.s", text);
    for hook in [&[][..], &["--hook", "cgroup-ingress"]] {
        let run = bpfscope(&[&["replay", program.as_str(), "http.pcap", "--format", "json"], hook].concat());
        let summary = parse(run.stdout.lines().last().expect("a line"));
        let (runs, packets) = (summary["runs"].as_u64().expect("runs"), summary["packets"].as_u64().expect("packets"));
        assert!(run.status == 0 && runs > 0 && runs < packets, "{}", run.stdout);
        assert_eq!(summary["verdicts"], json!({"ALLOW": runs}));
    }
}

#[test]
fn a_packet_that_was_cut_is_replayed_in_its_length_and_marked() {
    let scratch = Scratch::new();
    let mut pcap = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];
    pcap.extend([0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 100, 0, 0, 0]);
    pcap.extend([2; 12]);
    pcap.extend([8, 0, 0x45, 0, 0, 86, 0, 0]);
    let capture = scratch.file("cut.pcap", pcap);
    let program = scratch.file("len.s", ".section tc\nlen: r0 = *(u32 *)(r1 + 0)\nexit\n");
    let out = scratch.path("out.pcap");
    let run = bpfscope(&["replay", &program, &capture, "--packets", "--format", "json", "--write", &out]);
    let line = parse(run.stdout.lines().next().expect("a line"));
    assert_eq!(
        (&line["ret"], &line["missing"], &line["out"]),
        (&json!(100), &json!(80), &json!(null)),
        "{}",
        run.stderr
    );
    let bytes = std::fs::read(&out).expect("a capture");
    let mut reader = CaptureReader::new(bytes.as_slice()).expect("a capture");
    let packet = reader.next_packet().expect("a packet").expect("one");
    assert_eq!((packet.data.len(), packet.orig_len), (20, 100));
    let text = bpfscope(&["replay", &program, &capture, "--packets"]);
    assert!(text.stdout.contains("80 bytes not captured"), "{}", text.stdout);
}
