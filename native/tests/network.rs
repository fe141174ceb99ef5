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

/// The frames of a capture.
#[cfg(target_os = "linux")]
fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = CaptureReader::new(bytes).expect("a capture");
    let next = || reader.next_packet().expect("a packet").map(|packet| packet.data.to_vec());
    std::iter::from_fn(next).collect()
}

/// What comes out of the second interface of a network when frames come in on the first, where a program is attached.
#[cfg(target_os = "linux")]
fn on_interfaces(network: &str, program: &str, sent: &[Vec<u8>]) -> Vec<Vec<u8>> {
    use bpfscope_core::{
        kernel::Hook,
        lab::{Compiled, Source},
    };
    use bpfscope_linux::{
        attach::{Device, attach},
        load::InKernel,
        network::Built,
        tap::{Depth, Direction, Tap},
        veth::Socket,
    };
    use std::time::{Duration, Instant};

    let network = serde_json::from_str(network).expect("a network");
    let mut built = Built::new(&network).expect("interfaces");
    let text = format!(".license \"GPL\"\n{program}");
    let made = Compiled::new(&Source::Asm(text), "tag.s", &Default::default()).expect("a program");
    let kernel = InKernel::new(&made.object, &made.loaded, |_| true).expect("it is accepted");
    let prog = kernel.progs[0].as_ref().expect("it is loaded");
    let _attached =
        attach(prog, "tag", &Device::named("eth0").expect("eth0"), Hook::TcIngress, None).expect("attached");
    let near = built.enter_other_end(&network, 0).expect("a namespace").expect("an other end");
    let sender = Socket::new(near).expect("a sender");
    let far = built.enter_other_end(&network, 1).expect("a namespace").expect("an other end");
    let far = Device { index: far, name: "far".to_owned() };
    let mut tap = Tap::open(&far, Some(Direction::In), Depth::All).expect("a tap");
    let mut arrived = Vec::new();
    for frame in sent {
        sender.send(frame).expect("sending");
        let (before, until) = (arrived.len(), Instant::now() + Duration::from_secs(5));
        while arrived.len() == before && Instant::now() < until {
            // What is not tagged is no frame of ours.
            let take = |seen: bpfscope_linux::tap::Seen<'_>| {
                if seen.data[12..14] == [0x81, 0] {
                    arrived.push(seen.data.to_vec());
                }
            };
            tap.read(64, take).expect("what arrives");
        }
    }
    arrived
}

#[test]
#[cfg(target_os = "linux")]
fn a_tagged_frame_leaves_as_it_does_in_the_kernel() {
    if !bpfscope_tests::kernel::available("a tagged frame that leaves another interface") {
        return;
    }
    let scratch = Scratch::new();
    let network = r#"{"interfaces": [
        {"name": "eth0", "index": 2, "mac": "02:00:00:00:00:02", "addresses": ["10.0.0.1/24"]},
        {"name": "eth1", "index": 3, "mac": "02:00:00:00:00:03"}
    ]}"#;
    let program =
        ".section tc\ntag: r2 = 0x0081\nr3 = 100\ncall bpf_skb_vlan_push\nr1 = 3\nr2 = 0\ncall bpf_redirect\nexit\n";
    let scenario = tagging(&scratch, network, program);
    let out = scratch.path("out.pcapng");
    let run = bpfscope(&["replay", &scenario, "http.pcap", "--write", &out]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let written = frames(&std::fs::read(&out).expect("a capture"));
    assert!(written.iter().all(|frame| frame[12..16] == [0x81, 0, 0, 100]) && written.len() == 84);

    let run = bpfscope(&["compare", &scenario, "http.pcap"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert!(run.stdout.contains("84 packets in the simulator and in Linux") && run.stdout.contains("equal"));

    // Behind a program of its own at the other interface's tc egress the tag is there too, on both sides.
    let both = format!(
        "{program}.section tc/egress\nsee: r0 = *(u32 *)(r1 + 24)\nr0 &= 1\nr2 = *(u32 *)(r1 + 40)\nif r2 == 3 goto end\nr0 = 2\nend: exit\n"
    );
    let with_egress = json!({
        "bpfscope": 1,
        "source": {"asm": format!(".license \"GPL\"\n{both}")},
        "network": serde_json::from_str::<Value>(network).expect("JSON"),
        "attachments": [
            {"program": "tag", "hook": "tc-ingress", "dev": "eth0"},
            {"program": "see", "hook": "tc-egress", "dev": "eth1"},
        ],
    });
    let with_egress = scratch.file("egress.json", with_egress.to_string());
    let run = bpfscope(&["compare", &with_egress, "http.pcap"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.stdout);

    let sent = frames(&std::fs::read(run::pcap("http.pcap")).expect("the capture"));
    let real = std::thread::spawn(move || on_interfaces(network, program, &sent)).join().expect("the thread ends");
    assert_eq!(real.len(), written.len());
    assert!(real == written, "frames that leave here are those that leave in the kernel");
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
