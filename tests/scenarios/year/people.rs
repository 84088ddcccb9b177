//! Who leaves, is away, works part of the time, changes places; teams that become one; calendars.

use super::*;

/// Customers hang on the posts that sell to them, close their deals and collect their debts.
fn desks() -> Value {
    let open = |figure: &str| json!({"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}, "figure": figure}});
    let year = months("2026-01-01", "2027-01-01");
    let posts = |level: &str, of: &str| {
        [format!("{of}-ann"), format!("{of}-bo")].map(|key| json!({"key": key, "level": level}))
    };
    let mut members: Vec<Value> = Vec::new();
    for (level, of) in [
        ("seller", "sells"),
        ("closer", "closes"),
        ("collector", "collects"),
    ] {
        members.extend(posts(level, of));
    }
    for customer in ["acme", "bolt"] {
        members.push(json!({"key": customer, "level": "customer"}));
    }
    let tree = |level: &str, of: &str| {
        let above = format!("{of}-ann");
        let links = ["acme", "bolt"].map(|member| json!({"member": member, "parent": above}));
        json!({"key": of, "levels": [level, "customer"], "links": links})
    };
    json!({
        "dimensions": [{"key": "customer", "members": members,
            "hierarchies": [tree("seller", "sells"), tree("closer", "closes"), tree("collector", "collects")]}],
        "measures": [euros("sales"), euros("amount")],
        "kinds": [{"key": "order", "dimensions": [{"field": "customer"}], "measures": [{"measure": "sales"}]},
            {"key": "deal", "dimensions": [{"field": "customer"}], "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"},
            {"key": "invoice", "dimensions": [{"field": "customer"}], "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"},
            {"key": "payment", "dimensions": [{"field": "customer"}], "measures": [{"measure": "amount", "need": "required"}], "opens": "amount"}],
        "span": {"start": "2026-01-01", "end": "2030-01-01"},
        "metrics": [sum("sales", "order", "sales", json!({})),
            {"key": "pipeline", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["deal"]}}}},
            {"key": "debts", "formula": {"open": {"value": {"measure": "amount"}, "of": {"kinds": ["invoice"]}}}},
            {"key": "entered", "formula": open("entered")}, {"key": "settled", "formula": open("settled")},
            {"key": "moved_in", "formula": open("moved_in")}, {"key": "moved_out", "formula": open("moved_out")}],
        "views": [rows("sellers", ("customer", "seller"), year.clone(), &["sales"]),
            rows("closers", ("customer", "closer"), year.clone(), &["pipeline"]),
            rows("collectors", ("customer", "collector"), year, &["debts", "entered", "settled", "moved_in", "moved_out"])]
    })
}

fn taken_over(id: &str, day: &str, customer: &str, tree: &str) -> Value {
    let to = format!("{tree}-bo");
    said(
        id,
        day,
        json!({"move": {"dimension": "customer", "hierarchy": tree, "member": customer, "parent": to}}),
    )
}

fn opened(id: &str, day: &str, kind: &str, customer: &str, euros: i64) -> Value {
    said(
        id,
        day,
        json!({"record":
        {"kind": kind, "members": {"customer": customer}, "amounts": {"amount": euros.to_string()}}}),
    )
}

/// A deal of 1,000 with acme and an invoice of 400 to bolt, of which 100 are paid on 5 April.
fn opening() -> Value {
    let to = json!({"source": "office", "id": "INV"});
    json!([
        opened("DEAL", "2026-03-01", "deal", "acme", 1_000),
        opened("INV", "2026-03-15", "invoice", "bolt", 400),
        opened("PAY", "2026-04-05", "payment", "bolt", 100),
        said(
            "APP",
            "2026-04-05",
            json!({"apply": {"to": to, "by": {"source": "office", "id": "PAY"}, "amount": "100"}})
        )
    ])
}

#[test]
fn who_leaves_keeps_what_was_booked_before_and_customers_go_to_a_caretaker_the_same_day() {
    let mut company = Company::new(sellers(), "2026-01-01");
    company.tell(
        "2026-04-15",
        json!([order("1", "2026-04-10", json!({"person": "ann"}), 100)]),
    );
    // Ann's last day is 15 April. One order of that day comes late, and one after it names her still.
    company.tell(
        "2026-04-20",
        json!([
            said(
                "left",
                "2026-04-16",
                json!({"end": {"dimension": "person", "member": "ann"}})
            ),
            order("2", "2026-04-15", json!({"person": "ann"}), 50),
            order("3", "2026-04-16", json!({"person": "ann"}), 30)
        ]),
    );
    assert_eq!(
        company.of("teams", "2026-04-30", ("sales", "north", "2026-04")),
        "150.00 EUR"
    );
    assert_eq!(
        company.of("teams", "2026-04-30", ("sales", "unassigned", "2026-04")),
        "30.00 EUR"
    );

    let mut desks = Company::new(desks(), "2026-01-01");
    desks.tell("2026-04-16", opening());
    let all = ["acme", "bolt"].map(|customer| {
        ["sells", "closes", "collects"].map(|tree| {
            taken_over(
                &format!("{customer} {tree}").replace(' ', "-"),
                "2026-04-16",
                customer,
                tree,
            )
        })
    });
    let mut all = all.concat();
    all.push(order("7", "2026-04-15", json!({"customer": "acme"}), 20));
    all.push(order("8", "2026-04-16", json!({"customer": "acme"}), 50));
    desks.tell("2026-04-17", all.into());
    let sold = |who: &str| desks.of("sellers", "2026-04-16", ("sales", who, "2026-04"));
    assert_eq!(
        [sold("sells-ann"), sold("sells-bo")],
        ["20.00 EUR", "50.00 EUR"]
    );
    assert_eq!(
        desks.of(
            "closers",
            "2026-04-15",
            ("pipeline", "closes-ann", "2026-04")
        ),
        "1000.00 EUR"
    );
    assert_eq!(
        desks.of(
            "closers",
            "2026-04-16",
            ("pipeline", "closes-ann", "2026-04")
        ),
        "0.00 EUR"
    );
    assert_eq!(
        desks.of(
            "closers",
            "2026-04-16",
            ("pipeline", "closes-bo", "2026-04")
        ),
        "1000.00 EUR"
    );
    // 400 of March less 100 paid in April: 300 change hands, and each row says how it came to its balance.
    let view = desks.view("collectors", "2026-04-30");
    let columns = ["debts", "entered", "settled", "moved_in", "moved_out"];
    let [ann, bo] =
        ["collects-ann", "collects-bo"].map(|row| figures(&view, columns, row, "2026-04"));
    assert_eq!(
        ann,
        [
            "0.00 EUR",
            "0.00 EUR",
            "100.00 EUR",
            "0.00 EUR",
            "300.00 EUR"
        ]
    );
    assert_eq!(
        bo,
        [
            "300.00 EUR",
            "0.00 EUR",
            "0.00 EUR",
            "300.00 EUR",
            "0.00 EUR"
        ]
    );
}

#[test]
fn open_deals_are_held_over_for_sixty_days_and_debts_until_they_are_signed_over() {
    let mut desks = Company::new(desks(), "2026-01-01");
    desks.tell("2026-04-16", opening());
    // New orders go to bo on 1 March; the deal 60 days later; the debts once that is signed, on 20 May.
    desks.tell(
        "2026-04-17",
        json!([
            taken_over("A", "2026-03-01", "acme", "sells"),
            taken_over("B", "2026-04-30", "acme", "closes"),
            order("1", "2026-03-10", json!({"customer": "acme"}), 70)
        ]),
    );
    desks.tell(
        "2026-05-21",
        json!([taken_over("C", "2026-05-20", "bolt", "collects")]),
    );
    assert_eq!(
        desks.of("sellers", "2026-04-30", ("sales", "sells-bo", "2026-03")),
        "70.00 EUR"
    );
    for (day, ann, bo) in [
        ("2026-04-29", "1000.00 EUR", "0.00 EUR"),
        ("2026-04-30", "0.00 EUR", "1000.00 EUR"),
    ] {
        assert_eq!(
            desks.of("closers", day, ("pipeline", "closes-ann", "2026-04")),
            ann
        );
        assert_eq!(
            desks.of("closers", day, ("pipeline", "closes-bo", "2026-04")),
            bo
        );
    }
    for (day, ann, bo) in [
        ("2026-05-19", "300.00 EUR", "0.00 EUR"),
        ("2026-05-20", "0.00 EUR", "300.00 EUR"),
    ] {
        assert_eq!(
            desks.of("collectors", day, ("debts", "collects-ann", "2026-05")),
            ann
        );
        assert_eq!(
            desks.of("collectors", day, ("debts", "collects-bo", "2026-05")),
            bo
        );
    }
}

/// The same sellers without the west, each a euro for each working day of 2026, of which there are 261.
fn office() -> Value {
    let mut model = sellers();
    model["working_days"] = json!({"key": "office", "week": ["1", "1", "1", "1", "1", "0", "0"]});
    let people = &mut model["dimensions"][0];
    people["members"].as_array_mut().unwrap().pop();
    people["hierarchies"][0]["links"]
        .as_array_mut()
        .unwrap()
        .pop();
    model["plans"][0]["recipes"][0]["steps"][1]["basis"] = json!("working_days");
    model["plans"][0]["recipes"][0]["days"] = json!("working");
    model
}

#[test]
fn a_long_absence_lowers_the_target_by_working_days_and_no_rule_and_no_ranking_speaks_of_it() {
    let mut model = office();
    let people = &mut model["dimensions"][0];
    let members = people["members"].as_array_mut().unwrap();
    members.push(json!({"key": "cy", "level": "person"}));
    let links = people["hierarchies"][0]["links"].as_array_mut().unwrap();
    links.push(json!({"member": "cy", "parent": "west"}));
    model["watches"] = json!([{"key": "watch", "view": "people", "from": "2026-04-01", "rules": [
        {"key": "behind", "when": "attainment(sales) < 80%", "severity": "serious"},
        {"key": "last", "when": "rank(attainment(sales)) >= 2", "severity": "warning"}]}]);
    let mut company = Company::new(model, "2026-01-01");
    // Away from 2 March to the end of May. After a waiting time of ten working days, from 16 March on, bo takes care of it all.
    let absent = json!([{"absent": {"measure": "sales", "at": {"person": "ann"},
        "days": {"start": "2026-03-16", "end": "2026-06-01"}, "balance": {"place": {"person": "bo"}}}}]);
    company.tell(
        "2026-04-01",
        json!([
            cascaded("2026-01-01", "783.00"),
            changed("away", "2026-03-02", absent),
            order("a", "2026-02-27", json!({"person": "ann"}), 20),
            order("b", "2026-02-27", json!({"person": "bo"}), 10)
        ]),
    );
    // March has 22 working days, of which 12 lie in the absence; April has 22 and June 22.
    for (month, ann, bo) in [
        ("2026-03", "10.00 EUR", "34.00 EUR"),
        ("2026-04", "0.00 EUR", "44.00 EUR"),
        ("2026-06", "22.00 EUR", "22.00 EUR"),
    ] {
        assert_eq!(
            company.of("people", "2026-06-30", ("target:sales", "ann", month)),
            ann
        );
        assert_eq!(
            company.of("people", "2026-06-30", ("target:sales", "bo", month)),
            bo
        );
    }
    company.tell(
        "2026-05-01",
        json!([
            order("c", "2026-04-15", json!({"person": "bo"}), 20),
            order("d", "2026-04-01", json!({"person": "cy"}), 40)
        ]),
    );
    assert_eq!(
        company.of(
            "people",
            "2026-04-30",
            ("attainment(sales)", "ann", "2026-04")
        ),
        "no base"
    );
    // Of bo at 20 of 44 both rules speak, behind cy at 40 of 22; of ann nothing is said on any day of April.
    let april = chrono::NaiveDate::from_ymd_opt(2026, 4, 1)
        .unwrap()
        .iter_days()
        .take(30);
    let mut told: Vec<String> = Vec::new();
    for day in april {
        let day = company.0.day(day).unwrap();
        assert!(day.unwatched.is_empty(), "{:?}", day.unwatched);
        told.extend(
            day.notices
                .iter()
                .map(|notice| format!("{} {}", notice.rule, notice.subject[0])),
        );
    }
    told.sort();
    told.dedup();
    assert_eq!(told, ["behind bo", "last bo"]);
}

#[test]
fn part_time_scales_targets_and_activities_alike_so_that_what_is_to_be_won_of_calls_stays() {
    let mut model = office();
    let counted = |key: &str| json!({"key": key, "unit": format!("count:{key}"), "quantum": "1", "additivity": "flow"});
    model["measures"] = json!([euros("sales"), counted("calls"), counted("wins")]);
    let recipe = |measure: &str| {
        json!({"key": measure, "measure": measure, "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
            "steps": [{"by": {"member": {"dimension": "person", "level": "person"}}, "basis": {"given": {"weights": [
                    {"at": {"person": "ann"}, "weight": "1/2"}, {"at": {"person": "bo"}, "weight": "1"}]}}},
                {"by": {"grain": "quarter"}}]})
    };
    let recipes = ["sales", "calls", "wins"].map(recipe);
    model["plans"] = json!([{"key": "plan", "recipes": recipes}]);
    model["metrics"] = json!([sum("sales", "order", "sales", json!({}))]);
    let shown = ["target:sales", "target:calls", "target:wins"];
    model["views"] = json!([rows(
        "people",
        ("person", "person"),
        json!({"grain": "quarter", "from": "2026-01-01", "to": "2027-01-01"}),
        &shown
    )]);
    let mut company = Company::new(model, "2026-01-01");
    let totals = json!({"sales": "1200", "calls": "600", "wins": "120"});
    company.tell(
        "2026-01-02",
        json!([said(
            "plan",
            "2026-01-01",
            json!({"cascade": {"plan": "plan", "totals": totals}})
        )]),
    );
    // Half the time: a third of everything for ann. Of ten calls two are to be won, for both.
    let view = company.view("people", "2026-12-31");
    assert_eq!(
        figures(&view, shown, "ann", "2026-Q1"),
        ["100.00 EUR", "50 calls", "10 wins"]
    );
    assert_eq!(
        figures(&view, shown, "bo", "2026-Q1"),
        ["200.00 EUR", "100 calls", "20 wins"]
    );
}

#[test]
fn two_who_change_territories_do_so_in_one_entry_of_both_sides() {
    let mut company = Company::new(sellers(), "2026-01-01");
    let one = json!([{"swap": {"measure": "sales", "at": {"person": "ann"}, "with": {"person": "cy"}, "from": "2026-02-08"}}]);
    let more = json!([{"spread": {"measure": "sales", "at": {"person": "cy", "month": "2026-02"},
        "verb": {"proportional": {"amount": "84"}}}}]);
    // A euro a day for each of three, but three for cy in February: 28, 28 and 84.
    company.tell(
        "2026-02-10",
        json!([
            cascaded("2026-01-01", "1095"),
            changed("more", "2026-01-02", more)
        ]),
    );
    let moved = |id: &str, who: &str, to: &str| {
        said(
            id,
            "2026-02-08",
            json!({"move": {"dimension": "person", "member": who, "parent": to}}),
        )
    };
    company.tell(
        "2026-02-16",
        json!([
            changed("swap", "2026-02-08", one),
            moved("M-1", "ann", "west"),
            moved("M-2", "cy", "north")
        ]),
    );
    // Seven days of one's own euros and 21 of the other's; what a team is to sell stays as it was: of the north 28 of bo, 7 and 21.
    let target =
        |view: &str, row: &str| company.of(view, "2026-02-28", ("target:sales", row, "2026-02"));
    assert_eq!(
        [target("people", "ann"), target("people", "cy")],
        ["70.00 EUR", "42.00 EUR"]
    );
    assert_eq!(
        [target("teams", "north"), target("teams", "west")],
        ["56.00 EUR", "84.00 EUR"]
    );
    let plan = company.0.plan("plan").unwrap();
    let handed = serde_json::to_value(plan.handovers(plan.version()).unwrap()).unwrap();
    let february = handed
        .as_array()
        .unwrap()
        .iter()
        .filter(|own| own["from"][1] == "2026-02");
    let amounts: Vec<&str> = february.filter_map(|own| own["amount"].as_str()).collect();
    assert_eq!(amounts, ["21", "63"]);
}

#[test]
fn teams_that_become_one_are_compared_on_the_structure_that_there_is_now() {
    let mut model = sellers();
    model["metrics"].as_array_mut().unwrap().push(
        json!({"key": "growth", "formula": {"growth": {"of": {"metric": "sales"}, "periods": 1}}}),
    );
    let quarters = json!({"grain": "quarter", "from": "2026-01-01", "to": "2027-01-01"});
    model["views"].as_array_mut().unwrap().push(rows(
        "quarters",
        ("person", "team"),
        quarters,
        &["sales", "growth"],
    ));
    let mut company = Company::new(model, "2026-01-01");
    company.tell(
        "2026-10-01",
        json!([
            order("1", "2026-05-10", json!({"person": "ann"}), 100),
            order("2", "2026-05-10", json!({"person": "cy"}), 50),
            order("3", "2026-08-10", json!({"person": "ann"}), 120),
            order("4", "2026-08-10", json!({"person": "cy"}), 60),
            said(
                "merged",
                "2026-07-01",
                json!({"move": {"dimension": "person", "member": "cy", "parent": "north"}})
            )
        ]),
    );
    let as_it_was = company.view("quarters", "2026-09-30");
    assert_eq!(
        figures(&as_it_was, ["sales", "growth"], "north", "2026-Q3"),
        ["180.00 EUR", "80.0%"]
    );
    // By the structure of today the second quarter had 150.
    let as_it_is = as_it_was.as_it_is("2026-09-30".parse().unwrap());
    assert_eq!(figure(&as_it_is, "sales", "north", "2026-Q2"), "150.00 EUR");
    assert_eq!(figure(&as_it_is, "growth", "north", "2026-Q3"), "20.0%");
    assert_eq!(figure(&as_it_is, "sales", "west", "2026-Q2"), "0.00 EUR");
}

#[test]
fn january_and_february_together_compare_years_whose_festival_moves() {
    let mut model = sellers();
    let last_year = json!({"year_growth": {"of": {"metric": "sales"}}});
    model["metrics"]
        .as_array_mut()
        .unwrap()
        .push(json!({"key": "growth", "formula": last_year}));
    let period =
        |label: &str, start: &str, end: &str| json!({"label": label, "start": start, "end": end});
    let festival = json!({"key": "festival", "periods": [period("2025-jan-feb", "2025-01-01", "2025-03-01"),
        period("2025-rest", "2025-03-01", "2026-01-01"), period("2026-jan-feb", "2026-01-01", "2026-03-01")]});
    let months = months("2025-01-01", "2026-03-01");
    model["views"] = json!([
        rows("festival", ("person", "team"), festival, &["growth"]),
        rows("months", ("person", "team"), months, &["growth"])
    ]);
    let mut company = Company::new(model, "2025-01-01");
    // The festival of 2025 was in January, that of 2026 in February.
    let sold = [
        ("2025-01-10", 50),
        ("2025-02-20", 100),
        ("2026-01-20", 110),
        ("2026-02-10", 70),
    ];
    let sold = sold.map(|(day, euros)| order(day, day, json!({"person": "ann"}), euros));
    company.tell("2026-03-01", json!(sold));
    assert_eq!(
        company.of("months", "2026-02-28", ("growth", "north", "2026-01")),
        "120.0%"
    );
    assert_eq!(
        company.of("months", "2026-02-28", ("growth", "north", "2026-02")),
        "-30.0%"
    );
    assert_eq!(
        company.of(
            "festival",
            "2026-02-28",
            ("growth", "north", "2026-jan-feb")
        ),
        "20.0%"
    );
}

#[test]
fn a_saturday_that_is_worked_for_a_holiday_has_its_target() {
    let mut model = office();
    // 20 February is free, and Saturday 28 February is worked for it.
    model["working_days"]["exceptions"] =
        json!([{"date": "2026-02-20", "weight": "0"}, {"date": "2026-02-28", "weight": "1"}]);
    let weeks = json!({"grain": "week", "from": "2026-02-16", "to": "2026-03-02"});
    model["views"] = json!([rows(
        "weeks",
        ("person", "person"),
        weeks,
        &["target:sales"]
    )]);
    let mut company = Company::new(model, "2026-01-01");
    company.tell("2026-01-02", json!([cascaded("2026-01-01", "522.00")]));
    let weeks = ["2026-W08", "2026-W09"]
        .map(|week| company.of("weeks", "2026-12-31", ("target:sales", "ann", week)));
    assert_eq!(weeks, ["4.00 EUR", "6.00 EUR"]);
}

#[test]
fn a_house_account_is_a_member_with_a_target_and_a_windfall_is_shared_with_it() {
    let mut model = sellers();
    model["dimensions"][0]["members"]
        .as_array_mut()
        .unwrap()
        .push(json!({"key": "house", "level": "person"}));
    model["dimensions"][0]["hierarchies"][0]["links"]
        .as_array_mut()
        .unwrap()
        .push(json!({"member": "house", "parent": "west"}));
    let mut company = Company::new(model, "2026-01-01");
    // What ann's predecessor prepared: half of it is the house's in the first months, as it was agreed.
    let shares = json!([{"member": "ann", "share": "1/2"}, {"member": "house", "share": "1/2"}]);
    let windfall = said(
        "1",
        "2026-01-10",
        json!({"record": {"kind": "order", "credits": shares, "amounts": {"sales": "40"}}}),
    );
    company.tell(
        "2026-02-01",
        json!([
            cascaded("2026-01-01", "1460"),
            windfall,
            order("2", "2026-01-20", json!({"person": "house"}), 11)
        ]),
    );
    let columns = ["sales", "target:sales", "attainment(sales)"];
    let people = company.view("people", "2026-01-31");
    assert_eq!(
        figures(&people, columns, "house", "2026-01"),
        ["31.00 EUR", "31.00 EUR", "100.0%"]
    );
    assert_eq!(figure(&people, "sales", "ann", "2026-01"), "20.00 EUR");
    let teams = company.view("teams", "2026-01-31");
    assert_eq!(
        figures(&teams, columns, "west", "2026-01"),
        ["31.00 EUR", "62.00 EUR", "50.0%"]
    );
}
