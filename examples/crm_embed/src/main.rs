//! A CRM that embeds quotaflow: a year of a company, day by day, in SQLite, and killed on the way.
//!
//! - `crm_embed`: generates the CSV files, takes the year in, prints what the books say, and is then killed before and after every
//!   50th write of June and at 50 moments of the year.
//! - `crm_embed all`: the same before and after every write of June and at 200 moments.

mod company;
mod crash;
mod glue;
mod store;

use std::path::Path;

use chrono::NaiveDate;
use quotaflow::journal::Journal;
use quotaflow::model::Model;

use company::{Heard, days, go_live};
use store::{Fate, Store};

pub type Outcome<T> = Result<T, quotaflow::Error>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => crash::rehearse(crash::Extent::Sample),
        ["all"] => crash::rehearse(crash::Extent::All),
        // What the rehearsal starts and kills.
        ["run", folder, from, until, "lives"] => run(folder, from, until, Fate::Lives),
        ["run", folder, from, until, "dies before", write] => {
            run(folder, from, until, Fate::DiesBefore(write.parse()?))
        }
        ["run", folder, from, until, "dies after", write] => {
            run(folder, from, until, Fate::DiesAfter(write.parse()?))
        }
        _ => Err("write `crm_embed` or `crm_embed all`".into()),
    }
}

pub fn model() -> Outcome<(Model, &'static str)> {
    let document = include_str!("../model.json");
    let model = serde_json::from_str(document).map_err(quotaflow::Error::unreadable)?;
    Ok((model, document))
}

/// Takes in the days that are not in the database yet, up to before a day, and says how many writes that took.
fn run(folder: &str, database: &str, until: &str, fate: Fate) -> Outcome<()> {
    let (folder, until): (&Path, NaiveDate) = (Path::new(folder), until.parse()?);
    let (model, document) = model()?;
    let mut store = Store::open(&folder.join(database), fate)?;
    store.keep_model(&model.fingerprint().to_string(), document)?;
    let heard = Heard::read(folder)?;
    let mut journal = glue::wake(&model, go_live(), &store)?;
    let through = journal.complete_through();
    for day in days().filter(|day| *day < until && through.is_none_or(|through| *day > through)) {
        glue::sleep(&mut journal, &mut store, day, heard.on(day))?;
    }
    println!("{}", store.writes);
    Ok(())
}

/// What the named views say, as text, and what of it was never heard of again after the books were closed.
pub fn told(journal: &mut Journal, store: &Store, views: &[&str]) -> Outcome<String> {
    let mut text = String::new();
    for view in views {
        let panel = glue::answered(journal, store, |journal| Ok(journal.view(view)?.panel()?))?;
        text += &format!("{view}\n");
        for row in panel.subjects().ids() {
            for period in panel.periods() {
                text += &format!("  {:6} {}", panel.subjects().label(row), period.label);
                for column in panel.columns() {
                    let answer = panel.answer(column.key(), row, period.id)?;
                    if answer.ratio().is_ok_and(|value| !value.is_zero()) {
                        text += &format!("  {} {answer}", column.key());
                    }
                }
                text.push('\n');
            }
        }
    }
    Ok(text)
}
