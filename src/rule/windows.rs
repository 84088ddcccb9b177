//! Conditions over several periods inside one another: what lies inside is asked once for each period, so that the cost is
//! the sum of what they look back and not its product.

use std::ops::Range;

use super::columns::{Block, Count, LANES, Mask};
use super::fraction::{Fraction, Reading};
use super::node::{Compare, Node};
use super::term::{Term, View};
use super::{Truth, WhyUnknown};
use crate::panel::Reason;

/// Numerators below this can be added up as often as there are periods.
const ADDABLE: i128 = 1 << 96;

impl Node {
    /// Says whether asking for one period looks at others.
    pub(super) fn is_deep(&self) -> bool {
        match self {
            Self::Within { .. } | Self::Chart(_) => true,
            Self::Compare(compare) => {
                compare.cross.is_none() && (compare.left.is_deep() || compare.right.is_deep())
            }
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => {
                parts.iter().any(Self::is_deep)
            }
            Self::Not(of) => of.is_deep(),
            Self::State { .. } | Self::Subject(_) => false,
        }
    }
}

impl Term {
    /// Says whether the value of one period is made of those of several others.
    pub(super) fn is_deep(&self) -> bool {
        match self {
            Self::Mean { .. } => true,
            Self::Constant(_) | Self::Cell(_) | Self::Attained { .. } | Self::Peer(_) => false,
            Self::Scaled(_, of) | Self::Back(_, of) | Self::LastYear(of) => of.is_deep(),
            Self::Quotient(of, other) | Self::Difference(of, other) | Self::Change(of, other) => {
                of.is_deep() || other.is_deep()
            }
        }
    }
}

impl View<'_> {
    /// Returns what a condition says of a subject in each of these periods.
    pub(super) fn truths(&self, node: &Node, subject: usize, periods: Range<usize>) -> Vec<Truth> {
        let each = |part: &Node| self.truths(part, subject, periods.clone());
        let joined = |parts: &[Node], start: Truth, join: fn(Truth, Truth) -> Truth| {
            let mut all = vec![start; periods.len()];
            for part in parts {
                for (truth, other) in all.iter_mut().zip(each(part)) {
                    *truth = join(*truth, other);
                }
            }
            all
        };
        match node {
            Node::All(parts) => joined(parts, Truth::True, Truth::and),
            Node::Any(parts) => joined(parts, Truth::False, Truth::or),
            Node::Not(of) => each(of).into_iter().map(Truth::negate).collect(),
            Node::AtLeast(count, parts) => {
                let parts: Vec<Vec<Truth>> = parts.iter().map(each).collect();
                let at = |place: usize| parts.iter().map(move |part| part[place]);
                (0..periods.len())
                    .map(|place| Truth::at_least(*count, at(place)))
                    .collect()
            }
            Node::Within {
                count,
                periods: span,
                of,
            } => {
                let first = (periods.start + 1).saturating_sub(*span);
                let inner = self.truths(of, subject, first..periods.end);
                within(*count, *span, &inner, periods.start - first)
            }
            Node::Compare(compare) if node.is_deep() => self.compared_in(compare, subject, periods),
            Node::Chart(chart) => chart.truths(self, subject, periods),
            Node::Compare(_) | Node::State { .. } | Node::Subject(_) => periods
                .map(|period| self.truth(node, subject, period))
                .collect(),
        }
    }

    fn compared_in(&self, compare: &Compare, subject: usize, periods: Range<usize>) -> Vec<Truth> {
        let left = self.values(&compare.left, subject, periods.clone());
        let right = self.values(&compare.right, subject, periods.clone());
        let sides = left.into_iter().zip(right);
        let decided = |(period, (left, right))| self.decided(compare, left, right, subject, period);
        periods.zip(sides).map(decided).collect()
    }

    /// Returns what a condition said in the periods before this one, the latest first; more of them are looked at together
    /// the further back it goes.
    pub(super) fn before<'v>(
        &'v self,
        node: &'v Node,
        subject: usize,
        period: usize,
    ) -> impl Iterator<Item = Truth> + 'v {
        let (mut end, mut size) = (period, 1);
        let mut known: Vec<Truth> = Vec::new();
        let is_deep = node.is_deep();
        std::iter::from_fn(move || {
            if !is_deep {
                end = end.checked_sub(1)?;
                return Some(self.truth(node, subject, end));
            }
            if known.is_empty() {
                let first = end.saturating_sub(size);
                known = self.truths(node, subject, first..end);
                (end, size) = (first, size * 4);
            }
            known.pop()
        })
    }

    /// Returns the value of a term in each of these periods.
    pub(super) fn values(
        &self,
        term: &Term,
        subject: usize,
        periods: Range<usize>,
    ) -> Vec<Reading> {
        if !term.is_deep() {
            return periods
                .map(|period| self.value(term, subject, period))
                .collect();
        }
        let each = |of: &Term| self.values(of, subject, periods.clone());
        let both = |of: &Term, other: &Term, join: fn(Fraction, Fraction) -> Reading| {
            let pairs = each(of).into_iter().zip(each(other));
            pairs.map(|(of, other)| join(of?, other?)).collect()
        };
        match term {
            Term::Scaled(factor, of) => {
                let of = each(of).into_iter();
                of.map(|value| value?.times(*factor)).collect()
            }
            Term::Quotient(of, to) => both(of, to, Fraction::over),
            Term::Difference(of, less) => both(of, less, Fraction::less),
            Term::Change(of, against) => both(of, against, Fraction::change),
            Term::Back(back, of) => {
                let earlier =
                    periods.start.saturating_sub(*back)..periods.end.saturating_sub(*back);
                let missing = periods.len() - earlier.len();
                let missing = std::iter::repeat_n(Err(WhyUnknown::NoHistory), missing);
                missing.chain(self.values(of, subject, earlier)).collect()
            }
            Term::LastYear(of) => {
                let earlier: Vec<_> = periods.map(|period| self.year_ago(period)).collect();
                let known = || earlier.iter().flatten().copied();
                let (Some(first), Some(last)) = (known().min(), known().max()) else {
                    return vec![Err(WhyUnknown::NoHistory); earlier.len()];
                };
                let values = self.values(of, subject, first..last + 1);
                let value = |at: Option<usize>| at.map(|at| values[at - first]);
                let found = earlier.into_iter().map(value);
                found
                    .map(|value| value.unwrap_or(Err(WhyUnknown::NoHistory)))
                    .collect()
            }
            Term::Mean {
                of,
                periods: span,
                known,
            } => {
                let first = periods.start.saturating_sub(*span);
                let end = periods.end.saturating_sub(1).max(first);
                let inner = self.values(of, subject, first..end);
                means(*span, *known, &inner, first, periods)
            }
            Term::Constant(_) | Term::Cell(_) | Term::Attained { .. } | Term::Peer(_) => Vec::new(),
        }
    }
}

/// Returns for each period from place `start` of `inner` on whether at least so many of the last ones hold. What lies before
/// the first is not in the panel.
fn within(count: usize, span: usize, inner: &[Truth], start: usize) -> Vec<Truth> {
    let (mut known, mut open) = (0_usize, 0_usize);
    let mut found = Vec::with_capacity(inner.len() - start);
    for (place, truth) in inner.iter().enumerate() {
        known += usize::from(truth.is_true());
        open += usize::from(truth.is_unknown());
        if let Some(gone) = place.checked_sub(span) {
            known -= usize::from(inner[gone].is_true());
            open -= usize::from(inner[gone].is_unknown());
        }
        if place < start {
            continue;
        }
        let missing = span.saturating_sub(place + 1);
        found.push(if known >= count {
            Truth::True
        } else if known + open + missing < count {
            Truth::False
        } else {
            let window = &inner[(place + 1).saturating_sub(span)..=place];
            let latest = window.iter().rev().find(|truth| truth.is_unknown());
            latest
                .copied()
                .unwrap_or(Truth::Unknown(WhyUnknown::NoHistory))
        });
    }
    found
}

/// Returns the mean of the values before each of these periods; `inner` begins with the period `first`.
fn means(
    span: usize,
    known: usize,
    inner: &[Reading],
    first: usize,
    periods: Range<usize>,
) -> Vec<Reading> {
    let before = |period: usize| {
        let window = &inner[period.saturating_sub(span) - first..period - first];
        let missing = span - window.len();
        let missing = std::iter::repeat_n(Err(WhyUnknown::NoHistory), missing);
        window.iter().rev().copied().chain(missing)
    };
    let Some(sums) = Sums::of(inner) else {
        return periods
            .map(|period| Fraction::mean(before(period), known))
            .collect();
    };
    let mean = |period: usize| {
        let (from, to) = (period.saturating_sub(span) - first, period - first);
        let count = sums.counts[to] - sums.counts[from];
        if count == 0 || count < known {
            let latest = before(period).next().and_then(Result::err);
            return Err(latest.filter(|_| count == 0).unwrap_or(WhyUnknown::TooFew));
        }
        let sum = Fraction::new(sums.before[to] - sums.before[from], sums.denominator)?;
        let count = i128::try_from(count).map_err(|_| WhyUnknown::Missing(Reason::OutOfRange))?;
        sum.over(Fraction::new(count, 1)?)
    };
    periods.map(mean).collect()
}

/// The sums and the numbers of the known values before each place.
struct Sums {
    before: Vec<i128>,
    counts: Vec<usize>,
    denominator: i128,
}

impl Sums {
    /// Adds up values of one denominator, as amounts of one quantum are; `None` for others.
    fn of(values: &[Reading]) -> Option<Self> {
        let mut parts = values.iter().flatten().map(|value| value.parts());
        let denominator = parts
            .clone()
            .next()
            .map_or(1, |(_, denominator)| denominator);
        if !parts.all(|(above, below)| below == denominator && above.abs() < ADDABLE) {
            return None;
        }
        let (mut sums, mut counts) = (vec![0], vec![0]);
        let (mut sum, mut count) = (0_i128, 0_usize);
        for value in values {
            if let Ok(value) = value {
                (sum, count) = (sum + value.parts().0, count + 1);
            }
            sums.push(sum);
            counts.push(count);
        }
        Some(Self {
            before: sums,
            counts,
            denominator,
        })
    }
}

impl Block<'_, '_> {
    /// Returns what a condition says of every subject of the block in each of these periods.
    pub(super) fn masks(&mut self, node: &Node, periods: Range<usize>) -> Vec<Mask> {
        if !node.is_deep() {
            return periods.map(|period| self.mask(node, period)).collect();
        }
        match node {
            Node::All(parts) => {
                self.joined(parts, &periods, Mask::TRUE, |all, mask| all.and(&mask))
            }
            Node::Any(parts) => {
                self.joined(parts, &periods, Mask::FALSE, |all, mask| all.or(&mask))
            }
            Node::Not(of) => {
                let masks = self.masks(of, periods).into_iter();
                masks.map(Mask::negate).collect()
            }
            Node::AtLeast(count, parts) => {
                let mut counts = vec![Count::default(); periods.len()];
                for part in parts {
                    for (count, mask) in counts.iter_mut().zip(self.masks(part, periods.clone())) {
                        count.add(&mask);
                    }
                }
                let most = usize::try_from(*count).unwrap_or(usize::MAX);
                counts.iter().map(|count| count.at_least(most)).collect()
            }
            Node::Within {
                count,
                periods: span,
                of,
            } => {
                let first = (periods.start + 1).saturating_sub(*span);
                let inner = self.masks(of, first..periods.end);
                let mut counted = Count::default();
                let mut found = Vec::with_capacity(periods.len());
                for (place, mask) in inner.iter().enumerate() {
                    counted.add(mask);
                    if let Some(gone) = place.checked_sub(*span) {
                        counted.take(&inner[gone]);
                    }
                    if first + place >= periods.start {
                        let missing = span.saturating_sub(place + 1);
                        found.push(counted.at_least_with(*count, missing));
                    }
                }
                found
            }
            Node::Compare(_) | Node::Chart(_) | Node::State { .. } | Node::Subject(_) => {
                self.subject_by_subject(node, periods)
            }
        }
    }

    fn joined(
        &mut self,
        parts: &[Node],
        periods: &Range<usize>,
        start: Mask,
        join: fn(Mask, Mask) -> Mask,
    ) -> Vec<Mask> {
        let mut all = vec![start; periods.len()];
        for part in parts {
            for (mask, other) in all.iter_mut().zip(self.masks(part, periods.clone())) {
                *mask = join(*mask, other);
            }
        }
        all
    }

    /// Asks subject by subject, each for all periods at once.
    fn subject_by_subject(&self, node: &Node, periods: Range<usize>) -> Vec<Mask> {
        let mut masks = vec![Mask::FALSE; periods.len()];
        for at in 0..self.len() {
            let truths = self.view().truths(node, self.start() + at, periods.clone());
            for (mask, truth) in masks.iter_mut().zip(truths) {
                mask.yes[at % LANES] |= u64::from(truth.is_true()) << (at / LANES);
                mask.open[at % LANES] |= u64::from(truth.is_unknown()) << (at / LANES);
            }
        }
        masks
    }
}
