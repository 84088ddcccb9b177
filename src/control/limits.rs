//! Limits of control charts.

use super::whole::Whole;
use super::{Around, ControlError, Course};
use crate::quantity::Ratio;

/// A centre and what lies three standard deviations from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlLimits {
    /// The lower limit.
    pub lower: f64,
    /// The centre.
    pub centre: f64,
    /// The upper limit.
    pub upper: f64,
}

impl ControlLimits {
    fn around(centre: f64, distance: f64) -> Self {
        Self {
            lower: centre - distance,
            centre,
            upper: centre + distance,
        }
    }

    fn not_negative(mut self) -> Self {
        self.lower = self.lower.max(0.0);
        self
    }
}

/// The constants that lead from mean ranges to standard deviations and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum RangeConstants {
    /// With three decimals, as tables print them and qcc computes: d2 of two is 1.128, D4 of two is 3.267. The default.
    #[default]
    Table,
    /// The mean range of so many standard normal values, to six decimals; of two exactly 2 / sqrt(pi), and D4 of two
    /// exactly 1 + 3 d3 / d2 with d3 = sqrt(2 - 4 / pi).
    Exact,
}

impl RangeConstants {
    /// Returns d2 of groups of this size, which divides a mean range into a standard deviation; `None` outside sizes 2 to
    /// 10.
    #[must_use]
    pub fn d2(self, size: usize) -> Option<f64> {
        const TABLE: [f64; 9] = [
            1.128, 1.693, 2.059, 2.326, 2.534, 2.704, 2.847, 2.970, 3.078,
        ];
        const EXACT: [f64; 9] = [
            std::f64::consts::FRAC_2_SQRT_PI,
            1.692_569,
            2.058_751,
            2.325_929,
            2.534_413,
            2.704_357,
            2.847_201,
            2.970_026,
            3.077_505,
        ];
        let constants = match self {
            Self::Table => TABLE,
            Self::Exact => EXACT,
        };
        size.checked_sub(2)
            .and_then(|at| constants.get(at))
            .copied()
    }

    /// Returns d2 of two neighbours.
    fn d2_of_two(self) -> f64 {
        match self {
            Self::Table => 1.128,
            Self::Exact => std::f64::consts::FRAC_2_SQRT_PI,
        }
    }

    /// Returns D4 of two, which multiplies a mean moving range into its upper limit.
    fn d4_of_two(self) -> f64 {
        match self {
            Self::Table => 3.267,
            Self::Exact => 1.0 + 3.0 * (2.0 - 4.0 / std::f64::consts::PI).sqrt() / self.d2_of_two(),
        }
    }
}

/// Individual values and their moving ranges.
#[derive(Debug, Clone, PartialEq)]
pub struct Xmr {
    /// The limits of the values.
    pub values: ControlLimits,
    /// The mean moving range.
    pub mean_range: f64,
    /// The upper limit of the moving ranges.
    pub range_limit: f64,
    /// The positions of values outside their limits, from 0.
    pub flagged: Vec<usize>,
    /// The positions of values whose range to the one before is above its limit, from 0.
    pub flagged_ranges: Vec<usize>,
}

/// Returns the chart of individual values and moving ranges; `None` for fewer than two values.
///
/// The limits are the mean plus and minus three mean moving ranges over d2 (Shewhart; NIST/SEMATECH 6.3.2.2). They are floats,
/// for drawing; with the constants of tables, which values and ranges are flagged is exact.
#[must_use]
pub fn xmr(values: &[Ratio], constants: RangeConstants) -> Option<Xmr> {
    let count = Whole::from(
        i128::try_from(values.len())
            .ok()
            .filter(|count| *count > 1)?,
    );
    let gaps = count.less(&Whole::from(1));
    let whole = Course::of_whole(values);
    let total = whole.iter().fold(Whole::ZERO, |sum, value| sum.plus(value));
    let ranges: Vec<Whole> = whole
        .windows(2)
        .map(|pair| pair[1].less(&pair[0]).size())
        .collect();
    let moved = ranges
        .iter()
        .fold(Whole::ZERO, |sum, range| sum.plus(range));
    // Three mean ranges over 1.128, and 3.267 of them, against the distance from the mean and the range: in whole numbers.
    let far = |value: &Whole| value.times(&count).less(&total).size();
    let (limit, range_limit) = (moved.times(&count), moved.clone());
    let beyond = |value: &Whole| match constants {
        RangeConstants::Table => {
            far(value).times(&gaps).times(&Whole::from(1_128)) > limit.times(&Whole::from(3_000))
        }
        // 2 / sqrt(pi) is no fraction: nothing but a course that does not vary lies on such a limit.
        RangeConstants::Exact => {
            let (far, limit) = (far(value).times(&gaps), limit.times(&Whole::from(3)));
            limit.sign().is_gt() && far.over(&limit) * constants.d2_of_two() > 1.0
        }
    };
    let beyond_range = |range: &Whole| match constants {
        RangeConstants::Table => {
            range.times(&gaps).times(&Whole::from(1_000)) > range_limit.times(&Whole::from(3_267))
        }
        RangeConstants::Exact => {
            let range = range.times(&gaps);
            range_limit.sign().is_gt() && range.over(&range_limit) > constants.d4_of_two()
        }
    };
    let mean_range = mean(
        &values
            .windows(2)
            .map(|pair| (float(pair[1]) - float(pair[0])).abs())
            .collect::<Vec<_>>(),
    )?;
    let centre = mean(&values.iter().copied().map(float).collect::<Vec<_>>())?;
    Some(Xmr {
        values: ControlLimits::around(centre, 3.0 * mean_range / constants.d2_of_two()),
        mean_range,
        range_limit: constants.d4_of_two() * mean_range,
        flagged: (0..whole.len()).filter(|at| beyond(&whole[*at])).collect(),
        flagged_ranges: (0..ranges.len())
            .filter(|at| beyond_range(&ranges[*at]))
            .map(|at| at + 1)
            .collect(),
    })
}

/// Limits and the points outside them. The limits are floats, for drawing; which points are flagged is exact, and a point on a
/// limit is not.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The limits of each point.
    pub limits: Vec<ControlLimits>,
    /// The positions of points outside, from 0.
    pub flagged: Vec<usize>,
}

/// Returns the chart of the means of groups of this size (X-bar chart): limits three standard deviations of a mean from the
/// centre.
///
/// # Errors
/// [`ControlError::Parameter`] for an empty group, or where the standard deviation is not positive.
pub fn mean_chart(means: &[Ratio], around: Around, size: u32) -> Result<Chart, ControlError> {
    ControlError::unless(size > 0, "the size of a group", "at least one")?;
    let course = Course::around(means, around)?;
    // The square of the distance is at most nine variances over the size.
    let limit = course.sigmas(3).squared();
    let beyond =
        |distance: &Whole| distance.squared().times(&Whole::from(i128::from(size))) > limit;
    let distance = 3.0 * float(around.sigma) / f64::from(size).sqrt();
    Ok(Chart {
        limits: vec![ControlLimits::around(float(around.centre), distance); means.len()],
        flagged: (0..means.len())
            .filter(|at| beyond(&course.distances()[*at]))
            .collect(),
    })
}

/// Returns the chart of the share of `size` items, from counts over samples of equal size (p chart): the mean share plus
/// and minus three standard deviations of the binomial. `None` without samples.
#[must_use]
pub fn share_chart(counts: &[u32], size: u32) -> Option<Chart> {
    if size == 0 || counts.is_empty() {
        return None;
    }
    let (samples, total) = sums(counts)?;
    let all = samples.times(&Whole::from(i128::from(size)));
    // With N samples of n and T in all: (N c - T)^2 n > 9 N T (N n - T) / N.
    let limit = total.times(&all.less(&total)).times(&Whole::from(9));
    let beyond = |count: &u32| {
        let far = Whole::from(i128::from(*count)).times(&samples).less(&total);
        far.squared().times(&Whole::from(i128::from(size))) > limit
    };
    let share = total.over(&all);
    let deviation = (share * (1.0 - share) / f64::from(size)).sqrt();
    let limits = ControlLimits::around(share, 3.0 * deviation).not_negative();
    Some(chart(counts, vec![limits; counts.len()], beyond))
}

/// Returns the chart of counts (c chart): the mean plus and minus three times its root. `None` without counts.
#[must_use]
pub fn count_chart(counts: &[u32]) -> Option<Chart> {
    if counts.is_empty() {
        return None;
    }
    let (samples, total) = sums(counts)?;
    // (N c - T)^2 > 9 N T.
    let limit = samples.times(&total).times(&Whole::from(9));
    let beyond = |count: &u32| {
        let far = Whole::from(i128::from(*count)).times(&samples).less(&total);
        far.squared() > limit
    };
    let centre = total.over(&samples);
    let limits = ControlLimits::around(centre, 3.0 * centre.sqrt()).not_negative();
    Some(chart(counts, vec![limits; counts.len()], beyond))
}

/// Returns the chart of counts per unit (u chart), from counts and the units they were found in, each with limits of its
/// own. `None` without units, or where there are not as many of them as counts.
#[must_use]
pub fn rate_chart(counts: &[u32], units: &[u32]) -> Option<Chart> {
    if counts.len() != units.len() || units.contains(&0) || units.is_empty() {
        return None;
    }
    let ((_, total), (_, all)) = (sums(counts)?, sums(units)?);
    let rate = total.over(&all);
    let limits = |units: &u32| {
        ControlLimits::around(rate, 3.0 * (rate / f64::from(*units)).sqrt()).not_negative()
    };
    let pairs: Vec<(u32, u32)> = counts.iter().copied().zip(units.iter().copied()).collect();
    // With u units: (c U - u T)^2 > 9 u U T.
    let beyond = |(count, units): &(u32, u32)| {
        let units = Whole::from(i128::from(*units));
        let far = Whole::from(i128::from(*count))
            .times(&all)
            .less(&units.times(&total));
        far.squared() > units.times(&all).times(&total).times(&Whole::from(9))
    };
    Some(chart(&pairs, units.iter().map(limits).collect(), beyond))
}

fn chart<T>(points: &[T], limits: Vec<ControlLimits>, beyond: impl Fn(&T) -> bool) -> Chart {
    let flagged = (0..points.len())
        .filter(|at| beyond(&points[*at]))
        .collect();
    Chart { limits, flagged }
}

/// Returns how many counts there are, and their sum.
fn sums(counts: &[u32]) -> Option<(Whole, Whole)> {
    let total: i128 = counts.iter().map(|count| i128::from(*count)).sum();
    let count = i128::try_from(counts.len()).ok()?;
    Some((count.into(), total.into()))
}

fn mean(values: &[f64]) -> Option<f64> {
    let count = u32::try_from(values.len())
        .ok()
        .filter(|count| *count > 0)?;
    Some(values.iter().sum::<f64>() / f64::from(count))
}

/// Returns the nearest float, for drawing.
#[expect(
    clippy::cast_precision_loss,
    reason = "the nearest float is what is asked for"
)]
pub(super) fn float(ratio: Ratio) -> f64 {
    ratio.numerator() as f64 / ratio.denominator() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() < within, "{found} but {expected}");
    }

    fn ratios(values: &[&str]) -> Vec<Ratio> {
        values.iter().map(|value| value.parse().unwrap()).collect()
    }

    #[test]
    fn limits_of_individual_values_are_those_of_the_handbook() {
        let values = ratios(&[
            "49.6", "47.6", "49.9", "51.3", "47.8", "51.2", "52.6", "52.4", "53.6", "52.1",
        ]);
        let chart = xmr(&values, RangeConstants::Table).unwrap();
        close(chart.values.centre, 50.81, 1e-9);
        close(chart.mean_range, 1.877_778, 1e-6);
        close(chart.values.upper, 55.8041, 1e-4);
        close(chart.values.lower, 45.8159, 1e-4);
        assert_eq!((chart.flagged, chart.flagged_ranges), (vec![], vec![]));
        let exact = xmr(&values, RangeConstants::Exact).unwrap();
        close(exact.values.upper, 55.802_412, 1e-6);
        close(exact.values.lower, 45.817_588, 1e-6);
        assert_eq!(xmr(&[Ratio::ONE], RangeConstants::Table), None);
        let flat = xmr(&[Ratio::ONE; 5], RangeConstants::Exact).unwrap();
        assert_eq!((flat.flagged, flat.flagged_ranges), (vec![], vec![]));
    }

    #[test]
    fn accounts_receivable_end_beyond_both_limits() {
        let values = [
            5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685,
            3463, 5200,
        ];
        let values = values.map(Ratio::from);
        for constants in [RangeConstants::Table, RangeConstants::Exact] {
            let chart = xmr(&values, constants).unwrap();
            close(chart.values.centre, 4135.5, 1e-9);
            close(chart.mean_range, 355.9333, 1e-4);
            assert_eq!((chart.flagged, chart.flagged_ranges), (vec![15], vec![15]));
        }
        let chart = xmr(&values, RangeConstants::Table).unwrap();
        close(chart.values.lower, 3188.8688, 1e-4);
        close(chart.values.upper, 5082.1312, 1e-4);
        close(chart.range_limit, 1162.83, 1e-2);
        close(RangeConstants::Exact.d4_of_two(), 3.267, 1e-3);
    }

    #[test]
    fn means_of_groups_have_narrower_limits() {
        let around = Around {
            centre: "74.00118".parse().unwrap(),
            sigma: "0.009785039".parse().unwrap(),
        };
        let chart = mean_chart(&[around.centre], around, 5).unwrap();
        close(chart.limits[0].lower, 73.988_05, 1e-5);
        close(chart.limits[0].upper, 74.0143, 1e-4);
        close(
            0.02276 / RangeConstants::Table.d2(5).unwrap(),
            0.009_785_039,
            1e-9,
        );
        assert_eq!(
            (RangeConstants::Table.d2(1), RangeConstants::Exact.d2(11)),
            (None, None)
        );
        assert!(mean_chart(&[], around, 0).is_err());
        // Four values with a deviation of 0.2: the limit of their mean lies 0.3 from the centre.
        let around = Around {
            centre: "0.1".parse().unwrap(),
            sigma: "0.2".parse().unwrap(),
        };
        let chart = mean_chart(&ratios(&["0.4", "-0.2", "0.41", "-0.21"]), around, 4).unwrap();
        assert_eq!(chart.flagged, [2, 3]);
    }

    #[test]
    fn shares_counts_and_rates_on_their_limits_are_not_beyond() {
        let p = share_chart(&[2, 3, 1, 4, 2], 50).unwrap();
        close(p.limits[0].centre, 0.048, 1e-12);
        close(p.limits[0].upper, 0.138_693_329_41, 1e-11);
        close(p.limits[0].lower, 0.0, 1e-12);
        let c = count_chart(&[3, 2, 4, 1, 3]).unwrap();
        close(c.limits[0].centre, 2.6, 1e-12);
        close(c.limits[0].upper, 7.437_354_648_979, 1e-12);
        let u = rate_chart(&[6, 4, 9, 5], &[3, 2, 4, 2]).unwrap();
        close(u.limits[0].centre, 24.0 / 11.0, 1e-12);
        assert!(u.limits[1].upper > u.limits[0].upper);
        assert_eq!(rate_chart(&[1], &[0]), None);
        // A mean of 4 has its limit at 10; one of a half among a hundred at 65.
        let mut counts = vec![4, 4, 4, 4, 10, 0, 1, 5];
        assert_eq!(counts.iter().sum::<u32>(), 32);
        assert_eq!(count_chart(&counts).unwrap().flagged, [0; 0]);
        counts[4] = 11;
        counts[7] = 4;
        assert_eq!(count_chart(&counts).unwrap().flagged, [4]);
        assert_eq!(share_chart(&[65, 35, 50], 100).unwrap().flagged, [0; 0]);
        assert_eq!(share_chart(&[66, 34, 50], 100).unwrap().flagged, [0, 1]);
        assert_eq!(rate_chart(&[40, 8], &[4, 8]).unwrap().flagged, [0, 1]);
        assert_eq!(rate_chart(&[10, 22], &[1, 7]).unwrap().flagged, [0; 0]);
    }
}
