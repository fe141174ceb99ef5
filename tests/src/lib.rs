//! What spans crates: agreement with the running kernel, corpora, the page in a real browser.

#[cfg(target_os = "linux")]
pub mod agree;
#[cfg(target_os = "linux")]
pub mod clang;
#[cfg(target_os = "linux")]
pub mod init;
#[cfg(target_os = "linux")]
pub mod kernel;

/// The filter expressions that are held to tcpdump and to the kernel.
///
/// # Panics
/// The file is not there.
pub fn expressions() -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("filters/expressions.txt");
    let text = std::fs::read_to_string(path).expect("the expressions");
    text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).map(str::to_owned).collect()
}
