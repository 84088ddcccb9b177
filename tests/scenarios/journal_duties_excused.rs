//! Duties from which somebody is excused, worked by hand.

use quotaflow::calendar::DayRange;
use quotaflow::journal::{Close, Entry, Journal, Snapshot};
use quotaflow::model::Model;
use quotaflow::panel::{Panel, Reason};
use quotaflow::quantity::Ratio;
use serde_json::json;

use crate::journal_duties::{
    date, definition, enter, evening, excused, id, model, opened, told, visit,
};
use crate::journal_duties_told::{lenient, state};

fn figure(panel: &Panel, column: &str, row: &str, period: &str) -> Result<Ratio, Reason> {
    panel.get(column, [row], period).unwrap().ratio()
}

#[test]
fn who_is_excused_misses_nothing_from_the_day_on_which_that_was_decided() {
    let mut document = definition();
    document["views"][0]["show"] = json!([
        "visits.due",
        "visits.missing",
        "visits.excused",
        "visits.completeness"
    ]);
    let model: Model = serde_json::from_value(document).unwrap();
    let mut journal = Journal::new(&model, date("2026-01-01")).unwrap();
    let entries = [
        visit("1", "ann", "2026-01-05"),
        visit("2", "ann", "2026-01-06"),
        visit("3", "ann", "2026-01-12"),
        // Of Friday the 16th, decided on the Monday after.
        excused("x", "2026-01-19", ("ann", "2026-01-12", "2026-01-17")),
    ];
    enter(&mut journal, "2026-01-21", &entries);
    let asked = |as_of: &str| {
        journal
            .view("people")
            .unwrap()
            .as_of(date(as_of))
            .panel()
            .unwrap()
    };
    let panel = asked("2026-01-21");
    let of = |what: &str| figure(&panel, &format!("visits.{what}"), "ann", "2026-01");
    // Fridays the 2nd (none of two), the 9th (both), the 16th (one, the other excused).
    assert_eq!(
        [of("due"), of("missing"), of("excused")],
        [5, 2, 1].map(|all| Ok(all.into()))
    );
    assert_eq!(of("completeness"), Ok(Ratio::new(3, 5).unwrap()));
    let before = asked("2026-01-18");
    assert_eq!(
        figure(&before, "visits.missing", "ann", "2026-01"),
        Ok(3.into())
    );
    assert_eq!(
        figure(&before, "visits.excused", "ann", "2026-01"),
        Ok(0.into())
    );
    // It is told on its day.
    let day = journal.day(date("2026-01-19")).unwrap();
    let told: Vec<_> = day
        .duties
        .iter()
        .map(|own| (own.member.as_str(), own.due, own.before, own.after))
        .collect();
    let after = Some(state([1, 0, 0, 0])).map(|own| {
        let mut own = own;
        own.excused = 1;
        own
    });
    assert_eq!(
        told,
        [("ann", date("2026-01-16"), Some(state([1, 0, 1, 0])), after)]
    );
    // A void takes it back, as what became known late; the decision and its void stay.
    enter(
        &mut journal,
        "2026-01-22",
        &[Entry::void(id("v"), date("2026-01-22"), id("x"))],
    );
    let panel = journal.view("people").unwrap().panel().unwrap();
    assert_eq!(
        figure(&panel, "visits.missing", "ann", "2026-01"),
        Ok(3.into())
    );
    let day = journal.day(date("2026-01-22")).unwrap();
    let told: Vec<_> = day
        .duties
        .iter()
        .map(|own| (own.learned.is_some(), own.before, own.after))
        .collect();
    assert_eq!(told, [(true, after, Some(state([1, 0, 1, 0])))]);
    assert!(journal.find(&id("x")).is_some() && journal.find(&id("v")).is_some());
}

#[test]
fn a_team_is_excused_as_those_who_are_in_it_on_the_due_day() {
    let mut journal = opened();
    let entries = [
        excused("x", "2026-01-03", ("south", "2026-01-09", "2026-01-17")),
        Entry::moving(id("m"), date("2026-01-12"), ("person", "ann", "south")).unwrap(),
        // Whoever is not there yet is waited for.
        excused("y", "2026-01-03", ("cy", "2026-01-09", "2026-01-17")),
    ];
    enter(&mut journal, "2026-01-20", &entries);
    assert_eq!(journal.waiting().len(), 1);
    // Bo has the 2nd only, and Ann the 2nd and the 9th.
    assert_eq!(
        told(&journal, "people", &["bo"], "2026-01", "2026-01-20"),
        [2, 0, 2]
    );
    assert_eq!(
        told(&journal, "people", &["ann"], "2026-01", "2026-01-20"),
        [4, 0, 4]
    );
    let join = Entry::join(id("j"), date("2026-01-05"), ("person", "person", "cy")).unwrap();
    enter(&mut journal, "2026-01-21", &[join.under("north").unwrap()]);
    assert!(journal.waiting().is_empty());
    enter(&mut journal, "2026-01-24", &[]);
    assert_eq!(
        told(&journal, "people", &["cy"], "2026-01", "2026-01-24"),
        [2, 0, 2]
    );
}

#[test]
fn what_is_done_after_a_due_day_that_is_excused_is_done_for_the_next_one() {
    let mut journal = Journal::new(&lenient(), date("2026-01-01")).unwrap();
    let entries = [
        excused("x", "2026-01-03", ("ann", "2026-01-09", "2026-01-10")),
        visit("1", "ann", "2026-01-08"),
        // Within the days of grace of the one that is excused.
        visit("2", "ann", "2026-01-10"),
        visit("3", "ann", "2026-01-11"),
    ];
    enter(&mut journal, "2026-01-20", &entries);
    let friday = journal.day(date("2026-01-16")).unwrap();
    assert_eq!(friday.duties[0].after, Some(state([2, 0, 0, 0])));
}

#[test]
fn an_excuse_of_closed_books_adjusts_the_first_open_period_and_survives_a_snapshot() {
    let mut journal = opened();
    enter(
        &mut journal,
        "2026-01-31",
        &[visit("1", "ann", "2026-01-05")],
    );
    let close = Entry::close(id("c"), date("2026-01-31"), Close::Hard);
    enter(&mut journal, "2026-02-02", &[close]);
    let excuse = excused("x", "2026-02-03", ("ann", "2026-01-09", "2026-01-10"));
    let receipt = journal
        .enter(evening("2026-02-03"), date("2026-02-03"), &[excuse])
        .unwrap();
    assert_eq!(receipt.late.len(), 1);
    let text = serde_json::to_string(&journal.snapshot()).unwrap();
    let again: Snapshot = serde_json::from_str(&text).unwrap();
    let again = Journal::open(&model(), again).unwrap();
    for journal in [&journal, &again] {
        let panel = journal.view("people").unwrap().panel().unwrap();
        assert_eq!(
            figure(&panel, "visits.missing", "ann", "2026-01"),
            Ok(9.into())
        );
        let adjusted = "adjustment of 2026-01 (visits.missing)";
        assert_eq!(figure(&panel, adjusted, "ann", "2026-02"), Ok((-1).into()));
    }
}

#[test]
fn an_excuse_without_a_name_or_of_no_duty_or_nobody_who_has_it_is_refused() {
    let mut journal = opened();
    let days = DayRange::new(date("2026-01-09"), date("2026-01-10")).unwrap();
    let of = |duty: &str| Entry::excuse(id("x"), date("2026-01-09"), (duty, "ann"), days).unwrap();
    let mut document = definition();
    document["duties"][0]["who"]["level"] = json!("team");
    document["views"].as_array_mut().unwrap().remove(0);
    let teams: Model = serde_json::from_value(document).unwrap();
    let mut refused = |entry: Entry| {
        let error = journal.enter(evening("2026-01-10"), date("2026-01-10"), &[entry]);
        error.unwrap_err().to_string()
    };
    assert!(refused(of("visits")).contains("needs a name and a reason"));
    let unknown = refused(of("visit").by("eva").because("a fair"));
    assert!(
        unknown.contains("there is no duty `visit`") && unknown.contains("visits"),
        "{unknown}"
    );
    let mut journal = Journal::new(&teams, date("2026-01-01")).unwrap();
    let error = journal.enter(
        evening("2026-01-10"),
        date("2026-01-10"),
        &[of("visits").by("eva").because("a fair")],
    );
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("`ann` neither has the duty `visits` nor stands above"),
        "{error}"
    );
}
