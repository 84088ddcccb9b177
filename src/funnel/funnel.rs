//! Stages as data: their order, what they end in, the allowed moves, norms and chances.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::error::FunnelError;
use crate::document::Version;
use crate::key::{Key, unknown};
use crate::quantity::Ratio;
use crate::text::Texts;

/// What being in a stage means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// On the way. The default.
    #[default]
    Open,
    /// The good end.
    Won,
    /// The bad end.
    Lost,
}

/// A stage of a funnel as data: open, won or lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageDef {
    /// The stable name.
    pub key: Key,
    /// What it is shown as.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// What being in it means.
    #[serde(default)]
    pub kind: StageKind,
    /// How many days one visit to it should last at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub norm_days: Option<u32>,
    /// The chance that what is in it will be won, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chance: Option<Ratio>,
}

impl StageDef {
    /// Returns an open stage without norm or chance.
    #[must_use]
    pub fn open(key: Key) -> Self {
        Self {
            key,
            title: Texts::default(),
            kind: StageKind::Open,
            norm_days: None,
            chance: None,
        }
    }

    /// Returns the stage with this kind.
    #[must_use]
    pub fn ending(mut self, kind: StageKind) -> Self {
        self.kind = kind;
        self
    }

    /// Returns the stage with this norm in days.
    #[must_use]
    pub fn norm(mut self, days: u32) -> Self {
        self.norm_days = Some(days);
        self
    }

    /// Returns the stage with this chance.
    #[must_use]
    pub fn chance(mut self, chance: Ratio) -> Self {
        self.chance = Some(chance);
        self
    }
}

/// A funnel as data: its stages in order, and the moves that are allowed between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunnelDef {
    /// The version of this form of document.
    #[serde(default)]
    pub version: Version<1>,
    /// The stable name.
    pub key: Key,
    /// The stages; the open ones in the order in which they are passed.
    pub stages: Vec<StageDef>,
    /// The moves that are allowed, (from, to). Left out, every open stage may be left for every other stage, and an end
    /// for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moves: Option<Vec<(Key, Key)>>,
}

/// A stage of a funnel, by its place in declared order, as [`Funnel::stage`] gives it.
///
/// It belongs to the funnel that gave it: one beyond another funnel's stages is nowhere there. It is never written: what is written
/// names its stages by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageId(usize);

impl StageId {
    #[cfg(test)]
    pub(super) const fn new(index: usize) -> Self {
        Self(index)
    }

    /// Returns the place of the stage in declared order, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// A checked funnel.
///
/// ```
/// use quotaflow::funnel::{Funnel, FunnelDef, StageDef, StageKind};
/// use quotaflow::key::Key;
/// let stages = vec![
///     StageDef::open(Key::new("lead")?).norm(14),
///     StageDef::open(Key::new("offer")?),
///     StageDef::open(Key::new("won")?).ending(StageKind::Won),
///     StageDef::open(Key::new("lost")?).ending(StageKind::Lost),
/// ];
/// let funnel = Funnel::new(FunnelDef { version: Default::default(), key: Key::new("sales")?, stages, moves: None })?;
/// let [lead, offer, won] = [funnel.require("lead")?, funnel.require("offer")?, funnel.require("won")?];
/// assert!(funnel.allows(lead, offer) && funnel.allows(offer, lead) && !funnel.allows(won, lead));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FunnelDef", into = "FunnelDef")]
pub struct Funnel {
    definition: FunnelDef,
    moves: Option<BTreeSet<(StageId, StageId)>>,
}

impl Funnel {
    /// Checks a funnel.
    ///
    /// # Errors
    /// [`FunnelError::Duplicate`], [`FunnelError::NoStage`] without an open stage, [`FunnelError::Chance`] for one outside
    /// 0 to 1, [`FunnelError::UnknownStage`] for a move from or to nowhere.
    pub fn new(definition: FunnelDef) -> Result<Self, FunnelError> {
        for (index, stage) in definition.stages.iter().enumerate() {
            if definition.stages[..index]
                .iter()
                .any(|other| other.key == stage.key)
            {
                return Err(FunnelError::Duplicate {
                    what: "stage",
                    key: stage.key.clone(),
                });
            }
            if let Some(chance) = stage.chance
                && (chance.is_negative() || chance > Ratio::ONE)
            {
                return Err(FunnelError::Chance {
                    stage: stage.key.clone(),
                    chance,
                });
            }
        }
        if definition
            .stages
            .iter()
            .all(|stage| stage.kind != StageKind::Open)
        {
            return Err(FunnelError::NoStage {
                funnel: definition.key,
            });
        }
        let mut funnel = Self {
            definition,
            moves: None,
        };
        if let Some(moves) = &funnel.definition.moves {
            let mut checked = BTreeSet::new();
            for (from, to) in moves {
                checked.insert((funnel.require(from.as_str())?, funnel.require(to.as_str())?));
            }
            funnel.moves = Some(checked);
        }
        Ok(funnel)
    }

    /// Returns the definition.
    #[must_use]
    pub fn definition(&self) -> &FunnelDef {
        &self.definition
    }

    /// Returns the stages in declared order.
    #[must_use]
    pub fn stages(&self) -> &[StageDef] {
        &self.definition.stages
    }

    /// Returns the stages in declared order, to ask about one by one.
    pub fn stage_ids(&self) -> impl Iterator<Item = StageId> + use<> {
        (0..self.definition.stages.len()).map(StageId)
    }

    /// Returns the key of a stage; `None` for a stage of another funnel.
    #[must_use]
    pub fn key_of(&self, stage: StageId) -> Option<&Key> {
        self.definition.stages.get(stage.0).map(|stage| &stage.key)
    }

    /// Returns a stage by its key.
    #[must_use]
    pub fn stage(&self, key: &str) -> Option<StageId> {
        self.definition
            .stages
            .iter()
            .position(|stage| stage.key == *key)
            .map(StageId)
    }

    /// Returns a stage by its key, or says which there are.
    ///
    /// # Errors
    /// [`FunnelError::UnknownStage`] with the nearest known one.
    pub fn require(&self, key: &str) -> Result<StageId, FunnelError> {
        self.stage(key).ok_or_else(|| {
            let stages = &self.definition.stages;
            let (name, nearest, known) =
                unknown(key, stages.iter().map(|stage| stage.key.as_str()));
            FunnelError::UnknownStage {
                name,
                nearest,
                known,
            }
        })
    }

    /// Says whether a move is allowed. Staying where one is, is no move.
    #[must_use]
    pub fn allows(&self, from: StageId, to: StageId) -> bool {
        match &self.moves {
            Some(moves) => moves.contains(&(from, to)),
            None => {
                from != to && self.kind(from) == Some(StageKind::Open) && to.0 < self.stages().len()
            }
        }
    }

    pub(super) fn kind(&self, stage: StageId) -> Option<StageKind> {
        self.definition.stages.get(stage.0).map(|stage| stage.kind)
    }

    /// Returns the place of an open stage among the open stages.
    pub(super) fn depth(&self, stage: StageId) -> Option<usize> {
        if self.kind(stage)? != StageKind::Open {
            return None;
        }
        let before = &self.definition.stages[..stage.0];
        Some(
            before
                .iter()
                .filter(|stage| stage.kind == StageKind::Open)
                .count(),
        )
    }
}

impl TryFrom<FunnelDef> for Funnel {
    type Error = FunnelError;

    fn try_from(definition: FunnelDef) -> Result<Self, FunnelError> {
        Self::new(definition)
    }
}

impl From<Funnel> for FunnelDef {
    fn from(funnel: Funnel) -> Self {
        funnel.definition
    }
}
