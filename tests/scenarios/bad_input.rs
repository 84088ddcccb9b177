//! What a user reads when the input is wrong: each fault has its own error, which says what, where and which bound.

use chrono::NaiveDate;
use quotaflow::allocation::WeightPolicy;
use quotaflow::calendar::{Calendar, DayRange, Grain, PeriodDef, PeriodSet};
use quotaflow::key::Key;
use quotaflow::ledger::{Ledger, LedgerError, Need, Record, RecordKind, Refusal, Schema};
use quotaflow::measure::{Measure, Measures};
use quotaflow::plan::{
    BasisDef, BasisError, Cascade, CascadeDef, EmptyLevel, GivenDef, GivenWeight, Place, PlanError,
    Sources, StepDef,
};
use quotaflow::quantity::{QuantityError, Quantum, Ratio};
use quotaflow::scenario::ScenarioDef;
use quotaflow::space::{DimensionDef, Space, SpaceError};
use rust_decimal::Decimal;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn days(from: &str, to: &str) -> DayRange {
    DayRange::new(day(from), day(to)).unwrap()
}

/// Two regions, of which the south has nobody; two people in the north.
fn people() -> DimensionDef {
    DimensionDef::new("person", &["region", "person"])
        .and_then(|d| d.member("region", "north")?.member("region", "south"))
        .and_then(|d| {
            d.child("person", "ann", "north")?
                .child("person", "bo", "north")
        })
        .unwrap()
}

fn space() -> Space {
    Space::new(vec![people()]).unwrap()
}

fn measures() -> Measures {
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT);
    let visits = Measure::flow("visits", "count:visit".parse().unwrap(), Quantum::ONE);
    Measures::new(vec![sales.unwrap(), visits.unwrap()]).unwrap()
}

fn ledger() -> Ledger {
    let order = RecordKind::new("order")
        .and_then(|kind| kind.of("person")?.measuring("sales", Need::Required))
        .unwrap();
    let span = days("2026-01-01", "2027-01-01");
    Ledger::new(
        "test",
        Schema::new(space(), measures(), vec![order], span).unwrap(),
    )
    .unwrap()
}

fn order(id: &str, amount: &str) -> Record {
    Record::new("order", day("2026-03-14"))
        .id(id)
        .of("person", "ann")
        .amount("sales", amount.parse().unwrap())
}

/// Enters a good record and a bad one; returns why nothing entered, and its text.
fn refused(bad: Record) -> (Refusal, String) {
    let mut ledger = ledger();
    let before = ledger.clone();
    let error = ledger.enter(&[order("good", "1"), bad]).unwrap_err();
    assert_eq!(ledger, before, "nothing may be half done");
    let text = error.to_string();
    let LedgerError::Refused {
        row: 1, refusal, ..
    } = error
    else {
        panic!("{text}");
    };
    (*refusal, text)
}

fn recipe() -> CascadeDef {
    CascadeDef::new(key("plan"), key("sales"), days("2026-01-01", "2027-01-01"))
}

fn cascade(def: CascadeDef, total: &str) -> Result<(), PlanError> {
    let (space, measures, calendar) = (space(), measures(), Calendar::gregorian());
    let sources = Sources::new(&measures, &space).calendar(&calendar);
    Cascade::compile(def, &sources)?
        .run(total.parse().unwrap())
        .map(drop)
}

fn by_person(weights: &[(&str, &str)]) -> StepDef {
    let weights = weights.iter().map(|(person, weight)| GivenWeight {
        at: Place::whole().at("person", person).unwrap(),
        weight: weight.parse().unwrap(),
    });
    let given = GivenDef {
        weights: weights.collect(),
        otherwise: None,
    };
    StepDef::member("person", "person")
        .unwrap()
        .basis(BasisDef::Given(given))
}

#[test]
fn an_unknown_member() {
    let (refusal, text) = refused(order("bad", "5").of("person", "anne"));
    assert!(matches!(
        refusal,
        Refusal::Member {
            error: SpaceError::UnknownMember { .. },
            ..
        }
    ));
    assert_eq!(
        text,
        "record 1 (`bad`): person: dimension `person` has no member `anne`; did you mean `ann`?"
    );
    let link = people().link("person", "bo", "noth", None, None).unwrap();
    assert_eq!(
        Space::new(vec![link]).unwrap_err().to_string(),
        "dimension `person` has no member `noth`; did you mean `north`?"
    );
    let weights = recipe().step(by_person(&[("ann", "1"), ("boo", "1")]));
    assert_eq!(
        cascade(weights, "10").unwrap_err().to_string(),
        "dimension `person` has no member `boo`; did you mean `bo`?"
    );
}

#[test]
fn a_record_outside_the_calendar() {
    let mut record = order("bad", "5");
    record.day = day("2027-01-01");
    let (refusal, text) = refused(record);
    assert!(matches!(refusal, Refusal::OutsideSpan { .. }));
    assert_eq!(
        text,
        "record 1 (`bad`): 2027-01-01 is outside the ledger's days, 2026-01-01 up to and without 2027-01-01"
    );
}

#[test]
fn an_amount_finer_than_the_quantum() {
    let (refusal, text) = refused(order("bad", "12.505"));
    assert!(matches!(
        refusal,
        Refusal::Amount {
            error: QuantityError::FinerThanQuantum { .. },
            ..
        }
    ));
    assert_eq!(
        text,
        "record 1 (`bad`): sales: 12.505 has more decimals than the smallest unit 0.01 allows"
    );
    let total = cascade(
        recipe().step(StepDef::member("person", "person").unwrap()),
        "10.001",
    );
    assert_eq!(
        total.unwrap_err().to_string(),
        "10.001 has more decimals than the smallest unit 0.01 allows"
    );
}

#[test]
fn another_currency() {
    let (refusal, text) = refused(order("bad", "5").currency("USD".to_owned().try_into().unwrap()));
    assert!(matches!(refusal, Refusal::CurrencyMismatch { .. }));
    assert_eq!(
        text,
        "record 1 (`bad`): sales: 5 USD was given, but `sales` is in money:EUR"
    );
}

#[test]
fn weights_that_are_all_zero() {
    let def = recipe().step(by_person(&[("ann", "0"), ("bo", "0")]));
    let error = cascade(def, "10").unwrap_err();
    assert!(
        matches!(error, PlanError::Basis(BasisError::ZeroWeights { .. })),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "10.00 at all cannot be split at step `person`: all weights are zero"
    );
    // Nothing can be shared by nothing, and another policy may be asked for.
    assert_eq!(
        cascade(recipe().step(by_person(&[("ann", "0"), ("bo", "0")])), "0"),
        Ok(())
    );
    let equal = by_person(&[("ann", "0"), ("bo", "0")]).weights(WeightPolicy::SPREAD);
    assert_eq!(cascade(recipe().step(equal), "10"), Ok(()));
}

#[test]
fn a_negative_weight() {
    let error = cascade(
        recipe().step(by_person(&[("ann", "1"), ("bo", "-0.5")])),
        "10",
    )
    .unwrap_err();
    assert!(
        matches!(error, PlanError::Basis(BasisError::NegativeWeight { .. })),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "the weight of bo at step `person` is below zero"
    );
}

#[test]
fn a_missing_weight() {
    let error = cascade(recipe().step(by_person(&[("ann", "1")])), "10").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no weight is given for bo at step `person`"
    );
}

#[test]
fn an_empty_level() {
    // South has no person.
    let def = || recipe().step(StepDef::member("person", "region").unwrap());
    let down = StepDef::member("person", "person").unwrap();
    let error = cascade(def().step(down.clone()), "10").unwrap_err();
    assert!(matches!(error, PlanError::EmptyLevel { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "at south there is nothing to split by at step `person`"
    );
    assert_eq!(
        cascade(def().step(down.empty(EmptyLevel::Stop)), "10"),
        Ok(())
    );
    let empty = DimensionDef::new("product", &["product"]).unwrap();
    let (space, measures) = (Space::new(vec![empty]).unwrap(), measures());
    let step = recipe().step(StepDef::member("product", "product").unwrap());
    let error = Cascade::compile(step, &Sources::new(&measures, &space)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at all there is nothing to split by at step `product`"
    );
}

#[test]
fn a_cycle_in_a_hierarchy() {
    let def = DimensionDef::new("person", &["region", "person"])
        .and_then(|d| d.member("region", "north")?.member("person", "ann"))
        .and_then(|d| d.link("person", "ann", "north", None, None))
        .and_then(|d| d.link("person", "north", "ann", None, None))
        .unwrap();
    let error = Space::new(vec![def]).unwrap_err();
    assert!(matches!(error, SpaceError::Cycle { .. }));
    assert_eq!(
        error.to_string(),
        "hierarchy `person` of dimension `person` has a cycle: ann > north > ann"
    );
}

#[test]
fn a_key_that_is_there_already() {
    let twice = people().member("person", "ann").unwrap();
    let error = Space::new(vec![twice]).unwrap_err();
    assert!(matches!(error, SpaceError::DuplicateMember { .. }));
    assert_eq!(
        error.to_string(),
        "member `ann` is declared twice in dimension `person`"
    );
    let error = Space::new(vec![people(), people()]).unwrap_err();
    assert_eq!(error.to_string(), "dimension `person` is declared twice");
    let sales = Measure::flow("sales", "money:EUR".parse().unwrap(), Quantum::CENT).unwrap();
    let error = Measures::new(vec![sales.clone(), sales]).unwrap_err();
    assert_eq!(error.to_string(), "measure `sales` is declared twice");
    let step = || StepDef::member("person", "person").unwrap();
    let error = cascade(recipe().step(step()).step(step()), "10").unwrap_err();
    assert_eq!(
        error.to_string(),
        "two steps are called `person`: give one of them another name"
    );
    let error = cascade(
        recipe().step(by_person(&[("ann", "1"), ("ann", "2"), ("bo", "1")])),
        "10",
    )
    .unwrap_err();
    assert_eq!(error.to_string(), "person ann is named twice");
    let month = |from: &str, to: &str| PeriodDef::new(key("m"), day(from), day(to));
    let set = PeriodSet::new(
        key("own"),
        vec![
            month("2026-01-01", "2026-02-01"),
            month("2026-02-01", "2026-03-01"),
        ],
    );
    assert_eq!(
        set.unwrap_err().to_string(),
        "two periods are called `m`: number 0 and number 1 of the set"
    );
}

#[test]
fn an_id_that_says_something_else() {
    let (refusal, text) = refused(order("good", "2"));
    assert_eq!(refusal, Refusal::IdInUse);
    assert_eq!(
        text,
        "record 1 (`good`): another record with this id, with other content, was entered before"
    );
    let mut ledger = ledger();
    let entered = ledger
        .enter(&[order("good", "1"), order("good", "1.00")])
        .unwrap();
    assert_eq!((entered.added, entered.repeated), (1, 1));
}

#[test]
fn a_total_beyond_the_range() {
    // 2^63 cents.
    let (refusal, text) = refused(order("bad", "92233720368547758.08"));
    assert!(matches!(
        refusal,
        Refusal::Amount {
            error: QuantityError::OutOfRange { .. },
            ..
        }
    ));
    assert_eq!(
        text,
        "record 1 (`bad`): sales: 92233720368547758.08 is too large to be kept exactly in units of 0.01"
    );
    let step = || StepDef::member("person", "person").unwrap();
    assert_eq!(
        cascade(recipe().step(step()), "92233720368547758.07"),
        Ok(())
    );
    let error = cascade(recipe().step(step()), "92233720368547758.08").unwrap_err();
    assert_eq!(
        error.to_string(),
        "92233720368547758.08 is too large to be kept exactly in units of 0.01"
    );
    // Over-assigned on every way down it leaves the range below the total.
    let over = quotaflow::plan::OverAssignmentDef::from_leaves("person", vec![Ratio::from(2)]);
    let error = cascade(
        recipe()
            .step(step())
            .step(StepDef::grain(Grain::Month))
            .over_assign(over.unwrap()),
        "92233720368547758.07",
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "the amount at all is too large"
    );
}

#[test]
fn names_that_were_mistyped() {
    let (_, text) = refused(Record::new("ordr", day("2026-03-14")));
    assert_eq!(
        text,
        "record 1: there is no kind of record `ordr`; did you mean `order`?"
    );
    let (_, text) = refused(order("bad", "5").amount("sale", Decimal::ONE));
    assert_eq!(
        text,
        "record 1 (`bad`): a record of kind `order` has no amount `sale`; did you mean `sales`?"
    );
    let (_, text) = refused(order("bad", "5").of("persn", "ann"));
    assert_eq!(
        text,
        "record 1 (`bad`): a record of kind `order` has no member `persn`; did you mean `person`?"
    );
    let mut def = recipe();
    def.measure = key("sals");
    assert_eq!(
        cascade(def.step(StepDef::grain(Grain::Month)), "1")
            .unwrap_err()
            .to_string(),
        "there is no measure `sals`; did you mean `sales`?"
    );
}

const SCENARIO: &str = include_str!("../laws/documents/scenario.json");

fn scenario(from: &str, to: &str) -> String {
    assert!(SCENARIO.contains(from), "{from}");
    let text = SCENARIO.replacen(from, to, 1);
    match serde_json::from_str::<ScenarioDef>(&text) {
        Ok(scenario) => scenario.run().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_scenario_says_where() {
    for [from, to, text] in [
        [
            r#"{"person": "cy"}"#,
            r#"{"person": "cyd"}"#,
            "records[9]: dimension `person` has no member `cyd`; did you mean `cy`?",
        ],
        [
            r#""as_of": "2026-02-17""#,
            r#""as_of": "2026-05-01""#,
            "as_of: the view `by_person` cannot be judged: no period of `fiscal.month` holds 2026-05-01: the last one, `2026-04`, ends on 2026-04-30; name a day up to \
             then, or add periods up to 2026-05-01",
        ],
        [
            r#""key": "last""#,
            r#""key": "lost""#,
            "model.plans[0].recipes[0]: the sources have no table `last`; did you mean `lost`?\nmodel.plans[1].recipes[0]: the sources have no \
             table `last`; did you mean `lost`?",
        ],
        [
            r#""subject": ["bo"]"#,
            r#""subject": ["boo"]"#,
            "entries[2].what.targets.cells[1]: dimension `person` has no member `boo`; did you mean `bo`?",
        ],
        [
            r#""period": "2026-02", "amount": 3"#,
            r#""period": "2026-2", "amount": 3"#,
            "entries[2]: cells[1]: there is no period `2026-2`; did you mean `2026-02`?",
        ],
        [
            "\"metric\": \"sales\",\n              \"pacing\"",
            "\"metric\": \"sals\",\n              \"pacing\"",
            "model.views[0].review.paces[0]: the panel has no column `target:sals`; did you mean `target:sales`?",
        ],
    ] {
        assert_eq!(scenario(from, to), text);
    }
}

#[test]
fn a_field_that_is_not_known_is_named() {
    for (from, to, named) in [
        (
            r#""grain": "month", "from": "2025-11-01", "to": "2026-05-01"},"#,
            r#""grain": "month", "from": "2025-11-01", "too": "2026-05-01"},"#,
            "too",
        ),
        (
            r#""kind": "iso"}"#,
            r#""kind": "iso", "first_day": "Mon"}"#,
            "first_day",
        ),
        (
            r#""span": {"count": 3, "grain": "month"}"#,
            r#""span": {"count": 3, "grains": "month"}"#,
            "grains",
        ),
        (r#""alike": "0.8""#, r#""alikes": "0.8""#, "alikes"),
    ] {
        let text = scenario(from, to);
        assert!(text.contains(named), "{text}");
    }
}

/// From a value tree, whose depth no reader of text has bounded.
#[test]
fn definitions_nested_too_deep_are_refused_while_they_are_read() {
    fn nested<T: serde::de::DeserializeOwned>(
        start: &serde_json::Value,
        within: impl Fn(serde_json::Value) -> serde_json::Value,
        levels: usize,
    ) -> Result<T, String> {
        let value = (0..levels).fold(start.clone(), |value, _| within(value));
        serde_json::from_value(value).map_err(|error| error.to_string())
    }
    fn one(name: &str, value: serde_json::Value) -> serde_json::Value {
        serde_json::Map::from_iter([(name.to_owned(), value)]).into()
    }
    let orders = serde_json::json!({"count": {"kinds": ["order"]}});
    let scaled = |of: serde_json::Value| {
        let parts = [("of".to_owned(), of), ("by".to_owned(), "2".into())];
        one("scaled", serde_json::Map::from_iter(parts).into())
    };
    let paid = serde_json::json!({"has": "paid"});
    let not = |inner| one("not", inner);
    let any = |inner| one("any", vec![inner].into());
    let equal = serde_json::json!("equal");
    let blend = |basis: serde_json::Value| {
        let parts = [
            ("coefficient".to_owned(), "1".into()),
            ("basis".to_owned(), basis),
        ];
        let part: serde_json::Value = serde_json::Map::from_iter(parts).into();
        one("blend", vec![part].into())
    };
    for levels in [31, 32, 800] {
        let refusals = [
            nested::<quotaflow::metric::Formula>(&orders, scaled, levels).err(),
            nested::<quotaflow::metric::Filter>(&paid, not, levels).err(),
            nested::<quotaflow::metric::Filter>(&paid, any, levels).err(),
            nested::<BasisDef>(&equal, blend, levels).err(),
            nested::<BasisDef>(&equal, |inner| one("inverse", inner), levels).err(),
        ];
        for refusal in refusals {
            let told = refusal.as_deref().unwrap_or_default();
            assert_eq!(
                told.contains("definitions nest more than 32 deep"),
                levels > 31,
                "{levels} {told}"
            );
        }
    }
}
