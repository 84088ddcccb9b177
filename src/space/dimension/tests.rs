use super::*;
use crate::space::UNASSIGNED;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Two regions, two teams, two people; Ann moves from team a to team b on 1 July, and team b moves from north to
/// south on 1 October.
fn people() -> DimensionDef {
    let at = |text| Some(day(text));
    DimensionDef::new("person", &["region", "team", "person"])
        .and_then(|d| d.member("region", "north")?.member("region", "south"))
        .and_then(|d| d.child("team", "a", "north")?.member("team", "b"))
        .and_then(|d| d.link("person", "b", "north", None, at("2026-10-01")))
        .and_then(|d| d.link("person", "b", "south", at("2026-10-01"), None))
        .and_then(|d| d.member("person", "ann")?.child("person", "bo", "a"))
        .and_then(|d| d.link("person", "ann", "a", None, at("2026-07-01")))
        .and_then(|d| d.link("person", "ann", "b", at("2026-07-01"), None))
        .unwrap()
}

#[test]
fn membership_is_as_of_the_day() {
    let dimension = Dimension::new(people()).unwrap();
    let ann = dimension.member("ann").unwrap();
    let (team, region) = (
        dimension.level("team").unwrap(),
        dimension.level("region").unwrap(),
    );
    let on = |text| {
        let placement = dimension.placement(ann, day(text));
        let name = |level| {
            dimension
                .key_of(dimension.ancestor(placement, level))
                .as_str()
        };
        (name(team), name(region))
    };
    assert_eq!(on("2020-01-01"), ("a", "north"));
    assert_eq!(on("2026-06-30"), ("a", "north"));
    assert_eq!(on("2026-07-01"), ("b", "north"));
    assert_eq!(on("2026-09-30"), ("b", "north"));
    assert_eq!(on("2026-10-01"), ("b", "south"));
    // unassigned, north, south, a and bo have one placement each, b two, ann three.
    assert_eq!(dimension.placements(), 10);
}

#[test]
fn what_has_no_parent_is_unassigned_above_itself() {
    let definition = people().member("person", "new").unwrap();
    let dimension = Dimension::new(definition).unwrap();
    let new = dimension.member("new").unwrap();
    let placement = dimension.placement(new, day("2026-01-01"));
    assert_eq!(
        dimension.ancestor(placement, dimension.level("person").unwrap()),
        new
    );
    assert_eq!(
        dimension.ancestor(placement, dimension.level("team").unwrap()),
        MemberId::UNASSIGNED
    );
    let north = dimension.member("north").unwrap();
    let placement = dimension.placement(north, day("2026-01-01"));
    assert_eq!(
        dimension.ancestor(placement, dimension.level("person").unwrap()),
        MemberId::UNASSIGNED
    );
}

#[test]
fn a_second_hierarchy_shares_the_leaves() {
    let definition = people()
        .hierarchy("grade", &["grade", "person"])
        .and_then(|d| d.member("grade", "senior"))
        .and_then(|d| d.link("grade", "bo", "senior", Some(day("2026-03-01")), None))
        .unwrap();
    let dimension = Dimension::new(definition).unwrap();
    let bo = dimension.member("bo").unwrap();
    let grade = dimension.level("grade").unwrap();
    let on = |text| {
        dimension
            .key_of(dimension.ancestor(dimension.placement(bo, day(text)), grade))
            .as_str()
    };
    assert_eq!((on("2026-02-28"), on("2026-03-01")), (UNASSIGNED, "senior"));
    let parent = |hierarchy, text| {
        dimension
            .parent(hierarchy, bo, day(text))
            .unwrap()
            .map(|id| dimension.key_of(id).as_str())
    };
    assert_eq!(parent("person", "2026-03-01"), Some("a"));
    assert_eq!(parent("grade", "2026-02-01"), None);
}

#[test]
fn every_broken_definition_has_its_own_error() {
    let base = || DimensionDef::new("d", &["top", "leaf"]).unwrap();
    let refused = |definition: DimensionDef| Dimension::new(definition).unwrap_err();
    let twice = base()
        .member("leaf", "x")
        .unwrap()
        .member("top", "x")
        .unwrap();
    assert!(matches!(refused(twice), SpaceError::DuplicateMember { .. }));
    let reserved = base().member("leaf", UNASSIGNED).unwrap();
    assert!(matches!(
        refused(reserved),
        SpaceError::ReservedMember { .. }
    ));
    let level = base().member("leef", "x").unwrap();
    assert_eq!(
        refused(level).to_string(),
        "dimension `d` has no level `leef`; did you mean `leaf`?"
    );
    let unknown = base().child("leaf", "x", "y").unwrap();
    assert!(matches!(refused(unknown), SpaceError::UnknownMember { .. }));
    let upward = base()
        .member("leaf", "x")
        .unwrap()
        .member("top", "y")
        .unwrap()
        .link("d", "y", "x", None, None);
    assert!(matches!(
        refused(upward.unwrap()),
        SpaceError::LevelOrder { .. }
    ));
    let cycle = base()
        .member("leaf", "x")
        .unwrap()
        .child("leaf", "y", "x")
        .unwrap()
        .link("d", "x", "y", None, None);
    let error = refused(cycle.unwrap());
    assert!(
        matches!(&error, SpaceError::Cycle { members, .. } if members.len() == 2),
        "{error}"
    );
    let own = base().child("leaf", "x", "x").unwrap();
    assert_eq!(
        refused(own).to_string(),
        "hierarchy `d` of dimension `d` has a cycle: x > x"
    );
    let both = base()
        .member("top", "a")
        .unwrap()
        .member("top", "b")
        .unwrap()
        .child("leaf", "x", "a")
        .unwrap();
    assert!(matches!(
        refused(both.link("d", "x", "b", None, None).unwrap()),
        SpaceError::TwoParents { .. }
    ));
    let empty = base()
        .member("top", "a")
        .unwrap()
        .member("leaf", "x")
        .unwrap();
    let same = Some(day("2026-01-01"));
    assert!(matches!(
        refused(empty.link("d", "x", "a", same, same).unwrap()),
        SpaceError::EmptyLink { .. }
    ));
    let levels = DimensionDef::new("d", &["a", "a"]).unwrap();
    assert!(matches!(refused(levels), SpaceError::DuplicateLevel { .. }));
    assert!(matches!(
        refused(DimensionDef::new("d", &[]).unwrap()),
        SpaceError::NoLevel { .. }
    ));
    let leaves = base().hierarchy("other", &["x", "y"]).unwrap();
    assert!(matches!(
        refused(leaves),
        SpaceError::LeafLevelsDiffer { .. }
    ));
    let same_hierarchy = base().hierarchy("d", &["x", "leaf"]).unwrap();
    assert!(matches!(
        refused(same_hierarchy),
        SpaceError::DuplicateHierarchy { .. }
    ));
}

#[test]
fn a_dimension_reads_back() {
    let dimension = Dimension::new(people()).unwrap();
    let text = serde_json::to_string(&dimension).unwrap();
    assert_eq!(serde_json::from_str::<Dimension>(&text).unwrap(), dimension);
}

#[test]
fn a_number_of_another_dimension_is_nobody() {
    let small = Dimension::new(DimensionDef::flat("d", "leaf", ["x"]).unwrap()).unwrap();
    let large = Dimension::new(people()).unwrap();
    let bo = large.member("bo").unwrap();
    let placement = large.placement(bo, day("2026-01-01"));
    let level = LevelId(40);
    assert!(bo.index() >= small.len() && placement.index() >= small.placements());
    assert_eq!(small.key_of(bo).as_str(), UNASSIGNED);
    assert_eq!(small.level_of(bo), None);
    assert_eq!(
        small.placement(bo, day("2026-01-01")),
        Placement::UNASSIGNED
    );
    assert_eq!(small.member_of(placement), MemberId::UNASSIGNED);
    let leaf = small.level("leaf").unwrap();
    assert_eq!(small.ancestor(placement, leaf), MemberId::UNASSIGNED);
    assert_eq!(
        small.ancestor(Placement::UNASSIGNED, level),
        MemberId::UNASSIGNED
    );
    assert_eq!(small.level_key(level), None);
    assert!(small.rollup(level).is_empty());
    assert_eq!(
        small.parent("d", bo, day("2026-01-01")).unwrap(),
        None,
        "nobody has no parent"
    );
}
