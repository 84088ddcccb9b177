//! Laws of a journal over random companies of more than a year: hires, moves in the middle of months, leavers, late records,
//! reversals, voids and entries that wait, beside a company told day by day.

mod company;
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
use quotaflow::view::View;
use rust_decimal::Decimal;

use crate::journal_reference::{Company, Deed, Did, Question, text};

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
    let known = company.known(seen);
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
    #![proptest_config(ProptestConfig::with_cases(200))]

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
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// At once, one by one, with snapshots written and read between, shuffled inside a hand-over: the same bytes.
    #[test]
    fn restart(
        company in companies(),
        as_of in 0..=LAST,
        cuts in prop::collection::vec(any::<bool>(), 6),
        seed in any::<u64>(),
    ) {
        let hand_overs = hand_overs(&company);
        let plain = whole(&hand_overs);
        let mut journal = new();
        for (at, hand_over) in hand_overs.iter().enumerate() {
            let mut entries = hand_over.entries.clone();
            let count = entries.len().max(1);
            entries.rotate_left(usize::try_from(seed).unwrap_or(7) % count);
            if seed % 3 == 0 {
                entries.reverse();
            }
            // What a source sends again, with what is new or without, changes nothing.
            let sent = hand_overs[..at].iter().flat_map(|earlier| &earlier.entries);
            entries.extend(sent.step_by(2).cloned().map(|again| again.by("again")));
            entries.extend(hand_over.entries.first().cloned());
            let receipt = journal.enter(hand_over.known, hand_over.complete_through, &entries).unwrap();
            prop_assert_eq!(receipt.head, journal.head());
            if cuts.get(at) == Some(&true) {
                let night = serde_json::to_string(&journal.snapshot()).unwrap();
                let read: Snapshot = serde_json::from_str(&night).unwrap();
                let read_before = journal.records_read();
                journal = Journal::open(&model(), read).unwrap();
                prop_assert!(journal.records_read() == 0 || read_before == 0);
                prop_assert_eq!(serde_json::to_string(&journal.snapshot()).unwrap(), night);
            }
        }
        prop_assert_eq!(journal.head(), plain.head());
        prop_assert_eq!(journal.waiting(), plain.waiting());
        for structure in [None, Some(0), Some(as_of)] {
            prop_assert_eq!(answers(&journal, as_of, structure), answers(&plain, as_of, structure));
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

    /// What was known at a time does not change whatever comes later.
    #[test]
    fn known_at(company in companies(), as_of in 0..=LAST) {
        let hand_overs = hand_overs(&company);
        let mut journal = new();
        let mut told = Vec::new();
        for hand_over in &hand_overs {
            journal.replay([hand_over]).unwrap();
            told.push((hand_over.known, answers(&journal, as_of, None)));
        }
        for (known, before) in told {
            for (name, before) in VIEWS.iter().zip(before) {
                let view = journal.view(name).unwrap().as_of(date(as_of)).known_at(known);
                prop_assert_eq!(bytes(&view), before, "{} at {}", name, known);
            }
        }
    }

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

    /// What was entered is placed, with nobody, or left out with a reason.
    #[test]
    fn nothing_leaks(company in companies()) {
        let journal = whole(&hand_overs(&company));
        let known = company.known(company.hand_overs.len());
        let waiting: std::collections::BTreeSet<usize> = journal
            .waiting()
            .iter()
            .map(|waiting| waiting.entry.id.as_str().parse().unwrap())
            .collect();
        prop_assert_eq!(&waiting, &known.waiting());
        let all: Vec<&Deed> = company.hand_overs.iter().flatten().collect();
        let sales = |of: &dyn Fn(&Deed) -> bool| -> (i64, i64) {
            let chosen = all.iter().copied().filter(|deed| of(deed));
            chosen.fold((0, 0), |(count, sum), deed| match &deed.what {
                Did::Recorded(record) if record.kind == "order" => (count + 1, sum + record.cents),
                _ => (count, sum),
            })
        };
        let entered = sales(&|_| true);
        let left_out = sales(&|deed| waiting.contains(&deed.number) || known.is_voided(deed));
        // A reversed record is placed twice, once against itself.
        let back = |deed: &Deed| all.iter().any(|other| other.what == Did::Reversed(deed.number, None) && known.stands(other));
        let reversed = sales(&back);
        let parts = all.iter().filter(|deed| known.stands(deed)).filter_map(|deed| match deed.what {
            Did::Reversed(of, part) => {
                let of = all.iter().find(|other| other.number == of)?;
                part.filter(|_| is_of(&of.what, "order") && !back(of))
            }
            _ => None,
        });
        let in_part: i64 = parts.sum();
        for name in ["by_team", "by_person"] {
            let panel = journal.view(name).unwrap().as_of(date(LAST)).panel().unwrap();
            let mut placed = (Ratio::ZERO, Ratio::ZERO);
            for row in panel.subjects().ids() {
                for period in panel.periods().ids() {
                    let orders = exact(&panel, "orders", row, period).unwrap_or(Ratio::ZERO);
                    let sales = exact(&panel, "sales", row, period).unwrap_or(Ratio::ZERO);
                    placed = (placed.0.checked_add(orders).unwrap(), placed.1.checked_add(sales).unwrap());
                }
            }
            prop_assert_eq!(placed.0, Ratio::from(entered.0 - left_out.0 - reversed.0));
            // opening + entered + moved in - moved out - settled = closing in every row.
            for row in panel.subjects().ids() {
                let mut opening = Ratio::ZERO;
                for period in panel.periods().ids().take_while(|period| panel.periods().range(*period).unwrap().start() <= date(LAST)) {
                    let of = |metric| exact(&panel, metric, row, period).unwrap();
                    let came = opening.checked_add(of("entered")).unwrap().checked_add(of("moved_in")).unwrap();
                    let went = of("moved_out").checked_add(of("settled")).unwrap();
                    opening = of("receivables");
                    prop_assert_eq!(came.checked_sub(went).unwrap(), opening);
                }
            }
            let cents = entered.1 - left_out.1 - reversed.1 - in_part;
            prop_assert_eq!(placed.1, Ratio::new(i128::from(cents), 100).unwrap());
        }
    }

    /// If every day's actual is that day's target, actual is target in every row of every level and period.
    #[test]
    fn mirror(company in companies(), total in 100_000_i64..50_000_000, raises in 0_usize..4, cut in any::<bool>()) {
        let model = model();
        let mut journal = Journal::new(&model, date(0)).unwrap();
        journal.enter(time(0) - Days::new(1), date(0), &[cascaded(total)]).unwrap();
        let raises = (1..=raises).map(|at| {
            let place = Place::whole().at("person", PEOPLE[at % 3]).unwrap();
            raised(at, 1_001, place.at("month", &format!("2026-{at:02}")).unwrap())
        });
        let raises: Vec<Entry> = raises.collect();
        journal.enter(time(0), date(0), &raises).unwrap();
        let plan = journal.plan("year").unwrap();
        let months = model.calendar().periods(quotaflow::calendar::Grain::Month, date(0), date(365)).unwrap();
        let mut sold = Vec::new();
        for person in PEOPLE {
            for month in &months {
                let node = plan.frame().find(&[person, month.label.as_str()]).unwrap();
                let units = plan.amount("sales", node).unwrap().units();
                let curve = DayCurve::by_calendar(DayRange::new(month.start, month.end).unwrap(), units);
                for day in month.start.iter_days().take_while(|day| *day < month.end) {
                    let cents = curve.between(day, day + Days::new(1)).unwrap();
                    let record = Record::new("order", day).id(format!("{person} {day}")).of("person", person);
                    sold.push(Entry::record("m", record.amount("sales", Decimal::new(cents, 2))).unwrap());
                }
            }
        }
        // What moves the people, told in parts among what they sold; nothing else is sold.
        let moves: Vec<Entry> = company
            .hand_overs
            .iter()
            .flatten()
            .filter(|deed| matches!(deed.what, Did::Moved(..) | Did::Left(_) | Did::Hired(..)))
            .map(|deed| entry(&company, deed))
            .collect();
        let half = moves.len() / 2;
        journal.enter(time(1), date(0), &moves[..half]).unwrap();
        journal.enter(time(2), date(365), &sold).unwrap();
        if cut {
            let night = serde_json::to_string(&journal.snapshot()).unwrap();
            journal = Journal::open(&model, serde_json::from_str(&night).unwrap()).unwrap();
        }
        journal.enter(time(3), date(365), &moves[half..]).unwrap();
        for name in ["team_targets", "person_targets"] {
            for structure in [None, Some(200)] {
                let mut view = journal.view(name).unwrap().as_of(date(LAST));
                if let Some(day) = structure {
                    view = view.as_it_is(date(day));
                }
                let panel = view.panel().unwrap();
                let mut all = Ratio::ZERO;
                let begun = |period: &PeriodId| panel.periods().range(*period).unwrap().start() <= date(LAST);
                for row in panel.subjects().ids() {
                    for period in panel.periods().ids().filter(begun) {
                        let place = format!("{} {period:?} {structure:?}", panel.subjects().label(row));
                        let actual = exact(&panel, "sales", row, period).unwrap();
                        let target = panel.answer(&ColumnKey::target("sales").unwrap(), row, period).unwrap().ratio();
                        prop_assert_eq!(actual, target.unwrap_or(Ratio::ZERO), "{}", place);
                        let reached = exact(&panel, "attainment(sales)", row, period);
                        match target {
                            Ok(target) if !target.is_zero() => prop_assert_eq!(reached, Ok(Ratio::ONE), "{}", place),
                            Ok(_) => prop_assert_eq!(reached, Err(Reason::NoBase), "{}", place),
                            Err(reason) => prop_assert_eq!(reached, Err(reason), "{}", place),
                        }
                        all = all.checked_add(target.unwrap_or(Ratio::ZERO)).unwrap();
                    }
                }
                // Nothing of a target is nowhere.
                let whole = total + 1_001 * i64::try_from(raises.len()).unwrap();
                prop_assert_eq!(all, Ratio::new(i128::from(whole), 100).unwrap());
            }
        }
    }
}
