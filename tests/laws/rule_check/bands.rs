//! Holes and overlaps of graded rules: against every value on a fine grid.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quotaflow::quantity::Ratio;
use quotaflow::rule::check::{Anomaly, check};
use quotaflow::rule::{Band, Grade, Grading, RuleDef, Severity};

fn band() -> impl Strategy<Value = Band> {
    let edge = || prop::option::weighted(0.8, 0_i64..8);
    let severity = prop::sample::select(Severity::ALL.to_vec());
    (edge(), edge(), severity).prop_map(|(from, to, severity)| {
        let (from, to) = match (from, to) {
            (Some(from), Some(to)) if from == to => (Some(from), Some(to + 1)),
            (Some(from), Some(to)) => (Some(from.min(to)), Some(from.max(to))),
            other => other,
        };
        Band {
            from: from.map(Ratio::from),
            to: to.map(Ratio::from),
            severity,
        }
    })
}

fn holds(band: &Band, value: Ratio) -> bool {
    band.from.is_none_or(|from| from <= value) && band.to.is_none_or(|to| value < to)
}

proptest! {
    #![proptest_config(crate::cases(500))]

    #[test]
    fn holes_and_overlaps_of_bands_are_all_found_and_no_others(bands in prop::collection::vec(band(), 1..5)) {
        let grade = Grade::By(Grading { of: "a".parse().unwrap(), bands: bands.clone(), otherwise: Severity::Info });
        let rule = RuleDef::new("r", "a < 3".parse().unwrap()).unwrap().severity(grade);
        let found = check([&rule], &BTreeMap::new());
        // Halves from below the lowest edge to above the highest one.
        let grid: Vec<Ratio> = (-4_i128..20).map(|half| Ratio::new(half, 2).unwrap()).collect();
        let covered = |value: &Ratio| bands.iter().any(|band| holds(band, *value));
        for value in &grid {
            let below = bands.iter().any(|band| band.from.is_none_or(|from| from <= *value));
            let above = bands.iter().any(|band| band.to.is_none_or(|to| *value < to));
            let told = found.iter().any(|finding| {
                matches!(finding, Anomaly::Gap { from, to, .. } if from <= value && value < to)
            });
            prop_assert_eq!(told, below && above && !covered(value), "{}", value);
        }
        for (first, left) in bands.iter().enumerate() {
            for (second, right) in bands.iter().enumerate().skip(first + 1) {
                let both = grid.iter().any(|value| holds(left, *value) && holds(right, *value));
                let told = found.iter().find_map(|finding| match finding {
                    Anomaly::Overlap { first: a, second: b, witness, .. } if (*a, *b) == (first, second) => Some(*witness),
                    _ => None,
                });
                prop_assert_eq!(told.is_some(), both && left.severity != right.severity);
                if let Some(witness) = told {
                    prop_assert!(holds(left, witness) && holds(right, witness));
                }
            }
        }
    }
}
