//! Comparing a report with the figures that are expected of it.

use std::path::PathBuf;

use serde_json::Value;

/// Returns the folder of the data, or says that the test is skipped.
pub fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("QUOTAFLOW_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: QUOTAFLOW_DATA is not set to the folder of the real data");
    }
    folder
}

/// Reads the expected figures of this name.
pub fn expected(folder: &std::path::Path, name: &str) -> Value {
    let path = folder.join("expected").join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Fails with every place at which an expected figure is missing or different.
///
/// The expected figures are a part: an object may have further keys, and a list may go on. Prose is not compared.
pub fn assert_covers(found: &Value, expected: &Value) {
    let mut compared = 0;
    let mut differences = Vec::new();
    compare(found, expected, "", &mut compared, &mut differences);
    let shown: Vec<_> = differences.iter().take(20).collect();
    assert!(
        differences.is_empty(),
        "{} of {compared} figures differ:\n{shown:#?}",
        differences.len()
    );
    assert!(compared > 0, "nothing was expected");
    println!("{compared} figures are equal to the last digit");
}

fn compare(
    found: &Value,
    expected: &Value,
    place: &str,
    compared: &mut usize,
    differences: &mut Vec<String>,
) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            for (key, wanted) in expected {
                if matches!(key.as_str(), "definitions" | "note") {
                    continue;
                }
                match found.get(key) {
                    Some(value) => compare(
                        value,
                        wanted,
                        &format!("{place}/{key}"),
                        compared,
                        differences,
                    ),
                    None => differences.push(format!("{place}/{key} is missing")),
                }
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            for (index, wanted) in expected.iter().enumerate() {
                match found.get(index) {
                    Some(value) => compare(
                        value,
                        wanted,
                        &format!("{place}/{index}"),
                        compared,
                        differences,
                    ),
                    None => differences.push(format!("{place}/{index} is missing")),
                }
            }
        }
        _ => {
            *compared += 1;
            if found != expected {
                differences.push(format!("{place}: {found}, expected {expected}"));
            }
        }
    }
}
