//! Curves: from attainment, or any other figure, to points.

mod fact;
mod piece;

use serde::{Deserialize, Serialize};

use super::{Precision, ScorecardError};
use crate::band::{BandDef, Bands, Owner};
use crate::quantity::{Ratio, Rounding};

pub use fact::{Cliff, Monotone};
pub(crate) use piece::{Form, Piece};

/// A curve as data: a shape, then a floor and a cap (保底, 封顶) on the points.
///
/// ```
/// use quotaflow::quantity::Ratio;
/// use quotaflow::scorecard::{Curve, CurveDef};
/// // Nothing below 60 %, then straight lines through 80 and 100 points, at most 120.
/// let def = CurveDef::through([("0.6", "0"), ("0.8", "80"), ("1", "100"), ("1.5", "150")])?.cap("120".parse()?);
/// let curve = Curve::new(def)?;
/// assert_eq!(curve.at(Ratio::percent(90)), Some(Ratio::from(90)));
/// assert_eq!(curve.at(Ratio::percent(140)), Some(Ratio::from(120)));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurveDef {
    /// How points follow from the input.
    pub shape: Shape,
    /// The fewest points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Ratio>,
    /// The most points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Ratio>,
}

/// How points follow from the input, before floor and cap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Shape {
    /// One straight line: `intercept + slope x input`.
    Line {
        /// The points for each whole of input.
        slope: Ratio,
        /// The points at an input of zero.
        #[serde(default)]
        intercept: Ratio,
    },
    /// Straight lines from knot to knot.
    Knots {
        /// The knots, with rising inputs.
        knots: Vec<Knot>,
        /// What holds below the first knot.
        #[serde(default)]
        below: Outside,
        /// What holds above the last knot.
        #[serde(default)]
        above: Outside,
    },
    /// The same points all over a range: steps.
    Bands(Vec<BandDef<Ratio>>),
    /// Points added or deducted for each unit of distance from a point.
    PerUnit(PerUnit),
}

/// A point through which a curve passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knot {
    /// The input.
    pub at: Ratio,
    /// The points that the curve has reached when it arrives from below.
    pub points: Ratio,
    /// Where the curve goes on, if it jumps here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump: Option<Jump>,
}

/// A jump of a curve: intended, and explicit about the point itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// The points just above the knot.
    pub to: Ratio,
    /// Whether the knot itself still has the points of the side below, or already these.
    #[serde(default)]
    pub owner: Owner,
}

/// What a curve does outside its knots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    /// It stays at the points of the outermost knot. The default.
    #[default]
    Flat,
    /// It goes on along the outermost line.
    Extend,
}

/// Points for each unit: half a point off for every day late, one point for every percent of growth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerUnit {
    /// The points at `from`.
    #[serde(default)]
    pub base: Ratio,
    /// The input from which units are counted.
    #[serde(default)]
    pub from: Ratio,
    /// The size of a unit; positive.
    pub every: Ratio,
    /// Points for each unit above `from`: negative to deduct.
    #[serde(default)]
    pub above: Ratio,
    /// Points for each unit below `from`: negative to deduct.
    #[serde(default)]
    pub below: Ratio,
    /// What a part of a unit counts.
    #[serde(default)]
    pub part: PartialUnit,
}

/// What a part of a unit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialUnit {
    /// Its share: half a unit counts half. The default.
    #[default]
    Share,
    /// Nothing: only full units count.
    Nothing,
    /// A full unit: each unit that has begun counts.
    Full,
}

impl CurveDef {
    /// Returns the curve of this shape, without floor and cap.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            floor: None,
            cap: None,
        }
    }

    /// Returns the line `slope x input`.
    #[must_use]
    pub fn line(slope: Ratio) -> Self {
        Self::new(Shape::Line {
            slope,
            intercept: Ratio::ZERO,
        })
    }

    /// Returns the straight lines through these knots, flat outside them; numbers are written as text.
    ///
    /// # Errors
    /// [`ScorecardError::Quantity`] for a text that is no number.
    pub fn through<'a>(
        knots: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ScorecardError> {
        let knots = knots
            .into_iter()
            .map(|(at, points)| {
                Ok(Knot {
                    at: at.parse()?,
                    points: points.parse()?,
                    jump: None,
                })
            })
            .collect::<Result<_, ScorecardError>>()?;
        Ok(Self::new(Shape::Knots {
            knots,
            below: Outside::Flat,
            above: Outside::Flat,
        }))
    }

    /// Returns the steps over these ranges, as text: `("[0.8, 1)", "60")`.
    ///
    /// # Errors
    /// [`ScorecardError::Band`], [`ScorecardError::Quantity`] for a text that cannot be read.
    pub fn steps<'a>(
        rows: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ScorecardError> {
        let rows = rows
            .into_iter()
            .map(|(range, points)| Ok(BandDef::new(range.parse()?, points.parse()?)))
            .collect::<Result<_, ScorecardError>>()?;
        Ok(Self::new(Shape::Bands(rows)))
    }

    /// Returns the curve with a floor.
    #[must_use]
    pub fn floor(mut self, points: Ratio) -> Self {
        self.floor = Some(points);
        self
    }

    /// Returns the curve with a cap.
    #[must_use]
    pub fn cap(mut self, points: Ratio) -> Self {
        self.cap = Some(points);
        self
    }
}

/// A checked curve: it gives every number exactly one number of points.
///
/// Inside it is a list of pieces that follow one another without gap or overlap, each a line or a stair, with floor and
/// cap already worked in. What a scheme's owner should know of it can be asked: [`Curve::monotone`],
/// [`Curve::is_continuous`], [`Curve::cliffs`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CurveDef", into = "CurveDef")]
pub struct Curve {
    definition: CurveDef,
    pieces: Vec<Piece>,
}

impl Curve {
    /// The most knots or steps of a curve.
    pub const MAX_KNOTS: usize = 1_000;

    /// Checks and compiles the definition.
    ///
    /// # Errors
    /// [`ScorecardError::NoKnots`], [`ScorecardError::NotRising`], [`ScorecardError::FloorAboveCap`],
    /// [`ScorecardError::Unit`] for a unit that is not positive, [`ScorecardError::NumberRange`] and
    /// [`ScorecardError::TooFine`] for numbers that cannot be handled exactly, [`ScorecardError::TooMany`]; the errors of
    /// [`Bands::new`].
    pub fn new(definition: CurveDef) -> Result<Self, ScorecardError> {
        let pieces = match &definition.shape {
            Shape::Line { slope, intercept } => {
                vec![Piece::last(Form::line(
                    bounded(*slope)?,
                    bounded(*intercept)?,
                )?)]
            }
            Shape::Knots {
                knots,
                below,
                above,
            } => pieces_of_knots(knots, *below, *above)?,
            Shape::Bands(rows) => pieces_of_bands(rows)?,
            Shape::PerUnit(unit) => pieces_of_units(unit)?,
        };
        if let (Some(floor), Some(cap)) = (definition.floor, definition.cap)
            && floor > cap
        {
            return Err(ScorecardError::FloorAboveCap { floor, cap });
        }
        let floor = definition.floor.map(bounded).transpose()?;
        let cap = definition.cap.map(bounded).transpose()?;
        let pieces = piece::clip(pieces, floor, cap)?;
        Ok(Self { definition, pieces })
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &CurveDef {
        &self.definition
    }

    /// Returns the exact points at an input, or `None` when they leave 128 bits.
    #[must_use]
    pub fn at(&self, input: Ratio) -> Option<Ratio> {
        let piece = &self.pieces[self.position(input)];
        let (numerator, denominator) = piece.form.at(input.numerator(), input.denominator())?;
        Ratio::new(numerator, denominator).ok()
    }

    /// Returns the points at the input `numerator / denominator`, rounded once, in units of the last place; `None` when
    /// they leave the range. The denominator must be positive.
    pub(crate) fn units_at(
        &self,
        numerator: i128,
        denominator: i128,
        precision: Precision,
    ) -> Option<i64> {
        let direct = self
            .position_of(numerator, denominator)
            .and_then(|position| {
                let (top, bottom) = self.pieces[position].form.at(numerator, denominator)?;
                precision.units_of(top, bottom)
            });
        // In lowest terms more fits.
        direct.or_else(|| {
            let exact = self.at(Ratio::new(numerator, denominator).ok()?)?;
            precision.units_of(exact.numerator(), exact.denominator())
        })
    }

    fn position_of(&self, numerator: i128, denominator: i128) -> Option<usize> {
        let mut low = 0;
        let mut high = self.pieces.len() - 1;
        while low < high {
            let middle = usize::midpoint(low, high);
            let beyond = match self.pieces[middle].upper {
                None => false,
                Some((at, owner)) => {
                    let left = numerator.checked_mul(at.denominator())?;
                    let right = at.numerator().checked_mul(denominator)?;
                    left > right || (left == right && owner == Owner::Upper)
                }
            };
            if beyond {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Some(low)
    }

    /// Returns the place of the piece that holds an input.
    pub(crate) fn position(&self, input: Ratio) -> usize {
        let beyond = |piece: &Piece| {
            piece
                .upper
                .is_some_and(|(at, owner)| at < input || (at == input && owner == Owner::Upper))
        };
        self.pieces
            .partition_point(beyond)
            .min(self.pieces.len() - 1)
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Returns the ends of the pieces from the lowest to the highest, each with the side that owns it; floor and cap are
    /// worked in.
    #[must_use]
    pub fn edges(&self) -> Vec<(Ratio, Owner)> {
        self.pieces.iter().filter_map(|piece| piece.upper).collect()
    }
}

impl TryFrom<CurveDef> for Curve {
    type Error = ScorecardError;

    fn try_from(definition: CurveDef) -> Result<Self, ScorecardError> {
        Self::new(definition)
    }
}

impl From<Curve> for CurveDef {
    fn from(curve: Curve) -> Self {
        curve.definition
    }
}

/// Refuses numbers so large or so fine that products of them would not be exact.
pub(crate) fn bounded(value: Ratio) -> Result<Ratio, ScorecardError> {
    let fits = value.numerator().unsigned_abs() <= 10_u128.pow(18)
        && value.denominator() <= 10_i128.pow(9);
    if fits {
        Ok(value)
    } else {
        Err(ScorecardError::NumberRange { value })
    }
}

fn pieces_of_knots(
    knots: &[Knot],
    below: Outside,
    above: Outside,
) -> Result<Vec<Piece>, ScorecardError> {
    if knots.len() > Curve::MAX_KNOTS {
        return Err(ScorecardError::TooMany {
            what: "knots",
            count: knots.len(),
            limit: Curve::MAX_KNOTS,
        });
    }
    let (Some(first), Some(last)) = (knots.first(), knots.last()) else {
        return Err(ScorecardError::NoKnots);
    };
    for knot in knots {
        for value in [
            Some(knot.at),
            Some(knot.points),
            knot.jump.map(|jump| jump.to),
        ]
        .into_iter()
        .flatten()
        {
            bounded(value)?;
        }
    }
    let leaves = |knot: &Knot| knot.jump.map_or(knot.points, |jump| jump.to);
    let owner = |knot: &Knot| knot.jump.map_or(Owner::Upper, |jump| jump.owner);
    let mut lines = Vec::with_capacity(knots.len() + 1);
    for pair in knots.windows(2) {
        if pair[0].at >= pair[1].at {
            return Err(ScorecardError::NotRising {
                what: "inputs of the knots",
                left: pair[0].at,
                right: pair[1].at,
            });
        }
        lines.push(Form::between(
            (pair[0].at, leaves(&pair[0])),
            (pair[1].at, pair[1].points),
        )?);
    }
    let start = match (below, lines.first()) {
        (Outside::Extend, Some(line)) if first.jump.is_none() => line.clone(),
        _ => Form::constant(first.points)?,
    };
    let end = match (above, lines.last()) {
        (Outside::Extend, Some(line)) if last.jump.is_none() => line.clone(),
        _ => Form::constant(leaves(last))?,
    };
    let mut pieces = Vec::with_capacity(knots.len() + 1);
    for (knot, form) in knots.iter().zip(std::iter::once(start).chain(lines)) {
        pieces.push(Piece {
            upper: Some((knot.at, owner(knot))),
            form,
        });
    }
    pieces.push(Piece::last(end));
    Ok(pieces)
}

fn pieces_of_bands(rows: &[BandDef<Ratio>]) -> Result<Vec<Piece>, ScorecardError> {
    let bands = Bands::new(rows.to_vec())?;
    let mut pieces = Vec::with_capacity(bands.len());
    for (place, points) in bands.labels().iter().enumerate() {
        let upper = bands.edges().get(place).copied();
        if let Some((at, _)) = upper {
            bounded(at)?;
        }
        pieces.push(Piece {
            upper,
            form: Form::constant(bounded(*points)?)?,
        });
    }
    Ok(pieces)
}

fn pieces_of_units(unit: &PerUnit) -> Result<Vec<Piece>, ScorecardError> {
    if unit.every <= Ratio::ZERO {
        return Err(ScorecardError::Unit { every: unit.every });
    }
    let (base, from, every) = (
        bounded(unit.base)?,
        bounded(unit.from)?,
        bounded(unit.every)?,
    );
    let (above, below) = (bounded(unit.above)?, bounded(unit.below)?);
    let side = |points: Ratio, mode: Rounding| -> Result<Form, ScorecardError> {
        if points.is_zero() {
            return Form::constant(base);
        }
        if unit.part == PartialUnit::Share {
            let slope = points
                .checked_div(every)
                .map_err(|_| ScorecardError::TooFine)?;
            let start = slope.checked_mul(from).and_then(|at| base.checked_sub(at));
            return Form::line(slope, start.map_err(|_| ScorecardError::TooFine)?);
        }
        Ok(Form::Stair {
            base,
            from,
            every,
            points,
            mode,
        })
    };
    // Below, distance grows as the input falls: the points of a step upwards have the other sign.
    let down = Ratio::ZERO.checked_sub(below)?;
    let (lower, upper) = match unit.part {
        PartialUnit::Share | PartialUnit::Nothing => (Rounding::Ceiling, Rounding::Floor),
        PartialUnit::Full => (Rounding::Floor, Rounding::Ceiling),
    };
    let first = Piece {
        upper: Some((from, Owner::Upper)),
        form: side(down, lower)?,
    };
    Ok(vec![first, Piece::last(side(above, upper)?)])
}

#[cfg(test)]
pub(crate) mod tests;
