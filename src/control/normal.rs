//! The normal distribution, and a test for clustering.

/// Returns the probability that a standard normal value is at most `z`, to about 14 digits.
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    if z.is_nan() {
        return f64::NAN;
    }
    let x = z.abs();
    let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let tail = if x < 3.0 {
        // The series of the integral from 0: x + x^3/3 + x^5/15 + ...
        let (mut term, mut sum, mut odd) = (x, x, 1.0);
        while term > sum * 1e-17 {
            odd += 2.0;
            term *= x * x / odd;
            sum += term;
        }
        0.5 - density * sum
    } else {
        // The continued fraction of the tail, from far inside.
        let fraction = (1..=200)
            .rev()
            .fold(0.0, |inner, step| f64::from(step) / (x + inner));
        density / (x + fraction)
    };
    if z > 0.0 { 1.0 - tail } else { tail }
}

/// Runs about the median.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunsTest {
    /// How many runs there are.
    pub runs: u32,
    /// How many chance would make.
    pub expected: f64,
    /// How likely chance makes so few: a small value means clustering.
    pub clustering: f64,
}

/// Returns the runs of values above and below their median, and how likely chance makes so few (normal approximation). Values
/// on the median count on neither side. `None` when all values are on one side.
#[must_use]
pub fn runs_test(values: &[f64]) -> Option<RunsTest> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    let median = if sorted.len() % 2 == 1 {
        upper
    } else {
        f64::midpoint(sorted[middle - 1], upper)
    };
    let sides: Vec<bool> = values
        .iter()
        .filter(|value| (**value - median).abs() > 0.0)
        .map(|value| *value > median)
        .collect();
    let count = |above: bool| {
        u32::try_from(sides.iter().filter(|side| **side == above).count())
            .ok()
            .map(f64::from)
    };
    let (above, below) = (count(true)?, count(false)?);
    if above < 1.0 || below < 1.0 {
        return None;
    }
    let runs = u32::try_from(sides.chunk_by(|left, right| left == right).count()).ok()?;
    let (all, pairs) = (above + below, 2.0 * above * below);
    let expected = pairs / all + 1.0;
    let variance = pairs * (pairs - all) / (all * all * (all - 1.0));
    Some(RunsTest {
        runs,
        expected,
        clustering: normal_cdf((f64::from(runs) - expected) / variance.sqrt()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() < within, "{found} but {expected}");
    }

    #[test]
    fn the_distribution_agrees_with_tables() {
        close(normal_cdf(0.0), 0.5, 1e-15);
        close(normal_cdf(1.0), 0.841_344_746_068_543, 1e-14);
        close(normal_cdf(-2.0), 0.022_750_131_948_179_2, 1e-14);
        close(normal_cdf(-3.0), 0.001_349_898_031_630_09, 1e-15);
        close(normal_cdf(-4.0), 3.167_124_183_311_99e-5, 1e-17);
        assert!(normal_cdf(f64::NAN).is_nan());
    }

    #[test]
    fn d9_run_lengths_of_three_sigma() {
        close(1.0 / (2.0 * normal_cdf(-3.0)), 370.398, 1e-3);
        close(1.0 / (normal_cdf(-2.0) + normal_cdf(-4.0)), 43.89, 1e-2);
        close(crate::control::false_alarms(500, 92.0), 5.4, 0.05);
    }

    #[test]
    fn d8_clustering() {
        let test = runs_test(&[1.0, 1.0, 1.0, 5.0, 5.0, 5.0]).unwrap();
        assert_eq!(test.runs, 2);
        close(test.expected, 4.0, 1e-12);
        close(test.clustering, 0.033_944_577_4, 1e-10);
        assert_eq!(runs_test(&[1.0, 1.0]), None);
        assert_eq!(runs_test(&[]), None);
    }
}
