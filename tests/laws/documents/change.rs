//! Changes of a document that leave it the shape of one: other leaves, parts of it elsewhere, twice or not at all.

use proptest::prelude::*;
use serde_json::{Value, json};

/// One change; places are counted in the order of the document, round and round.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// Another leaf.
    Leaf(usize, Value),
    /// Another leaf of the same sort: a number, an exact number as text, a day.
    Like(usize, Value, Value, Value),
    /// A part of the document in the place of another one of the same name.
    Graft(usize, usize),
    /// Any part in the place of any other.
    Swap(usize, usize),
    /// A field or element less.
    Drop(usize),
    /// An element once more.
    Double(usize),
    /// Nothing in a list or object.
    Empty(usize),
    /// The part inside so many others.
    Nest(usize, u8, u8),
}

pub(crate) fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(change(), 1..4)
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<usize>;
    prop_oneof![
        3 => (place(), leaf()).prop_map(|(at, leaf)| Change::Leaf(at, leaf)),
        8 => (place(), number(), exact(), day()).prop_map(|(at, number, exact, day)| Change::Like(at, number, exact, day)),
        6 => (place(), place()).prop_map(|(at, from)| Change::Graft(at, from)),
        1 => (place(), place()).prop_map(|(at, from)| Change::Swap(at, from)),
        2 => place().prop_map(Change::Drop),
        2 => place().prop_map(Change::Double),
        1 => place().prop_map(Change::Empty),
        1 => (place(), 1_u8..60, 0_u8..6).prop_map(|(at, times, inside)| Change::Nest(at, times, inside)),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(-1),
        json!(5),
        json!(12),
        json!(28),
        json!(63),
        json!(64),
        json!(65),
        json!(255),
        json!(256),
        json!(400),
        json!(65_535),
        json!(65_536),
        json!(100_000),
        json!(u32::MAX),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0.5),
        json!(1e300),
    ])
}

fn exact() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        "0",
        "1",
        "-1",
        "0.5",
        "2",
        "100",
        "-0",
        "0.01",
        "0.001",
        "1/3",
        "-1/3",
        "0.000000000001",
        "0.0000000000000000000000000001",
        "9223372036854775807",
        "-9223372036854775808",
        "92233720368547758.07",
        "92233720368547758.08",
        "79228162514264337593543950335",
        "-79228162514264337593543950335",
        "170141183460469231731687303715884105727",
        "-170141183460469231731687303715884105727",
        "1/170141183460469231731687303715884105727",
        "170141183460469231731687303715884105727/170141183460469231731687303715884105726",
        "1/1000000007",
        "999999999989/1000000000039",
        "1e5",
        "1000",
        "4294967295",
        "99999999999.99",
    ])
    .prop_map(|text| json!(text))
}

fn day() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        "0001-01-01",
        "0001-01-02",
        "0000-12-31",
        "9999-12-30",
        "9999-12-31",
        "+10000-01-01",
        "-0001-01-01",
        "+262142-12-31",
        "-262143-01-01",
        "2024-02-29",
        "2026-02-29",
        "2025-10-31",
        "2026-02-17",
        "2026-05-01",
        "2026-01-01",
        "1999-12-31",
    ])
    .prop_map(|text| json!(text))
}

fn word() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        "",
        " ",
        "x",
        "unassigned",
        "all",
        "(.., ..)",
        "[0, 0]",
        "[0, ..)",
        "(0, 1)",
        "money:USD",
        "count:visit",
        "share",
        "minute",
        "money:EUR per day",
        "no such thing",
        "华北",
        "target:sales",
        "expected:sales",
        "sales",
        "person",
        "day",
        "week",
        "month",
        "quarter",
        "half",
        "year",
        "equal",
        "zero",
        "refuse",
        "flow",
        "stock",
        "rating",
        "required",
        "instant",
        "iso",
        "retail",
        "larger",
        "smaller",
        "target",
        "neutral",
        "rate",
        "progress",
        "value",
        "to_date",
        "latest",
        "extend",
        "flat",
        "overall",
        "subject",
        "as_of",
        "period",
        "hill",
        "adams",
        "dean",
        "jefferson",
        "spare_to_first",
        "spare_to_heaviest",
        "remainder_to_largest",
        "working_days",
        "calendar_days",
        "23:59:60",
        "00:00:00",
        "24:00",
        "08:00-24:00",
        "run_rate",
        "rest_as_planned",
        "glides",
        "holds",
        "ahead",
        "wait",
        "fire",
        "nearest_rank",
    ])
    .prop_map(|text| json!(text))
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => number(),
        4 => exact(),
        2 => day(),
        3 => word(),
        1 => Just(json!("k".repeat(200))),
        1 => prop::sample::select(vec![json!(null), json!(true), json!([]), json!({})]),
    ]
}

/// Says whether a text begins like an exact number.
fn is_exact(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|first: char| first.is_ascii_digit())
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2
}

/// A place: the way to it, and its name without numbers.
struct Place {
    pointer: String,
    name: String,
    leaf: bool,
}

/// All objects of a document: the way to each, and the name of its field.
pub(crate) fn wholes(document: &Value) -> Vec<(String, String)> {
    places(document)
        .into_iter()
        .filter(|place| {
            document
                .pointer(&place.pointer)
                .is_some_and(Value::is_object)
        })
        .map(|place| (place.pointer, place.name))
        .collect()
}

fn places(value: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    walk(value, &mut String::new(), "", &mut found);
    found
}

fn walk(value: &Value, pointer: &mut String, name: &str, found: &mut Vec<Place>) {
    let length = pointer.len();
    let leaf = !value.is_object() && !value.is_array();
    if length > 0 {
        found.push(Place {
            pointer: pointer.clone(),
            name: name.to_owned(),
            leaf,
        });
    }
    match value {
        Value::Object(fields) => {
            for (field, inner) in fields {
                pointer.push('/');
                pointer.push_str(&field.replace('~', "~0").replace('/', "~1"));
                walk(inner, pointer, field, found);
                pointer.truncate(length);
            }
        }
        Value::Array(elements) => {
            for (at, inner) in elements.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&at.to_string());
                walk(inner, pointer, &format!("{name}[]"), found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn pick<'a>(list: &[&'a Place], at: usize) -> Option<&'a Place> {
    (!list.is_empty()).then(|| list[at % list.len()])
}

impl Change {
    pub(crate) fn apply(&self, document: &mut Value) {
        let places = places(document);
        let every: Vec<&Place> = places.iter().collect();
        let leaves: Vec<&Place> = places.iter().filter(|place| place.leaf).collect();
        match self {
            Self::Leaf(at, leaf) => {
                if let Some(place) = pick(&leaves, *at) {
                    put(document, &place.pointer, leaf.clone());
                }
            }
            Self::Like(at, number, exact, day) => {
                let alike = |place: &&&Place| match document.pointer(&place.pointer) {
                    Some(Value::Number(_)) => true,
                    Some(Value::String(text)) => is_exact(text),
                    _ => false,
                };
                let alike: Vec<&Place> = leaves.iter().filter(alike).copied().collect();
                if let Some(place) = pick(&alike, *at) {
                    let other = match document.pointer(&place.pointer) {
                        Some(Value::Number(_)) => number,
                        Some(Value::String(text)) if is_day(text) => day,
                        _ => exact,
                    };
                    put(document, &place.pointer, other.clone());
                }
            }
            Self::Graft(at, from) => {
                if let Some(place) = pick(&every, *at) {
                    let alike: Vec<&Place> = places
                        .iter()
                        .filter(|other| other.name == place.name && other.pointer != place.pointer)
                        .collect();
                    if let Some(source) = pick(&alike, *from) {
                        let part = document
                            .pointer(&source.pointer)
                            .cloned()
                            .unwrap_or_default();
                        put(document, &place.pointer, part);
                    }
                }
            }
            Self::Swap(at, from) => {
                if let (Some(place), Some(source)) = (pick(&every, *at), pick(&every, *from)) {
                    let part = document
                        .pointer(&source.pointer)
                        .cloned()
                        .unwrap_or_default();
                    put(document, &place.pointer, part);
                }
            }
            Self::Drop(at) => {
                if let Some(place) = pick(&every, *at) {
                    inside(document, &place.pointer, |outer, name| match outer {
                        Value::Object(fields) => drop(fields.remove(name)),
                        Value::Array(elements) => {
                            if let Ok(at) = name.parse::<usize>() {
                                elements.remove(at);
                            }
                        }
                        _ => {}
                    });
                }
            }
            Self::Double(at) => {
                let elements: Vec<&Place> = places
                    .iter()
                    .filter(|place| place.name.ends_with("[]"))
                    .collect();
                if let Some(place) = pick(&elements, *at) {
                    inside(document, &place.pointer, |outer, name| {
                        if let (Value::Array(elements), Ok(at)) = (outer, name.parse::<usize>()) {
                            elements.insert(at, elements[at].clone());
                        }
                    });
                }
            }
            Self::Empty(at) => {
                let wholes: Vec<&Place> = places.iter().filter(|place| !place.leaf).collect();
                if let Some(whole) =
                    pick(&wholes, *at).and_then(|place| document.pointer_mut(&place.pointer))
                {
                    *whole = if whole.is_array() {
                        json!([])
                    } else {
                        json!({})
                    };
                }
            }
            Self::Nest(at, times, inside) => {
                if let Some(part) =
                    pick(&every, *at).and_then(|place| document.pointer_mut(&place.pointer))
                {
                    for _ in 0..*times {
                        let inner = part.take();
                        *part = match inside {
                            0 => json!([inner]),
                            1 => json!({ "not": inner }),
                            2 => json!({ "any": [inner] }),
                            3 => json!({ "scaled": { "of": inner, "by": "2" } }),
                            4 => json!({ "scaled": { "of": inner, "factor": "2" } }),
                            _ => json!({ "atoms": [inner] }),
                        };
                    }
                }
            }
        }
    }
}

fn put(document: &mut Value, pointer: &str, part: Value) {
    if let Some(place) = document.pointer_mut(pointer) {
        *place = part;
    }
}

fn inside(document: &mut Value, pointer: &str, change: impl FnOnce(&mut Value, &str)) {
    if let Some((outer, name)) = pointer.rsplit_once('/')
        && let Some(outer) = document.pointer_mut(outer)
    {
        change(outer, &name.replace("~1", "/").replace("~0", "~"));
    }
}
