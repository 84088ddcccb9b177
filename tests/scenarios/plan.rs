//! Plans at their edges: depth, sparse structures, odd years, amounts near the range.

use chrono::NaiveDate;
use quotaflow::calendar::{
    Calendar, CalendarDef, DayRange, Grain, RetailPattern, WorkingDays, WorkingDaysDef, YearDef,
    YearEnd, YearNumber,
};
use quotaflow::key::Key;
use quotaflow::limits::{Limits, Size};
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, BoundDef, Cascade, CascadeDef, ConstraintError, DepthDef, EmptyLevel, GivenDef,
    GivenWeight, Place, Plan, PlanError, Sources, SplitDef, StepDef,
};
use quotaflow::quantity::{Number, Quantum};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn days(start: &str, end: &str) -> DayRange {
    DayRange::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
}

fn cents() -> Measures {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    Measures::new(vec![sales]).unwrap()
}

fn recipe(horizon: DayRange) -> CascadeDef {
    CascadeDef::new(key("plan"), key("sales"), horizon)
}

fn flat(dimension: &str, count: usize) -> DimensionDef {
    let members: Vec<String> = (0..count)
        .map(|number| format!("{dimension}{number}"))
        .collect();
    DimensionDef::flat(dimension, dimension, members.iter().map(String::as_str)).unwrap()
}

/// The sums of all leaves by the levels and periods that are asked for.
fn sums(
    plan: &Plan,
    axes: &[Axis],
    calendar: &Calendar,
    grain: Grain,
    horizon: DayRange,
) -> Vec<i64> {
    let set = calendar
        .periods(grain, horizon.start(), horizon.end())
        .unwrap();
    let cells = plan.roll_up("sales", axes, Some(&set)).unwrap();
    cells.cells().iter().map(|cell| cell.unwrap_or(0)).collect()
}

#[test]
fn twelve_levels_add_up() {
    let space = Space::new(
        (0..12)
            .map(|level| flat(&format!("d{level}-"), 2))
            .collect(),
    )
    .unwrap();
    let measures = cents();
    let mut def = recipe(days("2026-01-01", "2027-01-01"));
    for level in 0..12 {
        let name = format!("d{level}-");
        let weights = [("0", "1"), ("1", "2")].map(|(member, weight)| GivenWeight {
            at: Place::whole()
                .at(&name, &format!("{name}{member}"))
                .unwrap(),
            weight: weight.parse().unwrap(),
        });
        let basis = BasisDef::Given(GivenDef {
            weights: weights.to_vec(),
            otherwise: None,
        });
        def = def.step(StepDef::member(&name, &name).unwrap().basis(basis));
    }
    let plan = Cascade::compile(def, &Sources::new(&measures, &space)).unwrap();
    let plan = plan.run("531441.00".parse().unwrap()).unwrap();
    assert_eq!(
        (plan.frame().steps().len(), plan.frame().leaves()),
        (12, 4096)
    );
    assert!(plan.verify().is_empty());
    // 53,144,100 cents by (1 + 2)^12 = 531,441 parts is a hundred cents a part: no rounding anywhere.
    let leaves = plan.units("sales", "d11-").unwrap();
    assert_eq!((leaves[0], leaves[1], leaves[4095]), (100, 200, 409_600));
    let steps = (0..17).map(|level| StepDef::member("d0-", &format!("d{level}-")).unwrap());
    let deep = steps.fold(recipe(days("2026-01-01", "2027-01-01")), CascadeDef::step);
    let error = Cascade::compile(deep, &Sources::new(&measures, &space)).unwrap_err();
    assert_eq!(error.to_string(), "17 steps are more than the limit of 16");
}

#[test]
fn weeks_and_months_of_a_leap_year_are_exact_at_once() {
    let calendar = Calendar::gregorian();
    let (measures, space) = (cents(), Space::new(vec![flat("person", 3)]).unwrap());
    let year = days("2024-01-01", "2025-01-01");
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let def = recipe(year)
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::grain(Grain::Month).basis(BasisDef::CalendarDays))
        .step(StepDef::grain(Grain::Day));
    let plan = Cascade::compile(def, &sources)
        .unwrap()
        .run("3660.01".parse().unwrap())
        .unwrap();
    assert!(plan.verify().is_empty());
    assert_eq!(plan.frame().leaves(), 3 * 366);
    let leap = plan
        .frame()
        .find(&["person1", "2024-02", "2024-02-29"])
        .unwrap();
    // 10.00 a day for 366 days, 1220.00 a person; the cent to spare is the first one's.
    assert_eq!(plan.amount("sales", leap).unwrap().units(), 333);
    for grain in [
        Grain::Week,
        Grain::Month,
        Grain::Quarter,
        Grain::Half,
        Grain::Year,
    ] {
        assert_eq!(
            sums(&plan, &[], &calendar, grain, year).iter().sum::<i64>(),
            366_001
        );
    }
    // ISO week 9 of 2024 (26 February to 3 March) holds the leap day and straddles two months.
    let weeks = sums(&plan, &[], &calendar, Grain::Week, year);
    let days = sums(&plan, &[], &calendar, Grain::Day, year);
    assert_eq!(weeks[8], days[56..63].iter().sum::<i64>());
    let months = sums(&plan, &[], &calendar, Grain::Month, year);
    assert_eq!(months[1], days[31..60].iter().sum::<i64>());
}

#[test]
fn a_retail_year_of_53_weeks_is_planned_week_by_week() {
    let nrf = Calendar::new(CalendarDef::new(key("nrf"), YearDef::RETAIL_454)).unwrap();
    let (measures, space) = (cents(), Space::new(vec![flat("shop", 2)]).unwrap());
    // 2023 has 53 weeks; week 53 belongs to period 12, so the pattern of the last quarter is 4-5-5.
    let year = nrf.year(2023).unwrap();
    assert_eq!((nrf.weeks_in(2023).unwrap(), year.days()), (53, 371));
    let sources = Sources::new(&measures, &space).calendar(&nrf);
    let def = recipe(year)
        .step(StepDef::grain(Grain::Quarter).basis(BasisDef::CalendarDays))
        .step(StepDef::grain(Grain::Month).basis(BasisDef::CalendarDays))
        .step(StepDef::member("shop", "shop").unwrap())
        .step(StepDef::grain(Grain::Week));
    let plan = Cascade::compile(def, &sources)
        .unwrap()
        .run(5300.into())
        .unwrap();
    assert!(plan.verify().is_empty());
    assert_eq!(
        plan.units("sales", "quarter").unwrap(),
        [130_000, 130_000, 130_000, 140_000]
    );
    assert_eq!(
        plan.units("sales", "month").unwrap()[9..],
        [40_000, 50_000, 50_000]
    );
    assert_eq!(sums(&plan, &[], &nrf, Grain::Week, year), [10_000; 53]);
    for pattern in [RetailPattern::P445, RetailPattern::P544] {
        let own = YearDef::Retail {
            pattern,
            week_start: chrono::Weekday::Sun,
            end_month: 1,
            end_rule: YearEnd::Nearest,
            numbered_by: YearNumber::Start,
            long_month: 12,
        };
        let own = Calendar::new(CalendarDef::new(key("own"), own)).unwrap();
        let months = own.year_periods(Grain::Month, 2023).unwrap();
        let weeks: Vec<u32> = months.iter().map(|month| month.days() / 7).collect();
        let mut expected: Vec<u32> = pattern
            .weeks()
            .iter()
            .cycle()
            .take(12)
            .map(|weeks| u32::from(*weeks))
            .collect();
        expected[11] += 1;
        assert_eq!(weeks, expected);
    }
}

#[test]
fn depth_differs_by_branch_and_every_sum_holds() {
    let calendar = Calendar::gregorian();
    let people = DimensionDef::new("person", &["region", "person"])
        .and_then(|d| d.member("region", "north"))
        .and_then(|d| d.member("region", "south"))
        .and_then(|d| d.child("person", "ann", "north"))
        .and_then(|d| d.child("person", "bo", "south"))
        .and_then(|d| d.child("person", "cy", "south"))
        .unwrap();
    let (measures, space) = (cents(), Space::new(vec![people]).unwrap());
    let horizon = days("2026-01-01", "2028-01-01");
    // The north to the quarter as a region; bo to the day; cy to the month.
    let def = recipe(horizon)
        .step(StepDef::member("person", "region").unwrap())
        .step(StepDef::grain(Grain::Year))
        .step(StepDef::grain(Grain::Quarter))
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::grain(Grain::Month))
        .step(StepDef::grain(Grain::Day))
        .branch(DepthDef {
            at: Place::whole().at("region", "north").unwrap(),
            steps: vec![key("year"), key("quarter")],
        })
        .branch(DepthDef {
            at: Place::whole().at("person", "cy").unwrap(),
            steps: vec![key("month")],
        })
        .bound(BoundDef::at_least("day", "0.01".parse().unwrap()).unwrap());
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let result = Cascade::compile(def.clone(), &sources)
        .and_then(|cascade| cascade.run("100000.03".parse().unwrap()));
    let plan = result.unwrap();
    assert!(plan.verify().is_empty());
    // 8 quarters, 24 months of cy, 730 days of bo.
    assert_eq!(plan.frame().leaves(), 8 + 24 + 730);
    let by_region = [Axis::new("person", "region").unwrap()];
    for grain in [Grain::Quarter, Grain::Half, Grain::Year] {
        let cells = sums(&plan, &by_region, &calendar, grain, horizon);
        assert_eq!(cells.iter().sum::<i64>(), 10_000_003, "{grain}");
    }
    let error = plan.roll_up(
        "sales",
        &by_region,
        Some(
            &calendar
                .periods(Grain::Month, horizon.start(), horizon.end())
                .unwrap(),
        ),
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "north / 2026 / 2026-Q1 does not lie within one period of `gregorian.month`"
    );
    // A total that leaves less than a cent for a day is refused, with the day's minimum.
    let error =
        Cascade::compile(def, &sources).and_then(|cascade| cascade.run("7.29".parse().unwrap()));
    assert!(matches!(
        error,
        Err(PlanError::Constraint(ConstraintError::Impossible { .. }))
    ));
}

#[test]
fn a_sparse_plan_is_stored_as_sparse() {
    let calendar = Calendar::gregorian();
    let space = Space::new(vec![flat("person", 200), flat("product", 500)]).unwrap();
    let measures = cents();
    // Everybody sells 15 of the 500 products: 3 % of the combinations.
    let rows: Vec<Vec<Key>> = (0..200)
        .flat_map(|person| (0..15).map(move |turn| (person, (person * 7 + turn * 33) % 500)))
        .map(|(person, product)| {
            vec![
                key(&format!("person{person}")),
                key(&format!("product{product}")),
            ]
        })
        .collect();
    let axes = vec![
        Axis::new("person", "person").unwrap(),
        Axis::new("product", "product").unwrap(),
    ];
    let combinations = Subjects::rows(axes.clone(), rows).unwrap();
    let sources = Sources::new(&measures, &space)
        .calendar(&calendar)
        .combinations(combinations);
    let year = days("2026-01-01", "2027-01-01");
    let def = recipe(year)
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::member("product", "product").unwrap())
        .step(StepDef::grain(Grain::Month));
    let plan = Cascade::compile(def, &sources)
        .unwrap()
        .run("1234567.89".parse().unwrap())
        .unwrap();
    let nodes = |step| plan.frame().nodes(step).unwrap().len();
    assert_eq!(
        ["person", "product", "month"].map(nodes),
        [200, 3_000, 36_000]
    );
    assert_eq!(
        plan.frame().leaves() * 100,
        200 * 500 * 12 * 3,
        "three in a hundred"
    );
    assert!(plan.verify().is_empty());
    let cells = plan.roll_up("sales", &axes, None).unwrap();
    assert_eq!(cells.cells().len(), 3_000, "the sums are sparse too");
    assert!(plan.frame().find(&["person0", "product1"]).is_err());
}

#[test]
fn totals_smaller_than_the_members_and_near_the_range_are_exact() {
    let space = Space::new(vec![flat("person", 100_000)]).unwrap();
    let measures = cents();
    let def =
        recipe(days("2026-01-01", "2027-01-01")).step(StepDef::member("person", "person").unwrap());
    let cascade = Cascade::compile(def, &Sources::new(&measures, &space)).unwrap();
    for total in [0, 3, -3, 99_999, i64::MAX, i64::MIN] {
        let plan = cascade.run_units(total).unwrap();
        let shares = plan.units("sales", "person").unwrap();
        assert_eq!(
            shares.iter().map(|share| i128::from(*share)).sum::<i128>(),
            i128::from(total)
        );
        let (least, most) = (shares.iter().min().unwrap(), shares.iter().max().unwrap());
        assert!(most - least <= 1, "{total}");
        assert!(plan.verify().is_empty());
    }
    let three = cascade.run_units(3).unwrap();
    assert_eq!(
        three.units("sales", "person").unwrap()[..5],
        [1, 1, 1, 0, 0]
    );
    let error = cascade
        .run("92233720368547758.08".parse().unwrap())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "92233720368547758.08 is too large to be kept exactly in units of 0.01"
    );
    let one = Space::new(vec![flat("person", 1)]).unwrap();
    let def =
        recipe(days("2026-01-01", "2027-01-01")).step(StepDef::member("person", "person").unwrap());
    let one = Cascade::compile(def, &Sources::new(&measures, &one)).unwrap();
    assert_eq!(
        one.run_units(-7).unwrap().units("sales", "person").unwrap(),
        [-7]
    );
}

#[test]
fn nobody_to_split_among_is_an_error_or_the_end_of_the_branch() {
    let people = DimensionDef::new("person", &["region", "person"])
        .and_then(|d| d.member("region", "north"))
        .unwrap();
    let (measures, space) = (cents(), Space::new(vec![people]).unwrap());
    let def = |empty| {
        recipe(days("2026-01-01", "2027-01-01"))
            .step(StepDef::member("person", "region").unwrap())
            .step(StepDef::member("person", "person").unwrap().empty(empty))
    };
    let sources = Sources::new(&measures, &space);
    let error = Cascade::compile(def(EmptyLevel::Refuse), &sources).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at north there is nothing to split by at step `person`"
    );
    let plan = Cascade::compile(def(EmptyLevel::Stop), &sources)
        .unwrap()
        .run(5.into())
        .unwrap();
    assert_eq!(
        (
            plan.frame().leaves(),
            plan.units("sales", "region").unwrap()
        ),
        (1, &[500][..])
    );
    assert!(plan.verify().is_empty());
}

#[test]
fn a_week_without_work_gets_nothing_and_months_still_add_up() {
    let calendar = Calendar::gregorian();
    let day = |day| NaiveDate::from_ymd_opt(2026, 2, day).unwrap();
    let office = (15..=23).fold(WorkingDaysDef::monday_to_friday(key("china")), |def, d| {
        def.holiday(day(d), "Spring Festival")
    });
    let office = WorkingDays::new(office.working_day(day(14)).working_day(day(28))).unwrap();
    let (measures, space) = (cents(), Space::new(vec![flat("person", 2)]).unwrap());
    let quarter = days("2026-01-01", "2026-04-01");
    let sources = Sources::new(&measures, &space)
        .calendar(&calendar)
        .working_days(&office);
    let both = SplitDef::Atoms(vec![
        SplitDef::Grain(Grain::Month),
        SplitDef::Grain(Grain::Week),
    ]);
    let def = recipe(quarter)
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::new(both).basis(BasisDef::WorkingDays));
    let plan = Cascade::compile(def, &sources)
        .unwrap()
        .run("1000.01".parse().unwrap())
        .unwrap();
    assert!(plan.verify().is_empty());
    let weeks = sums(&plan, &[], &calendar, Grain::Week, quarter);
    assert_eq!(weeks.iter().sum::<i64>(), 100_001);
    // ISO week 8, 16 to 22 February, has no working day.
    assert_eq!((weeks[7], weeks[6] > 0), (0, true));
    assert_eq!(
        sums(&plan, &[], &calendar, Grain::Month, quarter)
            .iter()
            .sum::<i64>(),
        100_001
    );
    let week = days("2026-02-16", "2026-02-23");
    let def = recipe(week).step(StepDef::grain(Grain::Day).basis(BasisDef::WorkingDays));
    let error = Cascade::compile(def, &sources)
        .unwrap()
        .run(1.into())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "1.00 at all cannot be split at step `day`: all weights are zero"
    );
}

#[test]
fn an_order_every_day_stands_beside_the_total_of_several_years() {
    let calendar = Calendar::gregorian();
    let orders = Measure::flow("sales", "count:order".parse().unwrap(), Quantum::ONE).unwrap();
    let (measures, space) = (
        Measures::new(vec![orders]).unwrap(),
        Space::new(vec![flat("person", 2)]).unwrap(),
    );
    let three_years = days("2026-01-01", "2029-01-01");
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let def = recipe(three_years)
        .step(StepDef::grain(Grain::Year))
        .step(StepDef::grain(Grain::Month))
        .step(StepDef::member("person", "person").unwrap())
        .step(StepDef::grain(Grain::Day))
        .bound(BoundDef::at_least("day", Number::from(1)).unwrap());
    let plan = Cascade::compile(def.clone(), &sources)
        .unwrap()
        .run(2500.into())
        .unwrap();
    assert!(plan.verify().is_empty());
    assert!(
        plan.units("sales", "day")
            .unwrap()
            .iter()
            .all(|orders| *orders >= 1)
    );
    let error = Cascade::compile(def, &sources)
        .unwrap()
        .run(2191.into())
        .unwrap_err();
    // Two people, 1,096 days.
    assert!(
        error.to_string().contains("needed 2192, available 2191"),
        "{error}"
    );
}

#[test]
fn a_plan_has_as_many_nodes_as_its_limit_and_says_how_many_it_needs() {
    let people = DimensionDef::new("person", &["region", "person"])
        .and_then(|d| d.member("region", "north")?.member("region", "south"))
        .and_then(|d| {
            d.child("person", "ann", "north")?
                .child("person", "bo", "north")
        })
        .and_then(|d| {
            d.child("person", "cy", "south")?
                .child("person", "di", "south")
        })
        .and_then(|d| d.child("person", "ed", "south"))
        .unwrap();
    let (measures, calendar) = (cents(), Calendar::gregorian());
    let space = Space::new(vec![people]).unwrap();
    let compiled = |most: u64| {
        let limits = Limits::default().with(Size::Nodes, most);
        let sources = Sources::new(&measures, &space)
            .calendar(&calendar)
            .limits(limits);
        let def = recipe(days("2026-01-01", "2027-01-01"))
            .step(StepDef::member("person", "region").unwrap())
            .step(StepDef::member("person", "person").unwrap())
            .step(StepDef::grain(Grain::Half));
        Cascade::compile(def, &sources)
    };
    // The whole, two regions, five people, ten halves.
    assert!(compiled(18).is_ok());
    for most in [17, 10, 0] {
        let error = compiled(most).unwrap_err().to_string();
        assert!(error.contains("this needs 18 nodes of a plan"), "{error}");
    }
}

#[test]
fn equal_shares_of_two_periods_want_both_of_them_whole() {
    let (measures, calendar) = (cents(), Calendar::gregorian());
    let space = Space::new(vec![flat("person", 1)]).unwrap();
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let compiled = |from, to| {
        let def = recipe(days(from, to)).step(StepDef::grain(Grain::Quarter));
        Cascade::compile(def, &sources).map_err(|error| error.to_string())
    };
    assert!(compiled("2026-01-01", "2026-07-01").is_ok());
    assert!(
        compiled("2026-04-01", "2026-05-16").is_ok(),
        "one alone has everything"
    );
    let error = compiled("2026-01-01", "2026-05-16").unwrap_err();
    assert!(
        error.starts_with("the horizon holds 45 of the 91 days of `2026-Q2`"),
        "{error}"
    );
}
