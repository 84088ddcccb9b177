//! The modules of a library as its root declares them, without those of tests.

use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Item};

/// A file of the library.
pub struct Source {
    pub path: PathBuf,
    pub text: String,
    pub parsed: syn::File,
}

/// Reads `src/lib.rs` and every module that it declares unconditionally, in order.
pub fn read(root: &Path) -> Result<Vec<Source>, String> {
    let mut sources = Vec::new();
    enter(
        root,
        Path::new("src/lib.rs"),
        Path::new("src"),
        &mut sources,
    )?;
    Ok(sources)
}

/// Says whether an item is compiled under a condition only, such as tests.
pub fn conditional(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("test"))
}

fn enter(root: &Path, path: &Path, folder: &Path, into: &mut Vec<Source>) -> Result<(), String> {
    let text = fs::read_to_string(root.join(path))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let parsed = syn::parse_file(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let below: Vec<String> = declared(&parsed.items);
    into.push(Source {
        path: path.to_owned(),
        text,
        parsed,
    });
    for name in below {
        let file = folder.join(format!("{name}.rs"));
        let inner = folder.join(&name);
        if root.join(&file).exists() {
            enter(root, &file, &inner, into)?;
        } else {
            enter(root, &inner.join("mod.rs"), &inner, into)?;
        }
    }
    Ok(())
}

fn declared(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Mod(module) if module.content.is_none() && !conditional(&module.attrs) => {
                Some(module.ident.to_string())
            }
            _ => None,
        })
        .collect()
}
