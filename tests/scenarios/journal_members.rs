//! Members that are renamed, classed and merged: duplicates and ids that changed leave nobody new and nobody lost.

use quotaflow::journal::{Close, Entry, Journal, JournalError, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::text::{Lang, Texts};
use quotaflow::view::View;
use rust_decimal::Decimal;
use serde_json::json;

use crate::journal_closing::{close, day, enter, figure, id, model as two_teams, morning};

/// Customers of two classes, of whom more is asked than sums.
fn model() -> Model {
    let orders = r#""of": {"kinds": ["order"]}"#;
    let customers =
        r#""entity": {"member": {"dimension": "customer"}}, "of": {"kinds": ["order"]}"#;
    let text = r#"{
        "dimensions": [
            {"key": "customer", "hierarchies": [{"key": "area", "levels": ["area", "customer"], "links": [
                    {"member": "acme", "parent": "east"}, {"member": "acme-2", "parent": "west"}]},
                {"key": "class", "levels": ["class", "customer"], "links": [
                    {"member": "acme", "parent": "small"}]}],
                "members": [{"key": "east", "level": "area"}, {"key": "west", "level": "area"},
                    {"key": "small", "level": "class"}, {"key": "key-account", "level": "class"},
                    {"key": "acme", "level": "customer", "title": {"en": "Acme"}},
                    {"key": "acme-2", "level": "customer"}, {"key": "bolt", "level": "customer"}]}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "order", "dimensions": [{"field": "customer"}], "measures": [{"measure": "sales"}]}],
        "span": {"start": "2026-01-01", "end": "2031-01-01"},
        "unique_ids": ["crm"],
        "metrics": [
            {"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, ORDERS}}},
            {"key": "customers", "formula": {"distinct": {CUSTOMERS}}},
            {"key": "new", "formula": {"new": {CUSTOMERS}}},
            {"key": "retained", "formula": {"retained": {CUSTOMERS}}},
            {"key": "back", "formula": {"reactivated": {CUSTOMERS, "after": 1}}},
            {"key": "lost", "formula": {"lost": {CUSTOMERS, "seen_within": 1, "absent_for": 1}}}],
        "views": [
            {"key": "company", "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}},
            {"key": "customers", "rows": [{"dimension": "customer", "level": "customer"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}, "show": ["sales"]},
            {"key": "areas", "rows": [{"dimension": "customer", "level": "area"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}, "show": ["sales"]},
            {"key": "classes", "rows": [{"dimension": "customer", "level": "class"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}, "show": ["sales"]}]
    }"#;
    let text = text
        .replace("ORDERS", orders)
        .replace("CUSTOMERS", customers);
    serde_json::from_str(&text).unwrap()
}

fn bought(name: &str, customer: &str, on: &str, euros: i64) -> Entry {
    let record = Record::new("order", day(on))
        .id(name)
        .of("customer", customer);
    Entry::record("crm", record.amount("sales", Decimal::from(euros))).unwrap()
}

fn merged(name: &str, on: &str, member: &str, into: &str) -> Entry {
    Entry::merge(id("crm", name), day(on), ("customer", member, into)).unwrap()
}

/// January 100 of `acme`, February 50 and March 30 of what turns out to be the same.
fn journal() -> Journal {
    let mut journal = Journal::new(&model(), day("2026-01-01")).unwrap();
    let sold = [
        bought("1", "acme", "2026-01-10", 100),
        bought("2", "acme-2", "2026-02-10", 50),
        bought("3", "acme-2", "2026-03-10", 30),
    ];
    enter(&mut journal, "2026-04-01", &sold);
    journal
}

fn company(view: &View, period: &str) -> Vec<String> {
    let panel = view.panel().unwrap();
    let of = |metric| panel.get(metric, [""; 0], period).unwrap().to_string();
    ["customers", "new", "retained", "back", "lost"]
        .map(of)
        .to_vec()
}

fn rows(view: &View) -> Vec<String> {
    view.panel().unwrap().subjects().labels().collect()
}

#[test]
fn a_duplicate_that_is_merged_leaves_nobody_new_and_nobody_lost() {
    let mut journal = journal();
    let view =
        |journal: &Journal, name: &str, as_of: &str| journal.view(name).unwrap().as_of(day(as_of));
    let before = view(&journal, "company", "2026-03-31");
    // Two customers: `acme` is lost in February, its duplicate new in it.
    let of = |numbers: [i64; 5]| numbers.map(|number| format!("{number} customer")).to_vec();
    assert_eq!(company(&before, "2026-01"), of([1, 1, 0, 0, 0]));
    assert_eq!(company(&before, "2026-02"), of([1, 1, 0, 0, 1]));
    let duplicate = merged("M-1", "2026-04-01", "acme-2", "acme");
    enter(&mut journal, "2026-04-02", &[duplicate]);
    let after = view(&journal, "company", "2026-04-01");
    assert_eq!(company(&after, "2026-01"), of([1, 1, 0, 0, 0]));
    assert_eq!(company(&after, "2026-02"), of([1, 0, 1, 0, 0]));
    assert_eq!(company(&after, "2026-03"), of([1, 0, 1, 0, 0]));
    // As of a day before, and as known before, there are two.
    let earlier = view(&journal, "company", "2026-03-31");
    assert_eq!(company(&earlier, "2026-02"), of([1, 1, 0, 0, 1]));
    let then = view(&journal, "company", "2026-04-01").known_at(morning("2026-04-01"));
    assert_eq!(company(&then, "2026-02"), of([1, 1, 0, 0, 1]));
    // One row, in which all is, also what still comes under the old id; nothing is lost on the way up.
    let late = bought("4", "acme-2", "2026-04-03", 7);
    enter(&mut journal, "2026-04-04", &[late]);
    let customers = view(&journal, "customers", "2026-04-03");
    assert_eq!(rows(&customers), ["acme", "bolt"]);
    let sales = ["2026-01", "2026-02", "2026-03", "2026-04"]
        .map(|month| figure(&customers, "sales", "acme", month));
    assert_eq!(sales, ["100.00 EUR", "50.00 EUR", "30.00 EUR", "7.00 EUR"]);
    // Where the duplicate stood counts no more: it is one customer, in the east.
    let areas = view(&journal, "areas", "2026-04-03");
    assert_eq!(figure(&areas, "sales", "east", "2026-02"), "50.00 EUR");
    assert_eq!(figure(&areas, "sales", "west", "2026-02"), "0.00 EUR");
    // A restart knows it, and a void parts them again.
    let night = serde_json::to_string(&journal.snapshot()).unwrap();
    let read: Snapshot = serde_json::from_str(&night).unwrap();
    let mut journal = Journal::open(&model(), read).unwrap();
    let again = view(&journal, "customers", "2026-04-03");
    assert_eq!(again.panel().unwrap(), customers.panel().unwrap());
    let mistake = Entry::void(id("crm", "V-1"), day("2026-04-05"), id("crm", "M-1"));
    enter(&mut journal, "2026-04-06", &[mistake]);
    let apart = view(&journal, "customers", "2026-04-05");
    assert_eq!(figure(&apart, "sales", "acme-2", "2026-04"), "7.00 EUR");
    assert_eq!(figure(&apart, "sales", "acme", "2026-02"), "0.00 EUR");
}

#[test]
fn a_merge_after_a_close_leaves_what_was_told_and_is_adjusted_in_both_rows() {
    let mut journal = journal();
    let closed = close("C-1", "2026-03-31", Close::Hard);
    enter(&mut journal, "2026-04-02", &[closed]);
    let more = [
        merged("M-1", "2026-04-02", "acme-2", "bolt"),
        bought("4", "bolt", "2026-04-03", 7),
    ];
    enter(&mut journal, "2026-04-04", &more);
    let customers = journal.view("customers").unwrap();
    assert_eq!(rows(&customers), ["acme", "bolt", "acme-2"]);
    let of = |column: &str, row: &str, month: &str| figure(&customers, column, row, month);
    assert_eq!(of("sales", "acme-2", "2026-02"), "50.00 EUR");
    assert_eq!(of("sales", "bolt", "2026-02"), "0.00 EUR");
    assert_eq!(of("sales", "bolt", "2026-04"), "7.00 EUR");
    let adjusted = "adjustment of 2026-02 (sales)";
    assert_eq!(of(adjusted, "bolt", "2026-04"), "50.00 EUR");
    assert_eq!(of(adjusted, "acme-2", "2026-04"), "-50.00 EUR");
    // Whoever was there in March under the other name is not new with the first order under this one.
    let company = journal.view("company").unwrap();
    let panel = company.panel().unwrap();
    let new = panel.get("new", [""; 0], "2026-04").unwrap();
    assert_eq!(new.to_string(), "0 customer");
    // The next close remembers it, and what is told of April stays.
    let closed = close("C-2", "2026-04-30", Close::Hard);
    enter(&mut journal, "2026-05-01", &[closed]);
    let customers = journal.view("customers").unwrap();
    assert_eq!(
        figure(&customers, adjusted, "acme-2", "2026-04"),
        "-50.00 EUR"
    );
    assert_eq!(figure(&customers, "sales", "bolt", "2026-04"), "7.00 EUR");
}

#[test]
fn a_person_whose_id_changes_keeps_targets_and_figures() {
    let mut journal = Journal::new(&two_teams(), day("2026-01-01")).unwrap();
    let cascaded = Entry::cascade(
        id("plan", "0"),
        day("2026-01-01"),
        "sales-2026",
        [("sales", 730)],
    );
    let sold = Record::new("order", day("2026-01-10"))
        .id("1")
        .of("person", "bo");
    let sold = Entry::record("crm", sold.amount("sales", Decimal::from(31))).unwrap();
    let first = [cascaded.unwrap().by("eva").because("agreed"), sold];
    enter(&mut journal, "2026-02-01", &first);
    let joins = Entry::join(
        id("hr", "J"),
        day("2026-02-01"),
        ("person", "person", "e-77"),
    );
    let changed = [
        joins.unwrap().under("south").unwrap(),
        Entry::merge(id("hr", "M"), day("2026-02-01"), ("person", "bo", "e-77")).unwrap(),
    ];
    enter(&mut journal, "2026-02-02", &changed);
    let teams = journal.view("targets_by_team").unwrap();
    // A euro a day for each of two people. Under the new id they were in the south from February on only.
    assert_eq!(
        figure(&teams, "target:sales", "south", "2026-02"),
        "28.00 EUR"
    );
    assert_eq!(
        figure(&teams, "sales", "unassigned", "2026-01"),
        "31.00 EUR"
    );
    // Since ever, as a person whose id changed has been: the new id joins on the day on which the old one did.
    let void = Entry::void(id("hr", "V"), day("2026-02-02"), id("hr", "J"));
    let joins = Entry::join(
        id("hr", "J-2"),
        day("2026-01-01"),
        ("person", "person", "e-77"),
    );
    let receipt = enter(
        &mut journal,
        "2026-02-03",
        &[void, joins.unwrap().under("south").unwrap()],
    );
    assert_eq!(receipt.waiting, []);
    let teams = journal.view("targets_by_team").unwrap();
    for (month, sales, target) in [
        ("2026-01", "31.00 EUR", "31.00 EUR"),
        ("2026-02", "0.00 EUR", "28.00 EUR"),
    ] {
        assert_eq!(figure(&teams, "sales", "south", month), sales);
        assert_eq!(figure(&teams, "target:sales", "south", month), target);
    }
    let people = journal.view("by_person_month").unwrap();
    assert_eq!(rows(&people), ["ann", "e-77"]);
    assert_eq!(figure(&people, "sales", "e-77", "2026-01"), "31.00 EUR");
}

#[test]
fn who_is_merged_is_merged_once_and_named_no_more() {
    let mut journal = journal();
    let refused = |journal: &mut Journal, entries: &[Entry]| {
        let error = journal.enter(morning("2026-04-10"), day("2026-04-09"), entries);
        match error.unwrap_err() {
            JournalError::Rejected { rejected } => {
                let said = rejected.iter().map(|one| one.reason.to_string());
                said.collect::<Vec<_>>().join("; ")
            }
            other => other.to_string(),
        }
    };
    let own = merged("M-0", "2026-04-01", "acme", "acme");
    assert_eq!(
        refused(&mut journal, &[own]),
        "`acme` cannot be merged into itself; name the one that stays in `into`"
    );
    let nobody = merged("M-0", "2026-04-01", "acme", "unassigned");
    assert!(refused(&mut journal, &[nobody]).contains("unassigned"));
    let level = merged("M-0", "2026-04-01", "acme", "east");
    assert_eq!(
        refused(&mut journal, &[level]),
        "`acme` cannot be merged into `east`, which stands at another level; merge it into one of its own level"
    );
    let circle = [
        merged("M-1", "2026-04-01", "acme-2", "acme"),
        merged("M-2", "2026-04-01", "acme", "bolt"),
        merged("M-3", "2026-04-01", "bolt", "acme-2"),
        merged("M-4", "2026-04-01", "acme-2", "bolt"),
    ];
    assert_eq!(
        refused(&mut journal, &circle),
        "`crm/M-1` does that already; void it first; `crm/M-1` does that already; void it first"
    );
    enter(
        &mut journal,
        "2026-04-02",
        &[merged("M-1", "2026-04-01", "acme-2", "acme")],
    );
    for again in [("acme-2", "bolt"), ("acme", "acme-2")] {
        let again = merged("M-5", "2026-04-01", again.0, again.1);
        assert_eq!(
            refused(&mut journal, &[again]),
            "`crm/M-1` does that already; void it first"
        );
    }
    let moved = Entry::moving(
        id("crm", "X"),
        day("2026-04-03"),
        ("customer", "acme-2", "east"),
    );
    assert_eq!(
        refused(&mut journal, &[moved.unwrap()]),
        "`acme-2` was merged into `acme` by `crm/M-1`; say it of `acme`"
    );
    // Of days before, it may still be said, and counts no more.
    let moved = Entry::moving(
        id("crm", "X"),
        day("2026-03-20"),
        ("customer", "acme-2", "east"),
    );
    enter(&mut journal, "2026-04-11", &[moved.unwrap()]);
    // One after the other: all of it is of the last.
    enter(
        &mut journal,
        "2026-04-12",
        &[merged("M-2", "2026-04-11", "acme", "bolt")],
    );
    let customers = journal.view("customers").unwrap();
    assert_eq!(rows(&customers), ["bolt"]);
    assert_eq!(figure(&customers, "sales", "bolt", "2026-02"), "50.00 EUR");
    // A merge waits for whoever is not there.
    let waits = merged("M-9", "2026-04-12", "bolt", "later");
    let receipt = enter(&mut journal, "2026-04-13", &[waits]);
    assert_eq!(
        receipt.waiting[0].to_string(),
        "`crm/M-9` waits for `later` to join `customer`"
    );
}

#[test]
fn a_name_and_a_class_are_those_of_the_day() {
    let mut journal = journal();
    let (english, chinese) = (Lang::new("en").unwrap(), Lang::new("zh").unwrap());
    let title = Texts::new(english, "Acme Holding").and(chinese, "阿克米");
    let renamed = Entry::rename(
        id("crm", "N"),
        day("2026-03-15"),
        ("customer", "acme"),
        title,
    );
    let classed = Entry::moving(
        id("crm", "K"),
        day("2026-02-01"),
        ("customer", "acme", "key-account"),
    );
    let more = [
        renamed.unwrap(),
        classed.unwrap().within("class").unwrap(),
        bought("4", "acme", "2026-02-20", 9),
    ];
    enter(&mut journal, "2026-04-02", &more);
    let title = |as_of: &str| {
        let space = journal
            .view("customers")
            .unwrap()
            .as_of(day(as_of))
            .space()
            .unwrap();
        let members = &space.dimension("customer").unwrap().definition().members;
        let acme = members.iter().find(|member| member.key == *"acme").unwrap();
        (
            acme.title.get(english).to_owned(),
            acme.title.get(chinese).to_owned(),
        )
    };
    assert_eq!(title("2026-03-14").0, "Acme");
    let both = ("Acme Holding".to_owned(), "阿克米".to_owned());
    assert_eq!(title("2026-03-15"), both);
    // It changes the class and not the area, and what was bought before stays where it was.
    let classes = journal.view("classes").unwrap();
    assert_eq!(figure(&classes, "sales", "small", "2026-01"), "100.00 EUR");
    assert_eq!(
        figure(&classes, "sales", "key-account", "2026-02"),
        "9.00 EUR"
    );
    let areas = journal.view("areas").unwrap();
    assert_eq!(figure(&areas, "sales", "east", "2026-02"), "9.00 EUR");
    // Growth compares like with like.
    let alike = classes.as_it_is(day("2026-03-01"));
    assert_eq!(
        figure(&alike, "sales", "key-account", "2026-01"),
        "100.00 EUR"
    );
    let wrong = Entry::end(id("crm", "E"), day("2026-04-01"), ("customer", "acme"));
    assert!(wrong.unwrap().within("class").is_err());
}

#[test]
fn a_person_whose_id_changes_keeps_the_duties_of_before_and_what_was_done_for_them() {
    let model: Model = serde_json::from_value(json!({
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [{"member": "ann", "parent": "north"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "ann", "level": "person"}]}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2027-01-01"},
        "duties": [{"key": "visits", "who": {"dimension": "person", "level": "person"}, "evidence": {"kinds": ["visit"]},
            "under": "north",
            "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "monthly", "every": 1, "on": {"kind": "day_from_end", "nth": 1}}}}],
        "views": [{"key": "people", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"},
            "show": ["visits.due", "visits.on_time", "visits.missing"]}]
    }))
    .unwrap();
    let visit = |name: &str, person: &str, on: &str| {
        let record = Record::new("visit", day(on)).id(name).of("person", person);
        Entry::record("crm", record).unwrap()
    };
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let first = [
        visit("1", "ann", "2026-01-10"),
        visit("2", "ann", "2026-03-10"),
    ];
    enter(&mut journal, "2026-04-15", &first);
    let joins = Entry::join(
        id("hr", "J"),
        day("2026-05-01"),
        ("person", "person", "anna"),
    );
    let changed = [
        joins.unwrap().under("north").unwrap(),
        Entry::merge(id("hr", "M"), day("2026-05-01"), ("person", "ann", "anna")).unwrap(),
        visit("3", "anna", "2026-05-10"),
    ];
    enter(&mut journal, "2026-06-02", &changed);
    let people = journal.view("people").unwrap();
    assert_eq!(rows(&people), ["anna"]);
    for (month, on_time) in [
        ("2026-01", 1),
        ("2026-02", 0),
        ("2026-03", 1),
        ("2026-04", 0),
        ("2026-05", 1),
    ] {
        let of = |what| figure(&people, &format!("visits.{what}"), "anna", month);
        let wanted = [1, on_time, 1 - on_time].map(|all: i64| format!("{all} visits"));
        assert_eq!(["due", "on_time", "missing"].map(of), wanted, "{month}");
    }
    // The day before, and as it was known then, it is the old one who has them.
    let before = people.as_of(day("2026-04-30"));
    assert_eq!(
        figure(&before, "visits.missing", "ann", "2026-02"),
        "1 visits"
    );
    // All that is told together is what stands: what was told of the old one is so of the new one from the day on.
    let mut stands = std::collections::BTreeMap::new();
    let first = day("2026-01-01");
    for told in first
        .iter_days()
        .take_while(|told| *told <= day("2026-06-02"))
    {
        for own in journal.day(told).unwrap().duties {
            let place = (own.member.to_string(), own.due.to_string());
            assert_eq!(
                stands.insert(place, own.after).flatten(),
                own.before,
                "{told}"
            );
        }
    }
    let stands = stands
        .into_iter()
        .filter_map(|(place, own)| Some((place, own?)));
    let stands: Vec<_> = stands
        .map(|((who, due), own)| (who, due, own.on_time, own.missing))
        .collect();
    let wanted = [
        ("2026-01-31", 1),
        ("2026-02-28", 0),
        ("2026-03-31", 1),
        ("2026-04-30", 0),
        ("2026-05-31", 1),
    ];
    let wanted = wanted.map(|(due, done)| ("anna".to_owned(), due.to_owned(), done, 1 - done));
    assert_eq!(stands, wanted);
}

#[test]
fn duplicates_that_are_merged_have_a_duty_once_while_either_is_there() {
    let visits = json!([{"key": "visits", "who": {"dimension": "person", "level": "person"}, "evidence": {"kinds": ["visit"]},
        "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "monthly", "every": 1, "on": {"kind": "day_from_end", "nth": 1}}}}]);
    let model: Model = serde_json::from_value(json!({
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                {"member": "ann", "parent": "north", "to": "2026-02-15"}, {"member": "ann-2", "parent": "north", "from": "2026-04-01"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "ann", "level": "person"}, {"key": "ann-2", "level": "person"}]}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2027-01-01"}, "duties": visits,
        "views": [{"key": "people", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}, "show": ["visits.due"]}]
    }))
    .unwrap();
    for (member, into) in [("ann", "ann-2"), ("ann-2", "ann")] {
        let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
        let merged =
            Entry::merge(id("hr", "M"), day("2026-05-01"), ("person", member, into)).unwrap();
        let ended = Entry::end(id("hr", "E"), day("2026-06-10"), ("person", into)).unwrap();
        enter(&mut journal, "2026-07-15", &[merged, ended]);
        let people = journal.view("people").unwrap();
        assert_eq!(rows(&people), [into]);
        let months = [
            "2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06",
        ];
        let due = months.map(|month| figure(&people, "visits.due", into, month));
        let wanted = ["1", "0", "0", "1", "1", "0"].map(|all| format!("{all} visits"));
        assert_eq!(due, wanted, "{into}");
    }
}

#[test]
fn who_is_in_no_team_until_a_move_keeps_the_duties_of_before_it() {
    let model: Model = serde_json::from_value(json!({
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                {"member": "bo", "parent": "north", "to": "2026-02-15"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "kinds": [{"key": "visit", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2027-01-01"},
        "duties": [{"key": "visits", "who": {"dimension": "person", "level": "person"}, "evidence": {"kinds": ["visit"]},
            "cadence": {"anchor": "2026-01-01", "rhythm": {"kind": "monthly", "every": 1, "on": {"kind": "day_from_end", "nth": 1}}}}],
        "views": [{"key": "people", "rows": [{"dimension": "person", "level": "person"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}, "show": ["visits.due"]}]
    }))
    .unwrap();
    let mut journal = Journal::new(&model, day("2026-01-01")).unwrap();
    let moved = ["ann", "bo"].map(|person| {
        let to = ("person", person, "north");
        Entry::moving(id("hr", person), day("2026-04-10"), to).unwrap()
    });
    enter(&mut journal, "2026-05-15", &moved);
    let people = journal.view("people").unwrap();
    let due = |person| {
        ["2026-01", "2026-02", "2026-03", "2026-04"]
            .map(|month| figure(&people, "visits.due", person, month))
    };
    let wanted = |due: [i64; 4]| due.map(|all| format!("{all} visits"));
    assert_eq!(due("ann"), wanted([1, 1, 1, 1]));
    // Who had left in February comes back in April.
    assert_eq!(due("bo"), wanted([1, 0, 0, 1]));
    assert_eq!(journal.day(day("2026-04-10")).unwrap().duties, []);
}

/// The area `mid` and the customers `dyne` and `eco` joined by mistake, after others were put below or merged with them.
#[test]
fn who_was_moved_below_or_merged_with_a_mistake_waits_until_that_joins_after_all() {
    let join = |name: &str, level: &str, member: &str| {
        let join = ("customer", level, member);
        Entry::join(id("crm", name), day("2026-01-05"), join).unwrap()
    };
    let moved = Entry::moving(
        id("crm", "P"),
        day("2026-01-07"),
        ("customer", "acme", "mid"),
    );
    let entries = [
        join("J-1", "area", "mid"),
        join("J-2", "customer", "dyne").under("east").unwrap(),
        join("J-3", "customer", "eco").under("east").unwrap(),
        moved.unwrap(),
        merged("M-1", "2026-01-07", "dyne", "bolt"),
        merged("M-2", "2026-01-07", "acme-2", "eco"),
    ];
    let waits = |journal: &Journal| {
        let all = journal.waiting().into_iter();
        all.map(|own| own.entry.id.to_string()).collect::<Vec<_>>()
    };
    for (join, awaits) in [("J-1", "P"), ("J-2", "M-1"), ("J-3", "M-2")] {
        let mut journal = Journal::new(&model(), day("2026-01-01")).unwrap();
        enter(&mut journal, "2026-01-10", &entries);
        assert_eq!(waits(&journal), [""; 0]);
        let void = Entry::void(id("crm", "V"), day("2026-01-10"), id("crm", join));
        enter(&mut journal, "2026-01-11", &[void]);
        assert_eq!(waits(&journal), [awaits], "{join}");
        let back = Entry::void(id("crm", "W"), day("2026-01-11"), id("crm", "V"));
        let receipt = enter(&mut journal, "2026-01-12", &[back]);
        let resumed = [id("crm", join), id("crm", awaits)];
        assert_eq!(receipt.resumed, resumed, "{join}");
    }
}
