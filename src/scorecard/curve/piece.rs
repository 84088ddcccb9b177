//! The pieces of a compiled curve.

use std::ops::Bound;

use crate::band::{Interval, Owner};
use crate::quantity::{Ratio, Rounding, divide};
use crate::scorecard::ScorecardError;

/// What holds up to an end, the last piece having none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) upper: Option<(Ratio, Owner)>,
    pub(crate) form: Form,
}

/// How points follow from the input within a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// `(slope x input + start) / over`, whole numbers, `over` positive.
    Line {
        slope: i128,
        start: i128,
        over: i128,
    },
    /// `base + points x` the number of steps of `every` from `from`, rounded down or up.
    Stair {
        base: Ratio,
        from: Ratio,
        every: Ratio,
        points: Ratio,
        mode: Rounding,
    },
}

impl Piece {
    pub(crate) fn last(form: Form) -> Self {
        Self { upper: None, form }
    }
}

impl Form {
    pub(crate) fn line(slope: Ratio, start: Ratio) -> Result<Self, ScorecardError> {
        let parts = || {
            let common = Ratio::new(slope.denominator(), start.denominator()).ok()?;
            // common is slope's over start's in lowest terms: each is filled up to the least common multiple.
            let over = slope.denominator().checked_mul(common.denominator())?;
            Some(Self::Line {
                slope: slope.numerator().checked_mul(common.denominator())?,
                start: start.numerator().checked_mul(common.numerator())?,
                over,
            })
        };
        parts().ok_or(ScorecardError::TooFine)
    }

    pub(crate) fn constant(points: Ratio) -> Result<Self, ScorecardError> {
        Self::line(Ratio::ZERO, points)
    }

    /// Returns the line through two points.
    pub(crate) fn between(
        left: (Ratio, Ratio),
        right: (Ratio, Ratio),
    ) -> Result<Self, ScorecardError> {
        let line = || {
            let slope = right
                .1
                .checked_sub(left.1)?
                .checked_div(right.0.checked_sub(left.0)?)?;
            let start = left.1.checked_sub(slope.checked_mul(left.0)?)?;
            Ok((slope, start))
        };
        let (slope, start) =
            line().map_err(|_: crate::quantity::QuantityError| ScorecardError::TooFine)?;
        Self::line(slope, start)
    }

    /// Returns the points at `numerator / denominator` as a fraction with a positive denominator.
    pub(crate) fn at(&self, numerator: i128, denominator: i128) -> Option<(i128, i128)> {
        match self {
            Self::Line {
                slope: 0,
                start,
                over,
            } => Some((*start, *over)),
            Self::Line { slope, start, over } => {
                let top = slope
                    .checked_mul(numerator)?
                    .checked_add(start.checked_mul(denominator)?)?;
                Some((top, over.checked_mul(denominator)?))
            }
            Self::Stair {
                base,
                from,
                every,
                points,
                mode,
            } => {
                let far = numerator
                    .checked_mul(from.denominator())?
                    .checked_sub(from.numerator().checked_mul(denominator)?)?
                    .checked_mul(every.denominator())?;
                let unit = denominator
                    .checked_mul(from.denominator())?
                    .checked_mul(every.numerator())?;
                stair(*base, *points, divide(far, unit, *mode)?)
            }
        }
    }

    /// Returns the points towards which the form tends at an input, coming from below or from above.
    pub(super) fn limit(&self, at: Ratio, from_below: bool) -> Option<Ratio> {
        match self {
            Self::Line { .. } => {
                let (top, bottom) = self.at(at.numerator(), at.denominator())?;
                Ratio::new(top, bottom).ok()
            }
            Self::Stair {
                base,
                from,
                every,
                points,
                mode,
            } => {
                let far = at.checked_sub(*from).ok()?.checked_div(*every).ok()?;
                let down = divide(far.numerator(), far.denominator(), Rounding::Floor)?;
                let up = divide(far.numerator(), far.denominator(), Rounding::Ceiling)?;
                let steps = match (from_below, mode) {
                    (true, Rounding::Floor) => up.checked_sub(1)?,
                    (true, _) => up,
                    (false, Rounding::Floor) => down,
                    (false, _) => down.checked_add(1)?,
                };
                let (top, bottom) = stair(*base, *points, steps)?;
                Ratio::new(top, bottom).ok()
            }
        }
    }

    /// Returns the inputs, with their owners, at which the points reach a bound.
    fn reaches(&self, bound: Ratio) -> Option<Vec<(Ratio, Owner)>> {
        match self {
            Self::Line { slope: 0, .. } => Some(Vec::new()),
            Self::Line { slope, start, over } => {
                let far = bound
                    .checked_mul(Ratio::new(*over, 1).ok()?)
                    .ok()?
                    .checked_sub(Ratio::new(*start, 1).ok()?)
                    .ok()?;
                Some(vec![(
                    far.checked_div(Ratio::new(*slope, 1).ok()?).ok()?,
                    Owner::Upper,
                )])
            }
            Self::Stair {
                base,
                from,
                every,
                points,
                mode,
            } => {
                let steps = bound.checked_sub(*base).ok()?.checked_div(*points).ok()?;
                let down = divide(steps.numerator(), steps.denominator(), Rounding::Floor)?;
                let mut found = Vec::new();
                // The steps beside the bound: one of these ends is where it is first reached or passed.
                for step in down.checked_sub(1)?..=down.checked_add(2)? {
                    let at = every
                        .checked_mul(Ratio::new(step, 1).ok()?)
                        .ok()?
                        .checked_add(*from)
                        .ok()?;
                    let owner = if *mode == Rounding::Floor {
                        Owner::Upper
                    } else {
                        Owner::Lower
                    };
                    found.push((at, owner));
                }
                Some(found)
            }
        }
    }
}

fn stair(base: Ratio, points: Ratio, steps: i128) -> Option<(i128, i128)> {
    let sum = points
        .numerator()
        .checked_mul(steps)?
        .checked_mul(base.denominator())?
        .checked_add(base.numerator().checked_mul(points.denominator())?)?;
    Some((sum, points.denominator().checked_mul(base.denominator())?))
}

/// Works floor and cap into the pieces: each is split where it reaches them, and joined with an equal neighbour.
pub(super) fn clip(
    pieces: Vec<Piece>,
    floor: Option<Ratio>,
    cap: Option<Ratio>,
) -> Result<Vec<Piece>, ScorecardError> {
    let mut clipped: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut below: Option<(Ratio, Owner)> = None;
    for piece in pieces {
        let mut ends: Vec<Option<(Ratio, Owner)>> = Vec::new();
        for bound in [floor, cap].into_iter().flatten() {
            ends.extend(
                piece
                    .form
                    .reaches(bound)
                    .ok_or(ScorecardError::TooFine)?
                    .into_iter()
                    .map(Some),
            );
        }
        ends.sort();
        ends.dedup();
        ends.push(piece.upper);
        for end in ends {
            let Some(part) = range(below, end) else {
                continue;
            };
            if end != piece.upper && range(end, piece.upper).is_none() {
                continue;
            }
            let form = clip_form(&piece.form, inside(&part)?, floor, cap)?;
            match clipped.last_mut() {
                Some(last) if last.form == form => last.upper = end,
                _ => clipped.push(Piece { upper: end, form }),
            }
            below = end;
        }
    }
    Ok(clipped)
}

/// Returns the form that holds around a point inside a part that is clipped all over or nowhere.
fn clip_form(
    form: &Form,
    inside: Ratio,
    floor: Option<Ratio>,
    cap: Option<Ratio>,
) -> Result<Form, ScorecardError> {
    let (top, bottom) = form
        .at(inside.numerator(), inside.denominator())
        .ok_or(ScorecardError::TooFine)?;
    let points = Ratio::new(top, bottom).map_err(|_| ScorecardError::TooFine)?;
    match (floor, cap) {
        (_, Some(cap)) if points > cap => Form::constant(cap),
        (Some(floor), _) if points < floor => Form::constant(floor),
        _ => Ok(form.clone()),
    }
}

/// Returns the inputs between two ends, unless there are none.
fn range(below: Option<(Ratio, Owner)>, upper: Option<(Ratio, Owner)>) -> Option<Interval> {
    let from = match below {
        None => Bound::Unbounded,
        Some((at, Owner::Upper)) => Bound::Included(at),
        Some((at, Owner::Lower)) => Bound::Excluded(at),
    };
    let to = match upper {
        None => Bound::Unbounded,
        Some((at, Owner::Upper)) => Bound::Excluded(at),
        Some((at, Owner::Lower)) => Bound::Included(at),
    };
    Interval::new(from, to).ok()
}

/// Returns a number inside a range.
fn inside(range: &Interval) -> Result<Ratio, ScorecardError> {
    let end = |bound| match bound {
        Bound::Included(at) | Bound::Excluded(at) => Some(at),
        Bound::Unbounded => None,
    };
    let found = match (end(range.lower()), end(range.upper())) {
        (None, None) => Ok(Ratio::ZERO),
        (Some(low), None) => low.checked_add(Ratio::ONE),
        (None, Some(high)) => high.checked_sub(Ratio::ONE),
        (Some(low), Some(high)) => low
            .checked_add(high)
            .and_then(|sum| sum.checked_div(Ratio::from(2))),
    };
    found.map_err(|_| ScorecardError::TooFine)
}
