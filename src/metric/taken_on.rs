//! Since when each subject is there: what silence counts from where nothing was ever recorded.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::layout::Layout;
use crate::key::Key;
use crate::space::{Axis, RowId, UNASSIGNED};

impl Layout {
    /// Returns for each row the day on which it was taken on, from which its silence counts where nothing was ever recorded: the
    /// first day on which a link of its member holds, the latest of these where it has several members, or the first day of the
    /// ledger where no link says; nothing for what belongs to nobody.
    #[must_use]
    pub fn taken_on(&self) -> Vec<Option<NaiveDate>> {
        let subjects = self.subjects();
        let start = self.schema().span().start();
        let axes = subjects.axes().iter();
        let firsts: Vec<BTreeMap<&Key, NaiveDate>> =
            axes.map(|axis| first_links(self, axis, start)).collect();
        let of = |row: RowId| {
            let members = subjects.members(row);
            if members.iter().any(|member| *member == *UNASSIGNED) {
                return None;
            }
            let first = |(links, member): (&BTreeMap<&Key, NaiveDate>, &Key)| {
                links.get(member).copied().unwrap_or(start)
            };
            let latest = firsts.iter().zip(members).map(first).max();
            Some(latest.unwrap_or(start).max(start))
        };
        subjects.ids().map(of).collect()
    }
}

/// Returns the first day on which any link of each member of an axis holds; a link without one has always held.
fn first_links<'a>(
    layout: &'a Layout,
    axis: &Axis,
    start: NaiveDate,
) -> BTreeMap<&'a Key, NaiveDate> {
    let mut found = BTreeMap::new();
    let dimension = layout.schema().space().dimension(axis.dimension.as_str());
    let hierarchies = dimension.map_or(&[][..], |found| &found.definition().hierarchies);
    for link in hierarchies.iter().flat_map(|hierarchy| &hierarchy.links) {
        let from = link.from.unwrap_or(start);
        let first = found.entry(&link.member).or_insert(from);
        *first = from.min(*first);
    }
    found
}
