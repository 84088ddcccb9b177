//! From the placements of a record to the subject that it belongs to.

use std::collections::BTreeMap;

use super::error::MetricError;
use super::layout::Layout;
use crate::key::Key;
use crate::ledger::{Kind, Schema, Table};
use crate::space::{MemberId, Placement, RowId};

/// The most combinations of axis members that are looked up in a table; more are searched.
const TABLE_LIMIT: usize = 1 << 24;

/// The subjects of one kind of record, under one choice of fields.
#[derive(Debug, Clone)]
pub(super) struct Lookup {
    axes: Vec<AxisTable>,
    combination: Combination,
    /// The number that stands for no subject: one more than the last.
    none: u32,
}

#[derive(Debug, Clone)]
struct AxisTable {
    /// The field that names the member; records of kinds without one belong to the unassigned member.
    place: Option<usize>,
    /// By placement, or one entry for the unassigned member: the member's position on the axis times its stride.
    steps: Vec<u64>,
}

#[derive(Debug, Clone)]
enum Combination {
    /// One axis, whose positions are the subjects.
    Direct,
    Table(Vec<u32>),
    Sorted(Vec<(u64, u32)>),
}

impl Lookup {
    pub(super) fn new(
        layout: &Layout,
        schema: &Schema,
        kind: &Kind,
        via: &BTreeMap<Key, Key>,
    ) -> Result<Self, MetricError> {
        let subjects = layout.subjects();
        let none = u32::try_from(subjects.len()).unwrap_or(u32::MAX);
        // The members that stand on each axis, by their own number.
        let mut positions: Vec<BTreeMap<&Key, u64>> = vec![BTreeMap::new(); subjects.axes().len()];
        for subject in 0..subjects.len() {
            for (known, member) in positions
                .iter_mut()
                .zip(subjects.members(RowId::at(subject)))
            {
                let next = known.len() as u64;
                known.entry(member).or_insert(next);
            }
        }
        let too_many = || MetricError::TooMany {
            what: "combinations of members",
            count: u64::MAX,
            limit: 1 << 62,
        };
        let mut strides = vec![1_u64; positions.len() + 1];
        for (at, known) in positions.iter().enumerate().rev() {
            let size = known.len() as u64 + 1;
            let stride = strides[at + 1]
                .checked_mul(size)
                .filter(|size| *size <= 1 << 62);
            strides[at] = stride.ok_or_else(too_many)?;
        }
        let direct = positions.len() == 1;
        let mut axes = Vec::with_capacity(positions.len());
        for (at, (axis, known)) in subjects.axes().iter().zip(&positions).enumerate() {
            let field = via.get(&axis.dimension).unwrap_or(&axis.dimension);
            let place = kind.place(field.as_str());
            let stride = if direct { 1 } else { strides[at + 1] };
            let steps = axis_steps(schema, kind, place, axis, known, stride)?;
            axes.push(AxisTable { place, steps });
        }
        let combined = |subject: usize| -> u64 {
            let members = subjects.members(RowId::at(subject)).iter().enumerate();
            members
                .map(|(at, member)| positions[at].get(member).unwrap_or(&0) * strides[at + 1])
                .sum()
        };
        let all = (0..subjects.len()).zip(0_u32..);
        let combination = if direct {
            Combination::Direct
        } else if let Some(size) = usize::try_from(strides[0])
            .ok()
            .filter(|size| *size <= TABLE_LIMIT)
        {
            let mut table = vec![none; size];
            for (subject, number) in all {
                if let Ok(at) = usize::try_from(combined(subject)) {
                    table[at] = number;
                }
            }
            Combination::Table(table)
        } else {
            let mut sorted: Vec<_> = all
                .map(|(subject, number)| (combined(subject), number))
                .collect();
            sorted.sort_unstable();
            Combination::Sorted(sorted)
        };
        Ok(Self {
            axes,
            combination,
            none,
        })
    }

    /// Looks up the subjects of the rows that start at `from`.
    pub(super) fn subjects_of(&self, table: &Table, from: usize, found: &mut [u32]) {
        let count = found.len();
        if let (Combination::Direct, [axis]) = (&self.combination, self.axes.as_slice()) {
            match axis.place {
                Some(place) => {
                    let places = &table.places[place][from..from + count];
                    for (place, subject) in places.iter().zip(found) {
                        *subject = narrow(axis.steps[place.index()]);
                    }
                }
                None => found.fill(narrow(axis.steps.first().copied().unwrap_or(0))),
            }
            return;
        }
        for (at, subject) in found.iter_mut().enumerate() {
            let mut combined = 0;
            for axis in &self.axes {
                let place = axis.place.map_or(Placement::UNASSIGNED, |place| {
                    table.places[place][from + at]
                });
                combined += axis.steps[place.index()];
            }
            *subject = match &self.combination {
                Combination::Direct => narrow(combined),
                Combination::Table(known) => usize::try_from(combined)
                    .ok()
                    .and_then(|at| known.get(at))
                    .copied()
                    .unwrap_or(self.none),
                Combination::Sorted(known) => known
                    .binary_search_by_key(&combined, |(combined, _)| *combined)
                    .map_or(self.none, |at| known[at].1),
            };
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "positions on an axis are below 2^32"
)]
fn narrow(position: u64) -> u32 {
    position as u32
}

fn axis_steps(
    schema: &Schema,
    kind: &Kind,
    place: Option<usize>,
    axis: &crate::space::Axis,
    known: &BTreeMap<&Key, u64>,
    stride: u64,
) -> Result<Vec<u64>, MetricError> {
    let wrong = |error| MetricError::Space {
        place: format!("axis {axis}"),
        error,
    };
    let space = schema.space();
    let own = place.map(|at| kind.dimension(space, at));
    let declared = space.dimension(axis.dimension.as_str()).map_err(wrong)?;
    let dimension = own.unwrap_or(declared);
    let level = dimension.level(axis.level.as_str()).map_err(wrong)?;
    let nowhere = known.len() as u64;
    let mut by_member = vec![nowhere; dimension.len()];
    for (member, position) in known {
        let id = dimension.member(member.as_str()).map_err(wrong)?;
        if id != MemberId::UNASSIGNED && dimension.level_of(id) != Some(level) {
            return Err(MetricError::SubjectLevel {
                dimension: axis.dimension.clone(),
                level: axis.level.clone(),
                member: (*member).clone(),
            });
        }
        by_member[id.index()] = *position;
    }
    if place.is_none() {
        return Ok(vec![by_member[MemberId::UNASSIGNED.index()] * stride]);
    }
    Ok(dimension
        .rollup(level)
        .iter()
        .map(|member| by_member[member.index()] * stride)
        .collect())
}
