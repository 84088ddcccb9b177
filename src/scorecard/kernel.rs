//! Totals by columns: the plain part of a card - KPIs on curves, weights, one rounding - without a tree for each
//! subject. Whatever is not plain is left to the tree: the two agree to the last digit.

use std::ops::Bound;

use super::binding::{Binding, BoundInput, BoundReference, Source};
use super::input::Reading;
use super::kpi::Scale;
use super::table::UnitTable;
use super::{
    Attainment, ConditionDef, Curve, InputDef, Interval, Owner, Precision, Scorecard, WhenUnknown,
};
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
    /// Bonus and deduction items, which add their points as they are.
    items: Vec<(i64, Kernel<'p>)>,
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
        let mut weighted = Vec::with_capacity(card.kpis.len());
        let mut items = Vec::with_capacity(def.items.len());
        for (place, (kpi, bound)) in card.kpis.iter().zip(&binding.kpis).enumerate() {
            let Scale::Curve(curve) = &kpi.scale else {
                return None;
            };
            let part = card.weights.parts.get(place).copied();
            let weight = part
                .unwrap_or(card.weights.whole)
                .checked_mul(up(kpi.def.precision.places())?)?;
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
            let kernels = if part.is_some() {
                &mut weighted
            } else {
                &mut items
            };
            kernels.push((i64::try_from(weight).ok()?, kernel));
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
            weighted,
            items,
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
            if !self.items.is_empty() {
                any |= self.add_items(start, sums, missing);
            }
            for limit in &self.limits {
                any |= limit.mark(start, missing);
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
        for (weight, kernel) in &self.items {
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

/// A gate or veto that looks at a column of counts: where it limits, the total is left to the tree.
struct Limit<'p> {
    states: &'p [State],
    counts: &'p [i64],
    /// The counts for which the condition holds, if there are any.
    within: Option<(i64, i64)>,
    /// Whether the part is limited when the condition holds: a veto, not a gate.
    when_it_holds: bool,
    /// Whether the part is limited when there is no number.
    when_unknown: bool,
}

impl Limit<'_> {
    fn mark(&self, start: usize, missing: &mut [bool]) -> bool {
        let cells = self.states[start..].iter().zip(&self.counts[start..]);
        let mut any = false;
        for (missing, (state, count)) in missing.iter_mut().zip(cells) {
            let holds = self
                .within
                .is_some_and(|(low, high)| low <= *count && *count <= high);
            let limits = if state.is_value() {
                holds == self.when_it_holds
            } else {
                self.when_unknown
            };
            *missing |= limits;
            any |= limits;
        }
        any
    }
}

/// Returns the gates and vetoes of a card, or `None` when one of them looks at something else than a column of counts.
fn limits<'p>(card: &Scorecard, binding: &Binding<'p>, subjects: usize) -> Option<Vec<Limit<'p>>> {
    let gates = card.def.gates.iter().map(|gate| (&gate.requires, false));
    let vetoes = card.def.vetoes.iter().map(|veto| (&veto.when, true));
    let limit =
        |((condition, when_it_holds), source): ((&ConditionDef, bool), &Option<Source<'p>>)| {
            let (states, counts, quantum) = cells(source.as_ref()?, subjects)?;
            let holds_unknown = condition.unknown == WhenUnknown::Holds;
            Some(Limit {
                states,
                counts,
                within: counts_within(&condition.within, quantum)?,
                when_it_holds,
                when_unknown: holds_unknown == when_it_holds,
            })
        };
    gates
        .chain(vetoes)
        .zip(&binding.figures)
        .map(limit)
        .collect()
}

/// Returns the least and the largest count of a quantum in a range; inside `None` when no count of 64 bits is in it.
#[expect(
    clippy::option_option,
    reason = "outside: too fine to say; inside: nothing is in the range"
)]
fn counts_within(range: &Interval, quantum: Quantum) -> Option<Option<(i64, i64)>> {
    let count = |at: Ratio, rounding| {
        let count = at.checked_div(quantum.ratio()).ok()?;
        divide(count.numerator(), count.denominator(), rounding)
    };
    let low = match range.lower() {
        Bound::Unbounded => i128::from(i64::MIN),
        Bound::Included(at) => count(at, Rounding::Ceiling)?,
        Bound::Excluded(at) => count(at, Rounding::Floor)?.checked_add(1)?,
    };
    let high = match range.upper() {
        Bound::Unbounded => i128::from(i64::MAX),
        Bound::Included(at) => count(at, Rounding::Floor)?,
        Bound::Excluded(at) => count(at, Rounding::Ceiling)?.checked_sub(1)?,
    };
    let (low, high) = (
        low.max(i128::from(i64::MIN)),
        high.min(i128::from(i64::MAX)),
    );
    Some(
        i64::try_from(low)
            .ok()
            .zip(i64::try_from(high).ok())
            .filter(|(low, high)| low <= high),
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, Grain};
    use crate::key::Key;
    use crate::measure::Unit;
    use crate::panel::{Column, ColumnKey, Panel};
    use crate::scorecard::{
        CurveDef, GateDef, KpiDef, Operand, Reference, Scope, ScorecardDef, VetoDef,
    };
    use crate::space::{Axis, Subjects};

    fn figure(name: &str, within: &str) -> ConditionDef {
        ConditionDef::new(
            Operand::Figure(name.parse().unwrap()),
            within.parse().unwrap(),
        )
    }

    #[test]
    fn only_what_a_limit_strikes_is_left_to_the_tree() {
        let column = |name: &str| name.parse::<ColumnKey>().unwrap();
        let rate = InputDef::rate(column("sales"), Reference::Plan);
        let sales = KpiDef::new("sales", rate, CurveDef::line(Ratio::from(100)))
            .unwrap()
            .weigh(Ratio::ONE);
        let mut def = ScorecardDef::new("card")
            .unwrap()
            .group("all", Ratio::ONE, vec![sales])
            .unwrap();
        def.items.push(
            KpiDef::new(
                "late",
                InputDef::value(column("late")),
                CurveDef::line(Ratio::from(-2)),
            )
            .unwrap(),
        );
        def.deduction_limit = Some(Ratio::from(5));
        def.gates.push(GateDef {
            key: Key::new("gate").unwrap(),
            title: None,
            requires: figure("sales", "[40, ..)"),
            on: Scope::Card,
            at_most: Ratio::from(10),
        });
        def.vetoes.push(VetoDef {
            key: Key::new("veto").unwrap(),
            title: None,
            when: figure("late", "(4, ..)"),
            at_most: Ratio::ZERO,
            best_grade: None,
        });
        let card = Scorecard::compile(def).unwrap();
        let names = ["ann", "bo", "cy", "di", "ed"]
            .map(|name| Key::new(name).unwrap())
            .to_vec();
        let subjects = Subjects::new(Axis::new("person", "person").unwrap(), names).unwrap();
        let day = |text: &str| text.parse().unwrap();
        let month = Calendar::gregorian()
            .periods(Grain::Month, day("2026-01-01"), day("2026-02-01"))
            .unwrap();
        let mut panel = Panel::new(subjects, month);
        for (key, units) in [
            ("sales", [90, 80, 39, 70, 66]),
            ("target:sales", [100, 100, 100, 100, 99]),
            ("late", [1, 4, 0, 5, 0]),
        ] {
            panel
                .add(Column::amounts(
                    column(key),
                    Unit::Point,
                    Quantum::ONE,
                    units.to_vec(),
                ))
                .unwrap();
        }
        let binding = card.bind(&panel, 0).unwrap();
        let kernels = Kernels::new(&card, &binding, 5).expect("a plain card");
        let mut totals = [0; 5];
        assert_eq!(kernels.totals(&mut totals, &mut []), [2, 3]);
        // 90 - 2, 80 - 5 for the limit, and two thirds.
        assert_eq!(
            [totals[0], totals[1], totals[4]],
            [880_000, 750_000, 666_667]
        );
        let scores = card.score(&panel, 0).unwrap();
        assert_eq!(scores.units(), [880_000, 750_000, 100_000, 0, 666_667]);
    }
}
