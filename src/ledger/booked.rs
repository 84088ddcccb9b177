//! What is left of a record as it was booked: of the item that it opens, and of its amounts.

use std::collections::BTreeMap;

use super::absent::NO_AMOUNT;
use super::application::ApplicationDef;
use super::compiled::Kind;
use super::course::Course;
use super::credit::Part;
use super::error::Refusal;
use super::table::Row;
use crate::key::unknown;
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
    exact: Ratio,
    /// Its quanta in the measure of the kind.
    units: i64,
    quantum: Quantum,
    currency: Option<Currency>,
}

/// The amounts of a part that is taken back, and the day.
pub(crate) type TakenBack<'a> = (i32, &'a BTreeMap<String, Number>);

/// From a day up to another one, what of an item is settled.
pub(crate) type Applied = (i32, i32, Ratio);

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

    /// The item that the record opens, if it opens any.
    pub(crate) fn item(&self) -> Option<Given> {
        let given = self.given(self.kind.opens?);
        given.filter(|given| !given.exact.is_zero())
    }

    /// Why no part of the record `of` can be taken back so, if so; the other parts were before.
    pub(crate) fn unfit_part(
        &self,
        of: &str,
        amounts: &BTreeMap<String, Number>,
        before: &[&BTreeMap<String, Number>],
    ) -> Option<Refusal> {
        if self.row.share.is_some() {
            return Some(Refusal::SharedInPart { of: of.to_owned() });
        }
        amounts.iter().find_map(|(measure, amount)| {
            let field = self.kind.measure(measure);
            let field = field.filter(|field| !self.kind.definition.measures[*field].is_derived());
            let Some(given) = field.and_then(|field| self.given(field)) else {
                return Some(self.unknown_amount(of, measure));
            };
            let taken = before.iter().filter_map(|other| other.get(measure));
            let taken = taken.into_iter().try_fold(Ratio::ZERO, |sum, amount| {
                sum.checked_add(Ratio::from(*amount))
            });
            let own = Ratio::from(*amount);
            let Ok(rest) = taken.and_then(|taken| given.exact.checked_sub(taken)) else {
                return Some(Refusal::BeyondRange { of: of.to_owned() });
            };
            let fits = !own.is_zero()
                && own.is_negative() == given.exact.is_negative()
                && if own.is_negative() {
                    own >= rest
                } else {
                    own <= rest
                };
            (!fits).then(|| Refusal::MoreThanThere {
                of: of.to_owned(),
                measure: measure.clone(),
                amount: *amount,
                left: rest.approximate(),
            })
        })
    }

    /// Says that the record gives no amount of this measure, and of which it does.
    fn unknown_amount(&self, of: &str, name: &str) -> Refusal {
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

    /// Why nothing can be applied so to the item that the record `of` opens, if so.
    pub(crate) fn unfit<I>(&self, of: &str, application: &ApplicationDef<I>) -> Option<Refusal> {
        let Some(item) = self.item() else {
            return Some(Refusal::OpensNothing { of: of.to_owned() });
        };
        let foreign = application
            .currency
            .filter(|own| Some(*own) != item.currency);
        if foreign.is_some() != application.rate.is_some() {
            return Some(Refusal::RateOfApplication {
                of: of.to_owned(),
                given: application.currency,
                expected: item.currency,
            });
        }
        let settled = settled(application, item, None);
        let left = settled.and_then(|amount| {
            let share = item
                .exact
                .checked_sub(amount)
                .and_then(|left| left.checked_div(item.exact));
            let share = share.ok()?;
            let fits = share.checked_mul(Ratio::from(item.units)).is_ok();
            fits.then_some(amount)
        });
        match left {
            None => Some(Refusal::BeyondRange { of: of.to_owned() }),
            Some(amount)
                if amount.is_zero() || amount.is_negative() != item.exact.is_negative() =>
            {
                let measure = self.kind.definition.opens.as_ref();
                Some(Refusal::MoreThanThere {
                    of: of.to_owned(),
                    measure: measure.map_or_else(String::new, |key| key.as_str().to_owned()),
                    amount: application.amount,
                    left: item.exact.approximate(),
                })
            }
            Some(_) => None,
        }
    }

    /// What became of the record; `parts` in the order of their days.
    pub(crate) fn course(
        &self,
        reversed: Option<i32>,
        parts: &[TakenBack<'_>],
        applied: &[Applied],
    ) -> Course {
        Course {
            reversed,
            reduced: self.reduced(parts),
            left: self.left(reversed, parts, applied),
        }
    }

    /// By day, which share of the item is left.
    pub(super) fn left(
        &self,
        reversed: Option<i32>,
        parts: &[TakenBack<'_>],
        applied: &[Applied],
    ) -> Vec<(i32, Ratio)> {
        let end = reversed.map(|day| (day, Ratio::ZERO));
        let item = self.kind.opens.zip(self.item());
        let Some((field, item)) = item else {
            return end.into_iter().collect();
        };
        let measure = self.kind.definition.measures[field].measure.as_str();
        let less = |amount: Ratio| Ratio::ZERO.checked_sub(amount).unwrap_or(Ratio::ZERO);
        let parts = parts.iter().filter_map(|(day, amounts)| {
            let amount = amounts.get(measure)?;
            Some((*day, less(Ratio::from(*amount))))
        });
        let applied = applied.iter().flat_map(|(begins, ends, amount)| {
            let back = (*ends != i32::MAX).then_some((*ends, *amount));
            std::iter::once((*begins, less(*amount))).chain(back)
        });
        let mut changes: Vec<(i32, Ratio)> = parts.chain(applied).collect();
        changes.sort_unstable();
        let mut found: Vec<(i32, Ratio)> = Vec::with_capacity(changes.len());
        let mut rest = item.exact;
        for (day, change) in changes {
            if reversed.is_some_and(|reversed| reversed <= day) {
                break;
            }
            // Sums of what was checked on entry.
            rest = rest.checked_add(change).unwrap_or(rest);
            let share = rest.checked_div(item.exact).unwrap_or(Ratio::ONE);
            found.retain(|(other, _)| *other != day);
            found.push((day, share));
        }
        found.extend(end);
        found
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

/// What an application settles of its item, or of that of the record by which it is settled, in that item's own currency.
pub(crate) fn settled<I>(
    application: &ApplicationDef<I>,
    item: Given,
    by: Option<Given>,
) -> Option<Ratio> {
    let own = by.unwrap_or(item);
    let amount = Ratio::from(application.amount);
    let converted = || {
        let Some(rate) = application.rate else {
            return Some(amount);
        };
        let units = item.quantum.round(
            amount.checked_mul(Ratio::from(rate)).ok()?,
            Rounding::default(),
        );
        Some(Ratio::from(Number::from(item.quantum.amount(units.ok()?))))
    };
    let given = application.currency.or(item.currency);
    let settled = if own.currency == item.currency {
        converted()?
    } else if own.currency == given {
        amount
    } else {
        // In a third currency nobody said what it was worth.
        return None;
    };
    // What settles may be recorded with the other sign, as credit notes are.
    if by.is_some() && settled.is_negative() != own.exact.is_negative() {
        Ratio::ZERO.checked_sub(settled).ok()
    } else {
        Some(settled)
    }
}
