//! The command line of the examples: a folder or file, and where to write JSON.

#![allow(dead_code, reason = "each example uses its own part of this")]

use std::path::PathBuf;
use std::process::ExitCode;

/// The folder or file to read, and the file to write JSON to.
pub fn path_and_json(example: &str) -> Result<(PathBuf, Option<PathBuf>), quotaflow::Error> {
    let usage = || format!("usage: cargo run --release --example {example} -- PATH [--json FILE]");
    let mut arguments = std::env::args_os().skip(1);
    let path = arguments.next().ok_or_else(usage)?;
    let target = match arguments.next() {
        None => None,
        Some(flag) if flag == "--json" => Some(PathBuf::from(arguments.next().ok_or_else(usage)?)),
        Some(_) => return Err(usage().into()),
    };
    match arguments.next() {
        None => Ok((PathBuf::from(path), target)),
        Some(_) => Err(usage().into()),
    }
}

/// Writes a document to a file, if one was asked for.
pub fn write_json(
    target: Option<PathBuf>,
    document: &serde_json::Value,
) -> Result<(), quotaflow::Error> {
    if let Some(path) = target {
        let json = serde_json::to_string_pretty(document).map_err(quotaflow::Error::other)?;
        std::fs::write(&path, json + "\n")
            .map_err(|error| format!("{}: {error}", path.display()))?;
        println!("\nwrote {}", path.display());
    }
    Ok(())
}

/// One line on stderr and status 1 for an error.
pub fn finish(result: Result<(), quotaflow::Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
