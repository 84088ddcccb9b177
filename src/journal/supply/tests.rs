//! What it costs to take in again what was forgotten.

use super::*;
use crate::journal::Close;
use crate::journal::tally::during;
use crate::ledger::Record;
use crate::model::Model;

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn id(name: &str) -> EntryId {
    EntryId::new("crm", name).unwrap()
}

/// So many people who sell, of whom medians are asked.
fn model(people: usize) -> Model {
    let members: Vec<_> = (0..people)
        .map(|at| serde_json::json!({"key": format!("p{at}"), "level": "person"}))
        .collect();
    serde_json::from_value(serde_json::json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}], "members": members}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
        "span": {"start": "2026-01-01", "end": "2031-01-01"},
        "unique_ids": ["crm"],
        "metrics": [
            {"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
            {"key": "high", "formula": {"maximum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
            {"key": "median", "formula": {"quantile": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]},
                "p": "0.5", "method": "nearest_rank"}}}],
        "views": [{"key": "months", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}}]
    }))
    .unwrap()
}

/// Of each person so many orders of January, from each of which a part was taken back twice, and from one all, closed; with what
/// a host has stored of it and the pieces that it may be asked for.
fn closed(people: usize, orders: usize) -> (Journal, Vec<Entry>, Needed) {
    let mut all = Vec::new();
    for (person, order) in
        (0..people).flat_map(|person| (0..orders).map(move |order| (person, order)))
    {
        let name = format!("{person}-{order}");
        let record = Record::new("order", day("2026-01-05")).id(name.as_str());
        let record = record.of("person", format!("p{person}"));
        let record = record.amount("sales", rust_decimal::Decimal::from(100 + order));
        all.push(Entry::record("crm", record).unwrap());
        for (on, part) in [("2026-01-20", "b"), ("2026-01-10", "a")] {
            let back = Entry::reverse(id(&format!("R-{name}-{part}")), day(on), id(&name));
            all.push(back.only("sales", 10).unwrap());
        }
        if order == 0 {
            all.push(Entry::reverse(
                id(&format!("W-{name}")),
                day("2026-01-25"),
                id(&name),
            ));
        }
    }
    let stored = all.clone();
    all.push(Entry::close(id("C"), day("2026-01-31"), Close::Hard));
    let mut journal = Journal::new(&model(people), day("2026-01-01")).unwrap();
    let known = day("2026-02-01").and_hms_opt(6, 0, 0).unwrap();
    journal.enter(known, day("2026-01-31"), &all).unwrap();
    let piece = |person: usize| Piece {
        kind: "order".try_into().unwrap(),
        members: [(
            "person".try_into().unwrap(),
            format!("p{person}").try_into().unwrap(),
        )]
        .into(),
        from: Some(day("2026-01-01")),
        to: day("2026-02-01"),
        checksum: Checksum::default(),
    };
    let pieces = (0..people).map(piece).collect();
    (journal, stored, Needed::Records { pieces })
}

#[test]
fn each_supplied_entry_is_looked_at_once_for_what_it_takes_back() {
    let (mut journal, stored, needed) = closed(2, 30);
    let looked = during("entry", || journal.supply(&needed, &stored).unwrap());
    assert_eq!(looked, stored.len());
}

#[test]
fn what_is_kept_is_walked_once_however_many_pieces_are_supplied() {
    let walked = |what| {
        let (mut journal, stored, needed) = closed(20, 3);
        let all = journal.books.folds.each().count();
        let kept = journal.books.singles.kept.len();
        assert!(all >= 20 && kept >= 20, "{all} {kept}");
        let walked = during(what, || journal.supply(&needed, &stored).unwrap());
        (walked, all, kept)
    };
    let (leaves, all, _) = walked("leaf");
    assert_eq!(leaves, all);
    let (singles, _, kept) = walked("single");
    assert_eq!(singles, kept);
}
