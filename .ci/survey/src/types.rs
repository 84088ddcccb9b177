//! All public types, from rustdoc's JSON, written as assertions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

/// A public type: how it is written with its parameters filled in, and the traits that it has.
struct Type {
    written: String,
    traits: BTreeSet<String>,
}

/// Writes the assertions: every public type crosses threads and shows itself; what is both written and read is a document,
/// and where it has a default, the default is read back as it was written.
///
/// The names of the documents must be those of `kept`, so that one that is no longer read back is noticed, and so that a new one is
/// written down; says whether they are.
pub fn write(json: &Path, out: &Path, kept: &Path) -> Result<bool, String> {
    let text =
        std::fs::read_to_string(json).map_err(|error| format!("{}: {error}", json.display()))?;
    let page: Value =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", json.display()))?;
    let types = types(&page)?;
    let mut code = String::from("// Every public type, from rustdoc's JSON.\n\n");
    let mut section = |name: &str, call: &str, of: &dyn Fn(&Type) -> bool| {
        let _ = writeln!(code, "#[test]\nfn {name}() {{");
        for (path, found) in types.iter().filter(|(_, found)| of(found)) {
            let _ = writeln!(code, "    {call}::<quotaflow::{path}{}>();", found.written);
        }
        code.push_str("}\n\n");
    };
    let is = |found: &Type, name: &str| found.traits.contains(name);
    section(
        "every_type_crosses_threads_and_shows_itself",
        "super::shared",
        &|_| true,
    );
    section("every_error_is_a_value", "super::error", &|found| {
        is(found, "Error") && is(found, "Clone") && is(found, "PartialEq")
    });
    let document = |found: &Type| is(found, "Serialize") && is(found, "Deserialize");
    section(
        "every_document_goes_both_ways",
        "super::document",
        &document,
    );
    let default = |found: &Type| document(found) && is(found, "Default") && is(found, "PartialEq");
    section(
        "every_default_is_read_back_as_it_was_written",
        "super::round_trip",
        &default,
    );
    std::fs::write(out, code).map_err(|error| format!("{}: {error}", out.display()))?;
    let documents: BTreeSet<&str> = types
        .iter()
        .filter(|(_, found)| document(found))
        .map(|(path, _)| path.as_str())
        .collect();
    let only_written: BTreeSet<&str> = types
        .iter()
        .filter(|(_, found)| is(found, "Serialize") && !is(found, "Deserialize"))
        .map(|(path, _)| path.as_str())
        .collect();
    println!(
        "{} public types, {} of them documents, {} written only",
        types.len(),
        documents.len(),
        only_written.len()
    );
    as_kept(&documents, &only_written, kept)
}

/// Compares the documents, and the types that are only written, with those that the list names, and prints each that is too few or
/// too many. A line of the list is a document, or `written: NAME`, under a line that says why it is not read back.
fn as_kept(
    documents: &BTreeSet<&str>,
    only_written: &BTreeSet<&str>,
    kept: &Path,
) -> Result<bool, String> {
    let text =
        std::fs::read_to_string(kept).map_err(|error| format!("{}: {error}", kept.display()))?;
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (judged, known): (Vec<&str>, Vec<&str>) =
        lines.partition(|line| line.starts_with("written: "));
    let judged: BTreeSet<&str> = judged
        .into_iter()
        .filter_map(|line| line.strip_prefix("written: "))
        .collect();
    let known: BTreeSet<&str> = known.into_iter().collect();
    let list = kept.display();
    for gone in judged.difference(only_written) {
        println!("{gone} is not only written any more; take it out of {list}");
    }
    for new in only_written.difference(&judged) {
        println!(
            "{new} is written and not read back: let it be read back, or say in {list} why not"
        );
    }
    for lost in known.difference(documents) {
        println!(
            "{lost} is no longer written and read back; if that is meant, take it out of {list}"
        );
    }
    for new in documents.difference(&known) {
        println!("{new} is written and read back now; add it to {list}");
    }
    Ok(known == *documents && judged == *only_written)
}

/// Returns the public types by path. Traits, type aliases and macros are none; a type that several rooms pass on is named once.
fn types(page: &Value) -> Result<BTreeMap<String, Type>, String> {
    let index = page["index"]
        .as_object()
        .ok_or("rustdoc's JSON has no index")?;
    let root = id(&page["root"]);
    let mut open = vec![(root, Vec::<String>::new())];
    let mut seen = BTreeSet::new();
    let mut found: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    while let Some((module, path)) = open.pop() {
        if !seen.insert((module.clone(), path.clone())) {
            continue;
        }
        let items = index
            .get(&module)
            .map(|item| &item["inner"]["module"]["items"]);
        for item in items.and_then(Value::as_array).into_iter().flatten() {
            visit(index, &id(item), &path, &mut open, &mut found);
        }
    }
    let mut types = BTreeMap::new();
    for (item, path) in found.into_values() {
        let inner = &index[&item]["inner"];
        let kind = ["struct", "enum", "union"]
            .into_iter()
            .find(|kind| !inner[*kind].is_null());
        let Some(kind) = kind else { continue };
        let inner = &inner[kind];
        let Some(written) = parameters(&inner["generics"]) else {
            continue;
        };
        let impls = inner["impls"].as_array().into_iter().flatten();
        let traits = impls.filter_map(|one| {
            let path = &index.get(&id(one))?["inner"]["impl"]["trait"]["path"];
            path.as_str()?.rsplit("::").next().map(str::to_owned)
        });
        types.insert(
            path.join("::"),
            Type {
                written,
                traits: traits.collect(),
            },
        );
    }
    Ok(types)
}

fn visit(
    index: &serde_json::Map<String, Value>,
    item: &str,
    path: &[String],
    open: &mut Vec<(String, Vec<String>)>,
    found: &mut BTreeMap<String, (String, Vec<String>)>,
) {
    let Some(entry) = index.get(item) else { return };
    if entry["visibility"] != "public" && entry["visibility"] != "default" {
        return;
    }
    let inner = &entry["inner"];
    let below = |name: &Value| [path, &[name.as_str().unwrap_or("").to_owned()]].concat();
    if !inner["module"].is_null() {
        open.push((item.to_owned(), below(&entry["name"])));
    } else if !inner["use"].is_null() {
        let target = id(&inner["use"]["id"]);
        let of = index.get(&target).map(|entry| &entry["inner"]);
        if of.is_some_and(|of| {
            !of["struct"].is_null() || !of["enum"].is_null() || !of["union"].is_null()
        }) {
            name_once(found, target, below(&inner["use"]["name"]));
        }
    } else if !inner["struct"].is_null() || !inner["enum"].is_null() || !inner["union"].is_null() {
        name_once(found, item.to_owned(), below(&entry["name"]));
    }
}

/// Keeps the first path in order of the names, so that the list does not depend on the order of the index.
fn name_once(found: &mut BTreeMap<String, (String, Vec<String>)>, item: String, path: Vec<String>) {
    let known = found
        .entry(item.clone())
        .or_insert_with(|| (item, path.clone()));
    if path < known.1 {
        known.1 = path;
    }
}

/// Returns how the parameters are filled in: lifetimes by `'static`, whole numbers by 1; `None` where a type is asked for, since no
/// one type stands for all.
fn parameters(generics: &Value) -> Option<String> {
    let mut filled = Vec::new();
    for parameter in generics["params"].as_array().into_iter().flatten() {
        let kind = &parameter["kind"];
        if !kind["lifetime"].is_null() {
            filled.push("'static");
        } else if !kind["const"].is_null() {
            filled.push("1");
        } else {
            return None;
        }
    }
    Some(if filled.is_empty() {
        String::new()
    } else {
        format!("<{}>", filled.join(", "))
    })
}

fn id(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
