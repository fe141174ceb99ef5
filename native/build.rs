//! Packs the built page for `bpfscope serve`, when the environment names its folder: `BPFSCOPE_PAGE=dist`.
//!
//! `cargo xtask build` and `cargo xtask test` do so. Without, the command is built without a page, and `serve` says so.
//! Each file is compressed once, here, as far as that makes it smaller, and gets a tag by its content; the hashes of the
//! scripts in index.html are for the policy that lets these and no others run.

use std::{
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

const FOLDER: &str = "BPFSCOPE_PAGE";
const INDEX: &str = "index.html";
/// Brotli's window, as a power of two: more than the largest file has.
const WINDOW: u32 = 22;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={FOLDER}");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut table = String::from("pub static FILES: &[File] = &[\n");
    let mut scripts = String::new();
    if let Some(folder) = env::var_os(FOLDER).filter(|folder| !folder.is_empty()) {
        // Relative to the workspace, where whoever sets it is.
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        collect(&folder, &folder, &mut files).unwrap_or_else(|e| panic!("{FOLDER}: {}: {e}", folder.display()));
        files.sort();
        for (number, path) in files.iter().enumerate() {
            let content = fs::read(folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
            if path == INDEX {
                scripts = script_hashes(&String::from_utf8_lossy(&content));
            }
            table += &packed(path, &content, &out.join(format!("{number}.packed")));
        }
    }
    table += "];\n";
    writeln!(table, "pub const SCRIPTS: &str = {scripts:?};").expect("a String takes everything");
    fs::write(out.join("page.rs"), table).expect("OUT_DIR can be written");
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) {
            files.push(name.replace('\\', "/"));
        }
    }
    Ok(())
}

/// Writes what is stored of a file; gives its row of the table.
fn packed(path: &str, content: &[u8], to: &Path) -> String {
    let compressed = compress(content);
    // The server writes into the index.
    let brotli = path != INDEX && compressed.len() < content.len();
    fs::write(to, if brotli { &compressed } else { content }).expect("OUT_DIR can be written");
    let tag: String = Sha256::digest(content).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!(
        "    File {{ path: {path:?}, media: {:?}, tag: {tag:?}, brotli: {brotli}, bytes: include_bytes!({to:?}) }},\n",
        media(path)
    )
}

fn compress(content: &[u8]) -> Vec<u8> {
    // What is not shipped need not be small.
    let quality = if env::var("OPT_LEVEL").is_ok_and(|level| level == "0") { 4 } else { 11 };
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, quality, WINDOW);
    writer.write_all(content).expect("a Vec takes everything");
    writer.into_inner()
}

fn media(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "md" | "s" | "txt" => "text/plain; charset=utf-8",
        "pcap" => "application/vnd.tcpdump.pcap",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        // Without this type a browser refuses to compile while it downloads.
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// The sources `'sha256-…'` of the scripts that stand in the page itself.
fn script_hashes(html: &str) -> String {
    let scripts = html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    });
    let hashes = scripts.map(|script| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script))));
    hashes.collect::<Vec<_>>().join(" ")
}
