//! Visits, tasks, problems, plans and people themselves.

use super::{add, counted, has, less, open, opened};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::metric::{
    Entities, Filter, Formula, MetricDef, MetricError, SameDay, Selection, Timeframe, Value, Valued,
};
use crate::quantity::Ratio;

pub(super) fn add_to(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
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
        "visits per weekday (five days of seven, holidays included)",
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
        "longest gap between two visits, in days",
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
            "days_since_market_observation",
            "days since the last market observation",
            &["market_observation"],
        ),
    ] {
        add(
            to,
            key,
            title,
            Smaller,
            Formula::Since(Selection::of_any(kinds)?),
        )?;
    }
    add(
        to,
        "days_employed",
        "days since joining",
        Smaller,
        Formula::Elapsed(Selection::of("employment")?),
    )?;
    let leaving = || Selection::of("employment")?.by_date("left");
    add(
        to,
        "days_since_leaving",
        "days since leaving (no record while employed)",
        Smaller,
        Formula::Elapsed(leaving()?),
    )?;
    let left = Formula::Count(leaving()?.in_window(Timeframe::Trailing(12)));
    add(
        to,
        "staff_turnover_year",
        "leavers of twelve periods, per person employed now",
        Smaller,
        left.per(open("employment", "left", None)?),
    )?;
    counted(to, Unit::Share);
    for (key, title, kind, until, age) in [
        (
            "positions_open_over_60",
            "positions open for more than 60 days",
            "vacancy",
            "filled",
            Some(("day", 61)),
        ),
        (
            "problems_open_over_30",
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
            "handovers_open",
            "handover items still open",
            "clearance",
            "done",
            None,
        ),
    ] {
        add(to, key, title, Smaller, open(kind, until, age)?)?;
    }
    let unowned = Filter::Not(Box::new(Filter::All(vec![
        Filter::Has(Key::new("responsible")?),
        Filter::Has(Key::new("due")?),
    ])));
    add(
        to,
        "tasks_without_owner",
        "open tasks without owner or deadline",
        Smaller,
        opened(Selection::of("task")?.only(unowned), None, "done", None)?,
    )?;
    let ever = |kind: &str| Ok::<_, MetricError>(Selection::of(kind)?.in_window(Timeframe::AsOf));
    add(
        to,
        "trainings_to_date",
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
        |kind: &str| Ok::<_, MetricError>(Selection::of(kind)?.in_window(Timeframe::Trailing(3)));
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
        "problems with a repeated cause, three periods",
        Smaller,
        less(
            Formula::Count(known()?),
            Formula::Distinct(Entities::values("cause", known()?)?),
        ),
    )
}
