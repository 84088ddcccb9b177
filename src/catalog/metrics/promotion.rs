//! Promotions: what dealers received, gave away, sold against the terms, and keep.
//!
//! The terms themselves and the comparison of territories are in [`channel::Promotion`](crate::channel::Promotion).

use super::family;
use super::terms::{Made, of, share, sum};
use crate::metric::{Filter, Formula, MetricError, Relation, Selection, Timeframe};

fn ever(measure: &str) -> Made {
    sum(
        measure,
        of("promotion_execution")?.in_window(Timeframe::AsOf),
    )
}

fn given() -> Made {
    Formula::sum("sets_given", "promotion_execution")
}

fn received() -> Made {
    Formula::sum("sets_received", "promotion_execution")
}

fn priced(is: Relation) -> Result<Selection, MetricError> {
    Ok(of("promotion_execution")?.only(Filter::compared("price", is, "allowed_price")?))
}

family! { "promotion";
    /// Sets that dealers received.
    promotion_sets: "count:set", Neutral, "";
    received()?;
    "2026-03-02 promotion_execution dealer=d1 sets_received=500" => "500"

    /// Sets given away as a share of those received.
    promotion_execution_rate: "share", Larger, "";
    share(given()?, received()?);
    "2026-03-02 promotion_execution dealer=d1 sets_received=500",
    "2026-03-20 promotion_execution dealer=d1 sets_given=100" => "0.2"

    /// Sets that pile up: received to date and neither given away nor sold.
    promotion_stock: "count:set", Smaller, "";
    ever("sets_received")?.less(ever("sets_given")?).less(ever("sets_sold")?);
    "2026-02-02 promotion_execution dealer=d1 sets_received=500",
    "2026-03-20 promotion_execution dealer=d1 sets_sold=100 price=200 allowed_price=0" => "400"

    /// Records of sets sold above the price that the terms allow, which is zero for a gift.
    promotion_price_violations: "count:promotion_execution", Smaller, "";
    Formula::Count(priced(Relation::Above)?);
    "2026-03-20 promotion_execution dealer=d1 sets_sold=100 price=200 allowed_price=0",
    "2026-03-20 promotion_execution dealer=d2 sets_given=100 price=0 allowed_price=0" => "1"

    /// The share of the records with a price that keep the terms.
    promotion_price_compliance: "share", Larger, "";
    share(
        Formula::Count(priced(Relation::AtMost)?),
        Formula::Count(of("promotion_execution")?.only(Filter::has("price")?).only(Filter::has("allowed_price")?)),
    );
    "2026-03-20 promotion_execution dealer=d1 price=200 allowed_price=0",
    "2026-03-20 promotion_execution dealer=d2 price=0 allowed_price=0" => "0.5"

    /// Fees paid as a share of the fees due.
    promotion_fee_rate: "share", Larger, "";
    share(Formula::sum("fee", "promotion_execution")?, Formula::sum("fee_due", "promotion_execution")?);
    "2026-03-02 promotion_execution dealer=d1 fee=50 fee_due=100" => "0.5"
}
