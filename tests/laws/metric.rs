//! Laws of folding: any split and order of records gives the same panel, and the panel is what a slow and obvious count
//! over the records says.

mod definitions;
mod flow;
mod oracle;
mod records;
mod shared;

use crate::at::{PeriodAt, RowAt};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use chrono::{Days, Months, NaiveDate};
use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain};
use quotaflow::ledger::{Ledger, Record};
use quotaflow::metric::{
    Formula, Layout, MetricDef, Partial, Program, Reversals, Timeframe, Valued,
};
use quotaflow::panel::{ColumnKey, Panel};
use quotaflow::quantity::Ratio;
use quotaflow::space::{Subjects, Unassigned};
use rust_decimal::Decimal;

use definitions::{both, customers, definitions, orders};
use oracle::Oracle;
use records::{axis, day, event, every_kind_of_subjects, frame, ledger, record, schema, start};

fn same(
    panel: &Panel,
    oracle: &Oracle<'_>,
    keys: &[MetricDef],
    periods: std::ops::Range<usize>,
) -> Result<(), TestCaseError> {
    for metric in keys {
        let key = ColumnKey::actual(metric.key.as_str()).unwrap();
        for subject in 0..panel.subjects().len() {
            for period in periods.clone() {
                let answer = panel
                    .answer(&key, panel.row_at(subject), panel.period_at(period))
                    .unwrap();
                let found = answer.ratio();
                let expected = oracle.answer(metric.key.as_str(), subject, period);
                let place = format!(
                    "{key} of {} in period {period}",
                    panel.subjects().label(panel.subjects().row_at(subject))
                );
                prop_assert_eq!(found, expected, "{}", place);
            }
        }
    }
    Ok(())
}

/// Every figure is what its explanation computes from the records one by one.
fn explained(plan: &Program, panel: &Panel, ledger: &Ledger) -> Result<(), TestCaseError> {
    for metric in plan.definitions() {
        let key = ColumnKey::actual(metric.key.as_str()).unwrap();
        for period in [0, 2, panel.periods().len() - 1] {
            for subject in 0..panel.subjects().len().min(4) {
                let answer = panel
                    .answer(&key, panel.row_at(subject), panel.period_at(period))
                    .unwrap();
                let explanation = plan
                    .explain(
                        ledger,
                        metric.key.as_str(),
                        panel.row_at(subject),
                        panel.period_at(period),
                    )
                    .unwrap();
                let derivation = &explanation;
                let found = derivation.value;
                let expected = answer.ratio();
                prop_assert_eq!(found, expected, "{} of {} in {}", key, subject, period);
                serde_json::to_string(&explanation).unwrap();
            }
        }
    }
    Ok(())
}

fn json(partial: &Partial) -> String {
    serde_json::to_string(partial).unwrap()
}

proptest! {
    #![proptest_config(crate::cases(48))]

    #[test]
    fn a_panel_is_what_the_records_say(events in prop::collection::vec(event(), 0..60)) {
        let schema = schema();
        let records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let ledger = ledger("all", &schema, &records);
        let metrics = definitions();
        for subjects in every_kind_of_subjects(&schema) {
            let frame = frame(&schema, subjects);
            let plan = Program::compile(&metrics, &frame).unwrap();
            let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
            same(&panel, &Oracle::new(&frame, &records), &metrics, 0..panel.periods().len())?;
            explained(&plan, &panel, &ledger)?;
        }
    }

    /// How far a program looks back is the most that any of its metrics asks for: each of them alone has to ask for enough.
    #[test]
    fn a_figure_is_the_same_whatever_stands_beside_it(events in prop::collection::vec(event(), 0..40)) {
        let schema = schema();
        let records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let ledger = ledger("all", &schema, &records);
        let frame = frame(&schema, axis(&schema, "person", Unassigned::Shown));
        let mut metrics: Vec<MetricDef> = definitions()
            .into_iter()
            .filter(|metric| ["lost", "back", "retained", "previous", "dormant", "taken", "new"].iter().any(|name| metric.key.as_str().starts_with(name)))
            .collect();
        let made = |key: &str, how: &str, formula: Formula| MetricDef::new(&format!("{how}_{key}"), formula).unwrap();
        let more: Vec<MetricDef> = metrics
            .iter()
            .flat_map(|metric| {
                let (key, of) = (metric.key.as_str(), || metric.formula.clone());
                let all = || Formula::Count(both());
                [
                    made(key, "twice", of().times(Ratio::from(2))),
                    made(key, "earlier", of().earlier(1)),
                    made(key, "growth", of().growth(1)),
                    made(key, "above", of().per(all())),
                    made(key, "below", all().per(of())),
                    made(key, "less", of().less(all().times(Ratio::ZERO))),
                ]
            })
            .collect();
        metrics.extend(more);
        let together = Program::compile(&metrics, &frame).unwrap();
        let together = together.panel(&together.fold(&ledger).unwrap()).unwrap();
        for metric in metrics {
            let alone = Program::compile(std::slice::from_ref(&metric), &frame).unwrap();
            let alone = alone.panel(&alone.fold(&ledger).unwrap()).unwrap();
            let key = ColumnKey::actual(metric.key.as_str()).unwrap();
            let cells = |panel: &Panel| -> Vec<_> {
                let column = panel.column(&key).unwrap();
                column.answers().map(quotaflow::panel::Answer::ratio).collect()
            };
            prop_assert_eq!(cells(&alone), cells(&together), "{}", key);
        }
    }

    /// More periods than one word of bits holds.
    #[test]
    fn who_was_seen_in_many_periods_is_counted_as_in_few(events in prop::collection::vec(event(), 0..40)) {
        let schema = schema();
        let records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let ledger = ledger("all", &schema, &records);
        let days = Calendar::gregorian().periods(Grain::Day, day("2025-12-01"), day("2026-03-01")).unwrap();
        let frame = Layout::new(schema.clone(), axis(&schema, "team", Unassigned::Shown), days);
        let names = ["lost_event", "lost_state", "back", "retained", "previous", "dormant", "taken_over", "new", "distinct"];
        let metrics: Vec<MetricDef> = definitions().into_iter().filter(|metric| names.contains(&metric.key.as_str())).collect();
        let plan = Program::compile(&metrics, &frame).unwrap();
        let partial = plan.fold(&ledger).unwrap();
        let panel = plan.panel(&partial).unwrap();
        same(&panel, &Oracle::new(&frame, &records), &metrics, 0..panel.periods().len())?;
        let read = plan.read(&mut serde_json::Deserializer::from_str(&json(&partial))).unwrap();
        prop_assert_eq!(plan.panel(&read).unwrap(), panel);
    }

    #[test]
    fn a_figure_as_of_a_day_is_what_its_explanation_computes(
        events in prop::collection::vec(event(), 0..60),
        offset in 0_u64..260,
    ) {
        let schema = schema();
        let records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let ledger = ledger("all", &schema, &records);
        let frame = frame(&schema, axis(&schema, "person", Unassigned::Shown)).as_of_day(start() + Days::new(offset));
        let plan = Program::compile(&definitions(), &frame).unwrap();
        let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
        explained(&plan, &panel, &ledger)?;
    }

    #[test]
    fn from_the_start_nothing_is_left_of_what_is_taken_back(
        events in prop::collection::vec((event(), prop::option::weighted(0.3, 0_u64..90)), 0..50),
        offset in prop::option::of(0_u64..260),
    ) {
        let schema = schema();
        let as_of = offset.map(|offset| start() + Days::new(offset));
        let frame = |reversals| {
            let frame = frame(&schema, axis(&schema, "person", Unassigned::Shown)).with_reversals(reversals);
            match as_of {
                Some(day) => frame.as_of_day(day),
                None => frame,
            }
        };
        let (mut all, mut left) = (Vec::new(), Vec::new());
        for (at, (event, later)) in events.iter().enumerate() {
            let record = record(at, event);
            all.push(record.clone());
            let back = later.map(|days| (record.day + Days::new(days)).min(day("2026-07-31")));
            if let Some(day) = back {
                all.push(Record::reversal(record.id.clone().unwrap(), day).id(format!("back{at}")));
            }
            // What is taken back after the day is not yet.
            if back.is_none_or(|back| as_of.is_some_and(|day| back > day)) {
                left.push(record);
            }
        }
        let all = ledger("all", &schema, &all);
        let plan = Program::compile(&definitions(), &frame(Reversals::FromTheStart)).unwrap();
        let panel = plan.panel(&plan.fold(&all).unwrap()).unwrap();
        let other = Program::compile(&definitions(), &frame(Reversals::OnTheirDay)).unwrap();
        let left = other.panel(&other.fold(&ledger("all", &schema, &left)).unwrap()).unwrap();
        for (found, expected) in panel.columns().iter().zip(left.columns()) {
            prop_assert_eq!(found, expected, "{}", found.key());
        }
        explained(&plan, &panel, &all)?;
    }

    #[test]
    fn a_balance_is_that_of_the_end_of_its_period_whatever_is_taken_back_later(
        events in prop::collection::vec((event(), prop::option::weighted(0.4, 0_u64..90)), 0..40),
    ) {
        let schema = schema();
        let mut records = Vec::new();
        for (at, (event, later)) in events.iter().enumerate() {
            let record = record(at, event);
            if let Some(days) = later {
                let on = (record.day + Days::new(*days)).min(day("2026-07-31"));
                let back = Record::reversal(record.id.clone().unwrap(), on);
                records.push(back.id(format!("back{at}")));
            }
            records.insert(0, record);
        }
        let ledger = ledger("all", &schema, &records);
        let metrics: Vec<MetricDef> = definitions()
            .into_iter()
            .filter(|metric| ["open", "ageing", "open_age"].contains(&metric.key.as_str()))
            .collect();
        let frame = frame(&schema, axis(&schema, "person", Unassigned::Shown));
        let plan = Program::compile(&metrics, &frame).unwrap();
        let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
        explained(&plan, &panel, &ledger)?;
        for period in frame.periods() {
            let then = frame.clone().as_of_day(period.end.pred_opt().unwrap());
            let then = Program::compile(&metrics, &then).unwrap();
            let then = then.panel(&then.fold(&ledger).unwrap()).unwrap();
            for (metric, row) in metrics.iter().flat_map(|metric| panel.subjects().ids().map(move |row| (metric, row))) {
                let key = ColumnKey::actual(metric.key.as_str()).unwrap();
                let of = |panel: &Panel| panel.answer(&key, row, period.id).unwrap().ratio();
                prop_assert_eq!(of(&panel), of(&then), "{} in {}", metric.key, period.label);
            }
        }
    }

    #[test]
    fn a_figure_beside_the_year_before_is_what_the_records_say(
        events in prop::collection::vec((event(), any::<bool>()), 0..60),
    ) {
        let schema = schema();
        let before = |mut record: Record| {
            record.day = record.day - Months::new(10);
            record
        };
        let records: Vec<Record> = events
            .iter()
            .enumerate()
            .map(|(at, (event, early))| if *early { before(record(at, event)) } else { record(at, event) })
            .collect();
        let ledger = ledger("all", &schema, &records);
        let months = Calendar::gregorian().periods(Grain::Month, day("2025-01-01"), day("2026-07-01")).unwrap();
        let frame = Layout::new(schema.clone(), axis(&schema, "person", Unassigned::Shown), months);
        let metrics: Vec<MetricDef> = definitions()
            .into_iter()
            .filter(|metric| ["orders", "last_year", "year_growth"].contains(&metric.key.as_str()))
            .collect();
        let plan = Program::compile(&metrics, &frame).unwrap();
        let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
        same(&panel, &Oracle::new(&frame, &records), &metrics, 0..panel.periods().len())?;
        explained(&plan, &panel, &ledger)?;
    }

    #[test]
    fn any_split_and_order_gives_the_same_panel(
        events in prop::collection::vec(event(), 1..80),
        cut in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
        seed: u64,
    ) {
        let schema = schema();
        let records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let metrics = definitions();
        let plan = Program::compile(&metrics, &frame(&schema, axis(&schema, "person", Unassigned::Shown))).unwrap();
        let whole = plan.fold(&ledger("all", &schema, &records)).unwrap();
        let panel = plan.panel(&whole).unwrap();

        // Another order of entry.
        let mut mixed = records.clone();
        mixed.sort_by_key(|record| {
            let id: u64 = record.id.as_ref().unwrap()[1..].parse().unwrap();
            (id + 1).wrapping_mul(seed | 1) % 1009
        });
        let other = plan.fold(&ledger("all", &schema, &mixed)).unwrap();
        prop_assert_eq!(&plan.panel(&other).unwrap(), &panel);

        // Three ledgers, merged in either grouping, with one written down and read back.
        let (mut a, mut b) = (cut.index(mixed.len()), second.index(mixed.len()));
        if a > b { (a, b) = (b, a); }
        let parts: Vec<Partial> = [("x", &mixed[..a]), ("y", &mixed[a..b]), ("z", &mixed[b..])]
            .map(|(key, part)| plan.fold(&ledger(key, &schema, part)).unwrap())
            .into();
        let left = plan.merge(plan.merge(parts[0].clone(), &parts[1]).unwrap(), &parts[2]).unwrap();
        let written = json(&parts[1]);
        let read = plan.read(&mut serde_json::Deserializer::from_str(&written)).unwrap();
        prop_assert_eq!(&json(&read), &written);
        let right = plan.merge(plan.merge(parts[2].clone(), &read).unwrap(), &parts[0]).unwrap();
        prop_assert_eq!(&plan.panel(&left).unwrap(), &panel);
        prop_assert_eq!(&plan.panel(&right).unwrap(), &panel);
        prop_assert_eq!(left.records(), records.len() as u64);
        prop_assert!(a == b || plan.merge(left.clone(), &parts[1]).is_err());

        // One ledger that grows, and one that is folded on several threads.
        let mut growing = ledger("all", &schema, &mixed[..a]);
        let mut partial = plan.fold(&growing).unwrap();
        growing.enter(&mixed[a..]).unwrap();
        plan.extend(&mut partial, &growing).unwrap();
        prop_assert_eq!(&plan.panel(&partial).unwrap(), &panel);
        plan.extend(&mut partial, &growing).unwrap();
        prop_assert_eq!(&plan.panel(&partial).unwrap(), &panel);
        let serial = json(&plan.fold(&growing).unwrap());
        for threads in 1..5 {
            let threaded = plan.fold_on(NonZeroUsize::new(threads).unwrap(), &growing).unwrap();
            prop_assert_eq!(&plan.panel(&threaded).unwrap(), &panel);
            prop_assert_eq!(&json(&threaded), &serial);
            #[cfg(feature = "rayon")]
            {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let pooled = pool.install(|| plan.fold_in_pool(&growing)).unwrap();
                prop_assert_eq!(&json(&pooled), &serial);
            }
        }
    }

    /// The place of a record in its ledger is no identity: a ledger built again in another order, with a late record in between,
    /// or with fewer, is refused, and any other gives what folding it anew gives.
    #[test]
    fn a_partial_result_goes_on_only_with_the_records_that_it_holds(
        events in prop::collection::vec(event(), 1..30),
        cut in any::<prop::sample::Index>(),
        moved in prop::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>())),
        left_out in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        changed in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        named: bool,
    ) {
        let schema = schema();
        let mut records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        if !named {
            for record in &mut records {
                record.id = None;
            }
        }
        let held = cut.index(records.len() + 1);
        let plan = Program::compile(&definitions(), &frame(&schema, axis(&schema, "person", Unassigned::Shown))).unwrap();
        let saved = plan.fold(&ledger("all", &schema, &records[..held])).unwrap();
        let mut later = records.clone();
        if let Some((from, to)) = moved {
            let record = later.remove(from.index(records.len()));
            later.insert(to.index(records.len()), record);
        }
        if let Some(at) = changed {
            let at = at.index(later.len());
            later[at].amounts.insert("sales".to_owned(), Decimal::new(12_345, 2).into());
        }
        if let Some(at) = left_out {
            later.remove(at.index(later.len()));
        }
        let of = |all: &[Record], kind: &str| -> Vec<Record> { all.iter().filter(|record| record.kind == kind).cloned().collect() };
        let same = ["visit", "order"].iter().all(|kind| of(&later, kind).starts_with(&of(&records[..held], kind)));
        let again = ledger("all", &schema, &later);
        let mut partial = plan.read(&mut serde_json::Deserializer::from_str(&json(&saved))).unwrap();
        let done = plan.extend(&mut partial, &again);
        prop_assert_eq!(done.is_ok(), same, "{:?}", done);
        if same {
            prop_assert_eq!(plan.panel(&partial).unwrap(), plan.panel(&plan.fold(&again).unwrap()).unwrap());
        } else {
            prop_assert!(json(&partial) == json(&saved));
        }
    }

    #[test]
    fn a_figure_as_of_a_day_knows_nothing_that_came_later(
        events in prop::collection::vec(event(), 1..40),
        taken in prop::collection::vec((any::<prop::sample::Index>(), 0_u64..30), 0..10),
        offset in 0_u64..260,
    ) {
        let schema = schema();
        let as_of = start() + Days::new(offset);
        let mut records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let mut back: BTreeMap<String, Record> = BTreeMap::new();
        for (index, later) in taken {
            let original = &records[index.index(records.len())];
            let id = original.id.clone().unwrap();
            back.insert(id.clone(), Record::reversal(id, original.day + Days::new(later)));
        }
        records.extend(back.into_values());
        let known: Vec<Record> = records.iter().filter(|record| record.day <= as_of).cloned().collect();
        let metrics = definitions();
        let frame = frame(&schema, axis(&schema, "person", Unassigned::Shown)).as_of_day(as_of);
        let plan = Program::compile(&metrics, &frame).unwrap();
        let all = ledger("all", &schema, &records);
        let panel = plan.panel(&plan.fold(&all).unwrap()).unwrap();
        let then = plan.panel(&plan.fold(&ledger("then", &schema, &known)).unwrap()).unwrap();
        for metric in &metrics {
            let key = ColumnKey::actual(metric.key.as_str()).unwrap();
            prop_assert_eq!(panel.column(&key).unwrap(), then.column(&key).unwrap());
        }
        explained(&plan, &panel, &all)?;
        // What came later changes no partial result either.
        let mut growing = ledger("grows", &schema, &known);
        let mut partial = plan.fold(&growing).unwrap();
        let later: Vec<Record> = records.iter().filter(|record| record.day > as_of).cloned().collect();
        growing.enter(&later).unwrap();
        plan.extend(&mut partial, &growing).unwrap();
        prop_assert_eq!(&plan.panel(&partial).unwrap(), &panel);
    }

    #[test]
    fn what_is_reversed_is_gone_and_sums_say_when(
        events in prop::collection::vec(event(), 1..40),
        taken in prop::collection::vec((any::<prop::sample::Index>(), 0_u64..220), 0..10),
    ) {
        let schema = schema();
        let records: Vec<Record> = events.iter().enumerate().map(|(at, event)| record(at, event)).collect();
        let mut back: BTreeMap<String, NaiveDate> = BTreeMap::new();
        for (index, offset) in taken {
            let original = &records[index.index(records.len())];
            back.insert(original.id.clone().unwrap(), original.day.max(start() + Days::new(offset)));
        }
        let mut ledger = ledger("all", &schema, &records);
        let reversals: Vec<Record> = back.iter().map(|(id, day)| Record::reversal(id, *day)).collect();
        ledger.enter(&reversals).unwrap();
        let metrics = definitions();
        let frame = frame(&schema, axis(&schema, "person", Unassigned::Shown));
        let plan = Program::compile(&metrics, &frame).unwrap();
        let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
        explained(&plan, &panel, &ledger)?;
        let kept: Vec<Record> =
            records.iter().filter(|record| !back.contains_key(record.id.as_ref().unwrap())).cloned().collect();
        let of = |keys: &[&str]| -> Vec<MetricDef> {
            let asked = metrics.iter().filter(|metric| keys.contains(&metric.key.as_str()));
            asked.cloned().collect()
        };
        // Means are of what stands; what is drawn from single records of what stood at the end of each period, and of what is known
        // one period later at the end of that.
        let periods = frame.periods().len();
        same(&panel, &Oracle::new(&frame, &kept), &of(&["mean", "term"]), 0..periods)?;
        for period in 0..periods {
            let stood = |ahead: usize| -> Vec<Record> {
                let last = frame.periods().period_at((period + ahead).min(periods - 1));
                let end = frame.periods().period(last).unwrap().end;
                let gone = |record: &&Record| back.get(record.id.as_ref().unwrap()).is_some_and(|day| *day < end);
                records.iter().filter(|record| !gone(record)).cloned().collect()
            };
            let drawn = ["low", "p90", "distinct", "new", "back", "gap", "until", "until_begun", "waiting", "stock"];
            same(&panel, &Oracle::new(&frame, &stood(0)), &of(&drawn), period..period + 1)?;
            same(&panel, &Oracle::new(&frame, &stood(1)), &of(&["lost_event"]), period..period + 1)?;
        }

        // Over all time the counts and sums are those of what is left.
        let ever = |formula| MetricDef::new("ever", formula).unwrap();
        let from = Timeframe::Between { from: start(), to: day("2026-08-01") };
        for formula in [
            Formula::Count(both().in_window(from.clone())),
            Formula::Sum(Valued::measure("sales", orders().in_window(from.clone())).unwrap()),
        ] {
            let plan = Program::compile(&[ever(formula)], &Layout::new(schema.clone(), Subjects::whole(), frame.periods().clone())).unwrap();
            let with = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
            let mut without = Ledger::new("kept", schema.clone()).unwrap();
            without.enter(&kept).unwrap();
            prop_assert_eq!(with, plan.panel(&plan.fold(&without).unwrap()).unwrap());
        }

        // A ledger with reversals reads back.
        let text = serde_json::to_string(&ledger).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Ledger>(&text).unwrap(), &ledger);
    }
}

#[test]
fn a_team_is_folded_from_its_records_and_not_from_its_people() {
    let schema = schema();
    let visit = |person: &str, text: &str| {
        Record::new("order", day(text))
            .of("person", person)
            .of("customer", "c1")
            .amount("sales", Decimal::ONE)
    };
    // Ann moves from red to blue on 10 February.
    let records = [
        visit("ann", "2026-02-09"),
        visit("ann", "2026-02-10"),
        visit("bo", "2026-02-11"),
    ];
    let ledger = ledger("all", &schema, &records);
    let metrics = [
        MetricDef::new("orders", Formula::count("order").unwrap()).unwrap(),
        MetricDef::new("customers", Formula::Distinct(customers(orders()))).unwrap(),
    ];
    let figures = |level: &str, key: &str| -> Vec<i64> {
        let frame = frame(&schema, axis(&schema, level, Unassigned::Hidden));
        let plan = Program::compile(&metrics, &frame).unwrap();
        let panel = plan.panel(&plan.fold(&ledger).unwrap()).unwrap();
        let key = ColumnKey::actual(key).unwrap();
        let february = 2;
        (0..panel.subjects().len())
            .map(|subject| {
                panel
                    .answer(&key, panel.row_at(subject), panel.period_at(february))
                    .unwrap()
                    .figure()
                    .unwrap()
                    .amount()
                    .unwrap()
                    .units()
            })
            .collect()
    };
    assert_eq!(figures("person", "orders"), [2, 1, 0]);
    assert_eq!(figures("team", "orders"), [2, 1]);
    assert_eq!(figures("person", "customers"), [1, 1, 0]);
    assert_eq!(figures("team", "customers"), [1, 1]);
}

/// What a reader says that it knows is all that there is.
#[test]
fn every_formula_is_among_the_definitions() {
    let unknown = serde_json::from_str::<Formula>(r#"{"no such formula": 0}"#).unwrap_err();
    let text = unknown.to_string();
    let names: BTreeSet<&str> = text.split('`').skip(3).step_by(2).collect();
    assert!(names.len() > 25, "{text}");
    let used: BTreeSet<String> = definitions()
        .iter()
        .map(
            |metric| match serde_json::to_value(&metric.formula).unwrap() {
                serde_json::Value::String(name) => name,
                serde_json::Value::Object(fields) => fields.keys().next().unwrap().clone(),
                other => panic!("{other} is no formula"),
            },
        )
        .collect();
    let used: BTreeSet<&str> = used.iter().map(String::as_str).collect();
    assert_eq!(used, names);
}
