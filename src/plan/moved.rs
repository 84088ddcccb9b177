//! By how much amounts moved.

/// By how much each amount of a run moved, in the narrowest integers that hold them all: a plan keeps what every change
/// did, and most changes move amounts by little. Differences are taken and put back modulo 2^64, which loses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Moved {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

impl Moved {
    /// Sets amounts and returns what that moved, or `None` if they were so already.
    pub(super) fn set(amounts: &mut [i64], new: &[i64]) -> Option<Self> {
        let mut narrow = vec![0_i32; new.len()];
        // One pass without branches: what does not fit leaves a trace.
        let (mut moved, mut wide) = (0_i64, false);
        for ((narrow, now), new) in narrow.iter_mut().zip(&*amounts).zip(new) {
            let by = new.wrapping_sub(*now);
            *narrow = low_bits(by);
            moved |= by;
            // The least number has no opposite.
            wide |= i64::from(*narrow) != by || *narrow == i32::MIN;
        }
        if moved == 0 {
            return None;
        }
        let moved = if wide {
            let by = amounts.iter().zip(new);
            Self::Wide(by.map(|(now, new)| new.wrapping_sub(*now)).collect())
        } else {
            Self::Narrow(narrow)
        };
        amounts.copy_from_slice(new);
        Some(moved)
    }

    /// Takes back what moved, and turns into what undoes that.
    pub(super) fn take_back(&mut self, amounts: &mut [i64]) {
        match self {
            Self::Narrow(moved) => {
                for (now, by) in amounts.iter_mut().zip(moved) {
                    *now = now.wrapping_sub(i64::from(*by));
                    *by = -*by;
                }
            }
            Self::Wide(moved) => {
                for (now, by) in amounts.iter_mut().zip(moved) {
                    *now = now.wrapping_sub(*by);
                    *by = by.wrapping_neg();
                }
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Narrow(moved) => moved.len(),
            Self::Wide(moved) => moved.len(),
        }
    }

    /// Returns by how much the amount at a place of the run moved; by nothing outside of it.
    pub(super) fn by(&self, place: usize) -> i64 {
        match self {
            Self::Narrow(moved) => moved.get(place).copied().map_or(0, i64::from),
            Self::Wide(moved) => moved.get(place).copied().unwrap_or(0),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "whether the low 32 bits are the value is asked afterwards"
)]
fn low_bits(whole: i64) -> i32 {
    whole as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount() -> impl Strategy<Value = i64> {
        let far = i64::from(i32::MIN);
        prop_oneof![
            Just(i64::MIN),
            Just(i64::MAX),
            Just(far),
            -5_i64..5,
            any::<i64>()
        ]
    }

    proptest! {
        #[test]
        fn what_moved_is_taken_back_and_made_again(pairs in prop::collection::vec((amount(), amount()), 0..9)) {
            let (old, new): (Vec<i64>, Vec<i64>) = pairs.into_iter().unzip();
            let mut amounts = old.clone();
            let Some(mut moved) = Moved::set(&mut amounts, &new) else {
                prop_assert_eq!(old, new);
                return Ok(());
            };
            prop_assert_eq!(&amounts, &new);
            moved.take_back(&mut amounts);
            prop_assert_eq!(&amounts, &old);
            moved.take_back(&mut amounts);
            prop_assert_eq!(&amounts, &new);
        }
    }

    #[test]
    fn small_moves_are_kept_narrow() {
        let (near, far) = (i64::from(i32::MAX), i64::from(i32::MIN));
        for (by, narrow) in [
            (1, true),
            (near, true),
            (-near, true),
            (near + 1, false),
            (far, false),
        ] {
            let moved = Moved::set(&mut [1 << 40], &[(1 << 40) + by]).unwrap();
            assert_eq!(matches!(moved, Moved::Narrow(_)), narrow, "{by}");
            assert_eq!((moved.by(0), moved.by(1), moved.len()), (by, 0, 1));
        }
    }
}
