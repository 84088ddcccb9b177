//! Laws of records that are kept singly behind a close, where those that are enough stay and others are asked for: a closed journal
//! beside one that was never closed.

use proptest::prelude::*;
use quotaflow::journal::{HandOver, Journal, Snapshot};
use quotaflow::panel::{ColumnKey, Panel};
use quotaflow::space::RowId;

use crate::journal::{LAST, companies, date, entry, model_of_singles, time};
use crate::journal_closing::{Host, complete, judged, judgement, lived};
use crate::journal_reference::Judged;

/// What of a panel was not told by a close through a day: every answer of the periods that were not over then, in the rows that
/// another one has too (nobody has one where something was nobody's when it was told).
fn open_answers(panel: &Panel, other: &Panel, closed: i32) -> Vec<String> {
    let columns = panel.columns().iter().map(quotaflow::panel::Column::key);
    let columns: Vec<&ColumnKey> = columns
        .filter(|key| !key.metric.as_str().contains("adjustment"))
        .collect();
    let mut found = Vec::new();
    for period in panel
        .periods()
        .iter()
        .filter(|period| closed < 0 || period.end > date(closed + 1))
    {
        let rows = panel.subjects().ids();
        let is_there = |row: &RowId| {
            other
                .subjects()
                .find(panel.subjects().members(*row))
                .is_some()
        };
        for row in rows.filter(is_there) {
            for key in &columns {
                let answer = panel.answer(key, row, period.id).unwrap().ratio();
                found.push(format!(
                    "{key} of {} in {}: {answer:?}",
                    panel.subjects().label(row),
                    period.label
                ));
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever was closed and forgotten: by the structure of one day, which restates everything, and in the periods that are open
    /// the answers are those of a journal that has every record.
    #[test]
    fn what_is_kept_of_closed_records_is_enough(
        company in companies(),
        judged in judged(),
        as_of in 0..=LAST,
        promises in any::<bool>(),
    ) {
        let mut company = company;
        let mut host = lived(&mut company, &judged, (&model_of_singles(), promises));
        let mut open = lived(&mut company, &[None; 7], (&model_of_singles(), true));
        for structure in [0, as_of] {
            prop_assert_eq!(host.answers(as_of, Some(structure)), open.answers(as_of, Some(structure)));
        }
        host.journal.forget().unwrap();
        let last = complete(company.hand_overs.len());
        let closed = judged.iter().take(company.hand_overs.len()).fold(-1, |closed, judged| match judged {
            Some(Judged::Closed(day)) => *day,
            Some(Judged::Reopened(day)) => day - 1,
            None => closed,
        });
        for name in ["by_team", "by_person"] {
            let own = host.panel(|journal| journal.view(name).unwrap().as_of(date(last)));
            let other = open.panel(|journal| journal.view(name).unwrap().as_of(date(last)));
            prop_assert_eq!(open_answers(&own, &other, closed), open_answers(&other, &own, closed), "{}", name);
        }
    }

    /// At once, or in parts with snapshots between and what was supplied let go: the same answers.
    #[test]
    fn closed_single_records_restart(
        company in companies(),
        judged in judged(),
        as_of in 0..=LAST,
        cuts in prop::collection::vec(any::<bool>(), 7),
        promises in any::<bool>(),
    ) {
        let mut company = company;
        let mut plain = lived(&mut company, &judged, (&model_of_singles(), promises));
        let mut host = Host::new((&model_of_singles(), promises));
        for (at, hand_over) in plain.hand_overs.iter().enumerate() {
            host.replay(hand_over);
            if cuts[at] {
                let night = serde_json::to_string(&host.journal.snapshot()).unwrap();
                let read: Snapshot = serde_json::from_str(&night).unwrap();
                host.journal = Journal::open(&host.model, read).unwrap();
                prop_assert_eq!(serde_json::to_string(&host.journal.snapshot()).unwrap(), night);
                let told = host.answers(as_of, None);
                host.journal.forget().unwrap();
                prop_assert_eq!(host.answers(as_of, None), told);
            }
        }
        host.hand_overs = plain.hand_overs.clone();
        prop_assert_eq!(host.journal.head(), plain.journal.head());
        for structure in [None, Some(0), Some(as_of)] {
            prop_assert_eq!(host.answers(as_of, structure), plain.answers(as_of, structure));
        }
    }

    /// What was known at a time stays known, whatever is closed later.
    #[test]
    fn closed_single_records_are_known_at(company in companies(), judged in judged(), as_of in 0..=LAST) {
        let mut company = company;
        let mut host = Host::new((&model_of_singles(), true));
        let mut told = Vec::new();
        let whole = company.clone();
        for (at, deeds) in company.hand_overs.iter_mut().enumerate() {
            let mut entries: Vec<_> = deeds.iter().map(|deed| entry(&whole, deed)).collect();
            entries.extend(judged[at].map(|judged| judgement(at, judged)));
            host.enter(&HandOver::new(time(at), date(complete(at)), entries));
            told.push((time(at), host.answers(as_of, None)));
        }
        for (known, before) in told {
            for (name, before) in ["by_team", "by_person", "company"].iter().zip(before) {
                let panel = host.panel(|journal| journal.view(name).unwrap().as_of(date(as_of)).known_at(known));
                prop_assert_eq!(serde_json::to_string(&panel).unwrap(), before, "{} at {}", name, known);
            }
        }
    }
}
