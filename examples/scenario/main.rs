//! Runs a scenario and prints its outcome as JSON.
//!
//! `cargo run --release --example scenario -- examples/scenarios/first_quarter.json`
//!
//! A bad scenario gives one line on stderr that says what is wrong and where, and exit status 1.

use std::process::ExitCode;

use quotaflow::scenario::ScenarioDef;

fn main() -> ExitCode {
    match run() {
        Ok(outcome) => {
            println!("{outcome}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}", error.to_string().replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, quotaflow::Error> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), None) = (arguments.next(), arguments.next()) else {
        return Err("usage: cargo run --release --example scenario -- FILE.json".into());
    };
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let reader = &mut serde_json::Deserializer::from_str(&text);
    let scenario: ScenarioDef = serde_path_to_error::deserialize(reader)
        .map_err(|error| format!("{path}: {}: {}", error.path(), error.inner()))?;
    let outcome = scenario.run().map_err(|error| format!("{path}: {error}"))?;
    serde_json::to_string_pretty(&outcome).map_err(quotaflow::Error::other)
}
