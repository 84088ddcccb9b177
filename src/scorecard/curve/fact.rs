//! What the owner of a scheme should know of a curve.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::{Curve, Form};
use crate::band::{Interval, Owner};
use crate::quantity::{Ratio, Rounding, divide};

/// Which way the points of a curve go as its input grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monotone {
    /// The same points everywhere.
    Flat,
    /// Never down, somewhere up.
    Rising,
    /// Never up, somewhere down.
    Falling,
    /// Somewhere up and somewhere down.
    Mixed,
}

impl Monotone {
    /// Returns which way the second of each pair lies from the first, over all pairs.
    pub(crate) fn over(pairs: impl Iterator<Item = (Ratio, Ratio)>) -> Self {
        pairs.fold(Self::Flat, |way, (before, after)| {
            way.and(Self::of(before, after))
        })
    }

    fn of(before: Ratio, after: Ratio) -> Self {
        match before.cmp(&after) {
            std::cmp::Ordering::Less => Self::Rising,
            std::cmp::Ordering::Equal => Self::Flat,
            std::cmp::Ordering::Greater => Self::Falling,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Flat, way) | (way, Self::Flat) => way,
            (left, right) if left == right => left,
            _ => Self::Mixed,
        }
    }
}

/// A jump: the input at which a little more of it changes the points at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cliff {
    /// The input.
    pub at: Ratio,
    /// The points just below it.
    pub below: Ratio,
    /// The points on it.
    pub on: Ratio,
    /// The points just above it.
    pub above: Ratio,
    /// Where the jump repeats without end or to the end of its piece: the distance to the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Ratio>,
}

impl Curve {
    /// Returns which way the points go as the input grows.
    #[must_use]
    pub fn monotone(&self) -> Monotone {
        let inside = self
            .pieces
            .iter()
            .enumerate()
            .map(|(place, piece)| match &piece.form {
                Form::Line { slope, .. } if self.is_point(place) || *slope == 0 => Monotone::Flat,
                Form::Line { slope, .. } => {
                    if *slope > 0 {
                        Monotone::Rising
                    } else {
                        Monotone::Falling
                    }
                }
                Form::Stair { points, .. } if self.step_inside(place).is_some() => {
                    Monotone::of(Ratio::ZERO, *points)
                }
                Form::Stair { .. } => Monotone::Flat,
            });
        let between = (1..self.pieces.len())
            .filter_map(|place| self.around(place))
            .flat_map(|(_, below, on, above)| [Monotone::of(below, on), Monotone::of(on, above)]);
        inside.chain(between).fold(Monotone::Flat, Monotone::and)
    }

    /// Says whether the points never jump.
    #[must_use]
    pub fn is_continuous(&self) -> bool {
        self.cliffs().is_empty()
    }

    /// Returns the jumps from the lowest to the highest.
    #[must_use]
    pub fn cliffs(&self) -> Vec<Cliff> {
        let mut cliffs = Vec::new();
        for place in 0..self.pieces.len() {
            if let Some((at, below, on, above)) =
                place.checked_sub(1).and_then(|_| self.around(place))
                && (below != on || on != above)
            {
                cliffs.push(Cliff {
                    at,
                    below,
                    on,
                    above,
                    every: None,
                });
            }
            if let (Some(at), Form::Stair { every, .. }) =
                (self.step_inside(place), &self.pieces[place].form)
            {
                let form = &self.pieces[place].form;
                let on = form
                    .at(at.numerator(), at.denominator())
                    .and_then(|(top, bottom)| Ratio::new(top, bottom).ok());
                if let (Some(below), Some(on), Some(above)) =
                    (form.limit(at, true), on, form.limit(at, false))
                {
                    cliffs.push(Cliff {
                        at,
                        below,
                        on,
                        above,
                        every: Some(*every),
                    });
                }
            }
        }
        cliffs
    }

    /// Returns the fewest and the most points that the curve can give, or comes as near to as one likes; `None` where there
    /// is no bound.
    #[must_use]
    pub fn range(&self) -> (Option<Ratio>, Option<Ratio>) {
        let mut low: Option<Option<Ratio>> = None;
        let mut high: Option<Option<Ratio>> = None;
        for (place, piece) in self.pieces.iter().enumerate() {
            let (from, to) = (self.start_of(place), piece.upper);
            // The points on an edge belong to the curve whichever side owns it; beside it they tend to the limits of the form.
            let on = |end: Option<(Ratio, Owner)>| end.and_then(|(at, _)| self.at(at));
            let limit = |end: Option<(Ratio, Owner)>, from_below| match end {
                Some((at, _)) if !self.is_point(place) => piece.form.limit(at, from_below),
                _ => None,
            };
            let ends = [on(from), on(to), limit(from, false), limit(to, true)];
            let mut found: Vec<Ratio> = ends.into_iter().flatten().collect();
            let rises = match &piece.form {
                Form::Line { slope, start, over } if *slope == 0 => {
                    found.extend(Ratio::new(*start, *over));
                    0
                }
                Form::Line { slope, .. } => {
                    if *slope > 0 {
                        1
                    } else {
                        -1
                    }
                }
                Form::Stair { points, .. } => {
                    if points.is_negative() {
                        -1
                    } else {
                        1
                    }
                }
            };
            let open_low = (from.is_none() && rises > 0) || (to.is_none() && rises < 0);
            let open_high = (from.is_none() && rises < 0) || (to.is_none() && rises > 0);
            let least = if open_low {
                None
            } else {
                found.iter().min().copied()
            };
            let most = if open_high {
                None
            } else {
                found.iter().max().copied()
            };
            low = Some(match low {
                None => least,
                Some(old) => old.zip(least).map(|(old, new)| old.min(new)),
            });
            high = Some(match high {
                None => most,
                Some(old) => old.zip(most).map(|(old, new)| old.max(new)),
            });
        }
        (low.flatten(), high.flatten())
    }

    fn start_of(&self, place: usize) -> Option<(Ratio, Owner)> {
        place
            .checked_sub(1)
            .and_then(|before| self.pieces[before].upper)
    }

    /// Says whether a piece holds one point only.
    fn is_point(&self, place: usize) -> bool {
        match (self.start_of(place), self.pieces[place].upper) {
            (Some((from, _)), Some((to, _))) => from == to,
            _ => false,
        }
    }

    /// Returns the edge before a piece with the points below, on and above it. A piece of one point is part of the edge
    /// that it stands on: only the piece after it has that edge before it.
    fn around(&self, place: usize) -> Option<(Ratio, Ratio, Ratio, Ratio)> {
        let (at, _) = self.start_of(place)?;
        if self.is_point(place) {
            return None;
        }
        let mut before = place - 1;
        while self.is_point(before) {
            before = before.checked_sub(1)?;
        }
        let below = self.pieces[before].form.limit(at, true)?;
        Some((
            at,
            below,
            self.at(at)?,
            self.pieces[place].form.limit(at, false)?,
        ))
    }

    /// Returns a step of a stair strictly inside its piece: the lowest, or the highest where there is no lowest.
    fn step_inside(&self, place: usize) -> Option<Ratio> {
        let piece = &self.pieces[place];
        let Form::Stair { from, every, .. } = &piece.form else {
            return None;
        };
        let step_beside = |at: Ratio, above: bool| -> Option<Ratio> {
            let far = at.checked_sub(*from).ok()?.checked_div(*every).ok()?;
            let step = if above {
                divide(far.numerator(), far.denominator(), Rounding::Floor)?.checked_add(1)?
            } else {
                divide(far.numerator(), far.denominator(), Rounding::Ceiling)?.checked_sub(1)?
            };
            every
                .checked_mul(Ratio::new(step, 1).ok()?)
                .ok()?
                .checked_add(*from)
                .ok()
        };
        let (low, high) = (
            self.start_of(place).map(|(at, _)| at),
            piece.upper.map(|(at, _)| at),
        );
        let found = match (low, high) {
            (Some(low), _) => step_beside(low, true)?,
            (None, Some(high)) => step_beside(high, false)?,
            (None, None) => *from,
        };
        let lower = low.map_or(Bound::Unbounded, Bound::Excluded);
        let upper = high.map_or(Bound::Unbounded, Bound::Excluded);
        Interval::new(lower, upper)
            .ok()
            .filter(|inside| inside.contains(found))
            .map(|_| found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scorecard::curve::tests::definition;
    use crate::scorecard::{CurveDef, Jump, Knot, Outside, PartialUnit, PerUnit, Shape};
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    fn curve(def: CurveDef) -> Curve {
        Curve::new(def).unwrap()
    }

    #[test]
    fn a_line_has_no_cliff_and_a_step_has_one() {
        let line = curve(CurveDef::through([("0.6", "0"), ("1", "100")]).unwrap());
        assert_eq!(
            (line.monotone(), line.is_continuous()),
            (Monotone::Rising, true)
        );
        assert_eq!(line.range(), (Some(Ratio::ZERO), Some(Ratio::from(100))));
        let steps = curve(
            CurveDef::steps([("(.., 0.8)", "0"), ("[0.8, 1]", "60"), ("(1, ..)", "100")]).unwrap(),
        );
        let found: Vec<_> = steps
            .cliffs()
            .iter()
            .map(|cliff| [cliff.at, cliff.below, cliff.on, cliff.above].map(|x| x.to_string()))
            .collect();
        assert_eq!(found, [["0.8", "0", "60", "60"], ["1", "60", "60", "100"]]);
    }

    #[test]
    fn a_stair_repeats_its_cliff_and_a_cap_ends_it() {
        let unit = PerUnit {
            base: Ratio::from(5),
            from: Ratio::ZERO,
            every: Ratio::ONE,
            above: Ratio::from(-1),
            below: Ratio::ZERO,
            part: PartialUnit::Nothing,
        };
        let late = curve(CurveDef::new(Shape::PerUnit(unit)));
        assert_eq!(late.monotone(), Monotone::Falling);
        assert_eq!(late.range(), (None, Some(Ratio::from(5))));
        assert_eq!(
            late.cliffs(),
            [Cliff {
                at: Ratio::ONE,
                below: Ratio::from(5),
                on: Ratio::from(4),
                above: Ratio::from(4),
                every: Some(Ratio::ONE)
            }]
        );
        let floored = curve(late.definition().clone().floor(Ratio::from(3)));
        assert_eq!(
            floored.range(),
            (Some(Ratio::from(3)), Some(Ratio::from(5)))
        );
        assert_eq!(floored.at(ratio("7.5")), Some(Ratio::from(3)));
    }

    #[test]
    fn a_cap_hides_a_jump_and_a_fall() {
        let jump = Some(Jump {
            to: Ratio::from(200),
            owner: Owner::Upper,
        });
        let knots = vec![
            Knot {
                at: Ratio::ZERO,
                points: Ratio::ZERO,
                jump: None,
            },
            Knot {
                at: Ratio::ONE,
                points: Ratio::from(100),
                jump,
            },
            Knot {
                at: Ratio::from(2),
                points: Ratio::from(150),
                jump: None,
            },
        ];
        let open = curve(CurveDef::new(Shape::Knots {
            knots,
            below: Outside::Flat,
            above: Outside::Flat,
        }));
        assert_eq!((open.monotone(), open.cliffs().len()), (Monotone::Mixed, 1));
        let capped = curve(open.definition().clone().cap(Ratio::from(100)));
        assert_eq!(
            (capped.monotone(), capped.cliffs().len()),
            (Monotone::Rising, 0)
        );
    }

    #[test]
    fn the_points_on_an_edge_are_in_the_range() {
        // Ten points off for each unit that has begun, on either side of zero: exactly zero keeps all hundred.
        let unit = |base: i64, above: i64, below: i64, part| {
            curve(CurveDef::new(Shape::PerUnit(PerUnit {
                base: Ratio::from(base),
                from: Ratio::ZERO,
                every: Ratio::ONE,
                above: Ratio::from(above),
                below: Ratio::from(below),
                part,
            })))
        };
        let whole = |value: i64| Some(Ratio::from(value));
        let full = PartialUnit::Full;
        assert_eq!(unit(100, -10, -10, full).range(), (None, whole(100)));
        assert_eq!(unit(100, 10, 10, full).range(), (whole(100), None));
        assert_eq!(unit(100, -10, 0, full).range(), (None, whole(100)));
        assert_eq!(unit(100, 0, -10, full).range(), (None, whole(100)));
        assert_eq!(unit(100, 10, -10, full).range(), (None, None));
        assert_eq!(
            unit(100, -10, -10, PartialUnit::Nothing).range(),
            (None, whole(100))
        );
        assert_eq!(
            unit(100, -10, -10, PartialUnit::Share).range(),
            (None, whole(100))
        );
        let capped = unit(100, -10, -10, full)
            .definition()
            .clone()
            .floor(Ratio::from(95));
        assert_eq!(curve(capped).range(), (whole(95), whole(100)));
        // A point of its own above everything else.
        let peak = CurveDef::steps([("(.., 1)", "10"), ("[1, 1]", "30"), ("(1, ..)", "20")]);
        assert_eq!(curve(peak.unwrap()).range(), (whole(10), whole(30)));
    }

    /// The fewest and the most points over all inputs near which something can happen: edges, steps, and far out.
    fn brute_force(curve: &Curve, steps: &[Ratio]) -> (Ratio, Ratio) {
        let trace = Ratio::new(1, 1_000_000_007).unwrap();
        let mut points = Vec::new();
        let edges = curve.edges();
        let inputs = edges.iter().map(|(at, _)| *at).chain(steps.iter().copied());
        for at in inputs {
            for input in [Ok(at), at.checked_sub(trace), at.checked_add(trace)] {
                points.extend(input.ok().and_then(|input| curve.at(input)));
            }
        }
        (*points.iter().min().unwrap(), *points.iter().max().unwrap())
    }

    proptest! {
        #[test]
        fn the_range_is_what_brute_force_finds(def in definition()) {
            let curve = curve(def);
            // Wherever a bound lies, points come near it: at an edge, at a step, or between -400 and 400.
            let steps: Vec<Ratio> = (-2_400_i128..=2_400).map(|n| Ratio::new(n, 6).unwrap()).collect();
            let (low, high) = brute_force(&curve, &steps);
            let (least, most) = curve.range();
            let near = Ratio::new(1, 1_000).unwrap();
            let apart = |one: Ratio, other: Ratio| one.checked_sub(other).unwrap();
            if let Some(least) = least {
                prop_assert!(least <= low && apart(low, least) < near, "{least} {low}");
            }
            if let Some(most) = most {
                prop_assert!(high <= most && apart(most, high) < near, "{most} {high}");
            }
            // Where no bound is told, the points go on and on.
            let far = |n: i64| curve.at(Ratio::from(n)).unwrap();
            let (out, further) = ([far(-10_000), far(10_000)], [far(-1_000_000), far(1_000_000)]);
            if least.is_none() {
                prop_assert!(further.iter().min() < out.iter().min());
            }
            if most.is_none() {
                prop_assert!(further.iter().max() > out.iter().max());
            }
        }

        #[test]
        fn facts_agree_with_the_points(def in definition(), left in -400_i128..400, right in -400_i128..400) {
            let curve = curve(def);
            let (x, y) = (Ratio::new(left.min(right), 6).unwrap(), Ratio::new(left.max(right), 6).unwrap());
            let (low, high) = (curve.at(x).unwrap(), curve.at(y).unwrap());
            match curve.monotone() {
                Monotone::Flat => prop_assert_eq!(low, high),
                Monotone::Rising => prop_assert!(low <= high),
                Monotone::Falling => prop_assert!(low >= high),
                Monotone::Mixed => {}
            }
            let (least, most) = curve.range();
            prop_assert!(least.is_none_or(|least| least <= low && least <= high));
            prop_assert!(most.is_none_or(|most| low <= most && high <= most));
            for cliff in curve.cliffs() {
                let step = Ratio::new(1, 1_000_003).unwrap();
                let gap = |near: Ratio, far: Ratio| {
                    let apart = near.checked_sub(far).unwrap();
                    Ratio::new(apart.numerator().abs(), apart.denominator()).unwrap()
                };
                let before = curve.at(cliff.at.checked_sub(step).unwrap()).unwrap();
                let after = curve.at(cliff.at.checked_add(step).unwrap()).unwrap();
                prop_assert!(gap(before, cliff.below) < Ratio::new(1, 1000).unwrap());
                prop_assert!(gap(after, cliff.above) < Ratio::new(1, 1000).unwrap());
                prop_assert_eq!(curve.at(cliff.at), Some(cliff.on));
                prop_assert!(cliff.below != cliff.on || cliff.on != cliff.above);
            }
        }

        #[test]
        fn a_curve_that_is_called_continuous_is(def in definition(), at in -400_i128..400) {
            let curve = curve(def);
            if !curve.is_continuous() {
                return Ok(());
            }
            let step = Ratio::new(1, 1_000_003).unwrap();
            let at = Ratio::new(at, 6).unwrap();
            let apart = curve.at(at.checked_add(step).unwrap()).unwrap().checked_sub(curve.at(at).unwrap()).unwrap();
            prop_assert!(Ratio::new(apart.numerator().abs(), apart.denominator()).unwrap() < Ratio::new(1, 100).unwrap());
        }
    }
}
