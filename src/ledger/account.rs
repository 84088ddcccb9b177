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
use super::ledger::date;
use super::steps::Steps;
use crate::quantity::{Number, Ratio, Rounding};

/// What was said of a record, added up.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The item that the record opens, if it opens any.
    item: Option<Given>,
    reversed: Option<i32>,
    parts: Vec<(i32, BTreeMap<String, Number>)>,
    /// By measure, how much was taken back in part, and in which steps.
    taken: BTreeMap<String, (Ratio, Steps)>,
    /// By number, what is applied.
    applied: BTreeMap<usize, Applied>,
    /// By day, how much less of the item is left from then on, whatever its sign.
    less: BTreeMap<i32, Ratio>,
    /// All of that.
    gone: Ratio,
    /// The steps in which it goes.
    steps: Steps,
}

/// The least that is left on any day, and the first day on which it is.
#[derive(Debug, Clone, Copy)]
struct Least {
    left: Ratio,
    day: i32,
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
    with_sign_of(number, number)
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
            steps: Steps::ONE,
        }
    }

    /// The record is taken back as a whole.
    pub(crate) fn reverse(&mut self, day: i32) {
        self.reversed = Some(self.reversed.map_or(day, |known| known.min(day)));
    }

    /// A part of the record is taken back.
    pub(crate) fn reduce(&mut self, kind: &Kind, day: i32, amounts: &BTreeMap<String, Number>) {
        for (measure, amount) in amounts {
            let own = self.taken.entry(measure.clone()).or_default();
            // Sums of what was checked on entry, here and below.
            let amount = Ratio::from(*amount);
            own.0 = own.0.checked_add(amount).unwrap_or(own.0);
            own.1 = own.1.with(amount).unwrap_or(own.1);
        }
        let opened = kind.definition.opens.as_ref();
        if let Some(amount) = opened.and_then(|measure| amounts.get(measure.as_str())) {
            let amount = magnitude(Ratio::from(*amount));
            self.steps = self.steps.with(amount).unwrap_or(self.steps);
            self.change(day, amount);
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
        let amount = self.item.and_then(|item| settled(application, item, side));
        let Some(amount) = amount else { return };
        self.steps = self.steps.with(amount).unwrap_or(self.steps);
        if begins >= ends {
            return;
        }
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
    fn open(&self, from: i32, to: i32) -> Option<Least> {
        let whole = magnitude(self.item?.exact);
        let mut left = whole.checked_sub(self.gone).ok()?;
        let mut least: Option<Least> = None;
        let mut see = |left: Ratio, day: i32| {
            // The days are gone through from the last one to the first.
            if least.is_none_or(|least| left <= least.left) {
                least = Some(Least { left, day });
            }
        };
        for (day, less) in self.less.range(from.saturating_add(1)..).rev() {
            if *day < to {
                see(left, *day);
            }
            left = left.checked_add(*less).ok()?;
        }
        see(left, from);
        least
    }

    /// What is left of an amount of which no item is opened, once all parts are taken back, and the first day on which it is.
    fn rest(&self, measure: &str, whole: Ratio, from: i32) -> Option<Least> {
        let taken = self.taken.get(measure).map_or(Ratio::ZERO, |own| own.0);
        let parts = self.parts.iter();
        let parts = parts.filter(|(_, amounts)| amounts.contains_key(measure));
        Some(Least {
            left: magnitude(whole).checked_sub(magnitude(taken)).ok()?,
            day: parts.map(|(day, _)| *day).fold(from, i32::max),
        })
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
            // What was applied is no more there to be taken back.
            let is_open = self.item.is_some() && booked.opened() == Some(measure.as_str());
            let least = if is_open {
                self.open(day, i32::MAX)
            } else {
                self.rest(measure, given.exact, day)
            };
            let Some(least) = least else {
                return Some(Refusal::BeyondRange { of: of.to_owned() });
            };
            let own = Ratio::from(*amount);
            let fits = !own.is_zero()
                && own.is_negative() == given.exact.is_negative()
                && magnitude(own) <= least.left;
            if !fits {
                return Some(Refusal::MoreThanThere {
                    of: of.to_owned(),
                    measure: measure.clone(),
                    amount: *amount,
                    currency: given.currency,
                    worth: None,
                    left: given.signed(least.left).approximate(),
                    left_in: given.currency,
                    from: date(day),
                    day: date(least.day),
                });
            }
            let taken = self.taken.get(measure).copied().unwrap_or_default();
            let steps = if is_open { self.steps } else { taken.1 };
            let steps = steps.with(own);
            let fine = steps.is_some_and(|steps| steps.hold(booked, given.exact));
            (!fine).then(|| Refusal::BeyondRange { of: of.to_owned() })
        })
    }

    /// What became of the record.
    pub(crate) fn course(&self, booked: &Booked<'_>) -> Course {
        Course {
            reversed: self.reversed,
            reduced: booked.reduced(&self.in_order()),
            left: self.left(),
            back: self.back(booked),
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
            course,
        }
    }
}

/// What an application settles of an item, in the item's own currency and whatever its sign.
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

/// Why something cannot be applied so from a day up to another one, if so; where no days are given, why on none.
pub(crate) fn unfit<I>(
    application: &ApplicationDef<I>,
    to: Party<'_>,
    by: Option<Party<'_>>,
    days: Option<(i32, i32)>,
) -> Option<Refusal> {
    let misstated = misstated(application, &to, by.as_ref());
    misstated
        .or_else(|| to.beyond((application, Side::Settled), days))
        .or_else(|| by?.beyond((application, Side::Settling), days))
}

/// What of an application is wrong on any day: what it names opens no item, or its amount is in another currency or at no rate.
fn misstated<I>(
    application: &ApplicationDef<I>,
    to: &Party<'_>,
    by: Option<&Party<'_>>,
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
    let by = by.filter(|by| by.booked.kind.opens.is_some())?;
    let Some(own) = by.account.item else {
        return Some(Refusal::OpensNothing {
            of: by.name.to_owned(),
        });
    };
    let given = application.currency.or(item.currency);
    (own.currency != given).then(|| Refusal::CurrencyOfPayment {
        by: by.name.to_owned(),
        given,
        expected: own.currency,
    })
}

impl Party<'_> {
    /// What is wrong if the record is gone by then or more is applied than is open of its item, or nothing; where no days are given,
    /// if it is more than the whole item.
    fn beyond<I>(
        &self,
        (application, side): (&ApplicationDef<I>, Side),
        days: Option<(i32, i32)>,
    ) -> Option<Refusal> {
        let of = || self.name.to_owned();
        let gone = self.account.reversed.zip(days);
        if let Some((since, _)) = gone.filter(|(since, (day, _))| since <= day) {
            return Some(Refusal::GoneSince {
                of: of(),
                since: date(since),
            });
        }
        let item = self.account.item?;
        let (from, least) = if let Some((day, ends)) = days {
            (day, self.account.open(day, ends))
        } else {
            let (left, day) = (magnitude(item.exact), self.booked.row.day);
            (day, Some(Least { left, day }))
        };
        let own = settled(application, item, side);
        let Some((own, least)) = own.zip(least) else {
            return Some(Refusal::BeyondRange { of: of() });
        };
        let given = Ratio::from(application.amount);
        let is_turned = match side {
            Side::Settled => given.is_negative() != item.exact.is_negative(),
            // What settles may be recorded with the other sign, as credit notes are.
            Side::Settling => false,
        };
        if own.is_zero() || is_turned || own > least.left {
            let left = match side {
                Side::Settled => item.signed(least.left),
                Side::Settling => with_sign_of(given, least.left),
            };
            let worth = with_sign_of(given, own);
            let is_foreign = side == Side::Settled && application.rate.is_some();
            return Some(Refusal::MoreThanThere {
                of: of(),
                measure: self.booked.opened().unwrap_or_default().to_owned(),
                amount: application.amount,
                currency: application.currency.or(item.currency),
                worth: is_foreign.then(|| worth.approximate()),
                left: left.approximate(),
                left_in: item.currency,
                from: date(from),
                day: date(least.day),
            });
        }
        let steps = self.account.steps.with(own);
        let fine = steps.is_some_and(|steps| steps.hold(&self.booked, item.exact));
        (!fine).then(|| Refusal::BeyondRange { of: of() })
    }
}

/// A magnitude with the sign of a number.
fn with_sign_of(number: Ratio, magnitude: Ratio) -> Ratio {
    if number.is_negative() {
        Ratio::ZERO.checked_sub(magnitude).unwrap_or(magnitude)
    } else {
        magnitude
    }
}
