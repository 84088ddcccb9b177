//! Customers, dealers and goods: what becomes of them in a year, and on which day what they do counts.

use super::*;

/// Dealers in a class, whom more is asked of than sums, and orders with a day of delivery.
fn dealers() -> Value {
    let of = json!({"kinds": ["order"]});
    let entity = json!({"member": {"dimension": "customer"}});
    let asked = |name: &str, more: Value| {
        let mut own = json!({"entity": entity, "of": of});
        for (field, value) in more.as_object().unwrap() {
            own[field] = value.clone();
        }
        json!({"key": name, "formula": {name: own}})
    };
    let year = months("2026-01-01", "2027-01-01");
    json!({
        "dimensions": [{"key": "customer", "hierarchies": [
                {"key": "class", "levels": ["class", "customer"], "links": [{"member": "acme", "parent": "small"}, {"member": "bolt", "parent": "small"}]},
                {"key": "origin", "levels": ["origin", "customer"], "links": [{"member": "acme", "parent": "organic"}, {"member": "bolt", "parent": "organic"}]}],
            "members": [{"key": "small", "level": "class"}, {"key": "key-account", "level": "class"},
                {"key": "organic", "level": "origin"}, {"key": "acquired", "level": "origin"},
                {"key": "acme", "level": "customer"}, {"key": "bolt", "level": "customer"}]}],
        "measures": [euros("sales")],
        "kinds": [{"key": "order", "dimensions": [{"field": "customer"}], "measures": [{"measure": "sales"}],
            "attributes": [{"field": "entered"}], "dates": [{"field": "counts"}, {"field": "delivered"}, {"field": "ordered"}]}],
        "span": {"start": "2025-01-01", "end": "2030-01-01"},
        "metrics": [sum("sales", "order", "sales", json!({})), {"key": "orders", "formula": {"count": of}},
            asked("new", json!({})), asked("retained", json!({})), asked("lost", json!({"seen_within": 1, "absent_for": 1}))],
        "plans": [{"key": "plan", "recipes": [{"key": "plan", "measure": "sales",
            "horizon": {"start": "2026-01-01", "end": "2027-01-01"},
            "steps": [{"by": {"member": {"dimension": "customer", "level": "customer"}}},
                {"by": {"grain": "month"}, "basis": "calendar_days"}]}]}],
        "views": [{"key": "company", "periods": year},
            rows("classes", ("customer", "class"), year.clone(), &["sales", "target:sales"]),
            rows("origins", ("customer", "origin"), year.clone(), &["sales"]),
            rows("customers", ("customer", "customer"), year, &["sales"])]
    })
}

fn bought(id: &str, day: &str, customer: &str, euros: i64) -> Value {
    order(id, day, json!({"customer": customer}), euros)
}

/// With further dates.
fn dated(mut order: Value, dates: Value) -> Value {
    order["what"]["record"]["dates"] = dates;
    order
}

#[test]
fn a_dealer_that_ends_with_a_successor_is_not_lost() {
    let mut company = Company::new(dealers(), "2026-01-01");
    let joins = json!({"join": {"dimension": "customer", "level": "customer", "member": "next", "parents": [
        {"hierarchy": "class", "member": "small"}, {"hierarchy": "origin", "member": "organic"}]}});
    let sold = json!([
        bought("1", "2026-02-10", "acme", 100),
        said("joins", "2026-03-01", joins),
        bought("2", "2026-03-10", "next", 60),
        bought("stock", "2026-03-01", "acme", -20)
    ]);
    company.tell("2026-04-01", sold.clone());
    let told = |company: &Company, month: &str| {
        let view = company.view("company", "2026-04-30");
        figures(&view, ["new", "retained", "lost"], "", month)
    };
    // Stock was bought back of acme, which is a record too; in April both are silent.
    assert_eq!(
        told(&company, "2026-03"),
        ["1 customer", "1 customer", "0 customer"]
    );
    assert_eq!(
        told(&company, "2026-04"),
        ["0 customer", "0 customer", "2 customer"]
    );
    let follows = json!({"merge": {"dimension": "customer", "member": "acme", "into": "next"}});
    company.tell(
        "2026-04-05",
        json!([
            said("follows", "2026-03-01", follows),
            bought("3", "2026-04-04", "next", 60)
        ]),
    );
    assert_eq!(
        told(&company, "2026-03"),
        ["0 customer", "1 customer", "0 customer"]
    );
    assert_eq!(
        told(&company, "2026-04"),
        ["0 customer", "1 customer", "0 customer"]
    );
    assert_eq!(
        company.of("customers", "2026-04-30", ("sales", "next", "2026-03")),
        "40.00 EUR"
    );
    // As of the last day before there were two.
    assert_eq!(
        company.of("customers", "2026-02-28", ("sales", "acme", "2026-02")),
        "100.00 EUR"
    );
}

#[test]
fn a_customer_becomes_a_key_account_from_the_next_period_with_its_target_and_who_signed_is_kept() {
    let mut company = Company::new(dealers(), "2026-01-01");
    let grows = json!({"move": {"dimension": "customer", "hierarchy": "class", "member": "acme", "parent": "key-account"}});
    let agreed = |id: &str, who: &str| json!({"id": id, "day": "2026-03-21", "by": who, "what": {"agree": {"plan": "plan", "version": 0}}});
    // Decided on 20 March for April; a euro a day for each of two.
    company.tell(
        "2026-03-22",
        json!([
            cascaded("2026-01-01", "730"),
            said("grows", "2026-04-01", grows),
            agreed("gives", "ann"),
            agreed("takes", "kim")
        ]),
    );
    company.tell(
        "2026-04-21",
        json!([
            bought("1", "2026-03-30", "acme", 7),
            bought("2", "2026-04-02", "acme", 9)
        ]),
    );
    let view = company.view("classes", "2026-04-30");
    let of = |class: &str, month: &str| figures(&view, ["sales", "target:sales"], class, month);
    assert_eq!(of("small", "2026-03"), ["7.00 EUR", "62.00 EUR"]);
    assert_eq!(of("key-account", "2026-03"), ["0.00 EUR", "not applicable"]);
    assert_eq!(of("small", "2026-04"), ["0.00 EUR", "30.00 EUR"]);
    assert_eq!(of("key-account", "2026-04"), ["9.00 EUR", "30.00 EUR"]);
    assert_eq!(
        company.0.agreed("plan").map(|(version, _)| version),
        Some(0)
    );
    for (id, who) in [("gives", "ann"), ("takes", "kim")] {
        let id = quotaflow::journal::EntryId::new("office", id).unwrap();
        assert_eq!(company.0.find(&id).unwrap().author(), Some(who));
    }
}

#[test]
fn what_was_acquired_stands_apart_for_twelve_months_and_its_year_before_is_the_base() {
    let mut model = dealers();
    model["metrics"]
        .as_array_mut()
        .unwrap()
        .push(json!({"key": "growth", "formula": {"year_growth": {"of": {"metric": "sales"}}}}));
    let two_years = months("2025-01-01", "2028-01-01");
    model["views"] = json!([rows(
        "origins",
        ("customer", "origin"),
        two_years,
        &["sales", "growth"]
    )]);
    let mut company = Company::new(model, "2025-01-01");
    let joins = json!({"join": {"dimension": "customer", "level": "customer", "member": "cobb", "parents": [{"hierarchy": "origin", "member": "acquired"}]}});
    let settles = json!({"move": {"dimension": "customer", "hierarchy": "origin", "member": "cobb", "parent": "organic"}});
    let told = json!([
        said("joins", "2026-03-01", joins),
        said("settles", "2027-03-01", settles),
        bought("1", "2025-05-10", "acme", 100),
        bought("2", "2026-05-10", "acme", 110),
        bought("3", "2027-05-10", "acme", 110),
        // What cobb sold before it was bought is entered too: the base pro forma.
        bought("4", "2025-05-20", "cobb", 40),
        bought("5", "2026-05-20", "cobb", 60),
        bought("6", "2027-05-20", "cobb", 66)
    ]);
    company.tell("2027-06-01", told);
    let view = company.view("origins", "2027-05-31");
    let of = |origin: &str, month: &str| figures(&view, ["sales", "growth"], origin, month);
    assert_eq!(of("organic", "2026-05"), ["110.00 EUR", "10.0%"]);
    assert_eq!(of("acquired", "2026-05")[0], "60.00 EUR");
    // As it is at the end of May 2026 the year before is compared with the same customers: 60 after 40.
    let in_may = company
        .view("origins", "2026-05-31")
        .as_it_is("2026-05-31".parse().unwrap());
    assert_eq!(
        figures(&in_may, ["sales", "growth"], "acquired", "2026-05"),
        ["60.00 EUR", "50.0%"]
    );
    // After twelve months all is organic: 176 after 170.
    let now = view.as_it_is("2027-05-31".parse().unwrap());
    assert_eq!(
        figures(&now, ["sales", "growth"], "organic", "2027-05"),
        ["176.00 EUR", "3.5%"]
    );
}

#[test]
fn the_day_of_the_order_or_of_the_delivery_decides_and_what_is_pulled_forward_is_flagged() {
    let mut model = dealers();
    model["metrics"] = json!([sum("sales", "order", "sales", json!({})),
        sum("delivered", "order", "sales", json!({"date": "delivered"})),
        sum("last_days", "order", "sales", json!({"window": {"last_days": 3}})),
        {"key": "pulled_forward", "formula": {"ratio": {"of": {"metric": "last_days"}, "to": {"metric": "sales"}}}}]);
    model["plans"] = json!([]);
    model["views"] = json!([rows(
        "customers",
        ("customer", "customer"),
        months("2026-01-01", "2027-01-01"),
        &["sales", "delivered", "pulled_forward"]
    )]);
    // Prices rise on 1 May: who orders more than half of a month in its last three days is asked about.
    model["watches"] = json!([{"key": "rise", "view": "customers", "from": "2026-04-30", "rules": [
        {"key": "stocked_up", "when": "pulled_forward > 50%", "severity": "warning", "scope": {"until": "2026-05-01"}}]}]);
    let mut company = Company::new(model, "2026-01-01");
    let later = |id: &str, day: &str, customer: &str, euros: i64, delivered: &str| {
        dated(
            bought(id, day, customer, euros),
            json!({"delivered": delivered}),
        )
    };
    company.tell(
        "2026-05-01",
        json!([
            later("1", "2026-04-10", "acme", 100, "2026-04-12"),
            later("2", "2026-04-29", "acme", 300, "2026-05-04"),
            later("3", "2026-04-10", "bolt", 100, "2026-04-12"),
            later("4", "2026-04-29", "bolt", 20, "2026-05-04")
        ]),
    );
    let view = company.view("customers", "2026-05-31");
    let of = |row: &str, month: &str| figures(&view, ["sales", "delivered"], row, month);
    assert_eq!(of("acme", "2026-04"), ["400.00 EUR", "100.00 EUR"]);
    assert_eq!(of("acme", "2026-05"), ["0.00 EUR", "300.00 EUR"]);
    assert_eq!(figure(&view, "pulled_forward", "acme", "2026-04"), "75.0%");
    let day = company.0.day("2026-04-30".parse().unwrap()).unwrap();
    let told: Vec<&str> = day
        .notices
        .iter()
        .map(|notice| notice.subject[0].as_str())
        .collect();
    assert_eq!(told, ["acme"]);
}

#[test]
fn an_order_after_the_cut_off_counts_in_the_next_period_and_is_marked() {
    let mut model = dealers();
    let marked = json!({"date": "counts", "where": [{"attribute": {"field": "entered", "any_of": ["late"]}}]});
    model["metrics"] = json!([
        sum("sales", "order", "sales", json!({"date": "counts"})),
        sum("after_cut_off", "order", "sales", marked)
    ]);
    model["plans"] = json!([]);
    model["views"] = json!([rows(
        "customers",
        ("customer", "customer"),
        months("2026-01-01", "2027-01-01"),
        &["sales", "after_cut_off"]
    )]);
    let mut company = Company::new(model, "2026-01-01");
    // At six in the evening of 31 March the books of orders end.
    let mut late = dated(
        bought("2", "2026-03-31", "acme", 30),
        json!({"counts": "2026-04-01"}),
    );
    late["what"]["record"]["attributes"] = json!({"entered": "late"});
    company.tell(
        "2026-04-02",
        json!([
            dated(
                bought("1", "2026-03-31", "acme", 100),
                json!({"counts": "2026-03-31"})
            ),
            late
        ]),
    );
    let view = company.view("customers", "2026-04-30");
    let of = |month: &str| figures(&view, ["sales", "after_cut_off"], "acme", month);
    assert_eq!(of("2026-03"), ["100.00 EUR", "0.00 EUR"]);
    assert_eq!(of("2026-04"), ["30.00 EUR", "30.00 EUR"]);
}

#[test]
fn what_is_cancelled_and_booked_again_is_no_new_order_and_no_new_customer() {
    let mut model = dealers();
    let dated_by = |name: &str, formula: Value| json!({"key": name, "formula": formula});
    let of = json!({"kinds": ["order"], "date": "ordered"});
    model["metrics"] = json!([
        sum("sales", "order", "sales", json!({})),
        dated_by("orders", json!({"count": {"kinds": ["order"]}})),
        dated_by(
            "new",
            json!({"new": {"entity": {"member": {"dimension": "customer"}}, "of": of}})
        )
    ]);
    model["plans"] = json!([]);
    model["views"].as_array_mut().unwrap().truncate(1);
    let mut company = Company::new(model, "2026-01-01");
    // 100 of January is cancelled on 3 February and booked again on the 5th as 90: within n days it keeps the day of its order.
    let first = dated(
        bought("1", "2026-01-20", "acme", 100),
        json!({"ordered": "2026-01-20"}),
    );
    let again = dated(
        bought("1b", "2026-02-05", "acme", 90),
        json!({"ordered": "2026-01-20"}),
    );
    let back = said(
        "1r",
        "2026-02-03",
        json!({"reverse": {"of": {"source": "office", "id": "1"}}}),
    );
    company.tell("2026-02-10", json!([first, back, again]));
    let view = company.view("company", "2026-02-28");
    let of = |month: &str| figures(&view, ["sales", "orders", "new"], "", month);
    assert_eq!(of("2026-01"), ["100.00 EUR", "1 order", "1 customer"]);
    assert_eq!(of("2026-02"), ["-10.00 EUR", "0 order", "0 customer"]);
}

#[test]
fn a_split_that_is_agreed_after_the_close_moves_no_closed_figure() {
    let mut model = sellers();
    model["unique_ids"] = json!(["office"]);
    let mut company = Company::new(model, "2026-01-01");
    let split = |id: &str, ann: &str, cy: &str| {
        said(
            id,
            "2026-01-15",
            json!({"record": {"kind": "order", "amounts": {"sales": "100"},
            "credits": [{"member": "ann", "share": ann}, {"member": "cy", "share": cy}]}}),
        )
    };
    company.tell(
        "2026-02-01",
        json!([
            split("1", "9/10", "1/10"),
            said("close", "2026-01-31", json!({"close": "hard"}))
        ]),
    );
    // What was agreed at the end of February should have been agreed before: it is told late, and settled in February.
    let receipt = company.tell(
        "2026-02-20",
        json!([
            said(
                "no",
                "2026-02-19",
                json!({"void": {"source": "office", "id": "1"}})
            ),
            split("2", "3/5", "2/5")
        ]),
    );
    let late: Vec<&str> = receipt
        .late
        .iter()
        .map(|late| late.entry.id.as_str())
        .collect();
    assert!(late.contains(&"2"), "{late:?}");
    let view = company.view("teams", "2026-02-28");
    let adjusted = "adjustment of 2026-01 (sales)";
    for (team, january, february) in [
        ("north", "90.00 EUR", "-30.00 EUR"),
        ("west", "10.00 EUR", "30.00 EUR"),
    ] {
        assert_eq!(figure(&view, "sales", team, "2026-01"), january);
        assert_eq!(figure(&view, adjusted, team, "2026-02"), february);
    }
}

/// An old product of a range, with a plan of a euro a day.
fn range() -> Value {
    let mut model = sellers();
    model["dimensions"] = json!([{"key": "product", "hierarchies": [{"key": "product", "levels": ["range", "product"],
            "links": [{"member": "old", "parent": "teas"}]}],
        "members": [{"key": "teas", "level": "range"}, {"key": "old", "level": "product"}]}]);
    model["kinds"] = json!([{"key": "order", "dimensions": [{"field": "product"}], "measures": [{"measure": "sales"}]}]);
    let difference = json!({"difference": {"of": {"earlier": {"of": {"metric": "sales"}, "periods": 1}}, "minus": {"metric": "sales"}}});
    model["metrics"]
        .as_array_mut()
        .unwrap()
        .push(json!({"key": "fallen", "formula": difference}));
    model["plans"][0]["recipes"][0]["steps"][0]["by"] =
        json!({"member": {"dimension": "product", "level": "product"}});
    let year = months("2026-01-01", "2027-01-01");
    model["views"] = json!([
        rows(
            "products",
            ("product", "product"),
            year.clone(),
            &["sales", "target:sales", "fallen"]
        ),
        rows(
            "ranges",
            ("product", "range"),
            year,
            &["sales", "target:sales"]
        )
    ]);
    model
}

#[test]
fn a_launch_names_its_predecessor_and_an_end_leaves_the_target_to_another() {
    let mut company = Company::new(range(), "2026-01-01");
    let joins = json!({"join": {"dimension": "product", "level": "product", "member": "neo", "parents": [{"member": "teas"}]}});
    // Half a euro a day from July on, out of the target of its predecessor.
    let launched = json!([{"launch": {"measure": "sales", "at": {"product": "neo"}, "from": "2026-07-01", "amount": "92",
        "balance": {"place": {"product": "old"}}, "new": {"below": "teas"}}}]);
    company.tell(
        "2026-06-30",
        json!([
            cascaded("2026-01-01", "365"),
            order("1", "2026-06-10", json!({"product": "old"}), 30)
        ]),
    );
    company.tell(
        "2026-07-01",
        json!([
            said("joins", "2026-07-01", joins),
            changed("launch", "2026-06-30", launched)
        ]),
    );
    let plan = company.0.plan("plan").unwrap();
    let handed = serde_json::to_value(plan.handovers(plan.version()).unwrap()).unwrap();
    assert_eq!(
        (
            &handed[0]["from"][0],
            &handed[0]["to"][0],
            &handed[0]["amount"]
        ),
        (&json!("old"), &json!("neo"), &json!("15.5"))
    );
    company.tell(
        "2026-08-01",
        json!([
            order("2", "2026-07-10", json!({"product": "old"}), 18),
            order("3", "2026-07-10", json!({"product": "neo"}), 20)
        ]),
    );
    let view = company.view("products", "2026-07-31");
    // A line of its own; what its predecessor lost since the month before is shown: 12 of the 20 are cannibalised.
    assert_eq!(
        figures(&view, ["sales", "target:sales"], "neo", "2026-07"),
        ["20.00 EUR", "15.50 EUR"]
    );
    assert_eq!(
        figures(&view, ["sales", "target:sales", "fallen"], "old", "2026-07"),
        ["18.00 EUR", "15.50 EUR", "12.00 EUR"]
    );
    // The old one ends on 1 October: its target goes to the new one, returns come until November.
    let ends = json!([{"end": {"measure": "sales", "at": {"product": "old"}, "from": "2026-10-01", "balance": {"place": {"product": "neo"}}}}]);
    let gone = said(
        "gone",
        "2026-10-01",
        json!({"end": {"dimension": "product", "member": "old"}}),
    );
    let back = said(
        "back",
        "2026-11-15",
        json!({"reverse": {"of": {"source": "office", "id": "2"}, "amounts": {"sales": "5"}}}),
    );
    company.tell(
        "2026-11-20",
        json!([changed("end", "2026-10-01", ends), gone, back]),
    );
    let view = company.view("products", "2026-11-30");
    assert_eq!(figure(&view, "target:sales", "neo", "2026-10"), "31.00 EUR");
    assert_eq!(
        figures(&view, ["sales", "target:sales"], "old", "2026-11"),
        ["-5.00 EUR", "0.00 EUR"]
    );
    let ranges = company.view("ranges", "2026-11-30");
    assert_eq!(figure(&ranges, "sales", "teas", "2026-11"), "-5.00 EUR");
    // Like for like, what has ended is out.
    let alike = ranges.as_it_is("2026-11-30".parse().unwrap());
    assert_eq!(figure(&alike, "sales", "teas", "2026-07"), "20.00 EUR");
    assert_eq!(
        figure(&alike, "sales", "unassigned", "2026-07"),
        "18.00 EUR"
    );
}
