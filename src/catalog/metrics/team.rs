//! The team: people, turnover, open positions, ramp, training.

use super::family;
use super::terms::{Made, average, by, distinct, mean_days, of, open, share, sum};
use crate::key::Key;
use crate::metric::Formula;
use crate::quantity::Ratio;

fn employed() -> Made {
    open(None, of("employment")?, "left", None)
}

family! { "team";
    /// People employed at the end of the period.
    headcount: "count:employment", Neutral, "employments begun and not ended";
    employed()?;
    "2025-01-02 employment person=ann",
    "2025-01-02 employment person=bo left=2026-03-10" => "1"

    /// People who joined.
    joiners: "count:employment", Neutral, "employments begun in the period";
    Formula::count("employment")?;
    "2026-03-02 employment person=ann" => "1"

    /// People who left.
    leavers: "count:employment", Smaller, "employments ended in the period";
    Formula::Count(by("employment", "left")?);
    "2025-01-02 employment person=bo left=2026-03-10" => "1"

    /// People who left as a share of the mean headcount at the beginning and at the end of the period.
    staff_turnover: "share", Smaller, "leavers / average headcount";
    share(Formula::Count(by("employment", "left")?), average(employed()?));
    "5 x 2025-01-02 employment salary=1",
    "2025-01-02 employment person=bo left=2026-03-10" => "2/11"

    /// Positions that are open at the end of the period.
    open_positions: "count:vacancy", Smaller, "";
    open(None, of("vacancy")?, "filled", None)?;
    "2026-02-02 vacancy territory=north",
    "2026-02-02 vacancy territory=south filled=2026-03-03" => "1"

    /// Mean days for which the open positions have been open.
    open_position_age: "day", Smaller, "ageing of what is open";
    Formula::OpenAge { of: of("vacancy")?, until: Some(Key::new("filled")?), since: Key::new("day")? };
    "2026-03-11 vacancy territory=north" => "20"

    /// Mean days from opening to filling, of the positions filled in the period.
    days_to_fill: "day", Smaller, "time to fill";
    mean_days("day", "filled", by("vacancy", "filled")?)?;
    "2026-02-01 vacancy territory=south filled=2026-03-03" => "30"

    /// Mean days from joining to full output, of those who reached it in the period.
    ramp_time: "day", Smaller, "";
    mean_days("day", "ramped", by("employment", "ramped")?)?;
    "2026-01-01 employment person=ann ramped=2026-03-02" => "60"

    /// People who are employed and have not come to full output yet: the censored cases beside the ramp time.
    people_ramping_up: "count:employment", Smaller, "";
    open(None, of("employment")?, "ramped", None)?
        .less(open(None, of("employment")?, "ramped", Some(crate::metric::Age::since("left", Some(0), None)?))?);
    "2026-01-01 employment person=ann ramped=2026-03-02",
    "2026-02-01 employment person=bo",
    "2026-02-01 employment person=cy left=2026-03-10",
    "2026-02-01 employment person=di left=2026-04-10" => "2"

    /// Hours of training.
    training_hours: "hour", Larger, "";
    sum("minutes", of("training")?)?.times(Ratio::new(1, 60)?);
    "2026-03-02 training person=ann minutes=90" => "1.5"

    /// People trained in the period as a share of the headcount.
    training_reach: "share", Larger, "";
    share(distinct("person", of("training")?)?, employed()?);
    "2025-01-02 employment person=ann",
    "2025-01-02 employment person=bo",
    "2 x 2026-03-02 training person=ann minutes=90" => "0.5"

    /// Days since anybody of the subject was last trained.
    days_since_training: "day", Smaller, "";
    Formula::Since(of("training")?);
    "2026-03-01 training person=ann" => "30"

    /// Sales for each person employed at the end of the period.
    sales_per_head: "money per count:employment", Larger, "";
    sum("sales", of("order")?)?.per(employed()?);
    "2025-01-02 employment person=ann",
    "2025-01-02 employment person=bo",
    "2026-03-02 order sales=1000" => "500"

    /// The share of the open accounts that name nobody. One that names somebody who left has an owner on paper, and
    /// is not among them.
    accounts_without_owner: "share", Smaller, "";
    share(
        open(
            None,
            of("account")?.only(crate::metric::Filter::Not(Box::new(crate::metric::Filter::has("person")?))),
            "closed",
            None,
        )?,
        open(None, of("account")?, "closed", None)?,
    );
    "2026-01-01 account customer=c1 person=ann",
    "2026-01-01 account customer=c2" => "0.5"
}
