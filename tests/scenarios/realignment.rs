//! Somebody changes team, and everybody sells exactly the target: every row of every level is at its target.

mod verbs;

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    ActivityDef, BasisDef, Cascade, CascadeDef, Change, CountedDays, EditError, Place, Plan,
    PlanError, Sources, StepDef, Stretch, Table, TableUse,
};
use quotaflow::quantity::Quantum;
use quotaflow::scenario::ScenarioDef;

use crate::one_view::one_view;
use quotaflow::space::{Axis, DimensionDef, Space};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Ann changes from north to south on `moves`; ann and bo sell the target of each month, every day its share.
fn company(moves: &str, asked: &str, rule: &str) -> Value {
    let days = ["2026-01-01", "2026-01-15", "2026-02-01", "2026-02-15"];
    let records: Vec<Value> = ["ann", "bo"]
        .iter()
        .flat_map(|person| {
            days.iter().map(move |day| {
                // 31 a month, one a day in January: 14 until the 14th and 17 from the 15th; 28 days in February, 14 and 14.
                let amount = match *day {
                    "2026-01-15" => "17.00",
                    _ => "14.00",
                };
                json!({"kind": "order", "id": format!("{person} {day}"), "day": day,
                       "members": {"person": person}, "amounts": {"sales": amount}})
            })
        })
        .collect();
    json!({
        "as_of": "2026-02-28",
        "schema": {
            "space": [{"key": "person", "hierarchies": [{"key": "person", "levels": ["team", "person"], "links": [
                {"member": "ann", "parent": "north", "to": moves}, {"member": "ann", "parent": "south", "from": moves},
                {"member": "bo", "parent": "south"}]}],
                "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                    {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}]}],
            "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
            "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}]}],
            "span": {"start": "2025-01-01", "end": "2027-01-01"}
        },
        "records": records,
        "subjects": [{"dimension": "person", "level": "team"}],
        "periods": {"grain": asked, "from": "2026-01-01", "to": "2026-03-01"},
        "metrics": [{"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}],
        "targets": [{"cascade": {"total": "118.00", "recipe": {"key": "b", "measure": "sales",
            "horizon": {"start": "2026-01-01", "end": "2026-03-01"},
            "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}},
                      {"by": {"grain": "month"}, "basis": "calendar_days"}]}}}],
        "rules": [{"key": "missed", "when": rule, "severity": "critical"}]
    })
}

/// The rows that are not exactly at their target, and the alerts.
fn off_target(document: &Value) -> (Vec<String>, usize) {
    let scenario: ScenarioDef = serde_json::from_value(one_view(document)).unwrap();
    let outcome = serde_json::to_value(scenario.run().unwrap()).unwrap();
    let rows = outcome["views"][0]["figures"].as_array().unwrap().iter();
    let off = rows
        .filter(|row| {
            let values = &row["values"];
            values["target:sales"].is_string() && values["sales"] != values["target:sales"]
        })
        .map(ToString::to_string)
        .collect();
    (
        off,
        outcome["views"][0]["alerts"].as_array().map_or(0, Vec::len),
    )
}

#[test]
fn who_changes_team_leaves_both_teams_at_their_target() {
    for (moves, grain) in [
        ("2026-02-01", "month"),
        ("2026-01-15", "month"),
        ("2026-02-15", "month"),
        ("2026-02-01", "quarter"),
        ("2026-01-15", "quarter"),
        ("2026-02-15", "week"),
    ] {
        let document = company(moves, grain, "sales < target(sales)");
        if grain == "week" {
            // Sales are entered twice a month, so weeks differ; but no week is refused.
            let scenario: ScenarioDef = serde_json::from_value(one_view(&document)).unwrap();
            assert!(scenario.run().is_ok());
            continue;
        }
        assert_eq!(off_target(&document), (vec![], 0), "{moves} by {grain}");
    }
}

#[test]
fn a_team_that_lost_its_only_member_has_no_target_from_that_day() {
    let scenario: ScenarioDef =
        serde_json::from_value(one_view(&company("2026-02-01", "month", "sales < 0"))).unwrap();
    let outcome = serde_json::to_value(scenario.run().unwrap()).unwrap();
    let found: Vec<Value> = outcome["views"][0]["figures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["values"]["target:sales"].clone())
        .collect();
    // 118 over two people and 59 days: 31 and 28 each. North has ann's January and nothing more; south has bo's January and
    // both in February.
    assert_eq!(
        found[..4],
        [
            json!("31"),
            json!({"none": "not_applicable"}),
            json!("31"),
            json!("56")
        ],
    );
}

fn sales() -> Measures {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    Measures::new(vec![sales]).unwrap()
}

/// A year over teams, people and months; each month by its days.
fn year() -> CascadeDef {
    let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    CascadeDef::new(
        "year".try_into().unwrap(),
        "sales".try_into().unwrap(),
        year,
    )
    .step(StepDef::member("person", "team").unwrap())
    .step(StepDef::member("person", "person").unwrap())
    .step(StepDef::grain(Grain::Month).basis(BasisDef::CalendarDays))
}

fn cascaded(people: DimensionDef, recipe: CascadeDef, total: impl Into<Decimal>) -> Plan {
    let (measures, calendar) = (sales(), Calendar::gregorian());
    let space = Space::new(vec![people]).unwrap();
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let plan = Cascade::compile(recipe, &sources)
        .unwrap()
        .run(total.into())
        .unwrap();
    assert_eq!(plan.verify(), []);
    plan
}

fn at(plan: &Plan, path: &[&str]) -> Option<String> {
    let node = plan.frame().find(path).ok()?;
    Some(plan.amount("sales", node).unwrap().to_string())
}

/// Ann is in the north throughout, bo joins the south on 1 July, cy leaves the north on 1 April, di changes from north to south on
/// 1 July.
fn moving() -> DimensionDef {
    let day = |text: &str| Some(text.parse().unwrap());
    DimensionDef::new("person", &["team", "person"])
        .and_then(|people| people.member("team", "north")?.member("team", "south"))
        .and_then(|people| people.child("person", "ann", "north"))
        .and_then(|people| {
            people
                .member("person", "bo")?
                .member("person", "cy")?
                .member("person", "di")
        })
        .and_then(|people| people.link("person", "bo", "south", day("2026-07-01"), None))
        .and_then(|people| people.link("person", "cy", "north", None, day("2026-04-01")))
        .and_then(|people| people.link("person", "di", "north", None, day("2026-07-01")))
        .and_then(|people| people.link("person", "di", "south", day("2026-07-01"), None))
        .unwrap()
}

#[test]
fn who_joins_is_planned_from_then_on_and_who_leaves_until_then() {
    // The north has somebody on all 365 days of the year, the south on 184. Of the north's 3,650.00 ann, cy and di share by 365,
    // 90 and 181 days; of the south's 1,840.00 bo and di by 184 each.
    for known in [None, Some("2026-07-01"), Some("2026-08-15")] {
        let mut recipe = year();
        recipe.membership = known.map(|day| day.parse().unwrap());
        let plan = cascaded(moving(), recipe, 5_490);
        assert_eq!(at(&plan, &["north"]).unwrap(), "3650.00");
        assert_eq!(at(&plan, &["south"]).unwrap(), "1840.00");
        assert_eq!(at(&plan, &["south", "bo"]).unwrap(), "920.00");
        // 920 over 184 days are 5.00 a day.
        assert_eq!(at(&plan, &["south", "bo", "2026-07"]).unwrap(), "155.00");
        assert_eq!(at(&plan, &["south", "bo", "2026-06"]), None);
        assert_eq!(at(&plan, &["north", "cy", "2026-03"]).unwrap(), "177.91");
        assert_eq!(at(&plan, &["north", "cy", "2026-04"]), None);
        assert_eq!(at(&plan, &["north", "di", "2026-07"]), None);
        assert_eq!(at(&plan, &["south", "di", "2026-06"]), None);
        assert_eq!(at(&plan, &["south", "di"]).unwrap(), "920.00");
        let all_of_di = plan.get("sales", ["di"], "2026-06").unwrap();
        assert_eq!(
            Some(all_of_di.figure().unwrap().amount().unwrap().to_string()),
            at(&plan, &["north", "di", "2026-06"])
        );
    }
}

#[test]
fn on_the_first_day_nobody_has_moved_yet() {
    let mut recipe = year();
    recipe.membership = Some("2026-01-01".parse().unwrap());
    // The south has nobody then, so that nothing can be split there.
    let (measures, calendar) = (sales(), Calendar::gregorian());
    let space = Space::new(vec![moving()]).unwrap();
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let error = Cascade::compile(recipe, &sources).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at south there is nothing to split by at step `person`"
    );
}

#[test]
fn days_within_a_month_count_too_by_all_days_or_by_those_that_are_worked() {
    let people = DimensionDef::new("person", &["team", "person"])
        .and_then(|people| people.member("team", "north"))
        .and_then(|people| people.child("person", "ann", "north"))
        .and_then(|people| people.member("person", "bo"))
        .and_then(|people| {
            people.link(
                "person",
                "bo",
                "north",
                Some("2026-01-19".parse().unwrap()),
                None,
            )
        })
        .unwrap();
    let january =
        DayRange::new("2026-01-01".parse().unwrap(), "2026-02-01".parse().unwrap()).unwrap();
    let recipe = || {
        CascadeDef::new(
            "january".try_into().unwrap(),
            "sales".try_into().unwrap(),
            january,
        )
        .step(StepDef::grain(Grain::Month))
        .step(StepDef::member("person", "person").unwrap())
    };
    // Bo is there for 13 of 31 days: 440.00 are 310.00 and 130.00.
    let plan = cascaded(people.clone(), recipe(), 440);
    assert_eq!(at(&plan, &["2026-01", "bo"]).unwrap(), "130.00");
    // Of 22 days from Monday to Friday bo has 10: 320.00 are 220.00 and 100.00.
    let office =
        quotaflow::calendar::WorkingDaysDef::monday_to_friday("office".try_into().unwrap());
    let office = quotaflow::calendar::WorkingDays::new(office).unwrap();
    let (measures, calendar) = (sales(), Calendar::gregorian());
    let space = Space::new(vec![people]).unwrap();
    let sources = Sources::new(&measures, &space)
        .calendar(&calendar)
        .working_days(&office);
    let mut worked = recipe();
    worked.days = Some(CountedDays::Working);
    let plan = Cascade::compile(worked, &sources)
        .unwrap()
        .run(320.into())
        .unwrap();
    assert_eq!(at(&plan, &["2026-01", "bo"]).unwrap(), "100.00");
}

#[test]
fn who_hangs_right_below_the_pool_is_planned_by_weight() {
    let people = DimensionDef::new("person", &["pool", "team", "person"])
        .and_then(|people| people.member("pool", "east"))
        .and_then(|people| people.child("team", "t1", "east"))
        .and_then(|people| people.child("person", "r1", "t1"))
        .and_then(|people| people.child("person", "r2", "east"))
        .unwrap();
    let (measures, space) = (sales(), Space::new(vec![people]).unwrap());
    let table = Table::of_members(
        Axis::new("person", "person").unwrap(),
        &[("r1", 300.into()), ("r2", 100.into())],
    )
    .unwrap();
    let sources = Sources::new(&measures, &space).table("kw".try_into().unwrap(), table);
    let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    let by = || BasisDef::Capacity(TableUse::total("kw").unwrap());
    let recipe = ["pool", "team", "person"].into_iter().fold(
        CascadeDef::new(
            "year".try_into().unwrap(),
            "sales".try_into().unwrap(),
            year,
        ),
        |recipe, level| recipe.step(StepDef::member("person", level).unwrap().basis(by())),
    );
    let plan = Cascade::compile(recipe, &sources)
        .unwrap()
        .run(1_000_000.into())
        .unwrap();
    assert_eq!(
        at(&plan, &["east", "unassigned", "r2"]).unwrap(),
        "250000.00"
    );
    assert_eq!(at(&plan, &["east", "t1", "r1"]).unwrap(), "750000.00");
    let teams = plan
        .roll_up("sales", &[Axis::new("person", "team").unwrap()], None)
        .unwrap();
    assert_eq!(teams.of("unassigned").unwrap().to_string(), "250000.00");
}

#[test]
fn history_of_who_moved_counts_where_they_are_by_days() {
    // Di's history of 365 counts in the north for 181 days and in the south for 184; ann's whole in the north; bo has 365 for 184
    // of 365 days; cy none. North 365 + 181 = 546, south 184 + 184 = 368.
    let (measures, calendar) = (sales(), Calendar::gregorian());
    let space = Space::new(vec![moving()]).unwrap();
    let history = [
        ("ann", 365.into()),
        ("bo", 365.into()),
        ("cy", 0.into()),
        ("di", 365.into()),
    ];
    let table = Table::of_members(Axis::new("person", "person").unwrap(), &history).unwrap();
    let sources = Sources::new(&measures, &space)
        .calendar(&calendar)
        .table("last".try_into().unwrap(), table);
    let mut recipe = year();
    recipe.steps[0].basis = BasisDef::History(TableUse::total("last").unwrap());
    recipe.steps[1].basis = BasisDef::History(TableUse::total("last").unwrap());
    let plan = Cascade::compile(recipe, &sources)
        .unwrap()
        .run(914.into())
        .unwrap();
    assert_eq!(at(&plan, &["north"]).unwrap(), "546.00");
    assert_eq!(at(&plan, &["north", "di"]).unwrap(), "181.00");
    assert_eq!(at(&plan, &["south", "di"]).unwrap(), "184.00");
    assert_eq!(at(&plan, &["south", "bo"]).unwrap(), "184.00");
    assert_eq!(at(&plan, &["north", "cy"]).unwrap(), "0.00");
}

#[test]
fn a_launch_and_an_end_are_days_of_a_recipe() {
    let products = DimensionDef::flat("product", "product", ["juice", "tea", "water"]).unwrap();
    let product = |name: &str| Place::whole().at("product", name).unwrap();
    let year = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    let recipe = CascadeDef::new(
        "year".try_into().unwrap(),
        "sales".try_into().unwrap(),
        year,
    )
    .step(StepDef::member("product", "product").unwrap())
    .step(StepDef::grain(Grain::Quarter).basis(BasisDef::CalendarDays))
    .active(ActivityDef::from(
        product("tea"),
        "2026-03-01".parse().unwrap(),
    ))
    .active(ActivityDef::until(
        product("water"),
        "2026-03-16".parse().unwrap(),
    ));
    // 365, 306 and 74 days.
    let plan = cascaded(products.clone(), recipe.clone(), 745);
    assert_eq!(at(&plan, &["tea"]).unwrap(), "306.00");
    assert_eq!(at(&plan, &["tea", "2026-Q1"]).unwrap(), "31.00");
    assert_eq!(at(&plan, &["water", "2026-Q1"]).unwrap(), "74.00");
    assert_eq!(at(&plan, &["water", "2026-Q2"]), None);
    let text = serde_json::to_string(&recipe).unwrap();
    assert_eq!(serde_json::from_str::<CascadeDef>(&text).unwrap(), recipe);
    // Who is named, and that the days are days, is checked.
    let (measures, calendar) = (sales(), Calendar::gregorian());
    let space = Space::new(vec![products]).unwrap();
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    let refused = |activity: ActivityDef| {
        let mut recipe = recipe.clone();
        recipe.activity = vec![activity];
        Cascade::compile(recipe, &sources).unwrap_err().to_string()
    };
    let mut reversed = ActivityDef::from(product("tea"), "2026-03-01".parse().unwrap());
    reversed.until = Some("2026-03-01".parse().unwrap());
    assert_eq!(
        refused(reversed),
        "product tea would be planned from 2026-03-01 until 2026-03-01: name a day and a later one, or one of the two"
    );
    let quarter = Place::whole().at("quarter", "2026-Q1").unwrap();
    assert!(
        refused(ActivityDef::from(quarter, "2026-03-01".parse().unwrap()))
            .starts_with("quarter 2026-Q1 has no days of its own")
    );
    assert!(
        refused(ActivityDef::from(
            product("te"),
            "2026-03-01".parse().unwrap()
        ))
        .contains("did you mean `tea`?")
    );
}
