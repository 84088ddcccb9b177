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
    Posts::new(&PostsDef { tenures, ..none() }, &space())
}

fn none() -> PostsDef {
    let (post, person) = (Axis::new("post", "post"), Axis::new("person", "person"));
    PostsDef::new(post.unwrap(), person.unwrap())
}

/// For whom a day of a post counts.
fn credited(posts: &Posts, post: &str, on: &str) -> Vec<(String, i128, i128)> {
    let parts = posts.credited(post, day(on)).unwrap();
    let parts = parts.map(|(who, part)| (who.to_string(), part.numerator(), part.denominator()));
    parts.collect()
}

fn part(who: &str, of: i128, whole: i128) -> (String, i128, i128) {
    (who.to_owned(), of, whole)
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
        "`ann` holds 0 of post `p1`: write a part above 0 and at most 1, in no smaller parts than millionths"
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
    assert_eq!(credited(&all, "p1", "2026-06-30"), [part("ann", 1, 1)]);
    assert_eq!(
        credited(&all, "p1", "2026-07-01"),
        [part("bo", 2, 5), part("unassigned", 3, 5)]
    );
    assert_eq!(credited(&all, "p1", "2026-08-01"), [part("ann", 1, 1)]);
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

/// Two teams, each with a lead post; the north's is below the south's by way of the whole.
fn teams() -> Space {
    let post = DimensionDef::new("post", &["firm", "team", "post"])
        .and_then(|own| own.member("firm", "all")?.child("team", "north", "all"))
        .and_then(|own| {
            own.child("team", "south", "all")?
                .child("post", "boss", "all")
        })
        .and_then(|own| {
            own.child("post", "n0", "north")?
                .child("post", "n1", "north")
        })
        .and_then(|own| own.child("post", "s1", "south"))
        .unwrap();
    let people = DimensionDef::flat("person", "person", ["ann", "bo", "cai", "open"]).unwrap();
    Space::new(vec![post, people]).unwrap()
}

fn led() -> PostsDef {
    none()
        .led("north", "n0")
        .and_then(|own| own.led("all", "boss"))
        .unwrap()
}

#[test]
fn what_nobody_holds_counts_for_who_leads_its_team_or_the_leader_above() {
    let (july, august) = (day("2026-07-01"), day("2026-08-01"));
    let definition = led()
        .held(tenure("boss", "cai"))
        .held(tenure("n0", "bo").until(august))
        .held(tenure("n1", "ann").since(july).part(Ratio::percent(75)));
    let all = Posts::new(&definition, &teams()).unwrap();
    // n1 is bo's until ann comes, and a quarter of it stays with bo until bo leaves: then it is the leader's above.
    assert_eq!(credited(&all, "n1", "2026-06-30"), [part("bo", 1, 1)]);
    assert_eq!(
        credited(&all, "n1", "2026-07-31"),
        [part("ann", 3, 4), part("bo", 1, 4)]
    );
    assert_eq!(
        credited(&all, "n1", "2026-08-01"),
        [part("ann", 3, 4), part("cai", 1, 4)]
    );
    // Nobody leads the south, so that what is vacant there is the boss's too; and a lead post that is vacant is no circle.
    assert_eq!(credited(&all, "s1", "2026-08-01"), [part("cai", 1, 1)]);
    assert_eq!(credited(&all, "n0", "2026-08-01"), [part("cai", 1, 1)]);
    let without = Posts::new(&led(), &teams()).unwrap();
    assert_eq!(
        credited(&without, "n1", "2026-08-01"),
        [part("unassigned", 1, 1)]
    );
    assert_eq!(
        credited(&without, "boss", "2026-08-01"),
        [part("unassigned", 1, 1)]
    );
}

#[test]
fn what_nobody_holds_stands_with_the_reserve_where_one_is_named() {
    let definition = led().reserve("open").unwrap().held(tenure("n0", "bo"));
    let definition = definition.held(tenure("n1", "ann").part(Ratio::percent(30)));
    let all = Posts::new(&definition, &teams()).unwrap();
    assert_eq!(
        credited(&all, "n1", "2026-08-01"),
        [part("open", 7, 10), part("ann", 3, 10)]
    );
    assert_eq!(credited(&all, "s1", "2026-08-01"), [part("open", 1, 1)]);
}

#[test]
fn who_acts_decides_then_the_largest_part_then_the_leader() {
    let (july, august) = (day("2026-07-01"), day("2026-08-01"));
    let definition = led()
        .held(tenure("n0", "cai"))
        .held(tenure("n1", "ann").until(july).part(Ratio::percent(40)))
        .held(tenure("n1", "bo").until(july).part(Ratio::percent(60)))
        .held(
            tenure("n1", "ann")
                .since(july)
                .until(august)
                .as_tenure(Tenure::Absent),
        )
        .held(
            tenure("n1", "bo")
                .since(july)
                .until(august)
                .part(Ratio::percent(50)),
        )
        .held(
            tenure("n1", "cai")
                .since(july)
                .until(august)
                .part(Ratio::percent(50))
                .as_tenure(Tenure::Acting),
        );
    let all = Posts::new(&definition, &teams()).unwrap();
    let decides = |post: &str, on: &str| all.decides(post, day(on)).unwrap().map(Key::as_str);
    assert_eq!(decides("n1", "2026-06-30"), Some("bo"));
    assert_eq!(decides("n1", "2026-07-01"), Some("cai"));
    assert_eq!(decides("n1", "2026-08-01"), Some("cai"));
    assert_eq!(decides("s1", "2026-08-01"), None);
    assert!(all.decides("n9", july).is_err());
}

#[test]
fn leads_and_the_reserve_are_members_that_are_there() {
    let refused = |definition: PostsDef| Posts::new(&definition, &teams()).unwrap_err().to_string();
    assert!(refused(none().led("nort", "n0").unwrap()).contains("did you mean `north`?"));
    assert!(refused(none().led("north", "n9").unwrap()).contains("no member `n9`"));
    assert!(refused(none().reserve("opn").unwrap()).contains("did you mean `open`?"));
    let fine = Ratio::new(1, 1_000_001).unwrap();
    assert!(
        refused(none().held(tenure("n1", "ann").part(fine)))
            .contains("no smaller parts than millionths")
    );
}
