//! Charts with a memory, for small shifts that last.

use super::limits::float;
use super::{Around, ControlError, ControlLimits, Course, Signal, Smoothing, Sums};
use crate::quantity::Ratio;

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
    pub limits: Vec<ControlLimits>,
    /// The positions of averages outside, from 0.
    pub flagged: Vec<usize>,
}

/// Returns the exponentially weighted moving averages from the centre on: each is `lambda` of the value and the rest of the
/// average before (Roberts; NIST/SEMATECH 6.3.2.4). The limits are so many standard deviations of the average wide. Averages and
/// limits are floats, for drawing; which points are flagged is exact, and a point on a limit is not.
///
/// # Errors
/// [`ControlError::Parameter`] where a parameter makes no sense.
pub fn ewma(
    values: &[Ratio],
    around: Around,
    smoothing: Smoothing,
    limits: EwmaLimits,
) -> Result<Ewma, ControlError> {
    Signal::Ewma(smoothing).check()?;
    let course = Course::around(values, around)?;
    let widening = match limits {
        EwmaLimits::Constant => false,
        EwmaLimits::Widening => true,
    };
    let outside = course.ewma(smoothing, widening);
    let (centre, sigma) = (float(around.centre), float(around.sigma));
    let (lambda, factor) = (float(smoothing.lambda), float(smoothing.factor));
    let mut chart = Ewma {
        averages: Vec::new(),
        limits: Vec::new(),
        flagged: flagged(&outside, |outside| outside.is_ne()),
    };
    let (mut average, mut left) = (centre, 1.0);
    for value in values {
        average += lambda * (float(*value) - average);
        left *= (1.0 - lambda) * (1.0 - lambda);
        let start = if widening { 1.0 - left } else { 1.0 };
        let distance = factor * sigma * (lambda / (2.0 - lambda) * start).sqrt();
        chart.averages.push(average);
        chart.limits.push(ControlLimits {
            lower: centre - distance,
            centre,
            upper: centre + distance,
        });
    }
    Ok(chart)
}

fn flagged<T>(points: &[T], is: impl Fn(&T) -> bool) -> Vec<usize> {
    (0..points.len()).filter(|at| is(&points[*at])).collect()
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
/// Allowance and interval are in the unit of the values. The sums are floats, for drawing; which points are flagged is exact.
///
/// # Errors
/// [`ControlError::Parameter`] where a parameter makes no sense.
pub fn cusum(values: &[Ratio], aim: Ratio, sums: Sums) -> Result<Cusum, ControlError> {
    Signal::Cusum(sums).check()?;
    let around = Around {
        centre: aim,
        sigma: Ratio::ONE,
    };
    let beyond = Course::around(values, around)?.cusum(sums);
    let (aim, allowance) = (float(aim), float(sums.allowance));
    let mut chart = Cusum {
        high: Vec::new(),
        low: Vec::new(),
        flagged: flagged(&beyond, |(high, low)| *high || *low),
    };
    let (mut high, mut low) = (0.0_f64, 0.0_f64);
    for value in values {
        high = (high + float(*value) - aim - allowance).max(0.0);
        low = (low - float(*value) + aim - allowance).max(0.0);
        chart.high.push(high);
        chart.low.push(low);
    }
    Ok(chart)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ratio(value: f64) -> Ratio {
        format!("{value:.6}").parse().unwrap()
    }

    fn ratios(values: &[f64]) -> Vec<Ratio> {
        values.iter().copied().map(ratio).collect()
    }

    fn around(centre: f64, sigma: f64) -> Around {
        let (centre, sigma) = (ratio(centre), ratio(sigma));
        Around { centre, sigma }
    }

    fn smoothing(lambda: f64, factor: f64) -> Smoothing {
        let (lambda, factor) = (ratio(lambda), ratio(factor));
        Smoothing { lambda, factor }
    }

    fn sums(allowance: f64, interval: f64) -> Sums {
        let (allowance, interval) = (ratio(allowance), ratio(interval));
        Sums {
            allowance,
            interval,
        }
    }

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
    fn averages_and_limits_are_those_of_the_handbook() {
        let values = [
            52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3,
            47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
        ];
        let chart = ewma(
            &ratios(&values),
            around(50.0, 2.0539),
            smoothing(0.3, 3.0),
            EwmaLimits::Constant,
        )
        .unwrap();
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
    fn limits_widen_from_the_start() {
        let chart = ewma(
            &ratios(&[11.0, 13.0, 12.0]),
            around(10.0, 2.0),
            smoothing(0.5, 2.0),
            EwmaLimits::Widening,
        )
        .unwrap();
        all_close(&chart.averages, &[10.5, 11.75, 11.875], 1e-12);
        let sigmas: Vec<f64> = chart
            .limits
            .iter()
            .map(|limits| (limits.upper - 10.0) / 2.0)
            .collect();
        all_close(&sigmas, &[1.0, 1.25_f64.sqrt(), 1.3125_f64.sqrt()], 1e-12);
    }

    #[test]
    fn sums_are_those_of_the_handbook() {
        let values = [
            324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225,
            324.600, 324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775,
            326.875, 328.350,
        ];
        let chart = cusum(&ratios(&values), ratio(325.0), sums(0.3175, 4.1959)).unwrap();
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
    fn a_sum_on_the_interval_is_not_flagged() {
        let chart = cusum(
            &ratios(&[1.5, 0.5, 0.6, -1.5, -0.5, -0.8]),
            Ratio::ZERO,
            sums(0.5, 1.0),
        )
        .unwrap();
        all_close(&chart.high, &[1.0, 1.0, 1.1, 0.0, 0.0, 0.0], 1e-12);
        all_close(&chart.low, &[0.0, 0.0, 0.0, 1.0, 1.0, 1.3], 1e-12);
        assert_eq!(chart.flagged, [2, 5]);
    }

    proptest! {
        /// Floats only save work: the last point is judged as the exact way judges it, on the limit too.
        #[test]
        fn the_last_point_is_judged_as_all_points_are(
            values in prop::collection::vec(-8_i64..=8, 1..16),
            lambda in 1_i128..=10,
            factor in 1_i128..=40,
        ) {
            let values: Vec<Ratio> = values.into_iter().map(Ratio::from).collect();
            let tenth = |parts: i128| Ratio::new(parts, 10).unwrap();
            let smoothing = Smoothing { lambda: tenth(lambda), factor: tenth(factor) };
            let course = Course::around(&values, around(0.0, 1.0)).unwrap();
            let all = course.ewma(smoothing, false);
            prop_assert_eq!(Some(&course.ewma_last(smoothing)), all.last());
        }
    }
}
