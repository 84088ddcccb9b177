//! Limits of control charts.

/// A centre and what lies three standard deviations from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The lower limit.
    pub lower: f64,
    /// The centre.
    pub centre: f64,
    /// The upper limit.
    pub upper: f64,
}

impl Limits {
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

    /// Says whether a value lies outside; on a limit it does not.
    #[must_use]
    pub fn flags(&self, value: f64) -> bool {
        value < self.lower || value > self.upper
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
    pub values: Limits,
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
/// The limits are the mean plus and minus three mean moving ranges over d2 (Shewhart; NIST/SEMATECH 6.3.2.2).
#[must_use]
pub fn xmr(values: &[f64], constants: RangeConstants) -> Option<Xmr> {
    if values.len() < 2 {
        return None;
    }
    let ranges: Vec<f64> = values
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .collect();
    let mean_range = mean(&ranges)?;
    let limits = Limits::around(mean(values)?, 3.0 * mean_range / constants.d2_of_two());
    let range_limit = constants.d4_of_two() * mean_range;
    let positions =
        |flags: &dyn Fn(usize) -> bool| (0..values.len()).filter(|at| flags(*at)).collect();
    Some(Xmr {
        values: limits,
        mean_range,
        range_limit,
        flagged: positions(&|at| limits.flags(values[at])),
        flagged_ranges: positions(&|at| at > 0 && ranges[at - 1] > range_limit),
    })
}

/// Returns the limits of the means of groups of this size; `None` for an empty group.
#[must_use]
pub fn mean_limits(centre: f64, sigma: f64, size: u32) -> Option<Limits> {
    (size > 0).then(|| Limits::around(centre, 3.0 * sigma / f64::from(size).sqrt()))
}

/// Returns the limits of the share of `size` items, from counts over samples of equal size (p chart): the mean share plus
/// and minus three standard deviations of the binomial. `None` without samples.
#[must_use]
pub fn share_limits(counts: &[u32], size: u32) -> Option<Limits> {
    if size == 0 {
        return None;
    }
    let share = mean(
        &counts
            .iter()
            .map(|count| f64::from(*count) / f64::from(size))
            .collect::<Vec<_>>(),
    )?;
    let deviation = (share * (1.0 - share) / f64::from(size)).sqrt();
    Some(Limits::around(share, 3.0 * deviation).not_negative())
}

/// Returns the limits of counts (c chart): the mean plus and minus three times its root. `None` without counts.
#[must_use]
pub fn count_limits(counts: &[u32]) -> Option<Limits> {
    let centre = mean(
        &counts
            .iter()
            .map(|count| f64::from(*count))
            .collect::<Vec<_>>(),
    )?;
    Some(Limits::around(centre, 3.0 * centre.sqrt()).not_negative())
}

/// Returns the limits of counts per unit (u chart), one for each count, from counts and the units they were found in.
/// `None` without units.
#[must_use]
pub fn rate_limits(counts: &[u32], units: &[u32]) -> Option<Vec<Limits>> {
    let sum = |list: &[u32]| list.iter().map(|value| f64::from(*value)).sum::<f64>();
    if counts.len() != units.len() || units.contains(&0) || units.is_empty() {
        return None;
    }
    let rate = sum(counts) / sum(units);
    let limits =
        |units: &u32| Limits::around(rate, 3.0 * (rate / f64::from(*units)).sqrt()).not_negative();
    Some(units.iter().map(limits).collect())
}

fn mean(values: &[f64]) -> Option<f64> {
    let count = u32::try_from(values.len())
        .ok()
        .filter(|count| *count > 0)?;
    Some(values.iter().sum::<f64>() / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() < within, "{found} but {expected}");
    }

    #[test]
    fn d2_individual_values() {
        let values = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1];
        let chart = xmr(&values, RangeConstants::Table).unwrap();
        close(chart.values.centre, 50.81, 1e-9);
        close(chart.mean_range, 1.877_778, 1e-6);
        close(chart.values.upper, 55.8041, 1e-4);
        close(chart.values.lower, 45.8159, 1e-4);
        assert_eq!((chart.flagged, chart.flagged_ranges), (vec![], vec![]));
        let exact = xmr(&values, RangeConstants::Exact).unwrap();
        close(exact.values.upper, 55.802_412, 1e-6);
        close(exact.values.lower, 45.817_588, 1e-6);
        assert_eq!(xmr(&[1.0], RangeConstants::Table), None);
    }

    #[test]
    fn d5_accounts_receivable() {
        let values = [
            5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685,
            3463, 5200,
        ];
        let chart = xmr(&values.map(f64::from), RangeConstants::Table).unwrap();
        close(chart.values.centre, 4135.5, 1e-9);
        close(chart.mean_range, 355.9333, 1e-4);
        close(chart.values.lower, 3188.8688, 1e-4);
        close(chart.values.upper, 5082.1312, 1e-4);
        close(chart.range_limit, 1162.83, 1e-2);
        assert_eq!((chart.flagged, chart.flagged_ranges), (vec![15], vec![15]));
        close(RangeConstants::Exact.d4_of_two(), 3.267, 1e-3);
    }

    #[test]
    fn d7_means_of_groups() {
        let limits = mean_limits(74.001_18, 0.009_785_039, 5).unwrap();
        close(limits.lower, 73.988_05, 1e-5);
        close(limits.upper, 74.0143, 1e-4);
        close(
            0.02276 / RangeConstants::Table.d2(5).unwrap(),
            0.009_785_039,
            1e-9,
        );
        assert_eq!(
            (
                RangeConstants::Table.d2(1),
                RangeConstants::Exact.d2(11),
                mean_limits(1.0, 1.0, 0)
            ),
            (None, None, None)
        );
    }

    #[test]
    fn d8_attributes() {
        let p = share_limits(&[2, 3, 1, 4, 2], 50).unwrap();
        close(p.centre, 0.048, 1e-12);
        close(p.upper, 0.138_693_329_41, 1e-11);
        close(p.lower, 0.0, 1e-12);
        let c = count_limits(&[3, 2, 4, 1, 3]).unwrap();
        close(c.centre, 2.6, 1e-12);
        close(c.upper, 7.437_354_648_979, 1e-12);
        let u = rate_limits(&[6, 4, 9, 5], &[3, 2, 4, 2]).unwrap();
        close(u[0].centre, 24.0 / 11.0, 1e-12);
        assert!(u[1].upper > u[0].upper);
        assert_eq!(rate_limits(&[1], &[0]), None);
    }
}
