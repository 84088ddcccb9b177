//! Charts with a memory, for small shifts that last.

use super::Limits;

/// How the limits of an [`ewma`] lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum EwmaLimits {
    /// Where they end up: `L sigma sqrt(lambda / (2 - lambda))`, from the first point on. The default.
    #[default]
    Constant,
    /// Narrow at first, as the average of few points varies less: the same times `sqrt(1 - (1 - lambda)^(2 i))`.
    Widening,
}

/// Exponentially weighted moving averages.
#[derive(Debug, Clone, PartialEq)]
pub struct Ewma {
    /// The averages.
    pub averages: Vec<f64>,
    /// Their limits, one for each.
    pub limits: Vec<Limits>,
    /// The positions of averages outside, from 0.
    pub flagged: Vec<usize>,
}

/// Returns the exponentially weighted moving averages from `centre` on: each is `lambda` of the value and the rest of the
/// average before (Roberts; NIST/SEMATECH 6.3.2.4). The limits are `factor` standard deviations wide.
#[must_use]
pub fn ewma(
    values: &[f64],
    centre: f64,
    sigma: f64,
    lambda: f64,
    factor: f64,
    limits: EwmaLimits,
) -> Ewma {
    let mut chart = Ewma {
        averages: Vec::new(),
        limits: Vec::new(),
        flagged: Vec::new(),
    };
    let (mut average, mut left) = (centre, 1.0);
    for (at, value) in values.iter().enumerate() {
        average += lambda * (value - average);
        left *= (1.0 - lambda) * (1.0 - lambda);
        let start = match limits {
            EwmaLimits::Constant => 1.0,
            EwmaLimits::Widening => 1.0 - left,
        };
        let distance = factor * sigma * (lambda / (2.0 - lambda) * start).sqrt();
        let limits = Limits {
            lower: centre - distance,
            centre,
            upper: centre + distance,
        };
        if limits.flags(average) {
            chart.flagged.push(at);
        }
        chart.averages.push(average);
        chart.limits.push(limits);
    }
    chart
}

/// Cumulative sums of what goes beyond the allowance, up and down.
#[derive(Debug, Clone, PartialEq)]
pub struct Cusum {
    /// The sums upward.
    pub high: Vec<f64>,
    /// The sums downward.
    pub low: Vec<f64>,
    /// The positions where a sum is above the decision interval, from 0.
    pub flagged: Vec<usize>,
}

/// Returns the tabular cumulative sums of values against an aim: each adds what goes beyond the allowance and never falls
/// below zero; a point is flagged where a sum is strictly above the decision interval (Page; NIST/SEMATECH 6.3.2.3).
/// Allowance and interval are in the unit of the values.
#[must_use]
pub fn cusum(values: &[f64], aim: f64, allowance: f64, interval: f64) -> Cusum {
    let mut chart = Cusum {
        high: Vec::new(),
        low: Vec::new(),
        flagged: Vec::new(),
    };
    let (mut high, mut low) = (0.0_f64, 0.0_f64);
    for (at, value) in values.iter().enumerate() {
        high = (high + value - aim - allowance).max(0.0);
        low = (low - value + aim - allowance).max(0.0);
        if high > interval || low > interval {
            chart.flagged.push(at);
        }
        chart.high.push(high);
        chart.low.push(low);
    }
    chart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_close(found: &[f64], expected: &[f64], within: f64) {
        assert_eq!(found.len(), expected.len());
        for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!(
                (found - expected).abs() < within,
                "{at}: {found} but {expected}"
            );
        }
    }

    #[test]
    fn d1_ewma() {
        let values = [
            52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3,
            47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
        ];
        let chart = ewma(&values, 50.0, 2.0539, 0.3, 3.0, EwmaLimits::Constant);
        let expected = [
            50.6000, 49.5200, 50.5640, 50.1848, 50.1594, 49.2116, 49.7481, 49.8537, 50.2576,
            50.3303, 50.1112, 49.3578, 49.5205, 50.0543, 49.3780, 49.9246, 50.7272, 51.2291,
            51.9403, 51.9882,
        ];
        all_close(&chart.averages, &expected, 5.1e-5);
        all_close(
            &[chart.limits[0].lower, chart.limits[0].upper],
            &[47.411_57, 52.588_43],
            1e-5,
        );
        assert_eq!(chart.flagged, [0; 0]);
    }

    #[test]
    fn d8_ewma_with_widening_limits() {
        let chart = ewma(
            &[11.0, 13.0, 12.0],
            10.0,
            2.0,
            0.5,
            2.0,
            EwmaLimits::Widening,
        );
        all_close(&chart.averages, &[10.5, 11.75, 11.875], 1e-12);
        let sigmas: Vec<f64> = chart
            .limits
            .iter()
            .map(|limits| (limits.upper - 10.0) / 2.0)
            .collect();
        all_close(&sigmas, &[1.0, 1.25_f64.sqrt(), 1.3125_f64.sqrt()], 1e-12);
    }

    #[test]
    fn d3_cusum() {
        let values = [
            324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225,
            324.600, 324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775,
            326.875, 328.350,
        ];
        let chart = cusum(&values, 325.0, 0.3175, 4.1959);
        let mut high = vec![0.0; 20];
        high[4] = 0.0325;
        high[12..].copy_from_slice(&[
            3.0075, 4.9400, 7.4475, 10.6300, 11.9875, 14.4450, 16.0025, 19.0350,
        ]);
        let mut low = vec![0.0; 20];
        low[1] = 0.0075;
        low[3] = 0.3325;
        low[6..11].copy_from_slice(&[0.5575, 0.7150, 0.1725, 0.2550, 0.3125]);
        all_close(&chart.high, &high, 1e-9);
        all_close(&chart.low, &low, 1e-9);
        assert_eq!(chart.flagged, (13..20).collect::<Vec<_>>());
    }

    #[test]
    fn d8_cusum_on_the_interval_is_not_flagged() {
        let chart = cusum(&[1.5, 0.5, 0.6, -1.5, -0.5, -0.8], 0.0, 0.5, 1.0);
        all_close(&chart.high, &[1.0, 1.0, 1.1, 0.0, 0.0, 0.0], 1e-12);
        all_close(&chart.low, &[0.0, 0.0, 0.0, 1.0, 1.0, 1.3], 1e-12);
        assert_eq!(chart.flagged, [2, 5]);
    }
}
