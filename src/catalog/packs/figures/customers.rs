//! Customers and the share of the market.

use super::{add, dealer, sum};
use crate::key::Key;
use crate::measure::Direction;
use crate::metric::{
    Concentration, Empty, Entities, Formula, MetricDef, MetricError, SeenBy, Selection, Timeframe,
    Value, Valued,
};

type Made = Result<Formula, MetricError>;

pub(super) fn add_to(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    use Direction::{Larger, Neutral, Smaller};
    let orders = || Selection::of("order");
    let active =
        |of: Selection| -> Made { Ok(Formula::Distinct(Entities::members("dealer", of)?)) };
    let silent = |periods, scope| -> Made {
        let all = active(orders()?.in_window(Timeframe::AsOf))?;
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
            scope: SeenBy::Overall,
        },
    )?;
    add(
        to,
        "dormant_customer_share",
        "dormant customers (no order for three periods), share of all",
        Smaller,
        silent(3, SeenBy::Subject)?,
    )?;
    add(
        to,
        "lapsed_customer_share",
        "customers whose last order was here and who have not ordered for two periods, share of all",
        Smaller,
        silent(2, SeenBy::Overall)?,
    )?;
    add(
        to,
        "top_customers_share",
        "sales share of the three largest customers, three periods",
        Neutral,
        Formula::Concentration {
            value: Some(Value::Measure(Key::new("sales")?)),
            entity: dealer()?,
            of: orders()?.in_window(Timeframe::Trailing(3)),
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
