//! Where two period sets meet: nesting, common refinements, and the maps that roll one set up into another.

use chrono::NaiveDate;

use crate::key::Key;

use super::{CalendarError, PeriodDef, PeriodId, PeriodSet};

/// Returns, for each period of `child`, the period of `parent` within which it lies.
///
/// ```
/// use chrono::NaiveDate;
/// use quotaflow::calendar::{Calendar, Grain, parent_map};
/// let (from, to) = (NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(), NaiveDate::from_ymd_opt(2026, 6, 1).unwrap());
/// let calendar = Calendar::gregorian();
/// let months = calendar.periods(Grain::Month, from, to)?;
/// let quarters = calendar.periods(Grain::Quarter, from, to)?;
/// let weeks = calendar.periods(Grain::Week, from, to)?;
/// let [first, second] = [quarters.id("2026-Q1")?, quarters.id("2026-Q2")?];
/// assert_eq!(parent_map(&months, &quarters)?, [first, second, second]);
/// assert!(parent_map(&weeks, &months).is_err());
/// # Ok::<(), quotaflow::calendar::CalendarError>(())
/// ```
///
/// # Errors
/// [`CalendarError::NotNested`] names the first period that does not lie within one.
pub fn parent_map(child: &PeriodSet, parent: &PeriodSet) -> Result<Vec<PeriodId>, CalendarError> {
    child
        .iter()
        .map(|period| {
            let holder = parent.on(period.start).filter(|&at| {
                parent
                    .range(at)
                    .is_some_and(|range| period.end <= range.end())
            });
            holder.ok_or_else(|| CalendarError::NotNested {
                child: child.key().clone(),
                parent: parent.key().clone(),
                period: period.label,
                start: period.start,
                end: period.end,
            })
        })
        .collect()
}

/// Returns the coarsest set whose periods each lie within one period of `left`, or outside all of them, and likewise
/// for `right`; with the maps that roll it up into both.
///
/// Its periods, the atoms, cover every day that either set covers: whatever is held by atoms adds up both ways. An atom
/// is labelled with its first day, and the set is called after both keys.
///
/// ```
/// use chrono::NaiveDate;
/// use quotaflow::calendar::{Calendar, Grain, refinement};
/// let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
/// let calendar = Calendar::gregorian();
/// let months = calendar.periods(Grain::Month, day(1, 1), day(3, 1))?;
/// let weeks = calendar.periods(Grain::Week, day(1, 26), day(2, 9))?;
/// let both = refinement(&months, &weeks)?;
/// let labels: Vec<String> = both.atoms().iter().map(|atom| atom.label.to_string()).collect();
/// assert_eq!(labels, ["2026-01-01", "2026-01-26", "2026-02-01", "2026-02-02", "2026-02-09"]);
/// let (january, february) = (months.id("2026-01").ok(), months.id("2026-02").ok());
/// assert_eq!(both.to_left(), [january, january, february, february, february]);
/// assert_eq!(both.to_right(), [None, weeks.on(day(1, 26)), weeks.on(day(1, 31)), weeks.on(day(2, 2)), None]);
/// # Ok::<(), quotaflow::calendar::CalendarError>(())
/// ```
///
/// # Errors
/// [`CalendarError::TooManyPeriods`].
pub fn refinement(left: &PeriodSet, right: &PeriodSet) -> Result<Refinement, CalendarError> {
    let mut cuts: Vec<NaiveDate> = [left, right]
        .into_iter()
        .flat_map(PeriodSet::iter)
        .flat_map(|period| [period.start, period.end])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut atoms = Vec::new();
    let (mut to_left, mut to_right) = (Vec::new(), Vec::new());
    for pair in cuts.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let (in_left, in_right) = (left.on(start), right.on(start));
        if in_left.is_none() && in_right.is_none() {
            continue;
        }
        let label = Key::new(start.to_string()).map_err(|source| CalendarError::Label {
            ordinal: atoms.len(),
            source,
        })?;
        atoms.push(PeriodDef { label, start, end });
        to_left.push(in_left);
        to_right.push(in_right);
    }
    let key = joint_key(left, right)?;
    Ok(Refinement {
        atoms: PeriodSet::new(key, atoms)?,
        to_left,
        to_right,
    })
}

/// `LEFT&RIGHT`, or `refinement` where that would be too long for a key.
fn joint_key(left: &PeriodSet, right: &PeriodSet) -> Result<Key, CalendarError> {
    let joint = format!("{}&{}", left.key(), right.key());
    let text = if joint.len() > Key::MAX_LEN {
        "refinement"
    } else {
        &joint
    };
    Key::new(text).map_err(|source| CalendarError::Label { ordinal: 0, source })
}

/// The common [`refinement`] of two period sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refinement {
    atoms: PeriodSet,
    to_left: Vec<Option<PeriodId>>,
    to_right: Vec<Option<PeriodId>>,
}

impl Refinement {
    /// Returns the pieces into which each set cuts the other.
    #[must_use]
    pub fn atoms(&self) -> &PeriodSet {
        &self.atoms
    }

    /// Returns, for each atom, its period in the left set, `None` outside.
    #[must_use]
    pub fn to_left(&self) -> &[Option<PeriodId>] {
        &self.to_left
    }

    /// Returns, for each atom, its period in the right set, `None` outside.
    #[must_use]
    pub fn to_right(&self) -> &[Option<PeriodId>] {
        &self.to_right
    }

    /// Returns the atoms, the map to the left set and the map to the right set.
    #[must_use]
    pub fn into_parts(self) -> (PeriodSet, Vec<Option<PeriodId>>, Vec<Option<PeriodId>>) {
        (self.atoms, self.to_left, self.to_right)
    }
}
