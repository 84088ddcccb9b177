//! Ready metrics: what each counts, over which records, its unit, which way is good, and a worked
//! example.
//!
//! Every metric is a function that returns an [`ReadyMetric`]; [`all`] is the index. Each definition stands alone and reads only
//! the kinds of [`records`](super::records), so that a host may take one, rename it, or change it as data. The example of
//! each is records of the first quarter of 2026 and the figure of March 2026 for the whole, and is run as a test; a record
//! is written as its day, kind and fields.
//!
//! ```
//! use quotaflow::catalog::metrics;
//! let rate = metrics::find("orders_per_100_visits")?;
//! assert_eq!((rate.unit, rate.example.figure), ("count:order per count:visit", "50"));
//! assert!(metrics::find("orders_per_100_visit").is_err_and(|error| error.to_string().contains("orders_per_100_visits")));
//! # Ok::<(), quotaflow::metric::MetricError>(())
//! ```
//!
//! Figures that are not folded from records but made from other rooms stand there: stages, conversion and ageing with
//! re-entry in [`funnel`](crate::funnel); duties, plans and effort in [`duty`](crate::duty).

use serde::Serialize;

use crate::key::{Key, unknown};
use crate::metric::{MetricDef, MetricError};

pub mod activity;
pub mod collections;
pub mod compliance;
pub mod customers;
pub mod dealers;
pub mod effort;
pub mod market;
pub mod network;
pub mod opportunities;
pub mod price;
pub mod promotion;
pub mod sales;
pub mod service;
pub mod team;
mod terms;
pub mod territory;

/// A ready metric with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadyMetric {
    /// The family that it stands with.
    pub family: &'static str,
    /// The definition.
    pub definition: MetricDef,
    /// What it says.
    pub meaning: &'static str,
    /// What it is counted in; `money` stands for the currency of the host's measures.
    pub unit: &'static str,
    /// The formula in a line, or what else is to be known; empty where the meaning says it all.
    pub note: &'static str,
    /// The book or paper that the formula is from, where there is one.
    pub source: Option<&'static str>,
    /// A worked example.
    pub example: Example,
}

/// A worked example of a ready metric: the records that enter, and the figure that comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Example {
    /// One record in a line: its day, its kind, and fields as `name=value`. More than one of a sort may stand together as
    /// `3 x` before the day.
    pub records: &'static str,
    /// The figure for the whole in March 2026, as of its last day.
    pub figure: &'static str,
}

/// Returns all ready metrics, family by family.
///
/// # Errors
/// None with the names as shipped; the type says what a changed name could bring up.
pub fn all() -> Result<Vec<ReadyMetric>, MetricError> {
    let families = [
        sales::all()?,
        collections::all()?,
        activity::all()?,
        effort::all()?,
        customers::all()?,
        opportunities::all()?,
        price::all()?,
        territory::all()?,
        dealers::all()?,
        network::all()?,
        market::all()?,
        promotion::all()?,
        team::all()?,
        compliance::all()?,
        service::all()?,
    ];
    Ok(families.into_iter().flatten().collect())
}

/// Returns the ready metric of this name.
///
/// # Errors
/// [`MetricError::UnknownMetric`] with the nearest name.
pub fn find(key: &str) -> Result<ReadyMetric, MetricError> {
    let mut all = all()?;
    if let Some(at) = all.iter().position(|entry| entry.definition.key == *key) {
        return Ok(all.swap_remove(at));
    }
    let known = all.iter().map(|entry| entry.definition.key.as_str());
    let (name, nearest, known) = unknown(key, known);
    Err(MetricError::UnknownMetric {
        metric: Key::new("catalog")?,
        name: name.chars().take(80).collect(),
        nearest,
        known,
    })
}

/// Returns the definitions of some ready metrics, in this order, for [`Program::compile`](crate::metric::Program::compile).
///
/// # Errors
/// As [`find`].
///
/// ```
/// use quotaflow::catalog::metrics;
/// let metrics = metrics::definitions(&["sales", "visits", "orders_per_100_visits"])?;
/// assert_eq!(metrics[2].key, "orders_per_100_visits");
/// # Ok::<(), quotaflow::metric::MetricError>(())
/// ```
pub fn definitions(keys: &[&str]) -> Result<Vec<MetricDef>, MetricError> {
    keys.iter()
        .map(|key| find(key).map(|entry| entry.definition))
        .collect()
}

/// Writes the metrics of a family: one function each, whose documentation shows the example that is run as a test.
macro_rules! family {
    ($family:literal; $(
        $(#[doc = $doc:literal])+
        $name:ident: $unit:literal, $direction:ident, $note:literal $(, $source:literal)?;
        $formula:expr;
        $($records:literal),+ => $figure:literal
    )+) => {
        $(
            $(#[doc = $doc])+
            ///
            #[doc = concat!("Counted in `", $unit, "`. ", $note)]
            $(#[doc = concat!("\n\nSource: ", $source, ".")])?
            ///
            /// ```text
            $(#[doc = $records])+
            #[doc = concat!("= ", $figure)]
            /// ```
            ///
            /// # Errors
            /// None as shipped.
            pub fn $name() -> Result<super::ReadyMetric, crate::metric::MetricError> {
                let definition = crate::metric::MetricDef::new(stringify!($name), $formula)?
                    .better(crate::measure::Direction::$direction);
                Ok(super::ReadyMetric {
                    family: $family,
                    definition: super::terms::counted(definition, $unit),
                    meaning: concat!($($doc),+).trim_ascii(),
                    unit: $unit,
                    note: $note,
                    source: [$($source)?].first().copied(),
                    example: super::Example {
                        records: concat!($($records, "\n"),+).trim_ascii(),
                        figure: $figure,
                    },
                })
            }
        )+

        /// Returns the metrics of this family.
        ///
        /// # Errors
        /// None as shipped.
        pub fn all() -> Result<Vec<super::ReadyMetric>, crate::metric::MetricError> {
            Ok(vec![$($name()?),+])
        }
    };
}
use family;
