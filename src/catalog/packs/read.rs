//! The columns that the ready rules read and that are not folded from records, with where they come from.

/// The room that makes a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Room {
    /// A target of a [`plan`](crate::plan).
    Plan,
    /// What should have been reached by now, of a [`pace`](crate::pace).
    Pace,
    /// Columns of a duty or of a matched plan: [`duty`](crate::duty).
    Duty,
    /// Columns of replayed workflows: [`process`](crate::process).
    Process,
    /// A score of a [`scorecard`](crate::scorecard).
    Scorecard,
    /// Counts over subordinates: [`Judge::tally`](crate::rule::Judge::tally) of the rules of
    /// [`counted`](super::counted).
    Tally,
    /// What became of the alerts of the other rules: [`alert::figures`](crate::alert::figures), with those of people
    /// and dealers below counted by [`alert::figures_with_below`](crate::alert::figures_with_below).
    Monitor,
}

/// A column that ready rules read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Read {
    /// The column, as text.
    pub column: &'static str,
    /// The room that makes it.
    pub room: Room,
    /// What it is.
    pub meaning: &'static str,
}

const fn column(column: &'static str, room: Room, meaning: &'static str) -> Read {
    Read {
        column,
        room,
        meaning,
    }
}

/// The columns that the ready rules read and that are not in [`figures`](super::figures).
pub static READ: [Read; 20] = [
    column("target:sales", Room::Plan, "sales target"),
    column("expected:sales", Room::Pace, "sales expected by now (pace)"),
    column(
        "expected:collections",
        Room::Pace,
        "what should be collected by now",
    ),
    column(
        "target:market_share",
        Room::Plan,
        "the share of the market that is planned",
    ),
    column(
        "weekly_plan.completeness",
        Room::Duty,
        "share of the weekly plans that were handed in",
    ),
    column(
        "weekly_plan.punctuality",
        Room::Duty,
        "share of the weekly plans due that came on time",
    ),
    column(
        "report.completeness",
        Room::Duty,
        "share of the reports that were handed in",
    ),
    column(
        "visit_plan.compliance",
        Room::Duty,
        "share of the planned visits that were made",
    ),
    column(
        "visit_plan.unplanned_share",
        Room::Duty,
        "share of the visits made that were not planned",
    ),
    column(
        "initiative.momentum",
        Room::Duty,
        "what is left of an initiative, compared with its beginning",
    ),
    column(
        "workflow.punctuality",
        Room::Process,
        "share of workflow steps done on time",
    ),
    column("score_total", Room::Scorecard, "the total of the scorecard"),
    column(
        "people_below_target",
        Room::Tally,
        "people whose sales are below target",
    ),
    column(
        "people_with_target",
        Room::Tally,
        "people who have a target",
    ),
    column(
        "alerts_recurred",
        Room::Monitor,
        "alerts of a rule and subject that had one before",
    ),
    column(
        "alerts_reopened",
        Room::Monitor,
        "alerts that came back within the reopening time, each time",
    ),
    column(
        "corrective_actions_failed",
        Room::Monitor,
        "corrective actions not carried out or without effect",
    ),
    column(
        "oldest_open_alert_days",
        Room::Monitor,
        "days since the oldest open alert fired",
    ),
    column(
        "days_to_resolve",
        Room::Monitor,
        "days from the firing of an alert to its end",
    ),
    column(
        "days_to_alert",
        Room::Monitor,
        "days from the first sign to the firing of an alert",
    ),
];
