//! Dimensions, records and what is folded from them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use quotaflow::key::Key;
use quotaflow::ledger::Record;
use quotaflow::metric::{Partial, Program};
use quotaflow::space::{Axis, Dimension, DimensionDef, Space, Unassigned};
use serde::{Deserialize, Serialize};

use super::fixture::COMPANY;
use super::{read, told};

/// Dimensions: whoever stands somewhere on a day has one ancestor at each level above, which is among the rows.
pub(super) fn dimensions(data: &[u8]) {
    let Some(defs) = read::<Vec<DimensionDef>>(data) else {
        return;
    };
    if defs.iter().map(|def| def.members.len()).sum::<usize>() > 200 {
        return;
    }
    let space = match Space::new(defs) {
        Ok(space) => space,
        Err(error) => return told(&error),
    };
    for dimension in space.iter() {
        let again = Dimension::new(dimension.definition().clone()).unwrap();
        assert_eq!(again.placements(), dimension.placements());
        for level in dimension.levels() {
            rows(&space, dimension, level);
        }
    }
}

fn rows(space: &Space, dimension: &Dimension, level: &Key) {
    let axis = Axis {
        dimension: dimension.key().clone(),
        level: level.clone(),
    };
    let rows = space.subjects(&axis, Unassigned::Shown).unwrap();
    let id = dimension.level(level.as_str()).unwrap();
    let leaves = dimension.leaf_level().clone();
    assert_eq!(dimension.rollup(id).len(), dimension.placements());
    let links = dimension.definition().hierarchies.iter();
    let cuts = links
        .flat_map(|hierarchy| &hierarchy.links)
        .flat_map(|link| [link.from, link.to])
        .flatten();
    let days = cuts.chain([NaiveDate::MIN, NaiveDate::MAX]).take(12);
    for day in days.collect::<Vec<_>>() {
        for member in dimension.members(leaves.as_str()).unwrap() {
            let place = dimension.placement(member, day);
            assert_eq!(dimension.member_of(place), member);
            let above = dimension.key_of(dimension.ancestor(place, id));
            assert!(rows.find(std::slice::from_ref(above)).is_some(), "{above}");
        }
    }
}

/// Records: a batch enters whole or not at all, again without effect, in any order, and is read back as it was.
pub(super) fn ledgers(data: &[u8]) {
    let Some(records) = read::<Vec<Record>>(data) else {
        return;
    };
    if records.len() > 60 {
        return;
    }
    let company = &*COMPANY;
    let Some(ledger) = company.ledger_of("test", &records) else {
        return;
    };
    let kept: Vec<Record> = ledger.records().collect();
    let mut again = company.ledger();
    again.enter(&kept).unwrap();
    assert!(again == ledger, "what a ledger tells is not what it holds");
    let named: Vec<Record> = records
        .iter()
        .filter(|record| record.id.is_some())
        .cloned()
        .collect();
    let mut repeated = ledger.clone();
    let entered = repeated.enter(&named).unwrap();
    assert_eq!((entered.added, entered.repeated), (0, named.len()));
    let Ok(partial) = company.program.fold(&ledger) else {
        return;
    };
    let reversed: Vec<Record> = kept.into_iter().rev().collect();
    let mut backwards = company.ledger();
    if backwards.enter(&reversed).is_ok() {
        assert!(company.program.fold(&backwards).is_ok());
    }
    let panel = company.program.panel(&partial);
    assert_eq!(company.program.panel(&partial), panel);
    drop(panel.map_err(|error| told(&error)));
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    records: Vec<Record>,
    /// How many of the records are in the first part.
    #[serde(default)]
    cut: usize,
}

/// A partial result, or records in two parts: what is read is written alike, nothing more changes nothing, and parts merge
/// to the whole.
pub(super) fn partials(data: &[u8]) {
    let program = &COMPANY.program;
    match program.read(&mut serde_json::Deserializer::from_slice(data)) {
        Ok(partial) => merged_with_nothing(program, &partial),
        Err(_) => drop(read::<Parts>(data).map(|parts| in_two_parts(program, &parts))),
    }
}

fn written(partial: &Partial) -> String {
    serde_json::to_string(partial).unwrap()
}

fn read_alike(program: &Program, partial: &Partial) {
    let text = written(partial);
    let back = program.read(&mut serde_json::Deserializer::from_str(&text));
    assert_eq!(written(&back.unwrap()), text);
}

fn merged_with_nothing(program: &Program, partial: &Partial) {
    read_alike(program, partial);
    let more = program.merge(partial.clone(), &program.empty()).unwrap();
    assert_eq!(written(&more), written(partial));
    drop(program.panel(partial).map_err(|error| told(&error)));
    if let Ok(twice) = program.merge(partial.clone(), partial) {
        read_alike(program, &twice);
        drop(program.panel(&twice).map_err(|error| told(&error)));
    }
}

fn in_two_parts(program: &Program, parts: &Parts) {
    if parts.records.len() > 60 {
        return;
    }
    let company = &*COMPANY;
    let (first, second) = parts.records.split_at(parts.cut.min(parts.records.len()));
    // Of what is written twice, each of two ledgers has one of its own.
    let mut ids = BTreeSet::new();
    if !parts.records.iter().all(|record| ids.insert(&record.id)) {
        return;
    }
    let ledgers = [
        ("whole", &parts.records[..]),
        ("first", first),
        ("second", second),
    ];
    let ledgers = ledgers.map(|(name, part)| company.ledger_of(name, part));
    let [Some(all), Some(first), Some(second)] = ledgers else {
        return;
    };
    let [Ok(whole), Ok(first), Ok(second)] = [all, first, second].map(|part| program.fold(&part))
    else {
        return;
    };
    read_alike(program, &whole);
    let merged = program.merge(first.clone(), &second).unwrap();
    let exchanged = program.merge(second, &first).unwrap();
    assert_eq!(program.panel(&exchanged), program.panel(&merged));
    assert_eq!(program.panel(&merged), program.panel(&whole));
}
