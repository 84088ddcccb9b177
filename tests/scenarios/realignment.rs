//! Somebody changes team, and everybody sells exactly the target: every row of every level is at its target.

use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    ActivityDef, BasisDef, Cascade, CascadeDef, Change, CountedDays, EditError, Place, Plan,
    PlanError, Sources, StepDef, Stretch, Table, TableUse,
};
use quotaflow::quantity::Quantum;
use quotaflow::scenario::ScenarioDef;
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
        "rules": [{"key": "missed", "when": rule, "severity": {"fixed": "critical"}}]
    })
}

/// The rows that are not exactly at their target, and the alerts.
fn off_target(document: Value) -> (Vec<String>, usize) {
    let scenario: ScenarioDef = serde_json::from_value(document).unwrap();
    let outcome = serde_json::to_value(scenario.run().unwrap()).unwrap();
    let rows = outcome["figures"].as_array().unwrap().iter();
    let off = rows
        .filter(|row| {
            let values = &row["values"];
            values["target:sales"].is_string() && values["sales"] != values["target:sales"]
        })
        .map(ToString::to_string)
        .collect();
    (off, outcome["alerts"].as_array().map_or(0, Vec::len))
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
            let scenario: ScenarioDef = serde_json::from_value(document).unwrap();
            assert!(scenario.run().is_ok());
            continue;
        }
        assert_eq!(off_target(document), (vec![], 0), "{moves} by {grain}");
    }
}

#[test]
fn a_team_that_lost_its_only_member_has_no_target_from_that_day() {
    let scenario: ScenarioDef =
        serde_json::from_value(company("2026-02-01", "month", "sales < 0")).unwrap();
    let outcome = serde_json::to_value(scenario.run().unwrap()).unwrap();
    let found: Vec<Value> = outcome["figures"]
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

/// Ann and bo of one team: 1,000.00 in each of January and February.
fn two() -> Plan {
    two_of(4_000)
}

fn two_of(total: impl Into<Decimal>) -> Plan {
    let people = DimensionDef::new("person", &["team", "person"])
        .and_then(|people| people.member("team", "north"))
        .and_then(|people| {
            people
                .child("person", "ann", "north")?
                .child("person", "bo", "north")
        })
        .unwrap();
    let days = DayRange::new("2026-01-01".parse().unwrap(), "2026-03-01".parse().unwrap()).unwrap();
    let mut recipe = year();
    recipe.horizon = days;
    recipe.steps[2].basis = BasisDef::Equal;
    cascaded(people, recipe, total)
}

fn edited(plan: &mut Plan, edits: &str) -> Result<u64, PlanError> {
    let based = plan.version();
    let text = format!(
        r#"{{"by":"lea","at":"2026-01-05T09:30:00","reason":"ann leaves","based_on":{based},"edits":{edits}}}"#
    );
    let done = plan.apply(serde_json::from_str::<Change>(&text).unwrap());
    assert_eq!(plan.verify(), []);
    done
}

fn between(plan: &Plan, who: &str, from: &str, to: &str) -> String {
    let days = DayRange::new(from.parse().unwrap(), to.parse().unwrap()).unwrap();
    let at = Place::whole().at("person", who).unwrap();
    plan.stretch("sales", &Stretch::new(at, days))
        .unwrap()
        .to_string()
}

#[test]
fn who_leaves_keeps_the_days_before_and_hands_over_the_rest() {
    let leave = r#"[{"leave": {"measure": "sales", "at": {"person": "ann"}, "from": "2026-01-15", "balance": "siblings"}}]"#;
    let mut plan = two();
    let version = edited(&mut plan, leave).unwrap();
    // 14 of 31 days of 1,000.00 are 451.61.
    assert_eq!(at(&plan, &["north", "ann", "2026-01"]).unwrap(), "451.61");
    assert_eq!(at(&plan, &["north", "ann", "2026-02"]).unwrap(), "0.00");
    assert_eq!(at(&plan, &["north", "bo", "2026-01"]).unwrap(), "1548.39");
    assert_eq!(at(&plan, &["north"]).unwrap(), "4000.00");
    assert_eq!(between(&plan, "ann", "2026-01-01", "2026-01-15"), "451.61");
    assert_eq!(between(&plan, "ann", "2026-01-15", "2026-03-01"), "0.00");
    assert_eq!(between(&plan, "bo", "2026-01-01", "2026-01-15"), "451.61");
    assert_eq!(between(&plan, "bo", "2026-01-15", "2026-02-01"), "1096.78");
    let handed = serde_json::to_value(plan.handovers(version).unwrap()).unwrap();
    assert_eq!(
        handed,
        json!([
            {"measure": "sales", "from": ["north", "ann", "2026-01"], "to": ["north", "bo", "2026-01"],
             "days": {"start": "2026-01-15", "end": "2026-02-01"}, "amount": "548.39", "closed": false},
            {"measure": "sales", "from": ["north", "ann", "2026-02"], "to": ["north", "bo", "2026-02"],
             "days": {"start": "2026-02-01", "end": "2026-03-01"}, "amount": "1000", "closed": false},
        ])
    );
    // What is closed is told, and stays.
    let mut plan = two();
    edited(&mut plan, r#"[{"close": {"before": "2026-02-01"}}]"#).unwrap();
    let version = edited(&mut plan, leave).unwrap();
    assert_eq!(at(&plan, &["north", "ann", "2026-01"]).unwrap(), "1000.00");
    assert_eq!(at(&plan, &["north", "bo", "2026-02"]).unwrap(), "2000.00");
    let told = plan.handovers(version).unwrap();
    assert_eq!(
        told.iter()
            .map(|own| (own.closed, own.amount.to_string()))
            .collect::<Vec<_>>(),
        [(false, "1000.00".to_owned()), (true, "548.39".to_owned())]
    );
    // On top: the totals fall; and a team of one has nobody to take over.
    let mut plan = two();
    edited(&mut plan, &leave.replace("siblings", "top")).unwrap();
    assert_eq!(at(&plan, &["north"]).unwrap(), "2451.61");
    let team = leave.replace(r#"{"person": "ann"}"#, r#"{"team": "north"}"#);
    let error = edited(&mut two(), &team).unwrap_err();
    assert!(
        error.to_string().starts_with(
            "nobody is planned to balance north / ann / 2026-01 from 2026-01-15 until 2026-02-01"
        ),
        "{error}"
    );
}

#[test]
fn half_of_an_absence_goes_to_whom_it_is_given() {
    let mut plan = two();
    // 14 of 28 days of February are 500.00, half of which goes.
    let absent = r#"[{"absent": {"measure": "sales", "at": {"person": "ann"}, "days": {"start": "2026-02-01", "end": "2026-02-15"},
        "share": "1/2", "balance": {"place": {"person": "bo"}}}}]"#;
    edited(&mut plan, absent).unwrap();
    assert_eq!(between(&plan, "ann", "2026-02-01", "2026-02-15"), "250.00");
    assert_eq!(between(&plan, "ann", "2026-02-15", "2026-03-01"), "500.00");
    assert_eq!(between(&plan, "bo", "2026-02-01", "2026-02-15"), "750.00");
    assert_eq!(at(&plan, &["north"]).unwrap(), "4000.00");
}

#[test]
fn an_absence_gives_away_nothing_some_or_all_of_its_days() {
    let absent = |share: &str| {
        format!(
            r#"[{{"absent": {{"measure": "sales", "at": {{"person": "ann"}}, "days": {{"start": "2026-02-01", "end": "2026-03-01"}},
            "share": "{share}"}}}}]"#
        )
    };
    for (share, ann, bo) in [
        ("0", "1000.00", "1000.00"),
        ("1/4", "750.00", "1250.00"),
        ("1", "0.00", "2000.00"),
    ] {
        let mut plan = two();
        edited(&mut plan, &absent(share)).unwrap();
        assert_eq!(at(&plan, &["north", "ann", "2026-02"]).unwrap(), ann);
        assert_eq!(at(&plan, &["north", "bo", "2026-02"]).unwrap(), bo);
    }
    for share in ["-1/4", "5/4"] {
        let error = edited(&mut two(), &absent(share)).unwrap_err().to_string();
        assert!(
            error.ends_with("is no part of a target: write a share from 0 to 1"),
            "{error}"
        );
    }
}

#[test]
fn who_moves_takes_the_target_along_or_leaves_it_behind() {
    let moved = |target: &str| {
        format!(
            r#"[{{"move": {{"measure": "sales", "at": {{"person": "ann"}}, "to": {{"person": "bo"}}, "from": "2026-02-01",
            "target": {target}, "balance": "top"}}}}]"#
        )
    };
    for (target, bo, north, told) in [
        (r#""follows""#, "2000.00", "4000.00", vec!["1000.00"]),
        (r#""stays""#, "1000.00", "3000.00", vec!["1000.00"]),
        (
            r#"{"amount": "250"}"#,
            "1250.00",
            "3250.00",
            vec!["250.00", "750.00"],
        ),
    ] {
        let mut plan = two();
        let version = edited(&mut plan, &moved(target)).unwrap();
        let rows = [
            ["north", "ann", "2026-01"],
            ["north", "ann", "2026-02"],
            ["north", "bo", "2026-02"],
        ];
        let rows = rows.map(|path| at(&plan, &path).unwrap());
        assert_eq!(rows, ["1000.00", "0.00", bo], "{target}");
        assert_eq!(at(&plan, &["north"]).unwrap(), north, "{target}");
        let handed = plan.handovers(version).unwrap();
        let amounts: Vec<String> = handed.iter().map(|own| own.amount.to_string()).collect();
        assert_eq!(amounts, told, "{target}");
    }
}

#[test]
fn who_is_split_gives_each_part_its_share() {
    let split = |ann: &str, bo: &str| {
        format!(
            r#"[{{"split": {{"measure": "sales", "at": {{"person": "ann"}}, "from": "2026-02-01",
            "into": [{{"at": {{"person": "bo"}}, "share": "{bo}"}}, {{"at": {{"person": "ann"}}, "share": "{ann}"}}]}}}}]"#
        )
    };
    let mut plan = two();
    let version = edited(&mut plan, &split("1/6", "1/3")).unwrap();
    // One part and two parts of 1,000.00; the first one named has the cent to spare.
    assert_eq!(at(&plan, &["north", "ann", "2026-02"]).unwrap(), "333.33");
    assert_eq!(at(&plan, &["north", "bo", "2026-02"]).unwrap(), "1666.67");
    assert_eq!(at(&plan, &["north", "ann", "2026-01"]).unwrap(), "1000.00");
    let handed = plan.handovers(version).unwrap();
    let amounts: Vec<String> = handed.iter().map(|own| own.amount.to_string()).collect();
    assert_eq!(amounts, ["666.67", "333.33"]);
    for (ann, bo) in [("0", "0"), ("-1", "2")] {
        let error = edited(&mut two(), &split(ann, bo)).unwrap_err();
        assert!(
            matches!(error, PlanError::Edit(EditError::NoParts { .. })),
            "{error}"
        );
    }
}

#[test]
fn a_single_cent_is_handed_over_and_told() {
    let mut plan = two_of(Decimal::new(4, 2));
    let leave =
        r#"[{"leave": {"measure": "sales", "at": {"person": "ann"}, "from": "2026-02-01"}}]"#;
    let version = edited(&mut plan, leave).unwrap();
    assert_eq!(at(&plan, &["north", "ann", "2026-02"]).unwrap(), "0.00");
    assert_eq!(at(&plan, &["north", "bo", "2026-02"]).unwrap(), "0.02");
    let handed = plan.handovers(version).unwrap();
    let amounts: Vec<String> = handed.iter().map(|own| own.amount.to_string()).collect();
    assert_eq!(amounts, ["0.01"]);
}

#[test]
fn a_stretch_of_a_closed_cell_is_read_only() {
    let mut plan = two();
    edited(&mut plan, r#"[{"close": {"before": "2026-02-01"}}]"#).unwrap();
    let add = |from: &str, to: &str| {
        format!(
            r#"[{{"stretch": {{"measure": "sales", "stretch": {{"at": {{"person": "ann"}}, "days": {{"start": "{from}", "end": "{to}"}}}},
            "add": "10"}}}}]"#
        )
    };
    for to in ["2026-01-20", "2026-02-10"] {
        let error = edited(&mut plan, &add("2026-01-10", to)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "north / ann / 2026-01 is closed: all before 2026-02-01 is read-only"
        );
    }
    edited(&mut plan, &add("2026-02-01", "2026-02-10")).unwrap();
}

/// A cell of the largest amount there is: an edit that would run beyond it runs backwards afterwards.
#[test]
fn an_edit_of_a_stretch_stays_within_the_largest_amount() {
    let largest = Decimal::new(i64::MAX, 2);
    let days = DayRange::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap()).unwrap();
    let recipe = CascadeDef::new(
        "year".try_into().unwrap(),
        "sales".try_into().unwrap(),
        days,
    )
    .step(StepDef::member("person", "person").unwrap());
    let people = DimensionDef::flat("person", "person", ["ann"]).unwrap();
    let mut plan = cascaded(people, recipe, largest);
    let add = |amount: Decimal| {
        format!(
            r#"{{"stretch": {{"measure": "sales", "stretch": {{"at": {{"person": "ann"}},
            "days": {{"start": "2026-01-01", "end": "2026-07-01"}}}}, "add": "{amount}"}}}}"#
        )
    };
    for edits in [
        format!("[{}]", add(largest)),
        format!("[{0}, {0}]", add(largest - Decimal::ONE)),
    ] {
        assert!(edited(&mut plan, &edits).is_err());
        assert_eq!(
            between(&plan, "ann", "2026-01-01", "2027-01-01"),
            largest.to_string()
        );
    }
    // Half a year has half of it; the other half may come to it, and no more.
    edited(
        &mut plan,
        &format!("[{}]", add(Decimal::new(i64::MAX / 2, 2))),
    )
    .unwrap();
}

#[test]
fn months_that_were_split_by_working_days_are_cut_by_working_days() {
    let office =
        quotaflow::calendar::WorkingDaysDef::monday_to_friday("office".try_into().unwrap());
    let office = quotaflow::calendar::WorkingDays::new(office).unwrap();
    let (measures, calendar) = (sales(), Calendar::gregorian());
    let space = Space::new(vec![
        DimensionDef::flat("person", "person", ["ann"]).unwrap(),
    ])
    .unwrap();
    let sources = Sources::new(&measures, &space)
        .calendar(&calendar)
        .working_days(&office);
    let days = DayRange::new("2026-01-01".parse().unwrap(), "2026-02-01".parse().unwrap()).unwrap();
    let recipe = CascadeDef::new(
        "january".try_into().unwrap(),
        "sales".try_into().unwrap(),
        days,
    )
    .step(StepDef::grain(Grain::Month).basis(BasisDef::WorkingDays))
    .step(StepDef::member("person", "person").unwrap());
    let plan = Cascade::compile(recipe, &sources)
        .unwrap()
        .run(2_200.into())
        .unwrap();
    // January has 22 days from Monday to Friday; the 3rd and the 4th are a weekend.
    assert_eq!(between(&plan, "ann", "2026-01-03", "2026-01-05"), "0.00");
    assert_eq!(between(&plan, "ann", "2026-01-05", "2026-01-06"), "100.00");
}

#[test]
fn who_moves_is_summed_up_where_they_stand_on_the_first_day_of_a_cell() {
    let mut recipe = year();
    recipe.steps.remove(0);
    recipe.steps[0].basis = BasisDef::Equal;
    let plan = cascaded(moving(), recipe, 36_500);
    let halves = Calendar::gregorian()
        .year_periods(Grain::Half, 2026)
        .unwrap();
    let teams = [Axis::new("person", "team").unwrap()];
    let sums = plan.roll_up("sales", &teams, Some(&halves)).unwrap();
    let by_month = |person: &str, months: std::ops::RangeInclusive<u32>| -> i64 {
        months
            .filter_map(|month| {
                let month = format!("2026-{month:02}");
                let node = plan.frame().find(&[person, &month]).ok()?;
                Some(plan.amount("sales", node).unwrap().units())
            })
            .sum()
    };
    let first = by_month("ann", 1..=6) + by_month("cy", 1..=3) + by_month("di", 1..=6);
    let (second, south) = (
        by_month("ann", 7..=12),
        by_month("bo", 7..=12) + by_month("di", 7..=12),
    );
    let found: i64 = sums.cells().iter().flatten().sum();
    assert_eq!(found, 3_650_000);
    let cells: Vec<i64> = sums
        .cells()
        .iter()
        .flatten()
        .copied()
        .filter(|cell| *cell != 0)
        .collect();
    assert_eq!(cells, [first, second, south]);
}

#[test]
fn an_edited_stretch_takes_from_the_later_days_and_never_runs_backwards() {
    let add = |amount: &str| {
        format!(
            r#"[{{"stretch": {{"measure": "sales", "stretch": {{"at": {{"person": "ann"}},
            "days": {{"start": "2026-01-10", "end": "2026-01-20"}}}}, "add": "{amount}"}}}}]"#
        )
    };
    let mut plan = two();
    edited(&mut plan, &add("100")).unwrap();
    assert_eq!(at(&plan, &["north", "ann", "2026-01"]).unwrap(), "1000.00");
    // 9 days of 1,000.00 are 290.32, 19 days 612.90.
    assert_eq!(between(&plan, "ann", "2026-01-01", "2026-01-10"), "290.32");
    assert_eq!(between(&plan, "ann", "2026-01-10", "2026-01-20"), "422.58");
    assert_eq!(between(&plan, "ann", "2026-01-20", "2026-02-01"), "287.10");
    let days = DayRange::new("2026-01-01".parse().unwrap(), "2026-01-15".parse().unwrap()).unwrap();
    let why = plan
        .explain_stretch(
            "sales",
            &Stretch::new(Place::whole().at("person", "ann").unwrap(), days),
        )
        .unwrap();
    // Five of the ten days bring 50.00 beside 451.61.
    assert_eq!(why.amount.to_string(), "501.61");
    assert_eq!((why.cells[0].days, why.cells[0].of), (14.into(), 31.into()));
    assert_eq!(why.cells[0].edits[0].1.to_string(), "50.00");
    let error = edited(&mut plan, &add("400")).unwrap_err();
    assert!(matches!(
        &error,
        PlanError::Edit(EditError::RunsBackwards { .. })
    ));
    assert_eq!(
        error.to_string(),
        "north / ann / 2026-01 would run backwards from 2026-01-20, by -112.90: add less before, or take less away from then on"
    );
}

#[test]
fn who_was_not_planned_gets_a_node_and_nothing_else_moves() {
    let mut plan = two();
    let join = r#"[{"join": {"measure": "sales", "at": {"person": "cy"}, "from": "2026-02-01", "amount": "600", "new": {"below": "north"}}}]"#;
    edited(
        &mut plan,
        r#"[{"leave": {"measure": "sales", "at": {"person": "ann"}, "from": "2026-01-15"}}]"#,
    )
    .unwrap();
    let version = edited(&mut plan, join).unwrap();
    assert_eq!(at(&plan, &["north", "cy", "2026-02"]).unwrap(), "600.00");
    assert_eq!(at(&plan, &["north", "cy", "2026-01"]), None);
    // Ann has nothing left in February, so that all of it comes from bo.
    assert_eq!(at(&plan, &["north", "bo", "2026-02"]).unwrap(), "1400.00");
    assert_eq!(at(&plan, &["north", "bo", "2026-01"]).unwrap(), "1548.39");
    assert_eq!(at(&plan, &["north"]).unwrap(), "4000.00");
    assert_eq!(between(&plan, "ann", "2026-01-01", "2026-01-15"), "451.61");
    let moved: Vec<String> = plan
        .differences(version - 1, version)
        .unwrap()
        .iter()
        .map(|own| format!("{} {} {}", own.path, own.before, own.after))
        .collect();
    assert_eq!(
        moved,
        [
            "north / bo 3548.39 2948.39",
            "north / cy 0.00 600.00",
            "north / bo / 2026-02 2000.00 1400.00",
            "north / cy / 2026-02 0.00 600.00"
        ]
    );
    // Since the beginning, each with the versions that moved it.
    let versions: Vec<(String, Vec<u64>)> = plan
        .differences(0, version)
        .unwrap()
        .into_iter()
        .filter(|own| own.path.keys().len() == 3)
        .map(|own| (own.path.to_string(), own.versions))
        .collect();
    let moved = |path: &str, versions: &[u64]| (path.to_owned(), versions.to_vec());
    assert_eq!(
        versions,
        [
            moved("north / ann / 2026-01", &[1]),
            moved("north / ann / 2026-02", &[1]),
            moved("north / bo / 2026-01", &[1]),
            moved("north / bo / 2026-02", &[1, 2]),
            moved("north / cy / 2026-02", &[2]),
        ]
    );
    let bo = plan.frame().find(&["north", "bo", "2026-02"]).unwrap();
    assert_eq!(plan.explain("sales", bo).unwrap().moves.len(), 2);
    let text = serde_json::to_string(&plan.record()).unwrap();
    let loaded = serde_json::from_str::<quotaflow::plan::PlanRecord>(&text)
        .unwrap()
        .load()
        .unwrap();
    assert_eq!(
        loaded.units("sales", "month").unwrap(),
        plan.units("sales", "month").unwrap()
    );
    let again = edited(&mut plan, join).unwrap_err();
    assert_eq!(
        again.to_string(),
        "`cy` is in the plan already: leave out `new` to give a target to a member who is there"
    );
    edited(&mut plan, r#"[{"revert": {"to": 0}}]"#).unwrap();
    assert_eq!(at(&plan, &["north", "bo", "2026-02"]).unwrap(), "1000.00");
    assert_eq!(at(&plan, &["north", "cy"]), None);
}

#[test]
fn a_product_that_is_launched_after_the_plan_was_made_gets_a_target_from_its_day() {
    let products = DimensionDef::flat("product", "product", ["juice", "tea"]).unwrap();
    let days = DayRange::new("2026-01-01".parse().unwrap(), "2026-03-01".parse().unwrap()).unwrap();
    let recipe = CascadeDef::new("q".try_into().unwrap(), "sales".try_into().unwrap(), days)
        .step(StepDef::member("product", "product").unwrap())
        .step(StepDef::grain(Grain::Month));
    let mut plan = cascaded(products, recipe, 4_000);
    let launch = r#"[{"launch": {"measure": "sales", "at": {"product": "mate"}, "from": "2026-02-15", "amount": "100", "balance": "top", "new": {}}}]"#;
    edited(&mut plan, launch).unwrap();
    assert_eq!(at(&plan, &["mate", "2026-02"]).unwrap(), "100.00");
    assert_eq!(at(&plan, &[]).unwrap(), "4100.00");
    let february = plan.frame().find(&["mate", "2026-02"]).unwrap();
    assert_eq!(plan.frame().days(february)[0].days(), 14);
}
