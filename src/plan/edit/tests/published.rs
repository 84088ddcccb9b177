//! Spreads, holds and shares that other systems publish.

use super::*;

type Case<'a> = (&'a str, &'a [i64], Verb, Mode, &'a [i64]);

#[test]
fn published_spreads_come_out_as_published() {
    let amount = |amount: i64| Number::from(amount);
    let line = Verb::StraightLine {
        from: amount(100),
        to: amount(200),
    };
    let repeat = Verb::Repeat {
        amount: amount(400),
        cells: RepeatCells::NonZero,
    };
    let percent = Verb::PercentChange {
        by: Ratio::percent(10),
    };
    let equal = |total| Verb::Equal {
        amount: amount(total),
    };
    let replace = Mode::Replace;
    let cases: Vec<Case<'_>> = vec![
        (
            "proportional",
            &[10, 30, 60],
            proportional(300),
            replace,
            &[30, 90, 180],
        ),
        (
            "equal leaves",
            &[0; 4],
            Verb::EqualLeaves {
                amount: amount(1200),
            },
            replace,
            &[300; 4],
        ),
        (
            "a line",
            &[0; 6],
            line,
            replace,
            &[100, 120, 140, 160, 180, 200],
        ),
        (
            "ten percent more",
            &[100, 50, 0, 20],
            percent,
            Mode::Add,
            &[110, 55, 0, 22],
        ),
        (
            "repeated where there is something",
            &[5, 0, 7, 0],
            repeat,
            replace,
            &[400, 0, 400, 0],
        ),
        (
            "proportional to nothing is equal",
            &[0, 0, 0],
            proportional(9),
            replace,
            &[3, 3, 3],
        ),
        (
            "a pattern of weeks",
            &[0; 3],
            pattern("4-4-5", 13),
            replace,
            &[4, 4, 5],
        ),
        (
            "pattern 1",
            &[1, 5, 9],
            pattern("1", 12),
            replace,
            &[4, 4, 4],
        ),
        (
            "pattern P",
            &[1, 5, 9],
            pattern("P", 12),
            replace,
            &[12, 12, 12],
        ),
        (
            "pattern 1 2 1",
            &[0; 3],
            pattern("1 2 1", 12),
            replace,
            &[3, 6, 3],
        ),
        (
            "pattern 0 1 0",
            &[3, 0, 3],
            pattern("0 1 0", 12),
            replace,
            &[0, 12, 0],
        ),
        (
            "a year from nothing",
            &[0; 3],
            proportional(12000),
            replace,
            &[4000; 3],
        ),
        (
            "equal cells of 25",
            &[25; 4],
            proportional(1000),
            replace,
            &[250; 4],
        ),
        (
            "equal cells of 1",
            &[1; 4],
            proportional(1000),
            replace,
            &[250; 4],
        ),
        (
            "equal cells of 0",
            &[0; 4],
            proportional(1000),
            replace,
            &[250; 4],
        ),
        (
            "added in proportion",
            &[75, 25],
            proportional(2000),
            Mode::Add,
            &[1575, 525],
        ),
        ("9 in three", &[0; 3], equal(9), replace, &[3; 3]),
        ("10 in two", &[0; 2], equal(10), replace, &[5; 2]),
        ("3 in one", &[0; 1], equal(3), replace, &[3]),
    ];
    for (name, start, verb, mode, expected) in cases {
        assert_eq!(after(start, verb, mode), expected, "{name}");
    }
}

#[test]
fn holds_come_out_as_published() {
    let mut plan = grid("1", &[&[10, 20, 30]]);
    let total = |amount| Edit::Spread(spread(at(&[("row", "r1")]), proportional(amount)));
    apply(
        &mut plan,
        vec![hold(vec![cell("c2")], HoldWhat::Total), total(100)],
    )
    .unwrap();
    assert_eq!(cells(&plan), [20, 20, 60]);
    let mut plan = grid("1", &[&[100, 100, 100]]);
    let held = hold(vec![cell("c2"), cell("c3")], HoldWhat::Total);
    apply(&mut plan, vec![held, total(600)]).unwrap();
    assert_eq!(cells(&plan), [400, 100, 100]);
}

#[test]
fn spreading_like_a_reference_comes_out_as_published() {
    let mut plan = grid("1", &[&[10, 20, 70], &[0, 0, 0]]);
    let to = Reference {
        place: Some(at(&[("row", "r1")])),
        ..Reference::default()
    };
    let verb = Verb::Relative {
        amount: Number::from(400),
        to,
    };
    apply(
        &mut plan,
        vec![Edit::Spread(spread(at(&[("row", "r2")]), verb))],
    )
    .unwrap();
    assert_eq!(cells(&plan), [10, 20, 70, 40, 80, 280]);
    // Back to the proportions of an earlier version.
    let to = Reference {
        version: Some(0),
        place: Some(at(&[("row", "r1")])),
        ..Reference::default()
    };
    let verb = Verb::Relative {
        amount: Number::from(1000),
        to,
    };
    apply(
        &mut plan,
        vec![Edit::Spread(spread(at(&[("row", "r2")]), verb))],
    )
    .unwrap();
    assert_eq!(cells(&plan)[3..], [100, 200, 700]);
}

#[test]
fn a_share_by_a_basis_comes_out_as_published() {
    // Basis 3 and 2, one zero, one missing. The structure has the combinations that the table lists.
    let names = ["a", "b", "zero", "missing"];
    let space = Space::new(vec![DimensionDef::flat("dept", "dept", names).unwrap()]).unwrap();
    let measures = Measures::new(vec![
        Measure::flow("m", "share".parse().unwrap(), Quantum::ONE).unwrap(),
    ]);
    let measures = measures.unwrap();
    let axis = Axis::new("dept", "dept").unwrap();
    let basis = [
        ("a", Decimal::from(3)),
        ("b", Decimal::from(2)),
        ("zero", Decimal::ZERO),
    ];
    let table = Table::of_members(axis, &basis).unwrap();
    let listed = table.subjects().clone();
    let sources = Sources::new(&measures, &space)
        .table(key("basis"), table)
        .combinations(listed);
    let by = BasisDef::History(TableUse::total("basis").unwrap());
    let def = CascadeDef::new(key("share"), key("m"), days("2026-01-01", "2027-01-01"))
        .step(StepDef::member("dept", "dept").unwrap().basis(by));
    let plan = Cascade::compile(def, &sources)
        .unwrap()
        .run(Decimal::TEN)
        .unwrap();
    assert_eq!(plan.level_units("m", 1).unwrap(), [6, 4, 0]);
    assert!(
        plan.frame().find(&["missing"]).is_err(),
        "a missing basis leaves the cell missing"
    );
    // 1000.00 by 1, 2, 3, 5 in cents.
    let mut plan = grid("0.01", &[&[1, 2, 3, 5]]);
    apply(
        &mut plan,
        vec![Edit::Spread(spread(Place::whole(), proportional(1000)))],
    )
    .unwrap();
    assert_eq!(cells(&plan), [9091, 18182, 27273, 45454]);
    // Rounding to hundreds and to cents.
    let hundred = Quantum::new(Decimal::ONE_HUNDRED).unwrap();
    let half = Rounding::HalfAwayFromZero;
    assert_eq!(hundred.round(Ratio::from(1234), half).unwrap(), 12);
    assert_eq!(
        Quantum::CENT
            .round("1234.725".parse().unwrap(), half)
            .unwrap(),
        123_473
    );
}
