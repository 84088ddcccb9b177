//! The written form of dimensions and subjects.

use quotaflow::key::Key;
use quotaflow::quantity::Ratio;
use quotaflow::space::{
    Axis, Dimension, DimensionDef, Outline, OutlineDef, PostsDef, Space, Subjects, Tenure,
    TenureDef, Unassigned,
};
use serde_json::json;

#[test]
fn a_dimension_is_its_members_and_trees() {
    let from = Some("2026-07-01".parse().unwrap());
    let definition = DimensionDef::new("person", &["team", "person"])
        .and_then(|d| d.member("team", "north")?.child("person", "ann", "north"))
        .and_then(|d| {
            d.member("person", "bo")?
                .link("person", "bo", "north", from, None)
        })
        .unwrap();
    let written = json!({
        "key": "person",
        "hierarchies": [{
            "key": "person",
            "levels": ["team", "person"],
            "links": [
                {"member": "ann", "parent": "north"},
                {"member": "bo", "parent": "north", "from": "2026-07-01"},
            ],
        }],
        "members": [
            {"key": "north", "level": "team"},
            {"key": "ann", "level": "person"},
            {"key": "bo", "level": "person"},
        ],
    });
    assert_eq!(serde_json::to_value(&definition).unwrap(), written);
    let space = Space::new(vec![definition]).unwrap();
    let subjects = space
        .subjects(&Axis::new("person", "person").unwrap(), Unassigned::Shown)
        .unwrap();
    let rows = json!({
        "axes": [{"dimension": "person", "level": "person"}],
        "rows": [["ann"], ["bo"], ["unassigned"]],
    });
    assert_eq!(serde_json::to_value(&subjects).unwrap(), rows);
    assert_eq!(serde_json::from_value::<Subjects>(rows).unwrap(), subjects);
}

#[test]
fn an_unknown_field_is_refused_by_name() {
    let text = r#"{"key":"d","hierarchies":[{"key":"h","levels":["a"]}],"members":[{"key":"x","level":"a","colour":"red"}]}"#;
    let error = serde_json::from_str::<Dimension>(text)
        .unwrap_err()
        .to_string();
    assert!(error.contains("unknown field `colour`"), "{error}");
}

#[test]
fn posts_are_who_holds_them() {
    let (posts, people) = (Axis::new("post", "post"), Axis::new("person", "person"));
    let away = "2026-03-09".parse().unwrap();
    let definition = PostsDef {
        leads: [(Key::new("north").unwrap(), Key::new("lead").unwrap())].into(),
        reserve: Some(Key::new("open").unwrap()),
        ..PostsDef::new(posts.unwrap(), people.unwrap())
    };
    let definition = PostsDef {
        tenures: vec![
            TenureDef::always("north-1", "ann").unwrap().until(away),
            TenureDef::always("north-1", "bo")
                .unwrap()
                .since(away)
                .part(Ratio::percent(60))
                .as_tenure(Tenure::Acting),
        ],
        ..definition
    };
    let written = json!({
        "posts": {"dimension": "post", "level": "post"},
        "people": {"dimension": "person", "level": "person"},
        "leads": {"north": "lead"},
        "reserve": "open",
        "tenures": [
            {"post": "north-1", "person": "ann", "to": "2026-03-09"},
            {"post": "north-1", "person": "bo", "from": "2026-03-09", "part": "0.6", "tenure": "acting"},
        ],
    });
    assert_eq!(serde_json::to_value(&definition).unwrap(), written);
    assert_eq!(
        serde_json::from_value::<PostsDef>(written).unwrap(),
        definition
    );
}

#[test]
fn rows_of_text_are_read_by_a_definition_and_told_as_data() {
    let form = json!({
        "dimension": "person", "hierarchy": "sales", "levels": ["team", "person"],
        "numbers": [{"key": "weight", "form": {"decimal": ",", "thousands": ".", "signs": {"€": "1"}, "brackets": true}}],
        "gaps": "as_above", "same_name": "by_path"
    });
    let def: OutlineDef = serde_json::from_value(form.clone()).unwrap();
    assert_eq!(serde_json::to_value(&def).unwrap(), form);
    let plain = json!({"dimension": "person", "levels": ["team", "person"]});
    let short: OutlineDef = serde_json::from_value(plain.clone()).unwrap();
    assert_eq!(serde_json::to_value(&short).unwrap(), plain);
    let column = json!({"dimension": "person", "levels": [], "numbers": [{"key": "weight", "thousands": ","}]});
    let error = serde_json::from_value::<OutlineDef>(column).unwrap_err();
    assert!(
        error.to_string().contains("unknown field `thousands`"),
        "{error}"
    );
    let outline = def
        .read([["North", "Ann", "1.200,5 €"], ["", "ann ", ""]])
        .unwrap();
    let written = json!({
        "dimension": {
            "key": "person",
            "hierarchies": [{"key": "sales", "levels": ["team", "person"],
                "links": [{"member": "Ann", "parent": "North"}, {"member": "ann", "parent": "North"}]}],
            "members": [{"key": "North", "level": "team"}, {"key": "Ann", "level": "person"}, {"key": "ann", "level": "person"}]
        },
        "rows": ["Ann", "ann"],
        "numbers": [["1200.5", null]],
        "altered": [
            {"row": 2, "level": "team", "written": "", "member": "North"},
            {"row": 2, "level": "person", "written": "ann ", "member": "ann"}
        ],
        "alike": [["Ann", "ann"]]
    });
    assert_eq!(serde_json::to_value(&outline).unwrap(), written);
    assert_eq!(serde_json::from_value::<Outline>(written).unwrap(), outline);
}
