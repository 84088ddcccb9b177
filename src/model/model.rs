//! The checked model.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::check::{Manner, Once, check};
use super::definition::{ModelDef, ViewDef};
use super::duties::Owing;
use super::error::{Mistake, ModelCause, ModelError};
use super::judged::Judged;
use super::parts::{Asked, Cuts, Parts};
use super::plans::sets;
use super::watch::Watched;
use crate::calendar::{Calendar, PeriodSet, WorkingDays, WorkingHours};
use crate::fingerprint::Fingerprint;
use crate::key::unknown;
use crate::ledger::Schema;
use crate::limits::Limits;
use crate::metric::Lanes;
use crate::scorecard::Scorecard;
use crate::space::Posts;

/// A checked model. Cloning is cheap: it is shared.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "ModelDef", into = "ModelDef")]
pub struct Model(Arc<Parts>);

impl Model {
    /// Checks a document.
    ///
    /// # Errors
    /// [`ModelError`] with everything that is wrong, each with its place.
    pub fn new(definition: ModelDef) -> Result<Self, ModelError> {
        Self::within(definition, Limits::default())
    }

    /// Checks a document within the limits of a host: rows, cells and nodes of views and plans are counted before they are made.
    ///
    /// # Errors
    /// As [`Model::new`], with [`ModelCause::Limit`] and its like.
    pub fn within(definition: ModelDef, limits: Limits) -> Result<Self, ModelError> {
        let manner = Manner { limits, once: None };
        Ok(Self(Arc::new(check(definition, manner)?)))
    }

    /// The same of a model that is run once: no day is told, and rules for who is gone are no mistakes.
    pub(crate) fn once(
        definition: ModelDef,
        limits: Limits,
        once: Once<'_>,
    ) -> Result<Self, ModelError> {
        let once = Some(once);
        Ok(Self(Arc::new(check(definition, Manner { limits, once })?)))
    }

    /// Returns the document.
    #[must_use]
    pub fn definition(&self) -> &ModelDef {
        &self.0.definition
    }

    /// Returns the fingerprint of the document: what is kept under one model is not read under another.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// Returns how years and weeks run.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.0.calendar
    }

    /// Returns which days are worked, if it is said.
    #[must_use]
    pub fn working_days(&self) -> Option<&WorkingDays> {
        self.0.working_days.as_ref()
    }

    /// Returns what records may say, over the structure as it stood when the model was written.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// Who holds which post as it stood when the model was written, if it has posts.
    pub(crate) fn posts(&self) -> Option<&Arc<Posts>> {
        self.0.posts.as_ref()
    }

    /// Returns the views in declared order.
    #[must_use]
    pub fn views(&self) -> impl ExactSizeIterator<Item = &ViewDef> {
        self.asked().iter().map(|view| &view.definition)
    }

    /// Returns the card of this name: what a view says of its rows is explained by it
    /// ([`Scorecard::score`] of the view's panel).
    ///
    /// # Errors
    /// [`ModelCause::UnknownCard`] with the nearest known name.
    pub fn card(&self, name: &str) -> Result<&Scorecard, ModelError> {
        let mut cards = self.0.judged.iter().filter_map(|own| match own {
            Judged::Card(card) => Some(card.as_ref()),
            Judged::Pay(..) => None,
        });
        let found = cards.find(|card| card.definition().key == *name);
        found.ok_or_else(|| {
            let all = self.0.definition.cards.iter();
            let (name, nearest, known) = unknown(name, all.map(|card| card.key.as_str()));
            let cause = ModelCause::UnknownCard {
                name,
                nearest,
                known,
            };
            let place = "cards".to_owned();
            ModelError {
                mistakes: vec![Mistake { place, cause }],
            }
        })
    }

    /// Returns when on each day work is done.
    #[must_use]
    pub fn working_hours(&self) -> &WorkingHours {
        &self.0.hours
    }

    /// The same, where the document says so.
    pub(crate) fn stated_hours(&self) -> Option<&WorkingHours> {
        let is_stated = self.0.definition.working_hours.is_some();
        is_stated.then_some(&self.0.hours)
    }

    pub(crate) fn duties(&self) -> &[Owing] {
        &self.0.duties
    }

    pub(crate) fn watches(&self) -> &[Watched] {
        &self.0.watches
    }

    /// The views.
    pub(crate) fn asked(&self) -> &[Asked] {
        let named = self.0.definition.views.len();
        self.0.views.get(..named).unwrap_or_default()
    }

    /// The views, and behind them the tables and what counts the records of duties.
    pub(crate) fn questions(&self) -> &[Asked] {
        &self.0.views
    }

    /// The sets of periods that are written down, by which recipes may split.
    pub(crate) fn sets(&self) -> impl Iterator<Item = &PeriodSet> {
        sets(&self.0.definition)
    }

    pub(crate) fn cuts(&self) -> &Cuts {
        &self.0.cuts
    }

    pub(crate) fn lanes(&self) -> &Lanes {
        &self.0.lanes
    }
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.definition == other.0.definition
    }
}

impl TryFrom<ModelDef> for Model {
    type Error = ModelError;

    fn try_from(definition: ModelDef) -> Result<Self, ModelError> {
        Self::new(definition)
    }
}

impl From<Model> for ModelDef {
    fn from(model: Model) -> Self {
        model.0.definition.clone()
    }
}
