//! Laws of posts: a day is what its tenures say, and what nobody holds goes up to who leads.

use chrono::NaiveDate;
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
    #![proptest_config(crate::cases(400))]

    #[test]
    fn a_day_of_a_post_is_what_its_tenures_say(tenures in prop::collection::vec(tenure(), 0..5)) {
        let space = Space::new(vec![
            DimensionDef::flat("post", "post", POSTS).unwrap(),
            DimensionDef::flat("person", "person", PEOPLE).unwrap(),
        ])
        .unwrap();
        let definition = PostsDef {
            tenures: tenures.clone(),
            ..PostsDef::new(Axis::new("post", "post").unwrap(), Axis::new("person", "person").unwrap())
        };
        let text = serde_json::to_string(&definition).unwrap();
        prop_assert_eq!(&serde_json::from_str::<PostsDef>(&text).unwrap(), &definition);
        let made = Posts::new(&definition, &space);
        prop_assert_eq!(made.is_ok(), possible(&tenures), "{:?}", made);
        let Ok(made) = made else { return Ok(()) };
        for post in POSTS {
            for number in -1..=DAYS {
                let on = day(number);
                let (mut parts, left) = counted(&tenures, post, on);
                prop_assert_eq!(made.vacant_part(post, on).unwrap(), left);
                // The largest part first, of equal ones the first declared.
                parts.sort_by_key(|(_, part)| std::cmp::Reverse(*part));
                parts.extend((!left.is_zero()).then(|| ("unassigned".to_owned(), left)));
                let told: Vec<(String, Ratio)> = made.credited(post, on).unwrap().map(|(who, part)| (who.to_string(), part)).collect();
                prop_assert_eq!(told, parts);
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

/// Who holds a post, and so many quarters of it.
type Held = Option<(usize, i64)>;

/// A tree of teams, of which some are led by a post, and posts of which nobody holds some.
fn company() -> impl Strategy<Value = (Vec<Option<usize>>, Vec<Held>, bool)> {
    let leads = prop::collection::vec(prop::option::of(0_usize..4), 3);
    let held = prop::collection::vec(prop::option::of((0_usize..3, 1_i64..=4)), 4);
    (leads, held, any::<bool>())
}

/// For whom a post counts, by going up step by step.
fn by_hand(
    post: usize,
    whole: Ratio,
    (leads, held, has_reserve): (&[Option<usize>], &[Held], bool),
    seen: &mut Vec<usize>,
    found: &mut std::collections::BTreeMap<String, Ratio>,
) {
    let mut add = |who: &str, part: Ratio| {
        let own = found.entry(who.to_owned()).or_default();
        *own = own.checked_add(part).unwrap();
    };
    let mut left = whole;
    if let Some((person, quarters)) = held[post] {
        let part = whole
            .checked_mul(Ratio::new(i128::from(quarters), 4).unwrap())
            .unwrap();
        add(PEOPLE[person], part);
        left = left.checked_sub(part).unwrap();
    }
    if left.is_zero() {
        return;
    }
    if has_reserve {
        return add("open", left);
    }
    seen.push(post);
    // Posts 0 and 1 are in team 1, the others in team 2; both are in team 0.
    let teams = [if post < 2 { 1 } else { 2 }, 0];
    let lead = teams
        .iter()
        .filter_map(|team| leads[*team])
        .find(|lead| *lead != post);
    match lead.filter(|lead| !seen.contains(lead)) {
        Some(lead) => by_hand(lead, left, (leads, held, has_reserve), seen, found),
        None => add("unassigned", left),
    }
}

proptest! {
    #![proptest_config(crate::cases(400))]

    #[test]
    fn what_nobody_holds_goes_up_and_the_parts_make_up_the_whole((leads, held, has_reserve) in company()) {
        let names = ["p0", "p1", "p2", "p3"];
        let mut post = DimensionDef::new("post", &["firm", "team", "post"])
            .and_then(|own| own.member("firm", "t0")?.child("team", "t1", "t0")?.child("team", "t2", "t0"))
            .unwrap();
        for (at, name) in names.iter().enumerate() {
            post = post.child("post", name, if at < 2 { "t1" } else { "t2" }).unwrap();
        }
        let people = DimensionDef::flat("person", "person", PEOPLE.into_iter().chain(["open"])).unwrap();
        let space = Space::new(vec![post, people]).unwrap();
        let mut definition = PostsDef::new(Axis::new("post", "post").unwrap(), Axis::new("person", "person").unwrap());
        for (team, lead) in leads.iter().enumerate() {
            if let Some(lead) = lead {
                definition = definition.led(&format!("t{team}"), names[*lead]).unwrap();
            }
        }
        for (at, held) in held.iter().enumerate() {
            if let Some((person, quarters)) = held {
                let part = Ratio::new(i128::from(*quarters), 4).unwrap();
                definition = definition.held(TenureDef::always(names[at], PEOPLE[*person]).unwrap().part(part));
            }
        }
        if has_reserve {
            definition = definition.reserve("open").unwrap();
        }
        let text = serde_json::to_string(&definition).unwrap();
        prop_assert_eq!(&serde_json::from_str::<PostsDef>(&text).unwrap(), &definition);
        let posts = Posts::new(&definition, &space).unwrap();
        for (at, name) in names.iter().enumerate() {
            let mut wanted = std::collections::BTreeMap::new();
            by_hand(at, Ratio::ONE, (&leads, &held, has_reserve), &mut Vec::new(), &mut wanted);
            let told: Vec<(String, Ratio)> = posts.credited(name, day(0)).unwrap().map(|(who, part)| (who.to_string(), part)).collect();
            let sum = told.iter().fold(Ratio::ZERO, |sum, (_, part)| sum.checked_add(*part).unwrap());
            prop_assert_eq!(sum, Ratio::ONE);
            prop_assert_eq!(told.into_iter().collect::<std::collections::BTreeMap<_, _>>(), wanted);
        }
    }
}
