//! What does not add up over time, or not at all: stocks and ratings rolled up.

use chrono::Datelike;

use crate::panel::{Column, ColumnKey, Reason, Role};
use crate::plan::cascade::Kind;
use crate::plan::rollup::groups::{Column32, Groups, OUTSIDE};
use crate::plan::{Frame, Plan, PlanError, Sheet};
use crate::quantity::Ratio;

impl Plan {
    /// Returns the sums of a measure that adds up over members; of a stock what it is at the end of each period.
    pub(super) fn sums_of(
        &self,
        sheet: &Sheet,
        values: &[Vec<i64>],
        groups: &Groups<'_>,
    ) -> Vec<Option<i128>> {
        match sheet.cascade().kind() {
            Kind::Stock(_) => {
                let last = groups.closings(&self.frame);
                groups.sums_where(values, |level, index| last[level][index])
            }
            Kind::Flow | Kind::Rating => groups.sums(values),
        }
    }

    /// Returns the weighted means of the leaves of each cell, in quanta.
    pub(super) fn means_by(
        sheet: &Sheet,
        groups: &Groups<'_>,
    ) -> Result<Vec<Option<Ratio>>, PlanError> {
        let weighed = Self::weighed(sheet, groups)?;
        let mean = |(sum, weight): (Ratio, Ratio)| {
            if weight.is_zero() {
                return Ok(None);
            }
            Ok(Some(sum.checked_div(weight)?))
        };
        weighed.into_iter().map(mean).collect()
    }

    /// Returns of each cell the sum of ratings times weights, and the sum of the weights.
    fn weighed(sheet: &Sheet, groups: &Groups<'_>) -> Result<Vec<(Ratio, Ratio)>, PlanError> {
        let parts = sheet.cascade().leaf_parts()?;
        let mut weighed = vec![(Ratio::ZERO, Ratio::ZERO); groups.subjects.len() * groups.periods];
        for (level, cells) in groups.cells.iter().enumerate() {
            for (index, cell) in cells
                .iter()
                .enumerate()
                .filter(|(_, cell)| **cell != OUTSIDE)
            {
                let part = parts[level][index];
                let rating = Ratio::from(sheet.amounts().level(level)[index]);
                let (sum, weight) = &mut weighed[*cell as usize];
                *sum = sum.checked_add(rating.checked_mul(part)?)?;
                *weight = weight.checked_add(part)?;
            }
        }
        Ok(weighed)
    }

    /// Returns the targets of a rating: weighted sums and weights, not yet divided, so that they roll up further.
    pub(super) fn rating_column(sheet: &Sheet, groups: &Groups<'_>) -> Result<Column, PlanError> {
        let weighed = Self::weighed(sheet, groups)?;
        let mut common = 1_i128;
        for (sum, weight) in &weighed {
            for denominator in [sum.denominator(), weight.denominator()] {
                let shared =
                    crate::quantity::gcd(common.unsigned_abs(), denominator.unsigned_abs());
                let grown = i128::try_from(shared)
                    .ok()
                    .and_then(|shared| (common / shared).checked_mul(denominator));
                common = grown.ok_or_else(|| PlanError::SumOutOfRange {
                    measure: sheet.measure().key.clone(),
                })?;
            }
        }
        let whole = |ratio: Ratio| {
            let scaled = ratio
                .numerator()
                .checked_mul(common / ratio.denominator())?;
            i64::try_from(scaled).ok()
        };
        let (mut numerators, mut denominators) = (Vec::new(), Vec::new());
        let mut states = Vec::new();
        for (sum, weight) in weighed {
            let (sum, weight, state) = match (whole(sum), whole(weight)) {
                (Some(sum), Some(weight)) if weight > 0 => (sum, weight, None),
                (Some(_), Some(_)) => (0, 1, Some(Reason::NotApplicable)),
                _ => (0, 1, Some(Reason::OutOfRange)),
            };
            numerators.push(sum);
            denominators.push(weight);
            states.push(state);
        }
        let measure = sheet.measure();
        let key = ColumnKey {
            metric: measure.key.clone(),
            role: Role::Target,
        };
        let scale = measure.quantum.ratio();
        let unit = measure.unit.clone();
        let column = Column::quotients(key, unit, scale, numerators, denominators)?;
        Ok(column.better(measure.direction).with_reasons(&states)?)
    }
}

impl Groups<'_> {
    /// Says of each node whether no leaf of the same period of the roll-up ends later.
    fn closings(&self, frame: &Frame) -> Vec<Vec<bool>> {
        let ends = Column32::inherited(frame, 0, |step, coord| {
            let range = frame.periods(step)?.ranges.get(coord as usize)?;
            u32::try_from(range.end().num_days_from_ce()).ok()
        });
        let subjects = self.subjects.len().max(1);
        let mut latest = vec![0; self.periods];
        for (cells, ends) in self.cells.iter().zip(&ends.0) {
            for (cell, end) in cells.iter().zip(ends).filter(|(cell, _)| **cell != OUTSIDE) {
                let own = &mut latest[*cell as usize / subjects];
                *own = (*own).max(*end);
            }
        }
        let is_last = |(cell, end): (&u32, &u32)| {
            let period = latest.get(*cell as usize / subjects);
            *cell != OUTSIDE && period == Some(end)
        };
        let levels = self.cells.iter().zip(&ends.0);
        levels
            .map(|(cells, ends)| cells.iter().zip(ends).map(is_last).collect())
            .collect()
    }
}
