//! Laws of dimensions: membership is what the links say on the day, and declared order is all that order means.

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use quotaflow::key::Key;
use quotaflow::space::{Dimension, DimensionDef, LinkDef, MemberDef, MemberId};

fn key(text: String) -> Key {
    Key::new(text).unwrap()
}

fn day(number: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(number).unwrap()
}

/// Three levels; every team and person changes its parent on days of its own, with gaps in between.
#[derive(Debug, Clone)]
struct World {
    // For each team and each person: (days until the next change, parent or nobody).
    teams: Vec<Vec<(i32, Option<usize>)>>,
    people: Vec<Vec<(i32, Option<usize>)>>,
}

const START: i32 = 739_000;
const REGIONS: usize = 2;

fn world() -> impl Strategy<Value = World> {
    let history =
        |parents: usize| prop::collection::vec((1_i32..200, prop::option::of(0..parents)), 0..5);
    (prop::collection::vec(history(REGIONS), 1..4)).prop_flat_map(move |teams| {
        let count = teams.len();
        let people = prop::collection::vec(history(count), 1..6);
        people.prop_map(move |people| World {
            teams: teams.clone(),
            people,
        })
    })
}

fn parent_on(history: &[(i32, Option<usize>)], on: i32) -> Option<usize> {
    let mut at = START;
    for (days, parent) in history {
        if on >= at && on < at + days {
            return *parent;
        }
        at += days;
    }
    None
}

fn definition(world: &World) -> DimensionDef {
    let mut definition = DimensionDef::new("person", &["region", "team", "person"]).unwrap();
    let mut add = |level: &str, name: String, history: &[(i32, Option<usize>)], above: &str| {
        definition.members.push(MemberDef {
            key: key(name.clone()),
            title: quotaflow::text::Texts::default(),
            level: key(level.to_owned()),
            also: Vec::new(),
        });
        let mut at = START;
        for (days, parent) in history {
            if let Some(parent) = parent {
                definition.hierarchies[0].links.push(LinkDef {
                    member: key(name.clone()),
                    parent: key(format!("{above}{parent}")),
                    from: Some(day(at)),
                    to: Some(day(at + days)),
                });
            }
            at += days;
        }
    };
    for region in 0..REGIONS {
        add("region", format!("r{region}"), &[], "");
    }
    for (team, history) in world.teams.iter().enumerate() {
        add("team", format!("t{team}"), history, "r");
    }
    for (person, history) in world.people.iter().enumerate() {
        add("person", format!("p{person}"), history, "t");
    }
    definition
}

proptest! {
    #[test]
    fn a_placement_leads_to_the_ancestors_of_its_day(world in world(), offsets in prop::collection::vec(-20_i32..1_100, 1..20)) {
        let dimension = Dimension::new(definition(&world)).unwrap();
        let (team, region) = (dimension.level("team").unwrap(), dimension.level("region").unwrap());
        for offset in offsets {
            let on = START + offset;
            for (person, history) in world.people.iter().enumerate() {
                let member = dimension.member(&format!("p{person}")).unwrap();
                let placement = dimension.placement(member, day(on));
                let expected_team = parent_on(history, on);
                let expected_region = expected_team.and_then(|team| parent_on(&world.teams[team], on));
                let name = |member: MemberId| dimension.key_of(member).to_string();
                let shown = |found: Option<usize>, prefix| found.map_or("unassigned".to_owned(), |index| format!("{prefix}{index}"));
                prop_assert_eq!(name(dimension.ancestor(placement, team)), shown(expected_team, "t"));
                prop_assert_eq!(name(dimension.ancestor(placement, region)), shown(expected_region, "r"));
                prop_assert_eq!(dimension.member_of(placement), member);
            }
        }
    }

    #[test]
    fn the_order_of_links_means_nothing(world in world(), seed: u64) {
        let straight = definition(&world);
        let mut shuffled = straight.clone();
        let links = &mut shuffled.hierarchies[0].links;
        let mut state = seed;
        for index in (1..links.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            links.swap(index, usize::try_from(state >> 33).unwrap() % (index + 1));
        }
        let (left, right) = (Dimension::new(straight).unwrap(), Dimension::new(shuffled).unwrap());
        prop_assert_eq!(left.placements(), right.placements());
        for level in ["region", "team", "person"] {
            let level = left.level(level).unwrap();
            prop_assert_eq!(left.rollup(level), right.rollup(level));
        }
    }

    #[test]
    fn a_dimension_survives_its_document(world in world()) {
        let dimension = Dimension::new(definition(&world)).unwrap();
        let text = serde_json::to_string(&dimension).unwrap();
        prop_assert_eq!(serde_json::from_str::<Dimension>(&text).unwrap(), dimension);
    }

    #[test]
    fn arbitrary_documents_of_the_right_shape_never_panic(
        levels in prop::collection::vec("[a-c]", 0..4),
        members in prop::collection::vec(("[a-e]", "[a-d]"), 0..8),
        links in prop::collection::vec(("[a-e]", "[a-e]", prop::option::of(1_i32..3_652_059), prop::option::of(1_i32..3_652_059)), 0..12),
    ) {
        let text = serde_json::json!({
            "key": "d",
            "hierarchies": [{
                "key": "h",
                "levels": levels,
                "links": links.iter().map(|(member, parent, from, to)| {
                    let date = |number: &Option<i32>| number.map(|number| day(number).to_string());
                    serde_json::json!({"member": member, "parent": parent, "from": date(from), "to": date(to)})
                }).collect::<Vec<_>>(),
            }],
            "members": members.iter().map(|(key, level)| serde_json::json!({"key": key, "level": level})).collect::<Vec<_>>(),
        });
        if let Ok(dimension) = serde_json::from_value::<Dimension>(text) {
            for (member, _) in &members {
                let id = dimension.member(member).unwrap();
                for on in [1, 739_000, 3_652_058] {
                    let placement = dimension.placement(id, day(on));
                    prop_assert_eq!(dimension.member_of(placement), id);
                    prop_assert!(day(on).num_days_from_ce() == on);
                }
            }
        }
    }
}
