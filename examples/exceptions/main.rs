//! The ready rules on a company that does not exist: what is wrong in it, told so that somebody can act.
//!
//! `cargo run --release --example exceptions`; with `-- DIR` the same rules on the real data of that folder.

#[path = "../shared/company.rs"]
mod company;
#[path = "../shared/file.rs"]
mod file;
mod page;
mod real;
#[path = "../shared/table.rs"]
mod table;
mod trouble;
mod watched;
mod world;

use quotaflow::Error;

use quotaflow::catalog::packs::{self, Pack, Symptom, Watch};
use quotaflow::rule::{Exemption, RuleDef, RuleSet, Severity};

use crate::page::{Page, Sheet};
use crate::watched::Watched;
use crate::world::World;

fn main() -> Result<(), Error> {
    if let Some(folder) = std::env::args_os().nth(1) {
        return real::print(std::path::Path::new(&folder))
            .map_err(|error| error.to_string().into());
    }
    let world = World::new()?;
    let packs = packs()?;
    let mut sheets = Vec::new();
    let mut watched = Watched::default();
    let month = world.month()?;
    let bridge = world.bridge()?;
    // From below, so that what became of the alerts of dealers is known of their salesperson, and so on up.
    for watch in [Watch::Dealer, Watch::Person, Watch::Team] {
        let mut panel = world.panel(watch)?;
        let rules: Vec<RuleDef> = packs
            .iter()
            .flat_map(|pack| pack.watching(watch))
            .cloned()
            .collect();
        let (first, _) = RuleSet::fitting(rules.clone(), &panel)?;
        watched.watch(&first, &panel, month)?;
        if watch != Watch::Dealer {
            watched.add_figures(&mut panel, bridge.tree())?;
        }
        let (rules, left_out) = RuleSet::fitting(rules, &panel)?;
        sheets.push(Sheet {
            watch,
            parts: world.parts(watch)?,
            panel,
            rules,
            left_out,
        });
    }
    sheets.reverse();
    let page = Page::new(&packs, &sheets, month)?;
    page.print(world.as_of)?;
    watched.print(bridge.tree(), world.as_of)?;
    check(&page)
}

/// The packs with what this company sets otherwise.
fn packs() -> Result<Vec<Pack>, Error> {
    let mut packs = Vec::new();
    for pack in packs::all()? {
        let pack = match pack.symptom() {
            // Here orders come every ten to twenty days: a month without one is long.
            Symptom::DealerMotivation => pack.set_number("no_recent_order", "days", "30 day")?,
            _ => pack,
        };
        // Who has left no longer plans, visits and reports; only what is left behind counts.
        let pack = match pack.symptom() {
            Symptom::LoyaltyRisk => pack,
            _ => pack.letting_off(
                Watch::Person,
                &Exemption {
                    subject: "deng".try_into()?,
                    reason: "left on 30 June 2026".to_owned(),
                    until: None,
                },
            ),
        };
        packs.push(pack);
    }
    Ok(packs)
}

/// What was built into the company is found, in the right place, and little else.
fn check(page: &Page<'_>) -> Result<(), Error> {
    let missed: Vec<_> = trouble::EXPECTED
        .iter()
        .filter(|(rule, subject)| !page.has(rule, subject))
        .collect();
    if !missed.is_empty() {
        return Err(format!("not found: {missed:?}").into());
    }
    let symptoms = page.symptoms();
    for symptom in Symptom::ALL {
        if !symptoms.contains(&symptom) {
            return Err(format!("nothing was found of {}", symptom.key()).into());
        }
    }
    let urgent = page.count(Severity::Serious);
    println!(
        "\n{} of the {} troubles that were built in were found; {} alerts in all, {urgent} of them serious or critical.",
        trouble::EXPECTED.len(),
        trouble::EXPECTED.len(),
        page.len(),
    );
    Ok(())
}
