//! Rules on history, worked by hand.

use crate::at::{PeriodAt, RowAt};

use quotaflow::calendar::{Calendar, Grain};
use quotaflow::key::Key;
use quotaflow::panel::{Column, Columns, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::rule::backtest::{Episode, Overlap, Trial, Wanted, Workload, suggest, thresholds};
use quotaflow::rule::check::Anomaly;
use quotaflow::rule::{Constant, RuleDef, RuleError, RuleSet};
use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};

fn counts(load: &Workload) -> Vec<usize> {
    load.alerts.iter().map(|new| new.count).collect()
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn panel_of(level: &str, names: &[&str], months: u32) -> Panel {
    let names = names.iter().map(|name| key(name)).collect();
    let subjects = Subjects::new(Axis::new("person", level).unwrap(), names).unwrap();
    let end = format!("2026-{:02}-01", months + 1).parse().unwrap();
    let set = Calendar::gregorian()
        .periods(Grain::Month, "2026-01-01".parse().unwrap(), end)
        .unwrap();
    Panel::new(subjects, set)
}

/// Mia leads ann, nat leads bo.
fn people() -> Dimension {
    let people = DimensionDef::new("person", &["manager", "person"]).unwrap();
    let people = people
        .member("manager", "mia")
        .unwrap()
        .member("manager", "nat")
        .unwrap();
    let people = people.child("person", "ann", "mia").unwrap();
    Dimension::new(people.child("person", "bo", "nat").unwrap()).unwrap()
}

/// Visits of two people over six months, and whether each lost a customer:
///
/// | | Jan | Feb | Mar | Apr | May | Jun |
/// |---|---|---|---|---|---|---|
/// | ann | 3 | 4 | 9, lost 1 | 9 | 9 | 2 |
/// | bo | 9 | 5 | 9 | 9 | 9, lost 1 | 9 |
fn panel() -> Panel {
    let mut panel = panel_of("person", &["ann", "bo"], 6);
    let mut add = |name: &str, units: Vec<i64>| {
        let unit = "count:thing".parse().unwrap();
        panel
            .add(Column::amounts(
                name.parse().unwrap(),
                unit,
                Quantum::ONE,
                units,
            ))
            .unwrap();
    };
    add("visits", vec![3, 9, 4, 5, 9, 9, 9, 9, 9, 9, 2, 9]);
    add("lost", vec![0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0]);
    panel
}

fn rule(name: &str, text: &str, limit: i64) -> RuleDef {
    let limit = Constant {
        value: Ratio::from(limit),
        unit: None,
    };
    RuleDef::new(name, text.parse().unwrap())
        .unwrap()
        .with("limit", limit)
        .unwrap()
}

#[test]
fn a_trial_counts_alerts_and_scores_them_against_outcomes() {
    let panel = panel();
    let mut idle = rule("idle", "visits < $limit", 6);
    idle.owner = Some(key("manager"));
    let rules = RuleSet::compile(vec![idle, rule("lost", "lost > 0", 0)], &panel).unwrap();
    let tested = rules.backtest(&panel).unwrap();
    let (idle, lost) = (&tested.trials[0], &tested.trials[1]);
    let alerts = [
        Episode {
            from: panel.period_at(0),
            subject: panel.row_at(0),
            periods: 2,
        },
        Episode {
            from: panel.period_at(1),
            subject: panel.row_at(1),
            periods: 1,
        },
        Episode {
            from: panel.period_at(5),
            subject: panel.row_at(0),
            periods: 1,
        },
    ];
    assert_eq!(idle.alerts, alerts);
    assert_eq!((idle.cells, idle.subjects, idle.undecided), (4, 2, 0));
    assert_eq!(idle.mean_length().unwrap().to_string(), "4/3");
    assert_eq!(tested.workload[1].of, Some(key("manager")));
    assert_eq!(counts(&tested.workload[1]), [1, 1, 0, 0, 0, 1]);
    // Within two months: ann's first alert is right, bo's wrong, ann's second still open; bo's loss was not announced.
    let score = idle.against(lost, 6, 2);
    assert_eq!(
        (
            score.right,
            score.wrong,
            score.open,
            score.announced,
            score.missed
        ),
        (1, 1, 1, 1, 1)
    );
    assert_eq!(
        (
            score.precision().unwrap().to_string(),
            score.recall().unwrap().to_string()
        ),
        ("0.5".into(), "0.5".into())
    );
    assert_eq!(score.mean_lead().unwrap().to_string(), "2");
    // Within three months bo's alert is right too.
    let score = idle.against(lost, 6, 3);
    assert_eq!(
        (score.right, score.wrong, score.recall()),
        (2, 0, Some(Ratio::ONE))
    );
    assert_eq!(
        idle.overlap(lost),
        Overlap {
            both: 0,
            first_only: 4,
            second_only: 2
        }
    );
}

#[test]
fn a_threshold_is_suggested_for_a_workload_or_a_precision() {
    let panel = panel();
    let idle = rule("idle", "visits < $limit", 6);
    let lost = RuleSet::compile(vec![rule("lost", "lost > 0", 0)], &panel)
        .unwrap()
        .backtest(&panel)
        .unwrap();
    let candidates: Vec<Ratio> = (1..=10).map(Ratio::from).collect();
    let found = |wanted| {
        let found = suggest(&idle, &key("limit"), &candidates, wanted, &panel).unwrap();
        found.map(|found| (found.value.to_string(), found.trial.alerts.len()))
    };
    // Three alerts in six months from 6 on; from 10 on everything is one long alert for each person.
    assert_eq!(
        found(Wanted::AlertsPerPeriod(Ratio::percent(50))),
        Some(("6".into(), 3))
    );
    assert_eq!(
        found(Wanted::AlertsPerPeriod(Ratio::percent(34))),
        Some(("4".into(), 2))
    );
    // The same with what the data offer: below 2 nobody is, below 9 all are but bo in May.
    let offered = thresholds(&idle, &key("limit"), &panel, 9).unwrap();
    assert_eq!(offered, [2, 3, 4, 5, 9].map(Ratio::from));
    // Open at once on average: below 4 two cells of six periods, below 5 three, below 9 four.
    for (most, expected) in [
        ("1/3", Some(("4", 2))),
        ("1/2", Some(("5", 2))),
        ("2/3", Some(("6", 3))),
    ] {
        let wanted = Wanted::OpenPerPeriod(most.parse().unwrap());
        let expected = expected.map(|(value, alerts)| (value.to_owned(), alerts));
        assert_eq!(found(wanted), expected, "{most}");
    }
    // Ann's manager has two alerts in the 181 days from 6 on, and one below that.
    let people = people();
    let tree = people.tree("person").unwrap();
    let load = |most: &str| {
        found(Wanted::WorkloadPerWeek {
            most: most.parse().unwrap(),
            tree,
        })
    };
    assert_eq!(load("14/181"), Some(("6".into(), 3)));
    assert_eq!(load("13/181"), Some(("10".into(), 2)));
    assert_eq!(load("6/181"), Some(("1".into(), 0)));
    let outcome = &lost.trials[0];
    let wanted = Wanted::Precision {
        at_least: Ratio::ONE,
        outcome,
        lead: 2,
    };
    assert_eq!(found(wanted), Some(("4".into(), 2)));
    let wanted = Wanted::Precision {
        at_least: Ratio::ONE,
        outcome,
        lead: 0,
    };
    assert_eq!(found(wanted), Some(("10".into(), 2)));
    let unknown = suggest(
        &idle,
        &key("limt"),
        &candidates,
        Wanted::AlertsPerPeriod(Ratio::ONE),
        &panel,
    )
    .unwrap_err();
    assert!(unknown.to_string().ends_with("did you mean `limit`?"));
}

#[test]
fn rules_that_nothing_reaches_are_named() {
    let panel = panel();
    let rules = vec![
        rule("idle", "visits < $limit", 6),
        rule("none", "visits < $limit", 1),
        rule("early", "visits < previous(visits, 6 periods)", 0),
    ];
    let rules = RuleSet::compile(rules, &panel).unwrap();
    let found = rules.unreached(&panel).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|finding| match finding {
            Anomaly::NotReached {
                rule,
                known,
                unknown,
                witness,
            } => (rule.as_str(), *known, *unknown, witness.is_some()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [("none", 12, 0, true), ("early", 0, 12, true)]);
}

#[test]
fn outcomes_may_be_labelled_by_hand() {
    let panel = panel();
    let rules = RuleSet::compile(vec![rule("idle", "visits < $limit", 6)], &panel).unwrap();
    let tested = rules.backtest(&panel).unwrap();
    let cell = |(row, period)| (panel.row_at(row), panel.period_at(period));
    // Ann lost a customer in March and bo in May, as the column says too.
    let labelled = Trial::labelled(key("lost"), [(1, 4), (0, 2)].map(cell));
    assert_eq!((labelled.cells, labelled.subjects), (2, 2));
    let score = tested.trials[0].against(&labelled, 6, 2);
    assert_eq!((score.right, score.wrong, score.open), (1, 1, 1));
    // A lead beyond all periods leaves nothing decided but what came true.
    let score = tested.trials[0].against(&labelled, 6, usize::MAX);
    assert_eq!((score.right, score.wrong, score.open), (2, 0, 1));
    // Periods that follow each other are one outcome.
    let long = Trial::labelled(key("lost"), [(0, 2), (0, 3), (0, 5)].map(cell));
    assert_eq!(long.alerts.len(), 2);
    assert_eq!(long.alerts[0].periods, 2);
}

#[test]
fn each_manager_has_so_much_work_in_a_week() {
    let panel = panel();
    let rules = RuleSet::compile(vec![rule("idle", "visits < $limit", 6)], &panel).unwrap();
    let people = people();
    let tree = people.tree("person").unwrap();
    let loads = rules.backtest(&panel).unwrap().workload_by(&panel, tree);
    // Two alerts of ann and one of bo in the 181 days from January to June.
    let told: Vec<_> = loads
        .iter()
        .map(|load| {
            let manager = load.of.as_ref().unwrap().as_str();
            (manager, counts(load), load.per_week.unwrap().to_string())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("mia", vec![1, 0, 0, 0, 0, 1], "14/181".to_owned()),
            ("nat", vec![0, 1, 0, 0, 0, 0], "7/181".to_owned()),
        ]
    );
    // Without anybody above them all of it is nobody's.
    let flat = Dimension::new(DimensionDef::flat("person", "person", ["ann", "bo"]).unwrap());
    let flat = flat.unwrap();
    let nobody = rules.backtest(&panel).unwrap();
    let nobody = nobody.workload_by(&panel, flat.tree("person").unwrap());
    assert_eq!((nobody.len(), nobody[0].of.clone()), (1, None));
}

#[test]
fn an_alert_is_the_work_of_who_leads_when_it_begins() {
    let panel = panel();
    let rules = RuleSet::compile(vec![rule("idle", "visits < $limit", 6)], &panel).unwrap();
    // Ann comes under nat on the last day of June.
    let moved = DimensionDef::new("person", &["manager", "person"]).unwrap();
    let moved = moved
        .member("manager", "mia")
        .unwrap()
        .member("manager", "nat")
        .unwrap();
    let day = "2026-06-30".parse().unwrap();
    let moved = moved
        .member("person", "ann")
        .unwrap()
        .child("person", "bo", "nat")
        .unwrap();
    let moved = moved.link("person", "ann", "mia", None, Some(day)).unwrap();
    let moved = moved.link("person", "ann", "nat", Some(day), None).unwrap();
    let moved = Dimension::new(moved).unwrap();
    let tested = rules.backtest(&panel).unwrap();
    let told: Vec<_> = tested
        .workload_by(&panel, moved.tree("person").unwrap())
        .into_iter()
        .map(|load| (load.of.as_ref().unwrap().to_string(), counts(&load)))
        .collect();
    let expected = [("mia", [1, 0, 0, 0, 0, 0]), ("nat", [0, 1, 0, 0, 0, 1])];
    assert_eq!(
        told,
        expected.map(|(manager, alerts)| (manager.to_owned(), alerts.to_vec()))
    );
}

#[test]
fn two_sets_are_compared_rule_by_rule() {
    let panel = panel();
    let tested = |rules: Vec<RuleDef>| {
        let rules = RuleSet::compile(rules, &panel).unwrap();
        rules.backtest(&panel).unwrap()
    };
    let before = tested(vec![
        rule("idle", "visits < $limit", 6),
        rule("old", "lost > 0", 0),
    ]);
    let after = tested(vec![
        rule("new", "lost > 0", 0),
        rule("idle", "visits < $limit", 4),
    ]);
    let told: Vec<_> = before
        .compared_with(&after)
        .into_iter()
        .map(|it| {
            let cells = (it.cells.both, it.cells.first_only, it.cells.second_only);
            (it.rule.to_string(), it.before, it.after, cells)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("idle".to_owned(), Some(3), Some(2), (2, 2, 0)),
            ("old".to_owned(), Some(2), None, (0, 2, 0)),
            ("new".to_owned(), None, Some(2), (0, 0, 2)),
        ]
    );
}

#[test]
fn a_team_is_judged_by_how_many_of_its_people_are() {
    let mut people = panel_of("person", &["ann", "bo", "cy", "di"], 1);
    let unit = "count:visit".parse().unwrap();
    let visits = Column::amounts(
        "visits".parse().unwrap(),
        unit,
        Quantum::ONE,
        vec![1, 2, 9, 1],
    );
    let v = None;
    people
        .add(
            visits
                .with_reasons(&[v, v, v, Some(Reason::NothingRecorded)])
                .unwrap(),
        )
        .unwrap();
    let rules = RuleSet::compile(vec![rule("idle", "visits < 5", 0)], &people).unwrap();
    let mut teams = panel_of("team", &["north", "south"], 1);
    let def = DimensionDef::new("person", &["team", "person"])
        .and_then(|def| def.member("team", "north"))
        .and_then(|def| def.member("team", "south"))
        .and_then(|def| def.child("person", "ann", "north"))
        .and_then(|def| def.child("person", "bo", "north"))
        .and_then(|def| def.child("person", "cy", "south"))
        .and_then(|def| def.child("person", "di", "south"));
    let staff = Dimension::new(def.unwrap()).unwrap();
    let tree = staff.tree("person").unwrap();
    let judge = rules.over(&people).unwrap();
    let unit = || "count:person".parse().unwrap();
    let column = judge
        .tally(&key("idle"), tree, "idle_people".parse().unwrap(), unit())
        .columns(&teams)
        .unwrap()
        .remove(0);
    teams.add(column).unwrap();
    let above = RuleSet::compile(vec![rule("team", "idle_people >= 2", 0)], &teams).unwrap();
    let fired: Vec<String> = above
        .evaluate(&teams, teams.period_at(0))
        .unwrap()
        .iter()
        .map(|alert| alert.members()[0].to_string())
        .collect();
    assert_eq!(fired, ["north"]);
    // In the south one person's visits are missing: there may be more.
    let unknown = above
        .over(&teams)
        .unwrap()
        .truth(
            &key("team"),
            above.over(&teams).unwrap().row_at(1),
            above.over(&teams).unwrap().period_at(0),
        )
        .unwrap();
    assert!(unknown.is_unknown());
    let other = panel_of("team", &["north"], 2);
    let error = judge
        .tally(&key("idle"), tree, "x".parse().unwrap(), unit())
        .columns(&other)
        .unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(
            error,
            RuleError::Panel(quotaflow::panel::PanelError::DifferentPeriods { .. })
        ),
        "{text}"
    );
}

#[test]
fn a_pack_may_be_larger_than_what_is_recorded() {
    let panel = panel();
    let rules = vec![rule("idle", "visits < 5", 0), rule("stock", "stock > 5", 0)];
    let (fitting, left_out) = RuleSet::fitting(rules, &panel).unwrap();
    assert_eq!(fitting.len(), 1);
    let no_stock = "rule `stock`, when.left: the panel has no column `stock`; known: ";
    assert!(left_out[0].to_string().starts_with(no_stock));
    assert!(RuleSet::fitting(vec![rule("idle", "visits < 5 money:EUR", 0)], &panel).is_err());
}
