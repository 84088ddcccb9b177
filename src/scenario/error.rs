//! What is wrong with a scenario, and where in its document.

use thiserror::Error;

use crate::calendar::CalendarError;
use crate::catalog::PackError;
use crate::journal::{Awaited, EntryError, JournalError, Rejection};
use crate::key::{Key, KeyError, Known, hint};
use crate::ledger::{LedgerError, Refusal};
use crate::limits::LimitError;
use crate::measure::MeasureError;
use crate::metric::MetricError;
use crate::model::{Mistake, ModelCause};
use crate::panel::PanelError;
use crate::review::ReviewError;
use crate::rule::RuleError;
use crate::scorecard::ScorecardError;
use crate::view::ViewError;

/// Everything that is wrong with a scenario: with its model, else with its entries, else with what is asked of them.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{}", list(mistakes))]
pub struct ScenarioError {
    /// Each with its place; at least one.
    pub mistakes: Vec<Mistake<ScenarioCause>>,
}

fn list(mistakes: &[Mistake<ScenarioCause>]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// What can be wrong at a place of a scenario.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ScenarioCause {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A definition is not as it should be.
    #[error(transparent)]
    Model(#[from] ModelCause),
    /// A record cannot be an entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// An entry is refused.
    #[error(transparent)]
    Rejection(#[from] Rejection),
    /// The entries cannot be taken in.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An entry waits for something that never comes.
    #[error("it can never take part: it waits {0}")]
    Waits(Awaited),
    /// An entry refers to one that is void.
    #[error("it refers to `{name}`, which is void: leave it out, or void it too")]
    Void {
        /// The name: source and id.
        name: String,
    },
    /// An entry names another one that is not there.
    #[error("there is no entry `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownEntry {
        /// The name: source and id.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A view has no answer.
    #[error(transparent)]
    View(#[from] ViewError),
    /// No period of a view holds the as-of day, nor of any other that could be judged.
    #[error("the view `{view}` cannot be judged: {cause}")]
    Unjudged {
        /// The view.
        view: Key,
        /// Why not.
        #[source]
        cause: CalendarError,
    },
    /// What is expected is of no period.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A card cannot judge the figures.
    #[error(transparent)]
    Scorecard(#[from] ScorecardError),
    /// A rule cannot be asked.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A review is not as it should be.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// What is expected is no cell.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// More is asked for than the host allows.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The catalog has nothing of this name.
    #[error("there is no ready {what} `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownReady {
        /// `kind of record` or `metric`.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// The model has no view of this name.
    #[error("there is no view `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownView {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// No rule of this name watches a view.
    #[error("no rule `{name}` watches the view `{view}`{}", hint(nearest.as_deref(), known))]
    UnknownRule {
        /// The name.
        name: String,
        /// The view.
        view: Key,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A ready rule is not as it should be, or a threshold for it.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A ready metric cannot be made.
    #[error(transparent)]
    Metric(#[from] MetricError),
    /// A ready kind of record cannot be made.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A measure of a ready kind cannot be made.
    #[error(transparent)]
    Measure(#[from] MeasureError),
}

impl From<Refusal> for ScenarioCause {
    fn from(refusal: Refusal) -> Self {
        Self::Rejection(refusal.into())
    }
}

/// What was found wrong so far.
#[derive(Default)]
pub(super) struct Wrong(Vec<Mistake<ScenarioCause>>);

impl Wrong {
    pub(super) fn add(&mut self, place: impl Into<String>, cause: impl Into<ScenarioCause>) {
        self.0.push(Mistake {
            place: place.into(),
            cause: cause.into(),
        });
    }

    pub(super) fn take<T>(
        &mut self,
        place: impl Into<String>,
        result: Result<T, impl Into<ScenarioCause>>,
    ) -> Option<T> {
        result.map_err(|cause| self.add(place, cause)).ok()
    }

    /// What is wrong with an entry, of which all is told in a row and the same once.
    pub(super) fn add_entry(&mut self, place: String, cause: ScenarioCause) {
        let mut own = self.0.iter().rev().take_while(|own| own.place == place);
        if own.all(|known| known.cause != cause) {
            self.add(place, cause);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Brings mistakes of records and entries into the order of the document.
    pub(super) fn in_order(&mut self) {
        self.0.sort_by_key(|own| {
            let (list, at) = own.place.split_once('[').unwrap_or((&own.place, ""));
            let at = at
                .split_once(']')
                .and_then(|(at, _)| at.parse::<usize>().ok());
            // Records stand before entries.
            (list != "records", at)
        });
    }

    pub(super) fn extend(&mut self, error: ScenarioError) {
        self.0.extend(error.mistakes);
    }

    /// Goes on with a value, where nothing is wrong.
    pub(super) fn done<T>(self, value: Option<T>) -> Result<T, ScenarioError> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(ScenarioError { mistakes: self.0 }),
        }
    }
}

/// Puts a place beside an error.
pub(super) trait At<T> {
    fn at(self, place: impl Into<String>) -> Result<T, ScenarioError>;
}

impl<T, E: Into<ScenarioCause>> At<T> for Result<T, E> {
    fn at(self, place: impl Into<String>) -> Result<T, ScenarioError> {
        self.map_err(|cause| ScenarioError {
            mistakes: vec![Mistake {
                place: place.into(),
                cause: cause.into(),
            }],
        })
    }
}
