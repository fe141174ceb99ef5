//! What spans crates: agreement with the running kernel, corpora, the page in a real browser.

#[cfg(target_os = "linux")]
pub mod agree;
#[cfg(target_os = "linux")]
pub mod clang;
#[cfg(target_os = "linux")]
pub mod init;
#[cfg(target_os = "linux")]
pub mod kernel;
