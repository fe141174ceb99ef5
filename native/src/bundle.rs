//! What comes with the command: captures by name, for scenarios and links that refer to them.

use include_dir::{Dir, include_dir};

static CAPTURES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../pcaps");

/// The capture of that file name.
pub fn capture(name: &str) -> Option<&'static [u8]> {
    CAPTURES.get_file(name).map(|f| f.contents())
}

/// The names of all captures, sorted.
pub fn captures() -> Vec<&'static str> {
    let mut names: Vec<&str> = CAPTURES
        .files()
        .filter_map(|f| f.path().to_str())
        .filter(|n| n.ends_with(".pcap") || n.ends_with(".pcapng"))
        .collect();
    names.sort_unstable();
    names
}
