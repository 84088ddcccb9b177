//! What a day brings, worked by hand: alerts that change, what becomes known late, and what people decide.

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::alert::{AlertId, CorrectiveAction, Status, What};
use quotaflow::journal::{
    Amended, Close, Day, Decision, DecisionDef, Entry, EntryId, HandOver, Journal, JournalError,
    Rejection, Snapshot,
};
use quotaflow::key::Key;
use quotaflow::ledger::Record;
use quotaflow::model::{Model, ModelDef};
use serde_json::{Value, json};

use crate::journal_plans::reopened;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn definition(watches: &Value) -> Value {
    json!({
        "dimensions": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["person"]}],
            "members": [{"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
        "kinds": [{"key": "complaint", "dimensions": [{"field": "person"}]}],
        "span": {"start": "2026-01-01", "end": "2030-01-01"},
        "metrics": [{"key": "complaints", "formula": {"count": {"kinds": ["complaint"]}}}],
        "views": [
            {"key": "months", "rows": [{"dimension": "person", "level": "person"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}},
            {"key": "weeks", "rows": [{"dimension": "person", "level": "person"}],
             "periods": {"grain": "week", "from": "2026-01-01", "to": "2027-01-01"}}
        ],
        "watches": watches
    })
}

fn many() -> Value {
    json!({"key": "many", "when": "complaints >= 2", "owner": "manager", "life": {"repeat_days": 5}})
}

fn model(watches: &Value) -> Model {
    serde_json::from_value(definition(watches)).unwrap()
}

fn monthly() -> Model {
    model(&json!([{"key": "service", "view": "months", "rules": [many()]}]))
}

fn complaint(id: &str, person: &str, day: &str) -> Entry {
    let record = Record::new("complaint", date(day))
        .id(id)
        .of("person", person);
    Entry::record("desk", record).unwrap()
}

fn entry_id(id: &str) -> EntryId {
    EntryId::new("desk", id).unwrap()
}

/// The evening on which a hand-over that is complete through a day comes.
fn evening(day: &str) -> NaiveDateTime {
    date(day).and_hms_opt(22, 0, 0).unwrap()
}

fn enter(journal: &mut Journal, through: &str, entries: &[Entry]) {
    journal
        .enter(evening(through), date(through), entries)
        .unwrap();
}

fn opened(model: &Model) -> Journal {
    Journal::new(model, date("2026-01-01")).unwrap()
}

fn said(day: &Day) -> Vec<String> {
    let each = day.notices.iter();
    each.map(|notice| format!("{} {:?}", notice.subject[0], notice.what))
        .collect()
}

fn brought(journal: &Journal, day: &str) -> Vec<String> {
    said(&journal.day(date(day)).unwrap())
}

fn decided(id: &str, day: &str, alert: &AlertId, what: Decision) -> Entry {
    let decision = DecisionDef {
        alert: alert.clone(),
        by: key("eva"),
        decided: what,
        about: Vec::new(),
    };
    Entry::decide(entry_id(id), date(day), decision).because("looked into it")
}

#[test]
fn days_are_told_once_in_order_and_a_day_that_is_not_complete_is_a_preview() {
    let mut journal = opened(&monthly());
    let entries = [
        complaint("1", "ann", "2026-01-03"),
        complaint("2", "ann", "2026-01-05"),
        complaint("3", "bo", "2026-01-09"),
        complaint("4", "bo", "2026-01-12"),
    ];
    enter(&mut journal, "2026-01-10", &entries);
    assert_eq!(brought(&journal, "2026-01-04"), Vec::<String>::new());
    let fifth = journal.day(date("2026-01-05")).unwrap();
    assert_eq!(said(&fifth), ["ann Fired"]);
    assert_eq!(fifth.known, Some(evening("2026-01-10")));
    let notice = &fifth.notices[0];
    let id = notice.alert.clone().unwrap();
    assert_eq!(id.to_string(), "many | ann | 2026-01-05");
    assert_eq!(
        (notice.watch.as_str(), notice.to.clone()),
        ("service", Some(key("manager")))
    );
    assert_eq!(notice.figures[0].column.to_string(), "complaints");
    assert_eq!(notice.figures[0].value, Ok(2.into()));
    assert_eq!(brought(&journal, "2026-01-10"), ["ann Repeated"]);
    // The twelfth is not complete: what it would bring has no name yet.
    let preview = journal.day(date("2026-01-12")).unwrap();
    assert!(preview.is_preview());
    assert_eq!(
        (said(&preview), &preview.notices[0].alert),
        (vec!["bo Fired".to_owned()], &None)
    );
    assert_eq!(journal.day(date("2026-01-12")).unwrap(), preview);
    enter(&mut journal, "2026-01-12", &[]);
    let told = journal.day(date("2026-01-12")).unwrap();
    assert_eq!(
        told.notices[0].alert.clone().unwrap().day(),
        date("2026-01-12")
    );
    assert_eq!(journal.day(date("2026-01-05")).unwrap(), fifth);
    // The month ends, and nobody complains in the next one.
    enter(&mut journal, "2026-02-02", &[]);
    assert_eq!(
        brought(&journal, "2026-02-01"),
        ["ann Resolved", "bo Resolved"]
    );
    assert_eq!(
        journal.day(date("2025-12-31")).unwrap_err(),
        JournalError::DayNotKept {
            day: date("2025-12-31"),
            from: date("2026-01-01")
        }
    );
}

#[test]
fn what_becomes_known_late_is_told_on_the_day_of_its_hand_over_and_decisions_stay() {
    let mut journal = opened(&monthly());
    enter(
        &mut journal,
        "2026-01-03",
        &[complaint("1", "ann", "2026-01-02")],
    );
    enter(
        &mut journal,
        "2026-01-05",
        &[complaint("2", "ann", "2026-01-05")],
    );
    let fifth = journal.day(date("2026-01-05")).unwrap();
    let id = fifth.notices[0].alert.clone().unwrap();
    let action = CorrectiveAction {
        action: "a call".into(),
        owner: key("eva"),
        deadline: date("2026-01-20"),
        check: date("2026-01-25"),
        done: None,
        outcome: None,
    };
    let decisions = [
        decided("d1", "2026-01-06", &id, Decision::Acknowledged),
        decided("d2", "2026-01-06", &id, Decision::CorrectiveAction(action)),
    ];
    enter(&mut journal, "2026-01-06", &decisions);
    // A complaint was a mistake: there never were two.
    let void = Entry::void(entry_id("v"), date("2026-01-05"), entry_id("2"));
    enter(&mut journal, "2026-01-08", &[void]);
    let eighth = journal.day(date("2026-01-08")).unwrap();
    assert_eq!(said(&eighth), Vec::<String>::new());
    assert_eq!(eighth.late.len(), 1);
    let late = &eighth.late[0];
    assert_eq!(
        (late.watch.as_str(), late.known),
        ("service", evening("2026-01-08"))
    );
    let answer = &late.answers[0];
    assert_eq!(
        (answer.row[0].as_str(), answer.period.as_str()),
        ("ann", "2026-01")
    );
    assert_eq!((answer.before, answer.after), (Ok(2.into()), Ok(1.into())));
    let after = late.alerts[0].after.as_ref().unwrap();
    assert!(after.status.is_withdrawn());
    assert_eq!(
        (
            after.acknowledgements.len(),
            after.corrective_action.is_some()
        ),
        (1, true)
    );
    // What was told of the fifth is what was told of it.
    assert_eq!(journal.day(date("2026-01-05")).unwrap(), fifth);
    // It was none, after all.
    let again = Entry::void(entry_id("w"), date("2026-01-05"), entry_id("v"));
    enter(&mut journal, "2026-01-09", &[again]);
    let ninth = journal.day(date("2026-01-09")).unwrap();
    let back = &ninth.late[0].alerts[0];
    assert_eq!(back.id, id);
    let now = back.after.as_ref().unwrap();
    assert!(matches!(now.status, Status::Acknowledged { .. }));
    assert_eq!(
        (now.acknowledgements.len(), now.corrective_action.is_some()),
        (1, true)
    );
    assert_eq!(now.fired, date("2026-01-05"));
}

#[test]
fn a_record_that_comes_late_keeps_the_name_of_an_alert_and_moves_its_days() {
    let mut journal = opened(&monthly());
    let first = [
        complaint("1", "ann", "2026-01-02"),
        complaint("2", "ann", "2026-01-06"),
    ];
    enter(&mut journal, "2026-01-07", &first);
    enter(
        &mut journal,
        "2026-01-08",
        &[complaint("3", "ann", "2026-01-03")],
    );
    let late = journal.day(date("2026-01-08")).unwrap().late;
    let moved = &late[0].alerts[0];
    assert_eq!(moved.id.day(), date("2026-01-06"));
    let fired = |at: &Option<quotaflow::alert::Incident>| at.as_ref().unwrap().fired;
    assert_eq!(fired(&moved.before), date("2026-01-06"));
    assert_eq!(fired(&moved.after), date("2026-01-03"));
    // Nothing is late that only tells of days to come.
    enter(
        &mut journal,
        "2026-01-09",
        &[complaint("4", "ann", "2026-01-09")],
    );
    assert!(journal.day(date("2026-01-09")).unwrap().late.is_empty());
}

#[test]
fn what_is_decided_holds_from_its_day_until_it_is_voided() {
    let mut journal = opened(&monthly());
    let first = [
        complaint("1", "ann", "2026-01-02"),
        complaint("2", "ann", "2026-01-02"),
    ];
    enter(&mut journal, "2026-01-02", &first);
    let id = AlertId::new(key("many"), vec![key("ann")], date("2026-01-02"));
    // It is repeated every five days unless somebody has taken it.
    enter(
        &mut journal,
        "2026-01-03",
        &[decided("a", "2026-01-03", &id, Decision::Acknowledged)],
    );
    enter(&mut journal, "2026-01-10", &[]);
    assert_eq!(brought(&journal, "2026-01-07"), Vec::<String>::new());
    let void = Entry::void(entry_id("v"), date("2026-01-10"), entry_id("a"));
    enter(&mut journal, "2026-01-11", &[void]);
    assert_eq!(brought(&journal, "2026-01-11"), ["ann Repeated"]);
    // What is decided about an alert that is not there waits for it.
    let ahead = AlertId::new(key("many"), vec![key("bo")], date("2026-01-14"));
    let snooze = Decision::Snoozed {
        until: date("2026-01-30"),
    };
    enter(
        &mut journal,
        "2026-01-12",
        &[decided("b", "2026-01-12", &ahead, snooze)],
    );
    assert_eq!(
        journal.waiting()[0].to_string(),
        "`desk/b` waits for the alert `many | bo | 2026-01-14`"
    );
    let bo = [
        complaint("3", "bo", "2026-01-14"),
        complaint("4", "bo", "2026-01-14"),
    ];
    enter(&mut journal, "2026-01-29", &bo);
    assert_eq!(brought(&journal, "2026-01-14"), ["bo Fired"]);
    assert_eq!(journal.waiting(), []);
    let all: Vec<String> = (15..30)
        .flat_map(|day| brought(&journal, &format!("2026-01-{day}")))
        .collect();
    assert_eq!(all, ["ann Repeated", "ann Repeated", "ann Repeated"]);
    enter(&mut journal, "2026-01-31", &[]);
    assert_eq!(brought(&journal, "2026-01-30"), ["bo Woken"]);
}

#[test]
fn a_decision_about_no_rule_or_of_a_check_too_early_is_refused() {
    let mut journal = opened(&monthly());
    let id = |rule: &str| AlertId::new(key(rule), vec![key("ann")], date("2026-01-02"));
    let refused = |journal: &mut Journal, entry: Entry| {
        let error = journal
            .enter(evening("2026-01-02"), date("2026-01-02"), &[entry])
            .unwrap_err();
        let JournalError::Rejected { rejected } = error else {
            unreachable!("{error}")
        };
        rejected[0].clone()
    };
    let mistyped = refused(
        &mut journal,
        decided("a", "2026-01-02", &id("mny"), Decision::Acknowledged),
    );
    assert_eq!(
        mistyped.to_string(),
        "entry 0 (`desk/a`): there is no rule `mny`; did you mean `many`?"
    );
    let action = CorrectiveAction {
        action: "a call".into(),
        owner: key("eva"),
        deadline: date("2026-01-20"),
        check: date("2026-01-20"),
        done: None,
        outcome: None,
    };
    let checked = |check: &str| {
        let mut action = action.clone();
        action.check = date(check);
        let what = Decision::CorrectiveAction(action);
        decided("a", "2026-01-02", &id("many"), what)
    };
    let early = refused(&mut journal, checked("2026-01-19"));
    assert!(matches!(early.reason, Rejection::Alert(_)));
    // On the day of the deadline what is done can be checked.
    enter(&mut journal, "2026-01-02", &[checked("2026-01-20")]);
}

#[test]
fn two_rules_of_different_grain_are_told_of_one_day() {
    let busy = json!({"key": "busy_week", "when": "complaints >= 2"});
    let mut journal = opened(&model(&json!([
        {"key": "by_month", "view": "months", "rules": [many()]},
        {"key": "by_week", "view": "weeks", "rules": [busy]}
    ])));
    // 5 January is a Monday, 1 February a Sunday.
    let entries = [
        complaint("1", "ann", "2026-01-30"),
        complaint("2", "ann", "2026-02-01"),
        complaint("3", "ann", "2026-02-02"),
    ];
    enter(&mut journal, "2026-02-03", &entries);
    let told = |day: &str| -> Vec<String> {
        let day = journal.day(date(day)).unwrap();
        let each = day.notices.iter();
        each.map(|notice| format!("{} {:?}", notice.rule, notice.what))
            .collect()
    };
    assert_eq!(told("2026-02-01"), ["busy_week Fired"]);
    assert_eq!(told("2026-02-02"), ["many Fired", "busy_week Resolved"]);
}

#[test]
fn a_restart_between_days_changes_nothing_that_is_told() {
    let hand_overs = [
        ("2026-01-03", vec![complaint("1", "ann", "2026-01-02")]),
        (
            "2026-01-10",
            vec![
                complaint("2", "ann", "2026-01-05"),
                complaint("3", "bo", "2026-01-08"),
            ],
        ),
        ("2026-01-11", vec![complaint("4", "bo", "2026-01-04")]),
        (
            "2026-02-10",
            vec![decided(
                "d",
                "2026-01-12",
                &AlertId::new(key("many"), vec![key("ann")], date("2026-01-05")),
                Decision::Acknowledged,
            )],
        ),
    ]
    .map(|(through, entries)| HandOver::new(evening(through), date(through), entries));
    let model = monthly();
    let mut whole = opened(&model);
    whole.replay(&hand_overs).unwrap();
    let mut parted = opened(&model);
    for hand_over in &hand_overs {
        let mut turned = hand_over.clone();
        turned.entries.reverse();
        parted.replay([&turned]).unwrap();
        let text = serde_json::to_string(&parted.snapshot()).unwrap();
        parted = Journal::open(&model, serde_json::from_str::<Snapshot>(&text).unwrap()).unwrap();
    }
    for day in date("2026-01-01").iter_days().take(45) {
        let bytes = |journal: &Journal| serde_json::to_string(&journal.day(day).unwrap()).unwrap();
        assert_eq!(bytes(&parted), bytes(&whole), "{day}");
    }
    let both = [&parted, &whole].map(|journal| serde_json::to_string(&journal.snapshot()).unwrap());
    assert_eq!(both[0], both[1]);
    let brings = whole.day(date("2026-01-11")).unwrap();
    assert_eq!(brings.late[0].alerts.len(), 1);
    assert_eq!(brings.late[0].alerts[0].id.subject(), [key("bo")]);
    assert!(matches!(
        brings.late[0].alerts[0].after.as_ref().unwrap().status,
        Status::Firing
    ));
    assert!(
        whole
            .day(date("2026-01-05"))
            .unwrap()
            .notices
            .iter()
            .all(|it| it.what == What::Fired)
    );
}

#[test]
fn history_that_is_long_past_is_closed_and_its_days_are_not_kept() {
    let watch = json!([{"key": "service", "view": "months", "rules": [many()], "open_days": 10}]);
    let mut journal = opened(&model(&watch));
    let first = [
        complaint("1", "ann", "2026-01-02"),
        complaint("2", "ann", "2026-01-02"),
    ];
    enter(&mut journal, "2026-01-05", &first);
    enter(&mut journal, "2026-04-30", &[]);
    let error = journal.day(date("2026-01-02")).unwrap_err();
    assert!(matches!(error, JournalError::DayNotKept { .. }), "{error}");
    // What becomes known of days that are closed changes answers and no alert.
    let late = [
        complaint("3", "bo", "2026-01-03"),
        complaint("4", "bo", "2026-01-03"),
    ];
    enter(&mut journal, "2026-05-01", &late);
    let late = journal.day(date("2026-05-01")).unwrap().late;
    assert_eq!((late[0].answers.len(), late[0].alerts.len()), (1, 0));
}

#[test]
fn rules_that_do_not_fit_their_view_are_mistakes_of_the_model() {
    let watches = json!([
        {"key": "a", "view": "moths", "rules": []},
        {"key": "b", "view": "months", "rules": [
            {"key": "r", "when": "complints >= 2"}, {"key": "s", "when": "complaints >= 2"}]},
        {"key": "b", "view": "weeks", "rules": [{"key": "s", "when": "complaints >= 2"}]}
    ]);
    let document: ModelDef = serde_json::from_value(definition(&watches)).unwrap();
    let told: Vec<String> = Model::new(document)
        .unwrap_err()
        .mistakes
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "watches[0].view: there is no view `moths`; did you mean `months`?",
            "watches[1].rules[0]: rule `r`, when.left: the panel has no column `complints`; did you mean `complaints`?",
            "watches[2]: the watch `b` is declared twice",
            "watches[2].rules[0]: the rule `s` is declared twice: an alert is named by its rule, whatever view it watches",
        ]
    );
}

#[test]
fn days_that_need_what_is_forgotten_ask_for_it_before_anything_is_done() {
    let mut document = definition(&json!([{"key": "service", "view": "teams", "rules": [many()]}]));
    document["dimensions"][0] = json!({"key": "person",
        "hierarchies": [{"key": "person", "levels": ["team", "person"],
            "links": [{"member": "ann", "parent": "north"}]}],
        "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
            {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]});
    document["views"][0] = json!({"key": "teams", "rows": [{"dimension": "person", "level": "team"}],
        "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-01-01"}});
    let model: Model = serde_json::from_value(document).unwrap();
    let mut journal = opened(&model);
    let came = [
        complaint("1", "ann", "2026-01-13"),
        complaint("2", "ann", "2026-01-16"),
        complaint("3", "ann", "2026-02-02"),
    ];
    enter(&mut journal, "2026-01-31", &came[..2]);
    assert_eq!(brought(&journal, "2026-01-16"), ["north Fired"]);
    let close = Entry::close(entry_id("c"), date("2026-01-31"), Close::Hard);
    enter(&mut journal, "2026-02-03", &[close, came[2].clone()]);
    assert_eq!(brought(&journal, "2026-02-01"), ["north Resolved"]);
    let moved = Entry::moving(
        entry_id("m"),
        date("2026-01-15"),
        ("person", "ann", "south"),
    )
    .unwrap();
    let (known, through) = (evening("2026-02-05"), date("2026-02-05"));
    let head = journal.head();
    let error = journal
        .enter(known, through, std::slice::from_ref(&moved))
        .unwrap_err();
    let JournalError::Needed { needed } = error else {
        unreachable!("{error}")
    };
    assert_eq!(
        (journal.head(), journal.complete_through()),
        (head, Some(date("2026-02-03")))
    );
    journal.supply(&needed, &came[..2]).unwrap();
    journal.enter(known, through, &[moved]).unwrap();
    // What was told of January is final; the complaint of February belongs to the other team now.
    let late = journal.day(through).unwrap().late;
    let of_february =
        |it: &&Amended| it.period == key("2026-02") && it.column.to_string() == "complaints";
    let february: Vec<_> = late[0].answers.iter().filter(of_february).collect();
    assert_eq!(february.len(), 2);
    assert!(late[0].alerts.is_empty());
    assert_eq!(brought(&journal, "2026-01-16"), ["north Fired"]);
}

/// The watch, from another day on.
fn since(from: &str) -> Model {
    model(&json!([{"key": "service", "view": "months", "rules": [many()], "from": from}]))
}

fn by_model(name: &str, day: &str, model: &Model) -> Entry {
    let entry = Entry::model(entry_id(name), date(day), model);
    entry.by("eva").because("the board wants it")
}

#[test]
fn a_watch_that_has_begun_keeps_its_first_day_and_one_that_has_not_may_begin_on_another() {
    let came = [
        complaint("1", "ann", "2026-01-06"),
        complaint("2", "ann", "2026-01-07"),
        complaint("3", "bo", "2026-01-20"),
        complaint("4", "bo", "2026-01-21"),
    ];
    let mut begun = opened(&since("2026-01-05"));
    enter(&mut begun, "2026-01-10", &came[..2]);
    assert_eq!(brought(&begun, "2026-01-07"), ["ann Fired"]);
    for other in ["2026-01-03", "2026-01-10", "2026-02-01"] {
        let model = since(other);
        begun.introduce(&model);
        let moved = [by_model("M", "2026-01-11", &model)];
        let error = begun
            .enter(evening("2026-01-11"), date("2026-01-11"), &moved)
            .unwrap_err();
        let said = format!("the watch `service` began on 2026-01-05 and would begin on {other}");
        assert!(error.to_string().contains(&said), "{error}");
    }
    // A day before the journal went live is that on which it did.
    let mut live = opened(&monthly());
    enter(&mut live, "2026-01-10", &came[..2]);
    let same = since("2025-06-01");
    live.introduce(&same);
    enter(
        &mut live,
        "2026-01-11",
        &[by_model("M", "2026-01-11", &same)],
    );
    reopened(&live);
    // One that was to begin in March begins earlier, at once, or later still.
    for (from, fired) in [
        ("2026-01-21", vec!["ann Fired", "bo Fired"]),
        // ann was told of on the 11th, the first day after those that were told by the other model, and is every five days.
        ("2026-01-02", vec!["bo Fired", "ann Repeated"]),
        ("2026-05-01", vec![]),
    ] {
        let mut journal = opened(&since("2026-03-01"));
        enter(&mut journal, "2026-01-10", &came[..2]);
        let model = since(from);
        journal.introduce(&model);
        enter(
            &mut journal,
            "2026-01-19",
            &[by_model("M", "2026-01-11", &model)],
        );
        let mut journal = reopened(&journal);
        enter(&mut journal, "2026-01-22", &came[2..]);
        assert_eq!(brought(&journal, "2026-01-21"), fired, "{from}");
        assert_eq!(
            brought(&journal, "2026-01-07"),
            Vec::<String>::new(),
            "{from}"
        );
        let mut journal = reopened(&journal);
        enter(&mut journal, "2026-03-02", &[]);
        reopened(&journal);
    }
}

/// A watch that came with a model on 12 January could tell nothing before: it keeps the day on which it did begin, whatever a later model
/// says of days before that one.
#[test]
fn a_watch_that_came_with_a_model_began_with_that() {
    let mut journal = opened(&model(&json!([])));
    enter(&mut journal, "2026-01-10", &[]);
    let change = |journal: &mut Journal, name: &str, day: &str, model: &Model| {
        journal.introduce(model);
        let moved = [by_model(name, day, model)];
        let known = evening(day);
        journal.enter(known, date(day), &moved).map(|_| ())
    };
    change(&mut journal, "M", "2026-01-12", &monthly()).unwrap();
    let came = [
        complaint("1", "ann", "2026-01-13"),
        complaint("2", "ann", "2026-01-14"),
    ];
    enter(&mut journal, "2026-01-15", &came);
    assert_eq!(brought(&journal, "2026-01-14"), ["ann Fired"]);
    let mut journal = reopened(&journal);
    let error = change(&mut journal, "N", "2026-01-16", &since("2026-02-01")).unwrap_err();
    let said = "the watch `service` began on 2026-01-11 and would begin on 2026-02-01";
    assert!(error.to_string().contains(said), "{error}");
    // On the day on which it did, or on one before any that it could tell, it is the same watch.
    for from in ["2026-01-11", "2026-01-05"] {
        let mut journal = journal.clone();
        change(&mut journal, "N", "2026-01-16", &since(from)).unwrap();
        let mut journal = reopened(&journal);
        // ann stands as she was told of, and is not told of again.
        enter(&mut journal, "2026-01-18", &[]);
        assert_eq!(brought(&journal, "2026-01-17"), Vec::<String>::new());
        assert_eq!(brought(&journal, "2026-01-14"), ["ann Fired"], "{from}");
        reopened(&journal);
    }
    // A day on which it did not begin is refused in a snapshot.
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    assert!(
        text.contains(r#""born":{"service":"2026-01-11"}"#),
        "{text}"
    );
}

/// A watch that comes with a model before the journal goes live begins with it.
#[test]
fn a_watch_of_a_model_that_comes_before_the_first_day_begins_on_that() {
    let mut journal = opened(&model(&json!([])));
    enter(&mut journal, "2025-12-20", &[]);
    let model = monthly();
    journal.introduce(&model);
    enter(
        &mut journal,
        "2025-12-24",
        &[by_model("M", "2026-01-01", &model)],
    );
    let mut journal = reopened(&journal);
    enter(
        &mut journal,
        "2026-01-10",
        &[
            complaint("1", "ann", "2026-01-03"),
            complaint("2", "ann", "2026-01-04"),
        ],
    );
    assert_eq!(brought(&reopened(&journal), "2026-01-04"), ["ann Fired"]);
}
