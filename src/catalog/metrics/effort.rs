//! Where the time went: the mix of effort by class of activity and by value of customer.
//!
//! The planned mix beside it is [`duty`](crate::duty)'s.

use super::family;
use super::terms::{Made, share, sum};
use crate::catalog::records::ACTIVITIES;
use crate::metric::{Formula, MetricError, Selection};
use crate::quantity::Ratio;

fn all_activities() -> Result<Selection, MetricError> {
    Selection::of_any(&ACTIVITIES)
}

fn all_effort() -> Made {
    sum("minutes", all_activities()?)
}

fn part(field: &str, value: &str) -> Made {
    Ok(share(
        sum("minutes", all_activities()?.with(field, value)?)?,
        all_effort()?,
    ))
}

family! { "effort";
    /// Hours of activity of all classes.
    effort_hours: "hour", Neutral, "";
    all_effort()?.times(Ratio::new(1, 60)?);
    "2026-03-02 visit minutes=90",
    "2026-03-02 desk_work minutes=30" => "2"

    /// Activities of all kinds.
    activities: "count:record", Larger, "";
    Formula::Count(all_activities()?);
    "2026-03-02 visit minutes=90",
    "2026-03-02 call minutes=30" => "2"

    /// The cost of all activities.
    activity_cost: "money", Smaller, "";
    sum("cost", all_activities()?)?;
    "2026-03-02 visit cost=20",
    "2026-03-02 meeting cost=30" => "50"

    /// The share of the time that went to selling.
    effort_selling: "share", Target, "";
    part("class", "selling")?;
    "2026-03-02 visit minutes=90 class=selling",
    "2026-03-02 desk_work minutes=30 class=administration" => "0.75"

    /// The share of the time that went to building the base (基础建设).
    effort_development: "share", Target, "";
    part("class", "base_building")?;
    "2026-03-02 visit minutes=90 class=selling",
    "2026-03-02 visit minutes=30 class=base_building" => "0.25"

    /// The share of the time that went to maintenance.
    effort_maintenance: "share", Target, "";
    part("class", "maintenance")?;
    "2026-03-02 visit minutes=90 class=selling",
    "2026-03-02 visit minutes=30 class=maintenance" => "0.25"

    /// The share of the time that went to administration.
    effort_administration: "share", Smaller, "";
    part("class", "administration")?;
    "2026-03-02 visit minutes=90 class=selling",
    "2026-03-02 desk_work minutes=30 class=administration" => "0.25"

    /// The share of the time with customers of the highest value.
    effort_a_customers: "share", Target, "";
    part("customer_value", "a")?;
    "2026-03-02 visit minutes=60 customer_value=a",
    "2026-03-02 visit minutes=30 customer_value=b",
    "2026-03-02 visit minutes=30 customer_value=c" => "0.5"

    /// The share of the time with customers of middle value.
    effort_b_customers: "share", Target, "";
    part("customer_value", "b")?;
    "2026-03-02 visit minutes=60 customer_value=a",
    "2026-03-02 visit minutes=20 customer_value=b" => "0.25"

    /// The share of the time with customers of the lowest value.
    effort_c_customers: "share", Target, "";
    part("customer_value", "c")?;
    "2026-03-02 visit minutes=60 customer_value=a",
    "2026-03-02 visit minutes=20 customer_value=c" => "0.25"
}
