//! Citations that a reader cannot open: ids of lists and pages that are not in the repository.

use std::path::Path;

use crate::source::walk;

/// Returns each line with a word such as `S` and a number of one or two digits, a capital with a dash and a number of the kind that numbered lists
/// use, a section sign, or a path outside the repository.
pub fn find(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for folder in ["src", "tests", "examples", "benches", "fuzz/fuzz_targets", "fuzz/src", ".ci/mutations"] {
        for path in walk(&root.join(folder))? {
            note(root, &path, &mut found);
        }
    }
    for page in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        note(root, &root.join(page), &mut found);
    }
    Ok(found)
}

fn note(root: &Path, path: &Path, found: &mut Vec<String>) {
    // What is no text cites nothing.
    let Ok(text) = std::fs::read_to_string(path) else {
        return;
    };
    let shown = path.strip_prefix(root).unwrap_or(path).display();
    for (at, line) in text.lines().enumerate() {
        if let Some(word) = cited(line) {
            found.push(format!("{shown}:{} `{word}`", at + 1));
        }
    }
}

fn cited(line: &str) -> Option<&str> {
    if line.contains('§') {
        return Some("§");
    }
    let apart = |letter: char| !letter.is_alphanumeric() && !matches!(letter, '-' | '_' | '/');
    line.split(apart).find(|word| {
        let digits = |rest: &str| {
            !rest.is_empty()
                && rest.len() <= 2
                && rest.chars().all(|letter| letter.is_ascii_digit())
        };
        let numbered = |start: &str| word.strip_prefix(start).is_some_and(digits);
        // A quoted name such as "D-1" is somebody's order.
        let quoted = word.as_ptr() as usize > line.as_ptr() as usize
            && line[..word.as_ptr() as usize - line.as_ptr() as usize].ends_with('"');
        // A row of a list: "A1 missing", at the beginning of a text.
        let row = |word: &str| {
            let mut letters = word.chars();
            quoted && matches!(letters.next(), Some('A'..='M')) && digits(letters.as_str())
        };
        let labels = line.contains(&format!("\"{word} "));
        numbered("S") || labels && row(word) || !quoted && (numbered("V-") || numbered("D-"))
    })
}
