//! Which lines of the sources changed since a commit.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Changed lines by file, counted from one.
#[derive(Debug, Default)]
pub struct Changed(BTreeMap<PathBuf, Vec<RangeInclusive<usize>>>);

impl Changed {
    /// Reads what differs between a commit and the working tree; a file that only moved has not changed.
    pub fn since(root: &Path, commit: &str) -> Result<Self, String> {
        let said = Command::new("git")
            .current_dir(root)
            .args(["diff", "-M", "-U0", commit, "--", "src"])
            .output()
            .map_err(|error| format!("git: {error}"))?;
        if !said.status.success() {
            return Err(String::from_utf8_lossy(&said.stderr).into_owned());
        }
        let mut changed = Self::default();
        let mut file = PathBuf::new();
        for line in String::from_utf8_lossy(&said.stdout).lines() {
            if let Some(path) = line.strip_prefix("+++ b/") {
                file = PathBuf::from(path);
            } else if let Some(place) = line.strip_prefix("@@ -") {
                let added = place.split(' ').nth(1).unwrap_or_default();
                let (start, count) = added[1..].split_once(',').unwrap_or((&added[1..], "1"));
                let (Ok(start), Ok(count)) = (start.parse::<usize>(), count.parse::<usize>())
                else {
                    return Err(format!("not understood: {line}"));
                };
                if count > 0 {
                    let lines = changed.0.entry(file.clone()).or_default();
                    lines.push(start..=start + count - 1);
                }
            }
        }
        Ok(changed)
    }

    /// Says whether one of these lines changed.
    pub fn meets(&self, file: &Path, lines: &RangeInclusive<usize>) -> bool {
        self.0.get(file).is_some_and(|changed| {
            changed
                .iter()
                .any(|part| part.start() <= lines.end() && lines.start() <= part.end())
        })
    }
}
