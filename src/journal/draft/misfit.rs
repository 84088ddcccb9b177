//! Why a reversal or an application does not fit what it refers to, and what came of a record by those that do.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use super::Draft;
use crate::journal::entry::{ApplicationDef, Content, Entry, ReversalDef};
use crate::journal::error::Rejection;
use crate::journal::id::EntryId;
use crate::journal::journal::Journal;
use crate::key::unknown;
use crate::ledger::{Kind, NO_AMOUNT, Part, Sifted};
use crate::measure::{Currency, Unit};
use crate::metric::Course;
use crate::quantity::{Quantum, Ratio, Rounding};

/// An amount of a record as it was given.
#[derive(Clone, Copy)]
struct Given {
    exact: Ratio,
    /// Its quanta in the measure of the kind.
    units: i64,
    quantum: Quantum,
    currency: Option<Currency>,
}

/// What no number of whole quanta, or no share, can say.
fn out_of_range(of: &EntryId) -> Rejection {
    Rejection::BeyondRange { of: of.clone() }
}

impl Draft<'_> {
    /// What was checked of a new record.
    pub(super) fn checked(&self, at: u32) -> Option<&Sifted> {
        let place = (at as usize).checked_sub(self.journal.entries.len())?;
        self.sifted.get(place)?.as_ref()
    }

    /// A record, checked when it came.
    pub(in crate::journal) fn sifted(&self, at: u32) -> Option<Cow<'_, Sifted>> {
        if let Some(sifted) = self.checked(at) {
            return Some(Cow::Borrowed(sifted));
        }
        match self.entry(at).content() {
            Content::Record(record) => self.journal.checker.sift(record).ok().map(Cow::Owned),
            _ => None,
        }
    }

    /// Why an entry does not fit what it refers to, all of which stands; with that and its day.
    pub(super) fn misfit(&self, at: u32) -> Option<(EntryId, NaiveDate, Rejection)> {
        let entry = self.entry(at);
        let (of, reason) = match entry.content() {
            Content::Reverse(reversal) => {
                (&reversal.of, self.reversal_misfit(at, entry, reversal)?)
            }
            Content::Apply(application) => self.application_misfit(entry, application)?,
            _ => return None,
        };
        let day = self.find(of).map_or(entry.day(), |of| self.entry(of).day());
        Some((of.clone(), day, reason))
    }

    fn before(&self, entry: &Entry, of: &EntryId) -> Option<Rejection> {
        let since = self.entry(self.find(of)?).day();
        (entry.day() < since).then(|| Rejection::ReversedBefore {
            day: entry.day(),
            of: of.clone(),
            since,
        })
    }

    /// Says that a record gives no amount of this measure, and of which it does.
    fn unknown_amount(&self, of: &EntryId, sifted: &Sifted, name: &str) -> Rejection {
        let kind = self.journal.kind(sifted);
        let fields = kind.definition.measures.iter().enumerate();
        let given = fields
            .filter(|(at, field)| !field.is_derived() && self.journal.given(sifted, *at).is_some());
        let (name, nearest, known) = unknown(name, given.map(|(_, field)| field.measure.as_str()));
        Rejection::UnknownAmount {
            of: of.clone(),
            name,
            nearest,
            known,
        }
    }

    fn reversal_misfit(&self, at: u32, entry: &Entry, reversal: &ReversalDef) -> Option<Rejection> {
        let of = &reversal.of;
        let original = self.find(of)?;
        let is_whole = reversal.amounts.is_empty();
        match self.entry(original).content() {
            Content::Record(_) => {}
            Content::Apply(_) if is_whole => return self.before(entry, of),
            _ => return Some(Rejection::NotARecord { of: of.clone() }),
        }
        if let Some(before) = self.before(entry, of) {
            return Some(before);
        }
        let sifted = self.sifted(original)?;
        if sifted.row.share.is_some() && !is_whole {
            return Some(Rejection::SharedInPart { of: of.clone() });
        }
        let kind = self.journal.kind(&sifted);
        reversal.amounts.iter().find_map(|(measure, amount)| {
            let field = kind.measure(measure);
            let field = field.filter(|field| !kind.definition.measures[*field].is_derived());
            let Some(given) = field.and_then(|field| self.journal.given(&sifted, field)) else {
                return Some(self.unknown_amount(of, &sifted, measure));
            };
            let others = self
                .referring_to(of)
                .filter(|other| *other < at && self.stands(*other));
            let taken = others.filter_map(|other| match self.entry(other).content() {
                Content::Reverse(other) => other.amounts.get(measure),
                _ => None,
            });
            let before = taken.into_iter().try_fold(Ratio::ZERO, |sum, amount| {
                sum.checked_add(Ratio::from(*amount))
            });
            let own = Ratio::from(*amount);
            let rest = before.and_then(|before| given.exact.checked_sub(before));
            let Ok(rest) = rest else {
                return Some(out_of_range(of));
            };
            let fits = !own.is_zero()
                && own.is_negative() == given.exact.is_negative()
                && if own.is_negative() {
                    own >= rest
                } else {
                    own <= rest
                };
            (!fits).then(|| Rejection::MoreThanThere {
                of: of.clone(),
                measure: measure.clone(),
                amount: *amount,
                left: rest.approximate(),
            })
        })
    }

    fn application_misfit<'e>(
        &self,
        entry: &Entry,
        application: &'e ApplicationDef,
    ) -> Option<(&'e EntryId, Rejection)> {
        for of in std::iter::once(&application.to).chain(&application.by) {
            if !matches!(self.entry(self.find(of)?).content(), Content::Record(_)) {
                return Some((of, Rejection::NotARecord { of: of.clone() }));
            }
            if let Some(before) = self.before(entry, of) {
                return Some((of, before));
            }
        }
        let to = &application.to;
        let Some(item) = self.item(to) else {
            return Some((to, Rejection::OpensNothing { of: to.clone() }));
        };
        let foreign = application
            .currency
            .filter(|own| Some(*own) != item.currency);
        if foreign.is_some() != application.rate.is_some() {
            let (given, expected) = (application.currency, item.currency);
            let reason = Rejection::RateOfApplication {
                of: to.clone(),
                given,
                expected,
            };
            return Some((to, reason));
        }
        let settled = self.settled(application, to);
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
            None => Some((to, out_of_range(to))),
            Some(amount)
                if amount.is_zero() || amount.is_negative() != item.exact.is_negative() =>
            {
                let measure = self
                    .kind_of(to)
                    .and_then(|kind| kind.definition.opens.clone());
                let reason = Rejection::MoreThanThere {
                    of: to.clone(),
                    measure: measure.map_or_else(String::new, |key| key.as_str().to_owned()),
                    amount: application.amount,
                    left: item.exact.approximate(),
                };
                Some((to, reason))
            }
            Some(_) => None,
        }
    }

    fn kind_of(&self, of: &EntryId) -> Option<&Kind> {
        let sifted = self.sifted(self.find(of)?)?;
        Some(&self.journal.model.schema().compiled()[sifted.kind])
    }

    /// The item that a record opens, if it opens any.
    fn item(&self, of: &EntryId) -> Option<Given> {
        let sifted = self.sifted(self.find(of)?)?;
        let field = self.journal.kind(&sifted).opens?;
        self.journal
            .given(&sifted, field)
            .filter(|given| !given.exact.is_zero())
    }

    /// What an application settles of the item of one of the records that it names, in that item's own currency.
    fn settled(&self, application: &ApplicationDef, of: &EntryId) -> Option<Ratio> {
        let (item, own) = (self.item(&application.to)?, self.item(of)?);
        let amount = Ratio::from(application.amount);
        let converted = || {
            let Some(rate) = application.rate else {
                return Some(amount);
            };
            let units = item.quantum.round(
                amount.checked_mul(Ratio::from(rate)).ok()?,
                Rounding::default(),
            );
            Some(Ratio::from(crate::quantity::Number::from(
                item.quantum.amount(units.ok()?),
            )))
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
        let turned = *of != application.to && settled.is_negative() != own.exact.is_negative();
        if turned {
            Ratio::ZERO.checked_sub(settled).ok()
        } else {
            Some(settled)
        }
    }
}

impl Draft<'_> {
    /// What became of a record by the entries that stand.
    pub(in crate::journal) fn course(
        &self,
        at: u32,
        sifted: &Sifted,
        stands: &dyn Fn(u32) -> bool,
    ) -> Course {
        let id = self.entry(at).id();
        let number = |at: u32| self.entry(at).day().num_days_from_ce();
        if self.referring_to(id).next().is_none() {
            return Course::default();
        }
        let (mut reversed, mut parts, mut applied) = (None, Vec::new(), Vec::new());
        for other in self.referring_to(id).filter(|other| stands(*other)) {
            match self.entry(other).content() {
                Content::Reverse(reversal) if reversal.amounts.is_empty() => {
                    reversed = Some(number(other));
                }
                Content::Reverse(reversal) => parts.push((number(other), other, reversal)),
                Content::Apply(application) => {
                    let begins = number(other);
                    let ends = self.ends(other, application, stands).unwrap_or(i32::MAX);
                    let settled = self.settled(application, id);
                    applied.extend(
                        settled
                            .filter(|_| begins < ends)
                            .map(|own| (begins, ends, own)),
                    );
                }
                _ => {}
            }
        }
        parts.sort_unstable_by_key(|(day, other, _)| (*day, *other));
        let reduced = self.journal.reduced(sifted, &parts);
        let left = self.left(sifted, reversed, &parts, &applied);
        Course {
            reversed,
            reduced,
            left,
        }
    }

    /// The day from which an application holds no more: it, or what it applies, was taken back.
    fn ends(
        &self,
        at: u32,
        application: &ApplicationDef,
        stands: &dyn Fn(u32) -> bool,
    ) -> Option<i32> {
        let names = std::iter::once(self.entry(at).id()).chain(&application.by);
        let reversals = names
            .flat_map(|of| self.referring_to(of))
            .filter(|other| stands(*other));
        let days = reversals.filter_map(|other| match self.entry(other).content() {
            Content::Reverse(reversal) if reversal.amounts.is_empty() => {
                Some(self.entry(other).day().num_days_from_ce())
            }
            _ => None,
        });
        days.min()
    }

    /// By day, which share of the item is left.
    fn left(
        &self,
        sifted: &Sifted,
        reversed: Option<i32>,
        parts: &[(i32, u32, &ReversalDef)],
        applied: &[(i32, i32, Ratio)],
    ) -> Vec<(i32, Ratio)> {
        let kind = self.journal.kind(sifted);
        let end = reversed.map(|day| (day, Ratio::ZERO));
        let item = kind
            .opens
            .and_then(|field| Some((field, self.journal.given(sifted, field)?)));
        let Some((field, item)) = item.filter(|(_, item)| !item.exact.is_zero()) else {
            return end.into_iter().collect();
        };
        let measure = kind.definition.measures[field].measure.as_str();
        let less = |amount: Ratio| Ratio::ZERO.checked_sub(amount).unwrap_or(Ratio::ZERO);
        let parts = parts.iter().filter_map(|(day, _, reversal)| {
            let amount = reversal.amounts.get(measure)?;
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
}

impl Journal {
    fn kind(&self, sifted: &Sifted) -> &Kind {
        &self.model.schema().compiled()[sifted.kind]
    }

    /// An amount that a record gave.
    fn given(&self, sifted: &Sifted, field: usize) -> Option<Given> {
        let row = &sifted.row;
        let shares = row.others.iter().filter(|other| other.part == Part::Share);
        let shares = shares.filter_map(|other| other.amounts.get(field));
        let given = row.amounts.get(field).into_iter().chain(shares);
        let units = given
            .copied()
            .filter(|units| *units != NO_AMOUNT)
            .reduce(i64::saturating_add)?;
        let measure = self
            .kind(sifted)
            .measured(self.model.schema().measures(), field);
        let foreign = sifted.row.foreign.as_ref();
        let foreign =
            foreign.and_then(|own| Some((own.currency, *own.amounts.get(field)?.as_ref()?)));
        let own = match measure.unit {
            Unit::Money(currency) => Some(currency),
            _ => None,
        };
        Some(Given {
            exact: match foreign {
                Some((_, amount)) => Ratio::from(amount),
                None => Ratio::from(crate::quantity::Number::from(measure.quantum.amount(units))),
            },
            units,
            quantum: measure.quantum,
            currency: foreign.map(|(currency, _)| currency).or(own),
        })
    }

    /// By day, how many quanta of each amount are taken back: what has been so far, rounded, less what had been before.
    pub(in crate::journal) fn reduced(
        &self,
        sifted: &Sifted,
        parts: &[(i32, u32, &ReversalDef)],
    ) -> Vec<(i32, Vec<i64>)> {
        let kind = self.kind(sifted);
        let fields = &kind.definition.measures;
        let mut sums = vec![Ratio::ZERO; fields.len()];
        let mut before = vec![0_i64; fields.len()];
        let mut found = Vec::with_capacity(parts.len());
        for (day, _, reversal) in parts {
            for (measure, amount) in &reversal.amounts {
                if let Some(field) = kind.measure(measure)
                    && let Ok(sum) = sums[field].checked_add(Ratio::from(*amount))
                {
                    sums[field] = sum;
                }
            }
            let units: Vec<i64> = (0..fields.len())
                .map(|field| {
                    // What is restated follows what it restates.
                    let of = kind.exchanges[field].map_or(field, |exchanged| exchanged.of);
                    let given = self
                        .given(sifted, of)
                        .filter(|given| !given.exact.is_zero());
                    let own = sifted.row.amounts[field];
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
