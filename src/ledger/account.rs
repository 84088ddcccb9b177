//! The account of a record: what was taken back of it and what was applied to its item so far, and what of that is left from day to
//! day.

use std::collections::BTreeMap;

use super::application::{ApplicationDef, Side};
use super::booked::{Booked, Given, TakenBack};
use super::compiled::Kind;
use super::course::Course;
use super::digest::Mix;
use super::error::Refusal;
use super::later::Told;
use crate::quantity::{Number, Ratio, Rounding};

/// What was said of a record, added up.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The item that the record opens, if it opens any.
    item: Option<Given>,
    reversed: Option<i32>,
    parts: Vec<(i32, BTreeMap<String, Number>)>,
    /// By measure, how much was taken back in part.
    taken: BTreeMap<String, Ratio>,
    /// By number, what is applied.
    applied: BTreeMap<usize, Applied>,
    /// By day, how much less of the item is left from then on, whatever its sign.
    less: BTreeMap<i32, Ratio>,
    /// All of that.
    gone: Ratio,
}

/// What of an item is settled, from a day up to another one.
#[derive(Debug, Clone, Copy)]
struct Applied {
    begins: i32,
    ends: i32,
    amount: Ratio,
}

/// A record that an application names, as an error calls it.
#[derive(Clone, Copy)]
pub(crate) struct Party<'a> {
    pub(crate) name: &'a str,
    pub(crate) booked: Booked<'a>,
    pub(crate) account: &'a Account,
}

fn magnitude(number: Ratio) -> Ratio {
    if number.is_negative() {
        Ratio::ZERO.checked_sub(number).unwrap_or(number)
    } else {
        number
    }
}

impl Account {
    /// That of a record of which nothing was said yet.
    pub(crate) fn of(booked: &Booked<'_>) -> Self {
        Self {
            item: booked.item(),
            reversed: None,
            parts: Vec::new(),
            taken: BTreeMap::new(),
            applied: BTreeMap::new(),
            less: BTreeMap::new(),
            gone: Ratio::ZERO,
        }
    }

    /// The record is taken back as a whole.
    pub(crate) fn reverse(&mut self, day: i32) {
        self.reversed = Some(self.reversed.map_or(day, |known| known.min(day)));
    }

    /// A part of the record is taken back.
    pub(crate) fn reduce(&mut self, kind: &Kind, day: i32, amounts: &BTreeMap<String, Number>) {
        for (measure, amount) in amounts {
            let own = self.taken.entry(measure.clone()).or_insert(Ratio::ZERO);
            // Sums of what was checked on entry, here and below.
            *own = own.checked_add(Ratio::from(*amount)).unwrap_or(*own);
        }
        let opened = kind.definition.opens.as_ref();
        if let Some(amount) = opened.and_then(|measure| amounts.get(measure.as_str())) {
            self.change(day, magnitude(Ratio::from(*amount)));
        }
        self.parts.push((day, amounts.clone()));
    }

    /// Something is applied, from a day up to another one.
    pub(crate) fn apply<I>(
        &mut self,
        number: usize,
        (application, side): (&ApplicationDef<I>, Side),
        (begins, ends): (i32, i32),
    ) {
        let item = self.item.filter(|_| begins < ends);
        let Some(amount) = item.and_then(|item| settled(application, item, side)) else {
            return;
        };
        self.applied.insert(
            number,
            Applied {
                begins,
                ends,
                amount,
            },
        );
        self.change(begins, amount);
        self.come_back(ends, amount);
    }

    /// What is applied under a number holds no more from a day on.
    pub(crate) fn end(&mut self, number: usize, day: i32) {
        let Some(applied) = self.applied.get_mut(&number) else {
            return;
        };
        let (before, now) = (applied.ends, day.max(applied.begins));
        if now >= before {
            return;
        }
        applied.ends = now;
        let amount = applied.amount;
        if before != i32::MAX {
            self.change(before, amount);
        }
        self.come_back(now, amount);
    }

    fn come_back(&mut self, day: i32, amount: Ratio) {
        if day != i32::MAX {
            self.change(day, Ratio::ZERO.checked_sub(amount).unwrap_or(Ratio::ZERO));
        }
    }

    fn change(&mut self, day: i32, less: Ratio) {
        let own = self.less.entry(day).or_insert(Ratio::ZERO);
        *own = own.checked_add(less).unwrap_or(*own);
        self.gone = self.gone.checked_add(less).unwrap_or(self.gone);
    }

    /// The last day on which a part is taken back.
    pub(crate) fn last_part(&self) -> Option<i32> {
        self.parts.iter().map(|(day, _)| *day).max()
    }

    /// The least that is open of the item on any day from one up to another one, whatever its sign; what is still to come counts, so
    /// that nothing is settled twice.
    fn open(&self, from: i32, to: i32) -> Option<Ratio> {
        let whole = magnitude(self.item?.exact);
        let mut left = whole.checked_sub(self.gone).ok()?;
        let mut least: Option<Ratio> = None;
        let mut see = |left: Ratio| least = Some(least.map_or(left, |least| least.min(left)));
        for (day, less) in self.less.range(from.saturating_add(1)..).rev() {
            if *day < to {
                see(left);
            }
            left = left.checked_add(*less).ok()?;
        }
        see(left);
        least
    }

    /// Why no part of the record can be taken back so, if so.
    pub(crate) fn unfit_part(
        &self,
        booked: &Booked<'_>,
        of: &str,
        day: i32,
        amounts: &BTreeMap<String, Number>,
    ) -> Option<Refusal> {
        if booked.row.share.is_some() {
            return Some(Refusal::SharedInPart { of: of.to_owned() });
        }
        amounts.iter().find_map(|(measure, amount)| {
            let Some(given) = booked.named(measure) else {
                return Some(booked.unknown_amount(of, measure));
            };
            let taken = self.taken.get(measure).copied().unwrap_or(Ratio::ZERO);
            let rest = magnitude(given.exact).checked_sub(magnitude(taken));
            let Ok(rest) = rest else {
                return Some(Refusal::BeyondRange { of: of.to_owned() });
            };
            // What was applied is no more there to be taken back.
            let opened = booked.opened() == Some(measure.as_str());
            let open = self.open(day, i32::MAX).filter(|_| opened);
            let rest = open.map_or(rest, |open| open.min(rest));
            let own = Ratio::from(*amount);
            let fits = !own.is_zero()
                && own.is_negative() == given.exact.is_negative()
                && magnitude(own) <= rest;
            (!fits).then(|| Refusal::MoreThanThere {
                of: of.to_owned(),
                measure: measure.clone(),
                amount: *amount,
                left: given.signed(rest).approximate(),
            })
        })
    }

    /// What became of the record.
    pub(crate) fn course(&self, booked: &Booked<'_>) -> Course {
        Course {
            reversed: self.reversed,
            reduced: booked.reduced(&self.in_order()),
            left: self.left(),
        }
    }

    /// The parts that are taken back, in the order of their days.
    fn in_order(&self) -> Vec<TakenBack<'_>> {
        let parts = self.parts.iter().map(|(day, amounts)| (*day, amounts));
        let mut parts: Vec<TakenBack<'_>> = parts.collect();
        parts.sort_by_key(|(day, _)| *day);
        parts
    }

    /// By day, which share of the item is left.
    fn left(&self) -> Vec<(i32, Ratio)> {
        let end = self.reversed.map(|day| (day, Ratio::ZERO));
        let Some(item) = self.item else {
            return end.into_iter().collect();
        };
        let whole = magnitude(item.exact);
        let mut rest = whole;
        let changes = self.less.iter().filter(|(_, less)| !less.is_zero());
        let before = changes.take_while(|(day, _)| self.reversed.is_none_or(|gone| **day < gone));
        let found = before.map(|(day, less)| {
            rest = rest.checked_sub(*less).unwrap_or(rest);
            (*day, rest.checked_div(whole).unwrap_or(Ratio::ONE))
        });
        found.collect::<Vec<_>>().into_iter().chain(end).collect()
    }

    /// By day, which share of the item was taken back in part so far.
    fn back(&self, booked: &Booked<'_>) -> Vec<(i32, Ratio)> {
        let Some((item, measure)) = self.item.zip(booked.opened()) else {
            return Vec::new();
        };
        let mut sum = Ratio::ZERO;
        let parts = self.in_order().into_iter();
        let parts = parts.filter_map(|(day, amounts)| {
            sum = sum
                .checked_add(Ratio::from(*amounts.get(measure)?))
                .unwrap_or(sum);
            Some((day, sum.checked_div(item.exact).ok()?))
        });
        parts.collect()
    }

    /// What became of the record at a place, and by what that is known again.
    pub(super) fn told(&self, booked: &Booked<'_>, at: usize) -> Told {
        let course = self.course(booked);
        let (mut taken, mut settles) = (Mix(at as u64), Mix(at as u64));
        for (day, units) in &course.reduced {
            taken.add(i64::from(*day).cast_unsigned());
            for units in units {
                taken.add(units.cast_unsigned());
            }
        }
        for applied in self.applied.values() {
            settles.add(i64::from(applied.begins).cast_unsigned());
            settles.add(i64::from(applied.ends).cast_unsigned());
            settles.text(Some(&applied.amount.to_string()));
        }
        let number = |mix: Mix, is_none: bool| if is_none { 0 } else { mix.0 };
        Told {
            digests: (
                number(taken, course.reduced.is_empty()),
                number(settles, self.applied.is_empty()),
            ),
            back: self.back(booked),
            course,
        }
    }
}

/// What an application settles of an item, in the item's own currency and whatever its sign. What settles may be recorded with the
/// other sign, as credit notes are.
fn settled<I>(application: &ApplicationDef<I>, item: Given, side: Side) -> Option<Ratio> {
    let amount = Ratio::from(application.amount);
    let own = match (side, application.rate) {
        (Side::Settled, Some(rate)) => {
            let exact = amount.checked_mul(Ratio::from(rate)).ok()?;
            let units = item.quantum.round(exact, Rounding::default()).ok()?;
            Ratio::from(Number::from(item.quantum.amount(units)))
        }
        // Its amount is in the currency of what settles.
        (Side::Settled, None) | (Side::Settling, _) => amount,
    };
    Some(magnitude(own))
}

/// Why something cannot be applied so from a day up to another one, if so.
pub(crate) fn unfit<I>(
    application: &ApplicationDef<I>,
    to: Party<'_>,
    by: Option<Party<'_>>,
    days: (i32, i32),
) -> Option<Refusal> {
    let of = || to.name.to_owned();
    let Some(item) = to.account.item else {
        return Some(Refusal::OpensNothing { of: of() });
    };
    let foreign = application
        .currency
        .filter(|own| Some(*own) != item.currency);
    if foreign.is_some() != application.rate.is_some()
        || foreign.is_some() && item.currency.is_none()
    {
        return Some(Refusal::RateOfApplication {
            of: of(),
            given: application.currency,
            expected: item.currency,
        });
    }
    let rate = application
        .rate
        .filter(|rate| Ratio::from(*rate) <= Ratio::ZERO);
    if let Some(rate) = rate {
        return Some(Refusal::RateNotPositive { of: of(), rate });
    }
    if Ratio::from(application.amount).is_negative() != item.exact.is_negative() {
        return Some(Refusal::MoreThanThere {
            of: of(),
            measure: to.booked.opened().unwrap_or_default().to_owned(),
            amount: application.amount,
            left: item.exact.approximate(),
        });
    }
    let beyond = to.beyond((application, Side::Settled), days);
    beyond.or_else(|| {
        let by = by.filter(|by| by.booked.kind.opens.is_some())?;
        let Some(own) = by.account.item else {
            return Some(Refusal::OpensNothing {
                of: by.name.to_owned(),
            });
        };
        let given = application.currency.or(item.currency);
        if own.currency != given {
            return Some(Refusal::CurrencyOfPayment {
                by: by.name.to_owned(),
                given,
                expected: own.currency,
            });
        }
        by.beyond((application, Side::Settling), days)
    })
}

impl Party<'_> {
    /// What is wrong if more is applied than is open of the item, or nothing.
    fn beyond<I>(
        &self,
        (application, side): (&ApplicationDef<I>, Side),
        (day, ends): (i32, i32),
    ) -> Option<Refusal> {
        let item = self.account.item?;
        let of = || self.name.to_owned();
        let own = settled(application, item, side);
        let own = own.filter(|own| {
            // What is left is worked out by shares of whole quanta.
            let gone = self.account.gone.checked_add(*own);
            let left = gone.and_then(|gone| magnitude(item.exact).checked_sub(gone));
            let share = left.and_then(|left| left.checked_div(item.exact));
            share.is_ok_and(|share| share.checked_mul(Ratio::from(item.units)).is_ok())
        });
        let open = match self.account.reversed.filter(|gone| *gone <= day) {
            Some(_) => Some(Ratio::ZERO),
            None => self.account.open(day, ends),
        };
        let Some((own, open)) = own.zip(open) else {
            return Some(Refusal::BeyondRange { of: of() });
        };
        let fits = !own.is_zero() && own <= open;
        (!fits).then(|| Refusal::MoreThanThere {
            of: of(),
            measure: self.booked.opened().unwrap_or_default().to_owned(),
            amount: Number::from(item.signed(own).approximate()),
            left: item.signed(open).approximate(),
        })
    }
}
