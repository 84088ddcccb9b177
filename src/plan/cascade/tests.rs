use super::super::fixture::{Company, days, given, key, member, recipe};
use super::super::*;
use crate::allocation::{Method, NegativeWeights, WeightPolicy, ZeroWeights};
use crate::calendar::Grain;
use crate::quantity::{Number, Ratio};
use crate::space::{Axis, Subjects, Unassigned};
use rust_decimal::Decimal;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn run(def: CascadeDef, total: &str) -> Plan {
    let company = Company::new();
    let cascade = Cascade::compile(def, &company.sources()).unwrap();
    let plan = cascade.run(decimal(total)).unwrap();
    assert_eq!(plan.verify(), []);
    plan
}

fn refused(def: CascadeDef, total: &str) -> String {
    let company = Company::new();
    let plan =
        Cascade::compile(def, &company.sources()).and_then(|cascade| cascade.run(decimal(total)));
    plan.unwrap_err().to_string()
}

fn at(plan: &Plan, path: &[&str]) -> String {
    let node = plan.frame().find(path).unwrap();
    let measure = plan.measures().next().unwrap().key.clone();
    plan.amount(measure.as_str(), node).unwrap().to_string()
}

#[test]
fn a_total_reaches_every_person_and_month() {
    // 100.00 by 3 : 2 is 60 and 40; 60.00 over two people is 30 each; 40.00 over three is 13.34, 13.33, 13.33.
    let def = recipe("sales")
        .step(member("person", "region").basis(given("region", &[("north", "3"), ("south", "2")])))
        .step(member("person", "person"))
        .step(StepDef::grain(Grain::Quarter));
    let plan = run(def, "100.00");
    assert_eq!(at(&plan, &[]), "100.00");
    assert_eq!(at(&plan, &["south"]), "40.00");
    assert_eq!(at(&plan, &["south", "cy"]), "13.34");
    assert_eq!(at(&plan, &["south", "ed"]), "13.33");
    // 13.33 over four quarters is 3.34, 3.33, 3.33, 3.33.
    assert_eq!(at(&plan, &["south", "ed", "2026-Q1"]), "3.34");
    assert_eq!(at(&plan, &["south", "ed", "2026-Q4"]), "3.33");
    assert_eq!(plan.frame().leaves(), 20);
}

#[test]
fn members_of_one_dimension_may_stand_on_both_sides_of_time() {
    let def = recipe("sales")
        .step(StepDef::grain(Grain::Half))
        .step(member("person", "region"))
        .step(StepDef::grain(Grain::Quarter))
        .step(member("product", "product"))
        .step(member("person", "person"));
    let plan = run(def, "-7.77");
    assert_eq!(plan.frame().leaves(), 4 * 2 * 5);
    let people = [Axis::new("person", "person").unwrap()];
    let sums = plan.roll_up("sales", &people, None).unwrap();
    let total: i64 = sums.cells().iter().flatten().sum();
    assert_eq!(total, -777);
}

#[test]
fn only_combinations_that_exist_have_nodes() {
    let company = Company::new();
    let axes = vec![
        Axis::new("person", "person").unwrap(),
        Axis::new("product", "product").unwrap(),
    ];
    let rows = [["ann", "tea"], ["ann", "milk"], ["di", "milk"]];
    let rows = rows.map(|row| row.map(key).to_vec()).to_vec();
    let sources = company
        .sources()
        .combinations(Subjects::rows(axes, rows).unwrap());
    let def = recipe("pieces")
        .step(member("person", "region"))
        .step(member("product", "product"))
        .step(StepDef::grain(Grain::Quarter))
        .step(member("person", "person"));
    let plan = Cascade::compile(def, &sources)
        .unwrap()
        .run(decimal("9"))
        .unwrap();
    assert_eq!(plan.frame().leaves(), 12);
    assert_eq!(at(&plan, &["north"]), "5");
    assert_eq!(at(&plan, &["south", "milk"]), "4");
    assert!(plan.frame().find(&["south", "tea"]).is_err());
    assert_eq!(at(&plan, &["south", "milk", "2026-Q2", "di"]), "1");
    assert_eq!(plan.verify(), []);
}

#[test]
fn branches_may_leave_steps_out() {
    // The north is planned by region and quarter, people of the south by month.
    let south = DepthDef {
        at: Place::whole().at("region", "north").unwrap(),
        steps: vec![key("quarter")],
    };
    let def = recipe("sales")
        .step(member("person", "region"))
        .step(member("person", "person"))
        .step(StepDef::grain(Grain::Quarter))
        .step(StepDef::grain(Grain::Month))
        .branch(south);
    let plan = run(def, "48.01");
    assert_eq!(plan.frame().leaves(), 4 + 3 * 12);
    assert_eq!(at(&plan, &["north", "2026-Q2"]), "6.00");
    assert_eq!(at(&plan, &["south", "di", "2026-Q2", "2026-05"]), "0.67");
    let people = [Axis::new("person", "person").unwrap()];
    let sums = plan.roll_up("sales", &people, None).unwrap();
    assert_eq!(sums.of("unassigned").unwrap().to_string(), "24.01");
    let place = plan
        .frame()
        .place(plan.frame().find(&["north", "2026-Q2"]).unwrap());
    assert_eq!(place.to_string(), "quarter 2026-Q2, region north");
    assert_eq!(
        plan.frame()
            .path(plan.frame().node(&place).unwrap())
            .to_string(),
        "north / 2026-Q2"
    );
}

#[test]
fn weeks_and_months_add_up_at_once() {
    let atoms = SplitDef::Atoms(vec![
        SplitDef::Grain(Grain::Week),
        SplitDef::Grain(Grain::Month),
    ]);
    let def = recipe("sales")
        .step(StepDef::grain(Grain::Month).basis(BasisDef::WorkingDays))
        .step(
            StepDef::new(atoms)
                .basis(BasisDef::WorkingDays)
                .weights(WeightPolicy::SPREAD),
        );
    let plan = run(def, "1000.00");
    let company = Company::new();
    let horizon = days("2026-01-01", "2027-01-01");
    for grain in [Grain::Week, Grain::Month, Grain::Quarter, Grain::Year] {
        let set = company
            .calendar
            .periods(grain, horizon.start(), horizon.end())
            .unwrap();
        let sums = plan.roll_up("sales", &[], Some(&set)).unwrap();
        assert_eq!(
            sums.cells().iter().flatten().sum::<i64>(),
            100_000,
            "{grain}"
        );
    }
    // 1 to 4 January 2026 are Thursday to Sunday: 2 of 261 working days.
    assert_eq!(at(&plan, &["2026-01"]), "84.29");
}

#[test]
fn more_is_handed_down_than_assigned_and_both_are_kept() {
    let over = |factors: &[i32]| {
        let factors = factors.iter().map(|own| Ratio::percent(*own));
        OverAssignmentDef::from_leaves("person", factors.collect()).unwrap()
    };
    let def = recipe("pieces")
        .step(member("person", "region"))
        .step(member("person", "person"));
    let plan = run(def.clone().over_assign(over(&[110])), "101");
    assert_eq!(
        (at(&plan, &["north"]), at(&plan, &["south"])),
        ("51".into(), "50".into())
    );
    // 51 + 5.1 is 56 for two people with 26 and 25 of the base, 50 + 5 is 55 for three.
    assert_eq!(
        (at(&plan, &["north", "ann"]), at(&plan, &["south", "cy"])),
        ("29".into(), "19".into())
    );
    let regions = [Axis::new("person", "region").unwrap()];
    let sums = plan.roll_up("pieces", &regions, None).unwrap();
    assert_eq!(sums.of("north").unwrap().to_string(), "51");
    let people = [Axis::new("person", "person").unwrap()];
    let sums = plan.roll_up("pieces", &people, None).unwrap();
    assert_eq!(sums.of("ann").unwrap().to_string(), "29");
    let sums = plan.roll_up_base("pieces", &people, None).unwrap();
    assert_eq!(sums.of("ann").unwrap().to_string(), "26");
    for (factors, told) in [
        (
            &[110, 105, 101][..],
            "3 factors are given for `person`, where 2 levels of managers hand down",
        ),
        (
            &[110, 0],
            "the members of `person` cannot hand down 0 times what is assigned to them: a factor is above zero",
        ),
    ] {
        assert_eq!(refused(def.clone().over_assign(over(factors)), "1"), told);
    }
    let nobody = over(&[]).at(
        Place::whole().at("person", "ann").unwrap(),
        Ratio::percent(110),
    );
    assert_eq!(
        refused(def.clone().over_assign(nobody), "1"),
        "nobody hands down at `person ann`, which has a factor of its own"
    );
    assert_eq!(
        refused(def.over_assign(over(&[110])).over_assign(over(&[110])), "1"),
        "the over-assignment of `person` stands there twice: its factors are said once, those of single managers by place"
    );
}

#[test]
fn lots_hold_below_where_they_are_asked_for_and_above() {
    let dozen = Number::from(12);
    let def = recipe("pieces")
        .step(member("person", "region"))
        .step(member("person", "person").lot(dozen));
    let plan = run(def.clone(), "120");
    assert_eq!(
        (at(&plan, &["north"]), at(&plan, &["south", "cy"])),
        ("60".into(), "24".into())
    );
    assert_eq!(at(&plan, &["south", "ed"]), "12");
    assert_eq!(
        refused(def, "121"),
        "121 at all is not a whole number of lots of 12"
    );
    let half = recipe("pieces").step(member("person", "region").lot("0.5".parse().unwrap()));
    assert_eq!(refused(half, "1"), "0.5 cannot be the lot of step `region`");
}

#[test]
fn what_a_method_keeps_apart_stays_with_the_node() {
    let def = recipe("pieces")
        .step(member("person", "region"))
        .step(member("person", "person").method(Method::RemainderApart));
    let plan = run(def, "9");
    assert_eq!(at(&plan, &["north"]), "5");
    assert_eq!(at(&plan, &["north", "bo"]), "2");
    let people = [Axis::new("person", "region").unwrap()];
    assert_eq!(
        plan.roll_up("pieces", &people, None)
            .unwrap()
            .of("north")
            .unwrap()
            .units(),
        4
    );
}

#[test]
fn every_broken_request_has_its_own_error() {
    let region = || member("person", "region");
    let weights =
        |north, south| region().basis(given("region", &[("north", north), ("south", south)]));
    let cases = [
        (
            recipe("sales").step(weights("0", "0")),
            "1",
            "1.00 at all cannot be split at step `region`: all weights are zero",
        ),
        (
            recipe("sales").step(weights("1", "-1")),
            "1",
            "the weight of south at step `region` is below zero",
        ),
        (
            recipe("sales").step(weights("1", "1")),
            "1.005",
            "1.005 has more decimals than the smallest unit 0.01 allows",
        ),
        (
            recipe("sales").step(weights("1", "1")),
            "92233720368547758.08",
            "92233720368547758.08 is too large to be kept exactly in units of 0.01",
        ),
        (
            recipe("sales").step(member("person", "team")),
            "1",
            "dimension `person` has no level `team`; known: `region`, `person`, `grade`",
        ),
        (
            recipe("sales").step(member("persons", "region")),
            "1",
            "there is no dimension `persons`; did you mean `person`?",
        ),
        (
            recipe("sals").step(region()),
            "1",
            "there is no measure `sals`; did you mean `sales`?",
        ),
        (
            recipe("sales").step(region()).step(region()),
            "1",
            "two steps are called `region`: give one of them another name",
        ),
        (
            recipe("sales")
                .step(region().basis(given("region", &[("north", "1"), ("sooth", "1")]))),
            "1",
            "dimension `person` has no member `sooth`; did you mean `south`?",
        ),
        (
            recipe("sales").step(region().basis(given("region", &[("north", "1")]))),
            "1",
            "no weight is given for south at step `region`",
        ),
        (
            recipe("sales").step(region().basis(given("region", &[("ann", "1")]))),
            "1",
            "`ann` does not stand at level `person.region`",
        ),
        (
            recipe("sales").step(region().basis(BasisDef::CalendarDays)),
            "1",
            "the basis calendar days needs periods, but step `region` splits by members",
        ),
        (
            recipe("sales")
                .step(StepDef::grain(Grain::Month))
                .step(StepDef::grain(Grain::Week)),
            "1",
            "a period of step `week`, `2026-W05`, does not lie within one period of step `month`: split by their atoms",
        ),
        (
            recipe("sales")
                .step(member("person", "grade"))
                .step(member("person", "person"))
                .branch(DepthDef {
                    at: Place::whole(),
                    steps: vec![key("persom")],
                }),
            "1",
            "there is no step `persom`; did you mean `person`?",
        ),
    ];
    for (def, total, message) in cases {
        assert_eq!(refused(def, total), message);
    }
}

#[test]
fn an_empty_level_is_refused_or_stops_the_branch() {
    let company = Company::new();
    let mut definitions: Vec<_> = company.space.clone().into();
    definitions[0] = definitions[0].clone().member("region", "west").unwrap();
    let space = crate::space::Space::new(definitions).unwrap();
    let sources = Sources::new(&company.measures, &space);
    let def = |empty| {
        recipe("sales")
            .step(member("person", "region"))
            .step(member("person", "person").empty(empty))
    };
    let error = Cascade::compile(def(EmptyLevel::Refuse), &sources).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at west there is nothing to split by at step `person`"
    );
    let plan = Cascade::compile(def(EmptyLevel::Stop), &sources)
        .unwrap()
        .run(decimal("9"))
        .unwrap();
    assert_eq!(
        (at(&plan, &["west"]), plan.frame().leaves()),
        ("3.00".into(), 6)
    );
    assert_eq!(plan.verify(), []);
}

#[test]
fn people_without_a_parent_are_planned_where_that_is_asked_for() {
    let grades = || {
        recipe("sales")
            .step(member("person", "grade"))
            .step(member("person", "person"))
    };
    assert!(run(grades(), "4").frame().find(&["unassigned"]).is_err());
    let shown = CascadeDef {
        unassigned: Unassigned::Shown,
        ..grades()
    };
    let plan = run(shown, "3");
    assert_eq!(at(&plan, &["unassigned", "ed"]), "1.00");
}

#[test]
fn zero_and_negative_weights_are_read_as_the_policy_says() {
    let policy = |negative, zero| WeightPolicy::new(negative, zero);
    let step = |north, south| {
        member("person", "region").basis(given("region", &[("north", north), ("south", south)]))
    };
    let absolute = step("1", "-3").weights(policy(NegativeWeights::Absolute, ZeroWeights::Refuse));
    assert_eq!(
        at(&run(recipe("sales").step(absolute), "4"), &["south"]),
        "3.00"
    );
    let zero = step("1", "-3").weights(policy(NegativeWeights::Zero, ZeroWeights::Refuse));
    assert_eq!(
        at(&run(recipe("sales").step(zero), "4"), &["south"]),
        "0.00"
    );
    let equal = step("0", "0").weights(WeightPolicy::SPREAD);
    assert_eq!(
        at(&run(recipe("sales").step(equal), "4"), &["south"]),
        "2.00"
    );
    let nothing = step("0", "0").weights(policy(NegativeWeights::Refuse, ZeroWeights::Nothing));
    assert_eq!(
        at(&run(recipe("sales").step(nothing), "4"), &["south"]),
        "0.00"
    );
    assert_eq!(
        at(&run(recipe("sales").step(step("0", "0")), "0"), &["south"]),
        "0.00"
    );
}
