//! Circles: files of a room that use each other, directly or by others.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{File, Tree};

type Module = Vec<String>;

/// Circles that stay, each with its reason: types that hold one another can only be one file or a circle of files.
const KEPT: &[(&str, &str)] = &[(
    "rule::condition, rule::control, rule::operand",
    "the tree of conditions: a condition compares operands, and an operand counts the periods in which a condition held",
)];

/// What a file uses: full paths, as far as they are of this library.
pub struct Uses {
    /// Those of `use` and of paths in the code.
    pub own: BTreeSet<Module>,
    /// What a face passes on: name to path.
    pub passed_on: BTreeMap<String, Module>,
}

/// Reads what a file uses and passes on.
pub fn uses(file: &File) -> Uses {
    let mut found = Uses {
        own: BTreeSet::new(),
        passed_on: BTreeMap::new(),
    };
    // `use` trees have braces of their own, so they are read from the whole code.
    let code = &file.code;
    let mut from = 0;
    while let Some(at) = find_word(code, "use", from) {
        let end = code[at..].find(';').map_or(code.len(), |end| at + end);
        let before = code[..at].trim_end();
        let public = before.ends_with("pub")
            || before.ends_with("pub(crate)")
            || before.ends_with("pub(super)");
        for (path, name) in leaves(&code[at + 3..end]) {
            let Some(path) = absolute(&path, &file.module) else {
                continue;
            };
            if public {
                found.passed_on.insert(name, path);
            } else {
                found.own.insert(path);
            }
        }
        from = end;
    }
    for start in ["crate::", "super::"] {
        let mut from = 0;
        while let Some(at) = code[from..].find(start).map(|at| at + from) {
            let path: String = code[at..]
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || matches!(letter, '_' | ':'))
                .collect();
            let after = at + path.len();
            // `pub(in crate::room)` says who may use a thing, and uses nothing.
            let visibility = code[..at].ends_with("pub(in ");
            if !visibility && !inside_use(code, at) {
                let path: Vec<String> = path
                    .split("::")
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect();
                if let Some(path) = absolute(&path, &file.module) {
                    found.own.insert(path);
                }
            }
            from = after.max(at + 1);
        }
    }
    found
}

/// Says whether a position lies in a `use` statement.
fn inside_use(code: &str, at: usize) -> bool {
    let start = code[..at].rfind(';').map_or(0, |start| start + 1);
    find_word(&code[start..at], "use", 0).is_some()
}

/// Finds a word that begins a statement.
fn find_word(code: &str, word: &str, from: usize) -> Option<usize> {
    let mut from = from;
    while let Some(at) = code.get(from..)?.find(word).map(|at| at + from) {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        if before.is_none_or(char::is_whitespace) && after.is_some_and(char::is_whitespace) {
            return Some(at);
        }
        from = at + word.len();
    }
    None
}

/// Returns the leaves of a `use` tree: path and the name that it gets.
fn leaves(tree: &str) -> Vec<(Vec<String>, String)> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let path: Vec<String> = path
            .split("::")
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect();
        let name = if name.is_empty() {
            path.last().cloned().unwrap_or_default()
        } else {
            name.trim().to_owned()
        };
        return vec![(path, name)];
    };
    let head: Vec<String> = tree[..open]
        .split("::")
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    let inner = tree[open + 1..]
        .trim_end()
        .strip_suffix('}')
        .unwrap_or(&tree[open + 1..]);
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    for letter in inner.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        if letter == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(|part| leaves(part))
        .map(|(path, name)| ([head.clone(), path].concat(), name))
        .collect()
}

/// Makes a path one from the root of the library; `None` for another library's.
fn absolute(path: &[String], module: &[String]) -> Option<Module> {
    let mut here = module.to_vec();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => (here, rest) = (Vec::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {
            while let Some((_, others)) = rest.split_first().filter(|(first, _)| *first == "super")
            {
                here.pop()?;
                rest = others;
            }
        }
        first if first.chars().next()?.is_lowercase() => {}
        _ => return None,
    }
    here.extend(
        rest.iter()
            .filter(|part| *part != "self" && *part != "*")
            .cloned(),
    );
    Some(here)
}

/// Follows a path through faces that pass names on to the file that has it.
pub fn resolve(tree: &Tree, all: &BTreeMap<Module, Uses>, path: &[String]) -> Option<Module> {
    let mut path = path.to_vec();
    for _ in 0..8 {
        let (file, taken) = tree.module_of(&path)?;
        let passed = path
            .get(taken)
            .and_then(|name| all.get(&file.module)?.passed_on.get(name));
        match passed {
            Some(next) if *next != path => {
                path = [next.clone(), path[taken + 1..].to_vec()].concat()
            }
            _ => return Some(file.module.clone()),
        }
    }
    None
}

/// Returns for each file the files that it uses.
pub fn graph(tree: &Tree) -> BTreeMap<Module, BTreeSet<Module>> {
    let all: BTreeMap<Module, Uses> = tree
        .files
        .iter()
        .map(|(module, file)| (module.clone(), uses(file)))
        .collect();
    let edges = all.iter().map(|(module, uses)| {
        let found = uses.own.iter().filter_map(|path| resolve(tree, &all, path));
        (
            module.clone(),
            found.filter(|found| found != module).collect(),
        )
    });
    edges.collect()
}

/// Returns each circle of files of one room that has no reason to stay, and each reason whose circle is gone.
pub fn find(tree: &Tree) -> Vec<String> {
    let found = all(tree);
    let kept = |circle: &str| KEPT.iter().any(|(known, _)| *known == circle);
    let gone = KEPT
        .iter()
        .filter(|(known, _)| !found.iter().any(|circle| circle == known))
        .map(|(known, why)| {
            format!("{known} is no circle any more, so its exception goes ({why})")
        });
    let gone: Vec<String> = gone.collect();
    found
        .into_iter()
        .filter(|circle| !kept(circle))
        .chain(gone)
        .collect()
}

/// Returns each circle of files of one room.
fn all(tree: &Tree) -> Vec<String> {
    let graph = graph(tree);
    let inside: BTreeMap<&Module, Vec<&Module>> = graph
        .iter()
        .filter(|(module, _)| !module.is_empty())
        .map(|(module, used)| {
            (
                module,
                used.iter()
                    .filter(|other| other.first() == module.first())
                    .collect(),
            )
        })
        .collect();
    let reach = |from: &Module| {
        let mut seen: BTreeSet<&Module> = BTreeSet::new();
        let mut open: Vec<&Module> = inside.get(from).cloned().unwrap_or_default();
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(inside.get(next).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = inside
        .keys()
        .map(|module| (*module, reach(module)))
        .collect();
    let mut circles = BTreeSet::new();
    for (module, seen) in &reached {
        let circle: BTreeSet<String> = seen
            .iter()
            .filter(|other| {
                reached
                    .get(**other)
                    .is_some_and(|back| back.contains(*module))
            })
            .map(|other| other.join("::"))
            .collect();
        if circle.len() > 1 {
            circles.insert(circle.into_iter().collect::<Vec<_>>().join(", "));
        }
    }
    circles.into_iter().collect()
}

/// Returns each arrow inside a circle: who uses what of whom, so that one sees which to turn.
pub fn arrows(tree: &Tree) -> Vec<String> {
    let all_uses: BTreeMap<Module, Uses> = tree
        .files
        .iter()
        .map(|(module, file)| (module.clone(), uses(file)))
        .collect();
    let mut lines = Vec::new();
    for circle in all(tree) {
        lines.push(circle.clone());
        let members: BTreeSet<&str> = circle.split(", ").collect();
        for (module, uses) in &all_uses {
            let from = module.join("::");
            if !members.contains(from.as_str()) {
                continue;
            }
            let mut names: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
            for path in &uses.own {
                let to = resolve(tree, &all_uses, path)
                    .unwrap_or_default()
                    .join("::");
                if to != from && members.contains(to.as_str()) {
                    let name = path.last().map_or("", String::as_str);
                    names.entry(to).or_default().insert(name);
                }
            }
            for (to, names) in names {
                let names: Vec<&str> = names.into_iter().collect();
                lines.push(format!("    {from} -> {to}: {}", names.join(", ")));
            }
        }
    }
    lines
}
