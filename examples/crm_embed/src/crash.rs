//! Kills the host before and after its writes, lets it go on, and compares what is left with a run that was never killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::company::{PLANNED, generate, go_live};
use crate::glue;
use crate::store::{Fate, Store};
use crate::{Outcome, model, told};

/// How many of the kills are tried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Extent {
    /// About fifty of either sort.
    Sample,
    /// Each write of the month, and 200 moments of the year.
    All,
}

/// A month with a move (15 June), late records, payments and two closes.
const MONTH: [&str; 2] = ["2026-06-01", "2026-07-01"];
const YEAR_END: &str = "2027-01-01";
const VIEWS: [&str; 3] = ["by_team_month", "by_person_month", "by_dealer_quarter"];
const TARGETS: [&str; 2] = ["targets_by_team", "targets_by_person"];

pub fn rehearse(extent: Extent) -> Outcome<()> {
    let folder = std::env::temp_dir().join(format!("crm_embed-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = rehearse_in(&folder, extent);
    std::fs::remove_dir_all(&folder)?;
    done
}

fn rehearse_in(folder: &Path, extent: Extent) -> Outcome<()> {
    generate(folder)?;
    let year_writes = lives(folder, "year.db", YEAR_END)?;
    let year = left(folder, "year.db")?;
    print!("{}", year.books);
    ties_out(folder, &year.books)?;
    println!("a year took {year_writes} writes");

    lives(folder, "may.db", MONTH[0])?;
    copy(folder, "may.db", "june.db")?;
    let opening = opening_writes();
    let month_writes = lives(folder, "june.db", MONTH[1])?;
    let june = left(folder, "june.db")?;
    println!("June took {month_writes} writes");
    let step = match extent {
        Extent::All => 1,
        Extent::Sample => (month_writes / 25).max(1),
    };
    let mut kills = 0;
    for write in (1..=month_writes).step_by(usize::try_from(step)?) {
        for when in ["dies before", "dies after"] {
            copy(folder, "may.db", "killed.db")?;
            dies(folder, MONTH[1], when, write)?;
            lives(folder, "killed.db", MONTH[1])?;
            same(&june, &left(folder, "killed.db")?, when, write)?;
            kills += 1;
        }
    }
    println!("killed {kills} times in June, and every time it ended as if nothing had happened");

    let moments = match extent {
        Extent::All => 200,
        Extent::Sample => 50,
    };
    // Moments of the year: each run is killed again and again until the year is over.
    let mut kills = 0;
    let mut seed = 7_u64;
    while kills < moments {
        remove(folder, "killed.db");
        loop {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let write = opening + 1 + (seed >> 33) % (year_writes / 5);
            if !killed(folder, YEAR_END, "dies before", write)? {
                break;
            }
            kills += 1;
        }
        same(&year, &left(folder, "killed.db")?, "dies before", 0)?;
    }
    println!(
        "killed {kills} times in the year, and every time it ended as if nothing had happened"
    );
    Ok(())
}

/// In every view the sales with their adjustments are those of the files, added up by hand: nothing is lost or counted twice.
fn ties_out(folder: &Path, books: &str) -> Outcome<()> {
    let orders = std::fs::read_to_string(folder.join("records.csv"))?;
    let reversals = std::fs::read_to_string(folder.join("reversals.csv"))?;
    let rows = |text: &str| -> Vec<Vec<String>> {
        let heard = text.lines().skip(1).filter(|line| line < &YEAR_END);
        heard
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect()
    };
    let mut sales = BTreeMap::new();
    for row in rows(&orders) {
        if row[4] == "order" {
            sales.insert(row[2].clone(), cents(&row[7])?);
        }
    }
    for row in rows(&reversals) {
        sales.remove(&row[3]);
    }
    let expected: i64 = sales.values().sum();
    let planned = cents(PLANNED)?;
    for view in TARGETS {
        let sum = sum_of(books, view, "target")?;
        if sum != planned {
            return Err(format!("{view} has {sum} cents of targets, the plan {planned}").into());
        }
    }
    for view in VIEWS {
        let sum = sum_of(books, view, "sales")?;
        if sum != expected {
            return Err(
                format!("{view} has {sum} cents of sales, the files have {expected}").into(),
            );
        }
    }
    println!("targets of {PLANNED} EUR are in both views, once");
    println!(
        "{} orders of {}.{:02} EUR are in every view, once",
        sales.len(),
        expected / 100,
        expected % 100
    );
    Ok(())
}

/// The amounts of a view in all columns that are about something.
fn sum_of(books: &str, view: &str, about: &str) -> Outcome<i64> {
    let (_, own) = books.split_once(view).ok_or("a view is missing")?;
    let own = own
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with("  "));
    let mut sum = 0;
    for column in own.flat_map(|line| line.split("  ")) {
        if column.contains(about) && !column.starts_with("attainment") {
            let amount = column
                .rsplit(' ')
                .nth(1)
                .ok_or("a figure without an amount")?;
            sum += cents(amount)?;
        }
    }
    Ok(sum)
}

fn cents(amount: &str) -> Outcome<i64> {
    Ok(amount.replace('.', "").parse()?)
}

/// What a database says in the end.
#[derive(PartialEq)]
struct Left {
    stored: String,
    books: String,
}

fn left(folder: &Path, database: &str) -> Outcome<Left> {
    let (model, _) = model()?;
    let store = Store::open(&folder.join(database), Fate::Lives)?;
    let mut journal = glue::wake(&model, go_live(), &store)?;
    let views = [&VIEWS[..], &TARGETS].concat();
    let books = told(&mut journal, &store, &views)?;
    let stored = store.dump()?;
    Ok(Left { stored, books })
}

fn same(expected: &Left, found: &Left, when: &str, write: u64) -> Outcome<()> {
    if expected == found {
        return Ok(());
    }
    let texts = [
        (&expected.stored, &found.stored),
        (&expected.books, &found.books),
    ];
    let lines = texts
        .iter()
        .flat_map(|(left, right)| left.lines().zip(right.lines()));
    let differ = lines.into_iter().find(|(left, right)| left != right);
    Err(format!("{when} write {write}: {differ:?}").into())
}

fn command(folder: &Path, database: &str, until: &str) -> Outcome<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("run").arg(folder).args([database, until]);
    command.stdout(Stdio::piped()).stderr(Stdio::inherit());
    Ok(command)
}

/// Runs to the end and returns how many writes that took.
fn lives(folder: &Path, database: &str, until: &str) -> Outcome<u64> {
    let output = command(folder, database, until)?.arg("lives").output()?;
    if !output.status.success() {
        return Err(format!("the run of {database} until {until} failed").into());
    }
    let said = String::from_utf8(output.stdout).map_err(quotaflow::Error::unreadable)?;
    Ok(said.trim().parse()?)
}

/// Runs until it is killed; false where it came to the end before.
fn killed(folder: &Path, until: &str, when: &str, write: u64) -> Outcome<bool> {
    let mut command = command(folder, "killed.db", until)?;
    let output = command.arg(when).arg(write.to_string()).output()?;
    match (output.status.success(), output.status.code()) {
        (true, _) => Ok(false),
        // A process that was killed has no code of its own.
        (false, None) => Ok(true),
        (false, Some(code)) => Err(format!(
            "{when} write {write}: it ended with {code} instead of being killed"
        )
        .into()),
    }
}

fn dies(folder: &Path, until: &str, when: &str, write: u64) -> Outcome<()> {
    if killed(folder, until, when, write)? {
        Ok(())
    } else {
        Err(format!("{when} write {write}: it came to the end").into())
    }
}

/// The writes of opening a database: its tables and the document of the model.
fn opening_writes() -> u64 {
    6
}

/// The files of a database: SQLite keeps a log and an index of it beside it.
fn files(folder: &Path, database: &str) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| folder.join(format!("{database}{end}")))
}

fn copy(folder: &Path, from: &str, to: &str) -> Outcome<()> {
    remove(folder, to);
    for (from, to) in files(folder, from).iter().zip(files(folder, to)) {
        if from.exists() {
            std::fs::copy(from, to)?;
        }
    }
    Ok(())
}

fn remove(folder: &Path, database: &str) {
    for file in files(folder, database) {
        let _ = std::fs::remove_file(file);
    }
}
