//! Arrows that run up: a room that uses one which the map lists below it.

use std::collections::BTreeSet;
use std::path::Path;

use crate::circles::graph;
use crate::source::Tree;

/// Returns each use of a lower room, and each room that is not on the map: the first table of ARCHITECTURE.md, where a room
/// uses only what stands in a row above its own.
pub fn find(tree: &Tree, root: &Path) -> Result<Vec<String>, String> {
    let path = root.join("ARCHITECTURE.md");
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let table = text
        .lines()
        .skip_while(|line| !line.starts_with("| module |"))
        .take_while(|line| line.starts_with('|'));
    let order: Vec<String> = table
        .flat_map(|line| line.split('|').nth(1).unwrap_or("").split(','))
        .map(|name| name.trim().trim_matches('`').to_owned())
        .collect();
    let place = |room: &str| order.iter().position(|known| known == room);
    let mut found = BTreeSet::new();
    for (module, used) in graph(tree) {
        let Some(room) = module.first() else { continue };
        if place(room).is_none() {
            found.insert(format!("`{room}` is not on the map"));
            continue;
        }
        for other in used.iter().filter_map(|other| other.first()) {
            if place(other) > place(room) {
                found.insert(format!("{} uses `{other}`", module.join("::")));
            }
        }
    }
    Ok(found.into_iter().collect())
}
