//! After the sale: deliveries on time, complaints, returns.

use super::family;
use super::terms::{Made, by, mean_days, of, open, share, within};
use crate::key::Key;
use crate::metric::{Age, Entity, Filter, Formula, MetricError, Valued};

fn pending(at_least: Option<i32>, at_most: Option<i32>) -> Made {
    open(
        None,
        of("complaint")?,
        "closed",
        Some(Age::since("day", at_least, at_most)?),
    )
}

fn order_number() -> Result<Entity, MetricError> {
    Ok(Entity::Attribute(Key::new("order")?))
}

family! { "service";
    /// The share of the orders promised for the period that were delivered by the promised day.
    on_time_delivery_rate: "share", Larger, "on-time delivery";
    share(
        Formula::Count(within("promised", "delivered", 0, by("order", "promised")?)?),
        Formula::Count(by("order", "promised")?),
    );
    "2026-02-20 order sales=1 promised=2026-03-05 delivered=2026-03-04",
    "2026-02-20 order sales=1 promised=2026-03-05 delivered=2026-03-09",
    "2026-02-20 order sales=1 promised=2026-03-05",
    "2026-02-20 order sales=1 promised=2026-03-06 delivered=2026-03-06" => "0.5"

    /// Mean days from the order to its delivery, of those delivered in the period.
    delivery_days: "day", Smaller, "order lead time";
    mean_days("day", "delivered", by("order", "delivered")?)?;
    "2026-02-20 order sales=1 delivered=2026-03-02" => "10"

    /// Mean days from an order to its first delivery, where deliveries are records of their own that name the order, of the orders
    /// first delivered in the period.
    order_to_delivery: "day", Smaller, "order lead time, between two records of one order";
    Formula::Mean(Valued::until(of("order")?, of("delivery")?, order_number()?));
    "2026-02-20 order order=o1",
    "2026-03-02 delivery order=o1",
    "2026-03-09 delivery order=o1",
    "2026-03-02 order order=o2",
    "2026-03-04 delivery order=o2" => "6"

    /// Orders that no delivery has followed.
    orders_awaiting_delivery: "count:order", Smaller, "the censored cases beside order_to_delivery";
    Formula::Waiting { of: of("order")?, end: of("delivery")?, by: order_number()? };
    "2026-02-20 order order=o1",
    "2026-03-02 order order=o2",
    "2026-03-04 delivery order=o2" => "1"

    /// Mean days for which orders without a delivery have waited.
    orders_awaiting_delivery_age: "day", Smaller, "the censored cases beside order_to_delivery";
    Formula::WaitingAge { of: of("order")?, end: of("delivery")?, by: order_number()? };
    "2026-03-01 order order=o1",
    "2026-03-21 order order=o2" => "20"

    /// The share of the contracts due in the period that were fulfilled by their day.
    contract_fulfilment_rate: "share", Larger, "";
    share(
        Formula::Count(within("due", "fulfilled", 0, by("contract", "due")?)?),
        Formula::Count(by("contract", "due")?),
    );
    "2026-01-10 contract customer=c1 due=2026-03-15 fulfilled=2026-03-14",
    "2026-01-10 contract customer=c2 due=2026-03-15" => "0.5"

    /// Orders that are past their promised day and not delivered.
    orders_overdue: "count:order", Smaller, "";
    open(None, of("order")?, "delivered", Some(Age::since("promised", Some(1), None)?))?;
    "2026-02-20 order sales=1 promised=2026-03-05" => "1"

    /// Complaints that came in.
    complaints: "count:complaint", Smaller, "";
    Formula::count("complaint")?;
    "2026-03-02 complaint customer=c1" => "1"

    /// Complaints for each hundred orders.
    complaints_per_100_orders: "count:complaint per count:order", Smaller, "complaint rate";
    Formula::count("complaint")?.per_100(Formula::count("order")?);
    "50 x 2026-03-02 order sales=1",
    "2026-03-02 complaint customer=c1" => "2"

    /// Mean days from a complaint to the answer, of those answered in the period.
    complaint_response_days: "day", Smaller, "";
    mean_days("day", "answered", by("complaint", "answered")?)?;
    "2026-03-02 complaint customer=c1 answered=2026-03-05",
    "2026-03-02 complaint customer=c1 answered=2026-03-03" => "2"

    /// The share of the complaints due in the period that were answered by their day.
    complaints_answered_on_time: "share", Larger, "";
    share(
        Formula::Count(within("due", "answered", 0, by("complaint", "due")?)?),
        Formula::Count(by("complaint", "due")?),
    );
    "2026-03-02 complaint due=2026-03-04 answered=2026-03-03",
    "2026-03-02 complaint due=2026-03-04" => "0.5"

    /// Mean days to close a complaint, of those closed in the period.
    complaint_resolution_days: "day", Smaller, "time to resolve";
    mean_days("day", "closed", by("complaint", "closed")?)?;
    "2026-02-20 complaint customer=c1 closed=2026-03-02" => "10"

    /// Complaints that are open.
    complaints_open: "count:complaint", Smaller, "";
    open(None, of("complaint")?, "closed", None)?;
    "2026-02-20 complaint customer=c1",
    "2026-02-20 complaint customer=c1 closed=2026-03-02" => "1"

    /// Mean age in days of the complaints that are open.
    complaint_age: "day", Smaller, "the censored cases beside complaint_resolution_days";
    Formula::OpenAge { of: of("complaint")?, until: Some(Key::new("closed")?), since: Key::new("day")? };
    "2026-03-11 complaint customer=c1",
    "2026-03-21 complaint customer=c1" => "15"

    /// Complaints open for at most 7 days.
    complaints_open_0_7: "count:complaint", Neutral, "ageing bucket";
    pending(Some(0), Some(7))?;
    "2026-03-30 complaint customer=c1",
    "2026-03-11 complaint customer=c1" => "1"

    /// Complaints open for 8 to 30 days.
    complaints_open_8_30: "count:complaint", Smaller, "ageing bucket";
    pending(Some(8), Some(30))?;
    "2026-03-30 complaint customer=c1",
    "2026-03-11 complaint customer=c1" => "1"

    /// Complaints open for more than 30 days.
    complaints_open_over_30: "count:complaint", Smaller, "ageing bucket";
    pending(Some(31), None)?;
    "2026-02-28 complaint customer=c1" => "1"

    /// What customers claim.
    claims: "money", Smaller, "";
    Formula::sum("amount", "complaint")?;
    "2026-03-02 complaint customer=c1 amount=120" => "120"

    /// The share of the complaints of the period that have been followed up to their end.
    complaint_closure_rate: "share", Larger, "";
    share(Formula::Count(of("complaint")?.only(Filter::has("closed")?)), Formula::count("complaint")?);
    "2026-03-02 complaint customer=c1 closed=2026-03-09",
    "2026-03-02 complaint customer=c1" => "0.5"
}
