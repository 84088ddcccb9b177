//! The figures that the ready rules read and that are folded from records, with the kinds of records behind them.
//!
//! | kind of record | it names | amounts | texts | dates |
//! |---|---|---|---|---|
//! | `order` | `person`, `dealer` | `sales`, `list_value` (the same at list prices), `cost_of_sales` | | |
//! | `invoice` | `person`, `dealer` | `amount` | | `due`, `settled` |
//! | `payment` | `person`, `dealer` | `amount` | | |
//! | `credit_limit` | `dealer` | `limit` | | |
//! | `visit` | `person`, `dealer` | `cost` | | |
//! | `expense` | `person` | `expense` | | |
//! | `price_observation` | `person`, `dealer` | `price`, `floor`, `ceiling`, `bought_at` (what the dealer paid) | | |
//! | `rebate` | `person`, `dealer` | `rebate_earned`, `rebate_confirmed` (by the dealer), `rebate_used` | | |
//! | `wallet` | `dealer` | `all_purchases` (from everybody) | | |
//! | `sell_out` | `dealer` | `sales` | | |
//! | `stock` | `dealer` | `stock_value`, at the dealer's purchase prices | `position` (a product at the dealer, or the dealer) | |
//! | `goods_return` | `person`, `dealer` | `sales` | | |
//! | `sighting` (goods seen) | `person` (who saw it), `dealer` (whose it was) | | `lot`, `place`: `own`, `elsewhere` | |
//! | `complaint` (or another problem) | `person`, `dealer` | | `cause` | `noticed`, `closed` |
//! | `task` | `person` | | `responsible` | `due`, `done` |
//! | `plan_change`, `market_observation`, `training` | `person` | | | |
//! | `market_report` | `person` | `market_sales` | | |
//! | `employment` (the day of joining) | `person` | | | `left` |
//! | `vacancy` (the day since which it is open) | `person`: the empty seat | | | `filled` |
//! | `clearance` (goods, money or papers to hand over) | `person` | | | `done` |
//!
//! All amounts are money of one currency. What a company does not record makes figures that [`fitting`] leaves out.
//!
//! They are of the kinds of [`records`](super::super::records), which the [ready metrics](super::super::metrics) read too, with
//! dealers as the customers. Figures over three periods end in
//! `_quarter`, that over twelve in `_year`.

use crate::key::Key;
use crate::measure::Direction;
use crate::metric::{
    Age, Concentration, Condition, Empty, Entities, Entity, Formula, Frame, MetricDef, MetricError,
    Plan, Relation, SameDay, Scope, Selection, Value, Valued, Window,
};
use crate::quantity::Ratio;

type Made = Result<Formula, MetricError>;

/// Returns all definitions, each complete in itself.
///
/// # Errors
/// None with the names as shipped.
pub fn all() -> Result<Vec<MetricDef>, MetricError> {
    let mut all = Vec::new();
    money(&mut all)?;
    dealers(&mut all)?;
    people(&mut all)?;
    customers(&mut all)?;
    Ok(all)
}

/// Returns the definitions that records of this frame's schema can fill, and why the others cannot.
///
/// # Errors
/// As [`all`].
pub fn fitting(frame: &Frame) -> Result<(Vec<MetricDef>, Vec<MetricError>), MetricError> {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    for def in all()? {
        match Plan::compile(std::slice::from_ref(&def), frame) {
            Ok(_) => kept.push(def),
            Err(error) => left_out.push(error),
        }
    }
    Ok((kept, left_out))
}

/// Titles a figure and says which way is good.
fn add(
    to: &mut Vec<MetricDef>,
    key: &str,
    title: &str,
    direction: Direction,
    formula: Formula,
) -> Result<(), MetricError> {
    let mut def = MetricDef::new(key, formula)?.better(direction);
    def.title = Some(title.to_owned());
    to.push(def);
    Ok(())
}

/// Gives the last figure a unit of its own.
fn counted(to: &mut [MetricDef], unit: crate::measure::Unit) {
    if let Some(last) = to.last_mut() {
        last.unit = Some(unit);
    }
}

fn money(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    use Direction::{Larger, Neutral, Smaller};
    let sold = |measure| sum(measure, Selection::of("order")?);
    add(to, "sales", "sales", Larger, sold("sales")?)?;
    let listed = |measure| sum(measure, has(Selection::of("order")?, &["list_value"])?);
    add(
        to,
        "discount_depth",
        "what orders are below list prices, as a share of these",
        Smaller,
        less(listed("list_value")?, listed("sales")?).per(listed("list_value")?),
    )?;
    let costed = |measure| sum(measure, has(Selection::of("order")?, &["cost_of_sales"])?);
    add(
        to,
        "margin_rate",
        "sales less cost, as a share of sales",
        Larger,
        less(costed("sales")?, costed("cost_of_sales")?).per(costed("sales")?),
    )?;
    add(
        to,
        "period_end_share",
        "the share of sales in the last five days",
        Neutral,
        sum(
            "sales",
            Selection::of("order")?.in_window(Window::TrailingDays(5)),
        )?
        .per(sold("sales")?),
    )?;
    add(
        to,
        "collections",
        "money collected",
        Larger,
        Formula::sum("amount", "payment")?,
    )?;
    add(
        to,
        "receivables",
        "invoices that are not settled",
        Smaller,
        open_invoices(None)?,
    )?;
    add(
        to,
        "overdue",
        "receivables past their due day",
        Smaller,
        open_invoices(Some(1))?,
    )?;
    add(
        to,
        "overdue_over_90",
        "receivables more than 90 days past their due day",
        Smaller,
        open_invoices(Some(91))?,
    )?;
    add(
        to,
        "overdue_share",
        "overdue, as a share of receivables",
        Smaller,
        open_invoices(Some(1))?.per(open_invoices(None)?),
    )?;
    add(
        to,
        "credit_limit",
        "the credit limit that holds",
        Neutral,
        last("limit", "credit_limit")?,
    )?;
    let spent = || Formula::sum("expense", "expense");
    add(to, "expense", "selling expense", Smaller, spent()?)?;
    add(
        to,
        "expense_ratio",
        "selling expense, as a share of sales",
        Smaller,
        spent()?.per(sold("sales")?),
    )
}

fn dealers(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    use Direction::{Larger, Neutral, Smaller};
    let quarter =
        |kind: &str| Ok::<_, MetricError>(Selection::of(kind)?.in_window(Window::Trailing(3)));
    add(
        to,
        "days_since_order",
        "days since the last order",
        Smaller,
        Formula::Since(Selection::of("order")?),
    )?;
    let gap = Value::Gap {
        entity: None,
        same_day: SameDay::Once,
    };
    let so_far = Selection::of("order")?.in_window(Window::AsOf);
    add(
        to,
        "order_interval",
        "the mean days from one order to the next, so far",
        Smaller,
        Formula::Mean(Valued::new(gap, so_far)),
    )?;
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
        add(to, key, title, Smaller, share)?;
    }
    add(
        to,
        "price_inversions",
        "prices seen at which the tier below pays less than the dealer paid",
        Smaller,
        beyond("bought_at", Relation::Below)?,
    )?;
    let resold = |measure| sum(measure, seen("bought_at")?);
    add(
        to,
        "resale_margin_rate",
        "what the dealer adds to the purchase price, as a share of the resale price",
        Larger,
        less(resold("price")?, resold("bought_at")?).per(resold("price")?),
    )?;
    add(
        to,
        "rebate_use_quarter",
        "rebates used, as a share of those granted, over three periods",
        Larger,
        sum("rebate_used", quarter("rebate")?)?.per(sum("rebate_earned", quarter("rebate")?)?),
    )?;
    let confirmed = |measure| sum(measure, has(quarter("rebate")?, &["rebate_confirmed"])?);
    add(
        to,
        "rebate_gap",
        "rebates granted that the dealer says not to have got, as a share, over three periods",
        Smaller,
        less(confirmed("rebate_earned")?, confirmed("rebate_confirmed")?)
            .per(confirmed("rebate_earned")?),
    )?;
    add(
        to,
        "share_of_wallet_quarter",
        "our share of what the dealer buys, over three periods",
        Larger,
        sum("sales", quarter("order")?)?.per(sum("all_purchases", quarter("wallet")?)?),
    )?;
    add(
        to,
        "sell_out",
        "what the dealer sold on",
        Larger,
        Formula::sum("sales", "sell_out")?,
    )?;
    add(
        to,
        "sell_in_to_sell_out",
        "what came in for each unit sold on, over three periods",
        Neutral,
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
        Neutral,
        cover,
    )?;
    counted(to, crate::measure::Unit::Day);
    add(
        to,
        "return_rate_quarter",
        "returns, as a share of sales, over three periods",
        Smaller,
        sum("sales", quarter("goods_return")?)?.per(sum("sales", quarter("order")?)?),
    )?;
    // A dealer's panel asks whose goods were seen elsewhere, a team's panel who saw goods of others.
    let strays = || -> Made {
        let elsewhere = quarter("sighting")?.with("place", "elsewhere")?;
        Ok(Formula::Distinct(Entities::values("lot", elsewhere)?))
    };
    add(
        to,
        "goods_elsewhere",
        "lots of the dealer that were seen in other territories, over three periods",
        Smaller,
        strays()?,
    )?;
    add(
        to,
        "foreign_goods",
        "lots of dealers of other territories that were seen here, over three periods",
        Smaller,
        strays()?,
    )
}

fn people(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    use Direction::{Larger, Smaller};
    let visits = || Formula::count("visit");
    add(to, "visits", "visits", Larger, visits()?)?;
    let a_day = Formula::Ratio {
        of: Box::new(visits()?),
        to: Box::new(Formula::Days),
        scale: Ratio::new(7, 5)?,
    };
    add(
        to,
        "visits_per_weekday",
        "visits a weekday: five of seven days",
        Larger,
        a_day,
    )?;
    add(
        to,
        "orders_per_100_visits",
        "orders from a hundred visits",
        Larger,
        Formula::count("order")?.per_100(visits()?),
    )?;
    add(
        to,
        "cost_per_visit",
        "cost of a visit",
        Smaller,
        Formula::sum("cost", "visit")?.per(visits()?),
    )?;
    let gap = Value::Gap {
        entity: None,
        same_day: SameDay::Once,
    };
    add(
        to,
        "longest_gap",
        "the most days between visits that end in the period",
        Smaller,
        Formula::Maximum(Valued::new(gap, Selection::of("visit")?)),
    )?;
    for (key, title, kinds) in [
        (
            "days_since_record",
            "days since the last visit, order or expense",
            &["visit", "order", "expense"][..],
        ),
        (
            "days_since_market_report",
            "days since the last report of the market",
            &["market_observation"],
        ),
        ("days_on_duty", "days since joining", &["employment"]),
    ] {
        add(
            to,
            key,
            title,
            Smaller,
            Formula::Since(Selection::of_any(kinds)?),
        )?;
    }
    let leaving = || Selection::of("employment")?.by_date("left");
    add(
        to,
        "days_since_leaving",
        "days since leaving; nothing recorded of who is here",
        Smaller,
        Formula::Since(leaving()?),
    )?;
    let left = Formula::Count(leaving()?.in_window(Window::Trailing(12)));
    add(
        to,
        "staff_turnover_year",
        "those who left within twelve periods, for each one who is here",
        Smaller,
        left.per(open("employment", "left", None)?),
    )?;
    counted(to, crate::measure::Unit::Share);
    for (key, title, kind, until, age) in [
        (
            "positions_open_long",
            "positions open for more than 60 days",
            "vacancy",
            "filled",
            Some(("day", 61)),
        ),
        (
            "problems_open_long",
            "problems open for more than 30 days",
            "complaint",
            "closed",
            Some(("day", 31)),
        ),
        (
            "tasks_overdue",
            "open tasks past their deadline",
            "task",
            "done",
            Some(("due", 1)),
        ),
        (
            "clearances_open",
            "what is to be handed over and is not",
            "clearance",
            "done",
            None,
        ),
    ] {
        add(to, key, title, Smaller, open(kind, until, age)?)?;
    }
    let unowned = Condition::Not(Box::new(Condition::All(vec![
        Condition::Has(Key::new("responsible")?),
        Condition::Has(Key::new("due")?),
    ])));
    add(
        to,
        "tasks_unowned",
        "open tasks without somebody responsible or without a deadline",
        Smaller,
        opened(Selection::of("task")?.only(unowned), None, "done", None)?,
    )?;
    let ever = |kind: &str| Ok::<_, MetricError>(Selection::of(kind)?.in_window(Window::AsOf));
    add(
        to,
        "trainings",
        "trainings so far",
        Larger,
        Formula::Count(ever("training")?),
    )?;
    add(
        to,
        "trainings_held",
        "trainings in the period",
        Larger,
        Formula::count("training")?,
    )?;
    let quarter =
        |kind: &str| Ok::<_, MetricError>(Selection::of(kind)?.in_window(Window::Trailing(3)));
    add(
        to,
        "plan_changes",
        "changes of the plan within three periods",
        Smaller,
        Formula::Count(quarter("plan_change")?),
    )?;
    let noticed = Selection::of("complaint")?.by_date("noticed")?;
    add(
        to,
        "days_to_notice",
        "the mean days from the first sign of a problem to its notice",
        Smaller,
        Formula::Mean(Valued::days("day", "noticed", noticed)?),
    )?;
    let known = || has(quarter("complaint")?, &["cause"]);
    add(
        to,
        "repeated_problems",
        "problems whose cause was there before within three periods",
        Smaller,
        less(
            Formula::Count(known()?),
            Formula::Distinct(Entities::values("cause", known()?)?),
        ),
    )
}

fn customers(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    use Direction::{Larger, Neutral, Smaller};
    let orders = || Selection::of("order");
    let active =
        |of: Selection| -> Made { Ok(Formula::Distinct(Entities::members("dealer", of)?)) };
    let silent = |periods, scope| -> Made {
        let all = active(orders()?.in_window(Window::AsOf))?;
        Ok(Formula::Dormant {
            entity: dealer()?,
            of: orders()?,
            periods,
            scope,
        }
        .per(all))
    };
    add(
        to,
        "active_customers",
        "customers who ordered",
        Larger,
        active(orders()?)?,
    )?;
    add(
        to,
        "new_customers",
        "customers with their first order",
        Larger,
        Formula::New(Entities::members("dealer", orders()?)?),
    )?;
    add(
        to,
        "reactivated_customers",
        "customers who order again after three periods without",
        Larger,
        Formula::Reactivated {
            entity: dealer()?,
            of: orders()?,
            after: 3,
            scope: Scope::Overall,
        },
    )?;
    add(
        to,
        "dormant_share",
        "customers without an order for three periods, as a share of all so far",
        Smaller,
        silent(3, Scope::Subject)?,
    )?;
    add(
        to,
        "silent_share",
        "customers last served here who order from nobody for two periods, as a share of all so far",
        Smaller,
        silent(2, Scope::Overall)?,
    )?;
    add(
        to,
        "top_customers_share",
        "the three largest customers' share of sales, over three periods",
        Neutral,
        Formula::Concentration {
            value: Some(Value::Measure(Key::new("sales")?)),
            entity: dealer()?,
            of: orders()?.in_window(Window::Trailing(3)),
            figure: Concentration::Top(3),
        },
    )?;
    add(
        to,
        "market_share",
        "sales, as a share of the market",
        Larger,
        sum("sales", orders()?)?.per(market()?),
    )
}

/// What the market bought; without a report nobody knows.
fn market() -> Made {
    let sold = Valued::measure("market_sales", Selection::of("market_report")?)?;
    Ok(Formula::Sum(sold.when_empty(Empty::NothingRecorded)))
}

fn dealer() -> Result<Entity, MetricError> {
    Ok(Entity::Member {
        dimension: Key::new("dealer")?,
        level: None,
    })
}

fn sum(measure: &str, of: Selection) -> Made {
    Ok(Formula::Sum(Valued::measure(measure, of)?))
}

fn less(of: Formula, minus: Formula) -> Formula {
    Formula::Difference {
        of: Box::new(of),
        minus: Box::new(minus),
    }
}

fn has(mut of: Selection, fields: &[&str]) -> Result<Selection, MetricError> {
    for field in fields {
        of = of.only(Condition::Has(Key::new(field)?));
    }
    Ok(of)
}

fn compared(of: Selection, is: Relation, to: &str) -> Result<Selection, MetricError> {
    Ok(of.only(Condition::Compared {
        of: Key::new("price")?,
        is,
        to: Key::new(to)?,
    }))
}

fn last(measure: &str, kind: &str) -> Made {
    Ok(Formula::Last {
        value: Value::Measure(Key::new(measure)?),
        entity: dealer()?,
        of: Selection::of(kind)?,
    })
}

/// The latest value of each position.
fn stock() -> Made {
    Ok(Formula::Last {
        value: Value::Measure(Key::new("stock_value")?),
        entity: Entity::Attribute(Key::new("position")?),
        of: Selection::of("stock")?,
    })
}

fn open_invoices(days_late: Option<i32>) -> Made {
    let value = Value::Measure(Key::new("amount")?);
    let age = days_late.map(|days| ("due", days));
    opened(Selection::of("invoice")?, Some(value), "settled", age)
}

fn open(kind: &str, until: &str, age: Option<(&str, i32)>) -> Made {
    opened(Selection::of(kind)?, None, until, age)
}

fn opened(of: Selection, value: Option<Value>, until: &str, age: Option<(&str, i32)>) -> Made {
    let age = age
        .map(|(since, days)| Age::since(since, Some(days), None))
        .transpose()?;
    Ok(Formula::Open {
        value,
        of,
        until: Key::new(until)?,
        age,
    })
}
