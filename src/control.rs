//! Statistical control: is this still chance, or has something changed?
//!
//! What is flagged is decided in exact arithmetic: a value on a limit is not beyond it. Limits and averages are floats, for
//! drawing alone, since many of them are roots; no amount is ever taken from them. Where
//! textbooks and programs differ, the variant has a name: which constants ([`RangeConstants`]), which points of a pattern are
//! flagged ([`Flagging`]), whether limits widen from the start ([`EwmaLimits`]).
//!
//! Every rule that is added raises more false alarms. On average a stable process shows one after so many points:
//!
//! | rules | points |
//! |---|---:|
//! | beyond three sigma | 370.4 |
//! | the same with two of three beyond two sigma | 226 |
//! | the same with four of five beyond one sigma | 165 |
//! | the same with eight on one side | 153 |
//! | all four Western Electric rules | 92 |
//! | tabular CUSUM with k 0.5, h 4 / h 5 | 168 / 465 |
//! | EWMA with 0.2 and 2.962 | 500 |
//!
//! With 500 people and all four Western Electric rules that is more than five false alarms in every period.
//!
//! Start with [`Course`] (values against a centre and a standard deviation), [`Run`] (a pattern of points) and [`Xmr`] (limits
//! from individual values and their moving ranges). [`Baseline`] and [`Signal`] say the same as data, for the conditions of rules.
//!
//! ```
//! use quotaflow::control::{Around, Course, Flagging, Run};
//! // Weekly visits around 20, with a standard deviation of 2.
//! let around = Around { centre: 20.into(), sigma: 2.into() };
//! let weeks = [21, 19, 26, 27, 22, 21].map(Into::into);
//! let course = Course::around(&weeks, around)?;
//! // 26 is on the limit of three standard deviations, 27 is beyond it.
//! assert_eq!(course.run(Run::BeyondThree, Flagging::Last), [3]);
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod course;
mod error;
mod limits;
mod normal;
mod pattern;
mod run;
mod signal;
mod smooth;
mod whole;

pub use course::Course;
pub use error::ControlError;
pub use limits::{
    Chart, ControlLimits, RangeConstants, Xmr, count_chart, mean_chart, rate_chart, share_chart,
    xmr,
};
pub use normal::{RunsTest, normal_cdf, runs_test};
pub use pattern::{Flagging, Run};
pub use run::{false_alarms, nelson, western_electric};
pub use signal::{Around, Baseline, Signal, Smoothing, Sums, Tail};
pub use smooth::{Cusum, Ewma, EwmaLimits, cusum, ewma};
