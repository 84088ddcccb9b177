//! Points by table: where figures are whole counts and a curve is flat outside its knots, every score that can be is
//! worked out once.

use super::{Curve, Precision};
use crate::band::Owner;
use crate::quantity::{Ratio, Rounding, divide};
use crate::scorecard::curve::Form;

/// The points of every count of a quantum: a list between two counts, and the same points beyond each end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnitTable {
    low: i64,
    points: Vec<i32>,
}

/// A straight line of whole numbers: `(slope x count + start) / over`.
#[derive(Debug, Clone, Copy)]
struct Line {
    slope: i128,
    start: i128,
    over: i128,
}

impl Line {
    /// Returns the same line in lowest terms, so that it is worked out in as few bits as can be.
    fn lowest(self) -> Option<Self> {
        let gcd = |a: i128, b: i128| {
            // In lowest terms a quotient has lost the common divisor.
            let reduced = if b == 0 {
                1
            } else {
                Ratio::new(a, b).ok()?.denominator()
            };
            Some(if b == 0 {
                a.checked_abs()?
            } else {
                b.checked_abs()? / reduced
            })
        };
        let common = gcd(gcd(self.slope, self.over)?, gcd(self.start, self.over)?)?.max(1);
        Some(Self {
            slope: self.slope / common,
            start: self.start / common,
            over: self.over / common,
        })
    }
}

/// A piece of the curve, from a count on; the first has none.
struct Segment<'c> {
    from: Option<i128>,
    form: &'c Form,
}

impl UnitTable {
    /// Returns the table of a curve whose input is `slope x count + start`, or `None` where there is none of at most
    /// `longest` entries.
    pub(crate) fn new(
        curve: &Curve,
        slope: Ratio,
        start: Ratio,
        precision: Precision,
        longest: usize,
    ) -> Option<Self> {
        let Form::Line {
            slope: top,
            start: constant,
            over,
        } = Form::line(slope, start).ok()?
        else {
            return None;
        };
        let input = Line {
            slope: top,
            start: constant,
            over,
        };
        let segments = segments(curve, slope, start)?;
        let flat = |segment: &Segment<'_>| matches!(segment.form, Form::Line { slope: 0, .. });
        let (first, last) = (segments.first()?, segments.last()?);
        if !flat(first) || !flat(last) {
            return None;
        }
        // One count inside the first segment, and the first of the last segment, stand for everything beyond.
        let low = segments
            .iter()
            .find_map(|segment| segment.from)
            .map_or(Some(0), |from| from.checked_sub(1))?;
        let high = last.from.unwrap_or(low);
        let length = usize::try_from(high.checked_sub(low)?)
            .ok()?
            .checked_add(1)?;
        if length > longest {
            return None;
        }
        let mut points = Vec::with_capacity(length);
        for (place, segment) in segments.iter().enumerate() {
            let from = segment.from.map_or(low, |from| from.max(low));
            let to = segments
                .get(place + 1)
                .map_or(high + 1, |next| next.from.unwrap_or(low));
            fill(&mut points, input, segment.form, from, to, precision)?;
        }
        (points.len() == length).then_some(Self {
            low: i64::try_from(low).ok()?,
            points,
        })
    }

    /// Returns the points of a count.
    #[inline]
    pub(crate) fn at(&self, count: i64) -> i32 {
        let last = self.points.len() - 1;
        let place = usize::try_from(count.saturating_sub(self.low).max(0)).unwrap_or(last);
        self.points[place.min(last)]
    }

    /// Returns the size of the most or the fewest points, whichever is farther from zero.
    pub(crate) fn largest(&self) -> u32 {
        self.points
            .iter()
            .map(|points| points.unsigned_abs())
            .max()
            .unwrap_or(0)
    }

    /// Adds weighted points to sums, cell by cell. The caller makes sure that they fit.
    pub(crate) fn add(&self, counts: &[i64], weight: i64, sums: &mut [i64]) {
        let (points, low) = (self.points.as_slice(), self.low);
        let high = low
            .saturating_add(i64::try_from(points.len()).unwrap_or(i64::MAX))
            .saturating_sub(1);
        for (sum, count) in sums.iter_mut().zip(counts) {
            let place = (*count).max(low).min(high).wrapping_sub(low);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and the last place; two moves and no branch, where the data would mislead one"
            )]
            let place = place as usize;
            if let Some(points) = points.get(place) {
                *sum += i64::from(*points) * weight;
            }
        }
    }
}

/// Returns the pieces of a curve by the counts from which they hold.
fn segments(curve: &Curve, slope: Ratio, start: Ratio) -> Option<Vec<Segment<'_>>> {
    let pieces = curve.pieces();
    let falling = slope.is_negative();
    let mut segments: Vec<Segment<'_>> = Vec::with_capacity(pieces.len());
    // Where the input falls as the count rises, the pieces come in reverse.
    let place = |step: usize| {
        if falling {
            pieces.len() - 1 - step
        } else {
            step
        }
    };
    segments.push(Segment {
        from: None,
        form: &pieces[place(0)].form,
    });
    for step in 1..pieces.len() {
        let (at, owner) = pieces[place(step).min(place(step - 1))].upper?;
        let edge = at.checked_sub(start).ok()?.checked_div(slope).ok()?;
        let rounding = match (owner, falling) {
            (Owner::Upper, false) | (Owner::Lower, true) => Rounding::Ceiling,
            (Owner::Lower, false) | (Owner::Upper, true) => Rounding::Floor,
        };
        let whole = divide(edge.numerator(), edge.denominator(), rounding)?;
        let from = if rounding == Rounding::Floor {
            whole.checked_add(1)?
        } else {
            whole
        };
        segments.push(Segment {
            from: Some(from),
            form: &pieces[place(step)].form,
        });
    }
    Some(segments)
}

fn fill(
    points: &mut Vec<i32>,
    input: Line,
    form: &Form,
    from: i128,
    to: i128,
    precision: Precision,
) -> Option<()> {
    if from >= to {
        return Some(());
    }
    if let Form::Line { slope, start, over } = form {
        // The line of the curve over the line of the input.
        let line = Line {
            slope: slope
                .checked_mul(input.slope)?
                .checked_mul(precision.power())?,
            start: slope
                .checked_mul(input.start)?
                .checked_add(start.checked_mul(input.over)?)?
                .checked_mul(precision.power())?,
            over: over.checked_mul(input.over)?,
        };
        return fill_line(points, line.lowest()?, from, to, precision.rounding());
    }
    for count in from..to {
        let (top, bottom) = form.at(
            input.slope.checked_mul(count)?.checked_add(input.start)?,
            input.over,
        )?;
        points.push(i32::try_from(precision.units_of(top, bottom)?).ok()?);
    }
    Some(())
}

fn fill_line(
    points: &mut Vec<i32>,
    line: Line,
    from: i128,
    to: i128,
    rounding: Rounding,
) -> Option<()> {
    let end = |count: i128| line.slope.checked_mul(count)?.checked_add(line.start);
    let (first, last) = (end(from)?, end(to - 1)?);
    let largest = first
        .unsigned_abs()
        .max(last.unsigned_abs())
        .max(line.over.unsigned_abs());
    if rounding == Rounding::HalfAwayFromZero && largest < 1 << 61 && first >= 0 && last >= 0 {
        // All in 64 bits, and nothing below zero: a half goes up.
        let (mut top, slope, over) = (
            i64::try_from(first).ok()?,
            i64::try_from(line.slope).ok()?,
            i64::try_from(line.over).ok()?,
        );
        for _ in from..to {
            points.push(i32::try_from((top + over / 2) / over).ok()?);
            top = top.saturating_add(slope);
        }
        return Some(());
    }
    let mut top = first;
    for _ in from..to {
        points.push(i32::try_from(divide(top, line.over, rounding)?).ok()?);
        top = top.checked_add(line.slope)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorecard::CurveDef;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_table_says_what_the_curve_says(def in crate::scorecard::curve::tests::definition(), top in prop_oneof![-5_i128..0, 1_i128..6], bottom in 1_i128..4, start in -9_i64..9, rounding in 0_usize..3, counts in proptest::collection::vec(-900_i64..900, 12)) {
            let curve = Curve::new(def).unwrap();
            let (slope, start) = (Ratio::new(top, bottom).unwrap(), Ratio::from(start));
            let rounding = [Rounding::HalfAwayFromZero, Rounding::Floor, Rounding::HalfEven][rounding];
            let precision = Precision::new(2, rounding).unwrap();
            if let Some(table) = UnitTable::new(&curve, slope, start, precision, 10_000) {
                let edges = [table.low - 1, table.low, table.low + 1, table.low + i64::try_from(table.points.len()).unwrap(), i64::MIN, i64::MAX];
                for count in counts.into_iter().chain(edges) {
                    let input = slope.checked_mul(Ratio::from(count)).unwrap().checked_add(start).unwrap();
                    let exact = curve.at(input).unwrap().to_decimal(2, rounding).unwrap().mantissa();
                    prop_assert_eq!(i128::from(table.at(count)), exact, "{}", count);
                    let mut sums = [7];
                    table.add(&[count], 3, &mut sums);
                    prop_assert_eq!(i128::from(sums[0]), 7 + 3 * exact);
                }
            }
        }
    }

    #[test]
    fn only_flat_ends_have_a_table() {
        let table = |def: CurveDef| {
            UnitTable::new(
                &Curve::new(def).unwrap(),
                Ratio::percent(1),
                Ratio::ZERO,
                Precision::default(),
                500,
            )
        };
        assert!(table(CurveDef::line(Ratio::ONE)).is_none());
        let both = CurveDef::line(Ratio::ONE)
            .floor(Ratio::ZERO)
            .cap(Ratio::from(4));
        assert_eq!(table(both).unwrap().points.len(), 402);
        assert!(
            table(
                CurveDef::line(Ratio::ONE)
                    .floor(Ratio::ZERO)
                    .cap(Ratio::from(5))
            )
            .is_none(),
            "too long"
        );
        assert_eq!(
            table(CurveDef::through([("1", "60")]).unwrap())
                .unwrap()
                .points
                .len(),
            1
        );
    }
}
