//! The sources of the library: each file with its module path, and its code with comments, texts and tests blanked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One file of the library.
pub struct File {
    /// The path below the root.
    pub path: PathBuf,
    /// The module: `room::part`.
    pub module: Vec<String>,
    /// The code, line for line, without comments, texts and tests.
    pub code: String,
}

/// All files of the library by module.
pub struct Tree {
    pub files: BTreeMap<Vec<String>, File>,
}

impl Tree {
    pub fn read(root: &Path) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        for path in walk(&root.join("src"))? {
            let below = path
                .strip_prefix(root.join("src"))
                .map_err(|error| error.to_string())?;
            let mut module: Vec<String> = below
                .with_extension("")
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .collect();
            if path.extension().is_none_or(|extension| extension != "rs")
                || module
                    .iter()
                    .any(|part| part == "tests" || part.ends_with("_tests") || part == "fixture")
            {
                continue;
            }
            if module == ["lib"] {
                module.clear();
            }
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            let code = without_tests(&blanked(&text));
            let path = path
                .strip_prefix(root)
                .map_err(|error| error.to_string())?
                .to_owned();
            files.insert(module.clone(), File { path, module, code });
        }
        Ok(Self { files })
    }

    /// Returns the longest known module that a path begins with, and how many of its segments that takes.
    pub fn module_of(&self, path: &[String]) -> Option<(&File, usize)> {
        (1..=path.len())
            .rev()
            .find_map(|taken| Some((self.files.get(&path[..taken])?, taken)))
    }
}

/// All files below a folder, in order.
pub fn walk(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name == "target" || name == ".git");
        if path.is_dir() && !hidden {
            found.extend(walk(&path)?);
        } else if path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Returns the code with every letter of comments, texts and single characters made a blank; lines stay.
pub fn blanked(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let blank = |out: &mut String, letter: char| out.push(if letter == '\n' { '\n' } else { ' ' });
    while let Some(letter) = letters.get(at).copied() {
        let next = letters.get(at + 1).copied();
        let end = match (letter, next) {
            ('/', Some('/')) => until(&letters, at, |rest| rest[0] == '\n'),
            ('/', Some('*')) => comment_end(&letters, at),
            ('"', _) => text_end(&letters, at + 1),
            ('r', Some('"' | '#')) if !word_before(&letters, at) => {
                raw_end(&letters, at).unwrap_or(at)
            }
            ('\'', Some('\\')) => letters
                .iter()
                .skip(at + 3)
                .position(|one| *one == '\'')
                .map_or(at, |end| at + 4 + end),
            ('\'', Some(_)) if letters.get(at + 2) == Some(&'\'') => at + 3,
            _ => at,
        };
        if end == at {
            out.push(letter);
            at += 1;
        } else {
            let end = end.min(letters.len());
            letters[at..end]
                .iter()
                .for_each(|letter| blank(&mut out, *letter));
            at = end;
        }
    }
    out
}

fn word_before(letters: &[char], at: usize) -> bool {
    at.checked_sub(1)
        .is_some_and(|before| letters[before].is_alphanumeric() || letters[before] == '_')
}

fn until(letters: &[char], from: usize, ends: impl Fn(&[char]) -> bool) -> usize {
    (from..letters.len())
        .find(|at| ends(&letters[*at..]))
        .unwrap_or(letters.len())
}

fn comment_end(letters: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0);
    while at + 1 < letters.len() {
        match (letters[at], letters[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    letters.len()
}

fn text_end(letters: &[char], from: usize) -> usize {
    let mut at = from;
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    letters.len()
}

fn raw_end(letters: &[char], from: usize) -> Option<usize> {
    let marks = letters[from + 1..]
        .iter()
        .take_while(|letter| **letter == '#')
        .count();
    let open = from + 1 + marks;
    if letters.get(open) != Some(&'"') {
        return None;
    }
    let closes = |rest: &[char]| {
        rest[0] == '"'
            && rest[1..]
                .iter()
                .take_while(|letter| **letter == '#')
                .count()
                >= marks
    };
    Some(until(letters, open + 1, closes) + 1 + marks)
}

/// Returns blanked code with what stands behind `#[cfg(test)]` blanked too.
fn without_tests(code: &str) -> String {
    let mut code = code.to_owned();
    let mut from = 0;
    while let Some(at) = code[from..].find("#[cfg(test)]").map(|at| at + from) {
        let rest = &code[at..];
        let stop = rest.find(['{', ';']).unwrap_or(rest.len());
        let end = if rest[stop..].starts_with('{') {
            at + stop + block(&rest[stop..])
        } else {
            (at + stop + 1).min(code.len())
        };
        let blank: String = code[at..end]
            .chars()
            .map(|letter| if letter == '\n' { '\n' } else { ' ' })
            .collect();
        code.replace_range(at..end, &blank);
        from = at + blank.len();
    }
    code
}

/// Returns the length of the block that the text begins with.
pub fn block(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}
