//! What may not move: holds and closed periods.

use chrono::NaiveDate;

use crate::plan::change::{HoldEdit, HoldWhat};
use crate::plan::frame::Selection;
use crate::plan::hold::Marks;
use crate::plan::patch::Patch;
use crate::plan::replaced::Replaced;
use crate::plan::respread::Region;
use crate::plan::{EditError, NodeId, Plan, PlanError};
use crate::quantity::Ratio;

impl Plan {
    pub(super) fn hold(
        &mut self,
        hold: &HoldEdit,
        on: bool,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let sheet = self.sheet_index(hold.measure.as_str())?;
        for place in &hold.at {
            match hold.what {
                HoldWhat::Total | HoldWhat::Base => {
                    let node = self.frame.node(place)?;
                    let both = hold.what == HoldWhat::Total;
                    self.hold_node(sheet, node, (on, both), journal);
                }
                HoldWhat::Days(days) => self.hold_stretch(sheet, place, days, on, journal)?,
                HoldWhat::Leaves => {
                    let selection = self.frame.select(place)?;
                    for node in self.leaves_of(&selection) {
                        self.hold_node(sheet, node, (on, true), journal);
                    }
                }
            }
        }
        Ok(())
    }

    /// Holds the base of a node and, if both layers are meant, what is assigned to it; or lets both go.
    fn hold_node(
        &mut self,
        sheet: usize,
        node: NodeId,
        (on, both): (bool, bool),
        journal: &mut Vec<Patch>,
    ) {
        self.set_held(sheet, node, on, journal);
        let own = &self.sheets[sheet];
        let amounts = own.amounts();
        let is_own = own.cascade().factor_above(node) != Some(Ratio::ONE);
        let old =
            (on && both && is_own && amounts.has_assigned()).then(|| amounts.assigned_at(node));
        if amounts.told().get(&node).copied() != old {
            self.replace(sheet, Replaced::Told { node, old }, journal);
        }
    }

    pub(super) fn set_held(
        &mut self,
        sheet: usize,
        node: NodeId,
        on: bool,
        journal: &mut Vec<Patch>,
    ) {
        let (level, index) = (node.level(), node.index());
        if self.sheets[sheet].is_held(NodeId::new(level, index)) != on {
            let old = on.then(|| self.value(sheet, node));
            self.replace(sheet, Replaced::Hold { node, old }, journal);
        }
    }

    pub(in crate::plan) fn leaves_of(&self, selection: &Selection) -> Vec<NodeId> {
        let region = Region::new(&self.frame, selection.node);
        let mut leaves = Vec::new();
        for level in region.top..=region.last() {
            for index in region.run(level) {
                let node = NodeId::new(level, index);
                let agrees =
                    |(step, coord): &(usize, u32)| self.frame.coord_at(node, *step) == *coord;
                if self.frame.child_range(node).is_empty() && selection.below.iter().all(agrees) {
                    leaves.push(node);
                }
            }
        }
        leaves
    }

    /// Marks all nodes whose periods end on or before a day; a period in which the day lies stays open.
    pub(super) fn close(
        &mut self,
        before: NaiveDate,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        if let Some(closed) = self.closed_before.filter(|closed| before < *closed) {
            return Err(PlanError::Edit(EditError::Reopened { before, closed }));
        }
        self.mark_closed(before, journal);
        Ok(())
    }

    /// Opens all periods again that end after a day, which some period that is closed does.
    pub(super) fn reopen(
        &mut self,
        from: NaiveDate,
        journal: &mut Vec<Patch>,
    ) -> Result<(), PlanError> {
        let closed = self.closed_before;
        if closed.is_none_or(|closed| closed <= from) {
            return Err(PlanError::Edit(EditError::Open { from, closed }));
        }
        self.mark_closed(from, journal);
        Ok(())
    }

    /// The day before which a plan that is closed so far says that it is closed: the end of its last period that is over by then.
    pub(crate) fn last_end(&self, before: NaiveDate) -> Option<NaiveDate> {
        let steps = 0..self.frame.steps.len();
        let ends = steps
            .filter_map(|step| self.frame.periods(step))
            .flat_map(|periods| periods.ranges.iter().map(|range| range.end()));
        ends.filter(|end| *end <= before).max()
    }

    /// Marks what is over before a day as closed, and nothing else; what is closed is told by the end of its last period.
    fn mark_closed(&mut self, before: NaiveDate, journal: &mut Vec<Patch>) {
        let told = self.last_end(before);
        let mut marks = Marks::default();
        // Whether each node of the level above is closed.
        let mut above = vec![false];
        for (step, pair) in self.frame.levels.windows(2).enumerate() {
            let ranges = self.frame.periods(step).map(|periods| &periods.ranges);
            let past = |coord: u32| {
                let range = ranges.and_then(|ranges| ranges.get(coord as usize));
                range.is_some_and(|range| range.end() <= before)
            };
            let mut closed = Vec::with_capacity(pair[1].len());
            for (parent, above) in above.iter().enumerate() {
                for index in pair[0].children(parent) {
                    let now = *above || past(pair[1].coords[index]);
                    if now {
                        marks.set(step + 1, index, true);
                    }
                    closed.push(now);
                }
            }
            above = closed;
        }
        let undo = self.swap(Patch::Closed { old: told, marks });
        journal.push(undo);
    }
}
