//! `bpfscope attach` and `bpfscope detach`: programs on the devices of this machine.
//!
//! | file | holds |
//! |---|---|
//! | `live` | a program on its device, and what is read from there: `Live`, which takes it away when it is dropped |
//! | `snapshot` | what was read, as values |
//! | `lines` | what is printed as time goes by: text, or JSON |
//! | `watch` | the view that has the whole terminal |
//! | `record` | `--record` |
//! | `detach` | the other subcommand |
//!
//! How programs come to devices is `bpfscope-linux`'s; elsewhere both subcommands say that they take Linux.

#[cfg(target_os = "linux")]
mod detach;
#[cfg(target_os = "linux")]
mod lines;
#[cfg(target_os = "linux")]
mod live;
#[cfg(target_os = "linux")]
mod record;
#[cfg(target_os = "linux")]
mod snapshot;
#[cfg(target_os = "linux")]
mod watch;

use std::process::ExitCode;

#[cfg(not(target_os = "linux"))]
use crate::args::DetachArgs;
use crate::{args::LiveArgs, error::Error};

/// Runs `attach`: 0 when it ended as it should, 1 when the kernel rejects the program.
#[cfg(target_os = "linux")]
pub fn run(args: &LiveArgs) -> Result<ExitCode, Error> {
    on_linux::run(args)
}

/// Runs `detach`: 0 when all of it is gone, 1 when something could not be taken away.
#[cfg(target_os = "linux")]
pub use detach::run as detach;

#[cfg(not(target_os = "linux"))]
pub fn run(_: &LiveArgs) -> Result<ExitCode, Error> {
    crate::host::release().map(|_| ExitCode::from(2))
}

#[cfg(not(target_os = "linux"))]
pub fn detach(_: &DetachArgs) -> Result<ExitCode, Error> {
    crate::host::release().map(|_| ExitCode::from(2))
}

#[cfg(target_os = "linux")]
mod on_linux {
    use std::{
        io,
        process::ExitCode,
        thread,
        time::{Duration, Instant},
    };

    use bpfscope_linux::{attach::detach_all, host::possible_cpus};
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
        iterator::Signals,
        low_level::emulate_default_handler,
    };

    use super::{
        lines::Lines,
        live::{Live, Start},
        watch,
    };
    use crate::{
        args::{AttachArgs, LiveArgs},
        error::Error,
        host,
        input::Input,
        terminal,
    };

    /// Time between two looks at what has come.
    const TICK: Duration = Duration::from_millis(50);
    /// Time between two lines.
    const LINE: Duration = Duration::from_secs(1);

    pub fn run(args: &LiveArgs) -> Result<ExitCode, Error> {
        let kernel = host::release()?;
        if args.watch && !terminal::is_there() {
            return Err(Error::Usage("--watch takes a terminal; --json is for scripts".to_owned()));
        }
        let mut input = Input::new(&AttachArgs {
            program: args.program.clone(),
            capture: None,
            name: args.name.clone(),
            hook: args.hook,
            kernel: kernel.parse().ok(),
            btf: args.btf.clone(),
            maps: args.maps.clone(),
        })?;
        // Values of per-CPU maps have as many CPUs as the kernel has.
        input.scenario.cpus = possible_cpus();
        detach_when_panicking();
        if args.watch {
            return watch::run(args, &input);
        }
        // Caught before there is anything to clean up, so that none comes too early.
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT])?;
        let mut live = match Live::start(args, &input)? {
            Start::Live(live) => live,
            Start::Rejected(why) => {
                eprintln!("{}: Linux {kernel}: {why}", input.name);
                return Ok(ExitCode::from(1));
            }
        };
        let mut lines = Lines::new(args.json, &input);
        lines.attached(&live)?;
        if args.pin && args.duration.is_none() && !args.json && args.record.is_none() {
            return Ok(ExitCode::SUCCESS);
        }
        let signal = follow(&mut live, &mut lines, &mut signals, args.duration)?;
        lines.last(&live.end()?)?;
        // Ctrl-C is how one leaves; whoever sends another signal wants to see that it ended the process.
        if let Some(signal) = signal.filter(|signal| *signal != SIGINT) {
            emulate_default_handler(signal)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Prints a line each second, until it is time or a signal comes: that signal.
    fn follow(
        live: &mut Live<'_>,
        lines: &mut Lines<'_>,
        signals: &mut Signals,
        duration: Option<Duration>,
    ) -> Result<Option<i32>, Error> {
        let end = duration.and_then(|duration| live.since().checked_add(duration));
        let mut next_line = live.since() + LINE;
        loop {
            if let Some(signal) = signals.pending().next() {
                return Ok(Some(signal));
            }
            let now = Instant::now();
            if end.is_some_and(|end| now >= end) {
                return Ok(None);
            }
            live.tick()?;
            if now >= next_line {
                lines.next(&live.snapshot(lines.depth())?)?;
                next_line = (next_line + LINE).max(now);
            }
            let until = end.unwrap_or(next_line).min(next_line);
            thread::sleep(TICK.min(until.saturating_duration_since(Instant::now())));
        }
    }

    /// A panic may end the process without anything being dropped.
    fn detach_when_panicking() {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            detach_all();
            before(info);
        }));
    }

    impl From<bpfscope_linux::attach::AttachError> for Error {
        fn from(error: bpfscope_linux::attach::AttachError) -> Error {
            Error::Usage(error.to_string())
        }
    }

    impl From<bpfscope_linux::attach::pin::PinError> for Error {
        fn from(error: bpfscope_linux::attach::pin::PinError) -> Error {
            Error::Usage(error.to_string())
        }
    }

    /// What the system says about a device.
    pub(super) fn of_device(device: &str) -> impl FnOnce(io::Error) -> Error {
        move |error| Error::bad(device, &error.to_string())
    }
}
#[cfg(target_os = "linux")]
use on_linux::of_device;
