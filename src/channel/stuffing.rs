//! Stuffing (压货): a spike at the end of a period and the hole after it.

use super::error::ChannelError;
use crate::calendar::PeriodId;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Columns, Figures, Panel, Reason, different_rows};
use crate::quantity::Ratio;
use crate::space::RowId;

/// How a period ended and how the next one began, each beside the rest of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodEnd {
    /// The mean of its last fine periods for each unit of the mean of the others: above 1 is a spike.
    pub spike: Result<Ratio, Reason>,
    /// The mean of the first fine periods after it for each unit of the same mean: below 1 is a hole.
    pub hole: Result<Ratio, Reason>,
}

/// Gives two columns to a panel of the same subjects over coarse periods such as months: `<metric>.end_spike` and `<metric>.hole_after`, as
/// [`PeriodEnd`] says, from a flow of a panel of fine periods such as days. `last` is how many fine periods are the end, and the
/// beginning after it. Where the rest of a period brought nothing: no base; where its end or the next periods are not in
/// the panel or not yet due: not yet due; where its beginning is not in the panel: not applicable.
///
/// # Errors
/// [`ChannelError::NoEnd`] for `last` of 0, [`ChannelError::Straddles`] for a fine period that lies only partly in a coarse one,
/// [`ChannelError::Panel`] where the flow is not in the fine panel, or the two have other subjects.
pub fn period_end_columns(
    fine: &Panel,
    flow: &ColumnKey,
    last: usize,
) -> impl Columns<Error = ChannelError> {
    move |panel: &Panel| -> Result<Vec<Column>, ChannelError> {
        if panel.subjects() != fine.subjects() {
            return Err(ChannelError::Panel(different_rows(
                panel.subjects(),
                fine.subjects(),
            )));
        }
        let coarse = panel.periods();
        if last == 0 {
            let first = coarse
                .iter()
                .next()
                .map_or_else(String::new, |period| period.label.to_string());
            return Err(ChannelError::NoEnd { period: first });
        }
        let column = fine.column(flow)?;
        let subjects = fine.subjects().len();
        let mut ends = Vec::with_capacity(subjects * coarse.len());
        for period in coarse {
            let Some(days) = coarse.range(period.id) else {
                continue;
            };
            let within = fine.periods().touched(days);
            for id in fine.periods().overlapping(days) {
                let inside = fine.periods().period(id);
                if let Some(part) =
                    inside.filter(|part| part.start < period.start || period.end < part.end)
                {
                    return Err(ChannelError::Straddles {
                        period: part.label,
                        of: period.label,
                    });
                }
            }
            let first = fine.periods().period(PeriodId::at(within.start));
            let begins = first.is_some_and(|first| first.start <= period.start);
            let last_one = within
                .end
                .checked_sub(1)
                .and_then(|at| fine.periods().period(PeriodId::at(at)));
            let ends_here = last_one.is_some_and(|last| last.end >= period.end);
            let known = match (begins || within.is_empty(), ends_here) {
                (true, true) => Ok(()),
                (_, false) => Err(Reason::NotYetDue),
                (false, true) => Err(Reason::NotApplicable),
            };
            for subject in fine.subjects().ids() {
                if let Err(state) = known {
                    ends.push(PeriodEnd {
                        spike: Err(state),
                        hole: Err(state),
                    });
                    continue;
                }
                let sum = |from: usize, to: usize| total(fine, column, subject, from..to);
                let split = within.end.saturating_sub(last).max(within.start);
                let rest = sum(within.start, split);
                let (own, others) = (within.end - split, split - within.start);
                let after = (within.end, within.end.saturating_add(last));
                ends.push(PeriodEnd {
                    spike: compared(sum(split, within.end), own, rest, others),
                    hole: compared(sum(after.0, after.1), last, rest, others),
                });
            }
        }
        let told = |what: &str, of: fn(&PeriodEnd) -> Result<Ratio, Reason>, direction| {
            let key = ColumnKey::actual(&format!("{}.{what}", flow.metric))?;
            let (mut tops, mut bottoms, mut states) = (Vec::new(), Vec::new(), Vec::new());
            for end in &ends {
                let parts = of(end).and_then(|ratio| {
                    let narrow = |part: i128| i64::try_from(part).map_err(|_| Reason::OutOfRange);
                    Ok((narrow(ratio.numerator())?, narrow(ratio.denominator())?))
                });
                let (top, bottom) = parts.unwrap_or((0, 1));
                tops.push(top);
                bottoms.push(bottom);
                states.push(parts.err());
            }
            let column = Column::quotients(key, Unit::Share, Ratio::ONE, tops, bottoms)?;
            Ok::<_, ChannelError>(column.with_reasons(&states)?.better(direction))
        };
        Ok(vec![
            told("end_spike", |end| end.spike, Direction::Smaller)?,
            told("hole_after", |end| end.hole, Direction::Larger)?,
        ])
    }
}

/// The sum of a flow over some fine periods, in quanta.
fn total(
    panel: &Panel,
    column: &Column,
    subject: RowId,
    periods: std::ops::Range<usize>,
) -> Result<i128, Reason> {
    if periods.end > panel.periods().len() {
        return Err(Reason::NotYetDue);
    }
    let mut sum = 0_i128;
    for period in periods {
        let Ok(cell) = panel.cell(subject, PeriodId::at(period)) else {
            return Err(Reason::NotApplicable);
        };
        match (column.reasons()[cell], column.figures()) {
            (None, Figures::Amounts { units, .. }) => sum += i128::from(units[cell]),
            // A quotient is no flow.
            (None, Figures::Quotients { .. }) => return Err(Reason::NotApplicable),
            (Some(reason), _) => return Err(reason),
        }
    }
    Ok(sum)
}

/// The mean of some for each unit of the mean of others.
fn compared(
    own: Result<i128, Reason>,
    own_count: usize,
    rest: Result<i128, Reason>,
    rest_count: usize,
) -> Result<Ratio, Reason> {
    let (own, rest) = (own?, rest?);
    if rest <= 0 || own_count == 0 || rest_count == 0 {
        return Err(Reason::NoBase);
    }
    let count = |count: usize| i128::try_from(count).map_err(|_| Reason::OutOfRange);
    let product = |left: i128, right: i128| left.checked_mul(right).ok_or(Reason::OutOfRange);
    let (top, bottom) = (
        product(own, count(rest_count)?)?,
        product(rest, count(own_count)?)?,
    );
    Ratio::new(top, bottom).map_err(|_| Reason::OutOfRange)
}
