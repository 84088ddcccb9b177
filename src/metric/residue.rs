//! What exact shares are beside whole quanta.

use std::collections::BTreeMap;

use crate::quantity::{Ratio, gcd};

/// What exact shares are more than the whole quanta that stand for them, by a place of two numbers: the bit and cell of a
/// bank, the cell and entity of what is held, the subject and period of what is open. None of them is 0. Where a sum leaves
/// its range there is none.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Residues(pub(super) BTreeMap<(u32, u32), Option<Ratio>>);

impl Residues {
    pub(super) fn add(&mut self, bit: u32, cell: u32, more: Option<Ratio>) {
        let known = self.0.entry((bit, cell)).or_insert(Some(Ratio::ZERO));
        *known = known
            .zip(more)
            .and_then(|(own, more)| own.checked_add(more).ok());
        if *known == Some(Ratio::ZERO) {
            self.0.remove(&(bit, cell));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for ((bit, cell), more) in &other.0 {
            self.add(*bit, *cell, *more);
        }
    }
}

/// A row's exact share of a number less the whole quanta that stand for it; nothing where that leaves the range.
pub(super) fn residue(share: Ratio, whole: i64, added: i64) -> Option<Ratio> {
    let exact = share.checked_mul(Ratio::from(whole)).ok()?;
    exact.checked_sub(Ratio::from(added)).ok()
}

/// The least common denominator of some residues; those that would need a larger one than is kept are left out of it.
pub(super) fn common<'a>(residues: impl Iterator<Item = &'a Option<Ratio>>) -> i128 {
    let mut common = 1_i128;
    for residue in residues.flatten() {
        let shared = gcd(common.unsigned_abs(), residue.denominator().unsigned_abs());
        let more = residue.denominator() / i128::try_from(shared).unwrap_or(1);
        if let Some(next) = common.checked_mul(more).filter(|next| *next <= 1 << 62) {
            common = next;
        }
    }
    common
}

/// Whole quanta and what exact shares are more, in parts of a quantum; nothing where that leaves the range.
pub(super) fn scaled(whole: i128, residue: Option<&Option<Ratio>>, common: i128) -> Option<i128> {
    let own = whole.checked_mul(common)?;
    let Some(residue) = residue else {
        return Some(own);
    };
    let residue = (*residue)?;
    if common % residue.denominator() != 0 {
        return None;
    }
    let more = residue
        .numerator()
        .checked_mul(common / residue.denominator())?;
    own.checked_add(more)
}
