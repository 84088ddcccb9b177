//! Laws of records that are kept singly behind a close, where those that are enough stay and others are asked for: a closed journal
//! beside one that was never closed.

use proptest::prelude::*;
use quotaflow::panel::{ColumnKey, Panel};
use quotaflow::space::RowId;

use crate::journal::{LAST, companies, date, model_of_singles};
use crate::journal_closing::{complete, judged, lived, restarts, stays_known};
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
    #![proptest_config(crate::cases(200))]

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

    #[test]
    fn closed_single_records_restart(
        company in companies(),
        judged in judged(),
        as_of in 0..=LAST,
        cuts in prop::collection::vec(any::<bool>(), 7),
        promises in any::<bool>(),
    ) {
        restarts(company, &judged, (&model_of_singles(), promises), (as_of, &cuts))?;
    }

    #[test]
    fn closed_single_records_are_known_at(
        company in companies(),
        judged in judged(),
        as_of in 0..=LAST,
        promises in any::<bool>(),
    ) {
        stays_known(company, &judged, (&model_of_singles(), promises), as_of)?;
    }
}
