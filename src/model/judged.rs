//! What a view says of its figures beside them: the points of a card, and what is paid.

use std::sync::Arc;

use super::definition::ModelDef;
use super::error::ModelCause;
use crate::key::Key;
use crate::panel::{ColumnKey, Panel, PanelError};
use crate::pay::{PayPlan, pay_columns};
use crate::scorecard::Scorecard;

/// A column that is made from the figures of a view.
#[derive(Debug, Clone)]
pub(crate) enum Judged {
    /// The points of a card.
    Card(Arc<Scorecard>),
    /// What the plans of this name pay, one after the other.
    Pay(Key, Arc<[PayPlan]>),
}

impl Judged {
    /// The name of the column: that of the card or of the plans.
    pub(crate) fn key(&self) -> &Key {
        match self {
            Self::Card(card) => &card.definition().key,
            Self::Pay(key, _) => key,
        }
    }

    /// Whether differences of its figures are again such: money is paid later, a score of what is closed is not given anew.
    pub(super) fn adds_up(&self) -> bool {
        matches!(self, Self::Pay(..))
    }

    /// Adds the column to the figures that it is made from.
    pub(super) fn add_to(&self, panel: &mut Panel) -> Result<(), ModelCause> {
        let key = ColumnKey::actual(self.key().as_str()).map_err(PanelError::from)?;
        match self {
            Self::Card(card) => panel.extend(card.columns(key))?,
            Self::Pay(_, plans) => panel.extend(pay_columns(plans, key))?,
        }
        Ok(())
    }

    /// The names that a view may show beside metrics, each once.
    pub(super) fn names(definition: &ModelDef) -> Vec<&Key> {
        let cards = definition.cards.iter().map(|card| &card.key);
        let mut names = Vec::new();
        for name in cards.chain(definition.pay.iter().map(|plan| &plan.key)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
