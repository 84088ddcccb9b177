//! Who is not eligible is passed over by edits that name nobody, and told where somebody gave it something by name.

use super::kept::{change, gate, spread};
use super::*;

/// Four reps, of whom r1 and r3 are eligible.
fn two() -> Plan {
    let tables = [(
        "seats",
        of_reps(&[("r1", 1), ("r2", 0), ("r3", 1), ("r4", 0)]),
    )];
    let step = reps(BasisDef::Equal).gate(gate("seats", GatedShare::ToEligible));
    flat(recipe().step(step), &tables, 300).unwrap()
}

fn warned(plan: &Plan) -> Vec<String> {
    plan.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn an_edit_that_shares_anew_passes_over_who_is_not_eligible() {
    let after = |verb: serde_json::Value| {
        let mut plan = two();
        change(&mut plan, &spread(&json!("clear"))).unwrap();
        change(&mut plan, &spread(&verb)).unwrap();
        assert_eq!(warned(&plan), [] as [&str; 0]);
        units(&plan, "rep")
    };
    for verb in ["proportional", "equal", "equal_leaves", "basis"] {
        let verb = json!({verb: {"amount": "100"}});
        assert_eq!(after(verb.clone()), [50, 0, 50, 0], "{verb}");
    }
    assert_eq!(after(json!({"repeat": {"amount": "7"}})), [7, 0, 7, 0]);
    let line = json!({"straight_line": {"from": "10", "to": "40"}});
    assert_eq!(after(line), [10, 0, 30, 0]);
    let pattern = json!({"pattern": {"amount": "40", "pattern": "1-1-3-1"}});
    assert_eq!(after(pattern), [10, 0, 30, 0]);
    // Whoever is named gets it, is told, and keeps a share from then on.
    let mut plan = two();
    let named = json!([{"spread": {"measure": "sales", "at": {"rep": "r2"},
        "verb": {"proportional": {"amount": "60"}}}}]);
    change(&mut plan, &named).unwrap();
    assert_eq!(units(&plan, "rep"), [150, 60, 150, 0]);
    let told = "`sales`: r2 has 60 and does not pass the gates of step `rep`";
    assert_eq!(warned(&plan), [told]);
    change(
        &mut plan,
        &spread(&json!({"proportional": {"amount": "720"}})),
    )
    .unwrap();
    assert_eq!(units(&plan, "rep"), [300, 120, 300, 0]);
}

#[test]
fn an_amount_for_whom_nobody_is_eligible_is_refused_but_for_whom_it_is_named() {
    let seats = [("r1", 0), ("r2", 0), ("r3", 1), ("r4", 1)];
    let mut plan = gated(GatedShare::Elsewhere, &seats).unwrap();
    let team = json!([{"spread": {"measure": "sales", "at": {"type": "migration", "team": "t1"},
        "verb": {"proportional": {"amount": "100"}}}}]);
    assert_eq!(
        change(&mut plan, &team).unwrap_err().to_string(),
        "100 cannot be shared at migration / t1: nobody below who may move is eligible, so name who gets it"
    );
    let named = json!([{"spread": {"measure": "sales", "at": {"type": "migration", "rep": "r1"},
        "verb": {"proportional": {"amount": "100"}}}}]);
    change(&mut plan, &named).unwrap();
    assert_eq!(units(&plan, "rep")[..4], [100, 0, 833_333, 166_667]);
    assert_eq!(
        warned(&plan),
        ["`sales`: migration / t1 / r1 has 100 and does not pass the gates of step `rep`"]
    );
    // Equal parts of both teams are of those who are eligible.
    let mut plan = gated(GatedShare::Elsewhere, &seats).unwrap();
    let equal = json!([{"spread": {"measure": "sales", "at": {"type": "migration"},
        "verb": {"equal_leaves": {"amount": "100"}}}}]);
    change(&mut plan, &equal).unwrap();
    assert_eq!(units(&plan, "rep")[..4], [0, 0, 50, 50]);
    // A slice through both products is of the product for which there is somebody.
    let rep = json!([{"spread": {"measure": "sales", "at": {"rep": "r1"},
        "verb": {"equal": {"amount": "90"}}}}]);
    change(&mut plan, &rep).unwrap();
    assert_eq!([units(&plan, "rep")[0], units(&plan, "rep")[4]], [0, 90]);
}

#[test]
fn what_somebody_leaves_goes_to_those_beside_who_are_eligible() {
    let leave = json!([{"leave": {"measure": "sales", "at": {"rep": "r1"}, "from": "2026-01-01", "balance": "siblings"}}]);
    let mut plan = two();
    change(&mut plan, &leave).unwrap();
    assert_eq!(units(&plan, "rep"), [0, 0, 300, 0]);
    // Where nobody is, it is refused.
    let tables = [(
        "seats",
        of_reps(&[("r1", 1), ("r2", 0), ("r3", 0), ("r4", 0)]),
    )];
    let step = reps(BasisDef::Equal).gate(gate("seats", GatedShare::ToEligible));
    let mut plan = flat(recipe().step(step), &tables, 300).unwrap();
    assert!(change(&mut plan, &leave).is_err());
    assert_eq!(units(&plan, "rep"), [300, 0, 0, 0]);
}

#[test]
fn the_least_change_in_equal_parts_passes_over_who_is_not_eligible() {
    let mut plan = two();
    let asked = json!([{"reconcile": {"measure": "sales", "totals": [{"at": {}, "total": "400"}], "weights": "equal"}}]);
    change(&mut plan, &asked).unwrap();
    assert_eq!(units(&plan, "rep"), [200, 0, 200, 0]);
}

#[test]
fn what_ended_at_a_node_stays_there_when_somebody_joins_below_it() {
    // Nobody is in t2, so that its 50 stay with it. Who joins below it comes with 20 from the top.
    let mut people = DimensionDef::new("rep", &["team", "rep"]).unwrap();
    people = people.member("team", "t1").unwrap();
    people = people.member("team", "t2").unwrap();
    people = people.child("rep", "r1", "t1").unwrap();
    let space = Space::new(vec![people]).unwrap();
    let step = |level: &str| StepDef::member("rep", level).unwrap();
    let over = |percent: i32| {
        let factors = vec![Ratio::percent(100 + percent)];
        OverAssignmentDef::from_leaves("rep", factors).unwrap()
    };
    for percent in [0, 10] {
        let own = step("rep").empty(EmptyLevel::Stop);
        let def = recipe().step(step("team")).step(own);
        let def = def.over_assign(over(percent));
        let mut plan = run(&space, def, &[], 100).unwrap();
        let join = json!([{"join": {"measure": "sales", "at": {"rep": "r9"}, "from": "2026-01-01",
            "new": {"below": "t2"}, "amount": "20", "balance": "top"}}]);
        change(&mut plan, &join).unwrap();
        let teams = units(&plan, "team");
        // The 20 are of the base, as all that is handed from one to another.
        let got = if percent == 0 { 20 } else { 22 };
        assert_eq!(units(&plan, "rep").last(), Some(&got));
        assert_eq!(teams[0], 50);
        assert_eq!(teams[1], 70);
        let kept: Vec<i64> = plan
            .kept_apart("sales")
            .unwrap()
            .map(|(_, own)| own.units())
            .collect();
        assert_eq!(kept, [50]);
        let text = serde_json::to_string(&plan.record()).unwrap();
        let again = serde_json::from_str::<PlanRecord>(&text)
            .unwrap()
            .load()
            .unwrap();
        assert_eq!(again.record(), plan.record());
    }
}
