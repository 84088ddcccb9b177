//! Laws of bases: who has no figure, who is not eligible and what is inverted, against a slow reference in fractions.

use proptest::prelude::*;
use quotaflow::calendar::DayRange;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, Cascade, CascadeDef, EligibilityGate, GatedShare, MissingMember, Plan, PlanRecord,
    Sources, StepDef, Table, TableUse,
};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space};

/// Members of one level with what is known of each.
#[derive(Debug, Clone)]
struct Case {
    /// What each sold, and in how many seats.
    members: Vec<(Option<i64>, i64)>,
    missing: MissingMember,
    share: GatedShare,
    inverse: bool,
    total: i64,
}

fn case() -> impl Strategy<Value = Case> {
    let member = (
        prop::option::weighted(0.8, 1_i64..60),
        prop_oneof![3 => Just(1_i64), 1 => Just(0)],
    );
    let missing = prop_oneof![
        Just(MissingMember::Zero),
        Just(MissingMember::EqualShare),
        (1_i64..60).prop_map(|weight| MissingMember::Weight(weight.into())),
    ];
    let share = prop_oneof![Just(GatedShare::ToEligible), Just(GatedShare::Kept)];
    let members = prop::collection::vec(member, 1..12);
    (
        members,
        missing,
        share,
        any::<bool>(),
        -1_000_000_i64..1_000_000_000,
    )
        .prop_map(|(members, missing, share, inverse, total)| Case {
            members,
            missing,
            share,
            inverse,
            total,
        })
}

fn name(member: usize) -> String {
    format!("m{member}")
}

fn run(case: &Case) -> Result<Plan, quotaflow::plan::PlanError> {
    let names: Vec<String> = (0..case.members.len()).map(name).collect();
    let names = names.iter().map(String::as_str);
    let space = Space::new(vec![DimensionDef::flat("m", "m", names.clone()).unwrap()]).unwrap();
    let measures = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::ONE).unwrap();
    let measures = Measures::new(vec![measures]).unwrap();
    let table = |figures: Vec<Option<i64>>| {
        let rows = names.clone().zip(figures);
        let rows: Vec<_> = rows
            .filter_map(|(name, figure)| Some((name, figure?.into())))
            .collect();
        Table::of_members(Axis::new("m", "m").unwrap(), &rows).unwrap()
    };
    let (sold, seats) = case.members.iter().map(|own| (own.0, Some(own.1))).unzip();
    let sources = Sources::new(&measures, &space)
        .table("sold".try_into().unwrap(), table(sold))
        .table("seats".try_into().unwrap(), table(seats));
    let basis = BasisDef::History(TableUse::total("sold").unwrap().missing(case.missing));
    let basis = if case.inverse {
        BasisDef::Inverse(Box::new(basis))
    } else {
        basis
    };
    let gate = EligibilityGate::above_zero(TableUse::total("seats").unwrap()).share(case.share);
    let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    let def = CascadeDef::new(
        "plan".try_into().unwrap(),
        "sales".try_into().unwrap(),
        year,
    )
    .step(StepDef::member("m", "m").unwrap().basis(basis).gate(gate));
    Cascade::compile(def, &sources)?.run(case.total.into())
}

/// What each would have with everybody eligible, as fractions of the whole; none where all weigh nothing.
fn fractions(case: &Case) -> Option<Vec<Ratio>> {
    let inverse = |weight: Ratio| {
        if case.inverse {
            Ratio::ONE.checked_div(weight).unwrap()
        } else {
            weight
        }
    };
    let known = |figure: i64| Some(inverse(Ratio::from(figure)));
    let weights: Vec<Option<Ratio>> = case
        .members
        .iter()
        .map(|(sold, _)| match (sold, case.missing) {
            (Some(sold), _) => known(*sold),
            (None, MissingMember::Weight(weight)) => Some(inverse(Ratio::from(weight))),
            (None, MissingMember::EqualShare) => None,
            (None, _) => Some(Ratio::ZERO),
        })
        .collect();
    let count = |number: usize| Ratio::from(i64::try_from(number).unwrap());
    let mut sum = Ratio::ZERO;
    for own in weights.iter().flatten() {
        sum = sum.checked_add(*own).unwrap();
    }
    let members = weights.len();
    let open = weights.iter().filter(|own| own.is_none()).count();
    if open < members && sum.is_zero() {
        return None;
    }
    let equal = Ratio::ONE.checked_div(count(members)).unwrap();
    let rest = count(members - open).checked_div(count(members)).unwrap();
    let fraction = |own: &Option<Ratio>| match own {
        None => equal,
        Some(own) => own.checked_mul(rest).unwrap().checked_div(sum).unwrap(),
    };
    Some(weights.iter().map(fraction).collect())
}

proptest! {
    #[test]
    fn everything_that_comes_in_is_placed_or_told_and_shares_are_those_of_who_is_eligible(case in case()) {
        let eligible: Vec<bool> = case.members.iter().map(|(_, seats)| *seats > 0).collect();
        let nobody = !eligible.contains(&true) && case.share == GatedShare::ToEligible;
        let Some(fractions) = fractions(&case) else {
            // Who weighs nothing gets nothing, so that there must be nothing.
            prop_assert_eq!(run(&case).is_err(), case.total != 0 || nobody);
            return Ok(());
        };
        let sum = |wanted: bool| {
            let own = fractions.iter().zip(&eligible).filter(|(_, own)| **own == wanted);
            own.fold(Ratio::ZERO, |sum, (own, _)| sum.checked_add(*own).unwrap())
        };
        let nothing = sum(true).is_zero() && (case.share != GatedShare::Kept || sum(false).is_zero());
        let plan = match run(&case) {
            Ok(plan) => plan,
            Err(error) => {
                prop_assert!(nobody || (nothing && case.total != 0), "{error}");
                return Ok(());
            }
        };
        prop_assert!(!nobody);
        prop_assert_eq!(plan.verify(), vec![]);
        let units = plan.units("sales", "m").unwrap();
        let kept: i64 = plan.kept_apart("sales").unwrap().map(|(_, own)| own.units()).sum();
        prop_assert_eq!(units.iter().sum::<i64>() + kept, case.total);
        let total = Ratio::from(case.total);
        let near = |found: i64, exact: Ratio, by: i64| {
            let miss = Ratio::from(found).checked_sub(exact).unwrap();
            miss <= Ratio::from(by) && Ratio::from(-by) <= miss
        };
        // Rounded once to the nearest.
        let halves = |found: i64, exact: Ratio| {
            let miss = Ratio::from(found).checked_sub(exact).unwrap();
            let twice = miss.checked_add(miss).unwrap();
            twice <= Ratio::ONE && Ratio::from(-1) <= twice
        };
        let base = if case.share == GatedShare::Kept {
            prop_assert!(halves(kept, sum(false).checked_mul(total).unwrap()), "{kept}");
            total
        } else {
            prop_assert_eq!(kept, 0);
            if sum(true).is_zero() { Ratio::ZERO } else { total.checked_div(sum(true)).unwrap() }
        };
        for ((units, fraction), eligible) in units.iter().zip(&fractions).zip(&eligible) {
            if *eligible {
                let exact = fraction.checked_mul(base).unwrap();
                prop_assert!(near(*units, exact, 2), "{units} {exact}");
            } else {
                prop_assert_eq!(*units, 0);
            }
        }
        // Each that a policy decided about is told once, and all of that again after it was saved.
        let told = plan.applied();
        let without = case.members.iter().filter(|own| own.0.is_none()).count();
        let gated = eligible.iter().filter(|own| !**own).count();
        prop_assert_eq!(told.len(), without + gated);
        let text = serde_json::to_string(&plan.record()).unwrap();
        let again = serde_json::from_str::<PlanRecord>(&text).unwrap().load().unwrap();
        prop_assert_eq!(again.applied(), told);
        prop_assert_eq!(again.record(), plan.record());
    }
}
