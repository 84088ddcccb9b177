//! Nobody ever holds more than the whole of a post with others, whatever it is that would bring that about.

use quotaflow::journal::{Awaited, Entry, EntryId, Journal, JournalError, Rejected, Rejection};
use quotaflow::model::Model;
use quotaflow::quantity::Ratio;
use quotaflow::space::{Tenure, TenureDef};
use serde_json::{Value, json};

use crate::journal_plans::{enter, reopened};
use crate::journal_posts::{document, holds, hr, joins, new, sold};

fn refused(journal: &mut Journal, entries: &[Entry]) -> String {
    rejected(journal, entries)[0].to_string()
}

#[test]
fn more_than_the_whole_of_a_post_is_refused_and_who_is_not_there_is_awaited() {
    let mut journal = new();
    let both = holds("1", "2026-01-09", ("n1", "bo"), |own| own);
    let text = refused(&mut journal, std::slice::from_ref(&both));
    assert!(
        text.contains(
            "post `n1` is held by `ann`, `bo` with more than the whole of it on 2026-01-09"
        ),
        "{text}"
    );
    // Together with ann's leaving it fits; and a void of that does not any more.
    let left = Entry::vacate(hr("2"), "2026-01-09".parse().unwrap(), "n1", Some("ann")).unwrap();
    enter(&mut journal, "2026-01-31", &[both, left]).unwrap();
    let void = Entry::void(hr("3"), "2026-02-01".parse().unwrap(), hr("2"));
    assert!(refused(&mut journal, &[void]).contains("more than the whole"));
    let team = holds("4", "2026-01-09", ("north", "bo"), |own| own);
    assert!(
        refused(&mut journal, &[team]).contains("`north` is no member of `post.post`"),
        "a team is no post"
    );
    let part = holds("4", "2026-01-09", ("n2", "bo"), |own| {
        own.part(Ratio::percent(101))
    });
    assert!(refused(&mut journal, &[part]).contains("at most 1"));
    let waits = holds("5", "2026-02-01", ("n2", "dan"), |own| own);
    let receipt = enter(&mut journal, "2026-02-28", &[waits]).unwrap();
    assert!(
        matches!(&receipt.waiting[0].awaits, Awaited::Member { member, .. } if member == "dan")
    );
    let receipt = enter(
        &mut journal,
        "2026-03-01",
        &[joins("6", "2026-02-01", "dan")],
    )
    .unwrap();
    assert_eq!(receipt.resumed, [hr("5")]);
    let posts = journal.view("by_post").unwrap().posts().unwrap().unwrap();
    assert_eq!(posts.vacant("2026-02-01".parse().unwrap()).count(), 0);
    let mut without = Journal::new(
        &crate::journal_plans::model(),
        "2025-12-01".parse().unwrap(),
    )
    .unwrap();
    let text = refused(
        &mut without,
        &[holds("1", "2026-01-09", ("n1", "bo"), |own| own)],
    );
    assert!(text.contains("the model declares no posts"), "{text}");
}

fn rejected_through(journal: &mut Journal, through: &str, entries: &[Entry]) -> Vec<Rejected> {
    match enter(journal, through, entries) {
        Err(JournalError::Rejected { rejected }) => rejected,
        other => panic!("{other:?}"),
    }
}

fn rejected(journal: &mut Journal, entries: &[Entry]) -> Vec<Rejected> {
    rejected_through(journal, "2026-02-28", entries)
}

fn names(rejected: &[Rejected]) -> Vec<String> {
    rejected.iter().map(|one| one.id.to_string()).collect()
}

/// cai takes n2 while dan, who was to have it, has not joined.
#[test]
fn who_joins_does_not_bring_back_a_tenure_of_a_post_that_somebody_else_took() {
    let mut journal = new();
    let first = "2026-02-01";
    let waits = holds("5", first, ("n2", "dan"), |own| own);
    let takes = holds("6", first, ("n2", "cai"), |own| own);
    enter(&mut journal, "2026-02-26", &[waits]).unwrap();
    enter(&mut journal, "2026-02-27", &[takes]).unwrap();
    let join = joins("7", first, "dan");
    let all = rejected(&mut journal, std::slice::from_ref(&join));
    assert_eq!(names(&all), ["hr/7"]);
    let text = all[0].reason.to_string();
    assert!(
        text.contains("`hr/5` would then be done after all")
            && text.contains(
                "post `n2` is held by `cai`, `dan` with more than the whole of it on 2026-02-01"
            ),
        "{text}"
    );
    // What comes beside it is taken, and so is the join where the other tenure, or the one that waits, is no more.
    let known = "2026-03-01T05:00:00".parse().unwrap();
    let beside = [join.clone(), joins("8", first, "ed")];
    let mut other = journal.clone();
    let receipt = other
        .enter_good(known, "2026-02-28".parse().unwrap(), &beside)
        .unwrap();
    assert_eq!(
        (receipt.added, names(&receipt.rejected)),
        (1, vec!["hr/7".to_owned()])
    );
    for way in [
        Entry::void(hr("9"), first.parse().unwrap(), hr("5")),
        Entry::void(hr("9"), first.parse().unwrap(), hr("6")),
        Entry::vacate(hr("9"), first.parse().unwrap(), "n2", Some("cai")).unwrap(),
    ] {
        let mut own = journal.clone();
        enter(&mut own, "2026-02-28", &[join.clone(), way]).unwrap();
        reopened(&own);
    }
    // Of those who wait for a parent it is the same: dan's post joins with its team.
    let post = Entry::join(hr("10"), first.parse().unwrap(), ("post", "post", "w1")).unwrap();
    let waiting = [
        post.under("west").unwrap(),
        holds("11", first, ("w1", "ann"), |own| own),
        holds("12", first, ("w1", "bo"), |own| {
            own.part(Ratio::percent(50))
        }),
    ];
    let mut own = journal.clone();
    enter(&mut own, "2026-02-28", &waiting[..2]).unwrap();
    enter(&mut own, "2026-03-01", &waiting[2..]).unwrap();
    let west = Entry::join(hr("13"), first.parse().unwrap(), ("post", "team", "west")).unwrap();
    let all = rejected_through(&mut own, "2026-03-02", &[west]);
    assert_eq!(names(&all), ["hr/13"]);
    assert!(
        all[0]
            .reason
            .to_string()
            .contains("`hr/12` would then be done"),
        "{}",
        all[0]
    );
}

/// Only the one that fills a post beyond the whole is refused, and whatever else is said of it or of others is taken.
#[test]
fn of_several_entries_about_a_post_only_the_one_that_would_overfill_it_is_refused() {
    let (away, back) = ("2026-02-09", "2026-02-23".parse().unwrap());
    let mut journal = new();
    let all = [
        holds("1", away, ("n1", "bo"), |own| {
            own.until(back).as_tenure(Tenure::Acting)
        }),
        holds("2", away, ("n1", "cai"), |own| own.until(back)),
        holds("3", away, ("n1", "ann"), |own| {
            own.until(back).as_tenure(Tenure::Absent)
        }),
        holds("4", away, ("n2", "bo"), |own| own.part(Ratio::percent(50))),
    ];
    assert_eq!(names(&rejected(&mut journal, &all)), ["hr/2"]);
    let without = [&all[..1], &all[2..]].concat();
    enter(&mut journal, "2026-02-28", &without).unwrap();
    // Two that would each be too much are both told.
    let mut journal = new();
    let two = ["bo", "cai"].map(|who| holds(who, away, ("n1", who), |own| own));
    assert_eq!(names(&rejected(&mut journal, &two)), ["hr/bo", "hr/cai"]);
    // A void of an absence brings the whole back, beside one of something else.
    enter(&mut journal, "2026-02-28", &without).unwrap();
    let voids = ["3", "4"].map(|of| Entry::void(hr(&format!("V-{of}")), back, hr(of)));
    let all = rejected_through(&mut journal, "2026-03-02", &voids);
    assert_eq!(names(&all), ["hr/V-3"]);
    assert!(
        all[0]
            .reason
            .to_string()
            .starts_with("post `n1` is held by"),
        "{}",
        all[0]
    );
    enter(&mut journal, "2026-03-02", &voids[1..]).unwrap();
}

/// bo, cai and dan take n2 on one day, and bo gives half of it up by what is said after them: those who have no room are refused.
#[test]
fn what_has_no_room_is_refused_and_what_makes_room_is_not_wherever_it_stands() {
    let first = "2026-02-01";
    let part = |name: &str, who: &str, percent: i32| {
        holds(name, first, ("n2", who), |own| {
            own.part(Ratio::percent(percent))
        })
    };
    for (parts, refused) in [
        (
            vec![("bo", 10), ("cai", 95), ("ann", 95)],
            vec!["hr/2", "hr/3"],
        ),
        (vec![("bo", 10), ("cai", 95), ("ann", 50)], vec!["hr/2"]),
        (
            vec![("bo", 50), ("cai", 50), ("ann", 50), ("bo", 40)],
            vec!["hr/3"],
        ),
        (
            vec![("bo", 100), ("cai", 50), ("ann", 50), ("bo", 50)],
            vec!["hr/3"],
        ),
        (vec![("bo", 100), ("cai", 50), ("bo", 50)], vec![]),
    ] {
        let all = (1..).zip(&parts);
        let all: Vec<Entry> = all
            .map(|(at, (who, percent)): (i32, &(&str, i32))| part(&at.to_string(), who, *percent))
            .collect();
        let mut journal = new();
        let told = match enter(&mut journal, "2026-02-28", &all) {
            Err(JournalError::Rejected { rejected }) => names(&rejected),
            other => {
                other.unwrap();
                Vec::new()
            }
        };
        assert_eq!(told, refused, "{parts:?}");
    }
    // Of very many the last ones are told.
    let many: Vec<Entry> = (100..1_100)
        .map(|at| {
            part(
                &format!("{at:05}"),
                ["ann", "bo", "cai"][at % 3],
                if at < 1_000 { 30 } else { 40 },
            )
        })
        .collect();
    let all = rejected(&mut new(), &many);
    assert!(all.len() < 110, "{} are refused", all.len());
}

#[test]
fn two_posts_or_people_whose_tenures_are_more_than_the_whole_together_are_not_merged_nor_parted() {
    let mut journal = new();
    let first: chrono::NaiveDate = "2026-02-01".parse().unwrap();
    let merge = |name: &str, of: (&str, &str, &str)| Entry::merge(hr(name), first, of).unwrap();
    let all = rejected(&mut journal, &[merge("1", ("post", "n1", "s1"))]);
    let text = all[0].reason.to_string();
    assert!(
        text.contains("post `s1` is held by `ann`, `bo` with more than the whole of it"),
        "{text}"
    );
    enter(
        &mut journal,
        "2026-02-26",
        &[merge("1", ("post", "n1", "n2"))],
    )
    .unwrap();
    let all = rejected(
        &mut journal,
        &[holds("2", "2026-02-01", ("n2", "cai"), |own| own)],
    );
    assert_eq!(names(&all), ["hr/2"]);
    // ann goes on as e-77, who shares n1 with bo; apart, all three would hold it.
    let mut journal = new();
    let half = |own: TenureDef| own.part(Ratio::percent(50));
    let all = [
        joins("3", "2026-02-01", "e-77"),
        merge("4", ("person", "ann", "e-77")),
        holds("5", "2026-02-01", ("n1", "e-77"), half),
        holds("6", "2026-02-01", ("n1", "bo"), half),
    ];
    enter(&mut journal, "2026-02-27", &all).unwrap();
    let all = rejected(&mut journal, &[Entry::void(hr("7"), first, hr("4"))]);
    assert_eq!(names(&all), ["hr/7"]);
    assert!(
        all[0].reason.to_string().contains("more than the whole"),
        "{}",
        all[0]
    );
}

/// A model that gives n2 to bo, whom cai has by an entry; and one that has dan, for whom a tenure of n2 waits that cai has by now.
#[test]
fn a_model_by_which_more_than_the_whole_of_a_post_would_be_held_is_refused_by_name() {
    let first = "2026-02-01";
    let mut journal = new();
    let all = [
        holds("1", first, ("n2", "dan"), |own| own),
        holds("2", first, ("n2", "cai"), |own| own),
    ];
    enter(&mut journal, "2026-02-26", &all).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| -> Model {
        let mut document = document();
        change(&mut document);
        serde_json::from_value(document).unwrap()
    };
    let held = changed(&|own| {
        let tenures = own["posts"]["tenures"].as_array_mut().unwrap();
        tenures.push(json!({"post": "n2", "person": "bo"}));
    });
    let joined = changed(&|own| {
        let people = own["dimensions"][1]["members"].as_array_mut().unwrap();
        people.push(json!({"key": "dan", "level": "person"}));
    });
    let whole = "post `n2` is held by";
    for (model, why, way) in [
        (
            &held,
            whole,
            Entry::vacate(hr("3"), first.parse().unwrap(), "n2", Some("cai")),
        ),
        (
            &joined,
            "it refuses `hr/1`: post `n2` is held by",
            Ok(Entry::void(hr("3"), first.parse().unwrap(), hr("1"))),
        ),
    ] {
        let mut own = journal.clone();
        own.introduce(model);
        let entry = Entry::model(hr("M"), "2026-02-27".parse().unwrap(), model)
            .by("eva")
            .because("agreed");
        let before = serde_json::to_string(&own.snapshot()).unwrap();
        let all = rejected(&mut own, std::slice::from_ref(&entry));
        assert_eq!(names(&all), ["hr/M"]);
        let Rejection::Model { all: misfits, .. } = &all[0].reason else {
            panic!("{}", all[0])
        };
        assert_eq!(misfits.len(), 1, "{}", all[0]);
        assert!(misfits[0].to_string().starts_with(why), "{}", all[0]);
        assert_eq!(serde_json::to_string(&own.snapshot()).unwrap(), before);
        // Together with what makes room it is taken, and then a void of an order is too.
        let all = [entry, way.unwrap(), sold(&["n2"]).remove(0)];
        enter(&mut own, "2026-02-28", &all).unwrap();
        let order = EntryId::new("crm", "n2 2026-01-01").unwrap();
        let void = Entry::void(hr("V"), "2026-02-28".parse().unwrap(), order);
        enter(&mut own, "2026-03-01", &[void]).unwrap();
        reopened(&own);
    }
}
