//! Taking conditions apart into facts.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Range;
use super::facts::{Ago, Term, Way, Ways, at_least, every, some};
use super::interval::{EQUAL, GREATER, Interval, LESS};
use crate::key::Key;
use crate::panel::{ColumnKey, Reason, Role};
use crate::quantity::Ratio;
use crate::rule::condition::{
    AtLeast, Between, Comparison, Consecutive, Silence, StateTest, Trend, Way as Direction, Within,
};
use crate::rule::operand::{Constant, Previous, Quotient, Scaled, TrailingMean};
use crate::rule::{Condition, Is, Operand, RuleDef};

/// A condition over several periods is taken apart into as many ways as this, and periods; a longer one is looked at as a whole.
const MAX_LONG: usize = 32;

impl Ways {
    /// Returns the ways in which a condition is `so`; `None` if there are too many to follow.
    pub(super) fn of(
        condition: &Condition,
        so: bool,
        rule: &RuleDef,
        ranges: &BTreeMap<ColumnKey, Range>,
    ) -> Option<Self> {
        // Deeper than what can be compiled, the checker does not go.
        condition.check_bounds().ok()?;
        Reader { rule, ranges }.ways(condition, so).map(Self)
    }
}

struct Reader<'r> {
    rule: &'r RuleDef,
    ranges: &'r BTreeMap<ColumnKey, Range>,
}

/// Three-valued logic takes apart like this: a conjunction is true when all parts are, and false when one is.
impl Reader<'_> {
    fn ways(&self, condition: &Condition, so: bool) -> Option<Vec<Way>> {
        match condition {
            Condition::Compare(Comparison { left, is, right }) => {
                Some(self.compared(left, *is, right, so))
            }
            Condition::Between(Between { of, from, to }) => {
                let lower = self.compared(of, Is::AtLeast, from, so);
                let upper = self.compared(of, Is::AtMost, to, so);
                if so {
                    every([Some(lower), Some(upper)])
                } else {
                    some([Some(lower), Some(upper)])
                }
            }
            Condition::State(StateTest { of, is }) => {
                let states = is
                    .iter()
                    .fold(0, |bits, state| bits | (1 << Reason::code(*state)));
                let all = Reason::CELLS
                    .iter()
                    .fold(0, |bits, state| bits | (1 << Reason::code(*state)));
                Some(state(of, if so { states } else { all & !states }))
            }
            Condition::All(list) => {
                let parts = list.iter().map(|part| self.ways(part, so));
                if so { every(parts) } else { some(parts) }
            }
            Condition::Any(list) => {
                let parts = list.iter().map(|part| self.ways(part, so));
                if so { some(parts) } else { every(parts) }
            }
            Condition::Not(of) => self.ways(of, !so),
            Condition::AtLeast(AtLeast { count, of }) => {
                // Fewer than k hold where more than n - k fail.
                let size = u32::try_from(of.len()).ok()?;
                let needed = if so {
                    *count
                } else {
                    (size + 1).saturating_sub(*count)
                };
                let parts: Vec<Vec<Way>> = of
                    .iter()
                    .map(|part| self.ways(part, so))
                    .collect::<Option<_>>()?;
                at_least(needed, &parts)
            }
            Condition::Consecutive(Consecutive { of, span }) => {
                self.consecutive(span.count, of, condition, so)
            }
            Condition::Within(Within { count, span, of }) => {
                if let Some(ways) = self.often(*count, span.count, of, so) {
                    return every([Some(ways), Some(self.other(condition, so))]);
                }
                let never = self.ways(of, true)?.is_empty() && *count > 0;
                let always = self.ways(of, false)?.is_empty() && *count <= span.count;
                Some(if (so && never) || (!so && always) {
                    Vec::new()
                } else {
                    self.other(condition, so)
                })
            }
            Condition::Trend(Trend { of, is, span }) => {
                let step = Condition::Compare(Comparison {
                    left: of.clone(),
                    is: match is {
                        Direction::Rising => Is::Above,
                        Direction::Falling => Is::Below,
                    },
                    right: of.clone().previous(1),
                });
                self.consecutive(span.count, &step, condition, so)
            }
            Condition::Stale(Silence { of, .. }) if so => every([
                Some(state(of, 1 << Reason::code(Some(Reason::NothingRecorded)))),
                Some(self.other(condition, true)),
            ]),
            Condition::Stale(_)
            | Condition::Late(_)
            | Condition::Subject(_)
            | Condition::Control(_) => Some(self.other(condition, so)),
        }
    }

    /// Returns the ways in which a condition held in each of so many periods up to this one, or did not; `whole` says so.
    fn consecutive(
        &self,
        span: u16,
        of: &Condition,
        whole: &Condition,
        so: bool,
    ) -> Option<Vec<Way>> {
        let often = self.other(whole, so);
        if let Some(ways) = self.often(span, span, of, so) {
            return every([Some(ways), Some(often)]);
        }
        // What held so often holds now; what did not hold so often may yet hold now.
        if so {
            every([self.ways(of, true), Some(often)])
        } else if self.ways(of, false)?.is_empty() || span == 0 {
            Some(Vec::new())
        } else {
            Some(often)
        }
    }

    /// Returns the ways in which a condition held in at least `count` of the last `span` periods, or did not; `None` where that
    /// would be too many.
    fn often(&self, count: u16, span: u16, of: &Condition, so: bool) -> Option<Vec<Way>> {
        let (count, span) = (u32::from(count), u32::from(span));
        // Fewer than so many hold where more than the rest fail.
        let needed = if so {
            count
        } else {
            (span + 1).checked_sub(count)?
        };
        let ways = self.ways(of, so)?;
        // So many of the periods are chosen, each in one of the ways.
        let mut choices = 1_usize;
        for chosen in 0..needed {
            let left = usize::try_from(span.checked_sub(chosen)?).ok()?;
            let number = usize::try_from(chosen + 1).ok()?;
            choices = choices.checked_mul(left)? / number;
            choices = choices.checked_mul(ways.len().max(1))?;
            if choices > MAX_LONG * MAX_LONG {
                return None;
            }
        }
        if choices > MAX_LONG || usize::try_from(span).ok()? > MAX_LONG {
            return None;
        }
        let parts: Vec<Vec<Way>> = (0..span).map(|ago| before_all(&ways, ago)).collect();
        at_least(needed, &parts)
    }

    /// Something that is not looked into: it is so or not, the same wherever it is written the same.
    fn other(&self, condition: &Condition, so: bool) -> Vec<Way> {
        // Parameters of the same name may differ from rule to rule.
        let text = condition.to_string();
        let own = if text.contains('$') {
            format!("{text} @ {}", self.rule.key)
        } else {
            text
        };
        vec![Way {
            others: BTreeMap::from([((0, own), so)]),
            ..Way::default()
        }]
    }

    /// A comparison is so, or its opposite is: both ways all its cells hold values.
    fn compared(&self, left: &Operand, is: Is, right: &Operand, so: bool) -> Vec<Way> {
        let is = if so { is } else { is.opposite() };
        if is == Is::NotEqual {
            return [Is::Below, Is::Above]
                .into_iter()
                .flat_map(|is| self.stands(left, is, right))
                .collect();
        }
        self.stands(left, is, right)
    }

    fn stands(&self, left: &Operand, is: Is, right: &Operand) -> Vec<Way> {
        let (left, right) = (self.plain(left), self.plain(right));
        let mut way = Way::anything();
        columns(&left, &mut way.states);
        columns(&right, &mut way.states);
        let fact = match (&left, &right) {
            (Operand::Constant(left), Operand::Constant(right)) => {
                return if is.holds(left.value.cmp(&right.value)) {
                    vec![way]
                } else {
                    Vec::new()
                };
            }
            (Operand::Constant(value), _) => self.value(&right, is.exchanged(), value.value),
            (_, Operand::Constant(value)) => self.value(&left, is, value.value),
            _ => None,
        };
        if let Some((term, interval)) = fact {
            return interval
                .into_iter()
                .map(|interval| {
                    let values = BTreeMap::from([(term.clone(), interval)]);
                    Way {
                        values,
                        ..way.clone()
                    }
                })
                .collect();
        }
        let known = [
            (term(&left), self.range(&left)),
            (term(&right), self.range(&right)),
        ];
        let (left, right) = (term(&left), term(&right));
        let (pair, is) = match left.cmp(&right) {
            Ordering::Less => ((left, right), is),
            Ordering::Greater => ((right, left), is.exchanged()),
            Ordering::Equal => {
                return if is.holds(Ordering::Equal) {
                    vec![way]
                } else {
                    Vec::new()
                };
            }
        };
        let orders = [
            (LESS, Ordering::Less),
            (EQUAL, Ordering::Equal),
            (GREATER, Ordering::Greater),
        ]
        .into_iter()
        .filter(|(_, order)| is.holds(*order))
        .fold(0, |bits, (bit, _)| bits | bit);
        way.orders.insert(pair, orders);
        way.values.extend(
            known
                .into_iter()
                .filter(|(_, values)| *values != Interval::default()),
        );
        if way.settle() { vec![way] } else { Vec::new() }
    }

    /// Returns a term without its factor, and the values that it can then have: none, if they contradict what is known of
    /// it.
    fn value(&self, operand: &Operand, is: Is, value: Ratio) -> Option<(Term, Option<Interval>)> {
        if let Operand::Scaled(Scaled { factor, of }) = operand {
            let is = if factor.is_negative() {
                is.exchanged()
            } else {
                is
            };
            return self.value(of, is, value.checked_div(*factor).ok()?);
        }
        let interval = Interval::of(is, value).and(self.range(operand));
        Some((term(operand), interval))
    }

    /// Returns the values that an operand can have at all.
    fn range(&self, operand: &Operand) -> Interval {
        let known = |column: &ColumnKey| self.ranges.get(column).copied().unwrap_or_default();
        match operand {
            Operand::Previous(Previous { of, .. })
            | Operand::TrailingMean(TrailingMean { of, .. })
            | Operand::LastYear(of) => self.range(of),
            Operand::Constant(constant) => Interval::of(Is::Equal, constant.value),
            Operand::Scaled(Scaled { factor, of }) => self.range(of).times(*factor),
            Operand::Difference { of, less } => {
                let less = self.range(less).times(Ratio::from(-1));
                self.range(of).plus(less)
            }
            // Less the median of values of the same range.
            Operand::FromMedian(of) => {
                let range = self.range(of);
                range.plus(range.times(Ratio::from(-1)))
            }
            Operand::Percentile(_) => Interval {
                lower: Some((Ratio::ZERO, true)),
                upper: Some((Ratio::ONE, true)),
            },
            Operand::Rank(_) => Interval {
                lower: Some((Ratio::ONE, true)),
                upper: None,
            },
            Operand::Change { of, against } => {
                // What it is measured against is positive, or there is no base.
                let against = self.range(against);
                let positive = Interval::of(Is::Above, Ratio::ZERO);
                let ratio = self
                    .range(of)
                    .over(against.and(positive).unwrap_or(against));
                ratio.plus(Interval::of(Is::Equal, Ratio::from(-1)))
            }
            Operand::Ratio(Quotient { of, to }) => self.range(of).over(self.range(to)),
            other => match other.column() {
                Some(column) => {
                    let Range { from, to } = known(&column);
                    Interval {
                        lower: from.map(|from| (from, true)),
                        upper: to.map(|to| (to, true)),
                    }
                }
                None => Interval::default(),
            },
        }
    }

    /// Returns an operand in terms of others, with its parameters filled in and its factors in front.
    fn plain(&self, operand: &Operand) -> Operand {
        let key = |metric: &Key, role| match role {
            Role::Target => Operand::Target(metric.clone()),
            Role::Expected => Operand::Expected(metric.clone()),
            Role::Projected => Operand::Projected(metric.clone()),
            _ => Operand::Metric(metric.clone()),
        };
        match operand {
            Operand::Parameter(name) => {
                let constant = self.rule.parameters.get(name);
                constant.map_or_else(|| operand.clone(), |constant| bare(constant.value))
            }
            // Units have been checked; numbers that are equal are the same fact.
            Operand::Constant(constant) => bare(constant.value),
            Operand::Attainment(metric) => key(metric, Role::Actual).per(key(metric, Role::Target)),
            Operand::Pace(metric) => key(metric, Role::Expected).per(key(metric, Role::Target)),
            Operand::Gap(metric) => key(metric, Role::Actual).less(key(metric, Role::Target)),
            Operand::Ratio(Quotient { of, to }) => self.plain(of).per(self.plain(to)),
            Operand::Difference { of, less } => self.plain(of).less(self.plain(less)),
            Operand::Scaled(Scaled { factor, of }) => match self.plain(of) {
                Operand::Scaled(inner) => match factor.checked_mul(inner.factor) {
                    Ok(factor) => Operand::Scaled(Scaled {
                        factor,
                        of: inner.of,
                    }),
                    Err(_) => Operand::Scaled(inner).times(*factor),
                },
                Operand::Constant(constant) => match constant.value.checked_mul(*factor) {
                    Ok(value) => bare(value),
                    Err(_) => Operand::Constant(constant).times(*factor),
                },
                other => other.times(*factor),
            },
            Operand::Previous(Previous { of, span }) => Operand::Previous(Previous {
                of: Box::new(self.plain(of)),
                span: *span,
            }),
            Operand::LastYear(of) => Operand::LastYear(Box::new(self.plain(of))),
            Operand::Change { of, against } => self.plain(of).change(self.plain(against)),
            Operand::TrailingMean(TrailingMean { of, span, known }) => {
                Operand::TrailingMean(TrailingMean {
                    of: Box::new(self.plain(of)),
                    span: *span,
                    known: *known,
                })
            }
            Operand::Rank(of) => Operand::Rank(Box::new(self.plain(of))),
            Operand::Percentile(of) => Operand::Percentile(Box::new(self.plain(of))),
            Operand::FromMedian(of) => Operand::FromMedian(Box::new(self.plain(of))),
            Operand::Score(of) => Operand::Score(Box::new(self.plain(of))),
            Operand::Metric(_)
            | Operand::Target(_)
            | Operand::Expected(_)
            | Operand::Projected(_)
            | Operand::Below(_)
            | Operand::Quiet(_) => operand.clone(),
        }
    }
}

/// Returns an operand as text, and how many periods ago: what was sales a period before is sales, a period ago.
fn term(operand: &Operand) -> Term {
    let (mut ago, mut of) = (0_u32, operand);
    while let Operand::Previous(Previous { of: inner, span }) = of {
        ago = ago.saturating_add(u32::from(span.count));
        of = inner;
    }
    (ago, of.to_string())
}

fn before_all(ways: &[Way], periods: u32) -> Vec<Way> {
    ways.iter().map(|way| way.before(periods)).collect()
}

fn bare(value: Ratio) -> Operand {
    Operand::Constant(Constant { value, unit: None })
}

fn state(column: &ColumnKey, states: u8) -> Vec<Way> {
    if states == 0 {
        return Vec::new();
    }
    vec![Way {
        states: BTreeMap::from([((0, column.clone()), states)]),
        ..Way::anything()
    }]
}

/// Notes that the cells of this period that an operand is worked out from hold values.
fn columns(operand: &Operand, states: &mut BTreeMap<Ago<ColumnKey>, u8>) {
    match operand {
        Operand::Ratio(_)
        | Operand::Difference { .. }
        | Operand::Change { .. }
        | Operand::Scaled(_) => {
            operand.children(|_, child| columns(child, states));
        }
        other => {
            if let Some(column) = other.column() {
                states.insert((0, column), 1 << Reason::code(None));
            }
        }
    }
}
