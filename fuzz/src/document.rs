//! Changes a document where it is one: takes out, doubles, moves and replaces its parts, so that what comes out is read past
//! its first letter. Every other change is one of bytes.

use libfuzzer_sys::fuzzer_mutate;
use serde_json::{Map, Value};

/// Values at which things break.
const WORDS: [&str; 22] = [
    "0",
    "1",
    "-1",
    "2",
    "1/3",
    "0.5",
    "0.01",
    "-0.005",
    "100",
    "9223372036854775807",
    "-9223372036854775808",
    "170141183460469231731687303715884105727",
    "1/170141183460469231731687303715884105727",
    "79228162514264337593543950335",
    "0001-01-01",
    "9999-12-31",
    "2026-02-28",
    "2026-02-15",
    "unassigned",
    "",
    "ann",
    "sales",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }
}

/// Changes an input in place and returns its new length.
pub fn mutate(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed) | 1 << 40);
    if dice.below(4) > 0
        && let Ok(mut document) = serde_json::from_slice::<Value>(&data[..size])
        && (document.is_array() || document.is_object())
    {
        for _ in 0..=dice.below(3) {
            change(&mut document, &mut dice);
        }
        let text = document.to_string();
        if text.len() <= most.min(data.len()) {
            data[..text.len()].copy_from_slice(text.as_bytes());
            return text.len();
        }
    }
    fuzzer_mutate(data, size, most)
}

fn places(value: &Value, at: &mut String, all: &mut Vec<String>) {
    all.push(at.clone());
    let length = at.len();
    let mut go = |step: &str, each: &Value| {
        at.push('/');
        at.push_str(&step.replace('~', "~0").replace('/', "~1"));
        places(each, at, all);
        at.truncate(length);
    };
    match value {
        Value::Array(list) => {
            for (index, each) in list.iter().enumerate() {
                go(&index.to_string(), each);
            }
        }
        Value::Object(map) => {
            for (key, each) in map {
                go(key, each);
            }
        }
        _ => {}
    }
}

fn change(document: &mut Value, dice: &mut Dice) {
    let mut all = Vec::new();
    places(document, &mut String::new(), &mut all);
    let here = all[dice.below(all.len())].clone();
    let there = all[dice.below(all.len())].clone();
    let other = document.pointer(&there).cloned().unwrap_or_default();
    let Some(place) = document.pointer_mut(&here) else {
        return;
    };
    match (dice.below(6), place) {
        (0, Value::Array(list)) if !list.is_empty() => drop(list.remove(dice.below(list.len()))),
        (1, Value::Array(list)) if !list.is_empty() => {
            let each = list[dice.below(list.len())].clone();
            list.insert(dice.below(list.len() + 1), each);
        }
        (2, Value::Array(list)) if !list.is_empty() => {
            let (left, right) = (dice.below(list.len()), dice.below(list.len()));
            list.swap(left, right);
        }
        (0..=1, Value::Object(map)) => take_out(map, dice),
        (0..=2, Value::Number(number)) => {
            let near = number.as_i64().unwrap_or(0);
            let far = [
                near.wrapping_add(1),
                near.wrapping_sub(1),
                near.wrapping_neg(),
                0,
                i64::MAX,
                near.wrapping_mul(1_000),
            ];
            *number = far[dice.below(far.len())].into();
        }
        (0..=3, Value::String(text)) => *text = WORDS[dice.below(WORDS.len())].to_owned(),
        (_, place) if here != there && !there.starts_with(&here) => *place = other,
        (_, place) => *place = Value::Null,
    }
}

fn take_out(map: &mut Map<String, Value>, dice: &mut Dice) {
    let key = map.keys().nth(dice.below(map.len())).cloned();
    if let Some(key) = key {
        map.remove(&key);
    }
}
