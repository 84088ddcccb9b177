//! What can be wrong with a ledger, and why one record is refused.

mod rate;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use thiserror::Error;

use crate::key::{Key, KeyError, Known, hint};
use crate::measure::{Currency, MeasureError, Unit};
use crate::quantity::{Number, QuantityError, Ratio};
use crate::space::SpaceError;

pub use rate::RateError;

/// What can be wrong with a schema, a ledger or a batch of records.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A dimension or member is not known, or the space is wrong.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// A measure is not known.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// Two kinds of records have the same key.
    #[error("the kind of record `{kind}` is declared twice")]
    DuplicateKind {
        /// The key.
        kind: Key,
    },
    /// Two fields, or two values of one attribute, have the same name.
    #[error("the kind of record `{kind}` declares `{field}` twice")]
    DuplicateField {
        /// The kind.
        kind: Key,
        /// The name.
        field: Key,
    },
    /// A field has the name of one that every record has.
    #[error(
        "the kind of record `{kind}` declares the date `{field}`, which every record has by itself"
    )]
    ReservedField {
        /// The kind.
        kind: Key,
        /// The name.
        field: Key,
    },
    /// A ratio cannot be recorded, only its two parts.
    #[error("`{measure}` of the kind of record `{kind}` is a ratio: record its two parts")]
    NotRecordable {
        /// The kind.
        kind: Key,
        /// The measure.
        measure: Key,
    },
    /// The field whose members are to share records is not one of the kind's members.
    #[error(
        "the kind of record `{kind}` is credited by `{name}`, which is none of its members{}",
        hint(nearest.as_deref(), known)
    )]
    UnknownCreditField {
        /// The kind.
        kind: Key,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A kind of record opens items by an amount that not each of its records gives.
    #[error(
        "records of kind `{kind}` open items of `{measure}`, which not every one of them gives: make it required, or name one that is"
    )]
    NotOpening {
        /// The kind.
        kind: Key,
        /// What was named.
        measure: Key,
    },
    /// A kind of record has no such field.
    #[error("the kind of record `{kind}` has no {what} `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownField {
        /// The kind.
        kind: Key,
        /// `member or attribute`, `amount`, `date`, or `field` for any of them.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A table of rates is unknown, or there are two of the same name.
    #[error(transparent)]
    Rate(#[from] RateError),
    /// What is not money has no rate of exchange.
    #[error(
        "`{measure}` of the kind of record `{kind}` is counted in {unit}: only money is exchanged"
    )]
    NotMoney {
        /// The kind.
        kind: Key,
        /// The measure.
        measure: Key,
        /// Its unit.
        unit: Unit,
    },
    /// What a restated amount is taken from is restated itself.
    #[error(
        "`{measure}` of the kind of record `{kind}` restates `{of}`, which is restated itself: name an amount that records give"
    )]
    NotExchangeable {
        /// The kind.
        kind: Key,
        /// The measure.
        measure: Key,
        /// What it is taken from.
        of: Key,
    },
    /// No kind of record has this key.
    #[error("there is no kind of record `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownKind {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A record of a batch is refused, and with it the batch.
    #[error("record {row}{}: {refusal}", named(id.as_ref()))]
    Refused {
        /// The record's place in the batch, the first being 0.
        row: usize,
        /// Its id, if it has one.
        id: Option<String>,
        /// Why.
        refusal: Box<Refusal>,
    },
    /// Columns of one batch differ in length.
    #[error("column `{column}` has {found} entries where {expected} records need one each")]
    Ragged {
        /// The column.
        column: String,
        /// The number of records.
        expected: usize,
        /// The number of entries.
        found: usize,
    },
    /// No record has this id.
    #[error("the ledger has no record `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownRecord {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// The name that takes a person's place is in use.
    #[error(
        "`{alias}` cannot take the place of `{member}`: dimension `{dimension}` has it already"
    )]
    AliasInUse {
        /// The dimension.
        dimension: Key,
        /// The member to be erased.
        member: Key,
        /// The name.
        alias: Key,
    },
    /// More of something than a stated limit.
    #[error("{count} {what} are more than the limit of {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// The limit.
        limit: usize,
    },
}

fn named(id: Option<&String>) -> String {
    id.map(|id| format!(" (`{id}`)")).unwrap_or_default()
}

/// Why a record is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such kind of record.
    #[error("there is no kind of record `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownKind {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// The kind of record has no such field.
    #[error("a record of kind `{kind}` has no {what} `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownField {
        /// The kind.
        kind: Key,
        /// `member`, `amount`, `attribute` or `date`.
        what: &'static str,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// There is no such member.
    #[error("{field}: {error}")]
    Member {
        /// The field.
        field: Key,
        /// Which member of which dimension, and the nearest known one.
        error: SpaceError,
    },
    /// The attribute cannot have this value.
    #[error("{field}: `{name}` is not one of its values{}", hint(nearest.as_deref(), known))]
    UnknownValue {
        /// The attribute.
        field: Key,
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A text cannot be a key.
    #[error("{field}: {error}")]
    Text {
        /// The field.
        field: String,
        /// What is wrong with it.
        error: KeyError,
    },
    /// A field that every record of the kind must have is missing.
    #[error("a record of kind `{kind}` must have `{field}`")]
    Missing {
        /// The kind.
        kind: Key,
        /// The field.
        field: String,
    },
    /// The day is outside the ledger's days.
    #[error("{day} is outside the ledger's days, {from} up to and without {to}")]
    OutsideSpan {
        /// The day.
        day: NaiveDate,
        /// The ledger's first day.
        from: NaiveDate,
        /// The day after its last one.
        to: NaiveDate,
    },
    /// A day is before or after all days that can be counted.
    #[error("{field}: {day} is outside 0001-01-01 to 9999-12-31")]
    DayOutOfRange {
        /// The field.
        field: Key,
        /// The day.
        day: NaiveDate,
    },
    /// The amount is finer than its measure's quantum or too large.
    #[error("{field}: {error}")]
    Amount {
        /// The measure.
        field: Key,
        /// What is wrong with it.
        error: QuantityError,
    },
    /// The amount is in another currency than its measure.
    #[error("{field}: {amount} {found} was given, but `{field}` is in {expected}")]
    CurrencyMismatch {
        /// The measure.
        field: Key,
        /// The amount.
        amount: Decimal,
        /// The currency of the record.
        found: Currency,
        /// The measure's unit.
        expected: Unit,
    },
    /// The shares of a record do not make the whole.
    #[error("the shares make {sum}, not 1")]
    CreditSum {
        /// What they make.
        sum: Ratio,
    },
    /// A share is not above 0 and at most 1.
    #[error("the share {share} of `{member}` is not above 0 and at most 1")]
    CreditShare {
        /// The member.
        member: String,
        /// Its share.
        share: Ratio,
    },
    /// A member is credited twice in the same way.
    #[error("`{member}` is credited twice")]
    CreditTwice {
        /// The member.
        member: String,
    },
    /// The shares cannot be brought to one denominator.
    #[error("the share of `{member}` is too fine beside the others")]
    CreditTooFine {
        /// The member.
        member: String,
    },
    /// A record of a kind that is not shared has credits.
    #[error("a record of kind `{kind}` is not shared: name its members instead of credits")]
    NotCredited {
        /// The kind.
        kind: Key,
    },
    /// A record with credits names a member of the same field too.
    #[error("the record names a member as `{field}` and has credits, which say the same")]
    CreditAndMember {
        /// The field.
        field: Key,
    },
    /// No rate says what the amount is worth in its measure's currency.
    #[error("{field}: {error}")]
    Rate {
        /// The measure.
        field: Key,
        /// Why.
        error: RateError,
    },
    /// The amount follows from another one and cannot be given.
    #[error("`{field}` is restated from `{of}` and cannot be given")]
    Restated {
        /// The measure.
        field: Key,
        /// What it is restated from.
        of: Key,
    },
    /// The record's instant is finer than a millisecond.
    #[error("the time of the day is finer than a millisecond")]
    TimeTooFine,
    /// A time of the day is beyond its end.
    #[error("{milliseconds} milliseconds since midnight are more than a day")]
    TimeOutOfRange {
        /// The milliseconds.
        milliseconds: u32,
    },
    /// A time of the day was given for a kind of record that is placed by its day alone.
    #[error("a record of kind `{kind}` is placed by its day and has no time of the day")]
    Untimed {
        /// The kind.
        kind: Key,
    },
    /// The sequence number is beyond the limit.
    #[error(
        "the sequence number {sequence} is more than {}",
        super::bounds::MAX_SEQUENCE
    )]
    Sequence {
        /// The number.
        sequence: u64,
    },
    /// A record with this id but with other content is there already.
    #[error("another record with this id, with other content, was entered before")]
    IdInUse,
    /// The record that is to be reversed or settled is not there.
    #[error("there is no record `{name}` to reverse or settle{}", hint(nearest.as_deref(), known))]
    UnknownRecord {
        /// Its id.
        name: String,
        /// The nearest id that was entered.
        nearest: Option<String>,
        /// Those that were entered.
        known: Known,
    },
    /// The record that is to be reversed is reversed already, or is itself a reversal.
    #[error("`{id}` is reversed already or is itself a reversal")]
    AlreadyReversed {
        /// Its id.
        id: String,
    },
    /// A reversal is of a day before what it reverses, so that for some days there would be less than nothing.
    #[error("{day} is before what it takes back or settles, `{id}` of {of}")]
    ReversedBefore {
        /// The day of the reversal.
        day: NaiveDate,
        /// The id of what it reverses.
        id: String,
        /// The day of that.
        of: NaiveDate,
    },
    /// A part of a record is taken back after the day on which all of it is.
    #[error("a part of `{id}` is taken back on {later}, when all of it would be gone since {day}")]
    TakenBackLater {
        /// The id of what is taken back.
        id: String,
        /// The day on which all of it is.
        day: NaiveDate,
        /// The day on which a part of it is.
        later: NaiveDate,
    },
    /// A reversal says more than its day, what it takes back and how much of that; an application more than what it settles.
    #[error(
        "what takes another record back or settles it has no members, attributes, dates, currency or credits of its own, nor a \
         time where it does not take back all; an application has no kind and no amounts either"
    )]
    ReversalWithContent,
    /// A part of an amount is to be taken back that the record does not give.
    #[error("`{of}` has no amount of `{name}` of which a part could be reversed{}", hint(nearest.as_deref(), known))]
    UnknownAmount {
        /// The record.
        of: String,
        /// The measure.
        name: String,
        /// The nearest measure of which it gives an amount.
        nearest: Option<String>,
        /// Those of which it gives one.
        known: Known,
    },
    /// More is to be taken back or applied than there is on some day from then on, or something of the other sign, or nothing.
    #[error(
        "{}{} of `{measure}` does not lie between 0 and the {} that is left of `{of}` on {day}{}",
        sum(amount.decimal(), *currency),
        worth.map(|worth| format!(" ({})", sum(worth, *left_in))).unwrap_or_default(),
        sum(*left, *left_in),
        every_day(*from, *day)
    )]
    MoreThanThere {
        /// The record.
        of: String,
        /// The measure.
        measure: String,
        /// What was given.
        amount: Number,
        /// Its currency, if it is money.
        currency: Option<Currency>,
        /// What that is at the given rate, where it is in another currency than the record.
        worth: Option<Decimal>,
        /// The least that is left on any day.
        left: Decimal,
        /// The currency of what is left.
        left_in: Option<Currency>,
        /// The day from which so much was to be taken back or applied.
        from: NaiveDate,
        /// The first day on which no more is left; what is of later days than `from` counts.
        day: NaiveDate,
    },
    /// Something is applied to or by a record that was taken back as a whole by then.
    #[error(
        "`{of}` is gone since {since}, when it was taken back as a whole: from then on nothing is applied to it and it settles nothing"
    )]
    GoneSince {
        /// The record.
        of: String,
        /// The day on which it was taken back.
        since: NaiveDate,
    },
    /// Something is applied to a record that opens no item.
    #[error(
        "`{of}` opens no item to which anything could be applied: say in its kind which measure it `opens`, and give an amount other than 0"
    )]
    OpensNothing {
        /// The record.
        of: String,
    },
    /// An application is in another currency than its item without a rate, or has a rate without another currency.
    #[error(
        "an application to `{of}` in {} needs a rate where that is not the item's own currency, {}, and takes none where it is",
        currency_of(*given),
        currency_of(*expected)
    )]
    RateOfApplication {
        /// The item.
        of: String,
        /// The currency of the application.
        given: Option<Currency>,
        /// The item's own.
        expected: Option<Currency>,
    },
    /// What is applied is not in the currency of what settles, of whose item as much would be settled.
    #[error(
        "what `{by}` settles is stated in {}, but `{by}` is in {}: state the amount in that, with its rate where the settled item is in another currency",
        currency_of(*given),
        currency_of(*expected)
    )]
    CurrencyOfPayment {
        /// What settles.
        by: String,
        /// The currency of the amount.
        given: Option<Currency>,
        /// The currency of what settles.
        expected: Option<Currency>,
    },
    /// The rate of an application is zero or below.
    #[error("the rate {rate} of what is applied to `{of}` is not above zero")]
    RateNotPositive {
        /// The item.
        of: String,
        /// The rate.
        rate: Number,
    },
    /// A record is applied to itself.
    #[error("`{of}` cannot settle itself: name another record, or none where it is written off")]
    SettlesItself {
        /// The record.
        of: String,
    },
    /// What is to be settled or taken back in part is itself an application or takes something back.
    #[error(
        "`{id}` settles or takes back another record: nothing can be applied to it, and no part of it can be taken back"
    )]
    NotARecord {
        /// Its id.
        id: String,
    },
    /// The record that is to be reversed is of another kind.
    #[error("`{id}` is of kind `{kind}` and not of kind `{given}`: name the right kind, or none")]
    OtherKind {
        /// Its id.
        id: String,
        /// Its kind.
        kind: Key,
        /// The kind that was given.
        given: String,
    },
    /// A part is to be taken back of a record that several share: nobody says whose part it is.
    #[error(
        "`{of}` is shared by several members and cannot be reversed in part; reverse it as a whole and enter what is left"
    )]
    SharedInPart {
        /// The record.
        of: String,
    },
    /// What is left of an amount leaves the range of numbers.
    #[error("what is left of `{of}` cannot be worked out: the numbers are too large or too fine")]
    BeyondRange {
        /// The record.
        of: String,
    },
    /// A placement or code number of a bulk column is not known.
    #[error("{field}: there is no number {number}: numbers go from 0 to {last}")]
    NoSuchNumber {
        /// The field.
        field: Key,
        /// The number.
        number: u32,
        /// The last number that there is.
        last: usize,
    },
    /// The kind holds as many records as it can.
    #[error(
        "a ledger holds at most {} records of one kind",
        super::bounds::MAX_RECORDS
    )]
    Full,
}

/// An amount with its currency, if it is money.
fn sum(amount: Decimal, currency: Option<Currency>) -> String {
    currency.map_or_else(
        || amount.to_string(),
        |currency| format!("{amount} {currency}"),
    )
}

/// Says why a later day than the own one matters.
fn every_day(from: NaiveDate, day: NaiveDate) -> String {
    if from == day {
        return String::new();
    }
    format!(": what is said of {from} must fit every day from then on")
}

fn currency_of(currency: Option<Currency>) -> String {
    currency.map_or_else(
        || "its own currency".to_owned(),
        |currency| currency.to_string(),
    )
}
