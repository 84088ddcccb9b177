//! Duties of posts, worked by hand: who is accountable for them while posts are held, shared, vacant, and while somebody is absent; and
//! duties of people by the parts of the posts that they hold.

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::calendar::DayRange;
use quotaflow::journal::{Close, DutyNotice, Entry, Journal, Snapshot};
use quotaflow::key::Key;
use quotaflow::ledger::Record;
use quotaflow::model::{Model, ModelDef};
use quotaflow::panel::Reason;
use quotaflow::quantity::Ratio;
use quotaflow::space::{Tenure, TenureDef};
use serde_json::{Value, json};

use crate::journal_posts::{hr, joins};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn evening(day: &str) -> NaiveDateTime {
    date(day).and_hms_opt(22, 0, 0).unwrap()
}

/// Two visits by each Friday for each post (lead, n1 and the vacant n2 in the north, s1 in the south; cai leads the north).
pub fn document() -> Value {
    let mut document = crate::journal_posts::document();
    let (post, person) = (
        json!({"dimension": "post", "level": "post"}),
        json!({"dimension": "person", "level": "person"}),
    );
    let months = json!({"grain": "month", "from": "2026-01-01", "to": "2027-01-01"});
    let show = json!([
        "visits.due",
        "visits.on_time",
        "visits.missing",
        "visits.excused"
    ]);
    document["working_days"] =
        json!({"key": "office", "week": ["1", "1", "1", "1", "1", "0", "0"]});
    document["kinds"] = json!([
        {"key": "visit", "dimensions": [{"field": "person"}, {"field": "post"}], "credit": "person"}
    ]);
    let parts = document.as_object_mut().unwrap();
    parts.retain(|key, _| !["metrics", "plans", "measures"].contains(&key.as_str()));
    document["duties"] = json!([{"key": "visits", "who": post, "evidence": {"kinds": ["visit"]}, "times": 2,
        "cadence": {"anchor": "2026-01-05", "rhythm": {"kind": "weekly", "every": 1, "days": ["Fri"]}}}]);
    document["views"] = json!([
        {"key": "posts", "rows": [post], "periods": months, "show": show},
        {"key": "teams", "rows": [{"dimension": "post", "level": "team"}], "periods": months, "show": show},
        {"key": "people", "rows": [person], "periods": months, "show": show},
        {"key": "whole", "periods": months, "show": show}
    ]);
    document
}

/// The same as a duty of people.
pub fn of_people() -> Value {
    let mut document = document();
    document["duties"][0]["who"] = json!({"dimension": "person", "level": "person"});
    let views = document["views"].as_array_mut().unwrap();
    views.retain(|view| view["key"] == "people" || view["key"] == "whole");
    document
}

fn begun(document: &Value) -> Journal {
    let model: Model = serde_json::from_value(document.clone()).unwrap();
    Journal::new(&model, date("2026-01-01")).unwrap()
}

fn enter(journal: &mut Journal, through: &str, entries: &[Entry]) {
    let through = date(through);
    let known = through.and_hms_opt(22, 0, 0).unwrap();
    journal.enter(known, through, entries).unwrap();
}

fn visit(id: &str, day: &str, members: &[(&str, &str)]) -> Entry {
    let record = Record::new("visit", date(day)).id(id);
    let record = members
        .iter()
        .fold(record, |record, (field, member)| record.of(*field, *member));
    Entry::record("crm", record).unwrap()
}

fn holds(
    name: &str,
    from: &str,
    to: Option<&str>,
    (post, person): (&str, &str),
    how: Tenure,
) -> Entry {
    let mut tenure = TenureDef::always(post, person).unwrap().as_tenure(how);
    tenure.to = to.map(date);
    Entry::hold(hr(name), date(from), tenure)
}

/// Due, done in time, missing and excused in January of all rows that have any.
fn january(journal: &Journal, view: &str, as_of: &str) -> Vec<(String, [i64; 4])> {
    let panel = journal
        .view(view)
        .unwrap()
        .as_of(date(as_of))
        .panel()
        .unwrap();
    let rows = panel.subjects().ids();
    let told = rows.filter_map(|row| {
        let members = panel.subjects().members(row);
        let own = ["due", "on_time", "missing", "excused"].map(|what| {
            let told = panel.get(
                &format!("visits.{what}"),
                members.iter().map(Key::as_str),
                "2026-01",
            );
            told.unwrap()
                .ratio()
                .map_or(0, |own| i64::try_from(own.numerator()).unwrap())
        });
        let name = members.first().map_or("", Key::as_str).to_owned();
        (own != [0; 4]).then_some((name, own))
    });
    told.collect()
}

fn wanted(all: &[(&str, [i64; 4])]) -> Vec<(String, [i64; 4])> {
    all.iter()
        .map(|(name, own)| ((*name).to_owned(), *own))
        .collect()
}

/// What a day tells: of which post, who is accountable, and how many are missing, still to come and excused.
fn brought(journal: &Journal, day: &str) -> Vec<(String, Option<String>, [i64; 3])> {
    let told = |own: DutyNotice| {
        let after = own.after.unwrap_or_default();
        let who = own.accountable.map(|who| who.to_string());
        (
            own.member.to_string(),
            who,
            [after.missing, after.not_yet_due, after.excused],
        )
    };
    journal
        .day(date(day))
        .unwrap()
        .duties
        .into_iter()
        .map(told)
        .collect()
}

#[test]
fn a_duty_of_a_post_is_done_by_whoever_holds_it_and_falls_to_who_does_on_the_due_day() {
    let mut journal = begun(&document());
    let entries = [
        // ann has n1 until the 14th, and then dan.
        visit("1", "2026-01-13", &[("person", "ann")]),
        Entry::vacate(hr("1"), date("2026-01-15"), "n1", Some("ann")).unwrap(),
        joins("2", "2026-01-15", "dan"),
        holds("3", "2026-01-15", None, ("n1", "dan"), Tenure::Regular),
        visit("2", "2026-01-16", &[("person", "dan")]),
        visit("3", "2026-01-16", &[("post", "s1")]),
    ];
    enter(&mut journal, "2026-01-18", &entries);
    // Fridays the 9th and the 16th; the one visit of each of the two is that of the post.
    let posts = wanted(&[
        ("lead", [4, 0, 4, 0]),
        ("n1", [4, 2, 2, 0]),
        ("n2", [4, 0, 4, 0]),
        ("s1", [4, 1, 3, 0]),
    ]);
    assert_eq!(january(&journal, "posts", "2026-01-18"), posts);
    // What n2 lacks is cai's, who leads its team.
    let people = wanted(&[
        ("ann", [2, 0, 2, 0]),
        ("bo", [4, 1, 3, 0]),
        ("cai", [8, 0, 8, 0]),
        ("dan", [2, 2, 0, 0]),
    ]);
    assert_eq!(january(&journal, "people", "2026-01-18"), people);
    let teams = wanted(&[("north", [12, 2, 10, 0]), ("south", [4, 1, 3, 0])]);
    assert_eq!(january(&journal, "teams", "2026-01-18"), teams);
    assert_eq!(
        january(&journal, "whole", "2026-01-18"),
        wanted(&[("", [16, 3, 13, 0])])
    );
    // As it is on the last day, n1 has been dan's all the time.
    let view = journal.view("people").unwrap().as_it_is(date("2026-01-18"));
    let panel = view.panel().unwrap();
    let due = |who: &str| panel.get("visits.due", [who], "2026-01").unwrap().ratio();
    assert_eq!(
        (due("dan"), due("ann")),
        (Ok(4.into()), Err(Reason::NotApplicable))
    );
    // Days tell of whom.
    let named = |post: &str, who: &str, own| (post.to_owned(), Some(who.to_owned()), own);
    assert_eq!(
        brought(&journal, "2026-01-09"),
        [
            named("lead", "cai", [0, 2, 0]),
            named("n1", "ann", [0, 2, 0]),
            named("n2", "cai", [0, 2, 0]),
            named("s1", "bo", [0, 2, 0]),
        ]
    );
    assert_eq!(
        brought(&journal, "2026-01-16")[1],
        named("n1", "dan", [0, 0, 0])
    );
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let again: Snapshot = serde_json::from_str(&text).unwrap();
    let again = Journal::open(&serde_json::from_value(document()).unwrap(), again).unwrap();
    assert_eq!(january(&again, "people", "2026-01-18"), people);
    assert_eq!(
        again.day(date("2026-01-16")).unwrap(),
        journal.day(date("2026-01-16")).unwrap()
    );
}

#[test]
fn what_falls_to_a_vacant_post_is_excused_and_stands_with_nobody_where_the_duty_says_so() {
    let mut document = document();
    document["duties"][0]["vacant"] = json!("nobody");
    let mut journal = begun(&document);
    enter(
        &mut journal,
        "2026-01-12",
        &[visit("1", "2026-01-08", &[("post", "n2")])],
    );
    // Somebody visited for n2 all the same.
    let posts = wanted(&[
        ("lead", [2, 0, 2, 0]),
        ("n1", [2, 0, 2, 0]),
        ("n2", [1, 1, 0, 1]),
        ("s1", [2, 0, 2, 0]),
    ]);
    assert_eq!(january(&journal, "posts", "2026-01-12"), posts);
    let people = wanted(&[
        ("ann", [2, 0, 2, 0]),
        ("bo", [2, 0, 2, 0]),
        ("cai", [2, 0, 2, 0]),
        ("unassigned", [1, 1, 0, 1]),
    ]);
    assert_eq!(january(&journal, "people", "2026-01-12"), people);
    assert_eq!(
        brought(&journal, "2026-01-09")[2],
        ("n2".to_owned(), None, [0, 0, 1])
    );
    // Known late: cai had held it since the 6th. It is told who is accountable, and what is missing after all.
    enter(
        &mut journal,
        "2026-01-13",
        &[holds(
            "1",
            "2026-01-06",
            None,
            ("n2", "cai"),
            Tenure::Regular,
        )],
    );
    let late = journal.day(date("2026-01-13")).unwrap().duties;
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].learned, Some(evening("2026-01-13")));
    assert_eq!(late[0].accountable.as_ref().map(Key::as_str), Some("cai"));
    assert_eq!(late[0].after.unwrap().missing, 1);
    // Nobody leads the south: what nobody holds there falls to nobody, whatever the duty says.
    let mut document = self::document();
    document["posts"]["tenures"].as_array_mut().unwrap().pop();
    let mut journal = begun(&document);
    enter(&mut journal, "2026-01-12", &[]);
    let people = january(&journal, "people", "2026-01-12");
    assert_eq!(
        people.last(),
        wanted(&[("unassigned", [0, 0, 0, 2])]).first()
    );
}

/// ann is away from the 8th to the 20th, and bo acts for her from the 12th on.
fn absence() -> [Entry; 2] {
    let back = Some("2026-01-21");
    [
        holds("1", "2026-01-08", back, ("n1", "ann"), Tenure::Absent),
        holds("2", "2026-01-12", back, ("n1", "bo"), Tenure::Acting),
    ]
}

#[test]
fn what_falls_due_in_an_absence_is_the_deputys_or_excused_as_the_duty_says() {
    // Fridays the 9th (nobody acts), the 16th (bo does) and the 23rd (ann is back), with a visit that bo made for n1.
    let visits = [visit(
        "1",
        "2026-01-14",
        &[("person", "bo"), ("post", "n1")],
    )];
    let entries: Vec<Entry> = absence().into_iter().chain(visits).collect();
    let told = |document: &Value| {
        let mut journal = begun(document);
        enter(&mut journal, "2026-01-24", &entries);
        let mut told = january(&journal, "people", "2026-01-24");
        let is_read = |who: &str| ["ann", "bo", "unassigned"].contains(&who);
        told.retain(|(who, _)| is_read(who));
        told
    };
    let mut document = document();
    // The 9th is cai's, who leads.
    assert_eq!(
        told(&document),
        wanted(&[("ann", [2, 0, 2, 0]), ("bo", [8, 1, 7, 0])])
    );
    document["duties"][0]["vacant"] = json!("nobody");
    let nobody = wanted(&[
        ("ann", [2, 0, 2, 0]),
        ("bo", [8, 1, 7, 0]),
        ("unassigned", [0, 0, 0, 6 + 2]),
    ]);
    assert_eq!(told(&document), nobody);
    // Excused, whoever acts: it stays with who is away.
    document["duties"][0]["absent"] = json!("excused");
    let excused = wanted(&[
        ("ann", [3, 1, 2, 3]),
        ("bo", [6, 0, 6, 0]),
        ("unassigned", [0, 0, 0, 6]),
    ]);
    assert_eq!(told(&document), excused);
}

#[test]
fn a_duty_of_people_is_excused_in_an_absence_or_done_by_the_deputy_beside_their_own() {
    let told = |document: &Value, more: &[Entry]| {
        let mut journal = begun(document);
        let entries: Vec<Entry> = absence().into_iter().chain(more.iter().cloned()).collect();
        enter(&mut journal, "2026-01-24", &entries);
        let told = january(&journal, "people", "2026-01-24");
        (journal, told)
    };
    let mut document = of_people();
    let visits: Vec<Entry> = ["12", "13", "14"]
        .iter()
        .map(|day| visit(day, &format!("2026-01-{day}"), &[("person", "bo")]))
        .collect();
    let (journal, people) = told(&document, &visits);
    // bo has two of his own on each Friday and two for ann on the 16th; nobody acts on the 9th.
    let wanted_people = wanted(&[
        ("ann", [2, 0, 2, 2]),
        ("bo", [8, 3, 5, 0]),
        ("cai", [6, 0, 6, 0]),
    ]);
    assert_eq!(people, wanted_people);
    let friday = journal.day(date("2026-01-16")).unwrap().duties;
    let told_of: Vec<_> = friday
        .iter()
        .map(|own| (own.member.as_str(), own.after.unwrap()))
        .map(|(who, own)| (who, own.on_time, own.not_yet_due))
        .collect();
    assert_eq!(told_of, [("bo", 3, 1), ("cai", 0, 2)]);
    // What ann is excused from by an entry is nobody else's.
    let days = DayRange::new(date("2026-01-16"), date("2026-01-17")).unwrap();
    let excuse = Entry::excuse(hr("x"), date("2026-01-15"), ("visits", "ann"), days).unwrap();
    let (_, people) = told(&document, &[excuse.by("eva").because("a fair")]);
    let excused = wanted(&[
        ("ann", [2, 0, 2, 4]),
        ("bo", [6, 0, 6, 0]),
        ("cai", [6, 0, 6, 0]),
    ]);
    assert_eq!(people, excused);
    document["duties"][0]["absent"] = json!("excused");
    assert_eq!(told(&document, &[]).1, excused);
}

#[test]
fn part_time_scales_what_is_asked_by_days_to_the_nearest_whole_number() {
    let mut document = of_people();
    (
        document["duties"][0]["times"],
        document["duties"][0]["stay"],
    ) = (json!(10), json!("by_parts"));
    let half = TenureDef::always("n1", "ann")
        .unwrap()
        .part(Ratio::percent(50));
    let entries: Vec<Entry> = absence()
        .into_iter()
        .chain([Entry::hold(hr("3"), date("2026-01-26"), half)])
        .collect();
    let told = |document: &Value| {
        let mut journal = begun(document);
        enter(&mut journal, "2026-01-31", &entries);
        january(&journal, "people", "2026-01-31")
    };
    // Ten a week of five days. ann: three days before her absence 6, none, then three days (of the 21st to the 23rd) 6, then half of ten: 17 in all.
    // bo has 10, then 20 as he acts for all of the week, then two days more: 14, then 10.
    assert_eq!(
        told(&document),
        wanted(&[
            ("ann", [17, 0, 17, 0]),
            ("bo", [54, 0, 54, 0]),
            ("cai", [40, 0, 40, 0])
        ])
    );
    document["duties"][0]["absent"] = json!("excused");
    assert_eq!(told(&document)[1], ("bo".to_owned(), [40, 0, 40, 0]));
    // Of the posts themselves what nobody holds falls away, and stands with who held the rest last.
    document = self::document();
    (
        document["duties"][0]["times"],
        document["duties"][0]["stay"],
    ) = (json!(10), json!("by_parts"));
    document["duties"][0]["vacant"] = json!("nobody");
    let mut journal = begun(&document);
    enter(&mut journal, "2026-01-31", &entries);
    let posts = january(&journal, "posts", "2026-01-31");
    // n1: 6 in the week in which nobody acts on two days, then 10, 10 (bo until the 20th, then ann), and half.
    let all = wanted(&[
        ("lead", [40, 0, 40, 0]),
        ("n1", [31, 0, 31, 0]),
        ("s1", [40, 0, 40, 0]),
    ]);
    assert_eq!(posts, all);
    assert_eq!(
        january(&journal, "people", "2026-01-31"),
        wanted(&[
            ("ann", [21, 0, 21, 0]),
            ("bo", [50, 0, 50, 0]),
            ("cai", [40, 0, 40, 0])
        ])
    );
}

#[test]
fn who_joins_later_than_they_hold_a_post_is_told_to_be_accountable_on_the_day_on_which_they_join() {
    let mut journal = begun(&document());
    let entries = [
        holds("1", "2026-01-06", None, ("n2", "dan"), Tenure::Regular),
        joins("2", "2026-01-14", "dan"),
    ];
    enter(&mut journal, "2026-01-20", &entries);
    let told = |day: &str| -> Vec<(String, Option<String>)> {
        let all = brought(&journal, day).into_iter();
        all.filter(|(post, ..)| post == "n2")
            .map(|(post, who, _)| (post, who))
            .collect()
    };
    let of = |who: &str| vec![("n2".to_owned(), Some(who.to_owned()))];
    assert_eq!(told("2026-01-09"), of("cai"));
    assert_eq!(told("2026-01-14"), of("dan"));
    let model: Model = serde_json::from_value(document()).unwrap();
    let again = Journal::open(&model, journal.snapshot()).unwrap();
    assert_eq!(
        brought(&again, "2026-01-14"),
        brought(&journal, "2026-01-14")
    );
}

/// Who is accountable by what a snapshot told late is somebody else.
fn told_late_of(snapshot: &mut Value, who: &str) {
    match snapshot {
        Value::Object(parts) => {
            if parts.contains_key("learned") && parts.contains_key("accountable") {
                parts["accountable"] = json!(who);
            }
            parts.values_mut().for_each(|part| told_late_of(part, who));
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| told_late_of(part, who)),
        _ => (),
    }
}

#[test]
fn a_snapshot_in_which_nothing_but_who_is_accountable_changed_is_opened_and_nobody_else_is_believed_to_be()
 {
    let opened = |document: &Value, snapshot: Value| {
        let model: Model = serde_json::from_value(document.clone()).unwrap();
        Journal::open(
            &model,
            serde_json::from_value::<Snapshot>(snapshot).unwrap(),
        )
    };
    let document = document();
    let mut journal = begun(&document);
    enter(&mut journal, "2026-01-12", &[]);
    // Known late: the vacant n2, which cai answered for, had been bo's. As many are missing as before.
    let held = holds("1", "2026-01-06", None, ("n2", "bo"), Tenure::Regular);
    enter(&mut journal, "2026-01-13", &[held]);
    let late = journal.day(date("2026-01-13")).unwrap().duties;
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].before, late[0].after);
    assert_eq!(late[0].after.unwrap().missing, 2);
    assert_eq!(late[0].accountable.as_ref().map(Key::as_str), Some("bo"));
    let snapshot = serde_json::to_value(journal.snapshot()).unwrap();
    let again = opened(&document, snapshot.clone()).unwrap();
    assert_eq!(again.day(date("2026-01-13")).unwrap().duties, late);
    // That it stayed cai's is no change, and that it became ann's is not what the entries say.
    for other in ["cai", "ann"] {
        let mut altered = snapshot.clone();
        told_late_of(&mut altered, other);
        assert_ne!(altered, snapshot);
        assert!(opened(&document, altered).is_err(), "{other}");
    }
    // What falls to bo of his own and for ann is told as one.
    let document = of_people();
    let mut journal = begun(&document);
    enter(&mut journal, "2026-01-24", &absence());
    let told = |journal: &Journal| {
        let days = ["2026-01-09", "2026-01-16", "2026-01-17", "2026-01-23"];
        days.map(|day| journal.day(date(day)).unwrap().duties)
    };
    let snapshot = serde_json::to_value(journal.snapshot()).unwrap();
    let again = opened(&document, snapshot).unwrap();
    assert_eq!(told(&again), told(&journal));
    let friday = &told(&journal)[1][0];
    assert_eq!(friday.member.as_str(), "bo");
    assert_eq!(friday.after.unwrap().not_yet_due, 4);
}

#[test]
fn a_close_fixes_who_was_accountable_and_later_knowledge_adjusts_both_rows() {
    let mut journal = begun(&document());
    enter(&mut journal, "2026-01-31", &[]);
    let close = Entry::close(hr("c"), date("2026-01-31"), Close::Hard);
    enter(&mut journal, "2026-02-02", &[close]);
    let told = january(&journal, "people", "2026-02-02");
    // bo had been acting in n1 while ann was away.
    enter(&mut journal, "2026-02-03", &absence());
    assert_eq!(january(&journal, "people", "2026-02-03"), told);
    let panel = journal.view("people").unwrap().panel().unwrap();
    let adjusted = |who: &str| {
        let column = "adjustment of 2026-01 (visits.missing)";
        panel.get(column, [who], "2026-02").unwrap().ratio()
    };
    // The 9th is cai's, the 16th bo's.
    assert_eq!(
        [adjusted("ann"), adjusted("bo"), adjusted("cai")],
        [-4, 2, 2].map(|all: i64| Ok(all.into()))
    );
}

#[test]
fn a_duty_that_speaks_of_posts_where_there_are_none_is_refused_and_told_what_it_says() {
    let refused = |document: Value| {
        let definition: ModelDef = serde_json::from_value(document).unwrap();
        Model::new(definition).unwrap_err().to_string()
    };
    let mut others = of_people();
    others["posts"]["people"] = json!({"dimension": "post", "level": "post"});
    (others["duties"][0]["stay"], others["duties"][0]["absent"]) =
        (json!("by_parts"), json!("excused"));
    others["duties"][0]["vacant"] = json!("nobody");
    let error = refused(others);
    for (place, rule) in [
        ("vacant", "vacant"),
        ("absent", "absent"),
        ("stay", "by_parts"),
    ] {
        let line = format!("duties[0].{place}: the duty `visits` says `{rule}`");
        assert!(error.contains(&line), "{line}\n{error}");
    }
    let mut people = of_people();
    people["duties"][0]["vacant"] = json!("nobody");
    assert!(refused(people).contains("of a duty of the posts alone"));
    // Records that name people alone find no post.
    let mut alone = document();
    alone["kinds"][0]["dimensions"]
        .as_array_mut()
        .unwrap()
        .pop();
    let error = refused(alone);
    assert!(
        error.contains("duties[0].evidence: records of kind `visit`"),
        "{error}"
    );
}

/// Posts and people are two levels of one dimension, in hierarchies that end in its seats.
#[test]
fn rows_of_people_say_who_is_accountable_where_posts_are_of_the_same_dimension() {
    let mut document = document();
    document["dimensions"] = json!([{"key": "staff",
        "hierarchies": [{"key": "post", "levels": ["team", "post", "seat"], "links": [{"member": "n1", "parent": "north"}]},
            {"key": "person", "levels": ["person", "seat"]}],
        "members": [{"key": "north", "level": "team"}, {"key": "n1", "level": "post"}, {"key": "ann", "level": "person"}]}]);
    let (post, person) = (
        json!({"dimension": "staff", "level": "post"}),
        json!({"dimension": "staff", "level": "person"}),
    );
    document["posts"] =
        json!({"posts": post, "people": person, "tenures": [{"post": "n1", "person": "ann"}]});
    document["kinds"] =
        json!([{"key": "visit", "dimensions": [{"field": "staff"}], "credit": "staff"}]);
    document["duties"][0]["who"] = post.clone();
    for (at, rows) in [post, json!({"dimension": "staff", "level": "team"}), person]
        .iter()
        .enumerate()
    {
        document["views"][at]["rows"] = json!([rows]);
    }
    let mut journal = begun(&document);
    enter(
        &mut journal,
        "2026-01-10",
        &[visit("1", "2026-01-06", &[("staff", "n1")])],
    );
    for (view, row) in [
        ("posts", "n1"),
        ("teams", "north"),
        ("people", "ann"),
        ("whole", ""),
    ] {
        let told = january(&journal, view, "2026-01-10");
        assert_eq!(told, wanted(&[(row, [2, 1, 1, 0])]), "{view}");
    }
}
