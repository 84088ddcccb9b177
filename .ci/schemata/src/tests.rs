//! The test binaries of the copy: how long each test takes and which mutants it reaches, and whether tests notice a mutant.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::copy::Place;

/// A test of a binary, and the seconds that it takes while nothing is on.
#[derive(Debug, Clone)]
pub struct Test {
    pub binary: String,
    pub name: String,
    pub seconds: f64,
}

impl Test {
    /// Says whether it is a test of the room in which a mutant is.
    pub fn is_of(&self, mutant: &str) -> bool {
        let room = mutant
            .trim_start_matches("src/")
            .split(['/', '.', ' '])
            .next();
        room.is_some_and(|room| self.name.starts_with(room))
    }
}

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Killed(String),
    TimedOut(String),
    Alive,
    Unreached,
}

/// All tests, and for each mutant the places of those that reach it.
pub struct Reach {
    pub tests: Vec<Test>,
    pub by_mutant: BTreeMap<usize, BTreeSet<usize>>,
}

/// The tests of the library itself are a binary of its name.
const LIBRARY: &str = "quotaflow";

/// The order in which binaries are asked: cheap ones first.
const ORDER: [&str; 6] = [LIBRARY, "scenarios", "wire", "api", "corpus", "laws"];

/// Builds the test binaries that are named, or all; their names and files.
pub fn build(place: &Place, some: &[&str]) -> Result<BTreeMap<String, PathBuf>, String> {
    let mut arguments = vec!["test", "--no-run"];
    for name in some {
        match *name {
            LIBRARY => arguments.push("--lib"),
            name => arguments.extend(["--test", name]),
        }
    }
    if some.is_empty() {
        arguments.extend(["--lib", "--tests"]);
    }
    let said = place
        .cargo(&arguments)
        .output()
        .map_err(|error| error.to_string())?;
    let mut binaries = BTreeMap::new();
    let mut errors = Vec::new();
    for line in String::from_utf8_lossy(&said.stdout).lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        if message["message"]["level"] == "error" {
            errors.push(message["message"]["rendered"].to_string());
        }
        if let (Some(file), Some(name)) = (
            message["executable"].as_str(),
            message["target"]["name"].as_str(),
        ) {
            binaries.insert(name.to_owned(), PathBuf::from(file));
        }
    }
    if said.status.success() {
        Ok(binaries)
    } else {
        Err(format!("the copy does not build:\n{}", errors.join("\n")))
    }
}

/// Runs every test by itself with no mutant on, and writes how long it takes and what it and its threads reach; fails where
/// it does.
pub fn watch(place: &Place, binaries: &BTreeMap<String, PathBuf>) -> Result<(), String> {
    for (name, file) in binaries {
        let (mut lines, mut reached) = (String::new(), String::new());
        let own = place.file("reached-now.txt");
        for test in names(place, file)? {
            let _ = fs::remove_file(&own);
            let mut command = asked(place, file, 3600, 36000);
            command
                .env("SCHEMATA_REACHED", &own)
                .args(["--report-time", "--exact", &test]);
            let (mut seconds, mut is_left_out) = (None, false);
            events(command, |event| {
                if event["type"] == "test" && event["event"] == "ok" {
                    seconds = event["exec_time"].as_f64();
                }
                is_left_out |= event["event"] == "ignored";
                true
            })?;
            if is_left_out {
                continue;
            }
            let Some(seconds) = seconds else {
                return Err(format!("with no mutant on, {test} of {name} fails"));
            };
            lines.push_str(&format!("{name}\t{test}\t{seconds}\n"));
            let ids: BTreeSet<String> = place.lines("reached-now.txt").into_iter().collect();
            for id in ids {
                reached.push_str(&format!("{id}\t{test}\n"));
            }
        }
        let told = |error: std::io::Error| error.to_string();
        fs::write(place.file(&format!("tests-{name}.txt")), &lines).map_err(told)?;
        fs::write(place.file(&format!("reached-{name}.txt")), reached).map_err(told)?;
        println!("{name}: {} tests watched", lines.lines().count());
    }
    Ok(())
}

/// The names of the tests of a binary that are not left out.
fn names(place: &Place, file: &Path) -> Result<Vec<String>, String> {
    let said = Command::new(file)
        .args(["--list", "--format", "terse"])
        .current_dir(place.copy())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let names = text.lines().filter_map(|line| line.strip_suffix(": test"));
    Ok(names.map(str::to_owned).collect())
}

/// Reads what `watch` wrote.
pub fn reach(place: &Place) -> Reach {
    let mut tests = Vec::new();
    let mut places = BTreeMap::new();
    let lines = ORDER
        .iter()
        .flat_map(|binary| place.lines(&format!("tests-{binary}.txt")));
    for line in lines {
        let parts: Vec<&str> = line.split('\t').collect();
        if let [binary, name, seconds] = parts[..] {
            places.insert((binary.to_owned(), name.to_owned()), tests.len());
            tests.push(Test {
                binary: binary.to_owned(),
                name: name.to_owned(),
                seconds: seconds.parse().unwrap_or(0.0),
            });
        }
    }
    let mut by_mutant: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for binary in ORDER {
        for line in place.lines(&format!("reached-{binary}.txt")) {
            let Some((id, test)) = line.split_once('\t') else {
                continue;
            };
            let Ok(id) = id.parse::<usize>() else {
                continue;
            };
            if let Some(place) = places.get(&(binary.to_owned(), test.to_owned())) {
                by_mutant.entry(id).or_default().insert(*place);
            }
        }
    }
    Reach { tests, by_mutant }
}

/// Turns one mutant on and runs the tests that reach it, the quickest first, until one fails.
pub fn tried(
    place: &Place,
    binaries: &BTreeMap<String, PathBuf>,
    id: usize,
    mut tests: Vec<&Test>,
) -> Result<Outcome, String> {
    if tests.is_empty() {
        return Ok(Outcome::Unreached);
    }
    let most = std::env::var("SCHEMATA_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    tests.retain(|test| most.is_none_or(|most: f64| test.seconds <= most));
    tests.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let mut start = 0;
    for bound in [0.5, 3.0, f64::INFINITY] {
        let mut end = start;
        let mut seconds = 0.0;
        while end < tests.len() && (end == start || seconds + tests[end].seconds <= bound) {
            seconds += tests[end].seconds;
            end += 1;
        }
        for binary in ORDER {
            let some: Vec<&Test> = tests[start..end]
                .iter()
                .copied()
                .filter(|test| test.binary == binary)
                .collect();
            if !some.is_empty()
                && let Some(file) = binaries.get(binary)
            {
                let outcome = asked_once(place, file, id, &some)?;
                if outcome != Outcome::Alive {
                    return Ok(outcome);
                }
            }
        }
        start = end;
    }
    Ok(Outcome::Alive)
}

/// Turns one mutant on and runs the tests of a binary whose names hold a text.
pub fn tried_with(
    place: &Place,
    binaries: &BTreeMap<String, PathBuf>,
    id: usize,
    binary: &str,
    text: &str,
) -> Result<Outcome, String> {
    let file = binaries
        .get(binary)
        .ok_or_else(|| format!("no test binary {binary}"))?;
    let mut command = asked(place, file, 300, 6000);
    command.env("SCHEMATA_ON", id.to_string());
    command.args(["--test-threads", "1", "--fail-fast", text]);
    let (mut killer, mut count) = (None, 0);
    let well = events(command, |event| {
        if event["type"] == "test" && event["event"] == "failed" {
            killer = event["name"].as_str().map(str::to_owned);
        }
        count += usize::from(event["type"] == "test" && event["event"] == "ok");
        killer.is_none()
    })?;
    Ok(match killer {
        Some(name) => Outcome::Killed(format!("{binary} {name}")),
        None if well && count > 0 => Outcome::Alive,
        None if well => Outcome::Unreached,
        None => Outcome::TimedOut(format!("{binary} {text}")),
    })
}

fn asked_once(place: &Place, file: &Path, id: usize, tests: &[&Test]) -> Result<Outcome, String> {
    let usual: f64 = tests.iter().map(|test| test.seconds).sum();
    let processor = (usual * 5.0) as u64 + 8;
    let mut command = asked(place, file, processor, processor * 20 + 120);
    command.env("SCHEMATA_ON", id.to_string());
    command.args(["--test-threads", "1", "--fail-fast", "--exact"]);
    command.args(tests.iter().map(|test| &test.name));
    let mut killer = None;
    let mut last = tests[0].name.clone();
    let began = Instant::now();
    let well = events(command, |event| {
        if event["type"] == "test" {
            let name = event["name"].as_str().unwrap_or_default();
            match event["event"].as_str() {
                Some("started") => name.clone_into(&mut last),
                Some("failed") => killer = Some(name.to_owned()),
                _ => {}
            }
        }
        killer.is_none()
    })?;
    let binary = &tests[0].binary;
    Ok(match killer {
        Some(name) => Outcome::Killed(format!("{binary} {name}")),
        None if well => Outcome::Alive,
        None if began.elapsed().as_secs() + 2 >= processor => {
            Outcome::TimedOut(format!("{binary} {last}"))
        }
        None => Outcome::Killed(format!("{binary} {last} (ended the process)")),
    })
}

/// A test binary with bounds on its memory, processor seconds and seconds.
fn asked(place: &Place, file: &Path, processor: u64, seconds: u64) -> Command {
    let mut command = Command::new("timeout");
    command
        .args([
            "-s",
            "KILL",
            &seconds.to_string(),
            "nice",
            "-n",
            "19",
            "sh",
            "-c",
        ])
        .arg(format!(
            "ulimit -c 0; ulimit -v 4000000; ulimit -t {processor}; exec \"$0\" \"$@\""
        ))
        .arg(file)
        .args(["-Z", "unstable-options", "--format", "json"])
        .current_dir(place.copy())
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUST_BACKTRACE", "0")
        .env("PROPTEST_RNG_SEED", "13")
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")
        .env_remove("QUOTAFLOW_DATA")
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Hands on what a binary says line by line until it is done or the reader has enough; whether it ended well.
fn events(mut command: Command, mut each: impl FnMut(&Value) -> bool) -> Result<bool, String> {
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let said = child.stdout.take().ok_or("no output")?;
    for line in BufReader::new(said).lines() {
        let Ok(line) = line else {
            break;
        };
        if let Ok(event) = serde_json::from_str::<Value>(&line)
            && !each(&event)
        {
            let _ = child.kill();
            break;
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok(status.success())
}
