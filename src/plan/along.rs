//! Stretches of a plan: what falls on them, and why.

use chrono::NaiveDate;

use super::cascade::Kind;
use super::frame::Selection;
use super::rollup::bends_of;
use super::{
    CountedDays, DayCurve, EditError, Layer, NodeId, Plan, PlanError, Sheet, Stretch, StretchCell,
    StretchProvenance,
};
use crate::calendar::{DayRange, WorkingDays};
use crate::quantity::Quantity;

impl Sheet {
    /// Returns the working days by which cells are shared; none where all days count alike.
    pub(super) fn curve_days(&self) -> Result<Option<&WorkingDays>, PlanError> {
        match self.cascade().counted() {
            CountedDays::Calendar => Ok(None),
            CountedDays::Working => {
                let days = self.cascade().working_days();
                Ok(Some(days.ok_or(PlanError::NoWorkingDays)?))
            }
        }
    }
}

impl Plan {
    /// Returns what of a place falls on the days of a stretch.
    ///
    /// # Errors
    /// [`PlanError::UnknownMeasure`]; [`PlanError::NotForKind`] for a measure that does not add up over time; the errors of places.
    pub fn stretch(&self, measure: &str, stretch: &Stretch) -> Result<Quantity, PlanError> {
        Ok(self.explain_stretch(measure, stretch)?.amount)
    }

    /// Returns why a stretch has its amount.
    ///
    /// # Errors
    /// As [`Plan::stretch`].
    pub fn explain_stretch(
        &self,
        measure: &str,
        stretch: &Stretch,
    ) -> Result<StretchProvenance, PlanError> {
        let number = self.sheet_index(measure)?;
        let sheet = &self.sheets[number];
        let quantum = sheet.measure().quantum;
        let working = sheet.curve_days()?;
        let (start, end) = (stretch.days.start(), stretch.days.end());
        let seen = self.seen_by(sheet, Layer::Assigned, &self.frame.select(&stretch.at)?)?;
        let mut cells = Vec::new();
        let mut sum = 0_i128;
        for leaf in self.cells_in(number, stretch)? {
            let units = seen[leaf.level()][leaf.index()];
            let bends = bends_of(sheet.bends(leaf), (units, sheet.amounts().at(leaf)))?;
            let period = self.frame.period_of(leaf);
            let days = self.frame.cell_days(leaf.level(), leaf.index(), period);
            let curve = DayCurve::over(days, units, working).bent(&bends);
            let part = curve.between(start, end)?;
            let edits = bends.iter().map(|bend| {
                let part = curve.bend_until(bend, end)? - curve.bend_until(bend, start)?;
                Ok((bend.days, quantum.quantity(part)))
            });
            cells.push(StretchCell {
                path: self.frame.path(leaf),
                cell: quantum.quantity(units),
                days: days
                    .before(end, working)?
                    .checked_sub(days.before(start, working)?)?,
                of: days.count(working)?,
                amount: quantum.quantity(part),
                edits: edits.collect::<Result<_, PlanError>>()?,
            });
            sum += i128::from(part);
        }
        let amount = i64::try_from(sum).map_err(|_| PlanError::SumOutOfRange {
            measure: sheet.measure().key.clone(),
        });
        Ok(StretchProvenance {
            measure: sheet.measure().key.clone(),
            stretch: stretch.clone(),
            amount: quantum.quantity(amount?),
            cells,
        })
    }

    /// Returns the curve of the base of a leaf.
    pub(super) fn curve<'a>(
        &'a self,
        sheet: &'a Sheet,
        leaf: NodeId,
    ) -> Result<DayCurve<'a>, PlanError> {
        let period = self.frame.period_of(leaf);
        let days = self.frame.cell_days(leaf.level(), leaf.index(), period);
        let curve = DayCurve::over(days, sheet.amounts().at(leaf), sheet.curve_days()?);
        Ok(curve.bent(sheet.bends(leaf)))
    }

    /// Returns the leaves of a stretch that have a day in it.
    pub(super) fn cells_in(
        &self,
        sheet: usize,
        stretch: &Stretch,
    ) -> Result<Vec<NodeId>, PlanError> {
        let own = &self.sheets[sheet];
        if !matches!(own.cascade().kind(), Kind::Flow) {
            return Err(PlanError::NotForKind {
                measure: own.measure().key.clone(),
                kind: own.cascade().kind().name(),
                what: "a stretch of days",
            });
        }
        let selection: Selection = self.frame.select(&stretch.at)?;
        let mut leaves = self.leaves_of(&selection);
        leaves.retain(|leaf| !self.days_in(*leaf, stretch.days).is_empty());
        Ok(leaves)
    }

    /// Returns the days of a leaf that lie in a range.
    pub(super) fn days_in(&self, leaf: NodeId, range: DayRange) -> Vec<DayRange> {
        let days = self
            .frame
            .cell_days(leaf.level(), leaf.index(), self.frame.period_of(leaf));
        let own = days.ranges().iter();
        own.filter_map(|own| own.intersection(range)).collect()
    }

    /// Returns what of the base falls on a stretch, in quanta.
    pub(super) fn stretch_units(&self, sheet: usize, stretch: &Stretch) -> Result<i64, PlanError> {
        let own = &self.sheets[sheet];
        let mut sum = 0_i128;
        for leaf in self.cells_in(sheet, stretch)? {
            let part = self
                .curve(own, leaf)?
                .between(stretch.days.start(), stretch.days.end())?;
            sum += i128::from(part);
        }
        i64::try_from(sum).map_err(|_| PlanError::SumOutOfRange {
            measure: own.measure().key.clone(),
        })
    }

    /// Refuses a cell whose curve runs against its amount between two of its bends.
    pub(super) fn check_curve(&self, sheet: usize, leaf: NodeId) -> Result<(), PlanError> {
        let own = &self.sheets[sheet];
        let curve = self.curve(own, leaf)?;
        let Some(hull) = curve.days().hull() else {
            return Ok(());
        };
        let mut points: Vec<NaiveDate> = vec![hull.start(), hull.end()];
        for bend in own.bends(leaf) {
            points.extend([bend.days.start(), bend.days.end()]);
        }
        points.retain(|point| hull.start() <= *point && *point <= hull.end());
        points.sort_unstable();
        points.dedup();
        let units = own.amounts().at(leaf);
        for pair in points.windows(2) {
            let part = curve.exactly_between(pair[0], pair[1])?;
            if (part < 0 && units >= 0) || (part > 0 && units <= 0) {
                let part = i64::try_from(part).map_err(|_| self.too_large(leaf))?;
                return Err(PlanError::Edit(EditError::RunsBackwards {
                    place: self.frame.path(leaf),
                    day: pair[0],
                    amount: own.measure().quantum.amount(part),
                }));
            }
        }
        Ok(())
    }
}
