//! What a panel of figures is to be about.

use chrono::{Datelike, NaiveDate};

use super::definition::MetricDef;
use super::fingerprint::Fingerprint;
use crate::calendar::{Calendar, PeriodId, PeriodSet};
use crate::ledger::{RateTable, Schema};
use crate::limits::Limits;
use crate::space::{RowId, Subjects};

/// The rows and periods of a panel, over the records of one schema, as of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    schema: Schema,
    subjects: Subjects,
    periods: PeriodSet,
    calendar: Calendar,
    as_of: Option<NaiveDate>,
    limits: Limits,
}

impl Layout {
    /// Returns the layout of these subjects and periods, with the Gregorian calendar and everything that is recorded.
    #[must_use]
    pub fn new(schema: Schema, subjects: Subjects, periods: PeriodSet) -> Self {
        Self {
            schema,
            subjects,
            periods,
            calendar: Calendar::gregorian(),
            as_of: None,
            limits: Limits::default(),
        }
    }

    /// Allows so many cells of a panel, and so many bytes for it and for what a fold keeps; both are counted when a
    /// [`Program`](super::Program) is compiled, before they are made.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Returns how much a panel and its fold may take.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Takes the weeks, months and years of to-date windows from this calendar.
    #[must_use]
    pub fn with_calendar(mut self, calendar: Calendar) -> Self {
        self.calendar = calendar;
        self
    }

    /// Sees only the records up to this day, of which those stand that are reversed later; periods that have not begun by
    /// then are not yet due. Of a record that it sees, a further date that lies after this day is not there, unless its kind
    /// says that it is set beforehand ([`DateField::planned`](crate::ledger::DateField::planned)).
    #[must_use]
    pub fn as_of_day(mut self, day: NaiveDate) -> Self {
        self.as_of = Some(day);
        self
    }

    /// The number of the last day that is seen.
    pub(super) fn last_seen(&self) -> i32 {
        self.as_of.map_or(i32::MAX, |day| day.num_days_from_ce())
    }

    /// Returns what records may say.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Returns the rows.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// Returns the periods.
    #[must_use]
    pub fn periods(&self) -> &PeriodSet {
        &self.periods
    }

    /// Returns the calendar of to-date windows.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Returns the last day that is seen, if not all are.
    #[must_use]
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// Whether a period has begun by the as-of day and is not over on it.
    pub(super) fn runs(&self, period: usize) -> bool {
        self.as_of
            .is_some_and(|as_of| self.periods.runs(PeriodId::at(period), as_of))
    }

    /// A short name of these metrics over this layout, equal on every machine.
    pub(super) fn fingerprint(&self, metrics: &[MetricDef]) -> String {
        let rows: Vec<_> = (0..self.subjects.len())
            .map(|row| self.subjects.members(RowId::at(row)))
            .collect();
        let dimensions = self.schema.space().iter().map(|known| {
            let definition = known.definition();
            let hierarchies: Vec<_> = definition
                .hierarchies
                .iter()
                .map(|tree| {
                    let links = tree.links.iter().map(|link| {
                        let day = |day: Option<NaiveDate>| day.map(|day| day.num_days_from_ce());
                        (&link.member, &link.parent, day(link.from), day(link.to))
                    });
                    (&tree.key, &tree.levels, links.collect::<Vec<_>>())
                })
                .collect();
            let members: Vec<_> = definition
                .members
                .iter()
                .map(|member| (&member.key, &member.level))
                .collect();
            (&definition.key, hierarchies, members)
        });
        let dimensions: Vec<_> = dimensions.collect();
        let measures: Vec<_> = self
            .schema
            .measures()
            .iter()
            .map(|measure| (&measure.key, &measure.unit, measure.quantum))
            .collect();
        let kinds: Vec<_> = self.schema.kinds().collect();
        let span = (
            self.schema.span().start().num_days_from_ce(),
            self.schema.span().end().num_days_from_ce(),
        );
        let cut = self.as_of.map(|day| day.num_days_from_ce());
        let rates: Vec<_> = self
            .schema
            .rates()
            .iter()
            .map(RateTable::definition)
            .collect();
        Fingerprint::of(&(
            (metrics, self.subjects.axes(), rows),
            (&self.periods, &self.calendar, cut),
            (dimensions, measures, kinds, span, rates),
        ))
    }
}
