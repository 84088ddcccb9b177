//! The host's database: the document of the model, every entry once, and snapshots.
//!
//! Every write is counted, and the process may be told to die before or after one of them.

use std::path::Path;
use std::process::Command;

use chrono::{NaiveDate, NaiveDateTime};
use quotaflow::Error;
use quotaflow::journal::{Entry, HandOver, Head, Receipt, Snapshot};
use rusqlite::{Connection, OptionalExtension, Params, params};

use crate::Outcome;

const TABLES: [&str; 5] = [
    "create table if not exists model (fingerprint text primary key, document text not null)",
    "create table if not exists hand_over (
         number integer primary key, known text not null unique, complete_through text not null, head text not null)",
    "create table if not exists entry (
         source text not null, id text not null, hand_over integer not null references hand_over, place integer not null,
         document text not null, primary key (source, id))",
    "create table if not exists notice (
         hand_over integer not null references hand_over, place integer not null, text text not null,
         primary key (hand_over, place))",
    "create table if not exists snapshot (entries integer primary key, document text not null)",
];

/// When the process kills itself, as a power cut would.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    Lives,
    DiesBefore(u64),
    DiesAfter(u64),
}

pub struct Store {
    connection: Connection,
    fate: Fate,
    pub writes: u64,
}

impl Store {
    pub fn open(path: &Path, fate: Fate) -> Outcome<Self> {
        let connection = Connection::open(path).map_err(database)?;
        let mut store = Self {
            connection,
            fate,
            writes: 0,
        };
        // A commit is on the disk when it returns.
        store
            .connection
            .pragma_update(None, "journal_mode", "wal")
            .map_err(database)?;
        store
            .connection
            .pragma_update(None, "synchronous", "normal")
            .map_err(database)?;
        for table in TABLES {
            store.write(table, [])?;
        }
        Ok(store)
    }

    fn write(&mut self, sql: &str, params: impl Params) -> Outcome<usize> {
        self.writes += 1;
        if matches!(self.fate, Fate::DiesBefore(number) if number == self.writes) {
            die();
        }
        let mut statement = self.connection.prepare_cached(sql).map_err(database)?;
        let changed = statement.execute(params).map_err(database)?;
        drop(statement);
        if matches!(self.fate, Fate::DiesAfter(number) if number == self.writes) {
            die();
        }
        Ok(changed)
    }

    pub fn keep_model(&mut self, fingerprint: &str, document: &str) -> Outcome<()> {
        self.write(
            "insert or ignore into model values (?1, ?2)",
            params![fingerprint, document],
        )?;
        Ok(())
    }

    /// A hand-over with the head after it and what is to be told of it: in one transaction, there whole or not at all.
    pub fn keep(&mut self, hand_over: &HandOver, receipt: &Receipt) -> Outcome<()> {
        self.write("begin immediate", [])?;
        let next = "select coalesce(max(number), 0) + 1 from hand_over";
        let number: i64 = self
            .connection
            .query_row(next, [], |row| row.get(0))
            .map_err(database)?;
        self.write(
            "insert into hand_over values (?1, ?2, ?3, ?4)",
            params![
                number,
                written(&hand_over.known)?,
                written(&hand_over.complete_through)?,
                written(&receipt.head)?
            ],
        )?;
        for (place, entry) in (0_i64..).zip(&hand_over.entries) {
            let (source, id) = (entry.id().source.as_str(), entry.id().id.as_str());
            self.write(
                "insert into entry values (?1, ?2, ?3, ?4, ?5)",
                params![source, id, number, place, written(entry)?],
            )?;
        }
        let late = receipt.late.iter().map(ToString::to_string);
        let waiting = receipt.waiting.iter().map(ToString::to_string);
        for (place, text) in (0_i64..).zip(late.chain(waiting)) {
            self.write(
                "insert into notice values (?1, ?2, ?3)",
                params![number, place, text],
            )?;
        }
        self.write("commit", [])?;
        Ok(())
    }

    pub fn keep_snapshot(&mut self, snapshot: &Snapshot) -> Outcome<()> {
        let entries = i64::try_from(snapshot.head().entries)?;
        self.write(
            "insert or replace into snapshot values (?1, ?2)",
            params![entries, written(snapshot)?],
        )?;
        Ok(())
    }

    pub fn newest_snapshot(&self) -> Outcome<Option<Snapshot>> {
        let newest = "select document from snapshot order by entries desc limit 1";
        let text: Option<String> = self
            .connection
            .query_row(newest, [], |row| row.get(0))
            .optional()
            .map_err(database)?;
        text.map(|text| read(&text)).transpose()
    }

    /// The hand-overs behind a head, in order.
    pub fn behind(&self, entries: u64) -> Outcome<Vec<HandOver>> {
        let mut all = Vec::new();
        let behind = "select number, known, complete_through, head from hand_over order by number";
        let mut statement = self.connection.prepare(behind).map_err(database)?;
        let rows = statement.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
        for row in rows.map_err(database)? {
            let (number, known, through, head): (i64, String, String, String) =
                row.map_err(database)?;
            let head: Head = read(&head)?;
            // A hand-over without entries leaves the head where it was; taking it in again changes nothing.
            if head.entries >= entries {
                let (known, through): (NaiveDateTime, NaiveDate) = (read(&known)?, read(&through)?);
                let mut hand_over = HandOver::new(known, through, self.entries_of(number)?);
                hand_over.head = Some(head);
                all.push(hand_over);
            }
        }
        Ok(all)
    }

    fn entries_of(&self, hand_over: i64) -> Outcome<Vec<Entry>> {
        self.documents(
            "select document from entry where hand_over = ?1 order by place",
            params![hand_over],
        )
    }

    /// The entries up to a head: what a journal that stands there may have forgotten.
    pub fn entries_up_to(&self, entries: u64) -> Outcome<Vec<Entry>> {
        let up_to = "select number, head from hand_over order by number";
        let mut statement = self.connection.prepare_cached(up_to).map_err(database)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
        let mut all = Vec::new();
        for row in rows.map_err(database)? {
            let (number, head) = row.map_err(database)?;
            if read::<Head>(&head)?.entries <= entries {
                all.extend(self.entries_of(number)?);
            }
        }
        Ok(all)
    }

    fn documents(&self, sql: &str, params: impl Params) -> Outcome<Vec<Entry>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(database)?;
        let rows = statement.query_map(params, |row| row.get::<_, String>(0));
        let rows = rows.map_err(database)?;
        rows.map(|text| read(&text.map_err(database)?)).collect()
    }

    /// Everything that is kept but snapshots, as text: two databases that tell the same are equal.
    pub fn dump(&self) -> Outcome<String> {
        let mut text = String::new();
        for sql in [
            "select fingerprint from model order by 1",
            "select number || ' ' || known || ' ' || complete_through || ' ' || head from hand_over order by number",
            "select hand_over || ' ' || place || ' ' || document from entry order by hand_over, place",
            "select hand_over || ' ' || place || ' ' || text from notice order by hand_over, place",
        ] {
            let mut statement = self.connection.prepare(sql).map_err(database)?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0));
            for row in rows.map_err(database)? {
                text += &row.map_err(database)?;
                text.push('\n');
            }
        }
        Ok(text)
    }
}

fn written(value: &impl serde::Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(Error::other)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Outcome<T> {
    serde_json::from_str(text).map_err(Error::unreadable)
}

/// An error of the database as one of the library's, so that a host has one for everything.
fn database(error: rusqlite::Error) -> Error {
    Error::other(error)
}

/// Ends the process at once, with nothing written behind and nothing dropped.
fn die() -> ! {
    let own = std::process::id().to_string();
    let _ = Command::new("kill").args(["-KILL", own.as_str()]).status();
    std::process::abort()
}
