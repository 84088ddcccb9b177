//! What settles how much of which open item.

use serde::{Deserialize, Serialize};

use crate::measure::Currency;
use crate::quantity::Number;

/// What settles how much of which open item (cash application), as data: a payment, a credit note or a write-off applied to an
/// invoice. No more is applied than is open, of the item and of what settles it, on any day from that of the application on. `I` is the name of a record: its id in a [`Ledger`](super::Ledger), an
/// [`EntryId`](crate::journal::EntryId) in a journal.
///
/// ```
/// use quotaflow::ledger::{ApplicationDef, Record};
/// use quotaflow::measure::Currency;
/// use quotaflow::quantity::Number;
/// let paid = ApplicationDef::new("INV-1".to_owned(), 60).settled_by("P-7".to_owned());
/// // 66 dollars, of which each was worth 0.9091 euros.
/// let rate: Number = "0.9091".parse()?;
/// let dollars = ApplicationDef::new("INV-1".to_owned(), 66).in_currency(Currency::new("USD")?, rate);
/// assert_ne!(paid, dollars);
/// let record = Record::application(paid, "2026-03-05".parse()?).id("A-1");
/// assert_eq!(serde_json::to_value(&record)?["applies"]["to"], "INV-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationDef<I = String> {
    /// The record whose item is settled, such as an invoice; its kind [opens](super::RecordKind::opens) items.
    pub to: I,
    /// The record that settles it: a payment, a credit note, a write-off. Where its kind opens items too (what is paid and not
    /// applied), as much of that is settled. Once either is reversed (a cheque that bounced, an invoice that was wrong) the other is
    /// open again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<I>,
    /// How much, of the sign of the item.
    pub amount: Number,
    /// The currency of the amount, where it is not the item's own: that of what settles it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What one of that currency is in the item's own, above 0; given with a currency, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Number>,
}

/// Which of the records that an application names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The one that is settled.
    Settled,
    /// The one by which it is.
    Settling,
}

impl<I> ApplicationDef<I> {
    /// Returns what settles so much of an item, in the item's own currency.
    #[must_use]
    pub fn new(to: I, amount: impl Into<Number>) -> Self {
        Self {
            to,
            by: None,
            amount: amount.into(),
            currency: None,
            rate: None,
        }
    }

    /// Names the payment, credit note or write-off.
    #[must_use]
    pub fn settled_by(mut self, by: I) -> Self {
        self.by = Some(by);
        self
    }

    /// Says in which currency the amount is, and what one of it is in the item's own.
    #[must_use]
    pub fn in_currency(mut self, currency: Currency, rate: impl Into<Number>) -> Self {
        (self.currency, self.rate) = (Some(currency), Some(rate.into()));
        self
    }

    /// The same about records of other names.
    pub(crate) fn map<J>(&self, name: impl Fn(&I) -> J) -> ApplicationDef<J> {
        ApplicationDef {
            to: name(&self.to),
            by: self.by.as_ref().map(&name),
            amount: self.amount,
            currency: self.currency,
            rate: self.rate,
        }
    }

    /// Which of the records that it names one of them is.
    pub(crate) fn side_of(&self, of: &I) -> Side
    where
        I: PartialEq,
    {
        if self.to == *of {
            Side::Settled
        } else {
            Side::Settling
        }
    }

    /// The records that it names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &I> {
        std::iter::once(&self.to).chain(&self.by)
    }
}
