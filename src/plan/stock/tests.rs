use crate::calendar::Grain;
use crate::document::Version;
use crate::measure::{Additivity, Measure, Measures};
use crate::plan::fixture::{Company, given, key, member, recipe};
use crate::plan::*;
use crate::quantity::{Number, Quantity, Quantum, Ratio};
use crate::space::Axis;

fn measures() -> Measures {
    let balance = Measure::flow("balance", "money:EUR".parse().unwrap(), Quantum::ONE).unwrap();
    Measures::new(vec![balance.adding(Additivity::Stock)]).unwrap()
}

fn at(fixed: &[(&str, &str)]) -> Place {
    fixed
        .iter()
        .map(|(step, member)| (key(step), key(member)))
        .collect()
}

fn run(def: CascadeDef, total: i64) -> Result<Plan, PlanError> {
    let (company, measures) = (Company::new(), measures());
    let sources = Sources::new(&measures, &company.space).calendar(&company.calendar);
    let plan = Cascade::compile(def, &sources)?.run(total.into())?;
    assert_eq!(plan.verify(), []);
    Ok(plan)
}

fn apply(plan: &mut Plan, edits: Vec<Edit>) -> Result<u64, PlanError> {
    let before: Vec<Vec<i64>> = all(plan);
    let done = plan.apply(Change {
        version: Version::default(),
        by: key("ann"),
        at: "2026-01-05T09:30:00".parse().unwrap(),
        reason: String::new(),
        based_on: plan.version(),
        edits,
    });
    assert_eq!(plan.verify(), []);
    if done.is_err() {
        assert_eq!(all(plan), before);
    }
    done
}

fn all(plan: &Plan) -> Vec<Vec<i64>> {
    (0..plan.frame().levels())
        .map(|level| plan.level_units("balance", level).unwrap().to_vec())
        .collect()
}

fn set(place: Place, amount: i64) -> Spread {
    Spread::new(
        "balance",
        place,
        Verb::Proportional {
            amount: Number::from(amount),
        },
    )
    .unwrap()
}

/// Receivables of 1000 that are to come down to 600 by the end of the year.
fn by_quarter_and_month() -> CascadeDef {
    recipe("balance")
        .step(StepDef::grain(Grain::Quarter))
        .step(member("person", "region").basis(given("region", &[("north", "2"), ("south", "1")])))
        .step(StepDef::grain(Grain::Month))
        .opening(at(&[("region", "north")]), Number::from(700))
        .opening(at(&[("region", "south")]), Number::from(300))
}

#[test]
fn a_stock_follows_a_path_and_adds_up_over_members() {
    let plan = run(by_quarter_and_month(), 600).unwrap();
    assert_eq!(
        plan.level_units("balance", 1).unwrap(),
        [900, 800, 700, 600]
    );
    // At the end of every quarter two thirds and one third.
    let regions = plan.level_units("balance", 2).unwrap();
    assert_eq!(regions, [600, 300, 533, 267, 467, 233, 400, 200]);
    // The north goes from 700 to 600 in the first quarter, then from 600 to 533: 577.67, 555.33 and 533.
    let months = plan.level_units("balance", 3).unwrap();
    assert_eq!(months[..3], [667, 633, 600]);
    assert_eq!(months[6..9], [578, 555, 533]);
    for level in 0..4 {
        for index in 0..plan.frame().count(level) {
            let why = plan.explain("balance", NodeId::new(level, index)).unwrap();
            assert_eq!(why.cascaded(), why.amount, "{}", why.place);
        }
    }
    let april = plan.frame().find(&["2026-Q2", "north", "2026-04"]).unwrap();
    let why = plan.explain("balance", april).unwrap();
    let last = why.splits.last().unwrap();
    assert_eq!(last.opening.map(Quantity::units), Some(600));
    assert_eq!(last.exact, Some(Ratio::new(600 * 3 - 67, 3).unwrap()));
}

#[test]
fn the_end_of_the_last_period_is_what_rolls_up_over_time() {
    let plan = run(by_quarter_and_month(), 600).unwrap();
    let company = Company::new();
    let axes = [Axis::new("person", "region").unwrap()];
    let of = |grain| {
        let set = company.calendar.year_periods(grain, 2026).unwrap();
        plan.roll_up("balance", &axes, Some(&set))
            .unwrap()
            .cells()
            .to_vec()
    };
    assert_eq!(of(Grain::Half), [533, 267, 400, 200].map(Some));
    assert_eq!(of(Grain::Month)[..4], [667, 300, 633, 300].map(Some));
    let whole = plan.roll_up("balance", &axes, None).unwrap();
    assert_eq!(
        (
            whole.of("north").unwrap().units(),
            whole.of("south").unwrap().units()
        ),
        (400, 200)
    );
}

#[test]
fn openings_are_read_from_below_and_shared_from_above() {
    let def = |openings: &[(&[(&str, &str)], i64)]| {
        openings.iter().fold(
            recipe("balance")
                .step(member("person", "region"))
                .step(member("person", "person"))
                .step(StepDef::grain(Grain::Half)),
            |def, (place, amount)| def.opening(at(place), Number::from(*amount)),
        )
    };
    // Ann has 10 of the 100; the others share what is left as the bases say: the north 50, of which bo has 40.
    let shared = def(&[(&[], 100), (&[("region", "north"), ("person", "ann")], 10)]);
    let plan = run(shared, 0).unwrap();
    // Half way to nothing.
    assert_eq!(
        plan.level_units("balance", 3).unwrap(),
        [5, 0, 0, 0, 15, 0, 15, 0, 15, 0]
    );
    let plan = run(def(&[(&[("person", "cy")], 8)]), 0).unwrap();
    assert_eq!(
        plan.level_units("balance", 3).unwrap(),
        [0, 0, 0, 0, 4, 0, 0, 0, 0, 0]
    );
    let error = run(
        def(&[
            (&[], 100),
            (&[("region", "north")], 40),
            (&[("region", "south")], 50),
        ]),
        0,
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "all opens with 100, but 90 is written down below it and nobody is left to take the rest"
    );
    let error = run(def(&[(&[("half", "2026-H1")], 1)]), 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "half 2026-H1 is not one node at the start of the plan: name members of steps from the top, no periods"
    );
}

#[test]
fn a_new_closing_moves_the_open_periods_and_keeps_the_shape() {
    let def = recipe("balance").step(StepDef::grain(Grain::Month));
    let mut plan = run(def, 120).unwrap();
    let months = |plan: &Plan| plan.level_units("balance", 1).unwrap().to_vec();
    assert_eq!(
        months(&plan),
        [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]
    );
    let hold = Edit::Hold(HoldEdit {
        measure: key("balance"),
        at: vec![at(&[("month", "2026-08")])],
        what: HoldWhat::Total,
    });
    apply(
        &mut plan,
        vec![hold, Edit::Spread(set(Place::whole(), 100))],
    )
    .unwrap();
    // The 20 less are built up over the four months after the held one, five a month.
    assert_eq!(
        months(&plan),
        [10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 100]
    );
    // A single month moves alone; the last one takes the year with it.
    apply(
        &mut plan,
        vec![Edit::Spread(set(at(&[("month", "2026-03")]), 33))],
    )
    .unwrap();
    assert_eq!(
        (months(&plan)[2], plan.level_units("balance", 0).unwrap()),
        (33, &[100][..])
    );
    apply(
        &mut plan,
        vec![Edit::Spread(set(at(&[("month", "2026-12")]), 101))],
    )
    .unwrap();
    assert_eq!(plan.level_units("balance", 0).unwrap(), [101]);
    let pattern = Verb::Pattern {
        amount: Number::from(160),
        pattern: "1 1 2 0".parse().unwrap(),
    };
    let edit = Spread::new("balance", Place::whole(), pattern).unwrap();
    apply(&mut plan, vec![Edit::Spread(edit)]).unwrap();
    assert_eq!(
        months(&plan)[7..],
        [80, 100, 120, 160, 160],
        "no move in December"
    );
    let closed = Edit::Close {
        before: "2027-01-01".parse().unwrap(),
    };
    let error = apply(
        &mut plan,
        vec![closed, Edit::Spread(set(Place::whole(), 1))],
    )
    .unwrap_err();
    assert!(
        matches!(
            error,
            PlanError::Edit(EditError::Closed { .. } | EditError::NothingFree { .. })
        ),
        "{error}"
    );
}

#[test]
fn paths_of_members_move_with_the_end_and_with_what_they_start_from() {
    let mut plan = run(by_quarter_and_month(), 600).unwrap();
    let before = all(&plan);
    // The second quarter is to end at 860 instead of 800: the north at 573, the south at 287.
    apply(
        &mut plan,
        vec![Edit::Spread(set(at(&[("quarter", "2026-Q2")]), 860))],
    )
    .unwrap();
    assert_eq!(
        plan.level_units("balance", 1).unwrap(),
        [900, 860, 700, 600]
    );
    let months = plan.level_units("balance", 3).unwrap();
    // 40 more for the north, built up over three months: 13, 27, 40 on top of 578, 555, 533.
    assert_eq!(months[6..9], [591, 582, 573]);
    assert_eq!(
        months[12..],
        before[3][12..],
        "later months keep their amounts"
    );
    // The whole year moves by 40: each quarter by 10 more, every month on the way.
    let mut plan = run(by_quarter_and_month(), 600).unwrap();
    apply(&mut plan, vec![Edit::Spread(set(Place::whole(), 640))]).unwrap();
    assert_eq!(
        plan.level_units("balance", 1).unwrap(),
        [910, 820, 730, 640]
    );
    let months = plan.level_units("balance", 3).unwrap();
    assert_eq!(months[..3].last(), Some(&607));
    // April and May lie between what March and June moved by.
    assert!((7..=14).contains(&(months[6] - before[3][6])));
    let error = apply(
        &mut plan,
        vec![Edit::Spread(
            set(at(&[("quarter", "2026-Q1")]), 1).keeping(Place::whole()),
        )],
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`balance` is a stock, for which keeping a total across periods has no meaning"
    );
}

#[test]
fn a_path_drawn_anew_starts_from_what_the_plan_opens_with() {
    let mut plan = run(by_quarter_and_month(), 600).unwrap();
    let amount = Number::from(640);
    let edit = Spread::new("balance", Place::whole(), Verb::Equal { amount }).unwrap();
    apply(&mut plan, vec![Edit::Spread(edit)]).unwrap();
    // 360 less than the 1000 of the opening, in four steps of 90.
    assert_eq!(
        plan.level_units("balance", 1).unwrap(),
        [910, 820, 730, 640]
    );
}

#[test]
fn the_targets_of_a_stock_are_asked_for_any_of_its_periods() {
    let plan = run(by_quarter_and_month(), 600).unwrap();
    let company = Company::new();
    let (from, to) = ("2026-07-01".parse().unwrap(), "2026-10-01".parse().unwrap());
    let summer = company.calendar.periods(Grain::Quarter, from, to).unwrap();
    let axes = [Axis::new("person", "region").unwrap()];
    let was = Structure::as_it_was(&company.space);
    let panel = plan.targets(&was, &axes, &summer).unwrap();
    let column = crate::panel::ColumnKey::target("balance").unwrap();
    let of = |region| {
        let row = panel.subjects().row([region]).unwrap();
        let period = panel.periods().id("2026-Q3").unwrap();
        panel.answer(&column, row, period).unwrap().to_string()
    };
    assert_eq!(
        (of("north").as_str(), of("south").as_str()),
        ("467 EUR", "233 EUR")
    );
}

#[test]
fn members_of_one_period_give_way_to_each_other() {
    let def = recipe("balance")
        .step(StepDef::grain(Grain::Half))
        .step(member("person", "region"))
        .step(member("person", "person"));
    let mut plan = run(def, 100).unwrap();
    assert_eq!(plan.level_units("balance", 2).unwrap(), [25, 25, 50, 50]);
    let north = at(&[("half", "2026-H1"), ("region", "north")]);
    let edit = set(north, 35).keeping(at(&[("half", "2026-H1")]));
    apply(&mut plan, vec![Edit::Spread(edit)]).unwrap();
    assert_eq!(plan.level_units("balance", 2).unwrap(), [35, 15, 50, 50]);
    let south = at(&[("half", "2026-H2"), ("region", "south")]);
    apply(&mut plan, vec![Edit::Spread(set(south, 80))]).unwrap();
    assert_eq!(plan.level_units("balance", 0).unwrap(), [130]);
    // Cy is below the south alone, whether the south is named or not; in both halves there are two of them.
    let cy = at(&[("half", "2026-H2"), ("person", "cy")]);
    let edit = set(cy, 30).keeping(at(&[("half", "2026-H2"), ("region", "south")]));
    apply(&mut plan, vec![Edit::Spread(edit)]).unwrap();
    assert_eq!(plan.level_units("balance", 2).unwrap(), [35, 15, 50, 80]);
    assert!(plan.level_units("balance", 3).unwrap().contains(&30));
    let both = set(at(&[("person", "cy")]), 30);
    assert!(matches!(
        apply(&mut plan, vec![Edit::Spread(both)]),
        Err(PlanError::NotANode { .. })
    ));
    let clear = Spread::new("balance", Place::whole(), Verb::Clear).unwrap();
    apply(&mut plan, vec![Edit::Spread(clear)]).unwrap();
    assert!(all(&plan).concat().iter().all(|amount| *amount == 0));
    let text = serde_json::to_string(&plan.record()).unwrap();
    let (company, measures) = (Company::new(), measures());
    let sources = Sources::new(&measures, &company.space).calendar(&company.calendar);
    let again = serde_json::from_str::<PlanRecord>(&text)
        .unwrap()
        .replay(&sources)
        .unwrap();
    assert_eq!(all(&again), all(&plan));
    assert_eq!(all(&plan.as_of(0).unwrap())[1], [50, 100]);
}

#[test]
fn what_has_no_meaning_for_a_stock_is_refused() {
    let over = OverAssignmentDef::from_leaves("person", vec![Ratio::percent(110)]).unwrap();
    let padded = recipe("balance")
        .step(member("person", "region"))
        .over_assign(over);
    assert_eq!(
        run(padded, 10).unwrap_err().to_string(),
        "`balance` is a stock, for which an over-assignment has no meaning"
    );
    let company = Company::new();
    let flow = recipe("sales")
        .step(member("person", "region"))
        .opening(Place::whole(), Number::from(1));
    assert_eq!(
        Cascade::compile(flow, &company.sources())
            .unwrap_err()
            .to_string(),
        "`sales` is a flow, for which an opening has no meaning"
    );
    let most = BoundDef::at_most("quarter", Number::from(850)).unwrap();
    assert_eq!(
        run(by_quarter_and_month().bound(most), 600)
            .unwrap_err()
            .to_string(),
        "2026-Q1 would be 900, outside its bounds, at most 850"
    );
}

/// Stock in hand of two products in two regions, in pallets of 12 by the quarter.
fn in_pallets() -> CascadeDef {
    recipe("balance")
        .step(member("person", "region").basis(given("region", &[("north", "2"), ("south", "1")])))
        .step(
            member("product", "product")
                .basis(given("product", &[("tea", "5"), ("milk", "3")]))
                .lot(Number::from(4)),
        )
        .step(StepDef::grain(Grain::Quarter).lot(Number::from(12)))
}

#[test]
fn a_path_in_lots_goes_from_the_nearest_whole_lots() {
    let def = recipe("balance")
        .step(StepDef::grain(Grain::Quarter).lot(Number::from(12)))
        .opening(Place::whole(), Number::from(31));
    let plan = run(def.clone(), 120).unwrap();
    // 31 is two and a half pallets and a bit more: from 3 to 10 in four steps of 1.75, so 4.75, 6.5, 8.25 and 10.
    assert_eq!(plan.level_units("balance", 1).unwrap(), [60, 84, 96, 120]);
    let second = plan.frame().find(&["2026-Q2"]).unwrap();
    let why = plan.explain("balance", second).unwrap();
    let split = &why.splits[0];
    assert_eq!((split.lot.units(), split.share.units()), (12, 84));
    assert_eq!(split.opening.map(Quantity::units), Some(31));
    assert_eq!(
        run(def, 121).unwrap_err().to_string(),
        "121 at all is not a whole number of lots of 12"
    );
}

#[test]
fn members_and_periods_of_a_stock_keep_their_lots_through_changes() {
    let mut plan = run(in_pallets(), 240).unwrap();
    // 20 pallets: 13 1/3 and 6 2/3, so 13 and 7; of 13 tea has 8.125 and of 7 4.375.
    assert_eq!(plan.level_units("balance", 1).unwrap(), [156, 84]);
    assert_eq!(plan.level_units("balance", 2).unwrap(), [96, 60, 48, 36]);
    assert_eq!(
        plan.level_units("balance", 3).unwrap()[..4],
        [24, 48, 72, 96]
    );
    apply(&mut plan, vec![Edit::Spread(set(Place::whole(), 300))]).unwrap();
    let quarters = plan.level_units("balance", 3).unwrap();
    assert!(
        quarters.iter().all(|amount| amount % 12 == 0),
        "{quarters:?}"
    );
    let percent = Verb::PercentChange {
        by: Ratio::percent(10),
    };
    let north = at(&[("region", "north")]);
    let before = plan.level_units("balance", 1).unwrap()[0];
    let edit = Spread::new("balance", north.clone(), percent)
        .unwrap()
        .mode(Mode::Add);
    apply(&mut plan, vec![Edit::Spread(edit)]).unwrap();
    let after = plan.level_units("balance", 1).unwrap()[0];
    assert_eq!(
        after - before,
        (before + 60) / 120 * 12,
        "a tenth, in whole pallets"
    );
    assert_eq!(
        apply(&mut plan, vec![Edit::Spread(set(north, 100))])
            .unwrap_err()
            .to_string(),
        "100 at north is not a whole number of lots of 12"
    );
    let odd = at(&[
        ("region", "north"),
        ("product", "tea"),
        ("quarter", "2026-Q1"),
    ]);
    assert_eq!(
        apply(&mut plan, vec![Edit::Spread(set(odd, 13))])
            .unwrap_err()
            .to_string(),
        "13 at north / tea / 2026-Q1 is not a whole number of lots of 12"
    );
}

#[test]
fn members_in_different_lots_share_a_balance() {
    let def = recipe("balance")
        .step(
            member("product", "product")
                .basis(given("product", &[("tea", "5"), ("milk", "3")]))
                .lot(Number::from(4))
                .lot_at(at(&[("product", "tea")]), Number::from(12)),
        )
        .step(StepDef::grain(Grain::Half));
    let mut plan = run(def, 96).unwrap();
    assert_eq!(plan.level_units("balance", 1).unwrap(), [60, 36]);
    apply(&mut plan, vec![Edit::Spread(set(Place::whole(), 76))]).unwrap();
    let [tea, milk] = plan.level_units("balance", 1).unwrap()[..] else {
        panic!("two products")
    };
    assert_eq!((tea % 12, milk % 4, tea + milk), (0, 0, 76));
    let by_half = recipe("balance").step(
        StepDef::grain(Grain::Half)
            .lot(Number::from(4))
            .lot_at(at(&[("half", "2026-H2")]), Number::from(12)),
    );
    assert_eq!(
        run(by_half, 96).unwrap_err().to_string(),
        "the periods of all have lots of 4 and of 12: a stock keeps one lot along its path"
    );
}

#[test]
fn verification_finds_the_balance_that_is_no_whole_lot() {
    let (company, measures) = (Company::new(), measures());
    let sources = Sources::new(&measures, &company.space).calendar(&company.calendar);
    let def = recipe("balance").step(StepDef::grain(Grain::Half).lot(Number::from(12)));
    let cascade = Cascade::compile(def, &sources).unwrap();
    let plan = |first| Plan::from_units(&cascade, vec![vec![36], vec![first, 36]]).unwrap();
    assert_eq!(plan(24).verify(), []);
    let found = plan(25).verify();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].law, found[0].found), (Law::Lot, 25.into()));
}

#[test]
fn what_a_product_totals_over_all_regions_can_be_prescribed_for_a_stock() {
    let by_region = |lot: i64| {
        recipe("balance")
            .step(StepDef::grain(Grain::Half))
            .step(
                member("person", "region")
                    .basis(given("region", &[("north", "2"), ("south", "1")])),
            )
            .step(member("product", "product").lot(Number::from(lot)))
    };
    let tea = at(&[("half", "2026-H2"), ("product", "tea")]);
    let mut plan = run(by_region(12).total(tea.clone(), Number::from(144)), 240).unwrap();
    let cells = plan.level_units("balance", 3).unwrap();
    // The first half as the bases say, the second with twelve pallets of tea.
    assert_eq!(cells.iter().sum::<i64>(), 120 + 240);
    assert_eq!(cells[4] + cells[6], 144);
    assert!(cells.iter().all(|cell| cell % 12 == 0));
    for level in 0..4 {
        for index in 0..plan.frame().count(level) {
            let why = plan.explain("balance", NodeId::new(level, index)).unwrap();
            assert_eq!(why.cascaded(), why.amount, "{}", why.place);
        }
    }
    let more = set(
        at(&[("half", "2026-H2"), ("region", "north"), ("product", "tea")]),
        120,
    );
    assert!(matches!(
        apply(&mut plan, vec![Edit::Spread(more)]),
        Err(PlanError::Constraint(
            ConstraintError::PrescribedBroken { .. }
        ))
    ));
    assert_eq!(
        run(by_region(12).total(tea.clone(), Number::from(145)), 240)
            .unwrap_err()
            .to_string(),
        "145 at 2026-H2 / tea is not a whole number of lots of 12"
    );
    let over_time = at(&[("product", "tea")]);
    assert_eq!(
        run(by_region(1).total(over_time, Number::from(144)), 240)
            .unwrap_err()
            .to_string(),
        "`balance` is a stock, for which a prescribed total across periods has no meaning"
    );
    let one = at(&[("half", "2026-H1"), ("region", "north")]);
    assert_eq!(
        run(by_region(1).total(one, Number::from(100)), 240)
            .unwrap_err()
            .to_string(),
        "`balance` is a stock, for which a prescribed total of one member has no meaning"
    );
}

#[test]
fn a_path_goes_through_what_is_prescribed_for_its_periods() {
    let quarters = || {
        recipe("balance")
            .step(StepDef::grain(Grain::Quarter))
            .step(
                member("person", "region")
                    .basis(given("region", &[("north", "2"), ("south", "1")])),
            )
            .opening(Place::whole(), Number::from(1000))
    };
    let second = at(&[("quarter", "2026-Q2")]);
    let mut plan = run(quarters().total(second.clone(), Number::from(900)), 600).unwrap();
    // From 1000 to 900 in two quarters, from there to 600 in two more.
    assert_eq!(
        plan.level_units("balance", 1).unwrap(),
        [950, 900, 750, 600]
    );
    assert_eq!(plan.level_units("balance", 2).unwrap()[2..4], [600, 300]);
    for level in 0..3 {
        for index in 0..plan.frame().count(level) {
            let why = plan.explain("balance", NodeId::new(level, index)).unwrap();
            assert_eq!(why.cascaded(), why.amount, "{}", why.place);
        }
    }
    let third = plan.frame().find(&["2026-Q3"]).unwrap();
    let why = plan.explain("balance", third).unwrap();
    let split = &why.splits[0];
    assert_eq!(
        (
            split.opening.unwrap().units(),
            split.base.units(),
            split.weight
        ),
        (900, 600, Some(Ratio::percent(50)))
    );
    // A new closing is built up after the prescribed quarter, which does not move.
    apply(&mut plan, vec![Edit::Spread(set(Place::whole(), 700))]).unwrap();
    assert_eq!(
        plan.level_units("balance", 1).unwrap(),
        [950, 900, 800, 700]
    );
    assert_eq!(
        apply(&mut plan, vec![Edit::Spread(set(second.clone(), 899))])
            .unwrap_err()
            .to_string(),
        "2026-Q2 would total 899, but 900 is prescribed"
    );
    let north = at(&[("quarter", "2026-Q2"), ("region", "north")]);
    assert_eq!(
        apply(&mut plan, vec![Edit::Spread(set(north.clone(), 601))])
            .unwrap_err()
            .to_string(),
        "2026-Q2 would total 901, but 900 is prescribed"
    );
    let kept = set(north, 601).keeping(second.clone());
    apply(&mut plan, vec![Edit::Spread(kept)]).unwrap();
    assert_eq!(plan.level_units("balance", 2).unwrap()[2..4], [601, 299]);
    // The last quarter is the whole year.
    let last = at(&[("quarter", "2026-Q4")]);
    assert_eq!(
        run(quarters().total(last.clone(), Number::from(650)), 600)
            .unwrap_err()
            .to_string(),
        "2026-Q4 would total 600, but 650 is prescribed"
    );
    assert!(run(quarters().total(last, Number::from(600)), 600).is_ok());
    let twice = quarters()
        .total(second.clone(), Number::from(900))
        .total(second, Number::from(901));
    assert!(matches!(
        run(twice, 600),
        Err(PlanError::DuplicatePlace { .. })
    ));
}

#[test]
fn a_prescribed_period_need_not_name_the_coarser_ones() {
    let def = recipe("balance")
        .step(StepDef::grain(Grain::Half))
        .step(StepDef::grain(Grain::Month))
        .total(at(&[("month", "2026-08")]), Number::from(70));
    let plan = run(def, 120).unwrap();
    // 60 at the end of June; 65 and 70 by the end of August, then 50 more in four months, a half away from zero.
    assert_eq!(plan.level_units("balance", 1).unwrap(), [60, 120]);
    assert_eq!(
        plan.level_units("balance", 2).unwrap()[6..],
        [65, 70, 83, 95, 108, 120]
    );
}

#[test]
fn a_path_from_the_edge_of_the_range_is_exact_or_refused() {
    let most = i64::MAX / 12 * 12;
    let def = |opening: i64| {
        recipe("balance")
            .step(StepDef::grain(Grain::Half).lot(Number::from(12)))
            .opening(Place::whole(), Number::from(opening))
    };
    let plan = run(def(most), most).unwrap();
    assert_eq!(plan.level_units("balance", 1).unwrap(), [most, most]);
    let plan = run(def(most), 0).unwrap();
    assert_eq!(plan.level_units("balance", 1).unwrap()[1], 0);
    // The nearest whole lots of the opening, and a way longer than the range.
    for (opening, closing) in [(i64::MAX, most), (-most, most)] {
        let error =
            run(def(opening), closing).map(|plan| plan.level_units("balance", 1).unwrap().to_vec());
        match error {
            Ok(halves) => assert!(halves.iter().all(|half| half % 12 == 0), "{halves:?}"),
            Err(error) => assert!(matches!(error, PlanError::OutOfRange { .. }), "{error}"),
        }
    }
}
