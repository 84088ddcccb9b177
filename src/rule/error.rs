//! What can be wrong with a rule.

use thiserror::Error;

use crate::calendar::Grain;
use crate::key::{Key, KeyError, Known, hint, unknown};
use crate::measure::Unit;
use crate::panel::{ColumnKey, PanelError};
use crate::space::Subjects;

/// What can be wrong with a rule or with the panel that it is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A column does not fit the panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// A calendar cannot tell.
    #[error(transparent)]
    Calendar(#[from] crate::calendar::CalendarError),
    /// No row has these members.
    #[error(transparent)]
    Row(#[from] crate::space::SpaceError),
    /// Something is wrong in one place of one rule.
    #[error("rule `{rule}`, {place}: {problem}")]
    In {
        /// The rule.
        rule: Key,
        /// Where in its document.
        place: String,
        /// What is wrong.
        problem: Box<Self>,
    },
    /// Two rules have the same key.
    #[error("rule `{rule}` is declared twice")]
    DuplicateRule {
        /// The key.
        rule: Key,
    },
    /// No rule has this key.
    #[error("there is no rule `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownRule {
        /// The key that was asked for.
        name: String,
        /// The nearest known key.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// Numbers are given to another pack than they were made for.
    #[error("numbers for the pack `{made_for}` are given to the pack `{pack}`")]
    OtherPack {
        /// The pack.
        pack: Key,
        /// The pack that they were made for.
        made_for: Key,
    },
    /// There are more rules than a set may have.
    #[error("{count} rules are more than the {limit} that one set may have")]
    TooManyRules {
        /// How many there are.
        count: usize,
        /// The most.
        limit: usize,
    },
    /// The panel has no such column.
    #[error("the panel has no column `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownColumn {
        /// The column.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// A column that a rule reads beside figures cannot be made.
    #[error("column `{column}` is made from {what}, which were not given")]
    NoSource {
        /// The column.
        column: ColumnKey,
        /// What it is made from.
        what: &'static str,
    },
    /// The rule has no such parameter.
    #[error("the rule has no parameter `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownParameter {
        /// The parameter.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// No subject of the panel has this member.
    #[error("no subject of the panel is `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownMember {
        /// The member.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The known ones.
        known: Known,
    },
    /// The subjects of the panel are of another level.
    #[error("the subjects of the panel are not of level `{name}`{}", levels(nearest.as_deref(), known))]
    UnknownLevel {
        /// The level that is asked for.
        name: String,
        /// The nearest level of the panel's axes.
        nearest: Option<String>,
        /// The levels of the panel's axes; none where its one subject is the whole.
        known: Known,
    },
    /// A message names something that is not there.
    #[error("the message names `{{{name}}}`, which is neither a word that it knows nor a parameter nor a column{}", hint(nearest.as_deref(), known))]
    UnknownPlaceholder {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// The words and parameters that it may name.
        known: Known,
    },
    /// A message cannot be read.
    #[error(transparent)]
    Message(#[from] crate::text::TemplateError),
    /// Two units meet that do not go together.
    #[error("`{left}` and `{right}` do not go together")]
    Units {
        /// The first.
        left: Unit,
        /// The second.
        right: Unit,
    },
    /// The panel's periods are not of the length that a span names.
    #[error("the panel's periods `{periods}` are not each a {grain}")]
    Grain {
        /// The length that was named.
        grain: Grain,
        /// The period set.
        periods: Key,
    },
    /// A span is empty or longer than allowed.
    #[error("a span of {count} periods is not between 1 and {limit}")]
    Span {
        /// How many periods.
        count: u16,
        /// The most.
        limit: u16,
    },
    /// More is asked for than there can be.
    #[error("at least {count} of {of} can never be")]
    Count {
        /// How many are asked for.
        count: u32,
        /// Of how many.
        of: u32,
    },
    /// A list that must say something is empty.
    #[error("`{what}` is empty")]
    Empty {
        /// The list.
        what: &'static str,
    },
    /// The limits of flapping are not in order.
    #[error(
        "flapping cannot start at {start}% and stop below {stop}%: write 0 <= stop <= start <= 100"
    )]
    Flapping {
        /// Where it starts.
        start: u8,
        /// Below which it stops.
        stop: u8,
    },
    /// A rung of a ladder is reached before the one below it.
    #[error("rung {index} of the ladder is reached before the one below it")]
    Ladder {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// A parameter of a control chart makes no sense.
    #[error(transparent)]
    Control(#[from] crate::control::ControlError),
    /// A rule's dates leave no day.
    #[error("the rule ends on the day on which it starts or before")]
    Dates,
    /// Conditions and operands nest too deeply.
    #[error("conditions and operands nest more than {limit} deep")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// There are too many conditions and operands.
    #[error("there are more than {limit} conditions and operands")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// Spans inside spans look at too many periods.
    #[error("spans inside spans look at more than {limit} periods for one answer")]
    TooManyVisits {
        /// The limit.
        limit: u64,
    },
    /// A constant has too many digits to be compared exactly.
    #[error("a number has too many digits to be compared exactly")]
    TooFine,
    /// The panel has a column of another unit or kind than the one that the rules were compiled for.
    #[error(
        "column `{column}` differs in unit or smallest unit from the one that the rules were compiled for"
    )]
    ColumnChanged {
        /// The column.
        column: ColumnKey,
    },
    /// The period is not in the panel.
    #[error("period {period} is outside a panel of {periods} periods")]
    NoSuchPeriod {
        /// Its position.
        period: usize,
        /// The number of periods.
        periods: usize,
    },
    /// The subject is not in the panel.
    #[error("subject {subject} is outside a panel of {subjects} subjects")]
    NoSuchSubject {
        /// Its position.
        subject: usize,
        /// The number of subjects.
        subjects: usize,
    },
}

fn levels(nearest: Option<&str>, known: &Known) -> String {
    match (known.count(), nearest) {
        (0, _) => " but the whole".to_owned(),
        (_, None) => format!(" but of {}", known.to_string().replace(", ", " and ")),
        (_, Some(_)) => hint(nearest, known),
    }
}

impl RuleError {
    pub(crate) fn unknown_rule<'a>(rule: &Key, known: impl IntoIterator<Item = &'a str>) -> Self {
        let (name, nearest, known) = unknown(rule.as_str(), known);
        Self::UnknownRule {
            name,
            nearest,
            known,
        }
    }

    pub(crate) fn unknown_parameter<'a>(
        parameter: &Key,
        known: impl IntoIterator<Item = &'a Key>,
    ) -> Self {
        let known = known.into_iter().map(Key::as_str);
        let (name, nearest, known) = unknown(parameter.as_str(), known);
        Self::UnknownParameter {
            name,
            nearest,
            known,
        }
    }

    /// Refuses subjects of which no axis is of this level.
    pub(crate) fn unless_of_level(level: &Key, subjects: &Subjects) -> Result<(), Self> {
        if subjects.axes().iter().any(|axis| axis.level == *level) {
            return Ok(());
        }
        let levels = subjects.axes().iter().map(|axis| axis.level.as_str());
        let (name, nearest, known) = unknown(level.as_str(), levels);
        Err(Self::UnknownLevel {
            name,
            nearest,
            known,
        })
    }

    /// Says whether a rule that has this error may be right for another panel.
    pub(crate) fn is_of_the_panel(&self) -> bool {
        match self {
            Self::In { problem, .. } => problem.is_of_the_panel(),
            Self::UnknownColumn { .. } => true,
            other => other.is_of_the_day(),
        }
    }

    /// Says whether a rule that has this error was right before somebody left or may be right for other periods or another level.
    pub(crate) fn is_of_the_day(&self) -> bool {
        match self {
            Self::In { problem, .. } => problem.is_of_the_day(),
            Self::UnknownMember { .. } | Self::Grain { .. } | Self::UnknownLevel { .. } => true,
            _ => false,
        }
    }

    /// Returns the error with the rule and the place in it.
    pub(crate) fn within(self, rule: &Key, place: &str) -> Self {
        match self {
            Self::In { .. } => self,
            problem => Self::In {
                rule: rule.clone(),
                place: place.to_owned(),
                problem: Box::new(problem),
            },
        }
    }
}
