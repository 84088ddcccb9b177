//! The inverse of a basis: who has half as much weighs twice as much.

use super::{Raw, Resolver};
use crate::plan::frame::SKIPPED;
use crate::plan::{BasisDef, BasisError, MissingMember, NodeId, PlanError};
use crate::quantity::gcd;

impl Resolver<'_> {
    /// Returns the inverse of the weights of a basis. Those of whoever has no figure and weighs nothing, or an equal share, stay.
    pub(super) fn inverse(&self, of: &BasisDef) -> Result<Raw, PlanError> {
        if matches!(of, BasisDef::Inverse(_) | BasisDef::Blend(_)) {
            return Err(PlanError::Basis(BasisError::NestedInverse {
                step: self.frame.steps[self.step].name.clone(),
                basis: of.name(),
            }));
        }
        // Half the days are half of the inverse, and not the inverse of half.
        let whole = Resolver {
            by_days: false,
            ..*self
        };
        let mut raw = whole.raw(of)?;
        whole.read_signs(&mut raw.weights)?;
        let level = &self.frame.levels[self.step + 1];
        let mut none = vec![false; raw.weights.len()];
        for missing in &raw.missing {
            none[missing.index] = !matches!(missing.weight, MissingMember::Weight(_));
        }
        let zero = |index: &usize| {
            let is_of_none = || level.coords[*index] == SKIPPED || self.is_nobodys(*index);
            raw.weights[*index] == 0 && !none[*index] && !is_of_none()
        };
        let zeros: Vec<usize> = (0..raw.weights.len()).filter(zero).collect();
        if !zeros.is_empty() {
            let place = |index: &usize| self.frame.path(NodeId::new(self.step + 1, *index));
            return Err(PlanError::Basis(BasisError::NoInverse {
                step: self.frame.steps[self.step].name.clone(),
                places: zeros.iter().map(place).collect(),
            }));
        }
        for parent in 0..self.frame.count(self.step) {
            let children = self.frame.levels[self.step].children(parent);
            invert(&mut raw.weights[children], self.places);
        }
        raw.weights = self.prorated(raw.weights)?;
        Ok(raw)
    }
}

/// Replaces positive weights by whole numbers in inverse proportion of at most so many binary places, rounded at the last one where
/// there are none as small, and leaves zeros.
fn invert(weights: &mut [i128], places: u32) {
    let common = weights
        .iter()
        .fold(0, |common, weight| gcd(common, weight.unsigned_abs()));
    let mut own = weights
        .iter()
        .map(|weight| weight.unsigned_abs() / common.max(1))
        .filter(|weight| *weight > 0);
    let multiple = own.clone().try_fold(1_u128, |all, weight| {
        let all = (all / gcd(all, weight)).checked_mul(weight)?;
        (all <= 1 << places).then_some(all)
    });
    let least = own.next().map_or(1, |first| own.fold(first, u128::min));
    // The smallest keeps 62 bits, so that it may be moved by 64 places.
    let shift = (u128::BITS - least.leading_zeros()).saturating_sub(62);
    for weight in weights.iter_mut().filter(|weight| **weight != 0) {
        let own = weight.unsigned_abs() / common.max(1);
        let inverse = multiple.map_or_else(
            || {
                let own = own >> shift;
                ((((least >> shift) << places) + own / 2) / own).max(1)
            },
            |multiple| multiple / own,
        );
        // At most 2^64.
        *weight = i128::try_from(inverse).unwrap_or(i128::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::invert;

    #[test]
    fn inverse_proportions_are_exact_where_64_bits_hold_them_and_near_elsewhere() {
        let inverted = |weights: &[i128]| {
            let mut weights = weights.to_vec();
            invert(&mut weights, 64);
            weights
        };
        assert_eq!(inverted(&[]), [] as [i128; 0]);
        assert_eq!(inverted(&[0, 0]), [0, 0]);
        assert_eq!(inverted(&[7]), [1]);
        assert_eq!(inverted(&[100, 200, 400, 0]), [4, 2, 1, 0]);
        assert_eq!(inverted(&[2, 3, 4]), [6, 4, 3]);
        let large = 1_i128 << 64;
        assert_eq!(inverted(&[1, large]), [large, 1]);
        // Three primes near 2^40: no whole numbers of 64 bits are in their proportions.
        let primes = [1_099_511_627_689, 1_099_511_627_609, 1_099_511_627_581];
        let found = inverted(&primes);
        assert_eq!(found[2], large);
        for (weight, prime) in found.iter().zip(primes) {
            let exact = large * primes[2];
            assert!(
                (weight * prime - exact).abs() <= prime / 2 + 1,
                "{weight} {prime}"
            );
        }
        // Weights near the limit keep their proportions too.
        let near = inverted(&[(1 << 125) + 1, 1 << 124, (1 << 124) + 3]);
        assert_eq!((near[1], near[0]), (large, large / 2));
        // Next to nothing is not nothing.
        assert_eq!(inverted(&[3, 1_i128 << 100, (1_i128 << 90) + 1])[1], 1);
    }
}
