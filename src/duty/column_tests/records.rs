//! Columns from the records of a ledger alone.

use super::*;
use crate::panel::Columns;

#[test]
fn a_ledger_shows_what_was_planned_done_and_broken() {
    let space = Space::new(vec![
        DimensionDef::flat("person", "person", ["ann"]).unwrap(),
        DimensionDef::flat("customer", "customer", ["x", "y"]).unwrap(),
    ]);
    let hours = Measure::flow("time", "hour".parse().unwrap(), Quantum::CENT).unwrap();
    let visit = |name: &str| {
        let visit = RecordKind::new(name).and_then(|kind| kind.of("person")?.of("customer"));
        visit
            .and_then(|kind| kind.measuring("time", Need::Optional))
            .unwrap()
    };
    let broken = RecordKind::new("broken")
        .and_then(|kind| kind.noting("planned", &[])?.noting("by", &[]))
        .unwrap();
    let year = DayRange::new(day(1, 1), day(12, 31)).unwrap();
    let kinds = vec![visit("visit plan"), visit("visit"), broken];
    let schema = Schema::new(
        space.unwrap(),
        Measures::new(vec![hours]).unwrap(),
        kinds,
        year,
    );
    let mut ledger = Ledger::new("crm", schema.unwrap()).unwrap();
    let record = |kind: &str, id: &str, customer: &str, hundredths: i64, on| {
        Record::new(kind, on)
            .id(id)
            .of("person", "ann")
            .of("customer", customer)
            .amount("time", rust_decimal::Decimal::new(hundredths, 2))
    };
    let broke = Record::new("broken", day(3, 5))
        .attribute("planned", "p2")
        .attribute("by", "customer_out");
    let entered = ledger.enter(&[
        record("visit plan", "p1", "x", 50, day(3, 3)),
        record("visit plan", "p2", "y", 50, day(3, 4)),
        record("visit", "v1", "x", 75, day(3, 3)),
        record("visit", "v2", "y", 75, day(3, 4)),
        Record::reversal("v2", day(3, 6)),
        broke,
    ]);
    assert!(entered.is_ok());
    let fields = |record: &str| ActivityFields {
        sort_is: Some(key("visit")),
        customer: Some(key("customer")),
        duration: Some(key("time")),
        ..ActivityFields::new(key(record))
    };
    let planned = fields("visit plan").planned(&ledger).unwrap();
    let done = fields("visit").done(&ledger).unwrap();
    assert_eq!((planned.len(), planned[0].minutes), (2, Some(30)));
    assert_eq!(
        (done.len(), done[0].minutes),
        (1, Some(45)),
        "what was taken back did not happen"
    );
    let broken = BrokenFields {
        record: key("broken"),
        planned: key("planned"),
        by: key("by"),
        moved_to: None,
        time_lost: None,
        expense_lost: None,
    };
    let broken = broken.broken(&ledger).unwrap();
    let report = MatchRule::default()
        .match_plan(&planned, &done, &broken, day(3, 31))
        .unwrap();
    let counts = report.compliance(|_, _| true);
    assert_eq!((counts.done, counts.excused, counts.missed), (1, 1, 0));
    let mut wrong = fields("visit");
    wrong.customer = Some(key("costumer"));
    let error = wrong.done(&ledger).unwrap_err().to_string();
    assert_eq!(
        error,
        "the kind of record `visit` has no member or attribute `costumer`; did you mean `customer`?"
    );
}

#[test]
fn a_ledger_shows_where_a_leader_stepped_in() {
    let space = Space::new(vec![
        DimensionDef::flat("person", "person", ["ann", "cy"]).unwrap(),
    ]);
    let kind = RecordKind::new("step in")
        .and_then(|kind| kind.of("person")?.playing("leader", "person"))
        .and_then(|kind| {
            kind.noting("duty", &[])?
                .noting("what for", &[])?
                .planning("due")
        })
        .unwrap();
    let year = DayRange::new(day(1, 1), day(12, 31)).unwrap();
    let schema = Schema::new(
        space.unwrap(),
        Measures::new(vec![]).unwrap(),
        vec![kind],
        year,
    );
    let mut ledger = Ledger::new("crm", schema.unwrap()).unwrap();
    let record = |on| {
        Record::new("step in", on)
            .of("person", "ann")
            .of("leader", "cy")
            .attribute("duty", "weekly report")
            .attribute("what for", "reminded")
    };
    let entered = ledger.enter(&[record(day(3, 6)).date("due", day(3, 6))]);
    assert!(entered.is_ok());
    let fields = InterventionFields {
        record: key("step in"),
        duty: key("duty"),
        person: key("person"),
        with: None,
        due: key("due"),
        leader: key("leader"),
        reason: key("what for"),
    };
    let found = fields.interventions(&ledger).unwrap();
    assert_eq!((found.len(), found[0].leader.as_str()), (1, "cy"));
    let (duty, report) = reported();
    let panel = panel("person", &["ann"]);
    let both = [(&duty, &report)];
    let columns = intervention_columns(&key("d"), &both, &found, RollUp::Person)
        .columns(&panel)
        .unwrap();
    assert_eq!(
        told(&columns, "d.leader_rate", RowId::at(0), &panel)[1],
        part(1, 2)
    );
    let entered = ledger.enter(&[record(day(3, 13))]);
    assert!(entered.is_ok());
    let error = fields.interventions(&ledger).unwrap_err().to_string();
    assert!(error.contains("2026-03-13 has no due"), "{error}");
}
