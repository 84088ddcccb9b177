use super::super::fixture::{Company, days, key, member, recipe};
use super::super::*;
use crate::calendar::{DayRange, Grain};
use crate::panel::{Column, ColumnKey, Panel, Reason};
use crate::quantity::{Quantum, Ratio};
use crate::space::{Axis, Subjects, Unassigned};
use rust_decimal::Decimal;

fn decimals(texts: &[&str]) -> Vec<Decimal> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn axis(dimension: &str, level: &str) -> Axis {
    Axis::new(dimension, level).unwrap()
}

/// Sales of the five people in the first three months of 2025: by person, then period by period.
fn history() -> Table {
    let company = Company::new();
    let people = company
        .space
        .subjects(&axis("person", "person"), Unassigned::Hidden)
        .unwrap();
    let months = company.calendar.periods(
        Grain::Month,
        "2025-01-01".parse().unwrap(),
        "2025-04-01".parse().unwrap(),
    );
    let figures = [
        "1", "0", "2", "2", "0", "1", "0", "2", "3", "0", "4", "0", "2", "3", "0",
    ];
    Table::new(people, Some(months.unwrap()), &decimals(&figures)).unwrap()
}

fn first_quarter() -> DayRange {
    days("2026-01-01", "2026-04-01")
}

fn amounts(def: CascadeDef, total: &str, level: usize) -> Vec<i64> {
    let company = Company::new();
    let sources = company.sources().table(key("history"), history());
    let plan = Cascade::compile(def, &sources)
        .unwrap()
        .run(total.parse().unwrap())
        .unwrap();
    assert_eq!(plan.verify(), []);
    plan.level_units("pieces", level).unwrap().to_vec()
}

fn pieces() -> CascadeDef {
    CascadeDef {
        horizon: first_quarter(),
        ..recipe("pieces")
    }
}

fn in_turn() -> BasisDef {
    let used = TableUse::in_turn("history", SplitDef::Grain(Grain::Month)).unwrap();
    BasisDef::History(used)
}

fn total() -> BasisDef {
    BasisDef::History(TableUse::total("history").unwrap())
}

#[test]
fn history_weighs_members_by_the_sum_of_what_is_below_them() {
    // Ann sold 6, bo nothing, cy 6, di 8, ed nothing: the north 6 of 20, the south 14.
    let def = pieces()
        .step(member("person", "region").basis(total()))
        .step(member("person", "person").basis(total()));
    assert_eq!(amounts(def.clone(), "200", 1), [60, 140]);
    assert_eq!(amounts(def, "200", 2), [60, 0, 60, 80, 0]);
}

#[test]
fn last_year_stands_in_turn_for_this_year() {
    let def = pieces()
        .step(member("person", "region").basis(total()))
        .step(StepDef::grain(Grain::Month).basis(in_turn()))
        .step(member("person", "person").basis(in_turn()));
    // North: 1, 1, 4 of 6 by month; south: 4, 5, 5 of 14.
    assert_eq!(amounts(def.clone(), "20", 2), [1, 1, 4, 4, 5, 5]);
    assert_eq!(
        amounts(def, "20", 3),
        [1, 0, 1, 0, 4, 0, 2, 2, 0, 2, 3, 0, 2, 3, 0]
    );
}

#[test]
fn a_branch_that_leaves_people_out_is_weighed_by_all_of_them() {
    let def = pieces()
        .step(member("person", "region").basis(total()))
        .step(member("person", "person").basis(total()))
        .step(StepDef::grain(Grain::Month).basis(in_turn()))
        .branch(DepthDef {
            at: Place::whole().at("region", "south").unwrap(),
            steps: vec![key("month")],
        });
    // The empty history of bo says nothing about months, so bo's target of zero is split by nothing.
    assert_eq!(amounts(def, "20", 3), [1, 1, 4, 0, 0, 0, 4, 5, 5]);
}

#[test]
fn expected_growth_changes_the_proportions() {
    let grown = GrownDef {
        history: TableUse::total("history").unwrap(),
        growth: vec![GrowthDef {
            at: Place::whole().at("person", "ann").unwrap(),
            by: "1/3".parse().unwrap(),
        }],
        otherwise: "0".parse().unwrap(),
    };
    let def = pieces().step(member("person", "person").basis(BasisDef::GrownHistory(grown)));
    // 8 : 0 : 6 : 8 : 0.
    assert_eq!(amounts(def, "22", 1), [8, 0, 6, 8, 0]);
}

#[test]
fn a_blend_weighs_normalised_bases() {
    let part = |coefficient: &str, basis| BlendPart {
        coefficient: coefficient.parse().unwrap(),
        basis,
    };
    let blend = BasisDef::Blend(vec![part("0.6", total()), part("0.4", BasisDef::Equal)]);
    let def = pieces().step(member("person", "person").basis(blend));
    // 0.6 x (0.3, 0, 0.3, 0.4, 0) + 0.4 x 0.2 each = 0.26, 0.08, 0.26, 0.32, 0.08.
    assert_eq!(amounts(def, "100", 1), [26, 8, 26, 32, 8]);
}

#[test]
fn a_season_repeats_for_every_node_and_must_total_one() {
    let season = |groups: &[&[&str]]| {
        let group = |shares: &&[&str]| shares.iter().map(|share| share.parse().unwrap()).collect();
        BasisDef::Seasonal(SeasonDef {
            groups: groups.iter().map(group).collect(),
        })
    };
    let year = |basis| recipe("pieces").step(StepDef::grain(Grain::Quarter).basis(basis));
    let quarters = season(&[&["0.1", "0.2", "0.3", "0.4"]]);
    assert_eq!(
        amounts(year(quarters.clone()), "1000", 1),
        [100, 200, 300, 400]
    );
    let months = season(&[&["0.5", "0.25", "0.25"], &["1/3", "1/3", "1/3"]]);
    let def = year(quarters.clone()).step(StepDef::grain(Grain::Month).basis(months));
    assert_eq!(
        amounts(def, "1000", 2),
        [50, 25, 25, 67, 67, 66, 150, 75, 75, 134, 133, 133]
    );
    let two_years = CascadeDef {
        horizon: days("2026-01-01", "2028-01-01"),
        ..year(quarters)
    };
    assert_eq!(
        amounts(two_years, "1000", 1),
        [50, 100, 150, 200, 50, 100, 150, 200]
    );
    let company = Company::new();
    let refused = |basis| {
        Cascade::compile(year(basis), &company.sources())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(season(&[&["0.1", "0.2", "0.3", "0.3"]])),
        "group 0 of the season totals 0.9, not 1"
    );
    assert_eq!(
        refused(season(&[&["0.5", "0.25", "0.25"]])),
        "all has 4 periods of `gregorian.quarter`, the season 3 shares for them: write one share for each, or put a step above \
         that has 3 such periods below each of its own"
    );
}

#[test]
fn shares_of_a_season_do_not_repeat_within_a_year() {
    let company = Company::new();
    let season = |shares: &[&str]| {
        let group = shares.iter().map(|share| share.parse().unwrap()).collect();
        BasisDef::Seasonal(SeasonDef {
            groups: vec![group],
        })
    };
    let months = |basis| recipe("pieces").step(StepDef::grain(Grain::Month).basis(basis));
    for shares in [
        &["0.1", "0.2", "0.3", "0.4"][..],
        &["1/3", "1/3", "1/3"],
        &["1"],
        &["0.5", "0.5"],
    ] {
        let refused = Cascade::compile(months(season(shares)), &company.sources());
        assert!(
            matches!(refused, Err(PlanError::Basis(BasisError::SeasonShape { periods: 12, shares: found, .. })) if found == shares.len())
        );
    }
    // Below quarters four shares have no meaning either; three have, in every quarter.
    let below = |basis| {
        recipe("pieces")
            .step(StepDef::grain(Grain::Quarter))
            .step(StepDef::grain(Grain::Month).basis(basis))
    };
    let four = Cascade::compile(
        below(season(&["0.1", "0.2", "0.3", "0.4"])),
        &company.sources(),
    );
    assert!(matches!(
        four,
        Err(PlanError::Basis(BasisError::SeasonShape {
            periods: 3,
            shares: 4,
            ..
        }))
    ));
    assert_eq!(
        amounts(below(season(&["0.2", "0.3", "0.5"])), "40", 2),
        [2, 3, 5, 2, 3, 5, 2, 3, 5, 2, 3, 5]
    );
    let twelve = ["1/12"; 12];
    let two_years = CascadeDef {
        horizon: days("2026-01-01", "2028-01-01"),
        ..months(season(&twelve))
    };
    assert_eq!(amounts(two_years, "240", 1), [10; 24]);
    let uneven = CascadeDef {
        horizon: days("2026-01-01", "2027-07-01"),
        ..months(season(&twelve))
    };
    assert!(Cascade::compile(uneven, &company.sources()).is_err());
}

#[test]
fn a_period_that_the_horizon_cuts_gets_no_equal_part() {
    let company = Company::new();
    let compile = |horizon: (&str, &str), step: StepDef| {
        let def = CascadeDef {
            horizon: days(horizon.0, horizon.1),
            ..recipe("pieces").step(step)
        };
        Cascade::compile(def, &company.sources())
    };
    let quarters = || StepDef::grain(Grain::Quarter);
    let error = compile(("2026-01-01", "2027-01-04"), quarters()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the horizon holds 3 of the 90 days of `2027-Q1` (2027-01-01 to 2027-01-03): step `quarter` would give it as much as \
         a whole period; split by `calendar_days` or `working_days`, or let the horizon start and end with whole periods"
    );
    let first = compile(("2026-01-02", "2027-01-01"), quarters()).unwrap_err();
    assert!(
        matches!(first, PlanError::Basis(BasisError::ClippedPeriod { days: 90, inside, .. }) if inside.days() == 89)
    );
    // By its days it gets its part; alone it gets everything; written down it gets what is written.
    let by_days = quarters().basis(BasisDef::CalendarDays);
    let plan = compile(("2026-01-01", "2027-01-04"), by_days)
        .unwrap()
        .run(368.into())
        .unwrap();
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [90, 91, 92, 92, 3]);
    assert!(compile(("2026-01-10", "2026-02-01"), quarters()).is_ok());
    let blend = BasisDef::Blend(vec![BlendPart {
        coefficient: Ratio::ONE,
        basis: BasisDef::Equal,
    }]);
    assert!(compile(("2026-01-01", "2027-01-04"), quarters().basis(blend)).is_err());
    assert!(compile(("2026-01-01", "2027-01-01"), quarters()).is_ok());
}

#[test]
fn days_inside_the_horizon_count() {
    let company = Company::new();
    // From Thursday 15 January 2026: 12 working days and 17 days of January, 20 and 28 of February.
    let horizon = days("2026-01-15", "2026-03-01");
    let def = |basis| {
        CascadeDef {
            horizon,
            ..recipe("pieces")
        }
        .step(StepDef::grain(Grain::Month).basis(basis))
    };
    assert_eq!(amounts(def(BasisDef::WorkingDays), "32", 1), [12, 20]);
    assert_eq!(amounts(def(BasisDef::CalendarDays), "45", 1), [17, 28]);
    let bare = Sources::new(&company.measures, &company.space).calendar(&company.calendar);
    let error = Cascade::compile(def(BasisDef::WorkingDays), &bare).unwrap_err();
    assert_eq!(error, PlanError::NoWorkingDays);
    let error = Cascade::compile(
        def(BasisDef::Equal),
        &Sources::new(&company.measures, &company.space),
    );
    assert_eq!(
        error.unwrap_err(),
        PlanError::NoCalendar {
            grain: Grain::Month
        }
    );
}

#[test]
fn a_period_without_a_working_day_gets_nothing() {
    let weekend = days("2026-01-03", "2026-01-06");
    let def = CascadeDef {
        horizon: weekend,
        ..recipe("pieces")
    }
    .step(StepDef::grain(Grain::Day).basis(BasisDef::WorkingDays));
    assert_eq!(amounts(def, "7", 1), [0, 0, 7]);
    let company = Company::new();
    let def = CascadeDef {
        horizon: days("2026-01-03", "2026-01-05"),
        ..recipe("pieces")
    }
    .step(StepDef::grain(Grain::Day).basis(BasisDef::WorkingDays));
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    assert!(matches!(
        cascade.run(Decimal::ONE),
        Err(PlanError::Basis(BasisError::ZeroWeights { .. }))
    ));
}

#[test]
fn a_panel_serves_as_history() {
    let company = Company::new();
    let regions = company
        .space
        .subjects(&axis("person", "region"), Unassigned::Hidden)
        .unwrap();
    let months =
        company
            .calendar
            .periods(Grain::Month, first_quarter().start(), first_quarter().end());
    let mut panel = Panel::new(regions, months.unwrap());
    let sales = ColumnKey::actual("sales").unwrap();
    let units = vec![100, 300, 200, 200, 0, 200];
    let mut states = vec![None; 6];
    states[4] = Some(Reason::NothingRecorded);
    let column = Column::amounts(
        sales.clone(),
        "money:EUR".parse().unwrap(),
        Quantum::CENT,
        units,
    );
    panel.add(column.with_reasons(&states).unwrap()).unwrap();
    let error = Table::from_panel(&panel, &sales, MissingFigure::Refuse).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column `sales` has no figure for `north` in `2026-03`"
    );
    let table = Table::from_panel(&panel, &sales, MissingFigure::NoWeight).unwrap();
    let sources = company.sources().table(key("now"), table);
    let used = TableUse {
        table: key("now"),
        periods: TablePeriods::SameDays,
        missing: MissingMember::Refuse,
    };
    let def = pieces()
        .step(member("person", "region").basis(BasisDef::History(TableUse::total("now").unwrap())))
        .step(StepDef::grain(Grain::Month).basis(BasisDef::History(used.clone())));
    let plan = Cascade::compile(def, &sources)
        .unwrap()
        .run(Decimal::TEN)
        .unwrap();
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [3, 7]);
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [1, 2, 0, 3, 2, 2]);
    let finer = pieces().step(member("person", "person").basis(BasisDef::History(used)));
    assert_eq!(
        Cascade::compile(finer, &sources).unwrap_err().to_string(),
        "the table `now` has figures by `person.region`, which does not reach down to step `person`"
    );
}

#[test]
fn a_basis_that_says_nothing_of_its_step_is_refused() {
    let company = Company::new();
    let sources = company.sources().table(key("history"), history());
    let refused = |def| Cascade::compile(def, &sources).unwrap_err().to_string();
    let product = member("product", "product").basis(total());
    assert_eq!(
        refused(recipe("sales").step(product)),
        "the table `history` does not tell the nodes of step `product` apart"
    );
    let year = recipe("sales").step(StepDef::grain(Grain::Month).basis(in_turn()));
    assert_eq!(
        refused(year),
        "the table `history` has 3 periods to stand for the 12 of `gregorian.month`"
    );
    let unknown = BasisDef::Capacity(TableUse::total("histery").unwrap());
    assert_eq!(
        refused(recipe("sales").step(member("person", "person").basis(unknown))),
        "the sources have no table `histery`; did you mean `history`?"
    );
}

#[test]
fn weights_of_28_digits_are_exact_or_refused() {
    let company = Company::new();
    let axes = axis("person", "region");
    let subjects = || Subjects::new(axes.clone(), vec![key("north"), key("south")]).unwrap();
    let fine = [
        "0.1234567890123456789012345678",
        "0.1234567890123456789012345679",
    ];
    let table = Table::new(subjects(), None, &decimals(&fine)).unwrap();
    let sources = company.sources().table(key("fine"), table);
    let basis = BasisDef::Potential(TableUse::total("fine").unwrap());
    let def = recipe("pieces").step(member("person", "region").basis(basis));
    let plan = Cascade::compile(def, &sources)
        .unwrap()
        .run(Decimal::ONE)
        .unwrap();
    assert_eq!(plan.level_units("pieces", 1).unwrap(), [0, 1]);
    let wide = [
        "79228162514264337593543950335",
        "0.0000000000000000000000000001",
    ];
    assert!(matches!(
        Table::new(subjects(), None, &decimals(&wide)),
        Err(PlanError::Basis(BasisError::TableTooFine { .. }))
    ));
}

#[test]
fn host_columns_follow_the_order_of_the_structure() {
    let company = Company::new();
    let column = decimals(&["1", "2", "3", "4", "5"]);
    let basis = BasisDef::Column(key("w"));
    let def = recipe("pieces")
        .step(member("person", "region"))
        .step(member("person", "person").basis(basis));
    let sources = company.sources().column(key("w"), column);
    let plan = Cascade::compile(def.clone(), &sources)
        .unwrap()
        .run(Decimal::from(24))
        .unwrap();
    assert_eq!(plan.level_units("pieces", 2).unwrap(), [4, 8, 3, 4, 5]);
    let short = company.sources().column(key("w"), decimals(&["1"]));
    assert_eq!(
        Cascade::compile(def, &short).unwrap_err().to_string(),
        "the column `w` has 1 weights; step `person` has 5 nodes"
    );
}
