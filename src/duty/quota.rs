//! Activity quotas, with a floor and a stretch, one within another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::DutyError;
use crate::key::Key;

/// A quota as data: at least so many, better so many, and of these at least so many of a special sort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaDef {
    /// What is counted.
    pub counts: Key,
    /// At least so many.
    pub floor: u32,
    /// Better so many; the floor where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stretch: Option<u32>,
    /// Quotas for some of those that are counted here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of_which: Vec<QuotaDef>,
}

/// How deep quotas may stand within each other.
const MAX_DEPTH: usize = 8;

/// A checked quota: a stretch is not below its floor, and none asks for more than the one it stands in reaches.
///
/// ```
/// use quotaflow::duty::{Quota, QuotaStanding};
/// use std::collections::BTreeMap;
/// // 20 customers never dealt with before, of whom at least 2, better 4, come to cooperation.
/// let quota: Quota = serde_json::from_str(
///     r#"{"counts": "new contacts", "floor": 20, "of_which": [{"counts": "cooperations", "floor": 2, "stretch": 4}]}"#,
/// ).map_err(quotaflow::Error::unreadable)?;
/// let counts = BTreeMap::from([("new contacts".try_into()?, 21), ("cooperations".try_into()?, 3)]);
/// let lines = quota.standing(&counts)?;
/// assert_eq!((lines[0].standing, lines[1].standing), (QuotaStanding::Stretch, QuotaStanding::Floor));
/// assert_eq!(lines[1].missing_to_stretch, 1);
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "QuotaDef", into = "QuotaDef")]
pub struct Quota(QuotaDef);

/// How far a quota is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaStanding {
    /// Below the floor.
    Below,
    /// At the floor or above it, below the stretch.
    Floor,
    /// At the stretch or above it.
    Stretch,
}

/// What is said of one quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaLine {
    /// What is counted.
    pub counts: Key,
    /// How deep it stands within others, from 0.
    pub depth: usize,
    /// How many were reached.
    pub reached: u64,
    /// How many it asks for at least.
    pub floor: u64,
    /// How many are better.
    pub stretch: u64,
    /// How far it is met.
    pub standing: QuotaStanding,
    /// How many are missing to the floor.
    pub missing_to_floor: u64,
    /// How many are missing to the stretch.
    pub missing_to_stretch: u64,
}

impl Quota {
    /// Checks a quota.
    ///
    /// # Errors
    /// [`DutyError::StretchBelowFloor`], [`DutyError::QuotaBeyondWhole`], [`DutyError::Duplicate`] for a count that
    /// stands twice, [`DutyError::TooMany`] for quotas more than eight deep.
    pub fn new(definition: QuotaDef) -> Result<Self, DutyError> {
        let mut seen = Vec::new();
        check(&definition, 0, &mut seen)?;
        Ok(Self(definition))
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &QuotaDef {
        &self.0
    }

    /// Returns how far the quota and those within it are met; what is not counted was not reached at all.
    ///
    /// # Errors
    /// [`DutyError::CountBeyondWhole`] when more were reached of a sort than altogether.
    pub fn standing(&self, counts: &BTreeMap<Key, u64>) -> Result<Vec<QuotaLine>, DutyError> {
        let mut lines = Vec::new();
        tell(&self.0, 0, None, counts, &mut lines)?;
        Ok(lines)
    }
}

fn check(definition: &QuotaDef, depth: usize, seen: &mut Vec<Key>) -> Result<(), DutyError> {
    if depth >= MAX_DEPTH {
        let (what, limit) = ("levels of a quota", MAX_DEPTH);
        return Err(DutyError::TooMany {
            what,
            count: depth + 1,
            limit,
        });
    }
    if seen.contains(&definition.counts) {
        return Err(DutyError::Duplicate {
            what: "count of a quota",
            key: definition.counts.clone(),
        });
    }
    seen.push(definition.counts.clone());
    let stretch = definition.stretch.unwrap_or(definition.floor);
    if stretch < definition.floor {
        let (counts, floor) = (definition.counts.clone(), definition.floor);
        return Err(DutyError::StretchBelowFloor {
            counts,
            floor,
            stretch,
        });
    }
    for part in &definition.of_which {
        let wanted = part.stretch.unwrap_or(part.floor);
        if part.floor > definition.floor || wanted > stretch {
            let (counts, whole) = (part.counts.clone(), definition.counts.clone());
            return Err(DutyError::QuotaBeyondWhole { counts, whole });
        }
        check(part, depth + 1, seen)?;
    }
    Ok(())
}

fn tell(
    definition: &QuotaDef,
    depth: usize,
    whole: Option<(&Key, u64)>,
    counts: &BTreeMap<Key, u64>,
    lines: &mut Vec<QuotaLine>,
) -> Result<(), DutyError> {
    let reached = counts.get(&definition.counts).copied().unwrap_or(0);
    if let Some((whole, most)) = whole.filter(|(_, most)| reached > *most) {
        let (counts, whole) = (definition.counts.clone(), whole.clone());
        return Err(DutyError::CountBeyondWhole {
            counts,
            reached,
            whole,
            most,
        });
    }
    let floor = u64::from(definition.floor);
    let stretch = u64::from(definition.stretch.unwrap_or(definition.floor));
    lines.push(QuotaLine {
        counts: definition.counts.clone(),
        depth,
        reached,
        floor,
        stretch,
        standing: if reached >= stretch {
            QuotaStanding::Stretch
        } else if reached >= floor {
            QuotaStanding::Floor
        } else {
            QuotaStanding::Below
        },
        missing_to_floor: floor.saturating_sub(reached),
        missing_to_stretch: stretch.saturating_sub(reached),
    });
    for part in &definition.of_which {
        tell(
            part,
            depth + 1,
            Some((&definition.counts, reached)),
            counts,
            lines,
        )?;
    }
    Ok(())
}

impl TryFrom<QuotaDef> for Quota {
    type Error = DutyError;

    fn try_from(definition: QuotaDef) -> Result<Self, DutyError> {
        Self::new(definition)
    }
}

impl From<Quota> for QuotaDef {
    fn from(quota: Quota) -> Self {
        quota.0
    }
}
