//! Packages of the system: by apt as root, else by name.

use super::announce;
use crate::pins::{SYSTEM_PACKAGES, Sign, SystemPackage};
use crate::{place, run};
use anyhow::{Result, bail};
use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

/// Sees to what the tests use beyond cargo and node.
///
/// # Errors
/// Something is missing and this is not Debian, or not root, or apt refused; the message lists it.
pub fn system_packages() -> Result<()> {
    install(SYSTEM_PACKAGES)
}

/// Sees to these packages.
///
/// # Errors
/// As [`system_packages`].
pub fn install(packages: &'static [SystemPackage]) -> Result<()> {
    let missing = || packages.iter().filter(|package| !is_there(package)).collect::<Vec<_>>();
    let needed = missing();
    if needed.is_empty() {
        return Ok(());
    }
    let refused = if place::command("apt-get").is_none() {
        Some("there is no apt here".to_owned())
    } else if run::answer(&mut run::command("id", ["-u"])).as_deref() != Some("0") {
        Some("this is not root".to_owned())
    } else {
        by_apt(&needed).err().map(|error| format!("{error:#}"))
    };
    match (refused, missing().as_slice()) {
        (_, []) => Ok(()),
        (why, left) => bail!(by_hand(left, why.as_deref())),
    }
}

/// Fetches the lists of packages anew.
///
/// # Errors
/// There is no apt, this is not root, or apt refused.
pub fn lists() -> Result<()> {
    run::to_end(&mut apt(&["update"]))
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = run::command("apt-get", arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["--quiet", "--quiet"]).stdout(Stdio::null());
    command
}

fn by_apt(missing: &[&SystemPackage]) -> Result<()> {
    for package in missing {
        announce(package.name, package.why);
    }
    // An old list is often good enough, so the installation is tried even if this fails.
    let updated = lists();
    let mut install = apt(&["install", "--yes", "--no-install-recommends"]);
    install.args(missing.iter().map(|package| package.name));
    run::to_end(&mut install).map_err(|error| match updated {
        Ok(()) => error,
        Err(update) => error.context(update),
    })
}

fn is_there(package: &SystemPackage) -> bool {
    match package.sign {
        // The browser's tests take another Chromium by this variable.
        Sign::Command("chromium") if env::var_os("CHROMIUM").is_some() => true,
        Sign::Command(name) => place::command(name).is_some(),
        Sign::File(path) => Path::new(path).exists(),
    }
}

/// What to do where apt cannot: named as Debian names it, with what it must bring.
fn by_hand(missing: &[&SystemPackage], why: Option<&str>) -> String {
    let mut text = "missing, and to be installed by hand".to_owned();
    if let Some(why) = why {
        text += &format!(" ({why})");
    }
    for package in missing {
        let (Sign::Command(sign) | Sign::File(sign)) = package.sign;
        text += &format!("\n  {}: has {sign}, {}", package.name, package.why);
    }
    let names: Vec<_> = missing.iter().map(|package| package.name).collect();
    text + &format!("\n  on Debian, as root: apt-get install {}", names.join(" "))
}
