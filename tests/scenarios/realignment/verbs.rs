//! Verbs of people, posts and products, and stretches that are edited.

use super::*;

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
