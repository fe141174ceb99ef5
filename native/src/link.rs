//! `bpfscope link`: make a link, or show what one holds.

use bpfscope_core::lab::{Cursor, link};

use crate::{args::LinkArgs, error::Error, form, input};

/// Runs the subcommand.
pub fn run(args: &LinkArgs) -> Result<(), Error> {
    let (name, mut scenario) = form::scenario(&args.program)?;
    if let Some(capture) = &args.capture {
        if name == form::FILTER {
            input::fit_filter(&mut scenario, Some(capture))?;
        }
        scenario.capture = input::capture_ref(capture)?;
        scenario.cursor = Cursor::default();
    }
    if let Some(title) = &args.title {
        scenario.title.clone_from(title);
    }
    if let Some(packet) = args.packet {
        let packet = packet.checked_sub(1).ok_or_else(|| Error::Usage("packets are counted from 1".to_owned()))?;
        scenario.cursor = Cursor { packet, run: 0, step: args.step };
    }
    if link::is_link(&args.program) && args.capture.is_none() && args.title.is_none() && args.packet.is_none() {
        println!("{}", scenario.to_json());
        return Ok(());
    }
    let fragment = link::encode(&scenario).map_err(|e| Error::of(&name, e))?;
    println!("{}{fragment}", args.base.as_deref().unwrap_or_default());
    Ok(())
}
