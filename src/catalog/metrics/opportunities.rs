//! Opportunities and leads: win rate with each of its denominators, cycle time, velocity, pipeline, yield of sources.
//!
//! Stages, their conversion and ageing with re-entry and skipped stages are in [`funnel`](crate::funnel), which adds columns of its
//! own; the cover of a target is [`funnel::coverage`](crate::funnel::coverage()).

use super::family;
use super::terms::{Made, by, mean_days, member, of, open, share, sum, within};
use crate::key::Key;
use crate::metric::{Age, Filter, Formula, MetricError, QuantileMethod, Selection, Value, Valued};
use crate::quantity::Ratio;

/// What came to an end in the period, with this outcome.
fn ended(outcome: &[&str]) -> Result<Selection, MetricError> {
    Ok(by("opportunity", "closed")?.only(Filter::attribute("outcome", outcome)?))
}

fn won() -> Made {
    Ok(Formula::Count(ended(&["won"])?))
}

fn closed() -> Made {
    Ok(Formula::Count(ended(&["won", "lost"])?))
}

fn pending(age: Option<Age>) -> Made {
    open(None, of("opportunity")?, "closed", age)
}

fn cycle() -> Made {
    mean_days("day", "closed", ended(&["won"])?)
}

fn converted() -> Result<Selection, MetricError> {
    Ok(of("lead")?.only(Filter::has("converted")?))
}

family! { "opportunities";
    /// Opportunities that began in the period.
    opportunities_opened: "count:opportunity", Larger, "";
    Formula::count("opportunity")?;
    "2026-03-02 opportunity value=100" => "1"

    /// Opportunities won in the period.
    opportunities_won: "count:opportunity", Larger, "by the day on which they ended";
    won()?;
    "2026-02-02 opportunity closed=2026-03-05 outcome=won" => "1"

    /// Opportunities lost in the period.
    opportunities_lost: "count:opportunity", Smaller, "by the day on which they ended";
    Formula::Count(ended(&["lost"])?);
    "2026-02-02 opportunity closed=2026-03-05 outcome=lost" => "1"

    /// The value of the opportunities won in the period.
    won_value: "money", Larger, "";
    sum("value", ended(&["won"])?)?;
    "2026-02-02 opportunity value=1000 closed=2026-03-05 outcome=won" => "1000"

    /// Won, of those that ended in the period: won / (won + lost).
    win_rate: "share", Larger, "the denominator most in use";
    share(won()?, closed()?);
    "10 x 2026-02-02 opportunity closed=2026-03-05 outcome=won",
    "10 x 2026-02-02 opportunity closed=2026-03-05 outcome=lost",
    "5 x 2026-02-02 opportunity expected=2026-03-10",
    "5 x 2026-02-02 opportunity expected=2026-06-10" => "0.5"

    /// Won, of those that ended in the period or should have by its end: won / (won + lost + open past the expected day).
    win_rate_of_due: "share", Larger, "what is overdue counts as not won";
    share(won()?, closed()?.plus(pending(Some(Age::since("expected", Some(1), None)?))?));
    "10 x 2026-02-02 opportunity closed=2026-03-05 outcome=won",
    "10 x 2026-02-02 opportunity closed=2026-03-05 outcome=lost",
    "5 x 2026-02-02 opportunity expected=2026-03-10",
    "5 x 2026-02-02 opportunity expected=2026-06-10" => "0.4"

    /// Won, of those that ended in the period and all that are open at its end.
    win_rate_of_all: "share", Larger, "won / all opportunities";
    share(won()?, closed()?.plus(pending(None)?));
    "10 x 2026-02-02 opportunity closed=2026-03-05 outcome=won",
    "10 x 2026-02-02 opportunity closed=2026-03-05 outcome=lost",
    "5 x 2026-02-02 opportunity expected=2026-03-10",
    "5 x 2026-02-02 opportunity expected=2026-06-10" => "1/3"

    /// Won so far, of those that began in the period: the cohort's view, which still grows.
    cohort_win_rate: "share", Larger, "cohort view";
    share(Formula::Count(of("opportunity")?.with("outcome", "won")?), Formula::count("opportunity")?);
    "2026-03-02 opportunity closed=2026-03-05 outcome=won",
    "3 x 2026-03-02 opportunity value=1" => "0.25"

    /// Mean days from the beginning of an opportunity to its being won, of those won in the period.
    sales_cycle_days: "day", Smaller, "days from opening to won; what is open is no part of it (see opportunity_age)";
    cycle()?;
    "2026-02-03 opportunity closed=2026-03-05 outcome=won",
    "2026-02-23 opportunity closed=2026-03-05 outcome=won" => "20"

    /// Median days from the beginning of an opportunity to its being won.
    sales_cycle_days_median: "day", Smaller, "median", "Hyndman, Fan: Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), type 7";
    Formula::Quantile {
        value: Value::Days { from: Key::new("day")?, to: Key::new("closed")? },
        of: ended(&["won"])?,
        p: Ratio::percent(50),
        method: QuantileMethod::Type7,
    };
    "2026-02-03 opportunity closed=2026-03-05 outcome=won",
    "2026-02-23 opportunity closed=2026-03-05 outcome=won",
    "2026-03-01 opportunity closed=2026-03-05 outcome=won" => "10"

    /// Mean age in days of the opportunities that are open: the censored cases beside the cycle time.
    opportunity_age: "day", Smaller, "ageing of what is open";
    Formula::OpenAge { of: of("opportunity")?, until: Some(Key::new("closed")?), since: Key::new("day")? };
    "2026-03-01 opportunity value=1",
    "2026-03-21 opportunity value=1",
    "2026-01-01 opportunity closed=2026-03-05 outcome=won" => "20"

    /// Opportunities that are open past the day on which they were expected to close.
    opportunities_overdue: "count:opportunity", Smaller, "open past the expected day";
    pending(Some(Age::since("expected", Some(1), None)?))?;
    "2026-02-02 opportunity expected=2026-03-10",
    "2026-02-02 opportunity expected=2026-06-10" => "1"

    /// The value of the opportunities that are open.
    pipeline: "money", Larger, "";
    open(Some("value"), of("opportunity")?, "closed", None)?;
    "2026-02-02 opportunity value=500",
    "2026-02-02 opportunity value=300 closed=2026-03-05 outcome=lost" => "500"

    /// Open pipeline value divided by the value won in the period.
    pipeline_periods: "share", Larger, "pipeline / value won in the period";
    share(open(Some("value"), of("opportunity")?, "closed", None)?, sum("value", ended(&["won"])?)?);
    "2026-02-02 opportunity value=900",
    "2026-02-02 opportunity value=300 closed=2026-03-05 outcome=won" => "3"

    /// Value that the pipeline brings in a day: value won / mean days from beginning to won, which is opportunities that
    /// ended x share won x mean value won / mean days.
    pipeline_velocity: "money per day", Larger, "pipeline velocity";
    sum("value", ended(&["won"])?)?.per(cycle()?);
    "10 x 2026-02-03 opportunity value=10000 closed=2026-03-05 outcome=won",
    "40 x 2026-02-03 opportunity value=500 closed=2026-03-05 outcome=lost" => "10000/3"

    /// The mean value of an opportunity won in the period.
    average_deal_size: "money", Larger, "mean deal size";
    Formula::Mean(Valued::measure("value", ended(&["won"])?)?);
    "2026-02-02 opportunity value=1000 closed=2026-03-05 outcome=won",
    "2026-02-02 opportunity value=500 closed=2026-03-05 outcome=won" => "750"

    /// Leads that came in.
    leads: "count:lead", Larger, "";
    Formula::count("lead")?;
    "2026-03-02 lead source=fair" => "1"

    /// The share of the leads of the period that have become opportunities. By source, where sources are the subjects.
    lead_conversion_rate: "share", Larger, "";
    share(Formula::Count(converted()?), Formula::count("lead")?);
    "2026-03-02 lead source=fair converted=2026-03-20",
    "3 x 2026-03-02 lead source=web" => "0.25"

    /// What a lead of the period costs for each one that has become an opportunity.
    cost_per_converted_lead: "money per count:lead", Smaller, "";
    Formula::sum("cost", "lead")?.per(Formula::Count(converted()?));
    "2026-03-02 lead cost=10 converted=2026-03-20",
    "3 x 2026-03-02 lead cost=10" => "40"

    /// Mean days from a lead to the first visit of its customer on or after that day, of the leads first visited in the period.
    lead_to_visit_days: "day", Smaller, "speed to lead, between two records of one customer";
    Formula::Mean(Valued::until(of("lead")?, of("visit")?, member("customer")?));
    "2026-02-20 lead customer=c1",
    "2026-03-02 visit customer=c1",
    "2026-03-05 visit customer=c1",
    "2026-03-02 lead customer=c2",
    "2026-03-06 visit customer=c2" => "7"

    /// Leads whose customer has not been visited since.
    leads_unvisited: "count:lead", Smaller, "the censored cases beside lead_to_visit_days";
    Formula::Waiting { of: of("lead")?, end: of("visit")?, by: member("customer")? };
    "2026-02-20 lead customer=c1",
    "2026-02-18 visit customer=c1",
    "2026-03-02 lead customer=c2",
    "2026-03-06 visit customer=c2" => "1"

    /// The share of the leads of the period that were contacted within a day.
    leads_contacted_within_day: "share", Larger, "speed to lead";
    share(Formula::Count(within("day", "contacted", 1, of("lead")?)?), Formula::count("lead")?);
    "2026-03-02 lead contacted=2026-03-03",
    "2026-03-02 lead contacted=2026-03-06" => "0.5"
}
