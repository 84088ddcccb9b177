//! How alerts of the ready rules live, and how what becomes of them is itself watched: from records to the alert, its corrective action,
//! and the exception that says that the action did not hold.

use crate::at::PeriodAt;
use chrono::{Days, NaiveDateTime};
use quotaflow::alert::{
    CorrectiveAction, Monitor, Status, What, covered, figures, figures_with_below,
};
use quotaflow::calendar::{Calendar, Grain, Shift, WorkingHours, WorkingHoursDef};
use quotaflow::catalog::packs::{self, Symptom, Watch};
use quotaflow::key::Key;
use quotaflow::panel::{Column, Columns, Panel};
use quotaflow::quantity::Quantum;
use quotaflow::rule::{Deviation, Grade, Life, RuleDef, RuleSet, Severity};
use quotaflow::space::{Axis, Bridge, Dimension, DimensionDef, LinkDef, Subjects};
use quotaflow::text::Locale;

use super::company::{Case, Company};

fn key(text: &str) -> Key {
    text.try_into().unwrap()
}

/// A dimension of one level of its own name.
fn flat(name: &str, members: &[&str]) -> Dimension {
    let def = DimensionDef::flat(name, name, members.iter().copied()).unwrap();
    Dimension::new(def).unwrap()
}

/// Monday to Friday, eight hours a day.
fn office() -> WorkingHours {
    let hours = || vec![Shift::new("09:00".parse().unwrap(), "17:00".parse().unwrap()).unwrap()];
    let week = [hours(), hours(), hours(), hours(), hours(), vec![], vec![]];
    WorkingHours::new(WorkingHoursDef::new(key("office"), week)).unwrap()
}

/// Noon of the first day after a period, when it is judged.
fn after(panel: &Panel, period: usize) -> NaiveDateTime {
    let end = panel
        .periods()
        .range(panel.periods().period_at(period))
        .unwrap()
        .end();
    end.and_hms_opt(12, 0, 0).unwrap()
}

/// A dealer who orders every ten days until the end of 2025 and then no more.
fn silent() -> Company {
    let mut case = Case::new("no_recent_order", Watch::Dealer, "dx");
    for month in 8..=12 {
        for day in ["01", "11", "21"] {
            case = case.records(&[&format!("order 2025-{month:02}-{day} dealer=dx sales=1")]);
        }
    }
    Company::of(&case)
}

fn only(rule: &str, watch: Watch) -> RuleDef {
    let rules = packs::watching(watch).unwrap();
    rules.into_iter().find(|each| each.key == *rule).unwrap()
}

#[test]
fn what_is_raised_every_month_is_told_once_and_again_only_while_nobody_answers() {
    let case = Case::new("no_recent_order", Watch::Dealer, "dx");
    let panel = silent().panel(&case);
    let rules = RuleSet::compile([only("no_recent_order", Watch::Dealer)], &panel).unwrap();
    let judge = rules.over(&panel).unwrap();
    let raised: usize = (0..panel.periods().len())
        .map(|month| judge.evaluate(judge.period_at(month)).unwrap().len())
        .sum();
    // From February to June the silence is longer than 45 days, and longer than thrice the ten days between orders.
    assert_eq!(raised, 5);

    let (mut answered, mut ignored) = (Monitor::new(), Monitor::new());
    let (mut told, mut repeated) = (Vec::new(), Vec::new());
    for month in 0..panel.periods().len() {
        let at = after(&panel, month);
        let label = panel
            .periods()
            .label(panel.periods().period_at(month))
            .unwrap();
        let say = |what: What| format!("{label} {what:?}");
        let fired = answered
            .advance(&judge, judge.period_at(month), at)
            .unwrap();
        for event in &fired {
            answered.acknowledge(&event.id, key("bo"), at).unwrap();
        }
        told.extend(fired.into_iter().map(|event| say(event.what)));
        told.extend(
            answered
                .tick(&rules, at, &office())
                .into_iter()
                .map(|event| say(event.what)),
        );
        repeated.extend(
            ignored
                .advance(&judge, judge.period_at(month), at)
                .unwrap()
                .into_iter()
                .map(|event| say(event.what)),
        );
        repeated.extend(
            ignored
                .tick(&rules, at, &office())
                .into_iter()
                .map(|event| say(event.what)),
        );
    }
    assert_eq!(told, ["2026-02 Fired"]);
    // A warning climbs one rung, and is told again after a quarter.
    assert_eq!(
        repeated,
        ["2026-02 Fired", "2026-03 Escalated", "2026-05 Repeated"]
    );
}

#[test]
fn every_ready_rule_has_the_life_that_its_gravity_asks_for() {
    for pack in packs::all().unwrap() {
        for rule in &pack.rules().rules {
            let life = &rule.life;
            let name = &rule.key;
            assert!(life.flapping.is_some(), "{name}");
            assert!(life.reopen_days > 0 || life.cooldown_days > 0, "{name}");
            if rule.deviation == Deviation::Favourable {
                // Nobody is chased for an opportunity, and it passes.
                assert!(life.escalation.is_empty() && life.expire_days > 0, "{name}");
                continue;
            }
            let Grade::Fixed(severity) = rule.severity else {
                panic!("{name} has no one severity");
            };
            let climbs = severity > Severity::Info;
            assert_eq!(!life.escalation.is_empty(), climbs, "{name}");
            if let Some(first) = life.escalation.first() {
                let owner = rule.owner.as_ref().unwrap();
                assert_ne!(first.to, *owner, "{name}");
                let day = 8 * 60;
                let expected = match severity {
                    Severity::Critical => day,
                    Severity::Serious => 3 * day,
                    Severity::Warning | Severity::Info => 5 * day,
                };
                assert_eq!(first.after_minutes, expected, "{name}");
            }
        }
    }
}

#[test]
fn what_is_said_of_a_leaver_is_not_said_again_of_each_customer() {
    let case = Case::new("no_recent_order", Watch::Dealer, "dx");
    let dealers = silent().panel(&case);
    let rules = RuleSet::compile([only("no_recent_order", Watch::Dealer)], &dealers).unwrap();
    let last = dealers.periods().len() - 1;
    let below = Monitor::replay(&rules, &dealers, dealers.period_at(last), |month| {
        after(&dealers, month.index())
    })
    .unwrap();

    let mut gone = Case::new("leaver_customer_loss", Watch::Person, "bo").records(&[
        "employment 2024-02-01 person=bo left=2025-12-31",
        "employment 2024-02-01 person=gu",
    ]);
    for month in 8..=12 {
        gone = gone.records(&[&format!(
            "order 2025-{month:02}-01 person=bo dealer=dx sales=1"
        )]);
    }
    let people = Company::of(&gone).panel(&gone);
    let rules = RuleSet::compile([only("leaver_customer_loss", Watch::Person)], &people).unwrap();
    let above = Monitor::replay(&rules, &people, people.period_at(last), |month| {
        after(&people, month.index())
    })
    .unwrap();
    assert_eq!(above.open().count(), 1);

    let covers = packs::covers().unwrap();
    let (dealers, people) = (flat("dealer", &["dx"]), flat("person", &["bo", "gu"]));
    let told = |parent: &str| {
        let links = [LinkDef::always("dx", parent).unwrap()];
        let (dealers, people) = (dealers.tree("dealer"), people.tree("person"));
        let bridge = Bridge::new(dealers.unwrap(), people.unwrap(), &links).unwrap();
        let day = "2026-06-30".parse().unwrap();
        covered(
            below.incidents(),
            above.incidents(),
            &covers,
            bridge.tree(),
            day,
        )
    };
    assert_eq!(told("bo"), [true]);
    assert_eq!(told("gu"), [false]);
    // What covers and what is covered are rules that there are.
    let known = |rule: &Key| {
        packs::all()
            .unwrap()
            .iter()
            .any(|pack| pack.note(rule.as_str()).is_some())
    };
    assert!(
        covers
            .iter()
            .all(|cover| known(&cover.rule) && cover.covers.iter().all(known))
    );
}

/// A dealer who resells below the floor in these months of 2026 and above it in the others.
fn prices(below: &[u32]) -> Case {
    let mut case = Case::new("below_minimum_price", Watch::Dealer, "dx");
    for month in 1..=6 {
        let price = if below.contains(&month) { "8" } else { "12" };
        case = case.records(&[&format!(
            "price_observation 2026-{month:02}-10 dealer=dx price={price} floor=10"
        )]);
    }
    case
}

#[test]
fn a_cause_that_comes_back_after_its_cure_is_an_exception_of_its_own() {
    // A dealer below the floor in January, corrected with effect, and again in April.
    let case = prices(&[1, 4]);
    let dealers = Company::of(&case).panel(&case);
    let rules = RuleSet::compile([only("below_minimum_price", Watch::Dealer)], &dealers).unwrap();
    let judge = rules.over(&dealers).unwrap();
    let mut monitor = Monitor::new();
    for month in 0..dealers.periods().len() {
        let at = after(&dealers, month);
        for event in monitor.advance(&judge, judge.period_at(month), at).unwrap() {
            if event.what == What::Fired {
                let today = at.date();
                let action = CorrectiveAction {
                    action: "the prices are agreed on anew".to_owned(),
                    owner: key("bo"),
                    deadline: today + Days::new(10),
                    check: today + Days::new(30),
                    done: None,
                    outcome: None,
                };
                monitor.assign(&event.id, action).unwrap();
                // The first is carried out, the second one is not.
                if today < "2026-03-01".parse().unwrap() {
                    monitor
                        .carried_out(&event.id, today + Days::new(5))
                        .unwrap();
                }
            }
        }
        monitor.tick(&rules, at + Days::new(25), &office());
    }
    let ends: Vec<bool> = monitor
        .incidents()
        .iter()
        .map(|record| matches!(record.status, Status::Resolved { .. }))
        .collect();
    assert_eq!(ends, [true, true]);

    // The figures of alerts of dealers, counted for the person who is responsible for them.
    let none = Case::new("none", Watch::Person, "-");
    let all = Company::of(&none).panel(&none);
    let mut people = Panel::new(all.subjects().clone(), all.periods().clone());
    let (sellers, shops) = (flat("person", &["bo", "gu"]), flat("dealer", &["dx", "dy"]));
    let bridge = |dealer: &str| {
        let links = [LinkDef::always(dealer, "bo").unwrap()];
        let (shops, sellers) = (shops.tree("dealer"), sellers.tree("person"));
        Bridge::new(shops.unwrap(), sellers.unwrap(), &links).unwrap()
    };
    people
        .extend(figures_with_below(
            monitor.incidents(),
            &[],
            bridge("dx").tree(),
        ))
        .unwrap();
    let problems = packs::of(Symptom::ProblemResolution).unwrap();
    let (watchers, _) =
        RuleSet::fitting(problems.watching(Watch::Person).cloned(), &people).unwrap();
    let judge = watchers.over(&people).unwrap();
    let mut told = Vec::new();
    for month in 0..people.periods().len() {
        for alert in judge.evaluate(judge.period_at(month)).unwrap() {
            told.push(judge.explain(&alert).unwrap().message(&Locale::EN));
        }
    }
    assert_eq!(
        told,
        [
            "Exceptions of bo that came back in 2026-04: 1 raised again, 0 reopened soon after closing",
            "Corrective actions of bo not carried out or without effect in 2026-05: 1",
        ]
    );
    // Who is responsible for other dealers has nothing to answer for.
    let columns = figures_with_below(monitor.incidents(), &[], bridge("dy").tree())
        .columns(&people)
        .unwrap();
    let fired = columns
        .iter()
        .find(|column| column.key().metric == *"alerts_fired")
        .unwrap();
    assert!(
        fired
            .answers()
            .all(|answer| answer.ratio().ok() == Some(0.into()))
    );
}

#[test]
fn what_comes_back_soon_is_counted_apart_from_what_comes_back_later() {
    // Days are periods: T is a day on which the figure is too low.
    let series = |text: &str| -> Vec<i64> {
        let low = |letter| if letter == 'T' { 1 } else { 9 };
        text.chars().map(low).collect()
    };
    let names = ["ann", "bo"].map(key).to_vec();
    let people = Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap();
    let (first, end) = ("2026-06-01".parse().unwrap(), "2026-06-13".parse().unwrap());
    let days = Calendar::gregorian()
        .periods(Grain::Day, first, end)
        .unwrap();
    let mut panel = Panel::new(people.clone(), days);
    // Ann is back after two days, and again after two; bo after six.
    let (ann, bo) = (series("TFFTFFTFFFFF"), series("TFFFFFFTTTTT"));
    let units = ann.iter().zip(&bo).flat_map(|(ann, bo)| [*ann, *bo]);
    let unit = "count:visit".parse().unwrap();
    let visits = "visits".parse().unwrap();
    panel
        .add(Column::amounts(visits, unit, Quantum::ONE, units.collect()))
        .unwrap();
    let rule = RuleDef::new("idle", "visits < 5".parse().unwrap())
        .unwrap()
        .living(Life {
            reopen_days: 4,
            ..Life::default()
        });
    let rules = RuleSet::compile([rule], &panel).unwrap();
    let last = panel.periods().len() - 1;
    let monitor = Monitor::replay(&rules, &panel, panel.period_at(last), |day| {
        after(&panel, day.index())
    })
    .unwrap();

    // The figures by day: first those of each day, then the sum over all days.
    let columns = figures(monitor.incidents(), &[]).columns(&panel).unwrap();
    let by_day = |name: &str, person: usize| -> String {
        let column = columns
            .iter()
            .find(|column| column.key().metric == *name)
            .unwrap();
        let of_person = column.answers().skip(person).step_by(2);
        let told = of_person.map(|answer| match answer.found() {
            Ok(figure) => figure.ratio().unwrap().to_string(),
            Err(_) => "-".to_owned(),
        });
        told.collect::<Vec<_>>().join(" ")
    };
    for (name, of_ann, of_bo) in [
        (
            "alerts_fired",
            "1 0 0 0 0 0 0 0 0 0 0 0",
            "1 0 0 0 0 0 0 1 0 0 0 0",
        ),
        (
            "alerts_reopened",
            "0 0 0 1 0 0 1 0 0 0 0 0",
            "0 0 0 0 0 0 0 0 0 0 0 0",
        ),
        (
            "alerts_recurred",
            "0 0 0 0 0 0 0 0 0 0 0 0",
            "0 0 0 0 0 0 0 1 0 0 0 0",
        ),
        // While it is over it is not open, although it comes back.
        (
            "alerts_open",
            "1 0 0 1 0 0 1 0 0 0 0 0",
            "1 0 0 0 0 0 0 1 1 1 1 1",
        ),
        // Ann's was solved once, a week after it fired first; bo's first one the day after.
        (
            "days_to_resolve",
            "- - - - - - - 7 - - - -",
            "- 1 - - - - - - - - - -",
        ),
    ] {
        assert_eq!(by_day(name, 0), of_ann, "{name}");
        assert_eq!(by_day(name, 1), of_bo, "{name}");
    }

    // The ready rule hears of both: of what came back after a while once, of what came back soon the second time.
    let months = Calendar::gregorian()
        .periods(Grain::Month, first, "2026-07-01".parse().unwrap())
        .unwrap();
    let mut june = Panel::new(people, months);
    june.extend(figures(monitor.incidents(), &[])).unwrap();
    let rules = RuleSet::compile([only("recurring_exception", Watch::Person)], &june).unwrap();
    let alerts = rules.evaluate(&june, june.period_at(0)).unwrap();
    let told: Vec<String> = alerts
        .iter()
        .map(|alert| {
            let explained = alert.explain(&rules, &june).unwrap();
            explained.message(&Locale::EN)
        })
        .collect();
    assert_eq!(
        told,
        [
            "Exceptions of ann that came back in 2026-06: 0 raised again, 2 reopened soon after closing",
            "Exceptions of bo that came back in 2026-06: 1 raised again, 0 reopened soon after closing",
        ]
    );
}
