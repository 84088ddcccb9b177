//! Surveys the sources and compares what it finds with the committed baseline.
//!
//! - `survey shape ROOT` prints circles between files of a room, arrows that run up between rooms, long functions, deep
//!   nesting, long files, type names that stand twice, citations of outside ids and rooms that are not kept like the others; it
//!   fails where there are more of them than `.ci/survey/baseline.txt` allows.
//! - `survey circles ROOT` prints each circle with its arrows: which file uses what of which.
//! - `survey types JSON OUT KEPT` writes the list of all public types, from rustdoc's JSON, as assertions to compile; it
//!   fails where the documents, types that are both written and read back, are not those that the file KEPT lists.

mod arrows;
mod circles;
mod citations;
mod functions;
mod names;
mod rooms;
mod source;
mod types;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use source::Tree;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["shape", root] => shape(Path::new(root)),
        ["circles", root] => Tree::read(Path::new(root)).map(|tree| {
            let arrows = circles::arrows(&tree);
            arrows.iter().for_each(|line| println!("{line}"));
            true
        }),
        ["types", json, out, kept] => {
            types::write(Path::new(json), Path::new(out), Path::new(kept))
        }
        _ => Err(
            "usage: survey shape ROOT | survey circles ROOT | survey types JSON OUT KEPT"
                .to_owned(),
        ),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

/// Prints every finding, then the counts beside what the baseline allows; says whether none is above it.
fn shape(root: &Path) -> Result<bool, String> {
    let tree = Tree::read(root)?;
    let found = [
        ("circles", circles::find(&tree)),
        ("arrows-up", arrows::find(&tree, root)?),
        ("functions-over-100-lines", functions::long(&tree)),
        ("nesting-over-6", functions::deep(&tree)),
        ("files-over-800-lines", functions::files(&tree)),
        ("names-twice", names::find(&tree)),
        ("citations", citations::find(root)?),
        ("rooms", rooms::find(&tree, root)?),
    ];
    let allowed = baseline(root)?;
    let mut good = true;
    for (what, findings) in &found {
        for finding in findings {
            println!("{what}: {finding}");
        }
    }
    println!();
    for (what, findings) in &found {
        let allowed = allowed.get(*what).copied().unwrap_or(0);
        let word = match findings.len() {
            count if count > allowed => "MORE THAN ALLOWED",
            count if count < allowed => "fewer: lower the baseline",
            _ => "as allowed",
        };
        println!("{what}: {} of {allowed}, {word}", findings.len());
        good &= findings.len() <= allowed;
    }
    Ok(good)
}

/// Reads how many findings of each sort are allowed: a name and a number on each line.
fn baseline(root: &Path) -> Result<BTreeMap<String, usize>, String> {
    let path = root.join(".ci/survey/baseline.txt");
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.split_whitespace();
            let pair = words
                .next()
                .zip(words.next().and_then(|count| count.parse().ok()));
            let (name, count) =
                pair.ok_or_else(|| format!("{}: `{line}` is no name and number", path.display()))?;
            Ok((name.to_owned(), count))
        })
        .collect()
}
