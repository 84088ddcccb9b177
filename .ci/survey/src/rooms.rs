//! What every room keeps to: a face that is no more than docs, modules and names; errors in files called `error`; the main type in a
//! file of its name; and one spelling of what is unknown.

use std::path::Path;

use crate::source::{File, Tree, block};

pub fn find(tree: &Tree, root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for file in tree.files.values() {
        if let [_] = file.module.as_slice() {
            face(file, root, &mut found)?;
        }
        places(tree, file, &mut found);
        unknown(file, &mut found);
    }
    Ok(found)
}

/// A face says with which types to start, shows one example, and holds no code.
fn face(file: &File, root: &Path, found: &mut Vec<String>) -> Result<(), String> {
    let shown = file.path.display();
    let text = std::fs::read_to_string(root.join(&file.path))
        .map_err(|error| format!("{shown}: {error}"))?;
    let docs: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("//!"))
        .collect();
    if !docs.iter().any(|line| line.contains("Start with")) {
        found.push(format!(
            "{shown}: the face does not say with which types to start"
        ));
    }
    if !docs.contains(&"//! ```") {
        found.push(format!("{shown}: the face has no example"));
    }
    let code = [
        "struct", "enum", "trait", "fn", "const", "static", "impl", "type",
    ];
    for line in file.code.lines().filter(|line| !line.starts_with(' ')) {
        let mut words = line
            .split_whitespace()
            .filter(|word| !word.starts_with("pub"));
        if words.next().is_some_and(|word| code.contains(&word)) {
            found.push(format!("{shown}: code in a face: {line}"));
        }
    }
    Ok(())
}

/// Errors stand in files called `error`, and the type that is called like its room in the room's file of that name.
fn places(tree: &Tree, file: &File, found: &mut Vec<String>) {
    let Some(room) = file.module.first() else {
        return;
    };
    let main: String = room[..1].to_uppercase() + &room[1..];
    let home = [room.clone(), room.clone()];
    for name in public_types(&file.code) {
        if name.ends_with("Error") && !file.module.iter().any(|part| part == "error") {
            found.push(format!(
                "{}: `{name}` does not stand in a file called error",
                file.path.display()
            ));
        }
        // A definition is the main type where neither what it defines nor a list of it has a name of its own.
        let own = |other: String| other == main || other == format!("{main}s");
        let alone = || {
            let mut all = tree
                .files
                .values()
                .filter(|other| other.module.first() == Some(room));
            !all.any(|other| public_types(&other.code).any(own))
        };
        let is_main = name == main || name == format!("{main}Def") && alone();
        if is_main && file.module != home {
            found.push(format!(
                "{}: `{name}` does not stand in a file of its room's name",
                file.path.display()
            ));
        }
    }
}

fn public_types(code: &str) -> impl Iterator<Item = String> {
    code.lines().filter_map(|line| {
        let rest = line
            .strip_prefix("pub struct ")
            .or_else(|| line.strip_prefix("pub enum "))?;
        Some(
            rest.chars()
                .take_while(|letter| letter.is_alphanumeric())
                .collect(),
        )
    })
}

/// Whatever says that a name is unknown says the name, the nearest known one and the known ones.
fn unknown(file: &File, found: &mut Vec<String>) {
    let mut rest = file.code.as_str();
    while let Some(at) = rest.find("pub enum ") {
        rest = &rest[at..];
        let Some(open) = rest.find('{') else { return };
        let body = &rest[open..open + block(&rest[open..])];
        for (at, _) in body.match_indices(" Unknown") {
            let variant = &body[at + 1..];
            let end = variant.find(|letter: char| !letter.is_alphanumeric());
            let (name, fields) = variant.split_at(end.unwrap_or(variant.len()));
            let told = fields
                .strip_prefix(" {")
                .map_or("", |_| &fields[..block(fields)]);
            let all = ["name: String", "nearest: Option<String>", "known: Known"];
            if name != "Unknown" && !all.iter().all(|part| told.contains(part)) {
                found.push(format!(
                    "{}: `{name}` does not say the name, the nearest and the list",
                    file.path.display()
                ));
            }
        }
        rest = &rest[open..];
    }
}
