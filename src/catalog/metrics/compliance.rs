//! Reports, tasks, requests and training: handed in, done, answered, in time.
//!
//! Records stand on the day on which the thing is due. Cadences, grace and excuses are [`duty`](crate::duty)'s, which adds columns
//! of its own.

use super::family;
use super::terms::{Made, by, of, share, with, within};
use crate::metric::{Filter, Formula, MetricError, Selection};

fn due() -> Made {
    Formula::count("report")
}

fn handed_in() -> Result<Selection, MetricError> {
    Ok(of("report")?.only(Filter::has("submitted")?))
}

fn answered_in_time(kind: &str) -> Made {
    let due = by(kind, "due")?;
    Ok(share(
        Formula::Count(within("due", "answered", 0, due.clone())?),
        Formula::Count(due),
    ))
}

family! { "compliance";
    /// The share of the reports due in the period that were handed in by their day.
    report_punctuality: "share", Larger, "";
    share(Formula::Count(within("day", "submitted", 0, of("report")?)?), due()?);
    "3 x 2026-03-02 report report=daily submitted=2026-03-02",
    "2026-03-03 report report=daily submitted=2026-03-05" => "0.75"

    /// The share of the reports due in the period that were handed in at all.
    report_completeness: "share", Larger, "reports handed in / reports due";
    share(Formula::Count(handed_in()?), due()?);
    "2026-03-02 report report=daily submitted=2026-03-05",
    "2026-03-03 report report=daily" => "0.5"

    /// Reports handed in after their day.
    reports_late: "count:report", Smaller, "";
    Formula::Count(of("report")?.only(Filter::days("day", "submitted", Some(1), None)?));
    "2026-03-02 report report=daily submitted=2026-03-05" => "1"

    /// Reports due in the period and not handed in.
    reports_missing: "count:report", Smaller, "";
    due()?.less(Formula::Count(handed_in()?));
    "2026-03-02 report report=daily",
    "2026-03-03 report report=daily submitted=2026-03-03" => "1"

    /// The share of the training due in the period that was taken.
    training_completion: "share", Larger, "training taken / training due";
    share(Formula::Count(of("training_duty")?.only(Filter::has("done")?)), Formula::count("training_duty")?);
    "2026-03-02 training_duty person=ann done=2026-03-01",
    "2026-03-02 training_duty person=bo" => "0.5"

    /// The share of the tasks due in the period that were finished by their day.
    tasks_on_time: "share", Larger, "";
    share(
        Formula::Count(within("due", "done", 0, by("task", "due")?)?),
        Formula::Count(by("task", "due")?),
    );
    "2026-02-02 task due=2026-03-02 done=2026-03-01",
    "2026-02-02 task due=2026-03-02" => "0.5"

    /// Tasks that are past their day and not finished.
    tasks_overdue: "count:task", Smaller, "";
    super::terms::open(None, of("task")?, "done", Some(crate::metric::Age::since("due", Some(1), None)?))?;
    "2026-02-02 task due=2026-03-02",
    "2026-02-02 task due=2026-04-02" => "1"

    /// The share of the planned actions due in the period that were done, whenever.
    plan_completion: "share", Larger, "matched plans are duty's";
    share(
        Formula::Count(by("task", "due")?.only(Filter::has("done")?)),
        Formula::Count(by("task", "due")?),
    );
    "2026-02-02 task due=2026-03-02 done=2026-03-20",
    "2026-02-02 task due=2026-03-02" => "0.5"

    /// The share of the work reviewed in the period that was accepted at the first review.
    first_pass_rate: "share", Larger, "accepted / reviewed";
    share(Formula::Count(with("task", "review", "accepted")?), Formula::Count(of("task")?.only(Filter::has("review")?)));
    "3 x 2026-03-02 task review=accepted",
    "2026-03-02 task review=rework",
    "2026-03-02 task due=2026-03-09" => "0.75"

    /// The share of the requests due in the period that were answered by their day.
    on_time_response_rate: "share", Larger, "";
    answered_in_time("request")?;
    "2026-03-02 request due=2026-03-04 answered=2026-03-04",
    "2026-03-02 request due=2026-03-04 answered=2026-03-05" => "0.5"
}
