use super::*;
use crate::space::DimensionDef;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn space() -> Space {
    Space::new(vec![
        DimensionDef::flat("post", "post", ["p1", "p2"]).unwrap(),
        DimensionDef::flat("person", "person", ["ann", "bo", "cai"]).unwrap(),
    ])
    .unwrap()
}

fn posts(tenures: Vec<TenureDef>) -> Result<Posts, SpaceError> {
    let definition = PostsDef {
        posts: Axis::new("post", "post").unwrap(),
        people: Axis::new("person", "person").unwrap(),
        tenures,
    };
    Posts::new(&definition, &space())
}

fn tenure(post: &str, person: &str) -> TenureDef {
    TenureDef::always(post, person).unwrap()
}

fn refused(tenures: Vec<TenureDef>) -> String {
    posts(tenures).unwrap_err().to_string()
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let july = day("2026-07-01");
    assert_eq!(
        refused(vec![tenure("p1", "ann").since(july).until(july)]),
        "the tenure of `ann` in post `p1` ends on or before the day it starts"
    );
    assert_eq!(
        refused(vec![tenure("p1", "ann").part(Ratio::ZERO)]),
        "`ann` holds 0 of post `p1`: write a part above 0 and at most 1"
    );
    assert!(refused(vec![tenure("p1", "ann").part(Ratio::percent(101))]).contains("at most 1"));
    assert!(refused(vec![tenure("p1", "ann").part(Ratio::percent(-1))]).contains("above 0"));
    let half = || tenure("p1", "ann").part(Ratio::percent(50));
    assert_eq!(
        refused(vec![half(), half().since(july)]),
        "`ann` holds post `p1` twice on the same day: state one tenure with one part"
    );
    assert_eq!(
        refused(vec![
            tenure("p1", "ann"),
            tenure("p1", "bo").since(july).part(Ratio::percent(10))
        ]),
        "post `p1` is held by `ann`, `bo` with more than the whole of it on 2026-07-01: lower a part, or say who is absent"
    );
    assert_eq!(
        refused(vec![tenure("p1", "ann"), tenure("p1", "bo")]),
        "post `p1` is held by `ann`, `bo` with more than the whole of it: lower a part, or say who is absent"
    );
    assert!(refused(vec![tenure("p1", "anna")]).contains("did you mean `ann`?"));
    assert!(refused(vec![tenure("p3", "ann")]).contains("dimension `post` has no member `p3`"));
}

#[test]
fn one_after_the_other_may_hold_the_whole_and_so_may_two_halves() {
    let july = day("2026-07-01");
    let later = vec![
        tenure("p1", "bo").since(july),
        tenure("p1", "ann").until(july),
    ];
    assert!(posts(later).is_ok());
    let third = || Ratio::new(1, 3).unwrap();
    let thirds = ["ann", "bo", "cai"].map(|person| tenure("p1", person).part(third()));
    let all = posts(thirds.to_vec()).unwrap();
    assert_eq!(all.vacant_part("p1", july).unwrap(), Ratio::ZERO);
}

#[test]
fn a_post_of_somebody_absent_is_held_and_counts_for_nobody() {
    let (july, august) = (day("2026-07-01"), day("2026-08-01"));
    let absent = tenure("p1", "ann").since(july).until(august);
    let all = posts(vec![
        tenure("p1", "ann").until(july),
        absent.as_tenure(Tenure::Absent),
        tenure("p1", "bo")
            .since(july)
            .until(august)
            .part(Ratio::percent(40))
            .as_tenure(Tenure::Acting),
        tenure("p2", "bo"),
        tenure("p1", "ann").since(august),
    ])
    .unwrap();
    let holders: Vec<_> = all.holders("p1", july).unwrap().collect();
    assert_eq!(
        holders
            .iter()
            .map(|one| (one.person.as_str(), one.tenure))
            .collect::<Vec<_>>(),
        [("ann", Tenure::Absent), ("bo", Tenure::Acting)]
    );
    assert_eq!(all.vacant_part("p1", july).unwrap(), Ratio::percent(60));
    assert_eq!(all.vacant(july).count(), 0);
    // Who acts elsewhere keeps one post of their own; who is absent keeps theirs too.
    let own = |person: &str| all.own_post(person, july).unwrap().map(Key::as_str);
    assert_eq!(
        (own("bo"), own("ann"), own("cai")),
        (Some("p2"), Some("p1"), None)
    );
    assert_eq!(
        all.without_post(july).map(Key::as_str).collect::<Vec<_>>(),
        ["cai"]
    );
    let cut = all
        .stretches("p1", day("2026-06-15"), day("2026-09-01"))
        .unwrap();
    let told: Vec<_> = cut
        .iter()
        .map(|one| (one.from, one.parts[0].0.as_str(), one.vacant))
        .collect();
    assert_eq!(
        told,
        [
            (day("2026-06-15"), "ann", Ratio::ZERO),
            (july, "bo", Ratio::percent(60)),
            (august, "ann", Ratio::ZERO)
        ]
    );
}

#[test]
fn who_has_two_posts_has_no_single_one() {
    let all = posts(vec![
        tenure("p1", "ann").part(Ratio::percent(50)),
        tenure("p2", "ann").part(Ratio::percent(50)),
    ])
    .unwrap();
    assert_eq!(all.own_post("ann", day("2026-07-01")).unwrap(), None);
    assert_eq!(all.held_by("ann", day("2026-07-01")).unwrap().count(), 2);
}

#[test]
fn where_none_are_declared_everybody_is_a_post() {
    let people = Axis::new("person", "person").unwrap();
    let all = Posts::of_people(&people, &space()).unwrap();
    let any = day("2026-07-01");
    assert!(all.are_people());
    assert_eq!(all.posts(), all.people());
    assert_eq!(
        all.own_post("bo", any).unwrap().map(Key::as_str),
        Some("bo")
    );
    assert_eq!(all.vacant(any).count() + all.without_post(any).count(), 0);
    assert_eq!(all.stretches("bo", any, any).unwrap(), []);
    let one = &all.stretches("bo", any, day("2027-01-01")).unwrap()[0];
    assert_eq!(
        (one.parts.as_slice(), one.vacant),
        (
            [(&Key::new("bo").unwrap(), Ratio::ONE)].as_slice(),
            Ratio::ZERO
        )
    );
}
