//! A record as it was booked: the item that it opens, and what is left of its amounts.

use std::collections::BTreeMap;

use super::absent::NO_AMOUNT;
use super::compiled::Kind;
use super::credit::Part;
use super::error::Refusal;
use super::table::Row;
use crate::key::{Key, unknown};
use crate::measure::{Currency, Measures, Unit};
use crate::quantity::{Number, Quantum, Ratio, Rounding};

/// A record as it was booked.
#[derive(Clone, Copy)]
pub(crate) struct Booked<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) measures: &'a Measures,
    pub(crate) row: &'a Row,
}

/// An amount of a record as it was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    pub(super) exact: Ratio,
    /// Its quanta in the measure of the kind.
    pub(super) units: i64,
    pub(super) quantum: Quantum,
    pub(super) currency: Option<Currency>,
}

/// The amounts of a part that is taken back, and the day.
pub(crate) type TakenBack<'a> = (i32, &'a BTreeMap<String, Number>);

impl Given {
    /// An amount that has the sign of this one.
    pub(super) fn signed(&self, amount: Ratio) -> Ratio {
        if self.exact.is_negative() {
            Ratio::ZERO.checked_sub(amount).unwrap_or(amount)
        } else {
            amount
        }
    }
}

impl Booked<'_> {
    /// An amount as it was given.
    fn given(&self, field: usize) -> Option<Given> {
        let row = self.row;
        let shares = row.others.iter().filter(|other| other.part == Part::Share);
        let shares = shares.filter_map(|other| other.amounts.get(field));
        let given = row.amounts.get(field).into_iter().chain(shares);
        let units = given
            .copied()
            .filter(|units| *units != NO_AMOUNT)
            .reduce(i64::saturating_add)?;
        let measure = self.kind.measured(self.measures, field);
        let foreign = row.foreign.as_ref();
        let foreign =
            foreign.and_then(|own| Some((own.currency, *own.amounts.get(field)?.as_ref()?)));
        let own = match measure.unit {
            Unit::Money(currency) => Some(currency),
            _ => None,
        };
        Some(Given {
            exact: match foreign {
                Some((_, amount)) => Ratio::from(amount),
                None => Ratio::from(Number::from(measure.quantum.amount(units))),
            },
            units,
            quantum: measure.quantum,
            currency: foreign.map(|(currency, _)| currency).or(own),
        })
    }

    /// The quanta of all its amounts, those of its sharers put together.
    pub(super) fn units(&self) -> impl Iterator<Item = i64> {
        let fields = 0..self.row.amounts.len();
        fields.filter_map(|field| Some(self.given(field)?.units))
    }

    /// The item that the record opens, if it opens any.
    pub(crate) fn item(&self) -> Option<Given> {
        let given = self.given(self.kind.opens?);
        given.filter(|given| !given.exact.is_zero())
    }

    /// The measure of that item.
    pub(crate) fn opened(&self) -> Option<&str> {
        let opens = self.kind.definition.opens.as_ref();
        opens.map(Key::as_str)
    }

    /// The amount of a measure as it was given, unless it follows from another one.
    pub(super) fn named(&self, measure: &str) -> Option<Given> {
        let field = self.kind.measure(measure);
        let field = field.filter(|field| !self.kind.definition.measures[*field].is_derived());
        self.given(field?)
    }

    /// Says that the record gives no amount of this measure, and of which it does.
    pub(super) fn unknown_amount(&self, of: &str, name: &str) -> Refusal {
        let fields = self.kind.definition.measures.iter().enumerate();
        let given = fields.filter(|(at, field)| !field.is_derived() && self.given(*at).is_some());
        let (name, nearest, known) = unknown(name, given.map(|(_, field)| field.measure.as_str()));
        Refusal::UnknownAmount {
            of: of.to_owned(),
            name,
            nearest,
            known,
        }
    }

    /// By day, how many quanta of each amount are taken back: what has been so far, rounded, less what had been before.
    pub(crate) fn reduced(&self, parts: &[TakenBack<'_>]) -> Vec<(i32, Vec<i64>)> {
        let fields = &self.kind.definition.measures;
        let mut sums = vec![Ratio::ZERO; fields.len()];
        let mut before = vec![0_i64; fields.len()];
        let mut found = Vec::with_capacity(parts.len());
        for (day, amounts) in parts {
            for (measure, amount) in *amounts {
                if let Some(field) = self.kind.measure(measure)
                    && let Ok(sum) = sums[field].checked_add(Ratio::from(*amount))
                {
                    sums[field] = sum;
                }
            }
            let units: Vec<i64> = (0..fields.len())
                .map(|field| {
                    // What is restated follows what it restates.
                    let of = self.kind.exchanges[field].map_or(field, |exchanged| exchanged.of);
                    let given = self.given(of).filter(|given| !given.exact.is_zero());
                    let own = self.row.amounts[field];
                    let whole = given.filter(|_| own != NO_AMOUNT).and_then(|given| {
                        let share = sums[of].checked_div(given.exact).ok()?;
                        let exact = share.checked_mul(Ratio::from(own)).ok()?;
                        Quantum::ONE.round(exact, Rounding::HalfEven).ok()
                    });
                    let whole = whole.unwrap_or(before[field]);
                    let more = whole - before[field];
                    before[field] = whole;
                    more
                })
                .collect();
            found.push((*day, units));
        }
        found
    }
}
