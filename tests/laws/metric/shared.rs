//! Laws of records that several members share: sums add up exact shares, figures of single records ask the whole record, and
//! a row that holds all sharers has the figures of records that nobody shares.

use crate::at::{PeriodAt, RowAt};
use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, DayRange, Grain};
use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::metric::{
    Concentration, Entity, Filter, Formula, Layout, MetricDef, OpenFigure, Partial, Program,
    QuantileMethod, SameDay, Selection, Sharing, Value, Valued,
};
use quotaflow::panel::{ColumnKey, Panel, Reason};
use quotaflow::quantity::{Quantum, Ratio};
use quotaflow::space::{Axis, DimensionDef, Space, Subjects, Unassigned};
use rust_decimal::Decimal;

const PEOPLE: [(&str, &str); 4] = [
    ("ann", "red"),
    ("bo", "red"),
    ("cai", "blue"),
    ("dee", "blue"),
];
const CHOICES: [(&str, Sharing); 3] = [
    ("first", Sharing::First),
    ("each", Sharing::Each),
    ("fraction", Sharing::Fraction),
];

/// One order: pieces, its month, its sharers with their weights, and whether it is taken back in the last month.
#[derive(Debug, Clone)]
struct Deal {
    pieces: i64,
    day: u64,
    sharers: Vec<(usize, i64)>,
    reversed: bool,
}

impl Deal {
    fn share(&self, at: usize) -> Ratio {
        let all: i64 = self.sharers.iter().map(|(_, weight)| weight).sum();
        Ratio::new(self.sharers[at].1.into(), all.into()).unwrap()
    }

    fn day(&self) -> NaiveDate {
        "2026-01-01".parse::<NaiveDate>().unwrap() + Days::new(self.day)
    }

    fn record(&self, number: usize, is_shared: bool) -> Record {
        let mut record = Record::new("order", self.day())
            .id(format!("D-{number}"))
            .amount("pieces", Decimal::from(self.pieces));
        if !is_shared {
            return record.of("person", PEOPLE[self.sharers[0].0].0);
        }
        for (at, (person, _)) in self.sharers.iter().enumerate() {
            record = record.credit(PEOPLE[*person].0, self.share(at));
        }
        record
    }
}

fn deal(people: std::ops::Range<usize>) -> impl Strategy<Value = Deal> {
    let sharers = prop::sample::subsequence(people.clone().collect::<Vec<_>>(), 1..=people.len())
        .prop_shuffle()
        .prop_flat_map(|people| {
            let weights = prop::collection::vec(1_i64..8, people.len());
            weights.prop_map(move |weights| people.iter().copied().zip(weights).collect())
        });
    (-4_i64..12, 0_u64..59, sharers, prop::bool::weighted(0.2)).prop_map(
        |(pieces, day, sharers, reversed)| Deal {
            pieces,
            day,
            sharers,
            reversed,
        },
    )
}

fn schema() -> Schema {
    let mut person = DimensionDef::new("person", &["team", "person"]).unwrap();
    for team in ["red", "blue"] {
        person = person.member("team", team).unwrap();
    }
    for (name, team) in PEOPLE {
        person = person.child("person", name, team).unwrap();
    }
    let pieces = Measure::flow("pieces", "count:piece".parse().unwrap(), Quantum::ONE).unwrap();
    let order = RecordKind::new("order")
        .and_then(|kind| kind.of("person")?.credited("person"))
        .and_then(|kind| kind.measuring("pieces", Need::Required)?.dating("paid"))
        .unwrap();
    let span = DayRange::new("2026-01-01".parse().unwrap(), "2026-04-01".parse().unwrap()).unwrap();
    let space = Space::new(vec![person]).unwrap();
    Schema::new(
        space,
        Measures::new(vec![pieces]).unwrap(),
        vec![order],
        span,
    )
    .unwrap()
}

fn ledger(deals: &[Deal], is_shared: bool) -> Ledger {
    let mut ledger = Ledger::new("crm", schema()).unwrap();
    for (number, deal) in deals.iter().enumerate() {
        ledger.enter(&[deal.record(number, is_shared)]).unwrap();
    }
    for (number, _) in deals.iter().enumerate().filter(|(_, deal)| deal.reversed) {
        let back = Record::reversal(format!("D-{number}"), "2026-03-15".parse().unwrap());
        ledger.enter(&[back]).unwrap();
    }
    ledger
}

fn metrics() -> Vec<MetricDef> {
    let every = || Selection::of("order").unwrap();
    let pieces = || Some(Value::Measure("pieces".parse_key()));
    let open = |value, of| Formula::Open {
        value,
        of,
        until: Some("paid".parse_key()),
        age: None,
        figure: OpenFigure::Closing,
    };
    let top = |value, of| Formula::Concentration {
        value,
        entity: Entity::Day,
        of,
        figure: Concentration::Top(1),
    };
    let gap = Value::Gap {
        entity: None,
        same_day: SameDay::Each,
    };
    let mut all = vec![
        ("sold".to_owned(), Formula::sum("pieces", "order").unwrap()),
        ("open".to_owned(), open(pieces(), every())),
        ("top".to_owned(), top(pieces(), every())),
        ("gap".to_owned(), Formula::Mean(Valued::new(gap, every()))),
    ];
    for (name, shared) in CHOICES {
        let of = || Selection::of("order").unwrap().shared(shared);
        let valued = || Valued::measure("pieces", of()).unwrap();
        let large = of().only(Filter::at_least("pieces", 5).unwrap());
        let value = Value::Measure("pieces".parse_key());
        all.extend([
            (format!("count_{name}"), Formula::Count(of())),
            (format!("large_{name}"), Formula::Count(large)),
            (format!("open_{name}"), open(None, of())),
            (format!("busiest_{name}"), top(None, of())),
            (format!("mean_{name}"), Formula::Mean(valued())),
            (format!("low_{name}"), Formula::Minimum(valued())),
            (format!("high_{name}"), Formula::Maximum(valued())),
            (
                format!("median_{name}"),
                Formula::Quantile {
                    value,
                    of: of(),
                    p: Ratio::percent(50),
                    method: QuantileMethod::NearestRank,
                },
            ),
        ]);
    }
    let sold = || Formula::sum("pieces", "order").unwrap();
    let weighed = || Formula::Count(Selection::of("order").unwrap().shared(Sharing::Fraction));
    let large = every().only(Filter::at_least("pieces", 5).unwrap());
    let large = Formula::Sum(Valued::measure("pieces", large).unwrap());
    all.extend([
        ("rate".to_owned(), sold().per(weighed())),
        ("small".to_owned(), sold().less(large)),
        ("before".to_owned(), sold().earlier(1)),
        ("grown".to_owned(), sold().growth(1)),
        (
            "part".to_owned(),
            Formula::Share {
                of: Box::new(sold()),
                within: Vec::new(),
            },
        ),
    ]);
    let made = all
        .into_iter()
        .map(|(key, formula)| MetricDef::new(&key, formula).unwrap());
    made.collect()
}

trait ParseKey {
    fn parse_key(self) -> quotaflow::key::Key;
}

impl ParseKey for &str {
    fn parse_key(self) -> quotaflow::key::Key {
        quotaflow::key::Key::new(self).unwrap()
    }
}

fn subjects(level: Option<&str>) -> Subjects {
    level.map_or_else(Subjects::whole, |level| {
        let axis = Axis::new("person", level).unwrap();
        schema()
            .space()
            .subjects(&axis, Unassigned::Hidden)
            .unwrap()
    })
}

/// The rows of two people: what the other two share has no row.
fn two_of_four() -> Subjects {
    let rows = ["bo", "dee"].map(|name| vec![name.parse_key()]);
    Subjects::rows(vec![Axis::new("person", "person").unwrap()], rows.to_vec()).unwrap()
}

fn program(level: Option<&str>) -> Program {
    program_of(subjects(level), None)
}

fn program_of(subjects: Subjects, as_of: Option<NaiveDate>) -> Program {
    let schema = schema();
    let months = Calendar::gregorian()
        .periods(Grain::Month, schema.span().start(), schema.span().end())
        .unwrap();
    let mut layout = Layout::new(schema, subjects, months);
    if let Some(day) = as_of {
        layout = layout.as_of_day(day);
    }
    Program::compile(&metrics(), &layout).unwrap()
}

fn answer(panel: &Panel, metric: &str, subject: usize, period: usize) -> Result<Ratio, Reason> {
    let key = ColumnKey::actual(metric).unwrap();
    panel
        .answer(&key, panel.row_at(subject), panel.period_at(period))
        .unwrap()
        .ratio()
}

/// One record as a row has it: its pieces, and how much it counts.
type Own = (i64, Ratio);

/// The slow and obvious way: which records stand in a row, and how much of each.
fn own(
    deals: &[Deal],
    row: &BTreeSet<usize>,
    period: usize,
    shared: Sharing,
    stands: bool,
) -> Vec<Own> {
    let months = ["2026-01", "2026-02", "2026-03"];
    let here = |deal: &&Deal| deal.day().to_string().starts_with(months[period]);
    let mut found = Vec::new();
    for deal in deals
        .iter()
        .filter(here)
        .filter(|deal| !(stands && deal.reversed))
    {
        let mut inside = Ratio::ZERO;
        for (at, _) in deal
            .sharers
            .iter()
            .enumerate()
            .filter(|(_, (who, _))| row.contains(who))
        {
            inside = inside.checked_add(deal.share(at)).unwrap();
        }
        let weight = match shared {
            Sharing::First if row.contains(&deal.sharers[0].0) => Ratio::ONE,
            Sharing::Each if !inside.is_zero() => Ratio::ONE,
            Sharing::Fraction => inside,
            _ => Ratio::ZERO,
        };
        if !weight.is_zero() {
            found.push((deal.pieces, weight));
        }
    }
    found
}

/// The same with what is taken back in March.
fn booked(deals: &[Deal], row: &BTreeSet<usize>, period: usize, shared: Sharing) -> Vec<Own> {
    let mut found = own(deals, row, period, shared, false);
    if period == 2 {
        let back: Vec<Deal> = deals.iter().filter(|deal| deal.reversed).cloned().collect();
        for before in 0..2 {
            let taken = own(&back, row, before, shared, false);
            let turned = |(pieces, weight): Own| (pieces, Ratio::ZERO.checked_sub(weight).unwrap());
            found.extend(taken.into_iter().map(turned));
        }
    }
    found
}

fn weighed(records: &[Own], value: impl Fn(i64) -> Ratio) -> Ratio {
    records.iter().fold(Ratio::ZERO, |sum, (pieces, weight)| {
        let more = value(*pieces).checked_mul(*weight).unwrap();
        sum.checked_add(more).unwrap()
    })
}

fn rows(level: Option<&str>) -> Vec<BTreeSet<usize>> {
    match level {
        None => vec![(0..4).collect()],
        Some("team") => vec![BTreeSet::from([0, 1]), BTreeSet::from([2, 3])],
        Some(_) => (0..4).map(|at| BTreeSet::from([at])).collect(),
    }
}

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn figures_of_records_ask_the_whole_record_and_sums_add_exact_shares(
        deals in prop::collection::vec(deal(0..4), 0..14),
    ) {
        let ledger = ledger(&deals, true);
        for level in [None, Some("team"), Some("person")] {
            let program = program(level);
            let panel = program.panel(&program.fold(&ledger).unwrap()).unwrap();
            for period in 0..3 {
                let mut total = Ratio::ZERO;
                for (subject, row) in rows(level).iter().enumerate() {
                    let exact = weighed(&booked(&deals, row, period, Sharing::Fraction), Ratio::from);
                    let shown = answer(&panel, "sold", subject, period).unwrap();
                    let apart = exact.checked_sub(shown).unwrap();
                    prop_assert!(apart < Ratio::ONE && apart > Ratio::from(-1), "{exact} as {shown}");
                    total = total.checked_add(shown).unwrap();
                    // What is made of it is made of the exact amount.
                    let weight = weighed(&booked(&deals, row, period, Sharing::Fraction), |_| Ratio::ONE);
                    let rate = exact.checked_div(weight).map_err(|_| Reason::NoBase);
                    prop_assert_eq!(answer(&panel, "rate", subject, period), rate);
                    for (name, shared) in CHOICES {
                        let of = |figure: &str| answer(&panel, &format!("{figure}_{name}"), subject, period);
                        let added = booked(&deals, row, period, shared);
                        prop_assert_eq!(of("count"), Ok(weighed(&added, |_| Ratio::ONE)), "{} {}", name, subject);
                        let large = |pieces| if pieces >= 5 { Ratio::ONE } else { Ratio::ZERO };
                        prop_assert_eq!(of("large"), Ok(weighed(&added, large)));
                        let stand = own(&deals, row, period, shared, true);
                        let mean = weighed(&stand, Ratio::from)
                            .checked_div(weighed(&stand, |_| Ratio::ONE))
                            .map_err(|_| Reason::NoBase);
                        prop_assert_eq!(of("mean"), mean);
                        // What is taken back in March stood until then.
                        let stood = own(&deals, row, period, shared, period == 2);
                        let mut pieces: Vec<i64> = stood.iter().map(|(pieces, _)| *pieces).collect();
                        pieces.sort_unstable();
                        let at = |place: Option<usize>| place.map_or(Err(Reason::NothingRecorded), |at| Ok(Ratio::from(pieces[at])));
                        let last = pieces.len().checked_sub(1);
                        prop_assert_eq!(of("low"), at(last.map(|_| 0)));
                        prop_assert_eq!(of("high"), at(last));
                        prop_assert_eq!(of("median"), at(pieces.len().div_ceil(2).checked_sub(1)));
                    }
                }
                // Whatever is booked is in some row.
                let everybody = (0..4).collect();
                prop_assert_eq!(total, weighed(&booked(&deals, &everybody, period, Sharing::Each), Ratio::from));
            }
        }
    }

    #[test]
    fn every_figure_of_shared_records_is_what_its_explanation_computes(
        deals in prop::collection::vec(deal(0..4), 0..8),
        as_of in prop::option::of(0_u64..90),
    ) {
        let ledger = ledger(&deals, true);
        let as_of = as_of.map(|day| schema().span().start() + Days::new(day));
        let rows = [None, Some("team"), Some("person")].map(subjects);
        for rows in rows.into_iter().chain([two_of_four()]) {
            let program = program_of(rows, as_of);
            let panel = program.panel(&program.fold(&ledger).unwrap()).unwrap();
            for metric in metrics() {
                for subject in 0..panel.subjects().len() {
                    for period in 0..3 {
                        let told = program.explain(&ledger, metric.key.as_str(), panel.row_at(subject), panel.period_at(period)).unwrap();
                        let found = answer(&panel, metric.key.as_str(), subject, period);
                        prop_assert_eq!(told.value, found, "{} {} {}", metric.key, subject, period);
                    }
                }
            }
        }
    }

    #[test]
    fn where_all_sharers_are_inside_a_row_its_figures_are_those_of_unshared_records(
        red in prop::collection::vec(deal(0..2), 0..8),
        blue in prop::collection::vec(deal(2..4), 0..8),
    ) {
        let deals: Vec<Deal> = red.into_iter().chain(blue).collect();
        for level in [None, Some("team")] {
            let program = program(level);
            let of = |is_shared| program.panel(&program.fold(&ledger(&deals, is_shared)).unwrap()).unwrap();
            let (shared, alone) = (of(true), of(false));
            for metric in metrics() {
                for subject in 0..shared.subjects().len() {
                    for period in 0..3 {
                        let key = metric.key.as_str();
                        prop_assert_eq!(answer(&shared, key, subject, period), answer(&alone, key, subject, period), "{}", key);
                    }
                }
            }
        }
    }

    /// Nor is it written in other parts: a third of a piece that comes later makes no thirds of what is whole.
    #[test]
    fn what_comes_after_the_last_period_changes_nothing(
        deals in prop::collection::vec(deal(0..4), 0..8),
        later in prop::collection::vec(deal(0..4), 1..4),
        level in prop::sample::select(vec![None, Some("team"), Some("person")]),
    ) {
        let schema = schema();
        let months = Calendar::gregorian()
            .periods(Grain::Month, schema.span().start(), "2026-03-01".parse().unwrap())
            .unwrap();
        let program = Program::compile(&metrics(), &Layout::new(schema, subjects(level), months)).unwrap();
        let panel = |deals: &[Deal]| program.panel(&program.fold(&ledger(deals, true)).unwrap()).unwrap();
        let after = later.into_iter().map(|deal| Deal { day: 59 + deal.day % 31, reversed: false, ..deal });
        let all: Vec<Deal> = deals.iter().cloned().chain(after).collect();
        prop_assert_eq!(panel(&all), panel(&deals));
    }

    #[test]
    fn shared_records_fold_in_any_parts_and_are_written_down(
        deals in prop::collection::vec(deal(0..4), 1..14),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut deals = deals;
        for deal in &mut deals {
            deal.reversed = false;
        }
        let ledger = ledger(&deals, true);
        let program = program(Some("person"));
        let whole = program.panel(&program.fold(&ledger).unwrap()).unwrap();
        // Rows are shares, and a part may end between the shares of a record.
        let rows: u32 = deals.iter().map(|deal| u32::try_from(deal.sharers.len()).unwrap()).sum();
        let middle = u32::try_from(cut.index(rows as usize)).unwrap();
        let left = program.fold_rows(&ledger, "order", 0..middle).unwrap();
        let right = program.fold_rows(&ledger, "order", middle..rows).unwrap();
        let written = serde_json::to_string(&right).unwrap();
        let read: Partial = program.read(&mut serde_json::Deserializer::from_str(&written)).unwrap();
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), written);
        let merged = program.merge(left, &read).unwrap();
        prop_assert_eq!(program.panel(&merged).unwrap(), whole);
    }
}
