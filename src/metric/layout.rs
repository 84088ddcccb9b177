//! What a panel of figures is to be about.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::metric::MetricDef;
use crate::calendar::{Calendar, PeriodId, PeriodSet};
use crate::ledger::{RateTable, Schema};
use crate::limits::Limits;
use crate::space::{RowId, Subjects};

/// What a reversal does to figures of the days before it.
///
/// ```
/// use quotaflow::calendar::{Calendar, DayRange, Grain};
/// use quotaflow::ledger::{Ledger, Need, Record, RecordKind, Schema};
/// use quotaflow::measure::{Measure, Measures};
/// use quotaflow::metric::{Formula, Layout, MetricDef, Reversals, Selection, Valued, measure};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::{Space, Subjects};
/// let (from, to) = ("2026-01-01".parse()?, "2026-03-01".parse()?);
/// let months = Calendar::gregorian().periods(Grain::Month, from, to)?;
/// let sales = Measures::new(vec![Measure::flow("sales", "money:EUR".parse()?, Quantum::CENT)?])?;
/// let order = RecordKind::new("order")?.measuring("sales", Need::Required)?;
/// let schema = Schema::new(Space::new(Vec::new())?, sales, vec![order], DayRange::new(from, to)?)?;
/// let mut ledger = Ledger::new("crm", schema.clone())?;
/// let order = Record::new("order", "2026-01-20".parse()?).id("A-1").amount("sales", 100.into());
/// ledger.enter(&[order, Record::reversal("A-1", "2026-02-03".parse()?).id("A-2")])?;
/// let of_orders = Valued::measure("sales", Selection::of("order")?)?;
/// let metrics = [MetricDef::new("sales", Formula::Sum(of_orders))?];
/// let shown = |reversals| -> Result<[String; 2], quotaflow::Error> {
///     let layout = Layout::new(schema.clone(), Subjects::whole(), months.clone()).with_reversals(reversals);
///     let panel = measure(&metrics, &layout, &ledger)?;
///     Ok([panel.get("sales", [""; 0], "2026-01")?.to_string(), panel.get("sales", [""; 0], "2026-02")?.to_string()])
/// };
/// assert_eq!(shown(Reversals::OnTheirDay)?, ["100.00 EUR", "-100.00 EUR"]);
/// assert_eq!(shown(Reversals::FromTheStart)?, ["0.00 EUR", "0.00 EUR"]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reversals {
    /// Counts and sums count it on its own day, balances hold until then, and single values and sets of customers are of what stood at
    /// the end of each period, so that what was told of a period stays. A mean is of what stands: it is a sum, from which what is
    /// taken back is taken away where it stood. The default.
    #[default]
    OnTheirDay,
    /// Every figure is of what stands, as if what is taken back had never been.
    FromTheStart,
}

impl Reversals {
    /// Whether it is what a document says by saying nothing.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde asks for"
    )]
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::OnTheirDay
    }
}

/// The rows and periods of a panel, over the records of one schema, as of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    schema: Schema,
    subjects: Subjects,
    periods: PeriodSet,
    calendar: Calendar,
    as_of: Option<NaiveDate>,
    limits: Limits,
    reversals: Reversals,
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
            reversals: Reversals::default(),
        }
    }

    /// Says what reversals do to figures of the days before them.
    #[must_use]
    pub fn with_reversals(mut self, reversals: Reversals) -> Self {
        self.reversals = reversals;
        self
    }

    /// Returns what reversals do to figures of the days before them.
    #[must_use]
    pub fn reversals(&self) -> Reversals {
        self.reversals
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
            (&self.periods, &self.calendar, cut, self.reversals),
            (dimensions, measures, kinds, span, rates),
        ))
    }
}
