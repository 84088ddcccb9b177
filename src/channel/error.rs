//! What can be wrong with facts of the channel.

use thiserror::Error;

use crate::key::{Key, KeyError, Known, hint};
use crate::panel::PanelError;

/// What can be wrong with facts of the channel.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// A name cannot be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A column is not in the panel or does not fit it.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// The end of a period has no part.
    #[error("the end of `{period}` must be at least 1 finer period long, and 0 is asked for")]
    NoEnd {
        /// The first of the periods.
        period: String,
    },
    /// A fine period lies in two coarse ones.
    #[error("period `{period}` lies only partly in `{of}`")]
    Straddles {
        /// The fine period.
        period: Key,
        /// The coarse one.
        of: Key,
    },
    /// A price is of a tier that is not listed.
    #[error("there is no tier `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownTier {
        /// The tier.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
    },
    /// A card says something of an item that its form does not have.
    #[error("the card of `{customer}` has no item `{name}`{}", hint(nearest.as_deref(), known))]
    UnknownItem {
        /// The item.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
        /// Those that are known.
        known: Known,
        /// Whose card it is.
        customer: Key,
    },
    /// A tier is listed twice.
    #[error("tier `{key}` is listed twice")]
    DuplicateTier {
        /// The tier.
        key: Key,
    },
}
