//! Customers: active, new, lost, dormant, back again; their value and rhythm; how well they are known.

use super::family;
use super::terms::{Made, costed, distinct, lost, member, of, open, share, sum};
use crate::metric::{
    Age, Entities, Filter, Formula, QuantileMethod, SameDay, SeenBy, Value, Valued,
};
use crate::quantity::Ratio;

fn buyers() -> Made {
    distinct("customer", of("order")?)
}

fn previous() -> Made {
    Ok(Formula::Previous {
        entity: member("customer")?,
        of: of("order")?,
        scope: SeenBy::Overall,
    })
}

fn retained() -> Made {
    Ok(Formula::Retained {
        entity: member("customer")?,
        of: of("order")?,
        scope: SeenBy::Overall,
    })
}

fn interval() -> Result<Value, crate::metric::MetricError> {
    Ok(Value::Gap {
        entity: Some(member("customer")?),
        same_day: SameDay::Once,
    })
}

fn verified(within: Option<i32>) -> Made {
    open(
        None,
        of("account")?,
        "closed",
        Some(Age::since("verified", Some(0), within)?),
    )
}

family! { "customers";
    /// Customers that ordered in the period.
    active_customers: "count:customer", Larger, "distinct customers with an order";
    buyers()?;
    "2 x 2026-03-02 order customer=c1",
    "2026-03-05 order customer=c2" => "2"

    /// Customers whose first order ever lies in the period, credited to whose record that was.
    new_customers: "count:customer", Larger, "";
    Formula::New(Entities::members("customer", of("order")?)?);
    "2026-02-02 order customer=c1",
    "2026-03-02 order customer=c1",
    "2026-03-05 order customer=c2" => "1"

    /// Customers that ordered in the period before and not in this one: the event of loss, told once. A customer that moved
    /// to a colleague is not lost; credited to whose record was the last. In the first period of a panel: not applicable.
    lost_customers: "count:customer", Smaller, "window: 1 period";
    lost(member("customer")?, of("order")?, 1);
    "2026-02-02 order customer=c1",
    "2026-02-02 order customer=c2",
    "2026-03-05 order customer=c2" => "1"

    /// Customers that ordered in one of the twelve periods before and not in this one: the state of being lost.
    lost_customers_state: "count:customer", Smaller, "lost as a state; window: 12 periods";
    lost(member("customer")?, of("order")?, 12);
    "2025-11-02 order customer=c1",
    "2026-02-02 order customer=c2" => "2"

    /// Customers that ordered once, but in none of the last three periods, this one included.
    dormant_customers: "count:customer", Smaller, "window: 3 periods";
    Formula::Dormant { entity: member("customer")?, of: of("order")?, periods: 3, scope: SeenBy::Overall };
    "2025-11-02 order customer=c1",
    "2026-01-02 order customer=c2" => "1"

    /// Customers that ordered again after three periods or more without an order.
    reactivated_customers: "count:customer", Larger, "window: 3 periods";
    Formula::Reactivated { entity: member("customer")?, of: of("order")?, after: 3, scope: SeenBy::Overall };
    "2025-11-02 order customer=c1",
    "2026-03-02 order customer=c1",
    "2026-01-02 order customer=c2",
    "2026-03-02 order customer=c2" => "1"

    /// Customers of the period before that ordered again.
    retained_customers: "count:customer", Larger, "customers of the period before that are here again";
    retained()?;
    "2 x 2026-02-02 order customer=c1",
    "2026-03-02 order customer=c1",
    "2026-03-02 order customer=c2" => "1"

    /// The share of the customers of the period before that ordered again.
    retention_rate: "share", Larger, "retained / customers of the period before";
    share(retained()?, previous()?);
    "2026-02-02 order customer=c1",
    "2026-02-02 order customer=c2",
    "2026-03-02 order customer=c1" => "0.5"

    /// The share of the customers of the period before that did not order again.
    churn_rate: "share", Smaller, "lost / customers of the period before";
    share(lost(member("customer")?, of("order")?, 1), previous()?);
    "2026-02-02 order customer=c1",
    "4 x 2026-02-02 order customer=c2",
    "2026-03-02 order customer=c2" => "0.5"

    /// Sales for each customer that ordered.
    sales_per_customer: "money per count:customer", Larger, "sales / active customers";
    sum("sales", of("order")?)?.per(buyers()?);
    "2 x 2026-03-02 order customer=c1 sales=100",
    "2026-03-02 order customer=c2 sales=50" => "125"

    /// Gross margin for each customer of the order lines whose cost is known.
    customer_margin: "money per count:customer", Larger, "";
    costed("sales", "order_line")?.less(costed("cost_of_sales", "order_line")?).per(distinct(
        "customer",
        of("order_line")?.only(Filter::has("cost_of_sales")?),
    )?);
    "2026-03-02 order_line customer=c1 sales=100 cost_of_sales=60",
    "2026-03-02 order_line customer=c2 sales=50 cost_of_sales=30",
    "2026-03-02 order_line customer=c3 sales=90" => "30"

    /// Orders for each customer that ordered.
    orders_per_customer: "count:order per count:customer", Larger, "purchase frequency";
    Formula::count("order")?.per(buyers()?);
    "3 x 2026-03-02 order customer=c1",
    "2026-03-02 order customer=c2" => "2"

    /// Mean days between two days on which the same customer ordered, of the orders of the period.
    purchase_interval: "day", Smaller, "purchase interval";
    Formula::Mean(Valued::new(interval()?, of("order")?));
    "2026-02-20 order customer=c1",
    "2 x 2026-03-02 order customer=c1",
    "2026-03-22 order customer=c1" => "15"

    /// Median days between two days on which the same customer ordered.
    purchase_interval_median: "day", Smaller, "median", "Hyndman, Fan: Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), type 7";
    Formula::Quantile { value: interval()?, of: of("order")?, p: Ratio::percent(50), method: QuantileMethod::Type7 };
    "2026-02-28 order customer=c1",
    "2026-03-02 order customer=c1",
    "2026-03-06 order customer=c1",
    "2026-03-31 order customer=c1" => "4"

    /// Days since the last order. Of no order so far: nothing recorded.
    days_since_last_order: "day", Smaller, "gap since last";
    Formula::Since(of("order")?);
    "2026-02-26 order customer=c1" => "33"

    /// Accounts that are open: customers on the books, whether they order or not.
    accounts: "count:account", Larger, "open customer cards";
    open(None, of("account")?, "closed", None)?;
    "2026-01-01 account customer=c1",
    "2026-01-01 account customer=c2 closed=2026-03-15" => "1"

    /// The share of the open accounts whose master data has been verified.
    verified_share: "share", Larger, "";
    share(verified(None)?, open(None, of("account")?, "closed", None)?);
    "2025-01-01 account customer=c1 verified=2025-02-01",
    "2026-01-01 account customer=c2 verified=2026-04-01" => "0.5"

    /// The share of the open accounts whose master data has been verified within a year.
    verified_within_year_share: "share", Larger, "";
    share(verified(Some(365))?, open(None, of("account")?, "closed", None)?);
    "2025-01-01 account customer=c1 verified=2025-02-01",
    "2026-01-01 account customer=c2 verified=2026-01-05" => "0.5"

    /// The share of the accounts that ordered.
    active_share: "share", Larger, "active customers / open accounts";
    share(buyers()?, open(None, of("account")?, "closed", None)?);
    "2026-01-01 account customer=c1",
    "2026-01-01 account customer=c2",
    "2026-03-02 order customer=c2" => "0.5"
}
