//! Sets of rules that were checked and may be asked.

use std::collections::BTreeMap;

use super::message::Message;
use super::node::Node;
use super::term::{Peer, Slot, Term, View};
use super::{Grading, RuleDef, RuleError};
use crate::key::{Key, unknown};
use crate::measure::Unit;
use crate::panel::{ColumnKey, Panel};
use crate::text::ByLang;

/// Rules that were checked against the columns of a panel.
///
/// The set may be asked about any panel that has the columns that the rules read, in the same units and smallest units:
/// the panel of the next month, or one with other subjects.
///
/// ```
/// use quotaflow::calendar::{Calendar, Grain};
/// use quotaflow::panel::{Column, ColumnKey, Panel};
/// use quotaflow::quantity::Quantum;
/// use quotaflow::text::{Lang, Locale};
/// use quotaflow::rule::{Operand, RuleDef, RuleSet};
/// use quotaflow::space::{Axis, Subjects};
/// let people = Subjects::new(Axis::new("person", "person")?, vec!["ann".try_into()?, "bo".try_into()?])?;
/// let months = Calendar::gregorian().periods(Grain::Month, "2026-01-01".parse()?, "2026-03-01".parse()?)?;
/// let mut panel = Panel::new(people, months);
/// let unit = "money:EUR".parse()?;
/// panel.add(Column::amounts(ColumnKey::actual("sales")?, unit, Quantum::CENT, vec![900_00, 400_00, 800_00, 950_00]))?;
///
/// let falling = RuleDef::new("falling", Operand::metric("sales")?.falling(1))?
///     .saying(Lang::EN, "sales of {subject} fell to {sales}").saying(Lang::ZH, "{subject}销售下滑至{sales}");
/// let rules = RuleSet::compile(vec![falling], &panel)?;
/// let alerts = rules.evaluate(&panel, panel.periods().id("2026-02")?)?;
/// assert_eq!(alerts.len(), 1);
/// let explanation = alerts[0].explain(&rules, &panel)?;
/// assert_eq!(explanation.message(&Locale::EN), "sales of ann fell to EUR 800");
///
/// let slip = RuleDef::new("slip", Operand::metric("sale")?.falling(1))?;
/// let error = RuleSet::compile(vec![slip], &panel).unwrap_err();
/// assert_eq!(error.to_string(), "rule `slip`, when.of: the panel has no column `sale`; did you mean `sales`?");
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RuleSet {
    pub(crate) rules: Vec<Rule>,
    pub(super) slots: Vec<Slot>,
    pub(super) peers: Vec<Peer>,
    pub(super) by_key: BTreeMap<Key, usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) def: RuleDef,
    pub(super) when: Node,
    pub(super) clear: Option<Node>,
    pub(super) provided: Option<Node>,
    pub(super) sized: Option<(Term, Grading)>,
    /// Whether the condition asks for more than one period.
    pub(super) looks_back: bool,
    pub(super) message: ByLang<Message>,
    pub(super) action: ByLang<Message>,
}

impl Rule {
    /// Says whether the rule's severity goes by the size of something.
    pub(crate) fn is_sized(&self) -> bool {
        self.sized.is_some()
    }

    /// Says whether the rule's condition asks for more than one period, so that it began before it was so.
    pub(crate) fn looks_back(&self) -> bool {
        self.looks_back
    }
}

impl RuleSet {
    /// The most rules in one set.
    pub const MAX_RULES: usize = 10_000;

    pub(super) fn empty() -> Self {
        Self {
            rules: Vec::new(),
            slots: Vec::new(),
            peers: Vec::new(),
            by_key: BTreeMap::new(),
        }
    }

    /// Returns the rules in their order.
    #[must_use]
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &RuleDef> {
        self.rules.iter().map(|rule| &rule.def)
    }

    /// Returns the rules that have this word among their tags, in their order.
    pub fn tagged(&self, tag: &str) -> impl Iterator<Item = &RuleDef> {
        self.rules()
            .filter(move |rule| rule.tags.iter().any(|known| known.as_str() == tag))
    }

    /// Returns the rule with this key, if there is one.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&RuleDef> {
        let place = self.by_key.get(key)?;
        self.rules.get(*place).map(|rule| &rule.def)
    }

    /// Says whether a column that the rules read is counted in shares.
    pub(super) fn is_share(&self, key: &ColumnKey) -> bool {
        let mut slots = self.slots.iter();
        slots.any(|slot| slot.key == *key && slot.unit == Unit::Share)
    }

    /// Returns the position of the rule with this key.
    pub(crate) fn place(&self, key: &str) -> Result<usize, RuleError> {
        self.by_key.get(key).copied().ok_or_else(|| {
            let (name, nearest, known) = unknown(key, self.rules().map(|rule| rule.key.as_str()));
            RuleError::UnknownRule {
                name,
                nearest,
                known,
            }
        })
    }

    /// Returns how many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Says whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns the columns that the rules read.
    #[must_use]
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &ColumnKey> {
        self.slots.iter().map(|slot| &slot.key)
    }

    /// Returns the panel as the rules see it, if it has their columns in their units.
    pub(super) fn view<'a>(&'a self, panel: &'a Panel) -> Result<View<'a>, RuleError> {
        let mut columns = Vec::with_capacity(self.slots.len());
        for slot in &self.slots {
            let column = panel
                .find(&slot.key)
                .ok_or_else(|| unknown_column(&slot.key, panel))?;
            if Slot::of(column) != *slot {
                return Err(RuleError::ColumnChanged {
                    column: slot.key.clone(),
                });
            }
            columns.push(column);
        }
        Ok(View::new(panel, columns, &self.slots, &self.peers))
    }
}

pub(super) fn unknown_column(key: &ColumnKey, panel: &Panel) -> RuleError {
    let known: Vec<String> = panel
        .columns()
        .iter()
        .map(|column| column.key().to_string())
        .collect();
    let known = known.iter().map(String::as_str);
    let (name, nearest, known) = unknown(&key.to_string(), known);
    RuleError::UnknownColumn {
        name,
        nearest,
        known,
    }
}
