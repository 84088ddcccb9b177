//! One history told to a journal and to a ledger: the same figures.

use proptest::prelude::*;
use quotaflow::calendar::{Calendar, Grain, PeriodId};
use quotaflow::journal::{Content, Entry, EntryId, Journal};
use quotaflow::ledger::{Ledger, Record, Schema};
use quotaflow::metric::{Layout, MetricDef, Program};
use quotaflow::model::Model;
use quotaflow::panel::{ColumnKey, Panel};
use quotaflow::quantity::Ratio;
use quotaflow::space::{Axis, Space, Subjects, Unassigned};

use crate::journal::{LAST, companies, date, entry, exact, model, model_of_singles, time};
use crate::journal_reference::known;
use quotaflow::testing::Company;

/// What a journal says of an entry, as a record of a ledger.
fn record(entry: &Entry) -> Option<Record> {
    let name = |id: &EntryId| id.id.as_str().to_owned();
    let record = match entry.content() {
        Content::Record(record) => record.clone(),
        Content::Apply(application) => {
            let mut own =
                quotaflow::ledger::ApplicationDef::new(name(&application.to), application.amount);
            own.by = application.by.as_ref().map(name);
            (own.currency, own.rate) = (application.currency, application.rate);
            Record::application(own, entry.day())
        }
        Content::Reverse(reversal) => {
            let mut own = Record::reversal(name(&reversal.of), entry.day());
            own.amounts.clone_from(&reversal.amounts);
            own
        }
        _ => return None,
    };
    let sequence = serde_json::to_value(entry).unwrap()["sequence"].as_u64();
    Some(record.id(name(entry.id())).sequence(sequence.unwrap_or(0)))
}

/// The entries that stand, records before what is said of them, in a ledger of this structure.
fn ledger(company: &Company, model: &Model, space: Space) -> Ledger {
    let known = known(company, company.hand_overs.len());
    let deeds = company.hand_overs.iter().flatten();
    let deeds: Vec<_> = deeds.filter(|deed| known.stands(deed)).collect();
    let records = deeds.iter().filter_map(|deed| {
        let entry = entry(company, deed);
        let rank = match entry.content() {
            Content::Record(_) => 0,
            Content::Apply(_) => 1,
            _ => 2,
        };
        Some((rank, record(&entry)?))
    });
    let mut records: Vec<(i32, Record)> = records.collect();
    records.sort_by_key(|(rank, _)| *rank);
    let people = space.dimension("person").unwrap();
    // Who is not there yet is nobody.
    let named = records.into_iter().map(|(_, mut record)| {
        record
            .members
            .retain(|field, name| field != "person" || people.member(name).is_ok());
        record
    });
    let records: Vec<Record> = named.collect();
    let own = model.schema();
    let kinds = own.kinds().cloned().collect();
    let schema = Schema::new(space, own.measures().clone(), kinds, own.span()).unwrap();
    let mut ledger = Ledger::new("s", schema).unwrap();
    ledger.enter(&records).unwrap();
    // As it is written and read.
    let written = serde_json::to_string(&ledger).unwrap();
    let read: Ledger = serde_json::from_str(&written).unwrap();
    assert_eq!(read, ledger);
    assert_eq!(ledger.enter(&records).unwrap().repeated, records.len());
    read
}

fn metrics(model: &Model) -> Vec<MetricDef> {
    model.definition().metrics.clone()
}

fn agrees(of: &Panel, other: &Panel, metrics: &[MetricDef]) -> Result<(), TestCaseError> {
    for metric in metrics {
        let key = ColumnKey::actual(metric.key.as_str()).unwrap();
        let bytes = |panel: &Panel| serde_json::to_string(panel.column(&key).unwrap()).unwrap();
        prop_assert_eq!(bytes(of), bytes(other), "{}", metric.key);
    }
    Ok(())
}

fn told(company: &Company, model: &Model) -> Journal {
    let mut journal = Journal::new(model, date(0)).unwrap();
    for (at, deeds) in company.hand_overs.iter().enumerate() {
        let entries: Vec<Entry> = deeds.iter().map(|deed| entry(company, deed)).collect();
        journal.enter(time(at), time(at).date(), &entries).unwrap();
    }
    journal
}

proptest! {
    #![proptest_config(crate::cases(96))]

    /// What one door can say, the other can: money applied in part and taken back, parts of records, people who move.
    #[test]
    fn a_journal_and_a_ledger_say_the_same(
        company in companies(),
        as_of in 0..=LAST,
        parts in 1_u32..5,
        singly in any::<bool>(),
    ) {
        let model = if singly { model_of_singles() } else { model() };
        let journal = told(&company, &model);
        let metrics = metrics(&model);
        for name in ["by_team", "by_person"] {
            let view = journal.view(name).unwrap().as_of(date(as_of));
            let panel = view.panel().unwrap();
            let ledger = ledger(&company, &model, view.space().unwrap());
            let layout = Layout::new(
                ledger.schema().clone(),
                panel.subjects().clone(),
                panel.periods().clone(),
            );
            let program = Program::compile(&metrics, &layout.as_of_day(date(as_of))).unwrap();
            let whole = program.fold(&ledger).unwrap();
            agrees(&program.panel(&whole).unwrap(), &panel, &metrics)?;
            // Folded in parts, written and read, and merged.
            let mut merged = program.empty();
            for kind in ["order", "visit", "invoice", "payment"] {
                let count = u32::try_from(ledger.records().filter(|record| record.kind == kind).count()).unwrap();
                for part in 0..parts {
                    let rows = count * part / parts..count * (part + 1) / parts;
                    let part = program.fold_rows(&ledger, kind, rows).unwrap();
                    let text = serde_json::to_string(&part).unwrap();
                    let read = program.read(&mut serde_json::Deserializer::from_str(&text)).unwrap();
                    merged = program.merge(merged, &read).unwrap();
                }
            }
            agrees(&program.panel(&merged).unwrap(), &panel, &metrics)?;
        }
    }
}

/// The figures of a balance.
const BALANCE: [&str; 5] = ["entered", "moved_in", "moved_out", "settled", "receivables"];

proptest! {
    #![proptest_config(crate::cases(64))]

    /// At every level opening + entered + moved in - moved out - settled = closing, and what moves out of one row moves into another.
    #[test]
    fn a_balance_moves_with_those_to_whom_it_belongs(
        company in companies(),
        as_of in 0..=LAST,
        grain in prop::sample::select(vec![Grain::Week, Grain::Month, Grain::Quarter]),
    ) {
        let model = model();
        let journal = told(&company, &model);
        let space = journal.view("by_team").unwrap().as_of(date(as_of)).space().unwrap();
        let ledger = ledger(&company, &model, space.clone());
        let periods = Calendar::gregorian().periods(grain, date(0), date(LAST)).unwrap();
        let levels = ["team", "person"].map(|level| {
            let axis = Axis { dimension: "person".try_into().unwrap(), level: level.try_into().unwrap() };
            space.subjects(&axis, Unassigned::Shown).unwrap()
        });
        let mut totals: Vec<Vec<Ratio>> = Vec::new();
        for subjects in levels.into_iter().chain([Subjects::whole()]) {
            let layout = Layout::new(ledger.schema().clone(), subjects, periods.clone());
            let layout = layout.as_of_day(date(as_of));
            let asked = metrics(&model);
            let asked: Vec<MetricDef> = asked.into_iter().filter(|own| BALANCE.contains(&own.key.as_str())).collect();
            let panel = quotaflow::metric::measure(&asked, &layout, &ledger).unwrap();
            let begun = |period: &PeriodId| panel.periods().range(*period).unwrap().start() <= date(as_of);
            let mut total = Vec::new();
            for period in panel.periods().ids().take_while(begun) {
                let (mut moved, mut all) = (Ratio::ZERO, Ratio::ZERO);
                for row in panel.subjects().ids() {
                    let of = |metric: &str, period| exact(&panel, metric, row, period).unwrap();
                    let before = period.index().checked_sub(1);
                    let before = before.and_then(|at| panel.periods().ids().nth(at));
                    let opening = before.map_or(Ratio::ZERO, |before| of("receivables", before));
                    let [entered, moved_in, moved_out, settled, closing] = BALANCE.map(|metric| of(metric, period));
                    let balance = opening.checked_add(entered).unwrap().checked_add(moved_in).unwrap();
                    let balance = balance.checked_sub(moved_out).unwrap().checked_sub(settled).unwrap();
                    prop_assert_eq!(balance, closing, "{} in {:?}", row.index(), period);
                    moved = moved.checked_add(moved_in).unwrap().checked_sub(moved_out).unwrap();
                    all = all.checked_add(closing).unwrap();
                }
                prop_assert_eq!(moved, Ratio::ZERO);
                total.push(all);
            }
            totals.push(total);
        }
        prop_assert_eq!(&totals[0], &totals[1]);
        prop_assert_eq!(&totals[1], &totals[2]);
    }
}
