//! A model that changes while a journal runs: what stands, what is refolded, what needs records, and what cannot be.

use quotaflow::journal::{
    Close, Entry, HandOver, Journal, JournalError, Misfit, Needed, Rejection, Remodelling,
};
use quotaflow::model::{Model, ModelDef};
use quotaflow::view::ViewError;
use serde_json::{Value, json};

use crate::journal_closing::{
    close, closed, day, enter, figure, id, morning, needed, order, promised, teams,
};
use crate::journal_plans::reopened;

/// The model with something else in it.
fn changed(with: impl Fn(&mut Value)) -> Model {
    let mut document = serde_json::to_value(promised()).unwrap();
    with(&mut document);
    let definition: ModelDef = serde_json::from_value(document).unwrap();
    Model::new(definition).unwrap()
}

fn push(document: &mut Value, list: &str, more: Value) {
    let all = document
        .as_object_mut()
        .unwrap()
        .entry(list)
        .or_insert(json!([]));
    all.as_array_mut().unwrap().push(more);
}

fn change(name: &str, on: &str, model: &Model) -> Entry {
    let entry = Entry::model(id("office", name), day(on), model);
    entry.by("eva").because("the board wants it")
}

/// A number of orders of at least so many euros, by team and month, and by team and week.
fn with_large() -> Model {
    changed(|document| {
        push(
            document,
            "metrics",
            json!({"key": "large", "formula": {"count": {"kinds": ["order"],
            "where": [{"range": {"value": {"measure": "sales"}, "at_least": "50"}}]}}}),
        );
        push(
            document,
            "views",
            json!({"key": "large_months", "rows": [{"dimension": "person", "level": "team"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-07-01"}, "show": ["large", "sales"]}),
        );
    })
}

#[test]
fn a_new_figure_of_open_days_is_refolded_and_what_did_not_change_stands() {
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-20",
        &[
            order("1", "ann", "2026-01-10", 100),
            order("2", "bo", "2026-01-11", 20),
        ],
    );
    let model = with_large();
    let moved = [
        change("M", "2026-01-25", &model),
        order("3", "ann", "2026-01-24", 70),
    ];
    let through = day("2026-01-25");
    let before = serde_json::to_string(&journal.snapshot()).unwrap();
    let error = journal
        .enter(morning("2026-01-26"), through, &moved)
        .unwrap_err();
    let JournalError::Needed { needed } = error else {
        panic!("{error}")
    };
    assert_eq!(
        *needed,
        Needed::Model {
            model: model.fingerprint()
        }
    );
    assert!(journal.supply(&needed, &[]).is_err());
    assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), before);
    journal.introduce(&model);
    let receipt = journal
        .enter(morning("2026-01-26"), through, &moved)
        .unwrap();
    let means = |view: &str| receipt.remodelled.get(view).copied();
    assert_eq!(means("by_person_month"), Some(Remodelling::Stands));
    // It shows all figures.
    assert_eq!(means("by_team_month"), Some(Remodelling::Refolds));
    assert_eq!(means("large_months"), Some(Remodelling::Begins));
    let journal = reopened(&journal);
    assert_eq!(journal.model(), &model);
    let view = journal.view("large_months").unwrap();
    assert_eq!(figure(&view, "large", "north", "2026-01"), "2 order");
    assert_eq!(figure(&view, "large", "south", "2026-01"), "0 order");
    assert_eq!(
        figure(&teams(&journal), "sales", "north", "2026-01"),
        "170.00 EUR"
    );
    // What was known before is of the model of that time.
    let then = teams(&journal).known_at(morning("2026-01-20"));
    let asked = match then.panel().unwrap_err() {
        ViewError::Needed { needed } => *needed,
        error => panic!("{error}"),
    };
    assert!(
        matches!(asked, Needed::Journal { hand_overs: 1, .. }),
        "{asked:?}"
    );
}

#[test]
fn closed_days_are_carried_or_asked_for_and_closed_figures_stay_as_told() {
    let stored = [
        order("1", "ann", "2026-01-10", 100),
        order("2", "ann", "2026-01-20", 40),
        order("3", "bo", "2026-01-12", 80),
    ];
    let mut journal = closed(&promised());
    enter(
        &mut journal,
        "2026-02-05",
        &[
            order("4", "ann", "2026-01-25", 7),
            order("5", "ann", "2026-02-03", 60),
        ],
    );
    // What is asked already is carried, whatever it is called and shown beside.
    let twice = changed(|document| {
        push(
            document,
            "metrics",
            json!({"key": "twice", "formula": {"scaled": {"of": {"sum": {
            "value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}, "by": "2"}}}),
        );
        push(
            document,
            "views",
            json!({"key": "twice_months", "rows": [{"dimension": "person", "level": "team"}],
            "periods": {"grain": "month", "from": "2026-01-01", "to": "2026-07-01"}, "show": ["twice"]}),
        );
    });
    journal.introduce(&twice);
    enter(
        &mut journal,
        "2026-02-06",
        &[change("M-1", "2026-02-05", &twice)],
    );
    let view = reopened(&journal).view("twice_months").unwrap();
    assert_eq!(figure(&view, "twice", "north", "2026-01"), "294.00 EUR");
    let sales = "adjustment of 2026-01 (sales)";
    assert_eq!(
        figure(&teams(&journal), "sales", "north", "2026-01"),
        "140.00 EUR"
    );
    assert_eq!(
        figure(&teams(&journal), sales, "north", "2026-02"),
        "7.00 EUR"
    );
    // What closed records were not asked is asked for, and nothing changes until it is there.
    let model = with_large();
    journal.introduce(&model);
    let before = serde_json::to_string(&journal.snapshot()).unwrap();
    let moved = [change("M-2", "2026-02-06", &model)];
    let error = journal
        .enter(morning("2026-02-07"), day("2026-02-06"), &moved)
        .unwrap_err();
    let JournalError::Needed { needed } = error else {
        panic!("{error}")
    };
    let Needed::Refold { pieces } = &*needed else {
        panic!("{needed}")
    };
    assert_eq!(pieces.len(), 2, "{needed}");
    assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), before);
    assert!(journal.supply(&needed, &stored[..2]).is_err());
    journal.supply(&needed, &stored).unwrap();
    let receipt = enter(&mut journal, "2026-02-07", &moved);
    assert_eq!(receipt.remodelled["twice_months"], Remodelling::Ends);
    let mut journal = reopened(&journal);
    let view = journal.view("large_months").unwrap();
    assert_eq!(figure(&view, "large", "north", "2026-01"), "1 order");
    assert_eq!(figure(&view, "large", "south", "2026-01"), "1 order");
    assert_eq!(figure(&view, "large", "north", "2026-02"), "1 order");
    assert_eq!(
        figure(&teams(&journal), "sales", "north", "2026-01"),
        "140.00 EUR"
    );
    assert_eq!(
        figure(&teams(&journal), sales, "north", "2026-02"),
        "7.00 EUR"
    );
    // What was supplied is forgotten again, and what comes late still adjusts.
    assert!(journal.find(&id("crm", "1")).is_none());
    enter(
        &mut journal,
        "2026-02-10",
        &[order("6", "ann", "2026-01-30", 5)],
    );
    assert_eq!(
        figure(&teams(&journal), sales, "north", "2026-02"),
        "12.00 EUR"
    );
    enter(
        &mut journal,
        "2026-03-01",
        &[close("C-2", "2026-02-28", Close::Hard)],
    );
    let journal = reopened(&journal);
    assert_eq!(
        figure(&teams(&journal), sales, "north", "2026-02"),
        "12.00 EUR"
    );
    assert_eq!(
        figure(&teams(&journal), "sales", "north", "2026-01"),
        "140.00 EUR"
    );
}

#[test]
fn a_figure_that_means_something_else_adjusts_nothing_that_is_closed() {
    let mut journal = closed(&promised());
    enter(
        &mut journal,
        "2026-02-05",
        &[
            order("4", "ann", "2026-01-25", 7),
            order("5", "ann", "2026-02-03", 60),
        ],
    );
    // What is called sales is sales less sales now.
    let model = changed(|document| {
        let all = document["metrics"].as_array_mut().unwrap();
        let at = all.iter().position(|own| own["key"] == "sales").unwrap();
        all[at] = json!({"key": "sales", "formula": {"difference": {
            "of": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}},
            "minus": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}}}});
    });
    journal.introduce(&model);
    enter(
        &mut journal,
        "2026-02-06",
        &[change("M", "2026-02-05", &model)],
    );
    let journal = reopened(&journal);
    let view = teams(&journal);
    assert_eq!(figure(&view, "sales", "north", "2026-01"), "140.00 EUR");
    assert_eq!(figure(&view, "sales", "north", "2026-02"), "0.00 EUR");
    assert_eq!(
        figure(&view, "adjustment of 2026-01 (sales)", "north", "2026-02"),
        "7.00 EUR"
    );
}

#[test]
fn a_model_that_what_is_kept_cannot_be_of_is_refused_with_everything_that_is_in_the_way() {
    let mut journal = closed(&promised());
    let join = Entry::join(id("hr", "J"), day("2026-02-01"), ("person", "person", "cy")).unwrap();
    enter(
        &mut journal,
        "2026-02-03",
        &[
            join.under("north").unwrap(),
            order("9", "bo", "2026-02-02", 1),
        ],
    );
    let model = changed(|document| {
        document["measures"][0]["quantum"] = json!("1");
        let members = document["dimensions"][0]["members"].as_array_mut().unwrap();
        members.push(json!({"key": "cy", "level": "person"}));
        for view in document["views"].as_array_mut().unwrap() {
            if view["key"] == "by_team_month" {
                view["periods"]["from"] = json!("2026-02-01");
            }
        }
    });
    journal.introduce(&model);
    let before = serde_json::to_string(&journal.snapshot()).unwrap();
    let entry = change("M", "2026-02-03", &model);
    let error = journal
        .enter(
            morning("2026-02-04"),
            day("2026-02-03"),
            std::slice::from_ref(&entry),
        )
        .unwrap_err();
    assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), before);
    let JournalError::Rejected { rejected } = &error else {
        panic!("{error}")
    };
    let Rejection::Model { all, .. } = &rejected[0].reason else {
        panic!("{error}")
    };
    assert!(
        all.contains(&Misfit::Changed {
            place: "measures.sales".to_owned()
        }),
        "{error}"
    );
    assert!(
        all.iter()
            .any(|own| matches!(own, Misfit::Joined { member, .. } if *member == *"cy")),
        "{error}"
    );
    assert!(
        all.iter()
            .any(|own| matches!(own, Misfit::Told { view } if *view == *"by_team_month")),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("`measures.sales` is another one"),
        "{error}"
    );
    // The good ones enter without it.
    let good = [entry, order("10", "bo", "2026-02-03", 2)];
    let receipt = journal
        .enter_good(morning("2026-02-04"), day("2026-02-03"), &good)
        .unwrap();
    assert_eq!((receipt.added, receipt.rejected.len()), (1, 1));
    assert_eq!(journal.model(), &promised());
    // Who changes it says who and why, once in a hand-over, and no void undoes it.
    let model = with_large();
    let refusal = |journal: &mut Journal, entries: &[Entry]| {
        journal.introduce(&model);
        let error = journal
            .enter(morning("2026-02-05"), day("2026-02-04"), entries)
            .unwrap_err();
        error.to_string()
    };
    let unsigned = Entry::model(id("office", "M"), day("2026-02-04"), &model);
    assert!(refusal(&mut journal, &[unsigned]).contains("give `by` and `why`"));
    let two = [
        change("M", "2026-02-04", &model),
        change("N", "2026-02-04", &promised()),
    ];
    assert!(refusal(&mut journal, &two).contains("does that already"));
}

#[test]
fn a_change_of_the_model_is_replayed_and_no_void_undoes_it() {
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-20",
        &[order("1", "ann", "2026-01-10", 100)],
    );
    let night = journal.snapshot();
    let model = with_large();
    let hand_overs = [
        HandOver::new(
            morning("2026-01-26"),
            day("2026-01-25"),
            vec![
                change("M", "2026-01-25", &model),
                order("2", "ann", "2026-01-24", 70),
            ],
        ),
        HandOver::new(
            morning("2026-01-27"),
            day("2026-01-26"),
            vec![
                change("M", "2026-01-25", &model),
                order("3", "ann", "2026-01-26", 50),
            ],
        ),
    ];
    journal.introduce(&model);
    journal.replay(&hand_overs).unwrap();
    let mut other = Journal::open(&promised(), night).unwrap();
    assert!(matches!(
        other.replay(&hand_overs).unwrap_err(),
        JournalError::Needed { .. }
    ));
    other.introduce(&model);
    other.replay(&hand_overs).unwrap();
    assert_eq!(other.snapshot(), journal.snapshot());
    let void = Entry::void(id("office", "V"), day("2026-01-27"), id("office", "M"));
    let error = journal
        .enter(morning("2026-01-28"), day("2026-01-27"), &[void])
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("changes the model and cannot be voided"),
        "{error}"
    );
}

#[test]
fn another_plan_refolds_the_views_that_show_its_targets_and_no_others() {
    let other = |with: fn(&mut Value)| {
        let model = changed(with);
        let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
        journal.introduce(&model);
        let receipt = enter(
            &mut journal,
            "2026-01-03",
            &[change("M", "2026-01-02", &model)],
        );
        ["targets_by_team", "by_person_month"].map(|view| receipt.remodelled[view])
    };
    let titled = other(|document| document["title"] = json!("Two teams"));
    assert_eq!(titled, [Remodelling::Stands, Remodelling::Stands]);
    let planned = other(|document| {
        let steps = &mut document["plans"][0]["recipes"][0]["steps"];
        steps.as_array_mut().unwrap().pop();
    });
    assert_eq!(planned, [Remodelling::Refolds, Remodelling::Stands]);
}

/// What a host has stored of January.
fn stored() -> [Entry; 3] {
    [
        order("1", "ann", "2026-01-10", 100),
        order("2", "ann", "2026-01-20", 40),
        order("3", "bo", "2026-01-12", 80),
    ]
}

/// How many pieces of closed records a model asks for; they are supplied, and the journal goes on by it.
fn refolded(mut journal: Journal, model: &Model, stored: &[Entry]) -> (usize, Journal) {
    journal.introduce(model);
    let on = journal.complete_through().unwrap().succ_opt().unwrap();
    let known = on.and_hms_opt(22, 0, 0).unwrap();
    let moved = [change("M", &on.to_string(), model)];
    let mut asked = 0;
    if let Err(error) = journal.enter(known, on, &moved) {
        let JournalError::Needed { needed } = error else {
            panic!("{error}")
        };
        let Needed::Refold { pieces } = &*needed else {
            panic!("{needed}")
        };
        asked = pieces.len();
        journal.supply(&needed, stored).unwrap();
        journal.enter(known, on, &moved).unwrap();
    }
    (asked, reopened(&journal))
}

fn with_weeks(from: &str) -> Model {
    changed(|document| {
        push(
            document,
            "views",
            json!({"key": "weeks", "rows": [{"dimension": "person", "level": "team"}],
            "periods": {"grain": "week", "from": from, "to": "2026-03-02"}, "show": ["sales"]}),
        );
    })
}

/// What the north sold in the first three weeks.
fn weeks_of_north(journal: &Journal) -> Result<Vec<String>, ViewError> {
    let panel = journal.view("weeks").unwrap().panel()?;
    let weeks = panel.periods().iter().take(3);
    let sold = weeks.map(|week| panel.get("sales", ["north"], week.label.as_str()).unwrap());
    Ok(sold.map(|answer| answer.to_string()).collect())
}

#[test]
fn weeks_of_closed_months_ask_for_their_records_and_are_known_again_one_by_one() {
    let (asked, mut journal) = refolded(closed(&promised()), &with_weeks("2026-01-05"), &stored());
    assert_eq!(asked, 2);
    let sold = ["100.00 EUR", "0.00 EUR", "40.00 EUR"];
    assert_eq!(weeks_of_north(&journal).unwrap(), sold);
    // Within the week of her order she moves to the south on the day after it: that week is asked for, and no other.
    let to = ("person", "ann", "south");
    let moved = Entry::moving(id("hr", "T-1"), day("2026-01-21"), to).unwrap();
    enter(&mut journal, "2026-02-04", &[moved]);
    let needed = needed(weeks_of_north(&journal).unwrap_err());
    let Needed::Records { pieces } = &needed else {
        panic!("{needed}")
    };
    let from: Vec<_> = pieces.iter().map(|piece| piece.from).collect();
    assert_eq!(from, [Some(day("2026-01-19"))]);
    journal.supply(&needed, &stored()).unwrap();
    assert_eq!(weeks_of_north(&journal).unwrap(), sold);
}

/// January is closed through the 14th, so that its days are told apart, and no part of it is known again by its sum alone.
#[test]
fn weeks_of_a_month_that_is_closed_in_part_ask_for_the_records_of_that_part() {
    let mut journal = Journal::new(&promised(), day("2026-01-01")).unwrap();
    let [first, second, third] = stored();
    let part = [first, third, close("C-1", "2026-01-14", Close::Hard)];
    enter(&mut journal, "2026-01-15", &part);
    enter(&mut journal, "2026-02-01", &[second]);
    let (asked, journal) = refolded(journal, &with_weeks("2026-01-05"), &stored());
    assert_eq!(asked, 2);
    let sold = ["100.00 EUR", "0.00 EUR", "40.00 EUR"];
    assert_eq!(weeks_of_north(&journal).unwrap(), sold);
}

/// An order of January is taken back on 10 February; weeks of February ask for it, and for nothing else of January.
#[test]
fn weeks_ask_for_the_records_of_another_month_that_were_taken_back_in_them() {
    let mut journal = closed(&promised());
    let back = Entry::reverse(id("crm", "R"), day("2026-02-10"), id("crm", "2"));
    let taken_back = std::slice::from_ref(&back);
    let (known, through) = (morning("2026-02-11"), day("2026-02-10"));
    let error = journal.enter(known, through, taken_back).unwrap_err();
    let JournalError::Needed { needed } = error else {
        panic!("{error}")
    };
    journal.supply(&needed, &stored()).unwrap();
    journal.enter(known, through, taken_back).unwrap();
    let february = close("C-2", "2026-02-28", Close::Hard);
    enter(&mut journal, "2026-03-01", &[february]);
    let [first, second, third] = stored();
    let all = [first, second, third, back];
    let (asked, journal) = refolded(journal, &with_weeks("2026-02-02"), &all);
    assert_eq!(asked, 1);
    let sold = ["0.00 EUR", "-40.00 EUR", "0.00 EUR"];
    assert_eq!(weeks_of_north(&journal).unwrap(), sold);
}

#[test]
fn a_kind_that_is_defined_otherwise_asks_for_its_closed_records_and_another_one_for_nothing() {
    for (kind, pieces) in [("order", 2), ("visit", 0)] {
        let model = changed(|document| {
            let kinds = document["kinds"].as_array_mut().unwrap();
            let own = kinds.iter_mut().find(|own| own["key"] == kind);
            own.unwrap()["attributes"] = json!([{"field": "channel"}]);
        });
        let (asked, journal) = refolded(closed(&promised()), &model, &stored());
        assert_eq!(asked, pieces, "{kind}");
        let sold = figure(&teams(&journal), "sales", "north", "2026-01");
        assert_eq!(sold, "140.00 EUR");
    }
}

#[test]
fn a_dimension_that_a_model_drops_after_one_that_renamed_its_members_is_no_part_of_the_snapshot() {
    let with = |members: &Value| {
        changed(|document| {
            let hierarchies = json!([{"key": "product", "levels": ["product"]}]);
            let product = json!({"key": "product", "hierarchies": hierarchies, "members": members});
            push(document, "dimensions", product);
        })
    };
    let first = with(&json!([{"key": "a", "level": "product"}]));
    let second = with(&json!([{"key": "b", "level": "product", "also": ["a"]}]));
    let mut journal = Journal::new(&first, day("2026-01-01")).unwrap();
    enter(
        &mut journal,
        "2026-01-20",
        &[order("1", "ann", "2026-01-10", 100)],
    );
    for (name, on, model) in [
        ("M2", "2026-01-21", second),
        ("M3", "2026-01-22", promised()),
    ] {
        journal.introduce(&model);
        enter(&mut journal, on, &[change(name, on, &model)]);
        journal = reopened(&journal);
        assert_eq!(journal.model(), &model);
    }
}
