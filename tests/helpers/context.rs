//! Context fields: who may read and write what, and what they are.

use bpfscope_core::kernel::{CtxField, ProgType, context_field_at, context_fields};
use bpfscope_tests::kernel::{self, Prog, ProgSpec};

use crate::Pair;
use crate::frames;

/// Program types whose context is here.
const TYPES: [ProgType; 5] =
    [ProgType::SocketFilter, ProgType::SchedCls, ProgType::SchedAct, ProgType::Xdp, ProgType::CgroupSkb];
/// Opcodes of loads and stores by size.
const OPCODES: [(u8, u8, u8); 4] = [(1, 0x71, 0x73), (2, 0x69, 0x6b), (4, 0x61, 0x63), (8, 0x79, 0x7b)];
/// Bytes of `struct __sk_buff`.
const SK_BUFF: usize = 192;

/// `r0 = *(size *)(r1 + offset)` or `*(size *)(r1 + offset) = r0`, in a program that ends.
fn accepted(prog_type: ProgType, opcode: u8, offset: u32, write: bool) -> bool {
    let [low, high] = (offset as u16).to_le_bytes();
    let zero = [0xb7, 0, 0, 0, 0, 0, 0, 0];
    let access = [opcode, if write { 0x01 } else { 0x10 }, low, high, 0, 0, 0, 0];
    let exit = [0x95, 0, 0, 0, 0, 0, 0, 0];
    let insns = [zero, access, zero, exit].concat();
    Prog::load(&ProgSpec { prog_type: prog_type as u32, insns: &insns, ..ProgSpec::default() }).is_ok()
}

#[test]
fn every_access_is_permitted_as_in_the_kernel() {
    if !kernel::available("context access") {
        return;
    }
    let mut differences = Vec::new();
    for prog_type in TYPES {
        for offset in 0..SK_BUFF as u32 + 8 {
            for (size, load, store) in OPCODES {
                for (opcode, write) in [(load, false), (store, true)] {
                    let field = context_field_at(prog_type, offset);
                    let ours = field.is_some_and(|f| f.permits(prog_type, offset, size, write));
                    if ours != accepted(prog_type, opcode, offset, write) {
                        let name = field.map_or("no field", |f| f.name);
                        differences.push(format!(
                            "{prog_type:?} {size} bytes at {offset} ({name}), write {write}: {ours} here"
                        ));
                    }
                }
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Fields that are numbers, and that agree: sockets are not simulated.
fn numbers(prog_type: ProgType) -> impl Iterator<Item = &'static CtxField> {
    context_fields(prog_type).iter().filter(move |f| {
        let pointer = matches!(f.name, "data" | "data_end" | "data_meta" | "sk" | "flow_keys");
        f.read.contains(prog_type) && !pointer
    })
}

/// Reads a field's parts of every size, and keeps them in words from 0 on.
fn read_parts(prog_type: ProgType, field: &CtxField) -> String {
    let mut body = String::new();
    let mut word = 0;
    for size in [8_u8, 4, 2, 1] {
        for offset in field.offset as u32..(field.offset + field.size) as u32 {
            if field.permits(prog_type, offset, size, false) && word < 19 {
                let bits = size * 8;
                body += &format!("r1 = *(u{bits} *)(r9 + {offset})\n*(u64 *)(r8 + {}) = r1\n", word * 8);
                word += 1;
            }
        }
    }
    body
}

/// A context for test runs with every field that they take set.
fn context() -> Vec<u8> {
    let mut ctx = vec![0; SK_BUFF];
    let mut set = |at: usize, bytes: &[u8]| ctx[at..at + bytes.len()].copy_from_slice(bytes);
    set(8, &0x1122_3344_u32.to_ne_bytes());
    set(32, &0x5566_7788_u32.to_ne_bytes());
    set(36, &1_u32.to_ne_bytes());
    set(40, &1_u32.to_ne_bytes());
    set(48, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 0xff]);
    set(152, &0x1234_5678_9abc_u64.to_ne_bytes());
    set(160, &2000_u32.to_ne_bytes());
    set(164, &3_u32.to_ne_bytes());
    set(176, &1400_u32.to_ne_bytes());
    set(184, &0xfedc_ba98_u64.to_ne_bytes());
    ctx
}

#[test]
fn every_field_has_the_kernels_value() {
    if !kernel::available("context values") {
        return;
    }
    let mut differences = Vec::new();
    for prog_type in TYPES {
        let ctx = if prog_type == ProgType::Xdp { Vec::new() } else { context() };
        for field in numbers(prog_type) {
            let name = format!("{} of {prog_type:?}", field.name);
            let mut pair = Pair::new(&name, prog_type, &read_parts(prog_type, field), "");
            for (what, frame) in frames::all() {
                // Without a context, a test run leaves `wire_len` 0, which it never is at a hook.
                if field.name != "wire_len" {
                    differences.extend(pair.difference(what, &frame));
                }
                // Where the header is cut, a test run with a context refuses some frames.
                if !ctx.is_empty() && frame.len() > 54 {
                    differences.extend(pair.difference_with(&format!("{what} with a context"), &frame, &ctx));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn stores_do_what_the_kernels_do() {
    if !kernel::available("context stores") {
        return;
    }
    let mut differences = Vec::new();
    for prog_type in TYPES {
        for field in numbers(prog_type).filter(|f| f.write.contains(prog_type)) {
            for value in ["0", "1", "0x7fff", "0xfffe", "0xffff", "0x10000", "0x12345678", "-1", "0x1122334455667788"] {
                for (size, ..) in OPCODES {
                    for offset in field.offset as u32..(field.offset + field.size) as u32 {
                        if !field.permits(prog_type, offset, size, true) {
                            continue;
                        }
                        let store = format!("r1 = {value} ll\n*(u{} *)(r9 + {offset}) = r1\n", size * 8);
                        let name = format!("{} of {prog_type:?} = {value}, {size} bytes at {offset}", field.name);
                        let mut pair = Pair::new(&name, prog_type, &(store + &read_parts(prog_type, field)), "");
                        differences.extend(pair.difference("a frame", &frames::all()[0].1));
                    }
                }
            }
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}
