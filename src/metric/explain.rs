//! Where a figure comes from: the records behind it, what was left out and why, and the figures that it is made of.
//!
//! An explanation does not ask the fold: it looks at the records one by one and computes the figure anew, so that the two
//! check each other.

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::error::MetricError;
use super::filter::{Standings, Taken};
use super::metric::{Filter, Selection};
use super::parts::{Drawn, End, Node, TakenBack};
use super::program::Program;
use super::spread::quantile;
use crate::calendar::PeriodId;
use crate::key::{Key, unknown};
use crate::ledger::Ledger;
use crate::panel::{PanelError, Reason};
use crate::quantity::{Quantum, Ratio, rounded_together};
use crate::space::RowId;

/// How a figure of a panel is made: from records, or from other figures, which are told in the same way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Derivation {
    /// The metric, where the figure has a name of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<Key>,
    /// The subject, as the panel labels it.
    pub subject: String,
    /// The period's label: a part of a growth is of an earlier one.
    pub period: Key,
    /// Whether the period runs: it has begun by the as-of day and is not over on it, so that the figure may still change.
    pub runs: bool,
    /// What is computed, by the name that the formula has in documents.
    pub formula: &'static str,
    /// The exact value, or why there is none.
    #[serde(serialize_with = "crate::panel::written::serialize")]
    pub value: Result<Ratio, Reason>,
    /// Which records were asked for, for figures that are made from records.
    pub selection: Option<Selection>,
    /// The records behind the figure.
    pub records: Vec<Counted>,
    /// The entities that are counted, by name, in order.
    pub entities: Vec<Key>,
    /// The records of the same kinds, subject and window that do not count, by reason.
    pub left_out: Vec<LeftOut>,
    /// The figures that it is made of: the numerator before the denominator.
    pub parts: Vec<Self>,
}

/// A record that counts for a figure, and what it adds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// The kind of record.
    pub kind: Key,
    /// Its place among the records of its kind, the first being 0.
    pub row: usize,
    /// Its id, if it has one.
    pub id: Option<Key>,
    /// What of it was taken, if anything: the amount, or the days.
    pub value: Option<Ratio>,
}

/// Records that do not count, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Why.
    pub reason: Exclusion,
    /// How many.
    pub records: usize,
}

/// Why a record does not count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Exclusion {
    /// It does not satisfy this, the first of the filters that it fails.
    Unmet(Filter),
    /// It does not have the value.
    NoValue,
    /// It names no entity.
    NoEntity,
    /// No record of the other selection with the same entity goes with it: nothing has ended it, or it ends nothing.
    Unmatched,
    /// It has been reversed, or reverses another.
    Reversed,
}

/// A place of the panel.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) subject: usize,
    pub(super) period: usize,
}

pub(super) type Found = Result<Ratio, Reason>;

impl Program {
    /// Explains a figure from the records of a ledger, by the names of its row and period: one member for each axis, the whole
    /// by none.
    ///
    /// # Errors
    /// As [`Program::explain`]; [`MetricError::Panel`] for a row or period that is not there.
    pub fn explain_named<N: AsRef<str>>(
        &self,
        ledger: &Ledger,
        metric: &str,
        row: impl IntoIterator<Item = N>,
        period: &str,
    ) -> Result<Derivation, MetricError> {
        let row = self.layout.subjects().row(row).map_err(PanelError::from)?;
        let period = self.layout.periods().id(period)?;
        self.explain(ledger, metric, row, period)
    }

    /// Explains a figure from the records of a ledger.
    ///
    /// # Errors
    /// [`MetricError::SchemaMismatch`]; [`MetricError::UnknownMetric`]; [`MetricError::Panel`] outside the panel.
    pub fn explain(
        &self,
        ledger: &Ledger,
        metric: &str,
        row: RowId,
        period: PeriodId,
    ) -> Result<Derivation, MetricError> {
        let (subject, period) = (row.index(), period.index());
        if ledger.schema() != self.layout.schema() {
            return Err(MetricError::SchemaMismatch {
                ledger: ledger.key().clone(),
            });
        }
        let Some(known) = self.metrics.iter().find(|known| known.key == *metric) else {
            let names = self.metrics.iter().map(|known| known.key.as_str());
            let (name, nearest, known) = unknown(metric, names);
            return Err(MetricError::UnknownMetric {
                metric: Key::new(metric)?,
                name,
                nearest,
                known,
            });
        };
        let (subjects, periods) = (self.layout.subjects().len(), self.layout.periods().len());
        if subject >= subjects || period >= periods {
            let outside = PanelError::Outside {
                subject,
                period,
                subjects,
                periods,
            };
            return Err(outside.into());
        }
        let at = Place { subject, period };
        let exact = self.derive(ledger, &known.node, at);
        let mut derivation = self.shown(ledger, &known.node, exact, at);
        derivation.metric = Some(known.key.clone());
        Ok(derivation)
    }

    /// An exact amount as it is shown: in whole quanta that make up the whole of its period with those of the other subjects.
    fn shown(&self, ledger: &Ledger, node: &Node, exact: Derivation, at: Place) -> Derivation {
        let Some(quantum) = self.rounds_to(node) else {
            return exact;
        };
        let quanta = |found: Found| {
            let quanta = found.ok()?.checked_div(quantum.ratio()).ok()?;
            Some((quanta.numerator(), quanta.denominator()))
        };
        if quanta(exact.value).is_none_or(|(_, bottom)| bottom == 1) {
            return exact;
        }
        let all: Vec<_> = (0..self.layout.subjects().len())
            .map(|subject| quanta(self.derive(ledger, node, Place { subject, ..at }).value))
            .collect();
        let own = rounded_together(&all).get(at.subject).copied().flatten();
        let value = own
            .and_then(|own| Ratio::new(own, 1).ok()?.checked_mul(quantum.ratio()).ok())
            .ok_or(Reason::OutOfRange);
        let mut derivation = combined("rounded", value, Vec::new());
        derivation.subject.clone_from(&exact.subject);
        derivation.period = exact.period.clone();
        derivation.runs = exact.runs;
        derivation.parts.push(exact);
        derivation
    }

    /// The quantum in which a figure is shown that is an amount.
    fn rounds_to(&self, node: &Node) -> Option<Quantum> {
        match node {
            Node::Sum { quantum, .. } | Node::Open { quantum, .. } => Some(*quantum),
            Node::Earlier { of, .. } => self.rounds_to(of),
            Node::Difference { of, minus } => {
                let quantum = self.rounds_to(of)?;
                (self.rounds_to(minus) == Some(quantum)).then_some(quantum)
            }
            Node::Metric(at) => self.rounds_to(&self.metrics[*at].node),
            _ => None,
        }
    }

    /// How a figure is made, with its place.
    fn derive(&self, ledger: &Ledger, node: &Node, at: Place) -> Derivation {
        let mut derivation = self.derive_here(ledger, node, at);
        derivation.subject = self.layout.subjects().label(RowId::at(at.subject));
        if let Some(label) = self.layout.periods().label(PeriodId::at(at.period)) {
            derivation.period = label.clone();
        }
        derivation.runs = self.layout.runs(at.period);
        derivation
    }

    fn derive_here(&self, ledger: &Ledger, node: &Node, at: Place) -> Derivation {
        let inner = |node: &Node, at: Place| self.derive(ledger, node, at);
        match node {
            Node::Ratio { of, to, scale } => {
                let parts = vec![inner(of, at), inner(to, at)];
                let value = both(&parts, |of, to| {
                    if to.is_zero() {
                        return Err(Reason::NoBase);
                    }
                    of.checked_div(to)
                        .and_then(|rate| rate.checked_mul(*scale))
                        .map_err(|_| Reason::OutOfRange)
                });
                combined("ratio", value, parts)
            }
            Node::Difference { of, minus } => {
                let parts = vec![inner(of, at), inner(minus, at)];
                let value = both(&parts, |of, minus| {
                    of.checked_sub(minus).map_err(|_| Reason::OutOfRange)
                });
                combined("difference", value, parts)
            }
            Node::Scaled { of, by } => {
                let parts = vec![inner(of, at)];
                let value = parts[0]
                    .value
                    .and_then(|of| of.checked_mul(*by).map_err(|_| Reason::OutOfRange));
                combined("scaled", value, parts)
            }
            Node::Earlier { of, name, base } => match base[at.period] {
                Some(period) => {
                    let parts = vec![inner(of, Place { period, ..at })];
                    combined(name, parts[0].value, parts)
                }
                None => combined(name, Err(Reason::NotApplicable), Vec::new()),
            },
            Node::Growth { of, name, base } => {
                let Some(period) = base[at.period] else {
                    return combined(name, Err(Reason::NotApplicable), Vec::new());
                };
                let parts = vec![inner(of, at), inner(of, Place { period, ..at })];
                let value = both(&parts, |now, then| {
                    if then.is_zero() || then.is_negative() {
                        return Err(Reason::NoBase);
                    }
                    now.checked_sub(then)
                        .and_then(|more| more.checked_div(then))
                        .map_err(|_| Reason::OutOfRange)
                });
                combined(name, value, parts)
            }
            Node::Share { of, groups } => self.share(ledger, of, groups, at),
            Node::Days => {
                let period = self.layout.periods().period(PeriodId::at(at.period));
                let days = period.map_or(0, |period| {
                    let last = self.parts.last_days[at.period];
                    i64::from(last - period.start.num_days_from_ce() + 1).max(0)
                });
                combined("days", Ok(Ratio::from(days)), Vec::new()).due(self, at)
            }
            Node::Metric(other) => {
                let known = &self.metrics[*other];
                let mut derivation = inner(&known.node, at);
                derivation.metric = Some(known.key.clone());
                derivation
            }
            leaf => self.derive_from_records(ledger, leaf, at),
        }
    }

    /// What stands is what is left where a reversal takes away what it reverses.
    fn standings(&self, taken_back: TakenBack) -> Standings {
        match taken_back {
            TakenBack::Then if !self.parts.from_the_start => Standings::Take,
            TakenBack::Then | TakenBack::There => Standings::Leave,
        }
    }

    /// Figures that are made from records.
    fn derive_from_records(&self, ledger: &Ledger, node: &Node, at: Place) -> Derivation {
        let parts = &self.parts;
        match node {
            Node::Count(part) => {
                let tally = &parts.tallies[*part];
                let standings = self.standings(tally.taken_back);
                let how = (standings, Taken::Added);
                let found = self.records(ledger, tally.selection, &[], at, how);
                found.named("count", |own| Ok(own.count)).due(self, at)
            }
            Node::Sum {
                part,
                quantum,
                count,
            } => {
                let part = &parts.sums[*part];
                let found = self.records(
                    ledger,
                    part.selection,
                    &part.sources,
                    at,
                    (self.standings(part.taken_back), Taken::Added),
                );
                let strict = count.is_some();
                found
                    .scaled(*quantum)
                    .named("sum", |own| {
                        match (strict, own.count.is_zero() && own.sum.is_zero()) {
                            (true, true) => Err(Reason::NothingRecorded),
                            _ => Ok(own.sum),
                        }
                    })
                    .due(self, at)
            }
            Node::Extreme { part, end, quantum } => {
                let part = &parts.extremes[*part];
                let found = self.records(ledger, part.selection, &part.sources, at, SINGLE);
                let (name, low) = if *end == End::Low {
                    ("minimum", true)
                } else {
                    ("maximum", false)
                };
                found
                    .scaled(*quantum)
                    .named(name, |own| own.extreme(low))
                    .due(self, at)
            }
            Node::Since { part, never } => {
                let part = &parts.extremes[*part];
                let found = self.records(ledger, part.selection, &part.sources, at, SINGLE);
                let last = parts.last_days[at.period];
                found
                    .scaled(Quantum::ONE)
                    .named("since", |own| match own.extreme(false) {
                        Ok(latest) => Ratio::from(i64::from(last))
                            .checked_sub(latest)
                            .map_err(|_| Reason::OutOfRange),
                        // Nothing was recorded: silent since it was taken on.
                        Err(_) => parts
                            .silent_since_taken_on(*never, at.subject, last)
                            .map(|days| Ratio::from(i64::from(days))),
                    })
                    .due(self, at)
            }
            other => self.derive_drawn(ledger, other, at),
        }
    }

    /// Figures that need more than the records of their window one by one.
    fn derive_drawn(&self, ledger: &Ledger, node: &Node, at: Place) -> Derivation {
        let parts = &self.parts;
        match node {
            Node::Quantile {
                from: Drawn::Samples(part),
                p,
                method,
                quantum,
            } => {
                let part = &parts.samples[*part];
                let found = self.records(ledger, part.selection, &part.sources, at, SINGLE);
                let found = found.scaled(*quantum);
                found
                    .named("quantile", |own| {
                        own.quantile(|sorted| quantile(sorted, *p, *method))
                    })
                    .due(self, at)
            }
            Node::Quantile {
                from: from @ (Drawn::Trail(_) | Drawn::Pair(_)),
                p,
                method,
                ..
            } => self
                .drawn_values(ledger, *from, at)
                .named("quantile", |own| {
                    own.quantile(|sorted| quantile(sorted, *p, *method))
                })
                .due(self, at),
            Node::Gaps { from, figure } => self.gap_figure(ledger, *from, *figure, at),
            Node::Waiting { pair, figure } => self
                .waiting_records(ledger, *pair, *figure, at)
                .due(self, at),
            Node::Open { part, quantum } => {
                self.open_records(ledger, *part, *quantum, at).due(self, at)
            }
            Node::OpenAge { count, since } => {
                let (total, count) = self.open_ages(ledger, (*count, *since), at);
                let parts = vec![total, count];
                let value = both(&parts, |total, count| {
                    total.checked_div(count).map_err(|_| Reason::NoBase)
                });
                combined("open_age", value, parts).due(self, at)
            }
            Node::Last { part, quantum } => {
                self.last_values(ledger, *part, *quantum, at).due(self, at)
            }
            Node::Concentration {
                part,
                figure,
                quantum,
            } => self
                .held_by_entity(ledger, *part, (*figure, *quantum), at)
                .due(self, at),
            Node::Distinct(part) => self.entities(ledger, *part, None, at).due(self, at),
            Node::New(part) => self.first_seen(ledger, *part, at).due(self, at),
            Node::Ask {
                part,
                question,
                scope,
                first,
                ..
            } => self
                .entities(ledger, *part, Some((*question, *scope, *first)), at)
                .due(self, at),
            // What is made of other figures is taken together above.
            _ => combined("none", Err(Reason::NotApplicable), Vec::new()),
        }
    }

    /// The figure before the sum over the subjects that share a parent with this one.
    fn share(&self, ledger: &Ledger, of: &Node, groups: &[u32], at: Place) -> Derivation {
        let own = self.derive(ledger, of, at);
        let mut total = Ok(Ratio::ZERO);
        for subject in (0..groups.len()).filter(|subject| groups[*subject] == groups[at.subject]) {
            if let Ok(more) = self.derive(ledger, of, Place { subject, ..at }).value {
                total = total
                    .and_then(|sum: Ratio| sum.checked_add(more).map_err(|_| Reason::OutOfRange));
            }
        }
        let parts = vec![own, combined("sum", total, Vec::new())];
        let value = both(&parts, |own, total| {
            if total.is_zero() {
                Err(Reason::NoBase)
            } else {
                own.checked_div(total).map_err(|_| Reason::OutOfRange)
            }
        });
        combined("share", value, parts)
    }
}

impl Derivation {
    /// Blanks the figure of a period that has not begun by the as-of day.
    pub(super) fn due(mut self, program: &Program, at: Place) -> Self {
        let period = program.layout.periods().period(PeriodId::at(at.period));
        let later = program
            .layout
            .as_of()
            .zip(period)
            .is_some_and(|(as_of, period)| period.start > as_of);
        // Nothing can be recorded yet, which says nothing of whether it will be, nor of what it could be measured by.
        if later && self.value != Err(Reason::NotApplicable) {
            self.value = Err(Reason::NotYetDue);
        }
        self
    }
}

/// What stands, each by itself.
const SINGLE: (Standings, Taken) = (Standings::Leave, Taken::Single);

/// Where a derivation is before its place is told.
pub(super) fn unplaced() -> Key {
    Key::from_static("unplaced")
}

fn combined(formula: &'static str, found: Found, parts: Vec<Derivation>) -> Derivation {
    Derivation {
        metric: None,
        subject: String::new(),
        period: unplaced(),
        runs: false,
        formula,
        value: found,
        selection: None,
        records: Vec::new(),
        entities: Vec::new(),
        left_out: Vec::new(),
        parts,
    }
}

fn both(parts: &[Derivation], with: impl FnOnce(Ratio, Ratio) -> Found) -> Found {
    match parts {
        [left, right] => with(left.value?, right.value?),
        _ => Err(Reason::NotApplicable),
    }
}
