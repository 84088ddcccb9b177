//! What is asked of every input, one function for each kind: reading ends with a value or an error, what was read is written
//! and read back equal, and what was accepted keeps the promise of its room. The fuzzer and the replay of its corpus run the
//! same functions.

mod days;
mod fixture;
mod judged;
mod moving;
mod names;
mod planned;
mod recorded;
mod split;
mod worked;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A kind of input: its name, which is that of the folder of its seeds, and what is asked of it.
pub type Target = (&'static str, fn(&[u8]));

/// Every kind of input.
pub const TARGETS: [Target; 23] = [
    ("allocations", split::allocations),
    ("calendars", days::calendars),
    ("changes", planned::changes),
    ("conditions", names::conditions),
    ("dimensions", recorded::dimensions),
    ("event_logs", worked::event_logs),
    ("journals", moving::journals),
    ("ledgers", recorded::ledgers),
    ("margins", split::margins),
    ("margins_of_several_axes", split::margins_of_several_axes),
    ("models", moving::models),
    ("monitors", judged::monitors),
    ("names", names::names),
    ("numbers", names::numbers),
    ("panels", judged::panels),
    ("partials", recorded::partials),
    ("pay_plans", judged::pay_plans),
    ("plan_records", planned::plan_records),
    ("rules", judged::rules),
    ("scenarios", planned::scenarios),
    ("scorecards", judged::scorecards),
    ("workflows", worked::workflows),
    ("working_time", days::working_time),
];

/// Asks an input of this kind.
///
/// # Panics
/// Where the promise is broken, and where there is no such kind.
pub fn run(name: &str, data: &[u8]) {
    let (_, ask) = TARGETS
        .iter()
        .find(|(each, _)| *each == name)
        .expect("a kind of input");
    ask(data);
}

/// Reads a document; what could be read is written and read back the same, byte for byte.
fn read<T: Serialize + DeserializeOwned + PartialEq>(data: &[u8]) -> Option<T> {
    let document: T = serde_json::from_slice(data).ok()?;
    read_back(&document);
    Some(document)
}

/// What is written is read back equal and written alike.
fn read_back<T: Serialize + DeserializeOwned + PartialEq>(document: &T) {
    let written = serde_json::to_string(document).unwrap();
    let back: T = match serde_json::from_str(&written) {
        Ok(back) => back,
        Err(error) => panic!("what was written cannot be read: {error}\n{written}"),
    };
    assert!(back == *document, "what was read back differs: {written}");
    assert_eq!(serde_json::to_string(&back).unwrap(), written);
}

/// An error says something.
fn told<E: std::fmt::Display>(error: &E) {
    assert!(!error.to_string().is_empty());
}
