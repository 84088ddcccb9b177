//! The copy of the package that holds all chosen mutants at once, and which of them compile.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::candidates::Mutant;
use crate::render::{Rendered, render};
use crate::source::Source;

/// What stands under `src/schemata.rs` of the copy.
const SWITCH: &str = include_str!("schemata.rs.txt");

/// Where everything of a run stands, beside the copy.
pub struct Place {
    pub root: PathBuf,
    pub folder: PathBuf,
}

impl Place {
    pub fn copy(&self) -> PathBuf {
        self.folder.join("copy")
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A cargo command in the copy; slow tests are dearer than a slow build, so it optimizes unless told otherwise.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let level = std::env::var("CARGO_PROFILE_DEV_OPT_LEVEL").unwrap_or_else(|_| "1".to_owned());
        let mut command = Command::new("cargo");
        command
            .args(arguments)
            .arg("--message-format=json")
            .current_dir(self.copy())
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", level)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("RUSTFLAGS", "--cap-lints=allow")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    /// Lines of a file of the run; none where it is not there.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.file(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

/// Copies every file that git knows or would take, as it is now; what is no longer there goes.
pub fn copy_package(place: &Place) -> Result<(), String> {
    let said = Command::new("git")
        .current_dir(&place.root)
        .args(["ls-files", "-co", "--exclude-standard"])
        .output()
        .map_err(|error| format!("git: {error}"))?;
    let copy = place.copy();
    let mut kept = BTreeSet::from([
        PathBuf::from("Cargo.lock"),
        PathBuf::from("src/schemata.rs"),
    ]);
    for path in String::from_utf8_lossy(&said.stdout).lines() {
        let from = place.root.join(path);
        if path.starts_with(".ci/") || !from.is_file() {
            continue;
        }
        kept.insert(PathBuf::from(path));
        if !path.starts_with("src/") {
            let bytes = fs::read(&from).map_err(|error| format!("{path}: {error}"))?;
            write(&copy.join(path), &bytes)?;
        } else if !copy.join(path).exists() {
            fs::create_dir_all(copy.join(path).parent().unwrap_or(&copy)).map_err(told)?;
            fs::copy(&from, copy.join(path)).map_err(told)?;
        }
    }
    if let Ok(lock) = fs::read(place.root.join("Cargo.lock")) {
        write(&copy.join("Cargo.lock"), &lock)?;
    }
    sweep(&copy, &copy, &kept)
}

fn sweep(copy: &Path, folder: &Path, kept: &BTreeSet<PathBuf>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.is_dir() {
            sweep(copy, &path, kept)?;
        } else if path
            .strip_prefix(copy)
            .is_ok_and(|path| !kept.contains(path))
        {
            fs::remove_file(&path).map_err(told)?;
        }
    }
    Ok(())
}

/// Writes the sources with the chosen mutants, numbered from one, and returns them as they were rendered.
pub fn write_sources(
    place: &Place,
    sources: &[Source],
    chosen: &[Mutant],
    unviable: &BTreeSet<String>,
) -> Result<Vec<Rendered>, String> {
    let copy = place.copy();
    let mut all = Vec::new();
    for (file, source) in sources.iter().enumerate() {
        let here: Vec<(usize, &Mutant)> = chosen
            .iter()
            .enumerate()
            .filter(|(_, mutant)| mutant.file == file && !unviable.contains(&mutant.name))
            .map(|(place, mutant)| (place + 1, mutant))
            .collect();
        let mut rendered = render(&source.text, &here);
        if source.path == Path::new("src/lib.rs") {
            rendered.text.push_str("\nmod schemata;\n");
        }
        syn::parse_file(&rendered.text)
            .map_err(|error| format!("{} with its mutants: {error}", source.path.display()))?;
        write(&copy.join(&source.path), rendered.text.as_bytes())?;
        all.push(rendered);
    }
    // Modules of tests are no sources of mutants, but belong to the copy as they are now.
    refresh(place, Path::new("src"), sources)?;
    write(&copy.join("src/schemata.rs"), SWITCH.as_bytes())?;
    Ok(all)
}

fn refresh(place: &Place, folder: &Path, sources: &[Source]) -> Result<(), String> {
    for entry in fs::read_dir(place.root.join(folder)).map_err(told)? {
        let entry = entry.map_err(told)?;
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() {
            refresh(place, &path, sources)?;
        } else if !sources.iter().any(|source| source.path == path) {
            write(
                &place.copy().join(&path),
                &fs::read(entry.path()).map_err(told)?,
            )?;
        }
    }
    Ok(())
}

/// Checks the library of the copy; returns the ids of the mutants that do not compile, or `None` where it compiles.
pub fn check(
    place: &Place,
    sources: &[Source],
    rendered: &[Rendered],
) -> Result<Option<BTreeSet<usize>>, String> {
    let said = place.cargo(&["check", "--lib"]).output().map_err(told)?;
    let mut bad = BTreeSet::new();
    let mut lost = Vec::new();
    for line in String::from_utf8_lossy(&said.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let message = &message["message"];
        if message["level"] != "error" {
            continue;
        }
        let named = blamed(message, sources, rendered);
        let summary = message["message"].as_str().unwrap_or_default();
        if named.is_empty() && !summary.starts_with("aborting") {
            lost.push(message["rendered"].as_str().unwrap_or_default().to_owned());
        }
        bad.extend(named);
    }
    if said.status.success() {
        return Ok(None);
    }
    if bad.is_empty() {
        return Err(format!("errors of no mutant:\n{}", lost.join("\n")));
    }
    Ok(Some(bad))
}

/// The mutants whose code an error points at, else those of the innermost choice around it.
fn blamed(message: &Value, sources: &[Source], rendered: &[Rendered]) -> BTreeSet<usize> {
    let mut direct = BTreeSet::new();
    let mut around = BTreeSet::new();
    let spans = message["spans"].as_array().cloned().unwrap_or_default();
    for span in &spans {
        let mut span = span;
        while span["expansion"]["span"].is_object() {
            span = &span["expansion"]["span"];
        }
        let name = span["file_name"].as_str().unwrap_or_default();
        let Some(file) = sources
            .iter()
            .position(|source| source.path == Path::new(name))
        else {
            continue;
        };
        let byte = |key: &str| {
            span[key]
                .as_u64()
                .map_or(0, |at| usize::try_from(at).unwrap_or(0))
        };
        let (start, end) = (byte("byte_start"), byte("byte_end"));
        let rendered = &rendered[file];
        for (id, range) in &rendered.mutated {
            if range.start <= start && end <= range.end {
                direct.insert(*id);
            }
        }
        let inner = rendered
            .choices
            .iter()
            .filter(|(_, range)| range.start <= start && end <= range.end)
            .min_by_key(|(_, range)| range.len());
        if let Some((ids, _)) = inner {
            around.extend(ids.iter().copied());
        }
        // An error about a whole function: whatever its choices are.
        if inner.is_none() && span["is_primary"] == true {
            let within = rendered
                .choices
                .iter()
                .filter(|(_, range)| start <= range.start && range.end <= end);
            around.extend(within.flat_map(|(ids, _)| ids.iter().copied()));
        }
    }
    if direct.is_empty() { around } else { direct }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if fs::read(path).is_ok_and(|now| now == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(told)?;
    }
    fs::write(path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
