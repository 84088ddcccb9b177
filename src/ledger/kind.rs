//! Kinds of records, as data.

use serde::{Deserialize, Serialize};

use super::error::LedgerError;
use super::rate::Exchange;
use crate::key::{Key, unknown};
use crate::quantity::Rounding;
use crate::text::Texts;

/// Whether every record of a kind must have a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// It may be missing, which is not the same as zero. The default.
    #[default]
    Optional,
    /// A record without it is refused.
    Required,
}

/// How exactly a kind of record is placed in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// By its day. The default.
    #[default]
    Day,
    /// By its day and a time of that day, to the millisecond, which every record must then have.
    Instant,
}

/// A member that a record names. A record that names none belongs to the unassigned member.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionField {
    /// The name of the field: the dimension's own, or the part that the member plays (`seen_in`, `sold_by`).
    pub field: Key,
    /// The dimension; the one called like the field where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<Key>,
    /// Whether it must be named.
    #[serde(default)]
    pub need: Need,
}

impl DimensionField {
    /// Returns the key of the dimension.
    #[must_use]
    pub fn dimension(&self) -> &Key {
        self.dimension.as_ref().unwrap_or(&self.field)
    }
}

/// An amount that a record has, in quanta of its measure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureField {
    /// The measure; it adds up (a flow or a stock) or is a rating.
    pub measure: Key,
    /// Whether it must be given.
    #[serde(default)]
    pub need: Need,
    /// How amounts in other currencies become the measure's; they are refused where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
}

impl MeasureField {
    /// Whether it follows from another field and is never given.
    pub(crate) fn is_derived(&self) -> bool {
        self.exchange
            .as_ref()
            .is_some_and(|known| known.of.is_some())
    }
}

/// A short text that a record carries: an outcome, a cause, a channel, a lot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeField {
    /// The name of the field.
    pub field: Key,
    /// The texts that it may be; any where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Key>,
    /// Whether it must be given.
    #[serde(default)]
    pub need: Need,
    /// Whether it tells something of a person, so that erasing the person blanks it.
    #[serde(default, skip_serializing_if = "Privacy::is_public")]
    pub privacy: Privacy,
}

/// Whether a text tells something of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// It does not. The default.
    #[default]
    Public,
    /// It does: it is blanked where the person is erased.
    Personal,
}

impl Privacy {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde asks for"
    )]
    fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

/// A further day that a record carries: due, settled, valid until.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateField {
    /// The name of the field. `day` is every record's own.
    pub field: Key,
    /// Whether it must be given.
    #[serde(default)]
    pub need: Need,
    /// Whether it is set beforehand, as when something is due, promised or valid until, so that it is known before it comes. Any
    /// other day is that of something that happened: as of an earlier day it is not there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub planned: bool,
}

/// A kind of record, as data: an order, a visit, a payment, or a user's own.
///
/// ```
/// use quotaflow::ledger::{Need, RecordKind};
/// let order = RecordKind::new("order")?
///     .of("person")?
///     .of("customer")?
///     .measuring("sales", Need::Required)?
///     .noting("outcome", &["won", "lost"])?
///     .planning("due")?;
/// assert_eq!(order.measures.len(), 1);
/// # Ok::<(), quotaflow::ledger::LedgerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordKind {
    /// The stable name.
    pub key: Key,
    /// What it is shown as; the key where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// The members that a record names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<DimensionField>,
    /// The amounts that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<MeasureField>,
    /// The texts that it carries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeField>,
    /// The days that it has beside its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateField>,
    /// How exactly it is placed in time.
    #[serde(default)]
    pub timing: Timing,
    /// The field whose members may share a record between them; see [`Credit`](super::Credit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Key>,
    /// The measure, which every record must give, of the open item that a record of this kind begins: an invoice, what a payment
    /// brought, a credit note. What is applied to it later ([`ApplicationDef`](super::ApplicationDef)), and what is taken back of it,
    /// is no longer open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Key>,
}

impl RecordKind {
    /// Returns a kind of record that has nothing but its day.
    ///
    /// # Errors
    /// [`LedgerError::Key`] if the name cannot be a key.
    pub fn new(key: &str) -> Result<Self, LedgerError> {
        Ok(Self {
            key: Key::new(key)?,
            title: Texts::default(),
            dimensions: Vec::new(),
            measures: Vec::new(),
            attributes: Vec::new(),
            dates: Vec::new(),
            timing: Timing::Day,
            credit: None,
            opens: None,
        })
    }

    /// Adds a member of the dimension of this name.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn of(mut self, dimension: &str) -> Result<Self, LedgerError> {
        let field = Key::new(dimension)?;
        self.dimensions.push(DimensionField {
            field,
            dimension: None,
            need: Need::Optional,
        });
        Ok(self)
    }

    /// Adds a member of a dimension in a part of its own.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn playing(mut self, field: &str, dimension: &str) -> Result<Self, LedgerError> {
        let (field, dimension) = (Key::new(field)?, Some(Key::new(dimension)?));
        self.dimensions.push(DimensionField {
            field,
            dimension,
            need: Need::Optional,
        });
        Ok(self)
    }

    /// Adds an amount of a measure.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn measuring(mut self, measure: &str, need: Need) -> Result<Self, LedgerError> {
        self.measures.push(MeasureField {
            measure: Key::new(measure)?,
            need,
            exchange: None,
        });
        Ok(self)
    }

    /// Adds an amount of money that a record may give in any currency of a rate table.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn exchanging(
        mut self,
        measure: &str,
        need: Need,
        table: &str,
    ) -> Result<Self, LedgerError> {
        self.measures.push(MeasureField {
            measure: Key::new(measure)?,
            need,
            exchange: Some(Exchange {
                table: Key::new(table)?,
                of: None,
                rounding: Rounding::default(),
            }),
        });
        Ok(self)
    }

    /// Adds the amounts of the field `of` by the rates of another table, in the currency of `measure`: the same sales at
    /// constant rates, or in the group's currency.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn restating(mut self, measure: &str, of: &str, table: &str) -> Result<Self, LedgerError> {
        self.measures.push(MeasureField {
            measure: Key::new(measure)?,
            need: Need::Optional,
            exchange: Some(Exchange {
                table: Key::new(table)?,
                of: Some(Key::new(of)?),
                rounding: Rounding::default(),
            }),
        });
        Ok(self)
    }

    /// Adds a text, one of `values` where there are any.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn noting(mut self, field: &str, values: &[&str]) -> Result<Self, LedgerError> {
        let values = values.iter().map(Key::new).collect::<Result<_, _>>()?;
        self.attributes.push(AttributeField {
            field: Key::new(field)?,
            values,
            need: Need::Optional,
            privacy: Privacy::Public,
        });
        Ok(self)
    }

    /// Adds the day on which something happened, beside the record's own: done, settled, delivered. As of an earlier day it is
    /// not there.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn dating(self, field: &str) -> Result<Self, LedgerError> {
        self.dated(field, false)
    }

    /// Adds a day that is set beforehand: due, promised, valid until. It is known before it comes.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn planning(self, field: &str) -> Result<Self, LedgerError> {
        self.dated(field, true)
    }

    fn dated(mut self, field: &str, planned: bool) -> Result<Self, LedgerError> {
        self.dates.push(DateField {
            field: Key::new(field)?,
            need: Need::Optional,
            planned,
        });
        Ok(self)
    }

    /// Refuses records that lack a field: a member, an amount, a text or a date that was added before. Who must be named
    /// cannot be nobody.
    ///
    /// ```
    /// use quotaflow::ledger::RecordKind;
    /// let order = RecordKind::new("order")?.of("salesperson")?.requiring("salesperson")?;
    /// let error = order.requiring("salesprson").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the kind of record `order` has no field `salesprson`; did you mean `salesperson`?"
    /// );
    /// # Ok::<(), quotaflow::ledger::LedgerError>(())
    /// ```
    ///
    /// # Errors
    /// [`LedgerError::UnknownField`] with the nearest known field.
    pub fn requiring(mut self, field: &str) -> Result<Self, LedgerError> {
        let members = self
            .dimensions
            .iter_mut()
            .map(|own| (&own.field, &mut own.need));
        let amounts = self
            .measures
            .iter_mut()
            .map(|own| (&own.measure, &mut own.need));
        let texts = self
            .attributes
            .iter_mut()
            .map(|own| (&own.field, &mut own.need));
        let dates = self.dates.iter_mut().map(|own| (&own.field, &mut own.need));
        let mut known = Vec::new();
        let mut is_known = false;
        for (own, need) in members.chain(amounts).chain(texts).chain(dates) {
            if own.as_str() == field {
                *need = Need::Required;
                is_known = true;
            }
            known.push(own.clone());
        }
        if is_known {
            return Ok(self);
        }
        let (name, nearest, known) = unknown(field, known.iter().map(Key::as_str));
        Err(LedgerError::UnknownField {
            kind: self.key,
            what: "field",
            name,
            nearest,
            known,
        })
    }

    /// Lets several members of a field share a record: revenue splits and overlay credit.
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn credited(mut self, field: &str) -> Result<Self, LedgerError> {
        self.credit = Some(Key::new(field)?);
        Ok(self)
    }

    /// Lets every record begin an open item of this measure, which it must then give.
    ///
    /// ```
    /// use quotaflow::ledger::{Need, RecordKind};
    /// let invoice = RecordKind::new("invoice")?.of("customer")?.measuring("amount", Need::Required)?.opening("amount")?;
    /// assert!(invoice.dating("due").is_ok());
    /// # Ok::<(), quotaflow::ledger::LedgerError>(())
    /// ```
    ///
    /// # Errors
    /// [`LedgerError::Key`].
    pub fn opening(mut self, measure: &str) -> Result<Self, LedgerError> {
        self.opens = Some(Key::new(measure)?);
        Ok(self)
    }

    /// Places records of this kind by the time of the day too.
    #[must_use]
    pub fn timed(mut self) -> Self {
        self.timing = Timing::Instant;
        self
    }
}
