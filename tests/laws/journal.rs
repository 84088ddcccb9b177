//! Laws of a journal over random companies of more than a year: hires, moves in the middle of months, leavers, late records,
//! reversals, voids and entries that wait, beside a company told day by day.

mod company;
mod held;
mod sharers;
mod singles;

use chrono::{Days, NaiveDate, NaiveTime};
use proptest::prelude::*;
use quotaflow::calendar::{DayRange, PeriodId, PeriodSet};
use quotaflow::journal::{Entry, EntryId, HandOver, Journal, Snapshot};
use quotaflow::ledger::Record;
use quotaflow::model::Model;
use quotaflow::panel::{ColumnKey, Panel, Reason};
use quotaflow::plan::{DayCurve, Place};
use quotaflow::quantity::Ratio;
use quotaflow::space::RowId;
use quotaflow::testing::laws;
use quotaflow::view::View;
use rust_decimal::Decimal;

use crate::journal_reference::{Question, known};
use quotaflow::testing::Company;

/// Figures of money.
const MONEY: [&str; 9] = [
    "sales",
    "receivables",
    "entered",
    "settled",
    "moved_in",
    "moved_out",
    "overdue",
    "overdue_1_30",
    "unapplied",
];
const VIEWS: [&str; 7] = [
    "by_team",
    "by_person",
    "company",
    "team_targets",
    "person_targets",
    "team_duties",
    "person_duties",
];

pub use company::*;

fn hand_overs(company: &Company) -> Vec<HandOver> {
    let all = company.hand_overs.iter().enumerate();
    all.map(|(at, deeds)| {
        HandOver::new(
            time(at),
            time(at).date(),
            deeds
                .iter()
                .map(|deed| entry(company, deed))
                .chain(planned(at))
                .collect(),
        )
    })
    .collect()
}

fn new() -> Journal {
    Journal::new(&model(), date(0)).unwrap()
}

fn whole(hand_overs: &[HandOver]) -> Journal {
    let mut journal = new();
    journal.replay(hand_overs).unwrap();
    journal
}

fn bytes(view: &View) -> String {
    serde_json::to_string(&view.panel().unwrap()).unwrap()
}

/// All views of a journal under these options, as bytes.
fn answers(journal: &Journal, as_of: i32, structure: Option<i32>) -> Vec<String> {
    let views = VIEWS.map(|name| {
        let view = journal.view(name).unwrap().as_of(date(as_of));
        match structure {
            Some(day) => view.as_it_is(date(day)),
            None => view,
        }
    });
    views.iter().map(bytes).collect()
}

pub fn spans(periods: &PeriodSet) -> Vec<(i32, i32)> {
    let day = |day: NaiveDate| i32::try_from((day - date(0)).num_days()).unwrap();
    periods
        .iter()
        .map(|period| (day(period.start), day(period.end)))
        .collect()
}

/// A figure as an exact number.
pub fn exact(panel: &Panel, metric: &str, row: RowId, period: PeriodId) -> Result<Ratio, Reason> {
    panel
        .answer(&ColumnKey::actual(metric).unwrap(), row, period)
        .unwrap()
        .ratio()
}

/// Compares a panel with the company told day by day.
fn agrees(
    company: &Company,
    seen: usize,
    view: &View,
    by_team: bool,
    as_of: i32,
    structure: Option<i32>,
) -> Result<(), TestCaseError> {
    let known = known(company, seen);
    let panel = view.panel().unwrap();
    let periods = spans(panel.periods());
    let question = Question {
        by_team,
        periods: &periods,
        as_of,
        structure,
    };
    let figures = known.figures(&question);
    let rows: Vec<String> = panel.subjects().labels().collect();
    for row in known.rows(by_team, as_of) {
        prop_assert!(rows.contains(&row), "{} has no row", row);
    }
    for ((row, ..), own) in &figures.0 {
        prop_assert!(rows.contains(row) || *own == 0, "{} has no row", row);
    }
    for (row, label) in panel.subjects().ids().zip(&rows) {
        for (at, (period, (from, _))) in panel.periods().ids().zip(&periods).enumerate() {
            let own = |name| {
                figures
                    .0
                    .get(&(label.clone(), at, name))
                    .copied()
                    .unwrap_or(0)
            };
            let money = |name| Ratio::new(i128::from(own(name)), 100).ok();
            let per = |top: i64, bottom: i64| Ratio::new(i128::from(top), i128::from(bottom)).ok();
            let mut wanted: Vec<(&str, Option<Ratio>)> = vec![
                ("orders", Some(Ratio::from(own("orders")))),
                ("mean", per(own("standing_sales"), 100 * own("standing"))),
                ("rate", per(own("orders"), own("visits"))),
                ("open_invoices", Some(Ratio::from(own("open_invoices")))),
                (
                    "receivables_age",
                    per(own("open_days"), own("open_invoices")),
                ),
            ];
            wanted.extend(MONEY.map(|name| (name, money(name))));
            for (name, value) in wanted {
                let value = match value {
                    _ if *from > as_of => Err(Reason::NotYetDue),
                    Some(value) => Ok(value),
                    None => Err(Reason::NoBase),
                };
                prop_assert_eq!(
                    exact(&panel, name, row, period),
                    value,
                    "{} of {} in period {} as of {} known {} by {:?}",
                    name,
                    label,
                    at,
                    as_of,
                    seen,
                    structure
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::cases(200))]

    #[test]
    fn every_figure_is_that_of_the_company_told_day_by_day(
        company in companies(),
        as_of in 0..=LAST,
        structure in prop::option::of(0..=LAST),
        seen in 0_usize..7,
    ) {
        let journal = whole(&hand_overs(&company));
        let seen = seen.min(company.hand_overs.len());
        let structure = structure.map(|day| day.min(as_of));
        for (name, by_team) in [("by_team", true), ("by_person", false)] {
            let mut view = journal.view(name).unwrap().as_of(date(as_of));
            if seen < company.hand_overs.len() {
                view = view.known_at(time(seen) - Days::new(1));
            }
            if let Some(day) = structure {
                view = view.as_it_is(date(day));
            }
            agrees(&company, seen, &view, by_team, as_of, structure)?;
        }
    }
}

proptest! {
    #![proptest_config(crate::cases(64))]

    /// What a viewer sees are the rows of themselves and of all below them on the day, each as everybody sees it.
    #[test]
    fn a_viewer_sees_what_everybody_sees_of_whom_they_lead(
        company in companies(),
        as_of in 0..=LAST,
        structure in prop::option::of(0..=LAST),
        team in 0..TEAMS.len(),
    ) {
        let journal = whole(&hand_overs(&company));
        let team = TEAMS[team];
        for name in VIEWS.into_iter().filter(|name| *name != "company") {
            let mut view = journal.view(name).unwrap().as_of(date(as_of));
            if let Some(day) = structure.filter(|day| *day <= as_of) {
                view = view.as_it_is(date(day));
            }
            let day = date(structure.filter(|day| *day <= as_of).unwrap_or(as_of));
            let space = view.space().unwrap();
            let tree = space.dimension("person").unwrap().tree("person").unwrap();
            let (whole, part) = (view.panel().unwrap(), view.seen_by("person", team).panel().unwrap());
            let led: Vec<String> = whole.subjects().labels().filter(|row| {
                row == team || tree.parent_key(row, day).is_some_and(|above| above.as_str() == team)
            }).collect();
            prop_assert_eq!(part.subjects().labels().collect::<Vec<_>>(), led);
            prop_assert_eq!(part.columns().len(), whole.columns().len());
            for (own, all) in part.columns().iter().zip(whole.columns()) {
                prop_assert_eq!((own.key(), own.unit(), own.direction(), own.is_fractions()), (all.key(), all.unit(), all.direction(), all.is_fractions()));
                for row in part.subjects().ids() {
                    let there = whole.subjects().find(part.subjects().members(row)).unwrap();
                    for period in whole.periods().ids() {
                        prop_assert_eq!(
                            part.answer(own.key(), row, period).unwrap().found(),
                            whole.answer(all.key(), there, period).unwrap().found()
                        );
                    }
                }
            }
        }
    }

    /// Opening + entered + moved in - moved out - settled = closing in every row.
    #[test]
    fn balances_tie_out(company in companies()) {
        let journal = whole(&hand_overs(&company));
        for name in ["by_team", "by_person"] {
            let panel = journal.view(name).unwrap().as_of(date(LAST)).panel().unwrap();
            let begun = |period: &PeriodId| panel.periods().range(*period).unwrap().start() <= date(LAST);
            for row in panel.subjects().ids() {
                let mut opening = Ratio::ZERO;
                for period in panel.periods().ids().take_while(begun) {
                    let of = |metric| exact(&panel, metric, row, period).unwrap();
                    let came = opening.checked_add(of("entered")).unwrap().checked_add(of("moved_in")).unwrap();
                    let went = of("moved_out").checked_add(of("settled")).unwrap();
                    opening = of("receivables");
                    prop_assert_eq!(came.checked_sub(went).unwrap(), opening);
                }
            }
        }
    }

    /// A journal that goes on by another model answers as one that always had it, wherever it is saved and opened; what was known
    /// before is asked of the journal of that time, and what was known since does not change whatever comes later.
    #[test]
    fn a_journal_that_goes_on_by_another_model_answers_as_one_that_always_had_it(
        company in companies(),
        as_of in 0..=LAST,
        cuts in prop::collection::vec(any::<bool>(), 6),
        at in 0_usize..6,
        how in 0_u8..3,
    ) {
        let mut hand_overs = hand_overs(&company);
        let model = changed_model(how);
        let mut always = Journal::new(&model, date(0)).unwrap();
        always.replay(&hand_overs).unwrap();
        let at = at.min(hand_overs.len() - 1);
        let id = EntryId::new("office", "M").unwrap();
        let entry = Entry::model(id, hand_overs[at].complete_through, &model);
        hand_overs[at].entries.push(entry.by("eva").because("asked for"));
        let mut plain = new();
        plain.introduce(&model);
        plain.replay(&hand_overs).unwrap();
        let mut journal = new();
        let mut told = Vec::new();
        for (number, hand_over) in hand_overs.iter().enumerate() {
            journal.introduce(&model);
            journal.replay([hand_over]).unwrap();
            if number >= at {
                told.push((hand_over.known, answers(&journal, as_of, None)));
            }
            if cuts.get(number) == Some(&true) {
                let night = serde_json::to_string(&journal.snapshot()).unwrap();
                let read: Snapshot = serde_json::from_str(&night).unwrap();
                journal = Journal::open(&journal.model().clone(), read).unwrap();
                prop_assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), night);
            }
        }
        prop_assert_eq!(journal.snapshot(), plain.snapshot());
        prop_assert_eq!(journal.waiting(), always.waiting());
        for structure in [None, Some(as_of)] {
            prop_assert_eq!(answers(&journal, as_of, structure), answers(&always, as_of, structure));
        }
        for (known, before) in told {
            for (name, before) in VIEWS.iter().zip(before) {
                let view = journal.view(name).unwrap().as_of(date(as_of)).known_at(known);
                prop_assert_eq!(bytes(&view), before, "{} at {}", name, known);
            }
        }
        if let Some(before) = at.checked_sub(1) {
            let view = journal.view("by_team").unwrap().known_at(hand_overs[before].known);
            let needs = view.panel().unwrap_err().to_string();
            prop_assert!(needs.contains("the model changed"), "{}", needs);
        }
    }
}
