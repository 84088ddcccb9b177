//! Any error of the library.

use std::error::Error as Cause;
use std::fmt;

use super::fault::{ErrorKind, Fault};

/// Any error of the library: a kind, a place, a sentence and what caused it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    place: Option<String>,
    cause: Box<dyn Cause + Send + Sync>,
}

impl Error {
    /// Returns an error of a text that could not be read, in whatever format: its kind is [`ErrorKind::Text`].
    ///
    /// ```
    /// use quotaflow::{Error, ErrorKind, space::Axis};
    /// fn axis(text: &str) -> Result<Axis, Error> {
    ///     serde_json::from_str(text).map_err(Error::unreadable)
    /// }
    /// let error = axis(r#"{"dimension": "person", "levl": "team"}"#).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Text);
    /// assert!(error.to_string().contains("unknown field `levl`"));
    /// ```
    pub fn unreadable(cause: impl Into<Box<dyn Cause + Send + Sync>>) -> Self {
        Self::of(ErrorKind::Text, None, cause)
    }

    /// Returns an error of what stands around the library: of a file, a format, a host's own check.
    pub fn other(cause: impl Into<Box<dyn Cause + Send + Sync>>) -> Self {
        Self::of(ErrorKind::Other, None, cause)
    }

    fn of(
        kind: ErrorKind,
        place: Option<String>,
        cause: impl Into<Box<dyn Cause + Send + Sync>>,
    ) -> Self {
        let cause = cause.into();
        Self(Box::new(Inner { kind, place, cause }))
    }

    /// Returns what sort of fault it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns where in the input it is, where that is known.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.0.place.as_deref()
    }

    /// Returns the error of a room that it was made from, if it is of that room.
    #[must_use]
    pub fn downcast_ref<E: Cause + 'static>(&self) -> Option<&E> {
        self.0.cause.downcast_ref()
    }
}

impl<E: Fault> From<E> for Error {
    fn from(error: E) -> Self {
        Self::of(error.kind(), error.place(), error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.cause, f)
    }
}

/// The sentence, and what caused it where the sentence does not say so itself: so `main` prints what to do.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.cause.to_string();
        f.write_str(&said)?;
        let mut next = self.0.cause.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            if !said.contains(&text) {
                write!(f, ": {text}")?;
                said = text;
            }
            next = cause.source();
        }
        Ok(())
    }
}

impl Cause for Error {
    fn source(&self) -> Option<&(dyn Cause + 'static)> {
        self.0.cause.source()
    }
}

impl From<chrono::ParseError> for Error {
    fn from(error: chrono::ParseError) -> Self {
        Self::of(ErrorKind::Text, None, error)
    }
}

impl From<rust_decimal::Error> for Error {
    fn from(error: rust_decimal::Error) -> Self {
        Self::of(ErrorKind::Text, None, error)
    }
}

impl From<std::num::ParseIntError> for Error {
    fn from(error: std::num::ParseIntError) -> Self {
        Self::of(ErrorKind::Text, None, error)
    }
}

impl From<std::num::TryFromIntError> for Error {
    fn from(error: std::num::TryFromIntError) -> Self {
        Self::of(ErrorKind::OutOfRange, None, error)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::other(error)
    }
}

impl From<fmt::Error> for Error {
    fn from(error: fmt::Error) -> Self {
        Self::other(error)
    }
}

impl From<String> for Error {
    fn from(text: String) -> Self {
        Self::other(text)
    }
}

impl From<&str> for Error {
    fn from(text: &str) -> Self {
        Self::other(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Key, KeyError};
    use crate::panel::{ColumnKey, PanelError};

    #[test]
    fn an_error_of_any_room_keeps_its_kind_and_its_sentence() {
        let error = Error::from(Key::new("").unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(format!("{error:?}"), error.to_string());
        assert_eq!(error.downcast_ref::<KeyError>(), Some(&KeyError::Empty));
        assert!(error.downcast_ref::<PanelError>().is_none());
        let twice = PanelError::DuplicateColumn {
            column: ColumnKey::actual("sales").unwrap(),
        };
        assert_eq!(Error::from(twice).kind(), ErrorKind::Duplicate);
    }

    #[test]
    fn an_error_says_what_caused_it_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        struct Outer(&'static str, #[source] Inner);
        #[derive(Debug, thiserror::Error)]
        #[error("the disk is full")]
        struct Inner;
        let told = |text| format!("{:?}", Error::other(Outer(text, Inner)));
        assert_eq!(told("not written"), "not written: the disk is full");
        assert_eq!(
            told("not written: the disk is full"),
            "not written: the disk is full"
        );
    }

    #[test]
    fn what_is_not_of_the_library_comes_in_as_other() {
        let error = Error::other("the file is empty");
        assert_eq!((error.kind(), error.place()), (ErrorKind::Other, None));
        assert_eq!(format!("{error:?}"), "the file is empty");
    }
}
