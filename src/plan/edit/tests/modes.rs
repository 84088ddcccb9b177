//! Every verb replaces, adds and subtracts.

use super::{apply, at, cells, grid, number, pattern, proportional, spread};
use crate::plan::*;
use crate::quantity::{Number, Ratio};

/// One verb on 10, 20, 30: what the cells become when it replaces, adds and subtracts.
type Case = (&'static str, Verb, [[i64; 3]; 3]);

fn cases() -> Vec<Case> {
    let amount = |amount: i64| Number::from(amount);
    let half = Ratio::percent(50);
    let growth = |of| Verb::Growth {
        start: amount(4),
        by: half,
        of,
    };
    let repeat = |cells| Verb::Repeat {
        amount: amount(5),
        cells,
    };
    let like = Verb::Relative {
        amount: amount(12),
        to: Reference {
            place: Some(at(&[("row", "r2")])),
            ..Reference::default()
        },
    };
    vec![
        (
            "proportional",
            proportional(30),
            [[5, 10, 15], [15, 30, 45], [5, 10, 15]],
        ),
        (
            "equal",
            Verb::Equal { amount: amount(30) },
            [[10, 10, 10], [20, 30, 40], [0, 10, 20]],
        ),
        (
            "equal to leaves",
            Verb::EqualLeaves { amount: amount(30) },
            [[10, 10, 10], [20, 30, 40], [0, 10, 20]],
        ),
        (
            "by the bases",
            Verb::Basis { amount: amount(30) },
            [[10, 10, 10], [20, 30, 40], [0, 10, 20]],
        ),
        (
            "repeat",
            repeat(RepeatCells::All),
            [[5, 5, 5], [15, 25, 35], [5, 15, 25]],
        ),
        (
            "straight line",
            Verb::StraightLine {
                from: amount(3),
                to: amount(9),
            },
            [[3, 6, 9], [13, 26, 39], [7, 14, 21]],
        ),
        (
            "linear growth",
            growth(GrowthOf::First),
            [[4, 6, 8], [14, 26, 38], [6, 14, 22]],
        ),
        (
            "compound growth",
            growth(GrowthOf::Previous),
            [[4, 6, 9], [14, 26, 39], [6, 14, 21]],
        ),
        (
            "percent change",
            Verb::PercentChange {
                by: "0.1".parse().unwrap(),
            },
            [[1, 2, 3], [11, 22, 33], [9, 18, 27]],
        ),
        (
            "like a reference",
            like,
            [[6, 4, 2], [16, 24, 32], [4, 16, 28]],
        ),
        (
            "pattern",
            pattern("1 2 1", 20),
            [[5, 10, 5], [15, 30, 35], [5, 10, 25]],
        ),
        (
            "the same for each",
            pattern("P", 7),
            [[7, 7, 7], [17, 27, 37], [3, 13, 23]],
        ),
        ("clear", Verb::Clear, [[0; 3]; 3]),
    ]
}

#[test]
fn every_verb_replaces_adds_and_subtracts() {
    for (name, verb, expected) in cases() {
        for (mode, expected) in [Mode::Replace, Mode::Add, Mode::Subtract]
            .into_iter()
            .zip(expected)
        {
            let mut plan = grid("1", &[&[10, 20, 30], &[3, 2, 1]]);
            let edit = spread(at(&[("row", "r1")]), verb.clone()).mode(mode);
            apply(&mut plan, vec![Edit::Spread(edit)]).unwrap();
            assert_eq!(cells(&plan)[..3], expected, "{name}, {mode:?}");
            assert_eq!(cells(&plan)[3..], [3, 2, 1], "{name}, {mode:?}");
            let sum: i64 = expected.iter().sum();
            assert_eq!(plan.units("m", 1).unwrap(), [sum, 6], "{name}, {mode:?}");
        }
    }
}

#[test]
fn modes_leave_what_is_held_and_round_once() {
    // 7 more over three cells of which the last may not move: by 10 : 20, 2.33 and 4.67.
    let mut plan = grid("1", &[&[10, 20, 30]]);
    let held = super::hold(vec![super::cell("c3")], HoldWhat::Total);
    let more = spread(at(&[("row", "r1")]), proportional(7)).mode(Mode::Add);
    apply(&mut plan, vec![held, Edit::Spread(more)]).unwrap();
    assert_eq!(cells(&plan), [12, 25, 30]);
    let fewer = Verb::PercentChange {
        by: number_ratio("0.25"),
    };
    let fewer = spread(at(&[("row", "r1")]), fewer).mode(Mode::Subtract);
    apply(&mut plan, vec![Edit::Spread(fewer)]).unwrap();
    // A quarter of the 37 that may move is 9.25: 9 less, by 12 : 25.
    assert_eq!(cells(&plan), [9, 19, 30]);
    assert_eq!(number("58"), Number::from(plan.units("m", 0).unwrap()[0]));
}

fn number_ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}
