mod closing;
mod modes;
mod padded;
mod published;
mod versions;

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
    let before = format!("{:?}", plan.sheets[0].amounts());
    let result = plan.apply(change(plan, edits));
    assert_eq!(plan.verify(), []);
    if result.is_err() {
        assert_eq!(
            format!("{:?}", plan.sheets[0].amounts()),
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
    plan.level_units("m", 2).unwrap().to_vec()
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

#[test]
fn what_january_missed_goes_equally_to_the_months_that_are_open() {
    // 33,333.33 in each of three months, January closed 14,790.84 short.
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
        plan.level_units("sales", 1).unwrap(),
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
        Err(PlanError::Edit(EditError::Reopened { .. }))
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
    assert_eq!(plan.level_units("m", 1).unwrap(), [65, 55]);
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
    assert_eq!(plan.level_units("m", 0).unwrap(), [170]);
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
            "the amount at r1 is too large",
        ),
        (
            spread(
                cell("c1"),
                Verb::Equal {
                    amount: number("0.5"),
                },
            ),
            "0.5 has more decimals than the smallest unit 1 allows",
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
        "100 cannot be spread in proportion at all: all cells that may move are zero"
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
    assert_eq!(plan.level_units("m", 0).unwrap(), [3548]);
}

#[test]
fn what_was_kept_apart_is_placed_by_an_edit() {
    let company = Company::new();
    let def = recipe("pieces")
        .step(member("person", "person").method(crate::allocation::Method::RemainderApart));
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    let mut plan = cascade.run(Decimal::from(9)).unwrap();
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [1; 5]);
    let one = Place::whole().at("person", "bo").unwrap();
    apply(
        &mut plan,
        vec![Edit::Spread(
            Spread::new("pieces", one, proportional(3)).unwrap(),
        )],
    )
    .unwrap();
    assert_eq!(
        plan.level_units("pieces", 0).unwrap(),
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
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [2, 6, 2, 2, 2]);
}

#[test]
fn over_assignment_stays_with_its_node_when_a_cell_changes() {
    let company = Company::new();
    let over = OverAssignmentDef::from_leaves("person", vec![Ratio::percent(110)]).unwrap();
    let def = recipe("pieces")
        .step(member("person", "region"))
        .step(member("person", "person"))
        .over_assign(over);
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    let mut plan = cascade.run(Decimal::from(100)).unwrap();
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [28, 27, 19, 19, 17]);
    let ann = at(&[("region", "north"), ("person", "ann")]);
    apply(
        &mut plan,
        vec![Edit::Spread(
            Spread::new("pieces", ann, proportional(38)).unwrap(),
        )],
    )
    .unwrap();
    // 38 are 35 of the base, so that 60 hand down 66.
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [60, 50]);
    assert_eq!(plan.level_units("pieces", 2).unwrap()[..2], [38, 28]);
    let north = at(&[("region", "north")]);
    apply(
        &mut plan,
        vec![Edit::Spread(
            Spread::new("pieces", north, proportional(100)).unwrap(),
        )],
    )
    .unwrap();
    assert_eq!(
        plan.level_units("pieces", 2).unwrap()[..2],
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
    assert_eq!(plan.level_units("sales", 1).unwrap()[4], 33_333);
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
        plan.level_units("pieces", 3)
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
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [864, 600]);
    let line = Verb::StraightLine {
        from: number("12"),
        to: number("100"),
    };
    apply(&mut plan, vec![edit(north(), line)]).unwrap();
    assert_eq!(
        plan.level_units("pieces", 2).unwrap()[..4],
        [12, 36, 72, 96]
    );
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

#[test]
fn what_has_no_base_is_told_in_amounts_and_not_in_lots() {
    let company = Company::new();
    let def = recipe("pieces").step(member("person", "region").lot(number("6")));
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    let mut plan = cascade.run(Decimal::ZERO).unwrap();
    let refuse = Spread::new("pieces", Place::whole(), proportional(780)).unwrap();
    let refuse = Edit::Spread(refuse.zero_base(ZeroBase::Refuse));
    assert_eq!(
        apply(&mut plan, vec![refuse]).unwrap_err().to_string(),
        "780 cannot be spread in proportion at all: all cells that may move are zero"
    );
}
