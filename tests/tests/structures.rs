//! Structures of the kernel without a kernel: a program that was loaded without its types reads them as its own types lay
//! them out.

use std::path::Path;

use bpfscope_core::kernel::{Hook, MapId};
use bpfscope_core::lab::{Attachment, Contents, Replay};
use bpfscope_core::net::{LinkType, Packet};
use bpfscope_core::object::{LoadOptions, Object};
use bpfscope_core::vm::{Config, NoObserver};
use bpfscope_tests::clang::{self, Flags};

/// What a program of `tests/replay/structures.c` leaves in `out` after a packet of 60 bytes.
fn out(program: &str, hook: Hook) -> Vec<i64> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("replay/structures.c");
    let bytes = clang::try_compile(&source, Flags::USUAL).expect("clang takes it");
    let loaded = Object::parse(&bytes).expect("an object").load(&LoadOptions::default()).expect("programs");
    let attachments = [Attachment::new(program, hook)];
    let mut replay = Replay::new(&loaded, &attachments, &[], Config::default()).expect("a replay");
    let mut data = [0xab; 60];
    data[12..14].copy_from_slice(&[8, 0]);
    let packet = Packet { index: 0, time_ns: 0, link: LinkType::Ethernet, orig_len: 60, offset: 0, data: &data };
    replay.packet(&packet, &mut NoObserver, |run, _, _| assert_eq!(run.outcome.fault, None));
    let bss = loaded.maps.iter().position(|map| map.name.ends_with(".bss")).expect("global data");
    let (_, value) = replay.engine().entries(MapId(bss as u32)).next().expect("a value");
    value.as_chunks::<8>().0.iter().map(|word| i64::from_le_bytes(*word)).collect()
}

#[test]
fn without_the_kernels_types_structures_are_laid_out_by_the_objects() {
    if !clang::available("structures of the kernel without its types") {
        return;
    }
    let skb = out("the_packet_is_an_sk_buff", Hook::TcIngress);
    assert_eq!(skb[..7], [60, 0x1234, 8, 0, 14, 1, 1], "length, mark, protocol, nothing, headers, device");
    assert_eq!(skb[7..10], [0, 0xab | 8 << 8, 1], "the packet behind `data`");
    let xdp = out("the_packet_is_an_xdp_buff", Hook::Xdp);
    assert_eq!(xdp[..5], [60, 0, 1, 0, 1]);
    let root = out("the_first_control_group_is_the_root", Hook::TcIngress);
    assert_eq!(root[..10], [0, 1, 1, 0, 0, 1, 0, 0, 1, 1]);
    let task = out("the_task_is_what_helpers_say", Hook::TcIngress);
    assert_eq!(task[..7], [1, 1, 1, 1, 1, 0, 1]);
    let maps = out("maps_are_structures", Hook::TcIngress);
    assert_eq!(maps[..8], [2, 4 << 16 | 12, 5, 16, 7, 1 << 16 | 0x81, 16 << 16 | 8, 100]);
}
