//! What was missed, carried into what is left: by which parts, within which limits, to whom, and what is told of it.

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Additivity, Direction, Measure, Measures};
use quotaflow::panel::{Column, ColumnKey, Panel, Reason};
use quotaflow::plan::{
    BoundDef, CapLimit, CarryForward, Cascade, CascadeDef, Change, Easing, Edit, EditError,
    GivenDef, GivenWeight, GivesWay, HoldEdit, HoldWhat, OverAssignmentDef, Place, Plan, PlanError,
    Proration, RatioRuleDef, ReachedAmount, Sources, Spread, StepDef, Stretch, Taker, Verb,
    Yielding,
};
use quotaflow::quantity::{Number, Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn money(text: &str) -> Number {
    text.parse().unwrap()
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

fn days(from: &str, until: &str) -> DayRange {
    DayRange::new(day(from), day(until)).unwrap()
}

fn at(named: &[(&str, &str)]) -> Place {
    let named = named.iter();
    named
        .map(|(step, member)| (key(step), key(member)))
        .collect()
}

fn person(name: &str) -> Place {
    at(&[("person", name)])
}

/// Ann and bo in the north, cy and a reserve in the south; tea and milk; the first six months of a year.
struct House {
    measures: Measures,
    space: Space,
    calendar: Calendar,
}

impl House {
    fn new() -> Self {
        let flow =
            |key: &str| Measure::flow(key, "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
        let mut expense = flow("expense");
        expense.direction = Direction::Smaller;
        let measures = vec![
            flow("sales"),
            expense,
            flow("debts").adding(Additivity::Stock),
            Measure::flow("cases", "count:piece".parse().unwrap(), Quantum::ONE).unwrap(),
        ];
        let mut people = DimensionDef::new("person", &["region", "person"]).unwrap();
        for region in ["north", "south"] {
            people = people.member("region", region).unwrap();
        }
        for (name, region) in [
            ("ann", "north"),
            ("bo", "north"),
            ("cy", "south"),
            ("reserve", "south"),
        ] {
            people = people.child("person", name, region).unwrap();
        }
        let products = DimensionDef::flat("product", "product", ["tea", "milk"]).unwrap();
        Self {
            measures: Measures::new(measures).unwrap(),
            space: Space::new(vec![people, products]).unwrap(),
            calendar: Calendar::gregorian(),
        }
    }

    fn sources(&self) -> Sources<'_> {
        Sources::new(&self.measures, &self.space).calendar(&self.calendar)
    }

    fn recipe(measure: &str, steps: &[&str]) -> CascadeDef {
        let half = days("2026-01-01", "2026-07-01");
        let def = CascadeDef::new(key("plan"), key(measure), half);
        steps.iter().fold(def, |def, step| {
            def.step(match *step {
                "month" => StepDef::grain(Grain::Month),
                "quarter" => StepDef::grain(Grain::Quarter),
                "product" => StepDef::member("product", "product").unwrap(),
                level => StepDef::member("person", level).unwrap(),
            })
        })
    }

    /// A plan of so much in every cell, in whole units of money.
    fn plan(&self, steps: &[&str], worth: impl Fn(&Place) -> i64) -> Plan {
        self.planned(Self::recipe("sales", steps), worth)
    }

    fn planned(&self, def: CascadeDef, worth: impl Fn(&Place) -> i64) -> Plan {
        let cascade = Cascade::compile(def, &self.sources()).unwrap();
        let frame = cascade.frame();
        let names: Vec<String> = frame.steps().map(ToString::to_string).collect();
        let mut values = vec![vec![0]];
        for name in &names {
            values.push(vec![0; frame.nodes(name).unwrap().len()]);
        }
        for leaf in frame.nodes(names.last().unwrap()).unwrap() {
            let own = 100 * worth(&frame.place(leaf));
            let (mut node, mut level) = (Some(leaf), names.len());
            while let Some(at) = node {
                values[level][at.index()] += own;
                node = frame.parent(at);
                level = level.saturating_sub(1);
            }
        }
        Plan::from_units(&cascade, values).unwrap()
    }
}

/// The months of a place, and how much they are.
fn months(plan: &Plan, measure: &str, at: &Place) -> Vec<String> {
    let ends = [
        "01-01", "02-01", "03-01", "04-01", "05-01", "06-01", "07-01",
    ];
    let ends: Vec<String> = ends.iter().map(|end| format!("2026-{end}")).collect();
    let months = ends.windows(2).map(|pair| {
        let stretch = Stretch::new(at.clone(), days(&pair[0], &pair[1]));
        plan.stretch(measure, &stretch).unwrap().to_string()
    });
    months.collect()
}

fn named(place: &Place, step: &str) -> String {
    let found = place.iter().find(|(own, _)| own.as_str() == step);
    found.map(|(_, name)| name.to_string()).unwrap_or_default()
}

fn changed(plan: &Plan, edits: Vec<Edit>) -> Change {
    Change {
        version: Version::default(),
        by: key("eva"),
        at: "2026-04-01T09:00:00".parse().unwrap(),
        reason: "the first quarter is over".to_owned(),
        based_on: plan.version(),
        edits,
    }
}

fn carry(plan: &mut Plan, asked: &CarryForward) -> Result<u64, PlanError> {
    let change = changed(plan, vec![Edit::CarryForward(asked.clone())]);
    plan.apply(change)
}

fn edited(plan: &mut Plan, edits: Vec<Edit>) {
    plan.apply(changed(plan, edits)).unwrap();
}

fn told(plan: &Plan, asked: &CarryForward) -> Vec<String> {
    let told = plan.carry_forward(asked).unwrap();
    told.gaps.iter().map(ToString::to_string).collect()
}

/// From April on, with what ann reached in the first quarter.
fn ann(amount: &str) -> CarryForward {
    CarryForward::new("sales", day("2026-04-01"))
        .unwrap()
        .reaching(person("ann"), money(amount))
}

fn season(weights: &[(&str, &str)]) -> Easing {
    let weights = weights.iter().map(|(month, weight)| GivenWeight {
        at: at(&[("month", month)]),
        weight: weight.parse().unwrap(),
    });
    Easing::Given(GivenDef {
        weights: weights.collect(),
        otherwise: None,
    })
}

const ORDERS: [&[&str]; 3] = [
    &["region", "person", "month"],
    &["month", "region", "person"],
    &["region", "month", "person"],
];

#[test]
fn a_gap_is_carried_equally_to_the_last_cent_whatever_the_order_of_steps() {
    // 300.00 less 200.00 are 100.00 for three months: 33.34, 33.33, 33.33.
    for steps in ORDERS {
        let mut plan = House::new().plan(steps, |_| 100);
        assert_eq!(carry(&mut plan, &ann("200").by(Easing::Equal)).unwrap(), 1);
        let wanted = ["100.00", "100.00", "100.00", "133.34", "133.33", "133.33"];
        assert_eq!(months(&plan, "sales", &person("ann")), wanted);
        assert_eq!(months(&plan, "sales", &person("bo")), ["100.00"; 6]);
        assert_eq!(months(&plan, "sales", &Place::whole())[3], "433.34");
        assert!(plan.verify().is_empty());
        let whole = plan
            .amount("sales", quotaflow::plan::NodeId::WHOLE)
            .unwrap();
        assert_eq!(whole.to_string(), "2500.00");
    }
}

#[test]
fn a_gap_is_carried_by_targets_by_a_season_by_another_version_or_by_what_is_left() {
    let house = House::new();
    let by_month = |place: &Place| match named(place, "month").as_str() {
        "2026-05" => 200,
        "2026-06" => 300,
        _ => 100,
    };
    let mut plan = house.plan(ORDERS[0], by_month);
    carry(&mut plan, &ann("240")).unwrap();
    // 60.00 by 100 : 200 : 300.
    assert_eq!(
        months(&plan, "sales", &person("ann"))[3..],
        ["110.00", "220.00", "330.00"]
    );

    let mut plan = house.plan(ORDERS[0], by_month);
    let spring = season(&[("2026-04", "3"), ("2026-05", "2"), ("2026-06", "1")]);
    carry(&mut plan, &ann("240").by(spring)).unwrap();
    assert_eq!(
        months(&plan, "sales", &person("ann"))[3..],
        ["130.00", "220.00", "310.00"]
    );

    // By what the months were before somebody changed them.
    let mut plan = house.plan(ORDERS[0], by_month);
    let april = Spread::new(
        "sales",
        at(&[("region", "north"), ("person", "ann"), ("month", "2026-04")]),
        Verb::Proportional {
            amount: money("700"),
        },
    );
    edited(&mut plan, vec![Edit::Spread(april.unwrap())]);
    let before = quotaflow::plan::Reference {
        version: Some(0),
        ..Default::default()
    };
    carry(&mut plan, &ann("240").by(Easing::Like(before))).unwrap();
    assert_eq!(
        months(&plan, "sales", &person("ann"))[3..],
        ["710.00", "220.00", "330.00"]
    );

    // From 16 April on half of the month is left: 15 of 30 days, and May and June whole.
    let mut plan = house.plan(ORDERS[0], |_| 100);
    let mut asked = ann("300").by(Easing::Equal).starting(Proration::OnTheDay);
    asked.from = day("2026-04-16");
    // Through 15 April 350.00 are targeted: 50.00 are missing, 10.00 for half a month and 20.00 for each of two.
    carry(&mut plan, &asked).unwrap();
    assert_eq!(
        months(&plan, "sales", &person("ann"))[3..],
        ["110.00", "120.00", "120.00"]
    );
    let half = |from: &str, until: &str| {
        let stretch = Stretch::new(person("ann"), days(from, until));
        plan.stretch("sales", &stretch).unwrap().to_string()
    };
    assert_eq!(half("2026-04-01", "2026-04-16"), "50.00");
    assert_eq!(half("2026-04-16", "2026-05-01"), "60.00");
}

#[test]
fn a_month_that_runs_keeps_its_target_unless_it_is_to_take_part() {
    let mut plan = House::new().plan(ORDERS[0], |_| 100);
    let mut asked = ann("300").by(Easing::Equal);
    asked.from = day("2026-04-16");
    carry(&mut plan, &asked).unwrap();
    assert_eq!(
        months(&plan, "sales", &person("ann"))[3..],
        ["100.00", "125.00", "125.00"]
    );
}

#[test]
fn what_is_beyond_the_limits_goes_to_others_as_they_agreed_and_the_rest_is_told() {
    let house = House::new();
    let plan = house.plan(ORDERS[1], |place| {
        if named(place, "person") == "reserve" {
            0
        } else {
            100
        }
    });
    // A fifth of 100.00 a month: 60.00 of 150.00.
    let capped = ann("150").per_period(CapLimit::Share("0.2".parse().unwrap()));
    assert_eq!(
        told(&plan, &capped),
        [
            "person ann: 300.00 targeted, 150.00 reached, 150.00 short: 60.00 carried, 90.00 left (2026-04 is capped, 2026-05 is capped, 2026-06 is capped)"
        ]
    );
    let refused = carry(&mut plan.clone(), &capped).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "person ann: 300.00 targeted, 150.00 reached, 150.00 short: 60.00 carried, 90.00 left (2026-04 is capped, 2026-05 is capped, 2026-06 is capped); \
         raise a limit, release or reopen what is in the way, name others who take it, or write it off"
    );
    assert_eq!(plan.version(), 0);
    assert!(plan.carry_forward(&capped).unwrap().moved.is_empty());

    // Bo agreed to 30.00, the reserve takes what is left: it has nothing yet, so it takes it equally.
    let agreed = Taker::new(person("bo")).at_most(money("30"));
    let mut reserve = Taker::new(person("reserve"));
    reserve.share = Ratio::from(3);
    let asked = capped
        .clone()
        .other(agreed.clone())
        .other(reserve)
        .by(Easing::Equal);
    // 90.00 by 1 : 3 are 22.50 and 67.50.
    let mut shared = plan.clone();
    assert_eq!(
        told(&shared, &asked),
        [
            "person ann: 300.00 targeted, 150.00 reached, 150.00 short: 60.00 carried, 90.00 given to others (2026-04 is capped, 2026-05 is capped, 2026-06 is capped)"
        ]
    );
    carry(&mut shared, &asked).unwrap();
    assert_eq!(months(&shared, "sales", &person("ann"))[3..], ["120.00"; 3]);
    assert_eq!(months(&shared, "sales", &person("bo"))[3..], ["107.50"; 3]);
    assert_eq!(
        months(&shared, "sales", &person("reserve"))[3..],
        ["22.50"; 3]
    );
    assert!(shared.verify().is_empty());

    // Bo alone takes no more than was agreed; what is left is written off.
    let asked = capped.other(agreed).writing_off();
    let proposed = plan.carry_forward(&asked).unwrap();
    let gap = &proposed.gaps[0];
    assert_eq!(
        [gap.carried, gap.given, gap.left].map(|own| own.to_string()),
        ["60.00", "30.00", "60.00"]
    );
    let mut written = plan.clone();
    let change = proposed.change(
        key("eva"),
        "2026-04-01T09:00:00".parse().unwrap(),
        "as agreed",
    );
    written.apply(change).unwrap();
    assert_eq!(months(&written, "sales", &person("bo"))[3..], ["110.00"; 3]);
    // Every proposal is what its change does.
    let moved = written.differences(0, 1).unwrap();
    assert_eq!(proposed.moved, moved);
}

#[test]
fn a_place_takes_no_more_altogether_than_is_allowed() {
    let mut plan = House::new().plan(ORDERS[0], |_| 100);
    let asked = ann("150")
        .per_place(CapLimit::Amount(money("100.01")))
        .writing_off();
    assert_eq!(
        told(&plan, &asked),
        [
            "person ann: 300.00 targeted, 150.00 reached, 150.00 short: 100.01 carried, 49.99 left (capped)"
        ]
    );
    carry(&mut plan, &asked).unwrap();
    assert_eq!(
        months(&plan, "sales", &person("ann"))[3..],
        ["133.34", "133.34", "133.33"]
    );
    let below = ann("150").per_place(CapLimit::Share("-0.1".parse().unwrap()));
    assert_eq!(
        carry(&mut plan.clone(), &below).unwrap_err().to_string(),
        "at most -0.1 of a target cannot be carried: write a limit of zero or more"
    );
}

#[test]
fn held_and_closed_cells_stay_and_say_so_where_something_is_left() {
    let house = House::new();
    let hold = |place: Place| {
        Edit::Hold(HoldEdit {
            measure: key("sales"),
            at: vec![place],
            what: HoldWhat::Leaves,
        })
    };
    for steps in ORDERS {
        let mut plan = house.plan(steps, |_| 100);
        let may = at(&[("person", "ann"), ("month", "2026-05")]);
        edited(
            &mut plan,
            vec![
                hold(may),
                Edit::Close {
                    before: day("2026-05-01"),
                },
            ],
        );
        let mut own = plan.clone();
        carry(&mut own, &ann("250")).unwrap();
        assert_eq!(
            months(&own, "sales", &person("ann")),
            ["100.00", "100.00", "100.00", "100.00", "100.00", "150.00"]
        );
        let june = at(&[("person", "ann"), ("month", "2026-06")]);
        edited(&mut plan, vec![hold(june)]);
        assert_eq!(
            told(&plan, &ann("250")),
            [
                "person ann: 300.00 targeted, 250.00 reached, 50.00 short: 50.00 left (2026-04 is closed, 2026-05 is held, 2026-06 is held)"
            ]
        );
        assert!(matches!(
            carry(&mut plan, &ann("250")),
            Err(PlanError::Edit(EditError::CannotCarry { .. }))
        ));
    }
}

#[test]
fn a_plan_closed_at_actuals_keeps_its_totals_and_carries_late_records_alone() {
    for steps in ORDERS {
        let mut plan = House::new().plan(steps, |_| 100);
        carry(&mut plan, &ann("240").as_reached()).unwrap();
        assert_eq!(
            months(&plan, "sales", &person("ann")),
            ["80.00", "80.00", "80.00", "120.00", "120.00", "120.00"]
        );
        let whole = |plan: &Plan| {
            plan.amount("sales", quotaflow::plan::NodeId::WHOLE)
                .unwrap()
                .to_string()
        };
        assert_eq!(whole(&plan), "2400.00");
        // Six more turn up in April for the first quarter: the gap is six less than nothing, and stays unless both sides are carried.
        let mut late = ann("246").as_reached();
        late.from = day("2026-04-01");
        carry(&mut plan, &late.clone().both()).unwrap();
        assert_eq!(
            months(&plan, "sales", &person("ann")),
            ["82.00", "82.00", "82.00", "118.00", "118.00", "118.00"]
        );
        assert_eq!(whole(&plan), "2400.00");
        // The same again changes nothing.
        carry(&mut plan, &late).unwrap();
        assert_eq!(whole(&plan), "2400.00");
        assert!(plan.verify().is_empty());
    }
}

#[test]
fn months_are_closed_at_what_each_of_them_was() {
    let mut plan = House::new().plan(ORDERS[0], |_| 100);
    let mut asked = CarryForward::new("sales", day("2026-03-01"))
        .unwrap()
        .as_reached()
        .by(Easing::Equal);
    for (month, amount) in [("2026-01", "70"), ("2026-02", "90.01")] {
        let at = at(&[("person", "ann"), ("month", month)]);
        asked.reached.push(ReachedAmount {
            at,
            days: None,
            amount: money(amount),
        });
    }
    carry(&mut plan, &asked).unwrap();
    // 39.99 for four months.
    assert_eq!(
        months(&plan, "sales", &person("ann")),
        ["70.00", "90.01", "110.00", "110.00", "110.00", "109.99"]
    );
}

#[test]
fn a_year_that_is_held_is_carried_within_it_only_where_it_is_closed_at_actuals() {
    let mut plan = House::new().plan(ORDERS[0], |_| 100);
    let own = at(&[("region", "north"), ("person", "ann")]);
    let hold = HoldEdit {
        measure: key("sales"),
        at: vec![own],
        what: HoldWhat::Total,
    };
    edited(&mut plan, vec![Edit::Hold(hold)]);
    assert_eq!(
        told(&plan, &ann("240")),
        [
            "person ann: 300.00 targeted, 240.00 reached, 60.00 short: 60.00 left (2026-04 is held, 2026-05 is held, 2026-06 is held)"
        ]
    );
    carry(&mut plan, &ann("240").as_reached()).unwrap();
    assert_eq!(months(&plan, "sales", &person("ann"))[3..], ["120.00"; 3]);
}

#[test]
fn what_was_carried_is_not_carried_again() {
    let mut plan = House::new().plan(ORDERS[0], |_| 100);
    carry(&mut plan, &ann("240")).unwrap();
    let mut later = ann("380");
    later.from = day("2026-05-01");
    assert_eq!(
        carry(&mut plan, &later).unwrap_err().to_string(),
        "the gap of person ann before 2026-04-01 was carried forward by version 1: name the days from then on"
    );
    // In April 100.00 of 120.00 are reached.
    later.reached = vec![ReachedAmount {
        at: person("ann"),
        days: Some(days("2026-04-01", "2026-05-01")),
        amount: money("100"),
    }];
    carry(&mut plan, &later).unwrap();
    assert_eq!(
        months(&plan, "sales", &person("ann"))[3..],
        ["120.00", "130.00", "130.00"]
    );
    // What was returned from stands no more, and in one change nothing is carried twice either.
    edited(&mut plan, vec![Edit::Revert { to: 0 }]);
    let twice = changed(
        &plan,
        vec![
            Edit::CarryForward(ann("240")),
            Edit::CarryForward(ann("240")),
        ],
    );
    let refused = plan.apply(twice).unwrap_err();
    assert!(
        matches!(
            refused,
            PlanError::Edit(EditError::CarriedAlready { version: 4, .. })
        ),
        "{refused}"
    );
    carry(&mut plan, &ann("240")).unwrap();
    // A return to where it stood makes it stand again.
    edited(&mut plan, vec![Edit::Revert { to: 0 }]);
    edited(&mut plan, vec![Edit::Revert { to: 4 }]);
    assert!(carry(&mut plan, &ann("240")).is_err());
}

#[test]
fn who_is_ahead_stays_ahead_unless_both_sides_are_carried() {
    let house = House::new();
    let mut plan = house.plan(ORDERS[0], |_| 100);
    let told_of = told(&plan, &ann("330.03"));
    assert_eq!(
        told_of,
        ["person ann: 300.00 targeted, 330.03 reached, 30.03 beyond, which stay"]
    );
    carry(&mut plan, &ann("330.03")).unwrap();
    assert_eq!(months(&plan, "sales", &person("ann")), ["100.00"; 6]);

    let mut plan = house.plan(ORDERS[0], |_| 100);
    carry(&mut plan, &ann("330.03").both()).unwrap();
    assert_eq!(months(&plan, "sales", &person("ann"))[3..], ["89.99"; 3]);
    // Nothing goes below zero.
    let mut plan = house.plan(ORDERS[0], |_| 100);
    let far = ann("700").both().writing_off();
    assert_eq!(
        told(&plan, &far),
        [
            "person ann: 300.00 targeted, 700.00 reached, 400.00 beyond: 300.00 carried, 100.00 left (2026-04 is at its bound, 2026-05 is at its bound, 2026-06 is at its bound)"
        ]
    );
    carry(&mut plan, &far).unwrap();
    assert_eq!(months(&plan, "sales", &person("ann"))[3..], ["0.00"; 3]);
}

#[test]
fn what_a_budget_was_exceeded_by_is_missing_later() {
    let house = House::new();
    let mut plan = house.planned(House::recipe("expense", ORDERS[0]), |_| 100);
    let over = CarryForward::new("expense", day("2026-04-01")).unwrap();
    let over = over
        .reaching(person("ann"), money("330"))
        .reaching(person("bo"), money("200"));
    carry(&mut plan, &over).unwrap();
    assert_eq!(months(&plan, "expense", &person("ann"))[3..], ["90.00"; 3]);
    // Bo spent less, which is good and stays.
    assert_eq!(months(&plan, "expense", &person("bo"))[3..], ["100.00"; 3]);
}

#[test]
fn the_mix_within_a_month_stays_and_what_has_nothing_takes_nothing() {
    let house = House::new();
    let steps = ["region", "person", "product", "month"];
    let worth = |place: &Place| match (
        named(place, "product").as_str(),
        named(place, "month").as_str(),
    ) {
        (_, "2026-05") => 0,
        ("tea", _) => 90,
        _ => 10,
    };
    let mut plan = house.plan(&steps, worth);
    let asked = ann("200");
    carry(&mut plan, &asked).unwrap();
    let product = |name: &str| months(&plan, "sales", &at(&[("person", "ann"), ("product", name)]));
    assert_eq!(product("tea")[3..], ["135.00", "0.00", "135.00"]);
    assert_eq!(product("milk")[3..], ["15.00", "0.00", "15.00"]);
    // Where nothing at all has weight everything is left.
    let none = |place: &Place| {
        i64::from(["2026-01", "2026-02", "2026-03"].contains(&named(place, "month").as_str())) * 100
    };
    let plan = house.plan(ORDERS[0], none);
    assert_eq!(
        told(&plan, &ann("200")),
        [
            "person ann: 300.00 targeted, 200.00 reached, 100.00 short: 100.00 left (2026-04 is without weight, 2026-05 is without weight, 2026-06 is without weight)"
        ]
    );
    let equally = ann("200").by(Easing::Equal);
    assert_eq!(
        plan.carry_forward(&equally).unwrap().gaps[0]
            .carried
            .to_string(),
        "100.00"
    );
}

#[test]
fn a_region_carries_what_its_people_have_together() {
    let worth = |place: &Place| {
        if named(place, "person") == "ann" {
            300
        } else {
            100
        }
    };
    let mut plan = House::new().plan(ORDERS[1], worth);
    let asked = CarryForward::new("sales", day("2026-06-01")).unwrap();
    let asked = asked.reaching(at(&[("region", "north")]), money("1960"));
    carry(&mut plan, &asked).unwrap();
    // 2,000.00 less 1,960.00: 40.00 for June by 300 : 100.
    assert_eq!(months(&plan, "sales", &person("ann"))[5], "330.00");
    assert_eq!(months(&plan, "sales", &person("bo"))[5], "110.00");
}

#[test]
fn whole_lots_are_carried_and_what_is_less_than_one_is_left() {
    let house = House::new();
    let mut def = House::recipe("cases", &["region", "person"]);
    let month = StepDef::grain(Grain::Month).lot(Number::from(12));
    def = def.step(month);
    let cascade = Cascade::compile(def, &house.sources()).unwrap();
    let mut plan = cascade.run((4 * 6 * 120).into()).unwrap();
    let asked = CarryForward::new("cases", day("2026-04-01"))
        .unwrap()
        .reaching(person("ann"), Number::from(310));
    assert_eq!(
        told(&plan, &asked),
        ["person ann: 360 targeted, 310 reached, 50 short: 48 carried, 2 left (no whole lot)"]
    );
    carry(&mut plan, &asked.writing_off()).unwrap();
    assert_eq!(
        months(&plan, "cases", &person("ann"))[3..],
        ["144", "132", "132"]
    );
}

#[test]
fn bounds_of_the_recipe_are_limits() {
    let house = House::new();
    let most = BoundDef::at_most("month", money("110")).unwrap();
    let mut def = House::recipe("sales", ORDERS[0]);
    def.bounds.push(most.at(person("ann")));
    let mut plan = house.planned(def, |_| 100);
    let asked = ann("250").writing_off();
    assert_eq!(
        plan.carry_forward(&asked).unwrap().gaps[0].left.to_string(),
        "20.00"
    );
    carry(&mut plan, &asked).unwrap();
    assert_eq!(months(&plan, "sales", &person("ann"))[3..], ["110.00"; 3]);
}

#[test]
fn what_was_reached_is_said_once_of_days_that_are_past() {
    let plan = House::new().plan(ORDERS[0], |_| 100);
    let asked = |reached: Vec<ReachedAmount>| {
        let mut asked = CarryForward::new("sales", day("2026-04-01")).unwrap();
        asked.reached = reached;
        plan.carry_forward(&asked).unwrap_err().to_string()
    };
    let one = |at: Place, days: Option<DayRange>| ReachedAmount {
        at,
        days,
        amount: money("10"),
    };
    assert_eq!(
        asked(vec![
            one(person("ann"), None),
            one(
                at(&[("region", "north")]),
                Some(days("2026-01-01", "2026-02-01"))
            )
        ]),
        "what was reached at north / ann / 2026-01 is said of person ann and of region north: say it once"
    );
    // A region and one of its people, of different days: both would carry into the same cells.
    let january = Some(days("2026-01-01", "2026-02-01"));
    let february = Some(days("2026-02-01", "2026-03-01"));
    assert_eq!(
        asked(vec![
            one(person("ann"), january),
            one(at(&[("region", "north")]), february)
        ]),
        "what was reached at north / ann / 2026-01 is said of region north and of person ann: say it once"
    );
    assert_eq!(
        asked(vec![one(
            person("ann"),
            Some(days("2026-03-01", "2026-04-02"))
        )]),
        "what person ann reached from 2026-03-01 until 2026-04-02 is not past on 2026-04-01: name days before it"
    );
    assert_eq!(
        asked(vec![one(
            at(&[("person", "ann"), ("month", "2026-05")]),
            None
        )]),
        "nothing of month 2026-05, person ann is planned from 2026-01-01 until 2026-04-01"
    );
    assert!(asked(vec![one(person("anne"), None)]).contains("did you mean `ann`"));
}

#[test]
fn stocks_and_levels_that_hand_down_more_are_refused() {
    let house = House::new();
    let balance = Cascade::compile(House::recipe("debts", ORDERS[0]), &house.sources()).unwrap();
    let plan = balance.run(600.into()).unwrap();
    let asked = CarryForward::new("debts", day("2026-04-01"))
        .unwrap()
        .reaching(person("ann"), money("1"));
    assert!(matches!(
        plan.carry_forward(&asked),
        Err(PlanError::NotForKind { .. })
    ));
    let over = OverAssignmentDef::from_leaves("person", vec![Ratio::percent(110)]).unwrap();
    let mut padded = House::recipe("sales", &["region"]).over_assign(over);
    padded = padded.step(StepDef::member("person", "person").unwrap());
    let cascade =
        Cascade::compile(padded.step(StepDef::grain(Grain::Month)), &house.sources()).unwrap();
    let plan = cascade.run(600.into()).unwrap();
    assert!(matches!(
        plan.carry_forward(&ann("1")),
        Err(PlanError::NotForKind { .. })
    ));
}

#[test]
fn a_linked_measure_follows() {
    let mut house = House::new();
    let flow = |key: &str, unit: &str, quantum| {
        Measure::flow(key, unit.parse().unwrap(), quantum).unwrap()
    };
    let price = Additivity::Ratio {
        numerator: key("sales"),
        denominator: key("cases"),
    };
    let mut ratio = flow("price", "money:EUR per count:piece", Quantum::CENT);
    ratio.additivity = price;
    house.measures = Measures::new(vec![
        flow("sales", "money:EUR", Quantum::CENT),
        flow("cases", "count:piece", Quantum::ONE),
        ratio,
    ])
    .unwrap();
    let sales = Cascade::compile(House::recipe("sales", ORDERS[0]), &house.sources()).unwrap();
    let cases = Cascade::beside(
        sales.frame(),
        House::recipe("cases", ORDERS[0]),
        &house.sources(),
    )
    .unwrap();
    let mut plan = sales.run(2400.into()).unwrap();
    plan.join(cases.run(240.into()).unwrap()).unwrap();
    let link = RatioRuleDef {
        ratio: key("price"),
        numerator_changed: Yielding::OtherPart,
        denominator_changed: Yielding::Ratio,
        ratio_changed: GivesWay::Numerator,
    };
    let mut plan = plan
        .with_ratios(&house.measures)
        .with_links(vec![link])
        .unwrap();
    carry(&mut plan, &ann("240")).unwrap();
    assert_eq!(months(&plan, "sales", &person("ann"))[3..], ["120.00"; 3]);
    assert_eq!(months(&plan, "cases", &person("ann"))[3..], ["12"; 3]);
}

#[test]
fn what_a_panel_says_is_carried_row_by_row_and_what_it_does_not_say_is_no_gap() {
    let house = House::new();
    let mut plan = house.plan(ORDERS[0], |_| 100);
    let months_of_half = house
        .calendar
        .periods(Grain::Month, day("2026-01-01"), day("2026-07-01"))
        .unwrap();
    let people = vec![key("ann"), key("bo"), key("gone")];
    let rows = Subjects::new(Axis::new("person", "person").unwrap(), people).unwrap();
    let mut panel = Panel::new(rows, months_of_half);
    // Ann 80.00 a month, bo nothing known of March, and somebody without a target.
    let mut units = Vec::new();
    let mut reasons = Vec::new();
    for month in 0..6 {
        units.extend([8_000, 9_000, 500]);
        reasons.extend([None, (month == 2).then_some(Reason::NothingRecorded), None]);
    }
    let column = Column::amounts(
        ColumnKey::actual("sales").unwrap(),
        "money:EUR".parse().unwrap(),
        Quantum::CENT,
        units,
    );
    panel.add(column.with_reasons(&reasons).unwrap()).unwrap();
    let asked = CarryForward::new("sales", day("2026-04-20")).unwrap();
    let asked = asked.reached_in(&plan, &panel).unwrap();
    assert_eq!(asked.reached.len(), 5);
    assert_eq!(
        told(&plan, &asked),
        [
            "person ann: 300.00 targeted, 240.00 reached, 60.00 short: 60.00 carried",
            "person bo: 200.00 targeted, 180.00 reached, 20.00 short: 20.00 carried"
        ]
    );
    carry(&mut plan, &asked).unwrap();
    assert_eq!(
        months(&plan, "sales", &person("ann"))[3..],
        ["100.00", "130.00", "130.00"]
    );
}

#[test]
fn nothing_reached_and_no_gap_move_nothing() {
    let plan = House::new().plan(ORDERS[0], |_| 100);
    for asked in [
        CarryForward::new("sales", day("2026-04-01")).unwrap(),
        ann("300"),
    ] {
        assert!(plan.carry_forward(&asked).unwrap().moved.is_empty());
    }
    // At the end of the year nothing is left to carry into.
    let mut last = ann("500");
    last.from = day("2026-07-01");
    assert_eq!(
        told(&plan, &last),
        [
            "person ann: 600.00 targeted, 500.00 reached, 100.00 short: 100.00 left (no period is left)"
        ]
    );
}

#[test]
fn what_was_carried_is_saved_and_loaded() {
    let mut plan = House::new().plan(ORDERS[0], |_| 100);
    let mut asked = ann("290").starting(Proration::OnTheDay).by(Easing::Equal);
    asked.from = day("2026-04-11");
    carry(&mut plan, &asked).unwrap();
    let text = serde_json::to_string(&plan.record()).unwrap();
    let saved: quotaflow::plan::PlanRecord = serde_json::from_str(&text).unwrap();
    let loaded = saved.load().unwrap();
    assert_eq!(
        months(&loaded, "sales", &person("ann")),
        months(&plan, "sales", &person("ann"))
    );
    let mut undone = loaded;
    edited(&mut undone, vec![Edit::Revert { to: 0 }]);
    assert_eq!(months(&undone, "sales", &person("ann")), ["100.00"; 6]);
}

#[test]
fn two_who_give_what_is_beyond_to_one_reserve_do_not_bring_it_below_zero() {
    let mut plan = House::new().plan(ORDERS[0], |_| 100);
    // Each is 700.00 beyond, of which 300.00 are theirs; the reserve has 300.00 for the first and nothing for the second.
    let mut asked = ann("1000").both().writing_off();
    asked = asked.reaching(person("bo"), money("1000"));
    asked = asked.other(Taker::new(person("reserve")));
    let told = plan.carry_forward(&asked).unwrap();
    let parts = told
        .gaps
        .iter()
        .map(|gap| [gap.carried, gap.given, gap.left].map(|own| own.to_string()));
    let parts: Vec<[String; 3]> = parts.collect();
    assert_eq!(
        parts,
        [
            ["-300.00", "-300.00", "-100.00"],
            ["-300.00", "0.00", "-400.00"]
        ]
    );
    carry(&mut plan, &asked).unwrap();
    assert_eq!(months(&plan, "sales", &person("reserve"))[3..], ["0.00"; 3]);
}

#[test]
fn a_journal_carries_past_closed_books_and_closes_at_actuals_what_is_open() {
    use crate::journal_plans::{cascade, cell, change, enter, id, new, reopened, sold};
    use quotaflow::journal::{Close, Entry, JournalError};
    // A euro a day is targeted, 31.00 in January; ann sells on 20 days of it.
    let mut journal = new();
    enter(
        &mut journal,
        "2025-12-31",
        &[cascade("2026", "2025-12-31", "118")],
    )
    .unwrap();
    let mut january = sold(&["ann"], "2026-01-01", "2026-01-21");
    january.extend(sold(&["bo"], "2026-01-01", "2026-02-01"));
    enter(&mut journal, "2026-01-31", &january).unwrap();
    let edits = |past: &str| {
        serde_json::json!([{"carry_forward": {"measure": "sales", "from": "2026-02-01", "past": past,
            "reached": [{"at": {"person": "ann"}, "amount": "20"}, {"at": {"person": "bo"}, "amount": "31"}]}}])
    };
    let february = |journal: &quotaflow::journal::Journal| {
        let panel = journal
            .view("teams")
            .unwrap()
            .as_of(day("2026-02-01"))
            .panel()
            .unwrap();
        ["2026-01", "2026-02"].map(|month| cell(&panel, "target:sales", "north", month))
    };
    let mut open = journal.clone();
    enter(
        &mut open,
        "2026-02-01",
        &[change("carried", "2026-02-01", edits("as_reached"))],
    )
    .unwrap();
    assert_eq!(february(&open), ["20.00 EUR", "39.00 EUR"]);

    let close = Entry::close(id("c"), day("2026-01-31"), Close::Hard);
    enter(&mut journal, "2026-02-01", &[close]).unwrap();
    let refused = enter(
        &mut journal,
        "2026-02-02",
        &[change("carried", "2026-02-02", edits("as_reached"))],
    );
    let JournalError::Rejected { rejected } = refused.unwrap_err() else {
        panic!("it was taken")
    };
    assert!(
        rejected[0]
            .reason
            .to_string()
            .contains("is closed: all before 2026-02-01 is read-only"),
        "{}",
        rejected[0].reason
    );
    enter(
        &mut journal,
        "2026-02-02",
        &[change("carried", "2026-02-02", edits("as_targeted"))],
    )
    .unwrap();
    assert_eq!(february(&reopened(&journal)), ["31.00 EUR", "28.00 EUR"]);
    let panel = journal
        .view("teams")
        .unwrap()
        .as_of(day("2026-02-02"))
        .panel()
        .unwrap();
    assert_eq!(
        cell(&panel, "target:sales", "north", "2026-02"),
        "39.00 EUR"
    );
    // The other way to say it: what the proposal is asked as, entered as it stands.
    let again = enter(
        &mut journal,
        "2026-02-03",
        &[change("again", "2026-02-03", edits("as_targeted"))],
    );
    let JournalError::Rejected { rejected } = again.unwrap_err() else {
        panic!("it was taken")
    };
    assert!(
        rejected[0]
            .reason
            .to_string()
            .contains("was carried forward by version"),
        "{}",
        rejected[0].reason
    );
}
