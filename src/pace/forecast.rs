//! The rolling forecast: what people said would come, version by version, and how right they were.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::PaceError;
use crate::calendar::{DayRange, PeriodId, PeriodSet};
use crate::key::Key;
use crate::quantity::Ratio;

/// A forecast as somebody submitted it, in whole quanta.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forecast {
    /// Whose it is.
    pub person: Key,
    /// The period that it is for, by label.
    pub period: Key,
    /// On which day it was made.
    pub made: NaiveDate,
    /// What is committed to.
    pub commit: i64,
    /// What comes if all goes well; not less than the commit.
    pub best_case: i64,
    /// Everything that is open; not less than the best case.
    pub pipeline: i64,
}

/// What a forecast says, by how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// What is committed to.
    Commit,
    /// What comes if all goes well.
    BestCase,
    /// Everything that is open.
    Pipeline,
}

impl Category {
    /// All categories, the surest first.
    pub const ALL: [Self; 3] = [Self::Commit, Self::BestCase, Self::Pipeline];
}

impl Forecast {
    /// Returns the amount of a category.
    #[must_use]
    pub fn amount(&self, category: Category) -> i64 {
        match category {
            Category::Commit => self.commit,
            Category::BestCase => self.best_case,
            Category::Pipeline => self.pipeline,
        }
    }
}

/// Submitted forecasts over periods, each version kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecasts {
    periods: PeriodSet,
    /// By person, period and day.
    versions: BTreeMap<(Key, PeriodId, NaiveDate), Forecast>,
}

/// How right forecasts were, added up: over forecasts of one person, one horizon, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForecastScore {
    /// How many forecasts were compared.
    pub count: u64,
    /// What was forecast, together.
    pub forecast: i128,
    /// What came, together.
    pub actual: i128,
    /// What came, together and without sign.
    pub size: i128,
    /// The differences, together and without sign.
    pub off: i128,
}

impl ForecastScore {
    /// Counts one more forecast.
    #[must_use]
    pub fn with(mut self, forecast: i64, actual: i64) -> Self {
        let (forecast, actual) = (i128::from(forecast), i128::from(actual));
        self.count += 1;
        self.forecast += forecast;
        self.actual += actual;
        self.size += actual.abs();
        self.off += (actual - forecast).abs();
        self
    }

    /// Returns `1 - sum of |actual - forecast| / sum of |actual|`: 1 when all were right, below zero when they were further
    /// off than nothing would have been. `None` where nothing came: it has no base.
    ///
    /// ```
    /// use quotaflow::pace::ForecastScore;
    /// use quotaflow::quantity::Ratio;
    /// let score = ForecastScore::default().with(90, 100).with(120, 100);
    /// assert_eq!(score.accuracy(), Ratio::new(17, 20).ok());
    /// assert_eq!(score.bias(), Ratio::new(1, 20).ok());
    /// assert_eq!(ForecastScore::default().with(10, 0).accuracy(), None);
    /// ```
    #[must_use]
    pub fn accuracy(&self) -> Option<Ratio> {
        Ratio::new(self.size.checked_sub(self.off)?, self.size).ok()
    }

    /// Returns `(sum of forecasts - sum of actuals) / sum of |actual|`: above zero for too much hope, below for too much
    /// caution. `None` where nothing came.
    #[must_use]
    pub fn bias(&self) -> Option<Ratio> {
        Ratio::new(self.forecast.checked_sub(self.actual)?, self.size).ok()
    }
}

/// What came of a category: the share of what was said, and how often all of it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryCalibration {
    /// How many forecasts were compared.
    pub count: u64,
    /// What was said, together.
    pub said: i128,
    /// What came, together.
    pub came: i128,
    /// In how many forecasts at least as much came as was said.
    pub reached: u64,
}

impl CategoryCalibration {
    /// Returns how much came of each unit said.
    #[must_use]
    pub fn realised(&self) -> Option<Ratio> {
        Ratio::new(self.came, self.said).ok()
    }

    /// Returns how often all of it came. A commit that means what it says comes nearly always, a best case now and then.
    #[must_use]
    pub fn reached_rate(&self) -> Option<Ratio> {
        Ratio::new(i128::from(self.reached), i128::from(self.count)).ok()
    }
}

impl Forecasts {
    /// Keeps submitted forecasts.
    ///
    /// # Errors
    /// [`PaceError::Calendar`] for a period that is not there, [`PaceError::ForecastOrder`] for categories that do not rise,
    /// [`PaceError::DuplicateForecast`] for two of one person, period and day, [`PaceError::ForecastTooLate`] for one made
    /// after its period.
    pub fn new(periods: PeriodSet, submitted: Vec<Forecast>) -> Result<Self, PaceError> {
        let mut versions = BTreeMap::new();
        for forecast in submitted {
            let period = periods.id(forecast.period.as_str())?;
            let rises =
                forecast.commit <= forecast.best_case && forecast.best_case <= forecast.pipeline;
            let (person, label, made) = (
                forecast.person.clone(),
                forecast.period.clone(),
                forecast.made,
            );
            if !rises {
                return Err(PaceError::ForecastOrder {
                    person,
                    period: label,
                    made,
                });
            }
            if periods
                .range(period)
                .is_some_and(|range| made >= range.end())
            {
                return Err(PaceError::ForecastTooLate {
                    person,
                    period: label,
                    made,
                });
            }
            if versions
                .insert((person.clone(), period, made), forecast)
                .is_some()
            {
                return Err(PaceError::DuplicateForecast {
                    person,
                    period: label,
                    made,
                });
            }
        }
        Ok(Self { periods, versions })
    }

    /// Returns the periods.
    #[must_use]
    pub fn periods(&self) -> &PeriodSet {
        &self.periods
    }

    /// Returns the versions of a person's forecast for a period, the oldest first.
    pub fn versions<'a>(
        &'a self,
        person: &Key,
        period: PeriodId,
    ) -> impl Iterator<Item = &'a Forecast> + use<'a> {
        let first = (person.clone(), period, NaiveDate::MIN);
        let last = (person.clone(), period, NaiveDate::MAX);
        self.versions
            .range(first..=last)
            .map(|(_, forecast)| forecast)
    }

    /// Returns the version that stood on a day: the last one made up to then.
    #[must_use]
    pub fn standing(&self, person: &Key, period: PeriodId, as_of: NaiveDate) -> Option<&Forecast> {
        let first = (person.clone(), period, NaiveDate::MIN);
        let last = (person.clone(), period, as_of);
        self.versions
            .range(first..=last)
            .next_back()
            .map(|(_, forecast)| forecast)
    }

    /// Returns how right a category was by person and horizon: how many periods ahead of the period it was made in (0 for
    /// the same one; before the first period of the set further periods of its length are counted). Every version counts. A forecast counts when its period has ended before `as_of` and `actual` knows
    /// what came; one made in a gap between periods counts from the next period on.
    #[must_use]
    pub fn scores(
        &self,
        category: Category,
        as_of: NaiveDate,
        actual: impl Fn(&Key, PeriodId) -> Option<i64>,
    ) -> BTreeMap<(Key, usize), ForecastScore> {
        let mut scores: BTreeMap<(Key, usize), ForecastScore> = BTreeMap::new();
        self.compared(as_of, actual, |forecast, horizon, came| {
            let score = scores
                .entry((forecast.person.clone(), horizon))
                .or_default();
            *score = score.with(forecast.amount(category), came);
        });
        scores
    }

    /// Returns what came of each category, over all persons and versions, counted as for [`Forecasts::scores`].
    #[must_use]
    pub fn calibration(
        &self,
        as_of: NaiveDate,
        actual: impl Fn(&Key, PeriodId) -> Option<i64>,
    ) -> BTreeMap<Category, CategoryCalibration> {
        let mut found: BTreeMap<Category, CategoryCalibration> = BTreeMap::new();
        self.compared(as_of, actual, |forecast, _, came| {
            for category in Category::ALL {
                let said = forecast.amount(category);
                let one = found.entry(category).or_default();
                one.count += 1;
                one.said += i128::from(said);
                one.came += i128::from(came);
                one.reached += u64::from(came >= said);
            }
        });
        found
    }

    fn compared(
        &self,
        as_of: NaiveDate,
        actual: impl Fn(&Key, PeriodId) -> Option<i64>,
        mut count: impl FnMut(&Forecast, usize, i64),
    ) {
        for ((person, period, made), forecast) in &self.versions {
            let ended = self
                .periods
                .range(*period)
                .is_some_and(|range| range.end() <= as_of);
            if let Some(came) = actual(person, *period).filter(|_| ended) {
                count(forecast, self.horizon(*period, *made), came);
            }
        }
    }

    /// Returns how many periods ahead of a period a day lies: 0 in it. Before the first period of the set, periods as long as
    /// that one are counted back: of months, quarters and years by the months, of others by the days.
    pub(super) fn horizon(&self, period: PeriodId, made: NaiveDate) -> usize {
        let earlier = self
            .periods
            .ids()
            .next()
            .and_then(|first| self.periods.range(first))
            .map_or(0, |first| periods_before(first, made));
        let before = self.periods.iter().take_while(|other| other.end <= made);
        period
            .index()
            .saturating_sub(before.count())
            .saturating_add(earlier)
    }
}

/// Returns how many periods like the first one a day lies before it.
fn periods_before(first: DayRange, day: NaiveDate) -> usize {
    let (start, end) = (first.start(), first.end());
    if day >= start {
        return 0;
    }
    let month = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    let (back, length) = if start.day() == end.day() {
        // The start of a month-like period is its day of the month, so many months earlier.
        let begun = i64::from(day.day() < start.day());
        (month(start) - month(day) + begun, month(end) - month(start))
    } else {
        ((start - day).num_days(), i64::from(first.days()))
    };
    usize::try_from((back + length - 1) / length.max(1)).unwrap_or(usize::MAX)
}

/// Chances that were told, beside what came, in bins of equal width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChanceBin {
    /// How many chances fell into the bin.
    pub count: u64,
    /// Their sum.
    pub told: Ratio,
    /// How many came true.
    pub came: u64,
}

/// The most bins of chances: one for each hundredth of a percent.
const MOST_BINS: u32 = 10_000;

/// Returns chances beside what came, in so many bins (1 to 10,000; the last one holds the chance of one), and the mean squared
/// difference (Brier, 1950; 0 is perfect, a quarter is a coin), `None` without any chance.
///
/// # Errors
/// [`PaceError::Bins`] for no bin or too many; [`PaceError::Quantity`] for a chance outside 0 to 1, and for chances too fine to add.
pub fn chance_calibration(
    told: &[(Ratio, bool)],
    bins: u32,
) -> Result<(Vec<ChanceBin>, Option<Ratio>), PaceError> {
    let most = MOST_BINS;
    if !(1..=most).contains(&bins) {
        return Err(PaceError::Bins { bins, most });
    }
    let mut found = vec![ChanceBin::default(); usize::try_from(bins).unwrap_or(0)];
    let mut squares = Ratio::ZERO;
    for (chance, came) in told {
        let chance = super::Trust::new(*chance)?.share();
        let place = chance.checked_mul(Ratio::from(i64::from(bins)))?;
        let place = usize::try_from(place.numerator() / place.denominator()).unwrap_or(usize::MAX);
        let last = found.len().saturating_sub(1);
        let bin = found
            .get_mut(place.min(last))
            .ok_or(PaceError::Bins { bins, most })?;
        bin.count += 1;
        bin.told = bin.told.checked_add(chance)?;
        bin.came += u64::from(*came);
        let off = if *came {
            Ratio::ONE.checked_sub(chance)?
        } else {
            chance
        };
        squares = squares.checked_add(off.checked_mul(off)?)?;
    }
    let count = Ratio::from(i64::try_from(told.len()).unwrap_or(i64::MAX));
    Ok((found, squares.checked_div(count).ok()))
}
