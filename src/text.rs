//! Texts that people read, in any language: tags of languages, texts keyed by them, sentences with places for values, and how
//! words and figures are written in a language.
//!
//! English and Chinese ship. A host adds a language by writing texts under its tag; no type changes.
//!
//! Start with [`Lang`] (which names a language), [`Texts`] (a text in several) and [`Locale`] (how figures and single words are
//! written in one).
//!
//! ```
//! use quotaflow::text::{Lang, Locale, Texts, Word};
//! let fr = Lang::new("fr-CA")?;
//! let title = Texts::new(Lang::EN, "Few visits").and(Lang::ZH, "拜访量偏低").and(Lang::new("fr")?, "Peu de visites");
//! assert_eq!(title.get(fr), "Peu de visites");
//! assert_eq!(title.get(Lang::new("de")?), "Few visits");
//! let french = Locale::new(fr).with(Word::NothingRecorded, "rien d'enregistré")?.with(Word::DecimalMark, ",")?;
//! assert_eq!(french.word(Word::NothingRecorded), "rien d'enregistré");
//! assert_eq!(french.word(Word::NoBase), "nothing to compare with");
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod error;
mod figure;
mod lang;
mod locale;
mod template;
mod texts;
mod wording;

pub use error::{LangError, TemplateError};
pub use figure::Digits;
pub use lang::Lang;
pub use locale::{Locale, Word};
pub use template::Template;
pub use texts::{ByLang, Texts};
pub use wording::{Sentence, Wording};
