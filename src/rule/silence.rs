//! How long nothing has happened, in calendar or working time, as a column that conditions compare with a duration.

use chrono::{NaiveDate, NaiveTime};

use super::RuleError;
use super::set::unknown_column;
use crate::calendar::{PeriodId, WorkingDays, WorkingHours};
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Columns, Figures, Panel, Reason};
use crate::quantity::Quantum;

/// The time in which silence is measured, with the days or hours that it needs.
#[derive(Debug, Clone, Copy)]
pub enum Elapsed<'c> {
    /// Calendar days, in `day`.
    Days,
    /// Days on which work is done, in `day`.
    WorkingDays(&'c WorkingDays),
    /// Minutes of work, in `minute`.
    WorkingTime(&'c WorkingHours),
}

/// What holds of a subject with which nothing has happened since the panel begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum NoEventYet<'c> {
    /// Nothing is recorded: a comparison with it is unknown.
    Unknown,
    /// It is counted from the first day of the panel: at least so long it has been. The default: who never ordered is silent.
    #[default]
    FromTheStart,
    /// It is counted from the day on which each row was taken on ([`Layout::taken_on`](crate::metric::Layout::taken_on)), or
    /// from the first day of the panel where that is later; before, it is not applicable. Of a row without a day, which is
    /// nobody's, nothing is recorded.
    Since(&'c [Option<NaiveDate>]),
}

/// Gives a column that says for every subject how long it is, at the end of each period, since the last period in which
/// something happened: a value other than zero was recorded. A rule compares it with a duration: `quiet >= 10 day` is the
/// absence of the event for ten days, `quiet < 10 day` that there was one within them.
///
/// Events are dated to the end of their period, so that the panel's periods are the precision; a period that runs is looked at as
/// of the panel's day. Of the days inside them a metric can tell ([`Formula::Since`](crate::metric::Formula::Since)). Where the figure makes no sense or is not yet due, that
/// is what the column says too.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain, PeriodId, WorkingDays, WorkingDaysDef};
/// use quotaflow::key::Key;
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::rule::{Elapsed, NoEventYet, RuleDef, RuleSet, silence};
/// use quotaflow::space::Subjects;
/// // Thursday 1 January to Wednesday 7 January 2026, visits on Thursday alone.
/// let days = Calendar::gregorian().periods(Grain::Day, "2026-01-01".parse()?, "2026-01-08".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), days);
/// let (visits, units) = (ColumnKey::actual("visits")?, vec![2, 0, 0, 0, 0, 0, 0]);
/// panel.add(Column::amounts(visits.clone(), "count:visit".parse()?, Quantum::ONE, units))?;
/// let office = WorkingDays::new(WorkingDaysDef::monday_to_friday(Key::new("office")?))?;
/// let quiet = ColumnKey::actual("quiet")?;
/// panel.extend(silence(&visits, quiet, Elapsed::WorkingDays(&office), NoEventYet::Unknown))?;
/// // Friday, Monday and Tuesday are three working days.
/// let idle = RuleSet::compile([RuleDef::new("idle", "quiet >= 3 day".parse()?)?], &panel)?;
/// let holds = |day: &PeriodId| idle.evaluate(&panel, *day).is_ok_and(|alerts| !alerts.is_empty());
/// let fired: Vec<_> = panel.periods().ids().filter(holds).map(PeriodId::index).collect();
/// assert_eq!(fired, [5, 6]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
///
/// # Errors
/// [`RuleError::UnknownColumn`]; [`RuleError::Calendar`] where the calendar does not reach over the panel's periods.
pub fn silence(
    of: &ColumnKey,
    key: ColumnKey,
    elapsed: Elapsed<'_>,
    before: NoEventYet<'_>,
) -> impl Columns<Error = RuleError> {
    move |panel: &Panel| Ok(vec![quiet(panel, of, key, elapsed, before)?])
}

/// Returns the column of [`silence`].
pub(super) fn quiet(
    panel: &Panel,
    of: &ColumnKey,
    key: ColumnKey,
    elapsed: Elapsed<'_>,
    before: NoEventYet<'_>,
) -> Result<Column, RuleError> {
    let column = panel.find(of).ok_or_else(|| unknown_column(of, panel))?;
    let (subjects, periods) = (panel.subjects().len(), panel.periods());
    let start = periods
        .range(PeriodId::at(0))
        .map(crate::calendar::DayRange::start);
    let today = panel.as_of().and_then(|day| day.succ_opt());
    let mut passed = Vec::with_capacity(periods.len());
    for period in 0..periods.len() {
        if let (Some(start), Some(range)) = (start, periods.range(PeriodId::at(period))) {
            let end = today.map_or(range.end(), |today| today.clamp(range.start(), range.end()));
            passed.push((elapsed.between(start, end)?, range.end()));
        }
    }
    let happened = |cell: usize| match column.figures() {
        Figures::Amounts { units, .. } => units[cell] != 0,
        Figures::Quotients { numerators, .. } => numerators[cell] != 0,
    };
    // The day from which each counts while nothing has happened, and what has passed until then.
    let taken_on = |subject: usize| match (before, start) {
        (NoEventYet::Unknown, _) | (_, None) => None,
        (NoEventYet::FromTheStart, Some(start)) => Some(start),
        (NoEventYet::Since(days), Some(start)) => {
            let day = days.get(subject).copied().flatten();
            day.map(|day| day.max(start))
        }
    };
    let mut last: Vec<Option<i64>> = Vec::with_capacity(subjects);
    for subject in 0..subjects {
        let day = taken_on(subject).zip(start);
        let until = day.map(|(day, start)| elapsed.between(start, day));
        last.push(until.transpose()?);
    }
    let (mut units, mut states) = (Vec::new(), Vec::new());
    for (period, (now, end)) in passed.iter().enumerate() {
        for (subject, last) in last.iter_mut().enumerate() {
            let cell = period * subjects + subject;
            let state = column.reasons()[cell];
            let event = match state {
                None => happened(cell),
                // What cannot be held has happened all the same.
                Some(Reason::OutOfRange) => true,
                Some(
                    Reason::NoBase
                    | Reason::NothingRecorded
                    | Reason::NotApplicable
                    | Reason::NotYetDue,
                ) => false,
            };
            if event {
                *last = Some(*now);
            }
            let not_yet = taken_on(subject).is_some_and(|day| *end <= day) && !event;
            units.push(last.map_or(0, |last| (now - last).max(0)));
            states.push(match state {
                Some(Reason::NotApplicable | Reason::NotYetDue) => state,
                _ if not_yet => Some(Reason::NotApplicable),
                _ if last.is_none() => Some(Reason::NothingRecorded),
                _ => None,
            });
        }
    }
    let column = Column::amounts(key, elapsed.unit(), Quantum::ONE, units);
    Ok(column.with_reasons(&states)?.better(Direction::Smaller))
}

impl Elapsed<'_> {
    fn unit(self) -> Unit {
        match self {
            Self::Days | Self::WorkingDays(_) => Unit::Day,
            Self::WorkingTime(_) => Unit::Minute,
        }
    }

    fn between(self, start: NaiveDate, end: NaiveDate) -> Result<i64, RuleError> {
        Ok(match self {
            Self::Days => (end - start).num_days(),
            Self::WorkingDays(days) => i64::from(days.count(start, end)?),
            Self::WorkingTime(hours) => {
                let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
                hours
                    .worked_between(midnight(start), midnight(end))?
                    .num_minutes()
            }
        })
    }
}
