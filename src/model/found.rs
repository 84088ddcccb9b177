//! What was found wrong so far.

use super::error::{Mistake, ModelCause, ModelError};

/// What was found so far.
#[derive(Default)]
pub(super) struct Found(Vec<Mistake>);

impl Found {
    pub(super) fn add(&mut self, place: impl Into<String>, cause: impl Into<ModelCause>) {
        self.0.push(Mistake {
            place: place.into(),
            cause: cause.into(),
        });
    }

    pub(super) fn take<T>(
        &mut self,
        place: impl Into<String>,
        result: Result<T, impl Into<ModelCause>>,
    ) -> Option<T> {
        result.map_err(|cause| self.add(place, cause)).ok()
    }

    /// The same, unless it was told of another place before.
    pub(super) fn take_new<T>(
        &mut self,
        place: impl Into<String>,
        result: Result<T, impl Into<ModelCause>>,
    ) -> Option<T> {
        let cause = match result {
            Ok(value) => return Some(value),
            Err(cause) => cause.into(),
        };
        if !self.0.iter().any(|known| known.cause == cause) {
            self.add(place, cause);
        }
        None
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn done<T>(self, value: Option<T>) -> Result<T, ModelError> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(ModelError { mistakes: self.0 }),
        }
    }
}
