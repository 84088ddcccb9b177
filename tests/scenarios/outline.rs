//! Dimensions from rows of text, as sheets have them.

use quotaflow::ErrorKind;
use quotaflow::key::Key;
use quotaflow::space::{Outline, OutlineDef, Space};
use serde_json::{Value, json};

fn def(more: &Value) -> OutlineDef {
    let mut def = json!({"dimension": "person", "levels": ["region", "team", "person"]});
    for (key, value) in more.as_object().unwrap() {
        def[key] = value.clone();
    }
    serde_json::from_value(def).unwrap()
}

fn read(more: &Value, rows: &[&[&str]]) -> Outline {
    def(more).read(rows).unwrap()
}

fn refused(more: &Value, rows: &[&[&str]]) -> Vec<String> {
    let error = def(more).read(rows).unwrap_err();
    error.mistakes.iter().map(ToString::to_string).collect()
}

/// Child, level and parent of each member.
fn tree(outline: &Outline) -> Vec<(&str, &str, Option<&str>)> {
    let links = &outline.dimension.hierarchies[0].links;
    let members = outline.dimension.members.iter();
    let each = members.map(|member| {
        let above = links.iter().find(|link| link.member == member.key);
        let above = above.map(|link| link.parent.as_str());
        (member.key.as_str(), member.level.as_str(), above)
    });
    each.collect()
}

#[test]
fn rows_of_a_sheet_are_a_dimension() {
    let outline = read(
        &json!({}),
        &[
            &["North", "Team 1", "Ann"],
            &["North", "Team 1", "Bo"],
            &["South", "Team 2", "Cy"],
            &["North", "Team 3"],
            &["North", "Team 1", "Ann"],
            &[],
        ],
    );
    assert_eq!(
        tree(&outline),
        [
            ("North", "region", None),
            ("Team 1", "team", Some("North")),
            ("Ann", "person", Some("Team 1")),
            ("Bo", "person", Some("Team 1")),
            ("South", "region", None),
            ("Team 2", "team", Some("South")),
            ("Cy", "person", Some("Team 2")),
            ("Team 3", "team", Some("North")),
        ]
    );
    let rows: Vec<Option<&str>> = outline
        .rows
        .iter()
        .map(|row| row.as_ref().map(Key::as_str))
        .collect();
    assert_eq!(
        rows,
        [
            Some("Ann"),
            Some("Bo"),
            Some("Cy"),
            Some("Team 3"),
            Some("Ann"),
            None
        ]
    );
    assert!(outline.altered.is_empty() && outline.alike.is_empty());
    Space::new(vec![outline.dimension]).unwrap();
}

#[test]
fn blanks_say_nothing_and_what_was_written_is_told() {
    let outline = read(
        &json!({}),
        &[
            &["\u{feff}North", " Team\u{a0} 1 ", "Ann\n"],
            &["North", "Team 1", "\u{3000}ann"],
        ],
    );
    let told: Vec<String> = outline.altered.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "row 1, region: `\u{feff}North` is read as `North`",
            "row 1, team: ` Team\u{a0} 1 ` is read as `Team 1`",
            "row 1, person: `Ann\n` is read as `Ann`",
            "row 2, person: `\u{3000}ann` is read as `ann`",
        ]
    );
    // Names that differ by capitals alone are two, and told.
    assert_eq!(outline.alike.len(), 1);
    assert_eq!(
        outline.alike[0].iter().map(Key::as_str).collect::<Vec<_>>(),
        ["Ann", "ann"]
    );
}

#[test]
fn an_empty_cell_is_refused_left_out_or_as_above() {
    let rows: [&[&str]; 4] = [
        &["North", "Team 1", "Ann"],
        &["", "", "Bo"],
        &["South", "", "Cy"],
        &["", "Team 2", "Dee"],
    ];
    let gap = "the cell is empty, and one below it is not: fill it, or say by `gaps` that the level is left out or is as in the row above";
    assert_eq!(
        refused(&json!({}), &rows),
        [
            format!("row 2, region: {gap}"),
            format!("row 2, team: {gap}"),
            format!("row 3, team: {gap}"),
            format!("row 4, region: {gap}"),
        ]
    );
    let outline = read(&json!({"gaps": "left_out"}), &rows);
    let parents: Vec<(&str, Option<&str>)> = tree(&outline)
        .into_iter()
        .map(|(key, _, above)| (key, above))
        .collect();
    assert_eq!(
        parents,
        [
            ("North", None),
            ("Team 1", Some("North")),
            ("Ann", Some("Team 1")),
            ("Bo", None),
            ("South", None),
            ("Cy", Some("South")),
            ("Team 2", None),
            ("Dee", Some("Team 2")),
        ]
    );
    // A team is as above only below the region of above.
    assert_eq!(
        refused(&json!({"gaps": "as_above"}), &rows),
        [format!("row 3, team: {gap}")]
    );
    let outline = read(
        &json!({"gaps": "as_above"}),
        &[rows[0], rows[1], &["South", "Team 2", "Cy"], rows[3]],
    );
    let parents: Vec<(&str, Option<&str>)> = tree(&outline)
        .into_iter()
        .map(|(key, _, above)| (key, above))
        .collect();
    assert!(parents.contains(&("Bo", Some("Team 1"))));
    assert!(parents.contains(&("Dee", Some("Team 2"))));
    assert!(parents.contains(&("Team 2", Some("South"))));
    assert_eq!(
        outline.altered[0].to_string(),
        "row 2, region: `` is read as `North`"
    );
}

#[test]
fn one_name_for_two_things_is_refused_or_told_apart_by_its_path() {
    let rows: [&[&str]; 4] = [
        &["North", "Team 1", "Ann"],
        &["South", "Team 1", "Ann"],
        &["East", "North", "Bo"],
        &["East", "Team 2", "Ann"],
    ];
    assert_eq!(
        refused(&json!({}), &rows),
        [
            "row 2, team: `Team 1` stands below `South`, and below `North` in row 1: give one of them another name, or tell them apart by `same_name`",
            "row 3, team: `North` is of this level here, and of `region` in row 1: one name for two things, which `same_name` tells apart, or names that stand above one another in a circle",
            "row 4, person: `Ann` stands below `Team 2`, and below `Team 1` in row 1: give one of them another name, or tell them apart by `same_name`",
        ]
    );
    let outline = read(&json!({"same_name": "by_path"}), &rows);
    assert_eq!(
        tree(&outline),
        [
            ("North", "region", None),
            ("North / Team 1", "team", Some("North")),
            ("North / Team 1 / Ann", "person", Some("North / Team 1")),
            ("South", "region", None),
            ("South / Team 1", "team", Some("South")),
            ("South / Team 1 / Ann", "person", Some("South / Team 1")),
            ("East", "region", None),
            ("East / North", "team", Some("East")),
            ("Bo", "person", Some("East / North")),
            ("Team 2", "team", Some("East")),
            ("East / Team 2 / Ann", "person", Some("Team 2")),
        ]
    );
    let titles = outline
        .dimension
        .members
        .iter()
        .map(|member| member.title.get(quotaflow::text::Lang::EN));
    assert_eq!(titles.collect::<Vec<_>>()[2], "Ann");
    assert_eq!(
        outline.altered[1].to_string(),
        "row 1, person: `Ann` is read as `North / Team 1 / Ann`"
    );
    Space::new(vec![outline.dimension]).unwrap();
}

#[test]
fn names_in_a_circle_are_refused() {
    let told = refused(&json!({}), &[&["a", "b", "x"], &["b", "a", "y"]]);
    assert_eq!(told.len(), 2);
    assert!(
        told[0].starts_with("row 2, region: `b` is of this level here, and of `team` in row 1"),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("row 2, team: `a` is of this level here, and of `region` in row 1"),
        "{told:?}"
    );
}

#[test]
fn a_path_that_reads_like_a_name_is_refused() {
    let told = refused(
        &json!({"same_name": "by_path"}),
        &[&["a", "b", "x"], &["c", "b", "y"], &["c / b", "d", "z"]],
    );
    assert_eq!(
        told,
        ["row 3, region: `c / b` names another member in row 2: give one of them another name"]
    );
}

#[test]
fn numbers_are_read_by_the_form_of_their_column_and_by_row() {
    let numbers = json!({"numbers": [
        {"key": "weight", "form": {"thousands": ","}},
        {"key": "budget", "form": {"thousands": ",", "signs": {"$": "1"}}},
        {"key": "share", "form": {"signs": {"%": "0.01"}}}
    ]});
    let outline = read(
        &numbers,
        &[
            &["North", "Team 1", "Ann", "1,200", "$500", "12.5%"],
            &["North", "Team 1", "Bo", "", "", "0.3"],
        ],
    );
    let told: Vec<Vec<Option<String>>> = outline
        .numbers
        .iter()
        .map(|column| {
            column
                .iter()
                .map(|number| number.map(|number| number.to_string()))
                .collect()
        })
        .collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        told,
        [
            vec![some("1200"), None],
            vec![some("500"), None],
            vec![some("0.125"), some("0.3")]
        ]
    );
    assert_eq!(
        refused(
            &numbers,
            &[&["North", "Team 1", "Ann", "1,20", "€5", "1,5", "!"]]
        ),
        [
            "row 1, weight: `1,20` is not a number as this one is written: `1,234.5`",
            "row 1, budget: `€5` is not a number as this one is written: `1,234.5`, with `$`",
            "row 1, share: `1,5` is not a number as this one is written: `1234.5`, with `%`",
            "row 1, share: the row has 7 cells, and there are 6 columns: name the others in `numbers`, or leave them out",
        ]
    );
}

#[test]
fn a_form_that_cannot_be_read_by_is_told_once_and_of_its_column() {
    let numbers =
        json!({"numbers": [{"key": "weight", "form": {"thousands": "."}}, {"key": "share"}]});
    let row: &[&str] = &["North", "Team 1", "Ann", "1.200", "x"];
    assert_eq!(
        refused(&numbers, &[row, row]),
        [
            "weight: `.` cannot be read in numbers: give each sign one meaning, and none a digit",
            "row 1, share: `x` is not a number as this one is written: `1234.5`",
            "row 2, share: `x` is not a number as this one is written: `1234.5`",
        ]
    );
}

#[test]
fn what_is_wrong_with_columns_and_names_is_told_at_once() {
    let long = "x".repeat(300);
    let error = def(&json!({"levels": ["region", "region", "person"]}))
        .read([["North", "unassigned", long.as_str()]])
        .unwrap_err();
    let told: Vec<String> = error.mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(told[0], "region: two columns have this name");
    assert_eq!(
        told[1],
        "row 1, region: `unassigned` is kept for what belongs to nobody: leave the cells of such a row empty"
    );
    assert!(told[2].starts_with("row 1, person: "), "{told:?}");
    let error = quotaflow::Error::from(error);
    assert_eq!(
        (error.kind(), error.place()),
        (ErrorKind::Duplicate, Some("region"))
    );
    assert_eq!(
        refused(&json!({}), &[&["North"]]),
        [
            "team: no row has a name in this column; fill it, or leave it out of `levels`",
            "person: no row has a name in this column; fill it, or leave it out of `levels`"
        ]
    );
    assert_eq!(refused(&json!({"levels": []}), &[&["North"]]).len(), 2);
}

/// As sheets are written whose lines end in a comma.
#[test]
fn blank_cells_behind_the_last_column_are_none() {
    let outline = read(&json!({}), &[&["North", "Team 1", "Ann", "", " "]]);
    assert_eq!(outline.dimension.members.len(), 3);
    let told = refused(&json!({}), &[&["North", "Team 1", "Ann", "", "x", ""]]);
    assert!(
        told[0].contains("the row has 5 cells, and there are 3 columns"),
        "{told:?}"
    );
}

#[test]
fn names_that_differ_by_capitals_are_told_wherever_they_stand() {
    let rows: [&[&str]; 4] = [
        &["North", "A", "Ann"],
        &["North", "A", "ann"],
        &["South", "B", "ann"],
        &["South", "B", "Bo"],
    ];
    let outline = read(&json!({"same_name": "by_path"}), &rows);
    let alike: Vec<&str> = outline.alike[0].iter().map(Key::as_str).collect();
    assert_eq!(alike, ["Ann", "North / A / ann", "South / B / ann"]);
    assert_eq!(outline.alike.len(), 1);
}

#[test]
fn a_name_that_is_no_key_is_told_once() {
    let long = "x".repeat(300);
    let rows: [&[&str]; 2] = [&["North", "A", &long], &["South", "B", &long]];
    let told = refused(&json!({"same_name": "by_path"}), &rows);
    assert_eq!(told.len(), 2, "{told:?}");
    // Names that are keys by themselves and make none together.
    let half = "y".repeat(200);
    let told = refused(
        &json!({"same_name": "by_path"}),
        &[&["North", &half, &half]],
    );
    assert!(
        told.iter()
            .all(|line| line.starts_with("row 1, person: ") || line.starts_with("row 1, team: ")),
        "{told:?}"
    );
}
