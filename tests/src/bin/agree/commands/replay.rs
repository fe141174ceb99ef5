//! Programs on packets, here and in the kernel: the table of REPLAY.md.

use bpfscope_tests::agree::network;
use bpfscope_tests::agree::replay::{Captures, all, apart};
use bpfscope_tests::agree::source;
use bpfscope_tests::clang;

use super::many::{put, today};
use super::{Done, say};

/// The file with the table.
const FILE: &str = "REPLAY.md";

/// Takes every capture through every program for packets, prints what differs and what is left out, and renews the table.
pub fn table() -> Done {
    let captures = Captures::all();
    let mut reports =
        vec![("cases of tests/replay", all::cases("", &captures)?), ("lessons", all::lessons(&captures)?)];
    if clang::available("C programs on packets") {
        reports.push(("C programs", all::c_programs("", &captures)));
    }
    reports.push(("filter expressions", all::filters(&captures)?));
    match apart(|| network::compare("")) {
        Some(report) => reports.push(("cases between interfaces", report)),
        None => say("there are no network namespaces: cases between interfaces are left out"),
    }
    let mut reasons: Vec<String> = Vec::new();
    for (name, report) in &reports {
        report.different.iter().for_each(|line| say(&format!("DIFFERENT: {line}")));
        report.reasons().for_each(|line| say(&format!("{name}: {line}")));
        reasons.extend(report.left_out.iter().map(|(why, places)| format!("- {name}, {}: {why}", places.len())));
    }
    let mut sum = all::Report::default();
    reports.iter().for_each(|(_, report)| sum.join(report));
    let rows = reports.iter().map(|(name, report)| report.row(name)).chain([sum.row("**all**")]).collect::<Vec<_>>();
    let table = format!(
        "Linux {}, {}: {} captures, {} packets.\n\n{}\n{}\n\nLeft out:\n\n{}\n",
        source::running_kernel(),
        today(),
        captures.names.len(),
        captures.packets(),
        all::Report::HEAD,
        rows.join("\n"),
        reasons.join("\n")
    );
    put(FILE, "replay", &table)?;
    Ok(sum.different.is_empty())
}
