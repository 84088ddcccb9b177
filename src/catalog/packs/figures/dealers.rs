//! Orders, prices, rebates, stock and goods of dealers.

use super::{add, counted, has, less, sum};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::metric::{
    Entities, Entity, Filter, Formula, MetricDef, MetricError, Relation, SameDay, Selection,
    Timeframe, Value, Valued,
};
use crate::quantity::Ratio;

type Made = Result<Formula, MetricError>;

/// The records of a kind within three periods.
fn quarter(kind: &str) -> Result<Selection, MetricError> {
    Ok(Selection::of(kind)?.in_window(Timeframe::Trailing(3)))
}

pub(super) fn add_to(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    orders(to)?;
    prices(to)?;
    rebates(to)?;
    stocks(to)?;
    strays(to)
}

/// How long ago and how often a dealer ordered.
fn orders(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    add(
        to,
        "days_since_order",
        "days since the last order",
        Direction::Smaller,
        Formula::Since(Selection::of("order")?),
    )?;
    add(
        to,
        "orders_so_far",
        "orders so far",
        Direction::Larger,
        Formula::Count(Selection::of("order")?.in_window(Timeframe::AsOf)),
    )?;
    let gap = Value::Gap {
        entity: None,
        same_day: SameDay::Once,
    };
    let so_far = Selection::of("order")?.in_window(Timeframe::AsOf);
    add(
        to,
        "order_interval",
        "the mean days from one order to the next, so far",
        Direction::Smaller,
        Formula::Mean(Valued::new(gap, so_far)),
    )
}

/// Prices seen in the market beside those that were agreed.
fn prices(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    let seen = |field: &str| has(Selection::of("price_observation")?, &[field]);
    let beyond =
        |field: &str, is| -> Made { Ok(Formula::Count(compared(seen(field)?, is, field)?)) };
    for (key, title, field, is) in [
        (
            "resale_below_floor",
            "the share of prices seen that were below the floor",
            "floor",
            Relation::Below,
        ),
        (
            "resale_above_ceiling",
            "the share of prices seen that were above the ceiling",
            "ceiling",
            Relation::Above,
        ),
    ] {
        let share = beyond(field, is)?.per(Formula::Count(seen(field)?));
        add(to, key, title, Direction::Smaller, share)?;
    }
    add(
        to,
        "price_inversions",
        "prices seen at which the tier below pays less than the dealer paid",
        Direction::Smaller,
        beyond("bought_at", Relation::Below)?,
    )?;
    let resold = |measure| sum(measure, seen("bought_at")?);
    add(
        to,
        "resale_margin_rate",
        "the dealer's gross margin on resale",
        Direction::Larger,
        less(resold("price")?, resold("bought_at")?).per(resold("price")?),
    )
}

/// Rebates granted, confirmed and used.
fn rebates(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    add(
        to,
        "rebate_use_quarter",
        "rebates used, as a share of those granted, over three periods",
        Direction::Larger,
        sum("rebate_used", quarter("rebate")?)?.per(sum("rebate_earned", quarter("rebate")?)?),
    )?;
    let confirmed = |measure| sum(measure, has(quarter("rebate")?, &["rebate_confirmed"])?);
    add(
        to,
        "rebate_unconfirmed_share",
        "rebates granted but not confirmed by the dealer, share, three periods",
        Direction::Smaller,
        less(confirmed("rebate_earned")?, confirmed("rebate_confirmed")?)
            .per(confirmed("rebate_earned")?),
    )
}

/// What the dealer buys, sells on, keeps and sends back.
fn stocks(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    add(
        to,
        "share_of_wallet_quarter",
        "our share of what the dealer buys, over three periods",
        Direction::Larger,
        sum("sales", quarter("order")?)?.per(sum("all_purchases", quarter("wallet")?)?),
    )?;
    add(
        to,
        "sell_out",
        "what the dealer sold on",
        Direction::Larger,
        Formula::sum("sales", "sell_out")?,
    )?;
    add(
        to,
        "sell_in_to_sell_out",
        "sell-in as a share of sell-out, by value, three periods",
        Direction::Neutral,
        sum("sales", quarter("order")?)?.per(sum("sales", quarter("sell_out")?)?),
    )?;
    let cover = Formula::Ratio {
        of: Box::new(stock()?),
        to: Box::new(sum("sales", quarter("sell_out")?)?),
        scale: Ratio::from(91),
    };
    add(
        to,
        "stock_cover_quarter",
        "the days that the stock lasts at the sell-out of three months",
        Direction::Neutral,
        cover,
    )?;
    counted(to, Unit::Day);
    add(
        to,
        "return_rate_quarter",
        "returns, as a share of sales, over three periods",
        Direction::Smaller,
        sum("sales", quarter("goods_return")?)?.per(sum("sales", quarter("order")?)?),
    )
}

/// Goods seen in territories that are not theirs.
fn strays(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    // A dealer's panel asks whose goods were seen elsewhere, a team's panel who saw goods of others.
    let strays = || -> Made {
        let elsewhere = quarter("sighting")?.with("place", "elsewhere")?;
        Ok(Formula::Distinct(Entities::values("lot", elsewhere)?))
    };
    add(
        to,
        "lots_diverted_out",
        "lots of the dealer that were seen in other territories, over three periods",
        Direction::Smaller,
        strays()?,
    )?;
    add(
        to,
        "lots_diverted_in",
        "lots of dealers of other territories that were seen here, over three periods",
        Direction::Smaller,
        strays()?,
    )
}

fn compared(of: Selection, is: Relation, to: &str) -> Result<Selection, MetricError> {
    Ok(of.only(Filter::Compared {
        of: Key::new("price")?,
        is,
        to: Key::new(to)?,
    }))
}

/// The latest value of each position.
fn stock() -> Made {
    Ok(Formula::Last {
        value: Value::Measure(Key::new("stock_value")?),
        entity: Entity::Attribute(Key::new("position")?),
        of: Selection::of("stock")?,
    })
}
