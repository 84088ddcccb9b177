//! Laws of the least change of a plan: what is proposed applies as it stands, and what would not apply is no proposal.

mod reference;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, BoundDef, Cascade, CascadeDef, Change, ConstraintError, DepthDef, Easing, Edit,
    EditError, GivenDef, GivenWeight, HoldEdit, HoldWhat, LeastChange, NodeId, Place, Plan,
    PlanError, Reconciliation, Reconciling, Sources, StepDef, WhyAmount,
};
use quotaflow::quantity::{Number, Quantum, Ratio};
use quotaflow::space::{DimensionDef, Space};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn at(step: &str, name: &str) -> Place {
    Place::whole().at(step, name).unwrap()
}

fn change(plan: &Plan, edit: Edit) -> Change {
    Change {
        version: Version::default(),
        by: key("ann"),
        at: "2025-11-20T09:00:00".parse().unwrap(),
        reason: "agreed".to_owned(),
        based_on: plan.version(),
        edits: vec![edit],
    }
}

/// How a plan of two regions of two people each is made.
#[derive(Debug, Clone)]
struct Made {
    /// By what the draft is split among people.
    weights: [i64; 4],
    lot: i64,
    quarters: bool,
    /// The branch that ends at its region.
    ends: Option<&'static str>,
    /// What a quarter is, over all people.
    prescribed: bool,
    /// Days of a person that are held.
    held: Option<(&'static str, u32)>,
}

fn made() -> impl Strategy<Value = Made> {
    let ends = prop::option::weighted(0.3, prop::sample::select(&["r1", "r2"][..]));
    let person = prop::sample::select(&["a", "b", "c", "d"][..]);
    let held = prop::option::weighted(0.25, (person, 1_u32..12));
    let lot = prop_oneof![6 => Just(1_i64), 1 => Just(5), 1 => Just(12)];
    let weights = prop::array::uniform4(1_i64..10);
    let drawn = (
        (weights, lot),
        any::<bool>(),
        ends,
        prop::bool::weighted(0.2),
        held,
    );
    drawn.prop_map(|((weights, lot), quarters, ends, prescribed, held)| Made {
        weights,
        lot,
        quarters: quarters || prescribed,
        ends,
        prescribed: prescribed && ends.is_none(),
        held: held.filter(|_| ends.is_none()),
    })
}

impl Made {
    /// The recipe, which gives weights to some people.
    fn recipe(&self, total: i64, year: DayRange, weighs: impl Fn(&str) -> bool) -> CascadeDef {
        let lot = Number::from(self.lot);
        let weights = ["a", "b", "c", "d"].into_iter().zip(self.weights);
        let weights = weights.filter(|(name, _)| weighs(name));
        let weights = weights.map(|(name, weight)| GivenWeight {
            at: at("person", name),
            weight: Ratio::from(weight),
        });
        let given = GivenDef {
            weights: weights.collect(),
            otherwise: None,
        };
        let people = StepDef::member("person", "person").unwrap();
        let people = people.basis(BasisDef::Given(given));
        let mut def = CascadeDef::new(key("plan"), key("sales"), year)
            .step(StepDef::member("person", "region").unwrap().lot(lot))
            .step(people.lot(lot));
        if self.quarters {
            def = def.step(StepDef::grain(Grain::Quarter).lot(lot));
        }
        if let Some(region) = self.ends {
            let at = at("region", region);
            def = def.branch(DepthDef { at, steps: vec![] });
        }
        if self.prescribed {
            let quarter = at("quarter", "2026-Q1");
            def = def.total(quarter, Number::from(total / 4 / self.lot * self.lot));
        }
        def
    }

    fn plan(&self, total: i64) -> Plan {
        let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::ONE);
        let measures = Measures::new(vec![sales.unwrap()]).unwrap();
        let mut people = DimensionDef::new("person", &["region", "person"]).unwrap();
        for region in ["r1", "r2"] {
            people = people.member("region", region).unwrap();
        }
        let everybody = [("a", "r1"), ("b", "r1"), ("c", "r2"), ("d", "r2")];
        for (name, region) in everybody {
            people = people.child("person", name, region).unwrap();
        }
        let (space, calendar) = (Space::new(vec![people]).unwrap(), Calendar::gregorian());
        let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
        let year = year.unwrap();
        let sources = Sources::new(&measures, &space).calendar(&calendar);
        let ended = everybody
            .iter()
            .find(|(_, region)| self.ends == Some(*region));
        if let Some((first, _)) = ended {
            // Nothing is planned for the people of that region: a weight of theirs is refused.
            let place = at("person", first);
            let refused = Cascade::compile(self.recipe(total, year, |_| true), &sources);
            assert_eq!(refused.err(), Some(PlanError::NotPlanned { place }));
        }
        let planned = |name: &str| {
            everybody
                .iter()
                .any(|(own, region)| *own == name && self.ends != Some(*region))
        };
        let cascade = Cascade::compile(self.recipe(total, year, planned), &sources).unwrap();
        let mut plan = cascade.run((total / self.lot * self.lot).into()).unwrap();
        if let Some((person, month)) = self.held {
            let day = |month: u32| chrono::NaiveDate::from_ymd_opt(2026, month, 10).unwrap();
            let days = DayRange::new(day(month), day(month + 1)).unwrap();
            let hold = HoldEdit {
                measure: key("sales"),
                at: vec![at("person", person)],
                what: HoldWhat::Days(days),
            };
            plan.apply(change(&plan, Edit::Hold(hold))).unwrap();
        }
        plan
    }
}

/// What is asked of such a plan.
#[derive(Debug, Clone)]
struct Asked {
    total: i64,
    /// What the first region is to be.
    region: Option<i64>,
    /// The person who does not move.
    still: Option<&'static str>,
    /// What every person is at least.
    least: Option<i64>,
    /// Whether all move alike, and not by the size of their drafts.
    equal: bool,
}

fn asked() -> impl Strategy<Value = Asked> {
    let still = prop::sample::select(&["a", "b", "c", "d"][..]);
    let drawn = (
        -500_i64..4_000,
        prop::option::of(-500_i64..2_000),
        prop::option::of(still),
        prop::option::weighted(0.6, -100_i64..300),
        any::<bool>(),
    );
    drawn.prop_map(|(total, region, still, least, equal)| Asked {
        total,
        region,
        still,
        least,
        equal,
    })
}

/// A plan, its draft and what is asked of it.
fn case() -> impl Strategy<Value = (Made, i64, Asked)> {
    (made(), 100_i64..3_000, asked()).prop_map(|(made, draft, mut asked)| {
        asked.still = asked.still.filter(|_| made.ends.is_none());
        (made, draft, asked)
    })
}

impl Asked {
    fn edit(&self) -> Reconciling {
        let mut edit = Reconciling::new("sales")
            .unwrap()
            .total(Place::whole(), Number::from(self.total));
        if let Some(region) = self.region {
            edit = edit.total(at("region", "r1"), Number::from(region));
        }
        if let Some(person) = self.still {
            edit = edit.still(at("person", person));
        }
        if let Some(least) = self.least {
            edit = edit.bound(BoundDef::at_least("person", Number::from(least)).unwrap());
        }
        if self.equal {
            edit = edit.weights(Easing::Equal);
        }
        edit
    }
}

impl Made {
    /// Says whether something that the tree does not hold may refuse a least change: lots, days that are held, totals across nodes.
    fn may_refuse(&self, error: &PlanError) -> bool {
        match error {
            PlanError::Constraint(ConstraintError::NotWholeLots { .. }) => self.lot > 1,
            PlanError::Constraint(ConstraintError::PrescribedBroken { .. }) => self.prescribed,
            PlanError::Edit(EditError::HeldStretch { .. }) => self.held.is_some(),
            _ => false,
        }
    }
}

/// Says that what was found is what is asked, and the least change.
fn is_least(plan: &Plan, asked: &Asked, found: &LeastChange) -> Result<(), TestCaseError> {
    let (exact, _) = reference::optimum(plan, asked).expect("what is found can be");
    for own in found.nodes() {
        let amount = own.amount.units();
        prop_assert_eq!(own.exact, Some(exact[&own.node]), "{}", own.place);
        let off = Ratio::from(amount).checked_sub(exact[&own.node]).unwrap();
        prop_assert!(
            Ratio::from(-1) < off && off < Ratio::ONE,
            "{}: {off}",
            own.place
        );
        let step = plan.frame().step_of(own.node).map(Key::as_str);
        match plan.frame().name(own.node).map(Key::as_str) {
            None => prop_assert_eq!(amount, asked.total),
            Some("r1") => prop_assert!(asked.region.is_none_or(|region| amount == region)),
            Some(name) if Some(name) == asked.still => prop_assert_eq!(own.draft, own.amount),
            Some(_) if step == Some("person") => {
                prop_assert!(asked.least.is_none_or(|least| amount >= least));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn what_is_proposed_is_the_least_change_and_applies_as_it_stands_and_nothing_else_is_proposed((made, draft, asked) in case()) {
        let plan = made.plan(draft);
        let edit = asked.edit();
        let mut applied = plan.clone();
        let done = applied.apply(change(&plan, Edit::Reconcile(edit.clone())));
        match plan.least_change(&edit) {
            Err(error) => {
                prop_assert_eq!(done.as_ref().unwrap_err(), &error);
                let can_be = reference::optimum(&plan, &asked).is_some();
                let is_contradiction = matches!(
                    error,
                    PlanError::Edit(EditError::Contradicted { .. } | EditError::AskedTwice { .. })
                );
                prop_assert_eq!(is_contradiction, !can_be, "{}", error);
                prop_assert!(is_contradiction || made.may_refuse(&error), "{}", error);
            }
            Ok(found) => {
                done.unwrap();
                prop_assert!(applied.verify().is_empty());
                is_least(&plan, &asked, &found)?;
                for own in found.nodes() {
                    prop_assert_eq!(applied.amount("sales", own.node).unwrap(), own.amount);
                    let before = plan.amount("sales", own.node).unwrap();
                    prop_assert_eq!(before, own.draft);
                    match &own.why {
                        WhyAmount::Still => prop_assert_eq!(own.draft, own.amount),
                        WhyAmount::Asked => prop_assert!(own.node == NodeId::WHOLE || own.place.to_string() == "r1"),
                        WhyAmount::AtLeast => prop_assert_eq!(Some(own.amount.units()), asked.least),
                        WhyAmount::Shares { weight, of, .. } => {
                            prop_assert!(weight <= of);
                            prop_assert!((2..=*weight).all(|by| weight % by != 0 || of % by != 0) || *weight > 5_000);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    #[test]
    fn the_least_change_leaves_no_gap_down_to_its_step(
        made in made(),
        (draft, target) in (100_i64..3_000, 100_i64..3_000),
        region in 10_i64..90,
    ) {
        let made = Made { lot: 1, held: None, prescribed: false, ..made };
        let (draft, mut from_above) = (made.plan(draft), made.plan(target));
        let moved = Reconciling::new("sales").unwrap()
            .total(Place::whole(), Number::from(target))
            .total(at("region", "r1"), Number::from(target * region / 100));
        from_above.apply(change(&from_above, Edit::Reconcile(moved))).unwrap();
        for step in ["region", "person", "quarter"].into_iter().take(2 + usize::from(made.quarters)) {
            let mut two = Reconciliation::new("sales", draft.clone(), from_above.clone()).unwrap();
            let proposal = two.least_change(Some(step), Reconciling::new("sales").unwrap()).unwrap();
            two.accept(proposal.change(key("bo"), "2025-11-21T09:00:00".parse().unwrap(), "agreed")).unwrap();
            prop_assert!(two.agreed(step).is_ok());
        }
    }
}

/// What the law of the least change is drawn over: enough that is solved, at a minimum too, and that cannot be.
#[test]
fn what_is_drawn_is_solved_bounded_and_refused() {
    let (mut runner, cases) = (TestRunner::deterministic(), case());
    let (mut solved, mut bounded, mut impossible, mut refused) = (0, 0, 0, 0);
    for _ in 0..400 {
        let (made, draft, asked) = cases.new_tree(&mut runner).unwrap().current();
        let plan = made.plan(draft);
        let exact = reference::optimum(&plan, &asked);
        match (plan.least_change(&asked.edit()), exact) {
            (Ok(_), Some((_, is_bounded))) => {
                solved += 1;
                bounded += i32::from(is_bounded);
            }
            (Err(_), Some(_)) => refused += 1,
            (_, None) => impossible += 1,
        }
    }
    let drawn = [solved, bounded, refused, impossible];
    assert!(solved >= 150 && bounded >= 15, "{drawn:?}");
    assert!(refused >= 80 && impossible >= 60, "{drawn:?}");
}
