//! Laws of the least change of a plan: what is proposed applies as it stands, and what would not apply is no proposal.

use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BoundDef, Cascade, CascadeDef, Change, DepthDef, Easing, Edit, HoldEdit, HoldWhat, NodeId,
    Place, Plan, Reconciliation, Reconciling, Sources, StepDef, WhyAmount,
};
use quotaflow::quantity::{Number, Quantum};
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
    let held = prop::option::weighted(0.4, (person, 1_u32..12));
    let lot = prop_oneof![3 => Just(1_i64), 1 => Just(5), 1 => Just(12)];
    let drawn = (lot, any::<bool>(), ends, prop::bool::weighted(0.3), held);
    drawn.prop_map(|(lot, quarters, ends, prescribed, held)| Made {
        lot,
        quarters: quarters || prescribed,
        ends,
        prescribed: prescribed && ends.is_none(),
        held: held.filter(|_| ends.is_none()),
    })
}

impl Made {
    fn plan(&self, total: i64) -> Plan {
        let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::ONE);
        let measures = Measures::new(vec![sales.unwrap()]).unwrap();
        let mut people = DimensionDef::new("person", &["region", "person"]).unwrap();
        for region in ["r1", "r2"] {
            people = people.member("region", region).unwrap();
        }
        for (name, region) in [("a", "r1"), ("b", "r1"), ("c", "r2"), ("d", "r2")] {
            people = people.child("person", name, region).unwrap();
        }
        let (space, calendar) = (Space::new(vec![people]).unwrap(), Calendar::gregorian());
        let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
        let lot = Number::from(self.lot);
        let mut def = CascadeDef::new(key("plan"), key("sales"), year.unwrap())
            .step(StepDef::member("person", "region").unwrap().lot(lot))
            .step(StepDef::member("person", "person").unwrap().lot(lot));
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
        let sources = Sources::new(&measures, &space).calendar(&calendar);
        let cascade = Cascade::compile(def, &sources).unwrap();
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

proptest! {
    #[test]
    fn what_is_proposed_applies_as_it_stands_and_nothing_else_is_proposed(
        made in made(),
        (draft, asked) in (100_i64..3_000, -500_i64..4_000),
        region in prop::option::of(-500_i64..2_000),
        still in prop::option::of(prop::sample::select(&["a", "b", "c", "d"][..])),
        least in prop::option::of(-200_i64..200),
        equal in any::<bool>(),
    ) {
        let plan = made.plan(draft);
        let mut edit = Reconciling::new("sales").unwrap().total(Place::whole(), Number::from(asked));
        if let Some(region) = region {
            edit = edit.total(at("region", "r1"), Number::from(region));
        }
        if let Some(person) = still.filter(|_| made.ends.is_none()) {
            edit = edit.still(at("person", person));
        }
        if let Some(least) = least {
            edit = edit.bound(BoundDef::at_least("person", Number::from(least)).unwrap());
        }
        if equal {
            edit = edit.weights(Easing::Equal);
        }
        let mut applied = plan.clone();
        let done = applied.apply(change(&plan, Edit::Reconcile(edit.clone())));
        match plan.least_change(&edit) {
            Err(error) => prop_assert_eq!(done.unwrap_err(), error),
            Ok(found) => {
                done.unwrap();
                prop_assert!(applied.verify().is_empty());
                for own in found.nodes() {
                    prop_assert_eq!(applied.amount("sales", own.node).unwrap(), own.amount);
                    let before = plan.amount("sales", own.node).unwrap();
                    prop_assert_eq!(before, own.draft);
                    match &own.why {
                        WhyAmount::Still => prop_assert_eq!(own.draft, own.amount),
                        WhyAmount::Asked => prop_assert!(own.node == NodeId::WHOLE || own.place.to_string() == "r1"),
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
