//! What judges a panel: panels themselves, rules, monitors, cards, pay.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use quotaflow::alert::Monitor;
use quotaflow::panel::Panel;
use quotaflow::pay::{PayPlan, PayPlanDef};
use quotaflow::quantity::Ratio;
use quotaflow::rule::check::check;
use quotaflow::rule::{RuleDef, RuleSet};
use quotaflow::scorecard::{HealthLimits, Scorecard, ScorecardDef};
use serde::{Deserialize, Serialize};

use super::fixture::COMPANY;
use super::{read, read_back, told};

/// A panel: judged by rules and a card without surprise, and not joined with itself.
pub(super) fn panels(data: &[u8]) {
    let Some(mut panel) = read::<Panel>(data) else {
        return;
    };
    if panel.cells() > 4_000 {
        return;
    }
    let company = &*COMPANY;
    if let Ok((rules, _)) =
        RuleSet::applicable(company.scenario.model.watches[0].rules.clone(), &panel)
    {
        asked(&rules, &panel);
    }
    scored(&company.card(), &panel);
    for column in panel.columns().to_vec() {
        assert!(panel.add(column).is_err(), "a column stands twice");
    }
}

/// Every alert of every period can be explained, and grows nowhere by being asked twice.
fn asked(rules: &RuleSet, panel: &Panel) {
    let judge = rules.over(panel).unwrap();
    for period in panel.periods().ids() {
        let alerts = judge.evaluate(period).unwrap();
        assert_eq!(rules.evaluate(panel, period).unwrap(), alerts);
        for alert in alerts {
            let told = alert.explain(rules, panel).unwrap();
            drop(serde_json::to_string(&told).unwrap());
        }
    }
}

/// Rules: checked within a budget, compiled or refused, evaluated and explained.
pub(super) fn rules(data: &[u8]) {
    let Some(defs) = read::<Vec<RuleDef>>(data) else {
        return;
    };
    if defs.len() > 12 {
        return;
    }
    let anomalies = check(&defs, &BTreeMap::new());
    assert_eq!(check(&defs, &BTreeMap::new()), anomalies);
    let company = &*COMPANY;
    match RuleSet::compile(defs, &company.panel) {
        Ok(rules) => asked(&rules, &company.panel),
        Err(error) => told(&error),
    }
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Watch {
    monitor: Monitor,
    rules: Vec<RuleDef>,
}

/// A saved monitor goes on as one that was never saved.
pub(super) fn monitors(data: &[u8]) {
    let Some(watch) = read::<Watch>(data) else {
        return;
    };
    if watch.rules.len() > 8 {
        return;
    }
    let company = &*COMPANY;
    let rules = match RuleSet::compile(watch.rules, &company.panel) {
        Ok(rules) => rules,
        Err(error) => return told(&error),
    };
    let judge = rules.over(&company.panel).unwrap();
    let mut monitor = watch.monitor;
    for (period, days) in company.months.ids().zip(company.months.iter()) {
        let evening = days.end.and_time(NaiveTime::MIN);
        let saved = serde_json::to_string(&monitor).unwrap();
        let mut other: Monitor = serde_json::from_str(&saved).unwrap();
        let before = monitor.clone();
        let events = monitor.advance(&judge, period, evening);
        assert_eq!(other.advance(&judge, period, evening), events);
        assert!(other == monitor, "saving a monitor changed what comes next");
        match events {
            Ok(_) => {
                // A period that runs is told as of the day of its figures.
                let today = company.panel.as_of();
                let today = today.filter(|_| company.panel.runs(period));
                assert_eq!(monitor.day(), today.or(days.end.pred_opt()));
                let open = monitor
                    .incidents()
                    .iter()
                    .filter(|each| each.status.is_open());
                assert_eq!(open.count(), monitor.open().count());
            }
            Err(error) => {
                told(&error);
                assert!(monitor == before, "a refused period left something");
            }
        }
        read_back(&monitor);
    }
}

/// A card scores a panel: totals are those of their explanation, and ranks are those of the totals.
fn scored(card: &Scorecard, panel: &Panel) {
    for period in panel.periods().ids() {
        let scores = match card.score(panel, period) {
            Ok(scores) => scores,
            Err(error) => return told(&error),
        };
        for subject in panel.subjects().ids() {
            let why = scores.explain(subject).unwrap();
            assert_eq!(why.total, scores.total(subject));
            assert_eq!(why.grade.as_ref(), scores.grade(subject));
            drop(serde_json::to_string(&why).unwrap());
        }
        let totals = |row| scores.total(row);
        let best = scores.best_first();
        for pair in best.windows(2) {
            if let (Ok(first), Ok(second)) = (totals(pair[0]), totals(pair[1])) {
                assert!(first >= second, "{first} before {second}");
            }
        }
    }
}

/// A card: weights come to one, and it scores the company or says why not.
pub(super) fn scorecards(data: &[u8]) {
    let Some(def) = read::<ScorecardDef>(data) else {
        return;
    };
    let card = match Scorecard::compile(def) {
        Ok(card) => card,
        Err(error) => return told(&error),
    };
    read_back(card.definition());
    let shares = card.shares();
    let sum = shares
        .iter()
        .try_fold(Ratio::ZERO, |sum, (_, share)| sum.checked_add(*share));
    if !shares.is_empty()
        && let Ok(sum) = sum
    {
        assert!(sum == Ratio::ONE || sum.is_zero(), "shares come to {sum}");
    }
    drop(card.health(&HealthLimits::default()));
    scored(&card, &COMPANY.panel);
}

/// A pay plan: a slip's total is the sum of its elements within floor and cap.
pub(super) fn pay_plans(data: &[u8]) {
    let Some(def) = read::<PayPlanDef>(data) else {
        return;
    };
    let plan = match PayPlan::compile(def) {
        Ok(plan) => plan,
        Err(error) => return told(&error),
    };
    let bounded = plan.definition().floor.is_some() || plan.definition().cap.is_some();
    let company = &*COMPANY;
    for period in company.months.ids() {
        let payroll = match plan.pay(&company.panel, period) {
            Ok(payroll) => payroll,
            Err(error) => return told(&error),
        };
        assert_eq!(payroll.slips.len(), company.subjects.len());
        for slip in &payroll.slips {
            let paid: Option<i128> = slip.elements.iter().try_fold(0, |sum, element| {
                element.units.map(|units| sum + i128::from(units))
            });
            if !bounded {
                assert_eq!(slip.units.map(i128::from), paid);
            }
            let open = slip.elements.iter().any(|element| element.units.is_none());
            assert_eq!(slip.units.is_none(), open);
        }
        read_back(&payroll);
    }
}
