//! Ready-made definitions: metrics and the kinds of records that they read, cards to start from with weights and curves as
//! defaults, and rules with thresholds as defaults: for what happens ([`packs`]), and for targets when they are set ([`sound_targets`]).
//!
//! What is here is data that the other rooms compile; a host takes it as it is, or changes it before use. [`title`] says what each
//! is called, in English and Chinese.
//!
//! Start with [`metrics::ReadyMetric`], [`packs::Pack`] and [`records::kinds`].
//!
//! ```
//! use quotaflow::catalog::{cards, metrics, packs};
//! use quotaflow::catalog::packs::{Symptom, Watch};
//! use quotaflow::scorecard::Scorecard;
//! let strike_rate = metrics::find("strike_rate")?;
//! assert_eq!(strike_rate.definition.key.as_str(), "strike_rate");
//! let card = Scorecard::compile(cards::salesperson()?)?;
//! assert_eq!(card.definition().key.as_str(), "salesperson");
//! let prices = packs::of(Symptom::ProblemResolution)?;
//! assert!(prices.watching(Watch::Person).count() > 0);
//! # Ok::<(), quotaflow::Error>(())
//! ```

pub mod cards;
mod error;
pub mod metrics;
pub mod packs;
pub mod records;
mod soundness;
mod titles;

pub use error::PackError;
pub use soundness::sound_targets;
pub use titles::title;
