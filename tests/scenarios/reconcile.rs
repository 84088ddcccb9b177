//! A draft from below and numbers from above, brought to one with the least change.

mod gap;
mod told;

use quotaflow::allocation::Method;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::key::Key;
use quotaflow::measure::{Additivity, Measure, Measures};
use quotaflow::plan::{
    AskedAmount, BoundDef, Cascade, CascadeDef, Change, DepthDef, Easing, Edit, EditError,
    HoldEdit, HoldWhat, Place, Plan, PlanError, Reconciliation, Reconciling, Reference, Sources,
    Spread, StepDef, TotalDef, Verb, WhyAmount,
};
use quotaflow::quantity::{Number, Quantum, Ratio};
use quotaflow::space::{DimensionDef, Space};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn person(name: &str) -> Place {
    Place::whole().at("person", name).unwrap()
}

fn region(name: &str) -> Place {
    Place::whole().at("region", name).unwrap()
}

struct House {
    measures: Measures,
    space: Space,
    calendar: Calendar,
}

impl House {
    /// People a, b, .. in as many regions as there are widths.
    fn new(widths: &[usize]) -> Self {
        let measures = Measures::new(vec![
            Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::ONE).unwrap(),
            Measure::flow("potential", "money:EUR".parse().unwrap(), Quantum::ONE).unwrap(),
            Measure::flow("open", "money:EUR".parse().unwrap(), Quantum::ONE)
                .unwrap()
                .adding(Additivity::Stock),
        ])
        .unwrap();
        let mut people = DimensionDef::new("person", &["region", "person"]).unwrap();
        let mut names = ('a'..='z').map(String::from);
        for (number, width) in widths.iter().enumerate() {
            let region = format!("r{}", number + 1);
            people = people.member("region", &region).unwrap();
            for name in names.by_ref().take(*width) {
                people = people.child("person", &name, &region).unwrap();
            }
        }
        Self {
            measures,
            space: Space::new(vec![people]).unwrap(),
            calendar: Calendar::gregorian(),
        }
    }

    fn sources(&self) -> Sources<'_> {
        Sources::new(&self.measures, &self.space).calendar(&self.calendar)
    }

    fn recipe(steps: &[&str]) -> CascadeDef {
        let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
        let def = CascadeDef::new(key("plan"), key("sales"), year.unwrap());
        steps.iter().fold(def, |def, step| match *step {
            "quarter" => def.step(StepDef::grain(Grain::Quarter)),
            level => def.step(StepDef::member("person", level).unwrap()),
        })
    }

    fn plan(&self, def: CascadeDef, units: &[&[i64]]) -> Plan {
        let cascade = Cascade::compile(def, &self.sources()).unwrap();
        Plan::from_units(&cascade, units.iter().map(|level| level.to_vec()).collect()).unwrap()
    }
}

/// Three people without regions.
fn three(draft: [i64; 3]) -> Plan {
    let house = House::new(&[3]);
    house.plan(House::recipe(&["person"]), &[&[draft.iter().sum()], &draft])
}

/// Two regions of two people each.
fn four(draft: [i64; 4]) -> Plan {
    let house = House::new(&[2, 2]);
    let regions = [draft[0] + draft[1], draft[2] + draft[3]];
    let total = [regions[0] + regions[1]];
    house.plan(
        House::recipe(&["region", "person"]),
        &[&total, &regions, &draft],
    )
}

fn sales() -> Reconciling {
    Reconciling::new("sales").unwrap()
}

fn total(amount: i64) -> Reconciling {
    sales().total(Place::whole(), Number::from(amount))
}

fn apply(plan: &mut Plan, edit: Edit) -> Result<u64, PlanError> {
    plan.apply(Change {
        version: quotaflow::document::Version::default(),
        by: key("ann"),
        at: "2025-11-20T09:00:00".parse().unwrap(),
        reason: "agreed".to_owned(),
        based_on: plan.version(),
        edits: vec![edit],
    })
}

/// Reconciles a plan, which then holds and is what was proposed, and returns its people.
fn settled(mut plan: Plan, asked: &Reconciling) -> Vec<i64> {
    let proposed = plan.least_change(asked).unwrap();
    let people = |plan: &Plan| plan.units("sales", "person").unwrap().to_vec();
    let before = people(&plan);
    plan.apply(proposed.change(key("ann"), "2025-11-20T09:00:00".parse().unwrap(), "agreed"))
        .unwrap();
    assert!(plan.verify().is_empty());
    for own in proposed.nodes() {
        assert_eq!(plan.amount("sales", own.node).unwrap(), own.amount);
    }
    let after = people(&plan);
    assert_eq!(people(&plan.as_of(0).unwrap()), before);
    after
}

fn refused(plan: &Plan, asked: &Reconciling) -> String {
    let mut same = plan.clone();
    let error = plan.least_change(asked).unwrap_err();
    assert_eq!(
        apply(&mut same, Edit::Reconcile(asked.clone())).unwrap_err(),
        error
    );
    assert_eq!(
        (same.version(), same.record()),
        (plan.version(), plan.record())
    );
    error.to_string()
}

#[test]
fn a_total_is_met_by_whoever_is_not_held() {
    // 40 more over 10 and 30: 10 and 30 more.
    let middle = total(100).still(person("b"));
    assert_eq!(settled(three([10, 20, 30]), &middle), [20, 20, 60]);
    let last = total(600).still(person("b")).still(person("c"));
    assert_eq!(settled(three([100, 100, 100]), &last), [400, 100, 100]);
    // Held in the plan is as good as held in the edit.
    let mut plan = three([10, 20, 30]);
    let hold = HoldEdit {
        measure: key("sales"),
        at: vec![person("b")],
        what: HoldWhat::Total,
    };
    apply(&mut plan, Edit::Hold(hold)).unwrap();
    apply(&mut plan, Edit::Reconcile(total(100))).unwrap();
    assert_eq!(plan.units("sales", "person").unwrap(), [20, 20, 60]);
    assert!(plan.verify().is_empty());
}

#[test]
fn a_draft_that_agrees_already_stays_from_the_top_the_middle_and_below() {
    let draft = [1, 2, 3, 4];
    let middle = sales()
        .total(region("r1"), Number::from(3))
        .total(region("r2"), Number::from(7));
    for asked in [sales(), total(10), middle] {
        assert_eq!(settled(four(draft), &asked), draft);
    }
    // Twice as much from above; from the middle, 6 and 7, which then make 13.
    assert_eq!(settled(four(draft), &total(20)), [2, 4, 6, 8]);
    let middle = sales().total(region("r1"), Number::from(6));
    assert_eq!(settled(four(draft), &middle), [2, 4, 3, 4]);
}

#[test]
fn a_weight_says_how_easily_somebody_moves() {
    let asked = |weights| total(66).weights(weights);
    assert_eq!(
        settled(three([10, 20, 30]), &asked(Easing::Draft)),
        [11, 22, 33]
    );
    assert_eq!(
        settled(three([10, 20, 30]), &asked(Easing::Equal)),
        [12, 22, 32]
    );
    // 1, 2 and 0 of the 6: the one of no weight stays.
    let given = serde_json::from_str(
        r#"{"given":{"weights":[{"at":{"person":"a"},"weight":"0.5"},{"at":{"person":"b"},"weight":"1"}],"otherwise":"0"}}"#,
    );
    assert_eq!(
        settled(three([10, 20, 30]), &asked(given.unwrap())),
        [12, 24, 30]
    );
    // By what the plan was in an earlier version.
    let mut plan = three([10, 20, 30]);
    let verb = Verb::EqualLeaves {
        amount: Number::from(60),
    };
    apply(
        &mut plan,
        Edit::Spread(Spread::new("sales", Place::whole(), verb).unwrap()),
    )
    .unwrap();
    let like = Easing::Like(Reference {
        version: Some(0),
        ..Reference::default()
    });
    apply(&mut plan, Edit::Reconcile(asked(like))).unwrap();
    assert_eq!(plan.units("sales", "person").unwrap(), [21, 22, 23]);
}

#[test]
fn nobody_goes_below_zero_or_above_a_maximum_where_that_is_asked() {
    // 30 less by equal parts: 5 can give 5 only, the others 12.5 each, of which the first keeps the half and the second gives it.
    let asked = total(50).weights(Easing::Equal);
    let floor = BoundDef::at_least("person", Number::from(0)).unwrap();
    assert_eq!(settled(three([5, 30, 45]), &asked), [-5, 20, 35]);
    assert_eq!(
        settled(three([5, 30, 45]), &asked.bound(floor)),
        [0, 18, 32]
    );
    let asked = total(120).bound(BoundDef::at_most("person", Number::from(45)).unwrap());
    assert_eq!(settled(three([20, 40, 40]), &asked), [30, 45, 45]);
    // A draft below zero moves by its size.
    assert_eq!(settled(three([-10, 20, 30]), &total(100)), [0, 40, 60]);
}

#[test]
fn what_a_recipe_bounds_stays_inside() {
    let house = House::new(&[3]);
    let def =
        House::recipe(&["person"]).bound(BoundDef::at_most("person", Number::from(45)).unwrap());
    let plan = house.plan(def, &[&[60], &[10, 20, 30]]);
    assert_eq!(settled(plan, &total(100)), [18, 37, 45]);
}

#[test]
fn every_node_is_within_a_quantum_of_the_optimum() {
    let plan = four([1, 1, 1, 1]);
    let found = plan.least_change(&total(7)).unwrap();
    let exact = |node: usize| found.nodes()[node].exact.unwrap();
    // 7 quarters each: 3.5 for a region, the first of which gets the half.
    assert_eq!(exact(1), Ratio::new(7, 2).unwrap());
    assert_eq!(exact(3), Ratio::new(7, 4).unwrap());
    assert_eq!(settled(plan, &total(7)), [2, 2, 2, 1]);
}

#[test]
fn periods_and_slices_stay_where_they_are_asked_to() {
    let house = House::new(&[2]);
    let def = House::recipe(&["person", "quarter"]);
    let quarters: [i64; 8] = [10, 10, 10, 10, 20, 20, 20, 20];
    let mut plan = house.plan(def, &[&[120], &[40, 80], &quarters]);
    let first = Place::whole().at("quarter", "2026-Q1").unwrap();
    let asked = total(165).still(first.clone());
    let text = plan.least_change(&asked).unwrap();
    assert_eq!(text.nodes().len(), 11);
    apply(&mut plan, Edit::Reconcile(asked)).unwrap();
    assert_eq!(
        plan.units("sales", "quarter").unwrap(),
        [10, 15, 15, 15, 20, 30, 30, 30]
    );
    // Closed periods stay too.
    let before = "2026-07-01".parse().unwrap();
    apply(&mut plan, Edit::Close { before }).unwrap();
    apply(&mut plan, Edit::Reconcile(total(255))).unwrap();
    assert_eq!(
        plan.units("sales", "quarter").unwrap(),
        [10, 15, 30, 30, 20, 30, 60, 60]
    );
    // A total across people is no part of the tree.
    let across = sales().total(first, Number::from(50));
    assert_eq!(
        refused(&plan, &across),
        "quarter 2026-Q1 is not one node of the plan: name the steps from the top without a gap"
    );
}

#[test]
fn a_branch_that_ends_early_moves_as_a_whole() {
    let house = House::new(&[2, 2]);
    let depth = DepthDef {
        at: region("r2"),
        steps: vec![],
    };
    let def = House::recipe(&["region", "person"]).branch(depth);
    let cascade = Cascade::compile(def, &house.sources()).unwrap();
    let mut plan = cascade.run(80.into()).unwrap();
    apply(&mut plan, Edit::Reconcile(total(100))).unwrap();
    assert_eq!(plan.units("sales", "region").unwrap(), [50, 50]);
    assert_eq!(plan.units("sales", "person").unwrap()[..2], [25, 25]);
    assert!(plan.verify().is_empty());
}

/// 30 less by halves: a comes to its minimum by itself, and what b and c move by are parts of the same whole.
#[test]
fn who_just_comes_to_their_minimum_moves_with_the_others() {
    let told = |least: i64| {
        let least = BoundDef::at_least("person", Number::from(least)).unwrap();
        let found = three([10, 20, 30]).least_change(&total(30).bound(least));
        let found = found.unwrap();
        let told = found.nodes()[1..].iter().map(ToString::to_string);
        told.collect::<Vec<String>>()
    };
    assert_eq!(
        told(5),
        [
            "a: 10 becomes 5, with 1/6 of the -30 that move freely below all",
            "b: 20 becomes 10, with 1/3 of the -30 that move freely below all",
            "c: 30 becomes 15, with 1/2 of the -30 that move freely below all",
        ]
    );
    // One more, and it is held there: the others move by 26.
    assert_eq!(
        told(6),
        [
            "a: 10 becomes 6, at least that",
            "b: 20 becomes 10, with 2/5 of the -26 that move freely below all",
            "c: 30 becomes 14, with 3/5 of the -26 that move freely below all",
        ]
    );
}

#[test]
fn an_amount_that_is_asked_of_a_leaf_needs_no_weight_unless_it_is_given_none() {
    let version_0 = Easing::Like(Reference {
        version: Some(0),
        ..Reference::default()
    });
    let none = |place: &str| -> Easing {
        let given =
            format!(r#"{{"given":{{"weights":[{{"at":{place},"weight":"0"}}],"otherwise":"1"}}}}"#);
        serde_json::from_str(&given).unwrap()
    };
    let people = four([0, 20, 30, 40]);
    let asked = |weights| {
        let asked = sales().total(person("a"), Number::from(5));
        asked.weights(weights)
    };
    for weights in [Easing::Draft, Easing::Equal, version_0] {
        assert_eq!(settled(people.clone(), &asked(weights)), [5, 20, 30, 40]);
    }
    assert_eq!(
        refused(&people, &asked(none(r#"{"person":"a"}"#))),
        "r1 / a is 5, but r1 / a stays 0, having no weight"
    );
    // A region that has no people in the plan is a leaf too.
    let house = House::new(&[2, 2]);
    let depth = DepthDef {
        at: region("r2"),
        steps: vec![],
    };
    let def = House::recipe(&["region", "person"]).branch(depth);
    let regions = house.plan(def, &[&[30], &[30, 0], &[10, 20]]);
    let asked = sales().total(region("r2"), Number::from(7));
    let mut plan = regions.clone();
    apply(&mut plan, Edit::Reconcile(asked.clone())).unwrap();
    assert_eq!(plan.units("sales", "region").unwrap(), [30, 7]);
    assert_eq!(plan.verify(), []);
    assert_eq!(
        refused(&regions, &asked.weights(none(r#"{"region":"r2"}"#))),
        "r2 is 7, but r2 stays 0, having no weight"
    );
}

#[test]
fn weights_are_those_of_the_whole_plan() {
    let like = |place| {
        Easing::Like(Reference {
            place: Some(place),
            ..Reference::default()
        })
    };
    let plan = four([10, 20, 30, 40]);
    assert_eq!(
        refused(&plan, &total(200).weights(like(region("r1")))),
        "the whole plan cannot be weighed by the amounts of region r1 alone: leave the place of the reference out, and name a measure or a version"
    );
    let whole = total(200).weights(like(Place::whole()));
    assert_eq!(settled(plan, &whole), [20, 40, 60, 80]);
}

/// A person stands below one region only, so that nobody has to say which.
#[test]
fn a_place_below_one_node_only_is_that_one() {
    let plan = four([10, 20, 30, 40]);
    let wanted = [12, 20, 30, 40];
    for at in [person("a"), person("a").at("region", "r1").unwrap()] {
        let asked = sales().total(at, Number::from(12));
        assert_eq!(settled(plan.clone(), &asked), wanted);
    }
    let house = House::new(&[2]);
    let year = house.plan(
        House::recipe(&["region", "person", "quarter"]),
        &[&[24], &[24], &[12, 12], &[3; 8]],
    );
    // The year of a stays, its quarters move.
    for at in [person("a"), person("a").at("region", "r1").unwrap()] {
        let first = person("a")
            .at("region", "r1")
            .unwrap()
            .at("quarter", "2026-Q1")
            .unwrap();
        let asked = sales().still(at).total(first, Number::from(6));
        let found = year.least_change(&asked).unwrap();
        let quarters = found
            .nodes()
            .iter()
            .filter(|own| own.place.keys().len() == 3);
        let amounts: Vec<String> = quarters.map(|own| own.amount.to_string()).collect();
        assert_eq!(amounts, ["6", "2", "2", "2", "3", "3", "3", "3"]);
    }
}

/// What is counted in cents below and in whole euros above would make a gap of a hundred times as much.
#[test]
fn a_draft_in_another_quantum_is_refused() {
    let house = House::new(&[2, 2]);
    let target = house.plan(House::recipe(&["region"]), &[&[4], &[1, 3]]);
    let mut cents = House::new(&[2, 2]);
    cents.measures = Measures::new(vec![
        Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap(),
    ])
    .unwrap();
    let draft = cents.plan(House::recipe(&["region"]), &[&[400], &[100, 300]]);
    let error = Reconciliation::new("sales", draft, target).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the structures differ: the draft counts the measure in another unit or quantum than the target"
    );
}

#[test]
fn a_plan_of_one_node_is_set() {
    let house = House::new(&[1]);
    let plan = house.plan(House::recipe(&[]), &[&[50]]);
    let mut given = total(60);
    given.weights = Easing::Given(quotaflow::plan::GivenDef {
        weights: Vec::new(),
        otherwise: Some(Ratio::ONE),
    });
    for asked in [total(60), given] {
        let mut plan = plan.clone();
        apply(&mut plan, Edit::Reconcile(asked)).unwrap();
        assert_eq!(plan.verify(), []);
        assert_eq!(
            plan.amount("sales", plan.frame().node(&Place::whole()).unwrap())
                .unwrap()
                .to_string(),
            "60"
        );
    }
}
