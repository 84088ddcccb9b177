//! Laws of gates: two steps, two gates with answers of their own and weights of any size, cascaded and edited, against a slow reference
//! in fractions.

use proptest::prelude::*;
use quotaflow::calendar::DayRange;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, Change, EligibilityGate, GatedShare, NodeId, Plan, PlanError,
    PlanRecord, Sources, StepDef, Table, TableUse,
};
use quotaflow::quantity::Quantum;
use quotaflow::space::{Axis, DimensionDef, Space};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Of a rep: what it weighs, and whether each gate lets it in.
type Rep = (u32, [bool; 2]);

/// Reps by team, two gates, and totals.
#[derive(Debug, Clone)]
struct Case {
    teams: Vec<Vec<Rep>>,
    shares: [GatedShare; 2],
    /// Weights are so many times as large, plus one where they are not zero.
    scale: Decimal,
    equal_where_all_weigh_nothing: bool,
    totals: [i64; 2],
}

fn case() -> impl Strategy<Value = Case> {
    let open = || prop::bool::weighted(0.75);
    let weight = prop_oneof![1 => Just(0_u32), 4 => 1_u32..60];
    let rep = (weight, [open(), open()]);
    let teams = prop::collection::vec(prop::collection::vec(rep, 1..5), 1..5);
    let share = || {
        prop_oneof![
            1 => Just(GatedShare::ToEligible),
            1 => Just(GatedShare::Elsewhere),
            2 => Just(GatedShare::Kept)
        ]
    };
    let scale = prop_oneof![
        Just(Decimal::ZERO),
        Just(Decimal::from(10_000_000_000_000_000_i64)),
        Just(Decimal::from_i128_with_scale(
            1_000_000_000_000_000_000_000_000_000,
            0
        )),
    ];
    let total = || prop_oneof![0_i64..2_000, 0_i64..4_000_000_000_000_000_000];
    (
        teams,
        [share(), share()],
        scale,
        any::<bool>(),
        [total(), total()],
    )
        .prop_map(
            |(teams, shares, scale, equal_where_all_weigh_nothing, totals)| Case {
                teams,
                shares,
                scale,
                equal_where_all_weigh_nothing,
                totals,
            },
        )
}

impl Case {
    fn weight(&self, weight: u32) -> Decimal {
        let whole = Decimal::from(weight);
        if weight == 0 {
            whole
        } else {
            self.scale + whole
        }
    }

    fn compile(&self) -> Result<Cascade, PlanError> {
        let mut people = DimensionDef::new("rep", &["team", "rep"]).unwrap();
        let (mut kw, mut seats) = (Vec::new(), [Vec::new(), Vec::new()]);
        for (team, reps) in self.teams.iter().enumerate() {
            let team_name = format!("t{team}");
            people = people.member("team", &team_name).unwrap();
            for (rep, (weight, lets_in)) in reps.iter().enumerate() {
                let name = format!("t{team}r{rep}");
                people = people.child("rep", &name, &team_name).unwrap();
                kw.push((name.clone(), self.weight(*weight)));
                for (seats, lets_in) in seats.iter_mut().zip(lets_in) {
                    seats.push((name.clone(), Decimal::from(u8::from(*lets_in))));
                }
            }
        }
        let space = Space::new(vec![people]).unwrap();
        let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::ONE).unwrap();
        let measures = Measures::new(vec![sales]).unwrap();
        let table = |rows: &[(String, Decimal)]| {
            let rows: Vec<(&str, Decimal)> = rows
                .iter()
                .map(|(name, own)| (name.as_str(), *own))
                .collect();
            Table::of_members(Axis::new("rep", "rep").unwrap(), &rows).unwrap()
        };
        let sources = Sources::new(&measures, &space)
            .table("kw".try_into().unwrap(), table(&kw))
            .table("a".try_into().unwrap(), table(&seats[0]))
            .table("b".try_into().unwrap(), table(&seats[1]));
        let basis = || BasisDef::Potential(TableUse::total("kw").unwrap());
        let mut reps = StepDef::member("rep", "rep").unwrap().basis(basis());
        for (name, share) in ["a", "b"].into_iter().zip(self.shares) {
            let figures = TableUse::total(name).unwrap();
            reps = reps.gate(EligibilityGate::above_zero(figures).share(share));
        }
        let mut reps = serde_json::to_value(reps).unwrap();
        if self.equal_where_all_weigh_nothing {
            reps["weights"] = json!({"all_zero": "equal"});
        }
        let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
        let def = CascadeDef::new(
            "plan".try_into().unwrap(),
            "sales".try_into().unwrap(),
            year.unwrap(),
        );
        let team = StepDef::member("rep", "team").unwrap().basis(basis());
        let def = def.step(team).step(serde_json::from_value(reps).unwrap());
        Cascade::compile(def, &sources)
    }

    /// The gate that closes a rep, if one does.
    fn closed(&self, rep: Rep) -> Option<GatedShare> {
        let first = rep.1.iter().position(|lets_in| !lets_in)?;
        Some(self.shares[first])
    }

    /// Whether nobody of a team is eligible and its share goes elsewhere, or there is none of that kind to go on.
    fn without(&self, reps: &[Rep]) -> Result<bool, ()> {
        let closed: Vec<Option<GatedShare>> = reps.iter().map(|rep| self.closed(*rep)).collect();
        let all = |share: GatedShare| closed.iter().all(|own| *own == Some(share));
        if closed.contains(&None) || all(GatedShare::Kept) {
            return Ok(false);
        }
        if all(GatedShare::Elsewhere) {
            Ok(true)
        } else {
            Err(())
        }
    }

    /// What each rep of a team weighs who is eligible, and what stays with the team of what all of them weigh.
    fn parts(&self, reps: &[Rep]) -> (Vec<u128>, [u128; 2]) {
        let weight = |rep: &Rep| u128::try_from(self.weight(rep.0).mantissa()).unwrap();
        let mut weights: Vec<u128> = reps.iter().map(weight).collect();
        if self.equal_where_all_weigh_nothing && weights.iter().sum::<u128>() == 0 {
            weights.fill(1);
        }
        let (all, mut kept): (u128, u128) = (weights.iter().sum(), 0);
        for (rep, weight) in reps.iter().zip(&mut weights) {
            match self.closed(*rep) {
                Some(GatedShare::Kept) => kept += *weight,
                Some(_) => {}
                None => continue,
            }
            *weight = 0;
        }
        if self.equal_where_all_weigh_nothing && weights.iter().sum::<u128>() == 0 && kept < all {
            for (rep, weight) in reps.iter().zip(&mut weights) {
                *weight = u128::from(self.closed(*rep).is_none());
            }
        }
        (weights, [kept, all])
    }
}

/// A product of which no digit is lost: what is beyond 128 bits, and the rest.
fn product(a: u128, b: u128) -> (u128, u128) {
    let halves = |own: u128| (own >> 64, own & u128::from(u64::MAX));
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    let middle = a_high * b_low + ((a_low * b_low) >> 64);
    let (carried, middle) = halves(middle);
    let middle = middle + a_low * b_high;
    let low = (middle << 64) | ((a_low * b_low) & u128::from(u64::MAX));
    (a_high * b_high + carried + (middle >> 64), low)
}

/// Whether twice an amount is within so many units of twice its part of another one.
fn is_part(found: i64, [part, all]: [u128; 2], amount: i64, twice: u128) -> bool {
    let wide = |own: i64| u128::try_from(own).unwrap();
    let (found, exact) = (2 * wide(found), product(2 * part, wide(amount)));
    let (least, most) = (found.saturating_sub(twice), found + twice);
    product(least, all) <= exact && exact <= product(most, all)
}

fn whole(plan: &Plan) -> i64 {
    plan.amount("sales", NodeId::WHOLE).unwrap().units()
}

/// The amounts of teams and reps, and what stays with each team.
fn amounts(plan: &Plan) -> (Vec<i64>, Vec<i64>, Vec<i64>) {
    let teams = plan.units("sales", "team").unwrap().to_vec();
    let mut kept = vec![0; teams.len()];
    for (node, amount) in plan.kept_apart("sales").unwrap() {
        kept[node.index()] = amount.units();
    }
    (teams, plan.units("sales", "rep").unwrap().to_vec(), kept)
}

/// Every sum holds, who is not eligible has nothing, each team keeps its part to the nearest unit, and each rep has its share of the rest
/// within one; what is saved is loaded.
fn check(case: &Case, plan: &Plan) -> Result<(), TestCaseError> {
    prop_assert_eq!(plan.verify(), vec![]);
    prop_assert_eq!(plan.warnings(), vec![]);
    let (teams, reps, kept) = amounts(plan);
    prop_assert_eq!(teams.iter().sum::<i64>(), whole(plan));
    let mut first = 0;
    for ((members, amount), kept) in case.teams.iter().zip(&teams).zip(&kept) {
        let own = &reps[first..first + members.len()];
        first += members.len();
        prop_assert_eq!(own.iter().sum::<i64>() + kept, *amount);
        for (rep, units) in members.iter().zip(own) {
            prop_assert!(case.closed(*rep).is_none() || *units == 0);
        }
        if case.without(members) == Ok(true) {
            prop_assert_eq!(*amount, 0);
            continue;
        }
        let (_, stays) = case.parts(members);
        prop_assert!(
            is_part(*kept, stays, *amount, 1),
            "{} stay of {}",
            kept,
            amount
        );
    }
    let text = serde_json::to_string(&plan.record()).unwrap();
    let again = serde_json::from_str::<PlanRecord>(&text)
        .unwrap()
        .load()
        .unwrap();
    prop_assert_eq!(again.record(), plan.record());
    Ok(())
}

/// Each rep has its share of what its team hands down, within one.
fn check_shares(case: &Case, plan: &Plan) -> Result<(), TestCaseError> {
    let (teams, reps, kept) = amounts(plan);
    let mut first = 0;
    for ((members, amount), kept) in case.teams.iter().zip(&teams).zip(&kept) {
        let own = &reps[first..first + members.len()];
        first += members.len();
        let (weights, _) = case.parts(members);
        let sum = weights.iter().sum();
        for (weight, units) in weights.iter().zip(own) {
            prop_assert!(
                is_part(*units, [*weight, sum], amount - kept, 2),
                "{units} of {amount}"
            );
        }
    }
    Ok(())
}

fn apply(plan: &mut Plan, at: &Value, verb: &Value) -> Result<(), PlanError> {
    let spread = json!({"spread": {"measure": "sales", "at": at, "verb": verb}});
    let change: Change = serde_json::from_value(json!({"by": "eva", "at": "2026-01-05T09:00:00",
        "reason": "more", "based_on": plan.version(), "edits": [spread]}))
    .unwrap();
    plan.apply(change).map(|_| ())
}

proptest! {
    #[test]
    fn cascades_and_edits_read_the_same_weights_of_who_is_eligible_and_of_what_stays(case in case()) {
        let without: Vec<Result<bool, ()>> = case.teams.iter().map(|reps| case.without(reps)).collect();
        let cascade = case.compile();
        let nowhere = without.contains(&Err(())) || without.iter().all(|own| *own == Ok(true));
        prop_assert_eq!(cascade.is_err(), nowhere, "{:?}", cascade.err());
        let Ok(cascade) = cascade else { return Ok(()) };
        let run = |total: i64| cascade.run(total.into());
        let [total, other] = case.totals;
        // Who weighs nothing gets nothing, so that there must be nothing.
        let weighs = |reps: &Vec<Rep>| reps.iter().any(|rep| rep.0 > 0);
        let mut goes_on = case.teams.iter().zip(&without).filter(|(_, own)| **own == Ok(false));
        let has_weight = goes_on.any(|(reps, _)| weighs(reps));
        let Ok(mut plan) = run(total) else {
            let shares = |reps: &Vec<Rep>| {
                let (weights, stays) = case.parts(reps);
                (stays[0] == stays[1] && stays[1] > 0) || weights.iter().any(|own| *own > 0)
            };
            let mut goes_on = case.teams.iter().zip(&without).filter(|(_, own)| **own == Ok(false));
            prop_assert!(total != 0 && (!has_weight || !goes_on.all(|(reps, _)| shares(reps))));
            return Ok(());
        };
        check(&case, &plan)?;
        check_shares(&case, &plan)?;
        let before = amounts(&plan);
        // To give the whole what it has changes nothing; by the bases it becomes what would be cascaded.
        apply(&mut plan, &json!({}), &json!({"proportional": {"amount": total.to_string()}})).unwrap();
        prop_assert_eq!(amounts(&plan), before.clone());
        if let Ok(cascaded) = run(other) {
            apply(&mut plan, &json!({}), &json!({"basis": {"amount": other.to_string()}})).unwrap();
            check(&case, &plan)?;
            prop_assert_eq!(amounts(&plan), amounts(&cascaded));
            apply(&mut plan, &json!({}), &json!({"proportional": {"amount": total.to_string()}})).unwrap();
            check(&case, &plan)?;
        }
        // More of somebody is as much more of all above, and nothing else moves.
        let was = amounts(&plan);
        let somebody = was.1.iter().position(|own| *own > 0);
        let members = case.teams.iter().enumerate();
        let mut names = members.flat_map(|(team, reps)| (0..reps.len()).map(move |rep| (team, rep)));
        if let Some((at, (team, rep))) = somebody.and_then(|at| Some((at, names.nth(at)?))) {
            let more = json!({"proportional": {"amount": (was.1[at] + 7).to_string()}});
            let place = json!({"rep": format!("t{team}r{rep}")});
            apply(&mut plan, &place, &more).unwrap();
            prop_assert_eq!(plan.verify(), vec![]);
            let now = amounts(&plan);
            prop_assert_eq!((now.0[team], now.1[at]), (was.0[team] + 7, was.1[at] + 7));
            prop_assert_eq!(now.2, was.2);
        }
        apply(&mut plan, &json!({}), &json!("clear")).unwrap();
        let (teams, reps, kept) = amounts(&plan);
        prop_assert_eq!(plan.verify(), vec![]);
        prop_assert!(teams.iter().chain(&reps).chain(&kept).all(|own| *own == 0));
    }
}
