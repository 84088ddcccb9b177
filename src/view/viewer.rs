//! What a viewer sees of a view: the rows of a member and of everybody below it.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::error::ViewError;
use crate::key::Key;
use crate::panel::Panel;
use crate::space::{Axis, Dimension, RowId, Space, SpaceError, Subjects};

/// Who looks: a member of a dimension.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    pub(super) dimension: String,
    pub(super) member: String,
}

impl Viewer {
    /// What the viewer sees of a panel by the structure of a day.
    pub(super) fn part(
        &self,
        panel: &Panel,
        (view, space, day): (&Key, &Space, NaiveDate),
    ) -> Result<Panel, ViewError> {
        let dimension = space.dimension(&self.dimension)?;
        let seen = self.seen(dimension, day)?;
        let rows = panel.subjects();
        let axes = rows.axes().iter().enumerate();
        let own = axes.filter(|(_, axis)| axis.dimension == *dimension.key());
        let own: Vec<(usize, &Axis)> = own.collect();
        if own.is_empty() {
            return Err(ViewError::NoRows {
                view: view.clone(),
                dimension: dimension.key().clone(),
            });
        }
        let is_seen = |row: &RowId| {
            let members = rows.members(*row);
            own.iter()
                .filter(|(_, axis)| !own.iter().any(|(_, low)| is_above(dimension, axis, low)))
                .all(|(at, _)| seen.contains(&members[*at]))
        };
        let part = rows
            .ids()
            .filter(is_seen)
            .map(|row| rows.members(row).to_vec());
        let part = Subjects::rows(rows.axes().to_vec(), part.collect())?;
        Ok(panel.among(part)?)
    }

    /// The member and everybody who is below it on a day in any hierarchy of the dimension.
    fn seen<'a>(
        &self,
        dimension: &'a Dimension,
        day: NaiveDate,
    ) -> Result<BTreeSet<&'a Key>, SpaceError> {
        let viewer = dimension.member(&self.member)?;
        let mut seen = BTreeSet::from([dimension.key_of(viewer)]);
        for hierarchy in &dimension.definition().hierarchies {
            let tree = dimension.tree(hierarchy.key.as_str())?;
            seen.extend(
                tree.below(viewer, day)
                    .map(|member| dimension.key_of(member)),
            );
        }
        Ok(seen)
    }
}

/// Whether the level of one axis stands above that of another one in some hierarchy.
fn is_above(dimension: &Dimension, axis: &Axis, low: &Axis) -> bool {
    dimension.definition().hierarchies.iter().any(|own| {
        let depth = |axis: &Axis| own.levels.iter().position(|level| *level == axis.level);
        let both = depth(axis).zip(depth(low));
        both.is_some_and(|(above, below)| above < below)
    })
}
