//! The running Linux kernel: the same objects, packets and maps as in the simulator, in the real thing.
//!
//! [`bpf`] is bpf(2), [`load`] does with a loaded object what a loader does, [`engine`] runs its programs on packets
//! (`BPF_PROG_TEST_RUN`, and a packet socket for socket filters), [`refusal`] says what an errno means for whoever
//! asked; [`events`] reads ring and perf buffers, [`network`] makes the interfaces of a scenario, [`veth`] devices to send
//! frames through. [`attach`] puts programs
//! at real devices; [`tap`] and [`printk`] see what happens there. Objects are parsed and relocated by `bpfscope-core`
//! alone, so that the simulator and the kernel get the very same instructions: a second loader would compare loaders, not
//! engines.
//!
//! On other systems this crate is empty.

#![cfg(target_os = "linux")]

pub mod attach;
pub mod bpf;
pub mod doctor;
pub mod engine;
pub mod events;
pub mod host;
pub mod load;
pub mod log;
mod netlink;
pub mod network;
pub mod printk;
pub mod refusal;
pub mod tap;
pub mod veth;
