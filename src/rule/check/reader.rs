//! Taking conditions apart into facts.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::facts::{Ago, Budget, Term, Way, Ways};
use super::interval::{EQUAL, GREATER, LESS, values};
use crate::band::Interval;
use crate::key::Key;
use crate::panel::{ColumnKey, Reason, Role};
use crate::quantity::Ratio;
use crate::rule::condition::{
    AtLeast, Between, Comparison, Consecutive, Silence, StateTest, Trend, Way as Direction, Within,
};
use crate::rule::operand::{Constant, Previous, Quotient, Scaled, TrailingMean};
use crate::rule::{Condition, Is, Operand, RuleDef};

/// A condition over several periods is taken apart into as many periods as this; a longer one is looked at as a whole.
const MAX_LONG: u16 = 60;
/// It is looked at as a whole, too, where its parts have more facts than this.
const MAX_FACTS: usize = 1_000;

impl Ways {
    /// Returns what must be so for a condition to be `so`.
    pub(super) fn of(
        condition: &Condition,
        so: bool,
        rule: &RuleDef,
        ranges: &BTreeMap<ColumnKey, Interval>,
        budget: &Budget,
    ) -> Option<Self> {
        // Deeper than what can be compiled, the checker does not go.
        condition.check_bounds().ok()?;
        let reader = Reader {
            rule,
            ranges,
            budget,
            known: RefCell::default(),
        };
        Some(reader.ways(condition, so))
    }
}

struct Reader<'r> {
    rule: &'r RuleDef,
    ranges: &'r BTreeMap<ColumnKey, Interval>,
    budget: &'r Budget,
    /// The ways of conditions over several periods, by where they stand: they are asked for again by those around them.
    known: RefCell<BTreeMap<(usize, bool), Ways>>,
}

/// Three-valued logic takes apart like this: a conjunction is true when all parts are, and false when one is.
impl Reader<'_> {
    fn ways(&self, condition: &Condition, so: bool) -> Ways {
        if !matches!(condition, Condition::Consecutive(_) | Condition::Within(_)) {
            return self.taken_apart(condition, so);
        }
        let place = (std::ptr::from_ref(condition).addr(), so);
        if let Some(known) = self.known.borrow().get(&place) {
            return known.clone();
        }
        let ways = self.taken_apart(condition, so);
        self.known.borrow_mut().insert(place, ways.clone());
        ways
    }

    fn taken_apart(&self, condition: &Condition, so: bool) -> Ways {
        let all = |parts: Vec<Ways>| Ways::All(parts);
        match condition {
            Condition::Compare(Comparison { left, is, right }) => {
                self.compared(left, *is, right, so)
            }
            Condition::Between(Between { of, from, to }) => {
                let lower = self.compared(of, Is::AtLeast, from, so);
                let upper = self.compared(of, Is::AtMost, to, so);
                if so {
                    all(vec![lower, upper])
                } else {
                    Ways::any(vec![lower, upper])
                }
            }
            Condition::State(StateTest { of, is }) => {
                let states = is
                    .iter()
                    .fold(0, |bits, state| bits | (1 << Reason::code(*state)));
                let all = Reason::CELLS
                    .iter()
                    .fold(0, |bits, state| bits | (1 << Reason::code(*state)));
                state(of, if so { states } else { all & !states })
            }
            Condition::All(list) => {
                let parts = list.iter().map(|part| self.ways(part, so)).collect();
                if so { all(parts) } else { Ways::any(parts) }
            }
            Condition::Any(list) => {
                let parts = list.iter().map(|part| self.ways(part, so)).collect();
                if so { Ways::any(parts) } else { all(parts) }
            }
            Condition::Not(of) => self.ways(of, !so),
            Condition::AtLeast(AtLeast { count, of }) => {
                // Fewer than k hold where more than n - k fail.
                let count = usize::try_from(*count).unwrap_or(usize::MAX);
                let needed = if so {
                    count
                } else {
                    (of.len() + 1).saturating_sub(count)
                };
                Ways::AtLeast(needed, of.iter().map(|part| self.ways(part, so)).collect())
            }
            Condition::Consecutive(Consecutive { of, span }) => {
                self.consecutive(span.count, of, condition, so)
            }
            Condition::Within(Within { count, span, of }) => {
                if let Some(ways) = self.often(*count, span.count, of, so) {
                    return all(vec![ways, self.other(condition, so)]);
                }
                let never = *count > 0 && self.cannot_be(of, true);
                let always = *count <= span.count && self.cannot_be(of, false);
                if (so && never) || (!so && always) {
                    Ways::never()
                } else {
                    self.other(condition, so)
                }
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
            Condition::Stale(Silence { of, .. }) if so => all(vec![
                state(of, 1 << Reason::code(Some(Reason::NothingRecorded))),
                self.other(condition, true),
            ]),
            Condition::Stale(_)
            | Condition::Late(_)
            | Condition::Subject(_)
            | Condition::Control(_) => self.other(condition, so),
        }
    }

    /// Says whether it is certain that a condition cannot be so.
    fn cannot_be(&self, condition: &Condition, so: bool) -> bool {
        let ways = self.ways(condition, so);
        self.budget.excludes(&[&ways])
    }

    /// Returns the ways in which a condition held in each of so many periods up to this one, or did not; `whole` says so.
    fn consecutive(&self, span: u16, of: &Condition, whole: &Condition, so: bool) -> Ways {
        let often = self.other(whole, so);
        if let Some(ways) = self.often(span, span, of, so) {
            return Ways::All(vec![ways, often]);
        }
        // What held so often holds now; what did not hold so often may yet hold now.
        if so {
            Ways::All(vec![self.ways(of, true), often])
        } else if span == 0 || self.cannot_be(of, false) {
            Ways::never()
        } else {
            often
        }
    }

    /// Returns the ways in which a condition held in at least `count` of the last `span` periods, or did not; `None` where that
    /// would be too many.
    fn often(&self, count: u16, span: u16, of: &Condition, so: bool) -> Option<Ways> {
        // Fewer than so many hold where more than the rest fail.
        let needed = if so {
            count
        } else {
            (span + 1).checked_sub(count)?
        };
        let ways = self.ways(of, so);
        if span > MAX_LONG || ways.len().checked_mul(usize::from(span))? > MAX_FACTS {
            return None;
        }
        let each = (0..u32::from(span)).map(|ago| ways.before(ago));
        Some(Ways::AtLeast(usize::from(needed), each.collect()))
    }

    /// Something that is not looked into: it is so or not, the same wherever it is written the same.
    fn other(&self, condition: &Condition, so: bool) -> Ways {
        // Parameters of the same name may differ from rule to rule.
        let text = condition.to_string();
        let own = if text.contains('$') {
            format!("{text} @ {}", self.rule.key)
        } else {
            text
        };
        Ways::facts(Way {
            others: BTreeMap::from([((0, own), so)]),
            ..Way::default()
        })
    }

    /// A comparison is so, or its opposite is: both ways all its cells hold values.
    fn compared(&self, left: &Operand, is: Is, right: &Operand, so: bool) -> Ways {
        let is = if so { is } else { is.opposite() };
        if is == Is::NotEqual {
            let both = [Is::Below, Is::Above].map(|is| self.stands(left, is, right));
            return Ways::any(both.into());
        }
        self.stands(left, is, right)
    }

    fn stands(&self, left: &Operand, is: Is, right: &Operand) -> Ways {
        let (left, right) = (self.plain(left), self.plain(right));
        let mut way = Way::anything();
        columns(&left, &mut way.states);
        columns(&right, &mut way.states);
        let fact = match (&left, &right) {
            (Operand::Constant(left), Operand::Constant(right)) => {
                return if is.holds(left.value.cmp(&right.value)) {
                    Ways::facts(way)
                } else {
                    Ways::never()
                };
            }
            (Operand::Constant(value), _) => self.value(&right, is.exchanged(), value.value),
            (_, Operand::Constant(value)) => self.value(&left, is, value.value),
            _ => None,
        };
        if let Some((term, interval)) = fact {
            return match interval {
                Some(interval) => {
                    way.values.insert(term, interval);
                    Ways::facts(way)
                }
                None => Ways::never(),
            };
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
                    Ways::facts(way)
                } else {
                    Ways::never()
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
        if way.settle() {
            Ways::facts(way)
        } else {
            Ways::never()
        }
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
        let interval = values(is, value).and(self.range(operand));
        Some((term(operand), interval))
    }

    /// Returns the values that an operand can have at all.
    fn range(&self, operand: &Operand) -> Interval {
        match operand {
            Operand::Previous(Previous { of, .. })
            | Operand::TrailingMean(TrailingMean { of, .. })
            | Operand::LastYear(of) => self.range(of),
            Operand::Constant(constant) => values(Is::Equal, constant.value),
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
            Operand::Percentile(_) => {
                let not_negative = Interval::at_least(Ratio::ZERO);
                let share = not_negative.and(values(Is::AtMost, Ratio::ONE));
                share.unwrap_or(not_negative)
            }
            Operand::Rank(_) => Interval::at_least(Ratio::ONE),
            Operand::Change { of, against } => {
                // What it is measured against is positive, or there is no base.
                let against = self.range(against);
                let positive = values(Is::Above, Ratio::ZERO);
                let ratio = self
                    .range(of)
                    .over(against.and(positive).unwrap_or(against));
                ratio.plus(values(Is::Equal, Ratio::from(-1)))
            }
            Operand::Ratio(Quotient { of, to }) => self.range(of).over(self.range(to)),
            other => {
                let known = other.column().and_then(|column| self.ranges.get(&column));
                known.copied().unwrap_or_default()
            }
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

fn bare(value: Ratio) -> Operand {
    Operand::Constant(Constant { value, unit: None })
}

fn state(column: &ColumnKey, states: u8) -> Ways {
    if states == 0 {
        return Ways::never();
    }
    Ways::facts(Way {
        states: BTreeMap::from([((0, column.clone()), states)]),
        ..Way::anything()
    })
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
