//! Laws of posts: a day is what its tenures say, and stretches are days put together.

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use quotaflow::key::Key;
use quotaflow::quantity::Ratio;
use quotaflow::space::{Axis, DimensionDef, Posts, PostsDef, Space, Tenure, TenureDef};

const START: i32 = 739_000;
const DAYS: i32 = 40;
const POSTS: [&str; 2] = ["p1", "p2"];
const PEOPLE: [&str; 3] = ["ann", "bo", "cai"];

fn day(number: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(START + number).unwrap()
}

fn tenure() -> impl Strategy<Value = TenureDef> {
    let manner = prop::sample::select(vec![Tenure::Regular, Tenure::Acting, Tenure::Absent]);
    let days = (
        prop::option::of(0..DAYS),
        prop::option::of(1..DAYS),
        1_i64..=4,
    );
    (0..POSTS.len(), 0..PEOPLE.len(), days, manner).prop_map(
        |(post, person, (from, to, part), tenure)| TenureDef {
            post: Key::new(POSTS[post]).unwrap(),
            person: Key::new(PEOPLE[person]).unwrap(),
            from: from.map(day),
            to: to.map(day),
            part: Ratio::new(i128::from(part), 4).unwrap(),
            tenure,
        },
    )
}

fn holds(tenure: &TenureDef, post: &str, on: NaiveDate) -> bool {
    tenure.post.as_str() == post
        && tenure.from.is_none_or(|from| from <= on)
        && tenure.to.is_none_or(|to| on < to)
}

/// The people for whom a post counts on a day, and what is left, by asking every tenure.
fn counted(tenures: &[TenureDef], post: &str, on: NaiveDate) -> (Vec<(String, Ratio)>, Ratio) {
    let mut parts = Vec::new();
    let mut left = Ratio::ONE;
    for person in PEOPLE {
        for tenure in tenures {
            if holds(tenure, post, on)
                && tenure.person.as_str() == person
                && tenure.tenure != Tenure::Absent
            {
                parts.push((person.to_owned(), tenure.part));
                left = left.checked_sub(tenure.part).unwrap();
            }
        }
    }
    (parts, left)
}

/// Whether tenures can be: none is empty, nobody holds a post twice on a day, and no post is more than whole.
fn possible(tenures: &[TenureDef]) -> bool {
    let empty = |one: &TenureDef| one.from.zip(one.to).is_some_and(|(from, to)| to <= from);
    !tenures.iter().any(empty)
        && (-1..=DAYS).map(day).all(|on| {
            POSTS.iter().all(|post| {
                let twice = PEOPLE.iter().any(|person| {
                    let own =
                        |one: &&TenureDef| holds(one, post, on) && one.person.as_str() == *person;
                    tenures.iter().filter(own).count() > 1
                });
                !twice && !counted(tenures, post, on).1.is_negative()
            })
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_day_of_a_post_is_what_its_tenures_say(tenures in prop::collection::vec(tenure(), 0..5), from in 0..DAYS, length in 0..DAYS) {
        let space = Space::new(vec![
            DimensionDef::flat("post", "post", POSTS).unwrap(),
            DimensionDef::flat("person", "person", PEOPLE).unwrap(),
        ])
        .unwrap();
        let definition = PostsDef {
            posts: Axis::new("post", "post").unwrap(),
            people: Axis::new("person", "person").unwrap(),
            tenures: tenures.clone(),
        };
        let text = serde_json::to_string(&definition).unwrap();
        prop_assert_eq!(&serde_json::from_str::<PostsDef>(&text).unwrap(), &definition);
        let made = Posts::new(&definition, &space);
        prop_assert_eq!(made.is_ok(), possible(&tenures), "{:?}", made);
        let Ok(made) = made else { return Ok(()) };
        for post in POSTS {
            let (start, end) = (day(from), day(from + length));
            let cut = made.stretches(post, start, end).unwrap();
            // They follow one another without a gap, and no two alike stand side by side.
            let mut next = start;
            for (at, one) in cut.iter().enumerate() {
                prop_assert_eq!(one.from, next);
                prop_assert!(one.to > one.from);
                prop_assert!(at == 0 || cut[at - 1].parts != one.parts);
                next = one.to;
            }
            prop_assert_eq!(next, end);
            for one in &cut {
                for number in one.from.num_days_from_ce()..one.to.num_days_from_ce() {
                    let on = day(number - START);
                    let (parts, left) = counted(&tenures, post, on);
                    let told: Vec<(String, Ratio)> = one.parts.iter().map(|(who, part)| (who.to_string(), *part)).collect();
                    prop_assert_eq!(&told, &parts);
                    prop_assert_eq!(one.vacant, left);
                    prop_assert_eq!(made.vacant_part(post, on).unwrap(), left);
                }
            }
        }
        for number in 0..DAYS {
            let on = day(number);
            for person in PEOPLE {
                let own = |one: &&TenureDef| one.person.as_str() == person && POSTS.iter().any(|post| holds(one, post, on));
                let held = tenures.iter().filter(own).count();
                prop_assert_eq!(made.held_by(person, on).unwrap().count(), held);
                prop_assert_eq!(made.without_post(on).any(|who| who.as_str() == person), held == 0);
                let regular: Vec<&Key> = tenures.iter().filter(own).filter(|one| one.tenure != Tenure::Acting).map(|one| &one.post).collect();
                let single = if let [post] = regular.as_slice() { Some(*post) } else { None };
                prop_assert_eq!(made.own_post(person, on).unwrap(), single);
            }
            for post in POSTS {
                let held = tenures.iter().any(|one| holds(one, post, on));
                prop_assert_eq!(made.vacant(on).any(|who| who.as_str() == post), !held);
            }
        }
    }
}
