//! Subjects: the rows of a panel.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Axis, SpaceError};
use crate::key::{Key, KeyError, unknown};
use crate::limits::{Limits, Size};

/// A row of [`Subjects`], and so of every panel over them.
///
/// Only the subjects give one: [`Subjects::row`] by its members, [`Subjects::ids`] in declared order. It lives as long as they do
/// and is never written: what is stored is the row's members. A row of other subjects is no panic: what is not there is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(u32);

impl RowId {
    /// Returns the position in declared order.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the row at a position; beyond 2^32 it is none of any subjects.
    pub(crate) fn at(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX))
    }
}

/// The ordered, unique rows of a panel: members of one level, tuples of members of several levels, or the whole.
///
/// Cloning is cheap: the list is shared.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SubjectsDef", into = "SubjectsDef")]
pub struct Subjects(Arc<Inner>);

#[derive(PartialEq, Eq)]
struct Inner {
    axes: Vec<Axis>,
    // Row by row: the members of subject i are members[i * axes .. (i + 1) * axes].
    members: Vec<Key>,
    count: usize,
    by_members: BTreeMap<Vec<Key>, RowId>,
}

impl Subjects {
    /// Returns the subjects of one axis, in this order.
    ///
    /// # Errors
    /// [`SpaceError::DuplicateSubject`].
    pub fn new(axis: Axis, members: Vec<Key>) -> Result<Self, SpaceError> {
        let rows = members.into_iter().map(|member| vec![member]).collect();
        Self::rows(vec![axis], rows)
    }

    /// Returns the one subject that stands for everything.
    #[must_use]
    pub fn whole() -> Self {
        let by_members = BTreeMap::from([(Vec::new(), RowId::at(0))]);
        Self(Arc::new(Inner {
            axes: Vec::new(),
            members: Vec::new(),
            count: 1,
            by_members,
        }))
    }

    /// Returns subjects that are tuples of members, one member for each axis, in this order.
    ///
    /// # Errors
    /// [`SpaceError::SubjectShape`], [`SpaceError::DuplicateSubject`].
    pub fn rows(axes: Vec<Axis>, rows: Vec<Vec<Key>>) -> Result<Self, SpaceError> {
        let count = rows.len();
        let mut members = Vec::with_capacity(count * axes.len());
        let mut by_members = BTreeMap::new();
        for (index, row) in rows.into_iter().enumerate() {
            if row.len() != axes.len() {
                return Err(SpaceError::SubjectShape {
                    axes,
                    found: row.len(),
                });
            }
            members.extend(row.iter().cloned());
            if by_members.contains_key(&row) {
                return Err(SpaceError::DuplicateSubject {
                    subject: join(&row),
                });
            }
            by_members.insert(row, RowId::at(index));
        }
        Ok(Self(Arc::new(Inner {
            axes,
            members,
            count,
            by_members,
        })))
    }

    /// Returns every combination of the subjects of two lists, the second varying fastest.
    ///
    /// # Errors
    /// [`SpaceError::Limit`] for more rows than [`Limits::default`] allows, before any is made.
    pub fn cross(&self, other: &Self) -> Result<Self, SpaceError> {
        self.cross_within(other, Limits::default())
    }

    /// Returns what [`cross`](Self::cross) returns, within a host's limit of rows.
    ///
    /// # Errors
    /// [`SpaceError::Limit`] for more rows, before any is made; [`SpaceError::TooMany`] beyond 2^32.
    pub fn cross_within(&self, other: &Self, limits: Limits) -> Result<Self, SpaceError> {
        let needed = Limits::product([self.len(), other.len()]);
        limits.check(Size::Rows, needed)?;
        let limit = u32::MAX as usize;
        if needed > limit as u128 {
            return Err(SpaceError::TooMany {
                what: "subjects",
                count: usize::try_from(needed).unwrap_or(usize::MAX),
                limit,
            });
        }
        let axes = self.axes().iter().chain(other.axes()).cloned().collect();
        let mut rows = Vec::with_capacity(self.len() * other.len());
        for left in self.ids() {
            for right in other.ids() {
                rows.push(
                    self.members(left)
                        .iter()
                        .chain(other.members(right))
                        .cloned()
                        .collect(),
                );
            }
        }
        Self::rows(axes, rows)
    }

    /// Returns the axes; none for the whole.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.0.axes
    }

    /// Returns how many subjects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.count
    }

    /// Says whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.count == 0
    }

    /// Returns the members of a subject, one for each axis; none beyond the end.
    #[must_use]
    pub fn members(&self, row: RowId) -> &[Key] {
        let subject = row.index();
        let width = self.0.axes.len();
        if subject >= self.0.count {
            return &[];
        }
        self.0
            .members
            .get(subject * width..(subject + 1) * width)
            .unwrap_or_default()
    }

    /// Returns the text that stands for a subject: its members joined by ` / `, or `all` for the whole.
    #[must_use]
    pub fn label(&self, row: RowId) -> String {
        join(self.members(row))
    }

    /// Returns all rows in order.
    #[must_use]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = RowId> + use<> {
        (0..self.len()).map(RowId::at)
    }

    /// Returns the row with these members, one for each axis.
    ///
    /// # Errors
    /// [`SpaceError::SubjectShape`] for more or fewer members than there are axes; [`SpaceError::UnknownSubject`] with the
    /// nearest known one and the list.
    pub fn row<N: AsRef<str>>(
        &self,
        members: impl IntoIterator<Item = N>,
    ) -> Result<RowId, SpaceError> {
        let wanted: Vec<N> = members.into_iter().collect();
        if wanted.len() != self.axes().len() {
            return Err(SpaceError::SubjectShape {
                axes: self.axes().to_vec(),
                found: wanted.len(),
            });
        }
        let keys: Result<Vec<Key>, KeyError> = wanted.iter().map(Key::new).collect();
        if let Some(row) = keys.ok().and_then(|keys| self.find(&keys)) {
            return Ok(row);
        }
        let name = wanted.iter().map(AsRef::as_ref).collect::<Vec<_>>();
        let labels: Vec<String> = self.labels().collect();
        let (name, nearest, known) = unknown(&name.join(" / "), labels.iter().map(String::as_str));
        Err(SpaceError::UnknownSubject {
            name,
            nearest,
            known,
        })
    }

    /// Returns the row with these members, if there is one.
    #[must_use]
    pub fn find(&self, members: &[Key]) -> Option<RowId> {
        self.0.by_members.get(members).copied()
    }

    /// Returns the row with this one member, among subjects of one axis, if there is one.
    #[must_use]
    pub fn find_member(&self, member: &str) -> Option<RowId> {
        let key = Key::new(member).ok()?;
        self.find(std::slice::from_ref(&key))
    }

    /// Returns the labels in order.
    #[must_use]
    pub fn labels(&self) -> impl ExactSizeIterator<Item = String> {
        self.ids().map(|row| self.label(row))
    }
}

fn join(members: &[Key]) -> String {
    if members.is_empty() {
        return "all".to_owned();
    }
    members
        .iter()
        .map(Key::as_str)
        .collect::<Vec<_>>()
        .join(" / ")
}

impl fmt::Debug for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subjects")
            .field("axes", &self.0.axes)
            .field("members", &self.0.members)
            .finish()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectsDef {
    axes: Vec<Axis>,
    rows: Vec<Vec<Key>>,
}

impl TryFrom<SubjectsDef> for Subjects {
    type Error = SpaceError;

    fn try_from(definition: SubjectsDef) -> Result<Self, SpaceError> {
        Self::rows(definition.axes, definition.rows)
    }
}

impl From<Subjects> for SubjectsDef {
    fn from(subjects: Subjects) -> Self {
        let rows = subjects.ids().map(|row| subjects.members(row).to_vec());
        let rows = rows.collect();
        Self {
            axes: subjects.axes().to_vec(),
            rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(level: &str, names: &[&str]) -> Subjects {
        let keys = names.iter().map(|name| Key::new(name).unwrap()).collect();
        Subjects::new(Axis::new(level, level).unwrap(), keys).unwrap()
    }

    #[test]
    fn crossing_varies_the_second_fastest() {
        let both = list("person", &["ann", "bo"])
            .cross(&list("product", &["x", "y"]))
            .unwrap();
        assert_eq!(
            both.labels().collect::<Vec<_>>(),
            ["ann / x", "ann / y", "bo / x", "bo / y"]
        );
        let wanted = [Key::new("bo").unwrap(), Key::new("x").unwrap()];
        assert_eq!(both.find(&wanted), both.ids().nth(2));
        assert_eq!(Subjects::whole().cross(&both).unwrap(), both);
    }

    #[test]
    fn a_table_of_more_rows_than_allowed_is_refused_before_it_is_made() {
        let names: Vec<String> = (0..1_500).map(|at| format!("m{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (people, products) = (list("person", &names), list("product", &names));
        let error = people.cross(&products).unwrap_err();
        assert_eq!(
            error.to_string(),
            "this needs 2250000 rows, more than the limit of 2000000; ask for fewer, or raise the limit `rows`"
        );
        let limits = Limits::default().with(Size::Rows, 4);
        let two = |axis| list(axis, &["x", "y"]);
        assert_eq!(two("a").cross_within(&two("b"), limits).unwrap().len(), 4);
        let limits = limits.with(Size::Rows, 3);
        assert!(two("a").cross_within(&two("b"), limits).is_err());
    }

    #[test]
    fn subjects_read_back_and_are_unique() {
        for subjects in [
            Subjects::whole(),
            list("person", &["ann", "bo"]),
            list("person", &[]),
        ] {
            let text = serde_json::to_string(&subjects).unwrap();
            assert_eq!(serde_json::from_str::<Subjects>(&text).unwrap(), subjects);
        }
        let twice = vec![Key::new("ann").unwrap(); 2];
        let error = Subjects::new(Axis::new("person", "person").unwrap(), twice).unwrap_err();
        assert_eq!(error.to_string(), "subject `ann` is listed twice");
        assert_eq!(Subjects::whole().labels().collect::<Vec<_>>(), ["all"]);
    }

    #[test]
    fn a_row_of_other_subjects_has_no_members_here() {
        let people = list("person", &["ann", "bo"]);
        let bo = people.row(["bo"]).unwrap();
        assert_eq!(people.label(bo), "bo");
        assert!(list("person", &["cy"]).members(bo).is_empty());
    }
}
