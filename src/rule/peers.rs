//! The place of a subject among all others.

use super::WhyUnknown;
use super::fraction::{Fraction, Reading};
use crate::panel::Reason;
use crate::quantity::Ratio;

/// Returns each subject's standing; what is not known has none, and takes no place from the others.
pub(super) fn standings(standing: Standing, values: &[Reading]) -> Vec<Reading> {
    let mut order: Vec<(usize, Fraction)> = values
        .iter()
        .enumerate()
        .filter_map(|(subject, value)| value.ok().map(|value| (subject, value)))
        .collect();
    order.sort_by(|left, right| left.1.order(right.1).then(left.0.cmp(&right.0)));
    match standing {
        Standing::Rank => by_place(values, &order, |_, above, _| whole(above + 1)),
        Standing::Percentile => by_place(values, &order, |below, _, count| {
            if count < 2 {
                Err(WhyUnknown::Missing(Reason::NoBase))
            } else {
                whole(below)?.over(whole(count - 1)?)
            }
        }),
        Standing::FromMedian => {
            let median = median(&order);
            values.iter().map(|value| (*value)?.less(median?)).collect()
        }
        Standing::Score => scores(values, &order),
    }
}

fn whole(count: usize) -> Reading {
    Fraction::new(
        i128::try_from(count).map_err(|_| WhyUnknown::Missing(Reason::OutOfRange))?,
        1,
    )
}

/// Fills in what follows from how many values are below, how many above, and how many there are.
fn by_place(
    values: &[Reading],
    order: &[(usize, Fraction)],
    of: impl Fn(usize, usize, usize) -> Reading,
) -> Vec<Reading> {
    let mut found = values.to_vec();
    let mut start = 0;
    for run in order.chunk_by(|left, right| left.1.order(right.1).is_eq()) {
        let end = start + run.len();
        for (subject, _) in run {
            found[*subject] = of(start, order.len() - end, order.len());
        }
        start = end;
    }
    found
}

fn median(order: &[(usize, Fraction)]) -> Reading {
    let middle = order.len() / 2;
    let upper = order.get(middle).ok_or(WhyUnknown::TooFew)?.1;
    if order.len() % 2 == 1 {
        return Ok(upper);
    }
    order[middle - 1].1.plus(upper)?.over(whole(2)?)
}

/// Distances from the mean in standard deviations: real-valued, rounded once to six decimals.
///
/// They are worked out from what each value lies above the smallest, which is exact, so that neither a large value that all
/// share nor a number without finitely many digits in binary makes a spread where there is none.
fn scores(values: &[Reading], order: &[(usize, Fraction)]) -> Vec<Reading> {
    const MILLION: f64 = 1_000_000.0;
    let no_base = || {
        values
            .iter()
            .map(|value| value.and(Err(WhyUnknown::Missing(Reason::NoBase))))
            .collect()
    };
    let (Some((_, least)), Some((_, most))) = (order.first(), order.last()) else {
        return values.to_vec();
    };
    if least.order(*most).is_eq() {
        return no_base();
    }
    let above = |value: Fraction| value.less(*least).map(Fraction::float);
    let known: Result<Vec<f64>, WhyUnknown> =
        order.iter().map(|(_, value)| above(*value)).collect();
    let Ok(known) = known else {
        return values
            .iter()
            .map(|value| value.and(Err(WhyUnknown::Missing(Reason::OutOfRange))))
            .collect();
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "a panel has far fewer than 2^52 subjects"
    )]
    let count = order.len() as f64;
    let mean = known.iter().sum::<f64>() / count;
    let variance = known
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / count;
    let deviation = variance.sqrt();
    let score = |value: &Reading| {
        let millionths = (above((*value)?)? - mean) / deviation * MILLION;
        if !millionths.is_finite() || millionths.abs() > 1e15 {
            return Err(WhyUnknown::Missing(Reason::OutOfRange));
        }
        #[expect(clippy::cast_possible_truncation, reason = "checked to be below 10^15")]
        let rounded = millionths.round() as i64;
        Ratio::new(i128::from(rounded), 1_000_000)
            .map(Fraction::from)
            .map_err(|_| WhyUnknown::Missing(Reason::OutOfRange))
    };
    values.iter().map(score).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(standing: Standing, values: &[Option<i128>]) -> Vec<String> {
        let values: Vec<Reading> = values
            .iter()
            .map(|value| {
                value.map_or(Err(WhyUnknown::Missing(Reason::NothingRecorded)), |value| {
                    Fraction::new(value, 1)
                })
            })
            .collect();
        standings(standing, &values)
            .into_iter()
            .map(|value| {
                value.map_or_else(
                    |reason| reason.to_string(),
                    |value| value.ratio().to_string(),
                )
            })
            .collect()
    }

    #[test]
    fn equal_values_share_a_place_and_the_next_places_stay_empty() {
        let values = [Some(5), Some(9), Some(9), None, Some(1)];
        assert_eq!(
            read(Standing::Rank, &values),
            ["3", "1", "1", "no record", "4"]
        );
        assert_eq!(
            read(Standing::Percentile, &values),
            ["1/3", "2/3", "2/3", "no record", "0"]
        );
        assert_eq!(
            read(Standing::FromMedian, &values),
            ["-2", "2", "2", "no record", "-6"]
        );
    }

    #[test]
    fn a_single_subject_has_a_rank_but_no_percentile_and_no_score() {
        assert_eq!(read(Standing::Rank, &[Some(3)]), ["1"]);
        assert_eq!(
            read(Standing::Percentile, &[Some(3), None]),
            ["nothing to compare with", "no record"]
        );
        assert_eq!(
            read(Standing::Score, &[Some(3)]),
            ["nothing to compare with"]
        );
        assert_eq!(
            read(Standing::Score, &[Some(3), Some(3)]),
            ["nothing to compare with", "nothing to compare with"]
        );
        assert_eq!(read(Standing::FromMedian, &[None]), ["no record"]);
    }

    #[test]
    fn equal_values_have_no_score_whatever_their_digits() {
        let tenth = |of: i128| Fraction::new(of, 10);
        let values = [
            tenth(1),
            Fraction::new(2, 20),
            tenth(1),
            Err(WhyUnknown::Missing(Reason::NotYetDue)),
        ];
        let none = [
            Reason::NoBase,
            Reason::NoBase,
            Reason::NoBase,
            Reason::NotYetDue,
        ];
        let found = standings(Standing::Score, &values);
        let reasons: Vec<WhyUnknown> = found.into_iter().filter_map(Result::err).collect();
        assert_eq!(reasons, none.map(WhyUnknown::Missing));
        // A large value that all share takes nothing from the digits of the rest.
        let far = 1 << 70;
        let values = [2, 4, 4, 4, 5, 5, 7, 9].map(|value| Some(value + far));
        assert_eq!(
            read(Standing::Score, &values),
            ["-1.5", "-0.5", "-0.5", "-0.5", "0", "0", "1", "2"]
        );
    }

    #[test]
    fn scores_are_in_standard_deviations_of_the_population() {
        // 2 4 4 4 5 5 7 9: mean 5, deviation 2.
        let values = [2, 4, 4, 4, 5, 5, 7, 9].map(Some);
        assert_eq!(
            read(Standing::Score, &values),
            ["-1.5", "-0.5", "-0.5", "-0.5", "0", "0", "1", "2"]
        );
    }
}

/// What is said of a subject among its peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Rank,
    Percentile,
    FromMedian,
    Score,
}
