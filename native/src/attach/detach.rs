//! `bpfscope detach`: what `attach --pin` kept is taken away, and filters at clsact whose process was killed.

use std::process::ExitCode;

use bpfscope_core::kernel::Hook;
use bpfscope_linux::attach::{
    Device,
    clsact::{self, Filter},
    pin::{self, Pinned},
};

use crate::{args::DetachArgs, error::Error, host};

/// Something of ours.
enum Found {
    Pinned(Pinned),
    /// A filter whose process is gone.
    Left(Device, Filter),
}

impl Found {
    /// Program, device and hook.
    fn place(&self) -> (&str, &str, Hook) {
        match self {
            Found::Pinned(pinned) => (&pinned.program, &pinned.device, pinned.hook),
            Found::Left(device, filter) => (filter.program().unwrap_or_default(), &device.name, hook(filter)),
        }
    }

    fn remove(&self) -> Result<(), String> {
        match self {
            Found::Pinned(pinned) => pinned.remove().map_err(|e| e.to_string()),
            Found::Left(device, filter) => clsact::remove(device, filter).map_err(|e| e.to_string()),
        }
    }
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (program, device, hook) = self.place();
        write!(f, "{program} at {hook} of {device}")
    }
}

fn hook(filter: &Filter) -> Hook {
    if filter.egress { Hook::TcEgress } else { Hook::TcIngress }
}

/// Runs the subcommand.
pub fn run(args: &DetachArgs) -> Result<ExitCode, Error> {
    host::release()?;
    let device = args.dev.as_deref();
    let all = everything(device)?;
    let wanted_hook = args.hook.map(Hook::from);
    let is_wanted = |found: &&Found| {
        let (program, at, hook) = found.place();
        args.name.as_deref().is_none_or(|name| name == program)
            && device.is_none_or(|device| device == at)
            && wanted_hook.is_none_or(|wanted| wanted == hook)
    };
    let wanted: Vec<&Found> = all.iter().filter(is_wanted).collect();
    if wanted.is_empty() {
        return nothing(args, &all);
    }
    let mut status = ExitCode::SUCCESS;
    for found in wanted {
        match found.remove() {
            Ok(()) => println!("detached {found}"),
            Err(why) => {
                eprintln!("{found}: {why}");
                status = ExitCode::from(1);
            }
        }
    }
    Ok(status)
}

/// What there is of ours: in pins, and at the devices of this network namespace, or the one that was named. A device that
/// is pinned to need not be there any more.
fn everything(device: Option<&str>) -> Result<Vec<Found>, Error> {
    let pinned = pin::pinned()?;
    let devices = match device {
        Some(name) if pinned.iter().any(|p| p.device == name) => Device::named(name).into_iter().collect(),
        Some(name) => vec![Device::named(name)?],
        None => Device::all()?,
    };
    let mut left = Vec::new();
    for device in devices {
        for egress in [false, true] {
            // Devices come and go, and some have no place for filters.
            for filter in clsact::filters(&device, egress).unwrap_or_default() {
                let ours = filter.program().is_some() && !clsact::is_held(&device, &filter);
                if ours && !pinned.iter().any(|pinned| pinned.is(&device, &filter)) {
                    left.push(Found::Left(device.clone(), filter));
                }
            }
        }
    }
    Ok(pinned.into_iter().map(Found::Pinned).chain(left).collect())
}

fn nothing(args: &DetachArgs, all: &[Found]) -> Result<ExitCode, Error> {
    let Some(name) = &args.name else {
        println!("nothing there that bpfscope left; what a running `bpfscope attach` holds goes with it");
        return Ok(ExitCode::SUCCESS);
    };
    let have: Vec<String> = all.iter().map(ToString::to_string).collect();
    let have = if have.is_empty() { "nothing".to_owned() } else { have.join(", ") };
    Err(Error::Usage(format!("no `{name}` there that bpfscope left; there is {have}")))
}
