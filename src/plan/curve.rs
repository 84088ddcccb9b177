//! The days of a planned cell: its target through a day, and by which structure targets are read.

use chrono::NaiveDate;

use super::PlanError;
use super::days::CellDays;
use super::stretch::Bend;
use crate::calendar::{DayRange, WorkingDays};
use crate::quantity::Ratio;
use crate::space::{Posts, Space};

/// By which structure the targets of a plan are read, and by which days a cell is shared where the structure cuts it.
///
/// As it was: each day's target belongs to whom the member belonged that day. As it is on a day: the structure of that day
/// holds for all days, so that years can be compared like for like.
#[derive(Debug, Clone, Copy)]
pub struct Structure<'a> {
    pub(super) space: &'a Space,
    pub(super) as_of: Option<NaiveDate>,
    pub(super) working_days: Option<&'a WorkingDays>,
    pub(super) posts: Option<&'a Posts>,
}

impl<'a> Structure<'a> {
    /// Returns the structure of each day.
    #[must_use]
    pub fn as_it_was(space: &'a Space) -> Self {
        Self {
            space,
            as_of: None,
            working_days: None,
            posts: None,
        }
    }

    /// Returns the structure of one day, taken for all days.
    #[must_use]
    pub fn as_it_is(space: &'a Space, day: NaiveDate) -> Self {
        Self {
            space,
            as_of: Some(day),
            working_days: None,
            posts: None,
        }
    }

    /// Returns the structure with the working days of the company, by which plans are shared whose periods were split by
    /// working days.
    #[must_use]
    pub fn working_days(mut self, days: &'a WorkingDays) -> Self {
        self.working_days = Some(days);
        self
    }

    /// Returns the structure with who holds which post: rows of people have the parts of the targets of posts that are
    /// [credited](Posts::credited) to them, where the plan splits by posts.
    #[must_use]
    pub fn posts(mut self, posts: &'a Posts) -> Self {
        self.posts = Some(posts);
        self
    }
}

/// The target of one planned cell through each of its days.
///
/// Through a day it is the cell's amount times the share of the cell's days up to then, rounded once, half to even. What
/// falls on a stretch of days is the difference of two points of the curve: stretches that follow one another
/// add up to the cell however it is cut, and a cut made later never moves an earlier day.
///
/// ```
/// use quotaflow::calendar::DayRange;
/// use quotaflow::plan::DayCurve;
/// let january = DayRange::new("2026-01-01".parse()?, "2026-02-01".parse()?)?;
/// let cents = DayCurve::by_calendar(january, 100_000);
/// let moved = "2026-01-15".parse()?;
/// assert_eq!(cents.between(january.start(), moved)?, 45_161);
/// assert_eq!(cents.between(moved, january.end())?, 54_839);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DayCurve<'a> {
    days: CellDays<'a>,
    units: i64,
    working: Option<&'a WorkingDays>,
    /// What edits of stretches added; it is in the units.
    bends: &'a [Bend],
}

impl<'a> DayCurve<'a> {
    /// Returns the curve of `units` quanta over all days of a cell alike.
    #[must_use]
    pub fn by_calendar(range: DayRange, units: i64) -> Self {
        Self::over(CellDays::All(range), units, None)
    }

    /// Returns the curve over the working days of a cell; over all days alike where none of them is worked.
    #[must_use]
    pub fn by_working_days(range: DayRange, units: i64, days: &'a WorkingDays) -> Self {
        Self::over(CellDays::All(range), units, Some(days))
    }

    /// Returns the curve over days with gaps between them: of a cell whose member is not there all the time.
    pub(super) fn over(days: CellDays<'a>, units: i64, working: Option<&'a WorkingDays>) -> Self {
        Self {
            days,
            units,
            working,
            bends: &[],
        }
    }

    /// Returns the curve with what edits of stretches added to it.
    pub(super) fn bent(mut self, bends: &'a [Bend]) -> Self {
        self.bends = bends;
        self
    }

    /// Returns the days of the cell.
    pub(super) fn days(&self) -> CellDays<'a> {
        self.days
    }

    /// Returns the target of the days before `end`, in quanta: nothing before the cell begins, all of it once it is over.
    ///
    /// # Errors
    /// [`PlanError::Calendar`] for days outside the working days' range.
    pub fn until(&self, end: NaiveDate) -> Result<i64, PlanError> {
        // The curve of a plan lies between nothing and all of its units; only one that is about to be refused leaves them.
        Ok(i64::try_from(self.exactly_until(end)?).unwrap_or(self.units))
    }

    /// Returns the target of the days before `end`, whatever edits of stretches have made of it.
    fn exactly_until(&self, end: NaiveDate) -> Result<i128, PlanError> {
        let Some(hull) = self.days.hull() else {
            return Ok(self.units.into());
        };
        if end <= hull.start() {
            return Ok(0);
        }
        if end >= hull.end() {
            return Ok(self.units.into());
        }
        let share = self.share(hull, end)?;
        let added: i128 = self.bends.iter().map(|bend| i128::from(bend.units)).sum();
        let base = i128::from(self.units) - added;
        let mut done = half_to_even(base * share.numerator(), share.denominator());
        for bend in self.bends {
            done += i128::from(self.bend_until(bend, end)?);
        }
        Ok(done)
    }

    /// Returns what an edit of a stretch added on the days before `end`.
    pub(super) fn bend_until(&self, bend: &Bend, end: NaiveDate) -> Result<i64, PlanError> {
        if end <= bend.days.start() {
            return Ok(0);
        }
        if end >= bend.days.end() {
            return Ok(bend.units);
        }
        let share = self.share(bend.days, end)?;
        let done = half_to_even(
            i128::from(bend.units) * share.numerator(),
            share.denominator(),
        );
        // A part of the units is no larger than they are.
        Ok(i64::try_from(done).unwrap_or(bend.units))
    }

    /// Returns which part of the cell's days in a range lies before `end`.
    fn share(&self, range: DayRange, end: NaiveDate) -> Result<Ratio, PlanError> {
        let mut working = self.working;
        let mut all = self.days.before_in(range, range.end(), working)?;
        if all.is_zero() && working.is_some() {
            // Where nothing is worked, all days count alike.
            working = None;
            all = self.days.before_in(range, range.end(), working)?;
        }
        if all.is_zero() {
            return Ok(Ratio::ONE);
        }
        Ok(self.days.before_in(range, end, working)?.checked_div(all)?)
    }

    /// Returns the target of the days from `start` up to and without `end`, in quanta.
    ///
    /// # Errors
    /// As [`DayCurve::until`].
    pub fn between(&self, start: NaiveDate, end: NaiveDate) -> Result<i64, PlanError> {
        let part = self.exactly_between(start, end)?;
        // As in `until`.
        Ok(i64::try_from(part).unwrap_or(self.units))
    }

    /// Returns the target of the days from `start` up to and without `end`, whatever edits of stretches have made of it.
    pub(super) fn exactly_between(
        &self,
        start: NaiveDate,
        end: NaiveDate,
    ) -> Result<i128, PlanError> {
        Ok(self.exactly_until(end)? - self.exactly_until(start)?)
    }
}

/// Returns `top / bottom` rounded half to even; `bottom` is positive.
fn half_to_even(top: i128, bottom: i128) -> i128 {
    let (whole, rest) = (top.div_euclid(bottom), top.rem_euclid(bottom));
    let up = match (2 * rest).cmp(&bottom) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => whole.rem_euclid(2),
        std::cmp::Ordering::Greater => 1,
    };
    whole + up
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::WorkingDaysDef;
    use crate::key::Key;

    fn january() -> DayRange {
        DayRange::new("2026-01-01".parse().unwrap(), "2026-02-01".parse().unwrap()).unwrap()
    }

    #[test]
    fn stretches_add_up_to_the_cell_however_it_is_cut() {
        for units in [0, 1, 7, -7, 100_000, -99_999, i64::MAX, i64::MIN] {
            let curve = DayCurve::by_calendar(january(), units);
            let days: Vec<NaiveDate> = january().start().iter_days().take(32).collect();
            let daily: i128 = days
                .windows(2)
                .map(|pair| i128::from(curve.between(pair[0], pair[1]).unwrap()))
                .sum();
            assert_eq!(daily, i128::from(units));
            for cut in &days {
                let (before, after) = (
                    curve.between(january().start(), *cut).unwrap(),
                    curve.between(*cut, january().end()).unwrap(),
                );
                assert_eq!(i128::from(before) + i128::from(after), i128::from(units));
            }
        }
    }

    #[test]
    fn no_day_runs_against_the_cell() {
        let curve = DayCurve::by_calendar(january(), 17);
        let mut last = 0;
        for day in january().start().iter_days().take(33) {
            let now = curve.until(day).unwrap();
            assert!(now >= last, "{day}");
            last = now;
        }
    }

    #[test]
    fn weekends_have_no_target_where_periods_are_shared_by_working_days() {
        let office = WorkingDaysDef::monday_to_friday(Key::new("office").unwrap());
        let office = WorkingDays::new(office).unwrap();
        let curve = DayCurve::by_working_days(january(), 2_200, &office);
        // 3 and 4 January 2026 are a weekend; the month has 22 days from Monday to Friday.
        assert_eq!(curve.until("2026-01-03".parse().unwrap()).unwrap(), 200);
        assert_eq!(curve.until("2026-01-05".parse().unwrap()).unwrap(), 200);
        assert_eq!(curve.until("2026-01-06".parse().unwrap()).unwrap(), 300);
    }
}
