//! Classic BPF: the filters of packet sockets, and the expressions that tcpdump makes them of.
//!
//! A classic filter has two registers, A and X, sixteen words of scratch memory and jumps that only go forward
//! (kernel document `networking/filter`). [`Insn`] is an instruction as it stands in `struct sock_filter`, [`Op`] what it
//! means, [`Program`] a list of them that the kernel would attach to a socket.
//!
//! | way | by |
//! |---|---|
//! | text to instructions and back: `tcpdump -d`, `-dd`, `-ddd` and the syntax of `bpf_asm` | [`Listing`], [`Form`] |
//! | a filter expression (pcap-filter(7)) to a program | [`filter::compile`] |
//! | what a program gives for a packet | [`Program::run`]; [`Counted`] where nothing else is asked |
//! | the same program for the eBPF machine, and which instruction became which | [`Program::convert`] |
//!
//! What [`Program::run`] gives is what the kernel gives, and so does what [`Program::convert`] makes. A compiled
//! expression accepts what `tcpdump -r` accepts, though its instructions are others.
//!
//! There is no second machine here for stepping: whoever wants to look inside converts, and steps the eBPF program.

mod check;
mod convert;
mod counted;
mod ext;
pub mod filter;
mod insn;
mod listing;
mod made;
mod run;

pub use check::{CheckError, Flaw, MAX_INSNS, Program};
pub use convert::{ConvertError, Converted};
pub use counted::Counted;
pub use ext::{EXTENSIONS, Ext};
pub use insn::{AluOp, Cond, Insn, Op, SCRATCH, Source};
pub use listing::{Form, Listing, ListingError, is_listing};
pub use run::{Meta, Outcome, Packet};
