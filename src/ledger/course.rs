//! What became of a record after it came in.

use serde::{Deserialize, Serialize};

use crate::quantity::Ratio;

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Course {
    /// The day on which it was taken back as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reversed: Option<i32>,
    /// By day, how many quanta of each amount were taken back of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) reduced: Vec<(i32, Vec<i64>)>,
    /// By day, which share of its item is left from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left: Vec<(i32, Ratio)>,
    /// By day, which share of its item was taken back in part so far.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) back: Vec<(i32, Ratio)>,
}

impl Course {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Of a record of which nothing became but that it was taken back as a whole.
    pub(crate) fn ended(day: i32) -> Self {
        Self {
            reversed: Some(day),
            reduced: Vec::new(),
            left: vec![(day, Ratio::ZERO)],
            back: Vec::new(),
        }
    }

    /// By day, which share of its item is left where the parts that are taken back by a day are gone since ever.
    pub(crate) fn left_since_ever(&self, through: i32) -> Vec<(i32, Ratio)> {
        let by = |day: i32| {
            let known = self.back.partition_point(|(own, _)| *own <= day);
            let last = known.checked_sub(1).and_then(|last| self.back.get(last));
            last.map_or(Ratio::ZERO, |(_, share)| *share)
        };
        let all = by(through);
        if all.is_zero() {
            return self.left.clone();
        }
        let before = (i32::MIN, Ratio::ONE.checked_sub(all).unwrap_or(Ratio::ONE));
        let seen = self.left.iter().filter(|(day, _)| *day <= through);
        let seen = seen.map(|(day, left)| {
            if self.reversed == Some(*day) {
                return (*day, Ratio::ZERO);
            }
            let later = all.checked_sub(by(*day));
            let own = later.and_then(|later| left.checked_sub(later));
            (*day, own.unwrap_or(*left))
        });
        std::iter::once(before).chain(seen).collect()
    }
}
