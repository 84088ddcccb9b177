//! Posts in a journal: who holds them, acts, is absent and leaves, and to whom targets, orders and visits count.

use quotaflow::journal::{Close, Entry, EntryId, Journal};
use quotaflow::key::Key;
use quotaflow::ledger::Record;
use quotaflow::model::{Model, ModelDef};
use quotaflow::quantity::Ratio;
use quotaflow::space::{Tenure, TenureDef};
use serde_json::{Value, json};

use crate::journal_plans::{cells, enter, id, reopened, signed, told};

/// Three posts in the north, of which nobody holds n2, and one in the south; cai leads the north.
pub fn document() -> Value {
    serde_json::from_str(include_str!("../../examples/models/posts.json")).unwrap()
}

fn begun(document: &Value) -> Journal {
    let model: Model = serde_json::from_value(document.clone()).unwrap();
    Journal::new(&model, "2025-12-01".parse().unwrap()).unwrap()
}

pub fn new() -> Journal {
    begun(&document())
}

/// The same company, in which somebody has in reserve what nobody holds.
fn with_reserve() -> Value {
    let mut document = document();
    document["posts"]["reserve"] = json!("open");
    let people = document["dimensions"][1]["members"].as_array_mut().unwrap();
    people.push(json!({"key": "open", "level": "person"}));
    document
}

pub fn hr(name: &str) -> EntryId {
    EntryId::new("hr", name).unwrap()
}

pub fn holds(
    name: &str,
    day: &str,
    (post, person): (&str, &str),
    with: impl FnOnce(TenureDef) -> TenureDef,
) -> Entry {
    Entry::hold(
        hr(name),
        day.parse().unwrap(),
        with(TenureDef::always(post, person).unwrap()),
    )
}

pub fn joins(name: &str, day: &str, person: &str) -> Entry {
    Entry::join(hr(name), day.parse().unwrap(), ("person", "person", person)).unwrap()
}

/// A euro a day for each of the four posts: 59 days, 236.00 in all.
fn planned() -> Entry {
    let entry = Entry::cascade(
        id("1"),
        "2025-12-20".parse().unwrap(),
        "spring",
        [("sales", 236)],
    );
    signed(entry.unwrap())
}

/// ann is away from the 9th to the 22nd of January, and bo acts for her; dan takes 60 % of n2 on the 1st of February.
fn year() -> Vec<Entry> {
    let back = "2026-01-23".parse().unwrap();
    vec![
        holds("1", "2026-01-09", ("n1", "ann"), |own| {
            own.until(back).as_tenure(Tenure::Absent)
        }),
        holds("2", "2026-01-09", ("n1", "bo"), |own| {
            own.until(back).as_tenure(Tenure::Acting)
        }),
        joins("3", "2026-02-01", "dan"),
        holds("4", "2026-02-01", ("n2", "dan"), |own| {
            own.part(Ratio::percent(60))
        }),
    ]
}

/// A euro a day for each post, in January and February.
pub fn sold(posts: &[&str]) -> Vec<Entry> {
    let (from, to): (chrono::NaiveDate, chrono::NaiveDate) =
        ("2026-01-01".parse().unwrap(), "2026-03-01".parse().unwrap());
    let days = from.iter_days().take_while(|day| *day < to);
    let all = days.flat_map(|day| {
        posts.iter().map(move |post| {
            let record = Record::new("order", day)
                .id(format!("{post} {day}"))
                .of("post", *post);
            Entry::record("crm", record.amount("sales", 1.into())).unwrap()
        })
    });
    all.collect()
}

fn visit(name: &str, day: &str, members: &[(&str, &str)]) -> Entry {
    let record = Record::new("visit", day.parse().unwrap()).id(name);
    let record = members
        .iter()
        .fold(record, |record, (field, member)| record.of(*field, *member));
    Entry::record("crm", record).unwrap()
}

/// January: ann has n1 for 17 days, bo s1 for 31 and n1 for 14, cai lead and the vacant n2. February: dan has 60 % of the 28.00 of n2,
/// which are 16.80, and cai the 11.20 that are left beside the 28.00 of lead.
#[test]
fn the_target_of_a_person_is_that_of_the_days_and_parts_of_the_posts_that_they_hold() {
    let mut journal = new();
    let all = [vec![planned()], year(), sold(&["lead", "n1", "n2", "s1"])].concat();
    enter(&mut journal, "2026-02-28", &all).unwrap();
    let view = journal.view("by_person").unwrap();
    for column in ["target:sales", "sales"] {
        assert_eq!(
            cells(&view, column, "2026-01")
                .into_iter()
                .filter(|(who, _)| who != "dan")
                .collect::<Vec<_>>(),
            told(&[
                ("ann", "17.00 EUR"),
                ("bo", "45.00 EUR"),
                ("cai", "62.00 EUR")
            ]),
            "{column}"
        );
        assert_eq!(
            cells(&view, column, "2026-02"),
            told(&[
                ("ann", "28.00 EUR"),
                ("bo", "28.00 EUR"),
                ("cai", "39.20 EUR"),
                ("dan", "16.80 EUR")
            ]),
            "{column}"
        );
    }
    // What every day of every post reaches, everybody reaches, whoever holds what.
    let every = "100.0%";
    assert_eq!(
        cells(&view, "attainment(sales)", "2026-02"),
        told(&[
            ("ann", every),
            ("bo", every),
            ("cai", every),
            ("dan", every)
        ])
    );
    let posts = journal.view("by_post").unwrap();
    assert_eq!(
        cells(&posts, "attainment(sales)", "2026-01"),
        told(&[("lead", every), ("n1", every), ("n2", every), ("s1", every)])
    );
    // An order of a post that two share is counted with the larger part.
    assert_eq!(
        cells(&view, "orders", "2026-02"),
        told(&[
            ("ann", "28 order"),
            ("bo", "28 order"),
            ("cai", "28 order"),
            ("dan", "28 order")
        ])
    );
    assert_eq!(
        cells(&posts, "orders", "2026-02")[2],
        ("n2".to_owned(), "28 order".to_owned())
    );
    assert_eq!(
        cells(&journal.view("by_team").unwrap(), "sales", "2026-02"),
        told(&[("north", "84.00 EUR"), ("south", "28.00 EUR")])
    );
    // As it is on the last day, the whole of January is dan's in the same parts: 18.60 of 31.00.
    let like = view.clone().as_it_is("2026-02-28".parse().unwrap());
    for column in ["target:sales", "sales"] {
        assert_eq!(
            cells(&like, column, "2026-01"),
            told(&[
                ("ann", "31.00 EUR"),
                ("bo", "31.00 EUR"),
                ("cai", "43.40 EUR"),
                ("dan", "18.60 EUR")
            ])
        );
    }
    assert_eq!(
        cells(
            &reopened(&journal).view("by_person").unwrap(),
            "sales",
            "2026-02"
        ),
        cells(&view, "sales", "2026-02")
    );
}

/// bo's own post is s1, whatever he does for ann; ann's is n1 while she is away; dan has none in January, n2 from 1 February and two from the 15th on.
#[test]
fn what_names_a_person_counts_for_the_post_it_names_or_for_the_one_that_is_their_own() {
    let mut journal = new();
    let mut all = year();
    all.extend([
        visit("1", "2026-01-10", &[("person", "bo")]),
        visit("2", "2026-01-10", &[("person", "bo"), ("post", "n1")]),
        visit("3", "2026-01-10", &[("person", "ann")]),
        visit("4", "2026-02-10", &[("person", "dan")]),
        visit("5", "2026-01-10", &[("post", "n2")]),
        visit("6", "2026-02-20", &[("person", "dan")]),
    ]);
    all.push(holds("5", "2026-02-15", ("s1", "bo"), |own| {
        own.part(Ratio::percent(50))
    }));
    all.push(holds("6", "2026-02-15", ("s1", "dan"), |own| {
        own.part(Ratio::percent(50))
    }));
    enter(&mut journal, "2026-02-28", &all).unwrap();
    let view = journal.view("by_post").unwrap();
    assert_eq!(
        cells(&view, "visits", "2026-01"),
        told(&[
            ("lead", "0 visit"),
            ("n1", "2 visit"),
            ("n2", "1 visit"),
            ("s1", "1 visit"),
            ("unassigned", "0 visit")
        ])
    );
    assert_eq!(
        cells(&view, "visits", "2026-02"),
        told(&[
            ("lead", "0 visit"),
            ("n1", "0 visit"),
            ("n2", "1 visit"),
            ("s1", "0 visit"),
            ("unassigned", "1 visit")
        ])
    );
    let posts = view.posts().unwrap().unwrap();
    let own = |person: &str, day: &str| {
        posts
            .own_post(person, day.parse().unwrap())
            .unwrap()
            .map(Key::as_str)
    };
    assert_eq!(
        (own("dan", "2026-02-10"), own("dan", "2026-02-20")),
        (Some("n2"), None)
    );
}

/// A cent of n2, shared by dan and cai as 60 to 40, and another one by dan, ed and cai as 60 to 30 to 10: both stay whole.
#[test]
fn an_order_of_a_post_is_credited_to_its_holders_and_nothing_is_lost_by_rounding() {
    let mut journal = new();
    let mut all = year();
    all.extend([
        joins("7", "2026-02-01", "ed"),
        holds("8", "2026-02-10", ("n2", "ed"), |own| {
            own.part(Ratio::percent(30))
        }),
    ]);
    let order = |name: &str, day: &str, amount: &str| {
        let amount: rust_decimal::Decimal = amount.parse().unwrap();
        let record = Record::new("order", day.parse().unwrap())
            .id(name)
            .of("post", "n2");
        Entry::record("crm", record.amount("sales", amount)).unwrap()
    };
    // 0.01 at 60 and 40 %: 0.006 and 0.004; 0.01 at 60, 30 and 10 %: together dan 0.012, cai 0.005, ed 0.003, so 0.01, 0.01, 0.00.
    all.extend([
        order("1", "2026-02-01", "0.01"),
        order("2", "2026-02-10", "0.01"),
    ]);
    enter(&mut journal, "2026-02-28", &all).unwrap();
    let view = journal.view("by_person").unwrap();
    assert_eq!(
        cells(&view, "sales", "2026-02"),
        told(&[
            ("ann", "0.00 EUR"),
            ("bo", "0.00 EUR"),
            ("cai", "0.01 EUR"),
            ("dan", "0.01 EUR"),
            ("ed", "0.00 EUR")
        ])
    );
    // Taken back, it is gone from all of them.
    let back = Entry::reverse(
        EntryId::new("crm", "R").unwrap(),
        "2026-02-11".parse().unwrap(),
        EntryId::new("crm", "2").unwrap(),
    );
    enter(&mut journal, "2026-03-01", &[back]).unwrap();
    let view = journal.view("by_person").unwrap();
    assert_eq!(
        cells(&view, "sales", "2026-02")[3],
        ("dan".to_owned(), "0.01 EUR".to_owned())
    );
    assert_eq!(
        cells(&view, "sales", "2026-02")[2],
        ("cai".to_owned(), "0.00 EUR".to_owned())
    );
}

/// ann goes on as e-77 and the leading post as lead-2: whatever they held and led is theirs since ever.
#[test]
fn who_is_merged_keeps_the_posts_they_hold_and_lead_under_the_other_name() {
    let mut journal = new();
    let day: chrono::NaiveDate = "2026-02-01".parse().unwrap();
    let merge = |name: &str, (dimension, member, into): (&str, &str, &str)| {
        Entry::merge(hr(name), day, (dimension, member, into)).unwrap()
    };
    let post = Entry::join(hr("6"), day, ("post", "post", "lead-2")).unwrap();
    enter(&mut journal, "2026-01-31", &[planned()]).unwrap();
    let all = [
        vec![
            joins("3", "2026-02-01", "e-77"),
            merge("5", ("person", "ann", "e-77")),
            post.under("north").unwrap(),
            merge("7", ("post", "lead", "lead-2")),
        ],
        sold(&["lead", "n1", "n2", "s1"]),
    ];
    enter(&mut journal, "2026-02-28", &all.concat()).unwrap();
    let view = journal.view("by_person").unwrap();
    for column in ["target:sales", "sales"] {
        for (month, all) in [
            ("2026-01", ["31.00 EUR", "62.00 EUR", "31.00 EUR"]),
            ("2026-02", ["28.00 EUR", "56.00 EUR", "28.00 EUR"]),
        ] {
            let mut found = cells(&view, column, month);
            found.sort();
            let wanted = [("bo", all[0]), ("cai", all[1]), ("e-77", all[2])];
            assert_eq!(found, told(&wanted), "{column} {month}");
        }
    }
    // Under which of both names somebody takes a post makes no difference.
    enter(
        &mut journal,
        "2026-03-01",
        &[holds("8", "2026-03-01", ("n2", "ann"), |own| own)],
    )
    .unwrap();
    let view = journal.view("by_person").unwrap();
    let posts = view.posts().unwrap().unwrap();
    assert_eq!(posts.vacant("2026-03-01".parse().unwrap()).count(), 0);
    reopened(&journal);
}

/// n2 is nobody's, so the reserve has 31.00 of January: under the name that it goes on by, and beside what that one holds.
#[test]
fn a_reserve_that_is_merged_into_somebody_goes_on_under_the_other_name() {
    for (into, wanted) in [
        (
            "e-9",
            vec![("ann", 31), ("bo", 31), ("cai", 31), ("e-9", 31)],
        ),
        ("bo", vec![("ann", 31), ("bo", 62), ("cai", 31)]),
    ] {
        let mut journal = begun(&with_reserve());
        let day: chrono::NaiveDate = "2026-02-01".parse().unwrap();
        let all = [
            vec![
                planned(),
                joins("1", "2026-02-01", "e-9"),
                Entry::merge(hr("2"), day, ("person", "open", into)).unwrap(),
            ],
            sold(&["lead", "n1", "n2", "s1"]),
        ];
        enter(&mut journal, "2026-02-28", &all.concat()).unwrap();
        for journal in [reopened(&journal), journal] {
            let view = journal.view("by_person").unwrap();
            for column in ["target:sales", "sales"] {
                let found = cells(&view, column, "2026-01").into_iter();
                let found: Vec<(String, String)> = found
                    .filter(|(who, _)| into == "e-9" || who != "e-9")
                    .collect();
                let wanted = wanted
                    .iter()
                    .map(|(who, euros)| ((*who).to_owned(), format!("{euros}.00 EUR")));
                assert_eq!(found, wanted.collect::<Vec<_>>(), "{into} {column}");
            }
        }
    }
}

/// The north goes on as the south: what stood with its leader, 31.00 of the vacant n2, stands with the one that the south has, else
/// with its own.
#[test]
fn a_team_that_is_merged_is_led_by_the_leader_of_the_one_that_stays_where_that_has_one() {
    for (leads, wanted) in [
        (
            json!({"north": "lead", "south": "s1"}),
            ["31.00 EUR", "62.00 EUR", "31.00 EUR"],
        ),
        (
            json!({"north": "lead"}),
            ["31.00 EUR", "31.00 EUR", "62.00 EUR"],
        ),
    ] {
        let mut document = document();
        document["posts"]["leads"] = leads;
        let mut journal = begun(&document);
        let day: chrono::NaiveDate = "2026-02-01".parse().unwrap();
        let merge = Entry::merge(hr("1"), day, ("post", "north", "south")).unwrap();
        let all = [vec![planned(), merge], sold(&["lead", "n1", "n2", "s1"])];
        enter(&mut journal, "2026-02-28", &all.concat()).unwrap();
        for journal in [reopened(&journal), journal] {
            let view = journal.view("by_person").unwrap();
            let names = ["ann", "bo", "cai"].into_iter().zip(wanted);
            let wanted = told(&names.collect::<Vec<_>>());
            for column in ["target:sales", "sales"] {
                assert_eq!(cells(&view, column, "2026-01"), wanted, "{column}");
            }
            assert_eq!(
                cells(&journal.view("by_team").unwrap(), "sales", "2026-01"),
                told(&[("south", "124.00 EUR")])
            );
        }
    }
}

#[test]
fn who_leaves_holds_nothing_and_a_reserve_takes_what_nobody_holds() {
    let mut journal = begun(&with_reserve());
    let gone = Entry::end(hr("1"), "2026-01-11".parse().unwrap(), ("person", "ann")).unwrap();
    let left = Entry::vacate(hr("2"), "2026-02-01".parse().unwrap(), "s1", Some("bo")).unwrap();
    enter(&mut journal, "2026-02-28", &[planned(), gone, left]).unwrap();
    let view = journal.view("by_person").unwrap();
    // n2 is nobody's all the time, n1 for 21 days of January.
    assert_eq!(
        cells(&view, "target:sales", "2026-01"),
        told(&[
            ("ann", "10.00 EUR"),
            ("bo", "31.00 EUR"),
            ("cai", "31.00 EUR"),
            ("open", "52.00 EUR")
        ])
    );
    assert_eq!(
        cells(&view, "target:sales", "2026-02")[3],
        ("open".to_owned(), "84.00 EUR".to_owned())
    );
    let posts = view.posts().unwrap().unwrap();
    let vacant: Vec<&str> = posts
        .vacant("2026-02-01".parse().unwrap())
        .map(Key::as_str)
        .collect();
    assert_eq!(vacant, ["n1", "n2", "s1"]);
    // As of a day before, bo is there.
    let before = journal
        .view("by_person")
        .unwrap()
        .as_of("2026-01-31".parse().unwrap());
    assert_eq!(
        cells(&before, "target:sales", "2026-02")[1],
        ("bo".to_owned(), "28.00 EUR".to_owned())
    );
}

/// Without a leader or a reserve, what nobody holds is nobody's, target and order alike.
#[test]
fn what_nobody_holds_and_nobody_leads_is_in_the_row_of_nobody() {
    let mut document = document();
    document["posts"]["leads"] = json!({});
    let mut journal = begun(&document);
    enter(
        &mut journal,
        "2026-02-28",
        &[vec![planned()], sold(&["n2", "s1"])].concat(),
    )
    .unwrap();
    let view = journal.view("by_person").unwrap();
    for column in ["target:sales", "sales"] {
        assert_eq!(
            cells(&view, column, "2026-01")[3],
            ("unassigned".to_owned(), "31.00 EUR".to_owned())
        );
    }
}

/// A hire that becomes known after January is closed: the figures of January stay, and what it would have changed is an adjustment of
/// February, of target and order alike.
#[test]
fn a_late_hire_adjusts_target_and_order_alike() {
    let mut journal = new();
    let all = [
        vec![planned(), joins("0", "2026-01-01", "dan")],
        sold(&["lead", "n1", "n2", "s1"]),
    ]
    .concat();
    let (january, february): (Vec<Entry>, Vec<Entry>) = all
        .into_iter()
        .partition(|entry| entry.day() < "2026-02-01".parse().unwrap());
    enter(&mut journal, "2026-01-31", &january).unwrap();
    let close = Entry::close(
        EntryId::new("books", "1").unwrap(),
        "2026-01-31".parse().unwrap(),
        Close::Hard,
    );
    enter(
        &mut journal,
        "2026-02-10",
        &[close.by("eva").because("month end")],
    )
    .unwrap();
    enter(&mut journal, "2026-02-28", &february).unwrap();
    let late = holds("1", "2026-01-22", ("n2", "dan"), |own| own);
    enter(&mut journal, "2026-03-01", &[late]).unwrap();
    let view = journal.view("by_person").unwrap();
    for column in ["sales", "target:sales"] {
        assert_eq!(
            cells(&view, column, "2026-01")[2],
            ("cai".to_owned(), "62.00 EUR".to_owned())
        );
        let name = format!(
            "adjustment of 2026-01 ({})",
            if column == "sales" {
                "sales"
            } else {
                "target of sales"
            }
        );
        let panel = view.panel().unwrap();
        let names: Vec<String> = panel
            .columns()
            .iter()
            .map(|column| column.key().to_string())
            .collect();
        assert!(names.contains(&name), "{names:?}");
        assert_eq!(
            cells(&view, &name, "2026-02")[2],
            ("cai".to_owned(), "-10.00 EUR".to_owned())
        );
        assert_eq!(
            cells(&view, &name, "2026-02")[3],
            ("dan".to_owned(), "10.00 EUR".to_owned())
        );
    }
}

#[test]
fn a_model_says_how_records_find_posts_and_people() {
    let told = |change: &dyn Fn(&mut Value)| {
        let mut document = document();
        change(&mut document);
        let definition: ModelDef = serde_json::from_value(document).unwrap();
        Model::new(definition).unwrap_err().to_string()
    };
    let text = told(&|own| {
        own["kinds"][0]
            .as_object_mut()
            .unwrap()
            .remove("credit")
            .map(drop)
            .unwrap();
    });
    assert!(
        text.contains("views[2].rows[0]: records of kind `order` may name a post alone"),
        "{text}"
    );
    let text = told(&|own| own["kinds"][1]["dimensions"] = json!([{"field": "person"}]));
    assert!(text.contains("views[1].rows[0]: records of kind `visit` name people of `person` and have no field of `post`"), "{text}");
    let text = told(&|own| own["posts"]["leads"] = json!({"nort": "lead"}));
    assert!(
        text.contains("posts: ") && text.contains("did you mean `north`?"),
        "{text}"
    );
    let text = told(&|own| {
        own["plans"][0]["recipes"][0]["steps"][0]["by"] =
            json!({"member": {"dimension": "post", "level": "team"}});
    });
    assert!(
        text.contains("has no targets for rows of `person.person`"),
        "{text}"
    );
}

/// A visit that names n1 alone is not ann's, who holds it, since visits are credited to nobody; one that names her is.
#[test]
fn what_names_a_post_alone_is_of_none_of_its_holders_where_its_kind_is_not_credited() {
    let mut document = document();
    let hers = json!({"key": "visits_of_ann", "formula": {"count": {"kinds": ["visit"],
        "where": [{"member": {"dimension": "person", "any_of": ["ann"]}}]}}});
    document["metrics"].as_array_mut().unwrap().push(hers);
    let shown = document["views"][1]["show"].as_array_mut().unwrap();
    shown.push(json!("visits_of_ann"));
    let mut journal = begun(&document);
    let visits = [
        visit("1", "2026-01-10", &[("post", "n1")]),
        visit("2", "2026-01-11", &[("post", "n1"), ("person", "ann")]),
    ];
    enter(&mut journal, "2026-02-28", &visits).unwrap();
    let view = journal.view("by_post").unwrap();
    let of_n1 = |column: &str| cells(&view, column, "2026-01")[1].clone();
    assert_eq!(of_n1("visits"), ("n1".to_owned(), "2 visit".to_owned()));
    let hers = ("n1".to_owned(), "1 visit".to_owned());
    assert_eq!(of_n1("visits_of_ann"), hers);
}
