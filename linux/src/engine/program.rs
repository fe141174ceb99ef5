//! What the engine must know of a program, and a program of ours that gives packets a VLAN tag before another sees them.

use bpfscope_core::kernel::{ProgType, Program, section_entry_maps, section_type};
use bpfscope_core::lab::{Compiled, Source};
use bpfscope_core::net::VlanTag;
use bpfscope_core::object::LoadOptions;

use super::RunError;
use crate::bpf::Prog;
use crate::load::InKernel;

/// `bpf_sk_assign`.
const SK_ASSIGN: i32 = 124;
/// `bpf_xdp_adjust_meta`.
const ADJUST_META: i32 = 54;

/// What the engine must know of a program.
pub struct Facts {
    pub prog_type: ProgType,
    /// It gives packets to sockets, which works at tc ingress of a device and in no test run.
    pub assigns: bool,
    /// It may put metadata before the packet.
    pub adjusts_meta: bool,
    /// It is for a map's entry, and is not run by itself.
    pub is_entry: bool,
    section: String,
    tagger: Option<Tagger>,
    nothing: Option<InKernel>,
}

impl Facts {
    pub fn new(program: &Program) -> Facts {
        let calls =
            |number| program.insns.iter().any(|insn| insn.opcode == 0x85 && insn.src == 0 && insn.imm == number);
        Facts {
            prog_type: program.prog_type,
            assigns: calls(SK_ASSIGN),
            adjusts_meta: calls(ADJUST_META),
            is_entry: !section_entry_maps(&program.section).is_empty(),
            section: section(program).to_owned(),
            tagger: None,
            nothing: None,
        }
    }

    /// A program of the same type that does nothing: what a test run of it takes, one of the program does.
    pub fn nothing(&mut self) -> Result<&Prog, RunError> {
        let kernel = match self.nothing.take() {
            Some(kernel) => kernel,
            None => load(&format!(".section {}\nnothing: r0 = 0\nexit\n", self.section)).map_err(RunError::Place)?,
        };
        let place = || RunError::Place("no program that does nothing".to_owned());
        self.nothing.insert(kernel).progs[0].as_ref().ok_or_else(place)
    }

    /// The program to be run for a packet with a tag beside the frame, which a test run takes no note of: one that pushes it
    /// first.
    pub fn tagged<'a>(&'a mut self, prog: &'a Prog, tag: VlanTag) -> Result<&'a Prog, RunError> {
        let tagger = match self.tagger.take() {
            Some(tagger) => tagger,
            None => Tagger::new(&self.section, prog).map_err(RunError::Place)?,
        };
        self.tagger.insert(tagger).push(tag).map_err(RunError::Place)
    }
}

/// A section for programs of ours beside this one: its own, which says where programs are attached, and by that which may
/// jump to which. One whose name says nothing is that of a program whose hook was named: any of its type does.
fn section(program: &Program) -> &str {
    let own = program.section.trim_start_matches('?');
    match program.prog_type {
        _ if section_type(own).is_some() => own,
        ProgType::Xdp => "xdp",
        ProgType::SchedAct => "action",
        ProgType::CgroupSkb => "cgroup_skb/ingress",
        _ => "tc",
    }
}

/// Puts a program of ours into the kernel.
fn load(text: &str) -> Result<InKernel, String> {
    let source = Source::Asm(text.to_owned());
    let made = Compiled::new(&source, "ours.s", &LoadOptions::default()).map_err(|e| e.to_string())?;
    InKernel::new(&made.object, &made.loaded, |_| true).map_err(|e| e.to_string())
}

/// A program that pushes a tag and jumps to another.
struct Tagger {
    kernel: InKernel,
}

const TEXT: &str = "
.map tag, array, key=4, value=8, entries=1
.map next, prog_array, key=4, value=4, entries=1
.section SECTION
push:   r6 = r1
        *(u32 *)(r10 - 4) = 0
        r1 = tag ll
        r2 = r10
        r2 += -4
        call bpf_map_lookup_elem
        if r0 == 0 goto none
        r2 = *(u32 *)(r0 + 0)
        r3 = *(u32 *)(r0 + 4)
        r1 = r6
        call bpf_skb_vlan_push
        r1 = r6
        r2 = next ll
        r3 = 0
        call bpf_tail_call
none:   r0 = -1
        exit
";

impl Tagger {
    fn new(section: &str, prog: &Prog) -> Result<Tagger, String> {
        let kernel = load(&TEXT.replace("SECTION", section))?;
        kernel.maps()[1].update(&[0; 4], &prog.fd().to_ne_bytes(), 0).map_err(not_stored)?;
        Ok(Tagger { kernel })
    }

    /// The program, which pushes this tag from now on.
    fn push(&self, VlanTag { proto, tci }: VlanTag) -> Result<&Prog, String> {
        let tag = [u32::from(proto.to_be()).to_ne_bytes(), u32::from(tci).to_ne_bytes()].concat();
        self.kernel.maps()[0].update(&[0; 4], &tag, 0).map_err(not_stored)?;
        self.kernel.progs[0].as_ref().ok_or_else(|| "no program that pushes a tag".to_owned())
    }
}

fn not_stored(errno: i32) -> String {
    format!("a VLAN tag cannot be put beside the frame: {}", std::io::Error::from_raw_os_error(errno))
}
