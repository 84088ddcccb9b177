//! Customer cards: what must be known of a customer, whether it is, and whether somebody has verified it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::error::ChannelError;
use crate::key::{Key, unknown};
use crate::quantity::Ratio;

/// One thing that a card holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardItem {
    /// The stable name.
    pub key: Key,
    /// What it belongs to: capability, credit, strategy.
    pub group: Key,
}

/// The form of a card, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerCardDef {
    /// What must be known.
    pub items: Vec<CardItem>,
    /// For how many days a verification is good.
    pub good_for: u32,
}

/// Who has verified a card, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Who.
    pub by: Key,
    /// When.
    pub day: NaiveDate,
}

/// The card of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerCard {
    /// The customer.
    pub customer: Key,
    /// What is known, by item.
    #[serde(deserialize_with = "crate::document::keys_once")]
    pub known: BTreeMap<Key, String>,
    /// The last verification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Verification>,
}

/// What a customer's card lacks: an item that is not known, or not verified in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardGap {
    /// Nobody has verified it.
    Unverified,
    /// It was verified too long ago.
    Stale,
    /// It is verified, but items are missing.
    Incomplete,
    /// Nothing.
    None,
}

/// How a card stands on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardStanding {
    /// The items that are not known, in the form's order.
    pub missing: Vec<Key>,
    /// The share of the items that are known; `None` for a form without items.
    pub completeness: Option<Ratio>,
    /// Days since the verification, if there is one by that day.
    pub age: Option<i64>,
    /// The gravest gap.
    pub gap: CardGap,
}

impl CustomerCardDef {
    /// Says how a card stands on a day.
    ///
    /// ```
    /// use quotaflow::channel::{CardGap, CardItem, CustomerCard, CustomerCardDef};
    /// use quotaflow::key::Key;
    /// let item = |key, group| -> Result<CardItem, quotaflow::key::KeyError> { Ok(CardItem { key: Key::new(key)?, group: Key::new(group)? }) };
    /// let form = CustomerCardDef { items: vec![item("warehouse", "capability")?, item("limit", "credit")?], good_for: 365 };
    /// let card = CustomerCard { customer: Key::new("c1")?, known: [(Key::new("limit")?, "50000".to_owned())].into(), verified: None };
    /// let standing = form.standing(&card, "2026-03-31".parse()?)?;
    /// assert_eq!((standing.missing[0].as_str(), standing.gap), ("warehouse", CardGap::Unverified));
    /// # Ok::<(), quotaflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ChannelError::UnknownItem`] for an item that the form does not have.
    pub fn standing(
        &self,
        card: &CustomerCard,
        on: NaiveDate,
    ) -> Result<CardStanding, ChannelError> {
        for item in card.known.keys() {
            if self.items.iter().all(|known| known.key != *item) {
                let items = self.items.iter().map(|known| known.key.as_str());
                let (name, nearest, known) = unknown(item.as_str(), items);
                return Err(ChannelError::UnknownItem {
                    customer: card.customer.clone(),
                    name,
                    nearest,
                    known,
                });
            }
        }
        let missing: Vec<Key> = self
            .items
            .iter()
            .filter(|item| !card.known.contains_key(&item.key))
            .map(|item| item.key.clone())
            .collect();
        let verified = card.verified.as_ref().filter(|verified| verified.day <= on);
        let age = verified.map(|verified| (on - verified.day).num_days());
        let gap = match age {
            None => CardGap::Unverified,
            Some(days) if days > i64::from(self.good_for) => CardGap::Stale,
            Some(_) if !missing.is_empty() => CardGap::Incomplete,
            Some(_) => CardGap::None,
        };
        let known = self.items.len() - missing.len();
        let completeness = Ratio::new(
            i128::try_from(known).unwrap_or(i128::MAX),
            i128::try_from(self.items.len()).unwrap_or(i128::MAX),
        );
        Ok(CardStanding {
            missing,
            completeness: completeness.ok(),
            age,
            gap,
        })
    }
}
