//! Completions for shells and manual pages, made of the command line's own description (`args`).

use clap::CommandFactory;

use crate::{
    args::{Cli, CompletionsArgs, ManArgs},
    error::Error,
};

/// Prints the script for a shell.
pub fn completions(args: &CompletionsArgs) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "bpfscope", &mut script);
    Ok(std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?)
}

/// Writes `bpfscope.1`, and a page for each subcommand.
pub fn pages(args: &ManArgs) -> Result<(), Error> {
    let failed = |error| Error::File { path: args.directory.clone(), error };
    clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), &args.directory).map_err(failed)
}
