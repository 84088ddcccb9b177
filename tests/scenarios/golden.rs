//! What an earlier build saved is opened by this one, with the same numbers, and goes on as if it had never been closed.
//!
//! `tests/golden` holds a model, what happened, the snapshot after it, and what was answered. With `QUOTAFLOW_RECORD=1` the
//! snapshot and the answers are written anew; what they say then is compared by whoever commits them.

use std::fmt::Write;
use std::path::PathBuf;

use quotaflow::journal::{HandOver, Journal, Snapshot};
use quotaflow::model::Model;

fn model() -> Model {
    serde_json::from_str(include_str!("../golden/company.json")).unwrap()
}

fn year() -> Vec<HandOver> {
    serde_json::from_str(include_str!("../golden/year.json")).unwrap()
}

fn later() -> Vec<HandOver> {
    serde_json::from_str(include_str!("../golden/later.json")).unwrap()
}

/// Every figure of every view, and what each day brought, as people read it.
fn answers(journal: &Journal, model: &Model) -> String {
    let mut text = String::new();
    for view in model.views() {
        let panel = journal.view(view.key.as_str()).unwrap().panel().unwrap();
        for column in panel.columns() {
            for row in panel.subjects().ids() {
                let period = |period: quotaflow::calendar::Period| {
                    panel
                        .answer(column.key(), row, period.id)
                        .unwrap()
                        .to_string()
                };
                let cells: Vec<String> = panel.periods().iter().take(4).map(period).collect();
                let (view, label) = (&view.key, panel.subjects().label(row));
                writeln!(
                    text,
                    "{view} | {} | {label} | {}",
                    column.key(),
                    cells.join(" | ")
                )
                .unwrap();
            }
        }
    }
    let first = journal.go_live();
    let last = journal.complete_through().unwrap();
    for day in first.iter_days().take_while(|day| *day <= last) {
        // Days before the latest ones are final, and no longer told.
        let Ok(told) = journal.day(day) else { continue };
        for notice in told.notices {
            let subject: Vec<&str> = notice
                .subject
                .iter()
                .map(quotaflow::key::Key::as_str)
                .collect();
            writeln!(
                text,
                "{day} | {} | {} | {:?}",
                notice.rule,
                subject.join(" / "),
                notice.what
            )
            .unwrap();
        }
    }
    text
}

fn path(file: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/golden").join(file)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap()
}

fn is_recording() -> bool {
    std::env::var_os("QUOTAFLOW_RECORD").is_some()
}

/// Holds a text to the file, or writes it there.
fn recorded(file: &str, text: &str) {
    if is_recording() {
        std::fs::write(path(file), text).unwrap();
    }
    let known = read(file);
    for (line, (known, told)) in known.lines().zip(text.lines()).enumerate() {
        assert_eq!(known, told, "{file}, line {}", line + 1);
    }
    assert_eq!(known.lines().count(), text.lines().count(), "{file}");
}

#[test]
fn a_journal_that_was_saved_earlier_answers_alike_and_goes_on() {
    let model = model();
    let mut fresh = Journal::new(&model, "2026-01-01".parse().unwrap()).unwrap();
    fresh.replay(&year()).unwrap();
    if is_recording() {
        recorded(
            "snapshot.json",
            &serde_json::to_string(&fresh.snapshot()).unwrap(),
        );
    }
    let snapshot: Snapshot = serde_json::from_str(&read("snapshot.json")).unwrap();
    let mut opened = Journal::open(&model, snapshot).unwrap();
    recorded("answers.txt", &answers(&opened, &model));
    recorded("answers.txt", &answers(&fresh, &model));
    assert_eq!(opened.head(), fresh.head());
    for journal in [&mut opened, &mut fresh] {
        journal.replay(&later()).unwrap();
    }
    recorded("later.txt", &answers(&opened, &model));
    recorded("later.txt", &answers(&fresh, &model));
}
