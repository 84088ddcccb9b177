//! Figures of records that are kept singly, beside the company told day by day.

use super::*;

proptest! {
    #![proptest_config(crate::cases(150))]

    /// Who is new, retained, back or taken over, extremes, medians and last values, with snapshots written and read between, as
    /// known at any time: those of the company told day by day. Whoever is here is one of the four, wherever people move.
    #[test]
    fn singles_are_those_of_the_company_told_day_by_day(
        company in companies(),
        as_of in 0..=LAST,
        structure in prop::option::of(0..=LAST),
        seen in 0_usize..7,
        cut in 0_usize..7,
    ) {
        let model = model_of_singles();
        let hand_overs = hand_overs(&company);
        let mut journal = Journal::new(&model, date(0)).unwrap();
        for (at, hand_over) in hand_overs.iter().enumerate() {
            journal.replay([hand_over]).unwrap();
            if at == cut {
                let night = serde_json::to_string(&journal.snapshot()).unwrap();
                journal = Journal::open(&model, serde_json::from_str(&night).unwrap()).unwrap();
                prop_assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), night);
            }
        }
        let seen = seen.min(company.hand_overs.len());
        let structure = structure.map(|day| day.min(as_of));
        let known = known(&company, seen);
        for (name, by_team) in [("by_team", true), ("by_person", false)] {
            let mut view = journal.view(name).unwrap().as_of(date(as_of));
            if seen < company.hand_overs.len() {
                view = view.known_at(time(seen) - Days::new(1));
            }
            if let Some(day) = structure {
                view = view.as_it_is(date(day));
            }
            let panel = view.panel().unwrap();
            let periods = spans(panel.periods());
            let question = Question { by_team, periods: &periods, as_of, structure };
            let rows: Vec<String> = panel.subjects().labels().collect();
            let figures = known.singles(&question, &rows);
            for (row, label) in panel.subjects().ids().zip(&rows) {
                let begun = panel.periods().ids().zip(&periods).filter(|(_, (from, _))| *from <= as_of);
                for (at, (period, (_, end))) in begun.enumerate() {
                    let own = |name| figures.0.get(&(label.clone(), at, name)).copied().unwrap_or(0);
                    let place = format!("{label} in period {at} as of {as_of} known {seen} by {structure:?}");
                    for name in ["customers", "new", "retained", "reactivated", "taken_over"] {
                        // Who has not come may still come.
                        let waits = name == "retained" && *end > as_of + 1;
                        let wanted = if waits { Err(Reason::NotYetDue) } else { Ok(Ratio::from(own(name))) };
                        prop_assert_eq!(exact(&panel, name, row, period), wanted, "{} of {}", name, place);
                    }
                    for (name, any) in [("low", "values"), ("high", "values"), ("median", "values"), ("last", "lasts")] {
                        let cents = Ratio::new(i128::from(own(name)), 100).unwrap();
                        let wanted = if own(any) == 0 { Err(Reason::NothingRecorded) } else { Ok(cents) };
                        prop_assert_eq!(exact(&panel, name, row, period), wanted, "{} of {}", name, place);
                    }
                }
            }
        }
    }
}
