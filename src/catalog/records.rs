//! The kinds of records that the [ready metrics](super::metrics) and the figures of the [ready rules](super::packs::figures) read,
//! with their fields: a schema to start from. A few more kinds are what other rooms read: `stage_change`
//! ([`funnel`](crate::funnel::StageFields)), `workflow_event` ([`process`](crate::process::EventFields)), `shipment`, `promotion` and
//! `rating` ([`channel`](crate::channel), [`scorecard`](crate::scorecard)).
//!
//! A host takes those that it has, adds fields and dimensions of its own, or gives its own kinds these names. All fields
//! but the day are optional: a metric asks for what it needs. [`strict_kinds`] refuse records without those whom the trade cannot do
//! without ([`required`]): an order has a salesperson, an activity somebody whose it is, a house account is a person of that name.
//!
//! ```
//! use quotaflow::calendar::DayRange;
//! use quotaflow::catalog::records;
//! use quotaflow::ledger::{Ledger, Record, Schema};
//! use quotaflow::measure::Currency;
//! use quotaflow::space::{DimensionDef, Space};
//!
//! let members = |key: &'static str, all: &'static [&'static str]| DimensionDef::flat(key, key, all.iter().copied());
//! let mut dimensions = vec![members("person", &["ann", "bo"])?, members("customer", &["c1"])?];
//! for key in records::DIMENSIONS.iter().filter(|key| !["person", "customer"].contains(key)) {
//!     dimensions.push(members(key, &[])?);
//! }
//! let span = DayRange::new("2026-01-01".parse()?, "2027-01-01".parse()?)?;
//! let measures = records::measures(Currency::new("EUR")?)?;
//! let schema = Schema::new(Space::new(dimensions)?, measures, records::kinds()?, span)?;
//! let mut ledger = Ledger::new("crm", schema)?;
//! ledger.enter(&[Record::new("visit", "2026-03-02".parse()?).of("person", "ann").amount("minutes", 30.into())])?;
//! # Ok::<(), quotaflow::Error>(())
//! ```

use crate::ledger::{LedgerError, Need, RecordKind};
use crate::measure::{Additivity, Currency, Measure, MeasureError, Measures, Unit};
use crate::quantity::Quantum;

/// The dimensions that the ready kinds name.
pub const DIMENSIONS: [&str; 8] = [
    "person",
    "customer",
    "product",
    "territory",
    "dealer",
    "outlet",
    "channel",
    "source",
];

/// The kinds of activity: they have the same fields, and the time that they took is effort. The day that was planned and the
/// stop of a route stand beside what was done.
pub const ACTIVITIES: [&str; 8] = [
    "visit",
    "call",
    "message",
    "meeting",
    "demonstration",
    "training",
    "inspection",
    "desk_work",
];

/// The causes for which an appointment is broken; the first three are the customer's, the other two ours.
pub const BREAK_CAUSES: [&str; 5] = [
    "customer_moved",
    "customer_out",
    "customer_cancelled",
    "we_moved",
    "we_cancelled",
];

/// The classes of effort.
pub const EFFORT_CLASSES: [&str; 4] = ["selling", "base_building", "maintenance", "administration"];

/// The tiers of a price, from the top.
pub const TIERS: [&str; 3] = ["wholesale", "second_tier", "retail"];

const YES_NO: [&str; 2] = ["yes", "no"];

const MONEY: [&str; 23] = [
    "sales",
    "cost_of_sales",
    "list_value",
    "expense",
    "cost",
    "amount",
    "limit",
    "value",
    "price",
    "floor",
    "ceiling",
    "list_price",
    "allowed_price",
    "fee",
    "fee_due",
    "rebate_earned",
    "rebate_confirmed",
    "rebate_used",
    "bought_at",
    "stock_value",
    "all_purchases",
    "market_sales",
    "salary",
];

const MINUTES: [&str; 3] = ["minutes", "planned_minutes", "lost_minutes"];

const COUNTS: [(&str, &str); 5] = [
    ("volume", "piece"),
    ("market_volume", "piece"),
    ("sets_received", "set"),
    ("sets_given", "set"),
    ("sets_sold", "set"),
];

/// Returns the measures that the ready kinds carry, with money in this currency, to the cent.
///
/// # Errors
/// None with the names as shipped; the type says what a changed name could bring up.
pub fn measures(currency: Currency) -> Result<Measures, MeasureError> {
    let mut list = Vec::new();
    for key in MONEY {
        list.push(Measure::flow(key, Unit::Money(currency), Quantum::CENT)?);
    }
    for key in MINUTES {
        list.push(Measure::flow(key, Unit::Minute, Quantum::ONE)?);
    }
    for (key, of) in COUNTS {
        let unit = Unit::Count(crate::key::Key::new(of)?);
        list.push(Measure::flow(key, unit, Quantum::ONE)?);
    }
    list.push(Measure::flow("score", Unit::Point, Quantum::CENT)?.adding(Additivity::Rating));
    Measures::new(list)
}

/// Returns the fields without which records of a strict kind are refused ([`strict_kinds`], [`RecordKind::requiring`]).
///
/// | kinds | required | why |
/// |---|---|---|
/// | activities, `report`, `training_duty`, `plan_change`, `clearance`, `employment`, `rating` | `person` | what a person did or has to do is nobody else's |
/// | `order`, `order_line` | `person` | a sale is credited to a salesperson; one of the house to a person of that name |
/// | `appointment`, `route_stop` | `person` | somebody was to be there |
/// | `outlet_listing`, `outlet_audit` | `outlet` | what was listed or looked at |
/// | all others | none | a lead waits for its owner, goods may lie with nobody, a customer may belong to no one |
///
/// ```
/// use quotaflow::catalog::records;
/// assert_eq!(records::required("order"), ["person"]);
/// assert!(records::required("lead").is_empty());
/// ```
#[must_use]
pub fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        "report" | "training_duty" | "plan_change" | "clearance" | "employment" | "rating"
        | "order" | "order_line" | "appointment" | "route_stop" => &["person"],
        "outlet_listing" | "outlet_audit" => &["outlet"],
        activity if ACTIVITIES.contains(&activity) => &["person"],
        _ => &[],
    }
}

/// Returns the kinds, each refusing records without the fields that it [requires](required): for books in which every sale has
/// its salesperson.
///
/// # Errors
/// As [`kinds`].
pub fn strict_kinds() -> Result<Vec<RecordKind>, LedgerError> {
    let requiring = |kind: RecordKind| {
        let fields = required(kind.key.as_str()).iter();
        fields.copied().try_fold(kind, RecordKind::requiring)
    };
    kinds()?.into_iter().map(requiring).collect()
}

/// Returns the kinds, whose fields are all optional but the day.
///
/// # Errors
/// None with the names as shipped; the type says what a changed name could bring up.
pub fn kinds() -> Result<Vec<RecordKind>, LedgerError> {
    let mut all = Vec::new();
    for key in ACTIVITIES {
        let kind = kind(
            key,
            &["person", "customer", "dealer", "territory", "outlet"],
            &["minutes", "planned_minutes", "cost"],
        )?;
        all.push(
            kind.noting("outcome", &[])?
                .noting("class", &EFFORT_CLASSES)?
                .noting("customer_value", &["a", "b", "c"])?
                .noting("plan", &["planned", "unplanned"])?
                .noting("route_stop", &[])?
                .planning("planned_for")?,
        );
    }
    all.extend(work()?);
    all.extend(money()?);
    all.extend(market()?);
    all.extend(people()?);
    all.extend(service()?);
    Ok(all)
}

/// What is planned, and the sale.
fn work() -> Result<Vec<RecordKind>, LedgerError> {
    Ok(vec![
        kind("route_stop", &["person", "customer", "outlet"], &[])?
            .noting("outcome", &["kept", "missed"])?,
        kind(
            "appointment",
            &["person", "customer"],
            &["lost_minutes", "cost"],
        )?
        .noting("outcome", &["kept", "broken"])?
        .noting("cause", &BREAK_CAUSES)?,
        kind(
            "order",
            &[
                "person",
                "customer",
                "territory",
                "dealer",
                "outlet",
                "channel",
            ],
            &["sales", "cost_of_sales", "list_value"],
        )?
        .noting("order", &[])?
        .planning("promised")?
        .dating("delivered")?,
        kind(
            "order_line",
            &["person", "customer", "territory", "product", "channel"],
            &["sales", "cost_of_sales", "list_value", "volume"],
        )?,
        kind("opportunity", &["person", "customer", "source"], &["value"])?
            .noting("outcome", &["won", "lost"])?
            .dating("closed")?
            .planning("expected")?,
        kind(
            "delivery",
            &["person", "customer", "dealer", "territory", "product"],
            &["sales", "volume"],
        )?
        .noting("order", &[])?,
        kind(
            "contract",
            &["person", "customer", "dealer", "territory"],
            &["value"],
        )?
        .planning("due")?
        .dating("fulfilled")?,
        kind(
            "stage_change",
            &["person", "customer", "source"],
            &["value"],
        )?
        .noting("opportunity", &[])?
        .noting("stage", &[])?
        .planning("expected")?,
        kind("lead", &["person", "customer", "source"], &["cost"])?
            .dating("contacted")?
            .dating("converted")?,
    ])
}

fn money() -> Result<Vec<RecordKind>, LedgerError> {
    let of = ["person", "customer", "dealer", "territory"];
    Ok(vec![
        kind("balance", &of, &["amount"])?.noting("account", &[])?,
        opening("invoice", &of)?
            .noting("disputed", &YES_NO)?
            .planning("due")?
            .dating("settled")?,
        opening("payment", &of)?,
        kind("write_off", &of, &["amount"])?,
        kind("credit_limit", &of, &["limit"])?,
        kind("expense", &["person", "territory"], &["expense"])?.noting("class", &[])?,
    ])
}

fn market() -> Result<Vec<RecordKind>, LedgerError> {
    let goods = ["person", "dealer", "product", "territory"];
    let traded = ["sales", "cost_of_sales", "volume"];
    Ok(vec![
        kind(
            "price_observation",
            &["person", "dealer", "product", "territory"],
            &["price", "floor", "ceiling", "list_price", "bought_at"],
        )?
        .noting("whose", &["own", "dealer", "competitor"])?
        .noting("tier", &TIERS)?,
        kind("sighting", &["person", "dealer", "product"], &["volume"])?
            .playing("sold_in", "territory")?
            .playing("seen_in", "territory")?
            .noting("lot", &[])?
            .noting("serial", &[])?
            .noting("invoice", &[])?
            .noting("place", &["own", "elsewhere"])?,
        kind(
            "shipment",
            &["dealer", "customer", "product", "territory"],
            &["volume"],
        )?
        .noting("lot", &[])?
        .noting("serial", &[])?
        .noting("invoice", &[])?,
        kind("sell_in", &goods, &traded)?,
        kind("sell_out", &goods, &traded)?,
        kind("stock", &goods, &["volume", "stock_value"])?.noting("position", &[])?,
        kind(
            "rebate",
            &["person", "dealer"],
            &["rebate_earned", "rebate_confirmed", "rebate_used"],
        )?,
        kind("wallet", &["dealer", "customer"], &["all_purchases"])?,
        kind(
            "goods_return",
            &["person", "customer", "dealer", "product"],
            &["sales", "volume"],
        )?,
        kind(
            "promotion",
            &["product", "territory"],
            &["fee_due", "allowed_price"],
        )?
        .noting("promotion", &[])?
        .planning("ends")?,
        kind(
            "promotion_execution",
            &["dealer", "territory"],
            &[
                "sets_received",
                "sets_given",
                "sets_sold",
                "fee",
                "fee_due",
                "price",
                "allowed_price",
            ],
        )?
        .noting("promotion", &[])?,
        kind(
            "market_report",
            &["person", "territory", "product"],
            &["market_sales", "market_volume"],
        )?,
        kind(
            "market_observation",
            &["person", "territory", "customer", "outlet"],
            &[],
        )?
        .noting(
            "topic",
            &[
                "own_performance",
                "competitor_quality",
                "competitor_price",
                "assortment",
                "trend",
            ],
        )?,
        kind("outlet_listing", &["outlet", "person", "territory"], &[])?.dating("closed")?,
        kind("outlet_audit", &["outlet", "person", "territory"], &[])?
            .noting("stocked", &YES_NO)?
            .noting("standard", &["met", "missed"])?,
    ])
}

fn people() -> Result<Vec<RecordKind>, LedgerError> {
    Ok(vec![
        kind("account", &["customer", "person", "territory"], &[])?
            .dating("closed")?
            .dating("verified")?,
        kind("employment", &["person"], &["salary"])?
            .dating("left")?
            .dating("ramped")?,
        kind("vacancy", &["person", "territory"], &[])?.dating("filled")?,
        kind("report", &["person"], &[])?
            .noting("report", &[])?
            .dating("submitted")?,
        kind("training_duty", &["person"], &[])?.dating("done")?,
        kind("rating", &["person", "customer"], &["score"])?
            .playing("rated_by", "person")?
            .noting("item", &[])?,
        kind("plan_change", &["person"], &[])?,
        kind("clearance", &["person"], &[])?
            .noting("item", &[])?
            .dating("done")?,
    ])
}

fn service() -> Result<Vec<RecordKind>, LedgerError> {
    let of = ["person", "customer"];
    Ok(vec![
        kind("workflow_event", &of, &[])?
            .timed()
            .noting("instance", &[])?
            .noting("step", &[])?
            .noting(
                "event",
                &["opened", "assigned", "started", "completed", "closed"],
            )?,
        kind("task", &of, &[])?
            .noting("responsible", &[])?
            .noting("review", &["accepted", "rework"])?
            .planning("due")?
            .dating("done")?,
        kind("request", &of, &[])?
            .planning("due")?
            .dating("answered")?,
        kind(
            "complaint",
            &["person", "customer", "dealer", "product"],
            &["amount"],
        )?
        .noting("cause", &[])?
        .dating("noticed")?
        .planning("due")?
        .dating("answered")?
        .dating("closed")?,
        kind("survey", &["person", "customer", "territory"], &["score"])?
            .noting("aware", &YES_NO)?
            .noting("opinion", &["good", "neutral", "bad"])?,
    ])
}

fn kind(key: &str, of: &[&str], measures: &[&str]) -> Result<RecordKind, LedgerError> {
    let mut kind = RecordKind::new(key)?;
    for dimension in of {
        kind = kind.of(dimension)?;
    }
    for measure in measures {
        kind = kind.measuring(measure, Need::Optional)?;
    }
    Ok(kind)
}

/// A kind whose records are open until they are settled by others: invoices, and payments until they are applied.
fn opening(key: &str, of: &[&str]) -> Result<RecordKind, LedgerError> {
    kind(key, of, &[])?
        .measuring("amount", Need::Required)?
        .opening("amount")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::DayRange;
    use crate::ledger::{Ledger, Record, Schema};
    use crate::space::{DimensionDef, Space};

    #[test]
    fn each_kind_requires_whom_it_is_about() {
        for (kind, wanted) in [
            ("report", &["person"][..]),
            ("appointment", &["person"]),
            ("outlet_listing", &["outlet"]),
            ("outlet_audit", &["outlet"]),
            ("visit", &["person"]),
            ("lead", &[]),
        ] {
            assert_eq!(required(kind), wanted, "{kind}");
        }
    }

    #[test]
    fn a_strict_kind_refuses_records_without_those_whom_it_requires() {
        let day = |text: &str| text.parse().unwrap();
        let dimensions = DIMENSIONS.map(|key| DimensionDef::flat(key, key, ["one"]).unwrap());
        let schema = Schema::new(
            Space::new(dimensions.to_vec()).unwrap(),
            measures(Currency::new("EUR").unwrap()).unwrap(),
            strict_kinds().unwrap(),
            DayRange::new(day("2026-01-01"), day("2027-01-01")).unwrap(),
        )
        .unwrap();
        for kind in strict_kinds().unwrap() {
            let key = kind.key.as_str();
            let mut whole = Record::new(key, day("2026-03-02"));
            if kind.timing == crate::ledger::Timing::Instant {
                continue;
            }
            for field in required(key) {
                whole = whole.of(*field, "one");
            }
            for field in kind
                .measures
                .iter()
                .filter(|field| field.need == Need::Required)
            {
                whole = whole.amount(field.measure.as_str(), rust_decimal::Decimal::ONE);
            }
            for left_out in required(key) {
                let mut record = whole.clone();
                record
                    .members
                    .retain(|field, _| field.as_str() != *left_out);
                let refused = Ledger::new("crm", schema.clone()).unwrap().enter(&[record]);
                let text = refused.unwrap_err().to_string();
                assert!(text.contains(left_out), "{key}: {text}");
            }
            let entered = Ledger::new("crm", schema.clone()).unwrap().enter(&[whole]);
            assert_eq!(entered.unwrap().added, 1, "{key}");
        }
    }
}
