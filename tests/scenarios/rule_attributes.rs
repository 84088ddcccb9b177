//! Each attribute of a rule by itself: what it changes, and nothing else.

use crate::at::{PeriodAt, RowAt};
use chrono::NaiveDate;
use quotaflow::alert::{Event, Monitor, What};
use quotaflow::band::{Bands, Owner};
use quotaflow::calendar::{Calendar, Grain, PeriodSet, Shift, WorkingHours, WorkingHoursDef};
use quotaflow::key::Key;
use quotaflow::panel::{Column, Panel, Reason};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{
    Constant, Contributors, Deviation, Grade, Grading, Keep, Life, Persistence, RuleDef, RuleError,
    RuleSet, Rung, Severity, Span, Verdict, WhenUnknown,
};
use quotaflow::space::{Axis, Bridge, Dimension, DimensionDef, LinkDef, Subjects};
use quotaflow::text::{Lang, Locale, Texts};

mod scope;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn months(count: usize) -> PeriodSet {
    let end = format!("2026-{:02}-01", count + 1);
    Calendar::gregorian()
        .periods(Grain::Month, day("2026-01-01"), day(&end))
        .unwrap()
}

/// A panel by month from January 2026; a negative number stands for nothing recorded.
fn panel_of(level: &str, names: &[&str], columns: &[(&str, &[i64])]) -> Panel {
    let members = names.iter().map(|name| key(name)).collect();
    let subjects = Subjects::new(Axis::new(level, level).unwrap(), members).unwrap();
    let mut panel = Panel::new(subjects, months(columns[0].1.len() / names.len()));
    for (name, values) in columns {
        let unit = "count:thing".parse().unwrap();
        let states: Vec<Option<Reason>> = values
            .iter()
            .map(|value| match value {
                ..0 => Some(Reason::NothingRecorded),
                _ => None,
            })
            .collect();
        let units = values.iter().map(|value| *value.max(&0)).collect();
        let column = Column::amounts(name.parse().unwrap(), unit, Quantum::ONE, units);
        panel.add(column.with_reasons(&states).unwrap()).unwrap();
    }
    panel
}

/// Visits of ann and bo, month by month.
fn panel(visits: &[i64]) -> Panel {
    panel_of("person", &["ann", "bo"], &[("visits", visits)])
}

/// Both are idle in each of five months.
fn all_idle() -> Panel {
    panel(&[4; 10])
}

fn idle() -> RuleDef {
    RuleDef::new("idle", "visits < 5".parse().unwrap()).unwrap()
}

/// Whom a rule fires for, month by month.
fn fires(rule: RuleDef, panel: &Panel) -> Vec<String> {
    let rules = RuleSet::compile([rule], panel).unwrap();
    let names = |period| {
        let alerts = rules.evaluate(panel, period).unwrap();
        let names = alerts.iter().map(|alert| alert.members()[0].to_string());
        names.collect::<Vec<_>>().join(" ")
    };
    panel.periods().ids().map(names).collect()
}

/// What a monitor tells of ann, month by month.
fn told(rule: RuleDef, visits: &[i64]) -> Vec<String> {
    let panel = panel_of("person", &["ann"], &[("visits", visits)]);
    let rules = RuleSet::compile([rule], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let mut monitor = Monitor::new();
    let mut told = Vec::new();
    for period in 0..visits.len() {
        let at = day("2026-12-01").and_hms_opt(9, 0, 0).unwrap();
        let events = monitor
            .advance(&judge, judge.period_at(period), at)
            .unwrap();
        told.extend(
            events
                .iter()
                .map(|event| format!("{} {:?}", period + 1, event.what)),
        );
    }
    told
}

fn bands(low: Severity, high: Severity) -> Grade {
    Grade::By(Grading {
        of: "visits".parse().unwrap(),
        bands: Bands::from_edges(low, vec![(2.into(), high)], Owner::Upper).unwrap(),
        unknown: Severity::Info,
    })
}

#[test]
fn severity_is_fixed_or_by_size() {
    let panel = panel(&[4, 1]);
    let found = |grade: Grade| -> Vec<Severity> {
        let rules = RuleSet::compile([idle().severity(grade)], &panel).unwrap();
        let alerts = rules.evaluate(&panel, panel.period_at(0)).unwrap();
        alerts
            .iter()
            .map(quotaflow::rule::Alert::severity)
            .collect()
    };
    assert_eq!(
        found(Severity::Info.into()),
        [Severity::Info, Severity::Info]
    );
    // The gravest first: bo made one visit.
    let graded = bands(Severity::Critical, Severity::Warning);
    assert_eq!(found(graded), [Severity::Critical, Severity::Warning]);
}

#[test]
fn persistence_for_so_many_periods() {
    let lasting = |span| idle().lasting(Persistence::Periods(span));
    let panel = panel(&[4, 4, 4, 9, 4, 4]);
    assert_eq!(
        fires(lasting(1.into()), &panel),
        ["ann bo", "ann", "ann bo"]
    );
    assert_eq!(fires(lasting(2.into()), &panel), ["", "ann", "ann"]);
    assert_eq!(fires(lasting(3.into()), &panel), ["", "", "ann"]);
    // Two weeks are not two months.
    let weeks = lasting(Span::of(2, Grain::Week));
    assert!(RuleSet::compile([weeks], &panel).is_err());
}

#[test]
fn persistence_for_so_many_days() {
    let lasting = |days| idle().lasting(Persistence::Days(days));
    let panel = panel(&[4, 4, 4, 9, 4, 4]);
    // From 1 January to 1 February 31 days pass, to 1 March 59.
    assert_eq!(fires(lasting(31), &panel), ["", "ann", "ann"]);
    assert_eq!(fires(lasting(32), &panel), ["", "", "ann"]);
    assert_eq!(fires(lasting(59), &panel), ["", "", "ann"]);
    assert_eq!(fires(lasting(60), &panel), ["", "", ""]);
}

#[test]
fn a_clear_condition_ends_it() {
    let mut rule = idle();
    assert_eq!(told(rule.clone(), &[4, 6, 8]), ["1 Fired", "2 Resolved"]);
    rule.clear = Some("visits >= 8".parse().unwrap());
    assert_eq!(told(rule, &[4, 6, 8]), ["1 Fired", "3 Resolved"]);
}

#[test]
fn an_alert_is_kept_for_so_long() {
    let kept = |keep| {
        idle().living(Life {
            keep,
            ..Life::default()
        })
    };
    let visits = [4, 9, 9, 9, 9];
    assert_eq!(told(kept(Keep::None), &visits), ["1 Fired", "2 Resolved"]);
    let periods = kept(Keep::Periods(2.into()));
    assert_eq!(told(periods, &visits), ["1 Fired", "3 Resolved"]);
    // The first clear month begins on 1 February; 1 April is 59 days later.
    assert_eq!(
        told(kept(Keep::Days(59)), &visits),
        ["1 Fired", "4 Resolved"]
    );
}

#[test]
fn a_cooldown_delays_the_next_one() {
    let rested = |cooldown_days| {
        idle().living(Life {
            cooldown_days,
            ..Life::default()
        })
    };
    let visits = [4, 9, 4, 4];
    assert_eq!(
        told(rested(0), &visits),
        ["1 Fired", "2 Resolved", "3 Fired"]
    );
    // It ended on 28 February; by 31 March 31 days have passed.
    assert_eq!(
        told(rested(31), &visits),
        ["1 Fired", "2 Resolved", "3 Fired"]
    );
    assert_eq!(
        told(rested(32), &visits),
        ["1 Fired", "2 Resolved", "4 Fired"]
    );
}

#[test]
fn a_message_and_an_action_in_both_languages() {
    let mut rule = RuleDef::new("idle", "visits < $limit".parse().unwrap())
        .unwrap()
        .with(
            "limit",
            Constant {
                value: 5.into(),
                unit: None,
            },
        )
        .unwrap()
        .severity(Severity::Serious)
        .saying(
            Lang::EN,
            "{rule}: {subject} made {visits} of {limit} in {period} ({severity}, {owner})",
        )
        .saying(
            Lang::ZH,
            "{rule}：{subject}在{period}拜访{visits}次，少于{limit}次（{severity}，{owner}）",
        )
        .advising(Lang::EN, "go along with {subject}")
        .advising(Lang::ZH, "与{subject}一起拜访");
    rule.title = Texts::new(Lang::EN, "Too few visits").and(Lang::ZH, "拜访太少");
    rule.owner = Some(key("manager"));
    let panel = panel(&[4, 9]);
    let rules = RuleSet::compile([rule], &panel).unwrap();
    let alert = &rules.evaluate(&panel, panel.period_at(0)).unwrap()[0];
    let explained = alert.explain(&rules, &panel).unwrap();
    let month = panel.periods().label(panel.periods().period_at(0)).unwrap();
    assert_eq!(
        explained.message(&Locale::EN),
        format!("Too few visits: ann made 4 of 5 in {month} (serious, manager)")
    );
    assert_eq!(
        explained.message(&Locale::ZH),
        format!("拜访太少：ann在{month}拜访4次，少于5次（严重，manager）")
    );
    assert_eq!(explained.action(&Locale::EN).unwrap(), "go along with ann");
    assert_eq!(explained.action(&Locale::ZH).unwrap(), "与ann一起拜访");
}

#[test]
fn contributors_of_a_level_and_no_more_than_so_many() {
    let team = panel_of("team", &["north"], &[("visits", &[4])]);
    let people = panel(&[3, 1]);
    let flat = |name: &str, members: &[&str]| {
        let def = DimensionDef::flat(name, name, members.iter().copied());
        Dimension::new(def.unwrap()).unwrap()
    };
    let (staff, teams) = (flat("person", &["ann", "bo"]), flat("team", &["north"]));
    let (low, high) = (staff.tree("person"), teams.tree("team"));
    let links = ["ann", "bo"].map(|name| LinkDef::always(name, "north").unwrap());
    let bridge = Bridge::new(low.unwrap(), high.unwrap(), &links).unwrap();
    let named = |level: &str, most| {
        let mut rule = idle();
        rule.contributors = Some(Contributors {
            level: key(level),
            most,
        });
        let rules = RuleSet::compile([rule], &team).unwrap();
        let judge = rules.over(&team).unwrap();
        let found = judge.contributors(
            &key("idle"),
            judge.row_at(0),
            judge.period_at(0),
            &people,
            bridge.tree(),
        )?;
        let parts = found[0].parts.iter();
        Ok::<_, RuleError>(
            parts
                .map(|part| format!("{} {}", part.subject[0], part.value))
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(named("person", 1).unwrap(), ["ann 3"]);
    assert_eq!(named("person", 9).unwrap(), ["ann 3", "bo 1"]);
    assert_eq!(
        named("product", 9).unwrap_err().to_string(),
        "rule `idle`, contributors.level: the subjects of the panel are not of level `product` but of `person`"
    );
}

#[test]
fn the_owner_is_told() {
    let mut rule = idle();
    let to = |rule: &RuleDef| {
        let panel = panel(&[4, 9]);
        let rules = RuleSet::compile([rule.clone()], &panel).unwrap();
        let judge = rules.over(&panel).unwrap();
        let at = day("2026-02-01").and_hms_opt(9, 0, 0).unwrap();
        let events = Monitor::new()
            .advance(&judge, judge.period_at(0), at)
            .unwrap();
        events[0].to.clone()
    };
    assert_eq!(to(&rule), None);
    rule.owner = Some(key("manager"));
    assert_eq!(to(&rule), Some(key("manager")));
}

#[test]
fn a_ladder_counts_working_time_and_severity() {
    let office = vec![Shift::new("09:00".parse().unwrap(), "17:00".parse().unwrap()).unwrap()];
    let mut week: [Vec<Shift>; 7] = std::array::from_fn(|_| office.clone());
    (week[5], week[6]) = (vec![], vec![]);
    let hours = WorkingHours::new(WorkingHoursDef::new(key("office"), week)).unwrap();
    let climbed = |severity: Severity, at: &str| -> Vec<String> {
        let rule = idle().severity(severity).living(Life {
            escalation: vec![
                Rung::new(120, "manager").unwrap(),
                Rung::new(480, "director")
                    .unwrap()
                    .for_at_least(Severity::Serious),
            ],
            ..Life::default()
        });
        let panel = panel(&[4, 9]);
        let rules = RuleSet::compile([rule], &panel).unwrap();
        let judge = rules.over(&panel).unwrap();
        let mut monitor = Monitor::new();
        // Told on Friday 30 January at four in the afternoon: an hour is left, and then comes the weekend.
        let told = day("2026-01-30").and_hms_opt(16, 0, 0).unwrap();
        monitor.advance(&judge, judge.period_at(0), told).unwrap();
        let events = monitor.tick(&rules, at.parse().unwrap(), &hours);
        let to = |event: &Event| {
            assert_eq!(event.what, What::Escalated);
            event.to.clone().unwrap().to_string()
        };
        events.iter().map(to).collect()
    };
    assert_eq!(climbed(Severity::Serious, "2026-02-02T09:59:00"), [""; 0]);
    assert_eq!(
        climbed(Severity::Serious, "2026-02-02T10:00:00"),
        ["manager"]
    );
    assert_eq!(
        climbed(Severity::Serious, "2026-02-02T16:00:00"),
        ["manager", "director"]
    );
    assert_eq!(
        climbed(Severity::Warning, "2026-02-02T16:00:00"),
        ["manager"]
    );
}

#[test]
fn rules_are_found_by_their_tags() {
    let panel = panel(&[4, 9]);
    let mut tagged = idle();
    tagged.tags = vec![key("effort"), key("weekly")];
    let mut other = idle();
    other.key = key("other");
    let rules = RuleSet::compile([other, tagged], &panel).unwrap();
    let found = |tag| -> Vec<&str> { rules.tagged(tag).map(|rule| rule.key.as_str()).collect() };
    assert_eq!(found("weekly"), ["idle"]);
    assert_eq!(found("eff"), [""; 0]);
}

#[test]
fn what_is_unknown_waits_is_reported_or_fires() {
    let panel = panel(&[-1, 9]);
    let verdicts = |unknown| -> Vec<Verdict> {
        let rules = RuleSet::compile([idle().when_unknown(unknown)], &panel).unwrap();
        let alerts = rules.evaluate(&panel, panel.period_at(0)).unwrap();
        alerts.iter().map(quotaflow::rule::Alert::verdict).collect()
    };
    assert_eq!(verdicts(WhenUnknown::Wait), []);
    assert!(matches!(
        verdicts(WhenUnknown::Report)[..],
        [Verdict::Undecided(_)]
    ));
    assert_eq!(verdicts(WhenUnknown::Fire), [Verdict::Fired]);
}

#[test]
fn a_deviation_is_bad_or_good() {
    let panel = panel(&[4, 9]);
    let mut rule = idle();
    for deviation in [Deviation::Adverse, Deviation::Favourable] {
        rule.deviation = deviation;
        let rules = RuleSet::compile([rule.clone()], &panel).unwrap();
        let alerts = rules.evaluate(&panel, panel.period_at(0)).unwrap();
        assert_eq!(alerts[0].deviation(), deviation);
    }
}

#[test]
fn parameters_are_the_numbers_of_the_condition_and_of_what_clears_it() {
    let rule = |limit: i64| {
        let constant = Constant {
            value: limit.into(),
            unit: None,
        };
        let mut rule = RuleDef::new("idle", "visits < $limit".parse().unwrap()).unwrap();
        rule.clear = Some("visits >= 200% of $limit".parse().unwrap());
        rule.with("limit", constant).unwrap()
    };
    assert_eq!(told(rule(5), &[4, 6, 10]), ["1 Fired", "3 Resolved"]);
    assert_eq!(told(rule(3), &[2, 6, 10]), ["1 Fired", "2 Resolved"]);
    assert_eq!(told(rule(3), &[4, 6, 10]), [""; 0]);
}
