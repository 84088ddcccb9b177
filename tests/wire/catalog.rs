//! The names of ready metrics and of the kinds of records that they read are an interface: a host's documents refer to them.

use std::fmt::Write;

use quotaflow::catalog::{metrics, packs, records};

/// The lines that are in one list and not in the other, so that a change is seen at once.
fn same(found: &str, pinned: &str) {
    let (found, pinned): (Vec<&str>, Vec<&str>) =
        (found.lines().collect(), pinned.lines().collect());
    let gone: Vec<&&str> = pinned.iter().filter(|line| !found.contains(line)).collect();
    let new: Vec<&&str> = found.iter().filter(|line| !pinned.contains(line)).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "gone: {gone:#?}\nnew: {new:#?}"
    );
    assert_eq!(found, pinned, "in another order");
}

/// Family, key, unit and direction.
#[test]
fn ready_metrics_keep_their_names_units_and_directions() {
    let mut found = String::new();
    for entry in metrics::all().unwrap() {
        let direction = serde_json::to_value(entry.definition.direction).unwrap();
        writeln!(
            found,
            "{} {} [{}] {}",
            entry.family,
            entry.definition.key,
            entry.unit,
            direction.as_str().unwrap()
        )
        .unwrap();
    }
    same(&found, include_str!("catalog/metrics.txt"));
}

/// Key and direction of the figures that the packs read.
#[test]
fn figures_of_the_packs_keep_their_names_and_directions() {
    let mut found = String::new();
    for figure in packs::figures::all().unwrap() {
        let direction = serde_json::to_value(figure.direction).unwrap();
        writeln!(found, "{} {}", figure.key, direction.as_str().unwrap()).unwrap();
    }
    same(&found, include_str!("catalog/figures.txt"));
}

/// One kind of record in a line, as its document.
#[test]
fn kinds_of_records_keep_their_fields() {
    let mut found = String::new();
    for kind in records::kinds().unwrap() {
        found += &serde_json::to_string(&kind).unwrap();
        found.push('\n');
    }
    same(&found, include_str!("catalog/kinds.txt"));
}
