//! What the engine must know of a program, and a program of ours that gives packets a VLAN tag before another sees them.

use bpfscope_core::kernel::{ProgType, Program, section_entry_maps};
use bpfscope_core::lab::{Compiled, Source};
use bpfscope_core::net::VlanTag;
use bpfscope_core::object::LoadOptions;

use super::RunError;
use crate::bpf::Prog;
use crate::load::InKernel;

/// `bpf_sk_assign`.
const SK_ASSIGN: i32 = 124;

/// What the engine must know of a program.
pub struct Facts {
    pub prog_type: ProgType,
    /// It gives packets to sockets, which works at tc ingress of a device and in no test run.
    pub assigns: bool,
    /// It is for a map's entry, and is not run by itself.
    pub is_entry: bool,
    section: String,
    tagger: Option<Tagger>,
}

impl Facts {
    pub fn new(program: &Program) -> Facts {
        let calls =
            |number| program.insns.iter().any(|insn| insn.opcode == 0x85 && insn.src == 0 && insn.imm == number);
        Facts {
            prog_type: program.prog_type,
            assigns: calls(SK_ASSIGN),
            is_entry: !section_entry_maps(&program.section).is_empty(),
            section: program.section.clone(),
            tagger: None,
        }
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
        let source = Source::Asm(TEXT.replace("SECTION", section));
        let made = Compiled::new(&source, "tag.s", &LoadOptions::default()).map_err(|e| e.to_string())?;
        let kernel = InKernel::new(&made.object, &made.loaded, |_| true).map_err(|e| e.to_string())?;
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
