//! What planners do to targets that stand: the parents of every cell are kept, whatever the order of the steps.

mod apart;
mod changes;
mod transfers;

use std::collections::BTreeMap;

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::document::Version;
use quotaflow::key::Key;
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BoundDef, Cascade, CascadeDef, Change, Easing, Edit, EditError, GivenDef, GivenWeight,
    HoldEdit, HoldWhat, LockDef, NodeId, Place, Plan, PlanError, Reallocation, Reference, Sources,
    SplitPart, Spread, StepDef, Take, Verb,
};
use quotaflow::quantity::{Number, Quantum, Ratio};
use quotaflow::space::{DimensionDef, Space};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn at(named: &[(&str, &str)]) -> Place {
    let named = named.iter();
    named
        .map(|(step, member)| (key(step), key(member)))
        .collect()
}

fn rep(name: &str) -> Place {
    at(&[("rep", name)])
}

fn team(name: &str) -> Place {
    at(&[("team", name)])
}

/// An amount in whole units of money and hundredths.
fn money(text: &str) -> Number {
    Number::from(text.parse::<rust_decimal::Decimal>().unwrap())
}

/// A plan over people in teams, sorts of sales, products and the first quarters of a year, of which each test names the steps that it has.
struct House {
    measures: Measures,
    space: Space,
    calendar: Calendar,
    quarters: u32,
}

impl House {
    fn new(teams: &[(&str, &[&str])], quarters: u32) -> Self {
        let money = |key: &str| Measure::flow(key, "money:EUR".parse().unwrap(), Quantum::CENT);
        let measures = Measures::new(vec![money("sales").unwrap(), money("dc").unwrap()]);
        let mut people = DimensionDef::new("person", &["team", "rep"]).unwrap();
        for (team, reps) in teams {
            people = people.member("team", team).unwrap();
            for rep in *reps {
                people = people.child("rep", rep, team).unwrap();
            }
        }
        let sorts = DimensionDef::flat("sort", "sort", ["exp", "mig", "new"]).unwrap();
        let products = ["jira-dc", "jira-cloud", "conf-dc", "conf-cloud"];
        let mut goods = DimensionDef::new("product", &["line", "product"]).unwrap();
        for line in ["dc", "cloud"] {
            goods = goods.member("line", line).unwrap();
        }
        for product in products {
            let (_, line) = product.split_once('-').unwrap();
            goods = goods.child("product", product, line).unwrap();
        }
        Self {
            measures: measures.unwrap(),
            space: Space::new(vec![people, sorts, goods]).unwrap(),
            calendar: Calendar::gregorian(),
            quarters,
        }
    }

    fn cascade(&self, measure: &str, steps: &[&str]) -> Cascade {
        self.bounded(measure, steps, Vec::new())
    }

    fn bounded(&self, measure: &str, steps: &[&str], bounds: Vec<BoundDef>) -> Cascade {
        let month = 3 * self.quarters + 1;
        let end = if month > 12 {
            "2027-01-01".to_owned()
        } else {
            format!("2026-{month:02}-01")
        };
        let days = DayRange::new("2026-01-01".parse().unwrap(), end.parse().unwrap()).unwrap();
        let def = CascadeDef::new(key("plan"), key(measure), days);
        let def = bounds.into_iter().fold(def, CascadeDef::bound);
        let def = steps.iter().fold(def, |def, step| {
            def.step(match *step {
                "quarter" => StepDef::grain(Grain::Quarter),
                "sort" => StepDef::member("sort", "sort").unwrap(),
                "line" | "product" => StepDef::member("product", step).unwrap(),
                level => StepDef::member("person", level).unwrap(),
            })
        });
        let sources = Sources::new(&self.measures, &self.space).calendar(&self.calendar);
        Cascade::compile(def, &sources).unwrap()
    }

    /// A plan of what each cell is worth, in whole units of money.
    fn plan(&self, steps: &[&str], worth: impl Fn(&dyn Fn(&str) -> String) -> i64) -> Plan {
        planned(&self.cascade("sales", steps), worth)
    }
}

fn planned(cascade: &Cascade, worth: impl Fn(&dyn Fn(&str) -> String) -> i64) -> Plan {
    let frame = cascade.frame();
    let names: Vec<String> = frame.steps().map(ToString::to_string).collect();
    let nodes: Vec<Vec<NodeId>> = names
        .iter()
        .map(|step| frame.nodes(step).unwrap().collect())
        .collect();
    let mut values: Vec<Vec<i64>> = nodes.iter().map(|own| vec![0; own.len()]).collect();
    let mut whole = 0;
    for leaf in nodes.last().unwrap() {
        let place = frame.place(*leaf);
        let name = |step: &str| {
            let found = place.iter().find(|own| own.0.as_str() == step);
            found.map(|own| own.1.to_string()).unwrap_or_default()
        };
        let own = 100 * worth(&name);
        whole += own;
        let mut node = *leaf;
        for level in values.iter_mut().rev() {
            level[node.index()] += own;
            node = frame.parent(node).unwrap();
        }
    }
    values.insert(0, vec![whole]);
    Plan::from_units(cascade, values).unwrap()
}

fn changed(plan: &Plan, edits: Vec<Edit>) -> Change {
    Change {
        version: Version::default(),
        by: key("ann"),
        at: "2025-12-05T09:30:00".parse().unwrap(),
        reason: "what we agreed on".to_owned(),
        based_on: plan.version(),
        edits,
    }
}

/// Makes reallocations in one change; the plan then holds, and goes back to what it was.
fn done(plan: &Plan, asked: Vec<Reallocation>) -> Result<Plan, PlanError> {
    let mut new = plan.clone();
    let edits = asked.into_iter().map(Edit::Reallocate).collect();
    new.apply(changed(plan, edits))?;
    assert!(new.verify().is_empty());
    assert_eq!(
        new.as_of(0).unwrap().record().saved,
        plan.as_of(0).unwrap().record().saved
    );
    Ok(new)
}

/// What stands at a place, leaf by leaf added up, in hundredths.
fn cents(plan: &Plan, place: &[(&str, &str)]) -> i64 {
    let frame = plan.frame();
    let last = frame.steps().last().unwrap().clone();
    let wanted = at(place);
    let leaves = frame.nodes(last.as_str()).unwrap();
    let inside = leaves.filter(|leaf| {
        let own = frame.place(*leaf);
        wanted
            .iter()
            .all(|named| own.iter().any(|other| other == named))
    });
    let units = plan.units("sales", last.as_str()).unwrap();
    inside.map(|leaf| units[leaf.index()]).sum()
}

/// The same in whole units of money, of which there are no parts.
fn worth(plan: &Plan, place: &[(&str, &str)]) -> i64 {
    let cents = cents(plan, place);
    assert_eq!(cents % 100, 0, "{cents}");
    cents / 100
}

fn lock(place: Place, total: &str) -> LockDef {
    LockDef::new(place, money(total))
}

fn part(at: Place, share: i64) -> SplitPart {
    SplitPart {
        at,
        share: Ratio::from(share),
    }
}

fn locks(locks: &[(&[(&str, &str)], &str)]) -> Reallocation {
    let locks = locks.iter().map(|(place, total)| lock(at(place), total));
    Reallocation::lock("sales", locks.collect()).unwrap()
}

/// Two teams: r1, r2, r3 of 10, 20 and 30 percent, and r4 of 40, in two quarters of one and of two million.
fn two_quarters(steps: &[&str]) -> Plan {
    let house = House::new(&[("t1", &["r1", "r2", "r3"]), ("t2", &["r4"])], 2);
    house.plan(steps, |name| {
        let quarter = if name("quarter") == "2026-Q1" { 1 } else { 2 };
        let share = name("rep")[1..].parse::<i64>().unwrap();
        100_000 * quarter * share
    })
}

/// The orders of steps that a plan may have; none makes any difference to a planner.
const ORDERS: [&[&str]; 3] = [
    &["team", "rep", "quarter"],
    &["quarter", "team", "rep"],
    &["team", "quarter", "rep"],
];

fn by_quarter(plan: &Plan, place: (&str, &str)) -> [i64; 2] {
    ["2026-Q1", "2026-Q2"].map(|quarter| cents(plan, &[place, ("quarter", quarter)]))
}

#[test]
fn a_locked_rep_keeps_its_mix_and_the_team_of_every_quarter_absorbs() {
    for steps in ORDERS {
        let plan = two_quarters(steps);
        let new = done(&plan, vec![locks(&[(&[("rep", "r1")], "150000")])]).unwrap();
        assert_eq!(by_quarter(&new, ("rep", "r1")), [5_000_000, 10_000_000]);
        // What r1 gives up, 50,000 and 100,000, goes to r2 and r3 as two to three.
        assert_eq!(by_quarter(&new, ("rep", "r2")), [22_000_000, 44_000_000]);
        assert_eq!(by_quarter(&new, ("rep", "r3")), [33_000_000, 66_000_000]);
        for kept in [("team", "t1"), ("team", "t2"), ("rep", "r4")] {
            assert_eq!(by_quarter(&new, kept), by_quarter(&plan, kept));
        }
    }
}

#[test]
fn a_locked_team_keeps_the_mix_of_its_reps_and_the_other_team_absorbs() {
    for steps in ORDERS {
        let new = done(
            &two_quarters(steps),
            vec![locks(&[(&[("team", "t1")], "1200000")])],
        )
        .unwrap();
        for (rep, q1) in [("r1", 6_666_667), ("r2", 13_333_333), ("r3", 20_000_000)] {
            assert_eq!(by_quarter(&new, ("rep", rep))[0], q1);
        }
        assert_eq!(by_quarter(&new, ("team", "t1")), [40_000_000, 80_000_000]);
        // It takes 600,000 more, and every quarter keeps its total.
        assert_eq!(by_quarter(&new, ("team", "t2")), [60_000_000, 120_000_000]);
    }
}

#[test]
fn what_is_frozen_or_held_does_not_absorb() {
    for steps in ORDERS {
        let plan = two_quarters(steps);
        let asked = locks(&[(&[("rep", "r1")], "150000")]);
        let new = done(&plan, vec![asked.clone().frozen(rep("r2"))]).unwrap();
        assert_eq!(
            by_quarter(&new, ("rep", "r2")),
            by_quarter(&plan, ("rep", "r2"))
        );
        assert_eq!(by_quarter(&new, ("rep", "r3")), [35_000_000, 70_000_000]);
        // What is held in the plan does not move either, as part of the same change too.
        let hold = Edit::Hold(HoldEdit {
            measure: key("sales"),
            at: vec![rep("r2")],
            what: HoldWhat::Leaves,
        });
        let mut held = plan.clone();
        held.apply(changed(&plan, vec![hold, Edit::Reallocate(asked)]))
            .unwrap();
        assert_eq!(
            held.units("sales", steps[2]).unwrap(),
            new.units("sales", steps[2]).unwrap()
        );
    }
}

#[test]
fn a_lock_of_one_quarter_leaves_the_others() {
    for steps in ORDERS {
        let plan = two_quarters(steps);
        let asked = locks(&[(&[("rep", "r1"), ("quarter", "2026-Q1")], "50000")]);
        let new = done(&plan, vec![asked]).unwrap();
        assert_eq!(by_quarter(&new, ("rep", "r1")), [5_000_000, 20_000_000]);
        assert_eq!(by_quarter(&new, ("rep", "r2")), [22_000_000, 40_000_000]);
    }
}

#[test]
fn two_locks_absorb_for_neither_whatever_their_order() {
    let teams: [(&str, &[&str]); 4] = [
        ("t1", &["a"]),
        ("t2", &["b"]),
        ("t3", &["c"]),
        ("t4", &["d"]),
    ];
    let house = House::new(&teams, 2);
    let plan = house.plan(&["team", "quarter"], |name| match &*name("team") {
        "t1" => 300_000,
        "t2" => 700_000,
        "t3" => 400_000,
        _ => 600_000,
    });
    let (one, other) = (
        locks(&[(&[("team", "t1")], "400000")]),
        locks(&[(&[("team", "t2")], "1700000")]),
    );
    let both = locks(&[
        (&[("team", "t2")], "1700000"),
        (&[("team", "t1")], "400000"),
    ]);
    for edits in [
        vec![one.clone(), other.clone()],
        vec![other, one],
        vec![both],
    ] {
        let new = done(&plan, edits).unwrap();
        let now = ["t1", "t2", "t3", "t4"].map(|team| worth(&new, &[("team", team)]));
        assert_eq!(now, [400_000, 1_700_000, 760_000, 1_140_000]);
        assert_eq!(worth(&new, &[("quarter", "2026-Q1")]), 2_000_000);
    }
}

/// Three equal reps, and three sorts of 600,000 each.
fn three_sorts() -> Plan {
    let house = House::new(&[("t1", &["r1", "r2", "r3"])], 1);
    house.plan(&["rep", "sort"], |_| 200_000)
}

#[test]
fn locks_inside_a_lock_are_solved_where_they_can_hold_together_and_else_refused_with_all_of_them() {
    let r1 = ("rep", "r1");
    let plan = three_sorts();
    let (exp, mig, new) = (("sort", "exp"), ("sort", "mig"), ("sort", "new"));
    let whole: (&[(&str, &str)], &str) = (&[r1], "900000");
    let asked = locks(&[whole, (&[r1, exp], "300000"), (&[r1, mig], "250000")]);
    let done_ = done(&plan, vec![asked]).unwrap();
    assert_eq!(
        [exp, mig, new].map(|sort| worth(&done_, &[r1, sort])),
        [300_000, 250_000, 350_000]
    );
    assert_eq!(
        [exp, mig, new].map(|sort| worth(&done_, &[("rep", "r2"), sort])),
        [150_000, 175_000, 125_000]
    );
    let four = locks(&[
        whole,
        (&[r1, exp], "300000"),
        (&[r1, mig], "250000"),
        (&[r1, new], "200000"),
    ]);
    let error = done(&plan, vec![four.clone()]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rep r1 = 900000; rep r1, sort exp = 300000; rep r1, sort mig = 250000; rep r1, sort new = 200000 cannot hold together: needed 900000, available 750000"
    );
    // The narrower wins: the total of the rep is dropped.
    let won = done(&plan, vec![four.narrower_wins()]).unwrap();
    assert_eq!(worth(&won, &[r1]), 750_000);
}

#[test]
fn locks_that_leave_no_room_for_a_mix_get_the_nearest_table() {
    // r1 has 100,000 of Q1 and 200,000 of Q2; at 1,700,000 its mix asks for 566,667 and 1,133,333. With r3 frozen r1 and r2 have 300,000
    // and 600,000: what is asked of r1 is more than there is.
    let plan = two_quarters(ORDERS[0]);
    let asked = locks(&[(&[("rep", "r1")], "850000")]).frozen(rep("r3"));
    let new = done(&plan, vec![asked]).unwrap();
    assert_eq!(by_quarter(&new, ("rep", "r1")), [28_333_333, 56_666_667]);
    let asked = locks(&[(&[("rep", "r1")], "950000")]).frozen(rep("r3"));
    let error = done(&plan, vec![asked]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rep r1 = 950000 cannot be: needed 950000, available 900000, with what is kept at quarter 2026-Q1, team t1; quarter 2026-Q2, team t1"
    );
    // With r2 and r3 frozen in the first quarter alone, r1 cannot move there: all of it moves in the second.
    let q1 = |name| at(&[("rep", name), ("quarter", "2026-Q1")]);
    let asked = locks(&[(&[("rep", "r1")], "150000")]);
    let new = done(&plan, vec![asked.frozen(q1("r2")).frozen(q1("r3"))]).unwrap();
    assert_eq!(by_quarter(&new, ("rep", "r1")), [10_000_000, 5_000_000]);
}

#[test]
fn a_transfer_moves_cell_by_cell_and_leaves_whoever_is_above_both() {
    let house = House::new(&[("t1", &["r1", "r2"]), ("t2", &["r3", "r4"])], 1);
    let plan = house.plan(&["team", "rep", "line"], |name| {
        match (&*name("rep"), &*name("line")) {
            ("r1", "dc") | ("r2", "cloud") => 250_000,
            ("r1" | "r2", _) => 50_000,
            _ => 150_000,
        }
    });
    let to = |name: &str| SplitPart {
        at: rep(name),
        share: Ratio::ONE,
    };
    let transfer = |take| Reallocation::transfer("sales", vec![rep("r1")], take, vec![to("r3")]);
    let ways = [
        Take::Amount(money("100000")),
        Take::Leave(money("200000")),
        Take::Reach(money("400000")),
        Take::Share(Ratio::new(1, 3).unwrap()),
    ];
    for take in ways {
        let new = done(&plan, vec![transfer(take).unwrap()]).unwrap();
        let of = |named: &[(&str, &str)]| cents(&new, named);
        assert_eq!(
            (of(&[("rep", "r1")]), of(&[("rep", "r3")])),
            (20_000_000, 40_000_000)
        );
        // In each line what r1 has to give.
        assert_eq!(of(&[("rep", "r3"), ("line", "dc")]), 15_000_000 + 8_333_333);
        assert_eq!(
            (of(&[("line", "dc")]), of(&[("line", "cloud")])),
            (60_000_000, 60_000_000)
        );
        assert_eq!(
            (of(&[("team", "t1")]), of(&[("team", "t2")])),
            (50_000_000, 70_000_000)
        );
    }
    let error = done(
        &plan,
        vec![transfer(Take::Amount(money("300001"))).unwrap()],
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "300001.00 cannot be taken from rep r1: 300000.00 there may move"
    );
    let error = Reallocation::transfer("sales", vec![rep("r1")], Take::default(), vec![to("r1")]);
    let error = done(&plan, vec![error.unwrap().across("rep").unwrap()]).unwrap_err();
    assert!(matches!(error, PlanError::DuplicatePlace { .. }), "{error}");
}

/// Four regions of two teams each, of one to four million of migration, and eight million of another sort.
fn regions() -> Plan {
    let names = ["east", "central", "west", "north"];
    let teams: Vec<(String, Vec<String>)> = names
        .iter()
        .map(|region| {
            let reps = (1..=4).map(|number| format!("{region}-{number}"));
            ((*region).to_owned(), reps.collect())
        })
        .collect();
    let teams: Vec<(&str, Vec<&str>)> = teams
        .iter()
        .map(|(team, reps)| (&**team, reps.iter().map(|rep| &**rep).collect()))
        .collect();
    let teams: Vec<(&str, &[&str])> = teams.iter().map(|(team, reps)| (*team, &**reps)).collect();
    House::new(&teams, 1).plan(&["sort", "team", "rep"], |name| {
        let places = names.iter().zip(1_i64..);
        let place = places
            .filter(|own| *own.0 == name("team"))
            .map(|own| own.1)
            .sum::<i64>();
        match &*name("sort") {
            "mig" => 250_000 * place,
            "exp" => 500_000,
            _ => 0,
        }
    })
}

fn migration(plan: &Plan) -> [i64; 4] {
    let of = |team| cents(plan, &[("team", team), ("sort", "mig")]);
    ["east", "central", "west", "north"].map(of)
}

#[test]
fn what_a_region_gives_up_goes_to_its_siblings_or_in_stated_parts() {
    let plan = regions();
    let from = || vec![at(&[("team", "east"), ("sort", "mig")])];
    let give = |to| Reallocation::transfer("sales", from(), Take::default(), to).unwrap();
    let to_all = give(Vec::new()).across("team").unwrap();
    let new = done(&plan, vec![to_all]).unwrap();
    assert_eq!(migration(&new), [0, 222_222_222, 333_333_333, 444_444_445]);
    for rep in ["east-1", "east-2", "east-3", "east-4"] {
        assert_eq!(cents(&new, &[("rep", rep), ("sort", "mig")]), 0);
    }
    assert_eq!(worth(&new, &[("sort", "exp")]), 8_000_000);
    let part = |team_: &str, share| SplitPart {
        at: team(team_),
        share: Ratio::from(share),
    };
    let new = done(
        &plan,
        vec![give(vec![part("central", 70), part("west", 30)])],
    )
    .unwrap();
    assert_eq!(migration(&new), [0, 270_000_000, 330_000_000, 400_000_000]);
    assert_eq!(
        worth(&new, &[("team", "central"), ("sort", "exp")]),
        2_000_000
    );
}

#[test]
fn all_may_be_concentrated_on_one_with_its_own_mix_below() {
    let house = House::new(
        &[
            ("c1", &["a"]),
            ("c2", &["b"]),
            ("c3", &["c"]),
            ("c4", &["d", "e"]),
        ],
        1,
    );
    let plan = house.plan(&["team", "rep"], |name| match &*name("rep") {
        "a" => 600_000,
        "b" => 1_200_000,
        "c" => 1_800_000,
        "d" => 100_000,
        _ => 200_000,
    });
    let to = vec![SplitPart {
        at: team("c4"),
        share: Ratio::ONE,
    }];
    let asked = Reallocation::transfer("sales", Vec::new(), Take::default(), to).unwrap();
    let new = done(&plan, vec![asked]).unwrap();
    let now = ["a", "b", "c", "d", "e"].map(|rep| worth(&new, &[("rep", rep)]));
    assert_eq!(now, [0, 0, 0, 1_300_000, 2_600_000]);
}

#[test]
fn a_fraction_of_several_goes_to_several_and_every_quarter_is_kept() {
    for steps in ORDERS {
        let house = House::new(&[("t1", &["r1", "r2", "r3", "r4"])], 2);
        let plan = house.plan(steps, |name| {
            100_000 * name("rep")[1..].parse::<i64>().unwrap()
        });
        let part = |name: &str, share| SplitPart {
            at: rep(name),
            share: Ratio::from(share),
        };
        let asked = Reallocation::transfer(
            "sales",
            vec![rep("r1"), rep("r2")],
            Take::Share(Ratio::percent(75)),
            vec![part("r3", 60), part("r4", 40)],
        );
        let new = done(&plan, vec![asked.unwrap()]).unwrap();
        let now = ["r1", "r2", "r3", "r4"].map(|rep| worth(&new, &[("rep", rep)]));
        assert_eq!(now, [50_000, 100_000, 870_000, 980_000]);
        assert_eq!(worth(&new, &[("quarter", "2026-Q2")]), 1_000_000);
        // Split anew by a table: 9 : 1 : 4 : 2 of each quarter.
        let weight = |name: &str, weight| GivenWeight {
            at: rep(name),
            weight: Ratio::from(weight),
        };
        let by = Easing::Given(GivenDef {
            weights: vec![
                weight("r1", 9),
                weight("r2", 1),
                weight("r3", 4),
                weight("r4", 2),
            ],
            otherwise: None,
        });
        let asked = Reallocation::resplit("sales", Place::whole(), "rep", by).unwrap();
        let new = done(&plan, vec![asked]).unwrap();
        let now = ["r1", "r2", "r3", "r4"].map(|rep| by_quarter(&new, ("rep", rep)));
        assert_eq!(now, [9, 1, 4, 2].map(|part| [part * 6_250_000; 2]));
    }
}

#[test]
fn a_place_is_split_anew_like_another_measure() {
    let house = House::new(&[("t1", &["r1", "r2"])], 2);
    let steps = &["rep", "quarter"];
    let mut plan = house.plan(steps, |_| 50);
    let dc = planned(&house.cascade("dc", steps), |name| match &*name("rep") {
        "r1" => 30,
        _ => 10,
    });
    plan.join(dc).unwrap();
    let like = Easing::Like(Reference {
        measure: Some(key("dc")),
        ..Reference::default()
    });
    let asked = Reallocation::resplit("sales", Place::whole(), "rep", like).unwrap();
    let new = done(&plan, vec![asked]).unwrap();
    assert_eq!(by_quarter(&new, ("rep", "r1")), [7_500; 2]);
}

#[test]
fn overlapping_totals_of_one_rep_are_fitted_and_every_cell_of_the_region_is_kept() {
    for steps in [
        &["rep", "sort", "line", "product"][..],
        &["sort", "line", "product", "rep"],
    ] {
        let house = House::new(&[("t1", &["r1", "r2"])], 1);
        let plan = house.plan(steps, |_| 750_000);
        let r1 = ("rep", "r1");
        let asked = locks(&[
            (&[r1, ("sort", "exp")], "2451246.00"),
            (&[r1, ("sort", "mig")], "200000.00"),
            (&[r1, ("sort", "new")], "1818789.00"),
            (&[r1, ("line", "dc")], "163779.42"),
        ]);
        let new = done(&plan, vec![asked]).unwrap();
        let of = |named: &[(&str, &str)]| cents(&new, named);
        assert_eq!(of(&[r1, ("sort", "exp")]), 245_124_600);
        assert_eq!(of(&[r1, ("sort", "mig")]), 20_000_000);
        assert_eq!(of(&[r1, ("sort", "new")]), 181_878_900);
        assert_eq!(of(&[r1, ("line", "dc")]), 16_377_942);
        let dc = |sort| of(&[r1, ("sort", sort), ("line", "dc")]);
        assert_eq!(
            ["exp", "mig", "new"].map(dc),
            [8_981_219, 732_788, 6_663_935]
        );
        for sort in ["exp", "mig", "new"] {
            for product in ["jira-dc", "jira-cloud", "conf-dc", "conf-cloud"] {
                let cell = [("sort", sort), ("product", product)];
                assert_eq!(of(&cell), 150_000_000);
            }
        }
    }
}

#[test]
fn two_edits_that_decide_one_cell_are_refused() {
    let plan = two_quarters(ORDERS[0]);
    let to = vec![SplitPart {
        at: rep("r2"),
        share: Ratio::ONE,
    }];
    let take = Take::Amount(money("10000"));
    let transfer = Reallocation::transfer("sales", vec![rep("r1")], take, to).unwrap();
    let asked = locks(&[(&[("rep", "r1")], "150000")]);
    let error = done(&plan, vec![asked.clone(), transfer]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t1 / r1 / 2026-Q1 is decided by edit 1 and by edit 2: make them in two changes, or leave one of them out"
    );
    let verb = Verb::Proportional {
        amount: money("100000"),
    };
    let spread = Edit::Spread(Spread::new("sales", rep("r1"), verb).unwrap());
    let mut same = plan.clone();
    let transfer_back = Reallocation::transfer(
        "sales",
        vec![rep("r1")],
        Take::Share(Ratio::ONE),
        vec![SplitPart {
            at: rep("r4"),
            share: Ratio::ONE,
        }],
    );
    // What stands before the first reallocation is read by it; what stands between two of them and moves the same cells is refused.
    let asked = Edit::Reallocate(asked);
    same.apply(changed(&plan, vec![spread.clone(), asked.clone()]))
        .unwrap();
    assert_eq!(worth(&same, &[("rep", "r1")]), 150_000);
    let to_r4 = Edit::Reallocate(transfer_back.unwrap());
    let of_others = Edit::Reallocate(locks(&[(&[("rep", "r2")], "500000")]).frozen(rep("r1")));
    let error = plan
        .clone()
        .apply(changed(&plan, vec![of_others, spread, to_r4]))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "t1 / r1 / 2026-Q1 is decided by edit 3 and by another edit of the change: make them in two changes, or leave one of them out"
    );
}

#[test]
fn what_cannot_be_read_is_told_with_the_way_out() {
    let plan = three_sorts();
    let told = |asked: Reallocation| done(&plan, vec![asked]).unwrap_err().to_string();
    let (r1, exp) = (("rep", "r1"), ("sort", "exp"));
    assert_eq!(
        told(locks(&[(&[r1, exp], "300000")])),
        "which members give way to each other is not clear from rep r1, sort exp: say `across` which step"
    );
    assert_eq!(
        told(locks(&[(&[exp], "300000")]).across("rep").unwrap()),
        "sort exp names nobody at a step of `rep`, across which amounts move, so that its total is kept: name a member there, or say another `across`"
    );
    assert_eq!(
        told(locks(&[(&[("rep", "r9")], "1")])),
        plan.frame().node(&rep("r9")).unwrap_err().to_string()
    );
    let twice = locks(&[(&[r1], "600000"), (&[r1], "600001")]);
    let error = done(&plan, vec![twice]).unwrap_err();
    assert!(
        matches!(error, PlanError::Edit(EditError::Locks(_))),
        "{error}"
    );
}

#[test]
fn asking_before_tells_room_by_parent_and_cell_all_conflicts_and_every_role() {
    let plan = two_quarters(ORDERS[0]);
    let r1 = ("rep", "r1");
    let asked = locks(&[(&[r1], "150000")]).frozen(rep("r2"));
    let told = plan.reallocation(&asked).unwrap();
    let rooms: Vec<String> = told.rooms.iter().map(ToString::to_string).collect();
    assert_eq!(
        rooms,
        [
            "quarter 2026-Q1, team t1: 600000.00, of which 50000.00 locked, 200000.00 held; 350000.00 left to others, who have 300000.00: fits",
            "quarter 2026-Q2, team t1: 1200000.00, of which 100000.00 locked, 400000.00 held; 700000.00 left to others, who have 600000.00: fits",
        ]
    );
    let nodes: Vec<String> = told.nodes.iter().map(ToString::to_string).collect();
    assert_eq!(
        nodes[..5],
        [
            "all: 3000000.00 stays (bystander)",
            "t1: 1800000.00 stays (bystander)",
            "t1 / r1: 300000.00 becomes 150000.00 (source)",
            "t1 / r2: 600000.00 stays (bystander)",
            "t1 / r3: 900000.00 becomes 1050000.00 (absorbing)",
        ]
    );
    let mut new = plan.clone();
    let at = "2025-12-05T09:30:00".parse().unwrap();
    new.apply(told.change(key("ann"), at, "agreed")).unwrap();
    for own in &told.nodes {
        assert_eq!(new.amount("sales", own.node).unwrap(), own.after);
    }
    // Two that cannot be, in one answer: r1 in both quarters, and r4, who is the only one of its team.
    let asked = locks(&[(&[r1], "1900000"), (&[("rep", "r4")], "1")]);
    let told = plan.reallocation(&asked).unwrap();
    let mut conflicts: Vec<String> = told.conflicts.iter().map(ToString::to_string).collect();
    conflicts.sort();
    assert_eq!(
        conflicts,
        [
            "rep r1 = 1900000 cannot be: needed 1900000, available 1800000, with what is kept at quarter 2026-Q1, team t1; quarter 2026-Q2, team t1",
            "rep r4 = 1 cannot be: needed 1200000, available 1, with what is kept at quarter 2026-Q1, team t2; quarter 2026-Q2, team t2",
        ]
    );
    assert!(told.nodes.is_empty());
    let error = done(&plan, vec![asked]).unwrap_err();
    assert!(conflicts.contains(&error.to_string()), "{error}");
    // Of a transfer everybody has a role too.
    let to = vec![SplitPart {
        at: rep("r4"),
        share: Ratio::ONE,
    }];
    let take = Take::Amount(money("30"));
    let asked = Reallocation::transfer("sales", vec![rep("r1")], take, to).unwrap();
    let told = plan.reallocation(&asked).unwrap();
    let nodes: Vec<String> = told.nodes.iter().map(ToString::to_string).collect();
    assert_eq!(
        nodes[..4],
        [
            "all: 3000000.00 stays (bystander)",
            "t1: 1800000.00 becomes 1799970.00 (source)",
            "t2: 1200000.00 becomes 1200030.00 (destination)",
            "t1 / r1: 300000.00 becomes 299970.00 (source)",
        ]
    );
}

#[test]
fn a_reallocation_is_written_down() {
    let text = r#"{"reallocate": {"measure": "sales", "across": "rep", "frozen": [{"rep": "r2"}],
        "verb": {"lock": {"totals": [{"at": [{"rep": "r1"}], "total": "150000"}], "clash": "narrower_wins"}}}}"#;
    let edit: Edit = serde_json::from_str(text).unwrap();
    let asked = locks(&[(&[("rep", "r1")], "150000")]);
    let asked = asked
        .across("rep")
        .unwrap()
        .frozen(rep("r2"))
        .narrower_wins();
    assert_eq!(edit, Edit::Reallocate(asked));
    let text =
        r#"{"reallocate": {"measure": "sales", "verb": {"transfer": {"from": [{"rep": "r1"}]}}}}"#;
    let edit: Edit = serde_json::from_str(text).unwrap();
    let asked = Reallocation::transfer("sales", vec![rep("r1")], Take::default(), Vec::new());
    assert_eq!(edit, Edit::Reallocate(asked.unwrap()));
    let _: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&serde_json::to_string(&edit).unwrap()).unwrap();
}
