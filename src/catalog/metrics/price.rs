//! Prices: inside floor and ceiling, by tier; inversion between tiers; realisation and depth of discount.

use super::family;
use super::terms::{Made, rest, share, sum, with};
use crate::metric::{Filter, Formula, MetricError, Relation, Selection, Valued};

fn observed(whose: &[&str]) -> Result<Selection, MetricError> {
    Ok(Selection::of("price_observation")?.only(Filter::attribute("whose", whose)?))
}

/// Our own prices and those at which our dealers sell.
fn ours() -> Result<Selection, MetricError> {
    observed(&["own", "dealer"])
}

fn broken() -> Result<Filter, MetricError> {
    Ok(Filter::Any(vec![
        Filter::compared("price", Relation::Below, "floor")?,
        Filter::compared("price", Relation::Above, "ceiling")?,
    ]))
}

/// Those that have a bound to keep.
fn bounded(of: Selection) -> Result<Selection, MetricError> {
    Ok(of.only(Filter::Any(vec![
        Filter::has("floor")?,
        Filter::has("ceiling")?,
    ])))
}

/// The share of what has a bound that keeps it.
fn kept(of: Selection) -> Made {
    Ok(rest(
        Formula::Count(of.clone().only(broken()?)),
        Formula::Count(bounded(of)?),
    ))
}

fn tier(tier: &str) -> Result<Selection, MetricError> {
    ours()?.with("tier", tier)
}

fn lowest(of: Selection) -> Made {
    Ok(Formula::Minimum(Valued::measure("price", of)?))
}

fn highest(of: Selection) -> Made {
    Ok(Formula::Maximum(Valued::measure("price", of)?))
}

fn mean(of: Selection) -> Made {
    Ok(Formula::Mean(Valued::measure("price", of)?))
}

fn line(measure: &str) -> Made {
    Formula::sum(measure, "order_line")
}

family! { "price";
    /// Prices seen, ours and our dealers', below the floor or above the ceiling of their tier.
    price_violations: "count:price_observation", Smaller, "";
    Formula::Count(ours()?.only(broken()?));
    "2026-03-02 price_observation whose=dealer tier=retail price=8 floor=10 ceiling=15",
    "2026-03-02 price_observation whose=own tier=retail price=12 floor=10 ceiling=15",
    "2026-03-02 price_observation whose=competitor tier=retail price=5 floor=10" => "1"

    /// The share of the prices seen, ours and our dealers', that keep floor and ceiling, of those that have one.
    price_compliance: "share", Larger, "";
    kept(ours()?)?;
    "2026-03-02 price_observation whose=dealer price=8 floor=10 ceiling=15",
    "3 x 2026-03-02 price_observation whose=own price=12 floor=10 ceiling=15",
    "2026-03-02 price_observation whose=own price=1" => "0.75"

    /// The share of wholesale prices seen that keep floor and ceiling.
    price_compliance_wholesale: "share", Larger, "by tier";
    kept(tier("wholesale")?)?;
    "2026-03-02 price_observation whose=own tier=wholesale price=8 floor=8",
    "2026-03-02 price_observation whose=own tier=retail price=8 floor=10" => "1"

    /// The share of second-tier prices seen that keep floor and ceiling.
    price_compliance_second_tier: "share", Larger, "by tier";
    kept(tier("second_tier")?)?;
    "2026-03-02 price_observation whose=dealer tier=second_tier price=9 floor=8",
    "2026-03-02 price_observation whose=dealer tier=second_tier price=7 floor=8" => "0.5"

    /// The share of retail prices seen that keep floor and ceiling.
    price_compliance_retail: "share", Larger, "by tier";
    kept(tier("retail")?)?;
    "2026-03-02 price_observation whose=dealer tier=retail price=16 ceiling=15" => "0"

    /// The share of our own prices that are the list price, of those that have one.
    list_price_compliance: "share", Larger, "price = list";
    share(
        Formula::Count(observed(&["own"])?.only(Filter::compared("price", Relation::Equal, "list_price")?)),
        Formula::Count(observed(&["own"])?.only(Filter::has("list_price")?)),
    );
    "2026-03-02 price_observation whose=own price=10 list_price=10",
    "2026-03-02 price_observation whose=own price=9.50 list_price=10" => "0.5"

    /// The lowest price of the second tier less the highest at wholesale, of the subject: below zero is price inversion
    /// (价格倒挂): a lower tier trades below what the tier above paid. By product, where products are the subjects.
    second_tier_spread: "money", Larger, "";
    lowest(tier("second_tier")?)?.less(highest(tier("wholesale")?)?);
    "2026-03-02 price_observation whose=own tier=wholesale price=9",
    "2026-03-02 price_observation whose=dealer tier=second_tier price=10",
    "2026-03-03 price_observation whose=dealer tier=second_tier price=8" => "-1"

    /// The lowest retail price less the highest of the second tier, of the subject: below zero is price inversion.
    retail_tier_spread: "money", Larger, "";
    lowest(tier("retail")?)?.less(highest(tier("second_tier")?)?);
    "2026-03-02 price_observation whose=dealer tier=second_tier price=10",
    "2026-03-03 price_observation whose=dealer tier=retail price=12" => "2"

    /// Our mean retail price as a share of the competitors' mean retail price.
    price_against_competitors: "share", Neutral, "";
    share(
        mean(tier("retail")?)?,
        mean(with("price_observation", "tier", "retail")?.with("whose", "competitor")?)?,
    );
    "2026-03-02 price_observation whose=own tier=retail price=11",
    "2026-03-02 price_observation whose=competitor tier=retail price=10" => "1.1"

    /// Sales as a share of their value at list prices, of the lines that have one.
    price_realisation: "share", Larger, "sales / value at list";
    share(sum("sales", Selection::of("order_line")?.only(Filter::has("list_value")?))?, line("list_value")?);
    "2026-03-02 order_line sales=90 list_value=100",
    "2026-03-02 order_line sales=70" => "0.9"

    /// Discount off the value at list prices, as a share of it.
    discount_depth: "share", Smaller, "1 - sales / value at list";
    rest(sum("sales", Selection::of("order_line")?.only(Filter::has("list_value")?))?, line("list_value")?);
    "2026-03-02 order_line sales=90 list_value=100",
    "2026-03-02 order_line sales=160 list_value=200" => "1/6"

    /// The share of the order lines that sold below list.
    discounted_lines: "share", Smaller, "lines below list / lines with a list value";
    share(
        Formula::Count(Selection::of("order_line")?.only(Filter::compared("sales", Relation::Below, "list_value")?)),
        Formula::Count(Selection::of("order_line")?.only(Filter::has("list_value")?)),
    );
    "2026-03-02 order_line sales=90 list_value=100",
    "2026-03-02 order_line sales=200 list_value=200" => "0.5"
}
