//! Tries many mutants of the library in one build: each is written into a copy of the package beside the code that it
//! changes, and which of them is on is chosen when a test runs.
//!
//! - `schemata list ROOT SINCE` prints the mutants of the lines that changed since a commit.
//! - `schemata write ROOT SINCE COUNT SEED` draws so many of these mutants by a seed, writes the copy and leaves out what
//!   does not compile.
//! - `schemata build ROOT [BINARY]...` builds the tests of the copy, all or those named.
//! - `schemata watch ROOT [BINARY]...` runs them with no mutant on: they must pass; what each test
//!   reaches and how long it takes is noted.
//! - `schemata run ROOT [BINARY]...` tries the mutants that the journal does not have yet, each with the tests that reach
//!   it, the quickest first, until one fails or takes five times as long. It may be stopped and started again. Where
//!   binaries are named, only their tests are asked, and what they do not notice is not yet in the journal; then too, tests
//!   that take longer than `SCHEMATA_SECONDS` may be left out, and with `SCHEMATA_ROOM` those of other rooms.
//! - `schemata again ROOT` tries those once more that lived, after new tests were built and watched.
//! - `schemata try ROOT TEXT [BINARY TESTS]` tries the mutants whose names hold a text, with the tests that reach them or
//!   with those of a binary whose names hold another text, and writes no journal.
//! - `schemata told ROOT` prints the counts and every survivor; it fails where a survivor does not stand in the list of
//!   those that no test can tell apart, `.ci/schemata/equivalent.txt`: a name and below it, indented, the reason.

mod candidates;
mod changed;
mod copy;
mod render;
mod source;
mod tests;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use candidates::Mutant;
use copy::Place;
use tests::Outcome;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["write", root, since, count, seed] => write(&place(root), since, count, seed),
        ["list", root, since] => list(&place(root), since),
        ["build", root, some @ ..] => build(&place(root), some),
        ["watch", root, some @ ..] => watch(&place(root), some),
        ["run", root, some @ ..] => run(&place(root), some, |known| known.is_none()),
        ["again", root] => run(&place(root), &[], |known| known.is_some_and(lives)),
        ["try", root, text] => again(&place(root), text, None),
        ["try", root, text, binary, tests] => again(&place(root), text, Some((binary, tests))),
        ["told", root] => told(&place(root)),
        _ => Err("usage: schemata list | write | build | watch | run | again | try | told, as its first lines say".to_owned()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

fn place(root: &str) -> Place {
    let root = fs::canonicalize(root).unwrap_or_else(|_| PathBuf::from(root));
    let folder = root.join("target/schemata");
    Place { root, folder }
}

fn list(place: &Place, since: &str) -> Result<bool, String> {
    let sources = source::read(&place.root)?;
    let changed = changed::Changed::since(&place.root, since)?;
    for mutant in candidates::list(&sources, &changed) {
        println!("{}", mutant.name);
    }
    Ok(true)
}

fn write(place: &Place, since: &str, count: &str, seed: &str) -> Result<bool, String> {
    let (Ok(count), Ok(seed)) = (count.parse::<usize>(), seed.parse::<u64>()) else {
        return Err("the count and the seed are whole numbers".to_owned());
    };
    fs::create_dir_all(place.copy()).map_err(|error| error.to_string())?;
    let sources = source::read(&place.root)?;
    let changed = changed::Changed::since(&place.root, since)?;
    let all = candidates::list(&sources, &changed);
    let mut order: Vec<(u64, usize)> = all
        .iter()
        .enumerate()
        .map(|(at, mutant)| (drawn(seed, &mutant.name), at))
        .collect();
    order.sort_unstable();
    order.truncate(count);
    let mut taken: Vec<usize> = order.into_iter().map(|(_, at)| at).collect();
    taken.sort_unstable();
    let chosen: Vec<Mutant> = taken.iter().map(|&at| all[at].clone()).collect();
    println!(
        "{} candidates, {} drawn by seed {seed}",
        all.len(),
        chosen.len()
    );
    copy::copy_package(place)?;
    let mut unviable: BTreeSet<String> = place.lines("unviable.txt").into_iter().collect();
    let names: BTreeSet<&str> = chosen.iter().map(|mutant| mutant.name.as_str()).collect();
    unviable.retain(|name| names.contains(name.as_str()));
    let rendered = loop {
        let rendered = copy::write_sources(place, &sources, &chosen, &unviable)?;
        let Some(bad) = copy::check(place, &sources, &rendered)? else {
            break rendered;
        };
        println!("{} do not compile", bad.len());
        unviable.extend(bad.iter().map(|id| chosen[id - 1].name.clone()));
        keep(place, "unviable.txt", &unviable)?;
    };
    // What was found out about other sources says nothing about these.
    let texts: String = rendered.into_iter().map(|file| file.text).collect();
    let written = drawn(seed, &texts).to_string();
    if place.lines("written.txt") != [written.as_str()] {
        keep(place, "journal.txt", [""; 0])?;
        keep(place, "written.txt", [written])?;
    }
    keep(place, "unviable.txt", &unviable)?;
    let lines: Vec<String> = chosen
        .iter()
        .enumerate()
        .filter(|(_, mutant)| !unviable.contains(&mutant.name))
        .map(|(at, mutant)| format!("{}\t{}\t{}", at + 1, mutant.line, mutant.name))
        .collect();
    keep(place, "mutants.txt", &lines)?;
    let counts = format!(
        "{} candidates, {} drawn by seed {seed}, {} do not compile",
        all.len(),
        chosen.len(),
        unviable.len()
    );
    keep(place, "counts.txt", &[counts])?;
    println!("{} in the copy", lines.len());
    Ok(true)
}

/// The place of a mutant in the draw: a mix of the seed and its name (FNV-1a, then the finish of SplitMix64).
fn drawn(seed: u64, name: &str) -> u64 {
    let mut mixed = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in name.bytes() {
        mixed = (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn build(place: &Place, some: &[&str]) -> Result<bool, String> {
    let mut all = binaries(place, &[]);
    all.extend(tests::build(place, some)?);
    let lines: Vec<String> = all
        .iter()
        .map(|(name, file)| format!("{name}\t{}", file.display()))
        .collect();
    keep(place, "binaries.txt", &lines)?;
    Ok(true)
}

fn watch(place: &Place, some: &[&str]) -> Result<bool, String> {
    tests::watch(place, &binaries(place, some))?;
    Ok(true)
}

/// The test binaries that are named, or all.
fn binaries(place: &Place, some: &[&str]) -> BTreeMap<String, PathBuf> {
    let lines = place.lines("binaries.txt");
    let pairs = lines.iter().filter_map(|line| line.split_once('\t'));
    pairs
        .filter(|(name, _)| some.is_empty() || some.contains(name))
        .map(|(name, file)| (name.to_owned(), PathBuf::from(file)))
        .collect()
}

/// Id, line and name of each mutant in the copy.
fn mutants(place: &Place) -> Vec<(usize, String, String)> {
    let lines = place.lines("mutants.txt");
    lines
        .iter()
        .filter_map(|line| {
            let mut parts = line.splitn(3, '\t');
            let id = parts.next()?.parse().ok()?;
            Some((id, parts.next()?.to_owned(), parts.next()?.to_owned()))
        })
        .collect()
}

/// What the journal says of each mutant: outcome, test, seconds.
fn journal(place: &Place) -> BTreeMap<String, (String, String, f64)> {
    let lines = place.lines("journal.txt");
    lines
        .iter()
        .filter_map(|line| {
            let parts: Vec<&str> = line.split('\t').collect();
            let [name, outcome, test, seconds] = parts[..] else {
                return None;
            };
            let said = (
                outcome.to_owned(),
                test.to_owned(),
                seconds.parse().unwrap_or(0.0),
            );
            Some((name.to_owned(), said))
        })
        .collect()
}

fn lives(outcome: &str) -> bool {
    outcome == "alive" || outcome == "unreached"
}

fn run(
    place: &Place,
    some: &[&str],
    wanted: impl Fn(Option<&str>) -> bool,
) -> Result<bool, String> {
    let known = journal(place);
    let (binaries, reach) = (binaries(place, some), tests::reach(place));
    let mut journal = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(place.file("journal.txt"))
        .map_err(|error| error.to_string())?;
    for (id, _, name) in mutants(place) {
        if wanted(known.get(&name).map(|(outcome, ..)| outcome.as_str())) {
            let line = tried(place, &binaries, &reach, id, &name)?;
            let lived = line.split('\t').nth(1).is_some_and(lives);
            if lived && !some.is_empty() {
                continue;
            }
            writeln!(journal, "{line}").map_err(|error| error.to_string())?;
        }
    }
    Ok(true)
}

fn again(place: &Place, text: &str, with: Option<(&str, &str)>) -> Result<bool, String> {
    let (binaries, reach) = (binaries(place, &[]), tests::reach(place));
    for (id, _, name) in mutants(place) {
        if name.contains(text) {
            if let Some((binary, some)) = with {
                let outcome = tests::tried_with(place, &binaries, id, binary, some)?;
                println!("{name}\t{outcome:?}");
            } else {
                println!("{}", tried(place, &binaries, &reach, id, &name)?);
            }
        }
    }
    Ok(true)
}

fn tried(
    place: &Place,
    binaries: &BTreeMap<String, PathBuf>,
    reach: &tests::Reach,
    id: usize,
    name: &str,
) -> Result<String, String> {
    let reaching = reach.by_mutant.get(&id);
    let tests = reaching
        .into_iter()
        .flatten()
        .map(|&at| &reach.tests[at])
        .filter(|test| std::env::var_os("SCHEMATA_ROOM").is_none() || test.is_of(name))
        .collect();
    let began = Instant::now();
    let outcome = tests::tried(place, binaries, id, tests)?;
    let (word, test) = match outcome {
        Outcome::Killed(test) => ("killed", test),
        Outcome::TimedOut(test) => ("timeout", test),
        Outcome::Alive => ("alive", String::new()),
        Outcome::Unreached => ("unreached", String::new()),
    };
    Ok(format!(
        "{name}\t{word}\t{test}\t{:.1}",
        began.elapsed().as_secs_f64()
    ))
}

fn told(place: &Place) -> Result<bool, String> {
    let known = journal(place);
    let text =
        fs::read_to_string(place.root.join(".ci/schemata/equivalent.txt")).unwrap_or_default();
    let equivalent: BTreeSet<&str> = text
        .lines()
        .filter(|line| !line.starts_with([' ', '#']) && !line.is_empty())
        .collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut open, mut missing, mut seconds) = (Vec::new(), 0, 0.0);
    for (_, line, name) in mutants(place) {
        let Some((outcome, test, took)) = known.get(&name) else {
            missing += 1;
            continue;
        };
        seconds += took;
        let listed = lives(outcome) && equivalent.contains(name.as_str());
        let word = match test.split_once(' ') {
            _ if listed => "equivalent".to_owned(),
            Some((binary, _)) => format!("{outcome} by {binary}"),
            None => outcome.clone(),
        };
        *counts.entry(word).or_default() += 1;
        if lives(outcome) && !listed {
            open.push(format!("{outcome} line {line}: {name}"));
        }
    }
    place
        .lines("counts.txt")
        .iter()
        .for_each(|line| println!("{line}"));
    counts
        .iter()
        .for_each(|(word, count)| println!("{count:>6} {word}"));
    println!("{missing:>6} not tried yet; {seconds:.0} seconds of tests");
    open.iter().for_each(|line| println!("{line}"));
    Ok(open.is_empty() && missing == 0)
}

fn keep<T: AsRef<str>>(
    place: &Place,
    name: &str,
    lines: impl IntoIterator<Item = T>,
) -> Result<(), String> {
    let mut text = String::new();
    for line in lines {
        text.push_str(line.as_ref());
        text.push('\n');
    }
    let file: &Path = &place.file(name);
    fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}
