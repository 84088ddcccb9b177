//! Two layers of a plan: its base adds up, and what is assigned is more where managers hand down more than they have.

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::measure::{Measure, Measures};
use quotaflow::panel::ColumnKey;
use quotaflow::plan::{
    Cascade, CascadeDef, Change, NodeId, Plan, PlanError, PlanRecord, Sources, Structure,
};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space};
use serde_json::{Value, json};

/// A region of two sub-regions of two teams of two territories each.
fn space() -> Space {
    let levels = ["region", "sub", "team", "territory"];
    let mut places = DimensionDef::new("place", &levels).unwrap();
    places = places.member("region", "bay").unwrap();
    for sub in ["sf", "sj"] {
        places = places.child("sub", sub, "bay").unwrap();
        for team in ["1", "2"] {
            let team = format!("{sub}{team}");
            places = places.child("team", &team, sub).unwrap();
            for territory in ["a", "b"] {
                let territory = format!("{team}{territory}");
                places = places.child("territory", &territory, &team).unwrap();
            }
        }
    }
    Space::new(vec![places]).unwrap()
}

fn run(space: &Space, recipe: Value, total: &str) -> Result<Plan, PlanError> {
    let def: CascadeDef = serde_json::from_value(recipe).unwrap();
    let sales = Measure::flow("sales", "money:USD".parse().unwrap(), Quantum::CENT);
    let measures = Measures::new(vec![sales.unwrap()]).unwrap();
    let calendar = Calendar::gregorian();
    let sources = Sources::new(&measures, space).calendar(&calendar);
    Cascade::compile(def, &sources)?.run(total.parse().unwrap())
}

fn recipe(levels: &[&str], over: &Value, more: Value) -> Value {
    let step = |level: &&str| match *level {
        "month" => json!({"by": {"grain": "month"}}),
        level => json!({"by": {"member": {"dimension": "place", "level": level}}}),
    };
    let mut recipe = json!({"key": "plan", "measure": "sales",
        "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
        "steps": levels.iter().map(step).collect::<Vec<_>>(),
        "over_assignment": over});
    if let (Some(recipe), Value::Object(more)) = (recipe.as_object_mut(), more) {
        recipe.extend(more);
    }
    recipe
}

const LEVELS: [&str; 4] = ["region", "sub", "team", "territory"];

/// A team hands down 10 % more to its territories, a sub-region 5 % more to its teams.
fn from_leaves() -> Value {
    json!([{"dimension": "place", "factors": ["1.10", "1.05"]}])
}

fn bay() -> Plan {
    run(
        &space(),
        recipe(&LEVELS, &from_leaves(), json!({})),
        "800000",
    )
    .unwrap()
}

/// What is assigned at a level, and its base, in whole units of money.
fn layers(plan: &Plan, level: &str) -> (Vec<String>, Vec<String>) {
    let shown = |units: &[i64]| {
        let shown = units
            .iter()
            .map(|own| Quantum::CENT.amount(*own).normalize().to_string());
        shown.collect::<Vec<String>>()
    };
    (
        shown(plan.units("sales", level).unwrap()),
        shown(plan.base_units("sales", level).unwrap()),
    )
}

fn all(amount: &str, count: usize) -> Vec<String> {
    vec![amount.to_owned(); count]
}

fn change(plan: &mut Plan, edits: &Value) -> Result<u64, PlanError> {
    let change: Change = serde_json::from_value(json!({"by": "eva", "at": "2026-01-05T09:00:00",
        "reason": "more", "based_on": plan.version(), "edits": edits}))
    .unwrap();
    plan.apply(change)
}

fn spread(at: &Value, verb: &Value) -> Value {
    json!({"spread": {"measure": "sales", "at": at, "verb": verb}})
}

fn amount(plan: &Plan, path: &[&str]) -> String {
    let node = plan.frame().find(path).unwrap();
    plan.amount("sales", node).unwrap().to_string()
}

fn base(plan: &Plan, path: &[&str]) -> String {
    let node = plan.frame().find(path).unwrap();
    plan.base_amount("sales", node).unwrap().to_string()
}

/// What holds of every plan: it is verified, and comes back as it was saved.
fn holds(plan: &Plan) {
    assert_eq!(plan.verify(), []);
    let text = serde_json::to_string(&plan.record()).unwrap();
    let again = serde_json::from_str::<PlanRecord>(&text)
        .unwrap()
        .load()
        .unwrap();
    assert_eq!(again.record(), plan.record());
    assert_eq!(again.verify(), []);
}

#[test]
fn the_base_is_split_exactly_and_children_total_what_is_assigned_times_the_factor() {
    let from_root =
        json!([{"dimension": "place", "from": "root", "factors": ["1", "1", "1.05", "1.10"]}]);
    for over in [from_leaves(), from_root] {
        let plan = run(&space(), recipe(&LEVELS, &over, json!({})), "800000").unwrap();
        holds(&plan);
        assert_eq!(
            layers(&plan, "region"),
            (all("800000", 1), all("800000", 1))
        );
        assert_eq!(layers(&plan, "sub"), (all("400000", 2), all("400000", 2)));
        assert_eq!(layers(&plan, "team"), (all("210000", 4), all("200000", 4)));
        assert_eq!(
            layers(&plan, "territory"),
            (all("115500", 8), all("100000", 8))
        );
        let sf = plan.frame().find(&["bay", "sf"]).unwrap();
        assert_eq!(plan.factor("sales", sf).unwrap(), Ratio::percent(105));
    }
}

#[test]
fn a_shorter_chain_takes_the_factors_of_its_own_last_managers() {
    // Under sj there are no teams: its territories hang on it, which so is their last manager.
    let mut places = DimensionDef::new("place", &LEVELS).unwrap();
    places = places.member("region", "bay").unwrap();
    places = places
        .child("sub", "sf", "bay")
        .unwrap()
        .child("sub", "sj", "bay")
        .unwrap();
    for team in ["sf1", "sf2"] {
        places = places.child("team", team, "sf").unwrap();
        for territory in ["a", "b"] {
            places = places
                .child("territory", &format!("{team}{territory}"), team)
                .unwrap();
        }
    }
    places = places
        .child("territory", "sja", "sj")
        .unwrap()
        .child("territory", "sjb", "sj")
        .unwrap();
    let space = Space::new(vec![places]).unwrap();
    let short = json!({"depth": [{"at": {"sub": "sj"}, "steps": ["territory"]}]});
    let plan = run(
        &space,
        recipe(&LEVELS, &from_leaves(), short.clone()),
        "800000",
    )
    .unwrap();
    holds(&plan);
    assert_eq!(layers(&plan, "sub"), (all("400000", 2), all("400000", 2)));
    for territory in ["sja", "sjb"] {
        assert_eq!(amount(&plan, &["bay", "sj", territory]), "220000.00");
        assert_eq!(base(&plan, &["bay", "sj", territory]), "200000.00");
    }
    assert_eq!(amount(&plan, &["bay", "sf", "sf1", "sf1a"]), "115500.00");
    // Counted from the root it is a sub-region as the other one is.
    let from_root =
        json!([{"dimension": "place", "from": "root", "factors": ["1", "1", "1.05", "1.10"]}]);
    let mut plan = run(&space, recipe(&LEVELS, &from_root, short), "800000").unwrap();
    assert_eq!(amount(&plan, &["bay", "sj", "sja"]), "210000.00");
    // An edit below leaves each node its own factor.
    let more = spread(
        &json!({"sub": "sj", "territory": "sja"}),
        &json!({"proportional": {"amount": "315000"}}),
    );
    change(&mut plan, &json!([more])).unwrap();
    holds(&plan);
    assert_eq!(amount(&plan, &["bay", "sj"]), "500000.00");
}

#[test]
fn rows_of_managers_are_what_is_assigned_to_them_beside_their_base() {
    let over = json!([{"dimension": "place", "factors": ["1.10", "1.05"]}]);
    let levels = ["region", "sub", "team", "territory", "month"];
    let (space, calendar) = (space(), Calendar::gregorian());
    let plan = run(&space, recipe(&levels, &over, json!({})), "800000").unwrap();
    holds(&plan);
    let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    let structure = Structure::as_it_was(&space);
    for grain in [Grain::Year, Grain::Quarter, Grain::Month] {
        let periods = calendar.periods(grain, year.start(), year.end()).unwrap();
        for (level, assigned, own) in [
            ("region", "800000.00", "800000.00"),
            ("sub", "400000.00", "400000.00"),
            ("team", "210000.00", "200000.00"),
            ("territory", "115500.00", "100000.00"),
        ] {
            let axes = [Axis::new("place", level).unwrap()];
            let rolled = plan.roll_up("sales", &axes, None).unwrap();
            let first = rolled
                .subjects()
                .label(rolled.subjects().ids().next().unwrap());
            assert_eq!(rolled.of(&first).unwrap().to_string(), assigned);
            let rolled = plan.roll_up_base("sales", &axes, None).unwrap();
            assert_eq!(rolled.of(&first).unwrap().to_string(), own);
            let panel = plan.targets(&structure, &axes, &periods).unwrap();
            for (key, expected) in [("target:sales", assigned), ("base:sales", own)] {
                let key: ColumnKey = key.parse().unwrap();
                let cells = periods.ids().map(|period| {
                    let row = panel.subjects().ids().next().unwrap();
                    let answer = panel.answer(&key, row, period).unwrap();
                    answer.figure().unwrap().amount().unwrap().units()
                });
                let sum = Quantum::CENT.quantity(cells.sum());
                assert_eq!(sum.to_string(), expected, "{level} {key}");
            }
        }
    }
    // A team's January is its part of what is assigned to the team, not of what it hands down: in January the base of each territory has
    // a cent of the year's four.
    assert_eq!(
        plan.get("sales", ["sf1"], "2026-01").unwrap().to_string(),
        "17500.02 USD"
    );
    assert_eq!(
        plan.get("sales", ["sf1a"], "2026-01").unwrap().to_string(),
        "9625.01 USD"
    );
}

#[test]
fn an_explanation_tells_both_layers() {
    let plan = bay();
    let node = plan.frame().find(&["bay", "sf", "sf1", "sf1a"]).unwrap();
    let why = plan.explain("sales", node).unwrap();
    assert_eq!(
        (why.cascaded(), why.amount.to_string()),
        (why.amount, "115500.00".to_owned())
    );
    let last = why.splits.last().unwrap();
    assert_eq!(
        (last.base.to_string(), last.share.to_string()),
        ("200000.00".into(), "100000.00".into())
    );
    let assigned = last.assigned.as_ref().unwrap();
    assert_eq!(
        (
            assigned.above.to_string(),
            assigned.handed.to_string(),
            assigned.factor
        ),
        ("210000.00".into(), "231000.00".into(), Ratio::percent(110))
    );
}

#[test]
fn odd_cents_factors_below_one_and_amounts_below_zero() {
    let odd = |total: &str, factors: Value| {
        let over = json!([{"dimension": "place", "factors": factors}]);
        let plan = run(&space(), recipe(&["sub", "team"], &over, json!({})), total).unwrap();
        holds(&plan);
        (layers(&plan, "sub").0, layers(&plan, "team").0)
    };
    // 0.05 and 0.05 hand down 0.06 each, 0.05 x 1.1 being 0.055; by 0.03 and 0.02 that is 0.036 and 0.024.
    assert_eq!(
        odd("0.10", json!(["1.1"])),
        (
            all("0.05", 2),
            ["0.04", "0.02", "0.04", "0.02"].map(String::from).to_vec()
        )
    );
    assert_eq!(
        odd("-0.10", json!(["1.1"])),
        (
            all("-0.05", 2),
            ["-0.04", "-0.02", "-0.04", "-0.02"]
                .map(String::from)
                .to_vec()
        )
    );
    // 95 of 100 are handed down, then 90 % of these: 42.75 each of 47.50.
    let reserve = odd("100", json!(["0.9", "0.95"]));
    assert_eq!(reserve.0, all("47.5", 2));
    assert_eq!(reserve.1, ["21.38", "21.37", "21.38", "21.37"]);
}

#[test]
fn one_manager_has_a_factor_of_his_own() {
    let over = json!([{"dimension": "place", "factors": ["1.10", "1.05"],
        "at": [{"at": {"team": "sf1"}, "factor": "1.20"}, {"at": {"sub": "sj"}, "factor": "1"}]}]);
    let plan = run(&space(), recipe(&LEVELS, &over, json!({})), "800000").unwrap();
    holds(&plan);
    assert_eq!(amount(&plan, &["bay", "sf", "sf1", "sf1a"]), "126000.00");
    assert_eq!(amount(&plan, &["bay", "sf", "sf2", "sf2a"]), "115500.00");
    assert_eq!(amount(&plan, &["bay", "sj", "sj1"]), "200000.00");
    assert_eq!(amount(&plan, &["bay", "sj", "sj1", "sj1a"]), "110000.00");
}

#[test]
fn every_edit_keeps_the_factor_of_every_node() {
    let territory = json!({"team": "sf1", "territory": "sf1a", "sub": "sf", "region": "bay"});
    let team = json!({"team": "sf1", "sub": "sf", "region": "bay"});
    let mut plan = bay();
    // At a territory: what is assigned to it is what is asked, and its base moves by less.
    change(
        &mut plan,
        &json!([spread(
            &territory,
            &json!({"proportional": {"amount": "150000"}})
        )]),
    )
    .unwrap();
    holds(&plan);
    assert_eq!(amount(&plan, &["bay", "sf", "sf1", "sf1a"]), "150000.00");
    assert_eq!(base(&plan, &["bay", "sf", "sf1", "sf1a"]), "129870.13");
    assert_eq!(base(&plan, &["bay", "sf", "sf1", "sf1b"]), "100000.00");
    assert_eq!(amount(&plan, &["bay"]), "829870.13");
    // At a manager, with the total above kept.
    let kept = json!([{"spread": {"measure": "sales", "at": team, "carry": {"keep": {"region": "bay"}},
        "verb": {"proportional": {"amount": "300000"}}}}]);
    change(&mut plan, &kept).unwrap();
    holds(&plan);
    assert_eq!(amount(&plan, &["bay", "sf", "sf1"]), "300000.00");
    assert_eq!(amount(&plan, &["bay"]), "829870.13");
    // In the base.
    let own = json!([{"spread": {"measure": "sales", "at": team, "layer": "base",
        "verb": {"proportional": {"amount": "200000"}}}}]);
    change(&mut plan, &own).unwrap();
    holds(&plan);
    assert_eq!(base(&plan, &["bay", "sf", "sf1"]), "200000.00");
    // By other verbs.
    for verb in [
        json!({"equal": {"amount": "400000.01"}}),
        json!({"basis": {"amount": "350000"}}),
        json!({"percent_change": {"by": "1.0333"}}),
        json!("clear"),
        json!({"repeat": {"amount": "12345.67"}}),
    ] {
        change(&mut plan, &json!([spread(&team, &verb)])).unwrap();
        holds(&plan);
    }
    let verbs = json!([
        {"reallocate": {"measure": "sales", "across": "territory",
            "verb": {"transfer": {"from": [{"territory": "sf2a"}], "take": {"amount": "1000.01"}, "to": [{"at": {"territory": "sj1a"}, "share": "1"}]}}}},
        {"reconcile": {"measure": "sales", "totals": [{"at": {"region": "bay", "sub": "sf"}, "total": "500000"}]}}]);
    for edit in verbs.as_array().unwrap() {
        let done = change(&mut plan, &json!([edit]));
        done.unwrap_or_else(|error| panic!("{edit}: {error}"));
        holds(&plan);
    }
    let first = plan.as_of(0).unwrap();
    change(&mut plan, &json!([{"revert": {"to": 0}}])).unwrap();
    holds(&plan);
    assert_eq!(layers(&plan, "territory"), layers(&first, "territory"));
}

#[test]
fn either_layer_is_locked() {
    let hold = |what: &str| {
        json!({"hold": {"measure": "sales", "what": what,
        "at": [{"region": "bay", "sub": "sf", "team": "sf1", "territory": "sf1a"}]}})
    };
    let raise = spread(
        &json!({"region": "bay", "sub": "sf", "team": "sf1", "territory": "sf1b"}),
        &json!({"proportional": {"amount": "123456.78"}}),
    );
    for (what, both) in [("total", true), ("base", false)] {
        let mut plan = bay();
        change(&mut plan, &json!([hold(what)])).unwrap();
        for more in ["200000.01", "150000.07", "99999.99"] {
            let mut raise = raise.clone();
            raise["spread"]["verb"]["proportional"]["amount"] = json!(more);
            change(&mut plan, &json!([raise])).unwrap();
            holds(&plan);
            assert_eq!(base(&plan, &["bay", "sf", "sf1", "sf1a"]), "100000.00");
            assert_eq!(amount(&plan, &["bay", "sf", "sf1", "sf1b"]).as_str(), more);
            if both {
                assert_eq!(amount(&plan, &["bay", "sf", "sf1", "sf1a"]), "115500.00");
            }
        }
    }
}

#[test]
fn what_the_factors_do_not_reach_is_taken_by_whoever_is_beside_or_refused_with_the_nearest() {
    let over = json!([{"dimension": "place", "factors": ["1.10"]}]);
    let mut plan = run(&space(), recipe(&["sub", "team"], &over, json!({})), "200").unwrap();
    let one = |amount: &str| {
        json!([spread(
            &json!({"sub": "sf", "team": "sf1"}),
            &json!({"proportional": {"amount": amount}})
        )])
    };
    change(&mut plan, &one("66.05")).unwrap();
    holds(&plan);
    // 60.05 and 50 are 110.05, which hand down 121.06: a cent more than 66.05 and 55.
    assert_eq!(amount(&plan, &["sf", "sf1"]), "66.05");
    assert_eq!(amount(&plan, &["sf", "sf2"]), "55.01");
    assert_eq!(amount(&plan, &["sf"]), "110.05");
    // What was asked stays while what is beside it moves.
    let other = spread(
        &json!({"sub": "sj", "team": "sj1"}),
        &json!({"proportional": {"amount": "60"}}),
    );
    change(&mut plan, &json!([other])).unwrap();
    assert_eq!(amount(&plan, &["sf", "sf1"]), "66.05");
    // Where nobody is beside.
    let hold = json!({"hold": {"measure": "sales", "at": [{"sub": "sf", "team": "sf2"}]}});
    change(&mut plan, &json!([hold])).unwrap();
    let before = plan.record();
    let error = change(&mut plan, &one("66.04")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "66.04 cannot be assigned at sf / sf1: the factors lead to 66.03, and nobody beside may take the rest"
    );
    assert_eq!(plan.record(), before);
}

#[test]
fn closed_months_keep_what_was_assigned() {
    let levels = ["team", "territory", "month"];
    let over = json!([{"dimension": "place", "factors": ["1.07"]}]);
    let mut plan = run(&space(), recipe(&levels, &over, json!({})), "123456.78").unwrap();
    change(&mut plan, &json!([{"close": {"before": "2026-04-01"}}])).unwrap();
    let closed = |plan: &Plan| {
        let months = plan.units("sales", "month").unwrap();
        months
            .chunks(12)
            .map(|own| own[..3].to_vec())
            .collect::<Vec<_>>()
    };
    let before = closed(&plan);
    for (at, more) in [
        (json!({"team": "sf1", "territory": "sf1a"}), "20000.01"),
        (json!({"team": "sf1", "territory": "sf1b"}), "15000.07"),
        (json!({"team": "sj2"}), "33333.33"),
    ] {
        change(
            &mut plan,
            &json!([spread(&at, &json!({"proportional": {"amount": more}}))]),
        )
        .unwrap();
        holds(&plan);
        assert_eq!(closed(&plan), before);
    }
    change(&mut plan, &json!([{"reopen": {"from": "2026-01-01"}}])).unwrap();
    holds(&plan);
    assert_eq!(
        plan.amount("sales", NodeId::WHOLE).unwrap(),
        plan.base_amount("sales", NodeId::WHOLE).unwrap()
    );
}
