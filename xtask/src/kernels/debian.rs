//! Debian's kernels: which there are, and the one that is wanted.

use crate::{place, run, setup};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

/// Names of the packages: those for virtual machines are the smallest.
const NAMES: &str = "^linux-image-[0-9.]+.*-cloud-amd64$";

/// A kernel that apt can fetch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kernel {
    /// As 6.1.
    pub version: String,
    /// The newest package of that version.
    pub package: String,
}

/// What apt has, the newest package of each version; one version alone when it is named.
///
/// # Errors
/// There is no apt here, or no such kernel.
pub fn kernels(only: Option<&str>) -> Result<Vec<Kernel>> {
    // Lists that are old name packages that are there no longer.
    setup::lists().context("the kernels come from Debian's packages: this needs apt, and root")?;
    let names = run::answer(&mut run::command("apt-cache", ["search", "--names-only", NAMES]));
    let names = names.context("apt-cache does not run")?;
    let all = newest(names.lines().filter_map(|line| line.split(' ').next()));
    let versions: Vec<&str> = all.iter().map(|kernel| kernel.version.as_str()).collect();
    let versions = versions.join(", ");
    let wanted: Vec<Kernel> =
        all.iter().filter(|kernel| only.is_none_or(|only| only == kernel.version)).cloned().collect();
    if wanted.is_empty() {
        bail!("apt has no kernel {}; there is {versions}", only.unwrap_or_default());
    }
    Ok(wanted)
}

/// The newest package of each version, by version.
fn newest<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Kernel> {
    let mut found: BTreeMap<(u32, u32), (Vec<u32>, &str)> = BTreeMap::new();
    for name in names {
        let numbers: Vec<u32> = name
            .trim_start_matches("linux-image-")
            .split(|c: char| !c.is_ascii_digit())
            .map_while(|part| part.parse().ok())
            .collect();
        // Two numbers are a package that names the newest of them.
        let [major, minor, _, ..] = numbers[..] else { continue };
        let best = found.entry((major, minor)).or_default();
        if numbers > best.0 {
            *best = (numbers, name);
        }
    }
    let kernel = |((major, minor), (_, name)): ((u32, u32), (_, &str))| Kernel {
        version: format!("{major}.{minor}"),
        package: name.to_owned(),
    };
    found.into_iter().map(kernel).collect()
}

impl Kernel {
    /// The kernel itself, fetched and unpacked where it is not there yet.
    ///
    /// # Errors
    /// It cannot be fetched, or is not what it should be.
    pub fn fetch(&self) -> Result<PathBuf> {
        let folder = place::kernel_cache()?.join(&self.package);
        let image = folder.join("vmlinuz");
        if image.is_file() {
            return Ok(image);
        }
        println!("set-up: fetching {}: Linux {}, to be booted and not installed", self.package, self.version);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let mut fetch = run::command("apt-get", ["download", "--quiet", "--quiet", &self.package]);
        // apt's own user may not write to the cache.
        fetch.args(["-o", "APT::Sandbox::User=root"]).current_dir(&folder).stdout(Stdio::null());
        run::to_end(&mut fetch)?;
        let package = fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).next();
        let package = package.with_context(|| format!("apt put nothing into {}", folder.display()))?;
        let unpacked = folder.join("unpacked");
        run::to_end(run::command("dpkg-deb", ["--extract"]).args([&package, &unpacked]))?;
        let boot = fs::read_dir(unpacked.join("boot"))?.flatten().map(|entry| entry.path());
        let found = boot.into_iter().find(|path| path.to_string_lossy().contains("/vmlinuz-"));
        let found = found.with_context(|| format!("{} holds no kernel", package.display()))?;
        fs::rename(found, &image)?;
        fs::remove_dir_all(unpacked)?;
        fs::remove_file(package)?;
        Ok(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_package_of_each_version_is_taken() {
        let names = [
            "linux-image-6.1.0-9-cloud-amd64",
            "linux-image-6.1.0-56-cloud-amd64",
            "linux-image-6.12-cloud-amd64",
            "linux-image-6.12.100+deb12-cloud-amd64",
            "linux-image-6.12.99+deb12-cloud-amd64",
        ];
        let found = newest(names.into_iter());
        let found: Vec<(&str, &str)> = found.iter().map(|k| (k.version.as_str(), k.package.as_str())).collect();
        assert_eq!(
            found,
            [("6.1", "linux-image-6.1.0-56-cloud-amd64"), ("6.12", "linux-image-6.12.100+deb12-cloud-amd64")]
        );
    }
}
