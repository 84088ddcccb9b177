//! Visits, tasks, problems, plans and people themselves.

use super::{add, counted, has, less, open, opened};
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::metric::{
    Entities, Filter, Formula, MetricDef, MetricError, SameDay, Selection, Timeframe, Value, Valued,
};
use crate::quantity::Ratio;

/// The records of a kind within three periods.
fn quarter(kind: &str) -> Result<Selection, MetricError> {
    Ok(Selection::of(kind)?.in_window(Timeframe::Trailing(3)))
}

pub(super) fn add_to(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    visits(to)?;
    employment(to)?;
    open_items(to)?;
    trainings(to)?;
    problems(to)
}

/// Visits, what comes of them, what they cost, and how long there was none.
fn visits(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    let visits = || Formula::count("visit");
    add(to, "visits", "visits", Direction::Larger, visits()?)?;
    let a_day = Formula::Ratio {
        of: Box::new(visits()?),
        to: Box::new(Formula::Days),
        scale: Ratio::new(7, 5)?,
    };
    add(
        to,
        "visits_per_weekday",
        "visits per weekday (five days of seven, holidays included)",
        Direction::Larger,
        a_day,
    )?;
    add(
        to,
        "orders_per_100_visits",
        "orders from a hundred visits",
        Direction::Larger,
        Formula::count("order")?.per_100(visits()?),
    )?;
    add(
        to,
        "cost_per_visit",
        "cost of a visit",
        Direction::Smaller,
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
        Direction::Smaller,
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
            Direction::Smaller,
            Formula::Since(Selection::of_any(kinds)?),
        )?;
    }
    Ok(())
}

/// Who joined and who left.
fn employment(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    add(
        to,
        "days_employed",
        "days since joining",
        Direction::Smaller,
        Formula::Elapsed(Selection::of("employment")?),
    )?;
    let leaving = || Selection::of("employment")?.by_date("left");
    add(
        to,
        "days_since_leaving",
        "days since leaving (no record while employed)",
        Direction::Smaller,
        Formula::Elapsed(leaving()?),
    )?;
    let left = Formula::Count(leaving()?.in_window(Timeframe::Trailing(12)));
    add(
        to,
        "staff_turnover_year",
        "leavers of twelve periods, per person employed now",
        Direction::Smaller,
        left.per(open("employment", "left", None)?),
    )?;
    counted(to, Unit::Share);
    Ok(())
}

/// What waits to be done, filled or closed.
fn open_items(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
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
        add(to, key, title, Direction::Smaller, open(kind, until, age)?)?;
    }
    let unowned = Filter::Not(Box::new(Filter::All(vec![
        Filter::Has(Key::new("responsible")?),
        Filter::Has(Key::new("due")?),
    ])));
    add(
        to,
        "tasks_without_owner",
        "open tasks without owner or deadline",
        Direction::Smaller,
        opened(Selection::of("task")?.only(unowned), None, "done", None)?,
    )
}

/// Trainings, and changes of the plan.
fn trainings(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    let ever = |kind: &str| Ok::<_, MetricError>(Selection::of(kind)?.in_window(Timeframe::AsOf));
    add(
        to,
        "trainings_to_date",
        "trainings so far",
        Direction::Larger,
        Formula::Count(ever("training")?),
    )?;
    add(
        to,
        "trainings_held",
        "trainings in the period",
        Direction::Larger,
        Formula::count("training")?,
    )?;
    add(
        to,
        "plan_changes",
        "changes of the plan within three periods",
        Direction::Smaller,
        Formula::Count(quarter("plan_change")?),
    )
}

/// How soon problems are noticed, and whether their causes come back.
fn problems(to: &mut Vec<MetricDef>) -> Result<(), MetricError> {
    let noticed = Selection::of("complaint")?.by_date("noticed")?;
    add(
        to,
        "days_to_notice",
        "the mean days from the first sign of a problem to its notice",
        Direction::Smaller,
        Formula::Mean(Valued::days("day", "noticed", noticed)?),
    )?;
    let known = || has(quarter("complaint")?, &["cause"]);
    add(
        to,
        "repeated_problems",
        "problems with a repeated cause, three periods",
        Direction::Smaller,
        less(
            Formula::Count(known()?),
            Formula::Distinct(Entities::values("cause", known()?)?),
        ),
    )
}
