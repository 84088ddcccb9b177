//! Credit: one record that several people share, in parts that make the whole exactly, and overlay credit beside it.

use serde::{Deserialize, Serialize};

use super::absent::NO_AMOUNT;
use super::error::Refusal;
use crate::allocation::{AllocationError, Method, WeightPolicy, Weights, allocate_into};
use crate::measure::{Additivity, Measure};
use crate::quantity::{Ratio, Rounding, divide};
use crate::space::Placement;

/// The part of a record that is credited to one member.
///
/// Shares of a record make exactly 100 %. A sum over records adds the exact shares up and is rounded once, where it is
/// shown, by largest remainder over the rows of a period, so that these make up what was booked. What is of single records
/// (their number, mean, extremes, a threshold) asks the whole record; in whose rows it stands then is a choice
/// ([`Sharing`](crate::metric::Sharing)). Overlay credit stands beside the amount and is no part of it:
/// a specialist who helped has 25 % of what others booked whole. Figures do not hold it unless they ask for it
/// ([`CreditUse`](crate::metric::CreditUse)).
///
/// ```
/// use quotaflow::ledger::{Credit, Record};
/// use quotaflow::quantity::Ratio;
/// let deal = Record::new("order", "2026-03-14".parse()?)
///     .credit("ann", Ratio::percent(70))
///     .credit("bo", Ratio::percent(30))
///     .overlay("sam", Ratio::percent(25));
/// assert_eq!(deal.credits[2], Credit::overlay("sam", Ratio::percent(25)));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// The member.
    pub member: String,
    /// Its share: above 0, at most 1.
    pub share: Ratio,
    /// Whether it is part of the whole or stands beside it.
    #[serde(default, skip_serializing_if = "CreditKind::is_split")]
    pub kind: CreditKind,
}

impl Credit {
    /// Returns a part of the whole.
    #[must_use]
    pub fn split(member: impl Into<String>, share: Ratio) -> Self {
        Self {
            member: member.into(),
            share,
            kind: CreditKind::Split,
        }
    }

    /// Returns credit beside the whole.
    #[must_use]
    pub fn overlay(member: impl Into<String>, share: Ratio) -> Self {
        Self {
            member: member.into(),
            share,
            kind: CreditKind::Overlay,
        }
    }
}

/// Whether credit is part of the whole or stands beside it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CreditKind {
    /// Part of the whole: these make 100 %. The default.
    #[default]
    Split,
    /// Beside the whole.
    Overlay,
}

impl CreditKind {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the form that serde asks for"
    )]
    fn is_split(&self) -> bool {
        *self == Self::Split
    }
}

/// What a row of a table is to its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// All of it.
    #[default]
    Whole,
    /// The first share: the record is counted here.
    Lead,
    /// A further share.
    Share,
    /// Credit beside it.
    Overlay,
}

/// A further row of a record: whose, which part, and what of its amounts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PartRow {
    pub(crate) place: Placement,
    /// Where all its members stand, if not where those of the first row do.
    pub(crate) beside: Vec<Placement>,
    pub(crate) part: Part,
    pub(crate) share: Ratio,
    pub(crate) amounts: Vec<i64>,
}

/// Checks the shares of a record.
pub(super) fn check(credits: &[Credit]) -> Result<(), Refusal> {
    let mut sum = Ratio::ZERO;
    for (at, credit) in credits.iter().enumerate() {
        if credit.share <= Ratio::ZERO || credit.share > Ratio::ONE {
            return Err(Refusal::CreditShare {
                member: credit.member.clone(),
                share: credit.share,
            });
        }
        if credits[..at]
            .iter()
            .any(|other| other.member == credit.member && other.kind == credit.kind)
        {
            return Err(Refusal::CreditTwice {
                member: credit.member.clone(),
            });
        }
        if credit.kind == CreditKind::Split {
            let fine = Refusal::CreditTooFine {
                member: credit.member.clone(),
            };
            sum = sum.checked_add(credit.share).map_err(|_| fine)?;
        }
    }
    if sum == Ratio::ONE {
        Ok(())
    } else {
        Err(Refusal::CreditSum { sum })
    }
}

/// Splits the amounts of a record: one list for each credit. Ratings are not split; they stay with the first share.
pub(super) fn split(
    credits: &[Credit],
    amounts: &[i64],
    measures: &[&Measure],
) -> Result<Vec<Vec<i64>>, Refusal> {
    let sharers: Vec<&Credit> = credits
        .iter()
        .filter(|credit| credit.kind == CreditKind::Split)
        .collect();
    let shares: Vec<Ratio> = sharers.iter().map(|credit| credit.share).collect();
    // Shares that make exactly one are positive and can only be too fine.
    let fine = || Refusal::CreditTooFine {
        member: sharers
            .first()
            .map(|credit| credit.member.clone())
            .unwrap_or_default(),
    };
    let weights = Weights::new(&shares, WeightPolicy::default()).map_err(|_| fine())?;
    let mut parts = vec![Vec::with_capacity(amounts.len()); credits.len()];
    for (amount, measure) in amounts.iter().zip(measures) {
        let given = given(*amount, measure, (&weights, shares.len()));
        let mut given = given.map_err(|_| fine())?.into_iter();
        for (credit, part) in credits.iter().zip(&mut parts) {
            part.push(match credit.kind {
                CreditKind::Split => given.next().unwrap_or(NO_AMOUNT),
                CreditKind::Overlay => beside(*amount, credit.share, measure),
            });
        }
    }
    Ok(parts)
}

/// What each of so many sharers has of an amount in whole quanta; a rating stays with the first.
fn given(
    amount: i64,
    measure: &Measure,
    (weights, count): (&Weights, usize),
) -> Result<Vec<i64>, AllocationError> {
    let mut given = vec![NO_AMOUNT; count];
    if amount == NO_AMOUNT || measure.additivity == Additivity::Rating {
        if let Some(first) = given.first_mut() {
            *first = amount;
        }
    } else {
        allocate_into(amount, weights, Method::LargestRemainder, &mut given)?;
    }
    Ok(given)
}

/// Splits the amounts of a record by shares that make up the whole: one list for each. What lies between whole quanta and exact shares
/// is kept beside them, so that shares too fine to divide by leave all to the first.
pub(crate) fn parts_of(shares: &[Ratio], amounts: &[i64], measures: &[&Measure]) -> Vec<Vec<i64>> {
    let weights = Weights::new(shares, WeightPolicy::default()).ok();
    let mut parts = vec![Vec::with_capacity(amounts.len()); shares.len()];
    for (amount, measure) in amounts.iter().zip(measures) {
        let own = weights.as_ref();
        let own = own.and_then(|own| given(*amount, measure, (own, shares.len())).ok());
        let own = own.unwrap_or_else(|| {
            let rest = if *amount == NO_AMOUNT { NO_AMOUNT } else { 0 };
            let first = std::iter::once(*amount);
            first.chain(shares.iter().skip(1).map(|_| rest)).collect()
        });
        for (part, units) in parts.iter_mut().zip(own) {
            part.push(units);
        }
    }
    parts
}

/// The share of an amount, rounded to the nearest quantum, half away from zero.
fn beside(amount: i64, share: Ratio, measure: &Measure) -> i64 {
    if amount == NO_AMOUNT || measure.additivity == Additivity::Rating {
        return NO_AMOUNT;
    }
    i128::from(amount)
        .checked_mul(share.numerator())
        .and_then(|product| divide(product, share.denominator(), Rounding::HalfAwayFromZero))
        .and_then(|units| i64::try_from(units).ok())
        .unwrap_or(NO_AMOUNT)
}

/// What each credit's row is: the first share leads, and is where the record is counted.
pub(super) fn part_of(credits: &[Credit], at: usize) -> Part {
    let before = credits[..at]
        .iter()
        .any(|credit| credit.kind == CreditKind::Split);
    match (credits[at].kind, before) {
        (CreditKind::Overlay, _) => Part::Overlay,
        (CreditKind::Split, false) => Part::Lead,
        (CreditKind::Split, true) => Part::Share,
    }
}
