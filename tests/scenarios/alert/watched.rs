//! Periods that are watched while they run, worked by hand.

use crate::at::PeriodAt;
use chrono::{Days, NaiveDate};
use quotaflow::alert::{AlertError, CorrectiveAction, Event, Monitor, Status, What};
use quotaflow::calendar::{Calendar, Grain, PeriodSet};
use quotaflow::panel::{Column, Panel};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{Life, Persistence, RuleDef, RuleSet, WhenUnknown};
use quotaflow::space::{Axis, Subjects};

use super::{hours, key};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn months() -> PeriodSet {
    Calendar::gregorian()
        .periods(Grain::Month, date("2026-01-01"), date("2026-08-01"))
        .unwrap()
}

/// Complaints of ann, by the days on which they came, as of a day.
fn complaints(days: &[&str], today: NaiveDate) -> Panel {
    let months = months();
    let ann = Subjects::new(Axis::new("person", "person").unwrap(), vec![key("ann")]).unwrap();
    let came = |period: &quotaflow::calendar::Period| {
        let all = days.iter().map(|day| date(day));
        let own = all.filter(|day| period.contains(*day) && *day <= today);
        i64::try_from(own.count()).unwrap()
    };
    let units = months.iter().map(|period| came(&period)).collect();
    let mut panel = Panel::new(ann, months).as_of_day(today);
    let (column, unit) = (
        "complaints".parse().unwrap(),
        "count:complaint".parse().unwrap(),
    );
    panel
        .add(Column::amounts(column, unit, Quantum::ONE, units))
        .unwrap();
    panel
}

fn many() -> RuleDef {
    let mut rule = RuleDef::new("many", "complaints >= 2".parse().unwrap()).unwrap();
    rule.owner = Some(key("manager"));
    rule
}

fn set(rule: RuleDef) -> RuleSet {
    RuleSet::compile([rule], &complaints(&[], date("2026-01-01"))).unwrap()
}

fn said(events: &[Event]) -> Vec<String> {
    let said = |event: &Event| format!("{} {:?}", event.day.format("%m-%d"), event.what);
    events.iter().map(said).collect()
}

const CAME: [&str; 5] = [
    "2026-01-05",
    "2026-01-10",
    "2026-02-01",
    "2026-02-01",
    "2026-03-20",
];

#[test]
fn a_running_month_is_told_every_day_and_its_alert_outlives_the_month() {
    let rules = set(many());
    let panels = |today| Ok::<_, AlertError>(complaints(&CAME, today));
    let mut monitor = Monitor::beginning(date("2026-01-01"));
    let mut told = Vec::new();
    for day in date("2026-01-01").iter_days().take(62) {
        told.extend(monitor.watch(&rules, day, &hours(), panels).unwrap());
    }
    // In January from the 10th; in February from the first day on; in March there is nothing yet.
    assert_eq!(said(&told), ["01-10 Fired", "03-01 Resolved"]);
    let alert = &monitor.incidents()[0];
    assert_eq!(alert.id.to_string(), "many | ann | 2026-01-10");
    assert_eq!(
        (alert.since, alert.fired),
        (date("2026-01-10"), date("2026-01-10"))
    );
    let mut once = Monitor::beginning(date("2026-01-01"));
    let through = date("2026-03-03");
    assert_eq!(once.watch(&rules, through, &hours(), panels).unwrap(), told);
    assert_eq!(once, monitor);
    assert_eq!(
        once.watch(&rules, through, &hours(), panels),
        Err(AlertError::OutOfOrder {
            day: through,
            latest: through
        })
    );
}

#[test]
fn a_panel_of_today_tells_the_running_month_again_and_again() {
    let rules = set(many());
    let mut monitor = Monitor::new();
    let mut told = Vec::new();
    for (day, month) in [
        ("2026-01-08", 0),
        ("2026-01-10", 0),
        ("2026-01-20", 0),
        ("2026-03-02", 2),
    ] {
        let panel = complaints(&CAME, date(day));
        let judge = rules.over(&panel).unwrap();
        let at = date(day).and_hms_opt(20, 0, 0).unwrap();
        told.extend(monitor.advance(&judge, judge.period_at(month), at).unwrap());
    }
    // January and February are told on their last days before March is.
    assert_eq!(said(&told), ["01-10 Fired", "03-02 Resolved"]);
    let panel = complaints(&CAME, date("2026-03-02"));
    let judge = rules.over(&panel).unwrap();
    let at = date("2026-03-02").and_hms_opt(20, 0, 0).unwrap();
    assert_eq!(
        monitor
            .advance(&judge, judge.period_at(3), at)
            .unwrap_err()
            .to_string(),
        "the period that starts on 2026-04-01 has not begun as of 2026-03-02, the day of the panel's figures"
    );
    assert_eq!(
        monitor
            .advance(&judge, judge.period_at(2), at)
            .unwrap_err()
            .to_string(),
        "2026-03-02 does not come after 2026-03-02, the latest day reported; correct what was reported instead of reporting it again"
    );
}

#[test]
fn months_that_nobody_asked_for_are_filled() {
    let rules = set(many().lasting(Persistence::Periods(2.into())));
    let days = [
        "2026-05-02",
        "2026-05-03",
        "2026-06-02",
        "2026-06-03",
        "2026-07-02",
        "2026-07-03",
    ];
    let panel = complaints(&days, date("2026-07-31"));
    let judge = rules.over(&panel).unwrap();
    let at = date("2026-08-01").and_hms_opt(6, 0, 0).unwrap();
    let (mut skipped, mut each) = (Monitor::new(), Monitor::new());
    let mut told = Vec::new();
    for month in [4, 5, 6] {
        told.extend(each.advance(&judge, judge.period_at(month), at).unwrap());
    }
    skipped.advance(&judge, judge.period_at(4), at).unwrap();
    assert_eq!(
        skipped.advance(&judge, judge.period_at(6), at).unwrap(),
        told
    );
    assert_eq!(skipped, each);
    assert_eq!(said(&told), ["06-30 Fired"]);
    assert_eq!(each.incidents()[0].since, date("2026-05-31"));
}

#[test]
fn what_people_decide_holds_across_the_end_of_the_month() {
    let life = Life {
        repeat_days: 2,
        acknowledged_days: 20,
        ..Life::default()
    };
    let rules = set(many().living(life));
    let days = ["2026-01-28", "2026-01-29", "2026-02-01", "2026-02-01"];
    let panels = |today| Ok::<_, AlertError>(complaints(&days, today));
    let (mut monitor, mut told) = (Monitor::beginning(date("2026-01-27")), Vec::new());
    for day in date("2026-01-27").iter_days().take(30) {
        told.extend(monitor.watch(&rules, day, &hours(), panels).unwrap());
        let open = monitor.open().next().map(|record| record.id.clone());
        match (day.to_string().as_str(), open) {
            ("2026-01-30", Some(id)) => monitor.snooze(&id, date("2026-02-03")).unwrap(),
            ("2026-02-03", Some(id)) => {
                let at = day.and_hms_opt(21, 0, 0).unwrap();
                monitor.acknowledge(&id, key("eva"), at).unwrap();
            }
            _ => {}
        }
    }
    assert_eq!(
        said(&told),
        [
            "01-29 Fired",
            "02-03 Woken",
            "02-23 Unattended",
            "02-25 Repeated"
        ]
    );
    assert_eq!(monitor.incidents().len(), 1);
}

#[test]
fn a_rule_that_is_taken_out_ends_its_alerts_and_no_others() {
    let other = RuleDef::new("any", "complaints >= 1".parse().unwrap()).unwrap();
    let first = complaints(&[], date("2026-01-01"));
    let both = RuleSet::compile([many(), other.clone()], &first).unwrap();
    let one = RuleSet::compile([other], &first).unwrap();
    let panels = |today| Ok::<_, AlertError>(complaints(&CAME, today));
    let mut monitor = Monitor::beginning(date("2026-01-01"));
    let told = monitor
        .watch(&both, date("2026-01-12"), &hours(), panels)
        .unwrap();
    assert_eq!(said(&told), ["01-05 Fired", "01-10 Fired"]);
    let told = monitor
        .watch(&one, date("2026-01-14"), &hours(), panels)
        .unwrap();
    assert_eq!(said(&told), ["01-13 Expired"]);
    let open: Vec<&str> = monitor
        .open()
        .map(|record| record.id.rule().as_str())
        .collect();
    assert_eq!(open, ["any"]);
}

#[test]
fn what_was_corrected_away_stays_withdrawn_and_comes_back_with_what_people_did() {
    let rules = set(many());
    let (came, before): (&[&str], &[&str]) = (&CAME[..2], &CAME[..1]);
    let mut monitor = Monitor::beginning(date("2026-01-01"));
    monitor
        .watch(&rules, date("2026-01-12"), &hours(), |today| {
            Ok::<_, AlertError>(complaints(came, today))
        })
        .unwrap();
    let id = monitor.incidents()[0].id.clone();
    let at = date("2026-01-12").and_hms_opt(21, 0, 0).unwrap();
    let action = CorrectiveAction {
        action: "a call".into(),
        owner: key("eva"),
        deadline: date("2026-01-20"),
        check: date("2026-01-25"),
        done: Some(date("2026-01-13")),
        outcome: None,
    };
    monitor.acknowledge(&id, key("eva"), at).unwrap();
    monitor.assign(&id, action.clone()).unwrap();
    let told = monitor.incidents().to_vec();
    let again = |monitor: &mut Monitor, days: &[&str]| {
        monitor
            .rewatch(&rules, at, |today| {
                Ok::<_, AlertError>(complaints(days, today))
            })
            .unwrap()
    };
    let changed = again(&mut monitor, before);
    assert_eq!(changed.len(), 1);
    let withdrawn = &monitor.incidents()[0];
    let was = Box::new(told[0].status.clone());
    let on = date("2026-01-12");
    assert_eq!(
        (&withdrawn.id, &withdrawn.status),
        (&id, &Status::Withdrawn { on, was })
    );
    assert_eq!(withdrawn.corrective_action.as_deref(), Some(&action));
    assert_eq!((monitor.open().count(), withdrawn.was_open(on)), (0, false));
    assert_eq!(again(&mut monitor, before), vec![]);
    // Saved and read back, it is known still; days go on without it.
    let text = serde_json::to_string(&monitor).unwrap();
    let mut monitor: Monitor = serde_json::from_str(&text).unwrap();
    let panels = |today| Ok::<_, AlertError>(complaints(before, today));
    assert_eq!(
        monitor
            .watch(&rules, date("2026-01-26"), &hours(), panels)
            .unwrap(),
        []
    );
    let changed = again(&mut monitor, came);
    assert_eq!(changed[0].id, id);
    let back = monitor.incidents();
    assert_eq!(back, told);
    assert_eq!(back[0].acknowledgements.len(), 1);
}

#[test]
fn history_is_closed_and_forgotten_while_open_alerts_are_kept() {
    let rules = set(many());
    let panels = |today| Ok::<_, AlertError>(complaints(&CAME, today));
    let mut monitor = Monitor::beginning(date("2026-01-01"));
    monitor
        .watch(&rules, date("2026-02-10"), &hours(), panels)
        .unwrap();
    let untouched = monitor.clone();
    assert_eq!(
        monitor.close(&rules, date("2026-01-20"), panels).unwrap(),
        []
    );
    assert_eq!(monitor.closed_through(), Some(date("2026-01-20")));
    assert_eq!(monitor.incidents(), untouched.incidents());
    // From now on nobody asks for a day that is closed, so that a panel of a rolling window is enough.
    let at = date("2026-02-10").and_hms_opt(21, 0, 0).unwrap();
    let window = |today: NaiveDate| {
        assert!(today > date("2026-01-20"), "{today} is closed");
        Ok::<_, AlertError>(complaints(&CAME, today))
    };
    assert_eq!(monitor.rewatch(&rules, at, window).unwrap(), []);
    // What is corrected in days that are closed changes nothing any more; later days do.
    let less = |today: NaiveDate| Ok::<_, AlertError>(complaints(&CAME[2..3], today));
    let changed = monitor.rewatch(&rules, at, less).unwrap();
    assert_eq!(changed.len(), 1);
    assert_eq!(
        monitor.incidents()[0].status,
        Status::Resolved {
            on: date("2026-01-21")
        }
    );
    // Through the latest day nobody is asked at all; what is over is forgotten but for the latest of its kind.
    let nobody = |_| -> Result<Panel, AlertError> { unreachable!("all is known") };
    assert_eq!(
        monitor.close(&rules, date("2026-03-01"), nobody).unwrap(),
        []
    );
    assert_eq!(monitor.closed_through(), Some(date("2026-02-10")));
    assert_eq!(monitor.rewatch(&rules, at, nobody).unwrap(), []);
}

#[test]
fn a_monitor_whose_history_is_closed_stays_as_large_as_what_is_open() {
    let people: Vec<_> = (0..40).map(|at| key(&format!("p{at}"))).collect();
    let people = Subjects::new(Axis::new("person", "person").unwrap(), people).unwrap();
    // Everybody is idle every third day: an alert a day and its end, for years.
    let week = |today: NaiveDate| {
        let from = today - Days::new(6);
        let days = Calendar::gregorian()
            .periods(Grain::Day, from, today + Days::new(1))
            .unwrap();
        let mut panel = Panel::new(people.clone(), days).as_of_day(today);
        let idle = |day: NaiveDate, person: usize| {
            let at = usize::try_from((day - date("2026-01-01")).num_days() + 9).unwrap();
            i64::from(!(at + person).is_multiple_of(3))
        };
        let days = from.iter_days().take(7);
        let units = days.flat_map(|day| (0..40).map(move |person| idle(day, person)));
        let (column, unit) = ("visits".parse().unwrap(), "count:visit".parse().unwrap());
        let visits = Column::amounts(column, unit, Quantum::ONE, units.collect());
        panel.add(visits).unwrap();
        Ok::<_, AlertError>(panel)
    };
    let rule = RuleDef::new("idle", "visits < 1".parse().unwrap()).unwrap();
    let rules = RuleSet::compile([rule], &week(date("2026-01-01")).unwrap()).unwrap();
    let mut monitor = Monitor::beginning(date("2026-01-01"));
    let (mut sizes, mut forgotten) = (Vec::new(), 0);
    for (at, day) in date("2026-01-01").iter_days().take(3 * 365).enumerate() {
        monitor.watch(&rules, day, &hours(), week).unwrap();
        forgotten += monitor
            .close(&rules, day - Days::new(5), week)
            .unwrap()
            .len();
        if at % 365 == 364 {
            sizes.push(serde_json::to_string(&monitor).unwrap().len());
        }
    }
    assert!(forgotten > 10_000, "{forgotten}");
    // The counts of alerts before grow by a digit.
    assert!(sizes[2] < sizes[0] + sizes[0] / 20, "{sizes:?}");
}

#[test]
fn what_cannot_be_said_of_a_running_month_is_told_once() {
    let rules = set(many().when_unknown(WhenUnknown::Report));
    let panels = |today: NaiveDate| {
        let mut panel =
            Panel::new(complaints(&[], today).subjects().clone(), months()).as_of_day(today);
        let (column, unit) = (
            "complaints".parse().unwrap(),
            "count:complaint".parse().unwrap(),
        );
        let none = vec![Some(quotaflow::panel::Reason::NotYetDue); 7];
        let complaints = Column::amounts(column, unit, Quantum::ONE, vec![0; 7]);
        panel.add(complaints.with_reasons(&none).unwrap()).unwrap();
        Ok::<_, AlertError>(panel)
    };
    let mut monitor = Monitor::beginning(date("2026-01-30"));
    let told = monitor
        .watch(&rules, date("2026-02-03"), &hours(), panels)
        .unwrap();
    assert_eq!(told.len(), 1);
    assert!(matches!(told[0].what, What::Undecided(_)));
    assert_eq!(told[0].day, date("2026-01-30"));
}
