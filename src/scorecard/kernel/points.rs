//! The points of one KPI, subject by subject, in units of their last place.

use super::fraction::Fraction;
use crate::band::{Bands, Owner};
use crate::measure::Direction;
use crate::panel::{Figures, Reason};
use crate::quantity::{Quantum, Ratio};
use crate::scorecard::binding::{BoundBenchmark, BoundInput, BoundKpi, Source};
use crate::scorecard::kpi::{Kpi, Scale};
use crate::scorecard::table::UnitTable;
use crate::scorecard::{Attainment, Curve, Grid, InputDef, Precision};

// A table is worth its making up to so many entries, and never more than so many for each subject.
const LONGEST_TABLE: usize = 1 << 20;
const ENTRIES_PER_SUBJECT: usize = 4;

/// How the points of a KPI are found.
pub(super) struct Kernel<'p> {
    way: Way<'p>,
    precision: Precision,
    /// Points beyond this would leave the room of the sums.
    largest: i64,
}

enum Way<'p> {
    /// By the count in a column.
    Counts {
        states: &'p [Option<Reason>],
        counts: &'p [i64],
        table: UnitTable,
        /// The input of the curve: slope x count + start.
        line: (Ratio, Ratio),
    },
    /// By a curve over a fraction.
    Curve {
        input: Box<Fraction<'p>>,
        curve: &'p Curve,
        /// Points by the rounded attainment, where it is rounded.
        table: Option<UnitTable>,
    },
    /// By a table of two inputs.
    Grid {
        first: Box<Fraction<'p>>,
        second: Box<Fraction<'p>>,
        grid: &'p Grid,
        /// The points of the table row by row in units of the last place, as the rows and columns follow one another.
        units: Vec<i64>,
    },
    /// Reading by reading.
    Readings {
        kpi: &'p Kpi,
        bound: &'p BoundKpi<'p>,
    },
}

impl<'p> Kernel<'p> {
    pub(super) fn new(
        kpi: &'p Kpi,
        bound: &'p BoundKpi<'p>,
        largest: i64,
        subjects: usize,
    ) -> Option<Self> {
        let precision = kpi.def.precision;
        let way = match &kpi.scale {
            Scale::Curve(curve) => Way::of_curve(
                &kpi.def.input,
                bound.inputs.first()?,
                curve,
                precision,
                largest,
                subjects,
            ),
            Scale::Grid { second, grid } => {
                let inputs = (bound.inputs.first()?, bound.inputs.get(1)?);
                let first = Fraction::new(&kpi.def.input, inputs.0, subjects);
                let second = Fraction::new(second, inputs.1, subjects);
                first.zip(second).and_then(|(first, second)| {
                    let units = grid
                        .cells()
                        .map(|points| precision.units_of(points.numerator(), points.denominator()))
                        .collect::<Option<_>>()?;
                    Some(Way::Grid {
                        first: Box::new(first),
                        second: Box::new(second),
                        grid,
                        units,
                    })
                })
            }
        };
        Some(Self {
            way: way.unwrap_or(Way::Readings { kpi, bound }),
            precision,
            largest,
        })
    }

    /// Adds weighted points to the sums of a block, marks the subjects that have no plain number, and says whether there
    /// are any.
    pub(super) fn add(
        &self,
        start: usize,
        weight: i64,
        sums: &mut [i64],
        missing: &mut [bool],
    ) -> bool {
        if let Way::Counts {
            states,
            counts,
            table,
            ..
        } = &self.way
        {
            let (states, counts) = (
                &states[start..start + sums.len()],
                &counts[start..start + sums.len()],
            );
            table.add(counts, weight, sums);
            // Without a way out of the loop it runs over many states at once.
            let any = states
                .iter()
                .fold(0, |codes, state| codes | Reason::code(*state))
                != 0;
            if any {
                for (missing, state) in missing.iter_mut().zip(states) {
                    *missing |= !state.is_none();
                }
            }
            return any;
        }
        let mut any = false;
        for (place, (sum, missing)) in sums.iter_mut().zip(missing).enumerate() {
            if let Some(points) = self.units(start + place) {
                *sum += points * weight;
            } else {
                (*missing, any) = (true, true);
            }
        }
        any
    }

    /// Returns the points of a subject in units of their last place, if they are plain and in range.
    pub(super) fn units(&self, subject: usize) -> Option<i64> {
        let points = match &self.way {
            Way::Counts {
                states,
                counts,
                table,
                ..
            } => {
                states.get(subject)?.is_none().then_some(())?;
                i64::from(table.at(*counts.get(subject)?))
            }
            Way::Curve {
                input,
                curve,
                table,
            } => {
                if let (Some(attained), Some(table)) = (input.precision(), table) {
                    let (top, bottom) = input.exact(subject)?;
                    i64::from(table.at(attained.units_of(top, bottom)?))
                } else {
                    let (top, bottom) = input.at(subject)?;
                    curve.units_at(top, bottom, self.precision)?
                }
            }
            Way::Grid {
                first,
                second,
                grid,
                units,
            } => {
                let row = position(grid.row_bands(), first.at(subject)?)?;
                let column = position(grid.column_bands(), second.at(subject)?)?;
                *units.get(row * grid.column_bands().len() + column)?
            }
            Way::Readings { kpi, bound } => {
                let mut values =
                    bound.inputs.iter().zip(kpi.inputs()).map(|(bound, input)| {
                        input.attain(bound.direction, &bound.read(subject)).ok()
                    });
                let first = values.next()??;
                let second = match values.next() {
                    None => None,
                    Some(value) => Some(value?),
                };
                let points = kpi.points(first, second)?;
                self.precision
                    .units_of(points.numerator(), points.denominator())?
            }
        };
        (points.unsigned_abs() <= self.largest.unsigned_abs()).then_some(points)
    }

    /// Returns the points of a subject, if they are plain.
    pub(super) fn scored(&self, subject: usize) -> Option<Ratio> {
        self.precision.value(self.units(subject)?)
    }

    /// Returns the first input of a subject, if it and the points are plain.
    pub(super) fn attained(&self, subject: usize) -> Option<Ratio> {
        match &self.way {
            Way::Counts {
                states,
                counts,
                line: (slope, start),
                ..
            } => {
                states.get(subject)?.is_none().then_some(())?;
                let count = Ratio::from(*counts.get(subject)?);
                slope.checked_mul(count).ok()?.checked_add(*start).ok()
            }
            Way::Curve { input, .. } | Way::Grid { first: input, .. } => {
                let (top, bottom) = input.at(subject)?;
                Ratio::new(top, bottom).ok()
            }
            Way::Readings { kpi, bound } => {
                let bound = bound.inputs.first()?;
                kpi.def
                    .input
                    .attain(bound.direction, &bound.read(subject))
                    .ok()
            }
        }
    }
}

impl<'p> Way<'p> {
    fn of_curve(
        input: &InputDef,
        bound: &BoundInput<'p>,
        curve: &'p Curve,
        points: Precision,
        largest: i64,
        subjects: usize,
    ) -> Option<Self> {
        let longest = subjects
            .saturating_mul(ENTRIES_PER_SUBJECT)
            .clamp(1 << 10, LONGEST_TABLE);
        let fits = |table: &UnitTable| i64::from(table.largest()) <= largest;
        if let Some((states, counts, quantum)) = cells(&bound.actual, subjects)
            && let Some((slope, start)) = line(input, bound, quantum)
            && let Some(table) = UnitTable::new(curve, slope, start, points, longest).filter(fits)
        {
            return Some(Self::Counts {
                states,
                counts,
                table,
                line: (slope, start),
            });
        }
        let table = input.precision.and_then(|attained| {
            let step = Ratio::new(1, attained.power()).ok()?;
            UnitTable::new(curve, step, Ratio::ZERO, points, longest).filter(fits)
        });
        Some(Self::Curve {
            input: Box::new(Fraction::new(input, bound, subjects)?),
            curve,
            table,
        })
    }
}

/// Returns the place of the band of `top / bottom`, the bottom being positive.
fn position<T>(bands: &Bands<T>, (top, bottom): (i128, i128)) -> Option<usize> {
    let mut place = 0;
    for (at, owner) in bands.edges() {
        let left = top.checked_mul(at.denominator())?;
        let right = at.numerator().checked_mul(bottom)?;
        if left < right || (left == right && *owner == Owner::Lower) {
            break;
        }
        place += 1;
    }
    Some(place)
}

/// Why there is no number and the counts, cell by cell, and what one count is.
type Counts<'p> = (&'p [Option<Reason>], &'p [i64], Quantum);

/// Returns the cells of a source over one period, where they are counts of a quantum.
pub(super) fn cells<'p>(source: &Source<'p>, subjects: usize) -> Option<Counts<'p>> {
    let start = source.offset(source.single()?);
    match source.column.figures() {
        Figures::Amounts { quantum, units } => {
            let states = source.column.reasons().get(start..start + subjects)?;
            Some((states, units.get(start..start + subjects)?, *quantum))
        }
        Figures::Quotients { .. } => None,
    }
}

/// Returns what the input of the curve is of a count, `slope x count + start`, where it is such a line for all subjects.
fn line(input: &InputDef, bound: &BoundInput<'_>, quantum: Quantum) -> Option<(Ratio, Ratio)> {
    if input.prorated_by.is_some() {
        return None;
    }
    let fixed = |reference: &Option<BoundBenchmark<'_>>| match reference {
        Some(BoundBenchmark::Fixed(reading)) => reading.ok(),
        _ => None,
    };
    let negated = |value: Ratio| Ratio::ZERO.checked_sub(value).ok();
    let (slope, start) = if input.attainment == Attainment::Value {
        (Ratio::ONE, Ratio::ZERO)
    } else {
        let target = fixed(&bound.target)?;
        let sign = match bound.direction {
            Direction::Larger | Direction::Neutral => Ratio::ONE,
            Direction::Smaller => negated(Ratio::ONE)?,
            Direction::Target => return None,
        };
        let size = if target.is_negative() {
            negated(target)?
        } else {
            target
        };
        let from_target = negated(sign.checked_mul(target).ok()?)?;
        match input.attainment {
            Attainment::Difference => (sign, from_target),
            Attainment::Growth => (
                sign.checked_div(size).ok()?,
                from_target.checked_div(size).ok()?,
            ),
            Attainment::Rate => {
                let start = from_target
                    .checked_div(size)
                    .and_then(|start| start.checked_add(Ratio::ONE))
                    .ok()?;
                (sign.checked_div(size).ok()?, start)
            }
            Attainment::Progress => {
                let baseline = fixed(&bound.baseline)?;
                let way = target.checked_sub(baseline).ok()?;
                (
                    Ratio::ONE.checked_div(way).ok()?,
                    negated(baseline)?.checked_div(way).ok()?,
                )
            }
            Attainment::Value | Attainment::Inverse => return None,
        }
    };
    let slope = slope.checked_mul(quantum.ratio()).ok()?;
    // A rounding of the attainment is harmless only where every count is on its places already.
    let on_places = |precision: Precision| {
        precision.power() % slope.denominator() == 0 && precision.power() % start.denominator() == 0
    };
    input
        .precision
        .is_none_or(on_places)
        .then_some((slope, start))
}
