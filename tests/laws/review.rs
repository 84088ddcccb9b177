//! Laws of reviews: the parts of a gap are the gap, and what is carried forward is what was missing.

use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::pace::{Days, Pace, Pacing};
use quotaflow::panel::{Column, ColumnKey, Panel};
use quotaflow::quantity::Quantum;
use quotaflow::review::{Correction, PaceStatus, ReviewDef, ReviewSources, review};
use quotaflow::space::Subjects;

fn panel(columns: [Vec<i64>; 4]) -> Panel {
    let (from, to) = ("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
    let months = Calendar::gregorian()
        .periods(Grain::Month, from, to)
        .unwrap();
    let mut panel = Panel::new(Subjects::whole(), months);
    let keys = [
        ColumnKey::target("sales"),
        ColumnKey::actual("sales"),
        ColumnKey::target("visits"),
        ColumnKey::actual("visits"),
    ];
    for ((key, units), unit) in
        keys.into_iter()
            .zip(columns)
            .zip(["money:EUR", "money:EUR", "count:visit", "count:visit"])
    {
        panel
            .add(Column::amounts(
                key.unwrap(),
                unit.parse().unwrap(),
                Quantum::ONE,
                units,
            ))
            .unwrap();
    }
    panel
}

fn year(least: i64, most: i64) -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(least..most, 12)
}

proptest! {
    #[test]
    fn parts_and_carried_shares_add_up(
        targets in year(0, 1_000_000), actual in year(-1_000, 1_000_000),
        plan in year(0, 500), visits in year(0, 500), day in 0_u64..365,
    ) {
        let panel = panel([targets.clone(), actual.clone(), plan, visits]);
        let pace = |metric| Pace::new(metric, Pacing::Even(Days::Calendar)).unwrap();
        let def = ReviewDef::new(vec![pace("sales"), pace("visits")]).driven("sales", "visits").unwrap();
        let first: chrono::NaiveDate = "2026-01-01".parse().unwrap();
        let evidence = ReviewSources { panel: &panel, as_of: first + chrono::Days::new(day), scores: None, alerts: None };
        let found = review(&def, evidence).unwrap();
        let subject = &found.subjects[0];
        for cause in &subject.causes {
            let parts = cause.variance.volume.checked_add(cause.variance.yielded).unwrap();
            prop_assert_eq!(parts, cause.variance.gap);
            prop_assert_eq!(Some(cause.variance.gap), subject.lines[0].reading.rounded(subject.lines[0].reading.gap));
        }
        let month = panel.periods().on(first + chrono::Days::new(day)).unwrap();
        // On the last day of a month it has passed.
        let passed = panel.periods().period(month).unwrap().end <= first + chrono::Days::new(day + 1);
        let ended = month.index() + usize::from(passed);
        let missing: i64 = (0..ended).map(|at| targets[at] - actual[at]).sum();
        let carried = subject.corrections.iter().find_map(|correction| match correction {
            Correction::CarryForward { metric, shortfall, into, .. } if *metric == *"sales" => Some((shortfall, into)),
            _ => None,
        });
        match carried {
            Some((shortfall, into)) => {
                prop_assert_eq!(shortfall.units(), missing);
                prop_assert_eq!(into.iter().map(|part| part.amount.units()).sum::<i64>(), missing);
                prop_assert!(into.iter().all(|part| part.amount.units() >= 0));
            }
            None => prop_assert!(missing <= 0 || targets[ended..].iter().all(|target| *target == 0)),
        }
        let behind = subject.lines[0].standing == PaceStatus::Behind;
        prop_assert_eq!(behind, subject.lines[0].shortfall().is_some());
    }
}
