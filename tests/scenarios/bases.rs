//! By what targets are shared: inverse bases, members without a figure, who is eligible, and what is told of them.

mod figures;
mod kept;
mod passed;

use quotaflow::calendar::{Calendar, DayRange};
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, BlendPart, BoundDef, Cascade, CascadeDef, Change, EligibilityGate, EmptyLevel,
    GatedShare, MissingMember, NodeId, OverAssignmentDef, Place, Plan, PlanError, PlanRecord,
    Sources, StepDef, Table, TableUse,
};
use quotaflow::quantity::{Quantity, Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects};
use serde_json::json;

fn measures() -> Measures {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::ONE).unwrap();
    Measures::new(vec![sales]).unwrap()
}

fn recipe() -> CascadeDef {
    let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    CascadeDef::new(
        "plan".try_into().unwrap(),
        "sales".try_into().unwrap(),
        year,
    )
}

fn of_reps(figures: &[(&str, i64)]) -> Table {
    let figures: Vec<_> = figures
        .iter()
        .map(|(rep, figure)| (*rep, rust_decimal::Decimal::from(*figure)))
        .collect();
    Table::of_members(Axis::new("rep", "rep").unwrap(), &figures).unwrap()
}

fn total(table: &str) -> TableUse {
    TableUse::total(table).unwrap()
}

fn reps(basis: BasisDef) -> StepDef {
    StepDef::member("rep", "rep").unwrap().basis(basis)
}

/// Four reps, of two of which a table has a figure.
fn flat(def: CascadeDef, tables: &[(&str, Table)], amount: i64) -> Result<Plan, PlanError> {
    let names = ["r1", "r2", "r3", "r4"];
    let space = Space::new(vec![DimensionDef::flat("rep", "rep", names).unwrap()]).unwrap();
    run(&space, def, tables, amount)
}

fn run(
    space: &Space,
    def: CascadeDef,
    tables: &[(&str, Table)],
    amount: i64,
) -> Result<Plan, PlanError> {
    let (measures, calendar) = (measures(), Calendar::gregorian());
    let mut sources = Sources::new(&measures, space).calendar(&calendar);
    for (key, table) in tables {
        sources = sources.table((*key).try_into().unwrap(), table.clone());
    }
    let plan = Cascade::compile(def, &sources)?.run(amount.into())?;
    holds(&plan);
    Ok(plan)
}

/// Every sum holds, everything is placed or kept apart, every explanation leads to the amount, and what is saved is loaded.
fn holds(plan: &Plan) {
    assert_eq!(plan.verify(), []);
    let record = plan.record();
    let text = serde_json::to_string(&record).unwrap();
    let read: PlanRecord = serde_json::from_str(&text).unwrap();
    let loaded = read.load().unwrap();
    assert_eq!(loaded.record(), record);
    assert_eq!(loaded.applied(), plan.applied());
    for step in plan.frame().steps() {
        for node in plan.frame().nodes(step.as_str()).unwrap() {
            let why = loaded.explain("sales", node).unwrap();
            assert_eq!(why.cascaded(), why.amount, "{}", why.place);
        }
    }
}

fn told(plan: &Plan) -> Vec<String> {
    plan.applied().iter().map(ToString::to_string).collect()
}

fn units(plan: &Plan, step: &str) -> Vec<i64> {
    plan.units("sales", step).unwrap().to_vec()
}

#[test]
fn a_rep_without_history_is_refused_gets_nothing_an_equal_share_or_a_stated_weight() {
    // 100, 300, none and 50 of 1,000,000.
    let table = [("sold", of_reps(&[("r1", 100), ("r2", 300), ("r4", 50)]))];
    let by = |missing| {
        let basis = BasisDef::History(total("sold").missing(missing));
        flat(recipe().step(reps(basis)), &table, 1_000_000)
    };
    assert_eq!(
        by(MissingMember::Refuse).unwrap_err().to_string(),
        "the table `sold` has no figure for r3 at step `rep`: say by `missing` whether they weigh `zero`, an `equal_share` or a `weight`"
    );
    let zero = by(MissingMember::Zero).unwrap();
    assert_eq!(units(&zero, "rep"), [222_222, 666_667, 0, 111_111]);
    assert_eq!(
        told(&zero),
        ["`sales`: `sold` has no figure for r3, which weighs nothing: 0 of 1000000"]
    );
    let equal = by(MissingMember::EqualShare).unwrap();
    assert_eq!(units(&equal, "rep"), [166_667, 500_000, 250_000, 83_333]);
    assert_eq!(
        told(&equal),
        ["`sales`: `sold` has no figure for r3, which gets an equal share: 250000 of 1000000"]
    );
    // Like somebody who sold 150: a quarter of 600.
    let stated = by(MissingMember::Weight(150.into())).unwrap();
    assert_eq!(units(&stated, "rep"), [166_667, 500_000, 250_000, 83_333]);
    // 0.5 of 450.5.
    let fine = by(MissingMember::Weight("0.5".parse().unwrap())).unwrap();
    assert_eq!(units(&fine, "rep")[2], 1_110);
}

#[test]
fn everybody_without_history_is_named_and_who_sold_nothing_has_a_history() {
    let sold = |figures: &[(&str, i64)]| [("sold", of_reps(figures))];
    let by = |missing| recipe().step(reps(BasisDef::History(total("sold").missing(missing))));
    let error = flat(by(MissingMember::Refuse), &sold(&[("r1", 0)]), 1).unwrap_err();
    assert!(error.to_string().contains("no figure for r2, r3, r4 at"));
    // A recorded zero weighs zero, and nothing is told of it.
    let plan = flat(
        by(MissingMember::EqualShare),
        &sold(&[("r1", 0), ("r2", 3), ("r3", 0), ("r4", 1)]),
        400,
    )
    .unwrap();
    assert_eq!(
        (units(&plan, "rep"), told(&plan)),
        (vec![0, 300, 0, 100], vec![])
    );
    // Where nobody has a figure, equal shares are all there is.
    let plan = flat(by(MissingMember::EqualShare), &sold(&[]), 400).unwrap();
    assert_eq!((units(&plan, "rep"), told(&plan).len()), (vec![100; 4], 4));
}

#[test]
fn an_inverse_basis_gives_twice_as_much_to_who_has_half() {
    // Attained 50, 100, 200 and 200: weights 4, 2, 1, 1.
    let table = [(
        "attained",
        of_reps(&[("r1", 50), ("r2", 100), ("r3", 200), ("r4", 200)]),
    )];
    let inverse = || BasisDef::Inverse(Box::new(BasisDef::History(total("attained"))));
    let plan = flat(recipe().step(reps(inverse())), &table, 800).unwrap();
    assert_eq!(units(&plan, "rep"), [400, 200, 100, 100]);
    // Half by the inverse, half in equal parts.
    let half = |basis| BlendPart {
        coefficient: "0.5".parse().unwrap(),
        basis,
    };
    let blend = BasisDef::Blend(vec![half(inverse()), half(BasisDef::Equal)]);
    let plan = flat(recipe().step(reps(blend)), &table, 800).unwrap();
    assert_eq!(units(&plan, "rep"), [300, 200, 150, 150]);
    // Who has none and gets an equal share has a quarter; the others share 3/4 by 4 : 2 : 1.
    let table = [("attained", of_reps(&[("r1", 50), ("r2", 100), ("r3", 200)]))];
    let basis = BasisDef::History(total("attained").missing(MissingMember::EqualShare));
    let def = recipe().step(reps(BasisDef::Inverse(Box::new(basis))));
    assert_eq!(
        units(&flat(def, &table, 2_800).unwrap(), "rep"),
        [1_200, 600, 300, 700]
    );
    // Of nothing there is no inverse, and of an inverse none is meant.
    let table = [(
        "attained",
        of_reps(&[("r1", 0), ("r2", 1), ("r3", 2), ("r4", 0)]),
    )];
    let error = flat(recipe().step(reps(inverse())), &table, 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "r1, r4 at step `rep` weigh zero, which has no inverse"
    );
    let twice = recipe().step(reps(BasisDef::Inverse(Box::new(inverse()))));
    assert_eq!(
        flat(twice, &table, 1).unwrap_err().to_string(),
        "the basis of step `rep` is the inverse of a basis that is itself inverse: invert the parts of a blend one by one"
    );
}

/// Two teams of two reps, Migration and Expansion.
fn teams() -> Space {
    let mut people = DimensionDef::new("rep", &["team", "rep"]).unwrap();
    for (rep, team) in [("r1", "t1"), ("r2", "t1"), ("r3", "t2"), ("r4", "t2")] {
        if !people.members.iter().any(|own| own.key == *team) {
            people = people.member("team", team).unwrap();
        }
        people = people.child("rep", rep, team).unwrap();
    }
    let types = DimensionDef::flat("type", "type", ["migration", "expansion"]).unwrap();
    Space::new(vec![people, types]).unwrap()
}

/// The capacity of the reps of two teams; `seats` has somebody of each team or of one only.
fn gated(share: GatedShare, seats: &[(&str, i64)]) -> Result<Plan, PlanError> {
    let tables = [
        (
            "kw",
            of_reps(&[("r1", 100), ("r2", 300), ("r3", 500), ("r4", 100)]),
        ),
        ("seats", of_reps(seats)),
    ];
    let migration = Place::whole().at("type", "migration").unwrap();
    let gate = EligibilityGate::above_zero(total("seats"))
        .at(migration)
        .share(share);
    let kw = || BasisDef::Potential(total("kw"));
    let def = recipe()
        .step(StepDef::member("type", "type").unwrap())
        .step(StepDef::member("rep", "team").unwrap().basis(kw()))
        .step(reps(kw()).gate(gate));
    run(&teams(), def, &tables, 2_000_000)
}

#[test]
fn who_is_not_eligible_for_one_product_gets_none_of_it_and_all_of_the_others() {
    // Migration of t1 is 400,000 and goes to r1 alone; expansion is shared by 100 : 300.
    let seats = [("r1", 10), ("r2", 0), ("r3", 1), ("r4", 1)];
    let plan = gated(GatedShare::ToEligible, &seats).unwrap();
    assert_eq!(
        units(&plan, "rep"),
        [
            400_000, 0, 500_000, 100_000, 100_000, 300_000, 500_000, 100_000
        ]
    );
    assert_eq!(
        told(&plan),
        [
            "`sales`: migration / t1 / r2 is not eligible, its `seats` of 0 not being in (0, ..): 300000 of 400000 go to those who are"
        ]
    );
    assert_eq!(plan.kept_apart("sales").unwrap().count(), 0);
    // The same share may stay with the team.
    let plan = gated(GatedShare::Kept, &seats).unwrap();
    assert_eq!(units(&plan, "rep")[..4], [100_000, 0, 500_000, 100_000]);
    let kept: Vec<String> = plan
        .kept_apart("sales")
        .unwrap()
        .map(|(node, amount)| format!("{} {amount}", plan.frame().path(node)))
        .collect();
    assert_eq!(kept, ["migration / t1 300000"]);
    let r1 = plan.frame().find(&["migration", "t1", "r1"]).unwrap();
    let why = plan.explain("sales", r1).unwrap();
    assert_eq!(why.splits[2].kept.map(Quantity::units), Some(300_000));
    // Or be refused.
    assert_eq!(
        gated(GatedShare::Refused, &seats).unwrap_err().to_string(),
        "migration / t1 / r2 at step `rep` do not pass its gates"
    );
}

#[test]
fn a_team_of_which_nobody_is_eligible_is_refused_keeps_its_share_or_gives_it_to_the_other_teams() {
    let seats = [("r1", 0), ("r2", 0), ("r3", 1), ("r4", 1)];
    assert_eq!(
        gated(GatedShare::ToEligible, &seats)
            .unwrap_err()
            .to_string(),
        "nobody of migration / t1 is eligible at step `rep`: let the `share` of its gates be `kept` there, or go `elsewhere`"
    );
    let plan = gated(GatedShare::Kept, &seats).unwrap();
    assert_eq!(units(&plan, "team"), [400_000, 600_000, 400_000, 600_000]);
    assert_eq!(units(&plan, "rep")[..4], [0, 0, 500_000, 100_000]);
    let kept: Vec<(NodeId, i64)> = plan
        .kept_apart("sales")
        .unwrap()
        .map(|(node, amount)| (node, amount.units()))
        .collect();
    let team = plan.frame().find(&["migration", "t1"]).unwrap();
    assert_eq!(kept, [(team, 400_000)]);
    assert_eq!(
        told(&plan),
        [
            "`sales`: migration / t1 / r1 is not eligible, its `seats` of 0 not being in (0, ..): 100000 of 400000 stay unallocated above",
            "`sales`: migration / t1 / r2 is not eligible, its `seats` of 0 not being in (0, ..): 300000 of 400000 stay unallocated above",
        ]
    );
    let plan = gated(GatedShare::Elsewhere, &seats).unwrap();
    assert_eq!(units(&plan, "team"), [0, 1_000_000, 400_000, 600_000]);
    assert_eq!(units(&plan, "rep")[..4], [0, 0, 833_333, 166_667]);
    assert_eq!(
        told(&plan)[0],
        "`sales`: nobody of migration / t1 is eligible at step `rep`: 400000 of 1000000 go elsewhere"
    );
    // Nobody of either team: migration goes to expansion, and without that nowhere.
    let nobody = [("r1", 0), ("r2", 0), ("r3", 0), ("r4", 0)];
    let plan = gated(GatedShare::Elsewhere, &nobody).unwrap();
    assert_eq!(units(&plan, "type"), [0, 2_000_000]);
    let tables = [("seats", of_reps(&nobody))];
    let gate = EligibilityGate::above_zero(total("seats")).share(GatedShare::Elsewhere);
    let error = flat(recipe().step(reps(BasisDef::Equal).gate(gate)), &tables, 5).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nobody of all is eligible at step `rep`: let the `share` of its gates be `kept` there"
    );
}

#[test]
fn gates_judge_ranges_and_ask_for_every_figure() {
    let tables = [("tenure", of_reps(&[("r1", 12), ("r2", 6), ("r4", 5)]))];
    let gate =
        |figures: TableUse| EligibilityGate::above_zero(figures).within("[6, ..)".parse().unwrap());
    let by = |gate: EligibilityGate| recipe().step(reps(BasisDef::Equal).gate(gate));
    let error = flat(by(gate(total("tenure"))), &tables, 100).unwrap_err();
    assert!(error.to_string().contains("`tenure` has no figure for r3"));
    let zero = gate(total("tenure").missing(MissingMember::Zero));
    let plan = flat(by(zero), &tables, 100).unwrap();
    assert_eq!(units(&plan, "rep"), [50, 50, 0, 0]);
    let stated = gate(total("tenure").missing(MissingMember::Weight("6.5".parse().unwrap())));
    let plan = flat(by(stated), &tables, 99).unwrap();
    assert_eq!(units(&plan, "rep"), [33, 33, 33, 0]);
    let share = gate(total("tenure").missing(MissingMember::EqualShare));
    assert_eq!(
        flat(by(share), &tables, 1).unwrap_err().to_string(),
        "the gate of step `rep` judges figures of `tenure`, and an equal share is none: say that who has none has `zero` or a `weight`"
    );
    // A minimum of who is not eligible contradicts the gate.
    let zero = gate(total("tenure").missing(MissingMember::Zero));
    let least = BoundDef::at_least("rep", 1.into()).unwrap();
    assert_eq!(
        flat(by(zero).bound(least), &tables, 100)
            .unwrap_err()
            .to_string(),
        "r3 does not pass the gates of step `rep`, and a minimum or a prescribed total gives it 1"
    );
}

#[test]
fn a_gate_is_written_in_a_document_and_changes_keep_what_it_left_out_at_nothing() {
    let step = json!({"by": {"member": {"dimension": "rep", "level": "rep"}},
        "basis": {"history": {"table": "sold", "missing": {"weight": "50"}}},
        "gates": [{"figures": {"table": "seats", "missing": "zero"}, "share": "kept"}]});
    let def = recipe().step(serde_json::from_value(step).unwrap());
    let tables = [
        ("sold", of_reps(&[("r1", 100), ("r2", 100)])),
        ("seats", of_reps(&[("r1", 1), ("r3", 1)])),
    ];
    // 100, 100, 50, 50 of 900: r2 and r4 are not eligible, and 450 stay.
    let mut plan = flat(def, &tables, 900).unwrap();
    assert_eq!(units(&plan, "rep"), [300, 0, 150, 0]);
    let change: Change = serde_json::from_value(json!({"by": "eva", "at": "2026-01-05T09:00:00",
        "reason": "more", "based_on": 0, "edits": [{"spread": {"measure": "sales",
            "verb": {"proportional": {"amount": "1800"}}}}]}))
    .unwrap();
    plan.apply(change).unwrap();
    assert_eq!(plan.verify(), []);
    let reps = units(&plan, "rep");
    assert_eq!((reps[1], reps[3]), (0, 0));
    let kept: i64 = plan
        .kept_apart("sales")
        .unwrap()
        .map(|(_, own)| own.units())
        .sum();
    assert_eq!((reps.iter().sum::<i64>(), kept), (900, 900));
}

/// Two segments, of which one has nobody; two teams and their reps are below the other.
fn segments() -> Space {
    let mut people = DimensionDef::new("rep", &["segment", "team", "rep"]).unwrap();
    people = people.member("segment", "public").unwrap();
    people = people.member("segment", "retail").unwrap();
    for (team, rep) in [("t1", "r1"), ("t2", "r2"), ("t2", "r3")] {
        if !people.members.iter().any(|own| own.key == *team) {
            people = people.child("team", team, "retail").unwrap();
        }
        people = people.child("rep", rep, team).unwrap();
    }
    Space::new(vec![people]).unwrap()
}

#[test]
fn the_target_of_a_segment_without_a_branch_comes_back_as_data_and_is_routed_on_request() {
    let tables = [("kw", of_reps(&[("r1", 2), ("r2", 3), ("r3", 2)]))];
    let segment = json!({"by": {"member": {"dimension": "rep", "level": "segment"}},
        "basis": {"given": {"weights": [{"at": {"segment": "public"}, "weight": "3"}, {"at": {"segment": "retail"}, "weight": "7"}]}}});
    let kw = || BasisDef::Potential(total("kw"));
    let team = StepDef::member("rep", "team").unwrap().basis(kw());
    let def = |empty| {
        recipe()
            .step(serde_json::from_value(segment.clone()).unwrap())
            .step(team.clone().empty(empty))
            .step(reps(kw()))
    };
    // By default it is refused.
    let error = run(&segments(), def(EmptyLevel::Refuse), &tables, 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at public there is nothing to split by at step `team`"
    );
    let mut plan = run(&segments(), def(EmptyLevel::Stop), &tables, 1_000_000).unwrap();
    let lost = "`sales`: public has nobody at step `team`: 300000 of 1000000 stay with it";
    assert_eq!(told(&plan), [lost]);
    assert_eq!(units(&plan, "team"), [200_000, 500_000]);
    // 60 : 40 to r1 and r3: the teams and the segment get as much more, and the whole stays.
    let change: Change = serde_json::from_value(json!({"by": "eva", "at": "2026-01-05T09:00:00",
        "reason": "public customers of the north", "based_on": 0, "edits": [{"split": {"measure": "sales",
            "at": {"segment": "public"}, "from": "2026-01-01", "into": [
                {"at": {"segment": "retail", "rep": "r1"}, "share": "60"},
                {"at": {"segment": "retail", "rep": "r3"}, "share": "40"}]}}]}))
    .unwrap();
    plan.apply(change).unwrap();
    assert_eq!(plan.verify(), []);
    assert_eq!(units(&plan, "segment"), [0, 1_000_000]);
    assert_eq!(units(&plan, "team"), [380_000, 620_000]);
    assert_eq!(units(&plan, "rep"), [380_000, 300_000, 320_000]);
    // Where it came from is still told: by the plan, cell by cell, and at whoever has it.
    assert_eq!(told(&plan), [lost]);
    let handed: Vec<String> = plan
        .handovers(1)
        .unwrap()
        .iter()
        .map(|own| {
            let (from, to) = (own.from.as_ref().unwrap(), own.to.as_ref().unwrap());
            format!("{from} > {to} {}", own.amount)
        })
        .collect();
    assert_eq!(
        handed,
        [
            "public > retail / t1 / r1 180000",
            "public > retail / t2 / r3 120000"
        ]
    );
    let r1 = plan.frame().find(&["retail", "t1", "r1"]).unwrap();
    let why = plan.explain("sales", r1).unwrap();
    assert_eq!(why.moves[0].change.reason, "public customers of the north");
}

#[test]
fn what_a_recipe_says_of_who_is_not_planned_is_refused() {
    // Migration and expansion are products; of combinations there is expansion alone.
    let combinations = Subjects::rows(
        vec![
            Axis::new("type", "type").unwrap(),
            Axis::new("rep", "rep").unwrap(),
        ],
        vec![vec![
            "expansion".try_into().unwrap(),
            "r1".try_into().unwrap(),
        ]],
    )
    .unwrap();
    let (measures, space) = (measures(), teams());
    let sources = Sources::new(&measures, &space).combinations(combinations);
    let compile = |step: serde_json::Value, bounds: serde_json::Value| {
        let mut def = recipe()
            .step(serde_json::from_value(step).unwrap())
            .step(reps(BasisDef::Equal));
        def.bounds = serde_json::from_value(bounds).unwrap();
        Cascade::compile(def, &sources).map_err(|error| error.to_string())
    };
    let by = || json!({"member": {"dimension": "type", "level": "type"}});
    let million = |name: &str| json!({"at": {"type": name}, "weight": "1000000"});
    let nobody = Some("nothing of type migration is planned");
    let both = json!({"given": {"weights": [million("migration"), million("expansion")]}});
    let both = compile(json!({"by": by(), "basis": both}), json!([]));
    assert_eq!(both.as_ref().map_err(String::as_str).err(), nobody);
    let lots = json!([{"at": {"type": "migration"}, "lot": "5"}]);
    let lots = compile(json!({"by": by(), "lots": lots}), json!([]));
    assert_eq!(lots.as_ref().map_err(String::as_str).err(), nobody);
    let least = json!([{"step": "type", "at": {"type": "migration"}, "min": "5"}]);
    let least = compile(json!({"by": by()}), least);
    assert_eq!(least.as_ref().map_err(String::as_str).err(), nobody);
    let one = json!({"given": {"weights": [million("expansion")]}});
    let one = compile(json!({"by": by(), "basis": one}), json!([])).unwrap();
    assert_eq!(units(&one.run(5.into()).unwrap(), "type"), [5]);
}
