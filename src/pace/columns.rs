//! What a pace adds to a panel.

use chrono::NaiveDate;

use super::{ErrorHistory, Pace, PaceError, PaceView, Trust};
use crate::panel::{Column, Columns, Panel};

/// What a pace adds to a panel that has the target and the figure of its metric, as of a day: what [`Panel::extend`] takes.
///
/// `expected:<metric>` and `projected:<metric>`, and beside them `<metric>.pace_gap`, `<metric>.pace_attainment`,
/// `<metric>.needed_per_day` and `<metric>.sure_shortfall` (what is missing at the end even at the best rate; 0 while the
/// target can be reached).
///
/// Expected and projected figures and gaps are exact fractions of the quantum ([`Column::fractions`]), which add up over
/// members and periods. For a metric of quotients, which holds, the expected figure is the target itself and the projected
/// one the actual; there are no other columns.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::pace::{Days, Pace};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::space::Subjects;
/// let april = Calendar::gregorian().periods(Grain::Month, "2026-04-01".parse()?, "2026-05-01".parse()?)?;
/// let mut panel = Panel::new(Subjects::whole(), april);
/// for (key, units) in [(ColumnKey::target("visits")?, 60), (ColumnKey::actual("visits")?, 15)] {
///     panel.add(Column::amounts(key, "count:visit".parse()?, Quantum::ONE, vec![units]))?;
/// }
/// panel.extend(Pace::new("visits", Days::Calendar)?.columns("2026-04-10".parse()?))?;
/// assert_eq!(panel.get("expected:visits", [""; 0], "2026-04")?.to_string(), "20.00 visit");
/// assert_eq!(panel.get("projected:visits", [""; 0], "2026-04")?.to_string(), "45.00 visit");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PaceColumns<'a> {
    pace: &'a Pace,
    as_of: NaiveDate,
    finer: Option<&'a Panel>,
}

impl Pace {
    /// Gives what should have been reached by now and what is projected, as columns.
    #[must_use]
    pub fn columns(&self, as_of: NaiveDate) -> PaceColumns<'_> {
        PaceColumns {
            pace: self,
            as_of,
            finer: None,
        }
    }
}

impl<'a> PaceColumns<'a> {
    /// Returns the same with the targets of a finer panel ([`PaceView::with_cascade`]).
    #[must_use]
    pub fn with_cascade(mut self, finer: &'a Panel) -> Self {
        self.finer = Some(finer);
        self
    }

    /// Gives what an interval around the projection says, for the periods that run:
    ///
    /// `<metric>.projected_low` and `<metric>.projected_high` (the interval that holds what comes as often as `coverage`
    /// says, [`ErrorHistory::interval`]), `<metric>.chance` (that the target is reached: of a limit, that it is kept) and
    /// `<metric>.interval_held` (how often earlier intervals, each told from what was known before it, held what came:
    /// [`ErrorHistory::backtest`]).
    ///
    /// `histories` are the earlier projections of each row at a like distance to the end, in the order of the rows;
    /// [`error_histories`](super::error_histories) collects them. Where there is none, or one too short for the coverage,
    /// nothing is told (nothing recorded). An ended period, of which everything is known, is not applicable; one that has
    /// not begun is not yet due.
    ///
    /// # Errors
    /// Those of the pace's columns; [`PaceError::NeedsAmounts`] for quotients, [`PaceError::Quantity`] when an end of an
    /// interval leaves its range.
    pub fn outlook(
        self,
        coverage: Trust,
        histories: &'a [ErrorHistory],
    ) -> impl Columns<Error = PaceError> {
        move |panel: &Panel| self.view(panel)?.outlook(coverage, histories)
    }

    fn view<'p>(self, panel: &'p Panel) -> Result<PaceView<'p>, PaceError>
    where
        'a: 'p,
    {
        let view = self.pace.view(panel, self.as_of)?;
        match self.finer {
            None => Ok(view),
            Some(finer) => view.with_cascade(finer),
        }
    }
}

impl Columns for PaceColumns<'_> {
    type Error = PaceError;

    fn columns(self, panel: &Panel) -> Result<Vec<Column>, PaceError> {
        self.view(panel)?.told()
    }
}
