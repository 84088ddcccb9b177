//! Gates and vetoes by columns: where one limits, the total is left to the tree.

use std::ops::Bound;

use super::points::{Kernel, cells};
use crate::band::Interval;
use crate::panel::Reason;
use crate::quantity::{Quantum, Ratio, Rounding, divide};
use crate::scorecard::binding::{Binding, Source};
use crate::scorecard::scorecard::Place;
use crate::scorecard::{ConditionDef, Presumed, Scorecard};

/// A gate or a veto.
pub(super) struct Limit<'p> {
    looks_at: LooksAt<'p>,
    within: Interval,
    /// Whether the part is limited when the condition holds: a veto, not a gate.
    when_it_holds: bool,
    /// Whether the part is limited when there is no number.
    when_unknown: bool,
}

/// What a condition looks at.
enum LooksAt<'p> {
    Counts {
        states: &'p [Option<Reason>],
        counts: &'p [i64],
        /// The counts for which the condition holds, if there are any.
        within: Option<(i64, i64)>,
    },
    Attained(usize),
    Points(usize),
}

impl Limit<'_> {
    /// Marks the subjects of a block that are limited, and says whether there are any. Where a KPI has no plain number, the
    /// subject is marked too.
    pub(super) fn mark(&self, start: usize, kpis: &[Kernel<'_>], missing: &mut [bool]) -> bool {
        let mut any = false;
        match &self.looks_at {
            LooksAt::Counts {
                states,
                counts,
                within,
            } => {
                let cells = states[start..].iter().zip(&counts[start..]);
                for (missing, (state, count)) in missing.iter_mut().zip(cells) {
                    let holds = within.is_some_and(|(low, high)| low <= *count && *count <= high);
                    let limits = if state.is_none() {
                        holds == self.when_it_holds
                    } else {
                        self.when_unknown
                    };
                    *missing |= limits;
                    any |= limits;
                }
            }
            LooksAt::Attained(kpi) => {
                let found = |subject| kpis.get(*kpi)?.attained(subject);
                any = self.mark_found(start, found, missing);
            }
            LooksAt::Points(kpi) => {
                let found = |subject| kpis.get(*kpi)?.scored(subject);
                any = self.mark_found(start, found, missing);
            }
        }
        any
    }

    fn mark_found(
        &self,
        start: usize,
        found: impl Fn(usize) -> Option<Ratio>,
        missing: &mut [bool],
    ) -> bool {
        let mut any = false;
        for (place, missing) in missing.iter_mut().enumerate() {
            let limits = found(start + place)
                .is_none_or(|found| self.within.contains(found) == self.when_it_holds);
            *missing |= limits;
            any |= limits;
        }
        any
    }
}

/// Returns the gates and vetoes of a card, or `None` when one of them looks at a figure that is no column of counts.
pub(super) fn limits<'p>(
    card: &Scorecard,
    binding: &Binding<'p>,
    subjects: usize,
) -> Option<Vec<Limit<'p>>> {
    let gates = card.def.gates.iter().map(|gate| (&gate.requires, false));
    let vetoes = card.def.vetoes.iter().map(|veto| (&veto.when, true));
    let places = card
        .gates
        .iter()
        .map(|gate| gate.operand)
        .chain(card.vetoes.iter().map(|veto| veto.operand));
    let limit = |(((condition, when_it_holds), place), source): (
        ((&ConditionDef, bool), Place),
        &Option<Source<'p>>,
    )| {
        let looks_at = match place {
            Place::Attainment(kpi) => LooksAt::Attained(kpi),
            Place::Points(kpi) => LooksAt::Points(kpi),
            Place::Figure => {
                let (states, counts, quantum) = cells(source.as_ref()?, subjects)?;
                LooksAt::Counts {
                    states,
                    counts,
                    within: counts_within(&condition.within, quantum)?,
                }
            }
        };
        let holds_unknown = condition.unknown == Presumed::Holds;
        Some(Limit {
            looks_at,
            within: condition.within,
            when_it_holds,
            when_unknown: holds_unknown == when_it_holds,
        })
    };
    gates
        .chain(vetoes)
        .zip(places)
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
