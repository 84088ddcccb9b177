//! Pay curves: on the whole, by slices, or as amounts.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use super::PayError;
use crate::band::{BandDef, Bands, Interval};
use crate::quantity::{QuantityError, Ratio};
use crate::scorecard::{Curve, CurveDef, Knot, Outside, Shape};

/// How pay follows from a position: an amount sold, an attainment, a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PayCurveDef {
    /// Position x rate, the rate at the position holding for all of it: 3 % on everything once 50,000 are passed.
    Whole(CurveDef),
    /// Each slice of the position at its own rate: accelerators and decelerators without a cliff. Nothing is paid on what
    /// lies below zero.
    Marginal(Vec<BandDef<Ratio>>),
    /// The curve itself: fixed amounts, or factors of a target pay.
    Amount(CurveDef),
}

impl PayCurveDef {
    /// Returns the amounts earned by passing through tiers: each tier, from the end of the one before to its own end, is
    /// worth its amount in proportion to how much of it is passed. The first begins at zero; beyond the last end nothing
    /// more is earned.
    ///
    /// # Errors
    /// [`PayError::Quantity`] for a text that is no number or a sum out of range.
    pub fn passing<'a>(
        tiers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, PayError> {
        let mut knots = vec![Knot {
            at: Ratio::ZERO,
            points: Ratio::ZERO,
            jump: None,
        }];
        let mut sum = Ratio::ZERO;
        for (end, amount) in tiers {
            sum = sum.checked_add(amount.parse()?)?;
            knots.push(Knot {
                at: end.parse()?,
                points: sum,
                jump: None,
            });
        }
        Ok(Self::Amount(CurveDef::new(Shape::Knots {
            knots,
            below: Outside::Flat,
            above: Outside::Flat,
        })))
    }
}

/// A checked pay curve.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::band::BandDef;
/// use quotaflow::pay::{PayCurve, PayCurveDef};
/// let rate = |range: &str, percent| -> Result<_, quotaflow::pay::PayError> {
///     Ok(BandDef::new(range.parse()?, Ratio::percent(percent)))
/// };
/// let tiers = vec![rate("(.., 10000)", 1)?, rate("[10000, 50000)", 2)?, rate("[50000, ..)", 3)?];
/// let (paid, slices) = PayCurve::new(PayCurveDef::Marginal(tiers))?.at(Ratio::from(60_000))?;
/// // 10,000 at 1 %, 40,000 at 2 % and 10,000 at 3 %.
/// assert_eq!((paid, slices.len()), (Ratio::from(1_200), 3));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PayCurveDef", into = "PayCurveDef")]
pub struct PayCurve {
    definition: PayCurveDef,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Whole(Curve),
    Marginal(Bands<Ratio>),
    Amount(Curve),
}

/// The part of a position that was paid at one rate: the evidence of a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// The tier; all numbers where the curve has no tiers.
    pub tier: Interval,
    /// How much of the position lies in it.
    pub part: Ratio,
    /// The rate; none where the curve gives amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Ratio>,
    /// What it pays.
    pub pays: Ratio,
}

impl PayCurve {
    /// Checks and compiles the definition.
    ///
    /// # Errors
    /// Those of [`Curve::new`] and [`Bands::new`].
    pub fn new(definition: PayCurveDef) -> Result<Self, PayError> {
        let form = match &definition {
            PayCurveDef::Whole(curve) => Form::Whole(Curve::new(curve.clone())?),
            PayCurveDef::Amount(curve) => Form::Amount(Curve::new(curve.clone())?),
            PayCurveDef::Marginal(tiers) => {
                let bands = Bands::new(tiers.clone())?;
                for rate in bands.labels() {
                    crate::scorecard::curve::bounded(*rate)?;
                }
                Form::Marginal(bands)
            }
        };
        Ok(Self { definition, form })
    }

    /// Returns the exact pay at a position with the slices that make it.
    ///
    /// # Errors
    /// [`QuantityError::RatioOverflow`].
    pub fn at(&self, position: Ratio) -> Result<(Ratio, Vec<Slice>), QuantityError> {
        match &self.form {
            Form::Whole(curve) => {
                let rate = curve.at(position).ok_or(QuantityError::RatioOverflow)?;
                let pays = position.checked_mul(rate)?;
                Ok((
                    pays,
                    vec![Slice {
                        tier: tier_of(curve, position),
                        part: position,
                        rate: Some(rate),
                        pays,
                    }],
                ))
            }
            Form::Amount(curve) => {
                let pays = curve.at(position).ok_or(QuantityError::RatioOverflow)?;
                Ok((
                    pays,
                    vec![Slice {
                        tier: tier_of(curve, position),
                        part: position,
                        rate: None,
                        pays,
                    }],
                ))
            }
            Form::Marginal(bands) => slices(bands, position),
        }
    }
}

/// Returns the piece of a curve that holds a position.
fn tier_of(curve: &Curve, position: Ratio) -> Interval {
    let edges = curve.edges();
    let place = curve.position(position);
    let lower = place
        .checked_sub(1)
        .and_then(|before| edges.get(before))
        .map_or(Bound::Unbounded, |(at, owner)| match owner {
            crate::band::Owner::Upper => Bound::Included(*at),
            crate::band::Owner::Lower => Bound::Excluded(*at),
        });
    let upper = edges
        .get(place)
        .map_or(Bound::Unbounded, |(at, owner)| match owner {
            crate::band::Owner::Upper => Bound::Excluded(*at),
            crate::band::Owner::Lower => Bound::Included(*at),
        });
    Interval::new(lower, upper).unwrap_or(Interval::ALL)
}

fn slices(bands: &Bands<Ratio>, position: Ratio) -> Result<(Ratio, Vec<Slice>), QuantityError> {
    let mut found = Vec::new();
    let mut sum = Ratio::ZERO;
    for row in bands.rows() {
        let end = |end: Bound<Ratio>| match end {
            Bound::Included(at) | Bound::Excluded(at) => Some(at),
            Bound::Unbounded => None,
        };
        let from = end(row.range.lower()).map_or(Ratio::ZERO, |at| at.max(Ratio::ZERO));
        let to = end(row.range.upper()).map_or(position, |at| at.min(position));
        if to <= from {
            continue;
        }
        let part = to.checked_sub(from)?;
        let pays = part.checked_mul(*row.gives)?;
        sum = sum.checked_add(pays)?;
        found.push(Slice {
            tier: row.range,
            part,
            rate: Some(*row.gives),
            pays,
        });
    }
    Ok((sum, found))
}

impl TryFrom<PayCurveDef> for PayCurve {
    type Error = PayError;

    fn try_from(definition: PayCurveDef) -> Result<Self, PayError> {
        Self::new(definition)
    }
}

impl From<PayCurve> for PayCurveDef {
    fn from(curve: PayCurve) -> Self {
        curve.definition
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().unwrap()
    }

    #[test]
    fn a_position_below_zero_earns_nothing_by_slices() {
        let tiers = vec![
            BandDef::new("(.., 1)".parse().unwrap(), ratio("0.1")),
            BandDef::new("[1, ..)".parse().unwrap(), ratio("0.2")),
        ];
        let curve = PayCurve::new(PayCurveDef::Marginal(tiers)).unwrap();
        assert_eq!(curve.at(ratio("-5")).unwrap(), (Ratio::ZERO, Vec::new()));
        assert_eq!(curve.at(ratio("1.5")).unwrap().0, ratio("0.2"));
        let text = serde_json::to_string(&curve).unwrap();
        assert_eq!(serde_json::from_str::<PayCurve>(&text).unwrap(), curve);
    }

    proptest! {
        #[test]
        fn slices_make_the_position_and_the_pay_and_never_a_cliff(rates in proptest::collection::btree_map(-5_i64..100, 0_i32..30, 0..6), position in 0_i128..900) {
            let edges = rates.into_iter().map(|(at, rate)| (Ratio::from(at), Ratio::percent(rate))).collect();
            let bands = Bands::from_edges(Ratio::percent(5), edges, crate::band::Owner::Upper).unwrap();
            let curve = PayCurve::new(PayCurveDef::Marginal(bands.clone().into())).unwrap();
            let position = Ratio::new(position, 7).unwrap();
            let (paid, slices) = curve.at(position).unwrap();
            let sum = |of: fn(&Slice) -> Ratio| slices.iter().try_fold(Ratio::ZERO, |sum, slice| sum.checked_add(of(slice))).unwrap();
            prop_assert_eq!(sum(|slice| slice.part), position);
            prop_assert_eq!(sum(|slice| slice.pays), paid);
            // A step more is paid at the rate that holds there.
            let step = Ratio::new(1, 1_000_003).unwrap();
            let more = curve.at(position.checked_add(step).unwrap()).unwrap().0.checked_sub(paid).unwrap();
            prop_assert!(more <= step.checked_mul(Ratio::percent(30)).unwrap() && more >= Ratio::ZERO);
        }
    }
}
