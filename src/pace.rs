//! Progress towards targets: what should have been reached by now, the gap, the projection to the end, the rate that is
//! needed from now on, and whether the target can still be reached.
//!
//! A [`Pace`] says, as data, how one metric comes to its targets: its [`Pacing`] (by calendar days, working days, a
//! season, a curve, or the cascaded targets of finer periods), its [`Approach`] (adds up, glides, holds), its
//! [`Projection`] and its [`BestRate`]. On a day it gives columns to a panel ([`Pace::columns`]), and a [`PaceView`] of one gives
//! [`Trajectory`]s.
//!
//! [`PaceView::required_rate`] says of all periods that are left together what they take a day, and whether that is usual, a stretch or out
//! of reach.
//!
//! An [`ErrorHistory`] of earlier projections gives the interval of the next one and the chance of a target. [`Forecasts`]
//! keep what people said would come, version by version, and tell how right they were.
//!
//! Expectations are exact fractions: of 12 customers a year, 46 days in, 12 x 46 / 365 are expected, and that is what a
//! rule or a card compares with. Whole quanta are made of them only to be shown, or where something whole is asked for. A period that has not begun is not yet due; a running period in which no day counts
//! has no base; neither is a zero.
//!
//! Start with [`Pace`], [`PaceView`] and [`Trajectory`].
//!
//! ```
//! use quotaflow::calendar::{Calendar, Grain};
//! use quotaflow::pace::{Days, Pace};
//! use quotaflow::panel::{Column, ColumnKey, Panel};
//! use quotaflow::quantity::Quantum;
//! use quotaflow::space::Subjects;
//! let april = Calendar::gregorian().periods(Grain::Month, "2026-04-01".parse()?, "2026-05-01".parse()?)?;
//! let mut panel = Panel::new(Subjects::whole(), april);
//! for (key, units) in [(ColumnKey::target("orders")?, 60), (ColumnKey::actual("orders")?, 15)] {
//!     panel.add(Column::amounts(key, "count:order".parse()?, Quantum::ONE, vec![units]))?;
//! }
//! panel.extend(Pace::new("orders", Days::Calendar)?.columns("2026-04-10".parse()?))?;
//! let told = |column: &str| panel.get(column, [""; 0], "2026-04").map(|answer| answer.to_string());
//! assert_eq!((told("expected:orders")?, told("projected:orders")?), ("20.00 order".into(), "45.00 order".into()));
//! # Ok::<(), quotaflow::Error>(())
//! ```

mod approach;
mod columns;
mod days;
mod error;
mod forecast;
mod interval;
mod outlook;
#[expect(
    clippy::module_inception,
    reason = "the room's main type stands in a file of its own name"
)]
mod pace;
mod pacing;
mod projection;
mod reading;
mod required;
mod view;

pub use approach::Approach;
pub use columns::PaceColumns;
pub use days::Days;
pub use error::PaceError;
pub use forecast::{
    Category, CategoryCalibration, ChanceBin, Forecast, ForecastScore, Forecasts,
    chance_calibration,
};
pub use interval::{Coverage, ErrorHistory, PredictionInterval, Projected};
pub use outlook::error_histories;
pub use pace::{BestRate, Pace, Today};
pub use pacing::{Pacing, Phase, Phasing, Progress, Season};
pub use projection::{Projection, Trust};
pub use reading::{Reach, Trajectory};
pub use required::{RateVerdict, RequiredRate};
pub(crate) use view::BESIDE;
pub use view::PaceView;

#[cfg(test)]
mod testing {
    use chrono::NaiveDate;

    use super::*;
    use crate::calendar::{DayRange, WorkingDays, WorkingDaysDef};
    use crate::key::Key;
    use crate::quantity::Ratio;

    pub(super) fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Days that count what their weekday does, from Monday.
    pub(super) fn weekdays(weights: [i64; 7]) -> Days {
        let def = WorkingDaysDef::new(Key::new("days").unwrap(), weights.map(Ratio::from));
        Days::Working(WorkingDays::new(def).unwrap())
    }

    pub(super) fn range(from: &str, to: &str) -> DayRange {
        DayRange::new(day(from), day(to)).unwrap()
    }
}

#[cfg(test)]
mod tests;
