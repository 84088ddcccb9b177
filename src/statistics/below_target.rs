//! When everybody misses alike (大家都差不多): suspect the target, not the people.

use serde::{Deserialize, Serialize};

use super::error::StatisticsError;
use crate::calendar::PeriodId;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Columns, Panel, Role};
use crate::quantity::Ratio;

/// How many of the subjects of a panel miss their target in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BelowTarget {
    /// Those with a figure and a target.
    pub known: i64,
    /// Of these, those that miss it.
    pub below: i64,
}

impl BelowTarget {
    /// Returns the share that misses; `None` where nothing is known.
    #[must_use]
    pub fn share(&self) -> Option<Ratio> {
        Ratio::new(i128::from(self.below), i128::from(self.known)).ok()
    }

    /// Says whether the target is suspect: at least so many are known, and at least this share of them misses.
    #[must_use]
    pub fn suspect(&self, least: i64, share: Ratio) -> bool {
        self.known >= least && self.share().is_some_and(|own| own >= share)
    }
}

/// Counts, period by period, the subjects that miss the target of a metric. Where less is better, above it is missed; a
/// metric that should meet its target is missed on either side; a neutral one cannot be.
///
/// # Errors
/// [`StatisticsError::Panel`] where the panel has not both columns.
pub fn below_target(
    panel: &Panel,
    metric: &ColumnKey,
) -> Result<Vec<BelowTarget>, StatisticsError> {
    let actual = panel.column(metric)?;
    let target = panel.column(&metric.with(Role::Target))?;
    let mut found = vec![BelowTarget::default(); panel.periods().len()];
    for (period, counts) in found.iter_mut().enumerate() {
        for subject in panel.subjects().ids() {
            let cell = panel.cell(subject, PeriodId::at(period))?;
            let both = (actual.answer(cell).ratio(), target.answer(cell).ratio());
            let (Ok(is), Ok(should)) = both else {
                continue;
            };
            let missed = match actual.direction() {
                Direction::Larger => is < should,
                Direction::Smaller => is > should,
                Direction::Target => is != should,
                Direction::Neutral => continue,
            };
            counts.known += 1;
            counts.below += i64::from(missed);
        }
    }
    Ok(found)
}

/// Gives `<metric>.below_target_share`: in every row of a period, the share of all subjects that miss.
///
/// # Errors
/// As [`below_target`]; [`StatisticsError::Key`].
pub fn below_target_columns(metric: &ColumnKey) -> impl Columns<Error = StatisticsError> {
    move |panel: &Panel| -> Result<Vec<Column>, StatisticsError> {
        let counts = below_target(panel, metric)?;
        let (mut tops, mut bottoms) = (vec![0; panel.cells()], vec![0; panel.cells()]);
        for (period, counts) in counts.iter().enumerate() {
            for subject in panel.subjects().ids() {
                let cell = panel.cell(subject, PeriodId::at(period))?;
                (tops[cell], bottoms[cell]) = (counts.below, counts.known);
            }
        }
        let key = ColumnKey::actual(&format!("{}.below_target_share", metric.metric))?;
        let column = Column::quotients(key, Unit::Share, Ratio::ONE, tops, bottoms)?;
        Ok(vec![column.better(Direction::Smaller)])
    }
}
