//! Members who go by several names: by further names of the model, by a model that changed, and by merges, each from its day on.

use chrono::NaiveDate;
use quotaflow::journal::{Close, Entry, Journal, JournalError, Rejection};
use quotaflow::key::Key;
use quotaflow::model::Model;
use quotaflow::quantity::Ratio;
use quotaflow::space::TenureDef;
use quotaflow::text::{Lang, Texts};
use serde_json::{Value, json};

use crate::journal_plans::{enter, reopened};
use crate::journal_posts::{document, holds, hr, joins};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The company of posts, in which n1 goes by another name as well, and so do ann and the north.
fn named() -> Value {
    let mut document = document();
    for (dimension, member, name) in [(0, 0, "n-old"), (0, 3, "first"), (1, 0, "a1")] {
        document["dimensions"][dimension]["members"][member]["also"] = json!([name]);
    }
    document
}

fn begun(document: &Value) -> Journal {
    let model: Model = serde_json::from_value(document.clone()).unwrap();
    Journal::new(&model, day("2025-12-01")).unwrap()
}

fn merge(name: &str, on: &str, of: (&str, &str, &str)) -> Entry {
    Entry::merge(hr(name), day(on), of).unwrap()
}

/// Who holds a post on a day, as of another one.
fn holders(journal: &Journal, post: &str, on: &str, as_of: &str) -> Vec<String> {
    let view = journal.view("by_post").unwrap().as_of(day(as_of));
    view.panel().unwrap();
    let posts = view.posts().unwrap().unwrap();
    let own = posts.holders(post, day(on)).unwrap();
    own.map(|one| one.person.to_string()).collect()
}

#[test]
fn who_holds_a_post_under_a_further_name_holds_it_and_leaves_it_under_any() {
    let mut journal = begun(&named());
    let all = [
        holds("1", "2026-01-10", ("first", "bo"), |own| {
            own.part(Ratio::percent(50))
        }),
        holds("2", "2026-01-10", ("n1", "a1"), |own| {
            own.part(Ratio::percent(50))
        }),
    ];
    enter(&mut journal, "2026-01-31", &all).unwrap();
    let both = || vec!["ann".to_owned(), "bo".to_owned()];
    for journal in [reopened(&journal), journal.clone()] {
        assert_eq!(holders(&journal, "n1", "2026-01-10", "2026-01-31"), both());
        assert_eq!(
            holders(&journal, "first", "2026-01-10", "2026-01-31"),
            both()
        );
        assert_eq!(holders(&journal, "n1", "2026-01-09", "2026-01-31"), ["ann"]);
    }
    let left = [
        Entry::vacate(hr("3"), day("2026-02-01"), "first", Some("a1")).unwrap(),
        Entry::close(hr("4"), day("2026-01-31"), Close::Hard),
    ];
    enter(&mut journal, "2026-02-02", &left).unwrap();
    for journal in [reopened(&journal), journal] {
        assert_eq!(holders(&journal, "n1", "2026-02-01", "2026-02-02"), ["bo"]);
    }
}

#[test]
fn a_model_may_give_posts_people_and_teams_under_further_names() {
    let mut document = named();
    document["posts"]["tenures"][1] = json!({"post": "first", "person": "a1"});
    document["posts"]["leads"] = json!({"n-old": "lead"});
    document["posts"]["reserve"] = json!("a1");
    let mut journal = begun(&document);
    let before = holders(&journal, "n1", "2026-01-01", "2026-01-31");
    assert_eq!(before, ["ann"]);
    let all = [Entry::end(hr("1"), day("2026-01-11"), ("person", "ann")).unwrap()];
    enter(&mut journal, "2026-01-31", &all).unwrap();
    assert!(holders(&journal, "n1", "2026-01-11", "2026-01-31").is_empty());
    assert_eq!(holders(&journal, "n1", "2026-01-10", "2026-01-31"), ["ann"]);
}

/// The structure is told of members by whichever name: moved, ended, renamed, joined below and merged.
#[test]
fn what_is_said_of_a_further_name_is_said_of_its_member() {
    let mut journal = begun(&named());
    let titles = Texts::new(Lang::EN, "The first post");
    let all = [
        Entry::moving(hr("1"), day("2026-01-10"), ("post", "first", "south")).unwrap(),
        Entry::join(hr("2"), day("2026-01-10"), ("post", "post", "n3"))
            .unwrap()
            .under("n-old")
            .unwrap(),
        Entry::moving(hr("3"), day("2026-01-10"), ("post", "s1", "n-old")).unwrap(),
        Entry::rename(
            hr("4"),
            day("2026-01-10"),
            ("post", "first"),
            titles.clone(),
        )
        .unwrap(),
        Entry::end(hr("5"), day("2026-01-20"), ("post", "first")).unwrap(),
    ];
    enter(&mut journal, "2026-01-31", &all).unwrap();
    let view = journal.view("by_team").unwrap();
    let space = view.space().unwrap();
    let posts = space.dimension("post").unwrap();
    let tree = posts.tree("post").unwrap();
    let team = |post: &str, on: &str| tree.parent_key(post, day(on)).map(ToString::to_string);
    assert_eq!(team("n1", "2026-01-09").as_deref(), Some("north"));
    assert_eq!(team("n1", "2026-01-10").as_deref(), Some("south"));
    assert_eq!(team("n1", "2026-01-20"), None);
    assert_eq!(team("n3", "2026-01-10").as_deref(), Some("north"));
    assert_eq!(team("s1", "2026-01-10").as_deref(), Some("north"));
    // What the model says of those nobody told of stays.
    assert_eq!(team("n2", "2026-01-10").as_deref(), Some("north"));
    let own = &posts.definition().members;
    let own = own.iter().find(|own| own.key == *"n1").unwrap();
    assert_eq!(own.title, titles);
    view.panel().unwrap();
    reopened(&journal);
}

#[test]
fn a_merge_that_names_a_member_by_a_further_name_is_one_of_the_member() {
    let mut journal = begun(&named());
    let merged = merge("1", "2026-01-20", ("person", "a1", "bo"));
    enter(&mut journal, "2026-01-31", &[merged]).unwrap();
    for journal in [reopened(&journal), journal.clone()] {
        let rows = journal.view("by_person").unwrap().panel().unwrap();
        let rows: Vec<String> = rows.subjects().labels().collect();
        assert_eq!(rows, ["bo", "cai"]);
        assert_eq!(holders(&journal, "n1", "2026-01-10", "2026-01-31"), ["bo"]);
    }
    // It is done, whichever name says it again, and nothing is said of either name any more.
    for (again, by) in [
        (merge("2", "2026-01-20", ("person", "ann", "cai")), "hr/1"),
        (merge("2", "2026-01-20", ("person", "bo", "a1")), "hr/1"),
        (
            Entry::end(hr("2"), day("2026-01-25"), ("person", "ann")).unwrap(),
            "hr/1",
        ),
    ] {
        let error = enter(&mut journal, "2026-02-01", &[again]).unwrap_err();
        assert!(error.to_string().contains(by), "{error}");
    }
    let itself = merge("2", "2026-01-20", ("post", "n1", "first"));
    let error = enter(&mut journal, "2026-02-01", &[itself]).unwrap_err();
    assert!(error.to_string().contains("into itself"), "{error}");
    // Whom it was merged into under a further name is that member.
    let into = merge("3", "2026-01-20", ("post", "n2", "first"));
    enter(&mut journal, "2026-02-01", &[into]).unwrap();
    let rows = journal.view("by_post").unwrap().panel().unwrap();
    let rows: Vec<String> = rows.subjects().labels().collect();
    assert_eq!(rows, ["lead", "n1", "s1"]);
    reopened(&journal);
}

/// n1 becomes north-1, and bo b-1, by a model that keeps the names of before.
#[test]
fn a_model_that_renames_a_post_and_a_person_keeps_what_entries_said_of_them() {
    let mut journal = begun(&document());
    let all = [
        joins("1", "2026-01-01", "dan"),
        holds("2", "2026-01-10", ("n2", "dan"), |own| own),
        Entry::vacate(hr("3"), day("2026-01-10"), "n1", Some("ann")).unwrap(),
        holds("4", "2026-01-10", ("n1", "bo"), |own| own),
        Entry::moving(hr("5"), day("2026-01-15"), ("post", "n1", "south")).unwrap(),
    ];
    enter(&mut journal, "2026-01-31", &all).unwrap();
    let mut changed = document();
    changed["dimensions"][0]["members"][3] =
        json!({"key": "north-1", "level": "post", "also": ["n1"]});
    changed["dimensions"][1]["members"][1] =
        json!({"key": "b-1", "level": "person", "also": ["bo"]});
    let model: Model = serde_json::from_value(changed).unwrap();
    journal.introduce(&model);
    let entry = Entry::model(hr("M"), day("2026-02-01"), &model)
        .by("eva")
        .because("other names");
    let close = Entry::close(hr("C"), day("2026-01-31"), Close::Hard);
    enter(&mut journal, "2026-02-01", &[entry]).unwrap();
    enter(&mut journal, "2026-02-02", &[close]).unwrap();
    for journal in [reopened(&journal), journal] {
        let of = |post: &str, on: &str| holders(&journal, post, on, "2026-02-02");
        assert_eq!(of("north-1", "2026-01-09"), ["ann"]);
        assert_eq!(of("north-1", "2026-01-10"), ["b-1"]);
        assert_eq!(of("s1", "2026-01-10"), ["b-1"]);
        assert_eq!(of("n2", "2026-01-10"), ["dan"]);
        let space = journal.view("by_team").unwrap().space().unwrap();
        let tree = space.dimension("post").unwrap().tree("post").unwrap();
        let team = tree.parent_key("north-1", day("2026-01-15"));
        assert_eq!(team.map(Key::as_str), Some("south"));
    }
}

/// The second account of bo is shut before it turns out to be his: his own post stays his. Shut afterwards, both are.
#[test]
fn what_ended_under_one_name_before_a_merge_ended_under_that_name_alone() {
    let apart = [
        joins("1", "2026-01-01", "b-2"),
        holds("2", "2026-01-05", ("n2", "b-2"), |own: TenureDef| own),
        Entry::end(hr("3"), day("2026-01-20"), ("person", "b-2")).unwrap(),
        merge("4", "2026-02-01", ("person", "b-2", "bo")),
    ];
    for order in [[0, 1, 2, 3], [3, 1, 0, 2]] {
        let mut journal = begun(&document());
        let all: Vec<Entry> = order.iter().map(|at| apart[*at].clone()).collect();
        enter(&mut journal, "2026-02-10", &all).unwrap();
        for journal in [reopened(&journal), journal.clone()] {
            let of = |post: &str, on: &str| holders(&journal, post, on, "2026-02-10");
            assert_eq!(of("n2", "2026-01-19"), ["bo"]);
            assert!(of("n2", "2026-01-20").is_empty());
            assert_eq!(of("s1", "2026-02-05"), ["bo"]);
        }
        let end = Entry::end(hr("5"), day("2026-02-05"), ("person", "bo")).unwrap();
        enter(&mut journal, "2026-02-11", &[end]).unwrap();
        assert!(holders(&journal, "s1", "2026-02-05", "2026-02-11").is_empty());
    }
    // So it is with posts: what was vacated was one of them.
    let mut journal = begun(&document());
    let all = [
        Entry::vacate(hr("1"), day("2026-01-10"), "n2", None).unwrap(),
        Entry::end(hr("2"), day("2026-01-15"), ("post", "n2")).unwrap(),
        merge("3", "2026-02-01", ("post", "n2", "n1")),
    ];
    enter(&mut journal, "2026-02-10", &all).unwrap();
    let of = |on: &str| holders(&journal, "n1", on, "2026-02-10");
    assert_eq!(of("2026-02-05"), ["ann"]);
}

/// Merged step by step, the later step first: on a day between, b-2 is b-3 and not yet bo.
#[test]
fn who_is_who_on_a_day_does_not_depend_on_the_order_in_which_it_was_told() {
    let steps = [
        merge("1", "2026-02-01", ("person", "b-3", "bo")),
        merge("2", "2026-01-10", ("person", "b-2", "b-3")),
    ];
    for turned in [false, true] {
        let mut journal = begun(&document());
        let first = [
            joins("3", "2026-01-01", "b-2"),
            joins("4", "2026-01-01", "b-3"),
            holds("5", "2026-01-05", ("n2", "b-2"), |own| own),
            Entry::end(hr("6"), day("2026-01-20"), ("person", "b-3")).unwrap(),
        ];
        enter(&mut journal, "2026-01-09", &first).unwrap();
        let mut steps = steps.to_vec();
        if turned {
            steps.reverse();
        }
        for (step, through) in steps.into_iter().zip(["2026-02-10", "2026-02-11"]) {
            enter(&mut journal, through, &[step]).unwrap();
        }
        // b-3 has n2 since she is b-2, until she leaves; bo, who is both since February, stays.
        let of = |post: &str, on: &str| holders(&journal, post, on, "2026-02-11");
        assert_eq!(of("n2", "2026-01-19"), ["bo"]);
        assert!(of("n2", "2026-01-21").is_empty(), "{turned}");
        assert_eq!(of("s1", "2026-01-21"), ["bo"]);
    }
}

/// ann goes on as e-77 from 20 January, who joins on 1 February: between these days she is ann, and so are the post that leads and the reserve.
#[test]
fn between_a_merge_and_the_join_of_who_stays_a_member_is_who_it_was() {
    let mut led = document();
    led["posts"]["reserve"] = json!("ann");
    led["posts"]["leads"] = json!({"north": "n1"});
    for document in [document(), led] {
        let mut journal = begun(&document);
        let post = Entry::join(hr("3"), day("2026-02-01"), ("post", "post", "n9")).unwrap();
        let all = [
            joins("1", "2026-02-01", "e-77"),
            merge("2", "2026-01-20", ("person", "ann", "e-77")),
            post,
            merge("4", "2026-01-20", ("post", "n1", "n9")),
        ];
        enter(&mut journal, "2026-02-10", &all).unwrap();
        for journal in [reopened(&journal), journal] {
            for (as_of, post, who) in [
                ("2026-01-19", "n1", "ann"),
                ("2026-01-20", "n1", "ann"),
                ("2026-01-31", "n1", "ann"),
                ("2026-02-01", "n9", "e-77"),
            ] {
                let found = holders(&journal, post, "2026-01-10", as_of);
                assert_eq!(found, [who], "{as_of}");
            }
        }
    }
}

/// Half of a post that is held under one name and all of it under another are more than the whole.
#[test]
fn more_than_the_whole_of_a_post_is_refused_under_whichever_names_it_is_held() {
    let mut journal = begun(&named());
    let error = enter(
        &mut journal,
        "2026-01-31",
        &[holds("1", "2026-01-10", ("first", "bo"), |own| own)],
    )
    .unwrap_err();
    let JournalError::Rejected { rejected } = &error else {
        panic!("{error}")
    };
    let reason = &rejected[0].reason;
    assert!(matches!(reason, Rejection::Space(_)), "{reason}");
    assert!(
        reason
            .to_string()
            .contains("post `n1` is held by `ann`, `bo`"),
        "{reason}"
    );
    let full = holds("2", "2026-01-10", ("first", "a1"), |own| own);
    enter(&mut journal, "2026-01-31", &[full]).unwrap();
}
