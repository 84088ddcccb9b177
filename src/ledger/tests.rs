use chrono::{NaiveDate, NaiveTime};

use super::*;
use crate::calendar::DayRange;
use crate::key::Key;
use crate::measure::{Currency, Measure, Measures};
use crate::quantity::{Quantum, Ratio};
use crate::space::{DimensionDef, MemberId, Space, SpaceError};
use rust_decimal::Decimal;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn cents(units: i64) -> Decimal {
    Decimal::new(units, 2)
}

fn space() -> Space {
    let at = |text: &str| Some(day(text));
    let person = DimensionDef::new("person", &["team", "person"])
        .and_then(|d| d.member("team", "red")?.member("team", "blue"))
        .and_then(|d| d.member("person", "ann")?.child("person", "bo", "red"))
        .and_then(|d| d.link("person", "ann", "red", None, at("2026-07-01")))
        .and_then(|d| d.link("person", "ann", "blue", at("2026-07-01"), None))
        .unwrap();
    let territory = DimensionDef::flat("territory", "territory", ["north", "south"]).unwrap();
    Space::new(vec![person, territory]).unwrap()
}

fn measures() -> Measures {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let minutes = Measure::flow("minutes", "minute".parse().unwrap(), Quantum::ONE).unwrap();
    Measures::new(vec![sales, minutes]).unwrap()
}

fn kinds() -> Vec<RecordKind> {
    let order = RecordKind::new("order")
        .and_then(|kind| kind.of("person")?.playing("sold_in", "territory"))
        .and_then(|kind| kind.measuring("sales", Need::Required))
        .and_then(|kind| {
            kind.noting("outcome", &["won", "lost"])?
                .noting("lot", &[])?
                .dating("due")
        })
        .unwrap();
    let call = RecordKind::new("call")
        .and_then(|kind| kind.of("person")?.measuring("minutes", Need::Optional))
        .unwrap();
    vec![order, call.timed()]
}

fn schema() -> Schema {
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    Schema::new(space(), measures(), kinds(), span).unwrap()
}

fn ledger() -> Ledger {
    Ledger::new("crm", schema()).unwrap()
}

fn order(id: &str) -> Record {
    Record::new("order", day("2026-03-14"))
        .id(id)
        .of("person", "ann")
        .amount("sales", cents(1000))
        .attribute("outcome", "won")
        .attribute("lot", "L-7")
        .date("due", day("2027-04-01"))
}

fn call() -> Record {
    Record::new("call", day("2026-03-14")).at(NaiveTime::from_hms_milli_opt(9, 30, 0, 250).unwrap())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn every_refusal_says_what_and_where() {
    let eur = Currency::new("EUR").unwrap();
    let usd = Currency::new("USD").unwrap();
    let mut plain = order("x");
    plain.amounts.clear();
    let micro = NaiveTime::from_hms_micro_opt(9, 0, 0, 1).unwrap();
    let cases = [
        (
            "kind",
            Record::new("ordr", day("2026-01-01")),
            "there is no kind of record `ordr`; did you mean `order`?",
        ),
        (
            "member",
            order("x").of("person", "an"),
            "person: dimension `person` has no member `an`; did you mean `ann`?",
        ),
        (
            "field",
            order("x").of("persn", "ann"),
            "a record of kind `order` has no member `persn`; did you mean `person`?",
        ),
        (
            "amount",
            order("x").amount("sale", cents(1)),
            "a record of kind `order` has no amount `sale`; did you mean `sales`?",
        ),
        (
            "attribute",
            order("x").attribute("lots", "1"),
            "a record of kind `order` has no attribute `lots`; did you mean `lot`?",
        ),
        (
            "date",
            order("x").date("paid", day("2026-01-01")),
            "a record of kind `order` has no date `paid`; known: `due`",
        ),
        (
            "value",
            order("x").attribute("outcome", "wone"),
            "outcome: `wone` is not one of its values; did you mean `won`?",
        ),
        (
            "text",
            order("x").attribute("lot", " L"),
            "lot: the key ` L` starts or ends with white space",
        ),
        (
            "missing",
            plain,
            "a record of kind `order` must have `sales`",
        ),
        (
            "span",
            Record {
                day: day("2027-01-01"),
                ..order("x")
            },
            "2027-01-01 is outside the ledger's days, 2026-01-01 up to and without 2027-01-01",
        ),
        (
            "quantum",
            order("x").amount("sales", Decimal::new(1, 3)),
            "sales: 0.001 has more decimals than the smallest unit 0.01 allows",
        ),
        (
            "range",
            order("x").amount("sales", Decimal::MAX),
            "sales: 79228162514264337593543950335 is too large to be kept exactly in units of 0.01",
        ),
        (
            "lowest",
            order("x").amount("sales", cents(i64::MIN)),
            "sales: -92233720368547758.08 is too large to be kept exactly in units of 0.01",
        ),
        (
            "currency",
            order("x").currency(usd),
            "sales: 10 USD was given, but `sales` is in money:EUR",
        ),
        (
            "untimed",
            order("x").at(micro),
            "a record of kind `order` is placed by its day and has no time of the day",
        ),
        (
            "no time",
            Record::new("call", day("2026-01-01")),
            "a record of kind `call` must have `time`",
        ),
        (
            "fine time",
            Record::new("call", day("2026-01-01")).at(micro),
            "the time of the day is finer than a millisecond",
        ),
        (
            "far date",
            order("x").date("due", NaiveDate::MAX),
            "due: +262142-12-31 is outside 0001-01-01 to 9999-12-31",
        ),
        (
            "sequence",
            order("x").sequence(u64::MAX),
            "the sequence number 18446744073709551615 is more than 140737488355327",
        ),
        (
            "id",
            order(" "),
            "id: the key ` ` starts or ends with white space",
        ),
        (
            "reversal",
            Record::reversal("nothing", day("2026-01-01")),
            "there is no record `nothing` to reverse or settle; known: `good`",
        ),
    ];
    for (name, record, expected) in cases {
        let mut ledger = ledger();
        let good = order("good").currency(eur);
        let error = ledger.enter(&[good.clone(), record.clone()]).unwrap_err();
        let LedgerError::Refused { row, refusal, .. } = &error else {
            panic!("{name}: {error}")
        };
        assert_eq!(
            (*row, refusal.to_string().as_str()),
            (1, expected),
            "{name}"
        );
        assert!(
            ledger.is_empty(),
            "{name}: nothing of the batch has entered"
        );
        let report = ledger.enter_good(&[good, record]);
        assert_eq!(
            (
                report.entered.added,
                report.refused.len(),
                report.refused[0].row
            ),
            (1, 1, 1),
            "{name}"
        );
        assert_eq!(ledger.len(), 1, "{name}");
    }
}

#[test]
fn the_place_of_a_record_stands_in_the_error() {
    let error = ledger()
        .enter(&[order("a"), order("b").of("person", "cy")])
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "record 1 (`b`): person: dimension `person` has no member `cy`; known: `unassigned`, `red`, `blue`, `ann`, `bo`"
    );
}

#[test]
fn the_same_record_again_changes_nothing_and_another_of_its_id_is_refused() {
    let mut ledger = ledger();
    let entered = ledger.enter(&[order("a"), order("a"), order("b")]).unwrap();
    assert_eq!(
        entered,
        Entered {
            added: 2,
            repeated: 1
        }
    );
    assert_eq!(
        ledger.enter(&[order("b"), order("c")]).unwrap(),
        Entered {
            added: 1,
            repeated: 1
        }
    );
    let before = ledger.clone();
    for other in [
        order("a").amount("sales", cents(1001)),
        order("a").attribute("lot", "L-8"),
        order("a").of("sold_in", "north"),
        order("a").sequence(1),
        Record {
            day: day("2026-03-15"),
            ..order("a")
        },
        call().id("a"),
    ] {
        let error = ledger.enter(&[order("d"), other]).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("with other content, was entered before"),
            "{error}"
        );
        assert_eq!(ledger, before);
    }
    // Within one batch too.
    assert!(
        ledger
            .enter(&[order("e"), order("e").amount("sales", cents(7))])
            .is_err()
    );
    assert_eq!(ledger.find("b").unwrap(), order("b"));
    assert!(matches!(
        ledger.find("e"),
        Err(LedgerError::UnknownRecord { .. })
    ));
}

#[test]
fn who_must_be_named_cannot_be_nobody() {
    let mut kinds = kinds();
    kinds[0].dimensions[0].need = Need::Required;
    let field = kinds[0].dimensions[0].field.to_string();
    let kind = kinds[0].key.to_string();
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    let schema = Schema::new(space(), measures(), kinds, span).unwrap();
    let mut ledger = Ledger::new("crm", schema).unwrap();
    let wanted = format!("a record of kind `{kind}` must have `{field}`");
    let nobody = order("a").of(field.as_str(), "unassigned");
    let error = ledger.enter(&[nobody]).unwrap_err().to_string();
    assert_eq!(error, format!("record 0 (`a`): {wanted}"));
    let ann = ledger.schema().space().dimension("person").unwrap();
    let ann = ann.member("ann").unwrap();
    let columns = Bulk::new(kind.as_str(), vec![day("2026-02-01"); 2])
        .members(field.as_str(), vec![ann, MemberId::UNASSIGNED]);
    let error = ledger.enter_columns(columns).unwrap_err().to_string();
    assert_eq!(error, format!("record 1: {wanted}"));
}

#[test]
fn a_record_is_reversed_once_and_history_stays() {
    let mut ledger = ledger();
    let back = Record::reversal("a", day("2026-04-01")).id("a-back");
    assert_eq!(ledger.enter(&[order("a"), back.clone()]).unwrap().added, 2);
    assert_eq!(
        ledger.enter(&[back.clone(), order("a")]).unwrap().repeated,
        2
    );
    assert_eq!(ledger.find("a").unwrap(), order("a"));
    assert_eq!(
        ledger.find("a-back").unwrap(),
        Record {
            kind: "order".to_owned(),
            ..back
        }
    );
    for again in ["a", "a-back"] {
        let error = ledger
            .enter(&[Record::reversal(again, day("2026-04-02"))])
            .unwrap_err();
        assert!(
            error.to_string().contains("reversed already or is itself"),
            "{error}"
        );
    }
    ledger.enter(&[order("b")]).unwrap();
    // As of a day in between there would be less than nothing.
    let early = ledger.find("b").unwrap().day.pred_opt().unwrap();
    let error = ledger.enter(&[Record::reversal("b", early)]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("before what it takes back or settles"),
        "{error}"
    );
    let twice = [
        Record::reversal("b", day("2026-04-02")),
        Record::reversal("b", day("2026-04-03")),
    ];
    assert!(ledger.enter(&twice).is_err());
    let full = Record::reversal("b", day("2026-04-02")).of("person", "ann");
    assert!(
        ledger
            .enter(&[full])
            .unwrap_err()
            .to_string()
            .contains("of its own")
    );
    // A reversal of what was refused is refused with it.
    let report = ledger.enter_good(&[
        order("c").of("person", "nobody here"),
        Record::reversal("c", day("2026-05-01")),
    ]);
    assert_eq!(report.refused.len(), 2);
}

#[test]
fn a_ledger_reads_back_and_unknown_fields_are_refused() {
    let mut ledger = ledger();
    let timed = call().amount("minutes", Decimal::from(12)).sequence(3);
    let back = Record::reversal("a", day("2026-04-01"));
    ledger
        .enter(&[
            order("a"),
            timed,
            call(),
            order("b").of("sold_in", "south"),
            back,
        ])
        .unwrap();
    let text = serde_json::to_string(&ledger).unwrap();
    let read: Ledger = serde_json::from_str(&text).unwrap();
    assert_eq!(read, ledger);
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
    let unknown = text.replacen("\"records\":[{", "\"records\":[{\"colour\":1,", 1);
    assert!(
        serde_json::from_str::<Ledger>(&unknown)
            .unwrap_err()
            .to_string()
            .contains("colour")
    );
    let bad = text
        .replace("\"ann\",\"level\"", "\"anna\",\"level\"")
        .replace("\"member\":\"ann\"", "\"member\":\"anna\"");
    let error = serde_json::from_str::<Ledger>(&bad)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("record 0 (`a`)") && error.contains("did you mean `anna`"),
        "{error}"
    );
}

#[test]
fn columns_enter_as_records_do() {
    let records = [
        order("a"),
        order("b").amount("sales", cents(5)),
        order("c").attribute("lot", "L-9"),
    ];
    let mut one_by_one = ledger();
    one_by_one.enter(&records).unwrap();
    let bulk = || {
        let space = space();
        let ann = space.dimension("person").unwrap().member("ann").unwrap();
        let key = |text: &str| Key::new(text).unwrap();
        Bulk::new("order", vec![day("2026-03-14"); 3])
            .ids(vec![key("a"), key("b"), key("c")])
            .members("person", vec![ann; 3])
            .units("sales", vec![1000, 5, 1000])
            .texts("outcome", vec![key("won")], vec![1; 3])
            .texts("lot", vec![key("L-9"), key("L-7")], vec![2, 2, 1])
            .dates("due", vec![Some(day("2027-04-01")); 3])
    };
    let mut columns = ledger();
    assert_eq!(
        columns.enter_columns(bulk()).unwrap(),
        Entered {
            added: 3,
            repeated: 0
        }
    );
    assert_eq!(columns, one_by_one);
    assert_eq!(
        columns.enter_columns(bulk()).unwrap(),
        Entered {
            added: 0,
            repeated: 3
        }
    );
    let mut partly = ledger();
    partly.enter(&records[1..2]).unwrap();
    assert_eq!(
        partly.enter_columns(bulk()).unwrap(),
        Entered {
            added: 2,
            repeated: 1
        }
    );
    assert_eq!(partly.find("c").unwrap(), records[2]);

    let refused = |bulk: Bulk| ledger().enter_columns(bulk).unwrap_err().to_string();
    assert_eq!(
        refused(bulk().units("sales", vec![1])),
        "column `sales` has 1 entries where 3 records need one each"
    );
    assert_eq!(
        refused(bulk().units("sales", vec![1, Bulk::NO_AMOUNT, 2])),
        "record 1 (`b`): a record of kind `order` must have `sales`"
    );
    assert_eq!(
        refused(bulk().texts("lot", vec![], vec![0, 0, 4])),
        "record 2 (`c`): lot: there is no number 4: numbers go from 0 to 0"
    );
    assert!(refused(bulk().at(vec![0; 3])).contains("placed by its day"));
    assert!(
        refused(Bulk::new("order", vec![day("2025-12-31")])).contains("outside the ledger's days")
    );
    assert!(
        refused(Bulk::new("call", vec![day("2026-01-01")]).at(vec![86_400_000]))
            .contains("more than a day")
    );
}

#[test]
fn erasing_a_person_leaves_the_sums() {
    let mut kinds = kinds();
    kinds[0].attributes[1].privacy = Privacy::Personal;
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    let schema = Schema::new(space(), measures(), kinds, span).unwrap();
    let mut ledger = Ledger::new("crm", schema).unwrap();
    ledger
        .enter(&[order("a"), order("b").of("person", "bo")])
        .unwrap();
    let clash = ledger.erase("person", "ann", "bo").unwrap_err();
    assert_eq!(
        clash.to_string(),
        "`bo` cannot take the place of `ann`: dimension `person` has it already"
    );
    assert!(matches!(
        ledger.erase("person", "anne", "x"),
        Err(LedgerError::Space(SpaceError::UnknownMember { .. }))
    ));
    ledger.erase("person", "ann", "former 1").unwrap();
    let text = serde_json::to_string(&ledger).unwrap();
    assert!(!text.contains("ann") && text.contains("former 1"), "{text}");
    let records: Vec<Record> = ledger.records().collect();
    assert_eq!(
        (records[0].id.as_deref(), records[0].attributes.get("lot")),
        (None, None)
    );
    assert_eq!(records[0].amounts, order("a").amounts);
    assert_eq!(records[1], order("b").of("person", "bo"));
    let person = ledger.schema().space().dimension("person").unwrap();
    let team = person.level("team").unwrap();
    let place = ledger.tables()[0].places[0][0];
    assert_eq!(person.key_of(person.ancestor(place, team)).as_str(), "red");
    assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
}

#[test]
fn what_was_reversed_stays_reversed_when_its_person_is_erased() {
    let mut ledger = ledger();
    let taken_back = Record::reversal("a", day("2026-03-31")).id("back");
    ledger
        .enter(&[order("erased 1").of("person", "bo"), order("a"), taken_back])
        .unwrap();
    ledger.erase("person", "ann", "former 1").unwrap();
    let records: Vec<Record> = ledger.records().collect();
    assert_eq!(records[1].id.as_deref(), Some("erased 2"));
    assert_eq!(records[2].reverses.as_deref(), Some("erased 2"));
    assert_eq!(records[2].id, None);
    let text = serde_json::to_string(&ledger).unwrap();
    assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
}

#[test]
fn a_new_space_places_records_as_of_their_day() {
    let mut ledger = ledger();
    ledger.enter(&[order("a")]).unwrap();
    // History is corrected: Ann was blue from March on; and a colleague joins ahead of her.
    let person = DimensionDef::new("person", &["team", "person"])
        .and_then(|d| {
            d.member("person", "cy")?
                .member("team", "blue")?
                .child("person", "ann", "blue")
        })
        .unwrap();
    let territory = DimensionDef::flat("territory", "territory", ["north"]).unwrap();
    ledger
        .rebase(Space::new(vec![person, territory.clone()]).unwrap())
        .unwrap();
    let known = ledger.schema().space().dimension("person").unwrap();
    let place = ledger.tables()[0].places[0][0];
    assert_eq!(
        known
            .key_of(known.ancestor(place, known.level("team").unwrap()))
            .as_str(),
        "blue"
    );
    assert_eq!(ledger.find("a").unwrap(), order("a"));
    let before = ledger.clone();
    let without = DimensionDef::flat("person", "person", ["bo"]).unwrap();
    let error = ledger
        .rebase(Space::new(vec![without, territory]).unwrap())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "dimension `person` has no member `ann`; known: `unassigned`, `bo`"
    );
    assert_eq!(ledger, before);
}

#[test]
fn every_broken_schema_has_its_own_error() {
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    let refused =
        |kinds: Vec<RecordKind>| Schema::new(space(), measures(), kinds, span).unwrap_err();
    let kind = |name: &str| RecordKind::new(name).unwrap();
    assert!(matches!(
        refused(vec![kind("a"), kind("a")]),
        LedgerError::DuplicateKind { .. }
    ));
    let twice = kind("a").of("person").and_then(|a| a.of("person")).unwrap();
    assert!(matches!(
        refused(vec![twice]),
        LedgerError::DuplicateField { .. }
    ));
    let values = kind("a").noting("x", &["1", "1"]).unwrap();
    assert!(matches!(
        refused(vec![values]),
        LedgerError::DuplicateField { .. }
    ));
    assert!(matches!(
        refused(vec![kind("a").dating("day").unwrap()]),
        LedgerError::ReservedField { .. }
    ));
    assert!(matches!(
        refused(vec![kind("a").of("persn").unwrap()]),
        LedgerError::Space(_)
    ));
    let unknown = kind("a").measuring("sale", Need::Optional).unwrap();
    assert!(matches!(refused(vec![unknown]), LedgerError::Measure(_)));
    let text = serde_json::to_string(&schema()).unwrap();
    assert_eq!(serde_json::from_str::<Schema>(&text).unwrap(), schema());
}

#[test]
fn a_large_batch_with_its_own_reversals_enters_in_one_pass() {
    // With a search of all that went before for each reversal, this would be 10^9 steps.
    let orders = (0..30_000).map(|number| order(&format!("o{number}")));
    let back = (0..30_000).map(|number| Record::reversal(format!("o{number}"), day("2026-04-01")));
    let records: Vec<Record> = orders.chain(back).collect();
    let mut ledger = ledger();
    assert_eq!(ledger.enter(&records).unwrap().added, 60_000);
}

#[test]
fn what_takes_back_a_part_says_nothing_else() {
    let mut ledger = ledger();
    ledger.enter(&[order("a")]).unwrap();
    let part = || Record::reversal("a", day("2026-04-01")).amount("sales", cents(100));
    for more in [
        part().of("sold_in", "north"),
        part().attribute("outcome", "won"),
        part().date("due", day("2026-05-01")),
        part().currency(Currency::new("EUR").unwrap()),
        part().at(NaiveTime::MIN),
    ] {
        let error = ledger.enter(&[more]).unwrap_err().to_string();
        assert!(error.contains("of its own"), "{error}");
    }
    assert_eq!(ledger.enter(&[part()]).unwrap().added, 1);
}

#[test]
fn all_is_gone_after_each_part_of_it_whether_they_come_together_or_apart() {
    let part = Record::reversal("a", day("2026-04-10")).amount("sales", cents(100));
    let all = |on: &str| Record::reversal("a", day(on));
    let wanted =
        "a part of `a` is taken back on 2026-04-10, when all of it would be gone since 2026-04-09";
    let mut apart = ledger();
    apart.enter(&[order("a"), part.clone()]).unwrap();
    let error = apart.enter(&[all("2026-04-09")]).unwrap_err().to_string();
    assert!(error.contains(wanted), "{error}");
    let together = [order("a"), part.clone(), all("2026-04-09")];
    let error = ledger().enter(&together).unwrap_err().to_string();
    assert!(error.contains(wanted), "{error}");
    let in_order = [order("a"), part, all("2026-04-10")];
    assert_eq!(ledger().enter(&in_order).unwrap().added, 3);
}

#[test]
fn ledgers_are_the_same_where_each_record_and_each_share_is() {
    let of = |record: Record| {
        let mut kinds = kinds();
        kinds[0] = kinds[0].clone().credited("person").unwrap();
        let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
        let schema = Schema::new(space(), measures(), kinds, span).unwrap();
        let mut ledger = Ledger::new("crm", schema).unwrap();
        ledger.enter(&[record]).unwrap();
        ledger
    };
    let half = Ratio::percent(50);
    let shared = |other: &str| {
        let mut record = order("a");
        record.members.remove("person");
        record.credit("ann", half).credit(other, half)
    };
    let overlay = shared("bo").overlay("bo", half);
    let all = [
        order("a"),
        order("b"),
        order("a").of("person", "bo"),
        order("a").of("sold_in", "north"),
        order("a").amount("sales", cents(1001)),
        order("a").attribute("lot", "L-8"),
        order("a").date("due", day("2027-04-02")),
        order("a").sequence(1),
        shared("bo"),
        shared("unassigned"),
        overlay,
    ];
    for (at, one) in all.iter().enumerate() {
        for (other_at, other) in all.iter().enumerate() {
            let are_same = of(one.clone()) == of(other.clone());
            assert_eq!(are_same, at == other_at, "{one:?} and {other:?}");
        }
    }
}

#[test]
fn columns_after_a_shared_record_are_rows_of_their_own() {
    let mut kinds = kinds();
    kinds[0] = kinds[0].clone().credited("person").unwrap();
    let span = DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap();
    let schema = Schema::new(space(), measures(), kinds, span).unwrap();
    let mut columns = Ledger::new("crm", schema).unwrap();
    let mut shared = order("a");
    shared.members.remove("person");
    let half = Ratio::percent(50);
    let shared = shared.credit("ann", half).credit("bo", half);
    columns.enter(std::slice::from_ref(&shared)).unwrap();
    let mut rows = columns.clone();
    let plain = |id: &str| {
        Record::new("order", day("2026-03-14"))
            .id(id)
            .amount("sales", cents(7))
    };
    rows.enter(&[plain("b"), plain("c")]).unwrap();
    let key = |text: &str| Key::new(text).unwrap();
    let bulk = Bulk::new("order", vec![day("2026-03-14"); 2]);
    let bulk = bulk
        .ids(vec![key("b"), key("c")])
        .units("sales", vec![7, 7]);
    columns.enter_columns(bulk).unwrap();
    assert_eq!(columns, rows);
    assert_eq!(columns.find("c").unwrap(), plain("c"));
    assert_eq!(columns.find("a").unwrap(), shared);
}
