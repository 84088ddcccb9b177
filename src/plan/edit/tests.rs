mod modes;

use crate::calendar::{Calendar, Grain};
use crate::document::Version;
use crate::measure::{Measure, Measures};
use crate::plan::fixture::{Company, days, key, member, recipe};
use crate::plan::*;
use crate::quantity::{Number, Quantum, Ratio, Rounding};
use crate::space::{Axis, DimensionDef, Space};
use rust_decimal::Decimal;

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

fn change(plan: &Plan, edits: Vec<Edit>) -> Change {
    Change {
        version: Version::default(),
        by: key("ann"),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: "test".to_owned(),
        based_on: plan.version(),
        edits,
    }
}

fn apply(plan: &mut Plan, edits: Vec<Edit>) -> Result<u64, PlanError> {
    let before = format!("{:?}", plan.sheets[0].amounts);
    let result = plan.apply(change(plan, edits));
    assert_eq!(plan.verify(), []);
    if result.is_err() {
        assert_eq!(
            format!("{:?}", plan.sheets[0].amounts),
            before,
            "a refused change changes nothing"
        );
    }
    result
}

fn spread(at: Place, verb: Verb) -> Spread {
    Spread::new("m", at, verb).unwrap()
}

fn at(fixed: &[(&str, &str)]) -> Place {
    fixed
        .iter()
        .map(|(step, member)| (key(step), key(member)))
        .collect()
}

/// Rows of cells: one node for each row below the whole, with cells `c1`, `c2` and so on.
fn grid(quantum: &str, rows: &[&[i64]]) -> Plan {
    let quantum = Quantum::new(quantum.parse().unwrap()).unwrap();
    let measures = Measures::new(vec![
        Measure::flow("m", "share".parse().unwrap(), quantum).unwrap(),
    ]);
    let names = |letter: &str, count: usize| -> Vec<String> {
        (1..=count)
            .map(|number| format!("{letter}{number}"))
            .collect()
    };
    let (rows_names, cells) = (names("r", rows.len()), names("c", rows[0].len()));
    let flat = |name: &str, members: &[String]| {
        DimensionDef::flat(name, name, members.iter().map(String::as_str)).unwrap()
    };
    let space = Space::new(vec![flat("row", &rows_names), flat("cell", &cells)]).unwrap();
    let def = CascadeDef::new(key("grid"), key("m"), days("2026-01-01", "2027-01-01"))
        .step(StepDef::member("row", "row").unwrap())
        .step(StepDef::member("cell", "cell").unwrap());
    let measures = measures.unwrap();
    let cascade = Cascade::compile(def, &Sources::new(&measures, &space)).unwrap();
    let sums: Vec<i64> = rows.iter().map(|row| row.iter().sum()).collect();
    let values = vec![vec![sums.iter().sum()], sums, rows.concat()];
    Plan::from_units(&cascade, values).unwrap()
}

fn cells(plan: &Plan) -> Vec<i64> {
    plan.units("m", 2).unwrap().to_vec()
}

/// What a row of cells becomes.
fn after(start: &[i64], verb: Verb, mode: Mode) -> Vec<i64> {
    let mut plan = grid("1", &[start]);
    let edit = Edit::Spread(spread(at(&[("row", "r1")]), verb).mode(mode));
    apply(&mut plan, vec![edit]).unwrap();
    cells(&plan)
}

fn hold(places: Vec<Place>, what: HoldWhat) -> Edit {
    Edit::Hold(HoldEdit {
        measure: key("m"),
        at: places,
        what,
    })
}

fn cell(name: &str) -> Place {
    at(&[("row", "r1"), ("cell", name)])
}

fn proportional(amount: i64) -> Verb {
    Verb::Proportional {
        amount: Number::from(amount),
    }
}

fn pattern(text: &str, amount: i64) -> Verb {
    Verb::Pattern {
        amount: Number::from(amount),
        pattern: text.parse().unwrap(),
    }
}

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
            "V-S1",
            &[10, 30, 60],
            proportional(300),
            replace,
            &[30, 90, 180],
        ),
        (
            "V-S3",
            &[0; 4],
            Verb::EqualLeaves {
                amount: amount(1200),
            },
            replace,
            &[300; 4],
        ),
        (
            "V-S4",
            &[0; 6],
            line,
            replace,
            &[100, 120, 140, 160, 180, 200],
        ),
        (
            "V-S5",
            &[100, 50, 0, 20],
            percent,
            Mode::Add,
            &[110, 55, 0, 22],
        ),
        ("V-S6", &[5, 0, 7, 0], repeat, replace, &[400, 0, 400, 0]),
        ("V-S7", &[0, 0, 0], proportional(9), replace, &[3, 3, 3]),
        ("V-S10", &[0; 3], pattern("4-4-5", 13), replace, &[4, 4, 5]),
        ("V-S11 1", &[1, 5, 9], pattern("1", 12), replace, &[4, 4, 4]),
        (
            "V-S11 P",
            &[1, 5, 9],
            pattern("P", 12),
            replace,
            &[12, 12, 12],
        ),
        (
            "V-S11 1 2 1",
            &[0; 3],
            pattern("1 2 1", 12),
            replace,
            &[3, 6, 3],
        ),
        (
            "V-S11 0 1 0",
            &[3, 0, 3],
            pattern("0 1 0", 12),
            replace,
            &[0, 12, 0],
        ),
        ("V-S12", &[0; 3], proportional(12000), replace, &[4000; 3]),
        ("V-S14 25", &[25; 4], proportional(1000), replace, &[250; 4]),
        ("V-S14 1", &[1; 4], proportional(1000), replace, &[250; 4]),
        ("V-S14 0", &[0; 4], proportional(1000), replace, &[250; 4]),
        (
            "V-S15",
            &[75, 25],
            proportional(2000),
            Mode::Add,
            &[1575, 525],
        ),
        ("V-S16 9", &[0; 3], equal(9), replace, &[3; 3]),
        ("V-S16 10", &[0; 2], equal(10), replace, &[5; 2]),
        ("V-S16 3", &[0; 1], equal(3), replace, &[3]),
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
    assert_eq!(cells(&plan), [20, 20, 60], "V-H1");
    let mut plan = grid("1", &[&[100, 100, 100]]);
    let held = hold(vec![cell("c2"), cell("c3")], HoldWhat::Total);
    apply(&mut plan, vec![held, total(600)]).unwrap();
    assert_eq!(cells(&plan), [400, 100, 100], "V-H3");
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
    assert_eq!(cells(&plan), [10, 20, 70, 40, 80, 280], "V-S2");
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
    // V-E1: basis 3 and 2, one zero, one missing. The structure has the combinations that the table lists.
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
    assert_eq!(plan.units("m", 1).unwrap(), [6, 4, 0], "V-E1");
    assert!(
        plan.frame().find(&["missing"]).is_err(),
        "V-E1: a missing basis leaves the cell missing"
    );
    // V-E2: 1000.00 by 1, 2, 3, 5 in cents.
    let mut plan = grid("0.01", &[&[1, 2, 3, 5]]);
    apply(
        &mut plan,
        vec![Edit::Spread(spread(Place::whole(), proportional(1000)))],
    )
    .unwrap();
    assert_eq!(cells(&plan), [9091, 18182, 27273, 45454], "V-E2");
    // V-E4 and V-E5: rounding to hundreds and to cents.
    let hundred = Quantum::new(Decimal::ONE_HUNDRED).unwrap();
    let half = Rounding::HalfAwayFromZero;
    assert_eq!(hundred.round(Ratio::from(1234), half).unwrap(), 12, "V-E4");
    assert_eq!(
        Quantum::CENT
            .round("1234.725".parse().unwrap(), half)
            .unwrap(),
        123_473,
        "V-E5"
    );
}

#[test]
fn what_january_missed_goes_equally_to_the_months_that_are_open() {
    // V-P1: 33,333.33 in each of three months, January closed 14,790.84 short.
    let company = Company::new();
    let def = CascadeDef {
        horizon: days("2026-01-01", "2026-04-01"),
        ..recipe("sales")
    }
    .step(StepDef::grain(Grain::Month));
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    let values = vec![
        vec![9_999_999 - 1_479_084],
        vec![3_333_333 - 1_479_084, 3_333_333, 3_333_333],
    ];
    let mut plan = Plan::from_units(&cascade, values).unwrap();
    let close = Edit::Close {
        before: "2026-02-01".parse().unwrap(),
    };
    let equal = Verb::Equal {
        amount: number("14790.84"),
    };
    let more = Spread::new("sales", Place::whole(), equal)
        .unwrap()
        .mode(Mode::Add);
    apply(&mut plan, vec![close, Edit::Spread(more)]).unwrap();
    assert_eq!(
        plan.units("sales", 1).unwrap(),
        [1_854_249, 4_072_875, 4_072_875]
    );
    let january = Place::whole().at("month", "2026-01").unwrap();
    let edit = Spread::new("sales", january, proportional(1)).unwrap();
    let error = apply(&mut plan, vec![Edit::Spread(edit)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "2026-01 is closed: all before 2026-02-01 is read-only"
    );
    let open = Edit::Close {
        before: "2026-01-01".parse().unwrap(),
    };
    assert!(matches!(
        apply(&mut plan, vec![open]),
        Err(PlanError::Reopened { .. })
    ));
}

#[test]
fn siblings_give_way_where_a_total_above_is_kept() {
    let start: [&[i64]; 2] = [&[10, 20, 30], &[40, 0, 20]];
    let keeping = |above| Edit::Spread(spread(cell("c1"), proportional(20)).keeping(above));
    let mut plan = grid("1", &start);
    apply(&mut plan, vec![keeping(at(&[("row", "r1")]))]).unwrap();
    assert_eq!(cells(&plan), [20, 16, 24, 40, 0, 20]);
    let mut plan = grid("1", &start);
    apply(&mut plan, vec![keeping(Place::whole())]).unwrap();
    // 20 of 120 are set; 50 and 60 in the other rows give 10: 45 5/11 and 54 6/11.
    assert_eq!(plan.units("m", 1).unwrap(), [65, 55]);
    assert_eq!(cells(&plan), [20, 18, 27, 37, 0, 18]);
    let error = apply(&mut plan, vec![keeping(at(&[("row", "r2")]))]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "r2 cannot be kept: it is not above r1 / c1"
    );
}

#[test]
fn a_slice_is_spread_over_its_own_cells_alone() {
    let mut plan = grid("1", &[&[10, 20, 30], &[40, 0, 20]]);
    let slice = at(&[("cell", "c1")]);
    apply(
        &mut plan,
        vec![Edit::Spread(spread(slice.clone(), proportional(100)))],
    )
    .unwrap();
    assert_eq!(cells(&plan), [20, 20, 30, 80, 0, 20]);
    assert_eq!(plan.units("m", 0).unwrap(), [170]);
    let keep = spread(slice.clone(), proportional(120)).keeping(Place::whole());
    apply(&mut plan, vec![Edit::Spread(keep)]).unwrap();
    // The other cells, 50 and 20, give 20 together.
    assert_eq!(cells(&plan), [24, 14, 22, 96, 0, 14]);
    let clear = spread(slice, Verb::Clear);
    apply(&mut plan, vec![Edit::Spread(clear)]).unwrap();
    assert_eq!(cells(&plan), [0, 14, 22, 0, 0, 14]);
}

#[test]
fn every_impossible_edit_says_what_stands_in_the_way() {
    let plan = || {
        let mut plan = grid("1", &[&[10, 20, 30], &[40, 0, -20]]);
        let held = vec![
            hold(vec![cell("c2")], HoldWhat::Total),
            hold(vec![at(&[("row", "r2")])], HoldWhat::Total),
        ];
        apply(&mut plan, held).unwrap();
        plan
    };
    let r1 = || at(&[("row", "r1")]);
    let cases = vec![
        (
            spread(cell("c2"), proportional(5)),
            "r1 / c2 is held: release it first",
        ),
        (
            spread(at(&[("row", "r2"), ("cell", "c1")]), proportional(5)),
            "r2 is held at 20: keep it, so that what else is below it gives way",
        ),
        (
            spread(r1(), proportional(19)),
            "r1 cannot be 19: 20 of it is held or closed",
        ),
        (
            spread(at(&[("row", "r2"), ("cell", "c4")]), proportional(5)),
            "dimension `cell` has no member `c4`; did you mean `c1`?",
        ),
        (
            spread(
                at(&[("cell", "c2"), ("row", "r2")]),
                Verb::StraightLine {
                    from: Number::from(1),
                    to: Number::from(2),
                },
            ),
            "r2 / c2 has no children",
        ),
        (
            spread(at(&[("cell", "c2")]), pattern("1 2", 3)),
            "cell c2 is not one node of the plan: name the steps from the top without a gap",
        ),
        (
            spread(cell("c1"), proportional(i64::MAX)),
            "the amount at r1 is beyond the range of 64 bits of quanta",
        ),
        (
            spread(
                cell("c1"),
                Verb::Equal {
                    amount: number("0.5"),
                },
            ),
            "0.5 is finer than the quantum 1",
        ),
    ];
    for (edit, message) in cases {
        let error = apply(&mut plan(), vec![Edit::Spread(edit)]).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let mut free = grid("1", &[&[10, 20, 30], &[40, 0, -20]]);
    let mixed = spread(at(&[("row", "r2")]), proportional(100));
    let error = apply(&mut free, vec![Edit::Spread(mixed.clone())]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "amounts below and above zero stand beside each other at r2: say what negative ones mean"
    );
    let absolute = mixed.negative_base(crate::allocation::NegativeWeights::Absolute);
    apply(&mut free, vec![Edit::Spread(absolute)]).unwrap();
    assert_eq!(cells(&free)[3..], [67, 0, 33]);
    let mut empty = grid("1", &[&[0, 0, 0]]);
    let refuse = spread(Place::whole(), proportional(100)).zero_base(ZeroBase::Refuse);
    let error = apply(&mut empty, vec![Edit::Spread(refuse)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "100 cannot be spread in proportion at all: all cells that may move are zero",
        "V-S7"
    );
    let all = hold(vec![Place::whole()], HoldWhat::Leaves);
    let error = apply(
        &mut empty,
        vec![all, Edit::Spread(spread(Place::whole(), proportional(1)))],
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "1 cannot be placed at all: everything below is held or closed"
    );
}

#[test]
fn a_plan_of_losses_spreads_as_one_of_gains() {
    assert_eq!(
        after(&[-10, -30, -60], proportional(-300), Mode::Replace),
        [-30, -90, -180]
    );
    assert_eq!(
        after(
            &[-10, -30],
            Verb::PercentChange {
                by: Ratio::percent(50)
            },
            Mode::Subtract
        ),
        [-5, -15]
    );
}

#[test]
fn growth_and_lines_leave_held_children_alone() {
    let mut plan = grid("1", &[&[0, 7, 0, 0]]);
    let verb = Verb::Growth {
        start: Number::from(1000),
        by: Ratio::percent(10),
        of: GrowthOf::Previous,
    };
    let edits = vec![
        hold(vec![cell("c2")], HoldWhat::Total),
        Edit::Spread(spread(at(&[("row", "r1")]), verb)),
    ];
    apply(&mut plan, edits).unwrap();
    assert_eq!(cells(&plan), [1000, 7, 1210, 1331]);
    assert_eq!(plan.units("m", 0).unwrap(), [3548]);
}

#[test]
fn a_stale_change_is_refused_with_what_changed_meanwhile() {
    let mut plan = grid("1", &[&[10, 20, 30]]);
    let edit = || vec![Edit::Spread(spread(cell("c1"), proportional(11)))];
    let (first, second) = (change(&plan, edit()), change(&plan, edit()));
    assert_eq!(plan.apply(first).unwrap(), 1);
    let error = plan.apply(second).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the change is based on version 0, but the plan is at 1: 1 by ann (test)"
    );
    let PlanError::Stale { meanwhile, .. } = error else {
        panic!("stale")
    };
    assert_eq!(meanwhile[0].places, [cell("c1")]);
    let future = Change {
        based_on: 9,
        ..change(&plan, edit())
    };
    assert!(matches!(
        plan.apply(future),
        Err(PlanError::UnknownVersion {
            version: 9,
            current: 1
        })
    ));
}

#[test]
fn versions_can_be_shown_compared_and_returned_to() {
    let mut plan = grid("1", &[&[10, 20, 30]]);
    apply(
        &mut plan,
        vec![Edit::Spread(spread(Place::whole(), proportional(120)))],
    )
    .unwrap();
    apply(
        &mut plan,
        vec![Edit::Spread(
            spread(cell("c1"), proportional(10)).keeping(Place::whole()),
        )],
    )
    .unwrap();
    assert_eq!(cells(&plan), [10, 44, 66]);
    assert_eq!(cells(&plan.as_of(1).unwrap()), [20, 40, 60]);
    let differences = plan.differences(0, 2).unwrap();
    let found: Vec<(String, i64, i64, Vec<u64>)> = differences
        .iter()
        .map(|d| {
            (
                d.path.to_string(),
                d.before.units(),
                d.after.units(),
                d.versions.clone(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("all".to_owned(), 60, 120, vec![1]),
            ("r1".to_owned(), 60, 120, vec![1]),
            ("r1 / c2".to_owned(), 20, 44, vec![1, 2]),
            ("r1 / c3".to_owned(), 30, 66, vec![1, 2]),
        ]
    );
    apply(&mut plan, vec![Edit::Revert { to: 1 }]).unwrap();
    assert_eq!((cells(&plan), plan.version()), (vec![20, 40, 60], 3));
    assert_eq!(plan.differences(1, 3).unwrap(), []);
    let why = plan
        .explain("m", plan.frame().find(&["r1", "c1"]).unwrap())
        .unwrap();
    let moves: Vec<(u64, i64, i64)> = why
        .moves
        .iter()
        .map(|m| (m.change.version, m.before.units(), m.after.units()))
        .collect();
    assert_eq!(moves, [(1, 10, 20), (2, 20, 10), (3, 10, 20)]);
}

#[test]
fn a_record_replays_to_the_same_plan() {
    let company = Company::new();
    let def = |measure| {
        recipe(measure)
            .step(member("person", "person"))
            .step(StepDef::grain(Grain::Month))
    };
    let sources = company.sources();
    let cascade = Cascade::compile(def("sales"), &sources).unwrap();
    let mut plan = cascade.run("1000".parse().unwrap()).unwrap();
    let expense = Cascade::beside(cascade.frame(), def("expense"), &sources).unwrap();
    plan.join(expense.run("80".parse().unwrap()).unwrap())
        .unwrap();
    let ann = Place::whole().at("person", "ann").unwrap();
    let hold = HoldEdit {
        measure: key("sales"),
        at: vec![ann.clone()],
        what: HoldWhat::Leaves,
    };
    let to = Reference {
        measure: Some(key("sales")),
        ..Reference::default()
    };
    let like = Verb::Relative {
        amount: number("99.99"),
        to,
    };
    apply(
        &mut plan,
        vec![
            Edit::Hold(hold),
            Edit::Spread(Spread::new("sales", Place::whole(), proportional(777)).unwrap()),
            Edit::Spread(Spread::new("expense", Place::whole(), like).unwrap()),
        ],
    )
    .unwrap();
    let text = serde_json::to_string(&plan.record()).unwrap();
    let record: PlanRecord = serde_json::from_str(&text).unwrap();
    let again = record.replay(&sources).unwrap();
    for measure in ["sales", "expense"] {
        for level in 0..3 {
            assert_eq!(
                again.units(measure, level).unwrap(),
                plan.units(measure, level).unwrap()
            );
        }
    }
    assert_eq!(serde_json::to_string(&again.record()).unwrap(), text);
    assert_eq!(plan.units("expense", 0).unwrap(), [9_999]);
}

#[test]
fn what_was_kept_apart_is_placed_by_an_edit() {
    let company = Company::new();
    let def = recipe("pieces")
        .step(member("person", "person").method(crate::allocation::Method::RemainderApart));
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    let mut plan = cascade.run(Decimal::from(9)).unwrap();
    assert_eq!(plan.units("pieces", 1).unwrap(), [1; 5]);
    let one = Place::whole().at("person", "bo").unwrap();
    apply(
        &mut plan,
        vec![Edit::Spread(
            Spread::new("pieces", one, proportional(3)).unwrap(),
        )],
    )
    .unwrap();
    assert_eq!(
        plan.units("pieces", 0).unwrap(),
        [11],
        "two of the two more come on top, four stay apart"
    );
    apply(
        &mut plan,
        vec![Edit::Spread(
            Spread::new("pieces", Place::whole(), proportional(14)).unwrap(),
        )],
    )
    .unwrap();
    assert_eq!(plan.units("pieces", 1).unwrap(), [2, 6, 2, 2, 2]);
}

#[test]
fn over_assignment_stays_with_its_node_when_a_cell_changes() {
    let company = Company::new();
    let pad = PadDef {
        share: Ratio::percent(10),
        threshold: Ratio::percent(50),
        beyond: BeyondThreshold::Forbid,
    };
    let def = recipe("pieces")
        .step(member("person", "region"))
        .step(member("person", "person").pad(pad));
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    let mut plan = cascade.run(Decimal::from(100)).unwrap();
    assert_eq!(plan.units("pieces", 2).unwrap(), [28, 27, 19, 18, 18]);
    let ann = at(&[("region", "north"), ("person", "ann")]);
    apply(
        &mut plan,
        vec![Edit::Spread(
            Spread::new("pieces", ann, proportional(38)).unwrap(),
        )],
    )
    .unwrap();
    assert_eq!(plan.units("pieces", 1).unwrap(), [60, 50]);
    let north = at(&[("region", "north")]);
    apply(
        &mut plan,
        vec![Edit::Spread(
            Spread::new("pieces", north, proportional(100)).unwrap(),
        )],
    )
    .unwrap();
    assert_eq!(
        plan.units("pieces", 2).unwrap()[..2],
        [64, 46],
        "110 handed down in proportion"
    );
}

#[test]
fn weeks_and_months_stay_exact_when_one_month_changes() {
    let calendar = Calendar::gregorian();
    let company = Company::new();
    let atoms = SplitDef::Atoms(vec![
        SplitDef::Grain(Grain::Week),
        SplitDef::Grain(Grain::Month),
    ]);
    let def = recipe("sales")
        .step(StepDef::grain(Grain::Month))
        .step(StepDef::new(atoms).basis(BasisDef::CalendarDays));
    let mut plan = Cascade::compile(def, &company.sources())
        .unwrap()
        .run(Decimal::from(1200))
        .unwrap();
    let may = Place::whole().at("month", "2026-05").unwrap();
    let edit = Spread::new(
        "sales",
        may,
        Verb::Basis {
            amount: number("333.33"),
        },
    )
    .unwrap()
    .keeping(Place::whole());
    apply(&mut plan, vec![Edit::Spread(edit)]).unwrap();
    let year = days("2026-01-01", "2027-01-01");
    for grain in [Grain::Week, Grain::Month] {
        let set = calendar.periods(grain, year.start(), year.end()).unwrap();
        let sums = plan.roll_up("sales", &[], Some(&set)).unwrap();
        assert_eq!(sums.cells().iter().flatten().sum::<i64>(), 120_000);
    }
    assert_eq!(plan.units("sales", 1).unwrap()[4], 33_333);
}

#[test]
fn edits_keep_lots() {
    let company = Company::new();
    let def = recipe("pieces")
        .step(member("person", "region").lot(number("6")))
        .step(StepDef::grain(Grain::Quarter))
        .step(member("person", "person").lot(number("12")));
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    let mut plan = cascade.run(1200.into()).unwrap();
    let edit = |place: Place, verb| Edit::Spread(Spread::new("pieces", place, verb).unwrap());
    let north = || at(&[("region", "north")]);
    apply(&mut plan, vec![edit(north(), proportional(780))]).unwrap();
    assert!(
        plan.units("pieces", 3)
            .unwrap()
            .iter()
            .all(|share| share % 12 == 0)
    );
    // A tenth of 780 is 78, which is 6.5 lots: a half away from zero.
    let verb = Verb::PercentChange {
        by: "0.1".parse().unwrap(),
    };
    apply(
        &mut plan,
        vec![Edit::Spread(
            Spread::new("pieces", north(), verb)
                .unwrap()
                .mode(Mode::Add),
        )],
    )
    .unwrap();
    assert_eq!(plan.units("pieces", 1).unwrap(), [864, 600]);
    let line = Verb::StraightLine {
        from: number("12"),
        to: number("100"),
    };
    apply(&mut plan, vec![edit(north(), line)]).unwrap();
    assert_eq!(plan.units("pieces", 2).unwrap()[..4], [12, 36, 72, 96]);
    let error = apply(&mut plan, vec![edit(north(), proportional(500))]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "500 at north is not a whole number of lots of 12"
    );
    let bo = at(&[
        ("region", "north"),
        ("quarter", "2026-Q1"),
        ("person", "bo"),
    ]);
    let error = apply(&mut plan, vec![edit(bo, proportional(5))]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "5 at north / 2026-Q1 / bo is not a whole number of lots of 12"
    );
}
