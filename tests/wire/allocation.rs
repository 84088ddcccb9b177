//! The document forms of methods, policies, bounds and lots.

use std::fmt::Debug;

use quotaflow::allocation::{Bound, Lot, Lots, Method, NegativeWeights, WeightPolicy, ZeroWeights};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, text: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), text);
    assert_eq!(&serde_json::from_str::<T>(text).unwrap(), value);
}

#[test]
fn methods_are_words() {
    let cases = [
        (Method::LargestRemainder, r#""largest_remainder""#),
        (Method::Webster, r#""webster""#),
        (Method::Jefferson, r#""jefferson""#),
        (Method::Hill, r#""hill""#),
        (Method::Adams, r#""adams""#),
        (Method::Dean, r#""dean""#),
        (Method::SpareToFirst, r#""spare_to_first""#),
        (Method::SpareToHeaviest, r#""spare_to_heaviest""#),
        (Method::RemainderToLargest, r#""remainder_to_largest""#),
        (Method::RemainderTo(3), r#"{"remainder_to":3}"#),
        (Method::RemainderApart, r#""remainder_apart""#),
        (Method::BlocksApart, r#""blocks_apart""#),
        (Method::Running, r#""running""#),
    ];
    for (method, text) in cases {
        reads_back(&method, text);
    }
    assert!(serde_json::from_str::<Method>(r#""hamilton""#).is_err());
}

#[test]
fn policies_have_defaults_and_refuse_unknown_words() {
    let policy = WeightPolicy::new(NegativeWeights::Zero, ZeroWeights::Nothing);
    reads_back(&policy, r#"{"negative":"zero","all_zero":"nothing"}"#);
    assert_eq!(
        serde_json::from_str::<WeightPolicy>("{}").unwrap(),
        WeightPolicy::ALLOCATE
    );
    assert!(serde_json::from_str::<WeightPolicy>(r#"{"all_zero":"maybe"}"#).is_err());
    assert!(serde_json::from_str::<WeightPolicy>(r#"{"zero":"equal"}"#).is_err());
}

#[test]
fn bounds_go_through_their_check() {
    reads_back(&Bound::FREE, "{}");
    reads_back(&Bound::at_least(-5), r#"{"minimum":-5}"#);
    reads_back(&Bound::at_most(7), r#"{"maximum":7}"#);
    reads_back(
        &Bound::between(-5, 7).unwrap(),
        r#"{"minimum":-5,"maximum":7}"#,
    );
    reads_back(&Bound::held(0), r#"{"held":0}"#);
    for text in [
        r#"{"minimum":7,"maximum":-5}"#,
        r#"{"held":1,"minimum":1}"#,
        r#"{"minimum":1.5}"#,
        r#"{"max":1}"#,
    ] {
        assert!(serde_json::from_str::<Bound>(text).is_err(), "{text}");
    }
}

#[test]
fn lots_are_positive_whole_numbers() {
    let dozen = Lot::new(12).unwrap();
    reads_back(&dozen, "12");
    reads_back(&Lots::Every(dozen), r#"{"every":12}"#);
    reads_back(&Lots::Each(vec![Lot::ONE, dozen]), r#"{"each":[1,12]}"#);
    for text in ["0", "-1", "1.5", "4294967296"] {
        assert!(serde_json::from_str::<Lot>(text).is_err(), "{text}");
    }
}
