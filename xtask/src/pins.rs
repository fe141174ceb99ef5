//! Every tool that the set-up installs: version, origin, and what it is for.
//!
//! npm's packages are the exception: package.json pins them, package-lock.json their contents.

/// The target that the page is compiled for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Where its standard library is found beside rustup.
pub const WASM_PACKAGES: &str = "Debian: libstd-rust-dev-wasm32, Fedora: rust-std-static-wasm32-unknown-unknown";

/// The target of programs that need no library beside themselves, to be run in a kernel with nothing around it.
pub const STATIC_TARGET: &str = "x86_64-unknown-linux-musl";

/// A program built from crates.io, once, into the cache.
pub struct CargoTool {
    /// The crate.
    pub krate: &'static str,
    /// The exact version.
    pub version: &'static str,
    /// The program that the crate installs.
    pub program: &'static str,
    /// What the page needs it for.
    pub why: &'static str,
    /// What `cargo install` is told besides crate, version and place: what compiles fastest.
    pub arguments: &'static [&'static str],
}

/// In the order of their installation.
pub const CARGO_TOOLS: &[CargoTool] = &[
    CargoTool {
        krate: "trunk",
        version: "0.22.0-beta.1",
        program: "trunk",
        why: "builds the page (about 3 minutes, once)",
        // Its default features are TLS and updates, of which a build without network has no use.
        arguments: &["--locked", "--no-default-features"],
    },
    CargoTool {
        krate: "wasm-bindgen-cli",
        // Must equal the wasm-bindgen of Cargo.lock.
        version: "0.2.130",
        program: "wasm-bindgen",
        why: "writes the script around the page's wasm (about 1 minute, once)",
        // Without --locked, since a crate of its lock file is no longer served.
        arguments: &[],
    },
];

/// What runs the fuzz targets.
pub const CARGO_FUZZ: CargoTool = CargoTool {
    krate: "cargo-fuzz",
    version: "0.13.2",
    program: "cargo-fuzz",
    why: "runs the fuzz targets (about 1 minute, once)",
    arguments: &["--locked"],
};

/// How the presence of a system package is seen, on Debian and elsewhere.
pub enum Sign {
    /// This command can be found.
    Command(&'static str),
    /// This file exists.
    File(&'static str),
}

/// A package of Debian that the tests use.
pub struct SystemPackage {
    /// Its name there.
    pub name: &'static str,
    /// What it brings.
    pub sign: Sign,
    /// What the tests use it for.
    pub why: &'static str,
}

/// What the tests use beyond cargo and node.
pub const SYSTEM_PACKAGES: &[SystemPackage] = &[
    SystemPackage { name: "clang-19", sign: Sign::Command("clang-19"), why: "compiles the tests' BPF programs" },
    SystemPackage {
        name: "llvm-19",
        sign: Sign::Command("llvm-mc-19"),
        why: "assembles and disassembles BPF beside ours",
    },
    SystemPackage {
        name: "libbpf-dev",
        sign: Sign::File("/usr/include/bpf/bpf_helpers.h"),
        why: "has the headers that BPF programs include",
    },
    SystemPackage {
        name: "bpftool",
        sign: Sign::Command("bpftool"),
        why: "loads the objects that we write into the kernel",
    },
    SystemPackage { name: "tcpdump", sign: Sign::Command("tcpdump"), why: "prints and records packets beside ours" },
    SystemPackage { name: "iproute2", sign: Sign::Command("ip"), why: "makes network namespaces to send packets in" },
    SystemPackage { name: "chromium", sign: Sign::Command("chromium"), why: "runs the page in the tests" },
    SystemPackage {
        name: "fonts-dejavu-core",
        sign: Sign::File("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"),
        why: "gives the browser letters to draw",
    },
];

/// What boots other kernels.
pub const EMULATOR_PACKAGES: &[SystemPackage] = &[SystemPackage {
    name: "qemu-system-x86",
    sign: Sign::Command("qemu-system-x86_64"),
    why: "boots other kernels, to ask them",
}];

/// The oldest node that npm's packages work with.
pub const NODE_AT_LEAST: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place;
    use std::fs;

    fn version_of(krate: &str) -> &'static str {
        CARGO_TOOLS.iter().find(|tool| tool.krate == krate).expect("pinned").version
    }

    /// wasm-bindgen refuses the output of any version but its own.
    #[test]
    fn wasm_bindgen_is_the_same_version_as_in_cargo_lock() {
        let lock = fs::read_to_string(place::checkout().join("Cargo.lock")).expect("Cargo.lock");
        let entry = format!("name = \"wasm-bindgen\"\nversion = \"{}\"\n", version_of("wasm-bindgen-cli"));
        assert!(lock.contains(&entry), "Cargo.lock has another wasm-bindgen than {entry}");
    }

    #[test]
    fn trunk_is_the_version_that_trunk_toml_asks_for() {
        let config = fs::read_to_string(place::checkout().join("Trunk.toml")).expect("Trunk.toml");
        assert!(config.contains(&format!("trunk-version = \"{}\"", version_of("trunk"))));
    }

    /// Whoever installs has a registry of their own.
    #[test]
    fn the_npm_lock_names_no_registry() {
        let lock = fs::read_to_string(place::checkout().join("package-lock.json")).expect("package-lock.json");
        assert!(lock.contains("\"integrity\""));
        assert!(!lock.contains("\"resolved\""));
    }
}
