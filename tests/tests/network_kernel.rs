//! The way of packets between interfaces is that of the kernel, on real veth pairs in network namespaces.

#![cfg(target_os = "linux")]

use bpfscope_tests::agree::network;
use bpfscope_tests::agree::replay::apart;
use bpfscope_tests::kernel;

#[test]
fn packets_go_where_the_kernels_go() {
    if !kernel::available("packets between interfaces") {
        return;
    }
    // `BPFSCOPE_CASE=words` looks at the cases alone whose name has these words.
    let wanted = std::env::var("BPFSCOPE_CASE").unwrap_or_default();
    let Some(report) = apart(|| network::compare(&wanted)) else {
        kernel::skipped("packets between interfaces, without namespaces");
        return;
    };
    println!("{} cases are equal", report.equal);
    let wrong = &report.different;
    assert!(wrong.is_empty(), "{} are not equal:\n{}", wrong.len(), wrong.join("\n"));
    assert!(report.equal > 0);
}
