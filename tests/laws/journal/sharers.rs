//! Records that several members share, in a journal beside a ledger.

use super::*;

/// Orders that people share, who move on stated days.
fn model_of_sharers() -> Model {
    serde_json::from_str(
        r#"{
        "dimensions": [{"key": "person",
            "hierarchies": [{"key": "person", "levels": ["team", "person"],
                "links": [{"member": "ann", "parent": "north", "to": "2026-06-10"},
                    {"member": "ann", "parent": "south", "from": "2026-06-10"},
                    {"member": "bo", "parent": "south"}]}],
            "members": [{"key": "north", "level": "team"}, {"key": "south", "level": "team"},
                {"key": "ann", "level": "person"}, {"key": "bo", "level": "person"}, {"key": "cy", "level": "person"}]}],
        "measures": [{"key": "sales", "unit": "money:EUR", "quantum": "0.01", "additivity": "flow"}],
        "kinds": [{"key": "order", "dimensions": [{"field": "person"}], "measures": [{"measure": "sales"}], "credit": "person"}],
        "span": {"start": "2026-01-01", "end": "2036-01-01"},
        "metrics": [
            {"key": "sales", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
            {"key": "beside", "formula": {"sum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"], "credit": "overlay"}}}},
            {"key": "orders", "formula": {"count": {"kinds": ["order"]}}},
            {"key": "each", "formula": {"count": {"kinds": ["order"], "shared": "each"}}},
            {"key": "fraction", "formula": {"count": {"kinds": ["order"], "shared": "fraction"}}},
            {"key": "mean", "formula": {"mean": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
            {"key": "high", "formula": {"maximum": {"value": {"measure": "sales"}, "of": {"kinds": ["order"]}}}},
            {"key": "people", "formula": {"distinct": {"entity": {"member": {"dimension": "person"}}, "of": {"kinds": ["order"]}}}}
        ],
        "views": [
            {"key": "by_team", "rows": [{"dimension": "person", "level": "team"}],
             "periods": {"grain": "month", "from": "2026-01-01", "to": "2027-04-01"}},
            {"key": "by_person", "rows": [{"dimension": "person", "level": "person"}],
             "periods": {"grain": "quarter", "from": "2026-01-01", "to": "2027-04-01"}}
        ]
    }"#,
    )
    .unwrap()
}

/// An order: its day, cents, who shares it by how many parts, credit beside it, and the days after which it is taken back.
type Shared = (i32, i64, [u8; 3], bool, Option<i32>);

fn shared(number: usize, (day, cents, parts, beside, _): &Shared) -> Record {
    let mut record = Record::new("order", date(*day))
        .id(text(number))
        .amount("sales", Decimal::new(*cents, 2));
    let whole: u8 = parts.iter().sum();
    for (person, part) in PEOPLE.iter().zip(parts).filter(|(_, part)| **part > 0) {
        record = record.credit(
            *person,
            Ratio::new(i128::from(*part), i128::from(whole)).unwrap(),
        );
    }
    if whole == 0 {
        record = record.of("person", PEOPLE[number % 3]);
    } else if *beside {
        record = record.overlay("bo", Ratio::percent(30));
    }
    record
}

proptest! {
    #![proptest_config(crate::cases(100))]

    /// What several people share is in a journal, with snapshots written and read between, what it is in a ledger.
    #[test]
    fn shared_records_are_those_of_a_ledger(
        orders in prop::collection::vec(
            (0..=LAST - 60, 0_i64..5_000, prop::array::uniform3(0_u8..3), any::<bool>(), prop::option::weighted(0.3, 0_i32..60)),
            0..12,
        ),
        as_of in 0..=LAST,
    ) {
        let model = model_of_sharers();
        let mut journal = Journal::new(&model, date(0)).unwrap();
        let mut ledger = quotaflow::ledger::Ledger::new("books", model.schema().clone()).unwrap();
        for (number, order) in orders.iter().enumerate() {
            let record = shared(number, order);
            ledger.enter(std::slice::from_ref(&record)).unwrap();
            let mut entries = vec![Entry::record("s", record).unwrap()];
            if let Some(later) = order.4 {
                let back = date(order.0 + later);
                ledger.enter(&[Record::reversal(text(number), back).id(format!("back {number}"))]).unwrap();
                entries.push(Entry::reverse(EntryId::new("back", &text(number)).unwrap(), back, id(number)));
            }
            let known = date(LAST + 1).and_time(NaiveTime::MIN) + Days::new(u64::try_from(number).unwrap());
            journal.enter(known, date(LAST), &entries).unwrap();
            let night = serde_json::to_string(&journal.snapshot()).unwrap();
            journal = Journal::open(&model, serde_json::from_str(&night).unwrap()).unwrap();
        }
        for name in ["by_team", "by_person"] {
            let panel = journal.view(name).unwrap().as_of(date(as_of)).panel().unwrap();
            let (rows, periods) = (panel.subjects().clone(), panel.periods().clone());
            let layout = quotaflow::metric::Layout::new(model.schema().clone(), rows, periods).as_of_day(date(as_of));
            let metrics = &model.definition().metrics;
            let wanted = quotaflow::metric::measure(metrics, &layout, &ledger).unwrap();
            for metric in metrics {
                for row in panel.subjects().ids() {
                    for period in panel.periods().ids() {
                        let key = metric.key.as_str();
                        let own = (exact(&panel, key, row, period), exact(&wanted, key, row, period));
                        prop_assert_eq!(own.0, own.1, "{} of {} in {:?}", key, panel.subjects().label(row), period);
                    }
                }
            }
        }
    }
}
