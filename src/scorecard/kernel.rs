//! Totals by columns: the plain part of a card - KPIs on curves, weights, one rounding - without a tree for each
//! subject. Whatever is not plain is left to the tree: the two agree to the last digit.

use super::binding::{Binding, BoundInput, BoundReference, Source};
use super::input::Reading;
use super::kpi::Scale;
use super::table::UnitTable;
use super::{Attainment, Curve, InputDef, Owner, Precision, Scorecard};
use crate::measure::Direction;
use crate::panel::{Figures, State};
use crate::quantity::{Quantum, Ratio, Rounding, divide};

// Sums of a block of subjects stay in the nearest cache.
const BLOCK: usize = 4_096;
// A table is worth its making up to so many entries, and never more than so many for each subject.
const LONGEST_TABLE: usize = 1 << 20;
const ENTRIES_PER_SUBJECT: usize = 4;
// Sums below this leave room for rounding in 64 bits.
const ROOM: i128 = 1 << 61;

/// The plain part of a card, bound to columns.
pub(crate) struct Kernels<'p> {
    weighted: Vec<(i64, Kernel<'p>)>,
    /// One point of the total's last place in units of the sums.
    unit: i64,
    precision: Precision,
    floor: i64,
    cap: i64,
    /// The totals from which each grade but the lowest begins.
    grades: Vec<i64>,
}

enum Kernel<'p> {
    /// Points by the count in a column.
    Counts {
        states: &'p [State],
        counts: &'p [i64],
        table: UnitTable,
    },
    /// Points by a quotient of counts.
    Rates(Rates<'p>),
}

struct Rates<'p> {
    actual: Cells<'p>,
    target: Option<Cells<'p>>,
    quantum: Quantum,
    attainment: Attainment,
    direction: Direction,
    curve: &'p Curve,
    attained: Option<Precision>,
    /// Points by the rounded attainment, where it is rounded.
    table: Option<UnitTable>,
    points: Precision,
    /// Points beyond this would leave the room of the sums.
    largest: i64,
}

#[derive(Clone, Copy)]
enum Cells<'p> {
    Fixed(i64),
    Read {
        states: &'p [State],
        counts: &'p [i64],
    },
}

impl Cells<'_> {
    fn get(&self, subject: usize) -> Option<i64> {
        match self {
            Self::Fixed(count) => Some(*count),
            Self::Read { states, counts } => states[subject].is_value().then(|| counts[subject]),
        }
    }
}

impl<'p> Kernels<'p> {
    /// Returns the kernels of a card, or `None` when it is not plain.
    pub(crate) fn new(card: &'p Scorecard, binding: &Binding<'p>, subjects: usize) -> Option<Self> {
        let def = &card.def;
        if !(def.items.is_empty() && def.gates.is_empty() && def.vetoes.is_empty()) {
            return None;
        }
        let finest = card
            .kpis
            .iter()
            .map(|kpi| kpi.def.precision.places())
            .chain([def.precision.places()])
            .max()?;
        let up = |places: u8| 10_i128.checked_pow(u32::from(finest - places));
        let unit = card
            .weights
            .whole
            .checked_mul(up(def.precision.places())?)?;
        // The weights make `whole`, so that no sum is larger than this times the largest points.
        let largest_points = ROOM / card.weights.whole.checked_mul(up(0)?)?.max(1);
        let mut kernels = Vec::with_capacity(card.kpis.len());
        for (place, (kpi, bound)) in card.kpis.iter().zip(&binding.kpis).enumerate() {
            let Scale::Curve(curve) = &kpi.scale else {
                return None;
            };
            let weight = card.weights.parts[place].checked_mul(up(kpi.def.precision.places())?)?;
            let largest = i64::try_from(
                largest_points.checked_mul(up(0)? / up(kpi.def.precision.places())?)?,
            )
            .ok()?;
            let kernel = Kernel::new(
                &kpi.def.input,
                bound.inputs.first()?,
                curve,
                kpi.def.precision,
                largest,
                subjects,
            )?;
            kernels.push((i64::try_from(weight).ok()?, kernel));
        }
        let units = |points: Ratio| {
            def.precision
                .units_of(points.numerator(), points.denominator())
        };
        Some(Self {
            weighted: kernels,
            unit: i64::try_from(unit)
                .ok()
                .filter(|unit| i128::from(*unit) < ROOM)?,
            precision: def.precision,
            floor: def.floor.map_or(Some(i64::MIN), units)?,
            cap: def.cap.map_or(Some(i64::MAX), units)?,
            grades: card
                .grades
                .iter()
                .flat_map(super::Bands::edges)
                .map(|edge| threshold(*edge, def.precision))
                .collect(),
        })
    }

    /// Fills totals and grades, all of them zero before, and returns the subjects whose totals are not plain.
    pub(crate) fn totals(&self, totals: &mut [i64], grades: &mut [u16]) -> Vec<usize> {
        let mut left = Vec::new();
        let mut missing = [false; BLOCK];
        for (block, sums) in totals.chunks_mut(BLOCK).enumerate() {
            let start = block * BLOCK;
            let missing = &mut missing[..sums.len()];
            missing.fill(false);
            let mut any = false;
            for (weight, kernel) in &self.weighted {
                any |= kernel.add(start, *weight, sums, missing);
            }
            self.round(sums);
            if let Some(grades) = grades.get_mut(start..start + sums.len()) {
                for from in &self.grades {
                    for (grade, total) in grades.iter_mut().zip(&*sums) {
                        *grade += u16::from(from <= total);
                    }
                }
            }
            if any {
                left.extend(
                    (start..)
                        .zip(&*missing)
                        .filter(|(_, missing)| **missing)
                        .map(|(subject, _)| subject),
                );
            }
        }
        left
    }

    /// Rounds sums to totals and keeps them within floor and cap.
    fn round(&self, sums: &mut [i64]) {
        let unit = self.unit;
        let (least, most) = sums
            .iter()
            .fold((i64::MAX, i64::MIN), |(least, most), sum| {
                (least.min(*sum), most.max(*sum))
            });
        if self.precision.rounding() == Rounding::HalfAwayFromZero && least >= 0 {
            // Nothing below zero: a half goes up. Dividing by a constant is one multiplication as long as the quotient's
            // error stays below one part of the unit: sum x unit < 2^64.
            let half = unit / 2;
            let wide = i128::from(most) + i128::from(half);
            match (
                u64::try_from(unit),
                wide.checked_mul(i128::from(unit))
                    .is_some_and(|bound| bound < 1 << 64),
            ) {
                (Ok(divisor), true) if divisor > 1 => {
                    let reciprocal = u128::from(u64::MAX / divisor + 1);
                    for sum in sums.iter_mut() {
                        let wide =
                            u128::from(sum.unsigned_abs() + half.unsigned_abs()) * reciprocal;
                        // The upper half of a product below 2^126.
                        let quotient = (wide >> 64) as i64;
                        *sum = quotient.max(self.floor).min(self.cap);
                    }
                }
                _ => {
                    for sum in sums.iter_mut() {
                        *sum = ((*sum + half) / unit).max(self.floor).min(self.cap);
                    }
                }
            }
            return;
        }
        for sum in sums.iter_mut() {
            // A quotient of 64 bits by a positive whole number fits.
            let total = divide(
                i128::from(*sum),
                i128::from(unit),
                self.precision.rounding(),
            );
            let total = total
                .and_then(|total| i64::try_from(total).ok())
                .unwrap_or(0);
            *sum = total.max(self.floor).min(self.cap);
        }
    }
}

/// Returns the first total, in units of the last place, that lies above an edge of the grades.
fn threshold((at, owner): (Ratio, Owner), precision: Precision) -> i64 {
    let beyond = if at.is_negative() { i64::MIN } else { i64::MAX };
    let Some(scaled) = at.numerator().checked_mul(precision.power()) else {
        return beyond;
    };
    let first = match owner {
        Owner::Upper => divide(scaled, at.denominator(), Rounding::Ceiling),
        Owner::Lower => {
            divide(scaled, at.denominator(), Rounding::Floor).and_then(|below| below.checked_add(1))
        }
    };
    first
        .and_then(|first| i64::try_from(first).ok())
        .unwrap_or(beyond)
}

impl<'p> Kernel<'p> {
    fn new(
        input: &InputDef,
        bound: &BoundInput<'p>,
        curve: &'p Curve,
        points: Precision,
        largest: i64,
        subjects: usize,
    ) -> Option<Self> {
        if input.prorated_by.is_some() {
            return None;
        }
        let (states, counts, quantum) = cells(&bound.actual, subjects)?;
        let longest = subjects
            .saturating_mul(ENTRIES_PER_SUBJECT)
            .clamp(1 << 10, LONGEST_TABLE);
        let fits = |table: &UnitTable| i64::from(table.largest()) <= largest;
        if let Some((slope, start)) = line(input, bound, quantum) {
            let table = UnitTable::new(curve, slope, start, points, longest).filter(fits);
            if let Some(table) = table {
                return Some(Self::Counts {
                    states,
                    counts,
                    table,
                });
            }
        }
        let target = match (&bound.target, input.attainment) {
            (_, Attainment::Inverse | Attainment::Progress) => return None,
            (None, _) => None,
            (Some(BoundReference::Fixed(Reading::Value(value))), _) => {
                let count = value.checked_div(quantum.ratio()).ok()?;
                (count.denominator() == 1).then_some(())?;
                Some(Cells::Fixed(i64::try_from(count.numerator()).ok()?))
            }
            (Some(BoundReference::Fixed(_)), _) => return None,
            (Some(BoundReference::Read(source)), _) => {
                let (states, counts, other) = cells(source, subjects)?;
                (other == quantum).then_some(Cells::Read { states, counts })
            }
        };
        if target.is_none() && input.attainment != Attainment::Value {
            return None;
        }
        let table = input.precision.and_then(|attained| {
            let step = Ratio::new(1, attained.power()).ok()?;
            UnitTable::new(curve, step, Ratio::ZERO, points, longest).filter(fits)
        });
        Some(Self::Rates(Rates {
            actual: Cells::Read { states, counts },
            target,
            quantum,
            attainment: input.attainment,
            direction: bound.direction,
            curve,
            attained: input.precision,
            table,
            points,
            largest,
        }))
    }

    /// Adds weighted points to the sums of a block, marks the subjects that have no plain number, and says whether there
    /// are any.
    fn add(&self, start: usize, weight: i64, sums: &mut [i64], missing: &mut [bool]) -> bool {
        match self {
            Self::Counts {
                states,
                counts,
                table,
            } => {
                let (states, counts) = (
                    &states[start..start + sums.len()],
                    &counts[start..start + sums.len()],
                );
                table.add(counts, weight, sums);
                // Without a way out of the loop it runs over many states at once.
                let any = states.iter().fold(0, |codes, state| codes | state.code()) != 0;
                if any {
                    for (missing, state) in missing.iter_mut().zip(states) {
                        *missing |= !state.is_value();
                    }
                }
                any
            }
            Self::Rates(rates) => {
                let mut any = false;
                for (place, (sum, missing)) in sums.iter_mut().zip(missing).enumerate() {
                    if let Some(points) = rates.points(start + place) {
                        *sum += points * weight;
                    } else {
                        (*missing, any) = (true, true);
                    }
                }
                any
            }
        }
    }
}

impl Rates<'_> {
    /// Returns the points of a subject in units of their last place, if they are plain and in range.
    fn points(&self, subject: usize) -> Option<i64> {
        let actual = i128::from(self.actual.get(subject)?);
        let (top, bottom) = match &self.target {
            None => self.amount(actual)?,
            Some(target) => {
                let target = i128::from(target.get(subject)?);
                let difference = match self.direction {
                    Direction::Larger | Direction::Neutral => actual - target,
                    Direction::Smaller => target - actual,
                    Direction::Target => -(actual - target).abs(),
                };
                let size = target.abs();
                match self.attainment {
                    Attainment::Rate if size > 0 => (difference + size, size),
                    Attainment::Growth if size > 0 => (difference, size),
                    Attainment::Difference => self.amount(difference)?,
                    _ => return None,
                }
            }
        };
        let points = match (self.attained, &self.table) {
            (Some(attained), Some(table)) => i64::from(table.at(attained.units_of(top, bottom)?)),
            (Some(attained), None) => {
                let units = attained.units_of(top, bottom)?;
                self.curve
                    .units_at(i128::from(units), attained.power(), self.points)?
            }
            (None, _) => self.curve.units_at(top, bottom, self.points)?,
        };
        (points.unsigned_abs() <= self.largest.unsigned_abs()).then_some(points)
    }

    fn amount(&self, count: i128) -> Option<(i128, i128)> {
        let quantum = self.quantum.ratio();
        Some((
            count.checked_mul(quantum.numerator())?,
            quantum.denominator(),
        ))
    }
}

/// Returns the cells of a source over one period, where they are counts of a quantum.
fn cells<'p>(source: &Source<'p>, subjects: usize) -> Option<(&'p [State], &'p [i64], Quantum)> {
    let start = source.offset(source.single()?);
    match source.column.figures() {
        Figures::Amounts { quantum, units } => {
            let states = source.column.states().get(start..start + subjects)?;
            Some((states, units.get(start..start + subjects)?, *quantum))
        }
        Figures::Quotients { .. } => None,
    }
}

/// Returns what the input of the curve is of a count, `slope x count + start`, where it is such a line for all subjects.
fn line(input: &InputDef, bound: &BoundInput<'_>, quantum: Quantum) -> Option<(Ratio, Ratio)> {
    let fixed = |reference: &Option<BoundReference<'_>>| match reference {
        Some(BoundReference::Fixed(reading)) => reading.value(),
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
