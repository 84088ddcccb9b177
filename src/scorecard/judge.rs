//! From the figures of one subject to its total, with every step kept.

use super::explain::{Breakdown, GroupPart, InputPart, KpiPart, LimitPart};
use super::scorecard::{GatePlace, Place};
use super::{Precision, Readings, Scorecard, ScorecardError, Unknown};
use crate::measure::Direction;
use crate::panel::Reason;
use crate::quantity::{QuantityError, Ratio};

/// The figures of one subject in one period, in the order of the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) kpis: Vec<KpiFacts>,
    /// One for each gate, then one for each veto; only those that look at a figure are read.
    pub(crate) figures: Vec<Result<Ratio, Reason>>,
}

/// The figures of one KPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KpiFacts {
    pub(crate) inputs: Vec<(Direction, Readings)>,
    pub(crate) previous: Option<Result<Ratio, Reason>>,
}

/// What a KPI comes to before it is weighed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) inputs: Vec<InputPart>,
    pub(crate) exact: Option<Ratio>,
    pub(crate) unknown: Option<Unknown>,
    pub(crate) scored: Result<Ratio, Reason>,
    /// Whether the lack of a number leaves the whole card without a total.
    pub(crate) blocks: bool,
}

impl Scorecard {
    /// Recomputes an explanation from the figures in it.
    ///
    /// # Errors
    /// [`ScorecardError::Conflict`] when the explanation is not one of this card.
    pub fn replay(&self, explanation: &Breakdown) -> Result<Breakdown, ScorecardError> {
        let other = |what: &str| ScorecardError::Conflict {
            what: format!(
                "the explanation of card `{}` has other {what} than the card `{}`",
                explanation.card, self.def.key
            ),
        };
        if !explanation
            .kpis()
            .map(|part| &part.key)
            .eq(self.kpis.iter().map(|kpi| &kpi.def.key))
        {
            return Err(other("KPIs"));
        }
        let limits = || explanation.gates.iter().chain(&explanation.vetoes);
        let known = self
            .def
            .gates
            .iter()
            .map(|gate| &gate.key)
            .chain(self.def.vetoes.iter().map(|veto| &veto.key));
        if !limits().map(|part| &part.key).eq(known) {
            return Err(other("gates or vetoes"));
        }
        let mut kpis = Vec::with_capacity(self.kpis.len());
        for (part, kpi) in explanation.kpis().zip(&self.kpis) {
            if part.inputs.len() != kpi.inputs().count() {
                return Err(other("inputs"));
            }
            let inputs = part
                .inputs
                .iter()
                .map(|input| (input.direction, input.readings))
                .collect();
            kpis.push(KpiFacts {
                inputs,
                previous: part.previous,
            });
        }
        let facts = Facts {
            kpis,
            figures: limits().map(|part| part.found).collect(),
        };
        Ok(self.judge(&facts, &explanation.subject, &explanation.period))
    }

    /// Judges one KPI on its own.
    pub(crate) fn judge_kpi(&self, place: usize, facts: &KpiFacts) -> Judged {
        let kpi = &self.kpis[place];
        let inputs: Vec<InputPart> = kpi
            .inputs()
            .zip(&facts.inputs)
            .map(|(input, (direction, readings))| InputPart {
                direction: *direction,
                readings: *readings,
                attained: input.attain(*direction, readings),
            })
            .collect();
        let missing = inputs.iter().find_map(|input| input.attained.err());
        let values = (
            inputs.first().and_then(|input| input.attained.ok()),
            inputs.get(1).and_then(|input| input.attained.ok()),
        );
        let exact = match (missing, values) {
            (None, (Some(first), second)) => kpi.points(first, second),
            _ => None,
        };
        let scored = exact.and_then(|exact| kpi.def.precision.round(exact));
        if let Some(points) = scored {
            return Judged {
                inputs,
                exact,
                unknown: None,
                scored: Ok(points),
                blocks: false,
            };
        }
        let reason = missing.unwrap_or(Reason::OutOfRange);
        let policy = kpi.def.unknown.of(reason);
        let scored = match policy {
            Unknown::Zero => Ok(self.points_of_silence(place, reason, facts)),
            Unknown::Neutral => Ok(self.def.neutral),
            Unknown::Points(points) => Ok(points),
            Unknown::Previous => facts.previous.unwrap_or(Err(reason)),
            Unknown::Redistribute | Unknown::Unscored => Err(reason),
        };
        Judged {
            inputs,
            exact: None,
            unknown: Some(policy),
            scored,
            blocks: policy == Unknown::Unscored,
        }
    }

    /// Returns zero points, or fewer where nothing was recorded and a recorded zero would get fewer: silence must not pay.
    fn points_of_silence(&self, place: usize, reason: Reason, facts: &KpiFacts) -> Ratio {
        let kpi = &self.kpis[place];
        if reason != Reason::NothingRecorded || kpi.never_below_zero() {
            return Ratio::ZERO;
        }
        let recorded = kpi
            .inputs()
            .zip(&facts.inputs)
            .map(|(input, (direction, readings))| {
                let silent = readings.actual.err() == Some(Reason::NothingRecorded);
                let actual = if silent {
                    Ok(Ratio::ZERO)
                } else {
                    readings.actual
                };
                input
                    .attain(
                        *direction,
                        &Readings {
                            actual,
                            ..*readings
                        },
                    )
                    .ok()
            });
        let inputs: Option<Vec<Ratio>> = recorded.collect();
        let points = inputs.and_then(|inputs| {
            let exact = kpi.points(*inputs.first()?, inputs.get(1).copied())?;
            kpi.def.precision.round(exact)
        });
        points.map_or(Ratio::ZERO, |points| points.min(Ratio::ZERO))
    }

    /// Judges a subject.
    pub(crate) fn judge(&self, facts: &Facts, subject: &str, period: &str) -> Breakdown {
        let judged: Vec<Judged> = (0..self.kpis.len())
            .map(|place| self.judge_kpi(place, &facts.kpis[place]))
            .collect();
        let blocked = judged
            .iter()
            .find(|judged| judged.blocks)
            .and_then(|judged| judged.scored.err());
        let (gates, vetoes) = self.limits(facts, &judged);
        let mut parts = self.kpi_parts(facts, judged, &gates);
        let items = parts.split_off(self.grouped());
        let (groups, mut weighted) = self.group_parts(parts, &gates);
        if let Some(reason) = blocked {
            weighted = Err(reason);
        }
        let (bonus, deduction) = self.item_sums(&items).unwrap_or_else(|_| {
            weighted = Err(Reason::OutOfRange);
            (Ratio::ZERO, Ratio::ZERO)
        });
        let rounded = match weighted {
            Ok(weighted) => self.rounded(weighted, bonus, deduction),
            missing @ Err(_) => missing,
        };
        let mut total = at_most(rounded, self.shut(&gates, GatePlace::Card));
        let mut best_grade: Option<usize> = None;
        for ((veto, def), part) in self.vetoes.iter().zip(&self.def.vetoes).zip(&vetoes) {
            if part.limits {
                total = at_most(total, Some(def.at_most));
                best_grade = best_grade.into_iter().chain(veto.best_grade).min();
            }
        }
        let grade = self.grades.as_ref().zip(total.ok()).map(|(grades, total)| {
            let place = grades.position(total);
            grades.labels()[best_grade.map_or(place, |best| place.min(best))].clone()
        });
        let light = self
            .lights
            .as_ref()
            .zip(total.ok())
            .map(|(lights, total)| *lights.of(total));
        Breakdown {
            card: self.def.key.clone(),
            subject: subject.to_owned(),
            period: period.to_owned(),
            groups,
            items,
            weighted,
            bonus,
            deduction,
            rounded,
            gates,
            vetoes,
            total,
            grade,
            light,
        }
    }

    /// Returns what the gates and the vetoes find.
    fn limits(&self, facts: &Facts, judged: &[Judged]) -> (Vec<LimitPart>, Vec<LimitPart>) {
        let found = |operand: Place, figure: usize| match operand {
            Place::Figure => facts.figures[figure],
            Place::Attainment(kpi) => {
                let input = judged[kpi].inputs.first();
                input.map_or(Err(Reason::NotApplicable), |input| input.attained)
            }
            Place::Points(kpi) => judged[kpi].scored,
        };
        let gates =
            self.gates
                .iter()
                .zip(&self.def.gates)
                .enumerate()
                .map(|(place, (gate, def))| {
                    let found = found(gate.operand, place);
                    let holds = def.requires.holds(found);
                    LimitPart {
                        key: def.key.clone(),
                        found,
                        holds,
                        limits: !holds,
                    }
                });
        let vetoes =
            self.vetoes
                .iter()
                .zip(&self.def.vetoes)
                .enumerate()
                .map(|(place, (veto, def))| {
                    let found = found(veto.operand, self.gates.len() + place);
                    let holds = def.when.holds(found);
                    LimitPart {
                        key: def.key.clone(),
                        found,
                        holds,
                        limits: holds,
                    }
                });
        (gates.collect(), vetoes.collect())
    }

    /// Returns the lowest limit of the shut gates on a part of the card.
    fn shut(&self, gates: &[LimitPart], on: GatePlace) -> Option<Ratio> {
        let all = self.gates.iter().zip(&self.def.gates).zip(gates);
        all.filter(|((gate, _), part)| gate.on == on && part.limits)
            .map(|((_, def), _)| def.at_most)
            .min()
    }

    fn kpi_parts(&self, facts: &Facts, judged: Vec<Judged>, gates: &[LimitPart]) -> Vec<KpiPart> {
        let part = |(place, judged): (usize, Judged)| {
            let kpi = &self.kpis[place];
            let attained = judged.inputs.first().and_then(|input| input.attained.ok());
            KpiPart {
                key: kpi.def.key.clone(),
                weight: kpi.def.weight,
                share: Ratio::ZERO,
                light: kpi
                    .lights
                    .as_ref()
                    .zip(attained)
                    .map(|(lights, attained)| *lights.of(attained)),
                inputs: judged.inputs,
                exact: judged.exact,
                unknown: judged.unknown,
                previous: facts.kpis[place].previous,
                scored: judged.scored,
                points: at_most(judged.scored, self.shut(gates, GatePlace::Kpi(place))),
            }
        };
        judged.into_iter().enumerate().map(part).collect()
    }

    /// Returns the groups and their weighted mean.
    fn group_parts(
        &self,
        mut parts: Vec<KpiPart>,
        gates: &[LimitPart],
    ) -> (Vec<GroupPart>, Result<Ratio, Reason>) {
        let mut groups: Vec<GroupPart> = Vec::with_capacity(self.groups.len());
        for (place, def) in self.def.groups.iter().enumerate() {
            let mut kpis: Vec<KpiPart> = parts.drain(..def.kpis.len()).collect();
            let mean = weigh(
                &mut kpis,
                |kpi| (kpi.weight, kpi.points),
                |kpi, share| kpi.share = share,
            );
            let points = at_most(mean, self.shut(gates, GatePlace::Group(place)));
            let (key, weight) = (def.key.clone(), def.weight);
            groups.push(GroupPart {
                key,
                weight,
                share: Ratio::ZERO,
                kpis,
                points,
                contribution: Ratio::ZERO,
            });
        }
        let mut weighted = weigh(
            &mut groups,
            |group| (group.weight, group.points),
            |group, share| group.share = share,
        );
        for group in &mut groups {
            let points = group.points.unwrap_or(Ratio::ZERO);
            match group.share.checked_mul(points) {
                Ok(contribution) => group.contribution = contribution,
                Err(_) => weighted = Err(Reason::OutOfRange),
            }
        }
        (groups, weighted)
    }

    fn item_sums(&self, items: &[KpiPart]) -> Result<(Ratio, Ratio), QuantityError> {
        let (mut bonus, mut deduction) = (Ratio::ZERO, Ratio::ZERO);
        for points in items.iter().filter_map(|item| item.points.ok()) {
            if points.is_negative() {
                deduction = deduction.checked_sub(points)?;
            } else {
                bonus = bonus.checked_add(points)?;
            }
        }
        let limited = |sum: Ratio, limit: Option<Ratio>| limit.map_or(sum, |limit| sum.min(limit));
        Ok((
            limited(bonus, self.def.bonus_limit),
            limited(deduction, self.def.deduction_limit),
        ))
    }

    fn rounded(&self, weighted: Ratio, bonus: Ratio, deduction: Ratio) -> Result<Ratio, Reason> {
        let sum = weighted
            .checked_add(bonus)
            .and_then(|sum| sum.checked_sub(deduction))
            .ok();
        // Totals are kept in 64 bits of units.
        let precision = self.def.precision;
        let units = sum.and_then(|sum| precision.units_of(sum.numerator(), sum.denominator()));
        let Some(total) = units.and_then(|units| precision.value(units)) else {
            return Err(Reason::OutOfRange);
        };
        let total = self.def.floor.map_or(total, |floor| total.max(floor));
        Ok(self.def.cap.map_or(total, |cap| total.min(cap)))
    }

    /// Returns the precision in which totals are kept.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.def.precision
    }
}

fn at_most(reading: Result<Ratio, Reason>, limit: Option<Ratio>) -> Result<Ratio, Reason> {
    match (reading, limit) {
        (Ok(points), Some(limit)) => Ok(points.min(limit)),
        (reading, _) => reading,
    }
}

/// Returns the weighted mean of the parts that have points and gives each its share of what is left of the weights; the
/// first reason where none has.
fn weigh<T>(
    parts: &mut [T],
    of: impl Fn(&T) -> (Ratio, Result<Ratio, Reason>),
    mut keep: impl FnMut(&mut T, Ratio),
) -> Result<Ratio, Reason> {
    let mut left = Ratio::ZERO;
    let mut sum = Ratio::ZERO;
    let mut reason = None;
    let mut add = |weight: Ratio, points: Ratio| -> Result<(), QuantityError> {
        left = left.checked_add(weight)?;
        sum = sum.checked_add(weight.checked_mul(points)?)?;
        Ok(())
    };
    for part in &*parts {
        let fits = match of(part) {
            (weight, Ok(points)) => add(weight, points).is_ok(),
            (weight, Err(state)) => {
                if !weight.is_zero() {
                    reason = reason.or(Some(state));
                }
                true
            }
        };
        if !fits {
            return Err(Reason::OutOfRange);
        }
    }
    if left.is_zero() {
        return Err(reason.unwrap_or(Reason::NotApplicable));
    }
    for part in parts {
        if let (weight, Ok(_)) = of(part) {
            match weight.checked_div(left) {
                Ok(share) => keep(part, share),
                Err(_) => return Err(Reason::OutOfRange),
            }
        }
    }
    sum.checked_div(left).map_err(|_| Reason::OutOfRange)
}
