//! A record as it enters and leaves: names, decimals and dates.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::application::ApplicationDef;
use super::credit::Credit;
use crate::measure::Currency;
use crate::quantity::{Number, Ratio};

/// One record of what happened, by names; a [`Ledger`](super::Ledger) checks it on entry.
///
/// Records are ordered in time by their day, the time of that day if their kind has one, and then the sequence number
/// that their source gave them; the order in which they enter says nothing.
///
/// ```
/// use quotaflow::ledger::Record;
/// use rust_decimal::Decimal;
/// let order = Record::new("order", "2026-03-14".parse()?)
///     .id("SO-4711")
///     .of("person", "ann")
///     .amount("sales", Decimal::new(125_000, 2))
///     .attribute("outcome", "won");
/// let text = serde_json::to_string(&order).map_err(quotaflow::Error::other)?;
/// assert_eq!(serde_json::from_str::<Record>(&text).map_err(quotaflow::Error::unreadable)?, order);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The kind of record; a reversal has that of what it reverses, and an application none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The day on which it happened.
    pub day: NaiveDate,
    /// The time of that day, for kinds that are placed by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<NaiveTime>,
    /// The name that its source gave it, unique in the ledger. Without one, repeated import cannot be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The order among records of the same instant, at most [`Record::MAX_SEQUENCE`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sequence: u64,
    /// The id of the record that this one takes back, as a whole or by so much of its amounts as are given here; or that of an
    /// application, which then settles nothing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<String>,
    /// What it settles of an open item (cash application).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies: Option<ApplicationDef>,
    /// Member by field.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub members: BTreeMap<String, String>,
    /// Amount by measure.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub amounts: BTreeMap<String, Number>,
    /// The currency of its amounts of money; that of their measures where there is none. Another one than theirs is refused
    /// unless the kind says by which rates it is exchanged ([`Exchange`](super::Exchange)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Who shares it, where it is not one member's alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<Credit>,
    /// Text by attribute.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub attributes: BTreeMap<String, String>,
    /// Day by date field.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    pub dates: BTreeMap<String, NaiveDate>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the form that serde asks for"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Record {
    /// The largest sequence number.
    pub const MAX_SEQUENCE: u64 = super::bounds::MAX_SEQUENCE;

    /// Returns a record that has nothing but its kind and day.
    #[must_use]
    pub fn new(kind: impl Into<String>, day: NaiveDate) -> Self {
        Self {
            kind: kind.into(),
            day,
            time: None,
            id: None,
            sequence: 0,
            reverses: None,
            applies: None,
            members: BTreeMap::new(),
            amounts: BTreeMap::new(),
            currency: None,
            credits: Vec::new(),
            attributes: BTreeMap::new(),
            dates: BTreeMap::new(),
        }
    }

    /// Returns the record that takes another one back, on a day of its own, which is none before the other's: all of it, or only
    /// as much as the [amounts](Self::amount) that are then given. An application that is taken back settles nothing from that
    /// day on.
    ///
    /// Counts fall by a whole record, and sums by what is taken back, in the period of this day. Whatever asks whether or when
    /// something happened, or of what size (distinct, new, lost, extremes, quantiles, last values), sees the other as it stood
    /// at the end of each period; means see what stands.
    ///
    /// ```
    /// use quotaflow::ledger::Record;
    /// use rust_decimal::Decimal;
    /// let returned = Record::reversal("SO-1", "2026-03-20".parse()?).amount("sales", Decimal::from(30));
    /// assert_eq!(returned.reverses.as_deref(), Some("SO-1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reversal(of: impl Into<String>, day: NaiveDate) -> Self {
        let mut record = Self::new("", day);
        record.reverses = Some(of.into());
        record
    }

    /// Returns the record that settles an open item, from a day on that is none before those of the records that it names.
    #[must_use]
    pub fn application(of: ApplicationDef, day: NaiveDate) -> Self {
        let mut record = Self::new("", day);
        record.applies = Some(of);
        record
    }

    /// Gives the record its source's name.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Gives the time of the day.
    #[must_use]
    pub fn at(mut self, time: NaiveTime) -> Self {
        self.time = Some(time);
        self
    }

    /// Gives the order among records of the same instant.
    #[must_use]
    pub fn sequence(mut self, sequence: u64) -> Self {
        self.sequence = sequence;
        self
    }

    /// Names a member.
    #[must_use]
    pub fn of(mut self, field: impl Into<String>, member: impl Into<String>) -> Self {
        self.members.insert(field.into(), member.into());
        self
    }

    /// Gives an amount.
    #[must_use]
    pub fn amount(mut self, measure: impl Into<String>, amount: Decimal) -> Self {
        self.amounts.insert(measure.into(), Number::from(amount));
        self
    }

    /// Says in which currency the amounts of money are.
    #[must_use]
    pub fn currency(mut self, currency: Currency) -> Self {
        self.currency = Some(currency);
        self
    }

    /// Gives a member a share of the record; all shares together make 1.
    #[must_use]
    pub fn credit(mut self, member: impl Into<String>, share: Ratio) -> Self {
        self.credits.push(Credit::split(member, share));
        self
    }

    /// Gives a member credit beside the shares.
    #[must_use]
    pub fn overlay(mut self, member: impl Into<String>, share: Ratio) -> Self {
        self.credits.push(Credit::overlay(member, share));
        self
    }

    /// Gives a text.
    #[must_use]
    pub fn attribute(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.insert(field.into(), value.into());
        self
    }

    /// Gives a further day.
    #[must_use]
    pub fn date(mut self, field: impl Into<String>, day: NaiveDate) -> Self {
        self.dates.insert(field.into(), day);
        self
    }
}
