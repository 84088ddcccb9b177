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

/// A digest of a text: FNV-1a with 64 bits.
fn digest(text: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

/// Pack, release and one rule in a line, as its document: to see what has changed.
#[test]
fn ready_rules_say_what_they_said() {
    let mut found = String::new();
    for pack in packs::all().unwrap() {
        let pack = pack.rules();
        for rule in &pack.rules {
            let rule = serde_json::to_string(rule).unwrap();
            writeln!(found, "{} {} {rule}", pack.key, pack.release).unwrap();
        }
    }
    same(&found, include_str!("catalog/packs.txt"));
}

/// Pack, release and a digest of its document. A line is never changed once its release was published: a pack that says
/// something else has a higher release and a line of its own.
#[test]
fn a_pack_that_says_something_else_is_another_release() {
    let known: Vec<Vec<&str>> = include_str!("catalog/releases.txt")
        .lines()
        .map(|line| line.split(' ').collect())
        .collect();
    let mut others = String::new();
    for pack in packs::all().unwrap() {
        let pack = pack.rules();
        let releases: Vec<&Vec<&str>> = known
            .iter()
            .filter(|line| line[0] == pack.key.as_str())
            .collect();
        for (index, line) in releases.iter().enumerate() {
            assert_eq!(line[1], (index + 1).to_string(), "releases go up by one");
        }
        let latest = releases.last().unwrap();
        let (release, own) = (
            pack.release.to_string(),
            digest(&serde_json::to_string(&pack).unwrap()),
        );
        if (release.as_str(), own.as_str()) != (latest[1], latest[2]) {
            writeln!(others, "{} {release} {own}", pack.key).unwrap();
        }
    }
    assert!(
        others.is_empty(),
        "these say something else: raise their releases in `Symptom::shipped` and add lines to catalog/releases.txt\n{others}"
    );
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
