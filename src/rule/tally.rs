//! Counts over subordinates: how many of those below an alert is raised for.

use super::{Judge, RuleError};
use crate::calendar::Period;
use crate::key::Key;
use crate::measure::Unit;
use crate::panel::{Column, ColumnKey, Columns, Panel, Reason, different_periods};
use crate::quantity::Quantum;
use crate::space::{RowId, Tree};

impl Judge<'_> {
    /// Gives a column to a panel of subjects above this one over the same periods: for how many of the subjects below
    /// each the rule fires. A rule over that panel can then say `at least 3 people of the team`.
    ///
    /// Who is above whom in a period is what the tree says of its last day; subjects without one above count nowhere. Where
    /// the rule cannot say for some of those below, so that the count could be higher, nothing is recorded.
    ///
    /// # Errors
    /// [`RuleError::UnknownRule`]; [`RuleError::Panel`] for other periods.
    pub fn tally(
        &self,
        rule: &Key,
        tree: Tree<'_>,
        key: ColumnKey,
        unit: Unit,
    ) -> impl Columns<Error = RuleError> {
        move |above: &Panel| Ok(vec![self.tallied(rule, above, tree, key, unit)?])
    }

    /// Returns the column of [`Judge::tally`].
    pub(super) fn tallied(
        &self,
        rule: &Key,
        above: &Panel,
        tree: Tree<'_>,
        key: ColumnKey,
        unit: Unit,
    ) -> Result<Column, RuleError> {
        if above.periods() != self.view.panel.periods() {
            let error = different_periods(self.view.panel.periods(), above.periods());
            return Err(error.into());
        }
        let index = self.rules.place(rule.as_str())?;
        let (mut counts, mut states) = (vec![0_i64; above.cells()], vec![None; above.cells()]);
        let below = self.view.panel.subjects();
        for Period {
            id: period, end, ..
        } in above.periods()
        {
            let last = end.pred_opt().unwrap_or(end);
            let rows = tree.rows(below, above.subjects(), last);
            let place = |subject: RowId| rows.parent(subject).map(RowId::index);
            let verdicts = self.scan(period)?;
            let first = period.index() * above.subjects().len();
            for subject in verdicts.rows_fired(index).map(RowId::at) {
                if let Some(place) = place(subject) {
                    counts[first + place] += 1;
                }
            }
            for subject in verdicts.rows_undecided(index).map(RowId::at) {
                if let Some(place) = place(subject) {
                    states[first + place] = Some(Reason::NothingRecorded);
                }
            }
        }
        Ok(Column::amounts(key, unit, Quantum::ONE, counts).with_reasons(&states)?)
    }
}
