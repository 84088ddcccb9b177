//! The JSON forms of documents.

mod margins;
