//! Running other programs: to the end, or watched line by line.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

/// A command with these arguments.
pub fn command<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

/// Runs it on this terminal.
///
/// # Errors
/// It cannot be started, or it ends with another status than 0.
pub fn to_end(command: &mut Command) -> Result<()> {
    let name = shown(command);
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name}: {status}");
    }
    Ok(())
}

/// What it printed on standard output, without the last line break; `None` when it failed.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Runs it, passing every line of its two streams on, and showing each to `see` as well.
/// The answer is whether it ended with status 0.
///
/// # Errors
/// It cannot be started, or its status cannot be had.
pub fn watched(command: &mut Command, mut see: impl FnMut(&str)) -> Result<bool> {
    let name = shown(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let (lines, seen) = mpsc::channel();
    let streams: [(Option<Box<dyn Read + Send>>, bool); 2] = [
        (child.stdout.take().map(|stream| Box::new(stream) as _), false),
        (child.stderr.take().map(|stream| Box::new(stream) as _), true),
    ];
    for (stream, is_error) in streams {
        let Some(stream) = stream else { continue };
        let lines = lines.clone();
        thread::spawn(move || pass_on(stream, is_error, &lines));
    }
    // The channel closes when both threads have read to the end.
    drop(lines);
    for line in seen {
        see(&line);
    }
    Ok(child.wait().with_context(|| format!("cannot await {name}"))?.success())
}

fn pass_on(stream: impl Read, is_error: bool, lines: &mpsc::Sender<String>) {
    let mut reader = BufReader::new(stream);
    let mut raw = Vec::new();
    while matches!(reader.read_until(b'\n', &mut raw), Ok(1..)) {
        // A closed terminal is no reason to stop reading: the child would block.
        let _ = if is_error { std::io::stderr().write_all(&raw) } else { std::io::stdout().write_all(&raw) };
        let _ = lines.send(String::from_utf8_lossy(&raw).trim_end().to_owned());
        raw.clear();
    }
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
