//! Roll-outs, execution, effort and fading.

use super::*;

#[test]
fn a_plan_is_rolled_out_to_those_who_were_reached() {
    use RollOut::{Accepted, Briefed, NotReached};
    assert_eq!(
        rolled_out(&[Accepted, Briefed, NotReached], Briefed),
        share(2, 3)
    );
    assert_eq!(rolled_out(&[], Briefed), None);
}

#[test]
fn execution_is_time_quality_and_quantity() {
    let counts = ExecutionCounts {
        due: 10,
        on_time: 9,
        planned: 20,
        done: 25,
        reviewed: 5,
        good: 3,
    };
    let weights = ExecutionWeights::new(Ratio::from(2), Ratio::ONE, Ratio::ONE).unwrap();
    let found = ExecutionIndex::of(&counts, weights).unwrap();
    crate::document::reads_back(&found);
    assert_eq!(
        (found.timeliness, found.quality, found.quantity),
        (share(9, 10), share(3, 5), share(1, 1))
    );
    // (2 x 0.9 + 0.6 + 1) / 4
    assert_eq!(found.index, share(17, 20));
    let nothing = ExecutionIndex::of(&ExecutionCounts::default(), weights).unwrap();
    assert_eq!(nothing.index, None);
    assert!(ExecutionWeights::new(Ratio::ZERO, Ratio::ZERO, Ratio::ZERO).is_err());
    assert!(
        serde_json::from_str::<ExecutionWeights>(
            r#"{"timeliness":"-1","quality":"1","quantity":"1"}"#
        )
        .is_err()
    );
    assert_eq!(counts.and(counts).due, 20);
}

#[test]
fn effort_goes_where_it_was_meant_or_elsewhere() {
    let plan = BTreeMap::from([(key("selling"), Ratio::from(3)), (key("base"), Ratio::ONE)]);
    let minutes = BTreeMap::from([(key("selling"), 300), (key("meetings"), 100)]);
    let mix = effort_mix(&plan, &minutes).unwrap();
    assert_eq!(mix.classes.len(), 3);
    // 75 % was planned and taken for selling; the quarter for the base went to meetings.
    assert_eq!(mix.misplaced, Ratio::percent(25));
    assert_eq!(
        effort_mix(&plan, &BTreeMap::new()),
        Err(DutyError::NoEffort)
    );
    assert!(effort_mix(&BTreeMap::new(), &minutes).is_err());
}

#[test]
fn an_initiative_fades_when_all_of_its_end_falls_short() {
    let half = Ratio::percent(50);
    let told = |weeks: &[(i64, i64)]| fading(weeks, 2, half).map(|found| found.fades);
    assert_eq!(told(&[(10, 10), (8, 10), (4, 10), (3, 10)]), Some(true));
    assert_eq!(
        told(&[(10, 10), (8, 10), (4, 10), (5, 10)]),
        Some(false),
        "the last week is above 45 %"
    );
    assert_eq!(told(&[(10, 10), (8, 10), (4, 10)]), None);
    assert_eq!(
        told(&[(0, 10), (0, 10), (0, 10), (0, 10)]),
        None,
        "what never began cannot fade"
    );
    assert_eq!(fading(&[(1, 1), (1, 1)], 0, half), None);
}
