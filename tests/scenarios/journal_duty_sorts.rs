//! The sorts of duties that one form says: rhythms of visits by class of customer, talks with everybody of a team, quotas of new customers,
//! what counts by its content, and what falls to those who come and go.

use chrono::NaiveDate;
use quotaflow::journal::{Entry, EntryId, Journal};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use serde_json::{Value, json};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn definition() -> Value {
    let people = json!({"dimension": "person", "level": "person"});
    let monthly = json!({"anchor": "2026-01-01", "rhythm": {"kind": "monthly", "every": 1, "on": {"kind": "day_from_end", "nth": 1}}});
    let fridays =
        json!({"anchor": "2026-01-03", "rhythm": {"kind": "weekly", "every": 1, "days": ["Fri"]}});
    let customer = json!({"member": {"dimension": "customer"}});
    let months = json!({"grain": "month", "from": "2026-01-01", "to": "2027-01-01"});
    let view = |key: &str, dimension: &str, level: &str, show: Value| json!({"key": key, "rows": [{"dimension": dimension, "level": level}], "periods": months, "show": show});
    json!({
        "dimensions": [
            {"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"],
                "links": [{"member": "ann", "parent": "north"}, {"member": "bo", "parent": "north"}]}],
                "members": [{"key": "north", "level": "team"},
                    {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]},
            {"key": "customer", "hierarchies": [{"key": "customer", "levels": ["class", "customer"],
                "links": [{"member": "acme", "parent": "a"}, {"member": "zeta", "parent": "b"}]}],
                "members": [{"key": "a", "level": "class"}, {"key": "b", "level": "class"},
                    {"key": "acme", "level": "customer"}, {"key": "zeta", "level": "customer"}]}],
        "measures": [{"key": "minutes", "unit": "minute", "additivity": "flow"}],
        "kinds": [
            {"key": "visit", "dimensions": [{"field": "person"}, {"field": "customer"}], "measures": [{"measure": "minutes"}]},
            {"key": "talk", "dimensions": [{"field": "person"}, {"field": "with", "dimension": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2028-01-01"},
        "duties": [
            {"key": "rhythm", "who": {"dimension": "customer", "level": "customer"}, "under": "a",
                "evidence": {"kinds": ["visit"]}, "cadence": fridays},
            {"key": "talks", "who": people, "evidence": {"kinds": ["talk"], "via": {"person": "with"}}, "cadence": fridays},
            {"key": "thorough", "who": people, "times": 2, "cadence": monthly,
                "evidence": {"kinds": ["visit"], "where": [{"range": {"value": {"measure": "minutes"}, "at_least": "20"}}]}},
            {"key": "reached", "who": people, "times": 2, "cadence": monthly, "evidence": {"kinds": ["visit"]}, "each": {"distinct": customer}},
            {"key": "new", "who": people, "times": 2, "cadence": monthly, "evidence": {"kinds": ["visit"]}, "each": {"new": customer}},
            {"key": "quota", "who": people, "times": 20, "cadence": monthly, "evidence": {"kinds": ["visit"]}, "stay": "by_days"}],
        "views": [
            view("customers", "customer", "customer", json!(["rhythm.due", "rhythm.missing"])),
            view("people", "person", "person", json!(["talks.due", "talks.missing", "thorough.missing", "reached.missing",
                "new.missing", "quota.due", "quota.missing"])),
            view("teams", "person", "team", json!(["talks.due", "talks.missing", "quota.due"]))]
    })
}

fn visit(id: &str, (person, customer): (&str, &str), day: &str, minutes: i64) -> Entry {
    let record = Record::new("visit", date(day)).id(id);
    let record = record.of("person", person).of("customer", customer);
    Entry::record("crm", record.amount("minutes", minutes.into())).unwrap()
}

fn opened(entries: &[Entry], through: &str) -> Journal {
    let model: Model = serde_json::from_value(definition()).unwrap();
    let mut journal = Journal::new(&model, date("2026-01-01")).unwrap();
    let known = date(through).and_hms_opt(22, 0, 0).unwrap();
    journal.enter(known, date(through), entries).unwrap();
    journal
}

fn told(journal: &Journal, view: &str, (row, period): (&str, &str), columns: &[&str]) -> Vec<i64> {
    let panel = journal.view(view).unwrap().panel().unwrap();
    let of = |column: &&str| {
        let told = panel.get(column, [row], period).unwrap().ratio();
        i64::try_from(told.unwrap().numerator()).unwrap()
    };
    columns.iter().map(of).collect()
}

#[test]
fn each_customer_of_a_class_is_visited_in_its_rhythm_by_whomever() {
    let entries = [
        visit("1", ("ann", "acme"), "2026-01-05", 30),
        visit("2", ("bo", "acme"), "2026-01-14", 30),
        visit("3", ("bo", "zeta"), "2026-01-14", 30),
    ];
    let journal = opened(&entries, "2026-01-25");
    // Fridays the 9th, 16th and 23rd.
    assert_eq!(
        told(
            &journal,
            "customers",
            ("acme", "2026-01"),
            &["rhythm.due", "rhythm.missing"]
        ),
        [3, 1]
    );
    let panel = journal.view("customers").unwrap().panel().unwrap();
    assert!(
        panel
            .get("rhythm.due", ["zeta"], "2026-01")
            .unwrap()
            .ratio()
            .is_err()
    );
}

#[test]
fn a_leader_talks_with_everybody_of_the_team_each_week() {
    let talk = |id: &str, with: &str, day: &str| {
        let record = Record::new("talk", date(day)).id(id);
        let record = record.of("person", "eva").of("with", with);
        Entry::record("crm", record).unwrap()
    };
    let join = Entry::join(
        EntryId::new("hr", "1").unwrap(),
        date("2026-01-01"),
        ("person", "person", "eva"),
    );
    let entries = [
        join.unwrap(),
        talk("1", "ann", "2026-01-05"),
        // Two talks with Ann are none with Bo.
        talk("2", "ann", "2026-01-06"),
        talk("3", "bo", "2026-01-15"),
    ];
    let journal = opened(&entries, "2026-01-18");
    assert_eq!(
        told(
            &journal,
            "teams",
            ("north", "2026-01"),
            &["talks.due", "talks.missing"]
        ),
        [4, 2]
    );
    assert_eq!(
        told(&journal, "people", ("bo", "2026-01"), &["talks.missing"]),
        [1]
    );
}

#[test]
fn quotas_count_what_has_enough_content_or_different_customers_or_new_ones() {
    let entries = [
        visit("1", ("ann", "acme"), "2026-01-05", 30),
        visit("2", ("ann", "acme"), "2026-01-06", 5),
        visit("3", ("bo", "acme"), "2026-01-07", 20),
        visit("4", ("bo", "zeta"), "2026-01-08", 19),
        visit("5", ("bo", "zeta"), "2026-02-09", 25),
    ];
    let journal = opened(&entries, "2026-03-02");
    let columns = ["thorough.missing", "reached.missing", "new.missing"];
    assert_eq!(
        told(&journal, "people", ("ann", "2026-01"), &columns),
        [1, 1, 1]
    );
    assert_eq!(
        told(&journal, "people", ("bo", "2026-01"), &columns),
        [1, 0, 1]
    );
    // Whom anybody has visited before is not new.
    assert_eq!(
        told(&journal, "people", ("bo", "2026-02"), &columns),
        [1, 1, 2]
    );
}

#[test]
fn a_quota_falls_to_a_hire_and_a_leaver_for_the_days_on_which_they_are_there() {
    let id = |name: &str| EntryId::new("hr", name).unwrap();
    let entries = [
        Entry::join(id("1"), date("2026-04-16"), ("person", "person", "cy"))
            .unwrap()
            .under("north")
            .unwrap(),
        Entry::end(id("2"), date("2026-05-11"), ("person", "bo")).unwrap(),
    ];
    let journal = opened(&entries, "2026-06-01");
    // Half of April's thirty days, and ten of May's thirty-one: 6.45.
    assert_eq!(
        told(
            &journal,
            "people",
            ("cy", "2026-04"),
            &["quota.due", "quota.missing"]
        ),
        [10, 10]
    );
    assert_eq!(
        told(
            &journal,
            "people",
            ("bo", "2026-05"),
            &["quota.due", "quota.missing"]
        ),
        [6, 6]
    );
    assert_eq!(
        told(&journal, "teams", ("north", "2026-05"), &["quota.due"]),
        [46]
    );
    // The day after the due day tells that it is missing.
    let day = journal.day(date("2026-06-01")).unwrap();
    let own = day
        .duties
        .iter()
        .filter(|own| own.duty == "quota" && own.member == "bo");
    let of: Vec<_> = own
        .map(|own| (own.due, own.after.unwrap().missing))
        .collect();
    assert_eq!(of, [(date("2026-05-31"), 6)]);
}

#[test]
fn what_counts_different_customers_has_no_days_of_grace_and_no_evidence_a_window_of_its_own() {
    let mut document = definition();
    document["duties"][3]["grace"] = json!({"days": 2});
    document["duties"][5]["evidence"]["window"] = json!({"trailing_days": 7});
    let definition: quotaflow::model::ModelDef = serde_json::from_value(document).unwrap();
    let error = Model::new(definition).unwrap_err().to_string();
    assert!(
        error.contains("duties[3].each: the duty `reached` counts different ones"),
        "{error}"
    );
    assert!(
        error.contains("duties[5].evidence: the records of the duty `quota`"),
        "{error}"
    );
}
