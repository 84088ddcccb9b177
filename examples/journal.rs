//! A host's night and morning: hand-overs with late records and a transfer, a restart in between, a question asked twice, books
//! that are closed, so that what still comes stands apart, and a plan whose targets go where people go.
//!
//! `cargo run --example journal`

use quotaflow::journal::{
    Close, Entry, EntryId, HandOver, Journal, JournalError, Needed, Snapshot,
};
use quotaflow::ledger::Record;
use quotaflow::model::Model;

/// What the host keeps in its database: hand-overs in the order in which they were taken in, and the newest snapshot.
#[derive(Default)]
struct Store {
    hand_overs: Vec<String>,
    snapshot: Option<String>,
}

fn main() -> Result<(), quotaflow::Error> {
    let document = include_str!("models/two_teams.json");
    let model: Model = serde_json::from_str(document).map_err(quotaflow::Error::unreadable)?;
    let mut store = Store::default();

    // January, as it is known on the first of February.
    let mut journal = Journal::new(&model, "2026-01-01".parse()?)?;
    let january = vec![
        order("SO-1", "ann", "2026-01-10", 100)?,
        order("SO-2", "bo", "2026-01-12", 80)?,
    ];
    hand_over(
        &mut journal,
        &mut store,
        "2026-02-01",
        "2026-01-31",
        january,
    )?;
    store.snapshot = Some(written(&journal.snapshot())?);
    let known = journal.known();

    // February brings an order that was won in January, and word of a transfer that has been a week ago.
    let moved = EntryId::new("hr", "M-1")?;
    let february = vec![
        order("SO-3", "ann", "2026-01-20", 7)?,
        order("SO-4", "ann", "2026-02-05", 50)?,
        Entry::moving(moved, "2026-02-03".parse()?, ("person", "ann", "south"))?
            .by("personnel")
            .because("the north is merged in spring"),
    ];
    hand_over(
        &mut journal,
        &mut store,
        "2026-02-10",
        "2026-02-09",
        february,
    )?;
    let evening = by_team(&journal)?;

    // The process ends. In the morning: the newest snapshot, and what lies behind it.
    let snapshot: Snapshot = read(store.snapshot.as_deref().unwrap_or_default())?;
    let behind = snapshot.head().entries;
    let mut journal = Journal::open(&model, snapshot)?;
    for text in &store.hand_overs {
        let stored: HandOver = read(text)?;
        if stored.head.is_some_and(|head| head.entries > behind) {
            journal.replay([&stored])?;
        }
    }
    let morning = by_team(&journal)?;
    print!("{morning}");
    assert_eq!(morning, evening);
    assert_eq!(
        morning,
        "north  2026-01 107.00 EUR  2026-02   0.00 EUR\nsouth  2026-01  80.00 EUR  2026-02  50.00 EUR\n"
    );
    // What was said on the first of February is still what was known then.
    let then = journal.view("by_team_month")?.as_of("2026-01-31".parse()?);
    let then = match known {
        Some(known) => then.known_at(known),
        None => then,
    };
    let said = then
        .panel()?
        .get("sales", ["north"], "2026-01")?
        .to_string();
    println!("on the first of February the north had {said} of January");
    assert_eq!(said, "100.00 EUR");
    closed(&mut journal, &mut store)?;
    planned(&mut journal, &mut store)
}

/// A plan is cascaded; ann, who has been in the south since 3 February, takes her target along day by day.
fn planned(journal: &mut Journal, store: &mut Store) -> Result<(), quotaflow::Error> {
    let (id, day) = (EntryId::new("planning", "2026")?, "2026-02-16".parse()?);
    let agreed = Entry::cascade(id, day, "sales-2026", [("sales", 1_460)])?
        .by("eva")
        .because("agreed by the board");
    hand_over(journal, store, "2026-02-17", "2026-02-16", vec![agreed])?;
    // It is loaded as it was saved, whoever joins before.
    let night = written(&journal.snapshot())?;
    *journal = Journal::open(&journal.model().clone(), read(&night)?)?;
    let id = EntryId::new("hr", "J-1")?;
    let cy = Entry::join(id, "2026-02-17".parse()?, ("person", "person", "cy"))?.under("north")?;
    hand_over(journal, store, "2026-02-18", "2026-02-17", vec![cy])?;
    let panel = journal.view("targets_by_team")?.panel()?;
    for team in ["north", "south"] {
        let target = panel.get("target:sales", [team], "2026-02")?.to_string();
        let reached = panel
            .get("attainment(sales)", [team], "2026-02")?
            .to_string();
        println!("{team} is to sell {target} in February and has reached {reached}");
    }
    // Two euros a day for each of two people: ann two days in the north and 26 in the south, bo 28 in the south.
    let target = |team| panel.get("target:sales", [team], "2026-02");
    assert_eq!(target("north")?.to_string(), "4.00 EUR");
    assert_eq!(target("south")?.to_string(), "108.00 EUR");
    Ok(())
}

/// January is closed: what comes of it after that adjusts February and changes no figure.
fn closed(journal: &mut Journal, store: &mut Store) -> Result<(), quotaflow::Error> {
    let id = EntryId::new("books", "2026-01")?;
    let close = Entry::close(id, "2026-01-31".parse()?, Close::Hard).by("controller");
    hand_over(journal, store, "2026-02-15", "2026-02-14", vec![close])?;
    // One that has been sent before, and one that has not: the journal has forgotten the ids of January and asks.
    let late = vec![
        order("SO-2", "bo", "2026-01-12", 80)?,
        order("SO-5", "bo", "2026-01-31", 9)?,
    ];
    hand_over(journal, store, "2026-02-16", "2026-02-15", late)?;
    let panel = journal.view("by_team_month")?.panel()?;
    let told = panel.get("sales", ["south"], "2026-01")?.to_string();
    let column = "adjustment of 2026-01 (sales)";
    let adjusted = panel.get(column, ["south"], "2026-02")?.to_string();
    println!("January of the south stays at {told}; February has {adjusted} beside it");
    assert!(adjusted.starts_with("9.00 EUR"), "{adjusted}");
    assert_eq!(told, "80.00 EUR");
    Ok(())
}

fn order(id: &str, person: &str, day: &str, euros: i64) -> Result<Entry, quotaflow::Error> {
    let record = Record::new("order", day.parse()?)
        .id(id)
        .of("person", person);
    Ok(Entry::record("crm", record.amount("sales", euros.into()))?)
}

/// Takes a hand-over in and stores it with the head after it, in one transaction.
fn hand_over(
    journal: &mut Journal,
    store: &mut Store,
    known: &str,
    complete_through: &str,
    entries: Vec<Entry>,
) -> Result<(), quotaflow::Error> {
    let known = format!("{known}T06:00:00").parse()?;
    let mut hand_over = HandOver::new(known, complete_through.parse()?, entries);
    let receipt = loop {
        match journal.enter(known, hand_over.complete_through, &hand_over.entries) {
            Err(JournalError::Needed { needed }) => {
                println!("{needed}");
                journal.supply(&needed, &stored(store, &needed)?)?;
            }
            taken_in => break taken_in?,
        }
    };
    for waiting in &receipt.waiting {
        println!("{waiting}");
    }
    for late in &receipt.late {
        println!("{late}");
    }
    for unplanned in &receipt.unplanned {
        println!("{unplanned}");
    }
    hand_over.head = Some(receipt.head);
    store.hand_overs.push(written(&hand_over)?);
    Ok(())
}

/// What the host has of the entries that a journal asks for.
fn stored(store: &Store, needed: &Needed) -> Result<Vec<Entry>, quotaflow::Error> {
    let Needed::Entries { ids } = needed else {
        return Err(quotaflow::Error::other(needed.to_string()));
    };
    let mut found = Vec::new();
    for text in &store.hand_overs {
        let stored: HandOver = read(text)?;
        let own = stored.entries.into_iter();
        found.extend(own.filter(|entry| ids.contains(entry.id())));
    }
    Ok(found)
}

fn by_team(journal: &Journal) -> Result<String, quotaflow::Error> {
    let panel = journal.view("by_team_month")?.panel()?;
    let mut text = String::new();
    for team in ["north", "south"] {
        text += team;
        for month in ["2026-01", "2026-02"] {
            let sales = panel.get("sales", [team], month)?.to_string();
            text.extend(["  ", month, &format!(" {sales:>10}")]);
        }
        text.push('\n');
    }
    Ok(text)
}

fn written(document: &impl serde::Serialize) -> Result<String, quotaflow::Error> {
    serde_json::to_string(document).map_err(quotaflow::Error::other)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, quotaflow::Error> {
    serde_json::from_str(text).map_err(quotaflow::Error::unreadable)
}
