//! A year of a company as CSV files, one line for each thing that happened and the day on which the host heard of it.
//!
//! The same files come out on every machine: the numbers are those of a linear congruential generator.

use std::fmt::Write as _;
use std::path::Path;

use chrono::{Datelike, Days, NaiveDate};
use quotaflow::journal::{Close, Entry, EntryId};
use quotaflow::ledger::Record;
use quotaflow::plan::Edit;
use serde_json::json;

use crate::Outcome;

pub const GO_LIVE: (i32, u32, u32) = (2026, 1, 1);
const FILES: [&str; 5] = [
    "records.csv",
    "reversals.csv",
    "staff.csv",
    "plans.csv",
    "books.csv",
];
const DEALERS: u64 = 5;

struct Chance(u64);

impl Chance {
    /// A whole number below `limit` (Knuth's multiplier of MMIX).
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Who works from when until when, as the staff file tells.
const STAFF: [(&str, &str, &str); 8] = [
    ("ann", "2026-01-01", "2027-01-01"),
    ("bo", "2026-01-01", "2026-10-01"),
    ("cai", "2026-01-01", "2027-01-01"),
    ("di", "2026-01-01", "2027-01-01"),
    ("eva", "2026-03-09", "2027-01-01"),
    ("fay", "2026-05-18", "2027-01-01"),
    ("gil", "2026-08-03", "2026-12-01"),
    ("hu", "2026-09-14", "2027-01-01"),
];

/// Heard on, id, day, what, person, team. The last move is told a month late, when the books of its day are closed.
const CHANGES: [[&str; 6]; 8] = [
    ["2026-03-08", "S-1", "2026-03-09", "join", "eva", "south"],
    ["2026-05-16", "S-2", "2026-05-18", "join", "fay", "north"],
    ["2026-06-12", "S-3", "2026-06-15", "move", "cai", "north"],
    ["2026-08-01", "S-4", "2026-08-03", "join", "gil", "south"],
    ["2026-09-13", "S-5", "2026-09-14", "join", "hu", "north"],
    ["2026-10-01", "S-6", "2026-10-01", "end", "bo", ""],
    ["2026-11-20", "S-7", "2026-10-20", "move", "ann", "south"],
    ["2026-12-01", "S-8", "2026-12-01", "end", "gil", ""],
];

/// Below which team of the plan somebody who is hired stands.
const STAFF_TEAMS: [(&str, &str); 3] = [("eva", "south"), ("fay", "north"), ("gil", "south")];

/// Heard on (the day of the entry), id, what, person, month or day from which on, amount (of an agreement the version, of a void what
/// it is of). Who is hired gets a target, who leaves hands theirs over, and one change was a mistake.
const PLANS: [[&str; 6]; 11] = [
    ["2026-01-02", "P-1", "cascade", "", "", "3600000"],
    ["2026-01-05", "P-2", "agree", "", "", "0"],
    ["2026-03-10", "P-3", "join", "eva", "2026-04-01", "240000"],
    ["2026-06-02", "P-4", "more", "cai", "2026-07", "12000"],
    ["2026-06-09", "P-5", "more", "ann", "2026-08", "9000"],
    ["2026-06-16", "P-6", "void", "", "", "P-5"],
    ["2026-06-17", "P-7", "agree", "", "", "2"],
    ["2026-07-01", "P-8", "join", "fay", "2026-08-01", "150000"],
    ["2026-08-10", "P-9", "join", "gil", "2026-09-01", "90000"],
    ["2026-10-02", "P-10", "leave", "bo", "2026-10-01", ""],
    ["2026-12-02", "P-11", "leave", "gil", "2026-12-01", ""],
];

/// What the plan comes to by these.
pub const PLANNED: &str = "4092000.00";

fn day(text: &str) -> Outcome<NaiveDate> {
    Ok(text.parse()?)
}

pub fn go_live() -> NaiveDate {
    let (year, month, day) = GO_LIVE;
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// Every day of the year.
pub fn days() -> impl Iterator<Item = NaiveDate> {
    go_live().iter_days().take(365)
}

/// Writes the files of the year into a folder.
pub fn generate(folder: &Path) -> Outcome<()> {
    let mut chance = Chance(2026);
    let mut records = String::from("heard,source,id,day,kind,person,dealer,amount\n");
    let mut reversals = String::from("heard,id,day,of\n");
    let mut number = 0_u32;
    for today in days() {
        for (person, from, to) in STAFF {
            if !(day(from)?..day(to)?).contains(&today)
                || today.weekday().num_days_from_monday() > 4
            {
                continue;
            }
            for (kind, source, chances) in [
                ("visit", "visits", 90),
                ("order", "orders", 60),
                ("payment", "payments", 40),
            ] {
                if chance.below(100) >= chances {
                    continue;
                }
                number += 1;
                let dealer = chance.below(DEALERS) + 1;
                let amount = match kind {
                    "visit" => String::new(),
                    _ => format!("{}.{:02}", 100 + chance.below(9_000), chance.below(100)),
                };
                // Most is heard of at night; some a few days later, and a little after the books were closed.
                let late = match chance.below(100) {
                    0..=87 => 0,
                    88..=96 => chance.below(6) + 1,
                    _ => chance.below(60) + 7,
                };
                let heard = today + Days::new(late);
                writeln!(
                    records,
                    "{heard},{source},{number},{today},{kind},{person},d{dealer},{amount}"
                )?;
                if kind == "order" && chance.below(100) < 4 {
                    let back = today + Days::new(chance.below(40));
                    let heard = back.max(heard);
                    writeln!(reversals, "{heard},R-{number},{back},{number}")?;
                }
            }
        }
    }
    let mut staff = String::from("heard,id,day,what,person,team\n");
    for change in CHANGES {
        writeln!(staff, "{}", change.join(","))?;
    }
    let mut plans = String::from("heard,id,what,person,month,amount\n");
    for change in PLANS {
        writeln!(plans, "{}", change.join(","))?;
    }
    let mut books = String::from("heard,id,through,how\n");
    for today in days() {
        let through = today
            .with_day(1)
            .and_then(|first| first.pred_opt())
            .unwrap_or(today);
        let how = match today.day() {
            3 => "soft",
            12 => "hard",
            _ => continue,
        };
        if through >= go_live() {
            writeln!(books, "{today},{how}-{through},{through},{how}")?;
        }
    }
    for (name, text) in FILES
        .into_iter()
        .zip([records, reversals, staff, plans, books])
    {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// The files, line by line, as the host's other systems would hand them out.
pub struct Heard {
    lines: Vec<(NaiveDate, Entry)>,
}

impl Heard {
    pub fn read(folder: &Path) -> Outcome<Self> {
        let mut lines = Vec::new();
        for name in FILES {
            let text = std::fs::read_to_string(folder.join(name))?;
            for (number, line) in text.lines().enumerate().skip(1) {
                let fields: Vec<&str> = line.split(',').collect();
                let entry = entry(name, &fields)
                    .map_err(|error| format!("{name}, line {}: {error}", number + 1))?;
                lines.push((day(fields[0])?, entry));
            }
        }
        Ok(Self { lines })
    }

    /// What is heard on a day.
    pub fn on(&self, day: NaiveDate) -> Vec<Entry> {
        let own = self.lines.iter().filter(|(heard, _)| *heard == day);
        own.map(|(_, entry)| entry.clone()).collect()
    }
}

fn entry(file: &str, fields: &[&str]) -> Outcome<Entry> {
    Ok(match (file, fields) {
        ("records.csv", [_, source, id, on, kind, person, dealer, amount]) => {
            let mut record = Record::new(*kind, day(on)?)
                .id(*id)
                .of("person", *person)
                .of("dealer", *dealer);
            match *kind {
                "order" => record = record.amount("sales", amount.parse()?),
                "payment" => record = record.amount("paid", amount.parse()?),
                _ => {}
            }
            Entry::record(source, record)?
        }
        ("reversals.csv", [_, id, on, of]) => Entry::reverse(
            EntryId::new("orders", id)?,
            day(on)?,
            EntryId::new("orders", of)?,
        ),
        ("staff.csv", [_, id, on, what, person, team]) => {
            let (id, on) = (EntryId::new("staff", id)?, day(on)?);
            match *what {
                "join" => Entry::join(id, on, ("person", "person", person))?.under(team)?,
                "move" => Entry::moving(id, on, ("person", person, team))?,
                _ => Entry::end(id, on, ("person", person))?,
            }
        }
        ("plans.csv", [on, id, what, person, month, amount]) => {
            let (id, on) = (EntryId::new("plans", id)?, day(on)?);
            planned(id, on, [what, person, month, amount])?
                .by("eva")
                .because("planning")
        }
        ("books.csv", [_, id, through, how]) => {
            let how = if *how == "hard" {
                Close::Hard
            } else {
                Close::Soft
            };
            Entry::close(EntryId::new("books", id)?, day(through)?, how)
        }
        _ => {
            return Err(format!(
                "`{}` has another number of fields than its first line",
                fields.join(",")
            )
            .into());
        }
    })
}

/// What is done to the plan of the year.
fn planned(id: EntryId, on: NaiveDate, [what, person, month, amount]: [&str; 4]) -> Outcome<Entry> {
    const PLAN: &str = "sales-2026";
    let edit = match what {
        "cascade" => {
            return Ok(Entry::cascade(
                id,
                on,
                PLAN,
                [("sales", amount.parse::<i64>()?)],
            )?);
        }
        "agree" => return Ok(Entry::agree(id, on, PLAN, amount.parse()?)?),
        "void" => return Ok(Entry::void(id, on, EntryId::new("plans", amount)?)),
        "join" => {
            let below = STAFF_TEAMS.iter().find(|(own, _)| *own == person);
            let (_, below) = below.ok_or("somebody of no team joins the plan")?;
            json!({"join": {"measure": "sales", "at": {"person": person}, "from": month, "amount": amount,
                "balance": "top", "new": {"below": below}}})
        }
        "leave" => {
            json!({"leave": {"measure": "sales", "at": {"person": person}, "from": month}})
        }
        _ => {
            json!({"spread": {"measure": "sales", "at": {"person": person, "month": month},
                "verb": {"proportional": {"amount": amount}}, "mode": "add"}})
        }
    };
    let edit: Edit = serde_json::from_value(edit).map_err(quotaflow::Error::unreadable)?;
    Ok(Entry::change(id, on, PLAN, [edit])?)
}
