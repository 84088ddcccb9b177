//! What stays unallocated of those who are not eligible: exact, told, and left alone by edits that do not mean it.

use super::*;
use quotaflow::measure::Additivity;

pub(super) fn gate(table: &str, share: GatedShare) -> EligibilityGate {
    EligibilityGate::above_zero(total(table)).share(share)
}

/// A change of edits as a document has them.
pub(super) fn change(plan: &mut Plan, edits: &serde_json::Value) -> Result<u64, PlanError> {
    let change: Change = serde_json::from_value(json!({"by": "eva", "at": "2026-01-05T09:00:00",
        "reason": "more", "based_on": plan.version(), "edits": edits}))
    .unwrap();
    let done = plan.apply(change);
    assert_eq!(plan.verify(), []);
    done
}

pub(super) fn spread(verb: &serde_json::Value) -> serde_json::Value {
    json!([{"spread": {"measure": "sales", "verb": verb}}])
}

fn balances() -> Measures {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::ONE).unwrap();
    Measures::new(vec![sales.adding(Additivity::Stock)]).unwrap()
}

fn kept(plan: &Plan) -> Vec<String> {
    plan.kept_apart("sales")
        .unwrap()
        .map(|(node, amount)| format!("{} {amount}", plan.frame().path(node)))
        .collect()
}

#[test]
fn what_stays_is_its_part_however_many_digits_weights_and_amounts_have() {
    // A third and two thirds of 28 digits each: times 10^11 that is beyond 128 bits.
    let third = |digits: &str| digits.parse().unwrap();
    let figures = [
        ("r1", third("0.3333333333333333333333333333")),
        ("r2", third("0.6666666666666666666666666667")),
        ("r3", third("0")),
        ("r4", third("0")),
    ];
    let tables = [
        (
            "kw",
            Table::of_members(Axis::new("rep", "rep").unwrap(), &figures).unwrap(),
        ),
        (
            "seats",
            of_reps(&[("r1", 1), ("r2", 0), ("r3", 1), ("r4", 1)]),
        ),
    ];
    let step = reps(BasisDef::Potential(total("kw"))).gate(gate("seats", GatedShare::Kept));
    let plan = flat(recipe().step(step), &tables, 100_000_000_000).unwrap();
    assert_eq!(units(&plan, "rep"), [33_333_333_333, 0, 0, 0]);
    assert_eq!(kept(&plan), ["all 66666666667"]);
    assert_eq!(
        told(&plan),
        [
            "`sales`: r2 is not eligible, its `seats` of 0 not being in (0, ..): 66666666667 of 100000000000 stay unallocated above"
        ]
    );
}

#[test]
fn two_gates_of_one_step_leave_each_share_where_it_goes_by_the_basis_with_everybody() {
    // Of 1 : 1 : 2, r1 is not eligible by one gate and r2 by another, whose share stays: 25. The others are r3 alone.
    let tables = [
        ("kw", of_reps(&[("r1", 1), ("r2", 1), ("r3", 2), ("r4", 0)])),
        ("a", of_reps(&[("r1", 0), ("r2", 1), ("r3", 1), ("r4", 1)])),
        ("b", of_reps(&[("r1", 1), ("r2", 0), ("r3", 1), ("r4", 1)])),
    ];
    let by = |shares: [GatedShare; 2]| {
        let step = reps(BasisDef::Potential(total("kw")));
        recipe().step(step.gate(gate("a", shares[0])).gate(gate("b", shares[1])))
    };
    let both = [GatedShare::ToEligible, GatedShare::Kept];
    let plan = flat(by(both), &tables, 100).unwrap();
    assert_eq!(units(&plan, "rep"), [0, 0, 75, 0]);
    assert_eq!(kept(&plan), ["all 25"]);
    assert_eq!(
        told(&plan),
        [
            "`sales`: r1 is not eligible, its `a` of 0 not being in (0, ..): 25 of 100 go to those who are",
            "`sales`: r2 is not eligible, its `b` of 0 not being in (0, ..): 25 of 100 stay unallocated above",
        ]
    );
    // What goes to those who are eligible has nowhere to go where nobody is.
    let none = [
        tables[0].clone(),
        ("a", of_reps(&[("r1", 0), ("r2", 1), ("r3", 0), ("r4", 0)])),
        tables[2].clone(),
    ];
    assert_eq!(
        flat(by(both), &none, 100).unwrap_err().to_string(),
        "nobody of all is eligible at step `rep`: let the `share` of its gates be `kept` there"
    );
    let plan = flat(by([GatedShare::Kept; 2]), &none, 100).unwrap();
    assert_eq!(
        (units(&plan, "rep"), kept(&plan)),
        (vec![0; 4], vec!["all 100".to_owned()])
    );
}

#[test]
fn who_is_left_with_no_weight_shares_equally_where_the_step_says_so() {
    let tables = [
        (
            "kw",
            of_reps(&[("r1", 100), ("r2", 0), ("r3", 0), ("r4", 0)]),
        ),
        (
            "seats",
            of_reps(&[("r1", 0), ("r2", 1), ("r3", 1), ("r4", 0)]),
        ),
    ];
    let by = |share, all_zero: &str| {
        let step = json!({"by": {"member": {"dimension": "rep", "level": "rep"}},
            "basis": {"potential": {"table": "kw"}}, "weights": {"all_zero": all_zero},
            "gates": [{"figures": {"table": "seats"}, "share": share}]});
        recipe().step(serde_json::from_value(step).unwrap())
    };
    let plan = flat(by("to_eligible", "equal"), &tables, 100).unwrap();
    assert_eq!(units(&plan, "rep"), [0, 50, 50, 0]);
    // All that anybody weighs stays.
    let plan = flat(by("kept", "equal"), &tables, 100).unwrap();
    assert_eq!(
        (units(&plan, "rep"), kept(&plan)),
        (vec![0; 4], vec!["all 100".to_owned()])
    );
    let error = flat(by("to_eligible", "refuse"), &tables, 100).unwrap_err();
    assert!(error.to_string().contains("zero"), "{error}");
}

/// 900 by 100, 100, 50, 50, of which r2 and r4 are not eligible.
fn half() -> Plan {
    let step = json!({"by": {"member": {"dimension": "rep", "level": "rep"}},
        "basis": {"history": {"table": "sold", "missing": {"weight": "50"}}},
        "gates": [{"figures": {"table": "seats", "missing": "zero"}, "share": "kept"}]});
    let def = recipe().step(serde_json::from_value(step).unwrap());
    let tables = [
        ("sold", of_reps(&[("r1", 100), ("r2", 100)])),
        ("seats", of_reps(&[("r1", 1), ("r3", 1)])),
    ];
    flat(def, &tables, 900).unwrap()
}

#[test]
fn an_edit_of_a_node_leaves_unallocated_what_is_of_those_who_are_not_eligible() {
    let after = |verb: serde_json::Value, mode: &str| {
        let mut plan = half();
        let edits = json!([{"spread": {"measure": "sales", "mode": mode, "verb": verb}}]);
        change(&mut plan, &edits).unwrap();
        (
            plan.amount("sales", NodeId::WHOLE).unwrap().units(),
            units(&plan, "rep"),
            kept(&plan),
        )
    };
    let all = |amount: i64| vec![format!("all {amount}")];
    let same = (900, vec![300, 0, 150, 0], all(450));
    let twice = (1_800, vec![600, 0, 300, 0], all(900));
    for verb in ["proportional", "basis"] {
        let to = |amount: &str| json!({verb: {"amount": amount}});
        assert_eq!(after(to("900"), "replace"), same, "{verb}");
        assert_eq!(after(to("1800"), "replace"), twice, "{verb}");
        assert_eq!(after(to("900"), "add"), twice, "{verb}");
        let third = (300, vec![100, 0, 50, 0], all(150));
        assert_eq!(after(to("600"), "subtract"), third, "{verb}");
    }
    let more = json!({"percent_change": {"by": "0.1"}});
    let tenth = (990, vec![330, 0, 165, 0], all(495));
    assert_eq!(after(more, "add"), tenth);
    let nothing = (0, vec![0; 4], vec![]);
    assert_eq!(after(json!("clear"), "replace"), nothing);
}

#[test]
fn what_gives_way_leaves_unallocated_what_is_of_those_who_are_not_eligible() {
    let seats = [("r1", 10), ("r2", 0), ("r3", 1), ("r4", 1)];
    let mut plan = gated(GatedShare::Kept, &seats).unwrap();
    // r3 gets 10 more, which t1 and r4 give: 8 and 2. Of the 8 two were shared out, three quarters stay.
    let edit = json!([{"spread": {"measure": "sales", "mode": "add",
        "at": {"type": "migration", "team": "t2", "rep": "r3"}, "carry": {"keep": {"type": "migration"}},
        "verb": {"proportional": {"amount": "10"}}}}]);
    change(&mut plan, &edit).unwrap();
    assert_eq!(units(&plan, "team")[..2], [399_992, 600_008]);
    assert_eq!(units(&plan, "rep")[..4], [99_998, 0, 500_010, 99_998]);
    assert_eq!(kept(&plan), ["migration / t1 299994"]);
}

#[test]
fn a_period_of_everybody_is_what_is_asked_and_what_stays_is_left_alone() {
    // 400 in equal parts, of which r4's stays; a quarter of the others is 75.
    let tables = [(
        "seats",
        of_reps(&[("r1", 1), ("r2", 1), ("r3", 1), ("r4", 0)]),
    )];
    let quarter: StepDef = serde_json::from_value(json!({"by": {"grain": "quarter"}})).unwrap();
    let step = reps(BasisDef::Equal).gate(gate("seats", GatedShare::Kept));
    let def = recipe().step(step).step(quarter);
    let mut plan = flat(def, &tables, 400).unwrap();
    let first = json!([{"spread": {"measure": "sales", "at": {"quarter": "2026-Q1"},
        "verb": {"proportional": {"amount": "150"}}}}]);
    change(&mut plan, &first).unwrap();
    assert_eq!(units(&plan, "rep"), [125, 125, 125, 0]);
    assert_eq!(kept(&plan), ["all 100"]);
    assert_eq!(plan.amount("sales", NodeId::WHOLE).unwrap().units(), 475);
    let back = json!([{"spread": {"measure": "sales", "at": {"quarter": "2026-Q1"}, "carry": {"keep": {}},
        "verb": {"proportional": {"amount": "75"}}}}]);
    change(&mut plan, &back).unwrap();
    assert_eq!(units(&plan, "rep"), [125, 125, 125, 0]);
    assert_eq!(kept(&plan), ["all 100"]);
}

#[test]
fn what_stays_at_a_node_that_hands_down_more_than_its_amount_stays_when_a_cell_changes() {
    // 1,000 hands down 1,100, of which r2's half stays, as of the base.
    let tables = [
        ("kw", of_reps(&[("r1", 1), ("r2", 1), ("r3", 0), ("r4", 0)])),
        (
            "seats",
            of_reps(&[("r1", 1), ("r2", 0), ("r3", 1), ("r4", 1)]),
        ),
    ];
    let over = OverAssignmentDef::from_leaves("rep", vec![Ratio::percent(110)]).unwrap();
    let step = reps(BasisDef::Potential(total("kw"))).gate(gate("seats", GatedShare::Kept));
    let mut plan = flat(recipe().step(step).over_assign(over), &tables, 1_000).unwrap();
    assert_eq!(
        (units(&plan, "rep"), kept(&plan)),
        (vec![550, 0, 0, 0], vec!["all 500".to_owned()])
    );
    let edit = json!([{"spread": {"measure": "sales", "at": {"rep": "r1"},
        "verb": {"proportional": {"amount": "560"}}}}]);
    change(&mut plan, &edit).unwrap();
    assert_eq!(plan.amount("sales", NodeId::WHOLE).unwrap().units(), 1_009);
    assert_eq!(
        (units(&plan, "rep"), kept(&plan)),
        (vec![560, 0, 0, 0], vec!["all 500".to_owned()])
    );
    // Twice as much of the whole is twice as much of each.
    change(
        &mut plan,
        &spread(&json!({"proportional": {"amount": "2018"}})),
    )
    .unwrap();
    assert_eq!(
        (units(&plan, "rep"), kept(&plan)),
        (vec![1_120, 0, 0, 0], vec!["all 1000".to_owned()])
    );
    change(&mut plan, &spread(&json!("clear"))).unwrap();
    assert_eq!((units(&plan, "rep"), kept(&plan)), (vec![0; 4], vec![]));
}

#[test]
fn what_stays_of_a_stock_stays_when_its_end_changes() {
    let (measures, calendar) = (balances(), Calendar::gregorian());
    let space = DimensionDef::flat("rep", "rep", ["r1", "r2"]).unwrap();
    let space = Space::new(vec![space]).unwrap();
    let sources = Sources::new(&measures, &space)
        .calendar(&calendar)
        .table("kw".try_into().unwrap(), of_reps(&[("r1", 1), ("r2", 3)]))
        .table(
            "seats".try_into().unwrap(),
            of_reps(&[("r1", 1), ("r2", 0)]),
        );
    let step = reps(BasisDef::Potential(total("kw"))).gate(gate("seats", GatedShare::Kept));
    let quarter: StepDef = serde_json::from_value(json!({"by": {"grain": "quarter"}})).unwrap();
    let after = |verb: &serde_json::Value| {
        let def = recipe().step(step.clone()).step(quarter.clone());
        let cascade = Cascade::compile(def, &sources).unwrap();
        let mut plan = cascade.run(400.into()).unwrap();
        holds(&plan);
        assert_eq!(
            (units(&plan, "rep"), kept(&plan)),
            (vec![100, 0], vec!["all 300".to_owned()])
        );
        change(&mut plan, &spread(verb)).unwrap();
        (units(&plan, "rep"), kept(&plan))
    };
    let stays = |r1: i64, all: &str| (vec![r1, 0], vec![format!("all {all}")]);
    for verb in ["proportional", "basis"] {
        assert_eq!(after(&json!({verb: {"amount": "400"}})), stays(100, "300"));
        assert_eq!(after(&json!({verb: {"amount": "800"}})), stays(200, "600"));
    }
    assert_eq!(after(&json!("clear")), (vec![0, 0], vec![]));
}

#[test]
fn a_period_of_a_stock_through_which_its_path_leads_may_not_go_without() {
    let (measures, calendar) = (balances(), Calendar::gregorian());
    let space = DimensionDef::flat("rep", "rep", ["r1", "r2"]).unwrap();
    let space = Space::new(vec![space]).unwrap();
    let sources = Sources::new(&measures, &space).calendar(&calendar).table(
        "seats".try_into().unwrap(),
        of_reps(&[("r1", 0), ("r2", 0)]),
    );
    let quarter: StepDef = serde_json::from_value(json!({"by": {"grain": "quarter"}})).unwrap();
    let first = Place::whole().at("quarter", "2026-Q1").unwrap();
    let step = reps(BasisDef::Equal).gate(gate("seats", GatedShare::Elsewhere).at(first));
    let error = Cascade::compile(recipe().step(quarter).step(step), &sources).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("nobody of 2026-Q1 is eligible at step `rep`"),
        "{error}"
    );
}

#[test]
fn other_weights_of_who_is_not_eligible_are_other_sources() {
    let (measures, space) = (
        measures(),
        Space::new(vec![
            DimensionDef::flat("rep", "rep", ["r1", "r2"]).unwrap(),
        ])
        .unwrap(),
    );
    let sources = |kw: i64| {
        Sources::new(&measures, &space)
            .table(
                "kw".try_into().unwrap(),
                of_reps(&[("r1", 100), ("r2", kw)]),
            )
            .table(
                "seats".try_into().unwrap(),
                of_reps(&[("r1", 1), ("r2", 0)]),
            )
    };
    let step = reps(BasisDef::Potential(total("kw"))).gate(gate("seats", GatedShare::Kept));
    let cascade = Cascade::compile(recipe().step(step), &sources(300)).unwrap();
    let record = cascade.run(1_000_000.into()).unwrap().record();
    assert!(record.replay(&sources(300)).is_ok());
    assert!(matches!(
        record.replay(&sources(500)),
        Err(PlanError::OtherSources {
            what: "weights",
            ..
        })
    ));
}
