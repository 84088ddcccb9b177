//! Totals by columns: points, weights, items, one rounding - without a tree for each subject. A subject that misses a
//! number or that a gate or veto strikes is left to the tree: the two agree to the last digit.

mod fraction;
mod limit;
mod points;

use limit::{Limit, limits};
use points::Kernel;

use super::binding::Binding;
use super::{Precision, Scorecard};
use crate::band::Owner;
use crate::quantity::{Ratio, Rounding, divide};

// Sums of a block of subjects stay in the nearest cache.
const BLOCK: usize = 4_096;
// Sums below this leave room for rounding in 64 bits.
const ROOM: i128 = 1 << 61;

/// The plain part of a card, bound to columns.
pub(crate) struct Kernels<'p> {
    /// The KPIs in the order of the card, the items last.
    kpis: Vec<Kernel<'p>>,
    /// The weight of each; items add their points as they are.
    weights: Vec<i64>,
    grouped: usize,
    bonus_limit: i64,
    deduction_limit: i64,
    limits: Vec<Limit<'p>>,
    /// One point of the total's last place in units of the sums.
    unit: i64,
    precision: Precision,
    floor: i64,
    cap: i64,
    /// The totals from which each grade but the lowest begins.
    grades: Vec<i64>,
}

impl<'p> Kernels<'p> {
    /// Returns the kernels of a card, or `None` when it is not plain.
    pub(crate) fn new(
        card: &'p Scorecard,
        binding: &'p Binding<'p>,
        subjects: usize,
    ) -> Option<Self> {
        let def = &card.def;
        let limits = limits(card, binding, subjects)?;
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
        // One point in units of the sums. The weights make `whole`, so that with the items no sum is larger than the largest
        // points times one more than there are items.
        let point = card.weights.whole.checked_mul(up(0)?)?;
        let parts = i128::try_from(def.items.len()).ok()?.checked_add(1)?;
        let largest_points = ROOM / point.checked_mul(parts)?.max(1);
        let mut kpis = Vec::with_capacity(card.kpis.len());
        let mut weights = Vec::with_capacity(card.kpis.len());
        for (place, (kpi, bound)) in card.kpis.iter().zip(&binding.kpis).enumerate() {
            let scale = up(kpi.def.precision.places())?;
            let part = card.weights.parts.get(place).copied();
            let weight = part.unwrap_or(card.weights.whole).checked_mul(scale)?;
            let largest = i64::try_from(largest_points.checked_mul(up(0)? / scale)?).ok()?;
            kpis.push(Kernel::new(kpi, bound, largest, subjects)?);
            weights.push(i64::try_from(weight).ok()?);
        }
        // A limit of the items has to be whole in units of the sums.
        let whole = |limit: Ratio| -> Option<i64> {
            let limit = limit.checked_mul(Ratio::new(point, 1).ok()?).ok()?;
            if limit.denominator() == 1 {
                Some(i64::try_from(limit.numerator()).unwrap_or(i64::MAX))
            } else {
                None
            }
        };
        let units = |points: Ratio| {
            def.precision
                .units_of(points.numerator(), points.denominator())
        };
        Some(Self {
            kpis,
            weights,
            grouped: card.grouped(),
            bonus_limit: def.bonus_limit.map_or(Some(i64::MAX), whole)?,
            deduction_limit: def.deduction_limit.map_or(Some(i64::MAX), whole)?,
            limits,
            unit: i64::try_from(unit)
                .ok()
                .filter(|unit| i128::from(*unit) < ROOM)?,
            precision: def.precision,
            floor: def.floor.map_or(Some(i64::MIN), units)?,
            cap: def.cap.map_or(Some(i64::MAX), units)?,
            grades: card
                .grades
                .iter()
                .flat_map(crate::band::Bands::edges)
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
            for (kernel, weight) in self.kpis.iter().zip(&self.weights).take(self.grouped) {
                any |= kernel.add(start, *weight, sums, missing);
            }
            if self.kpis.len() > self.grouped {
                any |= self.add_items(start, sums, missing);
            }
            for limit in &self.limits {
                any |= limit.mark(start, &self.kpis, missing);
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

    /// Adds bonuses and deductions, each within their limit.
    fn add_items(&self, start: usize, sums: &mut [i64], missing: &mut [bool]) -> bool {
        let mut any = false;
        let mut bonus = vec![0_i64; sums.len()];
        let mut deduction = vec![0_i64; sums.len()];
        let mut points = vec![0_i64; sums.len()];
        for (kernel, weight) in self.kpis.iter().zip(&self.weights).skip(self.grouped) {
            points.fill(0);
            any |= kernel.add(start, *weight, &mut points, missing);
            for ((bonus, deduction), points) in bonus.iter_mut().zip(&mut deduction).zip(&points) {
                *bonus += (*points).max(0);
                *deduction -= (*points).min(0);
            }
        }
        for ((sum, bonus), deduction) in sums.iter_mut().zip(&bonus).zip(&deduction) {
            *sum += (*bonus).min(self.bonus_limit) - (*deduction).min(self.deduction_limit);
        }
        any
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

#[cfg(test)]
mod tests;
