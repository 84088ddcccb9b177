//! Beyond the cells of an alert: who contributed to its numbers, and how they stand among peers.

use std::cmp::Reverse;

use serde::Serialize;

use super::condition::{Between, Comparison, Consecutive, Trend, Within};
use super::explain::known_or_unknown;
use super::fraction::Fraction;
use super::node::Node;
use super::supplied::supplied;
use super::term::Term;
use super::{AtLeast, Condition, Judge, Operand, RuleError, WhyUnknown};
use crate::calendar::PeriodId;
use crate::key::Key;
use crate::panel::{Panel, Role, different_periods};
use crate::quantity::Ratio;
use crate::space::{RowId, Tree};

/// How one operand of a condition stands among all subjects of the panel.
#[derive(Debug, Clone, Serialize)]
pub struct AmongPeers<'a> {
    /// The operand.
    pub operand: &'a Operand,
    /// Its value for the subject.
    #[serde(serialize_with = "known_or_unknown")]
    pub value: Result<Ratio, WhyUnknown>,
    /// The place from the largest value, 1 for the first; equal values share it. `None` without a value.
    pub place: Option<usize>,
    /// For how many subjects the operand is known.
    pub known: usize,
    /// The middle of the known values; of an even number of them the mean of the middle two. `None` without any, or where
    /// it is out of range.
    pub median: Option<Ratio>,
}

/// What subjects below contributed to a figure of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contribution<'b> {
    /// The figure: a metric, or its gap to the target where the condition reads both.
    pub of: Operand,
    /// The sum over all known subjects below.
    pub total: Ratio,
    /// Those who contributed most, the largest share first, then in the order of the subjects.
    pub parts: Vec<SubjectShare<'b>>,
    /// The sum over those who are not named.
    pub rest: Ratio,
    /// How many subjects below have no figure.
    pub unknown: usize,
}

/// What one subject contributed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubjectShare<'b> {
    /// The subject's members.
    pub subject: &'b [Key],
    /// Its figure.
    pub value: Ratio,
    /// Its share of the total; `None` where the total is zero.
    pub share: Option<Ratio>,
}

impl<'a> Judge<'a> {
    /// Returns how the operands of a rule's condition stand among the subjects of the panel in a period, each once, in the
    /// order of the condition. Constants are left out.
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`], [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`].
    pub fn among_peers(
        &self,
        rule: &Key,
        subject: RowId,
        period: PeriodId,
    ) -> Result<Vec<AmongPeers<'a>>, RuleError> {
        let (subject, period) = (subject.index(), period.index());
        self.check(subject, period)?;
        let mut found: Vec<AmongPeers<'a>> = Vec::new();
        for (operand, term) in self.operands(rule)? {
            let seen = found.iter().any(|other| other.operand == operand);
            if seen || term.is_constant() {
                continue;
            }
            let own = self.view.value(term, subject, period);
            let mut values: Vec<Fraction> = (0..self.view.subjects())
                .filter_map(|each| self.view.value(term, each, period).ok())
                .collect();
            values.sort_by(|left, right| left.order(*right));
            let above = |own: Fraction| {
                values
                    .iter()
                    .filter(|value| value.order(own).is_gt())
                    .count()
            };
            found.push(AmongPeers {
                operand,
                value: own.map(Fraction::ratio),
                place: own.ok().map(|own| above(own) + 1),
                known: values.len(),
                median: median(&values),
            });
        }
        Ok(found)
    }

    /// Returns what subjects below contributed to the figures that a rule's condition compares in this period: for each
    /// metric that it reads as an amount and that `below` has too, the gap to the target where the condition reads both and
    /// `below` has both, and else the metric itself. The rule says how many are named
    /// ([`RuleDef::contributors`](super::RuleDef::contributors)); all are where it does not.
    ///
    /// `below` is a panel of finer subjects over the same periods: products, customers, people of a team. Who is above whom is
    /// what the tree says of the period's last day; of the whole all are parts.
    ///
    /// ```
    /// use quotaflow::calendar::{Calendar, Grain};
    /// use quotaflow::key::Key;
    /// use quotaflow::panel::{Column, ColumnKey, Panel};
    /// use quotaflow::quantity::Quantum;
    /// use quotaflow::rule::{RuleDef, RuleSet};
    /// use quotaflow::space::{Axis, Dimension, DimensionDef, Subjects};
    /// let month = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-02-01".parse()?)?;
    /// let mut teams = Panel::new(Subjects::whole(), month.clone());
    /// let names: Vec<Key> = vec!["ann".try_into()?, "bo".try_into()?];
    /// let mut people = Panel::new(Subjects::new(Axis::new("person", "person")?, names)?, month);
    /// for (panel, actual, target) in [(&mut teams, vec![60], vec![100]), (&mut people, vec![45, 15], vec![50, 50])] {
    ///     let unit = || "count:order".parse();
    ///     panel.add(Column::amounts(ColumnKey::actual("orders")?, unit()?, Quantum::ONE, actual))?;
    ///     panel.add(Column::amounts(ColumnKey::target("orders")?, unit()?, Quantum::ONE, target))?;
    /// }
    /// let behind = RuleDef::new("behind", "attainment(orders) < 80%".parse()?)?;
    /// let rules = RuleSet::compile([behind], &teams)?;
    /// let staff = Dimension::new(DimensionDef::flat("person", "person", ["ann", "bo"])?)?;
    /// let judge = rules.over(&teams)?;
    /// let (whole, january) = (teams.subjects().row([""; 0])?, teams.periods().id("2026-01")?);
    /// let found = judge.contributors(&Key::new("behind")?, whole, january, &people, staff.tree("person")?)?;
    /// // Of the 40 that are missing, 35 are Bo's.
    /// assert_eq!(found[0].of.to_string(), "gap(orders)");
    /// assert_eq!(found[0].parts[0].subject[0], *"bo");
    /// assert_eq!(found[0].parts[0].share, Some("7/8".parse()?));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`RuleError::NoSuchPeriod`], [`RuleError::NoSuchSubject`], [`RuleError::UnknownRule`];
    /// [`RuleError::Panel`] for other periods; [`RuleError::UnknownLevel`] where `below` is not of the level that the rule asks for;
    /// [`RuleError::TooFine`] where sums cannot be held exactly.
    pub fn contributors<'b>(
        &self,
        rule: &Key,
        subject: RowId,
        period: PeriodId,
        below: &'b Panel,
        tree: Tree<'_>,
    ) -> Result<Vec<Contribution<'b>>, RuleError> {
        self.check(subject.index(), period.index())?;
        if below.periods() != self.view.panel.periods() {
            let error = different_periods(self.view.panel.periods(), below.periods());
            return Err(error.into());
        }
        let named = self.rule(rule)?.def.contributors.as_ref();
        if let Some(named) = named {
            RuleError::unless_of_level(&named.level, below.subjects())
                .map_err(|error| error.within(rule, "contributors.level"))?;
        }
        let range = below.periods().range(period);
        let last = range.map(|range| range.end().pred_opt().unwrap_or(range.start()));
        let rows = last.map(|day| tree.rows(below.subjects(), self.view.panel.subjects(), day));
        let own: Vec<usize> = rows
            .iter()
            .flat_map(|rows| rows.children(subject))
            .map(RowId::index)
            .collect();
        let mut inputs = Vec::new();
        for (_, term) in self.operands(rule)? {
            let (subject, period) = (subject.index(), Some(period.index()));
            self.view.inputs(term, subject, period, &mut inputs);
        }
        let reads = |metric: &Key, role: Role| {
            let label = below.periods().label(period);
            let now = inputs.iter().filter(|input| Some(input.period) == label);
            now.clone()
                .any(|input| input.column.metric == *metric && input.column.role == role)
        };
        let most = named.map_or(usize::MAX, |named| usize::from(named.most));
        let mut found: Vec<Contribution<'b>> = Vec::new();
        for input in &inputs {
            let metric = &input.column.metric;
            let column = |role| below.find(&input.column.with(role));
            // How long nothing has happened does not add up, nor do the counts of two levels.
            if supplied(input.column).is_some() {
                continue;
            }
            let (Some(actual), true) = (column(Role::Actual), reads(metric, Role::Actual)) else {
                continue;
            };
            let target = column(Role::Target).filter(|_| reads(metric, Role::Target));
            let of = match target {
                Some(_) => Operand::Gap(metric.clone()),
                None => Operand::Metric(metric.clone()),
            };
            if found.iter().any(|known| known.of == of) {
                continue;
            }
            let amount = |column: &crate::panel::Column, at: usize| {
                let cell = period.index() * below.subjects().len() + at;
                match column.answer(cell).found() {
                    // Quotients do not add up.
                    Ok(figure) if figure.amount().is_some() => figure.ratio().ok(),
                    Ok(_) | Err(_) => None,
                }
            };
            let mut parts = Vec::new();
            for at in &own {
                let Some(mut value) = amount(actual, *at) else {
                    continue;
                };
                if let Some(target) = target {
                    let Some(target) = amount(target, *at) else {
                        continue;
                    };
                    value = value.checked_sub(target).map_err(|_| RuleError::TooFine)?;
                }
                parts.push((*at, value));
            }
            if !parts.is_empty() {
                let unknown = own.len() - parts.len();
                found.push(contribution(of, parts, unknown, most, below)?);
            }
        }
        Ok(found)
    }

    /// Returns the operands of a rule's condition with their compiled forms, in the order of the document.
    fn operands(&self, rule: &Key) -> Result<Vec<(&'a Operand, &'a Term)>, RuleError> {
        let rule = self.rule(rule)?;
        let mut found = Vec::new();
        operands(&rule.def.when, &rule.when, &mut found);
        Ok(found)
    }
}

fn contribution(
    of: Operand,
    mut parts: Vec<(usize, Ratio)>,
    unknown: usize,
    most: usize,
    below: &Panel,
) -> Result<Contribution<'_>, RuleError> {
    let sum = |parts: &[(usize, Ratio)]| {
        parts.iter().try_fold(Ratio::ZERO, |sum, (_, value)| {
            sum.checked_add(*value).map_err(|_| RuleError::TooFine)
        })
    };
    let total = sum(&parts)?;
    // The largest share first: of a negative total those that are most negative.
    if total.is_negative() {
        parts.sort_by_key(|part| part.1);
    } else {
        parts.sort_by_key(|part| Reverse(part.1));
    }
    let named = parts.len().min(most);
    let rest = sum(&parts[named..])?;
    let parts = parts[..named]
        .iter()
        .map(|(at, value)| SubjectShare {
            subject: below.subjects().members(RowId::at(*at)),
            value: *value,
            share: value.checked_div(total).ok(),
        })
        .collect();
    Ok(Contribution {
        of,
        total,
        parts,
        rest,
        unknown,
    })
}

fn median(values: &[Fraction]) -> Option<Ratio> {
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper.ratio());
    }
    let lower = *values.get(middle.checked_sub(1)?)?;
    let sum = lower.ratio().checked_add(upper.ratio()).ok()?;
    sum.checked_div(Ratio::from(2)).ok()
}

/// Walks a condition and its compiled form, which have the same shape.
fn operands<'a>(
    condition: &'a Condition,
    node: &'a Node,
    found: &mut Vec<(&'a Operand, &'a Term)>,
) {
    match (condition, node) {
        (Condition::Compare(Comparison { left, right, .. }), Node::Compare(compare)) => {
            found.extend([(left, &compare.left), (right, &compare.right)]);
        }
        (Condition::Between(Between { of, from, to }), Node::All(parts)) => {
            for (part, bound) in parts.iter().zip([from, to]) {
                if let Node::Compare(compare) = part {
                    found.extend([(of, &compare.left), (bound, &compare.right)]);
                }
            }
        }
        (Condition::Trend(Trend { of, .. }), Node::Within { of: node, .. }) => {
            if let Node::Compare(compare) = &**node {
                found.push((of, &compare.left));
            }
        }
        (Condition::Control(control), Node::Chart(chart)) => {
            found.push((&control.of, chart.of()));
        }
        (Condition::All(list), Node::All(nodes))
        | (Condition::Any(list), Node::Any(nodes))
        | (Condition::AtLeast(AtLeast { of: list, .. }), Node::AtLeast(_, nodes)) => {
            for (condition, node) in list.iter().zip(nodes) {
                operands(condition, node, found);
            }
        }
        (Condition::Not(of), Node::Not(node))
        | (
            Condition::Consecutive(Consecutive { of, .. }) | Condition::Within(Within { of, .. }),
            Node::Within { of: node, .. },
        ) => operands(of, node, found),
        // States and subjects compare no numbers.
        _ => {}
    }
}
