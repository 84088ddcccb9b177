//! Visits, what they bring and cost, reach, routes, appointments.

use super::family;
use super::terms::{Made, distinct, of, open, share, sum, with};
use crate::metric::{Entities, Filter, Formula, Selection};
use crate::quantity::Ratio;

fn visit_count() -> Made {
    Formula::count("visit")
}

fn days_of_visits() -> Made {
    Ok(Formula::Distinct(Entities::days(of("visit")?)))
}

fn sold() -> Made {
    Formula::sum("sales", "order")
}

fn open_accounts() -> Made {
    open(None, of("account")?, "closed", None)
}

fn broken(causes: &[&str]) -> Result<Selection, crate::metric::MetricError> {
    Ok(with("appointment", "outcome", "broken")?.only(Filter::attribute("cause", causes)?))
}

fn hours_lost(causes: &[&str]) -> Made {
    Ok(sum("lost_minutes", broken(causes)?)?.times(Ratio::new(1, 60)?))
}

const THEIRS: [&str; 3] = ["customer_moved", "customer_out", "customer_cancelled"];
const OURS: [&str; 2] = ["we_moved", "we_cancelled"];

family! { "activity";
    /// Visits made.
    visits: "count:visit", Larger, "";
    visit_count()?;
    "2 x 2026-03-02 visit person=ann" => "2"

    /// Phone calls made.
    phone_calls: "count:call", Larger, "";
    Formula::count("call")?;
    "3 x 2026-03-02 call person=ann" => "3"

    /// Meetings held.
    meetings: "count:meeting", Larger, "";
    Formula::count("meeting")?;
    "2026-03-02 meeting person=ann" => "1"

    /// Demonstrations held.
    demonstrations: "count:demonstration", Larger, "";
    Formula::count("demonstration")?;
    "2026-03-02 demonstration person=ann" => "1"

    /// Days on which at least one visit was made.
    visiting_days: "day", Larger, "distinct days of visits";
    days_of_visits()?;
    "2 x 2026-03-02 visit person=ann",
    "2026-03-05 visit person=ann" => "2"

    /// Visits for each day on which one was made. Of a team: for each day on which anybody made one.
    visits_per_day: "count:visit per day", Larger, "";
    visit_count()?.per(days_of_visits()?);
    "3 x 2026-03-02 visit person=ann",
    "2026-03-05 visit person=ann" => "2"

    /// Mean minutes of a visit, of those whose time is known.
    minutes_per_visit: "minute", Neutral, "";
    Formula::Mean(crate::metric::Valued::measure("minutes", of("visit")?)?);
    "2026-03-02 visit minutes=30",
    "2026-03-03 visit minutes=60",
    "2026-03-04 visit" => "45"

    /// Sales for each visit.
    revenue_per_visit: "money per count:visit", Larger, "";
    sold()?.per(visit_count()?);
    "4 x 2026-03-02 visit person=ann",
    "2026-03-03 order sales=1000" => "250"

    /// Sales for each day of visiting.
    revenue_per_visiting_day: "money per day", Larger, "";
    sold()?.per(days_of_visits()?);
    "2 x 2026-03-02 visit person=ann",
    "2 x 2026-03-03 visit person=ann",
    "2026-03-03 order sales=1000" => "500"

    /// Average cost of a visit; visits without a stated cost count as zero.
    cost_per_visit: "money per count:visit", Smaller, "";
    Formula::sum("cost", "visit")?.per(visit_count()?);
    "2026-03-02 visit cost=30",
    "2026-03-03 visit cost=50" => "40"

    /// Orders for each hundred visits. Without visits: no base.
    orders_per_100_visits: "count:order per count:visit", Larger, "";
    Formula::count("order")?.per_100(visit_count()?);
    "4 x 2026-03-02 visit person=ann",
    "2 x 2026-03-03 order sales=1" => "50"

    /// The share of the visits that ended in an order.
    strike_rate: "share", Larger, "strike rate: productive calls / calls";
    share(Formula::Count(with("visit", "outcome", "order")?), visit_count()?);
    "2026-03-02 visit outcome=order",
    "3 x 2026-03-02 visit outcome=none" => "0.25"

    /// Customers that were visited.
    visited_customers: "count:customer", Larger, "distinct customers visited";
    distinct("customer", of("visit")?)?;
    "2 x 2026-03-02 visit customer=c1",
    "2026-03-03 visit customer=c2" => "2"

    /// Customers visited as a share of the accounts that are open. Both by the person, where the subjects are people.
    customer_coverage: "share", Larger, "customers visited / customers assigned";
    share(distinct("customer", of("visit")?)?, open_accounts()?);
    "2026-01-01 account customer=c1",
    "2026-01-01 account customer=c2",
    "2 x 2026-03-02 visit customer=c1" => "0.5"

    /// Visits for each customer visited.
    visit_frequency: "count:visit per count:customer", Target, "visits / distinct customers";
    visit_count()?.per(distinct("customer", of("visit")?)?);
    "3 x 2026-03-02 visit customer=c1",
    "2026-03-03 visit customer=c2" => "2"

    /// The share of the planned stops of the routes that were kept.
    route_adherence: "share", Larger, "stops kept / stops planned";
    share(Formula::Count(with("route_stop", "outcome", "kept")?), Formula::count("route_stop")?);
    "3 x 2026-03-02 route_stop outcome=kept",
    "2026-03-03 route_stop outcome=missed" => "0.75"

    /// The share of the visits that were planned.
    planned_visit_share: "share", Larger, "planned visits / visits";
    share(Formula::Count(with("visit", "plan", "planned")?), visit_count()?);
    "3 x 2026-03-02 visit plan=planned",
    "2026-03-03 visit plan=unplanned" => "0.75"

    /// The share of the appointments that were broken, whoever broke them.
    broken_appointment_rate: "share", Smaller, "";
    share(Formula::Count(with("appointment", "outcome", "broken")?), Formula::count("appointment")?);
    "3 x 2026-03-02 appointment outcome=kept",
    "2026-03-03 appointment outcome=broken cause=customer_out" => "0.25"

    /// Appointments that the customer moved, missed or cancelled.
    appointments_broken_by_customer: "count:appointment", Smaller, "";
    Formula::Count(broken(&THEIRS)?);
    "2026-03-02 appointment outcome=broken cause=customer_moved",
    "2026-03-02 appointment outcome=broken cause=we_moved" => "1"

    /// Appointments that we moved or cancelled.
    appointments_broken_by_us: "count:appointment", Smaller, "";
    Formula::Count(broken(&OURS)?);
    "2026-03-02 appointment outcome=broken cause=customer_moved",
    "2026-03-02 appointment outcome=broken cause=we_moved" => "1"

    /// Appointments that the customer moved.
    broken_customer_moved: "count:appointment", Smaller, "";
    Formula::Count(broken(&["customer_moved"])?);
    "2026-03-02 appointment outcome=broken cause=customer_moved" => "1"

    /// Appointments at which the customer was out.
    broken_customer_out: "count:appointment", Smaller, "";
    Formula::Count(broken(&["customer_out"])?);
    "2026-03-02 appointment outcome=broken cause=customer_out" => "1"

    /// Appointments that the customer cancelled.
    broken_customer_cancelled: "count:appointment", Smaller, "";
    Formula::Count(broken(&["customer_cancelled"])?);
    "2026-03-02 appointment outcome=broken cause=customer_cancelled" => "1"

    /// Appointments that we moved.
    broken_we_moved: "count:appointment", Smaller, "";
    Formula::Count(broken(&["we_moved"])?);
    "2026-03-02 appointment outcome=broken cause=we_moved" => "1"

    /// Appointments that we cancelled.
    broken_we_cancelled: "count:appointment", Smaller, "";
    Formula::Count(broken(&["we_cancelled"])?);
    "2026-03-02 appointment outcome=broken cause=we_cancelled" => "1"

    /// Hours lost by appointments that the customer moved.
    hours_lost_customer_moved: "hour", Smaller, "";
    hours_lost(&["customer_moved"])?;
    "2026-03-02 appointment outcome=broken cause=customer_moved lost_minutes=30" => "0.5"

    /// Hours lost by appointments at which the customer was out.
    hours_lost_customer_out: "hour", Smaller, "";
    hours_lost(&["customer_out"])?;
    "2026-03-02 appointment outcome=broken cause=customer_out lost_minutes=30" => "0.5"

    /// Hours lost by appointments that the customer cancelled.
    hours_lost_customer_cancelled: "hour", Smaller, "";
    hours_lost(&["customer_cancelled"])?;
    "2026-03-02 appointment outcome=broken cause=customer_cancelled lost_minutes=30" => "0.5"

    /// Hours lost by appointments that we moved.
    hours_lost_we_moved: "hour", Smaller, "";
    hours_lost(&["we_moved"])?;
    "2026-03-02 appointment outcome=broken cause=we_moved lost_minutes=30" => "0.5"

    /// Hours lost by appointments that we cancelled.
    hours_lost_we_cancelled: "hour", Smaller, "";
    hours_lost(&["we_cancelled"])?;
    "2026-03-02 appointment outcome=broken cause=we_cancelled lost_minutes=30" => "0.5"

    /// Hours lost by broken appointments.
    appointment_hours_lost: "hour", Smaller, "";
    sum("lost_minutes", with("appointment", "outcome", "broken")?)?.times(Ratio::new(1, 60)?);
    "2026-03-02 appointment outcome=broken cause=we_moved lost_minutes=90" => "1.5"

    /// Hours lost by appointments that the customer broke.
    appointment_hours_lost_by_customer: "hour", Smaller, "";
    hours_lost(&THEIRS)?;
    "2026-03-02 appointment outcome=broken cause=customer_out lost_minutes=30",
    "2026-03-02 appointment outcome=broken cause=we_moved lost_minutes=90" => "0.5"

    /// Hours lost by appointments that we broke.
    appointment_hours_lost_by_us: "hour", Smaller, "";
    hours_lost(&OURS)?;
    "2026-03-02 appointment outcome=broken cause=customer_out lost_minutes=30",
    "2026-03-02 appointment outcome=broken cause=we_moved lost_minutes=90" => "1.5"

    /// Money lost by broken appointments.
    appointment_cost_lost: "money", Smaller, "";
    sum("cost", with("appointment", "outcome", "broken")?)?;
    "2026-03-02 appointment outcome=broken cause=we_moved cost=12.50" => "12.5"
}
