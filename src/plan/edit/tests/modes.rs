//! Every verb replaces, adds and subtracts.

use super::{after, apply, at, cell, cells, grid, hold, number, pattern, proportional, spread};
use crate::allocation::NegativeWeights;
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
            assert_eq!(
                plan.level_units("m", 1).unwrap(),
                [sum, 6],
                "{name}, {mode:?}"
            );
        }
    }
}

#[test]
fn modes_leave_what_is_held_and_round_once() {
    // 7 more over three cells of which the last may not move: by 10 : 20, 2.33 and 4.67.
    let mut plan = grid("1", &[&[10, 20, 30]]);
    let held = hold(vec![cell("c3")], HoldWhat::Total);
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
    assert_eq!(
        number("58"),
        Number::from(plan.level_units("m", 0).unwrap()[0])
    );
}

fn number_ratio(text: &str) -> Ratio {
    text.parse().unwrap()
}

#[test]
fn every_cell_is_multiplied_whatever_its_sign() {
    let by = |text: &str| Verb::PercentChange {
        by: text.parse().unwrap(),
    };
    for (name, start, verb, mode, expected) in [
        (
            "ten percent more",
            &[-500, 1000][..],
            by("0.1"),
            Mode::Add,
            &[-550, 1100][..],
        ),
        (
            "ten percent less",
            &[-500, 1000],
            by("0.1"),
            Mode::Subtract,
            &[-450, 900],
        ),
        (
            "half of it",
            &[-500, 1000],
            by("0.5"),
            Mode::Replace,
            &[-250, 500],
        ),
        (
            "turned round",
            &[-500, 1000],
            by("-1"),
            Mode::Replace,
            &[500, -1000],
        ),
        (
            "a total of zero",
            &[-500, 500],
            by("0.1"),
            Mode::Add,
            &[-550, 550],
        ),
        (
            "zero stays",
            &[-500, 0, 1000],
            by("0.1"),
            Mode::Add,
            &[-550, 0, 1100],
        ),
        // -1.1, 1.1, 3.3 of a total of 3.3: 3 is one more than -2, 1, 3 make, and -1.1 lies furthest above its floor.
        (
            "rounded once",
            &[-1, 1, 3],
            by("0.1"),
            Mode::Add,
            &[-1, 1, 3],
        ),
        (
            "the first of equal ones",
            &[-5, 5, -5, 5],
            by("0.1"),
            Mode::Add,
            &[-5, 6, -6, 5],
        ),
    ] {
        assert_eq!(after(start, verb, mode), expected, "{name}");
    }
    for policy in [
        NegativeWeights::Refuse,
        NegativeWeights::Absolute,
        NegativeWeights::Zero,
    ] {
        let mut plan = grid("1", &[&[-500, 1000], &[-20, 20]]);
        let edit = spread(Place::whole(), by("0.1"))
            .mode(Mode::Add)
            .negative_base(policy);
        apply(&mut plan, vec![Edit::Spread(edit)]).unwrap();
        assert_eq!(cells(&plan), [-550, 1100, -22, 22]);
        assert_eq!(plan.level_units("m", 1).unwrap(), [550, 0]);
    }
    // What is held stays, also in a slice, and also where a total above is kept.
    let mut plan = grid("1", &[&[-500, 1000, 100], &[100, 100, 100]]);
    let held = hold(vec![cell("c1")], HoldWhat::Total);
    let edit = spread(at(&[("row", "r1")]), by("0.1"))
        .mode(Mode::Add)
        .keeping(Place::whole());
    apply(&mut plan, vec![held, Edit::Spread(edit)]).unwrap();
    assert_eq!(cells(&plan)[..3], [-500, 1100, 110]);
    assert_eq!(plan.level_units("m", 0).unwrap(), [900]);
}

#[test]
fn a_held_total_may_be_kept_while_what_is_below_it_moves() {
    let start: [&[i64]; 2] = [&[10, 20, 30], &[40, 0, 20]];
    let kept = |place: Place, verb, above: Place| Edit::Spread(spread(place, verb).keeping(above));
    let row = || at(&[("row", "r1")]);
    let mut plan = grid("1", &start);
    apply(&mut plan, vec![hold(vec![row()], HoldWhat::Total)]).unwrap();
    let plain = Edit::Spread(spread(cell("c1"), proportional(20)));
    assert_eq!(
        apply(&mut plan, vec![plain]).unwrap_err().to_string(),
        "r1 is held at 60: keep it, so that what else is below it gives way"
    );
    apply(&mut plan, vec![kept(cell("c1"), proportional(20), row())]).unwrap();
    assert_eq!(cells(&plan), [20, 16, 24, 40, 0, 20]);
    // Other verbs, and a slice below a whole that is held.
    apply(&mut plan, vec![kept(cell("c3"), Verb::Clear, row())]).unwrap();
    assert_eq!(cells(&plan)[..3], [33, 27, 0]);
    let mut plan = grid("1", &start);
    apply(&mut plan, vec![hold(vec![Place::whole()], HoldWhat::Total)]).unwrap();
    let slice = || at(&[("cell", "c1")]);
    assert!(matches!(
        apply(
            &mut plan,
            vec![Edit::Spread(spread(slice(), proportional(100)))]
        ),
        Err(PlanError::Edit(EditError::HeldAbove { .. }))
    ));
    apply(
        &mut plan,
        vec![kept(slice(), proportional(100), Place::whole())],
    )
    .unwrap();
    assert_eq!(plan.level_units("m", 0).unwrap(), [120]);
    assert_eq!(cells(&plan), [20, 6, 8, 80, 0, 6]);
    // A held node between the edited place and the kept one still asks to be kept itself.
    apply(&mut plan, vec![hold(vec![row()], HoldWhat::Total)]).unwrap();
    assert!(matches!(
        apply(
            &mut plan,
            vec![kept(cell("c1"), proportional(30), Place::whole())]
        ),
        Err(PlanError::Edit(EditError::HeldAbove { .. }))
    ));
    // The held node itself is not edited, and everything below it held leaves nothing to give way.
    assert!(matches!(
        apply(
            &mut plan,
            vec![kept(row(), proportional(30), Place::whole())]
        ),
        Err(PlanError::Edit(EditError::Held { .. }))
    ));
    let others = vec![cell("c2"), cell("c3")];
    apply(&mut plan, vec![hold(others, HoldWhat::Total)]).unwrap();
    assert!(matches!(
        apply(&mut plan, vec![kept(cell("c1"), proportional(30), row())]),
        Err(PlanError::Edit(EditError::NothingFree { .. }))
    ));
}

/// Ann is below the north alone: she is a node of it, whether the north is named or not.
#[test]
fn a_slice_that_lies_below_one_node_is_edited_there() {
    use crate::plan::fixture::{Company, key, member, recipe};
    let company = Company::new();
    let def = recipe("sales")
        .step(member("person", "region"))
        .step(member("person", "person"))
        .step(member("product", "product"));
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    let mut plan = cascade.run("1200".parse().unwrap()).unwrap();
    let sales =
        |place: Place, amount: i64| Spread::new("sales", place, proportional(amount)).unwrap();
    let north = || at(&[("region", "north")]);
    let ann = || at(&[("person", "ann")]);
    let held = Edit::Hold(HoldEdit {
        measure: key("sales"),
        at: vec![north()],
        what: HoldWhat::Total,
    });
    apply(&mut plan, vec![held]).unwrap();
    assert_eq!(
        apply(&mut plan, vec![Edit::Spread(sales(ann(), 400))])
            .unwrap_err()
            .to_string(),
        "north is held at 600.00: keep it, so that what else is below it gives way"
    );
    let people = |plan: &Plan| plan.level_units("sales", 2).unwrap().to_vec();
    for (amount, left) in [(400, 20_000), (0, 60_000), (600, 0), (250, 35_000)] {
        let edit = Edit::Spread(sales(ann(), amount).keeping(north()));
        apply(&mut plan, vec![edit]).unwrap();
        assert_eq!(people(&plan)[..2], [amount * 100, left], "{amount}");
        assert!(plan.verify().is_empty());
    }
    // Her tea is a node too; tea of everybody is a slice of the whole.
    let tea = at(&[("person", "ann"), ("product", "tea")]);
    let edit = Edit::Spread(sales(tea, 50).keeping(north()));
    apply(&mut plan, vec![edit]).unwrap();
    assert_eq!(plan.level_units("sales", 1).unwrap(), [60_000, 60_000]);
    assert_eq!(plan.level_units("sales", 3).unwrap()[0], 5_000);
    let all = Edit::Spread(sales(at(&[("product", "tea")]), 700).keeping(Place::whole()));
    assert!(apply(&mut plan, vec![all]).is_ok());
    assert_eq!(plan.level_units("sales", 0).unwrap(), [120_000]);
    assert_eq!(
        plan.level_units("sales", 1).unwrap()[0],
        60_000,
        "what is held stays"
    );
}
