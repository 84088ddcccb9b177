//! Names of public types that stand in more than one place.

use std::collections::BTreeMap;

use crate::source::Tree;

pub fn find(tree: &Tree) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in tree.files.values() {
        for line in file.code.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let [
                "pub",
                "struct" | "enum" | "trait" | "type" | "union",
                name,
                ..,
            ] = words.as_slice()
            {
                let name: String = name
                    .chars()
                    .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                    .collect();
                // Names that differ by a capital alone are one word for two things.
                places
                    .entry(name.to_lowercase())
                    .or_default()
                    .push(file.path.display().to_string());
            }
        }
    }
    let twice = places.into_iter().filter(|(_, places)| places.len() > 1);
    twice
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect()
}
