//! Promotions as objects: their terms, what was done in each territory, and what broke the terms.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::ChannelError;
use crate::calendar::DayRange;
use crate::key::Key;
use crate::measure::{Direction, Unit};
use crate::panel::{Column, ColumnKey, Columns, Panel, Reason};
use crate::quantity::{Quantum, Ratio};

/// The terms of a promotion. Money is in the smallest unit of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What a dealer pays for a set.
    pub fee: i64,
    /// The most that a dealer may charge for a set: 0 for what must be given away free.
    pub resale: i64,
    /// The share of the sets received that may lie at a dealer at the end.
    pub stock: Ratio,
    /// The share of the sets received that should have reached customers by the end.
    pub reached: Ratio,
}

/// A promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// The stable name.
    pub key: Key,
    /// When it holds.
    pub days: DayRange,
    /// Where it holds.
    pub territories: Vec<Key>,
    /// The terms.
    pub terms: Terms,
}

/// What a dealer did to carry out a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    /// The dealer.
    pub dealer: Key,
    /// The dealer's territory.
    pub territory: Key,
    /// When.
    pub day: NaiveDate,
    /// Sets received.
    #[serde(default)]
    pub received: i64,
    /// The fee paid for them.
    #[serde(default)]
    pub fee: i64,
    /// Sets handed on to customers, whatever they paid.
    #[serde(default)]
    pub handed_on: i64,
    /// What a customer paid for one of these.
    #[serde(default)]
    pub price: i64,
}

/// What breaks the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreachKind {
    /// Sets were sold above the price that the terms allow: `found` is the price, `allowed` the most.
    Price,
    /// Sets pile up: `found` is what lies there, `allowed` the most.
    Stock,
    /// The fee was not paid in full: `found` is what was paid, `allowed` what is due.
    Fee,
    /// A dealer outside the territories took part: `found` is the sets received.
    Territory,
    /// Something was done outside the days: `found` is the sets handed on or received.
    Days,
    /// Sets were handed on that were never received: `found` is how many were handed on, `allowed` how many came.
    Excess,
}

/// One breach of a promotion's terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breach {
    /// By whom.
    pub dealer: Key,
    /// What.
    pub kind: BreachKind,
    /// What was found.
    pub found: i64,
    /// What the terms allow.
    pub allowed: i64,
    /// What was done that breaks the terms.
    pub executions: Vec<Execution>,
}

/// What was done in a territory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerritoryExecution {
    /// The territory.
    pub territory: Key,
    /// Dealers that received sets.
    pub dealers: u64,
    /// Sets received.
    pub received: i64,
    /// Sets that reached customers on the terms.
    pub on_terms: i64,
    /// Sets that reached customers above the price that the terms allow.
    pub above_price: i64,
    /// Sets that lie at dealers.
    pub stock: i64,
    /// Whether enough has reached customers on the terms.
    pub reached: bool,
}

impl TerritoryExecution {
    /// Returns the share of the sets that reached customers on the terms; `None` where none was received.
    #[must_use]
    pub fn share(&self) -> Option<Ratio> {
        Ratio::new(i128::from(self.on_terms), i128::from(self.received)).ok()
    }
}

#[derive(Default)]
struct Own<'a> {
    received: i64,
    fee: i64,
    handed_on: i64,
    rows: Vec<&'a Execution>,
}

impl Promotion {
    /// Returns every breach of the terms, dealer by dealer.
    #[must_use]
    pub fn breaches(&self, executions: &[Execution]) -> Vec<Breach> {
        let mut found = Vec::new();
        for (dealer, own) in by_dealer(executions) {
            let mut report = |kind, found_here, allowed, executions: &[&Execution]| {
                let dealer = dealer.clone();
                found.push(Breach {
                    dealer,
                    kind,
                    found: found_here,
                    allowed,
                    executions: executions.iter().copied().cloned().collect(),
                });
            };
            for one in own.rows.iter().copied() {
                if one.handed_on > 0 && one.price > self.terms.resale {
                    report(BreachKind::Price, one.price, self.terms.resale, &[one]);
                }
                let moved = one.handed_on.saturating_add(one.received);
                if !self.territories.contains(&one.territory) {
                    report(BreachKind::Territory, moved, 0, &[one]);
                }
                if !self.days.contains(one.day) {
                    report(BreachKind::Days, moved, 0, &[one]);
                }
            }
            let stock = own.received.saturating_sub(own.handed_on);
            let allowed = self.allowed_stock(own.received);
            if stock > allowed {
                report(BreachKind::Stock, stock, allowed, &own.rows);
            }
            if stock < 0 {
                report(BreachKind::Excess, own.handed_on, own.received, &own.rows);
            }
            let due = own.received.saturating_mul(self.terms.fee);
            if own.fee < due {
                report(BreachKind::Fee, own.fee, due, &own.rows);
            }
        }
        found
    }

    /// Returns what was done in each territory of the promotion, in the order in which they are listed.
    #[must_use]
    pub fn territories(&self, executions: &[Execution]) -> Vec<TerritoryExecution> {
        let territories = self.territories.iter().map(|territory| {
            let own: Vec<&Execution> = executions
                .iter()
                .filter(|one| one.territory == *territory)
                .collect();
            let sum = |of: &dyn Fn(&Execution) -> i64| {
                own.iter()
                    .fold(0_i64, |sum, one| sum.saturating_add(of(one)))
            };
            let fair = |one: &Execution| one.price <= self.terms.resale;
            let received = sum(&|one| one.received);
            let on_terms = sum(&|one| if fair(one) { one.handed_on } else { 0 });
            let above_price = sum(&|one| if fair(one) { 0 } else { one.handed_on });
            let dealers: std::collections::BTreeSet<&Key> = own
                .iter()
                .filter(|one| one.received > 0)
                .map(|one| &one.dealer)
                .collect();
            let wanted = self.terms.reached.checked_mul(Ratio::from(received));
            TerritoryExecution {
                territory: territory.clone(),
                dealers: dealers.len() as u64,
                received,
                on_terms,
                above_price,
                stock: received
                    .saturating_sub(on_terms)
                    .saturating_sub(above_price),
                reached: wanted.is_ok_and(|wanted| Ratio::from(on_terms) >= wanted),
            }
        });
        territories.collect()
    }

    /// Gives three columns for a panel whose subjects are territories, each of everything done by the end of the period:
    /// `<promotion>.on_terms`, the share of the sets received that reached customers on the terms; `<promotion>.above_price`, the sets
    /// that were sold above the price that the terms allow; `<promotion>.stock`, the sets that lie at dealers. A territory
    /// in which the promotion does not hold is not applicable.
    ///
    /// # Errors
    /// [`ChannelError::Key`], [`ChannelError::Panel`].
    pub fn columns(&self, executions: &[Execution]) -> impl Columns<Error = ChannelError> {
        move |panel: &Panel| -> Result<Vec<Column>, ChannelError> {
            let cells = panel.cells();
            let mut states = vec![Some(Reason::NotApplicable); cells];
            let (mut received, mut on_terms) = (vec![0; cells], vec![0; cells]);
            let (mut above, mut stock) = (vec![0; cells], vec![0; cells]);
            for period in panel.periods() {
                let done = executions.iter().filter(|one| one.day < period.end);
                let done: Vec<Execution> = done.cloned().collect();
                for own in self.territories(&done) {
                    let territory = std::slice::from_ref(&own.territory);
                    let Some(subject) = panel.subjects().find(territory) else {
                        continue;
                    };
                    let cell = panel.cell(subject, period.id)?;
                    states[cell] = None;
                    (received[cell], on_terms[cell]) = (own.received, own.on_terms);
                    (above[cell], stock[cell]) = (own.above_price, own.stock);
                }
            }
            let key = |what: &str| ColumnKey::actual(&format!("{}.{what}", self.key));
            let unit = Unit::Count(Key::new("set")?);
            // Where the promotion holds and nothing was received, a share has no base.
            let share = Column::quotients(
                key("on_terms")?,
                Unit::Share,
                Ratio::ONE,
                on_terms,
                states
                    .iter()
                    .zip(received)
                    .map(|(state, received)| if state.is_none() { received } else { 1 })
                    .collect(),
            )?;
            let amounts = |what: &str, units| {
                let column = Column::amounts(key(what)?, unit.clone(), Quantum::ONE, units);
                Ok::<_, ChannelError>(column.with_reasons(&states)?.better(Direction::Smaller))
            };
            Ok(vec![
                share.with_reasons(&states)?,
                amounts("above_price", above)?,
                amounts("stock", stock)?,
            ])
        }
    }

    /// The most sets that may lie at a dealer, rounded down.
    fn allowed_stock(&self, received: i64) -> i64 {
        let allowed = self.terms.stock.checked_mul(Ratio::from(received));
        allowed.map_or(0, |allowed| {
            i64::try_from(allowed.numerator().div_euclid(allowed.denominator())).unwrap_or(i64::MAX)
        })
    }
}

fn by_dealer(executions: &[Execution]) -> BTreeMap<&Key, Own<'_>> {
    let mut dealers: BTreeMap<&Key, Own<'_>> = BTreeMap::new();
    for one in executions {
        let own = dealers.entry(&one.dealer).or_default();
        own.received = own.received.saturating_add(one.received);
        own.fee = own.fee.saturating_add(one.fee);
        own.handed_on = own.handed_on.saturating_add(one.handed_on);
        own.rows.push(one);
    }
    dealers
}
