//! What is wrong with a model, and where in its document.

use thiserror::Error;

use crate::calendar::CalendarError;
use crate::duty::DutyError;
use crate::key::{Key, Known, hint};
use crate::ledger::{LedgerError, RateError};
use crate::limits::LimitError;
use crate::measure::{MeasureError, Unit};
use crate::metric::MetricError;
use crate::pace::PaceError;
use crate::panel::{ColumnKey, PanelError};
use crate::pay::PayError;
use crate::plan::PlanError;
use crate::review::ReviewError;
use crate::rule::RuleError;
use crate::scorecard::ScorecardError;
use crate::space::{Axis, SpaceError};

/// Everything that is wrong with a model, in the order of its document.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", list(mistakes))]
pub struct ModelError {
    /// Each with its place; at least one.
    pub mistakes: Vec<Mistake>,
}

fn list(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// One thing that is wrong with a document: a model, or a [scenario](crate::scenario) with causes of its own.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{place}: {cause}")]
pub struct Mistake<C: std::error::Error + 'static = ModelCause> {
    /// The place in the document: `dimensions[1]`, `views[0].rows[2]`; `records[3]`, `model.views[0].rows[1]`.
    pub place: String,
    /// What is wrong there.
    #[source]
    pub cause: C,
}

/// What can be wrong at a place of a model.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ModelCause {
    /// A calendar, working days or periods are not as they should be.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A dimension, level or member is not as it should be.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// A measure is not as it should be.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// A kind of record is not as it should be.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A table of rates is not as it should be.
    #[error(transparent)]
    Rate(#[from] RateError),
    /// A metric is not as it should be, or asks for what a journal does not keep.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// A card is not as it should be, or reads what a view that shows it does not show.
    #[error(transparent)]
    Scorecard(#[from] ScorecardError),
    /// A pay plan is not as it should be, or reads what a view that shows it does not show.
    #[error(transparent)]
    Pay(#[from] PayError),
    /// A duty is not as it should be.
    #[error(transparent)]
    Duty(#[from] DutyError),
    /// More rows or cells would be made than the host allows.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// Two duties have the same name.
    #[error("the duty `{duty}` is declared twice")]
    DuplicateDuty {
        /// The name.
        duty: Key,
    },
    /// The evidence of a duty has a window of its own.
    #[error(
        "the records of the duty `{duty}` are counted from one due day to the next; leave the window of its evidence out"
    )]
    OtherWindow {
        /// The duty.
        duty: Key,
    },
    /// A duty that counts customers, and not records, has days of grace.
    #[error(
        "the duty `{duty}` counts different ones of something, which cannot be told apart by the day on which they count: leave `grace` and `late` out, or count records"
    )]
    CountedLate {
        /// The duty.
        duty: Key,
    },
    /// A duty falls due on no day of the model's span.
    #[error(
        "the duty `{duty}` is due on no day of the model's span; let its cadence begin earlier"
    )]
    NeverDue {
        /// The duty.
        duty: Key,
    },
    /// A duty says what becomes of it while posts are vacant, or by the parts of posts that are held, and falls to others.
    #[error(
        "the duty `{duty}` says `{rule}`, which is read of a duty of {of} alone, and `{who}` is another level: leave it out, or let `who` be that level"
    )]
    NotOfPosts {
        /// The duty.
        duty: Key,
        /// What it says.
        rule: &'static str,
        /// Of whom that is read.
        of: &'static str,
        /// Who has it.
        who: Axis,
    },
    /// Those who have a duty cannot stand below this member.
    #[error("there is no member `{name}` above the level `{level}`{}", hint(nearest.as_deref(), known))]
    NotAbove {
        /// The name.
        name: String,
        /// The level of those who have the duty.
        level: Key,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A view shows a duty in rows in which those who have it do not stand.
    #[error(
        "the duty `{duty}` falls to members of `{who}`, so that only rows of that level, of one above it, of people where these are posts, or the whole can show it"
    )]
    NoSuchRows {
        /// The duty.
        duty: Key,
        /// Whose it is.
        who: Axis,
    },
    /// What a review looks at has no pace.
    #[error(transparent)]
    Pace(#[from] PaceError),
    /// A review is not as it should be.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// Targets are written down of what is no amount.
    #[error("`{metric}` is a quotient; targets can be written down for amounts only")]
    NotAnAmount {
        /// The metric.
        metric: Key,
    },
    /// Targets are written down of what a plan has targets of.
    #[error(
        "the plan `{plan}` has targets of `{metric}`; change these, or write down those of another metric"
    )]
    WrittenAndPlanned {
        /// The metric.
        metric: Key,
        /// The plan.
        plan: Key,
    },
    /// A view cannot take a column.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A rule does not fit the view that it watches.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A rule stands twice: an alert is named by its rule.
    #[error(
        "the rule `{rule}` is declared twice: an alert is named by its rule, whatever view it watches"
    )]
    DuplicateRule {
        /// The rule.
        rule: Key,
    },
    /// Rules watch a view that the model does not have.
    #[error("there is no view `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownView {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// Two watches have the same name.
    #[error("the watch `{watch}` is declared twice")]
    DuplicateWatch {
        /// The name.
        watch: Key,
    },
    /// A view shows what the model does not have: the target of a measure that no plan has, say.
    #[error("there is no metric, target, duty, card or pay plan `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownColumn {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A view shows by name what a pace or a rule brings.
    #[error("`{column}` is no column to be shown by name: it stands in a view {by}")]
    NotByName {
        /// The column.
        column: ColumnKey,
        /// In which views it stands.
        by: String,
    },
    /// The model has no card of this name.
    #[error("there is no card `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownCard {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A view shows a column twice.
    #[error("`{column}` is shown twice")]
    DuplicateColumn {
        /// The column.
        column: ColumnKey,
    },
    /// Two of the metrics, duties, cards and pay plans have the same name.
    #[error(
        "`{name}` is the name of something else already; metrics, duties, cards and pay plans are shown by their names"
    )]
    DuplicateName {
        /// The name.
        name: Key,
    },
    /// A recipe of a plan, or one of its links, is not as it should be.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Two plans have the same name.
    #[error("the plan `{plan}` is declared twice")]
    DuplicatePlan {
        /// The name.
        plan: Key,
    },
    /// Two tables have the same name.
    #[error("the table `{table}` is declared twice")]
    DuplicateTable {
        /// The name.
        table: Key,
    },
    /// Two plans have targets of one measure for the same days.
    #[error(
        "the plan `{other}` has targets of `{measure}` for some of these days; let one plan begin where the other ends"
    )]
    PlannedTwice {
        /// The measure.
        measure: Key,
        /// The other plan.
        other: Key,
    },
    /// A view asks for targets over rows by which a plan does not split.
    #[error(
        "the plan `{plan}` has no step by `{}`, so that it has no targets for rows of `{axis}`",
        axis.dimension
    )]
    NotPlanned {
        /// The plan.
        plan: Key,
        /// The axis of the rows.
        axis: Axis,
    },
    /// Records of a kind may name a post, of which a view credits people.
    #[error(
        "records of kind `{kind}` may name a post alone, which is credited to those who hold it: give the kind a field of `{people}` and let that be its `credit`"
    )]
    NotCredited {
        /// The kind.
        kind: Key,
        /// The dimension of people.
        people: Key,
    },
    /// Records of a kind name people, of which a view asks by post.
    #[error(
        "records of kind `{kind}` name people of `{people}` and have no field of `{post}`: give the kind one, which counts where it is filled in and else is the one post of the person"
    )]
    NoPostField {
        /// The kind.
        kind: Key,
        /// The dimension of posts.
        post: Key,
        /// The dimension of people.
        people: Key,
    },
    /// What has been reached would be a share of another unit.
    #[error(
        "`{metric}` is in {unit} and its target in {planned}, so that nothing can be said of what is reached"
    )]
    OtherUnit {
        /// The metric.
        metric: Key,
        /// Its unit.
        unit: Unit,
        /// The unit that is planned.
        planned: Unit,
    },
    /// Two views have the same name.
    #[error("the view `{view}` is declared twice")]
    DuplicateView {
        /// The name.
        view: Key,
    },
    /// An axis is asked for twice.
    #[error("`{axis}` is listed twice; its rows would be pairs of members of one level")]
    DuplicateAxis {
        /// The axis.
        axis: Axis,
    },
}

/// Why a document cannot be periods.
#[derive(Debug, Error)]
pub(super) enum PeriodsError {
    #[error("periods are either `grain`, `from` and `to`, or `key` and `periods`")]
    Form,
    #[error(transparent)]
    Set(#[from] CalendarError),
}
