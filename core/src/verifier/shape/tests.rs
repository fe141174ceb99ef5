//! Small programs, and what Linux 6.18 said of them where that is not asked anew (`tests/tests/shape_kernel.rs`).

use super::{Failure, Frames, check_stack_depth, shape};
use crate::isa::RawInsn;
use crate::kernel::{KernelVersion, ProgType, Program};
use crate::verifier::Options;
use crate::verifier::finding::ShapeFinding;

pub(super) const fn slot(opcode: u8, dst: u8, src: u8, off: i16, imm: i32) -> RawInsn {
    RawInsn { opcode, dst, src, off, imm }
}

pub(super) const fn mov(dst: u8, imm: i32) -> RawInsn {
    slot(0xb7, dst, 0, 0, imm)
}

pub(super) const fn spill(src: u8, off: i16) -> RawInsn {
    slot(0x7b, 10, src, off, 0)
}

pub(super) const fn fill(dst: u8, off: i16) -> RawInsn {
    slot(0x79, dst, 10, off, 0)
}

pub(super) const fn call(src: u8, imm: i32) -> RawInsn {
    slot(0x85, 0, src, 0, imm)
}

pub(super) const fn exit() -> RawInsn {
    slot(0x95, 0, 0, 0, 0)
}

const TAIL_CALL: i32 = 12;
const KTIME: i32 = 5;

pub(super) fn program(prog_type: ProgType, insns: &[RawInsn]) -> Program {
    Program {
        name: String::new(),
        section: String::new(),
        prog_type,
        hook: None,
        insns: insns.to_vec(),
        funcs: Vec::new(),
        lines: Vec::new(),
        license: "GPL".to_owned(),
        maps: Vec::new(),
        kfuncs: Vec::new(),
    }
}

/// Functions that each call the next.
fn chain(length: usize) -> Vec<RawInsn> {
    [[call(1, 1), exit()].repeat(length - 1), vec![mov(0, 0), exit()]].concat()
}

fn depth(prog_type: ProgType, insns: &[RawInsn], frames: &Frames, options: &Options<'_>) -> Result<(), ShapeFinding> {
    let program = program(prog_type, insns);
    let shape = shape(&program, &[], options).unwrap();
    check_stack_depth(&shape, frames, &program, options).map_err(|(finding, _)| finding)
}

fn of(stack: &[u32]) -> Frames {
    Frames { stack: stack.to_vec(), ..Frames::default() }
}

const NET: ProgType = ProgType::SocketFilter;
const TRACING: [ProgType; 3] = [ProgType::Kprobe, ProgType::Tracepoint, ProgType::RawTracepoint];

#[test]
fn frames_of_a_chain_share_512_bytes() {
    type Case<'a> = (&'a [u32], Option<(u32, u32)>);
    let cases: [Case; 7] = [
        (&[512], None),
        (&[256, 256], None),
        (&[496, 16], None),
        (&[512, 8], Some((2, 528))),
        (&[304, 304, 0], Some((2, 608))),
        (&[256, 240, 8, 8], Some((4, 528))),
        (&[8; 8], None),
    ];
    for (stack, expected) in cases {
        let expected = expected.map(|(calls, size)| ShapeFinding::CombinedStack { calls, size });
        let answer = depth(NET, &chain(stack.len()), &of(stack), &Options::default());
        assert_eq!(answer.err(), expected, "{stack:?}");
        for prog_type in TRACING {
            assert_eq!(depth(prog_type, &chain(stack.len()), &of(stack), &Options::default()), Ok(()), "{stack:?}");
        }
    }
}

#[test]
fn small_frames_of_tracing_programs_share_a_stack() {
    let answer = |stack: &[u32]| depth(ProgType::Kprobe, &chain(stack.len()), &of(stack), &Options::default());
    assert_eq!(answer(&[56; 8]), Ok(()));
    assert_eq!(answer(&[528, 8]), Err(ShapeFinding::SubprogStack { subprog: 0, size: 528 }));
    let old = Options { kernel: KernelVersion::new(6, 12), ..Options::default() };
    assert_eq!(
        depth(ProgType::Kprobe, &chain(2), &of(&[512, 8]), &old),
        Err(ShapeFinding::CombinedStack { calls: 2, size: 528 })
    );
}

#[test]
fn frames_are_rounded_up_more_without_a_jit() {
    let old = Options { kernel: KernelVersion::new(5, 10), ..Options::default() };
    let answer = |stack: &[u32]| depth(NET, &chain(stack.len()), &of(stack), &old);
    assert_eq!(answer(&[480, 8]), Ok(()));
    assert_eq!(answer(&[488, 8]), Err(ShapeFinding::CombinedStack { calls: 2, size: 544 }));
    assert_eq!(answer(&[512, 0]), Err(ShapeFinding::CombinedStack { calls: 2, size: 544 }));
}

#[test]
fn a_chain_has_eight_frames() {
    assert_eq!(depth(NET, &chain(8), &of(&[0; 8]), &Options::default()), Ok(()));
    assert_eq!(depth(NET, &chain(9), &of(&[0; 9]), &Options::default()), Err(ShapeFinding::CallDepth { frames: 8 }));
}

#[test]
fn a_callback_that_is_called_later_has_a_stack_of_its_own() {
    let insns = [mov(0, 0), slot(0x18, 2, 4, 0, 2), slot(0, 0, 0, 0, 0), exit(), mov(0, 0), exit()];
    let frames =
        |later| Frames { stack: vec![512, 512], callback: vec![false, true], async_callback: vec![false, later] };
    assert_eq!(depth(NET, &insns, &frames(true), &Options::default()), Ok(()));
    assert_eq!(
        depth(NET, &insns, &frames(false), &Options::default()),
        Err(ShapeFinding::CombinedStack { calls: 2, size: 1024 })
    );
}

#[test]
fn a_call_graph_that_forks_often_is_looked_at_once_a_depth() {
    // Every function calls the next a hundred times: 100^7 chains.
    let length = 8;
    let body = |last: bool| if last { vec![mov(0, 0); 100] } else { (0..100).map(|i| call(1, 100 - i)).collect() };
    let insns: Vec<RawInsn> = (1..=length).flat_map(|i| [body(i == length), vec![exit()]].concat()).collect();
    assert_eq!(depth(NET, &insns, &of(&[64; 8]), &Options::default()), Ok(()));
}

#[test]
fn a_program_has_a_size_that_its_kernel_takes() {
    let size = |count: usize, version: (u8, u8), privileged| {
        let insns = [vec![mov(0, 0); count.saturating_sub(1)], vec![exit(); count.min(1)]].concat();
        let kernel = KernelVersion::new(version.0, version.1);
        let options = Options { kernel, privileged, ..Options::default() };
        shape(&program(NET, &insns), &[], &options).is_ok()
    };
    assert!(!size(0, (6, 18), true));
    assert!(size(4096, (4, 4), true) && !size(4097, (5, 1), true));
    assert!(size(4097, (5, 2), true) && !size(4097, (6, 18), false));
    assert!(!size(1_000_001, (6, 18), true));
}

/// What a version says of a program's shape, privileged or not.
fn message(version: (u8, u8), privileged: bool, insns: &[RawInsn]) -> Option<String> {
    let kernel = KernelVersion::new(version.0, version.1);
    let options = Options { kernel, privileged, ..Options::default() };
    let refused = shape(&program(NET, insns), &[], &options).err();
    refused.map(|Failure { finding, .. }| finding.to_string())
}

#[test]
fn kernels_refuse_what_they_do_not_know_in_their_own_words() {
    let looping = [mov(0, 0), slot(7, 0, 0, 0, 1), slot(0x55, 0, 0, -2, 10), exit()];
    let calling = [mov(0, 0), call(1, 1), exit(), mov(0, 1), exit()];
    let long = [mov(0, 0), slot(6, 0, 0, 0, 0), exit()];
    let budgeted = [mov(0, 0), slot(0xe5, 0, 0, 1, 0), slot(5, 0, 0, -2, 0), exit()];
    let global = [slot(0x18, 1, 2, 0, 0), slot(0, 0, 0, 0, 0), mov(0, 0), exit()];
    let edge = "back-edge from insn 2 to 1";
    type Case<'a> = (&'a [RawInsn], (u8, u8), bool, Option<&'a str>);
    let cases: [Case; 11] = [
        (&looping, (5, 2), true, Some(edge)),
        (&looping, (5, 3), true, None),
        (&looping, (6, 18), false, Some(edge)),
        (&calling, (4, 14), true, Some("unreachable insn 3")),
        (&calling, (4, 16), true, None),
        (&calling, (5, 4), false, Some("function calls to other bpf functions are allowed for root only")),
        (&long, (6, 1), true, Some("unknown opcode 06")),
        (&budgeted, (6, 6), true, Some("unknown opcode e5")),
        (&budgeted, (6, 12), true, None),
        (&global, (5, 1), true, Some("unrecognized bpf_ld_imm64 insn")),
        (&global, (5, 2), true, Some("fd 0 is not pointing to valid bpf_map")),
    ];
    for (insns, version, privileged, expected) in cases {
        assert_eq!(message(version, privileged, insns).as_deref(), expected, "{version:?} {insns:?}");
    }
}

#[test]
fn calls_mark_where_states_are_compared() {
    let insns = [call(0, KTIME), call(0, 181), mov(0, 0), slot(0x15, 0, 0, 1, 0), mov(0, 1), exit()];
    let shape = shape(&program(NET, &insns), &[], &Options::default()).unwrap();
    let marks: Vec<(bool, bool, bool)> =
        shape.aux.iter().map(|aux| (aux.prune_point, aux.jmp_point, aux.force_checkpoint)).collect();
    let none = (false, false, false);
    let target = (true, true, false);
    // After a call, before bpf_loop, before a conditional jump, at its target.
    assert_eq!(marks, [none, (true, true, true), target, (true, false, false), none, target]);
    assert!(shape.aux[1].calls_callback);
}

#[test]
fn calls_bring_their_callees_effects_along() {
    // main: call a; a: call b; b: bpf_skb_pull_data, tail call in another.
    let insns = [call(1, 1), exit(), call(1, 1), exit(), call(0, 39), exit()];
    let shape = shape(&program(ProgType::SchedCls, &insns), &[], &Options::default()).unwrap();
    assert_eq!(shape.subprogs.iter().map(|s| s.changes_pkt_data).collect::<Vec<_>>(), [true, true, true]);
    let tail = [mov(0, 0), call(0, TAIL_CALL), exit()];
    let tail = super::shape(&program(NET, &tail), &[], &Options::default()).unwrap();
    assert!(tail.subprogs[0].has_tail_call);
}
