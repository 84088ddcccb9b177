//! What a host's own code answers, to be held to the laws.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};

use super::company::{Company, Deed};
use crate::panel::Reason;
use crate::quantity::Ratio;

/// A figure's place: which level, row, period and column. A host names levels and periods as it likes, each level with periods that
/// hold every day once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The level: `team`.
    pub level: String,
    /// The row: `north`; one for what is nobody's.
    pub row: String,
    /// The period: `2026-01`.
    pub period: String,
    /// The column. The laws read `sales`, `orders`, `target` and `attainment`; others are compared. Every planner has `sales`, `orders`
    /// (how many there are, less those that were taken back as a whole) and, once it has planned, `target`, each at one level or more.
    pub column: String,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            level,
            row,
            period,
            column,
        } = self;
        write!(f, "{column} of {level} {row} in {period}")
    }
}

/// Figures by their places, each a number or the reason why there is none. A place without either has nothing to say. Amounts are in cents.
pub type Answers = BTreeMap<Cell, Result<Ratio, Reason>>;

/// A host's own planner or store. What it cannot do may panic, as a test does.
pub trait Planner: Sized {
    /// Returns an empty one, which knows the teams and people that are there from the start.
    fn new(company: &Company) -> Self;

    /// Splits so many cents of sales of 2026 over the people who are there from the start and over the days of that year, and agrees on it.
    fn plan(&mut self, cents: i64);

    /// Takes in a hand-over, or one deed of it, which is known at a time after that of every one before.
    fn enter(&mut self, known: NaiveDateTime, deeds: &[Deed]);

    /// Returns what it is after it was saved and loaded.
    #[must_use]
    fn reopened(&self) -> Self;

    /// Returns the target of a person of a day, in cents: none where there is none.
    fn target(&self, person: &str, day: NaiveDate) -> i64;

    /// Returns what it answers as of a day, by what was known at a time; by all that is known where none is given.
    fn answers(&self, as_of: NaiveDate, known_at: Option<NaiveDateTime>) -> Answers;

    /// Returns the numbers of the deeds that are in no figure: which wait for others that have not come, and which another deed says
    /// were mistakes, unless that was one itself.
    ///
    /// An order that is no mistake, of somebody who is there from the start or is hired, is never among them: one of a day before they
    /// were hired is nobody's until then.
    fn left_out(&self) -> BTreeSet<usize>;

    /// Returns what people decided, by name, with the numbers that it was about: once it has planned at least that this was agreed on.
    fn decisions(&self) -> BTreeMap<String, String>;
}
