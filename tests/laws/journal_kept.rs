//! What a named view has read it keeps: its answer is that of one that reads everything, whatever came in since, wherever the journal
//! was forked and as of whichever day it is asked.

use proptest::prelude::*;
use quotaflow::journal::{HandOver, Journal, Snapshot};
use quotaflow::model::Model;

use crate::journal::{LAST, companies, date, entry, model, model_of_singles, time};
use crate::journal_closing::{Host, complete, judged, judgement};

/// The same question put to a journal that has read nothing yet.
fn fresh(host: &Host, name: &str, as_of: i32) -> String {
    let night = serde_json::to_string(&host.journal.snapshot()).unwrap();
    let read: Snapshot = serde_json::from_str(&night).unwrap();
    let journal = Journal::open(&host.model, read).unwrap();
    let view = journal.view(name).unwrap().as_of(date(as_of));
    serde_json::to_string(&view.panel().unwrap()).unwrap()
}

fn holds(
    model: &Model,
    company: &quotaflow::testing::Company,
    judged: &[Option<crate::journal_reference::Judged>],
    days: &[i32],
) -> Result<(), TestCaseError> {
    let mut host = Host::new((model, true));
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        let mut entries: Vec<_> = deeds.iter().map(|deed| entry(company, deed)).collect();
        entries.extend(judged[at].map(|judged| judgement(at, judged)));
        let hand_over = HandOver::new(time(at), date(complete(at)), entries);
        // A fork that goes another way reads what it has, and leaves the other one as it was.
        let fork = host.journal.clone();
        host.enter(&hand_over);
        let mut asked: Vec<i32> = days
            .iter()
            .filter(|day| day.rem_euclid(7) == i32::try_from(at % 7).unwrap_or(0))
            .copied()
            .collect();
        asked.extend([complete(at), complete(at) + 10]);
        for as_of in asked {
            for name in ["by_team", "by_person", "company"] {
                let panel = host.panel(|journal| journal.view(name).unwrap().as_of(date(as_of)));
                let kept = serde_json::to_string(&panel).unwrap();
                prop_assert_eq!(kept, fresh(&host, name, as_of), "{} as of {}", name, as_of);
                _ = fork.view(name).unwrap().as_of(date(as_of)).panel();
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn a_kept_view_answers_as_one_that_reads_everything(
        company in companies(),
        judged in judged(),
        days in prop::collection::vec(0..=LAST, 7),
        singles in any::<bool>(),
    ) {
        let model = if singles { model_of_singles() } else { model() };
        holds(&model, &company, &judged, &days)?;
    }
}
