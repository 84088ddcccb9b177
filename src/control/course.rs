//! A course of values against a centre and a standard deviation, exact.

use std::cmp::Ordering;

use super::whole::Whole;
use super::{Around, ControlError, Smoothing, Sums};
use crate::quantity::Ratio;

/// Values against a centre and a standard deviation, as control charts look at them.
///
/// Whatever is asked of a course is answered exactly: a value three standard deviations from the centre lies on the limit and
/// not beyond it, whether or not these numbers have finitely many digits.
///
/// ```
/// use quotaflow::control::{Around, Course, Flagging, Run};
/// let ratio = |text: &str| text.parse();
/// let around = Around { centre: ratio("0.01")?, sigma: ratio("0.03")? };
/// // 0.01 + 3 x 0.03 = 0.10: the second value is on the limit, the third beyond it.
/// let course = Course::around(&[ratio("0.02")?, ratio("0.1")?, ratio("0.11")?], around)?;
/// assert_eq!(course.run(Run::BeyondThree, Flagging::Last), [2]);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Course {
    /// What lies between each value and the centre, times a factor that is common to all.
    distances: Vec<Whole>,
    /// The standard deviation times the same factor; above zero.
    sigma: Whole,
}

impl Course {
    /// Returns a course around a centre and a standard deviation that are known.
    ///
    /// # Errors
    /// [`ControlError::Parameter`] where the standard deviation is not positive.
    pub fn around(values: &[Ratio], around: Around) -> Result<Self, ControlError> {
        Self::of_around(&fractions(values), around)
    }

    /// Returns the course of the values after the first so many, around the mean of these and their mean moving range over
    /// 1.128 (individual values and moving ranges; NIST/SEMATECH 6.3.2.2).
    ///
    /// # Errors
    /// [`ControlError::TooFew`] for fewer than two values in the baseline or none after it; [`ControlError::NoSpread`]
    /// where the baseline does not vary.
    pub fn after(values: &[Ratio], first: usize) -> Result<Self, ControlError> {
        Self::of_after(&fractions(values), first)
    }

    /// Returns the same of fractions that nobody has reduced; the denominators are above zero.
    pub(crate) fn of_around(values: &[(i128, i128)], around: Around) -> Result<Self, ControlError> {
        ControlError::unless(around.sigma > Ratio::ZERO, "sigma", "positive")?;
        let known =
            [around.centre, around.sigma].map(|ratio| (ratio.numerator(), ratio.denominator()));
        let mut all = over_one(values.iter().chain(&known));
        let (sigma, centre) = (all.pop(), all.pop());
        let (Some(sigma), Some(centre)) = (sigma, centre) else {
            return Err(ControlError::NoSpread);
        };
        Ok(Self {
            distances: all.iter().map(|value| value.less(&centre)).collect(),
            sigma,
        })
    }

    /// Returns the same of fractions that nobody has reduced; the denominators are above zero.
    pub(crate) fn of_after(values: &[(i128, i128)], first: usize) -> Result<Self, ControlError> {
        if first < 2 || values.len() <= first {
            return Err(ControlError::TooFew {
                known: values.len(),
                needed: first.max(2) + 1,
            });
        }
        let all = over_one(values.iter());
        let (normal, course) = all.split_at(first);
        let sum = normal
            .iter()
            .fold(Whole::ZERO, |sum, value| sum.plus(value));
        let ranges = normal.windows(2).fold(Whole::ZERO, |sum, pair| {
            sum.plus(&pair[1].less(&pair[0]).size())
        });
        // The centre is sum / n, the deviation ranges / (n - 1) / 1.128; all is taken n (n - 1) 1128 times.
        let count = Whole::from(i128::try_from(first).unwrap_or(i128::MAX));
        let common = count.less(&Whole::from(1)).times(&Whole::from(1_128));
        let sigma = ranges.times(&count).times(&Whole::from(1_000));
        if sigma.sign().is_eq() {
            return Err(ControlError::NoSpread);
        }
        let distance = |value: &Whole| value.times(&count).less(&sum).times(&common);
        Ok(Self {
            distances: course.iter().map(distance).collect(),
            sigma,
        })
    }

    /// Returns how many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.distances.len()
    }

    /// Says whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.distances.is_empty()
    }

    /// Returns on which side the last point is: above, on or below the centre.
    #[must_use]
    pub fn last_side(&self) -> Option<Ordering> {
        self.distances.last().map(Whole::sign)
    }

    /// Returns how the last value stands to the one before; equal where there is none.
    #[must_use]
    pub fn last_move(&self) -> Ordering {
        match self.distances.as_slice() {
            [.., before, last] => last.cmp(before),
            _ => Ordering::Equal,
        }
    }

    /// Returns for each point where its tabular cumulative sums lie above the interval: upward and downward. Each sum adds
    /// what goes beyond the allowance and never falls below zero; on the interval there is no signal (Page; NIST/SEMATECH
    /// 6.3.2.3).
    #[must_use]
    pub fn cusum(&self, sums: Sums) -> Vec<(bool, bool)> {
        let whole = |ratio: i128| Whole::from(ratio);
        let (allowance, interval) = (sums.allowance, sums.interval);
        // All is taken so many times that allowance and interval are whole.
        let allowed = whole(allowance.numerator())
            .times(&whole(interval.denominator()))
            .times(&self.sigma);
        let limit = whole(interval.numerator())
            .times(&whole(allowance.denominator()))
            .times(&self.sigma);
        let scale = whole(allowance.denominator()).times(&whole(interval.denominator()));
        let (mut high, mut low) = (Whole::ZERO, Whole::ZERO);
        let add = |sum: &Whole, distance: &Whole| {
            let sum = sum.plus(distance).less(&allowed);
            sum.max(Whole::ZERO)
        };
        self.distances
            .iter()
            .map(|distance| {
                let distance = distance.times(&scale);
                high = add(&high, &distance);
                low = add(&low, &distance.negated());
                (high > limit, low > limit)
            })
            .collect()
    }

    /// Returns for each point on which side its exponentially weighted moving average lies outside the limits; `Equal` where
    /// it lies within or on them. The limits are where they end up, or widen from the start as the average of few points
    /// varies less (Roberts; NIST/SEMATECH 6.3.2.4).
    #[must_use]
    pub fn ewma(&self, smoothing: Smoothing, widening: bool) -> Vec<Ordering> {
        let mut average = Average::new(self, smoothing);
        let judged = self.distances.iter().map(|distance| {
            average.add(distance);
            average.outside(widening)
        });
        judged.collect()
    }

    /// Returns the same for the last point, within constant limits.
    pub(crate) fn ewma_last(&self, smoothing: Smoothing) -> Ordering {
        if let Some(outside) = self.ewma_by_float(smoothing) {
            return outside;
        }
        let mut average = Average::new(self, smoothing);
        for distance in &self.distances {
            average.add(distance);
        }
        average.outside(false)
    }

    /// Returns the same where floats are enough to tell. Each step of the average adds at most a few rounding errors of the
    /// size of the largest value, and none grows.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the rounding errors are counted"
    )]
    fn ewma_by_float(&self, smoothing: Smoothing) -> Option<Ordering> {
        let float = |ratio: Ratio| ratio.numerator() as f64 / ratio.denominator() as f64;
        let (lambda, factor) = (float(smoothing.lambda), float(smoothing.factor));
        let (mut average, mut largest) = (0.0_f64, 0.0_f64);
        for distance in &self.distances {
            let value = distance.over(&self.sigma);
            largest = largest.max(value.abs());
            average += lambda * (value - average);
        }
        let limit = factor * (lambda / (2.0 - lambda)).sqrt();
        let error = 16.0 * f64::EPSILON * ((self.len() as f64 + 16.0) * largest + limit);
        let over = average.abs() - limit;
        // Not a number is not told apart either.
        if over.abs() > error {
            Some(if over < 0.0 {
                Ordering::Equal
            } else {
                average.total_cmp(&0.0)
            })
        } else {
            None
        }
    }

    /// Returns the values times a number that makes all of them whole.
    pub(super) fn of_whole(values: &[Ratio]) -> Vec<Whole> {
        over_one(fractions(values).iter())
    }

    pub(super) fn distances(&self) -> &[Whole] {
        &self.distances
    }

    /// Returns so many standard deviations.
    pub(super) fn sigmas(&self, count: u8) -> Whole {
        self.sigma.times(&Whole::from(i128::from(count)))
    }
}

/// A moving average of whole numbers: with a weight of `p / q`, after `t` points it is `sum / q^t`.
struct Average<'c> {
    course: &'c Course,
    factor: Ratio,
    weight: (Whole, Whole),
    sum: Whole,
    /// `q^t` and `(q - p)^t`.
    powers: (Whole, Whole),
}

impl<'c> Average<'c> {
    fn new(course: &'c Course, smoothing: Smoothing) -> Self {
        let lambda = smoothing.lambda;
        Self {
            course,
            factor: smoothing.factor,
            weight: (lambda.numerator().into(), lambda.denominator().into()),
            sum: Whole::ZERO,
            powers: (Whole::from(1), Whole::from(1)),
        }
    }

    fn add(&mut self, distance: &Whole) {
        let (p, q) = &self.weight;
        let left = q.less(p);
        self.sum = p
            .times(&self.powers.0)
            .times(distance)
            .plus(&left.times(&self.sum));
        self.powers = (self.powers.0.times(q), self.powers.1.times(&left));
    }

    /// The square of the average against that of its distance: `(L sigma)^2 p / (2 q - p)`, and while the limits widen as much
    /// of it as `1 - ((q - p) / q)^2t`.
    fn outside(&self, widening: bool) -> Ordering {
        let (p, q) = &self.weight;
        let (above, below) = (self.factor.numerator(), self.factor.denominator());
        let found = q.plus(q).less(p).times(&self.sum.squared());
        let found = found.times(&Whole::from(below).squared());
        let mut share = self.powers.0.squared();
        if widening {
            share = share.less(&self.powers.1.squared());
        }
        let limit = Whole::from(above).times(&self.course.sigma).squared();
        if found > limit.times(p).times(&share) {
            self.sum.sign()
        } else {
            Ordering::Equal
        }
    }
}

fn fractions(values: &[Ratio]) -> Vec<(i128, i128)> {
    let parts = |value: &Ratio| (value.numerator(), value.denominator());
    values.iter().map(parts).collect()
}

/// Returns the fractions times a number that makes all of them whole.
fn over_one<'f>(values: impl Iterator<Item = &'f (i128, i128)> + Clone) -> Vec<Whole> {
    // Common multiples as large as fit; nearly always there is one.
    let mut multiples: Vec<i128> = Vec::new();
    let mut of: Vec<usize> = Vec::new();
    for (_, denominator) in values.clone() {
        let mut found = None;
        for (at, multiple) in multiples.iter_mut().enumerate() {
            if *multiple % denominator == 0 {
                found = Some(at);
                break;
            }
            let common = (*multiple / greatest(*multiple, *denominator)).checked_mul(*denominator);
            if let Some(common) = common.filter(|common| *common < 1 << 100) {
                *multiple = common;
                found = Some(at);
                break;
            }
        }
        of.push(found.unwrap_or(multiples.len()));
        if found.is_none() {
            multiples.push(*denominator);
        }
    }
    let others: Vec<Whole> = (0..multiples.len())
        .map(|own| {
            let others = multiples.iter().enumerate().filter(|(at, _)| *at != own);
            others.fold(Whole::from(1), |all, (_, other)| {
                all.times(&Whole::from(*other))
            })
        })
        .collect();
    values
        .zip(of)
        .map(|((numerator, denominator), at)| {
            Whole::from(*numerator)
                .times(&Whole::from(multiples[at] / denominator))
                .times(&others[at])
        })
        .collect()
}

/// Returns the greatest common divisor of two positive numbers.
fn greatest(mut left: i128, mut right: i128) -> i128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}
