//! The written forms: documents are an interface, so their bytes are pinned here.

mod scorecard;
mod space;
